"""``review dedupe``: find duplicates and related records, of the review or of files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import Exit, UsageError

if TYPE_CHECKING:
    from review.dedupe.comparable import Entry
    from review.dedupe.engine import Result
    from review.dedupe.files import Library
    from review.files.store import Store
    from review.model.duplicates import Duplicates
    from review.model.record import Record

QUEUE_SHOWN = 10


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    files: Sequence[Path]
    out: Path | None
    links: Path | None
    merged: Path | None
    explain: Sequence[str] | None
    decisions: Path | None
    merge_versions: bool
    encoding: str | None
    list: bool
    reviewer: str | None
    pair: Sequence[str] | None
    verdict: str | None
    relation: str | None
    note: str


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("dedupe", "find duplicates and related records, of the review or of files")
    one.add_argument(
        "files", type=Path, nargs="*", metavar="FILE", help="CSV, RIS, NBIB, BibTeX, …; no review"
    )
    one.add_argument("--out", type=Path, metavar="CLUSTERS.csv", help="id,cluster for each record")
    one.add_argument("--links", type=Path, metavar="LINKS.csv", help="duplicates, related, queue")
    one.add_argument("--merged", type=Path, metavar="OUT.jsonl", help="one record a cluster")
    one.add_argument("--explain", nargs=2, metavar=("A", "B"), help="two records, field by field")
    one.add_argument("--decisions", type=Path, metavar="PAIRS.csv", help="id_a,id_b,verdict")
    one.add_argument(
        "--merge-versions", action="store_true", help="versions of one work count as duplicates"
    )
    one.add_argument("--encoding", metavar="NAME", help="utf-8 (default), gb18030 or utf-16")
    one.add_argument("--list", action="store_true", help="show the pairs that wait for a person")
    one.add_argument("--reviewer", metavar="ID", help="who decides (with --pair)")
    one.add_argument("--pair", nargs=2, metavar=("A", "B"), help="decide on two records")
    one.add_argument("--verdict", choices=["duplicate", "related", "distinct"])
    one.add_argument("--relation", help="for related: what A is to B")
    one.add_argument("--note", default="", help="why")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    if options.files:
        if options.pair or options.list:
            raise UsageError("--pair and --list speak of the review, not of files")
        for name in ("verdict", "reviewer", "relation", "note"):
            if getattr(options, name):
                raise UsageError(f"--{name} speaks of the review, not of files")
        return _of_files(options)
    for name in ("out", "links", "merged", "decisions", "merge_versions", "encoding"):
        if getattr(options, name):
            raise UsageError(f"--{name.replace('_', '-')} needs a FILE to work on")
    return _of_the_review(options, day)


def _of_the_review(options: Options, day: str) -> Answer:
    from review.cli import touched
    from review.dedupe import refresh
    from review.selection.library import Library

    store = open_store(options.root)
    if options.explain:
        from review.dedupe.entries import of_record

        held = store.records()
        return _explained(
            {one: of_record(held[one]) for one in options.explain if one in held}, options.explain
        )
    if options.pair:
        _judge(store, options, options.pair, day)
    before = Library.partial(store.snapshot())
    duplicates = refresh(store)
    told = list(touched.lines(before, Library.partial(store.snapshot())))
    return Answer(
        partial(duplicates.model_dump, mode="json"),
        [*_lines_of_the_review(duplicates, store.records(), with_queue=options.list), *told],
        exit=touched.exit_code(told, Exit.NOTHING_NEW),
    )


def _judge(store: Store, options: Options, records: Sequence[str], day: str) -> None:
    """Save a person's verdict on two records."""
    from review.acts.pair import pair
    from review.files.change import apply

    if not options.reviewer or not options.verdict:
        raise UsageError("--pair needs --reviewer and --verdict")
    a, b = records
    change = pair(
        store.snapshot(),
        options.reviewer,
        a,
        b,
        options.verdict,
        day,
        relation=options.relation,
        note=options.note,
    )
    apply(store, change)


def _lines_of_the_review(
    duplicates: Duplicates, records: Mapping[str, Record], *, with_queue: bool
) -> Iterator[str]:
    merged = sum(len(c.members) - 1 for c in duplicates.clusters)
    yield from _counts(len(records), merged, len(duplicates.related), len(duplicates.queue))
    for pair in duplicates.queue if with_queue else ():
        yield f"\n{pair.a}  {pair.b}  ({'; '.join(pair.reasons)})"
        for one in (pair.a, pair.b):
            yield f"  {records[one].title} ({records[one].citation})"
    if with_queue and duplicates.queue:
        yield "\nreview dedupe --pair A B --verdict duplicate|related|distinct --reviewer YOU"


def _of_files(options: Options) -> Answer:
    from review.cli.terminal import note, progress
    from review.dedupe import files
    from review.files.outputs import whole, writable

    outputs = {"out": options.out, "links": options.links, "merged": options.merged}
    writable(outputs, [*options.files, *([options.decisions] if options.decisions else [])])
    library = files.read(options.files, options.encoding)
    for line in library.notes:
        note(line)
    if options.explain:
        return _explained({one.id: one for one in library.entries}, options.explain)
    said = files.decisions(options.decisions, library) if options.decisions else None
    with progress(sys.stderr) as show:
        result = files.run(library, show, constraints=said, merge_versions=options.merge_versions)
    texts = {
        "out": lambda: files.clusters_csv(library, result),
        "links": lambda: files.links_csv(result),
        "merged": lambda: files.merged_jsonl(library, result),
    }
    for name, path in outputs.items():
        if path is not None:
            with whole(path) as out:
                out.write(texts[name]())
    return Answer(
        partial(_facts_of_files, library, result), _lines_of_files(library, result, options)
    )


def _facts_of_files(library: Library, result: Result) -> dict[str, Any]:
    from review.dedupe.files import KINDS

    return {
        "records": len(library.entries),
        "merged": sum(len(one) - 1 for one in result.clusters),
        "clusters": result.clusters,
        **{name: [asdict(link) for link in getattr(result, name)] for name in KINDS},
    }


def _lines_of_files(library: Library, result: Result, options: Options) -> Iterator[str]:
    merged = sum(len(one) - 1 for one in result.clusters)
    yield from _counts(len(library.entries), merged, len(result.related), len(result.queue))
    for link in result.queue[:QUEUE_SHOWN] if not options.links else ():
        yield f"  {link.a}  {link.b}  ({'; '.join(link.reasons)})"
    if not options.out:
        yield "write them with --out CLUSTERS.csv and --links LINKS.csv"


def _counts(records: int, merged: int, related: int, queue: int) -> Iterator[str]:
    yield f"{records} records: {merged} duplicates merged, {related} related"
    yield f"{queue} pairs wait for a person"


def _explained(known: Mapping[str, Entry], asked: Sequence[str]) -> Answer:
    from review.dedupe.explain import explain

    for name in asked:
        if name not in known:
            raise UsageError(f"--explain {name}: no such record")
    told = explain(*(known[name] for name in asked))
    return Answer(asdict(told), told.lines())
