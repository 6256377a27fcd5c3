"""Synthesis: which estimates of a question are pooled, which not and why, and what comes out.

The policy is data in the protocol. Values nobody has signed pool nothing unless asked for, and then
every figure says so. Each study left out is listed with its reason (methods rules 4, 5, 11 and 12).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from review.grading.review import Review
from review.ground.errors import InvalidDataError, Problem, UsageError
from review.model.base import Bilingual, QuestionKind, bilingual
from review.model.protocol import QuestionPolicy, SynthesisPolicy
from review.model.question import EligibleStudy, Question
from review.model.record import Retraction
from review.synthesis.cohorts import double_cohorts
from review.synthesis.eligible import chosen, first_hand, kept_out
from review.synthesis.estimate import SHARES, Estimate, estimate_of, proportion

if TYPE_CHECKING:
    from review.statistics.pool import Pooled


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

    @property
    def weighted(self) -> list[tuple[Estimate, float | None]]:
        """Each estimate with its weight in per cent; None where nothing is pooled."""
        if self.pooled is None:
            return [(estimate, None) for estimate in self.estimates]
        return list(zip(self.estimates, self.pooled.weights, strict=True))


def synthesise(
    review: Review, include_unverified: bool | None = None, only: str | None = None
) -> list[Synthesis]:
    """All questions that have a policy, in the protocol's order.

    :param include_unverified: as the protocol says where it is None
    :raises UsageError: for a question nobody asked
    :raises InvalidDataError: where a policy's measure does not go with its question
    """
    general = review.library.protocol.synthesis
    if only is not None and only not in review.questions:
        raise UsageError(f"--question {only}: expected one of {', '.join(review.questions)}")
    drafts = general.include_unverified if include_unverified is None else include_unverified
    found = []
    for name, question in review.questions.items():
        policy = policy_of(question, general)
        if policy is not None and only in (None, name):
            if sentence := unfit(question, policy):
                place = f"synthesis.questions.{name}"
                raise InvalidDataError([Problem("protocol.yaml", 0, place, sentence)])
            found.append(synthesise_question(review, question, policy, general, drafts))
    if only is not None and not found:
        raise UsageError(f"--question {only}: the protocol has no synthesis policy for it")
    return found


def policy_of(question: Question, general: SynthesisPolicy) -> QuestionPolicy | None:
    """The policy of a question: its own, or the general one for frequencies; none for the rest."""
    own = general.questions.get(question.id)
    if own is not None:
        return own
    return QuestionPolicy() if question.kind is QuestionKind.PREVALENCE else None


def unfit(question: Question, policy: QuestionPolicy) -> str | None:
    """Why a policy's measure does not go with a question, where it does not: shares are pooled of
    questions of frequency, and of no others.
    """
    frequency = question.kind is QuestionKind.PREVALENCE
    if policy.pool and frequency != (policy.measure in SHARES):
        return f"measure {policy.measure} does not go with a question of {question.kind}"
    return None


def synthesise_question(
    review: Review,
    question: Question,
    policy: QuestionPolicy,
    general: SynthesisPolicy,
    include_unverified: bool,
) -> Synthesis:
    """A question's synthesis under its policy."""
    levels = {study.study: study.level for study in review.headline[question.id].studies}
    estimates: list[Estimate] = []
    left_out: list[LeftOut] = []
    for eligible in question.studies:
        rows = _estimates(review, question, eligible, policy, levels.get(eligible.study))
        if isinstance(rows, Bilingual):
            left_out.append(LeftOut(eligible.study, review.study_name(eligible.study), rows))
        else:
            estimates += rows
    unpooled = Synthesis(
        question.id,
        question.text,
        policy.measure,
        policy,
        policy.minimum_studies or general.minimum_studies,
        tuple(estimates),
        tuple(left_out),
    )
    return _pooled(review, unpooled, include_unverified)


# ---- a study's estimates -------------------------------------------------------------------------


def _estimates(
    review: Review,
    question: Question,
    eligible: EligibleStudy,
    policy: QuestionPolicy,
    level: int | None,
) -> list[Estimate] | Bilingual:
    """The one estimate of a study, or all where it is described; or why it has none."""
    if touch := review.library.suspended(eligible.study):
        if touch.retraction is Retraction.POSSIBLE:
            return bilingual(
                "suspended: a retraction is possible; being checked", "暂停：可能已撤稿，正在核实"
            )
        return bilingual("suspended: a report is retracted", "暂停：其报告已撤稿")
    if described := _described(review, eligible, policy, level):
        return described
    result = chosen(question, eligible, review.library.extractions[eligible.study], policy)
    if isinstance(result, Bilingual):
        return result
    estimate = estimate_of(review, eligible.study, result, policy.measure, level)
    return estimate if isinstance(estimate, Bilingual) else [estimate]


def _described(
    review: Review, eligible: EligibleStudy, policy: QuestionPolicy, level: int | None
) -> list[Estimate]:
    """All shares of a study side by side, where the protocol describes and never pools."""
    extraction = review.library.extractions[eligible.study]
    if policy.pool or policy.measure not in SHARES:
        return []
    if kept_out(eligible, extraction, policy) is not None:
        return []
    rows = []
    for result in first_hand(eligible, extraction):
        if proportion(result) is not None:
            estimate = estimate_of(review, eligible.study, result, policy.measure, level)
            if isinstance(estimate, Estimate):
                rows.append(replace(estimate, group=result.group))
    return rows


# ---- what is pooled of them ----------------------------------------------------------------------


def _pooled(review: Review, unpooled: Synthesis, include_unverified: bool) -> Synthesis:
    """Pool what may be pooled, or say in a sentence why not."""
    from review.statistics.pool import pool

    policy = unpooled.policy
    if not policy.pool:
        return replace(unpooled, why_not=_forbidden(policy))
    entering = [e for e in unpooled.estimates if include_unverified or e.verified]
    if not entering:
        return replace(unpooled, why_not=_nothing_enters(unpooled))
    unsigned = bilingual("nobody has verified its value", "其数值尚未经人核实")
    waiting = [LeftOut(e.study, e.name, unsigned) for e in unpooled.estimates if e not in entering]
    synthesis = replace(
        unpooled, estimates=tuple(entering), left_out=(*unpooled.left_out, *waiting)
    )
    largest, others = _one_frame(entering)
    if doubles := double_cohorts(review, largest):
        pairs = tuple(" and ".join(pair) for pair in doubles)
        return replace(synthesis, why_not=_one_cohort_twice(pairs), problems=pairs)
    if (why_not := _unlike_or_few(synthesis, largest)) is not None:
        return replace(synthesis, why_not=why_not)
    y, v = [e.yi for e in largest], [e.vi for e in largest]
    dropped = [LeftOut(e.study, e.name, _frame_reason(e, largest[0])) for e in others]
    return replace(
        synthesis,
        estimates=tuple(largest),
        left_out=(*synthesis.left_out, *dropped),
        pooled=pool(y, v, policy.method, policy.test, prediction=policy.prediction),
        unverified=not all(e.verified for e in largest),
        by_glmm=_by_glmm(synthesis, largest),
    )


def _by_glmm(
    synthesis: Synthesis, entering: Sequence[Estimate]
) -> tuple[float, float, float] | None:
    """The binomial-normal model beside the logits, where a study has none or all."""
    from review.statistics.effect_sizes import back_transform
    from review.statistics.glmm import binomial_normal

    if synthesis.measure != "PLO":
        return None
    x = [e.events or 0.0 for e in entering]
    n = [e.people or 0.0 for e in entering]
    edge = any(a in (0.0, b) for a, b in zip(x, n, strict=True))
    if not edge or sum(x) in (0.0, sum(n)):
        return None
    model = binomial_normal(x, n)
    low, middle, high = (
        back_transform("expit", end) for end in (model.ci_lower, model.estimate, model.ci_upper)
    )
    return middle, low, high


def _one_frame(entering: Sequence[Estimate]) -> tuple[list[Estimate], list[Estimate]]:
    """The largest set of estimates that measure the same thing, and the others."""
    frames: dict[tuple[str, ...], list[Estimate]] = {}
    for estimate in entering:
        frames.setdefault(estimate.frame, []).append(estimate)

    def order(item: tuple[tuple[str, ...], list[Estimate]]) -> tuple[bool, int, tuple[str, ...]]:
        return "?" in item[0], -len(item[1]), item[0]

    best = min(frames.items(), key=order)[1]
    return best, [estimate for estimate in entering if estimate not in best]


# ---- why not, in a sentence ----------------------------------------------------------------------


def _forbidden(policy: QuestionPolicy) -> Bilingual:
    reason = policy.not_pooled
    return bilingual(
        f"not pooled: {reason['en'] if reason else 'the protocol forbids it'}",
        f"未合并：{reason['zh'] if reason else '方案不允许'}",
    )


def _nothing_enters(synthesis: Synthesis) -> Bilingual:
    if synthesis.estimates:
        return bilingual("not pooled: no verified value", "未合并：尚无经核实的数值")
    return bilingual("not pooled: no study gives figures for it", "未合并：尚无研究给出数据")


def _one_cohort_twice(pairs: Sequence[str]) -> Bilingual:
    words = "; ".join(pairs)
    return bilingual(
        f"not pooled: two estimates of one cohort ({words})",
        f"未合并：同一队列有两个估计（{words}）",
    )


def _unlike_or_few(synthesis: Synthesis, largest: Sequence[Estimate]) -> Bilingual | None:
    """Why the largest set of estimates is none to pool: perhaps not of one thing, or too small."""
    share = synthesis.measure in SHARES
    if "?" in largest[0].frame[: 2 if share else 3]:
        en, zh = (
            ("period or way of asking", "时间范围或询问方式")
            if share
            else ("time, contrast or scale", "时间点、对比或量表")
        )
        return bilingual(
            f"not pooled: {en} was not read, so they may not be the same",
            f"未合并：{zh}未读到，可能并不相同",
        )
    if len(largest) < synthesis.minimum:
        n, least = len(largest), synthesis.minimum
        return bilingual(
            f"not pooled: at most {n} {'study' if n == 1 else 'studies'} of the same kind,"
            f" {least} needed",
            f"未合并：同类研究至多 {n} 项，至少需要 {least} 项",
        )
    return None


def _frame_reason(mine: Estimate, others: Estimate) -> Bilingual:
    my_frame, their_frame = (", ".join(filter(None, e.frame)) for e in (mine, others))
    return bilingual(
        f"not the same estimand: {my_frame}, where the others have {their_frame}",
        f"估计目标不同：本研究为 {my_frame}，其余为 {their_frame}",
    )
