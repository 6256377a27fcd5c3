"""The quote gate: a quote stands verbatim in its source, and holds the figures it is given for.

It shows that the digits stand in the source, with their sign, decimal point and unit, not that they
mean what is said of them; only a person's signature says that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from extractors._denial import denial
from extractors._printed import (
    BEHIND,
    LIMIT,
    RANGE_BEHIND,
    Canonical,
    Printed,
    canonical,
    numbers_of,
)
from extractors.p_values import RELATION, relation_of

if TYPE_CHECKING:
    from review.model.extraction import Extraction, Provenance

GATE = "quote gate 3.1"
AROUND = 48
"""Characters of the source beside a quote that are read with it."""
MOST_TRIES = 400
Kind = Literal["count", "percent", "number"]


# ---- a quote stands in its source ----------------------------------------------------------------


def fragments(quote: str) -> list[str]:
    """The pieces of a quote; an ellipsis stands for words of the source that are left out."""
    pieces = re.split(r"…|\[\.\.\.\]", quote)
    return [one.strip() for one in pieces if one.strip()]


def locate(quote: str, text: str) -> list[tuple[int, int]]:
    """Where the pieces of a quote stand in a text, as places in it; nothing if one does not.

    The pieces stand in the order of the quote. Nothing is cut out of a word or number, each number
    of a piece is the same in the text around it, and no per cent sign or unit is cut off its end.
    """
    source = Canonical.of(text)
    found: list[tuple[int, int]] = []
    begin = 0
    for piece in fragments(quote):
        wanted = canonical(piece)
        start = _find(wanted, source, text, begin) if wanted else -1
        if start < 0:
            return []
        begin = start + len(wanted)
        found.append((source.at[start], source.at[begin - 1] + 1))
    return found


def _find(wanted: str, source: Canonical, text: str, begin: int) -> int:
    inside = numbers_of(wanted)
    start = source.text.find(wanted, begin)
    tries = 0
    while start >= 0 and tries < MOST_TRIES:
        if not _cuts_word(source.text, start, start + len(wanted)):
            tries += 1
            if _same_numbers(inside, wanted, source, text, start):
                return start
        start = source.text.find(wanted, start + 1)
    return -1


def _cuts_word(source: str, start: int, end: int) -> bool:
    """Whether a quote would begin or end within a word or a run of digits, or begin right behind
    what denies it: "randomised trial" of "not randomised trial" says the opposite of its source.
    """

    def within(at: int) -> bool:
        if not 0 < at < len(source):
            return False
        left, right = source[at - 1], source[at]
        letters = left.isascii() and right.isascii() and left.isalpha() and right.isalpha()
        return letters or (left.isdigit() and right.isdigit())

    return within(start) or within(end) or bool(denial(source, start))


def _same_numbers(
    inside: Sequence[Printed], wanted: str, source: Canonical, text: str, start: int
) -> bool:
    """Whether the numbers of a piece are the same when the text around it is read with it."""
    low, high = max(0, start - AROUND), min(len(source.text), start + len(wanted) + AROUND)
    begin, end = start - low, start - low + len(wanted)
    around = _with_borders(source, text, low, high)
    there = [
        one
        for one in numbers_of(around)
        if one.end > begin and one.start < end and (low == 0 or one.start > 0)
    ]
    if any(one.start < begin < one.end or one.start < end < one.end for one in there):
        return False
    seen = {(one.start - begin, one.end - begin): one for one in there}
    for one in inside:
        other = seen.get((one.start, one.end))
        if other is None or not math.isclose(other.value, one.value, rel_tol=1e-12):
            return False
        if one.unit and other.unit and _dose(one.unit) != _dose(other.unit):
            return False  # "10 mg" of "10 mg/kg"
    if inside and inside[0].start == 0 and LIMIT.search(around[:begin]):
        return False  # "0.001" of "P<0.001"
    last = inside[-1] if inside else None
    if last is not None and last.end == len(wanted):
        return not (BEHIND.match(around, end) or RANGE_BEHIND.match(around, end))
    return True


def _with_borders(source: Canonical, text: str, low: int, high: int) -> str:
    """Canonical text in which a line's or cell's end is no thousands' space."""
    return "".join(
        "\n" if sign == " " and text[source.at[n]] in "\t\n\r" else sign
        for n, sign in enumerate(source.text[low:high], low)
    )


def stands_in(quote: str, text: str) -> bool:
    """Whether each piece of a quote stands verbatim in a text, cut out of nothing longer."""
    return bool(locate(quote, text))


# ---- a quote holds figures -----------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A number that a value states.

    :ivar kind: a count of people, a percentage, or any other number
    :ivar unit: its unit where the value names one
    :ivar relation: of a P value: =, <, >, ≤ or ≥
    """

    value: float
    kind: Kind = "number"
    unit: str | None = None
    relation: str | None = None


def _dose(unit: str | None) -> str | None:
    """A unit without how often it is given."""
    return unit.partition(" a ")[0] if unit else None


def _relation(one: Printed) -> str:
    """How a printed number is said to relate to what stands before it."""
    before = RELATION.search(one.text[max(0, one.start - 30) : one.start])
    return relation_of(before.group(1)) if before else "="


def _meets(figure: Figure, one: Printed) -> bool:
    if not math.isclose(figure.value, one.value, rel_tol=1e-12):
        return False
    if figure.unit is not None and figure.unit not in (one.unit, _dose(one.unit)):
        return False
    if figure.relation is not None and figure.relation != _relation(one):
        return False
    if figure.kind == "percent":
        return one.share is not False
    if figure.kind == "count":
        return one.people and one.share is not True
    return True


def carries(quote: str, wanted: Iterable[Figure | float]) -> list[float]:
    """Those of some figures that a quote does not hold.

    Sign, decimal point and unit count. Each number of the quote serves one figure: "12 of 13" holds
    no 13 twice. A maximum matching (Kuhn 1955, Nav Res Logist Q 2:83).
    """
    figures = [one if isinstance(one, Figure) else Figure(float(one)) for one in wanted]
    printed = numbers_of(canonical(quote))
    choices = [[n for n, one in enumerate(printed) if _meets(f, one)] for f in figures]
    serves: dict[int, int] = {}

    def seat(figure: int, tried: set[int]) -> bool:
        for n in choices[figure]:
            if n not in tried:
                tried.add(n)
                if n not in serves or seat(serves[n], tried):
                    serves[n] = figure
                    return True
        return False

    return [one.value for n, one in enumerate(figures[:MOST]) if not seat(n, set())] + [
        one.value for one in figures[MOST:]
    ]


MOST = 40
"""Figures of one value; no value has more."""


def figures_of(text: str) -> list[Figure]:
    """The numbers with their units that a value in words states."""
    return [
        Figure(one.value, "percent" if one.share else "number", one.unit)
        for one in numbers_of(canonical(text))
    ]


def figures(fact: Provenance) -> list[Figure]:
    """The figures of a value that its quote has to hold."""
    from review.model.extraction import Arm, Fact, Result, SampleSize

    if isinstance(fact, SampleSize | Arm):
        return [Figure(float(fact.people), "count")]
    if isinstance(fact, Fact):
        return figures_of(fact.value) if isinstance(fact.value, str) else []
    if not isinstance(fact, Result):
        return []
    counts = [n for n in (fact.events, fact.total) if n is not None]
    if fact.events == fact.total:
        counts = counts[:1]  # "all six": one number says both
    found = [Figure(float(n), "count") for n in counts]
    if fact.percent is not None:
        found.append(Figure(fact.percent, "percent"))
    others = (fact.value, fact.ci_low, fact.ci_high)
    found += [Figure(one) for one in others if one is not None]
    found += [Figure(one.value) for one in figures_of(fact.spread or "")]
    found += [
        Figure(one.value, relation=_relation(one))
        for one in numbers_of(canonical(fact.p_value or ""))
    ]
    return found


def states_number(fact: Provenance) -> bool:
    """Whether a value states a number, so that words of its source have to carry it; a term of the
    vocabulary whose name has a digit states none.
    """
    value = getattr(fact, "value", None)
    if isinstance(value, str) and _TERM.fullmatch(value):
        return False
    return bool(figures(fact)) or getattr(fact, "analysed", None) is not None


_TERM = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")


MACHINE = ("extraction rules", "model ")
"""How the name of whoever entered a value begins where it was no person."""


def not_carried(extraction: Extraction, fact: Provenance) -> list[float]:
    """Figures that a value's quote does not hold; nothing where it has no quote.

    The number analysed may stand in the quote of one of the study's numbers of people instead.
    """
    if fact.quote is None:
        return []
    absent = carries(fact.quote, figures(fact))
    analysed = getattr(fact, "analysed", None)
    if analysed is not None and carries(fact.quote, [Figure(float(analysed), "count")]):
        count = [Figure(float(analysed), "count")]
        elsewhere = any(
            size.people == analysed and size.quote and not carries(size.quote, count)
            for size in extraction.sample
        )
        if not elsewhere:
            absent.append(float(analysed))
    return absent
