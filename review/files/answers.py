"""A model's answers, kept in the git-ignored cache by the hash of everything that was asked."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

from review.files.disk import Disk
from review.ground.errors import InvalidDataError, Problem
from review.ground.json import JsonError, parse_json


def _path(folder: Path, record: str, asked_sha256: str) -> Path:
    return folder / f"{record}-{asked_sha256[:16]}.json"


def kept_answer(folder: Path, record: str, asked_sha256: str) -> str | None:
    """The answer that was kept, if one was.

    :raises InvalidDataError: where the file that keeps it is damaged
    """
    path = _path(folder, record, asked_sha256)
    if not path.is_file():
        return None
    try:
        kept = parse_json(path.read_bytes())
        if isinstance(kept, dict) and isinstance(answer := kept.get("answer"), str):
            return answer
        sentence = "found no answer in it"
    except JsonError as error:
        sentence = error.sentence
    again = f"{sentence}; delete it, and the model is asked again"
    raise InvalidDataError([Problem(path.as_posix(), 0, "", again)])


def keep_answer(folder: Path, record: str, asked_sha256: str, about: Mapping[str, object]) -> None:
    """Keep an answer.

    :param about: ``answer``, and what is needed to audit it
    """
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    kept = {"record": record, "asked_at": now, **about}
    text = json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
    Disk().write(_path(folder, record, asked_sha256), text.encode())
