"""Decide on records: one, those of a filled sheet, or take a decision back."""

from __future__ import annotations

from pydantic import ValidationError

from review.acts.own_file import OwnFile
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.ground.errors import UsageError
from review.ground.yaml import Document
from review.model.base import problems_of
from review.model.screening import Decision, Outcome, Stage
from review.selection.library import Library, latest
from review.selection.returned import Asked, from_form
from review.selection.sheet import decision, from_sheet, reviewer_known, wrong_decision


def decide(
    snapshot: Snapshot,
    person: str,
    stage: Stage,
    record: str,
    outcome: Outcome,
    today: str,
    *,
    criterion: str | None = None,
    duplicate_of: str | None = None,
    note: str = "",
    library: Library | None = None,
) -> Change[Decision]:
    """A person's decision on one record; it counts instead of their last one.

    :param person: one of the protocol, or ``consensus`` for all of them together
    :param criterion: for an exclusion: the criterion that is not met
    :param duplicate_of: for a duplicate: the other record
    :param library: the records, where they were read already
    :raises UsageError: for an unknown person, record or criterion, a record that is not at that
        stage, or an outcome that does not go with what is given beside it
    """
    reviewer_known(snapshot.protocol, person)
    file = OwnFile.of(snapshot, "screening", person)
    library = Library.of(snapshot) if library is None else library
    faults = wrong_decision(
        library, stage, record, outcome, criterion=criterion, duplicate_of=duplicate_of, note=note
    )
    for column, sentence in faults:
        raise UsageError(f"{column}: {sentence}")
    if outcome is Outcome.WITHDRAWN:
        stands = latest(file.rows_of(Decision), library.resolve)
        if (library.resolve(record), stage) not in stands:
            raise UsageError(f"{record}: {person} has decided nothing at {stage} to take back")
    try:
        row = decision(
            library.protocol,
            record,
            stage,
            outcome,
            today,
            criterion=criterion,
            duplicate_of=duplicate_of,
            note=note,
        )
    except ValidationError as error:
        (problem, *_) = problems_of(error, Decision, Document({}), "")
        raise UsageError(f"{problem.field or 'decision'}: {problem.sentence}") from None
    return Change("decide", person, file.with_rows([row]), row)


def withdraw(
    snapshot: Snapshot,
    person: str,
    stage: Stage,
    record: str,
    today: str,
    *,
    library: Library | None = None,
) -> Change[Decision]:
    """Take a person's decision on a record back; both rows stay.

    :raises UsageError: as :func:`decide` does, and where no decision of theirs stands
    """
    return decide(snapshot, person, stage, record, Outcome.WITHDRAWN, today, library=library)


def decide_by_sheet(
    snapshot: Snapshot,
    person: str,
    stage: Stage,
    sheet: bytes,
    name: str,
    today: str,
    *,
    replace: bool = False,
) -> Change[list[Decision]]:
    """The decisions that a filled sheet brings: all of them or none.

    :param name: of the sheet's file, for messages
    :param replace: decisions that were taken since its export are changed
    :raises UsageError: for an unknown person; where it would change such decisions and was not told
    :raises InvalidDataError: for a sheet that is none, another's, or says two things in a row
    """
    reviewer_known(snapshot.protocol, person)
    file = OwnFile.of(snapshot, "screening", person)
    library = Library.of(snapshot)
    rows = from_sheet(library, person, stage, sheet, name, today, replace=replace)
    return Change("decide by sheet", person, file.with_rows(rows), rows)


def decide_by_form(
    snapshot: Snapshot,
    person: str,
    stage: Stage,
    asked: Asked,
    data: bytes,
    name: str,
    today: str,
    *,
    replace: bool = False,
) -> Change[list[Decision]]:
    """The decisions that a file of another screening program brings: all of them or none.

    :param asked: the program, and what the file does not say itself
    :param name: of the file, for messages
    :param replace: decisions that stand are changed
    :raises UsageError: for an unknown person; where it would change decisions and was not told to
    :raises InvalidDataError: for a file that is none, or has a record that is not the review's
    """
    reviewer_known(snapshot.protocol, person)
    file = OwnFile.of(snapshot, "screening", person)
    library = Library.of(snapshot)
    rows = from_form(library, person, stage, asked, data, name, today, replace=replace)
    return Change("decide by form", person, file.with_rows(rows), rows)
