"""Check: every problem of every file in one run, one line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from review.checking.claims import check_claims, check_questions, translations
from review.checking.inventory import MERGED, gone_since_head, strays, unsigned, vanished
from review.dedupe import DISAGREE, METHOD, find_duplicates, people_say
from review.editions.audit import inconsistencies, unrecorded
from review.editions.build import search_files, signature_rows
from review.extraction.attest import HELD, attest, changed, held_text
from review.extraction.quotes import not_carried, stands_in
from review.files.store import Store
from review.grading.appraise import problems as appraisal_problems
from review.grading.review import Review
from review.grading.signatures import Ledger, by_eye_alone
from review.ground.errors import InvalidDataError, Problem, ReviewError
from review.model.base import NEWER
from review.model.duplicates import Duplicates, PairDecision
from review.model.edition import CorrectionKind
from review.model.extraction import Extraction, Fact
from review.model.history import replay
from review.model.importing import Import
from review.model.protocol import Protocol
from review.model.record import Record, record_id
from review.model.screening import Decision, Outcome
from review.model.search import Search
from review.searching.search import check_strategies
from review.selection.library import CONSENSUS, NONE_YET, Library, Place
from review.synthesis.synthesise import problems as synthesis_problems


def check(store: Store, *, allow_suspended: bool = False) -> list[Problem]:  # noqa: C901, PLR0915
    """All problems of a review, in the order of its files.

    :param allow_suspended: leave out claims that rest on a retracted study: they show as
        suspended on every page and block the next edition, but must not hold the site back
    """
    problems: list[Problem] = strays(store)

    def attempt(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except InvalidDataError as error:
            problems.extend(error.problems)
        except ReviewError as error:
            problems.append(Problem("protocol.yaml", 0, "", str(error)))
        return None

    protocol: Protocol | None = attempt(lambda: store.protocol)
    if newer := [one for one in problems if one.sentence.endswith(NEWER)]:
        return newer  # every other file would say the same
    records: dict[str, Record] | None = attempt(store.records)
    extractions: dict[str, Extraction] | None = attempt(store.extractions)
    searches = attempt(store.searches)
    duplicates = attempt(store.duplicates)
    decisions = attempt(store.decisions)
    previous = attempt(store.previous)
    pairs = attempt(store.pairs)
    attempt(store.volatile)
    imports = attempt(store.imports)
    attempt(store.seed)
    signatures = attempt(store.signatures)
    attempt(store.attestations)
    editions = attempt(store.editions)
    corrections = attempt(store.corrections)
    questions = claims = None
    if protocol is not None:
        attempt(lambda: check_strategies(store))
        attempt(store.vocabulary)
        questions = attempt(store.questions)
        claims = attempt(store.claims)
    if records is None or protocol is None:
        return sorted(set(problems))

    def known(one: str, path: str, where: str) -> None:
        if one not in records:
            problems.append(
                Problem(path, 0, where, f"found {one}, expected a record in data/records")
            )

    problems += _records(store, records)
    problems += _unnamed(protocol, records, searches, imports)
    for search in searches or ():
        path = f"data/searches/{search.name}"
        for name in ("new", "gone", "returned", "vanished", "unknown"):
            for one in getattr(search, name):
                known(one, path, name)
        if not search.adds_up:
            problems.append(Problem(path, 0, "count", "the search's counts do not add up"))
    for one_import in imports or ():
        path = f"data/imports/{one_import.source}/{one_import.name}"
        for name in ("new", "known"):
            for one in getattr(one_import, name):
                known(one, path, name)
        if one_import.found != len(one_import.new) + len(one_import.known) + one_import.repeated:
            problems.append(Problem(path, 0, "found", "the import's counts do not add up"))
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
    if pairs is not None and searches is not None and not problems:
        problems += _verdicts(records, pairs, searches, duplicates)
    if extractions is not None:
        problems += _extractions(store, records, extractions)
        problems += _origins(protocol, extractions)
    parts = (decisions, previous, searches, imports, extractions, signatures, editions, corrections)
    gone: list[Problem] = []  # told beside what else is wrong: neither may hide the other
    if questions is not None and claims is not None and None not in parts:
        library = Library(
            protocol,
            records,
            duplicates or NONE_YET,
            decisions,
            previous,
            searches,
            extractions or {},
            imports,
        )
        gone += _not_included(library)
        held = _objects(library, questions, claims, Ledger.of(protocol, signatures))
        gone += vanished(editions, held, corrections.corrections)
        rows = ((r.object, r.field) for given in signatures.values() for r in given)
        gone += unsigned(editions, rows, corrections.corrections)
    if problems:
        # What follows reads the files together; with a broken one it would only repeat itself.
        return sorted({*problems, *gone})
    review: Review | None = attempt(lambda: Review.of(store))
    appraisals = attempt(store.appraisals)
    if review is not None:
        problems += check_questions(review)
        problems += appraisal_problems(review, appraisals or {})
        if not problems:
            problems += synthesis_problems(review)
        if not problems:
            problems += check_claims(review, allow_suspended=allow_suspended)
            problems += _editions(review)
    return sorted({*problems, *gone})


def notes(store: Store) -> list[Problem]:
    """What is printed and counted, and no run fails for; the gravest first."""
    review = Review.of(store)
    return [
        *gone_since_head(store.root),
        *_disagreements(review.library),
        *_set_aside(review.library),
        *_unquoted(review),
        *translations(review),
    ]


def _set_aside(library: Library) -> list[Problem]:
    """Records that a source's last search could not take."""
    return [
        Problem("data/searches", 0, "set_aside", f"{source}: look at PMID {one.pmid}: {one.why}")
        for source, rows in library.set_aside.items()
        for one in rows
    ]


def _disagreements(library: Library) -> list[Problem]:
    """Pairs on which reviewers gave different verdicts."""
    return [
        Problem("data/pairs", 0, "verdict", f"{one.a} and {one.b}: {one.reasons[0]}")
        for one in library.duplicates.queue
        if one.reasons and one.reasons[0].startswith(DISAGREE)
    ]


def _verdicts(
    records: dict[str, Record],
    pairs: dict[str, list[PairDecision]],
    searches: list[Search],
    held: Duplicates | None,
) -> list[Problem]:
    """Whether the tool's verdicts are those that people's call for: two people's files may have
    come together in a merge, and nobody has judged the pairs anew.
    """
    judged = {(min(r.a, r.b), max(r.a, r.b)) for rows in pairs.values() for r in rows}
    before = people_say(held, judged) if held is not None else {}
    if not judged and not before:
        return []
    if held is not None and held.method != METHOD:
        return []  # given by other rules: the next update gives them again
    now = people_say(find_duplicates(records, pairs, replay(searches).first_seen), judged)
    changed = [pair for pair in sorted({*before, *now}) if before.get(pair) != now.get(pair)]
    if not changed:
        return []
    why = "; ".join(f"{a} and {b}: {now.get((a, b), 'nobody judged them')}" for a, b in changed[:5])
    sentence = f"is not what people's verdicts give now ({why}); run: review dedupe"
    return [Problem("data/duplicates.json", 0, "", sentence)]


def _unquoted(review: Review) -> list[Problem]:
    """Numbers that no quote carries: signing one needs the figure or table that was read."""
    sentence = "a number without a quote; sign it with --by-eye, or find its words"
    return [
        Problem(f"data/extractions/{study}.yaml", 0, name, sentence)
        for study, extraction in review.library.extractions.items()
        for name, fact in extraction.facts()
        if by_eye_alone(fact) and not review.ledger.of_value(study, name, fact)
    ]


def _unnamed(
    protocol: Protocol,
    records: dict[str, Record],
    searches: list[Search] | None,
    imports: list[Import] | None,
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
    for source in {one.source for one in imports or ()}:
        named = {n for one in imports or () if one.source == source for n in one.new}
        for record in records.values():
            if record.source == source and record.id not in named:
                sentence = f"found {record.id}, which no import of {source} names"
                problems.append(Problem(f"data/imports/{source}", 0, "new", sentence))
    return problems


def _not_included(library: Library) -> list[Problem]:
    """Studies with data whose reports nobody includes: a decision, or the list of studies taken
    over, is gone.
    """
    problems = []
    kept = (Place.PREVIOUS, Place.BACKGROUND, Place.INCLUDED, Place.CONFLICT_FULL_TEXT)
    places = library.standings
    for study, extraction in library.extractions.items():
        reports = [library.resolve(one) for one in extraction.reports]
        if not any(one in places and places[one].place in kept for one in reports):
            at = next((str(places[one].place) for one in reports if one in places), "unknown")
            sentence = (
                f"nobody includes a report of this study (found {at}); expected a decision in "
                "data/screening, or an entry in data/previous.yaml (background, where it is no "
                "included study)"
            )
            problems.append(Problem(f"data/extractions/{study}.yaml", 0, "reports", sentence))
    return problems


def _objects(
    library: Library, questions: dict[str, Any], claims: dict[str, Any], ledger: Ledger
) -> dict[str, str]:
    """Every object of the review as it stands, as an edition lists them."""
    now = {f"study:{old}": MERGED for e in library.extractions.values() for old in e.formerly}
    now |= {f"study:{name}": "" for name in library.extractions}
    now |= {
        f"value:{name}.{field}": ""
        for name, extraction in library.extractions.items()
        for field, _ in extraction.facts()
    }
    now |= {f"claim:{name}": "" for name in claims} | {f"question:{name}": "" for name in questions}
    now |= {
        f"report:{one}": ""
        for one, standing in library.standings.items()
        if {one, standing.duplicate_of} & library.included  # merged into an included one: held
    }
    now |= {f"search:{name}": digest for name, digest in search_files(library).items()}
    rows = signature_rows(ledger)
    return now | {f"signature:{row.person}:{row.object}:{row.field}": "" for row in rows}


def quotes_held(store: Store) -> tuple[int, int]:
    """Quotes whose text this machine holds, and those whose text it does not."""
    records, held, absent = store.records(), 0, 0
    for extraction in store.extractions().values():
        for _, fact in extraction.facts():
            if fact.quote is None:
                continue
            texts = [
                held_text(store, records[report], fact.locator)
                for report in extraction.reports
                if report in records
            ]
            known = bool(texts) and None not in texts
            held, absent = held + known, absent + (not known)
    return held, absent


def write_attestations(store: Store) -> tuple[list[str], int]:
    """Attest every study whose texts this machine holds; the others stay as they are.

    :returns: files written or removed, and number of values whose quote was found
    """
    records, written, found = store.records(), [], 0
    attestations = store.attestations()
    for study, extraction in store.extractions().items():
        wanted = [f for _, f in extraction.facts() if f.quote is not None and f.locator in HELD]
        held = all(
            r in records and held_text(store, records[r], fact.locator) is not None
            for r in extraction.reports
            for fact in wanted
        )
        if not held or not (wanted or study in attestations):
            continue
        attestation = attest(store, extraction, records)
        found += len(attestation.values)
        if store.write_attestation(attestation):
            written.append(f"data/attestations/{study}.json")
    return written, found


def _editions(review: Review) -> list[Problem]:
    problems = inconsistencies(review.editions, review.corrections)
    problems += unrecorded(review.corrections, review.editions)
    people = {person.id for person in review.library.protocol.people}
    for index, one in enumerate(review.corrections):
        removal = one.kind is CorrectionKind.REMOVAL
        if one.by not in people | ({"tool"} if not removal else set()):
            who = "a person of protocol.yaml" if removal else "tool or a person of protocol.yaml"
            sentence = f"found {one.by}, expected {who}"
            problems.append(
                Problem("data/corrections.yaml", 0, f"corrections[{index}].by", sentence)
            )
    for study, attestation in review.attestations.items():
        extraction = review.library.extractions.get(study)
        if extraction is None:
            path = f"data/attestations/{study}.json"
            problems.append(Problem(path, 0, "study", "no such study in data/extractions"))
        else:
            problems += changed(extraction, attestation, review.library.records)
    return problems


def _origins(protocol: Protocol, extractions: dict[str, Extraction]) -> list[Problem]:
    """Each value says where and when it was read, and who entered it: a person known, or a tool."""
    problems = []
    people = {person.id for person in protocol.people}
    for study, extraction in extractions.items():
        path = f"data/extractions/{study}.yaml"
        for name, fact in extraction.facts():
            if fact.by is not None and " " not in fact.by and fact.by not in people:
                sentence = f"{fact.by} is not among the people of protocol.yaml"
                problems.append(Problem(path, 0, f"{name}.by", sentence))
            if isinstance(fact, Fact) and fact.value is None:
                continue
            for field in ("source_tier", "read_at", "by"):
                if getattr(fact, field) is None:
                    sentence = (
                        "missing, a value says where and when it was read, and who entered it"
                    )
                    problems.append(Problem(path, 0, f"{name}.{field}", sentence))
    return problems


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
        if row.criterion is not None and row.decision is not Outcome.EXCLUDE:
            sentence = f"found {row.criterion} beside {row.decision}, expected it with exclude"
            problems.append(Problem(path, number, "criterion", sentence))
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
        for field in ("overlaps", "may_overlap"):
            for other in getattr(extraction, field):
                if other not in extractions or other == study:
                    sentence = f"found {other}, expected another study in data/extractions"
                    problems.append(Problem(path, 0, field, sentence))
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
    for name, fact in extraction.facts():
        if fact.quote is None:
            continue
        if absent := not_carried(extraction, fact):
            shown = ", ".join(f"{number:g}" for number in absent)
            sentence = f"the quote does not hold {shown}"
            problems.append(Problem(path, 0, f"{name}.quote", sentence))
        texts = [
            held_text(store, records[report], fact.locator)
            for report in extraction.reports
            if report in records
        ]
        held = bool(texts) and all(text is not None for text in texts)
        if held and not any(stands_in(fact.quote, text or "") for text in texts):
            sentence = "the quote does not stand in the text this machine holds"
            problems.append(Problem(path, 0, f"{name}.quote", sentence))
    return problems
