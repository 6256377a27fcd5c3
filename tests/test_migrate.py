"""The next format, rehearsed on the review's own data: nothing is lost, an older program refuses."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import review.files.migrate
from review import cli
from review.checking.check import check
from review.demo import DEMO
from review.files.change import Change, Write, apply, fingerprint
from review.files.migrate import migrate
from review.files.store import Store
from review.grading.review import Review
from review.grading.signatures import value_status
from review.ground.errors import InvalidDataError
from review.ground.yaml import parse
from tests.conftest import HOME, Dying, tree

KEPT = ("data/editions/", "data/searches/", "data/imports/")


def _to_next(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """A step as the next format may bring it: one field of records is renamed."""
    moved = {**value, "format": value["format"] + 1}
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
    monkeypatch.setattr(review.files.migrate, "FORMAT", 2)
    monkeypatch.setattr(review.files.migrate, "MOVED", {"previous": 3, "corrections": 3})
    monkeypatch.setitem(review.files.migrate.STEPS, 1, _to_next)
    monkeypatch.setitem(review.files.migrate.STEPS, 2, _to_next)


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
    assert sorted(changed) == sorted(name for name in before if not name.startswith(KEPT))
    assert set(bytes_after) == set(bytes_before)
    for name, value in before.items():
        kind = name.split("/")[1].removesuffix(".json") if name.endswith(".json") else ""
        released = name.startswith(KEPT)
        assert after[name] == (value if released else _to_next(kind, value)), name
    for name, data in bytes_before.items():
        if name.endswith(".yaml"):
            number = before[name]["format"]
            back = (b"format: %d" % (number + 1), b"format: %d" % number)
            assert bytes_after[name].replace(*back, 1) == data, "comments too"
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
    assert number > 50
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


def test_a_released_edition_is_never_rewritten(root: Path) -> None:
    """Its successor names the hash of its file: format 1 stays as it was and can be read."""
    path = root / "data/editions/0.1.json"
    before = path.read_bytes()
    assert json.loads(before)["format"] == 1
    assert migrate(Store(root)) == []
    assert path.read_bytes() == before
    assert Store(root).editions()[0].search_files is None


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("signatures/reviewer-a", "role", "disagrees"),
        ("signatures/reviewer-a", "by_eye", "disagrees"),
        ("screening/reviewer-b", "tool", "amendment"),
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_rows_of_before_get_their_new_columns(
    root: Path, name: str, first: str, last: str, mark: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / f"data/{name}.csv"
    now = path.read_bytes()
    header = now.splitlines()[0].decode().split(",")
    assert header[-1] == last
    gone = len(header) - 1 - header.index(first)
    assert gone > 0
    old = b"".join(row.rsplit(b",", gone)[0] + b"\n" for row in now.splitlines())
    path.write_bytes(mark + old)
    assert cli.main(["check", "--root", str(root)]) == 40
    assert "run: review migrate" in capsys.readouterr().out
    assert migrate(Store(root)) == [f"data/{name}.csv"]
    assert path.read_bytes() == now
    assert migrate(Store(root)) == []


@pytest.mark.parametrize(
    "header", [b"object,field\n", b"object,field,hash,date,who\nx,y,z,a,b\n", b"\n", b""]
)
def test_rows_that_were_never_ours_are_left_alone(root: Path, header: bytes) -> None:
    path = root / "data/signatures/reviewer-a.csv"
    path.write_bytes(header)
    assert migrate(Store(root)) == []
    assert path.read_bytes() == header


def test_a_list_of_format_1_is_moved_and_says_the_same(root: Path) -> None:
    path = root / "data/previous.yaml"
    before, now = Store(root).previous(), path.read_bytes()
    path.write_bytes(now.replace(b"format: 2", b"format: 1"))
    assert migrate(Store(root)) == ["data/previous.yaml"]
    assert path.read_bytes() == now
    assert Store(root).previous() == before


FROZEN = HOME / "tests" / "frozen" / "format-1.tar.gz"
"""The demonstration as it was when every kind of file had its first format. It never changes: every
later version of the program migrates it.
"""


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    with tarfile.open(FROZEN) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "review"


def test_a_review_of_the_first_formats_is_migrated_whole(
    frozen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = tree(frozen, ".review.lock")
    assert cli.main(["check", "--root", str(frozen)]) == 40
    assert "run: review migrate" in capsys.readouterr().out
    assert cli.main(["migrate", "--root", str(frozen), "--json"]) == 0
    moved = {"data/previous.yaml", "data/signatures/reviewer-a.csv"}
    moved |= {"data/screening/reviewer-a.csv", "data/screening/reviewer-b.csv"}
    assert set(json.loads(capsys.readouterr().out)["changed"]) >= moved
    now = tree(frozen, ".review.lock")
    assert set(now) == set(first)
    assert {name for name in now if now[name] != first[name]} >= moved
    for name in now:
        if name.startswith(KEPT):
            assert now[name] == first[name], name
    assert sum(name.startswith(KEPT) for name in now) == 2
    assert migrate(Store(frozen)) == []


def test_after_it_nothing_is_amiss_but_what_a_newer_gate_has_to_look_at(frozen: Path) -> None:
    """Signatures hold, editions are read, every value says what it said."""
    migrate(Store(frozen))
    problems = check(Store(frozen).snapshot())
    assert {problem.field for problem in problems} == {"gate"}
    assert len(Store(frozen).records()) > 60
    review = Review.of(Store(frozen).snapshot())
    last = review.editions[-1]
    held = {
        (study, field): value_status(review.ledger, study, field, fact)
        for study, extraction in review.library.extractions.items()
        for field, fact in extraction.facts()
    }
    verified = [key for key, status in held.items() if status == "verified"]
    assert len(verified) == sum(v.status == "verified" for s in last.studies for v in s.values) > 10


@pytest.mark.parametrize(
    "value", ['{"format": "1"}', '{"format": true}', '{"format": 0.5}', '{"format": null}', "[1]"]
)
def test_what_names_no_format_is_told_and_nothing_is_moved(root: Path, value: str) -> None:
    (root / "data/previous.yaml").write_text("format: 1\nstudies: []\n", encoding="utf-8")
    (root / "data/duplicates.json").write_text(value, encoding="utf-8")
    with pytest.raises(InvalidDataError, match="missing, expected a whole number") as caught:
        migrate(Store(root))
    assert [(one.path, one.field) for one in caught.value.problems] == [
        ("data/duplicates.json", "format")
    ]
    assert (root / "data/previous.yaml").read_text(encoding="utf-8").startswith("format: 1")


def test_each_step_leads_to_the_next_format() -> None:
    assert {
        number: step("previous", {"format": number, "studies": []})
        for number, step in review.files.migrate.STEPS.items()
    } == {0: {"format": 1, "studies": []}, 1: {"format": 2, "studies": []}}


def _text(root: Path, person: str) -> bytes:
    return (root / "data" / "screening" / f"{person}.csv").read_bytes()


def test_what_a_killed_act_left_is_completed_before_files_are_read(frozen: Path) -> None:
    """Else the rows that it completes are overwritten with the file as it was without them."""
    before = _text(frozen, "reviewer-b")
    row = before.splitlines()[1].replace(b"pmid-900000001", b"pmid-900000040")
    name = "data/screening/reviewer-b.csv"
    beside = Write("data/screening/notes.txt", None, b"")
    act = Change("x", None, (Write(name, fingerprint(before), before + row + b"\n"), beside), None)
    with pytest.raises(KeyboardInterrupt):
        apply(Store(frozen, Dying(1)), act)
    assert _text(frozen, "reviewer-b") == before
    assert name in migrate(Store(frozen))
    assert _text(frozen, "reviewer-b").endswith(row + b",\n")


def test_line_breaks_in_a_persons_cell_stay_as_they_are(frozen: Path) -> None:
    note = b"no data of its own"
    before = _text(frozen, "reviewer-b")
    assert before.count(note) == 1
    path = frozen / "data" / "screening" / "reviewer-b.csv"
    path.write_bytes(before.replace(note, b'"no data\r\n\nof ""its"" own"'))
    migrate(Store(frozen))
    notes = [row.note for row in Store(frozen).decisions()["reviewer-b"]]
    assert 'no data\r\n\nof "its" own' in notes
    assert len(notes) == len(before.splitlines()) - 1


def test_rows_that_are_no_csv_are_told_and_nothing_is_moved(frozen: Path) -> None:
    path = frozen / "data" / "screening" / "reviewer-b.csv"
    path.write_bytes(path.read_bytes() + b'pmid-900000040,title_abstract,"')
    first = tree(frozen, ".review.lock")
    with pytest.raises(InvalidDataError, match="never closed"):
        migrate(Store(frozen))
    assert tree(frozen, ".review.lock") == first
