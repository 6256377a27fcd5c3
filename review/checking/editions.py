"""Editions and corrections: consistent, and nothing that the last one lists is gone in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from review.editions.audit import inconsistencies, left_by_decision, unrecorded
from review.editions.build import search_files, signature_rows
from review.files import kinds
from review.files.snapshot import Snapshot
from review.grading.review import Review
from review.ground.errors import Problem
from review.model.edition import CorrectionKind, Edition, since_last


def released(review: Review) -> list[Problem]:
    """What does not fit in the editions released and in the corrections between them."""
    return [
        *inconsistencies(review.editions, review.corrections, left_by_decision(review.library)),
        *unrecorded(review.corrections, review.editions),
        *_correctors(review),
        *_invented(review),
    ]


def _invented(review: Review) -> list[Problem]:
    """A review that became real after an edition of it was fictional, or the other way."""
    fictional = review.library.protocol.fictional
    if not review.editions or review.editions[-1].fictional == fictional:
        return []
    now, before = str(fictional).lower(), str(not fictional).lower()
    sentence = (
        f"found {now}, expected {before} as in edition {review.editions[-1].version}: records of a "
        "fictional world and of real services stand in no one review"
    )
    return [Problem("protocol.yaml", 0, "fictional", sentence)]


def _correctors(review: Review) -> list[Problem]:
    """Corrections by nobody whom the protocol names; a removal is a person's alone."""
    problems = []
    people = {person.id for person in review.library.protocol.people}
    for index, correction in enumerate(review.corrections):
        removal = correction.kind is CorrectionKind.REMOVAL
        if correction.by not in people | ({"tool"} if not removal else set()):
            who = "a person of protocol.yaml" if removal else "tool or a person of protocol.yaml"
            sentence = f"found {correction.by}, expected {who}"
            problems.append(
                Problem("data/corrections.yaml", 0, f"corrections[{index}].by", sentence)
            )
    return problems


# ---- what the last edition lists -----------------------------------------------------------------

MERGED = "merged"
"""Of a study that another names as its former self: it is held, its values are the other's."""
PLACES = {
    "study": "data/extractions/{}.yaml",
    "claim": "data/claims/{}.yaml",
    "question": "data/questions/{}.yaml",
    "search": "data/searches/{}.json",
    "edition": "data/editions/{}.json",
}
"""Where an object of each kind stood; the others have no file of their own."""


def listed(edition: Edition) -> list[str]:
    """Every object of an edition."""
    found = [f"study:{one.id}" for one in edition.studies]
    found += [f"value:{s.id}.{v.field}" for s in edition.studies for v in s.values]
    found += [f"claim:{one.id}" for one in edition.claims]
    found += [f"question:{one.id}" for one in edition.questions]
    found += [f"report:{one}" for one in edition.reports]
    found += [f"search:{name}" for name in edition.search_files or ()]
    return found + [
        f"signature:{row.person}:{row.object}:{row.field}" for row in edition.signatures or ()
    ]


def standing(review: Review) -> dict[str, str]:
    """Every object of the review as it stands, as an edition lists them, and the fingerprint of
    those that never change.
    """
    library = review.library
    now = {f"study:{old}": MERGED for e in library.extractions.values() for old in e.formerly}
    now |= {f"study:{name}": "" for name in library.extractions}
    now |= {
        f"value:{name}.{field}": ""
        for name, extraction in library.extractions.items()
        for field, _ in extraction.facts()
    }
    now |= {f"claim:{name}": "" for name in review.claims}
    now |= {f"question:{name}": "" for name in review.questions}
    now |= {
        f"report:{record}": ""
        for record, at in library.standings.items()
        # merged into an included one: held; left by a decision that is held: told in data/notices
        if {record, at.duplicate_of} & (library.included | library.removed)
    }
    now |= {f"search:{name}": digest for name, digest in search_files(library).items()}
    rows = signature_rows(review.ledger)
    return now | {f"signature:{row.person}:{row.object}:{row.field}": "" for row in rows}


def vanished(review: Review, snapshot: Snapshot) -> list[Problem]:
    """What the last edition lists and the review no longer holds, without a recorded removal.

    Nothing is missed in a file that is there and can't be read.
    """
    if not review.editions or snapshot.unread(kinds.EDITIONS, kinds.CORRECTIONS):
        return []
    last, now = review.editions[-1], standing(review)
    fresh = since_last(review.corrections, review.editions)
    removed = {
        correction.object for correction in fresh if correction.kind is CorrectionKind.REMOVAL
    }
    problems = []
    for name in listed(last):
        kind, _, rest = name.partition(":")
        owner = f"study:{rest.partition('.')[0]}"
        if kind == "value" and (owner in removed or now.get(owner, MERGED) == MERGED):
            continue  # told once, with its study
        if unseen(kind, rest, snapshot):
            continue
        if name not in now and name not in removed:
            problems.append(gone(name, last))
    return problems


def gone(name: str, edition: Edition) -> Problem:
    """An object of an edition that the review no longer holds."""
    kind, _, rest = name.partition(":")
    sentence = (
        f"{name} stands in edition {edition.version} and is gone; bring it back, or record "
        "the removal, who decided it and why in data/corrections.yaml"
    )
    return Problem(place(kind, rest), 0, kind, sentence)


def unseen(kind: str, rest: str, snapshot: Snapshot) -> bool:
    """Whether an object may stand in a file that can't be read."""
    unread = snapshot.unread
    if kind == "report":
        return bool(unread(kinds.RECORDS, kinds.DECISIONS, kinds.PREVIOUS, kinds.DUPLICATES))
    if kind in ("study", "value"):  # another study may say that it was formerly this one
        return bool(unread(kinds.EXTRACTIONS))
    if kind == "claim":
        return rest in unread(kinds.CLAIMS) or rest in snapshot.claims()
    name = {
        "search": rest.rpartition("/")[2],
        "signature": rest.partition(":")[0],
    }.get(kind, rest)
    return name in unread(*_KINDS.get(kind, ()))


_KINDS: Mapping[str, tuple[kinds.Kind[Any], ...]] = {
    "question": (kinds.QUESTIONS,),
    "search": (kinds.SEARCHES, kinds.IMPORTS),
    "edition": (kinds.EDITIONS,),
    "signature": (kinds.SIGNATURES,),
}


def place(kind: str, rest: str) -> str:
    """The file in which an object stood."""
    if kind == "value":
        return PLACES["study"].format(rest.partition(".")[0])
    if kind == "signature":
        return f"data/signatures/{rest.partition(':')[0]}.csv"
    if kind == "search" and "/" in rest:
        return f"data/imports/{rest}.json"
    return PLACES[kind].format(rest) if kind in PLACES else "data"


def unsigned(review: Review) -> list[Problem]:
    """What the last edition calls signed and nobody's signatures name any more; editions of format
    1 list no rows.
    """
    if not review.editions or review.editions[-1].signatures is not None:
        return []
    last = review.editions[-1]
    held = {(row.object, row.field) for rows in review.ledger.signatures.values() for row in rows}
    signed = [
        (f"study:{study.id}", value.field)
        for study in last.studies
        for value in study.values
        if value.status == "verified"
    ]
    signed += [(f"claim:{claim.id}", "claim") for claim in last.claims if claim.confirmed_by]
    removed = [one.object for one in review.corrections if one.kind is CorrectionKind.REMOVAL]
    gone = [
        f"{name} {field}"
        for name, field in signed
        if (name, field) not in held
        and not any(one.endswith((f":{name}:{field}", name)) for one in removed)
    ]
    if not gone:
        return []
    sentence = (
        f"edition {last.version} calls {len(gone)} values or claims signed that no signature held "
        f"names (first: {gone[0]}); bring the files back, or record the removals in "
        "data/corrections.yaml"
    )
    return [Problem("data/signatures", 0, "", sentence)]
