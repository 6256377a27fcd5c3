"""The tour for authors in CONTRIBUTING.md, run line by line on the demonstration."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from review import cli
from review.demo import DEMO, SECOND
from review.files.store import Store
from review.offline.world import Snapshot
from tests.conftest import HOME, serving

DAY = "2026-10-05"
TEXT = (HOME / "CONTRIBUTING.md").read_text(encoding="utf-8")
FIRST_LINE = 'cp -r demo tour && cd tour && export PATH="$PWD/../.venv/bin:$PATH"'
BLOCK = re.compile(r"^```(sh|yaml)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def fill(path: Path, record: str, decision: str) -> None:
    """Write a decision into an exported sheet, as a person does in a spreadsheet."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert any(row["record"] == record for row in rows)
    for row in rows:
        row["decision"] = decision if row["record"] == record else ""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def test_every_line_of_the_tour_works(
    root: Path,
    snapshots: dict[str, Snapshot],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    start = TEXT.index("## Tour")
    blocks = BLOCK.findall(TEXT[start : TEXT.index("## For developers")])
    assert len(blocks) >= 9
    monkeypatch.chdir(root)
    ran: list[str] = []
    said: dict[str, str] = {}
    for kind, name, body in blocks:
        if kind == "yaml":
            assert (root / name).parent.is_dir(), name
            (root / name).write_text(body, encoding="utf-8")
            continue
        for line in body.splitlines():
            if match := re.fullmatch(r"# fill (\S+): (\w+) (\S+)", line):
                fill(root / match.group(1), match.group(3), match.group(2))
            elif match := re.fullmatch(r"# in (\S+): (.*?) -> (.*)", line):
                path = root / match.group(1)
                text, old = path.read_text(encoding="utf-8"), match.group(2).replace("\\n", "\n")
                assert text.count(old) == 1, line
                path.write_text(text.replace(old, match.group(3)), encoding="utf-8")
            else:
                words = shlex.split(line)
                if line == FIRST_LINE:
                    continue  # tried below, in a shell
                assert words[0] == "review", line
                day = SECOND if words[1] == "update" else DAY
                with serving(snapshots[SECOND]):
                    code = cli.main(words[1:], today=day)
                said[line] = capsys.readouterr().out
                assert code == (20 if words[1] == "update" else 0), (line, said[line])
                ran.append(words[1])
    verbs = {"update", "status", "screen", "extract", "check", "verify", "grade", "confirm"}
    assert TEXT.count(FIRST_LINE) == 1
    assert verbs | {"edition", "publish"} == set(ran)
    compared = said["review edition --compare 0.1 0.2"]
    assert "added claim:D05" in compared
    assert "changed claim:D01 support: supported -> unsupported" in compared
    assert "changed claim:D01 level: 3 -> none" in compared
    edition = Store(root).editions()[-1]
    assert edition.version == "0.2"
    assert "new study: greyfen-2026" in edition.triggers
    assert "retraction: brackwater-2024" in edition.triggers
    assert "change of method" in edition.triggers
    page = (root / "build" / "html" / "changes" / "index.html").read_text(encoding="utf-8")
    assert "Edition 0.2 of 2026-10-05" in page
    assert "A conclusion changed since edition 0.1" in page
    claim = (root / "build" / "html" / "claims" / "D05" / "index.html").read_text(encoding="utf-8")
    assert "confirmed by reviewer-a" in claim


def test_a_person_can_type_the_first_lines_of_the_tour(tmp_path: Path) -> None:
    """In a shell, with the installed command, on the clock's day, where no network leads out."""
    if date.today().isoformat() < SECOND:
        pytest.skip(f"this machine's clock stands before {SECOND}, the tour's month")
    shutil.copytree(DEMO, tmp_path / "demo", ignore=shutil.ignore_patterns("texts"))
    (tmp_path / ".venv").symlink_to(Path(sys.executable).absolute().parents[1])
    typed = f"{FIRST_LINE}\nreview update --no-publish\necho ended $?\nreview status\n"
    nowhere = "http://127.0.0.1:9"
    done = subprocess.run(
        ["bash", "-c", typed],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HOME), "https_proxy": nowhere, "no_proxy": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ended 20" in done.stdout, done.stderr
    assert "retraction_in on INCLUDED STUDY brackwater-2024" in done.stdout
