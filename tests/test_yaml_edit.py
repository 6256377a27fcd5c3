"""Edits of YAML by span: what is read is what was meant, and no byte outside the span moves."""

from __future__ import annotations

import json
from pathlib import Path as File
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from review.ground import yaml_edit
from review.ground.errors import InvalidDataError
from review.ground.yaml import Path, composed, parse
from review.ground.yaml_edit import appended, inserted, removed, replaced
from tests.conftest import HOME

FILES = sorted(
    path.relative_to(HOME).as_posix()
    for folder in ("data", "demo", "tests/second_topic", "review/grading")
    for path in (*(HOME / folder).rglob("*.yaml"), HOME / "protocol.yaml")
)
FILES = sorted(set(FILES))
WORDS = st.one_of(
    st.sampled_from(
        [
            *("", " ", "null", "No", "~", "1", "1.0", "1:30", "2026-10-05", "a: b", "# c", "x # c"),
            *("- x", "it's", '"', "\\", "[x", "{x", "&a", "*a", "!t", "%x", "a,b", "x:", "a\nb"),
            *("\t", "中文，“引号”", "患者：12 人", "😀", "e\u0301", "\u2028", "\u00a0", "r2"),
        ]
    ),
    st.text(st.characters(exclude_categories=["C"]), max_size=20),
)
SCALARS = st.one_of(
    WORDS,
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)


def exact(value: Any) -> str:
    """A value in which 1, 1.0, true and "1" are four."""
    return json.dumps(value, sort_keys=True)


def places(value: Any, path: Path = ()) -> list[Path]:
    """Where every value of a file stands."""
    inside: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inside = [*value.items()]
    elif isinstance(value, list):
        inside = [*enumerate(value)]
    return [path, *(place for step, one in inside for place in places(one, (*path, step)))]


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def span(node: Any, path: Path) -> tuple[int, int]:
    """The characters of a value, by the parser's marks."""
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == step)
        else:
            node = node.value[step]
    return node.start_mark.index, node.end_mark.index


def added(before: bytes, after: bytes) -> bool:
    """Whether some bytes stand in the one that are not in the other, in one place."""
    more = len(after) - len(before)
    same = 0
    while same < len(before) and before[same] == after[same]:
        same += 1
    return more > 0 and any(
        after[:i] + after[i + more :] == before for i in range(max(0, same - more), same + 1)
    )


def edited(draw: Any, data: bytes) -> None:
    """One edit of each kind at a random place, each compared with the plain value."""
    value, text = parse(data, "f").value, data.decode("utf-8-sig")
    everywhere = places(value)
    scalars = [one for one in everywhere if not isinstance(at(value, one), list | dict)]
    path, new = draw(st.sampled_from(scalars)), draw(SCALARS)
    after = replaced(data, "f", path, new)
    expected = json.loads(json.dumps(value))
    at(expected, path[:-1])[path[-1]] = new
    assert exact(parse(after, "f").value) == exact(expected)
    start, end = span(composed(text), path)
    written = after.decode("utf-8-sig")
    assert written.startswith(text[:start])
    assert written.endswith(text[end:].lstrip("\r\n"))

    if lists := [one for one in everywhere if isinstance(at(value, one), list)]:
        path, new = draw(st.sampled_from(lists)), draw(VALUES)
        after = appended(data, "f", path, new)
        expected = json.loads(json.dumps(value))
        at(expected, path).append(new)
        assert exact(parse(after, "f").value) == exact(expected)
        assert added(data, after)

    path = draw(st.sampled_from([one for one in everywhere if isinstance(at(value, one), dict)]))
    held, new = [*at(value, path)], draw(VALUES)
    behind = draw(st.sampled_from([*held, "absent"]))
    after = inserted(data, "f", path, "new-key", new, after=[behind])
    expected = json.loads(json.dumps(value))
    at(expected, path)["new-key"] = new
    now = parse(after, "f").value
    assert exact(now) == exact(expected)
    assert added(data, after)
    place = held.index(behind) + 1 if behind in held else len(held)
    assert [*at(now, path)] == [*held[:place], "new-key", *held[place:]]


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=2)
@given(data=st.data())
def test_every_file_takes_every_edit(name: str, data: st.DataObject) -> None:
    edited(data.draw, (HOME / name).read_bytes())


def test_the_files_are_those_of_both_topics_and_of_the_review() -> None:
    assert len([one for one in FILES if one.startswith("data/")]) >= 190
    for name in ("demo/data/claims/D01.yaml", "tests/second_topic/protocol.yaml", "protocol.yaml"):
        assert name in FILES


ODD = {
    "windows": b"a: 1\r\nb:\r\n- x # c\r\n- y\r\n\r\n# end\r\nc: {d: [1,\r\n  2], e: null}\r\n",
    "mark": b"\xef\xbb\xbfa: 1\nb: [x]\nc: {d: }\n",
    "no end": b"a: 1\nb:\n  - x\n  - y: 1\n    z: 'q'",
    "old breaks": b"a: 1\rb:\r- x\rc: {d: 1}\r",
    "chinese": "甲: 一 # 注\n乙:\n- “引号”\n- {丙: '丁'}\n丙: {d: [], e: {}}\n".encode(),
    "lists in lists": b"a:\n- - 1\n  - 2\n- - 3\nb:\n  - - x\n    -\n  -\n  - [[], [1, ]]\n",
    "blocks": b"a: |\n  x # no comment\n  y\n\nb: >-\n  z\n  w\n\n\nc:\n  d: |2\n      x\n",
    "empty": b"a:\nb: # c\nc: ~\nd: {}\ne: []\nf: [ # c\n  ]\n",
    "quotes": b"\"a\": \"x\\u4e2d\"\n'b': 'it''s'\nc: \"two\n  lines\"\nd: plain\n  goes on\n",
    "marks": b"---\na: 1\nb: [1]\n...\n",
}


@pytest.mark.parametrize("name", ODD)
@settings(max_examples=30)
@given(data=st.data())
def test_every_odd_layout_takes_every_edit(name: str, data: st.DataObject) -> None:
    edited(data.draw, ODD[name])


@pytest.mark.parametrize("name", ["windows", "no end", "chinese", "lists in lists", "blocks"])
@settings(max_examples=20)
@given(data=st.data())
def test_a_whole_block_is_written_anew(name: str, data: st.DataObject) -> None:
    before = ODD[name]
    value = parse(before, "f").value
    path = data.draw(st.sampled_from([one for one in places(value) if one]))
    new = data.draw(st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1, max_size=3))
    try:
        after = replaced(before, "f", path, new)
    except InvalidDataError as error:
        assert "can't be changed where it stands" in str(error)
        return
    expected = json.loads(json.dumps(value))
    at(expected, path[:-1])[path[-1]] = new
    assert exact(parse(after, "f").value) == exact(expected)


# ---- layout, to the byte --------------------------------------------------------------------------

CLAIM = b"claim: D01\r\nfor: [one-2020] # why\r\ndirection: benefit\r\nlevel: null"


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (
            CLAIM,
            lambda d: appended(d, "f", ("for",), "two-2021"),
            (b"one-2020", b"one-2020, two-2021"),
        ),
        (
            CLAIM,
            lambda d: inserted(d, "f", (), "neutral", ["two-2021"], after=["against", "for"]),
            (b"# why\r\n", b"# why\r\nneutral: [two-2021]\r\n"),
        ),
        (CLAIM, lambda d: inserted(d, "f", (), "x", 1), (b"null", b"null\r\nx: 1")),
        (CLAIM, lambda d: replaced(d, "f", ("level",), 3), (b"null", b"3")),
        (CLAIM, lambda d: replaced(d, "f", ("direction",), "harm"), (b"benefit", b"harm")),
        (b"a: [1, 2 # c\n]\n", lambda d: replaced(d, "f", ("a",), [1, 2]), (b"a", b"a")),
        (
            b"a:\n  b: 'x' # c\n# d\n",
            lambda d: replaced(d, "f", ("a", "b"), "it's"),
            (b"'x'", b"'it''s'"),
        ),
        (
            b"a:\n- b: 1\n  c:\n  - d\n",
            lambda d: appended(d, "f", ("a",), {"b": 2, "c": ["e"]}),
            (b"- d\n", b"- d\n- b: 2\n  c:\n  - e\n"),
        ),
        (
            b"a:\n  - {b: 1}\n# end",
            lambda d: appended(d, "f", ("a",), {"b": 2}),
            (b"1}\n", b"1}\n  - {b: 2}\n"),
        ),
        (
            b"h:\n  missing: not_checked\n# look\nx: 1\n",
            lambda d: replaced(d, "f", ("h",), {"value": "12 of 60", "by": "reviewer-a"}),
            (b"missing: not_checked", b'value: "12 of 60"\n  by: reviewer-a'),
        ),
        (b"a: |\n  x\n\nb: 1\n", lambda d: replaced(d, "f", ("a",), "y"), (b"|\n  x", b'"y"')),
    ],
)
def test_what_is_written_looks_like_what_stands_beside_it(
    before: bytes, edit: Any, after: tuple[bytes, bytes]
) -> None:
    assert edit(before) == before.replace(*after)


# ---- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "edit", "sentence"),
    [
        (b"a: &x 1\nb: *x\n", lambda d: replaced(d, "f", ("a",), 2), "f:1: found a YAML alias"),
        (b"a: 1\n", lambda d: replaced(d, "f", ("b",), 2), "f:1: b: can't be changed where it stands (there is no such value)"),
        (b"a: [1]\n", lambda d: replaced(d, "f", ("a", 3), 2), "a.3: can't be"),
        (b"", lambda d: inserted(d, "f", (), "a", 2), "there is no such value"),
        (b"x: 1\na: {b: 1}\n", lambda d: appended(d, "f", ("a",), 2), "f:2: a: can't be changed where it stands (expected a list)"),
        (b"a: [1]\n", lambda d: inserted(d, "f", ("a",), "b", 2), "expected a mapping"),
        (b"a: |\n  x\n  y", lambda d: inserted(d, "f", (), "b", 2), "what is read then is not"),
        (b"a: 1\n", lambda d: inserted(d, "f", (), "a", 2), "it is there already"),
        (b"a:\n  b: 1 # why\n  c: 2\n", lambda d: replaced(d, "f", ("a",), {"b": 2}), "a comment stands inside it"),
        (b"a: | # why\n  x\n", lambda d: replaced(d, "f", ("a",), "y"), "a comment stands inside it"),
        (b"a: 1\n", lambda d: replaced(d, "f", ("a",), float("nan")), "what is read then is not"),
        (b"a: 1\n", lambda d: replaced(d, "f", ("a",), 10**20), "what is read then is not"),
        (b"a: 1\n", lambda d: replaced(d, "f", ("a",), "x\x07"), "what stands there then can't be"),
        (b"a: 1\n", lambda d: replaced(d, "f", ("a",), "\ud800"), "what stands there then can't be"),
        (b"a: x: y\n", lambda d: replaced(d, "f", ("a",), "y"), "not readable as YAML"),
    ],
)  # fmt: skip
def test_what_can_not_be_edited_is_refused_in_one_line(
    before: bytes, edit: Any, sentence: str
) -> None:
    with pytest.raises(InvalidDataError) as caught:
        edit(before)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["other", "1\nb: 2", "'open", "[", "1, b: 2"])
def test_an_edit_that_would_say_something_else_is_refused(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof alone stands between a mistake of the layout and a person's file."""
    monkeypatch.setattr(yaml_edit, "_scalar", lambda value, style=None: wrong)
    for before in (b"a: 1\n", b"{a: 1}\n"):
        with pytest.raises(InvalidDataError, match="can't be changed where it stands"):
            replaced(before, "f", ("a",), "x")


def test_a_file_of_a_review_is_named(tmp_path: File) -> None:
    with pytest.raises(InvalidDataError, match=r"^data/claims/D01\.yaml:2: for: "):
        replaced(b"a: 1\nfor: [1, # c\n 2]\n", "data/claims/D01.yaml", ("for",), [1])


# ---- what is taken out ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_what_is_taken_out_is_gone_and_no_other_byte_moves(name: str) -> None:
    """Every item and key of every file, or one line that says why not."""
    data = (HOME / name).read_bytes()
    value, taken, refused = parse(data, name).value, 0, 0
    for path in [one for one in places(value) if one]:
        try:
            after = removed(data, name, path)
        except InvalidDataError as error:
            assert len(error.problems) == 1
            refused += 1
            continue
        expected = json.loads(json.dumps(value))
        del at(expected, path[:-1])[path[-1]]
        assert exact(parse(after, name).value) == exact(expected)
        start = next(
            i for i, (a, b) in enumerate(zip(data + b"\0", after + b"\1", strict=False)) if a != b
        )
        assert data[len(data) - (len(after) - start) :] == after[start:], "one span alone went"
        taken += 1
    assert taken > 0
    assert taken > refused / 4


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        ("a: [x, y, z]\n", ("a", 0), "a: [y, z]\n"),
        ("a: [x, y, z]\n", ("a", 2), "a: [x, y]\n"),
        ("a: [x]\nb: 1\n", ("a", 0), "a: []\nb: 1\n"),
        ("a:\n  - x\n  - y\nb: 1\n", ("a", 1), "a:\n  - x\nb: 1\n"),
        ("a:\n- k: 1\n  l: 2\n- k: 3\n", ("a", 0), "a:\n- k: 3\n"),
        ("a: 1\nb:\n  - x\nc: 2\n", ("b",), "a: 1\nc: 2\n"),
        ("a: 1\r\nb: 2\r\n", ("a",), "b: 2\r\n"),
        ("a: 1\nb: 2", ("b",), "a: 1\n"),
    ],
)
def test_what_is_left_stands_as_it_stood(text: str, path: Path, after: str) -> None:
    assert removed(text.encode(), "x.yaml", path) == after.encode()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a:\n  - x  # why\n  - y\n", ("a", 0)),
        ("a:\n  - x\n", ("a", 0)),
        ("- a: 1\n  b: 2\n", (0, "a")),
        ("a: 1\n", ("b",)),
    ],
)
def test_what_can_t_be_taken_out_alone_is_refused(text: str, path: Path) -> None:
    with pytest.raises(InvalidDataError):
        removed(text.encode(), "x.yaml", path)
