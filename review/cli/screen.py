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
    from review.model.screening import Outcome, Stage
    from review.selection.library import Library


PUBLIC = "notes and reviewer ids become public with the repository"


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    reviewer: str | None
    stage: str
    list: bool
    export: Path | None
    sheet: Path | None
    replace: bool
    format: str
    decision: str | None
    criterion: str | None
    named: str | None


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("screen", "decide on records, one at a time")
    one.add_argument(
        "--reviewer",
        metavar="ID",
        help=f"whose decisions (a person of the protocol); {PUBLIC}",
    )
    one.add_argument("--stage", choices=["title_abstract", "full_text"], default="title_abstract")
    one.add_argument("--list", action="store_true", help="show what waits and what conflicts")
    one.add_argument("--export", type=Path, metavar="FILE", help="write a sheet to fill in (.csv)")
    one.add_argument("--import", type=Path, metavar="FILE", dest="sheet", help="read it back")
    one.add_argument(
        "--replace", action="store_true", help="with --import: change decisions taken since"
    )
    one.add_argument(
        "--format",
        choices=["sheet", "asreview", "rayyan", "covidence"],
        default="sheet",
        help="of the file that goes out or comes in: our sheet, or another program's .csv or .ris "
        "(Covidence takes in .ris)",
    )
    one.add_argument(
        "--decision",
        choices=["include", "exclude"],
        help="with another program's --export: only records you decided on so; with --import of "
        "Covidence: what stands for every record of the list",
    )
    one.add_argument(
        "--criterion",
        metavar="ID",
        help="with another program's --import: for exclusions that give no reason",
    )
    one.add_argument(
        "--named", metavar="NAME", help="with --import of Rayyan: the reviewer's name there"
    )


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.model.screening import Stage
    from review.selection.library import Library
    from review.selection.sheet import reviewer_known

    store = open_store(options.root)
    stage = Stage(options.stage)
    if options.list:
        return _waiting(Library.of(store.snapshot()), options.reviewer, stage)
    if not options.reviewer:
        names = ", ".join(p.id for p in store.protocol.people)
        raise UsageError(f"--reviewer is missing, expected one of: {names}")
    reviewer_known(store.protocol, options.reviewer)
    if options.format != "sheet":
        return _other_program(store, options, options.reviewer, stage, day)
    if options.decision or options.criterion or options.named:
        raise UsageError("--decision, --criterion and --named go with --format of another program")
    if options.export:
        return _export(store, options.reviewer, stage, options.export, day)
    if options.sheet:
        return _by_sheet(store, options.reviewer, stage, options.sheet, day, options.replace)
    return _on_the_terminal(store, options.reviewer, stage, day, as_json=options.json)


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


def _export(store: Store, reviewer: str, stage: Stage, path: Path, day: str) -> Answer:
    from review.selection.library import Library
    from review.selection.sheet import to_sheet

    library = Library.of(store.snapshot())
    abstracts = {r.id: store.text(r) for r in library.queue(reviewer, stage)}
    store.disk.write(path.absolute(), to_sheet(library, reviewer, stage, abstracts, day))
    return Answer(
        {"sheet": str(path), "records": len(abstracts)},
        [f"{path}: {len(abstracts)} records to decide on; {PUBLIC}"],
    )


def _by_sheet(
    store: Store, reviewer: str, stage: Stage, path: Path, day: str, replace: bool
) -> Answer:
    from review.acts.decide import decide_by_sheet
    from review.files.change import apply

    sheet = _bytes(path)
    change = decide_by_sheet(
        store.snapshot(), reviewer, stage, sheet, str(path), day, replace=replace
    )
    apply(store, change)
    count = len(change.told)
    return Answer(
        {"reviewer": reviewer, "decisions": count}, [f"{count} decisions of {reviewer} saved"]
    )


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise UsageError(f"--import {path}: no such file")
    return path.read_bytes()


def _other_program(store: Store, options: Options, reviewer: str, stage: Stage, day: str) -> Answer:
    """Records and decisions to another screening program, or decisions from one."""
    from review.acts.decide import decide_by_form
    from review.files.change import apply
    from review.model.screening import Outcome
    from review.selection.forms import WRITTEN, Form, ending_of, of_form, to_form
    from review.selection.library import Library
    from review.selection.returned import Asked

    form = Form(options.format)
    only = Outcome(options.decision) if options.decision else None
    if options.export:
        if options.criterion or options.named:
            raise UsageError("--criterion and --named go with --import")
        path, library = options.export, Library.of(store.snapshot())
        ending = ending_of(path.name, WRITTEN[form])
        records = of_form(library, reviewer, stage, form, only)
        abstracts = {one.id: store.text(one) for one in records}
        data = to_form(library, reviewer, stage, form, ending, records, abstracts)
        store.disk.write(path.absolute(), data)
        facts = {"file": str(path), "format": options.format, "records": len(records)}
        return Answer(facts, [f"{path}: {len(records)} records for {form}; {PUBLIC}"])
    if not options.sheet:
        raise UsageError(f"--format {form}: expected --export FILE or --import FILE beside it")
    change = decide_by_form(
        *(store.snapshot(), reviewer, stage),
        Asked(form, only, options.criterion, options.named),
        _bytes(options.sheet),
        str(options.sheet),
        day,
        replace=options.replace,
    )
    apply(store, change)
    count = len(change.told)
    return Answer(
        {"reviewer": reviewer, "decisions": count},
        [f"{count} decisions of {reviewer} saved, taken in {form}"],
    )


def _on_the_terminal(
    store: Store, reviewer: str, stage: Stage, day: str, *, as_json: bool
) -> Answer:
    """Decide key by key; the conversation itself tells what was saved."""
    from review.acts.decide import decide
    from review.cli.terminal import note, screen
    from review.files.change import apply
    from review.selection.library import Library

    library = Library.of(store.snapshot())

    def save(record: str, outcome: Outcome, /, **beside: str) -> None:
        apply(
            store,
            decide(
                store.snapshot(), reviewer, stage, record, outcome, day, **beside, library=library
            ),
        )

    note(PUBLIC)
    count = screen(
        library,
        reviewer,
        stage,
        abstract=store.text,
        save=save,
        source=sys.stdin,
        out=sys.stderr if as_json else sys.stdout,
    )
    return Answer({"reviewer": reviewer, "decisions": count}, ())
