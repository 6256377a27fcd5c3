"""What happened since the last edition: one list of facts, told on the page, by status and update."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from review import cli
from review.acts import notice as acts
from review.demo import SECOND
from review.editions.news import SHOWN, News, SinceLast, news
from review.files.change import apply
from review.files.store import Store
from review.grading.review import Review
from review.model.base import bilingual
from review.model.notice import NoticeOutcome
from review.offline.world import Snapshot
from review.publishing.pages import Site, make_pages
from review.publishing.publish import labels, render
from review.update.report import news_markdown
from tests.conftest import serving
from tests.test_notice_acts import DAY, REPORT, STUDY, A

NEWS = SinceLast("0.1", "2026-09-15", bilingual("Since", "自"))


def told(store: Store) -> SinceLast:
    return news(Review.of(store.snapshot()))


def pages(store: Store, language: str) -> dict[str, str]:
    site, t = Site(Review.of(store.snapshot())), labels(language)
    return render(site, make_pages(site, t), t)


def test_every_kind_of_news_is_one_linked_sentence(
    store: Store, update: Callable[..., int], snapshots: dict[str, Snapshot]
) -> None:
    assert [one.kind for one in told(store).items if one.kind == "notice"] == []
    update(SECOND)
    act = acts.resolve(store.snapshot(), A, REPORT, NoticeOutcome.WITHOUT_RESULT, DAY, note="fraud")
    apply(store, act)
    said = {(one.kind, one.object): one.text["en"] for one in told(store).items}
    assert said["notice", f"studies/{STUDY}"] == "Brackwater 2024: retraction"
    assert said["decision", f"studies/{STUDY}"].endswith("decided by reviewer-a.")
    assert said["suspended", "claims/D01"].startswith("D01 is suspended")
    level = "Does tarvolimab lower pain?: level 3 became suspended"
    assert said["level", "questions/tarvolimab-pain"] == level
    assert said["study", "studies/dunmore-2022"] == "New study: Dunmore 2022"
    found = f"{SECOND}, pubmed: searched, 9 new records, 6 new notices"
    assert said["search", "search"] == found
    with serving(snapshots[SECOND]):
        command = ["update", "--root", str(store.root), "--no-publish"]
        assert cli.main(command, today="2026-11-01") == 0
    last = told(store).items[-1]
    assert (last.kind, last.text["zh"]) == ("nothing", "2026-11-01，pubmed：已检索，无新内容")


def test_the_page_links_each_sentence_to_a_page_that_is_there(
    store: Store, update: Callable[..., int]
) -> None:
    update(SECOND)
    items = told(store).items
    assert len(items) > 5
    for language in ("en", "zh"):
        shown = pages(store, language)
        for one in items:
            up = {"index.md": "", "changes.md": "../"}
            for page, way in up.items():
                assert f'<a href="{way}{one.object}/">' in shown[page]
                assert one.text[language] in shown[page]
            assert {f"{one.object}.md", f"{one.object}/index.md"} & set(shown), one.object


def test_status_tells_it_in_lines_and_for_machines(
    store: Store, update: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    update(SECOND)
    capsys.readouterr()
    items = told(store).items
    for _ in ("derived", "remembered"):
        assert cli.main(["status", "--root", str(store.root)], today=DAY) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[-len(items) - 1] == "Since edition 0.1 of 2026-09-15:"
        assert lines[-len(items) :] == [f"  {one.text['en']} ({one.object}/)" for one in items]
    assert cli.main(["status", "--json", "--root", str(store.root)], today=DAY) == 0
    facts = json.loads(capsys.readouterr().out)["since_last_edition"]
    assert (facts["edition"], facts["date"]) == ("0.1", "2026-09-15")
    assert facts["items"] == [one.as_json() for one in items]
    assert facts["items"][0]["text"].keys() == {"en", "zh"}


def test_what_is_remembered_follows_the_files(
    store: Store, update: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    def run(day: str) -> str:
        assert cli.main(["status", "--root", str(store.root)], today=day) == 0
        return capsys.readouterr().out

    before = run(DAY)
    memo = store.root / "build" / "since.json"
    kept = memo.read_bytes()
    run("2026-10-06")
    assert memo.read_bytes() == kept, "another day is no news"
    add = acts.add(store.snapshot(), A, "pmid-900000001", "safety_signal", "EMA", DAY)
    apply(store, add)
    assert "safety signal" not in before
    assert "Aldermoor 2021: safety signal (studies/aldermoor-2021/)" in run(DAY)


def test_the_update_and_the_pull_request_tell_it_with_what_the_update_brought(
    root: Path, update: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = tmp_path / "pr.md"
    site = "https://example.org/review/"
    update(SECOND, "--json", "--pull-request", str(text), "--site", site)
    facts = json.loads(capsys.readouterr().out)["since_last_edition"]
    assert facts == told(Store(root)).as_json(), "as it stands after the update, drafts included"
    said = text.read_text(encoding="utf-8")
    assert "### Since the last edition\n\nSince edition 0.1 of 2026-09-15:\n" in said
    assert f"- [Brackwater 2024: retraction]({site}studies/{STUDY}/)" in said
    assert f"- [New study: Dunmore 2022]({site}studies/dunmore-2022/)" in said


def test_a_dry_run_tells_what_would_be_news(
    root: Path, update: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    update(SECOND, "--json", "--dry-run")
    kinds = [
        one["kind"] for one in json.loads(capsys.readouterr().out)["since_last_edition"]["items"]
    ]
    assert {"notice", "suspended", "level", "search"} <= set(kinds)
    assert "search" not in [one.kind for one in told(Store(root)).items]


def test_an_address_that_is_none_is_refused_before_anything_is_asked(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["update", "--root", str(root), "--site", "javascript:alert(1)"]
    assert cli.main(command, today=SECOND) == 2
    assert "--site javascript:alert(1): expected an address" in capsys.readouterr().err


def test_before_any_edition_it_says_so(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    review = Review.of(store.snapshot())
    none = news(replace(review, editions=()))
    assert (none.edition, none.items) == (None, ())
    assert "no edition is released yet" in none.heading["en"]
    assert "尚未发布任何版次" in none.heading["zh"]
    assert list(none.lines()) == [none.heading["en"]]
    assert none.heading["en"] in "\n".join(news_markdown(none))
    for path in (store.root / "data" / "editions").iterdir():
        path.unlink()
    assert cli.main(["status", "--root", str(store.root)], today=DAY) == 0
    assert capsys.readouterr().out.splitlines()[-1] == none.heading["en"]
    for language in ("en", "zh"):
        assert none.heading[language] in pages(store, language)["index.md"]


def test_names_that_lead_nowhere_stop_neither_status_nor_update(
    root: Path, update: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    claim = root / "data" / "claims" / "D01.yaml"
    text = claim.read_text(encoding="utf-8").replace("for: [brackwater-2024]", "for: [nobody-2024]")
    claim.write_text(text, encoding="utf-8")
    assert cli.main(["status", "--root", str(root)], today=DAY) == 0
    assert "can't be told before what review check names" in capsys.readouterr().out
    assert update(SECOND) == 20


def test_a_search_of_the_edition_s_own_day_is_judged_by_what_the_edition_lists(
    store: Store, update: Callable[..., int]
) -> None:
    update(SECOND)
    review = Review.of(store.snapshot())
    names = {one.name.removesuffix(".json"): "0" * 64 for one in review.library.searches}
    last = review.editions[-1]
    same_day = last.model_copy(update={"date": SECOND, "search_files": {}})
    assert "search" not in {one.kind for one in news(replace(review, editions=(same_day,))).items}
    listed = last.model_copy(update={"date": SECOND, "search_files": dict(list(names.items())[:1])})
    assert "search" in {one.kind for one in news(replace(review, editions=(listed,))).items}
    whole = last.model_copy(update={"date": "2026-09-15", "search_files": names})
    assert "search" not in {one.kind for one in news(replace(review, editions=(whole,))).items}


def test_a_long_list_is_cut_and_counted_and_foreign_text_is_plain() -> None:
    odd = bilingual("[x](https://example.org) @all <b>", "甲")
    many = replace(NEWS, items=tuple(News("study", f"studies/s{n}", {}, odd) for n in range(24)))
    lines = list(many.lines())
    assert len(lines) == SHOWN + 2
    assert lines[-1] == "  … and 14 more (--json)"
    said = "\n".join(news_markdown(many))
    assert "… and 4 more" in said
    assert not re.search(r"(?<!\\)\[x|<b>|@all", said)
