"""Which review a command speaks of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from review.ground.errors import UsageError

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
        raise UsageError(f"--root {start}: found no protocol.yaml there")
    raise UsageError(
        f"{start.resolve()}: no protocol.yaml here or above, expected a review (see --root)"
    )


def open_store(named: Path | None) -> Store:
    """The files of the review that is named, or of the nearest one.

    :raises UsageError: where no ``protocol.yaml`` stands
    """
    from review.files.store import Store

    return Store(root_of(named))
