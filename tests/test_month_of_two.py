"""A month of two reviewers on the demonstration: from the update to a released edition, by command.

No file is opened by hand: what is typed comes from ``review status``, and what a person says in a
conversation is typed into it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from review import cli
from review.checking.check import check
from review.demo import copy_review
from review.files.store import Store
from review.grading.review import Review
from review.model.screening import Stage
from review.selection.library import CONSENSUS, Library
from tests.conftest import tree

A, B = "reviewer-a", "reviewer-b"
DAY = "2026-10-02"
MOST = 20
"""Commands that a month may take."""
TRIALS = {"pmid-900000009", "pmid-900000032"}
"""Two new trials: let in by their titles, left out by their full texts, which hold no people."""


@dataclass
class Month:
    """A review on which two people work, and the commands that they typed."""

    root: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    typed: list[str] = field(default_factory=list)

    def types(self, *words: str, keys: str = "") -> tuple[int, str]:
        """One command: its exit code and what it prints."""
        self.typed.append(" ".join(words))
        self.monkeypatch.setattr("sys.stdin", io.StringIO(keys))
        code = cli.main([*words, "--root", str(self.root)], today=DAY)
        printed = self.capsys.readouterr()
        return code, printed.out + printed.err

    def done(self, *words: str, keys: str = "") -> str:
        """A command that ends well."""
        code, printed = self.types(*words, keys=keys)
        assert code in (0, 10, 20), f"{' '.join(words)}: {printed}"
        return printed

    def decides(self, who: str, stage: Stage, included: Callable[[str], bool]) -> str:
        """Somebody screens everything that waits for them, a key for each record."""
        library = Library.of(Store(self.root).snapshot())
        keys = ["i" if included(one.id) else "e\n4" for one in library.queue(who, stage)]
        assert keys
        return self.done("screen", "--reviewer", who, "--stage", stage, keys="\n".join(keys) + "\n")


def test_a_month_from_the_update_to_a_released_edition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "review"
    copy_review(root)
    month = Month(root, monkeypatch, capsys)
    title, full = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT

    assert month.types("update", "--no-publish")[0] == 20
    told = month.done("status")
    for line in (
        "run: review notice resolve pmid-900000002 --outcome leaves --person YOU",
        "records to be screened: 49; run: review screen --reviewer YOU",
        "reports on which reviewers disagree: 1; run: review screen --reviewer consensus",
        "pairs that may be one report: 1; run: review dedupe --list",
        "included studies that answer no question yet: 1; run: review assign STUDY QUESTION",
    ):
        assert line in told

    # the retraction first
    month.done("notice", "resolve", "pmid-900000002", "--outcome", "leaves", "--person", A)
    words = ("--support", "D01=not_verifiable", "--basis", "D01=its only trial was retracted")
    month.done("assign", "brackwater-2024", "tarvolimab-pain", "--out", "--person", A, *words)

    anew = ("--sentence", "No usable study tells whether tarvolimab lowers pain.")
    zh = ("--sentence", "没有可用的研究说明塔伏单抗能否减轻疼痛。")
    month.done("confirm", "D01", "--person", A, *anew, *zh)

    # two people screen blind, then settle together what they see otherwise
    month.decides(A, title, lambda record: record in TRIALS)
    month.decides(B, title, lambda record: record in TRIALS | {"pmid-900000037"})
    month.decides(CONSENSUS, title, lambda record: record in TRIALS)
    month.decides(A, full, lambda _record: False)
    month.decides(B, full, lambda _record: False)
    month.done("dedupe", "--list")
    pair = ("--pair", "pmid-900000039", "pmid-900000040")
    month.done("dedupe", *pair, "--verdict", "duplicate", "--reviewer", A)

    # the draft is read and signed, and comes into its questions
    month.done("verify", "dunmore-2022", "--person", A, keys="y\n" * 6)
    into = ("assign", "dunmore-2022")
    month.done(*into, "pain-prevalence", "--result", "r1", "--claim", "D03=for", "--person", A)
    month.done(*into, "spasm-prevalence", "--result", "r2", "--person", A)

    # who stood for a claim looks at it again
    assert "signatures on what has changed since: 1" in month.done("status")
    month.done("confirm", "D03", "--person", A, keys="y\n")

    # nothing is left that this month brought
    told = month.done("status")
    for gone in (
        "say as much as before",
        "to be screened",
        "disagree",
        "full text",
        "pairs that",
        "no question",
        "drafts",
    ):
        assert gone not in told, told
    month.done("check")
    released = json.loads(month.done("edition", "--json"))

    assert len(month.typed) <= MOST, "\n".join(month.typed)
    assert check(Store(root).snapshot(), today=DAY) == []
    review = Review.of(Store(root).snapshot())
    assert review.editions[-1].version == released["version"] != review.editions[0].version
    assert review.library.waiting.decisions == 0
    assert "dunmore-2022" in [one.study for one in review.questions["pain-prevalence"].studies]
    assert review.claims["D01"].studies == ()
    assert review.claims["D01"].sentence.en == anew[1]
    hand = {"protocol.yaml", "data/corrections.yaml", "data/previous.yaml"}
    before, after = tmp_path / "before", tree(root)
    copy_review(before)
    assert {one for one in hand if tree(before).get(one) != after.get(one)} == set()
