"""What is known of a held full text: ``<record>.json`` beside the text itself."""

from enum import StrEnum

from pydantic import Field

from review.model.base import Day, Format, Hash, Model, RecordId, Text


class TextKind(StrEnum):
    """In what shape a full text is held."""

    JATS = "jats"
    PDF = "pdf"
    REGISTRY = "registry"


class HeldText(Model):
    """Where a full text came from, and what its licence allows."""

    format: Format = Field(description="data format")
    record: RecordId = Field(description="the record it is the text of")
    kind: TextKind = Field(description="jats, pdf (second class) or registry (posted results)")
    origin: Text = Field(description="service it came from, or: put in by a person")
    identifier: Text | None = Field(None, description="its number there: PMCID or registration")
    fetched: Day = Field(description="day it came")
    licence: Text | None = Field(None, description="licence as printed in it; null: none printed")
    sha256: Hash = Field(description="hash of the file beside this one")
