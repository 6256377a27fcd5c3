"""The terminal while a verb works: what is noted, bars, questions and single keys."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from review.cli.say import say

if TYPE_CHECKING:
    from review.searching.sources import Progress


def note(line: str) -> None:
    """A line on standard error now: heard even where the verb fails later."""
    say(line, file=sys.stderr)


def tell(line: str, out: TextIO, *, end: str = "\n") -> None:
    """A line of a conversation; what of it came from outside was made printable by who says it."""
    print(line, end=end, file=out, flush=True)


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
NO_KEY = "\0"
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
