"""What people decided on notices, taken together: who disagrees has decided nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from review.model.notice import NoticeDecision, NoticeOutcome
from review.model.record import Notice

Decisions = Mapping[str, Sequence[NoticeDecision]]
"""Rows by person, in the order they were made."""
Key = tuple[str, str]
"""The record that stands for a report, and the notice's key."""


def in_force(
    rows: Sequence[NoticeDecision], resolve: Callable[[str], str]
) -> tuple[dict[Key, NoticeDecision], dict[Key, NoticeDecision]]:
    """One person's added notices, and their outcomes; *withdrawn* takes an outcome back, and a
    notice that has none.
    """
    added: dict[Key, NoticeDecision] = {}
    outcomes: dict[Key, NoticeDecision] = {}
    for row in rows:
        key = (resolve(row.record), row.notice)
        if row.outcome is NoticeOutcome.ADDED:
            added[key] = row
        elif row.outcome is not NoticeOutcome.WITHDRAWN:
            outcomes[key] = row
        elif outcomes.pop(key, None) is None:
            added.pop(key, None)
    return added, outcomes


def added_notices(
    decisions: Decisions, resolve: Callable[[str], str]
) -> Iterator[tuple[str, Notice]]:
    """Record and notice of each that a person added."""
    for _, rows in sorted(decisions.items()):
        for row in in_force(rows, resolve)[0].values():
            yield row.record, row.as_notice


def outcomes_of(decisions: Decisions, resolve: Callable[[str], str]) -> dict[Key, NoticeDecision]:
    """The outcome of each notice on which all who decided agree, by the last row that says it."""
    said: dict[Key, list[NoticeDecision]] = {}
    for _, rows in sorted(decisions.items()):
        for key, row in in_force(rows, resolve)[1].items():
            said.setdefault(key, []).append(row)
    return {
        key: max(rows, key=lambda row: row.date)
        for key, rows in said.items()
        if len({row.outcome for row in rows}) == 1
    }
