"""Screening key by key: what is shown of a record, and what each key does."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TextIO

from review.cli.terminal import NO_KEY, read_key, settle, tell
from review.cli.words import spoken, words
from review.ground.errors import UsageError
from review.ground.printable import control, printable
from review.model.protocol import Criterion, CriterionKind
from review.model.record import RETRACTING
from review.model.screening import Outcome, Stage
from review.selection.library import CONSENSUS
from review.selection.links import links
from review.selection.notices import own_notices

if TYPE_CHECKING:
    from review.acts.undo import Taken
    from review.model.record import Record
    from review.model.screening import Decision
    from review.selection.library import Library

LONGEST_NOTE = 2000
"""Characters of a note."""


class Desk(Protocol):
    """What the conversation reads and writes."""

    def abstract(self, record: Record, /) -> str | None:
        """A record's abstract, where this machine holds it."""
        ...

    def full_text(self, record: Record, /) -> str | None:
        """Where its full text is held; None where it is not."""
        ...

    def save(self, record: str, outcome: Outcome, /, **beside: str) -> None:
        """Write a decision durably: what is given beside its outcome, by the act's names."""
        ...

    def undo(self) -> Taken:
        """Take the reviewer's last decision at this stage back, durably.

        :raises UsageError: where none of the last twenty is left
        """
        ...


@dataclass
class _Screening:
    """What one key after another does to the records that wait for a reviewer.

    :ivar reasons: criteria of exclusion: id and text
    :ivar index: of the record that is decided on
    :ivar went: what became of each record of this session: True where it was decided on
    :ivar shown: the record on the screen
    """

    library: Library
    reviewer: str
    stage: Stage
    queue: list[Record]
    reasons: Sequence[tuple[str, str]]
    desk: Desk
    source: TextIO
    out: TextIO
    index: int = 0
    saved: int = 0
    note: str = ""
    went: list[bool] = field(default_factory=list)
    shown: str | None = None

    def say(self, key: str, **slots: object) -> None:
        """A sentence of the conversation."""
        tell(words(key, **slots), self.out)

    def ask(self, key: str) -> str:
        """A whole line in answer to a question."""
        tell(words(key), self.out, end="")
        return self.source.readline().strip()

    # ---- what is shown -------------------------------------------------------------------------

    def show(self, record: Record) -> None:
        """A record as a screener reads it: itself, where to read on, and the criteria."""
        new = words("screen.new") if self.library.is_new(record.id) else ""
        tell("", self.out)
        self.say(
            "screen.position", at=self.index + 1, of=len(self.queue), record=record.id, new=new
        )
        title = printable(record.title) or printable(record.vernacular_title or "")
        self._fill(title or words("screen.no_title"))
        self._fill(printable(record.citation))
        if record.publication_types:
            self._fill(words("screen.types", types=printable(", ".join(record.publication_types))))
        labels = {tag.id: tag.label["en"] for tag in self.library.protocol.tags}
        if record.tags:
            tags = printable(", ".join(labels.get(tag, tag) for tag in record.tags))
            self.say("screen.tags", tags=tags)
        for name, address in links(self.library.protocol, record):
            tell(printable(f"{name}: {address}"), self.out)
        where = self.desk.full_text(record)
        if where is None:
            self.say("screen.full_text_none", record=record.id)
        else:
            self.say("screen.full_text", where=printable(where))
        for notice in own_notices(record):
            if sure := RETRACTING.get(notice.type):
                self.say(f"screen.retracted.{sure}", kind=notice.type)
        for part in (self.desk.abstract(record) or words("screen.no_abstract")).split("\n"):
            self._fill(printable(part))
        self._earlier(record)
        self.criteria()

    def _fill(self, text: str) -> None:
        width = min(shutil.get_terminal_size((88, 24)).columns, 100)
        tell(textwrap.fill(text, width), self.out)

    def criteria(self) -> None:
        """The criteria with their numbers."""
        self.say("screen.criteria")
        for number, (_, text) in enumerate(self.reasons, 1):
            self.say("screen.criterion", number=number, text=printable(text))

    def _earlier(self, record: Record) -> None:
        """The reviewer's own earlier decision; for all together, everybody's."""
        rows = self.library.decided(self.library.resolve(record.id), self.stage)
        for who, row in sorted(rows.items()):
            if self.reviewer in (who, CONSENSUS):
                now = self.library.protocol.criteria_hash
                old = words("screen.before_old") if row.protocol != now else ""
                note = words("screen.note_is", note=printable(row.note)) if row.note else ""
                self.say(
                    "screen.before",
                    who=who,
                    decision=_decided(row),
                    date=row.date,
                    note=note,
                    old=old,
                )

    # ---- what a key does -----------------------------------------------------------------------

    def put(self, record: Record, outcome: Outcome, **beside: str) -> bool:
        """Save a decision with the note that was typed before it."""
        if self.note:
            beside["note"] = self.note
        self.desk.save(record.id, outcome, **beside)
        self.saved += 1
        return True

    def decide(self, record: Record, key: str) -> bool | None:
        """Do what a key asks for; whether the record was decided on, None where it stays."""
        if key == "i":
            return self.put(record, Outcome.INCLUDE)
        if key == "u":
            return self.put(record, Outcome.UNSURE)
        if key == "s":
            return False
        stays = {"e": self.exclude, "d": self.duplicate}.get(key)
        if stays is not None:
            return True if stays(record) else None
        if key == "n":
            self.take_note()
        elif key == "b":
            self.back()
        elif key == "?":
            self.say("screen.help")
            self.criteria()
        else:
            settle(self.source)
            self.say("screen.no_key", keys=words("screen.keys"))
        return None

    def exclude(self, record: Record) -> bool:
        """Ask for the criterion: one key, or a line where there are more than nine."""
        question = words("screen.criterion_asked", last=len(self.reasons))
        if len(self.reasons) > 9:
            tell(question, self.out, end="")
            answer = self.source.readline().strip()
        else:
            answer = read_key(self.source, question, self.out)
        tell("" if answer == NO_KEY else answer, self.out)
        if not (answer.isascii() and answer.isdigit()) or not 1 <= int(answer) <= len(self.reasons):
            self.say("screen.no_criterion")
            return False
        return self.put(record, Outcome.EXCLUDE, criterion=self.reasons[int(answer) - 1][0])

    def duplicate(self, record: Record) -> bool:
        """Ask which record it is a duplicate of."""
        other = self.ask("screen.duplicate_asked")
        if other not in self.library.records or other == record.id:
            self.say("screen.no_record", record=printable(other))
            return False
        return self.put(record, Outcome.DUPLICATE, duplicate_of=other)

    def take_note(self) -> None:
        """A note for the next decision on this record."""
        typed = self.ask("screen.note_asked")
        if len(typed) > LONGEST_NOTE or control(typed, "") is not None:
            self.say("screen.note_wrong", most=LONGEST_NOTE)
            return
        self.note = typed
        self.say("screen.note_kept")

    def back(self) -> None:
        """Show the record before again; a decision on it is taken back, a skip saved nothing."""
        self.note = ""
        if self.went and not self.went[-1]:
            self.went.pop()
            self.index -= 1
            self.shown = None
            self.say("screen.back_skipped")
            return
        try:
            taken = self.desk.undo()
        except UsageError as error:
            tell(printable(str(error)), self.out)
            return
        self.saved += 1
        if self.went:
            self.went.pop()
            self.index -= 1
        tell(undone(taken), self.out)
        self._put_first(self.library.resolve(taken.row.record))
        self.shown = None

    def _put_first(self, record_id: str) -> None:
        """Let a record be the next one that is shown."""
        record = self.library.records.get(record_id)
        if record is None or (
            self.index < len(self.queue) and self.queue[self.index].id == record_id
        ):
            return
        later = [one for one in self.queue[self.index :] if one.id != record_id]
        self.queue[self.index :] = [record, *later]

    def run(self) -> int:
        """One record after the other, until none is left or the reviewer quits."""
        while self.index < len(self.queue):
            record = self.queue[self.index]
            if self.shown != record.id:
                self.show(record)
                self.shown = record.id
            key = read_key(self.source, words("screen.decision"), self.out).lower()
            tell("" if key == NO_KEY else key, self.out)
            if key in ("q", ""):
                break
            decided = self.decide(record, key)
            if decided is not None:
                self.went.append(decided)
                self.index += 1
                self.note = ""
        self.say("screen.end", saved=self.saved, left=len(self.queue) - self.index)
        return self.saved


def _decided(row: Decision) -> str:
    """A decision in few words: its outcome, and what was given beside it."""
    beside = row.criterion or row.duplicate_of
    return f"{row.decision} ({beside})" if beside else str(row.decision)


def _reason(criterion: Criterion) -> str:
    """A criterion as a reason to exclude, in the language that is spoken where it has one."""
    text = criterion.text[spoken()] or criterion.text["en"] or criterion.text["zh"] or criterion.id
    if criterion.kind is CriterionKind.INCLUDE:
        return words("screen.not_met", criterion=text)
    return text


def undone(taken: Taken) -> str:
    """What was taken back, and what stands instead."""
    row, before = taken.row, taken.before
    return words(
        "screen.undone_restored" if before else "screen.undone",
        record=row.record,
        stage=row.stage,
        decision=_decided(row),
        date=row.date,
        before=_decided(before) if before else "",
    )


def screen(
    library: Library,
    reviewer: str,
    stage: Stage,
    queue: Sequence[Record],
    desk: Desk,
    *,
    source: TextIO,
    out: TextIO,
) -> int:
    """Let a reviewer decide record by record; every decision is saved at once.

    :param queue: the records, in their order
    :param desk: what is read and written
    :param source: where keys are typed
    :param out: where records and questions are shown
    :returns: the number of acts saved: decisions, and decisions taken back
    """
    reasons = [(one.id, _reason(one)) for one in library.protocol.eligibility]
    tell(words("screen.keys"), out)
    return _Screening(library, reviewer, stage, list(queue), reasons, desk, source, out).run()
