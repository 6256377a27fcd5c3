"""``review verify``: a study's values, what hangs on them and who signed; sign with --person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.cli.words import words
from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.files.store import Store
    from review.model.extraction import Extraction


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    study: str | None
    field: str | None
    by_eye: str | None
    person: str | None
    typed: Sequence[str] | None
    second: bool
    disagree: str | None
    withdraw: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("verify", "a study's values and who signed them; sign them with --person")
    one.add_argument("study", nargs="?", metavar="STUDY", help="all studies, by what hangs on them")
    one.add_argument("field", nargs="?", metavar="FIELD", help="one value; all, one by one")
    one.add_argument(
        "--by-eye", metavar="PLACE", help="of a number without a quote: the figure or table read"
    )
    one.add_argument("--person", metavar="ID", help="who signs (a person of the protocol)")
    one.add_argument(
        "--typed",
        action="append",
        metavar="WORDS",
        help="a group, time or outcome of FIELD that the text shown does not say",
    )
    one.add_argument(
        "--second", action="store_true", help="the tenth of signed values for a second person"
    )
    one.add_argument("--disagree", metavar="SENTENCE", help="what the source of FIELD says instead")
    one.add_argument("--withdraw", action="store_true", help="take the signature back")


def _fit(options: Options) -> None:
    """Refuse options that do not go together."""
    one_value = bool(options.person and options.field)
    for name in ("by_eye", "typed", "disagree"):
        if getattr(options, name) is not None and not one_value:
            spelt = name.replace("_", "-")
            raise UsageError(f"--{spelt} needs --person and the FIELD that was read there")
    if options.withdraw and not one_value:
        raise UsageError("--withdraw needs --person and the FIELD whose signature is taken back")
    if options.second and (not options.person or options.study):
        raise UsageError("--second needs --person, and no study: values are chosen by a hash")
    if options.person and not (options.study or options.second):
        raise UsageError("--person: signs values of one STUDY; which? review verify lists them")


def run(options: Options, day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.cli.signing import Desk
    from review.grading.signatures import MAY_VERIFY, signer

    _fit(options)
    store = open_store(options.root)
    study, person = options.study, options.person
    if options.withdraw and study and options.field and person:
        return _withdraw(store, person, study, options.field, day)
    if study is None and person is None:
        return _studies(store)
    desk = Desk.of(store, person or "", day)
    if study is None:
        signer(store.protocol, desk.person, MAY_VERIFY)
        return desk.second_looks()
    extraction = _extraction_of(desk.review.library.extractions, study)
    if person is None:
        return desk.listed(extraction, options.field)
    signer(store.protocol, person, MAY_VERIFY)
    if options.disagree is not None and options.field:
        return desk.one_otherwise(extraction, options.field, options.disagree)
    if options.field:
        return desk.one(extraction, options.field, options.by_eye, options.typed or ())
    return desk.each(extraction)


def _extraction_of(extractions: Mapping[str, Extraction], study: str) -> Extraction:
    if study not in extractions:
        near = ", ".join(sorted(extractions)[:8]) or "none yet"
        raise UsageError(f"{study}: no such study in data/extractions ({near}, …)")
    return extractions[study]


def _withdraw(store: Store, person: str, study: str, name: str, day: str) -> Answer:
    from review.acts.sign import withdraw
    from review.files.change import apply

    apply(store, withdraw(store.snapshot(), person, study, name, day))
    return Answer(
        {"study": study, "withdrawn": [name], "person": person},
        [words("verify.withdrawn", count=1, person=person)],
    )


def _studies(store: Store) -> Answer:
    """Every study, those first on whose unsigned values most claims rest."""
    from review.grading.review import Review
    from review.grading.stake import claims_on

    review = Review.partial(store.snapshot())
    rows = []
    for study, extraction in review.library.extractions.items():
        facts = extraction.facts()
        claims = {name: claims_on(review, study, name) for name, _ in facts}
        signed = {name for name, fact in facts if review.ledger.of_value(study, name, fact)}
        waiting = [name for name in claims if claims[name] and name not in signed]
        resting = {claim for name in waiting for claim in claims[name]}
        staked = [name for name in claims if claims[name]]
        rows.append(
            {
                "study": study,
                "values": len(facts),
                "signed": len(signed),
                "under_claims": len(staked),
                "waiting_under_claims": len(waiting),
                "claims": sorted(resting),
            }
        )
    rows.sort(key=lambda row: (-len(row["claims"]), str(row["study"])))  # type: ignore[arg-type]
    return Answer(rows, _study_lines(rows))


def _study_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield words(
            "verify.studies",
            study=row["study"],
            signed=row["signed"],
            values=row["values"],
            stake=row["waiting_under_claims"],
            claims=len(row["claims"]),
        )
    under = sum(row["under_claims"] for row in rows)
    waiting = sum(row["waiting_under_claims"] for row in rows)
    yield words("verify.total", signed=under - waiting, values=under)
    if rows and rows[0]["claims"]:
        yield words("verify.next", study=rows[0]["study"])
