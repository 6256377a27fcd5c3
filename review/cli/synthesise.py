"""``review synthesise``: what may be pooled of each question, and what not and why."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import UsageError


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("synthesise", "what may be pooled of each question, and what not and why")
    one.add_argument("--question", metavar="ID", help="one question only")
    one.add_argument(
        "--include-unverified", action="store_true", help="a draft figure of values nobody signed"
    )
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="write plots (SVG) and tables (CSV) there"
    )


def run(arguments: argparse.Namespace, _day: str) -> int:
    """Run the verb; its exit code."""
    from review.grading.review import Review
    from review.synthesis.sentence import sentence_of
    from review.synthesis.synthesise import synthesise
    from review.synthesis.tables import as_json

    store = open_store(arguments)
    review = Review.of(store)
    drafts = True if arguments.include_unverified else None
    found = synthesise(review, drafts, arguments.question)
    if arguments.out is not None:
        _write_syntheses(arguments.out, review, found)
    if arguments.json:
        print_json(as_json(found))
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
    from review.synthesis.pictures import pictures_of
    from review.synthesis.tables import as_csv, tables_of

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--out {folder}: found a file, expected a folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures_of(review, found).items():
        with whole(folder / f"{name}.svg") as out:
            out.write(picture)
    for name, rows in tables_of(review, found).items():
        with whole(folder / f"{name}.csv") as out:
            out.write(as_csv(name, rows))
