"""Editions: whole in one file, numbered by what changed, nothing lost without a reason."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from review import cli
from review.checking.check import check
from review.checking.quotes import write_attestations
from review.editions.difference import difference
from review.editions.release import gate, next_version
from review.editions.triggers import _retractions
from review.files.documents import read_json
from review.files.store import Store
from review.grading.review import Review
from review.grading.signatures import MAY_VERIFY, claim_hash, sign, signer
from review.model.base import canonical
from review.model.edition import Edition
from review.model.extraction import LISTED_FACTS
from review.model.fingerprint import value_hash
from review.model.protocol import Role
from review.selection.library import Library
from tests.conftest import HOME, give_rows, tree
from tests.test_files import replaced, written

DAY = "2026-10-05"
LOG = "data/corrections.yaml"
REMOVAL = """format: 2
corrections:
  - date: "2026-10-04"
    kind: removal
    object: "claim:D02"
    what: {{en: "the claim is gone", zh: "论断已移除"}}
    reason: {{en: "{reason}", zh: "原因"}}
    by: reviewer-a
"""


def edition(root: Path, *arguments: str, today: str = DAY) -> int:
    return cli.main(["edition", "--root", str(root), *arguments], today=today)


def released(root: Path) -> Edition:
    return Store(root).editions()[-1]


def gone(root: Path) -> None:
    (root / "data/claims/D02.yaml").unlink()


def test_an_edition_holds_everything_a_later_page_needs(root: Path) -> None:
    one = released(root)
    assert (one.version, one.date, one.verified, one.fictional) == (
        "0.1",
        "2026-09-15",
        False,
        True,
    )
    assert one.triggers == ("first edition",)
    assert {c.id for c in one.claims} == {"D01", "D02", "D03", "D04"}
    claim = next(c for c in one.claims if c.id == "D01")
    assert (claim.level, claim.support, claim.supporting) == (3, "supported", ("brackwater-2024",))
    assert any("imprecision" not in r["en"] for r in claim.reasons)
    study = next(s for s in one.studies if s.id == "aldermoor-2021")
    assert {v.status for v in study.values} == {"verified"}
    assert any(v.shown == "pain: 112/148; 75.7 %" for v in study.values)
    assert one.flow["total_reports"] == len(one.reports) == 9
    assert sum(one.values.values()) == sum(len(s.values) for s in one.studies)
    assert one.searches == {"pubmed": "2026-09-01"}
    assert [p.id for p in one.contributors] == ["reviewer-a", "reviewer-b"]


def test_the_same_review_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    replaced("data/claims/D02.yaml", "Pain falls", "Pain went down")(root)
    import shutil

    twin = tmp_path / "twin"
    shutil.copytree(root, twin, ignore=shutil.ignore_patterns("texts"))
    assert edition(root) == edition(twin) == 0
    assert tree(root / "data/editions") == tree(twin / "data/editions")
    paths = sorted((root / "data/editions").glob("*.json"))
    assert [path.stem for path in paths] == ["0.1", "0.2"]
    for path in paths:
        assert canonical(read_json(Edition, path, root)) == path.read_bytes()


def test_a_changed_value_and_a_changed_conclusion_are_told_apart(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced("data/extractions/birchcombe-2014.yaml", "people: 9", "people: 10")(root)
    store = Store(root)
    assert edition(root, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["version"], facts["conclusion_changed"]) == ("0.2", False)
    assert facts["changes"] == [
        {
            "object": "value:birchcombe-2014.sample[0]",
            "kind": "changed",
            "field": "value",
            "before": "9 enrolled",
            "after": "10 enrolled",
        }
    ]
    replaced("data/claims/D02.yaml", "Pain falls", "Pain went down")(root)
    assert edition(root, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["version"], facts["conclusion_changed"]) == ("0.3", True)
    old, _, new = store.editions()
    changed = difference(old, new)
    assert [(c.object, c.field) for c in changed.changes] == [
        ("claim:D02", "sentence"),
        ("value:birchcombe-2014.sample[0]", "value"),
    ]


def test_from_1_0_on_a_conclusion_makes_a_major_number(root: Path) -> None:
    review = Review.of(Store(root).snapshot())
    one = review.editions[0].model_copy(update={"version": "1.4", "verified": True})
    later = Review(**{**vars(review), "editions": [one]})
    same = difference(one, one)
    assert next_version(later, same) == "1.5"
    claims = (one.claims[0].model_copy(update={"support": "partly"}), *one.claims[1:])
    assert next_version(later, difference(one, one.model_copy(update={"claims": claims}))) == "2.0"


@pytest.mark.parametrize("what", ["claim", "study", "value"])
def test_counts_shrink_only_with_a_recorded_removal(
    root: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if what == "claim":
        gone(root)
        name = "claim:D02"
    elif what == "study":
        (root / "data/extractions/birchcombe-2014.yaml").unlink()
        replaced("data/claims/D02.yaml", "neutral: [birchcombe-2014]\n", "")(root)
        replaced(
            "data/questions/sedanepril-pain.yaml",
            '  - {study: birchcombe-2014, no_result: {en: "numbers were not read yet", zh: "数值尚未阅读"}}\n',
            "",
        )(root)
        name = "study:birchcombe-2014"
    else:
        replaced(
            "data/extractions/birchcombe-2014.yaml",
            'sample:\n  - {role: enrolled, people: 9, source_tier: secondary, read_at: "2026-09-03", by: reviewer-a}\n',
            "",
        )(root)
        name = "value:birchcombe-2014.sample[0]"
    assert edition(root) == 40
    error = capsys.readouterr().err
    assert f"{name} stands in edition 0.1 and is gone; bring it back, or record" in error
    assert error.count("\n") == 1
    log = REMOVAL.format(reason="no longer asked").replace("claim:D02", name)
    written(LOG, log.encode())(root)
    assert edition(root) == 0
    one = released(root)
    assert [c.object for c in one.corrections] == [name]
    assert f"removal: {name}" in one.triggers
    assert check(Store(root).snapshot()) == []


def test_a_silent_shrink_between_released_editions_is_found(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = released(root)
    chained = hashlib.sha256(canonical(one)).hexdigest()
    two = one.model_copy(
        update={
            "version": "0.2",
            "previous": "0.1",
            "previous_sha256": chained,
            "claims": one.claims[1:],
        }
    )
    written("data/editions/0.2.json", canonical(two))(root)
    assert cli.main(["check", "--root", str(root)]) == 40
    out = capsys.readouterr().out
    assert "data/editions/0.2.json: claim: claim:D01 stood in edition 0.1 and is gone in 0.2" in out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"version": "1.0", "verified": True},
            "verified: found true, but values or claims in it are",
        ),
        ({"version": "0.9"}, "version: found 0.9, expected 0.2 or 1.0"),
        ({"date": "1999-01-01"}, "date: found 1999-01-01, before edition 0.1 of 2026-09-15"),
        ({"values": {"verified": 17}}, "values: the numbers of values do not add up"),
        (
            {"previous_sha256": "0" * 64},
            "previous_sha256: edition 0.1 was changed after its release",
        ),
        ({"previous": None}, "previous: found None, expected 0.1"),
    ],
)
def test_a_forged_edition_is_found(
    root: Path, change: dict[str, object], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced("data/extractions/birchcombe-2014.yaml", "people: 9", "people: 10")(root)
    assert edition(root) == 0
    assert check(Store(root).snapshot()) == []
    forged = released(root).model_copy(update=change)
    (root / "data/editions/0.2.json").unlink()
    written(f"data/editions/{forged.version}.json", canonical(forged))(root)
    capsys.readouterr()
    assert cli.main(["check", "--root", str(root)]) == 40
    assert sentence in capsys.readouterr().out


def test_a_changed_first_edition_is_found_by_the_second(root: Path) -> None:
    replaced("data/extractions/birchcombe-2014.yaml", "people: 9", "people: 10")(root)
    assert edition(root) == 0
    replaced("data/editions/0.1.json", '"trigger', '"trigger')(root)
    assert check(Store(root).snapshot()) == []
    replaced("data/editions/0.1.json", "first edition", "first release")(root)
    assert [p.field for p in check(Store(root).snapshot())] == ["previous_sha256"]


@pytest.mark.parametrize("field", ["sentence", "question", "reports"])
def test_a_difference_sees_wording_in_both_languages_and_reports(root: Path, field: str) -> None:
    one = released(root)
    if field == "sentence":
        zh = one.claims[0].sentence.model_copy(update={"zh": "相反"})
        two = one.model_copy(
            update={"claims": (one.claims[0].model_copy(update={"sentence": zh}), *one.claims[1:])}
        )
    elif field == "question":
        text = one.questions[0].text.model_copy(update={"en": "Another question?"})
        two = one.model_copy(
            update={
                "questions": (
                    one.questions[0].model_copy(update={"text": text}),
                    *one.questions[1:],
                )
            }
        )
    else:
        study = one.studies[0].model_copy(update={"reports": ("pmid-900000005",)})
        two = one.model_copy(update={"studies": (study, *one.studies[1:])})
    assert len(difference(one, two).changes) == 1


def test_nothing_signed_about_nothing_is_not_verified(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(Path(__file__).parent / "second_topic", tmp_path / "review")
    assert "there is no study or no claim to publish" in gate(
        Review.of(Store(tmp_path / "review").snapshot())
    )


@pytest.mark.parametrize("option", ["--note", "--trigger"])
def test_empty_words_are_refused(
    root: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edition(root, option, " ") == 2
    assert f"{option}: found 1 characters, expected 1 to 2,000" in capsys.readouterr().err
    assert edition(root, "--gate", "--version", "0.2") == 2


def test_the_corrections_of_a_released_edition_stay_in_the_log(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone(root)
    written(LOG, REMOVAL.format(reason="no longer asked").encode())(root)
    assert edition(root) == 0
    written(LOG, REMOVAL.format(reason="another story").encode())(root)
    assert cli.main(["check", "--root", str(root)]) == 40
    assert "the log only grows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "today", "sentence"),
    [
        ((), DAY, "nothing changed since edition 0.1; say why with --note"),
        (("--version", "0.7"), DAY, "--version 0.7: expected 0.2 or 1.0"),
        (("--version", "1.0"), DAY, "1.0 is refused, it would not be verified:"),
        ((), "2026-09-01", "2026-09-01: before edition 0.1 of 2026-09-15"),
        (("--compare", "0.1", "3.9"), DAY, "--compare 3.9: no such edition (0.1)"),
    ],
)
def test_what_is_refused_says_why_and_writes_nothing(
    root: Path,
    arguments: tuple[str, ...],
    today: str,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = tree(root / "data")
    assert edition(root, *arguments, today=today) == 2
    assert sentence in capsys.readouterr().err
    assert tree(root / "data") == before


def test_a_change_of_method_needs_a_note(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replaced("data/questions/tarvolimab-pain.yaml", "24 weeks", "26 weeks")(root)
    assert edition(root) == 2
    assert "say what with --note" in capsys.readouterr().err
    assert edition(root, "--note", "the time of the question was wrong") == 0
    assert released(root).note == "the time of the question was wrong"
    assert "change of method" in released(root).triggers


def test_a_dry_run_writes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(root / "data")
    assert edition(root, "--note", "look", "--dry-run") == 0
    assert "nothing was written" in capsys.readouterr().out
    assert tree(root / "data") == before


def everything_signed(root: Path) -> None:
    """Make the demonstration fit for 1.0: its people read, attest, agree and sign everything."""
    from review.demo import FIRST
    from tests.conftest import DEMO, World, serving

    with serving(World.folder(DEMO / "world").as_of(FIRST)):
        cli.main(["search", "--root", str(root)], today=FIRST)
    (root / "data/extractions/birchcombe-2014.yaml").unlink()
    replaced("data/claims/D02.yaml", "neutral: [birchcombe-2014]\n", "")(root)
    replaced(
        "data/questions/sedanepril-pain.yaml",
        '  - {study: birchcombe-2014, no_result: {en: "numbers were not read yet", zh: "数值尚未阅读"}}\n',
        "",
    )(root)
    log = REMOVAL.format(reason="never read").replace("claim:D02", "study:birchcombe-2014")
    written(LOG, log.encode())(root)
    store = Store(root)
    write_attestations(store)
    conflict = store.decisions()["reviewer-a"][0].model_copy(update={"record": "pmid-900000023"})
    give_rows(store, "screening", "consensus", conflict)
    _, role = signer(store.protocol, "reviewer-a", MAY_VERIFY)
    rows = [
        sign(f"study:{study}", name, value_hash(fact), role, DAY)
        for study, extraction in store.extractions().items()
        for name, fact in extraction.facts()
    ]
    rows += [
        sign(f"claim:{name}", "claim", claim_hash(one), Role.GUARANTOR, DAY)
        for name, one in Review.of(store.snapshot()).claim_grades.items()
    ]
    give_rows(store, "signatures", "reviewer-a", *rows)


def test_the_gate_of_1_0_opens_when_everything_is_signed_and_shuts_when_one_is_not(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    review = Review.of(Store(root).snapshot())
    missing = " ".join(gate(review))
    for sentence in (
        "values nobody has signed",
        "whose quote was not found",
        "claims nobody has confirmed",
        "open conflicts between reviewers",
    ):
        assert sentence in missing
    assert edition(root, "--gate") == 40
    everything_signed(root)
    assert gate(Review.of(Store(root).snapshot())) == []
    assert edition(root, "--gate") == 0
    replaced("data/extractions/castlemere-2019.yaml", "from 6.0 at baseline", "baseline 6.0")(root)
    assert any("nobody has signed" in one for one in gate(Review.of(Store(root).snapshot())))
    replaced("data/extractions/castlemere-2019.yaml", "baseline 6.0", "from 6.0 at baseline")(root)
    capsys.readouterr()
    assert edition(root, "--version", "1.0") == 0
    one = released(root)
    assert (one.version, one.verified) == ("1.0", True)
    assert one.values["verified"] == sum(one.values.values())
    assert all(claim.confirmed_by for claim in one.claims)


def test_today_the_review_itself_is_refused_as_verified() -> None:
    review = Review.of(Store(HOME).snapshot())
    assert review.ledger.signatures == {}
    missing = gate(review)
    assert len(missing) >= 3
    assert review.editions
    for one in review.editions:
        assert one.version.startswith("0.")
        assert not one.verified
        assert one.values["verified"] == 0
        assert all(claim.confirmed_by == () for claim in one.claims)


def test_a_confirmation_signs_sentence_studies_and_level(root: Path) -> None:
    one = Review.of(Store(root).snapshot()).claim_grades["D01"]
    before = claim_hash(one)
    replaced("data/claims/D01.yaml", "more than placebo", "as placebo does")(root)
    assert claim_hash(Review.of(Store(root).snapshot()).claim_grades["D01"]) != before


SEEN = 'source_tier: primary, read_at: "2026-09-03", by: reviewer-a}'
EVERY_LIST = f"""arms:
  - {{label: tarvolimab, people: 32, {SEEN}
  - {{label: placebo, people: 32, {SEEN}
conduct:
  - {{value: double blind, {SEEN}
doses:
  - {{value: 10 mg every week, {SEEN}
follow_up: {{value: 24 weeks, {SEEN}
harms: {{missing: not_checked, {SEEN}
results:
  - {{id: r2, outcome: pain, measure: statement, direction: inconclusive, {SEEN}
"""


def every_kind(root: Path) -> None:
    """A study with values of every kind that a model knows."""
    replaced("data/extractions/brackwater-2024.yaml", "results:\n", EVERY_LIST)(root)


def test_an_edition_holds_every_kind_of_fact(root: Path) -> None:
    every_kind(root)
    facts = Store(root).extractions()["brackwater-2024"].facts()
    lists = {name.partition("[")[0] for name, _ in facts if "[" in name}
    assert lists >= set(LISTED_FACTS) - {"instruments"}
    assert edition(root) == 0
    study = next(s for s in released(root).studies if s.id == "brackwater-2024")
    assert [v.field for v in study.values] == [name for name, _ in facts]
    lines = {v.field: v.shown for v in study.values}
    assert lines["arms[0]"] == "32 allotted to tarvolimab"
    assert lines["harms"] == "not_checked"
    assert "" not in lines.values()


def test_a_release_killed_after_its_write_is_the_same_edition_when_run_again(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced("data/claims/D02.yaml", "Pain falls", "Pain went down")(root)
    assert edition(root, "--note", "worded again") == 0
    once = tree(root / "data/editions")
    for again in (("--note", "worded again"), ("--note", "worded again", "--json")):
        capsys.readouterr()
        assert edition(root, *again, today="2026-10-06") == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["version"], facts["released_already"]) == ("0.2", True)
    assert facts["date"] == DAY
    assert tree(root / "data/editions") == once
    assert edition(root, "--note", "another reason", today="2026-10-06") == 0
    assert released(root).version == "0.3"


def test_a_retraction_is_told_although_a_longer_number_was(root: Path) -> None:
    """The triggers of earlier editions are compared whole: one id may begin another."""
    store = Store(root)
    record = next(r for r in sorted(Library.of(store.snapshot()).included) if r.startswith("pmid-"))
    review = Review.of(store.snapshot())
    library = dataclasses.replace(review.library, extractions={})
    vars(library)["retracted"] = frozenset({record})
    last = review.editions[-1].model_copy(update={"triggers": (f"retraction: {record}1",)})
    later = dataclasses.replace(review, library=library, editions=[last])
    assert _retractions(later) == [f"retraction: {record}"]
    told = last.model_copy(update={"triggers": (f"retraction: {record}",)})
    assert _retractions(dataclasses.replace(later, editions=[told])) == []
