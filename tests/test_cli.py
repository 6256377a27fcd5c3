"""The command line: options are what the parser reads, and what is printed is whole."""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from review import cli
from review.cli.entry import EPILOG, VERBS, build_parser, verb_module
from review.files.store import Store
from review.ground.errors import Exit
from review.update.report import MEANING
from tests.conftest import HOME

DAY = "2026-09-10"


def actions(verb: str) -> Iterator[argparse.Action]:
    """What a verb's parser reads, but for --help."""
    (verbs,) = (
        action
        for action in build_parser([verb])._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    yield from (one for one in verbs.choices[verb]._actions if one.dest != "help")


def annotation(action: argparse.Action) -> str:
    """The type of what a parser leaves in the namespace, as a field is annotated."""
    if isinstance(action, argparse._StoreTrueAction):
        return "bool"
    kind = getattr(action.type or str, "__name__", "")
    if action.nargs in ("*", "+", 2) or isinstance(action, argparse._AppendAction):
        kind = f"Sequence[{kind}]"
    return kind if action.required or action.default is not None else f"{kind} | None"


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_s_options_are_what_its_parser_reads(verb: str) -> None:
    """mypy sees the fields and not the parser: names and types must agree."""
    read = {action.dest: annotation(action) for action in actions(verb)}
    assert {"root": "Path | None", "json": "bool", "lang": "str | None"}.items() <= read.items()
    assert {field.name: field.type for field in fields(verb_module(verb).Options)} == read


def test_every_file_of_the_command_line_is_a_verb_or_serves_them() -> None:
    found = {path.stem for path in (HOME / "review" / "cli").glob("*.py")}
    assert found - set(VERBS.values()) == {
        *("__init__", "entry", "examples", "github", "root", "say", "screening", "services"),
        *("signing", "terminal", "touched", "verb", "words"),
    }


# ---- what is printed -----------------------------------------------------------------------------


def test_json_is_one_value_whatever_was_asked(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet, its way back, keys on the terminal: the conversation goes to standard error."""
    sheet = tmp_path / "sheet.csv"
    screen = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--json"]
    waiting = len(Store(root).records())

    def told(*more: str) -> object:
        assert cli.main([*screen, *more], today=DAY) == 0
        return json.loads(capsys.readouterr().out)

    exported = told("--export", str(sheet))
    assert isinstance(exported, dict)
    assert exported["sheet"] == str(sheet)
    assert 0 < exported["records"] <= waiting
    assert told("--import", str(sheet)) == {"reviewer": "reviewer-a", "decisions": 0}
    with monkeypatch.context() as patched, (tmp_path / "keys").open("w+") as keys:
        keys.write("i\nq\n")
        keys.seek(0)
        patched.setattr("sys.stdin", keys)
        assert told() == {"reviewer": "reviewer-a", "decisions": 1}


def test_a_withdrawn_signature_on_a_claim_that_is_gone_is_told_as_json(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["confirm", "D02", "--root", str(root), "--person", "reviewer-a"]
    assert cli.main(command, today=DAY) == 0
    (root / "data" / "claims" / "D02.yaml").unlink()
    capsys.readouterr()
    assert cli.main([*command, "--withdraw", "--json"], today=DAY) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"claim": "D02", "withdrawn_by": "reviewer-a"}


def test_an_error_is_printed_alone(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that end in an error are not printed by half, nor is a JSON value before its errors."""
    from review.cli import verb
    from review.ground.errors import UsageError

    def lines() -> Iterator[str]:
        yield "the first line"
        raise UsageError("the second is none")

    answer = verb.Answer(lambda: list(lines()), lines(), asides=["beside it"])
    monkeypatch.setattr(verb_module("status"), "run", lambda _options, _day: answer)
    assert cli.main(["status", "--root", str(root)], today=DAY) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "beside it\nreview status: the second is none\n"
    assert cli.main(["status", "--root", str(root), "--json"], today=DAY) == 2
    assert json.loads(capsys.readouterr().out) == {"exit": 2, "errors": ["the second is none"]}


def test_of_all_verbs_the_one_that_is_typed_is_read(root: Path) -> None:
    """22 dataclasses at the start of each command are an eighth of `review status`."""
    script = (
        "import sys\n"
        "from review import cli\n"
        f"code = cli.main(['status', '--root', {str(root)!r}, '--json'])\n"
        "print(sorted(m for m in sys.modules if m.startswith('review.cli.')), file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    read = set(ast.literal_eval(done.stderr))
    every_verb_needs = ("entry", "examples", "root", "say", "verb", "words")
    assert read == {f"review.cli.{one}" for one in (*every_verb_needs, "status")}


@pytest.mark.parametrize("told", [EPILOG, (HOME / "README.md").read_text("utf-8")])
def test_an_exit_for_a_lock_says_both_of_its_reasons_everywhere(told: str) -> None:
    assert MEANING[Exit.LOCKED].startswith("another update is running or a file changed meanwhile")
    assert f"50 {MEANING[Exit.LOCKED]}," in " ".join(told.split())
