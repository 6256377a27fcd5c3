"""Files: written whole or not at all, read back to the byte, refused in one line."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review import cli
from review.checking.check import check
from review.demo import DEMO
from review.files import kinds
from review.files.disk import Disk
from review.files.documents import one_line_each, read_json
from review.files.reference import FILES
from review.files.row_bytes import write_rows
from review.files.rows import read_rows
from review.files.store import Store
from review.ground.errors import InvalidDataError, UsageError
from review.ground.printable import control
from review.ground.spreadsheet import csv_text, defused, one_line_end
from review.model.base import canonical
from review.model.duplicates import Cluster, Duplicates, Queued, Related, Relation
from review.model.fulltext import HeldText
from review.model.record import Author, Notice, NoticeType, Record, Volatile, record_id
from review.model.screening import Decision, Outcome, Stage
from review.model.search import LineResult, NoticeEvent, Search
from tests.conftest import HOME, give_rows

TEXT = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    min_size=1,
    max_size=20,
).filter(str.strip)
IDS = st.one_of(
    st.integers(1, 999_999_999).map(lambda n: f"pmid-{n}"),
    st.text("0123456789abcdef", min_size=10, max_size=10).map(lambda h: f"doi-{h}"),
)
PMIDS = st.integers(1, 999_999_999).map(str)
DAYS = st.dates().map(str).filter(lambda d: d >= "1000")
TUPLES = st.lists(TEXT, max_size=3).map(tuple)
NOTICES = st.builds(
    Notice, type=st.sampled_from(NoticeType), pmid=st.none() | PMIDS, reference=st.none() | TEXT
)
RECORDS = st.builds(
    Record,
    format=st.just(1),
    id=IDS,
    source=st.just("pubmed"),
    pmid=st.none() | PMIDS,
    title=st.text(max_size=30).filter(lambda t: max(t, default="a") < "\ud800" or t.isascii()),
    authors=st.lists(st.builds(Author, family=TEXT, given=st.none() | TEXT), max_size=2).map(tuple),
    year=st.none() | st.integers(1500, 2200),
    language=TUPLES,
    publication_types=TUPLES,
    notices=st.lists(NOTICES, max_size=2).map(tuple),
    vanished=st.none() | DAYS,
)
LINES = st.builds(
    LineResult, line=st.integers(1, 9), query=TEXT, sent=TEXT, count=st.integers(0, 99)
)
SEARCHES = st.builds(
    Search,
    format=st.just(1),
    date=DAYS,
    source=st.just("pubmed"),
    run=st.integers(1, 9),
    platform=TEXT,
    lines=st.lists(LINES, min_size=1, max_size=2).map(tuple),
    count=st.integers(0, 9),
    listed=st.integers(0, 9),
    fetched=st.integers(0, 9),
    held=st.integers(0, 9),
    new=st.lists(IDS, max_size=3).map(tuple),
    notices=st.lists(
        st.builds(NoticeEvent, record=IDS, type=st.sampled_from(NoticeType)), max_size=2
    ).map(tuple),
    found_sha256=st.just("0" * 64),
    parameters=st.dictionaries(TEXT, TEXT, max_size=2),
    protocol_sha256=st.just("0" * 64),
    tool=TEXT,
)
DUPLICATES = st.builds(
    Duplicates,
    format=st.just(1),
    method=TEXT,
    clusters=st.lists(
        st.builds(
            Cluster,
            id=IDS,
            members=st.lists(IDS, min_size=2, max_size=3).map(tuple),
            reasons=TUPLES,
        ),
        max_size=2,
    ).map(tuple),
    related=st.lists(
        st.builds(Related, record=IDS, relation=st.sampled_from(Relation), of=IDS, reason=TEXT),
        max_size=2,
    ).map(tuple),
    queue=st.lists(
        st.builds(Queued, a=IDS, b=IDS, similarity=st.integers(0, 100), reasons=TUPLES), max_size=2
    ).map(tuple),
)
relaxed = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(st.one_of(RECORDS, SEARCHES, DUPLICATES))
def test_each_json_file_loads_and_saves_to_the_same_bytes(
    tmp_path: Path, model: Record | Search | Duplicates
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(canonical(model))
    again = read_json(type(model), path, tmp_path)
    assert again == model
    assert canonical(again) == path.read_bytes()


@relaxed
@given(
    st.lists(
        st.builds(
            Decision,
            record=IDS,
            stage=st.sampled_from(Stage),
            decision=st.sampled_from([Outcome.INCLUDE, Outcome.UNSURE]),
            date=DAYS,
            note=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30),
            protocol=st.just("abc"),
            tool=st.just("test"),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_reviewer_s_rows_load_and_save_to_the_same_bytes(rows: list[Decision]) -> None:
    """Whatever a note says: it comes back, its lines ended in one way, or it is refused."""
    if any(control(row.note) for row in rows):
        with pytest.raises(UsageError, match="note: found the control character U"):
            write_rows(rows, header=True)
        return
    data = write_rows(rows, header=True)
    again = [row for _, row in read_rows(Decision, data, "x.csv")]
    assert again == [row.model_copy(update={"note": one_line_end(row.note)}) for row in rows]
    assert write_rows(again, header=True) == data


@given(st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=2), max_size=3))
def test_a_table_for_spreadsheets_stays_a_table_whatever_its_cells_say(
    rows: list[list[str]],
) -> None:
    text = csv_text(("a", "b"), rows)
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [len(row) for row in read] == [2] * (len(rows) + 1)
    for cells, row in zip(rows, read[1:], strict=True):
        for cell, found in zip(cells, row, strict=True):
            seen = "".join(c for c in one_line_end(cell) if control(c) is None)
            assert found in (seen, f"'{seen}")
            assert (found == seen) == (defused(seen) == seen)


@pytest.mark.parametrize("lead", ["", " ", "\u00a0", "\u2003", "\u200b", "\ufeff", "\u00ad", "\t"])
@pytest.mark.parametrize("sign", ["=1+1", "+x", "-x", "@x", "＝1"])
def test_a_formula_behind_signs_that_nobody_sees_is_none(lead: str, sign: str) -> None:
    assert defused(lead + sign) == f"'{lead}{sign}"
    assert defused(f"'{lead}{sign}") == f"''{lead}{sign}"
    assert defused(f"x{lead}{sign}") == f"x{lead}{sign}"


def test_a_carriage_return_in_a_note_breaks_no_review(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = ["--pair", "pmid-900000001", "pmid-900000002", "--verdict", "distinct"]
    command = ["dedupe", "--root", str(root), *pair, "--reviewer", "reviewer-a", "--note"]
    assert cli.main([*command, "two\rlines"], today="2026-10-05") == 0
    assert Store(root).pairs()["reviewer-a"][-1].note == "two\nlines"
    before = (root / "data/pairs/reviewer-a.csv").read_bytes()
    for note in ("a NUL \0", "a bell \a", "escaped \x1b[2J", "half \udc85"):
        assert cli.main([*command, note], today="2026-10-05") == 2
        assert "note: found the control character U+" in capsys.readouterr().err
    assert cli.main([*command, "two\n<<<<<<< HEAD"], today="2026-10-05") == 2
    assert "note: found a line that begins as the mark of a merge" in capsys.readouterr().err
    assert (root / "data/pairs/reviewer-a.csv").read_bytes() == before
    assert cli.main(["check", "--root", str(root)]) == 0


@pytest.mark.parametrize("sign", ["\\r", "\\0", "\\x1b", "\\x85"])
def test_a_control_character_in_a_person_s_file_is_told_with_its_line(
    root: Path, sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced(A, 'quote: "148 patients"', f'note: "a{sign}b", quote: "148 patients"')(root)
    assert cli.main(["check", "--root", str(root)]) == 40
    assert f"{A}:7: found the control character U+00" in capsys.readouterr().out


@relaxed
@given(st.dictionaries(IDS, st.builds(Volatile, mesh=TUPLES, status=st.none() | TEXT), max_size=3))
def test_the_side_file_is_one_line_a_record(tmp_path: Path, records: dict[str, Volatile]) -> None:
    store = Store(tmp_path)
    store.write_volatile(records)
    text = (tmp_path / "data" / "volatile.json").read_text(encoding="utf-8")
    assert store.volatile() == dict(sorted(records.items()))
    assert text.count("\n") == 5 + max(len(records), 0) - (0 if records else 1)
    assert store.write_volatile(records) is False


MODELS = {
    name.removeprefix("data/").partition("/")[0].removesuffix(".json"): model
    for name, _, model in FILES
    if name.endswith(".json")
}


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (HOME, {"editions", "records"}),
        (DEMO, {"attestations", "duplicates", "editions", "records", "searches", "volatile"}),
    ],
    ids=["review", "demo"],
)
def test_every_real_file_is_a_test(root: Path, expected: set[str]) -> None:
    """Each committed JSON file of the review and the demonstration: load, save, same bytes."""
    committed: set[str] = set()
    for path in sorted((root / "data").rglob("*.json")):
        kind = path.relative_to(root / "data").parts[0].removesuffix(".json")
        if kind == "texts":  # held by this machine alone
            continue
        committed.add(kind)
        saved = canonical(read_json(MODELS[kind], path, root))
        if kind == "volatile":
            saved = one_line_each(json.loads(saved))
        assert saved == path.read_bytes(), path
    assert committed >= expected


def test_the_table_of_kinds_names_the_model_it_is_typed_with_and_the_reference_shows_each() -> None:
    table = {name: kind for name, kind in vars(kinds).items() if isinstance(kind, kinds.Kind)}
    assert len(table) == 20
    for name, kind in table.items():
        assert kinds.__annotations__[name] == f"Kind[{kind.model.__name__}]"
    shown = {model for _, _, model in FILES}
    assert {kind.model for kind in table.values()} == shown - {HeldText}, "texts are no kind"


def test_a_write_is_synced_then_renamed_then_its_folder_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def spy_fsync(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        calls.append(f"fsync {kind}")
        fsync(descriptor)

    def spy_replace(self: Path, target: Path) -> Path:
        calls.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", spy_fsync)
    monkeypatch.setattr(Path, "replace", spy_replace)
    Disk().write(tmp_path / "a" / "x.json", b"1")
    assert calls == ["fsync folder", "fsync file", "rename", "fsync folder"], (
        "a new folder's entry first"
    )


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    Disk().write(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Disk().write(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
    assert path.read_bytes() == b"old"


def test_ids_come_from_the_accession_and_are_stable() -> None:
    assert record_id(pmid="12", doi="10.5555/x", source="s", accession="a") == "pmid-12"
    doi = record_id(pmid=None, doi="10.5555/X", source="s", accession="a")
    assert doi == record_id(pmid=None, doi="10.5555/x", source="t", accession="b")
    assert re.fullmatch("doi-[0-9a-f]{10}", doi)
    assert record_id(pmid=None, doi=None, source="s", accession="a").startswith("src-")


Edit = Callable[[Path], object]


def replaced(name: str, old: str, new: str) -> Edit:
    def edit(root: Path) -> None:
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def appended(name: str, text: str) -> Edit:
    def edit(root: Path) -> None:
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


def written(name: str, data: bytes) -> Edit:
    def edit(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)

    return edit


A = "data/extractions/aldermoor-2021.yaml"
SEARCH = "data/searches/2026-09-01-pubmed-1.json"
RECORD = "data/records/2021/pmid-900000001.json"
S = "data/screening/reviewer-a.csv"
TAIL = ",2026-09-05,,abcdefabcdef,test,\n"
BAD = {
    "unknown key, nearest named": (
        replaced("protocol.yaml", "registration:", "registraton:"),
        "protocol.yaml:14: registraton: unknown key, nearest is registration",
    ),
    "unknown key deep inside": (
        replaced("protocol.yaml", "    interval_days: 35", "    interval_dys: 35"),
        "sources[0].interval_dys: unknown key, nearest is interval_days",
    ),
    "wrong type": (
        replaced("protocol.yaml", "interval_days: 35", "interval_days: often"),
        'protocol.yaml:30: sources[0].interval_days: found "often", expected a whole number',
    ),
    "a number as text": (
        replaced(A, "people: 148", 'people: "148"'),
        'sample[0].people: found "148", expected a whole number',
    ),
    "repeated key": (
        appended("protocol.yaml", "store_abstracts: false\n"),
        "stands here and on line",
    ),
    "wrong encoding": (
        written("data/vocabulary/outcomes.yaml", "format: 1\nkind: 疼痛".encode("gb18030")),
        "data/vocabulary/outcomes.yaml:2: found byte 0x",
    ),
    "percentage against its counts": (
        replaced(A, "percent: 75.7", "percent: 57.7"),
        f"{A}:11: results[0]: found 57.7 %, expected 75.68 % from 112 of 148",
    ),
    "events above total": (
        replaced(A, "events: 112, total: 148", "events: 200, total: 148"),
        f"{A}:11: results[0]: 200 events among 148 people",
    ),
    "quote without the figure": (
        replaced(A, "112/148 (75.7%)", "some of 148 (75.7%)"),
        f"{A}: results.r1.quote: the quote does not hold 112",
    ),
    "not_reported from an abstract": (
        appended(A, "funding: {missing: not_reported, source_tier: abstract}\n"),
        "not_reported needs the full text or registry",
    ),
    "missing study": (
        replaced(
            "data/questions/pain-prevalence.yaml", "study: aldermoor-2021, r", "study: gone-1999, r"
        ),
        "an adjustment names aldermoor-2021, which is no study of it",
    ),
    "missing study alone": (
        replaced("data/questions/sedanepril-pain.yaml", "castlemere-2019", "gone-1999"),
        "studies[0].study: found gone-1999, expected a study in data/extractions",
    ),
    "missing result": (
        replaced("data/questions/tarvolimab-pain.yaml", "results: [r1]", "results: [r7]"),
        "studies[0].results: found r7, expected a result of brackwater-2024 (r1)",
    ),
    "adjustment without a sentence": (
        replaced("data/questions/tarvolimab-pain.yaml", "sentence: {en:", "sentence: {fr:"),
        "unknown key",
    ),
    "decision on an unknown record": (
        appended(S, "pmid-42,title_abstract,include,," + TAIL),
        "record: found pmid-42, expected a record in data/records",
    ),
    "decision of a strange shape": (
        appended(S, "pmid-900000001,title_abstract,maybe,," + TAIL),
        'decision: found "maybe", expected',
    ),
    "exclusion without a criterion": (
        appended(S, "pmid-900000001,title_abstract,exclude,," + TAIL),
        "an exclusion needs a criterion",
    ),
    "too few cells": (appended(S, "pmid-900000001,include\n"), "found 2 cells, expected 10"),
    "a stranger's decisions": (
        written("data/screening/somebody.csv", b""),
        "data/screening/somebody.csv:1: found an empty file, expected the columns record,stage",
    ),
    "decisions under other columns": (
        replaced(S, "record,stage", "record,phase"),
        f"{S}:1: found the columns record,phase,",
    ),
    "identifier of the wrong shape": (
        replaced(A, "pmid-900000001", "PMID:900000001"),
        'reports[0]: found "PMID:900000001", expected the id of a record',
    ),
    "a report that is nowhere": (
        replaced(A, "pmid-900000001", "pmid-42"),
        "reports[0]: found pmid-42, expected a record in data/records",
    ),
    "broken json": (written("data/duplicates.json", b"{"), "not readable as JSON"),
    "repeated json key": (
        written("data/duplicates.json", b'{"format": 1, "format": 1}'),
        "the key format is repeated",
    ),
    "newer format": (
        replaced("data/previous.yaml", "format: 2", "format: 3"),
        "found format 3, expected 2 (written by a newer program)",
    ),
    "newer format of the tool's own file": (
        written("data/duplicates.json", b'{"format": 9, "method": "new", "stars": []}'),
        "data/duplicates.json:1: format: found format 9, expected 1 (written by a newer program)\n",
    ),
    "older format": (
        replaced("data/previous.yaml", "format: 2", "format: 1"),
        "run: review migrate",
    ),
    "two records with one id": (
        written("data/records/1999/pmid-900000001.json", b"{}"),
        "keep one",
    ),
    "a search under another name": (
        lambda root: (root / SEARCH).rename((root / SEARCH).with_name("2026-09-02-pubmed-1.json")),
        "found a search named 2026-09-01-pubmed-1.json, expected 2026-09-02-pubmed-1.json",
    ),
    "a record under another name": (
        lambda root: (root / RECORD).rename((root / RECORD).with_name("pmid-1.json")),
        "pmid-1.json: id: found pmid-900000001, expected pmid-1 as in the file's name",
    ),
    "a question under another name": (
        replaced("data/questions/pain-prevalence.yaml", "question: pain-p", "question: spasm-p"),
        "pain-prevalence as in the file's name; data/questions/spasm-prevalence.yaml has that id",
    ),
    "an extraction that is a copy": (
        replaced(A, "study: aldermoor-2021", "study: birchcombe-2014"),
        "found birchcombe-2014, expected aldermoor-2021 as in the file's name\n",
    ),
    "huge yaml": (written(A, b"#" + b"x" * 5_000_000), "expected at most 4,000,000"),
    "yaml bomb": (written(A, b"a: &a [x]\nb: [*a, *a]\n"), "alias"),
    "faulty tag": (
        replaced("protocol.yaml", 'query: "pain*[tiab]', 'query: "pai*[tiab]'),
        "tags[0].query: position 1",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_exit_40(
    root: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    edit, words = BAD[name]
    edit(root)
    assert cli.main(["check", "--root", str(root)]) == 40
    out = capsys.readouterr().out
    assert words in out, out
    for line in out.splitlines()[:-1]:
        assert re.match(r"^[\w./<>-]+(:\d+)?: ", line), line


def test_a_strange_reviewer_s_file_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / S).rename(root / "data/screening/somebody.csv")
    assert cli.main(["check", "--root", str(root)]) == 40
    assert "somebody is not among the people of protocol.yaml" in capsys.readouterr().out


def test_all_problems_of_all_files_come_in_one_run(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("unknown key, nearest named", "events above total", "broken json"):
        BAD[name][0](root)
    assert cli.main(["check", "--root", str(root)]) == 40
    out = capsys.readouterr().out
    assert all(BAD[n][1] in out for n in ("events above total", "broken json"))
    assert "nearest is registration" in out


def test_an_update_of_bad_data_sends_and_writes_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    BAD["events above total"][0](root)
    assert cli.main(["update", "--root", str(root), "--no-publish"], today="2026-10-01") == 40
    assert "200 events among 148 people" in capsys.readouterr().err


def test_migrate_moves_a_toy_of_format_0(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = root / "data/records/2021/pmid-900000001.json"
    text = record.read_text(encoding="utf-8").replace('"format": 1', '"format": 0')
    record.write_text(text.replace('"language"', '"languages"'), encoding="utf-8")
    replaced("protocol.yaml", "format: 1", "format: 0")(root)
    assert cli.main(["check", "--root", str(root)]) == 40
    assert "run: review migrate" in capsys.readouterr().out
    assert cli.main(["migrate", "--root", str(root), "--dry-run"]) == 0
    assert "2 files moved" in capsys.readouterr().out
    assert cli.main(["check", "--root", str(root)]) == 40
    capsys.readouterr()
    assert cli.main(["migrate", "--root", str(root)]) == 0
    assert cli.main(["check", "--root", str(root)]) == 0
    assert record.read_bytes() == (DEMO / record.relative_to(root)).read_bytes()


def test_migrate_that_cannot_move_one_file_moves_none(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced("protocol.yaml", "format: 1", "format: 0")(root)
    written("data/duplicates.json", b'{"format": 9}')(root)
    assert cli.main(["migrate", "--root", str(root)]) == 40
    assert "found format 9, expected at most 1" in capsys.readouterr().err
    assert "format: 0" in (root / "protocol.yaml").read_text(encoding="utf-8")


# ---- after a merge -------------------------------------------------------------------------------

MARKED: dict[str, tuple[str, bytes]] = {
    "YAML": ("data/claims/D02.yaml", b"direction: "),
    "the protocol": ("protocol.yaml", b"fictional: "),
    "JSON": ("data/records/2021/pmid-900000001.json", b'  "title": '),
    "CSV": ("data/screening/reviewer-a.csv", b"pmid-"),
}


@pytest.mark.parametrize("name", MARKED)
def test_marks_of_a_merge_conflict_are_named_as_such(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, start = MARKED[name]
    lines = (root / file).read_bytes().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith(start))
    both = [b"<<<<<<< HEAD\n", lines[at], b"=======\n", lines[at], b">>>>>>> monthly-update\n"]
    (root / file).write_bytes(b"".join([*lines[:at], *both, *lines[at + 1 :]]))
    assert cli.main(["check", "--root", str(root)]) == 40
    told = [line for line in capsys.readouterr().out.splitlines() if "merge conflict" in line]
    assert told
    assert told[0].startswith(f"{file}:{at + 1}: found <<<<<<<, the mark of a merge conflict")


def test_verdicts_of_two_people_that_came_together_in_a_merge_are_told(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = ["--pair", "pmid-900000001", "pmid-900000003"]

    def judge(who: str, verdict: str) -> int:
        command = ["dedupe", "--root", str(root), *pair, "--verdict", verdict, "--reviewer", who]
        return cli.main(command, today="2026-10-05")

    assert judge("reviewer-a", "duplicate") == 0
    assert cli.main(["check", "--root", str(root)]) == 0
    header = (root / "data/pairs/reviewer-a.csv").read_text(encoding="utf-8").splitlines()
    row = header[1].replace("duplicate", "distinct")
    written("data/pairs/reviewer-b.csv", f"{header[0]}\n{row}\n".encode())(root)
    capsys.readouterr()
    assert cli.main(["check", "--root", str(root)]) == 40
    told = capsys.readouterr().out
    assert "data/duplicates.json: is not what people's verdicts give now" in told
    assert "reviewers disagree (reviewer-a: duplicate, reviewer-b: distinct)" in told
    assert cli.main(["dedupe", "--root", str(root)]) == 0
    capsys.readouterr()
    assert cli.main(["check", "--root", str(root)]) == 0
    (told,) = [one for one in capsys.readouterr().out.splitlines() if "contradicting_pairs" in one]
    assert "reviewers disagree (reviewer-a: duplicate, reviewer-b: distinct)" in told
    (root / "data/pairs/reviewer-b.csv").unlink()
    assert cli.main(["dedupe", "--root", str(root)]) == 0
    shutil.rmtree(root / "data/pairs")
    capsys.readouterr()
    assert cli.main(["check", "--root", str(root)]) == 40
    assert "pmid-900000001 and pmid-900000003: nobody judged them" in capsys.readouterr().out


def test_new_records_are_no_verdict_of_a_person(root: Path) -> None:
    """After an import the tool's verdicts are behind; that says nothing against people's."""
    pair = ["--pair", "pmid-900000001", "pmid-900000003", "--verdict", "distinct"]
    command = ["dedupe", "--root", str(root), *pair, "--reviewer", "reviewer-a"]
    assert cli.main(command, today="2026-10-05") == 0
    title = Store(root).records()["pmid-900000012"].title
    ris = f"TY  - JOUR\nTI  - {title}\nAU  - Somebody, A\nPY  - 2017\nER  - \n"
    (root / "more.ris").write_text(ris, encoding="utf-8")
    words = ["--source", "embase", "--platform", "Embase, a platform"]
    assert cli.main(["import", str(root / "more.ris"), *words, "--root", str(root)]) == 10
    assert check(Store(root).snapshot()) == []


# ---- guards that nothing held --------------------------------------------------------------------

KINDS = {
    "data/records/2021/pmid-900000001.json": ("pmid-900000077.json", "id"),
    "data/extractions/aldermoor-2021.yaml": ("aldermoor-2022.yaml", "study"),
    "data/claims/D02.yaml": ("D99.yaml", "claim"),
    "data/questions/pain-prevalence.yaml": ("pain-frequency.yaml", "question"),
    "data/editions/0.1.json": ("0.9.json", "version"),
    "data/searches/2026-09-01-pubmed-1.json": ("2026-09-02-pubmed-1.json", "date"),
    "data/attestations/aldermoor-2021.json": ("aldermoor-2022.json", "study"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_named_as_what_it_holds(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / name
    other, field = KINDS[name]
    path.rename(path.with_name(other))
    assert cli.main(["check", "--root", str(root)]) == 40
    start = path.with_name(other).relative_to(root).as_posix()
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{start}: ")]
    assert any(line.startswith(f"{start}: {field}: found ") for line in told), told


def test_a_row_never_joins_one_that_lacks_its_end_of_line(root: Path) -> None:
    """As a spreadsheet or an editor may leave a file."""
    path = root / "data/screening/reviewer-a.csv"
    before = Store(root).decisions()["reviewer-a"]
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    row = before[0].model_copy(update={"note": "again"})
    give_rows(Store(root), "screening", "reviewer-a", row)
    assert Store(root).decisions()["reviewer-a"] == [*before, row]


def test_the_last_edition_is_told_by_the_numbers_of_the_files(store: Store) -> None:
    assert store.last_edition() == "0.1"
    for name in ("0.9.json", "0.10.json", "draft.json", "1.0.0.json", "a.b.json", ".2.0.json"):
        (store.data / "editions" / name).write_bytes(b"{}")
    assert store.last_edition() == "0.10"
    for path in (store.data / "editions").iterdir():
        path.unlink()
    assert store.last_edition() is None


def test_an_abstract_is_given_where_it_is_the_one_its_hash_names(store: Store) -> None:
    text = "Pain was frequent."
    digest = hashlib.sha256(text.encode()).hexdigest()
    record = Record(format=1, id="pmid-1", source="pubmed", pmid="1", title="Pain")
    hashed = record.model_copy(update={"abstract_sha256": digest})
    assert store.text(hashed) is None, "not held"
    store.write_text(record.id, text)
    assert store.text(hashed) == text
    assert store.text(record) is None, "a file that no hash names is another's"
    store.write_text(record.id, text + "\n")
    assert store.text(hashed) is None, "not the one that was hashed"
    assert store.text(hashed.model_copy(update={"abstract": "Kept."})) == "Kept."


def test_a_removed_file_is_gone_from_its_folder_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    fsync, path = os.fsync, tmp_path / "x.json"

    def spy(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode) and not path.exists())
        fsync(descriptor)

    path.write_bytes(b"1")
    monkeypatch.setattr(os, "fsync", spy)
    Disk().remove(path)
    assert synced == [True]
    Disk().remove(path)
    assert synced == [True, True], "one that is not there is fine"


def test_an_outline_counts_the_values_of_an_extraction(store: Store) -> None:
    """As many as a person can sign: the status counts what the whole reading counts."""
    whole = store.extractions()
    outlines = store.outlines()
    assert {name: one.reports for name, one in outlines.items()} == {
        name: one.reports for name, one in whole.items()
    }
    assert {name: one.values for name, one in outlines.items()} == {
        name: len(one.facts()) for name, one in whole.items()
    }


@pytest.mark.parametrize("relative", [False, True])
def test_the_files_of_a_kind_are_those_of_its_pattern_in_the_order_of_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relative: bool
) -> None:
    folder = tmp_path / "data/records"
    for name in ("20/z.json", "20-x/a.json", "2020/b.json", "2020/.c.json", "2020/b.json~"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    for name in (".old/d.json", "README.d/e.json", "2020/inside.json/f.json"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).touch()
    for name in ("README", "LICENSE.md", ".keep", "g.json"):
        (folder / name).touch()
    monkeypatch.chdir(tmp_path)
    root = Path() if relative else tmp_path
    found = kinds.RECORDS.files(root)
    globbed = (root / "data/records").glob("*/*.json")
    assert found == sorted(path for path in globbed if not path.name.startswith("."))
    assert [path.name for path in found] == [
        *("d.json", "z.json", "a.json", "b.json", "inside.json", "e.json")
    ]


def test_a_linked_folder_is_told_also_where_its_name_is_people_s(root: Path) -> None:
    (root / "data/records/.old").symlink_to(root / "data/records/2020")
    with pytest.raises(
        InvalidDataError, match=r"records/\.old: is a symbolic link to data/records/2020"
    ):
        kinds.RECORDS.files(root)
