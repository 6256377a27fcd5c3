"""Rows of models as the bytes of a CSV file: what people's decisions and signatures are made of.

Only the acts import this (a contract in ``pyproject.toml``): no other room can give a person a row.
"""

from __future__ import annotations

from collections.abc import Sequence

from review.ground.spreadsheet import data_csv
from review.model.base import Model


def write_rows(rows: Sequence[Model], *, header: bool) -> bytes:
    """CSV of models: one column a field, in model order, UTF-8, no null but the empty cell.

    :raises UsageError: for a control character
    """
    if not rows:
        return b""
    columns = list(type(rows[0]).model_fields)
    cells = [
        [None if cell is None else str(cell) for cell in row.model_dump(mode="json").values()]
        for row in rows
    ]
    kind = type(rows[0]).__name__.lower()
    return data_csv(columns, cells, kind=kind, header=header).encode()


def append_rows(before: bytes, rows: Sequence[Model]) -> bytes:
    """A file with rows at its end; what stands there is never touched, an empty file gets a header.

    :raises UsageError: for a control character
    """
    if before and not before.endswith(b"\n"):
        before += b"\n"
    return before + write_rows(rows, header=not before)
