"""``data/duplicates.json`` (the tool's verdicts) and ``data/pairs/<reviewer>.csv`` (people's)."""

from enum import StrEnum

from pydantic import Field

from review.model.base import Format, Model, RecordId, Text


class Relation(StrEnum):
    """How two records that are not the same report belong together."""

    RETRACTION_OF = "retraction_of"
    CONCERN_FOR = "concern_for"
    ERRATUM_OF = "erratum_of"
    PREPRINT_OF = "preprint_of"
    VERSION_OF = "version_of"
    COMMENT_ON = "comment_on"
    REPLY_TO = "reply_to"
    ABSTRACT_OF = "abstract_of"
    PART_OF = "part_of"
    REPUBLISHED_FROM = "republished_from"
    SAME_STUDY = "same_study"


class Verdict(StrEnum):
    """What a pair of records is."""

    DUPLICATE = "duplicate"
    RELATED = "related"
    DISTINCT = "distinct"


class Cluster(Model):
    """Records that are one report. The id of the oldest stays; the others redirect to it."""

    id: RecordId = Field(description="the record that stands for the report")
    members: tuple[RecordId, ...] = Field(min_length=2, description="all records, id included")
    reasons: tuple[Text, ...] = Field(description="one reason per pair that was merged")


class Related(Model):
    """Two records that are linked and never merged."""

    record: RecordId = Field(description="the notice, preprint, comment or later version")
    relation: Relation = Field(description="what it is to the other")
    of: RecordId = Field(description="the other record")
    reason: Text = Field(description="rule or person that says so")


class Queued(Model):
    """A doubtful pair: a person decides."""

    a: RecordId = Field(description="one record")
    b: RecordId = Field(description="the other")
    similarity: int = Field(
        ge=0, le=100, description="weight of what speaks for one report, 0 to 100"
    )
    reasons: tuple[Text, ...] = Field(description="what speaks for and against")


class Duplicates(Model):
    """The tool's verdicts on all pairs, people's replayed on top."""

    format: Format = Field(description="data format")
    method: Text = Field(description="rules and version that gave the verdicts")
    clusters: tuple[Cluster, ...] = Field((), description="merged records")
    related: tuple[Related, ...] = Field((), description="linked records")
    queue: tuple[Queued, ...] = Field((), description="pairs that wait for a person")

    @property
    def redirects(self) -> dict[str, str]:
        """Each merged record's id and the id that stands for it."""
        return {m: c.id for c in self.clusters for m in c.members if m != c.id}


class PairDecision(Model):
    """A row of ``data/pairs/<reviewer>.csv``: a person's verdict, which wins."""

    a: RecordId = Field(description="one record")
    b: RecordId = Field(description="the other")
    verdict: Verdict = Field(description="duplicate, related or distinct")
    relation: Relation | None = Field(None, description="for related: what a is to b")
    date: Text = Field(description="day of the decision")
    note: str = Field("", description="why")
