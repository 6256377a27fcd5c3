"""``review notice``: what touches included reports; decide on one, or add one, with --person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.files.change import Change
    from review.files.snapshot import Snapshot
    from review.model.notice import NoticeDecision
    from review.selection.library import Library
    from review.selection.notices import Touch


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    action: str
    record: str | None
    outcome: str | None
    kind: str | None
    notice: str | None
    source: str
    note: str
    person: str | None


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("notice", "what touches included reports; decide on one, or add one")
    one.add_argument("action", choices=["list", "resolve", "add", "withdraw"])
    one.add_argument("record", nargs="?", metavar="RECORD")
    one.add_argument(
        "--outcome",
        metavar="WORD",
        help="leaves (the review), without_result (stays, its results unused), stands",
    )
    one.add_argument("--kind", metavar="KIND", help="of a notice that is added: safety_signal, …")
    one.add_argument("--notice", metavar="NAME", help="which, where a report has several")
    one.add_argument("--source", default="", metavar="TEXT", help="where it was read")
    one.add_argument("--note", default="", help="why")
    one.add_argument("--person", metavar="ID", help="who decides (a person of the protocol)")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.files.change import apply
    from review.selection.library import Library

    store = open_store(options.root)
    if options.action != "list":
        apply(store, _change(options, store.snapshot(), day))
    library = Library.of(store.snapshot())
    only = options.record if options.action == "list" else None
    if only is not None and only not in library.records:
        raise UsageError(f"{only}: no such record in data/records")
    watched = sorted(library.watched if only is None else {library.resolve(only)})
    rows = [(report, one) for report in watched for one in library.notices_on(report)]
    return Answer(
        {"notices": [_facts(library, report, touch) for report, touch in rows]},
        list(_lines(library, rows)),
    )


def _change(options: Options, snapshot: Snapshot, day: str) -> Change[NoticeDecision]:
    from review.acts import notice as acts
    from review.model.notice import NoticeOutcome

    record, person, notice, note = options.record, options.person, options.notice, options.note
    if record is None or person is None:
        missing = "a RECORD" if record is None else "--person"
        raise UsageError(f"{missing} is missing: review notice {options.action} RECORD --person ID")
    if options.action == "withdraw":
        return acts.withdraw(snapshot, person, record, day, notice=notice)
    if options.action == "add":
        if options.kind is None:
            raise UsageError("--kind is missing: safety_signal, retraction_in, …")
        return acts.add(snapshot, person, record, options.kind, options.source, day, note=note)
    if options.outcome not in list(acts.OUTCOMES):
        raise UsageError(f"--outcome: expected one of {', '.join(acts.OUTCOMES)}")
    outcome, source = NoticeOutcome(options.outcome), options.source
    return acts.resolve(
        snapshot, person, record, outcome, day, notice=notice, source=source, note=note
    )


def _facts(library: Library, report: str, touch: Touch) -> dict[str, Any]:
    decided = touch.decided
    return {
        "report": report,
        "study": library.study_of.get(report),
        "record": touch.record,
        "notice": touch.notice.key,
        "retraction": touch.retraction,
        "outcome": decided.outcome if decided else None,
        "undecided": library.undecided.get(report) == touch,
    }


def _lines(library: Library, rows: list[tuple[str, Touch]]) -> Iterator[str]:
    for report, touch in rows:
        state = "noted"
        if touch.decided:
            state = f"{touch.decided.outcome}, {touch.decided.date}"
        elif touch.retraction:
            state = f"retraction {touch.retraction}, suspended"
        study = library.study_of.get(report)
        where = f"{report} ({study})" if study else report
        yield f"{where}: {touch.notice.key} [{state}]"
    if not rows:
        yield "no notice touches an included report"
