"""PubMed through NCBI's E-utilities: the whole strategy every time, counts that must add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from review.ground.errors import SourceError
from review.ground.net import Manners
from review.ground.secrets import variable
from review.model.parsed import ParsedRecord
from review.model.protocol import Source
from review.model.search import LineResult
from review.searching.sources import Harvest, Progress, RecordKey, quiet
from review.searching.sources.pubmed_answers import Listing, StrategyError
from review.searching.sources.pubmed_client import Client
from review.searching.sources.pubmed_query import QueryError, parse, resolve, without_references

KIND = "pubmed"
TOLERATED_MISSING = 0.02
"""Share of records that may be listed and not delivered; beyond it the source has failed."""


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
    held: Sequence[RecordKey],
    *,
    contact: str,
    progress: Progress = quiet,
    say: Callable[[str], None] = lambda _line: None,
    manners: Manners | None = None,
) -> Harvest:
    """Run the whole strategy and re-fetch every record the review holds.

    :param held: keys of all records of the review that have a PMID, found by this search or not
    :raises SourceError: when anything failed or does not add up; nothing partial is returned
    """
    client = Client(contact, variable("NCBI_API_KEY") or None, manners or Manners(), say)
    results, leaves = _run_lines(client, source, progress)
    listed = [pmid for leaf in leaves for pmid in leaf.ids]
    found = set(listed)
    if len(found) != len(listed) or len(listed) != results[-1].count:
        raise SourceError(
            f"{source.id}: {results[-1].count} hits counted, {len(found)} PMIDs listed"
        )
    others = [pmid for _, pmid in dict.fromkeys(held) if pmid not in found]
    records = _fetch_all(client, leaves, others, progress)
    _refuse_too_few(source, listed, others, records)
    absent = [pmid for pmid in (*listed, *others) if pmid not in records]
    return Harvest(
        lines=tuple(results),
        count=results[-1].count,
        listed=_keys(listed),
        records={RecordKey(KIND, pmid): record for pmid, record in records.items()},
        missing=_keys(pmid for pmid in absent if pmid not in client.odd),
        odd={RecordKey(KIND, pmid): why for pmid, why in client.odd.items()},
        parameters={"db": "pubmed", "sort": "default", "limits": "none", "retmode": "xml"},
    )


def _run_lines(
    client: Client, source: Source, progress: Progress
) -> tuple[list[LineResult], list[Listing]]:
    """What each line of the strategy found, and the complete listings of the last."""
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
    return results, leaves


def _fetch_all(
    client: Client, leaves: Sequence[Listing], others: Sequence[str], progress: Progress
) -> dict[str, ParsedRecord]:
    """The records of all listings, then those that no listing holds."""
    total = sum(len(leaf.ids) for leaf in leaves) + len(others)
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
    return records


def _refuse_too_few(
    source: Source,
    listed: Sequence[str],
    others: Sequence[str],
    records: Mapping[str, ParsedRecord],
) -> None:
    """A source that keeps back more than a few of the records it lists has failed."""
    undelivered = sum(pmid not in records for pmid in listed)
    spared = max(1 if len(listed) >= 20 else 0, TOLERATED_MISSING * len(listed))
    if undelivered > spared or ((listed or others) and not records):
        raise SourceError(
            f"{source.id}: {len(listed)} records listed, {len(listed) - undelivered} delivered, "
            f"{len(others)} others held; too many are missing"
        )


def raw(
    keys: Sequence[RecordKey],
    *,
    contact: str,
    say: Callable[[str], None] = lambda _line: None,
    manners: Manners | None = None,
) -> dict[RecordKey, bytes]:
    """What PubMed answers for some PMIDs, as it came: for records that were set aside.

    :raises SourceError: when it does not answer
    """
    client = Client(contact, variable("NCBI_API_KEY") or None, manners or Manners(), say)
    return {key: client.raw(key.accession) for key in keys}


def _keys(pmids: Iterable[str]) -> tuple[RecordKey, ...]:
    return tuple(RecordKey(KIND, pmid) for pmid in pmids)
