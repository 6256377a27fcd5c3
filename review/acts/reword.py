"""Say a claim anew: its sentence, where what stands behind it has changed."""

from __future__ import annotations

from collections.abc import Mapping

from review.acts.assign import Files, claim_file
from review.acts.confirm import claim_of
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.grading.review import Review
from review.grading.signatures import MAY_CONFIRM, signer
from review.ground.errors import UsageError
from review.ground.yaml import parse
from review.model.base import load
from review.model.claim import Claim

LONGEST = 500
"""Characters of a sentence."""


def reword(
    snapshot: Snapshot, person: str, name: str, sentences: Mapping[str, str]
) -> Change[Claim]:
    """Write a claim's sentence by span; nobody signs it by that.

    :param sentences: by language; one that is not given is taken out, since it says the old thing
    :raises UsageError: for an unknown person or claim, and for what is no sentence
    :raises InvalidDataError: where the file can't be edited by span, or would not be sound
    """
    signer(snapshot.protocol, person, MAY_CONFIRM)
    claim = claim_of(Review.of(snapshot), name)
    languages = ("en", "zh")
    for language, text in sentences.items():
        if not text.strip() or len(text) > LONGEST or not text.isprintable():
            raise UsageError(
                f"--sentence: found {len(text)} characters in {language}, expected a sentence of 1 "
                f"to {LONGEST} in one line"
            )
    said = {one: sentences[one].strip() for one in languages if one in sentences}
    if said == {one: claim.sentence[one] for one in said} and len(said) == len(languages):
        return Change("reword", person, (), claim)
    files, path = Files(snapshot), claim_file(name)
    files.put(path, ("sentence",), said)
    held = load(Claim, parse(files.of(path), path), path)
    return Change("reword", person, files.writes(), held)
