"""Patience and limits of every outgoing request: time-outs, deadlines, retries, the rate limit, and
how far it may be sent on.

Two clients are asked with one function: ``requests`` (:mod:`review.ground.session`), and for NCBI's
E-utilities ``Bio.Entrez``, which stands on urllib. What they lack was measured: no time-out, no
pause between retries, no Retry-After, a body read that can drip forever.
"""

from __future__ import annotations

import email.utils
import http.client
import math
import random
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from review import __version__
from review.ground.errors import SourceError
from review.ground.proxies import proxy_for
from review.ground.secrets import scrub

USER_AGENT = f"living-review/{__version__} (systematic review)"
CHUNK = 65_536
MAX_BODY = 512_000_000
MOST_REDIRECTS = 5


@dataclass(frozen=True)
class Manners:
    """How patient and how polite the client is; all times in seconds."""

    attempts: int = 5
    base: float = 1.0
    cap: float = 60.0
    longest: float = 600.0
    """longest Retry-After that is waited out"""
    read_timeout: float = 60.0
    deadline: float = 300.0
    """of one attempt"""
    total: float | None = None
    """of all attempts and pauses together, where somebody waits for the answer: a pause that does
    not fit in, or a Retry-After over ``longest``, ends it at once"""


class RateLimiter:
    """At most so many starts a second, across threads, with a margin for the network's jitter."""

    def __init__(self, per_second: float) -> None:
        self.interval = 1.05 / per_second
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Block until the next request may start."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self.interval
        if start > now:
            time.sleep(start - now)

    def slow_down(self, per_second: float) -> None:
        """Keep to a rate from now on, where it is the lower one."""
        with self._lock:
            self.interval = max(self.interval, 1.05 / per_second)


LIMITERS: dict[str, RateLimiter] = {}
"""The limiter of each host that this process asks."""
_LIMITERS_LOCK = threading.Lock()


def limiter_of(host: str, per_second: float) -> RateLimiter:
    """The one limiter of a host in this process, whoever asks it.

    :param host: a name, as in an address
    :param per_second: starts a second; where two callers differ, the lower rate holds for both
    """
    with _LIMITERS_LOCK:
        limiter = LIMITERS.setdefault(host.lower(), RateLimiter(per_second))
    limiter.slow_down(per_second)
    return limiter


def await_turn(address: str) -> None:
    """Block until an address may be asked that a redirect leads to, at the pace of its host."""
    if limiter := LIMITERS.get((urlsplit(address).hostname or "").lower()):
        limiter.wait()


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """by their names in lower case"""


class TransientError(Exception):
    """A failure that may pass: asked again after a pause."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


Request = Callable[[Manners, float], Answer]
"""Sends one request and reads its answer whole, by a moment of the monotonic clock. Raises
:class:`TransientError` for what may pass, :class:`SourceError` for what will not."""


def retry_after(headers: Any) -> float | None:
    """The seconds that an answer's Retry-After asks for, written as a number or a date."""
    value = (headers.get("Retry-After") or "").strip() if headers else ""
    if value.isascii() and value.isdigit():
        return float(value)
    if not value:
        return None
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())


def read_whole(read: Callable[[int], bytes], until: float, most: int = MAX_BODY) -> bytes:
    """A body in chunks against the clock; a slow drip does not outlive the deadline.

    :param read: gives what has come, up to so many bytes; nothing at the end
    :param until: a moment of the monotonic clock
    :param most: bytes
    :raises TransientError: when it does not end in time
    :raises SourceError: when it is longer
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        if time.monotonic() > until:
            raise TransientError("the answer did not end before the deadline")
        chunk = read(CHUNK)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            raise SourceError(f"an answer of over {most:,} bytes; stopped reading")


def once(request: Request, manners: Manners, until: float = math.inf) -> Answer:
    """One request, whole, within the deadline: name look-up, connection, headers and body.

    It runs in a thread of its own, since a server that drips header bytes can't be interrupted
    from outside; a thread left behind ends with its own read time-out.

    :param until: a moment of the monotonic clock, where it comes before the deadline
    :raises TransientError: when it may pass
    :raises SourceError: when it will not
    """
    now = time.monotonic()
    seconds = min(manners.deadline, until - now)
    outcome: list[Answer | BaseException] = []

    def work() -> None:
        try:
            outcome.append(request(manners, now + seconds))
        except BaseException as error:  # handed to the waiting thread, which raises it
            outcome.append(error)

    thread = threading.Thread(target=work, name="request", daemon=True)
    thread.start()
    thread.join(seconds + 1)
    if not outcome:
        raise TransientError(f"no answer within {seconds:.0f} seconds")
    result = outcome[0]
    if isinstance(result, Answer):
        return result
    raise result


def cause_of(reason: object) -> str:
    """The kind of failure and its words; never a URL, which may hold a key."""
    if isinstance(reason, OSError) and reason.strerror:
        return f"{type(reason).__name__} ({reason.strerror})"
    return type(reason).__name__ if isinstance(reason, BaseException) else str(reason)[:80]


_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
PROXY_LOGIN = "the proxy asks for a login (HTTP 407): https_proxy has room for it before the @"
PROXY_REFUSES = "a proxy on the way refuses it, not the service itself: ask who runs the proxy"


def refuse_tunnel(reason: object) -> None:
    """Raise what a proxy answered where it was to lead on; nothing where no proxy spoke.

    :param reason: what urllib or ``requests`` raised
    :raises SourceError: where the proxy refuses
    :raises TransientError: where it can't reach the service now
    """
    answered = _TUNNEL.search(str(reason))
    if answered is None:
        return
    status = answered.group(1)
    if status == "407":
        raise SourceError(PROXY_LOGIN) from None
    if status == "403":
        raise SourceError(PROXY_REFUSES) from None
    raise TransientError(f"the proxy can't reach it (HTTP {status})") from None


def sent_on(address: str, last: str, location: str, also: frozenset[str] = frozenset()) -> str:
    """Where a redirect leads, if it may be followed: over https, to the same host and port.

    :param address: what was asked at first, and ``last`` before this redirect
    :param also: other hosts that it may be sent on to
    :raises SourceError: where it may not
    """
    try:
        target = urljoin(last, location)
        first, then = urlsplit(address), urlsplit(target)
        same = (then.hostname, then.port or 443) == (first.hostname, first.port or 443)
        named = then.hostname in also and then.port in (None, 443)
    except ValueError:
        raise SourceError("redirected to what is no address") from None
    if then.scheme != "https" or not (same or named) or then.username is not None:
        raise SourceError(f"redirected to {_host(then)}, expected {_host(first)}")
    return target


def _host(parts: SplitResult) -> str:
    """Scheme, host and port of an address, without a login."""
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def ask(
    request: Request,
    accept: Callable[[Answer], Any],
    *,
    what: str,
    manners: Manners,
    limiter: RateLimiter | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> Any:
    """Ask until an answer is accepted, pausing longer each time.

    :param request: :func:`by_urllib`, or one of :mod:`review.ground.session`
    :param accept: returns the answer's content; raises ``TransientError`` to ask again, and
        ``SourceError`` to give up
    :param what: what is asked, for messages
    :raises SourceError: when it is given up, or every attempt failed
    """
    until = math.inf if manners.total is None else time.monotonic() + manners.total
    for attempt in range(1, manners.attempts + 1):
        if limiter is not None:
            limiter.wait()
        try:
            try:
                answer = once(request, manners, until)
            except SourceError as error:
                raise SourceError(f"{what}: {error}") from None
            return accept(answer)
        except SourceError as error:
            raise type(error)(scrub(str(error))) from None
        except TransientError as error:
            pause = _pause(attempt, error.retry_after, manners)
            if attempt == manners.attempts or time.monotonic() + pause > until:
                times = "once" if attempt == 1 else f"{attempt} times"
                raise SourceError(scrub(f"{what}: {error} (asked {times})")) from None
            say(f"{what}: {error}; asking again in {pause:.0f} s")
            time.sleep(pause)
    raise AssertionError("unreachable")


def _pause(attempt: int, wished: float | None, manners: Manners) -> float:
    """Seconds until the next attempt, longer each time; without end where it is not waited for.

    :param wished: what the service asks for
    """
    pause = min(manners.cap, manners.base * 2.0 ** (attempt - 1))
    pause *= 0.5 + random.random() / 2  # noqa: S311 (jitter, not a secret)
    if wished is None:
        return pause
    if wished > manners.longest and manners.total is not None:
        return math.inf
    return max(pause, min(wished, manners.longest))


# ---- urllib, for E-utilities ---------------------------------------------------------------------


def by_urllib(open_request: Callable[[], Any]) -> Request:
    """A request of a client that calls ``urlopen``, as ``Bio.Entrez`` does.

    :param open_request: starts the request and returns a response handle
    """

    def request(manners: Manners, until: float) -> Answer:
        # urlopen, as Bio.Entrez calls it, takes its time-out from here only.
        socket.setdefaulttimeout(manners.read_timeout)
        try:
            return _answer_of(open_request, until)
        except urllib.error.URLError as error:
            refuse_tunnel(error.reason)
            raise TransientError(f"can't be reached: {cause_of(error.reason)}") from None
        except TimeoutError:
            raise TransientError(f"silent for {manners.read_timeout:g} seconds") from None
        except http.client.IncompleteRead:
            raise TransientError("the answer was cut") from None
        except (http.client.HTTPException, OSError) as error:
            raise TransientError(f"the connection broke: {cause_of(error)}") from None

    return request


def _answer_of(open_request: Callable[[], Any], until: float) -> Answer:
    """What comes through a response handle of urllib, read whole."""
    try:
        handle = open_request()
    except urllib.error.HTTPError as error:
        handle = error
    with handle:
        raw: Any = getattr(handle, "buffer", handle)
        status = int(getattr(raw, "status", 0) or getattr(raw, "code", 0) or 200)
        headers = raw.headers
        body = read_whole(getattr(raw, "read1", raw.read), until)
        if remaining := getattr(raw, "length", None):
            raise TransientError(f"the answer was cut: {remaining} bytes are missing")
    kind = headers.get_content_type() if headers else ""
    told = {name.lower(): value for name, value in headers.items()} if headers else {}
    return Answer(status, kind, body, retry_after(headers), told)


class _SentOn(urllib.request.HTTPRedirectHandler):
    """Follows a redirect as :func:`sent_on` lets it; urllib would go anywhere, over http too, and
    would ask without the body of a POST.
    """

    max_redirections = MOST_REDIRECTS

    def http_error_302(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any
    ) -> Any:
        location = headers.get("Location")
        if not location:
            return None  # an answer as it is: urllib would go where a header URI leads
        try:
            sent_on(req.full_url, req.full_url, location)
            if req.data is not None:
                raise SourceError(f"redirected (HTTP {code}) with what was posted")
            if location:
                await_turn(urljoin(req.full_url, location))
        except SourceError:
            fp.close()
            raise
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class _Way(urllib.request.BaseHandler):
    """Refuses the proxy that can't be gone through; urllib would go around it, or take it for a
    service that is down.
    """

    def https_request(self, req: urllib.request.Request) -> urllib.request.Request:
        proxy_for(req.full_url)
        return req


def introduce(*handlers: urllib.request.BaseHandler) -> None:
    """Give the requests of urllib in this process a name, and its redirects their limits.

    ``Bio.Entrez`` calls ``urllib.request.urlopen``, which takes both from the installed opener
    only. The command does this before its first request.

    :param handlers: how requests go, where they go another way: into the offline world
    """
    opener = urllib.request.build_opener(_SentOn, *(handlers or (_Way,)))
    opener.addheaders = [("User-Agent", USER_AGENT)]
    urllib.request.install_opener(opener)
