"""Screen: reviewers' decisions, one row each, taken on the terminal or in a spreadsheet.

No machine excludes a record: every row here was given by the person whose file it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pydantic import ValidationError

from review import TOOL
from review.ground.errors import InvalidDataError, Problem, UsageError
from review.ground.printable import control
from review.ground.spreadsheet import MARK, SheetError, csv_text, sheet_of
from review.ground.yaml import Document
from review.model.base import problems_of
from review.model.protocol import CriterionKind, Protocol
from review.model.record import Record
from review.model.screening import Decision, Outcome, Stage
from review.selection.cells import (
    column_name,
    head_fault,
    outcome_word,
    pmid_fault,
    title_fault,
    undecided,
)
from review.selection.library import AT_FULL_TEXT, CONSENSUS, Library

SHEET = (
    "record",
    "decision",
    "criterion",
    "duplicate_of",
    "note",
    "reviewer",
    "stage",
    "protocol",
    "exported",
    "title",
    "authors",
    "year",
    "journal",
    "pmid",
    "doi",
    "tags",
    "abstract",
)
"""Columns of the spreadsheet: what is filled in, whose sheet it is, and the record."""
FILLED = SHEET[:5]
OURS = (*SHEET[5:10], "pmid")
"""Columns that say whose sheet a row is of, and which record; no row is taken without them."""
_HEADS = {"note": "note (public)"}
"""Columns whose heads say more than their names."""


def reviewer_known(protocol: Protocol, reviewer: str) -> None:
    """Refuse a reviewer the protocol does not name.

    :raises UsageError: with what to do
    """
    names = [person.id for person in protocol.people]
    if reviewer not in (*names, CONSENSUS):
        raise UsageError(
            f"--reviewer {reviewer}: not among the people of protocol.yaml "
            f"({', '.join(names)}); add an entry with this id there (a pseudonym is fine)"
        )


def decision(
    protocol: Protocol,
    record: str,
    stage: Stage,
    outcome: Outcome,
    today: str,
    *,
    criterion: str | None = None,
    duplicate_of: str | None = None,
    note: str = "",
) -> Decision:
    """A row as it is written."""
    return Decision(
        record=record,
        stage=stage,
        decision=outcome,
        criterion=criterion,
        duplicate_of=duplicate_of,
        date=today,
        note=note,
        protocol=protocol.criteria_hash,
        tool=TOOL,
    )


def to_sheet(
    library: Library,
    reviewer: str,
    stage: Stage,
    abstracts: Mapping[str, str | None],
    today: str,
) -> bytes:
    """The records that wait for a reviewer as a spreadsheet: CSV that Excel opens as it is.

    Each row says whose it is, of which stage, under which criteria and of which day: a sheet is
    sorted, cut and sent around. A letter stands before the last two, or Excel makes a date or a
    number of them.
    """
    whose = (reviewer, str(stage), f"c-{library.protocol.criteria_hash}", f"on {today}")

    def row(record: Record) -> tuple[str, ...]:
        return (
            record.id,
            *("", "", "", ""),
            *whose,
            record.title,
            "; ".join(map(str, record.authors)),
            str(record.year or ""),
            record.journal or "",
            record.pmid or "",
            record.doi or "",
            " ".join(record.tags),
            abstracts.get(record.id) or "",
        )

    rows = map(row, library.queue(reviewer, stage))
    heads = [_HEADS.get(column, column) for column in SHEET]
    return (MARK + csv_text(heads, rows, end="\r\n")).encode()


def from_sheet(
    library: Library,
    reviewer: str,
    stage: Stage,
    data: bytes,
    name: str,
    today: str,
    *,
    replace: bool = False,
) -> list[Decision]:
    """Decisions of a filled spreadsheet: all of it, or an error with every bad row.

    Rows without a decision are skipped, and so are decisions that already stand. Commas,
    semicolons, tabs and vertical lines are read as separators; 1 and 0, yes and no, 纳入 and 排除
    (``cells.WORDS``) are decisions too.

    :param replace: let the sheet change decisions that were taken since it was exported
    :raises InvalidDataError: with file, line and column of each fault
    :raises UsageError: where it would change such decisions and was not told to
    """
    problems: list[Problem] = []
    found: list[tuple[Decision, bool]] = []
    taken: set[str] = set()
    for line, row in _rows(reviewer, stage, data, name):
        if not row.get("decision"):
            problems += [Problem(name, line, *fault) for fault in undecided(row, FILLED[2:])]
            continue
        row["decision"] = outcome_word(row["decision"])
        faults = list(_faults(library, reviewer, stage, row, today))
        if not faults and row["record"] in taken:
            faults = [("record", f"{row['record']} is decided on twice in this sheet")]
        if faults:
            problems += [Problem(name, line, column, sentence) for column, sentence in faults]
            continue
        taken.add(row["record"])
        try:
            made = decision(
                library.protocol,
                row["record"],
                stage,
                Outcome(row["decision"]),
                today,
                criterion=row.get("criterion") or None,
                duplicate_of=row.get("duplicate_of") or None,
                note=row.get("note", ""),
            )
        except ValidationError as error:
            for problem in problems_of(error, Decision, Document({}), name):
                problems.append(Problem(name, line, problem.field or "decision", problem.sentence))
            continue
        standing = library.decided(library.resolve(made.record), stage).get(reviewer)
        if standing is None or _same(standing) != _same(made):
            found.append((made, _since(library, reviewer, made, _exported(row) or "")))
    if problems:
        raise InvalidDataError(problems)
    changes = sum(later for _, later in found)
    if changes and not replace:
        raise UsageError(
            f"{name}: {len(found) - changes} new, {changes} change an earlier decision, taken "
            "since the sheet was exported; nothing was saved. To take the sheet's: --replace"
        )
    return [made for made, _ in found]


def _rows(reviewer: str, stage: Stage, data: bytes, name: str) -> list[tuple[int, dict[str, str]]]:
    """Rows of a sheet by column, with their line numbers.

    :raises InvalidDataError: where it is no CSV, or no sheet of ours
    """
    try:
        _, table = sheet_of(data)
    except SheetError as error:
        raise InvalidDataError([Problem(name, error.line, "", error.sentence)]) from None
    table = [(line, cells) for line, cells in table if any(map(str.strip, cells))]
    first, heads = table[0] if table else (1, [])
    header = [column_name(cell) for cell in heads]
    if fault := head_fault(header, (*FILLED, *OURS), SHEET):
        raise InvalidDataError([Problem(name, first, "", f"{fault}; {_again(reviewer, stage)}")])
    long = [
        Problem(name, line, "", f"found {len(cells)} cells, expected {len(header)}")
        for line, cells in table[1:]
        if any(map(str.strip, cells[len(header) :]))
    ]
    if long:
        raise InvalidDataError(long)
    return [
        (line, dict(zip(header, (cell.strip() for cell in cells), strict=False)))
        for line, cells in table[1:]
    ]


def _again(reviewer: str, stage: Stage) -> str:
    """The command that exports a new sheet."""
    return (
        f"export a new sheet: review screen --reviewer {reviewer} --stage {stage} --export FILE.csv"
    )


def _faults(
    library: Library, reviewer: str, stage: Stage, row: Mapping[str, str], today: str
) -> Iterator[tuple[str, str]]:
    """Why a row can't be taken: column and sentence."""
    record = row.get("record", "")
    if record in library.records:
        yield from _whose(library, reviewer, stage, row, today)
        yield from _which(library.records[record], row)
    yield from wrong_decision(
        library,
        stage,
        record,
        row["decision"],
        criterion=row.get("criterion") or None,
        duplicate_of=row.get("duplicate_of") or None,
        note=row.get("note", ""),
    )


def _whose(
    library: Library, reviewer: str, stage: Stage, row: Mapping[str, str], today: str
) -> Iterator[tuple[str, str]]:
    """Faults of a row that is of another sheet than the one that is read back."""
    expected = (
        ("reviewer", reviewer, "a row of another person's sheet"),
        ("stage", str(stage), "a row of another stage's sheet"),
        ("protocol", f"c-{library.protocol.criteria_hash}", "exported under other criteria"),
    )
    for column, wanted, why in expected:
        if row.get(column) != wanted:
            found = row.get(column) or "nothing"
            sentence = f"found {found}, expected {wanted}: {why}; {_again(reviewer, stage)}"
            yield column, sentence
    found = row.get("exported") or "nothing"
    day = _exported(row)
    if day is None:
        yield "exported", f'found {found}, expected the day of export as "on YYYY-MM-DD"'
    elif day > today:
        yield "exported", f"found {found}, a day after today, {today}"


def _exported(row: Mapping[str, str]) -> str | None:
    """The day a row was exported; None where it says no day."""
    said = row.get("exported", "").removeprefix("on ").strip()
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        return None


def _which(record: Record, row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Faults of a row whose title or PMID is another record's."""
    if (sentence := title_fault(row.get("title", ""), record)) is not None:
        yield "title", sentence
    if (sentence := pmid_fault(row.get("pmid", ""), record)) is not None:
        yield "pmid", sentence


def wrong_decision(
    library: Library,
    stage: Stage,
    record: str,
    word: str,
    *,
    criterion: str | None,
    duplicate_of: str | None,
    note: str,
) -> Iterator[tuple[str, str]]:
    """Why a decision can't be taken, whoever takes it and wherever: column and sentence.

    :param word: the outcome
    """
    if record not in library.records:
        yield "record", f"found {record or 'nothing'}, expected a record of the review"
        return
    known = {c.id for c in library.protocol.eligibility}
    if word not in list(Outcome):
        yield "decision", f"found {word}, expected {', '.join(Outcome)}"
    if criterion is not None and criterion not in known:
        yield "criterion", f"found {criterion}, expected one of {', '.join(sorted(known))}"
    elif criterion is not None and word != Outcome.EXCLUDE:
        yield "criterion", f"found {criterion} beside {word}, expected it with exclude alone"
    if (sign := control(note)) is not None:
        yield "note", f"found the control character U+{ord(sign):04X}, expected text"
    if duplicate_of is not None and duplicate_of not in library.records:
        yield "duplicate_of", f"found {duplicate_of}, expected a record of the review"
    elif duplicate_of is not None and duplicate_of == record:
        yield "duplicate_of", f"found {duplicate_of}, a record is no duplicate of itself"
    if stage is Stage.FULL_TEXT:
        place = library.standings[library.resolve(record)].place
        if place not in AT_FULL_TEXT:
            yield "record", f"{record} is not at full text (it is {place})"


def _since(library: Library, reviewer: str, made: Decision, exported: str) -> bool:
    """Whether the reviewer decided on this record, or took a decision back, since the export."""
    kept = library.resolve(made.record)
    rows = [
        row
        for row in library.decisions.get(reviewer, ())
        if row.stage is made.stage and library.resolve(row.record) == kept
    ]
    return bool(rows) and rows[-1].date >= exported


def _same(row: Decision) -> tuple[object, ...]:
    return row.decision, row.criterion, row.duplicate_of, row.note


def exclusion_reasons(protocol: Protocol) -> Sequence[tuple[str, str]]:
    """Criteria by which a record can be excluded: id and text."""
    return [
        (
            c.id,
            ("not met: " if c.kind is CriterionKind.INCLUDE else "") + c.text["en"],
        )
        for c in protocol.eligibility
    ]
