"""``data/screening/<reviewer>.csv`` and ``data/previous.yaml``: what is in or out, and why."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from review.model.base import Day, Format2, Model, RecordId, Slug, Text


class Stage(StrEnum):
    """Stages of selection."""

    TITLE_ABSTRACT = "title_abstract"
    FULL_TEXT = "full_text"


class Outcome(StrEnum):
    """What a reviewer decides."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    UNSURE = "unsure"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


class Decision(Model):
    """One reviewer's decision on one record at one stage; the latest row counts."""

    record: RecordId = Field(description="the record")
    stage: Stage = Field(description="title_abstract or full_text")
    decision: Outcome = Field(description="include, exclude, unsure, duplicate; withdrawn = undo")
    criterion: Slug | None = Field(None, description="for exclude: the criterion that is not met")
    duplicate_of: RecordId | None = Field(None, description="for duplicate: the other record")
    date: Day = Field(description="day of the decision")
    note: str = Field("", max_length=2000, description="free text")
    protocol: Text = Field(description="fingerprint of the criteria in force")
    tool: Text = Field(description="program and version used")
    amendment: Day | None = Field(
        None,
        description="day of the editorial amendment after which it was re-confirmed in bulk; "
        "empty: decided on its own",
    )

    def model_post_init(self, _context: Any, /) -> None:
        if self.decision is Outcome.EXCLUDE and not self.criterion:
            raise ValueError("an exclusion needs a criterion")
        if (self.decision is Outcome.DUPLICATE) != (self.duplicate_of is not None):
            raise ValueError("duplicate_of goes with the decision duplicate, and only with it")


class Route(StrEnum):
    """How a report without a decision of ours came in."""

    EARLIER_REVIEW = "earlier_review"
    OTHER_METHODS = "other_methods"
    BACKGROUND = "background"


class PreviousStudy(Model):
    """A report taken over without a decision of ours: from an earlier review, or found by hand.

    One of the route ``background`` is kept for pages on mechanisms and background; it is no
    included study and is never counted among them.
    """

    record: RecordId = Field(description="the record")
    route: Route = Field(
        Route.EARLIER_REVIEW, description="earlier_review, other_methods, background"
    )
    source: Text = Field(description="the earlier review that cites it, or how it was found")
    basis: Text = Field(description="why it counts as included, or is kept as background")
    date: Day = Field(description="day it was taken over")


class PreviousStudies(Model):
    """``data/previous.yaml``: PRISMA 2020's "studies included in previous version of review"."""

    format: Format2 = Field(description="data format")
    studies: tuple[PreviousStudy, ...] = Field(description="reports taken over")
