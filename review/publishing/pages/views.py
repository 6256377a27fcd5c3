"""The site as data: what pages show, worked out once, without touching the disk.

Pages never read ``data/texts``, so a laptop that holds abstracts and a CI job that does not give
the same bytes; nor do they know today's date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from review.extraction.attest import attested
from review.grading.levels import ClaimGrade, Grade, StudyLevel
from review.grading.review import Review
from review.grading.signatures import value_status
from review.ground.chinese_names import language_tag
from review.model.base import Bilingual
from review.model.claim import Claim
from review.model.extraction import Extraction, Provenance, Result
from review.model.question import Question
from review.model.record import Notice, NoticeType, Retraction
from review.model.vocabulary import Vocabulary
from review.publishing.pages.withdrawn import Withdrawn, withdrawn_claims
from review.selection.library import Library, Place
from review.selection.links import links
from review.selection.notices import Touch
from review.selection.resolved import Verdict

COMPARISON = "follow-up-counts"
LISTED = 200
"""Records shown in one list of a page; the rest is counted."""


@dataclass(frozen=True)
class Page:
    """A page: its path under docs/<language>/, its template and what the template gets."""

    path: str
    template: str
    title: str
    context: Mapping[str, Any]
    searched: bool = True


@dataclass(frozen=True)
class RecordView:
    """A record as pages show it."""

    id: str
    title: str
    citation: str
    lang: str
    links: tuple[tuple[str, str], ...]
    retraction: Retraction | None
    tags: tuple[str, ...]
    study: str | None
    touches: tuple[Touch, ...]
    verdict: Verdict | None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is told of its report."""
        return tuple(one.notice for one in self.touches)


@dataclass(frozen=True)
class StudyRow:
    """A study as tables show it, for one question or for none."""

    study: str
    name: str
    extraction: Extraction
    reports: tuple[RecordView, ...]
    retraction: Retraction | None
    """where its results may not be used: how sure that is"""
    questions: tuple[Question, ...] = ()
    level: StudyLevel | None = None
    results: tuple[Result, ...] = ()
    no_result: Bilingual | None = None
    claims: tuple[Claim, ...] = ()
    background: bool = False
    """kept for background pages, no included study"""

    @property
    def suspended(self) -> bool:
        """Whether its results may not be used."""
        return self.retraction is not None


@dataclass(frozen=True)
class Touched:
    """A notice on a report that is or was included."""

    type: str
    title: str
    study: str | None
    verdict: Verdict | None
    """what people decided on its retraction"""
    decided: Verdict | None
    """what people decided on this notice"""


class Labels:
    """The words of one language; a missing word is an error, not a blank."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self.language = language
        self.words = words

    def __call__(self, key: str, **values: object) -> str:
        return self.words[key].format(**values) if values else self.words[key]


@dataclass(frozen=True)
class Site:
    """Everything the pages are made from."""

    review: Review
    notice_waits: str | None = None
    """Day of a notice on an included study that is not in these files yet: it waits to be merged"""

    @property
    def library(self) -> Library:
        """The records and where they stand."""
        return self.review.library

    @property
    def vocabularies(self) -> Mapping[str, Vocabulary]:
        """The words of the topic."""
        return self.review.vocabularies

    @cached_property
    def grades(self) -> list[Grade]:
        """Levels of the headline profile, in the protocol's order."""
        return list(self.review.headline.values())

    @cached_property
    def comparison(self) -> dict[str, int | None]:
        """Levels of the comparison profile by question."""
        return {name: grade.level for name, grade in self.review.grades(COMPARISON).items()}

    def compared(self, one: ClaimGrade) -> int | None:
        """A claim's level in the comparison profile; None where it has none in the headline."""
        return self.comparison[one.grade.question.id] if one.level is not None else None

    @cached_property
    def statuses(self) -> dict[str, int]:
        """Number of extracted values by status, and how many were found in their source."""
        counts = {"unverified": 0, "machine_draft": 0, "verified": 0, "found": 0}
        for study, extraction in self.library.extractions.items():
            for field, fact in extraction.facts():
                counts[self.status(study, field, fact)] += 1
                counts["found"] += self.found(study, field, fact)
        return counts

    @cached_property
    def withdrawn(self) -> Mapping[str, Withdrawn]:
        """Claims whose own sentence stands nowhere, by id: a study behind each is retracted."""
        return withdrawn_claims(self.review)

    def status(self, study: str, field: str, fact: Provenance) -> str:
        """``verified`` by a person, ``machine_draft`` or ``unverified``."""
        return value_status(self.review.ledger, study, field, fact)

    def found(self, study: str, field: str, fact: Provenance) -> bool:
        """Whether the value's quote was found in its source by the tool."""
        return attested(self.review.attestations.get(study), field, fact)

    def record(self, record_id: str) -> RecordView:
        """A record as pages show it."""
        record = self.library.records[record_id]
        title = record.title or record.vernacular_title or ""
        return RecordView(
            id=record.id,
            title=title,
            citation=record.citation,
            lang=language_tag(title),
            links=links(self.library.protocol, record),
            retraction=touch.retraction if (touch := self.library.retraction(record_id)) else None,
            tags=record.tags,
            study=self.library.study_of.get(record.id),
            touches=self.library.notices_on(record_id),
            verdict=self.library.verdict(record_id),
        )

    @cached_property
    def rows(self) -> dict[str, StudyRow]:
        """Every study by id."""
        found = {}
        for study, extraction in self.library.extractions.items():
            asked = tuple(
                question
                for question in self.review.questions.values()
                if any(e.study == study for e in question.studies)
            )
            found[study] = StudyRow(
                study=study,
                name=self.review.study_name(study),
                extraction=extraction,
                reports=tuple(self.record(r) for r in extraction.reports),
                retraction=touch.retraction if (touch := self.library.suspended(study)) else None,
                questions=asked,
                claims=tuple(c for c in self.review.claims.values() if study in c.studies),
                background=all(
                    self.library.standings[self.library.resolve(one)].place is Place.BACKGROUND
                    for one in extraction.reports
                ),
            )
        return found

    def question_rows(self, grade: Grade) -> list[StudyRow]:
        """The studies of a question, best level first."""
        levels = {one.study: one for one in grade.studies}
        rows = []
        for eligible in grade.question.studies:
            base = self.rows[eligible.study]
            level = levels.get(eligible.study) or StudyLevel(eligible.study, None, None, ())
            results = [base.extraction.result(one) for one in eligible.results]
            rows.append(
                replace(
                    base,
                    level=level,
                    results=tuple(r for r in results if r is not None),
                    no_result=eligible.no_result,
                )
            )
        return sorted(
            rows, key=lambda r: ((r.level.level or 9) if r.level else 9, r.suspended, r.study)
        )

    def touched(self) -> list[Touched]:
        """Notices on included reports, for the front page."""
        found = []
        for one in sorted(self.library.watched):
            view = self.record(one)
            told = [n for n in view.touches if n.notice.type is not NoticeType.RETRACTED]
            found += [
                Touched(
                    str(touch.notice.type),
                    view.title,
                    view.study,
                    view.verdict if touch.retraction else None,
                    touch.decided,
                )
                for touch in (told or view.touches)
            ]
        return found


def term_name(vocabularies: Mapping[str, Vocabulary], term_id: str, language: str) -> str:
    """A vocabulary term's name, or the words themselves where they are no term's id."""
    for vocabulary in vocabularies.values():
        for term in vocabulary.terms:
            if term.id == term_id:
                return term.name[language]
    return term_id
