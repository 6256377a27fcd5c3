"""``review status``: how current the review is, and what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass

from review.cli.root import completed, root_of
from review.cli.verb import Answer, CommonOptions, Verb


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""


def add(verb: Verb) -> None:
    """The verb's options."""
    verb("status", "how current the review is, and what waits for whom")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.status.memo import recall, remember

    root = completed(root_of(options.root))
    known = recall(root, day)
    if known is None:
        from review.files.snapshot import Snapshot
        from review.status.status import status

        found = status(Snapshot(root), day)
        known = {"lines": found.lines(), "facts": found.as_json()}
        remember(root, day, known["lines"], known["facts"])
    return Answer(known["facts"], known["lines"])
