"""How much a pooled estimate rests on single studies, on time, and on small studies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from review.ground.errors import UsageError
from review.statistics.distributions import two_sided
from review.statistics.linear_model import Model, checked
from review.statistics.pool import Pooled, pool
from review.statistics.regression import regress

FEWEST = 10
"""Studies from which small-study effects are looked at; Sterne 2011, BMJ 343:d4002."""


def leave_one_out(
    yi: Sequence[float],
    vi: Sequence[float],
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> list[Pooled]:
    """The pooled estimate without each study in turn; nothing where there is only one."""
    y, v = checked(yi, vi)
    if y.size < 2:
        return []
    return [
        pool(np.delete(y, n).tolist(), np.delete(v, n).tolist(), method, test, level)
        for n in range(y.size)
    ]


def cumulative(
    yi: Sequence[float],
    vi: Sequence[float],
    order: Sequence[int],
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> list[Pooled]:
    """The pooled estimate after each study, in an order (by year, or by edition)."""
    y, v = checked(yi, vi)
    if sorted(order) != list(range(y.size)):
        raise UsageError("cumulative: the order does not name each study once")
    return [
        pool(y[list(order[:n])].tolist(), v[list(order[:n])].tolist(), method, test, level)
        for n in range(1, y.size + 1)
    ]


@dataclass(frozen=True)
class Influence:
    """What a study does to the estimate; Viechtbauer & Cheung 2010, Res Synth Methods 1:112."""

    rstudent: float
    dffits: float
    cook: float
    cov_ratio: float
    tau2_without: float
    q_without: float
    hat: float
    weight: float
    dfbeta: float
    blup: float
    blup_se: float


def influence(yi: Sequence[float], vi: Sequence[float], method: str = "REML") -> list[Influence]:
    """Deletion diagnostics of a random-effects model, and each study's shrunken effect."""
    y, v = checked(yi, vi)
    if y.size < 2:
        return []
    whole = pool(y.tolist(), v.tolist(), method, "z")
    w = 1 / (v + whole.tau2)
    variance = whole.se**2
    found = []
    for n in range(y.size):
        rest = pool(np.delete(y, n).tolist(), np.delete(v, n).tolist(), method, "z")
        hat = float(w[n] / w.sum())
        difference = whole.estimate - rest.estimate
        without = 1 / (v + rest.tau2)
        shrunken = whole.tau2 / (whole.tau2 + v[n])
        found.append(
            Influence(
                rstudent=(y[n] - rest.estimate) / math.sqrt(v[n] + rest.tau2 + rest.se**2),
                dffits=difference / math.sqrt(hat * (rest.tau2 + v[n])),
                cook=difference**2 / variance,
                cov_ratio=rest.se**2 / variance,
                tau2_without=rest.tau2,
                q_without=rest.q,
                hat=hat,
                weight=100 * hat,
                dfbeta=difference / math.sqrt(1 / float(without.sum())),
                blup=shrunken * y[n] + (1 - shrunken) * whole.estimate,
                blup_se=math.sqrt(shrunken * v[n] + (1 - shrunken) ** 2 * variance),
            )
        )
    return found


@dataclass(frozen=True)
class Egger:
    """A regression of effects on their standard errors."""

    statistic: float
    df: int
    p: float
    slope: float
    slope_se: float
    limit: float


def egger(yi: Sequence[float], vi: Sequence[float]) -> Egger:
    """Egger's test as a weighted regression on the standard error; Egger 1997, BMJ 315:629.

    :raises UsageError: for fewer than three studies, or standard errors that are all the same
    """
    y, v = checked(yi, vi)
    if equal_errors(vi):
        raise UsageError("Egger: all standard errors are the same")
    x = np.column_stack((np.ones(y.size), np.sqrt(v)))
    model = Model(y, v, x)
    weights = 1 / v
    inverse, beta = model.projected(weights)
    df = y.size - 2
    if df < 1:
        raise UsageError("Egger: fewer than three studies")
    scale = model.residual_sum(weights) / df
    return _line_of(beta, math.sqrt(scale * inverse[1, 1]), df)


def _line_of(beta: np.ndarray, se: float, df: int) -> Egger:
    """A slope with its t test; a slope without error is nought or certain."""
    slope = float(beta[1])
    t = slope / se if se > 0 else (math.copysign(math.inf, slope) if slope else 0.0)
    return Egger(t, df, two_sided(t, df), slope, se, float(beta[0]))


def equal_errors(vi: Sequence[float]) -> bool:
    """Whether all standard errors are the same: then none goes with anything."""
    v = np.asarray(vi, dtype=float)
    return bool(np.ptp(v) <= 1e-12 * v.max())


def begg(yi: Sequence[float], vi: Sequence[float]) -> tuple[float, float]:
    """Begg's rank correlation and its P value; Begg & Mazumdar 1994, Biometrics 50:1088.

    Exact (Kendall 1938) where nothing is tied, else the normal approximation.
    """
    y, v = checked(yi, vi)
    middle = float((y / v).sum() / (1 / v).sum())
    rest = v - 1 / (1 / v).sum()
    if (rest <= 1e-12 * v).any():
        raise UsageError("Begg: one study outweighs all others beyond what numbers can hold")
    star = (y - middle) / np.sqrt(rest)
    return kendall(star.tolist(), v.tolist())


MOST_EXACT = 300
"""Studies up to which Kendall's distribution is counted out."""


def kendall(a: Sequence[float], b: Sequence[float]) -> tuple[float, float]:
    """Kendall's tau-b with its two-sided P value."""
    n = len(a)
    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    score = sum(
        int(np.sign(first[i] - first[i + 1 :]) @ np.sign(second[i] - second[i + 1 :]))
        for i in range(n - 1)
    )
    pairs = n * (n - 1) // 2
    ties_a, ties_b = _ties(a), _ties(b)
    lost_a, lost_b = (sum(t * (t - 1) // 2 for t in ties) for ties in (ties_a, ties_b))
    bottom = math.sqrt((pairs - lost_a) * (pairs - lost_b))
    tau = score / bottom if bottom else 0.0
    if not lost_a and not lost_b and n <= MOST_EXACT:
        return tau, _exact(n, (score + pairs) // 2)
    v0 = n * (n - 1) * (2 * n + 5)
    va, vb = (sum(t * (t - 1) * (2 * t + 5) for t in ties) for ties in (ties_a, ties_b))
    v1 = sum(t * (t - 1) for t in ties_a) * sum(t * (t - 1) for t in ties_b) / (2 * n * (n - 1))
    v2 = 0.0
    if n > 2:
        triple_a, triple_b = (sum(t * (t - 1) * (t - 2) for t in ties) for ties in (ties_a, ties_b))
        v2 = triple_a * triple_b / (9 * n * (n - 1) * (n - 2))
    variance = (v0 - va - vb) / 18 + v1 + v2
    if variance <= 0:
        return tau, 1.0
    return tau, two_sided(score / math.sqrt(variance), None)


def _ties(values: Sequence[float]) -> list[int]:
    counts: dict[float, int] = {}
    for one in values:
        counts[one] = counts.get(one, 0) + 1
    return [n for n in counts.values() if n > 1]


def _exact(n: int, concordant: int) -> float:
    """Two-sided exact P of a number of concordant pairs among all orders of n."""
    ways = [1]
    for size in range(2, n + 1):
        sums = list(accumulate(ways))
        last = len(ways) - 1
        ways = [
            sums[min(at, last)] - (sums[at - size] if at >= size else 0)
            for at in range(last + size)
        ]
    total = math.factorial(n)
    tail = min(concordant, len(ways) - 1 - concordant)
    below = sum(ways[: tail + 1])
    return min(1.0, 2 * below / total)


@dataclass(frozen=True)
class Trimmed:
    """Trim and fill: studies thought to be missing, their side, and the estimate with them."""

    k0: int
    side: str
    pooled: Pooled
    filled: tuple[tuple[float, float], ...]


def trim_and_fill(
    yi: Sequence[float],
    vi: Sequence[float],
    method: str = "REML",
    test: str = "z",
    estimator: str = "L0",
) -> Trimmed:
    """Trim and fill; Duval & Tweedie 2000, Biometrics 56:455, estimators L0 and R0."""
    y, v = checked(yi, vi)
    k = y.size
    if k < 3:
        raise UsageError("trim and fill: fewer than three studies")
    if equal_errors(vi):
        raise UsageError("trim and fill: all standard errors are the same")
    rows = np.column_stack((np.ones(k), np.sqrt(v)))
    slope = regress(y.tolist(), v.tolist(), rows.tolist(), method, "z").beta[1]
    side = "right" if slope < 0 else "left"
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * y, kind="stable")
    ys, vs = sign * y[order], v[order]
    k0, before, estimate = 0, -1, 0.0
    for _ in range(100):
        if k0 == before:
            break
        before = k0
        estimate = pool(ys[: k - k0].tolist(), vs[: k - k0].tolist(), method, "z").estimate
        centred = ys - estimate
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(centred), kind="stable")] = np.arange(1, k + 1)
        signed = np.sign(centred) * ranks
        if estimator == "R0":
            negative = -signed[signed < 0]
            raw = (k - (negative.max() if negative.size else 0)) - 1
        else:
            raw = (4 * signed[signed > 0].sum() - k * (k + 1)) / (2 * k - 1)
        k0 = max(0, round(float(raw)))
    mirrored = 2 * estimate - ys[k - k0 :] if k0 else np.array([])
    all_y = np.concatenate((y, sign * mirrored))
    all_v = np.concatenate((v, vs[k - k0 :] if k0 else np.array([])))
    filled = tuple(zip((sign * mirrored).tolist(), all_v[k:].tolist(), strict=True))
    return Trimmed(k0, side, pool(all_y.tolist(), all_v.tolist(), method, test), filled)
