"""Rows of models, read from CSV: the files that one person owns and only ever appends to."""

from __future__ import annotations

from typing import TypeVar

from review.ground.errors import InvalidDataError, Problem
from review.ground.spreadsheet import SheetError, decoded, rows
from review.ground.yaml import Document
from review.model.base import Model, load

M = TypeVar("M", bound=Model)


def read_rows(model: type[M], data: bytes, name: str) -> list[tuple[int, M]]:
    """Rows of a CSV file with their line numbers; every bad row is reported.

    :raises InvalidDataError: for a wrong header, encoding or value
    """

    def fail(line: int, field: str, sentence: str) -> InvalidDataError:
        return InvalidDataError([Problem(name, line, field, sentence)])

    columns = list(model.model_fields)
    kept: list[tuple[int, M]] = []
    problems: list[Problem] = []
    try:
        table = rows(decoded(data))
        _, header = next(table, (1, None))
        if header is None:
            raise fail(1, "", f"found an empty file, expected the columns {','.join(columns)}")
        if header != columns:
            found = ",".join(header)[:80]
            older = "; run: review migrate" if header == columns[: len(header)] else ""
            raise fail(1, "", f"found the columns {found}, expected {','.join(columns)}{older}")
        for line, cells in table:
            if not cells:
                continue
            if len(cells) != len(columns):
                sentence = f"found {len(cells)} cells, expected {len(columns)}"
                problems.append(Problem(name, line, "", sentence))
                continue
            value = {k: v for k, v in zip(columns, cells, strict=True) if v != ""}
            lines: dict[tuple[str | int, ...], int] = {(): line}
            try:
                kept.append((line, load(model, Document(value, lines), name)))
            except InvalidDataError as error:
                problems += error.problems
    except SheetError as error:
        raise fail(error.line, "", error.sentence) from None
    if problems:
        raise InvalidDataError(problems)
    return kept
