"""What denies the words behind it: a quote that begins there says the opposite of its source."""

from __future__ import annotations

import re

_DENIAL = re.compile(
    r"(?:^|(?<![a-z0-9]))(?:non-|(?:not|no|non|never|nor|neither|without)\s)$", re.IGNORECASE
)
_DENIAL_ZH = frozenset("非未无不無没沒")
_WORD = re.compile(r"[a-z]+(?![a-z0-9])", re.IGNORECASE)
LONGEST = 9
"""Letters of the longest denial, with the space behind it and a letter before it."""


def denial(text: str, start: int) -> int:
    """How many letters right before a place deny what stands there; 0 where none do.

    "No" before a name or number ("no NCT01234567", "no. 12") denies nothing.
    """
    if not start:
        return 0
    if text[start - 1] in _DENIAL_ZH:
        return int("\u4e00" <= text[start : start + 1] <= "\u9fff")
    before = text[max(0, start - LONGEST) : start]
    found = _DENIAL.search(before)
    if found is None or (found.group() != "non-" and not _WORD.match(text, start)):
        return 0
    return len(found.group())
