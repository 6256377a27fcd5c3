"""The code itself: tidy, typed, and free of what must not be there."""

from __future__ import annotations

import subprocess
import sys
import tomllib
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


def test_no_failure_is_swallowed_and_nothing_is_left_for_later() -> None:
    for folder in ("review", "extractors"):
        for path in sorted((HOME / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            for sign in ("except Exception", "except:", "TODO", "FIXME", "NotImplementedError"):
                assert sign not in text, f"{path.name}: {sign}"
