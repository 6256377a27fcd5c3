"""Attest: that quotes stand in their texts, said where the texts are held to those without.

Abstracts are mostly not committed, so CI can't look. Where the text is held, ``review check
--texts`` writes hashes of value, quote and text; elsewhere the hashes are compared, and a value
that changed without a new look is a problem.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from review.errors import Problem
from review.model.extraction import Extraction, Provenance, Result
from review.model.record import Record
from review.model.signature import Attestation, Attested
from review.quotes import GATE, carries, printed_numbers, stands_in
from review.sign import value_hash
from review.store import Store

HELD = ("title", "abstract")
"""Places whose text a machine can hold."""


def sha(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def source_text(store: Store, record: Record) -> str | None:
    """A record's title and abstract as quotes are looked for, where the abstract is held."""
    text = store.text(record)
    return None if text is None else f"{record.title}\n{text}"


def attest(store: Store, extraction: Extraction, records: Mapping[str, Record]) -> Attestation:
    """What this machine's texts show of a study's quotes; values it can't look up are left out."""
    texts = {}
    for report in extraction.reports:
        text = source_text(store, records[report]) if report in records else None
        if text is not None:
            texts[report] = text
    values = []
    for field, fact in extraction.facts():
        if fact.quote is None or fact.locator not in HELD or not _carries(fact):
            continue
        for report, text in texts.items():
            if stands_in(fact.quote, text):
                values.append(
                    Attested(
                        field=field,
                        value=value_hash(fact),
                        quote=sha(fact.quote),
                        record=report,
                        text=sha(text),
                    )
                )
                break
    return Attestation(format=1, study=extraction.study, gate=GATE, values=tuple(values))


def _carries(fact: Provenance) -> bool:
    return not isinstance(fact, Result) or not carries(fact.quote or "", printed_numbers(fact))


def attested(attestation: Attestation | None, field: str, fact: Provenance) -> bool:
    """Whether a value's quote was found in its source, as the value stands now."""
    if attestation is None or fact.quote is None:
        return False
    hashed = value_hash(fact)
    return any(one.field == field and one.value == hashed for one in attestation.values)


def changed(extraction: Extraction, attestation: Attestation) -> list[Problem]:
    """Values that are no longer what was attested."""
    path = f"data/attestations/{extraction.study}.json"
    facts = dict(extraction.facts())
    problems = []
    seen = set()
    for one in attestation.values:
        fact = facts.get(one.field)
        seen.add(one.field)
        if fact is None:
            sentence = f"{one.field} is gone from the extraction; run: review check --texts"
            problems.append(Problem(path, 0, one.field, sentence))
        elif value_hash(fact) != one.value:
            sentence = (
                "the value changed since its quote was found in the source; "
                "run: review check --texts where the text is held"
            )
            problems.append(Problem(path, 0, one.field, sentence))
    for field, fact in facts.items():
        if fact.quote is not None and fact.locator in HELD and field not in seen:
            sentence = (
                "a new quote that was not looked up in its source; "
                "run: review check --texts where the text is held"
            )
            problems.append(Problem(path, 0, field, sentence))
    return problems
