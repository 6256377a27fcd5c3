"""The draft of an extraction: findings of all held texts put together, every choice in the open.

Where several places say something else, the better place wins: registry, Methods, Results, tables,
a PDF's pages, abstract, title. The losing candidates are listed beside the value. The design is the
exception: it is what title and abstract say, since a full text and a registry speak of other
studies too; where they say something else, it is unclear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from extractors import VERSION, Finding, Passage
from review.extraction.quotes import Figure, carries, figures
from review.extraction.tables import Placed
from review.model.extraction import (
    Arm,
    Design,
    Effect,
    Estimand,
    Extraction,
    Fact,
    Measure,
    Missing,
    Result,
    SampleSize,
    SizeRole,
    SourceTier,
)
from review.model.record import Record
from review.texts.jats import role_of

RULES = f"extraction rules {VERSION}"
PLACES = ("registry", "methods", "results", "table", "pdf", "section", "abstract", "title")
"""Places a value may stand in, the best first."""
NO_TRIAL = frozenset({Design.POST_HOC_EXTENSION, Design.SYSTEMATIC_REVIEW_OF_TRIALS, Design.OTHER})
MOST_RESULTS, MOST_OTHERS = 60, 3


def place(locator: str) -> str:
    """The kind of place a locator names."""
    small = locator.casefold()
    if small in ("title", "abstract"):
        return small
    if small.startswith("registry"):
        return "registry"
    if small.startswith("pdf page"):
        return "pdf"
    if small.startswith("section "):
        role = role_of(locator.removeprefix("section "))
        return role if role in ("methods", "results") else "section"
    return "table"


def rank(one: Placed) -> int:
    """How good the place of a finding is: 0 is the best."""
    return PLACES.index(place(one.locator))


def placed(record: Record, found: Iterable[Finding | Placed]) -> list[Placed]:
    """Findings with their places; those of title and abstract get theirs here."""
    text = Passage(title=record.title)
    return [
        one if isinstance(one, Placed) else Placed(one, text.locator(one.start), "abstract")
        for one in found
    ]


def _origin(one: Placed) -> dict[str, Any]:
    tier = SourceTier(one.tier)
    if place(one.locator) in ("title", "abstract"):
        tier = SourceTier.ABSTRACT
    label = str(one.finding.details.get("label") or "")
    return {
        "quote": f"{label} … {one.finding.quote}" if label else one.finding.quote,
        "locator": one.locator,
        "source_tier": tier,
        "by": f"{RULES} {one.finding.rule}",
    }


def _others(chosen: Placed, all_of_them: Sequence[Placed]) -> str | None:
    """What else was found, for the note beside a value."""
    other: dict[str, str] = {}
    for one in sorted(all_of_them, key=rank):
        value = str(one.finding.value)
        if value != str(chosen.finding.value):
            other.setdefault(value, f'{value} ("{one.finding.quote[:60]}", {one.locator})')
    shown = list(other.values())[:MOST_OTHERS]
    more = f"; {len(other) - len(shown)} more" if len(other) > len(shown) else ""
    return f"also found: {'; '.join(shown)}{more}" if shown else None


def _is_trial(one: Placed) -> bool:
    return Design(str(one.finding.value)) in (Design.RANDOMISED_TRIAL, Design.N_OF_1)


def _effect(finding: Finding) -> tuple[dict[str, Any], list[str]]:
    """The fields of an effect, and what is noted: an interval of another level is no 95 % one."""
    parts, notes = finding.details, []
    given: dict[str, Any] = {"measure": Measure.EFFECT, "value": float(finding.value)}
    given["effect"] = Effect(str(parts["measure"]))
    if float(parts.get("level", 95)) == 95:
        given["ci_low"], given["ci_high"] = parts.get("ci_low"), parts.get("ci_high")
    elif "ci_low" in parts:
        said = f"{parts['ci_low']:g} to {parts['ci_high']:g}"
        notes.append(f"printed with a {parts['level']:g} % interval: {said}")
    given["p_value"] = str(parts["p"]) if "p" in parts else None
    between = parts["measure"] in ("mean_difference", "standardised_mean_difference")
    between = between and parts.get("compared") != 1
    given["estimand"] = Estimand.BETWEEN_ARM if between else Estimand.NONE
    return given, notes


EMPTY = {
    "setting": "place, centres, years: Methods",
    "population": "who was studied, criteria used: Methods, first table",
    "follow_up": "Methods; Results, first paragraph",
    "harms": "Results, a table of adverse events; registry",
    "funding": "behind the text, first page; registry: sponsor",
    "interests": "behind the text",
    "background_medication": "Methods: what else people took, rescue medicines",
    "responders": "Results: at least 30 % or 50 % less",
    "absolute_effects": "Results: number needed to treat, risk difference, people in 1000",
    "interference": "Results: interference with daily life, items or subscale",
    "relapse_control": "Methods: whether attacks were kept apart from the outcome",
}
"""Fields that say not_checked in a draft while nothing was found, and where a person looks."""


class Draft:
    """A draft being put together: one method a part, all reading the same findings."""

    def __init__(self, record: Record, found: Iterable[Finding | Placed], read_at: str) -> None:
        self.record = record
        self.read_at = read_at
        self.found = sorted(placed(record, found), key=rank)
        self.notes: list[str] = []

    def of(self, *fields: str) -> list[Placed]:
        """The findings of some fields, the best places first."""
        return [one for one in self.found if one.finding.field in fields]

    def origin(self, one: Placed, note: str | None = None) -> dict[str, Any]:
        """The provenance of a value."""
        return {**_origin(one), "read_at": one.came or self.read_at, "note": note}

    def design(self) -> Fact[Design]:
        """The design: of title and abstract, where nothing else held says another.

        A text's Methods or a registry alone never make a study a randomised trial: they tell of
        the trial a paper comes from, too. Where places disagree whether it is one, the answer is
        ``unclear`` with all candidates; whatever keeps it from being one and stands in the title
        or abstract wins.
        """
        found = self.of("design")
        if not found:
            return Fact[Design](missing=Missing.NOT_CHECKED, note="no rule recognised the design")
        own = [one for one in found if place(one.locator) in ("title", "abstract")]
        trials = [one for one in found if _is_trial(one)]
        best = (own or found)[0]
        kept = [one for one in own if Design(str(one.finding.value)) in NO_TRIAL]
        disagree = bool(trials) and len(trials) < len(found)
        if kept:
            best = kept[0]
        elif disagree or (trials and not own):
            said = "; ".join(dict.fromkeys(f"{o.finding.value} ({o.locator})" for o in found))
            return Fact[Design](
                missing=Missing.UNCLEAR,
                note=f"places disagree or only the full text speaks: {said}",
            )
        kind = best.finding.details.get("kind")
        notes = [f"kind: {kind}" if kind else None, _others(best, found)]
        note = "; ".join(filter(None, notes)) or None
        return Fact[Design](value=Design(str(best.finding.value)), **self.origin(best, note))

    def single(self, field: str, value: str | None = None) -> Fact[str] | None:
        """One value of a field with the losing candidates; nothing where none was found."""
        found = self.of(field)
        if not found:
            return None
        said = value if value is not None else str(found[0].finding.value)
        return Fact[str](value=said, **self.origin(found[0], _others(found[0], found)))

    def sample(self) -> tuple[SampleSize, ...]:
        """Numbers of people by role and group, each once from its best place."""
        made: dict[tuple[str, str, int], SampleSize] = {}
        for one in self.of("sample"):
            role, people = str(one.finding.details["role"]), int(one.finding.value)
            group = one.finding.details.get("group")
            key = (role, str(group), people)
            if key not in made:
                made[key] = SampleSize(
                    role=SizeRole(role),
                    people=people,
                    group=str(group) if group else None,
                    **self.origin(one),
                )
        totals = self.of("total_sample_size")
        if totals:
            best = totals[0].finding
            named = f"rules take {best.value} as the study's number"
            if "sum_of" in best.details:
                named += f", {best.details['sum_of']}"
            self.notes.append(f'{named} ("{best.quote[:80]}", {totals[0].locator})')
            if other := _others(totals[0], totals):
                self.notes.append(f"the study's number: {other}")
            known = any(size.people == best.value for size in made.values())
            printed = not carries(best.quote, [Figure(float(best.value), "count")])
            if not known and printed:
                size = SampleSize(
                    role=SizeRole.ENROLLED,
                    people=int(best.value),
                    **self.origin(totals[0], "the study's number; its role was not said"),
                )
                made["total", "", int(best.value)] = size
        return tuple(made.values())

    def arms(self) -> tuple[Arm, ...]:
        """Groups with the words beside their numbers, from the best place alone."""
        found = [o for o in self.of("arm_size") if o.finding.details.get("role") == "arm"]
        if not found:
            return ()
        best = [one for one in found if one.locator.split(",")[0] == found[0].locator.split(",")[0]]
        made: dict[tuple[str, int], Arm] = {}
        for one in best:
            label = str(one.finding.details.get("group") or one.finding.quote)
            made.setdefault(
                (label, int(one.finding.value)),
                Arm(label=label, people=int(one.finding.value), **self.origin(one)),
            )
        return tuple(made.values()) if len(made) > 1 else ()

    def listed(self, field: str) -> tuple[Fact[str], ...]:
        """Each value of a field once."""
        made: dict[str, Fact[str]] = {}
        for one in self.of(field):
            made.setdefault(
                str(one.finding.value), Fact[str](value=str(one.finding.value), **self.origin(one))
            )
        return tuple(made.values())

    def doses(self) -> tuple[Fact[str], ...]:
        """Doses as amount, unit and how often, each once."""
        made: dict[str, Fact[str]] = {}
        for one in self.of("dose"):
            parts = one.finding.details
            words = f"{one.finding.value} {parts['unit']} {parts.get('frequency', '')}".strip()
            said = f"{parts['treatment']}: {words}"
            note = "; ".join(f"{k} {parts[k]}" for k in ("route", "duration") if k in parts) or None
            made.setdefault(said, Fact[str](value=said, **self.origin(one, note)))
        return tuple(made.values())

    def results(self) -> tuple[Result, ...]:
        """Frequencies, scores and effects; the same figures at two places stand once.

        A table's are told apart by their group, the registry's by group, time and class.
        """
        made: dict[tuple[Any, ...], Result] = {}
        seen: set[tuple[Any, ...]] = set()
        for one in self.of("prevalence", "outcome_value", "effect"):
            if aspect := one.finding.details.get("aspect"):
                said = f"{one.finding.value} is a share by {aspect}, not of all with the outcome"
                self.notes.append(f'no result: {said}: "{one.finding.quote}" ({one.locator})')
                continue
            result = self._result(one, f"r{len(made) + 1}")
            if result is None:
                continue
            key = (
                result.outcome,
                result.percent,
                result.value,
                result.events,
                result.total,
                result.group if place(one.locator) == "table" else None,
                result.spread,
            )
            own: tuple[Any, ...] = key
            if place(one.locator) == "registry":
                own = (*key, result.group, result.time, one.finding.details.get("class"))
            if own not in seen:
                made[own] = result
            seen |= {key, own}
            if len(made) >= MOST_RESULTS:
                self.notes.append(f"only the first {MOST_RESULTS} results are drafted")
                break
        return tuple(made.values())

    def _result(self, one: Placed, name: str) -> Result | None:  # noqa: C901
        finding, parts = one.finding, one.finding.details
        outcome = parts.get("outcome") or parts.get("instrument")
        if outcome is None:
            return None
        notes = [f"class: {parts['class']}"] if "class" in parts else []
        given: dict[str, Any] = {"id": name, "outcome": str(outcome)}
        for key in ("group", "time", "instrument"):
            if parts.get(key):
                given[key] = str(parts[key])
        if finding.field == "prevalence":
            inferred = "total_by" in parts
            given |= {"measure": Measure.PROPORTION}
            given["events"] = int(parts["events"]) if "events" in parts else None
            given["percent"] = float(parts["percent"]) if "percent" in parts else None
            if "total" in parts and not inferred:
                given["total"] = int(parts["total"])
            if inferred:
                notes.append(f"counted among {parts['total']}: {parts['total_by']}")
                if any(int(s.finding.value) == parts["total"] for s in self.of("sample")):
                    given["analysed"] = int(parts["total"])
            if "inconsistent" in parts:
                given["printed_inconsistency"] = str(parts["inconsistent"])
        elif finding.field == "outcome_value":
            median = parts.get("measure") == "median"
            given |= {
                "measure": Measure.MEDIAN if median else Measure.MEAN,
                "value": float(finding.value),
            }
            if "spread" in parts:
                kind = str(parts.get("spread_kind", "unclear"))
                given["spread"] = f"{'' if kind == 'unclear' else kind + ' '}{parts['spread']}"
                if kind == "unclear":
                    notes.append("whether the spread is SD, SE or a range was not said: unclear")
            if "before" in parts:
                notes.append(f"before: {parts['before']:g}")
                given["estimand"] = Estimand.WITHIN_ARM
            if "other" in parts:
                notes.append(f"the other group: {parts['other']:g}")
            if "analysed" in parts:
                given["analysed"] = int(parts["analysed"])
            if "n" in parts:
                notes.append(f"column of {parts['n']} people")
        else:
            effect, more = _effect(finding)
            given |= effect
            notes += more
        if given.get("analysed") is not None and not self._prints(one, given["analysed"]):
            del given["analysed"]
        note = "; ".join(notes) or None
        result = Result(**given, **self.origin(one, note))
        if absent := carries(result.quote or "", figures(result)):
            shown = ", ".join(f"{number:g}" for number in absent)
            self.notes.append(f"left out, its quote does not hold {shown}: {one.locator}")
            return None
        return result

    def _prints(self, one: Placed, people: int) -> bool:
        """Whether a number analysed stands in the quote, or in one of a number of people."""
        count = [Figure(float(people), "count")]
        sizes = [s.finding.quote for s in self.of("sample") if int(s.finding.value) == people]
        return any(not carries(quote, count) for quote in (one.finding.quote, *sizes))

    def harms(self) -> Fact[str] | None:
        """Adverse events in figures."""
        found = self.of("adverse_events")
        if not found:
            return None
        parts = found[0].finding.details
        said = "none" if found[0].finding.value == "none" else ""
        if "events" in parts:
            said = f"{parts['events']}" + (f" of {parts['total']}" if "total" in parts else "")
        if "percent" in parts:
            said = f"{said} ({parts['percent']:g}%)".strip()
        return Fact[str](
            value=said or "mentioned", **self.origin(found[0], _others(found[0], found))
        )

    def follow_up(self) -> Fact[str] | None:
        """How long people were followed."""
        found = self.of("follow_up")
        if not found:
            return None
        one = found[0].finding
        number = int(one.value) if float(one.value) == int(float(one.value)) else one.value
        said = f"{number} {one.details['unit']}"
        how = one.details.get("measure")
        note = (
            "; ".join(filter(None, (str(how) if how else None, _others(found[0], found)))) or None
        )
        return Fact[str](value=said, **self.origin(found[0], note))

    def made(self, study: str) -> Extraction:
        """The extraction."""
        single = {
            "follow_up": self.follow_up(),
            "harms": self.harms(),
            **{
                name: self.single(name)
                for name in (
                    *("funding", "interests", "background_medication", "responders"),
                    *("absolute_effects", "interference", "relapse_control"),
                )
            },
        }
        given = {name: single.get(name) or Fact[str](missing=Missing.NOT_CHECKED) for name in EMPTY}
        sample = self.sample()
        return Extraction(
            format=1,
            study=study,
            reports=(self.record.id,),
            design=self.design(),
            sample=sample,
            arms=self.arms(),
            conduct=self.listed("flag"),
            instruments=self.listed("instrument"),
            treatments=self.listed("treatment"),
            doses=self.doses(),
            registration=self.single("registration"),
            results=self.results(),
            notes=tuple(self.notes),
            **given,
        )


def draft(
    study: str, record: Record, found: Iterable[Finding | Placed], read_at: str
) -> Extraction:
    """An extraction made of findings: unverified, each value with its quote, place and rule.

    :param read_at: the day the abstract came; a held text has a day of its own
    """
    return Draft(record, found, read_at).made(study)


# ---- the file ----------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Block style, field order kept, no aliases, lists indented."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    plain = re.fullmatch(r"[A-Za-z][A-Za-z ,;()/_-]*[A-Za-z)]", value)
    keyword = value.lower() in ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
    style = None if plain and not keyword else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
_LAST = ("quote", "locator", "source_tier", "read_at", "by", "note")


def value_first(value: Any) -> Any:
    """A mapping with what was found before where it was found."""
    if isinstance(value, list):
        return [value_first(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: value_first(one) for key, one in value.items() if key not in _LAST}
    return found | {key: value[key] for key in _LAST if key in value}


def to_yaml(extraction: Extraction, title: str, places: Sequence[str] = ()) -> str:
    """The draft's file: a heading for the person who takes it over, then the data.

    :param places: what is held of the full text, for the heading
    """
    value = value_first(extraction.model_dump(mode="json", exclude_defaults=True))
    body = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    for name, where in EMPTY.items():
        empty = f"\n{name}:\n  missing: not_checked\n"
        body = f"\n{body}".replace(empty, f"\n# look in: {where}{empty}", 1)[1:]
    held = "".join(
        f"# {'Held: ' if not n else '      '}{_printable(one)}\n" for n, one in enumerate(places)
    )
    return (
        "# yaml-language-server: $schema=../../docs/schema/extraction.json\n"
        f"# {_printable(title)}\n"
        f"# Drafted by {RULES}. Every value waits for a person: check it against the full text,\n"
        "# correct it, and delete what is not data. The tool never writes this file again.\n"
        f"{held}{body}"
    )


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
