"""``make bench-peers``: bib-dedupe on the labelled sets and hard cases, by our evaluator, beside ours.

It runs in an environment of its own (lock/peers.txt); ours is measured in the project's.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[1]
OURS = (
    "import json, sys; from tests import dedupe_bench as b; name = sys.argv[1]\n"
    "print(json.dumps([b.rows(name), b.truth(name), None if name == 'hardcases' else "
    "vars_of(b.measured(name))]))\n"
).replace("vars_of", "(lambda m: [m.tp, m.fp, m.fn, m.seconds])")


def evaluator() -> Any:
    """The record-level counts of tests/dedupe_bench.py, which this environment can't import whole."""
    text = (HOME / "tests" / "dedupe_bench.py").read_text(encoding="utf-8")
    start = text.index("def record_level(")
    names: dict[str, Any] = {}
    code = "from __future__ import annotations\n" + text[start : text.index("def pairs(")]
    exec(compile(code, "dedupe_bench.py", "exec"), names)
    return names["record_level"]


def main() -> None:
    """Print both tools' counts for each set."""
    if importlib.util.find_spec("bib_dedupe") is None:
        print("bib-dedupe is not installed here: run make bench-peers")
        return
    import pandas as pd
    from bib_dedupe.bib_dedupe import block, cluster, match, prep

    count = evaluator()
    sets = ("stroke", "haematology", "respiratory", "diabetes", "neuroimaging", "digital_work")
    for name in (*sets, "cardiac", "hardcases"):
        command = [str(HOME / ".venv" / "bin" / "python"), "-c", OURS, name]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HOME)
        rows, wanted, ours = json.loads(done.stdout)
        big = {"id": "ID", "entrytype": "ENTRYTYPE"}
        frame = pd.DataFrame([{big.get(k, k): v for k, v in row.items()} for row in rows])
        start = time.process_time()
        found = cluster(match(block(prep(frame, cpu=1), cpu=1), cpu=1))
        used = time.process_time() - start
        tp, fp, fn = count(wanted, found)
        print(f"{name}: bib-dedupe TP {tp} FP {fp} FN {fn}, {used:.1f} CPU-s", end="")
        print(f"; ours TP {ours[0]} FP {ours[1]} FN {ours[2]}, {ours[3]:.2f} CPU-s" if ours else "")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
