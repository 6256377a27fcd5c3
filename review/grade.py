"""Grade: the level of evidence for a question, and every reason on the way to it.

A level is a function of question kind, study design and recorded adjustments (OCEBM 2011), never
of a paper alone. Nothing is stored. Levels are not recommendations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from review.errors import UsageError
from review.library import Library
from review.model.base import Bilingual, QuestionKind, load
from review.model.evidence import Adjustment, EligibleStudy, Evidence, Factor
from review.model.extraction import Design, Estimand, Extraction, SourceTier
from review.model.protocol import Question
from review.model.table import Cell, Table
from review.strict_yaml import parse

HEADLINE = "strict"
COMPARATIVE = frozenset({QuestionKind.TREATMENT, QuestionKind.COMMON_HARM, QuestionKind.RARE_HARM})
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


@dataclass(frozen=True)
class Grade:
    """The level of a question's body of evidence."""

    question: Question
    profile: str
    status: Status
    level: int | None
    studies: tuple[StudyLevel, ...]
    reasons: tuple[Bilingual, ...]
    seed_level: int | None
    seed_claim: str | None
    """number of the earlier review's statement"""

    def as_json(self) -> dict[str, Any]:
        """The grade for machines."""
        return {
            "question": self.question.id,
            "claim": self.seed_claim,
            "kind": str(self.question.kind),
            "profile": self.profile,
            "status": str(self.status),
            "level": self.level,
            "single_study_levels": {s.study: s.level for s in self.studies},
            "studies": [s.study for s in self.studies],
            "reasons": [r["en"] for r in self.reasons],
            "study_reasons": {s.study: [r["en"] for r in s.reasons] for s in self.studies},
            "seed_level": self.seed_level,
        }


@cache
def table() -> Table:
    """The OCEBM 2011 table."""
    path = Path(__file__).with_name("ocebm2011.yaml")
    return load(Table, parse(path.read_bytes(), path.name), path.name)


def _say(en: str, zh: str) -> Bilingual:
    return Bilingual(en=en, zh=zh)


def _cell(kind: QuestionKind, design: Design) -> Cell | None:
    return next((cell for cell in table().rows[kind] if design in cell.designs), None)


def worst(kind: QuestionKind) -> int:
    """The lowest level a question's row has; prevalence and prognosis have no level 5."""
    return max(cell.level for cell in table().rows[kind] if not cell.not_applicable)


def _step(level: int, adjustment: Adjustment, kind: QuestionKind) -> tuple[int, Bilingual]:
    """A level after an adjustment, kept inside the question's row."""
    up = adjustment.factor is Factor.LARGE_EFFECT
    after = level - adjustment.steps if up else level + adjustment.steps
    after = min(worst(kind), max(1, after))
    name, sentence = FACTORS[adjustment.factor], adjustment.sentence
    if adjustment.steps == 0:
        move_en, move_zh = "considered, no step", "已考虑，未调整"
    else:
        move_en = f"{level} → {after}"
        move_zh = move_en
    tool = adjustment.proposed_by == "tool"
    mark_en = " (proposed by the tool, unconfirmed)" if tool else ""
    mark_zh = "（工具建议，未确认）" if tool else ""
    return after, _say(
        f"{name['en']} ({move_en}): {sentence['en']}{mark_en}",
        f"{name['zh']}（{move_zh}）：{sentence['zh']}{mark_zh}",
    )


def _analysed(extraction: Extraction, eligible: EligibleStudy) -> int | None:
    """People analysed for the outcome: never the cohort's number."""
    counts = []
    for result_id in eligible.results:
        result = extraction.result(result_id)
        if result is not None:
            counts.append(result.analysed if result.analysed is not None else result.total)
    known = [n for n in counts if n is not None]
    return min(known) if known and len(known) == len(counts) else None


def grade_study(
    question: Question,
    eligible: EligibleStudy,
    extraction: Extraction,
    adjustments: tuple[Adjustment, ...],
    profile: str,
) -> StudyLevel:
    """The level of one study for a question: start from the table, then the recorded steps."""
    kind = question.kind
    if eligible.no_result:
        return StudyLevel(
            eligible.study,
            None,
            None,
            (_say(f"no usable result: {eligible.no_result}", f"无可用结果：{eligible.no_result}"),),
        )
    design = extraction.design.value
    if design is None:
        reason = _say("design not known: no level", "设计未知：不分级")
        return StudyLevel(eligible.study, None, None, (reason,))
    if design in REVIEWS and design is not Design.SYSTEMATIC_REVIEW_OF_TRIALS:
        reason = _say(
            "a review carries the level of its primary studies, which were not read",
            "综述的级别取决于其原始研究，而原始研究尚未阅读",
        )
        return StudyLevel(eligible.study, None, None, (reason,))
    used = [r for i in eligible.results if (r := extraction.result(i)) is not None]
    if used and all(r.source_tier in HEARSAY for r in used):
        reason = _say(
            "known only from news or a secondary source: grades nothing until it is read",
            "仅见于新闻或二手来源：阅读原文前不作为分级依据",
        )
        return StudyLevel(eligible.study, None, None, (reason,))
    reasons = []
    estimands = {result.estimand for result in used}
    read_as = design
    if kind in COMPARATIVE and design in CONTROLLED and Estimand.BETWEEN_ARM not in estimands:
        read_as = Design.UNCONTROLLED_FOLLOW_UP
        reasons.append(
            _say(
                f"the result is a change within one arm; inside a {design.replace('_', ' ')} too "
                "that is before-after evidence",
                "结果为单臂内前后变化；即使来自对照试验，也只是前后对比证据",
            )
        )
    cell = _cell(kind, read_as)
    if cell is None:
        reason = _say(
            f"the table has no cell for {read_as.replace('_', ' ')} and this question",
            "该设计在此类问题中没有对应级别",
        )
        return StudyLevel(eligible.study, None, None, (*reasons, reason))
    level = cell.level
    mark_en, mark_zh = ("", "") if cell.verified else (" (cell not verified)", "（单元格未核对）")
    reasons.append(
        _say(
            f"{read_as.replace('_', ' ')}: starts at level {level} ({cell.text['en']}){mark_en}",
            f"{DESIGN_ZH[read_as]}：起始 {level} 级（{cell.text['zh']}）{mark_zh}",
        )
    )
    if design is Design.SYSTEMATIC_REVIEW_OF_TRIALS and level == 1:
        level = 2
        reasons.append(
            _say(
                "no AMSTAR 2 entry: read as its trials, level 2",
                "无 AMSTAR 2 评价：按所含试验计 2 级",
            )
        )
    reading = table().profiles[profile]
    people = _analysed(extraction, eligible)
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
    for adjustment in adjustments:
        if adjustment.study == eligible.study:
            level, sentence = _step(level, adjustment, kind)
            reasons.append(sentence)
    return StudyLevel(eligible.study, base, level, tuple(reasons), cell.verified)


DESIGN_ZH: Mapping[Design, str] = {
    Design.SYSTEMATIC_REVIEW_OF_TRIALS: "随机试验的系统综述",
    Design.SYSTEMATIC_REVIEW: "系统综述",
    Design.N_OF_1: "单病例随机对照试验",
    Design.RANDOMISED_TRIAL: "随机试验",
    Design.NONRANDOMISED_CONTROLLED: "非随机对照研究",
    Design.UNCONTROLLED_FOLLOW_UP: "无对照随访",
    Design.POST_HOC_EXTENSION: "事后或扩展分析",
    Design.INCEPTION_COHORT: "起始队列",
    Design.COHORT: "队列研究",
    Design.CASE_CONTROL: "病例对照研究",
    Design.HISTORICALLY_CONTROLLED: "历史对照研究",
    Design.CASE_SERIES: "病例系列",
    Design.CASE_REPORT: "病例报告",
    Design.CENSUS_OR_RANDOM_SAMPLE: "普查或随机抽样",
    Design.NONRANDOM_SAMPLE: "非随机样本",
    Design.CROSS_SECTIONAL_ACCURACY: "横断面诊断准确性研究",
    Design.NARRATIVE_REVIEW: "叙述性综述",
    Design.MECHANISM: "机制研究",
    Design.OTHER: "其他",
}


def grade_question(
    question: Question, evidence: Evidence | None, library: Library, profile: str = HEADLINE
) -> Grade:
    """The level of a question's body of evidence, before appraisal.

    The body starts at the best level of a study that may be used; body adjustments follow.

    :raises UsageError: for a profile that does not exist
    """
    if profile not in table().profiles:
        raise UsageError(f"found profile {profile}, expected {' or '.join(table().profiles)}")
    seed = evidence.seed if evidence else None

    def result(
        status: Status,
        level: int | None,
        studies: tuple[StudyLevel, ...],
        *reasons: Bilingual,
    ) -> Grade:
        return Grade(
            question,
            profile,
            status,
            level,
            studies,
            reasons,
            seed.level if seed else None,
            seed.claim if seed else None,
        )

    if question.kind is QuestionKind.NOT_GRADABLE:
        reason = _say("no OCEBM question covers it", "OCEBM 不涵盖此类问题")
        return result(Status.NOT_GRADABLE, None, (), reason)
    if evidence is None:
        return result(
            Status.NO_EVIDENCE, None, (), _say("no study with data yet", "尚无录入数据的研究")
        )
    if evidence.not_reproducible:
        text = evidence.not_reproducible
        return result(Status.NOT_REPRODUCIBLE, None, (), _say(text, text))
    levels = []
    for eligible in evidence.studies:
        extraction = library.extractions[eligible.study]
        one = grade_study(question, eligible, extraction, evidence.adjustments, profile)
        if retracted := library.suspended(eligible.study):
            reason = _say(
                f"suspended: {retracted.id} is retracted", f"已中止：{retracted.id} 已撤稿"
            )
            one = StudyLevel(one.study, one.base, None, (*one.reasons, reason), suspended=True)
        levels.append(one)
    studies = tuple(levels)
    usable = [one for one in studies if one.level is not None]
    if not usable:
        if any(one.suspended for one in studies):
            reason = _say("every usable study is retracted", "所有可用研究均已撤稿")
            return result(Status.SUSPENDED, None, studies, reason)
        if not studies:
            reason = _say("no study with data yet", "尚无录入数据的研究")
            return result(Status.NO_EVIDENCE, None, studies, reason)
        reason = _say("no study with a usable result", "没有可用结果的研究")
        return result(Status.NOT_REPRODUCIBLE, None, studies, reason)
    best = min(usable, key=lambda one: (one.level or 9, one.study))
    level = best.level or 0
    reasons = [
        _say(
            f"starts at level {level}, that of {best.study}", f"起始 {level} 级，依据 {best.study}"
        )
    ]
    for adjustment in evidence.adjustments:
        if adjustment.study is None:
            level, sentence = _step(level, adjustment, question.kind)
            reasons.append(sentence)
    reasons.append(
        _say("before appraisal: no signed risk-of-bias form", "评价前：尚无签署的偏倚风险评估表")
    )
    return result(Status.GRADED, level, studies, *reasons)


def grade_all(
    library: Library, evidence: Mapping[str, Evidence], profile: str = HEADLINE
) -> list[Grade]:
    """The level of every question of the protocol, in its order."""
    return [
        grade_question(question, evidence.get(question.id), library, profile)
        for question in library.protocol.questions
    ]
