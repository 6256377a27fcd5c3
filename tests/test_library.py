"""Where records stand, who waits for what, and numbers that add up whatever people decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.demo import DEMO
from review.files.store import Store
from review.ground.errors import InvalidDataError
from review.model.duplicates import Cluster
from review.model.importing import Import
from review.model.notice import NoticeDecision, NoticeOutcome
from review.model.record import Notice, NoticeType
from review.model.screening import Decision, Outcome, Stage
from review.selection.agreement import cohen_kappa
from review.selection.flow import _prove, flow
from review.selection.library import AT_TITLE_ABSTRACT, CONSENSUS, Library, Place
from review.selection.resolved import verdicts_of
from review.selection.sheet import decision

DEMO_LIBRARY = Library.of(Store(DEMO).snapshot())
IDS = sorted(DEMO_LIBRARY.records)


def with_decisions(decisions: dict[str, list[Decision]]) -> Library:
    return replace(DEMO_LIBRARY, decisions=decisions)


def row(one: str, outcome: str, stage: Stage = Stage.TITLE_ABSTRACT, **more: str) -> Decision:
    criterion = "animals" if outcome == "exclude" else None
    return decision(
        DEMO_LIBRARY.protocol,
        one,
        stage,
        Outcome(outcome),
        "2026-09-05",
        criterion=criterion,
        **more,
    )


ONE = "pmid-900000020"
I, E, U, W = "include", "exclude", "unsure", "withdrawn"


@pytest.mark.parametrize(
    ("a", "b", "consensus", "place"),
    [
        ([], [], [], Place.AWAITING_SCREENING),
        ([I], [], [], Place.AWAITING_SCREENING),
        ([I], [I], [], Place.AWAITING_FULL_TEXT),
        ([E], [E], [], Place.EXCLUDED_TITLE_ABSTRACT),
        ([I], [E], [], Place.CONFLICT_TITLE_ABSTRACT),
        ([I], [U], [], Place.CONFLICT_TITLE_ABSTRACT),
        ([U], [U], [], Place.AWAITING_SCREENING),
        ([E, I], [I], [], Place.AWAITING_FULL_TEXT),
        ([I, W], [I], [], Place.AWAITING_SCREENING),
        ([I], [E], [I], Place.AWAITING_FULL_TEXT),
        ([I], [E], [E], Place.EXCLUDED_TITLE_ABSTRACT),
        ([I], [I], [U], Place.AWAITING_SCREENING),
    ],
)
def test_two_reviewers_together(
    a: list[str], b: list[str], consensus: list[str], place: Place
) -> None:
    given_rows = {"reviewer-a": a, "reviewer-b": b, CONSENSUS: consensus}
    decisions = {who: [row(ONE, outcome) for outcome in what] for who, what in given_rows.items()}
    assert with_decisions(decisions).standings[ONE].place is place


def test_full_text_comes_after_title_and_abstract() -> None:
    both = [row(ONE, I), row(ONE, I, Stage.FULL_TEXT)]
    library = with_decisions({"reviewer-a": both, "reviewer-b": both})
    assert library.standings[ONE].place is Place.INCLUDED
    assert ONE in library.included


def test_a_duplicate_met_while_screening_is_an_outcome() -> None:
    rows = [row(ONE, "duplicate", duplicate_of="pmid-900000001")]
    library = with_decisions({"reviewer-a": rows, "reviewer-b": rows})
    assert library.standings[ONE].duplicate_of == "pmid-900000001"
    assert flow(library).duplicates == 1


def test_each_blind_reviewer_has_an_order_of_their_own_within_a_rank() -> None:
    library = with_decisions({})
    a = [r.id for r in library.queue("reviewer-a", Stage.TITLE_ABSTRACT)]
    b = [r.id for r in library.queue("reviewer-b", Stage.TITLE_ABSTRACT)]
    assert a != b
    assert sorted(a) == sorted(b)
    ranks = [library.rank(library.records[one])[0] for one in a]
    assert ranks == sorted(ranks), "tagged records come first"


def test_decisions_under_other_criteria_show_as_stale() -> None:
    old = row(ONE, I).model_copy(update={"protocol": "000000000000"})
    library = with_decisions({"reviewer-a": [old, row("pmid-900000001", I)]})
    assert [stale.record for _, stale in library.stale()] == [ONE]


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        # Cohen 1960 by hand: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: po 0.7, pe 0.5
        ([("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15, 0.4),
        ([("y", "y"), ("n", "n")], 1.0),
        ([("y", "n"), ("n", "y")], -1.0),
        ([("y", "y")] * 5, None),
        ([], None),
    ],
)
def test_kappa(pairs: list[tuple[str, str]], kappa: float | None) -> None:
    found = cohen_kappa(pairs)
    assert found == (None if kappa is None else pytest.approx(kappa))


decisions_strategy = st.dictionaries(
    st.sampled_from(["reviewer-a", "reviewer-b", CONSENSUS]),
    st.lists(
        st.tuples(
            st.sampled_from(IDS),
            st.sampled_from([I, E, U, W, "duplicate"]),
            st.sampled_from(list(Stage)),
        ),
        max_size=60,
    ),
)


@settings(max_examples=60, deadline=None)
@given(decisions_strategy)
def test_the_flow_adds_up_whatever_people_decide(
    chosen: dict[str, list[tuple[str, str, Stage]]],
) -> None:
    decisions = {
        who: [
            row(one, outcome, stage, **({"duplicate_of": IDS[0]} if outcome == "duplicate" else {}))
            for one, outcome, stage in rows
        ]
        for who, rows in chosen.items()
    }
    library = with_decisions(decisions)
    found = flow(library)  # proves its own sums
    assert found.identified + found.previous_reports - found.already_previous == len(IDS)
    assert sum(n for _, n in found.by_source) + found.other_methods == found.identified


def test_the_demonstration_s_own_numbers() -> None:
    found = flow(DEMO_LIBRARY)
    assert (found.identified, found.previous_reports, found.other_methods) == (57, 5, 0)
    assert (found.screened, found.excluded_title_abstract, found.sought) == (12, 5, 7)
    assert (found.assessed, found.included_reports, found.total_reports) == (5, 4, 9)
    assert found.awaiting_screening + found.conflicts_title_abstract + found.screened == 57
    assert (found.total_studies, found.without_extraction, found.retracted_included) == (8, 1, 0)
    assert found.excluded_full_text == (("pain-data", 1),)


def test_two_records_called_duplicates_of_each_other_do_not_disappear() -> None:
    other = "pmid-900000001"
    rows = [row(ONE, "duplicate", duplicate_of=other), row(other, "duplicate", duplicate_of=ONE)]
    library = with_decisions({"reviewer-a": rows, "reviewer-b": rows})
    places = sorted(library.standings[one].place for one in (ONE, other))
    assert places == [Place.AWAITING_SCREENING, Place.DUPLICATE], "one stands for both, and waits"
    flow(library)


def test_a_record_all_are_unsure_of_is_decided_together() -> None:
    rows = [row(ONE, U)]
    library = with_decisions({"reviewer-a": rows, "reviewer-b": rows})
    assert ONE in [r.id for r in library.queue(CONSENSUS, Stage.TITLE_ABSTRACT)]


def test_the_latest_decision_on_any_record_of_a_report_counts() -> None:
    merged = "pmid-900000020"
    cluster = Cluster(id=merged, members=(merged, "pmid-900000023"), reasons=("x",))
    duplicates = DEMO_LIBRARY.duplicates.model_copy(update={"clusters": (cluster,)})
    rows = [row("pmid-900000023", E), row(merged, I)]
    library = replace(
        with_decisions({"reviewer-a": rows, "reviewer-b": rows}), duplicates=duplicates
    )
    assert library.standings[merged].place is Place.AWAITING_FULL_TEXT


def test_a_retraction_told_only_by_its_notice_counts() -> None:
    notice = DEMO_LIBRARY.records["pmid-900000016"].model_copy(
        update={"notices": (Notice(type=NoticeType.RETRACTION_OF, pmid="900000002"),)}
    )
    library = replace(DEMO_LIBRARY, records={**DEMO_LIBRARY.records, notice.id: notice})
    assert "pmid-900000002" in library.retracted
    assert library.suspended("brackwater-2024") is not None
    assert library.suspended("castlemere-2019") is None
    assert flow(library).retracted_included == 1


def test_a_duplicate_met_at_full_text_is_an_outcome() -> None:
    rows = [row(ONE, I), row(ONE, "duplicate", Stage.FULL_TEXT, duplicate_of="pmid-900000001")]
    standing = with_decisions({"reviewer-a": rows, "reviewer-b": rows}).standings[ONE]
    assert (standing.place, standing.duplicate_of) == (Place.DUPLICATE, "pmid-900000001")


def test_who_sees_all_names_together_works_through_them_by_rank() -> None:
    """A mark of their own is for reviewers who are blind to each other, not for what they decide
    together, nor for one who works alone.
    """
    split = IDS[:12]
    library = with_decisions(
        {"reviewer-a": [row(one, I) for one in split], "reviewer-b": [row(one, E) for one in split]}
    )
    together = library.queue(CONSENSUS, Stage.TITLE_ABSTRACT)
    assert len(together) > 5
    assert together == sorted(together, key=library.rank)
    for change in ({"blind": False}, {"reviewers": 1}):
        screening = library.protocol.screening.model_copy(update=change)
        protocol = library.protocol.model_copy(update={"screening": screening})
        open_ = replace(library, protocol=protocol, decisions={})
        queue = open_.queue("reviewer-a", Stage.TITLE_ABSTRACT)
        assert len(queue) > 20
        assert queue == sorted(queue, key=open_.rank)


def test_agreement_is_counted_for_each_two_reviewers_and_stage() -> None:
    one, two, three, four = IDS[:4]
    library = with_decisions(
        {
            "reviewer-a": [row(one, I), row(two, E), row(three, I), row(one, I, Stage.FULL_TEXT)],
            "reviewer-b": [row(one, I), row(two, I), row(four, I), row(one, I, Stage.FULL_TEXT)],
            CONSENSUS: [row(two, I)],
        }
    )
    assert [(a.reviewers, a.stage, a.both, a.agreed, a.kappa) for a in library.agreements()] == [
        (("reviewer-a", "reviewer-b"), Stage.TITLE_ABSTRACT, 2, 1, 0.0),
        (("reviewer-a", "reviewer-b"), Stage.FULL_TEXT, 1, 1, None),
    ]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("duplicates", "to screen"),
        ("notices", "to screen"),
        ("already_previous", "to screen"),
        ("other_methods", None),  # part of what was identified
        ("screened", "the screening boxes"),
        ("awaiting_screening", "the screening boxes"),
        ("conflicts_title_abstract", "the screening boxes"),
        ("awaiting_full_text", "the full-text boxes"),
        ("conflicts_full_text", "the full-text boxes"),
        ("included_reports", "the full-text boxes"),
        ("previous_reports", "the included reports"),
        ("by_hand", "the included reports"),
        ("total_reports", "the included reports"),
    ],
)
def test_a_flow_of_which_one_number_is_wrong_is_never_shown(field: str, words: str | None) -> None:
    right = flow(DEMO_LIBRARY)
    at_screening = len(DEMO_LIBRARY.at(*AT_TITLE_ABSTRACT))
    _prove(right, at_screening)
    wrong = replace(right, **{field: getattr(right, field) + 1})
    if words is None:
        _prove(wrong, at_screening)
    else:
        with pytest.raises(AssertionError, match=words):
            _prove(wrong, at_screening)


def test_one_report_in_two_boxes_of_full_text_is_seen() -> None:
    split = [row(ONE, I), row(ONE, I, Stage.FULL_TEXT)]
    other = [row(ONE, I), row(ONE, E, Stage.FULL_TEXT)]
    found = flow(with_decisions({"reviewer-a": split, "reviewer-b": other}))
    assert (found.conflicts_full_text, found.sought) == (1, 1)


def test_a_record_that_two_imports_call_new_was_found_by_the_first_of_them() -> None:
    library = Library.of(Store(DEMO).snapshot())
    one = next(iter(library.records))

    def imported(day: str, number: int) -> Import:
        return Import(
            format=1,
            source="embassy",
            platform="Embassy of Tests",
            date=day,
            run=number,
            file="export.ris",
            sha256="0" * 64,
            encoding="utf-8",
            format_name="ris",
            found=1,
            new=(one,),
            tool="a test",
        )

    two = (imported("2020-03-01", 1), imported("2020-01-01", 2))
    for runs in (two, two[::-1]):
        assert replace(library, imports=runs).found_on(one) == "2020-01-01"


def test_a_record_that_a_search_found_and_nobody_holds_stops_the_flow() -> None:
    library = Library.of(Store(DEMO).snapshot())
    lost = library.searches[0].new[0]
    fewer = {name: record for name, record in library.records.items() if name != lost}
    with pytest.raises(InvalidDataError) as stopped:
        flow(replace(library, records=fewer))
    sentence = f"a search or import found {lost}, expected its file in data/records"
    assert str(stopped.value) == f"data/searches: new: {sentence}"


def test_an_included_report_without_data_is_watched_as_well() -> None:
    library = Library.of(Store(DEMO).snapshot())
    one = next(iter(sorted(library.included & library.study_of.keys())))
    study = library.study_of[one]
    rest = {name: known for name, known in library.extractions.items() if name != study}
    assert one in replace(library, extractions=rest).watched
    assert one in library.watched


@pytest.mark.parametrize("certain", [True, False])
def test_who_read_that_a_report_stands_stops_a_verdict_unless_a_source_is_certain(
    certain: bool,
) -> None:
    def says(outcome: str) -> NoticeDecision:
        return NoticeDecision(
            record="pmid-900000002",
            notice="retraction_in:900000031",
            outcome=NoticeOutcome(outcome),
            date="2026-10-02",
            source="its journal",
        )

    decisions = {"reviewer-a": [says("leaves")], "reviewer-b": [says("stands")]}
    known = {"pmid-900000002"} if certain else set()
    assert bool(verdicts_of(decisions, lambda record: record, known)) is certain
