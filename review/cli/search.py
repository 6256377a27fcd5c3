"""``review search``: run every source's strategy and write records and searches."""

from __future__ import annotations

from review.cli.update import run
from review.cli.verb import Verb

__all__ = ["add", "run"]


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("search", "run every source's strategy and write records and searches")
    one.add_argument("--dry-run", action="store_true", help="search and report, write nothing")
