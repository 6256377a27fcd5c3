"""The kinds of file a review holds: where they stand, what they hold, how they are named.

A kind reads its files and knows nothing of the others; what must fit between kinds is looked at by
who has read them. Documents (YAML, JSON) hold one value a file, CSV files one row a line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from review.files.documents import file_bytes, ignored, link_problem, name_of, read_document
from review.files.rows import read_rows
from review.ground.errors import InvalidDataError, Problem
from review.model.base import Model

if TYPE_CHECKING:
    from review.model.appraisal import Appraisal
    from review.model.claim import Claim
    from review.model.duplicates import Duplicates, PairDecision
    from review.model.edition import Corrections, Edition
    from review.model.extraction import Extraction
    from review.model.importing import Import
    from review.model.notice import NoticeDecision
    from review.model.protocol import Protocol
    from review.model.question import Question
    from review.model.record import Record, VolatileFile
    from review.model.screening import Decision, PreviousStudies
    from review.model.search import Search
    from review.model.seed import Seed
    from review.model.signature import Attestation, Signature
    from review.model.vocabulary import Vocabulary

T = TypeVar("T")
M = TypeVar("M", bound=Model)

NameCheck = Callable[[Any, Path, Path], Problem | None]
"""Document, its path and the review's folder -> what is told where the name does not fit."""


def read_each(paths: Iterable[Path], read: Callable[[Path], T]) -> dict[Path, T]:
    """Read many files, in their order.

    :raises InvalidDataError: with the problems of all of them together
    """
    values: dict[Path, T] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            values[path] = read(path)
        except InvalidDataError as error:
            problems += error.problems
    if problems:
        raise InvalidDataError(problems)
    return values


def _listed(folder: Path, root: Path) -> list[os.DirEntry[str]]:
    """What a folder holds.

    :raises FileNotFoundError: where it is not there
    :raises InvalidDataError: where it can't be listed, or is a link
    """
    try:
        if os.path.islink(folder):  # noqa: PTH114 (a loop is a link too)
            raise InvalidDataError([link_problem(folder, root)])
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        raise
    except OSError as error:
        sentence = f"can't be listed: {error.strerror}"
        raise InvalidDataError([Problem(name_of(folder, root), 0, "", sentence)]) from None


def _in_folders(folders: Iterable[os.DirEntry[str]], root: Path) -> list[os.DirEntry[str]]:
    """What the folders among some entries hold.

    :raises InvalidDataError: where one can't be listed, or something else stands in its place; but
        not for the files of people and programs
    """
    found: list[os.DirEntry[str]] = []
    problems: list[Problem] = []
    for entry in folders:
        path = Path(entry.path)
        if path.suffix and entry.is_file():
            continue  # no folder, nor in the place of one: the inventory tells it
        if ignored(entry.name) and not entry.is_dir():
            continue
        try:
            found += _listed(path, root)
        except FileNotFoundError:
            continue  # gone since it was listed
        except InvalidDataError as error:
            problems += error.problems
    if problems:
        raise InvalidDataError(problems)
    return found


@dataclass(frozen=True, eq=False)
class Kind(Generic[M]):
    """A kind of file."""

    folder: str
    """from the review's folder"""
    pattern: str
    """of the files in that folder (``*`` and an ending) or in folders of it; a plain name where
    there is one file alone"""
    model_name: str
    """Module and class below ``review.model``, imported when a file is read: loading all models
    takes longer than most verbs do."""
    check_name: NameCheck | None = None

    @cached_property
    def model(self) -> type[M]:
        """What a document, or a row of a CSV file, is."""
        module, name = self.model_name.split(".")
        return cast("type[M]", getattr(import_module(f"review.model.{module}"), name))

    def files(self, root: Path) -> list[Path]:
        """The files of this kind; a folder that is there and can't be listed is no empty one.

        :raises InvalidDataError: where it, or a folder in it that holds such files, is a file or a
            link, or may not be read
        """
        place = root / self.folder
        try:
            inside = _listed(place, root)
        except FileNotFoundError:
            return []
        folders, _, ending = self.pattern.rpartition("*")
        if folders:
            inside = _in_folders(inside, root)
        named = [one for one in inside if one.name.endswith(ending) and one.name[0] != "."]
        named.sort(key=lambda one: os.path.split(one.path))
        return [Path(one.path) for one in named]

    def read(self, path: Path, root: Path) -> M:
        """A document.

        :raises InvalidDataError: with every fault of it; its name is looked at last
        """
        document = read_document(self.model, path, root)
        if self.check_name and (problem := self.check_name(document, path, root)):
            raise InvalidDataError([problem])
        return document

    def read_rows(self, path: Path, root: Path) -> list[M]:
        """The rows of a CSV file.

        :raises InvalidDataError: with every fault of it
        """
        name, data = name_of(path, root), file_bytes(path, root)
        return [row for _, row in read_rows(self.model, data, name)]


def _named_by(field: str, *, tell_twin: bool = False) -> NameCheck:
    """A document whose id is its file's name.

    :param tell_twin: whether a file that has the id already is named too
    """

    def check(document: Any, path: Path, root: Path) -> Problem | None:
        found = getattr(document, field)
        if found == path.stem:
            return None
        sentence = f"found {found}, expected {path.stem} as in the file's name"
        if tell_twin and path.with_stem(found).exists():
            sentence += f"; {name_of(path.with_stem(found), root)} has that id already"
        return Problem(name_of(path, root), 0, field, sentence)

    return check


def _named_as_search(search: Search, path: Path, root: Path) -> Problem | None:
    if search.name == path.name:
        return None
    sentence = f"found a search named {search.name}, expected {path.name}"
    return Problem(name_of(path, root), 0, "date", sentence)


def _named_as_import(report: Import, path: Path, root: Path) -> Problem | None:
    if (report.source, report.name) == (path.parent.name, path.name):
        return None
    sentence = f"found {report.source}/{report.name}, expected the file's folder and name"
    return Problem(name_of(path, root), 0, "source", sentence)


# ---- documents that people write -----------------------------------------------------------------

PROTOCOL: Kind[Protocol] = Kind("", "protocol.yaml", "protocol.Protocol")
VOCABULARIES: Kind[Vocabulary] = Kind("data/vocabulary", "*.yaml", "vocabulary.Vocabulary")
"""Read are those alone that the protocol links."""
PREVIOUS: Kind[PreviousStudies] = Kind("data", "previous.yaml", "screening.PreviousStudies")
SEED: Kind[Seed] = Kind("data", "seed.yaml", "seed.Seed")
CORRECTIONS: Kind[Corrections] = Kind("data", "corrections.yaml", "edition.Corrections")
QUESTIONS: Kind[Question] = Kind(
    "data/questions", "*.yaml", "question.Question", _named_by("question", tell_twin=True)
)
CLAIMS: Kind[Claim] = Kind(
    "data/claims", "*.yaml", "claim.Claim", _named_by("claim", tell_twin=True)
)
EXTRACTIONS: Kind[Extraction] = Kind(
    "data/extractions", "*.yaml", "extraction.Extraction", _named_by("study")
)
APPRAISALS: Kind[Appraisal] = Kind("data/appraisals", "*.yaml", "appraisal.Appraisal")

# ---- documents that the tool writes --------------------------------------------------------------

RECORDS: Kind[Record] = Kind("data/records", "*/*.json", "record.Record", _named_by("id"))
VOLATILE: Kind[VolatileFile] = Kind("data", "volatile.json", "record.VolatileFile")
SEARCHES: Kind[Search] = Kind("data/searches", "*.json", "search.Search", _named_as_search)
IMPORTS: Kind[Import] = Kind("data/imports", "*/*.json", "importing.Import", _named_as_import)
DUPLICATES: Kind[Duplicates] = Kind("data", "duplicates.json", "duplicates.Duplicates")
ATTESTATIONS: Kind[Attestation] = Kind(
    "data/attestations", "*.json", "signature.Attestation", _named_by("study")
)
EDITIONS: Kind[Edition] = Kind("data/editions", "*.json", "edition.Edition", _named_by("version"))

# ---- rows, of which each person has a file -------------------------------------------------------

SIGNATURES: Kind[Signature] = Kind("data/signatures", "*.csv", "signature.Signature")
DECISIONS: Kind[Decision] = Kind("data/screening", "*.csv", "screening.Decision")
NOTICES: Kind[NoticeDecision] = Kind("data/notices", "*.csv", "notice.NoticeDecision")
PAIRS: Kind[PairDecision] = Kind("data/pairs", "*.csv", "duplicates.PairDecision")
