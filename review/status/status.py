"""Status: how current the review is, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from review.files.snapshot import Snapshot
from review.model.record import Retraction
from review.model.screening import Stage
from review.model.search import SetAside
from review.searching.health import Symptom, health
from review.selection.library import Library, Selection

SHOWN = 10


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
            return f"{self.id}: never searched; run: review update"
        searched = f"{self.id}: searched through {self.searched_through}"
        if self.overdue:
            return f"{searched}, overdue since {self.next_due}; run: review update"
        return f"{searched}, next due {self.next_due}"


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
        certain = self.retraction is Retraction.CERTAIN
        what = (
            "retracted and still included" if certain else "a retraction is possible; being checked"
        )
        rests = f" (study {self.study or 'none yet'}; claims {', '.join(self.claims) or 'none'})"
        return f"{what}: {self.record}{rests}; decide: review notice resolve {self.record}"


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
            lines.append("no edition released; run: review edition --dry-run")
        else:
            lines.append(f"last edition: {self.edition}; what 1.0 lacks: review edition --gate")
        if self.people_to_be_named:
            lines.append(f"to be named: {', '.join(self.people_to_be_named)}")
        return lines

    def _warnings(self) -> Iterator[str]:
        """Records that a source's last search could not take, and what ails the strategies."""
        for source, one in self.set_aside:
            yield f"warning: {source}: {one} is set aside, look at it: {one.why}"
        for symptom in self.health[:SHOWN]:
            yield f"warning: {symptom.sentence}"
        if len(self.health) > SHOWN:
            yield f"warning: {len(self.health) - SHOWN} more on the strategy (--json)"

    def _waiting(self) -> Iterator[str]:
        """What waits for people to screen, extract and sign; no line where nothing does."""
        if self.conflicts:
            yield f"{self.conflicts} conflicts between reviewers; run: review screen --list"
        if self.baseline_not_screened:
            yield f"baseline not yet screened: {self.awaiting_screening}"
        elif self.awaiting_screening:
            yield f"{self.awaiting_screening} records await screening; run: review screen"
        for reviewer, waiting in self.by_reviewer:
            if waiting:
                yield f"{waiting} of them for {reviewer}"
        if self.awaiting_full_text:
            yield f"{self.awaiting_full_text} reports await a full-text decision"
        if self.queued_pairs:
            yield f"{self.queued_pairs} doubtful pairs; run: review dedupe --list"
        if self.included_without_extraction:
            yield f"{self.included_without_extraction} included reports have no extraction"
        if self.unverified_values:
            yield f"{self.unverified_values} extracted values that nobody has signed"
        if self.stale_decisions:
            yield f"{self.stale_decisions} decisions were taken under other criteria"

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
    """The state of the review on a day; everything is derived."""
    library, unverified = _selection(snapshot)
    sources = []
    for source in library.protocol.sources:
        through = max((s.date for s in library.searches if s.source == source.id), default=None)
        due = None
        if through:
            due = str(date.fromisoformat(through) + timedelta(days=source.interval_days))
        sources.append(SourceStatus(source.id, through, due, bool(due and due < today)))
    reviewers = sorted(set(library.decisions) - {"consensus"})
    waiting = library.waiting
    return Status(
        sources=tuple(sources),
        awaiting_screening=waiting.screening,
        baseline_not_screened=bool(waiting.screening) and not library.looked_at,
        conflicts=waiting.conflicts,
        awaiting_full_text=waiting.full_text,
        queued_pairs=len(library.duplicates.queue),
        included_without_extraction=sum(
            1 for one in library.included if one not in library.study_of
        ),
        unverified_values=unverified,
        stale_decisions=len(library.stale()),
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


def _selection(snapshot: Snapshot) -> tuple[Selection, int]:
    """The review's records, and how many values nobody has signed as they stand.

    Where nobody has signed anything a glance at the extractions is enough, which saves loading
    their models; else they are read whole.
    """
    signatures = snapshot.signatures()
    if not signatures:
        outlines = snapshot.outlines().values()
        return Selection.of(snapshot), sum(one.values for one in outlines)
    from review.grading.signatures import Ledger

    library = Library.of(snapshot)
    ledger = Ledger.of(snapshot.protocol, signatures)
    return library, sum(
        not ledger.of_value(study, field, fact)
        for study, extraction in library.extractions.items()
        for field, fact in extraction.facts()
    )
