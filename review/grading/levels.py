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

from review.ground.errors import UsageError
from review.ground.resources import resource_bytes
from review.ground.yaml import parse
from review.model.base import Bilingual, QuestionKind, load
from review.model.claim import Claim
from review.model.extraction import Amstar, Design, Estimand, Extraction, Result, SourceTier
from review.model.fingerprint import digest, value_hash
from review.model.question import Adjustment, EligibleStudy, Factor, Question
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


FACTORS: Mapping[Factor, Bilingual] = {
    Factor.STUDY_QUALITY: Bilingual(en="study quality", zh="研究质量"),
    Factor.IMPRECISION: Bilingual(en="imprecision", zh="不精确"),
    Factor.INDIRECTNESS: Bilingual(en="indirectness", zh="间接性"),
    Factor.INCONSISTENCY: Bilingual(en="inconsistency between studies", zh="研究间不一致"),
    Factor.SMALL_ABSOLUTE_EFFECT: Bilingual(en="very small absolute effect", zh="绝对效应很小"),
    Factor.LARGE_EFFECT: Bilingual(en="large effect", zh="效应大"),
}


@dataclass(frozen=True)
class StudyLevel:
    """The level of one study for one question."""

    study: str
    base: int | None
    level: int | None
    reasons: tuple[Bilingual, ...]
    verified_cell: bool = True
    suspended: bool = False
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


def _say(en: str, zh: str) -> Bilingual:
    return Bilingual(en=en, zh=zh)


def _cell(kind: QuestionKind, design: Design) -> Cell | None:
    return next((cell for cell in table().rows[kind] if design in cell.designs), None)


def worst(kind: QuestionKind) -> int:
    """The lowest level a question's row has; prevalence and prognosis have no level 5."""
    return max(cell.level for cell in table().rows[kind] if not cell.not_applicable)


def _steps(
    level: int, adjustments: Sequence[Adjustment], kind: QuestionKind
) -> tuple[int, list[Bilingual]]:
    """A level after adjustments: all steps are summed, then the level is kept inside its row."""
    at, reasons = level, []
    for one in adjustments:
        after = at - one.steps if one.factor is Factor.LARGE_EFFECT else at + one.steps
        name, sentence = FACTORS[one.factor], one.sentence
        move_en, move_zh = f"{at} → {after}", f"{at} → {after}"
        if one.steps == 0:
            move_en, move_zh = "considered, no step", "已考虑，未调整"
        tool = one.proposed_by == "tool"
        mark_en = " (proposed by the tool, unconfirmed)" if tool else ""
        mark_zh = "（工具建议，未确认）" if tool else ""
        reasons.append(
            _say(
                f"{name['en']} ({move_en}): {sentence['en']}{mark_en}",
                f"{name['zh']}（{move_zh}）：{sentence['zh']}{mark_zh}",
            )
        )
        at = after
    kept = min(worst(kind), max(1, at))
    if kept != at:
        reasons.append(
            _say(f"kept inside the question's row: {kept}", f"限于该类问题的级别范围：{kept}")
        )
    return kept, reasons


def _analysed(results: Sequence[Result]) -> int | None:
    """People analysed for the outcome, the fewest of several results: never the cohort's number."""
    counts = [r.analysed if r.analysed is not None else r.total for r in results]
    known = [n for n in counts if n is not None]
    return min(known) if known and len(known) == len(counts) else None


def usable(eligible: EligibleStudy, extraction: Extraction) -> list[Result]:
    """The results of a study that may ground a level: not those from news or second hand."""
    found = (extraction.result(one) for one in eligible.results)
    return [r for r in found if r is not None and r.source_tier not in HEARSAY]


def _evidence(eligible: EligibleStudy, extraction: Extraction) -> str:
    results = (extraction.result(one) for one in eligible.results)
    found = [extraction.design, *(r for r in results if r is not None)]
    return digest([value_hash(one) for one in found])


def grade_study(  # noqa: C901
    question: Question,
    eligible: EligibleStudy,
    extraction: Extraction,
    adjustments: tuple[Adjustment, ...],
    profile: str,
) -> StudyLevel:
    """The level of one study for a question: start from the table, then the recorded steps."""
    kind = question.kind

    def none(en: str, zh: str, *before: Bilingual) -> StudyLevel:
        return StudyLevel(eligible.study, None, None, (*before, _say(en, zh)))

    if eligible.no_result is not None:
        why = eligible.no_result
        return none(f"no usable result: {why['en']}", f"无可用结果：{why['zh']}")
    design = extraction.design.value
    if design is None:
        return none("design not known: no level", "设计未知：不分级")
    if design in REVIEWS and design is not Design.SYSTEMATIC_REVIEW_OF_TRIALS:
        return none(
            "a review carries the level of its primary studies, which were not read",
            "综述的级别取决于其原始研究，而原始研究尚未阅读",
        )
    used = usable(eligible, extraction)
    if not used:
        return none(
            "known only from news or a secondary source: grades nothing until it is read",
            "仅见于新闻或二手来源：阅读原文前不作为分级依据",
        )
    if extraction.design.source_tier in HEARSAY:
        return none(
            "its design is known only from news or a secondary source: no level until it is read",
            "其设计仅见于新闻或二手来源：阅读原文前不分级",
        )
    reasons = []
    estimands = {result.estimand for result in used}
    read_as = design
    if kind in COMPARATIVE and design in CONTROLLED and Estimand.BETWEEN_ARM not in estimands:
        read_as = Design.UNCONTROLLED_FOLLOW_UP
        label = DESIGNS[design]
        if Estimand.WITHIN_ARM in estimands:
            reasons.append(
                _say(
                    f"the result is a change within one arm; inside a {label['en']} too that is "
                    "before-after evidence",
                    f"结果为单臂内前后变化；即使来自{label['zh']}，也只是前后对比证据",
                )
            )
        else:
            reasons.append(
                _say(
                    f"what was read of this {label['en']} compares no arms: read as uncontrolled",
                    f"所读内容未比较该{label['zh']}的各组：按无对照计",
                )
            )
    cell = _cell(kind, read_as)
    if cell is None:
        label = DESIGNS[read_as]
        return none(
            f"the table has no cell for {label['en']} and this question",
            f"{label['zh']}在此类问题中没有对应级别",
            *reasons,
        )
    level = cell.level
    mark_en, mark_zh = ("", "") if cell.verified else (" (cell not verified)", "（单元格未核对）")
    reasons.append(
        _say(
            f"{DESIGNS[read_as]['en']}: starts at level {level} ({cell.text['en']}){mark_en}",
            f"{DESIGNS[read_as]['zh']}：起始 {level} 级（{cell.text['zh']}）{mark_zh}",
        )
    )
    if design is Design.SYSTEMATIC_REVIEW_OF_TRIALS and level == 1:
        rating = extraction.amstar_2.value if extraction.amstar_2 else None
        if rating not in (Amstar.HIGH, Amstar.MODERATE):
            level = 2
            found_en = f"AMSTAR 2 {rating.replace('_', ' ')}" if rating else "no AMSTAR 2 entry"
            found_zh = "AMSTAR 2 评价低" if rating else "无 AMSTAR 2 评价"
            reasons.append(
                _say(f"{found_en}: read as its trials, level 2", f"{found_zh}：按所含试验计 2 级")
            )
    reading = table().profiles[profile]
    people = _analysed(used)
    if (
        reading.follow_up_minimum is not None
        and reading.follow_up_level is not None
        and kind in COMPARATIVE
        and read_as in UNCONTROLLED
        and people is not None
        and people >= reading.follow_up_minimum
        and level > reading.follow_up_level
    ):
        level = reading.follow_up_level
        reasons.append(
            _say(
                f"profile {profile}: follow-up of {people} people read as level {level}",
                f"{profile} 读法：{people} 人随访按 {level} 级计",
            )
        )
    base = level
    own = [one for one in adjustments if one.study == eligible.study]
    level, steps = _steps(level, own, kind)
    return StudyLevel(eligible.study, base, level, (*reasons, *steps), cell.verified)


DESIGNS: Mapping[Design, Bilingual] = {
    Design.SYSTEMATIC_REVIEW_OF_TRIALS: _say(
        "systematic review of randomised trials", "随机试验的系统综述"
    ),
    Design.SYSTEMATIC_REVIEW: _say("systematic review", "系统综述"),
    Design.N_OF_1: _say("n-of-1 trial", "单病例随机对照试验"),
    Design.RANDOMISED_TRIAL: _say("randomised trial", "随机试验"),
    Design.NONRANDOMISED_CONTROLLED: _say("non-randomised controlled study", "非随机对照研究"),
    Design.UNCONTROLLED_FOLLOW_UP: _say("uncontrolled follow-up", "无对照随访"),
    Design.POST_HOC_EXTENSION: _say("post-hoc or extension analysis", "事后或扩展分析"),
    Design.INCEPTION_COHORT: _say("inception cohort", "起始队列"),
    Design.COHORT: _say("cohort study", "队列研究"),
    Design.CASE_CONTROL: _say("case-control study", "病例对照研究"),
    Design.HISTORICALLY_CONTROLLED: _say("historically controlled study", "历史对照研究"),
    Design.CASE_SERIES: _say("case series", "病例系列"),
    Design.CASE_REPORT: _say("case report", "病例报告"),
    Design.CENSUS_OR_RANDOM_SAMPLE: _say("census or random sample", "普查或随机抽样"),
    Design.NONRANDOM_SAMPLE: _say("non-random sample", "非随机样本"),
    Design.CROSS_SECTIONAL_ACCURACY: _say("cross-sectional accuracy study", "横断面诊断准确性研究"),
    Design.NARRATIVE_REVIEW: _say("narrative review", "叙述性综述"),
    Design.MECHANISM: _say("mechanism study", "机制研究"),
    Design.OTHER: _say("other design", "其他"),
}
"""Names of designs as reasons print them."""


def grade_question(question: Question, library: Library, profile: str = HEADLINE) -> Grade:
    """The level of a question's body of evidence, before appraisal.

    The body starts at the best level of a study that may be used; body adjustments follow.

    :raises UsageError: for a profile that does not exist
    """
    if profile not in table().profiles:
        raise UsageError(f"found profile {profile}, expected {' or '.join(table().profiles)}")

    def result(
        status: Status, level: int | None, studies: tuple[StudyLevel, ...], *reasons: Bilingual
    ) -> Grade:
        return Grade(question, profile, status, level, studies, reasons)

    if question.kind is QuestionKind.NOT_GRADABLE:
        reason = _say("no OCEBM question covers it", "OCEBM 不涵盖此类问题")
        plain = tuple(
            StudyLevel(
                one.study,
                None,
                None,
                (),
                suspended=library.suspended(one.study) is not None,
                evidence=_evidence(one, library.extractions[one.study]),
            )
            for one in question.studies
        )
        return result(Status.NOT_GRADABLE, None, plain, reason)
    levels = []
    for eligible in question.studies:
        extraction = library.extractions[eligible.study]
        one = grade_study(question, eligible, extraction, question.adjustments, profile)
        one = replace(one, evidence=_evidence(eligible, extraction))
        if retracted := library.suspended(eligible.study):
            reason = _say(f"suspended: {retracted.id} is retracted", f"暂停：{retracted.id} 已撤稿")
            one = replace(one, level=None, reasons=(*one.reasons, reason), suspended=True)
        levels.append(one)
    studies = tuple(levels)
    if question.not_reproducible is not None:
        return result(Status.NOT_REPRODUCIBLE, None, studies, question.not_reproducible)
    graded = [one for one in studies if one.level is not None]
    if not graded:
        if any(one.suspended and one.base is not None for one in studies):
            reason = _say("every usable study is retracted", "所有可用研究均已撤稿")
            return result(Status.SUSPENDED, None, studies, reason)
        if not studies:
            reason = _say("no study with data yet", "尚无录入数据的研究")
            return result(Status.NO_EVIDENCE, None, studies, reason)
        reason = _say("no study with a usable result", "没有可用结果的研究")
        return result(Status.NOT_REPRODUCIBLE, None, studies, reason)
    best = min(graded, key=lambda one: (one.level or 9, one.base or 9, one.study))
    start = best.level or 0
    first = _say(
        f"starts at level {start}, that of {best.study}", f"起始 {start} 级，依据 {best.study}"
    )
    body = [one for one in question.adjustments if one.study is None]
    level, steps = _steps(start, body, question.kind)
    last = _say("before appraisal: no signed risk-of-bias form", "偏倚风险评价前：尚无签署的评价表")
    return result(Status.GRADED, level, studies, first, *steps, last)


def grade_claim(claim: Claim, grade: Grade) -> ClaimGrade:
    """The level a claim stands on.

    A claim carries its question's level only where a study for or against it has one itself, and
    no better one than such a study: another study's level lends nothing to a sentence.
    """
    by_study = {one.study: one for one in grade.studies}
    behind = [by_study[s] for s in (*claim.supporting, *claim.against) if s in by_study]
    if retracted := [one.study for one in behind if one.suspended]:
        reason = _say(
            f"suspended: {', '.join(retracted)}, on which it rests, is retracted",
            f"暂停：所依据的 {'、'.join(retracted)} 已撤稿",
        )
        return ClaimGrade(claim, grade, Status.SUSPENDED, None, (reason,))
    if grade.status is Status.NOT_GRADABLE:
        return ClaimGrade(claim, grade, grade.status, None, grade.reasons)
    if grade.level is None:
        return ClaimGrade(claim, grade, Status.NOT_REPRODUCIBLE, None, grade.reasons)
    own = min((one.level for one in behind if one.level is not None), default=None)
    if own is None:
        reason = claim.grade.basis or _say(
            "no study for or against it has a level", "支持或反对它的研究均无级别"
        )
        return ClaimGrade(claim, grade, Status.NOT_REPRODUCIBLE, None, (reason,))
    if own > grade.level:
        reason = _say(
            f"rests on studies of level {own}; the question's {grade.level} comes from others",
            f"所依据的研究为 {own} 级；该问题的 {grade.level} 级来自其他研究",
        )
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
