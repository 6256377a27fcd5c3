"""Adverse events: how many people had them, or that none were seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage
from extractors._number_words import PHRASE, number

_EVENTS = r"(?<![A-Za-z])(?P<serious>serious |severe )?(?:treatment-(?:emergent|related) )?(?:adverse (?:drug )?(?:events?|effects?|reactions?)|side[- ]effects?|TEAEs?\b|SAEs?\b|AEs\b|不良反应|不良事件)"
_COUNT = rf"(?P<n>\d[\d,]{{0,8}}|(?<![A-Za-z])(?:{PHRASE}))"
_PEOPLE = r"(?:patients?|participants?|subjects?|people|women|men|children|adults|例)"
_PATTERNS = [
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "none",
            rf"\b(?:no|without(?: any)?|neither)\s(?:[\w-]+\s){{0,3}}?{_EVENTS}(?![^.;,]{{0,40}}?\b(?:other than|except|apart from))|未(?:见|发生|出现)(?:明显|严重)?不良(?:反应|事件)",
        ),
        (
            "fraction",
            rf"{_EVENTS}[^.;()%]{{0,70}}?{_COUNT}\s?(?:/|of)\s?(?P<total>\d{{1,7}})(?:[^.;()]{{0,20}}?\(?(?P<percent>\d{{1,3}}(?:\.\d+)?)\s?%)?",
        ),
        (
            "count",
            rf"{_EVENTS}[^.;()%]{{0,70}}?\b(?:in|by|among)\s{_COUNT}(?!\s?%|[\d.]|\s?(?:days?|weeks?|months?|years?)\b)(?:\s{_PEOPLE})?\s?\(?(?P<percent>\d{{1,3}}(?:\.\d+)?)?\s?%?",
        ),
        (
            "count",
            rf"{_COUNT}\s(?:of\s(?P<total>\d{{1,7}})\s)?(?:[\w-]+\s){{0,2}}?{_PEOPLE}\s(?:\((?P<percent>\d{{1,3}}(?:\.\d+)?)\s?%\)\s)?(?:\w+\s){{0,3}}?(?:had|experienced|reported|developed)\s(?:[\w-]+\s){{0,3}}?{_EVENTS}",
        ),
        ("percent", rf"{_EVENTS}[^.;()%]{{0,70}}?(?P<percent>\d{{1,3}}(?:\.\d+)?)\s?%"),
    )
]


_DENIED = re.compile(r"\b(?:not|never|without|no|none|free)\b|未|无", re.IGNORECASE)
_SOME = re.compile(
    rf"{_COUNT}[^.;,]{{0,40}}?\b(?:had|reported|experienced|with|were)\s$", re.IGNORECASE
)
"""Before "no adverse events": so many people had none."""


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Statements on adverse events with counts; a figure serves one statement."""
    for begin, sentence in passage.sentences:
        small = sentence.lower()
        if not any(word in small for word in ("advers", "side", "aes", "teae", "sae", "不良")):
            continue
        taken: list[tuple[int, int]] = []

        def before(match: re.Match[str], sentence: str = sentence) -> str:
            return sentence[max(0, match.start() - 60) : match.start()]

        for name, pattern in _PATTERNS:
            for match in pattern.finditer(sentence):
                if any(match.start() < b and a < match.end() for a, b in taken):
                    continue
                taken.append(match.span())
                if _DENIED.search(match.group()) if name != "none" else _SOME.search(before(match)):
                    continue
                groups = match.groupdict()
                details: dict[str, str | int | float] = {}
                if groups.get("n"):
                    details["events"] = number(groups["n"] or "")
                if groups.get("total"):
                    details["total"] = int(groups["total"] or 0)
                if groups.get("percent"):
                    details["percent"] = float(groups["percent"] or 0)
                if groups.get("serious"):
                    details["serious"] = "yes"
                value = (
                    "none"
                    if name == "none"
                    else str(details.get("events", details.get("percent", "")))
                )
                yield Finding(
                    "adverse_events",
                    value,
                    match.group(),
                    begin + match.start(),
                    f"adverse_events/{name}",
                    details,
                )
