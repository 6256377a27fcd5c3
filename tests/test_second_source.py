"""A second source, whose records have numbers of their own: from its search to the page."""

from __future__ import annotations

import json
import shutil
import sys
from importlib import metadata
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from review import cli
from review.checking.records import misnamed
from review.demo import FIRST, SECOND
from review.files.disk import Disk
from review.files.store import Store
from review.formats.entry import entry
from review.grading.review import Review
from review.ground.errors import Exit, SourceError
from review.model.search import LineResult
from review.offline.world import Snapshot
from review.publishing.pages import Site, make_pages
from review.publishing.publish import labels, render
from review.searching import sources
from review.searching.health import Recall, recall
from review.searching.search import Held, search_source
from review.searching.sources import Harvest, RecordKey
from review.searching.strategies import faulty_strategies
from review.selection.library import Library
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

HELD = "Quality of life in marbled cord syndrome: the part played by pain and fatigue"
"""The title of a record that PubMed keeps, PMID 900000014."""


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
        "MC/3": {"title": HELD, "year": 2026, "pmid": "900000014", "journal": "Thermae's own"},
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
    assert after["pmid-900000014"].journal not in (None, "Thermae's own"), "PubMed keeps it"
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
    title = "Gabapentoline against carbamazol for painful spasms in marbled cord syndrome"
    thermae.holds["MC/3"] = {"title": title, "year": 2026, "pmid": new}
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


# ---- one that fails, one that lies, and a run that is killed -------------------------------------


@pytest.mark.parametrize("where", ["check", "run", "raw"])
def test_a_fault_of_a_sources_module_fails_that_source_alone(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
    where: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(*_given: object, **_manners: object) -> None:
        raise ZeroDivisionError("a mistake\nof its author")

    monkeypatch.setattr(thermae, where, failing)
    thermae.listed = (*thermae.listed, "MC/9")
    thermae.holds["MC/9"] = {"title": "Odd", "year": 99_999}
    code, told = month(root, snapshots, capsys)
    pubmed, other = told["sources"]
    assert (pubmed["error"], pubmed["searched_through"]) == (None, SECOND)
    assert len(Store(root).searches("pubmed")) == 2
    if where == "raw":
        assert (code, other["error"]) == (Exit.NOTICE, None)
        assert [one["accession"] for one in other["set_aside"]] == ["MC/9"]
    else:
        why = "thermae: its module failed: ZeroDivisionError: a mistake of its author"
        assert (code, other["error"], told["complete"]) == (Exit.SOURCE, why, False)
        assert Store(root).searches("thermae") == []
    problems = [str(one) for one in faulty_strategies(Store(root).protocol)]
    assert any("ZeroDivisionError" in one for one in problems) is (where == "check")


def test_a_module_that_can_not_be_loaded_fails_that_source_alone(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thermae, "KIND", "another, so that its entry point is asked")
    point = EntryPoint("thermae", "no.such.module", "review.sources")
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point])
    code, told = month(root, snapshots, capsys)
    assert code == Exit.SOURCE
    assert "thermae: its module failed: ModuleNotFoundError" in told["sources"][1]["error"]
    assert told["sources"][0]["error"] is None


@pytest.mark.parametrize("odd", ["", "x" * 70_000, "\ud800", "MC/1"])
def test_an_odd_number_fails_its_source_and_pubmeds_month_is_told(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
    odd: str,
) -> None:
    thermae.listed = ("MC/1", odd)
    thermae.holds[odd] = {"title": "Of an odd number", "year": 2026}
    code, told = month(root, snapshots, capsys)
    assert code == Exit.SOURCE
    assert told["sources"][1]["error"].startswith("thermae: ")
    assert {(n["record"], n["type"]) for n in told["notices"]} >= {
        ("pmid-900000002", "retraction_in")
    }


def test_what_two_papers_claim_is_told_to_people_and_machines(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    month(root, snapshots, capsys)
    thermae.listed = (*thermae.listed, "MC/4")
    doi = "10.5555/marbled.2"
    thermae.holds["MC/4"] = {"title": "Prevalence of silver gland disease", "doi": doi}
    with serving(snapshots[SECOND]):
        command = ["update", "--root", str(root), "--no-publish"]
        assert cli.main([*command, "--dry-run"], today="2026-11-01") == Exit.CANDIDATES
        told = capsys.readouterr().out
        request = root / "request.md"
        cli.main([*command, "--json", "--pull-request", str(request)], today="2026-11-01")
    (sentence,) = json.loads(capsys.readouterr().out)["sources"][1]["conflicts"]
    assert "thermae MC/4: its DOI is that of" in sentence
    assert f"  warning: thermae: {sentence}\n" in told
    assert "- [ ] thermae: thermae MC/4: its DOI is that of" in request.read_text(encoding="utf-8")


def test_a_number_with_line_breaks_forges_no_line_of_status_or_page(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    evil = "a\n# Forged heading\n\x1b[2J"
    thermae.listed = (evil, "b\n# Forged too")
    thermae.holds[evil] = {"title": "Odd", "year": 99_999}
    month(root, snapshots, capsys)
    assert cli.main(["status", "--root", str(root)], today=SECOND) == 0
    told = capsys.readouterr().out
    assert "number a # Forged heading [2J is set aside" in told
    assert "\n# Forged" not in told
    site = Site(Review.of(Store(root).snapshot()))
    t = labels("en")
    page = render(site, make_pages(site, t), t)["search.md"]
    assert "a # Forged heading" in page
    assert "b # Forged too" in page
    assert "\n# Forged" not in page


def test_a_doi_that_its_source_corrected_is_no_problem_of_the_file(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    month(root, snapshots, capsys)
    own = numbered(root)["MC/2"]
    thermae.holds["MC/2"] |= {"doi": "10.5555/marbled.2.corrected"}
    month(root, snapshots, capsys, "2026-11-01")
    records = Store(root).records()
    assert records[own].doi == "10.5555/marbled.2.corrected"
    names = {one: f"{one}.json" for one in records}
    assert misnamed(records, names) == []
    edited = {**records, own: records[own].model_copy(update={"accession": None})}
    (problem,) = misnamed(edited, names)
    assert problem.field == "id"


def test_recall_is_of_what_each_source_delivers(
    root: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    month(root, snapshots, capsys)
    library = Library.of(Store(root).snapshot())
    assert recall(library, "thermae") == Recall("thermae", (), ())
    assert len(recall(library, "pubmed").known) > 3
    ids = numbered(root)
    included = frozenset({ids["MC/1"], ids["MC/2"], "pmid-900000014", "pmid-900000001"})
    vars(library)["included"] = included
    known = tuple(sorted(included - {"pmid-900000001"}))
    assert recall(library, "thermae") == Recall("thermae", known, known)
    thermae.listed = ("MC/1",)
    month(root, snapshots, capsys, "2026-11-01")
    library = Library.of(Store(root).snapshot())
    vars(library)["included"] = included
    assert recall(library, "thermae").found == (ids["MC/1"],)
    assert set(recall(library, "pubmed").known) == {"pmid-900000014", "pmid-900000001"}


class Killed(BaseException):
    """A power cut."""


def news(told: dict[str, Any]) -> tuple[Any, ...]:
    rows = [(n["record"], n["type"], n["notice"], n["included"]) for n in told["notices"]]
    return told["exit"], rows, [one["id"] for one in told["candidates"]], told["unknown"]


def test_a_run_that_was_killed_between_its_last_files_tells_all_of_its_news_again(
    root: Path,
    tmp_path: Path,
    thermae: Thermae,
    snapshots: dict[str, Snapshot],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Verdicts on duplicates carry news too: here a link to a retraction."""
    included = Store(root).records()["pmid-900000001"]
    thermae.listed = (*thermae.listed, "MC/5")
    thermae.holds["MC/5"] = {"title": f"Retraction: {included.title}", "year": 2026}
    undisturbed, order = tmp_path / "undisturbed", []
    shutil.copytree(root, undisturbed)
    real = Disk.write, Disk.remove

    def writing(disk: Disk, path: Path, data: bytes) -> None:
        order.append(("write", path.name))
        real[0](disk, path, data)

    def removing(disk: Disk, path: Path) -> None:
        order.append(("remove", path.name))
        real[1](disk, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Disk, "write", writing)
        patch.setattr(Disk, "remove", removing)
        code, told = month(undisturbed, snapshots, capsys)
    assert code == Exit.NOTICE
    assert ("pmid-900000001", "possible_retraction") in {
        (n["record"], n["type"]) for n in told["notices"]
    }
    last = order[order.index(("write", ".review.intent")) :]
    assert last[1:] == [
        ("write", "duplicates.json"),
        ("write", f"{SECOND}-pubmed-1.json"),
        ("write", f"{SECOND}-thermae-1.json"),
        ("remove", ".review.intent"),
    ]
    for at, step in enumerate(last):
        work = tmp_path / f"killed-{at}"
        shutil.copytree(root, work)

        def dying(
            disk: Disk, path: Path, *data: bytes, at: int = at, step: tuple[str, str] = step
        ) -> None:
            if path.name == step[1] and (not data) == (step[0] == "remove"):
                raise Killed
            real[not data](disk, path, *data)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Disk, "write", dying)
            patch.setattr(Disk, "remove", dying)
            with pytest.raises(Killed):
                month(work, snapshots, capsys)
        capsys.readouterr()
        assert (work / ".review.intent").exists() is (at > 0)
        _, again = month(work, snapshots, capsys)
        assert news(again) == news(told), f"killed at {step}"
        assert tree(work, "odd") == tree(undisturbed, "odd")


def test_a_strategy_that_can_not_be_read_is_asked_of_nobody(root: Path) -> None:
    """``check_strategies`` refuses it before; a caller that did not ask is refused as well."""
    protocol = Store(root).protocol
    (source,) = protocol.sources
    broken = (source.strategy[0].model_copy(update={"query": "(pain[tiab]"}),)
    faulty = source.model_copy(update={"strategy": broken})
    told = faulty_strategies(protocol.model_copy(update={"sources": (faulty,)}))
    assert [str(one)[:45] for one in told] == ["protocol.yaml: sources[0].strategy[0].query: "]
    with pytest.raises(SourceError, match=r"^pubmed: strategy\[0\]\.query: "):
        search_source(protocol, faulty, Held({}, {}, ()), "2026-10-01")
