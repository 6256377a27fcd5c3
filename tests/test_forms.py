"""Decisions out to other screening programs and back in: each kept as it was taken, or refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import rispy

from review import cli
from review.files.store import Store
from review.formats import read_file
from review.ground.errors import InvalidDataError, UsageError
from review.model.record import Record
from review.model.screening import Decision, Outcome, Stage
from review.selection.forms import ASREVIEW_COLUMNS, RAYYAN_COLUMNS, Form, of_form, to_form
from review.selection.library import Library
from review.selection.returned import Asked, from_form
from tests.conftest import give_rows
from tests.test_screen import decision

DAY = "2026-09-10"
TITLES = Stage.TITLE_ABSTRACT


@pytest.fixture
def decided(store: Store) -> Library:
    """A reviewer has included one of those that waited, excluded one, is unsure of a third."""
    queue = Library.of(store.snapshot()).queue("reviewer-a", TITLES)
    given = [
        decision(store.protocol, queue[0].id, TITLES, Outcome.INCLUDE, DAY),
        decision(store.protocol, queue[1].id, TITLES, Outcome.EXCLUDE, DAY, criterion="animals"),
        decision(store.protocol, queue[2].id, TITLES, Outcome.UNSURE, DAY),
    ]
    give_rows(store, "screening", "reviewer-a", *given)
    return Library.of(Store(store.root).snapshot())


def out(library: Library, form: Form, ending: str, only: Outcome | None = None) -> str:
    records = of_form(library, "reviewer-a", TITLES, form, only)
    texts = {one.id: "An abstract" for one in records}
    return to_form(library, "reviewer-a", TITLES, form, ending, records, texts).decode()


def back(library: Library, data: str, name: str, asked: Asked, **how: bool) -> list[Decision]:
    return from_form(library, "reviewer-a", TITLES, asked, data.encode(), name, DAY, **how)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_csv(rows: list[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


# ---- out -----------------------------------------------------------------------------------------


def test_asreview_gets_labels_in_columns_that_are_not_its_own(decided: Library) -> None:
    rows = table(out(decided, Form.ASREVIEW, ".csv"))
    assert tuple(rows[0]) == ASREVIEW_COLUMNS
    assert {"duplicate_of", "record_id", "group_id", "dataset_row"}.isdisjoint(rows[0])
    mine = {
        one: row.decision
        for one in decided.records
        if (row := decided.decided(one, TITLES).get("reviewer-a"))
    }
    labelled = {row["record"]: row["included"] for row in rows}
    assert set(labelled.values()) == {"1", "0", ""}
    for one, label in labelled.items():
        assert label == {Outcome.INCLUDE: "1", Outcome.EXCLUDE: "0"}.get(mine.get(one), "")  # type: ignore[arg-type]
    left_out = {one for one, outcome in mine.items() if outcome in ("include", "exclude")}
    assert left_out <= set(labelled)
    assert all(row["title"] == decided.records[row["record"]].title for row in rows)
    assert {row["abstract"] for row in rows} == {"An abstract"}


def test_asreview_gets_labels_in_notes_as_rispy_reads_them(decided: Library) -> None:
    text = out(decided, Form.ASREVIEW, ".ris")
    entries = rispy.loads(text)
    rows = table(out(decided, Form.ASREVIEW, ".csv"))
    words = {"1": "ASReview_relevant", "0": "ASReview_irrelevant", "": "ASReview_not_seen"}
    assert [one["notes"][0] for one in entries] == [words[row["included"]] for row in rows]
    assert [one["id"] for one in entries] == [row["record"] for row in rows]
    names = [name for one in entries for name in one.get("authors", [])]
    assert {name for name in names if "," not in name} == {"Fictional Society for Cord Diseases"}


@pytest.mark.parametrize(("form", "ending"), [(Form.RAYYAN, ".ris"), (Form.COVIDENCE, ".ris")])
def test_who_takes_no_decisions_gets_what_waits_or_one_kind(
    decided: Library, form: Form, ending: str
) -> None:
    waiting = [one.id for one in decided.queue("reviewer-a", TITLES)]
    entries = rispy.loads(out(decided, form, ending))
    assert [
        re.findall(r"review-record: (\S+) c-", one["notes"][0])[0] for one in entries
    ] == waiting
    assert "ASReview" not in str(entries)
    excluded = rispy.loads(out(decided, form, ending, Outcome.EXCLUDE))
    outcomes = {decided.decided(one["id"], TITLES)["reviewer-a"].decision for one in excluded}
    assert outcomes == {Outcome.EXCLUDE}
    if form is Form.COVIDENCE:
        assert [one["accession_number"] for one in entries] == waiting


def test_rayyan_s_columns_are_its_own(decided: Library) -> None:
    rows = table(out(decided, Form.RAYYAN, ".csv"))
    assert tuple(rows[0]) == RAYYAN_COLUMNS
    assert all(row["notes"].startswith(f"review-record: {row['key']} c-") for row in rows)


@pytest.mark.parametrize(
    ("form", "name"),
    [("asreview", "a.csv"), ("asreview", "a.ris"), ("rayyan", "a.csv"), ("covidence", "a.ris")],
)
def test_what_goes_out_is_read_by_our_own_convert(
    root: Path, tmp_path: Path, form: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--format", form]
    assert cli.main([*command, "--export", str(path)], today=DAY) == 0
    assert "reviewer ids become public" in capsys.readouterr().out
    assert cli.main(["convert", str(path), str(tmp_path / "out.jsonl")]) == 0
    held = Store(root).records()
    again = read_file(tmp_path / "out.jsonl").records
    assert len(again) > 10
    assert all(held[one["record"]].title == one["title"] for one in again)


@pytest.mark.parametrize(
    ("form", "name"), [("covidence", "a.csv"), ("asreview", "a.xlsx"), ("rayyan", "a")]
)
def test_another_ending_is_refused(
    root: Path, tmp_path: Path, form: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--format", form]
    assert cli.main([*command, "--export", str(tmp_path / name)], today=DAY) == 2
    assert "expected .csv or .ris" in (told := capsys.readouterr().err) or "expected .ris" in told
    assert not (tmp_path / name).exists()


# ---- back in -------------------------------------------------------------------------------------

ASREVIEW = Asked(Form.ASREVIEW, criterion="other-topic")


def labelled(library: Library, word: str = "1", record: Record | None = None) -> str:
    """What ASReview exports: our columns, and its label beside them."""
    rows = table(out(library, Form.ASREVIEW, ".csv"))
    first = record or library.queue("reviewer-a", TITLES)[0]
    for number, row in enumerate(rows):
        row |= {"record_id": str(number), "asreview_label": "", "asreview_tags": "[]"}
        if row["record"] == first.id:
            row["asreview_label"] = word
    return as_csv(rows)


@pytest.mark.parametrize(
    ("word", "outcome", "criterion"),
    [("1", "include", None), ("1.0", "include", None), ("0", "exclude", "other-topic")],
)
def test_asreview_s_labels_become_decisions(
    decided: Library, word: str, outcome: str, criterion: str | None
) -> None:
    first = decided.queue("reviewer-a", TITLES)[0]
    (row,) = back(decided, labelled(decided, word), "a.csv", ASREVIEW)
    assert (row.record, row.decision, row.criterion) == (first.id, outcome, criterion)
    assert (row.note, row.date) == ("taken in asreview", DAY)
    assert row.protocol == decided.protocol.criteria_hash


def test_what_went_out_and_came_back_untouched_decides_on_nothing(decided: Library) -> None:
    text = out(decided, Form.ASREVIEW, ".csv")
    bare = Asked(Form.ASREVIEW)  # an exclusion that stands has its criterion
    assert back(decided, text, "a.csv", bare) == []
    assert back(decided, out(decided, Form.ASREVIEW, ".ris"), "a.ris", bare) == []


def test_asreview_s_notes_become_decisions(decided: Library) -> None:
    text = out(decided, Form.ASREVIEW, ".ris")
    new = text.replace("ASReview_not_seen", "ASReview_relevant", 1)
    (row,) = back(decided, new, "a.ris", ASREVIEW)
    assert row.decision == "include"
    assert row.record == decided.queue("reviewer-a", TITLES)[0].id


RAYYAN = Asked(Form.RAYYAN, named="Kofi")
SAID = '{{"Ama"=>"Excluded", "Kofi"=>"{}"}} | RAYYAN-EXCLUSION-REASONS: {} | USER-NOTES: {{"Kofi"=>["x"]}}'


def rayyan(library: Library, word: str, reasons: str = "") -> str:
    """What Rayyan exports: our notes, and its own behind them, on the first record."""
    rows = table(out(library, Form.RAYYAN, ".csv"))
    rows[0]["notes"] += " | RAYYAN-INCLUSION: " + SAID.format(word, reasons)
    rows[1]["notes"] += ' | RAYYAN-INCLUSION: {"Ama"=>"Included"}'
    for number, row in enumerate(rows):
        row["key"] = f"rayyan-{number}"
    return as_csv(rows)


@pytest.mark.parametrize(
    ("word", "reasons", "outcome", "criterion"),
    [
        ("Included", "", "include", None),
        ("Maybe", "", "unsure", None),
        ("Excluded", "animals", "exclude", "animals"),
        ("Excluded", "Animals or cells only", "exclude", "animals"),
        ("Excluded", "background article,其他疾病或非健康主题", "exclude", "other-topic"),
    ],
)
def test_rayyan_s_decisions_are_those_of_the_one_who_is_named(
    decided: Library, word: str, reasons: str, outcome: str, criterion: str | None
) -> None:
    first = decided.queue("reviewer-a", TITLES)[0]
    (row,) = back(decided, rayyan(decided, word, reasons), "articles.csv", RAYYAN)
    assert (row.record, row.decision, row.criterion) == (first.id, outcome, criterion)
    assert row.note == "taken in rayyan"  # what was typed there stays there


def test_rayyan_s_ris_holds_the_same(decided: Library) -> None:
    text = out(decided, Form.RAYYAN, ".ris")
    first = decided.queue("reviewer-a", TITLES)[0]
    text = text.replace(
        "ER  -", "N1  - RAYYAN-INCLUSION: " + SAID.format("Included", "") + "\nER  -", 1
    )
    assert [row.record for row in back(decided, text, "a.ris", RAYYAN)] == [first.id]


COVIDENCE = (
    *("Title", "Authors", "Abstract", "Published Year", "Journal", "Accession Number", "DOI"),
    *("Covidence #", "Study", "Notes", "Tags"),
)


def covidence(library: Library, *notes: str) -> str:
    """A list as Covidence exports it."""
    queue = library.queue("reviewer-a", TITLES)
    cells = [
        {
            **dict.fromkeys(COVIDENCE, ""),
            "Title": one.title,
            "Accession Number": one.id,
            "Notes": note,
        }
        for one, note in zip(queue, notes, strict=False)
    ]
    return as_csv(cells)


def test_a_list_of_covidence_is_one_decision(decided: Library) -> None:
    queue = decided.queue("reviewer-a", TITLES)
    text = covidence(
        decided, "Exclusion reason: animals; ", "Exclusion reason: animals or cells only"
    )
    rows = back(decided, text, "l.csv", Asked(Form.COVIDENCE, Outcome.EXCLUDE))
    assert [(row.record, row.criterion) for row in rows] == [
        (queue[0].id, "animals"),
        (queue[1].id, "animals"),
    ]
    rows = back(decided, covidence(decided, ""), "l.csv", Asked(Form.COVIDENCE, Outcome.INCLUDE))
    assert [row.decision for row in rows] == ["include"]


def cell(column: str, value: str) -> Callable[[str], str]:
    """A file whose decided row says something else in one column."""

    def change(text: str) -> str:
        rows = table(text)
        for row in rows:
            if row["asreview_label"]:
                row[column] = value or row[column]
        return as_csv(rows)

    return change


FAULTS: dict[str, tuple[Callable[[str], str], str, str]] = {
    "another title": (cell("title", "Another"), "title", "found 'Another', expected the title of"),
    "no title": (cell("title", " "), "title", "found ' ', expected the title of"),
    "no id": (cell("record", "-"), "record", "found none of our ids with"),
    "a stranger's id": (cell("record", "pmid-1"), "record", "expected a record of the review"),
    "other criteria": (
        cell("criteria", "c-" + "0" * 12),
        "criteria",
        "exported under other criter",
    ),
    "another label": (cell("asreview_label", "2"), "decision", "found 2, expected 1, 0 or nothing"),
    "a word as label": (cell("asreview_label", "yes"), "decision", "found yes, expected 1, 0 or"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_record_that_is_not_the_one_it_says_is_one_line_and_none_is_taken(
    root: Path, decided: Library, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change, field, words = FAULTS[kind]
    queue = decided.queue("reviewer-a", TITLES)
    rows = table(change(labelled(decided)))
    bad = next(n for n, row in enumerate(rows) if row["asreview_label"])
    for row in rows:
        if row["record"] == queue[1].id:
            row["asreview_label"] = "1"
    path = tmp_path / "a.csv"
    path.write_text(as_csv(rows), encoding="utf-8")
    before = (root / "data/screening/reviewer-a.csv").read_bytes()
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--format", "asreview"]
    assert cli.main([*command, "--import", str(path)], today=DAY) == 40
    (line,) = capsys.readouterr().err.splitlines()
    assert f"a.csv:{bad + 2}: {field}: " in line
    assert words in line
    assert (root / "data/screening/reviewer-a.csv").read_bytes() == before


def test_a_record_twice_in_a_file_is_told(decided: Library) -> None:
    text = labelled(decided)
    row = next(one for one in table(text) if one["asreview_label"])
    with pytest.raises(InvalidDataError, match="is decided on here and on line"):
        back(decided, as_csv([*table(text), row]), "a.csv", ASREVIEW)


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        ("", "found no reason, expected a criterion of the protocol (population, pain-data,"),
        ("wrong drug", "found wrong drug, expected a criterion"),
        ("animals,other-topic", "found the reasons animals, other-topic, expected one of them"),
    ],
)
def test_an_exclusion_needs_one_criterion(decided: Library, reasons: str, words: str) -> None:
    with pytest.raises(InvalidDataError) as caught:
        back(decided, rayyan(decided, "Excluded", reasons), "a.csv", RAYYAN)
    assert f"a.csv:2: criterion: {words}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "asked", "words"),
    [
        ("title\nT\n", "a.csv", ASREVIEW, "found no label, expected a column asreview_label"),
        ("a,b\n1,2\n", "a.csv", ASREVIEW, "found the columns a,b, expected title among them"),
        ("title,included,included\n", "a.csv", ASREVIEW, "found the column included twice"),
        ("TY  - JOUR\nTI  - T\n", "a.ris", ASREVIEW, "a.ris:"),
        ("PK\x03\x04", "a.csv", ASREVIEW, "found a workbook of Excel"),
    ],
)
def test_a_file_that_is_none(
    decided: Library, text: str, name: str, asked: Asked, words: str
) -> None:
    with pytest.raises(InvalidDataError) as caught:
        back(decided, text, name, asked)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("a.xlsx", ASREVIEW, "a.xlsx: found .xlsx, expected .csv or .ris"),
        ("a.csv", Asked(Form.COVIDENCE), "which one is it? --decision include or --decision excl"),
        ("a.csv", Asked(Form.ASREVIEW, Outcome.INCLUDE), "asreview says itself what was decided"),
        ("a.csv", Asked(Form.RAYYAN), "found decisions of Ama, Kofi, expected those of reviewer-a"),
        ("a.csv", Asked(Form.RAYYAN, named="Ami"), "expected those of Ami; say how Rayyan calls"),
    ],
)
def test_what_is_said_of_a_file_must_go_with_it(
    decided: Library, name: str, asked: Asked, words: str
) -> None:
    text = rayyan(decided, "Included") if asked.form is Form.RAYYAN else labelled(decided)
    with pytest.raises(UsageError) as caught:
        back(decided, text, name, asked)
    assert words in str(caught.value)


def test_a_decision_that_stands_is_changed_only_when_told_to(decided: Library) -> None:
    record = next(
        decided.records[one]
        for one in decided.records
        if (row := decided.decided(one, TITLES).get("reviewer-a"))
        and (row.date, row.decision) == (DAY, Outcome.INCLUDE)
    )
    text = labelled(decided, "0", record)
    with pytest.raises(UsageError, match="0 new, 1 change a decision that stands; nothing was"):
        back(decided, text, "a.csv", ASREVIEW)
    (row,) = back(decided, text, "a.csv", ASREVIEW, replace=True)
    assert (row.record, row.decision) == (record.id, "exclude")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--decision", "include"], "go with --format of another program"),
        (["--format", "rayyan"], "expected --export FILE or --import FILE beside it"),
        (["--format", "rayyan", "--export", "a.csv", "--named", "K"], "go with --import"),
        (["--format", "rayyan", "--import", "none.csv"], "--import none.csv: no such file"),
    ],
)
def test_options_that_do_not_go_together(
    root: Path, more: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", *more]
    assert cli.main(command, today=DAY) == 2
    assert words in capsys.readouterr().err


def test_the_command_saves_what_came_back(
    root: Path, decided: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "articles.csv"
    path.write_text(rayyan(decided, "Included"), encoding="utf-8")
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--format", "rayyan"]
    assert cli.main([*command, "--named", "Kofi", "--import", str(path)], today=DAY) == 0
    assert "1 decisions of reviewer-a saved, taken in rayyan" in capsys.readouterr().out
    last = Store(root).decisions()["reviewer-a"][-1]
    assert (last.record, last.decision) == (decided.queue("reviewer-a", TITLES)[0].id, "include")


def test_it_is_said_what_becomes_public_where_it_is_typed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["screen", "--help"]) == 0
    help_text = " ".join(capsys.readouterr().out.split())
    assert "notes and reviewer ids become public with the repository" in help_text
    sheet = root / "s.csv"
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--export", str(sheet)]
    assert cli.main(command, today=DAY) == 0
    assert "note (public)" in sheet.read_text("utf-8-sig").splitlines()[0]
