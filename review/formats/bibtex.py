"""BibTeX, read by bibtexparser with its failed blocks told, since it hides them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from review.formats.entry import (
    FormatError,
    citation_keys,
    entry,
    listed,
    own_id,
    people,
    person,
    pmcid,
    printed,
    relisted,
    titled,
    year,
)
from review.ground.identifiers import doi, pmid
from review.ground.printable import spaced
from review.ground.raised import shifted
from review.model.parsed import ParsedAuthor, ParsedRecord

KEEPS = frozenset(
    {
        *("pmid", "pmcid", "doi", "title", "abstract", "authors", "journal", "year", "volume"),
        *("issue", "pages", "language", "keywords"),
    }
)
"""Fields that stand a way out and back."""
_START = re.compile(
    r"^[ \t]*@[ \t]*(?!comment|string|preamble)(\w+)[ \t\n]*[{(]", re.MULTILINE | re.IGNORECASE
)
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
    """The records of a BibTeX file; what is put together with # is, and a crossref is followed.

    :raises FormatError: where an entry can't be read, or one is lost
    """
    starts = len(_START.findall(text))
    if not starts:
        raise FormatError(1, "found no @entry{, expected BibTeX")
    library = _library(text)
    if len(library.entries) != starts:
        raise FormatError(0, f"{starts} entries start, {len(library.entries)} could be read")
    rows = _rows(library)
    if len(rows) != starts:
        raise FormatError(0, f"{starts} entries start, {len(rows)} keys differ")
    return [
        titled(_record(_with_parent(fields, line, rows), key, name), line)
        for key, (line, fields) in rows.items()
    ]


def _library(text: str) -> Any:
    """The file as bibtexparser reads it, with what it skips refused."""
    import bibtexparser

    for written, kept in _KEPT.items():
        text = text.replace(written, kept)
    with _quiet():
        library = bibtexparser.parse_string(text, parse_stack=[])  # type: ignore[attr-defined]
    if library.failed_blocks:
        failed = library.failed_blocks[0]
        why = spaced(str(getattr(failed, "error", ""))) or "not readable"
        raise FormatError((failed.start_line or 0) + 1, f"an entry can't be read: {why[:120]}")
    for block in library.comments:
        loose = str(getattr(block, "comment", "")) if _implicit(block) else ""
        for at, words in enumerate(loose.split("\n")):
            if re.search("[{@]", words) and not words.lstrip().startswith("%"):
                found = spaced(words) or ""
                raise FormatError(
                    (block.start_line or 0) + 1 + at,
                    f"found {found[:40]!r} in no entry, expected @",
                )
    return library


def _rows(library: Any) -> dict[str, tuple[int, dict[str, str]]]:
    """The line and the fields of each entry by its key, the file's strings put in."""
    strings: dict[str, str] = {}
    for string in library.strings:
        line = (string.start_line or 0) + 1
        strings[string.key.lower()] = _value(str(string.value), strings, line)
    rows: dict[str, tuple[int, dict[str, str]]] = {}
    for one in library.entries:
        line = (one.start_line or 0) + 1
        rows[one.key] = (
            line,
            {f.key.lower(): _value(str(f.value), strings, line) for f in one.fields},
        )
    return rows


def _with_parent(
    fields: dict[str, str], line: int, rows: Mapping[str, tuple[int, dict[str, str]]]
) -> dict[str, str]:
    """An entry's fields, with those of the entry it refers to where it has none."""
    parent = fields.get("crossref")
    if parent is None:
        return fields
    if parent not in rows:
        raise FormatError(line, f"crossref: found {parent[:40]}, expected its entry here")
    above = rows[parent][1]
    return {("booktitle" if k == "title" else k): v for k, v in above.items()} | fields


def _implicit(block: Any) -> bool:
    from bibtexparser.model import ImplicitComment

    return isinstance(block, ImplicitComment)


_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def _value(raw: str, strings: Mapping[str, str], line: int) -> str:
    """A value as BibTeX means it: pieces in braces, quotes or by name, put together with #."""
    pieces, at = [], 0
    while at < len(raw):
        sign = raw[at]
        if sign.isspace() or sign == "#":
            at += 1
            continue
        if sign in '{"':
            depth, end = 0, at
            while end < len(raw):
                depth += {"{": 1, "}": -1}.get(raw[end], 0) if raw[end - 1 : end] != "\\" else 0
                if (sign == "{" and depth == 0) or (
                    sign == '"' and end > at and depth == 0 and raw[end] == '"'
                ):
                    break
                end += 1
            pieces.append(raw[at + 1 : end])
            at = end + 1
            continue
        word = re.compile(r"[^\s#]+").match(raw, at)
        assert word is not None
        bare, at = word.group(), word.end()
        known = strings.get(bare.lower())
        if (
            known is None
            and not bare.isdigit()
            and bare.lower() not in _MONTHS
            and ("#" in raw or (not pieces and at < len(raw)))
        ):
            raise FormatError(line, f"found the name {bare[:40]}, expected a @string of the file")
        pieces.append(bare if known is None else known)
    return "".join(pieces)


_TEXT_SCRIPT = re.compile(r"\\text(?P<way>super|sub)script\s*\{(?P<words>[^{}\\]*)\}")
_MATH = re.compile(r"(?<!\\)\$((?:[^$\\]|\\.){1,300})\$")
_MATH_SCRIPT = re.compile(r"(?P<way>[\^_])(?:\{(?P<words>[^{}\\]*[0-9][^{}\\]*)\}|(?P<one>[0-9]))")


def _left(match: re.Match[str]) -> str:
    """What stands closely before a match."""
    return match.string[max(0, match.start() - 60) : match.start()]


def _script(match: re.Match[str], before: str = "") -> str:
    way = "sup" if match["way"] in ("super", "^") else "sub"
    words = match["words"] if match["words"] is not None else match["one"]
    return shifted(way, words, (before + _left(match)).rstrip("{$"))


def _formula(match: re.Match[str]) -> str:
    """A formula, out of its signs where nothing of LaTeX but raised figures was in it."""
    before = _left(match)
    words = _MATH_SCRIPT.sub(lambda one: _script(one, before), match.group(1))
    return match.group() if words == match.group(1) or re.search(r"[\^_]", words) else words


def _decoded(text: str) -> str:
    """Text without LaTeX; most values have none, and decoding is slow."""
    if _LATEX.search(text):
        text = _MATH.sub(_formula, _TEXT_SCRIPT.sub(_script, text))
        from bibtexparser.library import Library
        from bibtexparser.middlewares import LatexDecodingMiddleware
        from bibtexparser.model import Entry, Field

        one = Entry("article", "x", [Field("value", text)])
        changed = LatexDecodingMiddleware().transform(Library([one]))
        text = str(changed.entries[0].fields[0].value)
    return text.translate(_BACK)


def _whole(piece: str) -> bool:
    """Whether one pair of braces holds all of a name."""
    depth = 0
    for at, sign in enumerate(piece):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth == 0:
            return at == len(piece) - 1 and sign == "}"
    return False


def _authors(text: str) -> list[ParsedAuthor]:
    """Names apart by "and" outside braces; a name in braces is one, "others" is nobody."""
    text = " ".join(text.split())
    depth, start, pieces = 0, 0, []
    for match in re.finditer(r"[{}]| and(?= )", text, re.IGNORECASE):
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
        plain = spaced(_decoded(piece))
        if not plain:
            continue
        if _whole(piece):
            found.append({"literal": plain})
        elif plain.casefold() == "others":
            continue
        elif re.search("[;；，]", plain):
            found += people(plain)
        elif "," in plain or " " not in plain or not plain.isascii():
            found.append(person(plain, suffix_last=False))
        else:  # First von Last
            words = plain.split()
            von = next(
                (n for n, word in enumerate(words[1:-1], 1) if word.islower()), len(words) - 1
            )
            found.append({"family": " ".join(words[von:]), "given": " ".join(words[:von])})
    return found


def _record(raw: dict[str, str], key: str, name: str) -> ParsedRecord:
    def value(*keys: str) -> str | None:
        return next((f for key in keys if key in raw and (f := spaced(_decoded(raw[key])))), None)

    pages, keywords = value("pages"), listed(value("keywords"), commas=True)
    return entry(
        name,
        record=own_id(key),
        pmid=pmid(value("pmid")) or _noted(value("note", "annote")),
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
        publication_types=_types(value("type", "document_type"), value("note"), keywords),
        keywords=keywords,
    )


_MARKED = re.compile(
    r"(?:partially )?(?:retracted|withdrawn)(?: (?:article|paper|publication))?"
    r"|article withdrawn|temporary removal|已?撤稿|已撤回",
    re.IGNORECASE,
)
"""How databases mark a report in a field of its own, or at the head of a note."""


def _types(stated: str | None, note: str | None, keywords: Sequence[str]) -> list[str]:
    """Publication types, and the marks that databases put into notes and keywords instead."""
    head = re.split(r"[.:;,，。：；(（]|\s[-–—]", note or "", maxsplit=1)[0].strip()
    marks = [one for one in (head, *keywords) if _MARKED.fullmatch(one)]
    return list(dict.fromkeys([*listed(stated), *marks]))


def _noted(note: str | None) -> str | None:
    found = re.search(r"\bPMID: *([0-9]+)", note or "")
    return pmid(found.group(1)) if found else None


def write(records: Sequence[ParsedRecord]) -> str:
    """BibTeX of records; keys are identifiers or running numbers, values keep their Unicode."""
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    library = Library()
    for key, one in zip(citation_keys(records), records, strict=True):
        values: dict[str, Any] = {
            "title": one["title"] or one["vernacular_title"],
            "journal": one["journal"],
            "year": one["year"],
            "volume": one["volume"],
            "number": one["issue"],
            "pages": one["pages"],
            "doi": one["doi"],
            "pmid": one["pmid"],
            "pmcid": one["pmcid"],
            "language": relisted(one["language"]),
            "keywords": relisted(one["keywords"]),
            "abstract": one["abstract"],
        }
        plain = {name: _plain(spaced(str(kept)) or "") for name, kept in values.items() if kept}
        if one["authors"]:
            plain["author"] = " and ".join(_author(author) for author in one["authors"])
        fields = [Field(name, "{" + kept + "}") for name, kept in plain.items()]
        library.add(Entry("article", key, fields))
    return str(write_string(library, unparse_stack=[]))


def _author(author: ParsedAuthor) -> str:
    """A name as BibTeX takes it; one in one piece stands in braces."""
    text = _plain(spaced(printed(author, suffix_last=False)) or "")
    return text if "family" in author else "{" + text + "}"


def _plain(text: str) -> str:
    """Text without what BibTeX and LaTeX would read as their own."""
    signs = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}"}
    signs |= {"^": r"\textasciicircum{}"} | {sign: "\\" + sign for sign in "%&#$_"}
    return "".join(signs.get(sign, sign) for sign in text)
