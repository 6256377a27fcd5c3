"""Sign a value after it was compared with its source, or take the signature back."""

from __future__ import annotations

from review.acts.own_file import OwnFile
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.grading.signatures import MAY_VERIFY, Ledger, fit_to_sign, signer
from review.grading.signatures import sign as signature
from review.grading.signatures import withdraw as withdrawal
from review.model.extraction import Extraction
from review.model.fingerprint import value_hash
from review.model.signature import Signature


def sign(
    snapshot: Snapshot,
    person: str,
    extraction: Extraction,
    field: str,
    today: str,
    *,
    by_eye: str | None = None,
) -> Change[Signature]:
    """That a person compared a value with its source; nothing to write where they said so already.

    :param extraction: as the person saw it: where the value has changed since, the signature does
        not hold
    :param by_eye: the figure or table where a number without a quote was read
    :raises UsageError: where the person may not, there is no such value, or it is not fit to sign
    """
    _, role = signer(snapshot.protocol, person, MAY_VERIFY)
    fact = fit_to_sign(extraction, field, by_eye)
    study = extraction.study
    row = signature(f"study:{study}", field, value_hash(fact), role, today, by_eye)
    file = OwnFile.of(snapshot, "signatures", person)
    ledger = Ledger.of(snapshot.protocol, snapshot.signatures())
    stands = person in ledger.of_value(study, field, fact)
    return Change("sign", person, () if stands else file.with_rows([row]), row)


def withdraw(
    snapshot: Snapshot, person: str, study: str, field: str, today: str
) -> Change[Signature]:
    """Take a person's signature on a value back; study and value may be gone.

    :raises UsageError: where the person may not sign values, or has not signed this one
    """
    _, role = signer(snapshot.protocol, person, MAY_VERIFY)
    file = OwnFile.of(snapshot, "signatures", person)
    ledger = Ledger.of(snapshot.protocol, snapshot.signatures())
    row = withdrawal(ledger, person, f"study:{study}", field, role, today)
    return Change("withdraw signature", person, file.with_rows([row]), row)
