"""``review screen``: decide on records, one at a time."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.files.store import Store
    from review.model.record import Record
    from review.model.screening import Decision, Stage
    from review.selection.library import Library


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    reviewer: str | None
    stage: str
    list: bool
    export: Path | None
    sheet: Path | None
    replace: bool


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


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.model.screening import Stage
    from review.selection.library import Library
    from review.selection.sheet import reviewer_known

    store = open_store(options.root)
    library = Library.of(store.snapshot())
    stage = Stage(options.stage)
    if options.list:
        return _waiting(library, options.reviewer, stage)
    if not options.reviewer:
        names = ", ".join(p.id for p in library.protocol.people)
        raise UsageError(f"--reviewer is missing, expected one of: {names}")
    reviewer_known(library.protocol, options.reviewer)
    if options.export:
        return _export(store, library, options.reviewer, stage, options.export, day)
    if options.sheet:
        rows = sheet_decisions(
            library, options.reviewer, stage, options.sheet, day, replace=options.replace
        )
        save(store, options.reviewer, rows)
        return _saved(options.reviewer, len(rows))
    return _on_the_terminal(store, library, options.reviewer, stage, day, as_json=options.json)


def _waiting(library: Library, reviewer: str | None, stage: Stage) -> Answer:
    from review.model.screening import Stage as Stages
    from review.selection.library import Place
    from review.selection.sheet import reviewer_known

    if stage is Stages.TITLE_ABSTRACT:
        place, conflict = Place.AWAITING_SCREENING, Place.CONFLICT_TITLE_ABSTRACT
    else:
        place, conflict = Place.AWAITING_FULL_TEXT, Place.CONFLICT_FULL_TEXT
    if reviewer:
        reviewer_known(library.protocol, reviewer)
        waiting = library.queue(reviewer, stage)
    else:
        waiting = sorted((library.records[one] for one in library.at(place)), key=library.rank)
    conflicts = library.at(conflict)
    return Answer(
        {"waiting": [record.id for record in waiting], "conflicts": conflicts},
        _lines(waiting, [library.records[one] for one in conflicts], stage),
    )


def _lines(waiting: Sequence[Record], conflicts: Sequence[Record], stage: Stage) -> Iterator[str]:
    for record in waiting:
        yield f"{record.id}  [{' '.join(record.tags)}]  {record.title[:90]}"
    for record in conflicts:
        yield f"{record.id}  CONFLICT  {record.title[:80]}"
    yield f"{len(waiting)} wait, {len(conflicts)} conflicts, at {stage}"


def _export(
    store: Store, library: Library, reviewer: str, stage: Stage, path: Path, day: str
) -> Answer:
    from review.selection.sheet import to_sheet

    abstracts = {r.id: store.text(r) for r in library.queue(reviewer, stage)}
    store.disk.write(path.absolute(), to_sheet(library, reviewer, stage, abstracts, day))
    return Answer(
        {"sheet": str(path), "records": len(abstracts)},
        [f"{path}: {len(abstracts)} records to decide on"],
    )


def _saved(reviewer: str, count: int) -> Answer:
    return Answer(
        {"reviewer": reviewer, "decisions": count}, [f"{count} decisions of {reviewer} saved"]
    )


def _on_the_terminal(
    store: Store, library: Library, reviewer: str, stage: Stage, day: str, *, as_json: bool
) -> Answer:
    """Decide key by key; the conversation itself tells what was saved."""
    from review.cli.terminal import screen

    count = screen(
        library,
        reviewer,
        stage,
        day,
        abstract=store.text,
        save=lambda row: save(store, reviewer, [row]),
        source=sys.stdin,
        out=sys.stderr if as_json else sys.stdout,
    )
    return Answer({"reviewer": reviewer, "decisions": count}, ())


# ---- acts: what is read, refused and saved -------------------------------------------------------


def sheet_decisions(
    library: Library, reviewer: str, stage: Stage, path: Path, day: str, *, replace: bool
) -> list[Decision]:
    """The decisions that a filled sheet brings.

    :param replace: decisions that were taken since its export are changed
    :raises UsageError: where there is no such file
    :raises InvalidDataError: for a sheet that is none, another's, or says two things in a row
    """
    from review.selection.sheet import from_sheet

    if not path.is_file():
        raise UsageError(f"--import {path}: no such file")
    return from_sheet(library, reviewer, stage, path.read_bytes(), str(path), day, replace=replace)


def save(store: Store, reviewer: str, rows: list[Decision]) -> None:
    """Append a reviewer's decisions to their file, under the review's lock."""
    if rows:
        with store.lock():
            store.append_rows("screening", reviewer, rows)
