"""Release the review as it stands as a numbered edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from review.checking.check import check
from review.editions import release as editions
from review.editions.difference import Difference
from review.files.change import Change, Write
from review.files.snapshot import Snapshot
from review.grading.review import Review
from review.ground.errors import InvalidDataError, UsageError
from review.model.base import canonical
from review.model.edition import Edition


@dataclass(frozen=True)
class Released:
    """An edition, and what is new in it.

    :ivar already: nothing changed since the last edition, which this is
    :ivar file: its file, by its name in the review
    """

    edition: Edition
    changed: Difference
    already: bool
    file: str


def release(
    snapshot: Snapshot,
    today: str,
    *,
    version: str | None = None,
    triggers: Sequence[str] = (),
    note: str | None = None,
) -> Change[Released]:
    """The next edition; nothing to write where this release was made already.

    It rests on every file of the review: who writes it holds the lock while they are read.

    :param version: its number; None: the next one
    :param triggers: what started it, beside what the files show
    :param note: what its editors say
    :raises UsageError: for a wrong number, a suspended claim, a silent change of method, or
        signatures missing for a verified edition
    :raises InvalidDataError: where ``review check`` finds a problem, or counts shrink without a
        recorded removal
    """
    editions.refuse_before(next(reversed(snapshot.partial().editions()), None), today)
    if problems := check(snapshot, today=today):
        raise InvalidDataError(problems)
    edition, changed = editions.release(
        Review.of(snapshot), today, version=version, extra_triggers=triggers, note=note
    )
    already = edition.version == snapshot.last_edition()
    name, after = f"data/editions/{edition.version}.json", canonical(edition)
    before = snapshot.bytes_of(name)
    if before is not None and before != after:
        raise UsageError(f"{name}: already there; editions are never rewritten")
    writes = (Write(name, None, after),) if before is None else ()
    return Change("release", None, writes, Released(edition, changed, already, name))
