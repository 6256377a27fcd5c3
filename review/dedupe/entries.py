"""References of every kind as the deduplicator takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from review.dedupe.comparable import Entry
from review.model.parsed import ParsedRecord
from review.model.record import NoticeType, Record

_KINDS: dict[str, str] = {
    NoticeType.RETRACTION_OF: "retraction",
    NoticeType.POSSIBLE_RETRACTION_OF: "retraction",
    NoticeType.PARTIAL_RETRACTION_OF: "retraction",
    NoticeType.CONCERN_FOR: "concern",
    NoticeType.ERRATUM_FOR: "erratum",
}
"""Links by which a source calls the record itself a notice."""


_TYPES = ("publication_types", "publication type", "document type")
"""Columns of publication types, several of them parted by semicolons."""


def _notice(links: Iterable[str]) -> str:
    return next((_KINDS[one] for one in links if one in _KINDS), "")


def of_record(record: Record) -> Entry:
    """A record of the review."""
    return Entry(
        id=record.id,
        title=record.title,
        authors=tuple(str(author) for author in record.authors),
        year=record.year,
        journal=record.journal,
        volume=record.volume,
        issue=record.issue,
        pages=record.pages,
        doi=record.doi,
        pmid=record.pmid,
        abstract=record.abstract,
        vernacular_title=record.vernacular_title,
        types=record.publication_types,
        notice=_notice(n.type for n in record.notices),
    )


def of_parsed(record: ParsedRecord, one: str) -> Entry:
    """A record of a file in a foreign format."""
    names = [
        a.get("literal") or f"{a.get('family', '')}, {a.get('given', '')}"
        for a in record["authors"]
    ]
    return Entry(
        id=one,
        title=record["title"],
        authors=names,
        year=record["year"],
        journal=record["journal"],
        volume=record["volume"],
        issue=record["issue"],
        pages=record["pages"],
        doi=record["doi"],
        pmid=record["pmid"],
        abstract=record["abstract"],
        vernacular_title=record["vernacular_title"],
        types=tuple(record["publication_types"]),
        notice=_notice(n["type"] for n in record["notices"]),
    )


def of_row(row: Mapping[str, str], one: str) -> Entry:
    """A row of a table, its columns in small letters."""
    return Entry(
        id=one,
        title=row.get("title") or "",
        authors=row.get("author") or row.get("authors"),
        year=row.get("year"),
        journal=row.get("journal") or row.get("booktitle"),
        volume=row.get("volume"),
        issue=row.get("number") or row.get("issue"),
        pages=row.get("pages"),
        doi=row.get("doi"),
        pmid=row.get("pmid"),
        abstract=row.get("abstract"),
        types=tuple(
            one.strip()
            for name in _TYPES
            for one in (row.get(name) or "").split(";")
            if one.strip()
        ),
    )
