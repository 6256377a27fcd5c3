"""Which result of a study enters a synthesis, or why none does (methods rules 4, 5, 11, 12)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from review.grading.levels import HEARSAY, NO_FREQUENCY
from review.grading.reasons import no_frequency
from review.model.base import Bilingual, QuestionKind, bilingual
from review.model.extraction import Design, Effect, Estimand, Extraction, Measure, Result
from review.model.protocol import QuestionPolicy
from review.model.question import EligibleStudy, Question
from review.synthesis.estimate import proportion

NEVER = frozenset(
    {
        Design.CASE_REPORT,
        Design.NARRATIVE_REVIEW,
        Design.MECHANISM,
        Design.SYSTEMATIC_REVIEW,
        Design.SYSTEMATIC_REVIEW_OF_TRIALS,
    }
)
"""Designs whose figures are never pooled: single cases, and figures of other studies."""
KINDS = {
    "MD": Effect.MEAN_DIFFERENCE,
    "SMD": Effect.STANDARDISED_MEAN_DIFFERENCE,
    "OR": Effect.ODDS_RATIO,
    "RR": Effect.RISK_RATIO,
    "HR": Effect.HAZARD_RATIO,
}
_CONTROLS = re.compile(r"\b(?:healthy|controls?)\b|对照", re.IGNORECASE)


def chosen(
    question: Question, eligible: EligibleStudy, extraction: Extraction, policy: QuestionPolicy
) -> Result | Bilingual:
    """The one result of a study that enters, or why none does."""
    if (why := kept_out(eligible, extraction, policy)) is not None:
        return why
    design = extraction.design.value
    if question.kind is QuestionKind.PREVALENCE and design in NO_FREQUENCY:
        return no_frequency(design)
    read = first_hand(eligible, extraction)
    if not read:
        return bilingual(
            "known only second hand, from news, or its source is not said",
            "仅见于二手来源、新闻，或来源未说明",
        )
    named = policy.results.get(eligible.study)
    if question.kind is QuestionKind.PREVALENCE:
        answering = _frequencies(read, named)
    else:
        answering = _comparisons(read, named, policy.measure)
    if isinstance(answering, Bilingual):
        return answering
    return _the_one_with_figures(question, answering)


def kept_out(
    eligible: EligibleStudy, extraction: Extraction, policy: QuestionPolicy
) -> Bilingual | None:
    """Why a study does not enter, whatever its results are; None where they decide."""
    if eligible.study in policy.leave_out:
        why = policy.leave_out[eligible.study]
        return bilingual(f"left out by the protocol: {why}", f"按方案排除：{why}")
    if eligible.no_result is not None:
        return eligible.no_result
    if extraction.design.value in NEVER:
        return bilingual(
            "single cases, laboratory work and reviews are never pooled",
            "个案、实验室研究与综述从不合并",
        )
    return None


def first_hand(eligible: EligibleStudy, extraction: Extraction) -> list[Result]:
    """The results that answer the question and were read where the study itself prints them."""
    results = (extraction.result(name) for name in eligible.results)
    return [
        result
        for result in results
        if result is not None
        and result.source_tier is not None
        and result.source_tier not in HEARSAY
    ]


def _named(results: Sequence[Result], name: str | None) -> list[Result]:
    """The result that the protocol names; all where it names none."""
    return [result for result in results if name in (None, result.id)]


def _frequencies(results: Sequence[Result], name: str | None) -> list[Result] | Bilingual:
    """What counts people with the disease, or why nothing does."""
    of_patients = [r for r in _named(results, name) if not _CONTROLS.search(r.group or "")]
    if not of_patients:
        return bilingual("counts people without the disease", "统计的是未患该病者")
    return of_patients


def _comparisons(
    results: Sequence[Result], name: str | None, measure: str
) -> list[Result] | Bilingual:
    """What compares groups by the effect that is pooled, or why nothing does."""
    between = [result for result in results if result.estimand is Estimand.BETWEEN_ARM]
    if not between:
        return bilingual(
            "no comparison of groups: changes within an arm are never pooled",
            "无组间比较：组内变化从不合并",
        )
    wanted = KINDS.get(measure)
    of_the_kind = [result for result in _named(between, name) if result.effect is wanted]
    if not of_the_kind:
        return bilingual(
            f"no effect of the kind that is pooled ({measure}), or its kind is not said",
            f"无可合并类型（{measure}）的效应，或其类型未说明",
        )
    return of_the_kind


def _the_one_with_figures(question: Question, results: Sequence[Result]) -> Result | Bilingual:
    """The only one of some results whose figures can be pooled, or why there is no such one."""
    usable = [result for result in results if _has_figures(question, result)]
    if not usable and any(result.printed_inconsistency for result in results):
        return bilingual("its printed figures do not fit together", "其所印数据彼此不符")
    if not usable:
        return bilingual("no figures that can be pooled were read", "未读到可合并的数据")
    if len(usable) > 1:
        return bilingual(
            "several results, and the protocol names none of them for this question",
            "有多个结果，而方案未指定其中之一",
        )
    return usable[0]


def _has_figures(question: Question, result: Result) -> bool:
    if question.kind is QuestionKind.PREVALENCE:
        return proportion(result) is not None
    return (
        result.measure is Measure.EFFECT
        and result.value is not None
        and result.ci_low is not None
        and result.ci_high is not None
        and result.ci_low < result.ci_high
        and result.ci_low <= result.value <= result.ci_high
    )
