"""What a YAML parser says, as a sentence that somebody who never heard of parsers can use.

libyaml names its own states ("while scanning a simple key"); what a person did is in the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from review.ground.printable import control

NOT_YAML = "not readable as YAML: "
FULL_WIDTH = "found the full-width colon ：, expected an ordinary one with a space behind it (: )"
HIDDEN = "\u0085\u2028\u2029"
"""Ends of lines that no editor shows as such, and YAML takes for one."""


@dataclass(frozen=True)
class Stop:
    """Where the parser stopped: the lines of the text, and places in them counted from 0.

    :ivar start: line on which what it was reading began
    """

    lines: list[str]
    line: int
    column: int
    start: int

    def at(self, line: int) -> str:
        """A line's text; "" beyond the last."""
        return self.lines[line] if 0 <= line < len(self.lines) else ""

    @property
    def above(self) -> int:
        """The line with something in it above the one where the parser stopped."""
        before = (n for n in reversed(range(min(self.line, len(self.lines)))) if self.at(n).strip())
        return next(before, self.line)


Told = tuple[int, str]
"""A line from 0, and the sentence."""


def _begins_with(stop: Stop) -> Told:
    line = stop.at(stop.line)
    if "\t" in line[: stop.column + 1]:
        return stop.line, "found a tab before the text, expected spaces"
    sign = line[stop.column : stop.column + 1]
    return stop.line, f"found text that begins with {sign}, expected it in quotation marks"


def _open_quote(stop: Stop) -> Told:
    return stop.start, "found a quotation mark that is never closed, expected its partner"


def _second_colon(stop: Stop) -> Told:
    line, above = stop.at(stop.line), stop.at(stop.above)
    if "：" in line or "：" in above:
        return (stop.line if "：" in line else stop.above), FULL_WIDTH
    if ":\u00a0" in above:
        return stop.above, "found a non-breaking space behind a colon, expected an ordinary one"
    if re.search(r":\s", line[: stop.column]):
        return stop.line, "found a second colon in the text, expected the text in quotation marks"
    if not re.search(r":(\s|$)", above):
        return stop.above, "found no colon with a space behind it, expected key: value"
    sentence = "found a line further to the right than the one above, which has its value already"
    return stop.line, f"{sentence}; expected the same indent"


def _no_colon(stop: Stop) -> Told:
    line = stop.at(stop.start)
    if "：" in line:
        return stop.start, FULL_WIDTH
    if re.match(r"\s*-\S", line):
        return stop.start, "found a dash without a space behind it, expected - and a space"
    sentence = "found a line without a colon, expected key: value, or a text in quotation marks"
    return stop.start, sentence


def _indent(stop: Stop) -> Told:
    line = stop.at(stop.line)
    left = line[: stop.column].rstrip()
    if left.endswith(('"', "'")):
        sentence = (
            "found text behind a closing quotation mark, expected none; a text with such marks"
        )
        return stop.line, f"{sentence} stands in marks of the other kind"
    if line[stop.column : stop.column + 1] == "\ufeff":
        return stop.line, "found a byte order mark (U+FEFF) in the middle, expected it at the start"
    if left.strip():
        return stop.line, "found text that belongs to nothing before it, expected the line's end"
    spaces = len(line) - len(line.lstrip(" "))
    if re.match(r"\s*-(\s|$)", line):
        return (
            stop.line,
            f"found a - {spaces} spaces from the left, expected the indent of its list above",
        )
    return (
        stop.line,
        f"found a line {spaces} spaces from the left, expected the indent of one above it",
    )


def _bracket(stop: Stop) -> Told:
    sign = stop.at(stop.start)
    opening = next((one for one in sign if one in "[{"), "[")
    partner = {"[": "]", "{": "}"}[opening]
    sentence = f"found {opening} and no {partner} that closes it, or no comma between two values"
    return stop.start, sentence


def _plainly(sentence: str) -> Callable[[Stop], Told]:
    return lambda stop: (stop.line, sentence)


SENTENCES: tuple[tuple[str, Callable[[Stop], Told]], ...] = (
    ("tab character", _plainly("found a tab before the text, expected spaces")),
    ("cannot start any token", _begins_with),
    ("unexpected end of stream", _open_quote),
    ("unexpected document indicator", _open_quote),
    ("mapping values are not allowed", _second_colon),
    ("could not find expected ':'", _no_colon),
    ("did not find expected key", _indent),
    ("did not find expected '-' indicator", _indent),
    ("did not find expected ','", _bracket),
    (
        "did not find expected node content",
        _plainly("found a closing bracket or comma, expected a value"),
    ),
    (
        "expected alphabetic or numeric",
        _plainly("found text that begins with & or *, expected it in quotation marks"),
    ),
    (
        "expected comment or line break",
        _plainly("found text behind > or |, expected a text that begins so in quotation marks"),
    ),
    (
        "escape character",
        _plainly("found a backslash in double quotation marks, expected single ones around it"),
    ),
    (
        "hexdecimal number",
        _plainly("found a backslash in double quotation marks, expected single ones around it"),
    ),
    ("tag handle", _plainly("found text that begins with !, expected it in quotation marks")),
    ("directive", _plainly("found a line that begins with %, expected it in quotation marks")),
    ("document start", _plainly("found more behind the document's end, expected one document")),
    (
        "block sequence entries",
        _plainly("found a dash behind a key, expected each - on a line of its own below it"),
    ),
)
"""A part of what libyaml says, and what it means of the line where it stopped."""


def told(error: yaml.YAMLError, text: str) -> Told:
    """The line (from 1) and the sentence of a parser's error."""
    if not isinstance(error, yaml.MarkedYAMLError):
        sign = control(text) or "\ufffd"
        line = text.count("\n", 0, max(0, text.find(sign))) + 1
        return line, f"{NOT_YAML}found the control character U+{ord(sign):04X}, expected text"
    mark: Any = error.problem_mark or error.context_mark
    start: Any = error.context_mark or mark
    stop = Stop(re.split("\r\n|\r|\n", text), mark.line, mark.column, start.line)
    for part, means in SENTENCES:
        if part in (error.problem or ""):
            line, sentence = means(stop)
            return line + 1, NOT_YAML + sentence
    sentence = "something here or above is left open: a quotation mark, a bracket or an indent"
    return mark.line + 1, NOT_YAML + sentence


def hidden_end(text: str) -> Told | None:
    """The line (from 1) of an end of a line that no editor shows: YAML cuts a text in two there."""
    for sign in HIDDEN:
        if (at := text.find(sign)) >= 0:
            sentence = f"found the hidden line end U+{ord(sign):04X}, expected a space in its place"
            return text.count("\n", 0, at) + 1, sentence
    return None


def hidden_text(text: str) -> Told | None:
    """The line (from 1) of words that would be lost in silence, where a text that parses has some.

    A # right before a word is text to who wrote it and a remark to YAML, which drops the rest of
    the line.
    """
    if not re.search(r"\S[ \t]+#[^\s#]", text):
        return None
    lines = re.split("\r\n|\r|\n", text)
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.ScalarEvent) and not event.style and event.value:
            end: Any = event.end_mark
            if re.match(r"[ \t]+#[^\s#]", lines[end.line][end.column :]):
                sentence = (
                    "found # in a text, which hides the rest of the line; expected the text in"
                )
                return end.line + 1, f"{sentence} quotation marks, or a space behind # of a remark"
    return None
