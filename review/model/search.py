"""``data/searches/<date>-<source>-<run>.json``: one complete run of one source's strategy."""

import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from review.ground.printable import printable
from review.model.base import Day, Hash, Model, Pmid, RecordId, Slug, Text
from review.model.record import NoticeType

PMID = re.compile(r"[1-9][0-9]{0,8}")
UNUSED = "phrase not found: "
ACKNOWLEDGED = "quoted phrase not found (acknowledged): "
"""How a remark of a platform begins that is usual: a synonym that no record uses, and what the
protocol acknowledges."""


class LineResult(Model):
    """A strategy line as it was run, and what the platform made of it."""

    line: int = Field(description="number of the line")
    query: Text = Field(description="as written in the protocol")
    sent: Text = Field(description="as sent, references to other lines written out")
    count: int = Field(ge=0, description="hits of this line")
    translation: str = Field("", description="the platform's own translation of the query")
    warnings: tuple[Text, ...] = Field((), description="what the platform remarked")


class NoticeEvent(Model):
    """A notice first seen on a record of the review in this search."""

    record: RecordId = Field(description="the record it concerns")
    type: NoticeType = Field(description="kind of notice")
    pmid: Pmid | None = Field(None, description="the notice, where it has a PMID")
    reference: Text | None = Field(None, description="the notice as cited")

    @property
    def key(self) -> tuple[str, str]:
        """Identity of the event: record and notice."""
        return self.record, f"{self.type}:{self.pmid or self.reference or ''}"


class SetAside(Model):
    """A record that can't be taken as it comes; a person has to look at it."""

    pmid: Pmid | None = Field(None, description="its PMID")
    accession: Text | None = Field(
        None, description="the source's own number, where it is no PMID (format 3)"
    )
    why: Text = Field(description="what is odd about it")
    listed: bool = Field(True, description="false: held, and fetched beyond those listed")

    def model_post_init(self, _context: Any, /) -> None:
        if (self.pmid is None) == (self.accession is None):
            raise ValueError("expected a PMID or the source's own number")

    @property
    def number(self) -> str:
        """The source's number of it: the PMID, or its own."""
        return self.pmid or self.accession or ""

    @property
    def numbers(self) -> dict[str, str]:
        """The same by the name of the number, for machines."""
        return {"pmid" if self.pmid else "accession": self.number}

    def __str__(self) -> str:
        return f"PMID {self.pmid}" if self.pmid else f"number {printable(self.accession or '')}"


def format_of(missing: Sequence[str], set_aside: Sequence[SetAside]) -> Literal[1, 2, 3]:
    """The format that a search needs: the lowest one that can hold it."""
    foreign = any(not PMID.fullmatch(one) for one in missing)
    if foreign or any(one.accession for one in set_aside):
        return 3
    return 2 if set_aside else 1


class Search(Model):
    """A complete search. It is the last thing an update writes: the only cursor there is. It is
    never rewritten, so that formats 1 and 2 stay readable.
    """

    format: Literal[1, 2, 3] = Field(
        description="data format; 2 where a record was set aside, 3 where one that was, or that is "
        "missing, has no PMID"
    )
    date: Day = Field(description="day of the search")
    source: Slug = Field(description="source id in the protocol")
    run: int = Field(ge=1, description="first, second … run of that day")
    platform: Text = Field(description="database and platform")
    lines: tuple[LineResult, ...] = Field(min_length=1, description="strategy exactly as run")
    count: int = Field(ge=0, description="hits the platform counted")
    listed: int = Field(ge=0, description="unique identifiers it listed; equals count")
    fetched: int = Field(ge=0, description="records received of those listed")
    missing: tuple[Text, ...] = Field(
        (), description="listed but not delivered on request: PMIDs, or the source's own numbers"
    )
    set_aside: tuple[SetAside, ...] = Field(
        (), description="can't be taken; fetched + missing + those set aside of it = listed"
    )
    held: int = Field(ge=0, description="records of the review beyond those listed, re-fetched")
    new: tuple[RecordId, ...] = Field((), description="found, and in no earlier search's result")
    gone: tuple[RecordId, ...] = Field((), description="found by the last search, not by this one")
    returned: tuple[RecordId, ...] = Field(
        (), description="found again after having been gone from the last search"
    )
    vanished: tuple[RecordId, ...] = Field(
        (), description="held records that the platform no longer delivers, first seen so"
    )
    unknown: tuple[RecordId, ...] = Field(
        (), description="held records whose PMID the platform has never delivered, first seen so"
    )
    notices: tuple[NoticeEvent, ...] = Field((), description="notices first seen in this search")
    found_sha256: Hash = Field(description="hash of the sorted list of all records found")
    parameters: dict[str, str] = Field(description="request parameters beside the query")
    protocol_sha256: Hash = Field(description="protocol in force")
    tool: Text = Field(description="program and version")

    def model_post_init(self, _context: Any, /) -> None:
        needed = format_of(self.missing, self.set_aside)
        if self.format != needed:
            raise ValueError(f"found format {self.format}, expected {needed} for what it holds")

    @property
    def missing_shown(self) -> str:
        """The numbers of what was not delivered, for people."""
        return ", ".join(printable(one) for one in self.missing)

    @property
    def adds_up(self) -> bool:
        """Whether every record that was counted is fetched, missing or set aside."""
        aside = sum(one.listed for one in self.set_aside)
        accounted = self.fetched + len(self.missing) + aside
        return self.count == self.listed == accounted

    @property
    def name(self) -> str:
        """File name without its folder."""
        return f"{self.date}-{self.source}-{self.run}.json"
