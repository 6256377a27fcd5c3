"""Records: each is what its name says, a run brought it, and every name leads to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from review.checking.reading import Files
from review.ground.errors import Problem
from review.model.history import replay
from review.model.importing import Import
from review.model.protocol import Protocol
from review.model.record import Record, record_id
from review.model.search import Search


def misnamed(records: Mapping[str, Record], names: Mapping[str, str]) -> list[Problem]:
    """Records whose id is not what their PMID or DOI gives, and two of one PMID.

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
        if record.id.startswith("doi-") and record.doi:
            wanted = record_id(pmid=None, doi=record.doi, source="", accession="")
            if wanted != record.id and not record.pmid:
                problems.append(Problem(path, 0, "id", f"found {record.id}, expected {wanted}"))
    return problems


def unnamed(
    protocol: Protocol,
    records: Mapping[str, Record],
    searches: Sequence[Search] | None,
    imports: Sequence[Import] | None,
) -> list[Problem]:
    """Records that a search or an import must have brought, and none of those held names."""
    problems = []
    if searches is not None:
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
    for source in {run.source for run in imports or ()}:
        named = {record for run in imports or () if run.source == source for record in run.new}
        for record in records.values():
            if record.source == source and record.id not in named:
                sentence = f"found {record.id}, which no import of {source} names"
                problems.append(Problem(f"data/imports/{source}", 0, "new", sentence))
    return problems


def unknown(files: Files, records: Mapping[str, Record]) -> list[Problem]:
    """Names in files of the tool and of people that lead to no record."""
    return [
        Problem(path, 0, field, f"found {name}, expected a record in data/records")
        for name, path, field in (*_named_by_runs(files), *_named_by_verdicts(files))
        if name not in records
    ]


def _named_by_runs(files: Files) -> Iterator[tuple[str, str, str]]:
    """Record, file and field of every name in a search or an import."""
    for search in files.searches or ():
        for field in ("new", "gone", "returned", "vanished", "unknown"):
            for name in getattr(search, field):
                yield name, f"data/searches/{search.name}", field
    for run in files.imports or ():
        for field in ("new", "known"):
            for name in getattr(run, field):
                yield name, f"data/imports/{run.source}/{run.name}", field


def _named_by_verdicts(files: Files) -> Iterator[tuple[str, str, str]]:
    """Record, file and field of every name in verdicts on pairs and in the studies taken over."""
    for cluster in files.duplicates.clusters if files.duplicates else ():
        for name in cluster.members:
            yield name, "data/duplicates.json", "clusters"
    for study in files.previous.studies if files.previous else ():
        yield study.record, "data/previous.yaml", "studies"
    for reviewer, rows in (files.pairs or {}).items():
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
