"""Screening on the terminal and in a spreadsheet: nothing is lost, nothing is decided for anyone."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from review import cli
from review.errors import InvalidDataError
from review.library import Library
from review.model.screening import Outcome, Stage
from review.screen import defused, from_sheet, to_sheet
from review.store import Store
from review.terminal import printable, screen

DAY = "2026-09-10"


def session(store: Store, keys: str, reviewer: str = "reviewer-a") -> tuple[str, int]:
    out = io.StringIO()
    saved = screen(
        Library.of(store),
        reviewer,
        Stage.TITLE_ABSTRACT,
        DAY,
        abstract=store.text,
        save=lambda row: store.append_rows("screening", reviewer, [row]) and None,
        source=io.StringIO(keys),
        out=out,
    )
    return out.getvalue(), saved


def rows(store: Store, reviewer: str = "reviewer-a") -> list[tuple[str, str, str | None]]:
    return [(r.record, str(r.decision), r.criterion) for r in store.decisions()[reviewer]]


def test_one_key_a_decision_saved_at_once_and_resumed(store: Store) -> None:
    before = rows(store)
    queue = [r.id for r in Library.of(store).queue("reviewer-a", Stage.TITLE_ABSTRACT)]
    text, saved = session(store, "i\nu\ne\n3\nq\n")
    assert saved == 3
    assert rows(store)[len(before) :] == [
        (queue[0], "include", None),
        (queue[1], "unsure", None),
        (queue[2], "exclude", "animals"),
    ]
    again = [r.id for r in Library.of(store).queue("reviewer-a", Stage.TITLE_ABSTRACT)]
    assert again[0] == queue[3]
    assert "44" in text or "43" in text


def test_undo_withdraws_and_keeps_both_rows(store: Store) -> None:
    before = rows(store)
    session(store, "i\nb\ne\n1\nq\n")
    assert [d for _, d, _ in rows(store)[len(before) :]] == ["include", "withdrawn", "exclude"]


def test_a_mistyped_criterion_or_record_saves_nothing(store: Store) -> None:
    before = rows(store)
    text, saved = session(store, "e\n9\nd\nnothing\nx\nq\n")
    assert saved == 0
    assert rows(store) == before
    assert "no such criterion" in text
    assert "no other record nothing" in text


def test_a_duplicate_names_the_other_record(store: Store) -> None:
    session(store, "d\npmid-900000001\nq\n")
    last = store.decisions()["reviewer-a"][-1]
    assert (last.decision, last.duplicate_of) == (Outcome.DUPLICATE, "pmid-900000001")


def test_every_row_carries_criteria_and_tool(store: Store) -> None:
    session(store, "i\nq\n")
    last = store.decisions()["reviewer-a"][-1]
    assert last.protocol == store.protocol.criteria_hash
    assert last.tool.startswith("living-review")
    assert last.date == DAY


@pytest.mark.parametrize("evil", ["\x1b[2Jgone", "a\u202eb", "x\u200by", "\x07bell", "a\r\nb"])
def test_the_terminal_prints_no_control_characters(evil: str) -> None:
    shown = printable(evil)
    assert shown.isprintable()


def filled(store: Store, decisions: dict[int, tuple[str, str]], **how: str) -> bytes:
    sheet = to_sheet(Library.of(store), "reviewer-a", Stage.TITLE_ABSTRACT, {})
    table = list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"), newline="")))
    for line, (word, criterion) in decisions.items():
        table[line][1], table[line][2] = word, criterion
    out = io.StringIO()
    csv.writer(out, delimiter=how.get("delimiter", ",")).writerows(table)
    return out.getvalue().encode(how.get("encoding", "utf-8-sig"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16"])
def test_a_sheet_survives_excel(store: Store, delimiter: str, encoding: str) -> None:
    data = filled(
        store,
        {1: ("Include", ""), 2: ("exclude", "animals")},
        delimiter=delimiter,
        encoding=encoding,
    )
    found = from_sheet(Library.of(store), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY)
    assert [(r.decision, r.criterion) for r in found] == [
        (Outcome.INCLUDE, None),
        (Outcome.EXCLUDE, "animals"),
    ]


def test_a_sheet_read_twice_decides_once(store: Store) -> None:
    data = filled(store, {1: ("include", "")})
    library = Library.of(store)
    first = from_sheet(library, "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY)
    store.append_rows("screening", "reviewer-a", first)
    again = from_sheet(Library.of(store), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY)
    assert (len(first), len(again)) == (1, 0)


@pytest.mark.parametrize(
    ("decisions", "words"),
    [
        ({1: ("maybe", "")}, "s.csv:2: decision: found maybe"),
        ({1: ("exclude", "nope")}, "s.csv:2: criterion: found nope"),
        ({2: ("exclude", "")}, "s.csv:3: decision: an exclusion needs a criterion"),
    ],
)
def test_a_bad_row_is_named_and_none_is_taken(
    store: Store, decisions: dict[int, tuple[str, str]], words: str
) -> None:
    data = filled(store, {**decisions, 4: ("include", "")})
    with pytest.raises(InvalidDataError) as caught:
        from_sheet(Library.of(store), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"record,decision\nx,include\n", "found no column criterion"),
        ("标题".encode("gb18030"), "CSV UTF-8"),
        (b"\xff\xfea", "CSV UTF-8"),
        (b'record,decision,criterion,duplicate_of,note\n"pmid', "not readable as CSV"),
    ],
)
def test_a_sheet_that_is_none(store: Store, data: bytes, words: str) -> None:
    with pytest.raises(InvalidDataError, match=words):
        from_sheet(Library.of(store), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY)


@pytest.mark.parametrize("cell", ["=1+1", "+x", "-x", "@x", "\tx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert defused(cell)[0] == "'"


def test_the_command_refuses_a_stranger(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["screen", "--root", str(root), "--reviewer", "nobody"]) == 2
    error = capsys.readouterr().err
    assert "not among the people of protocol.yaml (reviewer-a, reviewer-b)" in error
    assert not (root / "data" / "screening" / "nobody.csv").exists()
