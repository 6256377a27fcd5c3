"""The demonstration: the real monthly update against the packaged PubMed world, on loopback.

``make demo`` copies the fictional review of ``demo/`` (its first month is done) with its world,
lets the second month come, runs ``review update`` through the real client, builds the site, and
checks the story. The copy goes on asking its own world, whoever types what
(``review.cli.services``).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shlex
import shutil
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from review import cli
from review.ground.errors import Exit
from review.ground.resources import HOME, resource

DEMO = resource("demo")
FIRST, SECOND = "2026-09-01", "2026-10-01"
NOT_DATA = ("*.py", "__pycache__", "build", "texts", ".review.lock")


def month(root: Path, day: str, verb: str, *arguments: str) -> int:
    """Run a verb of the tool on a copy of the demonstration, on a day."""
    return cli.main([verb, "--root", str(root), *arguments], today=day)


def copy_review(target: Path) -> None:
    """A fresh copy of the demonstration's review and world; nothing in demo/ is touched."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(DEMO, target, ignore=shutil.ignore_patterns(*NOT_DATA))


def faults(report: dict[str, Any], code: int, site: Path, root: Path) -> list[str]:
    """What did not go as the story says."""
    drafts = report["drafts"]
    expected = {
        "the update ends with 20": code == Exit.NOTICE,
        "every source is complete": report["complete"],
        "there are new candidates": bool(report["candidates"]),
        "a retraction touches an included study": any(
            n["included"] and n["type"] == "retraction_in" for n in report["notices"]
        ),
        "a correction touches an included study": any(
            n["included"] and n["type"] == "erratum_in" for n in report["notices"]
        ),
        "a draft was made, with quotes": bool(drafts)
        and all(
            "quote:"
            in (root / "data" / "extractions" / f"{study}.yaml").read_text(encoding="utf-8")
            for study in drafts
        ),
        "a duplicate was merged": report["duplicates"] > 0,
        "the site is there": (site / "index.html").is_file(),
    }
    return [what for what, holds in expected.items() if not holds]


def near(path: Path) -> str:
    """A path as it is typed from here."""
    return shlex.quote(os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path))


def next_commands(root: Path) -> list[str]:
    """What to type next, each a line for a shell: what waits, the list to screen, another month."""
    command = Path(sys.executable).absolute().with_name("review")
    review = near(command) if command.exists() else f"{near(Path(sys.executable))} -m review"
    return [
        f"{review} status --root {near(root)}",
        f"{review} screen --list --root {near(root)}",
        f"{review} update --no-publish --root {near(root)}",
    ]


def main(argv: list[str] | None = None) -> int:
    """Run the demonstration; 0 when the story went as it should."""
    parser = argparse.ArgumentParser(prog="make demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=HOME / "build" / "demo")
    arguments = parser.parse_args(argv)
    out: Path = arguments.out.absolute()
    if out == HOME or out in HOME.parents:
        parser.error(f"--out {out}: holds this program, expected a folder to build in")
    root = out / "review"
    os.environ.pop("NCBI_API_KEY", None)
    copy_review(root)
    # The first month again: it fetches the abstracts, which git does not hold; no file changes.
    print(f"Demonstration (everything is fictional). The first month, {FIRST}:", flush=True)
    with redirect_stdout(io.StringIO()):
        month(root, FIRST, "search", "--json")
    print(f"The second month, {SECOND}:", flush=True)
    printed = io.StringIO()
    with redirect_stdout(printed):
        code = month(root, SECOND, "update", "--out", str(out), "--json")
    report = json.loads(printed.getvalue())
    site = out / "html"
    source = report["sources"][0]
    print(f"  records found: {source['id']} {source['found']}, of them new {source['new']}")
    print(f"  held records fetched again beyond these: {source['refetched']}")
    print(f"  duplicates merged: {report['duplicates']}; doubtful pairs: {report['queued_pairs']}")
    for notice in report["notices"]:
        where = f"included study {notice['study']}" if notice["included"] else notice["record"]
        print(f"  notice: {notice['type']} on {where}")
    print(
        f"  candidates to screen: {len(report['candidates'])} new, "
        f"{report['awaiting_screening']} in all"
    )
    for candidate in report["candidates"][:5]:
        print(f"    {candidate['id']}  {candidate['title'][:80]}")
    print(f"  drafts made: {', '.join(report['drafts'])}")
    print(f"  files written: {len(report['changed_files'])}")
    print(
        f"  the update's own exit code: {code} "
        "(20: a retraction or correction touches an included study)"
    )
    print(
        f"Look at {near(site / 'index.html')} (make serve DIR={out.name}/html) "
        f"and {near(root / 'data')}"
    )
    print("To type next; it is this machine's small PubMed that they ask, never the real one:")
    for command in next_commands(root):
        print(f"  {command}")
    wrong = faults(report, code, site, root)
    for what in wrong:
        print(f"NOT AS IT SHOULD BE: {what}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
