"""Chinese records: one script for titles, readings for names, nothing folded to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from review.dedupe.comparable import Comparable
from review.dedupe.comparable import comparable as comparable_entry
from review.dedupe.compare import compare, same_person
from review.dedupe.entries import of_record
from review.dedupe.fields import person
from review.dedupe.text import fold
from review.ground.chinese_names import is_chinese, language_tag, readings, simplified
from review.model.record import Author, Record

TITLE = "大理石样脊髓综合征患者的神经病理性疼痛与睡眠质量的关系研究"
OLD = "大理石樣脊髓綜合徵患者的神經病理性疼痛與睡眠質量的關係研究"


def record(one: str, **fields: Any) -> Record:
    base: dict[str, Any] = {"title": TITLE, "year": 2020, "authors": (Author(literal="张雪"),)}
    return Record(format=1, id=one, source="test", **{**base, **fields})


def outcome(one: dict[str, Any], other: dict[str, Any]) -> str:
    pair = (record("src-aaaaaaaaaa", **one), record("src-bbbbbbbbbb", **other))
    return compare(*map(comparable, pair)).outcome


def comparable(one: Record) -> Comparable:
    return comparable_entry(of_record(one))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ({}, {"title": OLD}, "duplicate"),
        ({}, {"title": OLD, "authors": (Author(literal="張雪"),)}, "duplicate"),
        ({}, {"authors": (Author(family="Zhang", given="Xue"),)}, "duplicate"),
        ({}, {"authors": (Author(literal="Zhang Xue"),)}, "duplicate"),
        ({}, {"authors": (Author(literal="Xue ZHANG"),)}, "duplicate"),
        ({}, {"authors": (Author(family="Li", given="Xue"),)}, "queue"),
        ({}, {"authors": (Author(literal="李雪"),)}, "queue"),
        # one character tells one drug, one population, one part from another
        ({"title": "利妥昔单抗治疗大理石样脊髓综合征患者疼痛的临床研究"},
         {"title": "托珠单抗治疗大理石样脊髓综合征患者疼痛的临床研究"}, "queue"),
        ({"title": TITLE + "（一）"}, {"title": TITLE + "（二）"}, "queue"),
        ({"title": "男性" + TITLE}, {"title": "女性" + TITLE}, "queue"),
        ({"title": "编者按"}, {"title": "编者按"}, "distinct"),
    ],
)  # fmt: skip
def test_chinese_pairs(a: dict[str, Any], b: dict[str, Any], expected: str) -> None:
    assert outcome(a, b) == expected
    assert outcome(b, a) == expected


def test_titles_are_kept_as_they_are_and_compared_in_one_script() -> None:
    assert record("src-aaaaaaaaaa", title=OLD).title == OLD
    assert simplified(OLD) == TITLE
    assert comparable(record("src-aaaaaaaaaa", title=OLD)).text == TITLE


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("张雪", ("zhang", "xue")),
        ("張雪", ("zhang", "xue")),
        ("单 宁", ("shan", "ning")),
        ("曾子", ("zeng", "zi")),
        ("欧阳明", ("ouyang", "ming")),
        ("歐陽明", ("ouyang", "ming")),
        ("吕宁", ("lv", "ning")),
    ],
)
def test_a_name_is_read_as_a_name(name: str, reading: tuple[str, str]) -> None:
    assert readings(name) == reading


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Doe, Jane", "Jane Doe", True),
        ("Doe, J.", "Doe J", True),
        ("Doe, J.", "Doe, K.", False),
        ("Doe, Jane", "Roe, Jane", False),
        ("de la Cruz, A", "A. de la Cruz", True),
        ("Hrubý, R", "Hruby R.", True),
        ("HrubÃ½ R.", "Hruby R.", True),
        ("张雪", "Zhang, Xue", True),
        ("张雪", "Xue ZHANG", True),
        ("歐陽明", "Ouyang Ming", True),
        ("Rizvi A.", "Tang X. L.", False),
    ],
)
def test_two_names_are_one_person_in_any_order_script_and_length(
    a: str, b: str, same: bool
) -> None:
    one, other = person(a), person(b)
    assert one is not None
    assert other is not None
    assert same_person(one, other) is same
    assert same_person(other, one) is same


def test_nobody_is_nobody() -> None:
    assert [person(name) for name in ("et al", "null", "", ".")] == [None] * 4


@pytest.mark.parametrize(
    "title",
    ["視神経脊髄炎の疼痛", "Боль при миелите", "疼痛", "ألم الأعصاب", "Πόνος", "통증", "כאב"],
)
def test_no_script_is_folded_to_nothing(title: str) -> None:
    assert comparable(record("src-aaaaaaaaaa", title=title)).text
    assert comparable(record("src-aaaaaaaaaa", title=title)).words


def test_kana_stay_apart() -> None:
    assert fold("がん") != fold("かん")
    assert fold("ｶﾞﾝ") == fold("ガン"), "half width is only another width"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("疼痛", "zh"),
        ("NMOSD 疼痛", "zh"),
        ("\U00020bb7", "zh"),  # beyond the first 65,536 characters
        ("\u3400", "zh"),
        ("\uf900", "zh"),
        ("Müller “pain” ±，", "en"),
        ("ペイン", "en"),
        ("", "en"),
    ],
)
def test_the_language_that_a_page_marks_is_told_by_the_script(text: str, tag: str) -> None:
    assert language_tag(text) == tag
    assert is_chinese(text) == (tag == "zh")
