"""``review search``: run every source's strategy and write records and searches."""

from __future__ import annotations

from dataclasses import dataclass

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    dry_run: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("search", "run every source's strategy and write records and searches")
    one.add_argument("--dry-run", action="store_true", help="search and report, write nothing")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.cli.update import month, told

    store = open_store(options.root)
    return told(month(store, day, stages=frozenset({"search"}), dry_run=options.dry_run))
