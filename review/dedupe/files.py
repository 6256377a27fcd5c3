"""``review dedupe FILE…``: files of any format in, clusters and links out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from review.dedupe.comparable import Entry
from review.dedupe.engine import Constraints, Deduplicator, Progress, Result
from review.dedupe.entries import of_parsed, of_row
from review.dedupe.fields import split_people, year_of
from review.dedupe.merge import best
from review.ground.errors import InvalidDataError, Problem
from review.ground.identifiers import doi
from review.ground.printable import spaced
from review.ground.spreadsheet import SheetError, csv_text, rows
from review.model.parsed import ParsedRecord

FIELDS = frozenset(
    [
        "author",
        "authors",
        "year",
        "title",
        "journal",
        "booktitle",
        "volume",
        "number",
        "issue",
        "pages",
        "doi",
        "pmid",
        "abstract",
    ]
)
CLUSTERS = ("id", "cluster")
KINDS = ("duplicates", "related", "queue")
LINKS = ("id_a", "id_b", "outcome", "relation", "score", "reason")


@dataclass(frozen=True)
class Library:
    """References of some files, each with the id by which it is spoken of."""

    entries: list[Entry]
    parsed: dict[str, ParsedRecord]
    """the same in full, for files that are no plain table"""
    notes: list[str] = field(default_factory=list)
    """what people should know of the ids"""

    def whole(self, entry: Entry) -> ParsedRecord:
        """A reference with everything its file says of it."""
        return self.parsed.get(entry.id) or _parsed(entry)


def _parsed(entry: Entry) -> ParsedRecord:
    """A row of a table in the format of ``review convert``."""
    from review.formats.entry import entry as record
    from review.formats.entry import person

    names = split_people(entry.authors if isinstance(entry.authors, str) else "")
    return record(
        "file",
        pmid=spaced(entry.pmid),
        doi=doi(entry.doi),
        title=entry.title,
        abstract=spaced(entry.abstract),
        authors=[person(name) for name in names],
        journal=spaced(entry.journal),
        year=year_of(str(entry.year or "")),
        volume=spaced(entry.volume),
        issue=spaced(entry.issue),
        pages=spaced(entry.pages),
    )


def read(paths: Sequence[Path], encoding: str | None = None) -> Library:
    """The references of some files, all of them or none.

    :raises UsageError: for a missing file, or a format nobody knows
    :raises InvalidDataError: where a file is damaged, or an id stands twice
    """
    from review.formats import read_file, regular

    entries: list[Entry] = []
    parsed: dict[str, ParsedRecord] = {}
    notes: list[str] = []
    taken: set[str] = set()
    for number, path in enumerate(paths, 1):
        regular(path)
        found: list[tuple[Entry, int]]
        whole: dict[str, ParsedRecord] = {}
        if path.suffix.lower() == ".csv":
            found = _table(path, encoding)
        else:
            records = read_file(path, encoding=encoding).records
            stem = path.stem if len(paths) > 1 else "record"
            whole = {f"{stem}-{n}": one for n, one in enumerate(records, 1)}
            found = [(of_parsed(one, name), 0) for name, one in whole.items()]
        first: dict[str, int] = {}
        for entry, line in found:
            if entry.id in first:
                sentence = f"the id {entry.id[:60]} stands twice, first in line {first[entry.id]}"
                raise InvalidDataError([Problem(path.as_posix(), line, "ID", sentence)])
            first[entry.id] = line
        before = f"{number}:" if not taken.isdisjoint(first) else ""
        if before:
            notes.append(f"{path}: ids of an earlier file stand in it too; written as {before}ID")
        parsed.update((before + name, one) for name, one in whole.items())
        entries += [replace(entry, id=before + entry.id) for entry, _ in found]
        taken.update(before + name for name in first)
    return Library(entries, parsed, notes)


def _table(path: Path, encoding: str | None) -> list[tuple[Entry, int]]:
    """The rows of a CSV file; a row without a title is a row all the same."""
    from review.formats import text_of

    table = rows(text_of(path, encoding))
    line = 1
    found: list[tuple[Entry, int]] = []

    def fault(sentence: str) -> InvalidDataError:
        return InvalidDataError([Problem(path.as_posix(), line, "", sentence)])

    try:
        line, raw = next(table, (1, []))
        if len(raw) == 1 and (mark := next((m for m in ";\t|" if m in raw[0]), "")):
            raise fault(f"found {mark!r} between the columns, expected a comma")
        header = [" ".join(cell.lower().split()) for cell in raw]
        twice = [cell for at, cell in enumerate(header) if cell and cell in header[:at]]
        if twice:
            raise fault(f"found the column {twice[0][:40]} twice, expected it once")
        if not FIELDS.intersection(header):
            raise fault(f"found the columns {','.join(header)[:80]}, expected title among them")
        for line, row in table:
            if row:
                if len(row) != len(header):
                    raise fault(f"found {len(row)} cells, expected {len(header)}")
                cells = dict(zip(header, row, strict=True))
                name = cells.get("id", "").strip() or f"row-{len(found) + 1}"
                found.append((of_row(cells, name), line))
    except SheetError as error:
        line = error.line
        raise fault(error.sentence) from None
    if not found:
        raise fault("found no record, expected some")
    return found


def _verdicts(path: Path, text: str) -> list[tuple[int, dict[str, str]]]:
    """The rows below the header by column, with their lines.

    :raises InvalidDataError: where it is no CSV
    """
    try:
        (_, header), *rest = list(rows(text)) or [(1, [])]
    except SheetError as error:
        raise InvalidDataError([Problem(path.as_posix(), error.line, "", error.sentence)]) from None
    return [(line, dict(zip(header, cells, strict=False))) for line, cells in rest if cells]


def decisions(path: Path, library: Library) -> Constraints:
    """People's verdicts from a CSV file with the columns id_a, id_b and verdict.

    :raises InvalidDataError: for another column or verdict, an id that no file has, or two verdicts
        on one pair
    """
    from review.formats import regular, text_of

    regular(path)
    same: dict[tuple[str, str], str] = {}
    apart: list[tuple[str, str]] = []
    known = {entry.id for entry in library.entries}
    said: dict[frozenset[str], str] = {}
    for line, row in _verdicts(path, text_of(path)):
        a, b, verdict = ((row.get(key) or "").strip() for key in ("id_a", "id_b", "verdict"))
        if not a or not b or verdict not in ("duplicate", "related", "distinct"):
            sentence = f"found {verdict or 'nothing'!r}, expected duplicate, related or distinct"
            raise InvalidDataError([Problem(path.as_posix(), line, "verdict", sentence)])
        for name, one in (("id_a", a), ("id_b", b)):
            if one not in known:
                sentence = f"found {one[:60]!r}, expected the id of a record"
                raise InvalidDataError([Problem(path.as_posix(), line, name, sentence)])
        earlier = said.setdefault(frozenset((a, b)), verdict)
        if earlier != verdict:
            sentence = f"found {verdict!r}, expected {earlier!r} as above for the same pair"
            raise InvalidDataError([Problem(path.as_posix(), line, "verdict", sentence)])
        if verdict == "duplicate":
            same[a, b] = f"decided in {path.name}"
        else:
            apart.append((a, b))
    return Constraints(same, apart)


def run(
    library: Library,
    progress: Progress,
    *,
    constraints: Constraints | None = None,
    merge_versions: bool = False,
) -> Result:
    """Clusters, links and doubtful pairs of a library."""
    engine = Deduplicator(progress)
    engine.add(library.entries)
    return engine.result(constraints, merge_versions=merge_versions)


def clusters_csv(library: Library, result: Result) -> str:
    """One row for each input row, in its order: its id, and the id that stands for its report."""
    stands = {one: members[0] for members in result.clusters for one in members}
    rows = ((entry.id, stands.get(entry.id, entry.id)) for entry in library.entries)
    return csv_text(CLUSTERS, rows)


def links_csv(result: Result) -> str:
    """Duplicate pairs, related pairs and the pairs that wait for a person."""
    links = (*result.duplicates, *result.related, *result.queue)
    rows = (
        (one.a, one.b, one.outcome, one.relation, str(one.score), "; ".join(one.reasons))
        for one in links
    )
    return csv_text(LINKS, rows)


def merged_jsonl(library: Library, result: Result) -> str:
    """One record a report with each field's best value and its source, as JSON Lines."""
    stands = {one: members for members in result.clusters for one in members}
    known = {entry.id: entry for entry in library.entries}
    lines = []
    for entry in library.entries:
        members = stands.get(entry.id, (entry.id,))
        if members[0] == entry.id:
            whole = [library.whole(known[one]) for one in members]
            lines.append(json.dumps(best(whole, members), ensure_ascii=False) + "\n")
    return "".join(lines)
