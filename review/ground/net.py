"""Every outgoing request: time-outs, a total deadline, retries, the rate limit, no secrets.

Clients (``Bio.Entrez``, ``requests``) are called from here with one function. What they lack was
measured: no time-out, no pause between retries, no Retry-After, a body read that can drip forever.
"""

from __future__ import annotations

import email.utils
import http.client
import random
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review import __version__
from review.ground.errors import SourceError
from review.ground.secrets import scrub

if TYPE_CHECKING:
    import requests

USER_AGENT = f"living-review/{__version__} (systematic review; python-urllib)"
CHUNK = 65_536
MAX_BODY = 512_000_000


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


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None


class TransientError(Exception):
    """A failure that may pass: asked again after a pause."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


def _retry_after(headers: Any) -> float | None:
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


def _read(handle: Any, until: float) -> bytes:
    """Read a body in chunks against the clock; a slow drip does not outlive the deadline."""
    read = getattr(handle, "read1", handle.read)
    chunks, size = [], 0
    while True:
        if time.monotonic() > until:
            raise TransientError("the answer did not end before the deadline")
        chunk = read(CHUNK)
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY:
            raise SourceError(f"an answer of over {MAX_BODY:,} bytes; stopped reading")
    remaining = getattr(handle, "length", None)
    if remaining:
        raise TransientError(f"the answer was cut: {remaining} bytes are missing")
    return b"".join(chunks)


def _attempt(open_request: Callable[[], Any], manners: Manners) -> Answer:
    """One request, whole, within the deadline: name look-up, connection, headers and body.

    It runs in a thread of its own, since a server that drips header bytes can't be interrupted
    from outside; a thread left behind ends with its own read time-out.
    """
    until = time.monotonic() + manners.deadline
    outcome: list[Answer | BaseException] = []

    def work() -> None:
        try:
            try:
                handle = open_request()
            except urllib.error.HTTPError as error:
                handle = error
            with handle:
                raw: Any = getattr(handle, "buffer", handle)
                status = int(getattr(raw, "status", 0) or getattr(raw, "code", 0) or 200)
                headers = raw.headers
                body = _read(raw, until)
            kind = headers.get_content_type() if headers else ""
            outcome.append(Answer(status, kind, body, _retry_after(headers)))
        except BaseException as error:  # handed to the waiting thread, which raises it
            outcome.append(error)

    thread = threading.Thread(target=work, name="request", daemon=True)
    thread.start()
    thread.join(manners.deadline + 1)
    if not outcome:
        raise TransientError(f"no answer within {manners.deadline:.0f} seconds")
    result = outcome[0]
    if isinstance(result, Answer):
        return result
    if isinstance(result, TransientError | SourceError):
        raise result
    if isinstance(result, urllib.error.URLError):
        raise TransientError(f"can't be reached: {_cause(result.reason)}")
    if isinstance(result, TimeoutError):
        raise TransientError(f"silent for {manners.read_timeout:.0f} seconds")
    if isinstance(result, http.client.IncompleteRead):
        raise TransientError("the answer was cut")
    if isinstance(result, http.client.HTTPException | OSError):
        raise TransientError(f"the connection broke: {_cause(result)}")
    raise result


def _cause(reason: object) -> str:
    """The kind of failure and its words; never a URL, which may hold a key."""
    if isinstance(reason, OSError) and reason.strerror:
        return f"{type(reason).__name__} ({reason.strerror})"
    return type(reason).__name__ if isinstance(reason, BaseException) else str(reason)[:80]


def ask(
    open_request: Callable[[], Any],
    accept: Callable[[Answer], Any],
    *,
    what: str,
    limiter: RateLimiter,
    manners: Manners,
    say: Callable[[str], None] = lambda _line: None,
) -> Any:
    """Ask until an answer is accepted, pausing longer each time.

    :param open_request: starts the request and returns a response handle
    :param accept: returns the answer's content; raises ``TransientError`` to ask again, and
        ``SourceError`` to give up
    :param what: what is asked, for messages
    :raises SourceError: when it is given up, or every attempt failed
    """
    # urlopen, as Bio.Entrez calls it, takes its time-out from here only.
    socket.setdefaulttimeout(manners.read_timeout)
    for attempt in range(1, manners.attempts + 1):
        limiter.wait()
        try:
            return accept(_attempt(open_request, manners))
        except SourceError as error:
            raise type(error)(scrub(str(error))) from None
        except TransientError as error:
            if attempt == manners.attempts:
                times = "once" if attempt == 1 else f"{attempt} times"
                raise SourceError(scrub(f"{what}: {error} (asked {times})")) from None
            pause = min(manners.cap, manners.base * 2 ** (attempt - 1))
            pause *= 0.5 + random.random() / 2  # noqa: S311 (jitter, not a secret)
            if error.retry_after is not None:
                pause = max(pause, min(error.retry_after, manners.longest))
            say(f"{what}: {error}; asking again in {pause:.0f} s")
            time.sleep(pause)
    raise AssertionError("unreachable")


def opening(url: str) -> Callable[[], Any]:
    """What starts a plain request of an address, for :func:`ask`.

    :param url: of the program's own making, never one that a file names
    """
    return lambda: urllib.request.urlopen(url)  # noqa: S310 (see above)


def post(
    address: str,
    headers: dict[str, str],
    body: dict[str, Any],
    *,
    what: str,
    manners: Manners,
    most: int,
) -> bytes:
    """Send JSON to a service that is paid for, asked again after pauses, with one deadline for all.

    No redirects, which would leak a key. A pause over ``manners.longest`` is not waited out.

    :param what: what is asked, for messages
    :param most: bytes of an answer
    :raises SourceError: when it is given up
    """
    import requests

    until = time.monotonic() + manners.deadline
    why = "no answer"
    for attempt in range(1, manners.attempts + 1):
        pause = manners.base * 2 ** (attempt - 1)
        try:
            with requests.post(
                address,
                headers=headers,
                json=body,
                timeout=(10, manners.read_timeout),
                allow_redirects=False,
                stream=True,
                auth=_without_login,
            ) as response:
                if response.status_code == 200:
                    return _read_answer(response, until, what, most)
                why = f"HTTP {response.status_code}"
                if response.status_code not in (408, 409, 429, 500, 502, 503, 504, 529):
                    raise SourceError(f"{what}: {why}")
                said = response.headers.get("Retry-After", "")
                if said.isascii() and said.isdigit():
                    pause = max(pause, float(said))
        except requests.RequestException as error:
            why = type(error).__name__
        if (
            attempt == manners.attempts
            or pause > manners.longest
            or time.monotonic() + pause > until
        ):
            break
        time.sleep(pause)
    raise SourceError(scrub(f"{what}: {why}; nothing was taken"))


def _without_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No login of ~/.netrc, which requests would put in the key's place."""
    return request


def _read_answer(response: requests.Response, until: float, what: str, most: int) -> bytes:
    chunks, size = [], 0
    for chunk in response.iter_content(65_536):
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            raise SourceError(f"{what}: an answer of over {most:,} bytes")
        if time.monotonic() > until:
            raise SourceError(f"{what}: the answer did not end before the deadline")
    return b"".join(chunks)


def introduce() -> None:
    """Give the requests of this process a name.

    ``Bio.Entrez`` calls ``urllib.request.urlopen``, which takes its User-Agent from the installed
    opener only. The command does this before its first request; tests install openers of their own.
    """
    opener = urllib.request.build_opener()
    opener.addheaders = [("User-Agent", USER_AGENT)]
    urllib.request.install_opener(opener)


def reachable(url: str, timeout: float = 10.0) -> str | None:
    """Whether a host answers at all: None, or why not (for ``review doctor``)."""
    import requests

    try:
        requests.get(url, timeout=timeout, headers={"User-Agent": USER_AGENT})
    except requests.RequestException as error:
        return type(error).__name__
    return None
