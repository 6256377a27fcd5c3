"""Rows of models, read from CSV: the files that one person owns and only ever appends to."""

from __future__ import annotations

import csv
import io
from typing import TypeVar

from review.ground.errors import InvalidDataError, Problem
from review.ground.yaml import Document
from review.model.base import Model, load

M = TypeVar("M", bound=Model)


def read_rows(model: type[M], data: bytes, name: str) -> list[tuple[int, M]]:
    """Rows of a CSV file with their line numbers; every bad row is reported.

    :raises InvalidDataError: for a wrong header, encoding or value
    """

    def fail(line: int, field: str, sentence: str) -> InvalidDataError:
        return InvalidDataError([Problem(name, line, field, sentence)])

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise fail(line, "", f"found byte 0x{data[error.start]:02x}, expected UTF-8 text") from None
    if "\0" in text:
        raise fail(text[: text.index("\0")].count("\n") + 1, "", "found a NUL byte, expected text")
    columns = list(model.model_fields)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, M]] = []
    problems: list[Problem] = []
    try:
        header = next(reader, None)
        if header is None:
            raise fail(1, "", f"found an empty file, expected the columns {','.join(columns)}")
        if header != columns:
            found = ",".join(header)[:80]
            older = "; run: review migrate" if header == columns[: len(header)] else ""
            raise fail(1, "", f"found the columns {found}, expected {','.join(columns)}{older}")
        for cells in reader:
            line = reader.line_num
            if not cells:
                continue
            if len(cells) != len(columns):
                sentence = f"found {len(cells)} cells, expected {len(columns)}"
                problems.append(Problem(name, line, "", sentence))
                continue
            value = {k: v for k, v in zip(columns, cells, strict=True) if v != ""}
            lines: dict[tuple[str | int, ...], int] = {(): line}
            try:
                rows.append((line, load(model, Document(value, lines), name)))
            except InvalidDataError as error:
                problems += error.problems
    except csv.Error as error:
        raise fail(reader.line_num, "", f"not readable as CSV: {error}") from None
    if problems:
        raise InvalidDataError(problems)
    return rows
