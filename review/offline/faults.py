"""The faults that the offline service can show, and how an answer then looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape

SET_HEAD = (
    b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC '
    b'"-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)
ROOT_HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n'

ANY_TOOL_FAULTS = (
    "http_429",
    "http_429_retry_after",
    "http_500",
    "http_502_html",
    "relayed_502_as_400",
    "error_in_200",
    "prolog_only",
    "empty_body",
    "truncated",
    "truncated_chunked",
    "slow_first_byte",
    "slow_drip",
    "reset",
    "html_200",
    "plain_text_200",
    "wrong_content_type",
    "invalid_utf8",
    "control_character",
    "byte_order_mark",
    "http_425",
    "query_not_obtained",
)
"""Faults that every tool can show; all of them pass when asked again."""
EFETCH_FAULTS = (
    "cut_between_records",
    "fewer_records",
    "missing_pmid",
    "duplicate_record",
    "extra_record",
    "wrong_order",
    "http_doctype",
    "future_dtd",
    "unknown_tag",
    "history_expired",
)
ESEARCH_FAULTS = ("retmax_capped", "count_changes")
REFUSALS = ("blocked", "proxy_blocks", "redirected_to_http", "redirected_elsewhere")
"""What every tool can show and asking again does not mend."""
FATAL_FAULTS = ("field_not_found", "phrase_dropped")
"""Faults of esearch after which the run must stop and say why."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong at the n-th call of a tool (from 1), once or from then on."""

    tool: str
    nth: int
    action: str
    persistent: bool = False

    def strikes(self, tool: str, call: int) -> bool:
        """Whether it strikes at a call."""
        return tool == self.tool and (call == self.nth or (self.persistent and call >= self.nth))


def esearch_error(message: str) -> str:
    """An eSearchResult that is an error."""
    return f"{ROOT_HEAD}<eSearchResult><ERROR>{escape(message)}</ERROR></eSearchResult>"


def efetch_error(message: str) -> str:
    """An eFetchResult that is an error."""
    return f"{ROOT_HEAD}<eFetchResult>\n\t<ERROR>{escape(message)}</ERROR>\n</eFetchResult>"


@dataclass(frozen=True)
class Sent:
    """An answer as it goes out."""

    status: int
    body: bytes
    kind: str = "text/xml; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)


_HTML = "text/html"
_RATE = b'{"error":"API rate limit exceeded","api-key":"127.0.0.1","count":"4","limit":"3"}'
INSTEAD = {
    "http_425": Sent(425, b"Too Early", "text/plain"),
    "http_429": Sent(429, _RATE, "application/json"),
    "http_429_retry_after": Sent(429, _RATE, "application/json", {"Retry-After": "2"}),
    "http_500": Sent(
        500, b"<html><head><title>NCBI - WWW Error 500 Diagnostic</title></head></html>", _HTML
    ),
    "http_502_html": Sent(502, b"<html><body>502 Bad Gateway</body></html>", _HTML),
    "relayed_502_as_400": Sent(
        400, efetch_error("proxy_stream(): Failed to connect to PubOne service: 502").encode()
    ),
    "error_in_200": Sent(
        200, esearch_error("Search Backend failed: Database is not supported: pubmed").encode()
    ),
    "query_not_obtained": Sent(400, efetch_error("Unable to obtain query #1").encode()),
    "prolog_only": Sent(200, SET_HEAD.split(b"<PubmedArticleSet>")[0]),
    "empty_body": Sent(200, b""),
    "html_200": Sent(200, b"<!DOCTYPE html><html><body>Busy</body></html>", _HTML),
    "plain_text_200": Sent(
        200,
        b"Unable to route request!\n\nservice name: /http/service/ratecontrol\n",
        "text/plain",
    ),
    "blocked": Sent(
        403, b"<html><head><title>NCBI - WWW Error Blocked Diagnostic</title></head></html>", _HTML
    ),
    "proxy_blocks": Sent(
        403,
        b"<html><title>Access Denied</title>https://eutils.ncbi.nlm.nih.gov/ is blocked</html>",
        _HTML,
        {"Server": "squid/5.7", "X-Squid-Error": "ERR_ACCESS_DENIED 0"},
    ),
    "redirected_to_http": Sent(
        301, b"", _HTML, {"Location": "http://eutils.ncbi.nlm.nih.gov/entrez/eutils/"}
    ),
    "redirected_elsewhere": Sent(302, b"", _HTML, {"Location": "https://login.example/"}),
}
"""Answers that come in the place of the service's own, by fault."""


def disguised(sent: Sent, action: str) -> Sent:
    """What goes out where a fault is in it."""
    half = len(sent.body) // 2
    if action == "wrong_content_type":
        return replace(sent, kind="text/plain")
    if action == "byte_order_mark":
        return replace(sent, body=b"\xef\xbb\xbf" + sent.body)
    if action == "invalid_utf8":
        return replace(sent, body=sent.body[:half] + b"\xff\xfe" + sent.body[half:])
    if action == "control_character":
        return replace(sent, body=sent.body[:half] + b"\x07" + sent.body[half:])
    return INSTEAD.get(action, sent)
