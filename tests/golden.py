"""Whether two commits behave alike: ``python -m tests.golden BASE`` compares the checkout with BASE.

No store of answers: BASE is checked out beside, one list of commands runs under both trees, and
standard output, errors, exit code and every file are compared. Both trees work in one and the same
folder, one after the other, with the same environment. ``--quick`` (no publishing, one interpreter
a tree) is for each commit of a move; the whole gives each case an interpreter of its own, under two
hash seeds. A tool, no part of ``make test``.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import test_claims, test_files, test_inventory
from tests.conftest import HOME

DEMO, TOPIC = HOME / "demo", HOME / "tests" / "second_topic"
FIRST, SECOND = "2026-09-01", "2026-10-01"
Edit = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """Commands that run one after another in one folder.

    :ivar source: the review that is copied there; None: an empty folder
    :ivar commands: words, and the day of the world that NCBI is played from, if any
    """

    name: str
    source: Path | None
    commands: tuple[tuple[tuple[str, ...], str | None], ...]
    edits: tuple[Edit, ...] = ()
    slow: bool = False


@dataclass(frozen=True)
class Meant:
    """A difference that is meant: of which commit, where, and why."""

    commit: str
    where: re.Pattern[str]
    why: str


MEANT: tuple[Meant, ...] = (
    Meant(
        "A snapshot",
        re.compile(r"damaged: (claims|files), .* check \| stdout"),
        "a fault no longer hides others: values changed since attested or signed are told too",
    ),
    Meant(
        "JSON is read by one strict reader",
        re.compile(r"damaged: files, broken json \| \d+ \w+ \| (stdout|stderr)"),
        "the line of the fault is told",
    ),
    Meant(
        "grade --propose --json",
        re.compile(r"the review \| \d+ grade --propose --json --root \. \| (exit|stdout)"),
        "it ended in a mistake of the program wherever a step was proposed",
    ),
)
"""Closes with the issue that it belongs to."""
LOOKING: tuple[tuple[str, ...], ...] = (
    ("check",),
    ("check", "--json"),
    ("status", "--json"),
    ("status",),
    ("grade", "--explain"),
    ("grade", "--propose", "--json"),
    ("synthesise", "--include-unverified"),
    ("protocol",),
    ("protocol", "--schema"),
    ("vocabulary", "--missing", "--unused"),
    ("appraise",),
    ("screen", "--list"),
    ("dedupe", "--list"),
    ("fulltext", "--list"),
    ("edition", "--gate"),
    ("edition", "--dry-run", "--note", "looked at"),
    ("migrate", "--dry-run"),
)
VERBS = (
    *("update", "search", "dedupe", "screen", "extract", "fulltext", "grade", "appraise"),
    *("synthesise", "pool", "publish", "check", "verify", "confirm", "edition", "vocabulary"),
    *("status", "doctor", "convert", "import", "protocol", "migrate"),
)
WRONG: tuple[tuple[str, ...], ...] = (
    (),
    ("nonsense",),
    *((verb, "--nonsense") for verb in VERBS),
    ("dedupe", "--pair", "pmid-1", "pmid-2"),
    ("dedupe", "nowhere.ris"),
    ("dedupe", "--out", "x.csv"),
    ("screen", "--reviewer", "nobody"),
    ("screen", "--reviewer", "reviewer-a", "--import", "nowhere.csv"),
    ("extract", "--study", "nobody-1999"),
    ("extract", "--record", "pmid-1"),
    ("extract", "--records", "nowhere.jsonl"),
    ("extract", "--out", "x.jsonl"),
    ("extract", "--model", "m", "--record", "pmid-900000001"),
    ("fulltext", "--put", "nowhere.pdf"),
    ("grade", "--question", "none"),
    ("grade", "--profile", "none"),
    ("appraise", "nobody-1999", "--form", "rob-2"),
    ("pool", "nowhere.csv", "--measure", "OR"),
    ("verify", "nobody-1999"),
    ("verify", "brackwater-2024", "results.r9"),
    ("confirm", "D99"),
    ("confirm", "D01", "--withdraw"),
    ("edition", "--compare", "0.1", "0.9"),
    ("edition", "--gate", "--note", "x"),
    ("convert", "nowhere.xml", "out.csv"),
    ("import", "nowhere.ris", "--source", "embase", "--platform", "p"),
    ("import", "protocol.yaml", "--source", "pubmed", "--platform", "p"),
    ("update", "--pull-request", "nowhere/body.md"),
)


def cases() -> Iterator[Case]:
    """Everything that is run."""
    for name, home in (("the review", HOME), ("the demonstration", DEMO), ("a topic", TOPIC)):
        looks = tuple(((*words, "--root", "."), None) for words in LOOKING)
        yield Case(name, home, looks)
        yield Case(f"{name}, published", home, ((("publish",), None),), slow=True)
    update = ("update", "--no-publish", "--json")
    month = ((update, FIRST), (update, SECOND), (("check", "--allow-suspended"), None))
    more = ((("extract", "--json"), None), (("dedupe", "--json"), None), (("status",), None))
    yield Case("two months", DEMO, (*month, *more))
    yield Case("a month of a topic", TOPIC, ((update, FIRST), (("status", "--json"), None)))
    signing = (
        ("verify", "brackwater-2024", "results.r1", "--person", "reviewer-a"),
        ("verify", "birchcombe-2014", "sample[0]", "--person", "reviewer-a", "--by-eye", "table 1"),
        ("confirm", "D02", "--person", "reviewer-a"),
        ("edition", "--note", "signed"),
        ("edition", "--compare", "0.1", "0.2", "--json"),
        ("screen", "--reviewer", "reviewer-a", "--export", "sheet.csv"),
        ("screen", "--reviewer", "reviewer-a", "--import", "sheet.csv"),
        (
            *("dedupe", "--pair", "pmid-900000001", "pmid-900000003", "--verdict", "distinct"),
            *("--reviewer", "reviewer-a"),
        ),
        ("appraise", "brackwater-2024", "--form", "rob-2"),
        ("check",),
    )
    yield Case("a person's month", DEMO, tuple((words, None) for words in signing))
    damage: dict[str, tuple[Edit, ...]] = {}
    damage |= {f"files, {name}": (edit,) for name, (edit, _) in test_files.BAD.items()}
    damage |= {f"claims, {name}": edits for name, (edits, _) in test_claims.BAD.items()}
    damage |= {f"hidden, {name}": (edit,) for name, (edit, _) in test_inventory.HIDDEN.items()}
    for name, edits in damage.items():
        yield Case(f"damaged: {name}", DEMO, ((("check",), None), (("status",), None)), edits)
    yield Case("wrong words", DEMO, tuple((words, None) for words in WRONG))
    helps = (("--help",), *((verb, "--help") for verb in VERBS))
    yield Case("help", None, tuple((words, None) for words in helps))


DRIVER = r"""
import contextlib, io, json, os, sys
from review import cli
from review.offline.redirect import redirected
from review.offline.server import Eutils, OfflineServer
from review.offline.world import World

folder, today = sys.argv[1:3]
worlds = {}
told = []
for case in json.load(sys.stdin):
    os.chdir(os.path.join(folder, case["folder"]))
    for words, day in case["commands"]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.ExitStack() as stack:
            if day:
                if (case["world"], day) not in worlds:
                    from pathlib import Path
                    worlds[case["world"], day] = World.folder(Path(case["world"])).as_of(day)
                service = Eutils(worlds[case["world"], day])
                server = stack.enter_context(OfflineServer(service))
                stack.enter_context(redirected(server.port))
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            try:
                code = cli.main(list(words), today=day or today)
            except BaseException as error:
                code = f"{type(error).__name__}: {error}"
        told.append([case["name"], list(words), str(code), out.getvalue(), err.getvalue()])
json.dump(told, sys.__stdout__)
"""


def prepare(folder: Path, chosen: list[Case]) -> list[dict[str, Any]]:
    """The folders of the cases, and what the driver is told of them."""
    plan = []
    for number, case in enumerate(chosen):
        target = folder / f"case-{number}"
        if case.source is None:
            target.mkdir()
        else:
            shutil.copytree(
                case.source,
                target,
                ignore=shutil.ignore_patterns(
                    *(".venv", ".git", "build", "texts", "demo", "world", "tests", "review"),
                    *("extractors", "lock", "docs", "site", ".*_cache", "__pycache__", "*.xml"),
                ),
            )
        for edit in case.edits:
            edit(target)
        world = TOPIC if case.source == TOPIC else DEMO / "world"
        commands = [[list(words), day] for words, day in case.commands]
        plan.append(
            {"name": case.name, "folder": target.name, "commands": commands, "world": str(world)}
        )
    return plan


def run(tree: Path, folder: Path, chosen: list[Case], seed: str) -> dict[str, str]:
    """What the commands say and leave under one tree, by place."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    plan = prepare(folder, chosen)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LC_ALL": "C",
        "PYTHONUTF8": "1",
        "COLUMNS": "80",
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NCBI_EMAIL": "a@b.example",
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", DRIVER, str(folder), "2026-11-05"],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise SystemExit(f"{tree}: the commands did not run\n{done.stderr[-3000:]}")
    found: dict[str, str] = {}
    for number, (name, words, code, out, err) in enumerate(json.loads(done.stdout)):
        place = f"{name} | {number} {' '.join(words)}"
        for what, text in (("exit", code), ("stdout", out), ("stderr", err)):
            found[f"{place} | {what}"] = text.replace(str(tree), "<tree>")
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        memo = path.parts[-2:] in {
            ("build", "status.json"),
            ("build", "since.json"),
        }  # its key is of the program's own files
        if not path.name.startswith(".") and not memo:
            found[f"file | {path.relative_to(folder)}"] = text_of(path)
    return found


def text_of(path: Path) -> str:
    """A file's text; the hash of what is none, or long."""
    data = path.read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = ""
    return text if text and len(text) < 200_000 else hashlib.sha256(data).hexdigest()


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Places that differ and are not meant to, each with its first lines."""
    told = []
    for place in sorted({*before, *after}):
        old, new = before.get(place), after.get(place)
        if old == new or any(one.where.search(place) for one in MEANT):
            continue
        lines = difflib.unified_diff(
            (old or "").splitlines(), (new or "").splitlines(), "base", "here", lineterm="", n=0
        )
        told.append("\n".join([place, *list(lines)[2:10]]))
    return told


def main() -> int:
    """Compare; 0 when nothing differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("base", help="the commit to compare with")
    parser.add_argument("--quick", action="store_true", help="no publishing, one run a tree")
    arguments = parser.parse_args()
    everything = list(cases())
    batches = (
        [[c for c in everything if not c.slow]] if arguments.quick else [[c] for c in everything]
    )
    told: list[str] = []
    count = 0
    with tempfile.TemporaryDirectory() as name:
        tree, folder = Path(name) / "base", Path(name) / "work"
        git = ["git", "-C", str(HOME), "worktree"]
        subprocess.run([*git, "add", "--detach", "-q", str(tree), arguments.base], check=True)
        try:
            for seed in ("0",) if arguments.quick else ("0", "1"):
                for number, batch in enumerate(batches, 1):
                    before = run(tree, folder, batch, seed)
                    after = run(HOME, folder, batch, seed)
                    count += len(after)
                    told += differences(before, after)
                    if sys.stderr.isatty():
                        print(f"\r  {number} of {len(batches)}", end="", file=sys.stderr)
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=False)
    print("\n".join(told[:60]))
    print(f"{count} outputs and files compared, {len(told)} differ")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
