"""Imports: exports of databases that no program may query become records of a named source.

A file is read whole or not at all; its import file is written last, so a run that was killed
half-way is simply done again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from review import TOOL
from review.files.lock import A_WHILE
from review.files.store import Store
from review.formats import read_file, sha256_of
from review.ground.errors import InvalidDataError, Problem, UsageError
from review.ground.identifiers import clean_doi
from review.model.importing import Import
from review.model.parsed import ParsedRecord
from review.model.record import (
    CLAIMED,
    POINTS_AT,
    Arrival,
    Notice,
    Record,
    Volatile,
    record_id,
)
from review.searching.answers import build_record, one_paper, tags_of
from review.searching.sources import PUBMED
from review.selection.notices import own_notices

RESERVED = frozenset({PUBMED, "seed"})
"""Sources that no file is one of: what PubMed numbers, and the references a review began with."""


@dataclass(frozen=True)
class Planned:
    """A record that an import will keep."""

    record: Record
    volatile: Volatile
    text: str | None


def accession(parsed: ParsedRecord) -> str:
    """A number for a record without identifiers, from what it says of itself."""
    authors = "; ".join(str(sorted(author.items())) for author in parsed["authors"])
    where = (parsed[key] or "" for key in ("journal", "year", "volume", "issue", "pages", "doi"))
    parts = (parsed["title"], parsed["vernacular_title"] or "", authors, *where)
    folded = " | ".join(" ".join(str(part).casefold().split()) for part in parts)
    return hashlib.sha256(folded.encode()).hexdigest()[:16]


LONGEST = 2_000
"""Characters of a platform or a strategy."""
SHOWN = 20
"""Records that can't be kept and are told one by one."""


def import_file(
    store: Store,
    path: Path,
    *,
    source: str,
    platform: str,
    searched: str,
    query: str | None = None,
    format_name: str | None = None,
    encoding: str | None = None,
    dry_run: bool = False,
    today: str | None = None,
    warn: Callable[[str], None] = lambda _sentence: None,
) -> Import:
    """Read an export and keep its records.

    :param searched: day of the search in that database, YYYY-MM-DD
    :param today: day on which its texts come; unknown where None
    :raises UsageError: for wrong names, or a file that was imported already
    :raises InvalidDataError: where a record of the file can't be read or kept; nothing is written
    """
    _refuse_options(store, source, platform, searched, query, today)
    contents = read_file(path, encoding=encoding, format_name=format_name, source=source)
    for sentence in contents.warnings(path):
        warn(sentence)
    digest = sha256_of(path)
    with store.lock(A_WHILE):
        earlier = store.imports()
        for one in earlier:
            if one.sha256 == digest and one.source == source:
                raise UsageError(f"{path}: these bytes were imported on {one.date} ({one.file})")
        planned, known, touched = _plan(store, contents.records, source, path)
        run = 1 + sum(1 for one in earlier if (one.source, one.date) == (source, searched))
        report = Import(
            format=1,
            source=source,
            platform=_written(platform),
            date=searched,
            run=run,
            query=_written(query) if query else None,
            file=_written(path.name),
            sha256=digest,
            encoding=encoding or "utf-8",
            format_name=contents.format,
            found=len(contents.records),
            new=tuple(sorted(planned)),
            known=tuple(sorted(known)),
            repeated=len(contents.records) - len(planned) - len(known),
            tool=TOOL,
        )
        if not dry_run:
            _write(store, planned, touched, report, today)
    return report


def _refuse_options(
    store: Store, source: str, platform: str, searched: str, query: str | None, today: str | None
) -> None:
    """Refuse what was said of a file, before it is read."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", source):
        raise UsageError(f"--source {source}: expected a short name of letters, digits and hyphens")
    asked = {name for one in store.protocol.sources for name in (one.id, one.kind)}
    if source in asked:
        raise UsageError(f"--source {source}: is searched by the program, expected another name")
    if source in RESERVED:
        raise UsageError(f"--source {source}: means something else here, expected another name")
    try:
        day = date.fromisoformat(searched).isoformat()
    except ValueError:
        day = ""
    if day != searched:
        raise UsageError(f"--searched {searched}: expected a day as YYYY-MM-DD")
    if today is not None and searched > today:
        raise UsageError(f"--searched {searched}: found a day after today, {today}")
    for name, words in (("platform", platform), ("query", query or "all")):
        if not words.strip() or len(words) > LONGEST or "\n" in words.strip():
            raise UsageError(f"--{name}: expected one line of 1 to {LONGEST:,} characters")


def _plan(
    store: Store, parsed_records: list[ParsedRecord], source: str, path: Path
) -> tuple[dict[str, Planned], set[str], dict[str, Record]]:
    """The records that are new, the ids of those held already, and those of them that take over
    a notice from their copy here.
    """
    before = {one for earlier in store.imports() for one in earlier.new}
    held = {
        one.id: one
        for one in store.records().values()
        # Of this source and in none of its imports: left by a run that was killed half-way.
        if one.source != source or one.id in before
    }
    by_key: dict[str, Record] = {key: one for one in held.values() for key in _keys(one)}
    planned: dict[str, Planned] = {}
    known: set[str] = set()
    touched: dict[str, Record] = {}
    problems = []
    for number, parsed in enumerate(parsed_records, 1):
        if not parsed["title"].strip() and not parsed["vernacular_title"]:
            problems.append(Problem(path.as_posix(), 0, f"record {number}", "has no title"))
            continue
        try:
            own = None if parsed["pmid"] or parsed["doi"] else accession(parsed)
            record, volatile = build_record(parsed, None, store.protocol, source, accession=own)
            record = _as_claimed(record).model_copy(
                update={"tags": tags_of(store.protocol, with_headings(parsed))}
            )
        except ValueError as error:
            problems.append(Problem(path.as_posix(), 0, f"record {number}", _why(error)))
            continue
        same = next((by_key[key] for key in _keys(record) if key in by_key), None)
        if same is not None and not one_paper(record, same):
            if record.pmid and record.pmid == same.pmid:
                held_as = f"is held as {same.title[:60]!r}, found {record.title[:60]!r}"
                sentence = f"pmid: {record.pmid} {held_as}"
                problems.append(Problem(path.as_posix(), 0, f"record {number}", sentence))
                continue
            # One DOI on two papers: both are kept, and dedupe asks a person.
            number_of_ours = accession(parsed)
            own_id = record_id(pmid=None, doi=None, source=source, accession=number_of_ours)
            update = {"id": own_id, "accession": number_of_ours}
            record, same = record.model_copy(update=update), None
        if same is not None or record.id in held:
            one = same.id if same is not None else record.id
            if one in held:
                known.add(one)
                touched[one] = _taking_over(touched.get(one, held[one]), record)
            else:
                kept = planned[one]
                planned[one] = replace(kept, record=_taking_over(kept.record, record))
            continue
        planned.setdefault(record.id, Planned(record, volatile, parsed["abstract"]))
        for key in _keys(record):
            by_key.setdefault(key, record)
    _refuse(problems, path)
    return planned, known, {one: record for one, record in touched.items() if record != held[one]}


def with_headings(parsed: ParsedRecord) -> ParsedRecord:
    """A record as the protocol's tags see it: of another database its keywords are its subject
    headings, so that it stands beside PubMed's records of the same block.
    """
    return {**parsed, "mesh": parsed["mesh"] or parsed["keywords"]}


def _refuse(problems: list[Problem], path: Path) -> None:
    """Refuse the file where any of its records can't be kept."""
    if len(problems) > SHOWN:
        more = Problem(path.as_posix(), 0, "", f"{len(problems) - SHOWN} more records like these")
        problems = [*problems[:SHOWN], more]
    if problems:
        raise InvalidDataError(problems)


def _as_claimed(record: Record) -> Record:
    """A record of a file: what it says of retractions is possible until a source says it too."""
    notices = tuple(
        notice.model_copy(update={"type": CLAIMED.get(notice.type, notice.type)})
        for notice in record.notices
    )
    return record.model_copy(update={"notices": notices})


def _taking_over(held: Record, copy: Record) -> Record:
    """A held record with what a new copy of it says that it does not say itself.

    Of a notice that is what it is about, too; no copy makes a notice of a report.
    """
    known = {notice.key for notice in (*held.notices, *own_notices(held))}
    about = tuple(one for one in copy.notices if one.type in POINTS_AT) if held.is_notice else ()
    fresh: list[Notice] = []
    for notice in (*own_notices(copy), *about):
        if notice.key not in known:
            known.add(notice.key)
            fresh.append(notice)
    return held.model_copy(update={"notices": (*held.notices, *fresh)}) if fresh else held


def _why(error: ValueError) -> str:
    """Why a record can't be kept: its field, and what is wrong with it."""
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"can't be kept: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"can't be kept: {' '.join(str(error).split())[:120]}"


def _written(text: str) -> str:
    """Text of the command line as a file may hold it."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()


def _keys(record: Record) -> list[str]:
    doi = clean_doi(record.doi)
    return [f"pmid:{record.pmid}"] * bool(record.pmid) + [f"doi:{doi}"] * bool(doi)


def _write(
    store: Store,
    planned: dict[str, Planned],
    touched: dict[str, Record],
    report: Import,
    today: str | None,
) -> None:
    paths = store.record_paths()
    for record in touched.values():
        store.write_record(record, paths)
    volatile = store.volatile()
    for one_id, one in sorted(planned.items()):
        if one.text:
            store.write_text(one_id, one.text)
        store.write_record(one.record, paths)
        volatile[one_id] = one.volatile
        if today is not None:
            came = Arrival(day=today, text=one.record.text_mark)
            volatile[one_id] = one.volatile.model_copy(update={"came": came})
    store.write_volatile(volatile)
    store.write_import(report)
