"""``data/records/<year>/<id>.json``: a database entry, and what its source says about it."""

import hashlib
from enum import StrEnum

from pydantic import Field

from review.model.base import Day, Doi, Format, Hash, Model, Pmcid, Pmid, RecordId, Slug, Text


class Author(Model):
    """An author as printed; groups have only a literal name."""

    family: Text | None = Field(None, description="family name")
    given: Text | None = Field(None, description="given names or initials")
    suffix: Text | None = Field(None, description="Jr, 3rd, …")
    literal: Text | None = Field(None, description="name of a group, or a name that has no parts")

    def __str__(self) -> str:
        if self.literal or not self.family:
            return self.literal or self.given or ""
        initials = "".join(part[0] for part in (self.given or "").replace("-", " ").split())
        return f"{self.family} {initials}".strip()


class NoticeType(StrEnum):
    """How another publication points at this one, or this one at another (NLM RefType)."""

    RETRACTED = "retracted"
    RETRACTION_IN = "retraction_in"
    RETRACTION_OF = "retraction_of"
    PARTIAL_RETRACTION_IN = "partial_retraction_in"
    PARTIAL_RETRACTION_OF = "partial_retraction_of"
    CONCERN_IN = "concern_in"
    CONCERN_FOR = "concern_for"
    ERRATUM_IN = "erratum_in"
    ERRATUM_FOR = "erratum_for"
    UPDATE_IN = "update_in"
    UPDATE_OF = "update_of"
    CORRECTED_REPUBLISHED_IN = "corrected_republished_in"
    CORRECTED_REPUBLISHED_FROM = "corrected_republished_from"
    RETRACTED_REPUBLISHED_IN = "retracted_republished_in"
    RETRACTED_REPUBLISHED_FROM = "retracted_republished_from"
    REPUBLISHED_IN = "republished_in"
    REPUBLISHED_FROM = "republished_from"
    NEW_VERSION = "new_version"
    COMMENT_IN = "comment_in"
    COMMENT_ON = "comment_on"
    # No source's link says these: titles, types of imports, links of dedupe and people do.
    POSSIBLE_RETRACTION = "possible_retraction"
    POSSIBLE_REPUBLISHED = "possible_retracted_republished"
    POSSIBLE_PARTIAL_RETRACTION = "possible_partial_retraction"
    POSSIBLE_RETRACTION_OF = "possible_retraction_of"
    POSSIBLE_REPUBLISHED_FROM = "possible_retracted_republished_from"
    WITHDRAWN = "withdrawn"
    WITHDRAWN_PREPRINT = "withdrawn_preprint"
    WITHDRAWN_REVIEW = "withdrawn_review"
    TEMPORARY_REMOVAL = "temporary_removal"
    REINSTATED = "reinstated"
    SAFETY_SIGNAL = "safety_signal"


class Retraction(StrEnum):
    """How sure it is that a report's results may not be used; both suspend them."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


RETRACTING = {
    NoticeType.RETRACTED: Retraction.CERTAIN,
    NoticeType.RETRACTION_IN: Retraction.CERTAIN,
    NoticeType.RETRACTED_REPUBLISHED_IN: Retraction.CERTAIN,
    NoticeType.POSSIBLE_RETRACTION: Retraction.POSSIBLE,
    NoticeType.POSSIBLE_REPUBLISHED: Retraction.POSSIBLE,
    NoticeType.WITHDRAWN: Retraction.POSSIBLE,
    NoticeType.WITHDRAWN_PREPRINT: Retraction.POSSIBLE,
    NoticeType.WITHDRAWN_REVIEW: Retraction.POSSIBLE,
    NoticeType.TEMPORARY_REMOVAL: Retraction.POSSIBLE,
}
"""Notices on a report after which its results may not be used, and the grade of each."""

TOUCHING = frozenset(RETRACTING) | {
    NoticeType.PARTIAL_RETRACTION_IN,
    NoticeType.POSSIBLE_PARTIAL_RETRACTION,
    NoticeType.REINSTATED,
    NoticeType.SAFETY_SIGNAL,
    NoticeType.CONCERN_IN,
    NoticeType.ERRATUM_IN,
    NoticeType.UPDATE_IN,
    NoticeType.CORRECTED_REPUBLISHED_IN,
    NoticeType.NEW_VERSION,
}
"""Notices that may change what an included study says."""

POINTS_AT = {
    NoticeType.RETRACTION_OF: NoticeType.RETRACTION_IN,
    NoticeType.PARTIAL_RETRACTION_OF: NoticeType.PARTIAL_RETRACTION_IN,
    NoticeType.CONCERN_FOR: NoticeType.CONCERN_IN,
    NoticeType.ERRATUM_FOR: NoticeType.ERRATUM_IN,
    NoticeType.RETRACTED_REPUBLISHED_FROM: NoticeType.RETRACTED_REPUBLISHED_IN,
    NoticeType.CORRECTED_REPUBLISHED_FROM: NoticeType.CORRECTED_REPUBLISHED_IN,
    NoticeType.POSSIBLE_RETRACTION_OF: NoticeType.POSSIBLE_RETRACTION,
    NoticeType.POSSIBLE_REPUBLISHED_FROM: NoticeType.POSSIBLE_REPUBLISHED,
}
"""What a notice's own link says about the report it points at."""

CLAIMED = {
    NoticeType.RETRACTED: NoticeType.POSSIBLE_RETRACTION,
    NoticeType.RETRACTION_IN: NoticeType.POSSIBLE_RETRACTION,
    NoticeType.RETRACTED_REPUBLISHED_IN: NoticeType.POSSIBLE_REPUBLISHED,
    NoticeType.PARTIAL_RETRACTION_IN: NoticeType.POSSIBLE_PARTIAL_RETRACTION,
    NoticeType.RETRACTION_OF: NoticeType.POSSIBLE_RETRACTION_OF,
    NoticeType.RETRACTED_REPUBLISHED_FROM: NoticeType.POSSIBLE_REPUBLISHED_FROM,
}
"""What a notice is where a file says it that came by hand, and no source that was asked."""

OF_OTHERS = frozenset(
    {
        *CLAIMED.values(),
        NoticeType.WITHDRAWN,
        NoticeType.WITHDRAWN_PREPRINT,
        NoticeType.WITHDRAWN_REVIEW,
        NoticeType.TEMPORARY_REMOVAL,
        NoticeType.REINSTATED,
    }
)
"""Notices that no source's link gives: a later answer of the source does not take them back."""

MAKES_NOTICE = frozenset(
    {
        NoticeType.RETRACTION_OF,
        NoticeType.POSSIBLE_RETRACTION_OF,
        NoticeType.PARTIAL_RETRACTION_OF,
        NoticeType.CONCERN_FOR,
        NoticeType.ERRATUM_FOR,
    }
)
"""Links that make the record itself a notice: linked, never screened as a study."""


class Notice(Model):
    """A link between this record and another publication."""

    type: NoticeType = Field(description="kind and direction of the link")
    pmid: Pmid | None = Field(None, description="the other publication, where it has a PMID")
    reference: Text | None = Field(None, description="the other publication as cited")

    @property
    def key(self) -> str:
        """Identity of the notice, to tell new ones from known ones."""
        return f"{self.type}:{self.pmid or self.reference or ''}"


class Record(Model):
    """A database entry. Volatile fields (MeSH, status, dates) stand in data/volatile.json."""

    format: Format = Field(description="data format")
    id: RecordId = Field(description="stable id, from the first source's accession")
    source: Slug = Field(description="source that gave it first: pubmed, seed, …")
    accession: Text | None = Field(None, description="the source's own number, where not a PMID")
    pmid: Pmid | None = Field(None, description="PubMed identifier")
    pmcid: Pmcid | None = Field(None, description="PubMed Central identifier")
    doi: Doi | None = Field(None, description="DOI as printed; compared lower-cased")
    title: str = Field(
        max_length=20_000,
        description="title as printed ([…]: translated); empty where none is given",
    )
    vernacular_title: Text | None = Field(None, description="title in the article's language")
    authors: tuple[Author, ...] = Field((), description="authors in order")
    journal: Text | None = Field(None, description="journal, book or meeting")
    year: int | None = Field(None, ge=1500, le=2200, description="year of publication")
    volume: Text | None = Field(None, description="volume")
    issue: Text | None = Field(None, description="issue")
    pages: Text | None = Field(None, description="pages or article number")
    language: tuple[Text, ...] = Field((), description="ISO 639-2 codes")
    publication_types: tuple[Text, ...] = Field((), description="publication types as printed")
    registrations: tuple[Text, ...] = Field((), description="trial registration numbers")
    notices: tuple[Notice, ...] = Field((), description="retractions, errata, comments, versions")
    abstract_sha256: Hash | None = Field(None, description="hash of the abstract in data/texts/")
    abstract: Text | None = Field(
        None, description="only where store_abstracts is set and the record's licence allows"
    )
    licence: Text | None = Field(None, description="licence printed in the record itself")
    tags: tuple[Slug, ...] = Field((), description="local search blocks that match (protocol)")
    vanished: Day | None = Field(
        None, description="date of the search since which PubMed no longer returns it"
    )

    @property
    def is_notice(self) -> bool:
        """Whether the record is itself a retraction, erratum or expression of concern."""
        return any(n.type in MAKES_NOTICE for n in self.notices) or bool(
            {"Retraction of Publication", "Retraction Notice", "Published Erratum"}
            & set(self.publication_types)
        )

    @property
    def delivered(self) -> bool:
        """Whether a database has delivered it; the seed's references wait for theirs."""
        return self.source != "seed" or bool(self.publication_types)

    @property
    def is_preprint(self) -> bool:
        """Whether the source calls it a preprint."""
        return "Preprint" in self.publication_types

    @property
    def text_mark(self) -> str:
        """What tells a record's title and abstract from others that it had."""
        text = f"{self.abstract_sha256 or ''} {self.title}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def citation(self) -> str:
        """First author, year and journal, for one line."""
        who = str(self.authors[0]) if self.authors else "no author"
        more = " et al." if len(self.authors) > 1 else ""
        return f"{who}{more} {self.year or 'undated'}, {self.journal or 'no journal'}"


def record_id(*, pmid: str | None, doi: str | None, source: str, accession: str) -> str:
    """The id of a record: from its PMID, else its DOI, else the source's own number."""
    if pmid:
        return f"pmid-{pmid}"
    if doi:
        return "doi-" + hashlib.sha256(doi.lower().encode()).hexdigest()[:10]
    return "src-" + hashlib.sha256(f"{source}:{accession}".encode()).hexdigest()[:10]


class Arrival(Model):
    """When a text came."""

    day: Day = Field(description="day of the search, or of the import")
    text: Text = Field(description="the text: start of the SHA-256 of title and abstract's hash")


class Volatile(Model):
    """What changes often and means little: kept apart so that a month's diff can be read."""

    mesh: tuple[Text, ...] = Field((), description="MeSH descriptors")
    keywords: tuple[Text, ...] = Field((), description="author keywords")
    status: Text | None = Field(None, description="PubMed's status of the record")
    entered: Day | None = Field(None, description="day it entered PubMed")
    revised: Day | None = Field(None, description="day PubMed last revised it")
    came: Arrival | None = Field(
        None, description="when title and abstract came as they stand, by a search or an import"
    )

    def came_on(self, record: Record) -> str | None:
        """The day on which the text of a record came as it stands; None where nobody can tell."""
        fits = self.came is not None and self.came.text == record.text_mark
        return self.came.day if self.came is not None and fits else None


class VolatileFile(Model):
    """``data/volatile.json``: one line a record."""

    format: Format = Field(description="data format")
    records: dict[RecordId, Volatile] = Field(description="volatile fields by record id")
