"""Screen: reviewers' decisions, one row each, taken on the terminal or in a spreadsheet.

No machine excludes a record: every row here was given by the person whose file it stands in.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from review import TOOL
from review.errors import InvalidDataError, Problem, UsageError
from review.library import CONSENSUS, Library
from review.model.base import problems_of
from review.model.protocol import CriterionKind, Protocol
from review.model.screening import Decision, Outcome, Stage
from review.strict_yaml import Document

SHEET = (
    "record",
    "decision",
    "criterion",
    "duplicate_of",
    "note",
    "title",
    "authors",
    "year",
    "journal",
    "pmid",
    "doi",
    "tags",
    "abstract",
)
"""Columns of the spreadsheet; the first five are read back."""


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


_FORMULA = frozenset("=+-@\t\r＝＋－＠")
"""What starts a formula; a mark before one is marked again, so that it comes back."""


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    bare = cell.lstrip(" \n\u3000")
    risky = bare[:1] in _FORMULA or (cell[:1] == "'" and bare[1:].lstrip()[:1] in _FORMULA)
    return f"'{cell}" if bare and risky else cell


def to_sheet(
    library: Library, reviewer: str, stage: Stage, abstracts: Mapping[str, str | None]
) -> bytes:
    """The records that wait for a reviewer as a spreadsheet: CSV that Excel opens as it is."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(SHEET)
    for record in library.queue(reviewer, stage):
        cells = (
            record.title,
            "; ".join(map(str, record.authors)),
            str(record.year or ""),
            record.journal or "",
            record.pmid or "",
            record.doi or "",
            " ".join(record.tags),
            abstracts.get(record.id) or "",
        )
        writer.writerow([record.id, "", "", "", "", *map(defused, cells)])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _decode(data: bytes, name: str) -> str:
    """Text of a spreadsheet export; its encoding is decided by its mark, never guessed."""
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        sentence = (
            f"found byte 0x{data[error.start]:02x}, expected UTF-8; in Excel choose "
            '"CSV UTF-8 (comma delimited)"'
        )
        raise InvalidDataError([Problem(name, line, "", sentence)]) from None


def from_sheet(
    library: Library, reviewer: str, stage: Stage, data: bytes, name: str, today: str
) -> list[Decision]:
    """Decisions of a filled spreadsheet: all of it, or an error with every bad row.

    Rows without a decision are skipped, and so are decisions that already stand. Commas,
    semicolons and tabs are read as separators.

    :raises InvalidDataError: with file, line and column of each fault
    """
    text = _decode(data, name)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        table = [(rows.line_num, cells) for cells in rows]
    except csv.Error as error:
        sentence = f"not readable as CSV: {error}"
        raise InvalidDataError([Problem(name, rows.line_num, "", sentence)]) from None
    header = [cell.strip().lower() for cell in (table[0][1] if table else [])]
    taken: set[str] = set()
    if absent := [column for column in SHEET[:5] if column not in header]:
        sentence = f"found no column {absent[0]}, expected {', '.join(SHEET[:5])}"
        raise InvalidDataError([Problem(name, 1, "", sentence)])
    known = {c.id: c.kind for c in library.protocol.eligibility}
    problems: list[Problem] = []
    found: list[Decision] = []
    for line, cells in table[1:]:
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if not row.get("decision"):
            continue

        def bad(column: str, sentence: str, line: int = line) -> None:
            problems.append(Problem(name, line, column, sentence))

        record, word = row.get("record", ""), row["decision"].lower()
        criterion, other = row.get("criterion") or None, row.get("duplicate_of") or None
        if record not in library.records:
            bad("record", f"found {record or 'nothing'}, expected a record of the review")
            continue
        if record in taken:
            bad("record", f"{record} is decided on twice in this sheet")
            continue
        taken.add(record)
        if word not in list(Outcome):
            bad("decision", f"found {word}, expected {', '.join(Outcome)}")
            continue
        if criterion is not None and criterion not in known:
            bad("criterion", f"found {criterion}, expected one of {', '.join(known)}")
            continue
        if other is not None and other not in library.records:
            bad("duplicate_of", f"found {other}, expected a record of the review")
            continue
        try:
            made = decision(
                library.protocol,
                record,
                stage,
                Outcome(word),
                today,
                criterion=criterion,
                duplicate_of=other,
                note=row.get("note", ""),
            )
        except ValidationError as error:
            for problem in problems_of(error, Decision, Document({}), name):
                bad(problem.field or "decision", problem.sentence)
            continue
        standing = library.decided(library.resolve(record), stage).get(reviewer)
        if standing is None or _same(standing) != _same(made):
            found.append(made)
    if problems:
        raise InvalidDataError(problems)
    return found


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
