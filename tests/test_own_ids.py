"""The review's own ids go out and come back, and its own files are read by its own ``convert``."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from review import cli
from review.files.store import Store
from review.formats import FORMATS, read_file
from review.formats.citations import as_entry, to_bibtex, to_ris
from review.formats.entry import entry, family_first, noted_id, own_id
from review.ground.errors import InvalidDataError

WRITABLE = [one for one in FORMATS if one.write]
IDS = ["pmid-900000010", "doi-0123456789", "src-abcdef0123", None]


def written() -> list[Any]:
    return [entry("file", title=f"Title {n}", record=one) for n, one in enumerate(IDS)]


@pytest.mark.parametrize("second", WRITABLE, ids=lambda f: f.name)
@pytest.mark.parametrize("first", WRITABLE, ids=lambda f: f.name)
def test_an_id_is_kept_from_any_format_to_any_other(
    tmp_path: Path, first: Any, second: Any
) -> None:
    start, end = tmp_path / f"a{first.endings[0]}", tmp_path / f"b{second.endings[0]}"
    start.write_text(first.write(written()), encoding="utf-8")
    assert cli.main(["convert", str(start), str(end)]) == 0
    assert [one.get("record") for one in read_file(end).records] == IDS


@pytest.mark.parametrize("form", WRITABLE, ids=lambda f: f.name)
def test_who_has_no_id_gets_none(tmp_path: Path, form: Any) -> None:
    """Nothing new stands in the files of those who never had a review."""
    path = tmp_path / f"a{form.endings[0]}"
    text = form.write([entry("file", title="Title", pmid="900000010")])
    path.write_text(text, encoding="utf-8")
    assert "record" not in read_file(path).records[0]
    assert "pmid-" not in text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pmid-900000010", "pmid-900000010"),
        (" doi-0123456789 ", "doi-0123456789"),
        ("pmid-0", None),
        ("pmid900000010", None),
        ("doi-01234", None),
        ("see pmid-900000010", None),
        (None, None),
    ],
)
def test_an_id_is_a_whole_field(text: str | None, found: str | None) -> None:
    assert own_id(text) == found


def test_an_id_in_notes_stands_behind_its_word() -> None:
    assert noted_id(["x", "a; review-record: src-abcdef0123 c-1"]) == "src-abcdef0123"
    assert noted_id(["src-abcdef0123", "review-record: src-abcdef01234"]) is None


def test_a_line_with_another_id_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "T", "record": "seven"}\n', encoding="utf-8")
    with pytest.raises(InvalidDataError, match="record: found no id of a review"):
        read_file(path)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann Marie Example", "Example, Ann Marie"),
        ("Example A", "Example, A"),
        ("de Sample JK", "de Sample, JK"),
        ("Jan van der Sample", "van der Sample, Jan"),
        ("Sample, Ann", "Sample, Ann"),
        ("Fu-Xin Pattern", "Pattern, Fu-Xin"),
        ("Marbled Cord Study Group", None),
        ("World Health Organization", None),
        ("Department of Samples", None),
        ("Pattern", None),
        ("example and sample", None),
        ("样本甲", None),
    ],
)
def test_a_person_s_family_name_is_first_and_a_body_stays_whole(
    name: str, shown: str | None
) -> None:
    parts = family_first({"literal": name})
    if shown is None:
        assert parts == {"literal": name}
    else:
        assert f"{parts['family']}, {parts['given']}" == shown


def test_the_names_of_the_review_s_ris_have_one_form(store: Store) -> None:
    record = next(iter(store.records().values()))
    one = record.model_copy(
        update={
            "authors": (
                record.authors[0].model_validate({"literal": "Ann Example"}),
                record.authors[0].model_validate({"literal": "Sample JK"}),
            )
        }
    )
    assert "AU  - Example, Ann\nAU  - Sample, JK\n" in to_ris([one])


# ---- our own files -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["studies.ris", "studies.bib"])
def test_the_site_s_citations_come_back_with_their_ids(
    store: Store, tmp_path: Path, name: str
) -> None:
    records = list(store.records().values())
    assert len(records) > 50
    text = (to_ris if name.endswith("ris") else to_bibtex)(records)
    (tmp_path / name).write_text(text, encoding="utf-8")
    again = read_file(tmp_path / name).records
    assert [one["record"] for one in again] == [one.id for one in records]
    for field in ("title", "doi", "pmid", "year", "authors"):
        expected = [as_entry(one)[field] for one in records]  # type: ignore[literal-required]
        assert [one[field] for one in again] == expected, field  # type: ignore[literal-required]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_sheet_is_read_by_convert_whatever_a_spreadsheet_put_between_its_cells(
    root: Path, tmp_path: Path, sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.csv"
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--export", str(sheet)]
    assert cli.main(command, today="2026-09-10") == 0
    table = list(csv.reader(io.StringIO(sheet.read_text("utf-8-sig"), newline="")))
    out = io.StringIO()
    csv.writer(out, delimiter=sign).writerows(table)
    sheet.write_text(out.getvalue(), encoding="utf-8-sig")
    assert cli.main(["convert", str(sheet), str(tmp_path / "out.jsonl")]) == 0
    again = read_file(tmp_path / "out.jsonl").records
    held = Store(root).records()
    assert len(again) == len(table) - 1 > 10
    for one in again:
        assert one["title"] == held[one["record"]].title
        assert one["pmid"] == held[one["record"]].pmid
    capsys.readouterr()
