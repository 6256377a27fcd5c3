"""Take a study out of a question and its claims, and say what each claim is without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from review.acts.assign import (
    MAY_ASSIGN,
    Files,
    Side,
    claim_file,
    declared_status,
    left_to_do,
    question_file,
    question_of,
    shown_grade,
)
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.grading.review import Review
from review.grading.signatures import signer
from review.ground.chinese_names import language_tag
from review.ground.errors import Problem, UsageError
from review.ground.yaml import parse
from review.model.base import load
from review.model.claim import Claim, Support
from review.model.extraction import Direction
from review.model.question import Question

WITHOUT = (Support.UNSUPPORTED, Support.NOT_VERIFIABLE)
"""What may be said of a claim for which no study stands any more."""


@dataclass(frozen=True)
class Without:
    """What a person says of the question's claims, by claim, once the study is gone.

    :ivar supports: what the other studies say of it; needed where none is left
    :ivar directions: what is found, where that changes
    :ivar bases: on what its level stands now, or why it has none; needed where the level changes
    """

    supports: Mapping[str, str] = field(default_factory=dict)
    directions: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TakenOut:
    """What came of it.

    :ivar levels: claims whose level changed: what was declared, what is
    :ivar left: what ``review check`` will say of the question and its claims
    """

    study: str
    question: str
    claims: tuple[str, ...]
    levels: Mapping[str, tuple[str, str]]
    left: tuple[Problem, ...]


def take_out(
    snapshot: Snapshot, person: str, study: str, question: str, said: Without
) -> Change[TakenOut]:
    """Take a study out of a question, with the steps recorded for it, and out of its claims.

    Question and claims change together, each by span. A claim gets the level that its other studies
    give; whoever confirmed it has to look again.

    :raises UsageError: for an unknown person or question, a study that does not stand in it, and
        for what has to be said of a claim and is not
    :raises InvalidDataError: where a file can't be edited by span, or would not be sound
    """
    signer(snapshot.protocol, person, MAY_ASSIGN)
    review = Review.of(snapshot)
    asked = question_of(review, question)
    if study not in [one.study for one in asked.studies]:
        held = ", ".join(one.study for one in asked.studies) or "none"
        raise UsageError(f"{study}: does not stand in {question} ({held})")
    files = Files(snapshot)
    asked = _out_of_question(files, asked, study)
    touched = [one for one in review.claims_of(question) if study in one.studies]
    _fit(said, touched, study)
    claims = {one.id: _out_of_claim(files, one, study, said) for one in touched}
    changed = replace(
        review,
        questions={**review.questions, question: asked},
        claims={**review.claims, **claims},
    )
    levels = {}
    for claim in claims.values():
        now = changed.claim_grades[claim.id]
        status, level = declared_status(now), now.level
        if (str(claim.grade.status), claim.grade.level) == (status, level):
            continue
        levels[claim.id] = (shown_grade(claim.grade), shown_grade(now))
        basis = said.bases.get(claim.id, "").strip()
        if not basis:
            raise UsageError(
                f"--basis {claim.id}=TEXT: missing, its level changes from {levels[claim.id][0]} "
                f"to {levels[claim.id][1]}: on what does it stand now, or why has it none?"
            )
        name = claim_file(claim.id)
        files.put(name, ("grade", "status"), status)
        files.put(name, ("grade", "level"), level, after=["status"])
        files.put(name, ("grade", "basis"), {language_tag(basis): basis}, after=["level"])
        claims[claim.id] = load(Claim, parse(files.of(name), name), name)
    changed = replace(changed, claims={**review.claims, **claims})
    told = TakenOut(
        study, question, tuple(claims), levels, tuple(left_to_do(changed, question, claims))
    )
    return Change("take out", person, files.writes(), told)


def _fit(said: Without, touched: list[Claim], study: str) -> None:
    """Refuse words that lead nowhere, and a claim of which nothing is said that has to be."""
    names = [one.id for one in touched]
    for option, given, words in (
        ("support", said.supports, list(Support)),
        ("direction", said.directions, list(Direction)),
        ("basis", said.bases, None),
    ):
        for name, word in given.items():
            if name not in names:
                held = ", ".join(names) or "it stands in none"
                raise UsageError(f"--{option} {name}: no claim in which {study} stands ({held})")
            if words is not None and word not in words:
                raise UsageError(f"--{option} {name}={word}: expected one of {', '.join(words)}")
    for claim in touched:
        word = said.supports.get(claim.id, claim.support)
        if set(claim.studies) == {study} and word not in WITHOUT:
            raise UsageError(
                f"no other study stands in {claim.id}: say --support {claim.id}=not_verifiable "
                f"(nothing is left that can be looked at) or {claim.id}=unsupported (what is left "
                f'does not say so), and --basis {claim.id}="why it has no level"'
            )


def _out_of_question(files: Files, asked: Question, study: str) -> Question:
    name = question_file(asked.id)
    files.take(name, "studies", [one.study for one in asked.studies].index(study))
    steps = [number for number, one in enumerate(asked.adjustments) if one.study == study]
    files.take(name, "adjustments", *steps)
    return load(Question, parse(files.of(name), name), name)


def _out_of_claim(files: Files, claim: Claim, study: str, said: Without) -> Claim:
    name = claim_file(claim.id)
    held = {Side.FOR: claim.supporting, Side.AGAINST: claim.against, Side.NEUTRAL: claim.neutral}
    for side, studies in held.items():
        if study in studies:
            files.take(name, side, studies.index(study))
    if claim.id in said.supports:
        files.put(name, ("support",), said.supports[claim.id])
    alone = set(claim.studies) == {study} and claim.direction is not None
    direction = said.directions.get(claim.id, str(Direction.NOT_ESTIMABLE) if alone else None)
    if direction is not None:
        files.put(name, ("direction",), direction, after=["neutral", "against", "for"])
    return load(Claim, parse(files.of(name), name), name)
