"""CSV: one row a record, from spreadsheets and databases, and for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from review.formats.entry import (
    FormatError,
    entry,
    listed,
    noted_id,
    own_id,
    page_range,
    people,
    people_of_cell,
    pmcid,
    printed,
    titled,
    year,
)
from review.ground.identifiers import doi, pmid
from review.ground.printable import spaced
from review.ground.spreadsheet import MARK, SheetError, csv_text, defused, rows, separator
from review.model.parsed import ParsedAuthor, ParsedRecord

COLUMNS = (
    *("pmid", "pmcid", "doi", "title", "vernacular_title", "abstract", "authors", "journal"),
    *("year", "volume", "issue", "pages", "language", "publication_types", "mesh", "keywords"),
    "registrations",
)
RECORD = "record"
"""The column of the ids that a review gave its records; it is written where there are some."""
KEEPS = frozenset(COLUMNS)
"""Fields that stand a way out and back."""
_LISTS = ("language", "publication_types", "mesh", "keywords", "registrations")
OTHER_NAMES = {
    "pubmed id": "pmid",
    "medline pmid": "pmid",
    "article title": "title",
    "document title": "title",
    "title original": "vernacular_title",
    "original title": "vernacular_title",
    "abstract note": "abstract",
    "author": "authors",
    "author(s)": "authors",
    "author names": "authors",
    "journal/book": "journal",
    "journal title": "journal",
    "source title": "journal",
    "publication title": "journal",
    "publication year": "year",
    "date of publication": "year",
    "number": "issue",
    "page start": "first page",
    "start page": "first page",
    "page end": "last page",
    "end page": "last page",
    "art. no.": "article number",
    "article no.": "article number",
    "author keywords": "keywords",
    "manual tags": "keywords",
    "language of original document": "language",
    "language of article": "language",
    "document type": "publication_types",
    "publication type": "publication_types",
    "标题": "title",
    "题名": "title",
    "篇名": "title",
    "作者": "authors",
    "摘要": "abstract",
    "刊名": "journal",
    "期刊": "journal",
    "来源": "journal",
    "年": "year",
    "年份": "year",
    "出版年": "year",
    "卷": "volume",
    "期": "issue",
    "页码": "pages",
    "关键词": "keywords",
    "语言": "language",
}
"""Columns of PubMed, Scopus, Embase, Web of Science, Zotero and Chinese databases, and ours."""
_PARTS = ("first page", "last page", "article number")


def _header(text: str) -> tuple[Iterator[tuple[int, list[str]]], list[str]]:
    table = rows(text, separator(text))
    _, cells = next(table, (1, []))
    return table, [" ".join(cell.lower().split()) for cell in cells]


def ignored_columns(text: str) -> list[str]:
    """Columns of a CSV file that nothing is read from, for the person to know."""
    try:
        _, header = _header(text)
    except SheetError:
        return []
    known = {*COLUMNS, *_PARTS, RECORD}
    return [cell for cell in header if cell and OTHER_NAMES.get(cell, cell) not in known]


def read(text: str, name: str) -> list[ParsedRecord]:
    """The records of a CSV file with a header; lists are apart by semicolons.

    :raises FormatError: without a title column, for a column that stands twice, or a line with
        another number of cells
    """
    try:
        table, cells = _header(text)
        if twice := [cell for cell, times in Counter(cells).items() if cell and times > 1]:
            raise FormatError(1, f"found the column {twice[0][:40]} twice, expected it once")
        header = [OTHER_NAMES.get(cell, cell) for cell in cells]
        if "title" not in header:
            shown = ",".join(header)[:80]
            raise FormatError(1, f"found the columns {shown}, expected title among them")
        found = []
        for line, row in table:
            if row:
                if len(row) != len(header):
                    raise FormatError(line, f"found {len(row)} cells, expected {len(header)}")
                found.append(titled(_record(header, row, name, line), line))
    except SheetError as error:
        raise FormatError(error.line, error.sentence) from None
    return found


def _undefused(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and defused(cell[1:]) != cell[1:] else cell


_NOTHING = frozenset(("", "-", "–", "n/a", "na", "none", "null"))


def _record(header: list[str], cells: list[str], name: str, line: int) -> ParsedRecord:
    row: dict[str, str] = {}
    for key, cell in zip(header, cells, strict=True):
        if not row.get(key, "").strip():  # two names of one column: the first that says anything
            row[key] = _undefused(cell)
    plain = {k: spaced(row.get(k)) for k in ("vernacular_title", "journal", "volume", "issue")}
    lists: dict[str, Any] = {k: listed(row.get(k)) for k in _LISTS}
    names = row.get("authors", "")
    ours = tuple(header) in (COLUMNS, (RECORD, *COLUMNS))
    for key, reads in (("pmid", pmid), ("pmcid", pmcid), ("doi", doi)):
        cell = (row.get(key) or "").strip()
        if cell.casefold() not in _NOTHING and reads(cell) is None:
            raise FormatError(line, f"{key}: found {cell[:40]!r}, expected one {key.upper()}")
    return entry(
        name,
        record=own_id(row.get(RECORD)) or noted_id([row.get("notes", "")]),
        pmid=pmid(row.get("pmid")),
        pmcid=pmcid(row.get("pmcid")),
        doi=doi(row.get("doi")),
        title=spaced(row.get("title")) or "",
        abstract=(row.get("abstract") or "").strip() or None,
        authors=people(names) if ours else people_of_cell(names),
        year=year(row.get("year")),
        pages=spaced(row.get("pages"))
        or page_range(spaced(row.get("first page")), spaced(row.get("last page")))
        or spaced(row.get("article number")),
        **plain,
        **lists,
    )


def _name(author: ParsedAuthor) -> str:
    """A name as :func:`people` reads it; one in one piece that holds a separator is quoted."""
    text = printed(author)
    risky = "family" not in author and re.search("[,，、;；]", text) and '"' not in text
    return f'"{text}"' if risky else text


def write(records: Sequence[ParsedRecord]) -> str:
    """CSV for spreadsheets: a mark that lets Excel read Chinese, and no cell that it would run."""
    table = []
    own = (RECORD,) if any(RECORD in one for one in records) else ()
    for one in records:
        row: dict[str, Any] = {key: one.get(RECORD) for key in own}
        row |= {key: one[key] for key in COLUMNS}  # type: ignore[literal-required]
        row["authors"] = "; ".join(_name(author) for author in one["authors"])
        row |= {key: "; ".join(row[key]) for key in _LISTS}
        table.append(["" if v is None else str(v) for v in row.values()])
    return MARK + csv_text((*own, *COLUMNS), table, quoted=True)
