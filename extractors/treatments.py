"""Treatments of the vocabulary that a text names."""

from __future__ import annotations

from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each treatment once, at its first mention."""
    for one in lexicon.treatments:
        if match := one.pattern.search(passage.text):
            yield Finding(
                "treatment", one.id, match.group(), match.start(), "treatments/vocabulary"
            )
