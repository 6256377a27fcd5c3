"""``review extract``: draft extractions of included studies; show findings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import Exit, UsageError

if TYPE_CHECKING:
    from review.files.store import Store


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("extract", "draft extractions of included studies; show findings")
    one.add_argument("--study", metavar="ID", help="show what re-extraction would change")
    one.add_argument("--record", metavar="ID", help="show the findings of one record")
    one.add_argument(
        "--records", type=Path, metavar="FILE", help="read any records: .jsonl, .ris, .nbib, …"
    )
    one.add_argument("--out", type=Path, metavar="FINDINGS.jsonl", help="with --records")
    one.add_argument("--diff", metavar="STUDY", dest="study", help="the same as --study")
    one.add_argument("--model", metavar="NAME", help="let a model read too, beside the rules")
    one.add_argument("--endpoint", metavar="URL", help="of the model (or set REVIEW_MODEL_URL)")
    one.add_argument("--api", choices=["openai", "anthropic"], help="how it is spoken to")
    one.add_argument("--replay", action="store_true", help="kept answers alone, no call")


def run(arguments: argparse.Namespace, day: str) -> int:  # noqa: C901, PLR0915
    """Run the verb; its exit code."""
    if arguments.records is not None:
        return _extract_records(arguments)
    if arguments.out is not None:
        raise UsageError("--out goes with --records")
    from review.extraction.draft import draft, placed, to_yaml
    from review.extraction.extract import (
        differences,
        findings,
        headings,
        held_findings,
        lexicon,
        new_drafts,
    )
    from review.selection.library import Library

    store = open_store(arguments)
    library = Library.of(store)
    words = lexicon(store.vocabulary())
    if arguments.model is not None:
        return _extract_model(arguments, store, library, words)
    if arguments.record is not None or arguments.study is not None:
        if arguments.study is not None:
            if arguments.study not in library.extractions:
                raise UsageError(f"--study {arguments.study}: no such study in data/extractions")
            extraction = library.extractions[arguments.study]
            reports = list(extraction.reports)
        else:
            if arguments.record not in library.records:
                raise UsageError(f"--record {arguments.record}: no such record in data/records")
            extraction, reports = None, [arguments.record]
        mesh, changes = headings(store), {}
        for one in reports:
            record = library.records[one]
            text = store.text(record)
            if text is None:
                sentence = f"{one}: no abstract is held on this machine; the title alone is read"
                say(sentence, file=sys.stderr)
            own = findings(record, text, words, mesh.get(one, ()))
            full, _ = held_findings(store, record, words)
            everything = placed(record, [*own, *full])
            if extraction is None:
                if arguments.json:
                    print_json([vars(f.finding) | {"locator": f.locator} for f in everything])
                else:
                    for f in everything:
                        what = f"{f.finding.field}: {f.finding.value}"
                        say(f'{what}  "{f.finding.quote}"  ({f.locator}; {f.finding.rule})')
                    say(f"{len(everything)} findings; shown only, nothing was written")
            else:
                fresh = draft(arguments.study, record, everything, day)
                changes[one] = differences(extraction, fresh)
        if extraction is not None and arguments.json:
            print_json({"study": arguments.study, "reports": changes})
        for one, rows in changes.items() if not arguments.json else ():
            if len(changes) > 1:
                say(f"{one}:")
            say("\n".join(rows) or "re-extraction would change nothing")
        return 0
    abstracts = {one: store.text(library.records[one]) for one in library.included}
    made = []
    with store.lock():
        fresh_ones = new_drafts(library, abstracts, words, day, store)
        for study, (extraction, record, places) in fresh_ones.items():
            if store.write_draft(study, to_yaml(extraction, record.title, places)):
                made.append(study)
    if arguments.json:
        print_json({"drafts": made})
    else:
        say("\n".join(f"data/extractions/{s}.yaml" for s in made) or "no draft to make")
    return 0


def _extract_records(arguments: argparse.Namespace) -> int:
    from extractors import Lexicon
    from review.cli.terminal import progress
    from review.extraction.batch import extract_records
    from review.extraction.extract import lexicon
    from review.files.outputs import writable

    if arguments.out is None:
        raise UsageError("--records needs --out FINDINGS.jsonl")
    writable({"out": arguments.out}, [arguments.records])
    try:
        words = lexicon(open_store(arguments).vocabulary())
    except UsageError:
        if arguments.root:
            raise
        words = Lexicon()
        say("no review here: no vocabulary, so no instruments and treatments", file=sys.stderr)
    with progress(sys.stderr) as show:
        records, found = extract_records(arguments.records, arguments.out, words, show)
    if arguments.json:
        print_json({"records": records, "findings": found, "output": str(arguments.out)})
    else:
        say(f"{arguments.out}: {found:,} findings in {records:,} records")
    return 0


def _extract_model(arguments: argparse.Namespace, store: Store, library: Any, words: Any) -> int:
    from review.extraction.endpoint import endpoint
    from review.extraction.extract import findings, headings, passage
    from review.extraction.second_reader import as_json, compare, read
    from review.ground.errors import SourceError

    one = endpoint(arguments.model, arguments.api, arguments.endpoint)
    if arguments.study is not None:
        if arguments.study not in library.extractions:
            raise UsageError(f"--study {arguments.study}: no such study in data/extractions")
        records = list(library.extractions[arguments.study].reports)
    elif arguments.record is not None:
        if arguments.record not in library.records:
            raise UsageError(f"--record {arguments.record}: no such record in data/records")
        records = [arguments.record]
    else:
        raise UsageError("--model needs --record ID or --study ID: what it is to read")
    shown, failed, mesh = [], 0, headings(store)
    for name in records:
        record = library.records[name]
        abstract = store.text(record)
        text = passage(record, abstract).text
        try:
            cassettes = store.data / "texts" / "model"
            reading = read(one, name, text, words, cassettes, arguments.replay)
        except SourceError as error:
            say(f"{name}: {error}", file=sys.stderr)
            failed += 1
            continue
        own = findings(record, abstract, words, mesh.get(name, ()))
        rows = compare(own, reading.found)
        shown.append(as_json(reading, rows))
        if not arguments.json:
            say(
                f"{name}: rules and {one.model} side by side; a person decides, nothing was written"
            )
            for row in rows:
                ours, theirs = ", ".join(row.rules) or "-", ", ".join(row.model) or "-"
                say(f"  {row.verdict:<10} {row.field}: rules {ours} | model {theirs}")
            for bad in reading.refused:
                say(f'  refused    {bad.field}: {bad.value}  "{bad.quote[:60]}"  {bad.why}')
    if arguments.json:
        print_json(shown)
    return Exit.SOURCE if failed else 0
