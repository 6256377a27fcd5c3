"""The first edition: every statement of the earlier review alive, in its own words, never its level."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from review.files.store import Store
from review.grading.levels import grade_claims, grade_question
from review.grading.review import Review
from review.model.claim import Support
from review.publishing.pages.topics import AGREEMENT
from tests.conftest import HOME, SHARED, shared

REVIEW = Review.of(Store(HOME).snapshot())
SEED_LEVELS = {
    "S054": 3,
    "S055": 3,
    "S057": 3,
    "S061": 3,
    "S063": 4,
    "S066": 4,
    "S071": 2,
    "S072": 3,
    "S074": 2,
    "S075": 3,
    "S076": 3,
    "S077": 3,
    "S079": 4,
}


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_statement_of_the_seed_is_a_claim_and_the_missing_ones_too() -> None:
    assert set(REVIEW.claims) == {f"S{n:03}" for n in range(1, 82)} | {
        f"N{n:02}" for n in range(1, 12)
    }
    assert all(claim.seed is not None for claim in REVIEW.claims.values())


def test_its_words_are_its_words() -> None:
    texts = sorted((SHARED.parent / "seed").glob("*.txt"))
    if not texts:
        shared("../seed")
    text = squeezed(texts[0].read_text(encoding="utf-8"))
    quoted = [c for c in REVIEW.claims.values() if c.seed_says is not None]
    assert len(quoted) == len(REVIEW.claims)
    for claim in quoted:
        assert squeezed(claim.seed_says or "") in text, claim.id
        assert len(claim.seed_says or "") <= 60, "the shortest words that carry the claim"


def test_its_numbers_references_and_levels_are_those_of_the_claim_list() -> None:
    listed = json.loads(shared("nmosd/seed_claims.json").read_text(encoding="utf-8"))["claims"]
    assert len(listed) == 81
    for one in listed:
        seed = REVIEW.claims[one["id"]].seed
        assert seed is not None
        assert list(seed.references) == one["refs"], one["id"]
        assert seed.level == (int(one["ocebm_level"]) if one["ocebm_level"] else None), one["id"]
    assert {
        n: c.seed.level for n, c in REVIEW.claims.items() if c.seed and c.seed.level
    } == SEED_LEVELS


def test_what_it_rests_on_is_known_from_news_or_a_review_gets_no_level() -> None:
    grades = {
        g.claim.id: g
        for g in grade_claims(REVIEW.library, REVIEW.questions, REVIEW.claims)
        if g.claim
    }
    none = {name for name in SEED_LEVELS if grades[name].level is None}
    assert {"S055", "S057", "S061", "S063", "S071", "S074"} <= none
    for name in none:
        assert str(grades[name].status) == "not_reproducible"
        assert REVIEW.claims[name].grade.basis is not None


def test_changes_within_an_arm_and_the_people_analysed_make_the_level() -> None:
    def levels(profile: str) -> dict[str, int | None]:
        found = grade_claims(REVIEW.library, REVIEW.questions, REVIEW.claims, profile)
        return {g.claim.id: g.level for g in found if g.claim}

    strict, counts = levels("strict"), levels("follow-up-counts")
    assert (strict["S077"], counts["S077"]) == (4, 4), "a within-arm change of 11 people in a trial"
    assert (strict["S075"], counts["S075"]) == (4, 3), "before against after in 65, never in 90"
    assert (strict["S076"], counts["S076"]) == (3, 3), "a trial, one step for imprecision"
    assert (strict["S066"], counts["S066"]) == (4, 4), "65 is a cohort, not those analysed for pain"
    differing = {n for n in strict if strict[n] != counts[n]}
    assert differing == {"S075"}


def test_unfavourable_studies_stand_beside_the_favourable_ones() -> None:
    claim = REVIEW.claims["S066"]
    assert {"du-2021", "unnamed-2023", "ringelstein-2021"} <= set(claim.against)
    assert claim.support is Support.PARTLY
    assert str(claim.direction) == "inconclusive"


def test_the_gold_figures_are_in_the_extractions() -> None:
    """Each study of the fact base is extracted, and its numbers of people are the same."""
    gold = json.loads(shared("nmosd/gold_extractions.json").read_text(encoding="utf-8"))[
        "extractions"
    ]
    by_source: dict[str, Any] = {}
    for extraction in REVIEW.library.extractions.values():
        for _, fact in extraction.facts():
            if match := re.match(r"fact base (G\d+)", fact.by or ""):
                by_source[match.group(1)] = extraction
    assert {one["id"] for one in gold} <= set(by_source)
    assert len(gold) == 40
    compared = 0
    for one in gold:
        extraction = by_source[one["id"]]
        people = {size.people for size in extraction.sample}
        for value in (one["n_total"], one["n_nmosd"]):
            if value is not None and one["id"] not in {"G22", "G65"} and extraction.sample:
                sums = people | {a + b for a in people for b in people}
                assert value in sums, (one["id"], value, people)
        printed = {(r.events, r.total) for r in extraction.results}
        for pair in one["pain_prevalence"]:
            if (
                pair.get("n") is not None
                and pair.get("N") is not None
                and "constipation" not in pair["what"]
                and "link" not in pair["what"]
            ):
                compared += 1
                assert (pair["n"], pair["N"]) in printed, (one["id"], pair)
    assert compared > 20


def test_nobody_checked_a_translation_or_signed_anything() -> None:
    assert all(claim.translation_checked_by is None for claim in REVIEW.claims.values())
    assert all(claim.sentence.en and claim.sentence.zh for claim in REVIEW.claims.values())
    assert REVIEW.ledger.signatures == {}


def test_overlapping_people_are_declared_and_counted_once() -> None:
    extractions = REVIEW.library.extractions
    assert extractions["zhang-2022"].overlaps == ("zhang-2022-b",)
    pairs = [
        (study, other)
        for study, one in extractions.items()
        for other in (*one.overlaps, *one.may_overlap)
    ]
    assert len(pairs) > 10
    for study, other in pairs:
        theirs = extractions[other]
        assert study in (*theirs.overlaps, *theirs.may_overlap), (study, other)


CORRECTED = {
    "claim:S005",
    "claim:S031",
    "claim:S034",
    "claim:S038",
    "claim:S077",
    "question:pain-prevalence",
    "value:ayzenberg-2021.setting",
    "value:chavarro-2016.results.r5",
    "value:mealy-2020.results.r4",
    "value:pellkofer-2013.results.r4",
    "value:qian-2012.results.r1",
    "value:qian-2012.results.r2",
    "value:zhang-2022-b.funding",
    "value:zhang-2022-b.population",
    "value:zhang-2022-b.setting",
    *(f"claim:N{n:02}" for n in range(1, 12)),
}
"""What edition 0.1 printed and was mended before the next one."""


def test_what_was_wrong_in_the_first_edition_is_mended_and_told() -> None:
    told = {one.object: one for one in REVIEW.corrections}
    assert set(told) >= CORRECTED
    for name in CORRECTED:
        for said in (told[name].what, told[name].reason):
            assert said.en, name
            assert said.zh, name
            assert not re.search("无效|无差异", said.zh), name
    assert any(claim.doubts for claim in REVIEW.claims.values())
    for claim in REVIEW.claims.values():
        printed = " ".join(f"{one.en} {one.zh}" for one in claim.doubts)
        for word in ("first list", "初始清单", "drug maker", "药企"):
            assert word not in printed, claim.id


def test_nothing_is_told_as_not_read_that_the_abstract_says() -> None:
    question = REVIEW.questions["pain-prevalence"]
    body = grade_question(question, REVIEW.library)
    levels = {one.study: one.level for one in body.studies}
    assert levels["qian-2012"] == 3, "the cohort whole, pain by a scale and a questionnaire"
    extractions = REVIEW.library.extractions
    for name, words in (("S077", "anxiety"), ("S034", "not of C5a"), ("S038", "direction")):
        says = REVIEW.claims[name].source_says
        assert says is not None, name
        assert words in (says.en or ""), name
    scrambler = extractions["mealy-2020"].result("r4")
    assert scrambler is not None
    assert "anxiety" in (scrambler.note or "")


def test_a_value_names_the_place_that_holds_it() -> None:
    extractions = REVIEW.library.extractions
    setting = extractions["ayzenberg-2021"].setting
    assert setting is not None
    assert "German" not in (setting.value or "")
    chinese = extractions["zhang-2022-b"]
    places = [chinese.setting, chinese.population, chinese.funding]
    assert [str(one.source_tier) for one in places if one] == ["primary", "primary", "secondary"]
    heard = extractions["pellkofer-2013"].result("r5")
    assert heard is not None
    assert str(heard.source_tier) == "news"
    answers = [
        one.results
        for question in REVIEW.questions.values()
        for one in question.studies
        if one.study == "pellkofer-2013"
    ]
    assert answers
    assert all("r5" not in results for results in answers), "news answers nothing"


def test_agreement_is_reported_for_all() -> None:
    counts = Counter(AGREEMENT[claim.support] for claim in REVIEW.claims.values())
    assert sum(counts.values()) == len(REVIEW.claims)
    assert set(counts) == set(AGREEMENT.values())
