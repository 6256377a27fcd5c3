"""``review synthesise``: what may be pooled of each question, and what not and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.grading.review import Review
    from review.synthesis.synthesise import Synthesis


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    question: str | None
    include_unverified: bool
    out: Path | None


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


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.grading.review import Review
    from review.synthesis.synthesise import synthesise
    from review.synthesis.tables import as_json

    review = Review.of(open_store(options.root).snapshot())
    drafts = True if options.include_unverified else None
    syntheses = synthesise(review, drafts, options.question)
    if options.out is not None:
        _write_syntheses(options.out, review, syntheses)
    return Answer(partial(as_json, syntheses), _lines(syntheses))


def _lines(syntheses: Sequence[Synthesis]) -> Iterator[str]:
    from review.synthesis.sentence import sentence_of

    for one in syntheses:
        mark = " (UNVERIFIED)" if one.unverified else ""
        yield f"{one.question}: {sentence_of(one, 'en')}{mark}"
        for row in one.estimates:
            sign = "verified" if row.verified else "unverified"
            low, high = row.shown[1:]
            people = (
                f"{row.events:g}/{row.people:g}, " if row.events is not None and row.people else ""
            )
            yield f"  {row.study}: {people}{row.shown[0]:.3f} ({low:.3f} to {high:.3f}), {sign}"
        for out in one.left_out:
            yield f"  left out {out.study}: {out.reason['en']}"
    yield f"{sum(one.pooled is not None for one in syntheses)} of {len(syntheses)} questions pooled"


def _write_syntheses(folder: Path, review: Review, syntheses: Sequence[Synthesis]) -> None:
    """Plots and tables of all syntheses, each file whole."""
    from review.files.outputs import whole
    from review.synthesis.pictures import pictures_of
    from review.synthesis.tables import as_csv, tables_of

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--out {folder}: found a file, expected a folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures_of(review, syntheses).items():
        with whole(folder / f"{name}.svg") as out:
            out.write(picture)
    for name, rows in tables_of(review, syntheses).items():
        with whole(folder / f"{name}.csv") as out:
            out.write(as_csv(name, rows))
