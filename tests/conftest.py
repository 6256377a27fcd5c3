"""What every test stands on: no network, no waiting, a copy of the demonstration to work on."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from review import cli
from review.acts.own_file import Folder, OwnFile
from review.demo import DEMO, FIRST, SECOND, copy_review
from review.files.change import Change, apply
from review.files.disk import Disk
from review.files.store import Store
from review.model.base import Model
from review.offline.faults import Fault
from review.offline.redirect import redirected
from review.offline.server import Eutils, OfflineServer
from review.offline.world import Snapshot, World

settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")  # the same examples in every run, here and in CI
HOME = Path(__file__).parents[1]
SHARED = Path(os.environ.get("REVIEW_SHARED", HOME.parent / "shared")) / "data"


def shared(name: str) -> Path:
    """A file of the benchmark data beside the project; skips, saying so, where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the benchmark data {name} is not beside this checkout")
    return path


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every socket that does not stay on this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family != socket.AF_UNIX and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests see no key, address or CI variable of the machine they run on."""
    for name in ("NCBI_API_KEY", "NCBI_EMAIL", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.delenv(name, raising=False)


REAL_MONOTONIC, REAL_TIME = time.monotonic, time.time


class Clock:
    """Time that jumps when somebody sleeps. It never runs back, from one test to the next either:
    Bio.Entrez remembers its last request for the life of the process.
    """

    passed = 0.0

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        Clock.passed += seconds

    def monotonic(self) -> float:
        return REAL_MONOTONIC() + Clock.passed

    def time(self) -> float:
        return REAL_TIME() + Clock.passed


FAKE = Clock()


@pytest.fixture(scope="session", autouse=True)
def nobody_waits() -> Iterator[None]:
    """A sleep moves the clock, in fixtures of whole modules too: by the real one their requests
    would wait until the last request of an earlier test, which lies ahead of it.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("sleep", "monotonic", "time"):
            patch.setattr(time, name, getattr(FAKE, name))
        yield


@pytest.fixture(autouse=True)
def clock() -> Clock:
    """The clock that jumps, and how long was slept in this test."""
    FAKE.slept.clear()
    return FAKE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The demonstration's review after its first month."""
    target = tmp_path / "review"
    copy_review(target)
    return target


CHECKER = "reviewer-c"
"""A person who entered no value of the demonstration, and so may check them."""


def with_checker(root: Path) -> None:
    """A third person who signs values, in a copy of the demonstration."""
    path, second = root / "protocol.yaml", "  - {id: reviewer-b, roles: [screening]}\n"
    text = path.read_text(encoding="utf-8")
    assert second in text
    third = f"  - {{id: {CHECKER}, roles: [extraction]}}\n"
    path.write_text(text.replace(second, second + third), encoding="utf-8")


@pytest.fixture
def store(root: Path) -> Store:
    """The same, as a store."""
    return Store(root)


@pytest.fixture(scope="session")
def snapshots() -> dict[str, Snapshot]:
    """The demonstration's world on each of its days."""
    world = World.folder(DEMO / "world")
    return {day: world.as_of(day) for day in (FIRST, SECOND)}


def give_rows(store: Store, folder: Folder, person: str, *rows: Model) -> None:
    """Rows at the end of a person's file, as the acts write them, whatever they say."""
    apply(store, Change("test", person, OwnFile.of(store, folder, person).with_rows(rows), None))


class Dying(Disk):
    """A disk that dies at its n-th write, counted from 0."""

    def __init__(self, at: int) -> None:
        self.at = at

    def write(self, path: Path, data: bytes) -> None:
        self.at -= 1
        if self.at < 0:
            raise KeyboardInterrupt
        super().write(path, data)


Serve = Callable[..., "contextmanager[Eutils]"]


@contextmanager
def serving(snapshot: Snapshot, *faults: Fault, pause: float = 0.02) -> Iterator[Eutils]:
    """Within this block NCBI is a loopback server over a snapshot."""
    service = Eutils(snapshot, faults, pause=pause)
    with OfflineServer(service) as server, redirected(server.port):
        yield service


@pytest.fixture
def update(root: Path, snapshots: dict[str, Snapshot]) -> Callable[..., int]:
    """Run ``review update`` on a day against that day's world."""

    def run(day: str = SECOND, *arguments: str, faults: tuple[Fault, ...] = ()) -> int:
        with serving(snapshots[day], *faults):
            return cli.main(["update", "--root", str(root), "--no-publish", *arguments], today=day)

    return run


def tree(folder: Path, *ignored: str) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part in ignored for part in path.parts)
    }


def browser_path() -> str:
    """Chromium; where it is missing the test skips loudly, or fails where CI must have it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, but no chromium is installed")
        pytest.skip("no chromium on this machine: browser tests did not run")
    return found
