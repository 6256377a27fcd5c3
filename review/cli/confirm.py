"""``review confirm``: a claim with its level and reasons; sign it with --person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.files.store import Store
    from review.grading.review import Review
    from review.model.claim import Claim


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    claim: str
    translation: bool
    person: str | None
    withdraw: bool
    sentence: Sequence[str]


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("confirm", "a claim with its level and reasons; sign it with --person")
    one.add_argument("claim", metavar="CLAIM")
    one.add_argument("--translation", action="store_true", help="sign the translation instead")
    one.add_argument("--person", metavar="ID", help="who signs (a person of the protocol)")
    one.add_argument("--withdraw", action="store_true", help="take the signature back")
    one.add_argument(
        "--sentence",
        action="append",
        default=[],
        metavar="TEXT",
        help="say the claim anew, in English, in Chinese or in both; it is not signed by that",
    )


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.acts.confirm import claim_of, confirm, withdraw
    from review.files.change import apply
    from review.grading.review import Review

    store = open_store(options.root)
    name, person = options.claim, options.person
    if person is None and (options.withdraw or options.translation):
        raise UsageError("--person is missing: whose signature is it?")
    if options.sentence:
        return _said_anew(options, store)
    if person is not None:
        act = withdraw if options.withdraw else confirm
        change = act(store.snapshot(), person, name, day, translation=options.translation)
        apply(store, change)
    review = Review.of(store.snapshot())
    if person is not None and options.withdraw and name not in review.claims:
        line = f"{name}: signature of {person} withdrawn"
        return Answer({"claim": name, "withdrawn_by": person}, [line])
    claim = claim_of(review, name)
    return Answer(partial(_facts, review, claim), _lines(review, claim))


def _said_anew(options: Options, store: Store) -> Answer:
    """The claim's sentence is written; who stands for it confirms it after that."""
    from review.acts.reword import reword
    from review.files.change import apply
    from review.ground.chinese_names import language_tag

    if options.person is None:
        raise UsageError("--person is missing: who says so?")
    if options.withdraw or options.translation:
        raise UsageError("--sentence goes alone; sign it when it stands there")
    sentences = {language_tag(text): text for text in options.sentence}
    if len(sentences) != len(options.sentence):
        raise UsageError("--sentence: found two in one language, expected one each")
    change = reword(store.snapshot(), options.person, options.claim, sentences)
    apply(store, change)
    held = {one: change.told.sentence[one] for one in ("en", "zh")}
    lines = [f"{options.claim}: {text or 'none yet'} ({one})" for one, text in held.items()]
    after = f"confirm it: review confirm {options.claim} --person {options.person}"
    return Answer({"claim": options.claim, "sentence": held}, [*lines, after])


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
