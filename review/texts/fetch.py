"""Full texts: fetched where a licence opens them, kept out of git unless both sides allow it.

PubMed Central's articles come as JATS from Europe PMC; their numbers from the PMC ID converter.
What can't be fetched is listed for a person, who may put in JATS or a PDF, which is second class.
Posted results of ClinicalTrials.gov come with the registration numbers a record names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from review.files.inputs import input_bytes
from review.files.store import Store
from review.ground.errors import SourceError, UsageError
from review.ground.identifiers import clean_doi
from review.ground.json import JsonError, parse_json
from review.ground.net import Answer, Manners, TransientError, ask, limiter_of
from review.ground.session import getting
from review.model.fulltext import HeldText, TextKind
from review.model.licences import OPEN_LICENCES
from review.model.record import Record
from review.selection.library import Library
from review.texts import jats, pdf, registry

CONVERTER = (
    "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles/?format=json&tool=living-review&ids="
)
ARTICLE = "https://www.ebi.ac.uk/europepmc/webservices/rest/{pmcid}/fullTextXML"
SERVICES = frozenset(
    (
        *("pmc.ncbi.nlm.nih.gov", "www.ncbi.nlm.nih.gov"),
        *("www.ebi.ac.uk", "europepmc.org"),
        *("clinicaltrials.gov", "www.clinicaltrials.gov"),
    )
)
"""Hosts of these three services: to another one a redirect is not followed."""
AT_ONCE = 100
MANNERS = Manners(attempts=3, deadline=120.0)


@dataclass(frozen=True)
class Wanted:
    """A report without full text, and where a person finds it."""

    record: str
    title: str
    why: str
    address: str | None


def _body(answer: Answer) -> bytes | None:
    if answer.status == 404:
        return None
    if answer.status in (408, 425, 429, 500, 502, 503, 504):
        raise TransientError(f"HTTP {answer.status}", answer.retry_after)
    if answer.status != 200:
        raise SourceError(f"HTTP {answer.status}")
    return answer.body


Get = Callable[[str, str], bytes | None]
"""Asks an address, named for messages; None where nothing is there."""


def getter(say: Callable[[str], None] = lambda _line: None, manners: Manners = MANNERS) -> Get:
    """One that asks each host three times a second at most.

    :param say: hears that it is asked again
    """

    def get(address: str, what: str) -> bytes | None:
        limiter = limiter_of(urlsplit(address).hostname or "", 3)
        request = getting(address, SERVICES)
        body: bytes | None = ask(
            request, _body, what=what, limiter=limiter, manners=manners, say=say
        )
        return body

    return get


def pmcids(pmids: Sequence[str], get: Get) -> dict[str, str]:
    """PMC numbers of PubMed numbers, where they have one."""
    found: dict[str, str] = {}
    for start in range(0, len(pmids), AT_ONCE):
        part = pmids[start : start + AT_ONCE]
        body = get(CONVERTER + ",".join(part), "the PMC ID converter")
        try:
            answer = parse_json(body or b"{}")
        except JsonError as error:
            raise SourceError(f"the PMC ID converter: {error}") from None
        if not isinstance(answer, dict):
            raise SourceError("the PMC ID converter: found no JSON object in its answer")
        rows = answer.get("records", [])
        for row in rows if isinstance(rows, list) else []:
            if not isinstance(row, dict):
                continue
            pmid, pmcid = str(row.get("pmid", "")), str(row.get("pmcid", ""))
            if pmid in part and re.fullmatch(r"PMC[1-9]\d{0,9}", pmcid):
                found[pmid] = pmcid
    return found


def check_jats(data: bytes, record: Record, pmcid: str | None) -> jats.FullText:
    """An article, when it is the record's own.

    :param data: JATS
    :raises SourceError: where it is no JATS, or another article's
    """
    article = jats.parse(data)
    said = {key: value for key, value in article.identifiers.items() if value}
    number = said.get("pmcid", "").upper().removeprefix("PMC")
    if pmcid and number and f"PMC{number}" != pmcid:
        raise SourceError(f"{record.id}: found the article PMC{number}, expected {pmcid}")
    if record.pmid and said.get("pmid") and said["pmid"] != record.pmid:
        raise SourceError(
            f"{record.id}: found the article of PMID {said['pmid']}, expected {record.pmid}"
        )
    if record.doi and said.get("doi") and clean_doi(said["doi"]) != clean_doi(record.doi):
        raise SourceError(
            f"{record.id}: found the article of doi {said['doi']}, expected {record.doi}"
        )
    return article


def fetch(
    store: Store,
    library: Library,
    day: str,
    records: Sequence[str],
    progress: Callable[[int, int, str], None],
    say: Callable[[str], None] = lambda _line: None,
) -> tuple[list[HeldText], list[Wanted]]:
    """Fetch what is open for some records, and say what a person has to fetch.

    A text that is held stays. A failure of one article does not stop the others; it is listed.

    :raises SourceError: where the converter itself fails
    """
    get = getter(say)
    todo = [library.records[one] for one in records if store.held_text(one) is None]
    numbers = _numbers(todo, get)
    fetched: list[HeldText] = []
    wanted: list[Wanted] = []
    for done, record in enumerate(todo, 1):
        progress(done, len(todo), "full texts")
        article = _article(store, record, numbers.get(record.id), day, get)
        if isinstance(article, HeldText):
            fetched.append(article)
        else:
            wanted.append(Wanted(record.id, record.title, article, _address(record)))
    for record in (library.records[one] for one in records):
        for number in record.registrations:
            try:
                results = _posted_results(store, record, number, day, get)
            except SourceError as error:
                wanted.append(Wanted(record.id, record.title, f"{number}: {error}", None))
                continue
            if results is not None:
                fetched.append(results)
    return fetched, wanted


def _numbers(records: Sequence[Record], get: Get) -> dict[str, str]:
    """PMC numbers by record: what the records say, and for the others what the converter knows."""
    numbers = {record.id: record.pmcid for record in records if record.pmcid}
    unknown = {r.id: r.pmid for r in records if r.id not in numbers and r.pmid}
    known = pmcids(list(unknown.values()), get)
    return numbers | {one: known[pmid] for one, pmid in unknown.items() if pmid in known}


def _article(store: Store, record: Record, pmcid: str | None, day: str, get: Get) -> HeldText | str:
    """A record's article as PubMed Central has it, kept; or why there is none."""
    if pmcid is None:
        return "not in PubMed Central"
    try:
        body = get(ARTICLE.format(pmcid=pmcid), pmcid)
        if body is None:
            return f"{pmcid} is in PubMed Central, but not open to programs"
        licence = check_jats(body, record, pmcid).licence
    except SourceError as error:
        return f"{pmcid}: {error}"
    may_commit = store.protocol.store_full_texts
    kind, origin = TextKind.JATS, "Europe PMC"
    return keep(store, record, body, kind, origin, day, pmcid, licence, may_commit)


def _address(record: Record) -> str | None:
    """Where a person finds the article."""
    if record.doi:
        return f"https://doi.org/{record.doi}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/" if record.pmid else None


def _posted_results(
    store: Store, record: Record, number: str, day: str, get: Get
) -> HeldText | None:
    """The results of a registration, kept; None where none are posted, or the record's are held.

    :raises SourceError: where the registry failed
    """
    if not registry.NUMBER.fullmatch(number) or store.held_text(record.id, TextKind.REGISTRY):
        return None
    body = get(registry.ADDRESS.format(number=number), number)
    if body is None or not registry.read(body).get("hasResults"):
        return None
    kind, origin = TextKind.REGISTRY, "ClinicalTrials.gov"
    return keep(store, record, body, kind, origin, day, number, None, False)


def keep(
    store: Store,
    record: Record,
    data: bytes,
    kind: TextKind,
    origin: str,
    day: str,
    identifier: str | None,
    licence: str | None,
    may_commit: bool,
) -> HeldText:
    """Keep a text: in the git-ignored cache, or with the data where licence and protocol allow."""
    held = HeldText(
        format=1,
        record=record.id,
        kind=kind,
        origin=origin,
        identifier=identifier,
        fetched=day,
        licence=licence,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    store.write_held_text(held, data, committed=may_commit and licence in OPEN_LICENCES)
    return held


def put_in(store: Store, record: Record, path: Path, day: str) -> HeldText:
    """Keep a file that a person has: JATS XML or PDF.

    :raises UsageError: where it can't be read, is neither, or another article's
    """
    data = input_bytes(path)
    try:
        if data[:5] == b"%PDF-":
            pdf.pages(data)
            return keep(
                store, record, data, TextKind.PDF, "put in by a person", day, None, None, False
            )
        article = check_jats(data, record, record.pmcid)
    except SourceError as error:
        raise UsageError(f"{path}: {error}; expected a PDF, or JATS XML of this record") from None
    licence = article.licence
    return keep(store, record, data, TextKind.JATS, "put in by a person", day, None, licence, False)
