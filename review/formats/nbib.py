"""MEDLINE text (.nbib), as PubMed saves it."""

from __future__ import annotations

import re

from review.formats.entry import FormatError, entry, person, pmcid, titled, year
from review.formats.pubmed_article import REGISTRIES
from review.formats.tagged import Shape, Tagged, read_tagged
from review.ground.identifiers import doi, pmid
from review.model.parsed import ParsedNotice, ParsedRecord

SHAPE = Shape(
    "MEDLINE (.nbib)",
    re.compile(r"(?=.{4}-)([A-Z][A-Z0-9]{1,3}) *-(?: (.*))?$"),
    "PMID",
    loose=re.compile(r"\s*PMID\s*-", re.IGNORECASE),
    once=("TI", "SO"),
)
"""Four columns of tag, then a hyphen."""
NOTICES = {
    "RIN": "retraction_in",
    "ROF": "retraction_of",
    "ECI": "concern_in",
    "ECF": "concern_for",
    "PRIN": "partial_retraction_in",
    "PROF": "partial_retraction_of",
    "EIN": "erratum_in",
    "EFR": "erratum_for",
    "UIN": "update_in",
    "UOF": "update_of",
    "CRI": "corrected_republished_in",
    "CRF": "corrected_republished_from",
    "RRI": "retracted_republished_in",
    "RRF": "retracted_republished_from",
    "RPI": "republished_in",
    "RPF": "republished_from",
    "CIN": "comment_in",
    "CON": "comment_on",
}
"""MEDLINE's tags of links to other publications, and our names for them."""


def read(text: str, name: str) -> list[ParsedRecord]:
    """The records of a MEDLINE file.

    Each must reach its SO line, the last one PubMed writes: a file that was cut is told.

    :raises FormatError: where a record is cut, or no record at all
    """
    return [_record(one, name) for one in read_tagged(text, SHAPE)]


def _record(one: Tagged, name: str) -> ParsedRecord:
    number = pmid(one.first("PMID"))
    if number is None:
        raise FormatError(one.line, f"found {one.first('PMID') or 'nothing'!r}, expected a PMID")
    if not one.first("SO"):
        raise FormatError(one.line, "the record that starts here has no SO line: file cut off?")
    dois = [value for value in one.each("AID", "LID") if "[doi]" in value]
    types = one.each("PT")
    notices = [_notice(NOTICES[tag], value) for tag in NOTICES for value in one.each(tag)]
    if "Retracted Publication" in types and not any(
        n["type"] in ("retraction_in", "retracted_republished_in") for n in notices
    ):
        notices.append({"type": "retracted", "pmid": None, "reference": None})
    banks = [value.partition("/") for value in one.each("SI")]
    return titled(
        entry(
            name,
            pmid=number,
            pmcid=pmcid(one.first("PMC")),
            doi=next((d for value in dois if (d := doi(value.replace("[doi]", "")))), None),
            title=one.first("TI", "BTI", "CTI") or "",
            vernacular_title=one.first("TT"),
            abstract=one.first("AB"),
            authors=[person(author) for author in one.each("FAU") or one.each("AU")]
            + [{"literal": group} for group in one.each("CN")],
            journal=one.first("JT", "TA"),
            year=year(one.first("DP")),
            volume=one.first("VI"),
            issue=one.first("IP"),
            pages=one.first("PG"),
            language=one.each("LA"),
            publication_types=types,
            mesh=list(dict.fromkeys(m.replace("*", "").split("/")[0] for m in one.each("MH"))),
            keywords=[word.strip("*") for word in one.each("OT")],
            registrations=[number for bank, _, number in banks if bank in REGISTRIES and number],
            notices=notices,
        ),
        one.line,
    )


def _notice(kind: str, text: str) -> ParsedNotice:
    found = re.search(r"\bPMID: *([1-9][0-9]{0,8})\b", text)
    return {"type": kind, "pmid": found.group(1) if found else None, "reference": text}
