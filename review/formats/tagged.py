"""Tagged text: one reader for RIS, MEDLINE, NoteExpress, Refer and RefWorks.

The libraries that read RIS and MEDLINE were measured to lose records, lines and fields in silence
(docs/decisions/0011); the shape is simple enough to be read whole and strictly here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from review.formats.entry import FormatError
from review.ground.printable import spaced


@dataclass
class Tagged:
    """A record's fields by tag, in the order of the file, and the line it starts on."""

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *tags: str) -> str | None:
        """The first value of the first of some tags that has one, its lines joined."""
        for tag in tags:
            for value in self.fields.get(tag, ()):
                if found := spaced(value):
                    return found
        return None

    def each(self, *tags: str) -> list[str]:
        """All values of some tags."""
        return [v for tag in tags for one in self.fields.get(tag, ()) if (v := spaced(one))]


@dataclass(frozen=True)
class Shape:
    """How a tagged format is written.

    :ivar tag: matches a line that starts a field: tag, then its text
    :ivar start: the tag that starts a record
    :ivar loose: what a damaged start line still looks like; such a line is refused, never read as
        a part of the record before it
    :ivar end: the tag that ends a record, where the format has one
    :ivar prose: tags of running text: a line of it may look like a field that stands already
    :ivar once: tags that a second time in one record mean that a start was lost
    :ivar upper: tags are the same in small letters
    :ivar known: whether a line that looks like a field is one
    """

    name: str
    tag: re.Pattern[str]
    start: str
    loose: re.Pattern[str]
    end: str | None = None
    prose: Collection[str] = ()
    repeats: Collection[str] = ()
    once: Collection[str] = ()
    upper: bool = False
    known: Callable[[str, str], bool] = lambda _key, _line: True


def read_tagged(text: str, shape: Shape) -> list[Tagged]:
    """All records of a tagged text.

    :raises FormatError: for a record without its end, text that no field holds, and a line that
        looks like a start and is none
    """
    reader = _Reader(shape)
    for number, line in enumerate(text.replace("\n\ufeff", "\n").split("\n"), 1):
        reader.take(number, line)
    return reader.done()


class _Reader:
    """Lines, one after another, put together as records.

    :ivar record: the record that is read; None between two
    :ivar tag: the tag of the field that is read; "" in none, and ``lines`` its text so far
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.records: list[Tagged] = []
        self.record: Tagged | None = None
        self.tag = ""
        self.lines: list[str] = []

    def take(self, number: int, line: str) -> None:
        """A line of the file."""
        shape = self.shape
        key, value = _field(line, shape, self.record, self.tag)
        if key != shape.start and shape.loose.match(line):
            shown = line.strip()[:40]
            raise FormatError(
                number, f"found {shown!r}, expected a {shape.start} line as it is written"
            )
        if key:
            self._close_field()
            self._open_field(number, key, value)
        elif line.strip():
            self._go_on(number, line.strip())

    def _close_field(self) -> None:
        if self.record is not None and self.tag:
            self.record.fields.setdefault(self.tag, []).append(" ".join(filter(None, self.lines)))

    def _open_field(self, number: int, key: str, value: str) -> None:
        shape, record = self.shape, self.record
        self.tag, self.lines = key, [value]
        if key == shape.start:
            if shape.end and record is not None:
                raise FormatError(
                    record.line, f"the record that starts here has no {shape.end} line"
                )
            self.record = Tagged(number)
            self.records.append(self.record)
        elif record is None:
            raise FormatError(number, f"found {key} outside a record, expected {shape.start}")
        elif key in shape.once and key in record.fields:
            place = f"in the record that starts in line {record.line}"
            raise FormatError(number, f"a second {key} {place}: {shape.start} lost?")
        if shape.end and key == shape.end:
            self.record, self.tag = None, ""

    def _go_on(self, number: int, words: str) -> None:
        """More words of the field that is read."""
        if self.record is None or not self.tag:
            where = "in no field" if self.records else "before the first record"
            raise FormatError(number, f"found {words[:40]!r} {where}, expected {self.shape.start}")
        self.lines.append(words)

    def done(self) -> list[Tagged]:
        """The records, after the last line."""
        self._close_field()
        shape = self.shape
        if not self.records:
            raise FormatError(1, f"found no {shape.start} line, expected {shape.name}")
        if shape.end and self.record is not None:
            raise FormatError(
                self.record.line,
                f"the record that starts here has no {shape.end} line: file cut off?",
            )
        return self.records


def _field(line: str, shape: Shape, one: Tagged | None, last: str) -> tuple[str, str]:
    """The tag and text of a line that starts a field; no tag where it goes on with one."""
    match = shape.tag.match(line)
    if match is None:
        return "", ""
    key = match.group(1).strip()
    key = key.upper() if shape.upper else key
    if key not in (shape.start, shape.end) and one is not None:
        again = last in shape.prose and key in one.fields and key not in shape.repeats
        if again or not shape.known(key, line):
            return "", ""
    return key, (match.group(2) or "").strip()
