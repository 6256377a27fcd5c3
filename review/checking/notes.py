"""What is printed and counted, and no run fails for."""

from __future__ import annotations

from review.checking.waiting import Kind, as_notes, waiting
from review.files.inventory import changed_since_head
from review.files.snapshot import Snapshot
from review.grading.review import Review
from review.grading.signatures import by_eye_alone
from review.ground.errors import Problem
from review.model.base import Bilingual
from review.selection.library import Library


def notes(snapshot: Snapshot, today: str) -> list[Problem]:
    """What is printed and counted, and no run fails for; the gravest first.

    :param today: for what is due by a day
    """
    review = Review.of(snapshot)
    queues = waiting(review, today)
    return [
        *changed_since_head(snapshot.root),
        *as_notes(one for one in queues if one.kind is not Kind.UNSIGNED),
        *_set_aside(review.library),
        *_unquoted(review),
        *_untranslated(review),
        *as_notes(one for one in queues if one.kind is Kind.UNSIGNED),
    ]


def _set_aside(library: Library) -> list[Problem]:
    """Records that a source's last search could not take."""
    return [
        Problem("data/searches", 0, "set_aside", f"{source}: look at {one}: {one.why}")
        for source, rows in library.set_aside.items()
        for one in rows
    ]


def _unquoted(review: Review) -> list[Problem]:
    """Numbers that no quote carries: signing one needs the figure or table that was read."""
    sentence = "a number without a quote; sign it with --by-eye, or find its words"
    return [
        Problem(f"data/extractions/{study}.yaml", 0, name, sentence)
        for study, extraction in review.library.extractions.items()
        for name, fact in extraction.facts()
        if by_eye_alone(fact) and not review.ledger.of_value(study, name, fact)
    ]


def _untranslated(review: Review) -> list[Problem]:
    """Sentences that wait for a translation."""
    found = []
    languages = review.library.protocol.languages

    def look(path: str, field: str, text: Bilingual | None) -> None:
        for language in languages:
            if text is not None and getattr(text, language) is None:
                found.append(Problem(path, 0, field, f"no translation into {language} yet"))

    for name, question in review.questions.items():
        for field in ("text", "population", "exposure", "comparator", "outcome", "time", "place"):
            look(f"data/questions/{name}.yaml", field, getattr(question, field))
    for name, claim in review.claims.items():
        for field in ("sentence", "source_says"):
            look(f"data/claims/{name}.yaml", field, getattr(claim, field))
        for index, doubt in enumerate(claim.doubts):
            look(f"data/claims/{name}.yaml", f"doubts[{index}]", doubt)
    return found
