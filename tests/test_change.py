"""A change is written whole: compared first, completed after a kill, refused where it can't be."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from review import cli
from review.checking.check import check
from review.demo import SECOND
from review.files.change import (
    INTENT,
    Change,
    OvertakenError,
    Write,
    apply,
    fingerprint,
    left_intent,
)
from review.files.disk import Disk
from review.files.lock import A_WHILE
from review.files.outputs import part_of, sweep_parts
from review.files.outputs import whole as whole_file
from review.files.row_bytes import append_rows
from review.files.store import Store
from review.ground.errors import Exit, InvalidDataError, LockedError
from review.model.duplicates import PairDecision, Verdict
from review.offline.world import Snapshot
from tests.conftest import HOME, Clock, serving, tree

CLAIM = "data/claims/D01.yaml"
PAIRS = "data/pairs/reviewer-a.csv"
SIGNED = "data/signatures/reviewer-a.csv"
GONE = "data/attestations/birchcombe-2014.json"
PAIR = PairDecision(
    a="pmid-900000001", b="pmid-900000002", verdict=Verdict.DISTINCT, date="2026-10-05"
)


def review(root: Path, *words: str) -> int:
    return cli.main([*words, "--root", str(root)], today="2026-10-05")


def files(root: Path) -> dict[str, bytes]:
    """What a reader of the review sees: no lock, no half file, no memo of the last status."""
    found = tree(root, ".review.lock", "build")
    return {name: data for name, data in found.items() if not name.endswith(".part")}


def write(root: Path, name: str, after: Callable[[bytes], bytes | None]) -> Write:
    path = root / name
    before = path.read_bytes() if path.exists() else None
    return Write(name, fingerprint(before), after(before or b""))


@pytest.fixture
def whole(root: Path) -> Change[None]:
    """Four files: a sentence noted, a verdict in a new file, a signature, and a file that goes."""
    other = (root / "data/attestations/fernhollow-2018.json").read_bytes()
    (root / GONE).write_bytes(other.replace(b"fernhollow-2018", b"birchcombe-2014"))
    row = (root / SIGNED).read_bytes().splitlines(keepends=True)[-1]
    writes = (
        write(root, CLAIM, lambda before: before + b"# looked at\n"),
        write(root, PAIRS, lambda _before: append_rows(b"", [PAIR])),
        write(root, SIGNED, lambda before: before + row),
        write(root, GONE, lambda _before: None),
    )
    return Change("resolve", "reviewer-a", writes, None)


class KilledError(BaseException):
    """What ends a process between two instructions."""


class Cut(Disk):
    """A disk that is cut off at its n-th operation, counted from 0: before, inside or after it."""

    def __init__(self, at: int, when: str) -> None:
        self.at, self.when = at, when

    def _turn(self, operation: Callable[[], None], torn: Callable[[], object]) -> None:
        self.at -= 1
        if self.at >= 0:
            operation()
            return
        if self.when == "torn":
            torn()
        if self.when == "after":
            operation()
        raise KilledError

    def write(self, path: Path, data: bytes) -> None:
        def torn() -> None:
            path.parent.mkdir(exist_ok=True)
            path.with_name(f".{path.name}.part").write_bytes(data[: len(data) // 2])

        self._turn(lambda: Disk.write(self, path, data), torn)

    def remove(self, path: Path) -> None:
        self._turn(lambda: Disk.remove(self, path), lambda: None)


OPERATIONS = 6
"""The intent, four files, and the intent's removal."""
NEXT = {
    "status": ("status",),
    "reading": ("screen", "--list"),
    "the protocol alone": ("protocol",),
    "a check that writes": ("check", "--texts"),
    "a dry run": ("migrate", "--dry-run"),
}


def wanted(root: Path, change: Change[None]) -> dict[str, bytes]:
    """The review's bytes after a change."""
    after = {**files(root), **{one.path: one.after for one in change.writes}}
    return {name: data for name, data in sorted(after.items()) if data is not None}


def test_a_change_of_many_files_is_written_and_leaves_no_intent(
    store: Store, whole: Change[None]
) -> None:
    after = wanted(store.root, whole)
    apply(store, whole)
    assert files(store.root) == after
    assert not left_intent(store.root)


@pytest.mark.parametrize("when", ["before", "torn", "after"])
@pytest.mark.parametrize("at", range(OPERATIONS))
def test_killed_at_every_write_the_review_is_as_before_or_after_once_the_next_command_has_run(
    root: Path, whole: Change[None], at: int, when: str
) -> None:
    assert review(root, "status") == 0  # which is remembered, and must not be told again
    before, after = files(root), wanted(root, whole)
    with pytest.raises(KilledError):
        apply(Store(root, Cut(at, when)), whole)
    started = at > 0 or when == "after"
    verb = list(NEXT.values())[(at + len(when)) % len(NEXT)]
    assert review(root, *verb) in (0, Exit.INVALID)
    assert files(root) == (after if started else before)


def test_no_kill_comes_after_the_last_operation(root: Path, whole: Change[None]) -> None:
    apply(Store(root, Cut(OPERATIONS, "before")), whole)


@pytest.mark.parametrize("command", NEXT)
def test_each_command_completes_what_was_left_before_it_reads(
    root: Path, whole: Change[None], command: str
) -> None:
    review(root, "status")
    after = wanted(root, whole)
    with pytest.raises(KilledError):
        apply(Store(root, Cut(2, "before")), whole)
    assert review(root, *NEXT[command]) in (0, Exit.INVALID)
    assert files(root) == after


@pytest.mark.parametrize("again", range(OPERATIONS - 1))
def test_the_completion_may_be_killed_too(root: Path, whole: Change[None], again: int) -> None:
    after = wanted(root, whole)
    with pytest.raises(KilledError):
        apply(Store(root, Cut(0, "after")), whole)
    with pytest.raises(KilledError), Store(root, Cut(again, "torn")).lock():
        pass
    with Store(root).lock():
        assert files(root) == after


def test_whoever_takes_the_lock_completes_it_first(
    update: Callable[..., int], root: Path, whole: Change[None]
) -> None:
    with pytest.raises(KilledError):
        apply(Store(root, Cut(2, "before")), whole)
    assert update(SECOND) in (Exit.CANDIDATES, Exit.NOTICE)
    assert not left_intent(root)
    assert (root / PAIRS).read_bytes() == append_rows(b"", [PAIR])


def test_check_names_what_was_left_and_writes_nothing(
    root: Path, whole: Change[None], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KilledError):
        apply(Store(root, Cut(2, "before")), whole)
    before = files(root)
    assert review(root, "check") == Exit.INVALID
    assert f"{INTENT}: a command was cut short while it wrote; the next " in capsys.readouterr().out
    assert files(root) == before


def test_a_file_that_was_edited_meanwhile_stops_every_command_until_a_person_chose(
    root: Path, whole: Change[None], capsys: pytest.CaptureFixture[str]
) -> None:
    after = wanted(root, whole)
    with pytest.raises(KilledError):
        apply(Store(root, Cut(2, "before")), whole)
    signed = (root / SIGNED).read_bytes()
    (root / SIGNED).write_bytes(signed + b"study:x,y,,2026-10-05,extraction,\n")
    before = files(root)
    for verb in (("status",), ("screen", "--list"), ("edition", "--dry-run"), ("dedupe",)):
        assert review(root, *verb) == Exit.INVALID
        error = capsys.readouterr().err
        assert f"{SIGNED}: edited after a command was cut short" in error
        assert INTENT in error
        assert error.count("\n") == 1
    assert files(root) == before
    (root / SIGNED).write_bytes(signed)
    assert review(root, "status") == 0
    assert files(root) == after


def test_who_keeps_what_stands_removes_the_intent(root: Path, whole: Change[None]) -> None:
    with pytest.raises(KilledError):
        apply(Store(root, Cut(2, "before")), whole)
    (root / CLAIM).write_bytes((root / CLAIM).read_bytes() + b"# mine\n")
    (root / INTENT).unlink()
    before = files(root)
    assert review(root, "status") == 0
    assert files(root) == before


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda _value: b"{", "not readable as what a command was to write"),
        (lambda _value: b"[]", "not readable as what a command was to write"),
        (lambda value: json.dumps({**value, "format": 2}).encode(), "found format 2, expected 1"),
        (lambda value: json.dumps({**value, "writes": [{}]}).encode(), "not readable as what"),
    ],
)
def test_an_intent_that_is_none_is_named_and_nothing_is_written(
    root: Path, whole: Change[None], damage: Callable[[object], bytes], words: str
) -> None:
    with pytest.raises(KilledError):
        apply(Store(root, Cut(2, "before")), whole)
    (root / INTENT).write_bytes(damage(json.loads((root / INTENT).read_bytes())))
    before = files(root)
    with pytest.raises(InvalidDataError, match=words) as caught, Store(root).lock():
        pass
    assert [problem.path for problem in caught.value.problems] == [INTENT]
    assert files(root) == before


OUTSIDE = ("../x", "/etc/x", "protocol.yaml", "data", "data/../x", "data/a\0b", "data/link/x")


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_change_leads_out_of_the_data(root: Path, name: str) -> None:
    (root / "elsewhere").mkdir()
    (root / "data/link").symlink_to(root / "elsewhere")
    before = files(root)
    with pytest.raises(InvalidDataError, match=r"leads out of data/|is a symbolic link"):
        apply(Store(root), Change("x", None, (Write(name, None, b"x"),), None))
    left = {"format": 1, "act": "x", "person": None}
    one = {"path": name, "before": None, "after": "eA=="}
    (root / INTENT).write_text(json.dumps({**left, "writes": [one]}), encoding="utf-8")
    with (
        pytest.raises(InvalidDataError, match=r"leads out of data/|is a symbolic link"),
        Store(root).lock(),
    ):
        pass
    (root / INTENT).unlink()
    assert files(root) == before


# ---- what is compared before anything is written -------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meanwhile"),
    [
        (CLAIM, lambda path: path.write_bytes(path.read_bytes() + b"# mine\n")),
        (PAIRS, lambda path: (path.parent.mkdir(), path.write_bytes(b"x"))),
        (SIGNED, lambda path: path.unlink()),
        (GONE, lambda path: path.write_bytes(b"{}")),
    ],
    ids=["edited", "made", "removed", "edited before it goes"],
)
def test_a_file_that_changed_since_it_was_read_is_named_and_nothing_is_written(
    store: Store, whole: Change[None], name: str, meanwhile: Callable[[Path], object]
) -> None:
    meanwhile(store.root / name)
    before = files(store.root)
    with pytest.raises(OvertakenError, match=f"^{name}: changed since this command read it") as one:
        apply(store, whole)
    assert one.value.exit is Exit.LOCKED
    assert files(store.root) == before


def test_a_lock_that_is_held_on_refuses_after_a_while(
    store: Store, whole: Change[None], clock: Clock
) -> None:
    before = files(store.root)
    with (
        FileLock(store.root / ".review.lock"),
        pytest.raises(LockedError, match=r"another update .* \(10 seconds were waited\)"),
    ):
        apply(store, whole)
    assert files(store.root) == before
    assert A_WHILE - 1 < sum(clock.slept) < A_WHILE + 1


def test_an_act_waits_for_who_gives_the_lock_in_time(
    store: Store, whole: Change[None], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FileLock(store.root / ".review.lock")
    other.acquire()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.slept) == 5:
            other.release()

    monkeypatch.setattr("time.sleep", sleep)
    apply(store, whole)
    assert 0 < sum(clock.slept) < 1
    assert all(
        (store.root / write.path).read_bytes() == write.after
        for write in whole.writes
        if write.after is not None
    )


def test_an_act_that_waited_compares_what_the_update_left(
    store: Store, whole: Change[None], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FileLock(store.root / ".review.lock")
    other.acquire()
    claim = store.root / CLAIM

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        claim.write_bytes(b"# an update was here\n")
        other.release()

    monkeypatch.setattr("time.sleep", sleep)
    with pytest.raises(OvertakenError, match=CLAIM):
        apply(store, whole)
    assert claim.read_bytes() == b"# an update was here\n"


@pytest.mark.parametrize("verb", [("update", "--no-publish"), ("search",), ("fulltext",)])
def test_who_holds_the_lock_for_minutes_waits_for_nobody(
    root: Path, verb: tuple[str, ...], clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.slept.clear()
    with FileLock(root / ".review.lock"):
        assert cli.main([*verb, "--root", str(root)], today=SECOND) == Exit.LOCKED
    assert clock.slept == []
    assert "were waited" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "verb",
    [
        ("edition", "--dry-run"),
        ("check", "--texts"),
        ("dedupe",),
        ("appraise", "brackwater-2024", "--form", "rob-2"),
    ],
)
def test_short_commands_wait_too(
    root: Path, verb: tuple[str, ...], clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with FileLock(root / ".review.lock"):
        assert cli.main([*verb, "--root", str(root)], today=SECOND) == Exit.LOCKED
    assert sum(clock.slept) > A_WHILE - 1
    assert "10 seconds were waited" in capsys.readouterr().err


def test_who_holds_the_lock_may_apply_under_it_and_others_still_wait(
    store: Store, whole: Change[None]
) -> None:
    with store.lock():
        apply(store, whole)
        with pytest.raises(LockedError), Store(store.root).lock():
            pass
    with Store(store.root).lock():
        pass


def test_nothing_to_write_asks_for_no_lock(store: Store) -> None:
    with FileLock(store.root / ".review.lock"):
        apply(store, Change("x", None, (), None))


class Noted(Disk):
    """A disk that notes what is written."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def write(self, path: Path, data: bytes) -> None:
        self.names.append(path.name)
        super().write(path, data)


def test_one_file_needs_no_intent(root: Path, whole: Change[None]) -> None:
    disk = Noted()
    apply(Store(root, disk), Change("x", None, whole.writes[:1], None))
    assert disk.names == ["D01.yaml"]


def test_what_a_torn_intent_left_is_swept(root: Path, whole: Change[None]) -> None:
    with pytest.raises(KilledError):
        apply(Store(root, Cut(0, "torn")), whole)
    assert (root / f".{INTENT}.part").exists()
    Store(root).sweep()
    assert not (root / f".{INTENT}.part").exists()


def test_git_never_takes_an_intent() -> None:
    """Where the review lies in the program's clone, and for one in a folder of it."""
    for name in (INTENT, f"demo/{INTENT}", f".{INTENT}.part"):
        command = ["git", "check-ignore", "--no-index", name]
        assert subprocess.run(command, cwd=HOME, check=False).returncode == 0, name
    assert not INTENT.startswith("data"), "what the workflow commits"


def test_a_sound_review_has_no_intent(store: Store) -> None:
    assert [p for p in check(store.snapshot()) if p.path == INTENT] == []


# ---- parts of outputs ----------------------------------------------------------------------------


def gone_process() -> int:
    """The number of a process that is no more."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def test_a_killed_run_s_part_of_an_output_goes_and_nothing_else_does(tmp_path: Path) -> None:
    out, gone = tmp_path / "out.csv", gone_process()
    left = tmp_path / f".out.csv.{gone}.part"
    kept = [
        tmp_path / name
        for name in (
            f".other.csv.{gone}.part",
            f"out.csv.{gone}.part",
            ".out.csv.mine.part",
            ".out.csv.part",
            f".out.csv.{os.getppid()}.part",
            f".out.csv.{gone}.part.bak",
        )
    ]
    for path in (left, *kept):
        path.write_text("half")
    with whole_file(out) as file:
        assert not left.exists()
        file.write("all")
    assert out.read_text() == "all"
    assert all(path.read_text() == "half" for path in kept)
    assert len(list(tmp_path.iterdir())) == 1 + len(kept)


def test_a_part_that_can_t_be_removed_is_in_nobody_s_way(tmp_path: Path) -> None:
    left = tmp_path / f".out.csv.{gone_process()}.part"
    left.mkdir()
    sweep_parts(tmp_path / "out.csv")
    assert left.is_dir()


def test_the_part_of_this_process_stays_and_a_folder_that_is_not_there_is_fine(
    tmp_path: Path,
) -> None:
    part = part_of(tmp_path / "out.csv")
    part.write_text("half")
    sweep_parts(tmp_path / "out.csv")
    assert part.exists()
    sweep_parts(tmp_path / "no" / "out.csv")


@pytest.mark.parametrize("by", [("status",), ("update", "--no-publish")])
def test_a_killed_status_leaves_nothing_in_build(
    root: Path, by: tuple[str, ...], snapshots: dict[str, Snapshot]
) -> None:
    (root / "build").mkdir()
    left = root / "build" / f".status.json.{gone_process()}.part"
    mine = root / "build" / ".notes.part"
    for path in (left, mine):
        path.write_text("half")
    with serving(snapshots[SECOND]):
        cli.main([*by, "--root", str(root)], today=SECOND)
    assert not left.exists()
    assert mine.exists()
