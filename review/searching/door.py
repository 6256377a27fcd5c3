"""What a source's module hands over, judged before anything is made of it.

A module may be anybody's, and what it read came from outside: a harvest that names records by what
no file can hold, or whose counts do not add up, fails its source and no other.
"""

from __future__ import annotations

from collections.abc import Iterator

from review.ground.errors import SourceError
from review.model.protocol import Source
from review.model.search import PMID, LineResult
from review.searching.sources import PUBMED, Harvest, RecordKey

LONGEST = 500
"""Characters of a source's own number for a record."""


def judge(source: Source, harvest: Harvest) -> None:
    """Refuse a harvest that can't be believed.

    :raises SourceError: with the first thing that is wrong with it
    """
    for sentence in _faults(source, harvest):
        raise SourceError(f"{source.id}: {sentence}")


def _faults(source: Source, harvest: Harvest) -> Iterator[str]:
    if not isinstance(harvest, Harvest):
        yield f"found {type(harvest).__name__}, expected a Harvest"
        return
    if not harvest.lines or not all(isinstance(one, LineResult) for one in harvest.lines):
        yield "no results of the strategy's lines"
    for key in (*harvest.listed, *harvest.records, *harvest.missing, *harvest.odd):
        if fault := _fault_of(key, source):
            yield fault
    for key, parsed in harvest.records.items():
        if key.pmid and parsed["pmid"] != key.pmid:
            yield f"{key} is answered with another PMID, {parsed['pmid']!a}"
    listed = set(harvest.listed)
    if not harvest.count == len(harvest.listed) == len(listed):
        yield (
            f"{harvest.count} hits counted, {len(harvest.listed)} listed, {len(listed)} of them "
            "once"
        )
    answers = (harvest.records.keys(), set(harvest.missing), harvest.odd.keys())
    for key in (*harvest.listed, *harvest.missing, *harvest.odd):
        ways = sum(key in one for one in answers)
        if ways != 1:
            said = "neither delivered nor missing" if not ways else "delivered and not"
            yield f"{key} is {said}, expected one of the two"


def _fault_of(key: object, source: Source) -> str | None:
    """What is wrong with a key: it must stand in files, and be this source's."""
    if not isinstance(key, RecordKey) or not all(isinstance(part, str) for part in key):
        return f"a record is named by {type(key).__name__}, expected a RecordKey of two texts"
    if key.source not in (source.id, PUBMED):
        return f"a record is named by a number of {key.source!a}, expected {source.id} or {PUBMED}"
    if key.pmid is not None and not PMID.fullmatch(key.pmid):
        return f"found {key.pmid[:20]!a}, expected a PMID"
    if not key.accession.strip() or len(key.accession) > LONGEST:
        return f"a record's number has {len(key.accession):,} characters, expected 1 to {LONGEST}"
    if any("\ud800" <= letter <= "\udfff" for letter in key.accession):
        return f"a record's number is no text: {key.accession[:20]!a}"
    return None
