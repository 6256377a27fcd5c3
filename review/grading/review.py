"""Everything a review holds, read once: what check, editions and pages are made from."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from review.files.snapshot import Snapshot
from review.grading.levels import HEADLINE, ClaimGrade, Grade, Status, grade_all, grade_claim
from review.grading.signatures import Ledger
from review.ground.errors import InvalidDataError, Problem
from review.model.claim import Claim
from review.model.edition import Correction, Edition
from review.model.question import Question
from review.model.seed import Seed
from review.model.signature import Attestation
from review.model.vocabulary import Term, TermKind, Vocabulary
from review.selection.currency import Currency, currency
from review.selection.flow import Flow, flow
from review.selection.library import Library


@dataclass(frozen=True)
class Review:
    """A review at one commit."""

    library: Library
    questions: Mapping[str, Question]
    claims: Mapping[str, Claim]
    vocabularies: Mapping[str, Vocabulary]
    seed: Seed | None
    ledger: Ledger
    attestations: Mapping[str, Attestation]
    editions: Sequence[Edition]
    corrections: Sequence[Correction]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Review:
        """A review whose files are all sound.

        :raises InvalidDataError: with all faults of all files; else the names that lead nowhere
        """
        snapshot.read_all()
        snapshot.require()
        review = cls.partial(snapshot)
        if problems := broken_references(review):
            raise InvalidDataError(problems)
        return review

    @classmethod
    def partial(cls, snapshot: Snapshot) -> Review:
        """What of a review can be read; claims of a question that can't be read are left out.

        :raises InvalidDataError: where the protocol can't be used
        """
        view = snapshot.partial()
        questions = view.questions()
        claims = view.claims()
        library = Library.partial(snapshot)
        return cls(
            library,
            questions,
            {name: claim for name, claim in claims.items() if claim.question in questions},
            view.vocabulary(),
            view.seed(),
            Ledger.of(library, view.signatures()),
            view.attestations(),
            view.editions(),
            view.corrections().corrections,
        )

    def support(self, claim: Claim) -> str:
        """What the pages say of a claim's support: ``suspended`` before anything declared."""
        suspended = self.claim_grades[claim.id].status is Status.SUSPENDED
        return "suspended" if suspended else str(claim.support)

    @cached_property
    def flow(self) -> Flow:
        """Counts of the selection."""
        return flow(self.library)

    @cached_property
    def currency(self) -> Currency:
        """Days of the steps."""
        return currency(self.library)

    def grades(self, profile: str = HEADLINE) -> dict[str, Grade]:
        """Levels of questions in a profile."""
        return {g.question.id: g for g in grade_all(self.library, self.questions, profile)}

    @cached_property
    def headline(self) -> dict[str, Grade]:
        """Levels of questions in the headline profile."""
        return self.grades()

    @cached_property
    def claim_grades(self) -> dict[str, ClaimGrade]:
        """Levels of claims in the headline profile."""
        return {
            name: grade_claim(claim, self.headline[claim.question])
            for name, claim in self.claims.items()
        }

    def claims_of(self, question: str) -> list[Claim]:
        """Claims that answer a question."""
        return [one for one in self.claims.values() if one.question == question]

    def terms(self, kind: TermKind) -> list[Term]:
        """The vocabulary's terms of one kind."""
        return [t for v in self.vocabularies.values() if v.kind is kind for t in v.terms]

    def study_name(self, study: str) -> str:
        """A study's name for readers: its label, else first author and year."""
        extraction = self.library.extractions[study]
        record = self.library.records.get(extraction.reports[0])
        author = record.authors[0] if record and record.authors else None
        who = (author.family or author.literal) if author else None
        name = f"{who} {record.year or ''}".strip() if who and record else study
        return f"{extraction.label} ({name})" if extraction.label else name


def broken_references(
    review: Review,
    *,
    studies: Container[str] = (),
    records: Container[str] = (),
    seed: bool = False,
) -> list[Problem]:
    """Names that lead nowhere: nothing can be graded or shown before they are mended.

    :param studies: studies whose file is there and can't be read: to them a name leads
    :param records: records of which the same is true
    :param seed: whether it is true of the earlier review
    """
    return [
        *(
            problem
            for question in review.questions.values()
            for problem in _of_question(question, review, studies)
        ),
        *(
            problem
            for claim in review.claims.values()
            for problem in _of_claim(claim, review, studies, seed)
        ),
        *_of_seed(review, records),
    ]


def _of_question(question: Question, review: Review, unread: Container[str]) -> Iterator[Problem]:
    """Studies and results that a question names and no extraction holds."""
    path = f"data/questions/{question.id}.yaml"
    for index, eligible in enumerate(question.studies):
        extraction = review.library.extractions.get(eligible.study)
        if eligible.study in unread:
            continue
        if extraction is None:
            sentence = f"found {eligible.study}, expected a study in data/extractions"
            yield Problem(path, 0, f"studies[{index}].study", sentence)
            continue
        for result_id in eligible.results:
            if extraction.result(result_id) is None:
                known = ", ".join(r.id for r in extraction.results) or "none"
                sentence = f"found {result_id}, expected a result of {eligible.study} ({known})"
                yield Problem(path, 0, f"studies[{index}].results", sentence)


def _of_claim(
    claim: Claim, review: Review, unread: Container[str], seed: bool
) -> Iterator[Problem]:
    """Studies that a claim names and its question does not, and an earlier review that is none."""
    path, question = f"data/claims/{claim.id}.yaml", review.questions[claim.question]
    eligible = {one.study for one in question.studies}
    for field, studies in (
        ("for", claim.supporting),
        ("against", claim.against),
        ("neutral", claim.neutral),
    ):
        for study in studies:
            if study not in review.library.extractions and study not in unread:
                sentence = f"found {study}, expected a study in data/extractions"
                yield Problem(path, 0, field, sentence)
            elif study not in eligible:
                sentence = f"{study} is no eligible study of the question {question.id}"
                yield Problem(path, 0, field, sentence)
    if claim.seed is not None and review.seed is None and not seed:
        yield Problem(path, 0, "seed", "an earlier review is named, expected data/seed.yaml")


def _of_seed(review: Review, unread: Container[str]) -> Iterator[Problem]:
    """Records that the earlier review's references name and the review does not hold."""
    for index, reference in enumerate(review.seed.references if review.seed else ()):
        for record in (reference.record, *reference.also):
            known = record in review.library.records or record in unread
            if record is not None and not known:
                sentence = f"found {record}, expected a record in data/records"
                yield Problem("data/seed.yaml", 0, f"references[{index}].record", sentence)
