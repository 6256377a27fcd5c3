"""Proportions of people with an outcome of the topic: events, total and percentage.

A figure counts only where a word of the vocabulary's outcomes stands in the same sentence; the
quote is the shortest run of words that holds both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage

_PERCENT = r"(?<![\d.,/·])(?P<percent>\d{1,3}(?:[.·]\d+)?)\s?%(?!\s?(?i:CI|confidence|credible))"
_EVENTS = r"(?<![\d.,/-])(?P<events>\d+)"
_PEOPLE = (
    r"(?:patients?|participants?|people|persons?|individuals?|subjects?|women|men|children|adults|"
    r"cases|respondents)"
)
_PATTERNS = (
    ("fraction_percent", rf"{_EVENTS}\s?/\s?(?P<total>\d+)(?![\d,.])\s?[(\[,;]\s?{_PERCENT}[)\]]?"),
    (
        "percent_fraction",
        rf"{_PERCENT}\s?[(\[,;]\s?(?P<events>\d+)\s?(?:/|of)\s?(?P<total>\d+)[)\]]?",
    ),
    (
        "of_percent",
        r"(?P<events>\d+) (?:out )?of (?:the |all )?(?P<total>\d+)(?: [\w-]+){0,3} "
        rf"\({_PERCENT}\)",
    ),
    ("events_percent", rf"{_EVENTS}(?:(?: [\w-]+){{0,3}}? {_PEOPLE})? \({_PERCENT}\)"),
    ("percent", _PERCENT),
)
_COMPILED = [(name, re.compile(pattern)) for name, pattern in _PATTERNS]
LONGEST = 160
"""A quote is a fragment, never a sentence of the publisher's: longer ones are cut to the figure."""


def _fits(events: int, total: int, percent: float, printed: str) -> bool:
    places = len(printed.partition(".")[2])
    return events <= total and abs(100 * events / total - percent) <= 0.5 * 10**-places + 1e-9


_CLAUSE_END = re.compile(
    r"[;:]|,? (?:whereas|while|but|compared with|versus|vs\.?) |,? and (?=\d)|, (?=\d)"
)
_UNCLEAR = re.compile(r"\brespectively\b|\bI\s?(?:2|²)\s?[=:]|heterogeneity", re.IGNORECASE)
"""A sentence that lists figures apart from their outcomes, or speaks of no people: not read."""
_DENIED = re.compile(
    r"\b(?:without|absent|absence|free|no|not|never|none|denied|neither|reduc\w+|improv\w+|declin\w+|"
    r"decrease[sd]?|increase[sd]?|relief|relieve[sd]?)\b",
    re.IGNORECASE,
)
"""Words beside which a percentage may count those without the outcome, or a change: not read."""


def _outcome_of(
    sentence: str, figure: re.Match[str], outcomes: list[tuple[re.Match[str], str]]
) -> tuple[re.Match[str], str]:
    """The outcome a figure belongs to: of its own clause, and rather before it than after.

    Of two at one place the longer name wins, since the shorter one stands inside it.
    """
    ends = [m.start() for m in _CLAUSE_END.finditer(sentence)]
    begin = max((end for end in ends if end < figure.start()), default=0)
    close = min((end for end in ends if end >= figure.end()), default=len(sentence))
    own = [item for item in outcomes if begin <= item[0].start() and item[0].end() <= close]
    before = [item for item in outcomes if item[0].end() <= figure.start()]
    candidates = own or before or outcomes

    def far(item: tuple[re.Match[str], str]) -> tuple[bool, int, int]:
        noun = item[0]
        after = noun.start() >= figure.end()
        gap = noun.start() - figure.end() if after else figure.start() - noun.end()
        return after, max(gap, 0), -len(noun.group())

    return min(candidates, key=far)


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Proportions with their outcome."""
    for begin, sentence in passage.sentences:
        outcomes = [
            (match, one.id) for one in lexicon.outcomes for match in one.pattern.finditer(sentence)
        ]
        if not outcomes or _UNCLEAR.search(sentence):
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

                noun, outcome = _outcome_of(sentence, match, outcomes)
                start = min(noun.start(), match.start())
                end = max(noun.end(), match.end())
                if _DENIED.search(sentence[max(0, start - 20) : end + 20]):
                    continue
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
