"""Foreign bytes read in a child process, with little time and memory and without secrets."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence


def run_child(
    program: str, arguments: Sequence[str], data: bytes, seconds: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a line of Python on some bytes; nothing of the folder it is started in is imported.

    :param data: its standard input
    :param seconds: by the clock
    :raises TimeoutError: where it is not done by then; it is ended
    """
    environment = {
        name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ
    }
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-P", "-c", program, *arguments]
    try:
        return subprocess.run(
            command, input=data, capture_output=True, env=environment, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError from None


def limit(seconds: int, megabytes: int) -> None:
    """Set hard limits on this process, where the system knows them.

    :param seconds: of the processor
    """
    try:
        import resource
    except ImportError:
        return  # no such limits here: the clock of who started this process holds
    size = megabytes * 1_000_000
    for kind, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, size),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        held = resource.getrlimit(kind)[1]
        hard = most if held == resource.RLIM_INFINITY else min(most, held)
        try:
            resource.setrlimit(kind, (hard, hard))
        except (ValueError, OSError):
            continue  # macOS refuses some; the others hold
