"""Keep the API key and the contact address out of everything that is printed or written."""

from __future__ import annotations

import os
from urllib.parse import quote, quote_plus


def scrub(text: str) -> str:
    """Text without the values of ``NCBI_API_KEY`` and ``NCBI_EMAIL``."""
    for name in ("NCBI_API_KEY", "NCBI_EMAIL"):
        value = os.environ.get(name)
        for form in (value, quote(value), quote_plus(value)) if value else ():
            text = text.replace(form, f"[{name}]")
    return text
