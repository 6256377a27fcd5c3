"""References of every kind as the deduplicator takes them."""

from __future__ import annotations

from collections.abc import Mapping

from review.dedupe.comparable import Entry
from review.model.record import NoticeType, Record
from review.sources import ParsedRecord

_KINDS = {
    NoticeType.RETRACTION_OF: "retraction",
    NoticeType.PARTIAL_RETRACTION_OF: "retraction",
    NoticeType.CONCERN_FOR: "concern",
    NoticeType.ERRATUM_FOR: "erratum",
}
"""Links by which a source calls the record itself a notice."""


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
        notice=next((_KINDS[n.type] for n in record.notices if n.type in _KINDS), ""),
    )


def of_parsed(record: ParsedRecord, one: str) -> Entry:
    """A record of a file in a foreign format."""
    names = [
        a.get("literal") or f"{a.get('family', '')}, {a.get('given', '')}"
        for a in record["authors"]
    ]
    kinds = {str(kind): name for kind, name in _KINDS.items()}
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
        notice=next((kinds[n["type"]] for n in record["notices"] if n["type"] in kinds), ""),
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
    )
