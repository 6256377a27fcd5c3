"""A strategy is proven well-formed before it is sent; tags are evaluated as PubMed would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.searching.sources.pubmed_query import QueryError, Searchable, matches, parse, resolve

RECORD = Searchable.of(
    title="Pain in AQ-4 positive people: Devic's disease",
    abstract="Neuropathic pain was frequent. Headaches were rare.",
    keywords=["quality of life"],
    mesh=["Chronic Pain"],
    uid="123",
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pain[ti]", True),
        ("headache[tiab]", False),
        ("headache*[tiab]", True),
        ('"neuropathic pain"[tiab]', True),
        ('"pain neuropathic"[tiab]', False),
        ('"devic\'s disease"[tiab]', True),
        ("AQ-4[tiab]", True),
        ('"quality of life"[tiab]', True),
        ('"Pain"[mh]', False),
        ('"Chronic Pain"[mh]', True),
        ("absent[tiab] OR pain[tiab]", True),
        ("absent[tiab] AND pain[tiab]", False),
        ("pain[tiab] NOT headaches[tiab]", False),
        ("absent[ti] OR pain[ti] AND absent[ti]", False),
        ("absent[ti] OR (pain[ti] NOT absent[ti])", True),
        ("neuropathic pain", True),
        ("100:200[uid]", True),
        ("200:300[uid]", False),
        ("pain[ad]", False),
    ],
)
def test_operators_run_left_to_right_and_fields_are_kept_apart(query: str, expected: bool) -> None:
    assert matches(parse(query), RECORD) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("CD19[tiab]", True),
        ('"CO2 laser"[ti]', True),
        ('"CO₂ laser"[ti]', True),
        ("C5a[tiab]", True),
        ("18F[tiab]", True),
        ("CO[ti]", False),
        ("F[tiab]", False),
    ],
)
def test_raised_and_lowered_digits_are_found_as_pubmed_finds_them(
    query: str, expected: bool
) -> None:
    record = Searchable.of(title="CO₂ laser", abstract="CD₁₉ and C₅a, seen by ¹⁸F-FDG.")
    assert matches(parse(query), record) is expected


@pytest.mark.parametrize(
    ("query", "position", "words"),
    [
        ("a and b", 3, "operators are capitals"),
        ('("x"[tiab]', 1, "never closed"),
        ("x)", 2, "never opened"),
        ("foo[zz]", 4, "unknown field tag [zz]"),
        ("nmo*[tiab]", 1, "four letters"),
        ("pa*in[tiab]", 1, "four letters"),
        ('"unclosed', 1, "never closed"),
        ("AND x", 1, "nothing stands before AND"),
        ("x OR", 3, "nothing stands after OR"),
        ("x OR OR y", 6, "nothing stands before OR"),
        ("()", 2, "nothing stands between"),
        ("x[ti][ab]", 6, "follows no term"),
        ("", 1, "empty"),
        ("#3 AND x", 2, "no line #3"),
        ("“x”", 1, 'expected a plain "'),
        ("x [ti", 3, "never closed"),
        ("x" * 20_001, 1, "expected at most"),
        ("(" * 70 + "x" + ")" * 70, 61, "nested over"),
    ],
)
def test_a_fault_is_named_with_its_position(query: str, position: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert any(f.position == position and words in f.sentence for f in caught.value.faults), (
        caught.value.faults
    )


def test_references_are_written_out_and_only_backwards() -> None:
    lines = {1: "a OR b", 2: "c[ti]", 3: '#1 AND #2 NOT "x #1"'}
    assert resolve(lines)[3] == '(a OR b) AND (c[ti]) NOT "x #1"'
    with pytest.raises(QueryError, match="#2 is no line before line 1"):
        resolve({1: "#2", 2: "x"})


def test_references_that_double_are_stopped_before_they_grow() -> None:
    with pytest.raises(QueryError, match="longer than"):
        resolve({1: "word " * 20, **{n: f"#{n - 1} OR #{n - 1}" for n in range(2, 40)}})


@given(st.text(alphabet='ab*"[]()# ANDORT:~1\n', max_size=60))
def test_no_query_makes_it_crash(query: str) -> None:
    try:
        tree = parse(query)
    except QueryError as error:
        assert error.faults
    else:
        assert isinstance(matches(tree, RECORD), bool)


def test_parentheses_around_one_part_are_that_part() -> None:
    assert parse("((pain[ti]))") == parse("pain[ti]")
    assert parse("(a OR b) AND c") != parse("a OR (b AND c)")
    assert parse("(a OR b)") == parse("a OR b")
