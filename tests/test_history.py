"""History can't be rewritten unseen: earlier editions and searches, days still to come, links."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import review.files.migrate
from review import cli
from review.checking.check import check
from review.checking.notes import notes
from review.demo import DEMO, SECOND
from review.files.inventory import strays
from review.files.migrate import migrate
from review.files.store import Store
from review.ground.errors import Problem
from review.model.base import canonical
from review.model.fingerprint import digest
from review.offline.world import Snapshot
from review.searching.imports import import_file
from tests.conftest import HOME, serving
from tests.test_edition import REMOVAL, edition, released
from tests.test_files import replaced, written
from tests.test_inventory import second_edition

SEARCH = "data/searches/2026-09-20-pubmed-1.json"
LOG = "data/corrections.yaml"
DAY_IN = re.compile("(2026-[0-9]{2}-[0-9]{2})")


def found(root: Path, today: str | None = None) -> list[Problem]:
    return check(Store(root).snapshot(), today=today)


@pytest.fixture
def three(root: Path) -> Path:
    """A review with editions 0.1 (of before: it names no file), 0.2 and 0.3."""
    second_edition(root)
    assert edition(root, "--note", "a third") == 0
    assert found(root) == []
    return root


def edited(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    value = json.loads(path.read_bytes())
    change(value)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---- editions and searches before an edition -----------------------------------------------------


def test_each_edition_names_every_edition_and_search_before_it(three: Path) -> None:
    last = released(three)
    folder = three / "data/editions"
    assert last.edition_files == {name: sha(folder / f"{name}.json") for name in ("0.1", "0.2")}
    assert set(last.search_files or ()) == {"2026-09-01-pubmed-1", "2026-09-20-pubmed-1"}


@pytest.mark.parametrize("home", [HOME, DEMO])
def test_what_an_edition_names_is_what_stands_in_the_file(home: Path) -> None:
    """So no model that gets a field, or another order, changes a hash that was recorded."""
    editions = Store(home).editions()
    assert editions
    for one in editions:
        assert canonical(one) == (home / f"data/editions/{one.version}.json").read_bytes()


def test_the_hash_of_a_search_is_that_of_its_plain_value(three: Path) -> None:
    recorded = released(three).search_files or {}
    assert len(recorded) == 2
    for name, expected in recorded.items():
        value = json.loads((three / f"data/searches/{name}.json").read_bytes())
        del value["format"]
        assert digest(value) == expected


def test_a_first_edition_that_was_rewritten_is_told_by_the_second_and_the_third(
    three: Path,
) -> None:
    """Whoever forges the second too is told by the third."""
    replaced("data/editions/0.1.json", "first edition", "first release")(three)
    (second, first) = sorted(found(three), key=lambda one: one.path, reverse=True)
    assert (second.path, second.field) == ("data/editions/0.2.json", "previous_sha256")
    assert second.sentence.startswith("edition 0.1 was changed after its release (found content ")
    assert (first.path, first.field) == ("data/editions/0.1.json", "edition")
    assert first.sentence.startswith("was changed after edition 0.3 (found content ")

    def forged(value: dict[str, Any]) -> None:
        value["previous_sha256"] = value["edition_files"]["0.1"] = sha(
            three / "data/editions/0.1.json"
        )

    # as the tool writes it, whatever the forger's spacing
    path = three / "data/editions/0.1.json"
    path.write_bytes(canonical(Store(three).editions()[0]))
    edited(three / "data/editions/0.2.json", forged)
    assert {(one.path, one.field) for one in found(three)} == {
        ("data/editions/0.1.json", "edition"),
        ("data/editions/0.3.json", "previous_sha256"),
    }


def test_the_two_hashes_of_an_edition_before_must_agree(three: Path) -> None:
    edited(
        three / "data/editions/0.3.json",
        lambda value: value["edition_files"].update({"0.2": "0" * 64}),
    )
    ((path, field, sentence),) = [(p.path, p.field, p.sentence) for p in found(three)]
    assert (path, field) == ("data/editions/0.3.json", "previous_sha256")
    assert "expected 000000000000… and " in sentence


def test_a_search_is_compared_with_every_edition_not_with_the_last_alone(three: Path) -> None:
    """Who rewrites a search and the last edition's word of it is told by the one before."""
    replaced(SEARCH, '"platform": "', '"platform": "Other ')(three)
    value = json.loads((three / SEARCH).read_bytes())
    del value["format"]
    edited(
        three / "data/editions/0.3.json",
        lambda one: one["search_files"].update({Path(SEARCH).stem: digest(value)}),
    )
    ((path, field, sentence),) = [(p.path, p.field, p.sentence) for p in found(three)]
    assert (path, field) == (SEARCH, "search")
    assert sentence.startswith("was changed after edition 0.2 (found content ")
    assert sentence.endswith("…); a search is never rewritten")


def test_a_search_that_the_last_edition_was_made_to_forget_is_missed_by_the_one_before(
    three: Path,
) -> None:
    (three / SEARCH).unlink()
    edited(
        three / "data/editions/0.3.json",
        lambda one: one["search_files"].pop(Path(SEARCH).stem),
    )
    assert [one.sentence.partition(";")[0] for one in found(three)] == [
        "search:2026-09-20-pubmed-1 stands in edition 0.2 and is gone"
    ]


def corrected(name: str, kind: str) -> bytes:
    log = REMOVAL.format(reason="found in the log").replace("claim:D02", name)
    return log.replace("kind: removal", f"kind: {kind}").encode()


def test_a_correction_excuses_a_search_and_no_edition(three: Path) -> None:
    replaced(SEARCH, '"platform": "', '"platform": "Other ')(three)
    written(LOG, corrected(f"search:{Path(SEARCH).stem}", "correction"))(three)
    assert found(three) == []
    assert edition(three, "--note", "a search was mended") == 0
    assert found(three) == [], "the editions before it know the search as it was"
    replaced("data/editions/0.1.json", "first edition", "first release")(three)
    written(LOG, corrected("edition:0.1", "correction"))(three)
    assert ("data/editions/0.1.json", "edition") in [(p.path, p.field) for p in found(three)]


def test_an_edition_that_a_person_took_back_hides_none_before_it(three: Path) -> None:
    (three / "data/editions/0.2.json").unlink()
    written(LOG, corrected("edition:0.2", "removal"))(three)
    assert found(three) == []
    replaced("data/editions/0.1.json", "first edition", "first release")(three)
    assert [(one.path, one.field) for one in found(three)] == [
        ("data/editions/0.1.json", "edition")
    ]


def test_no_migration_rewrites_what_an_edition_names(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = tmp_path / "export.ris"
    source.write_text(
        "TY  - JOUR\nTI  - A fictional report\nPY  - 2020\nER  - \n", encoding="utf-8"
    )
    import_file(Store(root), source, source="toy", platform="Toy", searched="2026-09-10")
    assert edition(root, "--note", "an import") == 0
    assert len(released(root).search_files or ()) == 2
    kept = [p for d in review.files.migrate.KEPT for p in (root / "data" / d).rglob("*.json")]
    before = {path: path.read_bytes() for path in kept}
    assert len(before) == 4
    monkeypatch.setattr(review.files.migrate, "FORMAT", 2)
    monkeypatch.setattr(review.files.migrate, "MOVED", {"previous": 3, "corrections": 3})
    steps = review.files.migrate.STEPS
    monkeypatch.setitem(steps, 2, lambda _kind, value: {**value, "format": 3})
    assert migrate(Store(root))
    assert {path: path.read_bytes() for path in kept} == before


# ---- emptied searches ----------------------------------------------------------------------------


@pytest.fixture
def searched(root: Path, snapshots: dict[str, Snapshot]) -> Path:
    """A review after the second month's search, which no edition names yet."""
    with serving(snapshots[SECOND]):
        assert cli.main(["update", "--no-publish", "--root", str(root)], today=SECOND) == 20
    assert not [one for one in found(root) if one.path.startswith("data/searches")]
    return root


def nothing_found(value: dict[str, Any]) -> None:
    value.update(count=0, listed=0, fetched=0, found_sha256=hashlib.sha256(b"").hexdigest())
    del value["new"], value["gone"]


EMPTIED: dict[str, Callable[[dict[str, Any]], None]] = {
    "nothing new": lambda value: value.pop("new"),
    "nothing gone": lambda value: value.pop("gone"),
    "one gone that was there": lambda value: value["gone"].append("pmid-900000003"),
    "no hits": lambda value: value.update(count=0, listed=0, fetched=0),
    "no record at all": nothing_found,
}


@pytest.mark.parametrize("name", EMPTIED)
def test_an_emptied_search_is_told(searched: Path, name: str) -> None:
    path = searched / "data/searches/2026-10-01-pubmed-1.json"
    edited(path, EMPTIED[name])
    told = [one for one in found(searched) if one.field == "found_sha256"]
    assert [one.path for one in told] == ["data/searches/2026-10-01-pubmed-1.json"]
    assert "a search is never rewritten" in told[0].sentence


def test_an_emptied_first_search_is_told_once(searched: Path) -> None:
    edited(searched / "data/searches/2026-09-01-pubmed-1.json", lambda value: value.pop("new"))
    told = [one.path for one in found(searched) if one.field == "found_sha256"]
    assert told == ["data/searches/2026-09-01-pubmed-1.json"]


def test_after_a_search_was_taken_out_the_others_are_not_held_against_it(searched: Path) -> None:
    (searched / "data/searches/2026-09-01-pubmed-1.json").unlink()
    assert "found_sha256" in {one.field for one in found(searched)}
    written(LOG, corrected("search:2026-09-01-pubmed-1", "removal"))(searched)
    assert "found_sha256" not in {one.field for one in found(searched)}


def test_a_search_that_differs_from_git_s_last_commit_is_a_note(searched: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", "-C", str(searched)]
    for step in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "held"]):
        subprocess.run([*git, *step], check=True, capture_output=True)

    def told() -> list[tuple[str, str]]:
        every = notes(Store(searched).snapshot(), SECOND)
        return [(one.path, one.sentence) for one in every if "git" in one.sentence]

    assert told() == []
    name = "data/searches/2026-10-01-pubmed-1.json"
    data = (searched / name).read_bytes()
    (searched / name).write_bytes(data.replace(b"\n", b"\r\n"))
    assert told() == [], "ends of lines are the machine's"
    (searched / name).write_bytes(data.replace(b'"platform": "', b'"platform": "Other '))
    replaced("data/claims/D02.yaml", "Pain falls", "Pain went down")(searched)
    sentence = "differs from git's last commit, expected the same: it is never rewritten"
    assert told() == [(name, sentence)]


# ---- days that are still to come -----------------------------------------------------------------

HELD = {
    "data/pairs/reviewer-a.csv": "a,b,verdict,relation,date,note\n"
    "pmid-900000001,pmid-900000002,distinct,,2026-09-05,\n",
    "data/notices/reviewer-a.csv": "record,notice,outcome,date,source,note\n"
    "pmid-900000001,safety_signal:a letter,added,2026-09-05,a letter,\n",
    LOG: corrected("claim:D02", "correction").decode(),
}
DATED = {
    "data/screening/reviewer-a.csv": "date",
    "data/signatures/reviewer-a.csv": "date",
    "data/pairs/reviewer-a.csv": "date",
    "data/notices/reviewer-a.csv": "date",
    "data/previous.yaml": "studies[0].date",
    LOG: "corrections[0].date",
    "data/searches/2026-10-01-pubmed-1.json": "date",
    "data/editions/0.1.json": "date",
}


@pytest.mark.parametrize("name", DATED)
def test_a_day_that_is_still_to_come_is_told(
    searched: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, today = searched / name, "2026-10-05"
    if name in HELD:
        written(name, HELD[name].encode())(searched)
    head, day, tail = DAY_IN.split(path.read_text(encoding="utf-8"), maxsplit=1)
    for put, ahead in ((today, False), ("2026-10-06", False), ("2026-10-07", True)):
        path.write_text(head + put + tail, encoding="utf-8")
        place = path
        if "searches" in name:
            place = path.rename(path.with_name(f"{put}-pubmed-1.json"))
        capsys.readouterr()
        assert cli.main(["check", "--root", str(searched)], today=today) == 40 or not ahead
        place.rename(path)
        told = [one for one in capsys.readouterr().out.splitlines() if "still to come" in one]
        if not ahead:
            assert told == [], "somewhere it is tomorrow"
            continue
        assert [one.rpartition(f" {DATED[name]}: ")[2] for one in told] == [
            f"found {put}, which is still to come: today is {today}"
        ]
        assert told[0].startswith(name.replace("2026-10-01", put))
    assert day


def test_a_wrong_clock_is_told_once_a_file(root: Path) -> None:
    """On a day before everything, each file is one line."""
    late = [one for one in found(root, "2026-08-01") if "still to come" in one.sentence]
    names = [one.path for one in late]
    assert len(names) == len(set(names)) == 6
    assert "data/screening/reviewer-b.csv" in names
    signed = len(Store(root).signatures()["reviewer-a"])
    told = f"found 2026-09-14, which is still to come: today is 2026-08-01 ({signed - 1} more"
    assert any(one.sentence.startswith(told) for one in late)


def test_no_edition_rests_on_what_is_still_to_come(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "data/screening/reviewer-a.csv"
    path.write_text(DAY_IN.sub("2031-01-01", path.read_text(encoding="utf-8"), count=1))
    assert edition(root, "--note", "early") == 40
    told = "screening/reviewer-a.csv:2: date: found 2031-01-01, which is still to come"
    assert told in capsys.readouterr().err
    assert not (root / "data/editions/0.2.json").exists()


# ---- links, and a review that becomes another ----------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("data", "data/records", "data/records/2021", "data/searches", "data/editions"),
        *("data/editions/0.1.json", "data/claims/D01.yaml", "data/previous.yaml", "protocol.yaml"),
    ],
)
def test_a_link_is_told_once_with_where_it_leads(root: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (root / name).rename(elsewhere)
    (root / name).symlink_to(elsewhere)
    told = [str(one) for one in found(root) if "symbolic link" in one.sentence]
    if name == "data":
        assert [one.path for one in strays(Store(root))] == ["data"], (
            "an update asks for these alone"
        )
    target = os.path.relpath(elsewhere, root)
    assert told == [
        f"{name}: is a symbolic link to {target}, expected the review's own file or folder"
    ]


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("D09.yaml", "data/claims/D09.yaml"),
        ("../claims\x1b[31m/x", "data/claims[31m/x"),
        ("/nowhere/" + "a" * 200 + "/" + "b" * 200, None),
    ],
)
def test_a_loop_or_a_hostile_link_is_told_in_one_line(
    root: Path, target: str, shown: str | None
) -> None:
    (root / "data/claims/D09.yaml").symlink_to(target)
    (told,) = [one for one in found(root) if "symbolic link" in one.sentence]
    assert (told.path, told.sentence.count("\n"), "\x1b" in told.sentence) == (
        ("data/claims/D09.yaml", 0, False)
    )
    assert len(told.sentence) < 300
    if shown:
        assert f"is a symbolic link to {shown}, expected" in told.sentence


def test_a_fictional_review_never_becomes_a_real_one(root: Path) -> None:
    replaced("protocol.yaml", "fictional: true", "fictional: false")(root)
    told = [(one.path, one.field) for one in found(root) if "fictional" in one.sentence]
    assert told == [("protocol.yaml", "fictional")]
