"""``review doctor``: whether this machine can do the monthly job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import Exit, ReviewError

if TYPE_CHECKING:
    from review.files.store import Store
    from review.status.doctor import Finding


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    offline: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("doctor", "whether this machine can do the monthly job")
    one.add_argument("--offline", action="store_true", help="do not try to reach NCBI")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.status.doctor import Finding, doctor

    store, asides = None, []
    try:
        store = open_store(options.root)
    except ReviewError as error:
        asides.append(str(error))
    invented = store is not None and _fictional(store)
    found = doctor(store, day, network=not (options.offline or invented))
    if invented:
        found.append(Finding("NCBI", True, "never asked: the review is fictional", needed=False))
    lacking = any(one.needed and not one.ok for one in found)
    return Answer(
        [vars(one) for one in found],
        [f"{_mark(one):8} {one.what}: {one.detail}" for one in found],
        asides=asides,
        exit=Exit.USAGE if lacking else Exit.NOTHING_NEW,
    )


def _fictional(store: Store) -> bool:
    """Whether the review has a world of its own; not where its protocol can't be read, which the
    other findings tell.
    """
    try:
        return store.protocol.fictional
    except ReviewError:
        return False


def _mark(finding: Finding) -> str:
    if finding.ok:
        return "ok"
    return "MISSING" if finding.needed else "note"
