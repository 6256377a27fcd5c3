"""The command line: wires verbs to stages, prints, and turns errors into one line and a code."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from review import __version__
from review.ground.errors import Exit, InvalidDataError, ReviewError, UsageError
from review.ground.printable import printable_json, printable_line

if TYPE_CHECKING:
    from review.files.store import Store

EPILOG = """exit codes: 0 nothing new or all well, 10 new candidates, 20 a retraction or correction
touches an included study, 30 a source failed, 40 invalid data, 50 another update is running,
60 publishing failed, 2 usage, 130 interrupted"""


class _Parser(argparse.ArgumentParser):
    """A parser whose messages a terminal may print, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        super().error(printable_line(message))


def build_parser() -> argparse.ArgumentParser:
    """All verbs with their options."""
    common = _Parser(add_help=False)
    common.add_argument(
        "--root", type=Path, metavar="DIR", help="the review's folder (default: here or above)"
    )
    common.add_argument(
        "--json", action="store_true", help="print one JSON object instead of lines"
    )
    parser = _Parser(prog="review", description="A living review as a repository.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"living-review {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, text: str) -> _Parser:
        return verbs.add_parser(
            name, parents=[common], help=text, description=text[0].upper() + text[1:] + "."
        )

    one = verb("update", "the monthly job: search, dedupe, draft, publish")
    one.add_argument("--dry-run", action="store_true", help="search and report, write nothing")
    one.add_argument("--no-publish", action="store_true", help="leave the site as it is")
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="where the site is built (the review's build/)"
    )
    one.add_argument(
        "--pull-request", type=Path, metavar="FILE", help="write the pull request's text there"
    )
    one = verb("search", "run every source's strategy and write records and searches")
    one.add_argument("--dry-run", action="store_true", help="search and report, write nothing")
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
    one = verb("screen", "decide on records, one at a time")
    one.add_argument("--reviewer", metavar="ID", help="whose decisions (a person of the protocol)")
    one.add_argument("--stage", choices=["title_abstract", "full_text"], default="title_abstract")
    one.add_argument("--list", action="store_true", help="show what waits and what conflicts")
    one.add_argument("--export", type=Path, metavar="FILE.csv", help="write a sheet to fill in")
    one.add_argument("--import", type=Path, metavar="FILE.csv", dest="sheet", help="read it back")
    one.add_argument(
        "--replace", action="store_true", help="with --import: change decisions taken since"
    )
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
    one = verb(
        "fulltext", "fetch open full texts and posted results; list what a person must fetch"
    )
    one.add_argument("--record", metavar="ID", help="one record only (default: all included)")
    one.add_argument(
        "--put", type=Path, metavar="FILE", help="keep your own JATS or PDF of --record"
    )
    one.add_argument("--list", action="store_true", help="say what is held and missing; fetch none")
    one = verb("grade", "the level of evidence of each question, by OCEBM 2011")
    one.add_argument("--explain", action="store_true", help="with every reason")
    one.add_argument("--profile", default="strict", help="strict (headline) or follow-up-counts")
    one.add_argument("--question", metavar="ID", help="one question only")
    one.add_argument("--propose", action="store_true", help="steps the figures call for, and why")
    one = verb("appraise", "write an empty appraisal form of a study, for a person to fill")
    one.add_argument("study", metavar="STUDY", nargs="?")
    one.add_argument("--form", metavar="FORM", help="rob-2, robins-i, jbi-prevalence, …")
    one = verb("synthesise", "what may be pooled of each question, and what not and why")
    one.add_argument("--question", metavar="ID", help="one question only")
    one.add_argument(
        "--include-unverified", action="store_true", help="a draft figure of values nobody signed"
    )
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="write plots (SVG) and tables (CSV) there"
    )
    one = verb("pool", "a meta-analysis of any CSV file")
    one.add_argument("file", type=Path, metavar="FILE.csv")
    one.add_argument(
        "--measure", required=True, metavar="M", help="OR RR RD MD SMD ROM PLO … or GEN"
    )
    one.add_argument("--method", default="REML", metavar="NAME", help="REML DL PM … MH PETO GLMM")
    one.add_argument("--test", default="knha", choices=["z", "knha", "adhoc"], help="interval")
    one.add_argument("--level", type=float, default=0.95, metavar="SHARE", help="of intervals")
    one.add_argument("--by", metavar="COLUMN", help="subgroups by this column, and a test between")
    one.add_argument(
        "--moderator", action="append", default=[], metavar="COLUMN", help="meta-regression on it"
    )
    one.add_argument(
        "--prediction", default="k-1", choices=["k-1", "riley"], help="degrees of freedom"
    )
    one.add_argument(
        "--sensitivity",
        action="store_true",
        help="leave-one-out, cumulative, influence, small studies",
    )
    one.add_argument("--plot", type=Path, metavar="OUT.svg", help="write a forest plot")
    one.add_argument("--funnel", type=Path, metavar="OUT.svg", help="write a funnel plot")
    one = verb("publish", "build the site")
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="build folder (default: build/ of the review)"
    )
    one = verb("check", "all problems of all files, in one run")
    one.add_argument("--texts", action="store_true", help="first attest quotes in the texts held")
    one.add_argument(
        "--allow-suspended", action="store_true", help="pass claims that rest on a retracted study"
    )
    one = verb("verify", "a study's values and who signed them; sign them with --person")
    one.add_argument("study", metavar="STUDY")
    one.add_argument("field", nargs="?", metavar="FIELD", help="one value; all, one by one")
    one.add_argument(
        "--by-eye", metavar="PLACE", help="of a number without a quote: the figure or table read"
    )
    one.add_argument("--person", metavar="ID", help="who signs (a person of the protocol)")
    one.add_argument("--withdraw", action="store_true", help="take the signature back")
    one = verb("confirm", "a claim with its level and reasons; sign it with --person")
    one.add_argument("claim", metavar="CLAIM")
    one.add_argument("--translation", action="store_true", help="sign the translation instead")
    one.add_argument("--person", metavar="ID", help="who signs (a person of the protocol)")
    one.add_argument("--withdraw", action="store_true", help="take the signature back")
    one = verb("edition", "release a numbered state of the review; compare two")
    one.add_argument("--version", metavar="N.N", help="its number (default: the next one)")
    one.add_argument(
        "--trigger", action="append", default=[], metavar="TEXT", help="what started it"
    )
    one.add_argument("--note", metavar="TEXT", help="what its editors say; needed for new methods")
    one.add_argument("--dry-run", action="store_true", help="say what would change, write nothing")
    one.add_argument("--compare", nargs=2, metavar=("OLD", "NEW"), help="two released editions")
    one.add_argument("--gate", action="store_true", help="what a verified edition still lacks")
    one = verb("vocabulary", "the terms; what is missing in the data's words, what is unused")
    one.add_argument("--missing", action="store_true", help="words of the data that are no term")
    one.add_argument("--unused", action="store_true", help="terms that nothing names")
    verb("status", "how current the review is, and what waits for whom")
    one = verb("doctor", "whether this machine can do the monthly job")
    one.add_argument("--offline", action="store_true", help="do not try to reach NCBI")
    one = verb("convert", "between bibliography formats (see --help)")
    one.add_argument(
        "input",
        type=Path,
        nargs="+",
        metavar="IN",
        help="PubMed or EndNote XML, RIS, NBIB, BibTeX, …",
    )
    one.add_argument("output", type=Path, metavar="OUT", help=".jsonl .csv .ris .bib .json (CSL)")
    one.add_argument(
        "--format", metavar="NAME", help="of the input, where its ending does not tell"
    )
    one.add_argument("--encoding", metavar="NAME", help="utf-8 (default), gb18030 or utf-16")
    one = verb("import", "records of another database from its export")
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument("--source", required=True, metavar="ID", help="short name of the database")
    one.add_argument("--platform", required=True, metavar="TEXT", help="database and platform")
    one.add_argument("--searched", metavar="DAY", help="day of the search there (default: today)")
    one.add_argument("--query", metavar="TEXT", help="the strategy as it was run there")
    one.add_argument("--format", metavar="NAME", help="where the ending does not tell")
    one.add_argument("--encoding", metavar="NAME", help="utf-8 (default), gb18030 or utf-16")
    one.add_argument("--dry-run", action="store_true", help="say what would come in")
    one = verb("protocol", "show the protocol, or its JSON Schema")
    one.add_argument("--schema", action="store_true", help="print the JSON Schema of protocol.yaml")
    one = verb("migrate", "move the review's files to this program's data format")
    one.add_argument("--dry-run", action="store_true", help="say what would change")
    return parser


def main(argv: Sequence[str] | None = None, *, today: str | None = None) -> int:
    """Run a verb.

    :param today: the day to work on; the clock's when None
    :returns: the exit code
    """
    try:
        arguments = build_parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    day = today or date.today().isoformat()
    try:
        return int(VERBS[arguments.verb](arguments, day))
    except InvalidDataError as error:
        _fail(error, arguments, [str(problem) for problem in error.problems])
        return error.exit
    except ReviewError as error:
        _fail(error, arguments, [str(error)])
        return error.exit
    except KeyboardInterrupt:
        say("interrupted; nothing is half-written", file=sys.stderr)
        return Exit.INTERRUPTED
    except MemoryError:
        gc.collect()
        full = UsageError("not enough memory; split the file")
        _fail(full, arguments, [str(full)])
        return full.exit
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.NOTHING_NEW
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        _fail(error, arguments, [f"{name}{error.strerror or error}"])
        return Exit.INVALID


def run() -> None:
    """Entry point of the ``review`` command."""
    if {"status", "protocol", "--help", "-h", "--version"} & set(sys.argv[1:]):
        gc.disable()  # these end before a collection could pay for itself
    if {"update", "search", "fulltext"} & set(sys.argv[1:2]):
        from review.ground.net import introduce

        introduce()
    sys.excepthook = _bug
    sys.exit(main())


def _bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show a mistake of this program whole, but for the key and the address."""
    import traceback

    from review.ground.secrets import scrub

    for line in "".join(traceback.format_exception(kind, error, trace)).splitlines():
        say(scrub(line), file=sys.stderr)
    say("review: a mistake of the program, not yours; nothing is half-written", file=sys.stderr)


def _fail(error: Exception, arguments: argparse.Namespace, lines: list[str]) -> None:
    from review.ground.secrets import scrub

    code = getattr(error, "exit", Exit.INVALID)
    if arguments.json:
        _print_json({"exit": int(code), "errors": [scrub(line) for line in lines]})
    for line in lines:
        say(f"review {arguments.verb}: {scrub(line)}", file=sys.stderr)


def say(text: object = "", *, file: TextIO | None = None) -> None:
    """Print lines; what a terminal would obey in them is left out."""
    lines = (printable_line(line) for line in str(text).split("\n"))
    print("\n".join(lines), file=file or sys.stdout, flush=file is not None)


def _print_json(value: object) -> None:
    print(printable_json(json.dumps(value, ensure_ascii=False, indent=2)))


def _update(arguments: argparse.Namespace, day: str) -> int:
    from review.files.outputs import whole, writable
    from review.ground.secrets import scrub
    from review.terminal import progress
    from review.update.report import lines, markdown, tell_github
    from review.update.update import STAGES, update

    store = _store(arguments)
    only_search = arguments.verb == "search"
    pull_request = None if only_search else arguments.pull_request
    writable({"pull-request": pull_request}, [])
    with progress(sys.stderr) as show:
        report = update(
            store,
            day,
            stages=frozenset({"search"}) if only_search else STAGES,
            dry_run=arguments.dry_run,
            progress=show,
            say=lambda line: say(f"  {scrub(line)}", file=sys.stderr),
        )
    if not (only_search or arguments.dry_run or arguments.no_publish):
        from dataclasses import replace

        from review.publishing.publish import publish

        try:
            publish(store, arguments.out or store.root / "build")
        except ReviewError as error:
            report = replace(report, publish_error=scrub(" ".join(str(error).split("\n"))))
    if arguments.json:
        _print_json(report.as_json())
    else:
        say("\n".join(scrub(line) for line in lines(report)))
    if pull_request is not None:
        with whole(pull_request) as out:
            out.write(markdown(report))
    tell_github(report)
    return int(report.exit)


def _dedupe_files(arguments: argparse.Namespace) -> int:
    from review.dedupe import files
    from review.dedupe.explain import explain
    from review.files.outputs import whole, writable
    from review.terminal import progress

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
        _print_json({**counts, "clusters": found.clusters, **facts})
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
        _print_json(asdict(told))
    else:
        say("\n".join(told.lines()))
    return 0


def _dedupe(arguments: argparse.Namespace, day: str) -> int:
    from review.dedupe import decide_pair, refresh

    if arguments.files:
        if arguments.pair or arguments.list:
            raise UsageError("--pair and --list speak of the review, not of files")
        return _dedupe_files(arguments)
    for name in ("out", "links", "merged", "decisions", "merge_versions", "encoding"):
        if getattr(arguments, name):
            raise UsageError(f"--{name.replace('_', '-')} needs a FILE to work on")
    store = _store(arguments)
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
        _print_json(duplicates.model_dump(mode="json"))
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


def _screen(arguments: argparse.Namespace, day: str) -> int:
    from review.model.screening import Decision, Stage
    from review.selection.library import Library, Place
    from review.selection.sheet import from_sheet, reviewer_known, to_sheet
    from review.terminal import screen

    store = _store(arguments)
    library = Library.of(store)
    stage = Stage(arguments.stage)
    if arguments.list:
        conflict = (
            Place.CONFLICT_TITLE_ABSTRACT
            if stage is Stage.TITLE_ABSTRACT
            else Place.CONFLICT_FULL_TEXT
        )
        if arguments.reviewer:
            reviewer_known(library.protocol, arguments.reviewer)
            waiting = library.queue(arguments.reviewer, stage)
        else:
            place = (
                Place.AWAITING_SCREENING
                if stage is Stage.TITLE_ABSTRACT
                else Place.AWAITING_FULL_TEXT
            )
            waiting = sorted((library.records[one] for one in library.at(place)), key=library.rank)
        conflicts = library.at(conflict)
        if arguments.json:
            _print_json({"waiting": [r.id for r in waiting], "conflicts": conflicts})
            return 0
        for record in waiting:
            say(f"{record.id}  [{' '.join(record.tags)}]  {record.title[:90]}")
        for one in conflicts:
            say(f"{one}  CONFLICT  {library.records[one].title[:80]}")
        say(f"{len(waiting)} wait, {len(conflicts)} conflicts, at {stage}")
        return 0
    if not arguments.reviewer:
        names = ", ".join(p.id for p in library.protocol.people)
        raise UsageError(f"--reviewer is missing, expected one of: {names}")
    reviewer_known(library.protocol, arguments.reviewer)
    if arguments.export:
        abstracts = {r.id: store.text(r) for r in library.queue(arguments.reviewer, stage)}
        store.disk.write(
            arguments.export.absolute(),
            to_sheet(library, arguments.reviewer, stage, abstracts, day),
        )
        say(f"{arguments.export}: {len(abstracts)} records to decide on")
        return 0
    if arguments.sheet:
        if not arguments.sheet.is_file():
            raise UsageError(f"--import {arguments.sheet}: no such file")
        rows = from_sheet(
            library,
            arguments.reviewer,
            stage,
            arguments.sheet.read_bytes(),
            str(arguments.sheet),
            day,
            replace=arguments.replace,
        )
        if rows:
            with store.lock():
                store.append_rows("screening", arguments.reviewer, rows)
        say(f"{len(rows)} decisions of {arguments.reviewer} saved")
        return 0

    def save(row: Decision) -> None:
        with store.lock():
            store.append_rows("screening", arguments.reviewer, [row])

    screen(library, arguments.reviewer, stage, day, abstract=store.text, save=save)
    return 0


def _extract_records(arguments: argparse.Namespace) -> int:
    from extractors import Lexicon
    from review.extraction.batch import extract_records
    from review.extraction.extract import lexicon
    from review.files.outputs import writable
    from review.terminal import progress

    if arguments.out is None:
        raise UsageError("--records needs --out FINDINGS.jsonl")
    writable({"out": arguments.out}, [arguments.records])
    try:
        words = lexicon(_store(arguments).vocabulary())
    except UsageError:
        if arguments.root:
            raise
        words = Lexicon()
        say("no review here: no vocabulary, so no instruments and treatments", file=sys.stderr)
    with progress(sys.stderr) as show:
        records, found = extract_records(arguments.records, arguments.out, words, show)
    if arguments.json:
        _print_json({"records": records, "findings": found, "output": str(arguments.out)})
    else:
        say(f"{arguments.out}: {found:,} findings in {records:,} records")
    return 0


def _extract(arguments: argparse.Namespace, day: str) -> int:
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

    store = _store(arguments)
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
                    _print_json([vars(f.finding) | {"locator": f.locator} for f in everything])
                else:
                    for f in everything:
                        what = f"{f.finding.field}: {f.finding.value}"
                        say(f'{what}  "{f.finding.quote}"  ({f.locator}; {f.finding.rule})')
                    say(f"{len(everything)} findings; shown only, nothing was written")
            else:
                fresh = draft(arguments.study, record, everything, day)
                changes[one] = differences(extraction, fresh)
        if extraction is not None and arguments.json:
            _print_json({"study": arguments.study, "reports": changes})
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
        _print_json({"drafts": made})
    else:
        say("\n".join(f"data/extractions/{s}.yaml" for s in made) or "no draft to make")
    return 0


def _extract_model(arguments: argparse.Namespace, store: Store, library: Any, words: Any) -> int:
    from review.extraction.extract import findings, headings, passage
    from review.extraction.second_reader import as_json, compare, endpoint, read
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
        _print_json(shown)
    return Exit.SOURCE if failed else 0


def _fulltext(arguments: argparse.Namespace, day: str) -> int:
    from review.selection.library import Library
    from review.terminal import progress
    from review.texts.fetch import fetch, put_in

    store = _store(arguments)
    library = Library.of(store)
    if arguments.record is not None and arguments.record not in library.records:
        raise UsageError(f"--record {arguments.record}: no such record in data/records")
    if arguments.put is not None:
        if arguments.record is None:
            raise UsageError("--put needs --record ID: whose text it is")
        with store.lock():
            held = put_in(store, library.records[arguments.record], arguments.put, day)
        if arguments.json:
            _print_json(held.model_dump(mode="json"))
        else:
            second = " (second class: check every digit by eye)" if held.kind == "pdf" else ""
            say(f"{held.record}: {held.kind} kept{second}")
        return 0
    wanted = [arguments.record] if arguments.record else sorted(library.included)
    if arguments.list:
        rows = [(one, store.held_text(one)) for one in wanted]
        if arguments.json:
            _print_json({one: (h[0].model_dump(mode="json") if h else None) for one, h in rows})
        else:
            for one, entry in rows:
                shown = f"{entry[0].kind}, {entry[0].origin}" if entry else "not held"
                say(f"{one}: {shown}  {library.records[one].title[:70]}")
        return 0
    with store.lock(), progress(sys.stderr) as show:
        fetched, missing = fetch(
            store, library, day, wanted, show, lambda line: say(line, file=sys.stderr)
        )
    if arguments.json:
        _print_json(
            {
                "fetched": [one.model_dump(mode="json") for one in fetched],
                "a_person_must_fetch": [vars(one) for one in missing],
            }
        )
        return 0
    for text in fetched:
        licence = text.licence or "no licence printed: kept on this machine only"
        say(f"{text.record}: {text.kind} from {text.origin}, {text.identifier} ({licence})")
    if missing:
        say(f"A person must fetch {len(missing)} (then: review fulltext --record ID --put FILE):")
    for entry_ in missing:
        say(f"  {entry_.record}  {entry_.title[:70]}")
        say(f"    {entry_.why}  {entry_.address or ''}".rstrip())
    say(f"{len(fetched)} texts fetched")
    return 0


def _grade(arguments: argparse.Namespace, _day: str) -> int:
    from review.grading.levels import grade_claims
    from review.grading.review import Review

    store = _store(arguments)
    review = Review.of(store)
    if arguments.propose:
        return _propose(arguments, store, review)
    grades = grade_claims(review.library, review.questions, review.claims, arguments.profile)
    if arguments.question:
        grades = [g for g in grades if g.grade.question.id == arguments.question]
        if not grades:
            known = ", ".join(store.protocol.questions)
            raise UsageError(f"--question {arguments.question}: expected one of {known}")
    if arguments.json:
        _print_json([g.as_json() for g in grades])
        return 0
    asked = {g.grade.question.id: g.grade for g in grades}
    for name, grade in asked.items():
        level = f"level {grade.level}" if grade.level else str(grade.status)
        say(f"{name}: {level}")
        for one in (g for g in grades if g.grade.question.id == name and g.claim is not None):
            shown = f"level {one.level}" if one.level else str(one.status)
            seed = f" (the earlier review printed {one.seed_level})" if one.seed_level else ""
            say(f"  claim {one.claim.id if one.claim else ''}: {shown}{seed}")
            if arguments.explain and one.status != grade.status:
                for reason in one.reasons:
                    say(f"    {reason['en']}")
        if arguments.explain:
            for study in grade.studies:
                shown = f"level {study.level}" if study.level else "no level"
                say(f"  {study.study}: {shown}")
                for reason in study.reasons:
                    say(f"    {reason['en']}")
            for reason in grade.reasons:
                say(f"  {reason['en']}")
    if arguments.explain:
        say("OCEBM levels are not recommendations. No rule of OCEBM says how far to step.")
    return 0


def _propose(arguments: argparse.Namespace, store: Store, review: Any) -> int:
    from dataclasses import asdict

    from review.grading.propose import chains, inconsistency

    if arguments.question and arguments.question not in review.questions:
        known = ", ".join(store.protocol.questions)
        raise UsageError(f"--question {arguments.question}: expected one of {known}")
    found = chains(
        review.library, review.questions, review.vocabularies, arguments.profile, arguments.question
    )
    bodies = {
        name: inconsistency(question, review.library.extractions)
        for name, question in review.questions.items()
        if arguments.question in (None, name)
    }
    if arguments.json:
        rows = [asdict(one) for one in found]
        others = {name: asdict(one) for name, one in bodies.items() if one is not None}
        _print_json({"studies": rows, "bodies": others})
        return 0
    changed = 0
    for one in found:
        shown = f"level {one.recorded_level}" if one.recorded_level else "no level"
        people = (
            f"{one.analysed} analysed" if one.analysed is not None else "number analysed not read"
        )
        how = f"{one.design}, {'/'.join(one.estimands)}, {people}"
        say(f"{one.question} / {one.study}: {how}: {shown}")
        for proposal in one.not_recorded:
            steps = f"{proposal.steps} steps" if proposal.steps != 1 else "1 step"
            say(f"  proposed: {proposal.factor}, {steps}: {proposal.sentence['en']}")
            for fragment in proposal.fragments:
                say(f'    "{fragment.quote}" ({fragment.locator})')
        if one.proposed_level != one.recorded_level:
            changed += 1
            say(f"  the level would be {one.proposed_level}")
    for name, body in bodies.items():
        if body is not None:
            say(f"{name}: proposed for the body: {body.factor}, 1 step: {body.sentence['en']}")
    say(f"{changed} levels would differ from what is recorded; nothing was written")
    return 0


def _appraise(arguments: argparse.Namespace, _day: str) -> int:
    from review.grading.appraise import blank, forms

    if arguments.study is None or arguments.form is None:
        if arguments.json:
            _print_json({name: form.model_dump(mode="json") for name, form in forms().items()})
        else:
            for name, form in forms().items():
                say(f"{name}: {form.name['en']}  {form.address}")
            say("review appraise STUDY --form FORM writes one to fill")
        return 0
    store = _store(arguments)
    if arguments.study not in store.extractions():
        raise UsageError(f"{arguments.study}: no such study in data/extractions")
    text = blank(arguments.study, arguments.form)
    path = store.data / "appraisals" / f"{arguments.study}-{arguments.form}.yaml"
    if path.exists():
        raise UsageError(
            f"{store.name(path)}: already there; it belongs to the person who fills it"
        )
    with store.lock():
        store.write_if_changed(path, text.encode())
    if arguments.json:
        _print_json({"written": store.name(path)})
    else:
        say(f"{store.name(path)}: fill it, then: review check")
    return 0


def _synthesise(arguments: argparse.Namespace, _day: str) -> int:
    from review.grading.review import Review
    from review.synthesis.synthesise import synthesise
    from review.synthesis.views import as_json, sentence_of

    store = _store(arguments)
    review = Review.of(store)
    drafts = True if arguments.include_unverified else None
    found = synthesise(review, drafts, arguments.question)
    if arguments.out is not None:
        _write_syntheses(arguments.out, review, found)
    if arguments.json:
        _print_json(as_json(found))
        return 0
    for one in found:
        mark = " (UNVERIFIED)" if one.unverified else ""
        say(f"{one.question}: {sentence_of(one, 'en')}{mark}")
        for row in one.estimates:
            sign = "verified" if row.verified else "unverified"
            low, high = row.shown[1:]
            people = (
                f"{row.events:g}/{row.people:g}, " if row.events is not None and row.people else ""
            )
            say(f"  {row.study}: {people}{row.shown[0]:.3f} ({low:.3f} to {high:.3f}), {sign}")
        for out in one.left_out:
            say(f"  left out {out.study}: {out.reason['en']}")
    say(f"{sum(one.pooled is not None for one in found)} of {len(found)} questions pooled")
    return 0


def _write_syntheses(folder: Path, review: Any, found: Any) -> None:
    """Plots and tables of all syntheses, each file whole."""
    from review.files.outputs import whole
    from review.synthesis.views import as_csv, pictures_of, tables_of

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--out {folder}: found a file, expected a folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures_of(review, found).items():
        with whole(folder / f"{name}.svg") as out:
            out.write(picture)
    for name, rows in tables_of(review, found).items():
        with whole(folder / f"{name}.csv") as out:
            out.write(as_csv(name, rows))


def _pool(arguments: argparse.Namespace, _day: str) -> int:
    from review.files.outputs import whole, writable
    from review.ground.numbers import interval, number, p_value
    from review.pooling.analysis import Choices, analyse, method_name
    from review.pooling.pictures import forest_of_file, funnel_of_file
    from review.pooling.sheet import read_sheet

    writable({"plot": arguments.plot, "funnel": arguments.funnel}, [arguments.file])
    how = Choices(
        arguments.measure.upper(),
        method_name(arguments.method),
        arguments.test,
        arguments.level,
        arguments.prediction,
        arguments.sensitivity,
        arguments.by,
        tuple(arguments.moderator),
    )
    sheet = read_sheet(arguments.file, how.measure)
    found = analyse(sheet, how)
    for path, draw in ((arguments.plot, forest_of_file), (arguments.funnel, funnel_of_file)):
        if path is not None:
            picture = draw(found, sheet)
            with whole(path) as out:
                out.write(picture)
    if arguments.json:
        _print_json(found)
        return 0
    share = f"{100 * arguments.level:g} %"
    say(f"{found['measure']}, {found['method']}, {found['test']}: {found['k']} studies")
    say(f"  estimate {number(found['estimate'], 4)}  ({share} CI {_between(found, 'ci')})")
    back = found["back_transformed"]
    if back["by"] != "none":
        shown = interval(back["ci_lower"], back["ci_upper"], 3)
        middle = number(back["estimate"], 3)
        say(f"  as readers know it {middle}  ({share} CI {shown}; {back['by']})")
    if found["pi_lower"] is not None:
        say(f"  {share} prediction interval {_between(found, 'pi')}")
    if found["p"] is not None:
        say(f"  P {p_value(found['p'])}")
    if found["tau2"] is not None:
        say(f"  tau² {number(found['tau2'], 4)}  ({share} CI {_between(found, 'tau2_ci')})")
    if found["I2"] is not None:
        say(f"  I² {number(found['I2'], 1)} %")
    if found["Q"] is not None:
        say(f"  Q {number(found['Q'], 2)} on {found['Q_df']}, P {p_value(found['Q_p'])}")
    _say_groups(found)
    for note in found["notes"]:
        say(f"  note: {note}")
    if arguments.sensitivity:
        say("  leave-one-out, cumulative, influence and small-study figures: --json")
    return 0


def _say_groups(found: dict[str, Any]) -> None:
    """Subgroups and coefficients of ``review pool``, a line each."""
    from review.ground.numbers import interval, number, p_value

    if "subgroups" in found:
        groups = found["subgroups"]
        for name, one in groups["groups"].items():
            between = interval(one["ci_lower"], one["ci_upper"], 4)
            say(f"  {groups['by']} {name}: {number(one['estimate'], 4)} ({between}), k {one['k']}")
        if groups["Q_between_p"] is None:
            say("  between groups: not tested, a group's studies agree exactly")
        else:
            say(
                f"  between groups: Q {number(groups['Q_between'], 2)} on "
                f"{groups['Q_between_df']}, P {p_value(groups['Q_between_p'])}"
            )
    if "moderators" in found:
        for name, one in found["moderators"]["coefficients"].items():
            between = interval(one["ci_lower"], one["ci_upper"], 4)
            say(f"  {name}: {number(one['estimate'], 4)} ({between}), P {p_value(one['p'])}")


def _between(found: dict[str, Any], name: str) -> str:
    from review.ground.numbers import interval

    return interval(found.get(f"{name}_lower"), found.get(f"{name}_upper"), 4)


def _publish(arguments: argparse.Namespace, _day: str) -> int:
    from review.publishing.publish import publish

    store = _store(arguments)
    site = publish(store, arguments.out or store.root / "build")
    if arguments.json:
        _print_json({"site": str(site)})
    else:
        say(f"site: {site}/index.html")
    return 0


def _check(arguments: argparse.Namespace, _day: str) -> int:
    from review.checking.check import check, notes, quotes_held, write_attestations

    store = _store(arguments)
    attested: tuple[list[str], int] = ([], 0)
    if arguments.texts:
        with store.lock():
            attested = write_attestations(store)
    problems = check(store, allow_suspended=arguments.allow_suspended)
    told = [] if problems else notes(store)
    held, absent = (0, 0) if problems else quotes_held(store)
    if arguments.json:
        _print_json(
            {
                "problems": [vars(problem) for problem in problems],
                "notes": [vars(one) for one in told],
                "attested": attested[0],
                "quotes": {"text_held": held, "text_not_held": absent},
            }
        )
        return Exit.INVALID if problems else Exit.NOTHING_NEW
    if arguments.texts:
        say(f"{attested[1]} quotes found in the texts held; {len(attested[0])} files written")
    for problem in problems:
        say(problem)
    if held or absent:
        say(f"quotes: {held} compared with the text held here, {absent} text not held")
    shown = 10
    for one in told[:shown]:
        say(f"note: {one}")
    if len(told) > shown:
        say(f"note: … and {len(told) - shown} more (--json)")
    counted = f", {len(told)} notes" if told else ""
    say(f"{len(problems)} problems" if problems else f"no problem found{counted}")
    return Exit.INVALID if problems else Exit.NOTHING_NEW


def _verify(arguments: argparse.Namespace, day: str) -> int:
    from review.editions.edition import shown
    from review.grading.signatures import (
        MAY_VERIFY,
        Ledger,
        by_eye_alone,
        fit_to_sign,
        sign,
        signer,
        unsigned,
        value_status,
        withdraw,
    )
    from review.model.extraction import Provenance
    from review.model.fingerprint import value_hash
    from review.model.signature import Signature

    store = _store(arguments)
    study, field, person = arguments.study, arguments.field, arguments.person
    ledger = Ledger.of(store.protocol, store.signatures())
    target = f"study:{study}"

    def save(row: Signature) -> None:
        with store.lock():
            store.append_rows("signatures", person, [row])

    def tell(fields: list[str], what: str) -> int:
        if arguments.json:
            _print_json({"study": study, what: fields, "person": person})
        else:
            say(f"{len(fields)} values {what} by {person}")
        return 0

    if arguments.by_eye is not None and not (person and field):
        raise UsageError("--by-eye needs --person and the FIELD that was read there")
    if arguments.withdraw:
        if not (person and field):
            raise UsageError(
                "--withdraw needs --person and the FIELD whose signature is taken back"
            )
        _, role = signer(store.protocol, person, MAY_VERIFY)
        save(withdraw(ledger, person, target, field, role, day))
        return tell([field], "withdrawn")
    extractions = store.extractions()
    if study not in extractions:
        near = ", ".join(sorted(extractions)[:8]) or "none yet"
        raise UsageError(f"{study}: no such study in data/extractions ({near}, …)")
    extraction = extractions[study]

    def line(name: str, fact: Provenance) -> str:
        who = ledger.of_value(study, name, fact)
        quote = f'  "{fact.quote}"' if fact.quote else ""
        tier = f" [{fact.source_tier}]" if fact.source_tier else ""
        status = ", ".join(who) or value_status(ledger, study, name, fact)
        return f"{name}: {shown(fact)}{tier}{quote}  {status}"

    if person is None:
        facts = [(name, fact) for name, fact in extraction.facts() if field in (None, name)]
        if not facts:
            raise UsageError(f"{field}: no such value of {study}")
        if arguments.json:
            _print_json(
                [
                    {
                        "field": name,
                        "shown": shown(fact),
                        "quote": fact.quote,
                        "status": value_status(ledger, study, name, fact),
                        "signed_by": ledger.of_value(study, name, fact),
                    }
                    for name, fact in facts
                ]
            )
        else:
            for name, fact in facts:
                say(line(name, fact))
            say("sign with --person YOU, after you compared each value with its source")
        return 0
    _, role = signer(store.protocol, person, MAY_VERIFY)
    done = []
    if field:
        fact = fit_to_sign(extraction, field, arguments.by_eye)
        say(line(field, fact), file=sys.stderr)
        if person not in ledger.of_value(study, field, fact):
            save(sign(target, field, value_hash(fact), role, day, arguments.by_eye))
            done.append(field)
        return tell(done, "signed")
    say("y: I compared it with its source, s: skip, q: stop", file=sys.stderr)
    for name, fact in unsigned(extraction, ledger, person):
        say(line(name, fact), file=sys.stderr)
        answer = ""
        while answer not in ("y", "s", "q"):
            print("? ", end="", file=sys.stderr, flush=True)
            said = sys.stdin.readline()
            answer = said.strip().lower() if said else "q"
        if answer == "q":
            break
        if answer != "y":
            continue
        place = None
        if by_eye_alone(fact):
            print(
                "no quote carries it; which figure or table? ", end="", file=sys.stderr, flush=True
            )
            place = sys.stdin.readline().strip()
            if not place:
                say("not signed: a number without a quote needs its place", file=sys.stderr)
                continue
        fit_to_sign(extraction, name, place)
        save(sign(target, name, value_hash(fact), role, day, place))
        done.append(name)
    return tell(done, "signed")


def _confirm(arguments: argparse.Namespace, day: str) -> int:
    from review.checking.claims import declared, support_fell
    from review.grading.levels import Status
    from review.grading.review import Review
    from review.grading.signatures import (
        MAY_CONFIRM,
        claim_hash,
        sign,
        signer,
        translation_hash,
        withdraw,
    )
    from review.model.protocol import Role

    store = _store(arguments)
    review = Review.of(store)
    name, person = arguments.claim, arguments.person
    field = "translation" if arguments.translation else "claim"
    target = f"claim:{name}"
    if person is None and (arguments.withdraw or arguments.translation):
        raise UsageError("--person is missing: whose signature is it?")
    if person is not None:
        allowed = (Role.TRANSLATION,) if arguments.translation else MAY_CONFIRM
        _, role = signer(store.protocol, person, allowed)
        if arguments.withdraw:
            row = withdraw(review.ledger, person, target, field, role, day)
        elif name in review.claims:
            one, claim = review.claim_grades[name], review.claims[name]
            if one.status is Status.SUSPENDED:
                raise UsageError(f"{name}: suspended; decide on its retracted study first")
            if problems := declared(review, name):
                raise InvalidDataError(problems)
            if fell := support_fell(review, claim):
                raise InvalidDataError([fell])
            if arguments.translation and not (claim.sentence.en and claim.sentence.zh):
                raise UsageError(f"{name}: there is no translation to check")
            hashed = translation_hash(claim) if arguments.translation else claim_hash(one)
            row = sign(target, field, hashed, role, day)
        else:
            row = None
        if row is not None:
            with store.lock():
                store.append_rows("signatures", person, [row])
            review = Review.of(store)
    if name not in review.claims:
        if person is not None and arguments.withdraw:
            say(f"{name}: signature of {person} withdrawn")
            return 0
        known = ", ".join(sorted(review.claims)[:8]) or "none yet"
        raise UsageError(f"{name}: no such claim in data/claims ({known}, …)")
    one, claim = review.claim_grades[name], review.claims[name]
    signers = review.ledger.of_claim(one)
    if arguments.json:
        _print_json(
            {
                **one.as_json(),
                "support": review.support(claim),
                "confirmed_by": signers,
                "translation_signed_by": review.ledger.of_translation(claim),
            }
        )
        return 0
    level = f"level {one.level}" if one.level else str(one.status)
    say(f"{claim.id}: {claim.sentence['en']}")
    say(
        f"  {review.support(claim)}, {level}; for: {', '.join(claim.supporting) or 'none'}; "
        f"against: {', '.join(claim.against) or 'none'}"
    )
    for reason in one.reasons:
        say(f"  {reason['en']}")
    say(f"  confirmed by {', '.join(signers)}" if signers else "  confirmed by nobody")
    return 0


def _edition(arguments: argparse.Namespace, day: str) -> int:
    from review.checking.check import check
    from review.editions.edition import Difference, difference, gate, release
    from review.grading.review import Review
    from review.ground.errors import InvalidDataError as Invalid

    store = _store(arguments)
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
            _print_json([vars(c) for c in changed.changes])
        else:
            tell(changed)
            say(f"{len(changed.changes)} changes from {changed.old} to {changed.new}")
        return 0
    if arguments.gate:
        missing = gate(Review.of(store))
        if arguments.json:
            _print_json({"missing": missing})
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
        _print_json(facts)
        return 0
    tell(changed)
    label = "verified" if edition.verified else "unverified"
    say(f"edition {edition.version} ({label}): {'; '.join(edition.triggers)}")
    if already:
        say(f"released on {edition.date} already, with all of this; nothing was written")
        return 0
    say(store.name(path) if path else "dry run: nothing was written")
    return 0


def _vocabulary(arguments: argparse.Namespace, _day: str) -> int:
    from review.extraction.vocabulary import missing, unused

    store = _store(arguments)
    vocabularies = store.vocabulary()
    facts: dict[str, Any] = {}
    if arguments.missing:
        facts["missing"] = missing(store)
    if arguments.unused:
        facts["unused"] = unused(store)
    if not facts:
        facts["terms"] = {
            str(v.kind): {t.id: {"en": t.name.en, "zh": t.name.zh} for t in v.terms}
            for v in vocabularies.values()
        }
    if arguments.json:
        _print_json(facts)
        return 0
    for kind, terms in facts.get("terms", {}).items():
        say(f"{kind}: {len(terms)} terms")
        for term, name in terms.items():
            say(f"  {term}: {name['en']} / {name['zh'] or 'no translation'}")
    for word, places in facts.get("missing", {}).items():
        say(f"missing: {word} ({', '.join(places[:3])})")
    for term in facts.get("unused", []):
        say(f"unused: {term}")
    for name in ("missing", "unused"):
        if name in facts:
            say(f"{len(facts[name])} {name}")
    return 0


def _root(arguments: argparse.Namespace) -> Path:
    """The review's folder: the one named, or the nearest one around here."""
    start: Path = arguments.root or Path()
    places = (start,) if arguments.root else (start, *start.resolve().parents)
    for folder in places:
        if (folder / "protocol.yaml").is_file():
            return folder
    named = f"--root {start}: found no protocol.yaml there"
    here = f"{start.resolve()}: no protocol.yaml here or above, expected a review (see --root)"
    raise UsageError(named if arguments.root else here)


def _store(arguments: argparse.Namespace) -> Store:
    from review.files.store import Store

    return Store(_root(arguments))


def _status(arguments: argparse.Namespace, day: str) -> int:
    from review.status.memo import recall, remember

    root = _root(arguments)
    known = recall(root, day)
    if known is None:
        from review.files.store import Store
        from review.status.status import status

        found = status(Store(root), day)
        known = {"lines": found.lines(), "facts": found.as_json()}
        remember(root, day, known["lines"], known["facts"])
    if arguments.json:
        _print_json(known["facts"])
    else:
        say("\n".join(known["lines"]))
    return 0


def _doctor(arguments: argparse.Namespace, day: str) -> int:
    from review.status.doctor import doctor

    store = None
    try:
        store = _store(arguments)
    except UsageError as error:
        say(str(error), file=sys.stderr)
    found = doctor(store, day, network=not arguments.offline)
    if arguments.json:
        _print_json([vars(one) for one in found])
    else:
        for one in found:
            mark = "ok" if one.ok else ("MISSING" if one.needed else "note")
            say(f"{mark:8} {one.what}: {one.detail}")
    return Exit.USAGE if any(one.needed and not one.ok for one in found) else Exit.NOTHING_NEW


def _convert(arguments: argparse.Namespace, _day: str) -> int:
    from review.formats.convert import convert

    def arrived(count: int) -> None:
        if sys.stderr.isatty():
            print(f"\r  {count:,} records", end="", file=sys.stderr, flush=True)

    count = convert(
        arguments.input,
        arguments.output,
        arrived,
        warn=lambda sentence: say(sentence, file=sys.stderr),
        encoding=arguments.encoding,
        format_name=arguments.format,
    )
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    if arguments.json:
        _print_json({"records": count, "output": str(arguments.output)})
    else:
        say(f"{arguments.output}: {count:,} records")
    return 0


def _import(arguments: argparse.Namespace, day: str) -> int:
    from review.searching.imports import import_file

    report = import_file(
        _store(arguments),
        arguments.file,
        source=arguments.source,
        platform=arguments.platform,
        searched=arguments.searched or day,
        today=day,
        query=arguments.query,
        format_name=arguments.format,
        encoding=arguments.encoding,
        dry_run=arguments.dry_run,
        warn=lambda sentence: say(sentence, file=sys.stderr),
    )
    if arguments.json:
        _print_json(report.model_dump(mode="json"))
        return Exit.CANDIDATES if report.new else Exit.NOTHING_NEW
    say(f"{report.file}: {report.found} records ({report.format_name}), {len(report.new)} new")
    if report.known:
        say(f"  {len(report.known)} were held already")
    say("  nothing was written" if arguments.dry_run else "  now: review dedupe, review screen")
    return Exit.CANDIDATES if report.new else Exit.NOTHING_NEW


def _protocol(arguments: argparse.Namespace, _day: str) -> int:
    if arguments.schema:
        from review.files.reference import schema

        print(schema("protocol"), end="")
        return 0
    protocol = _store(arguments).protocol
    if arguments.json:
        _print_json(protocol.model_dump(mode="json"))
        return 0
    say(f"{protocol.title['en']} (protocol {protocol.version})")
    for question in _store(arguments).questions().values():
        say(f"  question {question.id} ({question.kind}): {question.text['en']}")
    for source in protocol.sources:
        say(f"  source {source.id}: {source.platform}, {source.schedule}")
        for line in source.strategy:
            say(f"    #{line.line} {line.query}")
    return 0


def _migrate(arguments: argparse.Namespace, _day: str) -> int:
    from review.files.migrate import migrate

    changed = migrate(_store(arguments), dry_run=arguments.dry_run)
    if arguments.json:
        _print_json({"changed": changed})
    else:
        say("\n".join([*changed, f"{len(changed)} files moved"]))
    return 0


VERBS: dict[str, Any] = {
    "update": _update,
    "search": _update,
    "dedupe": _dedupe,
    "screen": _screen,
    "extract": _extract,
    "fulltext": _fulltext,
    "grade": _grade,
    "appraise": _appraise,
    "synthesise": _synthesise,
    "pool": _pool,
    "publish": _publish,
    "check": _check,
    "verify": _verify,
    "confirm": _confirm,
    "edition": _edition,
    "vocabulary": _vocabulary,
    "status": _status,
    "doctor": _doctor,
    "convert": _convert,
    "import": _import,
    "protocol": _protocol,
    "migrate": _migrate,
}
