"""Secrets and politeness: a planted key and address come out nowhere; the real command over TLS."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from review import cli
from review.demo import SECOND
from review.ground.errors import Exit
from review.ground.net import RateLimiter
from review.offline.redirect import redirected
from review.offline.server import Eutils, Handler, OfflineServer
from review.offline.world import Snapshot
from review.searching.sources.pubmed_client import Client
from tests.conftest import HOME, tree

KEY, ADDRESS = "sEcReT/key+123", "planted.person@mail.example"
PLANTED = (KEY, ADDRESS, "sEcReT%2Fkey%2B123", "planted.person%40mail.example", "sEcReT")

HOST = "eutils.ncbi.nlm.nih.gov"


class Echo(Eutils):
    """A service that tells everybody's key and address, in errors that pass and in remarks."""

    def esearch(self, p: dict[str, str], action: str | None) -> tuple[int, str]:
        if self.calls["esearch"] in (1, 4):
            return 502, f'{{"error":"{p["api_key"]}","email":"{p["email"]}"}}'
        status, body = super().esearch(p, action)
        remark = f"<PhraseNotFound>{p['api_key']} {p['email']}</PhraseNotFound></ErrorList>"
        if "</ErrorList>" in body:
            return status, body.replace("</ErrorList>", remark)
        return status, body.replace("</eSearchResult>", f"<ErrorList>{remark}</eSearchResult>")

    def efetch(self, p: dict[str, str], action: str | None) -> tuple[int, bytes | str]:
        if self.calls["efetch"] == 1:
            return (
                400,
                f"<eFetchResult><ERROR>proxy_stream(): {p['api_key']}</ERROR></eFetchResult>",
            )
        return super().efetch(p, action)


def said_nowhere(*places: str | bytes) -> None:
    for place in places:
        text = place.decode("utf-8", "replace") if isinstance(place, bytes) else place
        for planted in PLANTED:
            assert planted not in text, text[max(0, text.find(planted) - 80) :][:160]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_planted_key_and_address_come_out_nowhere(
    root: Path,
    tmp_path: Path,
    snapshots: dict[str, Snapshot],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    form: list[str],
) -> None:
    """Files, pages, pull request, GitHub's summary and outputs, the terminal and --json."""
    monkeypatch.setenv("NCBI_API_KEY", KEY)
    monkeypatch.setenv("NCBI_EMAIL", ADDRESS)
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.setenv(name, str(tmp_path / name))
    arguments = ["--root", str(root), "--pull-request", str(tmp_path / "pr.md"), *form]
    with OfflineServer(Echo(snapshots[SECOND])) as server, redirected(server.port):
        code = cli.main(["update", "--out", str(tmp_path / "out"), *arguments], today=SECOND)
    assert code == Exit.NOTICE
    out = capsys.readouterr()
    said_nowhere(out.out, out.err, *tree(root).values(), *tree(tmp_path).values())
    assert (tmp_path / "out" / "html" / "index.html").exists()
    assert "[NCBI_API_KEY] [NCBI_EMAIL]" in (
        next((root / "data" / "searches").glob(f"{SECOND}*")).read_text(encoding="utf-8")
    ), "the remark is kept, without what it told"


def test_a_failed_run_tells_no_secret_either(
    root: Path,
    snapshots: dict[str, Snapshot],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NCBI_API_KEY", KEY)
    monkeypatch.setenv("NCBI_EMAIL", ADDRESS)

    class Refusing(Eutils):
        def esearch(self, p: dict[str, str], action: str | None) -> tuple[int, str]:
            return 400, f"API key not valid: {p['api_key']} of {p['email']}"

    for form in ([], ["--json"]):
        with OfflineServer(Refusing(snapshots[SECOND])) as server, redirected(server.port):
            command = ["update", "--root", str(root), "--no-publish", *form]
            assert cli.main(command, today=SECOND) == Exit.SOURCE
        out = capsys.readouterr()
        said_nowhere(out.out, out.err)
        assert "API key not valid: [NCBI_API_KEY] of [NCBI_EMAIL]" in out.out + out.err


def test_a_traceback_tells_no_secret(tmp_path: Path) -> None:
    """A mistake of the program may carry the address of a request in its message."""
    script = (
        "import os, sys\n"
        "from review import cli\n"
        "def broken(arguments, day):\n"
        "    raise RuntimeError('\\x1b[31mhttps://x/?api_key=' + os.environ['NCBI_API_KEY'])\n"
        "from review.cli import status\n"
        "status.run = broken\n"
        "sys.argv = ['review', 'status']\n"
        "cli.run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=HOME,
        env={**os.environ, "NCBI_API_KEY": KEY, "NCBI_EMAIL": ADDRESS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "RuntimeError" in done.stderr
    assert "api_key=[NCBI_API_KEY]" in done.stderr
    assert "\x1b" not in done.stderr
    said_nowhere(done.stdout, done.stderr)


class TlsHandler(Handler):
    """A proxy's end of a tunnel: what is behind CONNECT is the service itself, over TLS."""

    context: ssl.SSLContext

    def do_CONNECT(self) -> None:
        self.send_response(200 if self.path == f"{HOST}:443" else 403)
        self.end_headers()
        if self.path == f"{HOST}:443":
            self.connection = self.context.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)
            self.close_connection = False

    def finish(self) -> None:
        super().finish()
        self.connection.close()


def as_a_real_review(root: Path) -> None:
    """A fictional one would ask its own world."""
    path = root / "protocol.yaml"
    text = path.read_text(encoding="utf-8").replace("fictional: true", "fictional: false")
    path.write_text(text, encoding="utf-8")


@contextmanager
def behind_a_proxy(snapshot: Snapshot, folder: Path) -> Iterator[tuple[Eutils, dict[str, str]]]:
    """The service as the real command reaches it: through a proxy, over TLS, by its real name."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    service = Eutils(snapshot)
    with OfflineServer(service) as server:
        server.RequestHandlerClass = type("Handler", (TlsHandler,), {"context": context})
        yield (
            service,
            {
                "https_proxy": f"http://127.0.0.1:{server.port}",
                "SSL_CERT_FILE": str(folder / "ca.pem"),
            },
        )


def test_the_real_command_introduces_itself_over_tls(
    root: Path, tmp_path: Path, snapshots: dict[str, Snapshot]
) -> None:
    """Nothing is patched: the installed command, its own client, a certificate, a proxy."""
    as_a_real_review(root)
    with behind_a_proxy(snapshots[SECOND], tmp_path) as (service, proxied):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "review",
                "update",
                "--root",
                str(root),
                "--no-publish",
                "--json",
            ],
            env={**os.environ, **proxied, "NCBI_API_KEY": KEY, "NCBI_EMAIL": ADDRESS},
            cwd=HOME,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == Exit.NOTICE, done.stderr
    assert json.loads(done.stdout)["complete"] is True
    said_nowhere(done.stdout, done.stderr, *tree(root).values())
    assert {r.tool for r in service.log} == {"esearch", "efetch", "epost"}
    for request in service.log:
        assert request.user_agent.startswith("living-review/")
        assert request.parameters["tool"].startswith("living-review")
        assert request.parameters["email"] == ADDRESS
        assert request.parameters["api_key"] == KEY


def test_without_the_certificate_the_real_command_trusts_nobody(
    root: Path, tmp_path: Path, snapshots: dict[str, Snapshot]
) -> None:
    as_a_real_review(root)
    before = tree(root, ".review.lock")
    script = (
        "import sys\n"
        "from functools import partial\n"
        "from review.ground.net import Manners\n"
        "from review.searching.sources import pubmed\n"
        "pubmed.run = partial(pubmed.run, manners=Manners(attempts=1))\n"
        "from review import cli\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    with behind_a_proxy(snapshots[SECOND], tmp_path) as (service, proxied):
        done = subprocess.run(
            [sys.executable, "-c", script, "update", "--root", str(root), "--no-publish"],
            env={**os.environ, "https_proxy": proxied["https_proxy"], "NCBI_EMAIL": ADDRESS},
            cwd=HOME,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == Exit.SOURCE, done.stderr
    assert not service.log
    assert tree(root, ".review.lock") == before


def test_many_threads_together_keep_to_three_requests_a_second_over_a_socket(
    snapshots: dict[str, Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time stands still, so what each request waits for is the moment at which it would start."""
    waits: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr("review.ground.net.LIMITERS", {})
    service = Eutils(snapshots[SECOND])
    with OfflineServer(service) as server, redirected(server.port):
        client = Client(contact="a@b.example")
        with ThreadPoolExecutor(6) as pool:
            counts = list(pool.map(lambda _n: client.count("MCSD[tiab]").count, range(24)))
    assert len(set(counts)) == 1
    assert len(service.log) == 24
    interval = RateLimiter(3).interval  # Bio.Entrez waits too, for other spans
    ours = [wait for wait in waits if abs(wait / interval - round(wait / interval)) < 1e-6]
    starts = sorted([0.0, *ours])
    assert len(starts) == 24
    for moment in starts:
        assert sum(moment <= other < moment + 1 for other in starts) <= 3
