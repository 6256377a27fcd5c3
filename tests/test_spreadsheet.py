"""The one reader of CSV files: whoever asks for the rows, a damaged file is told in one way."""

from __future__ import annotations

from pathlib import Path

import pytest

from review.dedupe import files as dedupe_files
from review.files.rows import read_rows
from review.formats import read_file
from review.ground.errors import InvalidDataError
from review.ground.spreadsheet import SheetError, csv_text, decoded, rows, separator, sheet_of
from review.model.signature import Signature
from review.pooling.sheet import read_sheet

READERS = {
    "a review's own file": lambda path: read_rows(Signature, path.read_bytes(), path.name),
    "references": lambda path: read_file(path),
    "references to dedupe": lambda path: dedupe_files.read([path]),
    "verdicts on pairs": lambda path: dedupe_files.decisions(path, dedupe_files.Library([], {})),
    "studies to pool": lambda path: read_sheet(path, "GEN"),
}
HEADERS = {
    "a review's own file": "object,field,hash,date,role,by_eye,source,notices,seconds,disagrees\n",
    "references": "title\n",
    "references to dedupe": "title\n",
    "verdicts on pairs": "id_a,id_b,verdict\n",
    "studies to pool": "study,yi,vi\n",
}
DAMAGED = {
    "a cell that is never closed": (b'"open,1\nb,2\nc,3\n', "not readable as CSV"),
    "a NUL": (b"a\0,1\n", "found a NUL byte, expected text"),
    "another encoding": (b"M\xfcller,1\n", "found byte 0xfc, expected UTF-8"),
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("reader", READERS)
def test_each_reader_tells_damage_with_its_line(tmp_path: Path, reader: str, damage: str) -> None:
    data, sentence = DAMAGED[damage]
    path = tmp_path / "x.csv"
    path.write_bytes(HEADERS[reader].encode() + data)
    with pytest.raises(InvalidDataError) as told:
        READERS[reader](path)
    (problem,) = told.value.problems
    assert problem.line == 2
    assert problem.sentence.startswith(sentence)


def test_a_row_is_told_by_the_line_on_which_it_starts() -> None:
    assert list(rows('a,b\n"one\ntwo",1\n\nc,2\n')) == [
        (1, ["a", "b"]),
        (2, ["one\ntwo", "1"]),
        (4, []),
        (5, ["c", "2"]),
    ]
    assert [line for line, _ in rows("a\r\nb\rc\n")] == [1, 2, 3]


def test_no_cell_is_made_of_the_rest_of_the_file() -> None:
    with pytest.raises(SheetError) as told:
        list(rows('a\nb\n"c\n' + "d\n" * 50))
    assert told.value.line == 3


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("a,b;c,d", ","),
        ("a;b\n1,5;2,5", ";"),
        ("\n\r\n a\tb", "\t"),
        ("a;b,c", ","),
        ("a", ","),
        ("", ","),
    ],
)
def test_the_sign_between_cells_is_the_first_line_s_most_frequent(text: str, sign: str) -> None:
    assert separator(text) == sign


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_spreadsheet_is_read_by_the_mark_it_carries(encoding: str) -> None:
    assert sheet_of("研究;值\n一;2,5\n".encode(encoding)) == (
        ";",
        [(1, ["研究", "值"]), (2, ["一", "2,5"])],
    )


def test_what_is_written_is_read_again() -> None:
    cells = [["a", 'b "c", d', "e\nf"], ["", "一", "g;h"]]
    assert [row for _, row in rows(csv_text(None, cells))] == cells
    assert decoded("\ufeffa".encode()) == "a"
