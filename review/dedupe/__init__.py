"""Dedupe: which records are one report, which belong together, which a person must judge.

Every record ends in exactly one cluster; nothing is dropped. Notices, preprints and versions are
linked, never merged. People's verdicts (``data/pairs/<reviewer>.csv``) win and are replayed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from review import TOOL
from review.dedupe.compare import RULES, compare
from review.dedupe.normalise import Comparable, comparable
from review.errors import UsageError
from review.history import replay
from review.model.duplicates import (
    Cluster,
    Duplicates,
    PairDecision,
    Queued,
    Related,
    Relation,
    Verdict,
)
from review.model.record import NoticeType, Record
from review.store import Store

METHOD = f"{TOOL} {RULES}"
BLOCK_CAP = 80
"""A key that more records share than this tells nothing, and is passed over."""

LINKS: dict[NoticeType, tuple[Relation, bool]] = {
    NoticeType.RETRACTION_OF: (Relation.RETRACTION_OF, True),
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
    NoticeType.RETRACTED_REPUBLISHED_IN: (Relation.REPUBLISHED_FROM, False),
    NoticeType.REPUBLISHED_FROM: (Relation.REPUBLISHED_FROM, True),
    NoticeType.REPUBLISHED_IN: (Relation.REPUBLISHED_FROM, False),
}
"""The relation each link states, and whether the linking record is its subject."""


def _keys(record: Comparable) -> Iterator[tuple[str, ...]]:
    if record.pmid:
        yield "pmid", record.pmid
    if record.doi:
        yield "doi", record.doi
    squeezed = "".join(record.words)
    if squeezed:
        yield "start", squeezed[:18]
        yield "end", squeezed[-18:]
        yield "sorted", " ".join(sorted(set(record.words)))[:40]
    if record.year:
        for family in sorted(record.families):
            for year in (record.year, record.year + 1):
                yield "author", family, str(year)
    if record.volume and record.page:
        yield "place", record.volume, record.page


def candidate_pairs(records: Iterable[Comparable]) -> list[tuple[Comparable, Comparable]]:
    """Pairs that share a key; each pair once, in a fixed order."""
    blocks: dict[tuple[str, ...], list[Comparable]] = defaultdict(list)
    for record in records:
        for key in _keys(record):
            blocks[key].append(record)
    pairs = {}
    for key, block in blocks.items():
        if len(block) > BLOCK_CAP and key[0] not in ("pmid", "doi"):
            continue
        for a, b in combinations(block, 2):
            if a.id != b.id:
                first, second = (a, b) if a.id < b.id else (b, a)
                pairs[first.id, second.id] = (first, second)
    return [pairs[key] for key in sorted(pairs)]


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


class _Clusters:
    """Union-find that refuses a cluster with two PMIDs or a pair that is known to be distinct."""

    def __init__(self, records: Iterable[Comparable], apart: set[tuple[str, str]]) -> None:
        self.members = {r.id: {r.id} for r in records}
        self.pmids = {r.id: r.pmid for r in records}
        self.dois = {r.id: r.doi for r in records}
        self.apart = apart

    def conflict(self, a: str, b: str, decided: bool) -> str | None:
        """Why two clusters can't be one; a person's verdict may join two PMIDs."""
        for x in sorted(self.members[a]):
            for y in sorted(self.members[b]):
                two = self.pmids[x] and self.pmids[y] and self.pmids[x] != self.pmids[y]
                if two and not decided:
                    return f"{x} and {y} would be one report with two PMIDs"
                if self.dois[x] and self.dois[y] and self.dois[x] != self.dois[y] and not decided:
                    return f"{x} and {y} would be one report with two DOIs"
                if (min(x, y), max(x, y)) in self.apart:
                    return f"{x} and {y} are known to be distinct"
        return None

    def join(self, a: str, b: str) -> None:
        merged = self.members[a] | self.members[b]
        for one in merged:
            self.members[one] = merged


def find_duplicates(
    records: Mapping[str, Record],
    people: Mapping[str, Iterable[PairDecision]],
    first_seen: Mapping[str, str],
) -> Duplicates:
    """Verdicts on all pairs of the review.

    :param people: people's verdicts by reviewer; the latest of each on a pair counts
    :param first_seen: day each record was first found; records of no search are older
    """
    forms = {one: comparable(record) for one, record in records.items()}
    stated = _stated(records)
    verdicts: dict[tuple[str, str], list[tuple[str, PairDecision]]] = defaultdict(list)
    for reviewer, rows in sorted(people.items()):
        latest = {(min(row.a, row.b), max(row.a, row.b)): row for row in rows}
        for pair, row in latest.items():
            if row.a in records and row.b in records:
                verdicts[pair].append((reviewer, row))
    related = dict(stated)
    queue: dict[tuple[str, str], Queued] = {}
    merges: list[tuple[tuple[str, str], str]] = []
    settled: dict[tuple[str, str], Verdict] = {}
    for pair, found in sorted(verdicts.items()):
        if len({row.verdict for _, row in found}) > 1:
            names = ", ".join(f"{reviewer}: {row.verdict}" for reviewer, row in found)
            queue[pair] = Queued(
                a=pair[0], b=pair[1], similarity=0, reasons=(f"reviewers disagree ({names})",)
            )
            continue
        reviewer, row = found[-1]
        settled[pair] = row.verdict
        if row.verdict is Verdict.DUPLICATE:
            merges.append((pair, f"{reviewer} decided, {row.date}"))
        elif row.verdict is Verdict.RELATED:
            related[pair] = Related(
                record=row.a,
                relation=row.relation or Relation.SAME_STUDY,
                of=row.b,
                reason=f"{reviewer} decided, {row.date}",
            )
    apart = {pair for pair, verdict in settled.items() if verdict is not Verdict.DUPLICATE}
    apart |= set(stated) - {pair for pair, v in settled.items() if v is Verdict.DUPLICATE}
    for a, b in candidate_pairs(forms.values()):
        pair = (a.id, b.id)
        if pair in settled or pair in queue or pair in apart:
            continue
        opinion = compare(a, b)
        if opinion.outcome == "duplicate":
            merges.append((pair, f"{RULES}: {'; '.join(opinion.reasons)}"))
        elif opinion.outcome == "preprint":
            preprint, article = (a, b) if a.preprint else (b, a)
            related[pair] = Related(
                record=preprint.id,
                relation=Relation.PREPRINT_OF,
                of=article.id,
                reason=f"{RULES}: {'; '.join(opinion.reasons)}",
            )
        elif opinion.outcome == "queue":
            queue[pair] = Queued(
                a=a.id, b=b.id, similarity=opinion.similarity, reasons=opinion.reasons
            )
    clusters = _Clusters(forms.values(), apart)
    reasons: dict[tuple[str, str], str] = {}
    for pair, reason in sorted(merges, key=lambda m: (m[1].startswith(RULES), m[0])):
        if pair[1] in clusters.members[pair[0]]:
            reasons[pair] = reason
            continue
        if conflict := clusters.conflict(*pair, decided=not reason.startswith(RULES)):
            queue[pair] = Queued(a=pair[0], b=pair[1], similarity=100, reasons=(reason, conflict))
            continue
        clusters.join(*pair)
        reasons[pair] = reason
    found_clusters = []
    for members in {tuple(sorted(m)) for m in clusters.members.values() if len(m) > 1}:
        kept = min(members, key=lambda one: (first_seen.get(one, ""), one))
        inside = [f"{a} = {b}: {why}" for (a, b), why in sorted(reasons.items()) if a in members]
        found_clusters.append(Cluster(id=kept, members=members, reasons=tuple(inside)))
    return Duplicates(
        format=1,
        method=METHOD,
        clusters=tuple(sorted(found_clusters, key=lambda c: c.id)),
        related=tuple(related[key] for key in sorted(related)),
        queue=tuple(queue[key] for key in sorted(queue)),
    )


def refresh(store: Store) -> Duplicates:
    """Give the verdicts again on the review as it stands, and write them where they changed."""
    with store.lock():
        store.duplicates()  # a file that a later program wrote is refused, not written over
        history = replay(store.searches())
        duplicates = find_duplicates(store.records(), store.pairs(), history.first_seen)
        store.write_duplicates(duplicates)
    return duplicates


def decide_pair(
    store: Store,
    reviewer: str | None,
    pair: Sequence[str],
    verdict: str | None,
    relation: str | None,
    note: str,
    today: str,
) -> None:
    """Write a person's verdict on two records.

    :raises UsageError: for an unknown reviewer, record, verdict or relation
    """
    from review.screen import reviewer_known

    if not reviewer or not verdict:
        raise UsageError("--pair needs --reviewer and --verdict")
    reviewer_known(store.protocol, reviewer)
    records = store.records()
    for one in pair:
        if one not in records:
            raise UsageError(f"--pair {one}: no such record in data/records")
    if pair[0] == pair[1]:
        raise UsageError("--pair: found one record twice, expected two")
    if relation is not None and relation not in list(Relation):
        raise UsageError(f"--relation {relation}: expected one of {', '.join(Relation)}")
    if (verdict == Verdict.RELATED) != (relation is not None):
        raise UsageError("--relation goes with --verdict related, and only with it")
    row = PairDecision(
        a=pair[0],
        b=pair[1],
        verdict=Verdict(verdict),
        relation=Relation(relation) if relation else None,
        date=today,
        note=note,
    )
    with store.lock():
        store.append_rows("pairs", reviewer, [row])
