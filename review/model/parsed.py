"""One record as a source or a file gives it, before the review keeps it."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict  # pydantic checks no other on Python 3.11


class ParsedAuthor(TypedDict, total=False):
    """An author as the source prints it."""

    family: str
    given: str
    suffix: str
    literal: str


class ParsedNotice(TypedDict):
    """A link to another publication."""

    type: str
    pmid: str | None
    reference: str | None


class ParsedRecord(TypedDict):
    """One record as a source gives it: the line format of ``review convert``.

    :ivar record: the id that a review gave it, where a review wrote the file
    """

    record: NotRequired[str]
    pmid: str | None
    pmcid: str | None
    doi: str | None
    title: str
    vernacular_title: str | None
    abstract: str | None
    authors: list[ParsedAuthor]
    journal: str | None
    year: int | None
    volume: str | None
    issue: str | None
    pages: str | None
    language: list[str]
    publication_types: list[str]
    mesh: list[str]
    keywords: list[str]
    registrations: list[str]
    notices: list[ParsedNotice]
    licence: str | None
    status: str | None
    entered: str | None
    revised: str | None
    version: int
    source: str
