"""``review fulltext``: fetch open full texts and posted results; list what a person must fetch."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import UsageError


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb(
        "fulltext", "fetch open full texts and posted results; list what a person must fetch"
    )
    one.add_argument("--record", metavar="ID", help="one record only (default: all included)")
    one.add_argument(
        "--put", type=Path, metavar="FILE", help="keep your own JATS or PDF of --record"
    )
    one.add_argument("--list", action="store_true", help="say what is held and missing; fetch none")


def run(arguments: argparse.Namespace, day: str) -> int:
    """Run the verb; its exit code."""
    from review.cli.terminal import progress
    from review.selection.library import Library
    from review.texts.fetch import fetch, put_in

    store = open_store(arguments)
    library = Library.of(store)
    if arguments.record is not None and arguments.record not in library.records:
        raise UsageError(f"--record {arguments.record}: no such record in data/records")
    if arguments.put is not None:
        if arguments.record is None:
            raise UsageError("--put needs --record ID: whose text it is")
        with store.lock():
            held = put_in(store, library.records[arguments.record], arguments.put, day)
        if arguments.json:
            print_json(held.model_dump(mode="json"))
        else:
            second = " (second class: check every digit by eye)" if held.kind == "pdf" else ""
            say(f"{held.record}: {held.kind} kept{second}")
        return 0
    wanted = [arguments.record] if arguments.record else sorted(library.included)
    if arguments.list:
        rows = [(one, store.held_text(one)) for one in wanted]
        if arguments.json:
            print_json({one: (h[0].model_dump(mode="json") if h else None) for one, h in rows})
        else:
            for one, entry in rows:
                shown = f"{entry[0].kind}, {entry[0].origin}" if entry else "not held"
                say(f"{one}: {shown}  {library.records[one].title[:70]}")
        return 0
    with store.lock(), progress(sys.stderr) as show:
        fetched, missing = fetch(
            store, library, day, wanted, show, lambda line: say(line, file=sys.stderr)
        )
    if arguments.json:
        print_json(
            {
                "fetched": [one.model_dump(mode="json") for one in fetched],
                "a_person_must_fetch": [vars(one) for one in missing],
            }
        )
        return 0
    for text in fetched:
        licence = text.licence or "no licence printed: kept on this machine only"
        say(f"{text.record}: {text.kind} from {text.origin}, {text.identifier} ({licence})")
    if missing:
        say(f"A person must fetch {len(missing)} (then: review fulltext --record ID --put FILE):")
    for entry_ in missing:
        say(f"  {entry_.record}  {entry_.title[:70]}")
        say(f"    {entry_.why}  {entry_.address or ''}".rstrip())
    say(f"{len(fetched)} texts fetched")
    return 0
