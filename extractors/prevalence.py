"""Proportions of people with an outcome of the topic: events, total and percentage.

A figure counts only where a word of the vocabulary's outcomes stands in the same sentence; the
quote is the shortest run of words that holds both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage

_PERCENT = r"(?P<percent>\d{1,3}(?:[.·]\d+)?)\s?%"
_PATTERNS = (
    ("fraction_percent", rf"(?P<events>\d+)\s?/\s?(?P<total>\d+)\s?[(\[,;]\s?{_PERCENT}[)\]]?"),
    (
        "percent_fraction",
        rf"{_PERCENT}\s?[(\[,;]\s?(?P<events>\d+)\s?(?:/|of)\s?(?P<total>\d+)[)\]]?",
    ),
    (
        "of_percent",
        r"(?P<events>\d+) (?:out )?of (?:the |all )?(?P<total>\d+)(?: [\w-]+){0,3} "
        rf"\({_PERCENT}\)",
    ),
    ("events_percent", rf"(?<![\d/])(?P<events>\d+)(?: [\w-]+){{0,3}} \({_PERCENT}\)"),
    ("percent", _PERCENT),
)
_COMPILED = [(name, re.compile(pattern)) for name, pattern in _PATTERNS]
LONGEST = 160
"""A quote is a fragment, never a sentence of the publisher's: longer ones are cut to the figure."""


def _fits(events: int, total: int, percent: float, printed: str) -> bool:
    places = len(printed.partition(".")[2])
    return events <= total and abs(100 * events / total - percent) <= 0.5 * 10**-places + 1e-9


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Proportions with their outcome."""
    for begin, sentence in passage.sentences:
        outcomes = [
            (match, one.id) for one in lexicon.outcomes for match in one.pattern.finditer(sentence)
        ]
        if not outcomes:
            continue
        taken: list[tuple[int, int]] = []
        for name, pattern in _COMPILED:
            for match in pattern.finditer(sentence):
                if any(match.start() < end and start < match.end() for start, end in taken):
                    continue
                groups = match.groupdict()
                printed = groups["percent"].replace("·", ".")
                percent = float(printed)
                if percent > 100:
                    continue
                details: dict[str, str | int | float] = {"percent": percent}
                events, total = int(groups.get("events") or 0), int(groups.get("total") or 0)
                if groups.get("events") and (not groups.get("total") or events <= total):
                    details["events"] = events
                if groups.get("total") and events <= total:
                    details["total"] = total
                if groups.get("total") and not (total and _fits(events, total, percent, printed)):
                    details["inconsistent"] = f"printed as {match.group()}, which does not fit"
                taken.append(match.span())

                def distance(item: tuple[re.Match[str], str], at: re.Match[str] = match) -> int:
                    noun = item[0]
                    return max(noun.start() - at.end(), at.start() - noun.end(), 0)

                noun, outcome = min(
                    outcomes, key=lambda item: (distance(item), -len(item[0].group()))
                )
                start = min(noun.start(), match.start())
                end = max(noun.end(), match.end())
                if end - start > LONGEST:
                    start, end = match.span()
                details["outcome"] = outcome
                yield Finding(
                    "prevalence",
                    percent,
                    sentence[start:end],
                    begin + start,
                    f"prevalence/{name}",
                    details,
                )
