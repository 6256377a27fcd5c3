"""``review verify``: a study's values and who signed them; sign them with --person."""

from __future__ import annotations

import argparse
import sys

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import UsageError


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


def run(arguments: argparse.Namespace, day: str) -> int:  # noqa: C901, PLR0915
    """Run the verb; its exit code."""
    from review.editions.build import shown
    from review.grading.signatures import (
        MAY_VERIFY,
        Ledger,
        by_eye_alone,
        fit_to_sign,
        sign,
        signer,
        unsigned,
        value_status,
        withdraw,
    )
    from review.model.extraction import Provenance
    from review.model.fingerprint import value_hash
    from review.model.signature import Signature

    store = open_store(arguments)
    study, field, person = arguments.study, arguments.field, arguments.person
    ledger = Ledger.of(store.protocol, store.signatures())
    target = f"study:{study}"

    def save(row: Signature) -> None:
        with store.lock():
            store.append_rows("signatures", person, [row])

    def tell(fields: list[str], what: str) -> int:
        if arguments.json:
            print_json({"study": study, what: fields, "person": person})
        else:
            say(f"{len(fields)} values {what} by {person}")
        return 0

    if arguments.by_eye is not None and not (person and field):
        raise UsageError("--by-eye needs --person and the FIELD that was read there")
    if arguments.withdraw:
        if not (person and field):
            raise UsageError(
                "--withdraw needs --person and the FIELD whose signature is taken back"
            )
        _, role = signer(store.protocol, person, MAY_VERIFY)
        save(withdraw(ledger, person, target, field, role, day))
        return tell([field], "withdrawn")
    extractions = store.extractions()
    if study not in extractions:
        near = ", ".join(sorted(extractions)[:8]) or "none yet"
        raise UsageError(f"{study}: no such study in data/extractions ({near}, …)")
    extraction = extractions[study]

    def line(name: str, fact: Provenance) -> str:
        who = ledger.of_value(study, name, fact)
        quote = f'  "{fact.quote}"' if fact.quote else ""
        tier = f" [{fact.source_tier}]" if fact.source_tier else ""
        status = ", ".join(who) or value_status(ledger, study, name, fact)
        return f"{name}: {shown(fact)}{tier}{quote}  {status}"

    if person is None:
        facts = [(name, fact) for name, fact in extraction.facts() if field in (None, name)]
        if not facts:
            raise UsageError(f"{field}: no such value of {study}")
        if arguments.json:
            print_json(
                [
                    {
                        "field": name,
                        "shown": shown(fact),
                        "quote": fact.quote,
                        "status": value_status(ledger, study, name, fact),
                        "signed_by": ledger.of_value(study, name, fact),
                    }
                    for name, fact in facts
                ]
            )
        else:
            for name, fact in facts:
                say(line(name, fact))
            say("sign with --person YOU, after you compared each value with its source")
        return 0
    _, role = signer(store.protocol, person, MAY_VERIFY)
    done = []
    if field:
        fact = fit_to_sign(extraction, field, arguments.by_eye)
        say(line(field, fact), file=sys.stderr)
        if person not in ledger.of_value(study, field, fact):
            save(sign(target, field, value_hash(fact), role, day, arguments.by_eye))
            done.append(field)
        return tell(done, "signed")
    say("y: I compared it with its source, s: skip, q: stop", file=sys.stderr)
    for name, fact in unsigned(extraction, ledger, person):
        say(line(name, fact), file=sys.stderr)
        answer = ""
        while answer not in ("y", "s", "q"):
            print("? ", end="", file=sys.stderr, flush=True)
            said = sys.stdin.readline()
            answer = said.strip().lower() if said else "q"
        if answer == "q":
            break
        if answer != "y":
            continue
        place = None
        if by_eye_alone(fact):
            print(
                "no quote carries it; which figure or table? ", end="", file=sys.stderr, flush=True
            )
            place = sys.stdin.readline().strip()
            if not place:
                say("not signed: a number without a quote needs its place", file=sys.stderr)
                continue
        fit_to_sign(extraction, name, place)
        save(sign(target, name, value_hash(fact), role, day, place))
        done.append(name)
    return tell(done, "signed")
