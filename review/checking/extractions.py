"""Extractions: each report one study's, each value with its origin, each study included."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from review.ground.errors import Problem
from review.model.extraction import Extraction, Fact
from review.model.protocol import Protocol
from review.selection.library import Library, Place


def references(
    records: Container[str], extractions: Mapping[str, Extraction], studies: Container[str]
) -> list[Problem]:
    """Reports that are none or another study's, studies that are none, ids that are used twice.

    :param studies: ids of all studies that have a file
    """
    problems = []
    owner: dict[str, str] = {}
    successor = {name: study for study, e in extractions.items() for name in e.formerly}
    for study, extraction in extractions.items():
        path = f"data/extractions/{study}.yaml"
        if study in successor:
            sentence = f"{successor[study]} says it was formerly {study}; one of the two is wrong"
            problems.append(Problem(path, 0, "study", sentence))
        for index, report in enumerate(extraction.reports):
            if report not in records:
                sentence = f"found {report}, expected a record in data/records"
                problems.append(Problem(path, 0, f"reports[{index}]", sentence))
            elif report in owner:
                sentence = f"{report} is a report of {owner[report]} too"
                problems.append(Problem(path, 0, f"reports[{index}]", sentence))
            owner[report] = study
        problems += [
            Problem(path, 0, field, sentence) for field, sentence in _amiss(extraction, studies)
        ]
    return problems


def _amiss(extraction: Extraction, studies: Container[str]) -> Iterator[tuple[str, str]]:
    """Field and sentence of overlaps with no other study, and of results that share an id."""
    for field in ("overlaps", "may_overlap"):
        for other in getattr(extraction, field):
            if other not in studies or other == extraction.study:
                yield field, f"found {other}, expected another study in data/extractions"
    ids = [result.id for result in extraction.results]
    for repeated in sorted({i for i in ids if ids.count(i) > 1}):
        yield "results", f"the id {repeated} is used twice"


def origins(protocol: Protocol, extractions: Mapping[str, Extraction]) -> list[Problem]:
    """Each value says where and when it was read, and who entered it: a person known, or a tool."""
    problems = []
    people = {person.id for person in protocol.people}
    for study, extraction in extractions.items():
        path = f"data/extractions/{study}.yaml"
        for name, fact in extraction.facts():
            if fact.by is not None and " " not in fact.by and fact.by not in people:
                sentence = f"{fact.by} is not among the people of protocol.yaml"
                problems.append(Problem(path, 0, f"{name}.by", sentence))
            if isinstance(fact, Fact) and fact.value is None:
                continue
            for field in ("source_tier", "read_at", "by"):
                if getattr(fact, field) is None:
                    sentence = (
                        "missing, a value says where and when it was read, and who entered it"
                    )
                    problems.append(Problem(path, 0, f"{name}.{field}", sentence))
    return problems


def not_included(library: Library) -> list[Problem]:
    """Studies with data whose reports nobody includes: a decision, or the list of studies taken
    over, is gone.
    """
    problems = []
    kept = (Place.PREVIOUS, Place.BACKGROUND, Place.INCLUDED, Place.CONFLICT_FULL_TEXT)
    places = library.standings
    for study, extraction in library.extractions.items():
        reports = [library.resolve(one) for one in extraction.reports]
        if not any(one in places and places[one].place in kept for one in reports):
            at = next((str(places[one].place) for one in reports if one in places), "unknown")
            sentence = (
                f"nobody includes a report of this study (found {at}); expected a decision in "
                "data/screening, or an entry in data/previous.yaml (background, where it is no "
                "included study)"
            )
            problems.append(Problem(f"data/extractions/{study}.yaml", 0, "reports", sentence))
    return problems
