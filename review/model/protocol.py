"""``protocol.yaml``: the review's protocol as data."""

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from review.model.base import Bilingual, Day, Format, Model, Slug, Stated, StudyId, Text

VocabularyPath = Annotated[
    str, StringConstraints(pattern=r"^data/vocabulary/[a-z0-9][a-z0-9-]{0,60}\.yaml$")
]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class Role(StrEnum):
    """What a person does in the review."""

    GUARANTOR = "guarantor"
    SEARCH = "search"
    SCREENING = "screening"
    EXTRACTION = "extraction"
    APPRAISAL = "appraisal"
    STATISTICS = "statistics"
    WRITING = "writing"
    TRANSLATION = "translation"


class Person(Model):
    """Somebody who works on the review, or a role that waits for somebody."""

    id: Slug = Field(description="short name used in file names; a pseudonym is fine")
    name: Text | None = Field(None, description="null until the person gives it: to be named")
    roles: tuple[Role, ...] = Field(description="roles taken")


class StrategyLine(Model):
    """One numbered line of a search strategy, exactly as it is sent."""

    line: int = Field(ge=1, description="its number; other lines refer to it as #n")
    query: Text = Field(description="the line in the platform's own syntax")
    absent_phrases: tuple[Text, ...] = Field(
        (), description="quoted phrases the platform does not know, acknowledged by the authors"
    )


class Source(Model):
    """A database and how it is searched (PRISMA-S items 1, 8, 9, 10, 12, 14)."""

    id: Slug = Field(description="stable id, part of the search files' names")
    kind: Slug = Field(description="module of review/searching/sources/ that speaks to it")
    platform: Text = Field(description="database and platform by name")
    strategy: tuple[StrategyLine, ...] = Field(
        min_length=1, description="numbered lines; the last one is the search"
    )
    limits: Text = Field(description='limits with justification, or "none" with the reason')
    reused_strategies: Text | None = Field(None, description="prior work the strategy builds on")
    schedule: Text = Field(description="how often it is searched")
    interval_days: int = Field(ge=1, le=366, description="days after which a search is overdue")
    peer_review: Stated = Field(description="who peer reviewed the strategy (PRESS), or why none")


class OtherMethod(Model):
    """A way of finding studies beside databases (PRISMA-S items 2 to 7), done or not."""

    method: Text = Field(description="registries, citation searching, contacts, …")
    done: bool = Field(description="false is printed as: not done")
    note: Text | None = Field(None, description="what was done, or why not")


class Tag(Model):
    """A local search block that sorts and labels records; it never filters."""

    id: Slug = Field(description="stable id")
    label: Bilingual = Field(description="as readers see it")
    query: Text = Field(description="PubMed syntax; evaluated on title, abstract, keywords, MeSH")


class CriterionKind(StrEnum):
    """Which way an eligibility criterion points."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class Criterion(Model):
    """An eligibility criterion; decisions name its id."""

    id: Slug = Field(description="stable id, written in decisions")
    kind: CriterionKind = Field(description="include: all must hold; exclude: a reason to exclude")
    text: Bilingual = Field(description="the criterion")


class ScreeningPolicy(Model):
    """How records are screened."""

    reviewers: int = Field(ge=1, le=4, description="decisions needed per record")
    blind: bool = Field(description="reviewers do not see each other's decisions; own order each")


class QuestionPolicy(Model):
    """How one question is pooled, or why it is not."""

    measure: Literal["PLO", "PR", "MD", "SMD", "OR", "RR", "HR"] = Field(
        "PLO", description="effect size that is pooled: logit proportion, mean difference, …"
    )
    method: Literal["EE", "DL", "PM", "REML", "ML"] = Field(
        "REML", description="estimator of the variance between studies; EE: common effect"
    )
    test: Literal["z", "knha", "adhoc"] = Field("knha", description="interval: Hartung-Knapp")
    prediction: Literal["k-1", "riley"] = Field(
        "k-1", description="prediction interval: t with k-1"
    )
    minimum_studies: int | None = Field(None, ge=3, description="where not the general one")
    pool: bool = Field(True, description="false: described, never pooled")
    not_pooled: Bilingual | None = Field(None, description="why it is never pooled")
    results: dict[StudyId, Slug] = Field(
        {}, description="which result of a study enters, where it has several"
    )
    leave_out: dict[StudyId, Text] = Field({}, description="studies kept out, each with its reason")
    important_difference: float | None = Field(
        None,
        description="smallest difference that matters, with its sign, on the scale that is pooled",
    )
    proposed_by: Text = Field("tool", description="tool: nobody has decided on it yet; or a person")

    def model_post_init(self, _context: Any, /) -> None:
        if not self.pool and self.not_pooled is None:
            raise ValueError("not_pooled: missing, a question that is not pooled says why")
        if self.important_difference is not None and self.measure in ("PLO", "PR"):
            raise ValueError("important_difference: a share has none; leave it out")


class SynthesisPolicy(Model):
    """What is pooled, and what never is."""

    minimum_studies: int = Field(ge=3, description="fewest studies that are pooled")
    pooled: Text = Field(description="what may be pooled")
    not_pooled: Text = Field(description="what is never pooled")
    include_unverified: bool = Field(
        False, description="pool values nobody has signed; printed on every figure"
    )
    questions: dict[Slug, QuestionPolicy] = Field({}, description="policies of single questions")


class Living(Model):
    """The living mode (PRISMA-LSR)."""

    justification: Text = Field(description="why the review is living")
    steps: dict[Slug, Text] = Field(description="planned schedule of each step")
    incorporation_threshold: Stated = Field(description="when new evidence changes the review")
    triggers: tuple[Text, ...] = Field(description="what starts an edition beside the schedule")
    retirement: Stated = Field(description="when the living mode ends, or why that is open")
    proposed_by: Text | None = Field(None, description="tool: nobody has decided on this plan yet")
    suspended_since: Day | None = Field(None, description="living mode stopped for now")
    retired_since: Day | None = Field(None, description="living mode ended for good")
    limitations: Text = Field(description="limits of the living mode")


class Reworded(Model):
    """A criterion whose words changed and whose sense did not."""

    criterion: Slug = Field(description="its id")
    before: Bilingual = Field(description="its text before the amendment, to the letter")


class Editorial(Model):
    """That an amendment changed words alone: a person's declaration (methods rule 42)."""

    by: Slug = Field(description="the person who declares it")
    criteria: tuple[Reworded, ...] = Field(min_length=1, description="criteria with new words")


class Amendment(Model):
    """A change of the protocol."""

    date: Day = Field(description="when")
    change: Text = Field(description="what changed")
    reason: Text = Field(description="why")
    editorial: Editorial | None = Field(
        None, description="where it changed the words of criteria and not their sense: who says so"
    )


class SamplePolicies(Model):
    """Stated rules for awkward samples (methods rule 13)."""

    mixed_populations: Text = Field(description="samples that mix the population with others")
    children: Text = Field(description="children and adolescents")
    case_reports: Text = Field(description="single cases")
    preprints: Text = Field(description="preprints")
    conference_abstracts: Text = Field(description="conference abstracts")


ADDED_LATER = ("store_full_texts",)
"""Fields newer than the first searches: unset, they leave a protocol's fingerprint as it was."""
CRITERION_COVERED = ("id", "kind", "text")
"""The fields of a criterion that a decision's fingerprint covers. They are named, so that a
criterion that gets a field makes no decision stale."""
TEXT_COVERED = ("en", "zh")
"""The same of its text."""


def criteria_hash(criteria: Iterable[Criterion]) -> str:
    """Fingerprint of eligibility criteria in their order: 12 hexadecimal digits of a SHA-256."""
    value = []
    for one in criteria:
        plain = {name: getattr(one, name) for name in CRITERION_COVERED}
        plain["text"] = {language: getattr(one.text, language) for language in TEXT_COVERED}
        value.append(plain)
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


class Protocol(Model):
    """The review's protocol: everything decided before the evidence is read."""

    taken_away: ClassVar[dict[str, str]] = {
        "language_model": "found in the protocol, expected --endpoint or REVIEW_MODEL_URL: a key "
        "is sent to no address that a file of the review names; take it out"
    }

    format: Format = Field(description="data format")
    title: Bilingual = Field(description="title; the word living and the version are added")
    version: Text = Field(description="version of the protocol")
    fictional: bool = Field(False, description="true marks every page as a demonstration")
    languages: tuple[Slug, ...] = Field(("en",), min_length=1, description="languages of the site")
    people: tuple[Person, ...] = Field(description="people and roles; names may be awaited")
    contact_email: Email | None = Field(
        None, description="sent to NCBI with each request unless NCBI_EMAIL is set"
    )
    registration: Stated = Field(description="registration of the review")
    funding: Stated = Field(description="who pays")
    competing_interests: Stated = Field(
        Stated(reason="awaiting authors"), description="interests of the people named"
    )
    questions: tuple[Slug, ...] = Field(
        min_length=1, description="ids of data/questions/, in the order of the pages"
    )
    sources: tuple[Source, ...] = Field(min_length=1, description="where it searches")
    other_methods: tuple[OtherMethod, ...] = Field(description="other ways, done or not")
    tags: tuple[Tag, ...] = Field((), description="local blocks that sort, in order of priority")
    eligibility: tuple[Criterion, ...] = Field(min_length=1, description="criteria with ids")
    samples: SamplePolicies = Field(description="stated rules for awkward samples")
    screening: ScreeningPolicy = Field(description="how records are screened")
    vocabulary: tuple[VocabularyPath, ...] = Field(
        (), description="files of data/vocabulary/ in use"
    )
    synthesis: SynthesisPolicy = Field(description="what is pooled")
    living: Living = Field(description="the living mode")
    store_abstracts: bool = Field(
        False, description="commit abstracts, where the record's own licence allows"
    )
    store_full_texts: bool = Field(
        False, description="commit open full texts, where the article's own licence allows"
    )
    amendments: tuple[Amendment, ...] = Field((), description="changes, oldest first")

    def model_post_init(self, _context: Any, /) -> None:
        for name, ids in (
            ("people", [p.id for p in self.people]),
            ("questions", list(self.questions)),
            ("sources", [s.id for s in self.sources]),
            ("tags", [t.id for t in self.tags]),
            ("eligibility", [c.id for c in self.eligibility]),
        ):
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise ValueError(f"{name}: the id {twice[0]} is used twice")
        people = {p.id for p in self.people}
        for index, amendment in enumerate(self.amendments):
            who = amendment.editorial.by if amendment.editorial else None
            if who is not None and who not in people:
                raise ValueError(
                    f"amendments[{index}].editorial.by: found {who}, expected a person of people"
                )
        if unknown := set(self.languages) - {"en", "zh"}:
            raise ValueError(f"languages: found {min(unknown)}, expected en or zh")

    def criterion(self, criterion_id: str) -> Criterion | None:
        """The criterion with an id, if there is one."""
        return next((c for c in self.eligibility if c.id == criterion_id), None)

    @property
    def criteria_hash(self) -> str:
        """Fingerprint of the eligibility criteria, written in every decision.

        Decisions taken under other criteria show as stale.
        """
        return criteria_hash(self.eligibility)

    @property
    def full_hash(self) -> str:
        """Fingerprint of the whole protocol, written in every search file."""
        plain = self.model_dump(mode="json")
        for name in ADDED_LATER:
            if plain[name] == type(self).model_fields[name].default:
                del plain[name]
        for name in ("include_unverified", "questions"):
            if not plain["synthesis"][name]:
                del plain["synthesis"][name]
        for amendment in plain["amendments"]:
            if amendment["editorial"] is None:
                del amendment["editorial"]
        value = json.dumps(plain, sort_keys=True)
        return hashlib.sha256(value.encode()).hexdigest()
