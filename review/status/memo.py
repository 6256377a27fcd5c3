"""The last status, kept under build/ while no file of the review has changed since.

State is derived, and deriving it loads the data models; asked again, `review status` answers at
once. The key is every file's name, size and time of change, the day, and the program's version.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from review import TOOL
from review.files.outputs import part_of, sweep_parts
from review.ground.json import parse_json


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "texts":
                    yield from _files(entry.path)
            else:
                yield entry


def key(root: Path, today: str) -> str:
    """Fingerprint of everything a status depends on."""
    protocol = (root / "protocol.yaml").stat()
    seen = [f"{TOOL} {today} {protocol.st_size} {protocol.st_mtime_ns}"]
    if (root / "data").is_dir():
        for entry in _files(str(root / "data")):
            stat = entry.stat()
            seen.append(f"{entry.path} {stat.st_size} {stat.st_mtime_ns}")
    return sha256("\n".join(sorted(seen)).encode()).hexdigest()


def recall(root: Path, today: str) -> dict[str, Any] | None:
    """The status remembered for the review as it stands, if there is one."""
    return _recalled(root, "status.json", key(root, today))


def recall_news(root: Path) -> dict[str, Any] | None:
    """What happened since the last edition, as remembered: the day does not change it, and deriving
    it grades the whole review.
    """
    return _recalled(root, "since.json", key(root, ""))


def _recalled(root: Path, name: str, expected: str) -> dict[str, Any] | None:
    try:
        memo = parse_json((root / "build" / name).read_bytes())
        if memo["key"] == expected:
            return {"lines": list(memo["lines"]), "facts": dict(memo["facts"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None


def remember(root: Path, today: str, lines: list[str], facts: dict[str, Any]) -> None:
    """Keep a status."""
    _keep(root, "status.json", key(root, today), lines, facts)


def remember_news(root: Path, lines: list[str], facts: dict[str, Any]) -> None:
    """Keep what happened since the last edition."""
    _keep(root, "since.json", key(root, ""), lines, facts)


def _keep(root: Path, name: str, found: str, lines: list[str], facts: dict[str, Any]) -> None:
    """Keep a memo; where build/ can't be written it is derived again next time.

    No durable write, which would cost more than it saves: a memo that is lost or torn is no memo.
    """
    with contextlib.suppress(OSError):
        folder = root / "build"
        folder.mkdir(exist_ok=True)
        memo = folder / name
        sweep_parts(memo)
        part = part_of(memo)
        value = {"key": found, "lines": lines, "facts": facts}
        part.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        part.replace(memo)
