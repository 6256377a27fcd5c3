"""A second source, whose records have numbers of their own: from its search to the page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from review import cli
from review.demo import FIRST, SECOND
from review.files.store import Store
from review.formats.entry import entry
from review.grading.review import Review
from review.ground.errors import Exit
from review.model.search import LineResult
from review.offline.world import Snapshot
from review.publishing.pages import Site, make_pages
from review.publishing.publish import labels, render
from review.searching import sources
from review.searching.sources import Harvest, RecordKey
from tests.conftest import serving, tree

SPA = """
  - id: thermae
    kind: thermae
    platform: "Thermae, a fictional database"
    strategy: [{line: 1, query: "marbled"}]
    limits: none
    schedule: monthly
    interval_days: 35
    peer_review: {reason: "a test"}
"""


class Thermae(ModuleType):
    """The database: what it lists, by its own numbers, and what it delivers."""

    KIND = "thermae"

    def __init__(self) -> None:
        super().__init__("review.searching.sources.thermae")
        self.listed: tuple[str, ...] = ()
        self.holds: dict[str, dict[str, Any]] = {}
        self.asked: tuple[str, ...] = ()

    def check(self, _source: object) -> list[tuple[str, str]]:
        return []

    def run(self, source: Any, held: Any, **_manners: object) -> Harvest:
        self.asked = tuple(key.accession for key in held)
        wanted = dict.fromkeys((*self.listed, *self.asked))
        line = LineResult(line=1, query="marbled", sent="marbled", count=len(self.listed))
        return Harvest(
            lines=(line,),
            count=len(self.listed),
            listed=tuple(RecordKey("thermae", one) for one in self.listed),
            records={
                RecordKey("thermae", one): entry("thermae", **self.holds[one])
                for one in wanted
                if one in self.holds
            },
            missing=tuple(RecordKey("thermae", one) for one in wanted if one not in self.holds),
        )

    def raw(self, keys: Any, **_manners: object) -> dict[RecordKey, bytes]:
        return dict.fromkeys(keys, b"<as it came/>")


@pytest.fixture
def thermae(monkeypatch: pytest.MonkeyPatch, root: Path) -> Thermae:
    module = Thermae()
    monkeypatch.setitem(sys.modules, module.__name__, module)
    found = sources.util.find_spec

    def spec(name: str) -> object:
        return module if name == module.__name__ else found(name)

    monkeypatch.setattr(sources.util, "find_spec", spec)
    protocol = root / "protocol.yaml"
    text = protocol.read_text(encoding="utf-8")
    assert text.count("other_methods:") == 1
    protocol.write_text(text.replace("other_methods:", SPA.lstrip("\n") + "other_methods:"))
    module.listed = ("MC/1", "MC/2", "MC/3")
    module.holds = {
        "MC/1": {"title": "A marbled report of the baths", "year": 2026, "authors": []},
        "MC/2": {"title": "Another report", "year": 2026, "doi": "10.5555/marbled.2"},
        "MC/3": {"title": "Held from PubMed", "year": 2026, "pmid": "900000014"},
    }
    return module


def month(
    root: Path,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
    day: str = SECOND,
) -> tuple[int, dict[str, Any]]:
    with serving(snapshots[SECOND]):
        command = ["update", "--root", str(root), "--no-publish", "--json"]
        code = cli.main(command, today=day)
    return code, json.loads(capsys.readouterr().out)


def numbered(root: Path) -> dict[str, str]:
    """The ids of the database's records by its numbers."""
    records = Store(root).records().values()
    return {one.accession: one.id for one in records if one.accession}


def test_new_records_are_candidates_by_the_sources_own_number(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    held = Store(root).records()
    code, told = month(root, snapshots, capsys)
    assert code == Exit.NOTICE
    ids = numbered(root)
    assert set(ids) == {"MC/1", "MC/2"}
    candidates = [one["id"] for one in told["candidates"]]
    assert candidates.count(ids["MC/1"]) == candidates.count(ids["MC/2"]) == 1
    assert candidates.count("pmid-900000014") == 0, "PubMed gave it in an earlier month"
    after = Store(root).records()
    assert set(held) <= set(after), "no held record has another id"
    assert after["pmid-900000014"].title != "Held from PubMed", "PubMed keeps its records"
    (search,) = Store(root).searches("thermae")
    assert (search.format, search.count, search.fetched) == (1, 3, 3)
    assert set(search.new) == {ids["MC/1"], ids["MC/2"], "pmid-900000014"}


def test_the_next_month_keeps_ids_and_tells_once(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    month(root, snapshots, capsys)
    ids = numbered(root)
    notice = {"type": "retraction_in", "pmid": None, "reference": "A fictional notice"}
    thermae.holds["MC/1"] |= {"title": "A marbled report, corrected", "notices": [notice]}
    thermae.listed = ("MC/1", "MC/3")
    code, told = month(root, snapshots, capsys, "2026-11-01")
    assert set(thermae.asked) == {"MC/1", "MC/2"}, "its own records are asked for again"
    assert numbered(root) == ids
    assert Store(root).records()[ids["MC/1"]].title == "A marbled report, corrected"
    assert told["candidates"] == []
    assert [(n["record"], n["type"]) for n in told["notices"]] == [(ids["MC/1"], "retraction_in")]
    last = Store(root).searches("thermae")[-1]
    assert (last.gone, last.new, last.returned) == ((ids["MC/2"],), (), ())
    del thermae.holds["MC/2"]
    code, told = month(root, snapshots, capsys, "2026-12-01")
    assert [(n["record"], n["type"]) for n in told["notices"]] == [(ids["MC/2"], "vanished")]
    assert Store(root).records()[ids["MC/2"]].vanished == "2026-12-01"
    before = tree(root / "data")
    code, told = month(root, snapshots, capsys, "2026-12-01")
    assert (code, told["notices"]) == (Exit.NOTHING_NEW, [])
    assert tree(root / "data") == before


def test_a_record_that_two_sources_find_in_one_month_is_one_candidate(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    new = "900000032"  # PubMed lists it this month for the first time
    thermae.holds["MC/3"] = {"title": "Found twice", "year": 2026, "pmid": new}
    _, told = month(root, snapshots, capsys)
    assert [one["id"] for one in told["candidates"]].count(f"pmid-{new}") == 1


def test_what_can_not_be_taken_and_what_is_missing_is_named_by_its_number(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    thermae.listed = ("MC/1", "../../x", "MC/9")
    thermae.holds["../../x"] = {"title": "Odd", "year": 99_999}
    _, told = month(root, snapshots, capsys)
    (report,) = [one for one in told["sources"] if one["id"] == "thermae"]
    assert report["missing"] == ["MC/9"]
    assert [one["accession"] for one in report["set_aside"]] == ["../../x"]
    (search,) = Store(root).searches("thermae")
    assert (search.format, search.missing, search.set_aside[0].accession) == (
        3,
        ("MC/9",),
        "../../x",
    )
    (kept,) = (root / "data" / "texts" / "odd").iterdir()
    assert kept.read_bytes() == b"<as it came/>"
    assert cli.main(["status", "--root", str(root)], today=SECOND) == 0
    assert "thermae: number ../../x is set aside" in capsys.readouterr().out


def test_its_search_and_its_records_stand_on_the_pages(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    thermae.listed = (*thermae.listed, "MC/7")
    thermae.holds["MC/7"] = {"title": "Odd", "year": 99_999}
    month(root, snapshots, capsys)
    site = Site(Review.of(Store(root).snapshot()))
    for language, waits in (("en", "number MC/7 was found"), ("zh", "检索到 number MC/7")):
        t = labels(language)
        pages = render(site, make_pages(site, t), t)
        assert "Thermae, a fictional database" in pages["search.md"]
        assert waits in pages["search.md"]
        assert "A marbled report of the baths" in pages["records.md"]


def test_the_first_month_of_the_demonstration_is_untouched(root: Path) -> None:
    assert {one.source for one in Store(root).searches()} == {"pubmed"}
    assert Store(root).searches()[0].date == FIRST
