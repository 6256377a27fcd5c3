"""What reading a study again would add to its data: offered one by one, never put over a person's.

A draft is made once, often of an abstract alone. Where a text came later, or the rules learnt more,
what they find now is set beside what the file says; a person takes it or does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from review.extraction.draft import place, value_first
from review.extraction.extract import gist
from review.extraction.quotes import MACHINE
from review.files.reading import Reader
from review.model.extraction import (
    LISTED_FACTS,
    SINGLE_FACTS,
    Extraction,
    Fact,
    Missing,
    Provenance,
)
from review.model.fulltext import TextKind


@dataclass(frozen=True)
class Offer:
    """A value that is read now and not in the file.

    :ivar key: how it is named: a field, a place in a list, ``results.r7``
    :ivar field: the extraction's field
    :ivar report: the record it was read in
    :ivar was: what the file says; None of a list, which gets one item more
    :ivar now: what is read
    :ivar plain: the same as the file is to hold it
    :ivar kept_for: why the file's value stays, where a person entered or left it so
    """

    key: str
    field: str
    report: str
    was: Provenance | None
    now: Provenance
    plain: Mapping[str, Any]
    kept_for: str | None = None

    @property
    def before(self) -> str:
        """What the file says, in words."""
        if not isinstance(self.was, Fact):
            return "not in the file"
        return str(self.was.value or self.was.missing).replace("_", " ")

    @property
    def late(self) -> bool:
        """Whether it was read in a full text or a registry, which a draft is often made before."""
        return beyond_the_abstract(self.now)

    def as_json(self) -> dict[str, Any]:
        """The offer for machines."""
        return {
            "key": self.key,
            "report": self.report,
            "was": self.before,
            "now": gist(self.now),
            "quote": self.now.quote,
            "locator": self.now.locator,
            "kept_for": self.kept_for,
        }


def beyond_the_abstract(fact: Provenance) -> bool:
    """Whether a value says that it was read elsewhere than in title and abstract."""
    return fact.locator is not None and place(fact.locator) not in ("title", "abstract")


def offers(extraction: Extraction, fresh: Mapping[str, Extraction]) -> list[Offer]:
    """What is read now and not in the file, in the order of the file.

    :param fresh: what a draft of each report would say today
    """
    found: list[Offer] = []
    for report, draft in fresh.items():
        found += _single(extraction, draft, report)
    for name in LISTED_FACTS:
        found += _listed(extraction, fresh, name)
    found += _results(extraction, fresh)
    seen: set[str] = set()
    made = []
    for one in found:
        key = one.key if one.key not in seen else f"{one.key}@{one.report}"
        seen.add(key)
        made.append(replace(one, key=key))
    return made


def _single(extraction: Extraction, draft: Extraction, report: str) -> Iterator[Offer]:
    for name in SINGLE_FACTS:
        have, now = getattr(extraction, name), getattr(draft, name)
        if now is None or now.value is None or (have is not None and have.value == now.value):
            continue
        yield Offer(name, name, report, have, now, plain(now), kept_for(have))


def kept_for(have: Fact[Any] | None) -> str | None:
    """Why a value stays as it is: whoever but a rule entered it, or left it open with a reason."""
    if have is None or (have.by is None and have.missing is Missing.NOT_CHECKED):
        return None
    if have.by is None:
        return f"the file says {str(have.missing or 'so').replace('_', ' ')}"
    return None if have.by.startswith(MACHINE) else f"entered by {have.by}"


def _new(extraction: Extraction, fresh: Mapping[str, Extraction], name: str) -> Iterator[Any]:
    """Report and item of everything in a list that the file does not hold, each once."""
    known = {gist(fact) for fact in getattr(extraction, name)}
    for report, draft in fresh.items():
        for fact in getattr(draft, name):
            if gist(fact) not in known:
                known.add(gist(fact))
                yield report, fact


def _listed(extraction: Extraction, fresh: Mapping[str, Extraction], name: str) -> Iterator[Offer]:
    first = len(getattr(extraction, name))
    for index, (report, fact) in enumerate(_new(extraction, fresh, name), first):
        yield Offer(f"{name}[{index}]", name, report, None, fact, plain(fact))


def _results(extraction: Extraction, fresh: Mapping[str, Extraction]) -> Iterator[Offer]:
    taken = {result.id for result in extraction.results}
    free = (name for number in range(1, 10_000) if (name := f"r{number}") not in taken)
    for report, result in _new(extraction, fresh, "results"):
        named = result.model_copy(update={"id": next(free)})
        yield Offer(f"results.{named.id}", "results", report, None, named, plain(named))


def plain(fact: Provenance) -> dict[str, Any]:
    """A value as a draft's file holds it: what was found, then where it was found."""
    found: dict[str, Any] = value_first(fact.model_dump(mode="json", exclude_defaults=True))
    return found


def unread(store: Reader, extraction: Extraction) -> list[str]:
    """Texts of a study that are held and that nothing in its file was read in: report and kind.

    A value of another place than title and abstract that was read on the day a text came, or
    later, counts as read in it.
    """
    days = [
        fact.read_at or ""
        for _, fact in extraction.facts()
        if beyond_the_abstract(fact) and fact.read_at != "not_recorded"
    ]
    last, found = max(days, default=""), []
    for report in extraction.reports:
        for kind in (None, TextKind.REGISTRY):
            held = store.held_text(report, kind)
            if held is not None and held[0].fetched > last:
                found.append(f"{report} ({held[0].kind})")
    return found
