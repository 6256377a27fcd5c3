"""Sources: each module here speaks to one kind of database.

A source module has ``KIND``, ``check(source) -> list[tuple[str, str]]`` (faults of a strategy,
before anything is sent) and ``run(source, held, ...) -> Harvest``. A new file in this folder is
found by its ``kind``; packages outside may add an entry point ``review.sources``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module, metadata, util
from types import ModuleType

from review.ground.errors import UsageError
from review.model.parsed import ParsedRecord
from review.model.search import LineResult


@dataclass(frozen=True)
class Harvest:
    """What a source gave in one complete run, its counts already proven to add up."""

    lines: tuple[LineResult, ...]
    count: int
    listed: tuple[str, ...]
    """PMIDs the search found, in the platform's order."""
    records: Mapping[str, ParsedRecord]
    """Records by PMID: those found and those held."""
    missing: tuple[str, ...]
    """Asked for by PMID and not delivered."""
    odd: Mapping[str, str] = field(default_factory=dict)
    """PMIDs that are answered with something that can't be taken, and why."""
    parameters: dict[str, str] = field(default_factory=dict)


Progress = Callable[[int, int, str], None]
"""Says how far long work has come: done, total, what."""


def quiet(_done: int, _total: int, _what: str) -> None:
    """A progress report nobody watches."""


def source_module(kind: str) -> ModuleType:
    """The module that speaks to a kind of source.

    :raises UsageError: where there is none
    """
    if kind.isidentifier() and util.find_spec(f"review.searching.sources.{kind}"):
        module = import_module(f"review.searching.sources.{kind}")
        if getattr(module, "KIND", None) == kind:
            return module
    for entry in metadata.entry_points(group="review.sources"):
        if entry.name == kind:
            loaded = entry.load()
            if isinstance(loaded, ModuleType):
                return loaded
    here = "review/searching/sources"
    raise UsageError(f"protocol.yaml: sources: no module {here}/{kind}.py for kind {kind}")
