"""The command line: wires verbs to stages, prints, and turns errors into one line and a code."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review import __version__
from review.errors import Exit, InvalidDataError, ReviewError, UsageError

if TYPE_CHECKING:
    from review.store import Store

EPILOG = """exit codes: 0 nothing new or all well, 10 new candidates, 20 a retraction or correction
touches an included study, 30 a source failed, 40 invalid data, 50 another update is running,
60 publishing failed, 2 usage, 130 interrupted"""


def build_parser() -> argparse.ArgumentParser:
    """All verbs with their options."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--root", type=Path, metavar="DIR", help="the review's folder (default: here or above)"
    )
    common.add_argument(
        "--json", action="store_true", help="print one JSON object instead of lines"
    )
    parser = argparse.ArgumentParser(
        prog="review", description="A living systematic review as a repository.", epilog=EPILOG
    )
    parser.add_argument("--version", action="version", version=f"living-review {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, text: str) -> argparse.ArgumentParser:
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
    one = verb("dedupe", "find duplicates and related records")
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
    one = verb("extract", "draft extractions of included studies; show findings")
    one.add_argument("--study", metavar="ID", help="show what re-extraction would change")
    one.add_argument("--record", metavar="ID", help="show the findings of one record")
    one = verb("grade", "the level of evidence of each question, by OCEBM 2011")
    one.add_argument("--explain", action="store_true", help="with every reason")
    one.add_argument("--profile", default="strict", help="strict (headline) or follow-up-counts")
    one.add_argument("--question", metavar="ID", help="one question only")
    one = verb("publish", "build the site")
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="build folder (default: build/ of the review)"
    )
    verb("check", "all problems of all files, in one run")
    verb("status", "how current the review is, and what waits for whom")
    one = verb("doctor", "whether this machine can do the monthly job")
    one.add_argument("--offline", action="store_true", help="do not try to reach NCBI")
    one = verb("convert", "PubMed XML to JSON Lines")
    one.add_argument("input", type=Path, metavar="IN.xml[.gz]")
    one.add_argument("output", type=Path, metavar="OUT.jsonl")
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
        print("interrupted; nothing is half-written", file=sys.stderr)
        return Exit.INTERRUPTED
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
    if {"update", "search"} & set(sys.argv[1:2]):
        from review.net import introduce

        introduce()
    sys.exit(main())


def _fail(error: Exception, arguments: argparse.Namespace, lines: list[str]) -> None:
    from review.secrets import scrub

    code = getattr(error, "exit", Exit.INVALID)
    if arguments.json:
        _print_json({"exit": int(code), "errors": [scrub(line) for line in lines]})
    for line in lines:
        print(f"review {arguments.verb}: {scrub(line)}", file=sys.stderr)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _update(arguments: argparse.Namespace, day: str) -> int:
    from review.report import lines, markdown, tell_github
    from review.secrets import scrub
    from review.terminal import progress
    from review.update import STAGES, update

    store = _store(arguments)
    only_search = arguments.verb == "search"
    with progress(sys.stderr) as show:
        report = update(
            store,
            day,
            stages=frozenset({"search"}) if only_search else STAGES,
            dry_run=arguments.dry_run,
            progress=show,
            say=lambda line: print(f"  {scrub(line)}", file=sys.stderr, flush=True),
        )
    if not (only_search or arguments.dry_run or arguments.no_publish):
        from dataclasses import replace

        from review.publish import publish

        try:
            publish(store, arguments.out or store.root / "build")
        except ReviewError as error:
            report = replace(report, publish_error=scrub(" ".join(str(error).split("\n"))))
    if arguments.json:
        _print_json(report.as_json())
    else:
        print("\n".join(scrub(line) for line in lines(report)))
    if not only_search and arguments.pull_request:
        arguments.pull_request.write_text(markdown(report), encoding="utf-8")
    tell_github(report)
    return int(report.exit)


def _dedupe(arguments: argparse.Namespace, day: str) -> int:
    from review.dedupe import decide_pair, refresh

    store = _store(arguments)
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
    print(f"{len(records)} records: {merged} duplicates merged, {len(duplicates.related)} related")
    print(f"{len(duplicates.queue)} pairs wait for a person")
    if arguments.list:
        from review.terminal import printable

        for pair in duplicates.queue:
            print(f"\n{pair.a}  {pair.b}  ({'; '.join(pair.reasons)})")
            for one in (pair.a, pair.b):
                print(f"  {printable(records[one].title)} ({printable(records[one].citation)})")
        if duplicates.queue:
            print("\nreview dedupe --pair A B --verdict distinct --reviewer YOU")
    return 0


def _screen(arguments: argparse.Namespace, day: str) -> int:
    from review.library import Library, Place
    from review.model.screening import Decision, Stage
    from review.screen import from_sheet, reviewer_known, to_sheet
    from review.terminal import printable, screen

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
            print(f"{record.id}  [{' '.join(record.tags)}]  {printable(record.title)[:90]}")
        for one in conflicts:
            print(f"{one}  CONFLICT  {printable(library.records[one].title)[:80]}")
        print(f"{len(waiting)} wait, {len(conflicts)} conflicts, at {stage}")
        return 0
    if not arguments.reviewer:
        names = ", ".join(p.id for p in library.protocol.people)
        raise UsageError(f"--reviewer is missing, expected one of: {names}")
    reviewer_known(library.protocol, arguments.reviewer)
    if arguments.export:
        abstracts = {r.id: store.text(r) for r in library.queue(arguments.reviewer, stage)}
        store.disk.write(
            arguments.export.absolute(), to_sheet(library, arguments.reviewer, stage, abstracts)
        )
        print(f"{arguments.export}: {len(abstracts)} records to decide on")
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
        )
        if rows:
            with store.lock():
                store.append_rows("screening", arguments.reviewer, rows)
        print(f"{len(rows)} decisions of {arguments.reviewer} saved")
        return 0

    def save(row: Decision) -> None:
        with store.lock():
            store.append_rows("screening", arguments.reviewer, [row])

    screen(library, arguments.reviewer, stage, day, abstract=store.text, save=save)
    return 0


def _extract(arguments: argparse.Namespace, day: str) -> int:
    from review.extract import differences, draft, findings, lexicon, new_drafts, to_yaml
    from review.library import Library
    from review.terminal import printable

    store = _store(arguments)
    library = Library.of(store)
    words = lexicon(store.vocabulary())
    if arguments.record or arguments.study:
        if arguments.study:
            if arguments.study not in library.extractions:
                raise UsageError(f"--study {arguments.study}: no such study in data/extractions")
            extraction = library.extractions[arguments.study]
            reports = list(extraction.reports)
        else:
            if arguments.record not in library.records:
                raise UsageError(f"--record {arguments.record}: no such record in data/records")
            extraction, reports = None, [arguments.record]
        for one in reports:
            record = library.records[one]
            text = store.text(record)
            if text is None:
                print(f"{one}: no abstract is held on this machine; the title alone is read")
            found = findings(record, text, words)
            if extraction is None:
                if arguments.json:
                    _print_json([vars(f) for f in found])
                else:
                    for f in found:
                        print(f'{f.field}: {f.value}  "{printable(f.quote)}"  ({f.rule})')
                    print(f"{len(found)} findings; shown only, nothing was written")
            else:
                fresh = draft(arguments.study, record, found, day)
                rows = differences(extraction, fresh)
                if arguments.json:
                    _print_json(rows)
                else:
                    print("\n".join(map(printable, rows)) or "re-extraction would change nothing")
        return 0
    abstracts = {one: store.text(library.records[one]) for one in library.included}
    made = []
    with store.lock():
        for study, (extraction, record) in new_drafts(library, abstracts, words, day).items():
            if store.write_draft(study, to_yaml(extraction, record.title)):
                made.append(study)
    if arguments.json:
        _print_json({"drafts": made})
    else:
        print("\n".join(f"data/extractions/{s}.yaml" for s in made) or "no draft to make")
    return 0


def _grade(arguments: argparse.Namespace, _day: str) -> int:
    from review.grade import grade_all
    from review.library import Library

    store = _store(arguments)
    grades = grade_all(Library.of(store), store.evidence(), arguments.profile)
    if arguments.question:
        grades = [g for g in grades if g.question.id == arguments.question]
        if not grades:
            known = ", ".join(q.id for q in store.protocol.questions)
            raise UsageError(f"--question {arguments.question}: expected one of {known}")
    if arguments.json:
        _print_json([g.as_json() for g in grades])
        return 0
    for g in grades:
        level = f"level {g.level}" if g.level else str(g.status)
        seed = f" (the seed review printed {g.seed_level})" if g.seed_level else ""
        print(f"{g.question.id}: {level}{seed}")
        if arguments.explain:
            for study in g.studies:
                shown = f"level {study.level}" if study.level else "no level"
                print(f"  {study.study}: {shown}")
                for reason in study.reasons:
                    print(f"    {reason['en']}")
            for reason in g.reasons:
                print(f"  {reason['en']}")
    if arguments.explain:
        print("OCEBM levels are not recommendations. No rule of OCEBM says how far to step.")
    return 0


def _publish(arguments: argparse.Namespace, _day: str) -> int:
    from review.publish import publish

    store = _store(arguments)
    site = publish(store, arguments.out or store.root / "build")
    if arguments.json:
        _print_json({"site": str(site)})
    else:
        print(f"site: {site}/index.html")
    return 0


def _check(arguments: argparse.Namespace, _day: str) -> int:
    from review.check import check

    problems = check(_store(arguments))
    if arguments.json:
        _print_json({"problems": [vars(problem) for problem in problems]})
    else:
        for problem in problems:
            print(problem)
        print(f"{len(problems)} problems" if problems else "no problem found")
    return Exit.INVALID if problems else Exit.NOTHING_NEW


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
    from review.store import Store

    return Store(_root(arguments))


def _status(arguments: argparse.Namespace, day: str) -> int:
    from review.status_memo import recall, remember

    root = _root(arguments)
    known = recall(root, day)
    if known is None:
        from review.status import status
        from review.store import Store

        found = status(Store(root), day)
        known = {"lines": found.lines(), "facts": found.as_json()}
        remember(root, day, known["lines"], known["facts"])
    if arguments.json:
        _print_json(known["facts"])
    else:
        print("\n".join(known["lines"]))
    return 0


def _doctor(arguments: argparse.Namespace, day: str) -> int:
    from review.doctor import doctor

    store = None
    try:
        store = _store(arguments)
    except UsageError as error:
        print(error, file=sys.stderr)
    found = doctor(store, day, network=not arguments.offline)
    if arguments.json:
        _print_json([vars(one) for one in found])
    else:
        for one in found:
            mark = "ok" if one.ok else ("MISSING" if one.needed else "note")
            print(f"{mark:8} {one.what}: {one.detail}")
    return Exit.USAGE if any(one.needed and not one.ok for one in found) else Exit.NOTHING_NEW


def _convert(arguments: argparse.Namespace, _day: str) -> int:
    from review.convert import convert

    def arrived(count: int) -> None:
        if sys.stderr.isatty():
            print(f"\r  {count:,} records", end="", file=sys.stderr, flush=True)

    count = convert(arguments.input, arguments.output, arrived)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    if arguments.json:
        _print_json({"records": count, "output": str(arguments.output)})
    else:
        print(f"{arguments.output}: {count:,} records")
    return 0


def _protocol(arguments: argparse.Namespace, _day: str) -> int:
    if arguments.schema:
        from review.reference import schema

        print(schema("protocol"), end="")
        return 0
    protocol = _store(arguments).protocol
    if arguments.json:
        _print_json(protocol.model_dump(mode="json"))
        return 0
    print(f"{protocol.title['en']} (protocol {protocol.version})")
    for question in protocol.questions:
        print(f"  question {question.id} ({question.kind}): {question.text['en']}")
    for source in protocol.sources:
        print(f"  source {source.id}: {source.platform}, {source.schedule}")
        for line in source.strategy:
            print(f"    #{line.line} {line.query}")
    return 0


def _migrate(arguments: argparse.Namespace, _day: str) -> int:
    from review.migrate import migrate

    changed = migrate(_store(arguments), dry_run=arguments.dry_run)
    if arguments.json:
        _print_json({"changed": changed})
    else:
        print("\n".join([*changed, f"{len(changed)} files moved"]))
    return 0


VERBS: dict[str, Any] = {
    "update": _update,
    "search": _update,
    "dedupe": _dedupe,
    "screen": _screen,
    "extract": _extract,
    "grade": _grade,
    "publish": _publish,
    "check": _check,
    "status": _status,
    "doctor": _doctor,
    "convert": _convert,
    "protocol": _protocol,
    "migrate": _migrate,
}
