"""CSV, JSON Lines and CSL-JSON: tables and objects, written with the standard library."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from review.io.entry import (
    FormatError,
    citation_keys,
    doi,
    entry,
    folded,
    people,
    pmcid,
    pmid,
    printed,
    year,
)
from review.screen import defused
from review.sources import ParsedRecord

COLUMNS = (
    *("pmid", "pmcid", "doi", "title", "vernacular_title", "abstract", "authors", "journal"),
    *("year", "volume", "issue", "pages", "language", "publication_types", "mesh", "keywords"),
    "registrations",
)
CSV_KEEPS = frozenset(COLUMNS)
JSONL_KEEPS = frozenset((*COLUMNS, "notices"))
CSL_KEEPS = frozenset(COLUMNS) - {"vernacular_title", "publication_types", "mesh", "registrations"}
_LISTS = ("language", "publication_types", "mesh", "keywords", "registrations")
_ALIASES = {
    "journal/book": "journal",
    "publication year": "year",
    "number": "issue",
    "author": "authors",
}


def read_csv(text: str, name: str) -> list[ParsedRecord]:
    """The records of a CSV file with a header; lists are apart by semicolons.

    :raises FormatError: without a title column, or for a line with another number of cells
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        header = [_ALIASES.get(cell, cell) for cell in header]
        if "title" not in header:
            raise FormatError(
                1, f"found the columns {','.join(header)[:80]}, expected title among them"
            )
        found = []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise FormatError(
                    reader.line_num, f"found {len(cells)} cells, expected {len(header)}"
                )
            row = {key: _undefused(cell) for key, cell in zip(header, cells, strict=True)}
            found.append(_from_row(row, name))
    except csv.Error as error:
        raise FormatError(reader.line_num, f"not readable as CSV: {error}") from None
    return found


def _undefused(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and defused(cell[1:]) != cell[1:] else cell


def _from_row(row: dict[str, str], name: str) -> ParsedRecord:
    plain = {
        k: folded(row.get(k)) for k in ("vernacular_title", "journal", "volume", "issue", "pages")
    }
    lists: dict[str, Any] = {
        k: [one.strip() for one in row.get(k, "").split(";") if one.strip()] for k in _LISTS
    }
    return entry(
        name,
        pmid=pmid(row.get("pmid")),
        pmcid=pmcid(row.get("pmcid")),
        doi=doi(row.get("doi")),
        title=folded(row.get("title")) or "",
        abstract=(row.get("abstract") or "").strip() or None,
        authors=people(row.get("authors", "")),
        year=year(row.get("year")),
        **plain,
        **lists,
    )


def write_csv(records: Sequence[ParsedRecord]) -> str:
    """CSV for spreadsheets: a mark that lets Excel read Chinese, and no cell that it would run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in records:
        row: dict[str, Any] = {key: one[key] for key in COLUMNS}  # type: ignore[literal-required]
        row["authors"] = "; ".join(printed(author) for author in one["authors"])
        row |= {key: "; ".join(row[key]) for key in _LISTS}
        writer.writerow("" if v is None else defused(str(v)) for v in row.values())
    return "\ufeff" + out.getvalue()


def read_jsonl(text: str, name: str) -> list[ParsedRecord]:
    """The records of a JSON Lines file as ``review convert`` writes it.

    :raises FormatError: for a line that is no object or has keys nobody knows
    """
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise FormatError(number, f"not readable as JSON: {str(error)[:80]}") from None
        if not isinstance(value, dict) or not isinstance(value.get("title"), str):
            raise FormatError(number, "found no object with a title, expected a record")
        blank = entry(name)
        if strange := sorted(set(value) - set(blank)):
            raise FormatError(number, f"found the key {strange[0]}, expected {', '.join(blank)}")
        found.append(entry(name, **{k: v for k, v in value.items() if k != "source"}))
    return found


def write_jsonl(records: Sequence[ParsedRecord]) -> str:
    """One record a line, every key present."""
    from review.convert import FIELDS

    rows = ({key: one[key] for key in FIELDS} for one in records)  # type: ignore[literal-required]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read_csl(text: str, name: str) -> list[ParsedRecord]:
    """The records of a CSL-JSON file.

    :raises FormatError: where it is no list of objects
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        raise FormatError(line, f"not readable as JSON: {str(error)[:80]}") from None
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise FormatError(1, "found something else, expected a list of CSL-JSON objects")
    found = []
    for one in value:

        def text_of(key: str, one: dict[str, Any] = one) -> str | None:
            kept = one.get(key)
            return folded(str(kept)) if kept not in (None, "") else None

        issued = one.get("issued") or {}
        parts = issued.get("date-parts") if isinstance(issued, dict) else None
        first = parts[0][0] if parts and parts[0] else None
        authors = []
        for author in one.get("author") or ():
            kept = {
                k: str(author[k]) for k in ("family", "given", "suffix", "literal") if author.get(k)
            }
            authors.append(kept)
        found.append(
            entry(
                name,
                pmid=pmid(text_of("PMID")),
                pmcid=pmcid(text_of("PMCID")),
                doi=doi(text_of("DOI")),
                title=text_of("title") or "",
                abstract=one.get("abstract") or None,
                authors=authors,
                journal=text_of("container-title"),
                year=year(str(first)) if first else None,
                volume=text_of("volume"),
                issue=text_of("issue"),
                pages=text_of("page"),
                language=[v for v in (text_of("language") or "").split("; ") if v],
                keywords=[v for v in (text_of("keyword") or "").split("; ") if v],
            )
        )
    return found


def write_csl(records: Sequence[ParsedRecord]) -> str:
    """CSL-JSON for citation processors."""
    rows = []
    for key, one in zip(citation_keys(records), records, strict=True):
        row: dict[str, Any] = {
            "id": key,
            "type": "article-journal",
            "title": one["title"],
            "author": one["authors"],
            "container-title": one["journal"],
            "issued": {"date-parts": [[one["year"]]]} if one["year"] else None,
            "volume": one["volume"],
            "issue": one["issue"],
            "page": one["pages"],
            "DOI": one["doi"],
            "PMID": one["pmid"],
            "PMCID": one["pmcid"],
            "language": "; ".join(one["language"]),
            "keyword": "; ".join(one["keywords"]),
            "abstract": one["abstract"],
        }
        rows.append({key: value for key, value in row.items() if value})
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
