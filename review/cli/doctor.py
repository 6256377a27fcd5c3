"""``review doctor``: whether this machine can do the monthly job."""

from __future__ import annotations

import argparse
import sys

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import Exit, UsageError


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("doctor", "whether this machine can do the monthly job")
    one.add_argument("--offline", action="store_true", help="do not try to reach NCBI")


def run(arguments: argparse.Namespace, day: str) -> int:
    """Run the verb; its exit code."""
    from review.status.doctor import doctor

    store = None
    try:
        store = open_store(arguments)
    except UsageError as error:
        say(str(error), file=sys.stderr)
    found = doctor(store, day, network=not arguments.offline)
    if arguments.json:
        print_json([vars(one) for one in found])
    else:
        for one in found:
            mark = "ok" if one.ok else ("MISSING" if one.needed else "note")
            say(f"{mark:8} {one.what}: {one.detail}")
    return Exit.USAGE if any(one.needed and not one.ok for one in found) else Exit.NOTHING_NEW
