"""``review grade``: the level of evidence of each question, by OCEBM 2011."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.grading.levels import ClaimGrade, Grade
    from review.grading.propose import Chain, Proposal, Unrecorded
    from review.grading.review import Review


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    explain: bool
    profile: str
    question: str | None
    propose: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("grade", "the level of evidence of each question, by OCEBM 2011")
    one.add_argument("--explain", action="store_true", help="with every reason")
    one.add_argument("--profile", default="strict", help="strict (headline) or follow-up-counts")
    one.add_argument("--question", metavar="ID", help="one question only")
    one.add_argument("--propose", action="store_true", help="steps the figures call for, and why")


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.grading.review import Review

    review = Review.of(open_store(options.root).snapshot())
    return _proposed(options, review) if options.propose else _graded(options, review)


def _no_such_question(options: Options, review: Review) -> UsageError:
    known = ", ".join(review.library.protocol.questions)
    return UsageError(f"--question {options.question}: expected one of {known}")


# ---- levels --------------------------------------------------------------------------------------


def _graded(options: Options, review: Review) -> Answer:
    from review.grading.levels import grade_claims
    from review.grading.propose import unrecorded

    grades = grade_claims(review.library, review.questions, review.claims, options.profile)
    open_ = unrecorded(review.library, review.questions, review.vocabularies, options.profile)
    asked = {
        name: open_[name].question if name in open_ else q for name, q in review.questions.items()
    }
    stepped = grade_claims(review.library, asked, review.claims, options.profile)
    with_steps = {_key(one): one for one in stepped}
    if options.question:
        grades = [g for g in grades if g.grade.question.id == options.question]
        if not grades:
            raise _no_such_question(options, review)
    return Answer(
        lambda: [_as_json(g, open_, with_steps[_key(g)]) for g in grades],
        _levels(grades, open_, with_steps, explained=options.explain),
    )


def _key(one: ClaimGrade) -> tuple[str, str | None]:
    return one.grade.question.id, one.claim.id if one.claim else None


def _as_json(
    one: ClaimGrade, open_: Mapping[str, Unrecorded], stepped: ClaimGrade
) -> dict[str, Any]:
    """A grade for machines, with what it would be if the proposed steps were taken."""
    name = one.grade.question.id
    steps = open_[name].steps if name in open_ else ()
    return {
        **one.as_json(),
        "steps_nobody_recorded": [asdict(step, dict_factory=_plain) for step in steps],
        "level_with_them": stepped.level,
        "question_level_with_them": stepped.grade.level,
    }


def _levels(
    grades: Sequence[ClaimGrade],
    open_: Mapping[str, Unrecorded],
    with_steps: Mapping[tuple[str, str | None], ClaimGrade],
    *,
    explained: bool,
) -> Iterator[str]:
    """Each question, its claims, its studies."""
    asked = {g.grade.question.id: g.grade for g in grades}
    for name, grade in asked.items():
        own = [one for one in grades if one.grade.question.id == name]
        yield f"{name}: {_level(grade)}"
        if name in open_:
            stepped_level = _level(with_steps[_key(own[0])].grade)
            told = f"{stepped_level}; without: {_level(grade)}"
            yield f"  with the proposed steps that nobody recorded: {told}"
            for step in open_[name].steps:
                whose = step.study or "the body of evidence"
                yield f"    {whose}: {step.factor}, {_steps_shown(step)}: {step.sentence['en']}"
        for one in own:
            if one.claim is not None:
                yield from _claim(one, explained=explained and one.status != grade.status)
                stepped = with_steps[_key(one)]
                if (stepped.status, stepped.level) != (one.status, one.level):
                    yield f"    with the proposed steps: {_level(stepped)}"
        if explained:
            yield from _reasons(grade)
    if explained:
        yield "OCEBM levels are not recommendations. No rule of OCEBM says how far to step."


def _level(graded: Grade | ClaimGrade) -> str:
    return f"level {graded.level}" if graded.level else str(graded.status)


def _claim(one: ClaimGrade, *, explained: bool) -> Iterator[str]:
    seed = f" (the earlier review printed {one.seed_level})" if one.seed_level else ""
    yield f"  claim {one.claim.id if one.claim else ''}: {_level(one)}{seed}"
    for reason in one.reasons if explained else ():
        yield f"    {reason['en']}"


def _reasons(grade: Grade) -> Iterator[str]:
    for study in grade.studies:
        yield f"  {study.study}: {_or_none(study.level)}"
        yield from (f"    {reason['en']}" for reason in study.reasons)
    yield from (f"  {reason['en']}" for reason in grade.reasons)


def _or_none(level: int | None) -> str:
    return f"level {level}" if level else "no level"


# ---- steps that the figures call for -------------------------------------------------------------


def _proposed(options: Options, review: Review) -> Answer:
    from review.grading.propose import chains, inconsistency

    if options.question and options.question not in review.questions:
        raise _no_such_question(options, review)
    studies = chains(
        review.library, review.questions, review.vocabularies, options.profile, options.question
    )
    bodies = {
        name: body
        for name, question in review.questions.items()
        if options.question in (None, name)
        and (body := inconsistency(question, review.library.extractions)) is not None
    }
    return Answer(partial(_steps_as_json, studies, bodies), _steps(studies, bodies))


def _steps_as_json(studies: Sequence[Chain], bodies: Mapping[str, Proposal]) -> dict[str, Any]:
    return {
        "studies": [asdict(one, dict_factory=_plain) for one in studies],
        "bodies": {name: asdict(body, dict_factory=_plain) for name, body in bodies.items()},
    }


def _plain(fields: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A part of a chain as JSON holds it: its sentences are models."""
    from review.model.base import Bilingual

    return {k: v.model_dump() if isinstance(v, Bilingual) else v for k, v in fields}


def _steps(studies: Sequence[Chain], bodies: Mapping[str, Proposal]) -> Iterator[str]:
    for one in studies:
        yield from _steps_of(one)
    for name, body in bodies.items():
        yield f"{name}: proposed for the body: {body.factor}, 1 step: {body.sentence['en']}"
    changed = sum(one.proposed_level != one.recorded_level for one in studies)
    yield f"{changed} levels would differ from what is recorded; nothing was written"


def _steps_shown(proposal: Proposal) -> str:
    return f"{proposal.steps} steps" if proposal.steps != 1 else "1 step"


def _steps_of(one: Chain) -> Iterator[str]:
    people = f"{one.analysed} analysed" if one.analysed is not None else "number analysed not read"
    how = f"{one.design}, {'/'.join(one.estimands)}, {people}"
    yield f"{one.question} / {one.study}: {how}: {_or_none(one.recorded_level)}"
    for proposal in one.not_recorded:
        yield f"  proposed: {proposal.factor}, {_steps_shown(proposal)}: {proposal.sentence['en']}"
        for fragment in proposal.fragments:
            yield f'    "{fragment.quote}" ({fragment.locator})'
    if one.not_recorded:
        told = f"{_or_none(one.proposed_level)}; without: {_or_none(one.recorded_level)}"
        yield f"  with what is proposed: {told}"
