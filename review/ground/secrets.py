"""Variables of the environment; keys and addresses among them stay out of all that is written."""

from __future__ import annotations

import os
from urllib.parse import quote, quote_plus

SECRET = ("NCBI_API_KEY", "NCBI_EMAIL", "REVIEW_MODEL_KEY")
"""Variables whose values are never printed or written."""


def variable(name: str) -> str | None:
    """What a variable of the environment holds; None where it is not set."""
    return os.environ.get(name)


def scrub(text: str) -> str:
    """Text without the values of the variables that hold secrets."""
    for name in SECRET:
        value = os.environ.get(name)
        for form in (value, quote(value), quote_plus(value)) if value else ():
            text = text.replace(form, f"[{name}]")
    return text
