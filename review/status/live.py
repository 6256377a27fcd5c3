"""The services of the monthly job, each asked once: whether it answers, and in the shape we read.

What is asked for are things the review names itself, so that the right answer is known: a PubMed
number, numbers in PubMed Central, an article that has one, a registration.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from review.ground.errors import SourceError
from review.ground.net import Manners
from review.ground.secrets import scrub, variable
from review.model.record import Record
from review.searching.sources.pubmed_client import Client
from review.selection.library import Library
from review.texts import registry
from review.texts.fetch import ARTICLE, AT_ONCE, Get, check_jats, getter, pmcids

ONCE = Manners(attempts=1, read_timeout=30.0, deadline=60.0)
"""A look, not a job: what fails is told and not asked again."""
UNASKED = "not asked: no record of the review names one"


@dataclass(frozen=True)
class Live:
    """A service that was asked once.

    :ivar asked: of what it was asked; None where the review gives nothing to ask about
    :ivar expected: what comes where all is well
    :ivar found: what came, or why nothing did
    :ivar seconds: until the answer was read; None where it was not asked
    """

    service: str
    asked: str | None
    expected: str
    found: str
    ok: bool
    seconds: float | None = None


def live(
    library: Library, contact: str | None, progress: Callable[[int, int, str], None]
) -> Iterator[Live]:
    """Ask each service one polite request.

    :param contact: the address that NCBI asks for, and gets alone; without one it is not asked
    :returns: a finding for each service; a failure of one does not stop the others
    """
    records = _first_included(library)
    get = getter(manners=ONCE)
    numbers = {one.id: one.pmcid for one in records if one.pmcid}
    looks: tuple[Callable[[], Live], ...] = (
        lambda: _pubmed(records, contact),
        lambda: _converter(records, numbers, get),
        lambda: _article(records, numbers, get),
        lambda: _registry(records, get),
    )
    for done, look in enumerate(looks):
        progress(done, len(looks), "services")
        yield _timed(look)
    progress(len(looks), len(looks), "services")


def _first_included(library: Library) -> list[Record]:
    """The review's records, those of included studies first, in the order of their ids."""
    return sorted(
        library.records.values(), key=lambda one: (one.id not in library.included, one.id)
    )


def _timed(look: Callable[[], Live]) -> Live:
    before = time.monotonic()
    finding = look()
    if finding.asked is None:
        return finding
    return replace(finding, seconds=round(time.monotonic() - before, 1))


def _asked(service: str, asked: str, expected: str, answer: Callable[[], tuple[str, bool]]) -> Live:
    """A finding of what an answer was, or of the line that says why none came."""
    try:
        found, ok = answer()
    except SourceError as error:
        found, ok = scrub(str(error)), False
    return Live(service, asked, expected, found, ok)


def _pubmed(records: list[Record], contact: str | None) -> Live:
    service, expected = "PubMed (E-utilities)", "1 record"
    if contact is None:
        return Live(service, None, expected, "not asked: it wants a contact e-mail", ok=False)
    pmid = next((one.pmid for one in records if one.pmid and one.vanished is None), None)
    if pmid is None:
        return Live(service, None, expected, UNASKED, ok=True)

    def answer() -> tuple[str, bool]:
        client = Client(contact, variable("NCBI_API_KEY"), ONCE)
        listing = client.count(f"{pmid}[uid]")
        remarks = f", remarks: {'; '.join(listing.warnings)}" if listing.warnings else ""
        return f"{listing.count} record{'' if listing.count == 1 else 's'}{remarks}", (
            listing.count == 1 and not listing.warnings
        )

    return _asked(service, f"PMID {pmid}", expected, answer)


def _converter(records: list[Record], numbers: dict[str, str], get: Get) -> Live:
    """The converter's answer to as many PubMed numbers as it takes at once.

    :param numbers: PMC numbers by record; what is learned is added
    """
    service = "PMC ID converter"
    asked = {one.pmid: one for one in records if one.pmid}
    asked = {pmid: asked[pmid] for pmid in list(asked)[:AT_ONCE]}
    known = sum(one.pmcid is not None for one in asked.values())
    if not asked:
        return Live(service, None, "PMC numbers", UNASKED, ok=True)

    def answer() -> tuple[str, bool]:
        came = pmcids(list(asked), get)
        other = [p for p, one in asked.items() if one.pmcid and came.get(p) != one.pmcid]
        for pmid, pmcid in came.items():
            numbers.setdefault(asked[pmid].id, pmcid)
        otherwise = f", {len(other)} not as the records have them: PMID {other[0]}" if other else ""
        return f"{len(came)} PMC numbers{otherwise}", not other

    expected = f"the {known} PMC numbers that the records have" if known else "PMC numbers"
    return _asked(service, f"{len(asked)} PMIDs", expected, answer)


def _article(records: list[Record], numbers: dict[str, str], get: Get) -> Live:
    service, expected = "Europe PMC", "that article as JATS, or that it is not open"
    record = next((one for one in records if one.id in numbers), None)
    if record is None:
        return Live(service, None, expected, UNASKED, ok=True)
    pmcid = numbers[record.id]

    def answer() -> tuple[str, bool]:
        body = get(ARTICLE.format(pmcid=pmcid), pmcid)
        if body is None:
            return "not open to programs (HTTP 404)", True
        article = check_jats(body, record, pmcid)
        return f"JATS of {len(body):,} bytes, licence {article.licence or 'not named'}", True

    return _asked(service, pmcid, expected, answer)


def _registry(records: list[Record], get: Get) -> Live:
    service, expected = "ClinicalTrials.gov", "that registration"
    numbers = (number for one in records for number in one.registrations)
    number = next((one for one in numbers if registry.NUMBER.fullmatch(one)), None)
    if number is None:
        return Live(service, None, expected, UNASKED, ok=True)

    def answer() -> tuple[str, bool]:
        body = get(registry.ADDRESS.format(number=number), number)
        if body is None:
            return "no such registration (HTTP 404)", False
        posted = bool(registry.read(body).get("hasResults"))
        return f"{len(body):,} bytes, results {'posted' if posted else 'not posted'}", True

    return _asked(service, number, expected, answer)
