"""Funnel plots: effects against their standard errors, with contours of significance."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from review.ground.numbers import number
from review.plots import svg
from review.plots.axis import tick_label, ticks

WIDTH, HEIGHT = 560, 400
LEFT, RIGHT, TOP, BOTTOM = 62, 540, 20, 330
"""Ends of the plot, in pixels."""
RADIUS = 4.5
CONTOURS = ((2.576, 0.06), (1.96, 0.08), (1.645, 0.10))
"""How many standard errors a contour lies from no effect, and how dark it is."""


@dataclass(frozen=True)
class _Frame:
    """What the plot reaches: effects around a middle, standard errors from nought to the worst."""

    middle: float
    reach: float
    worst: float

    def x(self, effect: float) -> float:
        """The pixel of an effect."""
        return LEFT + (RIGHT - LEFT) * (effect - (self.middle - self.reach)) / (2 * self.reach)

    def y(self, se: float) -> float:
        """The pixel of a standard error."""
        return TOP + (BOTTOM - TOP) * se / self.worst


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
    worst = 1.06 * max([*(se for _, _, se in points), *(se for _, se in filled)], default=1.0)
    drawn = [*(y for _, y, _ in points), *(y for y, _ in filled), none]
    reach = max(abs(y - middle) for y in drawn)
    frame = _Frame(middle, 1.08 * max(reach, 1.96 * worst), worst)
    name = "c" + hashlib.sha256(repr((points, middle)).encode()).hexdigest()[:8]
    body = _contours(frame, none, name)
    body.append(svg.line(frame.x(middle), TOP, frame.x(middle), BOTTOM, ' stroke-dasharray="4 3"'))
    for label, effect, se in points:
        told = f"{label}: {number(effect)}, standard error {number(se, 3)}"
        body.append(svg.circle(frame.x(effect), frame.y(se), RADIUS, "plot-accent", title=told))
    for effect, se in filled:
        open_ = ' fill="none" stroke="currentColor"'
        told = "added by trim and fill"
        body.append(svg.circle(frame.x(effect), frame.y(se), RADIUS, extra=open_, title=told))
    body += _axes(frame, axis_label)
    return svg.picture(WIDTH, HEIGHT, title, desc, body, alone)


def _contours(frame: _Frame, none: float, name: str) -> list[str]:
    """Areas of like significance around no effect, cut off at the plot's ends.

    :param name: of the clip path, which no other picture of a page may share
    """
    body = [
        f'<clipPath id="{name}">{svg.rectangle(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP)}</clipPath>'
        f'<g clip-path="url(#{name})">'
    ]
    for z, opacity in CONTOURS:
        half = z * frame.worst
        corners = ((none, 0.0), (none - half, frame.worst), (none + half, frame.worst))
        places = [(frame.x(effect), frame.y(se)) for effect, se in corners]
        body.append(svg.polygon(places, extra=f' fill="currentColor" fill-opacity="{opacity}"'))
    body.append("</g>")
    return body


def _axes(frame: _Frame, label: str) -> list[str]:
    """Effects below the plot and standard errors on its left."""
    body = [svg.line(LEFT, BOTTOM, RIGHT, BOTTOM), svg.line(LEFT, TOP, LEFT, BOTTOM)]
    for tick in ticks(frame.middle - frame.reach, frame.middle + frame.reach, "linear"):
        if LEFT <= frame.x(tick) <= RIGHT:
            body.append(svg.text(frame.x(tick), BOTTOM + 18, tick_label(tick), "middle"))
    for tick in ticks(0, frame.worst, "linear"):
        body.append(svg.text(LEFT - 6, frame.y(tick) + 4, f"{tick:g}", "end"))
    body.append(svg.text((LEFT + RIGHT) / 2, BOTTOM + 40, label, "middle"))
    turn = ' transform="rotate(-90 16 175)"'
    body.append(svg.text(16, 175, "standard error", "middle", turn))
    return body
