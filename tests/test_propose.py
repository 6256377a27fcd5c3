"""Proposed steps of a level: each house rule with its fragment, and what the rules never do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from review import cli
from review.acts.assign import Answers, assign
from review.checking.check import check
from review.files.store import Store
from review.grading.levels import Status, grade_question
from review.grading.propose import chain, inconsistency, recorded, scales_of, screens_of, unrecorded
from review.grading.review import Review
from review.ground.errors import UsageError
from review.model.base import Bilingual, QuestionKind
from review.model.extraction import (
    Arm,
    Ascertainment,
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
from review.model.protocol import QuestionPolicy
from review.model.question import Adjustment, EligibleStudy, Factor, Question
from review.selection.library import Library
from review.synthesis.eligible import chosen
from tests.conftest import HOME
from tests.test_files import replaced

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


# ---- who was studied, and by what ----------------------------------------------------------------


def described(extraction: Extraction, **facts: str) -> Extraction:
    return extraction.model_copy(
        update={name: Fact[str](value=value, **PLACE) for name, value in facts.items()}
    )


PEOPLE = {
    "self-reported: 213 people": Factor.INDIRECTNESS,
    "people whose diagnosis was not confirmed": Factor.INDIRECTNESS,
    "suspected disease": Factor.INDIRECTNESS,
    "自报患者 213 人": Factor.INDIRECTNESS,
    "疑似病例": Factor.INDIRECTNESS,
    "a self-selected sample": Factor.STUDY_QUALITY,
    "自愿报名者": Factor.STUDY_QUALITY,
    "confirmed by the criteria of 2015": None,
    "seronegative people": None,
    "with and without antibodies": None,
}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("kind", [QuestionKind.TREATMENT, QuestionKind.PREVALENCE])
def test_a_diagnosis_of_their_own_or_unconfirmed_is_a_step(who: str, kind: QuestionKind) -> None:
    found = made(described(study(analysed=200), population=who), kind)
    factor = PEOPLE[who]
    assert [(one.factor, one.steps) for one in found.proposals] == ([(factor, 1)] if factor else [])
    assert all(one.fragments[0].quote == "words" for one in found.proposals)


def test_elsewhere_the_diagnosis_has_to_be_named() -> None:
    own = study(analysed=200)
    (one,) = made(described(own, setting="online, self-reported diagnosis")).proposals
    assert one.factor is Factor.INDIRECTNESS
    assert made(described(own, setting="online; self-reported symptoms")).proposals == ()


SCREENS = {"pain": frozenset({"screener", "other-screener"})}


@pytest.mark.parametrize(
    ("result", "used", "steps"),
    [
        ({"ascertainment": "asked"}, (), (1,)),
        ({"ascertainment": "questionnaire"}, (), (1,)),
        ({"ascertainment": "asked", "instrument": "nrs"}, (), (1,)),
        ({"ascertainment": "questionnaire", "instrument": "screener"}, (), ()),
        ({"ascertainment": "questionnaire"}, ("other-screener",), ()),
        ({"ascertainment": "chart"}, (), ()),  # somebody looked
        ({}, (), ()),  # nobody read how
        ({"ascertainment": "asked", "outcome": "fatigue"}, (), ()),  # nothing screens for it
    ],
)
def test_a_kind_that_is_screened_for_by_asking_alone_is_a_step(
    result: dict[str, Any], used: tuple[str, ...], steps: tuple[int, ...]
) -> None:
    given = {"estimand": Estimand.NONE, "analysed": 200, **result}
    if "ascertainment" in given:
        given["ascertainment"] = Ascertainment(given["ascertainment"])
    asked = question(kind=QuestionKind.PREVALENCE)
    tools = tuple(Fact[str](value=one, **PLACE) for one in used)
    one = study(design=Design.NONRANDOM_SAMPLE, **given).model_copy(update={"instruments": tools})
    found = chain(asked, asked.studies[0], one, {"nrs": True}, "strict", SCREENS)
    assert tuple(p.steps for p in found.proposals) == steps
    assert {p.factor for p in found.proposals} <= {Factor.INDIRECTNESS}


def test_one_item_on_how_strong_it_is_is_no_reason() -> None:
    asked = question()
    own = study(analysed=200, instrument="nrs", ascertainment=Ascertainment.ASKED)
    assert chain(asked, asked.studies[0], own, {"nrs": True}, "strict", {}).proposals == ()


def test_population_and_construct_are_two_steps_of_one_factor() -> None:
    own = described(study(analysed=200, instrument="eq-vas"), population="self-reported")
    assert (made(own).recorded_level, made(own).proposed_level) == (2, 4)
    two = recorded(made(own).proposals[0], 2, "reviewer-a").model_copy(update={"study": "one-2020"})
    asked = question().model_copy(update={"adjustments": (two,)})
    found = chain(asked, asked.studies[0], own, {"eq-vas": False}, "strict")
    assert (found.not_recorded, found.recorded_level, found.proposed_level) == ((), 4, 4)


def test_a_general_item_offered_as_the_outcome_is_data_of_the_vocabulary() -> None:
    words = Store(HOME).vocabulary()
    scales = scales_of(words)
    assert (scales["eq-vas"], scales["sf-36"], scales["eq-5d"]) == (False, False, False)
    assert (scales["nrs"], scales["sf-36-bodily-pain"]) == (True, True)
    assert "dn4" in screens_of(words)["neuropathic-pain"]


# ---- with and without ----------------------------------------------------------------------------


@pytest.fixture
def few(root: Any) -> Any:
    """The trial with 40 people analysed, and nobody who considered it."""
    path = "data/extractions/brackwater-2024.yaml"
    replaced(path, "analysed: 60,", "analysed: 40,")(root)
    replaced(path, "people: 64,", "people: 44,")(root)
    path = "data/questions/tarvolimab-pain.yaml"
    text = (root / path).read_text(encoding="utf-8")
    (root / path).write_text(text[: text.index("adjustments:")], encoding="utf-8")
    return root


def test_a_step_that_nobody_recorded_prints_the_level_with_and_without(
    few: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["grade", "--root", str(few)]) == 0
    out = capsys.readouterr().out
    assert (
        "tarvolimab-pain: level 2\n"
        "  with the proposed steps that nobody recorded: level 3; without: level 2\n"
        "    brackwater-2024: imprecision, 1 step: 40 people analysed for this outcome, fewer than"
    ) in out
    assert (
        "  claim D01: level 2 (the earlier review printed 2)\n    with the proposed steps: level 3"
        in out
    )
    assert out.count("nobody recorded") == 1
    assert cli.main(["grade", "--propose", "--root", str(few)]) == 0
    assert "  with what is proposed: level 3; without: level 2" in capsys.readouterr().out
    assert cli.main(["grade", "--root", str(few), "--json"]) == 0
    rows = {one["claim"]: one for one in told(capsys)}
    one = rows["D01"]
    assert (one["level"], one["level_with_them"], one["question_level_with_them"]) == (2, 3, 3)
    assert [step["study"] for step in one["steps_nobody_recorded"]] == ["brackwater-2024"]
    assert rows["D02"]["steps_nobody_recorded"] == []


def test_what_was_considered_is_an_answer(few: Any) -> None:
    store = Store(few)
    review = Review.of(store.snapshot())
    open_ = unrecorded(review.library, review.questions, review.vocabularies)
    (step,) = open_["tarvolimab-pain"].steps
    for number in (0, 1, 2):
        taken = recorded(step, number, "reviewer-a")
        assert (taken.study, taken.steps, taken.proposed_by) == (
            "brackwater-2024",
            number,
            "reviewer-a",
        )
        asked = review.questions["tarvolimab-pain"].model_copy(update={"adjustments": (taken,)})
        questions = {**review.questions, "tarvolimab-pain": asked}
        assert "tarvolimab-pain" not in unrecorded(review.library, questions, review.vocabularies)


def test_a_step_of_the_body_is_printed_too() -> None:
    both = {
        "one-2020": study("one-2020", direction=Direction.BENEFIT, analysed=90),
        "two-2021": study("two-2021", direction=Direction.HARM, analysed=90),
    }
    library = Library.of(Store(HOME / "demo").snapshot())
    library = replace(library, extractions=both)
    open_ = unrecorded(library, {"q": question(*both)}, {})
    assert open_["q"].body is not None
    assert grade_question(open_["q"].question, library).level == 3
    assert grade_question(question(*both), library).level == 2


# ---- a tie, and designs without a frequency ------------------------------------------------------


def test_a_tie_names_all_studies_of_the_level() -> None:
    own = {
        "two-2021": study("two-2021", analysed=90),
        "one-2020": study("one-2020", analysed=90),
        "low-2022": study("low-2022", design=Design.CASE_SERIES, analysed=90),
    }
    library = replace(Library.of(Store(HOME / "demo").snapshot()), extractions=own)
    grade = grade_question(question(*own), library)
    assert grade.level == 2
    assert grade.reasons[0].model_dump() == {
        "en": "starts at level 2, that of one-2020, two-2021",
        "zh": "起始 2 级，依据 one-2020、two-2021",
    }


@pytest.mark.parametrize(
    ("design", "words", "pooled"),
    [
        (Design.CASE_REPORT, "a case report", "single cases, laboratory work and reviews are"),
        (Design.CASE_CONTROL, "a case-control study", "a case-control study gives no frequency"),
    ],
)
def test_a_single_case_and_a_case_control_study_give_no_frequency(
    root: Any, design: Design, words: str, pooled: str
) -> None:
    own = {"one-2020": study(design=design, measure=Measure.PROPORTION, events=1, total=1)}
    library = replace(Library.of(Store(HOME / "demo").snapshot()), extractions=own)
    grade = grade_question(question(kind=QuestionKind.PREVALENCE), library)
    assert (grade.status, grade.studies[0].level) == (Status.NOT_REPRODUCIBLE, None)
    assert grade.studies[0].reasons[0]["en"] == f"{words} gives no frequency"
    assert grade_question(question(kind=QuestionKind.TREATMENT), library).level == 4
    policy = library.protocol.synthesis.questions.get("q") or QuestionPolicy()
    asked = question(kind=QuestionKind.PREVALENCE)
    why = chosen(asked, asked.studies[0], own["one-2020"], policy)
    assert isinstance(why, Bilingual)
    assert why["en"].startswith(pooled)
    path = root / "data/extractions/eastlake-2017.yaml"
    raw = path.read_text(encoding="utf-8")
    path.write_text(raw.replace("value: nonrandom_sample", f"value: {design}"), encoding="utf-8")
    (problem,) = [one for one in check(Store(root).snapshot()) if "frequency" in one.sentence]
    assert (problem.path, problem.field) == (
        "data/questions/spasm-prevalence.yaml",
        "studies[1].results",
    )
    assert (
        problem.sentence
        == f"found r1 of eastlake-2017, expected no_result: {words} gives no frequency"
    )
    question_ = root / "data/questions/spasm-prevalence.yaml"
    text = question_.read_text(encoding="utf-8")
    question_.write_text(
        text.replace("  - {study: eastlake-2017, results: [r1]}\n", ""), encoding="utf-8"
    )
    answers = Answers(results=["r1"])
    with pytest.raises(UsageError, match=f"eastlake-2017: {words} gives no frequency; say so in"):
        assign(Store(root).snapshot(), "reviewer-a", "eastlake-2017", "spasm-prevalence", answers)


def test_the_rules_move_no_level_of_the_review() -> None:
    """Claims declare their levels, and each is what the rules give."""
    review = Review.of(Store(HOME).snapshot())
    graded = [one for one in review.claims.values() if one.grade.level is not None]
    assert len(graded) == 15
    for claim in graded:
        assert review.claim_grades[claim.id].level == claim.grade.level


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
