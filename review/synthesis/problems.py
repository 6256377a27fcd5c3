"""Problems of the protocol's policy: names that lead nowhere, and a cohort twice in a pool."""

from __future__ import annotations

from collections.abc import Iterator

from review.grading.review import Review
from review.ground.errors import Problem
from review.model.protocol import QuestionPolicy
from review.model.question import Question
from review.synthesis.synthesise import synthesise, unfit


def problems(review: Review) -> list[Problem]:
    """The policy against the questions; and two estimates of one cohort in a pool."""
    found = []
    for name, policy in review.library.protocol.synthesis.questions.items():
        question = review.questions.get(name)
        if question is None:
            found.append(_problem(name, f"found {name}, expected one of the protocol's questions"))
        else:
            found += [_problem(name, sentence) for sentence in _faults(review, question, policy)]
    return found or [
        _problem(
            synthesis.question, f"two estimates of one cohort in a pool: {pair}; leave one out"
        )
        for synthesis in synthesise(review, include_unverified=True)
        for pair in synthesis.problems
    ]


def _problem(question: str, sentence: str) -> Problem:
    return Problem("protocol.yaml", 0, f"synthesis.questions.{question}", sentence)


def _faults(review: Review, question: Question, policy: QuestionPolicy) -> Iterator[str]:
    """What of a question's policy does not fit the question."""
    names = {eligible.study for eligible in question.studies}
    for study in (*policy.results, *policy.leave_out):
        if study not in names:
            yield f"found {study}, expected a study of the question {question.id}"
    if sentence := unfit(question, policy):
        yield sentence
    for study, result in policy.results.items():
        extraction = review.library.extractions.get(study)
        if extraction is not None and extraction.result(result) is None:
            yield f"found {result}, expected a result of {study}"
