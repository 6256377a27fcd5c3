"""Scores of an outcome: mean or median with its spread, before and after or arm by arm.

A number counts only where an instrument or an outcome of the topic stands in its sentence. A ± whose
kind is not said in the text is ``unclear``: standard deviation and standard error are not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Mention, Passage
from extractors._people import PEOPLE
from extractors.instruments import measures_topic

_NUM = r"[-−–]?\d{1,7}(?:[.·]\d{1,6}|,\d{1,2}(?!\d))?"
_PLUS = re.compile(
    rf"(?<![\d.])(?P<value>{_NUM})\s?(?:±|\+/-|\+-|\+/−)\s?(?P<spread>\d{{1,7}}(?:[.·]\d{{1,6}}|,\d{{1,2}}(?!\d))?)"
)
_BRACKETED = re.compile(
    rf"\b(?P<kind>mean|median)s?\b[^.;()\d]{{0,60}}?(?:\([^()\d]{{1,24}}\)[^.;()\d]{{0,20}}?)?\s?[\[(]?(?:SD|SE|SEM|IQR|range)?[\])]?\s?"
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
    ("change", _CHANGE, ("from ",)),
    ("spread", _PLUS, ("±", "+/", "+-")),
    ("bracketed", _BRACKETED, ("ean", "EAN", "edian", "EDIAN")),
    ("versus", _VERSUS, (" v",)),
)
"""Rule, pattern, and signs without one of which it can't match."""
Details = dict[str, str | int | float]
_SD = re.compile(r"\bSD\b|standard deviation|s\.d\.|标准差", re.IGNORECASE)
_SE = re.compile(r"\bSEM?\b|standard error|s\.e\.m?\.|标准误", re.IGNORECASE)


def _float(printed: str) -> float:
    return float(re.sub(r"^[−–]", "-", printed.replace("·", ".").replace(",", ".")))


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


_BETWEEN = re.compile(r"\s?(?:points?\s)?(?:on|in|of)\s(?:the\s|a\s|an\s)?(?:[\w-]+\s){0,2}")
"""Words between a number and a name behind it: "4.5 ± 1.2 points on the …"."""
SOMETHING_ELSE = re.compile(
    r"\b(?:ages?|aged|duration|onset|durations|lasting|lasted|doses?|dosage|thresholds?|medications?|consumption|BMI|"
    r"height|weight|titers?|titres?|counts?|income|education|volume|time|latency|interval|years?|EDSS|disability)\b"
    r"|年龄|病程|发病|剂量|阈值|时间",
    re.IGNORECASE,
)
_MODELLED = re.compile(
    r"\b(?:regression|coefficients?|beta|correlat\w+|odds|hazard|ratios?|[Rr]2|variance|explained|sensitivity|specificity)\b|[βρΔ]|β|[Rr]²|回归|相关",
    re.IGNORECASE,
)
_PEOPLE_COUNTED = re.compile(
    rf"\b(?:fewer|more|number of|numbers of|proportion of|percentage of)\s(?:\w+\s)?{PEOPLE}\b",
    re.IGNORECASE,
)
"""In a sentence whose figures are no scores: of a model, or of people."""
_FROM_START = re.compile(r"\bchanges?\b[^.;]{0,40}\bfrom\s(?:the\s)?$", re.IGNORECASE)
"""Before "baseline": a change from it, so that the figure is not of that time."""
_SCORED = re.compile(
    r"\b(?:scores?|intensit\w+|severit\w+|ratings?|rated|scales?|levels?|index|points?|interference)\b|评分|得分|强度|程度",
    re.IGNORECASE,
)
"""Words that make an outcome a score; an instrument is one by itself."""
_CHANGED = re.compile(
    r"\b(?:fell|fall\w*|drop\w*|decreas\w+|reduc\w+|declin\w+|improv\w+|increas\w+|rose|ris\w+|chang\w+|went|lower\w*|"
    r"diminish\w+|worsen\w+|shift\w+|ameliorat\w+|alleviat\w+|grew|down|up)\b",
    re.IGNORECASE,
)
_SPANS = re.compile(
    r"\b(?:rang\w+|varied|varies|scale of|anchored|scored|graded|between)\b", re.IGNORECASE
)
_OTHER_UNIT = re.compile(
    r"\s?-?(?:years?|yrs?|months?|weeks?|days?|hours?|hrs?|h\b|min(?:utes?|s)?\b|mg|µg|μg|kg|g/|ml|%|per ?cent|patients?|women|"
    r"men\b|participants?|subjects?|cases|people|attacks|relapses|cells|°)|\s?(?:岁|年|个月|周|天|例|小时|毫克)",
    re.IGNORECASE,
)
"""Behind a number: it is no score."""


def _first(match: re.Match[str]) -> int:
    """Where the first number of a pattern begins."""
    name = next(n for n in ("before", "value", "one") if n in match.re.groupindex)
    return match.start(name)


def _near(named: Named, sentence: str, match: re.Match[str]) -> Mention | None:
    """What a number belongs to: named last before it, or right behind it."""
    at = _first(match)
    earlier = [one for one in named if one.end <= at and at - one.start < NEAR]
    if earlier:
        return max(earlier, key=lambda one: one.start)
    behind = [
        one
        for one in named
        if match.end() <= one.start < match.end() + 40
        and _BETWEEN.fullmatch(sentence[match.end() : one.start])
    ]
    return behind[0] if behind else None


def _score(
    sentence: str, match: re.Match[str], tools: Named, wanted: Named, change: bool
) -> tuple[tuple[int, int], Details] | None:
    """The quote's place and what a number belongs to; nothing where it is no score of the topic."""
    tool, outcome = _near(tools, sentence, match), _near(wanted, sentence, match)
    nouns = [one for one in (tool, outcome) if one is not None]
    if not nouns or _OTHER_UNIT.match(sentence, match.end()):
        return None
    noun = max(nouns, key=lambda m: m.start)
    between = sentence[min(noun.end, match.end()) : max(_first(match), noun.start)]
    if SOMETHING_ELSE.search(between) or (
        change and _OTHER_UNIT.match(sentence, match.end("before"))
    ):
        return None
    lead = sentence[: _first(match)]
    if _MODELLED.search(lead[-160:]) or (
        match.re.groupindex.get("two") and _PEOPLE_COUNTED.search(lead)
    ):
        return None
    around = sentence[max(0, noun.start - 30) : _first(match)]
    scored = sentence[max(0, noun.start - 24) : noun.start] + between + match.group()
    if tool is None and not _SCORED.search(scored):
        return None
    if change and (not _CHANGED.search(around) or _SPANS.search(between)):
        return None
    known: Details = {}
    for name, one in (("instrument", tool), ("outcome", outcome)):
        if one is not None:
            known[name] = one.term.id
    times = list(_TIME.finditer(sentence))
    if change:  # the value is the one after: its time stands behind it
        times = [one for one in times if one.start() >= match.end() - 1]
    times = [one for one in times if not _FROM_START.search(sentence[: one.start()])]
    if times:
        known["time"] = min(times, key=lambda t: abs(t.start() - match.start())).group()
    return (min(noun.start, match.start()), max(noun.end, match.end())), known


NEAR = 140
"""Characters within which a number belongs to what is named."""


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Scores with instrument, outcome, spread and its kind, time, and before/after."""
    better = {one.id: one.better for one in lexicon.instruments}
    for begin, sentence in passage.sentences:
        found = [
            (name, match)
            for name, pattern, signs in _PATTERNS
            if any(sign in sentence for sign in signs)
            for match in pattern.finditer(sentence)
        ]
        if not found:
            continue
        stop = begin + len(sentence)
        tools = _outermost(passage.named(lexicon.instruments, begin, stop))
        tools = [
            one
            for one in tools
            if measures_topic(passage, lexicon, one.term, begin + one.start, begin + one.end)
        ]
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
                if 1900 <= before <= 2100 and 1900 <= value <= 2100:
                    continue
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
