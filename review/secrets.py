"""Keep the API key and the contact address out of everything that is printed or written."""

from __future__ import annotations

import os


def scrub(text: str) -> str:
    """Text without the values of ``NCBI_API_KEY`` and ``NCBI_EMAIL``."""
    for name in ("NCBI_API_KEY", "NCBI_EMAIL"):
        value = os.environ.get(name)
        if value:
            text = text.replace(value, f"[{name}]")
    return text
