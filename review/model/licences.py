"""Licences under which words of others may be committed."""

from __future__ import annotations

OPEN_LICENCES = frozenset({"CC BY", "CC BY 4.0", "CC BY 3.0", "CC BY 2.0", "CC 0", "CC 0 1.0"})
