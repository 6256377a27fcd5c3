"""Extraction rules as tables: sentences that yield nothing first; then drafts, and the quote gate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import Finding, Lexicon, Passage, find_all, term
from extractors._number_words import number
from review import cli
from review.extraction.draft import draft, to_yaml
from review.extraction.extract import differences, study_id
from review.extraction.quotes import carries, stands_in
from review.files.store import Store
from review.ground.yaml import parse
from review.model.base import load
from review.model.extraction import Extraction
from review.model.record import Author, Record

WORDS = Lexicon(
    outcomes=(
        term("pain", ["pain"]),
        term("neuropathic", ["neuropathic pain"], ["NP"]),
        term("spasm", ["painful spasm"]),
    ),
    instruments=(term("nrs", ["numeric rating scale"], ["NRS"]),),
    treatments=(term("tarvolimab", ["tarvolimab"]),),
)


def found(text: str, field: str, title: str = "A title") -> list[Finding]:
    return [f for f in find_all(Passage(title, text), WORDS) if f.field == field]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Future randomized trials are needed.",
        "Larger randomized controlled trials are warranted.",
        "This was not a randomized trial.",
        "Previous cohort studies were small.",
        "Pain was frequent.",
    ],
)
def test_no_design_is_read_into_these(text: str) -> None:
    assert found(text, "design") == []


@pytest.mark.parametrize(
    ("text", "design"),
    [
        ("Patients were randomly assigned to two groups.", "randomised_trial"),
        ("In this double-blind, placebo-controlled trial", "randomised_trial"),
        ("A post hoc analysis of the randomized trial", "post_hoc_extension"),
        (
            "Of 64 randomized participants, 41 entered the open-label extension.",
            "post_hoc_extension",
        ),
        ("A systematic review of the literature", "systematic_review"),
        (
            "A systematic review and meta-analysis of randomized trials",
            "systematic_review_of_trials",
        ),
        ("We report a case of", "case_report"),
        ("A cross-sectional study", "nonrandom_sample"),
        ("An open-label pilot study", "uncontrolled_follow_up"),
        ("A retrospective cohort", "cohort"),
        ("in a mouse model", "mechanism"),
    ],
)
def test_the_design_a_text_names(text: str, design: str) -> None:
    assert [f.value for f in found(text, "design")] == [design]


def test_an_extension_of_a_trial_is_not_a_trial_even_when_its_title_says_randomised() -> None:
    (design,) = found(
        "This post hoc analysis has no comparison.", "design", title="Drug: a randomized trial"
    )
    assert design.value == "post_hoc_extension"


@pytest.mark.parametrize(
    "text",
    [
        "About 40% of patients were women.",
        "The 2015 criteria for patients were used.",
        "Between 10 and 20 years.",
        "P = 0.04 in 3 regions.",
    ],
)
def test_no_sample_size_is_read_into_these(text: str) -> None:
    assert found(text, "sample") == []


@pytest.mark.parametrize(
    ("text", "people", "role"),
    [
        ("We enrolled 166 AQP4+ patients.", 166, "enrolled"),
        ("A total of 1,204 participants were included.", 1204, "enrolled"),
        ("Twenty-two patients were randomized.", 22, "randomised"),
        ("One hundred forty-five women were recruited.", 145, "enrolled"),
        ("We analysed 40 participants.", 40, "analysed"),
        ("Of whom 12 patients had spasms and were included.", 12, "subset"),
        ("We screened 90 people.", 90, "screened"),
    ],
)
def test_a_sample_size_with_its_role(text: str, people: int, role: str) -> None:
    assert [(f.value, f.details["role"]) for f in found(text, "sample")] == [(people, role)]


@pytest.mark.parametrize(
    ("word", "value"),
    [("seven", 7), ("Ninety-nine", 99), ("one hundred and two", 102), ("12 000", 12000)],
)
def test_number_words(word: str, value: int) -> None:
    assert number(word) == value


@pytest.mark.parametrize("text", ["Fever in 40%.", "Pain was rare.", "Pain rose by 400%."])
def test_no_prevalence_is_read_into_these(text: str) -> None:
    assert found(text, "prevalence") == []


@pytest.mark.parametrize(
    ("text", "outcome", "details", "quote"),
    [
        (
            "Chronic pain was present in 125/166 (75.3%).",
            "pain",
            (125, 166, 75.3),
            "pain was present in 125/166 (75.3%)",
        ),
        (
            "Pain was reported by 61/92 (66.3%); painful spasms occurred in 22 (23.9%).",
            "pain",
            (61, 92, 66.3),
            "Pain was reported by 61/92 (66.3%)",
        ),
        ("75.7% (112/148) had pain.", "pain", (112, 148, 75.7), "75.7% (112/148) had pain"),
        (
            "Neuropathic pain was found in 71 of 148 patients (48.0%).",
            "neuropathic",
            (71, 148, 48.0),
            "Neuropathic pain was found in 71 of 148 patients (48.0%)",
        ),
        ("NP in 40%.", "neuropathic", (None, None, 40.0), "NP in 40%"),
    ],
)
def test_a_proportion_with_its_outcome(
    text: str, outcome: str, details: tuple[int | None, int | None, float], quote: str
) -> None:
    first = found(text, "prevalence")[0]
    parts = first.details
    assert (parts["outcome"], parts.get("events"), parts.get("total"), parts["percent"]) == (
        outcome,
        *details,
    )
    assert first.quote == quote


def test_figures_that_do_not_fit_are_flagged_not_mended() -> None:
    (one,) = found("Pain in 25/66 (37.8%).", "prevalence")
    assert "inconsistent" in one.details


PIECES = ("We enrolled 92 people. ", "Pain in 61/92 (66.3%)", " on the NRS. ", "(P=0.03) ", "40%")


def test_whatever_the_text_each_quote_stands_in_it() -> None:
    fields: list[str] = []

    noise = st.text(alphabet="pain 0123456789/%().;NRS\nA", max_size=20)

    @given(st.lists(st.sampled_from(PIECES) | noise, max_size=8))
    def each(pieces: list[str]) -> None:
        text = "".join(pieces)
        for one in find_all(Passage("t", text), WORDS):
            fields.append(one.field)
            assert one.quote in f"t\n{text}"

    each()
    assert {"sample", "prevalence", "p_value", "instrument"} <= set(fields)


ABSTRACT = "We enrolled 92 people. Pain was reported by 61/92 (66.3%) on the NRS. NCT99000001."
RECORD = Record(
    format=1,
    id="pmid-900000999",
    source="pubmed",
    pmid="900000999",
    title="Pain: a cross-sectional study \u202e\x1b[2J",
    authors=(Author(family="Éva-Ørsted"),),
    year=2021,
)


def made() -> Extraction:
    return draft(
        "evarsted-2021", RECORD, find_all(Passage(RECORD.title, ABSTRACT), WORDS), "2026-01-01"
    )


def test_a_draft_reads_back_as_what_was_drafted() -> None:
    extraction = made()
    text = to_yaml(extraction, RECORD.title)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert load(Extraction, parse(text.encode(), "x.yaml"), "x.yaml") == extraction


def test_every_drafted_value_carries_quote_place_and_rule() -> None:
    facts = made().facts()
    assert len(facts) >= 5
    for _, fact in facts:
        if getattr(fact, "missing", None) is not None:
            continue
        assert fact.quote
        assert fact.locator in ("title", "abstract")
        assert (fact.by or "").startswith("extraction rules")


def test_re_extraction_tells_what_it_would_change() -> None:
    extraction = made()
    assert differences(extraction, extraction) == []
    fewer = extraction.model_copy(update={"results": ()})
    assert differences(fewer, extraction) == [
        'results: not in the file | rules say pain 66.3 % (61/92) ("Pain was reported by 61/92 (66.3%)")'
    ]


def test_study_ids_are_stable_and_never_taken_twice() -> None:
    assert study_id(RECORD, []) == "evarsted-2021"
    assert study_id(RECORD, ["evarsted-2021"]) == "evarsted-2021-a"
    chinese = RECORD.model_copy(update={"authors": (Author(family="孙"),), "year": None})
    assert study_id(chinese, []) == "unnamed-undated"


@pytest.mark.parametrize(
    ("quote", "text", "stands"),
    [
        ("125/166 (75.3%)", "in 125/166 (75.3%) of", True),
        ("125/166 (75.3%)", "in 125/166 (75.8%) of", False),
        ("p < 0.001", "with P\u00a0<\u2009.001", False),
        ("p < .001", "with P\u00a0<\u2009.001", True),
        ("-1.4", "of \u22121.4 points", True),
        ("5.3%", "75.3%", False),
        ("12", "in 112 people", False),
        ("12", "in 12.5 people", False),
        ("", "anything", False),
    ],
)
def test_the_quote_gate(quote: str, text: str, stands: bool) -> None:
    assert stands_in(quote, text) is stands


@given(st.integers(0, 99999), st.integers(0, 9))
def test_no_changed_digit_passes_the_gate(figure: int, digit: int) -> None:
    text = f"pain in {figure} people"
    other = str(figure)[:-1] + str(digit)
    assert stands_in(f"in {other} people", text) == (other == str(figure))


def test_a_quote_holds_the_numbers_it_is_given_for() -> None:
    assert carries("71 of 148 (48.0%)", [71, 148, 48]) == []
    assert carries("1,204 people", [1204]) == []
    assert carries("71 of 148", [72]) == [72]


def test_the_study_of_an_included_report_is_drafted_once(store: Store) -> None:
    assert store.write_draft("new-2020", "a") is True
    assert store.write_draft("new-2020", "b") is False
    assert (store.data / "extractions" / "new-2020.yaml").read_text(encoding="utf-8") == "a"


@pytest.mark.parametrize(
    "text",
    [
        "Pain was absent in 40%.",
        "Patients without pain (62%) worked more.",
        "Neuropathic pain and painful spasms occurred in 45% and 30%, respectively.",
        "Pain was pooled with I2 = 85%.",
        "Pain decreased by 45%.",
        "Pain in 1020%.",
    ],
)
def test_a_figure_that_may_mean_something_else_is_not_taken(text: str) -> None:
    assert found(text, "prevalence") == []


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("Events were fever (12%), pain (18%), rash (8%) and cough (5%).", [18.0]),
        ("Events were chills (59%/20%) and pain (39%/23%).", [39.0, 23.0]),
        ("More events (arm A, 46%; arm B, 62%) and pain (arm A, 11%; arm B, 23%).", [11.0, 23.0]),
        ("Toxicity occurred in 69% of patients (pain 31%, neutropenia 8%).", [31.0]),
        (
            "Pain was the chief complaint in 47 cases (62%), and 45 patients (60%) had fever.",
            [62.0],
        ),
        ("Of 144 patients with pain, 35 (24%) were smokers and 59 (41%) were not.", []),
        ("28.9% had cysts; 19% had diabetes; and all had pain.", []),
        ("25%, pain or numbness.", []),
        ("Pain, fever and cough were the reason for admission in 14 of 16 patients (88%).", []),
        ("Analgesia was managed with 2% lidocaine for pain.", []),
        ("Pain explained 54% of the variance.", []),
        ("Pain and fatigue were seen in 30% and 20%.", []),
        ("Pain and relapses were assessed in 57 patients (n = 7; 12% seronegative).", []),
        ("A third (33.5%) had poorer sleep and more pain than the rest.", []),
        ("Pain in group A (83.8%) was more common than in group B (47.1%).", [83.8, 47.1]),
        (
            "Twelve A patients (86%), 24 B patients (83%), and all C patients (100%) suffered from pain.",
            [86.0, 83.0, 100.0],
        ),
        ("Pain was common, with an overall incidence of 62%.", [62.0]),
        ("Pain in 15% of patients and rash in 3%.", [15.0]),
        ("Pain was reported in 10 (20%) and vomiting in 3 (6%).", [20.0]),
        ("Pain occurred in 15% of patients and 3% withdrew.", [15.0]),
        ("Patients with pain had lower scores (40% vs 60%).", []),
        ("Complete resolution of pain was seen in 14 of 20 (70%).", []),
        ("The incidence of pain was 12% lower.", []),
        ("Pain (4/10) fell.", []),
        ("Pain was found in 34/70 patients (48.6%).", [48.6]),
        ("Pain was reported by 86% of A and 41% of C patients.", [86.0, 41.0]),
        ("Pain was found in 40% of patients and 20% had a rash.", [40.0]),
        ("Seventy percent of patients experienced pain.", [70.0]),
        ("Pain was more frequent in MOGAD (70%) than in AQP4 (30%).", [70.0, 30.0]),
        ("In all, 81 (66.4%; 95% CI 58% to 75%) had pain.", [66.4]),
        ("Almost all patients (10/11) suffered from chronic pain.", ["10/11"]),
        ("Of them 35 (28.7%) had neuropathic pain and 20 (16.4%) had a rash.", [28.7]),
    ],
)
def test_a_figure_is_an_outcomes_only_where_words_link_the_two(
    text: str, shares: list[float | str]
) -> None:
    assert sorted(str(f.value) for f in found(text, "prevalence")) == sorted(map(str, shares))


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("Pain was present in 40%.", None),
        ("40% reported pain, which was severe in few.", None),
        ("Pain was reported by 60 people, of whom 30 (50%) were treated.", "treated"),
        ("Pain medication was used in 40%.", "treated"),
        ("Pain had an impact on daily life in 40%.", "impact"),
        ("Pain in the lower limbs was present in 40%.", "site"),
        ("Pain was the first symptom in 40%.", "rank"),
        ("Pain was described as burning in 40%.", "quality"),
        ("Pain (severe 40%) was common.", "severity"),
        ("Pain limited daily activities in 40%.", "impact"),
        ("40% reported moderate to severe pain.", "severity"),
        ("Pain was severe in 40%.", "severity"),
        ("30 of 60 patients with pain (50%) had a rash.", "among them"),
    ],
)
def test_a_share_of_an_aspect_is_not_that_of_the_outcome(text: str, aspect: str | None) -> None:
    assert [f.details.get("aspect") for f in found(text, "prevalence")] == [aspect]


def test_a_confidence_level_is_no_prevalence() -> None:
    (one,) = found("Pain occurred in 45.2% (95% CI 40.1-50.3).", "prevalence")
    assert one.value == 45.2


def test_each_figure_of_a_list_keeps_its_own_outcome() -> None:
    both = found("Painful spasm was found in 30% and pain was found in 45%.", "prevalence")
    assert [(f.details["outcome"], f.value) for f in both] == [("spasm", 30.0), ("pain", 45.0)]


@pytest.mark.parametrize(
    ("text", "twin", "events"),
    [
        ("Pain at 12 months (45%).", "Pain in 12 patients (45%).", 12),
        ("Pain in 71.204 patients (60%).", "Pain in 71,204 patients (60%).", 71_204),
        ("Pain fell 3.5 (40%).", "Pain was present in 35 (40%).", 35),
    ],
)
def test_no_count_is_made_of_a_part_of_a_number(text: str, twin: str, events: int) -> None:
    assert all("events" not in f.details for f in found(text, "prevalence"))
    assert [f.details["events"] for f in found(twin, "prevalence")] == [events]


def test_each_number_of_people_takes_its_own_role() -> None:
    text = "Of 120 patients screened, 60 patients were randomised."
    assert [(f.value, f.details["role"]) for f in found(text, "sample")] == [
        (120, "screened"),
        (60, "randomised"),
    ]


def test_reextraction_is_one_json_object_however_many_reports(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "data/extractions/birchcombe-2014.yaml"
    text = path.read_text(encoding="utf-8")
    other = next(r for r in sorted(Store(root).records()) if r not in text)
    path.write_text(text.replace("reports: [", f"reports: [{other}, "), encoding="utf-8")
    assert len(Store(root).extractions()["birchcombe-2014"].reports) == 2
    capsys.readouterr()
    command = ["extract", "--root", str(root), "--study", "birchcombe-2014"]
    assert cli.main([*command, "--json"], today="2026-10-05") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["study"] == "birchcombe-2014"
    assert list(said["reports"]) == list(Store(root).extractions()["birchcombe-2014"].reports)
    assert cli.main(command, today="2026-10-05") == 0
    assert f"{other}:" in capsys.readouterr().out
