"""Citations: records as RIS and BibTeX, for reference managers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from review.model.record import Record


def to_ris(records: Sequence[Record]) -> str:
    """RIS of records; every record starts with TY and ends with ER."""
    import rispy

    entries: list[dict[str, Any]] = []
    for record in records:
        entry: dict[str, Any] = {
            "type_of_reference": "JOUR",
            "id": record.id,
            "title": _line(record.title or record.vernacular_title or ""),
            "authors": [_line(str(author)) for author in record.authors],
            "journal_name": record.journal and _line(record.journal),
            "year": str(record.year) if record.year else None,
            "volume": record.volume,
            "number": record.issue,
            "start_page": record.pages,
            "doi": record.doi,
            "accession_number": record.pmid,
            "custom1": record.pmcid,
        }
        entries.append({key: value for key, value in entry.items() if value})

    class Writer(rispy.RisWriter):  # type: ignore[misc]
        """RIS without the running numbers that rispy prints before each entry."""

        def set_header(self, count: int) -> str:  # noqa: ARG002
            return ""

    return str(rispy.dumps(entries, implementation=Writer)).lstrip("\n") if entries else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def to_bibtex(records: Sequence[Record]) -> str:
    """BibTeX of records; keys are record ids, values keep their Unicode."""
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    library = Library()
    for record in records:
        values = {
            "title": _line(record.title or record.vernacular_title or ""),
            "author": " and ".join(_line(str(author)) for author in record.authors),
            "journal": _line(record.journal or ""),
            "year": str(record.year or ""),
            "volume": record.volume or "",
            "number": record.issue or "",
            "pages": record.pages or "",
            "doi": record.doi or "",
            "pmid": record.pmid or "",
        }
        fields = [Field(key, "{" + _plain(value) + "}") for key, value in values.items() if value]
        library.add(Entry("article", record.id, fields))
    return str(write_string(library, unparse_stack=[]))


def _plain(text: str) -> str:
    """Text without what BibTeX would read as its own: braces, backslashes, unbalanced signs."""
    for sign, written in (("\\", r"\textbackslash "), ("{", r"\{"), ("}", r"\}")):
        text = text.replace(sign, written)
    for sign in "%&#$_":
        text = text.replace(sign, "\\" + sign)
    return text
