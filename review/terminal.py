"""The terminal: printable text, progress, and screening one record at a time."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from review.library import Library
from review.model.record import Record
from review.model.screening import Decision, Outcome, Stage
from review.plain import printable
from review.screen import decision, exclusion_reasons
from review.sources import Progress

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


def read_key(stream: TextIO) -> str:
    """One key where the stream is a terminal, else the first letter of a line; '' at its end."""
    if not stream.isatty():
        line = stream.readline()
        return line.strip()[:1] or ("s" if line else "")
    import termios
    import tty

    descriptor = stream.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        key = stream.read(1)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    return "q" if key in ("\x03", "\x04") else key


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


def screen(
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
        print("decision? ", end="", file=out, flush=True)
        key = read_key(source).lower()
        print(key, file=out)
        if key in ("q", ""):
            break
        if key == "i":
            put(record, Outcome.INCLUDE)
        elif key == "u":
            put(record, Outcome.UNSURE)
        elif key == "e":
            print(f"criterion 1-{len(reasons)}? ", end="", file=out, flush=True)
            answer = source.readline().strip() if len(reasons) > 9 else read_key(source)
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
            print(HELP, file=out)
            continue
        index += 1
    print(f"{saved} decisions saved; run the same command to go on.", file=out)
    return saved
