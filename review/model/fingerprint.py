"""Fingerprints of values: what signatures, attestations and editions compare."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from review.model.base import Bilingual, Model
from review.model.claim import Claim, DeclaredGrade, SeedStatement
from review.model.extraction import Arm, Fact, Result, SampleSize

_PROVENANCE = (
    *("quote", "locator", "source_tier", "read_at", "by", "note"),
    "printed_inconsistency",
)
COVERED: dict[type[Model], tuple[str, ...]] = {
    Fact: ("value", "missing", *_PROVENANCE),
    SampleSize: ("role", "people", "group", *_PROVENANCE),
    Arm: ("label", "people", *_PROVENANCE),
    Result: (
        *("id", "outcome", "measure", "effect", "group", "instrument", "time", "analysed"),
        *("events", "total", "percent", "value", "spread", "ci_low", "ci_high", "p_value"),
        *("estimand", "direction", "ascertainment", "period", "phase", *_PROVENANCE),
        *("all_analysed", "all_analysed_quote"),
    ),
    Claim: (
        *("format", "claim", "question", "sentence", "translation_checked_by", "seed"),
        *("seed_says", "source_says", "supporting", "against", "neutral", "direction"),
        *("support", "grade", "doubts"),
    ),
    SeedStatement: ("section", "claim", "references", "level", "scheme"),
    DeclaredGrade: ("status", "level", "basis"),
    Bilingual: ("en", "zh"),
}
"""The fields that a signature's hash covers. They are named, so that a model that gets a field
changes no hash that people have signed: a new field is added here where null says nothing (a field
without a value is left out of the hash), or to ``NOT_COVERED``."""
NOT_COVERED: dict[type[Model], tuple[str, ...]] = {}
"""Fields of those models that a signature says nothing of."""


def covered(value: Any) -> Any:
    """What of a value is hashed, as JSON holds it; of a model its named fields that have a value.

    :raises TypeError: for a model that is nothing people sign
    """
    if isinstance(value, Model):
        names = next((names for kind, names in COVERED.items() if isinstance(value, kind)), None)
        if names is None:
            raise TypeError(f"nothing that is signed: {type(value).__name__}")
        fields = ((name, getattr(value, name)) for name in names)
        return {name: covered(field) for name, field in fields if field is not None}
    return [covered(one) for one in value] if isinstance(value, tuple) else value


def digest(value: object) -> str:
    """SHA-256 of a value's canonical JSON: sorted keys, nothing between them."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def value_hash(fact: Model) -> str:
    """Fingerprint of a value with all that stands beside it, its quote and place included."""
    return digest(covered(fact))


def text_hash(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
