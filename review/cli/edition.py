"""``review edition``: release a numbered state of the review; compare two."""

from __future__ import annotations

import argparse

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import Exit, UsageError


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


def run(arguments: argparse.Namespace, day: str) -> int:  # noqa: C901
    """Run the verb; its exit code."""
    from review.checking.check import check
    from review.editions.difference import Difference, difference
    from review.editions.release import gate, release
    from review.grading.review import Review
    from review.ground.errors import InvalidDataError as Invalid

    store = open_store(arguments)
    releasing = any(
        (arguments.version, arguments.trigger, arguments.note is not None, arguments.dry_run)
    )
    if bool(arguments.compare) + arguments.gate + releasing > 1:
        raise UsageError("--compare, --gate and the options of a release do not go together")

    def tell(changed: Difference) -> None:
        for c in changed.changes:
            what = f" {c.field}: {c.before} -> {c.after}" if c.kind == "changed" else ""
            say(f"  {c.kind} {c.object}{what}")

    if arguments.compare:
        found = {e.version: e for e in store.editions()}
        for version in arguments.compare:
            if version not in found:
                known = ", ".join(found) or "none released"
                raise UsageError(f"--compare {version}: no such edition ({known})")
        changed = difference(found[arguments.compare[0]], found[arguments.compare[1]])
        if arguments.json:
            print_json([vars(c) for c in changed.changes])
        else:
            tell(changed)
            say(f"{len(changed.changes)} changes from {changed.old} to {changed.new}")
        return 0
    if arguments.gate:
        missing = gate(Review.of(store))
        if arguments.json:
            print_json({"missing": missing})
        else:
            say("\n".join(missing) or "nothing is missing: an edition 1.0 may be released")
        return Exit.INVALID if missing else Exit.NOTHING_NEW
    with store.lock():
        if problems := check(store):
            raise Invalid(problems)
        edition, changed = release(
            Review.of(store),
            day,
            version=arguments.version,
            extra_triggers=arguments.trigger,
            note=arguments.note,
        )
        already = edition.version == store.last_edition()
        path = None if arguments.dry_run else store.write_edition(edition)
    facts = {
        "version": edition.version,
        "date": edition.date,
        "file": store.name(path) if path else None,
        "released_already": already,
        "triggers": list(edition.triggers),
        "conclusion_changed": changed.conclusion_changed,
        "changes": [vars(c) for c in changed.changes],
    }
    if arguments.json:
        print_json(facts)
        return 0
    tell(changed)
    label = "verified" if edition.verified else "unverified"
    say(f"edition {edition.version} ({label}): {'; '.join(edition.triggers)}")
    if already:
        say(f"released on {edition.date} already, with all of this; nothing was written")
        return 0
    say(store.name(path) if path else "dry run: nothing was written")
    return 0
