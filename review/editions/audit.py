"""Editions on disk: what does not fit in and between them, and what is gone in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from review.editions.build import edition_hash
from review.editions.difference import Change, difference
from review.ground.errors import Problem
from review.model.edition import Correction, CorrectionKind, Edition
from review.model.notice import NoticeOutcome
from review.selection.library import Library

SHOWN = 12
"""Digits of a hash that are shown."""


def left_by_decision(library: Library) -> dict[str, str]:
    """Reports that a person let leave for a retraction, as objects of an edition: each with the day
    on which it was decided first. The rows stay, also of a decision that was withdrawn since.
    """
    days: dict[str, str] = {}
    for rows in library.notice_decisions.values():
        for row in rows:
            if row.outcome is NoticeOutcome.LEAVES:
                for record in {row.record, library.resolve(row.record)}:
                    name = f"report:{record}"
                    days[name] = min(row.date, days.get(name, row.date))
    return days


def inconsistencies(
    editions: Sequence[Edition],
    corrections: Sequence[Correction] = (),
    left: Mapping[str, str] = MappingProxyType({}),
) -> list[Problem]:
    """What does not fit in and between the editions that were released.

    :param left: of :func:`left_by_decision`
    """
    removed = {c.object for c in corrections if c.kind is CorrectionKind.REMOVAL}
    problems = []
    for old, new in zip((None, *editions), editions, strict=False):
        decided = {name for name, day in left.items() if day <= new.date}
        problems += _succession(old, new, removed, decided)
        problems += _sums(new)
    return problems


def _wrong(edition: Edition, field: str, sentence: str) -> Problem:
    return Problem(f"data/editions/{edition.version}.json", 0, field, sentence)


def _succession(
    old: Edition | None, new: Edition, removed: Collection[str], decided: Collection[str]
) -> list[Problem]:
    """An edition against the one whose file stands before it.

    :param removed: objects whose removal is recorded: an edition among them was taken back by a
        person, and what came after it is compared with nothing
    """
    problems = []
    before = old.version if old else None
    if new.previous != before and f"edition:{new.previous}" in removed:
        old = None
    elif new.previous is not None and new.previous != before:
        sentence = f"found {new.previous}, whose file is gone; bring data/editions back"
        problems.append(_wrong(new, "previous", sentence))
        old = None
    elif new.previous != before:
        problems.append(_wrong(new, "previous", f"found {new.previous}, expected {before}"))
    if old is not None:
        problems += _kept(old, new, decided)
    alone = old is None and new.previous is not None  # its predecessor is gone
    if not alone and new.version not in _successors(old):
        expected = " or ".join(sorted(_successors(old)))
        problems.append(_wrong(new, "version", f"found {new.version}, expected {expected}"))
    return problems


def _kept(old: Edition, new: Edition, decided: Collection[str]) -> list[Problem]:
    """Whether an edition is still the one its successor was made after, and lost nothing in it."""
    problems = []
    recorded = {new.previous_sha256, (new.edition_files or {}).get(old.version)} - {None}
    if recorded != {found := edition_hash(old)}:
        expected = " and ".join(sorted(f"{one[:SHOWN]}…" for one in recorded if one)) or "none"
        sentence = (
            f"edition {old.version} was changed after its release (found content "
            f"{found[:SHOWN]}…, expected {expected}); an edition is never rewritten"
        )
        problems.append(_wrong(new, "previous_sha256", sentence))
    if new.date < old.date:
        sentence = f"found {new.date}, before edition {old.version} of {old.date}"
        problems.append(_wrong(new, "date", sentence))
    removals = silent_removals(old, new, decided)
    return problems + [removal_problem(change, old, new.version) for change in removals]


def _sums(edition: Edition) -> list[Problem]:
    """Whether an edition's numbers are those of its rows."""
    problems = []
    rows = Counter(value.status for study in edition.studies for value in study.values)
    if {k: v for k, v in edition.values.items() if v} != dict(rows):
        sentence = "the numbers of values do not add up to the rows"
        problems.append(_wrong(edition, "values", sentence))
    if edition.verified and (
        rows["verified"] != rows.total() or not all(c.confirmed_by for c in edition.claims)
    ):
        sentence = "found true, but values or claims in it are signed by nobody"
        problems.append(_wrong(edition, "verified", sentence))
    return problems


def _successors(old: Edition | None) -> set[str]:
    """The numbers that may come after an edition, or first of all."""
    if old is None:
        return {"0.1", "1.0"}
    major, minor = (int(n) for n in old.version.split("."))
    return {f"{major}.{minor + 1}", f"{major + 1}.0"}


def unrecorded(corrections: Sequence[Correction], editions: Sequence[Edition]) -> list[Problem]:
    """Corrections that an edition carries and the log no longer holds: the log only grows."""
    carried = [one for edition in editions for one in edition.corrections]
    if list(corrections[: len(carried)]) == carried:
        return []
    sentence = "the corrections of released editions were changed or reordered; the log only grows"
    return [Problem("data/corrections.yaml", 0, "corrections", sentence)]


def silent_removals(old: Edition, new: Edition, decided: Collection[str] = ()) -> list[Change]:
    """What is gone without a recorded removal: counts may shrink only with a reason.

    :param decided: what left by a person's decision that is recorded elsewhere: a retracted report
    """
    recorded = {c.object for c in new.corrections if c.kind is CorrectionKind.REMOVAL} | {*decided}
    return [
        c for c in difference(old, new).changes if c.kind == "removed" and c.object not in recorded
    ]


def removal_problem(change: Change, previous: Edition, version: str) -> Problem:
    """A silent removal as one line."""
    sentence = (
        f"{change.object} stood in edition {previous.version} and is gone in {version}; "
        "record the removal and its reason in data/corrections.yaml"
    )
    return Problem(f"data/editions/{version}.json", 0, change.object.split(":")[0], sentence)
