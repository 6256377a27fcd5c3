"""The quote gate: a quote stands verbatim in its source, and holds the digits it is given for.

It shows that the digits stand in the source, not that they mean what is said of them; only a
person's signature says that.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from extractors._number_words import PHRASE, number

if TYPE_CHECKING:
    from review.model.extraction import Result

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


def printed_numbers(result: Result) -> list[float]:
    """The figures of a result that its quote has to hold."""
    counts = [float(n) for n in (result.events, result.total) if n is not None]
    others = (result.percent, result.value, result.ci_low, result.ci_high)
    return counts + [abs(number) for number in others if number is not None]
