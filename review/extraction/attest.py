"""Attest: that quotes stand in their texts, said where the texts are held to those without.

Abstracts are mostly not committed, so CI can't look. Where the text is held, ``review check
--texts`` writes hashes of value, quote and text; elsewhere the hashes are compared, and a value
that changed without a new look is a problem.
"""

from __future__ import annotations

from collections.abc import Mapping

from review.extraction.quotes import GATE, not_carried, stands_in
from review.files.reading import Reader
from review.ground.errors import Problem
from review.model.extraction import Extraction, Provenance
from review.model.fingerprint import text_hash, value_hash
from review.model.record import Record
from review.model.signature import Attestation, Attested
from review.texts.places import places

HELD = ("title", "abstract")
"""Places whose text every record has; those of full texts are held on some machines only."""
AGAIN = "run: review check --texts where the text is held"


def held_text(store: Reader, record: Record, locator: str | None) -> str | None:
    """The text a quote is looked for in, where this machine holds it."""
    if locator == "title":
        return record.title
    if locator == "abstract":
        return store.text(record)
    if locator is None:
        return None
    return next((text for name, text in places(store, record.id) if _within(locator, name)), None)


def _within(locator: str, place: str) -> bool:
    """Whether a locator names a place, or a part of it: "Table 2, row 3 …" lies in "Table 2"."""
    return locator == place or locator.startswith((f"{place},", f"{place} ("))


def known_hash(record: Record, locator: str | None) -> str | None:
    """The hash of that text as the record itself gives it."""
    if locator == "title":
        return text_hash(record.title)
    return text_hash(record.abstract) if record.abstract else record.abstract_sha256


def attest(store: Reader, extraction: Extraction, records: Mapping[str, Record]) -> Attestation:
    """What this machine's texts show of a study's quotes; values it can't look up are left out."""
    values = []
    for field, fact in extraction.facts():
        if fact.quote is None or not_carried(extraction, fact):
            continue
        for report in extraction.reports:
            text = held_text(store, records[report], fact.locator) if report in records else None
            if text is not None and all(stands_in(quote, text) for _, quote in fact.quotes()):
                values.append(
                    Attested(
                        field=field,
                        value=value_hash(fact),
                        quote=text_hash(fact.quote),
                        record=report,
                        text=text_hash(text),
                    )
                )
                break
    return Attestation(format=1, study=extraction.study, gate=GATE, values=tuple(values))


def attested(attestation: Attestation | None, field: str, fact: Provenance) -> bool:
    """Whether a value's quote was found in its source, as the value stands now."""
    if attestation is None or fact.quote is None:
        return False
    hashed = value_hash(fact)
    return any(one.field == field and one.value == hashed for one in attestation.values)


def changed(
    extraction: Extraction, attestation: Attestation, records: Mapping[str, Record]
) -> list[Problem]:
    """What is no longer as it was attested: values, quotes, texts, or the gate itself."""
    path = f"data/attestations/{extraction.study}.json"
    facts = dict(extraction.facts())
    problems = []
    if attestation.gate != GATE:
        sentence = f"found {attestation.gate}, expected {GATE}; {AGAIN}"
        problems.append(Problem(path, 0, "gate", sentence))
    for one in attestation.values:
        fact = facts.get(one.field)
        if fact is None:
            sentence = f"{one.field} is gone from the extraction; {AGAIN}"
        elif one.record not in extraction.reports or one.record not in records:
            sentence = f"found {one.record}, which is no report of the study; {AGAIN}"
        elif value_hash(fact) != one.value or text_hash(fact.quote or "") != one.quote:
            sentence = f"the value changed since its quote was found in the source; {AGAIN}"
        elif fact.locator in HELD and known_hash(records[one.record], fact.locator) != one.text:
            sentence = f"the text of {one.record} changed since the quote was found in it; {AGAIN}"
        else:
            continue
        problems.append(Problem(path, 0, one.field, sentence))
    seen = {one.field for one in attestation.values}
    for field, fact in facts.items():
        if fact.quote is not None and fact.locator in HELD and field not in seen:
            sentence = f"a new quote that was not looked up in its source; {AGAIN}"
            problems.append(Problem(path, 0, field, sentence))
    return problems
