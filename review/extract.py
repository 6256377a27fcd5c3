"""Extract: findings of a text, and the draft that a person takes over.

A machine drafts, a person decides. A draft is created once for an included study; from then on
the file belongs to people. For candidates the findings are only shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import yaml

from extractors import VERSION, Finding, Lexicon, Passage, find_all, term
from review.library import Library
from review.model.extraction import (
    Design,
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
from review.model.vocabulary import TermKind, Vocabulary

RULES = f"extraction rules {VERSION}"


def lexicon(vocabularies: Mapping[str, Vocabulary]) -> Lexicon:
    """The topic's words as the extractors take them."""
    by_kind: dict[TermKind, list[Any]] = {kind: [] for kind in TermKind}
    for vocabulary in vocabularies.values():
        for one in vocabulary.terms:
            names = [name for name in (one.name.en, one.name.zh, *one.synonyms) if name]
            better = one.scale.better if one.scale else None
            by_kind[vocabulary.kind].append(
                term(one.id, names, one.abbreviations, one.needs_outcome, better, one.parent)
            )
    return Lexicon(
        outcomes=tuple(by_kind[TermKind.OUTCOMES]),
        instruments=tuple(by_kind[TermKind.INSTRUMENTS]),
        treatments=tuple(by_kind[TermKind.TREATMENTS]),
        populations=tuple(by_kind[TermKind.POPULATIONS]),
    )


def passage(record: Record, abstract: str | None) -> Passage:
    """A record's text as the extractors take it."""
    return Passage(
        title=record.title,
        abstract=abstract or "",
        publication_types=record.publication_types,
        registrations=record.registrations,
    )


def findings(record: Record, abstract: str | None, words: Lexicon) -> list[Finding]:
    """Everything the rules find in a record's title and abstract."""
    return find_all(passage(record, abstract), words)


def study_id(record: Record, taken: Collection[str]) -> str:
    """``firstauthor-year``, and a letter where another study has that id."""
    author = record.authors[0] if record.authors else None
    name = (author.family or author.literal or "") if author else ""
    folded = unicodedata.normalize("NFKD", name.casefold())
    ascii_name = re.sub(r"[^a-z0-9]", "", folded.encode("ascii", "ignore").decode())
    ascii_name = ascii_name.lstrip("0123456789")[:30] or "unnamed"
    base = f"{ascii_name}-{record.year or 'undated'}"
    if base not in taken:
        return base
    for letter in "abcdefghijklmnopqrstuvwxyz":
        if f"{base}-{letter}" not in taken:
            return f"{base}-{letter}"
    raise ValueError(f"{base}: no letter is left for another study of that name and year")


def draft(study: str, record: Record, found: Sequence[Finding], read_at: str) -> Extraction:
    """An extraction made of findings: unverified, each value with its quote and rule."""
    text = passage(record, None)

    def origin(one: Finding) -> dict[str, Any]:
        return {
            "quote": one.quote,
            "locator": text.locator(one.start),
            "source_tier": SourceTier.ABSTRACT,
            "read_at": read_at,
            "by": f"{RULES} {one.rule}",
        }

    def first(field: str) -> Finding | None:
        return next((one for one in found if one.field == field), None)

    def fact(one: Finding) -> Fact[str]:
        return Fact[str](value=str(one.value), **origin(one))

    design = first("design")
    registration = first("registration")
    samples: dict[tuple[str, int], SampleSize] = {}
    for one in found:
        if one.field == "sample":
            key = (str(one.details["role"]), int(one.value))
            role = SizeRole(key[0])
            samples.setdefault(key, SampleSize(role=role, people=key[1], **origin(one)))
    results: list[Result] = []
    seen = set()
    for one in found:
        if one.field != "prevalence":
            continue
        parts = one.details
        key2 = (parts["outcome"], parts.get("percent"), parts.get("events"), parts.get("total"))
        if key2 in seen:
            continue
        seen.add(key2)
        inferred = "total_by" in parts
        known = inferred and any(size.people == parts["total"] for size in samples.values())
        results.append(
            Result(
                id=f"r{len(results) + 1}",
                outcome=str(parts["outcome"]),
                measure=Measure.PROPORTION,
                events=int(parts["events"]) if "events" in parts else None,
                total=int(parts["total"]) if "total" in parts and not inferred else None,
                analysed=int(parts["total"]) if known else None,
                percent=float(parts["percent"]) if "percent" in parts else None,
                note=f"counted among {parts['total']}: {parts['total_by']}" if inferred else None,
                printed_inconsistency=str(parts["inconsistent"])
                if "inconsistent" in parts
                else None,
                **origin(one),
            )
        )
    return Extraction(
        format=1,
        study=study,
        reports=(record.id,),
        design=Fact[Design](value=Design(str(design.value)), **origin(design))
        if design
        else Fact[Design](missing=Missing.NOT_CHECKED, note="no rule recognised the design"),
        sample=tuple(samples.values()),
        instruments=tuple(fact(one) for one in found if one.field == "instrument"),
        treatments=tuple(fact(one) for one in found if one.field == "treatment"),
        registration=fact(registration) if registration else None,
        results=tuple(results),
    )


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


def _value_first(value: Any) -> Any:
    """A mapping with what was found before where it was found."""
    if isinstance(value, list):
        return [_value_first(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _value_first(one) for key, one in value.items() if key not in _LAST}
    return found | {key: value[key] for key in _LAST if key in value}


def to_yaml(extraction: Extraction, title: str) -> str:
    """The draft's file: a heading for the person who takes it over, then the data."""
    value = _value_first(extraction.model_dump(mode="json", exclude_defaults=True))
    body = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    printable = "".join(c for c in title if c.isprintable())
    return (
        "# yaml-language-server: $schema=../../docs/schema/extraction.json\n"
        f"# {printable}\n"
        f"# Drafted by {RULES}. Every value waits for a person: check it against the full text,\n"
        "# correct it, and delete what is not data. The tool never writes this file again.\n" + body
    )


def new_drafts(
    library: Library, abstracts: Mapping[str, str | None], words: Lexicon, read_at: str
) -> dict[str, tuple[Extraction, Record]]:
    """Drafts for included reports that belong to no study yet.

    A draft is made once, so it waits until the text it is made from is held: a record that no
    source has delivered yet, or whose abstract is not on this machine, is left for the next update.

    :param abstracts: abstracts by record id, where they are held
    """
    taken = set(library.extractions)
    for extraction in library.extractions.values():
        taken |= set(extraction.formerly)
    drafts = {}
    for one in sorted(library.included):
        record = library.records[one]
        unread = record.abstract_sha256 is not None and abstracts.get(one) is None
        if one in library.study_of or unread or not record.delivered:
            continue
        study = study_id(record, taken)
        taken.add(study)
        found = findings(record, abstracts.get(one), words)
        drafts[study] = (draft(study, record, found, read_at), record)
    return drafts


def differences(extraction: Extraction, fresh: Extraction) -> list[str]:
    """What re-extraction would say otherwise, one line a value; nothing is written."""
    lines = []
    if fresh.design.value is not None and fresh.design.value != extraction.design.value:
        now = extraction.design.value or extraction.design.missing
        lines.append(f'design: {now} | rules say {fresh.design.value} ("{fresh.design.quote}")')
    for name in ("sample", "instruments", "treatments", "results"):
        have = {_gist(fact) for fact in getattr(extraction, name)}
        for fact in getattr(fresh, name):
            if _gist(fact) not in have:
                lines.append(f'{name}: not in the file | rules say {_gist(fact)} ("{fact.quote}")')
    if (
        fresh.registration is not None
        and fresh.registration.value is not None
        and (
            extraction.registration is None
            or extraction.registration.value != fresh.registration.value
        )
    ):
        known = extraction.registration.value if extraction.registration else "none"
        lines.append(f"registration: {known} | rules say {fresh.registration.value}")
    return lines


def _gist(fact: Any) -> str:
    if isinstance(fact, SampleSize):
        return f"{fact.people} {fact.role}"
    if isinstance(fact, Result):
        counts = f" ({fact.events}/{fact.total})" if fact.total is not None else ""
        return f"{fact.outcome} {fact.percent} %{counts}"
    return str(fact.value)
