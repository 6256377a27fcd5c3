"""The quote gate: a quote stands verbatim in its source, and holds the figures it is given for.

It shows that the digits stand in the source, with their sign, decimal point and unit, not that they
mean what is said of them; only a person's signature says that.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from extractors._number_words import HAN, PHRASE, number

if TYPE_CHECKING:
    from review.model.extraction import Extraction, Provenance

GATE = "quote gate 3"
_SAME = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        "·": ".",
        "•": ".",
        "⁄": "/",
        "\u00ad": None,
        "\u200b": None,
        "\ufeff": None,
    }
)
Kind = Literal["count", "percent", "number"]


@dataclass(frozen=True)
class Canonical:
    """A text with compatibility forms, dashes, quotation marks, spaces and case made the same.

    :ivar at: for each character, its place in the original; one more for the end
    """

    text: str
    at: tuple[int, ...]

    @classmethod
    def of(cls, original: str) -> Canonical:
        """Make a text canonical, and keep where each character came from."""
        signs: list[str] = []
        places: list[int] = []
        space = True
        for place, sign in enumerate(original):
            folded = unicodedata.normalize("NFKC", sign.translate(_SAME)).translate(_SAME)
            for one in folded.casefold():
                if one.isspace():
                    if not space:
                        signs.append(" ")
                        places.append(place)
                    space = True
                else:
                    signs.append(one)
                    places.append(place)
                    space = False
        if signs and signs[-1] == " ":
            signs.pop()
            places.pop()
        return cls("".join(signs), (*places, len(original)))


def canonical(text: str) -> str:
    """Text with compatibility forms, dashes, quotation marks, spaces and case made the same."""
    return Canonical.of(text).text


def fragments(quote: str) -> list[str]:
    """The pieces of a quote; an ellipsis stands for words of the source that are left out."""
    return [one.strip() for one in re.split(r"\s*(?:…|\[\.\.\.\])\s*", quote) if one.strip()]


def locate(quote: str, text: str) -> list[tuple[int, int]]:
    """Where the pieces of a quote stand in a text, as places in it; nothing if one does not.

    The pieces stand in the order of the quote. No number is cut out of a longer one.
    """
    source = Canonical.of(text)
    found: list[tuple[int, int]] = []
    begin = 0
    for piece in fragments(quote):
        wanted = canonical(piece)
        start = _find(wanted, source.text, begin) if wanted else -1
        if start < 0:
            return []
        begin = start + len(wanted)
        found.append((source.at[start], source.at[begin - 1] + 1))
    return found


_CUT_AFTER = re.compile(r"\d\d|\d\.\d|\d,\d{3}(?!\d)")
"""Behind a quote's last sign: it would end within a number."""


def _cuts(source: str, start: int) -> bool:
    """Whether a quote that begins here would begin within a number."""
    if not start or not (source[start].isdigit() or source[start] in ".,"):
        return False
    before = source[start - 1]
    if before.isdigit():
        return True
    if before == "." and source[start].isdigit():
        return True
    thousand = re.compile(r"\d{3}(?!\d)").match(source, start)
    return before == "," and source[start - 2 : start - 1].isdigit() and thousand is not None


def _find(wanted: str, source: str, begin: int) -> int:
    start = source.find(wanted, begin)
    while start >= 0:
        end = start + len(wanted)
        cut_before = _cuts(source, start)
        minus = source[start - 2 : start]
        unsigned = wanted[0].isdigit() and re.fullmatch(r"(?:^|[^\w)\]%.])-", minus or " ")
        cut_after = _CUT_AFTER.match(source, end - 1)
        if not cut_before and not cut_after and not unsigned:
            return start
        start = source.find(wanted, start + 1)
    return -1


def stands_in(quote: str, text: str) -> bool:
    """Whether each piece of a quote stands verbatim in a text; no number is cut out of a longer."""
    return bool(locate(quote, text))


_UNITS = {
    **dict.fromkeys(("mg", "毫克"), "mg"),
    **dict.fromkeys(("g", "gram", "grams", "克"), "g"),
    **dict.fromkeys(("µg", "μg", "ug", "mcg", "微克"), "ug"),
    **dict.fromkeys(("kg", "公斤"), "kg"),
    **dict.fromkeys(("ml", "毫升"), "ml"),
    **dict.fromkeys(("day", "days", "d", "天", "日"), "day"),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "周"), "week"),
    **dict.fromkeys(("month", "months", "mo", "个月", "月"), "month"),
    **dict.fromkeys(("year", "years", "yr", "yrs", "岁", "年"), "year"),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs", "小时"), "hour"),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "分钟"), "minute"),
    **dict.fromkeys(("hz", "赫兹"), "hz"),
    **dict.fromkeys(("ma", "毫安"), "ma"),
    **dict.fromkeys(("mm", "cm", "iu", "mmhg", "gy"), None),
    **dict.fromkeys(("point", "points", "分"), "point"),
}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_NUMBER = re.compile(
    r"(?P<minus>(?<![\w)\]%.])-\s?)?(?<![a-z\d.])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)"
    r"|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<exponent>\s?[x×]\s?10\s?\^?-?\d{1,3}|e[+-]?\d{1,3}(?![a-z\d]))?"
    rf"(?P<after>\s?(?:%|per\s?cent\b)|[ -]?(?:{_UNIT})(?![a-z]))?"
)
_COMMA = re.compile(r"(?P<minus>(?<![\w)\]%.])-)?(?<![a-z\d.,])(?P<digits>\d+,\d+)(?![\d,])")
_SPACED = re.compile(r"(?<![\w.,])(?P<digits>\d{1,3}(?: \d{3})+)(?![\d.,]\d)(?! \d)")
_IN_WORDS = re.compile(rf"\b(?:{PHRASE})\b|{HAN}(?=\s?[例名位个])")
_SHARES = re.compile(r"%|per\s?cent\b")


@dataclass(frozen=True)
class Figure:
    """A number that a value states.

    :ivar kind: a count of people, a percentage, or any other number
    :ivar unit: its unit where the value names one
    """

    value: float
    kind: Kind = "number"
    unit: str | None = None


@dataclass(frozen=True)
class _Printed:
    value: float
    start: int
    end: int
    share: bool | None
    """followed by a per cent sign: yes, no, or perhaps (one stands elsewhere in the quote)"""
    unit: str | None
    bare: bool
    """no unit and no decimals: it may count people"""


def _is_point(match: re.Match[str]) -> bool:
    """Whether a comma between digits is a decimal one: three digits behind it make a thousand."""
    whole, _, rest = match.group("digits").partition(",")
    return len(rest) != 3 or whole == "0"


def _numbers(quote: str) -> Iterator[_Printed]:
    """The numbers of a canonical text, words included; readings may overlap."""
    shares = bool(_SHARES.search(quote))
    commas = [m for m in _COMMA.finditer(quote) if _is_point(m)]
    for match in _NUMBER.finditer(quote):
        if any(m.start("digits") <= match.start("digits") < m.end() for m in commas):
            continue
        digits = match.group("digits").replace(",", "")
        exponent = re.sub(r"\s|\^", "", match.group("exponent") or "")
        scale = 10.0 ** int(re.sub(r"^(?:[x×]10|e)", "", exponent)) if exponent else 1.0
        value = float(digits) * scale * (-1 if match.group("minus") else 1)
        after = (match.group("after") or "").strip(" -")
        percent = bool(_SHARES.match(after)) if after else False
        unit = _UNITS.get(after, after) if after and not percent else None
        share = True if percent else (None if shares and not after else False)
        bare = not after and "." not in digits and not exponent and not match.group("minus")
        yield _Printed(value, match.start("digits"), match.end("digits"), share, unit, bare)
    for match in commas:
        value = float(match.group("digits").replace(",", ".")) * (-1 if match.group("minus") else 1)
        yield _Printed(value, match.start("digits"), match.end(), None, None, False)
    for match in _SPACED.finditer(quote):
        value = float(match.group("digits").replace(" ", ""))
        yield _Printed(value, match.start(), match.end(), None, None, True)
    for match in _IN_WORDS.finditer(quote):
        value = float(number(match.group()))
        percent = bool(_SHARES.match(quote[match.end() :].strip()))
        yield _Printed(value, match.start(), match.end(), percent or None, None, not percent)


def numbers(text: str) -> set[float]:
    """The numbers of a text with their signs, words included; a thousands comma is no point."""
    return {one.value for one in _numbers(canonical(text))}


def _meets(figure: Figure, one: _Printed) -> bool:
    if not math.isclose(figure.value, one.value, rel_tol=1e-12):
        return False
    if figure.unit is not None and figure.unit != one.unit:
        return False
    if figure.kind == "percent":
        return one.share is not False
    if figure.kind == "count":
        return one.bare and one.share is not True
    return True


def carries(quote: str, wanted: Iterable[Figure | float]) -> list[float]:
    """Those of some figures that a quote does not hold.

    Sign, decimal point and unit count. Each number of the quote serves one figure: "12 of 13" holds
    no 13 twice.
    """
    figures = [one if isinstance(one, Figure) else Figure(float(one)) for one in wanted]
    printed = list(_numbers(canonical(quote)))
    choices = [[one for one in printed if _meets(figure, one)] for figure in figures]
    order = sorted(range(len(figures)), key=lambda n: len(choices[n]))
    taken: dict[int, _Printed] = {}

    def free(one: _Printed) -> bool:
        return all(one.end <= t.start or t.end <= one.start for t in taken.values())

    def place(rank: int) -> bool:
        if rank == len(order):
            return True
        index = order[rank]
        for one in choices[index]:
            if free(one):
                taken[index] = one
                if place(rank + 1):
                    return True
                del taken[index]
        return False

    if len(figures) <= MOST and place(0):
        return []
    absent = [figures[n].value for n in range(len(figures)) if not choices[n]]
    return absent or [one.value for one in figures][-1:]


MOST = 12
"""Figures of one value; no value has more."""


def figures_of(text: str) -> list[Figure]:
    """The numbers with their units that a value in words states."""
    longest = sorted(_numbers(canonical(text)), key=lambda one: (one.start - one.end, one.start))
    chosen: list[_Printed] = []
    for one in longest:
        if all(one.end <= other.start or other.end <= one.start for other in chosen):
            chosen.append(one)
    return [
        Figure(one.value, "percent" if one.share else "number", one.unit)
        for one in sorted(chosen, key=lambda one: one.start)
    ]


def figures(fact: Provenance) -> list[Figure]:
    """The figures of a value that its quote has to hold."""
    from review.model.extraction import Arm, Fact, Result, SampleSize

    if isinstance(fact, SampleSize | Arm):
        return [Figure(float(fact.people), "count")]
    if isinstance(fact, Fact):
        machine = (fact.by or "").startswith(MACHINE)
        return figures_of(fact.value) if machine and isinstance(fact.value, str) else []
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
    for words in (fact.spread, fact.p_value):
        found += [Figure(one.value) for one in figures_of(words or "")]
    return found


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
