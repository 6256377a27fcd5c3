"""How long people were followed, as printed."""

from __future__ import annotations

from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage
from extractors._number_words import WORD, number
from extractors._signs import sign

_UNIT = r"(?P<unit>days?|weeks?|months?|years?|天|周|个月|年)"
_N = rf"(?P<n>\d+(?:[.·]\d+)?|(?:{WORD}))"
_PATTERNS = [
    sign(pattern, needs="follow|随访", reach=100)
    for pattern in (
        rf"(?:(?P<how>median|mean|average)\s)?(?:duration of\s)?follow(?:ed)?[- ]?up(?:\s(?:period|time|duration))?\s?(?:\([^)]{{0,30}}\)\s)?"
        rf"(?:of|was|for|:|,|=)?\s?(?:approximately\s|about\s|up to\s|at least\s)?{_N}[\s-]{_UNIT}",
        rf"\b{_N}[\s-]{_UNIT}(?:\sof)?[\s-]follow[- ]?up",
        rf"\bfollowed (?:up )?for\s(?:a\s)?(?:(?P<how>median|mean|average)\s)?(?:of\s)?(?:up to\s|at least\s|over\s)?{_N}\s{_UNIT}",
        rf"随访(?:时间)?[^。，]{{0,6}}?{_N}\s?{_UNIT}",
    )
]


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each time of follow-up once, with its unit and whether it is a mean or median."""
    seen: set[tuple[float, str]] = set()
    for pattern in _PATTERNS:
        for match in pattern.finditer(passage.small, 0, len(passage.small)):
            printed = match.group("n").replace("·", ".")
            value = float(printed) if printed[0].isdigit() else float(number(printed))
            unit = {"天": "day", "周": "week", "个月": "month", "年": "year"}.get(
                match.group("unit"), match.group("unit").lower().rstrip("s")
            )
            if (value, unit) in seen:
                continue
            seen.add((value, unit))
            details: dict[str, str | int | float] = {"unit": unit}
            if how := match.groupdict().get("how"):
                details["measure"] = how.lower()
            words = passage.text[match.start() : match.end()]
            yield Finding("follow_up", value, words, match.start(), "follow_up", details)
