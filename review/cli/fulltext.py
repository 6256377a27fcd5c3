"""``review fulltext``: fetch open full texts and posted results; list what a person must fetch."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from review.cli.root import open_store
from review.cli.verb import REPORT, Answer, CommonOptions, Verb, reported
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.files.store import Store
    from review.model.fulltext import HeldText
    from review.selection.library import Library
    from review.texts.fetch import Wanted


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    record: str | None
    put: Path | None
    list: bool
    report: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb(
        "fulltext", "fetch open full texts and posted results; list what a person must fetch"
    )
    one.add_argument("--record", metavar="ID", help="one record only (default: all included)")
    one.add_argument(
        "--put", type=Path, metavar="FILE", help="keep your own JATS or PDF of --record"
    )
    one.add_argument("--list", action="store_true", help="say what is held and missing; fetch none")
    one.add_argument("--report", action="store_true", help=REPORT)


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.selection.library import Library

    store = open_store(options.root)
    library = Library.of(store.snapshot())
    if options.record is not None and options.record not in library.records:
        raise UsageError(f"--record {options.record}: no such record in data/records")
    if options.put is not None:
        if options.record is None:
            raise UsageError("--put needs --record ID: whose text it is")
        return _put(store, library, options.record, options.put, day)
    wanted = [options.record] if options.record else sorted(library.included)
    if options.list:
        return _held(store, library, wanted)
    answer = _fetch(store, library, wanted, day)
    return reported(answer, "fulltext", day) if options.report else answer


def _put(store: Store, library: Library, record: str, path: Path, day: str) -> Answer:
    from review.files.lock import A_WHILE
    from review.texts.fetch import put_in

    with store.lock(A_WHILE):
        held = put_in(store, library.records[record], path, day)
    second = " (second class: check every digit by eye)" if held.kind == "pdf" else ""
    return Answer(held.model_dump(mode="json"), [f"{held.record}: {held.kind} kept{second}"])


def _held(store: Store, library: Library, wanted: Sequence[str]) -> Answer:
    held: dict[str, HeldText | None] = {}
    for name in wanted:
        entry = store.held_text(name)
        held[name] = entry[0] if entry else None
    return Answer(
        {name: text.model_dump(mode="json") if text else None for name, text in held.items()},
        [
            f"{name}: {f'{text.kind}, {text.origin}' if text else 'not held'}  "
            f"{library.records[name].title[:70]}"
            for name, text in held.items()
        ],
    )


def _fetch(store: Store, library: Library, wanted: Sequence[str], day: str) -> Answer:
    from review.cli.services import services
    from review.cli.terminal import note, progress
    from review.texts.fetch import fetch

    with services(store, day), store.lock(), progress(sys.stderr) as show:
        fetched, missing = fetch(store, library, day, wanted, show, note)
    return Answer(
        {
            "fetched": [text.model_dump(mode="json") for text in fetched],
            "a_person_must_fetch": [vars(one) for one in missing],
        },
        _lines(fetched, missing),
    )


def _lines(fetched: Sequence[HeldText], missing: Sequence[Wanted]) -> Iterator[str]:
    for text in fetched:
        licence = text.licence or "no licence printed: kept on this machine only"
        yield f"{text.record}: {text.kind} from {text.origin}, {text.identifier} ({licence})"
    if missing:
        yield f"A person must fetch {len(missing)} (then: review fulltext --record ID --put FILE):"
    for one in missing:
        yield f"  {one.record}  {one.title[:70]}"
        yield f"    {one.why}  {one.address or ''}".rstrip()
    yield f"{len(fetched)} texts fetched"
