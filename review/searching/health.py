"""Strategy health: whether a search still finds what it found, and what the review includes.

What the platform itself remarked on a line, and two free tests that every update runs. Counts: each
line's hits against those of the last search of an earlier day, since a line that breaks falls or
jumps. Known-item recall: the included records that the source delivers are a set of known relevant
items; the strategy should find each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from review.ground.printable import printable
from review.model.history import History, replay
from review.model.search import ACKNOWLEDGED, UNUSED, Search
from review.searching.sources import held_keys
from review.selection.library import Selection

FALL = 0.05
"""Share of its hits that a line may lose; databases hardly ever shrink. The most hits of the last
year are what counts, so that a slow fall is seen, and a fall goes on being told."""
JUMP = 0.25
"""Share of hits a line may gain since the last search that is at least three weeks older."""
YEAR, WEEKS = timedelta(days=400), timedelta(days=20)
LEAST = 5
"""Fewer hits gained or lost than this are no sign, however small the line."""
LONGEST = 300
"""Characters of a remark that are shown; all of it stands in the search file."""


class Sign(StrEnum):
    """What is wrong with a strategy."""

    FALL = "fall"
    JUMP = "jump"
    EMPTY = "empty"
    """a line that found something finds nothing"""
    LOST = "lost"
    """an included record that an earlier search found"""
    NEVER = "never"
    """an included record that no search has found"""
    REMARK = "remark"
    """what the platform says it did with a line otherwise than written"""


@dataclass(frozen=True)
class Symptom:
    """A line whose hits moved beyond the bound or that the platform remarked on, or an included
    record that is not found.
    """

    source: str
    sign: Sign
    line: int | None = None
    before: int | None = None
    """hits then"""
    now: int | None = None
    since: str | None = None
    """day of the search compared with, or of the one that found the record last"""
    record: str | None = None
    remark: str | None = None
    """the platform's words, as they can be shown"""

    @property
    def sentence(self) -> str:
        """For the terminal, the pull request and the status."""
        if self.record:
            if self.sign is Sign.LOST:
                return f"{self.source}: included record {self.record} is no longer found"
            return f"{self.source}: included record {self.record} was never found by the strategy"
        if self.remark:
            return f"{self.source}: line {self.line}: {self.remark}"
        verb = {Sign.FALL: "fell", Sign.JUMP: "jumped", Sign.EMPTY: "fell"}[self.sign]
        return (
            f"{self.source}: line {self.line} {verb} from {self.before} hits ({self.since}) "
            f"to {self.now}"
        )

    def as_json(self) -> dict[str, str | int | None]:
        """For machines."""
        return {"sentence": self.sentence, **vars(self), "sign": str(self.sign)}


@dataclass(frozen=True)
class Recall:
    """Known-item recall of a source's last search."""

    source: str
    known: tuple[str, ...]
    """included records that this source delivers"""
    found: tuple[str, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Included records the strategy does not find."""
        return tuple(one for one in self.known if one not in self.found)


def _counts(searches: Sequence[Search]) -> Iterable[Symptom]:
    last = searches[-1]
    earlier = [s for s in searches if s.date < last.date]
    today = date.fromisoformat(last.date)
    for line in last.lines:
        then = [  # amended lines have nothing to compare with
            (one.count, s.date) for s in earlier for one in s.lines if one.sent == line.sent
        ]
        lately = [one for one in then if date.fromisoformat(one[1]) >= today - YEAR]
        if not lately:
            continue
        most = max(lately, key=lambda one: one[0])
        older = [one for one in then if date.fromisoformat(one[1]) <= today - WEEKS]
        before = older[-1] if older else then[-1]
        sign, than = None, most
        lost, gained = most[0] - line.count, line.count - before[0]
        if most[0] and not line.count:
            sign = Sign.EMPTY
        elif lost >= LEAST and lost > FALL * most[0]:
            sign = Sign.FALL
        elif gained >= LEAST and gained > JUMP * before[0]:
            sign, than = Sign.JUMP, before
        if sign is not None:
            yield Symptom(last.source, sign, line.line, than[0], line.count, than[1])


def _remarks(searches: Sequence[Search]) -> Iterable[Symptom]:
    """What the platform remarked on the last search's lines, and does so until the line is mended.

    A synonym that no record uses is usual: it is told by the first search that met it, since it may
    be a slip of the pen. What the protocol acknowledges is not told, nor what a line repeats of
    those that it refers to.
    """
    last = searches[-1]
    told: set[str] = set()
    earlier = [line for s in searches if s.date < last.date for line in s.lines]
    known = {warning for line in earlier for warning in line.warnings}
    for line in last.lines:
        for warning in line.warnings:
            met = warning.startswith(UNUSED) and warning in known
            if not met and not warning.startswith(ACKNOWLEDGED) and warning not in told:
                told.add(warning)
                if shown := printable(warning)[:LONGEST]:
                    yield Symptom(last.source, Sign.REMARK, line.line, remark=shown)


def recall(library: Selection, source: str) -> Recall:
    """Which included records the last search of a source finds.

    A report counts as found when any of its records is. Records that the source never delivered
    (no number of its own, a wrong one, or one that it no longer holds) test no strategy.
    """
    searches = [s for s in library.searches if s.source == source]
    if not searches:
        return Recall(source, (), ())
    history = replay(searches)
    delivered = _delivered(library, source, history)
    members = {c.id: c.members for c in library.duplicates.clusters}
    known, found = [], []
    for one in sorted(library.included):
        here = [m for m in members.get(one, (one,)) if m in delivered]
        if not here:
            continue
        known.append(one)
        if any(m in history.last for m in here):
            found.append(one)
    return Recall(source, tuple(known), tuple(found))


def _delivered(library: Selection, source: str, history: History) -> frozenset[str]:
    """Records that a source delivers, by its own key of each: those it keeps up to date, and those
    it found that another source keeps.

    :param history: what its searches say
    """
    asked = next((one for one in library.protocol.sources if one.id == source), None)
    imported = frozenset(one for run in library.imports for one in run.new)
    kept = held_keys(library.records.values(), asked, imported).values() if asked else ()
    here = {
        one for one in kept if library.records[one].delivered and not library.records[one].vanished
    }
    elsewhere = (history.ever - set(kept)) & library.records.keys()
    return frozenset(here | elsewhere) - history.vanished


def health(library: Selection) -> list[Symptom]:
    """All warnings on all sources' last searches, the gravest first."""
    warnings: list[Symptom] = []
    for source in library.protocol.sources:
        searches = [s for s in library.searches if s.source == source.id]
        if not searches:
            continue
        warnings += _counts(searches)
        warnings += _remarks(searches)
        ever = replay(searches).ever
        for one in recall(library, source.id).missed:
            sign = Sign.LOST if one in ever else Sign.NEVER
            warnings.append(Symptom(source.id, sign, record=one))
    order = list(Sign)
    return sorted(warnings, key=lambda w: (w.sign is Sign.NEVER, w.source, order.index(w.sign)))


@dataclass(frozen=True)
class Trend:
    """Hits of one strategy line over time."""

    line: int
    counts: tuple[int | None, ...]
    """hits at each search, in their order; None where the line was worded otherwise"""

    def points(self, width: float, height: float) -> str:
        """The line of a small chart, as SVG takes it; from nothing to the largest count."""
        known = [(i, n) for i, n in enumerate(self.counts) if n is not None]
        top = max((n for _, n in known), default=0) or 1
        step = width / max(1, len(self.counts) - 1)
        return " ".join(f"{i * step:.1f},{height - height * n / top:.1f}" for i, n in known)


def trends(searches: Sequence[Search]) -> list[Trend]:
    """Hits of each line of the last search over all searches of the source."""
    if not searches:
        return []
    rows = []
    for line in searches[-1].lines:
        counts = tuple(
            next((one.count for one in s.lines if one.sent == line.sent), None) for s in searches
        )
        rows.append(Trend(line.line, counts))
    return rows
