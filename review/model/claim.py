"""``data/claims/<id>.yaml``: a sentence of the review, and what stands for and against it."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from review.model.base import Bilingual, Format, Level, Model, Slug, StudyId, Text
from review.model.extraction import Direction

ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2,4}$")]


class Support(StrEnum):
    """What the studies say of a claim."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    CONTRADICTED = "contradicted"
    UNSUPPORTED = "unsupported"
    NOT_VERIFIABLE = "not_verifiable"


class GradeStatus(StrEnum):
    """Whether a claim has a level, as declared and as computed."""

    GRADED = "graded"
    NOT_REPRODUCIBLE = "not_reproducible"
    NOT_GRADABLE = "not_gradable"


class DeclaredGrade(Model):
    """The level a claim stands on; ``check`` computes it again and compares."""

    status: GradeStatus = Field(description="graded, not_reproducible or not_gradable")
    level: Level | None = Field(None, description="level of the claim's question, strict profile")
    basis: Bilingual | None = Field(None, description="on what the level stands, or why none")

    def model_post_init(self, _context: Any, /) -> None:
        if (self.status is GradeStatus.GRADED) != (self.level is not None):
            raise ValueError("a graded claim has a level, and only a graded one")
        if self.status is GradeStatus.NOT_REPRODUCIBLE and self.basis is None:
            raise ValueError("basis: missing, not_reproducible needs its reason")


class SeedStatement(Model):
    """The statement of the earlier review that the claim comes from."""

    section: Slug = Field(description="section of data/seed.yaml")
    claim: Text | None = Field(None, description="its number in the list of that review's claims")
    references: tuple[int, ...] = Field((), description="reference numbers it prints")
    level: Level | None = Field(None, description="level it prints")
    scheme: Text | None = Field(None, description="grading scheme it names")

    def model_post_init(self, _context: Any, /) -> None:
        if (self.level is None) != (self.scheme is None):
            raise ValueError("level and scheme go together")


class Claim(Model):
    """A sentence of the review."""

    format: Format = Field(description="data format")
    claim: ClaimId = Field(description="stable id, also the file's name")
    question: Slug = Field(description="the question it answers")
    sentence: Bilingual = Field(description="the claim")
    translation_checked_by: Slug | None = Field(
        None, description="person who checked the translation; null: nobody"
    )
    seed: SeedStatement | None = Field(None, description="where an earlier review says it")
    seed_says: Text | None = Field(
        None, description="that review's own words, the shortest that carry the claim"
    )
    source_says: Bilingual | None = Field(
        None, description="what was read of the papers themselves, in our words"
    )
    supporting: tuple[StudyId, ...] = Field((), alias="for", description="studies for the claim")
    against: tuple[StudyId, ...] = Field((), description="studies against it")
    neutral: tuple[StudyId, ...] = Field((), description="eligible, but neither")
    direction: Direction | None = Field(None, description="for treatment and harm: what is found")
    support: Support = Field(description="what the studies say of it")
    grade: DeclaredGrade = Field(description="the level it stands on")
    doubts: tuple[Bilingual, ...] = Field((), description="what a reader has to know beside it")

    @property
    def id(self) -> str:
        """The claim's id."""
        return self.claim

    @property
    def studies(self) -> tuple[str, ...]:
        """All studies it names."""
        return (*self.supporting, *self.against, *self.neutral)

    def model_post_init(self, _context: Any, /) -> None:
        if not (self.sentence.en or self.sentence.zh):
            raise ValueError("a claim needs a sentence")
        if twice := sorted({s for s in self.studies if self.studies.count(s) > 1}):
            raise ValueError(f"{twice[0]} stands twice in for, against and neutral")
        if self.seed_says is not None and self.seed is None:
            raise ValueError("seed_says without the statement it quotes (seed)")
