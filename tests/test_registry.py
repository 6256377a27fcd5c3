"""Posted results of ClinicalTrials.gov: who was analysed when, and who is compared with whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractors import Finding, Lexicon, term
from review.extraction.draft import draft
from review.extraction.posted_results import findings
from review.model.record import Record
from review.texts.registry import lines, read, text
from review.texts.registry_times import LONGEST, time_in, time_of
from tests.conftest import shared

WORDS = Lexicon(
    outcomes=(term("pain", ["pain"]), term("signs", ["Global Individual Signs Score"])),
    instruments=(term("nrs", ["numeric rating scale"], ["NRS"]),),
)
NAMES = {"G1": "Tarvolimab 300 mg", "G2": "Placebo", "G3": "No treatment"}


def people(**counts: str) -> list[dict[str, Any]]:
    counted = [{"groupId": group, "value": value} for group, value in counts.items()]
    return [{"units": "Participants", "counts": counted}]


def values(**by_group: str | dict[str, str]) -> list[dict[str, Any]]:
    """One category's measurements; a value alone, or with what stands beside it."""
    return [
        {
            "measurements": [
                {"groupId": group, **({"value": value} if isinstance(value, str) else value)}
                for group, value in by_group.items()
            ]
        }
    ]


def study(*measures: dict[str, Any]) -> dict[str, Any]:
    groups = [{"id": name, "title": title} for name, title in NAMES.items()]
    usual = {
        "type": "SECONDARY",
        "title": "Pain on the NRS",
        "timeFrame": "Baseline, weeks 12 and 24",
        "paramType": "MEAN",
        "dispersionType": "Standard Deviation",
        "unitOfMeasure": "points",
        "groups": groups,
        "denoms": people(G1="60", G2="62", G3="59"),
    }
    found = [{**usual, **measure} for measure in measures]
    return read(
        json.dumps(
            {
                "protocolSection": {"identificationModule": {"nctId": "NCT99000077"}},
                "resultsSection": {"outcomeMeasuresModule": {"outcomeMeasures": found}},
            }
        ).encode()
    )


def found(record: dict[str, Any], *fields: str) -> list[Finding]:
    """Findings of some fields, each looked up in the registry's own text."""
    whole = text(record)
    everything = [one.finding for one in findings(record, WORDS)]
    for one in everything:
        assert whole[one.start : one.start + len(one.quote)] == one.quote
    return [one for one in everything if one.field in fields]


def drafted(record: dict[str, Any]) -> Any:
    report = Record(format=1, id="doi-0000000001", source="seed", title="A title")
    return draft("a-2020", report, list(findings(record, WORDS)), "2026-10-02")


VISITS = [
    {
        "title": "Baseline",
        "denoms": people(G1="58", G2="57"),
        "categories": values(
            G1={"value": "6.4", "spread": "1.7"}, G2={"value": "6.4", "spread": "1.7"}
        ),
    },
    {
        "title": "Week 12",
        "denoms": people(G1="41", G2="39"),
        "categories": values(
            G1={"value": "3.3", "spread": "2.4"}, G2={"value": "5.2", "spread": "2.0"}
        ),
    },
    {"title": "Week 24", "categories": values(G1={"value": "3.1", "spread": "2.6"})},
]


def test_a_class_s_own_denominators_win_over_the_measure_s_and_its_title_is_the_time() -> None:
    means = found(study({"classes": VISITS}), "outcome_value")
    assert [
        (m.details["time"], m.details["group"], m.value, m.details["analysed"]) for m in means
    ] == [
        ("Baseline", "Tarvolimab 300 mg", 6.4, 58),
        ("Baseline", "Placebo", 6.4, 57),
        ("Week 12", "Tarvolimab 300 mg", 3.3, 41),
        ("Week 12", "Placebo", 5.2, 39),
        ("Week 24", "Tarvolimab 300 mg", 3.1, 60),
    ]
    assert means[2].quote.endswith("(Standard Deviation 2.4), n = 41")


def test_the_same_figures_of_two_groups_or_times_are_two_results_of_a_draft() -> None:
    results = drafted(study({"classes": VISITS})).results
    assert [(r.time, r.group, r.value, r.spread, r.analysed) for r in results[:2]] == [
        ("Baseline", "Tarvolimab 300 mg", 6.4, "sd 1.7", 58),
        ("Baseline", "Placebo", 6.4, "sd 1.7", 57),
    ]
    assert len(results) == 5


def test_a_class_that_is_no_time_keeps_the_measure_s_time_frame() -> None:
    classes = [
        {"title": "Erythema", "denoms": people(G1="33"), "categories": values(G1="1.5")},
        {"title": "18-64 years", "categories": values(G1="2.5")},
    ]
    means = found(study({"classes": classes, "timeFrame": "12 weeks"}), "outcome_value")
    assert [(m.value, m.details["time"], m.details["analysed"]) for m in means] == [
        (1.5, "12 weeks", 33),
        (2.5, "12 weeks", 60),
    ]


def test_classes_of_one_time_stay_apart_in_a_draft_and_are_named_in_it() -> None:
    titles = ("Erythema", "Lichenification", "Week 12: Erythema")
    classes = [{"title": title, "categories": values(G1="-0.4")} for title in titles]
    results = drafted(study({"classes": classes, "timeFrame": "16 weeks"})).results
    assert [(r.value, r.time, r.note) for r in results] == [
        (-0.4, "16 weeks", "class: Erythema"),
        (-0.4, "16 weeks", "class: Lichenification"),
        (-0.4, "Week 12", "class: Week 12: Erythema"),
    ]


def test_counts_are_counted_among_their_class_s_people() -> None:
    measure = {
        "title": "Participants with pain",
        "paramType": "COUNT_OF_PARTICIPANTS",
        "unitOfMeasure": "Participants",
        "classes": [
            {
                "title": "Month 6",
                "denoms": people(G1="20", G2="1,022", G3="0"),
                "categories": values(G1="6", G2="1,011", G3="0"),
            },
            {"title": "Month 12", "categories": values(G1="61", G2="7.5", G3="NA")},
        ],
    }
    counts = found(study(measure), "prevalence")
    assert [(c.value, c.details["time"]) for c in counts] == [
        ("6/20", "Month 6"),
        ("1011/1022", "Month 6"),
    ]
    assert [(r.events, r.total) for r in drafted(study(measure)).results] == [(6, 20), (1011, 1022)]


def test_nobody_is_counted_where_a_class_does_not_say_it() -> None:
    eyes = [{"units": "Eyes", "counts": [{"groupId": "G1", "value": "120"}]}]
    classes = [
        {"title": "Week 12", "denoms": people(G1="41"), "categories": values(G1="3.3", G2="5.2")},
        {"title": "Week 24", "denoms": eyes, "categories": values(G1="3.1")},
    ]
    means = found(study({"classes": classes}), "outcome_value")
    assert [(m.value, m.details.get("analysed")) for m in means] == [
        (3.3, 41),
        (5.2, None),
        (3.1, None),
    ]


@pytest.mark.parametrize(
    ("kind", "unit", "field", "details"),
    [
        ("NUMBER", "percentage of participants", "prevalence", {"percent": 31.0, "total": 41}),
        ("NUMBER", "% of patients", "prevalence", {"percent": 31.0, "total": 41}),
        ("NUMBER", "Participants", "prevalence", {"events": 31, "total": 41}),
        ("NUMBER", "attacks", None, {}),
        ("COUNT_OF_UNITS", "Eyes", None, {}),
        ("MEDIAN", "points", "outcome_value", {"measure": "median"}),
        ("LEAST_SQUARES_MEAN", "points", "outcome_value", {"measure": "mean"}),
    ],
)
def test_a_number_is_a_share_or_a_count_by_its_unit_and_never_a_mean(
    kind: str, unit: str, field: str | None, details: dict[str, object]
) -> None:
    classes = [{"denoms": people(G1="41"), "categories": values(G1="31")}]
    measure = {
        "title": "Pain",
        "paramType": kind,
        "unitOfMeasure": unit,
        "dispersionType": None,
        "classes": classes,
    }
    record = study(measure)
    have = found(record, "outcome_value", "prevalence")
    assert [one.field for one in have] == ([field] if field else [])
    for one in have:
        assert {name: one.details.get(name) for name in details} == details
    assert len(drafted(record).results) == len(have)


def test_what_is_counted_without_the_outcome_is_no_frequency_of_it() -> None:
    measure = {
        "title": "Participants without pain",
        "paramType": "COUNT_OF_PARTICIPANTS",
        "classes": [{"title": "Week 12", "categories": values(G1="6")}],
    }
    assert found(study(measure), "prevalence") == []


def test_a_group_without_treatment_has_its_values_too() -> None:
    measure = {"classes": [{"title": "Week 12", "categories": values(G3="4.4")}]}
    (mean,) = found(study(measure), "outcome_value")
    assert (mean.value, mean.details["group"]) == (4.4, "No treatment")


def test_na_and_a_limit_alone_stay_in_the_text_with_their_comment_and_are_no_figures() -> None:
    measure = {
        "paramType": "MEDIAN",
        "dispersionType": "95% Confidence Interval",
        "unitOfMeasure": "weeks",
        "classes": [
            {
                "categories": values(
                    G1={
                        "value": "NA",
                        "lowerLimit": "6.1",
                        "upperLimit": "NA",
                        "comment": "Median not reached: 23 of 60 had relief",
                    },
                    G2={"value": "7.5", "lowerLimit": "4.2", "upperLimit": "NA"},
                    G3={"value": "8.5", "lowerLimit": "5.2"},
                )
            },
            {"categories": values(G1={"value": "9.5", "lowerLimit": "5.2", "upperLimit": "12"})},
        ],
    }
    record = study(measure)
    said = [words for _, words in lines(record)]
    assert (
        "Tarvolimab 300 mg: MEDIAN NA weeks (95% Confidence Interval 6.1 to NA), n = 60; "
        "Median not reached: 23 of 60 had relief"
    ) in said
    assert (
        "No treatment: MEDIAN 8.5 weeks (95% Confidence Interval lower limit 5.2), n = 59" in said
    )
    have = found(record, "outcome_value")
    assert [(m.value, m.details.get("spread")) for m in have] == [
        (7.5, None),
        (8.5, None),
        (9.5, "5.2 to 12"),
    ]
    assert have[-1].details["spread_kind"] == "ci"
    assert all("23 of 60" not in m.quote for m in have)


def analysis(*groups: str, **given: str) -> dict[str, Any]:
    usual = {"statisticalMethod": "ANCOVA", "paramType": "Mean Difference (Net)"}
    return {"groupIds": list(groups), **usual, **given}


def test_analyses_name_the_groups_they_compare_and_when() -> None:
    measure = {
        "classes": VISITS,
        "analyses": [
            analysis(
                *("G1", "G2"),
                paramValue="-1.9",
                ciPctValue="95",
                ciLowerLimit="-2.9",
                ciUpperLimit="-0.9",
                pValue="<0.001",
                groupDescription="Change from baseline at Week 12, 2-sided at 0.05",
            ),
            analysis(
                *("G3", "G2"),
                paramValue="-0.4",
                ciPctValue="90",
                ciLowerLimit="-1.4",
                ciUpperLimit="0.6",
            ),
            analysis("G1", paramValue="-3.1", pValue="0.04"),
            analysis("G1", "G2", pValue="0.11", statisticalMethod="Van Elteren test"),
            analysis("G1", "G2", paramValue="NA", ciPctValue="97.5", ciLowerLimit="0.1"),
        ],
    }
    record = study(measure)
    effects = found(record, "effect")
    assert [(e.value, e.details["group"], e.details["time"]) for e in effects] == [
        (-1.9, "Tarvolimab 300 mg vs Placebo", "Week 12"),
        (-0.4, "No treatment vs Placebo", "Baseline, weeks 12 and 24"),
        (-3.1, "Tarvolimab 300 mg", "Baseline, weeks 12 and 24"),
    ]
    assert all(str(e.details["group"]) in e.quote for e in effects)
    assert [(p.value, p.details["sign"]) for p in found(record, "p_value")] == [
        (0.001, "<"),
        (0.04, "="),
        (0.11, "="),
    ]
    said = [words for where, words in lines(record) if where.endswith("analysis")]
    assert (
        said[3] == "Tarvolimab 300 mg vs Placebo: Van Elteren test: Mean Difference, P = 0.11 (Net)"
    )
    assert "(97.5% CI, lower limit 0.1)" in said[4]
    made = [r for r in drafted(record).results if r.measure == "effect"]
    assert [(r.group, r.ci_low, r.p_value, r.estimand) for r in made] == [
        ("Tarvolimab 300 mg vs Placebo", -2.9, "<0.001", "between_arm"),
        ("No treatment vs Placebo", None, None, "between_arm"),
        ("Tarvolimab 300 mg", None, "=0.04", "none"),
    ]
    assert made[1].note == "printed with a 90 % interval: -1.4 to 0.6"


@pytest.mark.parametrize(
    ("kind", "measure"),
    [
        ("Odds Ratio (OR)", "odds_ratio"),
        ("Cox Proportional Hazard", "hazard_ratio"),
        ("Hazard Ratio, log", None),
        ("Risk Ratio (RR)", "risk_ratio"),
        ("Risk Difference (RD)", "risk_difference"),
        ("Mean Difference (Final Values)", "mean_difference"),
        ("LS Mean Difference", "mean_difference"),
        ("Difference of Least Squares (LS) Mean", "mean_difference"),
        ("Standardized Mean Difference", "standardised_mean_difference"),
        ("Median Difference (Net)", None),
        ("Ratio of geometric means", None),
        ("Slope", None),
    ],
)
def test_an_effect_is_what_the_registry_calls_it(kind: str, measure: str | None) -> None:
    record = study(
        {"classes": VISITS, "analyses": [analysis("G1", paramType=kind, paramValue="2")]}
    )
    kinds = [e.details["measure"] for e in found(record, "effect")]
    assert kinds == ([measure] if measure else [])


@pytest.mark.parametrize(
    ("title", "time"),
    [
        ("Week 24", "Week 24"),
        ("6 months", "6 months"),
        ("baseline", "baseline"),
        ("Day 90", "Day 90"),
        ("Weeks 2, 4 and 8", "Weeks 2, 4 and 8"),
        ("Baseline (Day 0)", "Baseline (Day 0)"),
        ("Baseline to Week 12", "Baseline to Week 12"),
        ("Month 3 (Visit 5)", "Month 3 (Visit 5)"),
        ("Cycle 1 Day 15", "Cycle 1 Day 15"),
        ("W12", "W12"),
        ("24 h post-dose", "24 h post-dose"),
        ("12 weeks after randomization", "12 weeks after randomization"),
        ("End of Treatment", "End of Treatment"),
        ("3-month follow-up", "3-month follow-up"),
        ("Day 1 (Post-application)", "Day 1"),
        ("Week 12: Pain", "Week 12"),
        ("Pain, Week 12", "Week 12"),
        ("NRS Week 12", "Week 12"),
        ("Pain at 6 months", "6 months"),
        ("Change From Baseline at Week 12", "Week 12"),
        ("Baseline pain score", "Baseline"),
        ("Baseline, n=48", "Baseline"),
        ("2 years", "2 years"),
        # none
        ("", ""),
        ("Erythema", ""),
        ("Change from baseline", ""),
        ("Baseline NRS < 4", ""),
        ("With pain at baseline", ""),
        ("18 to 64 years", ""),
        ("65 years", ""),
        ("≥ 6 months", ""),
        ("6 to 12 months", ""),
        ("Duration 6 months", ""),
        ("Relapse within 12 months", ""),
        ("Score 0 (clear)", ""),
        ("Drug 5 mg", ""),
        ("Grade 2", ""),
        ("Week 1 " * LONGEST, ""),
    ],
)
def test_a_title_is_a_time_or_names_its_own(title: str, time: str) -> None:
    assert time_of(title, "12 weeks") == time
    assert time_of("20 years", "Year 20") == "20 years"


def test_an_analysis_is_of_the_one_time_that_is_said_of_it() -> None:
    assert time_in("Change from baseline in lesions at Week 12") == "Week 12"
    assert time_in("Difference at 6 months, OR > 1 favours the drug") == "6 months"
    assert time_in("Compared at Week 12 and Week 24") == ""
    assert time_in("Over 12 weeks of treatment") == ""


def test_a_real_record_has_79_and_87_people_in_classes_of_a_measure_of_97() -> None:
    path = shared("sources/clinicaltrials/NCT02210780-trimmed.json")
    means = found(read(path.read_bytes()), "outcome_value")
    assert len(means) == 8
    assert {(m.details["group"], m.details["analysed"]) for m in means} == {
        ("Placebo qw", 79),
        ("Dupilumab 300 mg qw", 87),
    }
    assert {m.details["time"] for m in means} == {"Baseline to Week 16"}
    assert len(drafted(read(path.read_bytes())).results) == 8


def test_a_real_record_of_visits_has_their_people_and_times() -> None:
    path = shared("sources/clinicaltrials/results-class-denoms-annotation.json")
    lexicon = Lexicon(outcomes=(term("papules", ["Papule Lesions"]),))
    have = [one.finding for one in findings(read(path.read_bytes()), lexicon)]
    means = [f for f in have if f.field == "outcome_value"]
    assert [(m.details["time"], m.details["analysed"]) for m in means] == [
        *(("Week 2", 27), ("Week 2", 13), ("Week 4", 27), ("Week 4", 12)),
        *(("Week 8", 27), ("Week 8", 12), ("Week 12", 26), ("Week 12", 11)),
    ]
    effects = [f for f in have if f.field == "effect"]
    assert [(e.details["time"], e.value, e.details["group"]) for e in effects] == [
        (time, value, "ACU-D1 Ointment vs ACU-D1 Ointment Vehicle")
        for time, value in (("Week 2", 1.3), ("Week 4", -1.5), ("Week 8", 2.2), ("Week 12", 1.8))
    ]
