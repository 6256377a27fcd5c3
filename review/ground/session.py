"""The session through which every service but NCBI's E-utilities is asked, with ``requests``.

One for the process. It takes nothing from the machine by itself: no login of ``~/.netrc``, no
cookies kept. Of the environment it reads

- the proxy, as :mod:`review.ground.proxies` says
- ``SSL_CERT_FILE``, else ``REQUESTS_CA_BUNDLE``: a file of certificates (PEM) that are trusted, and
  no others. Without it those of the system and of ``certifi`` are.

They are the names that urllib reads for E-utilities, but for ``REQUESTS_CA_BUNDLE``.
"""

from __future__ import annotations

import http.client
import http.cookiejar
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import requests
import urllib3.exceptions
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from review.ground.errors import ReviewError, SourceError, UsageError
from review.ground.net import (
    MAX_BODY,
    MOST_REDIRECTS,
    USER_AGENT,
    Answer,
    Manners,
    Request,
    TransientError,
    await_turn,
    cause_of,
    once,
    read_whole,
    refuse_tunnel,
    retry_after,
    sent_on,
)
from review.ground.proxies import proxy_for
from review.ground.secrets import variable

CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
CONNECT_TIMEOUT = 10.0
REDIRECTS = frozenset((301, 302, 303, 307, 308))


# ---- what the environment says -------------------------------------------------------------------


def trusted() -> ssl.SSLContext:
    """The certificates that are trusted.

    :raises UsageError: where the file that a variable names holds none
    """
    for name in CERTIFICATES:
        if path := variable(name):
            try:
                return ssl.create_default_context(cafile=path)
            except OSError:  # an SSLError is one
                raise UsageError(
                    f"{name}: found no certificates in {path}, expected a file of them (PEM)"
                ) from None
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


class Transport(HTTPAdapter):
    """Goes by the proxy and trusts the certificates that the environment names: the certificates
    when it is made, the proxy at each request.
    """

    def __init__(self) -> None:
        self._trusted = trusted()
        super().__init__()

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **more: Any
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._trusted, **more)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        if proxy.startswith("https:"):
            more["proxy_ssl_context"] = self._trusted
        return super().proxy_manager_for(proxy, ssl_context=self._trusted, **more)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002
        conn.cert_reqs = "CERT_REQUIRED"  # by the context above; requests would add certifi's

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        proxy = proxy_for(request.url or "")
        way = {"https": proxy} if proxy else {}
        return super().send(request, stream, timeout, verify, cert, way)


# ---- the session ---------------------------------------------------------------------------------


class _Session(requests.Session):
    """Finds no redirects: told not to follow one, ``requests`` reads its body all the same, without
    a limit, and fails where the address is none.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        return None


@cache
def _session() -> requests.Session:
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=()))
    # As urllib asks: a body is as long as it says, and nothing is unpacked on the way.
    session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
    _mount(session, Transport())
    return session


def _mount(session: requests.Session, transport: BaseAdapter) -> None:
    for scheme in ("https://", "http://"):
        session.mount(scheme, transport)


@contextmanager
def carried_by(transport: BaseAdapter) -> Iterator[None]:
    """Within this block the session's requests go another way, as into the offline world.

    :param transport: an adapter of ``requests``; closed at the end, when the one before is back
    """
    session = _session()
    before = session.get_adapter("https://")
    _mount(session, transport)
    try:
        yield
    finally:
        _mount(session, before)
        transport.close()


@contextmanager
def _sent(method: str, address: str, manners: Manners, **parts: Any) -> Iterator[requests.Response]:
    """A response whose body is still to be read; what goes wrong is told in our words.

    :raises TransientError: when it may pass
    :raises SourceError: when it will not
    """
    timeout = (min(CONNECT_TIMEOUT, manners.read_timeout), manners.read_timeout)
    try:
        with _session().request(
            method, address, timeout=timeout, allow_redirects=False, stream=True, **parts
        ) as response:
            yield response
    except UnicodeError as error:  # told before what it is a kind of: its words hold the header
        raise SourceError(f"can't be asked: {type(error).__name__}") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        if isinstance(error, ValueError):  # an address or a header that can't be sent
            raise SourceError(f"can't be asked: {type(error).__name__}") from None
        refuse_tunnel(error)
        raise TransientError(_what_broke(error, manners)) from None


def _what_broke(error: Exception, manners: Manners) -> str:
    """A failure in the words that :mod:`review.ground.net` has for urllib's."""
    kinds = [error]
    while isinstance(inner := _inside(kinds[-1]), Exception):
        kinds.append(inner)
    unreached = (
        *(requests.exceptions.ProxyError, requests.exceptions.SSLError, requests.ConnectTimeout),
        urllib3.exceptions.NewConnectionError,
    )
    if any(isinstance(kind, unreached) for kind in kinds):
        return f"can't be reached: {cause_of(kinds[-1])}"
    if isinstance(kinds[-1], TimeoutError):
        return f"silent for {manners.read_timeout:g} seconds"
    cut = (http.client.IncompleteRead, urllib3.exceptions.IncompleteRead)
    if any(isinstance(kind, cut) for kind in kinds):
        return "the answer was cut"
    return f"the connection broke: {cause_of(kinds[-1])}"


def _inside(error: Exception) -> object:
    """What an error came of, as far as it tells; urllib3 hands some on as an argument alone."""
    return error.__cause__ or error.__context__ or next(iter(error.args), None)


def _answer_of(response: requests.Response, until: float, most: int) -> Answer:
    """A response, read whole."""

    def read(size: int) -> bytes:  # what has come; iter_content would wait for the whole of it
        return bytes(response.raw.read1(size, decode_content=True))

    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    body = read_whole(read, until, most)
    told = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, kind, body, retry_after(response.headers), told)


# ---- requests for `net.ask` ----------------------------------------------------------------------


def getting(address: str, also: frozenset[str] = frozenset()) -> Request:
    """A GET of an address.

    It follows a redirect over https alone, to the same host or a named one, five times at most.

    :param address: of the program's own making, never one that a file names
    :param also: other hosts that it may be sent on to
    """

    def request(manners: Manners, until: float) -> Answer:
        target = address
        for _ in range(1 + MOST_REDIRECTS):
            with _sent("GET", target, manners) as response:
                location = response.headers.get("Location")
                if response.status_code not in REDIRECTS or not location:
                    return _answer_of(response, until, MAX_BODY)
            target = sent_on(address, target, location, also)
            await_turn(target)
        raise SourceError(f"redirected more than {MOST_REDIRECTS} times")

    return request


def posting(address: str, headers: dict[str, str], body: dict[str, Any], most: int) -> Request:
    """A POST of JSON to a service that gets a key; a redirect, which would leak it, is an answer.

    :param most: bytes of an answer
    """

    def request(manners: Manners, until: float) -> Answer:
        with _sent("POST", address, manners, headers=headers, json=body) as response:
            return _answer_of(response, until, most)

    return request


def reachable(address: str) -> str | None:
    """Whether a host answers at all: None, or why not (for ``review doctor``)."""
    try:
        once(getting(address), Manners(read_timeout=10.0, deadline=20.0))
    except (TransientError, ReviewError) as error:
        return str(error)
    return None
