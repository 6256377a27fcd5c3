"""The code itself: tidy, typed, and free of what must not be there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HOME

BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["codespell"]],
    ids=" ".join,
)
def test_the_linters_find_nothing(command: list[str]) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_failure_is_swallowed_and_nothing_is_left_for_later() -> None:
    for folder in ("review", "extractors"):
        for path in sorted((HOME / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            for sign in ("except Exception", "except:", "TODO", "FIXME", "NotImplementedError"):
                assert sign not in text, f"{path.name}: {sign}"
