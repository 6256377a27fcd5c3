"""A study comes into a question: question and claims together, by span, or not at all."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review import cli
from review.acts import notice
from review.acts.assign import Answers, Side, assign
from review.checking.check import check
from review.files.change import OvertakenError, apply
from review.files.store import Store
from review.grading.review import Review
from review.ground.errors import InvalidDataError, ReviewError, UsageError
from review.ground.yaml import parse
from review.model.screening import Decision, Outcome, Stage
from tests.conftest import HOME, Dying, give_rows, tree
from tests.test_files import replaced

DAY = "2026-10-05"
A, STUDY, QUESTION = "reviewer-a", "brackwater-2024", "sedanepril-pain"
TYPED = ["assign", STUDY, QUESTION, "--person", A]
FOR = Answers(results=["r1"], sides={"D02": "for"})


def added_alone(before: bytes, after: bytes) -> list[str]:
    """The lines that are new in a file, of which no other line went or moved."""
    old, new = before.decode().splitlines(), after.decode().splitlines()
    found = []
    for line in new:
        if old and old[0] == line:
            old.pop(0)
        else:
            found.append(line)
    assert old == [], "a line of the file went or changed"
    return found


def run(root: Path, *typed: str) -> int:
    return cli.main([*typed, "--root", str(root)], today=DAY)


def test_question_and_claims_change_together_and_by_span(store: Store) -> None:
    before = tree(store.root)
    change = assign(store.snapshot(), A, STUDY, QUESTION, FOR)
    assert tree(store.root) == before
    apply(store, change)
    after = tree(store.root)
    changed = {name for name in after if after[name] != before.get(name)} - {".review.lock"}
    assert changed == {"data/questions/sedanepril-pain.yaml", "data/claims/D02.yaml"}
    name = "data/questions/sedanepril-pain.yaml"
    added = added_alone(before[name], after[name])
    assert added == ["  - {study: brackwater-2024, results: [r1]}"]
    claim = before["data/claims/D02.yaml"].replace(
        b"[castlemere-2019]", b"[castlemere-2019, brackwater-2024]"
    )
    assert after["data/claims/D02.yaml"] == claim.replace(b"level: 4}", b"level: 2}")
    assert change.told.levels == {"D02": ("level 4", "level 2")}
    assert change.told.left == ()
    assert check(store.snapshot()) == []


@pytest.mark.parametrize("side", Side)
def test_each_side_is_a_list_of_the_claim(store: Store, side: Side) -> None:
    answers = replace(FOR, sides={"D02": str(side)})
    apply(store, assign(store.snapshot(), A, STUDY, QUESTION, answers))
    claim = store.claims()["D02"]
    listed = {"for": claim.supporting, "against": claim.against, "neutral": claim.neutral}
    assert listed[side][-1] == STUDY
    assert sum(STUDY in one for one in listed.values()) == 1
    raw = (store.root / "data/claims/D02.yaml").read_bytes()
    assert (
        list(parse(raw, "f").value)[7:10]
        == [
            "source_says",
            *sorted({"for", "neutral", str(side)}, key=["for", "against", "neutral"].index),
        ][:3]
    )


def test_a_study_without_a_usable_result_says_why(store: Store) -> None:
    answers = Answers(no_result=" 仅见于图 ", sides={"D02": "neutral"})
    apply(store, assign(store.snapshot(), A, STUDY, QUESTION, answers))
    one = store.questions()[QUESTION].studies[-1]
    assert (one.study, one.results) == (STUDY, ())
    assert one.no_result is not None
    assert one.no_result.model_dump() == {"en": None, "zh": "仅见于图"}
    assert check(store.snapshot()) == []


def test_what_the_claim_says_changes_with_it(store: Store) -> None:
    answers = replace(FOR, supports={"D02": "supported"}, directions={"D02": "benefit"})
    change = assign(store.snapshot(), A, STUDY, QUESTION, answers)
    apply(store, change)
    claim = store.claims()["D02"]
    assert (claim.support, claim.direction) == ("supported", "benefit")
    raw = (store.root / "data/claims/D02.yaml").read_text(encoding="utf-8")
    assert "\nsupport: supported\n" in raw


def test_what_check_will_say_is_told_at_once(store: Store) -> None:
    answers = replace(FOR, sides={"D02": "against"}, supports={"D02": "supported"})
    change = assign(store.snapshot(), A, STUDY, QUESTION, answers)
    apply(store, change)
    assert [one.sentence for one in change.told.left] == [
        "found supported, but brackwater-2024 stands against it"
    ]
    assert list(change.told.left) == check(store.snapshot())


def test_a_level_that_nobody_computed_is_left_to_its_person(store: Store) -> None:
    replaced("data/claims/D02.yaml", "level: 4", "level: 3")(store.root)
    change = assign(store.snapshot(), A, STUDY, QUESTION, FOR)
    assert change.told.levels == {}
    assert [one.field for one in change.told.left] == ["grade.level"]


@pytest.fixture
def small(store: Store) -> Store:
    """The trial with 40 people analysed, for which a step is proposed."""
    replaced("data/extractions/brackwater-2024.yaml", "analysed: 60,", "analysed: 40,")(store.root)
    path = "data/extractions/brackwater-2024.yaml"
    replaced(
        path,
        "results:\n  - {id: r1, outcome: pain",
        'results:\n  - {id: r1, note: "of 40", outcome: pain',
    )(store.root)
    return store


@pytest.mark.parametrize(
    ("steps", "level"), [({}, 2), ({"imprecision": 1}, 3), ({"imprecision": 0}, 2)]
)
def test_a_proposed_step_is_taken_by_who_assigns(
    small: Store, steps: dict[str, int], level: int
) -> None:
    change = assign(small.snapshot(), A, STUDY, QUESTION, replace(FOR, steps=steps))
    proposed = {str(one.factor) for one in change.told.proposed}
    assert "imprecision" in proposed or steps
    apply(small, change)
    review = Review.of(small.snapshot())
    assert review.headline[QUESTION].level == level == review.claims["D02"].grade.level
    taken = [one for one in review.questions[QUESTION].adjustments if one.study == STUDY]
    assert [(str(one.factor), one.steps, one.proposed_by) for one in taken] == [
        (factor, number, A) for factor, number in steps.items()
    ]
    assert all(one.sentence.en and one.sentence.zh for one in taken)
    left = [one.field for one in change.told.left]
    assert left == ([] if steps else ["adjustments"])


# ---- refusals -------------------------------------------------------------------------------------


def excluded(store: Store) -> None:
    protocol = store.protocol.criteria_hash
    for person in (A, "reviewer-b"):
        row = Decision(
            record="pmid-900000002", stage=Stage.TITLE_ABSTRACT, decision=Outcome.EXCLUDE,
            criterion="animals", date=DAY, protocol=protocol, tool="living-review 0.1.0",
        )  # fmt: skip
        give_rows(store, "screening", person, row)


def retracted(store: Store) -> None:
    snapshot, record = store.snapshot(), "pmid-900000002"
    apply(store, notice.add(snapshot, A, record, "retraction_in", "the journal's page", DAY))


def nothing(store: Store) -> None: ...


REFUSED: dict[str, tuple[Callable[[Store], None], Callable[[Any], Any], str]] = {
    "a stranger": (nothing, lambda s: assign(s, "nobody", STUDY, QUESTION, FOR),
        "--person nobody: not among the people of protocol.yaml (reviewer-a, reviewer-b)"),
    "without the role": (nothing, lambda s: assign(s, "reviewer-b", STUDY, QUESTION, FOR),
        "--person reviewer-b: has the roles screening, expected one of extraction, appraisal,"),
    "no such study": (nothing, lambda s: assign(s, A, "nobody-1999", QUESTION, FOR),
        "nobody-1999: no such study in data/extractions (aldermoor-2021, "),
    "a record of a study": (nothing, lambda s: assign(s, A, "pmid-900000002", QUESTION, FOR),
        "pmid-900000002: a report of the study brackwater-2024, expected the study's id"),
    "a record without data": (nothing, lambda s: assign(s, A, "pmid-900000010", QUESTION, FOR),
        "pmid-900000010: no study with data yet; draft it: review extract"),
    "no such question": (nothing, lambda s: assign(s, A, STUDY, "x", FOR),
        "x: no such question in data/questions (pain-prevalence, "),
    "excluded": (excluded, lambda s: assign(s, A, STUDY, QUESTION, FOR),
        "brackwater-2024: found excluded title abstract, expected an included study"),
    "retracted": (retracted, lambda s: assign(s, A, STUDY, QUESTION, FOR),
        "brackwater-2024: suspended, pmid-900000002 is retracted (retraction_in:the journal's"),
    "no such result": (nothing, lambda s: assign(s, A, STUDY, QUESTION, replace(FOR, results=["r9"])),
        "--result r9: no such result of brackwater-2024 (r1)"),
    "nothing said of its results": (nothing, lambda s: assign(s, A, STUDY, QUESTION, replace(FOR, results=[])),
        "expected --result ID (it has r1), or in --no-result TEXT why"),
    "both said": (nothing, lambda s: assign(s, A, STUDY, QUESTION, replace(FOR, no_result="x")),
        "expected --result ID (it has r1), or in --no-result TEXT why"),
    "a claim left out": (nothing, lambda s: assign(s, A, STUDY, QUESTION, replace(FOR, sides={})),
        "--claim D02=…: missing, expected for, against or neutral for each of D02"),
    "another question's claim": (nothing, lambda s: assign(s, A, STUDY, QUESTION, replace(FOR, sides={"D01": "for"})),
        "--claim D01: no claim of sedanepril-pain (D02)"),
    "no side": (nothing, lambda s: assign(s, A, STUDY, QUESTION, replace(FOR, sides={"D02": "pro"})),
        "--claim D02=pro: expected one of for, against, neutral"),
    "no support": (nothing, lambda s: assign(s, A, STUDY, QUESTION, replace(FOR, supports={"D02": "yes"})),
        "--support D02=yes: expected one of supported, partly,"),
    "no direction": (nothing, lambda s: assign(s, A, STUDY, QUESTION, replace(FOR, directions={"D02": "up"})),
        "--direction D02=up: expected one of benefit, harm,"),
    "a step that nobody proposed": (nothing, lambda s: assign(s, A, STUDY, QUESTION, replace(FOR, steps={"imprecision": 1})),
        "--step imprecision: no step is proposed for it (none is)"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_one_line_and_nothing_is_written(store: Store, name: str) -> None:
    prepare, act, sentence = REFUSED[name]
    prepare(store)
    before = tree(store.root)
    with pytest.raises(UsageError) as caught:
        act(store.snapshot())
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
    assert tree(store.root) == before


def test_a_notice_is_no_study(root: Path, update: Callable[..., int]) -> None:
    assert update() == 20
    store = Store(root)
    name = next(one for one, record in store.records().items() if record.is_notice)
    with pytest.raises(UsageError, match=f"{name}: a notice on another report, expected a study"):
        assign(store.snapshot(), A, name, QUESTION, FOR)
    with pytest.raises(UsageError, match="brackwater-2024: suspended, pmid-900000002 is retracted"):
        assign(store.snapshot(), A, STUDY, QUESTION, FOR)


def test_a_file_that_can_not_be_edited_by_span_changes_nothing(store: Store) -> None:
    """A claim that is one long line with a comment that would be lost."""
    path = store.root / "data/claims/D02.yaml"
    raw = path.read_bytes().replace(b"for: [castlemere-2019]\n", b"for: [ # why\n")
    path.write_bytes(
        raw.replace(
            b"neutral: [birchcombe-2014]\n", b"]\nneutral: [birchcombe-2014, castlemere-2019]\n"
        )
        .replace(b"support: partly", b"support: unsupported")
        .replace(b"{status: graded, level: 4}", b'{status: not_reproducible, basis: {en: "a"}}')
    )
    assert check(store.snapshot()) == []
    before = tree(store.root)
    with pytest.raises(InvalidDataError, match=r"D02\.yaml:\d+: for: can't be changed where it"):
        assign(store.snapshot(), A, STUDY, QUESTION, FOR)
    assert tree(store.root) == before


def test_a_question_that_says_no_study_answers_it_is_asked_first(store: Store) -> None:
    path = store.root / f"data/questions/{QUESTION}.yaml"
    raw = path.read_text(encoding="utf-8")
    raw = raw[: raw.index("studies:")] + "not_reproducible: {en: nobody read one}\n"
    path.write_text(raw, encoding="utf-8")
    for name in ("claims/D02.yaml",):
        (store.root / "data" / name).unlink()
    with pytest.raises(ReviewError, match="not_reproducible"):
        assign(store.snapshot(), A, STUDY, QUESTION, Answers(results=["r1"]))


# ---- never half -----------------------------------------------------------------------------------


def test_killed_at_each_write_the_question_is_before_or_after(root: Path, tmp_path: Path) -> None:
    change = assign(Store(root).snapshot(), A, STUDY, QUESTION, FOR)
    before = {write.path: (root / write.path).read_bytes() for write in change.writes}
    after = {write.path: write.after for write in change.writes}
    seen = set()
    for at in range(4):
        copy = tmp_path / str(at)
        shutil.copytree(root, copy)
        store = Store(copy, Dying(at))
        try:
            apply(store, change)
            seen.add("whole")
        except KeyboardInterrupt:
            seen.add("killed")
        with Store(copy).lock():
            stands = {name: (copy / name).read_bytes() for name in before}
        assert stands == (before if at == 0 else after)
    assert seen == {"whole", "killed"}


def test_a_file_that_changed_since_is_not_written_over(store: Store) -> None:
    change = assign(store.snapshot(), A, STUDY, QUESTION, FOR)
    replaced("data/claims/D02.yaml", "partly", "partly # why")(store.root)
    before = tree(store.root, ".review.lock")
    with pytest.raises(OvertakenError, match=r"data/claims/D02\.yaml: changed since"):
        apply(store, change)
    assert tree(store.root, ".review.lock") == before


# ---- the command ----------------------------------------------------------------------------------


def test_the_command_shows_writes_and_says_when_it_stands_there(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = [*TYPED, "--result", "r1", "--claim", "D02=for"]
    before = tree(root)
    assert run(root, *typed, "--dry-run") == 0
    told = capsys.readouterr().out
    assert "+  - {study: brackwater-2024, results: [r1]}" in told
    assert "+for: [castlemere-2019, brackwater-2024]" in told
    assert "nothing was written" in told
    assert tree(root) == before
    assert run(root, *typed, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["claims"] == {"D02": "for"}
    assert facts["levels"] == {"D02": {"was": "level 4", "is": "level 2"}}
    assert facts["files"] == ["data/questions/sedanepril-pain.yaml", "data/claims/D02.yaml"]
    assert (facts["written"], facts["already"]) == (True, False)
    after = tree(root)
    assert run(root, *TYPED) == 0
    assert "stands in sedanepril-pain already; nothing was changed" in capsys.readouterr().out
    assert tree(root) == after
    assert run(root, "check") == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["assign", STUDY, QUESTION], "--person is missing: who says so?"),
        ([*TYPED, "--claim", "D02"], "--claim D02: expected a name, = and a word"),
        ([*TYPED, "--claim", "D02=for", "--claim", "D02=against"], "--claim D02: found for and against"),
        ([*TYPED, "--step", "imprecision=many"], "--step imprecision=many: expected 0, 1 or 2"),
        ([*TYPED, "--result", "r1"], "--claim D02=…: missing"),
    ],
)  # fmt: skip
def test_the_command_refuses_in_one_line(
    root: Path, capsys: pytest.CaptureFixture[str], typed: list[str], sentence: str
) -> None:
    assert run(root, *typed) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"review assign: {sentence}")
    assert error.count("\n") == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_asks_for_what_was_not_typed(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("r1\nperhaps\na\n"))
    assert run(root, *TYPED) == 0
    asked = capsys.readouterr().err
    assert '"-1.4 (95% CI -2.3 to -0.5; p = 0.003)"' in asked
    assert "D02: Pain falls in people who take sedanepril." in asked
    assert asked.count("f for, a against, n neutral, q stop?") == 2
    assert Store(root).claims()["D02"].against == (STUDY,)


@pytest.mark.parametrize("answers", ["", "r1\nq\n", "\n\nf\n", "r9\nf\n"])
def test_who_stops_or_mistypes_changes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, answers: str
) -> None:
    before = tree(root)
    monkeypatch.setattr("sys.stdin", Terminal(answers))
    assert run(root, *TYPED) == 2
    assert tree(root) == before


def test_every_question_of_the_review_takes_a_study_by_span() -> None:
    """In memory alone: nothing of the review is written, and nobody signs."""
    store = Store(HOME)
    snapshot = store.snapshot()
    review = Review.of(snapshot)
    taken = 0
    for name, question in review.questions.items():
        listed = {one.study for one in question.studies}
        sides = {claim.id: "neutral" for claim in review.claims_of(name)}
        answers = Answers(no_result="not read yet", sides=sides)
        free = (
            study
            for study, extraction in review.library.extractions.items()
            if study not in listed and review.library.included & {*extraction.reports}
        )
        change = assign(snapshot, "reviewer-1", next(free), name, answers)
        assert len(change.writes) == 1 + len(sides)
        for write in change.writes:
            assert write.after is not None
            added_alone((HOME / write.path).read_bytes(), write.after)
        taken += 1
    assert taken == len(review.questions) > 40
