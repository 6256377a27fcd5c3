"""A quick look at an extraction, for `review status`, which validates none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LISTS = ("sample", "arms", "conduct", "instruments", "treatments", "doses", "results")
"""Fields of an extraction that hold a list of values; every other value is a mapping."""


@dataclass(frozen=True)
class Outline:
    """What a quick look at an extraction needs: its reports, and how many values it holds."""

    reports: tuple[str, ...]
    values: int


def outline_of(extraction: Any) -> Outline:
    """The outline of a parsed file.

    :raises AttributeError: as KeyError and TypeError, where it is no extraction at all
    """
    values = sum(isinstance(value, dict) for value in extraction.values())
    values += sum(len(extraction.get(name) or ()) for name in LISTS)
    return Outline(tuple(map(str, extraction["reports"])), values)
