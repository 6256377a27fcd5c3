"""Confirm a claim or its translation, or take the signature back."""

from __future__ import annotations

from review.acts.own_file import OwnFile
from review.checking.claims import declared, support_fell
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.grading.levels import Status
from review.grading.review import Review
from review.grading.signatures import MAY_CONFIRM, claim_hash, sign, signer, translation_hash
from review.grading.signatures import withdraw as withdrawal
from review.ground.errors import InvalidDataError, UsageError
from review.model.claim import Claim
from review.model.protocol import Protocol, Role
from review.model.signature import Signature


def claim_of(review: Review, name: str) -> Claim:
    """A claim of the review.

    :raises UsageError: where there is none of this name
    """
    if name not in review.claims:
        known = ", ".join(sorted(review.claims)[:8]) or "none yet"
        raise UsageError(f"{name}: no such claim in data/claims ({known}, …)")
    return review.claims[name]


def confirm(
    snapshot: Snapshot, person: str, name: str, today: str, *, translation: bool = False
) -> Change[Signature]:
    """That a person confirms a claim, or its translation; nothing to write where they did already.

    :raises UsageError: where the person may not, there is no such claim or translation, or the
        claim is suspended
    :raises InvalidDataError: where the claim says what its studies do not, or its sentence stayed
        while its support fell
    """
    field, role = _signed_as(snapshot.protocol, person, translation=translation)
    file = OwnFile.of(snapshot, "signatures", person)
    review = Review.of(snapshot)
    claim = claim_of(review, name)
    grade = review.claim_grades[name]
    if grade.status is Status.SUSPENDED:
        raise UsageError(f"{name}: suspended; decide on its retracted study first")
    if problems := declared(review, name):
        raise InvalidDataError(problems)
    if fell := support_fell(review, claim):
        raise InvalidDataError([fell])
    if translation and not (claim.sentence.en and claim.sentence.zh):
        raise UsageError(f"{name}: there is no translation to check")
    hashed = translation_hash(claim) if translation else claim_hash(grade)
    row = sign(f"claim:{name}", field, hashed, role, today)
    stands = person in review.ledger.signers(row.object, field, hashed)
    return Change("confirm", person, () if stands else file.with_rows([row]), row)


def withdraw(
    snapshot: Snapshot, person: str, name: str, today: str, *, translation: bool = False
) -> Change[Signature]:
    """Take a person's signature on a claim, or on its translation, back; the claim may be gone.

    :raises UsageError: where the person may not sign it, or has not signed it
    """
    field, role = _signed_as(snapshot.protocol, person, translation=translation)
    file = OwnFile.of(snapshot, "signatures", person)
    row = withdrawal(Review.of(snapshot).ledger, person, f"claim:{name}", field, role, today)
    return Change("withdraw confirmation", person, file.with_rows([row]), row)


def _signed_as(protocol: Protocol, person: str, *, translation: bool) -> tuple[str, Role]:
    """The field of a claim that is signed, and the role a person signs it in."""
    allowed = (Role.TRANSLATION,) if translation else MAY_CONFIRM
    _, role = signer(protocol, person, allowed)
    return ("translation" if translation else "claim"), role
