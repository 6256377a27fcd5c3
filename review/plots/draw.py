"""Plots as SVG text: deterministic, accessible, readable in light, dark and print.

Text is text; every mark has a title; colours come from classes that the site's style sheet sets for
both schemes (a stand-alone file brings its own), and nothing is told by colour alone.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape as _escaped

from review.ground.numbers import MINUS, interval, number, percent

ROW = 24
PLOT = 270
LABELS, FIGURES = (150, 330), (150, 280)
"""Least and most width of the names and of the figures; the texts decide between them."""
STYLE = (
    "svg{color:#1b1b1b;background:#fff;font-family:system-ui,sans-serif}"
    ".plot-accent{fill:#0072b2;stroke:#0072b2}.plot-faint{fill:#777;stroke:#777}"
    ".plot-level-1{fill:#009e73}.plot-level-2{fill:#56b4e9}.plot-level-3{fill:#0072b2}"
    ".plot-level-4{fill:#e69f00}.plot-level-5{fill:#d55e00}"
    "@media (prefers-color-scheme:dark){svg{color:#eaeaea;background:#1b1b1b}"
    ".plot-accent{fill:#56b4e9;stroke:#56b4e9}.plot-faint{fill:#aaa;stroke:#aaa}}"
)


_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Text as XML may hold it; characters that XML knows none of are left out."""
    return _escaped(_NO_XML.sub("", text), {'"': "&quot;"})


def _n(value: float) -> str:
    """A coordinate: two decimals at most, no minus nought."""
    printed = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if printed in ("-0", "") else printed


def _wide(text: str, size: float = 12.5) -> float:
    """How wide a text is drawn, about; wide characters count double."""
    return sum(size * (1.0 if ord(sign) > 0x2E80 else 0.56) for sign in text)


def _clip(text: str, width: float, size: float = 12.5) -> str:
    """A text that fits, with an ellipsis where it was cut."""
    if _wide(text, size) <= width:
        return text
    kept = ""
    for sign in text:
        if _wide(f"{kept}{sign}…", size) > width:
            break
        kept += sign
    return f"{kept.rstrip()}…"


def _svg(width: int, height: int, title: str, desc: str, body: Sequence[str], alone: bool) -> str:
    """The whole picture with its title and description."""
    style = f"<style>{STYLE}</style>" if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" class="plot" font-size="12.5">'
        f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>{style}{''.join(body)}</svg>\n"
    )


def _text(x: float, y: float, words: str, anchor: str = "start", extra: str = "") -> str:
    if not words:
        return ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" fill="currentColor"{extra}>'
        f"{escape(words)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, extra: str = "") -> str:
    return f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="currentColor"{extra}/>'


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
    low, high = _span(rows, axis)
    left = _column([f"{r.label} {r.tail}" for r in rows], LABELS)
    figures = _column([heads[1], *(_figures(r, axis) for r in rows)], FIGURES)
    marks = max(30.0, *(_wide(one, 11.5) + 8 for one in (heads[3], *(r.mark for r in rows))))
    right = left + PLOT
    ends = _Ends(left, right, right + 12, right + 64 + figures, right + 80 + figures + marks)
    top = 34 + (ROW if watermark else 0)
    height = top + ROW * len(rows) + 52

    def x(value: float) -> float:
        if axis.scale == "log":
            share = (math.log(max(value, 1e-300)) - math.log(low)) / (
                math.log(high) - math.log(low)
            )
        else:
            share = (value - low) / (high - low)
        return left + PLOT * min(1.0, max(0.0, share))

    body = [
        _text(4, 20, heads[0], extra=' font-weight="600"'),
        _text(ends.figures, 20, heads[1], extra=' font-weight="600"'),
        _text(ends.weight, 20, heads[2], "end", ' font-weight="600"'),
        _text(ends.width - 4, 20, heads[3], "end", ' font-weight="600"'),
        _line(0, 28, ends.width, 28, ' stroke-opacity="0.5"'),
    ]
    if watermark:
        title, desc = f"{watermark}: {title}", f"{watermark}. {desc}"
        body.append(_text(ends.width / 2, 46, watermark, "middle", ' font-weight="700"'))
    bottom = top + ROW * len(rows)
    if axis.reference is not None and low <= axis.reference <= high:
        at = x(axis.reference)
        body.append(_line(at, top - 6, at, bottom, ' stroke-dasharray="3 3" stroke-opacity="0.7"'))
    heaviest = max((r.weight for r in rows if r.weight is not None), default=None)
    for index, row in enumerate(rows):
        body += _row(row, top + ROW * index + ROW / 2, x, axis, heaviest, ends)
    body.append(_line(left, bottom + 4, right, bottom + 4))
    for tick in ticks(low, high, axis.scale):
        at = x(tick)
        body.append(_line(at, bottom + 4, at, bottom + 9))
        shown = percent(tick, 0) if axis.scale == "share" else f"{tick:g}".replace("-", MINUS)
        body.append(_text(at, bottom + 23, shown, "middle", ' font-size="11.5"'))
    body.append(_text((left + right) / 2, bottom + 42, axis.label, "middle"))
    if watermark:
        place = (left + right) / 2
        body.append(
            f'<text x="{_n(place)}" y="{_n((top + bottom) / 2)}" text-anchor="middle" font-size="34" '
            f'fill="currentColor" fill-opacity="0.22" font-weight="700" aria-hidden="true" '
            f'transform="rotate(-18 {_n(place)} {_n((top + bottom) / 2)})">{escape(watermark)}</text>'
        )
    return _svg(math.ceil(ends.width), height, title, desc, body, alone)


@dataclass(frozen=True)
class _Ends:
    """Where the columns of a forest plot stand: the plot's ends, figures, weight, and all."""

    left: float
    right: float
    figures: float
    weight: float
    width: float


def _column(texts: Sequence[str], ends: tuple[int, int]) -> float:
    return min(float(ends[1]), max(float(ends[0]), *(_wide(one) + 14 for one in texts)))


def _figures(row: Row, axis: Axis) -> str:
    if row.kind == "heading" or (row.estimate is None and row.kind != "prediction"):
        return ""
    between = axis.between(row.low, row.high)
    return between if row.kind == "prediction" else f"{axis.shown(row.estimate)} ({between})"


def _row(row: Row, y: float, x: Any, axis: Axis, heaviest: float | None, ends: _Ends) -> list[str]:
    """One line of a forest plot."""
    bold = ' font-weight="600"' if row.kind in ("pooled", "heading", "group") else ""
    tail = f" {row.tail}" if row.tail else ""
    label = _clip(row.label, ends.left - 12 - _wide(tail)) + tail
    body = [_text(4, y + 4, label, extra=bold)]
    shown = _figures(row, axis)
    if not shown:
        return body
    told = f"{row.label}{tail}: {shown}"
    parts = [f"<title>{escape(told)}</title>"]
    if row.low is not None and row.high is not None:
        parts += _marks(row, y, x)
    if row.estimate is not None and row.kind == "study":
        share = math.sqrt(row.weight / heaviest) if row.weight is not None and heaviest else 0.6
        side = 4 + 8 * share
        at = x(row.estimate)
        parts.append(
            f'<rect class="plot-accent" x="{_n(at - side / 2)}" y="{_n(y - side / 2)}" '
            f'width="{_n(side)}" height="{_n(side)}"/>'
        )
    body.append(f"<g>{''.join(parts)}</g>")
    body.append(_text(ends.figures, y + 4, _clip(shown, FIGURES[1]), extra=bold))
    if row.weight is not None:
        body.append(_text(ends.weight, y + 4, f"{number(row.weight, 1)}\u202f%", "end"))
    body.append(_text(ends.width - 4, y + 4, row.mark, "end", ' font-size="11.5"'))
    return body


def _marks(row: Row, y: float, x: Any) -> list[str]:
    """Interval, diamond or prediction bar of a line."""
    low, high = x(row.low), x(row.high)
    if row.kind in ("pooled", "group"):
        middle = x(row.estimate)
        points = f"{_n(low)},{_n(y)} {_n(middle)},{_n(y - 7)} {_n(high)},{_n(y)} {_n(middle)},{_n(y + 7)}"
        faint = "plot-faint" if row.kind == "group" else "plot-accent"
        return [f'<polygon class="{faint}" points="{points}"/>']
    if row.kind == "prediction":
        return [
            f'<rect class="plot-accent" x="{_n(low)}" y="{_n(y - 3)}" width="{_n(max(1.0, high - low))}" '
            'height="6" fill-opacity="0.55"/>'
        ]
    ends = [_line(low, y, high, y, ' stroke-width="1.4"')]
    for place in (low, high):
        ends.append(_line(place, y - 3, place, y + 3))
    return ends


def funnel(
    title: str,
    desc: str,
    points: Sequence[tuple[str, float, float]],
    middle: float,
    axis_label: str,
    filled: Sequence[tuple[float, float]] = (),
    none: float = 0.0,
    alone: bool = False,
) -> str:
    """A funnel plot with contours of significance; Peters 2008, J Clin Epidemiol 61:991.

    The contours spread from no effect: inside the innermost P is above 0.1, outside the outermost
    below 0.01.

    :param points: study, effect and standard error, on the scale that was pooled
    :param filled: effects and standard errors that trim and fill adds, drawn open
    :param none: where no effect is
    """
    width, height, left, right, top, bottom = 560, 400, 62, 540, 20, 330
    worst = 1.06 * max([*(se for _, _, se in points), *(se for _, se in filled)], default=1.0)
    drawn = [*(y for _, y, _ in points), *(y for y, _ in filled), none]
    reach = max(abs(y - middle) for y in drawn)
    reach = 1.08 * max(reach, 1.96 * worst)

    def x(value: float) -> float:
        return left + (right - left) * (value - (middle - reach)) / (2 * reach)

    def y(se: float) -> float:
        return top + (bottom - top) * se / worst

    name = "c" + hashlib.sha256(repr((points, middle)).encode()).hexdigest()[:8]
    body = [
        f'<clipPath id="{name}"><rect x="{left}" y="{top}" width="{right - left}" '
        f'height="{bottom - top}"/></clipPath><g clip-path="url(#{name})">'
    ]
    for z, opacity in ((2.576, 0.06), (1.96, 0.08), (1.645, 0.10)):
        half = z * worst
        corners = ((none, 0.0), (none - half, worst), (none + half, worst))
        shape = " ".join(f"{_n(x(a))},{_n(y(b))}" for a, b in corners)
        body.append(f'<polygon points="{shape}" fill="currentColor" fill-opacity="{opacity}"/>')
    body.append("</g>")
    body.append(_line(x(middle), top, x(middle), bottom, ' stroke-dasharray="4 3"'))
    for label, effect, se in points:
        told = f"{label}: {number(effect)}, standard error {number(se, 3)}"
        body.append(
            f'<circle class="plot-accent" cx="{_n(x(effect))}" cy="{_n(y(se))}" r="4.5">'
            f"<title>{escape(told)}</title></circle>"
        )
    for effect, se in filled:
        body.append(
            f'<circle cx="{_n(x(effect))}" cy="{_n(y(se))}" r="4.5" fill="none" stroke="currentColor">'
            "<title>added by trim and fill</title></circle>"
        )
    body += [_line(left, bottom, right, bottom), _line(left, top, left, bottom)]
    for tick in ticks(middle - reach, middle + reach, "linear"):
        if left <= x(tick) <= right:
            body.append(_text(x(tick), bottom + 18, f"{tick:g}".replace("-", MINUS), "middle"))
    for tick in ticks(0, worst, "linear"):
        body.append(_text(left - 6, y(tick) + 4, f"{tick:g}", "end"))
    body.append(_text((left + right) / 2, bottom + 40, axis_label, "middle"))
    turn = ' transform="rotate(-90 16 175)"'
    body.append(_text(16, 175, "standard error", "middle", turn))
    return _svg(width, height, title, desc, body, alone)


@dataclass(frozen=True)
class Bubble:
    """A cell of the evidence map."""

    row: int
    column: int
    studies: int
    people: int | None
    level: int | None
    told: str


def _two_lines(text: str, width: float) -> list[str]:
    """A heading on two lines at most, broken at a space where there is one."""
    if _clip(text, width, 13.5) == text:
        return [text]
    words, first = text.split(" "), ""
    while (
        words and _clip(f"{first} {words[0]}".strip(), width, 13.5) == f"{first} {words[0]}".strip()
    ):
        first = f"{first} {words.pop(0)}".strip()
    if not first:
        cut = _clip(text, width, 13.5).rstrip("…")
        return [cut, _clip(text[len(cut) :], width, 13.5)]
    return [first, _clip(" ".join(words), width, 13.5)]


def evidence_map(
    title: str,
    desc: str,
    rows: Sequence[str],
    columns: Sequence[str],
    bubbles: Sequence[Bubble],
    no_level: str = "–",
    alone: bool = False,
) -> str:
    """Treatments by outcomes: a bubble's size is people, its number studies, its letters the level."""
    cell_w, cell_h, left, top = 128, 56, 232, 62
    width = left + cell_w * max(1, len(columns)) + 10
    height = top + cell_h * max(1, len(rows)) + 12
    most = max((b.people or 0 for b in bubbles), default=0)
    body = []
    for n, name in enumerate(columns):
        for line, words in enumerate(_two_lines(name, cell_w - 8)):
            place = left + cell_w * (n + 0.5)
            body.append(_text(place, 22 + 16 * line, words, "middle", ' font-weight="600"'))
        body.append(
            _line(left + cell_w * n, 44, left + cell_w * n, height - 8, ' stroke-opacity="0.15"')
        )
    for n, name in enumerate(rows):
        y = top + cell_h * (n + 0.5)
        body.append(_text(4, y + 4, _clip(name, left - 12)))
        body.append(_line(0, y + cell_h / 2, width, y + cell_h / 2, ' stroke-opacity="0.15"'))
    for one in bubbles:
        x, y = left + cell_w * (one.column + 0.5), top + cell_h * (one.row + 0.5)
        radius = 8 + 15 * math.sqrt((one.people or 0) / most) if most else 8
        level = f"L{one.level}" if one.level else no_level
        kind = f"plot-level-{one.level}" if one.level else "plot-level-none"
        body.append(
            f"<g><title>{escape(one.told)}</title>"
            f'<circle class="{kind}" cx="{_n(x - 14)}" cy="{_n(y)}" r="{_n(radius)}" '
            'fill="currentColor" fill-opacity="0.35" stroke="currentColor"/>'
            + _text(x - 14, y + 4, str(one.studies), "middle", ' font-weight="600"')
            + _text(x + 14 + radius / 2, y + 4, level, "start", ' font-size="11.5"')
            + "</g>"
        )
    return _svg(width, height, title, desc, body, alone)


def timeline(
    title: str,
    desc: str,
    studies: Sequence[tuple[int, str, int | None]],
    unit: str,
    alone: bool = False,
) -> str:
    """Studies by year, one dot each; its size is its number of people.

    :param studies: year, name and people
    """
    if not studies:
        return _svg(400, 40, title, desc, [_text(4, 24, "–")], alone)
    first, last = min(s[0] for s in studies), max(s[0] for s in studies)
    by_year: dict[int, list[tuple[int, str, int | None]]] = {}
    for one in sorted(studies):
        by_year.setdefault(one[0], []).append(one)
    tallest = max(map(len, by_year.values()))
    left, step = 30, 22
    width = max(420, min(1000, left + (last - first + 1) * 42 + 20))
    bottom = 20 + step * tallest
    height = bottom + 46
    most = max((s[2] or 0 for s in studies), default=0)
    body = [_line(left - 10, bottom + 6, width - 10, bottom + 6)]
    wide = (width - left - 30) / max(1, last - first)
    every = max(1, math.ceil((last - first + 1) * 34 / width))
    for year in range(first, last + 1):
        x = left + wide * (year - first) if last > first else width / 2
        if (year - first) % every == 0 or year == last:
            body.append(_line(x, bottom + 6, x, bottom + 11))
            body.append(_text(x, bottom + 25, str(year), "middle", ' font-size="11.5"'))
        for n, (_, name, people) in enumerate(by_year.get(year, [])):
            radius = 4 + 6 * math.sqrt((people or 0) / most) if most else 5
            told = f"{name}, {year}" + (f": {people} {unit}" if people is not None else "")
            body.append(
                f'<circle class="plot-accent" cx="{_n(x)}" cy="{_n(bottom - step * (n + 0.4))}" '
                f'r="{_n(radius)}" fill-opacity="0.75"><title>{escape(told)}</title></circle>'
            )
    return _svg(width, height, title, desc, body, alone)
