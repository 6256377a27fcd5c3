"""Measures of extraction on the corpora that lie beside the project; nothing of them is shipped.

What can't be measured here is "not run": the gold set's texts are not committed, so whoever reads
them puts one JSON object a study (key, title, abstract) into ``build/gold-texts/``.
"""

from __future__ import annotations

import gzip
import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from extractors import Finding, Lexicon, Passage, find_all
from extractors._number_words import number
from extractors.design import find as find_design
from review.extraction.extract import lexicon
from review.files.store import Store
from tests.conftest import HOME, SHARED

CORPUS = SHARED / "extraction" / "pico-corpus"
BASELINE = SHARED / "pubmed" / "baseline" / "pubmed20n0014.xml.gz"
GOLD = SHARED / "nmosd" / "gold_extractions.json"
GOLD_TEXTS = HOME / "build" / "gold-texts"
JATS = SHARED / "pubmed" / "jats"
TRIAL = {"randomised_trial", "n_of_1"}
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

    def __str__(self) -> str:
        return f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f} ({self.right}/{self.found}/{self.wanted})"


def words() -> Lexicon:
    """The review's own vocabulary."""
    return lexicon(Store(HOME).vocabulary())


def abstracts() -> list[tuple[str, list[Annotation]]]:
    """Texts of the corpus with their annotations as (kind, words)."""
    rows = []
    for path in sorted(CORPUS.glob("*.txt")):
        marks = []
        for line in path.with_suffix(".ann").read_text(encoding="utf-8").splitlines():
            if line.startswith("T"):
                _, place, text = line.split("\t")
                marks.append((place.split()[0], text))
        rows.append((path.read_text(encoding="utf-8"), marks))
    return rows


def _people(marks: list[Annotation], *kinds: str) -> set[int]:
    texts = (re.sub(r"[^\w, -]", "", text).strip() for kind, text in marks if kind in kinds)
    return {number(one) for one in texts} - {0}


def pico() -> tuple[Score, Score, float]:
    """The study's number (exact), arm sizes (as sets), and abstracts a CPU-second."""
    total, arms = [0, 0, 0], [0, 0, 0]
    texts, vocabulary = abstracts(), words()
    start = time.process_time()
    findings: list[list[Finding]] = []
    for text, _ in texts:
        title, _, abstract = text.partition(". ")
        findings.append(find_all(Passage(title + ".", abstract), vocabulary))
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


def _records() -> Iterator[tuple[Passage, Passage, bool]]:
    """Baseline records with an abstract: with and without types and headings, and the label."""
    with gzip.open(BASELINE, "rb") as file:
        for _, element in etree.iterparse(
            file, tag="PubmedArticle", load_dtd=False, no_network=True
        ):
            article = element.find(".//Article")
            texts = article.findall("Abstract/AbstractText") if article is not None else []
            if article is not None and texts:
                title = "".join(article.find("ArticleTitle").itertext())
                abstract = " ".join("".join(one.itertext()) for one in texts)
                types = tuple(one.text or "" for one in article.iter("PublicationType"))
                mesh = tuple(one.text or "" for one in element.iter("DescriptorName"))
                label = "Randomized Controlled Trial" in types
                yield Passage(title, abstract, types, (), mesh), Passage(title, abstract), label
            element.clear()


def trials() -> tuple[Score, Score]:
    """RCT or not on MEDLINE of 1976 to 1979: types visible, and from the text alone."""
    seen, blind = [0, 0, 0], [0, 0, 0]
    for typed, bare, label in _records():
        for passage, counts in ((typed, seen), (bare, blind)):
            said = any(one.value in TRIAL for one in find_design(passage, Lexicon()))
            counts[0] += said and label
            counts[1] += said
            counts[2] += label
    return Score(*seen), Score(*blind)


CLASSES = (
    ("post_hoc_extension", r"post-hoc|extension"),
    ("randomised_trial", r"\bRCT\b"),
    ("case_report", r"case report"),
    ("uncontrolled_follow_up", r"single-arm"),
    ("nonrandomised_controlled", r"non-randomised\)|controlled cohort"),
    ("nonrandom_sample", r"cross-sectional|survey|questionnaire|dual-centre observational"),
    ("case_control", r"case-control"),
    ("cohort", r"cohort|retrospective|record review|follow-up"),
    ("case_series", r"series"),
)
"""Design classes by the gold set's own words, the first that matches; "series" that look back are read
as cohort or case series alike."""
ALIKE = ({"cohort", "case_series"}, {"case_control", "nonrandom_sample"})


def _class(design: str) -> str:
    return next((name for name, pattern in CLASSES if re.search(pattern, design)), "other")


@dataclass(frozen=True)
class Gold:
    """Figures on the gold set."""

    studies: int
    macro_f1: float
    false_trials: int
    total: Score
    prevalence: Score
    instruments: Score


def _gold_prevalence(entry: dict[str, Any]) -> set[tuple[Any, ...]]:
    rows = [r for r in entry["pain_prevalence"] if isinstance(r.get("pct"), int | float)]
    return {(r.get("n"), float(r["pct"])) for r in rows}


def gold() -> Gold | None:
    """Design, number of people and prevalence on the gold set; None where its texts are not held."""
    entries = {
        one["key"]: one for one in json.loads(GOLD.read_text(encoding="utf-8"))["extractions"]
    }
    held = [key for key in entries if (GOLD_TEXTS / f"{key}.json").is_file()]
    if not held:
        return None
    vocabulary = words()
    per_class: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    total, prevalence, tools = [0, 0, 0], [0, 0, 0], [0, 0, 0]
    false_trials = 0
    for key in held:
        text = json.loads((GOLD_TEXTS / f"{key}.json").read_text(encoding="utf-8"))
        found = find_all(Passage(text["title"], text["abstract"]), vocabulary)
        entry = entries[key]
        wanted = _class(entry["design"])
        said = next((str(f.value) for f in found if f.field == "design"), "none")
        said = wanted if any({wanted, said} <= pair for pair in ALIKE) else said
        per_class[wanted][2] += 1
        per_class[said][1] += 1
        per_class[wanted][0] += said == wanted
        false_trials += said == "randomised_trial" != wanted
        if entry["n_total"]:
            named = [f.value for f in found if f.field == "total_sample_size"]
            total[2] += 1
            total[1] += bool(named)
            total[0] += bool(named) and named[0] == entry["n_total"]
        expected = _gold_prevalence(entry)
        got = [f for f in found if f.field == "prevalence" and "percent" in f.details]
        shares = {share: count for count, share in expected}
        for one in {float(f.details["percent"]): f for f in got}.values():
            share = float(one.details["percent"])
            if share in shares:
                count = shares[share]
                right = count is None or one.details.get("events") in (None, count)
                prevalence[0] += right
                prevalence[1] += 1
        prevalence[2] += len({share for _, share in expected})
        names = " ".join(map(str, entry["instruments"])).lower()
        for one in found:
            if one.field == "instrument":
                term = next(t for t in vocabulary.instruments if t.id == one.value)
                tools[1] += 1
                tools[0] += bool(term.pattern.search(" ".join(map(str, entry["instruments"])))) or (
                    str(one.value).split("-")[0] in names
                )
        tools[2] += len(entry["instruments"])
    scores = [Score(*counts) for name, counts in per_class.items() if counts[2]]
    return Gold(
        len(held),
        sum(one.f1 for one in scores) / len(scores),
        false_trials,
        Score(*total),
        Score(*prevalence),
        Score(*tools),
    )


def full_texts() -> tuple[int, float]:
    """Number of full texts, and the CPU-seconds the slowest took with its tables."""
    from review.extraction.tables import findings
    from review.texts.jats import parse

    vocabulary = words()
    slowest = 0.0
    paths: Sequence[Any] = sorted(JATS.glob("*.nxml"))
    for path in paths:
        start = time.process_time()
        list(findings(parse(path.read_bytes()), vocabulary))
        slowest = max(slowest, time.process_time() - start)
    return len(paths), slowest


if __name__ == "__main__":
    size, groups, speed = pico()
    print(f"total sample size, exact: {size}")
    print(f"arm sizes: {groups}")
    print(f"{speed:.0f} abstracts a CPU-second with the review's vocabulary")
    typed, bare = trials()
    print(f"RCT, types visible, MEDLINE 1976-79: {typed}")
    print(f"RCT, text alone, MEDLINE 1976-79: {bare}")
    nmosd = gold()
    if nmosd is None:
        print("gold set: not run (its texts are not held)")
    else:
        print(
            f"gold set, {nmosd.studies} texts: design macro-F1 {nmosd.macro_f1:.3f}, called RCT wrongly {nmosd.false_trials}"
        )
        print(f"  total n: {nmosd.total}")
        print(f"  prevalence, recall alone is judged: R {nmosd.prevalence.recall:.3f}")
        print(f"  instruments: {nmosd.instruments}")
    count, worst = full_texts()
    print(f"{count} full texts, the slowest {worst:.3f} CPU-seconds")
