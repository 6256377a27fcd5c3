"""Send the real client's requests for NCBI to the loopback server, and refuse all others.

The public way: ``urllib.request.install_opener``. No private name is patched.
"""

from __future__ import annotations

import contextlib
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

HOSTS = frozenset(
    (
        "eutils.ncbi.nlm.nih.gov",
        "pmc.ncbi.nlm.nih.gov",
        "www.ebi.ac.uk",
        "clinicaltrials.gov",
    )
)


class _Redirect(urllib.request.BaseHandler):
    handler_order = 100

    def __init__(self, port: int, before: Callable[[str], None]) -> None:
        self.port = port
        self.before = before

    def https_open(self, request: urllib.request.Request) -> Any:
        parts = urlsplit(request.full_url)
        if parts.hostname not in HOSTS:
            raise URLError(f"offline: {parts.hostname} is not reached")
        self.before(parts.path)
        url = f"http://127.0.0.1:{self.port}{parts.path}"
        if parts.query:
            url += f"?{parts.query}"
        inner = urllib.request.Request(  # noqa: S310 (a loopback URL made here)
            url,
            data=request.data,
            headers=dict(request.header_items()),
            method=request.get_method(),
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(inner)

    def http_open(self, request: urllib.request.Request) -> Any:
        raise URLError(f"offline: {urlsplit(request.full_url).hostname} is not reached")


@contextlib.contextmanager
def redirected(port: int, before: Callable[[str], None] = lambda _path: None) -> Iterator[None]:
    """Within this block, NCBI's E-utilities are the server on a loopback port.

    :param before: called with the path of each request, before it is sent
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Redirect(port, before))
    urllib.request.install_opener(opener)
    try:
        yield
    finally:
        urllib.request.install_opener(urllib.request.build_opener())
