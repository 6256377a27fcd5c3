"""Forest plots: studies with interval and weight, diamonds, and the prediction interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from review.ground.numbers import number
from review.plots import svg
from review.plots.axis import Axis, Scale, tick_label, ticks

ROW = 24
"""Height of a line."""
PLOT = 270
"""Width between the plot's ends."""
LABELS, FIGURES = (150, 330), (150, 280)
"""Least and most width of the names and of the figures; the texts decide between them."""


@dataclass(frozen=True)
class Row:
    """A line of a forest plot.

    :ivar kind: study, group (a subgroup's diamond), pooled (the diamond), prediction, or heading
    :ivar weight: share of the pooled estimate in per cent; None where nothing is pooled
    :ivar mark: what stands in the last column: level of evidence and whether a person verified it
    :ivar tail: what stands behind the label and is never cut: events and people
    """

    label: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    kind: str = "study"
    mark: str = ""
    tail: str = ""


def _log(value: float) -> float:
    """A logarithm whose exponential is finite."""
    return min(600.0, max(-600.0, math.log(value)))


def _span(rows: Sequence[Row], axis: Axis) -> tuple[float, float]:
    """The axis's ends: all estimates, and intervals unless one would squeeze the rest."""
    if axis.scale == "share":
        return 0.0, 1.0
    shown = [r for r in rows if r.estimate is not None and math.isfinite(r.estimate)]
    ends = [
        v for r in shown for v in (r.estimate, r.low, r.high) if v is not None and math.isfinite(v)
    ]
    if axis.reference is not None:
        ends.append(axis.reference)
    if axis.scale == "log":
        logs = sorted(_log(v) for v in ends if v > 0) or [0.0]
        middle = [_log(r.estimate) for r in shown if r.estimate and r.estimate > 0] or [0.0]
        low = max(logs[0], min(middle) - 3)
        high = min(logs[-1], max(middle) + 3)
        pad = 0.05 * (high - low) or 0.5
        return math.exp(max(-600.0, low - pad)), math.exp(min(600.0, high + pad))
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    pad = 0.05 * (high - low) or 0.5 * max(1.0, abs(low))
    return low - pad, high + pad


def forest(
    title: str,
    desc: str,
    rows: Sequence[Row],
    axis: Axis,
    heads: tuple[str, str, str, str] = ("Study", "Estimate (95 % CI)", "Weight", ""),
    watermark: str = "",
    alone: bool = False,
) -> str:
    """A forest plot: studies with interval and weight, diamonds, and the prediction interval.

    :param heads: headings of the label, the figures, the weight and the mark
    :param watermark: words across the plot, where its figures are not verified
    """
    ends = _ends(rows, axis, heads)
    x = Scale(axis.scale, *_span(rows, axis), ends.left, PLOT)
    top = 34 + (ROW if watermark else 0)
    bottom = top + ROW * len(rows)
    body = _heading(heads, ends)
    if watermark:
        title, desc = f"{watermark}: {title}", f"{watermark}. {desc}"
        body.append(svg.text(ends.width / 2, 46, watermark, "middle", ' font-weight="700"'))
    if axis.reference is not None and x.low <= axis.reference <= x.high:
        place = x(axis.reference)
        dashes = ' stroke-dasharray="3 3" stroke-opacity="0.7"'
        body.append(svg.line(place, top - 6, place, bottom, dashes))
    heaviest = max((r.weight for r in rows if r.weight is not None), default=None)
    for index, row in enumerate(rows):
        body += _row(row, top + ROW * index + ROW / 2, x, axis, heaviest, ends)
    body += _axis(axis, x, bottom, ends)
    if watermark:
        body.append(_across(watermark, (ends.left + ends.right) / 2, (top + bottom) / 2))
    return svg.picture(math.ceil(ends.width), bottom + 52, title, desc, body, alone)


@dataclass(frozen=True)
class _Ends:
    """Where the columns of a forest plot stand: the plot's ends, figures, weight, and all."""

    left: float
    right: float
    figures: float
    weight: float
    width: float


def _ends(rows: Sequence[Row], axis: Axis, heads: tuple[str, str, str, str]) -> _Ends:
    """The columns as wide as their texts ask for."""
    left = _column([f"{r.label} {r.tail}" for r in rows], LABELS)
    figures = _column([heads[1], *(_figures(r, axis) for r in rows)], FIGURES)
    texts = (heads[3], *(r.mark for r in rows))
    marks = max(30.0, *(svg.width_of(mark, svg.SMALL_FONT) + 8 for mark in texts))
    right = left + PLOT
    return _Ends(left, right, right + 12, right + 64 + figures, right + 80 + figures + marks)


def _column(texts: Sequence[str], ends: tuple[int, int]) -> float:
    return min(float(ends[1]), max(float(ends[0]), *(svg.width_of(one) + 14 for one in texts)))


def _heading(heads: tuple[str, str, str, str], ends: _Ends) -> list[str]:
    """The names of the columns, and the line below them."""
    return [
        svg.text(4, 20, heads[0], extra=svg.BOLD),
        svg.text(ends.figures, 20, heads[1], extra=svg.BOLD),
        svg.text(ends.weight, 20, heads[2], "end", svg.BOLD),
        svg.text(ends.width - 4, 20, heads[3], "end", svg.BOLD),
        svg.line(0, 28, ends.width, 28, ' stroke-opacity="0.5"'),
    ]


def _axis(axis: Axis, x: Scale, bottom: float, ends: _Ends) -> list[str]:
    """The axis below the lines, with its ticks and its name."""
    body = [svg.line(ends.left, bottom + 4, ends.right, bottom + 4)]
    for tick in ticks(x.low, x.high, axis.scale):
        place, shown = x(tick), tick_label(tick, axis.scale)
        body.append(svg.line(place, bottom + 4, place, bottom + 9))
        body.append(svg.text(place, bottom + 23, shown, "middle", svg.SMALL))
    body.append(svg.text((ends.left + ends.right) / 2, bottom + 42, axis.label, "middle"))
    return body


def _across(watermark: str, x: float, y: float) -> str:
    """Large faint words across the plot; the same words stand in its title already."""
    return (
        f'<text x="{svg.at(x)}" y="{svg.at(y)}" text-anchor="middle" font-size="34" '
        f'fill="currentColor" fill-opacity="0.22" font-weight="700" aria-hidden="true" '
        f'transform="rotate(-18 {svg.at(x)} {svg.at(y)})">{svg.escape(watermark)}</text>'
    )


def _figures(row: Row, axis: Axis) -> str:
    """Estimate and interval as they are printed."""
    if row.kind == "heading" or (row.estimate is None and row.kind != "prediction"):
        return ""
    between = axis.between(row.low, row.high)
    return between if row.kind == "prediction" else f"{axis.shown(row.estimate)} ({between})"


def _row(
    row: Row, y: float, x: Scale, axis: Axis, heaviest: float | None, ends: _Ends
) -> list[str]:
    """One line of a forest plot."""
    bold = svg.BOLD if row.kind in ("pooled", "heading", "group") else ""
    tail = f" {row.tail}" if row.tail else ""
    label = svg.clip(row.label, ends.left - 12 - svg.width_of(tail)) + tail
    body = [svg.text(4, y + 4, label, extra=bold)]
    shown = _figures(row, axis)
    if not shown:
        return body
    parts = _marks(row, y, x)
    if row.estimate is not None and row.kind == "study":
        share = math.sqrt(row.weight / heaviest) if row.weight is not None and heaviest else 0.6
        side = 4 + 8 * share
        left = x(row.estimate) - side / 2
        parts.append(svg.rectangle(left, y - side / 2, side, side, "plot-accent"))
    body.append(svg.group(f"{row.label}{tail}: {shown}", parts))
    body.append(svg.text(ends.figures, y + 4, svg.clip(shown, FIGURES[1]), extra=bold))
    if row.weight is not None:
        body.append(svg.text(ends.weight, y + 4, f"{number(row.weight, 1)}\u202f%", "end"))
    body.append(svg.text(ends.width - 4, y + 4, row.mark, "end", svg.SMALL))
    return body


def _marks(row: Row, y: float, x: Scale) -> list[str]:
    """Interval, diamond or prediction bar of a line; nothing where it has no interval."""
    if row.low is None or row.high is None:
        return []
    low, high = x(row.low), x(row.high)
    if row.kind in ("pooled", "group"):
        assert row.estimate is not None
        middle = x(row.estimate)
        kind = "plot-faint" if row.kind == "group" else "plot-accent"
        return [svg.polygon(((low, y), (middle, y - 7), (high, y), (middle, y + 7)), kind)]
    if row.kind == "prediction":
        faint = ' fill-opacity="0.55"'
        return [svg.rectangle(low, y - 3, max(1.0, high - low), 6, "plot-accent", faint)]
    ends = [svg.line(low, y, high, y, ' stroke-width="1.4"')]
    for place in (low, high):
        ends.append(svg.line(place, y - 3, place, y + 3))
    return ends
