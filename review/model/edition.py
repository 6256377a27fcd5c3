"""``data/editions/<version>.json`` and ``data/corrections.yaml``: dated states of the review."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from review.model.base import Bilingual, Day, Format2, Hash, Model, QuestionKind, Slug, Text
from review.model.claim import GradeStatus, Support
from review.model.extraction import Direction
from review.model.protocol import Role

Version = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})$")]


ChangedObject = Annotated[
    str,
    StringConstraints(
        pattern=r"^((study|claim|question|report|value|edition):[A-Za-z0-9][A-Za-z0-9_.\[\]-]{0,120}"
        r"|(search|signature):[a-z0-9][A-Za-z0-9_.:/\[\]-]{0,240})$"
    ),
]


class CorrectionKind(StrEnum):
    """What a correction did."""

    CORRECTION = "correction"
    REMOVAL = "removal"


class Correction(Model):
    """An error of the review that was mended, or something taken out of it."""

    date: Day = Field(description="day it was mended")
    kind: CorrectionKind = Field(description="correction or removal")
    object: ChangedObject = Field(
        description="study:, claim:, question:, report:, search: or edition:<id>, "
        "value:<study>.<field>, or signature:<person>:<object>:<field>"
    )
    what: Bilingual = Field(description="what was wrong, and what stands now")
    reason: Bilingual = Field(description="why")
    by: Text = Field(description="person id, or tool")

    def model_post_init(self, _context: Any, /) -> None:
        for name in ("what", "reason"):
            said = getattr(self, name)
            if not (said.en or said.zh):
                raise ValueError(f"{name}: missing, a correction says what and why")


class Corrections(Model):
    """``data/corrections.yaml``: the corrections log, oldest first."""

    format: Format2 = Field(description="data format")
    corrections: tuple[Correction, ...] = Field(description="oldest first")


class Contributor(Model):
    """A person of an edition."""

    id: Slug = Field(description="person id")
    name: Text | None = Field(None, description="null: to be named")
    roles: tuple[Role, ...] = Field(description="roles taken")


class EditionPooled(Model):
    """A pooled figure, on the scale that is pooled; only of values that people signed."""

    measure: Text = Field(description="effect size")
    k: int = Field(description="number of studies")
    estimate: float = Field(description="pooled estimate")
    ci_low: float = Field(description="lower 95 % limit")
    ci_high: float = Field(description="upper 95 % limit")
    method: Text | None = Field(None, description="estimator of the variance between studies")
    test: Text | None = Field(None, description="kind of interval")


class EditionQuestion(Model):
    """A question as the edition answers it."""

    id: Slug = Field(description="question id")
    kind: QuestionKind = Field(description="OCEBM row")
    text: Bilingual = Field(description="the question")
    status: Text = Field(description="graded, not_reproducible, …")
    level: int | None = Field(None, description="level of the body of evidence, strict")
    studies: dict[str, int | None] = Field(description="level of each study")
    reasons: tuple[Bilingual, ...] = Field(description="reasons of the body's level")
    pooled: EditionPooled | None = Field(None, description="pooled figure of verified values")


class EditionClaim(Model):
    """A claim as the edition makes it."""

    id: Text = Field(description="claim id")
    question: Slug = Field(description="its question")
    sentence: Bilingual = Field(description="the claim")
    support: Support = Field(description="what the studies say of it")
    direction: Direction | None = Field(None, description="what is found")
    status: GradeStatus = Field(description="graded, not_reproducible or not_gradable")
    level: int | None = Field(None, description="level, strict")
    reasons: tuple[Bilingual, ...] = Field(description="why this level, or none")
    supporting: tuple[Text, ...] = Field(description="studies for it")
    against: tuple[Text, ...] = Field(description="studies against it")
    neutral: tuple[Text, ...] = Field(description="eligible, but neither")
    confirmed_by: tuple[Slug, ...] = Field((), description="people whose signature holds")


class EditionValue(Model):
    """A value of a study as the edition holds it."""

    field: Text = Field(description="field of the study")
    shown: Text = Field(description="the value as one line")
    status: Text = Field(description="unverified, machine_draft or verified")
    source_tier: Text | None = Field(None, description="where it was read")
    hash: Hash = Field(description="SHA-256 of the value")


class EditionStudy(Model):
    """A study as the edition holds it."""

    id: Text = Field(description="study id")
    name: Text = Field(description="name readers know it by")
    reports: tuple[Text, ...] = Field(description="its records")
    formerly: tuple[Text, ...] = Field((), description="ids merged into it")
    suspended: bool = Field(False, description="a report is retracted")
    values: tuple[EditionValue, ...] = Field(description="its values")


class EditionSignature(Model):
    """A row of a person's signatures, so that one that is gone is missed."""

    person: Slug = Field(description="person id")
    object: Text = Field(description="study:<id> or claim:<id>")
    field: Text = Field(description="field of the study; claim for a claim")
    row: Hash = Field(description="SHA-256 of the last row on it")


class Edition(Model):
    """A dated, numbered state of the review, whole in one file. Once released it is never
    rewritten, not by a migration either: format 1 stays readable.
    """

    format: Literal[1, 2] = Field(description="data format; 1 listed no searches, no signatures")
    version: Version = Field(description="major.minor; 0.x is unverified")
    date: Day = Field(description="day it was released")
    title: Bilingual = Field(description="title of the review")
    previous: Version | None = Field(None, description="the edition before it")
    previous_sha256: Hash | None = Field(None, description="SHA-256 of that edition's file")
    triggers: tuple[Text, ...] = Field(min_length=1, description="what started it")
    note: Text | None = Field(None, description="what its editors say of it")
    verified: bool = Field(False, description="true from 1.0 on: everything published is signed")
    fictional: bool = Field(False, description="true for a demonstration")
    protocol_version: Text = Field(description="version of the protocol")
    protocol_hash: Hash = Field(description="fingerprint of protocol and questions")
    searched_through: Day | None = Field(None, description="last search of every source")
    screened_through: Day | None = Field(None, description="last search whose records are decided")
    searches: dict[Slug, Day | None] = Field(description="last search of each source")
    contributors: tuple[Contributor, ...] = Field(description="people and roles")
    integrated_through: Day | None = Field(None, description="last search whose studies are read")
    reports: tuple[Text, ...] = Field(description="included reports by record id")
    flow: dict[str, int] = Field(description="counts of the PRISMA flow")
    values: dict[str, int] = Field(description="number of values by status")
    questions: tuple[EditionQuestion, ...] = Field(description="questions in protocol order")
    claims: tuple[EditionClaim, ...] = Field(description="claims by id")
    studies: tuple[EditionStudy, ...] = Field(description="studies by id")
    corrections: tuple[Correction, ...] = Field((), description="corrections since the last one")
    search_files: dict[Text, Hash] | None = Field(
        None, description="every search and import by name, with the SHA-256 of what it says"
    )
    signatures: tuple[EditionSignature, ...] | None = Field(
        None, description="what each person signed, by the last row on it"
    )
    edition_files: dict[Version, Hash] | None = Field(
        None, description="every edition before it, with the SHA-256 of what it says"
    )

    def model_post_init(self, _context: Any, /) -> None:
        if (self.format == 1) != (self.search_files is None and self.signatures is None):
            raise ValueError("search_files and signatures go with format 2, both of them")
        if self.format == 1 and self.edition_files is not None:
            raise ValueError("edition_files goes with format 2")
        if self.verified != (not self.version.startswith("0.")):
            raise ValueError("verified goes with version 1.0 and later, and only with it")


def since_last(
    corrections: Sequence[Correction], editions: Sequence[Edition]
) -> tuple[Correction, ...]:
    """The corrections that no edition carries yet: the log only grows, and editions take it up in
    its order.
    """
    return tuple(corrections[sum(len(one.corrections) for one in editions) :])
