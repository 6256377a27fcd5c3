"""Slow measurements. Prints what was measured and writes build/bench.json; ends with 1 where a bar
does not hold, or was not measured though the data for it lie beside the project.

``make bench``, or ``python tests/bench.py NAME`` for one measurement by its function's name. What can't be measured here says "not run", never "holds".
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME))
from tests.conftest import SHARED  # noqa: E402

BASELINE = SHARED / "pubmed" / "baseline" / "pubmed20n0014.xml.gz"
CURATED = SHARED / "pubmed" / "curated" / "all.xml"
REVIEW = [sys.executable, "-m", "review"]


def cpu(
    command: list[str], **options: Any
) -> tuple[float, float, subprocess.CompletedProcess[str]]:
    """CPU-seconds and peak MB of a command, its own process alone."""
    script = (
        "import json, resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, "
        "done.returncode, done.stdout[-4000:], done.stderr[-2000:]]))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, *command],
        capture_output=True,
        text=True,
        check=True,
        cwd=HOME,
        **options,
    )
    seconds, megabytes, code, out, err = json.loads(run.stdout)
    return seconds, megabytes, subprocess.CompletedProcess(command, code, out, err)


Figures = dict[str, dict[str, Any]]
NOT_RUN, TOLD = "not run", "-"
"""Of a figure whose data are not here, and of one that has no bar."""


def figure(figures: Figures, name: str, value: float, unit: str, bar: float, low: bool) -> None:
    """Note a figure and whether its bar holds."""
    holds = value <= bar if low else value >= bar
    figures[name] = {"value": round(value, 3), "unit": unit, "bar": bar, "holds": holds}


def startup(figures: Figures) -> None:
    """--help and status on the review's own data: the middle of five runs."""
    memo = HOME / "build" / "status.json"
    for name, command in (("help", ["--help"]), ("status", ["status"]), ("status_derived", [])):
        times = []
        for _ in range(5):
            if not command:
                memo.unlink(missing_ok=True)
            times.append(cpu([*REVIEW, *(command or ["status"])])[0])
        figure(figures, f"startup_{name}", sorted(times)[2], "CPU-seconds", 0.3, low=True)


def throughput(figures: Figures) -> None:
    """review convert on 30,000 real records: the middle of three runs."""
    if not BASELINE.exists():
        for name in ("convert_throughput", "convert_memory"):
            figures[name] = {"value": None, "unit": "", "bar": None, "holds": NOT_RUN}
        return
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.jsonl"
        runs = []
        for _ in range(3):
            seconds, megabytes, _done = cpu([*REVIEW, "convert", str(BASELINE), str(out)])
            runs.append((seconds, megabytes))
        with out.open(encoding="utf-8") as file:
            records = sum(1 for _ in file)
    seconds, megabytes = sorted(runs)[1]
    figure(figures, "convert_throughput", records / seconds, "records/CPU-second", 2500, low=False)
    figure(figures, "convert_memory", megabytes, "MB resident", 100, low=True)


def real_update(figures: Figures) -> None:
    """The real strategy against the real curated and baseline XML, twice on one day."""
    if not (BASELINE.exists() and CURATED.exists()):
        for name in ("real_update", "real_update_repeated_changes"):
            figures[name] = {"value": None, "unit": "", "bar": None, "holds": NOT_RUN}
        return
    from review import cli
    from review.offline.redirect import redirected
    from review.offline.server import Eutils, OfflineServer
    from review.offline.world import World
    from tests.conftest import tree

    snapshot = World([("2026-01-01", BASELINE), ("2026-01-02", CURATED)]).as_of("2026-12-31")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copy(HOME / "protocol.yaml", root)
        shutil.copytree(HOME / "data", root / "data", ignore=shutil.ignore_patterns("texts"))
        text = (root / "protocol.yaml").read_text(encoding="utf-8")
        text = text.replace("contact_email: null", "contact_email: bench@example.org")
        (root / "protocol.yaml").write_text(text, encoding="utf-8")
        with OfflineServer(Eutils(snapshot)) as server, redirected(server.port):
            command = ["update", "--root", folder, "--no-publish"]
            start = time.process_time()
            first = cli.main(command, today="2026-11-23")
            used = time.process_time() - start
            before = tree(root)
            second = cli.main(command, today="2026-11-23")
            changes = sum(1 for k, v in tree(root).items() if before.get(k) != v)
    figure(figures, "real_update", used, f"CPU-seconds (exit {first})", 60, low=True)
    name = "real_update_repeated_changes"
    figure(figures, name, changes, f"files changed (exit {second})", 0, low=True)


def faults(figures: Figures) -> None:
    """The part of the fault and kill matrix that the tests play; make faults plays the whole."""
    command = [sys.executable, "-m", "tests.faults", "--sample", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HOME)
    result = json.loads(done.stdout)
    cells = result["cells"]
    figure(figures, "fault_cells", result["passed"], f"passed of {cells}", cells, low=False)
    figure(figures, "fault_cells_failing", len(result["failing"]), "failing", 0, low=True)


AWAY = (
    "import resource, sys\n"
    "from review import cli\n"
    "from review.offline.redirect import redirected\n"
    "with redirected(int(sys.argv[1])):\n"
    "    code = cli.main(sys.argv[3:], today=sys.argv[2])\n"
    "sys.exit(code)\n"
)
"""A verb on a day, with NCBI on the loopback: the server's work is not the verb's."""


def a_month_nobody_came(figures: Figures) -> None:
    """10,000 records that nobody has screened: an update without news, check and status."""
    from review.demo import SECOND, copy_review
    from review.offline.server import Eutils, OfflineServer
    from tests.big import worlds

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "review"
        copy_review(root)
        (Path(folder) / "world").mkdir()
        snapshot = worlds(Path(folder) / "world", 9_940).as_of(SECOND)
        with OfflineServer(Eutils(snapshot)) as server:
            months = (("first_update_10k", SECOND, 20, 60), ("update_10k", "2027-01-01", 0, 20))
            for name, day, code, bar in months:
                update = ["update", "--no-publish", "--root", str(root)]
                command = [sys.executable, "-c", AWAY, str(server.port), day, *update]
                ran(figures, name, command, code, bar)
        ran(
            figures,
            "check_10k",
            [*REVIEW, "check", "--allow-suspended", "--root", str(root)],
            0,
            10,
        )
        ran(figures, "status_10k", [*REVIEW, "status", "--root", str(root)], 0, 2)


def many_studies(figures: Figures) -> None:
    """1,000 more studies: status, check, and the site with a page for each in two languages."""
    from review.demo import copy_review

    study, name = "castlemere-2019", "pmid-900000003"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "review"
        copy_review(root)
        record = next((root / "data" / "records").glob(f"*/{name}.json"))
        value = json.loads(record.read_text("utf-8"))
        text = (root / "data" / "extractions" / f"{study}.yaml").read_text("utf-8")
        taken = (root / "data" / "previous.yaml").read_text("utf-8").rstrip()
        for number in range(1_000):
            pmid = str(920_000_000 + number)
            new = {
                **value,
                "id": f"pmid-{pmid}",
                "pmid": pmid,
                "title": f"{value['title']} {number}",
            }
            new.pop("doi", None)
            record.with_name(f"pmid-{pmid}.json").write_text(json.dumps(new), "utf-8")
            other = "castlemere" + "".join("abcdefghij"[int(d)] for d in str(number)) + "-2019"
            changed = text.replace(name, f"pmid-{pmid}").replace(study, other)
            (root / "data" / "extractions" / f"{other}.yaml").write_text(changed, "utf-8")
            taken += (
                f'\n  - {{record: pmid-{pmid}, source: bench, basis: bench, date: "2026-09-01"}}'
            )
        (root / "data" / "previous.yaml").write_text(taken + "\n", "utf-8")
        for verb, bar in (("status", 2), ("check", 10), ("publish", 300)):
            ran(figures, f"{verb}_1k_studies", [*REVIEW, verb, "--root", str(root)], 0, bar)
        pages = len(list((root / "build" / "html").rglob("index.html")))
        figures["publish_1k_studies"]["unit"] += f", {pages} pages"


def dedupe_quality(figures: Figures) -> None:
    """The labelled sets and the hard cases that lie beside the project."""
    from tests import dedupe_bench as bench

    if not bench.FOLDER.exists():
        for name in ("dedupe_fp", "dedupe_fn", "dedupe_hard_cases"):
            figures[name] = {"value": None, "unit": "", "bar": None, "holds": NOT_RUN}
        return
    sets = [bench.measured(name) for name in bench.SETS]
    for one in sets:
        unit = f"FP; FN {one.fn}, errata {one.fn_errata}, pairs {one.pair_fp}/{one.pair_fn}"
        figures[f"dedupe_{one.name}"] = {"value": one.fp, "unit": unit, "bar": None, "holds": TOLD}
    figure(figures, "dedupe_fp", sum(one.fp for one in sets), "records in all", 2, low=True)
    left = sum(one.fn - one.fn_errata for one in sets)
    figure(figures, "dedupe_fn", left, "records, errata apart", 40, low=True)
    cases = bench.hard_cases()
    merged = sum(one[1] for name, one in cases.items() if name[0] in "NR")
    figure(figures, "dedupe_n_r_merged", merged, "of N01-N19 and R01-R03", 0, low=True)
    for name, (number, hits, links) in cases.items():
        if name[0] == "P":
            bar = 0.9 if name >= "P17" else 0.95
            figure(figures, f"dedupe_{name}", hits / number, "merged", bar, low=False)
        elif name[0] == "R":
            figure(figures, f"dedupe_{name}", links / number, "linked rightly", 0.9, low=False)
    out = {name: f"bound {c[0]}: FP {c[1]}, FN {c[2]}" for name, c in bench.leave_one_out().items()}
    figures["dedupe_leave_one_out"] = {"value": out, "unit": "", "bar": None, "holds": TOLD}


def dedupe_speed(figures: Figures) -> None:
    """Synthetic records with known truth: 50,000 and a million; 100 new against 5,000 known."""
    for number, seconds, megabytes in ((50_000, 12, 1_000), (1_000_000, 400, 8_000)):
        command = [sys.executable, "-m", "tests.dedupe_bench", "scale", str(number)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HOME)
        found = json.loads(done.stdout)
        name = f"dedupe_{number // 1000}k"
        unit = f"CPU-seconds (TP {found['tp']}, FP {found['fp']}, FN {found['fn']})"
        figure(figures, name, found["seconds"], unit, seconds, low=True)
        figure(figures, f"{name}_memory", found["peak_mb"], "MB resident", megabytes, low=True)
    command = [sys.executable, "-m", "tests.dedupe_bench", "incremental"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HOME)
    unit = "CPU-seconds for 100 new"
    figure(figures, "dedupe_incremental", float(done.stdout), unit, 0.1, low=True)


def extraction(figures: Figures) -> None:
    """Rules of extraction: development half of PICO-Corpus, old MEDLINE, the gold set's texts."""
    from tests import extract_bench as bench

    unseen = (
        *(
            "total sample size, PICO-Corpus, unseen half",
            "total sample size, diabetes and glaucoma trials",
        ),
        *(
            "arm sizes, PICO-Corpus, unseen half",
            "p-values of trials",
            "instruments of other abstracts",
        ),
    )
    for name in unseen:
        figures[f"extract: {name}"] = {"value": None, "unit": "", "bar": None, "holds": NOT_RUN}
    if not bench.CORPUS.is_dir():
        figures["extract_total"] = {"value": None, "unit": "", "bar": None, "holds": NOT_RUN}
        return
    total, arms, speed = bench.pico()
    figure(
        figures,
        "extract_total_precision",
        total.precision,
        "exact, development half",
        0.93,
        low=False,
    )
    figure(
        figures, "extract_total_recall", total.recall, "exact, development half", 0.91, low=False
    )
    figure(figures, "extract_arms_f1", arms.f1, "F1 of sizes, development half", 0.80, low=False)
    figure(figures, "extract_speed", speed, "abstracts a CPU-second", 300, low=False)
    typed, bare = bench.trials()
    figure(
        figures, "extract_rct_typed_precision", typed.precision, "MEDLINE 1976-79", 0.97, low=False
    )
    figure(figures, "extract_rct_typed_recall", typed.recall, "MEDLINE 1976-79", 0.97, low=False)
    figure(
        figures,
        "extract_rct_text_f1",
        bare.f1,
        "MEDLINE 1976-79, half says no random",
        0.94,
        low=False,
    )
    _, slowest = bench.full_texts()
    figure(figures, "extract_fulltext", slowest, "CPU-s, the slowest", 0.1, low=True)
    gold = bench.gold()
    if gold is None:
        figures["extract_gold"] = {"value": None, "unit": "", "bar": None, "holds": NOT_RUN}
        return
    figure(
        figures,
        "extract_gold_design",
        gold.macro_f1,
        f"macro-F1, {gold.studies} texts, near classes taken as one",
        0.80,
        low=False,
    )
    figure(figures, "extract_gold_false_rct", gold.false_trials, "called RCT wrongly", 0, low=True)
    figure(figures, "extract_gold_total", gold.total.recall, "exact", 0.85, low=False)
    figures["extract_gold_prevalence_precision"] = {
        "value": None,
        "unit": "the gold set does not list every share, so what else is found can't be judged",
        "bar": 0.95,
        "holds": NOT_RUN,
    }
    figure(
        figures, "extract_gold_prevalence_recall", gold.prevalence.recall, "n/N/%", 0.85, low=False
    )


def synthesis(figures: Figures) -> None:
    """metafor's answers, ten thousand fits, a picture of 500 studies, and the same bytes again."""
    import numpy as np
    from lxml import etree

    from review.plots.axis import Axis
    from review.plots.forest import Row, forest
    from review.statistics.pool import pool
    from tests import test_metafor

    if not test_metafor.META.is_dir():
        figures["metafor"] = {"value": None, "unit": "", "bar": None, "holds": NOT_RUN}
    else:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", f"--junitxml={report}"]
            subprocess.run([*tests, "tests/test_metafor.py"], cwd=HOME, capture_output=True)
            suite = etree.parse(str(report)).find(".//testsuite")
        count = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
        right = 2 * count["tests"] - sum(count.values())
        figure(figures, "metafor_checks", right, "of metafor's answers", count["tests"], low=False)
        worst = 0.0
        for case in test_metafor.answers("rma_uni")["cases"]:
            data = test_metafor.sets()[case["dataset"]]
            one = pool(data["yi"], data["vi"], case["method"], case["test"], case["level"])
            for ours, theirs in ((one.estimate, case["estimate"]), (one.se, case["se"])):
                worst = max(worst, abs(ours - theirs) / max(abs(theirs), 1e-12))
        figures["metafor_worst_difference"] = {
            "value": float(f"{worst:.2e}"),
            "unit": "relative, estimates and standard errors of 946 fits",
            "bar": 1e-8,
            "holds": worst <= 1e-8,
        }
    source = np.random.default_rng(7)
    sets = [(source.normal(0, 1, 20), source.uniform(0.01, 1, 20)) for _ in range(10_000)]
    start = time.process_time()
    for y, v in sets:
        pool(y.tolist(), v.tolist())
    used = time.process_time() - start
    figure(figures, "fits_10000_reml_knha_k20", used, "CPU-seconds", 20, low=True)
    rows = [Row(f"Study {n}", n / 500, n / 500 - 1, n / 500 + 1, 0.2) for n in range(500)]
    start = time.process_time()
    pictures = {forest("t", "d", rows, Axis("x")) for _ in range(3)}
    used = (time.process_time() - start) / 3
    figure(figures, "forest_500_studies", used, "CPU-seconds", 1, low=True)
    figure(figures, "forest_same_bytes", len(pictures), "pictures of one input", 1, low=True)


def ran(figures: Figures, name: str, command: list[str], code: int, bar: float) -> None:
    """Note the CPU-seconds of a command; another exit code is no figure."""
    seconds, megabytes, done = cpu(command)
    figure(figures, name, seconds, f"CPU-seconds, {megabytes:.0f} MB", bar, low=True)
    if done.returncode != code:
        figures[name]["holds"] = f"exit {done.returncode}, expected {code}: {done.stderr[-300:]}"


def main() -> int:
    """Measure everything and write build/bench.json.

    :returns: 1 where a bar does not hold, or could not be measured though its data are there
    """
    figures: Figures = {}
    measures: tuple[Callable[[Figures], None], ...] = (
        *(startup, throughput, real_update, faults, a_month_nobody_came, many_studies),
        *(dedupe_quality, dedupe_speed, extraction, synthesis),
    )
    wanted = set(sys.argv[1:])
    for measure in measures:
        if wanted and measure.__name__ not in wanted:
            continue
        print(f"{measure.__name__} …", file=sys.stderr, flush=True)
        measure(figures)
    for name, one in figures.items():
        holds = {True: "holds", False: "DOES NOT HOLD"}.get(one["holds"], one["holds"])
        print(f"{name}: {one['value']} {one['unit']} (bar {one['bar']}): {holds}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"this process: {peak:.0f} MB peak")
    (HOME / "build").mkdir(exist_ok=True)
    (HOME / "build" / "bench.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    broken = [n for n, one in figures.items() if one["holds"] not in (True, TOLD, NOT_RUN)]
    if broken:
        print(f"bars that do not hold: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
