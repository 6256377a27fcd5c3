"""The code itself: tidy, typed, and free of what must not be there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Set
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.conftest import HOME

BIN = Path(sys.executable).parent


def tracked(*patterns: str) -> list[str]:
    """The repository's own files: what else a user keeps in the folder is theirs."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=HOME, capture_output=True, check=False
    )
    names = [name.decode() for name in done.stdout.split(b"\0") if name]
    return [name for name in names if (HOME / name).is_file() and not skipped(name)] or ["."]


SKIPPED = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["codespell"]


def skipped(name: str) -> bool:
    """Files whose words are not English, or not ours."""
    return any(
        name == one or name.startswith(f"{one}/") or fnmatch(name, one)
        for one in SKIPPED["skip"].split(",")
    )


@pytest.mark.parametrize(
    ("command", "patterns"),
    [
        (["ruff", "check"], ["*.py"]),
        (["ruff", "format", "--check"], ["*.py"]),
        (["mypy"], None),
        (["codespell"], []),
    ],
    ids=["ruff check", "ruff format", "mypy", "codespell"],
)
def test_the_linters_find_nothing(command: list[str], patterns: list[str] | None) -> None:
    files = [] if patterns is None else tracked(*patterns)
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:], *files],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


BOUNDARY = """    except Exception as error:
        what = f"{type(error).__name__}: {printable(str(error))[:LONGEST]}"
        raise SourceError("""
"""The one place where a module that may be anybody's is called: it raises again, by the source."""


def test_no_failure_is_swallowed_and_nothing_is_left_for_later() -> None:
    paths = [*(HOME / "review").rglob("*.py"), *(HOME / "extractors").rglob("*.py")]
    assert len(paths) > 100
    for path in sorted(paths):
        text = path.read_text(encoding="utf-8")
        if path == HOME / "review/searching/sources/__init__.py":
            assert text.count(BOUNDARY) == 1
            text = text.replace(BOUNDARY, "")
        for sign in ("except Exception", "except:", "TODO", "FIXME", "NotImplementedError"):
            assert sign not in text, f"{path.name}: {sign}"


# ---- a test bites --------------------------------------------------------------------------------

KEEPING = frozenset(("sorted", "list", "tuple", "set", "reversed", "enumerate", "zip", "product"))
"""Calls that give something where they are given something."""
VIEWS = frozenset(("items", "values", "keys"))


def never_empty(node: ast.expr, names: Set[str]) -> bool:
    """Whether an expression holds something in every run: a literal, one of ``names``, or what is
    made of such without a condition.
    """
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Constant | ast.Dict):
        return bool(node.value if isinstance(node, ast.Constant) else node.keys)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(
            never_empty(one.value, names) if isinstance(one, ast.Starred) else True
            for one in node.elts
        )
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return all(never_empty(one.iter, names) and not one.ifs for one in node.generators)
    if isinstance(node, ast.BinOp):
        added = isinstance(node.op, ast.Add | ast.BitOr)
        return added and (never_empty(node.left, names) or never_empty(node.right, names))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in VIEWS and never_empty(node.func.value, names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "range":
            return all(isinstance(one, ast.Constant) for one in node.args)
        return node.func.id in KEEPING and all(never_empty(one, names) for one in node.args)
    return False


def constants(nodes: Iterable[ast.AST], names: Set[str]) -> Set[str]:
    """``names``, and those that are given what is never empty, imported, or a part of such."""
    names = set(names)
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            names |= {one.name for one in node.names if one.name[0].isupper()}
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given = {node.targets[0].id}
            names = names | given if never_empty(node.value, names) else names - given
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            given = {node.target.id}
            names = names | given if never_empty(node.value, names) else names - given
        elif isinstance(node, ast.For) and never_empty(node.iter, names):
            names |= {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
    return names


def empty_handed(test: ast.FunctionDef, names: Set[str]) -> bool:
    """Whether all assertions of a test stand in loops over something computed: where nothing is
    computed, nothing is asserted.

    :param names: of the module that are never empty
    """
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("parametrize"):
            names = names | set(re.findall(r"\w+", ast.unparse(mark.args[0])))
    names = constants(ast.walk(test), names)
    assertions = [
        node
        for node in ast.walk(test)
        if isinstance(node, ast.Assert)
        or (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("pytest.raises", "pytest.fail")
        )
    ]
    computed = [
        set(ast.walk(node))
        for node in ast.walk(test)
        if isinstance(node, ast.For) and not never_empty(node.iter, names)
    ]
    return bool(assertions) and all(any(one in loop for loop in computed) for one in assertions)


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ("for one in found():\n assert one", True),
        ("rows = found()\nfor one in sorted(rows):\n assert one", True),
        ("rows = []\nfor one in rows:\n assert one", True),
        ("for one in [x for x in (1, 2) if x > 2]:\n assert one", True),
        ("for one in (1, 2):\n for two in found(one):\n  assert two", True),
        ("for n, one in enumerate(found()):\n with pytest.raises(ValueError):\n  f(one)", True),
        ("rows = found()\nassert rows\nfor one in rows:\n assert one", False),
        ("n = 0\nfor one in found():\n n += 1\n assert one\nassert n > 3", False),
        ("for one in (1, 2):\n assert found(one)", False),
        ("for n, one in enumerate(ROWS):\n assert found(one)", False),
        ("cases = {1: 2}\nfor one, two in cases.items():\n assert found(one) == two", False),
        ("for one in CASES:\n for two in (1, one):\n  assert found(two)", False),
        ("while found():\n assert True", False),
        ("found()", False),
    ],
)
def test_a_test_that_asserts_in_a_loop_alone_is_seen(body: str, refused: bool) -> None:
    lines = "".join(f"\n    {line}" for line in body.splitlines())
    (test,) = ast.parse(f"def test_it() -> None:{lines}").body
    assert isinstance(test, ast.FunctionDef)
    assert empty_handed(test, {"ROWS", "CASES"}) is refused


def test_every_test_fails_where_nothing_is_computed() -> None:
    """A test whose only assertions stand in a loop over something computed is green when the loop
    goes over nothing: assert first that there is something.
    """
    read, refused = 0, []
    for path in sorted((HOME / "tests").glob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = constants(tree.body, set())
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                read += 1
                if empty_handed(node, names):
                    refused.append(f"{path.name}:{node.lineno}: {node.name}")
    assert read > 600
    assert refused == []
