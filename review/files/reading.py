"""A review's folder as typed values; reading collects all problems of all files of a kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from review.files import kinds
from review.files.documents import file_bytes, name_of, yaml_document
from review.files.kinds import Kind
from review.files.outline import Outline, outline_of
from review.files.texts import read_abstract, read_full_text
from review.ground.errors import InvalidDataError, Problem
from review.model.base import Model

if TYPE_CHECKING:
    from review.model.appraisal import Appraisal
    from review.model.claim import Claim
    from review.model.duplicates import Duplicates, PairDecision
    from review.model.edition import Corrections, Edition
    from review.model.extraction import Extraction
    from review.model.fulltext import HeldText, TextKind
    from review.model.importing import Import
    from review.model.notice import NoticeDecision
    from review.model.protocol import Protocol
    from review.model.question import Question
    from review.model.record import Record, Volatile
    from review.model.screening import Decision, PreviousStudies
    from review.model.search import Search
    from review.model.seed import Seed
    from review.model.signature import Attestation, Signature
    from review.model.vocabulary import Vocabulary

OUTLINES: Kind[Extraction] = replace(kinds.EXTRACTIONS, check_name=None)
"""Extractions as a quick look reads them; a snapshot keeps them apart from those it validated."""
T = TypeVar("T")
M = TypeVar("M", bound=Model)


class Reader:
    """A review's folder: typed reading.

    Every method raises ``InvalidDataError`` with all faults of all files that it reads.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "data"
        self._protocol: Protocol | None = None

    def name(self, path: Path) -> str:
        """A file's name as people see it: relative to the review."""
        return name_of(path, self.root)

    def bytes_of(self, name: str) -> bytes | None:
        """What a file holds, by its name from the review's folder; None where there is none.

        :raises InvalidDataError: where it can't be read, is a link, or holds a merge conflict
        """
        path = self.root / name
        return file_bytes(path, self.root) if os.path.lexists(path) else None

    # ---- what the methods stand on -------------------------------------------------------------

    def _files(self, kind: Kind[M]) -> list[Path]:
        """The files of a kind."""
        return kind.files(self.root)

    def _each(
        self,
        kind: Kind[M],  # noqa: ARG002 (a snapshot keeps what it read by kind)
        paths: Iterable[Path],
        read: Callable[[Path], T],
    ) -> dict[Path, T]:
        """Some files of a kind, each by what reads it."""
        return kinds.read_each(paths, read)

    def _misfits(self, problems: Iterable[Problem]) -> None:
        """What does not fit between files."""
        if told := list(problems):
            raise InvalidDataError(told)

    def _hidden(self, kind: Kind[M]) -> bool:  # noqa: ARG002 (a snapshot knows some)
        """Whether files of a kind may be there that can't be seen."""
        return False

    def _all(self, kind: Kind[M]) -> dict[Path, M]:
        return self._each(kind, self._files(kind), lambda path: kind.read(path, self.root))

    def _rows(self, kind: Kind[M]) -> dict[Path, list[M]]:
        return self._each(kind, self._files(kind), lambda path: kind.read_rows(path, self.root))

    def _only(self, kind: Kind[M]) -> M | None:
        path = self.root / kind.folder / kind.pattern
        if not os.path.lexists(path) and kind is not kinds.PROTOCOL:
            return None
        return self._each(kind, [path], lambda path: kind.read(path, self.root)).get(path)

    # ---- the protocol --------------------------------------------------------------------------

    @property
    def protocol(self) -> Protocol:
        """The protocol."""
        if self._protocol is None:
            self._protocol = kinds.PROTOCOL.read(self.root / "protocol.yaml", self.root)
        return self._protocol

    # ---- what the tool writes ------------------------------------------------------------------

    def record_paths(self) -> dict[str, Path]:
        """Where each record's file stands.

        :raises InvalidDataError: where one id has two files
        """
        paths = self._files(kinds.RECORDS)
        self._misfits(two_places(paths, self.root))
        return {path.stem: path for path in paths}

    def records(self) -> dict[str, Record]:
        """All records by id, in the order of their ids."""
        paths = self.record_paths().values()
        read = self._each(kinds.RECORDS, paths, lambda path: kinds.RECORDS.read(path, self.root))
        return {path.stem: record for path, record in read.items()}

    def volatile(self) -> dict[str, Volatile]:
        """Volatile fields by record id."""
        volatile = self._only(kinds.VOLATILE)
        return dict(volatile.records) if volatile is not None else {}

    def searches(self, source: str | None = None) -> list[Search]:
        """Complete searches, oldest first; of one source or of all."""
        searches = self._all(kinds.SEARCHES).values()
        ordered = sorted(searches, key=lambda s: (s.date, s.source, s.run))
        return [search for search in ordered if source is None or search.source == source]

    def imports(self) -> list[Import]:
        """Imported files of other databases, oldest first."""
        imports = self._all(kinds.IMPORTS).values()
        return sorted(imports, key=lambda report: (report.date, report.source, report.run))

    def duplicates(self) -> Duplicates | None:
        """The tool's last verdicts on pairs, if it gave any."""
        return self._only(kinds.DUPLICATES)

    def attestations(self) -> dict[str, Attestation]:
        """Attestations of quotes by study."""
        return _by_name(self._all(kinds.ATTESTATIONS))

    def editions(self) -> list[Edition]:
        """Editions, oldest first."""
        editions = self._all(kinds.EDITIONS).values()
        return sorted(editions, key=lambda e: tuple(int(n) for n in e.version.split(".")))

    def last_edition(self) -> str | None:
        """The version of the last edition, by the files' names."""
        versions = [path.stem.split(".") for path in self._files(kinds.EDITIONS)]
        known = [tuple(map(int, v)) for v in versions if len(v) == 2 and "".join(v).isdigit()]
        return "{}.{}".format(*max(known)) if known else None

    # ---- what people write ---------------------------------------------------------------------

    def previous(self) -> PreviousStudies:
        """Reports taken over from an earlier review."""
        from review.model.screening import PreviousStudies

        return self._only(kinds.PREVIOUS) or PreviousStudies(format=2, studies=())

    def extractions(self) -> dict[str, Extraction]:
        """Extractions by study id."""
        return _by_name(self._all(kinds.EXTRACTIONS))

    def outlines(self) -> dict[str, Outline]:
        """Extractions by study id, without validating them: `review status` answers at once.

        :raises InvalidDataError: as :meth:`extractions` does, where a file is no extraction at all
        """

        def read(path: Path) -> Outline:
            value = yaml_document(path, self.root).value
            try:
                return outline_of(value)
            except (AttributeError, KeyError, TypeError):
                kinds.EXTRACTIONS.read(path, self.root)
                raise

        return _by_name(self._each(OUTLINES, self._files(OUTLINES), read))

    def vocabulary(self) -> dict[str, Vocabulary]:
        """The vocabularies the protocol links, by file name."""
        paths = {self.root / name: name for name in self.protocol.vocabulary}
        kind = kinds.VOCABULARIES
        read = self._each(kind, paths, lambda path: kind.read(path, self.root))
        return {paths[path]: vocabulary for path, vocabulary in read.items()}

    def questions(self) -> dict[str, Question]:
        """Questions by id, in the protocol's order; those it does not list come last.

        :raises InvalidDataError: also where the protocol lists a question without a file
        """
        questions = _by_name(self._all(kinds.QUESTIONS))
        there = {path.stem for path in self._files(kinds.QUESTIONS)}
        if not self._hidden(kinds.QUESTIONS):
            self._misfits(missing_questions(self.protocol, there))
        listed = {name: questions[name] for name in self.protocol.questions if name in questions}
        return listed | questions

    def claims(self) -> dict[str, Claim]:
        """Claims by id.

        :raises InvalidDataError: also where a claim answers no question of the review
        """
        claims = _by_name(self._all(kinds.CLAIMS))
        self._misfits(claims_of_no_question(self.protocol, claims))
        return claims

    def seed(self) -> Seed | None:
        """The earlier review the first edition starts from, if there is one."""
        return self._only(kinds.SEED)

    def corrections(self) -> Corrections:
        """The corrections log."""
        from review.model.edition import Corrections

        return self._only(kinds.CORRECTIONS) or Corrections(format=2, corrections=())

    def appraisals(self) -> dict[str, Appraisal]:
        """Filled and empty appraisal forms by file name."""
        return _by_name(self._all(kinds.APPRAISALS))

    def signatures(self) -> dict[str, list[Signature]]:
        """People's signatures by person, in the order they were given."""
        return _by_name(self._rows(kinds.SIGNATURES))

    def decisions(self) -> dict[str, list[Decision]]:
        """Screening decisions by reviewer, in the order they were taken."""
        return _by_name(self._rows(kinds.DECISIONS))

    def notices(self) -> dict[str, list[NoticeDecision]]:
        """What people decide on notices, by person, in the order it was decided."""
        return _by_name(self._rows(kinds.NOTICES))

    def pairs(self) -> dict[str, list[PairDecision]]:
        """People's verdicts on pairs, by reviewer."""
        return _by_name(self._rows(kinds.PAIRS))

    # ---- texts ---------------------------------------------------------------------------------

    def text(self, record: Record) -> str | None:
        """A record's abstract, where this machine holds the one its hash names."""
        return read_abstract(self.root, record)

    def held_text(
        self, record_id: str, kind: TextKind | None = None
    ) -> tuple[HeldText, bytes] | None:
        """A record's full text, where this machine holds it; JATS before PDF.

        Registry records are asked for by their kind.
        """
        from review.model.fulltext import TextKind

        asked = (kind,) if kind else (TextKind.JATS, TextKind.PDF)
        return read_full_text(self.root, record_id, asked)


def _by_name(read: Mapping[Path, T]) -> dict[str, T]:
    return {path.stem: value for path, value in read.items()}


# ---- what must fit between files -----------------------------------------------------------------


def two_places(record_paths: Iterable[Path], root: Path) -> list[Problem]:
    """Records that have more than one file."""
    known: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in record_paths:
        if path.stem in known:
            sentence = f"the record stands here and in {name_of(known[path.stem], root)}; keep one"
            problems.append(Problem(name_of(path, root), 0, "id", sentence))
        known[path.stem] = path
    return problems


def missing_questions(protocol: Protocol, questions: Collection[str]) -> list[Problem]:
    """Questions that the protocol lists and that have no file."""
    return [
        Problem("protocol.yaml", 0, "questions", f"found {id_}, expected data/questions/{id_}.yaml")
        for id_ in protocol.questions
        if id_ not in questions
    ]


def claims_of_no_question(protocol: Protocol, claims: Mapping[str, Claim]) -> list[Problem]:
    """Claims whose question the protocol does not list."""
    return [
        Problem(
            f"data/claims/{name}.yaml",
            0,
            "question",
            f"found {claim.question}, expected a question of protocol.yaml",
        )
        for name, claim in claims.items()
        if claim.question not in protocol.questions
    ]
