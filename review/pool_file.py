"""``review pool``: a meta-analysis of any CSV file; columns as in metafor's ``escalc``."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from review.effect_sizes import (
    CHANGE,
    MEASURES,
    PROPORTIONS,
    TABLE,
    back_transform,
    effect_sizes,
    harmonic_mean,
)
from review.errors import InvalidDataError, Problem, UsageError
from review.glmm import binomial_normal
from review.pool import Pooled, Table, mantel_haenszel, peto, pool
from review.sensitivity import (
    FEWEST,
    begg,
    cumulative,
    egger,
    leave_one_out,
    trim_and_fill,
)

LABELS = ("study", "slab", "label", "author", "trial")
MAX_BYTES, MAX_ROWS = 16_000_000, 20_000
ASSUMED_R = (0.5, 0.3, 0.7)
"""Correlation of before and after where none is given, and those shown beside it."""
ALL_METHODS = ("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM", "MH", "PETO", "GLMM")


@dataclass(frozen=True)
class Sheet:
    """A file's studies with the columns of a measure."""

    labels: tuple[str, ...]
    columns: Mapping[str, tuple[float, ...]]
    assumed_r: float | None = None
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _decode(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: {len(data):,} bytes, expected at most {MAX_BYTES:,}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = data[: error.start].count(b"\n") + 1
        raise InvalidDataError(
            [Problem(str(path), where, "", "not UTF-8; save it as CSV UTF-8")]
        ) from None


def read_sheet(path: Path, measure: str) -> Sheet:
    """The studies of a CSV file for a measure.

    :raises UsageError: for a measure nobody knows, or a file that can't be read
    :raises InvalidDataError: with a line for each cell that is no such number, or study named twice
    """
    if measure not in MEASURES:
        raise UsageError(f"--measure {measure}: expected one of {', '.join(MEASURES)}")
    rows = list(csv.reader(io.StringIO(_decode(path))))
    rows = [[cell.strip() for cell in row] for row in rows]
    if not rows or not any(rows[0]):
        raise InvalidDataError(
            [Problem(str(path), 1, "", "empty, expected a line of column names")]
        )
    head = [name.lower() for name in rows[0]]
    if twice := sorted({name for name in head if name and head.count(name) > 1}):
        raise InvalidDataError([Problem(str(path), 1, twice[0], "the column stands twice")])
    names, assumed = _columns(path, head, measure)
    body = [(line, row) for line, row in enumerate(rows[1:], 2) if any(row)]
    if not body:
        raise InvalidDataError([Problem(str(path), 2, "", "no study, expected at least one row")])
    if len(body) > MAX_ROWS:
        raise UsageError(f"{path}: {len(body):,} studies, expected at most {MAX_ROWS:,}")
    problems: list[Problem] = []
    read: dict[str, list[float]] = {name: [] for name in names}
    labels: list[str] = []
    seen: dict[str, int] = {}
    place = next((head.index(name) for name in LABELS if name in head), None)
    for line, row in body:
        if len(row) > len(head):
            problems.append(
                Problem(str(path), line, "", f"found {len(row)} cells, expected {len(head)}")
            )
            continue
        cells = dict(zip(head, row + [""] * (len(head) - len(row)), strict=True))
        label = row[place] if place is not None and place < len(row) else f"study {line - 1}"
        if place is not None and not label:
            problems.append(
                Problem(str(path), line, head[place], "empty, expected the study's name")
            )
        elif label in seen:
            sentence = f'found "{label}" again (line {seen[label]}), expected each study once'
            problems.append(Problem(str(path), line, head[place or 0], sentence))
        seen.setdefault(label, line)
        labels.append(label)
        values = {}
        for name in names:
            value, why = _number(cells[name])
            if why:
                problems.append(Problem(str(path), line, name, why))
            values[name] = value
            read[name].append(value)
        if not any(math.isnan(v) for v in values.values()):
            problems += [
                Problem(str(path), line, name, why) for name, why in _sense(measure, values)
            ]
    if problems:
        raise InvalidDataError(sorted(set(problems)))
    wanted = _as_measure(measure, read, len(body), assumed)
    extra = {
        name: tuple(row[n] if n < len(row) else "" for _, row in body)
        for n, name in enumerate(head)
        if name and name not in names
    }
    return Sheet(tuple(labels), wanted, assumed, extra)


def _columns(path: Path, head: Sequence[str], measure: str) -> tuple[tuple[str, ...], float | None]:
    """Which of the file's columns are read; 2x2 tables may give totals instead of non-events."""
    wanted = MEASURES[measure].columns
    if set(wanted) <= set(head):
        return wanted, None
    if wanted == TABLE and {"ai", "n1i", "ci", "n2i"} <= set(head):
        return ("ai", "n1i", "ci", "n2i"), None
    if wanted == CHANGE and set(CHANGE) - {"ri"} <= set(head):
        return tuple(name for name in CHANGE if name != "ri"), ASSUMED_R[0]
    if {"yi", "vi"} <= set(head):
        return ("yi", "vi"), None
    missing = ", ".join(name for name in wanted if name not in head)
    found = ", ".join(name for name in head if name) or "none"
    raise InvalidDataError(
        [Problem(str(path), 1, missing, f"missing for {measure}; found the columns {found}")]
    )


def _number(cell: str) -> tuple[float, str | None]:
    if not cell or cell.upper() in ("NA", "N/A", "NAN", "."):
        return math.nan, "empty, expected a number"
    try:
        value = float(cell.replace("−", "-"))
    except ValueError:
        return math.nan, f'found "{cell[:30]}", expected a number'
    if not math.isfinite(value):
        return math.nan, f'found "{cell[:30]}", expected a finite number'
    return value, None


def _sense(measure: str, v: Mapping[str, float]) -> list[tuple[str, str]]:
    """What can't be: negative variances, events above totals, a correlation of 1."""
    found = []
    for name, value in v.items():
        if name in ("ai", "bi", "ci", "di", "xi", "x1i", "x2i") and value < 0:
            found.append((name, f"found {value:g}, expected no negative count"))
        if name in ("n1i", "n2i", "ni", "ti", "t1i", "t2i", "vi") and value <= 0:
            found.append((name, f"found {value:g}, expected above 0"))
        if name.startswith("sd") and value <= 0:
            found.append((name, f"found {value:g}, expected a standard deviation above 0"))
        if name == "ri" and not -1 < value < 1:
            found.append((name, f"found {value:g}, expected a correlation between -1 and 1"))
    for events, total in (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni")):
        if events in v and total in v and v[events] > v[total]:
            found.append((events, f"found {v[events]:g} events among {v[total]:g}"))
    if {"ai", "bi"} <= set(v) and (v["ai"] + v["bi"] == 0 or v["ci"] + v["di"] == 0):
        found.append(("ai", "an arm without people"))
    if measure == "ROM" and (v["m1i"] <= 0 or v["m2i"] <= 0):
        found.append(("m1i", "a ratio of means needs means above 0"))
    if measure in ("SMD", "SMDH") and v["n1i"] + v["n2i"] < 4:
        found.append(("n1i", "fewer than 4 people carry no standardised difference"))
    if measure.startswith("SMC") and v["ni"] < 3:
        found.append(("ni", "fewer than 3 people carry no standardised change"))
    if measure == "ZCOR" and v["ni"] <= 3:
        found.append(("ni", f"found {v['ni']:g}, expected above 3"))
    if measure == "COR" and v["ni"] <= 1:
        found.append(("ni", f"found {v['ni']:g}, expected above 1"))
    return found


def _as_measure(
    measure: str, read: Mapping[str, Sequence[float]], k: int, assumed: float | None
) -> dict[str, tuple[float, ...]]:
    columns = {name: tuple(values) for name, values in read.items()}
    if MEASURES[measure].columns == TABLE and "n1i" in columns:
        columns["bi"] = tuple(n - a for n, a in zip(columns["n1i"], columns["ai"], strict=True))
        columns["di"] = tuple(n - c for n, c in zip(columns["n2i"], columns["ci"], strict=True))
    if assumed is not None:
        columns["ri"] = (assumed,) * k
    wanted = ("yi", "vi") if "yi" in columns else MEASURES[measure].columns
    return {name: columns[name] for name in wanted}


# ---- the analysis ------------------------------------------------------------------------------


def effects_of(sheet: Sheet, measure: str) -> tuple[list[float], list[float]]:
    """Effects and variances: computed, or taken where the file gives them as yi and vi."""
    if "yi" in sheet.columns:
        return list(sheet.columns["yi"]), list(sheet.columns["vi"])
    yi, vi = effect_sizes(measure, sheet.columns)
    return yi.tolist(), vi.tolist()


def analyse(
    sheet: Sheet,
    measure: str,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
    prediction: str = "k-1",
    sensitivity: bool = False,
) -> dict[str, Any]:
    """Everything ``review pool --json`` prints, on the scale that was pooled and on the readers'.

    :raises UsageError: for a method that does not go with the measure
    """
    if method not in ALL_METHODS:
        raise UsageError(f"--method {method}: expected one of {', '.join(ALL_METHODS)}")
    if not 0.5 <= level < 1:
        raise UsageError(f"--level {level}: expected a share from 0.5 to below 1")
    yi, vi = effects_of(sheet, measure)
    notes = []
    if sheet.assumed_r is not None:
        notes.append(
            f"the correlation of before and after is not given: {sheet.assumed_r:g} assumed"
        )
    if method in ("MH", "PETO", "GLMM"):
        found = _special(sheet, measure, method, level)
    else:
        found = _common(pool(yi, vi, method, test, level, prediction))
    one = MEASURES[measure]
    n = harmonic_mean(sheet.columns["ni"]) if measure == "PFT" and "ni" in sheet.columns else None
    back = {
        name: back_transform(one.back, found[name], n) if found[name] is not None else None
        for name in ("estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper")
    }
    result = {
        "measure": measure,
        "method": method if len(yi) > 1 or method in ("MH", "PETO", "GLMM") else "EE",
        "test": found.pop("test"),
        "level": level,
        **found,
        "back_transformed": {"by": one.back, **back},
        "studies": [
            {"study": label, "yi": y, "vi": v}
            for label, y, v in zip(sheet.labels, yi, vi, strict=True)
        ],
        "notes": notes,
    }
    if sheet.assumed_r is not None:
        result["assumed_r"] = _by_r(sheet, measure, method, test, level)
    if sensitivity:
        result["sensitivity"] = _sensitivity(sheet, measure, yi, vi, method, test, level)
    return result


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


def _special(sheet: Sheet, measure: str, method: str, level: float) -> dict[str, Any]:
    """Mantel-Haenszel, Peto and the binomial-normal model: what they don't define is null."""
    empty = dict.fromkeys(
        (
            "tau2",
            "tau2_ci_lower",
            "tau2_ci_upper",
            "I2",
            "H2",
            "Q",
            "Q_p",
            "pi_lower",
            "pi_upper",
            "weights",
        )
    )
    if method == "GLMM":
        if measure != "PLO" or "xi" not in sheet.columns:
            raise UsageError(f"--method GLMM: found --measure {measure}, expected PLO")
        model = binomial_normal(sheet.columns["xi"], sheet.columns["ni"], level)
        return {
            **empty,
            "test": "t",
            "k": model.k,
            "estimate": model.estimate,
            "se": model.se,
            "ci_lower": model.ci_lower,
            "ci_upper": model.ci_upper,
            "p": None,
            "tau2": model.tau2,
        }
    if MEASURES[measure].columns != TABLE or "ai" not in sheet.columns:
        raise UsageError(f"--method {method}: found --measure {measure}, expected a 2x2 table")
    a, b, c, d = (sheet.columns[name] for name in TABLE)
    if method == "PETO":
        if measure not in ("OR", "PETO"):
            raise UsageError(f"--method PETO: found --measure {measure}, expected OR")
        table: Table = peto(a, b, c, d, level)
    else:
        table = mantel_haenszel(a, b, c, d, measure, level)
    return {
        **empty,
        "test": "z",
        "k": table.k,
        "estimate": table.estimate,
        "se": table.se,
        "ci_lower": table.ci_lower,
        "ci_upper": table.ci_upper,
        "p": table.p,
        "I2": table.i2,
        "Q": table.q,
        "Q_p": table.q_p,
    }


def _by_r(sheet: Sheet, measure: str, method: str, test: str, level: float) -> dict[str, Any]:
    """The estimate for each correlation that may be assumed."""
    found = {}
    for r in ASSUMED_R:
        columns = {**sheet.columns, "ri": (r,) * len(sheet.labels)}
        y, v = (one.tolist() for one in effect_sizes(measure, columns))
        one = pool(y, v, method, test, level)
        found[f"{r:g}"] = {
            "estimate": one.estimate,
            "ci_lower": one.ci_lower,
            "ci_upper": one.ci_upper,
        }
    return found


def _sensitivity(
    sheet: Sheet,
    measure: str,
    yi: list[float],
    vi: list[float],
    method: str,
    test: str,
    level: float,
) -> dict[str, Any]:
    """Leave-one-out and cumulative; small-study effects where they may be looked at."""
    if method in ("MH", "PETO", "GLMM"):
        return {"refused": f"not for {method}"}
    without = leave_one_out(yi, vi, method, test, level)
    years = sheet.extra.get("year")
    order = list(range(len(yi)))
    if years and all(one.lstrip("-").isdigit() for one in years):
        order.sort(key=lambda n: (int(years[n]), n))
    steps = cumulative(yi, vi, order, method, test, level)
    found: dict[str, Any] = {
        "leave_one_out": [
            {
                "without": label,
                "estimate": one.estimate,
                "ci_lower": one.ci_lower,
                "ci_upper": one.ci_upper,
            }
            for label, one in zip(sheet.labels, without, strict=False)
        ],
        "cumulative": [
            {
                "added": sheet.labels[n],
                "estimate": one.estimate,
                "ci_lower": one.ci_lower,
                "ci_upper": one.ci_upper,
            }
            for n, one in zip(order, steps, strict=True)
        ],
    }
    if why := no_funnel(measure, len(yi)):
        found["small_studies"] = {"refused": why}
    else:
        regression = egger(yi, vi)
        tau, p = begg(yi, vi)
        filled = trim_and_fill(yi, vi, method)
        found["small_studies"] = {
            "egger": {"t": regression.statistic, "df": regression.df, "p": regression.p},
            "begg": {"tau": tau, "p": p},
            "trim_and_fill": {
                "k0": filled.k0,
                "side": filled.side,
                "estimate": filled.pooled.estimate,
            },
        }
    return found


def no_funnel(measure: str, k: int) -> str | None:
    """Why small-study effects are not looked at; None where they may be (Sterne 2011)."""
    if measure in PROPORTIONS or not (
        MEASURES[measure].comparative or measure in ("GEN", "ZCOR", "COR")
    ):
        return "a funnel says nothing of proportions or changes: their variance follows their value"
    if k < FEWEST:
        return f"{k} studies, {FEWEST} expected before small-study effects are looked at"
    return None
