"""Check: every problem of every file in one run, one line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from review.errors import InvalidDataError, Problem, ReviewError
from review.library import CONSENSUS, Library
from review.model.evidence import Evidence
from review.model.extraction import Extraction, Result
from review.model.protocol import Protocol
from review.model.record import Record, record_id
from review.model.screening import Decision, Outcome
from review.quotes import carries, stands_in
from review.search import check_strategies
from review.store import Store


def check(store: Store) -> list[Problem]:
    """All problems of a review, in the order of its files."""
    problems: list[Problem] = []

    def attempt(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except InvalidDataError as error:
            problems.extend(error.problems)
        except ReviewError as error:
            problems.append(Problem("protocol.yaml", 0, "", str(error)))
        return None

    protocol: Protocol | None = attempt(lambda: store.protocol)
    records: dict[str, Record] | None = attempt(store.records)
    extractions: dict[str, Extraction] | None = attempt(store.extractions)
    searches = attempt(store.searches)
    duplicates = attempt(store.duplicates)
    decisions = attempt(store.decisions)
    previous = attempt(store.previous)
    pairs = attempt(store.pairs)
    attempt(store.volatile)
    evidence = None
    if protocol is not None:
        attempt(lambda: check_strategies(store))
        attempt(store.vocabulary)
        evidence = attempt(store.evidence)
    if records is None or protocol is None:
        return sorted(set(problems))

    def known(one: str, path: str, where: str) -> None:
        if one not in records:
            problems.append(
                Problem(path, 0, where, f"found {one}, expected a record in data/records")
            )

    problems += _records(store, records)
    for search in searches or ():
        path = f"data/searches/{search.name}"
        for name in ("new", "gone", "returned", "vanished", "unknown"):
            for one in getattr(search, name):
                known(one, path, name)
        if search.count != search.listed or search.listed != search.fetched + len(search.missing):
            problems.append(Problem(path, 0, "count", "the search's counts do not add up"))
    for cluster in duplicates.clusters if duplicates else ():
        for one in cluster.members:
            known(one, "data/duplicates.json", "clusters")
    for study in previous.studies if previous else ():
        known(study.record, "data/previous.yaml", "studies")
    people = {person.id for person in protocol.people} | {CONSENSUS}
    for reviewer, rows in (decisions or {}).items():
        problems += _decisions(f"data/screening/{reviewer}.csv", rows, records, protocol)
        if reviewer not in people:
            problems.append(_stranger(f"data/screening/{reviewer}.csv", reviewer))
    for reviewer, rows in (pairs or {}).items():
        path = f"data/pairs/{reviewer}.csv"
        if reviewer not in people:
            problems.append(_stranger(path, reviewer))
        for row in rows:
            known(row.a, path, "a")
            known(row.b, path, "b")
    if extractions is not None:
        problems += _extractions(store, records, extractions)
        if evidence is not None:
            problems += _evidence(protocol, evidence, extractions)
    if not problems:
        attempt(lambda: Library.of(store).standings)
    return sorted(set(problems))


def _stranger(path: str, reviewer: str) -> Problem:
    sentence = f"{reviewer} is not among the people of protocol.yaml; add an id there first"
    return Problem(path, 0, "", sentence)


def _records(store: Store, records: dict[str, Record]) -> list[Problem]:
    problems = []
    by_pmid: dict[str, str] = {}
    paths = store.record_paths()
    for record in records.values():
        path = store.name(paths[record.id])
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


def _decisions(
    path: str, rows: list[Decision], records: dict[str, Record], protocol: Protocol
) -> list[Problem]:
    problems = []
    for number, row in enumerate(rows, 2):
        for name, one in (("record", row.record), ("duplicate_of", row.duplicate_of)):
            if one is not None and one not in records:
                sentence = f"found {one}, expected a record in data/records"
                problems.append(Problem(path, number, name, sentence))
        if row.duplicate_of is not None and row.duplicate_of == row.record:
            problems.append(Problem(path, number, "duplicate_of", "a record of itself"))
        if row.decision is Outcome.EXCLUDE and protocol.criterion(row.criterion or "") is None:
            known = ", ".join(c.id for c in protocol.eligibility)
            if row.protocol == protocol.criteria_hash:
                sentence = f"found {row.criterion}, expected one of {known}"
                problems.append(Problem(path, number, "criterion", sentence))
    return problems


def _extractions(
    store: Store, records: dict[str, Record], extractions: dict[str, Extraction]
) -> list[Problem]:
    problems = []
    owner: dict[str, str] = {}
    names = {name: study for study, e in extractions.items() for name in e.formerly}
    for study, extraction in extractions.items():
        path = f"data/extractions/{study}.yaml"
        if study in names:
            sentence = f"{names[study]} says it was formerly {study}; one of the two is wrong"
            problems.append(Problem(path, 0, "study", sentence))
        for index, report in enumerate(extraction.reports):
            if report not in records:
                sentence = f"found {report}, expected a record in data/records"
                problems.append(Problem(path, 0, f"reports[{index}]", sentence))
            elif report in owner:
                sentence = f"{report} is a report of {owner[report]} too"
                problems.append(Problem(path, 0, f"reports[{index}]", sentence))
            owner[report] = study
        for other in extraction.overlaps:
            if other not in extractions:
                sentence = f"found {other}, expected a study in data/extractions"
                problems.append(Problem(path, 0, "overlaps", sentence))
        ids = [result.id for result in extraction.results]
        for one in sorted({i for i in ids if ids.count(i) > 1}):
            problems.append(Problem(path, 0, "results", f"the id {one} is used twice"))
        problems += _quotes(store, path, extraction, records)
    return problems


def _quotes(
    store: Store, path: str, extraction: Extraction, records: dict[str, Record]
) -> list[Problem]:
    """Every figure's digits stand in its quote, and the quote in the text where it is held."""
    problems = []
    texts = []
    for report in extraction.reports:
        if report in records:
            record = records[report]
            text = store.text(record)
            if text is not None:
                texts.append(f"{record.title}\n{text}")
    for name, fact in extraction.facts():
        if fact.quote is None:
            continue
        absent = carries(fact.quote, printed_numbers(fact)) if isinstance(fact, Result) else []
        if absent:
            shown = ", ".join(f"{number:g}" for number in absent)
            sentence = f"the quote does not hold {shown}"
            problems.append(Problem(path, 0, f"{name}.quote", sentence))
        held = fact.locator in ("title", "abstract") and len(texts) == len(extraction.reports)
        if held and not any(stands_in(fact.quote, text) for text in texts):
            sentence = "the quote does not stand in the text this machine holds"
            problems.append(Problem(path, 0, f"{name}.quote", sentence))
    return problems


def printed_numbers(result: Result) -> list[float]:
    """The figures of a result that its quote has to hold."""
    counts = [float(n) for n in (result.events, result.total) if n is not None]
    others = (result.percent, result.value, result.ci_low, result.ci_high)
    return counts + [abs(number) for number in others if number is not None]


def _evidence(
    protocol: Protocol, evidence: dict[str, Evidence], extractions: dict[str, Extraction]
) -> list[Problem]:
    problems = []
    questions = {question.id for question in protocol.questions}
    for name, one in evidence.items():
        path = f"data/questions/{name}.yaml"
        if name not in questions:
            sentence = f"found {name}, expected a question of protocol.yaml"
            problems.append(Problem(path, 0, "question", sentence))
        for index, eligible in enumerate(one.studies):
            extraction = extractions.get(eligible.study)
            if extraction is None:
                sentence = f"found {eligible.study}, expected a study in data/extractions"
                problems.append(Problem(path, 0, f"studies[{index}].study", sentence))
                continue
            for result_id in eligible.results:
                if extraction.result(result_id) is None:
                    known = ", ".join(r.id for r in extraction.results) or "none"
                    sentence = f"found {result_id}, expected a result of {eligible.study} ({known})"
                    problems.append(Problem(path, 0, f"studies[{index}].results", sentence))
    return problems
