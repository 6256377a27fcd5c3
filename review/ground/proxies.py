"""The proxy that the environment names: one rule for both clients.

``https_proxy`` or ``HTTPS_PROXY`` is the proxy; ``no_proxy`` or ``NO_PROXY`` names hosts and
endings of hosts, with commas between, that are asked without it. This machine always is.
"""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from review.ground.errors import UsageError
from review.ground.secrets import variable

THIS_MACHINE = frozenset(("127.0.0.1", "localhost", "::1"))


def proxy_for(address: str) -> str | None:
    """The proxy on the way to an address; None where there is none.

    :raises UsageError: where it is a SOCKS proxy, which neither client speaks to; ``ALL_PROXY`` is
        read for that alone, since whoever sets it does not want to be seen going around it
    """
    parts = urlsplit(address)
    if parts.scheme != "https" or parts.hostname in THIS_MACHINE:
        return None
    if proxy_bypass(f"{parts.hostname}:{parts.port or 443}"):
        return None
    named = getproxies_environment()
    for kind in ("https", "all"):
        if proxy := named.get(kind):
            if proxy.lower().startswith("socks"):
                name = f"{kind}_proxy"
                raise UsageError(
                    f"{name if variable(name) else name.upper()}: found a SOCKS proxy, which is "
                    "not supported; expected https_proxy=http://HOST:PORT, or no proxy"
                )
            break
    return named.get("https")
