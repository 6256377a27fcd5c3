"""The variance between studies: nine estimators, its interval, and what it is measured by.

Checked against metafor (Viechtbauer 2010, J Stat Softw 36:3) to the eighth digit. The upper limit
of tau² is not capped.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, special

from review.ground.errors import UsageError
from review.statistics.linear_model import Model

METHODS = ("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")
GRID = 48
"""Places of tau² at which a likelihood is looked at before its maxima are sought."""


def _root(slope: Callable[[float], float], low: float, high: float) -> float | None:
    """Where a slope falls through zero between two places; None where it does not."""
    at_low, at_high = slope(low), slope(high)
    if at_low <= 0 or at_high >= 0:
        return None
    return float(optimize.brentq(slope, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))


def _falling(f: Callable[[float], float], target: float, start: float) -> float:
    """Where a falling function of tau² reaches a target; 0 where it is below it from the start."""
    if f(0.0) <= target:
        return 0.0
    high = max(start, 1e-8)
    while f(high) > target:
        high *= 4
        if high > 1e300:
            return math.inf
    return float(
        optimize.brentq(lambda t: f(t) - target, 0.0, high, xtol=1e-300, rtol=1e-14, maxiter=500)
    )


def between_studies(model: Model, method: str) -> float:
    """Between-study variance; sources as in Veroniki 2016, Res Synth Methods 7:55.

    :param method: one of :data:`METHODS`
    :returns: 0 for a common effect, and where no study is left to tell a variance from
    """
    y, v, k, p = model.y, model.v, model.k, model.p
    if method == "EE" or k <= p:
        return 0.0
    fixed = 1 / v
    if method == "DL":  # DerSimonian & Laird 1986, Control Clin Trials 7:177, eq. 8
        q = model.residual_sum(fixed)
        return float(max(0.0, (q - (k - p)) / model.trace_p(fixed)))
    if method == "HE":  # Hedges & Olkin 1985, chapter 9
        ones = np.ones(k)
        rss = model.residual_sum(ones)
        inverse, _ = model.projected(ones)
        leverage = np.einsum("ij,jk,ik->i", model.x, inverse, model.x)
        return float(max(0.0, (rss - float((1 - leverage) @ v)) / (k - p)))
    if method == "HS":  # Hunter & Schmidt 1990; Viechtbauer 2005, eq. 8
        return float(max(0.0, (model.residual_sum(fixed) - k) / float(fixed.sum())))
    if method == "SJ":  # Sidik & Jonkman 2005, J R Stat Soc C 54:367, eq. 3
        first = float(np.var(y))
        if first == 0.0:
            return 0.0
        weights = 1 / (v + first)
        return float(first * model.residual_sum(weights) / (k - p))
    if method in ("PM", "EB"):  # Paule & Mandel 1982; Morris 1983: the same equation
        start = max(float(np.var(y)), float(v.max()))
        return _falling(model.q_at, float(k - p), start)
    return _most_likely(model, restricted=method == "REML")


def _most_likely(model: Model, restricted: bool) -> float:
    """The tau² of the highest (restricted) likelihood, all local maxima of a grid compared."""
    spread = float(np.ptp(model.y)) ** 2
    top = max(10 * spread, float(model.v.max()), 1e-12)
    low = max(min(float(model.v.min()), top) * 1e-6, top * 1e-16)
    grid = np.concatenate(([0.0], np.geomspace(low, top, GRID)))
    values = model.log_likelihoods(grid, restricted)
    best, height = 0.0, float(values[0])

    def slope(tau2: float) -> float:
        return model.score(tau2, restricted)

    for n in range(1, len(grid)):
        rises = n == len(grid) - 1 or values[n] >= values[n + 1]
        if not (rises and values[n] >= values[n - 1]) and not (
            n == 1 and slope(0.0) > 0 > slope(grid[1])
        ):
            continue
        low_end = float(grid[n - 1])
        high_end = float(grid[min(n + 1, len(grid) - 1)])
        root = _root(slope, low_end, high_end)
        if root is None:
            continue
        found = float(model.log_likelihoods(np.array([root]), restricted)[0])
        if found > height:
            best, height = root, found
    return best


def profile_interval(model: Model, level: float) -> tuple[float, float]:
    """Q-profile interval of tau²; Viechtbauer 2007, Stat Med 26:37. Not capped."""
    df = model.k - model.p
    upper, lower = (float(special.chdtri(df, tail)) for tail in ((1 - level) / 2, (1 + level) / 2))
    start = max(float(np.var(model.y)), float(model.v.max()))
    return _falling(model.q_at, upper, start), _falling(model.q_at, lower, start)


def typical_variance(model: Model) -> float:
    """The typical within-study variance; Higgins & Thompson 2002, Stat Med 21:1539, eq. 9.

    :raises UsageError: where one study's weight leaves no digit to the others
    """
    trace = model.trace_p(1 / model.v)
    if trace <= 0:
        raise UsageError("one study outweighs all others beyond what numbers can hold")
    return float((model.k - model.p) / trace)
