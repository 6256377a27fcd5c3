"""The review's files: the only module that reads and writes them.

Every write is a temporary file, fsync, rename, fsync of the folder; a crash at any instant leaves
the last good state readable. Reading collects all problems of all files before it complains.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from review.ground.errors import InvalidDataError, LockedError, Problem, UsageError
from review.ground.spreadsheet import CONFLICT, data_csv
from review.ground.yaml import Document, parse
from review.model.base import FORMAT, Model, canonical, formats, load, problems_of

if TYPE_CHECKING:
    from review.model.appraisal import Appraisal
    from review.model.claim import Claim
    from review.model.duplicates import Duplicates, PairDecision
    from review.model.edition import Corrections, Edition
    from review.model.extraction import Extraction
    from review.model.fulltext import HeldText, TextKind
    from review.model.importing import Import
    from review.model.protocol import Protocol
    from review.model.question import Question
    from review.model.record import Record, Volatile
    from review.model.screening import Decision, PreviousStudies
    from review.model.search import Search
    from review.model.seed import Seed
    from review.model.signature import Attestation, Signature
    from review.model.vocabulary import Vocabulary

T = TypeVar("T")
M = TypeVar("M", bound=Model)

MAX_JSON_BYTES = 64_000_000
MAX_CSV_BYTES = 64_000_000


class Disk:
    """Durable single-file operations."""

    def write(self, path: Path, data: bytes) -> None:
        """Replace a file's content: all of it or nothing, and on disk when this returns."""
        self._make_folder(path.parent)
        part = path.with_name(f".{path.name}.part")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        self._sync_folder(path.parent)

    def remove(self, path: Path) -> None:
        """Delete a file; one that is not there is fine."""
        path.unlink(missing_ok=True)
        self._sync_folder(path.parent)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder whose own entry is on disk too: what lies in a lost folder is lost."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        self._sync_folder(folder.parent)

    @staticmethod
    def _sync_folder(folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {repeated} is repeated")
    return value


def _no_constants(name: str) -> float:
    raise ValueError(f"found {name}, expected a finite number")


@dataclass(frozen=True)
class Outline:
    """What a quick look at an extraction needs: its reports, and how many values it holds."""

    reports: tuple[str, ...]
    values: int


class Store:
    """A review's folder: typed reading, durable writing."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self.root = root
        self.data = root / "data"
        self.disk = disk or Disk()

    def name(self, path: Path) -> str:
        """A file's name as people see it: relative to the review."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()

    # ---- reading -------------------------------------------------------------------------------

    def _bytes(self, path: Path, limit: int) -> bytes:
        links = [one for one in (path, path.parent) if one != self.root and one.is_symlink()]
        if links:
            sentence = "is a symbolic link, expected the review's own file or folder"
            raise InvalidDataError([Problem(self.name(links[-1]), 0, "", sentence)])
        try:
            size = path.stat().st_size
            if size > limit:
                sentence = f"found {size:,} bytes, expected at most {limit:,}"
                raise InvalidDataError([Problem(self.name(path), 0, "", sentence)])
            data = path.read_bytes()
        except OSError as error:
            sentence = f"can't be read: {error.strerror}"
            raise InvalidDataError([Problem(self.name(path), 0, "", sentence)]) from None
        if mark := CONFLICT.search(data):
            line = data.count(b"\n", 0, mark.start()) + 1
            sentence = (
                f"found {mark.group(1).decode()}, the mark of a merge conflict: two versions stand "
                "here; keep one and take out the marks"
            )
            raise InvalidDataError([Problem(self.name(path), line, "", sentence)])
        return data

    def _yaml(self, model: type[M], path: Path) -> M:
        name = self.name(path)
        return load(model, parse(self._bytes(path, MAX_JSON_BYTES), name), name)

    def _json(self, model: type[M], path: Path) -> M:
        from pydantic import ValidationError

        name, data = self.name(path), self._bytes(path, MAX_JSON_BYTES)
        try:
            value = json.loads(data, object_pairs_hook=_no_repeats, parse_constant=_no_constants)
        except (ValueError, RecursionError) as error:
            sentence = f"not readable as JSON: {str(error) or 'nested too deeply'}"
            raise InvalidDataError([Problem(name, 0, "", sentence)]) from None
        if isinstance(value, dict) and value.get("format") not in formats(model):
            return load(model, Document(value), name)
        try:
            return model.model_validate_json(data, strict=True)
        except ValidationError as error:
            raise InvalidDataError(problems_of(error, model, Document(value), name)) from None

    def _each(self, paths: Iterable[Path], read: Callable[[Path], T]) -> list[T]:
        """Read many files; all their problems are raised together."""
        values: list[T] = []
        problems: list[Problem] = []
        for path in paths:
            try:
                values.append(read(path))
            except InvalidDataError as error:
                problems += error.problems
        if problems:
            raise InvalidDataError(problems)
        return values

    def _files(self, folder: str, pattern: str) -> list[Path]:
        """The files of a folder; one that is there and can't be listed is no empty one.

        :raises InvalidDataError: where it is a file, or may not be read
        """
        place = self.data / folder
        try:
            os.scandir(place).close()
        except FileNotFoundError:
            return []
        except OSError as error:
            sentence = f"can't be listed: {error.strerror}"
            raise InvalidDataError([Problem(self.name(place), 0, "", sentence)]) from None
        return sorted(p for p in place.glob(pattern) if not p.name.startswith("."))

    @cached_property
    def protocol(self) -> Protocol:
        """The protocol."""
        from review.model.protocol import Protocol

        return self._yaml(Protocol, self.root / "protocol.yaml")

    def record_paths(self) -> dict[str, Path]:
        """Where each record's file stands.

        :raises InvalidDataError: where one id has two files
        """
        paths: dict[str, Path] = {}
        problems: list[Problem] = []
        for path in self._files("records", "*/*.json"):
            if path.stem in paths:
                sentence = f"the record stands here and in {self.name(paths[path.stem])}; keep one"
                problems.append(Problem(self.name(path), 0, "id", sentence))
            paths[path.stem] = path
        if problems:
            raise InvalidDataError(problems)
        return paths

    def records(self) -> dict[str, Record]:
        """All records by id, in the order of their ids."""
        from review.model.record import Record

        def read(path: Path) -> Record:
            record = self._json(Record, path)
            if record.id != path.stem:
                sentence = f"found {record.id}, expected {path.stem} as in the file's name"
                raise InvalidDataError([Problem(self.name(path), 0, "id", sentence)])
            return record

        return {r.id: r for r in self._each(self.record_paths().values(), read)}

    def volatile(self) -> dict[str, Volatile]:
        """Volatile fields by record id."""
        from review.model.record import VolatileFile

        path = self.data / "volatile.json"
        return dict(self._json(VolatileFile, path).records) if path.exists() else {}

    def searches(self, source: str | None = None) -> list[Search]:
        """Complete searches, oldest first; of one source or of all."""
        from review.model.search import Search

        def read(path: Path) -> Search:
            search = self._json(Search, path)
            if search.name != path.name:
                sentence = f"found a search named {search.name}, expected {path.name}"
                raise InvalidDataError([Problem(self.name(path), 0, "date", sentence)])
            return search

        found = self._each(self._files("searches", "*.json"), read)
        found.sort(key=lambda s: (s.date, s.source, s.run))
        return [s for s in found if source is None or s.source == source]

    def imports(self) -> list[Import]:
        """Imported files of other databases, oldest first."""
        from review.model.importing import Import

        def read(path: Path) -> Import:
            one = self._json(Import, path)
            if (one.source, one.name) != (path.parent.name, path.name):
                sentence = f"found {one.source}/{one.name}, expected the file's folder and name"
                raise InvalidDataError([Problem(self.name(path), 0, "source", sentence)])
            return one

        found = self._each(self._files("imports", "*/*.json"), read)
        return sorted(found, key=lambda one: (one.date, one.source, one.run))

    def duplicates(self) -> Duplicates | None:
        """The tool's last verdicts on pairs, if it gave any."""
        from review.model.duplicates import Duplicates

        path = self.data / "duplicates.json"
        return self._json(Duplicates, path) if path.exists() else None

    def previous(self) -> PreviousStudies:
        """Reports taken over from an earlier review."""
        from review.model.screening import PreviousStudies

        path = self.data / "previous.yaml"
        if not path.exists():
            return PreviousStudies(format=2, studies=())
        return self._yaml(PreviousStudies, path)

    def extractions(self) -> dict[str, Extraction]:
        """Extractions by study id."""
        from review.model.extraction import Extraction

        def read(path: Path) -> Extraction:
            extraction = self._yaml(Extraction, path)
            if extraction.study != path.stem:
                sentence = f"found {extraction.study}, expected {path.stem} as in the file's name"
                raise InvalidDataError([Problem(self.name(path), 0, "study", sentence)])
            return extraction

        return {e.study: e for e in self._each(self._files("extractions", "*.yaml"), read)}

    def outlines(self) -> dict[str, Outline]:
        """Extractions by study id, without validating them: `review status` answers at once.

        :raises InvalidDataError: as :meth:`extractions` does, where a file is no extraction at all
        """
        found = {}
        for path in self._files("extractions", "*.yaml"):
            value = parse(self._bytes(path, MAX_JSON_BYTES), self.name(path)).value
            try:
                lists = (
                    "sample",
                    "arms",
                    "conduct",
                    "instruments",
                    "treatments",
                    "doses",
                    "results",
                )
                values = sum(isinstance(one, dict) for one in value.values())
                values += sum(len(value.get(name) or ()) for name in lists)
                found[path.stem] = Outline(tuple(map(str, value["reports"])), values)
            except (AttributeError, KeyError, TypeError):
                self.extractions()
                raise
        return found

    def vocabulary(self) -> dict[str, Vocabulary]:
        """The vocabularies the protocol links, by file name."""
        from review.model.vocabulary import Vocabulary

        paths = [self.root / name for name in self.protocol.vocabulary]
        found = self._each(paths, lambda path: self._yaml(Vocabulary, path))
        return dict(zip(self.protocol.vocabulary, found, strict=True))

    def _named(self, model: type[M], folder: str, field: str) -> dict[str, M]:
        """The YAML files of a folder by the id they carry, which is the file's name."""

        def read(path: Path) -> M:
            value = self._yaml(model, path)
            found = getattr(value, field)
            if found != path.stem:
                sentence = f"found {found}, expected {path.stem} as in the file's name"
                if path.with_stem(found).exists():
                    sentence += f"; {self.name(path.with_stem(found))} has that id already"
                raise InvalidDataError([Problem(self.name(path), 0, field, sentence)])
            return value

        paths = self._files(folder, "*.yaml")
        return {path.stem: one for path, one in zip(paths, self._each(paths, read), strict=True)}

    def questions(self) -> dict[str, Question]:
        """Questions by id, in the protocol's order; those it does not list come last.

        :raises InvalidDataError: also where the protocol lists a question without a file
        """
        from review.model.question import Question

        found = self._named(Question, "questions", "question")
        problems = [
            Problem(
                "protocol.yaml", 0, "questions", f"found {one}, expected data/questions/{one}.yaml"
            )
            for one in self.protocol.questions
            if one not in found
        ]
        if problems:
            raise InvalidDataError(problems)
        return {name: found[name] for name in self.protocol.questions} | found

    def claims(self) -> dict[str, Claim]:
        """Claims by id.

        :raises InvalidDataError: also where a claim answers no question of the review
        """
        from review.model.claim import Claim

        claims = self._named(Claim, "claims", "claim")
        known = set(self.protocol.questions)
        problems = [
            Problem(
                f"data/claims/{name}.yaml",
                0,
                "question",
                f"found {claim.question}, expected a question of protocol.yaml",
            )
            for name, claim in claims.items()
            if claim.question not in known
        ]
        if problems:
            raise InvalidDataError(problems)
        return claims

    def seed(self) -> Seed | None:
        """The earlier review the first edition starts from, if there is one."""
        from review.model.seed import Seed

        path = self.data / "seed.yaml"
        return self._yaml(Seed, path) if path.exists() else None

    def corrections(self) -> Corrections:
        """The corrections log."""
        from review.model.edition import Corrections

        path = self.data / "corrections.yaml"
        if not path.exists():
            return Corrections(format=2, corrections=())
        return self._yaml(Corrections, path)

    def editions(self) -> list[Edition]:
        """Editions, oldest first."""
        from review.model.edition import Edition

        def read(path: Path) -> Edition:
            edition = self._json(Edition, path)
            if edition.version != path.stem:
                sentence = f"found {edition.version}, expected {path.stem} as in the file's name"
                raise InvalidDataError([Problem(self.name(path), 0, "version", sentence)])
            return edition

        found = self._each(self._files("editions", "*.json"), read)
        return sorted(found, key=lambda e: tuple(int(n) for n in e.version.split(".")))

    def last_edition(self) -> str | None:
        """The version of the last edition, by the files' names."""
        versions = [path.stem.split(".") for path in self._files("editions", "*.json")]
        known = [tuple(map(int, v)) for v in versions if len(v) == 2 and "".join(v).isdigit()]
        return "{}.{}".format(*max(known)) if known else None

    def attestations(self) -> dict[str, Attestation]:
        """Attestations of quotes by study."""
        from review.model.signature import Attestation

        def read(path: Path) -> Attestation:
            attestation = self._json(Attestation, path)
            if attestation.study != path.stem:
                sentence = f"found {attestation.study}, expected {path.stem} as in the file's name"
                raise InvalidDataError([Problem(self.name(path), 0, "study", sentence)])
            return attestation

        return {a.study: a for a in self._each(self._files("attestations", "*.json"), read)}

    def appraisals(self) -> dict[str, Appraisal]:
        """Filled and empty appraisal forms by file name."""
        from review.model.appraisal import Appraisal

        paths = self._files("appraisals", "*.yaml")
        rows = self._each(paths, lambda path: self._yaml(Appraisal, path))
        return {path.stem: one for path, one in zip(paths, rows, strict=True)}

    def signatures(self) -> dict[str, list[Signature]]:
        """People's signatures by person, in the order they were given."""
        from review.model.signature import Signature

        paths = self._files("signatures", "*.csv")
        rows = self._each(paths, lambda path: self._rows(Signature, path))
        return {path.stem: found for path, found in zip(paths, rows, strict=True)}

    def _rows(self, model: type[M], path: Path) -> list[M]:
        name = self.name(path)
        data = self._bytes(path, MAX_CSV_BYTES)
        return [row for _, row in read_rows(model, data, name)]

    def decisions(self) -> dict[str, list[Decision]]:
        """Screening decisions by reviewer, in the order they were taken."""
        from review.model.screening import Decision

        paths = self._files("screening", "*.csv")
        rows = self._each(paths, lambda path: self._rows(Decision, path))
        return {path.stem: found for path, found in zip(paths, rows, strict=True)}

    def pairs(self) -> dict[str, list[PairDecision]]:
        """People's verdicts on pairs, by reviewer."""
        from review.model.duplicates import PairDecision

        paths = self._files("pairs", "*.csv")
        rows = self._each(paths, lambda path: self._rows(PairDecision, path))
        return {path.stem: found for path, found in zip(paths, rows, strict=True)}

    def text(self, record: Record) -> str | None:
        """A record's abstract, where this machine holds the one its hash names."""
        if record.abstract is not None:
            return record.abstract
        path = self._text_path(record.id)
        if record.abstract_sha256 is None or not path.is_file():
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
        same = hashlib.sha256(text.encode()).hexdigest() == record.abstract_sha256
        return text if same else None

    def _text_path(self, record_id: str) -> Path:
        return self.data / "texts" / record_id[:8] / f"{record_id}.txt"

    def _full_text_paths(self, record_id: str, kind: TextKind) -> list[tuple[Path, Path]]:
        """Where a full text and its description may stand: the cache first, then the data."""
        ending = {"jats": "xml", "pdf": "pdf", "registry": "json"}[kind]
        name = f"{record_id}.{kind}"
        folders = (self.data / "texts" / "full", self.data / "fulltexts")
        return [(one / f"{name}.{ending}", one / f"{name}.about.json") for one in folders]

    def held_text(
        self, record_id: str, kind: TextKind | None = None
    ) -> tuple[HeldText, bytes] | None:
        """A record's full text, where this machine holds it; JATS before PDF.

        Registry records are asked for by their kind.
        """
        from review.model.fulltext import HeldText, TextKind

        for one in (kind,) if kind else (TextKind.JATS, TextKind.PDF):
            for path, about in self._full_text_paths(record_id, one):
                if not (path.is_file() and about.is_file()):
                    continue
                held = self._json(HeldText, about)
                data = path.read_bytes()
                if hashlib.sha256(data).hexdigest() == held.sha256:
                    return held, data
        return None

    def write_held_text(self, held: HeldText, data: bytes, *, committed: bool) -> None:
        """Keep a full text, and then what is known of it."""
        path, about = self._full_text_paths(held.record, held.kind)[int(committed)]
        self.write_if_changed(path, data)
        self.write_if_changed(about, canonical(held))

    def sweep(self) -> None:
        """Remove what a killed write left behind; under the lock nobody else is writing."""
        for part in self.data.rglob(".*.part"):
            self.disk.remove(part)

    # ---- writing -------------------------------------------------------------------------------

    def write_if_changed(self, path: Path, data: bytes) -> bool:
        """Write a file unless it already holds these bytes; says whether it was written."""
        if path.is_file() and path.read_bytes() == data:
            return False
        self.disk.write(path, data)
        return True

    def write_record(self, record: Record, known: dict[str, Path]) -> bool:
        """Write a record where it stands, or under its year when it is new."""
        path = known.get(record.id)
        if path is None:
            path = self.data / "records" / str(record.year or "undated") / f"{record.id}.json"
        return self.write_if_changed(path, canonical(record))

    def write_text(self, record_id: str, text: str) -> bool:
        """Keep an abstract in the git-ignored cache."""
        return self.write_if_changed(self._text_path(record_id), text.encode())

    def write_raw(self, source: str, pmid: str, data: bytes) -> bool:
        """Keep what a source answered for a record that was set aside, in the git-ignored cache."""
        path = self.data / "texts" / "odd" / f"{source}-{pmid}.xml"
        return self.write_if_changed(path, data)

    def write_volatile(self, records: dict[str, Volatile]) -> bool:
        """Write the side file of volatile fields, one line a record."""
        plain = {
            key: value.model_dump(mode="json", exclude_defaults=True)
            for key, value in sorted(records.items())
        }
        data = one_line_each({"format": FORMAT, "records": plain})
        return self.write_if_changed(self.data / "volatile.json", data)

    def write_duplicates(self, duplicates: Duplicates) -> bool:
        """Write the tool's verdicts."""
        return self.write_if_changed(self.data / "duplicates.json", canonical(duplicates))

    def write_search(self, search: Search) -> bool:
        """Write a complete search: the last write of an update."""
        path = self.data / "searches" / search.name
        if path.exists():
            raise UsageError(f"{self.name(path)}: already there; searches are never rewritten")
        return self.write_if_changed(path, canonical(search))

    def write_import(self, one: Import) -> bool:
        """Write that a file was imported: the last write of an import."""
        path = self.data / "imports" / one.source / one.name
        if path.exists():
            raise UsageError(f"{self.name(path)}: already there; imports are never rewritten")
        return self.write_if_changed(path, canonical(one))

    def write_attestation(self, attestation: Attestation) -> bool:
        """Write that a study's quotes stand in their texts."""
        path = self.data / "attestations" / f"{attestation.study}.json"
        return self.write_if_changed(path, canonical(attestation))

    def write_edition(self, edition: Edition) -> Path:
        """Write an edition; one that was released is never rewritten."""
        path, data = self.data / "editions" / f"{edition.version}.json", canonical(edition)
        if path.exists() and path.read_bytes() != data:
            raise UsageError(f"{self.name(path)}: already there; editions are never rewritten")
        self.write_if_changed(path, data)
        return path

    def write_draft(self, study: str, text: str) -> bool:
        """Create an extraction draft; a file that exists is a person's and stays as it is."""
        path = self.data / "extractions" / f"{study}.yaml"
        if path.exists():
            return False
        self.disk.write(path, text.encode())
        return True

    def append_rows(self, folder: str, reviewer: str, rows: list[M]) -> Path:
        """Append rows to a reviewer's CSV file; what stands there is never touched."""
        path = self.data / folder / f"{reviewer}.csv"
        before = self._bytes(path, MAX_CSV_BYTES) if path.exists() else b""
        if before and not before.endswith(b"\n"):
            before += b"\n"
        self.disk.write(path, before + write_rows(rows, header=not before))
        return path

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """The one lock of the review.

        :raises LockedError: at once, when another process holds it
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.root / ".review.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise LockedError(
                f"{self.root}: another update is running (.review.lock); wait for it to end"
            ) from None
        except OSError as error:
            raise UsageError(f"{self.root}: can't be written: {error.strerror}") from None
        try:
            yield
        finally:
            lock.release()


def one_line_each(value: dict[str, Any]) -> bytes:
    """The volatile file: a line a record, so that a month's diff can be read."""
    lines = [
        f"    {json.dumps(key)}: {json.dumps(one, ensure_ascii=False)}"
        for key, one in value["records"].items()
    ]
    inside = "{\n" + ",\n".join(lines) + "\n  }" if lines else "{}"
    head = "".join(f'  "{k}": {json.dumps(v)},\n' for k, v in value.items() if k != "records")
    return f'{{\n{head}  "records": {inside}\n}}\n'.encode()


def write_rows(rows: list[M], *, header: bool) -> bytes:
    """CSV of models: one column a field, in model order, UTF-8, no null but the empty cell.

    :raises UsageError: for a control character
    """
    if not rows:
        return b""
    columns = list(type(rows[0]).model_fields)
    cells = [list(row.model_dump(mode="json").values()) for row in rows]
    kind = type(rows[0]).__name__.lower()
    return data_csv(columns, cells, kind=kind, header=header).encode()


def read_rows(model: type[M], data: bytes, name: str) -> list[tuple[int, M]]:
    """Rows of a CSV file with their line numbers; every bad row is reported.

    :raises InvalidDataError: for a wrong header, encoding or value
    """

    def fail(line: int, field: str, sentence: str) -> InvalidDataError:
        return InvalidDataError([Problem(name, line, field, sentence)])

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise fail(line, "", f"found byte 0x{data[error.start]:02x}, expected UTF-8 text") from None
    if "\0" in text:
        raise fail(text[: text.index("\0")].count("\n") + 1, "", "found a NUL byte, expected text")
    columns = list(model.model_fields)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, M]] = []
    problems: list[Problem] = []
    try:
        header = next(reader, None)
        if header is None:
            raise fail(1, "", f"found an empty file, expected the columns {','.join(columns)}")
        if header != columns:
            found = ",".join(header)[:80]
            older = "; run: review migrate" if header == columns[: len(header)] else ""
            raise fail(1, "", f"found the columns {found}, expected {','.join(columns)}{older}")
        for cells in reader:
            line = reader.line_num
            if not cells:
                continue
            if len(cells) != len(columns):
                sentence = f"found {len(cells)} cells, expected {len(columns)}"
                problems.append(Problem(name, line, "", sentence))
                continue
            value = {k: v for k, v in zip(columns, cells, strict=True) if v != ""}
            lines: dict[tuple[str | int, ...], int] = {(): line}
            try:
                rows.append((line, load(model, Document(value, lines), name)))
            except InvalidDataError as error:
                problems += error.problems
    except csv.Error as error:
        raise fail(reader.line_num, "", f"not readable as CSV: {error}") from None
    if problems:
        raise InvalidDataError(problems)
    return rows
