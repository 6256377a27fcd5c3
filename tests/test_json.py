"""JSON that says one thing: one strict reader, whoever wrote it, and one clear line where it fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.extraction.endpoint import Api, content
from review.files.answers import keep_answer, kept_answer
from review.ground.errors import InvalidDataError, SourceError
from review.ground.json import JsonError, parse_json
from review.texts import pdf, registry
from review.texts.fetch import pmcids

BAD: dict[str, tuple[str | bytes, int, str]] = {
    "a key twice": ('{"a": 1, "b": {"c": 1, "c": 1}}', 0, "the key c is repeated"),
    "a key that hides": ('{"a\\u001b[2J\\nb": 1, "a\\u001b[2J\\nb": 2}', 0, "the key a[2J b is"),
    "no number": ('{"a": NaN}', 0, "found NaN, expected a finite number"),
    "no end": ("[-Infinity]", 0, "found -Infinity, expected a finite number"),
    "a number without end": ("[1e999]", 0, "found 1e999, expected a finite number"),
    "too long a number": ("[" + "9" * 5000 + "]", 0, "not readable as JSON: Exceeds the limit"),
    "too deep": ("[" * 100_000, 0, "nested too deeply"),
    "half of a character": ('["\\ud800"]', 0, "found half of a character"),
    "half of one as a key": ('{"\\udfff": 1}', 0, "found half of a character"),
    "broken": ('{\n"a": }', 2, "not readable as JSON: Expecting value"),
    "nothing": (b"", 1, "not readable as JSON: Expecting value"),
    "another encoding": (b'{\n"a": "\xfc"}', 2, "found byte 0xfc, expected UTF-8"),
    "more than one": ("{} {}", 1, "not readable as JSON: Extra data"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_says_no_one_thing_is_one_clear_line(name: str) -> None:
    text, line, sentence = BAD[name]
    with pytest.raises(JsonError) as told:
        parse_json(text)
    assert told.value.line == line
    assert sentence in told.value.sentence
    assert str(told.value).isprintable()
    assert len(str(told.value)) < 120


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
    st.booleans(),
)
def test_what_python_writes_is_read_as_it_was(value: object, ascii_alone: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_alone)
    assert parse_json(text) == value
    assert parse_json(b"\xef\xbb\xbf" + text.encode()) == value


def test_a_character_that_json_writes_as_two_halves_is_whole() -> None:
    assert parse_json('["\\ud842\\udfb7"]') == ["\U00020bb7"]


TWICE = b'{"a": 1, "a": 2}'


def test_who_reads_what_others_send_is_strict_and_says_whose_it_is() -> None:
    with pytest.raises(SourceError, match="the model's answer is not readable as JSON: the key a"):
        content(Api.OPENAI, TWICE)
    words = json.dumps({"choices": [{"message": {"content": TWICE.decode()}}]}).encode()
    with pytest.raises(SourceError, match="the model's answer is not readable as JSON: the key a"):
        content(Api.OPENAI, words)
    with pytest.raises(SourceError, match="not readable as JSON: the key a is repeated"):
        registry.read(TWICE)
    for answer, why in ((TWICE, "the key a is repeated"), (b"[]", "found no JSON object")):
        with pytest.raises(SourceError, match=f"the PMC ID converter: .*{why}"):
            pmcids(["1"], lambda *_, answer=answer: answer)
    odd = b'{"records": ["x", null, {"pmid": 1, "pmcid": "PMC7"}]}'
    assert pmcids(["1"], lambda *_: odd) == {"1": "PMC7"}


@pytest.mark.parametrize("text", ['{"answer": 1}', "[]", "{", '{"answer": "a", "answer": "b"}'])
def test_a_damaged_kept_answer_is_told_with_what_to_do(tmp_path: Path, text: str) -> None:
    keep_answer(tmp_path, "pmid-1", "f" * 64, {"answer": "{}"})
    assert kept_answer(tmp_path, "pmid-1", "f" * 64) == "{}"
    (path,) = tmp_path.iterdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidDataError, match="delete it, and the model is asked again"):
        kept_answer(tmp_path, "pmid-1", "f" * 64)


def test_a_pdf_s_letters_are_whole() -> None:
    assert pdf._whole("a\ud842\udfb7b\ud800c") == "a\U00020bb7b\ufffdc"
