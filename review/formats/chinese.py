"""What CNKI, Wanfang, VIP and SinoMed export: NoteExpress, Refer and RefWorks text."""

from __future__ import annotations

import re

from review.formats.entry import entry, listed, page_range, people, titled, year
from review.formats.tagged import Shape, Tagged, read_tagged
from review.ground.identifiers import doi
from review.model.parsed import ParsedRecord

NOTEEXPRESS = Shape(
    "NoteExpress",
    re.compile(r"\{([^{}]{1,40})\}: ?(.*)$"),
    "Reference Type",
    loose=re.compile(r"\s*[{｛]\s*reference\s+type\s*[}｝]", re.IGNORECASE),
    once=("Title",),
)
REFER = Shape(
    "Refer",
    re.compile(r"%(\S)(?: (.*))?$"),
    "0",
    loose=re.compile(r"\s*%0\b"),
    prose=("X", "Z"),
    repeats=("A", "E", "K", "Y", "?", "U", "+", "@"),
    once=("T",),
)
REFWORKS = Shape(
    "RefWorks",
    re.compile(
        r"(RT|SR|ID|A[1-6DNV]|T[1-3]|JF|JO|YR|FD|VO|IS|SP|OP|K1|AB|NO|ED|PB|PP|SN|LA|CL|SF|OT|LK|DO|"
        r"CN|DB|DS|IP|RD|ST|U[0-9]{1,2}|UL|SL|LL|CR|WT|WP)(?: (?!-)(.*))?$"
    ),
    "RT",
    loose=re.compile(
        r"\s*RT:?\s+(?:Journal|Book|Conference|Dissertation|Thesis|Newspaper|Patent|Report|Generic)\b"
    ),
    prose=("AB", "NO"),
    repeats=("A1", "A2", "A3", "A4", "A5", "A6", "K1", "UL", "LK"),
    once=("T1",),
)
"""RefWorks's own tags alone: a line of an abstract may start with two capitals too."""


def read_noteexpress(text: str, name: str) -> list[ParsedRecord]:
    """NoteExpress text.

    :raises FormatError: where a field stands outside a record
    """
    return [
        _record(
            name,
            one,
            title=("Title",),
            other=("Translated Title",),
            authors=("Author",),
            journal=("Journal", "Secondary Title"),
            year=("Year", "Date"),
            volume=("Volume",),
            issue=("Issue",),
            pages=one.first("Pages"),
            keywords=("Keywords",),
            abstract=("Abstract",),
            doi=("DOI", "Digital Object Identifier (DOI)"),
            language=("Language",),
        )
        for one in read_tagged(text, NOTEEXPRESS)
    ]


def read_refer(text: str, name: str) -> list[ParsedRecord]:
    """Refer text (%0, %A, %T), which Chinese databases call EndNote.

    :raises FormatError: where a field stands outside a record
    """
    return [
        _record(
            name,
            one,
            title=("T",),
            other=(),
            authors=("A",),
            journal=("J", "B"),
            year=("D", "8"),
            volume=("V",),
            issue=("N",),
            pages=one.first("P"),
            keywords=("K",),
            abstract=("X",),
            doi=("R", "U"),
            language=("G",),
        )
        for one in read_tagged(text, REFER)
    ]


def read_refworks(text: str, name: str) -> list[ParsedRecord]:
    """RefWorks tagged text (RT, A1, T1).

    :raises FormatError: where a field stands outside a record
    """
    return [
        _record(
            name,
            one,
            title=("T1",),
            other=("OT",),
            authors=("A1",),
            journal=("JF", "JO"),
            year=("YR", "FD"),
            volume=("VO",),
            issue=("IS",),
            pages=page_range(one.first("SP"), one.first("OP")),
            keywords=("K1",),
            abstract=("AB",),
            doi=("DO", "LK", "UL"),
            language=("LA",),
        )
        for one in read_tagged(text, REFWORKS)
    ]


def _record(name: str, one: Tagged, *, pages: str | None, **tags: tuple[str, ...]) -> ParsedRecord:
    dois = [found for value in one.each(*tags["doi"]) if (found := doi(value))]
    return titled(
        entry(
            name,
            doi=dois[0] if dois else None,
            title=one.first(*tags["title"]) or "",
            vernacular_title=one.first(*tags["other"]),
            abstract=one.first(*tags["abstract"]),
            authors=[who for value in one.each(*tags["authors"]) for who in people(value)],
            journal=one.first(*tags["journal"]),
            year=year(one.first(*tags["year"])),
            volume=one.first(*tags["volume"]),
            issue=one.first(*tags["issue"]),
            pages=" ".join((pages or "").replace("+", " +").split()) or None,
            language=listed(one.first(*tags["language"])),
            keywords=[word for value in one.each(*tags["keywords"]) for word in listed(value)],
        ),
        one.line,
    )
