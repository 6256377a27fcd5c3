"""The review's files: the only reader and writer of ``data/``.

Every write is durable (:mod:`review.files.disk`); who writes holds the lock.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from review.files.disk import Disk
from review.files.documents import file_bytes, one_line_each
from review.files.lock import lock
from review.files.reading import Reader
from review.files.rows import write_rows
from review.files.snapshot import Snapshot
from review.files.texts import abstract_path, full_text_paths, odd_name
from review.ground.errors import UsageError
from review.model.base import FORMAT, Model, canonical

if TYPE_CHECKING:
    from review.model.duplicates import Duplicates
    from review.model.edition import Edition
    from review.model.fulltext import HeldText
    from review.model.importing import Import
    from review.model.record import Record, Volatile
    from review.model.search import Search
    from review.model.signature import Attestation

M = TypeVar("M", bound=Model)


class Store(Reader):
    """A review's folder: typed reading, durable writing."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        super().__init__(root)
        self.disk = disk or Disk()

    def snapshot(self) -> Snapshot:
        """The files as they stand now, each read once."""
        return Snapshot(self.root)

    def lock(self) -> AbstractContextManager[None]:
        """The one lock of the review.

        :raises LockedError: at once, when another process holds it
        """
        return lock(self.root)

    def sweep(self) -> None:
        """Remove what a killed write left behind; under the lock nobody else is writing."""
        for part in self.data.rglob(".*.part"):
            self.disk.remove(part)

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
        return self.write_if_changed(abstract_path(self.root, record_id), text.encode())

    def write_held_text(self, held: HeldText, data: bytes, *, committed: bool) -> None:
        """Keep a full text, and then what is known of it."""
        path, about = full_text_paths(self.root, held.record, held.kind)[int(committed)]
        self.write_if_changed(path, data)
        self.write_if_changed(about, canonical(held))

    def write_raw(self, source: str, number: str, data: bytes) -> bool:
        """Keep what a source answered for a record that was set aside, in the git-ignored cache."""
        return self.write_if_changed(self.data / "texts" / "odd" / odd_name(source, number), data)

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

    def write_import(self, report: Import) -> bool:
        """Write that a file was imported: the last write of an import."""
        path = self.data / "imports" / report.source / report.name
        if path.exists():
            raise UsageError(f"{self.name(path)}: already there; imports are never rewritten")
        return self.write_if_changed(path, canonical(report))

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
        before = file_bytes(path, self.root) if path.exists() else b""
        if before and not before.endswith(b"\n"):
            before += b"\n"
        self.disk.write(path, before + write_rows(rows, header=not before))
        return path
