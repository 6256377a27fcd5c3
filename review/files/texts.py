"""Texts of records as this machine holds them: abstracts, and full texts with their description.

Most lie in the git-ignored cache ``data/texts/``. A text that is not the one its hash names is as
good as none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from review.files.documents import read_json

if TYPE_CHECKING:
    from review.model.fulltext import HeldText, TextKind
    from review.model.record import Record


def odd_name(source: str, number: str) -> str:
    """The file of an answer that was set aside, by the source and its own number of the record: a
    number like PubMed's stands as it is, any other as its hash, which leads nowhere else and is no
    other source's or number's, on a disk too that takes capitals for small letters.
    """
    if not re.fullmatch(r"[0-9]{1,9}", number):
        number = hashlib.sha256(number.encode()).hexdigest()[:16]
    return f"{source}-{number}.xml"


def abstract_path(root: Path, record_id: str) -> Path:
    """Where a record's abstract is kept."""
    return root / "data" / "texts" / record_id[:8] / f"{record_id}.txt"


def read_abstract(root: Path, record: Record) -> str | None:
    """A record's abstract, where the one is held that its hash names."""
    if record.abstract is not None:
        return record.abstract
    path = abstract_path(root, record.id)
    if record.abstract_sha256 is None or not path.is_file():
        return None
    text = path.read_text(encoding="utf-8", errors="replace")
    same = hashlib.sha256(text.encode()).hexdigest() == record.abstract_sha256
    return text if same else None


def full_text_paths(root: Path, record_id: str, kind: TextKind) -> list[tuple[Path, Path]]:
    """Where a full text and its description may stand: the cache first, then the data."""
    ending = {"jats": "xml", "pdf": "pdf", "registry": "json"}[kind]
    name = f"{record_id}.{kind}"
    folders = (root / "data" / "texts" / "full", root / "data" / "fulltexts")
    return [(folder / f"{name}.{ending}", folder / f"{name}.about.json") for folder in folders]


def read_full_text(
    root: Path, record_id: str, kinds: Iterable[TextKind]
) -> tuple[HeldText, bytes] | None:
    """A record's full text, of the first kind that is held.

    :raises InvalidDataError: where what is known of it can't be read
    """
    from review.model.fulltext import HeldText

    for kind in kinds:
        for path, about in full_text_paths(root, record_id, kind):
            if not (path.is_file() and about.is_file()):
                continue
            held = read_json(HeldText, about, root)
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == held.sha256:
                return held, data
    return None
