"""Update: the monthly job. Search, dedupe, draft; publishing is the caller's next step.

Everything a source gives is fetched before anything is written; the search file is written last.
Killed anywhere and run again, the review ends in the same bytes as after an undisturbed run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from extractors import Lexicon
from review.dedupe import find_duplicates
from review.editions.news import news
from review.extraction.draft import to_yaml
from review.extraction.extract import lexicon, new_drafts
from review.files.inventory import strays
from review.files.snapshot import Snapshot
from review.files.store import Store
from review.grading.review import Review
from review.ground.errors import InvalidDataError, SourceError
from review.model.duplicates import Duplicates, PairDecision
from review.model.edition import CorrectionKind, since_last
from review.model.history import replay
from review.model.record import RETRACTING, Notice, NoticeType, Retraction, Volatile
from review.model.search import NoticeEvent
from review.searching.arrivals import with_arrivals
from review.searching.health import health, recall
from review.searching.search import Held, Plan, search_source
from review.searching.sources import Progress, quiet
from review.searching.strategies import check_strategies, contact_email
from review.selection.flow import flow
from review.selection.library import Library, Place
from review.update.report import NoticeReport, SourceReport, UpdateReport

STAGES = frozenset({"search", "dedupe", "extract"})


def update(
    store: Store,
    today: str,
    *,
    stages: frozenset[str] = STAGES,
    dry_run: bool = False,
    progress: Progress = quiet,
    say: Callable[[str], None] = lambda _line: None,
) -> UpdateReport:
    """Run the monthly job under the review's lock; publishing is not part of it.

    :param today: day of the search, YYYY-MM-DD
    :param stages: what is written; ``search`` alone leaves verdicts and drafts as they are
    :raises UsageError: no contact address, a clock behind the last search
    :raises InvalidDataError: files of the review that can't be used; nothing was sent
    :raises LockedError: another update is running
    """
    check_strategies(store.protocol)
    contact_email(store.protocol)
    with store.lock():
        if unread := strays(store):
            raise InvalidDataError(unread)  # what hides in them would be missing from this search
        if not dry_run:
            store.sweep()
        held = _Held.of(store)
        searched = _search(held, today, progress, say)
        after = _after(held, searched)
        abstracts: dict[str, str | None] = {
            one: searched.texts.get(one) or store.text(after.records[one]) for one in after.included
        }
        drafting = bool(searched.plans) and "extract" in stages
        volatile = searched.held.volatile
        drafts = new_drafts(after, abstracts, held.words, volatile, store) if drafting else {}
        changed: list[str] = []
        if not dry_run and searched.plans:
            verdicts = after.duplicates if "dedupe" in stages else None
            changed = _write(store, searched, verdicts, drafts)
        return UpdateReport(
            date=today,
            dry_run=dry_run,
            sources=tuple(searched.reports),
            candidates=_candidates(after, searched.plans),
            notices=tuple(_notices(held, after, searched.plans)),
            unknown=tuple(
                (one, after.records[one].title) for p in searched.plans for one in p.unknown
            ),
            duplicates=sum(len(c.members) - 1 for c in after.duplicates.clusters),
            queued_pairs=len(after.duplicates.queue),
            drafts=tuple(sorted(drafts)),
            awaiting_screening=after.waiting.screening,
            changed_files=tuple(sorted(changed)),
            baseline=not after.looked_at and bool(after.waiting.screening),
            since=news(_review(held, after, drafts)),
            health=tuple(health(after)),
            recall=tuple(recall(after, one.id) for one in after.protocol.sources),
            fictional=after.protocol.fictional,
        )


# ---- what is read before anything is sent --------------------------------------------------------


@dataclass(frozen=True)
class _Held:
    """What the review holds before the search."""

    library: Library
    review: Review
    """what of it can be read: a fault in a claim does not stop a search"""
    published: frozenset[str]
    words: Lexicon
    pairs: Mapping[str, Sequence[PairDecision]]
    volatile: dict[str, Volatile]

    @classmethod
    def of(cls, store: Store) -> _Held:
        """Read all that the update and its report rest on, and what publishing needs: a fault in
        it is found now, before the first request.
        """
        snapshot = store.snapshot()
        library = Library.of(snapshot)
        snapshot.questions()
        flow(library)
        return cls(
            library,
            Review.partial(snapshot),
            published(snapshot),
            lexicon(snapshot.vocabulary()),
            snapshot.pairs(),
            snapshot.volatile(),
        )


def published(snapshot: Snapshot) -> frozenset[str]:
    """Reports that the last edition rests on and nobody took out on record: a notice on one touches
    what is published, whatever became of the files that include it.
    """
    editions = snapshot.editions()
    if not editions:
        return frozenset()
    fresh = since_last(snapshot.corrections().corrections, editions)
    removed = {c.object for c in fresh if c.kind is CorrectionKind.REMOVAL}
    last = editions[-1]
    studies = [one for one in last.studies if f"study:{one.id}" not in removed]
    reports = {*last.reports, *(report for one in studies for report in one.reports)}
    return frozenset(one for one in reports if f"report:{one}" not in removed)


# ---- what the sources gave -----------------------------------------------------------------------


@dataclass
class _Searched:
    """What the sources' complete runs made of the review; nothing of it is on disk yet."""

    held: Held
    texts: dict[str, str] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    raw: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """answers that were set aside, as they came, by source and its number"""
    reports: list[SourceReport] = field(default_factory=list)
    """of every source, those that failed too"""

    def take(self, plan: Plan) -> None:
        """What a source's run gave: the next source's run starts from it."""
        self.plans.append(plan)
        self.texts |= plan.texts
        fresh = [plan.search] if plan.search is not None else []
        searches = (*self.held.searches, *fresh)
        self.held = replace(
            self.held, records=plan.records, volatile=plan.volatile, searches=searches
        )

    def arrived(self, before: Held, day: str) -> None:
        """Note the day on which each text came that was not held before."""
        now = self.held
        known = with_arrivals(now.volatile, now.records, before.volatile, before.records, day)
        self.held = replace(now, volatile=known)


def _search(held: _Held, today: str, progress: Progress, say: Callable[[str], None]) -> _Searched:
    """Search every source, each on what those before it gave; one that fails leaves no trace."""
    library = held.library
    imported = frozenset(one for run in library.imports for one in run.new)
    before = Held(library.records, held.volatile, library.searches, imported)
    so_far = _Searched(before)
    for source in library.protocol.sources:
        try:
            one, raw = search_source(
                library.protocol, source, so_far.held, today, progress=progress, say=say
            )
        except SourceError as error:
            through = max((s.date for s in so_far.held.of(source.id)), default=None)
            so_far.reports.append(
                SourceReport(source.id, 0, 0, 0, error=str(error), searched_through=through)
            )
            continue
        so_far.take(one)
        so_far.raw |= {(source.id, key.accession): data for key, data in raw.items()}
        so_far.reports.append(
            SourceReport(
                source.id,
                one.count,
                len(one.new),
                one.held,
                one.missing,
                tuple(sorted(one.odd.items())),
                one.conflicts,
                searched_through=today,
            )
        )
    so_far.arrived(before, today)
    return so_far


def _after(held: _Held, searched: _Searched) -> Library:
    """The review's records as they stand after the search, duplicates found anew."""
    records, searches = searched.held.records, searched.held.searches
    duplicates = find_duplicates(dict(records), held.pairs, replay(searches).first_seen)
    return replace(held.library, records=records, duplicates=duplicates, searches=searches)


def _review(held: _Held, after: Library, drafts: Mapping[str, Any]) -> Review:
    """The review as it stands after the update, its new drafts included."""
    extractions = {**after.extractions, **{study: made for study, (made, *_) in drafts.items()}}
    return replace(held.review, library=replace(after, extractions=extractions))


# ---- what is written -----------------------------------------------------------------------------


def _write(
    store: Store, searched: _Searched, duplicates: Duplicates | None, drafts: Mapping[str, Any]
) -> list[str]:
    """Write everything; the search files last, since they say that all the rest is there, and with
    the verdicts on duplicates as one: what is news is told by comparing with both. What says when a
    text came stands before its record: a run that was killed between knows it anew.
    """
    written: list[str] = []
    known = store.record_paths()
    for one in sorted(searched.texts):
        store.write_text(one, searched.texts[one])
    for (source, number), data in sorted(searched.raw.items()):
        store.write_raw(source, number, data)
    if store.write_volatile(dict(searched.held.volatile)):
        written.append("volatile")
    for one in sorted({name for p in searched.plans for name in p.changed}):
        if store.write_record(searched.held.records[one], known):
            written.append(one)
    for study, (extraction, record, places) in sorted(drafts.items()):
        if store.write_draft(study, to_yaml(extraction, record.title, places)):
            written.append(study)
    searches = [p.search for p in searched.plans if p.search is not None]
    return written + store.write_searches(searches, duplicates)


# ---- what is told --------------------------------------------------------------------------------


def _candidates(library: Library, plans: Sequence[Plan]) -> tuple[tuple[str, str], ...]:
    """New records that wait for screening, in the order of the list: id and title."""
    new = [one for p in plans for one in p.candidates]
    waiting = [one for one in new if library.standings[one].place is Place.AWAITING_SCREENING]
    waiting.sort(key=lambda one: library.rank(library.records[one]))
    return tuple((one, library.records[one].title) for one in waiting)


def _notices(held: _Held, library: Library, plans: list[Plan]) -> list[NoticeReport]:
    """New notices on records, and records that vanished; those on included studies first."""
    watched = library.watched | held.published
    found: list[NoticeReport] = []

    def add(record_id: str, kind: str, notice: str, retraction: Retraction | None = None) -> None:
        kept = library.resolve(record_id)
        found.append(
            NoticeReport(
                record=record_id,
                title=library.records[record_id].title,
                type=kind,
                notice=notice,
                study=library.study_of.get(kept),
                included=bool({kept, record_id} & watched),
                retraction=retraction,
            )
        )

    def name(event: NoticeEvent | Notice) -> str:
        return f"PMID {event.pmid}" if event.pmid else event.reference or "the record itself"

    for p in plans:
        explained = {
            e.record
            for e in p.notices
            if RETRACTING.get(e.type) is Retraction.CERTAIN and e.type is not NoticeType.RETRACTED
        }
        for event in p.notices:
            if event.type is NoticeType.RETRACTED and event.record in explained:
                continue  # the mark on the record; the notice itself is told
            add(event.record, str(event.type), name(event), RETRACTING.get(event.type))
        for one in p.withdrawn:
            add(one, "vanished", f"{p.source.id} no longer delivers it")
        for one in p.newly_odd:
            add(one, "set_aside", f"{p.source.id} delivers something else: look at it")
    events = {event.key for p in plans for event in p.notices}
    told = {(library.resolve(record), key) for record, key in events}
    for report, touch in library.newly_touched(held.library):
        # Links that dedupe made, and what came with a copy of the report.
        if (report, touch.notice.key) not in told:
            notice = touch.notice
            add(touch.record, str(notice.type), name(notice), touch.retraction)
    return sorted(found, key=lambda n: (not n.included, n.record, n.type))
