"""The review's records as one library: reports, notices, previous studies, and where each stands.

Nothing here is stored. Where a report stands follows from records, verdicts on duplicates,
decisions and the list of previous studies; each record stands in exactly one place, so the
numbers of the flow diagram add up by construction.
"""

from __future__ import annotations

import hashlib
import typing
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from review.files.snapshot import Snapshot
from review.model.duplicates import Duplicates
from review.model.history import History, replay
from review.model.notice import NoticeOutcome
from review.model.protocol import Protocol
from review.model.record import Record, Retraction
from review.model.screening import Decision, Outcome, PreviousStudies, Route, Stage
from review.model.search import Search, SetAside
from review.selection.agreement import Agreement, agreements
from review.selection.notices import Touch, touches
from review.selection.resolved import Decisions, Verdict, verdicts_of

if TYPE_CHECKING:
    from review.model.extraction import Extraction
    from review.model.importing import Import

CONSENSUS = "consensus"
"""File name of decisions taken together; where it speaks, single reviewers' do not count."""


NONE_YET = Duplicates(format=1, method="none yet")
"""The verdicts of a review that nobody has deduplicated."""


class Place(StrEnum):
    """Where a record stands in the selection."""

    DUPLICATE = "duplicate"
    NOTICE = "notice"
    PREVIOUS = "previous"
    BACKGROUND = "background"
    AWAITING_SCREENING = "awaiting_screening"
    CONFLICT_TITLE_ABSTRACT = "conflict_title_abstract"
    EXCLUDED_TITLE_ABSTRACT = "excluded_title_abstract"
    AWAITING_FULL_TEXT = "awaiting_full_text"
    CONFLICT_FULL_TEXT = "conflict_full_text"
    EXCLUDED_FULL_TEXT = "excluded_full_text"
    INCLUDED = "included"


AT_TITLE_ABSTRACT = (
    Place.AWAITING_SCREENING,
    Place.CONFLICT_TITLE_ABSTRACT,
    Place.EXCLUDED_TITLE_ABSTRACT,
)
AT_FULL_TEXT = (
    Place.AWAITING_FULL_TEXT,
    Place.CONFLICT_FULL_TEXT,
    Place.EXCLUDED_FULL_TEXT,
    Place.INCLUDED,
)


NOT_TAKEN_UP = (
    Place.AWAITING_SCREENING,
    Place.EXCLUDED_TITLE_ABSTRACT,
    Place.EXCLUDED_FULL_TEXT,
)
"""Where a report kept as background would stand without that; an inclusion outweighs it."""


@dataclass(frozen=True)
class Standing:
    """Where a record stands, and by which criterion it was excluded."""

    place: Place
    criterion: str | None = None
    duplicate_of: str | None = None


@dataclass(frozen=True)
class Waiting:
    """Records that wait for people, each in one of four places."""

    screening: int
    full_text: int
    conflicts_title_abstract: int
    conflicts_full_text: int

    @property
    def conflicts(self) -> int:
        """Records on which reviewers disagree."""
        return self.conflicts_title_abstract + self.conflicts_full_text

    @property
    def decisions(self) -> int:
        """Records that wait for a decision of any kind."""
        return self.screening + self.full_text + self.conflicts


def latest(
    rows: Sequence[Decision], resolve: Callable[[str], str]
) -> dict[tuple[str, Stage], Decision]:
    """A reviewer's decision in force on each report and stage: the last row, unless withdrawn."""
    found: dict[tuple[str, Stage], Decision] = {}
    for row in rows:
        key = (resolve(row.record), row.stage)
        found.pop(key, None)
        if row.decision is not Outcome.WITHDRAWN:
            found[key] = row
    return found


def agreed(
    decisions: Mapping[str, Decision], needed: int
) -> tuple[Outcome | None, Decision | None, bool]:
    """What the reviewers of one record and stage decided together.

    :returns: the outcome or None while it is open, a row that gives it, whether they disagree
    """
    if CONSENSUS in decisions:
        row = decisions[CONSENSUS]
        return (None, None, False) if row.decision is Outcome.UNSURE else (row.decision, row, False)
    rows = [decisions[reviewer] for reviewer in sorted(decisions)]
    outcomes = {row.decision for row in rows}
    if len(outcomes) > 1:
        return None, None, True
    if len(rows) < needed or outcomes == {Outcome.UNSURE}:
        return None, None, False
    if outcomes == {Outcome.DUPLICATE} and len({row.duplicate_of for row in rows}) > 1:
        return None, None, True
    return rows[0].decision, rows[0], False


class Reported(typing.Protocol):
    """What the selection has to know of an extraction: a whole one, or a glance at it."""

    @property
    def reports(self) -> Sequence[str]:
        """The study's records."""


@dataclass(frozen=True)
class Selection:
    """Everything known about the review's records, and where each stands."""

    protocol: Protocol
    records: Mapping[str, Record]
    duplicates: Duplicates
    decisions: Mapping[str, Sequence[Decision]]
    previous: PreviousStudies
    searches: Sequence[Search]
    extractions: Mapping[str, Reported]
    imports: Sequence[Import] = ()
    notice_decisions: Decisions = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot) -> Selection:
        """The records of a review, its extractions seen in outline alone.

        :raises InvalidDataError: with all faults of all files read
        """
        view = snapshot.partial()
        found = cls(*_read(view), view.outlines(), view.imports(), view.notices())
        snapshot.require()
        return found

    @cached_property
    def history(self) -> History:
        """What the complete searches say together."""
        return replay(self.searches)

    def found_on(self, record_id: str) -> str | None:
        """The day a report was first found: by a search or an import, else by the first search,
        which asks for every record the review holds.
        """
        days = (self.history.first_seen.get(record_id), self._imported.get(record_id))
        known = [day for day in days if day]
        return min(known or [search.date for search in self.searches], default=None)

    @cached_property
    def _imported(self) -> dict[str, str]:
        """The day each record was first imported."""
        days: dict[str, str] = {}
        for report in self.imports:
            for one in report.new:
                days[one] = min(report.date, days.get(one, report.date))
        return days

    @cached_property
    def month(self) -> str | None:
        """The calendar month of the newest search or import, as YYYY-MM."""
        days = [one.date for one in self.searches] + [one.date for one in self.imports]
        return max(days)[:7] if days else None

    def is_new(self, record_id: str) -> bool:
        """Whether a record came in that month."""
        return self.month is not None and (self.found_on(record_id) or "")[:7] == self.month

    @cached_property
    def previous_ids(self) -> frozenset[str]:
        """Reports taken over from an earlier review."""
        return frozenset(
            self.resolve(s.record) for s in self.previous.studies if s.route is not Route.BACKGROUND
        )

    @cached_property
    def background_ids(self) -> frozenset[str]:
        """Reports kept for pages on mechanisms and background, and not counted as included."""
        kept = (s.record for s in self.previous.studies if s.route is Route.BACKGROUND)
        return frozenset(map(self.resolve, kept)) - self.previous_ids

    def resolve(self, record_id: str) -> str:
        """The record that stands for a report, after merges."""
        return self.duplicates.redirects.get(record_id, record_id)

    @cached_property
    def _by_reviewer(self) -> dict[str, dict[tuple[str, Stage], Decision]]:
        return {who: latest(rows, self.resolve) for who, rows in self.decisions.items()}

    def decided(self, record_id: str, stage: Stage) -> dict[str, Decision]:
        """Each reviewer's decision in force on a report at a stage, on any of its records."""
        key = (record_id, stage)
        return {who: rows[key] for who, rows in self._by_reviewer.items() if key in rows}

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """Where every record stands."""
        found = {one: self._standing(record) for one, record in self.records.items()}
        for one in found:
            # A record said to be a duplicate of itself by way of others waits for a person again.
            seen, at = {one}, found[one].duplicate_of
            while at is not None and at not in seen and at in found:
                seen.add(at)
                at = found[at].duplicate_of
            if at is not None and at in seen:
                found[one] = Standing(Place.AWAITING_SCREENING)
        return found

    @cached_property
    def notices(self) -> dict[str, tuple[Touch, ...]]:
        """What touches each report, by the record that stands for it; the surest first."""
        return touches(self.records, self.duplicates, self.notice_decisions)

    def notices_on(self, record_id: str) -> tuple[Touch, ...]:
        """What touches the report that a record is a copy of."""
        return self.notices.get(self.resolve(record_id), ())

    def retraction(self, record_id: str) -> Touch | None:
        """The surest notice for which the results of a record's report may not be used."""
        return next((one for one in self.notices_on(record_id) if one.retraction), None)

    @cached_property
    def retracted(self) -> frozenset[str]:
        """Reports whose results may not be used, for certain or possibly, and their copies."""
        return frozenset(one for one in self.records if self.retraction(one))

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """What people decided together on each report's retraction, by its standing record."""
        sure = {one for one, found in self.notices.items() if found[0].certain}
        return verdicts_of(self.notice_decisions, self.resolve, sure)

    def verdict(self, record_id: str) -> Verdict | None:
        """What people decided on the retraction of a record's report; None while it has none."""
        return self.verdicts.get(self.resolve(record_id)) if self.retraction(record_id) else None

    @cached_property
    def removed(self) -> frozenset[str]:
        """Reports that were included and left for a retraction, by a person's decision."""
        return frozenset(
            one
            for one in self._once_included
            if (decided := self.verdict(one)) and decided.outcome is NoticeOutcome.LEAVES
        )

    @cached_property
    def undecided(self) -> dict[str, Touch]:
        """Watched reports whose retraction, certain or possible, nobody decided on yet."""
        return {
            one: touch
            for one in sorted(self.watched)
            if (touch := self.retraction(one)) and self.verdict(one) is None
        }

    def _standing(self, record: Record) -> Standing:
        kept = self.resolve(record.id)
        if kept != record.id:
            return Standing(Place.DUPLICATE, duplicate_of=kept)
        if record.id in self.previous_ids:
            return Standing(Place.PREVIOUS)
        if record.is_notice:
            return Standing(Place.NOTICE)
        found = self._decided_standing(record)
        if record.id in self.background_ids and found.place in NOT_TAKEN_UP:
            return Standing(Place.BACKGROUND)
        return found

    def _decided_standing(self, record: Record) -> Standing:
        """Where reviewers' decisions put a record."""
        needed = self.protocol.screening.reviewers
        outcome, row, split = agreed(self.decided(record.id, Stage.TITLE_ABSTRACT), needed)
        if split:
            return Standing(Place.CONFLICT_TITLE_ABSTRACT)
        if row is not None and outcome is Outcome.DUPLICATE:
            return Standing(Place.DUPLICATE, duplicate_of=row.duplicate_of)
        if row is not None and outcome is Outcome.EXCLUDE:
            return Standing(Place.EXCLUDED_TITLE_ABSTRACT, criterion=row.criterion)
        if outcome is not Outcome.INCLUDE:
            return Standing(Place.AWAITING_SCREENING)
        outcome, row, split = agreed(self.decided(record.id, Stage.FULL_TEXT), needed)
        if split:
            return Standing(Place.CONFLICT_FULL_TEXT)
        if row is not None and outcome is Outcome.DUPLICATE:
            return Standing(Place.DUPLICATE, duplicate_of=row.duplicate_of)
        if row is not None and outcome is Outcome.EXCLUDE:
            return Standing(Place.EXCLUDED_FULL_TEXT, criterion=row.criterion)
        return Standing(Place.INCLUDED if outcome is Outcome.INCLUDE else Place.AWAITING_FULL_TEXT)

    def at(self, *places: Place) -> list[str]:
        """Records that stand at one of some places, in the order of their ids."""
        return [one for one, s in self.standings.items() if s.place in places]

    @cached_property
    def included(self) -> frozenset[str]:
        """Reports whose studies the review includes: by decision or from an earlier review, less
        those that left for a retraction.
        """
        return self._once_included - self.removed

    @cached_property
    def _once_included(self) -> frozenset[str]:
        return frozenset(self.at(Place.INCLUDED)) | (self.previous_ids & set(self.records))

    @cached_property
    def waiting(self) -> Waiting:
        """How many records wait for what: the one count of every page, report and command."""
        places = Counter(s.place for s in self.standings.values())
        return Waiting(
            screening=places[Place.AWAITING_SCREENING],
            full_text=places[Place.AWAITING_FULL_TEXT],
            conflicts_title_abstract=places[Place.CONFLICT_TITLE_ABSTRACT],
            conflicts_full_text=places[Place.CONFLICT_FULL_TEXT],
        )

    @cached_property
    def set_aside(self) -> dict[str, tuple[SetAside, ...]]:
        """Records that each source's last search could not take, held or not."""
        last = {search.source: search for search in self.searches}
        return {source: search.set_aside for source, search in last.items() if search.set_aside}

    @cached_property
    def looked_at(self) -> int:
        """Records on which somebody's decision is in force, at whatever stage."""
        return len({record for rows in self._by_reviewer.values() for record, _ in rows})

    @cached_property
    def watched(self) -> frozenset[str]:
        """Reports whose notices touch what is published: those included, and every report of a
        study with data, which questions and claims may rest on, whoever lists it as included.
        """
        return self._once_included | {one for one in self.study_of if one in self.records}

    def newly_touched(self, before: Selection) -> list[tuple[str, Touch]]:
        """Reports and the notices on them that were not known before; where a report is watched,
        those too that were known of a copy which nobody knew to be one.
        """
        known = before._touches(watched=False)
        of_watched = before._touches(watched=True)
        return [
            (report, touch)
            for report, rows in sorted(self.notices.items())
            for touch in rows
            if (touch.record, touch.notice.key)
            not in (of_watched if report in self.watched else known)
        ]

    def _touches(self, *, watched: bool) -> set[tuple[str, str]]:
        """Record and key of every notice: of all reports, or of those alone that are watched."""
        return {
            (touch.record, touch.notice.key)
            for report, rows in self.notices.items()
            if not watched or report in self.watched
            for touch in rows
        }

    @cached_property
    def study_of(self) -> dict[str, str]:
        """The study each report belongs to, where an extraction names it."""
        return {
            self.resolve(report): study
            for study, extraction in self.extractions.items()
            for report in extraction.reports
        }

    def suspended(self, study: str) -> Touch | None:
        """The notice for which a study's results may not be used: the surest on its reports."""
        found = [self.retraction(report) for report in self.extractions[study].reports]
        told = [one for one in found if one is not None]
        return min(told, key=lambda one: one.retraction is not Retraction.CERTAIN, default=None)

    def rank(self, record: Record) -> tuple[tuple[bool, int], int, str]:
        """Order of screening: this month's records, then by the protocol's order of tags, then
        newest first.
        """
        order = [tag.id for tag in self.protocol.tags]
        best = min((order.index(t) for t in record.tags if t in order), default=len(order))
        return (not self.is_new(record.id), best), -(record.year or 0), record.id

    def queue(self, reviewer: str, stage: Stage) -> list[Record]:
        """Records that wait for a reviewer, in that reviewer's own order.

        In blind double screening records of one rank are shuffled by a hash of reviewer and
        record, so that no two reviewers tire at the same records.
        """
        wanted = (
            (Place.AWAITING_SCREENING, Place.CONFLICT_TITLE_ABSTRACT)
            if stage is Stage.TITLE_ABSTRACT
            else (Place.AWAITING_FULL_TEXT, Place.CONFLICT_FULL_TEXT)
        )
        together = reviewer == CONSENSUS
        conflicts = (Place.CONFLICT_TITLE_ABSTRACT, Place.CONFLICT_FULL_TEXT)
        waiting = [
            self.records[one]
            for one in self.at(*wanted)
            if (
                self.standings[one].place in conflicts or self._undecided(one, stage)
                if together
                else reviewer not in self.decided(one, stage)
                or (self.protocol.screening.reviewers == 1 and self._undecided(one, stage))
            )
        ]
        policy = self.protocol.screening
        if policy.blind and policy.reviewers > 1 and not together:

            def shuffled(record: Record) -> tuple[tuple[bool, int], str]:
                mark = hashlib.sha256(f"{reviewer}:{record.id}".encode()).hexdigest()
                return self.rank(record)[0], mark

            return sorted(waiting, key=shuffled)
        return sorted(waiting, key=self.rank)

    def _undecided(self, record_id: str, stage: Stage) -> bool:
        """Whether every reviewer needed has looked, and all are unsure."""
        rows = self.decided(record_id, stage)
        alone = [row for who, row in rows.items() if who != CONSENSUS]
        return len(alone) >= self.protocol.screening.reviewers and all(
            row.decision is Outcome.UNSURE for row in rows.values()
        )

    def agreements(self) -> list[Agreement]:
        """Agreement of each two reviewers at each stage."""
        alone = {who: rows for who, rows in self._by_reviewer.items() if who != CONSENSUS}
        return list(agreements(alone))

    @cached_property
    def in_force(self) -> list[Decision]:
        """Every reviewer's decisions that count."""
        return [row for rows in self._by_reviewer.values() for row in rows.values()]

    def stale(self) -> list[tuple[str, Decision]]:
        """Decisions in force that were taken under other eligibility criteria."""
        taken = [(who, row) for who, rows in self._by_reviewer.items() for row in rows.values()]
        now = self.protocol.criteria_hash if taken else None
        return [(who, row) for who, row in taken if row.protocol != now]


@dataclass(frozen=True)
class Library(Selection):
    """The records, and what was extracted of them."""

    extractions: Mapping[str, Extraction]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Library:
        """The records of a review with its extractions.

        :raises InvalidDataError: with all faults of all files read
        """
        found = cls.partial(snapshot)
        snapshot.require()
        return found

    @classmethod
    def partial(cls, snapshot: Snapshot) -> Library:
        """The same, of what can be read.

        :raises InvalidDataError: where the protocol can't
        """
        view = snapshot.partial()
        return cls(*_read(view), view.extractions(), view.imports(), view.notices())


def _read(
    snapshot: Snapshot,
) -> tuple[
    Protocol,
    Mapping[str, Record],
    Duplicates,
    Mapping[str, Sequence[Decision]],
    PreviousStudies,
    Sequence[Search],
]:
    return (
        snapshot.protocol,
        snapshot.records(),
        snapshot.duplicates() or NONE_YET,
        snapshot.decisions(),
        snapshot.previous(),
        snapshot.searches(),
    )
