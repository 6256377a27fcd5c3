"""Kill an update at every store write and every request, run it again, compare the bytes.

``python -m tests.dying_update FOLDER`` prints one JSON object. Each kill is a forked process that
ends at once (``os._exit``), before or after the n-th operation, as a power cut would.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import Bio.Entrez
import lxml.etree
import rapidfuzz.fuzz

import review.update
from review import cli
from review.offline.demo import DEMO, FIRST, SECOND, copy_review
from review.offline.redirect import redirected
from review.offline.server import Eutils, OfflineServer
from review.offline.world import Snapshot, World
from review.store import Disk
from tests.conftest import tree

KILLED = 87
LOADED = (Bio.Entrez, lxml.etree, rapidfuzz.fuzz, review.update)
"""Loaded before the first fork, so that no child spends its time on imports."""


def run(root: Path, snapshot: Snapshot, day: str, before: Callable[[str], None], verb: str) -> int:
    """A verb of the tool against the world, silent, without waiting."""
    time.sleep = lambda _seconds: None
    service = Eutils(snapshot)
    with (
        OfflineServer(service) as server,
        redirected(server.port, before),
        open(os.devnull, "w") as nowhere,  # noqa: PTH123
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        arguments = ["--no-publish"] if verb == "update" else []
        return cli.main([verb, "--root", str(root), *arguments], today=day)


def child(work: Callable[[], int]) -> int:
    """Run work in a forked process; its exit code."""
    process = os.fork()
    if process == 0:
        try:
            os._exit(work())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


class Killer:
    """Counts operations, and ends the process at one of them."""

    def __init__(self, at: int, when: str) -> None:
        self.at, self.when, self.count = at, when, 0

    def write(self, real: Callable[..., None]) -> Callable[..., None]:
        def dying(disk: Disk, path: Path, data: bytes) -> None:
            self.count += 1
            if self.count == self.at and self.when == "before":
                os._exit(KILLED)
            if self.count == self.at and self.when == "inside":
                os.fsync = lambda _descriptor: os._exit(KILLED)  # the new bytes, not yet renamed
            real(disk, path, data)
            if self.count == self.at and self.when == "after":
                os._exit(KILLED)

        return dying

    def request(self, _path: str) -> None:
        self.count += 1
        if self.count == self.at:
            os._exit(KILLED)


def main(folder: Path) -> dict[str, object]:
    """The whole matrix."""
    world = World.folder(DEMO / "world")
    snapshots = {day: world.as_of(day) for day in (FIRST, SECOND)}
    start, undisturbed, work = folder / "start", folder / "undisturbed", folder / "work"
    copy_review(start)
    child(lambda: run(start, snapshots[FIRST], FIRST, lambda _p: None, "search"))
    shutil.copytree(start, undisturbed)
    clean = child(lambda: run(undisturbed, snapshots[SECOND], SECOND, lambda _p: None, "update"))
    wanted = tree(undisturbed, ".review.lock")
    wrong: list[str] = []
    points = writes = 0

    def attempt(kind: str, at: int, when: str) -> bool:
        """One kill; False once the operation no longer exists."""
        nonlocal points
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(start, work)

        def dying() -> int:
            killer = Killer(at, when)
            if kind == "write":
                Disk.write = killer.write(Disk.write)  # type: ignore[method-assign]
                return run(work, snapshots[SECOND], SECOND, lambda _p: None, "update")
            return run(work, snapshots[SECOND], SECOND, killer.request, "update")

        code = child(dying)
        if code != KILLED:
            return False
        points += 1
        again = child(lambda: run(work, snapshots[SECOND], SECOND, lambda _p: None, "update"))
        if tree(work, ".review.lock") != wanted:
            wrong.append(f"{kind} {at} {when}: other bytes")
        # Killed after the search file, its last write, an update is complete: the next has no news.
        complete = kind == "write" and when == "after" and at == writes
        if again != (0 if complete else clean):
            wrong.append(f"{kind} {at} {when}: exit {again} instead of {clean}")
        return True

    # How many writes there are is counted once, in a process of its own, through a pipe.
    reader, writer = os.pipe()

    def counting() -> int:
        killer = Killer(-1, "never")
        Disk.write = killer.write(Disk.write)  # type: ignore[method-assign]
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(start, work)
        run(work, snapshots[SECOND], SECOND, lambda _p: None, "update")
        os.write(writer, str(killer.count).encode())
        return 0

    child(counting)
    writes = int(os.read(reader, 20))
    for when in ("before", "inside", "after"):
        for at in range(1, writes + 1):
            if not attempt("write", at, when):
                wrong.append(f"write {at} {when} was never reached")
    requests = 0
    while attempt("request", requests + 1, "before"):
        requests += 1
    return {"writes": writes, "requests": requests, "points": points, "wrong": wrong, "exit": clean}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
