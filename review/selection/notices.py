"""The one notion of what touches a report: retracted in which grade, corrected, in doubt.

Notices come of six places: a source's links and types, links of notices held, marks in titles and
types of imports (:mod:`review.selection.marks`), links that dedupe made, any copy of the report,
and people. Which of them suspend, and how sure each is, follows from its type alone
(:data:`review.model.record.RETRACTING`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from review.model.duplicates import Duplicates, Relation
from review.model.notice import NoticeOutcome
from review.model.record import (
    OF_OTHERS,
    POINTS_AT,
    RETRACTING,
    TOUCHING,
    Notice,
    NoticeType,
    Record,
    Retraction,
)
from review.selection.marks import marks_of
from review.selection.resolved import Decisions, Verdict, added_notices, outcomes_of

OF_RELATION = {
    Relation.RETRACTION_OF: NoticeType.POSSIBLE_RETRACTION,
    Relation.CONCERN_FOR: NoticeType.CONCERN_IN,
    Relation.ERRATUM_OF: NoticeType.ERRATUM_IN,
}
"""What a link that dedupe made says about the record it points at."""


@dataclass(frozen=True)
class Touch:
    """A notice on a report.

    :ivar record: the copy of the report that it was found on
    :ivar decided: what people decided on it, where they agree
    """

    record: str
    notice: Notice
    decided: Verdict | None = None

    @property
    def retraction(self) -> Retraction | None:
        """Whether and how surely the report's results may not be used for it.

        A possible one ends where a person read that the report stands; a certain one never does.
        """
        sure = RETRACTING.get(self.notice.type)
        checked = self.decided is not None and self.decided.outcome is NoticeOutcome.STANDS
        return None if checked and sure is Retraction.POSSIBLE else sure

    @property
    def certain(self) -> bool:
        """Whether a source, or a person, says that the report is retracted."""
        return self.retraction is Retraction.CERTAIN


def own_notices(record: Record) -> tuple[Notice, ...]:
    """What a record says of itself: links of its source, and marks that say more than those."""
    linked = tuple(notice for notice in record.notices if notice.type in TOUCHING)
    known = {notice.type for notice in linked}
    sure = _sure(linked)
    return linked + tuple(
        mark
        for mark in marks_of(record)
        if mark.type not in known and not (sure and mark.type in RETRACTING)
    )


def said_by_others(
    before: Record, source: str, notices: Iterable[Notice], told: Container[str] = ()
) -> list[Notice]:
    """What others said of a record that a source delivers again: files, people's databases, and
    searches of other sources. It stays, since an answer takes back only what its own source said.

    A record that came from another source keeps what its own title and types said as well.

    :param notices: what the source says now
    :param told: keys of the record's notices that searches of other sources told
    """
    known = {notice.key for notice in notices}
    said = before.notices if before.source == source else (*before.notices, *own_notices(before))
    kept = [one for one in dict.fromkeys(said) if one.type in OF_OTHERS or one.key in told]
    return [one for one in kept if one.key not in known]


def _sure(notices: Iterable[Notice]) -> bool:
    return any(RETRACTING.get(one.type) is Retraction.CERTAIN for one in notices)


def touches(
    records: Mapping[str, Record], duplicates: Duplicates, decisions: Decisions
) -> dict[str, tuple[Touch, ...]]:
    """Every notice on every report, by the record that stands for it; the sure ones first.

    Where a retraction is certain, what only makes one possible is left out.

    :param decisions: people's notices and outcomes, by person
    """
    redirects = duplicates.redirects

    def resolve(record: str) -> str:
        return redirects.get(record, record)

    outcomes = outcomes_of(decisions, resolve)
    found: dict[str, dict[str, Touch]] = defaultdict(dict)
    by_people = added_notices(decisions, resolve)
    for record, notice in (*_stated(records), *_linked(records, duplicates), *by_people):
        report = resolve(record)
        touch = Touch(record, notice, outcomes.get((report, notice.key)))
        found[report].setdefault(notice.key, touch)
    return {report: _ordered(by_key.values()) for report, by_key in found.items()}


def _ordered(all_of_one: Iterable[Touch]) -> tuple[Touch, ...]:
    order = {Retraction.CERTAIN: 0, Retraction.POSSIBLE: 1, None: 2}
    # A link to the notice itself tells more than the mark beside it.
    rows = sorted(all_of_one, key=lambda one: (order[one.retraction], one.notice.pmid is None))
    sure = _sure(one.notice for one in rows)
    return tuple(one for one in rows if not (sure and one.retraction is Retraction.POSSIBLE))


def _stated(records: Mapping[str, Record]) -> Iterator[tuple[str, Notice]]:
    """What records say of themselves, and what notices held say of the records they point at."""
    by_pmid = {record.pmid: record.id for record in records.values() if record.pmid}
    for record in records.values():
        for notice in own_notices(record):
            yield record.id, notice
    for record in records.values():
        for notice in record.notices:
            kind, about = POINTS_AT.get(notice.type), by_pmid.get(notice.pmid or "")
            if kind is not None and about is not None and about != record.id:
                yield about, Notice(type=kind, pmid=record.pmid, reference=_place(record))


def _place(record: Record) -> str | None:
    return None if record.pmid else record.id


def _linked(records: Mapping[str, Record], duplicates: Duplicates) -> Iterator[tuple[str, Notice]]:
    """Links that dedupe or a person made between a notice and a report; a source's own are told."""
    for link in duplicates.related:
        kind = OF_RELATION.get(link.relation)
        notice, about = records.get(link.record), records.get(link.of)
        if kind is None or notice is None or about is None or _link(notice, about):
            continue
        yield about.id, Notice(type=kind, pmid=notice.pmid, reference=_place(notice))


def _link(notice: Record, about: Record) -> bool:
    """Whether one of two records names the other."""
    return any(one.pmid and one.pmid == about.pmid for one in notice.notices) or any(
        one.pmid and one.pmid == notice.pmid for one in about.notices
    )
