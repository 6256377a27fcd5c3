"""``review convert``: between bibliography formats (see --help)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from review.cli.verb import Answer, CommonOptions, Verb


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    input: Sequence[Path]
    output: Path
    format: str | None
    encoding: str | None


def add(verb: Verb) -> None:
    """The verb's options."""
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


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.cli.terminal import counter, note
    from review.formats.convert import convert

    with counter(sys.stderr) as arrived:
        count = convert(
            options.input,
            options.output,
            arrived,
            warn=note,
            encoding=options.encoding,
            format_name=options.format,
        )
    return Answer(
        {"records": count, "output": str(options.output)}, [f"{options.output}: {count:,} records"]
    )
