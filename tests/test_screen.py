"""Screening on the terminal and in a spreadsheet: nothing is lost, nothing is decided for anyone."""

from __future__ import annotations

import csv
import io
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

from review import cli
from review.checking.check import check
from review.files.store import Store
from review.ground.errors import InvalidDataError, UsageError
from review.ground.printable import printable
from review.ground.spreadsheet import defused
from review.model.screening import Outcome, Stage
from review.selection.library import Library
from review.selection.sheet import decision, from_sheet, to_sheet
from tests.conftest import HOME, give_rows

DAY = "2026-09-10"


def session(
    store: Store, keys: str, reviewer: str = "reviewer-a", **options: bool
) -> tuple[str, int]:
    """What ``review screen`` says and saves while keys are typed."""
    out = io.StringIO()
    arguments = [f"--{name}" for name, wanted in options.items() if wanted]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(keys))
        patch.setattr("sys.stdout", out)
        command = ["screen", "--root", str(store.root), "--reviewer", reviewer, *arguments]
        assert cli.main(command, today=DAY) == 0
    text = out.getvalue()
    saved = re.search(r"(\d+) decisions saved; ", text)
    return text, int(saved.group(1)) if saved else 0


def rows(store: Store, reviewer: str = "reviewer-a") -> list[tuple[str, str, str | None]]:
    return [(r.record, str(r.decision), r.criterion) for r in store.decisions()[reviewer]]


def test_one_key_a_decision_saved_at_once_and_resumed(store: Store) -> None:
    before = rows(store)
    queue = [r.id for r in Library.of(store.snapshot()).queue("reviewer-a", Stage.TITLE_ABSTRACT)]
    text, saved = session(store, "i\nu\ne\n3\nq\n")
    assert saved == 3
    assert rows(store)[len(before) :] == [
        (queue[0], "include", None),
        (queue[1], "unsure", None),
        (queue[2], "exclude", "animals"),
    ]
    again = [r.id for r in Library.of(store.snapshot()).queue("reviewer-a", Stage.TITLE_ABSTRACT)]
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
    assert "There is no such criterion" in text
    assert "There is no other record nothing" in text


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
    sheet = to_sheet(Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, {}, DAY)
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
    found = from_sheet(
        Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY
    )
    assert [(r.decision, r.criterion) for r in found] == [
        (Outcome.INCLUDE, None),
        (Outcome.EXCLUDE, "animals"),
    ]


def test_a_sheet_read_twice_decides_once(store: Store) -> None:
    data = filled(store, {1: ("include", "")})
    library = Library.of(store.snapshot())
    first = from_sheet(library, "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY)
    give_rows(store, "screening", "reviewer-a", *first)
    again = from_sheet(
        Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY
    )
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
        from_sheet(
            Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY
        )
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
        from_sheet(
            Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY
        )


@pytest.mark.parametrize("cell", ["=1+1", "+x", "-x", "@x", "\tx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert defused(cell)[0] == "'"


def test_the_command_refuses_a_stranger(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["screen", "--root", str(root), "--reviewer", "nobody"]) == 2
    error = capsys.readouterr().err
    assert "not among the people of protocol.yaml (reviewer-a, reviewer-b)" in error
    assert not (root / "data" / "screening" / "nobody.csv").exists()


# ---- a real terminal -----------------------------------------------------------------------------


class Terminal:
    """``review screen`` on a terminal of its own: what is typed arrives as from a keyboard."""

    def __init__(self, root: Path) -> None:
        self.master, slave = pty.openpty()
        command = [sys.executable, "-c", "from review.cli import run; run()", "screen"]
        self.process = subprocess.Popen(
            [*command, "--reviewer", "reviewer-a", "--root", str(root)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=HOME,
        )
        os.close(slave)
        self.shown = ""

    def wait_for(self, words: str) -> str:
        """What is printed until some words come."""
        while words not in self.shown:
            self.shown += os.read(self.master, 65536).decode("utf-8", "replace")
        before, _, self.shown = self.shown.partition(words)
        return before

    def type(self, keys: bytes) -> None:
        """Type when asked, and not before."""
        self.wait_for("decision? ")
        os.write(self.master, keys)

    def end(self) -> None:
        """Quit, and wait until the command has ended."""
        self.type(b"q")
        self.wait_for("decisions saved")
        self.process.wait()
        os.close(self.master)


@pytest.mark.parametrize(
    "keys",
    [b"\x1b[A", b"\x1b[B", b"\x1bOP", b"\x1b", b"include", b"iiii", "疼i".encode(), b"e1i\nu"],
    ids=["up", "down", "F1", "escape", "a word", "a held key", "another script", "pasted lines"],
)
def test_what_is_no_single_key_decides_on_nothing(root: Path, keys: bytes) -> None:
    """An arrow's sequence ends in a letter, a word is made of them, what is pasted has many."""
    store = Store(root)
    session(store, "i\nq\n")  # a decision that an arrow's B could take back
    before = rows(store)
    terminal = Terminal(root)
    terminal.type(keys)
    terminal.wait_for("One key decides; nothing was saved")
    terminal.end()
    assert rows(store) == before


def test_a_word_typed_slowly_is_no_row_of_keys(root: Path) -> None:
    """Its letters come one by one; the first that is no key ends the word, however long it is."""
    store = Store(root)
    before = rows(store)
    terminal = Terminal(root)
    terminal.type(b"w")
    for key in ["o", "t", "h", "i", "u", "g"]:
        select.select([], [], [], 0.5)  # slower than a key that counts alone
        os.write(terminal.master, key.encode())
    terminal.end()
    assert rows(store) == before


def test_a_sheet_that_excel_saved_comes_back(store: Store) -> None:
    """Excel makes dates and numbers of cells that look so; ours have a letter before them."""
    sheet = to_sheet(Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, {}, DAY)
    (first, *_) = csv.DictReader(io.StringIO(sheet.decode("utf-8-sig"), newline=""))
    for column in ("exported", "protocol", "reviewer", "stage", "record"):
        assert first[column][0].isalpha(), column
        assert not re.fullmatch(r"[\d./:-]+|\d+[eE]\d+", first[column]), column


def test_single_keys_decide_on_a_terminal(root: Path) -> None:
    store = Store(root)
    before = rows(store)
    queue = [r.id for r in Library.of(store.snapshot()).queue("reviewer-a", Stage.TITLE_ABSTRACT)]
    terminal = Terminal(root)
    for key in (b"i", b"u", b"b", b"e"):
        terminal.type(key)
    terminal.wait_for("criterion 1-")
    terminal.wait_for("? ")
    os.write(terminal.master, b"3")
    terminal.end()
    assert [row[:2] for row in rows(store)[len(before) :]] == [
        (queue[0], "include"),
        (queue[1], "unsure"),
        (queue[1], "withdrawn"),
        (queue[1], "exclude"),
    ]


def test_a_line_of_many_letters_is_no_key(store: Store) -> None:
    before = rows(store)
    text, saved = session(store, "include\nexclude\nq\n")
    assert (saved, rows(store)) == (0, before)
    assert text.count("One key decides") == 2


# ---- whose sheet it is ---------------------------------------------------------------------------


def changed(store: Store, column: str, value: str, word: str = "include") -> bytes:
    """A filled sheet whose first row says something else in one column."""
    sheet = to_sheet(Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, {}, DAY)
    table = list(csv.DictReader(io.StringIO(sheet.decode("utf-8-sig"), newline="")))
    table[0]["decision"] = word
    if word == "duplicate":
        table[0]["duplicate_of"] = "pmid-900000001"
    table[0][column] = value or table[0]["record"]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("column", "value", "word", "words"),
    [
        ("reviewer", "reviewer-b", "include", "found reviewer-b, expected reviewer-a: a row of an"),
        ("stage", "full_text", "include", "found full_text, expected title_abstract: a row of"),
        ("protocol", "0" * 12, "include", "exported under other criteria"),
        ("exported", "last week", "include", "found last week, expected the day of export"),
        ("exported", "on 2036-01-01", "include", f"a day after today, {DAY}"),
        ("title", "Another paper", "include", "found 'Another paper', expected the title of"),
        ("title", "x" * 61, "include", f"found '{'x' * 60}', expected the title of"),
        ("pmid", "1", "include", "found 1, expected 9000"),
        ("criterion", "animals", "include", "found animals beside include, expected it with excl"),
        ("criterion", "animals", "duplicate", "found animals beside duplicate"),
        ("duplicate_of", "", "duplicate", "a record is no duplicate of itself"),
    ],
)
def test_a_row_that_is_not_of_this_sheet_or_says_two_things_is_refused(
    store: Store, column: str, value: str, word: str, words: str
) -> None:
    data = changed(store, column, value, word)
    with pytest.raises(InvalidDataError) as caught:
        from_sheet(
            Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY
        )
    assert [(p.line, p.field) for p in caught.value.problems] == [(2, column)]
    assert words in str(caught.value)


def test_a_record_is_decided_on_once_in_a_sheet(store: Store) -> None:
    data = changed(store, "note (public)", "first")
    data += data.splitlines(keepends=True)[1].replace(b"first", b"second")
    with pytest.raises(InvalidDataError) as caught:
        from_sheet(
            Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY
        )
    (problem,) = caught.value.problems
    assert problem.field == "record"
    assert problem.sentence.endswith("is decided on twice in this sheet")


def test_a_title_that_a_spreadsheet_touched_is_the_same(store: Store) -> None:
    record = Library.of(store.snapshot()).queue("reviewer-a", Stage.TITLE_ABSTRACT)[0]
    data = changed(store, "title", f"'  {record.title.upper()} ")
    found = from_sheet(
        Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY
    )
    assert [row.record for row in found] == [record.id]


@pytest.mark.parametrize("column", ["reviewer", "stage", "protocol", "exported", "title", "pmid"])
def test_a_sheet_without_our_columns_is_refused_with_the_command_for_a_new_one(
    store: Store, column: str
) -> None:
    sheet = filled(store, {1: ("include", "")}).replace(f",{column},".encode(), b",x,", 1)
    with pytest.raises(InvalidDataError) as caught:
        from_sheet(
            Library.of(store.snapshot()), "reviewer-a", Stage.TITLE_ABSTRACT, sheet, "s.csv", DAY
        )
    assert f"found no column {column}" in str(caught.value)
    wanted = "review screen --reviewer reviewer-a --stage title_abstract --export FILE.csv"
    assert wanted in str(caught.value)


def test_a_full_text_decision_needs_a_record_at_full_text(store: Store) -> None:
    data = changed(store, "stage", "full_text")
    with pytest.raises(
        InvalidDataError, match="is not at full text \\(it is awaiting_screening\\)"
    ):
        from_sheet(Library.of(store.snapshot()), "reviewer-a", Stage.FULL_TEXT, data, "s.csv", DAY)


def test_later_decisions_are_turned_back_only_when_told_to(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(root)
    sheet = root / "sheet.csv"
    sheet.write_bytes(filled(store, {1: ("include", ""), 2: ("include", ""), 3: ("unsure", "")}))
    session(store, "e\n1\ni\nb\nq\n")  # the first excluded, the second included and taken back
    before = rows(store)
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--import", str(sheet)]
    assert cli.main(command, today="2026-09-11") == 2
    assert "1 new, 2 change an earlier decision" in capsys.readouterr().err
    assert rows(store) == before
    assert cli.main([*command, "--replace"], today="2026-09-11") == 0
    assert [row[1] for row in rows(store)[len(before) :]] == ["include", "include", "unsure"]


@pytest.mark.parametrize(
    ("taken_back", "turned_back"), [("2026-09-09", False), (DAY, True), ("2026-09-11", True)]
)
def test_what_was_taken_back_before_the_export_stands_in_no_sheet_s_way(
    store: Store, taken_back: str, turned_back: bool
) -> None:
    """Of the day itself nobody knows which came first."""
    data = filled(store, {1: ("include", "")})
    first = Library.of(store.snapshot()).queue("reviewer-a", Stage.TITLE_ABSTRACT)[0].id
    given = [
        decision(store.protocol, first, Stage.TITLE_ABSTRACT, outcome, taken_back)
        for outcome in (Outcome.INCLUDE, Outcome.WITHDRAWN)
    ]
    give_rows(store, "screening", "reviewer-a", *given)
    arguments = ("reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", "2026-09-12")
    library = Library.of(Store(store.root).snapshot())
    if turned_back:
        with pytest.raises(UsageError, match="0 new, 1 change an earlier decision"):
            from_sheet(library, *arguments)
    else:
        assert [row.record for row in from_sheet(library, *arguments)] == [first]


def test_check_finds_a_criterion_beside_an_inclusion(root: Path) -> None:
    path = root / "data/screening/reviewer-a.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write(f"pmid-900000001,full_text,include,animals,,{DAY},,abcdefabcdef,test,\n")
    assert [(p.field, p.sentence) for p in check(Store(root).snapshot())] == [
        ("criterion", "found animals beside include, expected it with exclude")
    ]
