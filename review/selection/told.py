"""Since when a report's results may not be used, where that is known."""

from __future__ import annotations

from review.model.notice import NoticeOutcome
from review.selection.library import Selection


def told_on(library: Selection, record_id: str) -> str | None:
    """The day of the search or the person that told a report's retraction first, or of the one
    import that names the record which says it; None where that is not known.

    :returns: YYYY-MM-DD
    """
    report = library.resolve(record_id)
    touching = [one for one in library.notices_on(report) if one.retraction]
    keys = {one.notice.key for one in touching}
    days = [
        search.date
        for search in library.searches
        for event in search.notices
        if event.key[1] in keys and library.resolve(event.record) == report
    ]
    days += [
        row.date
        for rows in library.notice_decisions.values()
        for row in rows
        if row.outcome is NoticeOutcome.ADDED
        and row.notice in keys
        and library.resolve(row.record) == report
    ]
    named = {one.record for one in touching}
    brought = {one.date for one in library.imports if named & {*one.new, *one.known}}
    if not days and len(brought) == 1:
        days = list(brought)
    return min(days, default=None)
