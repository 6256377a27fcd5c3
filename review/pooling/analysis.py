"""``review pool``: a meta-analysis of any CSV file, as one object that prints and draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from review.ground.errors import UsageError
from review.pooling.sheet import ASSUMED_R, EMPTY, Sheet, number_of
from review.statistics.effect_sizes import (
    MEASURES,
    PROPORTIONS,
    TABLE,
    back_transform,
    effect_sizes,
    harmonic_mean,
)
from review.statistics.glmm import binomial_normal
from review.statistics.pool import Pooled, pool, subgroups
from review.statistics.regression import regress
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
from review.statistics.tau2 import METHODS
from review.statistics.two_by_two import mantel_haenszel, peto

SPECIAL = ("MH", "PETO", "GLMM")
ALL_METHODS = (*METHODS, *SPECIAL)
ALIASES = {"FE": "EE", "CE": "EE", "FIXED": "EE", "COMMON": "EE"}
MOST_REFITS = 2_000
"""Studies up to which an analysis is repeated without each of them."""


@dataclass(frozen=True)
class Choices:
    """How a file is pooled.

    :ivar by: a column of the file whose values make subgroups
    :ivar moderators: columns of the file that a meta-regression takes in
    """

    measure: str
    method: str = "REML"
    test: str = "knha"
    level: float = 0.95
    prediction: str = "k-1"
    sensitivity: bool = False
    by: str | None = None
    moderators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.method not in ALL_METHODS:
            raise UsageError(f"--method {self.method}: expected one of {', '.join(ALL_METHODS)}")
        if not 0.5 <= self.level < 1:
            raise UsageError(f"--level {self.level}: expected a share from 0.5 to below 1")
        if self.method in SPECIAL and (self.by or self.moderators):
            raise UsageError(f"--method {self.method}: takes no --by and no --moderator")


def method_name(given: str) -> str:
    """A method as it is known: any case, and the other names of the common effect."""
    return ALIASES.get(given.upper(), given.upper())


def effects_of(sheet: Sheet, measure: str) -> tuple[list[float], list[float]]:
    """Effects and variances: computed, or taken where the file gives them as yi and vi."""
    if "yi" in sheet.columns:
        return list(sheet.columns["yi"]), list(sheet.columns["vi"])
    yi, vi = effect_sizes(measure, sheet.columns)
    return yi.tolist(), vi.tolist()


def analyse(sheet: Sheet, how: Choices) -> dict[str, Any]:
    """Everything ``review pool --json`` prints, on the scale that was pooled and on the readers'.

    :raises UsageError: for a method or column that does not go with the file
    """
    yi, vi = effects_of(sheet, how.measure)
    notes = list(sheet.notes)
    if how.method in SPECIAL:
        found = _special(sheet, how)
    else:
        found = _common(pool(yi, vi, how.method, how.test, how.level, how.prediction))
        if how.method == "ML" and len(yi) > 2:
            notes.append("ML: of several maxima of the likelihood the highest is taken")
    back = {
        name: back_of(sheet, how.measure, found[name])
        for name in ("estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper")
    }
    result: dict[str, Any] = {
        "measure": how.measure,
        "method": "EE" if len(yi) == 1 and how.method not in SPECIAL else how.method,
        "test": found.pop("test"),
        "level": how.level,
        **found,
        "back_transformed": {"by": MEASURES[how.measure].back, **back},
        "studies": [
            {"study": label, "yi": y, "vi": v}
            for label, y, v in zip(sheet.labels, yi, vi, strict=True)
        ],
        "notes": notes,
    }
    if sheet.assumed_r:
        result["assumed_r"] = _by_r(sheet, how)
    if how.by is not None:
        result["subgroups"] = _subgroups(sheet, how, yi, vi)
    if how.moderators:
        result["moderators"] = _regression(sheet, how, yi, vi)
    if how.sensitivity:
        result["sensitivity"] = _sensitivity(sheet, how, yi, vi)
    known: dict[str, Any] = _finite(result)
    return known


def _finite(value: Any) -> Any:
    """A value in which what no number can say (an open end) is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list) else value


def back_of(
    sheet: Sheet, measure: str, value: float | None, study: int | None = None
) -> float | None:
    """A value of the pooled scale on the readers'.

    :param study: whose value it is; for a pooled one the studies' harmonic mean size is taken
    """
    if value is None:
        return None
    one = MEASURES[measure]
    size = {"ipft": "ni", "irft": "ti"}.get(one.back)
    n = None
    if size is not None and size in sheet.columns:
        sizes = sheet.columns[size]
        n = harmonic_mean(sizes) if study is None else sizes[study]
    return back_transform(one.back, value, n)


_INTERVALS = ("estimate", "ci_lower", "ci_upper")


def _brief(one: Pooled) -> dict[str, float]:
    return {name: getattr(one, name) for name in _INTERVALS}


def _common(one: Pooled) -> dict[str, Any]:
    return {
        "test": one.test,
        "k": one.k,
        "estimate": one.estimate,
        "se": one.se,
        "ci_lower": one.ci_lower,
        "ci_upper": one.ci_upper,
        "p": one.p,
        "tau2": one.tau2,
        "tau2_ci_lower": one.tau2_ci_lower,
        "tau2_ci_upper": one.tau2_ci_upper,
        "I2": one.i2,
        "I2_ci_lower": one.i2_ci_lower,
        "I2_ci_upper": one.i2_ci_upper,
        "H2": one.h2,
        "H2_ci_lower": one.h2_ci_lower,
        "H2_ci_upper": one.h2_ci_upper,
        "Q": one.q,
        "Q_df": one.q_df,
        "Q_p": one.q_p,
        "pi_lower": one.pi_lower,
        "pi_upper": one.pi_upper,
        "weights": list(one.weights),
    }


def _special(sheet: Sheet, how: Choices) -> dict[str, Any]:
    """Mantel-Haenszel, Peto and the binomial-normal model: what they don't define is null."""
    empty = dict.fromkeys(
        (
            *("tau2", "tau2_ci_lower", "tau2_ci_upper", "I2", "H2", "Q", "Q_df", "Q_p"),
            *("pi_lower", "pi_upper", "weights"),
        )
    )
    measure = how.measure
    if how.method == "GLMM":
        if measure != "PLO":
            raise UsageError(f"--method GLMM: found --measure {measure}, expected PLO")
        if "xi" not in sheet.columns:
            raise UsageError("--method GLMM: found the columns yi and vi, expected xi and ni")
        test = "z" if how.test == "z" else "t"
        model = binomial_normal(sheet.columns["xi"], sheet.columns["ni"], how.level, test)
        names = (*_INTERVALS, "se", "k", "p", "tau2", "pi_lower", "pi_upper", "test")
        return {**empty, **{name: getattr(model, name) for name in names}}
    if MEASURES[measure].columns != TABLE:
        raise UsageError(f"--method {how.method}: found --measure {measure}, expected a 2x2 table")
    if "ai" not in sheet.columns:
        raise UsageError(f"--method {how.method}: found the columns yi and vi, expected ai, bi, …")
    a, b, c, d = (sheet.columns[name] for name in TABLE)
    if how.method == "PETO":
        if measure not in ("OR", "PETO"):
            raise UsageError(f"--method PETO: found --measure {measure}, expected OR")
        table = peto(a, b, c, d, how.level)
    else:
        table = mantel_haenszel(a, b, c, d, measure, how.level)
    return {
        **empty,
        **{name: getattr(table, name) for name in (*_INTERVALS, "se", "k", "p")},
        "test": "z",
        "I2": table.i2,
        "H2": table.h2,
        "Q": table.q,
        "Q_df": max(0, table.informative - 1),
        "Q_p": table.q_p,
        "weights": list(table.weights),
        "k_informative": table.informative,
    }


def _by_r(sheet: Sheet, how: Choices) -> dict[str, Any]:
    """The estimate for each correlation that may be assumed."""
    found = {}
    for r in ASSUMED_R:
        given = zip(sheet.columns["ri"], sheet.assumed_r, strict=True)
        columns = {**sheet.columns, "ri": tuple(r if assumed else own for own, assumed in given)}
        y, v = (one.tolist() for one in effect_sizes(how.measure, columns))
        found[f"{r:g}"] = _brief(pool(y, v, how.method, how.test, how.level))
    return found


def _column(sheet: Sheet, option: str, name: str) -> tuple[str, ...]:
    """A column of the file that is no part of the effect.

    :raises UsageError: where there is none of that name, or a cell of it is empty
    """
    known = sheet.extra.get(name.lower())
    if known is None:
        raise UsageError(f"--{option} {name}: expected one of {', '.join(sheet.extra) or 'none'}")
    for label, cell in zip(sheet.labels, known, strict=True):
        if cell.upper() in EMPTY:
            raise UsageError(f"--{option} {name}: {label}: found an empty cell")
    return known


def _subgroups(
    sheet: Sheet, how: Choices, yi: Sequence[float], vi: Sequence[float]
) -> dict[str, Any]:
    """Each group pooled apart, and the test between them."""
    assert how.by is not None
    found = subgroups(
        yi,
        vi,
        _column(sheet, "by", how.by),
        how.method,
        how.test,
        how.level,
        how.prediction,
    )
    return {
        "by": how.by,
        "groups": {name: _common(one) for name, one in found.groups},
        "Q_between": found.q_between,
        "Q_between_df": found.df,
        "Q_between_p": found.p,
    }


def _regression(
    sheet: Sheet, how: Choices, yi: Sequence[float], vi: Sequence[float]
) -> dict[str, Any]:
    """A meta-regression: numbers as they are, words as indicators against the first of them."""
    names, columns = ["intercept"], [np.ones(len(yi))]
    for moderator in how.moderators:
        cells = _column(sheet, "moderator", moderator)
        read = [number_of(one, sheet.comma) for one in cells]
        known = [one for one in read if one is not None]
        if known and len(known) < len(read):
            word = cells[read.index(None)]
            raise UsageError(f"--moderator {moderator}: found {word} among numbers")
        if not known:
            kinds = sorted(set(cells))
            for kind in kinds[1:]:
                names.append(f"{moderator} {kind}")
                columns.append(np.array([float(one == kind) for one in cells]))
            continue
        names.append(moderator)
        columns.append(np.array(known))
    rows = np.column_stack(columns).tolist()
    one = regress(yi, vi, rows, how.method, how.test, how.level)
    parts = (one.beta, one.se, one.p, one.ci_lower, one.ci_upper)
    return {
        "coefficients": {
            name: dict(zip(("estimate", "se", "p", "ci_lower", "ci_upper"), values, strict=True))
            for name, *values in zip(names, *parts, strict=True)
        },
        "tau2": one.tau2,
        "QE": one.qe,
        "QE_p": one.qe_p,
        "QM": one.qm,
        "QM_df": list(one.qm_df),
        "QM_p": one.qm_p,
        "I2": one.i2,
        "R2": one.r2,
    }


def _sensitivity(sheet: Sheet, how: Choices, yi: list[float], vi: list[float]) -> dict[str, Any]:
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


def intervals(sheet: Sheet, found: Mapping[str, Any]) -> list[tuple[float, float, float]]:
    """Each study's estimate and interval on the readers' scale, at the analysis's own level."""
    from scipy import special

    reach = float(special.ndtri((1 + found["level"]) / 2))
    rows = []
    for n, one in enumerate(found["studies"]):
        half = reach * math.sqrt(one["vi"])
        ends = (one["yi"], one["yi"] - half, one["yi"] + half)
        middle, low, high = (back_of(sheet, found["measure"], y, n) or 0.0 for y in ends)
        rows.append((middle, low, high))
    return rows
