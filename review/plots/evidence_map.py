"""The evidence map: which treatments were studied for which outcomes, in how many people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from review.plots import svg


@dataclass(frozen=True)
class Bubble:
    """A cell of the evidence map.

    :ivar row: which treatment, from 0
    :ivar column: which outcome, from 0
    :ivar level: OCEBM level, 1 to 5; None where none was given
    :ivar told: what is read aloud of it
    """

    row: int
    column: int
    studies: int
    people: int | None
    level: int | None
    told: str


def _two_lines(text: str, width: float) -> list[str]:
    """A heading on two lines at most, broken at a space where there is one."""
    if svg.clip(text, width, 13.5) == text:
        return [text]
    words, first = text.split(" "), ""
    while (
        words
        and svg.clip(f"{first} {words[0]}".strip(), width, 13.5) == f"{first} {words[0]}".strip()
    ):
        first = f"{first} {words.pop(0)}".strip()
    if not first:
        cut = svg.clip(text, width, 13.5).rstrip("…")
        return [cut, svg.clip(text[len(cut) :], width, 13.5)]
    return [first, svg.clip(" ".join(words), width, 13.5)]


def evidence_map(
    title: str,
    desc: str,
    rows: Sequence[str],
    columns: Sequence[str],
    bubbles: Sequence[Bubble],
    no_level: str = "–",
    alone: bool = False,
) -> str:
    """A picture of treatments by outcomes.

    A bubble's size is people, its number studies, its letters the level.

    :param no_level: the letters of a bubble without a level
    """
    cell_w, cell_h, left, top = 128, 56, 232, 62
    width = left + cell_w * max(1, len(columns)) + 10
    height = top + cell_h * max(1, len(rows)) + 12
    most = max((b.people or 0 for b in bubbles), default=0)
    body = []
    for n, name in enumerate(columns):
        for line, words in enumerate(_two_lines(name, cell_w - 8)):
            place = left + cell_w * (n + 0.5)
            body.append(svg.text(place, 22 + 16 * line, words, "middle", svg.BOLD))
        body.append(
            svg.line(left + cell_w * n, 44, left + cell_w * n, height - 8, ' stroke-opacity="0.15"')
        )
    for n, name in enumerate(rows):
        y = top + cell_h * (n + 0.5)
        body.append(svg.text(4, y + 4, svg.clip(name, left - 12)))
        body.append(svg.line(0, y + cell_h / 2, width, y + cell_h / 2, ' stroke-opacity="0.15"'))
    for one in bubbles:
        x, y = left + cell_w * (one.column + 0.5), top + cell_h * (one.row + 0.5)
        radius = 8 + 15 * math.sqrt((one.people or 0) / most) if most else 8
        level = f"L{one.level}" if one.level else no_level
        kind = f"plot-level-{one.level}" if one.level else "plot-level-none"
        look = ' fill="currentColor" fill-opacity="0.35" stroke="currentColor"'
        parts = (
            svg.circle(x - 14, y, radius, kind, look),
            svg.text(x - 14, y + 4, str(one.studies), "middle", svg.BOLD),
            svg.text(x + 14 + radius / 2, y + 4, level, "start", svg.SMALL),
        )
        body.append(svg.group(one.told, parts))
    return svg.picture(width, height, title, desc, body, alone)
