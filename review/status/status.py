"""Status: how current the review is, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from review.checking.waiting import Queue, waiting
from review.files.snapshot import Snapshot
from review.grading.review import Review
from review.ground.wording import wording
from review.model.record import Retraction
from review.model.screening import Stage
from review.model.search import SetAside
from review.searching.health import Symptom, health
from review.selection.library import Selection

SHOWN = 10
NAMED = 5
"""Things of one kind that are named; all of them are in ``--json``."""


@dataclass(frozen=True)
class SourceStatus:
    """A source's currency."""

    id: str
    searched_through: str | None
    next_due: str | None
    overdue: bool

    @property
    def line(self) -> str:
        """How current it is, in a line."""
        if self.searched_through is None:
            return wording("{source}: never searched; run: review update", source=self.id)
        if self.overdue:
            return wording(
                "{source}: searched through {day}, overdue since {due}; run: review update",
                source=self.id,
                day=self.searched_through,
                due=self.next_due,
            )
        return wording(
            "{source}: searched through {day}, next due {due}",
            source=self.id,
            day=self.searched_through,
            due=self.next_due,
        )


@dataclass(frozen=True)
class Undecided:
    """An included report that is retracted or may be, and what rests on it."""

    record: str
    retraction: Retraction
    notice: str
    study: str | None
    claims: tuple[str, ...]

    @property
    def line(self) -> str:
        """What it is, what rests on it, and how to decide."""
        study = self.study or wording("none yet")
        claims = ", ".join(self.claims) or wording("none")
        if self.retraction is Retraction.CERTAIN:
            return wording(
                "retracted and still included: {record} (study {study}; claims {claims}); "
                "run: review notice resolve {record} --outcome leaves --person YOU",
                record=self.record,
                study=study,
                claims=claims,
            )
        return wording(
            "a retraction is possible; being checked: {record} (study {study}; claims {claims}); "
            "run: review notice resolve {record} --outcome stands --person YOU, or leaves",
            record=self.record,
            study=study,
            claims=claims,
        )


@dataclass(frozen=True)
class Status:
    """What waits, and for whom."""

    sources: tuple[SourceStatus, ...]
    awaiting_screening: int
    baseline_not_screened: bool
    conflicts: int
    awaiting_full_text: int
    queued_pairs: int
    included_without_extraction: int
    unverified_values: int
    stale_decisions: int
    queues: tuple[Queue, ...]
    """what waits for people beyond screening"""
    undecided: tuple[Undecided, ...]
    """included reports that are retracted, certainly or possibly, and nobody decided on"""
    by_reviewer: tuple[tuple[str, int], ...]
    people_to_be_named: tuple[str, ...]
    edition: str | None
    """version of the last edition"""
    health: tuple[Symptom, ...] = ()
    set_aside: tuple[tuple[str, SetAside], ...] = ()
    """source and what is known of records that the last search could not take"""

    def lines(self) -> list[str]:
        """What to do, most urgent first."""
        lines = [one.line for one in self.undecided]
        lines += [source.line for source in self.sources]
        lines += [*self._warnings(), *self._waiting()]
        if self.edition is None:
            lines.append(wording("no edition released; run: review edition --dry-run"))
        else:
            lines.append(
                wording(
                    "last edition: {version}; what 1.0 lacks: review edition --gate",
                    version=self.edition,
                )
            )
        if self.people_to_be_named:
            names = ", ".join(self.people_to_be_named)
            lines.append(wording("names missing in protocol.yaml: {people}", people=names))
        return lines

    def _warnings(self) -> Iterator[str]:
        """Records that a source's last search could not take, and what ails the strategies."""
        for source, one in self.set_aside:
            yield wording(
                "warning: {source}: {record} is set aside, look at it: {why}",
                source=source,
                record=one,
                why=one.why,
            )
        for symptom in self.health[:SHOWN]:
            yield wording("warning: {sentence}", sentence=symptom.sentence)
        if len(self.health) > SHOWN:
            more = len(self.health) - SHOWN
            yield wording("warning: {count} more on the strategy (--json)", count=more)

    def _waiting(self) -> Iterator[str]:
        """What waits for people, each with its command; no line where nothing does."""
        if self.baseline_not_screened:
            yield wording(
                "records of the first search that nobody has screened: {count}; "
                "run: review screen --reviewer YOU",
                count=self.awaiting_screening,
            )
        elif self.awaiting_screening:
            yield wording(
                "records to be screened: {count}; run: review screen --reviewer YOU",
                count=self.awaiting_screening,
            )
        for reviewer, count in self.by_reviewer:
            if count:
                yield wording("  for {reviewer}: {count}", reviewer=reviewer, count=count)
        for queue in self.queues:
            yield wording(
                "{what}: {count}; run: {command}",
                what=queue.title,
                count=len(queue.items),
                command=queue.command,
            )
            for item in queue.items[:NAMED]:
                yield wording("  {item}", item=item.about)
            if len(queue.items) > NAMED:
                yield wording("  … and {count} more (--json)", count=len(queue.items) - NAMED)
        if self.unverified_values:
            yield wording("values that nobody has signed: {count}", count=self.unverified_values)

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "sources": [vars(s) for s in self.sources],
            "awaiting_screening": self.awaiting_screening,
            "baseline_not_screened": self.baseline_not_screened,
            "conflicts": self.conflicts,
            "awaiting_full_text": self.awaiting_full_text,
            "queued_pairs": self.queued_pairs,
            "included_without_extraction": self.included_without_extraction,
            "unverified_values": self.unverified_values,
            "stale_decisions": self.stale_decisions,
            "waiting": [one.as_json() for one in self.queues],
            "retracted_included": [one.record for one in self.undecided],
            "retractions_undecided": [vars(one) for one in self.undecided],
            "by_reviewer": dict(self.by_reviewer),
            "people_to_be_named": list(self.people_to_be_named),
            "edition": self.edition,
            "health": [one.as_json() for one in self.health],
            "set_aside": [
                {"source": source, **one.numbers, "why": one.why} for source, one in self.set_aside
            ],
        }


def status(snapshot: Snapshot, today: str) -> Status:
    """The state of the review on a day; everything is derived.

    :raises InvalidDataError: with all faults of all files read
    """
    review = Review.partial(snapshot)
    snapshot.require()
    library = review.library
    sources = []
    for source in library.protocol.sources:
        through = max((s.date for s in library.searches if s.source == source.id), default=None)
        due = None
        if through:
            due = str(date.fromisoformat(through) + timedelta(days=source.interval_days))
        sources.append(SourceStatus(source.id, through, due, bool(due and due < today)))
    reviewers = sorted(set(library.decisions) - {"consensus"})
    counts = library.waiting
    unverified = sum(
        not review.ledger.of_value(study, field, fact)
        for study, extraction in library.extractions.items()
        for field, fact in extraction.facts()
    )
    return Status(
        sources=tuple(sources),
        awaiting_screening=counts.screening,
        baseline_not_screened=bool(counts.screening) and not library.looked_at,
        conflicts=counts.conflicts,
        awaiting_full_text=counts.full_text,
        queued_pairs=len(library.duplicates.queue),
        included_without_extraction=sum(
            1 for one in library.included if one not in library.study_of
        ),
        unverified_values=unverified,
        stale_decisions=len(library.stale()),
        queues=tuple(waiting(review, today)),
        undecided=_undecided(library, snapshot),
        by_reviewer=tuple(
            (name, len(library.queue(name, Stage.TITLE_ABSTRACT))) for name in reviewers
        ),
        people_to_be_named=tuple(p.id for p in library.protocol.people if p.name is None),
        edition=snapshot.last_edition(),
        health=tuple(health(library)),
        set_aside=tuple(
            (source, one) for source, rows in library.set_aside.items() for one in rows
        ),
    )


def _undecided(library: Selection, snapshot: Snapshot) -> tuple[Undecided, ...]:
    """The retractions that wait for a person; claims are read only where there are any."""
    if not library.undecided:
        return ()
    claims = snapshot.claims()
    found = []
    for record, touch in library.undecided.items():
        study = library.study_of.get(record)
        on_it = tuple(sorted(name for name, claim in claims.items() if study in claim.studies))
        if touch.retraction is not None:
            found.append(Undecided(record, touch.retraction, touch.notice.key, study, on_it))
    return tuple(sorted(found, key=lambda one: (one.retraction, one.record)))
