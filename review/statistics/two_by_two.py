"""Two-by-two tables pooled without weights of their own: Mantel-Haenszel and Peto."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.ground.errors import UsageError
from review.statistics.distributions import chi2_above, quantile, two_sided
from review.statistics.effect_sizes import effect_sizes

if TYPE_CHECKING:
    from review.statistics.effect_sizes import Vector


@dataclass(frozen=True)
class Table:
    """A pooled two-by-two table: log scale for ratios."""

    k: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p: float
    q: float
    q_p: float
    i2: float
    h2: float
    informative: int
    """studies with something to compare; the others carry no weight"""
    weights: tuple[float, ...]


def _table(
    k: int, estimate: float, se: float, q: float, informative: int, weights: Vector, level: float
) -> Table:
    df = informative - 1
    half = quantile((1 + level) / 2, None) * se
    q = q if df > 0 else 0.0
    shares = tuple(float(one) for one in 100 * weights / weights.sum())
    i2 = max(0.0, 100 * (q - df) / q) if q > 0 and df > 0 else 0.0
    statistic = estimate / se if se > 0 else 0.0
    p = two_sided(statistic, None)
    h2 = q / df if df > 0 else 1.0
    limits = estimate - half, estimate + half
    q_p = chi2_above(q, df)
    return Table(k, estimate, se, *limits, p, q, q_p, i2, h2, informative, shares)


def mantel_haenszel(
    ai: Sequence[float],
    bi: Sequence[float],
    ci: Sequence[float],
    di: Sequence[float],
    measure: str = "OR",
    level: float = 0.95,
) -> Table:
    """Mantel-Haenszel odds ratio, risk ratio or risk difference; no cell gets a half added.

    Variances: Robins 1986, Biometrics 42:311 (OR); Greenland & Robins 1985, Biometrics 41:55 (RR);
    Sato 1989, Biometrics 45:1323 (RD).

    :raises UsageError: where no study has events on both sides to compare
    """
    a, b, c, d = (np.asarray(one, dtype=float) for one in (ai, bi, ci, di))
    n1, n2 = a + b, c + d
    n = n1 + n2
    if measure == "OR":
        r, s = (a * d / n).sum(), (b * c / n).sum()
        _some(r, s)
        weights = b * c / n
        estimate = math.log(r / s)
        p, q = (a + d) / n, (b + c) / n
        rr, ss = a * d / n, b * c / n
        variance = 0.5 * (
            (p * rr).sum() / r**2 + (p * ss + q * rr).sum() / (r * s) + (q * ss).sum() / s**2
        )
    elif measure == "RR":
        r, s = (a * n2 / n).sum(), (c * n1 / n).sum()
        _some(r, s)
        weights = c * n1 / n
        estimate = math.log(r / s)
        variance = ((n1 * n2 * (a + c) - a * c * n) / n**2).sum() / (r * s)
    elif measure == "RD":
        weights = n1 * n2 / n
        weight = weights.sum()
        estimate = float((a * n2 / n - c * n1 / n).sum() / weight)
        first = (c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + (n1 / n) * (n2 / n) * (n2 - n1) / 2).sum()
        second = (a * (n2 - c) / n + c * (n1 - a) / n).sum() / 2
        variance = (estimate * first + second) / weight**2
    else:
        raise UsageError(f"measure: found {measure}, expected OR, RR or RD")
    told = (a + c > 0) & (b + d > 0)  # a study without events, or with events alone, has no ratio
    cells = {"ai": a[told], "bi": b[told], "ci": c[told], "di": d[told]}
    y, v = effect_sizes(measure, {name: one.tolist() for name, one in cells.items()})
    q_total = float((((y - estimate) ** 2) / v).sum()) if told.any() else 0.0
    se = math.sqrt(max(0.0, float(variance)))
    return _table(a.size, float(estimate), se, q_total, int(told.sum()), weights, level)


def _some(r: float, s: float) -> None:
    if r <= 0 or s <= 0:
        raise UsageError(
            "Mantel-Haenszel: only one side has events, or none; the ratio is not defined"
        )


def peto(
    ai: Sequence[float],
    bi: Sequence[float],
    ci: Sequence[float],
    di: Sequence[float],
    level: float = 0.95,
) -> Table:
    """Peto's one-step odds ratio; Yusuf 1985, Prog Cardiovasc Dis 27:335. No half is added.

    :raises UsageError: where no study has an event
    """
    a, b, c, d = (np.asarray(one, dtype=float) for one in (ai, bi, ci, di))
    n1, n2, events = a + b, c + d, a + c
    n = n1 + n2
    difference = a - events * n1 / n
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = n1 * n2 * events * (b + d) / (n**2 * (n - 1))
    used = (n > 1) & (variance > 0)
    total = float(variance[used].sum())
    if total <= 0:
        raise UsageError("Peto: no study has an event on one side only; the ratio is not defined")
    estimate = float(difference[used].sum()) / total
    q = (
        float((difference[used] ** 2 / variance[used]).sum())
        - float(difference[used].sum()) ** 2 / total
    )
    weights = np.where(used, variance, 0.0)
    return _table(a.size, estimate, 1 / math.sqrt(total), q, int(used.sum()), weights, level)
