"""Manners on the wire: pauses, deadlines, the rate limit, and no secret anywhere."""

from __future__ import annotations

import email.message
import io
import threading
import time
import urllib.request
from typing import Any
from urllib.error import URLError

import pytest

from review.ground.errors import SourceError
from review.ground.net import (
    Answer,
    Manners,
    RateLimiter,
    TransientError,
    _SentOn,
    ask,
    by_urllib,
    introduce,
    limiter_of,
)
from review.ground.secrets import scrub
from tests.conftest import Clock


class Handle(io.BytesIO):
    def __init__(self, body: bytes = b"ok", status: int = 200, **headers: str) -> None:
        super().__init__(body)
        self.status = status
        self.headers = email.message.Message()
        for name, value in headers.items():
            self.headers[name.replace("_", "-")] = value


def asked(
    handles: list[Any], clock: Clock, *, attempts: int = 5
) -> tuple[bytes | None, list[float], str]:
    queue = iter(handles)

    def accept(answer: Answer) -> bytes:
        if answer.status != 200:
            raise TransientError(f"HTTP {answer.status}", answer.retry_after)
        return answer.body

    def start() -> Any:
        one = next(queue)
        if isinstance(one, BaseException):
            raise one
        return one

    manners = Manners(attempts=attempts, base=1, cap=60, deadline=5)
    limiter = RateLimiter(1_000_000)
    try:
        body = ask(by_urllib(start), accept, what="it", limiter=limiter, manners=manners)
    except SourceError as error:
        return None, clock.slept, str(error)
    return body, clock.slept, ""


def pauses(slept: list[float]) -> list[float]:
    return [s for s in slept if s > 0.001]


def test_each_pause_is_longer_and_jittered(clock: Clock) -> None:
    body, slept, _ = asked([Handle(status=500), Handle(status=500), Handle()], clock)
    assert body == b"ok"
    first, second = pauses(slept)
    assert 0.5 <= first <= 1 <= second <= 2


def test_retry_after_is_honoured(clock: Clock) -> None:
    _, slept, _ = asked([Handle(status=429, Retry_After="7"), Handle()], clock)
    assert pauses(slept) == [7.0]


def test_retry_after_as_a_date_is_honoured(clock: Clock) -> None:
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    _, slept, _ = asked([Handle(status=429, Retry_After=date), Handle()], clock)
    assert 25 <= pauses(slept)[0] <= 31


def test_a_server_cannot_make_us_wait_longer_than_the_cap(clock: Clock) -> None:
    _, slept, _ = asked([Handle(status=429, Retry_After="99999"), Handle()], clock)
    assert pauses(slept) == [600.0]


def test_after_the_last_attempt_it_gives_up_in_one_line(clock: Clock) -> None:
    body, slept, message = asked([Handle(status=500) for _ in range(3)], clock, attempts=3)
    assert body is None
    assert message == "it: HTTP 500 (asked 3 times)"
    assert len(pauses(slept)) == 2


@pytest.mark.parametrize(
    "fault", [ConnectionResetError(), TimeoutError(), OSError("no"), EOFError()]
)
def test_a_broken_connection_is_asked_again(clock: Clock, fault: BaseException) -> None:
    if isinstance(fault, EOFError):
        with pytest.raises(EOFError):
            asked([fault, Handle()], clock)
    else:
        assert asked([fault, Handle()], clock)[0] == b"ok"


@pytest.mark.parametrize(
    ("told", "words", "times"),
    [
        ("407 Proxy Authentication Required", "it: the proxy asks for a login", 1),
        ("403 Forbidden", "it: a proxy on the way refuses it", 1),
        ("503 Service Unavailable", "it: the proxy can't reach it (HTTP 503) (asked 5 times)", 5),
    ],
)
def test_what_a_proxy_answers_is_told_as_the_proxy_s(
    clock: Clock, told: str, words: str, times: int
) -> None:
    asked_for = [URLError(OSError(f"Tunnel connection failed: {told}")) for _ in range(times)]
    assert asked(asked_for, clock)[2].startswith(words)


def redirect(code: int, location: str, data: bytes | None = None, header: str = "Location") -> Any:
    """What the installed opener does with a redirect of an address of E-utilities."""
    handler = _SentOn()
    handler.parent = Opened()  # type: ignore[assignment]
    request = urllib.request.Request("https://a.example/eutils/x", data)
    request.timeout = 5.0
    headers = email.message.Message()
    headers[header] = location
    body = Handle()
    try:
        return getattr(handler, f"http_error_{code}")(request, body, code, "", headers)
    finally:
        answer = header == "URI"  # which is read later
        assert answer or body.closed or body.tell() == 2, "its connection is given back"


class Opened:
    """An opener that only says what it was to open."""

    def open(self, request: urllib.request.Request, timeout: object = None) -> str:
        return request.full_url


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_to_the_same_host_over_https_is_followed(code: int) -> None:
    assert redirect(code, "/eutils/y") == "https://a.example/eutils/y"
    assert redirect(code, "https://a.example:443/z") == "https://a.example:443/z"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://a.example/eutils/x",
        "https://b.example/eutils/x",
        "https://a.example:8443/",
        "https://a.example@b.example/",
        "file:///etc/passwd",
        "https://[/x",
    ],
)
def test_a_redirect_of_urllib_elsewhere_or_to_http_is_refused(code: int, location: str) -> None:
    with pytest.raises(SourceError, match="redirected to"):
        redirect(code, location)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("address", ["https://b.example/", "http://a.example/", "/eutils/y"])
def test_the_header_uri_leads_nowhere(code: int, address: str) -> None:
    """urllib would follow it where Location is missing."""
    assert redirect(code, address, header="URI") is None


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_what_was_posted_is_not_sent_on(code: int) -> None:
    with pytest.raises(SourceError, match="with what was posted"):
        redirect(code, "/eutils/y", b"id=1")


def test_the_command_s_opener_has_the_limits_and_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed: list[Any] = []
    monkeypatch.setattr(urllib.request, "install_opener", installed.append)
    introduce()
    (opener,) = installed
    redirecting = [
        one for one in opener.handlers if isinstance(one, urllib.request.HTTPRedirectHandler)
    ]
    assert [type(one) for one in redirecting] == [_SentOn]
    assert dict(opener.addheaders)["User-Agent"].startswith("living-review/")


def test_a_header_that_never_ends_does_not_outlive_the_deadline(clock: Clock) -> None:
    forever = threading.Event()

    def start() -> Any:
        forever.wait(30)
        raise OSError("late")

    try:
        with pytest.raises(SourceError, match="no answer within"):
            ask(
                by_urllib(start),
                lambda answer: answer,
                what="it",
                limiter=RateLimiter(1e9),
                manners=Manners(attempts=1, deadline=-0.9),
            )
    finally:
        forever.set()


def test_requests_keep_their_distance_across_threads(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = RateLimiter(3)
    starts: list[float] = []
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda s: starts.append(now[0] + s))
    threads = [threading.Thread(target=limiter.wait) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    starts = sorted([0.0, *starts])
    assert len(starts) == 20
    for moment in starts:
        assert sum(moment <= other < moment + 1 for other in starts) <= 3


def test_a_host_has_one_limiter_and_the_lower_rate_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.ground.net.LIMITERS", {})
    limiter = limiter_of("a.example", 10)
    assert limiter_of("A.example", 3) is limiter
    assert limiter.interval == RateLimiter(3).interval
    assert limiter_of("a.example", 10).interval == RateLimiter(3).interval
    assert limiter_of("b.example", 10) is not limiter


def test_key_and_address_are_scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCBI_API_KEY", "sEcReT123")
    monkeypatch.setenv("NCBI_EMAIL", "a@b.example")
    assert scrub("x?api_key=sEcReT123&email=a@b.example") == (
        "x?api_key=[NCBI_API_KEY]&email=[NCBI_EMAIL]"
    )
