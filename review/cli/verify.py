"""``review verify``: a study's values and who signed them; sign them with --person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.files.store import Store
    from review.grading.signatures import Ledger
    from review.model.extraction import Extraction, Provenance
    from review.model.protocol import Protocol
    from review.model.signature import Signature


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    study: str
    field: str | None
    by_eye: str | None
    person: str | None
    withdraw: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("verify", "a study's values and who signed them; sign them with --person")
    one.add_argument("study", metavar="STUDY")
    one.add_argument("field", nargs="?", metavar="FIELD", help="one value; all, one by one")
    one.add_argument(
        "--by-eye", metavar="PLACE", help="of a number without a quote: the figure or table read"
    )
    one.add_argument("--person", metavar="ID", help="who signs (a person of the protocol)")
    one.add_argument("--withdraw", action="store_true", help="take the signature back")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.grading.signatures import MAY_VERIFY, Ledger, signer

    store = open_store(options.root)
    study, field, person = options.study, options.field, options.person
    ledger = Ledger.of(store.protocol, store.signatures())
    if options.by_eye is not None and not (person and field):
        raise UsageError("--by-eye needs --person and the FIELD that was read there")
    if options.withdraw:
        if not (person and field):
            raise UsageError(
                "--withdraw needs --person and the FIELD whose signature is taken back"
            )
        save(store, person, withdrawal(store.protocol, ledger, study, field, person, day))
        return Answer(
            {"study": study, "withdrawn": [field], "person": person},
            [f"1 values withdrawn by {person}"],
        )
    extraction = extraction_of(store.extractions(), study)
    if person is None:
        return _values(ledger, extraction, field)
    signer(store.protocol, person, MAY_VERIFY)
    if field:
        return _sign_one(store, ledger, extraction, field, person, day, options.by_eye)
    return _sign_each(store, ledger, extraction, person, day)


def _values(ledger: Ledger, extraction: Extraction, field: str | None) -> Answer:
    from review.editions.build import shown
    from review.grading.signatures import value_status

    study = extraction.study
    facts = [(name, fact) for name, fact in extraction.facts() if field in (None, name)]
    if not facts:
        raise UsageError(f"{field}: no such value of {study}")
    return Answer(
        [
            {
                "field": name,
                "shown": shown(fact),
                "quote": None,
                **dict(fact.quotes()),
                "status": value_status(ledger, study, name, fact),
                "signed_by": ledger.of_value(study, name, fact),
            }
            for name, fact in facts
        ],
        [
            *(_line(ledger, study, name, fact) for name, fact in facts),
            "sign with --person YOU, after you compared each value with its source",
        ],
    )


def _line(ledger: Ledger, study: str, name: str, fact: Provenance) -> str:
    from review.editions.build import shown
    from review.grading.signatures import value_status

    who = ledger.of_value(study, name, fact)
    quote = "".join(f'  "{words}"' for _, words in fact.quotes())
    tier = f" [{fact.source_tier}]" if fact.source_tier else ""
    status = ", ".join(who) or value_status(ledger, study, name, fact)
    return f"{name}: {shown(fact)}{tier}{quote}  {status}"


def _sign_one(
    store: Store,
    ledger: Ledger,
    extraction: Extraction,
    field: str,
    person: str,
    day: str,
    by_eye: str | None,
) -> Answer:
    row = comparison(store.protocol, extraction, field, person, day, by_eye)
    fact = dict(extraction.facts())[field]
    fresh = person not in ledger.of_value(extraction.study, field, fact)
    if fresh:
        save(store, person, row)
    return _signed(
        extraction.study,
        person,
        [field] if fresh else [],
        [_line(ledger, extraction.study, field, fact)],
    )


def _sign_each(
    store: Store, ledger: Ledger, extraction: Extraction, person: str, day: str
) -> Answer:
    """Ask for each value that the person has not signed; each signature is saved at once."""
    from review.cli.terminal import ask, choice, note
    from review.grading.signatures import by_eye_alone, unsigned

    done: list[str] = []
    note("y: I compared it with its source, s: skip, q: stop")
    for name, fact in unsigned(extraction, ledger, person):
        note(_line(ledger, extraction.study, name, fact))
        answer = choice("? ", ("y", "s", "q"), at_end="q")
        if answer == "q":
            break
        if answer == "s":
            continue
        place = None
        if by_eye_alone(fact):
            place = ask("no quote carries it; which figure or table? ")
            if not place:
                note("not signed: a number without a quote needs its place")
                continue
        save(store, person, comparison(store.protocol, extraction, name, person, day, place))
        done.append(name)
    return _signed(extraction.study, person, done)


def _signed(study: str, person: str, fields: Sequence[str], asides: Sequence[str] = ()) -> Answer:
    return Answer(
        {"study": study, "signed": fields, "person": person},
        [f"{len(fields)} values signed by {person}"],
        asides=asides,
    )


# ---- acts: what is signed, refused and saved -----------------------------------------------------


def extraction_of(extractions: Mapping[str, Extraction], study: str) -> Extraction:
    """What was extracted of a study.

    :raises UsageError: where there is none of this name
    """
    if study not in extractions:
        near = ", ".join(sorted(extractions)[:8]) or "none yet"
        raise UsageError(f"{study}: no such study in data/extractions ({near}, …)")
    return extractions[study]


def withdrawal(
    protocol: Protocol, ledger: Ledger, study: str, field: str, person: str, day: str
) -> Signature:
    """The row that takes a signature on a value back; study and value may be gone.

    :raises UsageError: where the person may not sign values, or has not signed this one
    """
    from review.grading.signatures import MAY_VERIFY, signer, withdraw

    _, role = signer(protocol, person, MAY_VERIFY)
    return withdraw(ledger, person, f"study:{study}", field, role, day)


def comparison(
    protocol: Protocol,
    extraction: Extraction,
    field: str,
    person: str,
    day: str,
    place: str | None,
) -> Signature:
    """The row by which a person says that they compared a value with its source.

    :param place: the figure or table where a number without a quote was read
    :raises UsageError: where the person may not, there is no such value, or it is not fit to sign
    """
    from review.grading.signatures import MAY_VERIFY, fit_to_sign, sign, signer
    from review.model.fingerprint import value_hash

    _, role = signer(protocol, person, MAY_VERIFY)
    fact = fit_to_sign(extraction, field, place)
    return sign(f"study:{extraction.study}", field, value_hash(fact), role, day, place)


def save(store: Store, person: str, row: Signature) -> None:
    """Append a row to a person's signatures, under the review's lock."""
    with store.lock():
        store.append_rows("signatures", person, [row])
