"""Numbers written in words: "twenty-two", "one hundred and twenty-five", "two thousand"."""

from __future__ import annotations

import re
from itertools import groupby

_SMALL = {
    word: value
    for value, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
            *("seventeen", "eighteen", "nineteen"),
        )
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
_LARGE = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_HAN = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
HAN_SIGNS = (*_HAN, *_HAN_UNITS)
HAN = f"[{''.join(HAN_SIGNS)}]{{1,12}}"
"""A regular expression: a whole number in Chinese numerals."""
WORD = "|".join([*_SMALL, *_TENS])
"""Alternatives of a regular expression: every single number word below a hundred."""
_ANY = f"(?:{WORD}|{'|'.join(_LARGE)})"
_BY_LETTER = groupby(
    sorted([*_SMALL, *_TENS, *(f"a {one}" for one in _LARGE)]), key=lambda one: one[0]
)
BEGINNINGS = "|".join(
    f"{letter}(?:{'|'.join(one[1:] for one in words)})" for letter, words in _BY_LETTER
)
"""Alternatives by their first letter and without assertions: several times faster to look for."""
PHRASE = rf"(?:a (?:{'|'.join(_LARGE)})|(?:{WORD}))(?:(?:[ -]| and )(?:{_ANY})){{0,8}}\b"
"""A regular expression: a whole number in words."""


def _han(numerals: str) -> int:
    """Chinese numerals: 二十五 is 25, 一百零八 is 108."""
    total = part = digit = 0
    for sign in numerals:
        if sign in _HAN:
            digit = _HAN[sign]
        elif sign == "万":
            total, part, digit = (total + part + digit) * 10_000, 0, 0
        else:
            part, digit = part + (digit or 1) * _HAN_UNITS[sign], 0
    return total + part + digit


def number(text: str) -> int:
    """A printed number or number word: "1,204", "Twenty-two", "one hundred forty-five".

    0 where the words make no number ("twenty fifty"), or none of people (over eleven digits).
    """
    bare = text if text.isdecimal() else re.sub(r"[,\s\u2009\u202f](?=\d{3})", "", text)
    if bare.isdecimal():
        return int(bare) if len(bare) < 12 else 0
    if bare and all(sign in _HAN or sign in _HAN_UNITS for sign in bare):
        return _han(bare)
    total = part = 0
    last = 0
    for word in re.split(r"[\s-]+", text.lower()):
        if word in ("a", "and"):
            part = part or (1 if word == "a" else 0)
        elif word in _SMALL or word in _TENS:
            value = _SMALL.get(word, 0) + _TENS.get(word, 0)
            if last in range(1, 100) and not (last in range(20, 100, 10) and 0 < value < 10):
                return 0
            part += value
            last = value
            continue
        elif word == "hundred":
            part = (part or 1) * 100
        elif word in _LARGE:
            total += (part or 1) * _LARGE[word]
            part = 0
        last = 0
    return total + part
