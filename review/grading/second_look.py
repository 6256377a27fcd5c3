"""How signatures were given: hasty runs, and the tenth of values that a second person looks at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from review.grading.signatures import Ledger, entered_by, last_rows
from review.model.extraction import Extraction, Provenance
from review.model.fingerprint import value_hash
from review.model.signature import Signature

HASTY = 5
"""Seconds; a value shown for less was hardly read."""
MOST_HASTY = 10
"""Such signatures in a row that are still taken for chance."""
ONE_IN = 10


@dataclass(frozen=True)
class Run:
    """Signatures in a row, each given in less than five seconds."""

    person: str
    rows: tuple[Signature, ...]


def hasty_runs(signatures: Mapping[str, Sequence[Signature]]) -> list[Run]:
    """Runs of more than ten, of signatures that stand and whose time was kept; one that was taken
    back or given again counts for none, and breaks none.
    """
    found: list[Run] = []
    for person, rows in sorted(signatures.items()):
        run: list[Signature] = []
        standing = [row for _, row in sorted(last_rows(rows).values(), key=lambda one: one[0])]
        timed = [row for row in standing if row.hash is not None and row.seconds is not None]
        for row in [*timed, None]:
            if row is not None and row.seconds is not None and row.seconds < HASTY:
                run.append(row)
                continue
            if len(run) > MOST_HASTY:
                found.append(Run(person, tuple(run)))
            run = []
    return found


def chosen(study: str, field: str, fact: Provenance) -> bool:
    """Whether a value is of the tenth that a second person looks at: by a hash of all it says, the
    same on every machine, and another choice once the value changes.
    """
    mark = hashlib.sha256(f"second look:{study}:{field}:{value_hash(fact)}".encode()).digest()
    return int.from_bytes(mark[:8], "big") % ONE_IN == 0


def offered(
    ledger: Ledger, extractions: Mapping[str, Extraction], person: str
) -> Iterator[tuple[str, str, Provenance]]:
    """Study, field and value of each that a second person is asked to look at: of the tenth, signed
    by another, not entered by them, and not looked at by them as it stands.
    """
    for study, extraction in sorted(extractions.items()):
        for field, fact in extraction.facts():
            if not chosen(study, field, fact) or entered_by(fact, person):
                continue
            signed = ledger.of_value(study, field, fact)
            looked = (*signed, *ledger.disagreeing(study, field, fact))
            if signed and person not in looked:
                yield study, field, fact


@dataclass(frozen=True)
class SecondLooks:
    """How often a second person looked, and read otherwise.

    :ivar of: signed values of the tenth
    :ivar looked: those of them that a second person looked at
    :ivar otherwise: those of them in whose source they read something else: our errors
    :ivar disagreed: all values with such a look, of the tenth or not
    :ivar first: study and field of the first of these
    """

    of: int
    looked: int
    otherwise: int
    disagreed: int
    first: str | None


def second_looks(ledger: Ledger, extractions: Mapping[str, Extraction]) -> SecondLooks:
    """The counts over the values as they stand."""
    of = looked = otherwise = disagreed = 0
    first: str | None = None
    for study, extraction in sorted(extractions.items()):
        for field, fact in extraction.facts():
            signed = ledger.of_value(study, field, fact)
            against = ledger.disagreeing(study, field, fact)
            if against:
                first = first or f"{study} {field}"
            if chosen(study, field, fact) and (signed or against):
                of += 1
                looked += len({*signed, *against}) > 1
                otherwise += bool(against)
            disagreed += bool(against)
    return SecondLooks(of, looked, otherwise, disagreed, first)
