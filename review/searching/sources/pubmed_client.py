"""E-utilities asked until their counts hold still and add up.

``Bio.Entrez`` is the client; this module owns what it lacks: a listing over the cap, a page that
came short, a list that the server forgot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast

from review import __version__
from review.ground.errors import SourceError
from review.ground.net import Answer, Manners, TransientError, ask, by_urllib, limiter_of
from review.model.parsed import ParsedRecord
from review.searching.sources.pubmed_answers import (
    HistoryExpiredError,
    Listing,
    Page,
    accept_body,
    parse_efetch,
    parse_esearch,
    refuse_errors,
    root_of,
)

HOST = "eutils.ncbi.nlm.nih.gov"
CAP = 9_999
"""PubMed lists and serves at most this many records of one search."""
PAGE = 200
"""Records per efetch; larger pages are cut more often."""
LAST_UID = 999_999_999
ASKED_ALONE = 200
"""Records that did not come are asked for one by one, this many at most; more is a failure."""


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
        self._limiter = limiter_of(HOST, 10 if self.api_key else 3)

    def _ask(self, tool: str, accept: Callable[[Answer], Any], **parameters: Any) -> Any:
        function = getattr(self._entrez, tool)

        def accepted(answer: Answer) -> Any:
            try:
                return accept(answer)
            except HistoryExpiredError as error:
                if "WebEnv" in parameters:
                    raise
                raise TransientError(str(error)) from None  # no list was named: it lost its own

        return ask(
            by_urllib(lambda: function(**parameters)),
            accepted,
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
            root = root_of(accept_body(answer, "ePostResult"))
            refuse_errors(root)
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
