"""Take what reading a study again offers into its file, one value by one."""

from __future__ import annotations

from review.extraction.again import Offer, kept_for
from review.extraction.extract import gist
from review.files.change import Change, Write, fingerprint
from review.files.snapshot import Snapshot
from review.grading.signatures import MAY_VERIFY, Ledger, signer
from review.ground.errors import UsageError
from review.ground.yaml import parse
from review.ground.yaml_edit import appended, inserted, replaced
from review.model.base import load
from review.model.extraction import LISTED_FACTS, SINGLE_FACTS, Extraction, Provenance, Result
from review.selection.library import Library


def take(snapshot: Snapshot, person: str, study: str, offer: Offer) -> Change[Offer]:
    """Put an offered value into a study's file; it stays the rules' reading, to be signed.

    Nothing to write where a list holds it already.

    :raises UsageError: where the person may not, there is no such study, a person entered or
        signed what stands there, or it is no longer what the person was shown
    :raises InvalidDataError: where the file can't be edited by span, or would not be sound
    """
    signer(snapshot.protocol, person, MAY_VERIFY)
    name = f"data/extractions/{study}.yaml"
    before = snapshot.bytes_of(name)
    extractions = snapshot.extractions()
    if before is None or study not in extractions:
        raise UsageError(f"{study}: no such study in data/extractions")
    have = extractions[study]
    if offer.field in SINGLE_FACTS:
        _fit(snapshot, have, offer)
    elif gist(offer.now) in {gist(one) for one in getattr(have, offer.field)}:
        return Change("take a reading", person, (), offer)
    elif isinstance(offer.now, Result) and have.result(offer.now.id) is not None:
        raise UsageError(f"{offer.key}: is another result since it was shown; look again")
    after = _with(before, name, offer)
    load(Extraction, parse(after, name), name)
    write = Write(name, fingerprint(before), after)
    return Change("take a reading", person, (write,), offer)


def _fit(snapshot: Snapshot, have: Extraction, offer: Offer) -> None:
    """Refuse to put a reading over what a person entered, signed or changed."""
    held: Provenance | None = getattr(have, offer.field)
    if held != offer.was:
        raise UsageError(f"{offer.key}: changed since it was shown; look again")
    if (why := kept_for(getattr(have, offer.field))) is not None:
        raise UsageError(f"{offer.key}: {why}; nothing is put over it, change it by hand")
    ledger = Ledger.of(Library.of(snapshot), snapshot.signatures())
    if held is not None and (who := ledger.of_value(have.study, offer.field, held)):
        raise UsageError(
            f"{offer.key}: signed by {', '.join(who)}; nothing is put over it, change it by hand"
        )


def _with(before: bytes, name: str, offer: Offer) -> bytes:
    """The file with the value: over what a rule left there, or as one more."""
    held = parse(before, name).value
    listed = offer.field in (*LISTED_FACTS, "results")
    value = dict(offer.plain)
    if listed and held.get(offer.field):
        return appended(before, name, (offer.field,), value)
    whole = [value] if listed else value
    if offer.field in held:
        return replaced(before, name, (offer.field,), whole)
    order = [*Extraction.model_fields]
    above = order[: order.index(offer.field)][::-1]
    return inserted(before, name, (), offer.field, whole, after=above)
