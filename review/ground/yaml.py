"""The one YAML reader: what a person typed is what the program sees.

PyYAML's C loader with YAML 1.1's surprises taken out: no aliases (and so no bombs), no repeated
keys, ``NO`` stays text, ``1:30`` stays text, dates stay text, ``0123`` stays text. Line numbers
are kept so that an error can name the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from review.ground.errors import InvalidDataError, Problem
from review.ground.printable import control

MAX_BYTES = 4_000_000
"""A hand-written file is never larger; what is, is refused before it is parsed."""
MAX_DEPTH = 40

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A parsed YAML file: its plain value and the line (from 1) of every field."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of a field, or of the nearest field around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?|-?(0|[1-9][0-9]*)[eE][-+]?[0-9]+")
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ["str", "int", "float", "bool", "null", "seq", "map", "timestamp", "merge", "value"]
}
_NULL = {"", "~", "null"}
_BOOL = {"true": True, "false": False}


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    """YAML 1.2 core schema for plain scalars; quoted and block text is always text."""
    text: str = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text) and len(text) < 19:
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def loader_line(event: Any) -> int:
    """The line (from 1) on which an event starts."""
    return int(event.start_mark.line) + 1


def parse(data: bytes, name: str) -> Document:  # noqa: C901, PLR0915
    """Read one YAML document strictly.

    :param data: the file's bytes (UTF-8; a byte order mark is tolerated)
    :param name: the file's path inside the review, for messages
    :raises InvalidDataError: for anything that is not plain, unambiguous YAML
    """

    def fail(line: int, sentence: str, where: str = "") -> InvalidDataError:
        return InvalidDataError([Problem(name, line, where, sentence)])

    if len(data) > MAX_BYTES:
        raise fail(
            0, f"found {len(data):,} bytes, expected at most {MAX_BYTES:,} in a hand-written file"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise fail(line, f"found byte 0x{data[error.start]:02x}, expected UTF-8 text") from None
    lines: dict[Path, int] = {}
    try:
        loader = _Loader(text)
        try:
            # Aliases are refused on the events, before a tree is composed: a bomb never grows.
            depth = 0
            while not loader.check_event(yaml.StreamEndEvent):
                event = loader.get_event()
                if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                    raise fail(
                        loader_line(event),
                        "found a YAML alias or anchor (& or *), expected the value written out",
                    )
                if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                    depth += 1
                    if depth > MAX_DEPTH:
                        raise fail(loader_line(event), f"nested over {MAX_DEPTH} levels")
                elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                    depth -= 1
        finally:
            loader.dispose()
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise fail(mark.line + 1 if mark else 1, f"not readable as YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise fail(1, f"not readable as YAML: {str(error).splitlines()[0]}") from None
    except ValueError:
        raise fail(1, "not readable as YAML: a value can't be converted") from None

    def build(node: yaml.Node, path: Path) -> Any:
        lines.setdefault(path, node.start_mark.line + 1)
        if node.tag not in _PLAIN_TAGS:
            raise fail(node.start_mark.line + 1, f"found the tag {node.tag}, expected plain YAML")
        if isinstance(node, yaml.ScalarNode):
            if not node.value.isprintable() and (sign := control(node.value, "\t\n")) is not None:
                sentence = f"found the control character U+{ord(sign):04X}, expected text"
                raise fail(node.start_mark.line + 1, sentence)
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [build(child, (*path, i)) for i, child in enumerate(node.value)]
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise fail(line, "found a list or mapping as a key, expected text")
            key = key_node.value
            if key in mapping:
                first = lines[(*path, key)]
                raise fail(line, f"the key {key} stands here and on line {first}; keep one", key)
            lines[(*path, key)] = line
            mapping[key] = build(value_node, (*path, key))
        return mapping

    return Document(build(node, ()) if node is not None else None, lines)
