"""One file of the review as a model: its bytes within bounds, its YAML or JSON read strictly."""

from __future__ import annotations

import json
import os
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any, TypeVar

from review.ground.errors import InvalidDataError, Problem
from review.ground.json import JsonError, parse_json
from review.ground.printable import printable
from review.ground.spreadsheet import CONFLICT
from review.ground.yaml import Document, parse
from review.model.base import Model, formats, load, problems_of

M = TypeVar("M", bound=Model)

MAX_BYTES = 64_000_000
LONGEST_TARGET = 200
"""Characters that are shown of where a link leads."""


def name_of(path: Path, root: Path) -> str:
    """A file's name as people see it: relative to the review."""
    return path.as_posix().removeprefix(f"{root.as_posix()}/")


def link_problem(path: Path, root: Path) -> Problem:
    """What is said of a symbolic link: where it leads, from the review's folder."""
    target = os.path.relpath(path.parent / path.readlink(), root)
    sentence = (
        f"is a symbolic link to {printable(target)[:LONGEST_TARGET]}, expected the review's own "
        "file or folder"
    )
    return Problem(name_of(path, root), 0, "", sentence)


def ignored(name: str) -> bool:
    """Names that belong to people and programs beside the review, and hide nothing of it."""
    return name.startswith((".", "README", "LICENSE")) or name.endswith("~")


def file_bytes(path: Path, root: Path) -> bytes:
    """What a file of the review holds.

    :raises InvalidDataError: where it can't be read, is a symbolic link, is over ``MAX_BYTES`` or
        holds the mark of a merge conflict
    """
    for one in (path.parent, path):
        if os.path.islink(one) and one != root:  # noqa: PTH114 (half the time, for every file)
            raise InvalidDataError([link_problem(one, root)])
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _problem(path, root, f"found {size:,} bytes, expected at most {MAX_BYTES:,}")
        data = path.read_bytes()
    except OSError as error:
        raise _problem(path, root, f"can't be read: {error.strerror}") from None
    # Nearly no file holds these signs, and without them the slower look is not worth it.
    if (b"<<<<<<< " in data or b">>>>>>> " in data) and (mark := CONFLICT.search(data)):
        line = data.count(b"\n", 0, mark.start()) + 1
        sentence = (
            f"found {mark.group(1).decode()}, the mark of a merge conflict: two versions stand "
            "here; keep one and take out the marks"
        )
        raise _problem(path, root, sentence, line)
    return data


def _problem(path: Path, root: Path, sentence: str, line: int = 0) -> InvalidDataError:
    return InvalidDataError([Problem(name_of(path, root), line, "", sentence)])


def read_document(model: type[M], path: Path, root: Path) -> M:
    """A YAML or JSON file, by its ending.

    :raises InvalidDataError: with every fault that validation finds
    """
    return (read_yaml if path.suffix == ".yaml" else read_json)(model, path, root)


def yaml_document(path: Path, root: Path) -> Document:
    """A YAML file, parsed and not validated.

    :raises InvalidDataError: where it is no YAML, or not of the strict kind
    """
    return parse(file_bytes(path, root), name_of(path, root))


def read_yaml(model: type[M], path: Path, root: Path) -> M:
    """A YAML file as its model.

    :raises InvalidDataError: with every fault that validation finds
    """
    return load(model, yaml_document(path, root), name_of(path, root))


def read_json(model: type[M], path: Path, root: Path) -> M:
    """A JSON file as its model; no key stands twice, and every number is finite.

    :raises InvalidDataError: with every fault that validation finds
    """
    from pydantic import ValidationError

    name, data = name_of(path, root), file_bytes(path, root)
    try:
        value = parse_json(data)
    except JsonError as error:
        raise _problem(path, root, error.sentence, error.line) from None
    if isinstance(value, dict) and value.get("format") not in formats(model):
        return load(model, Document(value), name)
    try:
        return model.model_validate_json(data.removeprefix(BOM_UTF8), strict=True)
    except ValidationError as error:
        raise InvalidDataError(problems_of(error, model, Document(value), name)) from None


def one_line_each(value: dict[str, Any]) -> bytes:
    """The volatile file: a line a record, so that a month's diff can be read."""
    lines = [
        f"    {json.dumps(key)}: {json.dumps(one, ensure_ascii=False)}"
        for key, one in value["records"].items()
    ]
    inside = "{\n" + ",\n".join(lines) + "\n  }" if lines else "{}"
    head = "".join(f'  "{k}": {json.dumps(v)},\n' for k, v in value.items() if k != "records")
    return f'{{\n{head}  "records": {inside}\n}}\n'.encode()
