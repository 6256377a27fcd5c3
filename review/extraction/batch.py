"""``review extract --records``: the extractors over any records ``review convert`` can read.

One line a record, with all findings; the way others measure the rules, and the way in for a library
that is no review yet. Places count in the title, a line break, and the abstract.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from extractors import VERSION, Finding, Lexicon, Passage, find_all
from review.files.outputs import whole
from review.formats import read_file
from review.model.parsed import ParsedRecord

FIELDS = (
    *("record", "field", "value", "unit", "role", "quote", "start", "end", "locator", "rule"),
    *("confidence", "details"),
)


def name_of(record: ParsedRecord, number: int) -> str:
    """A record's id: its PMID, its DOI, or its number in the file."""
    if record["pmid"]:
        return f"pmid-{record['pmid']}"
    return f"doi:{record['doi']}" if record["doi"] else f"record-{number}"


def passage(record: ParsedRecord) -> Passage:
    """A record's text as the extractors take it."""
    return Passage(
        title=record["title"] or record["vernacular_title"] or "",
        abstract=record["abstract"] or "",
        publication_types=tuple(record["publication_types"]),
        registrations=tuple(record["registrations"]),
        mesh=tuple(heading.partition("/")[0] for heading in record["mesh"]),
    )


def row(one: Finding, record: str, text: Passage) -> dict[str, Any]:
    """A finding as a line's entry."""
    details = dict(one.details)
    confidence = details.pop("confidence", None)
    return {
        "record": record,
        "field": one.field,
        "value": one.value,
        "unit": details.pop("unit", "people" if one.field in PEOPLE else None),
        "role": details.pop("role", None),
        "quote": one.quote,
        "start": one.start,
        "end": one.start + len(one.quote),
        "locator": text.locator(one.start),
        "rule": f"{one.rule} {VERSION}",
        "confidence": confidence,
        "details": details,
    }


PEOPLE = frozenset(("sample", "total_sample_size", "arm_size"))
"""Fields whose value is a number of people."""


def rows(
    records: list[ParsedRecord], lexicon: Lexicon
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each record's id and its findings, in the order of the text."""
    for number, record in enumerate(records, 1):
        text, name = passage(record), name_of(record, number)
        yield name, [row(one, name, text) for one in find_all(text, lexicon)]


def extract_records(
    source: Path,
    target: Path,
    lexicon: Lexicon,
    progress: Callable[[int, int, str], None] = lambda _done, _total, _what: None,
) -> tuple[int, int]:
    """Write the findings of a file's records, one JSON object a record; whole or not at all.

    :returns: numbers of records and of findings
    :raises UsageError: for a missing file, or a target that can't be written
    :raises InvalidDataError: where the file is damaged
    """
    records = read_file(source).records
    total = 0
    with whole(target) as out:
        for number, (name, found) in enumerate(rows(records, lexicon), 1):
            line = json.dumps({"record": name, "findings": found}, ensure_ascii=False)
            out.write(line + "\n")
            total += len(found)
            if not number % 500:
                progress(number, len(records), "records read")
    return len(records), total
