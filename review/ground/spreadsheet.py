"""Spreadsheets: the one CSV writer of the program, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from review.ground.errors import UsageError
from review.ground.printable import control

CONFLICT = re.compile(rb"^(<{7}|>{7})(?= )", re.MULTILINE)
"""What git leaves around two versions of a place in a file."""
MARK = "\ufeff"
"""What lets Excel read Chinese."""
_FORMULA = frozenset("=+-@＝＋－＠")
_ALONE = frozenset("\t\r")
"""Signs that a spreadsheet may take for a cell's beginning."""


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


def folded(text: str) -> str:
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
        text = folded(value)
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
        text = folded(cell or "")
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
