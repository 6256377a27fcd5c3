"""Decide on a notice, add one that no source gave, or take either back."""

from __future__ import annotations

from pydantic import ValidationError

from review.acts.own_file import OwnFile
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.ground.errors import UsageError
from review.ground.yaml import Document
from review.model.base import problems_of
from review.model.notice import NoticeDecision, NoticeOutcome
from review.model.protocol import Protocol
from review.model.record import RETRACTING, TOUCHING, Retraction
from review.selection.library import Library
from review.selection.notices import Touch
from review.selection.resolved import in_force

OUTCOMES = (NoticeOutcome.LEAVES, NoticeOutcome.WITHOUT_RESULT, NoticeOutcome.STANDS)
"""What may be decided on a notice that is there."""


def resolve(
    snapshot: Snapshot,
    person: str,
    record: str,
    outcome: NoticeOutcome,
    today: str,
    *,
    notice: str | None = None,
    source: str = "",
    note: str = "",
) -> Change[NoticeDecision]:
    """What a person decides on a notice on a watched report.

    :param outcome: ``leaves`` and ``without_result`` of a retraction, certain or possible;
        ``stands`` of all but a certain retraction, with the source in which it was read
    :param notice: kind and name of the notice; needed where the report has several
    :raises UsageError: for an unknown person, record or notice, or an outcome that does not fit
    """
    _person_known(snapshot.protocol, person)
    file = OwnFile.of(snapshot, "notices", person)
    library = Library.of(snapshot)
    _record_known(library, record)
    if library.resolve(record) not in library.watched:
        raise UsageError(f"{record}: no included report, nothing to decide")
    touch = _chosen(library, record, notice)
    if sentence := unfit(touch, outcome):
        raise UsageError(f"{record}: {sentence}")
    return _changed(file, person, record, touch.notice.key, outcome, today, source, note)


def unfit(touch: Touch, outcome: NoticeOutcome) -> str | None:
    """Why an outcome does not go with a notice, if it does not."""
    sure = RETRACTING.get(touch.notice.type)
    if outcome not in OUTCOMES:
        return f"found {outcome}, expected one of {', '.join(OUTCOMES)}"
    if outcome is NoticeOutcome.STANDS and sure is Retraction.CERTAIN:
        return "its source says that it is retracted: it leaves, or stays without_result"
    if outcome is not NoticeOutcome.STANDS and sure is None:
        return f"{touch.notice.type} is no retraction: it stands, or add the retraction first"
    return None


def add(
    snapshot: Snapshot,
    person: str,
    record: str,
    kind: str,
    source: str,
    today: str,
    *,
    note: str = "",
) -> Change[NoticeDecision]:
    """A notice that no source gave: a safety signal, a retraction read on the publisher's page.

    :param kind: one that touches what a report says
    :param source: where it was read
    :raises UsageError: for an unknown person, record or kind, or no source
    """
    _person_known(snapshot.protocol, person)
    file = OwnFile.of(snapshot, "notices", person)
    library = Library.of(snapshot)
    _record_known(library, record)
    if kind not in {str(one) for one in TOUCHING}:
        raise UsageError(f"--kind {kind}: expected one of {', '.join(sorted(TOUCHING))}")
    source = source.strip()
    key = f"{kind}:{source}"
    if any(one.notice.key == key for one in library.notices_on(record)):
        raise UsageError(f"{record}: has this notice already")
    return _changed(file, person, record, key, NoticeOutcome.ADDED, today, source, note)


def withdraw(
    snapshot: Snapshot, person: str, record: str, today: str, *, notice: str | None = None
) -> Change[NoticeDecision]:
    """Take a person's decision on a notice back, or else the notice that the person added.

    :raises UsageError: where that person decided nothing on it
    """
    _person_known(snapshot.protocol, person)
    file = OwnFile.of(snapshot, "notices", person)
    library = Library.of(snapshot)
    _record_known(library, record)
    added, outcomes = in_force(library.notice_decisions.get(person, ()), library.resolve)
    report = library.resolve(record)
    keys = sorted({key for one, key in (*added, *outcomes) if one == report})
    if notice is not None:
        keys = [key for key in keys if key == notice]
    if len(keys) != 1:
        known = ", ".join(keys) or "none"
        raise UsageError(f"{record}: {person} decided on {known}; name one with --notice")
    return _changed(file, person, record, keys[0], NoticeOutcome.WITHDRAWN, today, "", "")


def _person_known(protocol: Protocol, person: str) -> None:
    names = [one.id for one in protocol.people]
    if person not in names:
        raise UsageError(
            f"--person {person}: not among the people of protocol.yaml ({', '.join(names)})"
        )


def _record_known(library: Library, record: str) -> None:
    if record not in library.records:
        raise UsageError(f"{record}: no such record in data/records")


def _chosen(library: Library, record: str, notice: str | None) -> Touch:
    """The notice that is meant: the one named, the only one, or the surest retraction."""
    touches = library.notices_on(record)
    if notice is not None:
        touches = tuple(one for one in touches if one.notice.key == notice)
    retractions = [one for one in touches if RETRACTING.get(one.notice.type)]
    if len(touches) == 1 or (notice is None and retractions):
        return (retractions or list(touches))[0]
    known = ", ".join(one.notice.key for one in library.notices_on(record)) or "none"
    raise UsageError(f"{record}: found {known}; name one of them with --notice")


def _changed(
    file: OwnFile,
    person: str,
    record: str,
    notice: str,
    outcome: NoticeOutcome,
    today: str,
    source: str,
    note: str,
) -> Change[NoticeDecision]:
    try:
        row = NoticeDecision(
            record=record, notice=notice, outcome=outcome, date=today, source=source, note=note
        )
    except ValidationError as error:
        (problem, *_) = problems_of(error, NoticeDecision, Document({}), "")
        raise UsageError(f"{problem.field or 'notice'}: {problem.sentence}") from None
    return Change("notice", person, file.with_rows([row]), row)
