"""Everything that waits for people: each kind is named by study, claim or report, with its command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from review import cli
from review.checking.notes import notes
from review.checking.waiting import Kind, Queue, as_notes, waiting
from review.cli.entry import VERBS
from review.demo import SECOND
from review.files.store import Store
from review.grading.review import Review
from tests.conftest import HOME

DAY = "2026-10-02"


def queues(root: Path, day: str = DAY) -> dict[Kind, Queue]:
    return {one.kind: one for one in waiting(Review.partial(Store(root).snapshot()), day)}


@pytest.fixture
def later(root: Path, update: Callable[..., int]) -> Path:
    """The demonstration after its second month."""
    update(SECOND)
    return root


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_claim_on_a_retracted_study_is_named_with_the_study(later: Path) -> None:
    (one,) = queues(later)[Kind.SUSPENDED].items
    assert (one.name, str(one.about)) == ("D01", "D01: brackwater-2024 in tarvolimab-pain")


def test_a_conflict_says_who_decided_what_and_why(later: Path) -> None:
    (one,) = queues(later)[Kind.CONFLICT].items
    assert re.search(r"reviewer-a \w+.*; reviewer-b \w+", one.about), one.about
    assert one.name in one.about


def test_reports_that_wait_for_their_full_text_are_named_by_author_and_title(later: Path) -> None:
    found = queues(later)[Kind.FULL_TEXT].items
    library = Review.partial(Store(later).snapshot()).library
    assert len(found) == library.waiting.full_text > 0
    for one in found:
        assert library.records[one.name].title[:30] in one.about


def test_a_draft_that_nobody_has_read_is_named_and_where_it_goes(later: Path) -> None:
    found = queues(later)
    assert [one.name for one in found[Kind.UNREAD].items] == ["dunmore-2022"]
    (one,) = found[Kind.UNASSIGNED].items
    assert found[Kind.UNASSIGNED].command_for(one) == (
        "review assign dunmore-2022 QUESTION --person YOU"
    )
    drafted = later / "data" / "extractions" / "dunmore-2022.yaml"
    drafted.rename(later / "dunmore-2022.yaml")
    gone = queues(later)
    assert not {Kind.UNREAD, Kind.UNASSIGNED} & gone.keys()
    assert len(gone[Kind.UNDRAFTED].items) == 1


def test_a_changed_criterion_names_each_decision_taken_before(later: Path) -> None:
    assert Kind.STALE not in queues(later)
    protocol = later / "protocol.yaml"
    text = protocol.read_text(encoding="utf-8")
    start = text.index("eligibility:")
    changed = re.sub(r'en: "([^"]+)"', r'en: "\1, as amended"', text[start:], count=1)
    assert changed != text[start:]
    protocol.write_text(text[:start] + changed, encoding="utf-8")
    found = queues(later)[Kind.STALE].items
    assert len(found) > 3
    assert all(" on 2026-" in one.about and one.path.endswith(".csv") for one in found)


def test_claims_with_most_at_stake_come_first_with_what_is_signed_of_them(root: Path) -> None:
    found = queues(root)[Kind.UNSIGNED].items
    at_stake = [int(re.search(r"of (\d+) values", one.about)[1]) for one in found]  # type: ignore[index]
    assert len(found) > 1
    assert at_stake == sorted(at_stake, reverse=True)
    assert all(re.match(rf"{one.name}: \d+ of \d+ values signed, ", one.about) for one in found)


def test_an_export_is_due_when_the_interval_is_over(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = tmp_path / "export.ris"
    export.write_text(
        "TY  - JOUR\nTI  - Pain in marbled cord syndrome, invented\nPY  - 2025\nER  -\n"
    )
    words = ["import", str(export), "--source", "embassy", "--platform", "Embassy of Tests"]
    assert cli.main([*words, "--root", str(root)], today="2026-09-02") in (0, 10)
    capsys.readouterr()
    assert Kind.EXPORT not in queues(root, "2026-09-30")
    (one,) = queues(root, "2026-12-01")[Kind.EXPORT].items
    assert "embassy (Embassy of Tests): exported 2026-09-02, due since 2026-10-07" in one.about


def test_check_names_what_waits_with_its_command(root: Path) -> None:
    told = notes(Store(root).snapshot(), "2026-09-10")
    expected = as_notes(queues(root, "2026-09-10").values())
    assert len(expected) > 2
    assert {str(one) for one in expected} <= {str(one) for one in told}
    assert not [one for one in expected if "STUDY" in one.sentence and "extractions" in one.path]


def test_every_command_begins_with_a_verb_that_exists(later: Path) -> None:
    found = queues(later).values()
    assert len(found) > 4
    for queue in found:
        for line in re.split(", then |, or ", queue.command):
            program, verb, *_ = shlex.split(line)
            assert (program, verb in VERBS) == ("review", True), line


def test_the_first_review_s_own_queues_have_no_holes() -> None:
    found = queues(HOME, "2026-12-01")
    assert found[Kind.UNSIGNED].items
    for queue in found.values():
        for one in queue.items:
            assert not re.search(r"\bNone\b|[{}]", one.about), one.about
