"""RIS, read by rispy with its record starts and ends counted, since it drops what has no ER."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from review.io.entry import (
    FormatError,
    doi,
    entry,
    folded,
    line_of,
    person,
    pmcid,
    pmid,
    printed,
    year,
)
from review.sources import ParsedRecord

KEEPS = frozenset(
    {
        *("pmid", "pmcid", "doi", "title", "vernacular_title", "abstract", "authors", "journal"),
        *("year", "volume", "issue", "pages", "language", "keywords"),
    }
)
"""Fields that stand a way out and back."""
_TAG = re.compile(r"^([A-Z][A-Z0-9]) {1,2}-(?: (.*))?$", re.MULTILINE)


def read(text: str, name: str) -> list[ParsedRecord]:
    """The records of a RIS file.

    :raises FormatError: where a record has no end or no start, or rispy loses one
    """
    import rispy

    open_at: int | None = None
    starts = 0
    for match in _TAG.finditer(text):
        tag, line = match.group(1), line_of(text, match.start())
        if tag == "TY":
            if open_at is not None:
                raise FormatError(open_at, "the record that starts here has no ER line")
            open_at, starts = line, starts + 1
        elif tag == "ER":
            if open_at is None:
                raise FormatError(line, "found ER without a record that starts with TY")
            open_at = None
        elif open_at is None:
            raise FormatError(line, f"found {tag} outside a record, expected TY")
    if open_at is not None:
        raise FormatError(open_at, "the record that starts here has no ER line: file cut off?")
    if not starts:
        raise FormatError(1, "found no TY line, expected RIS")
    same = _TAG.sub(lambda m: f"{m.group(1)}  - {m.group(2) or ''}", text)
    found: list[dict[str, Any]] = rispy.loads(same)
    if len(found) != starts:
        raise FormatError(0, f"{starts} records start, {len(found)} could be read")
    return [_entry(one, name) for one in found]


def _first(one: dict[str, Any], *names: str) -> str | None:
    for name in names:
        value = one.get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        if value:
            return folded(str(value))
    return None


def _entry(one: dict[str, Any], name: str) -> ParsedRecord:
    start, end = _first(one, "start_page"), _first(one, "end_page")
    pages = f"{start}-{end}" if start and end and start != end else start or end
    database = (_first(one, "name_of_database") or "").casefold()
    number = _first(one, "accession_number", "pubmed_id")
    listed = one.get("authors") or []
    names = [*(a for a in one.get("first_authors") or () if a not in listed), *listed]
    return entry(
        name,
        pmid=pmid(number) if "pubmed" in database or "medline" in database else None,
        pmcid=pmcid(_first(one, "custom2")),
        doi=doi(_first(one, "doi") or "") or doi(_first(one, "urls")),
        title=_first(one, "title", "primary_title") or "",
        vernacular_title=_first(one, "translated_title"),
        abstract=_first(one, "abstract", "notes_abstract"),
        authors=[person(author) for author in names],
        journal=_first(one, "journal_name", "secondary_title", "alternate_title3"),
        year=year(_first(one, "year", "publication_year", "date")),
        volume=_first(one, "volume"),
        issue=_first(one, "number"),
        pages=pages,
        language=[v for v in re.split(r"[;,]\s*", _first(one, "language") or "") if v],
        keywords=[k for k in (folded(k) for k in one.get("keywords") or ()) if k],
    )


def write(records: Sequence[ParsedRecord]) -> str:
    """RIS of records; every record starts with TY and ends with ER."""
    import rispy

    class Writer(rispy.RisWriter):  # type: ignore[misc]
        """RIS without the running numbers that rispy prints before each entry."""

        def set_header(self, count: int) -> str:  # noqa: ARG002
            return ""

    found = []
    for one in records:
        start, _, end = (one["pages"] or "").partition("-")
        value: dict[str, Any] = {
            "type_of_reference": "JOUR",
            "title": folded(one["title"]),
            "translated_title": folded(one["vernacular_title"]),
            "authors": [folded(printed(author)) for author in one["authors"]],
            "journal_name": folded(one["journal"]),
            "year": str(one["year"]) if one["year"] else None,
            "volume": folded(one["volume"]),
            "number": folded(one["issue"]),
            "start_page": folded(start),
            "end_page": folded(end),
            "doi": one["doi"],
            "accession_number": one["pmid"],
            "name_of_database": "PubMed" if one["pmid"] else None,
            "custom2": one["pmcid"],
            "abstract": folded(one["abstract"]),
            "keywords": [folded(word) for word in one["keywords"]],
            "language": "; ".join(one["language"]) or None,
        }
        found.append({key: kept for key, kept in value.items() if kept})
    return str(rispy.dumps(found, implementation=Writer)).lstrip("\n") if found else ""
