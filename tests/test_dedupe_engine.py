"""The deduplicator: order and ids don't matter, nothing is lost, later is as good as at once."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review import cli
from review.dedupe.comparable import Entry
from review.dedupe.engine import Constraints, Deduplicator, Result
from review.demo import DEMO
from tests.conftest import shared

relaxed = settings(max_examples=60, deadline=None)
TITLES = (
    "Pain and fatigue in people with the marbled syndrome of the cord",
    "Pain and fatigue in people with the marbled syndrome of the cord: part II",
    "Pain and fatigue in people with the marbled syndrome",
    "PAIN AND FATIGUE IN PEOPLE WITH THE MARBLED SYNDROME OF THE CORD.",
    "Erratum: Pain and fatigue in people with the marbled syndrome of the cord",
    "Relief of pain after tarvolimab in ten adults with marbled cord syndrome",
    "Relief of pain after sedanepril in ten adults with marbled cord syndrome",
    "Editorial",
    "大理石样脊髓综合征患者的神经病理性疼痛",
    "",
)
ENTRY = st.builds(
    dict,
    title=st.sampled_from(TITLES),
    authors=st.sampled_from(
        ["Aldermoor, P. and Roe, K.", "P., Aldermoor and K., Roe", "Doe, J", ""]
    ),
    year=st.sampled_from(["2019", "2020", ""]),
    journal=st.sampled_from(["Journal of Imaginary Neurology", "J Imag Neurol", ""]),
    volume=st.sampled_from(["7", "8", ""]),
    pages=st.sampled_from(["100-110", "100-10", "111-120", ""]),
    doi=st.sampled_from(["10.5555/a", "https://doi.org/10.5555/A", "10.5555/b", ""]),
    pmid=st.sampled_from(["1", "2", "", ""]),
)
LIBRARY = st.lists(ENTRY, min_size=1, max_size=14)


def entries(rows: list[dict[str, Any]], names: list[str] | None = None) -> list[Entry]:
    names = names or [f"id{n}" for n in range(len(rows))]
    return [Entry(id=name, **row) for name, row in zip(names, rows, strict=True)]


def found(records: list[Entry], said: Constraints | None = None) -> Result:
    engine = Deduplicator()
    engine.add(records)
    return engine.result(said)


def sets(result: Result) -> set[frozenset[str]]:
    return {frozenset(members) for members in result.clusters}


def links(
    result: Result, names: dict[str, str] | None = None
) -> set[tuple[str, str, frozenset[str]]]:
    known = names or {}
    return {
        (one.outcome, one.relation, frozenset({known.get(one.a, one.a), known.get(one.b, one.b)}))
        for one in (*result.related, *result.queue)
    }


@relaxed
@given(rows=LIBRARY, seed=st.randoms(use_true_random=False))
def test_shuffled_and_renamed_records_give_the_same_clusters(
    rows: list[dict[str, Any]], seed: random.Random
) -> None:
    before = found(entries(rows))
    order = list(range(len(rows)))
    seed.shuffle(order)
    names = [f"z{seed.randrange(10**9):09d}-{n}" for n in order]
    after = found(entries([rows[n] for n in order], names))
    back = {name: f"id{n}" for name, n in zip(names, order, strict=True)}
    assert {frozenset(back[x] for x in members) for members in sets(after)} == sets(before)
    # Of identical records it does not matter which one a link names.
    assert len(links(after)) == len(links(before))


def test_every_record_is_in_exactly_one_cluster_and_no_cluster_holds_two_identifiers() -> None:
    sizes: list[int] = []

    @relaxed
    @given(rows=LIBRARY)
    def each(rows: list[dict[str, Any]]) -> None:
        result = found(entries(rows))
        members = [one for cluster in result.clusters for one in cluster]
        assert len(members) == len(set(members))
        by_name = {one.id: one for one in entries(rows)}
        for cluster in result.clusters:
            sizes.append(len(cluster))
            assert len({by_name[one].pmid for one in cluster} - {""}) <= 1

    each()
    assert sum(size > 1 for size in sizes) > 10, "libraries without a duplicate prove nothing"


def test_a_file_against_itself_merges_everything_that_has_a_title_or_identifier() -> None:
    merged = 0

    @relaxed
    @given(rows=LIBRARY)
    def each(rows: list[dict[str, Any]]) -> None:
        nonlocal merged
        once = entries(rows)
        twice = [*once, *entries(rows, [f"again{n}" for n in range(len(rows))])]
        where = {one: n for n, cluster in enumerate(found(twice).clusters) for one in cluster}
        for n, row in enumerate(rows):
            tells = row["authors"] or row["pages"] or row["title"] != "Editorial"
            if row["doi"] or row["pmid"] or (row["title"] and tells):
                merged += 1
                assert where[f"id{n}"] == where[f"again{n}"]

    each()
    assert merged > 100


@relaxed
@given(rows=LIBRARY)
def test_the_output_deduplicated_again_changes_nothing(rows: list[dict[str, Any]]) -> None:
    """But for the pairs that wait for a person, nothing is left that the rules would merge."""
    records = entries(rows)
    result = found(records)
    stands = {one: members[0] for members in result.clusters for one in members}
    kept = [one for one in records if stands.get(one.id, one.id) == one.id]
    waiting = {
        tuple(sorted((stands.get(link.a, link.a), stands.get(link.b, link.b))))
        for link in (*result.related, *result.queue)
    }
    again = found(kept, Constraints(apart=[(a, b) for a, b in waiting if a != b]))
    assert again.clusters == ()


@relaxed
@given(rows=LIBRARY, data=st.data())
def test_new_against_known_gives_what_the_whole_gives(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    whole = found(entries(rows))
    at = data.draw(st.integers(0, len(rows)))
    engine = Deduplicator()
    engine.add(entries(rows)[:at])
    engine.add(entries(rows)[at:])
    later = engine.result()
    assert sets(later) == sets(whole)
    assert links(later) == links(whole)


@relaxed
@given(rows=LIBRARY, data=st.data())
def test_people_win_in_every_run(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    names = [f"id{n}" for n in range(len(rows))]
    pair = st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(lambda p: p[0] < p[1])
    if len(rows) < 3:
        return
    same = data.draw(pair)
    apart = data.draw(pair.filter(lambda p: p != same))
    result = found(entries(rows), Constraints({same: "somebody decided"}, [apart]))
    where = {one: n for n, cluster in enumerate(result.clusters) for one in cluster}
    assert where.get(apart[0], -1) != where.get(apart[1], -2)
    if same[0] in where and where[same[0]] == where.get(same[1]):
        return
    assert ("queue", frozenset(same)) in {(o, p) for o, _, p in links(result)}, (
        "two people disagree"
    )


def test_a_stub_that_fits_two_papers_joins_neither() -> None:
    base = {"title": TITLES[0], "authors": "Aldermoor, P. and Roe, K.", "year": "2020"}
    result = found(
        entries(
            [
                {
                    **base,
                    "volume": "7",
                    "pages": "100-110",
                    "journal": "Journal of Imaginary Neurology",
                },
                {
                    **base,
                    "volume": "31",
                    "pages": "55-60",
                    "journal": "Journal of Imaginary Neurology",
                },
                base,
            ]
        )
    )
    assert result.clusters == ()
    assert {frozenset({link.a, link.b}) for link in result.queue} >= {
        frozenset({"id0", "id2"}),
        frozenset({"id1", "id2"}),
    }


@pytest.mark.whole
def test_a_million_rows_of_one_kind_are_no_square(tmp_path: Path) -> None:
    """Ten thousand copies, and ten thousand papers that share a beginning, an author and a year."""
    copies = [{"title": TITLES[0], "year": "2020"}] * 10_000
    rows = [
        {"title": f"Pain and fatigue in people with {n:x} and other things", "authors": "Doe, J",
         "year": "2020", "journal": "J", "volume": "7", "pages": "1"}
        for n in range(10_000, 13_000)
    ]  # fmt: skip
    engine = Deduplicator()
    engine.add(entries([*copies, *rows]))
    assert len(engine.opinions) < 100_000
    result = engine.result()
    assert max(map(len, result.clusters)) == 10_000


@pytest.mark.parametrize(
    "row",
    [
        {"title": "\0" * 10},
        {"title": "a" * 100_000, "authors": "b" * 100_000},
        {"title": "(" * 3000, "pages": "-" * 3000, "doi": "10." * 1000},
        {"title": "[" * 3000 + "]" * 3000, "authors": " and " * 3000},
        {"title": "; ".join(["x"] * 3000), "journal": "(" * 3000, "volume": "9" * 3000},
        {"title": "\ud800 lone", "authors": "\u202e"},
        {"title": "#NAME?", "pages": "03-Dec", "year": "MMXX"},
    ],
)
def test_whatever_stands_in_a_field_is_compared(row: dict[str, Any]) -> None:
    assert found(entries([row, {**row, "year": "1999"}, {"title": TITLES[0]}])).queue is not None


# ---- the command -------------------------------------------------------------------------------

SHEET = (
    "ID,Author,Year,Title,Journal,Volume,Number,Pages,DOI\n"
    'a,"Aldermoor, P.",2020,Pain in the marbled cord syndrome of adults,J Imag Neurol,7,1,100-110,\n'
    'b,"Aldermoor, Pia",2020,PAIN IN THE MARBLED CORD SYNDROME OF ADULTS.,Journal of Imaginary Neurology,7,,100-10,10.5555/a\n'
    'c,"Aldermoor, P.",2021,Correction to: Pain in the marbled cord syndrome of adults,J Imag Neurol,8,,3,\n'
    "d,,,,,,,,\n"
)


def sheet(tmp_path: Path, text: str = SHEET) -> Path:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_clusters_and_links_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, linked, merged = (tmp_path / name for name in ("c.csv", "l.csv", "m.jsonl"))
    command = ["dedupe", str(sheet(tmp_path)), "--out", str(out), "--links", str(linked)]
    assert cli.main([*command, "--merged", str(merged)]) == 0
    assert "4 records: 1 duplicates merged, 2 related" in capsys.readouterr().out
    assert [tuple(row.values()) for row in rows_of(out)] == [
        ("a", "a"), ("b", "a"), ("c", "c"), ("d", "d"),
    ]  # fmt: skip
    found_links = {(r["id_a"], r["id_b"], r["outcome"], r["relation"]) for r in rows_of(linked)}
    assert found_links == {
        ("a", "b", "duplicate", ""),
        ("c", "a", "related", "erratum_of"),
        ("c", "b", "related", "erratum_of"),
    }
    whole = [json.loads(line) for line in merged.read_text(encoding="utf-8").splitlines()]
    assert [one["id"] for one in whole] == ["a", "c", "d"]
    assert whole[0]["doi"] == "10.5555/a"
    assert whole[0]["fields_from"]["doi"] == ["b"]
    assert whole[0]["members"] == ["a", "b"]


def test_json_has_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dedupe", str(sheet(tmp_path)), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["records"], facts["merged"], facts["clusters"]) == (4, 1, [["a", "b"]])
    assert facts["duplicates"][0]["reasons"][0] == "same title"


def test_explain_says_field_by_field_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["dedupe", str(sheet(tmp_path)), "--explain", "a", "b"]) == 0
    told = capsys.readouterr().out
    assert "title: 100 % alike, the same" in told
    assert "pages: same, last page same" in told
    assert "duplicate, weight" in told
    assert cli.main(["dedupe", str(sheet(tmp_path)), "--explain", "a", "x"]) == 2
    assert "--explain x: no such record" in capsys.readouterr().err
    assert (
        cli.main(["dedupe", "--root", str(DEMO), "--explain", "pmid-900000039", "pmid-900000040"])
        == 0
    )
    assert "two PMIDs, 900000039 and 900000040" in capsys.readouterr().out


def test_decisions_of_people_are_taken_from_a_file(tmp_path: Path) -> None:
    said = tmp_path / "said.csv"
    said.write_text("id_a,id_b,verdict\na,b,distinct\na,d,duplicate\n", encoding="utf-8")
    out = tmp_path / "c.csv"
    command = ["dedupe", str(sheet(tmp_path)), "--decisions", str(said), "--out", str(out)]
    assert cli.main(command) == 0
    assert {r["id"]: r["cluster"] for r in rows_of(out)} == {"a": "a", "b": "b", "c": "c", "d": "a"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            SHEET + SHEET.split("\n")[1] + "\n",
            "a.csv:6: ID: the id a stands twice, first in line 2",
        ),
        (SHEET + "e,f\n", "a.csv:6: found 2 cells, expected 9"),
        ("x,y\n1,2\n", "a.csv:1: found the columns x,y, expected title among them"),
        ("title,title\n1,2\n", "a.csv:1: found the column title twice"),
        ("id;title\n1;2\n", "a.csv:1: found ';' between the columns, expected a comma"),
        ("id\ttitle\n1\t2\n", "a.csv:1: found '\\t' between the columns, expected a comma"),
        ("title\n", "found no record, expected some"),
        ('title\n"open', "a.csv:2: not readable as CSV"),
        ("title\na\0b\n", "a.csv:2: found a NUL byte"),
    ],
)
def test_a_damaged_sheet_is_one_line_and_nothing_is_written(
    tmp_path: Path, text: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "c.csv"
    assert cli.main(["dedupe", str(sheet(tmp_path, text)), "--out", str(out)]) == 40
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no.csv"], "no.csv: no such file"),
        (["--out", "x.csv"], "--out needs a FILE"),
        (["--merge-versions"], "--merge-versions needs a FILE"),
    ],
)
def test_wrong_words(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["dedupe", "--root", str(DEMO), *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_several_files_of_several_formats_are_one_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = DEMO / "world" / "2026-09-01.xml"
    assert cli.main(["convert", str(world), str(tmp_path / "b.ris")]) == 0
    capsys.readouterr()
    assert cli.main(["dedupe", str(world), str(tmp_path / "b.ris"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["records"] == 260
    assert facts["merged"] == 130, "each record is found in the other format"


# ---- the hard cases that lie beside the project ------------------------------------------------


def test_no_hard_case_that_must_stay_apart_is_merged() -> None:
    folder = shared("dedupe/hardcases")
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    with (folder / "records_pre_merged.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    engine = Deduplicator()
    from review.dedupe.entries import of_row

    engine.add([of_row({k.lower(): v for k, v in row.items()}, row["ID"]) for row in table])
    result = engine.result()
    where = {one: n for n, cluster in enumerate(result.clusters) for one in cluster}
    merged: dict[str, list[bool]] = {}
    for case in cases:
        together = where.get(case["a"], -1) == where.get(case["b"], -2)
        merged.setdefault(f"{case['kind']} {case['cat'][:3]}", []).append(together)
    assert {name[0] for name in merged} == {"0", "1", "2"}
    for name, hits in merged.items():
        if name[0] == "1":
            assert sum(hits) >= 0.9 * len(hits), name
        else:
            assert not any(hits), name
