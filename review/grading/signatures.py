"""Sign: a person's name under a value or a claim, and whether it still holds.

A signature carries the hash of what was signed, so it lapses by itself when that changes. Nothing
but ``review verify`` and ``review confirm``, given by the person, writes one.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from review.extraction.attest import HELD, known_hash
from review.extraction.quotes import MACHINE, not_carried, states_number
from review.grading.levels import ClaimGrade
from review.ground.errors import UsageError
from review.model.claim import Claim
from review.model.extraction import Extraction, Provenance
from review.model.fingerprint import covered, digest, value_hash
from review.model.protocol import Person, Protocol, Role
from review.model.signature import Signature
from review.selection.library import Library

MAY_VERIFY = (Role.EXTRACTION, Role.APPRAISAL, Role.GUARANTOR)
"""Roles that sign values, in the order in which one is taken where a person has several."""
MAY_CONFIRM = (Role.GUARANTOR, Role.APPRAISAL, Role.WRITING)
"""Roles that sign claims."""


def claim_hash(one: ClaimGrade) -> str:
    """What a signature on a claim signs: sentence, question, results behind it, every reason."""
    if one.claim is None:
        raise ValueError("a question without a claim can't be signed")
    return digest(
        {
            "claim": covered(one.claim),
            "grade": [str(one.status), one.level, [r["en"] for r in one.reasons]],
            "question": one.grade.question.definition(),
            "studies": {
                s.study: [s.level, s.evidence, [r["en"] for r in s.reasons]]
                for s in one.grade.studies
            },
        }
    )


def translation_hash(claim: Claim) -> str:
    """What a translator signs: the sentence in both languages."""
    return digest({"en": claim.sentence.en, "zh": claim.sentence.zh})


def allowed_roles(row: Signature) -> tuple[Role, ...]:
    """The roles in which a row may be signed."""
    if row.object.startswith("study:"):
        return MAY_VERIFY
    return (Role.TRANSLATION,) if row.field == "translation" else MAY_CONFIRM


@dataclass(frozen=True)
class Ledger:
    """All signatures, and which of them hold: only people of the protocol sign, in their roles."""

    signatures: Mapping[str, Sequence[Signature]]
    library: Library

    @classmethod
    def of(cls, library: Library, signatures: Mapping[str, Sequence[Signature]]) -> Ledger:
        """The signatures of a review."""
        return cls(signatures, library)

    @cached_property
    def people(self) -> Mapping[str, frozenset[Role]]:
        """Roles by person."""
        return {p.id: frozenset(p.roles) for p in self.library.protocol.people}

    @cached_property
    def _latest(self) -> dict[tuple[str, str], dict[str, Signature]]:
        found: dict[tuple[str, str], dict[str, Signature]] = {}
        for person, rows in self.signatures.items():
            roles = self.people.get(person, frozenset())
            for row in rows:
                if row.role in roles and row.role in allowed_roles(row):
                    found.setdefault((row.object, row.field), {})[person] = row
        return found

    def signers(self, target: str, field: str, hashed: str) -> tuple[str, ...]:
        """Whose signature holds on a value or claim as it stands now."""
        rows = self._latest.get((target, field), {})
        return tuple(
            sorted(who for who, row in rows.items() if row.hash == hashed and not row.disagrees)
        )

    def of_value(self, study: str, field: str, fact: Provenance) -> tuple[str, ...]:
        """Whose signature holds on a value; on a number without a quote only one with its place."""
        if not self._latest:
            return ()
        target = f"study:{study}"
        rows = self._latest.get((target, field), {})
        return tuple(
            who
            for who in self.signers(target, field, value_hash(fact))
            if (rows[who].by_eye or not by_eye_alone(fact))
            and source_changed(self.library, study, fact, rows[who]) is None
        )

    def disagreeing(self, study: str, field: str, fact: Provenance) -> tuple[str, ...]:
        """Who read another value in the source of one that stands as it did then."""
        rows = self._latest.get((f"study:{study}", field), {})
        hashed = value_hash(fact) if rows else ""
        return tuple(
            sorted(who for who, row in rows.items() if row.disagrees and row.hash == hashed)
        )

    def of_claim(self, one: ClaimGrade) -> tuple[str, ...]:
        """Whose signature holds on a claim."""
        if not self._latest or one.claim is None:
            return ()
        return self.signers(f"claim:{one.claim.id}", "claim", claim_hash(one))

    def of_translation(self, claim: Claim) -> tuple[str, ...]:
        """Whose signature holds on a claim's translation."""
        return self.signers(f"claim:{claim.id}", "translation", translation_hash(claim))

    def gave(self, target: str, field: str) -> tuple[str, ...]:
        """Who has signed this, whatever it said then, and not taken it back."""
        rows = self._latest.get((target, field), {})
        return tuple(sorted(who for who, row in rows.items() if row.hash is not None))

    def holds(self, person: str, target: str, field: str) -> bool:
        """Whether a person has signed this, whatever it said then, and not taken it back."""
        return person in self.gave(target, field)


def notices_hash(library: Library, study: str) -> str | None:
    """Fingerprint of the notices that are known on a study's reports; None: no such study."""
    extraction = library.extractions.get(study)
    if extraction is None:
        return None
    touching = [one for report in extraction.reports for one in library.notices_on(report)]
    return digest(sorted({one.notice.key for one in touching}))


def source_changed(library: Library, study: str, fact: Provenance, row: Signature) -> str | None:
    """What of a value's source is no longer as it was shown when it was signed; None: nothing that
    is known here. A signature from before that was kept says nothing of it, and holds.
    """
    if row.notices is not None and row.notices != notices_hash(library, study):
        return "the notices on its reports"
    if row.source is None or fact.locator not in HELD:
        return None
    records = [library.records.get(one) for one in library.extractions[study].reports]
    known = {known_hash(one, fact.locator) for one in records if one is not None}
    return None if row.source in known else f"the {fact.locator} of its reports"


def entered_by(fact: Provenance, person: str) -> bool:
    """Whether a person entered a value: then somebody else checks it."""
    return person in re.split(r"[\s,;]+", fact.by or "")


def value_status(ledger: Ledger, study: str, field: str, fact: Provenance) -> str:
    """``verified`` by a person, ``machine_draft`` or ``unverified``."""
    if ledger.of_value(study, field, fact):
        return "verified"
    return "machine_draft" if (fact.by or "").startswith(MACHINE) else "unverified"


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


def sign(
    target: str,
    field: str,
    hashed: str | None,
    role: Role,
    date: str,
    by_eye: str | None = None,
) -> Signature:
    """A signature; without a hash it takes an earlier one back."""
    return Signature(object=target, field=field, hash=hashed, date=date, role=role, by_eye=by_eye)


def by_eye_alone(fact: Provenance) -> bool:
    """Whether a value is a number that no quote carries: whoever signs it says where it stands."""
    return fact.quote is None and states_number(fact)


def withdraw(
    ledger: Ledger, person: str, target: str, field: str, role: Role, date: str
) -> Signature:
    """Take a signature back, on something that is gone too.

    :raises UsageError: where the person has not signed it
    """
    if not ledger.holds(person, target, field):
        raise UsageError(f"{person} has not signed {target} {field}")
    return sign(target, field, None, role, date)


LONGEST_PLACE = 500
"""Characters of the place of a number that was read by eye."""


def fit_to_sign(extraction: Extraction, field: str, by_eye: str | None = None) -> Provenance:
    """A value that may be signed.

    :param by_eye: the figure or table a number without a quote was read from
    :raises UsageError: for a field the study does not have, a quote that does not hold it, or a
        number without a quote and without the place it was read
    """
    facts = dict(extraction.facts())
    if field not in facts:
        raise UsageError(f"{field}: no such value, expected one of {', '.join(facts)}")
    if absent := not_carried(extraction, facts[field]):
        shown = ", ".join(f"{number:g}" for number in absent)
        raise UsageError(f"{field}: its quote does not hold {shown}; mend it before you sign")
    if by_eye is not None and not (by_eye.strip() and len(by_eye) <= LONGEST_PLACE):
        raise UsageError(
            f"--by-eye: found {len(by_eye)} characters, expected the figure or table it was read "
            f"from, in 1 to {LONGEST_PLACE}"
        )
    if by_eye_alone(facts[field]) and by_eye is None:
        raise UsageError(
            f"{field}: a number without a quote; give its words in the extraction, or say which "
            'figure or table you read it from: --by-eye "table 2, row 3"'
        )
    if not by_eye_alone(facts[field]) and by_eye is not None:
        raise UsageError(f"--by-eye: {field} has a quote or states no number, expected neither")
    return facts[field]


def unsigned(
    extraction: Extraction, ledger: Ledger, person: str
) -> Iterator[tuple[str, Provenance]]:
    """Each value that a person has not signed as it stands."""
    for field, fact in extraction.facts():
        if person not in ledger.of_value(extraction.study, field, fact):
            yield field, fact


def last_rows(rows: Iterable[Signature]) -> dict[tuple[str, str], tuple[int, Signature]]:
    """A person's last row on each object and field, with its line in the file: it counts."""
    return {(row.object, row.field): (line, row) for line, row in enumerate(rows, 2)}


def orphans(
    signatures: Mapping[str, Sequence[Signature]],
    extractions: Mapping[str, Extraction],
    studies: Container[str],
    claims: Container[str],
) -> list[tuple[str, int, str]]:
    """Signatures on something that is not there: person, line, sentence.

    :param studies: ids of all studies that have a file, read or not
    :param claims: ids of all claims that have one
    """
    fields = {name: {field for field, _ in e.facts()} for name, e in extractions.items()}
    found: list[tuple[str, int, str]] = []
    for person, rows in signatures.items():
        for line, row in last_rows(rows).values():
            if row.hash is None:
                continue
            kind, _, name = row.object.partition(":")
            if name not in {"study": studies, "claim": claims}.get(kind, ()):
                sentence = f"found {row.object}, expected a study or claim of the review"
                found.append((person, line, sentence))
                continue
            held = fields.get(name) if kind == "study" else {"claim", "translation"}
            if held is not None and row.field not in held:
                sentence = f"{row.object} has no {row.field}; withdraw the signature or restore it"
                found.append((person, line, sentence))
    return found
