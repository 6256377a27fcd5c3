"""Take back a person's last decisions, those of earlier sessions too; no row is ever rewritten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from review import TOOL
from review.acts.own_file import OwnFile
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.ground.errors import UsageError
from review.model.screening import Decision, Outcome, Stage
from review.selection.library import NONE_YET
from review.selection.sheet import decision, reviewer_known

LAST = 20
"""Decisions of a person that can be taken back by undo."""
Key = tuple[str, Stage]


@dataclass(frozen=True)
class Taken:
    """A decision that stands.

    :ivar before: the person's decision on the same record and stage that it replaced
    :ivar number: of the person's decisions, from 1
    """

    row: Decision
    before: Decision | None
    number: int


def undoable(rows: Sequence[Decision], resolve: Callable[[str], str]) -> list[Taken]:
    """The person's decisions that may be taken back, oldest first.

    What was replaced stands again after an undo: it is written anew right behind the row that took
    the later decision back, and is no new decision.

    :param rows: the person's file
    :param resolve: the record that stands for a report
    """
    stack: list[Taken] = []
    last: dict[Key, Decision] = {}
    number = 0
    back: tuple[Key, list[Taken]] | None = None
    for row in rows:
        key = (resolve(row.record), row.stage)
        if row.decision is Outcome.WITHDRAWN:
            gone = [one for one in stack if (resolve(one.row.record), one.row.stage) == key]
            stack = [one for one in stack if one not in gone]
            last.pop(key, None)
            back = (key, gone)
            continue
        before = back[1][-1].before if back and back[0] == key and back[1] else None
        if back and before is not None and _says(before) == _says(row):
            stack = sorted([*stack, *back[1][:-1]], key=lambda one: one.number)
        else:
            number += 1
            stack.append(Taken(row, last.get(key), number))
        last[key] = row
        back = None
    return [one for one in stack if one.number > number - LAST]


def _says(row: Decision) -> tuple[object, ...]:
    return row.decision, row.criterion, row.duplicate_of, row.note, row.protocol, row.amendment


def undo(
    snapshot: Snapshot, person: str, today: str, *, stage: Stage | None = None, count: int = 1
) -> Change[list[Taken]]:
    """Take a person's last decisions back; what each replaced stands again, as it was.

    :param stage: of this stage alone; None: of both
    :param count: how many, the last first; 1 to 20
    :raises UsageError: for an unknown person, or where they have fewer of the last twenty left
    """
    reviewer_known(snapshot.protocol, person)
    if not 1 <= count <= LAST:
        raise UsageError(f"--undo {count}: expected a number from 1 to {LAST}")
    file = OwnFile.of(snapshot, "screening", person)
    held: list[Decision] = list(file.rows_of(Decision))
    redirects = (snapshot.duplicates() or NONE_YET).redirects
    written: list[Decision] = []
    taken: list[Taken] = []
    for _ in range(count):
        found = undoable([*held, *written], lambda one: redirects.get(one, one))
        found = [one for one in found if stage in (None, one.row.stage)]
        if not found:
            of = f" at {stage}" if stage else ""
            raise UsageError(
                f"{person} has {len(taken)} decisions{of} to take back, found --undo {count}; "
                f"the last {LAST} can be, an older one is decided anew"
            )
        one = found[-1]
        taken.append(one)
        written.append(
            decision(snapshot.protocol, one.row.record, one.row.stage, Outcome.WITHDRAWN, today)
        )
        if one.before is not None:
            written.append(one.before.model_copy(update={"date": today, "tool": TOOL}))
    return Change("undo", person, file.with_rows(written), taken)
