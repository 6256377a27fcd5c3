"""Candidate pairs: records that share a key. Columns of hashes, joined by sorting; no pair twice.

A pair that shares none of the keys is never looked at, so the keys are many and forgiving. A key
that more records share than :data:`BLOCK` tells nothing by itself; it is split by a second one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from review.dedupe.comparable import Comparable, content, digest
from review.dedupe.words import SMALL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW = 12
"""Neighbours that are paired in a block that nothing splits."""
BLOCK = 60
"""A key that more records share than this is split, and sorted where it can't be."""
START = 16
"""Letters of a title's start, middle and end that make a key."""


def _keys(one: Comparable) -> list[str]:
    """The keys of a record, in a fixed order; empty where a field is missing."""
    text, words = one.text, one.words
    size = len(text)
    first = one.people[0] if one.people else None
    who = max(sorted(first.names), key=len) if first else ""
    page = one.pages.first[0] if one.pages.first else ""
    long = sorted({w for w in words if len(w) > 4 and w not in SMALL}, key=lambda w: (-len(w), w))
    year = one.year or 0
    place = f"{one.volume}/{page}" if page else ""
    middle = text[size // 2 - START // 2 : size // 2 + START // 2]
    return [
        text if size > 3 else "",
        text[:START] if size >= START else "",
        text[-START:] if size >= START + 8 else "",
        middle if size >= 2 * START else "",
        f"{place}/{one.journal[0][:2] if one.journal else ''}" if place and one.volume else "",
        f"{page}/{year}/{who}" if page and who else "",
        f"{place}/{text[:5]}" if place else "",
        f"{who}/{year}/{long[0]}" if who and long and year else "",
        f"{who}/{long[0]}/{long[1]}" if who and len(long) > 1 else "",
        f"{who}/{year}/{words[0]}" if who and year and words else "",
        f"{who}/{year + 1}/{words[0]}" if who and year and words else "",
        " ".join(sorted(long[:4])) if len(long) > 3 else "",
        one.abstract[:50],
        one.other_text[:24] if len(one.other_text) > 5 else "",
    ]


def _finer(one: Comparable) -> str:
    """What splits a key that too many records share."""
    page = one.pages.first[0] if one.pages.first else ""
    who = max(sorted(one.people[0].names), key=len) if one.people else ""
    return f"{one.year}/{who}/{page}"


class Keys:
    """The hashed keys of records, column by column, and the identifiers as they are."""

    def __init__(self) -> None:
        self.columns: list[list[NDArray[np.uint64]]] = []
        self.rows: list[list[NDArray[np.int64]]] = []
        self.identifiers: dict[str, list[int]] = {}

    def add(self, records: Sequence[Comparable], rows: Sequence[int]) -> None:
        """Hash the keys of some records; ``rows`` says where they stand."""
        for at in range(0, len(records), CHUNK):
            hashed = keys_of(records[at : at + CHUNK], rows[at : at + CHUNK])
            for number, (hashes, places) in enumerate(hashed):
                if number == len(self.columns):
                    self.columns.append([])
                    self.rows.append([])
                self.columns[number].append(hashes)
                self.rows[number].append(places)
        for one, row in zip(records, rows, strict=True):
            for name, value in (("pmid", one.pmid), ("doi", one.doi)):
                if value:
                    self.identifiers.setdefault(f"{name}:{value}", []).append(row)


def keys_of(
    records: Sequence[Comparable], rows: Sequence[int]
) -> list[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """For each column of keys the hashes, and the rows that have one there."""
    import numpy as np
    from pandas.util import hash_array

    places = np.array(rows, dtype=np.int64)
    found = []
    for column in zip(*map(_keys, records), strict=True):
        present = np.flatnonzero([bool(text) for text in column])
        texts = np.array(column, dtype=object)[present]
        found.append((hash_array(texts, categorize=False), places[present]))
    return found


CHUNK = 20_000
"""Records whose keys are held as text at once."""


def pairs_of(
    keys: Keys,
    records: Sequence[Comparable],
    new_from: int = 0,
    held: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Pairs that share a key, each once and in order, as codes: the smaller row times the number of
    records, plus the larger. The same whatever the order of the records; with more records, no
    pair of the earlier ones is new.

    :param new_from: pairs of two rows before this one were compared earlier and are left out
    :param held: sorted codes of earlier pairs
    :returns: the codes, and which of ``held`` are pairs still
    """
    import numpy as np

    total = max(len(records), 1)
    before = np.array([], dtype=np.int64) if held is None else held
    still = np.zeros(len(before), dtype=bool)
    found = np.array([], dtype=np.int64)
    columns = (
        _of_column(np.concatenate(hashes), np.concatenate(rows), records, total)
        for hashes, rows in zip(keys.columns, keys.rows, strict=True)
    )
    for parts in chain([[_same_identifier(keys, records, total)]], columns):
        codes = np.concatenate([found[:0], *parts])
        if len(before):
            at = np.minimum(np.searchsorted(before, codes), len(before) - 1)
            still[at[before[at] == codes]] = True
        if new_from:
            codes = codes[codes % total >= new_from]
        found = np.unique(np.concatenate([found, codes]))
    return found, still


def _same_identifier(keys: Keys, records: Sequence[Comparable], total: int) -> NDArray[np.int64]:
    """Pairs with one PMID or DOI."""
    import numpy as np

    found: list[int] = []
    for block in keys.identifiers.values():
        if len(block) > 1:
            found += _squared(block, total) if len(block) <= BLOCK else _near(block, records, total)
    return np.array(found, dtype=np.int64)


def _squared(block: Sequence[int], total: int) -> list[int]:
    return [a * total + b for i, a in enumerate(block) for b in block[i + 1 :]]


def _near(block: Sequence[int], records: Sequence[Comparable], total: int) -> list[int]:
    """Pairs of a block too large to be squared: neighbours, when it is sorted by content (the
    sorted neighbourhood of Hernandez and Stolfo 1995), and those that share something more.
    """
    order = sorted(block, key=lambda row: (content(records[row]), digest(records[row])))
    found = [
        min(a, b) * total + max(a, b)
        for at, a in enumerate(order)
        for b in order[at + 1 : at + 1 + WINDOW]
    ]
    more: dict[tuple[int, str], list[int]] = {}
    for row in block:
        for column, key in enumerate(_more(records[row])):
            if key:
                more.setdefault((column, key), []).append(row)
    for same in more.values():
        if len(same) <= BLOCK:
            found += _squared(same, total)
    return found


def _more(one: Comparable) -> tuple[str, ...]:
    place = f"{one.volume}/{one.issue}" if one.volume or one.issue else ""
    return (place, one.doi or "", one.abstract[:50], one.text)


def _of_column(
    hashes: NDArray[np.uint64], rows: NDArray[np.int64], records: Sequence[Comparable], total: int
) -> Iterator[NDArray[np.int64]]:
    """Pairs within each block of equal hashes."""
    import numpy as np

    if not len(hashes):
        return
    order = np.argsort(hashes, kind="stable")
    sorted_hashes, sorted_rows = hashes[order], rows[order]
    starts = np.flatnonzero(np.r_[True, sorted_hashes[1:] != sorted_hashes[:-1]])
    sizes = np.diff(np.r_[starts, len(sorted_hashes)])
    for size in np.unique(sizes):
        if not 1 < size <= BLOCK:
            continue
        left, right = np.triu_indices(int(size), 1)
        block = np.sort(sorted_rows[starts[sizes == size][:, None] + np.arange(size)], axis=1)
        yield (block[:, left] * total + block[:, right]).ravel()
    for start, size in zip(starts[sizes > BLOCK], sizes[sizes > BLOCK], strict=True):
        yield _of_large(np.sort(sorted_rows[start : start + size]).tolist(), records, total)


def _of_large(rows: Sequence[int], records: Sequence[Comparable], total: int) -> NDArray[np.int64]:
    """Pairs of a block that is too large: only those that a second key joins as well."""
    import numpy as np

    finer: dict[str, list[int]] = {}
    for row in rows:
        finer.setdefault(_finer(records[row]), []).append(row)
    pairs: list[int] = []
    for block in finer.values():
        pairs += _squared(block, total) if len(block) <= BLOCK else _near(block, records, total)
    return np.array(pairs, dtype=np.int64)
