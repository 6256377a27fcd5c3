"""A review's files as they stood at one instant: each is read once, every fault of every file kept.

Whoever shows, judges or grades takes a snapshot; whoever writes takes the store. A file that can't
be read hides no other: what was read is given, what was not is named in :meth:`Snapshot.problems`
and :meth:`Snapshot.unread`, and :meth:`Snapshot.require` refuses to go on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from review.files import kinds
from review.files.kinds import Kind
from review.files.reading import Reader
from review.ground.errors import InvalidDataError, Problem
from review.model.base import Model

if TYPE_CHECKING:
    from review.model.protocol import Protocol

T = TypeVar("T")
M = TypeVar("M", bound=Model)
Stamp = tuple[int, int, int] | None


@dataclass(frozen=True)
class Held:
    """A file as it was read.

    :ivar stamp: size, time of change and inode before it was read; None where it could not be asked
    :ivar value: its model, or its rows; None where it can't be used
    """

    stamp: Stamp
    value: Any
    faults: tuple[Problem, ...] = ()


class Snapshot(Reader):
    """A review's folder, read once.

    Nothing is read before it is asked for, and nothing twice. No reading method raises but
    :attr:`protocol`: a file with a fault is left out of what they give.

    :param before: a snapshot of the same folder, whose files are taken over where size, time of
        change and inode are those of then; for readers that live long
    """

    def __init__(self, root: Path, before: Snapshot | None = None) -> None:
        super().__init__(root)
        self._before = before._held if before is not None and before.root == root else {}
        self._held: dict[tuple[Kind[Any], Path], Held] = {}
        self._paths: dict[Kind[Any], list[Path]] = {}
        self._faults: list[Problem] = []
        self.unlisted = False
        """whether a folder could not be listed: what lies in it is not known by name either"""

    # ---- what the reading methods stand on -----------------------------------------------------

    def _files(self, kind: Kind[M]) -> list[Path]:
        if kind not in self._paths:
            try:
                self._paths[kind] = super()._files(kind)
            except InvalidDataError as error:
                self._paths[kind] = []
                self._faults += error.problems
                self.unlisted = True
        return self._paths[kind]

    def _each(
        self, kind: Kind[M], paths: Iterable[Path], read: Callable[[Path], T]
    ) -> dict[Path, T]:
        held = {path: self._once(kind, path, read) for path in paths}
        return {path: one.value for path, one in held.items() if not one.faults}

    def _once(self, kind: Kind[M], path: Path, read: Callable[[Path], T]) -> Held:
        key = (kind, path)
        if key not in self._held:
            stamp = _stamp(path)
            known = self._before.get(key)
            if known is None or stamp is None or known.stamp != stamp:
                try:
                    known = Held(stamp, read(path))
                except InvalidDataError as error:
                    known = Held(stamp, None, tuple(error.problems))
            self._held[key] = known
            self._faults += known.faults
        return self._held[key]

    def _misfits(self, problems: Iterable[Problem]) -> None:
        self._faults += [one for one in problems if one not in self._faults]

    # ---- what can't be used --------------------------------------------------------------------

    @property
    def readable_protocol(self) -> Protocol | None:
        """The protocol, or None where it can't be used."""
        return self._only(kinds.PROTOCOL)

    @property
    def protocol(self) -> Protocol:
        """The protocol.

        :raises InvalidDataError: where it can't be used; nothing else is known then
        """
        found = self.readable_protocol
        if found is None:
            path = self.root / "protocol.yaml"
            raise InvalidDataError(self._once(kinds.PROTOCOL, path, self._missing).faults)
        return found

    def _missing(self, path: Path) -> Any:
        return kinds.PROTOCOL.read(path, self.root)

    def unread(self, *of_kinds: Kind[Any]) -> frozenset[str]:
        """The names, without ending, of files of some kinds that are there and can't be used."""
        return frozenset(
            path.stem for (kind, path), one in self._held.items() if one.faults and kind in of_kinds
        )

    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with single files, of every kind, by their names."""
        self.read_all()
        return tuple(sorted(set(self._faults)))

    def read_all(self) -> None:
        """Read every file of the review that was not read yet."""
        for read in (
            self.volatile,
            self.records,
            self.duplicates,
            self.decisions,
            self.previous,
            self.pairs,
            self.searches,
            self.imports,
            self.extractions,
            self.appraisals,
            self.seed,
            self.signatures,
            self.attestations,
            self.editions,
            self.corrections,
        ):
            read()
        if self.readable_protocol is not None:
            self.vocabulary()
            self.questions()
            self.claims()

    def require(self) -> None:
        """Refuse to go on with files that can't be used.

        :raises InvalidDataError: with every fault of every file read so far
        """
        if self._faults:
            raise InvalidDataError(sorted(set(self._faults)))


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ino
