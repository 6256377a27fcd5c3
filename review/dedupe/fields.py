"""The parts of a reference as databases print and damage them, made comparable one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from review.dedupe.text import fold, plain, words_of
from review.dedupe.words import NOBODY
from review.ground.chinese_names import IDEOGRAPH, is_chinese, readings

LONGEST_FIELD = 20_000
"""Letters of a field that are read: hundreds of authors fit, a hostile megabyte does not."""
_MISSING = frozenset(
    ("", "-", "n/a", "na", "nan", "none", "null", "#name?", "#value!", "#n/a", "#ref!", "unknown")
)
"""What spreadsheets and programs leave where nothing is."""


def given(text: str | None) -> str:
    """A field's text; empty where a spreadsheet or program left a mark for nothing."""
    bare = (text or "")[:LONGEST_FIELD].strip()
    return "" if bare.lower() in _MISSING else bare


# ---- DOI ---------------------------------------------------------------------------------------


def same_doi(a: str, b: str) -> bool:
    """Whether one DOI is the other, or the other cut off (as SICI DOIs are at "<" or "(")."""
    if a == b:
        return True
    short, long = (a, b) if len(a) < len(b) else (b, a)
    suffix = short.partition("/")[2]
    if len(suffix) < 8 or not any(c.isdigit() for c in suffix) or not long.startswith(short):
        return False
    return long[len(short)] in "<(:;." or long[len(short)].isdigit() is False


_VERSION = re.compile(r"\.(?:pub|v)([0-9]{1,2})$|/v([0-9]{1,2})$")
_COCHRANE = re.compile(r"\b(?:cd|mr|ed)[0-9]{6}\b")


def version_of_doi(doi: str | None) -> tuple[str, int] | None:
    """The work and the version of a DOI that counts versions (Cochrane's .pub2, preprints' v2)."""
    if doi is None:
        return None
    found = _VERSION.search(doi)
    if found:
        return doi[: found.start()], int(found.group(1) or found.group(2))
    return (doi, 1) if _COCHRANE.search(doi) else None


# ---- pages, volume, year -----------------------------------------------------------------------

_MONTHS = {
    m: n
    for n, m in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_EXCEL = re.compile(
    r"([0-9]{1,2})-([a-z]{3})[a-z]*|([a-z]{3})[a-z]*-([0-9]{1,2})|[12][0-9]{3}-([0-9]{2})-([0-9]{2})"
)
_PAGE = re.compile(
    r"([a-z]{0,4}\.?[0-9][0-9a-z.]*)(?:\s*[-\u2010-\u2015]+\s*([a-z]{0,4}\.?[0-9][0-9a-z]*))?"
)
_SUPPLEMENT_PAGE = re.compile(
    r"""[a-z]{0,2}s[0-9]+|[0-9]+s
    |(?:a|p|o|ab|abs|ap|ep|epo|epr|lb|lba|lbp|oa|oc|op|os|pa|pb|pd|po|ps|a?[tw]m?p
       |mon|tue|wed|thu|fri|sat|sun)[0-9]+""",
    re.VERBOSE,
)
_POSTER = re.compile(
    r"(P(?!P)[A-Z]{0,2}|[A-Z]{1,4}(?=-)|[A-Z]{1,3}(?=[0-9]+\.))-?0*([0-9]+)(?:\.([0-9]+))?"
)
"""The number of an abstract; a small p before a number is a page's."""
_ROMAN_PAGES = re.compile(r"[ivxlc]+\s*(?:-\s*[ivxlc]+)?")
_LEAD = re.compile(
    r"^(?:artn|unsp|pp?\.?|pages?|art(?:icle)?(?: no)?\.?(?: id)?|no\.?)\s*(?=[a-z]{0,3}[0-9])"
)


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a paper stands in its volume.

    :ivar first: what may be the first page (a spreadsheet's date leaves two readings)
    :ivar last: the last page, written out
    :ivar start: the first page as a number, for nearness
    """

    first: tuple[str, ...] = ()
    last: str | None = None
    start: int | None = None
    supplement: bool = False

    @property
    def single(self) -> bool:
        """Whether it is said to fill one page, as an abstract does and a paper hardly."""
        return self._filled == 1

    @property
    def many(self) -> bool:
        """Whether it is said to fill more than two."""
        return self._filled > 2

    @property
    def _filled(self) -> int:
        """Pages from first to last; 0 where nothing says so."""
        last = re.search("[0-9]{1,9}", self.last or "")
        return int(last.group()) - self.start + 1 if last and self.start is not None else 0


NO_PAGES = Pages()


def _month(date: re.Match[str]) -> int | None:
    """The month of a date that a spreadsheet made of a page range."""
    if date.group(5):
        return int(date.group(5))
    return _MONTHS.get(date.group(2) or date.group(3))


@lru_cache(maxsize=200_000)
def pages_of(text: str | None) -> Pages:
    """First and last page of a field; nothing where it names none."""
    printed = given(text)
    if poster := _POSTER.fullmatch(printed.strip()):
        first = "".join(part for part in poster.groups() if part).lower()
        number = int(poster.group(2)[:9])
        return Pages((first,), None, number, bool(_SUPPLEMENT_PAGE.fullmatch(first)))
    bare = fold(printed).replace("\u2011", "-").strip()
    if not bare:
        return NO_PAGES
    excel = _EXCEL.fullmatch(bare)
    if excel and (month := _month(excel)):
        # 3-12 was a range; 31-7, short for 31-37, is one too: either number may be the first page.
        low, high = sorted((month, int(excel.group(1) or excel.group(4) or excel.group(6))))
        return Pages((str(low), str(high)), None, low)
    bare = _LEAD.sub("", bare)
    if _ROMAN_PAGES.fullmatch(bare):
        opening, _, end = bare.partition("-")
        return Pages((opening.strip(),), end.strip() or None)
    match = _PAGE.search(bare)
    if not match:
        return NO_PAGES
    whole = match.group(1)
    head = whole.partition(".")[0]
    first = (head if len(head) > 2 else whole.replace(".", "")).lstrip("0") or "0"
    last = match.group(2)
    digits = re.search("[0-9]+", first)
    start = int(digits.group()[:9]) if digits else None
    if last:
        last = last.replace(".", "").lstrip("0")
        tail = re.search("[0-9]+", last)
        if digits and tail and len(tail.group()) < len(digits.group()):
            head = digits.group()[: len(digits.group()) - len(tail.group())]
            last = head + tail.group()
        elif tail:
            last = tail.group()
    starts = [first]
    if "," in bare or ";" in bare:
        more = (_PAGE.match(_LEAD.sub("", part.strip())) for part in re.split("[,;]", bare)[1:5])
        starts += [m.group(1).replace(".", "").lstrip("0") or "0" for m in more if m]
    return Pages(tuple(starts), last, start, bool(_SUPPLEMENT_PAGE.fullmatch(first)))


_NUMBER = re.compile(r"[0-9]+")
_ROMAN_NUMBER = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


@lru_cache(maxsize=10_000)
def roman(word: str) -> int | None:
    """The value of a Roman numeral in its canonical form."""
    if not word or not _ROMAN_NUMBER.fullmatch(word):
        return None
    total = 0
    for one, following in zip(word, [*word[1:], ""], strict=True):
        value = _ROMAN_VALUES[one]
        total += -value if value < _ROMAN_VALUES.get(following, 0) else value
    return total


@lru_cache(maxsize=50_000)
def volume_of(text: str | None) -> str:
    """A volume or issue as its first number; words where it has none."""
    bare = fold(given(text))
    if match := _NUMBER.search(bare):
        return match.group().lstrip("0") or "0"
    bare = " ".join(words_of(bare))
    value = roman(bare)
    return str(value) if value else bare


def is_month(text: str) -> bool:
    """Whether a volume is a month's name: the journal has none, or a database lost it."""
    return bool(text) and all(word[:3] in _MONTHS and word.isalpha() for word in text.split())


_YEAR = re.compile(r"(?<![0-9])(?:1[5-9]|20|21)[0-9]{2}(?![0-9])")


@lru_cache(maxsize=10_000)
def year_of(text: str | None) -> int | None:
    """The first year of a field."""
    match = _YEAR.search(text or "")
    return int(match.group()) if match else None


# ---- people ------------------------------------------------------------------------------------

_GLUED = re.compile(r"(?<=[A-Z]\.)(?=[A-Z][^\W\d_'’-]*[a-z])")
_AND = re.compile(r"\s+(?:and|&)\s+|;", re.IGNORECASE)
_COMMA_NAMES = re.compile(r"[^\W\d_][^,;]*?\s(?:[A-Z]\.?-?\s?){1,4}(?:,|$)")
MOST_PEOPLE = 12
"""Authors that are looked at: first ones tell a paper, the three hundredth does not."""


@dataclass(frozen=True, slots=True)
class Person:
    """A name as its words: the long ones, whatever their order, and the first letters of all."""

    names: frozenset[str]
    initials: frozenset[str]
    short: str = ""
    """first letters of what is not among the names"""


def split_people(text: str) -> list[str]:
    """Names of one field, as BibTeX, EndNote, RIS or a spreadsheet part them."""
    text = given(text)
    if not text:
        return []
    if ";" in text or " and " in text or " AND " in text or " & " in text:
        return [one for one in _AND.split(text) if one.strip()]
    glued = _GLUED.split(text) if "." in text else [text]
    if len(glued) > 1:
        return glued
    pieces = [p.strip() for p in re.split(r"[,，、]", text) if p.strip()]
    if len(pieces) > 1 and all(IDEOGRAPH.match(piece) for piece in pieces):
        return pieces
    if len(pieces) > 2 or (len(pieces) == 2 and all(" " in piece for piece in pieces)):
        if all(_COMMA_NAMES.fullmatch(piece) for piece in pieces):
            return pieces
        with_gap = sum(" " in piece for piece in pieces)
        if with_gap == len(pieces):
            return pieces
    return [text]


@lru_cache(maxsize=200_000)
def person(name: str) -> Person | None:
    """A name in comparable form; None where it names nobody ("et al", "null")."""
    if is_chinese(name):
        family, first = readings(name)
        return Person(
            frozenset({family, first} - {""}), frozenset(w[0] for w in (family, first) if w)
        )
    words = [w for w in words_of(plain(name)) if w not in NOBODY]
    if not words:
        return None
    long = frozenset(w for w in words if len(w) > 2)
    if not long:
        long = frozenset({max(words, key=len)})
    elif len(words) > 1:
        short = [w for w in words if len(w) == 2 and w.isalpha()]
        upper = set(re.findall(r"[^\W\d_]+", name))
        # "Li" and "Xu" are names, "JM" is two letters of some.
        long |= {w for w in short if w.title() in upper}
    return Person(
        long,
        frozenset(w[0] for w in words if not w[0].isdigit()),
        "".join(sorted({w[0] for w in words if w not in long and not w[0].isdigit()})),
    )


def people_of(authors: str | Sequence[str] | None) -> tuple[Person, ...]:
    """The first authors of a paper in comparable form."""
    if not authors:
        return ()
    names = split_people(authors) if isinstance(authors, str) else authors
    found = (person(name) for name in names[: MOST_PEOPLE + 2])
    return tuple(one for one in found if one is not None)[:MOST_PEOPLE]
