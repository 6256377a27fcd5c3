"""What a result says on the scale that is pooled, and on the readers'."""

from __future__ import annotations

import math
from dataclasses import dataclass

from review.grading.review import Review
from review.grading.signatures import value_status
from review.model.base import Bilingual, bilingual
from review.model.extraction import Measure, Result

SHARES = frozenset({"PLO", "PR"})
RATIOS = frozenset({"OR", "RR", "HR"})
"""Measures a protocol may choose: of shares, and of ratios."""


@dataclass(frozen=True)
class Figures:
    """What a result says, whosever it is.

    :ivar yi: effect on the scale that is pooled; ``vi`` its sampling variance
    :ivar shown: estimate and interval on the readers' scale
    :ivar converted: how a figure was worked out that the source does not print
    """

    yi: float
    vi: float
    shown: tuple[float, float, float]
    events: float | None
    people: float | None
    converted: str | None
    frame: tuple[str, ...]
    """what has to be the same: of a share period, way of asking, outcome, phase and who it is
    counted among; of an effect time, contrast and instrument"""


@dataclass(frozen=True)
class Estimate(Figures):
    """A study's estimate as it enters, or would enter, a pool."""

    study: str
    name: str
    result: str
    year: int | None
    verified: bool
    level: int | None
    group: str | None = None
    """who it counts, where a described question has several rows of a study"""


def estimate_of(
    review: Review, study: str, result: Result, measure: str, level: int | None
) -> Estimate | Bilingual:
    """A study's result as an estimate, or why it has none on the scale that is pooled."""
    figures = share(result, measure) if measure in SHARES else effect(result, measure)
    if isinstance(figures, Bilingual):
        return figures
    extraction = review.library.extractions[study]
    record = review.library.records.get(extraction.reports[0])
    return Estimate(
        **vars(figures),
        study=study,
        name=review.study_name(study),
        result=result.id,
        year=record.year if record else None,
        verified=value_status(review.ledger, study, f"results.{result.id}", result) == "verified",
        level=level,
    )


def proportion(result: Result) -> tuple[float, float, str | None] | None:
    """Events and people of a frequency, and how the events were worked out where not printed.

    They are worked out of a percentage where one count alone fits it.
    """
    from extractors.prevalence import fitting

    total = result.total if result.total is not None else result.analysed
    if result.printed_inconsistency or total is None or total <= 0:
        return None
    if result.measure is not Measure.PROPORTION:
        return None
    if result.events is not None:
        return (float(result.events), float(total), None) if result.events <= total else None
    if result.percent is None:
        return None
    printed = f"{result.percent:g}"
    counts = fitting(total, result.percent, printed)
    if len(counts) != 1:
        return None
    events = counts[0]
    return float(events), float(total), f"{events} people worked out of {printed} % of {total}"


def share(result: Result, measure: str) -> Figures:
    """A frequency that has a :func:`proportion`; its interval is Wilson's."""
    from review.statistics.conversions import wilson
    from review.statistics.effect_sizes import effect_sizes

    counted = proportion(result)
    assert counted is not None
    events, people, converted = counted
    y, v = effect_sizes(measure, {"xi": [events], "ni": [people]})
    low, high = wilson(events, people)
    return Figures(
        yi=float(y[0]),
        vi=float(v[0]),
        shown=(events / people, low, high),
        events=events,
        people=people,
        converted=converted,
        frame=(
            str(result.period or "?"),
            str(result.ascertainment or "?"),
            result.outcome,
            result.phase or "",
            (result.group or "").strip().casefold(),
        ),
    )


def effect(result: Result, measure: str) -> Figures | Bilingual:
    """An effect printed with its confidence interval, or why it can't be pooled."""
    from review.statistics.conversions import variance_of_interval

    assert result.value is not None
    assert result.ci_low is not None
    assert result.ci_high is not None
    ratio = measure in RATIOS
    if ratio and min(result.value, result.ci_low, result.ci_high) <= 0:
        return bilingual("a ratio of nought or less", "比值不大于零")
    return Figures(
        yi=math.log(result.value) if ratio else result.value,
        vi=variance_of_interval(result.ci_low, result.ci_high, ratio=ratio),
        shown=(result.value, result.ci_low, result.ci_high),
        events=None,
        people=float(people) if (people := result.people_analysed) is not None else None,
        converted="variance worked out of the printed confidence interval",
        frame=(
            result.time or "?",
            result.group or "?",
            "" if ratio else result.instrument or "?",
            result.outcome,
        ),
    )
