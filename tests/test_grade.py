"""Grading: the table cell by cell, the rules of method one by one, reasons for every step."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from review import cli
from review.demo import DEMO
from review.files.store import Store
from review.grading.levels import Status, grade_claims, grade_question, grade_study, table, worst
from review.grading.propose import chain
from review.grading.review import Review
from review.ground.errors import UsageError
from review.model.base import Bilingual, QuestionKind
from review.model.extraction import (
    Design,
    Estimand,
    Extraction,
    Fact,
    Measure,
    Result,
    SourceTier,
    fewest_analysed,
)
from review.model.question import Adjustment, EligibleStudy, Factor, Question
from review.model.record import Author, Notice, NoticeType
from review.selection.library import Library

LIBRARY = Library.of(Store(DEMO).snapshot())
CELLS = [
    ("treatment", "systematic_review_of_trials", 2),  # until an AMSTAR 2 entry exists
    ("treatment", "n_of_1", 1),
    ("treatment", "randomised_trial", 2),
    ("treatment", "nonrandomised_controlled", 3),
    ("treatment", "uncontrolled_follow_up", 4),
    ("treatment", "post_hoc_extension", 4),
    ("treatment", "case_series", 4),
    ("treatment", "case_control", 4),
    ("treatment", "historically_controlled", 4),
    ("treatment", "case_report", 4),
    ("treatment", "mechanism", 5),
    ("treatment", "narrative_review", None),
    ("treatment", "systematic_review", None),
    ("prevalence", "census_or_random_sample", 1),
    ("prevalence", "nonrandom_sample", 3),
    ("prevalence", "case_series", 4),
    ("prevalence", "mechanism", None),
    ("prognosis", "inception_cohort", 2),
    ("prognosis", "cohort", 3),
    ("prognosis", "randomised_trial", 3),
    ("prognosis", "case_series", 4),
    ("prognosis", "nonrandom_sample", None),
    ("diagnosis", "cross_sectional_accuracy", 2),
    ("diagnosis", "case_control", 4),
    ("common_harm", "randomised_trial", 2),
    ("rare_harm", "randomised_trial", 2),
    ("screening", "randomised_trial", 2),
]


def question(kind: str = "treatment", **more: Any) -> Question:
    return Question(
        format=1,
        question="q",
        kind=QuestionKind(kind),
        text=Bilingual(en="?"),
        population=Bilingual(en="people"),
        outcome=Bilingual(en="pain"),
        time=Bilingual(en="now"),
        place=Bilingual(en="here"),
        **more,
    )


def extraction(design: str, **result: Any) -> Extraction:
    values: dict[str, Any] = {"estimand": Estimand.BETWEEN_ARM, "analysed": 60, **result}
    return Extraction(
        format=1,
        study="doe-2020",
        reports=("pmid-900000001",),
        design=Fact[Design](value=Design(design)),
        results=(Result(id="r1", outcome="pain", measure=Measure.STATEMENT, **values),),
    )


USED = EligibleStudy(study="doe-2020", results=("r1",))


def level(
    kind: str, design: str, profile: str = "strict", *adjust: Adjustment, **result: Any
) -> Any:
    study = extraction(design, **result)
    return grade_study(question(kind), USED, study, adjust, profile).level


def step(factor: str, steps: int, study: str | None = "doe-2020") -> Adjustment:
    return Adjustment(
        study=study,
        factor=Factor(factor),
        steps=steps,
        sentence=Bilingual(en="because"),
        proposed_by="tool",
    )


@pytest.mark.parametrize(("kind", "design", "expected"), CELLS)
def test_each_cell_of_the_table(kind: str, design: str, expected: int | None) -> None:
    assert level(kind, design) == expected


def test_the_table_says_which_cells_nobody_compared_with_the_original() -> None:
    unverified = {k for k, cells in table().rows.items() if not all(c.verified for c in cells)}
    assert unverified == {QuestionKind.RARE_HARM, QuestionKind.SCREENING}
    result = grade_study(question("rare_harm"), USED, extraction("randomised_trial"), (), "strict")
    assert not result.verified_cell
    assert "cell not verified" in result.reasons[0]["en"]


@pytest.mark.parametrize(("steps", "expected"), [(0, 3), (1, 2), (2, 1)])
def test_a_large_effect_leads_up(steps: int, expected: int) -> None:
    up = step("large_effect", steps)
    assert level("treatment", "nonrandomised_controlled", "strict", up) == expected


def test_prevalence_and_prognosis_have_no_level_5() -> None:
    assert [worst(kind) for kind in table().rows] == [4, 5, 4, 5, 5, 5, 5]
    assert level("prevalence", "case_series", "strict", step("imprecision", 2)) == 4


@pytest.mark.parametrize("design", ["randomised_trial", "nonrandomised_controlled"])
def test_a_change_within_one_arm_is_level_4_inside_a_trial_too(design: str) -> None:
    assert level("treatment", design, estimand=Estimand.WITHIN_ARM) == 4
    assert level("treatment", design, estimand=Estimand.NONE) == 4


@pytest.mark.parametrize(
    ("design", "people", "estimand", "expected"),
    [
        ("uncontrolled_follow_up", 50, "within_arm", 3),
        ("uncontrolled_follow_up", 49, "within_arm", 4),
        ("uncontrolled_follow_up", None, "within_arm", 4),
        ("post_hoc_extension", 95, "within_arm", 3),
        ("case_series", 95, "within_arm", 4),
        ("randomised_trial", 60, "between_arm", 2),
    ],
)
def test_follow_up_counts_only_by_the_people_analysed_for_that_outcome(
    design: str, people: int | None, estimand: str, expected: int
) -> None:
    found = level(
        "treatment", design, "follow-up-counts", analysed=people, estimand=Estimand(estimand)
    )
    assert found == expected


ALL = {"all_analysed": True, "all_analysed_quote": "all were analysed", "quote": "of 60"}


@pytest.mark.parametrize(
    ("result", "people", "expected"),
    [
        ({"analysed": None, "total": 60}, None, 4),
        ({"analysed": None, "total": 60, **ALL}, 60, 3),
        ({"analysed": 60, "total": 60, **ALL}, 60, 3),
        ({"analysed": 60, "total": 40}, 60, 3),
        ({"analysed": 40, "total": 60}, 40, 4),
        ({"analysed": 0, "total": 60}, 0, 4),
        ({"analysed": None}, None, 4),
    ],
)
def test_people_counted_among_are_people_analysed_only_where_the_source_says_so(
    result: dict[str, Any], people: int | None, expected: int
) -> None:
    study = extraction("uncontrolled_follow_up", estimand=Estimand.WITHIN_ARM, **result)
    assert study.results[0].people_analysed == people
    assert grade_study(question(), USED, study, (), "follow-up-counts").level == expected
    assert chain(question(), USED, study, {}, "strict").analysed == people


def test_the_fewest_analysed_of_several_results_are_known_where_all_are() -> None:
    known = extraction("cohort", analysed=60).results[0]
    fewer = extraction("cohort", analysed=40).results[0]
    unread = extraction("cohort", analysed=None, total=30).results[0]
    assert fewest_analysed([known, fewer]) == 40
    assert fewest_analysed([known, unread]) is None
    assert fewest_analysed([]) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"all_analysed_quote": None}, "go together"),
        ({"all_analysed": None}, "go together"),
        ({"all_analysed": False}, "Input should be True"),
        ({"total": None}, "needs the total and its quote"),
        ({"quote": None}, "needs the total and its quote"),
        ({"analysed": 59}, "59 analysed, and all_analysed of 60"),
    ],
)
def test_all_are_analysed_by_the_source_s_words_alone(
    change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        extraction("cohort", **{"analysed": None, "total": 60, **ALL, **change})


@pytest.mark.parametrize("tier", [SourceTier.NEWS, SourceTier.SECONDARY])
def test_what_is_known_from_news_grades_nothing(tier: SourceTier) -> None:
    assert level("treatment", "randomised_trial", source_tier=tier) is None


def test_steps_add_up_without_a_cap_and_stay_in_the_row() -> None:
    both = (step("imprecision", 1), step("study_quality", 1))
    assert level("treatment", "randomised_trial", "strict", *both) == 4
    assert level("treatment", "randomised_trial", "strict", step("large_effect", 2)) == 1
    assert level("treatment", "case_series", "strict", step("indirectness", 2)) == 5


def test_every_step_is_printed_with_its_sentence() -> None:
    result = grade_study(
        question(), USED, extraction("randomised_trial"), (step("imprecision", 1),), "strict"
    )
    assert [r["en"] for r in result.reasons][
        -1
    ] == "imprecision (2 → 3): because (proposed by the tool, unconfirmed)"
    assert all(r.zh for r in result.reasons)


def body(studies: tuple[EligibleStudy, ...], *adjust: Adjustment) -> Question:
    return question(studies=studies, adjustments=adjust)


def test_body_and_single_studies_are_kept_apart() -> None:
    library = replace(LIBRARY, extractions={"doe-2020": extraction("randomised_trial")})
    evidence = body((USED,), step("imprecision", 1), step("inconsistency", 1, None))
    grade = grade_question(evidence, library)
    assert grade.studies[0].level == 3
    assert grade.level == 4
    assert any("before appraisal" in r["en"] for r in grade.reasons)


def test_a_retraction_suspends_at_once() -> None:
    retracted = LIBRARY.records["pmid-900000001"].model_copy(
        update={"notices": (Notice(type=NoticeType.RETRACTED),)}
    )
    library = replace(
        LIBRARY,
        records={**LIBRARY.records, "pmid-900000001": retracted},
        extractions={"doe-2020": extraction("randomised_trial")},
    )
    grade = grade_question(body((USED,)), library)
    assert (grade.status, grade.level) == (Status.SUSPENDED, None)
    assert grade.studies[0].base == 2


def test_questions_without_a_level_say_why() -> None:
    assert grade_question(question("not_gradable"), LIBRARY).status is Status.NOT_GRADABLE
    assert grade_question(question(), LIBRARY).status is Status.NO_EVIDENCE
    stated = question(not_reproducible=Bilingual(en="a review's statement"))
    assert grade_question(stated, LIBRARY).status is Status.NOT_REPRODUCIBLE


def test_an_unknown_profile_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="strict or follow-up-counts"):
        grade_question(question(), LIBRARY, "house")


def test_the_command_gives_machines_every_fact(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["grade", "--root", str(DEMO), "--profile", "follow-up-counts", "--json"]) == 0
    grades = {g["question"]: g for g in json.loads(capsys.readouterr().out)}
    assert grades["sedanepril-pain"]["level"] == 3
    assert grades["sedanepril-pain"]["single_study_levels"] == {
        "castlemere-2019": 3,
        "birchcombe-2014": None,
    }
    assert grades["tarvolimab-pain"]["seed_level"] == 2
    assert cli.main(["grade", "--root", str(DEMO), "--json"]) == 0
    grades = {g["question"]: g for g in json.loads(capsys.readouterr().out)}
    assert grades["sedanepril-pain"]["level"] == 4
    assert grades["lesion-mechanism"]["status"] == "not_gradable"


def test_the_review_s_own_levels_come_from_facts_not_from_the_seed() -> None:
    """Whatever an earlier review printed, the levels stay as they are."""
    store = Store(Path(__file__).parents[1])
    library, questions, claims = Library.of(store.snapshot()), store.questions(), store.claims()
    changed = {
        name: claim.model_copy(
            update={"seed": claim.seed and claim.seed.model_copy(update={"level": 1})}
        )
        for name, claim in claims.items()
    }
    before = {g.claim.id: g.level for g in grade_claims(library, questions, claims) if g.claim}
    after = {g.claim.id: g.level for g in grade_claims(library, questions, changed) if g.claim}
    assert before == after


def reasons(kind: str, design: str, *adjust: Adjustment, **result: Any) -> list[str]:
    study = extraction(design, **result)
    found = grade_study(question(kind), USED, study, adjust, "strict")
    return [one["en"] for one in found.reasons]


def test_each_move_of_a_level_has_a_sentence() -> None:
    kept = reasons("prevalence", "case_series", step("imprecision", 2))
    assert kept[-2:] == ["imprecision (4 → 6): because (proposed by the tool, unconfirmed)",
                         "kept inside the question's row: 4"]  # fmt: skip
    up = reasons("treatment", "n_of_1", step("large_effect", 1))
    assert up[-1] == "kept inside the question's row: 1"
    within = reasons("treatment", "randomised_trial", estimand=Estimand.WITHIN_ARM)
    assert "a change within one arm; inside a randomised trial too" in within[0]
    none = reasons("treatment", "randomised_trial", estimand=Estimand.NONE)
    assert "compares no arms: read as uncontrolled" in none[0]
    assert reasons("treatment", "randomised_trial")[0].startswith("randomised trial: starts at")


def test_a_study_is_named_by_its_label_or_its_first_author_and_year(root: Path) -> None:
    review = Review.of(Store(root).snapshot())
    study = review.library.extractions["brackwater-2024"]
    report = review.library.records[study.reports[0]]

    def name(label: str | None = None, **change: Any) -> str:
        library = replace(
            review.library,
            extractions={study.study: study.model_copy(update={"label": label})},
            records={report.id: report.model_copy(update=change)},
        )
        return replace(review, library=library).study_name(study.study)

    assert name() == "Brackwater 2024"
    assert name("BLUEFIN") == "BLUEFIN (Brackwater 2024)"
    assert name(year=None) == "Brackwater"
    assert name(authors=(Author(literal="Study Group"),)) == "Study Group 2024"
    assert name(authors=()) == "brackwater-2024"
    assert name("BLUEFIN", authors=()) == "BLUEFIN (brackwater-2024)"
