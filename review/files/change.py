"""A change that a person's act makes to the review's files, and the one place that writes it.

An act reads and says which bytes are to stand where (:class:`Change`); :func:`apply` compares what
stands there now with what the act read, and writes all of it. Where it is killed the next command
does: an intent file holds the bytes until every file has them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from review.files.documents import link_problem
from review.files.lock import A_WHILE
from review.ground.errors import InvalidDataError, LockedError, Problem
from review.ground.json import parse_json

if TYPE_CHECKING:
    from review.files.disk import Disk
    from review.files.store import Store

T = TypeVar("T")

INTENT = ".review.intent"
"""In the review's folder, beside its lock (docs/decisions/0017)."""
INTENT_FORMAT = 1


class OvertakenError(LockedError):
    """A file changed between an act's reading and its writing; nothing was written."""


@dataclass(frozen=True)
class Write:
    """What is to stand in one file.

    :ivar path: below ``data/``, from the review's folder, with ``/`` between its parts
    :ivar before: SHA-256 of the bytes that the act read; None where there was no file
    :ivar after: the bytes that are to stand there; None: the file goes
    """

    path: str
    before: str | None
    after: bytes | None


@dataclass(frozen=True)
class Change(Generic[T]):
    """What an act comes to; nothing is written yet.

    :ivar act: its name
    :ivar person: whose act it is; None where the act asks for nobody
    :ivar writes: the files it changes; none where all of it stands already
    :ivar told: what the act made: rows, an edition
    """

    act: str
    person: str | None
    writes: tuple[Write, ...]
    told: T


def fingerprint(data: bytes | None) -> str | None:
    """SHA-256 of a file's bytes; None of a file that is not there."""
    return None if data is None else sha256(data).hexdigest()


def apply(store: Store, change: Change[Any]) -> None:
    """Write a change, whole, under the review's lock.

    :raises OvertakenError: where a file is no longer what the act read; nothing is written
    :raises LockedError: another process holds the lock, and goes on doing so
    :raises InvalidDataError: where an earlier change was left half-written and can't be completed
    """
    if not change.writes:
        return
    with store.lock(A_WHILE):
        for write in change.writes:
            if fingerprint(_bytes_in(store.root, write.path)) != write.before:
                raise OvertakenError(
                    f"{write.path}: changed since this command read it; nothing was written, "
                    "run it again"
                )
        if len(change.writes) == 1:
            _perform(store.root, store.disk, change.writes)  # one file is atomic by itself
            return
        intent = store.root / INTENT
        store.disk.write(intent, _intent_bytes(change))
        _perform(store.root, store.disk, change.writes)
        store.disk.remove(intent)


def together(root: Path, disk: Disk, files: Mapping[str, bytes]) -> None:
    """Write files of a run that can be done again, all of them or none; who calls holds the lock.
    The intent takes back instead of completing: it holds the bytes that stood there, so that a run
    that was killed before the last of them is done again and tells all of its news.

    :param files: bytes by path, as :class:`Write` names them
    """
    writes = [Write(path, None, data) for path, data in files.items()]
    if len(writes) > 1:
        back = tuple(
            Write(one.path, fingerprint(one.after), _bytes_in(root, one.path)) for one in writes
        )
        disk.write(root / INTENT, _intent_bytes(Change("update", None, back, None)))
    _perform(root, disk, writes)
    if len(writes) > 1:
        disk.remove(root / INTENT)


# ---- what a killed command left ------------------------------------------------------------------


def left_intent(root: Path) -> bool:
    """Whether a killed command left a change half-written."""
    return (root / INTENT).exists()


def told_of_intent(root: Path) -> list[Problem]:
    """That a change was left half-written; nothing where none was."""
    if not left_intent(root):
        return []
    sentence = "a command was cut short while it wrote; the next one that reads the review ends it"
    return [Problem(INTENT, 0, "", sentence)]


def complete(root: Path, disk: Disk) -> None:
    """Write what a killed command left unwritten; who calls holds the review's lock.

    :raises InvalidDataError: where a file was edited meanwhile, or the intent is no such file;
        nothing is written
    """
    if not left_intent(root):
        return
    change = _read_intent(root)
    waiting: list[Write] = []
    edited: list[Problem] = []
    for write in change.writes:
        now = fingerprint(_bytes_in(root, write.path))
        if now == fingerprint(write.after):
            continue
        waiting.append(write)
        if now != write.before:
            sentence = (
                f"edited after a command was cut short that was to write it ({change.act}, kept in "
                f"{INTENT}); nothing was written: put it back as it was, or keep what stands in "
                f"data/ now and remove {INTENT}"
            )
            edited.append(Problem(write.path, 0, "", sentence))
    if edited:
        raise InvalidDataError(edited)
    _perform(root, disk, waiting)
    disk.remove(root / INTENT)


def _perform(root: Path, disk: Disk, writes: Sequence[Write]) -> None:
    for write in writes:
        if write.after is None:
            disk.remove(_place(root, write.path))
        else:
            disk.write(_place(root, write.path), write.after)


def _bytes_in(root: Path, name: str) -> bytes | None:
    path = _place(root, name)
    return path.read_bytes() if path.exists() else None


def _place(root: Path, name: str) -> Path:
    """Where a file of ``data/`` stands.

    :raises InvalidDataError: for a name that leads elsewhere, by its parts or by a link
    """
    parts = PurePosixPath(name).parts
    if "\0" in name or ".." in parts or parts[:1] != ("data",) or len(parts) < 2:
        raise InvalidDataError([Problem(name, 0, "", "leads out of data/, expected a file in it")])
    path = root
    for part in parts:
        path /= part
        if path.is_symlink():
            raise InvalidDataError([link_problem(path, root)])
    if path.is_dir():
        raise InvalidDataError([Problem(name, 0, "", "is a folder, expected a file")])
    return path


def _intent_bytes(change: Change[Any]) -> bytes:
    value = {
        "format": INTENT_FORMAT,
        "act": change.act,
        "person": change.person,
        "writes": [
            {
                "path": write.path,
                "before": write.before,
                "after": None if write.after is None else base64.b64encode(write.after).decode(),
            }
            for write in change.writes
        ],
    }
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _read_intent(root: Path) -> Change[None]:
    try:
        value = parse_json((root / INTENT).read_bytes())
        if value["format"] != INTENT_FORMAT:
            raise ValueError(f"found format {value['format']}, expected {INTENT_FORMAT}")
        writes = tuple(
            Write(
                str(one["path"]),
                one["before"],
                None if one["after"] is None else base64.b64decode(one["after"], validate=True),
            )
            for one in value["writes"]
        )
        return Change(str(value["act"]), value["person"], writes, None)
    except OSError as error:
        sentence = f"can't be read: {error.strerror}; remove it"
        raise InvalidDataError([Problem(INTENT, 0, "", sentence)]) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        sentence = f"not readable as what a command was to write ({error}); remove it"
        raise InvalidDataError([Problem(INTENT, 0, "", sentence)]) from None
