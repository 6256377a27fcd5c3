"""Instruments of the vocabulary that a text names.

A name that other fields use too (a visual analogue scale may measure anything) counts only where
the review's topic is what it measures: the nearest of the things named around it decides, and a
phrase behind it that binds it to something else wins. An abbreviation that the text itself spells
out as something else is none of ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage, Term

_BOUND = re.compile(
    r"\s*(?:\([^)]{1,20}\)\s*)?(?:scores?\s+)?(?:for|of|to (?:assess|measure|rate|evaluate|quantify))\s+"
    r"(?P<what>(?:[\w-]+[ ,/]+){0,4}[\w-]+)"
)
_ELSE = re.compile(
    r"\b(?:fatigue|tired\w*|sleep\w*|insomnia|anxiety|anxious|stress|distress|depress\w+|mood|itch\w*|prurit\w+|nausea|vomiting|"
    r"dysp\w+a|breathless\w*|spasticity|stiffness|satisfaction|quality of life|well-?being|global|disease activity|"
    r"health status|acuity|appetite|thirst|dryness|hunger|craving|alertness|sedation|cosmesis|function(?:ing)?|disability|"
    r"nutrition\w*|radiolog\w+|cough|vertigo|dizziness|tinnitus|erythema|comfort|ease|difficulty)\b"
    r"|疲劳|睡眠|焦虑|抑郁|瘙痒|恶心|满意度",
    re.IGNORECASE,
)
"""What the same scales measure elsewhere."""
_CLAUSE = re.compile(r"[.;:。；]|, (?:and|but|while) ")


BEHIND = 20
"""Characters by which what stands behind a scale is farther from it than what stands before."""
_GOVERNS = re.compile(
    rf"(?:{_ELSE.pattern})(?:\s\w+){{0,2}}\s(?:with|of|in|from|about|due to)\s(?:\w+\s){{0,2}}$",
    re.IGNORECASE,
)
"""Before the topic: it is not what is measured ("satisfaction with …")."""


def measures_topic(passage: Passage, lexicon: Lexicon, one: Term, start: int, end: int) -> bool:
    """Whether a scale that can measure anything measures the topic here."""
    topic = lexicon.topic or lexicon.outcomes
    if not one.needs_outcome or not topic:
        return True
    text = passage.text

    def far(first: int, last: int) -> int:
        return max(first - end + BEHIND, start - last, 0)

    def ours(begin: int, stop: int) -> list[int]:
        return [
            far(m.start, m.end)
            for m in passage.mentions(topic)
            if begin <= m.start
            and m.end <= stop
            and not _GOVERNS.search(text, max(begin, m.start - 50), m.start)
        ]

    if ours(start, end):
        return True
    index = next(n for n, (at, s) in enumerate(passage.sentences) if start < at + len(s) + 1)
    at, sentence = passage.sentences[index]
    stops = [m.start() for m in _CLAUSE.finditer(text, at, at + len(sentence))]
    low = max((one for one in stops if one < start), default=at)
    high = min((one for one in stops if one >= end), default=at + len(sentence))
    bound = _BOUND.match(text, end)
    spans = [bound.span("what")] if bound else []
    for begin, stop in (*spans, (low, high), (at, at + len(sentence))):
        nearest = min(ours(begin, stop), default=None)
        others = [far(m.start(), m.end()) for m in _ELSE.finditer(text, begin, stop)]
        if nearest is not None or others:
            return nearest is not None and all(nearest < other for other in others)
    beside = passage.sentences[max(0, index - 1) : index + 2]
    whole = beside[0][0], beside[-1][0] + len(beside[-1][1])
    if _ELSE.search(text, *whole):
        return False
    return bool(ours(*whole) or ours(0, len(passage.title)))


def _letters(words: str) -> str:
    return "".join(part[0] for part in re.split(r"[\s/\-]+", words.strip()) if part).lower()


def _another(passage: Passage, one: Term, abbreviation: str) -> bool:
    """Whether the text spells an abbreviation out as something that is not this instrument."""
    text, bare = passage.text, re.sub(r"\W", "", abbreviation).lower()
    sign = re.escape(abbreviation)
    if re.search(rf"\b{sign}[ -]?(?:19|20)\d\d\b", text):
        return True
    before = [m.group(1) for m in re.finditer(rf"([\w/ -]{{4,90}}) [(（]{sign}[)）,;]", text)]
    behind = [m.group(1) for m in re.finditer(rf"\b{sign} [(（]([^()（）]{{4,90}})[)）]", text)]
    for words in (*(" ".join(w.split()[-len(bare) :]) for w in before), *behind):
        parts = words.split()
        tails = [" ".join(parts[n:]) for n in range(len(parts))] if words not in behind else [words]
        spelled = next((tail for tail in tails if _letters(tail)[: len(bare)] == bare), None)
        if spelled is not None:
            return one.pattern.search(spelled) is None
    return False


MOST_MENTIONS = 25
"""Mentions of one instrument that are looked at."""


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each instrument once, at the first mention that counts; the longer of two names wins."""
    seen: set[str] = set()
    tried: Counter[str] = Counter()
    reached, longest = -1, ""
    for mention in passage.mentions(lexicon.instruments):
        start, end, one = mention.start, mention.end, mention.term
        inside = end <= reached and longest != one.id
        if end > reached:
            reached, longest = end, one.id
        tried[one.id] += 1
        if inside or one.id in seen or tried[one.id] > MOST_MENTIONS:
            continue
        if not measures_topic(passage, lexicon, one, start, end):
            continue
        words = passage.text[start:end]
        if words.isupper() and _another(passage, one, words):
            continue
        seen.add(one.id)
        yield Finding("instrument", one.id, words, start, "instruments/vocabulary")
