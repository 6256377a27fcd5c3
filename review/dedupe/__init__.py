"""Dedupe: which records are one report, which belong together, which a person must judge.

Every record ends in exactly one cluster; nothing is dropped. Notices, preprints and versions are
linked, never merged. People's verdicts (``data/pairs/<reviewer>.csv``) win and are replayed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from review import TOOL
from review.dedupe.compare import RULES
from review.dedupe.engine import Constraints, Deduplicator
from review.dedupe.entries import of_record
from review.files.lock import A_WHILE
from review.files.store import Store
from review.model.duplicates import (
    Cluster,
    Duplicates,
    PairDecision,
    Queued,
    Related,
    Relation,
    Verdict,
)
from review.model.history import replay
from review.model.record import NoticeType, Record

METHOD = f"{TOOL} {RULES}"
DISAGREE = "reviewers disagree"
"""How the reason of a pair begins on which people gave different verdicts."""

LINKS: dict[NoticeType, tuple[Relation, bool]] = {
    NoticeType.RETRACTION_OF: (Relation.RETRACTION_OF, True),
    NoticeType.POSSIBLE_RETRACTION_OF: (Relation.RETRACTION_OF, True),
    NoticeType.RETRACTION_IN: (Relation.RETRACTION_OF, False),
    NoticeType.PARTIAL_RETRACTION_OF: (Relation.RETRACTION_OF, True),
    NoticeType.PARTIAL_RETRACTION_IN: (Relation.RETRACTION_OF, False),
    NoticeType.CONCERN_FOR: (Relation.CONCERN_FOR, True),
    NoticeType.CONCERN_IN: (Relation.CONCERN_FOR, False),
    NoticeType.ERRATUM_FOR: (Relation.ERRATUM_OF, True),
    NoticeType.ERRATUM_IN: (Relation.ERRATUM_OF, False),
    NoticeType.COMMENT_ON: (Relation.COMMENT_ON, True),
    NoticeType.COMMENT_IN: (Relation.COMMENT_ON, False),
    NoticeType.UPDATE_OF: (Relation.VERSION_OF, True),
    NoticeType.UPDATE_IN: (Relation.VERSION_OF, False),
    NoticeType.CORRECTED_REPUBLISHED_FROM: (Relation.REPUBLISHED_FROM, True),
    NoticeType.CORRECTED_REPUBLISHED_IN: (Relation.REPUBLISHED_FROM, False),
    NoticeType.RETRACTED_REPUBLISHED_FROM: (Relation.REPUBLISHED_FROM, True),
    NoticeType.POSSIBLE_REPUBLISHED_FROM: (Relation.REPUBLISHED_FROM, True),
    NoticeType.RETRACTED_REPUBLISHED_IN: (Relation.REPUBLISHED_FROM, False),
    NoticeType.REPUBLISHED_FROM: (Relation.REPUBLISHED_FROM, True),
    NoticeType.REPUBLISHED_IN: (Relation.REPUBLISHED_FROM, False),
}
"""The relation each link states, and whether the linking record is its subject."""


def _stated(records: Mapping[str, Record]) -> dict[tuple[str, str], Related]:
    """Relations that the sources themselves state."""
    by_pmid = {r.pmid: r.id for r in records.values() if r.pmid}
    stated: dict[tuple[str, str], Related] = {}
    for record in records.values():
        for notice in record.notices:
            link = LINKS.get(notice.type)
            other = by_pmid.get(notice.pmid) if notice.pmid else None
            if link is None or other is None or other == record.id:
                continue
            relation, subject = link
            one, of = (record.id, other) if subject else (other, record.id)
            if relation is Relation.VERSION_OF and records[of].is_preprint:
                relation = Relation.PREPRINT_OF
                one, of = of, one
            key = (min(one, of), max(one, of))
            reason = f"PubMed: {notice.type} in {record.id}"
            if key not in stated or reason < stated[key].reason:
                stated[key] = Related(record=one, relation=relation, of=of, reason=reason)
    return stated


def _decided(
    records: Mapping[str, Record], people: Mapping[str, Iterable[PairDecision]]
) -> tuple[dict[tuple[str, str], tuple[str, PairDecision]], dict[tuple[str, str], str]]:
    """People's verdicts by pair, and the pairs on which they disagree, with who says what."""
    verdicts: dict[tuple[str, str], list[tuple[str, PairDecision]]] = defaultdict(list)
    for reviewer, rows in sorted(people.items()):
        latest = {_pair(row.a, row.b): row for row in rows}
        for pair, row in latest.items():
            if row.a in records and row.b in records:
                verdicts[pair].append((reviewer, row))
    settled, open_pairs = {}, {}
    for pair, found in sorted(verdicts.items()):
        if len({row.verdict for _, row in found}) > 1:
            names = ", ".join(f"{reviewer}: {row.verdict}" for reviewer, row in found)
            open_pairs[pair] = f"{DISAGREE} ({names})"
        else:
            settled[pair] = found[-1]
    return settled, open_pairs


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


def find_duplicates(
    records: Mapping[str, Record],
    people: Mapping[str, Iterable[PairDecision]],
    first_seen: Mapping[str, str],
) -> Duplicates:
    """Verdicts on all pairs of the review.

    :param people: people's verdicts by reviewer; the latest of each on a pair counts
    :param first_seen: day each record was first found; records of no search are older
    """
    stated = _stated(records)
    settled, open_pairs = _decided(records, people)
    same = {
        pair: f"{who} decided, {row.date}"
        for pair, (who, row) in settled.items()
        if row.verdict is Verdict.DUPLICATE
    }
    apart = ({*settled, *stated}) - set(same)
    engine = Deduplicator()
    engine.add([of_record(records[one]) for one in sorted(records)])
    found = engine.result(Constraints(same, apart, open_pairs))
    related = dict(stated)
    for link in found.related:
        related[_pair(link.a, link.b)] = Related(
            record=link.a,
            relation=Relation(link.relation),
            of=link.b,
            reason=f"{RULES}: {'; '.join(link.reasons)}",
        )
    for pair, (who, row) in settled.items():
        if row.verdict is Verdict.RELATED:
            related[pair] = Related(
                record=row.a,
                relation=row.relation or Relation.SAME_STUDY,
                of=row.b,
                reason=f"{who} decided, {row.date}",
            )
        elif pair in related and row.verdict is Verdict.DISTINCT:
            del related[pair]
    queue = {
        _pair(link.a, link.b): Queued(
            a=min(link.a, link.b),
            b=max(link.a, link.b),
            similarity=max(0, min(100, link.score)),
            reasons=link.reasons,
        )
        for link in found.queue
    }
    for pair, why in open_pairs.items():
        queue[pair] = Queued(a=pair[0], b=pair[1], similarity=0, reasons=(why,))
    reasons = {_pair(link.a, link.b): link.reasons for link in found.duplicates}
    clusters = []
    for members in found.clusters:
        kept = min(members, key=lambda one: (first_seen.get(one, ""), one))
        inside = [
            f"{a} = {b}: " + ("; ".join(why) if (a, b) in same else f"{RULES}: {'; '.join(why)}")
            for (a, b), why in sorted(reasons.items())
            if a in members
        ]
        ordered = tuple(sorted(members))
        clusters.append(Cluster(id=kept, members=ordered, reasons=tuple(inside)))
    return Duplicates(
        format=1,
        method=METHOD,
        clusters=tuple(sorted(clusters, key=lambda c: c.id)),
        related=tuple(related[key] for key in sorted(related)),
        queue=tuple(queue[key] for key in sorted(queue)),
    )


def people_say(
    duplicates: Duplicates, judged: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """What verdicts on pairs show of people's: on pairs that they judged, and on those whose reason
    names a person.
    """
    found = dict.fromkeys(judged, APART)
    together = {one: cluster.id for cluster in duplicates.clusters for one in cluster.members}
    for a, b in found:
        if a in together and together[a] == together.get(b):
            found[a, b] = TOGETHER
    for cluster in duplicates.clusters:
        for reason in cluster.reasons:
            a, _, rest = reason.partition(" = ")
            if DECIDED in reason:
                found[_pair(a, rest.partition(":")[0])] = TOGETHER
    for related in duplicates.related:
        if DECIDED in related.reason:
            found[_pair(related.record, related.of)] = f"{related.relation}"
    for queued in duplicates.queue:
        if queued.reasons and (DISAGREE in queued.reasons[0] or DECIDED in queued.reasons[0]):
            found[queued.a, queued.b] = queued.reasons[0]
    return found


APART, TOGETHER = "two reports", "one report"
DECIDED = " decided, "
"""What stands in a reason between a person and the day of the verdict."""


def refresh(store: Store) -> Duplicates:
    """Give the verdicts again on the review as it stands, and write them where they changed."""
    with store.lock(A_WHILE):
        held = store.snapshot()
        held.duplicates()  # a file that a later program wrote is refused, not written over
        history = replay(held.searches())
        duplicates = find_duplicates(held.records(), held.pairs(), history.first_seen)
        store.write_duplicates(duplicates)
    return duplicates
