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
    from review.acts.undo import Taken
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
    new: bool
    stale: bool
    undo: int | None
    reconfirm: str | None


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
    one.add_argument("--new", action="store_true", help="only what came this month")
    one.add_argument(
        "--stale", action="store_true", help="decisions taken under criteria that changed since"
    )
    one.add_argument(
        "--undo", type=int, metavar="N", help="take the last N of your last 20 decisions back"
    )
    one.add_argument(
        "--reconfirm",
        metavar="SENTENCE",
        help="let all stale decisions stand, after an amendment that a person declared editorial",
    )


ALONE = ("list", "export", "sheet", "undo", "reconfirm")
"""Options that each do one thing; the two that choose records go with a list, or with none."""


def _fit(options: Options) -> None:
    """Refuse options that do not go together."""
    spelt = {"sheet": "import"}
    typed = [name for name in ALONE if getattr(options, name) not in (None, False)]
    chosen = [name for name in ("new", "stale") if getattr(options, name)]
    too_many = len(typed) > 1 or len(chosen) > 1 or (chosen and typed not in ([], ["list"]))
    if too_many:
        names = ", ".join(f"--{spelt.get(name, name)}" for name in (*typed, *chosen))
        raise UsageError(f"found {names}, expected one of them (--new or --stale with --list)")
    if options.replace and not options.sheet:
        raise UsageError("--replace goes with --import alone")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.model.screening import Stage
    from review.selection.library import Library
    from review.selection.sheet import reviewer_known

    _fit(options)
    store = open_store(options.root)
    stage = Stage(options.stage)
    if options.list:
        return _waiting(Library.of(store.snapshot()), options, stage)
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
    if options.undo is not None:
        return _undo(store, options.reviewer, options.undo, day)
    if options.reconfirm is not None:
        return _reconfirm(store, options.reviewer, options.reconfirm, day)
    return _on_the_terminal(store, options, options.reviewer, stage, day)


def _chosen(library: Library, options: Options, reviewer: str, stage: Stage) -> list[Record]:
    """The records that a reviewer is to look at."""
    if options.stale:
        records = {
            library.resolve(row.record): library.records[library.resolve(row.record)]
            for who, row in library.stale()
            if who == reviewer and row.stage is stage and row.record in library.records
        }
        return sorted(records.values(), key=library.rank)
    found = library.queue(reviewer, stage)
    return [one for one in found if library.is_new(one.id)] if options.new else found


def _waiting(library: Library, options: Options, stage: Stage) -> Answer:
    from review.model.screening import Stage as Stages
    from review.selection.library import Place
    from review.selection.sheet import reviewer_known

    if stage is Stages.TITLE_ABSTRACT:
        place, conflict = Place.AWAITING_SCREENING, Place.CONFLICT_TITLE_ABSTRACT
    else:
        place, conflict = Place.AWAITING_FULL_TEXT, Place.CONFLICT_FULL_TEXT
    if options.stale and not options.reviewer:
        raise UsageError("--stale needs --reviewer: whose decisions?")
    if options.reviewer:
        reviewer_known(library.protocol, options.reviewer)
        waiting = _chosen(library, options, options.reviewer, stage)
    else:
        waiting = sorted((library.records[one] for one in library.at(place)), key=library.rank)
        waiting = [one for one in waiting if not options.new or library.is_new(one.id)]
    conflicts = library.at(conflict)
    return Answer(
        {
            "waiting": [record.id for record in waiting],
            "new": [record.id for record in waiting if library.is_new(record.id)],
            "conflicts": conflicts,
        },
        _lines(waiting, [library.records[one] for one in conflicts], stage),
    )


def _lines(waiting: Sequence[Record], conflicts: Sequence[Record], stage: Stage) -> Iterator[str]:
    from review.cli.words import words

    for record in waiting:
        yield f"{record.id}  [{' '.join(record.tags)}]  {record.title[:90]}"
    for record in conflicts:
        yield words("screen.conflict", record=record.id, title=record.title[:80])
    yield words(
        "screen.waiting",
        waiting=len(waiting),
        conflicts=len(conflicts),
        stage=words(f"stage.{stage}"),
    )


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


def _undo(store: Store, reviewer: str, count: int, day: str) -> Answer:
    """Take the reviewer's last decisions back, those of earlier sessions too."""
    from review.acts.undo import undo
    from review.cli.screening import undone
    from review.files.change import apply

    change = undo(store.snapshot(), reviewer, day, count=count)
    apply(store, change)
    rows = [one.row for one in change.told]
    return Answer(
        {
            "reviewer": reviewer,
            "undone": [[row.record, str(row.stage), str(row.decision)] for row in rows],
        },
        [undone(one) for one in change.told],
    )


def _reconfirm(store: Store, reviewer: str, sentence: str, day: str) -> Answer:
    """Let stale decisions stand in bulk, where an amendment of words alone made them stale."""
    from review.acts.reconfirm import reconfirm
    from review.cli.words import words
    from review.files.change import apply
    from review.selection.library import Library

    change = reconfirm(store.snapshot(), reviewer, sentence, day)
    apply(store, change)
    left = sum(who == reviewer for who, _ in Library.of(store.snapshot()).stale())
    count = len(change.told)
    return Answer(
        {"reviewer": reviewer, "reconfirmed": count, "stale": left},
        [words("screen.reconfirmed", count=count, reviewer=reviewer, left=left)],
    )


@dataclass(frozen=True)
class _Desk:
    """Screening's desk on a review: texts as they are held, acts that are written at once."""

    store: Store
    library: Library
    reviewer: str
    stage: Stage
    day: str

    def abstract(self, record: Record) -> str | None:
        return self.store.text(record)

    def full_text(self, record: Record) -> str | None:
        from review.files.texts import full_text_paths

        held = self.store.held_text(record.id)
        if held is None:
            return None
        paths = full_text_paths(self.store.root, record.id, held[0].kind)
        return next(self.store.name(path) for path, about in paths if about.is_file())

    def save(self, record: str, outcome: Outcome, /, **beside: str) -> None:
        from review.acts.decide import decide
        from review.files.change import apply

        apply(
            self.store,
            decide(
                self.store.snapshot(),
                self.reviewer,
                self.stage,
                record,
                outcome,
                self.day,
                **beside,
                library=self.library,
            ),
        )

    def undo(self) -> Taken:
        from review.acts.undo import undo
        from review.files.change import apply

        change = undo(self.store.snapshot(), self.reviewer, self.day, stage=self.stage)
        apply(self.store, change)
        return change.told[0]


def _on_the_terminal(
    store: Store, options: Options, reviewer: str, stage: Stage, day: str
) -> Answer:
    """Decide key by key; the conversation itself tells what was saved."""
    from review.cli.screening import screen
    from review.cli.terminal import tell
    from review.cli.words import words
    from review.selection.library import Library

    out = sys.stderr if options.json else sys.stdout
    library = Library.of(store.snapshot())
    queue = _chosen(library, options, reviewer, stage)
    new = sum(library.is_new(one.id) for one in queue)
    kind = "stale" if options.stale else "new" if options.new else ""
    key = "screen.stale" if options.stale else "screen.waits"
    if not queue:
        key = f"screen.nothing_{kind}" if kind else "screen.nothing"
    slots = {
        "reviewer": reviewer,
        "stage": words(f"stage.{stage}"),
        "count": len(queue),
        "new": new,
    }
    older = 0 if queue else len(library.queue(reviewer, stage))
    tell(words(key, **slots, month=library.month or "", older=older), out)
    if not queue:
        return Answer({"reviewer": reviewer, "decisions": 0}, ())
    tell(words("screen.public"), out)
    desk = _Desk(store, library, reviewer, stage, day)
    count = screen(library, reviewer, stage, queue, desk, source=sys.stdin, out=out)
    return Answer({"reviewer": reviewer, "decisions": count}, ())
