"""``data/questions/<id>.yaml``: the studies that answer a question, and adjustments of level."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from review.model.base import Bilingual, Format, Model, Slug, StudyId, Text


class Factor(StrEnum):
    """The closed list of OCEBM 2011's footnote: five reasons to go down, one to go up."""

    STUDY_QUALITY = "study_quality"
    IMPRECISION = "imprecision"
    INDIRECTNESS = "indirectness"
    INCONSISTENCY = "inconsistency"
    SMALL_ABSOLUTE_EFFECT = "small_absolute_effect"
    LARGE_EFFECT = "large_effect"


class Adjustment(Model):
    """A step up or down, with its sentence."""

    study: StudyId | None = Field(None, description="the study; null: the body of evidence")
    factor: Factor = Field(description="reason from the closed list")
    steps: int = Field(ge=0, le=2, description="0 (considered, no step), 1 or 2")
    sentence: Bilingual = Field(description="why, with the figures")
    proposed_by: Text = Field(description="person id, or tool")

    def model_post_init(self, _context: Any, /) -> None:
        if not (self.sentence.en or self.sentence.zh):
            raise ValueError("an adjustment needs a sentence")


class EligibleStudy(Model):
    """A study of the question, and which of its results answer it."""

    study: StudyId = Field(description="the study")
    results: tuple[Slug, ...] = Field((), description="ids of its results that answer the question")
    no_result: Text | None = Field(None, description="why none of its results can be used")

    def model_post_init(self, _context: Any, /) -> None:
        if bool(self.results) == bool(self.no_result):
            raise ValueError("give results, or in no_result why there are none")


class SeedStatement(Model):
    """What an earlier review says on the question, and how it graded it."""

    claim: Text = Field(description="number of the statement in that review's claim list")
    level: int | None = Field(None, ge=1, le=5, description="level it printed")
    scheme: Text = Field(description="grading scheme it names")
    references: tuple[int, ...] = Field((), description="its reference numbers")
    unusable: tuple[Text, ...] = Field((), description="references that ground nothing, and why")
    words: Text | None = Field(None, description="shortest words it uses, in its language")


class Evidence(Model):
    """The evidence of one question of the protocol."""

    format: Format = Field(description="data format")
    question: Slug = Field(description="id of the question in the protocol")
    studies: tuple[EligibleStudy, ...] = Field((), description="all eligible studies")
    adjustments: tuple[Adjustment, ...] = Field((), description="steps up or down")
    seed: SeedStatement | None = Field(None, description="an earlier review's statement")
    not_reproducible: Text | None = Field(
        None, description="why the statement rests on no study that was read"
    )

    def model_post_init(self, _context: Any, /) -> None:
        named = [s.study for s in self.studies]
        if twice := sorted({s for s in named if named.count(s) > 1}):
            raise ValueError(f"the study {twice[0]} is listed twice")
        for one in self.adjustments:
            if one.study is not None and one.study not in named:
                raise ValueError(f"an adjustment names {one.study}, which is no study of it")
        if self.not_reproducible and any(s.results for s in self.studies):
            raise ValueError("not_reproducible, but a study with results is listed")
