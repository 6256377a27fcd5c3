"""Forms of other screening programs: records out with what a person decided, decisions back in.

What each program reads and writes is public:

- ASReview 3 reads CSV and RIS; ``included`` holds 1, 0 or nothing, in RIS a note does
  (``ASReview_relevant``); what it exports has ``asreview_label`` beside the columns it was given.
  ``duplicate_of`` and ``record_id`` are columns of its own database and must not stand in a file.
- Rayyan reads RIS and CSV, keeps the notes of a record, and appends to them
  ``RAYYAN-INCLUSION: {"name"=>"Included"} | RAYYAN-EXCLUSION-REASONS: …``.
- Covidence reads RIS into one of its lists ("Screen", "Full text review", "Irrelevant", …) and
  exports a list as CSV or RIS: which list a file is of says what was decided.

A record's own id goes along in the notes, and in a column or field of its own where a program keeps
one. Notes that people typed elsewhere stay there: here they would become public.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from review.formats import ris
from review.formats.citations import as_entry
from review.formats.entry import OWN_NOTE, printed
from review.ground.errors import UsageError
from review.ground.spreadsheet import csv_text
from review.model.parsed import ParsedRecord
from review.model.record import Record
from review.model.screening import Outcome, Stage
from review.selection.library import Library


class Form(StrEnum):
    """Whose form a file of decisions has."""

    SHEET = "sheet"
    ASREVIEW = "asreview"
    RAYYAN = "rayyan"
    COVIDENCE = "covidence"


WRITTEN = {
    Form.ASREVIEW: (".csv", ".ris"),
    Form.RAYYAN: (".csv", ".ris"),
    Form.COVIDENCE: (".ris",),
}
"""Endings of the files that a program reads."""
READ = (".csv", ".ris")
LABELS = {Outcome.INCLUDE: "ASReview_relevant", Outcome.EXCLUDE: "ASReview_irrelevant"}
NOT_SEEN = "ASReview_not_seen"
ASREVIEW_COLUMNS = (
    *("record", "criteria", "title", "abstract", "authors", "year", "journal", "doi", "pmid"),
    "included",
)
RAYYAN_COLUMNS = (
    *("key", "title", "year", "month", "day", "journal", "issn", "volume", "issue", "pages"),
    *("authors", "url", "language", "publisher", "location", "abstract", "notes", "doi"),
    *("keywords", "pubmed_id", "pmc_id"),
)


def ending_of(name: str, known: Sequence[str]) -> str:
    """The ending of a file.

    :raises UsageError: for another one
    """
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if ending not in known:
        raise UsageError(f"{name}: found {ending or 'no ending'}, expected {' or '.join(known)}")
    return ending


# ---- out -----------------------------------------------------------------------------------------


def of_form(
    library: Library, reviewer: str, stage: Stage, form: Form, only: Outcome | None
) -> list[Record]:
    """The records that go out: those that wait for the reviewer, before them for ASReview, which
    takes labels, those they included or excluded.

    :param only: those alone that the reviewer decided on in this way
    """
    decided = [
        record
        for record in sorted(library.records.values(), key=library.rank)
        if (row := library.decided(record.id, stage).get(reviewer)) is not None
        and row.decision in ((only,) if only else LABELS)
    ]
    if only is not None:
        return decided
    queue = library.queue(reviewer, stage)
    if form is not Form.ASREVIEW:
        return queue
    waiting = {record.id for record in queue}
    return [record for record in decided if record.id not in waiting] + queue


def to_form(
    library: Library,
    reviewer: str,
    stage: Stage,
    form: Form,
    ending: str,
    records: Sequence[Record],
    abstracts: Mapping[str, str | None],
) -> bytes:
    """Records in the form of a program, with the reviewer's own labels where it reads such."""
    criteria = library.protocol.criteria_hash
    labels = {one.id: _label(library, reviewer, stage, one.id) for one in records}
    entries: dict[str, ParsedRecord] = {}
    for one in records:
        entries[one.id] = as_entry(one)
        entries[one.id]["abstract"] = abstracts.get(one.id)

    def note(record: str) -> str:
        return f"{OWN_NOTE}{record} c-{criteria}"

    def beside(one: ParsedRecord) -> dict[str, object]:
        notes = [note(one["record"])]
        if form is Form.ASREVIEW:
            label = labels[one["record"]]
            return {"notes": [LABELS[label] if label else NOT_SEEN, *notes]}
        if form is Form.COVIDENCE:  # the accession number is what its own export keeps
            shown = {"accession_number": one["record"], "name_of_database": None}
            return {"notes": notes, **shown}
        return {"notes": notes}

    if ending == ".ris":
        return ris.write(list(entries.values()), beside).encode()
    columns = ASREVIEW_COLUMNS if form is Form.ASREVIEW else RAYYAN_COLUMNS
    rows = []
    for record, found in entries.items():
        row = {
            **{key: found.get(key) for key in columns},
            "criteria": f"c-{criteria}",
            "included": {None: "", Outcome.INCLUDE: "1", Outcome.EXCLUDE: "0"}[labels[record]],
            "authors": "; ".join(map(printed, found["authors"])),
            "language": "; ".join(found["language"]),
            "keywords": "",
            "key": record,
            "notes": note(record),
            "pubmed_id": found["pmid"],
            "pmc_id": found["pmcid"],
        }
        rows.append(["" if row[key] is None else str(row[key]) for key in columns])
    return csv_text(columns, rows).encode()


def _label(library: Library, reviewer: str, stage: Stage, record: str) -> Outcome | None:
    row = library.decided(record, stage).get(reviewer)
    return row.decision if row is not None and row.decision in LABELS else None
