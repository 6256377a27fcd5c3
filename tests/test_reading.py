"""Signing is reading: the text around a quote, what hangs on a value, second looks, hasty runs."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from review import cli
from review.acts.sign import disagree, sign
from review.checking.check import check
from review.cli import signing
from review.editions.release import gate
from review.extraction.shown import Shown, shown_of, unsaid
from review.files.change import apply
from review.files.store import Store
from review.grading.review import Review
from review.grading.second_look import chosen, hasty_runs, offered, second_looks
from review.grading.stake import by_stake, claims_on
from review.ground.errors import UsageError
from review.model.extraction import Measure, Result, SampleSize, SizeRole
from review.model.signature import Signature
from review.publishing.publish import publish
from tests.conftest import CHECKER, with_checker
from tests.test_files import replaced

DAY = "2026-10-05"
STUDY = "brackwater-2024"
FILE = f"data/extractions/{STUDY}.yaml"


@pytest.fixture
def root(root: Path) -> Path:
    """A copy of the demonstration in which a third person may check what the first entered."""
    with_checker(root)
    return root


def signs(store: Store, field: str = "results.r1", **beside: object) -> None:
    extraction = store.extractions()[STUDY]
    change = sign(store.snapshot(), CHECKER, extraction, field, DAY, **beside)  # type: ignore[arg-type]
    apply(store, change)


def holders(root: Path, field: str = "results.r1", study: str = STUDY) -> tuple[str, ...]:
    review = Review.of(Store(root).snapshot())
    fact = dict(review.library.extractions[study].facts())[field]
    return review.ledger.of_value(study, field, fact)


# ---- what is shown -------------------------------------------------------------------------------


def test_the_sentence_before_and_the_sentence_after_are_shown(root: Path) -> None:
    store = Store(root)
    extraction = store.extractions()[STUDY]
    fact = dict(extraction.facts())["results.r1"]
    shown = shown_of(store.snapshot(), extraction, fact, store.records())
    assert shown.record == "pmid-900000002"
    assert shown.before.startswith("METHODS: Sixty-four patients")
    assert shown.quote == fact.quote
    assert shown.after.rstrip().endswith("REGISTRATION: NCT99000002.")
    abstract = store.text(store.records()["pmid-900000002"])
    assert abstract is not None
    assert shown.text in abstract


def test_where_no_text_is_held_the_place_is_named(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = next((root / "data/records").rglob("pmid-900000002.json"))
    value = json.loads(record.read_text(encoding="utf-8"))
    assert value.pop("abstract", None)
    record.write_text(json.dumps(value), encoding="utf-8")
    store = Store(root)
    extraction = store.extractions()[STUDY]
    shown = shown_of(
        store.snapshot(), extraction, dict(extraction.facts())["results.r1"], store.records()
    )
    assert shown == Shown(None, "", "-1.4 (95% CI -2.3 to -0.5; p = 0.003)", "", None)
    assert cli.main(["verify", STUDY, "results.r1", "--root", str(root)]) == 0
    assert "(abstract); the text is not held on this machine" in capsys.readouterr().out


def result(**values: str) -> Result:
    return Result(id="r1", measure=Measure.STATEMENT, quote="x", **{"outcome": "pain", **values})


@pytest.mark.parametrize(
    ("fact", "text", "missing"),
    [
        (result(), "Pain was frequent.", []),
        (result(), "It was frequent.", ["outcome"]),
        (result(outcome="neuropathic-pain"), "Pain was frequent.", ["outcome"]),
        (result(time="week 24"), "At week 24 pain fell.", []),
        (result(time="week 24"), "At week 12 pain fell.", ["time"]),
        (result(time="week 24"), "In 24 patients pain fell.", ["time"]),
        (result(time="week four"), "At four weeks pain fell.", []),
        (result(group="treated people"), "After treatment pain fell.", []),
        (result(group="treated people"), "In controls pain fell.", ["group"]),
        (result(group="女性"), "女性患者的 pain", []),
        (
            SampleSize(role=SizeRole.SUBSET, people=4, group="women", quote="x"),
            "four men",
            ["group"],
        ),
        (SampleSize(role=SizeRole.SUBSET, people=4, group="women", quote="x"), "4 women", []),
        (SampleSize(role=SizeRole.SUBSET, people=4, group="women"), "four men", []),
    ],
)
def test_what_the_shown_text_does_not_say_is_named(
    root: Path, fact: Result | SampleSize, text: str, missing: list[str]
) -> None:
    vocabularies = Store(root).vocabulary().values()
    shown = Shown("pmid-1", text, "", "", None)
    assert [one.kind for one in unsaid(fact, shown, vocabularies)] == missing


# ---- what hangs on it ----------------------------------------------------------------------------


def test_values_of_published_claims_come_first_results_before_design_before_numbers(
    root: Path,
) -> None:
    review = Review.of(Store(root).snapshot())
    aldermoor = review.library.extractions["aldermoor-2021"]
    fields = [field for field, _, _ in by_stake(review, aldermoor)]
    assert fields == ["results.r1", "design", "sample[0]", "instruments[0]", "results.r2"]
    assert claims_on(review, "aldermoor-2021", "results.r1") == ("D03",)
    assert claims_on(review, "aldermoor-2021", "results.r2") == ()
    assert claims_on(review, "aldermoor-2021", "design") == ("D03",)


def test_the_list_of_studies_names_first_the_one_under_most_claims(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", "--root", str(root), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    counts = [len(row["claims"]) for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] == 0
    assert cli.main(["verify", "--root", str(root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].endswith("values under claims are signed")
    assert lines[-1] == f"next: review verify {rows[0]['study']} --person YOU"


# ---- rule 40 in acts -----------------------------------------------------------------------------


def test_who_entered_a_value_can_not_sign_it(root: Path) -> None:
    store = Store(root)
    extraction = store.extractions()[STUDY]
    with pytest.raises(UsageError, match="entered by reviewer-a; who entered a value can't check"):
        sign(store.snapshot(), "reviewer-a", extraction, "results.r1", DAY)
    replaced(FILE, "by: reviewer-a}\nsample", 'by: "reviewer-x, reviewer-c"}\nsample')(root)
    with pytest.raises(UsageError, match="entered by reviewer-c"):
        signs(Store(root), "design")


def test_what_the_text_does_not_say_is_typed_or_not_signed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced(FILE, 'time: "week 24"', 'time: "week 26"')(root)
    command = ["verify", STUDY, "results.r1", "--person", CHECKER, "--root", str(root)]
    assert cli.main(command, today=DAY) == 2
    assert 'does not say its time; where you read it all the same, type it: --typed "week 26"' in (
        capsys.readouterr().err
    )
    assert cli.main([*command, "--typed", "week 24"], today=DAY) == 2
    assert holders(root) == ()
    assert cli.main([*command, "--typed", " Week 26 "], today=DAY) == 0
    assert holders(root) == (CHECKER,)


def test_a_text_that_changed_lapses_the_signature(root: Path) -> None:
    signs(Store(root))
    assert holders(root) == (CHECKER,)
    record = next((root / "data/records").rglob("pmid-900000002.json"))
    replaced(str(record.relative_to(root)), "Sixty-four patients", "Sixty-five patients")(root)
    text = record.read_text(encoding="utf-8")
    held = json.loads(text)
    digest = hashlib.sha256(held["abstract"].encode()).hexdigest()
    record.write_text(text.replace(held["abstract_sha256"], digest), encoding="utf-8")
    assert holders(root) == ()
    told = [p for p in check(Store(root).snapshot()) if "signatures" in p.path]
    assert [p.field for p in told] == ["source"]
    assert told[0].sentence.startswith("the abstract of its reports changed since study:brackwater")


def test_an_erratum_lapses_the_signature_and_an_old_signature_holds(root: Path) -> None:
    signs(Store(root))
    old = holders(root, "design", "aldermoor-2021")
    assert old == ("reviewer-a",)
    for pmid, study in (("900000002", STUDY), ("900000001", "aldermoor-2021")):
        command = ["notice", "add", f"pmid-{pmid}", "--person", "reviewer-a", "--root", str(root)]
        command += ["--kind", "safety_signal", "--source", "https://example.org/x"]
        assert cli.main(command, today=DAY) in (0, 20), study
    assert holders(root) == ()
    assert holders(root, "design", "aldermoor-2021") == old
    told = [p for p in check(Store(root).snapshot()) if "signatures" in p.path]
    assert [p.field for p in told] == ["source"]
    assert "the notices on its reports changed" in told[0].sentence
    signs(Store(root))
    assert holders(root) == (CHECKER,)


def test_a_text_that_changes_while_it_is_shown_is_not_signed(root: Path) -> None:
    with pytest.raises(UsageError, match="its text changed while it was shown; look again"):
        signs(Store(root), seen="0" * 64)


def test_a_confirmation_is_written_once(root: Path) -> None:
    path = root / "data/signatures/reviewer-a.csv"
    before = path.read_bytes()
    command = ["confirm", "D01", "--person", "reviewer-a", "--root", str(root)]
    assert cli.main(command, today=DAY) == 0
    once = path.read_bytes()
    assert once.startswith(before)
    assert len(once) > len(before)
    assert cli.main(command, today="2026-10-06") == 0
    assert path.read_bytes() == once


# ---- one by one ----------------------------------------------------------------------------------


def typing(monkeypatch: pytest.MonkeyPatch, keys: str, seconds: Sequence[float] = ()) -> None:
    """Keys that are typed, and how long each value is looked at."""
    monkeypatch.setattr("sys.stdin", io.StringIO(keys))
    clock = iter([at for n, one in enumerate(seconds) for at in (1e7 * n, 1e7 * n + one)])
    if seconds:
        monkeypatch.setattr(signing, "monotonic", lambda: next(clock))


def test_the_seconds_that_a_value_was_shown_are_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typing(monkeypatch, "y\ny\ny\nq\n", [12.9, 3.0, 1e6, 0.0])
    assert cli.main(["verify", STUDY, "--person", CHECKER, "--root", str(root)], today=DAY) == 0
    rows = Store(root).signatures()[CHECKER]
    assert [(row.field, row.seconds) for row in rows] == [
        ("results.r1", 12),
        ("design", 3),
        ("sample[0]", 86_400),  # left over night
    ]
    error = capsys.readouterr().err
    assert error.index("»-1.4 (95% CI") < error.index("»randomly assigned«")
    assert "claims that rest on it: D01" in error


def test_a_word_is_no_key_and_nothing_is_signed_by_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch, "yes\nyyyy\n\n")
    assert cli.main(["verify", STUDY, "--person", CHECKER, "--root", str(root)], today=DAY) == 0
    assert CHECKER not in Store(root).signatures()


@pytest.mark.parametrize(("typed", "signed"), [("week 26", 1), ("y", 0), ("", 0)])
def test_a_typed_confirmation_is_asked_for(
    root: Path, monkeypatch: pytest.MonkeyPatch, typed: str, signed: int
) -> None:
    replaced(FILE, 'time: "week 24"', 'time: "week 26"')(root)
    typing(monkeypatch, f"y\n{typed}\nq\n")
    assert cli.main(["verify", STUDY, "--person", CHECKER, "--root", str(root)], today=DAY) == 0
    assert len(Store(root).signatures().get(CHECKER, [])) == signed


def test_own_values_are_passed_over_with_a_word(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typing(monkeypatch, "y\ny\n")
    command = ["verify", STUDY, "--person", "reviewer-a", "--root", str(root)]
    assert cli.main(command, today=DAY) == 0
    told = capsys.readouterr()
    assert "results.r1: you entered it; another person checks it" in told.err
    assert "0 values signed by reviewer-a" in told.out


# ---- a second person -----------------------------------------------------------------------------


def test_a_tenth_is_chosen_the_same_everywhere_and_anew_when_the_value_changes() -> None:
    facts = [SampleSize(role=SizeRole.ENROLLED, people=n) for n in range(4000)]
    taken = [fact.people for fact in facts if chosen("a-2020", "sample[0]", fact)]
    assert 320 < len(taken) < 480
    assert taken == [fact.people for fact in facts if chosen("a-2020", "sample[0]", fact)]
    assert taken != [fact.people for fact in facts if chosen("b-2020", "sample[0]", fact)]


def test_a_second_person_is_offered_what_another_signed_and_may_disagree(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("review.grading.second_look.ONE_IN", 1)
    review = Review.of(Store(root).snapshot())
    extractions = review.library.extractions
    rows = list(offered(review.ledger, extractions, CHECKER))
    signed = sum(
        bool(review.ledger.of_value(study, field, fact))
        for study, extraction in extractions.items()
        for field, fact in extraction.facts()
    )
    assert len(rows) == signed > 10
    assert list(offered(review.ledger, extractions, "reviewer-a")) == []
    typing(monkeypatch, "y\nd\nit says 74 of 148\nq\n")
    command = ["verify", "--second", "--person", CHECKER, "--root", str(root), "--json"]
    assert cli.main(command, today=DAY) == 0
    told = json.loads(capsys.readouterr().out)
    assert (len(told["signed"]), len(told["disagrees"])) == (1, 1)
    again = Review.of(Store(root).snapshot())
    left = list(offered(again.ledger, again.library.extractions, CHECKER))
    assert len(left) == signed - 2
    looks = second_looks(again.ledger, again.library.extractions)
    assert (looks.of, looks.looked, looks.otherwise, looks.disagreed) == (signed, 2, 1, 1)
    publish(Store(root), root / "build")
    page = (root / "build" / "html" / "methods" / "index.html").read_text(encoding="utf-8")
    assert f"2 of {signed} were looked at, in 1 of these the second person read something" in page
    study, field, _ = rows[1]
    assert any(
        sentence.startswith("1 signed values in whose source a second person reads something else")
        and f"{study} {field}" in sentence
        for sentence in gate(again)
    )
    assert not [p for p in check(Store(root).snapshot()) if "signatures" in p.path]


def test_a_disagreement_is_no_signature_and_goes_with_one_of_another(root: Path) -> None:
    store = Store(root)
    extraction = store.extractions()[STUDY]
    with pytest.raises(UsageError, match="nobody else has signed it"):
        disagree(store.snapshot(), CHECKER, extraction, "results.r1", "it says 3", DAY)
    other = store.extractions()["aldermoor-2021"]
    for sentence in ("", " ", "a\nb", "x" * 2001):
        with pytest.raises(UsageError, match="--disagree: expected one line"):
            disagree(store.snapshot(), CHECKER, other, "design", sentence, DAY)
    with pytest.raises(UsageError, match="correct it in the extraction instead"):
        disagree(store.snapshot(), "reviewer-a", other, "design", "it is a cohort", DAY)
    apply(store, disagree(store.snapshot(), CHECKER, other, "design", "it is a cohort", DAY))
    assert holders(root, "design", "aldermoor-2021") == ("reviewer-a",)
    assert store.signatures()[CHECKER][-1].disagrees == "it is a cohort"


# ---- hasty runs ----------------------------------------------------------------------------------


def row(field: int, seconds: int | None, hashed: str | None = "0" * 64) -> Signature:
    return Signature.model_validate(
        {
            "object": "study:a-2020",
            "field": f"sample[{field}]",
            "hash": hashed,
            "date": DAY,
            "role": "extraction",
            "seconds": seconds,
        },
        strict=False,
    )


@pytest.mark.parametrize(
    ("rows", "runs"),
    [
        ([row(n, 4) for n in range(11)], [11]),
        ([row(n, 4) for n in range(10)], []),
        ([row(n, 5) for n in range(30)], []),
        ([row(n, None) for n in range(30)], []),
        ([*(row(n, 4) for n in range(6)), row(6, 9), *(row(n, 4) for n in range(7, 13))], []),
        (
            [*(row(n, 0) for n in range(11)), row(11, 9), *(row(n, 1) for n in range(12, 24))],
            [11, 12],
        ),
        ([*(row(n, 4) for n in range(11)), row(3, None, None)], []),
        ([*(row(n, 4) for n in range(11)), row(3, None, None), row(3, 40)], []),
        ([*(row(n, 4) for n in range(6)), row(6, None), *(row(n, 4) for n in range(7, 12))], [11]),
    ],
)
def test_runs_of_more_than_ten_under_five_seconds_are_named(
    rows: list[Signature], runs: list[int]
) -> None:
    assert [len(run.rows) for run in hasty_runs({"x": rows})] == runs


def test_the_gate_names_whose_run_it_is_and_where_it_begins(root: Path) -> None:
    lines = "".join(
        f"study:aldermoor-2021,sample[{n}],{'0' * 64},{DAY},extraction,,,,2,\n" for n in range(12)
    )
    head = ",".join(Signature.model_fields) + "\n"
    (root / f"data/signatures/{CHECKER}.csv").write_text(head + lines, encoding="utf-8")
    told = [one for one in gate(Review.of(Store(root).snapshot())) if "in a row" in one]
    assert told == [
        f"12 signatures of {CHECKER} in a row, each in under 5 seconds (first: aldermoor-2021 "
        f"sample[0] on {DAY}); take them back, and look again"
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--person", CHECKER], "--person: signs values of one STUDY; which?"),
        (["--second"], "--second needs --person, and no study"),
        ([STUDY, "--second", "--person", CHECKER], "--second needs --person, and no study"),
        ([STUDY, "--typed", "x"], "--typed needs --person and the FIELD"),
        ([STUDY, "--person", CHECKER, "--disagree", "x"], "--disagree needs --person and the FIE"),
    ],
)
def test_what_does_not_go_together_is_refused(
    root: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", *arguments, "--root", str(root)]) == 2
    assert sentence in capsys.readouterr().err
