"""Pages of claims, treatments, mechanisms, harms, the earlier review, and what is not known."""

from __future__ import annotations

from collections import Counter
from typing import Any

from review.editions.news import news
from review.grading.levels import CONTROLLED, ClaimGrade, Grade, Status
from review.model.base import Bilingual, QuestionKind
from review.model.claim import Claim, Support
from review.model.extraction import Design, Missing
from review.model.record import Retraction
from review.model.seed import Identity
from review.model.vocabulary import Term, TermKind
from review.publishing.pages.views import Labels, Page, Site

AGREEMENT = {
    Support.SUPPORTED: "agrees",
    Support.PARTLY: "partly",
    Support.CONTRADICTED: "differs",
    Support.UNSUPPORTED: "unsupported",
    Support.NOT_VERIFIABLE: "not_verifiable",
}
"""What a claim's support says of the earlier review against its sources."""


def claim_pages(site: Site, t: Labels) -> list[Page]:
    """A page for each claim, and their index."""
    review = site.review
    pages = [
        Page(
            "claims/index.md",
            "claims.j2",
            t("nav.claims"),
            {"groups": _by_question(site), "totals": support_totals(site)},
        )
    ]
    for name, one in review.claim_grades.items():
        claim = review.claims[name]
        rows = {row.study: row for row in site.question_rows(one.grade)}
        references = [
            (number, reference, site.record(reference.record) if reference.record else None)
            for number in (claim.seed.references if claim.seed else ())
            if review.seed and (reference := review.seed.reference(number))
        ]
        others = {n: [site.record(one) for one in r.also] for n, r, _ in references}
        pages.append(
            Page(
                f"claims/{name}.md",
                "claim.j2",
                _heading(site, claim)[t.language],
                {
                    "one": one,
                    "claim": claim,
                    "compared": site.compared(one),
                    "confirmed": review.ledger.of_claim(one),
                    "references": references,
                    "others": others,
                    "believed": any(
                        r.identity in (Identity.PROBABLE, Identity.SECONDARY) and not r.also
                        for _, r, _ in references
                    ),
                    "section": _section(site, claim),
                    "seed": review.seed,
                    "places": [
                        ("for", [rows[s] for s in claim.supporting]),
                        ("against", [rows[s] for s in claim.against]),
                        ("neutral", [rows[s] for s in claim.neutral]),
                    ],
                },
            )
        )
    return pages


def _heading(site: Site, claim: Claim) -> Bilingual:
    """A claim's sentence; where it is withdrawn, what stands in its place."""
    gone = site.withdrawn.get(claim.id)
    return gone.sentence if gone else claim.sentence


def _by_question(site: Site) -> list[tuple[Any, list[ClaimGrade]]]:
    found = []
    for name, grade in site.review.headline.items():
        claims = [site.review.claim_grades[c.id] for c in site.review.claims_of(name)]
        if claims:
            found.append((grade, claims))
    return found


def _section(site: Site, claim: Claim) -> Any:
    if claim.seed is None or site.review.seed is None:
        return None
    return next((s for s in site.review.seed.sections if s.id == claim.seed.section), None)


def support_totals(site: Site) -> list[tuple[str, int]]:
    """Number of claims by support; suspended ones count as that alone."""
    found = [site.review.support(claim) for claim in site.review.claims.values()]
    kinds = [*(str(one) for one in Support), *(["suspended"] if "suspended" in found else [])]
    return [(kind, found.count(kind)) for kind in kinds]


def _agreement(site: Site, claim: Claim) -> str:
    suspended = site.review.support(claim) == "suspended"
    return "suspended" if suspended else AGREEMENT[claim.support]


def seed_pages(site: Site, t: Labels) -> list[Page]:
    """The earlier review as a way in: a page for each of its sections, and the whole as a table."""
    review = site.review
    if review.seed is None:
        return []
    rows = [
        (
            review.claim_grades[name],
            claim,
            _agreement(site, claim),
            site.compared(review.claim_grades[name]),
        )
        for name, claim in review.claims.items()
        if claim.seed is not None
    ]
    totals = Counter(row[2] for row in rows)
    pages = [
        Page(
            "seed/index.md",
            "seed.j2",
            t("seed.title"),
            {
                "seed": review.seed,
                "rows": rows,
                "totals": totals,
                "references": [
                    (r, site.record(r.record) if r.record else None) for r in review.seed.references
                ],
            },
        )
    ]
    for section in review.seed.sections:
        here = [r for r in rows if r[1].seed is not None and r[1].seed.section == section.id]
        pages.append(
            Page(
                f"seed/{section.id}.md",
                "seed_section.j2",
                f"{section.number} {section.title[t.language]}",
                {"section": section, "rows": here, "seed": review.seed},
            )
        )
    return pages


def term_pages(site: Site, t: Labels, kind: TermKind, folder: str) -> list[Page]:
    """A page for each term of a kind that a question or a study names, and their index."""
    every = {term.id: term for term in site.review.terms(kind)}
    named: dict[str, Term] = {}
    for word in _named(site):
        at: str | None = word
        while at is not None and at in every and at not in named:
            named[at] = every[at]
            at = every[at].parent
    terms = [term for term in every.values() if term.id in named]
    pages = [
        Page(
            f"{folder}/index.md",
            "terms.j2",
            t(f"nav.{folder}"),
            {
                "folder": folder,
                "terms": [(term, len(_questions_about(site, term, every))) for term in terms],
            },
        )
    ]
    for term in terms:
        questions = _questions_about(site, term, every)
        studies = [
            row
            for row in site.rows.values()
            if any(f.value in _family(term, every) for f in row.extraction.treatments)
            or any(q.id in questions for q in row.questions)
        ]
        pages.append(
            Page(
                f"{folder}/{term.id}.md",
                "term.j2",
                term.name[t.language],
                {
                    "term_": term,
                    "folder": folder,
                    "parent": every.get(term.parent or ""),
                    "children": [c for c in terms if c.parent == term.id],
                    "grades": [site.review.headline[q] for q in questions],
                    "counts": site.comparison,
                    "claims": [
                        site.review.claim_grades[c.id]
                        for q in questions
                        for c in site.review.claims_of(q)
                    ],
                    "studies": studies,
                    "with_harms": kind is TermKind.TREATMENTS,
                },
            )
        )
    return pages


def _named(site: Site) -> list[str]:
    words = [term for q in site.review.questions.values() for term in q.about]
    for extraction in site.library.extractions.values():
        words += [f.value for f in extraction.treatments if f.value is not None]
    return words


def _family(term: Term, every: dict[str, Term]) -> set[str]:
    """A term and what it is the class of."""
    found = {term.id}
    while True:
        more = {t.id for t in every.values() if t.parent in found} - found
        if not more:
            return found
        found |= more


def _questions_about(site: Site, term: Term, every: dict[str, Term]) -> list[str]:
    family = _family(term, every)
    return [name for name, q in site.review.questions.items() if family & set(q.about)]


def harms_page(site: Site, t: Labels) -> Page:
    """What each study says of harms: reported, not reported, or not looked at."""
    rows = [
        r
        for r in site.rows.values()
        if r.extraction.treatments or (r.extraction.harms and r.extraction.harms.value)
    ]
    kinds = (QuestionKind.COMMON_HARM, QuestionKind.RARE_HARM)
    return Page(
        "harms.md",
        "harms.j2",
        t("nav.harms"),
        {"rows": rows, "grades": [g for g in site.grades if g.question.kind in kinds]},
    )


def unknown_page(site: Site, t: Labels) -> Page:
    """What we do not know, from the data themselves."""
    review = site.review
    without = [g for g in site.grades if g.level is None and g.status is not Status.NOT_GRADABLE]
    missing = dict.fromkeys(Missing, 0)
    for extraction in review.library.extractions.values():
        for _, fact in extraction.facts():
            kind = getattr(fact, "missing", None)
            if kind is not None:
                missing[kind] += 1
    untranslated = sum(1 for c in review.claims.values() if c.translation_checked_by is None)
    unidentified = [
        r.number for r in (review.seed.references if review.seed else ()) if r.record is None
    ]
    return Page(
        "unknown.md",
        "unknown.j2",
        t("nav.unknown"),
        {
            "without": without,
            "open": {
                str(support): [
                    review.claim_grades[n]
                    for n, c in review.claims.items()
                    if review.support(c) == support
                ]
                for support in (Support.NOT_VERIFIABLE, Support.UNSUPPORTED)
            },
            "missing": missing,
            "untranslated": untranslated,
            "claims": len(review.claims),
            "unidentified": unidentified,
            "statuses": site.statuses,
            "days": review.currency,
            "protocol": review.library.protocol,
        },
    )


def patients_page(site: Site, t: Labels) -> Page:
    """The questions on treatment in plain words."""
    rows = []
    for grade in site.review.headline.values():
        if grade.question.kind is not QuestionKind.TREATMENT:
            continue
        counted = sum(not one.suspended for one in grade.studies)
        withdrawn = len(grade.studies) - counted
        rows.append((grade, t(_plain(site, grade)), counted, withdrawn))
    return Page("patients.md", "patients.j2", t("nav.patients"), {"rows": rows})


def _plain(site: Site, grade: Grade) -> str:
    """Which plain sentence fits a question on treatment; no more than what was read."""
    graded = [one for one in grade.studies if one.level is not None]
    designs = {one.study: site.library.extractions[one.study].design.value for one in graded}
    directions = {
        str(c.direction)
        for c in site.review.claims_of(grade.question.id)
        if site.review.support(c) in ("supported", "partly")
    }
    if not graded:
        return "patients.nothing"
    if any((one.base or 9) <= 3 for one in graded):
        known = directions & {"benefit", "harm"}
        return (
            f"patients.{known.pop()}" if len(known) == 1 == len(directions) else "patients.unclear"
        )
    if any(design in CONTROLLED for design in designs.values()):
        return "patients.no_test"
    if set(designs.values()) == {Design.CASE_REPORT}:
        return "patients.one_person"
    return "patients.uncompared"


def changes_page(site: Site, t: Labels) -> Page:
    """What changed: each edition against the one before, and every search."""
    from review.editions.difference import difference

    editions = list(site.review.editions)
    shown = [
        (new, difference(old, new)) for old, new in zip([None, *editions], editions, strict=False)
    ]
    return Page(
        "changes.md",
        "changes.j2",
        t("nav.changes"),
        {
            "editions": list(reversed(shown)),
            "searches": list(reversed(site.library.searches)),
            "news": news(site.review),
            "since": lambda change: _since(site, change.object),
        },
    )


def _since(site: Site, changed: str) -> Retraction | None:
    """Whether what an edition says of an object is withdrawn since: a retraction, and how sure."""
    kind, _, name = changed.partition(":")
    if kind == "claim":
        gone = site.withdrawn.get(name)
        return gone.retraction if gone else None
    if kind == "report":
        touch = site.library.retraction(name) if name in site.library.records else None
        return touch.retraction if touch else None
    row = site.rows.get(name.split(".")[0]) if kind in ("study", "value") else None
    return row.retraction if row else None


def corrections_page(site: Site, t: Labels) -> Page:
    """The corrections log, newest first."""
    return Page(
        "corrections.md",
        "corrections.j2",
        t("nav.corrections"),
        {"corrections": list(reversed(site.review.corrections))},
    )
