"""Where what ships with the program lies: an application in its repository, not a library."""

from __future__ import annotations

from pathlib import Path

HOME = Path(__file__).parents[2]
"""The repository."""


def resource(name: str) -> Path:
    """A file or folder that ships with the program, by its path in the repository.

    :raises FileNotFoundError: where it is not there: the program was not installed from its clone
    """
    path = HOME / name
    if not path.exists():
        raise FileNotFoundError(f"{path}: missing; install the program from its own clone")
    return path


def resource_bytes(name: str) -> bytes:
    """What such a file holds."""
    return resource(name).read_bytes()
