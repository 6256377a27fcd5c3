"""``review grade``: the level of evidence of each question, by OCEBM 2011."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.files.store import Store


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("grade", "the level of evidence of each question, by OCEBM 2011")
    one.add_argument("--explain", action="store_true", help="with every reason")
    one.add_argument("--profile", default="strict", help="strict (headline) or follow-up-counts")
    one.add_argument("--question", metavar="ID", help="one question only")
    one.add_argument("--propose", action="store_true", help="steps the figures call for, and why")


def run(arguments: argparse.Namespace, _day: str) -> int:  # noqa: C901
    """Run the verb; its exit code."""
    from review.grading.levels import grade_claims
    from review.grading.review import Review

    store = open_store(arguments)
    review = Review.of(store)
    if arguments.propose:
        return _propose(arguments, store, review)
    grades = grade_claims(review.library, review.questions, review.claims, arguments.profile)
    if arguments.question:
        grades = [g for g in grades if g.grade.question.id == arguments.question]
        if not grades:
            known = ", ".join(store.protocol.questions)
            raise UsageError(f"--question {arguments.question}: expected one of {known}")
    if arguments.json:
        print_json([g.as_json() for g in grades])
        return 0
    asked = {g.grade.question.id: g.grade for g in grades}
    for name, grade in asked.items():
        level = f"level {grade.level}" if grade.level else str(grade.status)
        say(f"{name}: {level}")
        for one in (g for g in grades if g.grade.question.id == name and g.claim is not None):
            shown = f"level {one.level}" if one.level else str(one.status)
            seed = f" (the earlier review printed {one.seed_level})" if one.seed_level else ""
            say(f"  claim {one.claim.id if one.claim else ''}: {shown}{seed}")
            if arguments.explain and one.status != grade.status:
                for reason in one.reasons:
                    say(f"    {reason['en']}")
        if arguments.explain:
            for study in grade.studies:
                shown = f"level {study.level}" if study.level else "no level"
                say(f"  {study.study}: {shown}")
                for reason in study.reasons:
                    say(f"    {reason['en']}")
            for reason in grade.reasons:
                say(f"  {reason['en']}")
    if arguments.explain:
        say("OCEBM levels are not recommendations. No rule of OCEBM says how far to step.")
    return 0


def _propose(arguments: argparse.Namespace, store: Store, review: Any) -> int:

    from review.grading.propose import chains, inconsistency

    if arguments.question and arguments.question not in review.questions:
        known = ", ".join(store.protocol.questions)
        raise UsageError(f"--question {arguments.question}: expected one of {known}")
    found = chains(
        review.library, review.questions, review.vocabularies, arguments.profile, arguments.question
    )
    bodies = {
        name: inconsistency(question, review.library.extractions)
        for name, question in review.questions.items()
        if arguments.question in (None, name)
    }
    if arguments.json:
        rows = [asdict(one) for one in found]
        others = {name: asdict(one) for name, one in bodies.items() if one is not None}
        print_json({"studies": rows, "bodies": others})
        return 0
    changed = 0
    for one in found:
        shown = f"level {one.recorded_level}" if one.recorded_level else "no level"
        people = (
            f"{one.analysed} analysed" if one.analysed is not None else "number analysed not read"
        )
        how = f"{one.design}, {'/'.join(one.estimands)}, {people}"
        say(f"{one.question} / {one.study}: {how}: {shown}")
        for proposal in one.not_recorded:
            steps = f"{proposal.steps} steps" if proposal.steps != 1 else "1 step"
            say(f"  proposed: {proposal.factor}, {steps}: {proposal.sentence['en']}")
            for fragment in proposal.fragments:
                say(f'    "{fragment.quote}" ({fragment.locator})')
        if one.proposed_level != one.recorded_level:
            changed += 1
            say(f"  the level would be {one.proposed_level}")
    for name, body in bodies.items():
        if body is not None:
            say(f"{name}: proposed for the body: {body.factor}, 1 step: {body.sentence['en']}")
    say(f"{changed} levels would differ from what is recorded; nothing was written")
    return 0
