"""Candidate pairs of a library that outgrows memory: the same keys, joined by DuckDB on disk.

Needs the extra ``large``. What was one sort in memory is a table of (column, hash, row) on disk and
one join; the pairs come back in chunks, each to be compared by :mod:`review.dedupe.compare`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from review.dedupe.candidates import BLOCK, CHUNK, keys_of
from review.dedupe.comparable import Comparable
from review.ground.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAIRS = 1_000_000
"""Pairs of a chunk."""
_JOIN = """
    CREATE TABLE blocks AS
        SELECT col, hash FROM keys GROUP BY col, hash
        HAVING count(*) BETWEEN 2 AND getvariable('block');
    CREATE TABLE pairs AS
        SELECT DISTINCT a.row AS first, b.row AS second
        FROM blocks JOIN keys a USING (col, hash) JOIN keys b USING (col, hash)
        WHERE a.row < b.row;
"""


def pairs_on_disk(
    records: Iterable[Comparable], folder: Path, *, memory: str = "1GB"
) -> Iterator[NDArray[np.int64]]:
    """Rows of all pairs that share a key, in chunks of two columns, the smaller row first.

    :param records: read once, never held together
    :param folder: for DuckDB's files; what outgrows ``memory`` is spilled there
    :raises UsageError: where DuckDB is not installed
    """
    import numpy as np
    import pandas as pd

    try:
        import duckdb
    except ImportError:
        raise UsageError("DuckDB is missing: pip install 'living-review[large]'") from None
    base = duckdb.connect(str(folder / "pairs.duckdb"))
    try:
        base.execute(f"SET memory_limit = '{memory}'; SET preserve_insertion_order = false")
        base.execute("CREATE TABLE keys (col UTINYINT, hash UBIGINT, row BIGINT)")
        start = 0
        part: list[Comparable] = []

        def flush() -> None:
            for column, (hashes, rows) in enumerate(keys_of(part, range(start, start + len(part)))):
                frame = pd.DataFrame({"col": np.uint8(column), "hash": hashes, "row": rows})
                base.execute("INSERT INTO keys SELECT col, hash, row FROM frame")
                del frame

        for one in records:
            part.append(one)
            if len(part) == CHUNK:
                flush()
                start, part = start + len(part), []
        flush()
        base.execute("SET VARIABLE block = ?", [BLOCK])
        base.execute(_JOIN)
        found = base.execute("SELECT first, second FROM pairs ORDER BY first, second")
        while len(chunk := found.fetch_df_chunk(PAIRS // 2048)):
            yield chunk.to_numpy(dtype=np.int64)
    finally:
        base.close()
