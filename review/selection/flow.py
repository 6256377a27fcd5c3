"""The PRISMA 2020 flow: counts of records at each box, each sum proven before it is shown.

Source: Page MJ et al. BMJ 2021;372:n71, figure 1 (template for updated reviews).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from review.ground.errors import InvalidDataError, Problem
from review.model.importing import Import
from review.model.screening import Route
from review.model.search import Search
from review.selection.library import AT_FULL_TEXT, AT_TITLE_ABSTRACT, Library, Place


@dataclass(frozen=True)
class Flow:
    """Every number of the diagram. Records, unless the name says reports or studies."""

    previous_reports: int
    """reports taken over from an earlier review"""
    by_source: tuple[tuple[str, int], ...]
    """records found by database searches and imports, all runs together"""
    other_methods: int
    """records held that no search found and that are not previous reports"""
    identified: int
    duplicates: int
    notices: int
    background: int
    """reports kept for background pages, none of them an included study"""
    by_hand: int
    """reports found by other methods and taken over without a decision"""
    already_previous: int
    """found by a search, and known as a report taken over"""
    screened: int
    """assessed on title and abstract by as many reviewers as the protocol asks"""
    excluded_title_abstract: int
    awaiting_screening: int
    conflicts_title_abstract: int
    sought: int
    """reports sought for full-text assessment"""
    awaiting_full_text: int
    conflicts_full_text: int
    excluded_full_text: tuple[tuple[str, int], ...]
    """by criterion"""
    included_reports: int
    """included by decision of this review"""
    total_reports: int
    total_studies: int
    """studies with an extraction among the included reports"""
    without_extraction: int
    retracted_included: int
    removed: int
    """left after inclusion, for a retraction"""

    @property
    def to_screen(self) -> int:
        """Records left after removal of duplicates, notices and known reports."""
        return self.identified - self.duplicates - self.notices - self.already_previous

    @property
    def assessed(self) -> int:
        """Reports assessed in full text."""
        return sum(n for _, n in self.excluded_full_text) + self.included_reports


def flow(library: Library) -> Flow:
    """Count the review's records.

    :raises InvalidDataError: where a search or import names a record that is not there
    :raises AssertionError: when a sum does not close, which no data can cause
    """
    places = Counter(s.place for s in library.standings.values())
    waiting = library.waiting
    source_of = _source_of(library)
    by_source = Counter(source_of.values())
    found = source_of.keys() & library.records.keys()
    previous = {one for one, s in library.standings.items() if s.place is Place.PREVIOUS}
    background = set(library.at(Place.BACKGROUND))
    known = previous | background
    others = set(library.records) - found - known
    hand = {
        library.resolve(study.record)
        for study in library.previous.studies
        if study.route is Route.OTHER_METHODS
    } & previous
    reasons = Counter(
        s.criterion or "no criterion"
        for s in library.standings.values()
        if s.place is Place.EXCLUDED_FULL_TEXT
    )
    sought = sum(places[p] for p in AT_FULL_TEXT)
    included = sorted(library.included)
    extracted = {library.study_of[one] for one in included if one in library.study_of}
    result = Flow(
        previous_reports=len(previous) - len(hand),
        background=len(background),
        by_hand=len(hand),
        by_source=tuple(sorted(by_source.items())),
        other_methods=len(others),
        identified=sum(by_source.values()) + len(others),
        duplicates=places[Place.DUPLICATE],
        notices=places[Place.NOTICE],
        already_previous=len(known & found),
        screened=places[Place.EXCLUDED_TITLE_ABSTRACT] + sought,
        excluded_title_abstract=places[Place.EXCLUDED_TITLE_ABSTRACT],
        awaiting_screening=waiting.screening,
        conflicts_title_abstract=waiting.conflicts_title_abstract,
        sought=sought,
        awaiting_full_text=waiting.full_text,
        conflicts_full_text=waiting.conflicts_full_text,
        excluded_full_text=tuple(sorted(reasons.items())),
        included_reports=places[Place.INCLUDED],
        total_reports=len(included),
        total_studies=len(extracted),
        without_extraction=sum(1 for one in included if one not in library.study_of),
        retracted_included=sum(1 for one in included if one in library.retracted),
        removed=len(library.removed),
    )
    if lost := sorted(source_of.keys() - library.records.keys()):
        sentence = f"a search or import found {lost[0]}, expected its file in data/records"
        raise InvalidDataError([Problem("data/searches", 0, "new", sentence)])
    _prove(result, at_screening=sum(places[p] for p in AT_TITLE_ABSTRACT))
    return result


def _source_of(library: Library) -> dict[str, str]:
    """The source of every record that searches and imports found: the first that found it."""
    source_of: dict[str, str] = {}
    runs: Sequence[Search | Import] = (*library.searches, *library.imports)
    for run in runs:
        for one in run.new:
            source_of.setdefault(one, run.source)
    return source_of


def _prove(result: Flow, at_screening: int) -> None:
    """That every sum of the diagram closes."""
    placed = at_screening + result.sought
    if result.to_screen != placed:
        raise AssertionError(f"flow: {result.to_screen} to screen, {placed} placed")
    if (
        result.to_screen
        != result.screened + result.awaiting_screening + result.conflicts_title_abstract
    ):
        raise AssertionError("flow: the screening boxes do not add up")
    if result.sought != result.awaiting_full_text + result.conflicts_full_text + result.assessed:
        raise AssertionError("flow: the full-text boxes do not add up")
    if result.total_reports != (
        result.included_reports + result.previous_reports + result.by_hand - result.removed
    ):
        raise AssertionError("flow: the included reports do not add up")
