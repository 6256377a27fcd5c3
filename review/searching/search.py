"""Search: run a source's whole strategy, and see what changed since the last complete search.

Everything is fetched before anything is written. What is new is told by comparing with the
search files alone, never with the records on disk, so a run that was killed half-way and runs
again finds the same things new. The search file is the last thing written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from pydantic import ValidationError

from review import TOOL
from review.ground.errors import InvalidDataError, Problem, SourceError, UsageError
from review.ground.secrets import variable
from review.model.history import replay
from review.model.licences import OPEN_LICENCES
from review.model.parsed import ParsedRecord
from review.model.protocol import Protocol, Source
from review.model.record import (
    OF_OTHERS,
    Author,
    Notice,
    NoticeType,
    Record,
    Volatile,
    record_id,
)
from review.model.search import NoticeEvent, Search, SetAside, format_of
from review.searching.comparison import Comparison
from review.searching.sources import (
    GivesRaw,
    Harvest,
    Progress,
    RecordKey,
    held_keys,
    quiet,
    source_module,
)
from review.searching.sources import Source as SourceModule
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
    if before is not None:
        known = {notice.key for notice in notices}
        notices += [n for n in before.notices if n.type in OF_OTHERS and n.key not in known]
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
class Held:
    """What the review holds when a source answers."""

    records: Mapping[str, Record]
    volatile: Mapping[str, Volatile]
    searches: Sequence[Search]
    """complete searches of all sources, oldest first"""

    def of(self, source: str) -> list[Search]:
        """The searches of one source."""
        return [search for search in self.searches if search.source == source]


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
    """Hits that no search of this source found before."""
    candidates: tuple[str, ...]
    """Those of them that no search of any source found before."""
    notices: tuple[NoticeEvent, ...]
    withdrawn: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[RecordKey, ...]
    odd: Mapping[RecordKey, str]
    """Answers set aside, and why."""
    newly_odd: tuple[str, ...]
    """Held records of which the source gave something that can't be taken, first seen so."""
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
    module: SourceModule, keys: tuple[RecordKey, ...], contact: str, say: Callable[[str], None]
) -> dict[RecordKey, bytes]:
    """The raw answers for records that were set aside; without them they are set aside as well."""
    if not keys or not hasattr(module, "raw"):
        return {}
    try:
        return cast(GivesRaw, module).raw(keys, contact=contact, say=say)
    except SourceError as error:
        say(f"{error}; a record is set aside without its raw text")
        return {}


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


def check_strategies(protocol: Protocol) -> None:
    """Refuse a faulty strategy before anything is sent.

    :raises InvalidDataError: with the place in each line
    :raises UsageError: where no module speaks to a source's kind
    """
    if problems := faulty_strategies(protocol):
        raise InvalidDataError(problems)


def faulty_strategies(protocol: Protocol) -> list[Problem]:
    """Faults of the protocol's strategies and tags.

    :raises UsageError: where no module speaks to a source's kind
    """
    name = "protocol.yaml"
    problems = [
        Problem(name, 0, f"sources[{index}].{where}", sentence)
        for index, source in enumerate(protocol.sources)
        for where, sentence in source_module(source.kind).check(source)
    ]
    for index, tag in enumerate(protocol.tags):
        try:
            compiled(tag.query)
        except ValueError as error:
            problems.append(Problem(name, 0, f"tags[{index}].query", str(error)))
    return problems


@dataclass
class _Answers:
    """A harvest's answers taken one by one: the review's records as they will be."""

    protocol: Protocol
    source: Source
    keys: Mapping[RecordKey, str]
    """held records that this source keeps up to date, by its key"""
    records: dict[str, Record]
    volatile: dict[str, Volatile]
    texts: dict[str, str] = field(default_factory=dict)
    taken: dict[RecordKey, str] = field(default_factory=dict)
    odd: dict[RecordKey, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """held records of which the notices alone were taken"""

    def take(self, key: RecordKey, parsed: ParsedRecord) -> None:
        """One answer: a new record, a held one anew, or one that is set aside."""
        own = self.keys.get(key)
        before = self.records[own] if own else None
        accession = None if key.pmid else key.accession
        try:
            record, volatile = build_record(
                parsed, before, self.protocol, self.source.id, accession=accession
            )
        except ValidationError as error:
            self.odd[key] = _why_odd(error)
            if before is not None:  # what the review holds of it stays, but for its notices
                self._tell_notices(before, parsed)
            return
        other = self.records.get(record.id)
        if other is not None and own is None and (not key.pmid or other.pmid == key.pmid):
            self.taken[key] = other.id  # held from another source, which keeps it up to date
            self._tell_notices(other, parsed)
            return
        if other is not None and other.pmid not in (None, parsed["pmid"]):
            sentence = f"PMID {parsed['pmid']} and {other.pmid} both claim it"
            raise InvalidDataError([Problem("data/records", 0, record.id, sentence)])
        self.taken[key] = record.id
        self.records[record.id] = record
        self.volatile[record.id] = volatile
        if parsed["abstract"]:
            self.texts[record.id] = parsed["abstract"]

    def _tell_notices(self, held: Record, parsed: ParsedRecord) -> None:
        self.records[held.id] = with_notices(held, parsed)
        self.told.append(held.id)


def plan(protocol: Protocol, source: Source, held: Held, harvest: Harvest, day: str) -> Plan:
    """Work out what a source's complete run changes. Pure: nothing is read, asked or written.

    :param day: day of the search
    :raises SourceError: where the harvest can't be believed; nothing of it is kept
    """
    searches = held.of(source.id)
    keys = held_keys(held.records.values(), source)
    answers = _Answers(protocol, source, keys, dict(held.records), dict(held.volatile))
    for key, parsed in harvest.records.items():
        answers.take(key, parsed)
    odd = {**harvest.odd, **answers.odd}
    _refuse_many_odd(source, odd, harvest)
    last = replay(searches)
    if harvest.count == 0 and last.last:
        raise SourceError(f"{source.id}: no hit at all, {len(last.last)} by the search before")
    compared = Comparison(
        harvest=harvest,
        before=held.records,
        after=answers.records,
        taken=answers.taken,
        held=keys,
        source=last,
        searches=replay(held.searches),
        told_today=frozenset(one for s in searches if s.date == day for one in s.vanished),
        day=day,
    )
    for one in compared.absent:
        noted = answers.records[one].vanished
        if noted is None or noted > day:  # a day that has not come: some clock was wrong
            update = {"vanished": day}
            answers.records[one] = answers.records[one].model_copy(update=update)
    looked_at = (*answers.taken.values(), *answers.told, *compared.absent)
    search = _search_file(protocol, source, searches, compared, odd, compared.notices(looked_at))
    known_odd = {one.number for one in searches[-1].set_aside} if searches else set()
    after = answers.records
    return Plan(
        source=source,
        search=None if _says_the_same(search, searches) else search,
        records=after,
        changed=tuple(one for one in sorted(after) if after[one] != held.records.get(one)),
        texts=answers.texts,
        volatile=answers.volatile,
        new=search.new,
        candidates=tuple(sorted(compared.first_found)),
        notices=search.notices,
        withdrawn=search.vanished,
        unknown=search.unknown,
        missing=tuple(key for key in harvest.missing if key in set(harvest.listed)),
        odd=odd,
        newly_odd=tuple(
            sorted(
                compared.ids[key]
                for key in odd
                if key in compared.ids and key.accession not in known_odd
            )
        ),
        count=search.count,
        fetched=search.fetched,
        held=search.held,
    )


def _refuse_many_odd(source: Source, odd: Mapping[RecordKey, str], harvest: Harvest) -> None:
    if len(odd) > max(ODD_ALWAYS, ODD_SHARE * len(harvest.listed)):
        key, why = next(iter(odd.items()))
        raise SourceError(
            f"{source.id}: {len(odd)} records can't be taken, expected one or two at most "
            f"({key}: {why})"
        )


def _search_file(
    protocol: Protocol,
    source: Source,
    searches: Sequence[Search],
    compared: Comparison,
    odd: Mapping[RecordKey, str],
    notices: tuple[NoticeEvent, ...],
) -> Search:
    """The complete search as its file will say it."""
    harvest, listed = compared.harvest, set(compared.harvest.listed)
    missing = tuple(key.accession for key in harvest.missing if key in listed)
    set_aside = tuple(
        SetAside(
            pmid=key.pmid,
            accession=None if key.pmid else key.accession,
            why=odd[key],
            listed=key in listed,
        )
        for key in sorted(odd, key=lambda key: (len(key.accession), key.accession))
    )
    search = Search(
        format=format_of(missing, set_aside),
        date=compared.day,
        source=source.id,
        run=1 + sum(1 for s in searches if s.date == compared.day),
        platform=source.platform,
        lines=harvest.lines,
        count=harvest.count,
        listed=len(harvest.listed),
        fetched=sum(key in compared.taken for key in listed),
        missing=missing,
        set_aside=set_aside,
        held=len(set(compared.held) - listed),
        new=tuple(sorted(compared.candidates)),
        gone=tuple(sorted(compared.lapsed)),
        returned=tuple(sorted(compared.returned)),
        vanished=tuple(sorted(compared.withdrawn)),
        unknown=tuple(sorted(compared.unknown)),
        notices=notices,
        found_sha256=compared.hits_sha256,
        parameters=harvest.parameters,
        protocol_sha256=protocol.full_hash,
        tool=TOOL,
    )
    if not search.adds_up:
        raise AssertionError("a harvest whose counts do not add up got past its source")
    return search


def _says_the_same(search: Search, searches: Sequence[Search]) -> bool:
    """Whether this day's last search said already what this one says."""
    if not searches or searches[-1].date != search.date:
        return False
    last = searches[-1]
    changes = (search.new, search.gone, search.returned, search.vanished, search.unknown)
    return (
        not any(changes)
        and not search.notices
        and last.found_sha256 == search.found_sha256
        and last.lines == search.lines
        and last.missing == search.missing
        and last.set_aside == search.set_aside
    )


def search_source(
    protocol: Protocol,
    source: Source,
    held: Held,
    day: str,
    *,
    progress: Progress = quiet,
    say: Callable[[str], None] = lambda _line: None,
) -> tuple[Plan, dict[RecordKey, bytes]]:
    """Run one source's search, and see what it changes.

    :returns: the plan, and what the source answered for the records that were set aside
    :raises UsageError: where the clock stands before the last search
    :raises SourceError: when the source failed; nothing of it is kept
    """
    searches = held.of(source.id)
    if searches and searches[-1].date > day:
        raise UsageError(
            f"today is {day}, but a search of {searches[-1].date} is there: check the clock; "
            f"if that day is wrong, delete data/searches/{searches[-1].name}"
        )
    contact = contact_email(protocol)
    module = source_module(source.kind)
    keys = tuple(held_keys(held.records.values(), source))
    harvest = module.run(source, keys, contact=contact, progress=progress, say=say)
    planned = plan(protocol, source, held, harvest, day)
    return planned, _raw(module, tuple(planned.odd), contact, say)
