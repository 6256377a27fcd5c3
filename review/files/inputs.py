"""Files that a person names to be read."""

from __future__ import annotations

from pathlib import Path

from review.ground.errors import UsageError


def input_bytes(path: Path) -> bytes:
    """What such a file holds.

    :raises UsageError: where it can't be read
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
