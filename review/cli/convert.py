"""``review convert``: between bibliography formats (see --help)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from review.cli.say import print_json, say
from review.cli.verb import Verb


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


def run(arguments: argparse.Namespace, _day: str) -> int:
    """Run the verb; its exit code."""
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
        print_json({"records": count, "output": str(arguments.output)})
    else:
        say(f"{arguments.output}: {count:,} records")
    return 0
