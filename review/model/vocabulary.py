"""``data/vocabulary/*.yaml``: the words of the topic, so that no code holds any."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from review.model.base import Bilingual, Format, Model, Slug, Text


class TermKind(StrEnum):
    """What a vocabulary lists."""

    OUTCOMES = "outcomes"
    INSTRUMENTS = "instruments"
    TREATMENTS = "treatments"
    MECHANISMS = "mechanisms"
    SITES = "sites"
    POPULATIONS = "populations"


class Scale(Model):
    """What an instrument's numbers mean."""

    low: float = Field(description="lowest score")
    high: float = Field(description="highest score")
    better: Literal["lower", "higher"] = Field(description="which end is better for the person")
    measures_outcome: bool = Field(description="false: measures something else than the outcome")


class MinimalDifference(Model):
    """The smallest difference people notice, or why none is given."""

    value: float | None = Field(None, description="in points of the scale")
    source: Text | None = Field(None, description="where it was read: PMID, DOI or page title")
    population: Text | None = Field(None, description="in whom it was measured")
    reason: Text | None = Field(None, description="why there is no value")

    def model_post_init(self, _context: object, /) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError("give a value, or null with a reason")
        if self.value is not None and self.source is None:
            raise ValueError("source: missing, a minimal important difference needs one")


class Term(Model):
    """A concept and the words it goes by."""

    id: Slug = Field(description="stable id")
    name: Bilingual = Field(description="preferred name")
    synonyms: tuple[Text, ...] = Field((), description="other words for it, matched in any case")
    abbreviations: tuple[Text, ...] = Field((), description="matched in exactly this case")
    needs_outcome: bool = Field(
        False,
        description="the name is used for other things too: counts only beside the review's topic",
    )
    topic: bool = Field(
        False, description="outcomes: the review's topic; what stands below it belongs to it too"
    )
    parent: Slug | None = Field(None, description="wider term of the same list: a class")
    scale: Scale | None = Field(None, description="instruments: what the numbers mean")
    general_health: bool = Field(
        False, description="instruments: general health or quality of life, not the outcome alone"
    )
    screens_for: Slug | None = Field(
        None, description="instruments: the outcome whose presence it screens for"
    )
    minimal_important_difference: MinimalDifference | None = Field(
        None, description="instruments: smallest difference that matters, with its source"
    )
    note: Text | None = Field(None, description="what it covers, or doubts")


class Vocabulary(Model):
    """A list of concepts of one kind."""

    format: Format = Field(description="data format")
    kind: TermKind = Field(description="what it lists")
    terms: tuple[Term, ...] = Field(description="the concepts")

    def model_post_init(self, _context: object, /) -> None:
        ids = [term.id for term in self.terms]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"terms: the id {twice[0]} is used twice")
        for term in self.terms:
            if term.parent is not None and term.parent not in ids:
                raise ValueError(f"terms: {term.id} has the parent {term.parent}, which is no term")
            scaled = term.scale is not None or term.minimal_important_difference is not None
            measures = scaled or term.general_health or term.screens_for is not None
            if measures and self.kind is not TermKind.INSTRUMENTS:
                raise ValueError(f"terms: {term.id} has a scale, but is no instrument")
