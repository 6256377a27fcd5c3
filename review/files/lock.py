"""The one lock of a review: who writes holds it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from review.ground.errors import LockedError, UsageError


class Lock:
    """The lock of the review in a folder; who holds it may take it again."""

    def __init__(self, root: Path) -> None:
        from filelock import FileLock

        self._root = root
        self._file = FileLock(root / ".review.lock", timeout=0)

    @contextlib.contextmanager
    def held(self) -> Iterator[bool]:
        """Hold it; whether it was taken now, or was held by the caller already.

        :raises LockedError: at once, when another process holds it
        :raises UsageError: where the folder can't be written to
        """
        from filelock import Timeout

        taken = not self._file.is_locked
        try:
            self._file.acquire()
        except Timeout:
            raise LockedError(
                f"{self._root}: another update is running (.review.lock); wait for it to end"
            ) from None
        except OSError as error:
            raise UsageError(f"{self._root}: can't be written: {error.strerror}") from None
        try:
            yield taken
        finally:
            self._file.release()
