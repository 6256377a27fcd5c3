"""What happened since the last edition, before any other is released: one linked fact each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from review.grading.levels import Status
from review.grading.review import Review


@dataclass(frozen=True)
class News:
    """One thing that happened.

    :ivar kind: study, notice, suspended, level or search: its sentence is ``news.<kind>`` of the
        words of each language
    :ivar object: page it is about, from the site's root
    :ivar values: what the sentence names
    """

    kind: str
    object: str
    values: dict[str, str]


def news(review: Review) -> tuple[News, ...]:
    """New studies, notices, suspended claims, levels moved and searches since the last edition."""
    if not review.editions:
        return ()
    parts = (_studies, _notices, _claims, _levels, _searches)
    return tuple(one for part in parts for one in part(review))


def _studies(review: Review) -> Iterator[News]:
    known = {name for one in review.editions[-1].studies for name in (one.id, *one.formerly)}
    for name, extraction in sorted(review.library.extractions.items()):
        if not known & {name, *extraction.formerly}:
            yield News("study", f"studies/{name}", {"name": review.study_name(name)})


def _notices(review: Review) -> Iterator[News]:
    """Notices on watched reports that searches told since, and those that people added."""
    library, day = review.library, review.editions[-1].date
    told = {
        (library.resolve(event.record), str(event.type))
        for search in library.searches
        if search.date > day
        for event in search.notices
    }
    told |= {
        (library.resolve(row.record), str(row.as_notice.type))
        for rows in library.notice_decisions.values()
        for row in rows
        if row.date > day and row.outcome == "added"
    }
    for record, kind in sorted(told):
        there = {str(touch.notice.type) for touch in library.notices_on(record)}
        if record in library.watched and kind in there:
            study = library.study_of.get(record)
            page = f"studies/{study}" if study else "records"
            name = review.study_name(study) if study else library.records[record].citation
            yield News("notice", page, {"name": name, "type": kind})


def _claims(review: Review) -> Iterator[News]:
    for name, grade in sorted(review.claim_grades.items()):
        if grade.status is Status.SUSPENDED:
            yield News("suspended", f"claims/{name}", {"name": name})


def _levels(review: Review) -> Iterator[News]:
    """Questions whose level is another than the edition's."""
    before = {one.id: one.level for one in review.editions[-1].questions}
    for name, grade in sorted(review.headline.items()):
        if name in before and before[name] != grade.level:
            levels = {"before": str(before[name] or "–"), "now": str(grade.level or "–")}
            yield News("level", f"questions/{name}", {"question": name, **levels})


def _searches(review: Review) -> Iterator[News]:
    """Searches since; one that found nothing new is news as well."""
    day = review.editions[-1].date
    for search in review.library.searches:
        if search.date > day:
            kind = "search" if search.new or search.notices else "nothing"
            found = {"date": search.date, "source": search.source, "new": str(len(search.new))}
            yield News(kind, "records", found)
