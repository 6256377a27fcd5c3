"""Notices on included studies that an import or dedupe brought: lines and exit code."""

from __future__ import annotations

from collections.abc import Iterator

from review.ground.errors import Exit
from review.model.record import Retraction
from review.selection.library import Selection


def lines(before: Selection, after: Selection) -> Iterator[str]:
    """What touches included studies now and did not before, a line each."""
    for report, touch in after.newly_touched(before):
        if report not in after.watched:
            continue
        possible = touch.retraction is Retraction.POSSIBLE
        more = " (a retraction is possible; being checked)" if possible else ""
        where = after.study_of.get(report, report)
        yield f"  notice: {touch.notice.type}{more} on INCLUDED STUDY {where} ({touch.record})"


def exit_code(told: list[str], otherwise: Exit) -> Exit:
    """The exit code: a notice on an included study outweighs new candidates."""
    return Exit.NOTICE if told else otherwise
