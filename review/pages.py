"""The site's pages as data: what each page shows, worked out once, without touching the disk.

Pages never read ``data/texts``, so a laptop that holds abstracts and a CI job that does not give
the same bytes; nor do they know today's date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote as url_quote

from review.extract import RULES
from review.flow import Flow, flow
from review.grade import HEADLINE, Grade, StudyLevel, grade_all, table
from review.library import Library, Place
from review.model.evidence import Evidence
from review.model.extraction import Extraction, Result
from review.model.protocol import Question
from review.model.record import TOUCHING, Notice, NoticeType, Record
from review.model.vocabulary import Vocabulary

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
    retracted: bool
    tags: tuple[str, ...]
    study: str | None
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class StudyRow:
    """A study as tables show it, for one question or for none."""

    study: str
    name: str
    extraction: Extraction
    reports: tuple[RecordView, ...]
    suspended: bool
    questions: tuple[Question, ...] = ()
    level: StudyLevel | None = None
    results: tuple[Result, ...] = ()
    no_result: str | None = None


@dataclass(frozen=True)
class Touched:
    """A notice on an included report."""

    type: str
    title: str
    study: str | None


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

    library: Library
    evidence: Mapping[str, Evidence]
    vocabularies: Mapping[str, Vocabulary]

    @cached_property
    def flow(self) -> Flow:
        """Counts of the selection."""
        return flow(self.library)

    @cached_property
    def grades(self) -> list[Grade]:
        """Levels of the headline profile."""
        return grade_all(self.library, self.evidence, HEADLINE)

    @cached_property
    def comparison(self) -> dict[str, int | None]:
        """Levels of the comparison profile by question."""
        grades = grade_all(self.library, self.evidence, COMPARISON)
        return {grade.question.id: grade.level for grade in grades}

    @cached_property
    def searched_through(self) -> str | None:
        """Day through which every source was searched; None while one never was."""
        last = [
            max((s.date for s in self.library.searches if s.source == source.id), default=None)
            for source in self.library.protocol.sources
        ]
        known = [day for day in last if day is not None]
        return min(known) if known and len(known) == len(last) else None

    @cached_property
    def next_due(self) -> str | None:
        """Day by which the first source is due again."""
        if self.searched_through is None:
            return None
        days = []
        for source in self.library.protocol.sources:
            last = max(s.date for s in self.library.searches if s.source == source.id)
            days.append(date.fromisoformat(last) + timedelta(days=source.interval_days))
        return str(min(days))

    @cached_property
    def screened_through(self) -> str | None:
        """Day of the last search all of whose records were decided on."""
        waiting = self.library.at(Place.AWAITING_SCREENING, Place.CONFLICT_TITLE_ABSTRACT)
        seen = self.library.history.first_seen
        oldest = min((seen[one] for one in waiting if one in seen), default=None)
        days = [s.date for s in self.library.searches if oldest is None or s.date < oldest]
        return max(days, default=None)

    @cached_property
    def values(self) -> tuple[int, int]:
        """Number of extracted values, and how many of them a machine drafted."""
        facts = [fact for e in self.library.extractions.values() for _, fact in e.facts()]
        return len(facts), sum(1 for fact in facts if (fact.by or "").startswith(RULES))

    def record(self, record_id: str) -> RecordView:
        """A record as pages show it."""
        record = self.library.records[record_id]
        title = record.title or record.vernacular_title or ""
        links: list[tuple[str, str]] = []
        if not self.library.protocol.fictional:
            if record.pmid:
                links.append(("PubMed", f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/"))
            if record.doi:
                links.append(("DOI", f"https://doi.org/{url_quote(record.doi, safe='/')}"))
        return RecordView(
            id=record.id,
            title=title,
            citation=record.citation,
            lang="zh" if re.search("[\u4e00-\u9fff]", title) else "en",
            links=tuple(links),
            retracted=record.id in self.library.retracted,
            tags=record.tags,
            study=self.library.study_of.get(record.id),
            notices=tuple(n for n in record.notices if n.type in TOUCHING),
        )

    def study_name(self, study: str) -> str:
        """A study's name for readers: its label, else first author and year."""
        extraction = self.library.extractions[study]
        record: Record | None = self.library.records.get(extraction.reports[0])
        author = record.authors[0] if record and record.authors else None
        who = (author.family or author.literal) if author else None
        name = f"{who} {record.year or ''}".strip() if who and record else study
        return f"{extraction.label} ({name})" if extraction.label else name

    @cached_property
    def rows(self) -> dict[str, StudyRow]:
        """Every study by id."""
        found = {}
        for study, extraction in self.library.extractions.items():
            asked = tuple(
                question
                for question in self.library.protocol.questions
                if question.id in self.evidence
                and any(e.study == study for e in self.evidence[question.id].studies)
            )
            found[study] = StudyRow(
                study=study,
                name=self.study_name(study),
                extraction=extraction,
                reports=tuple(self.record(r) for r in extraction.reports),
                suspended=self.library.suspended(study) is not None,
                questions=asked,
            )
        return found

    def question_rows(self, grade: Grade) -> list[StudyRow]:
        """The studies of a question, best level first."""
        evidence = self.evidence.get(grade.question.id)
        if evidence is None:
            return []
        levels = {one.study: one for one in grade.studies}
        rows = []
        for eligible in evidence.studies:
            base = self.rows[eligible.study]
            level = levels.get(eligible.study) or StudyLevel(eligible.study, None, None, ())
            results = [base.extraction.result(one) for one in eligible.results]
            rows.append(
                StudyRow(
                    study=base.study,
                    name=base.name,
                    extraction=base.extraction,
                    reports=base.reports,
                    suspended=base.suspended,
                    questions=base.questions,
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
        for one in sorted(self.library.included):
            view = self.record(one)
            told = [n for n in view.notices if n.type is not NoticeType.RETRACTED]
            found += [
                Touched(str(notice.type), view.title, view.study)
                for notice in (told or view.notices)
            ]
        return found


def term_name(vocabularies: Mapping[str, Vocabulary], term_id: str, language: str) -> str:
    """A vocabulary term's name, or the words themselves where they are no term's id."""
    for vocabulary in vocabularies.values():
        for term in vocabulary.terms:
            if term.id == term_id:
                return term.name[language]
    return term_id


def announcement(site: Site, t: Labels, footers: Sequence[tuple[str, Labels]]) -> dict[str, Any]:
    """The banner and footer of every page."""
    library = site.library
    parts = []
    if site.searched_through:
        parts.append(t("searched_through", date=site.searched_through))
        if site.screened_through:
            parts.append(t("screened_through", date=site.screened_through))
    else:
        parts.append(t("never_searched"))
    waiting = site.flow.awaiting_screening
    if waiting:
        undone = not any(library.decisions.values())
        parts.append(t("baseline" if undone else "awaiting_screening", n=waiting))
    if site.next_due:
        parts.append(t("next_due", date=site.next_due))
    if library.protocol.screening.reviewers == 1:
        parts.append(t("single_reviewer"))
    values, machine = site.values
    return {
        "fictional": t("fictional") if library.protocol.fictional else "",
        "state": t("state.unverified"),
        "currency": " · ".join(parts),
        "next_due": site.next_due or "",
        "overdue": t("overdue"),
        "footer_label": t("footer.label"),
        "footer": [
            {
                "lang": language,
                "text": words(
                    f"footer.{language}", values=values, machine=machine, unverified=values
                ),
            }
            for language, words in footers
        ],
    }


def flow_lines(site: Site, t: Labels) -> tuple[list[str], list[str]]:
    """Every number of the diagram as text, and the sums that close."""
    f, criteria = site.flow, site.library.protocol
    lines = [t("flow.previous_reports", n=f.previous_reports)]
    lines.append(t("flow.identified", n=f.identified))
    lines += [t("flow.source", source=s, n=n) for s, n in f.by_source]
    removed = f.duplicates + f.notices + f.already_previous
    lines += [
        t("flow.other", n=f.other_methods),
        t("flow.removed", n=removed),
        t("flow.duplicates", n=f.duplicates),
        t("flow.notices", n=f.notices),
        t("flow.known", n=f.already_previous),
        t("flow.to_screen", n=f.to_screen),
        t("flow.awaiting", n=f.awaiting_screening),
        t("flow.conflicts", n=f.conflicts_title_abstract),
        t("flow.screened", n=f.screened),
        t("flow.excluded", n=f.excluded_title_abstract),
        t("flow.sought", n=f.sought),
        t("flow.awaiting_full", n=f.awaiting_full_text),
        t("flow.assessed", n=f.assessed) if f.assessed else t("flow.no_full"),
    ]
    for criterion_id, n in f.excluded_full_text:
        criterion = criteria.criterion(criterion_id)
        text = criterion.text[t.language] if criterion else criterion_id
        lines.append(f"{t('flow.excluded_full', n=n)} ({text})")
    lines += [
        t("flow.included_new", n=f.included_reports),
        t("flow.total", n=f.total_reports),
        t("flow.studies", n=f.total_studies),
    ]
    if f.retracted_included:
        lines.append(t("flow.retracted", n=f.retracted_included))
    proofs = [
        t("flow.proof1", a=f.identified, b=removed, c=f.to_screen),
        t(
            "flow.proof2",
            a=f.to_screen,
            b=f.screened,
            c=f.awaiting_screening,
            d=f.conflicts_title_abstract,
        ),
        t("flow.proof3", a=f.screened, b=f.excluded_title_abstract, c=f.sought),
        t(
            "flow.proof4",
            a=f.sought,
            b=f.assessed,
            c=f.awaiting_full_text,
            d=f.conflicts_full_text,
        ),
        t("flow.proof5", a=f.total_reports, b=f.included_reports, c=f.previous_reports),
    ]
    return lines, proofs


def diagram(site: Site, t: Labels) -> dict[str, Any]:
    """Boxes and arrows of the PRISMA 2020 flow, placed on a grid."""
    f = site.flow
    left, middle, right, width, gap = 10, 250, 560, 280, 26
    wide = {"left": 215, "middle": width, "right": 290}
    sources = [t("flow.source", source=s, n=n) for s, n in f.by_source]
    removed = f.duplicates + f.notices + f.already_previous
    excluded = [f"{criterion}: {n}" for criterion, n in f.excluded_full_text]
    steps: list[tuple[list[str], list[str]]] = [
        (
            [t("flow.identified", n=f.identified), *sources, t("flow.other", n=f.other_methods)],
            [
                t("flow.removed", n=removed),
                t("flow.duplicates", n=f.duplicates),
                t("flow.notices", n=f.notices),
                t("flow.known", n=f.already_previous),
            ],
        ),
        (
            [t("flow.to_screen", n=f.to_screen), t("flow.screened", n=f.screened)],
            [
                t("flow.excluded", n=f.excluded_title_abstract),
                t("flow.awaiting", n=f.awaiting_screening),
                t("flow.conflicts", n=f.conflicts_title_abstract),
            ],
        ),
        (
            [t("flow.sought", n=f.sought)],
            [
                t("flow.awaiting_full", n=f.awaiting_full_text),
                t("flow.conflicts", n=f.conflicts_full_text),
            ],
        ),
        (
            [t("flow.assessed", n=f.assessed) if f.assessed else t("flow.no_full")],
            [t("flow.excluded_full", n=sum(n for _, n in f.excluded_full_text)), *excluded],
        ),
        ([t("flow.included_new", n=f.included_reports)], []),
        (
            [
                t("flow.total", n=f.total_reports),
                t("flow.studies", n=f.total_studies),
                t("flow.retracted", n=f.retracted_included),
            ],
            [],
        ),
    ]
    boxes: list[dict[str, Any]] = []
    arrows: list[dict[str, str]] = []
    y = 10
    centre = middle + width // 2
    for index, (main, side) in enumerate(steps):
        height = 14 + 18 * max(len(main), len(side))
        boxes.append({"x": middle, "y": y, "w": wide["middle"], "h": height, "lines": main})
        if side:
            boxes.append({"x": right, "y": y, "w": wide["right"], "h": height, "lines": side})
            at = y + height // 2
            arrows.append(_arrow(middle + width, at, right, at))
        if index < len(steps) - 1:
            arrows.append(_arrow(centre, y + height, centre, y + height + gap))
        y += height + gap
    last = boxes[-1]
    previous = [t("flow.previous"), str(f.previous_reports)]
    boxes.append({"x": left, "y": 10, "w": wide["left"], "h": 50, "lines": previous})
    x, bottom = left + wide["left"] // 2, int(last["y"]) + int(last["h"]) // 2
    tip = f"M{middle} {bottom} l-8 -4 v8 z"
    arrows.append({"line": f"M{x} 60 V{bottom} H{middle}", "tip": tip})
    return {"width": right + wide["right"] + 10, "height": y, "boxes": boxes, "arrows": arrows}


def _arrow(x1: int, y1: int, x2: int, y2: int) -> dict[str, str]:
    tip = f"M{x2} {y2} l-8 -4 v8 z" if y1 == y2 else f"M{x2} {y2} l-4 -8 h8 z"
    return {"line": f"M{x1} {y1} L{x2} {y2}", "tip": tip}


def make_pages(site: Site, t: Labels) -> list[Page]:
    """All generated pages of one language."""
    library, protocol = site.library, site.library.protocol
    grades = site.grades
    has_seed = any(g.seed_level for g in grades)
    pages = [
        Page(
            "index.md",
            "index.j2",
            protocol.title[t.language],
            {
                "title": protocol.title[t.language],
                "version": f"{t('nav.methods')} {protocol.version}",
                "grades": grades,
                "counts": site.comparison,
                "has_seed": has_seed,
                "flow": site.flow,
                "searches": list(reversed(library.searches))[:12],
                "touched": site.touched(),
            },
        ),
        Page("questions/index.md", "questions.j2", t("nav.questions"), {"grades": grades}),
        Page(
            "studies/index.md", "studies.j2", t("nav.studies"), {"rows": list(site.rows.values())}
        ),
    ]
    for g in grades:
        evidence = site.evidence.get(g.question.id)
        pages.append(
            Page(
                f"questions/{g.question.id}.md",
                "question.j2",
                g.question.text[t.language],
                {
                    "g": g,
                    "rows": site.question_rows(g),
                    "seed": evidence.seed if evidence else None,
                    "counts": site.comparison[g.question.id],
                    "searched": site.searched_through,
                },
            )
        )
    for row in site.rows.values():
        pages.append(Page(f"studies/{row.study}.md", "study.j2", row.name, {"row": row}))
    pages += [_search_page(site, t), _flow_page(site, t), _records_page(site, t)]
    pages.append(
        Page(
            "methods.md",
            "methods.j2",
            t("methods.title"),
            {
                "protocol": protocol,
                "table": table(),
                "stated": lambda s: (
                    s.value if s.value is not None else f"{t('awaiting')}: {s.reason}"
                ),
            },
        )
    )
    return pages


def _search_page(site: Site, t: Labels) -> Page:
    library = site.library
    sources = []
    for source in library.protocol.sources:
        runs = [s for s in library.searches if s.source == source.id]
        sources.append({"source": source, "last": runs[-1] if runs else None})
    d = library.duplicates
    return Page(
        "search.md",
        "search.j2",
        t("search.title"),
        {
            "sources": sources,
            "searches": list(reversed(library.searches)),
            "tags": library.protocol.tags,
            "other_methods": library.protocol.other_methods,
            "dedupe": t(
                "search.dedupe_note",
                method=d.method,
                merged=sum(len(c.members) - 1 for c in d.clusters),
                related=len(d.related),
                queue=len(d.queue),
            ),
        },
    )


def _flow_page(site: Site, t: Labels) -> Page:
    lines, proofs = flow_lines(site, t)
    return Page(
        "flow.md",
        "flow.j2",
        t("flow.title"),
        {
            "diagram": diagram(site, t),
            "text": lines,
            "proofs": proofs,
            "agreements": site.library.agreements(),
            "reviewers": site.library.protocol.screening.reviewers,
        },
    )


def _records_page(site: Site, t: Labels) -> Page:
    library = site.library
    waiting = sorted(
        (library.records[one] for one in library.at(Place.AWAITING_SCREENING)), key=library.rank
    )
    excluded = []
    for one in library.at(Place.EXCLUDED_FULL_TEXT):
        criterion = library.protocol.criterion(library.standings[one].criterion or "")
        reason = criterion.text[t.language] if criterion else t("unknown")
        excluded.append((site.record(one), reason))
    return Page(
        "records.md",
        "records.j2",
        t("records.title"),
        {
            "included": [site.record(one) for one in sorted(library.included)],
            "excluded": excluded,
            "related": [
                (site.record(r.record), str(r.relation), site.record(r.of), r.reason)
                for r in library.duplicates.related
                if r.record in library.records and r.of in library.records
            ],
            "awaiting": [site.record(r.id) for r in waiting[:LISTED]],
            "awaiting_total": len(waiting),
        },
        searched=False,
    )


def evidence_table(site: Site) -> list[dict[str, Any]]:
    """The evidence table for download: one row per result used."""
    rows = []
    for g in site.grades:
        for row in site.question_rows(g):
            for result in row.results or (None,):
                rows.append(
                    {
                        "question": g.question.id,
                        "question_level": g.level,
                        "study": row.study,
                        "study_level": row.level.level if row.level else None,
                        "suspended": row.suspended,
                        "design": str(row.extraction.design.value or ""),
                        "result": result.id if result else None,
                        "outcome": result.outcome if result else None,
                        "group": result.group if result else None,
                        "events": result.events if result else None,
                        "total": result.total if result else None,
                        "percent": result.percent if result else None,
                        "value": result.value if result else None,
                        "p_value": result.p_value if result else None,
                        "estimand": str(result.estimand) if result else None,
                        "direction": str(result.direction or "") if result else None,
                        "quote": result.quote if result else None,
                        "entered_by": result.by if result else None,
                        "verified": False,
                    }
                )
    return rows
