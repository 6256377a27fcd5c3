"""``review extract``: draft extractions of included studies; show findings."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import Exit, UsageError

if TYPE_CHECKING:
    from extractors import Lexicon
    from review.extraction.again import Offer
    from review.extraction.second_reader import Compared, Reading
    from review.extraction.tables import Placed
    from review.files.store import Store
    from review.selection.library import Library


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    study: str | None
    record: str | None
    records: Path | None
    out: Path | None
    model: str | None
    endpoint: str | None
    api: str | None
    replay: bool
    again: bool
    take: Sequence[str]
    person: str | None


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
    one.add_argument(
        "--again", action="store_true", help="read --study again: old, new, quote; take one by one"
    )
    one.add_argument(
        "--take", action="append", default=[], metavar="FIELD", help="with --again: take this one"
    )
    one.add_argument("--person", metavar="ID", help="with --again: who takes it")
    one.epilog = "example: review extract --study brackwater-2024 --again --person YOU --take harms"


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    if options.records is not None:
        return _of_file(options, options.records)
    if options.out is not None:
        raise UsageError("--out goes with --records")
    from review.extraction.extract import lexicon
    from review.selection.library import Library

    store = open_store(options.root)
    snapshot = store.snapshot()
    library = Library.of(snapshot)
    words = lexicon(snapshot.vocabulary())
    if options.again:
        return _again(options, store, library, words)
    if options.take or options.person is not None:
        raise UsageError("--take and --person go with --study ID --again")
    if options.model is not None:
        return _beside_a_model(options, options.model, store, library, words)
    if options.study is not None:
        return _of_study(store, library, words, options.study, day)
    if options.record is not None:
        return _of_record(store, library, words, options.record)
    return _drafts(store, library, words)


def _of_file(options: Options, source: Path) -> Answer:
    """Findings of the records of any file, into a file; a review is good for its vocabulary."""
    from extractors import Lexicon
    from review.cli.terminal import note, progress
    from review.extraction.batch import extract_records
    from review.extraction.extract import lexicon
    from review.files.outputs import writable

    if options.out is None:
        raise UsageError("--records needs --out FINDINGS.jsonl")
    writable({"out": options.out}, [source])
    try:
        words = lexicon(open_store(options.root).vocabulary())
    except UsageError:
        if options.root:
            raise
        words = Lexicon()
        note("no review here: no vocabulary, so no instruments and treatments")
    with progress(sys.stderr) as show:
        records, findings = extract_records(source, options.out, words, show)
    return Answer(
        {"records": records, "findings": findings, "output": str(options.out)},
        [f"{options.out}: {findings:,} findings in {records:,} records"],
    )


# ---- records and studies of the review -----------------------------------------------------------


def _reports(library: Library, study: str) -> Sequence[str]:
    if study not in library.extractions:
        raise UsageError(f"--study {study}: no such study in data/extractions")
    return library.extractions[study].reports


def _known(library: Library, record: str) -> str:
    if record not in library.records:
        raise UsageError(f"--record {record}: no such record in data/records")
    return record


def _read(
    store: Store, library: Library, words: Lexicon, records: Sequence[str]
) -> tuple[dict[str, list[Placed]], list[str]]:
    """What the rules find in each record and its full texts; and who has no abstract here."""
    from review.extraction.draft import placed
    from review.extraction.extract import findings, headings, held_findings

    mesh, everything, asides = headings(store.volatile()), {}, []
    for name in records:
        record = library.records[name]
        text = store.text(record)
        if text is None:
            asides.append(f"{name}: no abstract is held on this machine; the title alone is read")
        own = findings(record, text, words, mesh.get(name, ()))
        full, _ = held_findings(store, record, words)
        everything[name] = placed(record, [*own, *full])
    return everything, asides


def _of_record(store: Store, library: Library, words: Lexicon, record: str) -> Answer:
    found, asides = _read(store, library, words, [_known(library, record)])
    return Answer(
        [vars(one.finding) | {"locator": one.locator} for one in found[record]],
        _findings(found[record]),
        asides=asides,
    )


def _findings(found: Sequence[Placed]) -> Iterator[str]:
    for one in found:
        what = f"{one.finding.field}: {one.finding.value}"
        yield f'{what}  "{one.finding.quote}"  ({one.locator}; {one.finding.rule})'
    yield f"{len(found)} findings; shown only, nothing was written"


def _of_study(store: Store, library: Library, words: Lexicon, study: str, day: str) -> Answer:
    from review.extraction.draft import draft
    from review.extraction.extract import differences

    found, asides = _read(store, library, words, _reports(library, study))
    changes = {
        name: differences(
            library.extractions[study], draft(study, library.records[name], everything, day)
        )
        for name, everything in found.items()
    }
    return Answer({"study": study, "reports": changes}, _changes(changes), asides=asides)


def _changes(changes: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, rows in changes.items():
        if len(changes) > 1:
            yield f"{name}:"
        yield from rows or ["re-extraction would change nothing"]


def _drafts(store: Store, library: Library, words: Lexicon) -> Answer:
    from review.extraction.draft import to_yaml
    from review.extraction.extract import new_drafts
    from review.extraction.lacking import lacking
    from review.selection.library import Library

    abstracts = {one: store.text(library.records[one]) for one in library.included}
    made = []
    with store.lock():
        fresh_ones = new_drafts(library, abstracts, words, store.volatile(), store)
        for study, (extraction, record, places) in fresh_ones.items():
            if store.write_draft(study, to_yaml(extraction, record.title, places)):
                made.append(study)
    if made:
        library = Library.of(store.snapshot())
    late = _late(store, library, words)
    missing = lacking(library, abstracts, store)
    lines = [f"data/extractions/{study}.yaml" for study in made] or ["no draft to make"]
    for study, (texts, found) in late.items():
        lines.append(
            f"{study}: {len(found)} findings of {', '.join(texts)}, which its file was made "
            f"without; run: review extract --study {study} --again"
        )
    return Answer(
        {
            "drafts": made,
            "late": {study: [one.as_json() for one in found] for study, (_, found) in late.items()},
            **missing.as_json(),
        },
        [*lines, *missing.lines()],
    )


# ---- a study that is read again ------------------------------------------------------------------


def _offers(
    store: Store, library: Library, words: Lexicon, study: str
) -> tuple[list[Offer], list[str]]:
    from review.extraction.again import offers
    from review.extraction.draft import draft
    from review.extraction.extract import read_on

    found, asides = _read(store, library, words, _reports(library, study))
    volatile, records = store.volatile(), library.records
    fresh = {
        name: draft(study, records[name], everything, read_on(records[name], volatile.get(name)))
        for name, everything in found.items()
    }
    return offers(library.extractions[study], fresh), asides


def _late(
    store: Store, library: Library, words: Lexicon
) -> dict[str, tuple[list[str], list[Offer]]]:
    """Studies of which a text is held that their file was made without, and what is new in it."""
    from review.extraction.again import unread

    late = {}
    for study, extraction in library.extractions.items():
        known = [one for one in extraction.reports if one in library.records]
        if len(known) == len(extraction.reports) and (texts := unread(store, extraction)):
            found, _ = _offers(store, library, words, study)
            if new := [one for one in found if one.late and one.kept_for is None]:
                late[study] = texts, new
    return late


def _again(options: Options, store: Store, library: Library, words: Lexicon) -> Answer:
    """Show what reading a study again gives, and take what the person wants of it."""
    study, person = options.study, options.person
    if study is None:
        raise UsageError("--again needs --study ID: what is read again?")
    if options.take and person is None:
        raise UsageError("--take needs --person ID: who takes it?")
    found, asides = _offers(store, library, words, study)
    taken: list[str] = []
    if person is not None:
        taken = _taken(store, study, person, _wanted(options, found))
    facts = {"study": study, "offers": [one.as_json() for one in found], "taken": taken}
    if not found:
        return Answer(facts, ["reading it again gives nothing new"], asides=asides)
    if person is not None:
        told = [f"{len(taken)} of {len(found)} taken by {person}: {', '.join(taken) or 'none'}"]
    else:
        shown = [line for one in found for line in _offered(one)]
        told = [*shown, f"{len(found)} offered, nothing was written; take one: --person YOU --take"]
    return Answer(facts, told, asides=asides)


def _wanted(options: Options, found: Sequence[Offer]) -> Iterator[Offer]:
    """What a person takes: what they named, or what they say yes to on a terminal."""
    from review.cli.terminal import choice, note

    known = {one.key: one for one in found}
    for key in options.take:
        if key not in known:
            held = ", ".join(known) or "nothing is new"
            raise UsageError(f"--take {key}: not among what was read again ({held})")
    if options.take or not sys.stdin.isatty():
        yield from (known[key] for key in dict.fromkeys(options.take))
        return
    note("y: take it, n: leave it, q: stop")
    for one in found:
        note("\n".join(_offered(one)))
        if one.kept_for is None:
            answer = choice("? ", ("y", "n", "q"), at_end="q")
            if answer == "q":
                return
            if answer == "y":
                yield one


def _taken(store: Store, study: str, person: str, wanted: Iterator[Offer]) -> list[str]:
    """Write each value as it is taken, whatever comes after it."""
    from review.acts.reread import take
    from review.files.change import apply

    taken = []
    for one in wanted:
        change = take(store.snapshot(), person, study, one)
        apply(store, change)
        if change.writes:
            taken.append(one.key)
    return taken


def _offered(one: Offer) -> Iterator[str]:
    from review.extraction.extract import gist

    yield f"{one.key}: {one.before} -> {gist(one.now)}"
    yield f'    "{one.now.quote}"  ({one.now.locator})'
    if one.kept_for is not None:
        yield f"    stays as it is: {one.kept_for}; change it by hand"


# ---- a model that reads too ----------------------------------------------------------------------


def _beside_a_model(
    options: Options, model: str, store: Store, library: Library, words: Lexicon
) -> Answer:
    from review.cli.terminal import note
    from review.extraction.endpoint import endpoint
    from review.extraction.extract import findings, headings, passage
    from review.extraction.second_reader import as_json, compare, read
    from review.ground.errors import SourceError

    reader = endpoint(model, options.api, options.endpoint)
    if library.protocol.fictional and not (reader.local or options.replay):
        raise UsageError(
            f"--endpoint {reader.address}: the review is fictional, expected a model on this "
            "machine; nothing was sent"
        )
    if options.study is not None:
        records = _reports(library, options.study)
    elif options.record is not None:
        records = [_known(library, options.record)]
    else:
        raise UsageError("--model needs --record ID or --study ID: what it is to read")
    facts: list[object] = []
    lines: list[str] = []
    failed, mesh = False, headings(store.volatile())
    cassettes = store.data / "texts" / "model"
    for name in records:
        record = library.records[name]
        abstract = store.text(record)
        text = passage(record, abstract).text
        try:
            reading = read(reader, name, text, words, cassettes, options.replay)
        except SourceError as error:
            note(f"{name}: {error}")
            failed = True
            continue
        rows = compare(findings(record, abstract, words, mesh.get(name, ())), reading.found)
        facts.append(as_json(reading, rows))
        lines += _side_by_side(reading, rows)
    return Answer(facts, lines, exit=Exit.SOURCE if failed else Exit.NOTHING_NEW)


def _side_by_side(reading: Reading, rows: Sequence[Compared]) -> Iterator[str]:
    yield (
        f"{reading.record}: rules and {reading.model} side by side; "
        "a person decides, nothing was written"
    )
    for row in rows:
        ours, theirs = ", ".join(row.rules) or "-", ", ".join(row.model) or "-"
        yield f"  {row.verdict:<10} {row.field}: rules {ours} | model {theirs}"
    for bad in reading.refused:
        yield f'  refused    {bad.field}: {bad.value}  "{bad.quote[:60]}"  {bad.why}'
