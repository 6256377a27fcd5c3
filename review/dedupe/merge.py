"""One record from a cluster: each field's best value, and which record it is from.

Nothing is changed by it: the records stay as they are, and a verdict of a person takes a cluster
apart again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from review.model.parsed import ParsedRecord

SINGLE = (
    *("pmid", "pmcid", "doi", "title", "vernacular_title", "abstract", "journal", "year"),
    *("volume", "issue", "pages"),
)
LISTS = ("authors", "language", "publication_types", "mesh", "keywords", "registrations", "notices")


def best(records: Sequence[ParsedRecord], ids: Sequence[str]) -> dict[str, Any]:
    """A cluster's record, in the format of ``review convert``, with the source of every field.

    The order of trust: a record with a PMID, then one with a DOI, then the one with more fields,
    then the earlier one. A single field is taken from the first that has it; an abstract from the
    longest; authors from the first that has as many as any; other lists are put together.
    """
    order = sorted(range(len(records)), key=lambda n: (*_trust(records[n]), n))
    merged: dict[str, Any] = {}
    origin: dict[str, list[str]] = {}
    for field in SINGLE:
        given = [n for n in order if _value(records[n], field)]
        if field == "abstract":
            given.sort(key=lambda n: -len(_value(records[n], field)))
        merged[field] = _value(records[given[0]], field) if given else None
        if given:
            origin[field] = [ids[given[0]]]
    for field in LISTS:
        given = [n for n in order if _value(records[n], field)]
        if field == "authors" and given:
            most = max(len(records[n]["authors"]) for n in given)
            given = [next(n for n in given if len(records[n]["authors"]) == most)]
        values = [one for n in given for one in _value(records[n], field)]
        merged[field] = [one for at, one in enumerate(values) if one not in values[:at]]
        if given:
            origin[field] = [ids[n] for n in given]
    merged["title"] = merged["title"] or ""
    return {"id": ids[0], "members": list(ids), **merged, "fields_from": origin}


def _value(record: ParsedRecord, field: str) -> Any:
    return cast(dict[str, Any], record)[field]


def _trust(record: ParsedRecord) -> tuple[bool, bool, int]:
    filled = sum(bool(_value(record, field)) for field in (*SINGLE, *LISTS))
    return (not record["pmid"], not record["doi"], -filled)
