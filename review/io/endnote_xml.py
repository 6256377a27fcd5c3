"""EndNote XML, parsed without entities or network, its records counted."""

from __future__ import annotations

import re
from typing import Any

from review.io.entry import FormatError, doi, entry, folded, person, pmcid, pmid, year
from review.sources import ParsedRecord


def read(text: str, name: str) -> list[ParsedRecord]:
    """The records of an EndNote XML file.

    :raises FormatError: for damaged XML, entities, or a record that is lost
    """
    from lxml import etree

    if re.search(r"<!(?:DOCTYPE|ENTITY)", text[:4096], re.IGNORECASE):
        raise FormatError(1, "found a DOCTYPE or ENTITY, expected plain EndNote XML")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    try:
        root = etree.fromstring(body.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise FormatError(error.lineno or 0, f"damaged XML: {str(error.msg)[:120]}") from None
    records = root.findall("records/record")
    starts = len(re.findall(r"<record[\s>]", body))
    if root.tag != "xml" or not starts:
        raise FormatError(1, f"found the root {root.tag}, expected EndNote's <xml><records>")
    if len(records) != starts:
        raise FormatError(0, f"{starts} records start, {len(records)} could be read")
    return [_entry(one, name) for one in records]


def _text(element: Any, path: str) -> str | None:
    found = element.find(path)
    return folded("".join(found.itertext())) if found is not None else None


def _entry(one: Any, name: str) -> ParsedRecord:
    database = (_text(one, "remote-database-name") or "").casefold()
    number = _text(one, "accession-num")
    urls = " ".join("".join(u.itertext()) for u in one.findall("urls/related-urls/url"))
    in_pubmed = "pubmed" in database or "medline" in database or "ncbi.nlm.nih.gov" in urls
    pages = _text(one, "pages")
    return entry(
        name,
        pmid=pmid(number) if in_pubmed else None,
        pmcid=pmcid(_text(one, "custom2")),
        doi=doi(_text(one, "electronic-resource-num")),
        title=_text(one, "titles/title") or "",
        vernacular_title=_text(one, "titles/translated-title"),
        abstract=_text(one, "abstract"),
        authors=[
            person(author)
            for a in one.findall("contributors/authors/author")
            if (author := folded("".join(a.itertext())))
        ],
        journal=_text(one, "periodical/full-title") or _text(one, "titles/secondary-title"),
        year=year(_text(one, "dates/year")),
        volume=_text(one, "volume"),
        issue=_text(one, "number"),
        pages=pages,
        language=[v for v in re.split(r"[;,]\s*", _text(one, "language") or "") if v],
        keywords=[
            word for k in one.findall("keywords/keyword") if (word := folded("".join(k.itertext())))
        ],
    )
