"""Durable writes: a temporary file, fsync, rename, fsync of the folder.

A crash at any instant leaves the last good state readable.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Disk:
    """Durable single-file operations."""

    def write(self, path: Path, data: bytes) -> None:
        """Replace a file's content: all of it or nothing, and on disk when this returns."""
        self._make_folder(path.parent)
        part = path.with_name(f".{path.name}.part")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        self._sync_folder(path.parent)

    def remove(self, path: Path) -> None:
        """Delete a file; one that is not there is fine."""
        path.unlink(missing_ok=True)
        self._sync_folder(path.parent)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder whose own entry is on disk too: what lies in a lost folder is lost."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        self._sync_folder(folder.parent)

    @staticmethod
    def _sync_folder(folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
