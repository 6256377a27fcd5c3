"""Strategy health: counts that fall or jump, and included records that the strategy should find."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from review import cli
from review.demo import SECOND
from review.files.store import Store
from review.model.search import LineResult, Search
from review.offline.redirect import redirected
from review.offline.server import Eutils, OfflineServer
from review.offline.world import Snapshot
from review.publishing.publish import publish
from review.searching.health import Sign, Trend, health, recall, trends
from review.selection.library import Library
from tests.conftest import serving


def search(first: Search, day: str, counts: Sequence[int], **more: object) -> Search:
    lines = tuple(
        LineResult(line=n, query=f"q{n}", sent=f"q{n}", count=count)
        for n, count in enumerate(counts, 1)
    )
    total = {"count": counts[-1], "listed": counts[-1], "fetched": counts[-1]}
    empty = {"new": (), "gone": (), "returned": ()}
    return first.model_copy(update={"date": day, "lines": lines, **total, **empty, **more})


def with_searches(library: Library, *searches: Search) -> Library:
    return replace(library, searches=searches)


@pytest.fixture
def library(store: Store) -> Library:
    return Library.of(store.snapshot())


@pytest.mark.parametrize(
    ("before", "now", "sign"),
    [
        (100, 100, None),
        (100, 96, None),
        (100, 95, None),
        (100, 94, Sign.FALL),
        (10, 6, None),
        (10, 5, Sign.FALL),
        (100, 125, None),
        (100, 126, Sign.JUMP),
        (4, 8, None),
        (3, 0, Sign.EMPTY),
        (0, 0, None),
        (0, 4, None),
        (0, 5, Sign.JUMP),
    ],
)
def test_a_line_that_falls_or_jumps_beyond_the_bound_is_a_warning(
    library: Library, before: int, now: int, sign: Sign | None
) -> None:
    first = library.searches[0]
    found = health(
        with_searches(
            library,
            search(first, "2026-09-01", (before, 50), new=first.new),
            search(first, "2026-10-01", (now, 50)),
        )
    )
    assert [(one.sign, one.line) for one in found] == ([(sign, 1)] if sign else [])
    if sign:
        assert f"line 1 {'jumped' if sign is Sign.JUMP else 'fell'} from {before} hits" in (
            found[0].sentence
        )


def test_a_second_run_of_the_day_is_compared_with_an_earlier_day(library: Library) -> None:
    first = library.searches[0]
    runs = (
        search(first, "2026-09-01", (100, 50), new=first.new),
        search(first, "2026-10-01", (10, 50)),
        search(first, "2026-10-01", (10, 50), run=2),
    )
    assert [one.sign for one in health(with_searches(library, *runs))] == [Sign.FALL]


def test_an_amended_line_has_nothing_to_be_compared_with(library: Library) -> None:
    first = library.searches[0]
    later = search(first, "2026-10-01", (10, 50))
    amended = tuple(
        one.model_copy(update={"sent": "other"}) if one.line == 1 else one for one in later.lines
    )
    runs = (
        search(first, "2026-09-01", (100, 50), new=first.new),
        later.model_copy(update={"lines": amended}),
    )
    assert health(with_searches(library, *runs)) == []
    assert [one.counts for one in trends(runs)] == [(None, 10), (50, 50)]


def test_known_item_recall_tells_what_is_no_longer_found_from_what_never_was(
    library: Library,
) -> None:
    first = library.searches[0]
    assert recall(library, "pubmed").missed == ()
    never = first.model_copy(
        update={"new": tuple(one for one in first.new if one != "pmid-900000001")}
    )
    lost = search(first, "2026-10-01", (5, 57), gone=("pmid-900000002",))
    found = health(with_searches(library, never, lost))
    assert [(one.sign, one.record) for one in found] == [
        (Sign.LOST, "pmid-900000002"),
        (Sign.NEVER, "pmid-900000001"),
    ]
    one = recall(with_searches(library, never, lost), "pubmed")
    assert one.missed == ("pmid-900000001", "pmid-900000002")
    assert set(one.found) | set(one.missed) == set(one.known)


def test_a_strategy_that_loses_an_included_record_says_so_everywhere(
    root: Path,
    snapshots: dict[str, Snapshot],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = root / "protocol.yaml"
    text = path.read_text(encoding="utf-8")
    last = text.index("#1 OR #2")
    path.write_text(
        f"{text[:last]}(#1 OR #2) NOT 900000001[uid]{text[last + 8 :]}", encoding="utf-8"
    )
    request = tmp_path / "pr.md"
    with serving(snapshots[SECOND]):
        arguments = ["--root", str(root), "--no-publish", "--pull-request", str(request)]
        cli.main(["update", *arguments, "--json"], today=SECOND)
        report = json.loads(capsys.readouterr().out)
    assert [one["record"] for one in report["health"]] == ["pmid-900000001"]
    (figures,) = report["known_item_recall"]
    assert figures["found"] == figures["known"] - 1
    assert "pmid-900000001 is no longer found" in request.read_text(encoding="utf-8").replace(
        "\\", ""
    )
    assert cli.main(["status", "--root", str(root)], today=SECOND) == 0
    assert "warning: pubmed: included record pmid-900000001 is no longer found" in (
        capsys.readouterr().out
    )
    html = publish(Store(root), tmp_path / "build")
    page = (html / "search" / "index.html").read_text(encoding="utf-8")
    assert f"finds {figures['found']} of the {figures['known']} included records" in page
    assert "pmid-900000001" in page
    assert "<polyline" in page
    assert "命中数的变化" in (html / "zh" / "search" / "index.html").read_text(encoding="utf-8")


def test_the_terminal_tells_how_many_included_records_the_strategy_finds(
    update: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    update()
    assert "pubmed: finds 5 of the 5 included records it holds" in capsys.readouterr().out


def signs(library: Library, *counts: tuple[str, int]) -> list[tuple[Sign, int | None]]:
    first = library.searches[0]
    found = with_searches(library, *(search(first, day, (count,)) for day, count in counts))
    return [(one.sign, one.before) for one in health(found) if one.line is not None]


def test_a_slow_fall_is_seen_and_goes_on_being_told_for_a_year(library: Library) -> None:
    months = [(f"2026-{month:02}-01", 101 - month) for month in range(1, 11)]
    assert signs(library, *months) == [(Sign.FALL, 100)]
    assert signs(library, *months, ("2026-10-02", 91)) == [(Sign.FALL, 100)]
    assert signs(library, *months, ("2027-11-20", 91), ("2027-12-01", 91)) == []


def test_a_jump_goes_on_being_told_for_three_weeks(library: Library) -> None:
    two = (("2026-09-01", 100), ("2026-10-01", 200))
    assert signs(library, *two) == [(Sign.JUMP, 100)]
    assert signs(library, *two, ("2026-10-02", 200)) == [(Sign.JUMP, 100)]
    assert signs(library, *two, ("2026-11-01", 200)) == []


def test_the_year_and_the_weeks_end_on_a_day(library: Library) -> None:
    now = ("2026-10-01", 50)
    assert signs(library, ("2025-08-27", 100), now) == [(Sign.FALL, 100)]
    assert signs(library, ("2025-08-26", 100), now) == []
    jump = ("2026-10-01", 200)
    assert signs(library, ("2026-01-01", 100), ("2026-09-11", 200), jump) == []
    assert signs(library, ("2026-01-01", 100), ("2026-09-12", 200), jump) == [(Sign.JUMP, 100)]


def test_the_small_chart_goes_from_nothing_to_the_largest_count() -> None:
    assert Trend(1, (10, 5, None, 0)).points(90, 30) == "0.0,0.0 30.0,15.0 90.0,30.0"
    assert Trend(1, (4,)).points(90, 30) == "0.0,0.0"
    assert Trend(1, (0, 0)).points(90, 30) == "0.0,30.0 90.0,30.0"
    assert Trend(1, (None,)).points(90, 30) == ""


WILDCARD = "Wildcard search for 'mar*' used only the first 600 variations."


def remarked(first: Search, day: str, *warnings: str, sent: str = "q1") -> Search:
    """A search whose first line the platform remarked on, as the second does that refers to it."""
    one = search(first, day, (10, 50))
    lines = tuple(
        line.model_copy(update={"warnings": warnings, "sent": sent if line.line == 1 else "q2"})
        for line in one.lines
    )
    return one.model_copy(update={"lines": lines})


def test_what_the_platform_remarks_is_told_until_the_line_is_mended(library: Library) -> None:
    first = library.searches[0]
    runs = [remarked(first, "2026-09-01", WILDCARD, "phrase ignored: of")]
    for day in ("2026-10-01", "2026-11-01"):
        runs.append(remarked(first, day, WILDCARD, "phrase ignored: of"))
        found = [one for one in health(with_searches(library, *runs)) if one.sign is Sign.REMARK]
        assert [(one.line, one.remark) for one in found] == [
            (1, WILDCARD),
            (1, "phrase ignored: of"),
        ]
        assert found[0].sentence == f"pubmed: line 1: {WILDCARD}"
    runs.append(search(first, "2026-12-01", (10, 50)))
    assert not [one for one in health(with_searches(library, *runs)) if one.sign is Sign.REMARK]


def test_a_synonym_that_no_record_uses_is_told_once(library: Library) -> None:
    first = library.searches[0]

    def told(*runs: Search) -> list[str | None]:
        return [
            one.remark for one in health(with_searches(library, *runs)) if one.sign is Sign.REMARK
        ]

    one = remarked(first, "2026-09-01", "phrase not found: marbeld")
    again = remarked(first, "2026-10-01", "phrase not found: marbeld")
    assert told(one) == ["phrase not found: marbeld"]
    assert told(one, again) == []
    more = remarked(first, "2026-10-01", "phrase not found: marbeld", "phrase not found: x")
    assert told(one, more) == ["phrase not found: x"]
    amended = remarked(first, "2026-10-01", "phrase not found: marbeld", sent="other")
    assert told(one, amended) == []


def test_what_the_protocol_acknowledges_is_not_told(library: Library) -> None:
    run = remarked(library.searches[0], "2026-10-01", "quoted phrase not found (acknowledged): a b")
    assert not [one for one in health(with_searches(library, run)) if one.sign is Sign.REMARK]


def test_a_remark_is_foreign_text(library: Library) -> None:
    bad = "see\x1b[2J\u202e " + "x" * 400
    run = remarked(library.searches[0], "2026-10-01", bad)
    (told,) = [one for one in health(with_searches(library, run)) if one.remark]
    assert "\x1b" not in told.sentence
    assert "\u202e" not in told.sentence
    assert len(told.sentence) < 330


class Remarking(Eutils):
    """A PubMed that takes liberties with a wildcard, and says so with HTTP 200."""

    def esearch(self, p: dict[str, str], action: str | None) -> tuple[int, str]:
        status, body = super().esearch(p, action)
        remark = f"<WarningList><OutputMessage>{escape(WILDCARD)}</OutputMessage></WarningList>"
        return status, body.replace("</eSearchResult>", f"{remark}</eSearchResult>")


def test_a_remark_reaches_report_status_pull_request_page_and_search_file(
    root: Path,
    snapshots: dict[str, Snapshot],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    request = tmp_path / "pr.md"
    with OfflineServer(Remarking(snapshots[SECOND])) as server, redirected(server.port):
        words = ["--root", str(root), "--no-publish", "--pull-request", str(request), "--json"]
        cli.main(["update", *words], today=SECOND)
    report = json.loads(capsys.readouterr().out)
    sentence = f"pubmed: line 1: {WILDCARD}"
    assert {"sign": "remark", "line": 1, "remark": WILDCARD, "sentence": sentence}.items() <= (
        report["health"][0].items()
    )
    assert "pubmed: line 1: Wildcard search" in request.read_text(encoding="utf-8")
    cli.main(["status", "--root", str(root)], today=SECOND)
    assert f"warning: {sentence}" in capsys.readouterr().out.splitlines()
    cli.main(["status", "--root", str(root), "--json"], today=SECOND)
    assert json.loads(capsys.readouterr().out)["health"][0]["remark"] == WILDCARD
    last = Store(root).searches()[-1]
    assert all(WILDCARD in line.warnings for line in last.lines)
    html = publish(Store(root), tmp_path / "out")
    page = (html / "search" / "index.html").read_text(encoding="utf-8")
    assert "the platform remarks: Wildcard search" in page


def test_a_hostile_remark_is_shown_in_one_line_of_printable_words(library: Library) -> None:
    first = library.searches[0]
    remarks = ("a\n\nb \x1b[31m\u202ec", "\u200b", "x" * 5_000)
    line = LineResult(line=1, query="q", sent="q", count=5, warnings=remarks)
    last = first.model_copy(update={"lines": (line,)})
    told = [one.sentence for one in health(with_searches(library, last)) if one.sign is Sign.REMARK]
    assert told == ["pubmed: line 1: a b [31mc", f"pubmed: line 1: {'x' * 300}"]
