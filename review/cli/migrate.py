"""``review migrate``: move the review's files to this program's data format."""

from __future__ import annotations

import argparse

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("migrate", "move the review's files to this program's data format")
    one.add_argument("--dry-run", action="store_true", help="say what would change")


def run(arguments: argparse.Namespace, _day: str) -> int:
    """Run the verb; its exit code."""
    from review.files.migrate import migrate

    changed = migrate(open_store(arguments), dry_run=arguments.dry_run)
    if arguments.json:
        print_json({"changed": changed})
    else:
        say("\n".join([*changed, f"{len(changed)} files moved"]))
    return 0
