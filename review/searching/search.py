"""Search: run a source's whole strategy, and see what changed since the last complete search.

Everything is fetched before anything is written. What is new is told by comparing with the
search files alone, never with the records on disk, so a run that was killed half-way and runs
again finds the same things new. The search file is the last thing written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

from pydantic import ValidationError

from review import TOOL
from review.files.store import Store
from review.ground.errors import InvalidDataError, Problem, SourceError, UsageError
from review.ground.secrets import variable
from review.model.history import replay
from review.model.licences import OPEN_LICENCES
from review.model.parsed import ParsedRecord
from review.model.protocol import Protocol, Source
from review.model.record import (
    POINTS_AT,
    TOUCHING,
    Author,
    Notice,
    NoticeType,
    Record,
    Volatile,
    record_id,
)
from review.model.search import NoticeEvent, Search, SetAside
from review.searching.sources import Harvest, Progress, quiet, source_module
from review.searching.sources.pubmed_query import Searchable, compiled


def searchable(parsed: ParsedRecord) -> Searchable:
    """A fetched record as the tags see it."""
    return Searchable.of(
        title=" ".join(filter(None, (parsed["title"], parsed["vernacular_title"]))),
        abstract=parsed["abstract"] or "",
        keywords=parsed["keywords"],
        mesh=parsed["mesh"],
        types=parsed["publication_types"],
        uid=parsed["pmid"] or "",
    )


def tags_of(protocol: Protocol, parsed: ParsedRecord) -> tuple[str, ...]:
    """The protocol's tags that match a record, in the protocol's order."""
    index = searchable(parsed)
    return tuple(tag.id for tag in protocol.tags if compiled(tag.query)(index))


def notices_of(parsed: ParsedRecord, longest: int | None = None) -> list[Notice]:
    """A record's links to other publications.

    :param longest: characters of a reference that are kept; all where None
    """
    return [
        Notice(
            type=NoticeType(n["type"]),
            pmid=n["pmid"],
            reference=n["reference"][:longest] if n["reference"] else None,
        )
        for n in parsed["notices"]
    ]


def build_record(
    parsed: ParsedRecord,
    before: Record | None,
    protocol: Protocol,
    source: str,
    *,
    accession: str | None = None,
) -> tuple[Record, Volatile]:
    """A record as it will be kept, and its volatile part.

    :param before: the record as the review holds it; its id and what the source lacks stay
    :param accession: the source's own number, where it is no PMID
    """
    pmid = parsed["pmid"]
    abstract, licence = parsed["abstract"], parsed["licence"]
    notices = notices_of(parsed)
    if parsed["version"] > 1:
        label = f"version {parsed['version']}"
        notices.append(Notice(type=NoticeType.NEW_VERSION, reference=label))
    may_keep = protocol.store_abstracts and licence in OPEN_LICENCES
    record = Record(
        format=1,
        id=before.id
        if before
        else record_id(
            pmid=pmid, doi=parsed["doi"], source=source, accession=accession or pmid or ""
        ),
        source=before.source if before else source,
        accession=before.accession if before else accession,
        pmid=pmid,
        pmcid=parsed["pmcid"] or (before.pmcid if before else None),
        doi=parsed["doi"] or (before.doi if before else None),
        title=parsed["title"],
        vernacular_title=parsed["vernacular_title"],
        authors=tuple(Author(**author) for author in parsed["authors"]),
        journal=parsed["journal"],
        year=parsed["year"],
        volume=parsed["volume"],
        issue=parsed["issue"],
        pages=parsed["pages"],
        language=tuple(parsed["language"]),
        publication_types=tuple(parsed["publication_types"]),
        registrations=tuple(parsed["registrations"]),
        notices=tuple(notices),
        abstract_sha256=hashlib.sha256(abstract.encode()).hexdigest() if abstract else None,
        abstract=abstract if may_keep and abstract and len(abstract) <= 20_000 else None,
        licence=licence,
        tags=tags_of(protocol, parsed),
    )
    volatile = Volatile(
        mesh=tuple(parsed["mesh"]),
        keywords=tuple(parsed["keywords"]),
        status=parsed["status"] or None,
        entered=parsed["entered"],
        revised=parsed["revised"],
    )
    return record, volatile


@dataclass(frozen=True)
class Plan:
    """What a source's run will write: nothing is on disk yet."""

    source: Source
    search: Search | None
    """The search file; None where this day's last one already says the same."""
    records: Mapping[str, Record]
    """Every record of the review after this run."""
    changed: tuple[str, ...]
    """Records whose file will be written."""
    texts: Mapping[str, str]
    volatile: Mapping[str, Volatile]
    new: tuple[str, ...]
    notices: tuple[NoticeEvent, ...]
    vanished: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    odd: Mapping[str, str]
    """PMIDs set aside, and why."""
    newly_odd: tuple[str, ...]
    """Held records of which the source gave something that can't be taken, first seen so."""
    raw: Mapping[str, bytes]
    """What the source answered for them, as it came."""
    count: int
    fetched: int
    held: int


ODD_ALWAYS, ODD_SHARE = 2, 0.02
"""Records that may be set aside: this many, or this share of those listed. More is no odd record
but a change of the source, which has failed.
"""


def with_notices(held: Record, parsed: ParsedRecord) -> Record:
    """A held record with the notices of an answer that can't be taken otherwise: a retraction must
    be told whatever else is odd.
    """
    notices = notices_of(parsed, longest=2000)
    known = {notice.key for notice in held.notices}
    fresh = tuple(notice for notice in notices if notice.key not in known)
    return held.model_copy(update={"notices": (*held.notices, *fresh)})


def _why_odd(error: ValidationError) -> str:
    """Why a record can't be kept: its field, and what is wrong with it."""
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the record'}: {first['msg']}"


def _raw(
    module: ModuleType, pmids: tuple[str, ...], contact: str, say: Callable[[str], None]
) -> dict[str, bytes]:
    """The raw answers for records that were set aside; without them they are set aside as well."""
    if not pmids or not hasattr(module, "raw"):
        return {}
    try:
        found: dict[str, bytes] = module.raw(pmids, contact=contact, say=say)
    except SourceError as error:
        say(f"{error}; a record is set aside without its raw text")
        return {}
    return found


def contact_email(protocol: Protocol) -> str:
    """The address NCBI asks for.

    :raises UsageError: where nobody gave one
    """
    address = variable("NCBI_EMAIL") or protocol.contact_email
    if not address or "@" not in address:
        raise UsageError(
            "no contact e-mail: NCBI asks for one with each request; set NCBI_EMAIL or "
            "contact_email in protocol.yaml"
        )
    return address


def check_strategies(store: Store) -> None:
    """Refuse a faulty strategy before anything is sent.

    :raises InvalidDataError: with the place in each line
    """
    name = "protocol.yaml"
    problems = [
        Problem(name, 0, f"sources[{index}].{where}", sentence)
        for index, source in enumerate(store.protocol.sources)
        for where, sentence in source_module(source.kind).check(source)
    ]
    for index, tag in enumerate(store.protocol.tags):
        try:
            compiled(tag.query)
        except ValueError as error:
            problems.append(Problem(name, 0, f"tags[{index}].query", str(error)))
    if problems:
        raise InvalidDataError(problems)


def plan(  # noqa: C901, PLR0915
    store: Store,
    source: Source,
    today: str,
    *,
    records: Mapping[str, Record],
    volatile: Mapping[str, Volatile],
    progress: Progress = quiet,
    say: Callable[[str], None] = lambda _line: None,
) -> Plan:
    """Run one source's search and work out what it changes.

    :raises SourceError: when the source failed; nothing of it is kept
    """
    protocol = store.protocol
    searches = store.searches(source.id)
    if searches and searches[-1].date > today:
        raise UsageError(
            f"today is {today}, but a search of {searches[-1].date} is there: check the clock; "
            f"if that day is wrong, delete data/searches/{searches[-1].name}"
        )
    history = replay(searches)
    by_pmid = {record.pmid: record for record in records.values() if record.pmid}
    contact = contact_email(protocol)
    module = source_module(source.kind)
    harvest: Harvest = module.run(
        source, tuple(by_pmid), contact=contact, progress=progress, say=say
    )
    odd, told = dict(harvest.odd), list[str]()
    after = dict(records)
    after_volatile = dict(volatile)
    texts: dict[str, str] = {}
    for pmid, parsed in harvest.records.items():
        try:
            record, side = build_record(parsed, by_pmid.get(pmid), protocol, source.id)
        except ValidationError as error:
            odd[pmid] = _why_odd(error)
            if pmid in by_pmid:  # what the review holds of it stays, but for its notices
                kept = with_notices(by_pmid[pmid], parsed)
                after[kept.id] = kept
                told.append(kept.id)
            continue
        if record.id in after and after[record.id].pmid not in (None, pmid):
            sentence = f"PMID {pmid} and {after[record.id].pmid} both claim it"
            raise InvalidDataError([Problem("data/records", 0, record.id, sentence)])
        after[record.id] = record
        after_volatile[record.id] = side
        if parsed["abstract"]:
            texts[record.id] = parsed["abstract"]
    if len(odd) > max(ODD_ALWAYS, ODD_SHARE * len(harvest.listed)):
        pmid, why = next(iter(odd.items()))
        raise SourceError(
            f"{source.id}: {len(odd)} records can't be taken, expected one or two at most "
            f"(PMID {pmid}: {why})"
        )
    taken = [pmid for pmid in harvest.records if pmid not in odd]
    listed = set(harvest.listed)
    id_of = {record.pmid: record.id for record in after.values() if record.pmid}
    delivered = listed.intersection(taken)
    found = {id_of[pmid] for pmid in delivered if pmid in id_of}
    silent = [id_of[p] for p in harvest.missing if p in id_of and p not in listed]
    absent = [one for one in silent if records[one].delivered]
    for one in absent:
        noted = after[one].vanished
        if noted is None or noted > today:  # a day that has not come: some clock was wrong
            after[one] = after[one].model_copy(update={"vanished": today})
    touched = (*(id_of[p] for p in taken), *told, *absent)
    events = {
        event.key: event
        for one in touched
        for n in after[one].notices
        if n.type in TOUCHING
        for event in [NoticeEvent(record=one, type=n.type, pmid=n.pmid, reference=n.reference)]
    }
    # A notice may be indexed before its mark on the report it is about: it counts from then on.
    for one in touched:
        for n in after[one].notices:
            if n.type in POINTS_AT and n.pmid in id_of:
                event = NoticeEvent(
                    record=id_of[n.pmid], type=POINTS_AT[n.type], pmid=after[one].pmid
                )
                events.setdefault(event.key, event)
    notices = tuple(events[key] for key in sorted(events) if key not in history.notices)
    new = tuple(sorted(found - history.ever))
    still_listed = {id_of[pmid] for pmid in harvest.listed if pmid in id_of}
    gone = tuple(sorted(history.last - still_listed))
    returned = tuple(sorted((found & history.ever) - history.last))
    if harvest.count == 0 and history.last:
        raise SourceError(f"{source.id}: no hit at all, {len(history.last)} by the search before")
    already = {one for s in searches if s.date == today for one in s.vanished}
    fresh = {one for one in absent if (records[one].vanished or today) >= today}
    vanished = tuple(sorted(fresh - already))
    unknown = tuple(sorted(set(silent) - set(absent) - history.vanished))
    set_aside = tuple(
        SetAside(pmid=pmid, why=odd[pmid], listed=pmid in listed) for pmid in sorted(odd, key=int)
    )
    known_odd = {one.pmid for one in searches[-1].set_aside} if searches else set()
    search = Search(
        format=2 if set_aside else 1,
        date=today,
        source=source.id,
        run=1 + sum(1 for s in searches if s.date == today),
        platform=source.platform,
        lines=harvest.lines,
        count=harvest.count,
        listed=len(harvest.listed),
        fetched=len(delivered),
        missing=tuple(p for p in harvest.missing if p in listed),
        set_aside=set_aside,
        held=len({r.pmid for r in records.values() if r.pmid} - listed),
        new=new,
        gone=gone,
        returned=returned,
        vanished=vanished,
        unknown=unknown,
        notices=notices,
        found_sha256=hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest(),
        parameters=harvest.parameters,
        protocol_sha256=protocol.full_hash,
        tool=TOOL,
    )
    if not search.adds_up:
        raise AssertionError("a harvest whose counts do not add up got past its source")
    said_already = (
        searches
        and searches[-1].date == today
        and not (new or gone or returned or vanished or unknown or notices)
        and searches[-1].found_sha256 == search.found_sha256
        and searches[-1].lines == search.lines
        and searches[-1].missing == search.missing
        and searches[-1].set_aside == search.set_aside
    )
    return Plan(
        source=source,
        search=None if said_already else search,
        records=after,
        changed=tuple(one for one in sorted(after) if after[one] != records.get(one)),
        texts=texts,
        volatile=after_volatile,
        new=new,
        notices=notices,
        vanished=vanished,
        unknown=unknown,
        missing=search.missing,
        odd=odd,
        newly_odd=tuple(sorted(id_of[p] for p in odd if p in id_of and p not in known_odd)),
        raw=_raw(module, tuple(odd), contact, say),
        count=search.count,
        fetched=search.fetched,
        held=search.held,
    )
