"""Sign a value after it was compared with its source, contradict it, or take that back."""

from __future__ import annotations

from collections.abc import Sequence

from review.acts.own_file import OwnFile
from review.extraction.shown import shown_of, unsaid
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.grading.signatures import (
    MAY_VERIFY,
    Ledger,
    entered_by,
    fit_to_sign,
    notices_hash,
    signer,
)
from review.grading.signatures import sign as signature
from review.grading.signatures import withdraw as withdrawal
from review.ground.errors import UsageError
from review.ground.printable import control
from review.model.extraction import Extraction
from review.model.fingerprint import value_hash
from review.model.signature import Signature
from review.selection.library import Library

A_DAY = 86_400
"""Seconds; a value that was left on the screen for longer was not looked at for longer."""
LONGEST = 2000
"""Characters of what a second person reads instead."""


def sign(
    snapshot: Snapshot,
    person: str,
    extraction: Extraction,
    field: str,
    today: str,
    *,
    by_eye: str | None = None,
    seconds: int | None = None,
    typed: Sequence[str] = (),
    seen: str | None = None,
) -> Change[Signature]:
    """That a person compared a value with its source; nothing to write where they said so already.

    :param extraction: as the person saw it: where the value has changed since, the signature does
        not hold
    :param by_eye: the figure or table where a number without a quote was read
    :param seconds: how long the value was shown
    :param typed: group, time and outcome that the shown text does not say, as the person typed them
    :param seen: SHA-256 of the text that was shown; None: whatever is held now
    :raises UsageError: where the person may not or entered it, there is no such value, it is not
        fit to sign, its text is another by now, or it says what the shown text does not
    """
    _, role = signer(snapshot.protocol, person, MAY_VERIFY)
    fact = fit_to_sign(extraction, field, by_eye)
    if entered_by(fact, person):
        raise UsageError(
            f"{field}: entered by {person}; who entered a value can't check it, another person "
            "signs it"
        )
    file = OwnFile.of(snapshot, "signatures", person)
    library = Library.of(snapshot)
    shown = shown_of(snapshot, extraction, fact, library.records)
    if seen is not None and seen != shown.source:
        raise UsageError(f"{field}: its text changed while it was shown; look again")
    given = {word.strip().casefold() for word in typed}
    for one in unsaid(fact, shown, snapshot.vocabulary().values()):
        if one.words.strip().casefold() not in given:
            raise UsageError(
                f"{field}: the text shown does not say its {one.kind}; where you read it all the "
                f'same, type it: --typed "{one.words}"'
            )
    row = signature(f"study:{extraction.study}", field, value_hash(fact), role, today, by_eye)
    row = _with_source(row, library, extraction.study, shown.source, seconds)
    ledger = Ledger.of(library, snapshot.signatures())
    stands = person in ledger.of_value(extraction.study, field, fact)
    return Change("sign", person, () if stands else file.with_rows([row]), row)


def disagree(
    snapshot: Snapshot,
    person: str,
    extraction: Extraction,
    field: str,
    reads: str,
    today: str,
    *,
    seconds: int | None = None,
) -> Change[Signature]:
    """That a second person reads something else in the source of a value that another signed.

    :param reads: what the source says, of 1 to 2,000 characters
    :raises UsageError: where the person may not or entered it, there is no such value, or nobody
        else has signed it
    """
    _, role = signer(snapshot.protocol, person, MAY_VERIFY)
    facts = dict(extraction.facts())
    if field not in facts:
        raise UsageError(f"{field}: no such value, expected one of {', '.join(facts)}")
    if entered_by(facts[field], person):
        raise UsageError(f"{field}: entered by {person}; correct it in the extraction instead")
    if not reads.strip() or len(reads) > LONGEST or control(reads, "") is not None:
        raise UsageError(f"--disagree: expected one line of 1 to {LONGEST} characters")
    file = OwnFile.of(snapshot, "signatures", person)
    library = Library.of(snapshot)
    ledger = Ledger.of(library, snapshot.signatures())
    if not set(ledger.of_value(extraction.study, field, facts[field])) - {person}:
        raise UsageError(
            f"{field}: nobody else has signed it; correct it in the extraction instead"
        )
    shown = shown_of(snapshot, extraction, facts[field], library.records)
    hashed = value_hash(facts[field])
    row = signature(f"study:{extraction.study}", field, hashed, role, today)
    row = _with_source(row, library, extraction.study, shown.source, seconds)
    row = row.model_copy(update={"disagrees": reads.strip()})
    return Change("disagree", person, file.with_rows([row]), row)


def _with_source(
    row: Signature, library: Library, study: str, source: str | None, seconds: int | None
) -> Signature:
    """A row with what was shown beside the value, and for how long."""
    kept = None if seconds is None else min(seconds, A_DAY)
    return row.model_copy(
        update={"source": source, "notices": notices_hash(library, study), "seconds": kept}
    )


def withdraw(
    snapshot: Snapshot, person: str, study: str, field: str, today: str
) -> Change[Signature]:
    """Take a person's signature on a value, or their contradiction, back; both may be gone.

    :raises UsageError: where the person may not sign values, or has not signed this one
    """
    _, role = signer(snapshot.protocol, person, MAY_VERIFY)
    file = OwnFile.of(snapshot, "signatures", person)
    ledger = Ledger.of(Library.of(snapshot), snapshot.signatures())
    row = withdrawal(ledger, person, f"study:{study}", field, role, today)
    return Change("withdraw signature", person, file.with_rows([row]), row)
