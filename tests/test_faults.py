"""The matrix of faults and kills: a sample of it, and in ``make test-all`` all of it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import HOME
from tests.faults import (
    ANOTHER_WORLD,
    FAULTS,
    SCENES,
    Cell,
    Ended,
    Stage,
    all_cells,
    part_of,
    printed,
    sample,
)


def stage() -> Stage:
    from pathlib import Path

    return Stage(Path(), {}, {}, {}, 20, {"esearch": 4, "efetch": 3, "epost": 1}, 26)


PARTS = 6


def played(*options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *options, "--workers", "1", "--json"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_a_fault_a_kill_or_a_scene_ends_in_the_undisturbed_bytes_or_red_and_unchanged(
    part: int,
) -> None:
    """Each fault of each tool, kills of each kind at writes and requests, both, and all scenes."""
    result = played("--sample", "--part", f"{part}/{PARTS}")
    assert result["failing"] == {}
    assert result["passed"] == result["cells"] > 10
    assert set(result["signs"]) <= {"=", "R", "T"}


WHOLE = 24


@pytest.mark.whole
@pytest.mark.parametrize("part", range(1, WHOLE + 1))
def test_every_fault_at_every_place_and_every_kill(part: int) -> None:
    result = played("--part", f"{part}/{WHOLE}")
    assert result["failing"] == {}
    assert result["passed"] == result["cells"] > 20


def test_parts_are_the_whole() -> None:
    cells = all_cells(stage())
    parts = [one for part in range(1, PARTS + 1) for one in part_of(cells, f"{part}/{PARTS}")]
    assert len(parts) == len(cells)
    assert set(parts) == set(cells)


def test_the_sample_holds_every_fault_every_kind_of_kill_and_every_scene() -> None:
    whole, part = all_cells(stage()), sample(stage())
    assert {c.row for c in part if not c.kill} == {c.row for c in whole if not c.kill}
    assert {(f.tool, f.action) for c in part if not c.kill for f in c.faults} == set(FAULTS)
    assert {c.kill[2] for c in part if c.kill} == {"before", "inside", "torn", "after"}
    assert {c.scene for c in part if c.scene} == set(SCENES)
    assert len(set(whole)) == len(whole) > 600


def test_the_whole_matrix_has_each_fault_at_its_first_middle_and_last_call_once_and_staying() -> (
    None
):
    cells = [c for c in all_cells(stage()) if c.faults and not c.kill]
    assert len(cells) == 6 * len(FAULTS) - 3 * len(ANOTHER_WORLD)
    kills = [c.kill for c in all_cells(stage()) if c.kill and not c.faults]
    assert {k[:2] for k in kills if k[0] == "write"} == {("write", n) for n in range(1, 27)}
    assert {k[:2] for k in kills if k[0] == "request"} == {("request", n) for n in range(1, 9)}


def test_a_failing_cell_is_shouted() -> None:
    cell = Cell("http_500", "efetch first once", all_cells(stage())[0].faults)
    lines = printed([Ended(cell, "!", ("other bytes",))])
    assert "FAILING http_500, efetch first once: other bytes" in lines
    assert lines[-1] == "1 cells, 0 passed"
