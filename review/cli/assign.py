"""``review assign``: put a study into a question, for, against or neutral for each claim."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.acts.assign import Answers, Assigned
    from review.files.change import Change
    from review.files.snapshot import Snapshot
    from review.files.store import Store


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    study: str
    question: str
    result: Sequence[str]
    no_result: str | None
    claim: Sequence[str]
    support: Sequence[str]
    direction: Sequence[str]
    step: Sequence[str]
    out: bool
    basis: Sequence[str]
    person: str | None
    dry_run: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("assign", "put a study into a question: for, against or neutral for each claim")
    one.add_argument("study", metavar="STUDY")
    one.add_argument("question", metavar="QUESTION")

    def several(name: str, metavar: str, text: str) -> None:
        one.add_argument(name, action="append", default=[], metavar=metavar, help=text)

    several("--result", "ID", "a result of the study that answers the question")
    one.add_argument("--no-result", metavar="TEXT", help="or why none of its results can be used")
    several("--claim", "CLAIM=SIDE", "what it is to a claim: for, against or neutral")
    several("--support", "CLAIM=WORD", "what the studies say of a claim now: supported, partly, …")
    several("--direction", "CLAIM=WORD", "what is found now: benefit, harm, inconclusive, …")
    several("--step", "FACTOR=N", "take a proposed step of its level; 0: considered, no step")
    one.add_argument(
        "--out", action="store_true", help="take it out of the question and its claims instead"
    )
    several("--basis", "CLAIM=TEXT", "with --out: on what the level stands now, or why none")
    one.add_argument("--person", metavar="ID", help="who says so (a person of the protocol)")
    one.add_argument("--dry-run", action="store_true", help="show the difference, write nothing")


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.acts.assign import assign
    from review.files.change import apply

    if options.person is None:
        raise UsageError("--person is missing: who says so?")
    store = open_store(options.root)
    snapshot = store.snapshot()
    if options.out:
        return _taken_out(options, options.person, store, snapshot)
    if options.basis:
        raise UsageError("--basis: goes with --out")
    answers = _answers(options)
    if sys.stdin.isatty():
        answers = _asked(snapshot, options, answers)
    change = assign(snapshot, options.person, options.study, options.question, answers)
    difference = list(_difference(store, change)) if options.dry_run else []
    if not options.dry_run:
        apply(store, change)
    return Answer(
        _facts(change, answers, difference, written=not options.dry_run),
        [*difference, *_lines(change, answers, written=not options.dry_run)],
    )


def _taken_out(options: Options, person: str, store: Store, snapshot: Snapshot) -> Answer:
    """The study is taken out; what came of it."""
    from review.acts.take_out import Without, take_out
    from review.files.change import apply

    for name, given in (
        ("--result", options.result),
        ("--no-result", options.no_result),
        ("--claim", options.claim),
        ("--step", options.step),
    ):
        if given:
            raise UsageError(f"{name}: goes with a study that comes in, not with --out")
    said = Without(
        _pairs("--support", options.support),
        _pairs("--direction", options.direction),
        _pairs("--basis", options.basis),
    )
    change = take_out(snapshot, person, options.study, options.question, said)
    difference = list(_difference(store, change)) if options.dry_run else []
    if not options.dry_run:
        apply(store, change)
    told, written = change.told, not options.dry_run
    files = [write.path for write in change.writes]
    return Answer(
        {
            "study": told.study,
            "question": told.question,
            "claims": list(told.claims),
            "files": files,
            "written": written,
            "levels": {claim: {"was": was, "is": now} for claim, (was, now) in told.levels.items()},
            "left": [str(one) for one in told.left],
            "difference": difference,
        },
        [
            *difference,
            f"{told.study} is out of {told.question} ({', '.join(told.claims) or 'no claim'})",
            *(f"{claim}: {was} -> {now}" for claim, (was, now) in told.levels.items()),
            *(f"left to do: {problem}" for problem in told.left),
            f"{', '.join(files)}: {'written' if written else 'nothing was written'}",
        ],
    )


# ---- what is answered ----------------------------------------------------------------------------


def _answers(options: Options) -> Answers:
    from review.acts.assign import Answers

    steps = {}
    for factor, word in _pairs("--step", options.step).items():
        if not (word.isascii() and word.isdigit() and len(word) == 1):
            raise UsageError(f"--step {factor}={word}: expected 0, 1 or 2")
        steps[factor] = int(word)
    return Answers(
        tuple(options.result),
        options.no_result or "",
        _pairs("--claim", options.claim),
        _pairs("--support", options.support),
        _pairs("--direction", options.direction),
        steps,
    )


def _pairs(option: str, typed: Sequence[str]) -> dict[str, str]:
    """What was typed as NAME=WORD, by its name."""
    found: dict[str, str] = {}
    for one in typed:
        name, sign, word = one.partition("=")
        if not (name and sign and word):
            raise UsageError(f"{option} {one}: expected a name, = and a word")
        if found.get(name, word) != word:
            raise UsageError(f"{option} {name}: found {found[name]} and {word}, expected one")
        found[name] = word
    return found


def _asked(snapshot: Snapshot, options: Options, answers: Answers) -> Answers:
    """What was not typed is asked for; a study that stands there already is asked nothing."""
    from review.acts.assign import Side, fit_to_assign, question_of, study_of
    from review.cli.terminal import ask, choice, note
    from review.editions.build import shown
    from review.grading.review import Review

    review = Review.of(snapshot)
    asked = question_of(review, options.question)
    extraction = study_of(review.library, options.study)
    if options.study in [one.study for one in asked.studies]:
        return answers
    fit_to_assign(review.library, options.study)
    note(f"{asked.id}: {asked.text['en']}")
    if not answers.results and not answers.no_result:
        for result in extraction.results:
            words = f'  "{result.quote}"' if result.quote else ""
            note(f"  {result.id}: {shown(result)}{words}")
        ids = ask("which of them answer it (ids, a space between; none: Enter)? ").split()
        why = "" if ids else ask("why can none of them be used? ")
        answers = replace(answers, results=tuple(dict.fromkeys(ids)), no_result=why)
    sides = dict(answers.sides)
    letters = {side[0]: str(side) for side in Side} | {str(side): str(side) for side in Side}
    for claim in review.claims_of(asked.id):
        if claim.id in sides:
            continue
        note(f"{claim.id}: {claim.sentence['en']}")
        typed = choice("  f for, a against, n neutral, q stop? ", [*letters, "q"], at_end="q")
        if typed == "q":
            raise UsageError("stopped; nothing was written")
        sides[claim.id] = letters[typed]
    return replace(answers, sides=sides)


# ---- what is told --------------------------------------------------------------------------------


def _difference(store: Store, change: Change[Any]) -> Iterator[str]:
    """The lines that change, as ``git diff`` shows them."""
    for write in change.writes:
        before = (store.bytes_of(write.path) or b"").decode().splitlines()
        after = (write.after or b"").decode().splitlines()
        yield from difflib.unified_diff(before, after, write.path, write.path, lineterm="", n=1)


def _facts(
    change: Change[Assigned], answers: Answers, difference: Sequence[str], *, written: bool
) -> dict[str, Any]:
    told = change.told
    return {
        "study": told.study,
        "question": told.question,
        "already": told.already,
        "results": list(answers.results),
        "claims": dict(answers.sides),
        "files": [write.path for write in change.writes],
        "written": written and bool(change.writes),
        "levels": {claim: {"was": was, "is": now} for claim, (was, now) in told.levels.items()},
        "proposed_steps": {str(one.factor): one.steps for one in told.proposed},
        "left": [str(one) for one in told.left],
        "difference": list(difference),
    }


def _lines(change: Change[Assigned], answers: Answers, *, written: bool) -> Iterator[str]:
    told = change.told
    if told.already:
        yield f"{told.study} stands in {told.question} already; nothing was changed"
        return
    for claim, side in answers.sides.items():
        yield f"{claim}: {told.study} is {side}"
    for claim, (was, now) in told.levels.items():
        yield f"{claim}: {was} -> {now}, as its studies give it"
    for one in told.proposed:
        steps = "1 step" if one.steps == 1 else f"{one.steps} steps"
        yield f"proposed and not recorded: {one.factor}, {steps}: {one.sentence['en']}"
    for problem in told.left:
        yield f"left to do: {problem}"
    files = ", ".join(write.path for write in change.writes)
    yield f"{files}: {'written' if written else 'nothing was written'}"
