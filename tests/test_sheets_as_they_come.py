"""Filled sheets as people and spreadsheets save them, by kind: read rightly, or stopped by a sentence
that says file, line, column, what was found and what was expected. Nothing of a sheet that is stopped
is taken.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from review import cli
from review.files.rows import read_rows
from review.files.store import Store
from review.formats import read_file
from review.ground.errors import InvalidDataError
from review.model.screening import Decision, Outcome, Stage
from review.selection.library import Library
from review.selection.sheet import SHEET, from_sheet, to_sheet

DAY = "2026-09-10"
Table = list[list[str]]
COLUMNS = {name: number for number, name in enumerate(SHEET)}


def filled(library: Library) -> Table:
    """The sheet as it was exported, the first row included and the second excluded."""
    texts = dict.fromkeys(library.records, "Aims; methods, and\na second line.")
    data = to_sheet(library, "reviewer-a", Stage.TITLE_ABSTRACT, texts, DAY)
    table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    table[1][COLUMNS["decision"]] = "include"
    table[2][COLUMNS["decision"]] = "exclude"
    table[2][COLUMNS["criterion"]] = "animals"
    return table


def text(table: Table, sign: str = ",", end: str = "\r\n", quote: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=sign, lineterminator=end, quoting=quote).writerows(table)
    return out.getvalue()


Save = Callable[[Table], bytes]


def encoded(encoding: str, sign: str = ",", end: str = "\r\n") -> Save:
    return lambda table: text(table, sign, end).encode(encoding)


def cell(column: str, value: str, row: int = 1) -> Save:
    """One cell of the sheet says something else."""

    def save(table: Table) -> bytes:
        table[row][COLUMNS[column]] = value
        return text(table).encode()

    return save


def noted(note: str, encoding: str) -> Save:
    """A sheet in another encoding, with a word that shows it."""
    return lambda table: cell("note", note)(table).decode().encode(encoding)


def changed(change: Callable[[Table], object]) -> Save:
    """The sheet after something was done to its rows."""

    def save(table: Table) -> bytes:
        change(table)
        return text(table).encode()

    return save


def head(column: str, name: str) -> Save:
    """A column under another name."""
    return cell(column, name, 0)


def moved(table: Table) -> None:
    """The last column is first."""
    for row in table:
        row.insert(0, row.pop())


def without(column: str) -> Save:
    """A column is gone."""
    return changed(lambda table: [row.pop(COLUMNS[column]) for row in table])


def sorted_alone(table: Table) -> None:
    """One column was sorted and the others were not."""
    titles = [row[COLUMNS["title"]] for row in table[1:]]
    for row, title in zip(table[1:], titles[1:] + titles[:1], strict=True):
        row[COLUMNS["title"]] = title


def merged(column: str) -> Save:
    """Two cells made one: the lower is empty."""
    return cell(column, "", 2)


def doubled(table: Table) -> None:
    """The decisions stand twice: a copy was put at the end."""
    for row in table:
        row.append(row[COLUMNS["decision"]])


def titled(title: str, rest: str = "") -> Save:
    """The first title is cut, or has more behind it."""
    return cell("title", title + rest)


READ: dict[str, dict[str, Save]] = {
    "encodings": {
        "UTF-8": encoded("utf-8"),
        "UTF-8 with its mark": encoded("utf-8-sig"),
        "UTF-16 of Excel's Unicode text": encoded("utf-16", "\t"),
        "UTF-16, big end first": lambda t: b"\xfe\xff" + text(t).encode("utf-16-be"),
    },
    "separators": {
        "semicolons": encoded("utf-8-sig", ";"),
        "tabs": encoded("utf-8", "\t"),
        "vertical lines": encoded("utf-8", "|"),
        "a first line sep=;": lambda t: b"sep=;\r\n" + text(t, ";").encode(),
        "every cell in quotation marks": lambda t: text(t, quote=csv.QUOTE_ALL).encode(),
    },
    "ends of lines": {
        "of Unix": encoded("utf-8", end="\n"),
        "of an old Mac": encoded("utf-8", end="\r"),
        "none at the end": lambda t: text(t).rstrip().encode(),
    },
    "rows": {
        "sorted": changed(lambda t: t.__setitem__(slice(1, None), sorted(t[1:], reverse=True))),
        "some deleted": changed(lambda t: t.__delitem__(slice(3, 6))),
        "empty ones at the end": changed(lambda t: t.extend([[""] * len(t[0])] * 5)),
        "empty ones between": changed(lambda t: t.insert(2, [""] * len(t[0]))),
        "blank lines above": lambda t: b"\r\n,,,\r\n" + text(t).encode(),
        "empty cells cut from the end": changed(
            lambda t: [row.__delitem__(slice(14, None)) for row in t[3:]]
        ),
    },
    "columns": {
        "moved": changed(moved),
        "empty ones at the end": changed(lambda t: [row.extend(["", ""]) for row in t]),
        "one of one's own": changed(lambda t: [row.append("mine") for row in t]),
        "in capitals": changed(lambda t: t.__setitem__(0, [name.upper() for name in t[0]])),
        "with spaces around": head("decision", " Decision "),
        "without what is not needed": without("abstract"),
        "note without its remark": head("note", "note"),
    },
    "words": {
        "1": cell("decision", "1"),
        "full-width 1": cell("decision", "１"),
        "YES": cell("decision", "YES"),
        "Included": cell("decision", "Included"),
        "纳入": cell("decision", "纳入"),
        "是": cell("decision", "是"),
        "with a non-breaking space": cell("decision", "include\u00a0"),
        "0 for the excluded": cell("decision", "0", 2),
        "排除 for the excluded": cell("decision", "排除", 2),
        "No for the excluded": cell("decision", "No", 2),
    },
    "numbers": {
        "a PMID with thousands": lambda t: cell("pmid", f"{int(t[1][COLUMNS['pmid']]):,}")(t),
        "a PMID with a fraction": lambda t: cell("pmid", t[1][COLUMNS["pmid"]] + ".0")(t),
        "a PMID in full-width digits": lambda t: cell(
            "pmid", t[1][COLUMNS["pmid"]].translate({48 + n: 0xFF10 + n for n in range(10)})
        )(t),
        "a year as a day": cell("year", "1905-07-16"),
    },
    "titles": {
        "in capitals": lambda t: titled(t[1][COLUMNS["title"]].upper())(t),
        "without the last full stop": lambda t: titled(t[1][COLUMNS["title"]].rstrip("."))(t),
        "with an apostrophe before": lambda t: titled("'" + t[1][COLUMNS["title"]])(t),
        "with non-breaking spaces": lambda t: titled(t[1][COLUMNS["title"]].replace(" ", "\u00a0"))(t),
        "on two lines": lambda t: titled(t[1][COLUMNS["title"]].replace(" ", "\n", 1))(t),
    },
    "texts": {
        "lines and quotation marks in a note": cell("note", 'one "two"\nthree; four, five'),
        "an abstract cut at 32,767 signs": cell("abstract", "x" * 32_767),
    },
}  # fmt: skip

STOPPED: dict[str, dict[str, tuple[Save, str]]] = {
    "encodings": {
        "GB18030": (noted("标题", "gb18030"), "expected UTF-8; in Excel choose"),
        "Latin-1": (noted("Müller", "latin-1"), "expected UTF-8; in Excel choose"),
        "UTF-16 without its mark": (encoded("utf-16-le"), "found a NUL byte, expected text"),
    },
    "other files": {
        ".xlsx": (lambda _: b"PK\x03\x04...", "s.csv: found a workbook of Excel, Numbers or LibreO"),
        ".xls": (lambda _: b"\xd0\xcf\x11\xe0..", "s.csv: found a workbook of Excel (.xls), expected"),
        "a web page as .xls": (
            lambda _: b"<html xmlns:o><table><tr><td>record",
            "s.csv: found a web page or XML, expected CSV: open it and save it as CSV",
        ),
        "XML of Excel 2003": (lambda _: b'\xef\xbb\xbf<?xml version="1.0"?>', "found a web page or"),
        "a PDF": (lambda _: b"%PDF-1.7", "s.csv: found a PDF, expected CSV"),
        "a word processor's": (lambda _: b"{\\rtf1", "found a text of a word processor (.rtf)"),
        "nothing": (lambda _: b"", "s.csv:1: found no column record, expected record, decision,"),
    },
    "quotation marks": {
        "never closed": (
            lambda t: text(t).encode() + b'pmid-900000001,"include,\r\n',
            "a cell that begins with a quotation mark here or below is never closed by another",
        ),
        "text behind": (
            lambda t: text(t).encode() + b'"pmid-900000001"x,include\r\n',
            "text stands behind a cell's closing quotation mark; inside a cell write it twice",
        ),
        "left out around a comma": (
            lambda t: text(t).encode() + b",".join([b"x"] * 19) + b"\r\n",
            "found 19 cells, expected 17",
        ),
    },
    "columns": {
        "renamed": (
            head("criterion", "criteria"),
            "s.csv:1: found no column criterion (but criteria), expected record, decision,",
        ),
        "renamed in Chinese": (head("decision", "决定"), "s.csv:1: found no column decision, expected"),
        "gone": (without("title"), "s.csv:1: found no column title, expected"),
        "doubled": (
            changed(lambda t: (doubled(t), t[0].__setitem__(-1, "Decision"))),
            "s.csv:1: found the column decision twice, expected it once",
        ),
        "heads gone": (changed(lambda t: t.pop(0)), "s.csv:1: found no column record, expected"),
        "a line above the heads": (
            changed(lambda t: t.insert(0, ["Table 1"])),
            "s.csv:1: found no column record, expected",
        ),
        "turned": (
            changed(lambda t: t.__setitem__(slice(None), [list(r) for r in zip(*t, strict=True)])),
            "s.csv:1: found no column decision, expected",
        ),
    },
    "merged cells": {
        "criterion": (merged("criterion"), "s.csv:4: decision: an exclusion needs a criterion"),
        "decision": (
            merged("decision"),
            "s.csv:4: decision: empty, but criterion says 'animals'; expected a decision beside it",
        ),
        "record": (merged("record"), "s.csv:4: record: found nothing, expected a record of the"),
        "reviewer": (merged("reviewer"), "s.csv:4: reviewer: found nothing, expected reviewer-a"),
    },
    "rows": {
        "one column sorted alone": (changed(sorted_alone), "title: found "),
        "one twice": (changed(lambda t: t.append(list(t[1]))), "is decided on twice in this sheet"),
        "of somebody else": (
            cell("reviewer", "reviewer-b"),
            "s.csv:2: reviewer: found reviewer-b, expected reviewer-a: a row of another person's",
        ),
        "of another stage": (cell("stage", "full_text"), "s.csv:2: stage: found full_text, expected"),
        "of other criteria": (
            cell("protocol", "c-000000000000"),
            "s.csv:2: protocol: found c-000000000000, expected c-",
        ),
    },
    "Excel's own": {
        "a day as Excel writes it": (
            cell("exported", "10/09/2026"),
            's.csv:2: exported: found 10/09/2026, expected the day of export as "on YYYY-MM-DD"',
        ),
        "a day as a number": (cell("exported", "46275"), "s.csv:2: exported: found 46275, expected"),
        "a PMID rounded": (
            cell("pmid", "9.0E+08"),
            "s.csv:2: pmid: found 9.0E+08, expected 9",
        ),
        "an id made a number": (cell("record", "9.0E+8"), "s.csv:2: record: found 9.0E+8, expected a"),
        "a formula": (cell("decision", '=IF(A2="","include","")'), "decision: found =if(a2="),
        "a formula's failure": (cell("decision", "#NAME?"), "s.csv:2: decision: found #name?, expected"),
        "a tick box": (cell("decision", "TRUE"), "s.csv:2: decision: found true, expected include,"),
    },
    "titles": {
        "cut": (
            lambda t: titled(t[1][COLUMNS["title"]][:20])(t),
            "s.csv:2: title: found only the first 20 characters of the title of pmid-9",
        ),
        "of another record": (titled("Another"), "s.csv:2: title: found 'Another', expected the tit"),
        "gone": (titled(""), "s.csv:2: title: found 'nothing', expected the title of"),
        "with a word more": (
            lambda t: titled(t[1][COLUMNS["title"]], " (read!)")(t),
            "s.csv:2: title: found ",
        ),
    },
    "decisions": {
        "a word nobody knows": (
            cell("decision", "maybe"),
            "s.csv:2: decision: found maybe, expected include, exclude, unsure, duplicate, withdrawn",
        ),
        "two words": (cell("decision", "include/exclude"), "found include/exclude, expected include"),
        "2": (cell("decision", "2"), "s.csv:2: decision: found 2, expected include"),
        "excluded without a criterion": (
            cell("decision", "0"),
            "s.csv:2: decision: an exclusion needs a criterion",
        ),
        "included with a criterion": (
            cell("criterion", "animals"),
            "s.csv:2: criterion: found animals beside include, expected it with exclude alone",
        ),
        "a criterion nobody knows": (
            cell("criterion", "mice", 2),
            "s.csv:4: criterion: found mice, expected one of animals, other-topic, pain-data, popul",
        ),
        "a criterion alone": (
            cell("criterion", "animals", 3),
            "s.csv:6: decision: empty, but criterion says 'animals'",
        ),
        "a note alone": (
            cell("note", "ask her", 3),
            "s.csv:6: decision: empty, but note says 'ask her'; expected a decision beside it",
        ),
        "a duplicate of nothing": (cell("decision", "duplicate"), "s.csv:2: decision: duplicate_of go"),
        "a duplicate of itself": (
            changed(
                lambda t: t[1].__setitem__(slice(1, 4), ["duplicate", "", t[1][COLUMNS["record"]]])
            ),
            "s.csv:2: duplicate_of: found pmid-9",
        ),
    },
}  # fmt: skip
GOOD = [(kind, name, save) for kind, saved in READ.items() for name, save in saved.items()]
BAD = [(kind, name, *one) for kind, saved in STOPPED.items() for name, one in saved.items()]
JARGON = re.compile(r"delimiter|field larger|strict|unexpected end of data|\^|Error|codec|None")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The demonstration's records, read once: no test here changes them."""
    from review.demo import copy_review

    root = tmp_path_factory.mktemp("sheets") / "review"
    copy_review(root)
    return Library.of(Store(root).snapshot())


def decisions(library: Library, data: bytes) -> list[Decision]:
    return from_sheet(library, "reviewer-a", Stage.TITLE_ABSTRACT, data, "s.csv", DAY)


@pytest.mark.parametrize("save", [s for *_, s in GOOD], ids=[f"{k}: {n}" for k, n, _ in GOOD])
def test_a_sheet_is_read_as_it_was_filled(library: Library, save: Save) -> None:
    table = filled(library)
    wanted = [(table[1][0], Outcome.INCLUDE, None), (table[2][0], Outcome.EXCLUDE, "animals")]
    found = decisions(library, save(table))
    assert sorted((row.record, row.decision, row.criterion) for row in found) == sorted(wanted)


@pytest.mark.parametrize(
    ("save", "words"), [one[2:] for one in BAD], ids=[f"{k}: {n}" for k, n, *_ in BAD]
)
def test_a_sheet_that_does_not_fit_is_stopped_by_a_sentence(
    library: Library, save: Save, words: str
) -> None:
    data = save(filled(library))
    with pytest.raises(InvalidDataError) as caught:
        decisions(library, data)
    assert words in str(caught.value)
    for problem in caught.value.problems:
        assert problem.path == "s.csv"
        assert not JARGON.search(problem.sentence), problem.sentence


def test_the_kinds_are_many() -> None:
    assert len(GOOD) + len(BAD) >= 40
    assert len({(kind, name) for kind, name, *_ in BAD}) == len(BAD)


def test_a_note_keeps_its_lines(library: Library) -> None:
    note = 'one "two"\nthree; four, five'
    found = decisions(library, cell("note", note)(filled(library)))
    assert [row.note for row in found] == [note, ""]


@pytest.mark.parametrize(
    "name", ["a criterion alone", "a word nobody knows", "excluded without a criterion"]
)
def test_the_command_takes_nothing_of_a_sheet_that_is_stopped(
    root: Path, library: Library, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save, words = STOPPED["decisions"][name]
    sheet, own = root / "s.csv", root / "data/screening/reviewer-a.csv"
    sheet.write_bytes(save(filled(library)))
    before = own.read_bytes()
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--import", str(sheet)]
    assert cli.main(command, today=DAY) == 40
    assert words in capsys.readouterr().err
    assert own.read_bytes() == before


# ---- a reviewer's own file, opened in a spreadsheet ----------------------------------------------

OWN = "record,stage,decision,criterion,duplicate_of,date,note,protocol,tool,amendment\n"
ROW = "pmid-900000001,title_abstract,include,,,2026-09-01,,abc,tool,\n"
OWN_FILES: dict[str, tuple[bytes, str]] = {
    "semicolons": ((OWN + ROW).replace(",", ";").encode(), "found the columns record;stage;"),
    "a day as Excel writes it": (
        (OWN + ROW.replace("2026-09-01", "01/09/2026")).encode(),
        'own.csv:2: date: found "01/09/2026", expected a day as YYYY-MM-DD',
    ),
    "no such day": (
        (OWN + ROW.replace("09-01", "02-30")).encode(),
        'own.csv:2: date: found "2026-02-30", expected a day of the calendar',
    ),
    "an id made a number": (
        (OWN + ROW.replace("pmid-900000001", "9.0E+8")).encode(),
        'own.csv:2: record: found "9.0E+8", expected the id of a record: pmid- with its digits',
    ),
    "a cell more": ((OWN + ROW.rstrip() + ",x\n").encode(), "found 11 cells, expected 10"),
    "empty cells at the end": ((OWN + ",,,,,,,,,\n").encode(), "record: missing, expected a value"),
    "never closed": (
        (OWN + '"pmid-900000001,x\n').encode(),
        "own.csv:2: not readable as CSV: a cell that begins with a quotation mark here or below",
    ),
    "Latin-1": ((OWN + ROW.replace(",abc", "ü,abc")).encode("latin-1"), "found byte 0xfc, expected"),
    "a workbook": (b"PK\x03\x04\x00", "found a NUL byte, expected text"),
}  # fmt: skip


@pytest.mark.parametrize("kind", OWN_FILES)
def test_a_reviewer_s_own_file_that_a_spreadsheet_changed_is_told(kind: str) -> None:
    data, words = OWN_FILES[kind]
    with pytest.raises(InvalidDataError) as caught:
        read_rows(Decision, data, "own.csv")
    assert words in str(caught.value)
    for problem in caught.value.problems:
        assert not JARGON.search(problem.sentence), problem.sentence


def test_a_reviewer_s_own_file_with_a_mark_is_read() -> None:
    (found,) = read_rows(Decision, ("\ufeff" + OWN + ROW).replace("\n", "\r\n").encode(), "own.csv")
    assert found[1].decision is Outcome.INCLUDE


# ---- references in a spreadsheet -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04", "found a compressed file, expected text"),
        ("标题\n研究\n".encode("gb18030"), "it may be gb18030: say --encoding gb18030"),
        (b"title,title\na,b\n", "found the column title twice"),
        (b"name\na\n", "found the columns name, expected title among them"),
        (b'title\n"open\n', "is never closed by another"),
        (b"title,pmid\na,9.0E+8\n", "pmid: found '9.0E+8', expected one PMID"),
        (b"title,pmid\na\n", "found 1 cells, expected 2"),
    ],
)
def test_a_table_of_references_is_told_likewise(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "refs.csv"
    path.write_bytes(data)
    with pytest.raises(InvalidDataError) as caught:
        read_file(path)
    assert words in str(caught.value)
