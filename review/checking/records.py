"""Records: each is what its name says, a run brought it, and every name leads to one."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from review.files import kinds
from review.files.snapshot import Snapshot
from review.ground.errors import Problem
from review.model.history import replay
from review.model.importing import Import
from review.model.protocol import Protocol
from review.model.record import Record, record_id
from review.model.search import Search


def misnamed(records: Mapping[str, Record], names: Mapping[str, str]) -> list[Problem]:
    """Records whose id is not what their PMID or DOI gives, and two of one PMID. An id is made
    once: what a source keeps up to date by a number of its own may get another DOI.

    :param names: each record's file
    """
    problems = []
    by_pmid: dict[str, str] = {}
    for record in records.values():
        path = names[record.id]
        if record.pmid:
            if record.pmid in by_pmid:
                sentence = f"PMID {record.pmid} stands in {by_pmid[record.pmid]} too"
                problems.append(Problem(path, 0, "pmid", sentence))
            by_pmid[record.pmid] = record.id
        if record.id.startswith("pmid-") and record.id != f"pmid-{record.pmid}":
            sentence = f"found {record.pmid}, expected {record.id[5:]} as in the id"
            problems.append(Problem(path, 0, "pmid", sentence))
        if record.id.startswith("doi-") and record.doi and not record.accession:
            wanted = record_id(pmid=None, doi=record.doi, source="", accession="")
            if wanted != record.id and not record.pmid:
                problems.append(Problem(path, 0, "id", f"found {record.id}, expected {wanted}"))
    return problems


def unnamed(protocol: Protocol, records: Mapping[str, Record], snapshot: Snapshot) -> list[Problem]:
    """Records that a search or an import must have brought, and none of those held names; nothing
    where one of them can't be read.
    """
    problems = []
    searches, imports = snapshot.searches(), snapshot.imports()
    if not snapshot.unread(kinds.SEARCHES):
        asked = {source.id for source in protocol.sources}
        ever = {
            source: replay([s for s in searches if s.source == source]).ever for source in asked
        }
        for record in records.values():
            if record.source in asked and record.id not in ever[record.source]:
                sentence = (
                    f"found {record.id}, which no search of {record.source} names: a search file "
                    "is gone, or a run was interrupted (then: review update)"
                )
                problems.append(Problem("data/searches", 0, "new", sentence))
    if snapshot.unread(kinds.IMPORTS):
        return problems
    for source in {run.source for run in imports}:
        named = {record for run in imports if run.source == source for record in run.new}
        for record in records.values():
            if record.source == source and record.id not in named:
                sentence = f"found {record.id}, which no import of {source} names"
                problems.append(Problem(f"data/imports/{source}", 0, "new", sentence))
    return problems


def unknown(snapshot: Snapshot, records: Container[str]) -> list[Problem]:
    """Names in files of the tool and of people that lead to no record."""
    return [
        Problem(path, 0, field, f"found {name}, expected a record in data/records")
        for name, path, field in (*_named_by_runs(snapshot), *_named_by_verdicts(snapshot))
        if name not in records
    ]


def _named_by_runs(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    """Record, file and field of every name in a search or an import."""
    for search in snapshot.searches():
        for field in ("new", "gone", "returned", "vanished", "unknown"):
            for name in getattr(search, field):
                yield name, f"data/searches/{search.name}", field
    for run in snapshot.imports():
        for field in ("new", "known"):
            for name in getattr(run, field):
                yield name, f"data/imports/{run.source}/{run.name}", field


def _named_by_verdicts(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    """Record, file and field of every name in verdicts on pairs and in the studies taken over."""
    duplicates = snapshot.duplicates()
    for cluster in duplicates.clusters if duplicates else ():
        for name in cluster.members:
            yield name, "data/duplicates.json", "clusters"
    for study in snapshot.previous().studies:
        yield study.record, "data/previous.yaml", "studies"
    for reviewer, rows in snapshot.pairs().items():
        for row in rows:
            yield row.a, f"data/pairs/{reviewer}.csv", "a"
            yield row.b, f"data/pairs/{reviewer}.csv", "b"


def miscounted(searches: Sequence[Search], imports: Sequence[Import]) -> list[Problem]:
    """Runs whose counts are not those of their lists."""
    problems = [
        Problem(f"data/searches/{search.name}", 0, "count", "the search's counts do not add up")
        for search in searches
        if not search.adds_up
    ]
    for run in imports:
        if run.found != len(run.new) + len(run.known) + run.repeated:
            path = f"data/imports/{run.source}/{run.name}"
            problems.append(Problem(path, 0, "found", "the import's counts do not add up"))
    return problems
