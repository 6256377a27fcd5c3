"""Citations: the review's records in the formats of reference managers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from review.formats import bibtex, ris
from review.formats.entry import entry, family_first
from review.model.parsed import ParsedAuthor, ParsedRecord
from review.model.record import Author, Record


def _name(author: Author) -> ParsedAuthor:
    return family_first(cast(ParsedAuthor, author.model_dump(exclude_none=True)))


def as_entry(record: Record) -> ParsedRecord:
    """A record of the review as the writers of foreign formats take it; abstracts stay here."""
    fields = ("pmid", "pmcid", "doi", "vernacular_title", "journal", "year", "volume", "issue")
    return entry(
        record.source,
        record=record.id,
        title=record.title or record.vernacular_title or "",
        authors=[_name(author) for author in record.authors],
        pages=record.pages,
        language=list(record.language),
        **{name: getattr(record, name) for name in fields},
    )


def to_ris(records: Sequence[Record]) -> str:
    """RIS of records."""
    return ris.write([as_entry(one) for one in records])


def to_bibtex(records: Sequence[Record]) -> str:
    """BibTeX of records."""
    return bibtex.write([as_entry(one) for one in records])
