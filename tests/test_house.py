"""The house: each room knows only those below it, few touch the world, and one place prints."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import HOME

CONTRACT = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
LAYERS: list[str] = CONTRACT["importlinter"]["contracts"][0]["layers"]
ROOMS = {one.strip() for line in LAYERS for one in line.replace("|", ":").split(":")}


def linted(folder: Path) -> tuple[int, str]:
    """The exit code and words of import-linter on the program in a folder."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_each_room_knows_only_those_below_it() -> None:
    code, told = linted(HOME)
    assert code == 0, told
    assert "2 kept, 0 broken" in told


def test_only_acts_make_rows_of_what_a_person_decides(tmp_path: Path) -> None:
    """Who else imports the module that writes them, be it beside it, is named."""
    for part in ("review", "extractors"):
        shutil.copytree(HOME / part, tmp_path / part, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copyfile(HOME / "pyproject.toml", tmp_path / "pyproject.toml")
    others = ("files/migrate", "selection/sheet", "update/update", "cli/screen")
    for name in others:
        with (tmp_path / f"review/{name}.py").open("a", encoding="utf-8") as file:
            file.write("\nfrom review.files.row_bytes import write_rows\n")
    code, told = linted(tmp_path)
    assert code == 1
    assert "Only acts give a person a row BROKEN" in told
    for name in others:
        assert f"review.{name.replace('/', '.')} -> review.files.row_bytes" in told
    assert "review.acts" not in told.partition("Broken contracts")[2]


def test_every_room_stands_in_the_contract() -> None:
    """An unlisted one is invisible to it."""
    found = {
        f"review.{path.stem}"
        for path in (HOME / "review").iterdir()
        if (path.is_dir() and (path / "__init__.py").exists())
        or (path.suffix == ".py" and not path.stem.startswith("__"))
    }
    assert found | {"extractors"} == ROOMS


# ---- who touches disk, environment, network and clock --------------------------------------------

WORLDLY = {
    *("review/ground/net.py", "review/ground/session.py", "review/ground/child.py"),
    *("review/ground/resources.py", "review/ground/secrets.py"),
    "review/demo.py",
    *("review/status/memo.py", "review/status/doctor.py", "review/pooling/sheet.py"),
    *(
        "extractors/__init__.py",
        "review/model/__init__.py",
    ),  # its folder, one of pydantic's switches
}
"""Files that may, beside the rooms that may."""
WORLDLY_ROOMS = ("cli", "files", "formats", "publishing", "offline")
CALLS = frozenset(
    (
        *("open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink"),
        *("rename", "replace_file", "scandir", "listdir", "glob", "rglob", "iterdir", "is_file"),
        *("is_dir", "exists", "lexists", "stat", "rmtree", "copyfile", "copytree", "urlopen"),
        *("today", "now", "getrusage", "Popen"),
    )
)
MODULES = frozenset(("subprocess", "socket", "requests", "tempfile", "shutil"))


def touches(tree: ast.AST) -> Iterator[str]:
    """What of the world a module names: modules, the environment, calls on paths and clocks."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield node.module or ""
        elif isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
            yield node.attr
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            of_the_store = getattr(getattr(node.func, "value", None), "id", "") == "store"
            if name in CALLS and not of_the_store:
                yield name


def test_few_files_touch_the_world() -> None:
    found: dict[str, set[str]] = {}
    for folder in ("review", "extractors"):
        for path in sorted((HOME / folder).rglob("*.py")):
            name = path.relative_to(HOME).as_posix()
            room = path.relative_to(HOME / folder).parts[0]
            if name in WORLDLY or (folder == "review" and room in WORLDLY_ROOMS):
                continue
            if seen := set(touches(ast.parse(path.read_text(encoding="utf-8")))):
                found[name] = seen
    assert found == {}


# ---- one reader for one thing ---------------------------------------------------------------------

READERS = {
    "json.load": {"review/ground/json.py", "review/demo.py", "review/cli/protocol.py"},
    "csv.": {"review/ground/spreadsheet.py"},
}
"""Who may call Python's own: the strict reader, and who reads words that it wrote itself."""


@pytest.mark.parametrize("call", READERS)
def test_one_place_reads_what_others_wrote(call: str) -> None:
    pattern = re.compile(rf"(?<![\w.]){re.escape(call)}")
    paths = [path for room in ("review", "extractors") for path in (HOME / room).rglob("*.py")]
    found = {
        path.relative_to(HOME).as_posix()
        for path in paths
        if f"\nimport {call.partition('.')[0]}\n" in (text := path.read_text(encoding="utf-8"))
        and pattern.search(text)
    }
    assert found == READERS[call]


# ---- words of a language --------------------------------------------------------------------------

HAN = re.compile("[\u3400-\u9fff]")
RANGE = re.compile(r"\[[\u3400-\u9fff]-[\u3400-\u9fff]\]")
"""A pattern for the script itself, which is no word."""
READS_CHINESE = ("extraction", "formats", "texts", "dedupe", "searching")
"""Rooms whose Chinese words are read: patterns and words of the input."""
READS_CHINESE_TOO = {
    *("review/selection/cells.py", "review/selection/marks.py", "review/ground/chinese_names.py")
}
SHOWS_WORDS = {
    *("review/grading/propose.py", "review/grading/reasons.py"),
    "review/publishing/pages/syntheses.py",
    *("review/synthesis/eligible.py", "review/synthesis/estimate.py"),
    *("review/synthesis/synthesise.py", "review/synthesis/words.py"),
}
"""Files that show Chinese words which belong in ``site/i18n``: the list only shrinks."""


def texts_of(tree: ast.AST) -> Iterator[str]:
    """The strings of a module that are no docstrings."""
    documented = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }  # a string that stands alone says what the line above it is
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documented:
                yield node.value


def test_words_that_are_shown_stand_with_the_words_of_their_language() -> None:
    """Chinese that a reader sees is ``site/i18n``'s; what Python holds of it is there to be read."""
    found = set()
    for path in sorted((HOME / "review").rglob("*.py")):
        name = path.relative_to(HOME).as_posix()
        room = path.relative_to(HOME / "review").parts[0]
        if room in READS_CHINESE or name in READS_CHINESE_TOO:
            continue
        words = texts_of(ast.parse(path.read_text(encoding="utf-8")))
        if any(HAN.search(word) and not RANGE.fullmatch(word) for word in words):
            found.add(name)
    assert found - SHOWS_WORDS == set()
    assert found == SHOWS_WORDS, "one fewer: take it out of the list"


# ---- who prints ----------------------------------------------------------------------------------

SPEAKERS = {
    *("review/cli/entry.py", "review/cli/say.py", "review/cli/terminal.py"),
    "review/demo.py",  # plays the command line to who looks on
    "review/texts/pdf.py",  # a child of this program, whose standard output is a pipe to its parent
}
"""Files that print: the command line, and what is no verb's answer."""


def handed_in(tree: ast.AST) -> set[str]:
    """Names of parameters: a ``say`` that the caller gives is the caller's."""
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def spoken(tree: ast.AST) -> Iterator[str]:
    """What of a module prints: print, the printers of ``review.cli.say``, writes to a stream."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "review.cli.say":
            yield "say"
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            if node.func.id in {"print", "say", "print_json"} - handed_in(tree):
                yield node.func.id
        elif isinstance(node.func, ast.Attribute) and node.func.attr in ("write", "writelines"):
            stream = ast.unparse(node.func.value)
            if stream in ("sys.stdout", "sys.stderr", "sys.stdout.buffer"):
                yield stream


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("print(1)", ["print"]),
        ("def f():\n    say('x')", ["say"]),
        ("from review.cli.say import say as tell", ["say"]),
        ("def f(say):\n    say('x')", []),
        ("import sys\nsys.stdout.write('x')", ["sys.stdout"]),
        ("out.write('x')\nself.say('x')", []),
    ],
)
def test_what_counts_as_printing(source: str, expected: list[str]) -> None:
    assert list(spoken(ast.parse(source))) == expected


def test_verbs_answer_and_one_place_prints() -> None:
    found = {
        path.relative_to(HOME).as_posix()
        for folder in ("review", "extractors")
        for path in (HOME / folder).rglob("*.py")
        if any(spoken(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert found == SPEAKERS
