"""What a suspended claim leaves behind: one sentence in place of its own, wherever that stood.

What the review said stands in the history alone (editions, changes), marked there (rule 36).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from review.grading.levels import Status
from review.grading.review import Review
from review.ground.words import words
from review.model.base import Bilingual, bilingual
from review.model.record import Retraction
from review.selection.told import told_on


@dataclass(frozen=True)
class Withdrawn:
    """A claim that rests on a study whose results may not be used.

    :ivar since: day on which that was told first, where it is known
    :ivar retraction: how sure it is; certain where one of several is
    :ivar studies: the suspended studies that it rests on
    :ivar sentence: what stands in place of the claim's own sentence
    """

    claim: str
    since: str | None
    retraction: Retraction
    studies: tuple[str, ...]
    sentence: Bilingual


def withdrawn_claims(review: Review) -> dict[str, Withdrawn]:
    """Every suspended claim by its id."""
    found = {}
    for name, grade in review.claim_grades.items():
        if grade.status is not Status.SUSPENDED:
            continue
        claim = review.claims[name]
        suspended = {one: review.library.suspended(one) for one in claim.studies}
        behind = (*claim.supporting, *claim.against)
        studies = tuple(one for one in behind if suspended[one])
        sure = [touch.retraction for one in studies if (touch := suspended[one])]
        grade_of = Retraction.CERTAIN if Retraction.CERTAIN in sure else Retraction.POSSIBLE
        since = _since(review, studies)
        found[name] = Withdrawn(name, since, grade_of, studies, _sentence(since, grade_of))
    return found


def _since(review: Review, studies: tuple[str, ...]) -> str | None:
    """The first day on which a retraction behind some studies was told, where one is known."""
    library = review.library
    reports = (report for study in studies for report in library.extractions[study].reports)
    days = [told_on(library, report) for report in reports if library.retraction(report)]
    return min((day for day in days if day), default=None)


def _sentence(since: str | None, retraction: Retraction) -> Bilingual:
    key = f"withdrawn.{retraction}" + ("" if since else ".undated")
    return bilingual(*(words(language)[key].format(date=since) for language in ("en", "zh")))


def listing(review: Review, withdrawn: Mapping[str, Withdrawn]) -> list[dict[str, Any]]:
    """The same for machines, with the editions that still print each claim as it was."""
    return [
        {
            "claim": one.claim,
            "withdrawn_on": one.since,
            "retraction": str(one.retraction),
            "studies": list(one.studies),
            "sentence": {"en": one.sentence["en"], "zh": one.sentence["zh"]},
            "editions": [
                edition.version
                for edition in review.editions
                if any(claim.id == one.claim for claim in edition.claims)
            ],
        }
        for one in withdrawn.values()
    ]
