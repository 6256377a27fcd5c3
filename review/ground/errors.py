"""User-facing errors: one exception tree, turned into one line and an exit code by ``cli``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every verb (design: ARCHITECTURE, "Exit codes of update")."""

    NOTHING_NEW = 0
    USAGE = 2
    CANDIDATES = 10
    NOTICE = 20
    SOURCE = 30
    INVALID = 40
    LOCKED = 50
    PUBLISH = 60
    INTERRUPTED = 130


GRAVITY = (
    Exit.USAGE,
    Exit.INVALID,
    Exit.SOURCE,
    Exit.LOCKED,
    Exit.PUBLISH,
    Exit.NOTICE,
    Exit.CANDIDATES,
    Exit.NOTHING_NEW,
)
"""Where several exit codes hold, the first of these is the code."""


def gravest(codes: Sequence[Exit]) -> Exit:
    """The exit code that stands for several."""
    return min(codes, key=GRAVITY.index, default=Exit.NOTHING_NEW)


class ReviewError(Exception):
    """A mistake or failure that a person can act on; its text is one line."""

    exit = Exit.INVALID


class UsageError(ReviewError):
    """The command was given something it can't work with; nothing was done."""

    exit = Exit.USAGE


class LockedError(ReviewError):
    """Another update holds the review's lock, or a file changed meanwhile: run it again."""

    exit = Exit.LOCKED


class SourceError(ReviewError):
    """A source failed or its counts don't add up: a red run, never "nothing new"."""

    exit = Exit.SOURCE


class PublishError(ReviewError):
    """The site could not be built; the site of the last good run still stands."""

    exit = Exit.PUBLISH


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with one file: ``path:line: field: what was found and what was expected``."""

    path: str
    line: int
    field: str
    sentence: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return ": ".join(part for part in (place, self.field, self.sentence) if part)


class InvalidDataError(ReviewError):
    """One or more files of the review can't be used as they are."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))
