"""The citation behind a title: "T (Journal (2014) 9:7 (e103802))". Scopus and Embase print an
erratum so, its own word often left out; publishers "Corrigendum to “T” [J. Name 12 (2014) 34–56]".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from review.dedupe.fields import Pages
from review.dedupe.text import plain
from review.ground.identifiers import DOI_IN_TEXT, clean_doi

LONGEST_CITATION = 400
"""Letters of a bracket that may be a citation."""
SHORTEST_TITLE = 12
"""Letters that stand before a citation at least."""
_YEAR = r"(?:19|20)[0-9]{2}"
_PAGE = r"(?:pp?\.?\s*|pg\.?\s*)?[a-z]{0,3}[0-9]+"
_ISSUE = r"(?:\s*\([^()]{0,20}\))?"
_DASH = r"\s*[-\u2010-\u2015]\s*"
_HINT = re.compile(rf"[(\[].*(?:{_YEAR}|10\.[0-9]{{4}}|[0-9]\s*:\s*[a-z]?[0-9])", re.S | re.I)
_YEAR_APART = re.compile(rf"[(\[]\s*{_YEAR}[a-z]?\s*[)\]]", re.IGNORECASE)
_NAMED = re.compile(r"[^0-9]*[^\W\d_]{2}")
"""A journal stands before the first number."""
_PLACES = re.compile(
    rf"""[(\[]\s*{_YEAR}[a-z]?\s*[)\]][\s,;:]*(?:vol\.?\s*)?[(\[]?[a-z]{{0,3}}[0-9]
    |[0-9][\s,;:()]*[(\[]\s*{_YEAR}\s*[)\]]
    |\b{_YEAR}(?:\s+[a-z]{{3,9}}\.?(?:\s+[0-9]{{1,2}})?)?\s*[;,:]\s*(?:vol\.?\s*)?[0-9]+{_ISSUE}
     \s*[:,]\s*{_PAGE}
    |\b[0-9]+{_ISSUE}\s*[:,]\s*{_PAGE}(?:{_DASH}[a-z]{{0,3}}[0-9]+)?\s*[,;.]?\s*\(?{_YEAR}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_BARE_PLACE = re.compile(
    rf"\b[0-9]+{_ISSUE}\s*[:,]\s*{_PAGE}(?:{_DASH}[a-z]{{0,3}}[0-9]+)?\s*$", re.IGNORECASE
)
"""Without a year; believed behind a closing quote only: "(ratio 1:10-20)" is no citation."""
_OF_THE_PAPER = re.compile(
    r"""\s*(?:re-?print|re-?publi|transl|origin|publish|errat|corrig|correct|retract|withdr
    |comment|see\b|summary|updated?\b|abstract|present|from\b|in\b|appear|suppl|part\b|protocol|trial
    |vol\b|vol\.|version)""",
    re.IGNORECASE | re.VERBOSE,
)
"""Says where the paper itself stands again, or was corrected; "vol" is read elsewhere."""
_AFTER = " .,;\"'“”’»"
_QUOTED = ("”", '"', "’", "'", "»")


@dataclass(frozen=True, slots=True)
class Cited:
    """Where a title says that a paper stands.

    :ivar numbers: its volume, issue, pages and year, in no order: every database has its own
    :ivar year: the latest year among them
    :ivar notice: printed as errata are, with the year in brackets: nobody cites a paper so behind
        its own title
    """

    numbers: frozenset[str]
    doi: str | None
    year: int | None = None
    notice: bool = False


def citation_behind(title: str) -> tuple[str, Cited | None]:
    """A title without the citation in brackets that ends it, and the citation."""
    if not _HINT.search(title if title.isascii() else plain(title)):
        return title, None
    text, cited = plain(title).rstrip(_AFTER), ""
    opening = text[0] if text[:1] in ("[", "(") and text[-1:] in ("]", ")") else ""
    if opening and _closes(text) == 0:
        text = text[1:-1].rstrip(_AFTER)
    else:
        opening = ""
    for _ in range(3):
        found = next(_citations(text, known=bool(cited)), None)
        if found is None:
            break
        text, cited = found[0], f"{found[1]} {cited}"
    if not cited:
        return title, None
    place = DOI_IN_TEXT.sub(" ", cited)
    return opening + text, Cited(
        numbers=frozenset(n.lstrip("0") or "0" for n in re.findall("[0-9]+", place)),
        doi=clean_doi(cited),
        year=max(map(int, re.findall(rf"\b{_YEAR}\b", place)), default=None),
        notice=bool(_YEAR_APART.search(place)),
    )


def _closes(text: str) -> int | None:
    """Where the bracket opens that a text's last letter closes."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] in ")]") - (text[at] in "([")
        if not depth:
            return at
    return None


def _citations(text: str, *, known: bool) -> Iterator[tuple[str, str]]:
    """Titles and the citations behind them; where a title was cut, the bracket is left open."""
    for start in _openings(text):
        before, inner = text[:start].rstrip(" .,:;-–—"), text[start + 1 :]
        inner = inner.removesuffix("]" if text[start] == "[" else ")")
        if len(before) >= SHORTEST_TITLE and len(inner) <= LONGEST_CITATION:
            quoted = known or before.endswith(_QUOTED)
            if _is_citation(inner, quoted=quoted):
                yield before.rstrip(_AFTER), inner


def _openings(text: str) -> list[int]:
    """Where the last bracket of a text may open: the one that its end closes, or an open one."""
    opened: list[int] = []
    closed = None
    for at, sign in enumerate(text):
        if sign in "([":
            opened.append(at)
        elif sign in ")]" and opened:
            closed = opened.pop()
    ends = [closed] if closed is not None and text.endswith((")", "]")) else []
    return [*ends, *reversed(opened[-3:])]


def _is_citation(inner: str, *, quoted: bool) -> bool:
    if _OF_THE_PAPER.match(inner):
        return False
    if DOI_IN_TEXT.search(inner):
        return True
    if not _NAMED.match(inner):
        return False
    return bool(_PLACES.search(inner) or (quoted and _BARE_PLACE.search(inner)))


def stands_elsewhere(
    cited: Cited, volume: str, pages: Pages, doi: str | None, year: int | None
) -> bool | None:
    """Whether a record stands at another place than the one that its title cites, and so is a
    notice about it. False where it stands there itself; None where that can't be told.
    """
    here = not volume or volume in cited.numbers
    if cited.numbers and not here:
        return True
    if cited.numbers and pages.first:
        return _another_page(cited, volume, pages, year)
    if not pages.first and year and cited.year and year > cited.year:
        return True  # nothing is printed before its year
    if doi and cited.doi and not (doi.startswith(cited.doi) or cited.doi.startswith(doi)):
        return True
    return False if doi and cited.doi and cited.numbers and volume else None


def _another_page(cited: Cited, volume: str, pages: Pages, year: int | None) -> bool | None:
    """The same of a record whose volume, where it names one, is cited."""
    first, last = frozenset(map(_digits, pages.first)), _digits(pages.last or "")
    if cited.numbers.isdisjoint(first):
        return True
    if year is not None and str(year) not in cited.numbers:
        return None
    # A short number may be the issue's.
    long = max(map(len, first)) > 2 or any(map(last.endswith, cited.numbers - {volume}))
    return False if long and (volume or pages.last) else None


def _digits(page: str) -> str:
    return "".join(filter(str.isdigit, page)).lstrip("0") or "0"
