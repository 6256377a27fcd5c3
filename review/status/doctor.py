"""Doctor: whether this machine can do the monthly job."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from review.files.store import Store
from review.ground.errors import ReviewError
from review.ground.session import reachable
from review.searching.strategies import contact_email
from review.status.live import Live

EINFO = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/einfo.fcgi?db=pubmed"


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    detail: str
    needed: bool = True


def doctor(store: Store | None, today: str, *, network: bool = True) -> list[Finding]:
    """Look at environment, keys, clock, disk and network; secrets are never shown."""
    found = [
        Finding("python", sys.version_info >= (3, 11), platform.python_version()),
        Finding("biopython", *_at_least("biopython", (1, 87))),
    ]
    for module in ("lxml", "mkdocs", "material", "jieba"):
        there = util.find_spec(module) is not None
        found.append(Finding(module, there, "installed" if there else "missing: make install"))
    chromium = shutil.which("chromium")
    found.append(
        Finding(
            "chromium", chromium is not None, chromium or "not found: browser tests skip", False
        )
    )
    key = bool(os.environ.get("NCBI_API_KEY"))
    found.append(
        Finding("NCBI_API_KEY", key, "set" if key else "not set: 3 requests a second", False)
    )
    if store is not None:
        try:
            contact_email(store.protocol)
            found.append(Finding("contact e-mail", True, "given"))
        except ReviewError as error:
            found.append(Finding("contact e-mail", False, str(error).splitlines()[0]))
        found.append(_writable(store.root))
        free = shutil.disk_usage(store.root).free // 2**20
        found.append(Finding("free disk", free > 500, f"{free:,} MiB"))
        try:
            last = max((s.date for s in store.searches()), default=None)
            fine = last is None or last <= today
            detail = f"today is {today}" + ("" if fine else f", the last search is of {last}")
            found.append(Finding("clock", fine, detail))
        except ReviewError as error:
            found.append(Finding("clock", False, str(error).splitlines()[0]))
    if network:
        why = reachable(EINFO)
        found.append(
            Finding("NCBI", why is None, "reached" if why is None else f"not reached: {why}")
        )
    return found


def of_service(live: Live) -> Finding:
    """A service's answer as a finding."""
    if live.asked is None:
        return Finding(live.service, live.ok, live.found, needed=False)
    wrong = "" if live.ok else f"; expected {live.expected}"
    seconds = f" ({live.seconds:.1f} s)" if live.seconds is not None else ""
    return Finding(live.service, live.ok, f"{live.asked}: {live.found}{wrong}{seconds}")


def _at_least(package: str, wanted: tuple[int, int]) -> tuple[bool, str]:
    version = metadata.version(package)
    parts = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return parts >= wanted, version


def _writable(root: Path) -> Finding:
    try:
        with tempfile.NamedTemporaryFile(dir=root, prefix=".doctor"):
            return Finding("review folder", True, "writable")
    except OSError as error:
        return Finding("review folder", False, f"can't be written: {error.strerror}")
