"""Times that ClinicalTrials.gov prints as titles: "Week 12", "6 months", "Baseline (Day 0)".

The registry has no field for the time of a class of results; sponsors write it into the title. A
title that only mentions a time, as an age or a duration does, is none.
"""

from __future__ import annotations

import re

_N = r"\d{1,4}(?:\.\d{1,2})?"
_UNIT = r"(?:minutes?|mins?|hours?|hrs?|h|days?|weeks?|wks?|months?|mos?|years?|yrs?)"
_COUNTED = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen|twenty-four)"
_AND = r"\s?(?:,\s?and|,|and|&|/|-|–|to|through)\s?"
_ORDINAL = r"(?:days?|weeks?|wks?|months?|years?|hours?|visits?|cycles?|sessions?)"
_NUMBERED = (
    rf"(?:(?:study|treatment|post[- ]?\w{{1,20}})\s)?{_ORDINAL}\.?\s?[-−+]?{_N}"
    rf"(?:{_AND}{_N}){{0,9}}"
)
_FIRST = rf"{_NUMBERED}(?:,?\s{_NUMBERED}){{0,2}}"
"""The unit first: "Week 12", "Weeks 2, 4 and 8", "Cycle 1 Day 15"."""
_BEHIND = (
    rf"(?:0{_AND}{_N}|{_N}|{_COUNTED})[\s-]?{_UNIT}"
    rf"|{_N}\s?(?:-|–|to)\s?{_N}[\s-]?(?:minutes?|mins?|hours?|hrs?|h|days?|weeks?|wks?)"
)
"""The number first; of a range of months or years nobody knows whether it is an age."""
_UP = r"follow[- ]?up"
_TREATED = (
    r"(?:treatment|therapy|dose|dosing|intervention|operative(?:ly)?|op|surgery|infusion|injection"
    r"|baseline|test|stimulation|session|procedure)"
)
_NAMED = (
    rf"base-?line|screening|randomi[sz]ation|(?:pre|post)[- ]?{_TREATED}"
    rf"|end[- ]of[- ](?:the )?(?:\w{{1,20}} )?(?:study|treatment|trial|therapy|{_UP}|intervention)"
    r"|(?-i:EO[STF])|early (?:termination|discontinuation)"
    rf"|(?:long[- ]term |short[- ]term )?{_UP}(?: \d{{1,2}})?"
    r"|(?:first|second|third|last|final|\d{1,2}(?:st|nd|rd|th)) (?:study )?"
    rf"(?:visit|{_UP}|assessment)"
)
_MORE = (
    rf"(?:\s(?:visit|{_UP}|assessment|(?:post|pre)[- ]?{_TREATED}"
    rf"|of (?:the )?(?:treatment|therapy|study|{_UP})"
    r"|(?:after|before|following|from) (?:the )?\w{1,20}(?: \w{1,20}){0,3}"
    r"|on (?:treatment|study|drug|therapy)))?"
)
_ONE = (
    r"(?:(?:approximately|about|up to|through|until|after)\s)?"
    rf"(?:{_FIRST}|{_BEHIND}|(?-i:[WDMYV]\d{{1,3}})|{_NAMED}){_MORE}"
)
_TIME = rf"(?P<time>{_ONE}(?:\s?(?:to|through|until|-|–|and|&|/|,)\s?{_ONE}){{0,2}})"
_WHOLE = re.compile(
    r"(?:(?:at|on|by)\s(?:the\s)?|(?:\w{1,12}\s)?change\s(?:at|to|by|on|from\sbase-?line\s(?:to|at|by|through))\s"
    rf"|from\sbase-?line\s(?:to|at)\s)?{_TIME}",
    re.IGNORECASE,
)
_LAST = re.compile(
    rf"(?<!\d)(?:\s(?:at|on|by|to|through|until|after)\s(?:the\s)?{_TIME}|[\s,]\s?(?P<bare>{_FIRST}))$",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    rf"(?P<time>{_FIRST})\s[a-z]|(?P<named>{_NAMED})\s(?:[\w-]{{1,30}}\s){{0,4}}"
    r"(?:scores?|values?|ratings?|levels?|intensity|severity|means?|medians?)$",
    re.IGNORECASE,
)
_SOME = re.compile(
    r"[<>≤≥]|\b(?:with|without|participants|patients|subjects|those|who|aged?|duration|within|over"
    r"|under|more|less|older|younger|since|onset|history)\b",
    re.IGNORECASE,
)
"""Titles of some of the people, or of how long something lasted."""
_YEARS = re.compile(r"(\d{1,4})[\s-]?(?:years?|yrs?)\b|\b(?:years?|yrs?)\s(\d{1,4})", re.IGNORECASE)
_PARTS = re.compile(r"\s?[:;()|\[\]]\s?|\s[-–—]\s")
_SAID = re.compile(
    rf"(?:^|\b(?:at|to|on|by|through|and)\s)(?P<time>{_FIRST}|{_BEHIND})(?![\w-])", re.IGNORECASE
)
LONGEST = 200


def time_of(title: str, frame: str = "") -> str:
    """The time that a title is, or names as its own; nothing where it is none.

    :param frame: the measure's time frame: "12 years" is a time where it stands there, else an age
    """
    if not title or len(title) > LONGEST:
        return ""
    if found := _whole(title, frame):
        return found
    for pieces in (
        _pieces(title),
        [one for part in _pieces(title) for one in re.split("[,/]", part)],
    ):
        times = [_whole(one.strip(), frame) for one in pieces]
        if all(times):
            return title
        if any(times):
            return ", ".join(filter(None, times))
    if _SOME.search(title):
        return ""
    match = _LAST.search(title) or _AHEAD.match(title)
    found = next((one for one in match.groupdict().values() if one), "") if match else ""
    return "" if _is_age(found, frame) else found


def time_in(words: str) -> str:
    """The one time that a sentence speaks of; nothing where there are none or several."""
    found = {match["time"].casefold(): match["time"] for match in _SAID.finditer(words)}
    return next(iter(found.values())) if len(found) == 1 else ""


def _pieces(title: str) -> list[str]:
    return [one for one in _PARTS.split(title) if one]


def _whole(title: str, frame: str) -> str:
    match = _WHOLE.fullmatch(title)
    return match["time"] if match is not None and not _is_age(title, frame) else ""


def _is_age(words: str, frame: str) -> bool:
    """Whether words speak of more years than trials last, or than this one does."""
    known = {int(one or other) for one, other in _YEARS.findall(frame)}
    years = {int(one or other) for one, other in _YEARS.findall(words)}
    return any(one > 10 and one not in known for one in years)
