"""The terminal: printable text, progress, and screening one record at a time."""

from __future__ import annotations

import os
import select
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from review.ground.printable import printable
from review.model.record import Record
from review.model.screening import Decision, Outcome, Stage
from review.searching.sources import Progress
from review.selection.library import Library
from review.selection.sheet import decision, exclusion_reasons

HELP = "i include · e exclude · u unsure · d duplicate of … · b back (undo) · s skip · q quit"


@contextmanager
def progress(stream: TextIO) -> Iterator[Progress]:
    """Bars on a terminal, a plain line at the end of each step elsewhere."""
    if not stream.isatty():
        last: dict[str, int] = {}

        def plain(done: int, total: int, what: str) -> None:
            if done >= total and last.get(what) != total:
                last[what] = total
                print(f"  {what}: {total}", file=stream, flush=True)

        yield plain
        return
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def bar(done: int, total: int, what: str) -> None:
        if what not in bars:
            bars[what] = tqdm(total=total, desc=f"  {what}", file=stream, leave=True, unit="")
        one = bars[what]
        one.total = total
        one.n = min(done, total)
        one.refresh()

    try:
        yield bar
    finally:
        for one in bars.values():
            one.close()


QUIET = 0.4
"""Seconds without another key after which a key was meant alone."""
SETTLED = 1.0
"""Seconds without a key after which a word that somebody types has ended."""
NO_KEY = "?"
"""What is answered to keys that are no decision: an arrow, a word, something pasted."""


@contextmanager
def _key_by_key(stream: TextIO) -> Iterator[int]:
    """A terminal that gives each key at once; what was typed before is thrown away."""
    import termios
    import tty

    descriptor = stream.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def read_key(stream: TextIO, question: str, out: TextIO) -> str:
    """Ask for one key: on a terminal, else the one letter of a line; '' at its end.

    A key counts alone: an arrow's escape sequence, a typed word or what was pasted is read whole
    and is none, so that it decides on nothing.
    """

    def ask() -> None:
        print(question, end="", file=out, flush=True)

    if not stream.isatty():
        ask()
        line = stream.readline()
        said = line.strip()
        return (said if len(said) == 1 else NO_KEY) if said else ("s" if line else "")
    with _key_by_key(stream) as descriptor:
        ask()
        typed = os.read(descriptor, 4096)
        while typed and typed != b"\x04" and select.select([descriptor], [], [], QUIET)[0]:
            more = os.read(descriptor, 4096)
            if not more:
                break
            typed = (typed + more)[:4096]
    key = typed.decode("utf-8", "replace")
    if key in ("", "\x03", "\x04"):
        return "q"
    return key if len(key) == 1 and key.isprintable() else NO_KEY


def settle(stream: TextIO) -> None:
    """Throw away what is typed until nothing is for a while: the rest of a word."""
    if not stream.isatty():
        return
    with _key_by_key(stream) as descriptor:
        while select.select([descriptor], [], [], SETTLED)[0] and os.read(descriptor, 4096):
            pass


def show(
    record: Record, abstract: str | None, position: str, labels: dict[str, str], out: TextIO
) -> None:
    """A record as a screener reads it."""
    width = min(shutil.get_terminal_size((88, 24)).columns, 100)
    print(f"\n{position}  {record.id}", file=out)
    title = printable(record.title) or printable(record.vernacular_title or "") or "(no title)"
    print(textwrap.fill(title, width), file=out)
    print(textwrap.fill(printable(record.citation), width), file=out)
    if record.tags:
        print("tags: " + ", ".join(labels.get(t, t) for t in record.tags), file=out)
    if record.retracted:
        print("RETRACTED: the source marks it as retracted", file=out)
    for part in (abstract or "(no abstract is held on this machine)").split("\n"):
        print(textwrap.fill(printable(part), width), file=out)


def screen(  # noqa: C901, PLR0915
    library: Library,
    reviewer: str,
    stage: Stage,
    today: str,
    *,
    abstract: Callable[[Record], str | None],
    save: Callable[[Decision], None],
    source: TextIO = sys.stdin,
    out: TextIO = sys.stdout,
) -> int:
    """Let a reviewer decide record by record; every decision is saved at once.

    :param save: writes one row durably
    :returns: the number of decisions saved
    """
    queue = library.queue(reviewer, stage)
    labels = {tag.id: tag.label["en"] for tag in library.protocol.tags}
    reasons = exclusion_reasons(library.protocol)
    if not queue:
        print(f"Nothing waits for {reviewer} at {stage}.", file=out)
        return 0
    print(f"{len(queue)} records wait for {reviewer} at {stage}.\n{HELP}", file=out)
    for number, (_, text) in enumerate(reasons, 1):
        print(f"  e{number}: {printable(text)}", file=out)
    saved = index = 0

    def put(record: Record, outcome: Outcome, **more: str) -> None:
        nonlocal saved
        save(decision(library.protocol, record.id, stage, outcome, today, **more))
        saved += 1

    while index < len(queue):
        record = queue[index]
        show(record, abstract(record), f"[{index + 1}/{len(queue)}]", labels, out)
        key = read_key(source, "decision? ", out).lower()
        print(key, file=out)
        if key in ("q", ""):
            break
        if key == "i":
            put(record, Outcome.INCLUDE)
        elif key == "u":
            put(record, Outcome.UNSURE)
        elif key == "e":
            question = f"criterion 1-{len(reasons)}? "
            if len(reasons) > 9:
                print(question, end="", file=out, flush=True)
                answer = source.readline().strip()
            else:
                answer = read_key(source, question, out)
            print(answer, file=out)
            if not answer.isdigit() or not 1 <= int(answer) <= len(reasons):
                print("no such criterion; nothing was saved", file=out)
                continue
            put(record, Outcome.EXCLUDE, criterion=reasons[int(answer) - 1][0])
        elif key == "d":
            print("duplicate of (record id)? ", end="", file=out, flush=True)
            other = source.readline().strip()
            if other not in library.records or other == record.id:
                print(f"no other record {other}; nothing was saved", file=out)
                continue
            put(record, Outcome.DUPLICATE, duplicate_of=other)
        elif key == "b":
            if index == 0:
                print("this is the first record", file=out)
                continue
            index -= 1
            put(queue[index], Outcome.WITHDRAWN)
            print("the decision before is withdrawn", file=out)
            continue
        elif key != "s":
            settle(source)
            print(f"one key decides, nothing was saved. {HELP}", file=out)
            continue
        index += 1
    print(f"{saved} decisions saved; run the same command to go on.", file=out)
    return saved
