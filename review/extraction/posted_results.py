"""What a registry record says, with its own words as quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from extractors import Finding, Lexicon
from review.extraction.tables import ABSENT, Placed, named_term
from review.texts.registry import SHARE, Details, Row, Value, rows

_DESIGNS = (
    (r"Allocation: RANDOMIZED", "randomised_trial"),
    (r"Allocation: NON_RANDOMIZED", "nonrandomised_controlled"),
    (r"Intervention model: SINGLE_GROUP", "uncontrolled_follow_up"),
    (r"Study type: OBSERVATIONAL", "cohort"),
)


@dataclass(frozen=True)
class _Line:
    """A line of the record, and where it begins in the held text."""

    row: Row
    start: int

    def finding(
        self, field: str, value: Value, rule: str, details: Details, quote: str | None = None
    ) -> Placed:
        """A finding that quotes the line, or its beginning."""
        words = quote or self.row.quote or self.row.words
        one = Finding(field, value, words, self.start, f"registry/{rule}", details)
        return Placed(one, self.row.where, "registry")


def findings(study: dict[str, Any], lexicon: Lexicon) -> Iterator[Placed]:
    """What a registry record says, with its own words."""
    at = 0
    measure: Details = {}
    designed = False
    for row in rows(study):
        line = _Line(row, at)
        at += len(row.words) + 1
        if row.kind == "measure":
            measure = _measure(row, lexicon)
        elif row.kind == "measurement" and measure:
            yield from _measured(line, measure)
        elif row.kind == "analysis" and measure:
            yield from _compared(line, measure)
        elif row.kind == "design":
            found = list(_design(line, designed))
            designed = designed or any(one.finding.field == "design" for one in found)
            yield from found
        else:
            yield from _plainly(line)


def _plainly(line: _Line) -> Iterator[Placed]:
    """Number, enrolment, sponsor and harms: lines that say one thing."""
    words, kind = line.row.words, line.row.kind
    if kind == "number":
        yield line.finding("registration", words, "number", {})
    elif kind == "sponsor":
        yield line.finding("funding", words, "sponsor", {})
    elif kind == "enrolment":
        match = re.match(r"Enrollment: (\d{1,9}) participants \(actual\)", words)
        for field_, role in (("sample", "enrolled"), ("total_sample_size", "total")):
            if match:
                people, quote = int(match.group(1)), match.group()
                yield line.finding(field_, people, "enrolment", {"role": role}, quote)
    elif kind == "harms":
        match = re.search(r"(?P<n>\d{1,9}) of (?P<total>\d{1,9})$", words)
        if match is not None:
            counted: Details = {"events": int(match["n"]), "total": int(match["total"])}
            yield line.finding("adverse_events", match["n"], "adverse_events", counted)


def _design(line: _Line, designed: bool) -> Iterator[Placed]:
    for pattern, design in _DESIGNS:
        if not designed and (match := re.match(pattern, line.row.words)):
            designed = True
            yield line.finding("design", design, "design", {"confidence": 0.95}, match.group())
    if match := re.match(r"Masking: (\w+)", line.row.words):
        masks = {"NONE": "open_label", "SINGLE": "single_blind"}
        yield line.finding("flag", masks.get(match.group(1), "double_blind"), "masking", {})


def _measure(row: Row, lexicon: Lexicon) -> Details:
    """What an outcome measure measures, and when; nothing where it is none of the topic's."""
    found: Details = {}
    if outcome := named_term(tuple(lexicon.outcomes), row.words):
        found["outcome"] = outcome.id
    if tool := named_term(tuple(lexicon.instruments), row.words):
        found["instrument"] = tool.id
    return {**row.parts, **found} if found else {}


def _about(parts: Details, measure: Details) -> Details:
    """What a value is of: the measure's outcome and instrument, its own group and time."""
    known = {**measure, **parts}
    names = ("outcome", "instrument", "time", "group", "analysed")
    about = {name: known[name] for name in names if name in known}
    return {**about, "class": parts["named"]} if parts.get("named") else about


_MEANS = ("MEAN", "LEAST_SQUARES_MEAN", "GEOMETRIC_MEAN", "MEDIAN")
_PEOPLE = r"(?:participants|patients|subjects|people|persons|individuals)"
_SHARE_OF = re.compile(rf"(?:%|percent(?:age)?) of (?:\w+ ){{0,2}}{_PEOPLE}", re.IGNORECASE)
_NUMBER_OF = re.compile(rf"(?:number of )?{_PEOPLE}", re.IGNORECASE)


def _measured(line: _Line, measure: Details) -> Iterator[Placed]:
    parts = line.row.parts
    value, kind, unit = parts.get("value"), str(parts["kind"]), str(parts["unit"])
    if value is None or parts.get("analysed") == 0 or ABSENT.search(str(parts["named"])):
        return
    details = _about(parts, measure)
    if kind in _MEANS:
        details |= {name: parts[name] for name in ("spread", "spread_kind") if name in parts}
        details["measure"] = "median" if kind == "MEDIAN" else "mean"
        yield line.finding("outcome_value", float(value), "measurement", details)
    elif not parts["named"] and ABSENT.search(str(measure["title"])):
        return  # of people without it
    elif kind == "COUNT_OF_PARTICIPANTS" or (kind == "NUMBER" and _NUMBER_OF.fullmatch(unit)):
        yield from _counted(line, float(value), details)
    elif kind == "NUMBER" and _shares(unit, str(measure["title"])) and 0 <= float(value) <= 100:
        details["percent"] = float(value)
        if "analysed" in details:
            details["total"] = details["analysed"]
        yield line.finding("prevalence", float(value), "share", details)


def _shares(unit: str, title: str) -> bool:
    """Whether a number is a share of the people, in per cent."""
    bare = SHARE.fullmatch(unit) is not None
    return bool(_SHARE_OF.match(unit) or (bare and _SHARE_OF.search(title)))


def _counted(line: _Line, value: float, details: Details) -> Iterator[Placed]:
    events, total = int(value), details.get("analysed")
    if value != events or events < 0 or (total is not None and events > int(total)):
        return
    details["events"] = events
    if total is not None:
        details["total"] = total
    said = f"{events}/{total}" if total is not None else f"{events}"
    yield line.finding("prevalence", said, "count", details)


def _compared(line: _Line, measure: Details) -> Iterator[Placed]:
    """The effect and the P value of an analysis, with the groups that it compares."""
    parts = line.row.parts
    details = _about(parts, measure)
    if "value" in parts:
        names = ("measure", "ci_low", "ci_high", "level", "p", "compared")
        effect = {**details, **{name: parts[name] for name in names if name in parts}}
        yield line.finding("effect", float(parts["value"]), "analysis", effect)
    if "p" in parts:
        sign, value = str(parts["p"])[0], float(str(parts["p"])[1:])
        yield line.finding("p_value", value, "analysis", {**details, "sign": sign})
