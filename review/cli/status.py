"""``review status``: how current the review is, and what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review.cli.root import completed, root_of
from review.cli.verb import Answer, CommonOptions, Verb
from review.cli.words import in_words, spoken

if TYPE_CHECKING:
    from review.files.snapshot import Snapshot


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
    asked = f"{day} {spoken()}"
    known = recall(root, asked)
    if known is None:
        from review.files.snapshot import Snapshot
        from review.status.status import status

        snapshot = Snapshot(root)
        found = status(snapshot, day)
        since = _news(root, snapshot)
        known = {
            "lines": [*map(in_words, found.lines()), *since["lines"]],
            "facts": {**found.as_json(), "since_last_edition": since["facts"]},
        }
        remember(root, asked, known["lines"], known["facts"])
    return Answer(known["facts"], known["lines"])


def _news(root: Path, snapshot: Snapshot) -> dict[str, Any]:
    """What happened since the last edition: lines and facts."""
    from review.status.memo import recall_news, remember_news

    known = recall_news(root)
    if known is None:
        from review.editions.news import news
        from review.grading.review import Review

        since = news(Review.partial(snapshot))
        known = {"lines": list(since.lines()), "facts": since.as_json()}
        remember_news(root, known["lines"], known["facts"])
    return known
