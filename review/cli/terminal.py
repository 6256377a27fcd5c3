"""The terminal while a verb works: what is noted, bars, questions, and screening key by key."""

from __future__ import annotations

import os
import select
import shutil
import sys
import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from review.cli.say import say
from review.ground.printable import printable
from review.model.record import RETRACTING, Retraction
from review.selection.notices import own_notices

if TYPE_CHECKING:
    from review.model.record import Record
    from review.model.screening import Outcome, Stage
    from review.searching.sources import Progress
    from review.selection.library import Library

SAID = {
    Retraction.CERTAIN: "RETRACTED: its source says so ({kind})",
    Retraction.POSSIBLE: "a retraction is possible; being checked ({kind})",
}
HELP = "i include · e exclude · u unsure · d duplicate of … · b back (undo) · s skip · q quit"


def note(line: str) -> None:
    """A line on standard error now: heard even where the verb fails later."""
    say(line, file=sys.stderr)


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


@contextmanager
def counter(stream: TextIO) -> Iterator[Callable[[int], None]]:
    """A number of records that counts up on a terminal, and is seen nowhere else."""

    def show(count: int) -> None:
        if stream.isatty():
            print(f"\r  {count:,} records", end="", file=stream, flush=True)

    yield show
    if stream.isatty():
        print("\r", end="", file=stream)


def ask(question: str) -> str:
    """A line that is typed in answer to a question on standard error; '' where nobody answers."""
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def choice(question: str, answers: Collection[str], *, at_end: str) -> str:
    """One of some answers: the question is put until one is typed.

    :param answers: in small letters
    :param at_end: the answer where nobody types any more
    """
    while True:
        print(question, end="", file=sys.stderr, flush=True)
        typed = sys.stdin.readline()
        answer = typed.strip().lower() if typed else at_end
        if answer in answers:
            return answer


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
    for notice in own_notices(record):
        if sure := RETRACTING.get(notice.type):
            print(SAID[sure].format(kind=notice.type), file=out)
    for part in (abstract or "(no abstract is held on this machine)").split("\n"):
        print(textwrap.fill(printable(part), width), file=out)


class Save(Protocol):
    """Writes a decision on a record: what is given beside its outcome, by the act's names."""

    def __call__(self, record: str, outcome: Outcome, /, **beside: str) -> None: ...


@dataclass
class _Screening:
    """What one key after another does to the records that wait for a reviewer.

    :ivar reasons: criteria of exclusion: id and text
    :ivar save: writes one decision durably
    :ivar index: of the record that is decided on
    :ivar saved: rows until now
    """

    library: Library
    queue: list[Record]
    reasons: Sequence[tuple[str, str]]
    save: Save
    source: TextIO
    out: TextIO
    index: int = 0
    saved: int = 0

    def tell(self, line: str) -> None:
        """A line of the conversation."""
        print(line, file=self.out)

    def ask(self, question: str) -> str:
        """A whole line in answer to a question."""
        print(question, end="", file=self.out, flush=True)
        return self.source.readline().strip()

    def put(self, record: Record, outcome: Outcome, **beside: str) -> None:
        """Save a decision."""
        self.save(record.id, outcome, **beside)
        self.saved += 1

    def decide(self, record: Record, key: str) -> bool:
        """Do what a key asks for; whether the next record comes."""
        from review.model.screening import Outcome

        if key == "i":
            self.put(record, Outcome.INCLUDE)
        elif key == "u":
            self.put(record, Outcome.UNSURE)
        elif key == "e":
            return self.exclude(record)
        elif key == "d":
            return self.duplicate(record)
        elif key == "b":
            return self.back()
        elif key != "s":
            settle(self.source)
            self.tell(f"one key decides, nothing was saved. {HELP}")
            return False
        return True

    def exclude(self, record: Record) -> bool:
        """Ask for the criterion: one key, or a line where there are more than nine."""
        from review.model.screening import Outcome

        question = f"criterion 1-{len(self.reasons)}? "
        if len(self.reasons) > 9:
            answer = self.ask(question)
        else:
            answer = read_key(self.source, question, self.out)
        self.tell(answer)
        if not answer.isdigit() or not 1 <= int(answer) <= len(self.reasons):
            self.tell("no such criterion; nothing was saved")
            return False
        self.put(record, Outcome.EXCLUDE, criterion=self.reasons[int(answer) - 1][0])
        return True

    def duplicate(self, record: Record) -> bool:
        """Ask which record it is a duplicate of."""
        from review.model.screening import Outcome

        other = self.ask("duplicate of (record id)? ")
        if other not in self.library.records or other == record.id:
            self.tell(f"no other record {other}; nothing was saved")
            return False
        self.put(record, Outcome.DUPLICATE, duplicate_of=other)
        return True

    def back(self) -> bool:
        """Withdraw the decision on the record before, which is shown again."""
        from review.model.screening import Outcome

        if self.index == 0:
            self.tell("this is the first record")
            return False
        self.index -= 1
        self.put(self.queue[self.index], Outcome.WITHDRAWN)
        self.tell("the decision before is withdrawn")
        return False


def screen(
    library: Library,
    reviewer: str,
    stage: Stage,
    *,
    abstract: Callable[[Record], str | None],
    save: Save,
    source: TextIO,
    out: TextIO,
) -> int:
    """Let a reviewer decide record by record; every decision is saved at once.

    :param abstract: a record's abstract, where this machine holds it
    :param save: writes one decision durably
    :param source: where keys are typed
    :param out: where records and questions are shown
    :returns: the number of decisions saved
    """
    from review.selection.sheet import exclusion_reasons

    queue = library.queue(reviewer, stage)
    labels = {tag.id: tag.label["en"] for tag in library.protocol.tags}
    reasons = exclusion_reasons(library.protocol)
    one = _Screening(library, queue, reasons, save, source, out)
    if not queue:
        one.tell(f"Nothing waits for {reviewer} at {stage}.")
        return 0
    one.tell(f"{len(queue)} records wait for {reviewer} at {stage}.\n{HELP}")
    for number, (_, text) in enumerate(reasons, 1):
        one.tell(f"  e{number}: {printable(text)}")
    while one.index < len(queue):
        record = queue[one.index]
        show(record, abstract(record), f"[{one.index + 1}/{len(queue)}]", labels, out)
        key = read_key(source, "decision? ", out).lower()
        one.tell(key)
        if key in ("q", ""):
            break
        if one.decide(record, key):
            one.index += 1
    one.tell(f"{one.saved} decisions saved; run the same command to go on.")
    return one.saved
