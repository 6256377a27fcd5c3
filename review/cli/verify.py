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
    from review.acts.sign import withdraw
    from review.files.change import apply
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
        apply(store, withdraw(store.snapshot(), person, study, field, day))
        return Answer(
            {"study": study, "withdrawn": [field], "person": person},
            [f"1 values withdrawn by {person}"],
        )
    extraction = _extraction_of(store.extractions(), study)
    if person is None:
        return _values(ledger, extraction, field)
    signer(store.protocol, person, MAY_VERIFY)
    if field:
        return _sign_one(store, ledger, extraction, field, person, day, options.by_eye)
    return _sign_each(store, ledger, extraction, person, day)


def _extraction_of(extractions: Mapping[str, Extraction], study: str) -> Extraction:
    if study not in extractions:
        near = ", ".join(sorted(extractions)[:8]) or "none yet"
        raise UsageError(f"{study}: no such study in data/extractions ({near}, …)")
    return extractions[study]


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
    from review.acts.sign import sign
    from review.files.change import apply

    change = sign(store.snapshot(), person, extraction, field, day, by_eye=by_eye)
    apply(store, change)
    fact = dict(extraction.facts())[field]
    return _signed(
        extraction.study,
        person,
        [field] if change.writes else [],
        [_line(ledger, extraction.study, field, fact)],
    )


def _sign_each(
    store: Store, ledger: Ledger, extraction: Extraction, person: str, day: str
) -> Answer:
    """Ask for each value that the person has not signed; each signature is saved at once."""
    from review.acts.sign import sign
    from review.cli.terminal import ask, choice, note
    from review.files.change import apply
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
        apply(store, sign(store.snapshot(), person, extraction, name, day, by_eye=place))
        done.append(name)
    return _signed(extraction.study, person, done)


def _signed(study: str, person: str, fields: Sequence[str], asides: Sequence[str] = ()) -> Answer:
    return Answer(
        {"study": study, "signed": fields, "person": person},
        [f"{len(fields)} values signed by {person}"],
        asides=asides,
    )
