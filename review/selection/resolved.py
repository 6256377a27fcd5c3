"""What people decided on notices, taken together: who disagrees has decided nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from review.model.notice import NoticeDecision, NoticeOutcome
from review.model.record import RETRACTING, Notice

Decisions = Mapping[str, Sequence[NoticeDecision]]
"""Rows by person, in the order they were made."""
Key = tuple[str, str]
"""The record that stands for a report, and the notice's key."""
SETTLES = frozenset({NoticeOutcome.LEAVES, NoticeOutcome.WITHOUT_RESULT})
"""What settles a retraction."""


@dataclass(frozen=True)
class Verdict:
    """What people decided together on a notice, or on a report's retraction.

    :ivar outcome: it leaves, stays without its result, or stands
    :ivar people: who said so
    :ivar date: day of the last of them
    :ivar notes: why, as they wrote it
    :ivar sources: where they read it
    """

    outcome: NoticeOutcome
    people: tuple[str, ...]
    date: str
    notes: tuple[str, ...]
    sources: tuple[str, ...]

    @classmethod
    def of(cls, said: Mapping[str, NoticeDecision]) -> Verdict | None:
        """The verdict of people, each by one row; None where two differ."""
        rows = list(said.values())
        if len({row.outcome for row in rows}) != 1:
            return None
        return cls(
            rows[0].outcome,
            tuple(said),
            max(row.date for row in rows),
            tuple(dict.fromkeys(row.note for row in rows if row.note)),
            tuple(dict.fromkeys(row.source for row in rows if row.source)),
        )


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
            outcomes.pop(key, None)  # what was said last stands last
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


def outcomes_of(decisions: Decisions, resolve: Callable[[str], str]) -> dict[Key, Verdict]:
    """The outcome of each notice on which all who decided agree."""
    said: dict[Key, dict[str, NoticeDecision]] = {}
    for person, rows in sorted(decisions.items()):
        for key, row in in_force(rows, resolve)[1].items():
            said.setdefault(key, {})[person] = row
    return {key: verdict for key, rows in said.items() if (verdict := Verdict.of(rows))}


def verdicts_of(
    decisions: Decisions, resolve: Callable[[str], str], certain: Collection[str]
) -> dict[str, Verdict]:
    """The verdict on each report's retraction, whichever of its notices people named.

    Each person's last word on the report counts. There is no verdict where two differ, or where
    somebody read of the very same notice that the report stands, unless a source is certain.

    :param certain: reports whose retraction is certain
    """
    said: dict[str, dict[str, NoticeDecision]] = {}
    notices: dict[Key, set[bool]] = {}
    for person, rows in sorted(decisions.items()):
        for key, row in in_force(rows, resolve)[1].items():
            if row.as_notice.type not in RETRACTING:
                continue
            notices.setdefault(key, set()).add(row.outcome in SETTLES)
            if row.outcome in SETTLES:
                said.setdefault(key[0], {})[person] = row
    disputed = {report for (report, _), settled in notices.items() if len(settled) > 1}
    return {
        report: verdict
        for report, rows in said.items()
        if (verdict := Verdict.of(rows)) and (report in certain or report not in disputed)
    }
