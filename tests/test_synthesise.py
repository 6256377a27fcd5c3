"""The policy of synthesis: what enters a pool, what never does, and what a change of it starts."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from review import cli
from review.demo import DEMO
from review.editions.build import build
from review.editions.difference import difference
from review.editions.triggers import triggers_of
from review.files.store import Store
from review.grading.review import Review
from review.ground.errors import ReviewError
from review.model.base import QuestionKind
from review.model.fingerprint import value_hash
from review.synthesis.pictures import forest_of, pictures_of
from review.synthesis.problems import problems
from review.synthesis.sentence import sentence_of
from review.synthesis.synthesise import Synthesis, synthesise
from review.synthesis.tables import table_of, tables_of
from review.synthesis.triggers import pooled_triggers
from tests.conftest import HOME
from tests.test_pool import near

QUESTION = "spasm-prevalence"
STUDIES = ("dunmarrow-2015", "eastlake-2017", "fernhollow-2018", "greywater-2020")
SIGNATURES = "data/signatures/reviewer-a.csv"


def change(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def study(root: Path, name: str, old: str, new: str, signed: bool = True) -> None:
    """Change a study's file; its result is signed anew unless said otherwise."""
    store = Store(root)
    before = Review.of(store.snapshot()).library.extractions[name].result("r1")
    change(root, f"data/extractions/{name}.yaml", old, new)
    after = Review.of(Store(root).snapshot()).library.extractions[name].result("r1")
    assert before is not None
    assert after is not None
    if signed:
        change(root, SIGNATURES, value_hash(before), value_hash(after))


def of(root: Path, drafts: bool | None = None) -> Synthesis:
    return synthesise(Review.of(Store(root).snapshot()), drafts, QUESTION)[0]


def why(one: Synthesis) -> str:
    assert one.why_not is not None
    return one.why_not["en"]


def left_out(one: Synthesis) -> dict[str, str]:
    return {out.study: out.reason["en"] for out in one.left_out}


def test_signed_shares_asked_the_same_way_are_pooled(root: Path) -> None:
    one = of(root)
    assert one.pooled is not None
    assert (one.pooled.k, one.pooled.method, one.pooled.test) == (4, "REML", "knha")
    assert not one.unverified
    assert [e.study for e in one.estimates] == list(STUDIES)
    assert one.estimates[0].shown[0] == 21 / 90
    assert "the middle of the studies' shares" in sentence_of(one, "en")
    assert "中位" in sentence_of(one, "zh")


def test_what_nobody_signed_is_pooled_only_when_asked_and_then_marked_everywhere(
    root: Path,
) -> None:
    change(root, SIGNATURES, "study:eastlake-2017,results.r1", "study:eastlake-2017,results.r0")
    lines = (root / SIGNATURES).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "results.r0" not in line]
    (root / SIGNATURES).write_text("\n".join(kept) + "\n", encoding="utf-8")
    one = of(root)
    assert one.pooled is not None
    assert one.pooled.k == 3
    assert left_out(one)["eastlake-2017"] == "nobody has verified its value"
    draft = of(root, True)
    assert draft.pooled is not None
    assert draft.pooled.k == 4
    assert draft.unverified
    assert sentence_of(draft, "en").startswith("UNVERIFIED")
    picture = etree.fromstring(str(forest_of(draft, "en", alone=True)).encode())
    assert str(picture[0].text).startswith("UNVERIFIED")
    assert str(picture[1].text).startswith("UNVERIFIED")
    texts = ["".join(map(str, t.itertext())) for t in picture.iter("{*}text")]
    assert any(t.startswith("Pooled (UNVERIFIED") for t in texts)
    pool = next(row for row in table_of(draft) if row["status"] == "pooled")
    assert (pool["verified"], pool["reason"]) == (False, "UNVERIFIED")


def test_no_signature_at_all_is_the_reason(root: Path) -> None:
    (root / SIGNATURES).write_text(
        "object,field,hash,date,role,by_eye,source,notices,seconds,disagrees\n", encoding="utf-8"
    )
    one = of(root)
    assert one.pooled is None
    assert why(one) == "not pooled: no verified value"
    assert len(one.estimates) == 4, "the rows are shown"


def test_two_studies_are_never_pooled(root: Path) -> None:
    policy = "synthesis:\n  questions:\n    spasm-prevalence:\n      leave_out:\n"
    policy += "".join(f"        {one}: a test\n" for one in STUDIES[:2])
    change(root, "protocol.yaml", "synthesis:\n", policy)
    one = of(root)
    assert one.pooled is None
    assert why(one) == "not pooled: at most 2 studies of the same kind, 3 needed"
    assert left_out(one)[STUDIES[0]] == "left out by the protocol: a test"


@pytest.mark.parametrize(
    "where", ["  minimum_studies: 2", "questions: {spasm-prevalence: {minimum_studies: 2}}"]
)
def test_the_least_number_of_studies_can_not_be_lowered(root: Path, where: str) -> None:
    if where.startswith("  "):
        change(root, "protocol.yaml", "  minimum_studies: 3", where)
    else:
        change(root, "protocol.yaml", "  minimum_studies: 3", f"  minimum_studies: 3\n  {where}")
    with pytest.raises(ReviewError, match="expected 3 or more"):
        of(root)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("period: point", "period: lifetime", "not the same estimand: lifetime"),
        ("ascertainment: questionnaire", "ascertainment: chart", "not the same estimand"),
        ("outcome: painful-spasms", "outcome: pain", "not the same estimand"),
        ("measure: proportion", "measure: statement", "no figures that can be pooled"),
        ("period: point", 'group: "healthy controls", period: point', "counts people without"),
        (
            "design: {value: nonrandom_sample",
            "design: {value: systematic_review",
            "reviews are never",
        ),
        (
            'source_tier: abstract, read_at: "2026-09-03", by: reviewer-a}\n',
            'source_tier: secondary, read_at: "2026-09-03", by: reviewer-a}\n',
            "second hand",
        ),
    ],
)
def test_what_is_not_the_same_stays_out_with_its_reason(
    root: Path, old: str, new: str, told: str
) -> None:
    study(root, "greywater-2020", old, new)
    one = of(root)
    assert told in left_out(one)["greywater-2020"]
    assert "greywater-2020" not in {e.study for e in one.estimates}
    assert one.pooled is not None
    assert one.pooled.k == 3


def test_what_was_not_read_may_not_be_the_same(root: Path) -> None:
    for name in STUDIES:
        study(root, name, "period: point, ", "")
    assert "period or way of asking was not read" in why(of(root))


def test_a_count_worked_out_of_a_percentage_is_told_and_must_be_the_only_one(root: Path) -> None:
    study(
        root, "fernhollow-2018", "events: 12, total: 75, percent: 16.0", "total: 75, percent: 16.0"
    )
    row = next(e for e in of(root).estimates if e.study == "fernhollow-2018")
    assert (row.events, row.people) == (12, 75)
    assert row.converted == "12 people worked out of 16 % of 75"
    study(root, "fernhollow-2018", "total: 75, percent", "total: 7500, percent")
    assert left_out(of(root))["fernhollow-2018"] == "no figures that can be pooled were read"


def test_two_estimates_of_one_cohort_in_a_pool_are_an_error(root: Path) -> None:
    path = root / "data/extractions/greywater-2020.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("design:", "overlaps: [eastlake-2017]\ndesign:", 1), encoding="utf-8"
    )
    assert "two estimates of one cohort (eastlake-2017 and greywater-2020)" in why(of(root))
    found = [p.sentence for p in problems(Review.of(Store(root).snapshot()))]
    assert found == [
        "two estimates of one cohort in a pool: eastlake-2017 and greywater-2020; leave one out"
    ]
    policy = (
        "synthesis:\n  questions: {spasm-prevalence: {leave_out: {eastlake-2017: same people}}}\n"
    )
    change(root, "protocol.yaml", "synthesis:\n", policy)
    one = of(root)
    assert one.pooled is not None
    assert one.pooled.k == 3
    assert not problems(Review.of(Store(root).snapshot()))


def test_a_protocol_that_forbids_pooling_shows_rows_and_its_reason(root: Path) -> None:
    policy = (
        "synthesis:\n  questions:\n    spasm-prevalence:\n      pool: false\n"
        '      not_pooled: {en: "too few clinics", zh: "门诊太少"}\n'
    )
    change(root, "protocol.yaml", "synthesis:\n", policy)
    one = of(root)
    assert why(one) == "not pooled: too few clinics"
    assert len(one.estimates) == 4
    picture = str(forest_of(one, "en"))
    assert "rows only" in picture


def test_effects_need_a_kind_a_time_and_one_contrast(root: Path) -> None:
    policy = "synthesis:\n  questions: {tarvolimab-pain: {measure: MD}}\n"
    change(root, "protocol.yaml", "synthesis:\n", policy)
    review = Review.of(Store(root).snapshot())
    one = synthesise(review, True, "tarvolimab-pain")[0]
    assert one.pooled is None
    assert "its kind is not said" in left_out(one)["brackwater-2024"]
    change(
        root,
        "data/extractions/brackwater-2024.yaml",
        "measure: effect,",
        "measure: effect, effect: mean_difference,",
    )
    one = synthesise(Review.of(Store(root).snapshot()), True, "tarvolimab-pain")[0]
    assert [e.study for e in one.estimates] == ["brackwater-2024"]
    assert one.estimates[0].frame == ("week 24", "tarvolimab minus placebo", "nrs", "pain")
    assert near(one.estimates[0].vi, ((2.3 - 0.5) / 3.919928) ** 2, 1e-5)
    assert one.estimates[0].converted is not None
    assert why(one) == "not pooled: at most 1 study of the same kind, 3 needed"


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("{nothing-asked: {}}", "expected one of the protocol's questions"),
        ("{spasm-prevalence: {leave_out: {gone-1999: why}}}", "found gone-1999"),
        ("{spasm-prevalence: {results: {eastlake-2017: r9}}}", "found r9"),
        ("{spasm-prevalence: {measure: MD}}", "does not go with a question of prevalence"),
    ],
)
def test_a_policy_that_does_not_fit_is_a_line_of_check(
    root: Path, capsys: pytest.CaptureFixture[str], policy: str, told: str
) -> None:
    change(root, "protocol.yaml", "synthesis:\n", f"synthesis:\n  questions: {policy}\n")
    assert cli.main(["check", "--root", str(root)]) == 40
    assert told in capsys.readouterr().out


def test_a_measure_of_another_kind_is_one_line_of_every_command(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = "synthesis:\n  questions: {spasm-prevalence: {measure: MD}}\n"
    change(root, "protocol.yaml", "synthesis:\n", policy)
    assert cli.main(["synthesise", "--root", str(root)]) == 40
    assert "measure MD does not go with a question of prevalence" in capsys.readouterr().err


def test_a_share_has_no_important_difference(root: Path) -> None:
    policy = "synthesis:\n  questions: {spasm-prevalence: {important_difference: 0.2}}\n"
    change(root, "protocol.yaml", "synthesis:\n", policy)
    with pytest.raises(ReviewError, match="a share has none"):
        of(root)


def test_a_retracted_study_leaves_the_pool(root: Path) -> None:
    record = Review.of(Store(root).snapshot()).library.extractions["greywater-2020"].reports[0]
    path = next(root.glob(f"data/records/*/{record}.json"))
    value = json.loads(path.read_text(encoding="utf-8"))
    notice = {"type": "retraction_in", "reference": "an invented notice"}
    path.write_text(json.dumps({**value, "notices": [notice]}), encoding="utf-8")
    one = of(root)
    assert left_out(one)["greywater-2020"] == "suspended: a report is retracted"
    assert one.pooled is not None
    assert one.pooled.k == 3


# ---- triggers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "important", "told"),
    [
        (None, None, None, []),
        (None, (0.0, -1.0, 1.0), None, ["q: pooled for the first time"]),
        ((0.0, -1.0, 1.0), None, None, ["q: no longer pooled"]),
        ((0.0, -1.0, 1.0), (0.5, 0.0, 1.0), None, []),
        ((0.0, -1.0, 1.0), (1.5, 1.0, 2.0), None, ["left the interval"]),
        ((-2.0, -3.0, -1.5), (-1.8, -2.5, -1.1), -1.3, ["now crosses"]),
        ((-1.4, -2.0, -1.0), (-1.7, -2.0, -1.4), -1.3, ["no longer crosses"]),
        ((1.4, 1.0, 2.0), (1.4, 1.0, 2.0), -1.3, []),
    ],
)
def test_triggers_of_a_pooled_figure(
    before: tuple[float, float, float] | None,
    now: tuple[float, float, float] | None,
    important: float | None,
    told: list[str],
) -> None:
    found = pooled_triggers("q", before, now, important)
    assert len(found) == len(told)
    assert all(part in line for part, line in zip(told, found, strict=True))


def started(root: Path) -> list[str]:
    review = Review.of(Store(root).snapshot())
    fresh = build(review, "0.2", "2026-10-05", ("a test",), None)
    return triggers_of(review, difference(review.editions[-1], fresh))


def test_what_starts_an_edition(root: Path) -> None:
    assert started(root) == ["scheduled edition"]
    question = "data/questions/pain-prevalence.yaml"
    change(root, question, "studies:\n", "studies:\n  - {study: greywater-2020, results: [r1]}\n")
    assert "newly eligible for pain-prevalence: greywater-2020" in started(root)


def test_a_pooled_figure_that_leaves_its_interval_starts_an_edition(root: Path) -> None:
    for name, old, new in (
        (
            "dunmarrow-2015",
            "events: 21, total: 90, percent: 23.3",
            "events: 71, total: 90, percent: 78.9",
        ),
        (
            "eastlake-2017",
            "events: 34, total: 120, percent: 28.3",
            "events: 99, total: 120, percent: 82.5",
        ),
        (
            "fernhollow-2018",
            "events: 12, total: 75, percent: 16.0",
            "events: 62, total: 75, percent: 82.7",
        ),
    ):
        study(root, name, old, new)
    assert f"{QUESTION}: the pooled estimate left the interval of the last edition" in started(root)


def test_another_measure_is_said_and_not_compared(root: Path) -> None:
    policy = "synthesis:\n  questions: {spasm-prevalence: {measure: PR}}\n"
    change(root, "protocol.yaml", "synthesis:\n", policy)
    found = started(root)
    assert f"{QUESTION}: pooled as PR, before as PLO" in found
    assert not any("left the interval" in one for one in found)


# ---- what people see -----------------------------------------------------------------------------


def test_each_plot_has_its_table_and_the_same_bytes_again(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["synthesise", "--root", str(root), "--out", str(out)]
    assert cli.main(command) == 0
    first = {p.name: p.read_bytes() for p in sorted(out.iterdir())}
    assert cli.main(command) == 0
    assert {p.name: p.read_bytes() for p in sorted(out.iterdir())} == first
    capsys.readouterr()
    assert {
        f"{QUESTION}-forest.svg",
        f"{QUESTION}-cumulative.svg",
        f"{QUESTION}-by-edition.svg",
    } <= set(first)
    assert {"evidence-map.svg", "timeline.svg"} <= set(first)
    for name, data in first.items():
        if name.endswith(".svg"):
            etree.fromstring(data)
    review = Review.of(Store(root).snapshot())
    found = synthesise(review)
    tables = tables_of(review, found)
    assert tables
    for name, rows in tables.items():
        printed = list(csv.DictReader(first[f"{name}.csv"].decode().splitlines()))
        assert len(printed) == len(rows)
    assert set(pictures_of(review, found)) == {
        n.removesuffix(".svg") for n in first if n.endswith(".svg")
    }


@pytest.mark.parametrize("root", [HOME, DEMO], ids=["review", "demo"])
@pytest.mark.parametrize("drafts", [False, True])
def test_every_study_of_a_question_is_a_row_or_left_out_and_never_both(
    root: Path, drafts: bool
) -> None:
    review = Review.of(Store(root).snapshot())
    shares = {q.id for q in review.questions.values() if q.kind is QuestionKind.PREVALENCE}
    found = synthesise(review, drafts)
    assert {one.question for one in found} == shares | set(
        review.library.protocol.synthesis.questions
    )
    for one in found:
        inside = {e.study for e in one.estimates}
        outside = {out.study for out in one.left_out}
        asked = {e.study for e in review.questions[one.question].studies}
        assert inside | outside == asked
        assert not inside & outside
    assert any(one.estimates for one in found)
    assert any(one.left_out for one in found) is (root == HOME)


def test_the_first_review_pools_nothing_yet_and_says_why() -> None:
    review = Review.of(Store(HOME).snapshot())
    found = synthesise(review)
    assert found
    assert all(one.pooled is None for one in found)
    assert all(one.why_not is not None for one in found)
    drafts = synthesise(review, True)
    assert len(drafts) == len(found)
    for one in drafts:
        if one.pooled is not None:
            assert one.unverified
            assert sentence_of(one, "en").startswith("UNVERIFIED")
            assert "UNVERIFIED" in str(forest_of(one, "en"))


def test_the_command_prints_rows_reasons_and_json(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["synthesise", "--root", str(root)]) == 0
    text = capsys.readouterr().out
    assert "spasm-prevalence: 25.3" in text
    assert "1 of 2 questions pooled" in text
    assert cli.main(["synthesise", "--root", str(root), "--json", "--question", QUESTION]) == 0
    value: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert value[0]["pooled"]["k"] == 4
    assert len(value[0]["rows"]) == 5
    assert cli.main(["synthesise", "--root", str(root), "--question", "nothing"]) == 2
    assert "expected one of pain-prevalence" in capsys.readouterr().err


def test_other_people_are_another_frame(root: Path) -> None:
    study(root, "eastlake-2017", "period: point", 'group: "women aged 60 and over", period: point')
    one = of(root)
    assert one.pooled is not None
    assert one.pooled.k == 3
    assert "women aged 60 and over" in left_out(one)["eastlake-2017"]


def test_a_described_question_leaves_out_what_the_protocol_leaves_out(root: Path) -> None:
    policy = (
        "synthesis:\n  questions:\n    spasm-prevalence:\n      pool: false\n"
        '      not_pooled: {en: "a test", zh: "测试"}\n'
        "      leave_out: {eastlake-2017: a test}\n"
    )
    change(root, "protocol.yaml", "synthesis:\n", policy)
    one = of(root)
    assert "eastlake-2017" not in {e.study for e in one.estimates}
    assert left_out(one)["eastlake-2017"] == "left out by the protocol: a test"
