"""Migrate: bring a review's files from an older data format to this program's.

Each step is a function from one file's plain value to the next format's. Format 0 never held a
real review; its step shows and tests the way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from review.errors import InvalidDataError, Problem, ReviewError
from review.model.base import FORMAT, NEWER
from review.store import Store, one_line_each
from review.strict_yaml import parse


def _from_0(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """Format 0 wrote a record's ``languages`` where format 1 writes ``language``."""
    moved = {**value, "format": 1}
    if kind == "records" and "languages" in moved:
        moved = {("language" if k == "languages" else k): v for k, v in moved.items()}
    return moved


STEPS: dict[int, Callable[[str, dict[str, Any]], dict[str, Any]]] = {0: _from_0}


def _version(value: Any, name: str) -> int:
    version = value.get("format") if isinstance(value, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise InvalidDataError([Problem(name, 0, "format", "missing, expected a whole number")])
    if version > FORMAT:
        sentence = f"found format {version}, expected at most {FORMAT} {NEWER}"
        raise InvalidDataError([Problem(name, 0, "format", sentence)])
    return version


def _bytes(kind: str, value: dict[str, Any]) -> bytes:
    """A file as the store writes it, so that the next update's diff shows no mere layout."""
    if kind == "volatile":
        return one_line_each(value)
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def migrate(store: Store, *, dry_run: bool = False) -> list[str]:
    """Move every file of a review to this program's format.

    All files are read and moved in memory first; one that can't be stops the run before anything
    is written. YAML files belong to people: only their ``format:`` line is changed here, and a
    step that needs more in them says what to edit.

    :returns: the names of the files that changed (or would)
    """
    planned: list[tuple[Path, bytes]] = []
    problems: list[Problem] = []
    for path in sorted(store.data.rglob("*.json")):
        name = store.name(path)
        kind = path.relative_to(store.data).parts[0].removesuffix(".json")
        try:
            value = json.loads(path.read_bytes())
            version = _version(value, name)
            if version == FORMAT:
                continue
            while version < FORMAT:
                value = STEPS[version](kind, value)
                version += 1
        except InvalidDataError as error:
            problems += error.problems
        except ValueError as error:
            problems.append(Problem(name, 0, "", f"not readable as JSON: {error}"))
        else:
            planned.append((path, _bytes(kind, value)))
    for path in sorted([store.root / "protocol.yaml", *store.data.rglob("*.yaml")]):
        name, data = store.name(path), path.read_bytes()
        try:
            version = _version(parse(data, name).value, name)
        except ReviewError as error:
            problems += getattr(error, "problems", ())
            continue
        if version < FORMAT:
            pattern = rb"(?m)^format:[ \t]*%d[ \t]*$" % version
            moved, changes = re.subn(pattern, b"format: %d" % FORMAT, data, count=1)
            if changes != 1:
                sentence = f"expected the line format: {version}, to set it to {FORMAT} by hand"
                problems.append(Problem(name, 0, "format", sentence))
                continue
            planned.append((path, moved))
    if problems:
        raise InvalidDataError(problems)
    if not dry_run:
        with store.lock():
            for path, data in planned:
                store.disk.write(path, data)
    return [store.name(path) for path, _ in planned]
