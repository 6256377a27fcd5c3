"""Files that a person names as outputs: written whole or not at all, and never over an input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from review.ground.errors import UsageError


def writable(outputs: Mapping[str, Path | None], inputs: Sequence[Path]) -> None:
    """Refuse, before any work, what could not be written or would destroy something.

    :param outputs: option and file
    :raises UsageError: where an output is an input, another output, a folder or in no folder
    """
    taken = {path.resolve(): "a file that is read" for path in inputs}
    for option, path in outputs.items():
        if path is None:
            continue
        if not path.name or path.is_dir():
            raise UsageError(f"--{option} {path}: found a folder, expected the name of a file")
        if not path.parent.is_dir():
            raise UsageError(f"--{option} {path}: found no folder {path.parent}")
        if not os.access(path.parent, os.W_OK):
            raise UsageError(f"--{option} {path}: the folder {path.parent} can't be written to")
        place = path.resolve()
        if place in taken:
            raise UsageError(f"--{option} {path}: found {taken[place]}, expected a file of its own")
        taken[place] = f"what --{option} writes"


def part_of(path: Path) -> Path:
    """Where this process writes a file before the file takes its name."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def sweep_parts(path: Path) -> None:
    """Remove the parts of a file that killed runs left: names of the program's own making, of
    processes that are no more. One that can't be removed stays: it is in nobody's way.
    """
    for part in path.parent.glob(".*.part"):
        name, _, process = part.name.removesuffix(".part").rpartition(".")
        if (
            name == f".{path.name}"
            and process.isascii()
            and process.isdigit()
            and not _lives(int(process))
        ):
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def whole(path: Path) -> Iterator[TextIO]:
    """A text file to write to; it takes its name when all of it is on disk. What a killed run left
    of it goes.

    :raises UsageError: where it, or a file that is read meanwhile, fails
    """
    part = part_of(path)
    try:
        sweep_parts(path)
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        failed = path if error.filename in (None, str(part)) else error.filename
        raise UsageError(f"{failed}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
