"""Update: the monthly job. Search, dedupe, draft; publishing is the caller's next step.

Everything a source gives is fetched before anything is written; the search file is written last.
Killed anywhere and run again, the review ends in the same bytes as after an undisturbed run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from review import TOOL
from review.dedupe import find_duplicates
from review.extraction.draft import to_yaml
from review.extraction.extract import lexicon, new_drafts
from review.files.inventory import strays
from review.files.store import Store
from review.ground.errors import Exit, InvalidDataError, SourceError, gravest
from review.model.duplicates import Duplicates
from review.model.edition import CorrectionKind, since_last
from review.model.history import replay
from review.model.record import RETRACTING, NoticeType, Record, Volatile
from review.model.search import NoticeEvent
from review.searching.health import Recall, Symptom, health, recall
from review.searching.search import Plan, check_strategies, contact_email, plan
from review.searching.sources import Progress, quiet
from review.selection.flow import flow
from review.selection.library import Library, Place


@dataclass(frozen=True)
class SourceReport:
    """What one source's run gave."""

    id: str
    found: int
    new: int
    refetched: int
    """held records beyond those found, fetched again"""
    missing: tuple[str, ...] = ()
    set_aside: tuple[tuple[str, str], ...] = ()
    """PMIDs of records that can't be taken, and why"""
    error: str | None = None
    searched_through: str | None = None
    """day of the last complete search, this one included"""


@dataclass(frozen=True)
class NoticeReport:
    """A notice on a record of the review, and whether it touches an included study."""

    record: str
    title: str
    type: str
    notice: str
    study: str | None
    included: bool


@dataclass(frozen=True)
class UpdateReport:
    """Everything an update has to tell."""

    date: str
    dry_run: bool
    sources: tuple[SourceReport, ...]
    candidates: tuple[tuple[str, str], ...]
    """new records that wait for screening: id and title"""
    notices: tuple[NoticeReport, ...]
    unknown: tuple[tuple[str, str], ...]
    """held records whose PMID the source has never delivered: id and title"""
    duplicates: int
    queued_pairs: int
    drafts: tuple[str, ...]
    awaiting_screening: int
    changed_files: tuple[str, ...]
    baseline: bool
    """no record of the searches was screened yet"""
    health: tuple[Symptom, ...] = ()
    recall: tuple[Recall, ...] = ()
    publish_error: str | None = None

    @property
    def exit(self) -> Exit:
        """The gravest of what happened."""
        codes: list[Exit] = []
        if any(source.error for source in self.sources):
            codes.append(Exit.SOURCE)
        if self.publish_error:
            codes.append(Exit.PUBLISH)
        if any(notice.included for notice in self.notices):
            codes.append(Exit.NOTICE)
        if self.candidates:
            codes.append(Exit.CANDIDATES)
        return gravest(codes)

    def as_json(self) -> dict[str, Any]:
        """All facts, for machines."""
        return {
            "tool": TOOL,
            "date": self.date,
            "dry_run": self.dry_run,
            "exit": int(self.exit),
            "complete": not any(source.error for source in self.sources),
            "sources": [
                {
                    "id": s.id,
                    "found": s.found,
                    "new": s.new,
                    "refetched": s.refetched,
                    "missing": list(s.missing),
                    "set_aside": [{"pmid": pmid, "why": why} for pmid, why in s.set_aside],
                    "error": s.error,
                    "searched_through": s.searched_through,
                }
                for s in self.sources
            ],
            "candidates": [{"id": one, "title": title} for one, title in self.candidates],
            "notices": [
                {
                    "record": n.record,
                    "title": n.title,
                    "type": n.type,
                    "notice": n.notice,
                    "study": n.study,
                    "included": n.included,
                }
                for n in self.notices
            ],
            "unknown": [{"id": one, "title": title} for one, title in self.unknown],
            "duplicates": self.duplicates,
            "queued_pairs": self.queued_pairs,
            "drafts": list(self.drafts),
            "awaiting_screening": self.awaiting_screening,
            "baseline_not_screened": self.baseline,
            "health": [one.as_json() for one in self.health],
            "known_item_recall": [
                {"source": r.source, "known": len(r.known), "found": len(r.found)}
                for r in self.recall
            ],
            "changed_files": list(self.changed_files),
            "publish_error": self.publish_error,
        }


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
    protocol = store.protocol
    check_strategies(store)
    contact_email(protocol)
    if unread := strays(store):
        raise InvalidDataError(unread)  # what hides in them would be missing from this search
    with store.lock():
        if not dry_run:
            store.sweep()
        before = Library.of(store)
        store.questions()  # what publishing needs is found faulty now, before anything is sent
        flow(before)
        told = published(store)
        words = lexicon(store.vocabulary())
        people = store.pairs()
        records: dict[str, Record] = dict(before.records)
        volatile: dict[str, Volatile] = store.volatile()
        plans: list[Plan] = []
        reports: list[SourceReport] = []
        texts: dict[str, str] = {}
        for source in protocol.sources:
            earlier = [s.date for s in before.searches if s.source == source.id]
            try:
                one = plan(
                    store,
                    source,
                    today,
                    records=records,
                    volatile=volatile,
                    progress=progress,
                    say=say,
                )
            except SourceError as error:
                through = max(earlier, default=None)
                reports.append(
                    SourceReport(source.id, 0, 0, 0, error=str(error), searched_through=through)
                )
                continue
            plans.append(one)
            records, volatile = dict(one.records), dict(one.volatile)
            texts |= one.texts
            reports.append(
                SourceReport(
                    source.id,
                    one.count,
                    len(one.new),
                    one.held,
                    one.missing,
                    tuple(sorted(one.odd.items())),
                    searched_through=today,
                )
            )
        searches = [*before.searches, *(p.search for p in plans if p.search is not None)]
        history = replay(searches)
        duplicates = find_duplicates(records, people, history.first_seen)
        after = Library(
            protocol,
            records,
            duplicates,
            before.decisions,
            before.previous,
            searches,
            before.extractions,
            before.imports,
        )
        abstracts: dict[str, str | None] = {
            one: texts.get(one) or store.text(records[one]) for one in after.included
        }
        drafting = bool(plans) and "extract" in stages
        drafts = new_drafts(after, abstracts, words, today, store) if drafting else {}
        changed: list[str] = []
        if not dry_run and plans:
            verdicts = duplicates if "dedupe" in stages else None
            changed = _write(store, plans, records, volatile, verdicts, drafts, texts)
        new = [one for p in plans for one in p.new]
        candidates = [one for one in new if after.standings[one].place is Place.AWAITING_SCREENING]
        candidates.sort(key=lambda one: after.rank(records[one]))
        return UpdateReport(
            date=today,
            dry_run=dry_run,
            sources=tuple(reports),
            candidates=tuple((one, records[one].title) for one in candidates),
            notices=tuple(_notices(after, plans, after.watched | told)),
            unknown=tuple((one, records[one].title) for p in plans for one in p.unknown),
            duplicates=sum(len(c.members) - 1 for c in duplicates.clusters),
            queued_pairs=len(duplicates.queue),
            drafts=tuple(sorted(drafts)),
            awaiting_screening=after.waiting.screening,
            changed_files=tuple(sorted(changed)),
            baseline=not after.looked_at and bool(after.waiting.screening),
            health=tuple(health(after)),
            recall=tuple(recall(after, one.id) for one in protocol.sources),
        )


def _write(
    store: Store,
    plans: list[Plan],
    records: dict[str, Record],
    volatile: dict[str, Volatile],
    duplicates: Duplicates | None,
    drafts: dict[str, Any],
    texts: dict[str, str],
) -> list[str]:
    """Write everything; the search files last, since they say that all the rest is there."""
    written: list[str] = []
    known = store.record_paths()
    for one in sorted(texts):
        store.write_text(one, texts[one])
    for p in plans:
        for pmid, data in sorted(p.raw.items()):
            store.write_raw(p.source.id, pmid, data)
    for one in sorted({name for p in plans for name in p.changed}):
        if store.write_record(records[one], known):
            written.append(one)
    if store.write_volatile(volatile):
        written.append("volatile")
    if duplicates is not None and store.write_duplicates(duplicates):
        written.append("duplicates")
    for study, (extraction, record, places) in sorted(drafts.items()):
        if store.write_draft(study, to_yaml(extraction, record.title, places)):
            written.append(study)
    for p in plans:
        if p.search is not None:
            store.write_search(p.search)
            written.append(p.search.name.removesuffix(".json"))
    return written


def published(store: Store) -> frozenset[str]:
    """Reports that the last edition rests on and nobody took out on record: a notice on one touches
    what is published, whatever became of the files that include it.
    """
    editions = store.editions()
    if not editions:
        return frozenset()
    fresh = since_last(store.corrections().corrections, editions)
    removed = {c.object for c in fresh if c.kind is CorrectionKind.REMOVAL}
    last = editions[-1]
    studies = [one for one in last.studies if f"study:{one.id}" not in removed]
    reports = {*last.reports, *(report for one in studies for report in one.reports)}
    return frozenset(one for one in reports if f"report:{one}" not in removed)


def _notices(library: Library, plans: list[Plan], watched: frozenset[str]) -> list[NoticeReport]:
    """New notices on records, and records that vanished; those on included studies first."""
    found: list[NoticeReport] = []

    def add(record_id: str, kind: str, notice: str) -> None:
        kept = library.resolve(record_id)
        found.append(
            NoticeReport(
                record=record_id,
                title=library.records[record_id].title,
                type=kind,
                notice=notice,
                study=library.study_of.get(kept),
                included=bool({kept, record_id} & watched),
            )
        )

    def name(event: NoticeEvent) -> str:
        return f"PMID {event.pmid}" if event.pmid else event.reference or "PubMed"

    for p in plans:
        explained = {e.record for e in p.notices if e.type in RETRACTING - {NoticeType.RETRACTED}}
        for event in p.notices:
            if event.type is NoticeType.RETRACTED and event.record in explained:
                continue  # the mark on the record; the notice itself is told
            add(event.record, str(event.type), name(event))
        for one in p.vanished:
            add(one, "vanished", f"{p.source.id} no longer delivers it")
        for one in p.newly_odd:
            add(one, "set_aside", f"{p.source.id} delivers something else: look at it")
    return sorted(found, key=lambda n: (not n.included, n.record, n.type))
