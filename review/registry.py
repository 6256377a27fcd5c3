"""Posted results of ClinicalTrials.gov (API version 2): a record as text, and what it says.

The record is laid out line by line, so that each value has a quote and a place like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from extractors import Finding, Lexicon, Passage, effects, p_values
from review.errors import SourceError
from review.fulltext_findings import ABSENT, Placed, named_term

ADDRESS = "https://clinicaltrials.gov/api/v2/studies/{number}?format=json"
Value = str | int | float
Details = dict[str, str | int | float]
NUMBER = re.compile(r"NCT\d{8}")


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _list(value: Any, *path: str) -> list[Any]:
    found = _at(value, *path)
    return found if isinstance(found, list) else []


def _module(section: Any, name: str) -> Any:
    """A part of a section; the registry calls them modules."""
    return _at(section, f"{name}Module")


def _plain(value: Any) -> str:
    return re.sub(r"\s+", " ", str(value)).strip() if isinstance(value, str | int | float) else ""


def read(data: bytes) -> dict[str, Any]:
    """A study of the registry.

    :raises SourceError: where it is no such record
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"not readable as JSON: {str(error)[:80]}") from None
    number = _at(_module(_at(value, "protocolSection"), "identification"), "nctId")
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        raise SourceError("no record of ClinicalTrials.gov: protocolSection has no nctId")
    return dict(value)


def lines(study: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The record as lines with their places: what extraction reads and quotes."""
    protocol = _at(study, "protocolSection") or {}
    design = _module(protocol, "design") or {}
    info = _at(design, "designInfo") or {}
    yield "registry, number", _plain(_at(_module(protocol, "identification"), "nctId"))
    yield "registry, title", _plain(_at(_module(protocol, "identification"), "officialTitle"))
    yield "registry, design", f"Study type: {_plain(_at(design, 'studyType'))}"
    yield "registry, design", f"Allocation: {_plain(_at(info, 'allocation'))}"
    yield "registry, design", f"Intervention model: {_plain(_at(info, 'interventionModel'))}"
    masking = _at(info, "maskingInfo") or {}
    who = ", ".join(_plain(one) for one in _list(masking, "whoMasked"))
    yield "registry, design", f"Masking: {_plain(_at(masking, 'masking'))} ({who})"
    enrolled = _at(design, "enrollmentInfo") or {}
    kind = _plain(_at(enrolled, "type")).lower() or "not said"
    yield (
        "registry, enrolment",
        f"Enrollment: {_plain(_at(enrolled, 'count'))} participants ({kind})",
    )
    for number, arm in enumerate(_list(_module(protocol, "armsInterventions"), "armGroups"), 1):
        parts = [_plain(_at(arm, key)) for key in ("label", "type", "description")]
        yield f"registry, arm {number}", f"{parts[0]}: {parts[1]}. {parts[2]}"
    sponsor = _plain(_at(_module(protocol, "sponsorCollaborators"), "leadSponsor", "name"))
    if sponsor:
        yield "registry, sponsor", f"Sponsored by {sponsor}"
    results = _at(study, "resultsSection") or {}
    for number, one in enumerate(_list(_module(results, "outcomeMeasures"), "outcomeMeasures"), 1):
        where = f"registry, outcome measure {number}"
        kind, title, frame = (_plain(_at(one, key)) for key in ("type", "title", "timeFrame"))
        yield where, f"{kind}: {title} [{frame}]"
        for group, row in _measurements(one):
            yield f"{where}, {group}", row
        for analysis in _list(one, "analyses"):
            yield f"{where}, analysis", _analysis(analysis)
    for group in _list(_module(results, "adverseEvents"), "eventGroups"):
        title = _plain(_at(group, "title"))
        for kind in ("serious", "other"):
            affected, at_risk = _at(group, f"{kind}NumAffected"), _at(group, f"{kind}NumAtRisk")
            if affected is not None and at_risk is not None:
                words = f"{title}: {kind} adverse events in {_plain(affected)} of {_plain(at_risk)}"
                yield f"registry, adverse events, {title}", words


def _groups(one: Any) -> dict[str, str]:
    return {_plain(_at(g, "id")): _plain(_at(g, "title")) for g in _list(one, "groups")}


def _analysed(one: Any) -> dict[str, str]:
    """People analysed by group; eyes, samples and the like are no people."""
    people = [d for d in _list(one, "denoms") if _plain(_at(d, "units")) in ("", "Participants")]
    counts = (c for d in people for c in _list(d, "counts"))
    return {_plain(_at(c, "groupId")): _plain(_at(c, "value")).replace(",", "") for c in counts}


def _measurements(one: Any) -> Iterator[tuple[str, str]]:
    names, analysed = _groups(one), _analysed(one)
    kind, spread = _plain(_at(one, "paramType")), _plain(_at(one, "dispersionType"))
    unit = _plain(_at(one, "unitOfMeasure"))
    for part in _list(one, "classes"):
        title = _plain(_at(part, "title"))
        for category in _list(part, "categories"):
            named = _plain(_at(category, "title"))
            for value in _list(category, "measurements"):
                group = _plain(_at(value, "groupId"))
                words = f"{names.get(group, group)}"
                words += "".join(f" {said}" for said in (title, named) if said)
                words += f": {kind} {_plain(_at(value, 'value'))} {unit}"
                if _at(value, "spread") is not None:
                    words += f" ({spread} {_plain(_at(value, 'spread'))})"
                low, high = _at(value, "lowerLimit"), _at(value, "upperLimit")
                if low is not None and high is not None:
                    words += f" ({spread} {_plain(low)} to {_plain(high)})"
                yield names.get(group, group), f"{words}, n = {analysed.get(group, 'not said')}"


def _analysis(one: Any) -> str:
    method, kind, value = (
        _plain(_at(one, key)) for key in ("statisticalMethod", "paramType", "paramValue")
    )
    bare, _, more = kind.partition(" (")
    words = f"{method}: {bare} {value}"
    low, high = _at(one, "ciLowerLimit"), _at(one, "ciUpperLimit")
    if low is not None and high is not None:
        words += f" ({_plain(_at(one, 'ciPctValue'))}% CI {_plain(low)} to {_plain(high)})"
    p = _plain(_at(one, "pValue"))
    words += f", P {p if p[:1] in '<>=' else '= ' + p}" if p else ""
    return words + (f" ({more}" if more else "")


def text(study: dict[str, Any]) -> str:
    """The record as held text."""
    return "\n".join(words for _, words in lines(study))


_MEASURED = re.compile(
    r": (?P<kind>MEAN|MEDIAN|LEAST_SQUARES_MEAN|GEOMETRIC_MEAN|NUMBER|COUNT_OF_PARTICIPANTS) "
    r"(?P<value>-?\d{1,12}(?:\.\d{1,12})?) (?P<unit>[^(,]*)(?: \((?P<what>[A-Za-z ,0-9%-]*?) "
    r"(?P<spread>-?\d{1,12}(?:\.\d{1,12})?(?: to -?\d{1,12}(?:\.\d{1,12})?)?)\))?, "
    r"n = (?P<n>\d{1,9})$"
)
_KINDS = {
    "STANDARD DEVIATION": "sd",
    "STANDARD ERROR": "se",
    "INTER-QUARTILE RANGE": "iqr",
    "FULL RANGE": "range",
}
_DESIGNS = (
    (r"Allocation: RANDOMIZED", "randomised_trial"),
    (r"Allocation: NON_RANDOMIZED", "nonrandomised_controlled"),
    (r"Intervention model: SINGLE_GROUP", "uncontrolled_follow_up"),
    (r"Study type: OBSERVATIONAL", "cohort"),
)


@dataclass(frozen=True)
class _Line:
    """A line of the record: its place, its words, and where these begin in the held text."""

    where: str
    words: str
    start: int

    def finding(
        self,
        field: str,
        value: Value,
        rule: str,
        details: Details,
        quote: str | None = None,
        at: int = 0,
    ) -> Placed:
        """A finding that quotes the line, or a part of it."""
        words = self.words if quote is None else quote
        one = Finding(field, value, words, self.start + at, f"registry/{rule}", details)
        return Placed(one, self.where, "registry")


def findings(study: dict[str, Any], lexicon: Lexicon) -> Iterator[Placed]:
    """What a registry record says, with its own words."""
    number = _at(_module(_at(study, "protocolSection"), "identification"), "nctId")
    at = 0
    measure: Details = {}
    designed = False
    for where, words in lines(study):
        line = _Line(where, words, at)
        at += len(words) + 1
        if where == "registry, number":
            yield line.finding("registration", str(number), "number", {})
        elif where == "registry, design":
            found = list(_design(line, designed))
            designed = designed or any(one.finding.field == "design" for one in found)
            yield from found
        elif where == "registry, enrolment":
            match = re.match(r"Enrollment: (\d{1,9}) participants \(actual\)", words)
            for field, role in (("sample", "enrolled"), ("total_sample_size", "total")):
                if match:
                    people, quote = int(match.group(1)), match.group()
                    yield line.finding(field, people, "enrolment", {"role": role}, quote)
        elif where == "registry, sponsor":
            yield line.finding("funding", words, "sponsor", {})
        elif re.fullmatch(r"registry, outcome measure \d+", where):
            measure = _measure(words, lexicon)
        elif "outcome measure" in where and measure:
            if where.endswith("analysis"):
                yield from _compared(line)
            else:
                group = re.sub(r"^registry, outcome measure \d+, ", "", where)
                yield from _measured(line, {**measure, "group": group})
        elif "adverse events" in where:
            match = re.search(r"(?P<n>\d{1,9}) of (?P<total>\d{1,9})$", words)
            if match is None:
                continue
            counted: Details = {"events": int(match["n"]), "total": int(match["total"])}
            yield line.finding("adverse_events", match["n"], "adverse_events", counted)


def _design(line: _Line, designed: bool) -> Iterator[Placed]:
    for pattern, design in _DESIGNS:
        if not designed and (match := re.match(pattern, line.words)):
            designed = True
            yield line.finding("design", design, "design", {"confidence": 0.95}, match.group())
    if match := re.match(r"Masking: (\w+)", line.words):
        masks = {"NONE": "open_label", "SINGLE": "single_blind"}
        yield line.finding("flag", masks.get(match.group(1), "double_blind"), "masking", {})


def _measure(words: str, lexicon: Lexicon) -> Details:
    """What an outcome measure measures, and when; nothing where it is none of the topic's."""
    found: Details = {}
    if outcome := named_term(tuple(lexicon.outcomes), words):
        found["outcome"] = outcome.id
    if tool := named_term(tuple(lexicon.instruments), words):
        found["instrument"] = tool.id
    framed = re.search(r"\[(.*)\]", words)
    return {**found, "time": framed.group(1) if framed else ""} if found else {}


def _measured(line: _Line, details: Details) -> Iterator[Placed]:
    match = _MEASURED.search(line.words)
    if match is None or ABSENT.search(line.words[: match.start()]):
        return
    details["analysed"] = int(match["n"])
    if match["kind"] == "COUNT_OF_PARTICIPANTS":
        details |= {"events": int(float(match["value"])), "total": int(match["n"])}
        value = f"{details['events']}/{details['total']}"
        yield line.finding("prevalence", value, "count", details)
        return
    if match["spread"]:
        said = (match["what"] or "").strip().upper()
        details |= {"spread": match["spread"], "spread_kind": _KINDS.get(said, "unclear")}
    details["measure"] = "median" if match["kind"] == "MEDIAN" else "mean"
    yield line.finding("outcome_value", float(match["value"]), "measurement", details)


def _compared(line: _Line) -> Iterator[Placed]:
    """Effects and P values of an analysis, read by the same rules as any text."""
    passage = Passage("", line.words)
    for module in (effects, p_values):
        for one in module.find(passage, lexicon_of_nothing):
            yield line.finding(
                one.field, one.value, "analysis", one.details, one.quote, one.start - 1
            )


lexicon_of_nothing = Lexicon()
