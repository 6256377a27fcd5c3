"""Fingerprints of values: what signatures, attestations and editions compare."""

from __future__ import annotations

import hashlib
import json

from review.model.base import Model


def digest(value: object) -> str:
    """SHA-256 of a value's canonical JSON: sorted keys, nothing between them."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def value_hash(fact: Model) -> str:
    """Fingerprint of a value with all that stands beside it, its quote and place included."""
    return digest(fact.model_dump(mode="json", exclude_none=True))


def text_hash(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
