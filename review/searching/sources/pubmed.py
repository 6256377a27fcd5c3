"""PubMed through NCBI's E-utilities: the whole strategy every time, counts that must add up.

``Bio.Entrez`` is the client; this module owns what it lacks. HTTP 200 is not success: an ERROR
element, a dropped field or phrase, a document without a root, HTML or an empty body all come
with 200, and each is told apart here: ask again, give up naming the line, or a true zero.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast

from lxml import etree

from review import __version__
from review.formats.pubmed_xml import XmlError, read
from review.ground.errors import SourceError
from review.ground.net import Answer, Manners, RateLimiter, TransientError, ask
from review.ground.secrets import scrub
from review.model.parsed import ParsedRecord
from review.model.protocol import Source
from review.model.search import LineResult
from review.searching.sources import Harvest, Progress, quiet
from review.searching.sources.pubmed_query import QueryError, parse, resolve, without_references

KIND = "pubmed"
CAP = 9_999
"""PubMed lists and serves at most this many records of one search."""
PAGE = 200
"""Records per efetch; larger pages are cut more often."""
LAST_UID = 999_999_999
TOLERATED_MISSING = 0.02
"""Share of records that may be listed and not delivered; beyond it the source has failed."""
ASKED_ALONE = 200
"""Records that did not come are asked for one by one, this many at most; more is a failure."""

TRANSIENT = (
    "search backend failed",
    "backend failed",
    "ncbi c++ exception",
    "txclient",
    "unable to open connection",
    "temporarily unavailable",
    "database is not supported",
    "proxy_stream",
    "failed to connect",
    "unable to route request",
    "rate limit",
    "timed out",
    "timeout",
    "bad gateway",
    "service unavailable",
    "error fetching",
)
EXPIRED = ("cannot retrieve history data. query_key", "unable to obtain query", "webenv")
BLOCKED = ("blocked diagnostic", "access denied")


class HistoryExpiredError(SourceError):
    """The server forgot a search or upload; it has to be made again."""


class StrategyError(SourceError):
    """The platform did not run the strategy as written."""


def _root(body: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        why = " ".join(str(error.msg).split())
        raise TransientError(f"no readable XML ({why})") from None


def _refuse(message: str) -> None:
    """Turn the text of an error into the right kind of exception."""
    low = message.lower()
    shown = " ".join(message.split())[:160]
    if "out of range" in low or "cannot be larger than" in low:
        raise SourceError(f"asked past the end: {shown}")
    if "history" in low and any(sign in low for sign in EXPIRED):
        raise HistoryExpiredError(shown)
    if any(sign in low for sign in TRANSIENT):
        raise TransientError(shown)
    raise SourceError(f"refused: {shown}")


def accept_body(answer: Answer, root_name: str) -> bytes:  # noqa: C901
    """The body of an answer that looks like one, or the right exception.

    :raises TransientError: ask again
    :raises HistoryExpiredError: make the search again
    :raises SourceError: give up
    """
    head = answer.body[:4000].decode("utf-8", "replace")
    low = head.lower()
    if answer.status == 403 or ("<html" in low and any(sign in low for sign in BLOCKED)):
        raise SourceError(
            "NCBI blocks this address: stop, wait a day, and write to "
            "eutilities@ncbi.nlm.nih.gov if it stays"
        )
    if answer.status == 429:
        raise TransientError("too many requests (HTTP 429)", answer.retry_after)
    if answer.status >= 500:
        raise TransientError(f"HTTP {answer.status}", answer.retry_after)
    if not answer.body.strip():
        raise TransientError("an empty answer")
    if answer.status >= 400:
        message = head
        if "<ERROR>" in head:
            message = head.split("<ERROR>", 1)[1].split("</ERROR>", 1)[0]
        _refuse(f"HTTP {answer.status}: {message}")
    if "<html" in low or "<!doctype html" in low:
        raise TransientError("an HTML page instead of XML")
    if not answer.body.lstrip().startswith(b"<"):
        if any(sign in low for sign in TRANSIENT):
            raise TransientError(" ".join(head.split())[:120])
        raise TransientError(f"text instead of XML ({' '.join(head.split())[:60]})")
    if f"<{root_name}" not in head:
        root = _root(answer.body)
        for element in root.iter("ERROR"):
            _refuse(element.text or "an error without words")
        if root.tag != root_name:
            raise TransientError(f"a {root.tag} document instead of {root_name}")
    return answer.body


@dataclass(frozen=True)
class Listing:
    """An esearch answer."""

    count: int
    ids: tuple[str, ...]
    webenv: str
    query_key: str
    translation: str
    warnings: tuple[str, ...]


def parse_esearch(answer: Answer, acknowledged: Sequence[str] = ()) -> Listing:
    """An esearch answer, with everything PubMed says it did otherwise than asked.

    :raises StrategyError: a field or a quoted phrase was dropped, so the answer is to another query
    """
    root = _root(accept_body(answer, "eSearchResult"))
    for element in root.iter("ERROR"):
        _refuse(element.text or "an error without words")
    if root.tag != "eSearchResult":
        raise TransientError(f"a {root.tag} document instead of eSearchResult")
    if missing := [e.text or "" for e in root.iterfind("ErrorList/FieldNotFound")]:
        raise StrategyError(
            f"PubMed does not know the field [{missing[0]}] and searched without it"
        )
    dropped = [e.text or "" for e in root.iterfind("WarningList/QuotedPhraseNotFound")]
    known = {phrase.strip('"').lower() for phrase in acknowledged}
    if unknown := [p for p in dropped if p.split("[")[0].strip().strip('"').lower() not in known]:
        raise StrategyError(
            f"PubMed found no {unknown[0]} and searched without it; correct the line, or list the "
            "phrase under absent_phrases"
        )
    warnings = [f"phrase not found: {e.text}" for e in root.iterfind("ErrorList/PhraseNotFound")]
    warnings += [f"quoted phrase not found (acknowledged): {p}" for p in dropped]
    warnings += [f"phrase ignored: {e.text}" for e in root.iterfind("WarningList/PhraseIgnored")]
    messages = [e.text or "" for e in root.iterfind("WarningList/OutputMessage")]
    if any("restrictions achieved" in m.lower() for m in messages):
        raise SourceError("asked past the end of the list")
    count = root.findtext("Count")
    if count is None or not count.isdigit():
        raise TransientError("a search answer without a count")
    return Listing(
        int(count),
        tuple((e.text or "").strip() for e in root.iterfind("IdList/Id")),
        root.findtext("WebEnv") or "",
        root.findtext("QueryKey") or "",
        scrub(root.findtext("QueryTranslation") or "").strip(),
        tuple(scrub(w) for w in warnings + messages if w and "no items found" not in w.lower()),
    )


@dataclass(frozen=True)
class Page:
    """Records of one answer by PMID, and the PMIDs that came and were not asked for."""

    records: dict[str, ParsedRecord]
    strangers: tuple[str, ...] = ()


def parse_efetch(answer: Answer, wanted: frozenset[str], expected: int) -> Page:
    """Records of an efetch answer; of several versions the latest.

    A record that nobody asked for may stand in the place of one that was: PubMed answers some PMIDs
    with another. It is not taken, and the one that did not come is asked for again.

    :param expected: how many records were asked for
    :raises TransientError: damaged XML, or more records than were asked for
    """
    body = accept_body(answer, "PubmedArticleSet")
    found: dict[str, ParsedRecord] = {}
    strangers: list[str] = []
    try:
        for record in read(io.BytesIO(body)):
            pmid = record["pmid"] or ""
            if pmid not in wanted:
                strangers.append(pmid)
            elif pmid not in found or record["version"] >= found[pmid]["version"]:
                found[pmid] = record
    except XmlError as error:
        raise TransientError(str(error)) from None
    if strangers and len(found) + len(strangers) > expected:
        raise TransientError(f"PMID {strangers[0]} came, which was not asked for")
    return Page(found, tuple(strangers))


@dataclass
class Client:
    """E-utilities with manners. One client a run; safe to share between threads."""

    contact: str
    api_key: str | None = None
    manners: Manners = field(default_factory=Manners)
    say: Callable[[str], None] = lambda _line: None
    odd: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._entrez = cast(Any, import_module("Bio.Entrez"))
        self._entrez.email = self.contact
        self._entrez.tool = f"living-review-{__version__}"
        self._entrez.api_key = self.api_key
        self._entrez.max_tries = 1
        self._entrez.sleep_between_tries = 0
        self._limiter = RateLimiter(10 if self.api_key else 3)

    def _ask(self, tool: str, accept: Callable[[Answer], Any], **parameters: Any) -> Any:
        function = getattr(self._entrez, tool)
        return ask(
            lambda: function(**parameters),
            accept,
            what=f"PubMed {tool}",
            limiter=self._limiter,
            manners=self.manners,
            say=self.say,
        )

    def settled(self, query: str, acknowledged: Sequence[str] = ()) -> Listing:
        """How many records a query finds, once it says so twice in a row.

        A number told once is not believed: a service that is half awake answers with fewer hits.

        :raises SourceError: when the number does not hold still
        """
        last = self.count(query, acknowledged)
        for _ in range(3):
            again = self.count(query, acknowledged)
            if again == last:
                return again
            self.say(f"PubMed esearch: {last.count} hits became {again.count}; asking again")
            last = again
        raise SourceError("PubMed esearch: the number of hits does not hold still; run again later")

    def count(self, query: str, acknowledged: Sequence[str] = ()) -> Listing:
        """How many records a query finds, and how PubMed read it."""
        listing: Listing = self._ask(
            "esearch",
            lambda answer: parse_esearch(answer, acknowledged),
            db="pubmed",
            term=query,
            retmax=0,
            retmode="xml",
        )
        return listing

    def _page(self, query: str, start: int, acknowledged: Sequence[str]) -> Listing:
        listing: Listing = self._ask(
            "esearch",
            lambda answer: parse_esearch(answer, acknowledged),
            db="pubmed",
            term=query,
            retmode="xml",
            usehistory="y",
            retstart=start,
            retmax=CAP - start,
        )
        return listing

    def list_all(
        self, query: str, acknowledged: Sequence[str] = ()
    ) -> tuple[Listing, list[Listing]]:
        """All PMIDs of a query: the first answer, and complete listings of at most 9,999 each.

        The count is asked for once more at the end, as :meth:`settled` does.

        :raises SourceError: when the count moves while it is listed, or the list stays short
        """
        for _ in range(3):
            first = self._page(query, 0, acknowledged)
            try:
                leaves: list[Listing] = []
                if first.count <= CAP:
                    leaves.append(self._complete(query, first, acknowledged))
                else:
                    self._split(query, 1, LAST_UID, leaves, acknowledged)
            except _MovedError as error:
                self.say(f"PubMed esearch: {error}; listing again")
                continue
            listed = sum(leaf.count for leaf in leaves)
            again = self.count(query, acknowledged).count
            if listed == first.count == again:
                return first, leaves
            self.say(
                f"PubMed esearch: {first.count} counted, {listed} listed, {again} counted again; "
                "listing again"
            )
        raise SourceError("PubMed esearch: the number of hits does not hold still; run again later")

    def _split(
        self, query: str, low: int, high: int, leaves: list[Listing], acknowledged: Sequence[str]
    ) -> None:
        """Split a search over the cap by halves of the PMID range, as NCBI's own client does."""
        part = f"({query}) AND {low}:{high}[UID]"
        first = self._page(part, 0, acknowledged)
        if first.count > CAP:
            if low == high:
                raise SourceError(f"PubMed esearch: {first.count} hits for one PMID {low}")
            middle = (low + high) // 2
            self._split(query, low, middle, leaves, acknowledged)
            self._split(query, middle + 1, high, leaves, acknowledged)
        elif first.count:
            leaves.append(self._complete(part, first, acknowledged))

    def _complete(self, query: str, first: Listing, acknowledged: Sequence[str]) -> Listing:
        """Ask on until as many unique PMIDs are listed as were counted."""
        ids = dict.fromkeys(first.ids)
        asked = len(first.ids)
        while len(ids) < first.count and asked < first.count:
            page = self._page(query, asked, acknowledged)
            if page.count != first.count:
                raise _MovedError(f"{first.count} hits became {page.count}")
            if not page.ids:
                break
            asked += len(page.ids)
            ids.update(dict.fromkeys(page.ids))
        if any(not (one.isdigit() and one[0] != "0" and len(one) < 10) for one in ids):
            raise SourceError("PubMed esearch: a listed identifier is no PMID")
        if len(ids) != first.count:
            raise _MovedError(f"{first.count} hits counted, {len(ids)} listed")
        return Listing(
            first.count,
            tuple(ids),
            first.webenv,
            first.query_key,
            first.translation,
            first.warnings,
        )

    def _post(self, ids: Sequence[str]) -> tuple[str, str]:
        def accept(answer: Answer) -> tuple[str, str]:
            root = _root(accept_body(answer, "ePostResult"))
            for element in root.iter("ERROR"):
                _refuse(element.text or "an error without words")
            webenv, key = root.findtext("WebEnv"), root.findtext("QueryKey")
            if not webenv or not key:
                raise TransientError("an upload answer without WebEnv and QueryKey")
            return webenv, key

        posted: tuple[str, str] = self._ask("epost", accept, db="pubmed", id=",".join(ids))
        return posted

    def _fetch(self, wanted: frozenset[str], expected: int, **parameters: Any) -> Page:
        got: Page = self._ask(
            "efetch",
            lambda answer: parse_efetch(answer, wanted, expected),
            db="pubmed",
            retmode="xml",
            **parameters,
        )
        return got

    def raw(self, pmid: str) -> bytes:
        """What PubMed answers for one PMID, as it came."""
        body: bytes = self._ask(
            "efetch",
            lambda answer: accept_body(answer, "PubmedArticleSet"),
            db="pubmed",
            retmode="xml",
            id=pmid,
        )
        return body

    def fetch(
        self,
        ids: Sequence[str],
        history: tuple[str, str] | None = None,
        arrived: Callable[[int], None] = lambda _n: None,
    ) -> dict[str, ParsedRecord]:
        """Records by PMID, through the server's history, 200 a page.

        What does not come is asked for again by its PMID, at last alone; a PMID that PubMed answers
        with an empty set is absent here, and the caller names it as missing. One that it answers
        with another PMID is noted in :attr:`odd`.

        :raises SourceError: when more are missing than can be asked for alone
        """
        records: dict[str, ParsedRecord] = {}
        wanted = frozenset(ids)
        start = renewed = 0
        while start < len(ids):
            if history is None or not all(history):
                history = self._post(ids)
            webenv, key = history
            try:
                page = self._fetch(
                    wanted,
                    min(PAGE, len(ids) - start),
                    WebEnv=webenv,
                    query_key=key,
                    retstart=start,
                    retmax=PAGE,
                )
            except HistoryExpiredError as error:
                renewed += 1
                if renewed > 3:
                    raise SourceError(f"PubMed efetch: {error} (renewed 3 times)") from None
                self.say("PubMed efetch: the server forgot the list; sending it again")
                history = None
                continue
            records.update(page.records)
            start += PAGE
            arrived(len(page.records))
        for size in (PAGE, 1):
            late = [one for one in ids if one not in records]
            if size == 1 and len(late) > ASKED_ALONE:
                raise SourceError(
                    f"PubMed efetch: {len(ids)} records asked for, {len(records)} delivered; "
                    "too many are missing"
                )
            for chunk in _chunks(late, size):
                page = self._fetch(frozenset(chunk), len(chunk), id=",".join(chunk))
                if size == 1 and page.strangers:  # believed when it is told twice
                    page = self._fetch(frozenset(chunk), 1, id=chunk[0])
                records.update(page.records)
                if size == 1 and page.strangers:
                    self.odd[chunk[0]] = f"PubMed answers with PMID {page.strangers[0]}"
        return records


class _MovedError(Exception):
    """The search's result changed while it was listed."""


def _chunks(ids: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def check(source: Source) -> list[tuple[str, str]]:
    """Faults of a source's strategy as (field, sentence), before anything is sent."""
    faults: list[tuple[str, str]] = []
    lines = {line.line: line.query for line in source.strategy}
    if len(lines) != len(source.strategy):
        return [("strategy", "two lines have one number")]
    try:
        resolve(lines)
    except QueryError as error:
        return [("strategy", str(error))]
    for index, line in enumerate(source.strategy):
        try:
            parse(without_references(line.query))
        except QueryError as error:
            faults += [(f"strategy[{index}].query", str(fault)) for fault in error.faults]
    return faults


def run(
    source: Source,
    held: Sequence[str],
    *,
    contact: str,
    progress: Progress = quiet,
    say: Callable[[str], None] = lambda _line: None,
    manners: Manners | None = None,
) -> Harvest:
    """Run the whole strategy and re-fetch every record the review holds.

    :param held: PMIDs of all records of the review, found by this search or not
    :raises SourceError: when anything failed or does not add up; nothing partial is returned
    """
    client = Client(contact, os.environ.get("NCBI_API_KEY") or None, manners or Manners(), say)
    written_out = resolve({line.line: line.query for line in source.strategy})
    results: list[LineResult] = []
    leaves: list[Listing] = []
    for position, line in enumerate(source.strategy):
        progress(position, len(source.strategy), "search lines")
        sent = written_out[line.line]
        try:
            if position == len(source.strategy) - 1:
                listing, leaves = client.list_all(sent, line.absent_phrases)
            else:
                listing = client.settled(sent, line.absent_phrases)
        except StrategyError as error:
            raise SourceError(f"{source.id}: strategy line {line.line}: {error}") from None
        results.append(
            LineResult(
                line=line.line,
                query=line.query,
                sent=sent,
                count=listing.count,
                translation=listing.translation,
                warnings=listing.warnings,
            )
        )
    progress(len(source.strategy), len(source.strategy), "search lines")
    listed = [pmid for leaf in leaves for pmid in leaf.ids]
    if len(set(listed)) != len(listed) or len(listed) != results[-1].count:
        raise SourceError(
            f"{source.id}: {results[-1].count} hits counted, {len(set(listed))} PMIDs listed"
        )
    found = set(listed)
    others = [pmid for pmid in dict.fromkeys(held) if pmid not in found]
    total = len(listed) + len(others)
    done = 0

    def arrived(number: int) -> None:
        nonlocal done
        done += number
        progress(done, total, "records")

    records: dict[str, ParsedRecord] = {}
    for leaf in leaves:
        if leaf.ids:
            records |= client.fetch(leaf.ids, (leaf.webenv, leaf.query_key), arrived)
    if others:
        records |= client.fetch(others, None, arrived)
    progress(total, total, "records")
    absent = [pmid for pmid in (*listed, *others) if pmid not in records]
    missing = [pmid for pmid in absent if pmid not in client.odd]
    undelivered = sum(1 for pmid in absent if pmid in found)
    spared = max(1 if len(listed) >= 20 else 0, TOLERATED_MISSING * len(listed))
    if undelivered > spared or (total and not records):
        raise SourceError(
            f"{source.id}: {len(listed)} records listed, {len(listed) - undelivered} delivered, "
            f"{len(others)} others held; too many are missing"
        )
    return Harvest(
        lines=tuple(results),
        count=results[-1].count,
        listed=tuple(listed),
        records=records,
        missing=tuple(missing),
        odd=dict(client.odd),
        parameters={"db": "pubmed", "sort": "default", "limits": "none", "retmode": "xml"},
    )


def raw(
    pmids: Sequence[str],
    *,
    contact: str,
    say: Callable[[str], None] = lambda _line: None,
    manners: Manners | None = None,
) -> dict[str, bytes]:
    """What PubMed answers for some PMIDs, as it came: for records that were set aside.

    :raises SourceError: when it does not answer
    """
    client = Client(contact, os.environ.get("NCBI_API_KEY") or None, manners or Manners(), say)
    return {pmid: client.raw(pmid) for pmid in pmids}
