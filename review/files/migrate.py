"""Migrate: bring a review's files from an older data format to this program's.

Each step is a function from one file's plain value to the next format's. Format 0 never held a
real review; its step shows and tests the way.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from review.files.documents import one_line_each
from review.files.kinds import DECISIONS, SIGNATURES
from review.files.store import Store
from review.ground.errors import InvalidDataError, Problem
from review.ground.json import JsonError, parse_json
from review.ground.spreadsheet import SheetError, decoded, rows
from review.ground.yaml import parse
from review.model.base import FORMAT, NEWER, Model


def _from_0(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """Format 0 wrote a record's ``languages`` where format 1 writes ``language``."""
    moved = {**value, "format": 1}
    if kind == "records" and "languages" in moved:
        moved = {("language" if k == "languages" else k): v for k, v in moved.items()}
    return moved


def _from_1(_kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """Format 2 of previous.yaml knows the route ``background``, that of corrections.yaml removals
    of searches, signatures and editions; what format 1 says means the same.
    """
    return {**value, "format": 2}


STEPS: dict[int, Callable[[str, dict[str, Any]], dict[str, Any]]] = {0: _from_0, 1: _from_1}
MOVED = {"previous": 2, "corrections": 2}
"""Kinds of file whose format is not the common one."""
KEPT = ("editions", "searches", "imports")
"""Never rewritten: editions name the hash of each, and a hash that had to be followed from an old
one to a new one could be led anywhere. Their models read every format there was."""


def newest(kind: str) -> int:
    """The format of a kind of file that this program writes."""
    return MOVED.get(kind, FORMAT)


def _version(value: Any, name: str, expected: int) -> int:
    version = value.get("format") if isinstance(value, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise InvalidDataError([Problem(name, 0, "format", "missing, expected a whole number")])
    if version > expected:
        sentence = f"found format {version}, expected at most {expected} {NEWER}"
        raise InvalidDataError([Problem(name, 0, "format", sentence)])
    return version


def _bytes(kind: str, value: dict[str, Any]) -> bytes:
    """A file as the store writes it, so that the next update's diff shows no mere layout."""
    if kind == "volatile":
        return one_line_each(value)
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


FIRST_COLUMNS = {"signatures": 5, "screening": 9}
"""Rows of people whose files got columns since, and how many columns they had at first."""


def _json_moved(store: Store, path: Path) -> bytes | None:
    """A JSON file in this program's format; None where it is so already, or never rewritten."""
    kind = path.relative_to(store.data).parts[0].removesuffix(".json")
    if kind in KEPT:
        return None
    try:
        value = parse_json(path.read_bytes())
    except JsonError as error:
        raise InvalidDataError([Problem(store.name(path), 0, "", error.sentence)]) from None
    version = _version(value, store.name(path), newest(kind))
    if version == newest(kind):
        return None
    while version < newest(kind):
        value = STEPS[version](kind, value)
        version += 1
    return _bytes(kind, value)


def _yaml_moved(store: Store, path: Path) -> bytes | None:
    """A YAML file with another ``format:`` line; None where it is right already."""
    name, data = store.name(path), path.read_bytes()
    expected = newest(path.stem if path.parent == store.data else "")
    version = _version(parse(data, name).value, name, expected)
    if version == expected:
        return None
    pattern = rb"(?m)^format:[ \t]*%d[ \t]*$" % version
    moved, changes = re.subn(pattern, b"format: %d" % expected, data, count=1)
    if changes != 1:
        sentence = f"expected the line format: {version}, to set it to {expected} by hand"
        raise InvalidDataError([Problem(name, 0, "format", sentence)])
    return moved


def _rows_moved(store: Store, path: Path) -> bytes | None:
    """A person's rows with the columns that came later, empty; not a byte of a row changes but its
    end. None where they have them already, or are no such rows.
    """
    folder, data = path.parent.name, path.read_bytes().removeprefix(BOM_UTF8)
    model: type[Model] = SIGNATURES.model if folder == "signatures" else DECISIONS.model
    columns, lines = list(model.model_fields), data.splitlines(keepends=True)
    held = lines[0].decode("utf-8", "replace").strip("\r\n").split(",") if lines else []
    if not FIRST_COLUMNS[folder] <= len(held) < len(columns):
        return None
    if held != columns[: len(held)]:
        return None
    missing = columns[len(held) :]
    try:
        starts = [line for line, _ in rows(decoded(data))]
    except SheetError as error:
        problem = Problem(store.name(path), error.line, "", error.sentence)
        raise InvalidDataError([problem]) from None
    for last in (*(line - 2 for line in starts[1:]), len(lines) - 1):  # a cell may hold line breaks
        row = lines[last].rstrip(b"\r\n")
        end = "".join(f",{name}" for name in missing) if last == 0 else "," * len(missing)
        lines[last] = row + (end.encode() if row else b"") + b"\n"
    return b"".join(lines)


def _ours(store: Store, path: Path) -> bool:
    """Whether a JSON file is one of this program's, and no text that a service gave."""
    of_texts = path.relative_to(store.data).parts[0] in ("texts", "fulltexts")
    return not of_texts or path.name.endswith(".about.json")


def migrate(store: Store, *, dry_run: bool = False) -> list[str]:
    """Move every file of a review to this program's format.

    All files are read and moved in memory first; one that can't be stops the run before anything
    is written. YAML files belong to people: only their ``format:`` line is changed here, and a
    step that needs more in them says what to edit.

    :returns: the names of the files that changed (or would)
    :raises InvalidDataError: with what is wrong with every file that can't be moved
    """
    with nullcontext() if dry_run else store.lock():  # what a killed act left is completed first
        planned = _planned(store)
        for path, data in () if dry_run else planned:
            store.disk.write(path, data)
    return [store.name(path) for path, _ in planned]


def _planned(store: Store) -> list[tuple[Path, bytes]]:
    """The files that move, and what is to stand in them.

    :raises InvalidDataError: with what is wrong with every file that can't be moved
    """
    tasks: list[tuple[Callable[[Store, Path], bytes | None], list[Path]]] = [
        (_json_moved, [one for one in sorted(store.data.rglob("*.json")) if _ours(store, one)]),
        (_yaml_moved, sorted([store.root / "protocol.yaml", *store.data.rglob("*.yaml")])),
        *((_rows_moved, sorted((store.data / folder).glob("*.csv"))) for folder in FIRST_COLUMNS),
    ]
    planned: list[tuple[Path, bytes]] = []
    problems: list[Problem] = []
    for move, paths in tasks:
        for path in paths:
            try:
                moved = move(store, path)
            except InvalidDataError as error:
                problems += error.problems
                continue
            if moved is not None:
                planned.append((path, moved))
    if problems:
        raise InvalidDataError(problems)
    return planned
