"""Posted results of ClinicalTrials.gov (API version 2): a record as text.

The record is laid out line by line, so that each value has a quote and a place like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from extractors import Lexicon, Passage, p_values
from review.ground.errors import SourceError
from review.ground.json import JsonError, parse_json
from review.ground.printable import spaced
from review.texts.registry_times import time_in, time_of

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
    return spaced(str(value)) or "" if isinstance(value, str | int | float) else ""


def read(data: bytes) -> dict[str, Any]:
    """A study of the registry.

    :raises SourceError: where it is no such record
    """
    try:
        value = parse_json(data)
    except JsonError as error:
        raise SourceError(error.sentence) from None
    number = _at(_module(_at(value, "protocolSection"), "identification"), "nctId")
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        raise SourceError("no record of ClinicalTrials.gov: protocolSection has no nctId")
    return dict(value)


@dataclass(frozen=True)
class Row:
    """A line of the record as it is laid out here: its place, its words, and what they say."""

    where: str
    words: str
    kind: str = ""
    parts: Details = field(default_factory=dict)
    quote: str = ""
    """the words that carry the parts; all of them where this is empty"""


def lines(study: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The record as lines with their places: what extraction reads and quotes."""
    for row in rows(study):
        yield row.where, row.words


def rows(study: dict[str, Any]) -> Iterator[Row]:
    """The record line by line, with what each says."""
    yield from _protocol(_at(study, "protocolSection") or {})
    results = _at(study, "resultsSection") or {}
    for number, one in enumerate(_list(_module(results, "outcomeMeasures"), "outcomeMeasures"), 1):
        yield from _outcome(one, f"registry, outcome measure {number}")
    for group in _list(_module(results, "adverseEvents"), "eventGroups"):
        title = _plain(_at(group, "title"))
        for kind in ("serious", "other"):
            affected, at_risk = _at(group, f"{kind}NumAffected"), _at(group, f"{kind}NumAtRisk")
            if affected is not None and at_risk is not None:
                words = f"{title}: {kind} adverse events in {_plain(affected)} of {_plain(at_risk)}"
                yield Row(f"registry, adverse events, {title}", words, "harms")


def _protocol(protocol: Any) -> Iterator[Row]:
    identification = _module(protocol, "identification")
    yield Row("registry, number", _plain(_at(identification, "nctId")), "number")
    yield Row("registry, title", _plain(_at(identification, "officialTitle")))
    design = _module(protocol, "design") or {}
    info = _at(design, "designInfo") or {}
    masking = _at(info, "maskingInfo") or {}
    who = ", ".join(_plain(one) for one in _list(masking, "whoMasked"))
    for words in (
        f"Study type: {_plain(_at(design, 'studyType'))}",
        f"Allocation: {_plain(_at(info, 'allocation'))}",
        f"Intervention model: {_plain(_at(info, 'interventionModel'))}",
        f"Masking: {_plain(_at(masking, 'masking'))} ({who})",
    ):
        yield Row("registry, design", words, "design")
    enrolled = _at(design, "enrollmentInfo") or {}
    kind = _plain(_at(enrolled, "type")).lower() or "not said"
    words = f"Enrollment: {_plain(_at(enrolled, 'count'))} participants ({kind})"
    yield Row("registry, enrolment", words, "enrolment")
    for number, arm in enumerate(_list(_module(protocol, "armsInterventions"), "armGroups"), 1):
        parts = [_plain(_at(arm, key)) for key in ("label", "type", "description")]
        yield Row(f"registry, arm {number}", f"{parts[0]}: {parts[1]}. {parts[2]}")
    sponsor = _plain(_at(_module(protocol, "sponsorCollaborators"), "leadSponsor", "name"))
    if sponsor:
        yield Row("registry, sponsor", f"Sponsored by {sponsor}", "sponsor")


# ---- outcome measures --------------------------------------------------------------------------


def _outcome(one: Any, where: str) -> Iterator[Row]:
    """A measure: what it is, its measurements class by class, its analyses."""
    kind, title, frame = (_plain(_at(one, key)) for key in ("type", "title", "timeFrame"))
    yield Row(where, f"{kind}: {title} [{frame}]", "measure", {"title": title, "time": frame})
    for part in _list(one, "classes"):
        for category in _list(part, "categories"):
            for value in _list(category, "measurements"):
                yield _measurement(where, one, part, category, value)
    for analysis in _list(one, "analyses"):
        yield _analysis(where, one, analysis)


def _groups(one: Any) -> dict[str, str]:
    return {_plain(_at(g, "id")): _plain(_at(g, "title")) for g in _list(one, "groups")}


def _analysed(one: Any, part: Any) -> dict[str, str]:
    """People analysed by group: a class's own where it counts any, else the measure's.

    Eyes, samples and the like are no people.
    """
    denominators = _list(part, "denoms") or _list(one, "denoms")
    people = [d for d in denominators if _plain(_at(d, "units")) in ("", "Participants")]
    counts = (c for d in people for c in _list(d, "counts"))
    return {_plain(_at(c, "groupId")): _plain(_at(c, "value")).replace(",", "") for c in counts}


def _figure(printed: str) -> float | None:
    """A number as the registry prints it; None for "NA" and whatever else is none."""
    if _THOUSANDS.fullmatch(printed):
        printed = printed.replace(",", "")
    return float(printed) if _FIGURE.fullmatch(printed) else None


_FIGURE = re.compile(r"-?(?:\d{1,12}(?:\.\d{1,12})?|\.\d{1,12})")
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d{1,12})?")
SHARE = re.compile(r"%|percent(?:age)?s?\b", re.IGNORECASE)


def _measurement(where: str, one: Any, part: Any, category: Any, value: Any) -> Row:
    """A value of a group with its spread and the people it is of; then what is remarked on it."""
    known = _plain(_at(value, "groupId"))
    group = _groups(one).get(known, known)
    titles = [words for owner in (part, category) if (words := _plain(_at(owner, "title")))]
    kind, unit = _plain(_at(one, "paramType")), _plain(_at(one, "unitOfMeasure"))
    printed = _plain(_at(value, "value"))
    figure, people = _figure(printed), _analysed(one, part).get(known, "")
    shown = f"{printed} {unit}"
    if figure is not None and SHARE.match(unit) and not unit.startswith("%"):
        shown = f"{printed} % ({unit})"
    spread, spread_parts = _spread(_plain(_at(one, "dispersionType")), value)
    words = f"{' '.join((group, *titles))}: {kind} {shown}{spread}, n = {people or 'not said'}"
    parts: Details = {"group": group, "kind": kind, "unit": unit, **spread_parts}
    if figure is not None:
        parts["value"] = figure
    if re.fullmatch(r"\d{1,9}", people):
        parts["analysed"] = int(people)
    frame = _plain(_at(one, "timeFrame"))
    times = [time_of(title, frame) for title in titles]
    if any(times):
        parts["time"] = next(filter(None, times))
    parts["named"] = " ".join(t for t, time in zip(titles, times, strict=True) if t != time)
    remark = _plain(_at(value, "comment"))
    return Row(
        f"{where}, {group}", f"{words}; {remark}" if remark else words, "measurement", parts, words
    )


def _spread(said: str, value: Any) -> tuple[str, Details]:
    """What is printed of a spread or interval, and its parts where all of them are numbers."""
    own, low, high = (_plain(_at(value, key)) for key in ("spread", "lowerLimit", "upperLimit"))
    printed = [own] if own else []
    if low and high:
        printed.append(f"{low} to {high}")
    elif low or high:
        printed.append(f"{'lower' if low else 'upper'} limit {low or high}")
    words = "".join(f" ({f'{said} {one}'.strip()})" for one in printed)
    ends = [own] if own else [low, high]
    if any(_figure(one) is None for one in ends):
        return words, {}
    return words, {"spread": " to ".join(ends), "spread_kind": _spread_kind(said.upper())}


_KINDS = {
    "STANDARD DEVIATION": "sd",
    "STANDARD ERROR": "se",
    "INTER-QUARTILE RANGE": "iqr",
    "FULL RANGE": "range",
    "95% CONFIDENCE INTERVAL": "ci",
}


def _spread_kind(said: str) -> str:
    other = re.fullmatch(r"(\d{2}(?:\.\d)?%) CONFIDENCE INTERVAL", said)
    return _KINDS.get(said) or (f"{other.group(1)} ci" if other else "unclear")


def _analysis(where: str, one: Any, analysis: Any) -> Row:
    """A comparison with the groups it compares: without them those of three arms are one."""
    names = _groups(one)
    known = [_plain(name) for name in _list(analysis, "groupIds")]
    groups = [names.get(name, name) for name in known]
    about = _plain(_at(analysis, "groupDescription"))
    core, parts = _comparison(analysis)
    versus = " vs ".join(groups)
    lead = [versus, f"({about})" if about else ""]
    words = f"{' '.join(filter(None, lead))}: {core}" if any(lead) else core
    if groups:
        parts |= {"group": versus, "compared": len(groups)}
    if time := time_in(about):
        parts["time"] = time
    return Row(f"{where}, analysis", words, "analysis", parts)


def _comparison(analysis: Any) -> tuple[str, Details]:
    """What an analysis found in words, and the parts of it."""
    method, kind, value = (
        _plain(_at(analysis, key)) for key in ("statisticalMethod", "paramType", "paramValue")
    )
    more = re.fullmatch(r"(.*\S) (\([^()]*\))", kind)
    words = f"{more.group(1) if more else kind} {value}".strip()
    interval, parts = _interval(analysis)
    p = _plain(_at(analysis, "pValue"))
    said = [words + interval, f"P {p if p[:1] in '<>=≤≥' else f'= {p}'}" if p else ""]
    words = ", ".join(filter(None, said))
    words = f"{method}: {words}" if method else words
    figure, effect = _figure(value), _effect(kind)
    if figure is not None and effect and not (effect.endswith("_ratio") and figure < 0):
        parts |= {"value": figure, "measure": effect}
    for found in p_values.find(Passage("", said[1]), Lexicon()):
        parts |= {"p": f"{found.details['sign']}{found.value:g}"}
    return (f"{words} {more.group(2)}" if more else words), parts


def _interval(analysis: Any) -> tuple[str, Details]:
    low, high, level = (
        _plain(_at(analysis, key)) for key in ("ciLowerLimit", "ciUpperLimit", "ciPctValue")
    )
    name = f"{level}% CI" if level else "CI"
    if not (low and high):
        limit = f"{'lower' if low else 'upper'} limit {low or high}"
        return (f" ({name}, {limit})" if low or high else ""), {}
    words = f" ({name} {low} to {high})"
    ends = [one for one in map(_figure, (low, high, level)) if one is not None]
    if len(ends) < 3 or ends[0] > ends[1]:
        return words, {}
    return words, dict(zip(("ci_low", "ci_high", "level"), ends, strict=True))


_NO_EFFECT = re.compile(
    r"\blog\b|\bln\b|median|geometric|ratio of|relative risk red", re.IGNORECASE
)
_EFFECTS = (
    ("odds_ratio", r"odds ratio"),
    ("hazard_ratio", r"hazard"),
    ("risk_ratio", r"risk ratio|relative risk|rate ratio"),
    ("risk_difference", r"risk (?:difference|reduction)|difference in (?:percent|proportion|risk)"),
    ("standardised_mean_difference", r"standardi[sz]ed mean difference|effect size|cohen"),
    (
        "mean_difference",
        r"mean (?:\w+ )?difference|differences? (?:of|in|between) .*means?\b|treatment difference",
    ),
)


def _effect(kind: str) -> str:
    """What kind of effect the registry's words name; nothing where they name none of ours."""
    if _NO_EFFECT.search(kind):
        return ""
    return next((name for name, words in _EFFECTS if re.search(words, kind, re.IGNORECASE)), "")


def text(study: dict[str, Any]) -> str:
    """The record as held text."""
    return "\n".join(words for _, words in lines(study))
