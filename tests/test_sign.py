"""Signatures: a person's alone, on exactly what they saw, gone when it changes. Attested quotes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from extractors._printed import numbers
from review import cli
from review.checking.check import check
from review.editions.release import gate
from review.extraction.attest import known_hash
from review.extraction.quotes import carries, fragments, stands_in, states_number
from review.files.store import Store
from review.grading.review import Review
from review.grading.stake import by_stake
from review.model.extraction import Fact, SourceTier
from review.model.fingerprint import digest, value_hash
from review.model.signature import Signature
from tests.conftest import CHECKER, with_checker
from tests.test_files import replaced

STUDY = "data/extractions/brackwater-2024.yaml"
DAY = "2026-10-05"


@pytest.fixture
def root(root: Path) -> Path:
    """A copy of the demonstration in which a third person may check what the first entered."""
    with_checker(root)
    return root


def review(*arguments: str, root: Path, today: str = DAY) -> int:
    return cli.main([*arguments, "--root", str(root)], today=today)


def test_looking_signs_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted((root / "data").rglob("*"))
    assert review("verify", "brackwater-2024", root=root) == 0
    assert review("confirm", "D01", root=root) == 0
    out = capsys.readouterr().out
    assert "results.r1: pain" in out
    assert "between the groups was »-1.4 (95% CI -2.3 to -0.5; p = 0.003)«, analysed" in out
    assert "confirmed by nobody" in out
    assert sorted((root / "data").rglob("*")) == before


def test_a_signature_holds_until_the_value_changes(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("verify", "brackwater-2024", "results.r1", "--person", CHECKER)
    assert review(*command, root=root) == 0
    row = Store(root).signatures()[CHECKER][-1]
    fact = dict(Store(root).extractions()["brackwater-2024"].facts())["results.r1"]
    record = Store(root).records()["pmid-900000002"]
    assert (row.object, row.field) == ("study:brackwater-2024", "results.r1")
    assert (row.hash, row.date, row.role) == (value_hash(fact), DAY, "extraction")
    assert (row.source, row.seconds) == (known_hash(record, "abstract"), 0)
    assert row.notices == digest([])
    ledger = Review.of(Store(root).snapshot()).ledger
    assert ledger.of_value("brackwater-2024", "results.r1", fact) == (CHECKER,)
    assert check(Store(root).snapshot()) == []
    replaced(STUDY, "week 24", "week 26")(root)
    changed = dict(Store(root).extractions()["brackwater-2024"].facts())["results.r1"]
    assert ledger.of_value("brackwater-2024", "results.r1", changed) == ()
    capsys.readouterr()
    assert review("verify", "brackwater-2024", "results.r1", root=root) == 0
    assert "nobody has signed it" in capsys.readouterr().out


def test_a_confirmation_lapses_when_the_evidence_behind_the_level_changes(root: Path) -> None:
    assert review("confirm", "D01", "--person", "reviewer-a", root=root) == 0
    one = Review.of(Store(root).snapshot())
    assert one.ledger.of_claim(one.claim_grades["D01"]) == ("reviewer-a",)
    replaced("data/questions/tarvolimab-pain.yaml", "60 people analysed;", "only 60 analysed;")(
        root
    )
    again = Review.of(Store(root).snapshot())
    assert again.ledger.of_claim(again.claim_grades["D01"]) == ()
    assert [p.field for p in check(Store(root).snapshot())] == ["hash"]


def test_a_signature_can_be_taken_back(root: Path) -> None:
    assert review("confirm", "D01", "--person", "reviewer-a", root=root) == 0
    assert review("confirm", "D01", "--person", "reviewer-a", "--withdraw", root=root) == 0
    one = Review.of(Store(root).snapshot())
    assert one.ledger.of_claim(one.claim_grades["D01"]) == ()
    assert check(Store(root).snapshot()) == []


def test_a_changed_result_or_question_lapses_the_claim_s_signature(root: Path) -> None:
    assert review("confirm", "D01", "--person", "reviewer-a", root=root) == 0

    def holds() -> bool:
        one = Review.of(Store(root).snapshot())
        return one.ledger.of_claim(one.claim_grades["D01"]) == ("reviewer-a",)

    assert holds()
    replaced(STUDY, "direction: benefit", "direction: harm")(root)
    assert not holds()
    replaced(STUDY, "direction: harm", "direction: benefit")(root)
    assert holds()
    replaced("data/questions/tarvolimab-pain.yaml", "lower pain?", "raise pain?")(root)
    assert not holds()


def test_what_does_not_fit_is_not_signed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replaced(STUDY, "value: -1.4", "value: -9.9")(root)
    command = ("verify", "brackwater-2024", "results.r1", "--person", CHECKER)
    assert review(*command, root=root) == 2
    assert (
        "results.r1: its quote does not hold -9.9; mend it before you sign"
        in capsys.readouterr().err
    )
    replaced("data/claims/D01.yaml", "level: 3", "level: 1")(root)
    assert review("confirm", "D01", "--person", "reviewer-a", root=root) == 40
    assert "expected 3 from its studies" in capsys.readouterr().err


def test_a_stranger_s_rows_count_for_nothing(root: Path) -> None:
    fact = dict(Store(root).extractions()["brackwater-2024"].facts())["design"]
    row = f"{','.join(Signature.model_fields)}\nstudy:brackwater-2024,design,{value_hash(fact)},{DAY},extraction,,,,,\n"
    (root / "data/signatures/mallory.csv").write_text(row, encoding="utf-8")
    ledger = Review.of(Store(root).snapshot()).ledger
    assert ledger.of_value("brackwater-2024", "design", fact) == ()


def test_a_signature_on_something_gone_can_be_taken_back(root: Path) -> None:
    command = ("verify", "brackwater-2024", "registration", "--person", CHECKER)
    assert review(*command, root=root) == 0
    text = (root / STUDY).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("registration")]
    (root / STUDY).write_text("".join(lines), encoding="utf-8")
    assert any(
        "has no registration" in p.sentence
        for p in check(Store(root).snapshot())
        if "signatures" in p.path
    )
    assert review(*command, "--withdraw", root=root) == 0
    assert not any("signatures" in p.path for p in check(Store(root).snapshot()))


def test_a_translation_is_checked_by_a_translator_s_signature(root: Path) -> None:
    replaced(
        "protocol.yaml",
        "{id: reviewer-b, roles: [screening]}",
        "{id: reviewer-b, roles: [screening, translation]}",
    )(root)
    command = ("confirm", "D01", "--translation", "--person", "reviewer-b")
    assert review(*command, root=root) == 0
    replaced(
        "data/claims/D01.yaml", "translation_checked_by: null", "translation_checked_by: reviewer-b"
    )(root)
    assert check(Store(root).snapshot()) == []
    replaced("data/claims/D01.yaml", "优于", "不如")(root)
    assert {p.field for p in check(Store(root).snapshot())} == {"translation_checked_by", "hash"}


def test_values_are_signed_one_by_one_and_stopping_keeps_what_was_signed(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\ns\ny\nq\n"))
    assert review("verify", "brackwater-2024", "--person", CHECKER, root=root) == 0
    assert "2 values signed by reviewer-c" in capsys.readouterr().out
    rows = Store(root).signatures()[CHECKER]
    signed = [row.field for row in rows if row.object == "study:brackwater-2024"]
    assert signed == ["results.r1", "sample[0]"], "what most hangs on comes first"
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert review("verify", "brackwater-2024", "--person", CHECKER, root=root) == 0
    assert "0 values signed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("verify", "nobody-1999"), "nobody-1999: no such study in data/extractions"),
        (("verify", "brackwater-2024", "results.r9"), "results.r9: no such value"),
        (
            ("verify", "brackwater-2024", "design", "--person", "dr-x"),
            "--person dr-x: not among the people of protocol.yaml (reviewer-a, reviewer-b, reviewer-c)",
        ),
        (
            ("verify", "brackwater-2024", "design", "--person", "reviewer-b"),
            "--person reviewer-b: has the roles screening, expected one of extraction",
        ),
        (("confirm", "D77"), "D77: no such claim in data/claims"),
        (("confirm", "D01", "--person", "reviewer-b"), "has the roles screening"),
        (("confirm", "D01", "--withdraw"), "--person is missing: whose signature is it?"),
        (
            ("confirm", "D01", "--withdraw", "--person", "reviewer-a"),
            "reviewer-a has not signed claim:D01 claim",
        ),
        (
            ("confirm", "D01", "--translation", "--person", "reviewer-a"),
            "has the roles guarantor, screening, extraction, expected one of translation",
        ),
        (
            ("verify", "brackwater-2024", "--person", CHECKER, "--withdraw"),
            "--withdraw needs --person and the FIELD",
        ),
    ],
)
def test_wrong_input_is_one_line_and_signs_nothing(
    root: Path,
    arguments: tuple[str, ...],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = (root / "data/signatures/reviewer-a.csv").read_bytes()
    assert review(*arguments, root=root) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert (root / "data/signatures/reviewer-a.csv").read_bytes() == before


def test_attestations_are_what_the_texts_show(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "data/attestations/castlemere-2019.json"
    held = {name: one.values for name, one in Store(root).attestations().items()}
    assert held["castlemere-2019"]
    replaced("data/extractions/castlemere-2019.yaml", "12 months, from", "one year, from")(root)
    assert review("check", root=root) == 40
    assert "the value changed since its quote was found" in capsys.readouterr().out
    record = next((root / "data" / "records").glob("*/pmid-900000003.json"))
    value = json.loads(record.read_text(encoding="utf-8"))
    del value["abstract"]
    record.write_text(json.dumps(value), encoding="utf-8")
    assert not (root / "data" / "texts").exists()
    assert review("check", "--texts", root=root) == 40, "no text, no new attestation"
    assert json.loads(path.read_text(encoding="utf-8"))["gate"] == "quote gate 3.1"


def test_a_new_attestation_needs_the_text(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from review.demo import FIRST
    from tests.conftest import DEMO, World, serving

    with serving(World.folder(DEMO / "world").as_of(FIRST)):
        cli.main(["search", "--root", str(root)], today=FIRST)
    replaced(STUDY, "week 24", "week 26")(root)
    assert review("check", root=root) == 40
    capsys.readouterr()
    assert review("check", "--texts", root=root) == 0
    assert "1 files written" in capsys.readouterr().out
    replaced(STUDY, 'p = 0.003)"', 'p = 0.030)"')(root)
    assert review("check", "--texts", root=root) == 40
    assert "does not stand in the text" in capsys.readouterr().out


def test_the_words_that_say_who_was_analysed_stand_in_the_text_like_a_quote(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, words = "data/extractions/aldermoor-2021.yaml", "asked each with the numeric rating scale"
    said = f'percent: 75.7, all_analysed: true, all_analysed_quote: "{words}", '
    replaced(path, "percent: 75.7, ", said)(root)
    assert review("check", root=root) == 40
    assert "results.r1: the value changed since its quote" in capsys.readouterr().out
    assert review("check", "--texts", root=root) == 40, "who signed has not seen these words"
    out = capsys.readouterr().out
    assert "results.r1 changed since it was signed" in out
    assert "since its quote" not in out
    assert review("verify", "aldermoor-2021", "results.r1", root=root) == 0
    out = capsys.readouterr().out
    assert "RESULTS: »Chronic pain was present in 112/148 (75.7%)«" in out
    assert f'with: "{words}"' in out
    replaced(path, words, "everybody answered")(root)
    assert review("check", root=root) == 40
    out = capsys.readouterr().out
    assert "results.r1.all_analysed_quote: the quote does not stand in the text" in out
    assert "results.r1.quote:" not in out
    assert review("check", "--texts", root=root) == 40
    assert "results.r1.all_analysed_quote" in capsys.readouterr().out
    values = Store(root).attestations()["aldermoor-2021"].values
    assert "results.r1" not in {one.field for one in values}, "half of its words are not attested"


def test_a_quote_may_leave_words_out_and_numbers_may_be_words() -> None:
    text = "We asked 166 patients in ten places. One hundred twenty-five (75.3%) had pain; 0•278."
    quote = "166 patients … One hundred twenty-five (75.3%)"
    assert fragments(quote) == ["166 patients", "One hundred twenty-five (75.3%)"]
    assert stands_in(quote, text)
    assert carries(quote, [125, 166, 75.3]) == []
    assert carries(quote, [126]) == [126]
    assert not stands_in("166 patients … One hundred twenty-six", text)
    assert not stands_in("…", text)
    assert 0.278 in numbers(text)
    assert {90.0, 22.0, 17416.0} <= numbers("Ninety; twenty-two; 17,416 people")


# ---- numbers without a quote, claims without their studies ---------------------------------------

SAMPLE = ("verify", "birchcombe-2014", "sample[0]", "--person", CHECKER)


def test_a_number_without_a_quote_is_signed_with_the_place_it_was_read(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review(*SAMPLE, root=root) == 2
    assert "sample[0]: a number without a quote" in capsys.readouterr().err
    assert review(*SAMPLE, "--by-eye", "  ", root=root) == 2
    assert "--by-eye: found 2 characters" in capsys.readouterr().err
    assert review(*SAMPLE, "--by-eye", "table 2, row 3", root=root) == 0
    one = Review.of(Store(root).snapshot())
    fact = dict(one.library.extractions["birchcombe-2014"].facts())["sample[0]"]
    assert one.ledger.of_value("birchcombe-2014", "sample[0]", fact) == (CHECKER,)
    assert "birchcombe-2014 sample[0]" not in " ".join(gate(one))
    row = one.ledger.signatures[CHECKER][-1]
    assert row.by_eye == "table 2, row 3"
    assert check(Store(root).snapshot()) == []


def test_a_signature_on_such_a_number_without_its_place_counts_for_nothing(root: Path) -> None:
    assert review(*SAMPLE, "--by-eye", "table 2", root=root) == 0
    replaced(f"data/signatures/{CHECKER}.csv", ",table 2,", ",,")(root)
    one = Review.of(Store(root).snapshot())
    fact = dict(one.library.extractions["birchcombe-2014"].facts())["sample[0]"]
    assert one.ledger.of_value("birchcombe-2014", "sample[0]", fact) == ()
    assert [(p.field, "--by-eye" in p.sentence) for p in check(Store(root).snapshot())] == [
        ("by_eye", True)
    ]


def test_the_place_is_asked_for_where_values_are_signed_one_by_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Review.of(Store(root).snapshot())
    rows_ = by_stake(one, one.library.extractions["birchcombe-2014"])
    at = [name for name, _, _ in rows_].index("sample[0]")
    for answer, signed in (("\n", 0), ("figure 1\n", 1)):
        monkeypatch.setattr("sys.stdin", io.StringIO("s\n" * at + "y\n" + answer + "q\n"))
        assert review("verify", "birchcombe-2014", "--person", CHECKER, root=root) == 0
        rows = Store(root).signatures().get(CHECKER, [])
        assert sum(row.field == "sample[0]" and row.by_eye == "figure 1" for row in rows) == signed


@pytest.mark.parametrize("command", [("verify", "brackwater-2024", "results.r1"), ()])
def test_the_place_goes_with_a_number_that_no_quote_carries(
    root: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = command or ("verify", "birchcombe-2014", "sample[0]")
    person = ("--person", CHECKER) if command else ()
    assert review(*arguments, *person, "--by-eye", "table 2", root=root) == 2
    assert "--by-eye" in capsys.readouterr().err


def test_a_term_of_the_vocabulary_is_no_number(root: Path) -> None:
    fact = Fact[str](value="sf-36", source_tier=SourceTier.ABSTRACT)
    assert not states_number(fact)
    assert states_number(fact.model_copy(update={"value": "36 weeks"}))


def test_nobody_confirms_a_sentence_that_stayed_while_its_support_fell(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "data/claims/D01.yaml"
    replaced(path, "support: supported", "support: partly")(root)
    command = ("confirm", "D01", "--person", "reviewer-a")
    assert review(*command, root=root) == 40
    said = capsys.readouterr().err
    assert f"{path}: sentence: its support fell from supported (edition 0.1) to partly" in said
    assert "its en sentence is as it was" in said
    text = (root / path).read_text(encoding="utf-8")
    claim = Store(root).claims()["D01"].sentence
    assert claim.en is not None
    assert claim.zh is not None
    text = text.replace(claim.en, f"Perhaps {claim.en}")
    (root / path).write_text(text, encoding="utf-8")
    assert review(*command, root=root) == 40
    assert "its zh sentence is as it was" in capsys.readouterr().err
    stop = text.replace(claim.zh, claim.zh.rstrip("。"))
    (root / path).write_text(stop, encoding="utf-8")
    assert review(*command, root=root) == 40, "another full stop makes no other sentence"
    capsys.readouterr()
    (root / path).write_text(text.replace(claim.zh, f"或许{claim.zh}"), encoding="utf-8")
    assert review(*command, root=root) == 0


@pytest.mark.parametrize("direction", ["benefit", "harm", "no_important_difference"])
def test_a_direction_without_a_study_that_found_it_is_a_problem(root: Path, direction: str) -> None:
    for old, new in (
        ("for: [brackwater-2024]", "neutral: [brackwater-2024]"),
        ("direction: benefit", f"direction: {direction}"),
        ("support: supported", "support: unsupported"),
    ):
        replaced("data/claims/D01.yaml", old, new)(root)
    told = [p.sentence for p in check(Store(root).snapshot()) if p.field == "direction"]
    assert told == [f"found {direction}, but no study with a usable result stands for it"]
