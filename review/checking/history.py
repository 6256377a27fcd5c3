"""History that can't be rewritten unseen: what a later file recorded of an earlier one holds.

Each edition names the hash of every edition and search before it, each search that of the records
that it found. None of those files is ever rewritten, by a migration either: their hashes stay.
Dates are looked at too: what is dated after today was not decided yet.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

from review.checking.editions import gone, listed, place, standing, unseen
from review.editions.audit import SHOWN
from review.editions.build import edition_hash
from review.files import kinds
from review.files.snapshot import Snapshot
from review.grading.review import Review
from review.ground.errors import Problem
from review.model.edition import CorrectionKind, Edition, since_last
from review.model.search import Search

AHEAD = timedelta(days=1)
"""Somewhere it is tomorrow: clocks are up to 14 hours before that of Greenwich."""
ISO = re.compile(r"\d{4}-\d\d-\d\d")
"""A day as the tool writes it; rows of pairs may hold another."""


class Dated(Protocol):
    """A row of a person, with the day on which it was decided."""

    @property
    def date(self) -> str:
        """The day."""


def recorded(edition: Edition) -> dict[str, str]:
    """What an edition recorded of the editions and searches before it, as hashes by object; of the
    edition right before it ``editions.audit`` tells.
    """
    found = {f"search:{name}": digest for name, digest in (edition.search_files or {}).items()}
    earlier = {f"edition:{name}": digest for name, digest in (edition.edition_files or {}).items()}
    earlier.pop(f"edition:{edition.previous}", None)
    return found | earlier


def rewritten(review: Review, snapshot: Snapshot) -> list[Problem]:
    """Editions and searches that are not what a later edition recorded of them, or are gone; each
    is told by the first edition that misses it.

    A correction newer than that edition says that a search was changed; an edition may only be
    taken back, by a removal.
    """
    if snapshot.unread(kinds.EDITIONS, kinds.CORRECTIONS):
        return []
    now = standing(review) | {f"edition:{e.version}": edition_hash(e) for e in review.editions}
    told = set(listed(review.editions[-1])) if review.editions else set()  # by `vanished`
    problems: dict[str, Problem] = {}
    for index, edition in enumerate(review.editions, 1):
        fresh = since_last(review.corrections, review.editions[:index])
        removed = {c.object for c in fresh if c.kind is CorrectionKind.REMOVAL}
        amended = {c.object for c in fresh if c.object.startswith("search:")}
        for name, expected in recorded(edition).items():
            kind, _, rest = name.partition(":")
            if name in problems or name in removed | amended or unseen(kind, rest, snapshot):
                continue
            if name not in now:
                if name not in told:
                    problems[name] = gone(name, edition)
            elif now[name] != expected:
                sentence = (
                    f"was changed after edition {edition.version} (found content "
                    f"{now[name][:SHOWN]}…, expected {expected[:SHOWN]}…); "
                    f"{'an edition' if kind == 'edition' else 'a search'} is never rewritten"
                )
                problems[name] = Problem(place(kind, rest), 0, kind, sentence)
    return list(problems.values())


def emptied(review: Review, searches: Sequence[Search]) -> Iterator[Problem]:
    """Searches whose lists, with those of earlier ones, do not give the records that they found;
    of a source the first alone, since later ones build on it.

    Nothing is known of what a source found after a person took out one of its searches, and one
    search is not known where records that it listed were not delivered.
    """
    removed = [c.object for c in review.corrections if c.kind is CorrectionKind.REMOVAL]
    found: dict[str, set[str]] = {}
    told: set[str] = set()
    for search in searches:
        records = found.setdefault(search.source, set())
        records |= {*search.new, *search.returned}
        records -= set(search.gone)
        taken_out = any(
            one.startswith("search:") and f"-{search.source}-" in one for one in removed
        )
        if taken_out or search.missing or search.set_aside or search.source in told:
            continue
        listed = hashlib.sha256("\n".join(sorted(records)).encode()).hexdigest()
        if listed != search.found_sha256 or len(records) > search.fetched:
            told.add(search.source)
            sentence = (
                f"found {len(records)} records by new, returned and gone of it and of earlier "
                f"searches, expected those that it found ({search.fetched} fetched); a search is "
                "never rewritten"
            )
            yield Problem(f"data/searches/{search.name}", 0, "found_sha256", sentence)


def dated_ahead(snapshot: Snapshot, today: str) -> Iterator[Problem]:
    """What people decided, and what was searched and released, on a day that is still to come; of
    a file the first and how many more, since a clock that is wrong makes every row of it so.

    :param today: day of whoever looks; one day more is some other place's today
    """
    last = (date.fromisoformat(today) + AHEAD).isoformat()
    late: dict[str, list[tuple[int, str, str]]] = {}
    for path, line, field, day in _days(snapshot):
        if ISO.fullmatch(day) and day > last:
            late.setdefault(path, []).append((line, field, day))
    for path, ((line, field, day), *more) in late.items():
        sentence = f"found {day}, which is still to come: today is {today}"
        also = f" ({len(more)} more of this file)" if more else ""
        yield Problem(path, line, field, sentence + also)


def _days(snapshot: Snapshot) -> Iterator[tuple[str, int, str, str]]:
    """File, line, field and day of everything that is dated."""
    acts: Mapping[str, Mapping[str, Sequence[Dated]]] = {
        "screening": snapshot.decisions(),
        "notices": snapshot.notices(),
        "pairs": snapshot.pairs(),
        "signatures": snapshot.signatures(),
    }
    for folder, people in acts.items():
        for person, rows in people.items():
            for line, row in enumerate(rows, 2):
                yield f"data/{folder}/{person}.csv", line, "date", row.date
    for index, study in enumerate(snapshot.previous().studies):
        yield "data/previous.yaml", 0, f"studies[{index}].date", study.date
    for index, correction in enumerate(snapshot.corrections().corrections):
        yield "data/corrections.yaml", 0, f"corrections[{index}].date", correction.date
    for search in snapshot.searches():
        yield f"data/searches/{search.name}", 0, "date", search.date
    for run in snapshot.imports():
        yield f"data/imports/{run.source}/{run.name}", 0, "date", run.date
    for edition in snapshot.editions():
        yield f"data/editions/{edition.version}.json", 0, "date", edition.date
