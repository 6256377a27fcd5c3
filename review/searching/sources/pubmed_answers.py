"""What E-utilities answer: each way of failing told apart.

HTTP 200 is not success: an ERROR element, a dropped field or phrase, a document without a root,
HTML or an empty body all come with 200, and each is told apart here: ask again, give up naming the
line, or a true zero.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from review.formats.pubmed_article import XmlError
from review.formats.pubmed_xml import read
from review.ground.errors import SourceError
from review.ground.net import PROXY_LOGIN, PROXY_REFUSES, Answer, TransientError
from review.ground.secrets import scrub
from review.model.parsed import ParsedRecord
from review.model.search import ACKNOWLEDGED, UNUSED

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
EXPIRED = ("cannot retrieve history data", "unable to obtain query")
BLOCKED = ("blocked diagnostic", "access denied")
MAY_PASS = frozenset((408, 425))
PROXIES = ("proxy", "squid", "zscaler", "bluecoat", "fortigate", "forcepoint", "websense")
"""What stands in the Server header of what stands between."""
NOT_NCBI = (*PROXIES, "firewall", "web filter", "network administrator", "cache administrator")
NCBI = ("ncbi", "www error", "e-utilities", "nlm.nih.gov")
LONGEST = 2_000
"""Characters of one remark that are kept."""
_ADDRESS = re.compile(r"https?://\S+|eutils\.ncbi\.nlm\.nih\.gov")


class HistoryExpiredError(SourceError):
    """The server forgot a search or upload; it has to be made again."""


class StrategyError(SourceError):
    """The platform did not run the strategy as written."""


def root_of(body: bytes) -> Any:
    """The root element of an answer.

    :raises TransientError: where it is no readable XML
    """
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
    if any(sign in low for sign in EXPIRED) or ("history" in low and "webenv" in low):
        raise HistoryExpiredError(shown)
    if any(sign in low for sign in TRANSIENT):
        raise TransientError(shown)
    raise SourceError(f"refused: {shown}")


def refuse_errors(root: Any) -> None:
    """Raise what an answer's ERROR elements say.

    :raises TransientError: ask again
    :raises HistoryExpiredError: make the search again
    :raises SourceError: give up
    """
    for element in root.iter("ERROR"):
        _refuse(element.text or "an error without words")


def _forbidden(answer: Answer, head: str) -> SourceError:
    """Whose refusal it is: a proxy's on the way, NCBI's, or nobody's by name.

    A proxy's page names the address that was asked for, so that the name of NCBI in an address
    says nothing.
    """
    words = _ADDRESS.sub(" ", head.lower())
    server = answer.headers.get("server", "").lower()
    own_page = {"proxy-authenticate", "x-squid-error"} & set(answer.headers)
    if own_page or any(sign in server for sign in PROXIES) or any(s in words for s in NOT_NCBI):
        return SourceError(PROXY_REFUSES)
    if any(name.startswith("ncbi-") for name in answer.headers) or any(s in words for s in NCBI):
        return SourceError(
            "NCBI blocks this address: stop, wait a day, and write to "
            "eutilities@ncbi.nlm.nih.gov if it stays"
        )
    shown = " ".join(re.sub(r"<[^>]*>", " ", head).split())[:80] or "without a word"
    return SourceError(
        f"refused (HTTP {answer.status}), and not said by whom, NCBI or a proxy on the way: {shown}"
    )


def _refuse_status(answer: Answer, head: str) -> None:
    """Raise what the status tells, or a body that is none."""
    low = head.lower()
    if answer.status == 407:
        raise SourceError(PROXY_LOGIN)
    if answer.status == 403 or ("<html" in low and any(sign in low for sign in BLOCKED)):
        raise _forbidden(answer, head)
    if 300 <= answer.status < 400:
        raise SourceError(f"HTTP {answer.status}: redirected, and not to where an answer is")
    if answer.status == 429:
        raise TransientError("too many requests (HTTP 429)", answer.retry_after)
    if answer.status >= 500 or answer.status in MAY_PASS:
        raise TransientError(f"HTTP {answer.status}", answer.retry_after)
    if not answer.body.strip():
        raise TransientError("an empty answer")
    if answer.status >= 400:
        message = head
        if "<ERROR>" in head:
            message = head.split("<ERROR>", 1)[1].split("</ERROR>", 1)[0]
        _refuse(f"HTTP {answer.status}: {message}")


def _refuse_other_than_xml(head: str) -> None:
    """Raise for a page or a sentence where a document was to come."""
    low = head.lower()
    if "<html" in low or "<!doctype html" in low:
        raise TransientError("an HTML page instead of XML")
    if not head.lstrip().startswith("<"):
        if any(sign in low for sign in TRANSIENT):
            raise TransientError(" ".join(head.split())[:120])
        raise TransientError(f"text instead of XML ({' '.join(head.split())[:60]})")


def accept_body(answer: Answer, root_name: str) -> bytes:
    """The body of an answer that looks like one, or the right exception.

    :returns: without a byte order mark
    :raises TransientError: ask again
    :raises HistoryExpiredError: make the search again
    :raises SourceError: give up
    """
    body = answer.body.removeprefix(codecs.BOM_UTF8)
    head = body[:4000].decode("utf-8", "replace")
    _refuse_status(answer, head)
    _refuse_other_than_xml(head)
    if f"<{root_name}" not in head:
        root = root_of(body)
        refuse_errors(root)
        if root.tag != root_name:
            raise TransientError(f"a {root.tag} document instead of {root_name}")
    return body


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
    root = root_of(accept_body(answer, "eSearchResult"))
    refuse_errors(root)
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
    messages = _told(root, "WarningList/OutputMessage")
    warnings = [f"{UNUSED}{phrase}" for phrase in _told(root, "ErrorList/PhraseNotFound")]
    warnings += [f"{ACKNOWLEDGED}{phrase}" for phrase in dropped]
    warnings += [f"phrase ignored: {one}" for one in _told(root, "WarningList/PhraseIgnored")]
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
        tuple(scrub(w) for w in warnings + messages if "no items found" not in w.lower()),
    )


def _told(root: Any, path: str) -> list[str]:
    """The words of some elements in one line each, none longer than a remark is kept; an element
    without words says nothing.
    """
    words = (" ".join((one.text or "").split()) for one in root.iterfind(path))
    return [one if len(one) <= LONGEST else f"{one[:LONGEST]}…" for one in words if one]


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
