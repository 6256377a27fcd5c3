"""The readers' scale: the way back from the scale that is pooled, and its axis."""

from __future__ import annotations

from review.ground.numbers import places_for
from review.plots.axis import Axis
from review.statistics.effect_sizes import MEASURES, back_transform
from review.synthesis.estimate import RATIOS, SHARES
from review.synthesis.synthesise import Synthesis


def back(synthesis: Synthesis, value: float | None) -> float | None:
    """A value of the pooled scale on the readers' scale."""
    return None if value is None else back_of(synthesis.measure, value)


def back_of(measure: str, value: float) -> float:
    """A value of a measure's pooled scale on the readers' scale."""
    return back_transform("exp" if measure in RATIOS else MEASURES[measure].back, value)


def axis_of(synthesis: Synthesis, words: dict[str, str]) -> Axis:
    """How a synthesis's estimates are shown."""
    if synthesis.measure in SHARES:
        return Axis(words["proportion"], "share", to=words["to"])
    ratio = synthesis.measure in RATIOS
    places = places_for([e.shown[2] - e.shown[1] for e in synthesis.estimates])
    label = f"{words['effect']} ({synthesis.measure})"
    return Axis(label, "log" if ratio else "linear", 1.0 if ratio else 0.0, places, words["to"])
