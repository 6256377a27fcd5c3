"""Which review a command speaks of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from review.ground.errors import UsageError
from review.ground.wording import wording

if TYPE_CHECKING:
    from review.files.store import Store


def root_of(named: Path | None) -> Path:
    """The review's folder: the one named, or the nearest one around here.

    :raises UsageError: where no ``protocol.yaml`` stands
    """
    start = named or Path()
    places = (start,) if named else (start, *start.resolve().parents)
    for folder in places:
        if (folder / "protocol.yaml").is_file():
            return folder
    if named:
        raise UsageError(wording("--root {folder}: found no protocol.yaml there", folder=start))
    raise UsageError(
        wording(
            "{folder}: no protocol.yaml here or above, expected a review (see --root)",
            folder=start.resolve(),
        )
    )


def completed(root: Path) -> Path:
    """A review's folder after what a killed act left half-written was written.

    :raises LockedError: another process is writing it, and goes on doing so
    :raises InvalidDataError: where a file of it was edited since; nothing is written
    """
    from review.files.change import left_intent

    if left_intent(root):
        from review.files.lock import A_WHILE
        from review.files.store import Store

        with Store(root).lock(A_WHILE):
            pass
    return root


def open_store(named: Path | None, *, complete: bool = True) -> Store:
    """The files of the review that is named, or of the nearest one.

    :param complete: first write what a killed act left half-written
    :raises UsageError: where no ``protocol.yaml`` stands
    """
    from review.files.store import Store

    root = root_of(named)
    return Store(completed(root) if complete else root)
