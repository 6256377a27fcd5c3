"""Measures of extraction on the corpora that lie beside the project; nothing of them is shipped."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from extractors import Finding, Lexicon, Passage, find_all
from extractors._number_words import number
from tests.conftest import SHARED

CORPUS = SHARED / "extraction" / "pico-corpus"
Annotation = tuple[str, str]


@dataclass(frozen=True)
class Score:
    """Counts of a field: right, found, wanted."""

    right: int
    found: int
    wanted: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        """Share of what was wanted that was found."""
        return self.right / max(1, self.wanted)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def abstracts() -> list[tuple[str, list[Annotation]]]:
    """Texts of the corpus with their annotations as (kind, words)."""
    rows = []
    for path in sorted(CORPUS.glob("*.txt")):
        marks = []
        for line in path.with_suffix(".ann").read_text(encoding="utf-8").splitlines():
            if line.startswith("T"):
                _, place, words = line.split("\t")
                marks.append((place.split()[0], words))
        rows.append((path.read_text(encoding="utf-8"), marks))
    return rows


def _people(marks: list[Annotation], *kinds: str) -> set[int]:
    words = (re.sub(r"[^\w, -]", "", text).strip() for kind, text in marks if kind in kinds)
    return {number(one) for one in words} - {0}


def pico() -> tuple[Score, Score, float]:
    """The study's number (exact), arm sizes (as sets), and abstracts a CPU-second."""
    total, arms = [0, 0, 0], [0, 0, 0]
    texts = abstracts()
    start = time.process_time()
    findings: list[list[Finding]] = []
    for text, _ in texts:
        title, _, abstract = text.partition(". ")
        findings.append(find_all(Passage(title + ".", abstract), Lexicon()))
    used = time.process_time() - start
    for (_, marks), found in zip(texts, findings, strict=True):
        wanted = _people(marks, "total-participants")
        named = [one.value for one in found if one.field == "total_sample_size"]
        if wanted:
            total[2] += 1
            total[1] += bool(named)
            total[0] += bool(named) and named[0] in wanted
        sizes = _people(marks, "intervention-participants", "control-participants")
        said = {int(one.value) for one in found if one.field == "arm_size"}
        arms[0] += len(sizes & said)
        arms[1] += len(said)
        arms[2] += len(sizes)
    return Score(*total), Score(*arms), len(texts) / used


if __name__ == "__main__":
    size, groups, speed = pico()
    print(f"total sample size: P {size.precision:.3f} R {size.recall:.3f}")
    print(f"arm sizes: P {groups.precision:.3f} R {groups.recall:.3f} F1 {groups.f1:.3f}")
    print(f"{speed:.0f} abstracts a CPU-second")
