"""Quotes against the texts that this machine holds, and what was attested of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from functools import partial

from review.extraction.attest import HELD, attest, changed, held_text
from review.extraction.quotes import not_carried, stands_in
from review.files.snapshot import Snapshot
from review.files.store import Store
from review.grading.review import Review
from review.ground.errors import Problem
from review.model.extraction import Extraction, Provenance
from review.model.record import Record

Texts = Callable[[Record, str | None], str | None]
"""The text of a record at a place, where this machine holds it: a store's ``held_text``."""


def _texts_of(
    fact: Provenance, extraction: Extraction, records: Mapping[str, Record], texts: Texts
) -> list[str] | None:
    """What a value's quote is looked for in, one text a report; None where one is not held."""
    held = [
        texts(records[report], fact.locator) for report in extraction.reports if report in records
    ]
    known = [text for text in held if text is not None]
    return known if held and len(known) == len(held) else None


def misquoted(
    records: Mapping[str, Record], extractions: Mapping[str, Extraction], texts: Texts
) -> list[Problem]:
    """Figures whose digits do not stand in their quote, and quotes that do not stand in the text
    where it is held.
    """
    problems = []
    for study, extraction in extractions.items():
        path = f"data/extractions/{study}.yaml"
        for name, fact in extraction.facts():
            if fact.quote is None:
                continue
            if absent := not_carried(extraction, fact):
                shown = ", ".join(f"{number:g}" for number in absent)
                sentence = f"the quote does not hold {shown}"
                problems.append(Problem(path, 0, f"{name}.quote", sentence))
            held = _texts_of(fact, extraction, records, texts)
            for which, quote in fact.quotes():
                if held is not None and not any(stands_in(quote, text) for text in held):
                    sentence = "the quote does not stand in the text this machine holds"
                    problems.append(Problem(path, 0, f"{name}.{which}", sentence))
    return problems


def attested_otherwise(review: Review, studies: Container[str]) -> list[Problem]:
    """Attestations of no study, or of values and quotes that are no longer what they were.

    :param studies: ids of all studies that have a file
    """
    problems, records = [], review.library.records
    for study, attestation in review.attestations.items():
        extraction = review.library.extractions.get(study)
        if extraction is None and study not in studies:
            path = f"data/attestations/{study}.json"
            problems.append(Problem(path, 0, "study", "no such study in data/extractions"))
        elif extraction is not None and all(one in records for one in extraction.reports):
            problems += changed(extraction, attestation, records)
    return problems


def quotes_held(snapshot: Snapshot) -> tuple[int, int]:
    """Quotes whose text this machine holds, and those whose text it does not."""
    records, texts, held, absent = snapshot.records(), partial(held_text, snapshot), 0, 0
    for extraction in snapshot.extractions().values():
        for _, fact in extraction.facts():
            if fact.quote is None:
                continue
            known = _texts_of(fact, extraction, records, texts) is not None
            held, absent = held + known, absent + (not known)
    return held, absent


def write_attestations(store: Store) -> tuple[list[str], int]:
    """Attest every study whose texts this machine holds; the others stay as they are.

    :returns: files written or removed, and number of values whose quote was found
    """
    records, written, found = store.records(), [], 0
    attestations = store.attestations()
    for study, extraction in store.extractions().items():
        wanted = [f for _, f in extraction.facts() if f.quote is not None and f.locator in HELD]
        held = all(
            r in records and held_text(store, records[r], fact.locator) is not None
            for r in extraction.reports
            for fact in wanted
        )
        if not held or not (wanted or study in attestations):
            continue
        attestation = attest(store, extraction, records)
        found += len(attestation.values)
        if store.write_attestation(attestation):
            written.append(f"data/attestations/{study}.json")
    return written, found
