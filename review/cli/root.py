"""Which review a command speaks of."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.files.store import Store


def root_of(arguments: argparse.Namespace) -> Path:
    """The review's folder: the one named, or the nearest one around here."""
    start: Path = arguments.root or Path()
    places = (start,) if arguments.root else (start, *start.resolve().parents)
    for folder in places:
        if (folder / "protocol.yaml").is_file():
            return folder
    named = f"--root {start}: found no protocol.yaml there"
    here = f"{start.resolve()}: no protocol.yaml here or above, expected a review (see --root)"
    raise UsageError(named if arguments.root else here)


def open_store(arguments: argparse.Namespace) -> Store:
    """The review's files."""
    from review.files.store import Store

    return Store(root_of(arguments))
