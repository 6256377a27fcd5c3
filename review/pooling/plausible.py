"""What a study's numbers can't be: negative variances, events above totals, a correlation of 1."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

LARGEST = 1e30
"""Numbers beyond this are no counts, means or effects of people."""
COUNTS = frozenset({"ai", "bi", "ci", "di", "xi", "x1i", "x2i"})
SIZES = frozenset({"n1i", "n2i", "ni", "ti", "t1i", "t2i", "vi", "sei"})
ENOUGH = 9
"""A number of people that no measure is too few for; stands where the file gives none."""

Fault = tuple[str, str]
"""A column, and what is wrong with its cell."""


def impossible(measure: str, values: Mapping[str, float]) -> list[Fault]:
    """All that is wrong with a study's numbers.

    :param values: by column; not a number where a cell may be empty and is
    """
    return [
        *(fault for name, value in values.items() for fault in _alone(name, value)),
        *_arms(values),
        *_beside_an_effect(values),
        *_for_a_measure(measure, values),
    ]


def _alone(name: str, value: float) -> Iterator[Fault]:
    """What no number of a column may be, whatever stands beside it."""
    if name in COUNTS and value < 0:
        yield name, f"found {value:g}, expected no negative count"
    if name in SIZES and value <= 0:
        yield name, f"found {value:g}, expected above 0"
    if name.startswith("sd") and value <= 0:
        yield name, f"found {value:g}, expected a standard deviation above 0"
    if name == "ri" and not (math.isnan(value) or -1 < value < 1):
        yield name, f"found {value:g}, expected a correlation between -1 and 1"
    if name == "pval" and not 0 < value < 1:
        yield name, f"found {value:g}, expected a P value between 0 and 1"
    if abs(value) > LARGEST:
        yield name, f"found {value:g}, expected at most {LARGEST:g}"


def _arms(values: Mapping[str, float]) -> Iterator[Fault]:
    """Events, those without, and totals that do not go together."""
    for events, total in (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni")):
        if events in values and total in values and values[events] > values[total]:
            yield events, f"found {values[events]:g} events among {values[total]:g}"
    for events, rest, total in (("ai", "bi", "n1i"), ("ci", "di", "n2i")):
        with_event, without, people = (values.get(name, math.nan) for name in (events, rest, total))
        if with_event + without == 0 or people == 0:
            yield events, "an arm without people"
        elif abs(with_event + without - people) > 1e-9:
            sentence = f"found {with_event:g} + {without:g}, which is not {total} {people:g}"
            yield events, sentence


def _beside_an_effect(values: Mapping[str, float]) -> Iterator[Fault]:
    """An interval that does not rise or hold its effect; an effect whose P value tells nothing."""
    if "ci.lb" in values and not values["ci.lb"] < values["ci.ub"]:
        sentence = f"found {values['ci.lb']:g} to {values['ci.ub']:g}, expected rising limits"
        yield "ci.lb", sentence
    elif "ci.lb" in values and not values["ci.lb"] <= values["yi"] <= values["ci.ub"]:
        yield "yi", f"found {values['yi']:g} outside its interval"
    if "pval" in values and values["yi"] == 0:
        yield "yi", "found 0, whose P value tells no variance"


def _for_a_measure(measure: str, values: Mapping[str, float]) -> Iterator[Fault]:
    """Means and numbers of people that a measure is not defined for."""
    people = values.get("ni", ENOUGH)
    if measure in ("ROM", "ROMC") and min(values.get("m1i", 1), values.get("m2i", 1)) <= 0:
        yield "m1i", "a ratio of means needs means above 0"
    if measure in ("SMD", "SMDH") and values.get("n1i", ENOUGH) + values.get("n2i", ENOUGH) < 4:
        yield "n1i", "fewer than 4 people carry no standardised difference"
    if measure.startswith("SMC") and people < 3:
        yield "ni", "fewer than 3 people carry no standardised change"
    if measure in ("COR", "ZCOR") and people <= 4:
        yield "ni", f"found {people:g}, expected above 4"
