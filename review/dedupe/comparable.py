"""A record in comparable form: what two databases print differently made the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from review.dedupe.cited import Cited, citation_behind, stands_elsewhere
from review.dedupe.congress import in_supplement, named_so
from review.dedupe.fields import (
    NO_PAGES,
    Pages,
    Person,
    given,
    pages_of,
    people_of,
    volume_of,
    year_of,
)
from review.dedupe.journals import journal_words
from review.dedupe.kinds import kind_of, unmarked
from review.dedupe.text import words_of
from review.dedupe.titles import generic
from review.dedupe.words import PREPRINT_DOIS, PREPRINTS
from review.ground.identifiers import clean_doi, pmid

LONGEST = 2_000
"""Letters of a title that are compared: one of megabytes is no title."""
ABSTRACT = 400
"""Letters of an abstract that are compared."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A reference as a source prints it; every field may be damaged or missing."""

    id: str
    title: str = ""
    authors: str | Sequence[str] | None = None
    year: str | int | None = None
    journal: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    abstract: str | None = None
    vernacular_title: str | None = None
    types: tuple[str, ...] = ()
    """publication types, where the source gives them"""
    notice: str = ""
    """erratum, retraction or concern, where the source's links say that it is one"""


_TYPES = {
    **dict.fromkeys(("published erratum", "erratum", "errata", "corrigendum"), "erratum"),
    **dict.fromkeys(("correction", "correction, addition", "addendum"), "erratum"),
    **dict.fromkeys(("retraction of publication", "retraction notice", "retraction"), "retraction"),
    "expression of concern": "concern",
    "comment": "comment",
}
_JOURNAL_DOI = re.compile(r"10\.1101/[a-z]")
"""Cold Spring Harbor's journals share their prefix with its preprints, whose numbers are digits."""
_ARTICLE_NUMBER = re.compile(r"(?:e|article\s+|artn?\s+)[0-9]{2,9}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Comparable:
    """A record in comparable form.

    :ivar text: the title's letters without gaps, after the notice's own words
    :ivar kind: what the title or type announces: erratum, retraction, concern, reply, comment,
        protocol, or nothing
    :ivar other_text: a title in another language or script
    """

    id: str
    pmid: str | None
    doi: str | None
    words: tuple[str, ...]
    text: str
    kind: str
    other_text: str
    people: tuple[Person, ...]
    year: int | None
    journal: tuple[str, ...]
    volume: str
    issue: str
    pages: Pages
    abstract: str
    preprint: bool
    supplement: bool
    named: bool
    """only the journal's name says that it stands in a supplement"""
    translated: bool
    """the title is in brackets, or says its language: it may be one of several translations"""
    cited: Cited | None
    """the place behind the title, where it can't be told whether it is the record's own"""

    @property
    def generic(self) -> bool:
        """Whether the title tells nothing."""
        return generic(self.words)


def comparable(entry: Entry) -> Comparable:
    """A reference in comparable form."""
    title, cited = citation_behind(given(entry.title)[:LONGEST])
    title, other, translated = unmarked(title)
    kind, core = kind_of(title)
    kind = (
        entry.notice
        or next((k for t in entry.types if (k := _TYPES.get(t.lower(), ""))), "")
        or kind
    )
    words = tuple(words_of(core)) or tuple(words_of(title))
    vernacular = "".join(words_of(entry.vernacular_title or other))
    if not words and vernacular:
        words = tuple(words_of(entry.vernacular_title or other))
    doi = clean_doi(given(entry.doi))
    journal = journal_words(entry.journal)
    issue, volume = given(entry.issue), given(entry.volume)
    pages = pages_of(entry.pages) if entry.pages else NO_PAGES
    if not pages.first and ("no pagination" in volume or _ARTICLE_NUMBER.fullmatch(issue)):
        # Embase prints "13 (2) (no pagination)", and the article's number where the issue belongs.
        pages, issue = pages_of(issue), (volume.partition("(")[2].partition(")")[0])
    mixed, printed = f"{volume} {issue}", given(entry.pages)
    if pages.start == 1 and not volume and "," not in printed:
        pages = NO_PAGES  # ahead of print: pages of the manuscript
    supplement = pages.supplement or in_supplement(
        entry.title[:LONGEST], mixed, printed, entry.types
    )
    year = entry.year if isinstance(entry.year, int) else year_of(entry.year)
    elsewhere: bool | None = False
    if cited and not kind:
        elsewhere = stands_elsewhere(cited, volume_of(volume), pages, doi, year)
        kind = "erratum" if elsewhere else ""
    return Comparable(
        id=entry.id,
        pmid=pmid(entry.pmid),
        doi=doi,
        words=words,
        text="".join(words),
        kind=kind,
        other_text=vernacular,
        people=people_of(entry.authors),
        year=year,
        journal=journal,
        volume=volume_of(volume),
        issue=volume_of(issue),
        pages=pages,
        abstract=abstract_of(entry.abstract),
        preprint="preprint" in (t.lower() for t in entry.types)
        or bool(PREPRINTS.intersection(journal[:3]))
        or bool(doi and doi.startswith(PREPRINT_DOIS) and not _JOURNAL_DOI.match(doi)),
        supplement=supplement or named_so(entry.journal or ""),
        named=not supplement and named_so(entry.journal or ""),
        translated=translated or bool(vernacular),
        cited=cited if elsewhere is None else None,
    )


def abstract_of(text: str | None) -> str:
    """The first letters of an abstract, without gaps; nothing where it is too short to tell."""
    bare = given(text)[: 2 * ABSTRACT]
    found = "".join(words_of(bare))[:ABSTRACT]
    return found.removeprefix("abstract").removeprefix("background") if len(found) >= 60 else ""


def digest(one: Comparable) -> bytes:
    """A record's content without its id: what two identical records share."""
    people = ["/".join([*sorted(p.names), "", p.short]) for p in one.people]
    parts = (one.pmid, one.doi, one.words, one.kind, one.other_text, people, one.year, one.journal)
    apart = one.supplement and not (one.named and one.volume and one.issue)
    rest = (one.volume, one.issue, one.pages, one.abstract, one.preprint, apart)
    cited = one.cited and (sorted(one.cited.numbers), one.cited.doi)
    return blake2b(repr((parts, rest, cited)).encode("utf-8", "replace"), digest_size=12).digest()


def content(one: Comparable) -> tuple[str, ...]:
    """A record's content in an order that puts like titles side by side."""
    pages = "/".join(one.pages.first)
    rest = (str(one.year), one.volume, pages, one.doi or "", one.pmid or "", one.abstract)
    return (one.text, " ".join(one.journal), *rest)
