"""``review update``: the monthly job: search, dedupe, draft, publish."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from review.cli.root import open_store
from review.cli.verb import REPORT, Answer, CommonOptions, Verb, reported
from review.ground.errors import Exit, ReviewError, UsageError

if TYPE_CHECKING:
    from review.files.store import Store
    from review.update.report import UpdateReport


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    dry_run: bool
    no_publish: bool
    out: Path | None
    pull_request: Path | None
    site: str | None
    report: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("update", "the monthly job: search, dedupe, draft, publish")
    one.add_argument("--dry-run", action="store_true", help="search and report, write nothing")
    one.add_argument("--no-publish", action="store_true", help="leave the site as it is")
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="where the site is built (the review's build/)"
    )
    one.add_argument(
        "--pull-request", type=Path, metavar="FILE", help="write the pull request's text there"
    )
    one.add_argument(
        "--site", metavar="URL", help="the published site, for links in the pull request's text"
    )
    one.add_argument("--report", action="store_true", help=REPORT)


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.files.outputs import writable
    from review.update.update import STAGES

    store = open_store(options.root)
    if options.site is not None and not options.site.startswith(("https://", "http://")):
        raise UsageError(f"--site {options.site}: expected an address that starts with https://")
    writable({"pull-request": options.pull_request}, [])
    report = month(store, day, stages=STAGES, dry_run=options.dry_run)
    if not (options.dry_run or options.no_publish):
        report = _published(report, store, options.out or store.root / "build")
    answer = told(report, options.pull_request, options.site)
    return reported(answer, "update", day) if options.report else answer


def month(store: Store, day: str, *, stages: frozenset[str], dry_run: bool) -> UpdateReport:
    """Run stages of the monthly job; bars and delays are shown while it works.

    :param stages: of ``review.update.update.STAGES``
    """
    from review.cli.services import services
    from review.cli.terminal import note, progress
    from review.ground.secrets import scrub
    from review.update.update import update

    with services(store, day), progress(sys.stderr) as show:
        return update(
            store,
            day,
            stages=stages,
            dry_run=dry_run,
            progress=show,
            say=lambda line: note(f"  {scrub(line)}"),
        )


def _published(report: UpdateReport, store: Store, out: Path) -> UpdateReport:
    """The report after the site was built; that it could not be stands in the report."""
    from review.ground.secrets import scrub
    from review.publishing.publish import publish

    try:
        publish(store, out)
    except ReviewError as error:
        return replace(report, publish_error=scrub(" ".join(str(error).split("\n"))))
    return report


def told(report: UpdateReport, pull_request: Path | None = None, site: str | None = None) -> Answer:
    """A report for who typed the command, and for GitHub where it runs there.

    The month is told even where a file beside it can't be written: that is an error, told with it.

    :param pull_request: the file of the pull request's text
    :param site: address of the published site
    """
    from review.cli.github import tell_github
    from review.files.outputs import whole
    from review.ground.secrets import scrub
    from review.update.report import lines, markdown

    answer = Answer(report.as_json, (scrub(line) for line in lines(report)), exit=report.exit)
    try:
        if pull_request is not None:
            with whole(pull_request) as out:
                out.write(markdown(report, site))
        tell_github(report)
    except ReviewError as error:
        return replace(answer, asides=(f"review update: {error}",), exit=error.exit)
    except OSError as error:
        sentence = f"review update: {error.filename}: {error.strerror}"
        return replace(answer, asides=(sentence,), exit=Exit.INVALID)
    return answer
