"""Convert: between the formats of bibliographies; a file is written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from review.files.outputs import whole
from review.formats.pubmed_article import XmlError
from review.formats.pubmed_xml import open_xml, read
from review.ground.errors import InvalidDataError, Problem, UsageError
from review.model.parsed import ParsedRecord

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
"""Keys of each line of JSON Lines, in this order; unknown is null, lists may be empty."""


def convert(
    sources: Sequence[Path],
    target: Path,
    arrived: Callable[[int], None] = lambda _n: None,
    *,
    encoding: str | None = None,
    format_name: str | None = None,
    warn: Callable[[str], None] = lambda _sentence: None,
) -> int:
    """Write files of any format as one file of another.

    PubMed XML to JSON Lines is streamed; everything else is read whole and counted first.

    :returns: the number of records
    :raises UsageError: for names it can't work with
    :raises InvalidDataError: when an input is damaged; nothing is left behind
    """
    from review.formats import FORMATS, by_ending, is_pubmed, read_file, regular

    chosen = by_ending(target)
    if chosen is None or chosen.write is None:
        known = ", ".join(ending for one in FORMATS if one.write for ending in one.endings)
        raise UsageError(f"{target}: found the ending {target.suffix or 'none'}, expected {known}")
    for source in sources:
        regular(source)
        if target.resolve() == source.resolve():
            raise UsageError(f"{target}: input and output are one file")
    pubmed = format_name is None and all(map(is_pubmed, sources))
    with whole(target) as out:
        if chosen.name == "jsonl" and pubmed:
            return _stream(sources, out.write, arrived)
        records: list[ParsedRecord] = []
        for source in sources:
            found = read_file(source, encoding=encoding, format_name=format_name)
            records += found.records
            for sentence in found.warnings(source):
                warn(sentence)
            arrived(len(records))
        out.write(chosen.write(records))
    return len(records)


def _stream(
    sources: Sequence[Path], write: Callable[[str], object], arrived: Callable[[int], None]
) -> int:
    from review.formats import NO_RECORD

    count = 0
    for source in sources:
        before = count
        try:
            with open_xml(source) as stream:
                for record in read(stream):
                    line = {key: record[key] for key in FIELDS}  # type: ignore[literal-required]
                    write(json.dumps(line, ensure_ascii=False) + "\n")
                    count += 1
                    if not count % 1000:
                        arrived(count)
        except XmlError as error:
            raise InvalidDataError([Problem(source.as_posix(), 0, "", str(error))]) from None
        if count == before:
            raise InvalidDataError([Problem(source.as_posix(), 0, "", NO_RECORD)])
    return count
