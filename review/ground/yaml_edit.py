"""Edits of a YAML file that a person keeps: one span of it is written anew, no other byte moves.

Comments, quotes, ``null``, line ends, a byte order mark and the layout of lists stay as they stand:
loading a file and dumping it would lay most of them out anew. Each edit is proved: what the strict
reader (:mod:`review.ground.yaml`) reads afterwards is what it read before plus the change, or the
edit is refused with one line.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

import yaml

from review.ground.errors import InvalidDataError, Problem
from review.ground.yaml import Path, composed, parse

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_REST = re.compile("(?:[ \t]+#[^\r\n\x85\u2028\u2029]*|[ \t]*)(?=[\r\n\x85\u2028\u2029]|\\Z)")
"""What may stand behind a value on its line: a comment, or nothing."""
_PLAIN = re.compile("[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*")
"""Text that needs no quotes, wherever it stands."""
_KEYWORDS = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])
"""Words that some reader takes for another value than text."""


def replaced(data: bytes, name: str, path: Path, value: Any) -> bytes:
    """A file in which one value is another.

    :param data: the file's bytes
    :param name: its path inside the review, for messages
    :param path: where the value stands: keys, and places in lists from 0
    :param value: what JSON can hold
    :raises InvalidDataError: for a file that is no plain YAML, a value that is not there, a comment
        that would be lost
    """
    file = _File(data, name)
    node = file.node(path)
    if _exact(_at(file.value, path)) == _exact(value):
        return data
    start, end = node.start_mark.index, file.end_of(node)
    if file.comments_between(node, start, end):
        raise file.refused(path, "a comment stands inside it")
    gap = " " if start == end else ""  # an empty value stands right behind what leads to it
    text = f"{file.text[:start]}{gap}{file.laid_out_like(node, value)}{file.text[end:]}"
    return file.proved(text, path, _put(file.value, path, value))


def appended(data: bytes, name: str, path: Path, item: Any) -> bytes:
    """A file in which a list has one item more, at its end.

    :param path: where the list stands
    :raises InvalidDataError: as :func:`replaced` does, and where no list stands there
    """
    file = _File(data, name)
    node = file.node(path)
    if not isinstance(node, yaml.SequenceNode):
        raise file.refused(path, "expected a list")
    last = node.value[-1] if node.value else None
    if node.flow_style:
        text = file.in_flow(node, last, _flow(item))
    else:
        in_flow = isinstance(last, yaml.CollectionNode) and last.flow_style
        lines = [f"- {_flow(item)}"] if in_flow else _block([item], indentless=file.indentless)
        text = file.below(path, last or node, node.start_mark.column, lines)
    return file.proved(text, path, _put(file.value, path, [*_at(file.value, path), item]))


def inserted(
    data: bytes, name: str, path: Path, key: str, value: Any, *, after: Sequence[str] = ()
) -> bytes:
    """A file in which a mapping has one key more.

    :param path: where the mapping stands
    :param after: keys behind whose value it is put: the first that is there; else at the end
    :raises InvalidDataError: as :func:`replaced` does, where no mapping stands there, or it has the
        key already
    """
    file = _File(data, name)
    node = file.node(path)
    if not isinstance(node, yaml.MappingNode):
        raise file.refused(path, "expected a mapping")
    held = {one.value: behind for one, behind in node.value}
    if key in held:
        raise file.refused((*path, key), "it is there already")
    last = next((held[one] for one in after if one in held), None)
    if last is None and held:
        last = node.value[-1][1]
    if node.flow_style:
        text = file.in_flow(node, last, f"{_flow(key)}: {_flow(value)}")
    else:
        beside = [one for one in held.values() if isinstance(one, yaml.SequenceNode)]
        in_flow = beside[0].flow_style if beside and isinstance(value, list) else False
        lines = _block({key: value}, indentless=file.indentless)
        lines = [f"{_flow(key)}: {_flow(value)}"] if in_flow else lines
        text = file.below(path, last or node, node.start_mark.column, lines)
    return file.proved(text, path, _put(file.value, path, {**_at(file.value, path), key: value}))


def removed(data: bytes, name: str, path: Path) -> bytes:
    """A file without one item of a list, or without one key of a mapping and its value.

    :param path: where it stands
    :raises InvalidDataError: as :func:`replaced` does, and where it is the only one of a block,
        which is taken out with its key
    """
    file = _File(data, name)
    *above, step = path
    parent, node = file.node(tuple(above)), file.node(path)
    if not isinstance(parent, yaml.CollectionNode):
        raise file.refused(path, "there is no such value")
    pairs = [part if isinstance(part, tuple) else (part, part) for part in parent.value]
    spans = [(first.start_mark.index, file.end_of(last)) for first, last in pairs]
    at = next(number for number, (_, last) in enumerate(pairs) if last is node)
    if parent.flow_style:
        start, end = _flow_cut(spans, at)
    elif len(spans) == 1:
        raise file.refused(path, "it is the only one there")
    else:
        start, end = file.lines_of(path, spans[at])
    if file.comments_between(node, spans[at][0], spans[at][1]) or "#" in (
        file.text[start : spans[at][0]] + file.text[spans[at][1] : end]
    ):
        raise file.refused(path, "a comment stands in it")
    expected = deepcopy(file.value)
    del _at(expected, tuple(above))[step]
    return file.proved(file.text[:start] + file.text[end:], path, expected)


def _flow_cut(spans: Sequence[tuple[int, int]], at: int) -> tuple[int, int]:
    """The characters of one part of ``[…]`` or ``{…}``, with the comma on one side of it."""
    if at + 1 < len(spans):
        return spans[at][0], spans[at + 1][0]
    return (spans[at - 1][1] if at else spans[at][0]), spans[at][1]


# ---- a file and where its values stand -----------------------------------------------------------


class _File:
    """A file that is edited.

    :ivar text: its characters, without the byte order mark
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.document = parse(data, name)
        self.value = self.document.value
        self.mark = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
        self.text = data.decode("utf-8-sig")
        self.root = composed(self.text)

    def refused(self, path: Path, why: str) -> InvalidDataError:
        """The one line of an edit that is not made."""
        field = ".".join(map(str, path))
        sentence = f"can't be changed where it stands ({why}); nothing was written, edit it by hand"
        return InvalidDataError([Problem(self.name, self.document.line(path), field, sentence)])

    def node(self, path: Path) -> yaml.Node:
        """What stands at a place."""
        at = self.root
        for step in path:
            found: yaml.Node | None = None
            if isinstance(at, yaml.MappingNode):
                found = next((value for key, value in at.value if key.value == step), None)
            elif isinstance(at, yaml.SequenceNode) and isinstance(step, int):
                found = at.value[step] if 0 <= step < len(at.value) else None
            at = found
        if at is None:
            raise self.refused(path, "there is no such value")
        return at

    def end_of(self, node: yaml.Node) -> int:
        """Where a value ends, without the comments and empty lines before the next one.

        The parser ends a block where the next thing starts.
        """
        if isinstance(node, yaml.ScalarNode):
            span = self.text[node.start_mark.index : node.end_mark.index]
            folded = node.style in ("|", ">")
            return node.start_mark.index + len(span.rstrip("\r\n") if folded else span)
        if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        return self.end_of(last[1] if isinstance(last, tuple) else last)

    def comments_between(self, node: yaml.Node, start: int, end: int) -> bool:
        """Whether a comment stands in a span, between the words and numbers of a value."""
        at = start
        for leaf in _leaves(node):
            begins = leaf.start_mark.index
            header = self.text[begins : self.end_of(leaf)].partition("\n")[0]
            if "#" in self.text[at:begins] or (leaf.style in ("|", ">") and "#" in header):
                return True
            at = self.end_of(leaf)
        return "#" in self.text[at:end]

    @property
    def line_end(self) -> str:
        """How the lines of this file end."""
        first = _BREAK.search(self.text)
        return first[0] if first else "\n"

    @property
    def indentless(self) -> bool:
        """Whether the lists of this file start under their key, not to the right of it."""
        for node in _nodes(self.root):
            for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
                if isinstance(value, yaml.SequenceNode) and not value.flow_style:
                    return bool(value.start_mark.column == key.start_mark.column)
        return False

    def laid_out_like(self, node: yaml.Node, value: Any) -> str:
        """A value as one that stands there is laid out: its quotes, in one line or in a block."""
        if isinstance(node, yaml.ScalarNode):
            return _scalar(value, node.style) if _is_scalar(value) else _flow(value)
        if isinstance(node, yaml.CollectionNode) and node.flow_style:
            return _flow(value)
        lines = _block(value, indentless=self.indentless)
        return f"{self.line_end}{' ' * node.start_mark.column}".join(lines)

    def in_flow(self, node: yaml.Node, last: yaml.Node | None, words: str) -> str:
        """The text with words behind the last part of ``[…]`` or ``{…}``."""
        at = node.start_mark.index + 1 if last is None else self.end_of(last)
        return f"{self.text[:at]}{'' if last is None else ', '}{words}{self.text[at:]}"

    def below(self, path: Path, node: yaml.Node, column: int, lines: Sequence[str]) -> str:
        """The text with lines below the one on which a value ends."""
        rest = _REST.match(self.text, self.end_of(node))
        if rest is None:
            raise self.refused(path, "something else stands behind it on its line")
        indented = [f"{' ' * column}{line}" for line in lines]
        at = rest.end()
        if (end := _BREAK.match(self.text, at)) is not None:
            more = "".join(f"{line}{end[0]}" for line in indented)
            return f"{self.text[: end.end()]}{more}{self.text[end.end() :]}"
        return self.text + "".join(f"{self.line_end}{line}" for line in indented)

    def lines_of(self, path: Path, span: tuple[int, int]) -> tuple[int, int]:
        """The whole lines on which a part of a block stands, and nothing else."""
        start, rest = span[0], _REST.match(self.text, span[1])
        while start and self.text[start - 1] not in "\r\n":
            start -= 1
        alone = self.text[start : span[0]].strip() in ("", "-")
        if rest is None or not alone:
            raise self.refused(path, "something else stands on its line")
        end = _BREAK.match(self.text, rest.end())
        return start, end.end() if end else rest.end()

    def proved(self, text: str, path: Path, expected: Any) -> bytes:
        """The bytes of a text that says what is expected and nothing else."""
        why = "what is read then is not what was meant"
        try:
            after = self.mark + text.encode()
            if _exact(parse(after, self.name).value) == _exact(expected):
                return after
        except (UnicodeEncodeError, InvalidDataError):
            why = "what stands there then can't be read"
        raise self.refused(path, why)


def _nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """A node and all inside it, keys too, in the order of the text."""
    if node is None:
        return
    yield node
    for one in node.value if isinstance(node, yaml.CollectionNode) else ():
        for part in one if isinstance(one, tuple) else (one,):
            yield from _nodes(part)


def _leaves(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    return (one for one in _nodes(node) if isinstance(one, yaml.ScalarNode))


# ---- values --------------------------------------------------------------------------------------


def _exact(value: Any) -> str:
    """A value in which 1, 1.0, true and "1" differ, and the order of a mapping does not count."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True)


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _put(whole: Any, path: Path, value: Any) -> Any:
    """The plain value of a file with another one at a place."""
    if not path:
        return value
    made = deepcopy(whole)
    _at(made, path[:-1])[path[-1]] = value
    return made


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list | tuple)


def _scalar(value: Any, style: str | None = None) -> str:
    """A scalar as the strict reader reads it back.

    :param style: the quotes of the one it is written over
    """
    if not isinstance(value, str):
        return json.dumps(value)
    if not style and _PLAIN.fullmatch(value) and value.lower() not in _KEYWORDS:
        return value
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in quoted)


def _flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_flow(key)}: {_flow(one)}' for key, one in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _block(value: Any, *, indentless: bool) -> list[str]:
    """A value as a block: its lines, the first column left out.

    :param indentless: lists start under their key
    """
    lines: list[str] = []
    if isinstance(value, dict) and value:
        for key, one in value.items():
            first, *rest = _block(one, indentless=indentless)
            if _is_scalar(one) or not one:
                lines.append(f"{_flow(key)}: {first}")
                continue
            shift = "" if indentless and not isinstance(one, dict) else "  "
            lines += [f"{_flow(key)}:", *(f"{shift}{line}" for line in (first, *rest))]
    elif isinstance(value, list | tuple) and value:
        for one in value:
            first, *rest = _block(one, indentless=indentless)
            lines += [f"- {first}", *(f"  {line}" for line in rest)]
    return lines or [_flow(value)]
