"""BibTeX, read by bibtexparser with its failed blocks told, since it hides them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from review.io.entry import (
    FormatError,
    citation_keys,
    doi,
    entry,
    folded,
    listed,
    people,
    person,
    pmcid,
    pmid,
    printed,
    titled,
    year,
)
from review.sources import ParsedAuthor, ParsedRecord

KEEPS = frozenset(
    {
        *("pmid", "pmcid", "doi", "title", "abstract", "authors", "journal", "year", "volume"),
        *("issue", "pages", "language", "keywords"),
    }
)
"""Fields that stand a way out and back."""
_START = re.compile(r"^\s*@(?!comment|string|preamble)(\w+)\s*[{(]", re.MULTILINE | re.IGNORECASE)
_KEPT = {r"\textasciicircum{}": "\ufdd0", r"\textasciitilde{}": "\ufdd1"}
"""Signs that decoding would turn into accents; held by noncharacters meanwhile."""
_BACK = str.maketrans({kept: sign for sign, kept in zip("^~", _KEPT.values(), strict=True)})
_LATEX = re.compile(r"[\\${}~]|--|``|''")


@contextmanager
def _quiet() -> Iterator[None]:
    """bibtexparser tells its failures to a log as well; they are ours to tell."""
    log = logging.getLogger("bibtexparser")
    before = log.disabled
    log.disabled = True
    loggers = [logging.getLogger(n) for n in logging.root.manager.loggerDict if "bibtexparser" in n]
    states = [one.disabled for one in loggers]
    for one in loggers:
        one.disabled = True
    try:
        yield
    finally:
        log.disabled = before
        for one, state in zip(loggers, states, strict=True):
            one.disabled = state


def read(text: str, name: str) -> list[ParsedRecord]:
    """The records of a BibTeX file.

    :raises FormatError: where an entry can't be read, or one is lost
    """
    import bibtexparser

    starts = len(_START.findall(text))
    if not starts:
        raise FormatError(1, "found no @entry{, expected BibTeX")
    for written, kept in _KEPT.items():
        text = text.replace(written, kept)
    with _quiet():
        library = bibtexparser.parse_string(text)  # type: ignore[attr-defined]
    if library.failed_blocks:
        failed = library.failed_blocks[0]
        why = folded(str(getattr(failed, "error", ""))) or "not readable"
        raise FormatError((failed.start_line or 0) + 1, f"an entry can't be read: {why[:120]}")
    if len(library.entries) < starts:
        raise FormatError(0, f"{starts} entries start, {len(library.entries)} could be read")
    found = []
    for one in library.entries:
        line = (one.start_line or 0) + 1
        raw = {field.key.lower(): str(field.value) for field in one.fields}
        for key, value in raw.items():
            if re.search(r'"\s*#|#\s*"', value):
                raise FormatError(line, f"{key} is put together with #, expected it written out")
        found.append(titled(_record(raw, name), line))
    return found


def _decoded(text: str) -> str:
    """Text without LaTeX; most values have none, and decoding is slow."""
    if _LATEX.search(text):
        from bibtexparser.library import Library
        from bibtexparser.middlewares import LatexDecodingMiddleware
        from bibtexparser.model import Entry, Field

        one = Entry("article", "x", [Field("value", text)])
        changed = LatexDecodingMiddleware().transform(Library([one]))
        text = str(changed.entries[0].fields[0].value)
    return text.translate(_BACK)


def _authors(text: str) -> list[ParsedAuthor]:
    """Names apart by "and" outside braces; a name in braces is one, "others" is nobody."""
    depth, start, pieces = 0, 0, []
    for match in re.finditer(r"[{}]|\s+and(?=\s)", text, re.IGNORECASE):
        if match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth -= 1
        elif depth == 0:
            pieces.append(text[start : match.start()])
            start = match.end()
    pieces.append(text[start:])
    found: list[ParsedAuthor] = []
    for piece in (one.strip() for one in pieces):
        whole = piece.startswith("{") and piece.endswith("}")
        plain = folded(_decoded(piece))
        if not plain or plain.casefold() == "others":
            continue
        if whole:
            found.append({"literal": plain})
        elif re.search("[;；，]", plain):
            found += people(plain)
        else:
            found.append(person(plain, suffix_last=False))
    return found


def _record(raw: dict[str, str], name: str) -> ParsedRecord:
    def value(*keys: str) -> str | None:
        return next((f for key in keys if key in raw and (f := folded(_decoded(raw[key])))), None)

    pages = value("pages")
    return entry(
        name,
        pmid=pmid(value("pmid")),
        pmcid=pmcid(value("pmcid")),
        doi=doi(value("doi")) or doi(value("url")),
        title=value("title") or "",
        abstract=value("abstract"),
        authors=_authors(raw.get("author", "")),
        journal=value("journal", "journaltitle", "booktitle"),
        year=year(value("year", "date")),
        volume=value("volume"),
        issue=value("number", "issue"),
        pages=re.sub(r"[-–]+", "-", pages) if pages else None,
        language=listed(value("language", "langid"), commas=True),
        keywords=listed(value("keywords"), commas=True),
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
        plain = {name: _plain(folded(str(kept)) or "") for name, kept in values.items() if kept}
        if one["authors"]:
            plain["author"] = " and ".join(_author(author) for author in one["authors"])
        fields = [Field(name, "{" + kept + "}") for name, kept in plain.items()]
        library.add(Entry("article", key, fields))
    return str(write_string(library, unparse_stack=[]))


def _author(author: ParsedAuthor) -> str:
    """A name as BibTeX takes it; one in one piece stands in braces."""
    text = _plain(folded(printed(author, suffix_last=False)) or "")
    return text if "family" in author and author.keys() != {"family"} else "{" + text + "}"


def _plain(text: str) -> str:
    """Text without what BibTeX and LaTeX would read as their own."""
    signs = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}"}
    signs |= {"^": r"\textasciicircum{}"} | {sign: "\\" + sign for sign in "%&#$_"}
    return "".join(signs.get(sign, sign) for sign in text)
