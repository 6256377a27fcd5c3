"""The one lock of a review: who writes holds it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from review.ground.errors import LockedError, UsageError


@contextlib.contextmanager
def lock(root: Path) -> Iterator[None]:
    """Hold the lock of the review in a folder.

    :raises LockedError: at once, when another process holds it
    :raises UsageError: where the folder can't be written to
    """
    from filelock import FileLock, Timeout

    held = FileLock(root / ".review.lock", timeout=0)
    try:
        held.acquire()
    except Timeout:
        raise LockedError(
            f"{root}: another update is running (.review.lock); wait for it to end"
        ) from None
    except OSError as error:
        raise UsageError(f"{root}: can't be written: {error.strerror}") from None
    try:
        yield
    finally:
        held.release()
