"""Format 1 to 2, rehearsed on the review's own data: nothing is lost, an older program refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import review.migrate
from review import cli
from review.migrate import migrate
from review.offline.demo import DEMO
from review.store import Store
from review.strict_yaml import parse
from tests.conftest import HOME, Dying, tree

NEXT = 2


def _to_2(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """A step as the next format may bring it: one field of records is renamed."""
    moved = {**value, "format": NEXT}
    if kind == "records" and "journal" in moved:
        moved = {("source_title" if k == "journal" else k): v for k, v in moved.items()}
    return moved


@pytest.fixture(params=["the review's own data", "the demonstration"])
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of real data, and of data that holds every kind of file."""
    home = HOME if request.param.startswith("the review") else DEMO
    shutil.copytree(home / "data", tmp_path / "data", ignore=shutil.ignore_patterns("texts"))
    shutil.copy(home / "protocol.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program of the next format."""
    monkeypatch.setattr(review.migrate, "FORMAT", NEXT)
    monkeypatch.setitem(review.migrate.STEPS, 1, _to_2)


def plain(root: Path) -> dict[str, Any]:
    """Every file with a format, as plain values."""
    found: dict[str, Any] = {}
    for name, data in tree(root).items():
        if name.endswith(".json"):
            found[name] = json.loads(data)
        elif name.endswith(".yaml"):
            found[name] = parse(data, name).value
    return found


@pytest.mark.usefixtures("newer")
def test_every_file_is_moved_and_nothing_else_changes(copy: Path) -> None:
    before, bytes_before = plain(copy), tree(copy)
    changed = migrate(Store(copy), dry_run=True)
    assert tree(copy) == bytes_before
    assert migrate(Store(copy)) == changed
    after, bytes_after = plain(copy), tree(copy, ".review.lock")
    assert sorted(changed) == sorted(before)
    assert set(bytes_after) == set(bytes_before)
    for name, value in before.items():
        kind = name.split("/")[1].removesuffix(".json") if name.endswith(".json") else ""
        assert after[name] == _to_2(kind, value), name
    for name, data in bytes_before.items():
        if name.endswith(".yaml"):
            assert bytes_after[name].replace(b"format: 2", b"format: 1", 1) == data, "comments too"
        elif name.endswith(".csv"):
            assert bytes_after[name] == data
        elif "volatile" in name or "duplicates" in name or "searches" in name:
            assert bytes_after[name].replace(b'"format": 2', b'"format": 1', 1) == data
    assert migrate(Store(copy)) == [], "a second time there is nothing to do"


def test_an_older_program_refuses_newer_data_in_one_line(
    copy: Path, newer: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate(Store(copy))
    monkeypatch.undo()
    monkeypatch.setenv("NCBI_EMAIL", "a@b.example")
    before = tree(copy)
    for verb in (["check"], ["status"], ["update", "--no-publish"], ["publish"], ["migrate"]):
        assert cli.main([*verb, "--root", str(copy)], today="2036-01-01") == 40, verb
        said = capsys.readouterr()
        lines = [x for x in (said.out + said.err).splitlines() if x != "1 problems"]
        if verb != ["migrate"]:
            assert len(lines) == 1, lines
        assert "found format 2, expected" in lines[0]
        assert "(written by a newer program)" in lines[0]
        assert tree(copy) == before


@pytest.mark.usefixtures("newer")
def test_a_migration_killed_half_way_and_run_again_ends_in_the_same_bytes(tmp_path: Path) -> None:
    def fresh(name: str) -> Path:
        shutil.copytree(DEMO / "data", tmp_path / name / "data")
        shutil.copy(DEMO / "protocol.yaml", tmp_path / name)
        return tmp_path / name

    whole = fresh("whole")
    number = len(migrate(Store(whole)))
    wanted = tree(whole, ".review.lock")
    for at in range(0, number, 7):
        root = fresh(f"killed-{at}")
        with pytest.raises(KeyboardInterrupt):
            migrate(Store(root, Dying(at)))
        migrate(Store(root))
        assert tree(root, ".review.lock") == wanted, at


FUTURE: dict[str, Callable[[Path], Path]] = {
    "a record": lambda root: root / "data/records/2021/pmid-900000001.json",
    "a search": lambda root: next((root / "data/searches").glob("*.json")),
    "volatile": lambda root: root / "data/volatile.json",
    "duplicates": lambda root: root / "data/duplicates.json",
}


@pytest.mark.parametrize("name", FUTURE)
def test_an_unknown_future_field_is_never_dropped_in_silence(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Within one format too: a field of a later program stops the run; nothing is rewritten."""
    path = FUTURE[name](root)
    value = json.loads(path.read_bytes())
    value["colour_of_tomorrow"] = "blue"
    path.write_text(json.dumps(value), encoding="utf-8")
    before = tree(root)
    for verb in (["update", "--no-publish"], ["check"], ["dedupe"]):
        if (name, verb) == ("volatile", ["dedupe"]):
            continue  # dedupe neither reads nor writes it
        assert cli.main([*verb, "--root", str(root)], today="2026-10-01") == 40
        said = capsys.readouterr()
        assert "colour_of_tomorrow: unknown key" in said.out + said.err
    assert tree(root, ".review.lock") == {k: v for k, v in before.items() if k != ".review.lock"}


@pytest.mark.usefixtures("newer")
def test_migrating_keeps_a_field_that_this_program_does_not_know(root: Path) -> None:
    path = root / "data/records/2021/pmid-900000001.json"
    value = json.loads(path.read_bytes())
    path.write_text(json.dumps({**value, "colour_of_tomorrow": "blue"}), encoding="utf-8")
    migrate(Store(root))
    assert json.loads(path.read_bytes())["colour_of_tomorrow"] == "blue"
