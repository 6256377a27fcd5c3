"""Every fault, every kill, and what else happens to a monthly job: how each of them may end.

``make faults`` (and ``make test-all``) runs the whole matrix and prints it; ``make test`` runs a
sample with every fault, every kind of kill and every scene in it, in parts for its workers. A cell
is one update of the demonstration's second month in a forked process, disturbed in one way, and the
undisturbed update after it. It may end

- in the bytes of the undisturbed run (``=``),
- red, naming the source and changing no file (``R``),
- told: complete but for records that the source would not deliver as they are, which are named as
  missing or set aside (``T``),

and the update after it ends in the undisturbed bytes. The inventory finds nothing that no reader
takes, after the disturbed run (where it was not killed) and after the next. Anything else is a failing cell (``!``).
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import Bio.Entrez
import lxml.etree
import rapidfuzz.fuzz

import review.searching.sources.pubmed as pubmed
import review.update.update
from review import cli
from review.demo import DEMO, FIRST, SECOND, copy_review
from review.files.disk import Disk
from review.files.inventory import strays
from review.files.store import Store
from review.ground.errors import Exit
from review.ground.net import Manners
from review.offline.faults import (
    ANY_TOOL_FAULTS,
    EFETCH_FAULTS,
    ESEARCH_FAULTS,
    FATAL_FAULTS,
    REFUSALS,
    Fault,
)
from review.offline.redirect import redirected
from review.offline.server import Eutils, OfflineServer
from review.offline.world import Snapshot, World
from tests.conftest import tree

KILLED = 87
LATER = "2026-11-01"
LOADED = (Bio.Entrez, lxml.etree, rapidfuzz.fuzz, review.update)
"""Loaded before the first fork, so that no child spends its time on imports."""
HASTY = Manners(attempts=4, base=0.01, cap=0.01, longest=0.01, read_timeout=1.0, deadline=2.0)
SLOW = frozenset({"slow_first_byte", "slow_drip"})
TOOLS = ("esearch", "efetch", "epost")
PLACES = ("first", "middle", "last")
FAULTS: tuple[tuple[str, str], ...] = (
    *((tool, fault) for fault in (*ANY_TOOL_FAULTS, *REFUSALS) for tool in TOOLS),
    *(("efetch", fault) for fault in EFETCH_FAULTS),
    *(("esearch", fault) for fault in (*ESEARCH_FAULTS, *FATAL_FAULTS)),
)
"""Every fault of every tool that can show it."""
ANOTHER_WORLD = frozenset({"count_changes"})
"""A fault that, where it stays, is no fault: a count and a list that agree every time they are
asked for are the truth of that day. The record that is gone is marked as vanished on that day,
and named in the search file."""


@dataclass(frozen=True)
class Cell:
    """One way to disturb an update."""

    row: str
    column: str
    faults: tuple[Fault, ...] = ()
    kill: tuple[str, int, str] | None = None
    """what is counted (write, request), at which number, and before, inside or after it"""
    scene: str | None = None

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.row}, {self.column}"


@dataclass(frozen=True)
class Ended:
    """How a cell ended: its sign, and what is wrong with that."""

    cell: Cell
    sign: str
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """What every cell starts from and is compared with."""

    start: Path
    """the demonstration after its first month"""
    snapshots: dict[str, Snapshot]
    before: dict[str, bytes]
    wanted: dict[str, bytes]
    clean: int
    calls: dict[str, int]
    """calls of each tool in the undisturbed update"""
    writes: int


def files(root: Path) -> dict[str, bytes]:
    """What a run may leave: everything but the lock, and raw answers in the git-ignored cache."""
    return tree(root, ".review.lock", "out.json", "odd")


def fork(work: Callable[[], int]) -> int:
    """Run work in a forked process; its exit code, or minus the signal that ended it."""
    process = os.fork()
    if process == 0:
        code = 99
        try:
            code = work()
        except BaseException:  # shown, since nothing else would: the process ends here
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def run(
    root: Path,
    snapshot: Snapshot,
    *,
    day: str = SECOND,
    verb: tuple[str, ...] = ("update", "--no-publish"),
    faults: tuple[Fault, ...] = (),
    before: Callable[[str], None] = lambda _path: None,
    asked: Callable[[Eutils], None] = lambda _service: None,
) -> int:
    """A verb of the tool against the world, silent, without waiting; its answer in out.json."""
    time.sleep = lambda _seconds: None
    real = pubmed.run
    pubmed.run = partial(real, manners=HASTY)
    service = Eutils(snapshot, faults)
    with (
        OfflineServer(service) as server,
        redirected(server.port, before),
        (root / "out.json").open("w", encoding="utf-8") as out,
        open(os.devnull, "w") as nowhere,  # noqa: PTH123
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(nowhere),
    ):
        code = cli.main([*verb, "--root", str(root), "--json"], today=day)
    asked(service)
    return code


class Killer:
    """Counts operations, and ends the process at one of them, as a power cut would."""

    def __init__(self, at: int, when: str) -> None:
        self.at, self.when, self.count = at, when, 0

    def write(self, real: Callable[..., None]) -> Callable[..., None]:
        """A store's write that dies before, inside or after its turn."""

        def dying(disk: Disk, path: Path, data: bytes) -> None:
            self.count += 1
            if self.count == self.at and self.when == "before":
                os._exit(KILLED)
            if self.count == self.at and self.when == "inside":
                os.fsync = lambda _descriptor: os._exit(KILLED)  # the new bytes, not yet renamed
            if self.count == self.at and self.when == "torn":
                part = path.with_name(f".{path.name}.part")
                part.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(data[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            real(disk, path, data)
            if self.count == self.at and self.when == "after":
                os._exit(KILLED)

        return dying

    def request(self, _path: str) -> None:
        """Dies before its turn; ``torn`` by a signal that nothing can catch."""
        self.count += 1
        if self.count == self.at:
            if self.when == "torn":
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(KILLED)


# ---- the cells ---------------------------------------------------------------------------------


def fault_cells(calls: dict[str, int]) -> Iterator[Cell]:
    """Each fault of each tool at its first, middle and last call, once and from then on."""
    for tool, action in FAULTS:
        for place, nth in zip(PLACES, (1, (calls[tool] + 1) // 2, calls[tool]), strict=True):
            for stays in (False, True):
                if stays and action in ANOTHER_WORLD:
                    continue
                column = f"{tool} {place} {'stays' if stays else 'once'}"
                yield Cell(action, column, (Fault(tool, nth, action, persistent=stays),))


def kill_cells(stage: Stage) -> Iterator[Cell]:
    """A kill at every store write and every request."""
    for when in ("before", "inside", "torn", "after"):
        for at in range(1, stage.writes + 1):
            yield Cell(f"kill {when} a write", str(at), kill=("write", at, when))
    for when in ("before", "torn"):
        for at in range(1, sum(stage.calls.values()) + 1):
            yield Cell(f"kill {when} a request", str(at), kill=("request", at, when))


def both_cells(stage: Stage) -> Iterator[Cell]:
    """Each fault, once, and a kill in the same run; the kills take turns over all writes."""
    requests = sum(stage.calls.values())
    for number, (tool, action) in enumerate(FAULTS):
        fault = (Fault(tool, 1, action),)
        row, at = f"{action} at {tool}", number % stage.writes + 1
        yield Cell(row, f"kill at write {at}", fault, ("write", at, "inside"))
        at = number % requests + 2
        yield Cell(row, f"kill at request {at}", fault, ("request", at, "before"))


def all_cells(stage: Stage) -> list[Cell]:
    """The whole matrix."""
    scenes = [Cell("scene", name, scene=name) for name in SCENES]
    return [*fault_cells(stage.calls), *kill_cells(stage), *both_cells(stage), *scenes]


def sample(stage: Stage) -> list[Cell]:
    """A sample that holds every fault of every tool, every kind of kill, and every scene."""
    found: list[Cell] = []
    for number, (tool, action) in enumerate(FAULTS):
        ways = [c for c in fault_cells(stage.calls) if c.row == action]
        ways = [c for c in ways if c.column.startswith(tool)]
        found.append(ways[number % (2 if action in SLOW else len(ways))])
    kills = list(kill_cells(stage))
    found += [cell for number, cell in enumerate(kills) if number % 7 == 0]
    found += [cell for number, cell in enumerate(both_cells(stage)) if number % 15 == 0]
    return [*found, *(Cell("scene", name, scene=name) for name in SCENES)]


# ---- one cell ----------------------------------------------------------------------------------


def told(root: Path) -> dict[str, Any]:
    """What the run answered; nothing where it was killed."""
    text = (root / "out.json").read_text(encoding="utf-8")
    value: dict[str, Any] = json.loads(text) if text.strip() else {}
    return value


def red(answer: dict[str, Any], code: int) -> list[str]:
    """What a red run lacks: the code, the source by name, one line, the old currency."""
    wrong = [] if code == Exit.SOURCE else [f"exit {code}, expected {int(Exit.SOURCE)}"]
    source = (answer.get("sources") or [{}])[0]
    error = str(source.get("error") or "")
    if source.get("id") != "pubmed" or not error or "\n" in error:
        wrong.append(f"no line that names the source: {error!r}")
    if source.get("searched_through") != FIRST or answer.get("complete") is not False:
        wrong.append("the failed source moved its date")
    return wrong


def play(stage: Stage, cell: Cell, work: Path) -> Ended:
    """One cell: the disturbed update, then the undisturbed one."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(stage.start, work)
    if cell.scene:
        wrong = SCENES[cell.scene](stage, work)
        return Ended(cell, "!" if wrong else "=", tuple(wrong))
    world = stage.snapshots[SECOND]

    def disturbed() -> int:
        if cell.kill is None:
            return run(work, world, faults=cell.faults)
        what, at, when = cell.kill
        killer = Killer(at, when)
        if what == "write":
            Disk.write = killer.write(Disk.write)  # type: ignore[method-assign]
            return run(work, world, faults=cell.faults)
        return run(work, world, faults=cell.faults, before=killer.request)

    code = fork(disturbed)
    killed = code in (KILLED, -signal.SIGKILL)
    wrong: list[str] = [] if killed else hidden(work)
    if cell.kill and not cell.faults and not killed:
        wrong.append(f"was never reached (exit {code})")
    after, missing, sign = files(work), False, "="
    if not killed:
        answer = told(work)
        if after == stage.before:
            sign = "R"
            wrong += red(answer, code)
        elif after != stage.wanted:
            sign, missing = "T", True
            source = (answer.get("sources") or [{}])[0]
            named = source.get("missing") or source.get("set_aside")
            if not named or not answer.get("complete"):
                wrong.append(f"other bytes, and nothing said (exit {code})")
        elif code != stage.clean:
            wrong.append(f"exit {code}, expected {stage.clean}")
    again = fork(lambda: run(work, world))
    last = files(work)
    if missing:
        # The search that told of them stands; the next one of that day finds them new.
        searches = ("data/searches/", "data/duplicates.json")
        last = {k: v for k, v in last.items() if not k.startswith(searches)}
        expected = {k: v for k, v in stage.wanted.items() if not k.startswith(searches)}
    else:
        expected = stage.wanted
    if last != expected:
        differ = sorted(k for k in {*last, *expected} if last.get(k) != expected.get(k))
        wrong.append(f"the next update ends in other bytes: {', '.join(differ[:3])}")
    complete = not missing and after == stage.wanted
    wrong += hidden(work)
    if not missing and again != (Exit.NOTHING_NEW if complete else stage.clean):
        wrong.append(f"the next update ends with {again}")
    return Ended(cell, "!" if wrong else sign, tuple(wrong))


def hidden(root: Path) -> list[str]:
    """What the inventory tells of a folder."""
    return [f"the inventory tells {one.path}: {one.sentence}" for one in strays(Store(root))]


# ---- scenes ------------------------------------------------------------------------------------


def _next(stage: Stage, work: Path, *, expected: int | None = None) -> list[str]:
    """The undisturbed update after a scene."""
    code = fork(lambda: run(work, stage.snapshots[SECOND]))
    wrong = [] if files(work) == stage.wanted else ["the next update ends in other bytes"]
    wrong += hidden(work)
    wanted = stage.clean if expected is None else expected
    return wrong + ([f"the next update ends with {code}"] if code != wanted else [])


def two_at_once(stage: Stage, work: Path) -> list[str]:
    """A second update starts while the first waits for its source."""
    world = stage.snapshots[SECOND]
    second: list[int] = []
    other = work.with_name(work.name + "-lock")

    def meanwhile(_path: str) -> None:
        if second:
            return
        second.append(0)
        done = subprocess.run(
            [sys.executable, "-m", "review", "update", "--root", str(work), "--no-publish"],
            env={**os.environ, "NCBI_EMAIL": "a@b.example"},
            capture_output=True,
            text=True,
            check=False,
        )
        other.write_text(f"{done.returncode} {done.stderr}", encoding="utf-8")

    code = fork(lambda: run(work, world, before=meanwhile))
    said = other.read_text(encoding="utf-8") if other.exists() else "never ran"
    other.unlink(missing_ok=True)
    wrong = [] if code == stage.clean else [f"the first ends with {code}"]
    if not said.startswith("50 ") or "another update is running" not in said:
        wrong.append(f"the second: {said[:120]}")
    return wrong + _next(stage, work, expected=Exit.NOTHING_NEW)


def disk_full(stage: Stage, work: Path) -> list[str]:
    """No space left, found out at each write in turn."""
    wrong = []
    for at in range(1, stage.writes + 1, 3):
        shutil.rmtree(work)
        shutil.copytree(stage.start, work)

        def full(at: int = at) -> int:
            real, counted = os.fsync, [0]

            def fsync(descriptor: int) -> None:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    counted[0] += 1
                    if counted[0] >= at:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                real(descriptor)

            os.fsync = fsync
            return run(work, stage.snapshots[SECOND])

        code = fork(full)
        errors = told(work).get("errors") or [""]
        if code != Exit.INVALID or "No space left" not in errors[0] or len(errors) != 1:
            wrong.append(f"full at write {at}: exit {code}, {errors}")
        if list(work.rglob(".*.part")):
            wrong.append(f"full at write {at}: half a file is left")
        wrong += _next(stage, work)
    return wrong


def read_only(stage: Stage, work: Path) -> list[str]:
    """The review lies on a file system that can't be written: each write is refused, root's too."""

    def refusing() -> int:
        def refuse(event: str, arguments: tuple[Any, ...]) -> None:
            writing = event in ("os.mkdir", "os.rename", "os.remove")
            if event == "open":
                _, mode, flags = arguments
                writing = bool((flags or 0) & (os.O_WRONLY | os.O_RDWR)) or "w" in (mode or "")
            path = str(arguments[0]) if arguments else ""
            if writing and path.startswith(f"{work}/") and not path.endswith("out.json"):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

        sys.addaudithook(refuse)
        return run(work, stage.snapshots[SECOND])

    code = fork(refusing)
    errors = told(work).get("errors") or [""]
    wrong = [] if files(work) == stage.before else ["a file changed"]
    if code != Exit.USAGE or "can't be written" not in errors[0] or len(errors) != 1:
        wrong.append(f"exit {code}, {errors}")
    return wrong + _next(stage, work)


def clock_back(stage: Stage, work: Path) -> list[str]:
    """The machine's day lies before the last search."""
    code = fork(lambda: run(work, stage.snapshots[SECOND], day="2026-08-15"))
    wrong = [] if files(work) == stage.before else ["a file changed"]
    if code != Exit.USAGE or "check the clock" not in str(told(work)):
        wrong.append(f"exit {code}")
    return wrong + _next(stage, work)


def clock_forward(stage: Stage, work: Path) -> list[str]:
    """A search of a day that has not come blocks the next one, which says what to delete."""
    world = stage.snapshots[SECOND]
    fork(lambda: run(work, world, day="2036-10-01"))
    before = files(work)
    code = fork(lambda: run(work, world))
    said = str(told(work))
    wrong = [] if code == Exit.USAGE and files(work) == before else [f"exit {code}"]
    name = "data/searches/2036-10-01-pubmed-1.json"
    if name not in said:
        return [*wrong, f"does not say which file: {said[:160]}"]
    (work / name).unlink()
    fork(lambda: run(work, world))
    later = {k: v.replace(b"2036-10-01", SECOND.encode()) for k, v in files(work).items()}
    return wrong if later == stage.wanted else [*wrong, "after deleting it: other bytes"]


def clock_jumps(stage: Stage, work: Path) -> list[str]:
    """The wall clock runs back a day at every look during the run."""

    def jumping() -> int:
        real, jumps = time.time, [0.0]

        def back() -> float:
            jumps[0] += 86_400.0
            return real() - jumps[0]

        time.time = back
        return run(work, stage.snapshots[SECOND], faults=(Fault("efetch", 1, "http_500"),))

    code = fork(jumping)
    wrong = [] if code == stage.clean else [f"exit {code}"]
    return wrong + _next(stage, work, expected=Exit.NOTHING_NEW)


RECORD = "data/records/2021/pmid-900000001.json"


def edited_record(stage: Stage, work: Path) -> list[str]:
    """A person edits a record file, which belongs to the tool: the next update sets it right."""
    path = work / RECORD
    text = path.read_text(encoding="utf-8")
    value = json.loads(text)
    path.write_text(text.replace(value["title"], "Edited by hand"), encoding="utf-8")
    code = fork(lambda: run(work, stage.snapshots[SECOND]))
    wrong = [] if code == stage.clean else [f"exit {code}"]
    return wrong + _next(stage, work, expected=Exit.NOTHING_NEW)


def broken_record(stage: Stage, work: Path) -> list[str]:
    """A record file was damaged by hand: named with its file, and nothing is sent or written."""
    path = work / RECORD
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    before = files(work)
    asked: list[str] = []

    def sending() -> int:
        code = run(work, stage.snapshots[SECOND], before=asked.append)
        return 77 if asked else code

    code = fork(sending)
    wrong = [] if code == Exit.INVALID and files(work) == before else [f"exit {code}"]
    if RECORD not in str(told(work)):
        wrong.append("does not name the file")
    path.write_bytes(whole)
    return wrong + _next(stage, work)


def edited_meanwhile(stage: Stage, work: Path) -> list[str]:
    """A person saves a decision while the update runs: it stays, to the byte."""
    path = next((work / "data" / "screening").glob("*.csv"))
    before = path.read_bytes()
    added = before + before.rstrip(b"\n").split(b"\n")[-1] + b"\n"

    def save(_path: str) -> None:
        path.write_bytes(added)

    code = fork(lambda: run(work, stage.snapshots[SECOND], before=save))
    wrong = [] if code == stage.clean else [f"exit {code}"]
    if path.read_bytes() != added:
        wrong.append("the person's row is lost")
    path.write_bytes(before)
    return wrong + _next(stage, work, expected=Exit.NOTHING_NEW)


def hidden_decisions(stage: Stage, work: Path) -> list[str]:
    """A reviewer's decisions got another ending: named, and nothing is sent or written."""
    path = next((work / "data" / "screening").glob("*.csv"))
    away = path.rename(path.with_suffix(".CSV"))
    before = files(work)
    asked: list[str] = []

    def sending() -> int:
        code = run(work, stage.snapshots[SECOND], before=asked.append)
        return 77 if asked else code

    code = fork(sending)
    wrong = [] if code == Exit.INVALID and files(work) == before else [f"exit {code}"]
    if f"{away.name}: nothing reads it" not in str(told(work)) or not hidden(work):
        wrong.append("does not name the file")
    away.rename(path)
    return wrong + _next(stage, work)


def git(work: Path, *arguments: str) -> str:
    """Git in a folder, as somebody, without the machine's own settings."""
    who = ["-c", "user.name=demo", "-c", "user.email=demo@example.org", "-c", "gc.auto=0"]
    done = subprocess.run(
        ["git", *who, *arguments],
        cwd=work,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.returncode} {done.stdout}{done.stderr}"


def unmerged_branch(stage: Stage, work: Path) -> list[str]:
    """Last month's branch was never merged: this month finds all of it again; merged late, too."""
    world = stage.snapshots[SECOND]
    (work / ".gitignore").write_text("out.json\n.review.lock\ndata/texts\n", encoding="utf-8")
    git(work, "init", "--quiet", "--initial-branch=main")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=first month")
    git(work, "checkout", "--quiet", "-b", "last")
    fork(lambda: run(work, world))
    last = {one["id"] for one in told(work)["candidates"]}
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=second month")
    git(work, "checkout", "--quiet", "main")
    code = fork(lambda: run(work, world, day=LATER))
    now = {one["id"] for one in told(work)["candidates"]}
    wrong = [] if now == last and code == stage.clean else [f"candidates differ: {now ^ last}"]
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=third month")
    merged = git(work, "merge", "--quiet", "--no-edit", "-X", "ours", "last")
    if not merged.startswith("0 "):
        wrong.append(f"git can't merge the two months: {merged[:200]}")
    if problems := fork(lambda: run(work, world, day=LATER, verb=("check", "--allow-suspended"))):
        wrong.append(f"after the merge check says {problems}: {told(work)}")
    if again := fork(lambda: run(work, world, day=LATER)):
        wrong.append(f"after the merge the update ends with {again}")
    here, expected = files(work / "data" / "records"), stage.wanted
    if any(expected[f"data/records/{k}"] != v for k, v in here.items() if b"vanished" not in v):
        wrong.append("after the merge the records are others")
    return wrong


SCENES: dict[str, Callable[[Stage, Path], list[str]]] = {
    "two updates at once": two_at_once,
    "disk full": disk_full,
    "read-only folder": read_only,
    "clock behind": clock_back,
    "clock ahead": clock_forward,
    "clock jumps": clock_jumps,
    "record edited by hand": edited_record,
    "record damaged by hand": broken_record,
    "decision saved meanwhile": edited_meanwhile,
    "decisions that hide": hidden_decisions,
    "unmerged branch": unmerged_branch,
}


# ---- the matrix --------------------------------------------------------------------------------


def set_stage(folder: Path) -> Stage:
    """The first month, and the undisturbed second one with its calls and writes counted."""
    world = World.folder(DEMO / "world")
    snapshots = {day: world.as_of(day) for day in (FIRST, SECOND)}
    start, undisturbed = folder / "start", folder / "undisturbed"
    copy_review(start)
    fork(lambda: run(start, snapshots[FIRST], day=FIRST, verb=("search",)))
    (start / "out.json").unlink()
    shutil.copytree(start, undisturbed)
    counts = folder / "counts.json"

    def counting() -> int:
        killer = Killer(-1, "never")
        Disk.write = killer.write(Disk.write)  # type: ignore[method-assign]
        calls: dict[str, int] = {}
        code = run(undisturbed, snapshots[SECOND], asked=lambda s: calls.update(s.calls))
        counts.write_text(json.dumps({"calls": calls, "writes": killer.count}), encoding="utf-8")
        return code

    clean = fork(counting)
    counted = json.loads(counts.read_text(encoding="utf-8"))
    before, wanted = files(start), files(undisturbed)
    return Stage(start, snapshots, before, wanted, clean, counted["calls"], counted["writes"])


_STAGE: list[Stage] = []


def _work(folder: Path, cell: Cell) -> Ended:
    return play(_STAGE[0], cell, folder / f"work-{os.getpid()}")


def part_of(cells: list[Cell], part: str | None) -> list[Cell]:
    """Every so-many-th cell: "2/6" is the second of six parts."""
    if part is None:
        return cells
    which, _, of = part.partition("/")
    return cells[int(which) - 1 :: int(of)]


def matrix(
    folder: Path, *, sampled: bool, workers: int = 2, part: str | None = None
) -> tuple[Stage, list[Ended]]:
    """Play cells in parallel processes; the results stand in the order of the cells."""
    stage = set_stage(folder)
    _STAGE[:] = [stage]
    cells = part_of(sample(stage) if sampled else all_cells(stage), part)
    ended = []
    with ProcessPoolExecutor(workers) as pool:
        for number, one in enumerate(pool.map(partial(_work, folder), cells), 1):
            ended.append(one)
            if sys.stderr.isatty() or number % 100 == 0:
                print(f"\r  {number} of {len(cells)} cells", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return stage, ended


def printed(ended: list[Ended]) -> list[str]:
    """The matrix as people read it: a line a fault, a sign a cell."""
    lines = []
    columns = [f"{tool} {place} {way}" for tool in TOOLS for place in PLACES for way in WAYS]
    by_fault = {(e.cell.row, e.cell.column): e.sign for e in ended if _is_fault(e.cell)}
    rows = list(dict.fromkeys(row for row, _ in by_fault))
    lines.append("signs: = undisturbed bytes, R red and unchanged, T told, ! FAILING, blank: none")
    heads = "".join(f"{tool:<9}" for tool in TOOLS)
    lines.append(f"{'each: first, middle, last call; once, stays':<44}{heads}")
    for row in rows:
        signs = [by_fault.get((row, column), " ") for column in columns]
        groups = ["".join(signs[i : i + 6]) for i in range(0, len(signs), 6)]
        lines.append(f"  {row:<42}" + "".join(f"{group:<9}" for group in groups))
    others: dict[str, list[Ended]] = {}
    for one in ended:
        if not _is_fault(one.cell):
            group = "fault and kill in one run" if one.cell.faults else one.cell.row
            others.setdefault(group, []).append(one)
    for group, found in others.items():
        if group == "scene":
            lines += [f"  {one.cell.column:<42}{one.sign}" for one in found]
        else:
            lines.append(f"  {group:<42}{''.join(one.sign for one in found)}")
    wrong = [one for one in ended if one.wrong]
    lines += [f"FAILING {one.cell.name}: {'; '.join(one.wrong)}" for one in wrong]
    lines.append(f"{len(ended)} cells, {len(ended) - len(wrong)} passed")
    return lines


WAYS = ("once", "stays")


def _is_fault(cell: Cell) -> bool:
    return bool(cell.faults) and cell.kill is None


def main() -> int:
    """Run the matrix; 0 when no cell fails."""
    parser = argparse.ArgumentParser(prog="make faults", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sample", action="store_true", help="what make test runs")
    parser.add_argument("--part", metavar="K/N", help="every N-th cell, from the K-th on")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        stage, ended = matrix(
            Path(name),
            sampled=arguments.sample,
            workers=arguments.workers,
            part=arguments.part,
        )
    wrong = {one.cell.name: list(one.wrong) for one in ended if one.wrong}
    if arguments.json:
        signs: dict[str, int] = {}
        for one in ended:
            signs[one.sign] = signs.get(one.sign, 0) + 1
        facts = {"cells": len(ended), "passed": len(ended) - len(wrong), "signs": signs}
        facts |= {"writes": stage.writes, "calls": stage.calls, "failing": wrong}
        print(json.dumps(facts, indent=2))
    else:
        print("\n".join(printed(ended)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
