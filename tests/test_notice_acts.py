"""Deciding on notices: who may, what follows, and that the flow still adds up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from review import cli
from review.acts import notice as acts
from review.checking.notices import notice_decisions
from review.demo import SECOND
from review.files.change import apply
from review.files.store import Store
from review.grading.review import Review
from review.ground.errors import UsageError
from review.model.notice import NoticeOutcome
from review.publishing.pages import Site
from review.publishing.pages.flow_diagram import diagram, flow_lines
from review.publishing.publish import labels
from review.selection.flow import flow
from review.selection.library import Library
from review.status.status import status

A, B, DAY = "reviewer-a", "reviewer-b", "2026-10-05"
REPORT, STUDY, KEY = "pmid-900000002", "brackwater-2024", "retraction_in:900000031"
OTHER = "pmid-900000001"
LEAVES, WITHOUT, STANDS = NoticeOutcome.LEAVES, NoticeOutcome.WITHOUT_RESULT, NoticeOutcome.STANDS


@pytest.fixture
def retracted(root: Path, update: Callable[..., int]) -> Store:
    """The demonstration after the month in which a study was retracted."""
    update(SECOND)
    return Store(root)


def decide(store: Store, outcome: NoticeOutcome, person: str = A, **beside: str) -> None:
    apply(store, acts.resolve(store.snapshot(), person, REPORT, outcome, DAY, **beside))


def library(store: Store) -> Library:
    return Library.of(store.snapshot())


def top(store: Store) -> str:
    return status(store.snapshot(), DAY).lines()[0]


def test_an_open_retraction_stands_first_with_study_and_claims(retracted: Store) -> None:
    line = top(retracted)
    assert line.startswith(f"retracted and still included: {REPORT} (study {STUDY}; claims D01")
    assert f"run: review notice resolve {REPORT} --outcome leaves --person YOU" in line
    facts = status(retracted.snapshot(), DAY).as_json()
    assert facts["retractions_undecided"][0]["study"] == STUDY
    json.dumps(facts)


@pytest.mark.parametrize("outcome", [LEAVES, WITHOUT])
def test_a_decided_retraction_leaves_the_top_and_stays_without_result(
    retracted: Store, outcome: NoticeOutcome
) -> None:
    before = flow(library(retracted))
    decide(retracted, outcome)
    held = retracted.root / f"data/notices/{A}.csv"
    assert held.read_text(encoding="utf-8").splitlines()[1] == (f"{REPORT},{KEY},{outcome},{DAY},,")
    assert "retract" not in top(retracted)
    after, now = flow(library(retracted)), library(retracted)
    assert now.suspended(STUDY) is not None, "its results are used nowhere"
    left = int(outcome is LEAVES)
    assert after.removed == left
    assert after.total_reports == before.total_reports - left
    assert after.total_studies == before.total_studies - left
    assert after.excluded_full_text == before.excluded_full_text, "no criterion excludes it"
    assert (REPORT in now.included) is (outcome is WITHOUT)
    assert after.retracted_included == 1 - left


def test_a_removed_study_has_a_box_of_its_own(retracted: Store) -> None:
    def shown(language: str) -> str:
        site, t = Site(Review.of(retracted.snapshot())), labels(language)
        lines, proofs = flow_lines(site, t)
        boxes = [line for box in diagram(site, t)["boxes"] for line in box["lines"]]
        return "\n".join([*lines, *proofs, *boxes])

    assert "Removed after inclusion" not in shown("en")
    decide(retracted, LEAVES)
    assert shown("en").count("Removed after inclusion, for a retraction: 1") == 2
    assert "- 1 removed after inclusion" in shown("en")
    assert shown("zh").count("纳入后因撤稿移除：1") == 2


def test_who_disagrees_has_decided_nothing(retracted: Store) -> None:
    decide(retracted, LEAVES)
    decide(retracted, WITHOUT, person=B)
    assert REPORT in top(retracted)
    assert flow(library(retracted)).removed == 0
    decide(retracted, LEAVES, person=B)
    assert flow(library(retracted)).removed == 1


def test_a_decision_can_be_taken_back(retracted: Store) -> None:
    decide(retracted, LEAVES)
    apply(retracted, acts.withdraw(retracted.snapshot(), A, REPORT, DAY))
    assert REPORT in top(retracted)
    with pytest.raises(UsageError, match="decided on none"):
        acts.withdraw(retracted.snapshot(), A, REPORT, DAY)


def test_a_certain_retraction_never_stands(retracted: Store) -> None:
    with pytest.raises(UsageError, match="its source says that it is retracted"):
        decide(retracted, STANDS, source="the publisher's page")
    for outcome in (NoticeOutcome.ADDED, NoticeOutcome.WITHDRAWN):
        with pytest.raises(UsageError, match="expected one of"):
            decide(retracted, outcome)


def test_a_possible_one_stands_where_somebody_read_that_it_does(store: Store) -> None:
    add = acts.add(store.snapshot(), A, OTHER, "possible_retraction", "a colleague", DAY)
    apply(store, add)
    assert top(store).startswith(f"a retraction is possible; being checked: {OTHER}")
    with pytest.raises(UsageError, match="needs a source"):
        acts.resolve(store.snapshot(), A, OTHER, STANDS, DAY)
    page = "https://example.org/10.5555 read 2026-10-05"
    apply(store, acts.resolve(store.snapshot(), A, OTHER, STANDS, DAY, source=page))
    assert library(store).retraction(OTHER) is None
    assert OTHER not in top(store)
    apply(store, acts.add(store.snapshot(), B, OTHER, "retraction_in", "the publisher", DAY))
    assert top(store).startswith(f"retracted and still included: {OTHER}"), "a new fact"


def test_a_safety_signal_is_shown_and_suspends_nothing(store: Store) -> None:
    source = "EMA, PRAC minutes of 2026-09"
    apply(store, acts.add(store.snapshot(), A, OTHER, "safety_signal", source, DAY))
    held = library(store)
    assert [one.notice.reference for one in held.notices_on(OTHER)] == [source]
    assert held.retraction(OTHER) is None
    touched = Site(Review.of(store.snapshot())).touched()
    assert "safety_signal" in [one.type for one in touched]
    with pytest.raises(UsageError, match="is no retraction"):
        acts.resolve(store.snapshot(), A, OTHER, LEAVES, DAY)
    with pytest.raises(UsageError, match="has this notice already"):
        acts.add(store.snapshot(), B, OTHER, "safety_signal", source, DAY)


@pytest.mark.parametrize(
    ("person", "record", "kind", "source", "told"),
    [
        ("stranger", OTHER, "safety_signal", "x", "not among the people"),
        ("consensus", OTHER, "safety_signal", "x", "not among the people"),
        (A, "pmid-1", "safety_signal", "x", "no such record"),
        (A, OTHER, "comment_in", "x", "expected one of"),
        (A, OTHER, "safety_signal", " ", "needs a source"),
    ],
)
def test_what_is_no_notice_is_refused(
    store: Store, person: str, record: str, kind: str, source: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        acts.add(store.snapshot(), person, record, kind, source, DAY)


def test_the_verb_lists_adds_and_decides(
    root: Path, retracted: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> int:
        return cli.main(["notice", *words, "--root", str(root)], today=DAY)

    capsys.readouterr()
    assert run("list") == 0
    assert f"{REPORT} ({STUDY}): {KEY} [retraction certain, suspended]" in capsys.readouterr().out
    assert run("resolve", REPORT, "--outcome", "leaves") == 2
    assert "--person is missing" in capsys.readouterr().err
    assert run("resolve", REPORT, "--outcome", "goes", "--person", A) == 2
    assert run("resolve", REPORT, "--outcome", "leaves", "--person", A) == 0
    assert f"{KEY} [leaves, {DAY}]" in capsys.readouterr().out
    words = ("--kind", "safety_signal", "--source", "EMA", "--person", A)
    assert run("add", OTHER, *words) == 0
    assert run("list", OTHER) == 0
    assert "safety_signal:EMA [noted]" in capsys.readouterr().out
    assert run("list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["notices"]
    assert {"safety_signal:EMA", KEY} <= {row["notice"] for row in rows}
    assert cli.main(["check", "--allow-suspended", "--root", str(root)]) == 0


def test_rows_that_lead_nowhere_are_problems(root: Path, retracted: Store) -> None:
    path = root / f"data/notices/{A}.csv"
    path.parent.mkdir()
    path.write_text(
        "record,notice,outcome,date,source,note\n"
        f"pmid-1,{KEY},leaves,{DAY},,\n"
        f"{REPORT},{KEY},stands,{DAY},here,\n"
        f"{OTHER},erratum_in:9,leaves,{DAY},,\n",
        encoding="utf-8",
    )
    told = notice_decisions(library(retracted))
    assert [(one.line, one.field) for one in told] == [
        (2, "record"),
        (3, "outcome"),
        (4, "outcome"),
    ]
    path.rename(path.with_name("stranger.csv"))
    assert cli.main(["check", "--root", str(root)]) == 40


def test_people_who_name_different_notices_of_one_retraction_disagree_all_the_same(
    retracted: Store,
) -> None:
    decide(retracted, LEAVES, notice=KEY)
    mark = next(
        one.notice.key for one in library(retracted).notices_on(REPORT) if one.notice.key != KEY
    )
    decide(retracted, WITHOUT, person=B, notice=mark)
    now = library(retracted)
    assert now.verdict(REPORT) is None
    assert REPORT in now.undecided
    assert now.removed == frozenset()
    decide(retracted, LEAVES, person=B, notice=KEY)
    verdict = library(retracted).verdict(REPORT)
    assert verdict is not None
    assert (verdict.people, verdict.date) == ((A, B), DAY)
