"""The one YAML reader: what a person typed is what the program sees.

PyYAML's C loader with YAML 1.1's surprises taken out: no aliases (and so no bombs), no repeated
keys, ``NO`` stays text, ``1:30`` stays text, dates stay text, ``0123`` stays text. Line numbers
are kept so that an error can name the line.
"""

from __future__ import annotations

import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from review.ground.errors import InvalidDataError, Problem
from review.ground.printable import control
from review.ground.yaml_words import hidden_end, hidden_text, told

MAX_BYTES = 4_000_000
"""A hand-written file is never larger; what is, is refused before it is parsed."""
MAX_DEPTH = 40

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A parsed file: its plain value and the line (from 1) of every field.

    :ivar lines: lines that are known already
    :ivar text: YAML to look lines up in when one is asked for, which is when something is wrong
    """

    value: Any
    lines: Mapping[Path, int] = field(default_factory=dict)
    text: str | None = None

    @cached_property
    def _known(self) -> Mapping[Path, int]:
        return self.lines if self.text is None else _lines_of(self.text)

    def line(self, path: Path) -> int:
        """The line of a field, or of the nearest field around it."""
        while path not in self._known and path:
            path = path[:-1]
        return self._known.get(path, 1)


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?|-?(0|[1-9][0-9]*)[eE][-+]?[0-9]+")
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ["str", "int", "float", "bool", "null", "seq", "map", "timestamp", "merge", "value"]
}
_NAMED = {"": None, "~": None, "null": None, "true": True, "false": False}
_NO_WORD = frozenset(["", *"~tfn-0123456789"])
"""How a plain scalar starts that may be anything but text; the letters, one with a name alone."""
_LETTERS = frozenset("tfn")


def _scalar(event: ScalarEvent) -> str | int | float | bool | None:
    """YAML 1.2 core schema for plain scalars; quoted and block text is always text."""
    text: str = event.value
    if event.style in ("'", '"', "|", ">"):
        return text
    first = text[:1]
    if first not in _NO_WORD:
        return text  # most values: a word
    if text in _NAMED:
        return _NAMED[text]
    if first in _LETTERS:
        return text
    if _INT.fullmatch(text) and len(text) < 19:
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def loader_line(event: Any) -> int:
    """The line (from 1) on which an event starts."""
    return int(event.start_mark.line) + 1


class _Reading:
    """One document, built from the parser's events as they come: a bomb never grows."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self._loader = _Loader(text)

    def fail(self, line: int, sentence: str, where: str = "") -> InvalidDataError:
        return InvalidDataError([Problem(self.name, line, where, sentence)])

    def document(self) -> Any:
        """The plain value of the one document; None where there is none.

        :raises yaml.YAMLError: what the parser can't read
        """
        try:
            self._loader.get_event()  # the stream's start
            event = self._loader.get_event()
            if isinstance(event, yaml.StreamEndEvent):
                return None
            value = self._node(self._loader.get_event(), 0)
            self._loader.get_event()  # the document's end
            event = self._loader.get_event()
            if not isinstance(event, yaml.StreamEndEvent):
                sentence = "not readable as YAML: found another document, expected one in a file"
                raise self.fail(loader_line(event), sentence)
            return value
        finally:
            self._loader.dispose()

    def _node(self, event: Any, depth: int) -> Any:
        kind = type(event)
        if kind is ScalarEvent and not (event.anchor or event.tag) and event.value.isprintable():
            return _scalar(event)  # nearly all of them
        if kind is AliasEvent or event.anchor:
            sentence = "found a YAML alias or anchor (& or *), expected the value written out"
            raise self.fail(loader_line(event), sentence)
        if event.tag and event.tag != "!" and event.tag not in _PLAIN_TAGS:
            sentence = (
                f"found the tag {event.tag}, expected a text that begins with ! in quotation marks"
            )
            raise self.fail(loader_line(event), sentence)
        if kind is ScalarEvent:
            if not event.value.isprintable() and (sign := control(event.value, "\t\n")) is not None:
                sentence = f"found the control character U+{ord(sign):04X}, expected text"
                raise self.fail(loader_line(event), sentence)
            return _scalar(event)
        if depth >= MAX_DEPTH:
            raise self.fail(loader_line(event), f"nested over {MAX_DEPTH} levels")
        return self._list(depth) if kind is SequenceStartEvent else self._mapping(depth)

    def _list(self, depth: int) -> list[Any]:
        values: list[Any] = []
        next_event, node = self._loader.get_event, self._node
        while type(event := next_event()) is not SequenceEndEvent:
            values.append(node(event, depth + 1))
        return values

    def _mapping(self, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        next_event, node = self._loader.get_event, self._node
        while (kind := type(event := next_event())) is not MappingEndEvent:
            if kind is AliasEvent or event.anchor:
                sentence = "found a YAML alias or anchor (& or *), expected the value written out"
                raise self.fail(loader_line(event), sentence)
            if kind is not ScalarEvent:
                sentence = "found a list or mapping as a key, expected text"
                raise self.fail(loader_line(event), sentence)
            key = event.value
            if not key.isascii() or key == "<<":
                self._plain_key(event)
            if key in values:
                sentence = f"the key {key} stands here and on line {lines[key]}; keep one"
                raise self.fail(loader_line(event), sentence, key)
            lines[key] = event.start_mark.line + 1  # not the event: thousands of them would be kept
            values[key] = node(next_event(), depth + 1)
        return values

    def _plain_key(self, event: Any) -> None:
        """Refuse a key that looks like another one, or pulls in another mapping."""
        if event.value == "<<" and not event.style:
            sentence = "found the merge key <<, expected the values written out"
            raise self.fail(loader_line(event), sentence)
        for sign in event.value:
            if sign != " " and unicodedata.category(sign) in ("Zs", "Cf", "Cc"):
                sentence = (
                    f"found the unseen sign U+{ord(sign):04X} in a key, expected spaces alone"
                )
                raise self.fail(loader_line(event), sentence)


def composed(text: str) -> yaml.Node | None:
    """The nodes of a text that :func:`parse` has read, with their marks; None where it is empty."""
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return node


def _lines_of(text: str) -> dict[Path, int]:
    """The line of every field of a text that :func:`parse` has read."""
    lines: dict[Path, int] = {}

    def walk(node: yaml.Node | None, path: Path) -> None:
        if node is None:
            return
        lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                walk(child, (*path, index))
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                lines[(*path, key.value)] = key.start_mark.line + 1
                walk(value, (*path, key.value))

    walk(composed(text), ())
    return lines


def parse(data: bytes, name: str) -> Document:
    """Read one YAML document strictly.

    :param data: the file's bytes (UTF-8; a byte order mark is tolerated)
    :param name: the file's path inside the review, for messages
    :raises InvalidDataError: for anything that is not plain, unambiguous YAML
    """

    def fail(line: int, sentence: str) -> InvalidDataError:
        return InvalidDataError([Problem(name, line, "", sentence)])

    if len(data) > MAX_BYTES:
        raise fail(
            0, f"found {len(data):,} bytes, expected at most {MAX_BYTES:,} in a hand-written file"
        )
    plain = data.removeprefix(BOM_UTF8)
    try:
        text = plain.decode()
    except UnicodeDecodeError as error:
        if plain.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise fail(1, "found UTF-16, expected UTF-8 text: save the file as UTF-8") from None
        line = plain[: error.start].count(b"\n") + 1
        sentence = (
            f"found byte 0x{plain[error.start]:02x}, expected UTF-8 text: save the file as UTF-8"
        )
        raise fail(line, sentence) from None
    if plain.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")):
        raise fail(1, "found a file of an office program, expected plain text saved as UTF-8")
    if (end := hidden_end(text)) is not None:
        raise fail(*end)
    try:
        found = Document(_Reading(text, name).document(), text=text)
    except yaml.YAMLError as error:
        raise fail(*told(error, text)) from None
    except ValueError:
        raise fail(1, "not readable as YAML: a value can't be converted") from None
    if (lost := hidden_text(text)) is not None:
        raise fail(*lost)
    return found
