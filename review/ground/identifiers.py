"""Identifiers as people and programs write them, made the one form that is compared and kept."""

from __future__ import annotations

import re

_PMID = re.compile(r"(?:(?:PMID|MEDLINE)\s*:?\s*)?0*([1-9][0-9]{0,8})(?:\.0+)?", re.IGNORECASE)


def pmid(text: str | None) -> str | None:
    """A PMID, where the whole field is one; what spreadsheets add to a number is taken off."""
    match = _PMID.fullmatch((text or "").strip())
    return match.group(1) if match else None
