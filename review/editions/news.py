"""What happened since the last edition, before any other is released: one linked fact each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from review.grading.levels import Status
from review.grading.review import Review, broken_references
from review.ground.words import words
from review.model.base import Bilingual, bilingual
from review.model.edition import Edition
from review.model.importing import Import
from review.model.notice import NoticeOutcome
from review.model.record import NoticeType
from review.model.search import Search
from review.selection.notices import Touch

SHOWN = 10
"""Sentences that a list of few lines shows; the rest is counted."""


@dataclass(frozen=True)
class News:
    """One thing that happened.

    :ivar kind: study, notice, decision, suspended, level, search, nothing or import: its sentence
        is ``news.<kind>`` of the words of each language
    :ivar object: page it is about, from the site's root
    :ivar values: what the sentence names
    :ivar text: the sentence
    """

    kind: str
    object: str
    values: dict[str, str]
    text: Bilingual

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        text = {"en": self.text["en"], "zh": self.text["zh"]}
        return {"kind": self.kind, "page": f"{self.object}/", "values": self.values, "text": text}


@dataclass(frozen=True)
class SinceLast:
    """Everything that happened since the last edition.

    :ivar edition: its version; None where none was released
    :ivar date: its day
    :ivar items: what happened; none where ``heading`` says why
    :ivar heading: since when, or why there is nothing to tell
    """

    edition: str | None
    date: str | None
    heading: Bilingual
    items: tuple[News, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "edition": self.edition,
            "date": self.date,
            "heading": {"en": self.heading["en"], "zh": self.heading["zh"]},
            "items": [one.as_json() for one in self.items],
        }

    def lines(self) -> Iterator[str]:
        """For a terminal: a heading, then a sentence and the page it is about in each line."""
        yield self.heading["en"]
        for one in self.items[:SHOWN]:
            yield f"  {one.text['en']} ({one.object}/)"
        if len(self.items) > SHOWN:
            yield f"  … and {len(self.items) - SHOWN} more (--json)"


def _said(key: str, **values: str | Bilingual) -> Bilingual:
    """A sentence of both languages, by its key and what it names."""
    return bilingual(
        *(
            words(language)[key].format(
                **{
                    name: value if isinstance(value, str) else value[language]
                    for name, value in values.items()
                }
            )
            for language in ("en", "zh")
        )
    )


def _one(kind: str, page: str, **values: str | Bilingual) -> News:
    plain = {name: one if isinstance(one, str) else one["en"] for name, one in values.items()}
    return News(kind, page, plain, _said(f"news.{kind}", **values))


def _level(level: int | None, status: str) -> str | Bilingual:
    """A level, or why there is none."""
    return str(level) if level else _said(f"status.{status}")


def news(review: Review) -> SinceLast:
    """New studies, notices, decisions, suspended claims, levels moved and searches since the last
    edition; or that there is none, or that names lead nowhere and nothing can be graded.
    """
    if not review.editions:
        return SinceLast(None, None, _said("news.no_edition"))
    last = review.editions[-1]
    if broken_references(review):
        why = _said("news.broken", version=last.version)
        return SinceLast(last.version, last.date, why)
    items = _Since(review, last).items()
    key = "news.since" if items else "news.none"
    heading = _said(key, version=last.version, date=last.date)
    return SinceLast(last.version, last.date, heading, items)


@dataclass(frozen=True)
class _Since:
    """A review beside its last edition."""

    review: Review
    last: Edition

    def items(self) -> tuple[News, ...]:
        parts = (
            *(self.notices(), self.decisions(), self.claims(), self.levels()),
            *(self.studies(), self.searches(), self.imports()),
        )
        return tuple(one for part in parts for one in part)

    # ---- what the edition knew -----------------------------------------------------------------

    @cached_property
    def new_searches(self) -> list[Search]:
        """Searches that the edition does not list; by their day where it lists none (format 1)."""
        library = self.review.library
        if not self.last.search_files:
            return [one for one in library.searches if one.date > self.last.date]
        listed = self.last.search_files
        return [one for one in library.searches if one.name.removesuffix(".json") not in listed]

    @cached_property
    def new_imports(self) -> list[Import]:
        """Imports that the edition does not list; by their day where it lists none."""
        imports = self.review.library.imports
        if not self.last.search_files:
            return [one for one in imports if one.date > self.last.date]
        listed = self.last.search_files
        return [
            one for one in imports if f"{one.source}/{one.name.removesuffix('.json')}" not in listed
        ]

    # ---- what happened -------------------------------------------------------------------------

    def studies(self) -> Iterator[News]:
        """Studies that the edition does not list under any of their names."""
        known = {name for one in self.last.studies for name in (one.id, *one.formerly)}
        for name, extraction in sorted(self.review.library.extractions.items()):
            if not known & {name, *extraction.formerly}:
                yield _one("study", f"studies/{name}", name=self.review.study_name(name))

    def notices(self) -> Iterator[News]:
        """Notices on watched reports that a search, an import or a person told since; each kind on
        a report once.
        """
        library = self.review.library
        for report in sorted(library.watched):
            fresh = [one for one in library.notices_on(report) if self._is_new(report, one)]
            kinds = list(dict.fromkeys(one.notice.type for one in fresh))
            if len(kinds) > 1 and NoticeType.RETRACTED in kinds:
                kinds.remove(NoticeType.RETRACTED)  # the mark of the record beside its notice
            for kind in kinds:
                name, page = self._named(report)
                yield _one("notice", page, name=name, type=_said(f"notice.{kind}"))

    def _is_new(self, report: str, touch: Touch) -> bool:
        library, notice = self.review.library, touch.notice
        told = {
            (library.resolve(event.record), event.key[1])
            for search in self.new_searches
            for event in search.notices
        }
        told |= {
            (library.resolve(row.record), row.notice)
            for rows in library.notice_decisions.values()
            for row in rows
            if row.outcome is NoticeOutcome.ADDED and row.date > self.last.date
        }
        if (report, notice.key) in told:
            return True
        brought = {record for one in self.new_imports for record in (*one.new, *one.known)}
        if touch.record in brought and touch.record not in self._told_before:
            return True
        # A link that dedupe made is as new as the notice that it leads to.
        found = {record for one in self.new_searches for record in one.new}
        return (notice.reference or f"pmid-{notice.pmid}") in found | brought

    @cached_property
    def _told_before(self) -> frozenset[str]:
        """Records on which searches that the edition lists told a notice."""
        fresh = {one.name for one in self.new_searches}
        return frozenset(
            event.record
            for search in self.review.library.searches
            if search.name not in fresh
            for event in search.notices
        )

    def _named(self, report: str) -> tuple[str, str]:
        """A report as readers know it, and the page that tells of it."""
        library = self.review.library
        study = library.study_of.get(report)
        if study:
            return self.review.study_name(study), f"studies/{study}"
        return library.records[report].citation, "records"

    def decisions(self) -> Iterator[News]:
        """Retractions on which people decided since."""
        library = self.review.library
        for report in sorted(library.watched):
            verdict = library.verdict(report)
            if verdict and verdict.date > self.last.date:
                name, page = self._named(report)
                who = ", ".join(verdict.people)
                said = _said(f"verdict.{verdict.outcome}", date=verdict.date, who=who)
                yield _one("decision", page, name=name, verdict=said)

    def claims(self) -> Iterator[News]:
        """Claims that are suspended; an edition has none."""
        for name, grade in sorted(self.review.claim_grades.items()):
            if grade.status is Status.SUSPENDED:
                yield _one("suspended", f"claims/{name}", name=name)

    def levels(self) -> Iterator[News]:
        """Questions whose level is another than the edition's."""
        before = {one.id: one for one in self.last.questions}
        for name, grade in sorted(self.review.headline.items()):
            if name in before and before[name].level != grade.level:
                then = _level(before[name].level, before[name].status)
                now = _level(grade.level, grade.status)
                text = grade.question.text
                yield _one("level", f"questions/{name}", question=text, before=then, now=now)

    def searches(self) -> Iterator[News]:
        """Searches since; one that found nothing new is news as well."""
        for search in self.new_searches:
            kind = "search" if search.new or search.notices else "nothing"
            counts = {"new": str(len(search.new)), "notices": str(len(search.notices))}
            yield _one(kind, "search", date=search.date, source=search.source, **counts)

    def imports(self) -> Iterator[News]:
        """Files of other databases read since."""
        for one in self.new_imports:
            yield _one("import", "search", date=one.date, source=one.source, new=str(len(one.new)))
