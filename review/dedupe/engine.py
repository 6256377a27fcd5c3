"""The deduplicator: records in, clusters, links and doubtful pairs out. The monthly update and
``review dedupe`` use one and the same.

Independent of the order of the records and of their ids: what is merged first is decided by the
records' content. Adding records later gives what all of them at once would give.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from rapidfuzz import fuzz

from review.dedupe.candidates import Keys, pairs_of
from review.dedupe.clusters import Clusters
from review.dedupe.comparable import Comparable, Entry, comparable, digest
from review.dedupe.compare import UNLIKE, Opinion, compare, hopeless, likeness, vetoes
from review.dedupe.words import GENERIC, SMALL

CHUNK = 200_000
"""Candidate pairs that are scored at once."""
NEAR = 8
"""Weights so near to one another do not tell which of two papers a record is."""
Pair = tuple[int, int]
Progress = Callable[[int, int, str], None]


def _silent(_done: int, _total: int, _what: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Link:
    """What was found of two records.

    :ivar a: the notice, preprint, reply or later version, where the pair is related
    :ivar outcome: duplicate, related or queue
    """

    a: str
    b: str
    outcome: str
    relation: str
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """Every record in exactly one cluster, and what else was found."""

    clusters: tuple[tuple[str, ...], ...]
    """ids of each cluster of two or more, in the order in which the records came"""
    duplicates: tuple[Link, ...]
    related: tuple[Link, ...]
    queue: tuple[Link, ...]


@dataclass
class Constraints:
    """What sources and people say of pairs of ids; it wins over the rules.

    :ivar same: pairs that a person called one report, with who and when
    :ivar apart: pairs that are not one report
    """

    same: Mapping[tuple[str, str], str] = field(default_factory=dict)
    apart: Iterable[tuple[str, str]] = ()
    undecided: Iterable[tuple[str, str]] = ()
    """pairs that people disagree about: the rules are silent on them"""


class Deduplicator:
    """Holds records in comparable form, and what was found of their pairs."""

    def __init__(self, progress: Progress = _silent) -> None:
        self.records: list[Comparable] = []
        self.opinions: dict[Pair, Opinion] = {}
        self.progress = progress
        self._keys = Keys()
        self._digests: list[bytes] = []
        self._identical: dict[bytes, list[int]] = {}
        self._copies: dict[int, int] = {}
        """each copy of a record, and the record that stands for it"""

    def add(self, entries: Sequence[Entry]) -> None:
        """Compare more records with one another and with those that are there already."""
        import numpy as np

        start = len(self.records)
        for number, entry in enumerate(entries):
            one = comparable(entry)
            self.records.append(one)
            self._digests.append(digest(one))
            if one.words or one.doi or one.pmid or (one.people and one.pages.first):
                copies = self._identical.setdefault(self._digests[-1], [])
                if copies:
                    self._copies[start + number] = copies[0]
                copies.append(start + number)
            if not number % 5000:
                self.progress(number, len(entries), "records read")
        self.progress(len(entries), len(entries), "records read")
        fresh = [n for n in range(start, len(self.records)) if n not in self._copies]
        self._keys.add([self.records[n] for n in fresh], fresh)
        total = max(len(self.records), 1)
        held = sorted(self.opinions)
        coded = np.array([a * total + b for a, b in held], dtype=np.int64)
        codes, still = pairs_of(self._keys, self.records, start, coded)
        for pair, stays in zip(held, still, strict=True):
            if not stays:
                # A key that few shared tells less when many do: what all records at once would
                # not have compared is dropped.
                del self.opinions[pair]
        self._judge((codes // total).tolist(), (codes % total).tolist())

    def _judge(self, first: Sequence[int], second: Sequence[int]) -> None:
        from rapidfuzz import process

        records, total = self.records, len(first)
        for at in range(0, total, CHUNK):
            left, right = first[at : at + CHUNK], second[at : at + CHUNK]
            ratios = process.cpdist(
                [records[a].text for a in left], [records[b].text for b in right], scorer=fuzz.ratio
            )
            for a, b, ratio in zip(left, right, ratios, strict=True):
                one, other = records[a], records[b]
                known = worth_it(one, other)
                if known or (ratio >= UNLIKE and not hopeless(one, other, ratio)):
                    opinion = compare(one, other, float(ratio))
                    if opinion.outcome != "distinct":
                        self.opinions[int(a), int(b)] = opinion
            self.progress(min(at + CHUNK, total), total, "pairs compared")

    def result(  # noqa: C901
        self, constraints: Constraints | None = None, *, merge_versions: bool = False
    ) -> Result:
        """Clusters, links and doubtful pairs of all records.

        :param merge_versions: put versions of one work (Cochrane's updates) into one cluster
        """
        said = constraints or Constraints()
        rows = {one.id: n for n, one in enumerate(self.records)}

        def pair(a: str, b: str) -> Pair | None:
            if a not in rows or b not in rows:
                return None
            return (min(rows[a], rows[b]), max(rows[a], rows[b]))

        apart = {found for a, b in said.apart if (found := pair(a, b))}
        silent = apart | {found for a, b in said.undecided if (found := pair(a, b))}
        clusters = Clusters()
        duplicates: list[Link] = []
        queue: dict[Pair, Link] = {}

        def barred(a: int, b: int) -> str | None:
            if (min(a, b), max(a, b)) in apart:
                return f"{self.records[a].id} and {self.records[b].id} are known to be distinct"
            return None

        for (a, b), who in sorted(said.same.items()):
            found = pair(a, b)
            if found is not None:
                silent.add(found)
                if why := clusters.join(*found, barred):
                    queue[found] = self._link(found, Opinion("queue", 100, (who, why)))
                else:
                    duplicates.append(self._link(found, Opinion("duplicate", 100, (who,))))
        identical = Opinion("duplicate", 100, ("identical records",))
        for copies in self._identical.values():
            told = len(copies) == 1 or tells(self.records[copies[0]])
            for other in copies[1:]:
                found = (copies[0], other)
                if found in silent:
                    continue
                if not told:
                    reasons = ("identical records", "but nothing tells one from another")
                    queue[found] = self._link(found, Opinion("queue", 0, reasons))
                elif not clusters.join(*found, barred if apart else None):
                    duplicates.append(self._link(found, identical))
        self._cluster(clusters, silent, apart, duplicates, queue, merge_versions)
        related = []
        for found, opinion in self.opinions.items():
            if found in silent or clusters.together(*found):
                continue
            if opinion.outcome == "related":
                related.append(self._link(found, opinion))
            elif opinion.outcome == "queue":
                queue[found] = self._link(found, opinion)
        ids = [one.id for one in self.records]
        return Result(
            clusters=tuple(tuple(ids[n] for n in members) for members in clusters),
            duplicates=tuple(duplicates),
            related=tuple(related),
            queue=tuple(queue.values()),
        )

    def _cluster(
        self,
        clusters: Clusters,
        silent: set[Pair],
        apart: set[Pair],
        duplicates: list[Link],
        queue: dict[Pair, Link],
        merge_versions: bool,
    ) -> None:
        """Join the pairs that the rules call duplicates, the surest first."""
        records = self.records
        edges = {
            found: opinion
            for found, opinion in self.opinions.items()
            if opinion.outcome == "duplicate" and found not in silent
        }
        mark = self._digests
        judged: dict[Pair, str | None] = {}

        def barred(x: int, y: int) -> str | None:
            found = (min(x, y), max(x, y))
            if found in apart:
                return f"{records[x].id} and {records[y].id} are known to be distinct"
            x, y = self._copies.get(x, x), self._copies.get(y, y)
            found = (min(x, y), max(x, y))
            if found in edges:
                return None
            if found not in judged:
                judged[found] = self._bar(*found)
            return judged[found]

        unclear = self._unclear(edges, barred)
        versions = [
            (found, opinion)
            for found, opinion in self.opinions.items()
            if merge_versions and opinion.relation == "version_of" and found not in silent
        ]
        in_order = sorted(
            edges.items(), key=lambda e: (-e[1].score, *sorted((mark[e[0][0]], mark[e[0][1]])))
        )
        for found, opinion in in_order:
            if found in unclear:
                reasons = (*opinion.reasons, unclear[found])
                queue[found] = self._link(found, Opinion("queue", opinion.score, reasons))
            elif why := clusters.join(*found, barred):
                reasons = (*opinion.reasons, why)
                queue[found] = self._link(found, Opinion("queue", opinion.score, reasons))
            else:
                duplicates.append(self._link(found, opinion))
        for found, opinion in versions:
            if not clusters.join(*found, lambda x, y: barred(x, y) if (x, y) in apart else None):
                duplicates.append(self._link(found, opinion))

    def _bar(self, a: int, b: int) -> str | None:
        """Why two records that were never called duplicates can't be in one cluster."""
        one, other = self.records[a], self.records[b]
        known = self.opinions.get((a, b))
        if known is not None and known.outcome == "related":
            return f"{one.id} and {other.id}: {known.reasons[0]}"
        if one.kind != other.kind:
            return f"{one.id} and {other.id}: one is a {one.kind or other.kind}"
        against = vetoes(one, other, likeness(one, other))
        return f"{one.id} and {other.id}: {against[0]}" if against else None

    def _unclear(
        self, edges: Mapping[Pair, Opinion], barred: Callable[[int, int], str | None]
    ) -> dict[Pair, str]:
        """Pairs of a record that may as well be another paper: two that can't be one both fit."""
        near: dict[int, list[tuple[int, int, Pair]]] = defaultdict(list)
        for found, opinion in edges.items():
            for one, other in (found, found[::-1]):
                near[one].append((opinion.score, other, found))
        unclear: dict[Pair, str] = {}
        for one, matches in near.items():
            if not 1 < len(matches) <= 20:
                continue
            best = max(score for score, _, _ in matches)
            fitting = [match for match in matches if best - match[0] <= NEAR]
            for (_, x, first), (_, y, second) in combinations(fitting, 2):
                if (min(x, y), max(x, y)) not in edges and barred(x, y):
                    why = f"{self.records[one].id} fits two papers that are not one"
                    unclear[first] = unclear[second] = why
        return unclear

    def _link(self, found: Pair, opinion: Opinion) -> Link:
        a, b = found if opinion.subject == 0 else found[::-1]
        return Link(
            self.records[a].id,
            self.records[b].id,
            opinion.outcome,
            opinion.relation,
            opinion.score,
            opinion.reasons,
        )


def worth_it(a: Comparable, b: Comparable) -> bool:
    """Whether a pair is compared although the titles are unlike: an identifier or place agrees, one
    is a preprint, or one title may be the other's beginning.
    """
    if a.doi and a.doi == b.doi:
        return True
    if a.pmid and a.pmid == b.pmid:
        return True
    if a.pages.first and a.volume and a.volume == b.volume and a.pages.first == b.pages.first:
        return True
    if a.preprint != b.preprint or (a.other_text and b.other_text):
        return True
    short, long = (a.text, b.text) if len(a.text) < len(b.text) else (b.text, a.text)
    if len(short) < 20 or len(short) > 0.85 * len(long):
        return False
    if long.startswith(short[:16]):
        return True
    known = a.people and b.people and a.people[0].names & b.people[0].names
    return bool(known) and fuzz.ratio(short, long[: len(short)]) >= 85


def tells(one: Comparable) -> bool:
    """Whether a record says enough for its copies to be one paper: not only "Editorial"."""
    if not one.generic or one.pmid or one.doi or one.pages.first or one.people:
        return True
    own = any(word not in GENERIC | SMALL and not word.isdigit() for word in one.words)
    return bool(own and one.volume and one.journal)
