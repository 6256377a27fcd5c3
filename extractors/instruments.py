"""Instruments of the vocabulary that a text names."""

from __future__ import annotations

from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each instrument once, at its first mention."""
    for one in lexicon.instruments:
        if match := one.pattern.search(passage.text):
            yield Finding(
                "instrument", one.id, match.group(), match.start(), "instruments/vocabulary"
            )
