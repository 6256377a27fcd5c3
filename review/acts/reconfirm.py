"""Re-confirm stale decisions in bulk, after an amendment of words alone (methods rule 42)."""

from __future__ import annotations

from review.acts.own_file import OwnFile
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.ground.errors import UsageError
from review.ground.printable import control
from review.model.screening import Decision
from review.selection.editorial import guarded, objection, ways
from review.selection.library import Library
from review.selection.sheet import decision, reviewer_known

LONGEST = 2000
"""Characters of the sentence."""


def reconfirm(snapshot: Snapshot, person: str, sentence: str, today: str) -> Change[list[Decision]]:
    """A person's stale decisions as they were, under today's criteria; each row says that it was
    made in bulk, and after which amendment.

    Those that editorial amendments do not explain stay stale: they are decided one by one.

    :param sentence: why they stand, of 1 to 2,000 characters; it is the note of each row
    :raises UsageError: for an unknown person; where nothing is stale, no editorial amendment leads
        from the criteria of any of them to today's, or one changed more than words
    """
    reviewer_known(snapshot.protocol, person)
    if not sentence.strip() or len(sentence) > LONGEST or control(sentence, "") is not None:
        raise UsageError(f"--reconfirm: expected one line of 1 to {LONGEST} characters")
    file = OwnFile.of(snapshot, "screening", person)
    library = Library.of(snapshot)
    protocol = library.protocol
    stale = [row for who, row in library.stale() if who == person]
    if not stale:
        raise UsageError(f"--reconfirm: no decision of {person} is stale")
    known = ways(protocol)
    covered = [row for row in stale if row.protocol in known]
    if not covered:
        raise UsageError(
            f"--reconfirm: {len(stale)} decisions of {person} were taken under other criteria, and "
            "no amendment in protocol.yaml that a person declared editorial leads from them to "
            "today's; decide again: review screen --stale"
        )
    words = guarded(snapshot.questions().values(), snapshot.vocabulary().values())
    for way in {row.protocol: known[row.protocol] for row in covered}.values():
        for change in way.rewordings:
            if why := objection(change, words):
                raise UsageError(f"--reconfirm: {why}; decide again: review screen --stale")
    rows = [
        decision(
            protocol,
            row.record,
            row.stage,
            row.decision,
            today,
            criterion=row.criterion,
            duplicate_of=row.duplicate_of,
            note=sentence.strip(),
        ).model_copy(update={"amendment": known[row.protocol].amendments[-1].date})
        for row in covered
    ]
    return Change("reconfirm", person, file.with_rows(rows), rows)
