"""The CSV file of ``review pool``: one study a line, columns named as in metafor's ``escalc``.

Each cell that is no such number is one line; nothing is computed from a file with a problem.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from review.ground.errors import InvalidDataError, Problem, UsageError
from review.ground.printable import printable
from review.ground.spreadsheet import SheetError, sheet_of
from review.pooling.plausible import impossible
from review.statistics.conversions import mean_sd_of_median, variance_of_interval, variance_of_p
from review.statistics.effect_sizes import CHANGE, MEASURES, TABLE, TWO_MEANS

LABELS = ("study", "slab", "label", "trial", "study_id", "id")
"""Columns that name a study, the first that is there; else author and year."""
MAX_BYTES, MAX_ROWS = 16_000_000, 20_000
ASSUMED_R = (0.5, 0.3, 0.7)
"""Correlation of before and after where none is given, and those shown beside it."""
EMPTY = ("", "NA", "N/A", "NAN", ".")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
VARIANCES: tuple[tuple[str, ...], ...] = (("vi",), ("sei",), ("ci.lb", "ci.ub"), ("pval",))
"""What may stand beside yi: the variance itself, or what it is worked out of."""
MEDIANS = ("min", "q1", "med", "q3", "max")
"""Medians and their range may stand for a mean and SD: ``med1i``, ``q11i``, ``q31i``, …"""


@dataclass(frozen=True)
class Sheet:
    """A file's studies with the columns of a measure.

    :ivar assumed_r: for which studies the correlation of before and after was assumed
    :ivar notes: what was assumed or worked out, for people
    """

    labels: tuple[str, ...]
    columns: Mapping[str, tuple[float, ...]]
    assumed_r: tuple[bool, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    comma: bool = False
    """numbers of the file have decimal commas"""


@dataclass(frozen=True)
class _Raw:
    """The file's cells: header in small letters, and rows with their line numbers."""

    path: Path
    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    comma: bool
    """decimal commas, as spreadsheets write them beside semicolons"""

    def problem(self, line: int, column: str, sentence: str) -> Problem:
        return Problem(str(self.path), line, _shown(column), sentence)

    def cell(self, row: Sequence[str], name: str) -> str:
        place = self.head.index(name)
        return row[place] if place < len(row) else ""


def _shown(text: str) -> str:
    """A name or cell of the file as a message shows it."""
    return printable(text)[:40]


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: {len(data):,} bytes, expected at most {MAX_BYTES:,}")
    return data


def _read(path: Path) -> _Raw:
    try:
        mark, table = sheet_of(_bytes(path))
    except SheetError as error:
        raise InvalidDataError([Problem(str(path), error.line, "", error.sentence)]) from None
    stripped = ((line, tuple(cell.strip() for cell in row)) for line, row in table)
    rows = [(line, cells) for line, cells in stripped if any(cells)]
    if not rows:
        raise InvalidDataError(
            [Problem(str(path), 1, "", "empty, expected a line of column names")]
        )
    head = tuple(name.lower() for name in rows[0][1])
    if twice := sorted({name for name in head if name and head.count(name) > 1}):
        raise InvalidDataError([Problem(str(path), 1, _shown(twice[0]), "the column stands twice")])
    if len(rows) == 1:
        raise InvalidDataError([Problem(str(path), 2, "", "no study, expected at least one row")])
    if len(rows) - 1 > MAX_ROWS:
        raise UsageError(f"{path}: {len(rows) - 1:,} studies, expected at most {MAX_ROWS:,}")
    return _Raw(path, head, tuple(rows[1:]), mark == ";")


def read_sheet(path: Path, measure: str) -> Sheet:
    """The studies of a CSV file for a measure.

    :raises UsageError: for a measure nobody knows, or a file that can't be read
    :raises InvalidDataError: with a line for each cell that is no such number, or study named twice
    """
    if measure not in MEASURES:
        raise UsageError(f"--measure {measure}: expected one of {', '.join(MEASURES)}")
    raw = _read(path)
    problems: list[Problem] = [
        raw.problem(line, "", f"found {len(row)} cells, expected {len(raw.head)}")
        for line, row in raw.rows
        if len(row) > len(raw.head)
    ]
    labels, named = _labels(raw)
    problems += named
    names, optional = _columns(raw, measure)
    read: dict[str, list[float]] = {name: [] for name in (*names, *optional)}
    for line, row in raw.rows:
        values: dict[str, float] = {}
        for name in read:
            cell = raw.cell(row, name)
            if name in optional and cell.upper() in EMPTY:
                values[name] = math.nan
            else:
                values[name], why = _number(cell, raw.comma)
                problems += [raw.problem(line, name, why)] if why else []
            read[name].append(values[name])
        if not any(math.isnan(v) for name, v in values.items() if name in names):
            problems += [raw.problem(line, *why) for why in impossible(measure, values)]
    if problems:
        raise InvalidDataError(sorted(set(problems)))
    extra = {
        name: tuple(raw.cell(row, name) for _, row in raw.rows)
        for name in raw.head
        if name and name not in read
    }
    return _sheet(raw, measure, labels, read, extra)


def _labels(raw: _Raw) -> tuple[tuple[str, ...], list[Problem]]:
    """The studies' names, each once; a file without any numbers its lines."""
    place = next((name for name in LABELS if name in raw.head), None)
    parts = (place,) if place else tuple(n for n in ("author", "year") if n in raw.head)
    if not parts or parts == ("year",):
        return tuple(f"study {n}" for n in range(1, len(raw.rows) + 1)), []
    labels: list[str] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for line, row in raw.rows:
        label = " ".join(" ".join(raw.cell(row, part) for part in parts).split())
        key = label.casefold()
        if not label:
            problems.append(raw.problem(line, parts[0], "empty, expected the study's name"))
        elif key in seen:
            sentence = f'found "{_shown(label)}" again (line {seen[key]}), expected each study once'
            problems.append(raw.problem(line, parts[0], sentence))
        seen.setdefault(key, line)
        labels.append(label)
    return tuple(labels), problems


def _filled(raw: _Raw, names: Sequence[str]) -> bool:
    """Whether columns are there, and no cell of them is empty."""
    return all(
        name in raw.head and all(raw.cell(r, name).upper() not in EMPTY for _, r in raw.rows)
        for name in names
    )


def _columns(raw: _Raw, measure: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which columns are read; and those whose cells may be empty."""
    wanted, head = MEASURES[measure].columns, set(raw.head)
    if wanted == TABLE:
        by_total = ("ai", "n1i", "ci", "n2i")
        both = [one for one in (TABLE, by_total) if set(one) <= head]
        if both:
            chosen = next((one for one in both if _filled(raw, one)), both[0])
            others = tuple(n for n in ("bi", "di", "n1i", "n2i") if n in head and n not in chosen)
            return chosen, others
    elif wanted == CHANGE and set(CHANGE) - {"ri"} <= head:
        return tuple(n for n in CHANGE if n != "ri"), ("ri",) if "ri" in head else ()
    elif set(wanted) <= head and measure != "GEN":
        return wanted, ()
    if wanted == TWO_MEANS and (medians := _medians(head)):
        return medians, tuple(n for n in _all_medians() if n in head and n not in medians)
    if "yi" in head:
        for beside in VARIANCES:
            if set(beside) <= head:
                return ("yi", *beside), ()
    missing = ", ".join(name for name in wanted if name not in head)
    found = ", ".join(_shown(name) for name in raw.head if name) or "none"
    raise InvalidDataError(
        [Problem(str(raw.path), 1, missing, f"missing for {measure}; found the columns {found}")]
    )


def _all_medians() -> tuple[str, ...]:
    return tuple(f"{name}{arm}i" for arm in (1, 2) for name in MEDIANS)


def _medians(head: set[str]) -> tuple[str, ...]:
    """The columns of both arms where at least one gives a median instead of a mean."""
    names: list[str] = []
    for arm in (1, 2):
        own = (f"m{arm}i", f"sd{arm}i")
        if set(own) <= head:
            names += own
        elif f"med{arm}i" in head:
            names.append(f"med{arm}i")
        else:
            return ()
        names.append(f"n{arm}i")
    return tuple(names) if set(names) <= head else ()


def _number(cell: str, comma: bool) -> tuple[float, str | None]:
    if cell.upper() in EMPTY:
        return math.nan, "empty, expected a number"
    plain = cell.replace("\N{MINUS SIGN}", "-")
    if comma and plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        return math.nan, f'found "{_shown(cell)[:30]}", expected a number'
    value = float(plain)
    if not math.isfinite(value):
        return math.nan, f'found "{_shown(cell)[:30]}", expected a finite number'
    return value, None


def number_of(cell: str, comma: bool = False) -> float | None:
    """A cell's number; None where it is none."""
    value, why = _number(cell, comma)
    return None if why else value


def _sheet(
    raw: _Raw,
    measure: str,
    labels: tuple[str, ...],
    read: Mapping[str, Sequence[float]],
    extra: Mapping[str, tuple[str, ...]],
) -> Sheet:
    """The columns a measure is computed from, with what had to be assumed or worked out."""
    columns = {name: tuple(values) for name, values in read.items()}
    notes: list[str] = []
    assumed: tuple[bool, ...] = ()
    wanted = MEASURES[measure].columns
    if "yi" in columns:
        columns["vi"] = _variances(columns, notes)
        wanted = ("yi", "vi")
        if measure != "GEN":
            notes.append(f"yi is read as it stands, on the scale that {measure} is pooled on")
    elif wanted == TABLE:
        for rest, total, events in (("bi", "n1i", "ai"), ("di", "n2i", "ci")):
            if rest not in columns or any(map(math.isnan, columns[rest])):
                pairs = zip(columns[total], columns[events], strict=True)
                columns[rest] = tuple(n - x for n, x in pairs)
    elif wanted == TWO_MEANS:
        for arm in (1, 2):
            if f"med{arm}i" in columns:
                _of_medians(raw, columns, arm, notes)
    elif wanted == CHANGE:
        given = columns.get("ri", (math.nan,) * len(labels))
        assumed = tuple(map(math.isnan, given))
        columns["ri"] = tuple(ASSUMED_R[0] if math.isnan(r) else r for r in given)
        if n := sum(assumed):
            notes.append(
                f"the correlation of before and after is not given for {n} of {len(labels)}:"
                f" {ASSUMED_R[0]:g} assumed"
            )
    chosen = {name: columns[name] for name in wanted}
    return Sheet(labels, chosen, assumed if any(assumed) else (), extra, tuple(notes), raw.comma)


def _variances(columns: Mapping[str, tuple[float, ...]], notes: list[str]) -> tuple[float, ...]:
    if "vi" in columns:
        return columns["vi"]
    if "sei" in columns:
        return tuple(one**2 for one in columns["sei"])
    if "ci.lb" in columns:
        notes.append("variances worked out of 95 % confidence intervals (Cochrane Handbook 6.3)")
        ends = zip(columns["ci.lb"], columns["ci.ub"], strict=True)
        return tuple(variance_of_interval(low, high) for low, high in ends)
    notes.append("variances worked out of two-sided P values (Cochrane Handbook 6.3)")
    pairs = zip(columns["yi"], columns["pval"], strict=True)
    return tuple(variance_of_p(y, p) for y, p in pairs)


def _of_medians(
    raw: _Raw, columns: dict[str, tuple[float, ...]], arm: int, notes: list[str]
) -> None:
    """Mean and SD of an arm from its medians, study by study."""
    means, deviations, problems = [], [], []
    for n, (line, _) in enumerate(raw.rows):
        given = {
            name: None if math.isnan(value) else value
            for name in MEDIANS
            if (value := columns.get(f"{name}{arm}i", (math.nan,) * len(raw.rows))[n]) is not None
        }
        median = given.pop("med")
        try:
            made = mean_sd_of_median(
                columns[f"n{arm}i"][n],
                median if median is not None else math.nan,
                q1=given["q1"],
                q3=given["q3"],
                low=given["min"],
                high=given["max"],
            )
        except UsageError as error:
            problems.append(raw.problem(line, f"med{arm}i", str(error)))
            continue
        means.append(made.mean)
        deviations.append(made.sd)
        note = f"group {arm}: mean and SD worked out of {made.how}"
        notes += [note] if note not in notes else []
    if problems:
        raise InvalidDataError(problems)
    columns[f"m{arm}i"], columns[f"sd{arm}i"] = tuple(means), tuple(deviations)
