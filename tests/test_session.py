"""The session over a real socket: proxy, certificates, logins, redirects, drips and cuts."""

from __future__ import annotations

import json
import select
import socket
import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from review.ground import session
from review.ground.errors import SourceError, UsageError
from review.ground.net import Answer, Manners, TransientError, ask, limiter_of, once
from review.ground.session import Transport, carried_by, getting, posting, reachable
from review.offline.redirect import _Redirect, redirected
from tests.conftest import Clock

HOST, OTHER = "service.example", "elsewhere.example"
HASTY = Manners(attempts=1, read_timeout=2, deadline=4)


class Server(ThreadingHTTPServer):
    """Answers as a test tells it to, over TLS where it has a certificate."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 50

    def __init__(self, handler: type[BaseHTTPRequestHandler], context: Any = None) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.port = int(self.server_address[1])
        self.context = context
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: Callable[[Handler], None] = lambda handler: handler.tell(200, b"ok")
        self.stopping = threading.Event()

    def finish_request(self, request: Any, address: Any) -> None:
        with suppress(OSError):  # of a client that trusts nobody, or has waited long enough
            if self.context is None:
                super().finish_request(request, address)
                return
            with self.context.wrap_socket(request, server_side=True) as tunnel:
                super().finish_request(tunnel, address)


class Handler(BaseHTTPRequestHandler):
    """Hands a request over to the test."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_arguments: Any) -> None:
        return

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers.items())))
        self.server.answer(self)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def tell(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class ProxyHandler(Handler):
    """A proxy: each tunnel leads to the port that is asked for, on this machine."""

    def do_CONNECT(self) -> None:
        self.server.asked.append((self.path, dict(self.headers.items())))
        if self.path.startswith("forbidden"):
            self.send_error(403)
            return
        with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as far:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: far, far: self.connection}
            while ready := select.select(list(ends), [], [], 5)[0]:
                for end in ready:
                    data = end.recv(65_536)
                    if not data:
                        return
                    ends[end].sendall(data)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Net:
    """A service over TLS with a certificate of its own, and a proxy."""

    service: Server
    proxy: Server
    certificates: Path

    def address(self, path: str = "/", host: str = HOST) -> str:
        return f"https://{host}:{self.service.port}{path}"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "http_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """Of the service, and the file of the authority that signed it."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, OTHER, "127.0.0.1").configure_cert(context)
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return context, path


@pytest.fixture
def net(certificate: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    context, path = certificate
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, *more, **named: look_up("127.0.0.1", *more, **named)
    )
    with (
        running(Server(Handler, context)) as service,
        running(Server(ProxyHandler)) as proxy,
        carried_by(Transport()),
    ):
        yield Net(service, proxy, path)


@pytest.fixture
def plain() -> Iterator[Server]:
    """A service on this machine, without TLS."""
    with running(Server(Handler)) as service:
        yield service


@pytest.fixture
def trusted(net: Net, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    """The same, with its certificate trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(net.certificates))
    with carried_by(Transport()):
        yield net


def body(request: Any, manners: Manners = HASTY) -> bytes:
    return once(request, manners).body


# ---- proxy ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY"])
def test_a_proxy_is_gone_through_and_its_login_stays_with_it(
    trusted: Net, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f"http://user:pass@127.0.0.1:{trusted.proxy.port}")
    assert body(getting(trusted.address("/a?b=c"))) == b"ok"
    ((tunnel, to_proxy),) = trusted.proxy.asked
    assert tunnel == f"{HOST}:{trusted.service.port}"
    assert to_proxy["Proxy-Authorization"] == "Basic dXNlcjpwYXNz"
    ((path, headers),) = trusted.service.asked
    assert path == "/a?b=c"
    assert not [name for name in headers if "auth" in name.lower()]
    assert headers["User-Agent"].startswith("living-review/")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("no_proxy", HOST), ("NO_PROXY", "a.example,.example"), ("no_proxy", "*")],
)
def test_hosts_that_no_proxy_names_are_asked_without_it(
    trusted: Net, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{trusted.proxy.port}")
    monkeypatch.setenv(variable, value)
    assert body(getting(trusted.address())) == b"ok"
    assert trusted.proxy.asked == []


def test_another_host_than_no_proxy_names_is_asked_through_it(
    trusted: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{trusted.proxy.port}")
    monkeypatch.setenv("no_proxy", OTHER)
    assert body(getting(trusted.address())) == b"ok"
    assert len(trusted.proxy.asked) == 1


def test_this_machine_is_never_asked_through_a_proxy(
    trusted: Net, plain: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trusted.proxy.port}")
    assert body(getting(trusted.address(host="127.0.0.1"))) == b"ok"
    assert body(getting(f"http://127.0.0.1:{plain.port}/")) == b"ok"
    assert trusted.proxy.asked == []


def test_a_proxy_that_refuses_is_a_failure_that_does_not_tell_its_login(
    trusted: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://user:pass@127.0.0.1:{trusted.proxy.port}")
    with pytest.raises(SourceError, match="a proxy on the way refuses it") as caught:
        body(getting(trusted.address(host="forbidden.example")))
    assert "pass" not in str(caught.value)
    assert trusted.service.asked == []


# ---- certificates --------------------------------------------------------------------------------


def test_an_unknown_certificate_is_not_trusted(net: Net) -> None:
    why = reachable(net.address())
    assert why is not None
    assert why.startswith("can't be reached: SSLCertVerificationError")
    assert net.service.asked == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_certificate_that_the_environment_names_is_trusted(
    net: Net, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(net.certificates))
    with carried_by(Transport()):
        assert reachable(net.address()) is None
        wrong_name = reachable(net.address(host="third.example"))
    assert wrong_name is not None
    assert "SSLCertVerificationError" in wrong_name
    assert len(net.service.asked) == 1


def test_the_file_of_certificates_goes_before_that_of_requests_and_is_the_only_one(
    net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(net.certificates))
    with carried_by(Transport()):
        assert reachable(net.address()) is not None


def test_through_a_proxy_too_only_a_trusted_certificate_is(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{net.proxy.port}")
    why = reachable(net.address())
    assert why is not None
    assert "SSLCertVerificationError" in why
    assert len(net.proxy.asked) == 1
    assert net.service.asked == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates_is_told(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(UsageError, match="SSL_CERT_FILE: found no certificates in"):
        Transport()


# ---- what the machine must not add ---------------------------------------------------------------


def test_no_login_of_netrc_is_sent_and_no_cookie_comes_back(
    plain: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (".netrc", "_netrc"):
        netrc = tmp_path / name
        netrc.write_text("machine 127.0.0.1 login somebody password planted\n", encoding="utf-8")
        netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    address = f"http://127.0.0.1:{plain.port}/"
    plain.answer = lambda handler: handler.tell(200, b"ok", Set_Cookie="who=me; Path=/")
    for request in (getting(address), posting(address, {"x-api-key": "k"}, {}, 99)) * 2:
        assert body(request) == b"ok"
    assert len(plain.asked) == 4
    for _, headers in plain.asked:
        assert not {"Authorization", "Cookie"} & set(headers)


# ---- redirects -----------------------------------------------------------------------------------


def test_a_redirect_to_the_same_host_is_followed_five_times_at_most(trusted: Net) -> None:
    def onward(handler: Handler) -> None:
        left = int(handler.path[1:])
        if left:
            handler.tell(302, b"moved", Location=f"/{left - 1}")
        else:
            handler.tell(200, b"there")

    trusted.service.answer = onward
    assert body(getting(trusted.address("/5"))) == b"there"
    with pytest.raises(SourceError, match="redirected more than 5 times"):
        body(getting(trusted.address("/6")))
    assert [path for path, _ in trusted.service.asked][6:] == ["/6", "/5", "/4", "/3", "/2", "/1"]


def test_a_redirect_waits_for_its_host_s_turn(
    trusted: Net, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.ground.net.LIMITERS", {})
    limiter = limiter_of(HOST, 0.01)
    patient = Manners(attempts=1, read_timeout=2, deadline=400)
    trusted.service.answer = lambda handler: (
        handler.tell(200, b"there") if handler.path == "/x" else handler.tell(302, Location="/x")
    )
    assert body(getting(trusted.address()), patient) == b"there"
    assert clock.slept == [], "the turn was free"
    assert body(getting(trusted.address()), patient) == b"there"
    (waited,) = clock.slept
    assert 0 < waited <= limiter.interval


@pytest.mark.parametrize(
    ("status", "location"),
    [
        *((status, f"https://{OTHER}/x") for status in (301, 302, 303, 307, 308)),
        (302, f"http://{HOST}/x"),
        (302, f"//{OTHER}/x"),
        (302, f"https://{HOST}/x"),  # of another port
        (302, f"https://{HOST}.{OTHER}/x"),
        (302, f"https://{HOST}@{OTHER}/x"),
        (302, "https://[/x"),
        (302, f"https://{HOST}:port/x"),
        (302, "file:///etc/passwd"),
    ],
)
def test_a_redirect_elsewhere_or_to_http_is_refused(
    trusted: Net, status: int, location: str
) -> None:
    trusted.service.answer = lambda handler: handler.tell(status, Location=location)
    with pytest.raises(SourceError, match="redirected to"):
        body(getting(trusted.address()))
    assert len(trusted.service.asked) == 1


def test_a_redirect_to_a_named_host_is_followed(
    trusted: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its port is that of https: the proxy leads there to the service."""
    create, port = socket.create_connection, trusted.service.port
    monkeypatch.setattr(
        socket, "create_connection", lambda at: create((at[0], port if at[1] == 443 else at[1]))
    )
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{trusted.proxy.port}")
    trusted.service.answer = lambda handler: (
        handler.tell(200, b"there")
        if handler.path == "/x"
        else handler.tell(301, Location=f"https://{OTHER}/x")
    )
    assert body(getting(f"https://{HOST}/", frozenset((OTHER,)))) == b"there"
    assert [tunnel for tunnel, _ in trusted.proxy.asked] == [f"{HOST}:443", f"{OTHER}:443"]


@pytest.mark.parametrize("status", [302, 307])
def test_a_key_is_never_sent_on(trusted: Net, status: int) -> None:
    trusted.service.answer = lambda handler: handler.tell(status, Location="/x")
    sent = once(posting(trusted.address(), {"x-api-key": "k"}, {"a": 1}, 99), HASTY)
    assert sent.status == status
    assert [path for path, _ in trusted.service.asked] == ["/"]


def test_the_body_of_a_redirect_is_not_read(trusted: Net) -> None:
    def endless(handler: Handler) -> None:
        if handler.path == "/there":
            handler.tell(200, b"there")
            return
        handler.send_response(302)
        handler.send_header("Location", "/there")
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        handler.server.stopping.wait(5)

    trusted.service.answer = endless
    assert body(getting(trusted.address())) == b"there"


# ---- drips, cuts, limits -------------------------------------------------------------------------


def drip_body(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.server.stopping.wait(0.02):
        handler.wfile.write(b"x")


def drip_header(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    while not handler.server.stopping.wait(0.02):
        handler.wfile.write(b"x")


def cut(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "10")
    handler.end_headers()
    handler.wfile.write(b"half")
    handler.close_connection = True


def cut_chunk(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"a\r\nhalf")
    handler.close_connection = True


def cut_before_the_last_chunk(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"4\r\nhalf\r\n")
    handler.close_connection = True


def mute(handler: Handler) -> None:
    handler.server.stopping.wait(5)


def gone(handler: Handler) -> None:
    handler.close_connection = True


BROKEN = [
    (drip_body, "did not end before the deadline|no answer within"),
    (drip_header, "no answer within"),
    (cut, "the answer was cut"),
    (cut_chunk, "the answer was cut"),
    (cut_before_the_last_chunk, "the answer was cut"),
    (mute, "silent for 0.3 seconds"),
    (gone, "the connection broke: RemoteDisconnected"),
]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("answer", "words"), BROKEN)
def test_what_breaks_on_the_way_may_pass(
    plain: Server, answer: Callable[[Handler], None], words: str, method: str
) -> None:
    plain.answer = answer
    address = f"http://127.0.0.1:{plain.port}/"
    request = getting(address) if method == "get" else posting(address, {}, {}, 9_999_999)
    with pytest.raises(TransientError, match=words):
        once(request, Manners(read_timeout=0.3, deadline=0.6))


def test_nobody_there_may_pass(plain: Server) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(TransientError, match=r"can't be reached: ConnectionRefusedError \("):
            body(getting(address))


def test_an_answer_that_is_too_long_is_given_up(
    plain: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MAX_BODY", 1000)
    plain.answer = lambda handler: handler.tell(200, b"x" * 1001)
    address = f"http://127.0.0.1:{plain.port}/"
    with pytest.raises(SourceError, match=r"^it: an answer of over 1,000 bytes"):
        ask(getting(address), lambda answer: answer, what="it", manners=Manners(attempts=3))
    assert len(plain.asked) == 1
    with pytest.raises(SourceError, match="over 10 bytes"):
        body(posting(address, {}, {}, 10))


def test_a_header_that_cannot_be_sent_is_given_up_without_telling_it(plain: Server) -> None:
    request = posting(f"http://127.0.0.1:{plain.port}/", {"x-api-key": "planted\nkey"}, {}, 10)
    with pytest.raises(SourceError) as caught:
        body(request)
    assert str(caught.value) == "can't be asked: InvalidHeader"
    assert plain.asked == []


def test_a_header_beyond_latin_1_is_given_up_without_telling_it(plain: Server) -> None:
    request = posting(f"http://127.0.0.1:{plain.port}/", {"x-api-key": "gepflanzt-密"}, {}, 10)
    with pytest.raises(SourceError) as caught:
        body(request)
    assert str(caught.value) == "can't be asked: UnicodeEncodeError"
    assert plain.asked == []


def accept(answer: Answer) -> Any:
    if answer.status != 200:
        raise TransientError(f"HTTP {answer.status}", answer.retry_after)
    return json.loads(answer.body)


def test_retry_after_is_waited_out_and_the_answer_taken(plain: Server, clock: Clock) -> None:
    turns = iter((429, 503, 200))
    plain.answer = lambda handler: handler.tell(next(turns), b"[1]", Retry_After="7")
    request = getting(f"http://127.0.0.1:{plain.port}/")
    assert ask(request, accept, what="it", manners=Manners(read_timeout=2, deadline=4)) == [1]
    assert clock.slept == [7.0, 7.0]


@pytest.mark.parametrize(("asks_for", "attempts", "waited"), [(99, 1, []), (20, 2, [20.0])])
def test_where_the_whole_has_a_deadline_no_pause_outlives_it(
    plain: Server, clock: Clock, asks_for: int, attempts: int, waited: list[float]
) -> None:
    """Longer than the longest, it is not waited for; what does not fit in any more, neither."""
    plain.answer = lambda handler: handler.tell(429, Retry_After=str(asks_for))
    manners = Manners(longest=30, read_timeout=2, deadline=4, total=35)
    request = posting(f"http://127.0.0.1:{plain.port}/", {}, {}, 99)
    with pytest.raises(SourceError, match="it: HTTP 429"):
        ask(request, accept, what="it", manners=manners)
    assert (len(plain.asked), clock.slept) == (attempts, waited)


# ---- the way -------------------------------------------------------------------------------------


def test_offline_other_hosts_are_refused_and_the_way_back_is_the_one_before(
    trusted: Net, plain: Server
) -> None:
    known = "https://clinicaltrials.gov/api/v2/studies/NCT00000001"
    with redirected(plain.port):
        assert body(getting(known)) == b"ok"
        with pytest.raises(SourceError, match=f"offline: {HOST} is not reached"):
            body(getting(trusted.address()))
        with pytest.raises(SourceError, match=r"offline: clinicaltrials\.gov is not reached"):
            body(getting(known.replace("https", "http")))
    assert [path for path, _ in plain.asked] == ["/api/v2/studies/NCT00000001"]
    with pytest.raises(RuntimeError), carried_by(Transport()):
        raise RuntimeError
    assert body(getting(trusted.address())) == b"ok"


def test_offline_a_redirect_is_the_real_client_s_to_follow(plain: Server) -> None:
    """What stands in for a service answers once: the client's own limits are under test."""
    plain.answer = lambda handler: handler.tell(302, Location="/there")
    address = "https://eutils.ncbi.nlm.nih.gov/entrez/x"
    inside = _Redirect(plain.port, lambda _path: None)
    with inside.https_open(urllib.request.Request(address)) as answer:
        assert answer.status == 302
    assert [path for path, _ in plain.asked] == ["/entrez/x"]
