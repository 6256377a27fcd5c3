"""How much an analysis rests on one study, on time, on small studies, and on what was assumed."""

from __future__ import annotations

from typing import Any

from review.ground.errors import UsageError
from review.pooling.choices import SPECIAL, Choices
from review.pooling.sheet import ASSUMED_R, Sheet
from review.statistics.effect_sizes import MEASURES, PROPORTIONS, effect_sizes
from review.statistics.pool import Pooled, pool
from review.statistics.sensitivity import (
    FEWEST,
    begg,
    cumulative,
    egger,
    equal_errors,
    influence,
    leave_one_out,
    trim_and_fill,
)

MOST_REFITS = 2_000
"""Studies up to which an analysis is repeated without each of them."""
INTERVAL = ("estimate", "ci_lower", "ci_upper")
"""What an analysis that is repeated tells of each repetition."""


def _brief(one: Pooled) -> dict[str, float]:
    return {name: getattr(one, name) for name in INTERVAL}


def sensitivity(sheet: Sheet, how: Choices, yi: list[float], vi: list[float]) -> dict[str, Any]:
    """Without each study, study after study, what each does; small studies where allowed."""
    if how.method in SPECIAL:
        return {"refused": f"not for {how.method}"}
    if len(yi) > MOST_REFITS:
        return {"refused": f"{len(yi):,} studies; at most {MOST_REFITS:,} are refitted"}
    without = leave_one_out(yi, vi, how.method, how.test, how.level)
    order = by_year(sheet)
    steps = cumulative(yi, vi, order, how.method, how.test, how.level)
    weights = influence(yi, vi, how.method)
    return {
        "leave_one_out": [
            {"without": label, **_brief(one)}
            for label, one in zip(sheet.labels, without, strict=len(yi) > 1)
        ],
        "cumulative": [
            {"added": sheet.labels[n], **_brief(one)} for n, one in zip(order, steps, strict=True)
        ],
        "influence": [
            {
                "study": label,
                "rstudent": one.rstudent,
                "dffits": one.dffits,
                "cook": one.cook,
                "hat": one.hat,
                "tau2_without": one.tau2_without,
            }
            for label, one in zip(sheet.labels, weights, strict=len(yi) > 1)
        ],
        "small_studies": _small_studies(how, yi, vi),
    }


def by_year(sheet: Sheet) -> list[int]:
    """The studies' order by a column ``year``; the file's where there is none."""
    order = list(range(len(sheet.labels)))
    years = sheet.extra.get("year")
    if years and all(one.isascii() and one.isdigit() for one in years):
        order.sort(key=lambda n: (int(years[n]), n))
    return order


def _small_studies(how: Choices, yi: list[float], vi: list[float]) -> dict[str, Any]:
    if why := no_funnel(how.measure, len(yi)):
        return {"refused": why}
    if equal_errors(vi):
        return {"refused": "all standard errors are the same: nothing can go with them"}
    regression = egger(yi, vi)
    try:
        tau, p = begg(yi, vi)
    except UsageError as error:
        return {"refused": str(error)}
    filled = trim_and_fill(yi, vi, how.method)
    return {
        "egger": {"t": regression.statistic, "df": regression.df, "p": regression.p},
        "begg": {"tau": tau, "p": p},
        "trim_and_fill": {
            "k0": filled.k0,
            "side": filled.side,
            "estimate": filled.pooled.estimate,
            "filled": [list(one) for one in filled.filled],
        },
    }


def no_funnel(measure: str, k: int) -> str | None:
    """Why small-study effects are not looked at; None where they may be (Sterne 2011)."""
    if measure in PROPORTIONS or not (
        MEASURES[measure].comparative or measure in ("GEN", "ZCOR", "COR")
    ):
        return "a funnel says nothing of proportions or changes: their variance follows their value"
    if k < FEWEST:
        return f"{k} studies, {FEWEST} expected before small-study effects are looked at"
    return None


def by_correlation(sheet: Sheet, how: Choices) -> dict[str, Any]:
    """The estimate for each correlation that may be assumed."""
    found = {}
    for r in ASSUMED_R:
        given = zip(sheet.columns["ri"], sheet.assumed_r, strict=True)
        columns = {**sheet.columns, "ri": tuple(r if assumed else own for own, assumed in given)}
        y, v = (one.tolist() for one in effect_sizes(how.measure, columns))
        found[f"{r:g}"] = _brief(pool(y, v, how.method, how.test, how.level))
    return found
