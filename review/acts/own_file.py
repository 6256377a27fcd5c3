"""The file that one person owns, and rows at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from review.files import kinds
from review.files.change import Write, fingerprint
from review.files.row_bytes import append_rows
from review.files.rows import read_rows
from review.files.snapshot import Snapshot
from review.model.base import Model

M = TypeVar("M", bound=Model)
Folder = Literal["screening", "notices", "pairs", "signatures"]
KINDS: Mapping[Folder, kinds.Kind[Any]] = {
    "screening": kinds.DECISIONS,
    "notices": kinds.NOTICES,
    "pairs": kinds.PAIRS,
    "signatures": kinds.SIGNATURES,
}


@dataclass(frozen=True)
class OwnFile:
    """A person's CSV file as an act finds it.

    Read before everything else that the act looks at: rows that come in meanwhile are then seen
    when the change is written.

    :ivar before: its bytes; None where there is none yet
    :ivar rows: what stands there
    """

    name: str
    before: bytes | None
    rows: tuple[Model, ...] = ()

    @classmethod
    def of(cls, snapshot: Snapshot, folder: Folder, person: str) -> OwnFile:
        """The file of a person whom the protocol knows.

        :raises InvalidDataError: where it can't be read as the person's rows: nothing is put behind
            what may swallow it
        """
        name = f"data/{folder}/{person}.csv"
        before = snapshot.bytes_of(name)
        rows = read_rows(KINDS[folder].model, before, name) if before is not None else []
        return cls(name, before, tuple(row for _, row in rows))

    def rows_of(self, model: type[M]) -> list[M]:
        """The rows that stand in it, as rows of their model."""
        return [row for row in self.rows if isinstance(row, model)]

    def with_rows(self, rows: Sequence[Model]) -> tuple[Write, ...]:
        """The file with rows at its end; nothing to write where there are none.

        :raises UsageError: for a control character, which would break the file for good
        """
        if not rows:
            return ()
        return (Write(self.name, fingerprint(self.before), append_rows(self.before or b"", rows)),)
