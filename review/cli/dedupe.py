"""``review dedupe``: find duplicates and related records, of the review or of files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import UsageError


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


def run(arguments: argparse.Namespace, day: str) -> int:
    """Run the verb; its exit code."""
    from review.dedupe import decide_pair, refresh

    if arguments.files:
        if arguments.pair or arguments.list:
            raise UsageError("--pair and --list speak of the review, not of files")
        return _dedupe_files(arguments)
    for name in ("out", "links", "merged", "decisions", "merge_versions", "encoding"):
        if getattr(arguments, name):
            raise UsageError(f"--{name.replace('_', '-')} needs a FILE to work on")
    store = open_store(arguments)
    if arguments.explain:
        from review.dedupe.entries import of_record
        from review.dedupe.explain import explain

        held = store.records()
        chosen = [of_record(held[one]) if one in held else None for one in arguments.explain]
        return _explain(arguments, chosen, explain)
    if arguments.pair:
        decide_pair(
            store,
            arguments.reviewer,
            arguments.pair,
            arguments.verdict,
            arguments.relation,
            arguments.note,
            day,
        )
    duplicates = refresh(store)
    records = store.records()
    if arguments.json:
        print_json(duplicates.model_dump(mode="json"))
        return 0
    merged = sum(len(c.members) - 1 for c in duplicates.clusters)
    say(f"{len(records)} records: {merged} duplicates merged, {len(duplicates.related)} related")
    say(f"{len(duplicates.queue)} pairs wait for a person")
    if arguments.list:
        for pair in duplicates.queue:
            say(f"\n{pair.a}  {pair.b}  ({'; '.join(pair.reasons)})")
            for one in (pair.a, pair.b):
                say(f"  {records[one].title} ({records[one].citation})")
        if duplicates.queue:
            say("\nreview dedupe --pair A B --verdict distinct --reviewer YOU")
    return 0


def _dedupe_files(arguments: argparse.Namespace) -> int:
    from review.cli.terminal import progress
    from review.dedupe import files
    from review.dedupe.explain import explain
    from review.files.outputs import whole, writable

    for name in ("verdict", "reviewer", "relation", "note"):
        if getattr(arguments, name):
            raise UsageError(f"--{name} speaks of the review, not of files")
    outputs = {name: getattr(arguments, name) for name in ("out", "links", "merged")}
    read = [*arguments.files, *([arguments.decisions] if arguments.decisions else [])]
    writable(outputs, read)
    library = files.read(arguments.files, arguments.encoding)
    for note in library.notes:
        say(note, file=sys.stderr)
    if arguments.explain:
        known = {one.id: one for one in library.entries}
        return _explain(arguments, [known.get(one) for one in arguments.explain], explain)
    said = files.decisions(arguments.decisions, library) if arguments.decisions else None
    with progress(sys.stderr) as show:
        found = files.run(library, show, constraints=said, merge_versions=arguments.merge_versions)
    texts = {
        "out": lambda: files.clusters_csv(library, found),
        "links": lambda: files.links_csv(found),
        "merged": lambda: files.merged_jsonl(library, found),
    }
    for name, path in outputs.items():
        if path is not None:
            with whole(path) as out:
                out.write(texts[name]())
    merged = sum(len(one) - 1 for one in found.clusters)
    if arguments.json:
        facts = {name: [asdict(x) for x in getattr(found, name)] for name in files.KINDS}
        counts = {"records": len(library.entries), "merged": merged}
        print_json({**counts, "clusters": found.clusters, **facts})
        return 0
    total = len(library.entries)
    say(f"{total} records: {merged} duplicates merged, {len(found.related)} related")
    say(f"{len(found.queue)} pairs wait for a person")
    for link in found.queue[:10] if not arguments.links else ():
        say(f"  {link.a}  {link.b}  ({'; '.join(link.reasons)})")
    if not arguments.out:
        say("write them with --out CLUSTERS.csv and --links LINKS.csv")
    return 0


def _explain(
    arguments: argparse.Namespace, pair: list[Any], explain: Callable[[Any, Any], Any]
) -> int:
    for name, one in zip(arguments.explain, pair, strict=True):
        if one is None:
            raise UsageError(f"--explain {name}: no such record")
    told = explain(*pair)
    if arguments.json:
        print_json(asdict(told))
    else:
        say("\n".join(told.lines()))
    return 0
