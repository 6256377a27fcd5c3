"""Quantiles and tails of the distributions that intervals and tests are read from."""

from __future__ import annotations

import math

from scipy import special


def quantile(p: float, df: float | None) -> float:
    """Quantile of Student's t; of the normal distribution where ``df`` is None."""
    return float(special.ndtri(p)) if df is None else float(special.stdtrit(df, p))


def two_sided(statistic: float, df: float | None) -> float:
    """Two-sided P value of a statistic by t, or by the normal distribution where ``df`` is None."""
    if math.isinf(statistic):
        return 0.0
    tail = special.ndtr(-abs(statistic)) if df is None else special.stdtr(df, -abs(statistic))
    return float(2 * tail)


def chi2_above(x: float, df: float) -> float:
    """Upper tail of chi square; 1 where there is no degree of freedom."""
    return float(special.chdtrc(df, x)) if df > 0 else 1.0
