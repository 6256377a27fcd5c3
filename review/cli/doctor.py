"""``review doctor``: whether this machine can do the monthly job."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.cli.root import open_store, root_of
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import Exit, ReviewError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from review.files.store import Store
    from review.status.doctor import Finding


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    offline: bool
    live: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("doctor", "whether this machine can do the monthly job")
    one.add_argument("--offline", action="store_true", help="do not try to reach NCBI")
    one.add_argument(
        "--live", action="store_true", help="ask each service one request, and say what came"
    )


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.status.doctor import Finding, doctor

    store, asides = None, []
    try:
        store = open_store(options.root)
    except ReviewError as error:
        asides.append(str(error))
    if options.live and options.offline:
        raise UsageError("--live asks the services, --offline none: one of them")
    untouched = _not_asked(options.root)
    network = not (options.offline or options.live or untouched)
    found = doctor(store, day, network=network)
    if options.live and store is not None and (untouched is None or untouched[0]):
        found += _live(store, day)
    if untouched:
        found.append(Finding("NCBI", *untouched))
    lacking = any(one.needed and not one.ok for one in found)
    return Answer(
        [vars(one) for one in found],
        [f"{_mark(one):8} {one.what}: {one.detail}" for one in found],
        asides=asides,
        exit=Exit.USAGE if lacking else Exit.NOTHING_NEW,
    )


def _not_asked(named: Path | None) -> tuple[bool, str, bool] | None:
    """Why NCBI is not asked, whether that is well, and whether it is needed; None where it may be:
    by a real review, or where no review is.
    """
    from review.files.store import Store

    try:
        store = Store(root_of(named))
    except UsageError:
        return None
    try:
        fictional = store.protocol.fictional
    except ReviewError:
        return False, "not asked: the review may be fictional, its protocol can't be read", True
    return (True, "never asked: the review is fictional", False) if fictional else None


def _live(store: Store, day: str) -> list[Finding]:
    """What each service answered; a fictional review's are those of its own world."""
    from review.cli.services import services
    from review.cli.terminal import progress
    from review.searching.strategies import contact_email
    from review.selection.library import Library
    from review.status.doctor import of_service
    from review.status.live import live

    library = Library.of(store.snapshot())
    try:
        contact = contact_email(store.protocol)
    except UsageError:  # which another finding tells
        contact = None
    with services(store, day), progress(sys.stderr) as show:
        return [of_service(one) for one in live(library, contact, show)]


def _mark(finding: Finding) -> str:
    if finding.ok:
        return "ok"
    return "MISSING" if finding.needed else "note"
