"""The command: verbs to stages, errors to one line and a code."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TypeVar

from review import __version__
from review.cli.examples import epilog
from review.cli.root import root_of
from review.cli.say import print_json, say
from review.cli.verb import Answer, CommonOptions, Parser
from review.cli.words import LANGUAGES, first_language, in_words, speak
from review.ground.errors import Exit, InvalidDataError, ReviewError, UsageError
from review.ground.wording import wording

EPILOG = """exit codes: 0 nothing new or all well, 10 new candidates, 20 a retraction or correction
touches an included study, 30 a source failed, 40 invalid data, 50 another update is running
or a file changed meanwhile (run it again), 60 publishing failed, 2 usage, 130 interrupted"""


VERBS = {
    "update": "update",
    "search": "search",
    "dedupe": "dedupe",
    "screen": "screen",
    "extract": "extract",
    "fulltext": "fulltext",
    "assign": "assign",
    "grade": "grade",
    "appraise": "appraise",
    "synthesise": "synthesise",
    "pool": "pool",
    "publish": "publish",
    "check": "check",
    "verify": "verify",
    "confirm": "confirm",
    "notice": "notice",
    "edition": "edition",
    "vocabulary": "vocabulary",
    "status": "status",
    "doctor": "doctor",
    "convert": "convert",
    "import": "import_",
    "protocol": "protocol",
    "migrate": "migrate",
}
"""Each verb and its file in this folder, which is read when it is needed: of 24 verbs one runs."""
Chosen = TypeVar("Chosen", bound=CommonOptions)


def verb_module(name: str) -> ModuleType:
    """A verb's ``Options``, ``add`` and ``run``."""
    return import_module(f"review.cli.{VERBS[name]}")


def build_parser(names: Iterable[str] = VERBS) -> argparse.ArgumentParser:
    """The command's parser.

    :param names: verbs whose options it knows
    """
    common = Parser(add_help=False)
    common.add_argument(
        "--root", type=Path, metavar="DIR", help="the review's folder (default: here or above)"
    )
    common.add_argument(
        "--json", action="store_true", help="print one JSON object instead of lines"
    )
    common.add_argument(
        "--lang",
        choices=LANGUAGES,
        help="language of what is printed (default: the protocol's first)",
    )
    parser = Parser(prog="review", description="A living review as a repository.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"living-review {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, text: str) -> Parser:
        return verbs.add_parser(
            name,
            parents=[common],
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog=epilog(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    for name in names:
        verb_module(name).add(verb)
    return parser


def options_of(kind: type[Chosen], arguments: argparse.Namespace) -> Chosen:
    """What was typed, as the frozen options of a verb: each field by its name."""
    return kind(**{field.name: getattr(arguments, field.name) for field in fields(kind)})


def main(argv: Sequence[str] | None = None, *, today: str | None = None) -> int:
    """Run a verb.

    :param argv: the words after ``review``; those of the process when None
    :param today: the day to work on; the clock's when None
    :returns: the exit code
    """
    words = sys.argv[1:] if argv is None else argv
    try:
        arguments = build_parser([v for v in words[:1] if v in VERBS] or VERBS).parse_args(words)
    except SystemExit as stop:
        return int(stop.code or 0)
    day = today or date.today().isoformat()
    speak(arguments.lang or _first_language(arguments.root))
    try:
        verb = verb_module(arguments.verb)
        answer: Answer = verb.run(options_of(verb.Options, arguments), day)
        _tell(answer, as_json=arguments.json)
        return int(answer.exit)
    except InvalidDataError as error:
        _fail(error, arguments, [str(problem) for problem in error.problems])
        return error.exit
    except ReviewError as error:
        _fail(error, arguments, [in_words(error.args[0] if error.args else error)])
        return error.exit
    except KeyboardInterrupt:
        say(in_words(wording("interrupted; nothing is half-written")), file=sys.stderr)
        return Exit.INTERRUPTED
    except MemoryError:
        gc.collect()
        full = UsageError(wording("not enough memory; split the file"))
        _fail(full, arguments, [in_words(full.args[0])])
        return full.exit
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.NOTHING_NEW
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        _fail(error, arguments, [f"{name}{error.strerror or error}"])
        return Exit.INVALID


def _first_language(named: Path | None) -> str:
    """Of the review that is meant; English where none is found, which the verb itself tells."""
    try:
        return first_language(root_of(named))
    except ReviewError:
        return first_language(Path())


def run() -> None:
    """Entry point of the ``review`` command."""
    if {"status", "protocol", "--help", "-h", "--version"} & set(sys.argv[1:]):
        gc.disable()  # these end before a collection could pay for itself
    if {"update", "search", "fulltext", "doctor"} & set(sys.argv[1:2]):
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


def _tell(answer: Answer, *, as_json: bool) -> None:
    """Print what a verb answers: one JSON value, or its lines; all of it or nothing."""
    for line in answer.asides:
        say(in_words(line), file=sys.stderr)
    if as_json:
        print_json(answer.facts() if callable(answer.facts) else answer.facts)
    elif lines := list(answer.lines):
        say("\n".join(map(in_words, lines)))


def _fail(error: Exception, arguments: argparse.Namespace, lines: list[str]) -> None:
    from review.ground.secrets import scrub

    code = getattr(error, "exit", Exit.INVALID)
    if arguments.json:
        print_json({"exit": int(code), "errors": [scrub(line) for line in lines]})
    for line in lines:
        say(f"review {arguments.verb}: {scrub(line)}", file=sys.stderr)
