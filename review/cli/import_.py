"""``review import``: records of another database from its export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import Exit

if TYPE_CHECKING:
    from review.model.importing import Import


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    file: Path
    source: str
    platform: str
    searched: str | None
    query: str | None
    format: str | None
    encoding: str | None
    dry_run: bool


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


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.cli import touched
    from review.cli.terminal import note
    from review.searching.imports import import_file
    from review.selection.library import Library

    store = open_store(options.root)
    before = Library.partial(store.snapshot())
    report = import_file(
        store,
        options.file,
        source=options.source,
        platform=options.platform,
        searched=options.searched or day,
        today=day,
        query=options.query,
        format_name=options.format,
        encoding=options.encoding,
        dry_run=options.dry_run,
        warn=note,
    )
    told = list(touched.lines(before, Library.partial(store.snapshot())))
    return Answer(
        report.model_dump(mode="json"),
        [*_lines(report, dry_run=options.dry_run), *told],
        exit=touched.exit_code(told, Exit.CANDIDATES if report.new else Exit.NOTHING_NEW),
    )


def _lines(report: Import, *, dry_run: bool) -> Iterator[str]:
    yield f"{report.file}: {report.found} records ({report.format_name}), {len(report.new)} new"
    if report.known:
        yield f"  {len(report.known)} were held already"
    yield "  nothing was written" if dry_run else "  now: review dedupe, review screen"
