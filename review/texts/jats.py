"""JATS full text: sections by their role, tables as rectangular grids, captions, licence.

Hostile input is expected: no entities are resolved, nothing is fetched, spans and depths capped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from review.ground.errors import SourceError
from review.ground.raised import shifted, way_of

MAX_BYTES = 60_000_000
MAX_SPAN, MAX_CELLS = 60, 60_000
ROLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern, re.IGNORECASE))
    for role, pattern in (
        (
            "methods",
            r"method|material|patients and|subjects and|study design|participants|procedures",
        ),
        ("results", r"result|findings|outcomes?$"),
        ("discussion", r"discussion|comment$"),
        ("conclusion", r"conclusion|summary"),
        ("introduction", r"introduction|background|objective|aims?$"),
        ("funding", r"funding|financial|acknowledg"),
        ("interests", r"conflict|competing|interest|disclosure"),
    )
)
"""Roles of sections by their headings; what matches none is ``other``."""


@dataclass(frozen=True)
class Section:
    """A part of the text under one heading, without its subsections' headings."""

    role: str
    title: str
    text: str


@dataclass(frozen=True)
class Table:
    """A table: each row has as many cells as the widest, spans repeated.

    :ivar header: number of rows that are headings
    """

    label: str
    caption: str
    rows: tuple[tuple[str, ...], ...]
    header: int
    foot: str = ""

    @property
    def text(self) -> str:
        """The table as held text: caption, rows with tabs between cells, foot."""
        return "\n".join(
            [f"{self.label} {self.caption}", *("\t".join(row) for row in self.rows), self.foot]
        )


@dataclass(frozen=True)
class FullText:
    """An article as far as extraction needs it."""

    title: str
    abstract: str
    article_type: str | None
    licence: str | None
    licence_url: str | None
    identifiers: dict[str, str]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    figures: tuple[tuple[str, str], ...] = ()
    graphics_only: int = 0
    """tables that are pictures: a person has to read them"""
    notes: tuple[str, ...] = field(default=())


_BLOCKS = frozenset(
    (
        *("table-wrap", "table-wrap-group", "fig", "fig-group", "fn", "disp-formula", "boxed-text"),
        *("supplementary-material", "media", "graphic", "inline-graphic"),
    )
)
"""What stands inside a paragraph and is none of its words."""


_NO_WORDS = frozenset(("xref", "tex-math", "object-id", "annotation"))
"""References, formulas' code, numbers of objects."""
_POINTERS = frozenset(("table", "fig", "sec", "supplementary-material"))
"""What a reference may point to and be a part of its sentence: "see table 2"."""
_APART = frozenset(("p", "title", "label", "td", "th", "break", "list-item", "disp-quote"))
"""Elements whose words do not run into those after them."""


def _words(element: etree._Element | None) -> str:
    """All words of an element with spaces made single; references and formulas' code left out."""
    if element is None:
        return ""
    parts: list[str] = []
    _gather(element, parts, outermost=True)
    return re.sub(r"[ \t\n\r]+", " ", "".join(parts)).strip()


def _gather(node: etree._Element, parts: list[str], *, outermost: bool = False) -> None:
    """Add an element's words to those before it."""
    if not isinstance(node.tag, str):
        return
    name = etree.QName(node).localname
    if name in _BLOCKS and not outermost:
        return
    if not outermost and (way := way_of(node)):
        if node.find(".//{*}xref") is None:
            parts.append(shifted(way, _all_text(node), "".join(parts[-3:])))
        return
    if name in _NO_WORDS:
        if name == "xref" and node.get("ref-type") in _POINTERS:
            parts.append(_all_text(node))
        return
    if node.text:
        parts.append(node.text)
    for child in node:
        _gather(child, parts)
        if child.tail:
            parts.append(child.tail)
    if name in _APART:
        parts.append(" ")


def _all_text(node: etree._Element) -> str:
    return "".join(str(one) for one in node.itertext())


def _named(parent: etree._Element, *path: str) -> list[etree._Element]:
    """Descendants by local name, whatever the namespace."""
    expression = ".//" + "//".join(f"*[local-name()='{one}']" for one in path)
    found = parent.xpath(expression)
    return (
        [one for one in found if isinstance(one, etree._Element)] if isinstance(found, list) else []
    )


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    return [
        one for one in parent if isinstance(one.tag, str) and etree.QName(one).localname == name
    ]


def role_of(title: str, kind: str | None = None) -> str:
    """What a section is, by its ``sec-type`` or its heading."""
    for words in (kind or "", title):
        for role, pattern in ROLES:
            if words and pattern.search(words):
                return role
    return "other"


def _sections(
    body: etree._Element, role: str = "other", title: str = "", depth: int = 0
) -> list[Section]:
    """Sections in the order of the text; a subsection has its own role or its parent's."""
    own = [
        _words(one)
        for one in body
        if isinstance(one.tag, str)
        and etree.QName(one).localname in ("p", "list", "disp-quote", "boxed-text")
    ]
    found = [Section(role, title, "\n".join(filter(None, own)))] if any(own) else []
    if depth > 12:
        return found
    for one in _children(body, "sec"):
        heading = _words(next(iter(_children(one, "title")), None))
        kind = role_of(heading, one.get("sec-type"))
        name = heading or title
        found += _sections(one, kind if kind != "other" else role, name, depth + 1)
    return found


def _span(cell: etree._Element, name: str) -> int:
    printed = (cell.get(name) or "1").strip()
    return min(MAX_SPAN, max(1, int(printed))) if printed.isascii() and printed.isdigit() else 1


def grid(rows: list[etree._Element]) -> tuple[tuple[str, ...], ...]:
    """Rows of cells with row and column spans repeated, padded to a rectangle."""
    filled: list[dict[int, str]] = [{} for _ in rows]
    cells = 0
    for number, row in enumerate(rows):
        at = 0
        for cell in row:
            if not isinstance(cell.tag, str) or etree.QName(cell).localname not in ("td", "th"):
                continue
            while at in filled[number]:
                at += 1
            words = _words(cell)
            wide, tall = _span(cell, "colspan"), _span(cell, "rowspan")
            for down in range(number, min(len(rows), number + tall)):
                for across in range(at, at + wide):
                    filled[down].setdefault(across, words)
                    cells += 1
            if cells > MAX_CELLS:
                raise SourceError(f"a table of over {MAX_CELLS:,} cells; not read")
            at += wide
    width = max((max(row) + 1 for row in filled if row), default=0)
    return tuple(tuple(row.get(n, "") for n in range(width)) for row in filled)


def _tables(wrap: etree._Element) -> list[Table]:
    """The tables under one label; none where it is a picture."""
    found = [one for one in _named(wrap, "table") if not _inside(one, "table")]
    made = [_table(wrap, one, n) for n, one in enumerate(found, 1)]
    return [one for one in made if one.rows]


def _inside(element: etree._Element, *names: str) -> bool:
    return any(
        isinstance(one.tag, str) and etree.QName(one).localname in names
        for one in element.iterancestors()
    )


def _table(wrap: etree._Element, table: etree._Element, part: int) -> Table:
    rows = [one for one in _named(table, "tr") if next(one.iterancestors("{*}table")) is table]
    inside = {id(row) for head in _named(table, "thead") for row in _named(head, "tr")}
    header = sum(id(row) in inside for row in rows)
    if not header and rows:
        header = (
            1
            if all(etree.QName(c).localname == "th" for c in rows[0] if isinstance(c.tag, str))
            else 0
        )
    cells = grid(rows)
    label = _words(next(iter(_children(wrap, "label")), None)).rstrip(".")
    caption = _words(next(iter(_children(wrap, "caption")), None))
    foot = " ".join(_words(one) for one in _named(wrap, "table-wrap-foot"))
    label = (label or "Table") + (f" part {part}" if part > 1 else "")
    return Table(label, caption, cells, header or min(1, len(cells)), foot)


_DAMAGE = ("ERR_TAG_NOT_FINISHED", "ERR_TAG_NAME_MISMATCH", "ERR_DOCUMENT_END", "ERR_GT_REQUIRED")


def parse(data: bytes) -> FullText:
    """A JATS article.

    :raises SourceError: where it is no JATS XML, or too large
    """
    root = _article(data)
    front = next(iter(_children(root, "front")), root)
    abstracts = [
        one
        for one in _named(front, "abstract")
        if one.get("abstract-type") in (None, "", "section", "structured")
    ]
    licences = _named(front, "license")
    licence_url = _licence_url(licences[0]) if licences else None
    tables, pictures = _all_tables(root)
    return FullText(
        _words(next(iter(_named(front, "title-group", "article-title")), None)),
        "\n".join(_abstract(one) for one in abstracts[:1]),
        root.get("article-type"),
        licence_name(licence_url, _words(licences[0]) if licences else ""),
        licence_url,
        _identifiers(front),
        (*_body_sections(root), *_back_sections(root)),
        tables,
        _figures(root),
        pictures,
    )


def _article(data: bytes) -> etree._Element:
    """The ``article`` element of a document, proven whole."""
    if len(data) > MAX_BYTES:
        raise SourceError(f"a full text of {len(data):,} bytes, expected at most {MAX_BYTES:,}")
    parser = etree.XMLParser(
        load_dtd=False, no_network=True, resolve_entities=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"not readable as XML: {str(error)[:80]}") from None
    cut = [one for one in parser.error_log if one.type_name in _DAMAGE]
    if cut:
        raise SourceError(f"line {cut[0].line}: damaged or cut short: {cut[0].message[:80]}")
    if root is not None and etree.QName(root).localname != "article":
        inner = _named(root, "article")
        root = inner[0] if inner else root
    if root is None or etree.QName(root).localname != "article":
        raise SourceError("not a JATS article: no <article> in it")
    if not (_children(root, "front") or _children(root, "body")):
        raise SourceError("not a JATS article: neither <front> nor <body> in it")
    return root


def _identifiers(front: etree._Element) -> dict[str, str]:
    """An article's identifiers by their kind; PubMed Central's two names are one, ``pmcid``."""
    return {
        (one.get("pub-id-type") or "").replace("pmc", "pmcid").replace("pmcidid", "pmcid"): _words(
            one
        )
        for one in _named(front, "article-id")
    }


def _licence_url(licence: etree._Element) -> str | None:
    """Where a licence stands: its own address, one it prints, or a link to Creative Commons."""
    own = next(iter(_links(licence)), None)
    printed = [_words(one) for one in _named(licence, "license_ref")]
    linked = [url for one in _named(licence, "ext-link") for url in _links(one)]
    return own or next(iter([*printed, *(url for url in linked if "creativecommons" in url)]), None)


def _links(element: etree._Element) -> list[str]:
    return [str(url) for name, url in element.attrib.items() if str(name).endswith("href")]


def _all_tables(root: etree._Element) -> tuple[tuple[Table, ...], int]:
    """The article's own tables, and how many are pictures."""
    tables: list[Table] = []
    pictures = 0
    for wrap in _named(root, "table-wrap"):
        if not _inside(wrap, "sub-article", "response"):
            printed = _tables(wrap)
            tables += printed
            pictures += not printed
    return tuple(tables), pictures


def _figures(root: etree._Element) -> tuple[tuple[str, str], ...]:
    """Labels and captions of the article's own figures."""
    return tuple(
        (
            _words(next(iter(_children(one, "label")), None)),
            _words(next(iter(_children(one, "caption")), None)),
        )
        for one in _named(root, "fig")
        if not _inside(one, "sub-article", "response")
    )


def _body_sections(root: etree._Element) -> list[Section]:
    body = next(iter(_children(root, "body")), None)
    return _sections(body) if body is not None else []


def _back_sections(root: etree._Element) -> list[Section]:
    """Acknowledgements, footnotes and notes behind the text: funding, interests."""
    return [
        Section(
            "funding" if etree.QName(one).localname == "ack" else role_of(_words(one)[:60]),
            _words(next(iter(_children(one, "title")), None)),
            _words(one),
        )
        for back in _children(root, "back")[:1]
        for one in back
        if isinstance(one.tag, str) and etree.QName(one).localname in ("ack", "fn-group", "notes")
    ]


def _abstract(one: etree._Element) -> str:
    parts = []
    for sec in _children(one, "sec"):
        heading = _words(next(iter(_children(sec, "title")), None)).rstrip(":")
        text = " ".join(_words(p) for p in _children(sec, "p"))
        parts.append(f"{heading}: {text}" if heading else text)
    parts += [_words(p) for p in _children(one, "p")]
    return "\n".join(filter(None, parts))


_CC = re.compile(
    r"creativecommons\.org/(?:licenses/(by(?:-nc)?(?:-nd|-sa)?)/(\d\.\d)|publicdomain/(zero)/)",
    re.I,
)


def licence_name(url: str | None, words: str) -> str | None:
    """A licence as "CC BY 4.0"; the words' beginning where it is no Creative Commons licence."""
    for text in (url or "", words):
        if match := _CC.search(text):
            if match.group(3):
                return "CC 0"
            return f"CC {match.group(1).upper()} {match.group(2)}"
    if re.search(r"creative commons attribution licen[cs]e", words, re.IGNORECASE):
        return "CC BY"
    return words[:80] or None
