"""``review publish``: build the site."""

from __future__ import annotations

import argparse
from pathlib import Path

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("publish", "build the site")
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="build folder (default: build/ of the review)"
    )


def run(arguments: argparse.Namespace, _day: str) -> int:
    """Run the verb; its exit code."""
    from review.publishing.publish import publish

    store = open_store(arguments)
    site = publish(store, arguments.out or store.root / "build")
    if arguments.json:
        print_json({"site": str(site)})
    else:
        say(f"site: {site}/index.html")
    return 0
