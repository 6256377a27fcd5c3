"""Sources: each module here speaks to one kind of database.

A source is a module as :class:`Source` says. A new file in this folder is found by its ``kind``;
packages outside may add an entry point ``review.sources``.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module, metadata, util
from types import ModuleType
from typing import NamedTuple, Protocol, cast

from review.ground.errors import ReviewError, SourceError, UsageError
from review.ground.printable import printable
from review.model import protocol
from review.model.parsed import ParsedRecord
from review.model.record import Record
from review.model.search import LineResult

LONGEST = 300
"""Characters of a module's own message that are told."""
PUBMED = "pubmed"
"""The name of PubMed's numbers, whoever lists them; no other source and no import is called so."""


class RecordKey(NamedTuple):
    """What a source calls a record: whose number it is, and the number.

    The source is ``pubmed`` where the number is a PMID, whoever lists it. Else it is the source's
    ``id`` in the protocol, never its kind: two sources of one kind number their records apart.
    """

    source: str
    accession: str

    def __str__(self) -> str:
        name = "PMID" if self.source == PUBMED else self.source
        return f"{name} {printable(self.accession)}"

    @property
    def pmid(self) -> str | None:
        """The accession, where it is a PMID."""
        return self.accession if self.source == PUBMED else None


def keys_of(record: Record) -> tuple[RecordKey, ...]:
    """The keys by which sources may know a record that the review holds."""
    own = [RecordKey(PUBMED, record.pmid)] if record.pmid else []
    if record.accession and record.source != PUBMED:
        own.append(RecordKey(record.source, record.accession))
    return tuple(own)


def held_ids(
    records: Iterable[Record], source: protocol.Source, imported: Container[str] = ()
) -> dict[RecordKey, tuple[str, ...]]:
    """The ids of the records that a source keeps up to date, by its key: for PubMed all that have a
    PMID, for another source those it gave that have none. So no two sources write one record.

    :param imported: records that an import brought: their numbers are none of a source's
    :returns: for each key the id that is kept up to date (``pmid-N`` where there is one), then any
        other of the same key, which nobody keeps: a fault of the review's files
    """
    found: dict[RecordKey, list[str]] = {}
    for one in records:
        for key in keys_of(one):
            own = key.source == source.id and not one.pmid and one.id not in imported
            if (source.kind == PUBMED) if key.pmid else own:
                found.setdefault(key, []).append(one.id)
    return {
        key: tuple(sorted(ids, key=lambda one: (one != f"pmid-{key.pmid}", one)))
        for key, ids in found.items()
    }


def held_keys(
    records: Iterable[Record], source: protocol.Source, imported: Container[str] = ()
) -> dict[RecordKey, str]:
    """The record of each key that a source keeps up to date; see :func:`held_ids`."""
    return {key: ids[0] for key, ids in held_ids(records, source, imported).items()}


@dataclass(frozen=True)
class Harvest:
    """What a source gave in one complete run, its counts already proven to add up."""

    lines: tuple[LineResult, ...]
    count: int
    listed: tuple[RecordKey, ...]
    """What the search found, in the platform's order."""
    records: Mapping[RecordKey, ParsedRecord]
    """Answers: those found and those held."""
    missing: tuple[RecordKey, ...]
    """Asked for and not delivered."""
    odd: Mapping[RecordKey, str] = field(default_factory=dict)
    """What is answered with something that can't be taken, and why."""
    parameters: dict[str, str] = field(default_factory=dict)


Progress = Callable[[int, int, str], None]
"""Says how far long work has come: done, total, what."""


def quiet(_done: int, _total: int, _what: str) -> None:
    """A progress report nobody watches."""


class Source(Protocol):
    """A kind of database: a module of this folder, or of a package outside."""

    KIND: str
    """what the protocol's ``kind`` calls it"""

    def check(self, source: protocol.Source) -> list[tuple[str, str]]:
        """Faults of a source's strategy as (field, sentence), before anything is sent."""

    def run(
        self,
        source: protocol.Source,
        held: Sequence[RecordKey],
        *,
        contact: str,
        progress: Progress,
        say: Callable[[str], None],
    ) -> Harvest:
        """Run the whole strategy, and ask again for every record the review holds of it.

        :param held: keys of the review's records, found by this search or not
        :param contact: the address that services ask for
        :raises SourceError: when anything failed or does not add up; nothing partial is returned
        """


class GivesRaw(Protocol):
    """A source that can give its answer as it came, for a person to look at."""

    def raw(
        self, keys: Sequence[RecordKey], *, contact: str, say: Callable[[str], None]
    ) -> dict[RecordKey, bytes]:
        """What the source answers for some records, byte by byte.

        :raises SourceError: when it can't be asked
        """


@contextmanager
def boundary(source: str) -> Iterator[None]:
    """Around every call of a source's module, which may be anybody's: whatever goes wrong in it
    fails this source, is told in one line, and stops no other source.

    :param source: id of the source
    :raises SourceError: for an exception that the module did not mean to raise
    """
    try:
        yield
    except ReviewError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {printable(str(error))[:LONGEST]}"
        raise SourceError(f"{source}: its module failed: {what}") from error


def source_module(kind: str) -> Source:
    """The module that speaks to a kind of source.

    :raises UsageError: where there is none
    :raises Exception: whatever a module raises that can't be loaded
    """
    if kind.isidentifier() and util.find_spec(f"review.searching.sources.{kind}"):
        module = import_module(f"review.searching.sources.{kind}")
        if getattr(module, "KIND", None) == kind:
            return cast(Source, module)
    for entry in metadata.entry_points(group="review.sources"):
        if entry.name == kind:
            loaded = entry.load()
            if isinstance(loaded, ModuleType):
                return cast(Source, loaded)
    here = "review/searching/sources"
    raise UsageError(f"protocol.yaml: sources: no module {here}/{kind}.py for kind {kind}")
