"""Inventory: every file of ``data/`` is one that the review reads, none is gone since git's HEAD.

A file that no reader takes, a folder that can't be listed: each would make the review smaller
without a word.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from review.files.change import told_of_intent
from review.files.documents import ignored
from review.files.reading import Reader
from review.ground.errors import Problem

SINGLE = ("seed.yaml", "previous.yaml", "corrections.yaml", "duplicates.json", "volatile.json")
"""Files that stand in ``data/`` itself."""


@dataclass(frozen=True)
class Room:
    """A folder of ``data/``: how deep its files stand, and how their names end."""

    shown: str
    endings: tuple[str, ...]
    depth: int = 1


ROOMS: Mapping[str, Room] = {
    "appraisals": Room("<study>-<form>.yaml", (".yaml",)),
    "attestations": Room("<study>.json", (".json",)),
    "claims": Room("<claim>.yaml", (".yaml",)),
    "editions": Room("<version>.json", (".json",)),
    "extractions": Room("<study>.yaml", (".yaml",)),
    "fulltexts": Room("<record>.<kind>.<ending>", (".json", ".xml", ".pdf")),
    "imports": Room("<source>/<date>-<run>.json", (".json",), 2),
    "notices": Room("<person>.csv", (".csv",)),
    "pairs": Room("<reviewer>.csv", (".csv",)),
    "questions": Room("<question>.yaml", (".yaml",)),
    "records": Room("<year>/<record>.json", (".json",), 2),
    "screening": Room("<reviewer>.csv", (".csv",)),
    "searches": Room("<date>-<source>-<run>.json", (".json",)),
    "signatures": Room("<person>.csv", (".csv",)),
    "vocabulary": Room("<kind>.yaml", (".yaml",)),
}
CACHE = "texts"
"""Texts that this machine holds, git-ignored: a cache, no data."""
MOST = 100
"""Strays that are told one by one."""


def strays(store: Reader) -> list[Problem]:
    """Files that no reader takes, folders that can't be listed, and what a killed act left."""
    found = [*told_of_intent(store.root), *_in_folder(store, store.data, ())]
    if len(found) > MOST:
        more = Problem("data", 0, "", f"{len(found) - MOST} more files that nothing reads")
        return [*found[:MOST], more]
    return found


def _in_folder(store: Reader, folder: Path, parts: tuple[str, ...]) -> Iterator[Problem]:
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda one: one.name)
    except OSError as error:
        yield Problem(store.name(folder), 0, "", f"can't be listed: {error.strerror}")
        return
    for entry in entries:
        if ignored(entry.name) or (not parts and entry.name == CACHE):
            continue
        name, here = store.name(folder / entry.name), (*parts, entry.name)
        if entry.is_symlink():
            yield Problem(name, 0, "", "is a symbolic link, expected the review's own file")
        elif entry.is_dir(follow_symlinks=False):
            if why := _wrong_folder(here):
                yield Problem(name, 0, "", why)
            else:
                yield from _in_folder(store, folder / entry.name, here)
        elif not entry.is_file(follow_symlinks=False):
            yield Problem(name, 0, "", "is no plain file, expected one")
        elif why := _wrong_file(here):
            yield Problem(name, 0, "", why)


def _wrong_folder(parts: tuple[str, ...]) -> str | None:
    """Why nothing in a folder would be read; None where it is one of the review's."""
    room = ROOMS.get(parts[0])
    if room is not None and len(parts) <= room.depth:
        return None
    if room is not None:
        return f"a folder that nothing reads, expected {parts[0]}/{room.shown}"
    near = next((one for one in ROOMS if one.casefold() == parts[0].casefold()), None)
    if near is not None:
        return f"found {parts[0]}, expected {near}: nothing in it is read"
    return f"a folder that nothing reads, expected one of {', '.join(ROOMS)}"


def _wrong_file(parts: tuple[str, ...]) -> str | None:
    """Why a file would not be read; None where it is one of the review's."""
    name = parts[-1]
    if len(parts) == 1:
        if name in ROOMS:
            return "is a file, expected a folder"
        return None if name in SINGLE else f"nothing reads it, expected one of {', '.join(SINGLE)}"
    room = ROOMS[parts[0]]
    if len(parts) == room.depth + 1 and name.endswith(room.endings):
        return None
    if name.endswith(".yml"):
        return "found .yml, expected the ending .yaml"
    return f"nothing reads it, expected {parts[0]}/{room.shown}"


def gone_since_head(root: Path) -> list[Problem]:
    """Files of the review that git's last commit holds and the folder does not; nothing where the
    folder is no repository. What no held file names (the newest edition, a claim newer than it)
    can be missed in no other way.
    """
    command = ["git", "-C", str(root), "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", "data"]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
    except OSError:
        return []
    if done.returncode:
        return []
    names = (os.fsdecode(one) for one in done.stdout.split(b"\0") if one)
    return [
        Problem(name, 0, "", "stands in git's last commit and is gone from the folder")
        for name in names
        if not ignored(name.rpartition("/")[2]) and not os.path.lexists(root / name)
    ]
