"""How two titles differ: in words that are no spelling of each other, in numbers, in length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from review.dedupe.fields import roman
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
from review.ground.chinese_names import IDEOGRAPH

_DIGITS = re.compile("[0-9]+")
MOST_WORDS = 6
"""Two titles that each have more words of their own than this are two titles."""


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
        elif (
            len(word) == 1
            and word.isascii()
            and index
            and (index == last or words[index - 1] in COUNTED)
        ):
            found.append(word)
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


def alike(a: str, b: str, *, room: int = 1) -> bool:
    """Whether two words are spellings of one: "tumour" and "tumor", not "treated" and "untreated".

    :param room: slips of the finger that are allowed in a long word. Two only where the place of
        the papers agrees, since two drugs may be two letters apart. With none, where nothing but
        the titles speaks, a letter may be lost or swapped, and none stands for another: "maternal"
        and "paternal" are one apart
    """
    lenient = room == 2
    if a == b:
        return True
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if not short.isalpha() or not long.isalpha():
        return False
    if len(short) < 4:
        small = len(short) > 1 and (short in SMALL) != (long in SMALL)
        return (small or (lenient and len(short) == 3)) and OSA.distance(a, b, score_cutoff=1) <= 1
    if _spelling(a) == _spelling(b):
        return not _another_word(a, b)
    size = len(long)
    if long.startswith(short) and long[len(short) :] in ENDINGS:
        return True
    if size - len(short) > 2:
        return False
    # One letter lost and two swapped: no two drugs differ so.
    long_enough = size > (3 if len(short) == size else 5)
    if not room:
        lost = _letters_apart(a, b) <= 1 and (len(short) == size or short != long[1:])
        known = lost and long_enough and OSA.distance(a, b, score_cutoff=2) <= 2
        return known and not _another_word(a, b)
    slips = 0 if size < 5 and not lenient else 2 if lenient and size > 6 else 1
    distance = OSA.distance(a, b, score_cutoff=2)
    close = distance <= slips or (long_enough and distance <= 2 and _letters_apart(a, b) <= 1)
    return close and not _another_word(a, b)


_SPELLINGS = (
    (re.compile("(?:ae|oe)"), "e"),
    (re.compile("our"), "or"),
    (re.compile("([iy])s(?=e|i|a)"), r"\1z"),
    (re.compile("ph"), "f"),
    (re.compile("(?<=t)re(s?)$"), r"er\1"),
    (re.compile("y"), "i"),
    (re.compile("rn"), "m"),
    (re.compile("cl"), "d"),
    (re.compile(r"(.)\1"), r"\1"),
)
"""British and American, what a scan reads as one letter, and what is doubled in one of them."""


@lru_cache(maxsize=50_000)
def _spelling(word: str) -> str:
    for pattern, other in _SPELLINGS:
        word = pattern.sub(other, word)
    return word


def _letters_apart(a: str, b: str) -> int:
    """How many letters one word has more or fewer than the other, whatever their order."""
    one, other = Counter(a), Counter(b)
    return (one - other).total() + (other - one).total()


_GREEK = re.compile(
    "var(?=epsilon|theta)|alpha|beta|gamma|delta|epsilon|zeta|theta|kappa|lambda|sigma|omega"
    "|(?<![a-z])mu"
)


def _unmatched(a: list[str], b: list[str], room: int) -> tuple[list[str], list[str]]:
    """Words without a spelling on the other side, small ones left out."""
    if min(len(a), len(b)) > MOST_WORDS:
        return _large(a), _large(b)
    if room == 2 and a and b:
        one, other = "".join(a), "".join(b)
        if len(one) > 8 and OSA.distance(one, other, score_cutoff=2) <= 2:
            return ([], []) if not _another_word(one, other) else (_large(a), _large(b))
    left, right = [], list(b)
    for word in a:
        size = len(word)
        for other in right:
            near = -3 < len(other) - size < 3 or other.startswith(word) or word.startswith(other)
            if near and alike(word, other, room=room):
                right.remove(other)
                break
        else:
            left.append(word)
    if (left or right) and _written_otherwise(left, right, room):
        return [], []
    return _large(left), _large(right)


def _large(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in SMALL]


def _written_otherwise(left: list[str], right: list[str], room: int) -> bool:
    """Whether the words left over are the same ones written together, apart, in another order, or
    without the Greek letter that one database lost.
    """
    one, other = "".join(left), "".join(right)
    if left and right:
        letters_one, letters_other = (re.sub("[0-9]", "", text) for text in (one, other))
        if letters_one and letters_one == letters_other:
            return True  # the numbers are compared apart
        few = min(len(one), len(other))
        apart = few > 8 and len(left) + len(right) > 2
        if not room and apart:
            lost, distance = _letters_apart(one, other), OSA.distance(one, other, score_cutoff=2)
            # Two letters lost are two slips; one that stands for another is one.
            apart = lost <= 1 or lost == distance == 2
        slips = 3 if room == 2 and few > 6 else 2 if apart else 0
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


_THOUSANDS = re.compile(r"(?:^|(?<= ))([0-9]{1,3})((?: [0-9]{3})+)(?= |$)")
_DIGIT_FOR_LETTER = re.compile("[a-z][01]|[01][a-z]")


def _thousands(words: tuple[str, ...]) -> tuple[str, ...]:
    """The numbers of a title, "10 000" read as one."""
    joined = _THOUSANDS.sub(lambda m: m.group(1) + m.group(2).replace(" ", ""), " ".join(words))
    return numbers_of(tuple(joined.split()))


def _as_letters(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    """Words with the digits that a scan read for letters put right by the other title's."""
    if not any(_DIGIT_FOR_LETTER.search(word) for word in a):
        return a
    known = set(b)
    found = []
    for word in a:
        meant = word
        if word not in known and _DIGIT_FOR_LETTER.search(word):
            ways = (word.replace("0", "o").replace("1", letter) for letter in "li")
            meant = next((way for way in ways if way in known), word)
        found.append(meant)
    return tuple(found)


def _in_step(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether the words of a title that was cut run beside those of the whole one: no word more."""
    return all(
        alike(one, other, room=2) or one in SMALL for one, other in zip(a[:-2], b, strict=False)
    )


def _letter_lost(one: str, other: str) -> bool:
    """Whether a long title is the other's beginning but for one letter lost and two swapped."""
    size = len(one)
    if size < 40 or len(other) < size + 12:
        return False
    starts = (other[: size + shift] for shift in (0, 1, -1))
    return any(
        OSA.distance(one, start, score_cutoff=2) <= 2 and _letters_apart(one, start) <= 1
        for start in starts
    )


def difference(
    a: tuple[str, ...], b: tuple[str, ...], ratio: float, *, room: int = 1
) -> Difference:
    """How two titles' words differ.

    :param ratio: likeness of their letters
    :param room: slips that are allowed in a long word (see :func:`alike`)
    """
    one, other = "".join(a), "".join(b)
    if one == other and numbers_of(a) == numbers_of(b):
        return Difference(ratio, (), (), False, False)
    if len(one) > len(other):
        turned = difference(b, a, ratio, room=room)
        return Difference(ratio, turned.only_b, turned.only_a, turned.cut, turned.numbers)
    a, b = _as_letters(a, b), _as_letters(b, a)
    first, second = numbers_of(a), numbers_of(b)
    numbers = first != second and _thousands(a) != _thousands(b)
    if room == 2:
        numbers = numbers and "".join(first) != "".join(second)
    left, right = Counter(a), Counter(b)
    only_a, only_b = _unmatched(
        list((left - right).elements()), list((right - left).elements()), room
    )
    cut = other.startswith(one)
    if not cut and len(one) >= 20:
        # The last word of a title that was cut may be a part of one.
        fewer = [w for w in only_a if w != a[-1] or not any(x.startswith(w) for x in only_b)]
        cut = not fewer and _in_step(a, b) and fuzz.ratio(one, other[: len(one)]) >= 88
        cut = cut or _letter_lost(one, other)
    # "with" is not what was left of "without".
    cut = cut and (room == 2 or len(a) != len(b) or len(other) > len(one) + 4)
    if cut:
        only_a = []
        if a and len(a[-1]) == 1:
            first = numbers_of(a[:-1])  # a word that was cut after its first letter
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
def language_by_small_words(words: tuple[str, ...]) -> str:
    """Which European language a title is in, by its small words; nothing where they don't tell.

    Another question than :func:`~review.ground.chinese_names.language_tag`: these languages share
    a script, and a title that does not tell is taken for none of them.
    """
    hits = {name: sum(word in known for word in words) for name, known in LANGUAGES.items()}
    best = max(hits, key=lambda name: hits[name])
    others = max(count for name, count in hits.items() if name != best)
    return best if hits[best] >= 2 and hits[best] > others else ""
