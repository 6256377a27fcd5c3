"""``data/notices/<person>.csv``: what a person decides on a notice, and notices a person adds."""

from enum import StrEnum

from pydantic import Field

from review.model.base import Day, Model, RecordId, Text
from review.model.record import TOUCHING, Notice, NoticeType


class NoticeOutcome(StrEnum):
    """What a person says of a notice on a report."""

    ADDED = "added"
    LEAVES = "leaves"
    WITHOUT_RESULT = "without_result"
    STANDS = "stands"
    WITHDRAWN = "withdrawn"


class NoticeDecision(Model):
    """A row of ``data/notices/<person>.csv``; a person's latest on a notice counts."""

    record: RecordId = Field(description="the report, or any copy of it")
    notice: Text = Field(description="kind and PMID, record or source of the notice: kind:name")
    outcome: NoticeOutcome = Field(
        description="leaves the review; stays without_result; stands as it is; added: a notice of "
        "this person's; withdrawn = undo"
    )
    date: Day = Field(description="day of the decision")
    source: str = Field(
        "", max_length=2000, description="where it was read; needed for added and stands"
    )
    note: str = Field("", max_length=2000, description="why")

    def model_post_init(self, _context: object, /) -> None:
        kind, colon, name = self.notice.partition(":")
        if not colon or kind not in {str(one) for one in TOUCHING}:
            raise ValueError("notice: expected a kind of notice, a colon and its name")
        if self.outcome in (NoticeOutcome.ADDED, NoticeOutcome.STANDS) and not self.source.strip():
            raise ValueError(f"{self.outcome} needs a source: where it was read")
        if self.outcome is NoticeOutcome.ADDED and name != self.source:
            raise ValueError("an added notice is named by its source")

    @property
    def as_notice(self) -> Notice:
        """The notice it speaks of; of one that a person added, as that person's source has it."""
        kind, _, name = self.notice.partition(":")
        return Notice(type=NoticeType(kind), pmid=None, reference=name or None)
