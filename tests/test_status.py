"""Status: what waits for whom, most urgent first, and never a stale answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from review import cli
from review.demo import SECOND
from review.files.store import Store
from review.grading.review import Review
from review.model.screening import Outcome, Stage
from review.publishing.pages import Site, announcement
from review.publishing.publish import labels
from review.selection.library import Library
from review.selection.sheet import decision
from review.status.status import status
from tests.conftest import give_rows


def lines(root: Path, capsys: pytest.CaptureFixture[str], day: str = "2026-09-10") -> list[str]:
    assert cli.main(["status", "--root", str(root)], today=day) == 0
    return capsys.readouterr().out.splitlines()


def test_what_waits_most_urgent_first(
    root: Path, update: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    update(SECOND)
    capsys.readouterr()
    found = lines(root, capsys, "2026-10-02")
    assert found[0].startswith("retracted and still included: pmid-900000002")
    screened = "records to be screened: 49; run: review screen --reviewer YOU"
    conflict = "reports on which reviewers disagree: 1; run: review screen --reviewer consensus"
    assert found.index(screened) < found.index(conflict)


def test_overdue_is_told_by_the_day(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert any("next due 2026-10-06" in line for line in lines(root, capsys))
    assert any("overdue since 2026-10-06" in line for line in lines(root, capsys, "2026-10-07"))


def test_an_answer_is_remembered_until_a_file_changes(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lines(root, capsys)

    def forbidden(*_arguments: object) -> None:
        raise AssertionError("derived again")

    with monkeypatch.context() as patch:
        patch.setattr("review.status.status.status", forbidden)
        assert lines(root, capsys) == first
    decisions = root / "data" / "screening" / "reviewer-a.csv"
    decisions.write_bytes(decisions.read_bytes().rsplit(b"\n", 2)[0] + b"\n")
    assert lines(root, capsys) != first


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": 1}'])
def test_a_damaged_memory_is_no_answer(
    root: Path, capsys: pytest.CaptureFixture[str], damage: bytes
) -> None:
    first = lines(root, capsys)
    (root / "build" / "status.json").write_bytes(damage)
    assert lines(root, capsys) == first


def test_machines_get_the_same_facts(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert cli.main(["status", "--root", str(root), "--json"], today="2026-09-10") == 0
        facts = json.loads(capsys.readouterr().out)
        assert facts["awaiting_screening"] == 44
        assert facts["sources"][0]["searched_through"] == "2026-09-01"


def test_a_broken_extraction_is_one_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "data" / "extractions" / "aldermoor-2021.yaml").write_text("- 1\n", encoding="utf-8")
    assert cli.main(["status", "--root", str(root)], today="2026-09-10") == 40
    assert "expected a mapping of fields" in capsys.readouterr().err


def test_banner_card_and_status_count_the_same(root: Path) -> None:
    """Two decided on, one of them waiting for its full text: every place says so alike."""
    store = Store(root)
    (root / "data/screening/reviewer-a.csv").unlink()
    (root / "data/screening/reviewer-b.csv").unlink()
    library = Library.of(store.snapshot())
    queue = library.queue("reviewer-a", Stage.TITLE_ABSTRACT)
    outcomes = (Outcome.INCLUDE, Outcome.UNSURE)
    for who, record in (("reviewer-a", 0), ("reviewer-b", 0), ("reviewer-a", 1)):
        row = decision(
            library.protocol, queue[record].id, Stage.TITLE_ABSTRACT, outcomes[record], "2026-09-10"
        )
        give_rows(store, "screening", who, row)
    site = Site(Review.of(store.snapshot()))
    now, numbers = status(store.snapshot(), "2026-09-10"), site.review.flow
    assert (now.awaiting_full_text, now.conflicts) == (1, 0)
    assert now.awaiting_screening == numbers.awaiting_screening == len(queue) - 1
    said = announcement(site, labels("en"), [])["currency"].split(" · ")
    assert "no search screened whole yet; records with a decision: 2" in said
    assert f"awaiting screening: {now.awaiting_screening}" in said
    assert "awaiting full-text decision: 1" in said
    assert site.review.currency.waiting == now.awaiting_screening + 1
    (root / "data/screening/reviewer-a.csv").unlink()
    (root / "data/screening/reviewer-b.csv").unlink()
    said = announcement(Site(Review.of(store.snapshot())), labels("en"), [])["currency"].split(
        " · "
    )
    assert "nothing screened yet" in said
    assert f"baseline not yet screened: {len(queue)}" in said
