"""Tagged text: MEDLINE (NBIB), and what Chinese databases export (NoteExpress, Refer, RefWorks)."""

from __future__ import annotations

import io
import re

from review.io.entry import (
    FormatError,
    doi,
    entry,
    folded,
    line_of,
    people,
    person,
    pmcid,
    pmid,
    year,
)
from review.sources import ParsedRecord


def read_nbib(text: str, name: str) -> list[ParsedRecord]:
    """The records of a MEDLINE file, read by Biopython.

    Biopython takes HTML for a record and a cut file for a whole one, so starts are counted and
    each record must reach its SO line, the last one PubMed writes.

    :raises FormatError: where a record is cut, lost, or no record at all
    """
    from Bio import Medline

    starts = [line_of(text, m.start()) for m in re.finditer(r"^PMID- ", text, re.MULTILINE)]
    if not starts:
        raise FormatError(1, "found no PMID- line, expected MEDLINE (.nbib)")
    before = text[: text.index("PMID- ")].strip()
    if before:
        raise FormatError(1, f"found {before[:40]!r} before the first record, expected PMID-")
    found = list(Medline.parse(io.StringIO(text)))  # type: ignore[no-untyped-call]
    if len(found) != len(starts):
        raise FormatError(0, f"{len(starts)} records start, {len(found)} could be read")
    records = []
    for line, one in zip(starts, found, strict=True):
        if not one.get("SO"):
            raise FormatError(line, "the record that starts here has no SO line: file cut off?")
        ids = [*one.get("AID", []), one.get("LID", "")]
        names = one.get("FAU") or one.get("AU") or []
        authors = [person(author) for author in names] + [
            {"literal": group} for group in _list(one.get("CN"))
        ]
        records.append(
            entry(
                name,
                pmid=pmid(one.get("PMID")),
                pmcid=pmcid(one.get("PMC")),
                doi=next(
                    (d for i in ids if "[doi]" in i and (d := doi(i.replace("[doi]", "")))), None
                ),
                title=folded(one.get("TI")) or "",
                vernacular_title=folded(one.get("TT")),
                abstract=folded(one.get("AB")),
                authors=authors,
                journal=folded(one.get("JT") or one.get("TA")),
                year=year(one.get("DP")),
                volume=folded(one.get("VI")),
                issue=folded(one.get("IP")),
                pages=folded(one.get("PG")),
                language=_list(one.get("LA")),
                publication_types=_list(one.get("PT")),
                mesh=[term.strip("*").split("/")[0] for term in _list(one.get("MH"))],
                keywords=[word.strip("*") for word in _list(one.get("OT"))],
            )
        )
    return records


def _list(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, list) else []


_NOTEEXPRESS = re.compile(r"^\{([^{}]{1,40})\}: ?(.*)$")
_REFER = re.compile(r"^%(\S)(?: (.*))?$")
_REFWORKS = re.compile(
    r"^(RT|SR|ID|A[1-6DNV]|T[1-3]|JF|JO|YR|FD|VO|IS|SP|OP|K1|AB|NO|ED|PB|PP|SN|LA|CL|SF|OT|LK|DO|"
    r"CN|DB|DS|IP|RD|ST|U[0-9]{1,2}|UL|SL|LL|CR|WT|WP)(?: (?!-)(.*))?$"
)
"""RefWorks's own tags alone: a line of an abstract may start with two capitals too."""


def read_noteexpress(text: str, name: str) -> list[ParsedRecord]:
    """NoteExpress text, as CNKI, Wanfang, VIP and SinoMed export it.

    :raises FormatError: where a field stands outside a record
    """
    rows = _blocks(text, _NOTEEXPRESS, "Reference Type")
    return [
        _chinese(
            name,
            line,
            title=one.get("Title"),
            other=one.get("Translated Title"),
            authors=one.get("Author"),
            journal=one.get("Journal") or one.get("Secondary Title"),
            year=one.get("Year") or one.get("Date"),
            volume=one.get("Volume"),
            issue=one.get("Issue"),
            pages=one.get("Pages"),
            keywords=one.get("Keywords"),
            abstract=one.get("Abstract"),
            doi=one.get("DOI") or one.get("Digital Object Identifier (DOI)"),
            language=one.get("Language"),
        )
        for line, one in rows
    ]


def read_refer(text: str, name: str) -> list[ParsedRecord]:
    """Refer text (%0, %A, %T), which Chinese databases call EndNote.

    :raises FormatError: where a field stands outside a record
    """
    return [
        _chinese(
            name,
            line,
            title=one.get("T"),
            authors=one.get("A"),
            journal=one.get("J") or one.get("B"),
            year=one.get("D"),
            volume=one.get("V"),
            issue=one.get("N"),
            pages=one.get("P"),
            keywords=one.get("K"),
            abstract=one.get("X"),
            doi=one.get("R"),
            language=one.get("G"),
        )
        for line, one in _blocks(text, _REFER, "0")
    ]


def read_refworks(text: str, name: str) -> list[ParsedRecord]:
    """RefWorks tagged text (RT, A1, T1), another export of Chinese databases.

    :raises FormatError: where a field stands outside a record
    """
    return [
        _chinese(
            name,
            line,
            title=one.get("T1"),
            other=one.get("OT"),
            authors=one.get("A1"),
            journal=one.get("JF") or one.get("JO"),
            year=one.get("YR"),
            volume=one.get("VO"),
            issue=one.get("IS"),
            pages=one.get("OP") or one.get("SP"),
            keywords=one.get("K1"),
            abstract=one.get("AB"),
            doi=one.get("DO"),
            language=one.get("LA"),
        )
        for line, one in _blocks(text, _REFWORKS, "RT")
    ]


def _blocks(text: str, tag: re.Pattern[str], start: str) -> list[tuple[int, dict[str, str]]]:
    """Tagged records with the line each starts on; repeated tags are joined by semicolons."""
    rows: list[tuple[int, dict[str, str]]] = []
    last = ""
    for number, line in enumerate(text.split("\n"), 1):
        match = tag.match(line)
        if match is None:
            if line.strip() and not rows:
                raise FormatError(number, f"found {line.strip()[:40]!r}, expected {start}")
            if line.strip() and last:
                rows[-1][1][last] += " " + line.strip()
            continue
        key, value = match.group(1).strip(), (match.group(2) or "").strip()
        if key == start:
            rows.append((number, {}))
        elif not rows:
            raise FormatError(number, f"found {key} outside a record, expected {start}")
        fields = rows[-1][1]
        fields[key] = (
            f"{fields[key]}; {value}" if fields.get(key) and value else fields.get(key) or value
        )
        last = key
    if not rows:
        raise FormatError(1, f"found no {start}, expected a record")
    return rows


def _chinese(name: str, line: int, **one: str | None) -> ParsedRecord:
    title = folded(one.get("title")) or ""
    if not title:
        raise FormatError(line, "the record that starts here has no title")
    return entry(
        name,
        doi=doi(one.get("doi")),
        title=title,
        vernacular_title=folded(one.get("other")),
        abstract=folded(one.get("abstract")),
        authors=people(one.get("authors") or ""),
        journal=folded(one.get("journal")),
        year=year(one.get("year")),
        volume=folded(one.get("volume")),
        issue=folded(one.get("issue")),
        pages=folded((one.get("pages") or "").replace("+", " +")),
        language=[v for v in re.split(r"[;；]\s*", one.get("language") or "") if v.strip()],
        keywords=[k.strip() for k in re.split(r"[;；]+", one.get("keywords") or "") if k.strip()],
    )
