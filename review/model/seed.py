"""``data/seed.yaml``: the earlier review that the first edition starts from."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from review.model.base import Bilingual, Format, Model, RecordId, Slug, Stated, Text


class Identity(StrEnum):
    """How sure it is that a reference is the paper we take it for."""

    VERIFIED = "verified"
    PROBABLE = "probable"
    SECONDARY = "secondary"
    RECALLED = "recalled"
    UNIDENTIFIED = "unidentified"


class SeedReference(Model):
    """A reference number of that review, and the paper believed to be meant."""

    number: int = Field(ge=1, description="number printed in its text")
    identity: Identity = Field(description="how sure the identity is")
    record: RecordId | None = Field(None, description="the paper, where a record is held")
    also: tuple[RecordId, ...] = Field((), description="other papers that may be the one meant")
    note: Text | None = Field(None, description="why this paper, and other candidates")

    def model_post_init(self, _context: Any, /) -> None:
        known = self.identity in (Identity.VERIFIED, Identity.PROBABLE, Identity.SECONDARY)
        if self.record is not None and not known:
            raise ValueError(f"{self.identity}, but a record is named")


class SeedSection(Model):
    """A section of that review."""

    id: Slug = Field(description="stable id")
    number: Text = Field(description="as printed")
    title: Bilingual = Field(description="heading")


class Seed(Model):
    """The earlier review."""

    format: Format = Field(description="data format")
    title: Bilingual = Field(description="its title")
    authors: tuple[Text, ...] = Field(description="as printed")
    language: Slug = Field(description="language it is written in")
    published: Stated = Field(description="journal, year and pages")
    funding: Stated = Field(description="what it says of funding and interests")
    scheme: Text = Field(description="grading scheme it names")
    sections: tuple[SeedSection, ...] = Field(description="its sections in order")
    references: tuple[SeedReference, ...] = Field(description="its references by number")

    def reference(self, number: int) -> SeedReference | None:
        """The reference with a number."""
        return next((r for r in self.references if r.number == number), None)

    def model_post_init(self, _context: Any, /) -> None:
        for name, ids in (
            ("sections", [s.id for s in self.sections]),
            ("references", [str(r.number) for r in self.references]),
        ):
            if twice := sorted({one for one in ids if ids.count(one) > 1}):
                raise ValueError(f"{name}: {twice[0]} stands twice")
