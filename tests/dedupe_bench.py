"""Measures of the deduplicator: quality on labelled sets, hard cases, speed, memory; and of a peer.

Record and pair level as the peers count (knowledge of the field: bib-dedupe's ``compare_dedupe_id``
and its full test). Erratum pairs, which the sets label as duplicates and we link, are listed apart.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from review.dedupe.comparable import Entry
from review.dedupe.compare import Opinion
from review.dedupe.engine import Deduplicator
from review.dedupe.entries import of_row
from review.dedupe.words import words
from tests.conftest import SHARED

SETS = (
    "cardiac",
    "diabetes",
    "digital_work",
    "haematology",
    "neuroimaging",
    "respiratory",
    "stroke",
)
FOLDER = SHARED / "dedupe"
Groups = list[list[str]]


def rows(name: str) -> list[dict[str, str]]:
    """The records of a set, columns in small letters."""
    csv.field_size_limit(100_000_000)
    path = FOLDER / name / "records.csv.gz"
    if path.exists():
        text = gzip.decompress(path.read_bytes()).decode("utf-8")
    else:
        text = (FOLDER / name / "records_pre_merged.csv").read_text(encoding="utf-8")
    table = csv.DictReader(io.StringIO(text, newline=""))
    return [{k.lower(): v for k, v in row.items()} for row in table]


def truth(name: str) -> Groups:
    """The groups of duplicates of a set."""
    path = FOLDER / name / "truth.csv"
    if not path.exists():
        path = FOLDER / name / "merged_record_ids.csv"
    with path.open(encoding="utf-8") as file:
        return [row["merged_ids"].split(";") for row in csv.DictReader(file)]


def record_level(wanted: Groups, found: Iterable[Sequence[str]]) -> tuple[int, int, int]:
    """TP, FP and FN of removed records: one member of each predicted group is kept."""
    removed = {one for group in found for one in sorted(group)[1:]}
    known = {one for group in wanted for one in group}
    tp = fn = 0
    fp = len(removed - known)
    for group in wanted:
        kept = sum(one not in removed for one in group)
        if kept == 0:
            fp, tp = fp + 1, tp + len(group) - 1
        else:
            fn, tp = fn + kept - 1, tp + len(group) - kept
    return tp, fp, fn


def pairs(groups: Iterable[Sequence[str]]) -> set[tuple[str, str]]:
    """All pairs of all groups."""
    return {(a, b) for group in groups for a, b in combinations(sorted(group), 2)}


@dataclass(frozen=True)
class Measured:
    """One set."""

    name: str
    records: int
    tp: int
    fp: int
    fn: int
    fn_errata: int
    """records that stay only because an erratum is linked and not merged"""
    pair_fp: int
    pair_fn: int
    queue: int
    related: int
    seconds: float


def measured(name: str, enough: int | None = None) -> Measured:
    """A labelled set through the engine, versions merged as its labels have it."""
    entries = [of_row(row, row["id"]) for row in rows(name)]
    wanted = truth(name)
    start = time.process_time()
    engine = Deduplicator()
    engine.add(entries)
    if enough is not None:
        stricter(engine, enough)
    result = engine.result(merge_versions=True)
    used = time.process_time() - start
    tp, fp, fn = record_level(wanted, result.clusters)
    errata = [(one.a, one.b) for one in result.related if one.relation == "erratum_of"]
    _, _, without = record_level(wanted, joined(result.clusters, errata))
    truth_pairs, found_pairs = pairs(wanted), pairs(result.clusters)
    return Measured(
        name, len(entries), tp, fp, fn, fn - without, len(found_pairs - truth_pairs),
        len(truth_pairs - found_pairs), len(result.queue), len(result.related), used,
    )  # fmt: skip


def stricter(engine: Deduplicator, enough: int) -> None:
    """Take back what another bound would not have called a duplicate."""
    for pair, opinion in list(engine.opinions.items()):
        if opinion.outcome == "duplicate" and opinion.score < enough:
            engine.opinions[pair] = Opinion("queue", opinion.score, opinion.reasons)


def joined(groups: Iterable[Sequence[str]], links: Iterable[tuple[str, str]]) -> Groups:
    """Groups with linked records put together."""
    of: dict[str, set[str]] = {}
    for group in (*groups, *links):
        whole = set(group).union(*(of.get(one, set()) for one in group))
        for one in whole:
            of[one] = whole
    return [sorted(one) for one in {id(group): group for group in of.values()}.values()]


def hard_cases() -> dict[str, tuple[int, int, int]]:
    """Category: cases, merged by default, linked with the right relation."""
    table = rows("hardcases")
    engine = Deduplicator()
    engine.add([of_row(row, row["id"]) for row in table])
    result = engine.result()
    where = {one: n for n, members in enumerate(result.clusters) for one in members}
    links = {frozenset((one.a, one.b)): one.relation for one in result.related}
    right = {"R01": "preprint_of", "R02": "preprint_of", "R03": "version_of"}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for case in json.loads((FOLDER / "hardcases" / "cases.json").read_text(encoding="utf-8")):
        name = case["cat"][:3]
        counts[name][0] += 1
        counts[name][1] += where.get(case["a"], -1) == where.get(case["b"], -2)
        counts[name][2] += links.get(frozenset((case["a"], case["b"]))) == right.get(name, "none")
    return {name: (c[0], c[1], c[2]) for name, c in sorted(counts.items())}


def leave_one_out(
    bounds: Sequence[int] = (62, 66, 70, 74, 78, 82),
) -> dict[str, tuple[int, int, int]]:
    """For each set the bound that the other six would choose, and what it gives there: FP, FN.

    The six choose the bound with the fewest errors, a false merge counting as twenty missed ones.
    """
    table = {bound: {name: measured(name, bound) for name in SETS} for bound in bounds}
    chosen = {}
    for name in SETS:
        cost = {
            bound: sum(20 * m.fp + m.fn for other, m in results.items() if other != name)
            for bound, results in table.items()
        }
        bound = min(bounds, key=lambda b: (cost[b], abs(b - 70)))
        chosen[name] = (bound, table[bound][name].fp, table[bound][name].fn)
    return chosen


# ---- synthetic records with known truth --------------------------------------------------------

SYLLABLES = sorted(
    words("ba ce di fo gu ha ji ke lo mu na pe qui ro sa ti vu wa xe zo bra cle dri")
)


def synthetic(number: int, seed: int = 7) -> Iterator[tuple[Entry, int]]:
    """So many records, a third of them copies as databases make them, with the number of the paper."""
    draw = random.Random(seed)
    made_up = ["".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))) for _ in range(20_000)]
    families = [word.title() for word in made_up[:8_000]]
    journals = [
        f"Journal of {a.title()} {b.title()}"
        for a, b in zip(made_up[100:600], made_up[600:1100], strict=True)
    ]
    paper = made = 0
    while made < number:
        paper += 1
        title = " ".join(draw.choices(made_up, k=draw.randint(6, 14))).capitalize()
        people = [
            f"{draw.choice(families)}, {draw.choice(made_up).title()}"
            for _ in range(draw.randint(1, 6))
        ]
        year, volume, page = draw.randint(1990, 2025), draw.randint(1, 120), draw.randint(1, 2000)
        one = Entry(
            f"r{made}", title, " and ".join(people), year, draw.choice(journals), str(volume),
            str(draw.randint(1, 12)), f"{page}-{page + draw.randint(2, 20)}",
            f"10.5555/x.{paper}" if draw.random() < 0.7 else None, None,
            " ".join(draw.choices(made_up, k=40)) if draw.random() < 0.5 else None,
        )  # fmt: skip
        yield one, paper
        made += 1
        for _ in range(draw.choice((0, 0, 1, 1))):
            if made < number:
                yield changed(one, f"r{made}", draw), paper
                made += 1


def changed(one: Entry, name: str, draw: random.Random) -> Entry:
    """A copy as another database prints it: two to four changes."""
    title, authors, year, journal = one.title, str(one.authors), one.year, one.journal or ""
    pages, doi, volume, abstract = one.pages, one.doi, one.volume, one.abstract
    for change in draw.sample(range(9), draw.randint(2, 4)):
        if change == 0:
            title = title.upper() + "."
        elif change == 1:
            at = draw.randrange(4, len(title) - 4)
            title = title[:at] + title[at + 1] + title[at] + title[at + 2 :]
        elif change == 2:
            journal = " ".join(word[:5] for word in journal.split())
        elif change == 3:
            authors = " and ".join(
                f"{family}, {given[:1]}."
                for family, _, given in (a.partition(", ") for a in authors.split(" and "))
            )
        elif change == 4:
            doi = None if doi is None else f"https://doi.org/{doi.upper()}"
        elif change == 5:
            start, _, end = (pages or "").partition("-")
            pages = f"{start}-{end[-2:]}"
        elif change == 6:
            abstract = None
        elif change == 7:
            volume = pages = None
        else:
            title = f"[{title}]"
    return Entry(name, title, authors, year, journal, volume, one.issue, pages, doi, None, abstract)


def scale(number: int) -> dict[str, float]:
    """CPU-seconds, peak MB, and record-level errors on so many synthetic records."""
    start = time.process_time()
    engine = Deduplicator()
    papers: dict[str, int] = {}
    chunk: list[Entry] = []
    made = 0.0
    at = time.process_time()
    for entry, paper in synthetic(number):
        papers[entry.id] = paper
        chunk.append(entry)
    made = time.process_time() - at
    engine.add(chunk)
    chunk.clear()
    result = engine.result()
    used = time.process_time() - start - made
    groups: dict[int, list[str]] = defaultdict(list)
    for name, paper in papers.items():
        groups[paper].append(name)
    tp, fp, fn = record_level([g for g in groups.values() if len(g) > 1], result.clusters)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"records": number, "seconds": used, "peak_mb": peak, "tp": tp, "fp": fp, "fn": fn}


def incremental(known: int = 5_000, new: int = 100) -> float:
    """CPU-seconds of adding new records to known ones, the known ones prepared."""
    entries = [entry for entry, _ in synthetic(known + new)]
    engine = Deduplicator()
    engine.add(entries[:known])
    start = time.process_time()
    engine.add(entries[known:])
    engine.result()
    return time.process_time() - start


def show() -> None:
    """Print the table of the labelled sets and of the hard cases."""
    total = Counter[str]()
    for name in SETS:
        m = measured(name)
        total.update(tp=m.tp, fp=m.fp, fn=m.fn, errata=m.fn_errata)
        print(
            f"{m.name:13} {m.records:6} records  TP {m.tp}  FP {m.fp}  FN {m.fn} "
            f"(errata {m.fn_errata})  pairs {m.pair_fp}/{m.pair_fn}  queue {m.queue}  "
            f"related {m.related}  {m.seconds:.2f} CPU-s"
        )
    print(dict(total))
    for name, (cases, merged, linked) in hard_cases().items():
        print(f"{name}: {merged} of {cases} merged, {linked} linked")


if __name__ == "__main__":
    if sys.argv[1:2] == ["scale"]:
        print(json.dumps(scale(int(sys.argv[2]))))
    elif sys.argv[1:2] == ["loso"]:
        print(leave_one_out())
    elif sys.argv[1:2] == ["incremental"]:
        print(incremental())
    else:
        show()
