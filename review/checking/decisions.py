"""People's decisions on records and pairs, and whether the tool's verdicts still follow them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from review.dedupe import METHOD, find_duplicates, people_say
from review.ground.errors import Problem
from review.model.duplicates import Duplicates, PairDecision
from review.model.history import replay
from review.model.protocol import Protocol
from review.model.record import Record
from review.model.screening import Decision, Outcome
from review.model.search import Search
from review.selection.library import CONSENSUS


def screening(
    protocol: Protocol,
    records: Container[str],
    decisions: Mapping[str, Sequence[Decision]],
) -> list[Problem]:
    """Decisions that name no record, or a criterion that is none."""
    return [
        Problem(f"data/screening/{reviewer}.csv", line, field, sentence)
        for reviewer, rows in decisions.items()
        for line, row in enumerate(rows, 2)
        for field, sentence in _wrong(row, records, protocol)
    ]


def _wrong(row: Decision, records: Container[str], protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Field and sentence of each thing wrong with one decision."""
    for field, record in (("record", row.record), ("duplicate_of", row.duplicate_of)):
        if record is not None and record not in records:
            yield field, f"found {record}, expected a record in data/records"
    if row.criterion is not None and row.decision is not Outcome.EXCLUDE:
        yield "criterion", f"found {row.criterion} beside {row.decision}, expected it with exclude"
    if row.duplicate_of is not None and row.duplicate_of == row.record:
        yield "duplicate_of", "a record of itself"
    if (
        row.decision is Outcome.EXCLUDE
        and protocol.criterion(row.criterion or "") is None
        and row.protocol == protocol.criteria_hash
    ):
        known = ", ".join(c.id for c in protocol.eligibility)
        yield "criterion", f"found {row.criterion}, expected one of {known}"


def strangers(protocol: Protocol, folders: Mapping[str, Iterable[str]]) -> list[Problem]:
    """Files of people whom the protocol does not name.

    :param folders: the people who have a file in each folder of ``data/``
    """
    people = {person.id for person in protocol.people} | {CONSENSUS}
    return [
        Problem(
            f"data/{folder}/{reviewer}.csv",
            0,
            "",
            f"{reviewer} is not among the people of protocol.yaml; add an id there first",
        )
        for folder, files in folders.items()
        for reviewer in files
        if reviewer not in people
    ]


def overtaken(
    records: Mapping[str, Record],
    pairs: Mapping[str, Sequence[PairDecision]],
    searches: Sequence[Search],
    held: Duplicates | None,
) -> list[Problem]:
    """Whether the tool's verdicts are those that people's call for: two people's files may have
    come together in a merge, and nobody has judged the pairs anew.
    """
    judged = {(min(r.a, r.b), max(r.a, r.b)) for rows in pairs.values() for r in rows}
    before = people_say(held, judged) if held is not None else {}
    if not judged and not before:
        return []
    if held is not None and held.method != METHOD:
        return []  # given by other rules: the next update gives them again
    now = people_say(find_duplicates(records, pairs, replay(searches).first_seen), judged)
    changed = [pair for pair in sorted({*before, *now}) if before.get(pair) != now.get(pair)]
    if not changed:
        return []
    why = "; ".join(f"{a} and {b}: {now.get((a, b), 'nobody judged them')}" for a, b in changed[:5])
    sentence = f"is not what people's verdicts give now ({why}); run: review dedupe"
    return [Problem("data/duplicates.json", 0, "", sentence)]
