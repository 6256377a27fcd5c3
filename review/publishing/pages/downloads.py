"""The site's data as files: tables, levels, claims, and the included reports as citations."""

from __future__ import annotations

from typing import Any

from review.editions.build import shown
from review.model.record import Record, Retraction
from review.publishing.pages.views import Site
from review.selection.marks import mark_of_title


def evidence_table(site: Site) -> list[dict[str, Any]]:
    """One row per question, study and result used."""
    rows = []
    for g in site.grades:
        for row in site.question_rows(g):
            for result in row.results or (None,):
                field = f"results.{result.id}" if result else ""
                status = site.status(row.study, field, result) if result else None
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
                        "measure": str(result.measure) if result else None,
                        "instrument": result.instrument if result else None,
                        "group": result.group if result else None,
                        "time": result.time if result else None,
                        "analysed": result.people_analysed if result else None,
                        "events": result.events if result else None,
                        "total": result.total if result else None,
                        "percent": result.percent if result else None,
                        "value": result.value if result else None,
                        "spread": result.spread if result else None,
                        "ci_low": result.ci_low if result else None,
                        "ci_high": result.ci_high if result else None,
                        "p_value": result.p_value if result else None,
                        "estimand": str(result.estimand) if result else None,
                        "direction": str(result.direction or "") if result else None,
                        "source_tier": str(result.source_tier or "") if result else None,
                        "read_at": result.read_at if result else None,
                        "quote": result.quote if result else None,
                        "found_in_source": bool(result and site.found(row.study, field, result)),
                        "entered_by": result.by if result else None,
                        "status": status,
                        "note": result.note if result else None,
                        "no_result": row.no_result["en"] if row.no_result else None,
                    }
                )
    return rows


def claims_table(site: Site) -> list[dict[str, Any]]:
    """One row per claim."""
    rows = []
    for name, one in site.review.claim_grades.items():
        claim, gone = site.review.claims[name], site.withdrawn.get(name)
        sentence = gone.sentence if gone else claim.sentence
        rows.append(
            {
                "claim": name,
                "question": claim.question,
                "kind": str(one.grade.question.kind),
                "sentence_en": sentence["en"],
                "sentence_zh": sentence["zh"],
                "translation_checked_by": claim.translation_checked_by,
                "support": site.review.support(claim),
                "direction": claim.direction and str(claim.direction) if gone is None else None,
                "status": str(one.status),
                "level": one.level,
                "level_follow_up_counts": site.compared(one),
                "seed_level": one.seed_level,
                "seed_says": claim.seed_says,
                "source_says": claim.source_says["en"] if claim.source_says and not gone else None,
                "for": " ".join(claim.supporting),
                "against": " ".join(claim.against),
                "neutral": " ".join(claim.neutral),
                "doubts": " | ".join(d["en"] for d in claim.doubts),
                "confirmed_by": " ".join(site.review.ledger.of_claim(one)) if not gone else "",
                "withdrawn_on": gone.since if gone else None,
            }
        )
    return rows


def values_table(site: Site) -> list[dict[str, Any]]:
    """One row per extracted value."""
    rows = []
    for study, extraction in site.library.extractions.items():
        for field, fact in extraction.facts():
            rows.append(
                {
                    "study": study,
                    "suspended": str(site.rows[study].retraction or ""),
                    "field": field,
                    "value": shown(fact),
                    "missing": str(getattr(fact, "missing", None) or ""),
                    "source_tier": str(fact.source_tier or ""),
                    "locator": fact.locator,
                    "read_at": fact.read_at,
                    "quote": fact.quote,
                    "found_in_source": site.found(study, field, fact),
                    "entered_by": fact.by,
                    "status": site.status(study, field, fact),
                    "signed_by": " ".join(site.review.ledger.of_value(study, field, fact)),
                    "note": fact.note,
                }
            )
    return rows


MARKS = {
    Retraction.CERTAIN: "RETRACTED: ",
    Retraction.POSSIBLE: "RETRACTION POSSIBLE, BEING CHECKED: ",
}
"""What stands before a title, as databases print it: whoever cites it from the file sees it."""


def included_records(site: Site) -> list[Record]:
    """The included reports, in the order of their ids; those retracted, or possibly, marked so."""
    return [_marked(site, site.library.records[one]) for one in sorted(site.library.included)]


def _marked(site: Site, record: Record) -> Record:
    touch = site.library.retraction(record.id)
    if touch is None or touch.retraction is None or mark_of_title(record.title):
        return record
    title = record.title or record.vernacular_title or ""
    return record.model_copy(update={"title": MARKS[touch.retraction] + title})
