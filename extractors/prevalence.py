"""Proportions of people with an outcome of the topic: events, total and percentage.

A figure counts only where a word of the vocabulary's outcomes stands in the same sentence; the
quote is the shortest run of words that holds both. A total that is not printed beside a count is
taken from the study's numbers only where exactly one of them gives the printed percentage; a
percentage that no count gives is flagged as a printed inconsistency, never repaired. A share of
those who are treated for it, whom it impairs, or who have it at a place or so badly carries that
as its ``aspect``: it is no figure of how many have it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage
from extractors._number_words import PHRASE, number
from extractors._owner import (
    CLAUSE_END,
    aspect_of,
    counted_among,
    names_denominator,
    of_aspect,
    owner,
)
from extractors._people import PEOPLE, counts

_PERCENT = r"(?<![\d.,·<>≤≥])(?<!\d/)(?<![<>≤≥] )(?P<percent>\d{1,3}(?:[.·]\d+)?)(?:\s?[%％]|\sper\s?cent\b)(?!\s?(?i:CI|confidence|credible)|\s?-)"
_IN_WORDS = rf"(?<![A-Za-z-])(?P<percent>(?i:{PHRASE}))\sper\s?cent\b"
"""A percentage in words, as sentences begin."""
_EVENTS = rf"(?<![A-Za-z\d.,/·=–-])(?P<events>\d[\d,]*|(?=[A-Za-z])(?<![A-Za-z-])(?i:{PHRASE}))"
_TOTAL = r"(?P<total>\d[\d,]*)(?![\d.]*\d)"
_FILL = r"(?:\s(?!(?i:and|or|but|of)\b)[\w+/.’'-]+)"
_PEOPLE = rf"{PEOPLE}"
_OPEN, _CLOSE = r"\s?[(\[,;（【〔]\s?", r"[^()]{0,40}?[)\]）】〕]?"
_PATTERNS = (
    ("fraction_percent", rf"{_EVENTS}\s?/\s?{_TOTAL}(?:\s[A-Za-z-]+){{0,2}}?{_OPEN}{_PERCENT}"),
    ("fraction_percent", rf"(?P<events>\d+)\s?例\s?/\s?(?P<total>\d+)\s?例{_OPEN}{_PERCENT}"),
    (
        "percent_fraction",
        rf"{_PERCENT}(?:\s[\w-]+){{0,3}}?{_OPEN}(?:n\s?=\s?)?(?P<events>\d[\d,]*)\s?(?:/|(?:out )?of)\s?{_TOTAL}",
    ),
    (
        "of_percent",
        rf"{_EVENTS}{_FILL}{{0,3}}?\s(?:\({_PERCENT}\)\s)(?:out )?of (?:the |all |these )?{_TOTAL}",
    ),
    (
        "of_percent",
        rf"{_EVENTS}{_FILL}{{0,3}}?\s(?:out )?of (?:the |all |these )?{_TOTAL}{_FILL}{{0,8}}?\s?\({_PERCENT}",
    ),
    (
        "of_percent",
        rf"{_EVENTS}{_FILL}{{0,3}}?\s(?:out )?of (?:the |all |these )?{_TOTAL}(?=[^.;%]{{0,110}}?\({_PERCENT}\))",
    ),
    (
        "events_percent",
        rf"{_EVENTS}(?:{_FILL}{{0,5}}?\s{_PEOPLE}(?:\s(?!and\b)[\w/-]+){{0,2}}?)?\s?"
        rf"[(（〔]\s?{_PERCENT}",
    ),
    ("events_percent", rf"(?P<events>\d+)\s?例\s?[(（〔]\s?{_PERCENT}"),
    (
        "n_percent",
        rf"[(\[]\s?[nN]\s?=\s?(?P<events>\d[\d,]*)\s?[,;:/(]\s?{_PERCENT}",
    ),
    (
        "percent_n",
        rf"{_PERCENT}(?:\sof(?:\s[\w/-]+){{1,4}}?)?\s?[(\[;,]\s?[nN]\s?=\s?(?P<events>\d[\d,]*)\s?[)\],;]",
    ),
    (
        "of",
        rf"{_EVENTS} (?:out )?of (?:the |all |these )?{_TOTAL}(?=(?:\s[\w-]+){{0,3}}?\s{_PEOPLE}\b)",
    ),
    (
        "percent_n",
        rf"{_IN_WORDS}(?:\sof(?:\s[\w/-]+){{1,4}}?)?\s?[(\[;,]\s?[nN]\s?=\s?(?P<events>\d[\d,]*)\s?[)\],;]",
    ),
    ("fraction", rf"(?<= )\(\s?(?:n\s?=\s?)?{_EVENTS}\s?/\s?{_TOTAL}\s?\)"),
    ("percent", _PERCENT),
    ("percent", _IN_WORDS),
)
_COMPILED = [(name, re.compile(pattern)) for name, pattern in _PATTERNS]
_GROUPS = re.compile(
    r"\(\s?[nN]\s?=\s?(?P<first>\d+)\s?\)[^()%]{0,60}\(\s?[nN]\s?=\s?(?P<second>\d+)\s?\)[^()%]{0,40}"
    r"\(\s?(?P<one>\d{1,3}(?:\.\d+)?)\s?%\s*(?:vs\.?|versus|and|;|,)\s*(?P<two>\d{1,3}(?:\.\d+)?)\s?%"
)
"""Two groups with their sizes, and two percentages in the same order."""
LONGEST = 160
"""A quote is a fragment, never a sentence of the publisher's: longer ones are cut to the figure."""


def _places(printed: str) -> int:
    return len(printed.partition(".")[2])


def fitting(total: int, percent: float, printed: str) -> range:
    """The numbers of people out of ``total`` that give a percentage as it is printed."""
    half = 0.5 * 10 ** -_places(printed) + 1e-9
    least = math.ceil(total * max(0.0, percent - half) / 100)
    most = math.floor(total * min(100.0, percent + half) / 100)
    return range(least, most + 1) if total > 0 else range(0)


def fits(events: int, total: int, percent: float, printed: str) -> bool:
    """Whether a count among a total gives a printed percentage."""
    return events in fitting(total, percent, printed)


_UNCLEAR = re.compile(r"\brespectively\b|\bI\s?(?:2|²)\s?[=:]|heterogeneity|分别为", re.IGNORECASE)
"""A sentence that lists figures apart from their outcomes, or speaks of no people: not read."""
_DENIED = re.compile(
    r"\b(?:without|absent|absence|free|no|not|never|none|denied|neither|resol\w+|remission|remitted|disappear\w+|vanish\w+|worsen\w+|prevent\w+|ceas\w+|recur\w+|reduc\w+|improv\w+|declin\w+|"
    r"decrease[sd]?|increase[sd]?|relief|relieve[sd]?)\b|无(?!统计|显著|明显差)|没有|未|消失|加重|复发|缓解|减轻|下降",
    re.IGNORECASE,
)
"""Words beside which a percentage may count those without the outcome, or a change: not read."""
_OTHER_FIGURE = re.compile(
    r"\b(?:sensitivit\w+|specificit\w+|accurac\w+|predictive value|agreement|power|variance|confidence|response rate|return rate|follow-up rate)\b[^.;,]{0,80}$",
    re.IGNORECASE,
)
"""Before a percentage: it measures a test or a model."""
_EXPLAINED = re.compile(
    r"\s?(?:[%％]|per\s?cent)?\)?\sof (?:the |all )?(?:[\w-]+ ){0,4}?(?:varia\w+|information|time|days|scores?)\b",
    re.IGNORECASE,
)
"""Behind a percentage: it is a share of something else than people."""
_RELATIVE = re.compile(
    r"\s?(?:[%％]|per\s?cent)?\s(?:more|less|fewer|lower|higher|greater|increase|decrease|reduction|improvement)\b"
)
_RELATIVE_BEFORE = re.compile(
    r"\b(?:odds|risk|hazard|increas\w+|reduc\w+|decreas\w+|lower\w*|higher)\b[^.;]{0,50}\bby (?:about )?$"
)
"""Beside a percentage: a difference, no share of people."""
_EVALUATED = re.compile(
    r"\b(?:was|were) (?:\w+ )?(?:evaluated|assessed|analy[sz]ed|measured|studied|recorded|examined)\b",
    re.IGNORECASE,
)
"""Between an outcome and a figure: that it was looked for is no figure of it."""
_BOUND = re.compile(
    r"\b(?:more|less|fewer|greater|higher|lower) than\s?$|\b(?:at least|at most|up to|nearly|almost|over|under)\s?$",
    re.IGNORECASE,
)
"""Before a percentage: it is a limit, no figure."""
_NOT_PEOPLE = re.compile(
    r"\s?(?:\w+\s){0,2}?(?:attacks?|relapses?|episodes?|eyes|visits|samples|lesions|scans|segments|centres|centers|studies|trials)\b"
)
_PART = re.compile(r"\b(?:of|among)\s(?:the\s|all\s|these\s)?$", re.IGNORECASE)
_INTERVAL_BEFORE = re.compile(
    r"(?:\bCI\b|interval|可信区间|置信区间)[^;)\]]{0,30}$|%?\s?(?:to|-|–|—|~|～)\s?$"
)
_INTERVAL_AFTER = re.compile(r"\s?(?:to|-|–|—|~|～)\s?\d[\d.]*\s?[%％]")


def _denied(sentence: str, start: int, end: int) -> bool:
    """Whether a word of absence or change stands in a span or beside it, in the same clause."""
    before = CLAUSE_END.split(sentence[max(0, start - 20) : start])[-1]
    after = CLAUSE_END.split(sentence[end : end + 20])[0]
    return bool(_DENIED.search(before + sentence[start:end] + after))


def _closed(sentence: str, start: int, end: int) -> int:
    """The end of a quote, with the per cent sign and the bracket that closes one it opened."""
    tail = re.match(r"\s?[%％]?", sentence[end:])
    end += tail.end() if tail and "%" in tail.group().replace("％", "%") else 0
    open_ones = sum(sentence[start:end].count(sign) for sign in "([（〔")
    closed = sum(sentence[start:end].count(sign) for sign in ")]）〕")
    return end + (open_ones > closed and sentence[end : end + 1] in (")", "]", "）", "〕"))


Details = dict[str, str | int | float]


def _counted(groups: dict[str, str | None], match: re.Match[str], sizes: frozenset[int]) -> Details:
    """Events, total and percentage of a figure, with what does not fit among them."""
    details: Details = {}
    printed = (groups.get("percent") or "").replace("·", ".")
    percent = float(printed) if printed else None
    if percent is not None:
        details["percent"] = percent
    events = number(groups["events"] or "") if groups.get("events") else None
    total = number(groups["total"] or "") if groups.get("total") else None
    if events is not None and (total is None or events <= total):
        details["events"] = events
    if total is not None and (events is None or events <= total):
        details["total"] = total
    if total is not None and percent is not None and events is not None:
        if not fits(events, total, percent, printed):
            details["inconsistent"] = f"printed as {match.group()[:60]}, which does not fit"
    elif total is None and events is not None and percent is not None:
        fitting = {size for size in sizes if fits(events, size, percent, printed)}
        if len(fitting) == 1:
            details["total"] = fitting.pop()
            details["total_by"] = "the one number of people in the text that gives the percentage"
    return details


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:  # noqa: C901, PLR0915
    """Proportions with their outcome."""
    sizes: frozenset[int] | None = None
    for begin, sentence in passage.sentences:
        if not any(sign in sentence for sign in ("%", "％", " of ", "cent", "/")):
            continue
        outcomes = passage.named(lexicon.outcomes, begin, begin + len(sentence))
        if not outcomes or _UNCLEAR.search(sentence):
            continue
        if sizes is None:
            sizes = frozenset(one.people for one in counts(passage.sentences))
        grouped = {
            pair.start(name): number(pair.group(size))
            for pair in _GROUPS.finditer(sentence)
            for name, size in (("one", "first"), ("two", "second"))
        }
        taken: list[tuple[int, int]] = []
        for name, pattern in _COMPILED:
            for match in pattern.finditer(sentence):
                groups = match.groupdict()
                if (words := groups.get("percent")) and words[0].isalpha():
                    groups["percent"] = str(number(words))
                spans = [match.span(part) for part in ("events", "total") if groups.get(part)]
                if groups.get("percent"):
                    spans.append(match.span("percent"))
                if any(a < end and start < b for a, b in spans for start, end in taken):
                    continue
                if groups.get("percent"):
                    at, stop = match.span("percent")
                    printed = groups["percent"].replace("·", ".")
                    if float(printed) > 100 or _INTERVAL_BEFORE.search(sentence[:at]):
                        continue
                    if _BOUND.search(sentence[max(0, at - 24) : at]):
                        continue
                    if _OTHER_FIGURE.search(sentence[max(0, at - 110) : at]):
                        continue
                    if _INTERVAL_AFTER.match(sentence[stop:].lstrip("%％ ")):
                        continue
                    if _INTERVAL_AFTER.match(sentence[stop + 1 :]):
                        continue
                    if _RELATIVE.match(sentence, stop) or _RELATIVE_BEFORE.search(sentence[:at]):
                        continue
                    if _EXPLAINED.match(sentence, stop):
                        continue
                if name == "of" and groups["events"] == groups["total"]:
                    continue
                if name == "fraction" and groups["total"] in ("10", "100"):
                    continue  # a score
                if groups.get("total") and _NOT_PEOPLE.match(sentence, match.end("total")):
                    taken += spans
                    continue
                if name == "events_percent" and _PART.search(sentence[: match.start("events")]):
                    groups["events"], groups["total"] = None, groups["events"]
                elif name == "percent_n" and " of " in match.group():
                    whole = number(groups["events"] or "")
                    as_events = any(fits(whole, size, float(printed), printed) for size in sizes)
                    if not as_events and fitting(whole, float(printed), printed):
                        groups["events"], groups["total"] = None, groups["events"]
                    elif not as_events:
                        groups["events"] = None
                details = _counted(groups, match, sizes)
                if name == "percent" and match.start("percent") in grouped:
                    size = grouped[match.start("percent")]
                    if fitting(size, float(details["percent"]), printed):
                        details["total"] = size
                        details["total_by"] = "the size of the group in the same place of the list"
                taken += spans
                first = min(start for start, _ in spans)
                last = max(end for _, end in spans)
                noun = owner(sentence, (first, last), match.span(), outcomes)
                noun = noun or of_aspect(sentence, (first, last), outcomes)
                if noun is None:
                    continue
                if counted_among(sentence, noun, match.end()):
                    if "total" not in details or "total_by" in details:
                        continue
                    details["aspect"] = "among them"
                start = min(noun.start, first)
                end = max(noun.end, _closed(sentence, start, last))
                if _denied(sentence, start, end):
                    continue
                if _EVALUATED.search(sentence, min(noun.end, first), first):
                    continue
                others = [m for m in outcomes if m is not noun and m.end <= last + 80]
                if "aspect" not in details and any(
                    names_denominator(sentence, m) for m in others if m.term.id != noun.term.id
                ):
                    details["aspect"] = "among them"
                if "aspect" not in details and (aspect := aspect_of(sentence, noun, (first, last))):
                    details["aspect"] = aspect
                if end - start > LONGEST:
                    start, end = first, _closed(sentence, first, last)
                details["outcome"] = noun.term.id
                value: str | float = (
                    float(details["percent"])
                    if "percent" in details
                    else f"{details['events']}/{details['total']}"
                )
                quote = sentence[start:end]
                rule = f"prevalence/{name}"
                yield Finding("prevalence", value, quote, begin + start, rule, details)
