"""The quote gate: a quote stands verbatim in its source, and holds the figures it is given for.

It shows that the digits stand in the source, not that they mean what is said of them; only a
person's signature says that.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from extractors._number_words import PHRASE, number

if TYPE_CHECKING:
    from review.model.extraction import Extraction, Provenance

GATE = "quote gate 2"
_SAME = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        "·": ".",
        "•": ".",
        "\u00ad": None,
        "\u200b": None,
        "\ufeff": None,
    }
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_IN_WORDS = re.compile(rf"\b(?:{PHRASE})\b")


def canonical(text: str) -> str:
    """Text with compatibility forms, dashes, quotation marks, spaces and case made the same."""
    folded = unicodedata.normalize("NFKC", text.translate(_SAME)).translate(_SAME)
    return " ".join(folded.casefold().split())


def fragments(quote: str) -> list[str]:
    """The pieces of a quote; an ellipsis stands for words of the source that are left out."""
    return [one.strip() for one in re.split(r"\s*(?:…|\[\.\.\.\])\s*", quote) if one.strip()]


def stands_in(quote: str, text: str) -> bool:
    """Whether each piece of a quote stands verbatim in a text; no number is cut out of a longer."""
    pieces = fragments(quote)
    return bool(pieces) and all(_piece_stands_in(one, text) for one in pieces)


def _piece_stands_in(piece: str, text: str) -> bool:
    wanted, source = canonical(piece), canonical(text)
    if not wanted:
        return False
    start = source.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        cut_before = start > 0 and re.match(r"\d\d|\.\d|\d\.\d", source[start - 1 : start + 2])
        cut_after = re.match(r"\d\d|\d\.\d", source[end - 1 : end + 2])
        if not cut_before and not cut_after:
            return True
        start = source.find(wanted, start + 1)
    return False


def numbers(text: str) -> set[float]:
    """The numbers of a text, words included; thousands separators are no decimal points."""
    same = canonical(text)
    bare = re.sub(r"(?<=\d)[,\u2009 ](?=\d{3}\b)", "", same)
    found = {float(one) for one in _NUMBER.findall(bare)}
    return found | {float(number(one.group())) for one in _IN_WORDS.finditer(same)}


def carries(quote: str, values: list[float]) -> list[float]:
    """Those of some values whose digits a quote does not hold."""
    held = numbers(quote)
    return [value for value in values if value not in held]


def printed_numbers(fact: Provenance) -> list[float]:
    """The figures of a value that its quote has to hold."""
    from review.model.extraction import Result, SampleSize

    if isinstance(fact, SampleSize):
        return [float(fact.people)]
    if not isinstance(fact, Result):
        return []
    counts = [float(n) for n in (fact.events, fact.total) if n is not None]
    others = (fact.percent, fact.value, fact.ci_low, fact.ci_high)
    return counts + [abs(number) for number in others if number is not None]


def not_carried(extraction: Extraction, fact: Provenance) -> list[float]:
    """Figures that a value's quote does not hold; nothing where it has no quote.

    The number analysed may stand in the quote of one of the study's numbers of people instead.
    """
    if fact.quote is None:
        return []
    absent = carries(fact.quote, printed_numbers(fact))
    analysed = getattr(fact, "analysed", None)
    if analysed is not None and carries(fact.quote, [float(analysed)]):
        elsewhere = any(
            size.people == analysed and size.quote and not carries(size.quote, [float(analysed)])
            for size in extraction.sample
        )
        if not elsewhere:
            absent.append(float(analysed))
    return absent
