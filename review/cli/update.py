"""``review update``: the monthly job: search, dedupe, draft, publish."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import ReviewError


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


def run(arguments: argparse.Namespace, day: str) -> int:
    """Run the verb; its exit code."""
    from review.cli.github import tell_github
    from review.cli.terminal import progress
    from review.files.outputs import whole, writable
    from review.ground.secrets import scrub
    from review.update.report import lines, markdown
    from review.update.update import STAGES, update

    store = open_store(arguments)
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
        print_json(report.as_json())
    else:
        say("\n".join(scrub(line) for line in lines(report)))
    if pull_request is not None:
        with whole(pull_request) as out:
            out.write(markdown(report))
    tell_github(report)
    return int(report.exit)
