"""Clusters: pairs become reports, and no cluster holds two records that can't be one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product

LOOKED_AT = 400
"""Pairs of two clusters that are compared before they are joined; a larger cluster is of copies."""


class Clusters:
    """Union-find that asks before it joins."""

    def __init__(self) -> None:
        self._of: dict[int, list[int]] = {}

    def members(self, one: int) -> list[int]:
        """The records of a record's cluster, itself included."""
        return self._of.get(one) or [one]

    def together(self, a: int, b: int) -> bool:
        """Whether two records are in one cluster."""
        return a == b or self.members(a) is self._of.get(b)

    def join(
        self, a: int, b: int, barred: Callable[[int, int], str | None] | None = None
    ) -> str | None:
        """Join two records' clusters, unless a pair between them is barred.

        :returns: why they were not joined
        """
        if self.together(a, b):
            return None
        one, other = self.members(a), self.members(b)
        if barred is not None:
            for x, y in islice(product(one, other), LOOKED_AT):
                if reason := barred(x, y):
                    return reason
        big, small = (one, other) if len(one) >= len(other) else (other, one)
        big.extend(small)
        for member in big if len(big) == 2 else small:
            self._of[member] = big
        for member in (a, b):
            self._of[member] = big
        return None

    def __iter__(self) -> Iterator[list[int]]:
        """All clusters of two or more, each once, in the order of their first record."""
        seen: set[int] = set()
        for first in sorted(min(m) for m in _unique(self._of.values())):
            if first not in seen:
                found = sorted(self._of[first])
                seen.update(found)
                yield found


def _unique(lists: Iterable[list[int]]) -> list[list[int]]:
    return list({id(one): one for one in lists}.values())
