"""The one lock of a review: who writes holds it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from review.ground.errors import LockedError, UsageError

A_WHILE = 10.0
"""Seconds that a short act waits for who holds the lock; an update, which holds it for minutes,
refuses at once. Who waits reads the review, or compares what was read, after it got the lock."""
LOOKS = 0.1
"""Seconds between two tries."""


class Lock:
    """The lock of the review in a folder; who holds it may take it again."""

    def __init__(self, root: Path) -> None:
        from filelock import FileLock

        self._root = root
        self._file = FileLock(root / ".review.lock", timeout=0)

    @contextlib.contextmanager
    def held(self, wait: float = 0.0) -> Iterator[bool]:
        """Hold it; whether it was taken now, or was held by the caller already.

        :param wait: seconds that another process is given to let it go
        :raises LockedError: when another process holds it
        :raises UsageError: where the folder can't be written to
        """
        taken = not self._file.is_locked
        until = time.monotonic() + wait
        while not self._acquired():
            if time.monotonic() >= until:
                waited = f" ({wait:g} seconds were waited)" if wait else ""
                raise LockedError(
                    f"{self._root}: another update is running (.review.lock); wait for it to end"
                    f"{waited}"
                )
            time.sleep(LOOKS)
        try:
            yield taken
        finally:
            self._file.release()

    def _acquired(self) -> bool:
        """Whether it could be taken now.

        :raises UsageError: where the folder can't be written to
        """
        from filelock import Timeout

        try:
            self._file.acquire()
        except Timeout:
            return False
        except OSError as error:
            raise UsageError(f"{self._root}: can't be written: {error.strerror}") from None
        return True
