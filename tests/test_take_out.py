"""A study leaves a question: question and claims together, by span, with what is said of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from review import cli
from review.acts.take_out import Without, take_out
from review.checking.check import check
from review.checking.waiting import Kind, waiting
from review.demo import SECOND
from review.files.change import apply
from review.files.store import Store
from review.grading.review import Review
from review.ground.errors import UsageError
from tests.conftest import Dying, tree

DAY, A = "2026-10-05", "reviewer-a"
STUDY, QUESTION = "brackwater-2024", "tarvolimab-pain"
SAID = Without(supports={"D01": "not_verifiable"}, bases={"D01": "its only trial was retracted"})


def test_a_retracted_study_is_taken_out_and_check_finds_no_problem(
    root: Path, update: Callable[..., int]
) -> None:
    update(SECOND)
    store = Store(root)
    assert [str(one) for one in check(store.snapshot()) if "suspended" in str(one)]
    change = take_out(store.snapshot(), A, STUDY, QUESTION, SAID)
    apply(store, change)
    assert check(store.snapshot()) == []
    review = Review.of(store.snapshot())
    assert review.questions[QUESTION].studies == ()
    assert [one for one in review.questions[QUESTION].adjustments if one.study == STUDY] == []
    claim = review.claims["D01"]
    assert (claim.studies, claim.direction, claim.grade.level) == ((), "not_estimable", None)
    assert change.told.levels == {"D01": ("level 3", "not reproducible")}
    assert change.told.left == ()


def test_killed_at_any_write_the_study_stands_in_all_of_them_or_in_none(root: Path) -> None:
    before = tree(root)
    store = Store(root)
    change = take_out(store.snapshot(), A, STUDY, QUESTION, SAID)
    ends = set()
    for at in range(12):
        dying = Store(root, Dying(at))
        with suppress(KeyboardInterrupt):
            apply(dying, change)
        with Store(root).lock():
            pass
        stands = [
            STUDY in (root / name).read_text(encoding="utf-8")
            for name in (f"data/questions/{QUESTION}.yaml", "data/claims/D01.yaml")
        ]
        assert len(set(stands)) == 1, at
        ends.add(stands[0])
        for name, data in before.items():
            (root / name).write_bytes(data)
    assert ends == {True, False}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Without(), "--support D01=not_verifiable (nothing is left"),
        (Without(supports={"D01": "supported"}), "no other study stands in D01"),
        (Without(supports={"D01": "not_verifiable"}), "--basis D01=TEXT: missing, its level"),
        (Without(supports={"D02": "partly"}), "no claim in which brackwater-2024 stands (D01)"),
        (Without(directions={"D01": "up"}), "--direction D01=up: expected one of"),
    ],
)
def test_what_has_to_be_said_of_a_claim_is_asked_for(
    root: Path, said: Without, sentence: str
) -> None:
    before = tree(root)
    with pytest.raises(UsageError) as refused:
        take_out(Store(root).snapshot(), A, STUDY, QUESTION, said)
    assert sentence in str(refused.value)
    assert tree(root) == before


def test_a_study_that_stands_elsewhere_is_told_so(root: Path) -> None:
    with pytest.raises(UsageError, match="does not stand in sedanepril-pain"):
        take_out(Store(root).snapshot(), A, STUDY, "sedanepril-pain", SAID)
    with pytest.raises(UsageError, match="nobody"):
        take_out(Store(root).snapshot(), "nobody", STUDY, QUESTION, SAID)


def test_by_command_the_difference_is_shown_and_then_written(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["assign", STUDY, QUESTION, "--out", "--person", A, "--root", str(root)]
    typed += ["--support", "D01=not_verifiable", "--basis", "D01=its only trial was retracted"]
    before = tree(root)
    assert cli.main([*typed, "--dry-run"], today=DAY) == 0
    assert "-for: [brackwater-2024]" in capsys.readouterr().out
    assert tree(root) == before
    assert cli.main([*typed, "--json"], today=DAY) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["written"] is True
    assert told["levels"] == {"D01": {"was": "level 3", "is": "not reproducible"}}
    assert cli.main([*typed, "--claim", "D01=for"], today=DAY) == 2
    assert "goes with a study that comes in" in capsys.readouterr().err


# ---- and the claim is said anew ------------------------------------------------------------------


def test_a_claim_that_lost_its_study_waits_until_it_is_said_anew(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(root)
    apply(store, take_out(store.snapshot(), A, STUDY, QUESTION, SAID))
    told = waiting(Review.of(store.snapshot()), DAY)
    (fell,) = [one for one in told if one.kind is Kind.FELL]
    assert [one.name for one in fell.items] == ["D01"]
    assert "not verifiable now: Tarvolimab lowers pain more than placebo." in fell.items[0].about
    typed = ["confirm", "D01", "--person", A, "--root", str(root), "--sentence", "Nobody knows."]
    before = tree(root)
    assert cli.main(typed, today=DAY) == 0
    after = tree(root)
    assert {one for one in after if after[one] != before.get(one)} == {"data/claims/D01.yaml"}
    claim = Review.of(store.snapshot()).claims["D01"]
    assert (claim.sentence.en, claim.sentence.zh) == ("Nobody knows.", None), "the old is gone"
    assert Kind.FELL not in {one.kind for one in waiting(Review.of(store.snapshot()), DAY)}
    assert cli.main(typed, today=DAY) == 0
    assert tree(root) == after
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--sentence", " "], "expected a sentence of 1"),
        (["--sentence", "a\nb"], "in one line"),
        (["--sentence", "One.", "--sentence", "Two."], "found two in one language"),
        (["--sentence", "One.", "--translation"], "--sentence goes alone"),
    ],
)
def test_what_is_no_sentence_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    before = tree(root)
    assert cli.main(["confirm", "D01", "--person", A, "--root", str(root), *words]) == 2
    assert sentence in capsys.readouterr().err
    assert tree(root) == before


def test_all_steps_recorded_for_a_study_go_with_it_and_those_of_the_body_stay(root: Path) -> None:
    path = root / f"data/questions/{QUESTION}.yaml"
    text = path.read_text(encoding="utf-8")
    step = text[text.index("  - study: brackwater-2024\n    factor") :]
    body = step.replace("  - study: brackwater-2024\n    factor", "  - factor")
    second = step.replace("imprecision", "indirectness").replace("steps: 1", "steps: 0")
    path.write_text(text + body.replace("steps: 1", "steps: 0") + second, encoding="utf-8")
    store = Store(root)
    apply(store, take_out(store.snapshot(), A, STUDY, QUESTION, SAID))
    (left,) = Review.of(store.snapshot()).questions[QUESTION].adjustments
    assert (left.study, left.steps) == (None, 0)
