"""``review pool``: a meta-analysis of any CSV file, as one object that prints and draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from review.ground.errors import UsageError
from review.pooling.choices import SPECIAL, Choices
from review.pooling.sensitivity import INTERVAL, by_correlation, sensitivity
from review.pooling.sheet import EMPTY, Sheet, number_of
from review.statistics.distributions import quantile
from review.statistics.effect_sizes import (
    MEASURES,
    TABLE,
    back_transform,
    effect_sizes,
    harmonic_mean,
)
from review.statistics.glmm import binomial_normal
from review.statistics.pool import Pooled, pool, subgroups
from review.statistics.regression import regress
from review.statistics.two_by_two import mantel_haenszel, peto


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
        result["assumed_r"] = by_correlation(sheet, how)
    if how.by is not None:
        result["subgroups"] = _subgroups(sheet, how, yi, vi)
    if how.moderators:
        result["moderators"] = _regression(sheet, how, yi, vi)
    if how.sensitivity:
        result["sensitivity"] = sensitivity(sheet, how, yi, vi)
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
        names = (*INTERVAL, "se", "k", "p", "tau2", "pi_lower", "pi_upper", "test")
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
        **{name: getattr(table, name) for name in (*INTERVAL, "se", "k", "p")},
        "test": "z",
        "I2": table.i2,
        "H2": table.h2,
        "Q": table.q,
        "Q_df": max(0, table.informative - 1),
        "Q_p": table.q_p,
        "weights": list(table.weights),
        "k_informative": table.informative,
    }


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


def intervals(sheet: Sheet, found: Mapping[str, Any]) -> list[tuple[float, float, float]]:
    """Each study's estimate and interval on the readers' scale, at the analysis's own level."""
    reach = quantile((1 + found["level"]) / 2, None)
    rows = []
    for n, one in enumerate(found["studies"]):
        half = reach * math.sqrt(one["vi"])
        ends = (one["yi"], one["yi"] - half, one["yi"] + half)
        middle, low, high = (back_of(sheet, found["measure"], y, n) or 0.0 for y in ends)
        rows.append((middle, low, high))
    return rows
