"""Binomial-normal model of a proportion: no half is added to any cell.

The logit of each study's true proportion is normal; its likelihood is integrated by adaptive
Gauss-Hermite quadrature (Stijnen 2010, Stat Med 29:3046; Pinheiro & Bates 1995).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from review.ground.errors import UsageError
from review.statistics.distributions import quantile, two_sided

MOST_TAU = 10.0
"""A spread of logits beyond which the likelihood only goes on rising: no fit."""


@dataclass(frozen=True)
class Binomial:
    """The mean logit, its standard error, and the variance between studies."""

    k: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p: float
    tau2: float
    pi_lower: float | None
    pi_upper: float | None
    test: str
    log_likelihood: float


def _modes(mu: float, tau: float, x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """The mode of each study's standardised random effect.

    The slope tau (x - n p) - u falls in u and is nought between tau (x - n) and tau x: Newton's
    step where it stays inside, else the middle.
    """
    low, high = tau * (x - n), tau * x
    u = np.clip(np.zeros_like(x), low, high)
    for _ in range(200):
        p = special.expit(mu + tau * u)
        slope = tau * (x - n * p) - u
        low, high = np.where(slope > 0, u, low), np.where(slope > 0, high, u)
        fresh = u + slope / (tau**2 * n * p * (1 - p) + 1)
        fresh = np.where((fresh > low) & (fresh < high), fresh, (low + high) / 2)
        moved = np.abs(fresh - u).max()
        u = np.asarray(fresh)
        if moved < 1e-13 * (1 + np.abs(u).max()):
            break
    return np.asarray(u)


def _log_likelihood(mu: float, tau: float, x: np.ndarray, n: np.ndarray, nodes: int) -> float:
    constant = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
    if tau < 1e-10:
        return float((constant + x * mu - n * np.logaddexp(0.0, mu)).sum())
    u = _modes(mu, tau, x, n)
    p = special.expit(mu + tau * u)
    scale = 1 / np.sqrt(tau**2 * n * p * (1 - p) + 1)
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    at = u[:, None] + math.sqrt(2) * scale[:, None] * points[None, :]
    eta = mu + tau * at
    log_f = x[:, None] * eta - n[:, None] * np.logaddexp(0.0, eta) - at**2 / 2
    log_f = log_f + points[None, :] ** 2 + np.log(weights)[None, :]
    integral = special.logsumexp(log_f, axis=1) + np.log(scale) + 0.5 * math.log(2)
    return float((constant + integral - 0.5 * math.log(2 * math.pi)).sum())


def binomial_normal(
    xi: Sequence[float], ni: Sequence[float], level: float = 0.95, test: str = "t", nodes: int = 25
) -> Binomial:
    """Fit the model by maximum likelihood.

    :param test: t with k - 1 degrees (the normal interval covers too little in small sets), or z
    :param nodes: points of the quadrature; 1 is Laplace's approximation
    :raises UsageError: where events exceed totals, every study has none or all, or the studies lie
        too far apart for a fit
    """
    x, n = np.asarray(xi, dtype=float), np.asarray(ni, dtype=float)
    if (x < 0).any() or (x > n).any() or (n <= 0).any():
        raise UsageError("proportions: found events outside 0 to the total")
    if x.sum() == 0 or x.sum() == n.sum():
        raise UsageError("proportions: no study, or every one, has all its people with the event")
    mu, tau = _most_likely(x, n, nodes)
    se = math.sqrt(_variance(mu, tau, x, n, nodes))
    df = float(len(x) - 1) if test == "t" and len(x) > 1 else None
    reach = quantile((1 + level) / 2, df)
    half, far = reach * se, reach * math.sqrt(se**2 + tau**2)
    return Binomial(
        k=len(x),
        estimate=mu,
        se=se,
        ci_lower=mu - half,
        ci_upper=mu + half,
        p=two_sided(mu / se, df),
        tau2=tau**2,
        pi_lower=mu - far if len(x) > 1 else None,
        pi_upper=mu + far if len(x) > 1 else None,
        test="z" if df is None else "t",
        log_likelihood=_log_likelihood(mu, tau, x, n, nodes),
    )


def _most_likely(x: np.ndarray, n: np.ndarray, nodes: int) -> tuple[float, float]:
    """The mean logit and the spread of the highest likelihood, sought from three spreads.

    :raises UsageError: where the likelihood only goes on rising with the spread
    """

    def minus(parameters: np.ndarray) -> float:
        return -_log_likelihood(float(parameters[0]), math.exp(float(parameters[1])), x, n, nodes)

    p = x.sum() / n.sum()
    start = math.log(p / (1 - p))
    best = None
    for tau in (0.1, 0.5, 1.5):
        found = optimize.minimize(
            minus,
            np.array([start, math.log(tau)]),
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000, "maxfev": 8000},
        )
        if best is None or found.fun < best.fun:
            best = found
    assert best is not None
    mu, tau = float(best.x[0]), math.exp(float(best.x[1]))
    if tau > MOST_TAU:
        raise UsageError("binomial-normal model: the studies lie too far apart for a fit")
    return (start, 0.0) if tau < 1e-4 else (mu, tau)


def _variance(mu: float, tau: float, x: np.ndarray, n: np.ndarray, nodes: int) -> float:
    """Variance of the mean; where the spread's curvature tells none, that of a spread of nought."""
    variance = _information(mu, tau, x, n, nodes)
    if not (math.isfinite(variance) and 0 < variance < MOST_TAU**2):
        variance = _information(mu, 0.0, x, n, nodes)
    if not (math.isfinite(variance) and variance > 0):
        raise UsageError("binomial-normal model: the studies tell no standard error")
    return variance


def _information(mu: float, tau: float, x: np.ndarray, n: np.ndarray, nodes: int) -> float:
    """Variance of the mean from the curvature of the likelihood, tau taken into account."""
    h = 1e-4

    def f(a: float, b: float) -> float:
        return _log_likelihood(a, max(b, 0.0), x, n, nodes)

    aa = (f(mu + h, tau) - 2 * f(mu, tau) + f(mu - h, tau)) / h**2
    if tau < 10 * h:
        return -1 / aa
    bb = (f(mu, tau + h) - 2 * f(mu, tau) + f(mu, tau - h)) / h**2
    corners = f(mu + h, tau + h) - f(mu + h, tau - h) - f(mu - h, tau + h) + f(mu - h, tau - h)
    ab = corners / (4 * h**2)
    return -bb / (aa * bb - ab**2)
