"""How two titles differ: in words that are no spelling of each other, in numbers, in length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from review.dedupe.chinese import IDEOGRAPH
from review.dedupe.fields import roman
from review.dedupe.kinds import unmarked
from review.dedupe.text import words_of
from review.dedupe.words import (
    COUNTED,
    ENDINGS,
    GENERIC,
    LANGUAGES,
    NOT_ROMAN,
    NUMBERS,
    PREFIXES,
    SMALL,
)

_DIGITS = re.compile("[0-9]+")
MOST_WORDS = 6
"""Two titles that each have more words of their own than this are two titles."""


def title_words(title: str) -> list[str]:
    """Words of a title without marks; brackets, markup and punctuation are gaps."""
    return words_of(unmarked(title)[0])


@lru_cache(maxsize=50_000)
def numbers_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """The numbers of a title, sorted: digits, Roman numerals and words."""
    found = []
    last = len(words) - 1
    for index, word in enumerate(words):
        if not word.isalpha():
            found += [digits.lstrip("0") or "0" for digits in _DIGITS.findall(word)]
        elif word in NUMBERS:
            found.append(NUMBERS[word])
        elif len(word) <= 7 and (value := roman(word)) and value < 200:
            after = index > 0 and words[index - 1] in COUNTED
            alone = (index == last and index > 1) or (len(word) > 1 and word not in NOT_ROMAN)
            if after or alone:
                found.append(str(value))
    return tuple(sorted(found))


# ---- spelling ----------------------------------------------------------------------------------


def _another_word(a: str, b: str) -> bool:
    """Whether two words differ in a prefix that changes the meaning."""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if long.endswith(short):
        return long[: -len(short)] in PREFIXES
    for prefix in PREFIXES:
        if len(prefix) > 2 and a.startswith(prefix):
            stem = a[len(prefix) :]
            if len(stem) > 3 and b.endswith(stem) and b[: -len(stem)] in PREFIXES:
                return True
    return False


def alike(a: str, b: str, *, lenient: bool = False) -> bool:
    """Whether two words are spellings of one: "tumour" and "tumor", not "treated" and "untreated".

    One slip of the finger is allowed in a long word; two only where the place of the papers
    agrees (``lenient``), since two drugs may be two letters apart.
    """
    if a == b:
        return True
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if not short.isalpha() or not long.isalpha():
        return False
    if len(short) < 4:
        small = len(short) > 1 and (short in SMALL) != (long in SMALL)
        return (small or (lenient and len(short) == 3)) and OSA.distance(a, b, score_cutoff=1) <= 1
    size = len(long)
    if long.startswith(short) and long[len(short) :] in ENDINGS:
        return True
    if size - len(short) > 2:
        return False
    slips = 0 if size < 5 and not lenient else 2 if lenient and size > 6 else 1
    distance = OSA.distance(a, b, score_cutoff=2)
    # One letter lost and two swapped: no two drugs differ so.
    close = distance <= slips or (size > 5 and distance <= 2 and _letters_apart(a, b) <= 1)
    return close and not _another_word(a, b)


def _letters_apart(a: str, b: str) -> int:
    """How many letters one word has more or fewer than the other, whatever their order."""
    one, other = Counter(a), Counter(b)
    return (one - other).total() + (other - one).total()


_GREEK = re.compile(
    "var(?=epsilon|theta)|alpha|beta|gamma|delta|epsilon|zeta|theta|kappa|lambda|sigma|omega"
    "|(?<![a-z])mu"
)


def _unmatched(a: list[str], b: list[str], lenient: bool) -> tuple[list[str], list[str]]:
    """Words without a spelling on the other side, small ones left out."""
    if min(len(a), len(b)) > MOST_WORDS:
        return _large(a), _large(b)
    if lenient and a and b:
        one, other = "".join(a), "".join(b)
        if len(one) > 8 and OSA.distance(one, other, score_cutoff=2) <= 2:
            return ([], []) if not _another_word(one, other) else (_large(a), _large(b))
    left, right = [], list(b)
    for word in a:
        size = len(word)
        for other in right:
            near = -3 < len(other) - size < 3 or other.startswith(word) or word.startswith(other)
            if near and alike(word, other, lenient=lenient):
                right.remove(other)
                break
        else:
            left.append(word)
    if (left or right) and _written_otherwise(left, right, lenient):
        return [], []
    return _large(left), _large(right)


def _large(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in SMALL]


def _written_otherwise(left: list[str], right: list[str], lenient: bool) -> bool:
    """Whether the words left over are the same ones written together, apart, in another order, or
    without the Greek letter that one database lost.
    """
    one, other = "".join(left), "".join(right)
    if left and right:
        letters_one, letters_other = (re.sub("[0-9]", "", text) for text in (one, other))
        if letters_one and letters_one == letters_other:
            return True  # the numbers are compared apart
        few = min(len(one), len(other))
        slips = 3 if lenient and few > 6 else 2 if few > 8 and len(left) + len(right) > 2 else 0
        near = slips and OSA.distance(one, other, score_cutoff=slips) <= slips
        if near and not _another_word(one, other):
            return True
        if len(one) > 6 and sorted(one) == sorted(other):
            return True
    greek_one, greek_other = _GREEK.findall(one), _GREEK.findall(other)
    if bool(greek_one) == bool(greek_other):
        return False
    bare_one, bare_other = _GREEK.sub("", one), _GREEK.sub("", other)
    return bare_one == bare_other or {bare_one, bare_other} <= {"", *"abcdefghkm"}


# ---- two titles --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """How two titles differ.

    :ivar ratio: likeness of the letters, 0 to 100
    :ivar only_a: words of the first that the other lacks and that are no spelling of one of its
    :ivar only_b: the same the other way round
    :ivar cut: one title is the other's beginning
    :ivar numbers: the numbers differ
    """

    ratio: float
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    cut: bool
    numbers: bool

    @property
    def same(self) -> bool:
        """Nothing differs but spelling."""
        return not (self.only_a or self.only_b or self.numbers) and self.ratio >= 85

    @property
    def contrast(self) -> bool:
        """Each title has a word that the other lacks."""
        return bool(self.only_a and self.only_b)


def difference(
    a: tuple[str, ...], b: tuple[str, ...], ratio: float, *, lenient: bool = False
) -> Difference:
    """How two titles' words differ.

    :param ratio: likeness of their letters
    :param lenient: allow two slips in a long word (see :func:`alike`)
    """
    one, other = "".join(a), "".join(b)
    if one == other:
        return Difference(ratio, (), (), False, False)
    if len(one) > len(other):
        turned = difference(b, a, ratio, lenient=lenient)
        return Difference(ratio, turned.only_b, turned.only_a, turned.cut, turned.numbers)
    first, second = numbers_of(a), numbers_of(b)
    numbers = first != second and "".join(first) != "".join(second)
    left, right = Counter(a), Counter(b)
    only_a, only_b = _unmatched(
        list((left - right).elements()), list((right - left).elements()), lenient
    )
    cut = other.startswith(one)
    if not cut and len(one) >= 20:
        # The last word of a title that was cut may be a part of one.
        fewer = [w for w in only_a if w != a[-1] or not any(x.startswith(w) for x in only_b)]
        cut = not fewer and fuzz.ratio(one, other[: len(one)]) >= 88
    if cut:
        only_a = []
        lost = bool(Counter(first) - Counter(second))
        numbers = lost or (first != second and len(other) - len(one) < 16)
    return Difference(ratio, tuple(only_a), tuple(only_b), cut and bool(only_b), numbers)


@lru_cache(maxsize=100_000)
def generic(words: tuple[str, ...]) -> bool:
    """A title that can't tell one paper from another: "Editorial", "Hip fracture"."""
    content = [word for word in words if word not in SMALL]
    letters = sum(len(word) * (3 if IDEOGRAPH.match(word) else 1) for word in content)
    common = sum(word in GENERIC or word.isdigit() for word in content)
    if letters < 20 or (len(words) < 4 and letters < 30):
        return True
    return common * 2 >= len(content) and len(content) < 8


@lru_cache(maxsize=100_000)
def language(words: tuple[str, ...]) -> str:
    """A title's language by its small words; nothing where they don't tell."""
    hits = {name: sum(word in known for word in words) for name, known in LANGUAGES.items()}
    best = max(hits, key=lambda name: hits[name])
    others = max(count for name, count in hits.items() if name != best)
    return best if hits[best] >= 2 and hits[best] > others else ""
