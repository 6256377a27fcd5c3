"""Check: every problem of every file in one run, one line each.

A rule runs over what could be read, so that no fault hides another; and what follows from a file
that can't be read is not told again: the file is, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from review.checking.claims import check_claims, check_questions, check_signatures
from review.checking.decisions import overtaken, screening, strangers
from review.checking.editions import released, unsigned, vanished
from review.checking.extractions import not_included, origins, references
from review.checking.history import dated_ahead, emptied, rewritten
from review.checking.notices import notice_decisions
from review.checking.quotes import attested_otherwise, misquoted
from review.checking.records import miscounted, misnamed, unknown, unnamed
from review.extraction.attest import held_text
from review.files import kinds
from review.files.inventory import strays
from review.files.snapshot import Snapshot
from review.grading.appraise import problems as appraisal_problems
from review.grading.review import Review, broken_references
from review.ground.errors import Problem, ReviewError
from review.model.base import NEWER
from review.model.protocol import Protocol
from review.searching.strategies import faulty_strategies
from review.synthesis.problems import problems as synthesis_problems


def check(
    snapshot: Snapshot, *, today: str | None = None, allow_suspended: bool = False
) -> list[Problem]:
    """All problems of a review, by the names of its files.

    :param today: the day on which it is checked; None: no day is too late
    :param allow_suspended: leave out claims that rest on a retracted study: they show as
        suspended on every page and block the next edition, but must not hold the site back
    """
    snapshot = snapshot.partial()
    found = list(snapshot.problems())
    if newer := [p for p in found if p.path == "protocol.yaml" and p.sentence.endswith(NEWER)]:
        return newer  # every other file would say the same
    found += strays(snapshot)
    protocol = snapshot.readable_protocol
    if protocol is not None:
        found += _strategies(protocol)
        found += _of_each(snapshot, protocol)
        found += _together(snapshot, allow_suspended=allow_suspended)
        found += dated_ahead(snapshot, today) if today else ()
    return sorted(set(found))


def _strategies(protocol: Protocol) -> list[Problem]:
    try:
        return faulty_strategies(protocol)
    except ReviewError as error:
        return [Problem("protocol.yaml", 0, "", str(error))]


def _of_each(snapshot: Snapshot, protocol: Protocol) -> Iterator[Problem]:
    """What is wrong with single files: at odds with records and people."""
    records, extractions = snapshot.records(), snapshot.extractions()
    names = snapshot.names(kinds.RECORDS, records)
    paths = {name: snapshot.name(path) for name, path in snapshot.record_paths().items()}
    yield from misnamed(records, paths)
    yield from unnamed(protocol, records, snapshot)
    nameless = unknown(snapshot, names)
    yield from nameless
    yield from miscounted(snapshot.searches(), snapshot.imports())
    yield from screening(protocol, names, snapshot.decisions())
    people = {
        "screening": [*snapshot.decisions()],
        "pairs": [*snapshot.pairs()],
        "notices": [*snapshot.notices()],
    }
    yield from strangers(protocol, people)
    judged = (kinds.RECORDS, kinds.PAIRS, kinds.SEARCHES, kinds.DUPLICATES)
    if not nameless and not snapshot.unread(*judged):
        yield from overtaken(records, snapshot.pairs(), snapshot.searches(), snapshot.duplicates())
    studies = snapshot.names(kinds.EXTRACTIONS, extractions)
    yield from references(names, extractions, studies)
    yield from misquoted(records, extractions, partial(held_text, snapshot))
    yield from origins(protocol, extractions)


def _together(snapshot: Snapshot, *, allow_suspended: bool) -> Iterator[Problem]:
    """What files say of one another: of questions all of whose studies can be read."""
    review = Review.partial(snapshot)
    unread = snapshot.unread
    studies = snapshot.names(kinds.EXTRACTIONS, review.library.extractions)
    broken = broken_references(
        review,
        studies=unread(kinds.EXTRACTIONS),
        records=unread(kinds.RECORDS),
        seed=bool(unread(kinds.SEED)),
    )
    yield from broken
    if not unread(kinds.DECISIONS, kinds.PREVIOUS, kinds.RECORDS, kinds.DUPLICATES):
        yield from not_included(review.library)
    if not unread(kinds.RECORDS, kinds.NOTICES):
        yield from notice_decisions(review.library)
    yield from vanished(review, snapshot)
    yield from rewritten(review, snapshot)
    if not unread(kinds.SEARCHES, kinds.CORRECTIONS):
        yield from emptied(review, snapshot.searches())
    if not unread(kinds.SIGNATURES):
        yield from unsigned(review)
    if not unread(kinds.EDITIONS, kinds.CORRECTIONS):
        yield from released(review)
    yield from attested_otherwise(review, studies)
    yield from appraisal_problems(review, snapshot.appraisals(), studies)
    sound = _gradable(review)
    yield from check_questions(sound, terms=not unread(kinds.VOCABULARIES))
    yield from check_claims(
        sound,
        allow_suspended=allow_suspended,
        seed=not unread(kinds.SEED),
        unread=unread(kinds.SIGNATURES),
    )
    claims = snapshot.names(kinds.CLAIMS, snapshot.claims())
    yield from check_signatures(
        sound, studies=studies, claims=claims, allow_suspended=allow_suspended
    )
    if not broken and not snapshot.problems():
        yield from synthesis_problems(review)


def _gradable(review: Review) -> Review:
    """The review without the questions that rest on what can't be read or leads nowhere."""
    library = review.library
    questions = {
        name: question
        for name, question in review.questions.items()
        if all(
            (extraction := library.extractions.get(one.study)) is not None
            and all(extraction.result(result) is not None for result in one.results)
            and all(report in library.records for report in extraction.reports)
            for one in question.studies
        )
    }
    claims = {
        name: claim
        for name, claim in review.claims.items()
        if claim.question in questions
        and set(claim.studies) <= {one.study for one in questions[claim.question].studies}
    }
    return replace(review, questions=questions, claims=claims)
