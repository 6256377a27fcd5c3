"""``data/vocabulary/*.yaml``: the words of the topic, so that no code holds any."""

from enum import StrEnum

from pydantic import Field

from review.model.base import Bilingual, Format, Model, Slug, Text


class TermKind(StrEnum):
    """What a vocabulary lists."""

    OUTCOMES = "outcomes"
    INSTRUMENTS = "instruments"
    TREATMENTS = "treatments"


class Term(Model):
    """A concept and the words it goes by."""

    id: Slug = Field(description="stable id")
    name: Bilingual = Field(description="preferred name")
    synonyms: tuple[Text, ...] = Field((), description="other words for it, matched in any case")
    abbreviations: tuple[Text, ...] = Field((), description="matched in exactly this case")
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
