"""Decisions back in from other screening programs: all of a file, or none and each fault in a line.

What each program writes stands in ``selection.forms``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from review.formats import ris
from review.formats.entry import FormatError, noted_id, own_id
from review.ground.errors import InvalidDataError, Problem, UsageError
from review.ground.printable import letters
from review.ground.spreadsheet import SheetError, decoded, one_line_end, sheet_of
from review.model.screening import Decision, Outcome, Stage
from review.selection.cells import column_name, title_fault
from review.selection.forms import LABELS, NOT_SEEN, READ, Form, ending_of
from review.selection.library import Library
from review.selection.sheet import decision, wrong_decision


@dataclass(frozen=True)
class Asked:
    """What is said of a returned file beside its name.

    :ivar only: what was decided on every record of it (Covidence's lists)
    :ivar criterion: for exclusions that give no reason of the protocol's
    :ivar named: how the program calls the reviewer, where it names several (Rayyan)
    """

    form: Form
    only: Outcome | None = None
    criterion: str | None = None
    named: str | None = None


@dataclass(frozen=True)
class Returned:
    """A record of a returned file: where it starts, and its fields by lower-cased name."""

    line: int
    fields: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def record(self) -> str | None:
        """Our own id."""
        columns = (self.fields.get(one) for one in ("record", "key", "accession number"))
        return next((found for one in columns if (found := own_id(one))), noted_id(self.notes))

    @property
    def criteria(self) -> str | None:
        """The fingerprint of the criteria it was exported under, as far as it says one."""
        told = (self.fields.get("criteria", ""), *self.notes)
        found = (re.search(r"(?<![0-9a-z])c-([0-9a-f]{12,64})(?![0-9a-z])", one) for one in told)
        return next((match.group(1) for match in found if match), None)


def returned(data: bytes, name: str) -> list[Returned]:
    """The records of a returned file, by its ending.

    :raises UsageError: for another ending
    :raises InvalidDataError: where it is no CSV or RIS
    """
    try:
        if ending_of(name, READ) == ".ris":
            text = one_line_end(decoded(data))
            return [
                Returned(
                    one.line,
                    {
                        "title": one.first("TI", "T1", "CT") or "",
                        "record": one.first("ID") or "",
                        "accession number": one.first("AN") or "",
                    },
                    tuple(one.each("N1")),
                )
                for one in ris.tagged(text)
            ]
        _, table = sheet_of(data)
    except (SheetError, FormatError) as error:
        raise InvalidDataError([Problem(name, error.line, "", error.sentence)]) from None
    table = [(line, cells) for line, cells in table if any(map(str.strip, cells))]
    header = [column_name(cell) for cell in table[0][1]] if table else []
    for column in ("title", *_LABEL_COLUMNS, "notes"):
        if header.count(column) > 1:
            sentence = f"found the column {column} twice, expected it once"
            raise InvalidDataError([Problem(name, table[0][0], "", sentence)])
    if "title" not in header:
        sentence = f"found the columns {','.join(header)[:80]}, expected title among them"
        raise InvalidDataError([Problem(name, 1, "", sentence)])
    rows = [(line, dict(zip(header, cells, strict=False))) for line, cells in table[1:]]
    return [Returned(line, row, (row.get("notes", ""),)) for line, row in rows]


def from_form(
    library: Library,
    reviewer: str,
    stage: Stage,
    asked: Asked,
    data: bytes,
    name: str,
    today: str,
    *,
    replace: bool = False,
) -> list[Decision]:
    """Decisions of a returned file: all of them, or an error with every record at fault.

    Records without a decision are left alone, and so are decisions that stand already.

    :param replace: let the file change decisions that stand
    :raises InvalidDataError: with file, line and field of each fault
    :raises UsageError: where it would change such decisions and was not told to, or what was said
        of the file does not go with it
    """
    rows = returned(data, name)
    problems: list[Problem] = []
    made: list[Decision] = []
    changes = 0
    taken: dict[str, int] = {}
    for one, (outcome, fault) in zip(rows, _judged(asked, reviewer, rows, name), strict=True):
        if fault is not None:
            problems.append(Problem(name, one.line, "decision", fault))
        if outcome is None:
            continue
        record, criterion = one.record or "", None
        faults = list(_which(library, one, taken))
        standing = None if faults else library.decided(library.resolve(record), stage).get(reviewer)
        stands = standing is not None and standing.decision is outcome
        if not faults and not stands:
            criterion, faults = _criterion(library, stage, asked, one, outcome)
        problems += [Problem(name, one.line, field, sentence) for field, sentence in faults]
        if faults:
            continue
        taken[record] = one.line
        if not stands:
            changes += standing is not None
            where = f"taken in {asked.form}"
            made.append(
                decision(
                    *(library.protocol, record, stage, outcome, today),
                    criterion=criterion,
                    note=where,
                )
            )
    if problems:
        raise InvalidDataError(problems)
    if changes and not replace:
        raise UsageError(
            f"{name}: {len(made) - changes} new, {changes} change a decision that stands; nothing "
            "was saved. To take the file's: --replace"
        )
    return made


def _criterion(
    library: Library, stage: Stage, asked: Asked, one: Returned, outcome: Outcome
) -> tuple[str | None, list[tuple[str, str]]]:
    """The criterion of a returned decision, and why it can't be taken: field and sentence."""
    criterion = None
    if outcome is Outcome.EXCLUDE:
        criterion, fault = _reason(library, asked, one)
        if fault:
            return None, [("criterion", fault)]
    faults = wrong_decision(
        *(library, stage, one.record or "", outcome),
        criterion=criterion,
        duplicate_of=None,
        note="",
    )
    return criterion, list(faults)


def _which(library: Library, one: Returned, taken: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Why a returned record is not the one it says: field and sentence."""
    shown = (one.fields.get("title") or "no title")[:60]
    if one.record is None:
        yield "record", f"found none of our ids with {shown!r}, expected it as it was exported"
    elif one.record not in library.records:
        yield "record", f"found {one.record}, expected a record of the review"
    elif one.record in taken:
        yield "record", f"{one.record} is decided on here and on line {taken[one.record]}"
    elif sentence := title_fault(one.fields.get("title", ""), library.records[one.record]):
        yield "title", sentence
    elif one.criteria not in (None, library.protocol.criteria_hash):
        yield "criteria", "exported under other criteria than the protocol's of today; export again"


def _reason(library: Library, asked: Asked, one: Returned) -> tuple[str | None, str | None]:
    """The criterion of an exclusion, by the reasons it gives; or what is wrong."""
    known = {
        letters(word): criterion.id
        for criterion in library.protocol.eligibility
        for word in (criterion.id, criterion.text.en or "", criterion.text.zh or "")
        if word
    }
    text = " | ".join(one.notes)
    pattern = _REASONS.get(asked.form)
    given = pattern.findall(text) if pattern else []
    whole = [known[letters(one)] for one in given if letters(one) in known]
    parts = [part for reasons in given for part in re.split("[,;]", reasons)]
    found = whole or [known[letters(part)] for part in parts if letters(part) in known]
    found = list(dict.fromkeys(found))
    if len(found) > 1:
        return None, f"found the reasons {', '.join(found)}, expected one of them"
    if found or asked.criterion:
        return (found[0] if found else asked.criterion), None
    shown = "; ".join(given)[:60] or "no reason"
    return None, (
        f"found {shown}, expected a criterion of the protocol ("
        f"{', '.join(c.id for c in library.protocol.eligibility)}); for all exclusions that give "
        "none: --criterion ID"
    )


# ---- what each program says of a record ----------------------------------------------------------

_REASONS = {
    Form.RAYYAN: re.compile(r"RAYYAN-EXCLUSION-REASONS:\s*([^|]*[^|\s])"),
    Form.COVIDENCE: re.compile(r"Exclusion reason:\s*([^;|]*[^;|\s])", re.IGNORECASE),
}
_LABEL_COLUMNS = (
    *("asreview_label", "included", "label", "final_included", "label_included"),
    *("included_label", "included_final", "included_flag", "include"),
)
"""Where ASReview looks for labels, in this order."""
_INCLUSION = re.compile(r"RAYYAN-INCLUSION:\s*\{([^}]*)\}")
_SAID_BY = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*"([^"]*)"')
_RAYYAN = {
    "included": Outcome.INCLUDE,
    "excluded": Outcome.EXCLUDE,
    "maybe": Outcome.UNSURE,
    "undecided": None,
}
Judged = tuple[Outcome | None, str | None]
"""What was decided on a record, None where nothing was; and what is wrong with it."""


def _judged(asked: Asked, reviewer: str, rows: Sequence[Returned], name: str) -> list[Judged]:
    """What a returned file says of each of its records.

    :raises UsageError: where what was said of the file does not go with it
    """
    if asked.form is Form.COVIDENCE:
        if asked.only is None:
            sentence = "Covidence exports a list at a time: which one is it?"
            raise UsageError(f"{name}: {sentence} --decision include or --decision exclude")
        return [(asked.only, None)] * len(rows)
    if asked.only is not None:
        raise UsageError(f"--decision: {asked.form} says itself what was decided; leave it away")
    if asked.form is Form.RAYYAN:
        return _in_rayyan(asked.named or reviewer, rows, name)
    return _in_asreview(rows, name)


def _in_asreview(rows: Sequence[Returned], name: str) -> list[Judged]:
    known = [column for column in _LABEL_COLUMNS if rows and column in rows[0].fields]
    notes = [[word for word in (*LABELS.values(), NOT_SEEN) if _has(one, word)] for one in rows]
    if not known and not any(notes):
        sentence = f"found no label, expected a column {_LABEL_COLUMNS[0]} or notes {NOT_SEEN} …"
        raise InvalidDataError([Problem(name, 0, "", sentence)])
    meant = {label: outcome for outcome, label in LABELS.items()} | {NOT_SEEN: None}
    numbers = {"1": Outcome.INCLUDE, "0": Outcome.EXCLUDE, "": None, "nan": None}
    found: list[Judged] = []
    for one, labels in zip(rows, notes, strict=True):
        if known:
            word = re.sub(r"\.0$", "", one.fields[known[0]].strip().casefold())
            wrong = None if word in numbers else f"found {word[:40]}, expected 1, 0 or nothing"
            found.append((numbers.get(word), wrong))
        elif len(labels) > 1:
            found.append((None, f"found {' and '.join(labels)}, expected one of them"))
        else:
            found.append((meant[labels[0]] if labels else None, None))
    return found


def _has(one: Returned, label: str) -> bool:
    return any(label in note for note in one.notes)


def _in_rayyan(who: str, rows: Sequence[Returned], name: str) -> list[Judged]:
    """What one person decided in Rayyan; others' decisions in the file are theirs."""
    said = [dict(_SAID_BY.findall(part)) for one in rows for part in [_inclusion(one)]]
    names = sorted({person for one in said for person in one})
    if who not in names:
        sentence = f"found decisions of {', '.join(names) or 'nobody'}, expected those of {who}"
        raise UsageError(f"{name}: {sentence}; say how Rayyan calls the reviewer: --named NAME")
    found: list[Judged] = []
    for one in said:
        word = one.get(who, "undecided").strip().casefold()
        wrong = f"found {word[:40]}, expected Included, Excluded or Maybe"
        found.append((_RAYYAN.get(word), None if word in _RAYYAN else wrong))
    return found


def _inclusion(one: Returned) -> str:
    """The last of what Rayyan appended to the notes: of an earlier round another may stand."""
    found = [part for note in one.notes for part in _INCLUSION.findall(note.replace('""', '"'))]
    return found[-1] if found else ""
