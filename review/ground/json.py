"""JSON, read strictly: the one reader of the program, of its own files and of what others send."""

from __future__ import annotations

import json
import math
import re
from codecs import BOM_UTF8
from typing import Any

from review.ground.printable import printable

_HALVES = re.compile(r"\\u[dD][89a-fA-F]")
"""How JSON writes halves of characters, whole pairs among them."""
_SURROGATE = re.compile("[\ud800-\udfff]")
LONGEST = 80
"""Characters of what Python's reader says of a fault."""


class JsonError(ValueError):
    """Why a text is no JSON that says one thing.

    :ivar line: where that shows, from 1; 0 where it is not known
    :ivar sentence: what was found, in one line
    """

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.sentence = line, sentence


def parse_json(data: str | bytes) -> Any:
    """One JSON value. No key stands twice, each number is finite, and no character is half of one.

    :param data: bytes are UTF-8, with or without its mark
    :raises JsonError: for anything else
    """
    text = _utf8(data) if isinstance(data, bytes) else data
    try:
        value = json.loads(
            text, object_pairs_hook=_no_repeats, parse_constant=_no_constant, parse_float=_finite
        )
    except RecursionError:
        raise JsonError(0, "not readable as JSON: nested too deeply") from None
    except ValueError as error:
        why = f"not readable as JSON: {str(error)[:LONGEST]}"
        raise JsonError(getattr(error, "lineno", 0), why) from None
    if _HALVES.search(text) and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise JsonError(0, "found half of a character (a lone surrogate), expected text")
    return value


def _utf8(data: bytes) -> str:
    plain = data.removeprefix(BOM_UTF8)
    try:
        return plain.decode()
    except UnicodeDecodeError as error:
        line = plain.count(b"\n", 0, error.start) + 1
        found = f"found byte 0x{plain[error.start]:02x}, expected UTF-8"
        raise JsonError(line, f"not readable as JSON: {found}") from None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {printable(repeated)[:40]} is repeated")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"found {name}, expected a finite number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"found {digits[:20]}, expected a finite number")
    return value
