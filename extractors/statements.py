"""Statements a reader looks for: who paid, interests, other medicines, responders, effects in people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage
from extractors._signs import places, register

_PATTERNS = tuple(
    (field, re.compile(pattern, re.IGNORECASE))
    for field, pattern in (
        (
            "funding",
            r"\b(?:funded|sponsored|financed) by [^.;]{3,80}|\bfunding:\s?[^.;]{3,80}|\bsupported by (?:a |an )?(?:grant|unrestricted)[^.;]{3,80}",
        ),
        (
            "interests",
            r"\b(?:competing interests?|conflicts? of interests?|disclosures?):?\s[^.;]{3,80}",
        ),
        (
            "background_medication",
            r"\b(?:rescue|concomitant|background|stable)\s(?:[\w-]+\s){0,3}?(?:medications?|medicines?|drugs?|"
            r"treatments?|therap(?:y|ies)|use)\b|\b\w+ consumption\b",
        ),
        (
            "responders",
            r"(?:(?:at least|≥|>=|>|more than)\s?)?(?:30|50|三十|五十)\s?(?:%|per ?cent)\s(?:or (?:greater|more)\s)?"
            r"(?:\w+\s)?(?:reduction|relief|improvement|decrease|less)\b(?:\s[^\s.;]+){0,5}|\bresponder rates?\b(?:\s[^\s.;]+){0,5}",
        ),
        (
            "absolute_effects",
            r"\b(?:numbers? needed to (?:treat|harm)|NNTB?|NNH)\b(?:\s[^\s.;]+){0,3}?\s?[=:(]?\s?\d+(?:\.\d+)?"
            r"|\babsolute risk (?:reduction|difference|increase)s?\b(?:\s[^\s.;]+){0,4}?\s?[=:(]?\s?[-−–]?\d+(?:\.\d+)?\s?%?"
            r"|\b\d+ (?:fewer|more) (?:[\w-]+ ){0,3}?per (?:100|1000|1,000)\b",
        ),
        (
            "interference",
            r"\binterfer(?:ence|ed|es|ing)\b(?:\s(?:with|of|in|on)(?:\s[^\W\d][\w-]*){1,4})?(?:[^.;]{0,30}?\d+(?:\.\d+)?(?:\s?±\s?\d+(?:\.\d+)?)?)?",
        ),
        (
            "relapse_control",
            r"\b(?:without|excluding|free of|controlling for|controlled for|adjust(?:ing|ed) for) (?:[\w-]+ ){0,2}?(?:relapses?|attacks?)\b|\battack-free\b|\brelapse-free\b",
        ),
    )
)


_NEEDS = {
    "funding": ("fund", "sponsor", "financ", "supported"),
    "interests": ("interest", "disclosure"),
    "background_medication": ("rescue", "concomitant", "background", "stable", "consumption"),
    "responders": (
        *("30%", "50%", "30 %", "50 %", "30 per", "50 per", "30\u2009%", "50\u2009%"),
        *("30\u00a0%", "50\u00a0%", "responder", "三十", "五十"),
    ),
    "absolute_effects": ("needed", "nnt", "nnh", "absolute", "fewer", "more"),
    "interference": ("interfer",),
    "relapse_control": ("relapse", "attack"),
}
"""Words without one of which a statement is not looked for."""
register(word for words in _NEEDS.values() for word in words)


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each kind of statement once, in the text's own words."""
    known = places(passage.small).keys()
    for field, pattern in _PATTERNS:
        if known.isdisjoint(_NEEDS[field]):
            continue
        if match := pattern.search(passage.text):
            words = match.group()[:90]
            words = (words if len(words) < 90 else words.rpartition(" ")[0]).rstrip()
            yield Finding(field, words, words, match.start(), f"statements/{field}")
