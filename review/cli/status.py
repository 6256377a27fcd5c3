"""``review status``: how current the review is, and what waits for whom."""

from __future__ import annotations

import argparse

from review.cli.root import root_of
from review.cli.say import print_json, say
from review.cli.verb import Verb


def add(verb: Verb) -> None:
    """The verb's options."""
    verb("status", "how current the review is, and what waits for whom")


def run(arguments: argparse.Namespace, day: str) -> int:
    """Run the verb; its exit code."""
    from review.status.memo import recall, remember

    root = root_of(arguments)
    known = recall(root, day)
    if known is None:
        from review.files.store import Store
        from review.status.status import status

        found = status(Store(root), day)
        known = {"lines": found.lines(), "facts": found.as_json()}
        remember(root, day, known["lines"], known["facts"])
    if arguments.json:
        print_json(known["facts"])
    else:
        say("\n".join(known["lines"]))
    return 0
