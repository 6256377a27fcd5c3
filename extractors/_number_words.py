"""Numbers written in words: "twenty-two", "one hundred and twenty-five"."""

from __future__ import annotations

import re

_UNITS = {
    word: number
    for number, word in enumerate(
        [
            *["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
            *["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"],
            *["seventeen", "eighteen", "nineteen"],
        ]
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
WORD = "|".join([*_UNITS, *_TENS])
"""Alternatives of a regular expression: every single number word."""
_ONES = "|".join(list(_UNITS)[1:10])
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:-(?:{_ONES}))?|{'|'.join(_UNITS)})"
PHRASE = (
    rf"(?:(?:(?:{_ONES}|a) hundred(?: (?:and )?{_BELOW_100})?)|{_BELOW_100})"
    r"(?![- ](?:hundred|thousand|million))"
)
"""A regular expression: a whole number below 1,000 in words."""


def number(text: str) -> int:
    """A printed number or number word: "1,204", "Twenty-two", "one hundred forty-five"."""
    bare = re.sub(r"[,\s\u2009](?=\d{3})", "", text)
    if bare.isdigit():
        return int(bare)
    total = 0
    for word in re.split(r"[\s-]+", text.lower()):
        if word == "a":
            total = 1
        elif word == "hundred":
            total *= 100
        elif word != "and":
            total += _UNITS.get(word, 0) + _TENS.get(word, 0)
    return total
