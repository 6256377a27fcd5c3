"""The files of a review, each read once; what can't be read is told beside what can."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from review.files.inventory import strays
from review.files.store import Store
from review.grading.review import Review
from review.grading.signatures import Ledger
from review.ground.errors import InvalidDataError, Problem, ReviewError
from review.model.appraisal import Appraisal
from review.model.claim import Claim
from review.model.duplicates import Duplicates, PairDecision
from review.model.edition import Corrections, Edition
from review.model.extraction import Extraction
from review.model.importing import Import
from review.model.protocol import Protocol
from review.model.question import Question
from review.model.record import Record
from review.model.screening import Decision, PreviousStudies
from review.model.search import Search
from review.model.seed import Seed
from review.model.signature import Attestation, Signature
from review.model.vocabulary import Vocabulary
from review.searching.search import check_strategies
from review.selection.library import NONE_YET, Library

T = TypeVar("T")


@dataclass(frozen=True)
class Files:
    """What the files of each kind hold; None where one of the kind can't be used.

    :ivar record_names: each record's file, as people see its name
    :ivar duplicates: None also where nobody has deduplicated
    :ivar seed: None also where there is no earlier review
    :ivar faults: what is wrong with the files of a kind, by the kind
    """

    protocol: Protocol | None
    records: Mapping[str, Record] | None
    record_names: Mapping[str, str]
    duplicates: Duplicates | None
    decisions: Mapping[str, Sequence[Decision]] | None
    previous: PreviousStudies | None
    pairs: Mapping[str, Sequence[PairDecision]] | None
    searches: Sequence[Search] | None
    imports: Sequence[Import] | None
    extractions: Mapping[str, Extraction] | None
    appraisals: Mapping[str, Appraisal] | None
    vocabularies: Mapping[str, Vocabulary] | None
    questions: Mapping[str, Question] | None
    claims: Mapping[str, Claim] | None
    seed: Seed | None
    signatures: Mapping[str, Sequence[Signature]] | None
    attestations: Mapping[str, Attestation] | None
    editions: Sequence[Edition] | None
    corrections: Corrections | None
    faults: Mapping[str, Sequence[Problem]]

    def library(self) -> Library | None:
        """The records and where they stand; None where a file is unreadable that says so."""
        if (
            self.protocol is None
            or self.records is None
            or self.decisions is None
            or self.previous is None
            or self.searches is None
            or self.imports is None
            or self.extractions is None
        ):
            return None
        return Library(
            self.protocol,
            self.records,
            self.duplicates or NONE_YET,
            self.decisions,
            self.previous,
            self.searches,
            self.extractions,
            self.imports,
        )

    def review(self) -> Review | None:
        """All of it together; None where what the last edition lists can't be looked up in it.

        Vocabularies, attestations and the seed that can't be read count as none: no edition
        lists them.
        """
        library = self.library()
        if (
            library is None
            or self.questions is None
            or self.claims is None
            or self.signatures is None
            or self.editions is None
            or self.corrections is None
        ):
            return None
        return Review(
            library,
            self.questions,
            self.claims,
            self.vocabularies or {},
            self.seed,
            Ledger.of(library.protocol, self.signatures),
            self.attestations or {},
            self.editions,
            self.corrections.corrections,
        )


def read(store: Store) -> Files:
    """Read every file of a review; nothing is raised for one that can't be used."""
    faults: dict[str, Sequence[Problem]] = {}

    def attempt(kind: str, reading: Callable[[], T]) -> T | None:
        try:
            return reading()
        except InvalidDataError as error:
            faults[kind] = error.problems
        except ReviewError as error:
            faults[kind] = [Problem("protocol.yaml", 0, "", str(error))]
        return None

    protocol = attempt("protocol", lambda: store.protocol)
    listed = protocol is not None  # what follows from the protocol's lists
    if listed:
        attempt("strategies", lambda: check_strategies(store.protocol))
    attempt("volatile", store.volatile)
    faults["inventory"] = strays(store)
    paths = attempt("records", store.record_paths) or {}
    return Files(
        protocol=protocol,
        records=attempt("records", store.records),
        record_names={record: store.name(path) for record, path in paths.items()},
        duplicates=attempt("duplicates", store.duplicates),
        decisions=attempt("decisions", store.decisions),
        previous=attempt("previous", store.previous),
        pairs=attempt("pairs", store.pairs),
        searches=attempt("searches", store.searches),
        imports=attempt("imports", store.imports),
        extractions=attempt("extractions", store.extractions),
        appraisals=attempt("appraisals", store.appraisals),
        vocabularies=attempt("vocabularies", store.vocabulary) if listed else None,
        questions=attempt("questions", store.questions) if listed else None,
        claims=attempt("claims", store.claims) if listed else None,
        seed=attempt("seed", store.seed),
        signatures=attempt("signatures", store.signatures),
        attestations=attempt("attestations", store.attestations),
        editions=attempt("editions", store.editions),
        corrections=attempt("corrections", store.corrections),
        faults=faults,
    )
