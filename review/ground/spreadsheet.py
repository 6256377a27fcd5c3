"""Spreadsheets: the program's one CSV reader and writer, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from review.ground.errors import UsageError
from review.ground.printable import control

CONFLICT = re.compile(rb"^(<{7}|>{7})(?= )", re.MULTILINE)
"""What git leaves around two versions of a place in a file."""
MARK = "\ufeff"
"""What lets Excel read Chinese."""
_FORMULA = frozenset("=+-@＝＋－＠")
_ALONE = frozenset("\t\r")
"""Signs that a spreadsheet may take for a cell's beginning."""


_NO_TEXT = (
    (b"PK\x03\x04", "a workbook of Excel, Numbers or LibreOffice (.xlsx, .numbers, .ods)"),
    (b"\xd0\xcf\x11\xe0", "a workbook of Excel (.xls)"),
    (b"{\\rtf", "a text of a word processor (.rtf)"),
    (b"%PDF", "a PDF"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|\?xml|\?mso|head|meta|workbook)", re.IGNORECASE)
LONGEST = 20_000_000
"""Characters of a cell; Python's own limit is shorter than some abstracts."""
SAVE_AS = '; in Excel choose "CSV UTF-8 (comma delimited)"'


# ---- read --------------------------------------------------------------------------------------


class SheetError(Exception):
    """Why bytes are no table, and the line of the file where that shows."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.sentence = line, sentence


def decoded(data: bytes, encoding: str = "utf-8", hint: str = "") -> str:
    """The text of a person's file, without the mark that may stand before it.

    :param hint: what helps a person whose file has another encoding
    :raises SheetError: for a byte that is none of the encoding, and for a NUL
    """
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        expected = "UTF-8" if encoding == "utf-8" else encoding
        sentence = f"found byte 0x{data[error.start]:02x}, expected {expected}{hint}"
        raise SheetError(line, sentence) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SheetError(line, "found a NUL byte, expected text")
    return text


def separator(text: str) -> str:
    """The sign between a table's cells: the one its first line holds most often."""
    first = re.search(r"\S[^\r\n]*", text)
    return max(",;\t|", key=first.group().count) if first else ","


def rows(text: str, separated_by: str = ",") -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file, each with the line on which it starts; a blank line is an empty row.

    :raises SheetError: for a cell that is too long, or whose quotation marks don't fit; a cell that
        is never closed is told with the line of its row, not with the file's last
    """
    csv.field_size_limit(LONGEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separated_by, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise SheetError(line, f"not readable as CSV: {_said(str(error))}") from None


def _said(error: str) -> str:
    """What Python's reader of CSV says, as a person can use it."""
    if "unexpected end of data" in error:
        return "a cell that begins with a quotation mark here or below is never closed by another"
    if "expected after" in error:
        return "text stands behind a cell's closing quotation mark; inside a cell write it twice"
    if "field larger" in error:
        return f"a cell is longer than {LONGEST:,} characters"
    return error


def sheet_of(data: bytes) -> tuple[str, list[tuple[int, list[str]]]]:
    """A table as a person's spreadsheet saved it: the sign between its cells, and its rows.

    The encoding is UTF-8, or UTF-16 where its mark stands there; it is never guessed.

    A first line ``sep=;``, which some programs write for Excel, says the sign.

    :raises SheetError: as :func:`decoded` and :func:`rows`, and for a workbook or another file that
        is no text
    """
    for start, kind in _NO_TEXT:
        if data.startswith(start):
            raise SheetError(0, f"found {kind}, expected CSV: open it and save it as CSV{SAVE_AS}")
    if _MARKUP.match(data.removeprefix(MARK.encode())):
        sentence = f"found a web page or XML, expected CSV: open it and save it as CSV{SAVE_AS}"
        raise SheetError(0, sentence)
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = decoded(data, "utf-16" if utf16 else "utf-8", SAVE_AS)
    if said := re.match(r"sep=([,;\t|])(?:\r\n|\n|\r)", text):
        sign = said.group(1)
        return sign, [(line + 1, cells) for line, cells in rows(text[said.end() :], sign)]
    sign = separator(text)
    return sign, list(rows(text, sign))


# ---- written -----------------------------------------------------------------------------------


def _formula(cell: str) -> bool:
    """Whether a spreadsheet may run a cell: signs that look like spaces, or like nothing, hide the
    formula's own from eyes and not from every program.
    """
    bare = cell.lstrip(" \n\u3000")
    if bare[:1] in _ALONE and bare.strip():
        return True
    first = next((sign for sign in bare if unicodedata.category(sign)[0] not in "ZC"), "")
    return first in _FORMULA


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; a mark before one is marked again, so that it
    comes back.
    """
    return f"'{cell}" if _formula(cell.lstrip("'")) else cell


def one_line_end(text: str) -> str:
    """A text whose lines end in one way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def csv_text(
    header: Sequence[str] | None,
    rows: Iterable[Sequence[object]],
    *,
    end: str = "\n",
    quoted: bool = False,
) -> str:
    """A table for spreadsheets: cells defused, lines within a cell end in one way, control
    characters of foreign text left out.

    :param end: how rows end
    :param quoted: put every cell in quotation marks
    """

    def shown(value: object) -> object:
        if not isinstance(value, str):
            return "" if value is None else value
        text = one_line_end(value)
        if control(text) is not None:
            text = "".join(c for c in text if control(c) is None)
        return defused(text)

    return _written(header, ([shown(cell) for cell in row] for row in rows), end, quoted)


def data_csv(
    columns: Sequence[str], rows: Iterable[Sequence[str | None]], *, kind: str, header: bool
) -> str:
    """Rows of the review's own files: as they were given, but for the ends of lines.

    :param kind: what a row is, for the message
    :param header: whether the columns are written above them
    :raises UsageError: for a control character, which would break the file for good
    """

    def kept(number: int, cell: str | None) -> str:
        text = one_line_end(cell or "")
        if (found := control(text)) is not None:
            sentence = f"found the control character U+{ord(found):04X}, expected text"
            raise UsageError(f"{kind}: {columns[number]}: {sentence}")
        if CONFLICT.search(text.encode()):
            sentence = "found a line that begins as the mark of a merge conflict, expected text"
            raise UsageError(f"{kind}: {columns[number]}: {sentence}")
        return text

    shown = ([kept(n, cell) for n, cell in enumerate(row)] for row in rows)
    return _written(columns if header else None, shown)


def _written(
    header: Sequence[str] | None,
    rows: Iterable[Sequence[object]],
    end: str = "\n",
    quoted: bool = False,
) -> str:
    out = io.StringIO()
    writer = csv.writer(
        out, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    )
    if header is not None:
        writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
