"""Proposed steps of a level: each house rule with its fragment, and what the rules never do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from review import cli
from review.files.store import Store
from review.grading.propose import chain, inconsistency
from review.grading.review import Review
from review.model.base import Bilingual, QuestionKind
from review.model.extraction import (
    Arm,
    Design,
    Direction,
    Estimand,
    Extraction,
    Fact,
    Measure,
    Result,
    SampleSize,
    SizeRole,
    SourceTier,
)
from review.model.question import Adjustment, EligibleStudy, Factor, Question
from tests.conftest import HOME

PLACE: dict[str, Any] = {
    "quote": "words",
    "locator": "abstract",
    "source_tier": SourceTier.ABSTRACT,
}


def study(
    name: str = "one-2020",
    *,
    design: Design = Design.RANDOMISED_TRIAL,
    flags: tuple[str, ...] = (),
    randomised: int | None = None,
    arms: tuple[int, ...] = (),
    **result: Any,
) -> Extraction:
    given: dict[str, Any] = {
        "id": "r1",
        "outcome": "pain",
        "measure": Measure.EFFECT,
        "value": 1.0,
        "estimand": Estimand.BETWEEN_ARM,
        **PLACE,
        **result,
    }
    return Extraction(
        format=1,
        study=name,
        reports=("pmid-1",),
        design=Fact[Design](value=design, **PLACE),
        conduct=tuple(Fact[str](value=one, **PLACE) for one in flags),
        sample=(SampleSize(role=SizeRole.RANDOMISED, people=randomised, **PLACE),)
        if randomised
        else (),
        arms=tuple(Arm(label=str(n), people=size, **PLACE) for n, size in enumerate(arms)),
        results=(Result(**given),),
    )


def question(*names: str, kind: QuestionKind = QuestionKind.TREATMENT) -> Question:
    words = Bilingual(en="a")
    prevalence: dict[str, Any] = (
        {"time": words, "place": words} if kind is QuestionKind.PREVALENCE else {}
    )
    return Question(
        format=1,
        question="q",
        kind=kind,
        text=words,
        population=words,
        outcome=words,
        studies=tuple(EligibleStudy(study=one, results=("r1",)) for one in names or ("one-2020",)),
        **prevalence,
    )


def made(extraction: Extraction, kind: QuestionKind = QuestionKind.TREATMENT) -> Any:
    asked = question(kind=kind)
    return chain(asked, asked.studies[0], extraction, {"eq-vas": False, "nrs": True}, "strict")


def sentence(found: Any) -> str:
    (one,) = found.proposals
    return str(one.sentence["en"])


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("extraction", "factor", "steps", "level"),
    [
        (study(analysed=40), Factor.IMPRECISION, 1, 3),  # small
        (study(arms=(24, 60)), Factor.IMPRECISION, 1, 3),  # a small arm
        (
            study(analysed=200, flags=("open_label",)),
            Factor.STUDY_QUALITY,
            1,
            3,
        ),  # people knew their arm
        (
            study(analysed=200, flags=("single_blind",)),
            Factor.STUDY_QUALITY,
            0,
            2,
        ),  # single-blind: to be read
        (study(analysed=70, randomised=100), Factor.STUDY_QUALITY, 1, 3),  # attrited
        (study(analysed=200, instrument="eq-vas"), Factor.INDIRECTNESS, 1, 3),  # another construct
    ],
)
def test_a_step_with_the_fragment_it_rests_on(
    extraction: Extraction, factor: Factor, steps: int, level: int
) -> None:
    found = made(extraction)
    (one,) = found.proposals
    assert (one.factor, one.steps) == (factor, steps)
    assert one.fragments[0].quote == "words"
    assert (found.recorded_level, found.proposed_level) == (2, level)


@pytest.mark.parametrize(
    "extraction",
    [
        study(analysed=200, randomised=210),
        study(analysed=200, flags=("double_blind", "placebo")),
        study(analysed=200, flags=("open_label", "sham")),
        study(),  # nothing read, nothing proposed
        study(analysed=200, instrument="nrs"),
    ],
)
def test_no_step_without_its_figures(extraction: Extraction) -> None:
    assert made(extraction).proposals == ()


def test_within_arm_and_post_hoc_start_lower_whatever_the_steps() -> None:
    within = made(study(estimand=Estimand.WITHIN_ARM, analysed=200))
    assert (within.recorded_level, within.proposals) == (4, ())
    later = made(study(design=Design.POST_HOC_EXTENSION, estimand=Estimand.WITHIN_ARM, analysed=95))
    assert later.recorded_level == 4
    assert (
        made(study(design=Design.NONRANDOM_SAMPLE, analysed=30), QuestionKind.PREVALENCE).proposals
        == ()
    )


def test_the_whole_is_the_most_who_began_and_the_analysed_the_fewest_of_any_result() -> None:
    one = study(analysed=95, randomised=100)
    enrolled = one.sample[0].model_copy(update={"role": SizeRole.ENROLLED, "people": 120})
    fewer = one.results[0].model_copy(update={"id": "r2", "analysed": 90})
    assert made(one).proposals == ()
    more = one.model_copy(update={"sample": (*one.sample, enrolled)})
    assert "95 of 120 people analysed: 21 %" in sentence(made(more))
    both = more.model_copy(update={"results": (*more.results, fewer)})
    asked = question().model_copy(
        update={"studies": (EligibleStudy(study="one-2020", results=("r1", "r2")),)}
    )
    found = chain(asked, asked.studies[0], both, {}, "strict")
    assert "90 of 120 people analysed: 25 %" in sentence(found)
    assert found.analysed == 90


@pytest.mark.parametrize(("analysed", "steps"), [(161, ()), (159, (1,)), (1, (1, 1))])
def test_a_fifth_of_the_people_missing_is_a_step(analysed: int, steps: tuple[int, ...]) -> None:
    found = made(study(analysed=analysed, randomised=200))
    assert tuple(one.steps for one in found.proposals) == steps


@pytest.mark.parametrize(
    ("whose", "steps", "open_", "level"),
    [
        ("one-2020", 1, (), 3),
        ("one-2020", 2, (Factor.IMPRECISION,), 4),  # other steps: told, and the recorded ones count
        ("two-2021", 1, (Factor.IMPRECISION,), 3),  # of another study
        (None, 1, (Factor.IMPRECISION,), 3),  # of the body of evidence
    ],
)
def test_a_proposal_that_is_recorded_is_told_as_such(
    whose: str | None, steps: int, open_: tuple[Factor, ...], level: int
) -> None:
    recorded = Adjustment(
        study=whose,
        factor=Factor.IMPRECISION,
        steps=steps,
        sentence=Bilingual(en="few"),
        proposed_by="reviewer-a",
    )
    asked = question().model_copy(update={"adjustments": (recorded,)})
    found = chain(asked, asked.studies[0], study(analysed=40), {}, "strict")
    assert [one.factor for one in found.proposals] == [Factor.IMPRECISION]
    assert tuple(one.factor for one in found.not_recorded) == open_
    assert found.proposed_level == level


def test_inconsistent_directions_are_a_step_for_the_body() -> None:
    both = {
        "one-2020": study("one-2020", direction=Direction.BENEFIT, analysed=90),
        "two-2021": study("two-2021", direction=Direction.HARM, analysed=90),
    }
    found = inconsistency(question(*both), both)
    assert found is not None
    assert (found.factor, found.steps) == (Factor.INCONSISTENCY, 1)
    both["two-2021"] = study("two-2021", direction=Direction.INCONCLUSIVE, analysed=90)
    assert inconsistency(question(*both), both) is None


def test_the_commands(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    propose = ["grade", "--propose", "--root", str(HOME / "demo")]
    assert cli.main(propose) == 0
    assert "nothing was written" in capsys.readouterr().out
    assert cli.main([*propose, "--json"]) == 0
    rows = {(one["question"], one["study"]): one for one in told(capsys)["studies"]}
    asked = Review.of(Store(HOME / "demo").snapshot()).questions.values()
    graded = [q for q in asked if q.kind is not QuestionKind.NOT_GRADABLE]
    assert set(rows) == {(q.id, one.study) for q in graded for one in q.studies}
    trial = rows["tarvolimab-pain", "brackwater-2024"]
    assert trial["design"] == "randomised_trial"
    assert cli.main([*propose, "--question", "tarvolimab-pain", "--json"]) == 0
    assert {one["question"] for one in told(capsys)["studies"]} == {"tarvolimab-pain"}
    assert cli.main([*propose, "--question", "nothing"]) == 2
    assert cli.main(["grade", "--propose", "--json", "--root", str(HOME)]) == 0
    steps = [p for s in json.loads(capsys.readouterr().out)["studies"] for p in s["proposals"]]
    assert steps
    assert all(step["sentence"]["en"] and step["sentence"]["zh"] for step in steps)
    assert cli.main(["appraise"]) == 0
    assert "rob-2" in capsys.readouterr().out


def test_an_empty_form_is_written_once_and_checked(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    root = tmp_path / "review"
    shutil.copytree(HOME / "demo", root, ignore=shutil.ignore_patterns("world", "*.py", "texts"))
    command = ["appraise", "brackwater-2024", "--form", "rob-2", "--root", str(root)]
    assert cli.main(command) == 0
    path = root / "data" / "appraisals" / "brackwater-2024-rob-2.yaml"
    raw = path.read_text(encoding="utf-8")
    assert raw.count("judgement: null") == 5
    assert cli.main(["check", "--root", str(root)]) == 0
    assert cli.main(command) == 2
    assert "already there" in capsys.readouterr().err
    path.write_text(raw.replace("judgement: null", 'judgement: "low"', 1), encoding="utf-8")
    assert cli.main(["check", "--root", str(root)]) == 40
    assert "a judgement needs its support or a note" in capsys.readouterr().out
    good = raw.replace(
        "judgement: null\n    support: null", 'judgement: "fine"\n    support: "words"', 1
    )
    path.write_text(good.replace("by: null", "by: reviewer-a"), encoding="utf-8")
    assert cli.main(["check", "--root", str(root)]) == 40
    assert "found fine, expected one of low, some_concerns, high" in capsys.readouterr().out
    assert cli.main(["appraise", "brackwater-2024", "--form", "mine", "--root", str(root)]) == 2
    assert cli.main(["appraise", "nobody-2020", "--form", "rob-2", "--root", str(root)]) == 2
