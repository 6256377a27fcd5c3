"""All pages of one language, in the order of the navigation."""

from __future__ import annotations

from review.editions.news import news
from review.grading.levels import Status, table
from review.grading.second_look import second_looks
from review.model.vocabulary import TermKind
from review.publishing.pages.banner import edition_name
from review.publishing.pages.flow_diagram import diagram, flow_lines
from review.publishing.pages.syntheses import synthesis_page
from review.publishing.pages.topics import (
    changes_page,
    claim_pages,
    corrections_page,
    harms_page,
    patients_page,
    seed_pages,
    support_totals,
    term_pages,
    unknown_page,
)
from review.publishing.pages.views import LISTED, Labels, Page, Site
from review.searching.health import FALL, JUMP, LEAST, health, recall, trends
from review.selection.editorial import rewordings
from review.selection.library import Place

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("claims", ("claims/index.md", "seed/index.md", "patients.md")),
    (
        "evidence",
        (
            "questions/index.md",
            "synthesis.md",
            "treatments/index.md",
            "mechanisms/index.md",
            "harms.md",
            "studies/index.md",
        ),
    ),
    ("selection", ("search.md", "flow.md", "records.md", "excluded.md")),
    ("changes", ("changes.md", "corrections.md", "unknown.md")),
    ("methods", ("methods.md", "about.md", "downloads.md")),
)
"""The navigation: sections and the files that open their pages."""


SHOWN_RUNS = 24
"""Searches whose hits stand side by side."""


def make_pages(site: Site, t: Labels) -> list[Page]:
    """All generated pages of one language."""
    library, protocol, review = site.library, site.library.protocol, site.review
    grades = site.grades
    seed_levels = {
        name: sorted({c.seed.level for c in review.claims_of(name) if c.seed and c.seed.level})
        for name in review.questions
    }
    pages = [
        Page(
            "index.md",
            "index.j2",
            protocol.title[t.language],
            {
                "title": protocol.title[t.language],
                "version": edition_name(site, t),
                "grades": [g for g in grades if g.status is not Status.NOT_GRADABLE],
                "others": sum(1 for g in grades if g.status is Status.NOT_GRADABLE),
                "counts": site.comparison,
                "seed_levels": seed_levels,
                "has_seed": any(seed_levels.values()),
                "totals": support_totals(site),
                "flow": review.flow,
                "changed": review.editions[-1] if review.editions else None,
                "news": news(review),
                "searches": list(reversed(library.searches))[:12],
                "touched": site.touched(),
                "suspended": [
                    one for one in review.claim_grades.values() if one.status is Status.SUSPENDED
                ],
            },
        ),
        Page("questions/index.md", "questions.j2", t("nav.questions"), {"grades": grades}),
        Page(
            "studies/index.md", "studies.j2", t("nav.studies"), {"rows": list(site.rows.values())}
        ),
    ]
    for g in grades:
        pages.append(
            Page(
                f"questions/{g.question.id}.md",
                "question.j2",
                g.question.text[t.language],
                {
                    "g": g,
                    "rows": site.question_rows(g),
                    "claims": [review.claim_grades[c.id] for c in review.claims_of(g.question.id)],
                    "seed_levels": seed_levels[g.question.id],
                    "counts": site.comparison[g.question.id],
                    "searched": review.currency.searched_through,
                },
            )
        )
    for row in site.rows.values():
        pages.append(Page(f"studies/{row.study}.md", "study.j2", row.name, {"row": row}))
    pages += claim_pages(site, t)
    pages += seed_pages(site, t)
    pages += term_pages(site, t, TermKind.TREATMENTS, "treatments")
    pages += term_pages(site, t, TermKind.MECHANISMS, "mechanisms")
    pages.append(synthesis_page(site, t))
    pages += [harms_page(site, t), unknown_page(site, t), patients_page(site, t)]
    pages += [changes_page(site, t), corrections_page(site, t), _downloads_page(site, t)]
    pages += [_search_page(site, t), _flow_page(site, t), _records_page(site, t)]
    pages.append(_excluded_page(site, t))
    pages.append(
        Page(
            "methods.md",
            "methods.j2",
            t("methods.title"),
            {
                "protocol": protocol,
                "reworded": {
                    protocol.amendments.index(amendment): changed
                    for amendment, changed, _ in rewordings(protocol)
                },
                "bulk": sum(row.amendment is not None for row in site.library.in_force),
                "in_force": len(site.library.in_force),
                "looks": second_looks(review.ledger, site.library.extractions),
                "table": table(),
                "seed": review.seed,
                "stated": lambda s: (
                    s.value if s.value is not None else f"{t('awaiting')}: {s.reason}"
                ),
            },
        )
    )
    return pages


def _downloads_page(site: Site, t: Labels) -> Page:
    return Page(
        "downloads.md",
        "downloads.j2",
        t("nav.downloads"),
        {
            "editions": [
                (
                    edition.version,
                    [one.id for one in edition.claims if one.id in site.withdrawn],
                )
                for edition in site.review.editions
            ]
        },
    )


def _excluded_page(site: Site, t: Labels) -> Page:
    library = site.library
    excluded = []
    for one in library.at(Place.EXCLUDED_FULL_TEXT):
        criterion = library.protocol.criterion(library.standings[one].criterion or "")
        reason = criterion.text[t.language] if criterion else t("unknown")
        excluded.append((site.record(one), reason))
    return Page(
        "excluded.md",
        "excluded.j2",
        t("records.excluded_full"),
        {"excluded": excluded, "assessed": site.review.flow.assessed},
    )


def _search_page(site: Site, t: Labels) -> Page:
    library = site.library
    sources, warnings = [], health(library)
    for source in library.protocol.sources:
        runs = [s for s in library.searches if s.source == source.id]
        found = recall(library, source.id)
        sources.append(
            {
                "source": source,
                "last": runs[-1] if runs else None,
                "recall": found,
                "set_aside": library.set_aside.get(source.id, ()),
                "missed": [site.record(one) for one in found.missed],
                "runs": runs[-SHOWN_RUNS:],
                "warnings": [
                    t(
                        f"health.{w.sign}",
                        line=w.line,
                        before=w.before,
                        now=w.now,
                        since=w.since,
                        remark=w.remark,
                    )
                    for w in warnings
                    if w.source == source.id and w.record is None
                ],
                "trends": trends(runs[-SHOWN_RUNS:]),
                "bounds": t(
                    "health.bounds", fall=round(100 * FALL), jump=round(100 * JUMP), least=LEAST
                ),
            }
        )
    d = library.duplicates
    return Page(
        "search.md",
        "search.j2",
        t("search.title"),
        {
            "sources": sources,
            "searches": list(reversed(library.searches)),
            "imports": list(reversed(library.imports)),
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
    return Page(
        "records.md",
        "records.j2",
        t("records.title"),
        {
            "included": [site.record(one) for one in sorted(library.included)],
            "background": [site.record(one) for one in library.at(Place.BACKGROUND)],
            "previous": {library.resolve(p.record): p for p in library.previous.studies},
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
