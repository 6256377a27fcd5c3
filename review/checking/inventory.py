"""Inventory: every file of ``data/`` is one that the review reads, nothing is gone in silence.

A file that no reader takes, a folder that can't be listed, an object that the last edition lists
and that is no more: each would make the review smaller without a word.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from review.files.store import Store
from review.ground.errors import Problem
from review.model.edition import Correction, CorrectionKind, Edition, since_last

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


def ignored(name: str) -> bool:
    """Names that belong to people and programs beside the review, and hide nothing of it."""
    return name.startswith((".", "README", "LICENSE")) or name.endswith("~")


def strays(store: Store) -> list[Problem]:
    """Files that no reader takes, and folders that can't be listed."""
    found = list(_in_folder(store, store.data, ()))
    if len(found) > MOST:
        more = Problem("data", 0, "", f"{len(found) - MOST} more files that nothing reads")
        return [*found[:MOST], more]
    return found


def _in_folder(store: Store, folder: Path, parts: tuple[str, ...]) -> Iterator[Problem]:
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


# ---- what the last edition lists -----------------------------------------------------------------

PLACES = {
    "study": "data/extractions/{}.yaml",
    "claim": "data/claims/{}.yaml",
    "question": "data/questions/{}.yaml",
    "search": "data/searches/{}.json",
    "edition": "data/editions/{}.json",
}
"""Where an object of each kind stood; the others have no file of their own."""


def listed(edition: Edition) -> dict[str, str]:
    """Every object of an edition, and the fingerprint of those that never change."""
    found = {f"study:{one.id}": "" for one in edition.studies}
    found |= {f"value:{s.id}.{v.field}": "" for s in edition.studies for v in s.values}
    found |= {f"claim:{one.id}": "" for one in edition.claims}
    found |= {f"question:{one.id}": "" for one in edition.questions}
    found |= {f"report:{one}": "" for one in edition.reports}
    found |= {f"search:{name}": digest for name, digest in (edition.search_files or {}).items()}
    for row in edition.signatures or ():
        found[f"signature:{row.person}:{row.object}:{row.field}"] = ""
    return found


def vanished(
    editions: Sequence[Edition], now: Mapping[str, str], corrections: Sequence[Correction]
) -> list[Problem]:
    """What the last edition lists and the review no longer holds, without a recorded removal.

    :param now: every object of the review as it stands, as :func:`listed` names them
    """
    if not editions:
        return []
    last = editions[-1]
    fresh = since_last(corrections, editions)
    removed = {one.object for one in fresh if one.kind is CorrectionKind.REMOVAL}
    amended = {one.object for one in fresh}
    problems = []
    for name, digest in listed(last).items():
        kind, _, rest = name.partition(":")
        owner = f"study:{rest.partition('.')[0]}"
        if kind == "value" and (owner in removed or now.get(owner, MERGED) == MERGED):
            continue  # told once, with its study
        if name not in now and name not in removed:
            sentence = (
                f"{name} stands in edition {last.version} and is gone; bring it back, or record "
                "the removal, who decided it and why in data/corrections.yaml"
            )
            problems.append(Problem(_place(kind, rest), 0, kind, sentence))
        elif digest and now.get(name, digest) != digest and name not in amended:
            sentence = f"was changed after edition {last.version}; a search is never rewritten"
            problems.append(Problem(_place(kind, rest), 0, kind, sentence))
    return problems


def unsigned(
    editions: Sequence[Edition], rows: Iterable[tuple[str, str]], corrections: Sequence[Correction]
) -> list[Problem]:
    """What the last edition calls signed and nobody's signatures name any more; editions of format
    1 list no rows.

    :param rows: object and field of every signature held
    """
    if not editions or editions[-1].signatures is not None:
        return []
    last, held = editions[-1], set(rows)
    signed = [
        (f"study:{study.id}", value.field)
        for study in last.studies
        for value in study.values
        if value.status == "verified"
    ]
    signed += [(f"claim:{claim.id}", "claim") for claim in last.claims if claim.confirmed_by]
    removed = [one.object for one in corrections if one.kind is CorrectionKind.REMOVAL]
    gone = [
        f"{name} {field}"
        for name, field in signed
        if (name, field) not in held
        and not any(one.endswith((f":{name}:{field}", name)) for one in removed)
    ]
    if not gone:
        return []
    sentence = (
        f"edition {last.version} calls {len(gone)} values or claims signed that no signature held "
        f"names (first: {gone[0]}); bring the files back, or record the removals in "
        "data/corrections.yaml"
    )
    return [Problem("data/signatures", 0, "", sentence)]


MERGED = "merged"
"""Of a study that another names as its former self: it is held, its values are the other's."""


def _place(kind: str, rest: str) -> str:
    if kind == "value":
        return PLACES["study"].format(rest.partition(".")[0])
    if kind == "signature":
        return f"data/signatures/{rest.partition(':')[0]}.csv"
    if kind == "search" and "/" in rest:
        return f"data/imports/{rest}.json"
    return PLACES[kind].format(rest) if kind in PLACES else "data"


# ---- what git's HEAD holds -----------------------------------------------------------------------


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
