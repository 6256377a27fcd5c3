"""The pictures of ``review pool``: a forest plot on the readers' scale, and a funnel plot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from review.ground.errors import UsageError
from review.ground.numbers import of_people, p_value, places_for
from review.plots.axis import Axis
from review.plots.forest import Row, forest
from review.plots.funnel import funnel
from review.pooling.analysis import back_of, intervals
from review.pooling.sensitivity import no_funnel
from review.pooling.sheet import Sheet
from review.statistics.effect_sizes import MEASURES, PROPORTIONS, TABLE, TWO_MEANS


def _axis(found: Mapping[str, Any], widths: list[float]) -> Axis:
    """The readers' scale of a measure."""
    measure = MEASURES[found["measure"]]
    places = places_for(widths)
    if found["measure"] in PROPORTIONS:
        return Axis(measure.name, "share")
    if measure.back == "exp" and measure.comparative:
        return Axis(measure.name, "log", 1.0, places)
    return Axis(measure.name, "linear", 0.0 if measure.comparative else None, places)


def _tail(sheet: Sheet, measure: str, n: int) -> str:
    """Events and people of a study, where the file counts them."""
    columns = sheet.columns
    if measure in PROPORTIONS and "xi" in columns:
        return f"({of_people(columns['xi'][n], columns['ni'][n])})"
    if MEASURES[measure].columns == TABLE and "ai" in columns:
        a, b, c, d = (columns[name][n] for name in TABLE)
        return f"({a:g}/{a + b:g}, {c:g}/{c + d:g})"
    if MEASURES[measure].columns == TWO_MEANS and "n1i" in columns:
        return f"({columns['n1i'][n]:g}, {columns['n2i'][n]:g})"
    return ""


def _diamond(sheet: Sheet, measure: str, label: str, one: Mapping[str, Any], kind: str) -> Row:
    middle, low, high = (
        back_of(sheet, measure, one[name]) for name in ("estimate", "ci_lower", "ci_upper")
    )
    return Row(label, middle, low, high, None, kind)


def forest_of_file(found: Mapping[str, Any], sheet: Sheet) -> str:
    """The forest plot of ``review pool``; with ``--by``, a diamond for each group."""
    name = found["measure"]
    shown = intervals(sheet, found)
    weights = found["weights"] or [None] * len(shown)
    studies = [
        Row(one["study"], *ends, weight, tail=_tail(sheet, name, n))
        for n, (one, ends, weight) in enumerate(zip(found["studies"], shown, weights, strict=True))
    ]
    rows: list[Row] = []
    if "subgroups" in found:
        groups = found["subgroups"]
        of = sheet.extra[groups["by"].lower()]
        for group, pooled in groups["groups"].items():
            rows.append(Row(f"{groups['by']}: {group}", kind="heading"))
            rows += [row for row, own in zip(studies, of, strict=True) if own == group]
            rows.append(_diamond(sheet, name, f"k = {pooled['k']}", pooled, "group"))
    else:
        rows = list(studies)
    rows.append(_diamond(sheet, name, f"{found['method']}, {found['test']}", found, "pooled"))
    way = found["back_transformed"]
    if way["pi_lower"] is not None:
        ends = way["pi_lower"], way["pi_upper"]
        rows.append(Row("Prediction interval", None, *ends, None, "prediction"))
    axis = _axis(found, [high - low for _, low, high in shown])
    desc = f"{found['k']} studies, {axis.label}; pooled {axis.shown(way['estimate'])}"
    desc += f" ({axis.between(way['ci_lower'], way['ci_upper'])})"
    if found["p"] is not None:
        desc += f", P {p_value(found['p'])}"
    share = f"{100 * found['level']:g} % CI"
    heads = ("Study", f"Estimate ({share})", "Weight" if found["weights"] else "", "")
    return forest(f"Forest plot: {axis.label}", desc, rows, axis, heads, alone=True)


def funnel_of_file(found: Mapping[str, Any], _sheet: Sheet) -> str:
    """The funnel plot of ``review pool``, on the scale that was pooled.

    :raises UsageError: where small-study effects are not looked at
    """
    if why := no_funnel(found["measure"], len(found["studies"])):
        raise UsageError(f"--funnel: {why}")
    measure = MEASURES[found["measure"]]
    log = "log " if measure.back == "exp" else ""
    points = [(one["study"], one["yi"], math.sqrt(one["vi"])) for one in found["studies"]]
    small = found.get("sensitivity", {}).get("small_studies", {})
    filled = [(y, math.sqrt(v)) for y, v in small.get("trim_and_fill", {}).get("filled", [])]
    desc = f"{len(points)} studies by effect and standard error"
    desc += f"; {len(filled)} more by trim and fill, drawn open" if filled else ""
    return funnel(
        f"Funnel plot: {measure.name}",
        desc,
        points,
        found["estimate"],
        f"{log}{measure.name}",
        filled,
        alone=True,
    )
