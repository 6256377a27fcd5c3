"""Judge a pair of records: one report, two that belong together, or two."""

from __future__ import annotations

from review.acts.own_file import OwnFile
from review.files.change import Change
from review.files.snapshot import Snapshot
from review.ground.errors import UsageError
from review.model.duplicates import PairDecision, Relation, Verdict
from review.selection.sheet import reviewer_known


def pair(
    snapshot: Snapshot,
    person: str,
    a: str,
    b: str,
    verdict: str,
    today: str,
    *,
    relation: str | None = None,
    note: str = "",
) -> Change[PairDecision]:
    """A person's verdict on two records, which wins over the tool's.

    :param relation: for ``related``, and with it alone: what a is to b
    :raises UsageError: for an unknown person, record, verdict or relation
    """
    reviewer_known(snapshot.protocol, person)
    file = OwnFile.of(snapshot, "pairs", person)
    records = snapshot.records()
    _ = (
        snapshot.pairs(),
        snapshot.duplicates(),
        snapshot.searches(),
    )  # what the verdict changes
    for record in (a, b):
        if record not in records:
            raise UsageError(f"--pair {record}: no such record in data/records")
    if a == b:
        raise UsageError("--pair: found one record twice, expected two")
    if verdict not in list(Verdict):
        raise UsageError(f"--verdict {verdict}: expected one of {', '.join(Verdict)}")
    if relation is not None and relation not in list(Relation):
        raise UsageError(f"--relation {relation}: expected one of {', '.join(Relation)}")
    if (verdict == Verdict.RELATED) != (relation is not None):
        raise UsageError("--relation goes with --verdict related, and only with it")
    row = PairDecision(
        a=a,
        b=b,
        verdict=Verdict(verdict),
        relation=Relation(relation) if relation else None,
        date=today,
        note=note,
    )
    return Change("pair", person, file.with_rows([row]), row)
