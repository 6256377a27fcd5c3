"""Sign: a person's name under a value or a claim, and whether it still holds.

A signature carries the hash of what was signed, so it lapses by itself when that changes. Nothing
but ``review verify`` and ``review confirm``, given by the person, writes one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from review.errors import UsageError
from review.extract import RULES
from review.grade import ClaimGrade, Status
from review.model.base import Model
from review.model.extraction import Extraction, Provenance
from review.model.protocol import Person, Protocol, Role
from review.model.signature import Signature

MAY_VERIFY = (Role.EXTRACTION, Role.APPRAISAL, Role.GUARANTOR)
"""Roles that sign values, in the order in which one is taken where a person has several."""
MAY_CONFIRM = (Role.GUARANTOR, Role.APPRAISAL, Role.WRITING)
"""Roles that sign claims."""


def digest(value: object) -> str:
    """SHA-256 of a value's canonical JSON: sorted keys, no nulls of our own making."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def value_hash(fact: Model) -> str:
    """What a signature on a value signs: every field of it, its quote and its place included."""
    return digest(fact.model_dump(mode="json", exclude_none=True))


def claim_hash(one: ClaimGrade) -> str:
    """What a signature on a claim signs: the sentence, its studies, and its level with reasons."""
    if one.claim is None:
        raise ValueError("a question without a claim can't be signed")
    return digest(
        {
            "claim": one.claim.model_dump(mode="json", exclude_none=True),
            "grade": [str(one.status), one.level, [r["en"] for r in one.reasons]],
            "studies": {
                s.study: [s.level, [r["en"] for r in s.reasons]] for s in one.grade.studies
            },
        }
    )


@dataclass(frozen=True)
class Ledger:
    """All signatures, and which of them hold."""

    signatures: Mapping[str, Sequence[Signature]]

    @cached_property
    def _latest(self) -> dict[tuple[str, str], dict[str, Signature]]:
        found: dict[tuple[str, str], dict[str, Signature]] = {}
        for person, rows in self.signatures.items():
            for row in rows:
                found.setdefault((row.object, row.field), {})[person] = row
        return found

    def signers(self, target: str, field: str, hashed: str) -> tuple[str, ...]:
        """Whose signature holds on a value or claim as it stands now."""
        rows = self._latest.get((target, field), {})
        return tuple(sorted(who for who, row in rows.items() if row.hash == hashed))

    def lapsed(self, target: str, field: str, hashed: str) -> tuple[str, ...]:
        """Who signed something else than what stands there now."""
        rows = self._latest.get((target, field), {})
        return tuple(sorted(who for who, row in rows.items() if row.hash not in (None, hashed)))

    def of_value(self, study: str, field: str, fact: Model) -> tuple[str, ...]:
        """Whose signature holds on a value."""
        if not self._latest:
            return ()
        return self.signers(f"study:{study}", field, value_hash(fact))

    def of_claim(self, one: ClaimGrade) -> tuple[str, ...]:
        """Whose signature holds on a claim."""
        if not self._latest or one.claim is None:
            return ()
        return self.signers(f"claim:{one.claim.id}", "claim", claim_hash(one))


def value_status(ledger: Ledger, study: str, field: str, fact: Provenance) -> str:
    """``verified`` by a person, ``machine_draft`` or ``unverified``."""
    if ledger.of_value(study, field, fact):
        return "verified"
    return "machine_draft" if (fact.by or "").startswith(RULES) else "unverified"


def signer(protocol: Protocol, person: str, allowed: Iterable[Role]) -> tuple[Person, Role]:
    """A person of the protocol and the role they sign in.

    :raises UsageError: where the protocol doesn't know them, or gives them no such role
    """
    roles = tuple(allowed)
    known = {one.id: one for one in protocol.people}
    if person not in known:
        raise UsageError(
            f"--person {person}: not among the people of protocol.yaml ({', '.join(known)})"
        )
    for role in roles:
        if role in known[person].roles:
            return known[person], role
    raise UsageError(
        f"--person {person}: has the roles {', '.join(known[person].roles)}, "
        f"expected one of {', '.join(roles)}"
    )


def sign_values(
    extraction: Extraction,
    fields: Sequence[str],
    role: Role,
    date: str,
    *,
    withdraw: bool = False,
) -> list[Signature]:
    """Signatures on values of a study.

    :raises UsageError: for a field the study does not have
    """
    facts = dict(extraction.facts())
    rows = []
    for field in fields:
        if field not in facts:
            raise UsageError(f"{field}: no such value, expected one of {', '.join(facts)}")
        hashed = None if withdraw else value_hash(facts[field])
        target = f"study:{extraction.study}"
        rows.append(Signature(object=target, field=field, hash=hashed, date=date, role=role))
    return rows


def sign_claim(one: ClaimGrade, role: Role, date: str, *, withdraw: bool = False) -> Signature:
    """A signature on a claim.

    :raises UsageError: for a suspended claim, which waits for a decision first
    """
    if one.claim is None or (one.status is Status.SUSPENDED and not withdraw):
        name = one.claim.id if one.claim else "?"
        raise UsageError(f"{name}: suspended; decide on its retracted study before you confirm it")
    hashed = None if withdraw else claim_hash(one)
    return Signature(
        object=f"claim:{one.claim.id}", field="claim", hash=hashed, date=date, role=role
    )


def walk(
    extraction: Extraction,
    ledger: Ledger,
    person: str,
    *,
    show: Callable[[str, Provenance], None],
    ask: Callable[[], str],
) -> list[str]:
    """Show each value the person has not signed as it stands, and ask.

    :param ask: gives y to sign, s to skip, q to stop
    :returns: fields to be signed
    """
    chosen = []
    for field, fact in extraction.facts():
        if person in ledger.of_value(extraction.study, field, fact):
            continue
        show(field, fact)
        answer = ask()
        if answer == "q":
            break
        if answer == "y":
            chosen.append(field)
    return chosen


def orphans(
    signatures: Mapping[str, Sequence[Signature]],
    extractions: Mapping[str, Extraction],
    claims: Iterable[str],
) -> list[tuple[str, int, str]]:
    """Signatures on something that is not there: person, line, sentence."""
    known: dict[str, set[str]] = {
        f"study:{name}": {field for field, _ in e.facts()} for name, e in extractions.items()
    }
    known |= {f"claim:{name}": {"claim"} for name in claims}
    found: list[tuple[str, int, str]] = []
    for person, rows in signatures.items():
        last: dict[tuple[str, str], Any] = {(row.object, row.field): row for row in rows}
        for line, row in enumerate(rows, 2):
            if last[(row.object, row.field)] is not row or row.hash is None:
                continue
            if row.object not in known:
                sentence = f"found {row.object}, expected a study or claim of the review"
                found.append((person, line, sentence))
            elif row.field not in known[row.object]:
                sentence = f"{row.object} has no {row.field}; withdraw the signature or restore it"
                found.append((person, line, sentence))
    return found
