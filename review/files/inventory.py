"""Inventory: every file of ``data/`` is one that the review reads, none is gone since git's HEAD,
and what is never rewritten is as git's HEAD has it.

A file that no reader takes, a folder that can't be listed: each would make the review smaller
without a word.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from review.files.change import told_of_intent
from review.files.documents import ignored, link_problem
from review.files.reading import Reader
from review.ground.errors import Problem

SINGLE = (
    "seed.yaml",
    "previous.yaml",
    "corrections.yaml",
    "duplicates.json",
    "volatile.json",
    "runs.log",
)
"""Files that stand in ``data/`` itself. ``runs.log`` belongs to the monthly job, which adds a line
for each red month; nothing of the review rests on it.
"""


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
    linked = [link_problem(store.data, store.root)] if store.data.is_symlink() else []
    found = [*told_of_intent(store.root), *linked, *_in_folder(store, store.data, ())]
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
            yield link_problem(folder / entry.name, store.root)
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


NEVER_REWRITTEN = ("data/editions/", "data/searches/", "data/imports/")


def changed_since_head(root: Path) -> list[Problem]:
    """Files of the review that git's last commit holds and the folder does not, and those that are
    never rewritten and differ from it; nothing where the folder is no repository. What no held file
    names (the newest edition, a claim or search newer than it) can be missed in no other way.
    """
    command = ["git", "-C", str(root), "ls-tree", "-r", "-z", "HEAD", "--", "data"]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
    except OSError:
        return []
    if done.returncode:
        return []
    problems = []
    for row in filter(None, os.fsdecode(done.stdout).split("\0")):
        about, _, name = row.partition("\t")
        if ignored(name.rpartition("/")[2]):
            continue
        if not os.path.lexists(root / name):
            sentence = "stands in git's last commit and is gone from the folder"
            problems.append(Problem(name, 0, "", sentence))
        elif name.startswith(NEVER_REWRITTEN) and not _is_blob(root / name, about.split()[-1]):
            sentence = "differs from git's last commit, expected the same: it is never rewritten"
            problems.append(Problem(name, 0, "", sentence))
    return problems


def _is_blob(path: Path, name: str) -> bool:
    """Whether a file holds what git names so; ends of lines may be those of the machine."""
    data = path.read_bytes()
    algorithm = "sha1" if len(name) == 40 else "sha256"
    return name in {
        hashlib.new(algorithm, b"blob %d\0" % len(one) + one, usedforsecurity=False).hexdigest()
        for one in (data, data.replace(b"\r\n", b"\n"))
    }
