"""The monthly update: its story, its repetition, its failures, and its death at any instant."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from lxml import etree

from review import cli
from review.demo import DEMO, FIRST, SECOND
from review.files.store import Store
from review.formats.pubmed_article import parse_article
from review.ground.errors import GRAVITY, Exit, gravest
from review.model.record import Volatile
from review.offline.faults import Fault
from review.offline.world import Snapshot
from review.searching.answers import build_record
from review.searching.arrivals import with_arrivals
from review.selection.library import Library, Place
from tests.conftest import serving, tree

Update = Callable[..., int]
DOWN = (Fault("efetch", 1, "http_500", persistent=True),)


def news(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_the_second_month_tells_everything_that_happened(
    update: Update, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update(SECOND, "--json") == Exit.NOTICE
    report = news(capsys)
    notices = {(n["record"], n["type"], n["included"]) for n in report["notices"]}  # type: ignore[attr-defined]
    assert ("pmid-900000002", "retraction_in", True) in notices
    assert ("pmid-900000003", "erratum_in", True) in notices
    assert ("pmid-900000014", "concern_in", False) in notices
    assert ("pmid-900000035", "new_version", False) in notices
    assert ("pmid-900000034", "vanished", False) in notices
    candidates = [c["id"] for c in report["candidates"]]  # type: ignore[attr-defined]
    assert "pmid-900000037" in candidates, "indexed a month after it was entered"
    assert "pmid-900000032" in candidates
    assert "pmid-900000031" not in candidates, "a retraction notice is no candidate"
    assert "pmid-900000036" not in candidates, "back-dated, and known from an earlier review"
    assert report["drafts"] == ["dunmore-2022"]
    library = Library.of(store.snapshot())
    assert library.standings["pmid-900000036"].place is Place.DUPLICATE
    assert store.records()["pmid-900000034"].vanished == SECOND
    assert library.suspended("brackwater-2024") is not None
    (search,) = [s for s in store.searches() if s.date == SECOND]
    assert search.count == search.listed == search.fetched + len(search.missing)
    assert set(search.gone) == {"pmid-900000034"}


def test_the_same_day_again_changes_no_byte(update: Update, root: Path) -> None:
    update()
    before = tree(root)
    assert update() == Exit.NOTHING_NEW
    assert tree(root) == before


def test_a_later_day_without_news_is_a_search_too(
    update: Update, root: Path, store: Store, snapshots: dict[str, Snapshot]
) -> None:
    update()
    before = tree(root / "data")
    with serving(snapshots[SECOND]):
        code = cli.main(["update", "--root", str(root), "--no-publish"], today="2026-11-01")
    assert code == Exit.NOTHING_NEW
    assert set(tree(root / "data")) - set(before) == {"searches/2026-11-01-pubmed-1.json"}
    assert store.searches()[-1].new == ()


def test_a_failed_source_is_red_and_changes_nothing(
    update: Update, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(root, ".review.lock")
    assert update(SECOND, "--json", faults=DOWN) == Exit.SOURCE
    report = news(capsys)
    assert report["complete"] is False
    assert "HTTP 500" in report["sources"][0]["error"]  # type: ignore[index]
    assert report["sources"][0]["searched_through"] == FIRST  # type: ignore[index]
    assert tree(root, ".review.lock") == before


def test_after_the_fault_is_gone_the_next_run_ends_as_if_it_had_never_been(
    update: Update, root: Path
) -> None:
    update(SECOND, faults=DOWN)
    assert update() == Exit.NOTICE


def test_a_dry_run_tells_and_writes_nothing(
    update: Update, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(root, ".review.lock")
    assert update(SECOND, "--dry-run", "--json") == Exit.NOTICE
    assert news(capsys)["candidates"]
    assert tree(root, ".review.lock") == before


def test_the_month_is_told_where_the_file_beside_it_can_not_be_written(
    update: Update,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "no" / "folder"))
    assert update(SECOND) == Exit.INVALID
    told = capsys.readouterr()
    assert "notice: retraction_in on INCLUDED STUDY" in told.out
    assert "No such file or directory" in told.err


def test_two_people_who_draft_on_two_days_draft_the_same_bytes(
    root: Path, tmp_path: Path, snapshots: dict[str, Snapshot]
) -> None:
    """A value was read on the day its text came, not on the day a program looked."""
    with serving(snapshots[SECOND]):
        assert cli.main(["search", "--root", str(root)], today=SECOND) == Exit.NOTICE
    drafts = []
    for day in ("2026-10-05", "2026-11-07"):
        copy = tmp_path / day
        shutil.copytree(root, copy)
        assert cli.main(["extract", "--root", str(copy)], today=day) == 0
        drafts.append((copy / "data/extractions/dunmore-2022.yaml").read_text(encoding="utf-8"))
    assert drafts[0] == drafts[1]
    assert f"read_at: '{FIRST}'" in drafts[0].replace('"', "'")


TWO_REPORTS = ("900000111", "900000107")
EXPORT = """TY  - JOUR
TI  - Pain in marbled cord syndrome: a randomised trial of pear wood
AB  - Forty participants were randomised.
AU  - Roe, Ann
JO  - Wood
PY  - 2017
VL  - 3
SP  - 10
DO  - 10.5555/pear.2017.1
ER  -
"""


def read_on(root: Path, record: str, day: str) -> set[str | None]:
    """When the values of a record's draft were read, after a person included it."""
    stages = ("title_abstract", "full_text")
    row = f"include,,,{FIRST},,428a48947fcd,living-review 0.1.0,"
    rows = "".join(f"{record},{stage},{row}\n" for stage in stages)
    for person in ("reviewer-a", "reviewer-b"):
        with (root / f"data/screening/{person}.csv").open("a", encoding="utf-8") as file:
            file.write(rows)
    assert cli.main(["extract", "--root", str(root)], today=day) == 0
    drafts = [one for one in Store(root).extractions().values() if record in one.reports]
    assert len(drafts) == 1
    return {fact.read_at for _, fact in drafts[0].facts() if fact.quote is not None}


def test_a_revised_abstract_was_read_on_the_day_it_was_revised(
    root: Path, snapshots: dict[str, Snapshot]
) -> None:
    world = Snapshot(dict(snapshots[SECOND].xml), dict(snapshots[SECOND].index))
    revised, as_it_was = TWO_REPORTS
    text = world.xml[revised].replace(b"</AbstractText>", b" Mended.</AbstractText>", 1)
    assert text != world.xml[revised]
    world.xml[revised] = text
    with serving(world):
        assert cli.main(["search", "--root", str(root)], today=SECOND) == Exit.NOTICE
        assert cli.main(["search", "--root", str(root)], today="2026-11-02") == 0
    assert read_on(root, f"pmid-{revised}", "2026-11-07") == {SECOND}
    assert read_on(root, f"pmid-{as_it_was}", "2026-11-09") == {FIRST}


def test_the_text_of_an_old_export_was_read_on_the_day_it_was_imported(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.ris"
    path.write_text(EXPORT, encoding="utf-8")
    command = ["import", str(path), "--source", "embase", "--platform", "Embase, export"]
    command += ["--searched", "2019-05-01", "--root", str(root)]
    assert cli.main(command, today="2026-10-20") == Exit.CANDIDATES
    (new,) = Store(root).imports()[0].new
    assert read_on(root, new, "2026-11-07") == {"2026-10-20"}


def test_a_text_keeps_the_day_it_came_on_and_none_is_made_up() -> None:
    known = Store(DEMO).records()
    one, edited, other = (known[f"pmid-{name}"] for name in ("900000001", *TWO_REPORTS))
    by_hand = edited.model_copy(update={"title": "Edited by hand"})
    records = {record.id: record for record in (one, edited, other)}
    fresh = {name: Volatile(status="PubMed") for name in (*records, "pmid-900000999")}
    first = with_arrivals(fresh, records, {}, {}, "2026-09-01")
    assert {name: first[name].came_on(record) for name, record in records.items()} == (
        dict.fromkeys(records, "2026-09-01")
    )
    assert first[edited.id].came_on(by_hand) is None, "what a person wrote came with no search"
    assert first["pmid-900000999"].came is None, "without a record"
    held = records | {edited.id: by_hand}
    earlier = first | {other.id: Volatile(status="of an older program")}
    revised = records | {one.id: one.model_copy(update={"abstract_sha256": "0" * 64})}
    second = with_arrivals(fresh, revised, earlier, held, "2026-10-05")
    assert second[one.id].came_on(revised[one.id]) == "2026-10-05"
    assert second[edited.id].came_on(edited) == "2026-09-01", "set right, it is the text of before"
    assert second[other.id].came is None, "held before, and nobody knows since when"


def test_of_a_record_added_by_hand_nobody_knows_when_it_was_read(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.ris"
    path.write_text(EXPORT, encoding="utf-8")
    command = ["import", str(path), "--source", "embase", "--platform", "Embase, export"]
    assert cli.main([*command, "--root", str(root)], today="2026-10-20") == Exit.CANDIDATES
    (new,) = Store(root).imports()[0].new
    shutil.rmtree(root / "data/imports")
    file = root / "data/volatile.json"
    kept = json.loads(file.read_text(encoding="utf-8"))
    del kept["records"][new]
    file.write_text(json.dumps(kept), encoding="utf-8")
    assert read_on(root, new, "2026-11-07") == {"not_recorded"}


def test_two_updates_at_once_are_one_and_a_refusal(
    update: Update, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FileLock(root / ".review.lock"):
        assert update() == Exit.LOCKED
    assert "another update is running" in capsys.readouterr().err


def test_a_clock_behind_the_last_search_is_refused(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(snapshots[FIRST]):
        code = cli.main(["update", "--root", str(root), "--no-publish"], today="2026-08-01")
    assert code == Exit.USAGE
    assert "check the clock" in capsys.readouterr().err


def test_without_an_address_nothing_is_sent(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "protocol.yaml"
    text = path.read_text(encoding="utf-8").replace("demo@example.org", "null")
    path.write_text(text, encoding="utf-8")
    with serving(snapshots[SECOND]) as service:
        code = cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND)
    assert code == Exit.USAGE
    assert not service.log
    assert "set NCBI_EMAIL" in capsys.readouterr().err


def test_a_faulty_strategy_is_told_with_its_place_and_nothing_is_sent(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "protocol.yaml"
    text = path.read_text(encoding="utf-8").replace("MCSD[tiab]", "MCSD[tiabb]")
    path.write_text(text, encoding="utf-8")
    with serving(snapshots[SECOND]) as service:
        assert cli.main(["update", "--root", str(root)], today=SECOND) == Exit.INVALID
    assert not service.log
    assert "sources[0].strategy[1].query: position 38: unknown field tag" in capsys.readouterr().err


def test_the_gravest_code_wins() -> None:
    assert gravest([Exit.CANDIDATES, Exit.NOTICE]) is Exit.NOTICE
    assert gravest([Exit.NOTICE, Exit.PUBLISH, Exit.SOURCE]) is Exit.SOURCE
    assert gravest([]) is Exit.NOTHING_NEW
    assert [int(c) for c in GRAVITY] == [2, 40, 30, 50, 60, 20, 10, 0]


def test_a_person_s_file_is_never_touched(update: Update, root: Path) -> None:
    def people(folder: Path) -> dict[str, bytes]:
        return {k: v for k, v in tree(folder).items() if k.endswith((".yaml", ".csv"))}

    before = people(root)
    update()
    after = people(root)
    assert {k: after[k] for k in before} == before
    assert set(after) - set(before) == {"data/extractions/dunmore-2022.yaml"}


def test_only_a_change_that_means_something_rewrites_a_record(update: Update, root: Path) -> None:
    before = tree(root / "data" / "records")
    update()
    after = tree(root / "data" / "records")
    rewritten = {name for name in before if after[name] != before[name]}
    numbers = sorted(int(name.split("-")[-1].split(".")[0]) % 1000 for name in rewritten)
    assert numbers == [2, 3, 8, 14, 34, 35]


def test_abstracts_are_committed_only_where_licence_and_protocol_allow(
    root: Path, snapshots: dict[str, Snapshot], update: Update
) -> None:
    update()
    record = Store(root).records()["pmid-900000032"]
    assert record.abstract is not None
    assert record.licence == "CC BY 4.0"
    path = root / "protocol.yaml"
    text = path.read_text(encoding="utf-8").replace(
        "store_abstracts: true", "store_abstracts: false"
    )
    path.write_text(text, encoding="utf-8")
    update("2026-10-01")
    store = Store(root)
    record = store.records()["pmid-900000032"]
    assert record.abstract is None
    assert store.text(record), "kept in the cache that git does not hold"


@pytest.mark.parametrize(
    ("licence", "kept"),
    [
        (None, False),
        ("CC BY", True),
        ("CC BY 4.0", True),
        ("CC 0", True),
        ("CC BY-NC 4.0", False),
        ("CC BY-ND", False),
        ("All rights reserved", False),
    ],
)
def test_no_abstract_is_kept_without_an_open_licence_of_its_own(
    store: Store, snapshots: dict[str, Snapshot], licence: str | None, kept: bool
) -> None:
    """Whatever ``store_abstracts`` says: it permits, the record's own licence decides."""
    assert store.protocol.store_abstracts
    parsed = parse_article(etree.fromstring(snapshots[FIRST].xml["900000001"]))
    assert parsed["abstract"]
    record, _ = build_record({**parsed, "licence": licence}, None, store.protocol, "pubmed")
    assert (record.abstract is not None) is kept
    assert record.abstract_sha256 is not None, "its hash is no copy of it"


def test_github_gets_its_summary_its_outputs_and_the_pull_request(
    update: Update, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    update(SECOND, "--pull-request", str(tmp_path / "pr.md"))
    outputs = dict(
        line.split("=") for line in (tmp_path / "outputs").read_text(encoding="utf-8").splitlines()
    )
    assert outputs == {"exit": "20", "candidates": "5", "notices": "2", "complete": "true"}
    text = (tmp_path / "pr.md").read_text(encoding="utf-8")
    assert "- [ ] **retraction\\_in**" in text or "- [ ] **retraction_in**" in text
    assert "check the draft `data/extractions/dunmore-2022.yaml`" in text
    assert text in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_the_first_month_from_nothing_gives_the_committed_files(
    root: Path, snapshots: dict[str, Snapshot]
) -> None:
    """A full rebuild replays people's decisions over a fresh search, to the byte."""
    import shutil

    data = root / "data"
    kept = list((data / "records").rglob("doi-*.json"))
    saved = {p: p.read_bytes() for p in kept}
    for name in ("records", "searches"):
        shutil.rmtree(data / name)
    for name in ("duplicates.json", "volatile.json"):
        (data / name).unlink()
    for path, content in saved.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with serving(snapshots[FIRST]):
        cli.main(["search", "--root", str(root)], today=FIRST)
        cli.main(["dedupe", "--root", str(root)], today=FIRST)
    assert tree(data, "texts") == tree(DEMO / "data", "texts")


def test_a_reference_whose_pmid_is_never_delivered_is_told_and_is_no_retraction(
    update: Update, root: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    from review.model.base import canonical

    wrong = store.records()["pmid-900000001"].model_copy(
        update={
            "id": "pmid-800000001",
            "pmid": "800000001",
            "doi": None,
            "title": "A reference nobody can find under this number",
            "source": "seed",
            "publication_types": (),
        }
    )
    path = root / "data" / "records" / "2021" / "pmid-800000001.json"
    path.write_bytes(canonical(wrong))
    update(SECOND, "--json")
    report = news(capsys)
    assert [u["id"] for u in report["unknown"]] == ["pmid-800000001"]  # type: ignore[attr-defined]
    assert store.records()["pmid-800000001"].vanished is None
    assert store.searches()[-1].unknown == ("pmid-800000001",)
    assert update(SECOND, "--json") == Exit.NOTHING_NEW


def test_what_publishing_needs_is_found_faulty_before_anything_is_sent(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "data" / "questions" / "pain-prevalence.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "nonsense: 1\n", encoding="utf-8")
    with serving(snapshots[SECOND]) as service:
        assert cli.main(["update", "--root", str(root)], today=SECOND) == Exit.INVALID
    assert not service.log
    assert "nonsense: unknown key" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nowhere/body.md", "", "protocol.yaml/body.md"])
def test_a_pull_request_s_text_that_cannot_be_written_stops_before_the_first_request(
    root: Path, snapshots: dict[str, Snapshot], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(snapshots[SECOND]) as service:
        command = ["update", "--root", str(root), "--no-publish", "--pull-request"]
        assert cli.main([*command, str(root / name)], today=SECOND) == 2
        assert not service.calls
    assert "--pull-request" in capsys.readouterr().err


# ---- one odd record ------------------------------------------------------------------------------

ODD = "900000001"


def endless(snapshot: Snapshot) -> None:
    """A record with a title of over 20,000 characters."""
    title = b"<ArticleTitle>" + b"pain " * 5_000
    snapshot.xml[ODD] = snapshot.xml[ODD].replace(b"<ArticleTitle>", title, 1)


def another(snapshot: Snapshot) -> None:
    """A PMID that is answered with another."""
    was, now = f">{ODD}</PMID>".encode(), b">900000999</PMID>"
    snapshot.xml[ODD] = snapshot.xml[ODD].replace(was, now, 1)


@pytest.mark.parametrize(
    ("make", "why"),
    [(endless, "title: String should have at most 20000"), (another, "PubMed answers with PMID 9")],
)
def test_one_odd_record_is_set_aside_and_the_rest_is_taken(
    root: Path,
    snapshots: dict[str, Snapshot],
    make: Callable[[Snapshot], None],
    why: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = Snapshot(dict(snapshots[SECOND].xml), dict(snapshots[SECOND].index))
    make(world)
    held = root / "data/records/2021" / f"pmid-{ODD}.json"
    before = held.read_bytes()
    command = ["update", "--root", str(root), "--no-publish", "--json"]
    with serving(world):
        assert cli.main(command, today=SECOND) == Exit.NOTICE
    (one,) = news(capsys)["sources"]  # type: ignore[misc]
    assert one["error"] is None
    assert [(s["pmid"], why in s["why"]) for s in one["set_aside"]] == [(ODD, True)]
    assert held.read_bytes() == before, "what the review holds of it stays"
    last = Store(root).searches()[-1]
    assert (last.format, [s.pmid for s in last.set_aside], last.adds_up) == (2, [ODD], True)
    assert ODD not in last.missing
    assert last.vanished == ("pmid-900000034",), "as without it"
    raw = (root / "data/texts/odd" / f"pubmed-{ODD}.xml").read_bytes()
    assert b"PubmedArticleSet" in raw
    with serving(world):
        assert cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND) == 0
    assert len(Store(root).searches()) == 2, "a second run of the day says nothing new"


def test_an_odd_record_that_is_new_is_a_warning_until_somebody_looked_at_it(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    world = Snapshot(dict(snapshots[SECOND].xml), dict(snapshots[SECOND].index))
    new = "900000009"
    title = b"<ArticleTitle>" + b"pain " * 5_000
    world.xml[new] = world.xml[new].replace(b"<ArticleTitle>", title, 1)
    with serving(world):
        assert cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND) == 20
    told = f"warning: pubmed: PMID {new} is set aside, look at it: title"
    assert told in capsys.readouterr().out
    for command in (["status"], ["check", "--allow-suspended"]):
        assert cli.main([*command, "--root", str(root)], today=SECOND) == 0
        assert f"PMID {new}" in capsys.readouterr().out
    assert f"pmid-{new}" not in Store(root).records()
    with serving(snapshots[SECOND]):  # PubMed has mended it
        assert cli.main(["update", "--root", str(root), "--no-publish"], today="2026-11-01") == 10
    assert f"pmid-{new}" in Store(root).records()
    capsys.readouterr()
    assert cli.main(["status", "--root", str(root)], today="2026-11-01") == 0
    assert "set aside" not in capsys.readouterr().out


def test_a_retraction_is_told_though_its_record_is_odd(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    """The mark stands in an answer that can't be taken, and no other record tells of it."""
    world = Snapshot(dict(snapshots[SECOND].xml), dict(snapshots[SECOND].index))
    del world.xml["900000031"]  # the notice's own record
    del world.index["900000031"]
    title = b"<ArticleTitle>" + b"pain " * 5_000
    trial = "900000002"
    world.xml[trial] = world.xml[trial].replace(b"<ArticleTitle>", title, 1)
    with serving(world):
        assert cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND) == 20
    said = capsys.readouterr().out
    assert "notice: retraction_in on INCLUDED STUDY brackwater-2024" in said
    assert "notice: set_aside on INCLUDED STUDY brackwater-2024" in said
    library = Library.of(Store(root).snapshot())
    assert library.suspended("brackwater-2024") is not None
    assert [one.pmid for one in library.set_aside["pubmed"]] == [trial]
    with serving(world):
        cli.main(["update", "--root", str(root), "--no-publish"], today="2026-11-01")
    assert "notice: set_aside" not in capsys.readouterr().out, "told once; the warning stays"
    assert cli.main(["status", "--root", str(root)], today="2026-11-01") == 0
    assert f"PMID {trial} is set aside, look at it" in capsys.readouterr().out


def test_many_odd_records_are_a_failed_source(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    world = Snapshot(dict(snapshots[SECOND].xml), dict(snapshots[SECOND].index))
    title = b"<ArticleTitle>" + b"pain " * 5_000
    for pmid in sorted(world.xml)[:6]:
        world.xml[pmid] = world.xml[pmid].replace(b"<ArticleTitle>", title, 1)
    before = tree(root, ".review.lock")
    with serving(world):
        assert cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND) == 30
    assert "records can't be taken, expected one or two at most" in capsys.readouterr().out
    assert tree(root, ".review.lock") == before


def test_a_broken_edition_stops_the_month_before_the_first_request(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    """What it rests on decides what a notice touches: read too late, all would be written untold."""
    (root / "data/editions/0.1.json").write_bytes(b"{")
    before = tree(root, ".review.lock")
    with serving(snapshots[SECOND]) as service:
        assert cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND) == 40
        assert not service.calls
    assert "data/editions/0.1.json:1: not readable as JSON" in capsys.readouterr().err
    assert tree(root, ".review.lock") == before


def test_a_notice_that_was_known_is_not_told_again_on_whatever_report(
    update: Update, store: Store
) -> None:
    update(SECOND)
    library = Library.of(store.snapshot())
    assert [one for one in library.notices if one not in library.watched], "some are on no study"
    assert library.newly_touched(library) == []
