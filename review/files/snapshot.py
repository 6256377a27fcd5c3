"""A review's files as they stood at one instant: each is read once, every fault of every file kept.

Whoever shows, judges or grades takes a snapshot; whoever writes takes the store. A file that can't
be read hides no other: :meth:`Snapshot.problems` names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from review.files import kinds
from review.files.kinds import Kind
from review.files.reading import Reader
from review.ground.errors import InvalidDataError, Problem
from review.model.base import NEWER, Model

if TYPE_CHECKING:
    from review.model.protocol import Protocol

T = TypeVar("T")
M = TypeVar("M", bound=Model)
Stamp = tuple[int, ...] | None


class Unread(frozenset[str]):
    """Names of files that are there and can't be used; all, where a folder can't be listed."""

    everything = False

    def __contains__(self, name: object) -> bool:
        return self.everything or super().__contains__(name)

    def __bool__(self) -> bool:
        return self.everything or bool(len(self))


@dataclass(frozen=True)
class Names:
    """Names that lead somewhere: to what was read, or to a file that is there and can't be."""

    read: Container[str]
    unread: Unread

    def __contains__(self, name: object) -> bool:
        return name in self.read or name in self.unread


@dataclass(frozen=True)
class Held:
    """A file as it was read.

    :ivar stamp: size, times of change and place on the disk before it was read; None: not known
    :ivar value: its model, or its rows; None where it can't be used
    """

    stamp: Stamp
    value: Any
    faults: tuple[Problem, ...] = ()


@dataclass
class _Read:
    """What was read so far, shared by a snapshot and its partial view."""

    held: dict[tuple[Kind[Any], Path], Held] = field(default_factory=dict)
    paths: dict[Kind[Any], list[Path]] = field(default_factory=dict)
    faults: list[Problem] = field(default_factory=list)
    unlisted: set[Kind[Any]] = field(default_factory=set)


class Snapshot(Reader):
    """A review's folder, read once: nothing before it is asked for, nothing twice.

    A method that meets a fault raises ``InvalidDataError`` with every fault met so far; those of
    the view that :meth:`partial` gives leave the faulty file out.

    :param before: a snapshot of the same folder, whose files are taken over where size, time of
        change and inode are those of then; for readers that live long
    """

    def __init__(self, root: Path, before: Snapshot | None = None) -> None:
        super().__init__(root)
        known = before._read.held if before is not None and before.root == root else {}
        self._before: dict[tuple[Kind[Any], Path], Held] = known
        self._read: _Read = _Read()
        self._lenient = False

    def partial(self) -> Snapshot:
        """The same snapshot for who can live with what can be read, and tells the rest."""
        view = copy(self)
        view._lenient = True
        return view

    # ---- what the reading methods stand on -----------------------------------------------------

    def _files(self, kind: Kind[M]) -> list[Path]:
        if kind not in self._read.paths:
            try:
                self._read.paths[kind] = super()._files(kind)
            except InvalidDataError as error:
                self._read.paths[kind] = []
                self._read.unlisted.add(kind)
                self._met(error.problems)
        return self._read.paths[kind]

    def _each(
        self, kind: Kind[M], paths: Iterable[Path], read: Callable[[Path], T]
    ) -> dict[Path, T]:
        held = {path: self._once(kind, path, read) for path in paths}
        self._met(fault for one in held.values() for fault in one.faults)
        return {path: one.value for path, one in held.items() if not one.faults}

    def _once(self, kind: Kind[M], path: Path, read: Callable[[Path], T]) -> Held:
        key = (kind, path)
        if key not in self._read.held:
            stamp = _stamp(path)
            known = self._before.get(key)
            if known is None or known.faults or stamp is None or known.stamp != stamp:
                try:
                    known = Held(stamp, read(path))
                except InvalidDataError as error:
                    known = Held(stamp, None, tuple(error.problems))
            self._read.held[key] = known
        return self._read.held[key]

    def _misfits(self, problems: Iterable[Problem]) -> None:
        self._met(problems)

    def _met(self, problems: Iterable[Problem]) -> None:
        """Keep faults; raise those of the whole snapshot, but in its partial view."""
        if met := list(problems):
            self._read.faults += met
            if not self._lenient:
                self.require()

    # ---- what can't be used --------------------------------------------------------------------

    @property
    def readable_protocol(self) -> Protocol | None:
        """The protocol, or None where it can't be used."""
        return self.partial()._only(kinds.PROTOCOL)

    @property
    def protocol(self) -> Protocol:
        """The protocol.

        :raises InvalidDataError: where it can't be used; nothing else is known then
        """
        found = self.readable_protocol
        if found is None:
            self.require()
        return cast("Protocol", found)

    def _hidden(self, kind: Kind[M]) -> bool:
        return kind in self._read.unlisted

    def unread(self, *of_kinds: Kind[Any]) -> Unread:
        """The names, without ending, of files of some kinds that are there and can't be used."""
        names = Unread(
            path.stem
            for (kind, path), one in self._read.held.items()
            if one.faults and kind in of_kinds
        )
        names.everything = any(self._hidden(kind) for kind in of_kinds)
        return names

    def names(self, kind: Kind[Any], read: Container[str]) -> Names:
        """The names that lead to a file of a kind.

        :param read: those of the files that could be read
        """
        return Names(read, self.unread(kind))

    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with single files, of every kind, by their names."""
        self.read_all()
        return tuple(sorted(set(self._read.faults)))

    def read_all(self) -> None:
        """Read every file of the review that was not read yet, whatever is wrong with it."""
        view = self.partial()
        for read in (
            view.volatile,
            view.records,
            view.duplicates,
            view.decisions,
            view.previous,
            view.notices,
            view.pairs,
            view.searches,
            view.imports,
            view.extractions,
            view.appraisals,
            view.seed,
            view.signatures,
            view.attestations,
            view.editions,
            view.corrections,
        ):
            read()
        if view.readable_protocol is not None:
            view.vocabulary()
            view.questions()
            view.claims()

    def require(self) -> None:
        """Refuse to go on with files that can't be used.

        :raises InvalidDataError: with every fault of every file read so far; with one alone where a
            newer program wrote them, of which every file would say the same
        """
        faults = sorted(set(self._read.faults))
        if newer := [fault for fault in faults if fault.sentence.endswith(NEWER)]:
            raise InvalidDataError(newer[-1:])  # the protocol's, where it is among them
        if faults:
            raise InvalidDataError(faults)


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev
