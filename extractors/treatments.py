"""Treatments of the vocabulary that a text names, each with its class."""

from __future__ import annotations

from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each treatment once, at its first mention."""
    seen: set[str] = set()
    for mention in passage.mentions(lexicon.treatments):
        if mention.term.id not in seen:
            seen.add(mention.term.id)
            words = passage.text[mention.start : mention.end]
            kind: dict[str, str | int | float] = (
                {"class": mention.term.kind} if mention.term.kind else {}
            )
            rule = "treatments/vocabulary"
            yield Finding("treatment", mention.term.id, words, mention.start, rule, kind)
