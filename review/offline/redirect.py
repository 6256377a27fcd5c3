"""Send the real clients' requests for known hosts to the loopback server, and refuse all others.

The public ways: a handler of urllib's installed opener for E-utilities, a transport adapter of
``requests`` for the others. No private name is patched.
"""

from __future__ import annotations

import contextlib
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from review.ground.errors import SourceError
from review.ground.net import introduce
from review.ground.session import carried_by

HOSTS = frozenset(
    (
        "eutils.ncbi.nlm.nih.gov",
        "pmc.ncbi.nlm.nih.gov",
        "www.ebi.ac.uk",
        "clinicaltrials.gov",
    )
)


def _on_loopback(address: str, port: int) -> str | None:
    """An address of a known host as the loopback server has it; None for any other."""
    parts = urlsplit(address)
    if parts.scheme != "https" or parts.hostname not in HOSTS:
        return None
    return f"http://127.0.0.1:{port}{parts.path}" + (f"?{parts.query}" if parts.query else "")


class _Redirect(urllib.request.BaseHandler):
    """What urllib opens."""

    handler_order = 100

    def __init__(self, port: int, before: Callable[[str], None]) -> None:
        self.port = port
        self.before = before

    def https_open(self, request: urllib.request.Request) -> Any:
        url = _on_loopback(request.full_url, self.port)
        if url is None:
            raise URLError(f"offline: {urlsplit(request.full_url).hostname} is not reached")
        self.before(urlsplit(url).path)
        inner = urllib.request.Request(  # noqa: S310 (a loopback URL made here)
            url,
            data=request.data,
            headers=dict(request.header_items()),
            method=request.get_method(),
        )
        opener = urllib.request.OpenerDirector()  # follows nothing: the real client has to refuse
        opener.add_handler(urllib.request.HTTPHandler())
        return opener.open(inner)

    http_open = https_open


class _Transport(HTTPAdapter):
    """What ``requests`` sends."""

    def __init__(self, port: int, before: Callable[[str], None]) -> None:
        super().__init__()
        self.port = port
        self.before = before

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = _on_loopback(request.url or "", self.port)
        if url is None:
            raise SourceError(f"offline: {urlsplit(request.url or '').hostname} is not reached")
        self.before(urlsplit(url).path)
        inner = request.copy()
        inner.url = url
        return super().send(inner, stream, timeout, verify, cert, proxies)


_inside = 0
"""How many blocks of :func:`redirected` this process is in."""


def offline() -> bool:
    """Whether the known hosts are a server on this machine already."""
    return _inside > 0


@contextlib.contextmanager
def redirected(port: int, before: Callable[[str], None] = lambda _path: None) -> Iterator[None]:
    """Within this block, the hosts above are the server on a loopback port.

    :param before: called with the path of each request, before it is sent
    """
    global _inside
    introduce(urllib.request.ProxyHandler({}), _Redirect(port, before))
    _inside += 1
    try:
        with carried_by(_Transport(port, before)):
            yield
    finally:
        _inside -= 1
        introduce()
