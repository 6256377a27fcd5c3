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

from review.ground.errors import SourceError, UsageError
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
from review.ground.proxies import proxy_for
from review.ground.secrets import scrub
from review.ground.session import getting
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


def test_a_refused_redirect_names_the_port_and_no_login() -> None:
    words = "redirected to https://a.example:8443, expected https://a.example"
    with pytest.raises(SourceError) as caught:
        redirect(302, "https://who:planted@a.example:8443/")
    assert str(caught.value) == words


def test_a_redirect_waits_for_its_host_s_turn(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.ground.net.LIMITERS", {})
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    redirect(302, "/eutils/y")
    assert clock.slept == [], "nobody limits its host"
    limiter = limiter_of("a.example", 2)
    limiter.wait()
    redirect(302, "/eutils/y")
    redirect(302, "/eutils/z")
    assert clock.slept == pytest.approx([limiter.interval, 2 * limiter.interval])


@pytest.mark.parametrize("variable", ["all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"])
def test_a_socks_proxy_is_refused_in_one_line_that_names_the_variable(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    installed: list[Any] = []
    monkeypatch.setattr(urllib.request, "install_opener", installed.append)
    introduce()
    service = "https://service.example/"
    monkeypatch.setenv(variable, "socks5h://who:planted@127.0.0.1:1080")
    for request in (by_urllib(lambda: installed[0].open(service)), getting(service)):
        with pytest.raises(UsageError) as caught:
            ask(request, lambda answer: answer, what="it", manners=Manners(attempts=1))
        assert str(caught.value) == (
            f"{variable}: found a SOCKS proxy, which is not supported; "
            "expected https_proxy=http://HOST:PORT, or no proxy"
        )
    assert proxy_for("https://127.0.0.1:8000/v1") is None
    monkeypatch.setenv("no_proxy", "service.example")
    assert proxy_for(service) is None
    monkeypatch.delenv("no_proxy")
    if "all" in variable.lower():
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:3128")
        assert proxy_for(service) == "http://127.0.0.1:3128"


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
