"""A snapshot: each file read once, no fault hides another, what follows from one is not told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from review import cli
from review.checking.check import check
from review.files import documents, kinds
from review.files.snapshot import Snapshot
from review.files.store import Store
from review.grading.review import Review
from review.ground.errors import InvalidDataError, Problem
from review.selection.library import Library, Selection

BROKEN = {
    "data/extractions/brackwater-2024.yaml": kinds.EXTRACTIONS,
    "data/questions/pain-prevalence.yaml": kinds.QUESTIONS,
    "data/claims/D02.yaml": kinds.CLAIMS,
    "data/previous.yaml": kinds.PREVIOUS,
    "data/seed.yaml": kinds.SEED,
    "data/duplicates.json": kinds.DUPLICATES,
    "data/volatile.json": kinds.VOLATILE,
    "data/editions/0.1.json": kinds.EDITIONS,
    "data/screening/reviewer-a.csv": kinds.DECISIONS,
    "data/attestations/brackwater-2024.json": kinds.ATTESTATIONS,
}
"""A file of each kind, all in one review."""


def spoil(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        assert path.is_file(), name
        path.write_bytes(b"{ not readable\n")


def a_record(root: Path) -> str:
    """A record that an extraction, a search and the seed name."""
    (path,) = root.glob("data/records/*/pmid-900000002.json")
    return path.relative_to(root).as_posix()


def a_search(root: Path) -> str:
    return next(iter(sorted(root.glob("data/searches/*.json")))).relative_to(root).as_posix()


@pytest.mark.parametrize("name", [*BROKEN, "a record", "a search", "data/vocabulary/outcomes.yaml"])
def test_a_file_that_can_not_be_read_is_told_once_and_nothing_that_follows(
    root: Path, name: str
) -> None:
    where = {"a record": a_record, "a search": a_search}.get(name, lambda _root: name)(root)
    assert check(Snapshot(root)) == []
    spoil(root, where)
    assert {problem.path for problem in check(Snapshot(root))} == {where}


def test_a_folder_that_can_not_be_listed_is_told_and_nothing_that_follows(root: Path) -> None:
    for path in (root / "data/searches").iterdir():
        path.unlink()
    (root / "data/searches").rmdir()
    (root / "data/searches").write_text("a file\n", encoding="utf-8")
    spoil(root, "data/claims/D02.yaml")
    told = {problem.path for problem in check(Snapshot(root))}
    assert told == {"data/searches", "data/claims/D02.yaml"}


def test_every_fault_of_every_file_is_told_in_one_run(root: Path) -> None:
    spoil(root, *BROKEN)
    extraction = root / "data/extractions/eastlake-2017.yaml"
    text = extraction.read_text(encoding="utf-8")
    extraction.write_text(
        text.replace("reports: [", "reports: [pmid-899999999, "), encoding="utf-8"
    )
    told = check(Snapshot(root))
    assert {problem.path for problem in told} == {*BROKEN, "data/extractions/eastlake-2017.yaml"}
    assert [p.sentence for p in told if "eastlake" in p.path] == [
        "found pmid-899999999, expected a record in data/records"
    ]
    for read in (Library.of, Review.of, Selection.of):
        with pytest.raises(InvalidDataError) as caught:
            read(Snapshot(root))
        assert len({problem.path for problem in caught.value.problems}) > 2


def test_rules_between_files_run_over_those_that_can_be_read(root: Path) -> None:
    """An unreadable study hides neither a wrong claim of another question nor a stranger."""
    spoil(root, "data/extractions/brackwater-2024.yaml")
    claim = root / "data/claims/D02.yaml"
    before = check(Snapshot(root))
    text = claim.read_text(encoding="utf-8")
    assert "support:" in text
    claim.write_text(text.replace("support: ", "support: not_", 1), encoding="utf-8")
    (root / "data/screening/nobody.csv").write_bytes(
        (root / "data/screening/reviewer-a.csv").read_bytes()
    )
    fresh = {problem.path for problem in set(check(Snapshot(root))) - set(before)}
    assert fresh == {"data/claims/D02.yaml", "data/screening/nobody.csv"}


def test_of_an_unread_protocol_the_other_files_are_still_told(root: Path) -> None:
    spoil(root, "protocol.yaml", "data/duplicates.json")
    assert {p.path for p in check(Snapshot(root))} == {"protocol.yaml", "data/duplicates.json"}
    snapshot = Snapshot(root)
    for _ in range(2):
        with pytest.raises(InvalidDataError, match=r"protocol\.yaml"):
            _ = snapshot.protocol


def reads(monkeypatch: pytest.MonkeyPatch, root: Path) -> Counter[str]:
    """Counts what is read of a review's files from here on."""
    count: Counter[str] = Counter()
    read_bytes = Path.read_bytes

    def counted(path: Path) -> bytes:
        if path.is_relative_to(root) and not {"texts", "build"} & set(path.parts):
            count[path.relative_to(root).as_posix()] += 1
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    return count


@pytest.mark.parametrize("verb", ["check", "status", "grade", "synthesise"])
def test_a_command_reads_each_file_at_most_once(
    root: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    files = [
        path.relative_to(root).as_posix()
        for path in [root / "protocol.yaml", *(root / "data").rglob("*")]
        if path.is_file() and "texts" not in path.parts
    ]
    count = reads(monkeypatch, root)
    assert cli.main([verb, "--root", str(root)], today="2026-10-05") == 0
    count["protocol.yaml"] -= 1  # the language of what is printed, at a glance before all else
    assert set(count.values()) == {1}, [name for name, n in count.items() if n > 1]
    assert set(count) <= set(files)
    if verb == "check":
        assert set(count) == set(files)


def test_a_snapshot_is_one_instant(root: Path) -> None:
    snapshot = Snapshot(root)
    claims = snapshot.claims()
    spoil(root, "data/claims/D02.yaml")
    assert snapshot.claims() == claims
    assert snapshot.problems() == ()


def test_the_next_snapshot_reads_what_changed_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Snapshot(root)
    first.read_all()
    text = (root / "data/claims/D02.yaml").read_bytes()
    Store(root).disk.write(root / "data/claims/D02.yaml", text + b"# looked at\n")
    count = reads(monkeypatch, root)
    second = Snapshot(root, before=first)
    second.read_all()
    assert dict(count) == {"data/claims/D02.yaml": 1}
    assert second.records() == first.records()
    assert check(second) == []


def test_a_fault_is_remembered_with_its_file(root: Path) -> None:
    spoil(root, "data/seed.yaml")
    first = Snapshot(root)
    second = Snapshot(root, before=first)
    assert first.problems() == second.problems() != ()
    assert second.partial().seed() is None
    with pytest.raises(InvalidDataError):
        second.seed()
    third = Snapshot(root, before=second)
    assert third.problems() == second.problems()
    assert isinstance(third.problems()[0], Problem)
    assert third.unread(kinds.SEED) == {"seed"}
    assert documents.MAX_BYTES > 0


# ---- what hides whole folders, and what follows from it ------------------------------------------


@pytest.mark.parametrize("as_link", [False, True], ids=["a file", "a link"])
def test_a_folder_inside_a_folder_that_can_not_be_listed_is_no_empty_one(
    root: Path, tmp_path: Path, as_link: bool
) -> None:
    """A year's records: a retraction may lie among them."""
    year = root / "data/records/2023"
    year.rename(tmp_path / "2023")
    if as_link:
        year.symlink_to(tmp_path / "2023")
    else:
        year.write_text("a file\n", encoding="utf-8")
    before = (root / "data/duplicates.json").read_bytes()
    assert {problem.path for problem in check(Snapshot(root))} == {"data/records/2023"}
    for verb in (["status"], ["grade"], ["screen", "--list"], ["dedupe"], ["publish"]):
        assert cli.main([*verb, "--root", str(root)], today="2026-10-05") == 40, verb
    assert (root / "data/duplicates.json").read_bytes() == before


@pytest.mark.parametrize("name", ["previous.yaml", "duplicates.json", "corrections.yaml"])
def test_a_link_that_leads_nowhere_is_no_missing_file(root: Path, name: str) -> None:
    (root / "data" / name).unlink(missing_ok=True)
    (root / "data" / name).symlink_to("nowhere")
    assert {problem.path for problem in check(Snapshot(root))} == {f"data/{name}"}
    with pytest.raises(InvalidDataError, match="symbolic link"):
        Review.of(Snapshot(root))


def test_one_folder_that_can_not_be_listed_hides_no_fault_of_another(root: Path) -> None:
    (root / "data/appraisals").write_text("a file\n", encoding="utf-8")
    claim = root / "data/claims/D01.yaml"
    claim.write_text(
        claim.read_text(encoding="utf-8").replace("level: 3", "level: 1"), encoding="utf-8"
    )
    told = {(problem.path, problem.field) for problem in check(Snapshot(root))}
    assert {("data/appraisals", ""), ("data/claims/D01.yaml", "grade.level")} <= told


def test_questions_that_can_not_be_listed_are_not_missed_one_by_one(root: Path) -> None:
    folder = root / "data/questions"
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("a file\n", encoding="utf-8")
    assert {problem.path for problem in check(Snapshot(root))} == {"data/questions"}


@pytest.mark.parametrize("kind", ["treatments", "mechanisms", "instruments"])
def test_a_vocabulary_that_can_not_be_read_makes_no_term_unknown(root: Path, kind: str) -> None:
    spoil(root, f"data/vocabulary/{kind}.yaml")
    told = {problem.path for problem in check(Snapshot(root))}
    assert told == {f"data/vocabulary/{kind}.yaml"}


def test_a_study_that_may_have_been_taken_in_is_not_missed(root: Path) -> None:
    old, new = (root / f"data/extractions/eastlake-{year}.yaml" for year in (2017, 2018))
    old.rename(new)
    spoil(root, "data/extractions/eastlake-2018.yaml")
    told = [p.sentence for p in check(Snapshot(root)) if "is gone" in p.sentence]
    assert told == []


def test_of_a_record_that_is_gone_its_attestations_are_not_called_another_s(root: Path) -> None:
    (root / a_record(root)).unlink()
    assert not [p for p in check(Snapshot(root)) if "attestations" in p.path]
