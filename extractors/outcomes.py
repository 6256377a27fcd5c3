"""Scores of an outcome: mean or median with its spread, before and after or arm by arm.

A number counts only where an instrument or an outcome of the topic stands in its sentence. A ± whose
kind is not said in the text is ``unclear``: standard deviation and standard error are not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Mention, Passage

_NUM = r"[-−–]?\d+(?:[.·]\d+)?"
_PLUS = re.compile(
    rf"(?<![\d.])(?P<value>{_NUM})\s?(?:±|\+/-|\+-|\+/−)\s?(?P<spread>\d+(?:[.·]\d+)?)"
)
_BRACKETED = re.compile(
    rf"\b(?P<kind>mean|median)s?\b[^.;()\d]{{0,60}}?\s?[\[(]?(?:SD|SE|SEM|IQR|range)?[\])]?\s?"
    rf"(?P<value>{_NUM})\s?[\[(]\s?(?:(?P<what>SD|SEM|SE|s\.d\.|IQR|interquartile range|range)\s?[,:=]?\s?±?\s?)?"
    rf"(?P<spread>{_NUM}(?:\s?(?:-|–|to|,|—)\s?{_NUM})?)\s?[\])]",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    rf"\bfrom\s(?:a\s)?(?:mean\s|median\s)?(?:of\s|score of\s)?(?P<before>{_NUM})(?:\s?[(\[±][^()\[\]]{{1,40}}[)\]]?)?"
    rf"(?:\s(?!to\b)[\w/-]+){{0,6}}?\s(?:to|down to|up to)\s(?:a\s)?(?:mean\s|median\s)?(?:of\s)?(?P<after>{_NUM})(?!\d|[.·]\d|\s?(?:%|years|patients|weeks|months|days))"
)
_VERSUS = re.compile(
    rf"(?<![\d.])(?P<one>{_NUM})\s(?:vs\.?|versus)\s(?P<two>{_NUM})(?!\d|[.·]\d|\s?%)"
)
_TIME = re.compile(
    r"\b(?:at|after|by|week|month|day|in)\s?(?:week|month|day|year)?s?\s?\d{1,3}(?:\s?(?:weeks?|months?|days?|years?|hours?|h|min))?\b"
    r"|\bbaseline\b|\bend of treatment\b|\blast follow-up\b",
    re.IGNORECASE,
)
_RANGED = re.compile(r"\d\s?(?:-|–|to|,|—)\s?-?\d")
_PATTERNS = (
    ("change", _CHANGE, "from "),
    ("spread", _PLUS, ""),
    ("bracketed", _BRACKETED, "("),
    ("versus", _VERSUS, " v"),
)
"""Rule, pattern, and a sign without which it can't match."""
Details = dict[str, str | int | float]
_SD = re.compile(r"\bSD\b|standard deviation|s\.d\.|标准差", re.IGNORECASE)
_SE = re.compile(r"\bSEM?\b|standard error|s\.e\.m?\.|标准误", re.IGNORECASE)


def _float(printed: str) -> float:
    return float(re.sub(r"^[−–]", "-", printed.replace("·", ".")))


def spread_kind(text: str, said: str | None = None) -> str:
    """What a ± or bracket holds: sd, se, iqr or range; unclear where the text says both or neither."""
    words = (said or "").lower().replace(".", "")
    if words in ("sd", "se", "sem", "iqr", "range"):
        return {"sem": "se"}.get(words, words)
    if words.startswith("inter"):
        return "iqr"
    deviation, error = bool(_SD.search(text)), bool(_SE.search(text))
    if deviation == error:
        return "unclear"
    return "sd" if deviation else "se"


Named = list[Mention]


def _outermost(found: Named) -> Named:
    """Without the names that stand inside a longer one."""
    return [
        m
        for m in found
        if not any(
            o.start <= m.start and m.end <= o.end and o.end - o.start > m.end - m.start
            for o in found
        )
    ]


def _before(named: Named, at: int) -> Mention | None:
    """The one that is named last before a place; the first one behind it where none is."""
    earlier = [one for one in named if one.start < at]
    if earlier:
        return max(earlier, key=lambda one: one.start)
    return min(named, key=lambda one: one.start, default=None)


def _score(
    sentence: str, match: re.Match[str], tools: Named, wanted: Named, strict: bool
) -> tuple[tuple[int, int], Details] | None:
    """The quote's place and what a number belongs to; nothing where nothing is named before it."""
    known: Details = {}
    nouns = []
    for name, named in (("instrument", tools), ("outcome", wanted)):
        one = _before(named, match.start())
        if one is None or (strict and one.start > match.start()):
            continue
        if abs(one.start - match.start()) < NEAR:
            known[name] = one.term.id
            nouns.append(one)
    if not nouns:
        return None
    if times := list(_TIME.finditer(sentence)):
        known["time"] = min(times, key=lambda t: abs(t.start() - match.start())).group()
    noun = max(nouns, key=lambda m: m.start)
    return (min(noun.start, match.start()), max(noun.end, match.end())), known


NEAR = 140
"""Characters within which a number belongs to what is named."""


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Scores with instrument, outcome, spread and its kind, time, and before/after."""
    better = {one.id: one.better for one in lexicon.instruments}
    for begin, sentence in passage.sentences:
        found = [
            (name, match)
            for name, pattern, sign in _PATTERNS
            if sign in sentence
            for match in pattern.finditer(sentence)
        ]
        if not found:
            continue
        stop = begin + len(sentence)
        tools = _outermost(passage.named(lexicon.instruments, begin, stop))
        wanted = _outermost(passage.named(lexicon.outcomes, begin, stop))
        taken: list[tuple[int, int]] = []
        for name, match in found if tools or wanted else ():
            if any(match.start() < b and a < match.end() for a, b in taken):
                continue
            score = _score(sentence, match, tools, wanted, name == "change")
            if score is None:
                continue
            taken.append(match.span())
            (start, end), details = score
            if name == "change":
                before, value = _float(match.group("before")), _float(match.group("after"))
                details |= {"measure": "change", "before": before, "estimand": "within_arm"}
                side = better.get(str(details.get("instrument")))
                if side and before != value:
                    improved = (value < before) == (side == "lower")
                    details["direction"] = "better" if improved else "worse"
            elif name == "versus":
                value = _float(match.group("one"))
                details |= {"measure": "comparison", "estimand": "between_arm"}
                details["other"] = _float(match.group("two"))
            else:
                value, printed = _float(match.group("value")), match.group("spread")
                kind = spread_kind(passage.text, match.groupdict().get("what"))
                if _RANGED.search(printed) and kind not in ("iqr", "range"):
                    kind = "unclear"
                details["measure"] = (match.groupdict().get("kind") or "mean").lower()
                details |= {"spread": printed, "spread_kind": kind}
            rule = f"outcomes/{name}"
            yield Finding("outcome_value", value, sentence[start:end], begin + start, rule, details)
