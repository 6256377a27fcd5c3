"""``data/questions/<id>.yaml``: what is asked, the studies that answer, each step of a level."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from review.model.base import Bilingual, Format, Model, QuestionKind, Slug, StudyId, Text


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
    no_result: Bilingual | None = Field(None, description="why none of its results can be used")

    def model_post_init(self, _context: Any, /) -> None:
        if bool(self.results) == (self.no_result is not None):
            raise ValueError("give results, or in no_result why there are none")


ASKED = (
    *("question", "kind", "text", "population", "exposure", "comparator", "outcome"),
    *("time", "place"),
)
"""The fields of a question that say what is asked. They are named, since signatures on claims and
editions hold their hash: a field that is added to a question changes none of them."""


class Question(Model):
    """A question the review answers, with all its eligible studies."""

    format: Format = Field(description="data format")
    question: Slug = Field(description="stable id, also the file's name; the protocol lists it")
    kind: QuestionKind = Field(description="OCEBM 2011 row, or not_gradable")
    text: Bilingual = Field(description="the question as readers see it")
    population: Bilingual = Field(description="who")
    exposure: Bilingual | None = Field(None, description="intervention, exposure or test")
    comparator: Bilingual | None = Field(None, description="compared with what")
    outcome: Bilingual = Field(description="what is measured")
    time: Bilingual | None = Field(None, description="when, or over what period")
    place: Bilingual | None = Field(None, description="for prevalence: where")
    about: tuple[Slug, ...] = Field((), description="vocabulary terms: treatments, mechanisms, …")
    studies: tuple[EligibleStudy, ...] = Field((), description="all eligible studies")
    adjustments: tuple[Adjustment, ...] = Field((), description="steps up or down")
    not_reproducible: Bilingual | None = Field(
        None, description="why no study that was read answers the question"
    )

    @property
    def id(self) -> str:
        """The question's id."""
        return self.question

    def definition(self) -> dict[str, Any]:
        """What is asked, without the evidence: changing it is a change of method."""
        return self.model_dump(mode="json", include={*ASKED})

    def model_post_init(self, _context: Any, /) -> None:
        named = [s.study for s in self.studies]
        if twice := sorted({s for s in named if named.count(s) > 1}):
            raise ValueError(f"the study {twice[0]} is listed twice")
        for one in self.adjustments:
            if one.study is not None and one.study not in named:
                raise ValueError(f"an adjustment names {one.study}, which is no study of it")
        if self.not_reproducible and any(s.results for s in self.studies):
            raise ValueError("not_reproducible, but a study with results is listed")
        if self.kind is QuestionKind.PREVALENCE and self.place is None:
            raise ValueError("place: missing, a prevalence question has a place and a period")
        if self.kind is QuestionKind.PREVALENCE and self.time is None:
            raise ValueError("time: missing, a prevalence question has a place and a period")
