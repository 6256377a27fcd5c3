"""A record's comparable form: what two databases print differently made the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from review.dedupe.chinese import IDEOGRAPH, readings, simplified
from review.model.record import Author, Record

_WORD = re.compile(rf"{IDEOGRAPH.pattern}|(?:(?!{IDEOGRAPH.pattern})[^\W_])+")
"""A word of letters and digits; Chinese has no gaps, so each of its characters is one."""
_KANA_MARKS = "\u3099\u309a"
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"}
_NOTICE = re.compile(
    r"\b(erratum|errata|corrigend(um|a)|correction( to)?|retract(ion|ed)|expression of concern|"
    r"comments? on|reply|response to|author response|letter to the editor)\b",
    re.IGNORECASE,
)
_RETRACTED_MARK = re.compile(
    r"^\s*(\[?retracted( article)?\]?[:.]?\s+|withdrawn:\s+)", re.IGNORECASE
)


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Text without case, accents and compatibility forms; letters of every script stay.

    Traditional Chinese is read as simplified. The marks that tell one kana from another stay.
    """
    decomposed = unicodedata.normalize("NFKD", simplified(text).casefold())
    bare = "".join(c for c in decomposed if c in _KANA_MARKS or not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


def title_words(title: str) -> list[str]:
    """Words of a title; brackets, markup and punctuation are gaps."""
    bare = _RETRACTED_MARK.sub("", title)
    return _WORD.findall(fold(re.sub(r"</?(i|b|sub|sup|u)>", "", bare)))


def clean_doi(doi: str | None) -> str | None:
    """A DOI without resolver, case and %-encoding; None where nothing DOI-like is left."""
    if not doi:
        return None
    text = unquote(doi.strip().lower())
    text = re.sub(r"^(https?://)?(dx\.)?doi\.org/|^doi:\s*", "", text).rstrip(".,;)")
    return text if re.fullmatch(r"10\.[0-9]{4,9}/\S+", text) else None


def first_page(pages: str | None) -> str | None:
    """The first page or article number."""
    match = re.match(r"\s*([A-Za-z]*[0-9][A-Za-z0-9.]*)", pages or "")
    return match.group(1).lower() if match else None


@dataclass(frozen=True)
class Comparable:
    """A record in comparable form."""

    id: str
    pmid: str | None
    doi: str | None
    title: str
    """words joined by single spaces, Chinese characters without"""
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    """numbers and part numerals of the title, in order"""
    notice_words: bool
    families: frozenset[str]
    """what may be the first author's family name; a Chinese one by its reading"""
    year: int | None
    volume: str
    page: str | None
    journal: str
    preprint: bool
    notice: bool
    """its source calls it a retraction, erratum or expression of concern"""

    @property
    def generic(self) -> bool:
        """A title too short to tell one paper from another ("Editorial", "Hip fracture")."""
        length = len(self.title) + 2 * len(IDEOGRAPH.findall(self.title))
        return len(self.words) < 4 or length < 20


def joined(words: list[str]) -> str:
    """Words with single spaces between them, none beside a Chinese character."""
    text = " ".join(words)
    return re.sub(rf"(?<={IDEOGRAPH.pattern}) | (?={IDEOGRAPH.pattern})", "", text)


def families(author: Author) -> frozenset[str]:
    """What may be the family name: of a name in one piece, its first or its last word."""
    printed = author.family or author.literal or ""
    if IDEOGRAPH.search(printed):
        return frozenset({readings(printed)[0]})
    words = _WORD.findall(fold(printed))
    if not words:
        return frozenset()
    whole = frozenset({"".join(words)})
    return whole if author.family or len(words) > 4 else whole | {words[0], words[-1]}


def comparable(record: Record) -> Comparable:
    """A record's comparable form."""
    words = title_words(record.title)
    return Comparable(
        id=record.id,
        pmid=record.pmid,
        doi=clean_doi(record.doi),
        title=joined(words),
        words=tuple(words),
        numbers=tuple(
            _ROMAN.get(word, word)
            for i, word in enumerate(words)
            if any(c.isdigit() for c in word) or (word in _ROMAN and i > 0)
        ),
        notice_words=bool(_NOTICE.search(_RETRACTED_MARK.sub("", record.title))),
        families=families(record.authors[0]) if record.authors else frozenset(),
        year=record.year,
        volume=fold(record.volume or "").strip(),
        page=first_page(record.pages),
        journal=" ".join(_WORD.findall(fold(record.journal or ""))),
        preprint=record.is_preprint,
        notice=record.is_notice,
    )
