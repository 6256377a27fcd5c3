"""Axes: how a value is printed, which places are marked, and where a value stands."""

from __future__ import annotations

import math
from dataclasses import dataclass

from review.ground.numbers import MINUS, interval, number, percent


@dataclass(frozen=True)
class Axis:
    """What the horizontal axis shows.

    :ivar scale: linear, log (a ratio), or share (a proportion)
    :ivar reference: where no effect is; None where there is no such place
    :ivar to: the word between an interval's ends
    """

    label: str
    scale: str = "linear"
    reference: float | None = None
    places: int = 2
    to: str = "to"

    def shown(self, value: float | None) -> str:
        """A value as the plot prints it."""
        if value is None:
            return "–"
        return percent(value) if self.scale == "share" else number(value, self.places)

    def between(self, low: float | None, high: float | None) -> str:
        """An interval as the plot prints it."""
        if self.scale == "share" and low is not None and high is not None:
            return f"{number(100 * low, 1)} {self.to} {percent(high)}"
        return interval(low, high, self.places, self.to)


def ticks(low: float, high: float, scale: str) -> list[float]:
    """Round places for an axis: seven at most, and two at least where the axis has two ends."""
    if scale == "log":
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        steps = [m * 10.0**e for e in range(first, last + 1) for m in (1, 2, 5)]
        inside = [one for one in steps if low <= one <= high]
        while len(inside) > 7:
            inside = inside[::2] if 1.0 in inside[::2] or 1.0 not in inside else inside[1::2]
        if len(inside) > 1:
            return inside
    span = high - low
    if not span > 0:
        return [low]
    step = 10 ** math.floor(math.log10(span / 4))
    for factor in (1, 2, 2.5, 5, 10):
        if span / (step * factor) <= 6:
            step *= factor
            break
    first = math.ceil(low / step - 1e-9)
    places = max(0, 2 - math.floor(math.log10(step)))
    return [
        round(n * step, places)
        for n in range(first, first + 9)
        if n * step <= high * (1 + 1e-9) + step * 1e-9
    ]


def tick_label(tick: float, scale: str = "linear") -> str:
    """What stands below a place of an axis."""
    return percent(tick, 0) if scale == "share" else f"{tick:g}".replace("-", MINUS)


@dataclass(frozen=True)
class Scale:
    """Where values stand between two ends of a picture; beyond the ends they stand on them.

    :ivar scale: linear, log or share, as of an :class:`Axis`
    :ivar low: the value at ``left``; above 0 where the scale is log
    :ivar high: the value at ``left + width``
    :ivar left: pixels
    :ivar width: pixels
    """

    scale: str
    low: float
    high: float
    left: float
    width: float

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        if self.scale == "log":
            share = (math.log(max(value, 1e-300)) - math.log(self.low)) / (
                math.log(self.high) - math.log(self.low)
            )
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.left + self.width * min(1.0, max(0.0, share))
