"""What pages and ``review synthesise --out`` show of a synthesis: plots, and the tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from review.grading.review import Review
from review.ground.numbers import number, of_people, p_value, percent, places_for
from review.ground.spreadsheet import csv_text
from review.model.vocabulary import TermKind
from review.plots.axis import Axis
from review.plots.evidence_map import Bubble, evidence_map
from review.plots.forest import Row, forest
from review.plots.timeline import timeline
from review.statistics.effect_sizes import MEASURES, back_transform
from review.synthesis.synthesise import RATIOS, SHARES, Estimate, Synthesis

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "study": "Study",
        "estimate": "Estimate (95 % CI)",
        "weight": "Weight",
        "mark": "Level",
        "pooled": "Pooled",
        "prediction": "Prediction interval",
        "unverified": "UNVERIFIED",
        "proportion": "share of people",
        "effect": "effect",
        "people": "people",
        "verified": "verified",
        "draft": "unverified",
        "level": "level",
        "none": "no level",
        "forest": "Forest plot",
        "studies": "studies",
        "not_pooled": "rows only, nothing is pooled",
        "map": "Evidence map",
        "map_desc": "treatments by outcomes: size is people, the number in a bubble is studies, L is the level",
        "time": "Studies by year",
        "time_desc": "each dot is a study, its size the number of people",
        "cumulative": "Cumulative by year",
        "by_edition": "Pooled estimate by edition",
        "edition": "Edition",
        "plus": "+",
        "to": "to",
        "of": " of ",
    },
    "zh": {
        "study": "研究",
        "estimate": "估计值 (95% CI)",
        "weight": "权重",
        "mark": "级别",
        "pooled": "合并",
        "prediction": "预测区间",
        "unverified": "未核实",
        "proportion": "人数比例",
        "effect": "效应",
        "people": "人",
        "verified": "已核实",
        "draft": "未核实",
        "level": "级别",
        "none": "无级别",
        "forest": "森林图",
        "studies": "项研究",
        "not_pooled": "仅列出各研究，未合并",
        "map": "证据图",
        "map_desc": "治疗与结局：圆的大小为人数，数字为研究数，L 为级别",
        "time": "按年份的研究",
        "time_desc": "每个点为一项研究，大小为人数",
        "cumulative": "按年份累积",
        "by_edition": "各版次的合并估计",
        "edition": "版次",
        "plus": "+",
        "to": "至",
        "of": "/",
    },
}
"""Words on the plots, so that a picture of a Chinese page is Chinese."""


def axis_of(one: Synthesis, words: dict[str, str]) -> Axis:
    """How a synthesis's estimates are shown."""
    if one.measure in SHARES:
        return Axis(words["proportion"], "share", to=words["to"])
    ratio = one.measure in RATIOS
    places = places_for([high - low for _, low, high in (e.shown for e in one.estimates)])
    label = f"{words['effect']} ({one.measure})"
    return Axis(label, "log" if ratio else "linear", 1.0 if ratio else 0.0, places, words["to"])


def back(one: Synthesis, value: float | None) -> float | None:
    """A value of the pooled scale on the readers' scale."""
    if value is None:
        return None
    return _back(one.measure, value)


def _back(measure: str, value: float) -> float:
    return back_transform("exp" if measure in RATIOS else MEASURES[measure].back, value)


def kind_of(one: Estimate) -> str:
    """What an estimate measures, with ``?`` for what was not read."""
    return ", ".join(filter(None, (one.group, *one.frame)))


def _mark(one: Estimate) -> str:
    sign = "✓" if one.verified else "○"
    return f"L{one.level} {sign}" if one.level else f"– {sign}"


def forest_of(one: Synthesis, language: str, alone: bool = False) -> str | None:
    """The forest plot of a synthesis; its rows alone where nothing is pooled; None without rows."""
    if not one.estimates:
        return None
    words = WORDS[language]
    axis = axis_of(one, words)
    weights = one.pooled.weights if one.pooled else [None] * len(one.estimates)
    rows = [
        Row(
            f"{e.name}, {e.group}" if e.group else e.name,
            *e.shown,
            weight,
            "study",
            _mark(e),
            f"({of_people(e.events, e.people, words['of'])})"
            if e.events is not None and e.people
            else "",
        )
        for e, weight in zip(one.estimates, weights, strict=True)
    ]
    desc = f"{len(rows)} {words['studies']}: {one.text[language]}"
    if one.pooled is not None:
        p = one.pooled
        draft = f"{words['unverified']}, " if one.unverified else ""
        label = f"{words['pooled']} ({draft}{p.method}, {p.k})"
        rows.append(
            Row(
                label,
                back(one, p.estimate),
                back(one, p.ci_lower),
                back(one, p.ci_upper),
                None,
                "pooled",
            )
        )
        if p.pi_lower is not None:
            ends = back(one, p.pi_lower), back(one, p.pi_upper)
            rows.append(Row(words["prediction"], None, *ends, None, "prediction"))
    else:
        desc += f"; {words['not_pooled']}"
    heads = (
        words["study"],
        words["estimate"],
        words["weight"] if one.pooled else "",
        words["mark"],
    )
    mark = (
        words["unverified"] if one.unverified or not all(e.verified for e in one.estimates) else ""
    )
    return forest(f"{words['forest']}: {one.text[language]}", desc, rows, axis, heads, mark, alone)


def cumulative_of(one: Synthesis, language: str, alone: bool = False) -> str | None:
    """The pooled estimate after each study by year; None where nothing is pooled."""
    steps = steps_of(one)
    if not steps:
        return None
    words = WORDS[language]
    names = {e.study: e.name for e in one.estimates}
    rows = [
        Row(
            f"{words['plus']} {names[row['added']]}", row["estimate"], row["ci_low"], row["ci_high"]
        )
        for row in steps
    ]
    heads = (words["study"], words["estimate"], "", "")
    mark = words["unverified"] if one.unverified else ""
    title = f"{words['cumulative']}: {one.text[language]}"
    return forest(title, title, rows, axis_of(one, words), heads, mark, alone)


def editions_of(review: Review, question: str) -> list[dict[str, Any]]:
    """A question's pooled figure in each edition that had one, on the readers' scale."""
    rows = []
    for edition in review.editions:
        for one in edition.questions:
            if one.id == question and one.pooled is not None:
                ends = (one.pooled.estimate, one.pooled.ci_low, one.pooled.ci_high)
                middle, low, high = (_back(one.pooled.measure, value) for value in ends)
                rows.append(
                    {
                        "question": question,
                        "edition": edition.version,
                        "date": edition.date,
                        "measure": one.pooled.measure,
                        "k": one.pooled.k,
                        "estimate": middle,
                        "ci_low": low,
                        "ci_high": high,
                    }
                )
    return rows


def by_edition(review: Review, one: Synthesis, language: str, alone: bool = False) -> str | None:
    """The pooled estimate edition by edition, and as it stands now; None where none had one."""
    past = [row for row in editions_of(review, one.question) if row["measure"] == one.measure]
    if not past:
        return None
    words = WORDS[language]
    rows = [
        Row(
            f"{words['edition']} {row['edition']}",
            row["estimate"],
            row["ci_low"],
            row["ci_high"],
            tail=f"({row['date']}, k = {row['k']})",
        )
        for row in past
    ]
    title = f"{words['by_edition']}: {one.text[language]}"
    heads = (words["edition"], words["estimate"], "", "")
    return forest(title, title, rows, axis_of(one, words), heads, "", alone)


COLUMNS = (
    *("question", "study", "result", "year", "events", "people", "estimate", "ci_low", "ci_high"),
    *("yi", "vi", "weight", "level", "verified", "converted", "kind", "status", "reason"),
    *("measure", "method", "test", "k", "pi_low", "pi_high", "tau2", "i2"),
)


def table_of(one: Synthesis) -> list[dict[str, Any]]:
    """The table twin of a synthesis: every study, those left out with their reason, and the pool."""
    weights = one.pooled.weights if one.pooled else [None] * len(one.estimates)
    rows: list[dict[str, Any]] = [
        dict.fromkeys(COLUMNS)
        | {
            "question": one.question,
            "study": e.study,
            "result": e.result,
            "year": e.year,
            "events": e.events,
            "people": e.people,
            "estimate": e.shown[0],
            "ci_low": e.shown[1],
            "ci_high": e.shown[2],
            "yi": e.yi,
            "vi": e.vi,
            "weight": weight,
            "level": e.level,
            "verified": e.verified,
            "converted": e.converted,
            "kind": kind_of(e),
            "status": "estimate",
            "reason": None,
        }
        for e, weight in zip(one.estimates, weights, strict=True)
    ]
    rows += [
        dict.fromkeys(COLUMNS)
        | {
            "question": one.question,
            "study": out.study,
            "status": "left_out",
            "reason": out.reason["en"],
        }
        for out in one.left_out
    ]
    if one.pooled is not None:
        p = one.pooled
        rows.append(
            dict.fromkeys(COLUMNS)
            | {
                "question": one.question,
                "study": "pooled",
                "estimate": back(one, p.estimate),
                "ci_low": back(one, p.ci_lower),
                "ci_high": back(one, p.ci_upper),
                "yi": p.estimate,
                "vi": p.se**2,
                "verified": not one.unverified,
                "status": "pooled",
                "reason": "UNVERIFIED" if one.unverified else None,
                "measure": one.measure,
                "method": p.method,
                "test": p.test,
                "k": p.k,
                "pi_low": back(one, p.pi_lower),
                "pi_high": back(one, p.pi_upper),
                "tau2": p.tau2,
                "i2": p.i2,
            }
        )
    return rows


def sentence_of(one: Synthesis, language: str) -> str:
    """What a synthesis says in one sentence, in the plot's own figures."""
    if one.pooled is None:
        return one.why_not[language] if one.why_not else ""
    p, axis = one.pooled, axis_of(one, WORDS[language])
    middle = axis.shown(back(one, p.estimate))
    between = axis.between(back(one, p.ci_lower), back(one, p.ci_upper))
    mark = f"{WORDS[language]['unverified']}: " if one.unverified else ""
    parts = [f"{mark}{middle} (95 % CI {between})"]
    if p.pi_lower is not None:
        word = WORDS[language]["prediction"].lower()
        parts.append(f"{word} {axis.between(back(one, p.pi_lower), back(one, p.pi_upper))}")
    parts.append(f"tau² {number(p.tau2, 3)}, I² {number(p.i2, 0)} %, k = {p.k}")
    if one.measure == "PLO":
        median = (
            "the middle of the studies' shares, not their mean"
            if language == "en"
            else "为各研究比例的中位，而非均值"
        )
        parts.append(median)
    else:
        parts.append(f"P {p_value(p.p)}")
    if one.by_glmm is not None:
        parts.append(f"binomial-normal model {percent(one.by_glmm[0])}")
    return "; ".join(parts)


# ---- the map and the timeline ------------------------------------------------------------------


def map_cells(review: Review) -> tuple[list[str], list[str], dict[tuple[str, str], dict[str, Any]]]:
    """Treatments, outcomes, and for each pair its studies, people and best level."""
    terms = {t.id: t for t in review.terms(TermKind.TREATMENTS)}
    outcomes = {t.id: t for t in review.terms(TermKind.OUTCOMES)}
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for name, question in review.questions.items():
        treated = [one for one in question.about if one in terms]
        if not treated or not question.studies:
            continue
        grade = review.headline[name]
        seen: dict[str, set[str]] = {}
        for eligible in question.studies:
            extraction = review.library.extractions[eligible.study]
            measured = {r.outcome for one in eligible.results if (r := extraction.result(one))}
            for outcome in measured or {one for one in question.about if one in outcomes}:
                if outcome in outcomes:
                    seen.setdefault(outcome, set()).add(eligible.study)
        for outcome, studies in seen.items():
            for treatment in treated:
                cell = cells.setdefault(
                    (treatment, outcome), {"studies": set(), "level": None, "questions": []}
                )
                cell["studies"] |= studies
                cell["questions"].append(name)
                if grade.level is not None:
                    cell["level"] = min(cell["level"] or 5, grade.level)
    for cell in cells.values():
        cell["people"] = sum(_people(review, one) or 0 for one in cell["studies"]) or None
    rows = [one for one in terms if any(key[0] == one for key in cells)]
    columns = [one for one in outcomes if any(key[1] == one for key in cells)]
    return rows, columns, cells


def _people(review: Review, study: str) -> int | None:
    sizes = [s.people for s in review.library.extractions[study].sample if s.group is None]
    return max(sizes, default=None)


def map_of(
    review: Review, language: str, alone: bool = False
) -> tuple[str | None, list[dict[str, Any]]]:
    """The evidence map and its table twin."""
    words = WORDS[language]
    rows, columns, cells = map_cells(review)
    names = {
        t.id: t.name[language]
        for k in (TermKind.TREATMENTS, TermKind.OUTCOMES)
        for t in review.terms(k)
    }
    bubbles, table = [], []
    for (treatment, outcome), cell in sorted(cells.items()):
        studies = sorted(cell["studies"])
        level = f"{words['level']} {cell['level']}" if cell["level"] else words["none"]
        people = f"{cell['people']} {words['people']}" if cell["people"] else f"? {words['people']}"
        told = f"{names[treatment]}, {names[outcome]}: {len(studies)} {words['studies']}, {people}, {level}"
        bubbles.append(
            Bubble(
                rows.index(treatment),
                columns.index(outcome),
                len(studies),
                cell["people"],
                cell["level"],
                told,
            )
        )
        table.append(
            {
                "treatment": names[treatment],
                "outcome": names[outcome],
                "studies": studies,
                "people": cell["people"],
                "level": cell["level"],
                "questions": cell["questions"],
            }
        )
    if not bubbles:
        return None, []
    picture = evidence_map(
        words["map"],
        words["map_desc"],
        [names[r] for r in rows],
        [names[c] for c in columns],
        bubbles,
        alone=alone,
    )
    return picture, table


def timeline_of(
    review: Review, language: str, alone: bool = False
) -> tuple[str | None, list[dict[str, Any]]]:
    """Studies by year, and the table twin."""
    words = WORDS[language]
    rows = []
    for study, extraction in sorted(review.library.extractions.items()):
        record = review.library.records.get(extraction.reports[0])
        if record is not None and record.year is not None:
            rows.append((record.year, review.study_name(study), _people(review, study), study))
    if not rows:
        return None, []
    rows.sort()
    picture = timeline(
        words["time"],
        words["time_desc"],
        [(y, n, p) for y, n, p, _ in rows],
        words["people"],
        alone,
    )
    return picture, [{"year": y, "study": s, "name": n, "people": p} for y, n, p, s in rows]


def steps_of(one: Synthesis) -> list[dict[str, Any]]:
    """The table twin of the cumulative plot."""
    from review.statistics.sensitivity import cumulative

    if one.pooled is None or any(e.year is None for e in one.estimates):
        return []
    order = _by_year(one)
    y, v = [e.yi for e in one.estimates], [e.vi for e in one.estimates]
    steps = cumulative(y, v, order, one.policy.method, one.policy.test)
    return [
        {
            "question": one.question,
            "added": one.estimates[n].study,
            "year": one.estimates[n].year,
            "k": step.k,
            "estimate": back(one, step.estimate),
            "ci_low": back(one, step.ci_lower),
            "ci_high": back(one, step.ci_upper),
            "status": "UNVERIFIED" if one.unverified else "verified",
        }
        for n, step in zip(order, steps, strict=True)
    ]


def _by_year(one: Synthesis) -> list[int]:
    return sorted(range(len(one.estimates)), key=lambda n: (one.estimates[n].year or 0, n))


def as_json(found: Sequence[Synthesis]) -> list[dict[str, Any]]:
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
        for one in found
    ]


TABLES: dict[str, tuple[str, ...]] = {
    "syntheses": COLUMNS,
    "cumulative": (*("question", "added", "year", "k", "estimate", "ci_low", "ci_high", "status"),),
    "by-edition": (
        *("question", "edition", "date", "measure", "k", "estimate", "ci_low", "ci_high"),
    ),
    "evidence-map": ("treatment", "outcome", "studies", "people", "level", "questions"),
    "timeline": ("year", "study", "name", "people"),
}
"""The tables beside the plots, with their columns."""


def tables_of(review: Review, found: Sequence[Synthesis]) -> dict[str, list[dict[str, Any]]]:
    """Every plot's figures as rows; the same for the site and for ``review synthesise --out``."""
    return {
        "syntheses": [row for one in found for row in table_of(one)],
        "cumulative": [row for one in found for row in steps_of(one)],
        "by-edition": [row for one in found for row in editions_of(review, one.question)],
        "evidence-map": map_of(review, "en")[1],
        "timeline": timeline_of(review, "en")[1],
    }


def as_csv(name: str, rows: Sequence[dict[str, Any]]) -> str:
    """A table as CSV; cells that a spreadsheet would run are defused."""

    def cell(value: Any) -> Any:
        return " ".join(value) if isinstance(value, list | tuple) else value

    columns = TABLES[name]
    return csv_text(columns, ([cell(row.get(one)) for one in columns] for row in rows))


def pictures_of(review: Review, found: Sequence[Synthesis]) -> dict[str, str]:
    """Every plot as a file of its own."""
    made: dict[str, str | None] = {
        "evidence-map": map_of(review, "en", alone=True)[0],
        "timeline": timeline_of(review, "en", alone=True)[0],
    }
    for one in found:
        made[f"{one.question}-forest"] = forest_of(one, "en", alone=True)
        made[f"{one.question}-cumulative"] = cumulative_of(one, "en", alone=True)
        made[f"{one.question}-by-edition"] = by_edition(review, one, "en", alone=True)
    return {name: picture for name, picture in made.items() if picture is not None}
