"""What hangs on a value: the claims that rest on it, and the order in which values are signed."""

from __future__ import annotations

from collections.abc import Sequence

from review.grading.review import Review
from review.model.extraction import Extraction, Provenance


def claims_on(review: Review, study: str, field: str) -> tuple[str, ...]:
    """Claims that rest on a value: on a result those that its question takes it for; on all else of
    a study (its design, its numbers of people) every claim that names the study.
    """
    result = field.removeprefix("results.") if field.startswith("results.") else None
    found = []
    for name, claim in sorted(review.claims.items()):
        if study not in claim.studies:
            continue
        taken = {
            one
            for eligible in review.questions[claim.question].studies
            if eligible.study == study
            for one in eligible.results
        }
        if result is None or result in taken:
            found.append(name)
    return tuple(found)


def kind_of(field: str) -> int:
    """Results first, then the design, then numbers of people, then the rest."""
    if field.startswith("results."):
        return 0
    return {"design": 1, "sample": 2}.get(field.partition("[")[0], 3)


def by_stake(
    review: Review, extraction: Extraction
) -> list[tuple[str, Provenance, tuple[str, ...]]]:
    """A study's values with the claims on them: those of claims in the last edition first, then of
    other claims, then of none; in each the results, the design, the numbers of people, the rest.
    """
    published = {one.id for one in review.editions[-1].claims} if review.editions else set[str]()
    rows = [
        (field, fact, claims_on(review, extraction.study, field))
        for field, fact in extraction.facts()
    ]

    def order(row: tuple[str, Provenance, Sequence[str]]) -> tuple[int, int, int]:
        claims = row[2]
        stake = 0 if published.intersection(claims) else 1 if claims else 2
        return stake, kind_of(row[0]), -len(claims)

    return sorted(rows, key=order)
