"""Everything a review holds, read once: what check, editions and pages are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from review.currency import Currency, currency
from review.flow import Flow, flow
from review.grade import HEADLINE, ClaimGrade, Grade, grade_all, grade_claim
from review.library import Library
from review.model.claim import Claim
from review.model.edition import Correction, Edition
from review.model.question import Question
from review.model.seed import Seed
from review.model.signature import Attestation
from review.model.vocabulary import Term, TermKind, Vocabulary
from review.sign import Ledger
from review.store import Store


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
    def of(cls, store: Store) -> Review:
        """Read a review.

        :raises InvalidDataError: with the problems of the first kind of file that has any
        """
        return cls(
            Library.of(store),
            store.questions(),
            store.claims(),
            store.vocabulary(),
            store.seed(),
            Ledger(store.signatures()),
            store.attestations(),
            store.editions(),
            store.corrections().corrections,
        )

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
