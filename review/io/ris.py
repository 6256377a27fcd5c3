"""RIS, read by the one reader of tagged text and written by rispy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from review.io.entry import (
    doi,
    entry,
    folded,
    listed,
    page_range,
    people,
    pmcid,
    pmid,
    printed,
    titled,
    year,
)
from review.io.tagged import Shape, Tagged, read_tagged
from review.sources import ParsedRecord

KEEPS = frozenset(
    {
        *("pmid", "pmcid", "doi", "title", "vernacular_title", "abstract", "authors", "journal"),
        *("year", "volume", "issue", "pages", "language", "keywords"),
    }
)
"""Fields that stand a way out and back."""
SHAPE = Shape(
    "RIS",
    re.compile(r"[ \t]{0,3}([A-Za-z][A-Za-z0-9]) {1,2}-(?: (.*))?$"),
    "TY",
    end="ER",
    upper=True,
)


def read(text: str, name: str) -> list[ParsedRecord]:
    """The records of a RIS file.

    :raises FormatError: where a record has no end or no start, or text stands in no field
    """
    return [_record(one, name) for one in read_tagged(text, SHAPE)]


def _record(one: Tagged, name: str) -> ParsedRecord:
    database = (one.first("DB", "DP") or "").casefold()
    number = one.first("AN", "ID", "C6")
    in_pubmed = "pubmed" in database or "medline" in database or "nlm" in database
    stated = next((v for v in one.each("AN", "M1", "N1") if v.upper().startswith("PMID")), None)
    dois = one.each("DO", "M3", "UR", "L3", "N1", "C7")
    return titled(
        entry(
            name,
            pmid=pmid(number) if in_pubmed else pmid(stated),
            pmcid=next((found for value in one.each("C2") if (found := pmcid(value))), None),
            doi=next((found for value in dois if (found := doi(value))), None),
            title=one.first("TI", "T1", "CT") or "",
            vernacular_title=one.first("TT"),
            abstract=one.first("AB", "N2"),
            authors=[who for v in one.each("AU") or one.each("A1") for who in people(v)],
            journal=one.first("JF", "T2", "JO", "JA", "J1", "J2", "BT"),
            year=year(one.first("PY", "Y1", "DA")),
            volume=one.first("VL"),
            issue=one.first("IS"),
            pages=page_range(one.first("SP"), one.first("EP")),
            language=listed(one.first("LA"), commas=True),
            keywords=[word for value in one.each("KW") for word in listed(value)],
        ),
        one.line,
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
