"""Tables beside the plots, of syntheses and of the whole review; on pages and as CSV."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from review.grading.review import Review
from review.ground.spreadsheet import csv_text
from review.model.question import Question
from review.model.vocabulary import TermKind
from review.synthesis.estimate import Estimate
from review.synthesis.scale import back, back_of
from review.synthesis.synthesise import LeftOut, Synthesis

COLUMNS = (
    *("question", "study", "result", "year", "events", "people", "estimate", "ci_low", "ci_high"),
    *("yi", "vi", "weight", "level", "verified", "converted", "kind", "status", "reason"),
    *("measure", "method", "test", "k", "pi_low", "pi_high", "tau2", "i2"),
)
TABLES: dict[str, tuple[str, ...]] = {
    "syntheses": COLUMNS,
    "cumulative": (*("question", "added", "year", "k", "estimate", "ci_low", "ci_high", "status"),),
    "by-edition": (
        *("question", "edition", "date", "measure", "k", "estimate", "ci_low", "ci_high"),
        "withdrawn_since",
    ),
    "evidence-map": (
        *("treatment", "outcome", "studies", "people", "level", "questions", "suspended"),
    ),
    "timeline": ("year", "study", "name", "people", "suspended"),
}
"""The tables beside the plots, with their columns."""


def tables_of(review: Review, syntheses: Sequence[Synthesis]) -> dict[str, list[dict[str, Any]]]:
    """Every plot's figures as rows; the same for the site and for ``review synthesise --out``."""
    return {
        "syntheses": [row for one in syntheses for row in table_of(one)],
        "cumulative": [row for one in syntheses for row in steps_of(one)],
        "by-edition": [row for one in syntheses for row in editions_of(review, one.question)],
        "evidence-map": map_table(review, "en"),
        "timeline": timeline_table(review),
    }


def as_csv(name: str, rows: Sequence[dict[str, Any]]) -> str:
    """A table as CSV; cells that a spreadsheet would run are defused."""

    def cell(value: Any) -> Any:
        return " ".join(value) if isinstance(value, list | tuple) else value

    columns = TABLES[name]
    return csv_text(columns, ([cell(row.get(column)) for column in columns] for row in rows))


# ---- of one synthesis ----------------------------------------------------------------------------


def table_of(synthesis: Synthesis) -> list[dict[str, Any]]:
    """The table twin of a synthesis: every study, why some are left out, and the pool."""
    filled = [
        *(_estimate_row(estimate, weight) for estimate, weight in synthesis.weighted),
        *(_left_out_row(out) for out in synthesis.left_out),
        *_pooled_row(synthesis),
    ]
    return [dict.fromkeys(COLUMNS) | {"question": synthesis.question} | row for row in filled]


def _estimate_row(estimate: Estimate, weight: float | None) -> dict[str, Any]:
    middle, low, high = estimate.shown
    return {
        "study": estimate.study,
        "result": estimate.result,
        "year": estimate.year,
        "events": estimate.events,
        "people": estimate.people,
        "estimate": middle,
        "ci_low": low,
        "ci_high": high,
        "yi": estimate.yi,
        "vi": estimate.vi,
        "weight": weight,
        "level": estimate.level,
        "verified": estimate.verified,
        "converted": estimate.converted,
        "kind": kind_of(estimate),
        "status": "estimate",
    }


def kind_of(estimate: Estimate) -> str:
    """What an estimate measures, with ``?`` for what was not read."""
    return ", ".join(filter(None, (estimate.group, *estimate.frame)))


def _left_out_row(out: LeftOut) -> dict[str, Any]:
    return {"study": out.study, "status": "left_out", "reason": out.reason["en"]}


def _pooled_row(synthesis: Synthesis) -> list[dict[str, Any]]:
    """The pooled figure's row; none where nothing is pooled."""
    pooled = synthesis.pooled
    if pooled is None:
        return []
    row = {
        "study": "pooled",
        "estimate": back(synthesis, pooled.estimate),
        "ci_low": back(synthesis, pooled.ci_lower),
        "ci_high": back(synthesis, pooled.ci_upper),
        "yi": pooled.estimate,
        "vi": pooled.se**2,
        "verified": not synthesis.unverified,
        "status": "pooled",
        "reason": "UNVERIFIED" if synthesis.unverified else None,
        "measure": synthesis.measure,
        "method": pooled.method,
        "test": pooled.test,
        "k": pooled.k,
        "pi_low": back(synthesis, pooled.pi_lower),
        "pi_high": back(synthesis, pooled.pi_upper),
        "tau2": pooled.tau2,
        "i2": pooled.i2,
    }
    return [row]


def steps_of(synthesis: Synthesis) -> list[dict[str, Any]]:
    """The table twin of the cumulative plot."""
    from review.statistics.sensitivity import cumulative

    estimates, policy = synthesis.estimates, synthesis.policy
    if synthesis.pooled is None or any(e.year is None for e in estimates):
        return []
    order = sorted(range(len(estimates)), key=lambda n: (estimates[n].year or 0, n))
    y, v = [e.yi for e in estimates], [e.vi for e in estimates]
    steps = cumulative(y, v, order, policy.method, policy.test)
    return [
        {
            "question": synthesis.question,
            "added": estimates[n].study,
            "year": estimates[n].year,
            "k": step.k,
            "estimate": back(synthesis, step.estimate),
            "ci_low": back(synthesis, step.ci_lower),
            "ci_high": back(synthesis, step.ci_upper),
            "status": "UNVERIFIED" if synthesis.unverified else "verified",
        }
        for n, step in zip(order, steps, strict=True)
    ]


def editions_of(review: Review, question: str) -> list[dict[str, Any]]:
    """A question's pooled figure in each edition that had one, on the readers' scale."""
    return [
        {
            "question": question,
            "edition": edition.version,
            "date": edition.date,
            "measure": past.pooled.measure,
            "k": past.pooled.k,
            "estimate": back_of(past.pooled.measure, past.pooled.estimate),
            "ci_low": back_of(past.pooled.measure, past.pooled.ci_low),
            "ci_high": back_of(past.pooled.measure, past.pooled.ci_high),
            "withdrawn_since": [
                study
                for study in past.studies
                if study in review.library.extractions and review.library.suspended(study)
            ],
        }
        for edition in review.editions
        for past in edition.questions
        if past.id == question and past.pooled is not None
    ]


def as_json(syntheses: Sequence[Synthesis]) -> list[dict[str, Any]]:
    """Syntheses for machines."""
    return [
        {
            "question": one.question,
            "measure": one.measure,
            "pooled": None
            if one.pooled is None
            else {
                "k": one.pooled.k,
                "estimate": back(one, one.pooled.estimate),
                "ci_lower": back(one, one.pooled.ci_lower),
                "ci_upper": back(one, one.pooled.ci_upper),
                "pi_lower": back(one, one.pooled.pi_lower),
                "pi_upper": back(one, one.pooled.pi_upper),
                "tau2": one.pooled.tau2,
                "I2": one.pooled.i2,
                "method": one.pooled.method,
                "test": one.pooled.test,
                "unverified": one.unverified,
            },
            "why_not": one.why_not["en"] if one.why_not else None,
            "rows": table_of(one),
        }
        for one in syntheses
    ]


# ---- of the whole review -------------------------------------------------------------------------


def map_cells(review: Review) -> tuple[list[str], list[str], dict[tuple[str, str], dict[str, Any]]]:
    """Treatments, outcomes, and for each pair its studies, people and best level; a study that
    is retracted, or may be, stands apart and counts for nothing.
    """
    treatments = dict.fromkeys(term.id for term in review.terms(TermKind.TREATMENTS))
    outcomes = dict.fromkeys(term.id for term in review.terms(TermKind.OUTCOMES))
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for name, question in review.questions.items():
        treated = [term for term in question.about if term in treatments]
        if not treated or not question.studies:
            continue
        level = review.headline[name].level
        for outcome, studies in _measured(review, question, outcomes).items():
            for treatment in treated:
                cell = cells.setdefault(
                    (treatment, outcome),
                    {"studies": set(), "suspended": set(), "level": None, "questions": []},
                )
                suspended = {one for one in studies if review.library.suspended(one)}
                cell["studies"] |= studies - suspended
                cell["suspended"] |= suspended
                cell["questions"].append(name)
                if level is not None:
                    cell["level"] = min(cell["level"] or 5, level)
    for cell in cells.values():
        cell["people"] = sum(_people(review, study) or 0 for study in cell["studies"]) or None
    rows = [term for term in treatments if any(treatment == term for treatment, _ in cells)]
    columns = [term for term in outcomes if any(outcome == term for _, outcome in cells)]
    return rows, columns, cells


def _measured(review: Review, question: Question, outcomes: Collection[str]) -> dict[str, set[str]]:
    """The studies of a question by what they measured; by what it asks where none of its results
    says so.
    """
    studies: dict[str, set[str]] = {}
    for eligible in question.studies:
        extraction = review.library.extractions[eligible.study]
        measured = {r.outcome for name in eligible.results if (r := extraction.result(name))}
        for outcome in measured or question.about:
            if outcome in outcomes:
                studies.setdefault(outcome, set()).add(eligible.study)
    return studies


def _people(review: Review, study: str) -> int | None:
    sizes = [s.people for s in review.library.extractions[study].sample if s.group is None]
    return max(sizes, default=None)


def term_names(review: Review, language: str) -> dict[str, str]:
    """Names of treatments and outcomes by their ids."""
    return {
        term.id: term.name[language]
        for kind in (TermKind.TREATMENTS, TermKind.OUTCOMES)
        for term in review.terms(kind)
    }


def map_table(review: Review, language: str) -> list[dict[str, Any]]:
    """The table twin of the evidence map."""
    names = term_names(review, language)
    return [
        {
            "treatment": names[treatment],
            "outcome": names[outcome],
            "studies": sorted(cell["studies"]),
            "suspended": sorted(cell["suspended"]),
            "people": cell["people"],
            "level": cell["level"],
            "questions": cell["questions"],
        }
        for (treatment, outcome), cell in sorted(map_cells(review)[2].items())
    ]


def timeline_table(review: Review) -> list[dict[str, Any]]:
    """Studies by year, the table twin of the timeline."""
    rows = []
    for study, extraction in review.library.extractions.items():
        record = review.library.records.get(extraction.reports[0])
        if record is not None and record.year is not None:
            rows.append((record.year, review.study_name(study), _people(review, study), study))
    return [
        {
            "year": year,
            "study": study,
            "name": name,
            "people": people,
            "suspended": touch.retraction if (touch := review.library.suspended(study)) else None,
        }
        for year, name, people, study in sorted(rows, key=lambda row: (row[0], row[1], row[3]))
    ]
