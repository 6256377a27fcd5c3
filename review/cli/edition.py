"""``review edition``: release a numbered state of the review; compare two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import Exit, UsageError

if TYPE_CHECKING:
    from review.acts.release import Released
    from review.editions.difference import Difference
    from review.files.store import Store


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    version: str | None
    trigger: Sequence[str]
    note: str | None
    dry_run: bool
    compare: Sequence[str] | None
    gate: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("edition", "release a numbered state of the review; compare two")
    one.add_argument("--version", metavar="N.N", help="its number (default: the next one)")
    one.add_argument(
        "--trigger", action="append", default=[], metavar="TEXT", help="what started it"
    )
    one.add_argument("--note", metavar="TEXT", help="what its editors say; needed for new methods")
    one.add_argument("--dry-run", action="store_true", help="say what would change, write nothing")
    one.add_argument("--compare", nargs=2, metavar=("OLD", "NEW"), help="two released editions")
    one.add_argument("--gate", action="store_true", help="what a verified edition still lacks")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    store = open_store(options.root)
    releasing = any((options.version, options.trigger, options.note is not None, options.dry_run))
    if bool(options.compare) + options.gate + releasing > 1:
        raise UsageError("--compare, --gate and the options of a release do not go together")
    if options.compare:
        return _compared(store, *options.compare)
    if options.gate:
        return _gate(store)
    return _release(store, options, day)


def _release(store: Store, options: Options, day: str) -> Answer:
    """Read, check and write under one lock: an edition rests on every file."""
    from review.acts.release import release
    from review.files.change import apply
    from review.files.lock import A_WHILE

    with store.lock(A_WHILE):
        change = release(
            store.snapshot(),
            day,
            version=options.version,
            triggers=options.trigger,
            note=options.note,
        )
        if not options.dry_run:
            apply(store, change)
    file = None if options.dry_run else change.told.file
    return Answer(_facts(change.told, file), _lines(change.told, file))


def _compared(store: Store, old: str, new: str) -> Answer:
    from review.editions.difference import difference

    released = {edition.version: edition for edition in store.editions()}
    for version in (old, new):
        if version not in released:
            known = ", ".join(released) or "none released"
            raise UsageError(f"--compare {version}: no such edition ({known})")
    changed = difference(released[old], released[new])
    return Answer(
        [vars(change) for change in changed.changes],
        [
            *_changes(changed),
            f"{len(changed.changes)} changes from {changed.old} to {changed.new}",
        ],
    )


def _gate(store: Store) -> Answer:
    from review.editions.release import gate
    from review.grading.review import Review

    missing = gate(Review.of(store.snapshot()))
    return Answer(
        {"missing": missing},
        missing or ["nothing is missing: an edition 1.0 may be released"],
        exit=Exit.INVALID if missing else Exit.NOTHING_NEW,
    )


def _facts(released: Released, file: str | None) -> dict[str, Any]:
    return {
        "version": released.edition.version,
        "date": released.edition.date,
        "file": file,
        "released_already": released.already,
        "triggers": list(released.edition.triggers),
        "conclusion_changed": released.changed.conclusion_changed,
        "changes": [vars(change) for change in released.changed.changes],
    }


def _lines(released: Released, file: str | None) -> Iterator[str]:
    edition = released.edition
    label = "verified" if edition.verified else "unverified"
    yield from _changes(released.changed)
    yield f"edition {edition.version} ({label}): {'; '.join(edition.triggers)}"
    if released.already:
        yield f"released on {edition.date} already, with all of this; nothing was written"
    else:
        yield file or "dry run: nothing was written"


def _changes(changed: Difference) -> Iterator[str]:
    for c in changed.changes:
        what = f" {c.field}: {c.before} -> {c.after}" if c.kind == "changed" else ""
        yield f"  {c.kind} {c.object}{what}"
