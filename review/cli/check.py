"""``review check``: all problems of all files, in one run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from review.cli.root import open_store
from review.cli.verb import REPORT, Answer, CommonOptions, Verb, reported
from review.ground.errors import Exit, Problem

NOTES_SHOWN = 10


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    texts: bool
    report: bool
    allow_suspended: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("check", "all problems of all files, in one run")
    one.add_argument("--texts", action="store_true", help="first attest quotes in the texts held")
    one.add_argument("--report", action="store_true", help=REPORT)
    one.add_argument(
        "--allow-suspended", action="store_true", help="pass claims that rest on a retracted study"
    )


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.checking.check import check
    from review.checking.notes import notes
    from review.checking.quotes import quotes_held, write_attestations
    from review.files.lock import A_WHILE

    store = open_store(options.root, complete=False)  # which is looked at as it is
    attested: tuple[list[str], int] = ([], 0)
    if options.texts:
        with store.lock(A_WHILE):
            attested = write_attestations(store)
    snapshot = store.snapshot()
    problems = check(snapshot, today=day, allow_suspended=options.allow_suspended)
    told = [] if problems else notes(snapshot, day)
    counted = options.report or not problems
    held, absent = quotes_held(snapshot.partial()) if counted else (0, 0)
    answer = Answer(
        {
            "problems": [vars(problem) for problem in problems],
            "notes": [vars(one) for one in told],
            "attested": attested[0],
            "quotes_found": attested[1] if options.texts else None,
            "quotes": {"text_held": held, "text_not_held": absent},
        },
        [
            *(_attested(*attested) if options.texts else ()),
            *map(str, problems),
            *_quotes(held, absent),
            *_notes(told),
            _sum(problems, told),
        ],
        exit=Exit.INVALID if problems else Exit.NOTHING_NEW,
    )
    return reported(answer, "check", day) if options.report else answer


def _attested(written: Sequence[str], quotes: int) -> Iterator[str]:
    yield f"{quotes} quotes found in the texts held; {len(written)} files written"


def _quotes(held: int, absent: int) -> Iterator[str]:
    if held or absent:
        yield f"quotes: {held} compared with the text held here, {absent} text not held"


def _notes(told: Sequence[Problem]) -> Iterator[str]:
    yield from (f"note: {one}" for one in told[:NOTES_SHOWN])
    if len(told) > NOTES_SHOWN:
        yield f"note: … and {len(told) - NOTES_SHOWN} more (--json)"


def _sum(problems: Sequence[Problem], told: Sequence[Problem]) -> str:
    if problems:
        return f"{len(problems)} problems"
    return "no problem found" + (f", {len(told)} notes" if told else "")
