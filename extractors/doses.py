"""Doses of a treatment: amount, unit, how often, by which route, and for how long."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage

_DOSE = re.compile(
    r"(?<![\d.,])(?P<amount>\d{1,6}(?:[.,]\d{1,4})?(?:\s?(?:-|–|to)\s?\d{1,6}(?:[.,]\d{1,4})?)?)\s?"
    r"(?P<unit>mg|g|µg|μg|mcg|ug|IU|units?|ml|mL|mmol|Gy|Hz|mA|毫克|克)"
    r"(?P<per>\s?(?:/|per\s)\s?(?:kg|m2|m²|m\(2\)|day|d|week|h|公斤))*(?![\w])(?!\s?/\s?(?:m?l|dl)\b)"
    r"(?P<often>,?\s(?:once|twice|three times|four times)(?:\s(?:a|per|daily|weekly))?(?:\s?(?:day|week|month))?"
    r"|\s(?:daily|weekly|monthly|per day|a day|b\.?i\.?d\.?|t\.?i\.?d\.?|q\.?d\.?)"
    r"|\s(?:every|each)\s(?:\d+\s|other\s)?(?:days?|weeks?|months?|hours?)|每日|每周)?"
)
_ROUTE = re.compile(
    r"\b(?:oral(?:ly)?|intravenous(?:ly)?|subcutaneous(?:ly)?|intramuscular(?:ly)?|intrathecal(?:ly)?|"
    r"topical(?:ly)?|transdermal(?:ly)?|inhaled|sublingual|i\.?v\.?|s\.?c\.?|p\.?o\.?)\b|口服|静脉|皮下",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"\bfor\s(?:up to\s)?(?P<n>\d+(?:\.\d+)?|one|two|three|four|five|six|eight|ten|twelve)\s"
    r"(?P<unit>minutes?|hours?|days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
NEAR = 90
"""Characters within which a dose belongs to a treatment's name."""


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each dose with the treatment of the vocabulary that is named nearest to it."""
    for begin, sentence in passage.sentences:
        named = passage.named(lexicon.treatments, begin, begin + len(sentence))
        if not named:
            continue
        for match in _DOSE.finditer(sentence):
            ranked = sorted(
                (max(m.start - match.end(), match.start() - m.end, 0), m.start, m.end, m.term.id)
                for m in named
            )
            gap, first, last, treatment = ranked[0]
            if gap > NEAR:
                continue
            start, end = min(first, match.start()), max(last, match.end())
            details: dict[str, str | int | float] = {
                "treatment": treatment,
                "unit": match.group("unit") + (match.group("per") or ""),
            }
            if match.group("often"):
                details["frequency"] = match.group("often").strip(" ,")
            around = sentence[max(0, start - 40) : end + 60]
            if route := _ROUTE.search(around):
                details["route"] = route.group()
            if lasting := _LASTING.search(sentence[match.end() : match.end() + 80]):
                details["duration"] = lasting.group()
            yield Finding(
                "dose",
                _THOUSANDS.sub("", match.group("amount")).replace(",", "."),
                sentence[start:end],
                begin + start,
                "doses",
                details,
            )
