"""What is taken from a source's answers: a new record, a held one anew, notices alone, or nothing.

An answer never changes a record that is another paper's, and takes back no notice that another
source gave. What it would change and may not is set aside or told as a conflict.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import TypeAdapter, ValidationError

from review.dedupe.comparable import comparable
from review.dedupe.compare import compare
from review.dedupe.entries import of_record
from review.ground.errors import InvalidDataError, Problem
from review.ground.printable import printable
from review.model.licences import OPEN_LICENCES
from review.model.parsed import ParsedNotice, ParsedRecord
from review.model.protocol import Protocol, Source
from review.model.record import (
    POINTS_AT,
    Author,
    Notice,
    NoticeType,
    Record,
    Volatile,
    record_id,
)
from review.model.search import NoticeEvent
from review.searching.sources import PUBMED, RecordKey
from review.searching.sources.pubmed_query import Searchable, compiled
from review.selection.notices import own_notices, said_by_others

DUPLICATE = "duplicate"
PARSED, NOTICE = TypeAdapter(ParsedRecord), TypeAdapter(ParsedNotice)
SHOWN = 80
"""Characters of a title that a message shows."""
LONGEST = 2000
"""Characters of a reference that are kept of an answer that can't be taken otherwise."""


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


def _all_notices(
    parsed: ParsedRecord, before: Record | None, source: str, told_by_others: Container[str]
) -> tuple[Notice, ...]:
    """An answer's notices, and those of the held record that it can't take back."""
    notices = notices_of(parsed)
    if before is not None:
        notices += said_by_others(before, source, notices, told_by_others)
    if parsed["version"] > 1:
        label = f"version {parsed['version']}"
        notices.append(Notice(type=NoticeType.NEW_VERSION, reference=label))
    return tuple(notices)


def build_record(
    parsed: ParsedRecord,
    before: Record | None,
    protocol: Protocol,
    source: str,
    *,
    accession: str | None = None,
    told_by_others: Container[str] = (),
) -> tuple[Record, Volatile]:
    """A record as it will be kept, and its volatile part.

    :param before: the record as the review holds it; its id and what the source lacks stay
    :param accession: the source's own number, where it is no PMID
    :param told_by_others: keys of the record's notices that other sources told: those stay, since
        an answer takes back only what its own source said
    """
    pmid = parsed["pmid"]
    abstract, licence = parsed["abstract"], parsed["licence"]
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
        notices=_all_notices(parsed, before, source, told_by_others),
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


def one_paper(a: Record, b: Record) -> bool:
    """Whether two records that share an identifier are of one paper, as dedupe judges it: sources
    give one DOI or PMID to two papers. Under one PMID a database that links a retraction, or calls
    the record an erratum, and one that does not yet, mean one paper all the same.
    """
    if a.pmid and a.pmid == b.pmid:
        a, b = (x.model_copy(update={"notices": (), "publication_types": ()}) for x in (a, b))
    one, other = (comparable(of_record(record)) for record in (a, b))
    return compare(one, other).outcome == DUPLICATE


def readable_notices(parsed: ParsedRecord) -> list[Notice]:
    """The notices of an answer that can't be taken otherwise, as far as they can be read."""
    found: list[Notice] = []
    given = parsed.get("notices") if isinstance(parsed, dict) else None
    for one in given if isinstance(given, list) else ():
        try:
            found += notices_of({**parsed, "notices": [NOTICE.validate_python(one)]}, LONGEST)
        except ValueError:
            continue  # the whole answer is set aside and told; a person looks at it
    return found


def with_notices(held: Record, notices: Iterable[Notice]) -> Record:
    """A held record with the notices of an answer that can't be taken otherwise: a retraction must
    be told whatever else is odd.
    """
    known = {notice.key for notice in held.notices}
    fresh = tuple(notice for notice in notices if notice.key not in known)
    return held.model_copy(update={"notices": (*held.notices, *fresh)})


def why_odd(error: ValueError) -> str:
    """Why a record can't be kept: its field, and what is wrong with it."""
    if not isinstance(error, ValidationError):
        return printable(str(error))[:LONGEST] or type(error).__name__
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{printable('.'.join(map(str, first['loc']))) or 'the record'}: {first['msg']}"


def told_of(
    events: Iterable[NoticeEvent], records: Mapping[str, Record]
) -> dict[str, frozenset[str]]:
    """The keys of each record's notices that some searches told: those on the record, and the link
    of a notice for which one on the report it is about was told.
    """
    found: dict[str, set[str]] = defaultdict(set)
    by_pmid = {record.pmid: record.id for record in records.values() if record.pmid}
    for event in events:
        found[event.record].add(event.key[1])
        about, notice = records.get(event.record), by_pmid.get(event.pmid or "")
        if about is not None and about.pmid and notice:
            links = (link for link, kind in POINTS_AT.items() if kind is event.type)
            found[notice] |= {f"{link}:{about.pmid}" for link in links}
    return {one: frozenset(keys) for one, keys in found.items()}


@dataclass
class Answers:
    """A harvest's answers taken one by one: the review's records as they will be."""

    protocol: Protocol
    source: Source
    keys: Mapping[RecordKey, str]
    """held records that this source keeps up to date, by its key"""
    records: dict[str, Record]
    volatile: dict[str, Volatile]
    never_delivered: frozenset[str] = frozenset()
    """those of them that another source gave and this one has never delivered"""
    told_by_others: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """keys of each record's notices that searches of other sources told"""
    texts: dict[str, str] = field(default_factory=dict)
    taken: dict[RecordKey, str] = field(default_factory=dict)
    odd: dict[RecordKey, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """held records of which the notices alone were taken"""
    added: set[tuple[str, str]] = field(default_factory=set)
    """notices that this source gave on a record that another keeps: record and key"""
    conflicts: list[str] = field(default_factory=list)
    """identifiers that two papers claim, and what was done; a sentence each"""

    @cached_property
    def _by_pmid(self) -> dict[str, str]:
        """The record of each PMID, ``pmid-N`` where two have it."""
        order = sorted(self.records.values(), key=lambda one: one.id == f"pmid-{one.pmid}")
        return {one.pmid: one.id for one in order if one.pmid}

    def take(self, key: RecordKey, parsed: ParsedRecord) -> None:
        """One answer: a new record, a held one anew, or one that is set aside."""
        own = self.keys.get(key)
        before = self.records[own] if own else None
        try:
            PARSED.validate_python(parsed)
            record, volatile = build_record(
                parsed,
                before,
                self.protocol,
                self.source.id,
                accession=None if key.pmid else key.accession,
                told_by_others=self.told_by_others.get(own or "", ()),
            )
        except ValueError as error:
            self._set_aside(key, why_odd(error), before, parsed)
            return
        if before is None:
            self._take_new(key, record, volatile, parsed)
        elif before.id in self.never_delivered and not one_paper(record, before):
            self._clash(key, record, before)
        else:
            self._keep(key, self._without_a_taken_pmid(key, record), volatile, parsed)

    def own_faults(self, odd: Mapping[RecordKey, str]) -> dict[RecordKey, str]:
        """What is odd, without the records that another source gave under a number which this one
        may know for another paper's.
        """
        return {k: why for k, why in odd.items() if self.keys.get(k) not in self.never_delivered}

    def _take_new(
        self, key: RecordKey, record: Record, volatile: Volatile, parsed: ParsedRecord
    ) -> None:
        """An answer on a record that this source does not keep: new, or held from another."""
        other = self.records.get(record.id) or self._holder(record)
        if other is not None and (not key.pmid or other.pmid == key.pmid):
            if one_paper(record, other):
                self.taken[key] = other.id  # whose source keeps it up to date
                self._tell_notices(other, (*record.notices, *own_notices(record)), added=True)
                return
            if record.pmid and record.pmid == other.pmid:
                self._clash(key, record, other)
                return
            own_id = record_id(pmid=None, doi=None, source=self.source.id, accession=key.accession)
            self.conflicts.append(
                f"{key}: its DOI is that of {other.id}, {_titles(other, record)}; kept as {own_id}"
            )
            record = record.model_copy(update={"id": own_id})
        elif other is not None and other.pmid not in (None, parsed["pmid"]):
            sentence = f"PMID {parsed['pmid']} and {other.pmid} both claim it"
            raise InvalidDataError([Problem("data/records", 0, record.id, sentence)])
        self._keep(key, record, volatile, parsed)

    def _holder(self, record: Record) -> Record | None:
        """The record that has the same PMID under another id."""
        return self.records.get(self._by_pmid.get(record.pmid or "", ""))

    def _without_a_taken_pmid(self, key: RecordKey, record: Record) -> Record:
        """A held record anew, but for a PMID that another record has: no two records have one."""
        other = self._holder(record)
        if key.pmid or other is None or other.id == record.id:
            return record
        if not one_paper(record, other):
            self.conflicts.append(
                f"{key}: its PMID {record.pmid} is that of {other.id}, "
                f"{_titles(other, record)}; taken without it"
            )
        return record.model_copy(update={"pmid": None})

    def _keep(
        self, key: RecordKey, record: Record, volatile: Volatile, parsed: ParsedRecord
    ) -> None:
        self.taken[key] = record.id
        self.records[record.id] = record
        if record.pmid:
            self._by_pmid.setdefault(record.pmid, record.id)
        if self.source.kind != PUBMED:  # its status and its dates are PubMed's own
            volatile = Volatile(mesh=volatile.mesh, keywords=volatile.keywords)
        self.volatile[record.id] = volatile
        if parsed["abstract"]:
            self.texts[record.id] = parsed["abstract"]

    def _set_aside(
        self, key: RecordKey, why: str, before: Record | None, parsed: ParsedRecord
    ) -> None:
        """What the review holds of it stays, but for its notices."""
        self.odd[key] = why
        if before is not None:
            self._tell_notices(before, readable_notices(parsed))

    def _clash(self, key: RecordKey, record: Record, held: Record) -> None:
        """A PMID under which another paper is held: nothing of the answer is that paper's."""
        self.odd[key] = f"PMID {record.pmid} is that of {held.id}, {_titles(held, record)}"

    def _tell_notices(
        self, held: Record, notices: Iterable[Notice], *, added: bool = False
    ) -> None:
        after = with_notices(held, notices)
        if added:
            before = {one.key for one in (*held.notices, *own_notices(held))}
            self.added |= {(held.id, n.key) for n in after.notices if n.key not in before}
        self.records[held.id] = after
        self.told.append(held.id)


def _titles(held: Record, found: Record) -> str:
    """Two titles in a message: the one that is held, and the one that came."""
    one, other = (printable(record.title)[:SHOWN] for record in (held, found))
    return f"held as {one!r}, found {other!r}"
