"""``review check``: all problems of all files, in one run."""

from __future__ import annotations

import argparse

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import Exit


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("check", "all problems of all files, in one run")
    one.add_argument("--texts", action="store_true", help="first attest quotes in the texts held")
    one.add_argument(
        "--allow-suspended", action="store_true", help="pass claims that rest on a retracted study"
    )


def run(arguments: argparse.Namespace, _day: str) -> int:
    """Run the verb; its exit code."""
    from review.checking.check import check
    from review.checking.notes import notes
    from review.checking.quotes import quotes_held, write_attestations

    store = open_store(arguments)
    attested: tuple[list[str], int] = ([], 0)
    if arguments.texts:
        with store.lock():
            attested = write_attestations(store)
    problems = check(store, allow_suspended=arguments.allow_suspended)
    told = [] if problems else notes(store)
    held, absent = (0, 0) if problems else quotes_held(store)
    if arguments.json:
        print_json(
            {
                "problems": [vars(problem) for problem in problems],
                "notes": [vars(one) for one in told],
                "attested": attested[0],
                "quotes": {"text_held": held, "text_not_held": absent},
            }
        )
        return Exit.INVALID if problems else Exit.NOTHING_NEW
    if arguments.texts:
        say(f"{attested[1]} quotes found in the texts held; {len(attested[0])} files written")
    for problem in problems:
        say(problem)
    if held or absent:
        say(f"quotes: {held} compared with the text held here, {absent} text not held")
    shown = 10
    for one in told[:shown]:
        say(f"note: {one}")
    if len(told) > shown:
        say(f"note: … and {len(told) - shown} more (--json)")
    counted = f", {len(told)} notes" if told else ""
    say(f"{len(problems)} problems" if problems else f"no problem found{counted}")
    return Exit.INVALID if problems else Exit.NOTHING_NEW
