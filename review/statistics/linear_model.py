"""Effects with variances and a design matrix: least squares and likelihoods at any tau²."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from review.ground.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

FARTHEST = 1e30
"""Size of an effect or variance beyond which sums of squares overflow."""


def checked(yi: Sequence[float], vi: Sequence[float]) -> tuple[Vector, Vector]:
    """Effects and variances as vectors of one length.

    :raises UsageError: for none, for a number that is not finite or too far out, for a variance
        that is not above 0
    """
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


class Model:
    """Effects with variances and a design matrix: everything that depends on tau².

    :ivar y: the effects, one entry a study
    :ivar v: their sampling variances
    :ivar x: the design matrix, a row a study and a column a coefficient; ones alone for a mean
    """

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
