"""Grade: the level of evidence for a question, and every reason on the way to it.

A level is a function of question kind, study design and recorded adjustments (OCEBM 2011), never
of a paper alone. Nothing is stored. Levels are not recommendations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from review.grading import reasons
from review.ground.errors import UsageError
from review.ground.resources import resource_bytes
from review.ground.yaml import parse
from review.model.base import Bilingual, QuestionKind, load
from review.model.claim import Claim
from review.model.extraction import (
    Amstar,
    Design,
    Estimand,
    Extraction,
    Result,
    SourceTier,
    fewest_analysed,
)
from review.model.fingerprint import digest, value_hash
from review.model.question import Adjustment, EligibleStudy, Factor, Question
from review.model.record import Retraction
from review.model.table import Cell, Table
from review.selection.library import Library

HEADLINE = "strict"
COMPARATIVE = frozenset(
    {
        QuestionKind.TREATMENT,
        QuestionKind.COMMON_HARM,
        QuestionKind.RARE_HARM,
        QuestionKind.SCREENING,
    }
)
CONTROLLED = frozenset(
    {Design.RANDOMISED_TRIAL, Design.NONRANDOMISED_CONTROLLED, Design.HISTORICALLY_CONTROLLED}
)
UNCONTROLLED = frozenset(
    {
        Design.UNCONTROLLED_FOLLOW_UP,
        Design.POST_HOC_EXTENSION,
        Design.COHORT,
        Design.INCEPTION_COHORT,
    }
)
NO_FREQUENCY = frozenset({Design.CASE_REPORT, Design.CASE_CONTROL})
"""Designs whose shares say nothing of how common something is (methods rule 38)."""
HEARSAY = frozenset({SourceTier.NEWS, SourceTier.SECONDARY})
REVIEWS = frozenset(
    {Design.SYSTEMATIC_REVIEW, Design.SYSTEMATIC_REVIEW_OF_TRIALS, Design.NARRATIVE_REVIEW}
)


class Status(StrEnum):
    """Whether a question has a level."""

    GRADED = "graded"
    NOT_REPRODUCIBLE = "not_reproducible"
    NOT_GRADABLE = "not_gradable"
    NO_EVIDENCE = "no_evidence"
    SUSPENDED = "suspended"


@dataclass(frozen=True)
class StudyLevel:
    """The level of one study for one question."""

    study: str
    base: int | None
    level: int | None
    reasons: tuple[Bilingual, ...]
    verified_cell: bool = True
    suspended: Retraction | None = None
    """a report of it is retracted, and how sure that is"""
    evidence: str = ""
    """fingerprint of the design and the results behind the level"""


@dataclass(frozen=True)
class Grade:
    """The level of a question's body of evidence."""

    question: Question
    profile: str
    status: Status
    level: int | None
    studies: tuple[StudyLevel, ...]
    reasons: tuple[Bilingual, ...]


@dataclass(frozen=True)
class ClaimGrade:
    """The level a claim stands on: that of its question, where a study it rests on has one."""

    claim: Claim | None
    """None for a question that no claim answers"""
    grade: Grade
    status: Status
    level: int | None
    reasons: tuple[Bilingual, ...]

    @property
    def seed_level(self) -> int | None:
        """The level an earlier review printed; never used to compute one."""
        return self.claim.seed.level if self.claim and self.claim.seed else None

    def as_json(self) -> dict[str, Any]:
        """The grade for machines."""
        question, studies = self.grade.question, self.grade.studies
        return {
            "claim": self.claim.id if self.claim else None,
            "question": question.id,
            "kind": str(question.kind),
            "profile": self.grade.profile,
            "status": str(self.status),
            "level": self.level,
            "single_study_levels": {s.study: s.level for s in studies},
            "studies": [s.study for s in studies],
            "reasons": [r["en"] for r in self.reasons],
            "study_reasons": {s.study: [r["en"] for r in s.reasons] for s in studies},
            "question_status": str(self.grade.status),
            "question_level": self.grade.level,
            "seed_level": self.seed_level,
        }


@cache
def table() -> Table:
    """The OCEBM 2011 table."""
    name = "review/grading/ocebm2011.yaml"
    return load(Table, parse(resource_bytes(name), name), name)


def _cell(kind: QuestionKind, design: Design) -> Cell | None:
    return next((cell for cell in table().rows[kind] if design in cell.designs), None)


def worst(kind: QuestionKind) -> int:
    """The lowest level a question's row has; prevalence and prognosis have no level 5."""
    return max(cell.level for cell in table().rows[kind] if not cell.not_applicable)


def _steps(
    level: int, adjustments: Sequence[Adjustment], kind: QuestionKind
) -> tuple[int, list[Bilingual]]:
    """A level after adjustments: all steps are summed, then the level is kept inside its row."""
    at, why = level, []
    for adjustment in adjustments:
        up = adjustment.factor is Factor.LARGE_EFFECT
        after = at - adjustment.steps if up else at + adjustment.steps
        why.append(reasons.step(adjustment, at, after))
        at = after
    kept = min(worst(kind), max(1, at))
    if kept != at:
        why.append(reasons.kept_inside(kept))
    return kept, why


def usable(eligible: EligibleStudy, extraction: Extraction) -> list[Result]:
    """The results of a study that may ground a level: not those from news or second hand."""
    found = (extraction.result(one) for one in eligible.results)
    return [r for r in found if r is not None and r.source_tier not in HEARSAY]


def _evidence(eligible: EligibleStudy, extraction: Extraction) -> str:
    results = (extraction.result(one) for one in eligible.results)
    found = [extraction.design, *(r for r in results if r is not None)]
    return digest([value_hash(one) for one in found])


def grade_study(
    question: Question,
    eligible: EligibleStudy,
    extraction: Extraction,
    adjustments: tuple[Adjustment, ...],
    profile: str,
) -> StudyLevel:
    """The level of one study for a question: start from the table, then the recorded steps."""
    if (why := _unusable(eligible, extraction)) is not None:
        return StudyLevel(eligible.study, None, None, (why,))
    kind, design, used = question.kind, extraction.design.value, usable(eligible, extraction)
    assert design is not None
    if kind is QuestionKind.PREVALENCE and design in NO_FREQUENCY:
        return StudyLevel(eligible.study, None, None, (reasons.no_frequency(design),))
    read_as, uncompared = _read_as(kind, design, used)
    cell = _cell(kind, read_as)
    if cell is None:
        return StudyLevel(eligible.study, None, None, (*uncompared, reasons.no_cell(read_as)))
    level, unappraised = _by_amstar(cell.level, extraction)
    base, large = _by_follow_up(level, kind, read_as, used, profile)
    own = [one for one in adjustments if one.study == eligible.study]
    level, steps = _steps(base, own, kind)
    way = (*uncompared, reasons.starts(read_as, cell), *unappraised, *large, *steps)
    return StudyLevel(eligible.study, base, level, way, cell.verified)


def _unusable(eligible: EligibleStudy, extraction: Extraction) -> Bilingual | None:
    """Why a study has no level, whatever the question; None where it may have one."""
    design = extraction.design.value
    if eligible.no_result is not None:
        return reasons.no_result(eligible.no_result)
    if design is None:
        return reasons.DESIGN_UNKNOWN
    if design in REVIEWS and design is not Design.SYSTEMATIC_REVIEW_OF_TRIALS:
        return reasons.UNREAD_REVIEW
    if not usable(eligible, extraction):
        return reasons.HEARSAY_ALONE
    if extraction.design.source_tier in HEARSAY:
        return reasons.DESIGN_BY_HEARSAY
    return None


def _read_as(
    kind: QuestionKind, design: Design, used: Sequence[Result]
) -> tuple[Design, list[Bilingual]]:
    """The design by which the table is read: without a comparison, control counts for nothing."""
    estimands = {result.estimand for result in used}
    if kind not in COMPARATIVE or design not in CONTROLLED or Estimand.BETWEEN_ARM in estimands:
        return design, []
    within = Estimand.WITHIN_ARM in estimands
    why = reasons.within_one_arm(design) if within else reasons.no_arms_compared(design)
    return Design.UNCONTROLLED_FOLLOW_UP, [why]


def _by_amstar(level: int, extraction: Extraction) -> tuple[int, list[Bilingual]]:
    """Level 1 of a systematic review of trials stands on AMSTAR 2; without it, level 2."""
    if extraction.design.value is not Design.SYSTEMATIC_REVIEW_OF_TRIALS or level != 1:
        return level, []
    rating = extraction.amstar_2.value if extraction.amstar_2 else None
    if rating in (Amstar.HIGH, Amstar.MODERATE):
        return level, []
    return 2, [reasons.read_as_its_trials(rating)]


def _by_follow_up(
    level: int, kind: QuestionKind, read_as: Design, used: Sequence[Result], profile: str
) -> tuple[int, list[Bilingual]]:
    """The level a profile gives to a follow-up of many people, where it is a better one."""
    reading, people = table().profiles[profile], fewest_analysed(used)
    if (
        reading.follow_up_minimum is None
        or reading.follow_up_level is None
        or kind not in COMPARATIVE
        or read_as not in UNCONTROLLED
        or people is None
        or people < reading.follow_up_minimum
        or level <= reading.follow_up_level
    ):
        return level, []
    better = reading.follow_up_level
    return better, [reasons.large_follow_up(profile, people, better)]


def grade_question(question: Question, library: Library, profile: str = HEADLINE) -> Grade:
    """The level of a question's body of evidence, before appraisal.

    The body starts at the best level of a study that may be used; body adjustments follow.

    :raises UsageError: for a profile that does not exist
    """
    if profile not in table().profiles:
        raise UsageError(f"found profile {profile}, expected {' or '.join(table().profiles)}")

    def result(
        status: Status, level: int | None, studies: tuple[StudyLevel, ...], *why: Bilingual
    ) -> Grade:
        return Grade(question, profile, status, level, studies, why)

    if question.kind is QuestionKind.NOT_GRADABLE:
        plain = tuple(
            StudyLevel(
                one.study,
                None,
                None,
                (),
                suspended=touch.retraction if (touch := library.suspended(one.study)) else None,
                evidence=_evidence(one, library.extractions[one.study]),
            )
            for one in question.studies
        )
        return result(Status.NOT_GRADABLE, None, plain, reasons.NOT_COVERED)
    levels = []
    for eligible in question.studies:
        extraction = library.extractions[eligible.study]
        one = grade_study(question, eligible, extraction, question.adjustments, profile)
        one = replace(one, evidence=_evidence(eligible, extraction))
        if touch := library.suspended(eligible.study):
            why = (*one.reasons, reasons.retracted(touch.record, touch.retraction))
            one = replace(one, level=None, reasons=why, suspended=touch.retraction)
        levels.append(one)
    studies = tuple(levels)
    if question.not_reproducible is not None:
        return result(Status.NOT_REPRODUCIBLE, None, studies, question.not_reproducible)
    graded = [one for one in studies if one.level is not None]
    if not graded:
        if any(one.suspended and one.base is not None for one in studies):
            return result(Status.SUSPENDED, None, studies, reasons.ALL_RETRACTED)
        if not studies:
            return result(Status.NO_EVIDENCE, None, studies, reasons.NO_STUDY)
        return result(Status.NOT_REPRODUCIBLE, None, studies, reasons.NO_USABLE_RESULT)
    start = min(one.level for one in graded if one.level is not None)
    best = sorted(one.study for one in graded if one.level == start)
    first = reasons.starts_with(best, start)
    body = [one for one in question.adjustments if one.study is None]
    level, steps = _steps(start, body, question.kind)
    return result(Status.GRADED, level, studies, first, *steps, reasons.BEFORE_APPRAISAL)


def grade_claim(claim: Claim, grade: Grade) -> ClaimGrade:
    """The level a claim stands on.

    A claim carries its question's level only where a study for or against it has one itself, and
    no better one than such a study: another study's level lends nothing to a sentence.
    """
    by_study = {one.study: one for one in grade.studies}
    behind = [by_study[s] for s in (*claim.supporting, *claim.against) if s in by_study]
    if retracted := {one.study: one.suspended for one in behind if one.suspended}:
        reason = reasons.rests_on_retracted(retracted)
        return ClaimGrade(claim, grade, Status.SUSPENDED, None, (reason,))
    if grade.status is Status.NOT_GRADABLE:
        return ClaimGrade(claim, grade, grade.status, None, grade.reasons)
    if grade.level is None:
        return ClaimGrade(claim, grade, Status.NOT_REPRODUCIBLE, None, grade.reasons)
    own = min((one.level for one in behind if one.level is not None), default=None)
    if own is None:
        reason = claim.grade.basis or reasons.NO_LEVEL_BEHIND
        return ClaimGrade(claim, grade, Status.NOT_REPRODUCIBLE, None, (reason,))
    if own > grade.level:
        reason = reasons.level_of_others(own, grade.level)
        return ClaimGrade(claim, grade, Status.GRADED, own, (*grade.reasons, reason))
    return ClaimGrade(claim, grade, Status.GRADED, grade.level, grade.reasons)


def grade_all(
    library: Library, questions: Mapping[str, Question], profile: str = HEADLINE
) -> list[Grade]:
    """The level of every question, in the protocol's order."""
    return [grade_question(question, library, profile) for question in questions.values()]


def grade_claims(
    library: Library,
    questions: Mapping[str, Question],
    claims: Mapping[str, Claim],
    profile: str = HEADLINE,
) -> list[ClaimGrade]:
    """The level of every claim by its id, then of every question that no claim answers."""
    grades = {grade.question.id: grade for grade in grade_all(library, questions, profile)}
    found = [grade_claim(claim, grades[claim.question]) for claim in claims.values()]
    answered = {claim.question for claim in claims.values()}
    return found + [
        ClaimGrade(None, grade, grade.status, grade.level, grade.reasons)
        for name, grade in grades.items()
        if name not in answered
    ]
