"""The timeline: studies by year, a dot each."""

from __future__ import annotations

import math
from collections.abc import Sequence

from review.plots import svg


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
        return svg.picture(400, 40, title, desc, [svg.text(4, 24, "–")], alone)
    first, last = min(s[0] for s in studies), max(s[0] for s in studies)
    by_year: dict[int, list[tuple[int, str, int | None]]] = {}
    for one in sorted(studies, key=lambda study: study[:2]):
        by_year.setdefault(one[0], []).append(one)
    tallest = max(map(len, by_year.values()))
    left, step = 30, 22
    width = max(420, min(1000, left + (last - first + 1) * 42 + 20))
    bottom = 20 + step * tallest
    height = bottom + 46
    most = max((s[2] or 0 for s in studies), default=0)
    body = [svg.line(left - 10, bottom + 6, width - 10, bottom + 6)]
    wide = (width - left - 30) / max(1, last - first)
    every = max(1, math.ceil((last - first + 1) * 34 / width))
    for year in range(first, last + 1):
        x = left + wide * (year - first) if last > first else width / 2
        if (year - first) % every == 0 or year == last:
            body.append(svg.line(x, bottom + 6, x, bottom + 11))
            body.append(svg.text(x, bottom + 25, str(year), "middle", svg.SMALL))
        for n, (_, name, people) in enumerate(by_year.get(year, [])):
            radius = 4 + 6 * math.sqrt((people or 0) / most) if most else 5
            told = f"{name}, {year}" + (f": {people} {unit}" if people is not None else "")
            y = bottom - step * (n + 0.4)
            faint = ' fill-opacity="0.75"'
            body.append(svg.circle(x, y, radius, "plot-accent", faint, told))
    return svg.picture(width, height, title, desc, body, alone)
