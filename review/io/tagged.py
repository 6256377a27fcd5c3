"""Tagged text: one reader for RIS, MEDLINE, NoteExpress, Refer and RefWorks.

The libraries that read RIS and MEDLINE were measured to lose records, lines and fields in silence
(docs/decisions/0011); the shape is simple enough to be read whole and strictly here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from review.io.entry import FormatError, folded


@dataclass
class Tagged:
    """A record's fields by tag, in the order of the file, and the line it starts on."""

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *tags: str) -> str | None:
        """The first value of the first of some tags that has one, its lines joined."""
        for tag in tags:
            for value in self.fields.get(tag, ()):
                if found := folded(value):
                    return found
        return None

    def each(self, *tags: str) -> list[str]:
        """All values of some tags."""
        return [v for tag in tags for one in self.fields.get(tag, ()) if (v := folded(one))]


@dataclass(frozen=True)
class Shape:
    """How a tagged format is written.

    :ivar tag: matches a line that starts a field: tag, then its text
    :ivar start: the tag that starts a record
    :ivar end: the tag that ends one, where the format has it
    :ivar repeats: tags that may stand several times; of any other, a second one is a line of the
        text before it (an abstract may hold such a line); None where every tag may repeat
    :ivar upper: tags are the same in small letters
    """

    name: str
    tag: re.Pattern[str]
    start: str
    end: str | None = None
    repeats: Collection[str] | None = None
    upper: bool = False
    continued: Callable[[str], str] = str.strip


def read_tagged(text: str, shape: Shape) -> list[Tagged]:
    """All records of a tagged text.

    :raises FormatError: for a record without its end, and for text that no field holds
    """
    found: list[Tagged] = []
    one: Tagged | None = None
    last: list[str] | None = None
    parts: list[tuple[list[str], int, list[str]]] = []
    for number, line in enumerate(text.split("\n"), 1):
        match = shape.tag.match(line)
        key = match.group(1).strip() if match else ""
        key = key.upper() if shape.upper else key
        if match and key not in (shape.start, shape.end) and one is not None:
            again = shape.repeats is not None and key not in shape.repeats and key in one.fields
            if again and last is not None:
                match = None
        if match is None:
            if not line.strip():
                continue
            if one is None or last is None:
                where = "before the first record" if one is None and not found else "in no field"
                raise FormatError(
                    number, f"found {line.strip()[:40]!r} {where}, expected {shape.start}"
                )
            parts[-1][2].append(shape.continued(line))
            continue
        value = (match.group(2) or "").strip()
        if key == shape.start:
            if shape.end and one is not None:
                raise FormatError(one.line, f"the record that starts here has no {shape.end} line")
            one = Tagged(number)
            found.append(one)
        elif one is None:
            raise FormatError(number, f"found {key} outside a record, expected {shape.start}")
        if shape.end and key == shape.end:
            one = last = None
            continue
        last = one.fields.setdefault(key, [])
        last.append(value)
        parts.append((last, len(last) - 1, []))
    if not found:
        raise FormatError(1, f"found no {shape.start} line, expected {shape.name}")
    if shape.end and one is not None:
        raise FormatError(
            one.line, f"the record that starts here has no {shape.end} line: file cut off?"
        )
    for values, index, more in parts:
        if more:
            values[index] = " ".join((values[index], *more))
    return found
