"""Convert: PubMed XML to JSON Lines, one record a line: the way in for tests, and out for users."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from review.errors import InvalidDataError, Problem, UsageError
from review.sources.pubmed_xml import XmlError, open_xml, read

FIELDS = (
    "pmid",
    "pmcid",
    "doi",
    "title",
    "vernacular_title",
    "abstract",
    "authors",
    "journal",
    "year",
    "volume",
    "issue",
    "pages",
    "language",
    "publication_types",
    "mesh",
    "keywords",
    "registrations",
    "notices",
    "source",
)
"""Keys of each line, in this order; unknown is null, lists may be empty."""


def convert(source: Path, target: Path, arrived: Callable[[int], None] = lambda _n: None) -> int:
    """Write a PubMed XML file (plain or .gz) as JSON Lines; whole or not at all.

    :returns: the number of records
    :raises UsageError: for names it can't work with
    :raises InvalidDataError: when the XML is damaged or not PubMed's; nothing is left behind
    """
    if target.suffix != ".jsonl":
        raise UsageError(f"{target}: found the ending {target.suffix or 'none'}, expected .jsonl")
    if not source.is_file():
        raise UsageError(f"{source}: no such file")
    if target.resolve() == source.resolve():
        raise UsageError(f"{target}: input and output are one file")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    count = 0
    try:
        with open_xml(source) as stream, part.open("w", encoding="utf-8") as out:
            for record in read(stream):
                line = {key: record[key] for key in FIELDS}  # type: ignore[literal-required]
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
                count += 1
                if not count % 1000:
                    arrived(count)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    except XmlError as error:
        raise InvalidDataError([Problem(source.as_posix(), 0, "", str(error))]) from None
    except OSError as error:
        raise UsageError(f"{error.filename or target}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    return count
