"""An article of PubMed XML as a record.

The traps it knows were counted in real files: identifiers inside reference lists, markup inside
titles and abstracts, dates without a year, groups as authors, book chapters among articles,
several versions of one PMID, retractions told only by a link or only by a type.
"""

from __future__ import annotations

import re
from typing import Any

from review.ground.identifiers import DOI
from review.ground.raised import text_of
from review.model.parsed import ParsedAuthor, ParsedNotice, ParsedRecord

NOTICE_TYPES = {
    "RetractionIn": "retraction_in",
    "RetractionOf": "retraction_of",
    "PartialRetractionIn": "partial_retraction_in",
    "PartialRetractionOf": "partial_retraction_of",
    "ExpressionOfConcernIn": "concern_in",
    "ExpressionOfConcernFor": "concern_for",
    "ErratumIn": "erratum_in",
    "ErratumFor": "erratum_for",
    "UpdateIn": "update_in",
    "UpdateOf": "update_of",
    "CorrectedandRepublishedIn": "corrected_republished_in",
    "CorrectedandRepublishedFrom": "corrected_republished_from",
    "RetractedandRepublishedIn": "retracted_republished_in",
    "RetractedandRepublishedFrom": "retracted_republished_from",
    "RepublishedIn": "republished_in",
    "RepublishedFrom": "republished_from",
    "CommentIn": "comment_in",
    "CommentOn": "comment_on",
}
"""NLM's RefType of CommentsCorrections, and our name for it; the rest are no notices."""

RETRACTED_PUBLICATION = "D016441"
"""MeSH identifier of the publication type "Retracted Publication"; matched by number, not name."""

REGISTRIES = frozenset(
    """ClinicalTrials.gov;ISRCTN;EudraCT;CTIS;ANZCTR;ChiCTR;CRiS;KCT;CTRI;DRKS;IRCT;JapicCTI;JMACCT;
    JPRN;jRCT;NTR;LTR;PACTR;ReBec;REPEC;RPCEC;SLCTR;TCTR;UMIN CTR;UMIN-CTR;PROSPERO""".replace(
        "\n    ", ""
    ).split(";")
)
"""Data banks that are trial or review registries; others (GENBANK, …) are not registrations."""

_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_PMID = re.compile(r"[1-9][0-9]{0,8}")
_PMCID = re.compile(r"(PMC[1-9][0-9]{0,9})(?:\.[0-9]+)?")  # real records print a version too
_YEAR = re.compile(r"(?:1[5-9]|20|21)[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}


class XmlError(ValueError):
    """The XML is damaged, hostile or not PubMed's; the text is one line."""


def _folded(raw: str) -> str:
    """Text with runs of line breaks, tabs and spaces folded to one space."""
    if "\n" in raw or "  " in raw or "\t" in raw or "\r" in raw:
        raw = _SPACE.sub(" ", raw)
    return raw.strip()


def _inner(element: Any) -> str:
    """All text inside an element: its own, its children's and theirs, not its tail."""
    if element is None:
        return ""
    raw = element.text or "" if len(element) == 0 else "".join(element.itertext())
    return _folded(raw)


def _printed(element: Any) -> str:
    """The words of a title or abstract, as :func:`_inner`, with raised and lowered figures so."""
    return _inner(element) if element is None or len(element) == 0 else _folded(text_of(element))


def _children(element: Any) -> dict[str, list[Any]]:
    """An element's children by tag. One pass is several times faster than a search for each."""
    children: dict[str, list[Any]] = {}
    if element is not None:
        for child in element:
            children.setdefault(child.tag, []).append(child)
    return children


def _first(children: dict[str, list[Any]], tag: str) -> Any:
    found = children.get(tag)
    return found[0] if found else None


def _within(children: dict[str, list[Any]], outer: str, inner: str) -> list[Any]:
    """The ``inner`` children of all ``outer`` children."""
    return [item for group in children.get(outer, ()) for item in group if item.tag == inner]


def _abstract(element: Any) -> tuple[str | None, str | None]:
    """Abstract text with its section labels, and the licence it prints."""
    if element is None:
        return None, None
    children = _children(element)
    parts = []
    for part in children.get("AbstractText", ()):
        text = _printed(part)
        label = part.get("Label")
        if text:
            parts.append(f"{label}: {text}" if label and label.upper() != "UNLABELLED" else text)
    return "\n".join(parts) or None, licence_in(_inner(_first(children, "CopyrightInformation")))


_LICENCE = re.compile(
    r"CC[ -](BY(?:[ -](?:NC|ND|SA))*|0)(?:[ -]([1-4]\.0))?\b|\bpublic domain\b", re.IGNORECASE
)
_CREATIVE = re.compile(
    r"Creative Commons Attribution"
    r"(?P<parts>(?:[ -](?:Non-?Commercial|No-?Derivatives?|Share-?Alike))*)"
    r"(?: (?P<version>[1-4]\.0))?(?: International)? Licen[cs]e",
    re.IGNORECASE,
)


def licence_in(notice: str) -> str | None:
    """The open licence a copyright notice names, if it names one."""
    if match := _LICENCE.search(notice):
        if not match.group(1):
            return "public domain"
        parts = match.group(1).upper().replace(" ", "-")
        return f"CC {parts} {match.group(2) or ''}".strip()
    if match := _CREATIVE.search(notice):
        found = match.group("parts").lower()
        short = "".join(
            code
            for word, code in (("commercial", "-NC"), ("deriv", "-ND"), ("alike", "-SA"))
            if word in found
        )
        return f"CC BY{short} {match.group('version') or ''}".strip()
    return None


def _authors(element: Any) -> list[ParsedAuthor]:
    if element is None:
        return []
    authors: list[ParsedAuthor] = []
    for author in element:
        if author.tag != "Author" or author.get("ValidYN") == "N":
            continue
        parsed: ParsedAuthor = {}
        initials = ""
        for child in author:
            tag = child.tag
            if tag == "LastName":
                parsed["family"] = _inner(child)
            elif tag == "ForeName":
                parsed["given"] = _inner(child)
            elif tag == "Initials":
                initials = _inner(child)
            elif tag == "Suffix":
                parsed["suffix"] = _inner(child)
            elif tag == "CollectiveName":
                parsed["literal"] = _inner(child)
        if "given" not in parsed and initials and "literal" not in parsed:
            parsed["given"] = initials
        parsed = {key: value for key, value in parsed.items() if value}  # type: ignore[assignment]
        if parsed:
            authors.append(parsed)
    return authors


def _year(element: Any) -> int | None:
    if element is None:
        return None
    children = _children(element)
    stated = _inner(_first(children, "Year")) or _inner(_first(children, "MedlineDate"))
    match = _YEAR.search(stated)
    return int(match.group()) if match else None


def _day(element: Any) -> str | None:
    if element is None:
        return None
    parts = {child.tag: child.text or "" for child in element}
    month = parts.get("Month", "")
    month = _MONTHS.get(month[:3].lower(), month.zfill(2))
    shown = f"{parts.get('Year', '')}-{month}-{parts.get('Day', '').zfill(2)}"
    return shown if _DAY.fullmatch(shown) else None


def _pages(pagination: Any) -> str | None:
    if pagination is None:
        return None
    children = _children(pagination)
    if printed := _inner(_first(children, "MedlinePgn")):
        return printed
    start, end = _inner(_first(children, "StartPage")), _inner(_first(children, "EndPage"))
    return f"{start}-{end}" if start and end else start or None


def _doi(text: str) -> str | None:
    match = re.fullmatch(DOI, text.strip())
    return match.group() if match else None


def _identifiers(
    data: dict[str, list[Any]], article: dict[str, list[Any]]
) -> tuple[str | None, str | None]:
    """DOI and PMCID of the article itself: never those of its reference list."""
    doi = pmcid = None
    for item in _within(data, "ArticleIdList", "ArticleId"):
        kind = item.get("IdType")
        if kind == "doi":
            doi = doi or _doi(_inner(item))
        elif kind == "pmc" and (match := _PMCID.fullmatch(_inner(item))):
            pmcid = pmcid or match.group(1)
    for item in article.get("ELocationID", ()):
        if item.get("EIdType") == "doi" and item.get("ValidYN") != "N":
            doi = doi or _doi(_inner(item))
    return doi, pmcid


def _notices(citation: dict[str, list[Any]], types: list[tuple[str, str]]) -> list[ParsedNotice]:
    notices: list[ParsedNotice] = []
    if any(ui == RETRACTED_PUBLICATION for ui, _ in types):
        notices.append({"type": "retracted", "pmid": None, "reference": None})
    for item in _within(citation, "CommentsCorrectionsList", "CommentsCorrections"):
        kind = NOTICE_TYPES.get(item.get("RefType") or "")
        if kind:
            pmid = _inner(item.find("PMID"))
            reference = _inner(item.find("RefSource")) or None
            known = pmid if _PMID.fullmatch(pmid) else None
            notices.append({"type": kind, "pmid": known, "reference": reference})
    return notices


def _registrations(article: dict[str, list[Any]]) -> list[str]:
    return [
        _inner(item)
        for bank in _within(article, "DataBankList", "DataBank")
        if (bank.findtext("DataBankName") or "") in REGISTRIES
        for item in bank.iterfind("AccessionNumberList/AccessionNumber")
    ]


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _types(
    citation: dict[str, list[Any]], article: dict[str, list[Any]], book: bool
) -> list[tuple[str, str]]:
    """MeSH identifiers and names of the publication types."""
    elements = citation.get("PublicationType", []) if book else []
    elements = elements or _within(article, "PublicationTypeList", "PublicationType")
    return [(item.get("UI") or "", _inner(item)) for item in elements]


def _headings(citation: dict[str, list[Any]]) -> list[str]:
    return [
        _inner(name)
        for heading in _within(citation, "MeshHeadingList", "MeshHeading")
        for name in heading
        if name.tag == "DescriptorName"
    ]


def _entered(data: dict[str, list[Any]]) -> str | None:
    """The day on which a record came into PubMed."""
    days = [d for d in _within(data, "History", "PubMedPubDate") if d.get("PubStatus") == "entrez"]
    return _day(days[-1]) if days else None


def _in_journal(
    journal: dict[str, list[Any]], issue: dict[str, list[Any]], article: dict[str, list[Any]]
) -> tuple[str, int | None, Any]:
    """An article's journal, year and author list."""
    name = _inner(_first(journal, "Title")) or _inner(_first(journal, "ISOAbbreviation"))
    year = _year(_first(issue, "PubDate")) or _year(_first(article, "ArticleDate"))
    return name, year, _first(article, "AuthorList")


def _in_book(
    book: dict[str, list[Any]], chapter: dict[str, list[Any]]
) -> tuple[str, int | None, Any]:
    """A chapter's book, year and author list; the book's authors where it has none of its own."""
    name = _printed(_first(book, "BookTitle"))
    year = _year(_first(book, "PubDate")) or _year(_first(chapter, "ContributionDate"))
    lists = chapter.get("AuthorList", []) or book.get("AuthorList", [])
    return name, year, next((one for one in lists if one.get("Type") != "editors"), None)


def parse_article(element: Any) -> ParsedRecord:
    """One ``PubmedArticle`` or ``PubmedBookArticle`` element as a record.

    :raises XmlError: when it has no PMID
    """
    outer = _children(element)
    book = element.tag == "PubmedBookArticle"
    citation_element = _first(outer, "BookDocument" if book else "MedlineCitation")
    citation = _children(citation_element)
    data = _children(_first(outer, "PubmedBookData" if book else "PubmedData"))
    article = citation if book else _children(_first(citation, "Article"))
    pmid_element = _first(citation, "PMID")
    pmid = _inner(pmid_element)
    if not article or not _PMID.fullmatch(pmid):
        raise XmlError(f"a {element.tag} has no PMID or no article")
    version = pmid_element.get("Version") or "1"
    container = _children(_first(citation, "Book") if book else _first(article, "Journal"))
    issue = _children(_first(container, "JournalIssue"))
    types = _types(citation, article, book)
    vernacular = _printed(_first(article, "VernacularTitle")) or None
    title = _printed(_first(article, "ArticleTitle")) or vernacular or ""
    if book:
        journal, year, author_list = _in_book(container, article)
        title = title or journal
    else:
        journal, year, author_list = _in_journal(container, issue, article)
    abstract, licence = _abstract(_first(article, "Abstract"))
    doi, pmcid = _identifiers(data, article)
    return {
        "pmid": pmid,
        "pmcid": pmcid,
        "doi": doi,
        "title": title,
        "vernacular_title": vernacular,
        "abstract": abstract,
        "authors": _authors(author_list),
        "journal": journal or None,
        "year": year,
        "volume": _inner(_first(issue, "Volume")) or None,
        "issue": _inner(_first(issue, "Issue")) or None,
        "pages": _pages(_first(article, "Pagination")),
        "language": _unique([_inner(item) for item in article.get("Language", ())]),
        "publication_types": _unique([name for _, name in types]),
        "mesh": _unique(_headings(citation)),
        "keywords": _unique([_inner(item) for item in _within(citation, "KeywordList", "Keyword")]),
        "registrations": _unique(_registrations(article)),
        "notices": _notices(citation, types),
        "licence": licence,
        "status": citation_element.get("Status"),
        "entered": _entered(data),
        "revised": _day(_first(citation, "DateRevised")),
        "version": int(version) if version.isdigit() and len(version) < 6 else 1,
        "source": "pubmed",
    }
