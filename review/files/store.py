"""The review's files: the only reader and writer of ``data/``.

Every write is durable (:mod:`review.files.disk`); who writes holds the lock. What a person does to
the review (decisions, verdicts, signatures, editions) is written by :mod:`review.files.change`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from review.files.change import INTENT, complete, together
from review.files.disk import Disk
from review.files.documents import one_line_each
from review.files.lock import Lock
from review.files.outputs import sweep_parts
from review.files.reading import Reader
from review.files.snapshot import Snapshot
from review.files.texts import abstract_path, full_text_paths, odd_name
from review.ground.errors import UsageError
from review.model.base import FORMAT, canonical

if TYPE_CHECKING:
    from review.model.duplicates import Duplicates
    from review.model.fulltext import HeldText
    from review.model.importing import Import
    from review.model.record import Record, Volatile
    from review.model.search import Search
    from review.model.signature import Attestation


class Store(Reader):
    """A review's folder: typed reading, durable writing."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        super().__init__(root)
        self.disk = disk or Disk()

    def snapshot(self) -> Snapshot:
        """The files as they stand now, each read once."""
        return Snapshot(self.root)

    @cached_property
    def _lock(self) -> Lock:
        return Lock(self.root)

    @contextmanager
    def lock(self, wait: float = 0.0) -> Iterator[None]:
        """The one lock of the review; who takes it first completes what a killed act left.

        :param wait: seconds that another process is given to let it go
        :raises LockedError: when another process holds it
        :raises InvalidDataError: where a file that a killed act was to write was edited since
        """
        with self._lock.held(wait) as taken:
            if taken:
                complete(self.root, self.disk)
            yield

    def sweep(self) -> None:
        """Remove what a killed write left behind; under the lock nobody else is writing."""
        for memo in ("status.json", "since.json"):
            sweep_parts(self.root / "build" / memo)
        for part in (*self.data.rglob(".*.part"), *self.root.glob(f".{INTENT}.part")):
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

    def write_searches(
        self, searches: Sequence[Search], duplicates: Duplicates | None = None
    ) -> list[str]:
        """Write a run's complete searches and the verdicts on duplicates: the last writes of an
        update, all of them or none.

        :returns: what was written, without folders and endings
        :raises UsageError: where a search is there already
        """
        wanted = {self.data / "searches" / one.name: canonical(one) for one in searches}
        for path in wanted:
            if path.exists():
                raise UsageError(f"{self.name(path)}: already there; searches are never rewritten")
        verdicts = self.data / "duplicates.json"
        if duplicates is not None:
            data = canonical(duplicates)
            if not verdicts.is_file() or verdicts.read_bytes() != data:
                wanted = {verdicts: data, **wanted}
        together(self.root, self.disk, {self.name(path): wanted[path] for path in wanted})
        return [path.stem for path in wanted]

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

    def write_draft(self, study: str, text: str) -> bool:
        """Create an extraction draft; a file that exists is a person's and stays as it is."""
        path = self.data / "extractions" / f"{study}.yaml"
        if path.exists():
            return False
        self.disk.write(path, text.encode())
        return True
