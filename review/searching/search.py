"""Search: run a source's whole strategy, and see what changed since the last complete search.

Everything is fetched before anything is written. What is new is told by comparing with the
search files alone, never with the records on disk, so a run that was killed half-way and runs
again finds the same things new. The search file is the last thing written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError

from review import TOOL
from review.ground.errors import SourceError, UsageError
from review.ground.printable import printable
from review.model.history import History, replay
from review.model.protocol import Protocol, Source
from review.model.record import Record, Volatile
from review.model.search import NoticeEvent, Search, SetAside, format_of
from review.searching.answers import Answers, told_of
from review.searching.comparison import Comparison
from review.searching.door import judge
from review.searching.sources import (
    GivesRaw,
    Harvest,
    Progress,
    RecordKey,
    boundary,
    held_ids,
    held_keys,
    quiet,
    source_module,
)
from review.searching.sources import Source as SourceModule
from review.searching.strategies import contact_email, faults_of


@dataclass(frozen=True)
class Held:
    """What the review holds when a source answers."""

    records: Mapping[str, Record]
    volatile: Mapping[str, Volatile]
    searches: Sequence[Search]
    """complete searches of all sources, oldest first"""
    imported: frozenset[str] = frozenset()
    """records that an import brought, whose numbers are no source's"""

    def of(self, source: str) -> list[Search]:
        """The searches of one source."""
        return [search for search in self.searches if search.source == source]

    def keys(self, source: Source) -> dict[RecordKey, str]:
        """The record of each key that a source keeps up to date."""
        return held_keys(self.records.values(), source, self.imported)

    def told_by_others(self, protocol: Protocol, source: Source) -> dict[str, frozenset[str]]:
        """The keys of each record's notices that databases of other kinds told."""
        same = {one.id for one in protocol.sources if one.kind == source.kind}
        others = (search for search in self.searches if search.source not in same)
        return told_of((event for search in others for event in search.notices), self.records)

    def never_delivered(
        self, protocol: Protocol, source: Source, history: History
    ) -> frozenset[str]:
        """Records that a source is asked for, a database of another kind gave, and this one has
        never delivered: it found none of them, and their status and dates, which are PubMed's, are
        not known.

        :param history: what the source's own searches say
        """
        others = {one.id for one in protocol.sources if one.kind != source.kind}
        return frozenset(
            one
            for one in self.keys(source).values()
            if self.records[one].source in others
            and one not in history.ever
            and not _dated(self.volatile.get(one))
        )


def _dated(known: Volatile | None) -> bool:
    return known is not None and bool(known.status or known.entered or known.revised)


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
    conflicts: tuple[str, ...]
    """Identifiers that two papers or two records claim, a sentence each."""
    count: int
    fetched: int
    held: int


ODD_ALWAYS, ODD_SHARE = 2, 0.02
"""Records that may be set aside: this many, or this share of those listed. More is no odd record
but a change of the source, which has failed.
"""


def _raw(
    source: str,
    module: SourceModule,
    keys: tuple[RecordKey, ...],
    contact: str,
    say: Callable[[str], None],
) -> dict[RecordKey, bytes]:
    """The raw answers for records that were set aside; without them they are set aside as well."""
    if not keys or not hasattr(module, "raw"):
        return {}
    try:
        with boundary(source):
            given = cast(GivesRaw, module).raw(keys, contact=contact, say=say)
            return {key: bytes(given[key]) for key in keys if key in given}
    except SourceError as error:
        say(f"{error}; a record is set aside without its raw text")
        return {}


def plan(protocol: Protocol, source: Source, held: Held, harvest: Harvest, day: str) -> Plan:
    """Work out what a source's complete run changes. Pure: nothing is read, asked or written.

    :param day: day of the search
    :raises SourceError: where the harvest can't be believed; nothing of it is kept
    """
    with boundary(source.id):
        judge(source, harvest)
    searches = held.of(source.id)
    last = replay(searches)
    answers = _taken(protocol, source, held, harvest, last)
    odd = {**{key: printable(why) for key, why in harvest.odd.items()}, **answers.odd}
    _refuse_many_odd(source, answers.own_faults(odd), harvest)
    if harvest.count == 0 and last.last:
        raise SourceError(f"{source.id}: no hit at all, {len(last.last)} by the search before")
    compared = Comparison(
        harvest=harvest,
        before=held.records,
        after=answers.records,
        taken=answers.taken,
        held=answers.keys,
        source=last,
        searches=replay(held.searches),
        told_today=frozenset(one for s in searches if s.date == day for one in s.vanished),
        day=day,
        never_delivered=answers.never_delivered,
        added=frozenset(answers.added),
    )
    _mark_vanished(answers.records, compared)
    looked_at = (*answers.taken.values(), *answers.told, *compared.absent)
    search = _search_file(protocol, source, searches, compared, odd, compared.notices(looked_at))
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
        missing=_missing(harvest),
        odd=odd,
        newly_odd=_newly_odd(odd, compared, searches),
        conflicts=(*_of_one_key(held, source), *answers.conflicts),
        count=search.count,
        fetched=search.fetched,
        held=search.held,
    )


def _taken(
    protocol: Protocol, source: Source, held: Held, harvest: Harvest, history: History
) -> Answers:
    """What is taken of a harvest's answers."""
    answers = Answers(
        protocol,
        source,
        held.keys(source),
        dict(held.records),
        dict(held.volatile),
        held.never_delivered(protocol, source, history),
        held.told_by_others(protocol, source),
    )
    for key, parsed in harvest.records.items():
        answers.take(key, parsed)
    return answers


def _mark_vanished(records: dict[str, Record], compared: Comparison) -> None:
    for one in compared.absent:
        noted = records[one].vanished
        if noted is None or noted > compared.day:  # a day that has not come: some clock was wrong
            records[one] = records[one].model_copy(update={"vanished": compared.day})


def _missing(harvest: Harvest) -> tuple[RecordKey, ...]:
    """What was listed and not delivered."""
    listed = set(harvest.listed)
    return tuple(key for key in harvest.missing if key in listed)


def _newly_odd(
    odd: Mapping[RecordKey, str], compared: Comparison, searches: Sequence[Search]
) -> tuple[str, ...]:
    known = {one.number for one in searches[-1].set_aside} if searches else set()
    return tuple(
        sorted(
            compared.ids[key] for key in odd if key in compared.ids and key.accession not in known
        )
    )


def _of_one_key(held: Held, source: Source) -> tuple[str, ...]:
    """Records that have one number: the first is kept up to date, the others by nobody."""
    return tuple(
        f"{key}: is the number of {' and '.join(ids)}; only {ids[0]} is kept up to date"
        for key, ids in held_ids(held.records.values(), source, held.imported).items()
        if len(ids) > 1
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
    missing = tuple(key.accession for key in _missing(harvest))
    set_aside = tuple(
        SetAside(
            pmid=key.pmid,
            accession=None if key.pmid else key.accession,
            why=odd[key],
            listed=key in listed,
        )
        for key in sorted(odd, key=lambda key: (len(key.accession), key.accession))
    )
    try:
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
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = printable(".".join(map(str, first["loc"])))
        raise SourceError(f"{source.id}: {where}: {first['msg']}, for its search file") from None
    if not search.adds_up:
        raise AssertionError("a harvest whose counts do not add up was believed")
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
    if faults := faults_of(source):
        raise SourceError(f"{source.id}: " + "; ".join(": ".join(one) for one in faults))
    contact = contact_email(protocol)
    keys = tuple(held.keys(source))
    with boundary(source.id):
        module = source_module(source.kind)
        harvest = module.run(source, keys, contact=contact, progress=progress, say=say)
    planned = plan(protocol, source, held, harvest, day)
    for sentence in planned.conflicts:
        say(f"{source.id}: {sentence}")
    return planned, _raw(source.id, module, tuple(planned.odd), contact, say)
