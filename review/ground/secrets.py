"""Keep the API key and the contact address out of everything that is printed or written."""

from __future__ import annotations

import os
from urllib.parse import quote, quote_plus

SECRET = ("NCBI_API_KEY", "NCBI_EMAIL", "REVIEW_MODEL_KEY")
"""Variables whose values are never printed or written."""


def scrub(text: str) -> str:
    """Text without the values of the variables that hold secrets."""
    for name in SECRET:
        value = os.environ.get(name)
        for form in (value, quote(value), quote_plus(value)) if value else ():
            text = text.replace(form, f"[{name}]")
    return text
