"""JSON Lines and CSL-JSON: objects, checked field by field, since JSON lets anything stand."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from review.formats.entry import (
    FormatError,
    citation_keys,
    entry,
    listed,
    own_id,
    pmcid,
    relisted,
    titled,
    year,
)
from review.formats.tables import COLUMNS
from review.ground.identifiers import doi, pmid
from review.ground.json import JsonError, parse_json
from review.ground.printable import spaced
from review.model.parsed import ParsedAuthor, ParsedRecord

JSONL_KEEPS = frozenset((*COLUMNS, "notices"))
CSL_KEEPS = frozenset(COLUMNS) - {"vernacular_title", "publication_types", "mesh", "registrations"}


def _loads(text: str, line: int) -> Any:
    """One JSON value that starts on a line of the file."""
    try:
        return parse_json(text)
    except JsonError as error:
        raise FormatError(line + max(0, error.line - 1), error.sentence) from None


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(ParsedRecord)


def read_jsonl(text: str, name: str) -> list[ParsedRecord]:
    """The records of a JSON Lines file as ``review convert`` writes it.

    :raises FormatError: for a line that is no object, has keys nobody knows, or other types
    """
    from pydantic import ValidationError

    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        value = _loads(line, number)
        if not isinstance(value, dict) or not isinstance(value.get("title"), str):
            raise FormatError(number, "found no object with a title, expected a record")
        blank = entry(name)
        if strange := sorted(set(value) - set(blank) - {"record"}):
            raise FormatError(number, f"found the key {strange[0]}, expected {', '.join(blank)}")
        try:
            record = _adapter().validate_python(
                {**blank, **value, "source": name}, strict=True, extra="forbid"
            )
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise FormatError(number, f"{where}: {first['msg']}") from None
        for key, reads in (("pmid", pmid), ("pmcid", pmcid), ("doi", doi)):
            shown = record[key]
            if shown is not None and reads(shown) != shown:
                raise FormatError(number, f"{key}: found {shown[:40]!r}, expected a {key.upper()}")
        if record.get("record") != own_id(record.get("record")):
            raise FormatError(number, "record: found no id of a review's record")
        for author in record["authors"]:
            if not any(author.values()):
                raise FormatError(number, "authors: found nobody in one of them, expected a name")
        found.append(titled(record, number))
    if not found:
        raise FormatError(1, "found no line with a record, expected JSON Lines")
    return found


def write_jsonl(records: Sequence[ParsedRecord]) -> str:
    """One record a line, every key present; the id that a review gave it first, where one did."""
    from review.formats.convert import FIELDS

    rows = (
        ({"record": one["record"]} if "record" in one else {}) | {key: one[key] for key in FIELDS}  # type: ignore[literal-required]
        for one in records
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read_csl(text: str, name: str) -> list[ParsedRecord]:
    """The records of a CSL-JSON file.

    :raises FormatError: where it is no list of objects, or a field holds another type
    """
    value = _loads(text, 1)
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        value = value["items"]
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise FormatError(1, "found something else, expected a list of CSL-JSON objects")
    return [_item(one, number, name) for number, one in enumerate(value, 1)]


def _item(one: dict[str, Any], number: int, name: str) -> ParsedRecord:
    def fault(key: str) -> FormatError:
        shown = json.dumps(one[key], ensure_ascii=False)[:40]
        return FormatError(0, f"item {number}: {key}: found {shown}, expected text")

    def given(key: str) -> Any:
        kept = one.get(key)
        if isinstance(kept, list) and all(isinstance(part, str) for part in kept):
            return kept[0] if kept else None  # Crossref's own JSON has lists of one
        return kept

    def text_of(key: str) -> str | None:
        kept = given(key)
        if kept is None or isinstance(kept, str):
            return spaced(kept)
        if isinstance(kept, bool) or not isinstance(kept, int | float):
            raise fault(key)
        return str(kept)

    keywords = one.get("keyword") or []
    if isinstance(keywords, str):
        keywords = listed(keywords, commas=";" not in keywords)
    if not isinstance(keywords, list) or not all(isinstance(word, str) for word in keywords):
        raise fault("keyword")
    note = re.search(r"PMID: *([0-9]+)", text_of("note") or "")
    return titled(
        entry(
            name,
            record=own_id(text_of("id")),
            pmid=pmid(text_of("PMID")) or (pmid(note.group(1)) if note else None),
            pmcid=pmcid(text_of("PMCID")),
            doi=doi(text_of("DOI")) or doi(text_of("URL")),
            title=text_of("title") or "",
            abstract=text_of("abstract") and (str(given("abstract")).strip() or None),
            authors=_csl_authors(one, number),
            journal=text_of("container-title"),
            year=_csl_year(one, number),
            volume=text_of("volume"),
            issue=text_of("issue"),
            pages=text_of("page"),
            language=listed(text_of("language")),
            keywords=[word for word in (spaced(w) for w in keywords) if word],
        ),
        0,
    )


_NAME_PARTS = (
    "dropping-particle",
    "non-dropping-particle",
    "family",
    "given",
    "suffix",
    "literal",
    "name",
)


def _csl_authors(one: dict[str, Any], number: int) -> list[ParsedAuthor]:
    authors = one.get("author") or []
    if not isinstance(authors, list):
        raise FormatError(0, f"item {number}: author: expected a list of names")
    found: list[ParsedAuthor] = []
    for author in authors:
        if not isinstance(author, dict) or not all(
            isinstance(author.get(key, ""), str) for key in _NAME_PARTS
        ):
            raise FormatError(0, f"item {number}: author: expected names as objects of text")
        particle = " ".join(author[k] for k in _NAME_PARTS[:2] if k in author)
        family = (
            spaced(f"{particle} {author.get('family') or ''}") if author.get("family") else None
        )
        parts = {
            "family": family,
            "given": spaced(author.get("given")),
            "suffix": spaced(author.get("suffix")),
            "literal": spaced(author.get("literal") or author.get("name")),
        }
        kept: Any = {key: part for key, part in parts.items() if part}
        if not kept:
            raise FormatError(0, f"item {number}: author: found nobody, expected a name")
        found.append(kept)
    return found


def _csl_year(one: dict[str, Any], number: int) -> int | None:
    issued = one.get("issued")
    if issued is None or isinstance(issued, str | int):
        return year(str(issued or ""))
    if isinstance(issued, dict):
        parts = issued.get("date-parts")
        first = parts[0] if isinstance(parts, list) and parts else None
        if isinstance(first, list) and (not first or isinstance(first[0], str | int | None)):
            return year(str(first[0])) if first and first[0] is not None else None
        if parts is None:
            return year(str(issued.get("raw") or issued.get("literal") or ""))
    raise FormatError(0, f"item {number}: issued: expected a date")


def write_csl(records: Sequence[ParsedRecord]) -> str:
    """CSL-JSON for citation processors."""
    rows = []
    for key, one in zip(citation_keys(records), records, strict=True):
        row: dict[str, Any] = {
            "id": key,
            "type": "article-journal",
            "title": one["title"] or one["vernacular_title"],
            "author": one["authors"],
            "container-title": one["journal"],
            "issued": {"date-parts": [[one["year"]]]} if one["year"] else None,
            "volume": one["volume"],
            "issue": one["issue"],
            "page": one["pages"],
            "DOI": one["doi"],
            "PMID": one["pmid"],
            "PMCID": one["pmcid"],
            "language": relisted(one["language"]),
            "keyword": relisted(one["keywords"]),
            "abstract": one["abstract"],
        }
        rows.append({name: value for name, value in row.items() if value})
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
