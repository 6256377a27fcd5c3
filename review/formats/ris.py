"""RIS, read by the one reader of tagged text and written by rispy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from review.formats.entry import (
    entry,
    listed,
    noted_id,
    own_id,
    page_range,
    people,
    pmcid,
    printed,
    relisted,
    titled,
    year,
)
from review.formats.tagged import Shape, Tagged, read_tagged
from review.ground.identifiers import doi, pmid
from review.ground.printable import spaced
from review.model.parsed import ParsedRecord

KEEPS = frozenset(
    {
        *("pmid", "pmcid", "doi", "title", "vernacular_title", "abstract", "authors", "journal"),
        *("year", "volume", "issue", "pages", "language", "keywords"),
    }
)
"""Fields that stand a way out and back."""
TAGS = frozenset(
    re.findall(
        r"\w+",
        "TY A1 A2 A3 A4 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DO DP ED EP"
        " ER ET ID IS J1 J2 JA JF JO KW L1 L2 L3 L4 LA LB LK M1 M2 M3 N1 N2 NV OL OP PB PP PY RI"
        " RN RP SE SN SP SR ST T1 T2 T3 TA TI TT U1 U2 U3 U4 U5 UR VL VO Y1 Y2",
    )
)
"""Tags that may stand before one space; any other needs the two that RIS asks for."""
BARE_DOI = re.compile(
    r"(?:https?://(?:[\w.-]*\.)?(?:dx\.)?doi\.org/|doi:?\s*)?10\.[0-9]{4}", re.IGNORECASE
)
"""A field that is a DOI, not a sentence that names one."""
_NUMBER = re.compile(r"^[0-9]+\.\n(?=TY {1,2}-)", re.MULTILINE)
SHAPE = Shape(
    "RIS",
    re.compile(r"[ \t]{0,3}([A-Za-z][A-Za-z0-9]) {1,2}-(?: (.*))?$"),
    "TY",
    loose=re.compile(r"\s*TY\s*-(?:\s|$)", re.IGNORECASE),
    end="ER",
    upper=True,
    known=lambda key, line: key in TAGS or line[2:6] == "  - ",
)


def read(text: str, name: str) -> list[ParsedRecord]:
    """The records of a RIS file.

    :raises FormatError: where a record has no end or no start, or text stands in no field
    """
    return [_record(one, name) for one in tagged(text)]


def tagged(text: str) -> list[Tagged]:
    """The records of a RIS file by their tags, without the numbers that rispy puts before each.

    :raises FormatError: as :func:`read`
    """
    return read_tagged(_NUMBER.sub("\n", text), SHAPE)


def _record(one: Tagged, name: str) -> ParsedRecord:
    database = (one.first("DB", "DP") or "").casefold()
    number = one.first("C2") if database.startswith("scopus") else one.first("AN", "ID", "C6")
    in_pubmed = database.startswith(("pubmed", "medline", "ovid medline", "nlm", "scopus"))
    stated = next((v for v in one.each("AN", "M1", "N1") if v.upper().startswith("PMID")), None)
    dois = one.each("DO") + [v for v in one.each("M3", "UR", "L3", "N1", "C7") if BARE_DOI.match(v)]
    names = list(dict.fromkeys(one.each("AU", "A1")))
    words = one.each("KW")
    return titled(
        entry(
            name,
            record=own_id(one.first("ID")) or noted_id(one.each("N1")),
            pmid=pmid(number) if in_pubmed else pmid(stated),
            pmcid=next((found for value in one.each("C2") if (found := pmcid(value))), None),
            doi=next((found for value in dois if (found := doi(value))), None),
            title=one.first("TI", "T1", "CT") or "",
            vernacular_title=one.first("TT"),
            abstract=" ".join(one.each("AB") or one.each("N2")) or None,
            authors=[who for v in names for who in people(v)],
            journal=one.first("JF", "T2", "JO", "JA", "J1", "J2", "BT"),
            year=year(one.first("PY", "Y1", "DA")),
            volume=one.first("VL"),
            issue=one.first("IS"),
            pages=page_range(one.first("SP"), one.first("EP")),
            language=listed(one.first("LA"), commas=True),
            publication_types=[
                kind for v in one.each("M3") if not BARE_DOI.match(v) for kind in listed(v)
            ],
            keywords=words if len(words) > 1 else [w for value in words for w in listed(value)],
        ),
        one.line,
    )


def write(
    records: Sequence[ParsedRecord],
    beside: Callable[[ParsedRecord], Mapping[str, Any]] = lambda _record: {},
) -> str:
    """RIS of records; every record starts with TY and ends with ER.

    :param beside: other fields of a record, by rispy's names: notes (N1), another accession number
    """
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
            "id": one.get("record"),
            "title": spaced(one["title"]) or spaced(one["vernacular_title"]),
            "translated_title": spaced(one["vernacular_title"]),
            "authors": [spaced(printed(author)) for author in one["authors"]],
            "journal_name": spaced(one["journal"]),
            "year": str(one["year"]) if one["year"] else None,
            "volume": spaced(one["volume"]),
            "number": spaced(one["issue"]),
            "start_page": spaced(start),
            "end_page": spaced(end),
            "doi": spaced(one["doi"]),
            "accession_number": spaced(one["pmid"]),
            "name_of_database": "PubMed" if one["pmid"] else None,
            "custom2": spaced(one["pmcid"]),
            "abstract": spaced(one["abstract"]),
            "keywords": [spaced(word) for word in one["keywords"]],
            "language": relisted(one["language"]) or None,
            **beside(one),
        }
        found.append({key: kept for key, kept in value.items() if kept})
    return str(rispy.dumps(found, implementation=Writer)).lstrip("\n") if found else ""
