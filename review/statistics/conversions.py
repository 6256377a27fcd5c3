"""What papers print, made into what is pooled: intervals of shares, means, sampling variances."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from review.ground.errors import UsageError


def _events(x: float, n: float) -> None:
    if not (n > 0 and 0 <= x <= n):
        raise UsageError(f"proportion: found {x:g} of {n:g}, expected events from 0 to the total")


def wilson(x: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion; Wilson 1927, J Am Stat Assoc 22:209.

    :raises UsageError: for events outside 0 to the total
    """
    _events(x, n)
    z = float(special.ndtri((1 + level) / 2))
    p = x / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low = 0.0 if x == 0 else max(0.0, middle - half)
    return low, 1.0 if x == n else min(1.0, middle + half)


@dataclass(frozen=True)
class Converted:
    """A mean and SD worked out of a median and its range; always shown as converted."""

    mean: float
    sd: float
    how: str


def mean_sd_of_median(
    n: float,
    median: float,
    *,
    q1: float | None = None,
    q3: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Converted:
    """Mean and SD from a median with quartiles, range, or both.

    Mean: Luo 2018, Stat Methods Med Res 27:1785, eq. 7, 11 and 15. SD: Wan 2014, BMC Med Res
    Methodol 14:135, eq. 9 and 16; with both, Shi 2020, Res Synth Methods 11:641, eq. 10 and 11.

    :raises UsageError: where neither quartiles nor range are given, or they are out of order
    """
    if not n >= 3:
        raise UsageError(f"median: found {n:g} people, expected at least 3")
    points = [one for one in (low, q1, median, q3, high) if one is not None]
    if points != sorted(points):
        raise UsageError(f"median and quartiles: found {points}, expected them in order")
    outer = float(special.ndtri((n - 0.375) / (n + 0.25)))
    inner = float(special.ndtri((0.75 * n - 0.125) / (n + 0.25)))
    if q1 is not None and q3 is not None and low is not None and high is not None:
        w1 = 2.2 / (2.2 + n**0.75)
        w2 = 0.7 - 0.72 / n**0.55
        middle = w1 * (low + high) / 2 + w2 * (q1 + q3) / 2 + (1 - w1 - w2) * median
        sd = (high - low) / ((2 + 0.14 * n**0.6) * outer)
        sd += (q3 - q1) / ((2 + 2 / (0.07 * n**0.6)) * inner)
        return Converted(middle, sd, "median, quartiles and range (Luo 2018, Shi 2020)")
    if q1 is not None and q3 is not None:
        w = 0.7 + 0.39 / n
        middle = w * (q1 + q3) / 2 + (1 - w) * median
        return Converted(
            middle, (q3 - q1) / (2 * inner), "median and quartiles (Luo 2018, Wan 2014)"
        )
    if low is not None and high is not None:
        w = 4 / (4 + n**0.75)
        middle = w * (low + high) / 2 + (1 - w) * median
        return Converted(
            middle, (high - low) / (2 * outer), "median and range (Luo 2018, Wan 2014)"
        )
    raise UsageError("median: found neither both quartiles nor both ends of the range")


def variance_of_interval(
    low: float, high: float, *, ratio: bool = False, level: float = 0.95
) -> float:
    """Sampling variance from a confidence interval; of a ratio on the log scale.

    Cochrane Handbook 6.3.1 and 6.3.2.
    """
    if not low < high or (ratio and low <= 0):
        raise UsageError(f"interval: found {low:g} to {high:g}, expected rising limits")
    z = float(special.ndtri((1 + level) / 2))
    width = math.log(high) - math.log(low) if ratio else high - low
    return (width / (2 * z)) ** 2


def variance_of_p(effect: float, p: float) -> float:
    """Sampling variance from an effect and its two-sided P value; Cochrane Handbook 6.3.2."""
    if not 0 < p < 1 or effect == 0:
        raise UsageError(f"P value: found {p:g} of an effect of {effect:g}, expected 0 < P < 1")
    return (effect / float(special.ndtri(p / 2))) ** 2
