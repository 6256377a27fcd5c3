"""``review confirm``: a claim with its level and reasons; sign it with --person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import InvalidDataError, UsageError

if TYPE_CHECKING:
    from review.grading.review import Review
    from review.model.claim import Claim
    from review.model.protocol import Role
    from review.model.signature import Signature


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    claim: str
    translation: bool
    person: str | None
    withdraw: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("confirm", "a claim with its level and reasons; sign it with --person")
    one.add_argument("claim", metavar="CLAIM")
    one.add_argument("--translation", action="store_true", help="sign the translation instead")
    one.add_argument("--person", metavar="ID", help="who signs (a person of the protocol)")
    one.add_argument("--withdraw", action="store_true", help="take the signature back")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.grading.review import Review

    store = open_store(options.root)
    review = Review.of(store.snapshot())
    name, person = options.claim, options.person
    if person is None and (options.withdraw or options.translation):
        raise UsageError("--person is missing: whose signature is it?")
    if person is not None:
        act = withdrawal if options.withdraw else confirmation
        row = act(review, name, person, day, translation=options.translation)
        with store.lock():
            store.append_rows("signatures", person, [row])
        review = Review.of(store.snapshot())
        if options.withdraw and name not in review.claims:
            line = f"{name}: signature of {person} withdrawn"
            return Answer({"claim": name, "withdrawn_by": person}, [line])
    claim = claim_of(review, name)
    return Answer(partial(_facts, review, claim), _lines(review, claim))


def _facts(review: Review, claim: Claim) -> dict[str, Any]:
    grade = review.claim_grades[claim.id]
    return {
        **grade.as_json(),
        "support": review.support(claim),
        "confirmed_by": review.ledger.of_claim(grade),
        "translation_signed_by": review.ledger.of_translation(claim),
    }


def _lines(review: Review, claim: Claim) -> Iterator[str]:
    grade = review.claim_grades[claim.id]
    level = f"level {grade.level}" if grade.level else str(grade.status)
    yield f"{claim.id}: {claim.sentence['en']}"
    yield (
        f"  {review.support(claim)}, {level}; for: {', '.join(claim.supporting) or 'none'}; "
        f"against: {', '.join(claim.against) or 'none'}"
    )
    yield from (f"  {reason['en']}" for reason in grade.reasons)
    yield f"  confirmed by {', '.join(review.ledger.of_claim(grade)) or 'nobody'}"


# ---- acts: what is signed, checked and refused ---------------------------------------------------


def claim_of(review: Review, name: str) -> Claim:
    """A claim of the review.

    :raises UsageError: where there is none of this name
    """
    if name not in review.claims:
        known = ", ".join(sorted(review.claims)[:8]) or "none yet"
        raise UsageError(f"{name}: no such claim in data/claims ({known}, …)")
    return review.claims[name]


def withdrawal(review: Review, name: str, person: str, day: str, *, translation: bool) -> Signature:
    """The row that takes a signature on a claim or on its translation back; the claim may be gone.

    :raises UsageError: where the person may not sign it, or has not signed it
    """
    from review.grading.signatures import withdraw

    field, role = _signed_as(review, person, translation=translation)
    return withdraw(review.ledger, person, f"claim:{name}", field, role, day)


def confirmation(
    review: Review, name: str, person: str, day: str, *, translation: bool
) -> Signature:
    """The row by which a person confirms a claim or its translation.

    :raises UsageError: where the person may not, there is no such claim or translation, or the
        claim is suspended
    :raises InvalidDataError: where the claim says what its studies do not, or its sentence stayed
        while its support fell
    """
    from review.checking.claims import declared, support_fell
    from review.grading.levels import Status
    from review.grading.signatures import claim_hash, sign, translation_hash

    field, role = _signed_as(review, person, translation=translation)
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
    return sign(f"claim:{name}", field, hashed, role, day)


def _signed_as(review: Review, person: str, *, translation: bool) -> tuple[str, Role]:
    """The field of a claim that is signed, and the role a person signs it in."""
    from review.grading.signatures import MAY_CONFIRM, signer
    from review.model.protocol import Role

    allowed = (Role.TRANSLATION,) if translation else MAY_CONFIRM
    _, role = signer(review.library.protocol, person, allowed)
    return ("translation" if translation else "claim"), role
