"""What complete searches say together: the only memory of what was found, when, and what was told.

New is what no earlier search file holds, never what is missing on disk: a run that was killed
half-way has written records but no search file, and finds the same things new again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from review.model.search import Search


@dataclass(frozen=True)
class History:
    """What a source's complete searches say together."""

    last: frozenset[str] = frozenset()
    """Records the last search found."""
    ever: frozenset[str] = frozenset()
    """Records any search found."""
    first_seen: Mapping[str, str] = field(default_factory=dict)
    """Day each record was first found."""
    notices: frozenset[tuple[str, str]] = frozenset()
    vanished: frozenset[str] = frozenset()
    """Held records ever told as vanished or unknown."""


def replay(searches: Iterable[Search]) -> History:
    """Add up complete searches, oldest first."""
    last: set[str] = set()
    first_seen: dict[str, str] = {}
    notices: set[tuple[str, str]] = set()
    vanished: set[str] = set()
    present: dict[str, set[str]] = {}
    for search in searches:
        found = present.setdefault(search.source, set())
        found |= set(search.new) | set(search.returned)
        found -= set(search.gone)
        for one in search.new:
            first_seen.setdefault(one, search.date)
        notices |= {event.key for event in search.notices}
        vanished |= set(search.vanished) | set(search.unknown)
    for found in present.values():
        last |= found
    return History(
        frozenset(last), frozenset(first_seen), first_seen, frozenset(notices), frozenset(vanished)
    )
