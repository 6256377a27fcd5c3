"""The site: the same bytes everywhere, foreign text dead, sums shown, links that lead somewhere."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import yaml

from review.demo import DEMO, SECOND, copy_review
from review.files.store import Store
from review.grading.reasons import FACTORS
from review.grading.review import Review
from review.ground.errors import PublishError
from review.model.base import QuestionKind, canonical
from review.model.duplicates import Relation
from review.model.extraction import (
    Design,
    Direction,
    Estimand,
    Missing,
    SizeRole,
    SourceTier,
)
from review.model.protocol import Role
from review.model.question import Factor
from review.model.record import TOUCHING, Author, Record
from review.publishing import publish as publishing
from review.publishing.pages import Site, make_pages
from review.publishing.publish import labels, publish, recover, render, swap
from tests.conftest import HOME, serving, tree

PAYLOADS = (
    "<script>window.dead=1</script>",
    "<img src=x onerror=window.dead=1>",
    "{{ config.site_name }}{% raw %}",
    "[click](javascript:window.dead=1) **bold** `code`",
    "</div></body><h1>broken</h1>",
    "a | b | c\n\n# heading\n\n    code",
    '"><svg onload=window.dead=1>',
    "&lt;script&gt; \u202e reversed",
)


TITLE = 'of "marbled" cords" autofocus tabindex=0 onfocus="window.dead=2" x=\'<b>'
PERSON = 'B. "Bee" <img src=x onerror=window.dead=1>" onmouseover="window.dead=1'


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's site after its second month, with hostile records among the others."""
    from review import cli
    from review.offline.world import World

    folder = tmp_path_factory.mktemp("site")
    root = folder / "review"
    copy_review(root)
    with serving(World.folder(DEMO / "world").as_of(SECOND)):
        assert cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND) == 20
    for number, payload in enumerate(PAYLOADS):
        record = Record(
            format=1,
            id=f"src-{number:010x}",
            source="seed",
            title=payload,
            authors=(Author(literal=payload.replace("\n", " ")),),
            journal=payload,
            year=2020,
        )
        path = root / "data" / "records" / "2020" / f"{record.id}.json"
        path.write_bytes(canonical(record))
    hostile = root / "data" / "records" / "2021" / "pmid-900000001.json"
    value = json.loads(hostile.read_text(encoding="utf-8"))
    value["authors"][0]["family"] = "</title><script>window.dead=1</script>"
    hostile.write_text(json.dumps(value), encoding="utf-8")
    claim = root / "data" / "claims" / "D04.yaml"
    text = claim.read_text(encoding="utf-8")
    text = text.replace("Lesions of", "</title><script>window.dead=1</script> Lesions of")
    claim.write_text(text, encoding="utf-8")
    draft = root / "data" / "extractions" / "dunmore-2022.yaml"
    text = draft.read_text(encoding="utf-8")
    text = text.replace(
        'quote: "92 consecutive patients"', "quote: '<script>window.dead=1</script>'"
    )
    draft.write_text(text.replace("locator: abstract", "locator: table 1"), encoding="utf-8")
    protocol = root / "protocol.yaml"
    text = protocol.read_text(encoding="utf-8")
    for old, new in (("(a fictional disease)", TITLE), ("（虚构疾病）", TITLE)):
        assert old in text
        text = text.replace(old, new.replace('"', '\\"'))
    text = text.replace("{id: reviewer-b,", f"{{id: reviewer-b, name: '{PERSON}',")
    protocol.write_text(text, encoding="utf-8")
    return publish(Store(root), folder / "build")


@pytest.fixture
def pages(site: Path) -> dict[str, str]:
    """Every built page by its path."""
    return {
        p.relative_to(site).as_posix(): p.read_text(encoding="utf-8")
        for p in sorted(site.rglob("*.html"))
    }


def test_what_an_estimate_measures_is_said_in_the_language_of_the_page(
    pages: dict[str, str],
) -> None:
    english, chinese = pages["synthesis/index.html"], pages["zh/synthesis/index.html"]
    assert "at one time, by questionnaire" in english
    assert "period not read, way of asking not read" in english
    assert "，某一时点，问卷" in chinese
    assert "questionnaire" not in re.sub(r"<script.*?</script>", "", chinese, flags=re.DOTALL)


def test_every_page_of_both_languages_is_there(pages: dict[str, str]) -> None:
    wanted = ["", "questions/", "studies/", "search/", "flow/", "records/", "methods/", "about/"]
    wanted += ["questions/tarvolimab-pain/", "studies/dunmore-2022/", "claims/", "claims/D01/"]
    wanted += ["seed/", "seed/treatment/", "treatments/", "treatments/tarvolimab/", "mechanisms/"]
    wanted += ["mechanisms/dorsal-horn-lesion/", "harms/", "excluded/", "corrections/", "unknown/"]
    wanted += ["changes/", "downloads/", "patients/"]
    for path in wanted:
        for prefix in ("", "zh/"):
            assert f"{prefix}{path}index.html" in pages


def test_foreign_text_is_dead_on_every_page(pages: dict[str, str]) -> None:
    everything = "\n".join(pages.values())
    for sign in (
        "<script>window.dead",
        "<img src=x",
        "<svg onload",
        "<h1>broken",
        'href="javascript:',
        "<strong>bold</strong>",
    ):
        assert sign not in everything
    records = pages["records/index.html"]
    assert "&lt;script&gt;window.dead=1&lt;/script&gt;" in records
    assert "{{ config.site_name }}{% raw %}" in records
    assert "&amp;lt;script&amp;gt;" in records


class Attributes(HTMLParser):
    """Every attribute that runs something."""

    def __init__(self) -> None:
        super().__init__()
        self.running: list[tuple[str, str, str | None]] = []
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += len(attrs)
        self.running += [
            (tag, name, value)
            for name, value in attrs
            if name.startswith("on") or name == "autofocus" or "javascript:" in (value or "")
        ]


def test_quotes_in_the_protocol_end_no_attribute(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        parser = Attributes()
        parser.feed(text)
        assert parser.count > 20, path
        assert parser.running == [], path
    assert "of “marbled” cords” autofocus" in pages["index.html"]
    assert "Bee" in pages["methods/index.html"]


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.add(values["id"] or "")
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        loads = values.get("src") or (values.get("href") if tag == "link" else None)
        if loads:
            self.loads.append(loads)


def test_every_link_leads_to_a_page_and_a_place(pages: dict[str, str]) -> None:
    parsed = {}
    for name, text in pages.items():
        parser = Links()
        parser.feed(text)
        parsed[name] = parser
    broken = []
    for name, parser in parsed.items():
        if name.endswith("404.html"):
            continue
        base = "http://h/" + name.removesuffix("index.html")
        for link in parser.links + parser.loads:
            target = urlsplit(urljoin(base, link))
            if target.netloc != "h":
                continue
            path = unquote(target.path).lstrip("/")
            if path in ("", "zh") or path.endswith("/"):
                path = f"{path.rstrip('/')}/index.html".lstrip("/")
            if path.endswith(".html"):
                if path not in pages or (
                    target.fragment and target.fragment not in parsed[path].ids
                ):
                    broken.append((name, link))
    assert broken == []


def test_pages_load_nothing_from_other_hosts(pages: dict[str, str]) -> None:
    assert {"index.html", "zh/index.html"} <= set(pages)
    for name, text in pages.items():
        parser = Links()
        parser.feed(text)
        assert parser.loads, name
        outside = [one for one in parser.loads if urlsplit(one).netloc]
        assert outside == [], name


def test_no_fictional_identifier_is_a_link(pages: dict[str, str]) -> None:
    everything = "\n".join(pages.values())
    assert "pubmed.ncbi.nlm.nih.gov" not in everything
    assert "doi.org/10.5555" not in everything


def test_banner_and_footer_stand_on_every_page(pages: dict[str, str]) -> None:
    assert {"index.html", "zh/index.html"} <= set(pages)
    for name, text in pages.items():
        chinese = name.startswith("zh/")
        assert ("未核实的首版" if chinese else "0.1, unverified first edition") in text, name
        assert ("虚构" if chinese else "everything on these pages is fictional") in text, name
        assert "This is not medical advice" in text, name
        assert "不构成医疗建议" in text, name
        assert "6 of 35 extracted values were drafted by this program" in text, name


def test_what_a_machine_drafted_is_never_shown_as_confirmed(pages: dict[str, str]) -> None:
    page = pages["studies/dunmore-2022/index.html"]
    assert page.count("machine draft, unverified") == 6
    assert "verified</span>" in page
    assert not re.search(r">\s*verified\s*<", page)


def test_a_retracted_study_is_suspended_on_its_pages(pages: dict[str, str]) -> None:
    for name in ("studies/brackwater-2024/index.html", "questions/tarvolimab-pain/index.html"):
        assert "RETRACTED" in pages[name]
    assert "suspended" in pages["questions/tarvolimab-pain/index.html"]
    assert "<strong>retraction</strong>" in pages["index.html"]


def test_every_download_holds_what_its_page_says(site: Path, pages: dict[str, str]) -> None:
    page = pages["downloads/index.html"]
    for name in ("evidence", "claims", "values"):
        assert f'href="../{name}.csv"' in page
        rows = list(csv.DictReader(io.StringIO((site / f"{name}.csv").read_text("utf-8-sig"))))
        assert rows
        assert not any(
            cell[:1] in "=+-@"
            for row in rows
            for cell in row.values()
            if cell and not re.fullmatch(r"-?[\d.]+", cell)
        )
    values = list(csv.DictReader(io.StringIO((site / "values.csv").read_text("utf-8-sig"))))
    assert {row["status"] for row in values} == {"verified", "unverified", "machine_draft"}
    assert all(row["signed_by"] == "reviewer-a" for row in values if row["status"] == "verified")
    levels = json.loads((site / "levels.json").read_text(encoding="utf-8"))
    assert {one["claim"] for one in levels} == {"D01", "D02", "D03", "D04"}
    import bibtexparser
    import rispy

    included = len(Store(DEMO).previous().studies) + 4
    assert len(rispy.loads((site / "studies.ris").read_text(encoding="utf-8"))) == included
    library = bibtexparser.parse_string((site / "studies.bib").read_text(encoding="utf-8"))
    assert (len(library.entries), len(library.failed_blocks)) == (included, 0)
    edition = json.loads((site / "editions" / "0.1.json").read_text(encoding="utf-8"))
    assert edition["version"] == "0.1"
    status = json.loads((site / "status.json").read_text(encoding="utf-8"))
    assert (status["edition"], status["verified"], status["fictional"]) == ("0.1", False, True)


def test_a_signed_value_reads_verified_and_an_unsigned_one_never(pages: dict[str, str]) -> None:
    assert "verified by a person" in pages["studies/aldermoor-2021/index.html"]
    assert "signed by: reviewer-a" in pages["studies/aldermoor-2021/index.html"]
    assert "confirmed by reviewer-a" in pages["claims/D03/index.html"]
    assert "found in source by the tool" in pages["studies/castlemere-2019/index.html"]
    for name in ("studies/castlemere-2019/index.html", "claims/D02/index.html"):
        assert "verified by a person" not in pages[name]
        assert "confirmed by reviewer" not in pages[name]


def test_the_seed_s_statements_stand_beside_their_sources(pages: dict[str, str]) -> None:
    page = pages["seed/index.html"]
    for sign in (
        "D01",
        "D02",
        "D03",
        "agrees with its sources",
        "confirmed in part",
        "not identified",
    ):
        assert sign in page
    assert "Reason: " in pages["excluded/index.html"]


def test_the_strategy_is_printed_exactly_as_run(pages: dict[str, str]) -> None:
    import html

    page = html.unescape(pages["search/index.html"])
    lines = Store(DEMO).protocol.sources[0].strategy
    assert len(lines) > 1
    for line in lines:
        assert f"<code>{line.query}</code>" in page
    assert "phrase not found: marbled myelopathy" in page


def test_the_flow_shows_its_sums(pages: dict[str, str]) -> None:
    page = pages["flow/index.html"]
    numbers = [
        tuple(int(n) for n in re.findall(r"\d+", line))
        for line in re.findall(r"<li>(\d+ [^<]+ = [^<]+)</li>", page)
    ]
    assert len(numbers) == 5
    for total, *parts in numbers:
        assert total == sum(parts)
    assert 'role="img"' in page


def test_same_data_same_bytes_with_and_without_the_texts(root: Path, tmp_path: Path) -> None:
    """A laptop that holds abstracts and a CI job that does not build the same site."""
    from review import cli
    from review.offline.world import World

    with serving(World.folder(DEMO / "world").as_of(SECOND)):
        cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND)
    bare = tmp_path / "bare"
    shutil.copytree(root, bare, ignore=shutil.ignore_patterns("texts"))
    assert (root / "data" / "texts").is_dir()
    first = publish(Store(root), tmp_path / "one")
    second = publish(Store(bare), tmp_path / "two")
    assert tree(first) == tree(second)


def test_a_broken_build_leaves_the_last_good_site(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = publish(Store(root), tmp_path / "build")
    before = tree(site)
    monkeypatch.setattr(publishing, "resource", lambda name: tmp_path / "nowhere" / name)
    with pytest.raises(PublishError):
        publish(Store(root), tmp_path / "build")
    assert tree(site) == before


@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_a_swap_killed_at_any_rename_is_recovered(tmp_path: Path, moment: str) -> None:
    old, new = tmp_path / "html", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    (old / "index.html").write_text("old", encoding="utf-8")
    (new / "index.html").write_text("new", encoding="utf-8")
    renames = {"before": 0, "between": 1, "after": 2}[moment]
    script = (
        "import os, pathlib, sys\nfrom review.publishing import publish\nreal = pathlib.Path.rename\n"
        "count = [0]\n"
        "def rename(self, target):\n"
        f"    if count[0] == {renames}: os._exit(9)\n"
        "    count[0] += 1\n"
        "    return real(self, target)\n"
        "pathlib.Path.rename = rename\n"
        f"publish.swap(pathlib.Path({str(new)!r}), pathlib.Path({str(old)!r}))\n"
    )
    import subprocess
    import sys

    subprocess.run([sys.executable, "-c", script], check=False, cwd=HOME)
    recover(tmp_path)
    text = (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
    assert text == ("new" if moment == "after" else "old")
    again = tmp_path / "again"
    again.mkdir()
    swap(again, tmp_path / "html")
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".old")] == []


def test_mkdocs_never_builds_into_its_sources() -> None:
    """With its default site_dir a build would delete site/."""
    value = yaml.safe_load((HOME / "mkdocs.yml").read_text(encoding="utf-8"))
    assert value["docs_dir"].startswith("build/")
    assert value["site_dir"].startswith("build/")


def test_both_languages_have_the_same_words_and_every_value_has_one() -> None:
    en, zh = labels("en"), labels("zh")
    assert list(en.words) == list(zh.words)
    for key in en.words:
        assert set(re.findall(r"\{\w+\}", en.words[key])) == set(
            re.findall(r"\{\w+\}", zh.words[key])
        ), key
    needed: dict[str, Any] = {
        "design": Design,
        "direction": Direction,
        "kind": QuestionKind,
        "missing": Missing,
        "size": SizeRole,
        "tier": SourceTier,
        "relation": Relation,
        "role": Role,
        "notice": TOUCHING,
    }
    for prefix, values in needed.items():
        for value in values:
            assert f"{prefix}.{value}" in en.words
    assert {e for e in Estimand if e != "none"} == {
        k.partition(".")[2] for k in en.words if k.startswith("estimand.")
    }
    assert set(FACTORS) == set(Factor)


def test_pages_know_neither_clock_nor_abstracts(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_arguments: object) -> None:
        raise AssertionError("pages read a text")

    monkeypatch.setattr(Store, "text", forbidden)
    store = Store(DEMO)
    site = Site(Review.of(store.snapshot()))
    t = labels("en")
    assert render(site, make_pages(site, t), t) == render(site, make_pages(site, t), t)


def test_the_review_s_own_site_builds_with_words_in_the_search_index(tmp_path: Path) -> None:
    site = publish(Store(HOME), tmp_path / "build")
    index = (site / "zh" / "search" / "search_index.json").read_text(encoding="utf-8")
    assert "\\u200b" in index, "Chinese words are told apart in the index"
    page = (site / "questions" / "satralizumab-pain" / "index.html").read_text(encoding="utf-8")
    assert "no level from what was read" in page
    assert "grades nothing until it is read" in page
    assert os.path.exists(site / "zh" / "index.html")  # noqa: PTH110
