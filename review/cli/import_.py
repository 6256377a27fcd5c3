"""``review import``: records of another database from its export."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import Exit


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("import", "records of another database from its export")
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument("--source", required=True, metavar="ID", help="short name of the database")
    one.add_argument("--platform", required=True, metavar="TEXT", help="database and platform")
    one.add_argument("--searched", metavar="DAY", help="day of the search there (default: today)")
    one.add_argument("--query", metavar="TEXT", help="the strategy as it was run there")
    one.add_argument("--format", metavar="NAME", help="where the ending does not tell")
    one.add_argument("--encoding", metavar="NAME", help="utf-8 (default), gb18030 or utf-16")
    one.add_argument("--dry-run", action="store_true", help="say what would come in")


def run(arguments: argparse.Namespace, day: str) -> int:
    """Run the verb; its exit code."""
    from review.searching.imports import import_file

    report = import_file(
        open_store(arguments),
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
        print_json(report.model_dump(mode="json"))
        return Exit.CANDIDATES if report.new else Exit.NOTHING_NEW
    say(f"{report.file}: {report.found} records ({report.format_name}), {len(report.new)} new")
    if report.known:
        say(f"  {len(report.known)} were held already")
    say("  nothing was written" if arguments.dry_run else "  now: review dedupe, review screen")
    return Exit.CANDIDATES if report.new else Exit.NOTHING_NEW
