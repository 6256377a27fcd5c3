"""The loopback E-utilities server: esearch, efetch, epost and einfo, with faults on demand.

It copies what the real service was seen to do, errors with HTTP 200 included. Everything it
answers is made from the world's XML; nothing of it is known to the client.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from review.offline.faults import (
    ROOT_HEAD,
    SET_HEAD,
    Fault,
    Sent,
    disguised,
    efetch_error,
    esearch_error,
)
from review.offline.world import Article, Snapshot, World, full_texts, trials

CAP = 9_999
SET_TAIL = b"\n</PubmedArticleSet>"


@dataclass(frozen=True)
class Request:
    """A request that came in, for assertions on manners."""

    tool: str
    method: str
    parameters: dict[str, str]
    user_agent: str
    moment: float


@dataclass
class Eutils:
    """The service: a snapshot, its search histories, its faults and its log."""

    snapshot: Snapshot
    faults: tuple[Fault, ...] = ()
    log: list[Request] = field(default_factory=list)
    limit_per_second: int | None = None
    fulltexts: dict[str, Article] = field(default_factory=dict)
    """articles by PMC number"""
    trials: dict[str, bytes] = field(default_factory=dict)
    """registry records by number"""
    pause: float = 0.02
    """seconds between the bytes of a slow answer"""

    def __post_init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.histories: dict[tuple[str, str], tuple[str, ...]] = {}
        self.lock = threading.Lock()
        self._moments: list[float] = []

    # ---- answers -------------------------------------------------------------------------------

    def _remember(self, pmids: Iterable[str]) -> tuple[str, str]:
        webenv = f"MCID_{len(self.histories) + 1:024x}"
        self.histories[webenv, "1"] = tuple(pmids)
        return webenv, "1"

    def esearch(self, p: dict[str, str], action: str | None) -> tuple[int, str]:
        """An eSearchResult."""
        if p.get("db") != "pubmed":
            return 400, "Bad Request (400): Mandatory parameter: db - is omitted"
        start, size = int(p.get("retstart", 0)), int(p.get("retmax", 20))
        found = self.snapshot.search(p.get("term", ""))
        if found.error:
            return 200, esearch_error(found.error)
        pmids = found.pmids
        fields, quoted = list(found.fields_not_found), list(found.quoted_not_found)
        if action == "field_not_found":
            fields.append("tiab")
        if action == "phrase_dropped":
            quoted.append('"a phrase of the strategy"')
        if action == "count_changes":
            pmids = pmids[1:]
        if start >= CAP:
            return 200, esearch_error(
                "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For "
                "PubMed, ESearch can only retrieve the first 9,999 records"
            )
        if action == "retmax_capped":
            size = min(size, max(1, len(pmids) // 2))
        shown = pmids[start : min(start + size, CAP)]
        parts = [
            f"<Count>{len(pmids)}</Count><RetMax>{len(shown)}</RetMax><RetStart>{start}</RetStart>"
        ]
        if p.get("usehistory") == "y":
            webenv, key = self._remember(pmids[:CAP])
            parts.append(f"<QueryKey>{key}</QueryKey><WebEnv>{webenv}</WebEnv>")
        parts.append("<IdList>" + "".join(f"<Id>{one}</Id>" for one in shown) + "</IdList>")
        parts.append(f"<QueryTranslation>{escape(found.translation)}</QueryTranslation>")
        errors = [f"<PhraseNotFound>{escape(x)}</PhraseNotFound>" for x in found.phrases_not_found]
        errors += [f"<FieldNotFound>{escape(x)}</FieldNotFound>" for x in fields]
        if errors:
            parts.append(f"<ErrorList>{''.join(errors)}</ErrorList>")
        warnings = [f"<QuotedPhraseNotFound>{escape(x)}</QuotedPhraseNotFound>" for x in quoted]
        if not pmids:
            warnings.append("<OutputMessage>No items found.</OutputMessage>")
        if warnings:
            parts.append(f"<WarningList>{''.join(warnings)}</WarningList>")
        return 200, f"{ROOT_HEAD}<eSearchResult>{''.join(parts)}</eSearchResult>"

    def epost(self, p: dict[str, str], _action: str | None) -> tuple[int, str]:
        """An ePostResult."""
        ids = [one for one in p.get("id", "").split(",") if one.isdigit()]
        if not ids:
            return (
                400,
                f"{ROOT_HEAD}<ePostResult><ERROR>IDs contain invalid characters</ERROR>"
                "</ePostResult>",
            )
        webenv, key = self._remember(ids)
        return 200, (
            f"{ROOT_HEAD}<ePostResult><QueryKey>{key}</QueryKey><WebEnv>{webenv}</WebEnv></ePostResult>"
        )

    def efetch(self, p: dict[str, str], action: str | None) -> tuple[int, bytes | str]:  # noqa: C901
        """A PubmedArticleSet; unknown PMIDs are silently absent."""
        start, size = int(p.get("retstart", 0)), min(int(p.get("retmax", 20)), CAP)
        if "WebEnv" in p:
            kept = self.histories.get((p["WebEnv"], p.get("query_key", "")))
            if kept is None or action == "history_expired":
                return 400, efetch_error(
                    f"Cannot retrieve history data. query_key: {p.get('query_key')}, "
                    f"WebEnv: {p['WebEnv']}"
                )
            if start >= len(kept):
                return 400, efetch_error(
                    f"Cannot retrieve history data: OUT OF RANGE. Parameter retstart={start} + 1 "
                    "is greater than number of records available in history. History includes "
                    f"{len(kept)} IDs."
                )
            wanted = list(kept[start : start + size])
        else:
            wanted = [one for one in p.get("id", "").split(",") if one.isdigit()]
            if not wanted:
                return 400, efetch_error("ID list is empty! Possibly it has no correct IDs.")
        if p.get("retmode") != "xml":
            return 200, "id: retmode is not xml"
        bodies = [self.snapshot.xml[one] for one in wanted if one in self.snapshot.xml]
        head = SET_HEAD
        if action == "fewer_records":
            bodies = bodies[: len(bodies) // 2]
        elif action == "missing_pmid":
            bodies = bodies[:-1]
        elif action == "duplicate_record" and bodies:
            bodies.append(bodies[0])
        elif action == "extra_record":
            other = next((x for pmid, x in self.snapshot.xml.items() if pmid not in wanted), None)
            stranger = (other or bodies[0]).replace(b">", b">", 1)
            bodies.append(re.sub(rb"(<PMID[^>]*>)\d+", rb"\g<1>999999999", stranger, count=1))
        elif action == "wrong_order":
            bodies.reverse()
        elif action == "http_doctype":
            head = head.replace(b"https://dtd", b"http://dtd")
        elif action == "future_dtd":
            head = head.replace(b"250101", b"290101").replace(b"2025", b"2029")
        elif action == "unknown_tag" and bodies:
            bodies[0] = bodies[0].replace(b"</PMID>", b"</PMID><NewThing>x</NewThing>", 1)
        body = head + b"\n".join(bodies) + SET_TAIL
        if action == "cut_between_records":
            body = head + b"\n".join(bodies[: max(1, len(bodies) // 2)])
        return 200, body

    def einfo(self, p: dict[str, str], _action: str | None) -> tuple[int, str]:
        """An eInfoResult."""
        return 200, (
            f"{ROOT_HEAD}<eInfoResult><DbInfo><DbName>{escape(p.get('db', 'pubmed'))}</DbName>"
            f"<Count>{len(self.snapshot.xml)}</Count></DbInfo></eInfoResult>"
        )

    def idconv(self, p: dict[str, str], _action: str | None) -> tuple[int, str]:
        """The PMC ID converter: PMC numbers of those articles whose full text the world has."""
        known = {one.pmid: pmcid for pmcid, one in self.fulltexts.items()}
        rows = [
            {"pmid": int(pmid), "pmcid": known[pmid], "requested-id": pmid}
            if pmid in known
            else {"pmid": pmid, "status": "error", "errmsg": "Identifier not found in PMC"}
            for pmid in p.get("ids", "").split(",")
            if pmid.isdigit()
        ]
        return 200, json.dumps({"status": "ok", "records": rows})

    def fulltext(self, p: dict[str, str], _action: str | None) -> tuple[int, bytes | str]:
        """Europe PMC's fullTextXML."""
        one = self.fulltexts.get(p.get("pmcid", ""))
        return (200, one.xml) if one else (404, "not found")

    def registry(self, p: dict[str, str], _action: str | None) -> tuple[int, bytes | str]:
        """ClinicalTrials.gov, version 2."""
        found = self.trials.get(p.get("number", ""))
        return (200, found) if found else (404, "NCT number not found")

    def over_limit(self, now: float) -> bool:
        """Whether more requests came within a second than the service allows."""
        if self.limit_per_second is None:
            return False
        self._moments = [m for m in self._moments if now - m < 1.0]
        self._moments.append(now)
        return len(self._moments) > self.limit_per_second


def served(folder: Path, day: str) -> Eutils:
    """The services over a world's folder as of a day.

    :raises ValueError: where the folder holds no world, or none on that day yet; one line
    """
    if not folder.is_dir():
        raise ValueError(f"found no folder {folder.name} beside its protocol.yaml")
    world = World.folder(folder)
    if not world.days:
        raise ValueError(f"found no file such as 2026-09-01.xml in its folder {folder.name}")
    if day < world.days[0]:
        raise ValueError(f"its world begins on {world.days[0]}; today is {day}: check the clock")
    return Eutils(
        world.as_of(day),
        fulltexts=full_texts(folder / "fulltexts"),
        trials=trials(folder / "trials"),
    )


class Handler(BaseHTTPRequestHandler):
    """One connection to the service."""

    protocol_version = "HTTP/1.1"
    server: OfflineServer

    def log_message(self, *_arguments: Any) -> None:
        return

    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._answer(self.rfile.read(length).decode())

    def _answer(self, query: str) -> None:
        service = self.server.service
        path = urlsplit(self.path).path
        tool = path.rsplit("/", 1)[-1].removesuffix(".fcgi")
        parameters = {key: values[0] for key, values in parse_qs(query).items()}
        for name, pattern in OTHER_TOOLS:
            if match := pattern.search(path):
                tool, parameters = name, parameters | match.groupdict()
        with service.lock:
            service.calls[tool] += 1
            call = service.calls[tool]
            agent = self.headers.get("User-Agent") or ""
            now = time.monotonic()
            service.log.append(Request(tool, self.command, parameters, agent, now))
            crowded = service.over_limit(now)
            fault = next((f for f in service.faults if f.strikes(tool, call)), None)
            action = fault.action if fault else None
            method = getattr(service, tool, None) if tool in TOOLS else None
            if method is None:
                status, made = 404, "no such tool"
            else:
                status, made = method(parameters, action)
        body = made.encode() if isinstance(made, str) else made
        if crowded:
            action = "http_429"
        self._send(status, body, action)

    def _send(self, status: int, body: bytes, action: str | None) -> None:
        if action == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            return
        if action == "slow_first_byte":
            self.server.stopping.wait(self.server.service.pause * 100)
        sent = disguised(Sent(status, body), action or "")
        self.send_response(sent.status)
        self.send_header("Content-Type", sent.kind)
        for name, value in sent.headers.items():
            self.send_header(name, value)
        try:
            if action == "truncated_chunked":
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                half = sent.body[: max(1, len(sent.body) // 2)]
                self.wfile.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
                self.close_connection = True
                return
            self.send_header("Content-Length", str(len(sent.body)))
            self.end_headers()
            if action == "truncated":
                self.wfile.write(sent.body[: len(sent.body) // 2])
                self.close_connection = True
            elif action == "slow_drip":
                for start in range(len(sent.body)):
                    self.wfile.write(sent.body[start : start + 1])
                    self.wfile.flush()
                    if self.server.stopping.wait(self.server.service.pause):
                        return
            else:
                self.wfile.write(sent.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


TOOLS = ("esearch", "efetch", "epost", "einfo", "idconv", "fulltext", "registry")
OTHER_TOOLS = (
    ("idconv", re.compile(r"/tools/idconv/")),
    ("fulltext", re.compile(r"/rest/(?P<pmcid>PMC\d+)/fullTextXML$")),
    ("registry", re.compile(r"/api/v2/studies/(?P<number>NCT\d+)$")),
)
"""Services beside E-utilities, told by their paths."""


class OfflineServer(ThreadingHTTPServer):
    """The service on a free loopback port; a context manager."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, service: Eutils) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.service = service
        self.stopping = threading.Event()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def __enter__(self) -> OfflineServer:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
