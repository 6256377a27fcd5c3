"""Instruments of the vocabulary that a text names.

A name that other fields use too (a visual analogue scale may measure anything) counts only where
an outcome of the topic stands in its sentence or one beside it, and where the words behind it do
not bind it to something else ("visual analogue scale for fatigue").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage, Term

_BOUND = re.compile(
    r"\s*(?:\([^)]{1,20}\)\s*)?(?:scores?\s+)?(?:for|of|to (?:assess|measure|rate|evaluate|quantify))\s+"
    r"(?P<what>(?:[\w-]+[ ,/]+){0,4}[\w-]+)"
)
_BINDING = re.compile(r"(?P<what>[a-z-]{4,})(?:\s+on\s+(?:a|the))?\s+(?:\(?0-\d+\)?\s+)?$")
_NEUTRAL = frozenset(
    (
        *("using", "with", "from", "scale", "score", "scores", "mean", "median", "daily", "cm"),
        *("horizontal", "vertical", "point", "respective", "baseline", "and", "patient", "the"),
        *("standard", "reduction", "decrease", "increase", "change", "changes", "improvement"),
        *("that", "their", "used", "were", "measured", "included", "assessed", "evaluated"),
        *("improved", "lower", "higher", "reduced", "weekly", "rated", "recorded", "numeric"),
        *("numerical", "both", "each", "these", "self-reported", "including", "average", "worst"),
        *("present", "current", "least", "total", "overall", "resting", "dynamic", "movement"),
        *("rest", "postoperative", "preoperative", "weighted", "paper", "electronic", "than"),
        *("when", "between", "through", "into", "line", "points", "differences", "difference"),
    )
)
"""Words that stand before a scale's name without saying what it measures."""


def _measures(passage: Passage, lexicon: Lexicon, one: Term, start: int, end: int) -> bool:
    """Whether a scale that can measure anything measures an outcome of the topic here."""
    if not one.needs_outcome or not lexicon.outcomes:
        return True

    def outcome(text: str) -> bool:
        small = text.lower()
        return any(o.pattern.search(text) for o in lexicon.outcomes if o.may_stand_in(text, small))

    text = passage.text
    if bound := _BOUND.match(text, end):
        return outcome(bound.group("what")) or outcome(text[max(0, start - 40) : start])
    before = text[max(0, start - 60) : start]
    if binding := _BINDING.search(before):
        word = binding.group("what")
        if outcome(before[-45:]):
            return True
        if word not in _NEUTRAL and not word.endswith("ing") and not word.endswith("ly"):
            near = text[max(0, start - 120) : end + 60]
            return outcome(near)
    index = next(n for n, (at, s) in enumerate(passage.sentences) if start < at + len(s) + 1)
    beside = passage.sentences[max(0, index - 1) : index + 2]
    return any(outcome(sentence) for _, sentence in beside) or outcome(passage.title)


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each instrument once, at the first mention that counts; the longer of two names wins."""
    mentions = [(m.start, m.end, m.term) for m in passage.mentions(lexicon.instruments)]
    seen = set()
    for start, end, one in sorted(mentions, key=lambda m: (m[0], -m[1])):
        inside = any(
            s <= start and end <= e and e - s > end - start and o.id != one.id
            for s, e, o in mentions
        )
        if inside or one.id in seen or not _measures(passage, lexicon, one, start, end):
            continue
        seen.add(one.id)
        words = passage.text[start:end]
        yield Finding("instrument", one.id, words, start, "instruments/vocabulary")
