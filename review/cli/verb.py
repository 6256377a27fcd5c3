"""The terms between a verb and the command line: what it is asked, what it answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, cast

from review.ground.errors import Exit
from review.ground.printable import printable_line


class Parser(argparse.ArgumentParser):
    """A parser whose messages a terminal may print, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        super().error(printable_line(message))


Verb = Callable[[str, str], Parser]
"""Makes a verb's parser of its name and what it does."""


@dataclass(frozen=True)
class CommonOptions:
    """What may be typed for every verb; a verb's own ``Options`` has a field more for each option.

    :ivar root: the review's folder; None: here or above
    :ivar json: one JSON value is printed instead of lines
    :ivar lang: the language of what is printed; None: the protocol's first
    """

    root: Path | None
    json: bool
    lang: str | None


@dataclass(frozen=True)
class Answer:
    """What a verb has done or found; ``review.cli.entry`` prints it.

    :ivar facts: what ``--json`` prints: a JSON value, or a function that makes one where that costs
    :ivar lines: what people read; a generator makes them only where they are printed
    :ivar asides: lines for standard error, with ``--json`` too
    :ivar exit: the exit code
    """

    facts: object
    lines: Iterable[str]
    asides: Sequence[str] = ()
    exit: Exit = Exit.NOTHING_NEW


REPORT = "print a small report to paste: counts and identifiers, no title, text or key"


def reported(answer: Answer, verb: str, day: str) -> Answer:
    """A verb's answer with the report of ``--report`` in place of its lines."""
    from review.status.paste import paste

    facts = cast(Any, answer.facts() if callable(answer.facts) else answer.facts)
    return replace(answer, lines=paste(verb, day, int(answer.exit), facts))
