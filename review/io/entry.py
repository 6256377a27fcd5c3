"""A record of a foreign format, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from review.sources import ParsedAuthor, ParsedRecord


class FormatError(Exception):
    """What does not fit, with the line where it stands."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.sentence = line, sentence


def entry(source: str, **values: Any) -> ParsedRecord:
    """A record with what a format gives; the rest is unknown."""
    known: dict[str, Any] = {
        **dict.fromkeys(("pmid", "pmcid", "doi", "vernacular_title", "abstract", "journal")),
        "title": "",
        **dict.fromkeys(("year", "volume", "issue", "pages", "licence", "status")),
        **dict.fromkeys(("entered", "revised")),
        **{name: [] for name in ("authors", "language", "publication_types", "mesh", "keywords")},
        "registrations": [],
        "notices": [],
        "version": 1,
        "source": source,
    }
    return cast(ParsedRecord, known | {k: v for k, v in values.items() if v is not None})


def citation_keys(records: Sequence[ParsedRecord]) -> list[str]:
    """A key for each record: its PMID where it has one, a number after it where that repeats."""
    keys: dict[str, None] = {}
    for number, one in enumerate(records, 1):
        key = wanted = f"pmid{one['pmid']}" if one["pmid"] else f"record{number}"
        again = 1
        while key in keys:
            again += 1
            key = f"{wanted}-{again}"
        keys[key] = None
    return list(keys)


def line_of(text: str, offset: int) -> int:
    """The line number of a place in a text."""
    return text.count("\n", 0, offset) + 1


def folded(text: str | None) -> str | None:
    """Text with runs of white space made one; None where nothing is left."""
    return " ".join((text or "").split()) or None


def person(name: str) -> ParsedAuthor:
    """An author from "Family, Given" or "Family, Suffix, Given"; without a comma as printed."""
    parts = [part.strip() for part in name.split(",")]
    if len(parts) == 1 or not parts[0]:
        return {"literal": name.strip(" ,")}
    found: ParsedAuthor = {"family": parts[0]}
    if parts[-1]:
        found["given"] = parts[-1]
    if len(parts) == 3 and parts[1]:
        found["suffix"] = parts[1]
    return found


def printed(author: ParsedAuthor) -> str:
    """An author as "Family, Given", the way :func:`person` reads it."""
    if "family" not in author:
        return author.get("literal") or author.get("given") or ""
    parts = [author["family"], author.get("suffix"), author.get("given", "")]
    return ", ".join(part for part in parts if part is not None)


def people(text: str) -> list[ParsedAuthor]:
    """Authors of one field, apart by semicolons."""
    return [person(one) for one in re.split(r"[;；]", text) if one.strip(" ,")]


def year(text: str | None) -> int | None:
    """The first year of a date."""
    match = re.search(r"\b(1[5-9]|20|21)\d\d\b", text or "")
    return int(match.group()) if match else None


_DOI = re.compile(r"10\.\d{4,9}/\S{1,400}")


def doi(text: str | None) -> str | None:
    """A DOI without resolver and prefix."""
    match = _DOI.search(text or "")
    return match.group().rstrip(".,;") if match else None


def pmid(text: str | None) -> str | None:
    """A PMID, where the whole field is one."""
    bare = (text or "").strip().removeprefix("PMID:").strip()
    return bare if re.fullmatch(r"[1-9]\d{0,8}", bare) else None


def pmcid(text: str | None) -> str | None:
    """A PMC identifier."""
    match = re.fullmatch(r"(?:PMC)?([1-9]\d{0,9})(?:\.\d+)?", (text or "").strip())
    return f"PMC{match.group(1)}" if match and "PMC" in (text or "") else None
