"""Everything that waits for people: one queue a kind, each with the command that does it.

What waits is named by study, claim or report, with what is known of it, so that who reads it can
begin without opening a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from review.checking.claims import support_fell
from review.dedupe import DISAGREE
from review.extraction.quotes import MACHINE
from review.grading.levels import Status as Graded
from review.grading.review import Review
from review.ground.errors import Problem
from review.ground.printable import printable
from review.ground.wording import wording
from review.model.claim import Claim
from review.model.screening import Decision, Outcome, Stage
from review.selection.library import CONSENSUS, Place
from review.selection.sheet import exclusion_reasons

INTERVAL = 35
"""Days after which another database is exported again, where no source of the protocol has more."""
LONGEST = 80
"""Characters of a title or note in a line."""


class Kind(StrEnum):
    """What waits, in the order in which it is told."""

    SUSPENDED = "suspended_claims"
    FELL = "sentences_to_be_said_anew"
    CONFLICT = "conflicts"
    FULL_TEXT = "awaiting_full_text"
    STALE = "stale_decisions"
    DOUBTFUL = "doubtful_pairs"
    CONTRADICTED = "contradicting_pairs"
    UNDRAFTED = "included_without_extraction"
    UNREAD = "unread_drafts"
    UNASSIGNED = "studies_in_no_question"
    LAPSED = "lapsed_signatures"
    UNSIGNED = "unsigned_claims"
    EXPORT = "exports_due"


@dataclass(frozen=True)
class Item:
    """One thing that waits.

    :ivar name: a study, a claim, or a report's record
    :ivar about: what is known of it, with its name
    :ivar path: its file in the review
    """

    name: str
    about: str
    path: str

    def as_json(self) -> dict[str, str]:
        """The same for machines."""
        return {"name": self.name, "about": str(self.about), "file": self.path}


@dataclass(frozen=True)
class Queue:
    """All that waits of one kind.

    :ivar title: how many, and of what
    :ivar command: what is typed next
    """

    kind: Kind
    title: str
    command: str
    items: tuple[Item, ...]

    def command_for(self, item: Item) -> str:
        """What is typed for one of the things."""
        named = {"data/extractions": "STUDY", "data/claims": "CLAIM"}
        placeholder = named.get(item.path.rpartition("/")[0])
        if placeholder is None:
            return self.command
        fitting = [one for one in self.command.split(", or ") if placeholder in one]
        return ", or ".join(fitting or [self.command]).replace(placeholder, item.name)

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "kind": str(self.kind),
            "waiting": len(self.items),
            "command": self.command,
            "items": [one.as_json() for one in self.items],
        }


def waiting(review: Review, today: str) -> list[Queue]:
    """What waits for people in a review; a queue in which nothing stands is left out.

    :param today: for what is due by a day
    """
    return [one for one in _Waiting(review, today).queues() if one.items]


def as_notes(queues: Iterable[Queue]) -> list[Problem]:
    """What waits as notes on files: sentence and command."""
    return [
        Problem(item.path, 0, str(queue.kind), f"{item.about}; run: {queue.command_for(item)}")
        for queue in queues
        for item in queue.items
    ]


@dataclass(frozen=True)
class _Waiting:
    review: Review
    today: str

    def queues(self) -> Iterator[Queue]:
        """One a kind, in order, empty ones too."""
        make = {
            Kind.SUSPENDED: (
                self.suspended(),
                wording("claims that rest on a retracted study"),
                "review assign STUDY QUESTION --out --person YOU",
            ),
            Kind.FELL: (
                self.fell(),
                wording("claims that say as much as before, though less stands behind them"),
                'review confirm CLAIM --person YOU --sentence "TEXT"',
            ),
            Kind.CONFLICT: (
                self.conflicts(),
                wording("reports on which reviewers disagree"),
                f"review screen --reviewer {CONSENSUS}",
            ),
            Kind.FULL_TEXT: (
                self.full_texts(),
                wording("reports to be decided on by their full text"),
                "review screen --stage full_text --reviewer YOU",
            ),
            Kind.STALE: (
                self.stale(),
                wording("decisions taken before a criterion changed"),
                "review screen --stale --reviewer YOU",
            ),
            Kind.DOUBTFUL: (
                self.pairs(contradicted=False),
                wording("pairs that may be one report"),
                "review dedupe --list",
            ),
            Kind.CONTRADICTED: (
                self.pairs(contradicted=True),
                wording("pairs on which reviewers disagree"),
                "review dedupe --list",
            ),
            Kind.UNDRAFTED: (
                self.undrafted(),
                wording("included reports of which nothing is extracted"),
                "review extract",
            ),
            Kind.UNREAD: (
                self.unread(),
                wording("drafts of the program that nobody has read"),
                "review verify STUDY --person YOU",
            ),
            Kind.UNASSIGNED: (
                self.unassigned(),
                wording("included studies that answer no question yet"),
                "review assign STUDY QUESTION --person YOU",
            ),
            Kind.LAPSED: (
                self.lapsed(),
                wording("signatures on what has changed since"),
                "review verify STUDY --person YOU, or review confirm CLAIM --person YOU",
            ),
            Kind.UNSIGNED: (
                self.unsigned(),
                wording("claims that nobody stands for yet"),
                "review verify STUDY --person YOU, then review confirm CLAIM --person YOU",
            ),
            Kind.EXPORT: (
                self.exports(),
                wording("databases to be searched and exported by hand again"),
                "review import FILE --source NAME --platform TEXT",
            ),
        }
        for kind in Kind:
            items, title, command = make[kind]
            yield Queue(kind, title, command, tuple(items))

    # ---- names ---------------------------------------------------------------------------------

    @cached_property
    def _reasons(self) -> Mapping[str, str]:
        return dict(exclusion_reasons(self.review.library.protocol))

    def _report(self, record_id: str) -> str:
        """A report as people name it: its study where it has one, else authors, year and title."""
        library = self.review.library
        if study := library.study_of.get(record_id):
            return f"{study} ({record_id})"
        record = library.records[record_id]
        author = record.authors[0] if record.authors else None
        who = (author.family or author.literal or "") if author else ""
        title = printable(record.title or record.vernacular_title or "")
        shown = title if len(title) <= LONGEST else f"{title[:LONGEST]}…"
        name = printable(f"{who} {record.year or ''}")
        return f"{name}: {shown} ({record_id})" if name else f"{shown} ({record_id})"

    def _record_item(self, record_id: str, about: str) -> Item:
        return Item(record_id, about, "data/screening")

    def _study_item(self, study: str, about: str) -> Item:
        return Item(study, about, f"data/extractions/{study}.yaml")

    def _claim_item(self, claim: str, about: str) -> Item:
        return Item(claim, about, f"data/claims/{claim}.yaml")

    # ---- selection -----------------------------------------------------------------------------

    def conflicts(self) -> Iterator[Item]:
        """Reports on which reviewers disagree, with who said what and why."""
        library = self.review.library
        stages = {
            Place.CONFLICT_TITLE_ABSTRACT: Stage.TITLE_ABSTRACT,
            Place.CONFLICT_FULL_TEXT: Stage.FULL_TEXT,
        }
        for place, stage in stages.items():
            for one in library.at(place):
                rows = library.decided(one, stage)
                said = "; ".join(self._decision(who, row) for who, row in sorted(rows.items()))
                about = wording("{report}: {decisions}", report=self._report(one), decisions=said)
                yield self._record_item(one, about)

    def _decision(self, who: str, row: Decision) -> str:
        """What a reviewer decided, and why."""
        why = self._reasons.get(row.criterion or "", row.criterion or "")
        if row.decision is Outcome.DUPLICATE:
            why = f"= {row.duplicate_of}"
        note = printable(row.note)[:LONGEST]
        reasons = ", ".join(part for part in (printable(why), note) if part)
        return f"{who} {row.decision}" + (f" ({reasons})" if reasons else "")

    def full_texts(self) -> Iterator[Item]:
        """Reports that titles let in, and whose full text nobody has judged."""
        for one in self.review.library.at(Place.AWAITING_FULL_TEXT):
            yield self._record_item(one, self._report(one))

    def stale(self) -> Iterator[Item]:
        """Decisions in force that were taken under other criteria."""
        for reviewer, row in self.review.library.stale():
            about = wording(
                "{report}: {decision} on {date}",
                report=self._report(self.review.library.resolve(row.record)),
                decision=self._decision(reviewer, row),
                date=row.date,
            )
            yield Item(row.record, about, f"data/screening/{reviewer}.csv")

    def pairs(self, *, contradicted: bool) -> Iterator[Item]:
        """Pairs of records that wait for a person."""
        for one in self.review.library.duplicates.queue:
            split = bool(one.reasons) and one.reasons[0].startswith(DISAGREE)
            if split is contradicted and {one.a, one.b} <= self.review.library.records.keys():
                about = wording(
                    "{one} and {other}: {why}",
                    one=self._report(one.a),
                    other=self._report(one.b),
                    why=printable(one.reasons[0] if one.reasons else ""),
                )
                yield Item(f"{one.a} {one.b}", about, "data/pairs")

    def exports(self) -> Iterator[Item]:
        """Databases that are searched by hand, and whose last export is older than the interval."""
        library = self.review.library
        days = max((source.interval_days for source in library.protocol.sources), default=INTERVAL)
        last: dict[str, tuple[str, str]] = {}
        for one in library.imports:
            last[one.source] = max(last.get(one.source, ("", "")), (one.date, one.platform))
        for source, (day, platform) in sorted(last.items()):
            due = str(date.fromisoformat(day) + timedelta(days=days))
            if due < self.today:
                about = wording(
                    "{source} ({platform}): exported {date}, due since {due}",
                    source=source,
                    platform=printable(platform),
                    date=day,
                    due=due,
                )
                yield Item(source, about, "data/imports")

    # ---- studies -------------------------------------------------------------------------------

    def undrafted(self) -> Iterator[Item]:
        """Included reports that no extraction names."""
        library = self.review.library
        for one in sorted(library.included - library.study_of.keys()):
            yield self._record_item(one, self._report(one))

    @cached_property
    def _included_studies(self) -> list[str]:
        library = self.review.library
        return [
            study
            for study, extraction in library.extractions.items()
            if any(library.resolve(report) in library.included for report in extraction.reports)
        ]

    def unread(self) -> Iterator[Item]:
        """Extractions in which every value is the program's and nobody has signed one."""
        for study in self._included_studies:
            extraction = self.review.library.extractions[study]
            facts = list(extraction.facts())
            drafted = [fact for _, fact in facts if (fact.by or "").startswith(MACHINE)]
            signed = any(self.review.ledger.of_value(study, name, fact) for name, fact in facts)
            if drafted and len(drafted) == len(facts) and not signed:
                about = wording("{study}: {count} values", study=study, count=len(facts))
                yield self._study_item(study, about)

    def unassigned(self) -> Iterator[Item]:
        """Included studies that stand in no question."""
        assigned = {one.study for q in self.review.questions.values() for one in q.studies}
        for study in self._included_studies:
            if study not in assigned:
                name = self.review.study_name(study)
                yield self._study_item(study, wording("{study} ({name})", study=study, name=name))

    # ---- claims --------------------------------------------------------------------------------

    def suspended(self) -> Iterator[Item]:
        """Claims that rest on a study whose results may not be used."""
        library = self.review.library
        for name, grade in self.review.claim_grades.items():
            if grade.status is not Graded.SUSPENDED:
                continue
            studies = self.review.claims[name].studies
            on = [one for one in studies if one in library.extractions and library.suspended(one)]
            about = wording(
                "{claim}: {studies} in {question}",
                claim=name,
                studies=", ".join(on),
                question=self.review.claims[name].question,
            )
            yield self._claim_item(name, about)

    def fell(self) -> Iterator[Item]:
        """Claims whose support fell since the last edition, and whose sentence stayed."""
        for name, claim in self.review.claims.items():
            if support_fell(self.review, claim) is not None:
                about = wording(
                    "{claim}: {support} now: {sentence}",
                    claim=name,
                    support=str(claim.support).replace("_", " "),
                    sentence=printable(claim.sentence["en"] or claim.sentence["zh"] or ""),
                )
                yield self._claim_item(name, about)

    def _at_stake(self, claim: Claim) -> Iterator[tuple[str, str, bool]]:
        """The values that a claim rests on: study, field, and whether somebody signed it."""
        question = self.review.questions[claim.question]
        library = self.review.library
        for one in question.studies:
            if one.study not in claim.studies or one.study not in library.extractions:
                continue
            wanted = {"design", *(f"results.{result}" for result in one.results)}
            for name, fact in library.extractions[one.study].facts():
                if name in wanted:
                    signed = bool(self.review.ledger.of_value(one.study, name, fact))
                    yield one.study, name, signed

    def unsigned(self) -> Iterator[Item]:
        """Claims without a signature, or on values without one: those with most at stake first."""
        found: list[tuple[int, str, Item]] = []
        for name, claim in self.review.claims.items():
            values = list(self._at_stake(claim))
            missing = [(study, field) for study, field, signed in values if not signed]
            grade = self.review.claim_grades[name]
            confirmed = bool(self.review.ledger.of_claim(grade))
            if not claim.studies or (confirmed and not missing):
                continue
            about = wording(
                "{claim}: {signed} of {values} values signed, {confirmed} ({studies})",
                claim=name,
                signed=len(values) - len(missing),
                values=len(values),
                confirmed=wording("confirmed") if confirmed else wording("not confirmed"),
                studies=", ".join(dict.fromkeys(study for study, _ in missing)) or "-",
            )
            found.append((-len(values), name, self._claim_item(name, about)))
        yield from (item for _, _, item in sorted(found, key=lambda one: one[:2]))

    def lapsed(self) -> Iterator[Item]:
        """Signatures that a person gave on something that reads otherwise now; claims first."""
        for name in self.review.claims:
            grade = self.review.claim_grades[name]
            holding = self.review.ledger.of_claim(grade)
            for who in self.review.ledger.gave(f"claim:{name}", "claim"):
                if who not in holding:
                    about = wording("{what}: signed by {who}", what=name, who=who)
                    yield self._claim_item(name, about)
        for study, extraction in self.review.library.extractions.items():
            for field, fact in extraction.facts():
                holding = self.review.ledger.of_value(study, field, fact)
                for who in self.review.ledger.gave(f"study:{study}", field):
                    if who not in holding:
                        about = wording("{what}: signed by {who}", what=f"{study} {field}", who=who)
                        yield self._study_item(study, about)
