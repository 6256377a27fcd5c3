"""YAML is read as typed, or refused with file and line."""

from __future__ import annotations

from codecs import BOM_UTF8

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.ground.errors import InvalidDataError
from review.ground.yaml import MAX_BYTES, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: NO", "NO"),
        ("a: yes", "yes"),
        ("a: 1:30", "1:30"),
        ("a: 2020-01-02", "2020-01-02"),
        ("a: 0123", "0123"),
        ("a: 1_000", "1_000"),
        ("a: 0x1f", "0x1f"),
        ("a: .5", ".5"),
        ("a: 1e-3", 0.001),
        ("a: 12", 12),
        ("a: -1.4", -1.4),
        ('a: "12"', "12"),
        ("a: true", True),
        ("a: null", None),
        ("a: ~", None),
        ("a: 证据", "证据"),
        ("a: 99999999999999999999", "99999999999999999999"),
    ],
)
def test_a_value_is_what_a_person_typed(text: str, value: object) -> None:
    assert parse(text.encode(), "f.yaml").value == {"a": value}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, "stands here and on line 1"),
        (BOMB.encode(), 1, "alias"),
        (b"a: *x\n", 1, "alias"),
        (b"a: [1\n", 1, "not readable as YAML"),
        (b"a: !!python/object:os.system x\n", 1, "tag"),
        (b"a: !x y\n", 1, "tag"),
        (b"ok: 1\na: \xff\n", 2, "expected UTF-8"),
        (b"? [1]\n: 2\n", 1, "as a key"),
        (b"[" * 100, 1, "nested over"),
        (b"a: 1\n---\nb: 2\n", 2, "not readable as YAML"),
        (b"a: \x00\n", 1, "not readable as YAML"),
        (b"x" * (MAX_BYTES + 1), 0, "expected at most"),
    ],
)
def test_what_is_not_plain_is_one_line_with_its_place(data: bytes, line: int, words: str) -> None:
    with pytest.raises(InvalidDataError) as caught:
        parse(data, "f.yaml")
    (problem,) = caught.value.problems
    assert problem.path == "f.yaml"
    assert problem.line == line
    assert words in problem.sentence
    assert "\n" not in str(problem)


def test_lines_are_kept_for_messages() -> None:
    document = parse(b"a:\n  - b: 1\n    c: 2\n", "f.yaml")
    assert document.line(("a", 0, "c")) == 3
    assert document.line(("a", 0, "missing")) == 2


@given(st.binary(max_size=300))
def test_no_bytes_make_it_crash(data: bytes) -> None:
    try:
        parse(data, "f.yaml")
    except InvalidDataError as error:
        assert len(error.problems) == 1


@pytest.mark.parametrize("mark", [b"", BOM_UTF8])
def test_a_byte_that_is_no_text_is_named_with_its_line_behind_a_byte_order_mark_too(
    mark: bytes,
) -> None:
    assert parse(mark + b"a: 1\n", "f.yaml").value == {"a": 1}
    with pytest.raises(InvalidDataError, match=r"f\.yaml:2: found byte 0xfc, expected UTF-8"):
        parse(mark + b"a: 1\nb: \xfcx\n", "f.yaml")
