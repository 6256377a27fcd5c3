"""Pooling: common and random effects, and groups of studies apart.

Checked against metafor (Viechtbauer 2010, J Stat Softw 36:3) to the eighth digit; its conventions
are kept: I² from tau² and the typical variance, Hartung-Knapp with k - p degrees of freedom, a
study alone is a common effect with Q = 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from review.ground.errors import UsageError
from review.statistics.distributions import chi2_above, quantile, two_sided
from review.statistics.linear_model import Model, checked
from review.statistics.tau2 import METHODS, between_studies, profile_interval, typical_variance

if TYPE_CHECKING:
    from review.statistics.linear_model import Vector

TESTS = ("z", "knha", "adhoc")


@dataclass(frozen=True)
class Pooled:
    """A pooled estimate on the scale of the effects that were pooled.

    :ivar pi_lower: prediction interval for a new study's true effect; None for a common effect
    :ivar df: degrees of freedom of the interval; None for the normal distribution
    """

    k: int
    method: str
    test: str
    level: float
    estimate: float
    se: float
    statistic: float
    p: float
    ci_lower: float
    ci_upper: float
    df: float | None
    pi_lower: float | None
    pi_upper: float | None
    tau2: float
    tau2_ci_lower: float | None
    tau2_ci_upper: float | None
    i2: float
    i2_ci_lower: float | None
    i2_ci_upper: float | None
    h2: float
    h2_ci_lower: float | None
    h2_ci_upper: float | None
    q: float
    q_df: int
    q_p: float
    weights: tuple[float, ...]


def known(method: str, test: str) -> None:
    """Refuse an estimator of tau² or a test that nobody knows.

    :raises UsageError: naming those that there are
    """
    if method not in METHODS:
        raise UsageError(f"method: found {method}, expected one of {', '.join(METHODS)}")
    if test not in TESTS:
        raise UsageError(f"test: found {test}, expected one of {', '.join(TESTS)}")


def scaled(model: Model, weights: Vector, test: str) -> tuple[float, float | None]:
    """What a test multiplies variances by, and its degrees of freedom; None for the normal one's.

    Hartung-Knapp (``knha``): Hartung & Knapp 2001, Stat Med 20:3875; ``adhoc`` never lets it be
    narrower than the normal interval's standard error (Röver 2015, BMC Med Res Methodol 15:99).
    """
    if test == "z":
        return 1.0, None
    df = model.k - model.p
    scale = model.residual_sum(weights) / df
    return (max(1.0, scale) if test == "adhoc" else scale), float(df)


def pool(
    yi: Sequence[float],
    vi: Sequence[float],
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
    prediction: str = "k-1",
) -> Pooled:
    """Pool effects: common (EE) or random effects, with intervals.

    Prediction interval: t with k - 1 degrees (metafor's default beside ``knha``), the normal with
    ``z``; ``riley``: t with k - 2 (Riley 2011, BMJ 342:d549).

    :raises UsageError: for effects that can't be pooled, or a method nobody knows
    """
    known(method, test)
    y, v = checked(yi, vi)
    model = Model(y, v, np.ones((y.size, 1)))
    k = model.k
    if k == 1:
        method, test = "EE", "z"
    tau2 = between_studies(model, method)
    weights = 1 / (v + tau2)
    total = float(weights.sum())
    estimate = float(weights @ y / total)
    scale, df = scaled(model, weights, test)
    variance = 1 / total * scale
    se = math.sqrt(variance)
    statistic = estimate / se if se > 0 else math.copysign(math.inf, estimate) if estimate else 0.0
    half = quantile((1 + level) / 2, df) * se
    pi_lower = pi_upper = None
    if method != "EE":
        pi_df = df if prediction == "k-1" else float(max(1, k - 2))
        reach = quantile((1 + level) / 2, pi_df) * math.sqrt(variance + tau2)
        pi_lower, pi_upper = estimate - reach, estimate + reach
    return Pooled(
        k=k,
        method=method,
        test=test,
        level=level,
        estimate=estimate,
        se=se,
        statistic=statistic,
        p=two_sided(statistic, df),
        ci_lower=estimate - half,
        ci_upper=estimate + half,
        df=df,
        pi_lower=pi_lower,
        pi_upper=pi_upper,
        tau2=tau2,
        weights=tuple(float(w) for w in 100 * weights / total),
        **_heterogeneity(model, method, tau2, level)._asdict(),
    )


class _Heterogeneity(NamedTuple):
    """How far studies differ: fields of :class:`Pooled`."""

    tau2_ci_lower: float | None
    tau2_ci_upper: float | None
    i2: float
    i2_ci_lower: float | None
    i2_ci_upper: float | None
    h2: float
    h2_ci_lower: float | None
    h2_ci_upper: float | None
    q: float
    q_df: int
    q_p: float


def _heterogeneity(model: Model, method: str, tau2: float, level: float) -> _Heterogeneity:
    """Interval of tau², I² and H² with theirs, and Cochran's Q."""
    df = model.k - model.p
    if df <= 0:
        return _Heterogeneity(None, None, 0.0, None, None, 1.0, None, None, 0.0, df, 1.0)
    q = model.residual_sum(1 / model.v)
    low, high = profile_interval(model, level)
    typical = typical_variance(model)

    def i2(t: float) -> float:
        return 100.0 if math.isinf(t) else 100 * t / (typical + t)

    def h2(t: float) -> float:
        return t / typical + 1

    share, ratio = i2(tau2), h2(tau2)
    if method == "EE":
        share, ratio = max(0.0, 100 * (q - df) / q) if q > 0 else 0.0, q / df
    ends = i2(low), i2(high), ratio, h2(low), h2(high)
    return _Heterogeneity(low, high, share, *ends, q, df, chi2_above(q, df))


@dataclass(frozen=True)
class Subgroups:
    """Groups pooled apart, and the test between them."""

    groups: tuple[tuple[str, Pooled], ...]
    q_between: float | None
    """None where a group's studies agree exactly, so that its estimate has no error"""
    df: int
    p: float | None


def subgroups(
    yi: Sequence[float],
    vi: Sequence[float],
    groups: Sequence[str],
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
    prediction: str = "k-1",
) -> Subgroups:
    """Groups with a tau² of their own; between them, a common-effect Q of their estimates.

    Borenstein 2009, Introduction to Meta-Analysis, chapter 19.

    :param groups: each study's group
    :raises UsageError: where a group can't be pooled
    """
    y, v = checked(yi, vi)
    names = sorted(set(groups))
    found = []
    for name in names:
        mine = [n for n, one in enumerate(groups) if one == name]
        found.append(
            (name, pool(y[mine].tolist(), v[mine].tolist(), method, test, level, prediction))
        )
    estimates = np.array([one.estimate for _, one in found])
    variances = np.array([one.se**2 for _, one in found])
    df = len(found) - 1
    if df < 1:
        return Subgroups(tuple(found), 0.0, df, 1.0)
    if (variances <= 0).any():
        return Subgroups(tuple(found), None, df, None)
    middle = (estimates / variances).sum() / (1 / variances).sum()
    q = float((((estimates - middle) ** 2) / variances).sum())
    return Subgroups(tuple(found), q, df, chi2_above(q, df))
