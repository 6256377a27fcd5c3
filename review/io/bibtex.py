"""BibTeX, read by bibtexparser with its failed blocks told, since it hides them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from review.io.entry import (
    FormatError,
    citation_keys,
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
        *("pmid", "pmcid", "doi", "title", "abstract", "authors", "journal", "year", "volume"),
        *("issue", "pages", "language", "keywords"),
    }
)
"""Fields that stand a way out and back."""
_START = re.compile(r"^\s*@(?!comment|string|preamble)(\w+)\s*\{", re.MULTILINE | re.IGNORECASE)
_KEPT = {r"\textasciicircum{}": "\ufdd0", r"\textasciitilde{}": "\ufdd1"}
"""Signs that decoding would turn into accents; held by noncharacters meanwhile."""


def read(text: str, name: str) -> list[ParsedRecord]:
    """The records of a BibTeX file.

    :raises FormatError: where an entry can't be read, or one is lost
    """
    import bibtexparser
    from bibtexparser import middlewares

    starts = [match.start() for match in _START.finditer(text)]
    if not starts:
        raise FormatError(1, "found no @entry{, expected BibTeX")
    for written, kept in _KEPT.items():
        text = text.replace(written, kept)
    library = bibtexparser.parse_string(text)  # type: ignore[attr-defined]
    if library.failed_blocks:
        failed = library.failed_blocks[0]
        why = str(getattr(failed, "error", "")).splitlines() or ["not readable"]
        raise FormatError((failed.start_line or 0) + 1, f"an entry can't be read: {why[0][:120]}")
    if len(library.entries) != len(starts):
        line = line_of(text, starts[min(len(library.entries), len(starts) - 1)])
        raise FormatError(
            line, f"{len(starts)} entries start, {len(library.entries)} could be read"
        )
    library = middlewares.LatexDecodingMiddleware().transform(library)
    back = str.maketrans({kept: sign for sign, kept in zip("^~", _KEPT.values(), strict=True)})
    return [
        _entry({f.key.lower(): str(f.value).translate(back) for f in one.fields}, name)
        for one in library.entries
    ]


def _entry(one: dict[str, str], name: str) -> ParsedRecord:
    def value(*keys: str) -> str | None:
        return next((found for key in keys if (found := folded(one.get(key)))), None)

    pages = value("pages")
    return entry(
        name,
        pmid=pmid(value("pmid")),
        pmcid=pmcid(value("pmcid")),
        doi=doi(value("doi")) or doi(value("url")),
        title=value("title") or "",
        abstract=value("abstract"),
        authors=[person(a) for a in re.split(r"\s+and\s+", value("author") or "") if a.strip()],
        journal=value("journal", "journaltitle", "booktitle"),
        year=year(value("year", "date")),
        volume=value("volume"),
        issue=value("number", "issue"),
        pages=re.sub(r"[-–]+", "-", pages) if pages else None,
        language=[v for v in re.split(r"[;,]\s*", value("language", "langid") or "") if v],
        keywords=[v for v in re.split(r"[;,]\s*", value("keywords") or "") if v],
    )


def write(records: Sequence[ParsedRecord]) -> str:
    """BibTeX of records; keys are identifiers or running numbers, values keep their Unicode."""
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    library = Library()
    for key, one in zip(citation_keys(records), records, strict=True):
        values: dict[str, Any] = {
            "title": one["title"],
            "author": " and ".join(printed(author) for author in one["authors"]),
            "journal": one["journal"],
            "year": one["year"],
            "volume": one["volume"],
            "number": one["issue"],
            "pages": one["pages"],
            "doi": one["doi"],
            "pmid": one["pmid"],
            "pmcid": one["pmcid"],
            "language": "; ".join(one["language"]),
            "keywords": "; ".join(one["keywords"]),
            "abstract": one["abstract"],
        }
        fields = [
            Field(name, "{" + _plain(folded(str(kept)) or "") + "}")
            for name, kept in values.items()
            if kept
        ]
        library.add(Entry("article", key, fields))
    return str(write_string(library, unparse_stack=[]))


def _plain(text: str) -> str:
    """Text without what BibTeX and LaTeX would read as their own."""
    signs = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}"}
    signs |= {"^": r"\textasciicircum{}"} | {sign: "\\" + sign for sign in "%&#$_"}
    return "".join(signs.get(sign, sign) for sign in text)
