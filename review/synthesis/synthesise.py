"""Synthesis: which estimates of a question may be pooled, which not and why, and what comes out.

The policy is data in the protocol. Values nobody has signed pool nothing unless asked for, and then
every figure says so. Each study left out is listed with its reason (methods rules 4, 5, 11 and 12).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from review.grading.levels import HEARSAY, StudyLevel
from review.grading.review import Review
from review.grading.signatures import value_status
from review.ground.errors import Problem, UsageError
from review.model.base import Bilingual, QuestionKind
from review.model.extraction import Design, Effect, Estimand, Extraction, Measure, Result
from review.model.protocol import QuestionPolicy, SynthesisPolicy
from review.model.question import EligibleStudy, Question

if TYPE_CHECKING:
    from review.statistics.pool import Pooled

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
SHARES = frozenset({"PLO", "PR"})
RATIOS = frozenset({"OR", "RR", "HR"})
"""Measures a protocol may choose: of shares, and of ratios."""


@dataclass(frozen=True)
class Estimate:
    """A study's estimate as it enters, or would enter, a pool.

    :ivar yi: effect on the scale that is pooled; ``vi`` its sampling variance
    :ivar shown: estimate and interval on the readers' scale
    :ivar converted: how a figure was worked out that the source does not print
    """

    study: str
    name: str
    result: str
    year: int | None
    yi: float
    vi: float
    shown: tuple[float, float, float]
    events: float | None
    people: float | None
    verified: bool
    converted: str | None
    level: int | None
    group: str | None
    """who it counts, where a described question has several rows of a study"""
    frame: tuple[str, ...]
    """what has to be the same: of a share period, way of asking, outcome, phase and who it is
    counted among; of an effect time, contrast and instrument"""


@dataclass(frozen=True)
class LeftOut:
    """A study that does not enter a pool, and why."""

    study: str
    name: str
    reason: Bilingual


@dataclass(frozen=True)
class Synthesis:
    """A question's estimates, what was pooled of them, and what not and why."""

    question: str
    text: Bilingual
    measure: str
    policy: QuestionPolicy
    minimum: int
    estimates: tuple[Estimate, ...]
    left_out: tuple[LeftOut, ...]
    pooled: Pooled | None = None
    why_not: Bilingual | None = None
    unverified: bool = False
    """the pooled figure rests on values that nobody has signed"""
    problems: tuple[str, ...] = field(default=())
    by_glmm: tuple[float, float, float] | None = None
    """proportion by the binomial-normal model, where a cell is empty or full"""


def _say(en: str, zh: str) -> Bilingual:
    return Bilingual(en=en, zh=zh)


def cohorts(extractions: dict[str, Extraction]) -> dict[str, str]:
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


def _proportion(result: Result) -> tuple[float, float, str | None] | None:
    """Events and people of a frequency; events worked out of a percentage where one count fits."""
    from extractors.prevalence import fitting

    total = result.total if result.total is not None else result.analysed
    if result.printed_inconsistency or total is None or total <= 0:
        return None
    if result.measure is not Measure.PROPORTION:
        return None
    if result.events is not None:
        return (float(result.events), float(total), None) if result.events <= total else None
    if result.percent is None:
        return None
    printed = f"{result.percent:g}"
    counts = fitting(total, result.percent, printed)
    if len(counts) != 1:
        return None
    events = counts[0]
    return float(events), float(total), f"{events} people worked out of {printed} % of {total}"


def _chosen(  # noqa: C901
    question: Question, eligible: EligibleStudy, extraction: Extraction, policy: QuestionPolicy
) -> Result | Bilingual:
    """The one result of a study that enters, or why none does."""
    if eligible.study in policy.leave_out:
        why = policy.leave_out[eligible.study]
        return _say(f"left out by the protocol: {why}", f"按方案排除：{why}")
    if eligible.no_result is not None:
        return eligible.no_result
    if extraction.design.value in NEVER:
        return _say(
            "single cases, laboratory work and reviews are never pooled",
            "个案、实验室研究与综述从不合并",
        )
    results = [r for one in eligible.results if (r := extraction.result(one)) is not None]
    read = [r for r in results if r.source_tier is not None and r.source_tier not in HEARSAY]
    if not read:
        return _say(
            "known only second hand, from news, or its source is not said",
            "仅见于二手来源、新闻，或来源未说明",
        )
    if question.kind is not QuestionKind.PREVALENCE:
        between = [r for r in read if r.estimand is Estimand.BETWEEN_ARM]
        if not between:
            return _say(
                "no comparison of groups: changes within an arm are never pooled",
                "无组间比较：组内变化从不合并",
            )
        read = between
    named = policy.results.get(eligible.study)
    if named is not None:
        read = [r for r in read if r.id == named]
    if question.kind is not QuestionKind.PREVALENCE:
        wanted = KINDS.get(policy.measure)
        kinds = [r for r in read if r.effect is wanted]
        if not kinds:
            return _say(
                f"no effect of the kind that is pooled ({policy.measure}), or its kind is not said",
                f"无可合并类型（{policy.measure}）的效应，或其类型未说明",
            )
        read = kinds
    elif all(_CONTROLS.search(r.group or "") for r in read):
        return _say("counts people without the disease", "统计的是未患该病者")
    else:
        read = [r for r in read if not _CONTROLS.search(r.group or "")]
    usable = [r for r in read if _has_figures(question, r)]
    if not usable and any(r.printed_inconsistency for r in read):
        return _say("its printed figures do not fit together", "其所印数据彼此不符")
    if not usable:
        return _say("no figures that can be pooled were read", "未读到可合并的数据")
    if len(usable) > 1:
        return _say(
            "several results, and the protocol names none of them for this question",
            "有多个结果，而方案未指定其中之一",
        )
    return usable[0]


def _has_figures(question: Question, result: Result) -> bool:
    if question.kind is QuestionKind.PREVALENCE:
        return _proportion(result) is not None
    return (
        result.measure is Measure.EFFECT
        and result.value is not None
        and result.ci_low is not None
        and result.ci_high is not None
        and result.ci_low < result.ci_high
        and result.ci_low <= result.value <= result.ci_high
    )


def _estimate(
    review: Review, study: str, result: Result, measure: str, level: int | None
) -> Estimate | Bilingual:
    """A result as an estimate on the scale that is pooled."""
    from review.statistics.conversions import variance_of_interval, wilson
    from review.statistics.effect_sizes import effect_sizes

    verified = value_status(review.ledger, study, f"results.{result.id}", result) == "verified"
    extraction = review.library.extractions[study]
    record = review.library.records.get(extraction.reports[0])
    common: dict[str, Any] = {
        "study": study,
        "name": review.study_name(study),
        "result": result.id,
        "year": record.year if record else None,
        "verified": verified,
        "level": level,
        "group": None,
    }
    if measure in SHARES:
        counted = _proportion(result)
        assert counted is not None
        events, people, how = counted
        y, v = effect_sizes(measure, {"xi": [events], "ni": [people]})
        low, high = wilson(events, people)
        who = (result.group or "").strip().casefold()
        frame = (
            str(result.period or "?"),
            str(result.ascertainment or "?"),
            result.outcome,
            result.phase or "",
            who,
        )
        return Estimate(
            yi=float(y[0]),
            vi=float(v[0]),
            shown=(events / people, low, high),
            events=events,
            people=people,
            converted=how,
            frame=frame,
            **common,
        )
    assert result.value is not None
    assert result.ci_low is not None
    assert result.ci_high is not None
    ratio = measure in RATIOS
    if ratio and min(result.value, result.ci_low, result.ci_high) <= 0:
        return _say("a ratio of nought or less", "比值不大于零")
    variance = variance_of_interval(result.ci_low, result.ci_high, ratio=ratio)
    return Estimate(
        yi=math.log(result.value) if ratio else result.value,
        vi=variance,
        shown=(result.value, result.ci_low, result.ci_high),
        events=None,
        people=float(result.analysed) if result.analysed is not None else None,
        converted="variance worked out of the printed confidence interval",
        frame=(
            result.time or "?",
            result.group or "?",
            "" if ratio else result.instrument or "?",
            result.outcome,
        ),
        **common,
    )


def _described(
    review: Review,
    eligible: EligibleStudy,
    policy: QuestionPolicy,
    level: int | None,
) -> list[Estimate]:
    """All shares of a study side by side, where the protocol describes and never pools."""
    if policy.pool or policy.measure not in SHARES:
        return []
    if eligible.study in policy.leave_out or eligible.no_result is not None:
        return []
    extraction = review.library.extractions[eligible.study]
    if extraction.design.value in NEVER:
        return []
    rows = []
    for one in eligible.results:
        result = extraction.result(one)
        if result is None or result.source_tier is None or result.source_tier in HEARSAY:
            continue
        if _proportion(result) is not None:
            made = _estimate(review, eligible.study, result, policy.measure, level)
            if isinstance(made, Estimate):
                rows.append(replace(made, group=result.group))
    return rows


def synthesise_question(
    review: Review,
    question: Question,
    policy: QuestionPolicy,
    general: SynthesisPolicy,
    include_unverified: bool,
) -> Synthesis:
    """A question's synthesis under its policy."""
    minimum = policy.minimum_studies or general.minimum_studies
    measure = policy.measure
    levels: dict[str, StudyLevel] = {s.study: s for s in review.headline[question.id].studies}
    estimates: list[Estimate] = []
    out: list[LeftOut] = []
    for eligible in question.studies:
        extraction = review.library.extractions[eligible.study]
        name = review.study_name(eligible.study)
        if review.library.suspended(eligible.study) is not None:
            reason = _say("suspended: a report is retracted", "暂停：其报告已撤稿")
            out.append(LeftOut(eligible.study, name, reason))
            continue
        level = levels[eligible.study].level if eligible.study in levels else None
        if described := _described(review, eligible, policy, level):
            estimates += described
            continue
        chosen = _chosen(question, eligible, extraction, policy)
        if isinstance(chosen, Result):
            made = _estimate(review, eligible.study, chosen, measure, level)
            if isinstance(made, Estimate):
                estimates.append(made)
                continue
            chosen = made
        out.append(LeftOut(eligible.study, name, chosen))
    found = Synthesis(
        question.id, question.text, measure, policy, minimum, tuple(estimates), tuple(out)
    )
    return _pooled(review, found, include_unverified)


def _pooled(review: Review, found: Synthesis, include_unverified: bool) -> Synthesis:
    """Pool what may be pooled, or say in a sentence why not."""
    from review.statistics.pool import pool

    if not found.policy.pool:
        reason = found.policy.not_pooled
        why = _say(
            f"not pooled: {reason['en'] if reason else 'the protocol forbids it'}",
            f"未合并：{reason['zh'] if reason else '方案不允许'}",
        )
        return replace(found, why_not=why)
    verified = [one for one in found.estimates if one.verified]
    entering = list(found.estimates) if include_unverified else verified
    if not entering:
        if found.estimates:
            why = _say("not pooled: no verified value", "未合并：尚无经核实的数值")
        else:
            why = _say("not pooled: no study gives figures for it", "未合并：尚无研究给出数据")
        return replace(found, why_not=why)
    largest, others = _one_frame(entering)
    unsigned = _say("nobody has verified its value", "其数值尚未经人核实")
    waiting = [
        LeftOut(one.study, one.name, unsigned) for one in found.estimates if one not in entering
    ]
    found = replace(found, estimates=tuple(entering), left_out=(*found.left_out, *waiting))
    if doubles := double_cohorts(review, largest):
        words = "; ".join(" and ".join(pair) for pair in doubles)
        why = _say(
            f"not pooled: two estimates of one cohort ({words})",
            f"未合并：同一队列有两个估计（{words}）",
        )
        return replace(found, why_not=why, problems=tuple(words.split("; ")))
    share = found.measure in SHARES
    if "?" in largest[0].frame[: 2 if share else 3]:
        en, zh = (
            ("period or way of asking", "时间范围或询问方式")
            if share
            else ("time, contrast or scale", "时间点、对比或量表")
        )
        why = _say(
            f"not pooled: {en} was not read, so they may not be the same",
            f"未合并：{zh}未读到，可能并不相同",
        )
        return replace(found, why_not=why)
    if len(largest) < found.minimum:
        n, least = len(largest), found.minimum
        why = _say(
            f"not pooled: at most {n} {'study' if n == 1 else 'studies'} of the same kind,"
            f" {least} needed",
            f"未合并：同类研究至多 {n} 项，至少需要 {least} 项",
        )
        return replace(found, why_not=why)
    y, v = [one.yi for one in largest], [one.vi for one in largest]
    policy = found.policy
    made = pool(y, v, policy.method, policy.test, prediction=policy.prediction)
    unverified = any(not one.verified for one in largest)
    dropped = [LeftOut(one.study, one.name, _frame_reason(one, largest[0])) for one in others]
    return replace(
        found,
        estimates=tuple(largest),
        left_out=(*found.left_out, *dropped),
        pooled=made,
        unverified=unverified,
        by_glmm=_by_glmm(found, largest),
    )


def _by_glmm(found: Synthesis, entering: Sequence[Estimate]) -> tuple[float, float, float] | None:
    """The binomial-normal model beside the logits, where a study has none or all."""
    from review.statistics.effect_sizes import back_transform
    from review.statistics.glmm import binomial_normal

    if found.measure != "PLO":
        return None
    x = [one.events or 0.0 for one in entering]
    n = [one.people or 0.0 for one in entering]
    edge = any(a in (0.0, b) for a, b in zip(x, n, strict=True))
    if not edge or sum(x) in (0.0, sum(n)):
        return None
    model = binomial_normal(x, n)
    low, middle, high = (
        back_transform("expit", one) for one in (model.ci_lower, model.estimate, model.ci_upper)
    )
    return middle, low, high


def _one_frame(entering: Sequence[Estimate]) -> tuple[list[Estimate], list[Estimate]]:
    """The largest set of estimates that measure the same thing, and the others."""
    frames: dict[tuple[str, ...], list[Estimate]] = {}
    for one in entering:
        frames.setdefault(one.frame, []).append(one)

    def order(item: tuple[tuple[str, ...], list[Estimate]]) -> tuple[bool, int, tuple[str, ...]]:
        return "?" in item[0], -len(item[1]), item[0]

    best = min(frames.items(), key=order)[1]
    return best, [one for one in entering if one not in best]


def _frame_reason(one: Estimate, other: Estimate) -> Bilingual:
    mine, theirs = (", ".join(filter(None, e.frame)) for e in (one, other))
    return _say(
        f"not the same estimand: {mine}, where the others have {theirs}",
        f"估计目标不同：本研究为 {mine}，其余为 {theirs}",
    )


def double_cohorts(review: Review, estimates: Sequence[Estimate]) -> list[tuple[str, ...]]:
    """Estimates that come from the same people; two of them in one pool are an error."""
    of = cohorts(dict(review.library.extractions))
    groups: dict[str, list[str]] = {}
    for one in estimates:
        groups.setdefault(of[one.study], []).append(one.study)
    return [tuple(sorted(names)) for names in groups.values() if len(names) > 1]


def policy_of(question: Question, general: SynthesisPolicy) -> QuestionPolicy | None:
    """The policy of a question: its own, or the general one for frequencies; none for the rest."""
    own = general.questions.get(question.id)
    if own is not None:
        return own
    return QuestionPolicy() if question.kind is QuestionKind.PREVALENCE else None


def synthesise(
    review: Review, include_unverified: bool | None = None, only: str | None = None
) -> list[Synthesis]:
    """All questions that have a policy, in the protocol's order.

    :param include_unverified: as the protocol says where it is None
    :raises UsageError: for a question nobody asked
    """
    general = review.library.protocol.synthesis
    if only is not None and only not in review.questions:
        raise UsageError(f"--question {only}: expected one of {', '.join(review.questions)}")
    drafts = general.include_unverified if include_unverified is None else include_unverified
    found = []
    for name, question in review.questions.items():
        policy = policy_of(question, general)
        if policy is not None and only in (None, name):
            found.append(synthesise_question(review, question, policy, general, drafts))
    if only is not None and not found:
        raise UsageError(f"--question {only}: the protocol has no synthesis policy for it")
    return found


def problems(review: Review) -> list[Problem]:
    """The policy against the questions; and two estimates of one cohort in a pool."""
    general = review.library.protocol.synthesis
    found = []
    for name, policy in general.questions.items():
        where = f"synthesis.questions.{name}"
        question = review.questions.get(name)
        if question is None:
            sentence = f"found {name}, expected one of the protocol's questions"
            found.append(Problem("protocol.yaml", 0, where, sentence))
            continue
        names = {one.study for one in question.studies}
        for study in (*policy.results, *policy.leave_out):
            if study not in names:
                sentence = f"found {study}, expected a study of the question {name}"
                found.append(Problem("protocol.yaml", 0, where, sentence))
        prevalence = question.kind is QuestionKind.PREVALENCE
        if policy.pool and prevalence != (policy.measure in SHARES):
            sentence = f"measure {policy.measure} does not go with a question of {question.kind}"
            found.append(Problem("protocol.yaml", 0, where, sentence))
        for study, result in policy.results.items():
            extraction = review.library.extractions.get(study)
            if extraction is not None and extraction.result(result) is None:
                sentence = f"found {result}, expected a result of {study}"
                found.append(Problem("protocol.yaml", 0, where, sentence))
    if not found:
        for one in synthesise(review, include_unverified=True):
            for pair in one.problems:
                sentence = f"two estimates of one cohort in a pool: {pair}; leave one out"
                place = f"synthesis.questions.{one.question}"
                found.append(Problem("protocol.yaml", 0, place, sentence))
    return found


# ---- what a change of the pooled figure starts --------------------------------------------------


def pooled_triggers(
    question: str,
    before: tuple[float, float, float] | None,
    now: tuple[float, float, float] | None,
    important: float | None,
) -> list[str]:
    """Triggers of a new edition: the estimate leaves the interval it had; the interval crosses the
    minimal important difference, or no longer does.

    :param before: estimate and interval of the last edition, on the scale that is pooled
    """
    if now is None or before is None:
        if (now is None) != (before is None):
            return [f"{question}: {'pooled for the first time' if now else 'no longer pooled'}"]
        return []
    found = []
    if not before[1] <= now[0] <= before[2]:
        found.append(f"{question}: the pooled estimate left the interval of the last edition")
    if important is not None:
        crosses = [low < important < high for _, low, high in (before, now)]
        if crosses[0] != crosses[1]:
            word = "now crosses" if crosses[1] else "no longer crosses"
            found.append(f"{question}: the interval {word} the minimal important difference")
    return found
