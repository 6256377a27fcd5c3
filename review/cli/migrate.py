"""``review migrate``: move the review's files to this program's data format."""

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
    one = verb("migrate", "move the review's files to this program's data format")
    one.add_argument("--dry-run", action="store_true", help="say what would change")


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.files.migrate import migrate

    changed = migrate(open_store(options.root), dry_run=options.dry_run)
    return Answer({"changed": changed}, [*changed, f"{len(changed)} files moved"])
