"""What people decided on notices: names that lead nowhere, outcomes that do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from review.ground.errors import Problem
from review.model.notice import NoticeDecision, NoticeOutcome
from review.model.record import RETRACTING, Retraction
from review.selection.library import Selection


def notice_decisions(library: Selection) -> list[Problem]:
    """What is wrong with single rows of ``data/notices``."""
    return [
        Problem(f"data/notices/{person}.csv", line, field, sentence)
        for person, rows in library.notice_decisions.items()
        for line, row in enumerate(rows, 2)
        for field, sentence in _wrong(row, library)
    ]


def _wrong(row: NoticeDecision, library: Selection) -> Iterator[tuple[str, str]]:
    """Field and sentence of each thing wrong with one row.

    A notice that is there no longer is nothing wrong: sources correct themselves.
    """
    if row.record not in library.records:
        yield "record", f"found {row.record}, expected a record in data/records"
    sure = RETRACTING.get(row.as_notice.type)
    if row.outcome is NoticeOutcome.STANDS and sure is Retraction.CERTAIN:
        yield "outcome", "found stands on a certain retraction, expected leaves or without_result"
    if row.outcome in (NoticeOutcome.LEAVES, NoticeOutcome.WITHOUT_RESULT) and sure is None:
        yield "outcome", f"found {row.outcome} on what is no retraction, expected stands"
