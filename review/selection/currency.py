"""Currency: through which day the review was searched, screened and integrated.

PRISMA-LSR asks for these dates apart; one combined "last updated" would hide which step is late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from review.selection.library import Library, Place


@dataclass(frozen=True)
class Currency:
    """Days of the review's steps; None where a step was never done."""

    searched_through: str | None
    """day through which every source was searched"""
    screened_through: str | None
    """last search all of whose records were decided on"""
    integrated_through: str | None
    """last search all of whose included reports have an extraction"""
    next_due: str | None
    """day by which the first source is due again"""
    waiting: int
    """records that await a decision"""
    unread: int
    """included reports without an extraction"""


def currency(library: Library) -> Currency:
    """The days, from searches and decisions alone."""
    last = {
        source.id: max((s.date for s in library.searches if s.source == source.id), default=None)
        for source in library.protocol.sources
    }
    known = [day for day in last.values() if day is not None]
    searched = min(known) if known and len(known) == len(last) else None
    due = None
    if searched is not None:
        days = [
            date.fromisoformat(day) + timedelta(days=source.interval_days)
            for source in library.protocol.sources
            if (day := last[source.id]) is not None
        ]
        due = str(min(days))
    waiting = library.at(
        Place.AWAITING_SCREENING,
        Place.CONFLICT_TITLE_ABSTRACT,
        Place.AWAITING_FULL_TEXT,
        Place.CONFLICT_FULL_TEXT,
    )
    at_title = library.at(Place.AWAITING_SCREENING, Place.CONFLICT_TITLE_ABSTRACT)
    unread = [one for one in library.included if one not in library.study_of]
    return Currency(
        searched_through=searched,
        screened_through=_before(library, at_title),
        integrated_through=_before(library, [*waiting, *unread]),
        next_due=due,
        waiting=library.waiting.decisions,
        unread=len(unread),
    )


def _before(library: Library, open_records: list[str]) -> str | None:
    """The last search before the first one that found a record still open."""
    seen = library.history.first_seen
    oldest = min((seen[one] for one in open_records if one in seen), default=None)
    days = [s.date for s in library.searches if oldest is None or s.date < oldest]
    return max(days, default=None)
