"""The command: verbs to stages, errors to one line and a code."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import ModuleType, TracebackType

from review import __version__
from review.cli import (
    appraise,
    check,
    confirm,
    convert,
    dedupe,
    doctor,
    edition,
    extract,
    fulltext,
    grade,
    import_,
    migrate,
    pool,
    protocol,
    publish,
    screen,
    search,
    status,
    synthesise,
    update,
    verify,
    vocabulary,
)
from review.cli.say import print_json, say
from review.cli.verb import Parser
from review.ground.errors import Exit, InvalidDataError, ReviewError, UsageError

EPILOG = """exit codes: 0 nothing new or all well, 10 new candidates, 20 a retraction or correction
touches an included study, 30 a source failed, 40 invalid data, 50 another update is running,
60 publishing failed, 2 usage, 130 interrupted"""


VERBS: dict[str, ModuleType] = {
    "update": update,
    "search": search,
    "dedupe": dedupe,
    "screen": screen,
    "extract": extract,
    "fulltext": fulltext,
    "grade": grade,
    "appraise": appraise,
    "synthesise": synthesise,
    "pool": pool,
    "publish": publish,
    "check": check,
    "verify": verify,
    "confirm": confirm,
    "edition": edition,
    "vocabulary": vocabulary,
    "status": status,
    "doctor": doctor,
    "convert": convert,
    "import": import_,
    "protocol": protocol,
    "migrate": migrate,
}


def build_parser() -> argparse.ArgumentParser:
    """All verbs with their options."""
    common = Parser(add_help=False)
    common.add_argument(
        "--root", type=Path, metavar="DIR", help="the review's folder (default: here or above)"
    )
    common.add_argument(
        "--json", action="store_true", help="print one JSON object instead of lines"
    )
    parser = Parser(prog="review", description="A living review as a repository.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"living-review {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, text: str) -> Parser:
        return verbs.add_parser(
            name, parents=[common], help=text, description=text[0].upper() + text[1:] + "."
        )

    for module in VERBS.values():
        module.add(verb)
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
        return int(VERBS[arguments.verb].run(arguments, day))
    except InvalidDataError as error:
        _fail(error, arguments, [str(problem) for problem in error.problems])
        return error.exit
    except ReviewError as error:
        _fail(error, arguments, [str(error)])
        return error.exit
    except KeyboardInterrupt:
        say("interrupted; nothing is half-written", file=sys.stderr)
        return Exit.INTERRUPTED
    except MemoryError:
        gc.collect()
        full = UsageError("not enough memory; split the file")
        _fail(full, arguments, [str(full)])
        return full.exit
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
    if {"update", "search", "fulltext"} & set(sys.argv[1:2]):
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


def _fail(error: Exception, arguments: argparse.Namespace, lines: list[str]) -> None:
    from review.ground.secrets import scrub

    code = getattr(error, "exit", Exit.INVALID)
    if arguments.json:
        print_json({"exit": int(code), "errors": [scrub(line) for line in lines]})
    for line in lines:
        say(f"review {arguments.verb}: {scrub(line)}", file=sys.stderr)
