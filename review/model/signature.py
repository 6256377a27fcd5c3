"""``data/signatures/<person>.csv`` and ``data/attestations/<study>.json``: who saw what."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from review.model.base import Day, Format, Hash, Model, RecordId, StudyId, Text
from review.model.protocol import Role

SignedObject = Annotated[
    str, StringConstraints(pattern=r"^(study:[a-z][a-z0-9-]{0,80}|claim:[A-Z][0-9]{2,4})$")
]
FieldName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,80}(\[[0-9]{1,4}\])?$")
]


def _of_digits(value: Any) -> Any:
    """A whole number as a cell of a CSV file holds it."""
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,5}", value) else value


Seconds = Annotated[int, BeforeValidator(_of_digits), Field(ge=0, le=86_400)]


class Signature(Model):
    """A person's signature on one value or claim; it lapses when what it signed changes."""

    object: SignedObject = Field(description="study:<id> or claim:<id>")
    field: FieldName = Field(description="field of the study; claim for a claim")
    hash: Hash | None = Field(None, description="SHA-256 of what was signed; empty: withdrawn")
    date: Day = Field(description="day of the signature")
    role: Role = Field(description="the role it was signed in")
    by_eye: Text | None = Field(
        None, description="of a number without a quote: the figure or table it was read from"
    )
    source: Hash | None = Field(
        None, description="SHA-256 of the text that was shown beside the value; empty: none was"
    )
    notices: Hash | None = Field(
        None, description="SHA-256 of the notices that were known on the study's reports"
    )
    seconds: Seconds | None = Field(
        None, description="how long the value was shown; empty: not measured"
    )
    disagrees: Text | None = Field(
        None,
        max_length=2000,
        description="what a second person reads in the source instead: then it is no signature",
    )

    def model_post_init(self, _context: Any, /) -> None:
        if self.disagrees is not None and self.hash is None:
            raise ValueError("disagrees: goes with the hash of the value it is said of")


class Attested(Model):
    """A value whose quote was found in a text, as hashes."""

    field: FieldName = Field(description="field of the study")
    value: Hash = Field(description="SHA-256 of the value as it stands in the extraction")
    quote: Hash = Field(description="SHA-256 of the quote")
    record: RecordId = Field(description="record whose text holds the quote")
    text: Hash = Field(description="SHA-256 of that text")


class Attestation(Model):
    """That each quote of a study stands in its text, for machines that may not hold the text."""

    format: Format = Field(description="data format")
    study: StudyId = Field(description="the study")
    gate: Text = Field(description="the quote gate and its version")
    values: tuple[Attested, ...] = Field(description="values in the order of the extraction")
