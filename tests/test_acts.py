"""Acts: each says what it would write for whom, writes nothing, and refuses what does not fit."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from review import cli
from review.acts import confirm, decide, pair, release, sign
from review.files.change import Change, OvertakenError, apply, fingerprint
from review.files.snapshot import Snapshot
from review.files.store import Store
from review.ground.errors import InvalidDataError, ReviewError, UsageError
from review.model.base import canonical
from review.model.screening import Outcome, Stage
from review.selection.library import Library
from review.selection.sheet import to_sheet
from tests.conftest import CHECKER, tree, with_checker
from tests.test_files import replaced

DAY = "2026-10-05"
A = "reviewer-a"
TITLE, FULL = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT


@pytest.fixture
def root(root: Path) -> Path:
    """A copy of the demonstration in which a third person may check what the first entered."""
    with_checker(root)
    return root


Act = Callable[[Snapshot], Change[Any]]
WAITS = "pmid-900000010"
OTHER = "pmid-900000001"


def sheet(snapshot: Snapshot, word: str = "include") -> bytes:
    """A sheet in which one record is decided on."""
    empty = to_sheet(Library.of(snapshot), A, TITLE, {}, DAY)
    table = list(csv.reader(io.StringIO(empty.decode("utf-8-sig"), newline="")))
    table[1][1] = word
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode()


def decides(outcome: Outcome = Outcome.INCLUDE, record: str = WAITS, **beside: Any) -> Act:
    who, stage = beside.pop("person", A), beside.pop("stage", TITLE)
    return lambda snapshot: decide.decide(snapshot, who, stage, record, outcome, DAY, **beside)


def by_sheet(person: str = A, word: str = "include") -> Act:
    return lambda snapshot: decide.decide_by_sheet(
        snapshot, person, TITLE, sheet(snapshot, word), "s.csv", DAY
    )


def pairs(a: str = OTHER, b: str = WAITS, verdict: str = "distinct", **beside: Any) -> Act:
    who = beside.pop("person", A)
    return lambda snapshot: pair.pair(snapshot, who, a, b, verdict, DAY, **beside)


def signs(field: str = "results.r1", study: str = "brackwater-2024", **beside: Any) -> Act:
    who = beside.pop("person", CHECKER)
    return lambda snapshot: sign.sign(
        snapshot, who, snapshot.extractions()[study], field, DAY, **beside
    )


def confirms(claim: str = "D01", person: str = A, **beside: Any) -> Act:
    return lambda snapshot: confirm.confirm(snapshot, person, claim, DAY, **beside)


def releases(**beside: Any) -> Act:
    return lambda snapshot: release.release(snapshot, DAY, **beside)


# ---- what each act would write -------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """An act, the file it would change, and how what it adds begins and ends."""

    act: Act
    file: str
    begins: str
    ends: str = ""
    person: str = A


ACTS = {
    "include": Case(decides(), "screening", f"{WAITS},title_abstract,include,,,{DAY},,"),
    "exclude": Case(
        decides(Outcome.EXCLUDE, criterion="animals", note="mice"),
        "screening",
        f"{WAITS},title_abstract,exclude,animals,,{DAY},mice,",
    ),
    "duplicate": Case(
        decides(Outcome.DUPLICATE, duplicate_of=OTHER),
        "screening",
        f"{WAITS},title_abstract,duplicate,,{OTHER},{DAY},,",
    ),
    "take a decision back": Case(
        lambda snapshot: decide.withdraw(snapshot, A, TITLE, OTHER, DAY),
        "screening",
        f"{OTHER},title_abstract,withdrawn,,,{DAY},,",
    ),
    "decide at full text": Case(
        decides(record=OTHER, stage=FULL), "screening", f"{OTHER},full_text,include,,,{DAY},,"
    ),
    "decide by sheet": Case(by_sheet(), "screening", "pmid-9000", "living-review 0.1.0,"),
    "two reports": Case(pairs(), "pairs", f"{OTHER},{WAITS},distinct,,{DAY},"),
    "two that belong together": Case(
        pairs(verdict="related", relation="preprint_of", note="same trial"),
        "pairs",
        f"{OTHER},{WAITS},related,preprint_of,{DAY},same trial",
    ),
    "sign": Case(
        signs(seconds=12), "signatures", "study:brackwater-2024,results.r1,", ",12,", CHECKER
    ),
    "sign by eye": Case(
        signs("sample[0]", "birchcombe-2014", by_eye="table 2"),
        "signatures",
        "study:birchcombe-2014,sample[0],",
        ",",
        CHECKER,
    ),
    "confirm": Case(confirms(), "signatures", "claim:D01,claim,", f",{DAY},guarantor,,,,,"),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_says_what_it_would_write_and_writes_nothing(store: Store, name: str) -> None:
    case = ACTS[name]
    before = tree(store.root)
    change = case.act(store.snapshot())
    assert tree(store.root) == before
    (write,) = change.writes
    assert change.person == case.person
    assert write.path == f"data/{case.file}/{case.person}.csv"
    held = before.get(write.path)
    assert write.before == fingerprint(held)
    assert write.after is not None
    assert write.after.startswith(held or (b"a,b,verdict,", b"object,field,"))
    added = write.after.decode().splitlines()[-1]
    assert added.startswith(case.begins)
    assert added.endswith(case.ends)
    apply(store, change)
    assert (store.root / write.path).read_bytes() == write.after


@pytest.mark.parametrize("name", ACTS)
def test_an_act_on_a_file_that_changed_since_is_overtaken(store: Store, name: str) -> None:
    change = ACTS[name].act(store.snapshot())
    path = store.root / change.writes[0].path
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((path.read_bytes() if path.exists() else b"") + b"\n")
    before = tree(store.root)
    with pytest.raises(OvertakenError, match=change.writes[0].path):
        apply(store, change)
    assert {k: v for k, v in tree(store.root).items() if k != ".review.lock"} == before


# ---- what is refused -----------------------------------------------------------------------------

STRANGER = (
    "--reviewer nobody: not among the people of protocol.yaml (reviewer-a, reviewer-b, reviewer-c)"
)
UNKNOWN = (
    "--person nobody: not among the people of protocol.yaml (reviewer-a, reviewer-b, reviewer-c)"
)
NO_ROLE = "--person reviewer-b: has the roles screening, expected one of"

REFUSED: dict[str, tuple[Act, str]] = {
    "decide: a stranger": (decides(person="nobody"), STRANGER),
    "decide: a path": (decides(person="../claims/x"), "--reviewer ../claims/x: not among"),
    "decide: no such record": (
        decides(record="pmid-1"),
        "record: found pmid-1, expected a record of the review",
    ),
    "decide: no criterion": (decides(Outcome.EXCLUDE), "decision: an exclusion needs a criterion"),
    "decide: another criterion": (
        decides(Outcome.EXCLUDE, criterion="x"),
        "criterion: found x, expected one of animals,",
    ),
    "decide: a criterion beside an inclusion": (
        decides(criterion="animals"),
        "criterion: found animals beside include, expected it with exclude alone",
    ),
    "decide: a duplicate of nothing": (
        decides(Outcome.DUPLICATE),
        "decision: duplicate_of goes with the decision duplicate",
    ),
    "decide: a duplicate of itself": (
        decides(Outcome.DUPLICATE, duplicate_of=WAITS),
        f"duplicate_of: found {WAITS}, a record is no duplicate of itself",
    ),
    "decide: a duplicate of no record": (
        decides(Outcome.DUPLICATE, duplicate_of="pmid-1"),
        "duplicate_of: found pmid-1, expected a record of the review",
    ),
    "decide: a control character": (decides(note="a\x07b"), "note: found the control character U+"),
    "decide: a note without end": (decides(note="x" * 2001), "note: "),
    "decide: not at full text": (
        decides(stage=FULL),
        f"record: {WAITS} is not at full text (it is awaiting_screening)",
    ),
    "sheet: a stranger": (by_sheet("nobody"), STRANGER),
    "sheet: no outcome": (by_sheet(word="maybe"), "s.csv:2: decision: found maybe, expected"),
    "sheet: another's": (by_sheet("reviewer-b"), "a row of another person's sheet"),
    "withdraw: a stranger": (
        lambda snapshot: decide.withdraw(snapshot, "nobody", TITLE, OTHER, DAY),
        STRANGER,
    ),
    "pair: a stranger": (pairs(person="nobody"), STRANGER),
    "pair: no such record": (pairs("pmid-1"), "--pair pmid-1: no such record in data/records"),
    "pair: one record": (pairs(OTHER, OTHER), "--pair: found one record twice, expected two"),
    "pair: no verdict": (pairs(verdict="maybe"), "--verdict maybe: expected one of duplicate"),
    "pair: no relation": (pairs(verdict="related"), "--relation goes with --verdict related"),
    "pair: a relation too many": (pairs(relation="preprint_of"), "--relation goes with --verdict"),
    "pair: another relation": (
        pairs(verdict="related", relation="x"),
        "--relation x: expected one of retraction_of",
    ),
    "pair: a control character": (pairs(note="\x07"), "pairdecision: note: found the control"),
    "sign: a stranger": (signs(person="nobody"), UNKNOWN),
    "sign: without the role": (signs(person="reviewer-b"), NO_ROLE),
    "sign: no such value": (signs("results.r9"), "results.r9: no such value, expected one of"),
    "sign: a number without a quote": (
        signs("sample[0]", "birchcombe-2014"),
        "sample[0]: a number without a quote",
    ),
    "sign: a place too many": (signs(by_eye="table 2"), "--by-eye: results.r1 has a quote"),
    "withdraw a signature: a stranger": (
        lambda snapshot: sign.withdraw(snapshot, "nobody", "brackwater-2024", "design", DAY),
        UNKNOWN,
    ),
    "withdraw a signature: never given": (
        lambda snapshot: sign.withdraw(snapshot, A, "nobody-1999", "design", DAY),
        f"{A} has not signed study:nobody-1999 design",
    ),
    "confirm: a stranger": (confirms(person="nobody"), UNKNOWN),
    "confirm: without the role": (confirms(person="reviewer-b"), NO_ROLE),
    "confirm: no such claim": (confirms("D77"), "D77: no such claim in data/claims (D01, D02,"),
    "confirm: no translator": (
        confirms(translation=True),
        f"--person {A}: has the roles guarantor, screening, extraction, expected one of transl",
    ),
    "withdraw a confirmation: never given": (
        lambda snapshot: confirm.withdraw(snapshot, A, "D01", DAY),
        f"{A} has not signed claim:D01 claim",
    ),
    "release: another number": (
        releases(version="7.0", note="x"),
        "--version 7.0: expected 0.2 or 1.0",
    ),
    "release: nothing said": (releases(triggers=[" "]), "--trigger: found 1 characters"),
    "release: a day before the last": (
        lambda snapshot: release.release(snapshot, "2020-01-01", note="x"),
        "2020-01-01: before edition 0.1",
    ),
    "release: not verified": (
        releases(version="1.0", note="x"),
        "1.0 is refused, it would not be verified:",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_act_refuses_and_writes_nothing(root: Path, name: str) -> None:
    act, sentence = REFUSED[name]
    before = tree(root)
    with pytest.raises(ReviewError) as caught:
        act(Store(root).snapshot())
    assert str(caught.value).startswith(sentence) or sentence in str(caught.value)
    assert tree(root) == before


def test_consensus_decides_for_all(store: Store) -> None:
    change = decides(person="consensus")(store.snapshot())
    apply(store, change)
    assert store.decisions()["consensus"] == [change.told]


def test_a_decision_counts_instead_of_the_last_and_is_taken_back(store: Store) -> None:
    def stands() -> str | None:
        rows = Library.of(store.snapshot()).decided(WAITS, TITLE)
        return str(rows[A].decision) if A in rows else None

    assert stands() is None
    for act, expected in (
        (decides(), "include"),
        (decides(Outcome.UNSURE), "unsure"),
        (lambda snapshot: decide.withdraw(snapshot, A, TITLE, WAITS, DAY), None),
    ):
        apply(store, act(store.snapshot()))
        assert stands() == expected


def test_a_sheet_that_brings_nothing_new_writes_nothing(store: Store) -> None:
    data = sheet(store.snapshot())
    first = decide.decide_by_sheet(store.snapshot(), A, TITLE, data, "s.csv", DAY)
    apply(store, first)
    again = decide.decide_by_sheet(store.snapshot(), A, TITLE, data, "s.csv", DAY)
    assert (len(first.told), again.told, again.writes) == (1, [], ())


def test_a_sheet_turns_a_later_decision_back_only_when_told_to(store: Store) -> None:
    data = sheet(store.snapshot())
    (row,) = decide.decide_by_sheet(store.snapshot(), A, TITLE, data, "s.csv", DAY).told
    apply(store, decides(Outcome.UNSURE, row.record)(store.snapshot()))
    with pytest.raises(UsageError, match="1 change an earlier decision"):
        decide.decide_by_sheet(store.snapshot(), A, TITLE, data, "s.csv", DAY)
    change = decide.decide_by_sheet(store.snapshot(), A, TITLE, data, "s.csv", DAY, replace=True)
    assert change.told == [row]


def test_a_value_is_signed_once(store: Store) -> None:
    apply(store, signs()(store.snapshot()))
    assert signs()(store.snapshot()).writes == ()
    apply(store, sign.withdraw(store.snapshot(), CHECKER, "brackwater-2024", "results.r1", DAY))
    assert len(signs()(store.snapshot()).writes) == 1


def test_a_signature_is_on_what_the_person_saw(store: Store) -> None:
    """A value that changed after it was shown is not signed by it."""
    seen = store.extractions()["brackwater-2024"]
    replaced("data/extractions/brackwater-2024.yaml", "direction: benefit", "direction: harm")(
        store.root
    )
    apply(store, sign.sign(store.snapshot(), CHECKER, seen, "results.r1", DAY))
    assert len(signs()(store.snapshot()).writes) == 1, "what stands there now nobody has signed"


def test_a_confirmation_is_taken_back_of_a_claim_that_is_gone(store: Store) -> None:
    apply(store, confirms()(store.snapshot()))
    (store.root / "data/claims/D01.yaml").unlink()
    apply(store, confirm.withdraw(store.snapshot(), A, "D01", DAY))
    assert store.signatures()[A][-1].hash is None


def test_a_claim_that_says_what_its_studies_do_not_is_not_confirmed(root: Path) -> None:
    replaced("data/claims/D01.yaml", "level: 3", "level: 1")(root)
    with pytest.raises(InvalidDataError, match="expected 3 from its studies"):
        confirms()(Store(root).snapshot())


def test_a_release_is_a_new_file_and_the_same_release_is_none(store: Store) -> None:
    before = tree(store.root)
    change = releases(note="x")(store.snapshot())
    assert tree(store.root) == before
    (write,) = change.writes
    assert (write.path, write.before) == ("data/editions/0.2.json", None)
    assert write.after == canonical(change.told.edition)
    assert (change.told.file, change.told.already) == (write.path, False)
    apply(store, change)
    again = releases(note="x")(store.snapshot())
    assert (again.writes, again.told.already) == ((), True)
    assert again.told.edition == change.told.edition


def test_a_review_with_a_problem_is_not_released(root: Path) -> None:
    replaced("data/claims/D01.yaml", "level: 3", "level: 1")(root)
    with pytest.raises(InvalidDataError, match=r"data/claims/D01\.yaml"):
        releases(note="x")(Store(root).snapshot())


def test_a_released_file_that_was_laid_out_anew_is_not_written_over(store: Store) -> None:
    apply(store, releases(note="x")(store.snapshot()))
    path = store.root / "data/editions/0.2.json"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(UsageError, match=r"0\.2\.json: already there; editions are never"):
        releases(note="x")(store.snapshot())


def test_a_command_that_is_overtaken_says_so_in_one_line(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another process writes between the reading of an act and the lock."""
    real = Store.lock

    def late(self: Store, wait: float) -> Any:
        path = self.root / f"data/signatures/{A}.csv"
        path.write_bytes(path.read_bytes() + b"\n")
        return real(self, wait)

    monkeypatch.setattr(Store, "lock", late)
    command = ["confirm", "D01", "--person", A, "--root", str(root)]
    assert cli.main(command, today=DAY) == 50
    error = capsys.readouterr().err
    assert f"data/signatures/{A}.csv: changed since this command read it" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("folder", "act"), [("screening", decides()), ("pairs", pairs()), ("signatures", signs())]
)
def test_nothing_is_put_behind_what_may_swallow_it(store: Store, folder: str, act: Act) -> None:
    """A cell that is never closed would take the row in: as a note, and nobody would know."""
    path = store.root / "data" / folder / f"{A}.csv"
    path.parent.mkdir(exist_ok=True)
    held = path.read_bytes() if path.exists() else b"a,b,verdict,relation,date,note\n"
    path.write_bytes(held + b'pmid-900000001,"open\n')
    before = tree(store.root)
    with pytest.raises(InvalidDataError, match=f"{A}.csv"):
        act(store.snapshot())
    assert tree(store.root) == before


def test_a_verdict_is_not_written_where_what_rests_on_it_can_not_be_read(store: Store) -> None:
    (store.root / "data/duplicates.json").write_bytes(b"{ not readable\n")
    with pytest.raises(InvalidDataError, match=r"duplicates\.json"):
        pairs()(store.snapshot())
