"""A suspended result withdraws its sentence everywhere at once (rule 36): every built file is read."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from review import cli
from review.acts import notice as acts
from review.demo import DEMO, SECOND, copy_review
from review.files.change import apply
from review.files.store import Store
from review.grading.review import Review
from review.model.notice import NoticeOutcome
from review.offline.world import World
from review.publishing.pages import Site, claims_table, make_pages
from review.publishing.publish import labels, publish, render
from review.synthesis.pictures import map_of
from tests.conftest import serving

STUDY, REPORT, CLAIM, DAY = "brackwater-2024", "pmid-900000002", "D01", "2026-10-05"
STATED = yaml.safe_load((DEMO / "data/claims/D01.yaml").read_text(encoding="utf-8"))
SENTENCES = (
    *STATED["sentence"].values(),
    *STATED["source_says"].values(),
    *STATED["grade"]["basis"].values(),
)
"""What the review said from the trial: it may stand in the history alone."""
FIGURES = re.compile(
    rf"(?<![\d.])-1\.4(?!\d)|(?<![\d.])-2\.3(?!\d)|{re.escape(STATED['seed_says'])}"
)
"""The trial's figures, and the earlier review's words on it: never without a mark beside them."""
MARK = re.compile(
    r"RETRACTED|已撤稿|Withdrawn on|已于 \d{4}-\d\d-\d\d 撤下|suspended|暂停|retracted|withdrawn"
)
BLOCKS = ("tr", "li", "p", "dd", "svg", "blockquote", "div")
EN, ZH = labels("en"), labels("zh")
OWN = re.compile(rf"(^|/)(studies/{STUDY}|claims/{CLAIM})/")
"""Pages of the trial and of the claim: the mark stands first."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's site after the month in which the trial was retracted."""
    folder = tmp_path_factory.mktemp("withdrawn")
    root = folder / "review"
    copy_review(root)
    with serving(World.folder(DEMO / "world").as_of(SECOND)):
        command = ["update", "--root", str(root), "--no-publish"]
        assert cli.main(command, today=SECOND) == 20
    return publish(Store(root), folder / "build")


class Blocks(HTMLParser):
    """The text of each row, item, paragraph and picture; what stands in none of them alone."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, list[str]]] = []
        self.found: list[str] = []
        self.loose: list[str] = []
        self.quiet = 0

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self.quiet += tag in ("script", "style")
        if tag in BLOCKS:
            self.open.append((tag, []))

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in ("script", "style")
        if tag in [one for one, _ in self.open]:
            while self.open:
                name, words = self.open.pop()
                text = " ".join(words)
                if any(one in ("tr", "li") for one, _ in self.open):
                    self.open[-1][1].append(text)  # it is judged with its row or item
                else:
                    self.found.append(text)
                if name == tag:
                    break

    def handle_data(self, data: str) -> None:
        if self.quiet:
            return
        (self.open[-1][1] if self.open else self.loose).append(data)


def units(path: Path) -> Iterator[str]:
    """What of a file must carry its own mark: a row, a block, a record, an entry of the index."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".html":
        page = Blocks()
        page.feed(text)
        page.close()
        yield from [*page.found, *page.loose]
        yield from re.findall(r'(?:content|title|aria-label)="([^"]*)"', text)
        yield from re.findall(r"<title>([^<]*)</title>", text)
    elif path.suffix == ".csv":
        for row in csv.DictReader(io.StringIO(text)):
            flag = "suspended" if row.get("suspended") in ("True", "certain") else ""
            yield " ".join([*(cell or "" for cell in row.values()), flag])
    elif path.name == "search_index.json":
        yield from (json.dumps(doc, ensure_ascii=False) for doc in json.loads(text)["docs"])
    elif path.suffix == ".json":
        value = json.loads(text)
        parts = value if isinstance(value, list) else [value]
        yield from (json.dumps(one, ensure_ascii=False) for one in parts)
    else:
        yield from text.split("\n\n")


def files(built: Path) -> list[Path]:
    """Every file that speaks of the review; no other kind is built."""
    every = [path for path in sorted(built.rglob("*")) if path.is_file()]
    shown = [path for path in every if "assets" not in path.relative_to(built).parts]
    assert {path.suffix for path in shown} <= {
        *(".html", ".csv", ".json", ".ris", ".bib", ".xml", ".gz")
    }
    return shown


def history(built: Path, path: Path) -> bool:
    return "editions" in path.relative_to(built).parts


def test_the_sentence_stands_in_no_built_file_but_the_history(built: Path) -> None:
    seen = 0
    for path in files(built):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        there = [sentence for sentence in SENTENCES if sentence in text]
        escaped = [one for one in SENTENCES if json.dumps(one)[1:-1] in text]
        if history(built, path):
            seen += bool(there)
        else:
            assert (path, there, escaped) == (path, [], [])
    assert seen == 2, "the edition of each language keeps what it said"


def test_no_figure_of_it_stands_without_the_mark(built: Path) -> None:
    seen: dict[str, int] = {}
    for path in files(built):
        if path.suffix == ".gz" or history(built, path):
            continue
        place = path.relative_to(built).as_posix()
        for unit in units(path):
            if not FIGURES.search(unit):
                continue
            seen[path.suffix] = seen.get(path.suffix, 0) + 1
            if not OWN.search(place):
                assert MARK.search(unit), (place, unit[:300])
    assert set(seen) == {".html", ".csv", ".json"}, "the test looked at what it is about"


def test_its_own_pages_begin_with_the_mark(built: Path) -> None:
    for language in ("", "zh/"):
        for page in (f"studies/{STUDY}", f"claims/{CLAIM}"):
            text = (built / language / page / "index.html").read_text(encoding="utf-8")
            notice = text.index('class="lr-notice"')
            assert notice < min(m.start() for m in FIGURES.finditer(text))
            assert MARK.search(text[notice : notice + 300])
    title = (built / f"claims/{CLAIM}/index.html").read_text(encoding="utf-8")
    assert "Withdrawn on 2026-10-01: its study was retracted; being reviewed" in title


def test_each_result_carries_the_mark_itself(built: Path) -> None:
    for language, mark in (("", "RETRACTED"), ("zh/", "已撤稿")):
        for page in (f"studies/{STUDY}", f"claims/{CLAIM}", "questions/tarvolimab-pain"):
            text = (built / language / page / "index.html").read_text(encoding="utf-8")
            (before,) = re.findall(r"<div>((?:(?!<div>|</div>).)*?)-1\.4", text, re.DOTALL)
            assert mark in before, page


def test_levels_directions_and_counts_are_gone(built: Path) -> None:
    for path in files(built):
        if path.suffix != ".html":
            continue
        text = path.read_text(encoding="utf-8")
        for row in re.findall(r"<tr.*?</tr>|<li.*?</li>", text, re.DOTALL):
            if "questions/tarvolimab-pain/" in row and f"studies/{STUDY}" not in row:
                assert 'class="lr-level"' not in row
                words = [(t("direction.benefit"), t("kind.treatment")) for t in (EN, ZH)]
                for direction, kind in words:
                    assert direction not in row.replace(kind, ""), path
                assert "lr-good" not in row, path
    index = (built / "index.html").read_text(encoding="utf-8")
    (row,) = re.findall(r'<tr id="tarvolimab-pain">.*?</tr>', index, re.DOTALL)
    assert "<td>0 <span" in row, "it is counted among no studies"
    plain = (built / "patients/index.html").read_text(encoding="utf-8")
    assert "Studies: 0. Not counted, because they were retracted or may be: 1." in plain


def test_machines_read_the_mark(built: Path) -> None:
    for language in ("", "zh/"):
        (gone,) = json.loads((built / language / "withdrawn.json").read_text(encoding="utf-8"))
        assert (gone["claim"], gone["withdrawn_on"]) == (CLAIM, "2026-10-01")
        assert (gone["retraction"], gone["editions"]) == ("certain", ["0.1"])
        status = json.loads((built / language / "status.json").read_text(encoding="utf-8"))
        assert status["withdrawn_claims"] == [CLAIM]
        assert status["retractions_undecided"] == {REPORT: "certain"}
        for name, before in (("studies.ris", "TI  - "), ("studies.bib", "title = {")):
            assert f"{before}RETRACTED: Tarvolimab" in (built / language / name).read_text("utf-8")
        for name in ("values.csv", "timeline.csv"):
            text = (built / language / name).read_text(encoding="utf-8-sig")
            rows = [row for row in csv.DictReader(io.StringIO(text)) if row["study"] == STUDY]
            assert rows
            assert {row["suspended"] for row in rows} == {"certain"}
    text = (built / "evidence-map.csv").read_text(encoding="utf-8-sig")
    cells = [row for row in csv.DictReader(io.StringIO(text)) if row["suspended"] == STUDY]
    assert [(row["studies"], row["people"], row["level"]) for row in cells] == [("", "", "")]


def test_the_history_is_marked(built: Path) -> None:
    for language, words in (("", "Withdrawn since: D01."), ("zh/", "此后已撤下：D01。")):
        assert words in (built / language / "downloads/index.html").read_text(encoding="utf-8")


def test_the_banner_of_every_page_says_that_a_decision_waits(built: Path) -> None:
    said = {"en": "retracted and still included, awaiting a decision: 1", "zh": "等待决定：1"}
    pages = [path for path in files(built) if path.suffix == ".html"]
    assert len(pages) > 50
    for path in pages:
        language = "zh" if path.relative_to(built).parts[0] == "zh" else "en"
        assert said[language] in path.read_text(encoding="utf-8"), path


# ---- the other grade, and after a decision ------------------------------------------------------


def pages_of(store: Store, language: str) -> dict[str, str]:
    site, t = Site(Review.of(store.snapshot())), labels(language)
    return render(site, make_pages(site, t), t)


def test_a_possible_retraction_withdraws_as_well_and_says_so(store: Store) -> None:
    study = Review.of(store.snapshot()).library.extractions["castlemere-2019"]
    claim = Review.of(store.snapshot()).claims["D02"]
    add = acts.add(
        store.snapshot(), "reviewer-a", study.reports[0], "possible_retraction", "x", DAY
    )
    apply(store, add)
    for language, words in (
        ("en", "Withdrawn on 2026-10-05: a retraction of its study is possible; being checked"),
        ("zh", "已于 2026-10-05 撤下：其研究可能已撤稿；正在核实"),
    ):
        shown = pages_of(store, language)
        assert words in shown["claims/D02.md"]
        assert labels(language)("retraction.possible") in shown["studies/castlemere-2019.md"]
        for name, text in shown.items():
            assert claim.sentence[language] not in text, name
            assert claim.source_says is not None
            assert claim.source_says[language] not in text, name
    review = Review.of(store.snapshot())
    (row,) = [one for one in claims_table(Site(review)) if one["claim"] == "D02"]
    assert (row["direction"], row["source_says"], row["confirmed_by"]) == (None, None, "")
    picture = map_of(review, "en")
    assert picture is not None
    assert "Sedanepril" not in picture


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (NoticeOutcome.LEAVES, "Left the review on 2026-10-05 for its retraction"),
        (NoticeOutcome.WITHOUT_RESULT, "Stays in the review without its result since 2026-10-05"),
    ],
)
def test_a_decision_is_told_on_the_study_s_page(
    store: Store, update: Callable[..., int], outcome: NoticeOutcome, said: str
) -> None:
    update(SECOND)
    why = "two investigations"
    act = acts.resolve(store.snapshot(), "reviewer-a", REPORT, outcome, DAY, note=why)
    apply(store, act)
    shown = pages_of(store, "en")
    page = shown[f"studies/{STUDY}.md"]
    assert f"{said}, decided by reviewer-a. Reason:" in page
    assert why in page
    assert labels("en")("suspended_note") not in page, "nobody has to decide any more"
    assert said in shown["index.md"]
    zh = pages_of(store, "zh")[f"studies/{STUDY}.md"]
    assert "由 reviewer-a 决定。 理由：" in zh
    for text in shown.values():
        assert SENTENCES[0] not in text, "the claim still rests on it"
