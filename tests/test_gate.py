"""The quote gate: every true span passes, no corrupted figure does."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import Passage, find_all
from extractors._printed import Canonical
from review.extraction.extract import lexicon
from review.extraction.quotes import (
    MOST_TRIES,
    Figure,
    carries,
    figures_of,
    locate,
    not_carried,
    stands_in,
)
from review.files.store import Store
from review.model.extraction import Extraction, Result
from tests.conftest import HOME, SHARED

SIGNS = "–—−‐ · ‘’“”\u00a0\u2009\u00ad½㎎ＡＢ１２％İßΣ"


@given(
    st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from(SIGNS)), max_size=60)
)
def test_canonical_text_keeps_the_place_of_every_character(text: str) -> None:
    made = Canonical.of(text)
    assert len(made.at) == len(made.text) + 1
    assert list(made.at) == sorted(made.at)
    assert all(0 <= place <= len(text) for place in made.at)


def test_where_a_quote_is_found_it_stands() -> None:
    places: list[tuple[int, int]] = []

    @given(
        st.text(max_size=40),
        st.text(alphabet="abc 12.−", min_size=1, max_size=20),
        st.text(max_size=40),
    )
    def each(before: str, quote: str, after: str) -> None:
        text = f"{before} {quote} {after}"
        for start, end in locate(quote, text):
            places.append((start, end))
            assert Canonical.of(text[start:end]).text == Canonical.of(quote.strip()).text

    each()
    assert len(places) > 50, "quotes of which none is found prove nothing"


@pytest.mark.parametrize(
    ("quote", "figure", "held"),
    [
        ("changed by −1.2 points", Figure(-1.2), True),
        ("changed by −1.2 points", Figure(1.2), False),
        ("changed by 1.2 points", Figure(-1.2), False),
        ("from 10-20 people", Figure(20), True),
        ("from 10–20 people", Figure(-20), False),
        ("-0.85 to−0.54", Figure(-0.54), False),  # glued: read as a range, not guessed
        ("(−0.85, −0.54)", Figure(-0.54), True),
        ("0.5", Figure(5), False),
        (".05", Figure(0.05), True),
        (".05", Figure(5), False),
        ("p < 0,05", Figure(0.05), True),
        ("3,5 points", Figure(3.5), True),
        ("1,204 people", Figure(1204, "count"), True),
        ("1 204 people", Figure(1204, "count"), True),
        ("75.3%", Figure(75.3, "percent"), True),
        ("75.3 per cent", Figure(75.3, "percent"), True),
        ("75.3 points", Figure(75.3, "percent"), False),
        ("63.16 vs 35.29%", Figure(63.16, "percent"), True),
        ("12%", Figure(12, "count"), False),
        ("12 months", Figure(12, "count"), False),
        ("12.5 people", Figure(12, "count"), False),
        ("Twenty-two people", Figure(22, "count"), True),
        ("二十二例患者", Figure(22, "count"), True),
        ("300 mg daily", Figure(300, "number", "mg"), True),
        ("300 mg daily", Figure(300, "number", "g"), False),
        ("300 mg daily", Figure(300, "number", "mg a day"), True),
        ("300 mg/day", Figure(300, "number", "mg a day"), True),
        ("300 mg weekly", Figure(300, "number", "mg a day"), False),
        ("300 mg", Figure(300, "number", "mg a day"), False),
        ("10 mg/kg per day", Figure(10, "number", "mg/kg a day"), True),
        ("10 mg/kg daily", Figure(10, "number", "mg"), False),
        ("5 mmol/l", Figure(5, "number", "nmol/l"), False),
        ("400 U", Figure(400, "number", "mg"), False),
        ("51 MS patients", Figure(51, "count"), True),
        ("P < 0.05", Figure(0.05, relation="<"), True),
        ("P > 0.05", Figure(0.05, relation="<"), False),
        ("p less than .05", Figure(0.05, relation="<"), True),
        ("P = 0.05", Figure(0.05, relation="<"), False),
        ("P of 0.05", Figure(0.05, relation="="), True),
        (
            "It fell (P < 0.05), and in neither arm did it come back",
            Figure(0.05, relation="<"),
            True,
        ),
        ("week 24", Figure(24, "number", "month"), False),
        ("2.3 × 10-4", Figure(0.00023), True),
        ("CD20", Figure(20), False),
    ],
)
def test_sign_point_and_unit_count(quote: str, figure: Figure, held: bool) -> None:
    assert (carries(quote, [figure]) == []) is held


def test_each_number_of_a_quote_serves_once() -> None:
    both = [Figure(12, "count"), Figure(13, "count")]
    assert carries("12 of 13", both) == []
    assert carries("12 of 13", [Figure(13, "count"), Figure(13, "count")]) != []


def test_a_quote_is_not_cut_out_of_a_number_or_from_behind_a_minus() -> None:
    assert not stands_in("1.2 points", "a change of −1.2 points")
    assert stands_in("-1.2 points", "a change of −1.2 points")
    assert not stands_in("204 people", "in 1,204 people")
    assert stands_in("20 people", "from 10–20 people")
    assert not stands_in("took 10 mg", "They took 10 mg/kg daily.")
    assert stands_in("took 10 mg", "They took 10 mg daily.")
    assert not stands_in("0.001", "It fell (P<0.001).")
    assert stands_in("P<0.001", "It fell (P<0.001).")
    assert not stands_in("5 mg", "They took 2∙5 mg.")


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("randomised trial", "A not randomised trial"),
        ("randomised trial", "A non-randomised trial"),
        ("randomised trial", "A non randomised trial"),
        ("randomised trial", "A nonrandomised trial"),
        ("pain relief in 12", "There was no pain relief in 12 patients."),
        ("pain (n = 30)", "People without pain (n = 30) were left out."),
        ("improved", "It never improved"),
        ("随机对照试验", "本研究为非随机对照试验"),
        ("疼痛缓解", "12 例未疼痛缓解"),
        ("of 30 … pain relief", "Of 30 there was no pain relief"),
    ],
)
def test_a_quote_is_not_cut_out_from_behind_what_denies_it(quote: str, text: str) -> None:
    assert not stands_in(quote, text)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("randomised trial", "Not a randomised trial"),  # a word between: read whole, it is seen
        ("not randomised trial", "A not randomised trial"),
        ("no pain relief in 12", "There was no pain relief in 12 patients."),
        ("randomised trial", "A randomised trial"),
        ("NCT01234567", "trial no NCT01234567"),
        ("12 patients", "In no. 12 patients were asked, whereas not 12 patients"),
        ("pain relief", "Casino pain relief"),
    ],
)
def test_a_quote_that_takes_the_denial_along_or_has_none_stands(quote: str, text: str) -> None:
    assert stands_in(quote, text)


def texts() -> Iterator[str]:
    """Made-up result sentences; and where they lie beside the project, real abstracts."""
    source = random.Random(4)
    outcomes = ("pain", "headache", "neuropathic pain", "fatigue")
    for _ in range(900):
        total = source.randint(30, 400)
        events = source.randint(3, total - 2)
        change = source.choice("−-") + f"{source.uniform(0.2, 9):.1f}"
        yield (
            f"We enrolled {total} patients. {source.choice(outcomes).capitalize()} was present in "
            f"{events}/{total} ({100 * events / total:.1f}%). The mean change was {change} points "
            f"(p = 0.0{source.randint(11, 49)}) with {source.randint(5, 90)}0 mg a day."
        )
    for path in sorted((SHARED / "extraction" / "pico-corpus").glob("*.txt")):
        yield path.read_text(encoding="utf-8")


def corruptions(value: float, unit: str | None, source: random.Random) -> Iterator[Figure]:
    """A figure with one digit, its sign, its decimal point or its unit changed."""
    digits = f"{abs(value):g}"
    if "e" in digits:
        return
    sign = -1 if value < 0 else 1
    for place, digit in enumerate(digits):
        if digit.isdigit():
            other = source.choice([d for d in "0123456789" if d != digit])
            yield Figure(sign * float(digits[:place] + other + digits[place + 1 :]), "number", unit)
    yield Figure(-value, "number", unit)
    yield Figure(value * 10, "number", unit)
    yield Figure(value / 10, "number", unit)
    yield Figure(value, "number", {"mg": "g", "week": "month"}.get(unit or "", "mg"))


def test_every_true_span_passes_and_none_of_ten_thousand_corruptions() -> None:
    """A corruption that happens to be another printed number of the quote is no corruption."""
    words = lexicon(Store(HOME / "demo").vocabulary())
    source = random.Random(11)
    tried = spans = 0
    for text in texts():
        title, _, abstract = text.partition(". ")
        passage = Passage(title, abstract)
        for one in find_all(passage, words):
            spans += 1
            assert stands_in(one.quote, passage.text), one
            figures = figures_of(one.quote)
            assert carries(one.quote, figures) == [], one
            if isinstance(one.value, int) and "sum_of" not in one.details and one.value > 1:
                assert carries(one.quote, [Figure(float(one.value))]) == [], one
            printed = {figure.value for figure in figures}
            for figure in figures:
                for wrong in corruptions(figure.value, figure.unit, source):
                    same_number = wrong.value != figure.value and any(
                        math.isclose(wrong.value, one, rel_tol=1e-9) for one in printed
                    )
                    if same_number or (wrong.value, wrong.unit) == (figure.value, figure.unit):
                        continue
                    if wrong.value == figure.value == 0:
                        continue
                    tried += 1
                    assert carries(one.quote, [wrong]) == [wrong.value], (one.quote, wrong)
    assert spans > 2_000
    assert tried > 10_000


def test_no_changed_quote_stands_in_its_text() -> None:
    source = random.Random(5)
    tried = 0
    for text in texts():
        title, _, abstract = text.partition(". ")
        for one in find_all(Passage(title, abstract), lexicon(Store(HOME / "demo").vocabulary()))[
            :4
        ]:
            for place, sign in enumerate(one.quote):
                if sign.isdigit() and sign.isascii():
                    other = source.choice([d for d in "0123456789" if d != sign])
                    wrong = one.quote[:place] + other + one.quote[place + 1 :]
                    if json.dumps(wrong) not in json.dumps(text) and wrong not in text:
                        tried += 1
                        assert not stands_in(wrong, text), (wrong, one.quote)
        if tried > 3_000:
            break
    assert tried > 3_000


def test_the_places_of_a_quote_are_those_of_its_pieces() -> None:
    assert locate("b c", "a b c d") == [(2, 5)]
    assert locate("b c … e", "a b c d e f") == [(2, 5), (8, 9)]
    assert locate("e … b c", "a b c d e f") == [], "the pieces stand in the order of the quote"
    assert locate("b … b", "a b c") == [], "no word serves two pieces"


@pytest.mark.parametrize(("vain", "stands"), [(MOST_TRIES - 1, True), (MOST_TRIES, False)])
def test_a_quote_is_looked_for_at_so_many_places_and_no_more(vain: int, stands: bool) -> None:
    assert stands_in("5 x", "-5 x, " * vain + "5 x.") is stands


def facts(**result: object) -> tuple[Extraction, Result]:
    """A study of 40 people, and a result of it."""
    place: dict[str, Any] = {"locator": "abstract", "source_tier": "abstract"}
    given = {"id": "r1", "outcome": "pain", "measure": "effect", **place, **result}
    study = Extraction.model_validate(
        {
            "format": 1,
            "study": "doe-2020",
            "reports": ("pmid-900000001",),
            "design": {"value": "randomised_trial", "quote": "a trial", **place},
            "sample": ({"role": "analysed", "people": 40, "quote": "40 people", **place},),
            "results": (given,),
        }
    )
    return study, study.results[0]


@pytest.mark.parametrize(
    ("result", "absent"),
    [
        ({"value": -1.2, "quote": "a fall of −1.2 points"}, []),
        ({"value": -1.2, "quote": "a fall of 1.2 points"}, [-1.2]),
        ({"value": 1.2, "ci_low": 0.4, "ci_high": 2.0, "quote": "1.2 (0.4 to 2.0)"}, []),
        ({"value": 1.2, "ci_low": 0.4, "ci_high": 2.1, "quote": "1.2 (0.4 to 2.0)"}, [2.1]),
        ({"value": 1.2, "spread": "SD 3.4", "quote": "1.2 (3.4)"}, []),
        ({"value": 1.2, "spread": "SD 3.5", "quote": "1.2 (3.4)"}, [3.5]),
        ({"value": 1.2, "p_value": "P < 0.05", "quote": "1.2 (P < 0.05)"}, []),
        ({"value": 1.2, "p_value": "P = 0.05", "quote": "1.2 (P < 0.05)"}, [0.05]),
        ({"value": 1.2, "p_value": "P < 0.01", "quote": "1.2 (P < 0.05)"}, [0.01]),
        ({"events": 6, "total": 6, "quote": "all six patients"}, []),
        ({"events": 6, "total": 8, "quote": "6 of 7 patients"}, [8.0]),
        ({"percent": 12.5, "quote": "12.5%"}, []),
        ({"percent": 12.5, "quote": "12.5 points"}, [12.5]),
        ({"value": 1.2, "analysed": 38, "quote": "1.2 in 38 patients"}, []),
        ({"value": 1.2, "analysed": 40, "quote": "1.2 points"}, []),  # the study's number says it
        ({"value": 1.2, "analysed": 41, "quote": "1.2 points"}, [41.0]),
        ({"value": 1.2, "analysed": 41}, []),  # no quote, nothing to hold it
    ],
)
def test_a_quote_holds_every_figure_of_its_result(
    result: dict[str, object], absent: list[float]
) -> None:
    assert not_carried(*facts(**result)) == absent
