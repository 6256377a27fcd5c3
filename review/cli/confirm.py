"""``review confirm``: a claim with its level and reasons; sign it with --person."""

from __future__ import annotations

import argparse

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import InvalidDataError, UsageError


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("confirm", "a claim with its level and reasons; sign it with --person")
    one.add_argument("claim", metavar="CLAIM")
    one.add_argument("--translation", action="store_true", help="sign the translation instead")
    one.add_argument("--person", metavar="ID", help="who signs (a person of the protocol)")
    one.add_argument("--withdraw", action="store_true", help="take the signature back")


def run(arguments: argparse.Namespace, day: str) -> int:  # noqa: C901
    """Run the verb; its exit code."""
    from review.checking.claims import declared, support_fell
    from review.grading.levels import Status
    from review.grading.review import Review
    from review.grading.signatures import (
        MAY_CONFIRM,
        claim_hash,
        sign,
        signer,
        translation_hash,
        withdraw,
    )
    from review.model.protocol import Role

    store = open_store(arguments)
    review = Review.of(store)
    name, person = arguments.claim, arguments.person
    field = "translation" if arguments.translation else "claim"
    target = f"claim:{name}"
    if person is None and (arguments.withdraw or arguments.translation):
        raise UsageError("--person is missing: whose signature is it?")
    if person is not None:
        allowed = (Role.TRANSLATION,) if arguments.translation else MAY_CONFIRM
        _, role = signer(store.protocol, person, allowed)
        if arguments.withdraw:
            row = withdraw(review.ledger, person, target, field, role, day)
        elif name in review.claims:
            one, claim = review.claim_grades[name], review.claims[name]
            if one.status is Status.SUSPENDED:
                raise UsageError(f"{name}: suspended; decide on its retracted study first")
            if problems := declared(review, name):
                raise InvalidDataError(problems)
            if fell := support_fell(review, claim):
                raise InvalidDataError([fell])
            if arguments.translation and not (claim.sentence.en and claim.sentence.zh):
                raise UsageError(f"{name}: there is no translation to check")
            hashed = translation_hash(claim) if arguments.translation else claim_hash(one)
            row = sign(target, field, hashed, role, day)
        else:
            row = None
        if row is not None:
            with store.lock():
                store.append_rows("signatures", person, [row])
            review = Review.of(store)
    if name not in review.claims:
        if person is not None and arguments.withdraw:
            say(f"{name}: signature of {person} withdrawn")
            return 0
        known = ", ".join(sorted(review.claims)[:8]) or "none yet"
        raise UsageError(f"{name}: no such claim in data/claims ({known}, …)")
    one, claim = review.claim_grades[name], review.claims[name]
    signers = review.ledger.of_claim(one)
    if arguments.json:
        print_json(
            {
                **one.as_json(),
                "support": review.support(claim),
                "confirmed_by": signers,
                "translation_signed_by": review.ledger.of_translation(claim),
            }
        )
        return 0
    level = f"level {one.level}" if one.level else str(one.status)
    say(f"{claim.id}: {claim.sentence['en']}")
    say(
        f"  {review.support(claim)}, {level}; for: {', '.join(claim.supporting) or 'none'}; "
        f"against: {', '.join(claim.against) or 'none'}"
    )
    for reason in one.reasons:
        say(f"  {reason['en']}")
    say(f"  confirmed by {', '.join(signers)}" if signers else "  confirmed by nobody")
    return 0
