"""Numbers as print has them, and what rules make of texts that look alike but are not."""

from __future__ import annotations

import pytest

from extractors import Finding, Lexicon, Passage, find_all, term
from extractors._printed import Canonical, canonical, numbers, numbers_of
from review.extraction.quotes import Figure, carries, stands_in

WORDS = Lexicon(
    outcomes=(term("pain", ["pain", "疼痛"]), term("fatigue", ["fatigue"])),
    topic=(term("pain", ["pain", "疼痛"]),),
    instruments=(
        term("nrs", ["numeric rating scale"], ["NRS"], needs_outcome=True, better="lower"),
        term("vas", ["visual analogue scale"], ["VAS"], needs_outcome=True, better="lower"),
        term("bpi", ["Brief Pain Inventory"], ["BPI"]),
    ),
    treatments=(term("tarvolimab", ["tarvolimab"]),),
)


def found(text: str, *fields: str, title: str = "A title") -> list[Finding]:
    return [f for f in find_all(Passage(title, text), WORDS) if f.field in fields]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,204 people", {1204}),
        ("1 204 people", {1204}),
        ("1\u2009204 and 1'204", {1204}),
        ("1.234.567", {1234567}),
        ("1,2,3", {1, 2, 3}),
        ("1,23", {1.23}),
        ("2019 500 patients", {2019, 500}),
        ("12.5 300 mg", {12.5, 300}),
        ("40¹² patients", {40}),
        ("40¹⁻³ and 50¹,² patients", {40, 50}),
        ("10⁶ cells", {1e6}),
        ("10⁶,10⁷ cells", {1e6, 1e7}),
        ("5 × 10⁰.⁵", {5, 10}),
        ("m² and CO₂", set()),
        ("1½ years", {1.5}),
        ("½", {0.5}),
        ("⑫", set()),
        ("٣", {3}),
        ("2.3 × 10⁻⁴", {2.3e-4}),
        ("1e5", {1e5}),
        ("5e999", set()),
        ("9" * 5_000, set()),
        ("CD20, AQP4, NCT01234567", set()),
        ("-0.80 to -0.10", {-0.8, -0.1}),
        ("0.2--0.10", {0.2, -0.1}),
        ("(−2.0,−0.4)", {-2.0, -0.4}),
        ("minus 0.5", {-0.5}),
        ("change of - 0.5", {-0.5}),
        ("5-10", {5, 10}),
        ("7.2-3.1", {7.2}),
        ("(MD)-0.5", set()),
        ("to−0.54", set()),
        ("week-12", {12}),
        ("one hundred and five", {105}),
        ("twenty-two", {22}),
        ("twenty-first", set()),
        ("two-thirds", set()),
        ("一百零八例", {108}),
    ],
)
def test_each_number_is_read_once_and_whole(text: str, values: set[float]) -> None:
    assert numbers(text) == values


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("60 patients", True),
        ("n = 60", True),
        ("60† patients", True),
        ("60 weeks", False),
        ("60 mg", False),
        ("60%", False),
        ("60 eyes", False),
        ("60-year-old", False),
        ("week 60", False),
        ("phase 60", False),
        ("> 60 patients", False),
        ("60th", False),
        ("group 3 patients", True),
        ("no one", True),
        ("sixty percent", True),
        ("50-60%", False),
        ("50 vs 60%", False),
        ("60 (30%)", True),
    ],
)
def test_what_counts_people(text: str, held: bool) -> None:
    count = {"group 3 patients": 3.0, "no one": 1.0}.get(text, 60.0)
    expected = held and text not in ("group 3 patients", "no one", "sixty percent")
    assert (carries(text, [Figure(count, "count")]) == []) is expected


@pytest.mark.parametrize(
    ("text", "value", "held"),
    [
        ("40%", 40, True),
        ("40 of 100", 40, False),
        ("40 patients (20%)", 40, False),
        ("24 patients (40%)", 24, False),
        ("63.16 vs 35.29%", 63.16, True),
        ("40–50%", 40, True),
        ("Pain, n (%) … 36 (60)", 60, True),
        ("40 percentage points", 40, False),
    ],
)
def test_what_is_a_percentage(text: str, value: float, held: bool) -> None:
    assert (carries(text, [Figure(value, "percent")]) == []) is held


@pytest.mark.parametrize(
    ("quote", "text", "stands"),
    [
        ("n = 1", "n = 1e5", False),
        ("n = 2", "n = 2×10^3", False),
        ("p = 0.", "p = 0.03", False),
        ("500 patients", "1 500 patients", False),
        ("500 patients", "1’500 patients", False),
        ("500", "1\t500", True),
        ("n=5", "n=5,5", False),
        ("0.5", "minus 0.5", False),
        ("two patients", "twenty-two patients", False),
        ("hundred patients", "one hundred patients", False),
        ("十例", "三十例", False),
        ("randomised", "non-randomised", False),
        ("significant", "insignificant", False),
        ("pain", "painless", False),
        ("40", "40%", False),
        ("5", "5 mg", False),
        ("12", "12 months", False),
        ("106 cells", "10⁶ cells", False),
        ("123 patients", "12³ patients", False),
        ("I2 = 90%", "heterogeneity (I² = 90%)", True),
        ("I² = 90%", "heterogeneity (I2 = 90%)", True),
        ("breathed CO2", "They breathed CO₂.", True),
        ("a lesion of 5", "a lesion of 5 cm²", False),
        ("a lesion of 5", "a lesion of 5 cm2", False),
        ("12 patients", "1\u200b2 patients", True),
    ],
)
def test_nothing_is_cut_out_of_what_is_longer(quote: str, text: str, stands: bool) -> None:
    assert stands_in(quote, text) is stands


def test_many_equal_figures_take_no_time() -> None:
    assert carries("1 " * 12, [Figure(1.0)] * 13) == [1.0]
    assert carries("1 " * 40 + "2", [Figure(1.0)] * 39 + [Figure(3.0)]) == [3.0]
    assert len(numbers_of(canonical("1 of 2 " * 5_000))) == 10_000
    assert stands_in("5 x", "-5 x " * 5_000) is False


@pytest.mark.parametrize(
    "times", [250, pytest.param(1_500, marks=pytest.mark.whole)], ids=["long", "endless"]
)
@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("VAS ", set()),
        ("pain 12 (30%) ", {"prevalence"}),
        ("one hundred and ", set()),
        ("二十例", {"total_sample_size"}),
        ("P=0.03, ", {"p_value"}),
        ("not ", set()),
    ],
)
def test_endless_texts_end(words: str, fields: set[str], times: int) -> None:
    read = find_all(Passage("T", words * times), WORDS)
    assert {one.field for one in read} == fields
    for one in read[:20]:
        assert stands_in(one.quote, f"T. {words * times}")


def test_canonical_text_keeps_raised_digits_apart() -> None:
    assert canonical("10⁶ m² x₁ kg⁻¹ 患者³") == "10^6 m2 x1 kg^-1 患者^3"
    assert numbers("10⁶ m² x₁ kg⁻¹ 患者³ pain³") == {1e6}
    made = Canonical.of("a  ⁶⁷b")
    assert (made.text, [made.at[n] for n in range(len(made.text))]) == (
        "a ^67b",
        [0, 1, 3, 3, 4, 5],
    )


@pytest.mark.parametrize("name", ["vitamin B12", "vitamin B₁₂", "Vitamin-B¹²"])
def test_a_name_is_named_with_raised_and_lowered_digits_too(name: str) -> None:
    words = Lexicon(treatments=(term("b12", ["vitamin B12"]),))
    text = f"We gave {name} to 20 women."
    (one,) = [f for f in find_all(Passage("A title", text), words) if f.field == "treatment"]
    assert (one.value, one.quote) == ("b12", name)


@pytest.mark.parametrize(
    "text",
    [
        "In 2019 patients were recruited at our hospital.",
        "There were 60 patient-years of follow-up.",
        "Eighty-seven percent completed 24 months.",
        "Diabetes type 2 patients were seen.",
        "The phase 3 study, women took part.",
        "Polymorphisms near ZNF423 predict which women benefit.",
    ],
)
def test_no_people_are_counted_here(text: str) -> None:
    assert [f.value for f in found(text, "sample", "total_sample_size", "arm_size")] == []


def test_a_number_is_never_half_of_one() -> None:
    text = "Women were randomized to diet (n = 19\u2009541) or usual food (n = 29\u2009294)."
    for fields in (("arm_size",), ("sample", "arm_size", "total_sample_size")):
        assert {f.value for f in found(text, *fields)} == {19541, 29294}


def test_arms_in_chinese() -> None:
    text = "将106例患者随机分为治疗组54例和对照组52例。"
    assert {(f.value, f.details["group"]) for f in found(text, "arm_size")} == {
        (54, "治疗组"),
        (52, "对照组"),
    }
    assert [f.value for f in found("随机分为治疗组和对照组，各30例。", "arm_size")] == [30]


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("Pain was present in more than 80% of people.", []),
        ("Pain occurred in >50% of patients.", []),
        ("The test of pain had a specificity of 98%.", []),
        ("Pain preceded 8 of 10 attacks (80%).", []),
        ("无疼痛者37例（61.7%）。", []),
        ("About half of 80 patients (52.5%) had pain.", [(None, 80, 52.5)]),
        ("Pain was found in 40% of positive patients (n=50).", [(None, 50, 40.0)]),
        ("疼痛：16例/36例(44.44%)。", [(16, 36, 44.44)]),
        ("Pain was present in 24 of 60 patients (40%).", [(24, 60, 40.0)]),
    ],
)
def test_shares_with_the_right_denominator_or_none(
    text: str, shares: list[tuple[int | None, int, float]]
) -> None:
    seen = [
        (f.details.get("events"), f.details.get("total"), f.value)
        for f in found(text, "prevalence")
    ]
    assert seen == shares


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Pain on a VAS from 0 to 10 fell.", []),
        ("Fewer patients in group A reported pain of 3 or more on the NRS (13 vs 31).", []),
        ("In the regression model the pain score's coefficient decreased from 0.47 to 0.33.", []),
        ("NRS pain ranged from 0 (no pain) to 10 (worst).", []),
        ("Pain patients were followed from 2010 to 2020.", []),
        ("Pain medication was raised from 75 to 150 mg daily.", []),
        ("Patients with pain rose from 20 to 45 over time.", []),
        ("Pain thresholds rose from 3.2 to 4.5.", []),
        ("Pain duration was 6.5 ± 2.1 years.", []),
        ("Patients with pain (mean age 45.3 ± 12.1 years) took part.", []),
        ("Pain scores fell in the period from 24 to 72 hours.", []),
        ("VAS pain fell from 7.2 to 3.1 after 12 weeks.", [3.1]),
        ("Mean pain score (NRS) was 4.5 (SD 2.1).", [4.5]),
        ("Pain intensity changed by −2.1 ± 0.3 (SE).", [-2.1]),
        ("疼痛VAS评分由(6.8±1.2)分降至(3.1±0.9)分。", [3.1, 6.8]),
    ],
)
def test_scores_are_scores(text: str, values: list[float]) -> None:
    assert sorted(f.value for f in found(text, "outcome_value")) == sorted(values)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Sleep quality was rated on a VAS.", []),
        ("Fatigue VAS improved; pain was not measured.", []),
        ("Anxiety was measured with a visual analogue scale before surgery for back pain.", []),
        ("NRS 2002 nutritional risk screening in people with pain.", []),
        ("The Northern Road Service (NRS) looked at pain.", []),
        ("Brachial plexus injury (BPI) causes pain.", []),
        ("Pain was assessed with the VAS.", ["vas"]),
        ("VAS for pain intensity", ["vas"]),
        ("Pain and fatigue: pain intensity on the NRS, fatigue by interview.", ["nrs"]),
        ("The Brief Pain Inventory (BPI) was filled in.", ["bpi"]),
    ],
)
def test_a_general_scale_counts_where_it_measures_the_topic(text: str, named: list[str]) -> None:
    title = "Scales" if named else "A title"
    assert [f.value for f in found(text, "instrument", title=title)] == named


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("NCT 01234567", "NCT01234567"),
        ("nct01234567", "NCT01234567"),
        ("ISRCTN 12345678", "ISRCTN12345678"),
        ("ChiCTR-TRC-12001234", "ChiCTR-TRC-12001234"),
        ("EudraCT number 2012-001234-12", "EUCTR2012-001234-12"),
        ("EUCTR2012-001234-12-GB", "EUCTR2012-001234-12"),
        ("UMIN-CTR 000012345", "UMIN000012345"),
        ("TCTR20200101001", "TCTR20200101001"),
    ],
)
def test_registry_numbers_in_the_registry_s_own_form(text: str, number: str) -> None:
    assert [f.value for f in found(f"Registered as {text}.", "registration")] == [number]


@pytest.mark.parametrize("text", ["NCT012345678", "function 12345678", "+49 2012-0012-12"])
def test_no_registry_number(text: str) -> None:
    assert found(text, "registration") == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Patients were not blinded. Assessors were not blind.", []),
        ("Unlike placebo-controlled trials, this was open label.", ["open_label"]),
        ("No patients were lost to follow-up.", []),
        ("The placebo effect is known.", []),
        ("A double-blind study against placebo.", ["double_blind", "placebo"]),
    ],
)
def test_flags_are_not_denied_or_of_others(text: str, values: list[str]) -> None:
    assert sorted(f.value for f in found(text, "flag")) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Adverse events did not occur in 28 of 30 patients.", []),
        ("5 patients reported no adverse events.", []),
        ("No serious adverse events occurred, but 12 patients had adverse events.", ["12", "none"]),
        ("Under anaesthesia, pain fell in 12 (28%) of 43.", []),
        ("Adverse events occurred in 5 of 30 (16.7%).", ["5"]),
    ],
)
def test_adverse_events_count_those_who_had_them(text: str, values: list[str]) -> None:
    assert sorted(str(f.value) for f in found(text, "adverse_events")) == values


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("tarvolimab 1,5 mg", "1.5"),
        ("tarvolimab up to 1,200 mg", "1200"),
        ("tarvolimab 150-600 mg daily", "150-600"),
    ],
)
def test_doses_keep_their_point(text: str, dose: str) -> None:
    assert [f.value for f in found(text, "dose")] == [dose]


@pytest.mark.parametrize("text", ["tarvolimab plasma level was 5 mg/ml", "tarvolimab and food"])
def test_no_dose(text: str) -> None:
    assert found(text, "dose") == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("The number needed to treat was 4.", "absolute_effects"),
        ("Pain interference with walking fell to 3.1.", "interference"),
        ("At least 50% pain relief was reached by most.", "responders"),
    ],
)
def test_effects_in_people_interference_and_responders(text: str, field: str) -> None:
    assert len(found(text, field)) == 1
