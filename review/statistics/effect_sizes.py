"""Effect sizes and their sampling variances, and conversions of what papers print into them.

Vectors in, ``(yi, vi)`` out, one entry a study. Each function names its formula's source. Zero
cells: one half is added to all cells of a study that has one, and to no other; arcsine measures
need none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from review.ground.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Pair = tuple[Vector, Vector]


def exact_j(df: Vector) -> Vector:
    """Hedges' correction, exact: gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)).

    Hedges 1981, J Educ Stat 6:107, equation 6e.
    """
    half = df / 2
    log_ratio = special.gammaln(half) - special.gammaln(half - 0.5)
    return np.asarray(np.exp(log_ratio) / np.sqrt(half))


def _filled(a: Vector, b: Vector, c: Vector, d: Vector) -> tuple[Vector, Vector, Vector, Vector]:
    """Cells with one half added where a study has an empty one."""
    half = 0.5 * ((a == 0) | (b == 0) | (c == 0) | (d == 0))
    return a + half, b + half, c + half, d + half


def odds_ratio(a: Vector, b: Vector, c: Vector, d: Vector) -> Pair:
    """Log odds ratio; Woolf 1955, Ann Hum Genet 19:251."""
    a, b, c, d = _filled(a, b, c, d)
    return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def risk_ratio(a: Vector, b: Vector, c: Vector, d: Vector) -> Pair:
    """Log risk ratio; Katz 1978, Biometrics 34:469."""
    a, b, c, d = _filled(a, b, c, d)
    n1, n2 = a + b, c + d
    return np.log(a / n1) - np.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2


def risk_difference(a: Vector, b: Vector, c: Vector, d: Vector) -> Pair:
    """Risk difference; Fleiss & Berlin 2009, Handbook of Research Synthesis, 2nd ed., eq. 13.4."""
    a, b, c, d = _filled(a, b, c, d)
    n1, n2 = a + b, c + d
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def peto_odds_ratio(a: Vector, b: Vector, c: Vector, d: Vector) -> Pair:
    """Peto's one-step log odds ratio; Yusuf 1985, Prog Cardiovasc Dis 27:335."""
    a, b, c, d = _filled(a, b, c, d)
    n1, n2, events = a + b, c + d, a + c
    n = n1 + n2
    expected = events * n1 / n
    variance = n1 * n2 * events * (b + d) / (n**2 * (n - 1))
    return (a - expected) / variance, 1 / variance


def arcsine_difference(a: Vector, b: Vector, c: Vector, d: Vector) -> Pair:
    """Difference of arcsine square roots; Rücker 2009, Stat Med 28:721."""
    n1, n2 = a + b, c + d
    return np.arcsin(np.sqrt(a / n1)) - np.arcsin(np.sqrt(c / n2)), 1 / (4 * n1) + 1 / (4 * n2)


def mean_difference(
    m1: Vector, sd1: Vector, n1: Vector, m2: Vector, sd2: Vector, n2: Vector
) -> Pair:
    """Difference of means, variances not assumed equal."""
    return m1 - m2, sd1**2 / n1 + sd2**2 / n2


def standardised_mean_difference(
    m1: Vector, sd1: Vector, n1: Vector, m2: Vector, sd2: Vector, n2: Vector, vtype: str = "LS"
) -> Pair:
    """Hedges' g with the exact correction; variance of Hedges 1982 (LS) or unbiased (UB)."""
    m = n1 + n2 - 2
    pooled = np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / m)
    j = exact_j(m)
    g = j * (m1 - m2) / pooled
    if vtype == "UB":
        return g, 1 / n1 + 1 / n2 + (1 - (m - 2) / (m * j**2)) * g**2
    return g, 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2))


def smd_heteroscedastic(
    m1: Vector, sd1: Vector, n1: Vector, m2: Vector, sd2: Vector, n2: Vector
) -> Pair:
    """Standardised by the root of the mean variance; Bonett 2009, Psychol Methods 14:225."""
    s2 = (sd1**2 + sd2**2) / 2
    g = exact_j(n1 + n2 - 2) * (m1 - m2) / np.sqrt(s2)
    v = g**2 * (sd1**4 / (n1 - 1) + sd2**4 / (n2 - 1)) / (8 * s2**2)
    return g, v + sd1**2 / (s2 * (n1 - 1)) + sd2**2 / (s2 * (n2 - 1))


def ratio_of_means(
    m1: Vector, sd1: Vector, n1: Vector, m2: Vector, sd2: Vector, n2: Vector
) -> Pair:
    """Log ratio of means; Hedges 1999, Ecology 80:1150, eq. 1."""
    return np.log(m1 / m2), sd1**2 / (n1 * m1**2) + sd2**2 / (n2 * m2**2)


def ratio_of_means_corrected(
    m1: Vector, sd1: Vector, n1: Vector, m2: Vector, sd2: Vector, n2: Vector
) -> Pair:
    """Log ratio of means with the second-order correction of its bias and variance.

    Lajeunesse 2015, Ecology 96:2056, eq. 8 and 9.
    """
    y, v = ratio_of_means(m1, sd1, n1, m2, sd2, n2)
    first, second = sd1**2 / (n1 * m1**2), sd2**2 / (n2 * m2**2)
    return y + (first - second) / 2, v + (first**2 + second**2) / 2


def mean_change(m1: Vector, m2: Vector, sd1: Vector, sd2: Vector, n: Vector, r: Vector) -> Pair:
    """Mean of m1 minus m2 in the same people, from both SDs and their correlation."""
    return m1 - m2, (sd1**2 + sd2**2 - 2 * r * sd1 * sd2) / n


def standardised_change(
    m1: Vector, m2: Vector, sd1: Vector, sd2: Vector, n: Vector, r: Vector
) -> Pair:
    """Change over the SD of the change; Gibbons 1993, J Educ Stat 18:271, eq. 21."""
    spread = np.sqrt(sd1**2 + sd2**2 - 2 * r * sd1 * sd2)
    g = exact_j(n - 1) * (m1 - m2) / spread
    return g, 1 / n + g**2 / (2 * n)


def standardised_change_raw(
    m1: Vector, m2: Vector, sd1: Vector, sd2: Vector, n: Vector, r: Vector
) -> Pair:
    """Change over ``sd1``, the SD before; Becker 1988, Br J Math Stat Psychol 41:257."""
    g = exact_j(n - 1) * (m1 - m2) / sd1
    return g, 2 * (1 - r) / n + g**2 / (2 * n)


def standardised_change_raw_heteroscedastic(
    m1: Vector, m2: Vector, sd1: Vector, sd2: Vector, n: Vector, r: Vector
) -> Pair:
    """The same without assuming equal variances; Bonett 2008, Psychol Methods 13:99, eq. 13."""
    g = exact_j(n - 1) * (m1 - m2) / sd1
    change = sd1**2 + sd2**2 - 2 * r * sd1 * sd2
    return g, change / (sd1**2 * (n - 1)) + g**2 / (2 * (n - 1))


def correlation(r: Vector, n: Vector) -> Pair:
    """Raw correlation; Hedges & Olkin 1985, chapter 11."""
    return r, (1 - r**2) ** 2 / (n - 1)


def fisher_z(r: Vector, n: Vector) -> Pair:
    """Fisher's r to z; Fisher 1921, Metron 1:1."""
    return np.arctanh(r), 1 / (n - 3)


def _filled_proportion(x: Vector, n: Vector) -> tuple[Vector, Vector]:
    half = 0.5 * ((x == 0) | (x == n))
    return x + half, n + 2 * half


def proportion(x: Vector, n: Vector) -> Pair:
    """Raw proportion."""
    x, n = _filled_proportion(x, n)
    p = x / n
    return p, p * (1 - p) / n


def proportion_log(x: Vector, n: Vector) -> Pair:
    """Log proportion."""
    x, n = _filled_proportion(x, n)
    return np.log(x / n), 1 / x - 1 / n


def proportion_logit(x: Vector, n: Vector) -> Pair:
    """Logit of a proportion."""
    x, n = _filled_proportion(x, n)
    return np.log(x / (n - x)), 1 / x + 1 / (n - x)


def proportion_arcsine(x: Vector, n: Vector) -> Pair:
    """Arcsine square root of a proportion."""
    return np.arcsin(np.sqrt(x / n)), 1 / (4 * n)


def proportion_freeman_tukey(x: Vector, n: Vector) -> Pair:
    """Double arcsine; Freeman & Tukey 1950, Ann Math Stat 21:607. Its way back can mislead."""
    y = (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))) / 2
    return y, 1 / (4 * n + 2)


def rate(x: Vector, t: Vector) -> Pair:
    """Incidence rate."""
    x = x + 0.5 * (x == 0)
    return x / t, x / t**2


def rate_log(x: Vector, t: Vector) -> Pair:
    """Log incidence rate."""
    x = x + 0.5 * (x == 0)
    return np.log(x / t), 1 / x


def rate_freeman_tukey(x: Vector, t: Vector) -> Pair:
    """Freeman-Tukey transformed rate."""
    return (np.sqrt(x / t) + np.sqrt((x + 1) / t)) / 2, 1 / (4 * t)


def rate_ratio(x1: Vector, t1: Vector, x2: Vector, t2: Vector) -> Pair:
    """Log incidence rate ratio; Rothman 2008, Modern Epidemiology, chapter 14."""
    half = 0.5 * ((x1 == 0) | (x2 == 0))
    x1, x2 = x1 + half, x2 + half
    return np.log(x1 / t1) - np.log(x2 / t2), 1 / x1 + 1 / x2


def rate_difference(x1: Vector, t1: Vector, x2: Vector, t2: Vector) -> Pair:
    """Incidence rate difference."""
    half = 0.5 * ((x1 == 0) | (x2 == 0))
    x1, x2 = x1 + half, x2 + half
    return x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2


def mean(m: Vector, sd: Vector, n: Vector) -> Pair:
    """Mean of one group."""
    return m, sd**2 / n


@dataclass(frozen=True)
class Measure:
    """An effect size: its columns, how it is computed, and the way back to what readers know.

    :ivar back: the way back to the scale readers know; ``exp`` for ratios
    :ivar comparative: it compares two groups
    """

    name: str
    columns: tuple[str, ...]
    compute: Callable[..., Pair]
    back: str = "none"
    comparative: bool = False


TABLE = ("ai", "bi", "ci", "di")
TWO_MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
CHANGE = ("m1i", "m2i", "sd1i", "sd2i", "ni", "ri")
MEASURES: Mapping[str, Measure] = {
    "OR": Measure("odds ratio", TABLE, odds_ratio, "exp", True),
    "RR": Measure("risk ratio", TABLE, risk_ratio, "exp", True),
    "RD": Measure("risk difference", TABLE, risk_difference, "none", True),
    "PETO": Measure("Peto odds ratio", TABLE, peto_odds_ratio, "exp", True),
    "AS": Measure("arcsine difference", TABLE, arcsine_difference, "none", True),
    "MD": Measure("mean difference", TWO_MEANS, mean_difference, "none", True),
    "SMD": Measure(
        "standardised mean difference", TWO_MEANS, standardised_mean_difference, "none", True
    ),
    "SMDH": Measure("standardised mean difference", TWO_MEANS, smd_heteroscedastic, "none", True),
    "ROM": Measure("ratio of means", TWO_MEANS, ratio_of_means, "exp", True),
    "ROMC": Measure("ratio of means", TWO_MEANS, ratio_of_means_corrected, "exp", True),
    "MC": Measure("mean change", CHANGE, mean_change),
    "SMCC": Measure("standardised change", CHANGE, standardised_change),
    "SMCR": Measure("standardised change", CHANGE, standardised_change_raw),
    "SMCRH": Measure("standardised change", CHANGE, standardised_change_raw_heteroscedastic),
    "COR": Measure("correlation", ("ri", "ni"), correlation),
    "ZCOR": Measure("correlation", ("ri", "ni"), fisher_z, "tanh"),
    "PR": Measure("proportion", ("xi", "ni"), proportion),
    "PLN": Measure("proportion", ("xi", "ni"), proportion_log, "exp"),
    "PLO": Measure("proportion", ("xi", "ni"), proportion_logit, "expit"),
    "PAS": Measure("proportion", ("xi", "ni"), proportion_arcsine, "sin2"),
    "PFT": Measure("proportion", ("xi", "ni"), proportion_freeman_tukey, "ipft"),
    "IR": Measure("rate", ("xi", "ti"), rate),
    "IRLN": Measure("rate", ("xi", "ti"), rate_log, "exp"),
    "IRFT": Measure("rate", ("xi", "ti"), rate_freeman_tukey, "irft"),
    "IRR": Measure("rate ratio", ("x1i", "t1i", "x2i", "t2i"), rate_ratio, "exp", True),
    "IRD": Measure("rate difference", ("x1i", "t1i", "x2i", "t2i"), rate_difference, "none", True),
    "MN": Measure("mean", ("mi", "sdi", "ni"), mean),
    "GEN": Measure("effect", ("yi", "vi"), lambda yi, vi: (yi, vi)),
}
PROPORTIONS = frozenset({"PR", "PLN", "PLO", "PAS", "PFT"})


def effect_sizes(measure: str, columns: Mapping[str, Sequence[float]]) -> Pair:
    """Effects and variances of a measure from its columns, named as in metafor's ``escalc``.

    :raises UsageError: for a measure nobody knows
    """
    if measure not in MEASURES:
        raise UsageError(f"measure: found {measure}, expected one of {', '.join(MEASURES)}")
    one = MEASURES[measure]
    vectors = [np.asarray(columns[name], dtype=float) for name in one.columns]
    with np.errstate(all="ignore"):
        yi, vi = one.compute(*vectors)
    return np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)


def back_transform(kind: str, y: float, n: float | None = None) -> float:
    """The way back of a measure: exp, expit, tanh, sin2, or the inverse Freeman-Tukey forms.

    :param n: for ``ipft`` the number of people, for ``irft`` the time (of several: harmonic mean)
    """
    if kind == "exp":
        return math.exp(y) if y < 700 else math.inf
    if kind == "expit":
        return float(special.expit(y))
    if kind == "tanh":
        return math.tanh(y)
    if kind == "irft":
        return inverse_freeman_tukey_rate(y, n if n is not None else math.inf)
    if kind == "sin2":
        return math.sin(min(max(y, 0.0), math.pi / 2)) ** 2
    if kind == "ipft":
        return inverse_freeman_tukey(y, n if n is not None else math.inf)
    return y


def inverse_freeman_tukey(y: float, n: float) -> float:
    """Proportion of a double arcsine; Miller 1978, Am Stat 32:138; clipped at 0 and 1."""
    if math.isinf(n):
        return math.sin(min(max(y, 0.0), math.pi / 2)) ** 2
    low = math.asin(math.sqrt(1 / (n + 1))) / 2
    high = (math.asin(math.sqrt(n / (n + 1))) + math.pi / 2) / 2
    if y <= low:
        return 0.0
    if y >= high:
        return 1.0
    s = math.sin(2 * y)
    inner = 1 - (s + (s - 1 / s) / n) ** 2
    return 0.5 * (1 - math.copysign(1, math.cos(2 * y)) * math.sqrt(max(0.0, inner)))


def inverse_freeman_tukey_rate(y: float, t: float) -> float:
    """Rate of its Freeman-Tukey form: the exact inverse, never below nought."""
    if math.isinf(t):
        return max(0.0, y) ** 2
    if y <= 1 / (2 * math.sqrt(t)):
        return 0.0
    return (1 / t - 4 * y**2) ** 2 / (16 * y**2)


def harmonic_mean(n: Sequence[float]) -> float:
    """Harmonic mean, for the inverse double arcsine of several studies."""
    return len(n) / sum(1 / one for one in n)
