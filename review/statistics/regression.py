"""Meta-regression: effects explained by moderators, and the heterogeneity that is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from review.ground.errors import UsageError
from review.statistics.distributions import chi2_above, quantile, two_sided
from review.statistics.linear_model import Model, checked
from review.statistics.pool import known, scaled
from review.statistics.tau2 import between_studies, typical_variance

if TYPE_CHECKING:
    from review.statistics.linear_model import Vector


@dataclass(frozen=True)
class Regression:
    """A meta-regression: coefficients, heterogeneity that is left, and the moderators' test.

    :ivar qm_df: degrees of freedom of the moderators' test; the second None for chi square
    :ivar r2: share of tau² explained, in per cent; None where there is none to explain
    """

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


def regress(
    yi: Sequence[float],
    vi: Sequence[float],
    moderators: Sequence[Sequence[float]],
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> Regression:
    """Meta-regression with a design matrix (an intercept is a column of ones).

    Thompson & Higgins 2002, Stat Med 21:1559; the omnibus test is of all coefficients but a
    leading intercept. R² by Raudenbush 2009: the share of tau² explained.

    :param moderators: the design matrix, a row a study
    :raises UsageError: where there are no more studies than coefficients, or a method nobody knows
    """
    known(method, test)
    y, v = checked(yi, vi)
    x = np.asarray(moderators, dtype=float)
    if x.shape[0] != y.size or x.ndim != 2 or y.size <= x.shape[1]:
        raise UsageError(f"moderators: {y.size} studies do not carry {x.shape[-1]} coefficients")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise UsageError("moderators: columns repeat each other")
    model = Model(y, v, x)
    tau2 = between_studies(model, method)
    weights = 1 / (v + tau2)
    inverse, beta = model.projected(weights)
    scale, df = scaled(model, weights, test)
    inverse = inverse * scale
    se = np.sqrt(np.diag(inverse))
    half = quantile((1 + level) / 2, df) * se
    chosen = _moderators(x)
    qm, qm_p = _omnibus(beta, inverse, chosen, df)
    qe = model.residual_sum(1 / v)
    i2, h2 = _left(model, method, tau2, qe)
    return Regression(
        k=model.k,
        method=method,
        test=test,
        beta=tuple(map(float, beta)),
        se=tuple(map(float, se)),
        p=tuple(two_sided(float(b / s), df) for b, s in zip(beta, se, strict=True)),
        ci_lower=tuple(map(float, beta - half)),
        ci_upper=tuple(map(float, beta + half)),
        tau2=tau2,
        qe=qe,
        qe_p=chi2_above(qe, model.k - model.p),
        qm=qm,
        qm_df=(len(chosen), int(df) if df is not None else None),
        qm_p=qm_p,
        i2=i2,
        h2=h2,
        r2=_explained(model, method, tau2),
    )


def _omnibus(
    beta: Vector, covariance: Vector, chosen: Sequence[int], df: float | None
) -> tuple[float, float]:
    """The test that all chosen coefficients are nought, and its P value."""
    block = covariance[np.ix_(chosen, chosen)]
    if not chosen or (np.diag(block) <= 0).any():
        raise UsageError("moderators: the effects lie exactly on the line; nothing is left to test")
    part = np.linalg.inv(block)
    qm = float(beta[chosen] @ part @ beta[chosen])
    if df is None:
        return qm, chi2_above(qm, len(chosen))
    qm /= len(chosen)
    return qm, float(special.fdtrc(len(chosen), df, qm))


def _left(model: Model, method: str, tau2: float, qe: float) -> tuple[float, float]:
    """I² and H² of what the moderators leave."""
    typical = typical_variance(model)
    if method == "EE":
        df = model.k - model.p
        return max(0.0, 100 * (qe - df) / qe) if qe > 0 else 0.0, qe / df
    return 100 * tau2 / (typical + tau2), tau2 / typical + 1


def _explained(model: Model, method: str, tau2: float) -> float | None:
    """The share of tau² that the moderators explain; None without an intercept, or with no tau²."""
    if not _has_intercept(model.x) or method == "EE":
        return None
    alone = between_studies(Model(model.y, model.v, np.ones((model.k, 1))), method)
    return max(0.0, 100 * (alone - tau2) / alone) if alone > 0 else None


def _has_intercept(x: Vector) -> bool:
    return bool((x[:, 0] == 1).all())


def _moderators(x: Vector) -> list[int]:
    first = 1 if _has_intercept(x) and x.shape[1] > 1 else 0
    return list(range(first, x.shape[1]))
