"""Whether two names are one journal's: abbreviated, with a subtitle, a city, in two languages.

A name inside another's is no sign of it: Journal of Immunology, Journal of Clinical Immunology.
"""

from __future__ import annotations

import re
from functools import lru_cache

from review.dedupe.fields import given
from review.dedupe.text import fold, plain, words_of
from review.dedupe.words import JOURNAL_SMALL, words

SURE = 0.8
"""From here two names are one journal's."""
LIKELY = 0.6
"""From here they may be, and are no doubt of their own."""
WITHIN = 0.5
"""One name's words lie inside the other's: a section, a former name, or another journal."""
APART = 0.4
"""Each of two journals' names has words of its own: the most that the rest of them is worth."""
MOST_WORDS = 40
"""Words of a name that are looked at."""
_PAREN = re.compile(r"[(\[][^()\[\]]*[)\]]|\.\s*conference.*$|\s=\s.*$")
_PLACE = re.compile(
    r"""(?<![\s.,;])[\s.,;]+(?:vol(?:ume)?\.?\s*)?[0-9]{1,4}[a-z]?\s*(?=[(\[:,;.]|pp?\b|no\b|$).*$
    |\bdate\ of\ publication.*$""",
    re.VERBOSE,
)
"""Embase's exports print volume, pages and date behind the name."""
_ELISION = re.compile(r"\b[ld]['\u2019`](?=[^\W\d_])")
_SUBTITLE = re.compile("[;:]")
_COUNTRY = re.compile(r" (?:united states(?: america)?|u s|usa)$")
_TELLS_NOTHING = words(
    "journal j part pt series section sect edition ed english online print suppl supplementum"
)
"""A name may end in one of these, or not: Multiple Sclerosis (Journal)."""
_NEW_YORK = re.compile(r"\bn\.? ?y\b")
_JOURNAL = frozenset(("journal", "j"))
_MEETING = words("conference symposium workshop convention congress conf symp")
"""To a meeting's name each database adds another number, year, theme or sponsor."""
_DESCRIBES = words(
    "journal zeitschrift revue revista rivista organ organe organo publication bulletin"
)
"""A subtitle with one of these among its first words says what the journal is."""


@lru_cache(maxsize=100_000)
def journal_words(text: str | None) -> tuple[str, ...]:
    """The words of a journal's name that an abbreviation keeps."""
    bare = plain(given(text))
    short = _PAREN.sub("", bare.lower() if bare.isascii() else fold(bare)).strip()
    short = _PLACE.sub("", _ELISION.sub("", short)).strip() or short
    name, subtitle = [*_SUBTITLE.split(short, maxsplit=1), ""][:2]
    found, behind = _kept(name), words_of(subtitle)
    if found and behind and behind[0] not in ("the", "a", "an") and not _describes(behind):
        found += _kept(subtitle)
    named = _COUNTRY.sub("", " ".join(found)).split() if len(found) > 4 else found
    return tuple((named or _kept(short) or words_of(bare))[:MOST_WORDS])


def _kept(text: str) -> list[str]:
    return [w for w in words_of(_NEW_YORK.sub("new york", text)) if w not in JOURNAL_SMALL]


def _describes(behind: list[str]) -> bool:
    return behind[0] == "official" or not _DESCRIBES.isdisjoint(behind[:3])


@lru_cache(maxsize=200_000)
def same_journal(a: tuple[str, ...], b: tuple[str, ...]) -> float | None:
    """How surely two names are one journal's, 0 to 1; None where one is missing."""
    if not a or not b:
        return None
    a, b = _unlettered(a), _unlettered(b)
    if a == b or "".join(a) == "".join(b):
        return 1.0
    if _initials(a, b) or _initials(b, a):
        return 0.9
    only_a, only_b = _left_over(a, b)
    if not only_a and not only_b:
        return 1.0
    meeting = not _MEETING.isdisjoint(a) and not _MEETING.isdisjoint(b)
    if only_a and only_b:
        matched = 1 - min(len(only_a) / len(a), len(only_b) / len(b))
        shared = len(set(a) & set(b)) / min(len(set(a)), len(set(b)))
        found = max(0.8 * matched, 0.7 * shared)
        return found if meeting else min(found, APART)
    longer, extra = (a, only_a) if only_a else (b, only_b)
    return 0.9 if meeting or _adds_nothing(longer, extra) else WITHIN


def _initials(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether the one word of a name is made of the first letters of the other's: JAMA, AJNR."""
    letters = "".join(word[0] for word in long)
    if len(short) > 1 and letters == short[0] and not _MEETING.isdisjoint(long):
        return True  # "ICIS : Digital Transformation"
    if len(short) > 1 or len(short[0]) < 3:
        return False
    return letters.startswith(short[0]) or (len(letters) > 2 and short[0][:-1] == letters)


def _unlettered(name: tuple[str, ...]) -> tuple[str, ...]:
    """A name without its own initials before or behind it: "JAMA Journal of the American …"."""
    if len(name) > 3:
        for word, rest in ((name[0], name[1:]), (name[-1], name[:-1])):
            if _initials((word,), rest):
                return rest
    return name


def _adds_nothing(name: tuple[str, ...], extra: list[int]) -> bool:
    """Whether the words of the longer name alone tell no other journal from the shorter."""
    if extra != list(range(extra[0], len(name))):
        return False
    behind = [name[at] for at in extra]
    if _TELLS_NOTHING.issuperset(behind):
        return True
    # "… European journal of physiology", "Canadian journal … journal canadien", not
    # "Multiple Sclerosis Journal: Experimental".
    own = behind[0] in _JOURNAL and _JOURNAL.isdisjoint(name[: extra[0]])
    return len(behind) > 1 and not own and _describes(behind)


def _left_over(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[list[int], list[int]]:
    """Where the words stand that have no match, in order, in the other name."""
    best: list[list[int]] = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    steps: dict[tuple[int, int], tuple[int, int]] = {}
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            ways = [(best[i + x][j + y] + x + y, (x, y)) for x, y in _matches(a, b, i, j)]
            ways += [(best[i + 1][j], (1, 0)), (best[i][j + 1], (0, 1))]
            best[i][j], steps[i, j] = max(ways, key=lambda way: way[0])
    only_a, only_b, i, j = [], [], 0, 0
    while i < len(a) and j < len(b):
        x, y = steps[i, j]
        only_a += [i] if not y else []
        only_b += [j] if not x else []
        i, j = i + x, j + y
    return [*only_a, *range(i, len(a))], [*only_b, *range(j, len(b))]


def _matches(a: tuple[str, ...], b: tuple[str, ...], i: int, j: int) -> list[tuple[int, int]]:
    """How many words of each name match from here on: one and one, or two written together."""
    found = [(1, 1)] if _abbreviates(a[i], b[j]) else []
    if len(a[i]) > len(b[j]) > 1 and j + 1 < len(b) and _together(a[i], b[j], b[j + 1]):
        found.append((1, 2))
    if len(b[j]) > len(a[i]) > 1 and i + 1 < len(a) and _together(b[j], a[i], a[i + 1]):
        found.append((2, 1))
    return found


def _together(whole: str, one: str, other: str) -> bool:
    return whole.startswith(one) and _abbreviates(whole, one + other)


@lru_cache(maxsize=200_000)
def _abbreviates(a: str, b: str) -> bool:
    """Whether one word is short for the other, or its other spelling."""
    if len(a) > len(b):
        a, b = b, a
    if b.startswith(a):
        return True
    if len(a) < 3 or a[0] != b[0]:
        return False
    a, b = (word.replace("ae", "e").replace("oe", "e") for word in (a, b))
    if len(a) > len(b):
        a, b = b, a
    return b.startswith(a) or _contracted(a, b)


def _contracted(short: str, long: str) -> bool:
    """Whether a word is made of letters of another in order, as "natl" and "geneeskd" are; "neurol"
    is not short for "neuroimmunology".
    """
    rest = iter(long)
    if not all(letter in rest for letter in short):
        return False
    if len(short) < 6 and sum(letter in "aeiouy" for letter in short) < 2:
        return True
    start = next(n for n, (x, y) in enumerate(zip(short, long, strict=False)) if x != y)
    last = len(short) - start
    return last < 3 and long.find(short[start], start) - start < 3
