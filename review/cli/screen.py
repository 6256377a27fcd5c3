"""``review screen``: decide on records, one at a time."""

from __future__ import annotations

import argparse
from pathlib import Path

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import UsageError


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("screen", "decide on records, one at a time")
    one.add_argument("--reviewer", metavar="ID", help="whose decisions (a person of the protocol)")
    one.add_argument("--stage", choices=["title_abstract", "full_text"], default="title_abstract")
    one.add_argument("--list", action="store_true", help="show what waits and what conflicts")
    one.add_argument("--export", type=Path, metavar="FILE.csv", help="write a sheet to fill in")
    one.add_argument("--import", type=Path, metavar="FILE.csv", dest="sheet", help="read it back")
    one.add_argument(
        "--replace", action="store_true", help="with --import: change decisions taken since"
    )


def run(arguments: argparse.Namespace, day: str) -> int:
    """Run the verb; its exit code."""
    from review.cli.terminal import screen
    from review.model.screening import Decision, Stage
    from review.selection.library import Library, Place
    from review.selection.sheet import from_sheet, reviewer_known, to_sheet

    store = open_store(arguments)
    library = Library.of(store)
    stage = Stage(arguments.stage)
    if arguments.list:
        conflict = (
            Place.CONFLICT_TITLE_ABSTRACT
            if stage is Stage.TITLE_ABSTRACT
            else Place.CONFLICT_FULL_TEXT
        )
        if arguments.reviewer:
            reviewer_known(library.protocol, arguments.reviewer)
            waiting = library.queue(arguments.reviewer, stage)
        else:
            place = (
                Place.AWAITING_SCREENING
                if stage is Stage.TITLE_ABSTRACT
                else Place.AWAITING_FULL_TEXT
            )
            waiting = sorted((library.records[one] for one in library.at(place)), key=library.rank)
        conflicts = library.at(conflict)
        if arguments.json:
            print_json({"waiting": [r.id for r in waiting], "conflicts": conflicts})
            return 0
        for record in waiting:
            say(f"{record.id}  [{' '.join(record.tags)}]  {record.title[:90]}")
        for one in conflicts:
            say(f"{one}  CONFLICT  {library.records[one].title[:80]}")
        say(f"{len(waiting)} wait, {len(conflicts)} conflicts, at {stage}")
        return 0
    if not arguments.reviewer:
        names = ", ".join(p.id for p in library.protocol.people)
        raise UsageError(f"--reviewer is missing, expected one of: {names}")
    reviewer_known(library.protocol, arguments.reviewer)
    if arguments.export:
        abstracts = {r.id: store.text(r) for r in library.queue(arguments.reviewer, stage)}
        store.disk.write(
            arguments.export.absolute(),
            to_sheet(library, arguments.reviewer, stage, abstracts, day),
        )
        say(f"{arguments.export}: {len(abstracts)} records to decide on")
        return 0
    if arguments.sheet:
        if not arguments.sheet.is_file():
            raise UsageError(f"--import {arguments.sheet}: no such file")
        rows = from_sheet(
            library,
            arguments.reviewer,
            stage,
            arguments.sheet.read_bytes(),
            str(arguments.sheet),
            day,
            replace=arguments.replace,
        )
        if rows:
            with store.lock():
                store.append_rows("screening", arguments.reviewer, rows)
        say(f"{len(rows)} decisions of {arguments.reviewer} saved")
        return 0

    def save(row: Decision) -> None:
        with store.lock():
            store.append_rows("screening", arguments.reviewer, [row])

    screen(library, arguments.reviewer, stage, day, abstract=store.text, save=save)
    return 0
