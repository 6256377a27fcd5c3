"""A record's comparable form: what two databases print differently made the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from review.model.record import Record

_WORD = re.compile(r"[^\W_]+")
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
    """Text without case, accents and compatibility forms; letters of every script stay."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


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
    """words joined by single spaces"""
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    """numbers and part numerals of the title, in order"""
    notice_words: bool
    first_author: str
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
        return len(self.words) < 4 or len(self.title) < 20


def comparable(record: Record) -> Comparable:
    """A record's comparable form."""
    words = title_words(record.title)
    author = record.authors[0] if record.authors else None
    family = (author.family or author.literal or "") if author else ""
    family_words = _WORD.findall(fold(family))
    return Comparable(
        id=record.id,
        pmid=record.pmid,
        doi=clean_doi(record.doi),
        title=" ".join(words),
        words=tuple(words),
        numbers=tuple(
            _ROMAN.get(word, word)
            for i, word in enumerate(words)
            if any(c.isdigit() for c in word) or (word in _ROMAN and i > 0)
        ),
        notice_words=bool(_NOTICE.search(_RETRACTED_MARK.sub("", record.title))),
        first_author="".join(family_words),
        year=record.year,
        volume=fold(record.volume or "").strip(),
        page=first_page(record.pages),
        journal=" ".join(_WORD.findall(fold(record.journal or ""))),
        preprint=record.is_preprint,
        notice=record.is_notice,
    )
