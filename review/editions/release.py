"""Release of an edition: its number, and what it may not be released without."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from review.editions.audit import left_by_decision, removal_problem, silent_removals
from review.editions.build import build
from review.editions.difference import Difference, difference
from review.editions.triggers import triggers_of
from review.extraction.attest import HELD, attested
from review.grading.levels import Status
from review.grading.review import Review
from review.grading.second_look import HASTY, hasty_runs, second_looks
from review.grading.signatures import by_eye_alone, value_status
from review.ground.errors import InvalidDataError, UsageError
from review.model.base import canonical
from review.model.edition import Edition
from review.model.extraction import Fact
from review.selection.library import Place


def release(
    review: Review,
    date: str,
    *,
    version: str | None = None,
    extra_triggers: Sequence[str] = (),
    note: str | None = None,
) -> tuple[Edition, Difference]:
    """The next edition and what changed; nothing is written. The last one, where this release
    was made already.

    :raises UsageError: for a wrong number, a suspended claim, a silent change of method, or
        signatures missing for a verified edition
    :raises InvalidDataError: where counts shrink without a recorded removal
    """
    for name, texts in (
        ("--trigger", extra_triggers),
        ("--note", (note,) if note is not None else ()),
    ):
        for text in texts:
            if not text.strip() or len(text) > 2000:
                raise UsageError(f"{name}: found {len(text)} characters, expected 1 to 2,000")
    previous = review.editions[-1] if review.editions else None
    refuse_before(previous, date)
    draft = build(review, "0.1", date, ("draft",), note)
    changed = difference(previous, draft)
    proposed = next_version(review, changed)
    allowed = {proposed} | ({"1.0"} if proposed.startswith("0.") else set())
    if (
        previous is not None
        and not changed.changes
        and (again := _released_already(review, previous, version, extra_triggers, note))
    ):
        return again
    wanted = version or proposed
    if wanted not in allowed:
        raise UsageError(f"--version {wanted}: expected {' or '.join(sorted(allowed))}")
    if not wanted.startswith("0.") and (missing := gate(review)):
        raise UsageError("\n".join([f"{wanted} is refused, it would not be verified:", *missing]))
    if previous is not None and not changed.changes and wanted == proposed and not note:
        raise UsageError(f"nothing changed since edition {previous.version}; say why with --note")
    if changed.of("methods") and not note:
        raise UsageError(
            "protocol or questions changed since the last edition; say what with --note"
        )
    started = [*triggers_of(review, changed), *extra_triggers]
    edition = build(review, wanted, date, started, note)
    left = left_by_decision(review.library)
    if previous is not None and (gone := silent_removals(previous, edition, left)):
        raise InvalidDataError([removal_problem(c, previous, wanted) for c in gone])
    return edition, difference(previous, edition)


def refuse_before(previous: Edition | None, date: str) -> None:
    """Refuse a day before that of the last edition.

    :raises UsageError: where it is
    """
    if previous is not None and date < previous.date:
        raise UsageError(f"{date}: before edition {previous.version} of {previous.date}")


def _released_already(
    review: Review,
    last: Edition,
    version: str | None,
    extra_triggers: Sequence[str],
    note: str | None,
) -> tuple[Edition, Difference] | None:
    """The last edition and what it changed, where this very release wrote it: a run that was killed
    after the write and is run again ends as after an undisturbed run.
    """
    before = dataclasses.replace(review, editions=review.editions[:-1])
    base = before.editions[-1] if before.editions else None
    if (version or last.version) != last.version or note != last.note:
        return None
    changed = difference(base, last)
    started = (*triggers_of(before, changed), *extra_triggers)
    if canonical(build(before, last.version, last.date, started, note)) != canonical(last):
        return None
    return last, changed


def next_version(review: Review, changed: Difference | None) -> str:
    """The number the next edition gets: major where a conclusion changed; 0.x counts up."""
    if not review.editions:
        return "0.1"
    major, minor = (int(n) for n in review.editions[-1].version.split("."))
    if major == 0:
        return f"0.{minor + 1}"
    if changed is not None and changed.conclusion_changed:
        return f"{major + 1}.0"
    return f"{major}.{minor + 1}"


def gate(review: Review) -> list[str]:
    """What is missing for a verified edition (1.0 and later), one sentence each."""
    library, missing = review.library, []
    unsigned, unquoted = [], []
    for name, extraction in sorted(library.extractions.items()):
        for field, fact in extraction.facts():
            signed = value_status(review.ledger, name, field, fact) == "verified"
            if not signed:
                unsigned.append(f"{name} {field}")
            if isinstance(fact, Fact) and fact.value is None:
                continue
            # A text that no machine holds, a figure or a table, was read by who signed.
            beyond = signed and (fact.locator not in HELD or by_eye_alone(fact))
            if not beyond and not attested(review.attestations.get(name), field, fact):
                unquoted.append(f"{name} {field}")
    if not (library.extractions and review.claims):
        missing.append("there is no study or no claim to publish")
    if unsigned:
        missing.append(f"{len(unsigned)} values nobody has signed (first: {unsigned[0]})")
    if unquoted:
        missing.append(
            f"{len(unquoted)} values whose quote was not found in a text (first: {unquoted[0]})"
        )
    open_claims = [n for n, one in review.claim_grades.items() if not review.ledger.of_claim(one)]
    if open_claims:
        missing.append(f"{len(open_claims)} claims nobody has confirmed (first: {open_claims[0]})")
    suspended = [n for n, one in review.claim_grades.items() if one.status is Status.SUSPENDED]
    if suspended:
        missing.append(f"{len(suspended)} claims suspended by a retraction (first: {suspended[0]})")
    missing += _how_signed(review)
    conflicts = library.at(Place.CONFLICT_TITLE_ABSTRACT, Place.CONFLICT_FULL_TEXT)
    if conflicts:
        missing.append(f"{len(conflicts)} open conflicts between reviewers (first: {conflicts[0]})")
    return missing


def _how_signed(review: Review) -> list[str]:
    """Signatures that were given too fast to have been read, and values that a second person reads
    otherwise.
    """
    missing = []
    for run in hasty_runs(review.ledger.signatures):
        first = run.rows[0]
        missing.append(
            f"{len(run.rows)} signatures of {run.person} in a row, each in under {HASTY} seconds "
            f"(first: {first.object.removeprefix('study:')} {first.field} on {first.date}); "
            "take them back, and look again"
        )
    looks = second_looks(review.ledger, review.library.extractions)
    if looks.disagreed:
        missing.append(
            f"{looks.disagreed} signed values in whose source a second person reads something "
            f"else (first: {looks.first})"
        )
    return missing
