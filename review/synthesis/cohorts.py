"""Cohorts: which studies are of the same people, so that nobody is counted twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from review.grading.review import Review
from review.model.extraction import Extraction
from review.synthesis.estimate import Estimate


def cohorts(extractions: Mapping[str, Extraction]) -> dict[str, str]:
    """The cohort of each study: studies that declare the same people are one."""
    parent = {name: name for name in extractions}

    def top(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for name, extraction in extractions.items():
        for other in extraction.overlaps:
            if other in parent:
                first, second = sorted((top(name), top(other)))
                parent[second] = first
    return {name: top(name) for name in parent}


def double_cohorts(review: Review, estimates: Sequence[Estimate]) -> list[tuple[str, ...]]:
    """Estimates that come from the same people; two of them in one pool are an error."""
    cohort_of = cohorts(review.library.extractions)
    groups: dict[str, list[str]] = {}
    for estimate in estimates:
        groups.setdefault(cohort_of[estimate.study], []).append(estimate.study)
    return [tuple(sorted(names)) for names in groups.values() if len(names) > 1]
