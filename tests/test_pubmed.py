"""PubMed over a real socket: what it was seen to do, each fault told apart, counts that add up."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from review import __version__
from review.demo import SECOND
from review.ground.errors import SourceError
from review.ground.net import Answer, Manners, RateLimiter, TransientError, limiter_of
from review.model.base import Stated
from review.model.protocol import Source, StrategyLine
from review.model.search import LineResult
from review.offline.faults import (
    ANY_TOOL_FAULTS,
    EFETCH_FAULTS,
    ESEARCH_FAULTS,
    FATAL_FAULTS,
    Fault,
)
from review.offline.redirect import redirected
from review.offline.server import Eutils, OfflineServer
from review.offline.world import Snapshot
from review.searching.sources import Harvest, RecordKey
from review.searching.sources.pubmed import _refuse_too_few, check, raw, run
from review.searching.sources.pubmed_answers import (
    HistoryExpiredError,
    Listing,
    StrategyError,
    accept_body,
    parse_efetch,
    parse_esearch,
)
from review.searching.sources.pubmed_client import Client
from review.searching.sources.pubmed_query import Searchable
from tests.conftest import serving, shared

QUICK = Manners(attempts=4, base=0.01, cap=0.01, read_timeout=5, deadline=2.0)
LISTING = 3
"""The esearch that lists: the first line is counted twice before."""


def keys(*pmids: str) -> tuple[RecordKey, ...]:
    """PubMed's keys of records."""
    return tuple(RecordKey("pubmed", pmid) for pmid in pmids)


HELD = keys("900000024", "900000034")
"""A record the strategy does not find, and one that was deleted."""


def source(*queries: str) -> Source:
    lines = queries or ('"Marbled Cord Syndrome"[mh]', "#1 OR marbled[tiab]")
    return Source(
        id="pubmed",
        kind="pubmed",
        platform="PubMed",
        strategy=tuple(StrategyLine(line=i, query=q) for i, q in enumerate(lines, 1)),
        limits="none",
        schedule="monthly",
        interval_days=31,
        peer_review=Stated(reason="a test"),
    )


def harvest(
    snapshot: Snapshot,
    *faults: Fault,
    held: tuple[RecordKey, ...] = HELD,
    queries: tuple[str, ...] = (),
) -> tuple[Harvest, Eutils]:
    with serving(snapshot, *faults, pause=0.05) as service:
        found = run(source(*queries), held, contact="a@b.example", manners=QUICK)
    return found, service


@pytest.fixture
def world(snapshots: dict[str, Snapshot]) -> Snapshot:
    return snapshots[SECOND]


def test_counts_add_up_and_held_records_come_too(world: Snapshot) -> None:
    found, service = harvest(world)
    assert found.count == len(found.listed) == len(set(found.listed)) > 60
    assert set(found.listed) <= set(found.records)
    assert keys("900000024")[0] in found.records
    assert found.missing == keys("900000034")
    assert [line.count for line in found.lines] == [found.lines[0].count, found.count]
    assert found.lines[1].sent == '("Marbled Cord Syndrome"[mh]) OR marbled[tiab]'
    for request in service.log:
        assert request.parameters["tool"].startswith("living-review")
        assert request.parameters["email"] == "a@b.example"
    assert {r.tool for r in service.log} == {"esearch", "efetch", "epost"}


SURVIVED = [
    *[(tool, fault) for tool in ("esearch", "efetch", "epost") for fault in ANY_TOOL_FAULTS],
    *[("efetch", fault) for fault in EFETCH_FAULTS],
    *[("esearch", fault) for fault in ESEARCH_FAULTS if fault != "count_changes"],
]


@pytest.mark.parametrize(("tool", "action"), SURVIVED)
def test_a_fault_that_passes_changes_nothing(world: Snapshot, tool: str, action: str) -> None:
    nth = LISTING if tool == "esearch" else 1
    undisturbed, _ = harvest(world)
    if action == "slow_first_byte":
        disturbed, _ = harvest_slow(world, Fault(tool, nth, action))
    else:
        disturbed, service = harvest(world, Fault(tool, nth, action))
        assert service.calls[tool] >= nth
    assert disturbed == undisturbed


def harvest_slow(world: Snapshot, fault: Fault) -> tuple[Harvest, Eutils]:
    """The first byte comes after the read time-out of this client."""
    impatient = Manners(attempts=4, base=0.01, cap=0.01, read_timeout=0.2, deadline=2.0)
    with serving(world, fault, pause=0.01) as service:
        return run(source(), HELD, contact="a@b.example", manners=impatient), service


PERSISTENT = [
    ("esearch", "error_in_200", "Database is not supported"),
    ("esearch", "http_500", "HTTP 500"),
    ("efetch", "truncated", "cut"),
    ("efetch", "truncated_chunked", "cut"),
    ("efetch", "cut_between_records", "not well-formed"),
    ("efetch", "fewer_records", "too many are missing"),
    ("efetch", "extra_record", "not asked for"),
    ("efetch", "empty_body", "empty answer"),
    ("efetch", "history_expired", "renewed 3 times"),
    ("efetch", "http_429", "too many requests"),
    ("efetch", "slow_drip", "before the deadline"),
    ("epost", "html_200", "HTML page"),
    ("epost", "reset", "connection broke"),
]


@pytest.mark.parametrize(("tool", "action", "words"), PERSISTENT)
def test_a_fault_that_stays_is_a_failed_source(
    world: Snapshot, tool: str, action: str, words: str
) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        harvest(world, Fault(tool, 1, action, persistent=True))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("action", [*FATAL_FAULTS, "blocked"])
def test_a_liberty_the_platform_takes_stops_the_run_at_once(world: Snapshot, action: str) -> None:
    with (
        pytest.raises(SourceError) as caught,
        serving(world, Fault("esearch", LISTING, action)) as service,
    ):
        run(source(), (), contact="a@b.example", manners=QUICK)
    assert service.calls["esearch"] == LISTING
    if action in FATAL_FAULTS:
        assert "strategy line 2" in str(caught.value)
    else:
        assert "wait a day" in str(caught.value)


def test_a_count_that_changes_while_it_is_listed_is_listed_again(world: Snapshot) -> None:
    found, _ = harvest(
        world, Fault("esearch", 3, "retmax_capped"), Fault("esearch", 4, "count_changes")
    )
    assert found == harvest(world)[0]


def test_a_line_s_count_is_believed_when_it_is_told_twice(world: Snapshot) -> None:
    undisturbed = harvest(world)[0]
    for call in (1, 2):
        assert harvest(world, Fault("esearch", call, "count_changes"))[0] == undisturbed
    restless = tuple(Fault("esearch", n, "count_changes") for n in (1, 3))
    with pytest.raises(SourceError, match="does not hold still"):
        harvest(world, *restless)


def test_a_count_that_never_holds_still_is_a_failure(world: Snapshot) -> None:
    capped = tuple(Fault("esearch", n, "retmax_capped") for n in (3, 5, 7, 9))
    moved = tuple(Fault("esearch", n, "count_changes") for n in (4, 6, 8, 10))
    with pytest.raises(SourceError, match="does not hold still"):
        harvest(world, *capped, *moved)


def test_a_true_zero_is_no_failure(world: Snapshot) -> None:
    found, _ = harvest(world, held=(), queries=("unicornwombat[tiab]",))
    assert (found.count, found.listed, found.missing) == (0, (), ())
    assert found.lines[0].warnings == ("phrase not found: unicornwombat",)


def big_world(number: int) -> Snapshot:
    snapshot = Snapshot()
    template = (
        "<PubmedArticle><MedlineCitation><PMID Version='1'>{0}</PMID><Article><ArticleTitle>"
        "common {0}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    )
    for pmid in range(900_000 - number, 900_000):
        snapshot.xml[str(pmid)] = template.format(pmid).encode()
        snapshot.index[str(pmid)] = Searchable.of(title=f"common {pmid}", uid=str(pmid))
    return snapshot


def test_more_hits_than_pubmed_lists_are_split_by_uid_whatever_goes_wrong_between() -> None:
    """25,000 hits: histories expire, a page is capped, the count moves, pages come short or cut."""
    snapshot = big_world(25_000)
    found, service = harvest(
        snapshot,
        Fault("esearch", 5, "count_changes"),
        Fault("esearch", 9, "retmax_capped"),
        Fault("esearch", 12, "error_in_200"),
        *(Fault("efetch", n, "history_expired") for n in (2, 60, 110)),
        *(Fault("efetch", n, "fewer_records") for n in (7, 70)),
        Fault("efetch", 90, "cut_between_records"),
        held=(),
        queries=("common[tiab]",),
    )
    assert found.count == len(set(found.listed)) == 25_000
    assert set(found.records) == set(keys(*snapshot.xml))
    assert found.missing == ()
    assert any("[UID]" in r.parameters.get("term", "") for r in service.log)
    assert service.calls["epost"] == 3, "each expired history is sent again"


class Vanishing(Eutils):
    """A service whose efetch no longer holds some of what its esearch listed."""

    gone: frozenset[str] = frozenset()

    def efetch(self, p: dict[str, str], action: str | None) -> tuple[int, bytes | str]:
        if len(self.snapshot.xml) > 12_000 - len(self.gone):
            for pmid in self.gone:
                self.snapshot.xml.pop(pmid, None)
        return super().efetch(p, action)


@pytest.mark.parametrize("number", [1, 40, 260, 6_000])
def test_pmids_that_vanish_between_list_and_fetch_are_named_or_the_run_is_red(number: int) -> None:
    snapshot = big_world(12_000)
    service = Vanishing(snapshot)
    service.gone = frozenset(sorted(snapshot.xml)[:: 12_000 // number][:number])
    with OfflineServer(service) as server, redirected(server.port):
        if number > 0.02 * 12_000:
            with pytest.raises(SourceError, match="too many are missing"):
                run(source("common[tiab]"), (), contact="a@b.example", manners=QUICK)
            return
        found = run(source("common[tiab]"), (), contact="a@b.example", manners=QUICK)
    assert set(found.missing) == set(keys(*service.gone))
    assert found.count == len(found.listed) == 12_000
    assert len(found.records) == 12_000 - number


def test_a_count_that_grows_between_the_list_and_its_confirmation_is_listed_again(
    world: Snapshot,
) -> None:
    """The first list is short and agrees with itself; only asking once more tells."""
    undisturbed, before = harvest(world)
    found, service = harvest(world, Fault("esearch", LISTING, "count_changes"))
    assert found == undisturbed
    assert service.calls["esearch"] == before.calls["esearch"] + 2


def test_ids_are_posted_never_put_in_an_address(world: Snapshot) -> None:
    held = keys(*(str(800_000_000 + n) for n in range(1, 400)))
    with serving(world) as service, pytest.raises(SourceError, match="too many are missing"):
        run(source(), held, contact="a@b.example", manners=QUICK)
    assert all(
        r.method == "POST" for r in service.log if r.parameters.get("id", "").count(",") > 198
    )


def test_held_records_that_are_gone_are_named_one_by_one(world: Snapshot) -> None:
    held = keys(*(str(800_000_000 + n) for n in range(1, 31)))
    found, service = harvest(world, held=held)
    assert found.missing == held
    alone = [r.parameters["id"] for r in service.log if r.parameters.get("id", "").isdigit()]
    assert {key.accession for key in held} <= set(alone)


def test_the_key_comes_from_the_environment_and_goes_nowhere_else(
    world: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NCBI_API_KEY", "sEcReT123")
    found, service = harvest(world)
    assert all(r.parameters["api_key"] == "sEcReT123" for r in service.log)
    assert "sEcReT123" not in repr(found)
    with pytest.raises(SourceError) as caught:
        harvest(world, Fault("efetch", 1, "http_500", persistent=True))
    assert "sEcReT123" not in str(caught.value)
    assert caught.value.__cause__ is None


BODIES = {
    "esearch_db_not_supported_200.xml": TransientError,
    "esearch_backend_conn_200.xml": TransientError,
    "esearch_retstart_9999_200.xml": SourceError,
    "esearch_field_not_found_200.xml": StrategyError,
    "prolog_only_200.xml": TransientError,
    "www_error_500.html": TransientError,
    "blocked_diagnostic.html": SourceError,
    "route_error.txt": TransientError,
    "rate_limit_429.json": TransientError,
}


@pytest.mark.parametrize("name", BODIES)
def test_each_real_error_body_is_classed_right(name: str) -> None:
    path: Path = shared(f"pubmed/errors/{name}")
    status = 500 if "500" in name else 429 if "429" in name else 200
    with pytest.raises(BODIES[name]):
        parse_esearch(Answer(status, "text/xml", path.read_bytes()))


def test_real_efetch_errors_and_the_silent_empty_set() -> None:
    def body(name: str) -> bytes:
        return shared(f"pubmed/errors/{name}").read_bytes()

    with pytest.raises(SourceError, match="asked past the end"):
        accept_body(
            Answer(400, "text/xml", body("efetch_history_out_of_range_400.xml")), "PubmedArticleSet"
        )
    with pytest.raises(SourceError, match="refused"):
        accept_body(
            Answer(400, "text/xml", body("efetch_empty_id_list_400.xml")), "PubmedArticleSet"
        )
    empty = Answer(200, "text/xml", body("efetch_unknown_pmid_200.xml"))
    assert parse_efetch(empty, frozenset({"1"}), 1).records == {}
    with pytest.raises(HistoryExpiredError):
        accept_body(
            Answer(
                400, "x", b"<ERROR>Cannot retrieve history data. query_key: 1, WebEnv: M</ERROR>"
            ),
            "PubmedArticleSet",
        )


@pytest.mark.parametrize("status", [200, 400])
def test_a_query_the_server_no_longer_has_is_made_again(status: int) -> None:
    body = b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>"
    with pytest.raises(HistoryExpiredError, match="query #1"):
        accept_body(Answer(status, "text/xml", body), "PubmedArticleSet")


MARK = b"\xef\xbb\xbf"


def test_a_byte_order_mark_is_read_over() -> None:
    real = shared("pubmed/errors/efetch_unknown_pmid_200.xml").read_bytes()
    marked = Answer(200, "text/xml", MARK + real)
    assert parse_efetch(marked, frozenset({"1"}), 1).records == {}
    assert accept_body(marked, "PubmedArticleSet") == real
    zero = shared("pubmed/errors/esearch_phrase_not_found_200.xml").read_bytes()
    assert parse_esearch(Answer(200, "text/xml", MARK + zero)).count == 0
    down = shared("pubmed/errors/esearch_backend_conn_200.xml").read_bytes()
    with pytest.raises(TransientError, match="Unable to open connection"):
        parse_esearch(Answer(200, "text/xml", MARK + down))
    with pytest.raises(TransientError):
        parse_esearch(Answer(200, "text/xml", MARK))


ASKED = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi"


@pytest.mark.parametrize(
    ("status", "body", "headers", "words"),
    [
        (403, "<title>NCBI - WWW Error Blocked Diagnostic</title>", {}, "^NCBI blocks"),
        (200, "<html><title>NCBI - WWW Error Blocked Diagnostic", {}, "^NCBI blocks"),
        (403, "", {"ncbi-phid": "939B"}, "^NCBI blocks"),
        (403, f"<html>Squid: {ASKED} access denied", {}, "^a proxy"),
        (403, f"<html>The firewall keeps {ASKED} out", {}, "^a proxy"),
        (403, "", {"x-squid-error": "ERR_ACCESS_DENIED 0"}, "^a proxy"),
        (403, "NCBI", {"server": "Zscaler/6.2"}, "^a proxy"),
        (200, f"<html>Access Denied by Zscaler: {ASKED}", {}, "^a proxy"),
        (403, f"<p>Not for you: {ASKED}", {}, "not said by whom, NCBI or a proxy.*Not for you"),
        (403, "", {}, "not said by whom.*without a word"),
        (407, "<html>NCBI</html>", {}, "^the proxy asks for a login"),
    ],
)
def test_a_refusal_says_whose_it_is(
    status: int, body: str, headers: dict[str, str], words: str
) -> None:
    with pytest.raises(SourceError, match=words):
        parse_esearch(Answer(status, "text/html", body.encode(), None, headers))


def test_the_real_page_of_a_blocked_address_is_told_as_ncbi_s() -> None:
    page = shared("pubmed/errors/blocked_diagnostic.html").read_bytes()
    with pytest.raises(SourceError, match=r"^NCBI blocks"):
        parse_esearch(Answer(200, "text/html", page))


@pytest.mark.parametrize("status", [408, 425])
def test_too_early_is_asked_again(status: int) -> None:
    with pytest.raises(TransientError, match=str(status)):
        parse_esearch(Answer(status, "text/plain", b"Too Early", 7.0))


@pytest.mark.parametrize(
    ("element", "kept"),
    [
        ("<OutputMessage>  \n </OutputMessage>", ()),
        ("<OutputMessage/><PhraseIgnored/>", ()),
        ("<OutputMessage>cut\n\n short</OutputMessage>", ("cut short",)),
        (f"<OutputMessage>{'a' * 30_000}</OutputMessage>", ("a" * 2_000 + "…",)),
        ("<PhraseIgnored>of</PhraseIgnored>", ("phrase ignored: of",)),
    ],
)
def test_an_odd_remark_stops_no_search(element: str, kept: tuple[str, ...]) -> None:
    body = f"<eSearchResult><Count>1</Count><WarningList>{element}</WarningList></eSearchResult>"
    told = parse_esearch(Answer(200, "text/xml", body.encode())).warnings
    assert told == kept
    LineResult(line=1, query="a", sent="a", count=1, warnings=told)


@pytest.mark.parametrize("tool", ["esearch", "efetch", "epost"])
@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("redirected_to_http", "redirected to http://eutils"),
        ("redirected_elsewhere", "redirected to https://login.example, expected https://eutils"),
        ("proxy_blocks", "a proxy on the way refuses it"),
    ],
)
def test_what_leads_elsewhere_is_refused_at_once(
    world: Snapshot, tool: str, action: str, words: str
) -> None:
    with serving(world, Fault(tool, 1, action)) as service:
        with pytest.raises(SourceError, match=words):
            run(source(), HELD, contact="a@b.example", manners=QUICK)
        assert service.calls[tool] == 1


def test_each_request_names_the_tool_and_its_version(world: Snapshot) -> None:
    with serving(world) as service:
        run(source(), HELD, contact="a@b.example", manners=QUICK)
    assert {one.user_agent for one in service.log} == {
        f"living-review/{__version__} (systematic review)"
    }
    assert {one.parameters["tool"] for one in service.log} == {f"living-review-{__version__}"}
    assert {one.parameters["email"] for one in service.log} == {"a@b.example"}


def test_a_quoted_phrase_that_was_dropped_can_be_acknowledged() -> None:
    xml = (
        b"<eSearchResult><Count>540</Count><IdList/><QueryTranslation>x</QueryTranslation>"
        b'<WarningList><QuotedPhraseNotFound>"Lost Phrase"</QuotedPhraseNotFound></WarningList>'
        b"</eSearchResult>"
    )
    with pytest.raises(StrategyError, match="Lost Phrase"):
        parse_esearch(Answer(200, "text/xml", xml))
    listing = parse_esearch(Answer(200, "text/xml", xml), ["lost phrase"])
    assert listing.count == 540
    assert "acknowledged" in listing.warnings[0]


def test_a_phrase_nobody_uses_is_only_remarked() -> None:
    path = shared("pubmed/errors/esearch_phrase_not_found_200.xml")
    listing = parse_esearch(Answer(200, "text/xml", path.read_bytes()))
    assert (listing.count, listing.warnings) == (0, ("phrase not found: abcXYZ",))


@pytest.mark.parametrize(
    ("queries", "place", "words"),
    [
        (("(a",), "strategy[0].query", "never closed"),
        (("a", "#3"), "strategy", "#3 is no line"),
        (("a[xx]", "#1"), "strategy[0].query", "unknown field tag"),
    ],
)
def test_a_faulty_strategy_is_told_before_anything_is_sent(
    queries: tuple[str, ...], place: str, words: str
) -> None:
    faults = check(source(*queries))
    assert any(place == where and words in sentence for where, sentence in faults)


def test_the_log_of_a_run_holds_no_address(world: Snapshot) -> None:
    found, _ = harvest(world)
    assert "a@b.example" not in json.dumps(found.parameters)


def test_requests_a_second_stay_under_the_limit_of_the_server(world: Snapshot) -> None:
    """The loopback service counts real seconds; the fake clock lets ours pass without waiting."""
    starts: list[float] = []
    import time

    with serving(world) as service:
        real = service.over_limit

        def counted(_now: float) -> bool:
            starts.append(time.monotonic())
            return real(_now)

        service.over_limit = counted  # type: ignore[method-assign]
        run(source(), HELD, contact="a@b.example", manners=QUICK)
    assert len(starts) > 3
    for moment in starts:
        assert sum(moment <= other < moment + 1 for other in starts) <= 3


def test_two_sources_of_the_host_and_raw_answers_wait_for_one_limiter(
    world: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bio.Entrez keeps a distance of its own, which would hide that ours do not know each other."""
    waited: list[RateLimiter] = []
    monkeypatch.setattr(RateLimiter, "wait", lambda self: waited.append(self))
    with serving(world) as service:
        for _ in range(2):
            run(source(), HELD, contact="a@b.example", manners=QUICK)
            raw(HELD[:1], contact="a@b.example", manners=QUICK)
    assert len(waited) == len(service.log) > 12
    assert set(waited) == {limiter_of("eutils.ncbi.nlm.nih.gov", 3)}


def test_unknown_means_any(world: Snapshot) -> None:
    value: Any = world.search("marbled[nosuch]")
    assert value.fields_not_found == ("nosuch",)


class Mute(Eutils):
    """A service whose efetch always answers with an empty set."""

    def efetch(self, p: dict[str, str], action: str | None) -> tuple[int, bytes | str]:
        return 200, b"<PubmedArticleSet></PubmedArticleSet>"


@pytest.mark.parametrize("queries", [("tarvolimab[ti]",), ("unicornwombat[tiab]",)])
def test_a_service_that_delivers_nothing_is_a_failed_source(
    world: Snapshot, queries: tuple[str, ...]
) -> None:
    with (
        OfflineServer(Mute(world)) as server,
        redirected(server.port),
        pytest.raises(SourceError, match="too many are missing"),
    ):
        run(source(*queries), HELD, contact="a@b.example", manners=QUICK)


def test_an_answer_that_echoes_the_key_is_scrubbed(
    world: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NCBI_API_KEY", "sEcReT/123")

    class Echo(Eutils):
        def esearch(self, p: dict[str, str], action: str | None) -> tuple[int, str]:
            return 400, '{"error":"API key invalid","api-key":"sEcReT/123 sEcReT%2F123"}'

    with (
        OfflineServer(Echo(world)) as server,
        redirected(server.port),
        pytest.raises(SourceError) as caught,
    ):
        run(source(), (), contact="a@b.example", manners=QUICK)
    assert "sEcReT" not in str(caught.value)
    assert "API key invalid" in str(caught.value)


@pytest.mark.parametrize(
    ("listed", "missing", "others", "refused"),
    [
        (0, 0, 0, False),
        (19, 0, 0, False),
        (19, 1, 0, True),
        (20, 1, 0, False),
        (20, 2, 0, True),
        (100, 2, 0, False),
        (100, 3, 0, True),
        (0, 0, 1, False),
        (1, 1, 0, True),
    ],
)
def test_one_missing_record_of_twenty_is_spared_or_two_of_a_hundred(
    listed: int, missing: int, others: int, refused: bool
) -> None:
    pmids, held = (
        [str(n) for n in range(1, listed + 1)],
        [str(n) for n in range(1000, 1000 + others)],
    )
    came: Any = dict.fromkeys([*pmids[missing:], *held])
    if refused:
        words = f"{listed} records listed, {listed - missing} delivered, {others} others held"
        with pytest.raises(SourceError, match=words):
            _refuse_too_few(source(), pmids, held, came)
    else:
        _refuse_too_few(source(), pmids, held, came)


def test_a_source_that_delivers_nothing_of_what_is_held_is_refused() -> None:
    with pytest.raises(SourceError, match="0 records listed, 0 delivered, 2 others held"):
        _refuse_too_few(source(), [], ["1", "2"], {})


def heard(
    world: Snapshot, *faults: Fault, queries: tuple[str, ...] = ()
) -> tuple[list[tuple[int, int, str]], list[str]]:
    """How far a run says it has come, and what it says of troubles."""
    steps: list[tuple[int, int, str]] = []
    lines: list[str] = []
    with serving(world, *faults, pause=0.05):
        run(
            source(*queries),
            HELD,
            contact="a@b.example",
            manners=QUICK,
            progress=lambda done, total, what: steps.append((done, total, what)),
            say=lines.append,
        )
    return steps, lines


def test_a_run_says_how_far_it_has_come(world: Snapshot) -> None:
    steps, lines = heard(world)
    assert lines == []
    strategy = [step for step in steps if step[2] == "search lines"]
    assert strategy == [(0, 2, "search lines"), (1, 2, "search lines"), (2, 2, "search lines")]
    records = steps[len(strategy) :]
    (total,) = {total for _, total, _ in records}
    assert total > 60
    done = [done for done, _, _ in records]
    assert done == sorted(done)
    assert 0 < done[0] < total == done[-1], "the listing's records come before the others"


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([("esearch", 1, "count_changes")], r"esearch: \d+ hits became \d+; asking again"),
        ([("esearch", LISTING, "count_changes")], r"\d+ listed, \d+ counted again; listing again"),
        (
            [("esearch", 3, "retmax_capped"), ("esearch", 4, "count_changes")],
            r"esearch: \d+ hits became \d+; listing again",
        ),
        (
            [("efetch", 1, "history_expired")],
            "efetch: the server forgot the list; sending it again",
        ),
    ],
)
def test_a_trouble_that_passes_is_told(
    world: Snapshot, faults: list[tuple[str, int, str]], words: str
) -> None:
    _, lines = heard(world, *(Fault(*one) for one in faults))
    assert len([line for line in lines if re.search(words, line)]) == 1


@pytest.mark.parametrize("odd", ["0123", "12a", "1234567890", ""])
def test_a_listed_identifier_that_is_no_pmid_stops_the_run(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Listing(2, ("123456789", odd), "web", "1", "", ())
    monkeypatch.setattr(Client, "_page", lambda *_: answer)
    with pytest.raises(SourceError, match="a listed identifier is no PMID"):
        Client("a@b.example").list_all("pain")
