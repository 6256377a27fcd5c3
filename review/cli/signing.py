"""Signing value by value: what is shown of a value's source, and what each key does."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from review.cli.verb import Answer
from review.cli.words import words
from review.ground.errors import UsageError
from review.ground.printable import printable

if TYPE_CHECKING:
    from review.extraction.shown import Shown
    from review.files.snapshot import Snapshot
    from review.files.store import Store
    from review.grading.review import Review
    from review.model.extraction import Extraction, Provenance


@dataclass(frozen=True)
class Desk:
    """Values of a review before a person: what is shown, and what is signed.

    :ivar person: who signs; empty where nobody does
    """

    store: Store
    snapshot: Snapshot
    review: Review
    person: str
    day: str
    signed: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, store: Store, person: str, day: str) -> Desk:
        from review.grading.review import Review

        snapshot = store.snapshot()
        return cls(store, snapshot, Review.partial(snapshot), person, day)

    # ---- what is shown -------------------------------------------------------------------------

    def shown(self, extraction: Extraction, fact: Provenance) -> Shown:
        from review.extraction.shown import shown_of

        return shown_of(self.snapshot, extraction, fact, self.review.library.records)

    def lines(
        self, extraction: Extraction, name: str, fact: Provenance, claims: Sequence[str]
    ) -> Iterator[str]:
        """A value, what hangs on it, the text around its quote, and where to look it up."""
        from review.extraction.shown import unsaid
        from review.selection.links import links

        review, shown = self.review, self.shown(extraction, fact)
        yield self.value(extraction.study, name, fact)
        yield (
            words("verify.claims", claims=", ".join(claims))
            if claims
            else words("verify.no_claims")
        )
        place = fact.locator or words("verify.no_place")
        if shown.source is not None:
            yield " ".join(
                words(
                    "verify.text",
                    place=f"{place}, {shown.record}",
                    before=shown.before,
                    quote=shown.quote,
                    after=shown.after,
                ).split("\n")
            )
        elif fact.quote is not None:
            yield words("verify.not_held", quote=fact.quote, place=place)
        else:
            yield words("verify.no_quote", place=place)
        for _, also in fact.quotes()[1:]:
            yield words("verify.also", quote=also)
        for report in extraction.reports:
            if record := review.library.records.get(report):
                for title, address in links(review.library.protocol, record):
                    yield words("verify.link", name=title, address=address)
        for one in unsaid(fact, shown, review.vocabularies.values()):
            yield words("verify.unsaid", kind=one.kind, words=one.words)
        if who := review.ledger.disagreeing(extraction.study, name, fact):
            yield words("verify.disagrees", who=", ".join(who))

    def value(self, study: str, name: str, fact: Provenance) -> str:
        """A value in one line: what it says, and who signed it."""
        from review.editions.build import shown
        from review.grading.signatures import value_status

        who = self.review.ledger.of_value(study, name, fact)
        tier = f" [{fact.source_tier}]" if fact.source_tier else ""
        status = (
            words("verify.signed_by", who=", ".join(who))
            if who
            else words(f"verify.state.{value_status(self.review.ledger, study, name, fact)}")
        )
        return words("verify.value", field=name, shown=shown(fact), tier=tier, status=status)

    def listed(self, extraction: Extraction, name: str | None) -> Answer:
        """The values of a study, those first on which most hangs."""
        from review.editions.build import shown
        from review.grading.signatures import value_status
        from review.grading.stake import by_stake

        study, ledger = extraction.study, self.review.ledger
        rows = [row for row in by_stake(self.review, extraction) if name in (None, row[0])]
        if not rows:
            raise UsageError(f"{name}: no such value of {study}")
        facts = [
            {
                "field": one,
                "shown": shown(fact),
                "quote": None,
                **dict(fact.quotes()),
                "status": value_status(ledger, study, one, fact),
                "signed_by": ledger.of_value(study, one, fact),
                "disagrees": ledger.disagreeing(study, one, fact),
                "claims": list(claims),
            }
            for one, fact, claims in rows
        ]
        return Answer(
            facts,
            [
                *(line for row in rows for line in self.lines(extraction, *row)),
                words("verify.how"),
            ],
        )

    # ---- what is signed ------------------------------------------------------------------------

    def one(
        self, extraction: Extraction, name: str, by_eye: str | None, typed: Sequence[str]
    ) -> Answer:
        """Sign one value; on a terminal it is shown, and asked for, first."""
        from review.grading.signatures import fit_to_sign
        from review.grading.stake import claims_on

        fact = fit_to_sign(extraction, name, by_eye)
        claims = claims_on(self.review, extraction.study, name)
        if sys.stdin.isatty():
            self.ask(extraction, name, fact, claims, by_eye=by_eye)
            return self.answer(extraction.study)
        self.sign(extraction, name, 0, by_eye, typed)
        return self.answer(extraction.study, list(self.lines(extraction, name, fact, claims)))

    def each(self, extraction: Extraction) -> Answer:
        """Ask for each value that the person has not signed, those first on which most hangs; each
        signature is saved at once.
        """
        from review.cli.terminal import note
        from review.grading.signatures import entered_by
        from review.grading.stake import by_stake

        note(words("verify.keys"))
        for name, fact, claims in by_stake(self.review, extraction):
            if self.person in self.review.ledger.of_value(extraction.study, name, fact):
                continue
            if entered_by(fact, self.person):
                note(words("verify.own", field=name))
                continue
            if not self.ask(extraction, name, fact, claims):
                break
        return self.answer(extraction.study)

    def second_looks(self) -> Answer:
        """Ask for the values of the tenth that another person signed."""
        from review.cli.terminal import note
        from review.grading.second_look import offered
        from review.grading.stake import claims_on

        extractions = self.review.library.extractions
        rows = list(offered(self.review.ledger, extractions, self.person))
        note(
            words("verify.keys_second")
            if rows
            else words("verify.nothing_second", person=self.person)
        )
        for study, name, fact in rows:
            claims = claims_on(self.review, study, name)
            if not self.ask(extractions[study], name, fact, claims, second=True):
                break
        return self.answer(None)

    def ask(
        self,
        extraction: Extraction,
        name: str,
        fact: Provenance,
        claims: Sequence[str],
        *,
        by_eye: str | None = None,
        second: bool = False,
    ) -> bool:
        """Show a value and do what the person says; whether the next one comes."""
        from review.cli.terminal import ask, note, read_key
        from review.grading.signatures import by_eye_alone

        if second:
            note(extraction.study)
        for line in self.lines(extraction, name, fact, claims):
            note(line)
        since = monotonic()
        keys = ("y", "s", "q", "") + (("d",) if second else ())
        key = None
        while key not in keys:
            key = read_key(sys.stdin, words("verify.question"), sys.stderr).lower()
        seconds = int(monotonic() - since)
        note(key or "")
        if key in ("q", ""):
            return False
        if key == "d":
            if reads := ask(words("verify.otherwise_asked")):
                self.say_otherwise(extraction, name, reads, seconds)
            return True
        if key == "s":
            return True
        if by_eye is None and by_eye_alone(fact):
            by_eye = ask(words("verify.place_asked"))
            if not by_eye:
                note(words("verify.no_place_given"))
                return True
        typed = self.typed(extraction, fact)
        if typed is not None:
            self.sign(extraction, name, seconds, by_eye, typed)
        return True

    def typed(self, extraction: Extraction, fact: Provenance) -> list[str] | None:
        """What the person types of a value that its text does not say; None: they did not."""
        from review.cli.terminal import ask, note
        from review.extraction.shown import unsaid

        typed: list[str] = []
        shown = self.shown(extraction, fact)
        for one in unsaid(fact, shown, self.review.vocabularies.values()):
            shown_words = printable(one.words)
            said = ask(words("verify.typed_asked", kind=one.kind, words=shown_words))
            if said.casefold() != one.words.strip().casefold():
                note(words("verify.not_typed", words=one.words))
                return None
            typed.append(said)
        return typed

    def sign(
        self,
        extraction: Extraction,
        name: str,
        seconds: int,
        by_eye: str | None,
        typed: Sequence[str],
    ) -> None:
        """Sign a value as it was shown."""
        from review.acts.sign import sign
        from review.files.change import apply

        seen = self.shown(extraction, dict(extraction.facts())[name]).source
        change = sign(
            self.store.snapshot(),
            self.person,
            extraction,
            name,
            self.day,
            by_eye=by_eye,
            seconds=seconds,
            typed=typed,
            seen=seen,
        )
        apply(self.store, change)
        self.signed.extend([name] * bool(change.writes))

    def one_otherwise(self, extraction: Extraction, name: str, reads: str) -> Answer:
        """Say that the source says something else."""
        self.say_otherwise(extraction, name, reads, None)
        return self.answer(extraction.study)

    def say_otherwise(
        self, extraction: Extraction, name: str, reads: str, seconds: int | None
    ) -> None:
        """Write what a second person reads instead of a value."""
        from review.acts.sign import disagree
        from review.files.change import apply

        apply(
            self.store,
            disagree(
                self.store.snapshot(),
                self.person,
                extraction,
                name,
                reads,
                self.day,
                seconds=seconds,
            ),
        )
        self.otherwise.append(name)

    def answer(self, study: str | None, asides: Sequence[str] = ()) -> Answer:
        """What was signed, and how far a study is."""
        lines = [words("verify.signed", count=len(self.signed), person=self.person)]
        if self.otherwise:
            lines.append(words("verify.otherwise", count=len(self.otherwise), person=self.person))
        facts = {"study": study, "signed": self.signed, "person": self.person}
        return Answer({**facts, "disagrees": self.otherwise}, lines, asides=asides)
