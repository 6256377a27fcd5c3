"""What a signature's hash covers: a named list, so that a newer program changes no older hash."""

from __future__ import annotations

import pytest

from review.demo import DEMO
from review.files.store import Store
from review.model.base import Bilingual, Model
from review.model.claim import Claim, DeclaredGrade, GradeStatus, SeedStatement, Support
from review.model.extraction import (
    Arm,
    Ascertainment,
    Design,
    Direction,
    Effect,
    Estimand,
    Fact,
    Measure,
    Missing,
    Period,
    Result,
    SampleSize,
    SizeRole,
    SourceTier,
)
from review.model.fingerprint import COVERED, NOT_COVERED, covered, digest, value_hash
from review.model.protocol import (
    CRITERION_COVERED,
    TEXT_COVERED,
    Amendment,
    Criterion,
    CriterionKind,
    Editorial,
    Reworded,
    criteria_hash,
)
from review.model.question import ASKED, Question

PROVENANCE = {
    "quote": "12 of 40 (30 %) had pain, −1.5",
    "locator": "abstract",
    "source_tier": SourceTier.PRIMARY,
    "read_at": "2026-10-05",
    "by": "reviewer-a",
    "note": "疼痛",
    "printed_inconsistency": "30 % is of 41",
}
FULL_RESULT = Result(
    **PROVENANCE,
    id="r1",
    outcome="pain",
    measure=Measure.PROPORTION,
    effect=Effect.ODDS_RATIO,
    group="A",
    instrument="nrs",
    time="week 4",
    analysed=40,
    events=12,
    total=40,
    percent=30,
    value=-1.5,
    spread="SD 2",
    ci_low=-2,
    ci_high=1e-3,
    p_value="0.03",
    estimand=Estimand.BETWEEN_ARM,
    direction=Direction.BENEFIT,
    ascertainment=Ascertainment.ASKED,
    period=Period.POINT,
    phase="attack",
)
SAID_LATER = {"all_analysed", "all_analysed_quote"}
"""Fields newer than the frozen hashes."""
FULL_CLAIM = Claim(
    format=1,
    claim="D01",
    question="q",
    sentence=Bilingual(en="It helps.", zh="有效。"),
    translation_checked_by="reviewer-b",
    seed=SeedStatement(section="s", claim="1", references=(3, 4), level=2, scheme="OCEBM"),
    seed_says="it helps",
    source_says=Bilingual(en="they say"),
    **{"for": ("doe-2020",)},
    against=("roe-2021",),
    neutral=("poe-2022",),
    direction=Direction.BENEFIT,
    support=Support.PARTLY,
    grade=DeclaredGrade(status=GradeStatus.GRADED, level=2, basis=Bilingual(en="a trial")),
    doubts=(Bilingual(en="small"),),
)
FROZEN = [
    (
        Fact[Design](value=Design.RANDOMISED_TRIAL),
        "575f30235729c55780df11ab47ec0a17d918624809a7e1a153f44d7360ff4219",
    ),
    (
        Fact[str](missing=Missing.NOT_CHECKED),
        "429a76439134961b598c7b38b1d27d1fc907b0f4e59bf9dafd0e78ff32684c37",
    ),
    (
        Fact[str](value="oral", **PROVENANCE),
        "f82a4d5ad392d3be695da346f59d04c1aa9be8a9b7effc1775a2cccfca1f3b6e",
    ),
    (
        SampleSize(role=SizeRole.RANDOMISED, people=40, group="A", **PROVENANCE),
        "c370179eacec1fb426a3a4f1eb2de55dcbb2ef30e553e25e2ec0fbaae8936323",
    ),
    (
        Arm(label="placebo", people=20),
        "2309f213b875c546215e1012cd4cb60c80dec53eceab5572ad64374faf93c153",
    ),
    (
        Result(id="r1", outcome="pain", measure=Measure.STATEMENT),
        "e06f53957a02f09cc8ae52f4cd2eb76e5f9826068bc444694c00616510782be3",
    ),
    (FULL_RESULT, "208f318452f9d310277c96a4bcee5f5e98f2cbfa4d87815439a58631cb73cf46"),
    (FULL_CLAIM, "aa5ac31e509233192db2ca703870b22c523a47f98da8044f0ba095df8297430d"),
]
"""Hashes that this program's first release gave. They stand in people's signatures: where one of
them differs, all signatures on such values lapse."""


@pytest.mark.parametrize(("signed", "frozen"), FROZEN)
def test_the_hash_of_a_value_never_changes(signed: Model, frozen: str) -> None:
    assert value_hash(signed) == frozen


def test_each_field_is_covered_or_said_not_to_be() -> None:
    for model, names in COVERED.items():
        assert len(set(names)) == len(names)
        assert {*names, *NOT_COVERED.get(model, ())} == set(model.model_fields), model.__name__


def test_a_field_that_is_in_no_list_changes_no_hash() -> None:
    class Newer(Result):
        colour: str = "blue"

    newer = Newer(**dict(FULL_RESULT))
    assert newer.colour == "blue"
    assert value_hash(newer) == value_hash(FULL_RESULT)


def test_what_a_question_asks_is_a_named_list() -> None:
    named, evidence = set(ASKED), {"format", "about", "studies", "adjustments", "not_reproducible"}
    assert named | evidence == set(Question.model_fields)
    assert not named & evidence


def test_who_was_analysed_is_covered_once_it_is_said() -> None:
    said = {"all_analysed": True, "all_analysed_quote": "all 40 were analysed"}
    more = FULL_RESULT.model_copy(update=said)
    assert covered(more) == {**covered(FULL_RESULT), **said}
    assert value_hash(more) != value_hash(FULL_RESULT)


@pytest.mark.parametrize("model", [FULL_RESULT, FULL_CLAIM])
def test_each_covered_field_changes_the_hash(model: Model) -> None:
    whole = covered(model)
    assert set(whole) == set(type(model).model_fields) - SAID_LATER
    for name in whole:
        assert digest({**whole, name: None}) != digest(whole)
        assert digest({k: v for k, v in whole.items() if k != name}) != digest(whole)


# ---- the protocol's own --------------------------------------------------------------------------


def test_the_fingerprints_of_a_protocol_never_change() -> None:
    """They stand in every decision and every search file: these are the demonstration's first."""
    protocol = Store(DEMO).protocol
    assert protocol.criteria_hash == "428a48947fcd"
    assert protocol.full_hash == (
        "740b89c8d84e831a963fb8152c1756b31fd607eb2e9d2c07470b4850f583374d"
    )


def test_a_criterion_that_gets_a_field_makes_no_decision_stale() -> None:
    class Newer(Criterion):
        colour: str = "blue"

    criteria = Store(DEMO).protocol.eligibility
    newer = [Newer(**dict(one)) for one in criteria]
    assert newer
    assert criteria_hash(newer) == criteria_hash(criteria)
    assert {*CRITERION_COVERED} == set(Criterion.model_fields)
    assert {*TEXT_COVERED} == set(Bilingual.model_fields)


@pytest.mark.parametrize("field", CRITERION_COVERED)
def test_what_a_criterion_says_is_covered(field: str) -> None:
    first, *others = Store(DEMO).protocol.eligibility
    other = {"id": "x", "kind": CriterionKind.EXCLUDE, "text": Bilingual(en="x", zh="x")}
    changed = first.model_copy(update={field: other[field]})
    assert criteria_hash([changed, *others]) != criteria_hash([first, *others])
    assert criteria_hash([*others, first]) != criteria_hash([first, *others])


def test_an_amendment_without_a_declaration_leaves_the_fingerprint_as_it_was() -> None:
    """Protocols with amendments have stood in search files since before one could be editorial."""
    plain = Amendment(date="2026-09-05", change="a comma", reason="grammar")
    protocol = Store(DEMO).protocol.model_copy(update={"amendments": (plain,)})
    assert protocol.full_hash == (
        "5def8ef3ecfc9b5e49a77f3b0065dc729f501d6f50ffaea23fe1dbddd41bb6a2"
    )
    declared = plain.model_copy(
        update={
            "editorial": Editorial(
                by="reviewer-a",
                criteria=(Reworded(criterion="animals", before=Bilingual(en="x")),),
            )
        }
    )
    again = protocol.model_copy(update={"amendments": (declared,)})
    assert again.full_hash != protocol.full_hash
