"""Plots of syntheses and of the whole review, for pages and as files of their own."""

from __future__ import annotations

from collections.abc import Sequence

from review.grading.review import Review
from review.ground.numbers import of_people
from review.plots.evidence_map import Bubble, evidence_map
from review.plots.forest import Row, forest
from review.plots.timeline import timeline
from review.synthesis.estimate import Estimate
from review.synthesis.scale import axis_of, back
from review.synthesis.synthesise import Synthesis
from review.synthesis.tables import editions_of, map_cells, steps_of, term_names, timeline_table
from review.synthesis.words import WORDS


def pictures_of(review: Review, syntheses: Sequence[Synthesis]) -> dict[str, str]:
    """Every plot as a file of its own."""
    drawn: dict[str, str | None] = {
        "evidence-map": map_of(review, "en", alone=True),
        "timeline": timeline_of(review, "en", alone=True),
    }
    for one in syntheses:
        drawn[f"{one.question}-forest"] = forest_of(one, "en", alone=True)
        drawn[f"{one.question}-cumulative"] = cumulative_of(one, "en", alone=True)
        drawn[f"{one.question}-by-edition"] = by_edition(review, one, "en", alone=True)
    return {name: picture for name, picture in drawn.items() if picture is not None}


# ---- of one synthesis ----------------------------------------------------------------------------


def forest_of(synthesis: Synthesis, language: str, alone: bool = False) -> str | None:
    """The forest plot of a synthesis; its rows alone where nothing is pooled; None without rows."""
    if not synthesis.estimates:
        return None
    words = WORDS[language]
    rows = [_study_row(estimate, weight, words) for estimate, weight in synthesis.weighted]
    desc = f"{len(rows)} {words['studies']}: {synthesis.text[language]}"
    if synthesis.pooled is None:
        desc += f"; {words['not_pooled']}"
    heads = (
        words["study"],
        words["estimate"],
        words["weight"] if synthesis.pooled else "",
        words["mark"],
    )
    signed = not synthesis.unverified and all(e.verified for e in synthesis.estimates)
    return forest(
        f"{words['forest']}: {synthesis.text[language]}",
        desc,
        [*rows, *_pooled_rows(synthesis, words)],
        axis_of(synthesis, words),
        heads,
        "" if signed else words["unverified"],
        alone,
    )


def _study_row(estimate: Estimate, weight: float | None, words: dict[str, str]) -> Row:
    counts = ""
    if estimate.events is not None and estimate.people:
        counts = f"({of_people(estimate.events, estimate.people, words['of'])})"
    return Row(
        f"{estimate.name}, {estimate.group}" if estimate.group else estimate.name,
        *estimate.shown,
        weight,
        "study",
        _mark(estimate),
        counts,
    )


def _mark(estimate: Estimate) -> str:
    sign = "✓" if estimate.verified else "○"
    return f"L{estimate.level} {sign}" if estimate.level else f"– {sign}"


def _pooled_rows(synthesis: Synthesis, words: dict[str, str]) -> list[Row]:
    """The pooled estimate and its prediction interval, so far as there are any."""
    pooled = synthesis.pooled
    if pooled is None:
        return []
    draft = f"{words['unverified']}, " if synthesis.unverified else ""
    label = f"{words['pooled']} ({draft}{pooled.method}, {pooled.k})"
    middle = back(synthesis, pooled.estimate)
    ends = back(synthesis, pooled.ci_lower), back(synthesis, pooled.ci_upper)
    rows = [Row(label, middle, *ends, None, "pooled")]
    if pooled.pi_lower is not None:
        ends = back(synthesis, pooled.pi_lower), back(synthesis, pooled.pi_upper)
        rows.append(Row(words["prediction"], None, *ends, None, "prediction"))
    return rows


def cumulative_of(synthesis: Synthesis, language: str, alone: bool = False) -> str | None:
    """The pooled estimate after each study by year; None where nothing is pooled."""
    steps = steps_of(synthesis)
    if not steps:
        return None
    words = WORDS[language]
    names = {e.study: e.name for e in synthesis.estimates}
    rows = [
        Row(
            f"{words['plus']} {names[step['added']]}",
            step["estimate"],
            step["ci_low"],
            step["ci_high"],
        )
        for step in steps
    ]
    heads = (words["study"], words["estimate"], "", "")
    mark = words["unverified"] if synthesis.unverified else ""
    title = f"{words['cumulative']}: {synthesis.text[language]}"
    return forest(title, title, rows, axis_of(synthesis, words), heads, mark, alone)


def by_edition(
    review: Review, synthesis: Synthesis, language: str, alone: bool = False
) -> str | None:
    """The pooled estimate edition by edition, and as it stands now; None where none had one."""
    past = [
        row
        for row in editions_of(review, synthesis.question)
        if row["measure"] == synthesis.measure
    ]
    if not past:
        return None
    words = WORDS[language]
    rows = [
        Row(
            f"{words['edition']} {row['edition']}",
            row["estimate"],
            row["ci_low"],
            row["ci_high"],
            tail=f"({row['date']}, k = {row['k']})"
            + (f" {words['withdrawn']}" if row["withdrawn_since"] else ""),
        )
        for row in past
    ]
    title = f"{words['by_edition']}: {synthesis.text[language]}"
    heads = (words["edition"], words["estimate"], "", "")
    return forest(title, title, rows, axis_of(synthesis, words), heads, "", alone)


# ---- of the whole review -------------------------------------------------------------------------


def map_of(review: Review, language: str, alone: bool = False) -> str | None:
    """The evidence map; None where no question has a treatment and an outcome."""
    words, names = WORDS[language], term_names(review, language)
    treatments, outcomes, cells = map_cells(review)
    bubbles = []
    for (treatment, outcome), cell in sorted(cells.items()):
        if not cell["studies"]:
            continue  # only such as are retracted, or may be
        studies = f"{len(cell['studies'])} {words['studies']}"
        people = f"{cell['people'] or '?'} {words['people']}"
        level = f"{words['level']} {cell['level']}" if cell["level"] else words["none"]
        bubbles.append(
            Bubble(
                treatments.index(treatment),
                outcomes.index(outcome),
                len(cell["studies"]),
                cell["people"],
                cell["level"],
                f"{names[treatment]}, {names[outcome]}: {studies}, {people}, {level}",
            )
        )
    if not bubbles:
        return None
    return evidence_map(
        words["map"],
        words["map_desc"],
        [names[treatment] for treatment in treatments],
        [names[outcome] for outcome in outcomes],
        bubbles,
        alone=alone,
    )


def timeline_of(review: Review, language: str, alone: bool = False) -> str | None:
    """Studies by year; None where no study has one."""
    words = WORDS[language]
    studies = [
        (
            row["year"],
            f"{row['name']} {words[row['suspended']]}" if row["suspended"] else row["name"],
            row["people"],
        )
        for row in timeline_table(review)
    ]
    if not studies:
        return None
    return timeline(words["time"], words["time_desc"], studies, words["people"], alone)
