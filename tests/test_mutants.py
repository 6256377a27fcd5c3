"""The mutants: which faults are made, that a swapped function is the faulty one, and no reason is stale."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from tests import mutants
from tests.conftest import HOME

SOURCE = '''
from functools import cached_property

def near(a: int, b: int) -> bool:
    """Whether."""
    if not a or b > 2:
        raise ValueError(f"found {a + 1}")
    return a == b

class Thing:
    kept: int | None = 3

    @cached_property
    def rest(self) -> list[int]:
        seen = ({1} - {2}) | {3}
        seen.add(-1)
        return sorted(seen)

def outer():
    def inner(x):
        return x < 5 and not x
    return inner

made = outer()
'''
CHANGES = [
    "not a or b > 2 -> not a and b > 2",
    "not a -> a",
    "b > 2 -> b >= 2",
    "b > 2 -> b <= 2",
    "2 -> 3",
    "raise ValueError(f'found {a + 1}') -> pass",
    "return a == b -> return not a == b",
    "a == b -> a != b",
    "{1} - {2} | {3} -> {1} - {2} & {3}",
    "{1} - {2} -> {2} - {1}",
    "1 -> 2",
    "2 -> 3",
    "3 -> 4",
    "seen.add(-1) -> pass",
    "-1 -> 0",
    "return sorted(seen) -> return []",
    "return x < 5 and (not x) -> return None",
    "x < 5 and (not x) -> x < 5 or not x",
    "x < 5 -> x <= 5",
    "x < 5 -> x >= 5",
    "5 -> 6",
    "not x -> x",
    "return inner -> return None",
]


def test_the_faults_of_a_module_are_those_of_its_functions() -> None:
    assert [one.change for one in mutants.mutants("toy.py", SOURCE)] == CHANGES


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, imported as the product is."""
    (tmp_path / "toy.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(mutants, "HOME", tmp_path)
    monkeypatch.delitem(sys.modules, "toy", raising=False)
    import toy  # type: ignore[import-not-found]

    monkeypatch.delitem(sys.modules, "toy")
    return toy  # type: ignore[no-any-return]


def test_a_mutant_is_the_product_with_its_one_fault(toy: ModuleType) -> None:
    every = {one.change: one for one in mutants.mutants("toy.py", SOURCE)}
    thing = toy.Thing()
    assert (toy.near(1, 1), toy.made(0), thing.rest) == (True, True, [-1, 1, 3])
    for change, got in (
        ("a == b -> a != b", lambda: toy.near(1, 1) is False),
        ("return sorted(seen) -> return []", lambda: toy.Thing().rest == []),
        ("x < 5 -> x >= 5", lambda: toy.made(0) is False),
    ):
        mutants.mutated(every[change])
        assert got(), change
    assert toy.near(1, 1) is True, "the fault before is gone with the next"


def test_each_statement_tells_when_it_is_run(
    toy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "toy", toy)
    reached: list[str] = []
    mutants.marked("toy.py", reached.append)
    toy.near(1, 1)
    assert reached == ["toy.py:5:4", "toy.py:6:4", "toy.py:8:4"]
    reached.clear()
    toy.made(7)
    assert reached == ["toy.py:21:8"]


def test_a_draw_is_the_same_whatever_stands_elsewhere() -> None:
    def drawn(text: str) -> list[str]:
        every = mutants.mutants("toy.py", text)
        return [one.change for one in sorted(every, key=lambda one: one.rank(7))[:5]]

    assert drawn(SOURCE) == drawn("import os\n\n" + SOURCE) != CHANGES[:5]


def test_no_reason_stands_for_a_line_that_is_gone() -> None:
    """Each explained change is one of those that are made."""
    made = {
        (one.source, one.change)
        for path in mutants.targets()
        for one in mutants.mutants(path, (HOME / path).read_text("utf-8"))
    }
    assert len(made) > 1_000
    assert set(mutants.EXPLAINED) - made == set()
    assert all(len(why) > 10 for why in mutants.EXPLAINED.values())


@pytest.mark.parametrize("target", mutants.TARGETS)
def test_each_target_and_its_tests_are_there(target: str) -> None:
    tests: Mapping[str, tuple[str, ...]] = mutants.TARGETS
    assert (HOME / target).exists()
    assert all((HOME / "tests" / f"test_{one}.py").is_file() for one in tests[target])
