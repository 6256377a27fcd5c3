"""Pooling: common and random effects, meta-regression, Mantel-Haenszel and Peto.

Checked against metafor (Viechtbauer 2010, J Stat Softw 36:3) to the eighth digit; its conventions
are kept: I² from tau² and the typical variance, Hartung-Knapp with k - p degrees of freedom, a
study alone is a common effect with Q = 0. The upper limit of tau² is not capped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special

from review.ground.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

METHODS = ("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")
TESTS = ("z", "knha", "adhoc")
GRID = 48
FARTHEST = 1e30
"""Size of an effect or variance beyond which sums of squares overflow."""


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


@dataclass(frozen=True)
class Regression:
    """A meta-regression: coefficients, heterogeneity that is left, and the moderators' test."""

    k: int
    method: str
    test: str
    beta: tuple[float, ...]
    se: tuple[float, ...]
    p: tuple[float, ...]
    ci_lower: tuple[float, ...]
    ci_upper: tuple[float, ...]
    tau2: float
    qe: float
    qe_p: float
    qm: float
    qm_df: tuple[int, int | None]
    qm_p: float
    i2: float
    h2: float
    r2: float | None


def _t_quantile(p: float, df: float | None) -> float:
    return float(special.ndtri(p)) if df is None else float(special.stdtrit(df, p))


def _two_sided(statistic: float, df: float | None) -> float:
    if math.isinf(statistic):
        return 0.0
    tail = special.ndtr(-abs(statistic)) if df is None else special.stdtr(df, -abs(statistic))
    return float(2 * tail)


def chi2_above(x: float, df: float) -> float:
    """Upper tail of chi square; 1 where there is no degree of freedom."""
    return float(special.chdtrc(df, x)) if df > 0 else 1.0


def _checked(yi: Sequence[float], vi: Sequence[float]) -> tuple[Vector, Vector]:
    y, v = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    if y.shape != v.shape or y.ndim != 1 or not y.size:
        raise UsageError(f"found {y.size} effects and {v.size} variances, expected as many")
    if not (np.isfinite(y).all() and np.isfinite(v).all()):
        raise UsageError("found an effect or variance that is no finite number")
    if (v <= 0).any():
        where = int(np.argmax(v <= 0)) + 1
        raise UsageError(f"study {where}: found variance {v[where - 1]:g}, expected above 0")
    far = (np.abs(y) > FARTHEST) | (v > FARTHEST) | (v < 1 / FARTHEST)
    if far.any():
        n = int(np.argmax(far))
        raise UsageError(
            f"study {n + 1}: found effect {y[n]:g} with variance {v[n]:g}, expected sizes"
            f" between {1 / FARTHEST:g} and {FARTHEST:g}"
        )
    return y, v


class _Model:
    """Effects with variances and a design matrix: everything that depends on tau²."""

    def __init__(self, y: Vector, v: Vector, x: Vector) -> None:
        self.y, self.v, self.x = y, v, x
        self.k, self.p = x.shape
        self.simple = self.p == 1 and bool((x == 1).all())

    def projected(self, weights: Vector) -> tuple[Vector, Vector]:
        """(X'WX)^-1 and the coefficients."""
        xw = self.x * weights[:, None]
        inverse = np.asarray(np.linalg.inv(self.x.T @ xw), dtype=np.float64)
        return inverse, np.asarray(inverse @ (xw.T @ self.y), dtype=np.float64)

    def residual_sum(self, weights: Vector) -> float:
        """The weighted residual sum of squares: Cochran's Q for weights 1/v."""
        if self.simple:
            total = weights.sum()
            mu = weights @ self.y / total
            return float(weights @ (self.y - mu) ** 2)
        _, beta = self.projected(weights)
        return float(weights @ (self.y - self.x @ beta) ** 2)

    def trace_p(self, weights: Vector) -> float:
        """Trace of P = W - WX(X'WX)^-1X'W."""
        if self.simple:  # the others are summed apart: no digits are lost where one weight rules
            before = np.concatenate(([0.0], np.cumsum(weights)[:-1]))
            behind = np.concatenate((np.cumsum(weights[::-1])[::-1][1:], [0.0]))
            return float((weights / weights.sum()) @ (before + behind))
        inverse, _ = self.projected(weights)
        xw = self.x * weights[:, None]
        return float(weights.sum() - np.trace(inverse @ (xw.T @ xw)))

    def q_at(self, tau2: float) -> float:
        """The generalised Q statistic at a tau²."""
        return self.residual_sum(1 / (self.v + tau2))

    # ---- likelihoods ---------------------------------------------------------------------------

    def score(self, tau2: float, restricted: bool) -> float:
        """Slope of the (restricted) log likelihood; Viechtbauer 2005, J Educ Behav Stat 30:261."""
        w = 1 / (self.v + tau2)
        if self.simple:
            total = w.sum()
            mu = w @ self.y / total
            lost = w @ w / total if restricted else 0.0
            return float(-0.5 * (w.sum() - lost) + 0.5 * ((w**2) @ (self.y - mu) ** 2))
        inverse, beta = self.projected(w)
        residual = self.y - self.x @ beta
        xw = self.x * w[:, None]
        lost = np.trace(inverse @ (xw.T @ xw)) if restricted else 0.0
        return float(-0.5 * (w.sum() - lost) + 0.5 * ((w**2) @ residual**2))

    def log_likelihoods(self, tau2: Vector, restricted: bool) -> Vector:
        """(Restricted) log likelihood at many tau², without constants."""
        if not self.simple:
            return np.array([self._log_likelihood(t, restricted) for t in tau2])
        w = 1 / (self.v[None, :] + tau2[:, None])
        total = w.sum(axis=1)
        mu = (w * self.y).sum(axis=1) / total
        fit = (w * (self.y[None, :] - mu[:, None]) ** 2).sum(axis=1)
        value = 0.5 * np.log(w).sum(axis=1) - 0.5 * fit
        return np.asarray(value - 0.5 * np.log(total) if restricted else value)

    def _log_likelihood(self, tau2: float, restricted: bool) -> float:
        w = 1 / (self.v + tau2)
        _, beta = self.projected(w)
        value = 0.5 * np.log(w).sum() - 0.5 * (w @ (self.y - self.x @ beta) ** 2)
        if restricted:
            value -= 0.5 * np.linalg.slogdet(self.x.T @ (self.x * w[:, None]))[1]
        return float(value)

    def most_likely(self, restricted: bool) -> float:
        """The tau² of the highest (restricted) likelihood, all local maxima of a grid compared."""
        spread = float(np.ptp(self.y)) ** 2
        top = max(10 * spread, float(self.v.max()), 1e-12)
        low = max(min(float(self.v.min()), top) * 1e-6, top * 1e-16)
        grid = np.concatenate(([0.0], np.geomspace(low, top, GRID)))
        values = self.log_likelihoods(grid, restricted)
        best, height = 0.0, float(values[0])

        def slope(tau2: float) -> float:
            return self.score(tau2, restricted)

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
            found = float(self.log_likelihoods(np.array([root]), restricted)[0])
            if found > height:
                best, height = root, found
        return best


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


def _tau2(model: _Model, method: str) -> float:
    """Between-study variance; sources as in Veroniki 2016, Res Synth Methods 7:55."""
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
    return model.most_likely(restricted=method == "REML")


def _design(k: int, moderators: Sequence[Sequence[float]] | None) -> Vector:
    if moderators is None:
        return np.ones((k, 1))
    return np.asarray(moderators, dtype=float)


def _profile_tau2(model: _Model, level: float) -> tuple[float, float]:
    """Q-profile interval of tau²; Viechtbauer 2007, Stat Med 26:37. Not capped."""
    df = model.k - model.p
    upper, lower = (float(special.chdtri(df, tail)) for tail in ((1 - level) / 2, (1 + level) / 2))
    start = max(float(np.var(model.y)), float(model.v.max()))
    return _falling(model.q_at, upper, start), _falling(model.q_at, lower, start)


def _typical(model: _Model) -> float:
    """The typical within-study variance; Higgins & Thompson 2002, Stat Med 21:1539, eq. 9."""
    trace = model.trace_p(1 / model.v)
    if trace <= 0:
        raise UsageError("one study outweighs all others beyond what numbers can hold")
    return float((model.k - model.p) / trace)


def _known(method: str, test: str) -> None:
    if method not in METHODS:
        raise UsageError(f"method: found {method}, expected one of {', '.join(METHODS)}")
    if test not in TESTS:
        raise UsageError(f"test: found {test}, expected one of {', '.join(TESTS)}")


def pool(
    yi: Sequence[float],
    vi: Sequence[float],
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
    prediction: str = "k-1",
) -> Pooled:
    """Pool effects: common (EE) or random effects, with intervals.

    Hartung-Knapp (``knha``): Hartung & Knapp 2001, Stat Med 20:3875; ``adhoc`` never lets it be
    narrower than the normal interval's standard error (Röver 2015, BMC Med Res Methodol 15:99).
    Prediction interval: t with k - 1 degrees (metafor's default beside ``knha``), the normal with
    ``z``; ``riley``: t with k - 2 (Riley 2011, BMJ 342:d549).

    :raises UsageError: for effects that can't be pooled, or a method nobody knows
    """
    _known(method, test)
    y, v = _checked(yi, vi)
    model = _Model(y, v, np.ones((y.size, 1)))
    k = model.k
    if k == 1:
        method, test = "EE", "z"
    tau2 = _tau2(model, method)
    weights = 1 / (v + tau2)
    total = float(weights.sum())
    estimate = float(weights @ y / total)
    variance = 1 / total
    df: float | None = None
    if test != "z":
        df = float(k - 1)
        scale = float(weights @ (y - estimate) ** 2) / (k - 1)
        variance *= max(1.0, scale) if test == "adhoc" else scale
    se = math.sqrt(variance)
    statistic = estimate / se if se > 0 else math.copysign(math.inf, estimate) if estimate else 0.0
    half = _t_quantile((1 + level) / 2, df) * se
    pi_lower = pi_upper = None
    if method != "EE":
        pi_df = df if prediction == "k-1" else float(max(1, k - 2))
        reach = _t_quantile((1 + level) / 2, pi_df) * math.sqrt(variance + tau2)
        pi_lower, pi_upper = estimate - reach, estimate + reach
    q = model.residual_sum(1 / v) if k > 1 else 0.0
    spread = _heterogeneity(model, method, tau2, q, level)
    return Pooled(
        k,
        method,
        test,
        level,
        estimate,
        se,
        statistic,
        _two_sided(statistic, df),
        estimate - half,
        estimate + half,
        df,
        pi_lower,
        pi_upper,
        tau2,
        *spread,
        q,
        k - 1,
        chi2_above(q, k - 1),
        tuple(float(w) for w in 100 * weights / total),
    )


def _heterogeneity(
    model: _Model, method: str, tau2: float, q: float, level: float
) -> tuple[
    float | None, float | None, float, float | None, float | None, float, float | None, float | None
]:
    """Interval of tau², I² and H² with theirs."""
    df = model.k - model.p
    if df <= 0:
        return None, None, 0.0, None, None, 1.0, None, None
    low, high = _profile_tau2(model, level)
    typical = _typical(model)

    def i2(t: float) -> float:
        return 100.0 if math.isinf(t) else 100 * t / (typical + t)

    def h2(t: float) -> float:
        return t / typical + 1

    if method == "EE":
        share = max(0.0, 100 * (q - df) / q) if q > 0 else 0.0
        return low, high, share, i2(low), i2(high), q / df, h2(low), h2(high)
    return low, high, i2(tau2), i2(low), i2(high), h2(tau2), h2(low), h2(high)


def regress(
    yi: Sequence[float],
    vi: Sequence[float],
    moderators: Sequence[Sequence[float]],
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
    tested: Sequence[int] | None = None,
) -> Regression:
    """Meta-regression with a design matrix (an intercept is a column of ones).

    Thompson & Higgins 2002, Stat Med 21:1559; the omnibus test is of the coefficients ``tested``,
    all but a leading intercept by default. R² by Raudenbush 2009: the share of tau² explained.

    :raises UsageError: where there are no more studies than coefficients
    """
    _known(method, test)
    y, v = _checked(yi, vi)
    x = _design(y.size, moderators)
    if x.shape[0] != y.size or x.ndim != 2 or y.size <= x.shape[1]:
        raise UsageError(f"moderators: {y.size} studies do not carry {x.shape[-1]} coefficients")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise UsageError("moderators: columns repeat each other")
    model = _Model(y, v, x)
    tau2 = _tau2(model, method)
    weights = 1 / (v + tau2)
    inverse, beta = model.projected(weights)
    df: float | None = None
    if test != "z":
        df = float(model.k - model.p)
        scale = model.residual_sum(weights) / (model.k - model.p)
        inverse = inverse * (max(1.0, scale) if test == "adhoc" else scale)
    se = np.sqrt(np.diag(inverse))
    half = _t_quantile((1 + level) / 2, df) * se
    chosen = list(tested) if tested is not None else _moderators(x)
    block = inverse[np.ix_(chosen, chosen)]
    if not chosen or (np.diag(block) <= 0).any():
        raise UsageError("moderators: the effects lie exactly on the line; nothing is left to test")
    part = np.linalg.inv(block)
    qm = float(beta[chosen] @ part @ beta[chosen])
    if df is None:
        qm_p = chi2_above(qm, len(chosen))
    else:
        qm /= len(chosen)
        qm_p = float(special.fdtrc(len(chosen), df, qm))
    qe = model.residual_sum(1 / v)
    typical = _typical(model)
    i2, h2 = 100 * tau2 / (typical + tau2), tau2 / typical + 1
    if method == "EE":
        df_left = model.k - model.p
        i2, h2 = max(0.0, 100 * (qe - df_left) / qe) if qe > 0 else 0.0, qe / df_left
    r2 = None
    if _has_intercept(x) and method != "EE":
        alone = _tau2(_Model(y, v, np.ones((y.size, 1))), method)
        r2 = max(0.0, 100 * (alone - tau2) / alone) if alone > 0 else None
    return Regression(
        model.k,
        method,
        test,
        tuple(map(float, beta)),
        tuple(map(float, se)),
        tuple(_two_sided(float(b / s), df) for b, s in zip(beta, se, strict=True)),
        tuple(map(float, beta - half)),
        tuple(map(float, beta + half)),
        tau2,
        qe,
        chi2_above(qe, model.k - model.p),
        qm,
        (len(chosen), int(df) if df is not None else None),
        qm_p,
        i2,
        h2,
        r2,
    )


def _has_intercept(x: Vector) -> bool:
    return bool((x[:, 0] == 1).all())


def _moderators(x: Vector) -> list[int]:
    first = 1 if _has_intercept(x) and x.shape[1] > 1 else 0
    return list(range(first, x.shape[1]))


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
    """
    y, v = _checked(yi, vi)
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


# ---- two-by-two tables without weights of their own ----------------------------------------------


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
    half = _t_quantile((1 + level) / 2, None) * se
    q = q if df > 0 else 0.0
    shares = tuple(float(one) for one in 100 * weights / weights.sum())
    i2 = max(0.0, 100 * (q - df) / q) if q > 0 and df > 0 else 0.0
    statistic = estimate / se if se > 0 else 0.0
    p = _two_sided(statistic, None)
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
    from review.statistics.effect_sizes import effect_sizes

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
