"""A harvest beside what the review holds and what earlier searches said: what changed, and how.

The field's words: a *hit* is a record that the search found, a *candidate* a hit that no search of
the source found before. A hit of the last search that is none of this one has *lapsed*; one that
comes again has *returned*. A held record that the source delivers no longer is *withdrawn*; one
that it never delivered is *unknown* to it. Pure: nothing is read, written or asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from review.model.history import History
from review.model.record import POINTS_AT, NoticeType, Record
from review.model.search import NoticeEvent
from review.searching.sources import Harvest, RecordKey
from review.selection.notices import own_notices


@dataclass(frozen=True)
class Comparison:
    """What one source's harvest changes.

    :ivar harvest: the complete run
    :ivar before: the review's records before it, by id
    :ivar after: the review's records after it, by id
    :ivar taken: the record that each answer became, by the source's key; those set aside are absent
    :ivar held: the record that each key stands for, of the records held before
    :ivar source: what the source's own searches say
    :ivar searches: what the searches of all sources say
    :ivar told_today: records that a search of the source told today as withdrawn
    :ivar day: day of the search
    :ivar never_delivered: held records that another source gave and this one never delivered
    :ivar added: notices that this source gave on a record that another keeps: record and key
    """

    harvest: Harvest
    before: Mapping[str, Record]
    after: Mapping[str, Record]
    taken: Mapping[RecordKey, str]
    held: Mapping[RecordKey, str]
    source: History
    searches: History
    told_today: frozenset[str]
    day: str
    never_delivered: frozenset[str] = frozenset()
    added: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def ids(self) -> Mapping[RecordKey, str]:
        """The record of each key, held or taken."""
        return {**self.held, **self.taken}

    @cached_property
    def hits(self) -> frozenset[str]:
        """Records that the search found and the source delivered."""
        return frozenset(self.taken[key] for key in self.harvest.listed if key in self.taken)

    @property
    def hits_sha256(self) -> str:
        """Hash of the sorted hits, a line each."""
        return hashlib.sha256("\n".join(sorted(self.hits)).encode()).hexdigest()

    @property
    def listed(self) -> frozenset[str]:
        """Records that the search found, delivered or not."""
        return frozenset(self.ids[key] for key in self.harvest.listed if key in self.ids)

    @property
    def candidates(self) -> frozenset[str]:
        """Hits that no search of this source found before."""
        return self.hits - self.source.ever

    @property
    def first_found(self) -> frozenset[str]:
        """Candidates that no search of any source found before: they are told once."""
        return self.hits - self.searches.ever

    @property
    def lapsed(self) -> frozenset[str]:
        """Hits of the last search that are none of this one."""
        return self.source.last - self.listed

    @property
    def returned(self) -> frozenset[str]:
        """Hits found before, but not by the last search."""
        return (self.hits & self.source.ever) - self.source.last

    @cached_property
    def _silent(self) -> tuple[str, ...]:
        """Held records that did not come, and were not listed either."""
        listed = set(self.harvest.listed)
        return tuple(
            self.ids[key] for key in self.harvest.missing if key in self.ids and key not in listed
        )

    @property
    def absent(self) -> tuple[str, ...]:
        """Held records that the source delivered once and does not deliver now."""
        return tuple(
            one
            for one in self._silent
            if self.before[one].delivered and one not in self.never_delivered
        )

    @property
    def withdrawn(self) -> frozenset[str]:
        """Absent records that no earlier search told as such."""
        fresh = {one for one in self.absent if (self.before[one].vanished or self.day) >= self.day}
        return frozenset(fresh - self.told_today)

    @property
    def unknown(self) -> frozenset[str]:
        """Held records that the source has never delivered, first seen so."""
        return frozenset(self._silent) - frozenset(self.absent) - self.source.vanished

    def notices(self, looked_at: tuple[str, ...]) -> tuple[NoticeEvent, ...]:
        """Notices that may change what a study says, and that no search of any source told before;
        those too that this source alone upholds.

        :param looked_at: ids of the records this run gave an answer on, in its order
        """
        events: dict[tuple[str, str], NoticeEvent] = {}
        upheld = set(self.added)
        for one in looked_at:
            for notice in own_notices(self.after[one]):
                event = NoticeEvent(
                    record=one,
                    type=notice.type,
                    pmid=notice.pmid,
                    reference=notice.reference,
                )
                events[event.key] = event
        # A notice may be indexed before its mark on the report it is about: it counts from then on.
        for one in looked_at:
            pmid = self.after[one].pmid
            for notice in self.after[one].notices:
                about = self._by_pmid.get(notice.pmid or "")
                if about and (kind := POINTS_AT.get(NoticeType(notice.type))):
                    event = NoticeEvent(
                        record=about, type=kind, pmid=pmid, reference=None if pmid else one
                    )
                    events.setdefault(event.key, event)
                    if (one, notice.key) in self.added:
                        upheld.add(event.key)
        return tuple(
            events[key]
            for key in sorted(events)
            if key not in self.searches.notices or key in upheld
        )

    @cached_property
    def _by_pmid(self) -> Mapping[str, str]:
        return {record.pmid: record.id for record in self.after.values() if record.pmid}
