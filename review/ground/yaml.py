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


def parse(data: bytes, name: str) -> Document:
    """Read one YAML document strictly.

    :param data: the file's bytes (UTF-8; a byte order mark is tolerated)
    :param name: the file's path inside the review, for messages
    :raises InvalidDataError: for anything that is not plain, unambiguous YAML
    """
    if len(data) > MAX_BYTES:
        sentence = (
            f"found {len(data):,} bytes, expected at most {MAX_BYTES:,} in a hand-written file"
        )
        raise _fault(name, 0, sentence)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        sentence = f"found byte 0x{data[error.start]:02x}, expected UTF-8 text"
        raise _fault(name, line, sentence) from None
    try:
        _refuse_aliases(text, name)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise _fault(name, line, f"not readable as YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise _fault(name, 1, f"not readable as YAML: {str(error).splitlines()[0]}") from None
    except ValueError:
        raise _fault(name, 1, "not readable as YAML: a value can't be converted") from None
    lines: dict[Path, int] = {}
    return Document(_value(node, (), lines, name) if node is not None else None, lines)


def _fault(name: str, line: int, sentence: str, where: str = "") -> InvalidDataError:
    return InvalidDataError([Problem(name, line, where, sentence)])


def _refuse_aliases(text: str, name: str) -> None:
    """Refuse aliases and deep nests on the events, before a tree is composed: no bomb grows."""
    loader = _Loader(text)
    depth = 0
    try:
        while not loader.check_event(yaml.StreamEndEvent):
            event = loader.get_event()
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                sentence = "found a YAML alias or anchor (& or *), expected the value written out"
                raise _fault(name, loader_line(event), sentence)
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise _fault(name, loader_line(event), f"nested over {MAX_DEPTH} levels")
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                depth -= 1
    finally:
        loader.dispose()


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], name: str) -> Any:
    """A node as a plain value; the line of every field goes into ``lines``."""
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if node.tag not in _PLAIN_TAGS:
        raise _fault(name, line, f"found the tag {node.tag}, expected plain YAML")
    if isinstance(node, yaml.ScalarNode):
        if not node.value.isprintable() and (sign := control(node.value, "\t\n")) is not None:
            sentence = f"found the control character U+{ord(sign):04X}, expected text"
            raise _fault(name, line, sentence)
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, i), lines, name) for i, child in enumerate(node.value)]
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise _fault(name, line, "found a list or mapping as a key, expected text")
        key = key_node.value
        if key in mapping:
            sentence = f"the key {key} stands here and on line {lines[(*path, key)]}; keep one"
            raise _fault(name, line, sentence, key)
        lines[(*path, key)] = line
        mapping[key] = _value(value_node, (*path, key), lines, name)
    return mapping
