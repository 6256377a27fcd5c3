"""Nothing of a review is gone in silence: vanished, renamed, hidden or unreadable files are told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from review import cli
from review.checking.check import check
from review.checking.notes import notes
from review.demo import FIRST, SECOND
from review.files.inventory import MOST, strays
from review.files.store import Store
from review.offline.world import Snapshot
from review.selection.flow import flow
from review.selection.library import Library, Place
from tests.conftest import HOME, serving
from tests.test_edition import DAY, REMOVAL, edition, released
from tests.test_files import Edit, appended, replaced, written

REPORT = "pmid-900000001"


def moved(old: str, new: str) -> Edit:
    return lambda root: (root / old).rename(root / new)


def removed(name: str) -> Edit:
    def edit(root: Path) -> None:
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return edit


def plain_file(name: str) -> Edit:
    def edit(root: Path) -> None:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).write_bytes(b"")

    return edit


A = "data/screening/reviewer-a.csv"
HIDDEN: dict[str, tuple[Edit, str]] = {
    "the list of studies taken over": (
        removed("data/previous.yaml"),
        "data/extractions/dunmarrow-2015.yaml: reports: nobody includes a report of this study",
    ),
    "a reviewer's decisions": (
        removed(A),
        "data: report: report:pmid-900000001 stands in edition 0.1 and is gone",
    ),
    "decisions with another ending": (
        moved(A, A.replace(".csv", ".CSV")),
        "data/screening/reviewer-a.CSV: nothing reads it, expected screening/<reviewer>.csv",
    ),
    "decisions as a text": (
        moved(A, A.replace(".csv", ".txt")),
        "data/screening/reviewer-a.txt: nothing reads it",
    ),
    "a folder spelt otherwise": (
        moved("data/screening", "data/Screening"),
        "data/Screening: found Screening, expected screening: nothing in it is read",
    ),
    "a folder of its own": (
        written("data/old claims/D01.yaml", b""),
        "data/old claims: a folder that nothing reads, expected one of appraisals, attestations",
    ),
    "a folder too deep": (
        written("data/claims/old/D01.yaml", b""),
        "data/claims/old: a folder that nothing reads, expected claims/<claim>.yaml",
    ),
    "a claim with another ending": (
        written("data/claims/D01.YAML", b""),
        "data/claims/D01.YAML: nothing reads it, expected claims/<claim>.yaml",
    ),
    "a claim with the short ending": (
        written("data/claims/D09.yml", b""),
        "data/claims/D09.yml: found .yml, expected the ending .yaml",
    ),
    "a file that is a link": (
        lambda root: (root / "data/claims/D09.yaml").symlink_to(root / "data/claims/D01.yaml"),
        "data/claims/D09.yaml: is a symbolic link to data/claims/D01.yaml, expected the review's",
    ),
    "a record outside its year": (
        written("data/records/pmid-1.json", b"{}"),
        "data/records/pmid-1.json: nothing reads it, expected records/<year>/<record>.json",
    ),
    "a file beside the folders": (
        written("data/notes.txt", b""),
        "data/notes.txt: nothing reads it, expected one of seed.yaml, previous.yaml",
    ),
    "searches that are a file": (
        plain_file("data/searches"),
        "data/searches: is a file, expected a folder",
    ),
    "a search": (
        removed("data/searches/2026-09-01-pubmed-1.json"),
        "data/searches: new: found pmid-900000001, which no search of pubmed names",
    ),
    "a claim": (
        removed("data/claims/D02.yaml"),
        "data/claims/D02.yaml: claim: claim:D02 stands in edition 0.1 and is gone",
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_vanished_or_hides_is_a_problem(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit, words = HIDDEN[name]
    edit(root)
    assert cli.main(["check", "--root", str(root)]) == 40
    assert words in capsys.readouterr().out


def test_a_pipe_is_no_file_of_the_review(root: Path) -> None:
    os.mkfifo(root / "data/claims/D09.yaml")
    assert [(one.path, one.sentence) for one in strays(Store(root))] == [
        ("data/claims/D09.yaml", "is no plain file, expected one")
    ]


@pytest.mark.parametrize(
    ("number", "lines"), [(MOST, MOST), (MOST + 1, MOST + 1), (MOST + 9, MOST + 1)]
)
def test_many_such_files_are_told_in_so_many_lines(root: Path, number: int, lines: int) -> None:
    for n in range(number):
        written(f"data/claims/{n:03}.txt", b"")(root)
    told = strays(Store(root))
    assert len(told) == lines
    if number > MOST:
        assert told[-1].sentence == f"{number - MOST} more files that nothing reads"


@pytest.mark.parametrize("name", [".DS_Store", "claims/D01.yaml~", "README.md", "claims/README"])
def test_what_belongs_to_people_and_their_programs_hides_nothing(root: Path, name: str) -> None:
    written(f"data/{name}", b"of no reader")(root)
    assert check(Store(root).snapshot()) == []


@pytest.mark.parametrize("folder", ["data", "data/screening", "data/records/2021"])
def test_a_folder_that_cannot_be_listed_is_no_empty_one(
    root: Path, folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Root may list every folder, so the system's refusal is made here."""
    real = os.scandir

    def refused(path: object = ".") -> object:
        if path == root / folder:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refused)
    monkeypatch.setenv("NCBI_EMAIL", "a@b.example")
    assert cli.main(["check", "--root", str(root)]) == 40
    assert f"{folder}: can't be listed: Permission denied" in capsys.readouterr().out
    assert cli.main(["update", "--root", str(root), "--no-publish"], today=FIRST) == 40
    assert f"{folder}: can't be listed" in capsys.readouterr().err


def test_a_month_sends_nothing_while_a_file_hides(
    root: Path, update: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its decisions would be missing: what they excluded would wait again, what they included
    would be no study of the review.
    """
    moved(A, A.replace(".csv", ".CSV"))(root)
    before = sorted(path.name for path in (root / "data/searches").iterdir())
    assert update() == 40
    assert "reviewer-a.CSV: nothing reads it" in capsys.readouterr().err
    assert sorted(path.name for path in (root / "data/searches").iterdir()) == before


@pytest.mark.parametrize("lost", [("data/previous.yaml",), (A, "data/screening/reviewer-b.csv")])
def test_a_month_with_a_retracted_study_ends_with_20_whoever_lists_it(
    root: Path, update: Callable[..., int], lost: tuple[str, ...]
) -> None:
    for name in lost:
        removed(name)(root)
    assert update() == 20


def test_a_retraction_of_a_published_study_that_nobody_lists_is_told(root: Path) -> None:
    library = Library.of(Store(root).snapshot())
    assert REPORT in library.included
    removed(A)(root)
    removed("data/screening/reviewer-b.csv")(root)
    library = Library.of(Store(root).snapshot())
    assert REPORT not in library.included
    assert REPORT in library.watched


REMOVED = {
    "search": ("2026-09-20-pubmed-1", "data/searches/2026-09-20-pubmed-1.json"),
    "signature": ("reviewer-a:claim:D02:claim", "data/signatures/reviewer-a.csv"),
}


def second_edition(root: Path) -> None:
    """Edition 0.2, which lists a search and a signature that 0.1 did not."""
    source = root / "data/searches/2026-09-01-pubmed-1.json"
    text = source.read_text(encoding="utf-8")
    begin, end = text.index('  "new": ['), text.index("  ],", text.index('  "new": ['))
    later = text[:begin] + text[end + len("  ],\n") :]
    later = later.replace('"date": "2026-09-01"', '"date": "2026-09-20"')
    written("data/searches/2026-09-20-pubmed-1.json", later.encode())(root)
    assert (
        cli.main(["confirm", "D02", "--person", "reviewer-a", "--root", str(root)], today=DAY) == 0
    )
    assert edition(root, "--note", "searched again") == 0


@pytest.mark.parametrize("kind", REMOVED)
def test_an_edition_misses_the_searches_and_signatures_it_lists(
    root: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    second_edition(root)
    one = released(root)
    assert one.format == 2
    assert set(one.search_files or ()) == {"2026-09-01-pubmed-1", "2026-09-20-pubmed-1"}
    assert any(row.object == "claim:D02" for row in one.signatures or ())
    assert check(Store(root).snapshot()) == []
    name, path = REMOVED[kind]
    if kind == "search":
        (root / path).unlink()
    else:
        rows = (root / path).read_text(encoding="utf-8").splitlines(keepends=True)
        (root / path).write_text("".join(r for r in rows if "claim:D02" not in r), encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["check", "--root", str(root)]) == 40
    told = f"{path}: {kind}: {kind}:{name} stands in edition 0.2 and is gone"
    assert told in capsys.readouterr().out
    log = REMOVAL.format(reason="entered twice").replace("claim:D02", f"{kind}:{name}")
    written("data/corrections.yaml", log.encode())(root)
    assert check(Store(root).snapshot()) == []
    replaced("data/corrections.yaml", "by: reviewer-a", "by: tool")(root)
    assert [(p.field, p.sentence) for p in check(Store(root).snapshot())] == [
        ("corrections[0].by", "found tool, expected a person of protocol.yaml")
    ]


def test_a_search_that_was_rewritten_is_told(root: Path) -> None:
    second_edition(root)
    replaced("data/searches/2026-09-20-pubmed-1.json", '"platform": "', '"platform": "Other ')(root)
    ((path, sentence),) = [(p.path, p.sentence) for p in check(Store(root).snapshot())]
    assert path == "data/searches/2026-09-20-pubmed-1.json"
    assert re.fullmatch(
        r"was changed after edition 0\.2 \(found content [0-9a-f]{12}…, expected [0-9a-f]{12}…\); "
        "a search is never rewritten",
        sentence,
    )


def test_an_edition_that_is_gone_is_missed_by_the_next(root: Path) -> None:
    second_edition(root)
    removed("data/editions/0.1.json")(root)
    assert [(p.path, p.field) for p in check(Store(root).snapshot())] == [
        ("data/editions/0.2.json", "previous")
    ]
    log = REMOVAL.format(reason="never published").replace("claim:D02", "edition:0.1")
    written("data/corrections.yaml", log.encode())(root)
    assert check(Store(root).snapshot()) == []


def test_what_no_held_file_names_is_missed_by_git(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The newest edition, a claim newer than it: a note, since nothing in the files says so."""
    replaced("data/claims/D02.yaml", "Pain falls", "Pain went down")(root)
    assert edition(root) == 0
    assert not [one for one in notes(Store(root).snapshot(), "2026-09-10") if "git" in one.sentence]
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", "-C", str(root)]
    for step in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "held"]):
        subprocess.run([*git, *step], check=True, capture_output=True)
    (root / "data/editions/0.2.json").unlink()
    capsys.readouterr()
    assert cli.main(["check", "--root", str(root)]) == 0
    sentence = "note: data/editions/0.2.json: stands in git's last commit and is gone"
    assert sentence in capsys.readouterr().out


# ---- kept as background --------------------------------------------------------------------------

BACKGROUND = """  - record: {record}
    route: background
    source: "an earlier review (fictional)"
    basis: "cited there for a mechanism; cells only"
    date: "2026-09-01"
"""


def test_a_background_report_is_no_included_study_and_has_a_box_of_its_own(root: Path) -> None:
    library = Library.of(Store(root).snapshot())
    waiting = library.at(Place.AWAITING_SCREENING)[0]
    before = flow(library)
    appended("data/previous.yaml", BACKGROUND.format(record=waiting))(root)
    library = Library.of(Store(root).snapshot())
    after = flow(library)
    assert library.standings[waiting].place is Place.BACKGROUND
    assert waiting not in library.included
    assert (after.background, after.total_reports) == (1, before.total_reports)
    assert after.awaiting_screening == before.awaiting_screening - 1
    assert after.to_screen == before.to_screen - 1
    assert check(Store(root).snapshot()) == []


def test_an_inclusion_outweighs_background(root: Path) -> None:
    included = sorted(Library.of(Store(root).snapshot()).at(Place.INCLUDED))[0]
    appended("data/previous.yaml", BACKGROUND.format(record=included))(root)
    assert Library.of(Store(root).snapshot()).standings[included].place is Place.INCLUDED


def test_the_review_keeps_cells_rats_and_incidence_as_background() -> None:
    library = Library.of(Store(HOME).snapshot())
    kept = {library.study_of[one] for one in library.at(Place.BACKGROUND)}
    assert kept == {"hinson-2008", "ishikura-2021", "tian-2020"}
    assert flow(library).background == 3


def test_signatures_that_an_edition_of_before_rests_on_are_missed(root: Path) -> None:
    """Editions of format 1 list no rows; that a value is verified they say."""
    assert released(root).signatures is None
    removed("data/signatures")(root)
    told = [p.sentence for p in check(Store(root).snapshot()) if p.path == "data/signatures"]
    assert len(told) == 1
    assert "edition 0.1 calls 18 values or claims signed" in told[0]


def test_a_study_that_took_another_in_holds_it(root: Path) -> None:
    (root / "data/extractions/birchcombe-2014.yaml").rename(
        root / "data/extractions/birchcombe-2015.yaml"
    )
    replaced(
        "data/extractions/birchcombe-2015.yaml",
        "study: birchcombe-2014",
        "study: birchcombe-2015\nformerly: [birchcombe-2014]",
    )(root)
    for name in ("data/claims/D02.yaml", "data/questions/sedanepril-pain.yaml"):
        replaced(name, "birchcombe-2014", "birchcombe-2015")(root)
    assert [p for p in check(Store(root).snapshot()) if "birchcombe" in str(p)] == []


def test_a_retraction_is_told_of_what_an_edition_rests_on_though_nothing_else_names_it(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    """Decisions, extraction: both gone. The last edition still publishes the trial."""
    removed("data/screening")(root)
    removed("data/extractions/brackwater-2024.yaml")(root)
    with serving(snapshots[SECOND]):
        code = cli.main(["search", "--root", str(root)], today=SECOND)
    assert code == 20
    assert "notice: retraction_in on INCLUDED STUDY pmid-900000002" in capsys.readouterr().out


def test_check_judges_files_of_one_instant(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is read once: what is compared can't be two states of one file."""
    real, read = Path.read_bytes, Counter[Path]()

    def counted(path: Path) -> bytes:
        read[path] += 1
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    assert check(Store(root).snapshot()) == []
    data = [path for path in read if path.is_relative_to(root)]
    assert {root / "protocol.yaml", root / "data/claims/D01.yaml"} <= set(data)
    assert {read[path] for path in data} == {1}
