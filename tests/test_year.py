"""A year of twelve monthly updates: each is checked, and none touches what an earlier one wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from review import cli
from review.demo import FIRST, SECOND
from review.files.store import Store
from review.offline.world import Snapshot
from review.selection.flow import flow
from review.selection.library import Library
from tests.conftest import serving, tree

DAYS = [f"{2026 + n // 12}-{n % 12 + 1:02}-03" for n in range(9, 21)]
"""The third of each month from October on."""


def worlds(snapshots: dict[str, Snapshot]) -> list[Snapshot]:
    """What PubMed holds in each month: two more of the new records, in the last all that changed."""
    before, after = snapshots[FIRST], snapshots[SECOND]
    new = sorted(after.xml.keys() - before.xml.keys())
    assert len(new) > 12
    found = []
    for month in range(1, len(DAYS)):
        come = new[: 2 * month - 2]  # in the first month nothing
        xml = {**before.xml, **{key: after.xml[key] for key in come}}
        found.append(Snapshot(xml, {**before.index, **{key: after.index[key] for key in come}}))
    return [*found, after]


@pytest.mark.whole
def test_a_year_of_twelve_updates(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["update", "--root", str(root), "--no-publish", "--json"]
    with serving(snapshots[FIRST]):
        assert cli.main(command, today=FIRST) == 0, "the first month's draft"
    searches = root / "data/searches"
    standing, held, codes = tree(searches), records(root), []
    assert len(DAYS) == 12
    for day, world in zip(DAYS, worlds(snapshots), strict=True):
        with serving(world):
            capsys.readouterr()
            codes.append(cli.main(command, today=day))
        report = json.loads(capsys.readouterr().out)
        assert cli.main(["check", "--allow-suspended", "--root", str(root)], today=day) == 0, day

        now = tree(searches)
        assert {name: now[name] for name in standing} == standing, "what was searched stays"
        assert now.keys() - standing.keys() == {f"{day}-pubmed-1.json"}
        standing = now

        (source,) = report["sources"]
        search = json.loads((searches / f"{day}-pubmed-1.json").read_text(encoding="utf-8"))
        come = records(root) - held
        assert source["new"] == len(search.get("new", [])) == len(come), day
        assert source["searched_through"] == day
        held |= come

        counted = flow(Library.of(Store(root).snapshot()))
        assert dict(counted.by_source)["pubmed"] == found(root)
        assert counted.identified - counted.other_methods == found(root)
        assert report["awaiting_screening"] == counted.awaiting_screening
    assert codes[0] == 0, "a month in which nothing came"
    assert 10 in codes
    assert codes[-1] == 20, "the month of the retraction"
    assert len(standing) == 13


def records(root: Path) -> set[str]:
    """Names of the records held."""
    return {path.stem for path in (root / "data/records").rglob("*.json")}


def found(root: Path) -> int:
    """Records that searches name, each once."""
    files = sorted((root / "data/searches").glob("*.json"))
    return len({key for file in files for key in json.loads(file.read_bytes()).get("new", [])})
