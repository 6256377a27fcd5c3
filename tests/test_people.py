"""Numbers of people: the study's one, its arms', and P values, as sentences say them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extractors import Lexicon, Passage, find_all
from extractors._number_words import number
from extractors._people import counts
from review import cli
from review.demo import DEMO


def found(text: str, field: str) -> list[object]:
    passage = Passage("A study.", text)
    return [one.value for one in find_all(passage, Lexicon()) if one.field == field]


@pytest.mark.parametrize(
    ("text", "twin", "people"),
    [
        (
            "Weight was measured at 12 weeks in all arms.",
            "Weight was measured in 12 women in all arms.",
            12,
        ),
        ("Ninety-four percent were satisfied.", "Ninety-four patients were satisfied.", 94),
        ("We examined 40 eyes and 12 samples.", "We examined 40 women and 12 samples.", 40),
        ("Cells with 4,000 or more grains were kept.", "4,000 patients were kept.", 4000),
        ("The trial was registered 27 July 2015.", "The trial registered 27 patients.", 27),
        ("Doses of 20 mg were given for 8 cycles.", "Doses of 20 mg were given to 8 women.", 8),
    ],
)
def test_what_is_no_number_of_people(text: str, twin: str, people: int) -> None:
    assert not list(counts(Passage("A study.", text).sentences))
    assert not found(text, "total_sample_size")
    assert [one.people for one in counts(Passage("A study.", twin).sentences)] == [people]
    assert found(twin, "total_sample_size") == [people]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("A total of 145 patients were enrolled; 117 (80.7%) had pain.", 145),
        ("Fifty-three women were randomised (26 drug and 27 placebo).", 53),
        ("Two thousand eight hundred sixteen women were randomly assigned to A or B.", 2816),
        ("We recruited 1,204 adults. Of these, 602 received the drug.", 1204),
        ("Participants (n = 54) had a mean age of 59.5 years.", 54),
        ("Among 134 patients, 68 were treated with A and 66 with B.", 134),
        ("Thirty-three AA BCS were randomly assigned to either group.", 33),
        ("Out of 90 people, 22 reported pain. Twelve people (55%) took a drug.", 90),
    ],
)
def test_the_number_of_the_study(text: str, people: int) -> None:
    assert found(text, "total_sample_size") == [people]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        (
            "A total of 46 adults were randomised to stimulation (n = 23) or sham (n = 23).",
            [23, 23],
        ),
        ("Fifty-three women were randomised (26 drug and 27 placebo).", [26, 27]),
        ("DD patients (n = 104) received A. CS patients (n = 107) received B.", [104, 107]),
        ("A total of 266 patients were randomly assigned to GT and 263 to paclitaxel.", [266, 263]),
        ("We studied 80 people; pain fell by 12 points in 30 days.", []),
        ("In all 117 patients were analysed (58 in the A arm, 59 in the C arm).", [58, 59]),
        ("The 117 patients of both groups (58 women, 59 men) were analysed.", []),
        ("The weekly arm had 52 assessable patients; the other arm had 51 patients.", [52, 51]),
        ("The A and the C group consisted of 22 and 21 patients, respectively.", [22, 21]),
        (
            "They were randomly assigned to group B (drug; 37 pts) and group C (none; 38 pts).",
            [37, 38],
        ),
        (
            "We randomised 165 people. Fever came in 45 (54%) of 83 patients of the A group and one (1%) of 77 of the C group.",
            [83, 77],
        ),
    ],
)
def test_the_numbers_of_the_arms(text: str, sizes: list[int]) -> None:
    assert found(text, "arm_size") == sizes


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("P < 0.05 was considered significant.", []),
        ("The level of significance was set at p = 0.05.", []),
        ("Pain fell (P=0.03) and sleep did not (p = .41).", [0.03, 0.41]),
        ("Pain fell (P&lt;0.001).", [0.001]),
        ("Pain fell (p value of ≤ 0,02).", [0.02]),
        ("P for interaction = .12; P = 2.5 x 10-8.", [0.12, 2.5e-8]),
        ("A ratio of 0.05 and type p53 = 1.2.", []),
        ("P = 0. 03 is misprinted.", []),
        ("Pain fell (p=0.04, 0.3 points).", [0.04]),
        ("It differed at the P = 0.05 level.", []),
        ("Pinteraction=0.03; Padj = .02; P-FDR=0.04", [0.03, 0.02, 0.04]),
        ("P值为0.03，均P<0.05。", [0.03, 0.05]),
        ("p (two-sided) = 0.03; P-value, 0.04; P=3.1 x 10(-5)", [0.03, 0.04, 3.1e-5]),
        ("p=0.03, 0.04, and 0.06, respectively", [0.03, 0.04, 0.06]),
        ("P<0.001, 0.85; 95% CI 0.4 to 0.9", [0.001]),
        ("A two-tailed P<0.05 indicated significance.", []),
        ("以P<0.05为差异有统计学意义。", []),
        ("Variables with p<0.1 were entered.", []),
        ("The difference was not considered significant (P=0.1).", [0.1]),
        ("P = 0.02-0.04 in all, and substance P = 0.5 ng/ml.", []),
        ("HSP70=0.5 and P2 = 0.3", []),
    ],
)
def test_p_values_but_no_level_that_was_set(text: str, values: list[float]) -> None:
    assert found(text, "p_value") == pytest.approx(values)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Twenty-two", 22),
        ("one hundred and twenty-five", 125),
        ("Two thousand eight hundred sixteen", 2816),
        ("a hundred", 100),
        ("twenty fifty", 0),
        ("1,204", 1204),
    ],
)
def test_numbers_in_words(words: str, value: int) -> None:
    assert number(words) == value


def test_any_records_are_read_in_one_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "found.jsonl"
    world = str(DEMO / "world" / "2026-09-01.xml")
    command = ["extract", "--records", world, "--out", str(out), "--root", str(DEMO)]
    assert cli.main([*command, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert facts["records"] == len(rows) == 130
    assert facts["findings"] == sum(len(row["findings"]) for row in rows) > 200
    converted = tmp_path / "a.jsonl"
    assert cli.main(["convert", world, str(converted)]) == 0
    texts = [json.loads(line) for line in converted.read_text(encoding="utf-8").splitlines()]
    for row, record in zip(rows, texts, strict=True):
        text = f"{record['title']}\n{record['abstract'] or ''}"
        for one in row["findings"]:
            assert text[one["start"] : one["end"]] == one["quote"]
            assert one["record"] == row["record"]
    assert {one["field"] for row in rows for one in row["findings"]} >= {"design", "instrument"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--records", "x.jsonl"], "--records needs --out"),
        (["--out", "x.jsonl"], "--out goes with --records"),
        (["--records", "no.jsonl", "--out", "x.jsonl"], "no.jsonl: no such file"),
    ],
)
def test_wrong_words_are_one_line(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["extract", "--root", str(DEMO), *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_findings_are_never_written_over_the_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "Forty people with pain"}\n', encoding="utf-8")
    before = path.read_bytes()
    command = ["extract", "--records", str(path), "--out", str(path), "--root", str(DEMO)]
    assert cli.main(command) == 2
    assert "found a file that is read, expected a file of its own" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["a.jsonl"]
