"""Slips of the hand in YAML, by kind: the sentence that stops each, or the proof that it is read
rightly. No sentence speaks of parsers, patterns or libraries.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import yaml

import review.model
from review.demo import DEMO
from review.ground.errors import InvalidDataError
from review.ground.yaml import parse
from review.ground.yaml_words import told
from review.model.base import Model, form_words, load
from review.model.protocol import Protocol

BOMB = b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"

STOPPED: dict[str, dict[str, tuple[bytes, int, str]]] = {
    "tabs": {
        "for an indent": (b"a:\n\tb: 1\n", 2, "found a tab before the text, expected spaces"),
        "behind spaces": (b"a:\n  \tb: 1\n", 2, "found a tab before the text"),
        "before a dash": (b"a:\n\t- b\n", 2, "found a tab before the text"),
        "between keys": (b"a: 1\n\tb: 2\n", 2, "found a tab before the text"),
    },
    "quotation marks": {
        "never closed, double": (b'a: 1\nb: "x\nc: 1\n', 2, "a quotation mark that is never closed"),
        "never closed, single": (b"a: 'x\nb: 1\n", 1, "a quotation mark that is never closed"),
        "apostrophe in single": (b"a: 'it's here'\n", 1, "text behind a closing quotation mark"),
        "text behind": (b'a: "x" y\n', 1, "text behind a closing quotation mark"),
        "double in double": (b'a: "say "x" now"\n', 1, "text behind a closing quotation mark"),
        "backslash": (b'a: "C:\\Users"\n', 1, "found a backslash in double quotation marks"),
        "unknown escape": (b'a: "\\q"\n', 1, "found a backslash in double quotation marks"),
        "never closed before another": (b'a: "x\n---\nb: 1\n', 1, "that is never closed"),
    },
    "colons": {
        "in a text": (b"a: pain: lower\n", 1, "found a second colon in the text"),
        "at a text's end": (b"a: pain:\n", 1, "found a second colon in the text"),
        "in an item": (b"- a: b: c\n", 1, "found a second colon in the text"),
        "without a space": (b"a:1\nb: 2\n", 1, "found no colon with a space behind it"),
        "missing": (b"a: 1\nhello there\nb: 2\n", 2, "found a line without a colon"),
        "missing at the end": (b"a: 1\nhello\n", 2, "found a line without a colon"),
    },
    "full-width marks": {
        "colon in the first line": ("键：1\nb: 2\n".encode(), 1, "found the full-width colon ："),
        "colon below": ("a: 1\nb：2\n".encode(), 2, "found the full-width colon ："),
        "space for an indent": ("a:\n\u3000b: 1\n".encode(), 2, "found the unseen sign U+3000"),
        "quotation marks": ("a: “x: y”\n".encode(), 1, "found a second colon in the text"),
    },
    "unseen signs": {
        "non-breaking indent": ("a:\n\u00a0b: 1\n".encode(), 2, "found the unseen sign U+00A0"),
        "non-breaking after a colon": ("a:\u00a01\nb: 2\n".encode(), 1, "a non-breaking space behi"),
        "zero-width before a key": ("\u200ba: 1\n".encode(), 1, "found the unseen sign U+200B"),
        "hidden line end": ("a: 1\nb: x\u2028c: 1\n".encode(), 2, "the hidden line end U+2028"),
        "byte order mark inside": ("a: 1\n\ufeffb: 2\n".encode(), 2, "belongs to nothing before it"),
        "NUL": (b"a: 1\nb: \x00\n", 2, "found the control character U+0000"),
        "bell": (b"a: 1\nb: x\x07\n", 2, "found the control character U+0007"),
    },
    "encodings": {
        "Latin-1": (b"a: 1\nb: x\xe9\n", 2, "found byte 0xe9, expected UTF-8 text: save the file as"),
        "GB18030": ("a: 疼痛\n".encode("gb18030"), 1, "expected UTF-8 text: save the file as UTF-8"),
        "UTF-16": ("a: 1\n".encode("utf-16"), 1, "found UTF-16, expected UTF-8 text"),
        "a word processor's file": (b"PK\x03\x04rest", 1, "found a file of an office program"),
    },
    "repeated keys": {
        "at the top": (b"a: 1\nb: 2\na: 3\n", 3, "the key a stands here and on line 1; keep one"),
        "inside": (b"a:\n  b: 1\n  b: 2\n", 3, "the key b stands here and on line 2; keep one"),
        "in braces": (b"a: {b: 1, b: 2}\n", 1, "the key b stands here and on line 1; keep one"),
    },
    "indents": {
        "further than a value": (b"a: 1\n  b: 2\n", 2, "found a line further to the right than"),
        "lost and found": (b"a:\nb: 1\n  c: 2\n", 3, "found a line further to the right than"),
        "less than the first": (b"a:\n    b: 1\n  c: 2\n", 3, "2 spaces from the left, expected the"),
        "an item's second key": (b"a:\n  - x: 1\n   y: 2\n", 3, "3 spaces from the left"),
        "an item less": (b"a:\n  - x\n - y\n", 3, "found a - 1 spaces from the left"),
        "a list below keys": (b"a: 1\n- b\n", 2, "found a - 0 spaces from the left"),
        "a key below a list": (b"- a\nb: 1\n", 2, "0 spaces from the left, expected the indent of"),
        "a dash without a space": (b"a:\n  - x\n  -y\n", 3, "found a dash without a space behind"),
        "a dash behind a key": (b"a: - x\n", 1, "found a dash behind a key, expected each - on a"),
    },
    "brackets": {
        "[ never closed": (b"a: [1, 2\nb: 3\n", 1, "found [ and no ] that closes it"),
        "{ never closed": (b"a: {b: 1\nc: 2\n", 1, "found { and no } that closes it"),
        "closed by the other": (b"a: [1, 2}\n", 1, "found [ and no ] that closes it"),
        "no comma": (b"a: {b: 1 c: 2}\n", 1, "or no comma between two values"),
        "closed and never opened": (b"a: ]\n", 1, "found a closing bracket or comma, expected a"),
        "a template's": (b"a: {{x}}\n", 1, "found a list or mapping as a key, expected text"),
    },
    "signs at a text's start": {
        "@": (b"a: @x\n", 1, "found text that begins with @, expected it in quotation marks"),
        "`": (b"a: `x`\n", 1, "found text that begins with `, expected it in quotation marks"),
        "%": (b"a: %x\n", 1, "found text that begins with %, expected it in quotation marks"),
        "% of a line": (b"%x\n", 1, "found a line that begins with %"),
        "&": (b"a: & co\n", 1, "found text that begins with & or *, expected it in quotation"),
        "*": (b"a: *bold text*\n", 1, "found a YAML alias or anchor (& or *), expected the value"),
        ">": (b"a: > 50 people\n", 1, "found text behind > or |, expected a text that begins so"),
        "|": (b"a: | x\n", 1, "found text behind > or |"),
        "!": (b"a: !important\n", 1, "found the tag !important, expected a text that begins with !"),
        "! twice": (b"a: !e!x y\n", 1, "found text that begins with !, expected it in quotation"),
        "# in a text": (b"a: x\nb: line #1\n", 2, "found # in a text, which hides the rest of the"),
    },
    "what plain YAML is not": {
        "alias": (b"a: 1\nb: *x\n", 2, "found a YAML alias or anchor"),
        "anchor": (b"a: &x 1\n", 1, "found a YAML alias or anchor"),
        "a bomb of aliases": (BOMB, 1, "found a YAML alias or anchor"),
        "merge key": (b"a:\n  <<: {b: 1}\n", 2, "found the merge key <<, expected the values writt"),
        "tag of Python": (b"a: !!python/object:os.system x\n", 1, "found the tag tag:yaml.org,2002:"),
        "two documents": (b"a: 1\n---\nb: 2\n", 2, "found another document, expected one in a file"),
        "more behind the end": (b"a: 1\n...\nb: 2\n", 3, "found more behind the document's end"),
        "a list as a key": (b"[a]: 1\n", 1, "found a list or mapping as a key, expected text"),
        "nested too deep": (b"[" * 100, 1, "nested over 40 levels"),
    },
}  # fmt: skip
READ: dict[str, tuple[bytes, object]] = {
    "byte order mark at the start": (b"\xef\xbb\xbfa: 1\n", {"a": 1}),
    "ends of lines of Windows": (b"a: 1\r\nb: x\r\n", {"a": 1, "b": "x"}),
    "ends of lines of an old Mac": (b"a: 1\rb: x\r", {"a": 1, "b": "x"}),
    "spaces at a line's end": (b"a: x  \nb: 1   \n", {"a": "x", "b": 1}),
    "no end of the last line": (b"a: x", {"a": "x"}),
    "no, yes, on and off": (b"a: [no, yes, on, off, N]\n", {"a": ["no", "yes", "on", "off", "N"]}),
    "a day": (b"a: 2026-09-01\n", {"a": "2026-09-01"}),
    "a time, a version, an octal": (b"a: [1:30, 1.10.2, 010]\n", {"a": ["1:30", "1.10.2", "010"]}),
    "thousands": (b"a: [1_000, 1.000.000]\n", {"a": ["1_000", "1.000.000"]}),
    "a tab behind a colon": (b"a:\tx\n", {"a": "x"}),
    "a colon without a space inside": (b"a: 10.1000/a:b\n", {"a": "10.1000/a:b"}),
    "a remark": (b"a: x # why\n", {"a": "x"}),
    "a # in quotation marks": (b'a: "line #1"\n', {"a": "line #1"}),
    "a # inside a word": (b"a: x#1\n", {"a": "x#1"}),
    "a # in a block of text": (b"a: |\n  line #1\n", {"a": "line #1\n"}),
    "full-width text": ("a: 疼痛：明显，１\n".encode(), {"a": "疼痛：明显，１"}),
}
JARGON = re.compile(
    r"scann|token|simple key|block (mapping|end)|flow|indicator|node content|\^|\\|\{0,|pydantic|Input s"
    r"|tuple|dict|str(ing)? |validation|NoneType|<",
)
SLIPS = [(kind, name, *slip) for kind, slips in STOPPED.items() for name, slip in slips.items()]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [slip[2:] for slip in SLIPS],
    ids=[f"{kind}: {name}" for kind, name, *_ in SLIPS],
)
def test_a_slip_is_one_sentence_with_its_place(data: bytes, line: int, words: str) -> None:
    with pytest.raises(InvalidDataError) as caught:
        parse(data, "f.yaml")
    (problem,) = caught.value.problems
    assert words in problem.sentence
    assert (problem.path, problem.line) == ("f.yaml", line)
    assert not JARGON.search(problem.sentence.replace("<<", "")), problem.sentence


@pytest.mark.parametrize("kind", READ)
def test_what_is_no_slip_is_read_as_it_was_typed(kind: str) -> None:
    data, value = READ[kind]
    assert parse(data, "f.yaml").value == value


def test_the_kinds_are_many() -> None:
    assert len(SLIPS) >= 30
    assert len(SLIPS) + len(READ) + len(FIELDS) > 100


def test_what_the_parser_says_beyond_these_is_no_jargon_either() -> None:
    mark = yaml.Mark("", 0, 0, 0, None, None)
    error = yaml.MarkedYAMLError("while x", mark, "did not find the flow token", mark)
    line, sentence = told(error, "a")
    assert line == 1
    assert not JARGON.search(sentence)


# ---- fields --------------------------------------------------------------------------------------

FIELDS: dict[str, tuple[str, str, str]] = {
    "yes for true": ("blind: true", "blind: yes", 'screening.blind: found "yes", expected true or'),
    "on for true": ("blind: true", "blind: on", 'screening.blind: found "on", expected true or fal'),
    "是 for true": ("blind: true", "blind: 是", 'screening.blind: found "是", expected true or fal'),
    "a word for a number": ("reviewers: 2", "reviewers: two", 'found "two", expected a whole number'),
    "a fraction": ("reviewers: 2", "reviewers: 2.5", "found 2.5, expected a whole number"),
    "a number too small": ("reviewers: 2", "reviewers: 0", "found 0, expected 1 or more"),
    "a unit": ("interval_days: 35", "interval_days: 35 days", 'found "35 days", expected a whole'),
    "a quoted number": ("interval_days: 35", 'interval_days: "35"', "without quotation marks"),
    "an octal": ("interval_days: 35", "interval_days: 035", "without quotation marks, leading zeros"),
    "full-width digits": ("interval_days: 35", "interval_days: ３５", 'found "３５", expected a whole'),
    "a list for a mapping": ("{reviewers: 2, blind: true}", "[2, true]", "expected a mapping of"),
    "a word for a list": ("languages: [en, zh]", "languages: en", 'found "en", expected a list'),
    "a full-width comma": ("[en, zh]", "[en，zh]", 'found "en，zh", expected a short name'),
    "full-width brackets": ("[en, zh]", "［en, zh］", 'found "［en, zh］", expected a list'),
    "an empty list": ("languages: [en, zh]", "languages: []", "expected at least 1"),
    "an unknown key": ("screening: {", "screeening: {", "screeening: unknown key, nearest is screenin"),
    "a key in Chinese": ("version: ", "版本: ", "版本: unknown key, expected one of "),
    "a missing key": ("format: 1\n", "", "format: missing, expected a value"),
    "an empty value": ("version: \"1.0-demo\"", "version:", "version: found null, expected text"),
    "spaces alone": ('version: "1.0-demo"', 'version: " "', "expected text, not spaces alone"),
    "a number for a text": ('version: "1.0-demo"', "version: 1.0", "version: found 1.0, expected text"),
    "a name with spaces": ("id: reviewer-b", "id: Reviewer B", "expected a short name: small letter"),
    "a word nobody knows": ("roles: [screening]", "roles: [boss]", 'found "boss", expected \'guaranto'),
    "an e-mail that is none": ("demo@example.org", "nobody", "expected an e-mail address"),
    "a newer format": ("format: 1", "format: 9", "found format 9, expected 1 (written by a newer"),
    "lost indent of a field": ("    query: '\"Marbled", "query: '\"Marbled", "f.yaml:"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_that_does_not_fit_is_told_with_its_name(kind: str) -> None:
    typed, slip, words = FIELDS[kind]
    text = (DEMO / "protocol.yaml").read_text(encoding="utf-8")
    assert typed in text
    with pytest.raises(InvalidDataError) as caught:
        load(Protocol, parse(text.replace(typed, slip, 1).encode(), "f.yaml"), "f.yaml")
    assert words in str(caught.value)
    for problem in caught.value.problems:
        assert problem.line > 0
        assert not JARGON.search(problem.sentence), problem.sentence


@pytest.mark.parametrize(
    ("text", "found"), [("a：1\n", '"a：1"'), ("- a\n", "a list of 1"), ("", "null")]
)
def test_a_file_that_holds_no_fields_is_told(text: str, found: str) -> None:
    with pytest.raises(InvalidDataError, match=f"f.yaml:1: found {found}, expected a mapping of"):
        load(Protocol, parse(text.encode(), "f.yaml"), "f.yaml")


def patterns(value: Any) -> Iterator[str]:
    """The patterns of a JSON Schema."""
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        for one in value.values():
            yield from patterns(one)
    elif isinstance(value, list):
        for one in value:
            yield from patterns(one)


def test_every_form_of_a_text_has_words() -> None:
    found = {
        pattern
        for module in pkgutil.iter_modules(review.model.__path__)
        for one in vars(import_module(f"review.model.{module.name}")).values()
        if isinstance(one, type) and issubclass(one, Model)
        for pattern in patterns(one.model_json_schema())
    }
    assert len(found) > 10
    assert [pattern for pattern in found if form_words(pattern) == "another form"] == []
    assert len({form_words(pattern) for pattern in found}) == len(found)
