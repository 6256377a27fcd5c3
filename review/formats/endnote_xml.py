"""EndNote XML, parsed without entities or network, its records counted."""

from __future__ import annotations

import re
from typing import Any

from review.formats.entry import (
    FormatError,
    entry,
    listed,
    people,
    pmcid,
    titled,
    year,
)
from review.ground.identifiers import doi, pmid
from review.ground.printable import spaced
from review.ground.raised import text_of
from review.model.parsed import ParsedRecord


def read(text: str, name: str) -> list[ParsedRecord]:
    """The records of an EndNote XML file.

    :raises FormatError: for damaged XML, entities, or a record that is lost
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True
    )
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    lead = text.count("\n", 0, len(text) - len(body))
    try:
        root = etree.fromstring(body.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        sentence = f"damaged XML: {spaced(error.msg) or ''}"[:140]
        raise FormatError((error.lineno or 0) + lead, sentence) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise FormatError(1, "found a DOCTYPE, expected plain EndNote XML")
    records = root.findall("records/record")
    if root.tag != "xml" or not records:
        raise FormatError(1, f"found the root {root.tag}, expected EndNote's <xml><records>")
    starts = sum(1 for _ in root.iter("record"))
    if len(records) != starts:
        raise FormatError(0, f"{starts} records start, {len(records)} could be read")
    return [titled(_record(one, name), int(str(one.sourceline or 0)) + lead) for one in records]


def _text(element: Any, *paths: str) -> str | None:
    for path in paths:
        found = element.find(path)
        if found is not None and (text := spaced(text_of(found))):
            return text
    return None


def _all(element: Any, path: str) -> list[str]:
    texts = (spaced(text_of(found)) for found in element.findall(path))
    return [text for text in texts if text]


def _record(one: Any, name: str) -> ParsedRecord:
    database = (_text(one, "remote-database-name", "remote-database-provider") or "").casefold()
    number = _text(one, "accession-num")
    urls = _all(one, "urls//url")
    in_pubmed = "pubmed" in database or "medline" in database or "nlm" in database
    in_pubmed = in_pubmed or any("ncbi.nlm.nih.gov" in url for url in urls)
    dois = [*_all(one, "electronic-resource-num"), *urls]
    return entry(
        name,
        pmid=pmid(number) if in_pubmed else None,
        pmcid=pmcid(_text(one, "custom2")),
        doi=next((found for value in dois if (found := doi(value))), None),
        title=_text(one, "titles/title") or "",
        vernacular_title=_text(one, "titles/translated-title"),
        abstract=_text(one, "abstract"),
        authors=[
            who for value in _all(one, "contributors/authors/author") for who in people(value)
        ],
        journal=_text(one, "periodical/full-title", "titles/secondary-title"),
        year=year(_text(one, "dates/year", "dates/pub-dates/date")),
        volume=_text(one, "volume"),
        issue=_text(one, "number"),
        pages=_text(one, "pages"),
        language=listed(_text(one, "language"), commas=True),
        publication_types=[kind for v in _all(one, "work-type") for kind in listed(v)],
        keywords=[word for value in _all(one, "keywords/keyword") for word in listed(value)],
    )
