"""``data/extractions/<study>.yaml``: a study's data, every value with its quote and place."""

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field

from review.model.base import Day, Format, Model, RecordId, Slug, StudyId, Text


class Design(StrEnum):
    """Study designs that the OCEBM table tells apart."""

    SYSTEMATIC_REVIEW_OF_TRIALS = "systematic_review_of_trials"
    SYSTEMATIC_REVIEW = "systematic_review"
    N_OF_1 = "n_of_1"
    RANDOMISED_TRIAL = "randomised_trial"
    NONRANDOMISED_CONTROLLED = "nonrandomised_controlled"
    UNCONTROLLED_FOLLOW_UP = "uncontrolled_follow_up"
    POST_HOC_EXTENSION = "post_hoc_extension"
    INCEPTION_COHORT = "inception_cohort"
    COHORT = "cohort"
    CASE_CONTROL = "case_control"
    HISTORICALLY_CONTROLLED = "historically_controlled"
    CASE_SERIES = "case_series"
    CASE_REPORT = "case_report"
    CENSUS_OR_RANDOM_SAMPLE = "census_or_random_sample"
    NONRANDOM_SAMPLE = "nonrandom_sample"
    CROSS_SECTIONAL_ACCURACY = "cross_sectional_accuracy"
    NARRATIVE_REVIEW = "narrative_review"
    MECHANISM = "mechanism"
    OTHER = "other"


class Missing(StrEnum):
    """Why a value is absent; the four are never mixed."""

    NOT_REPORTED = "not_reported"
    NOT_APPLICABLE = "not_applicable"
    UNCLEAR = "unclear"
    NOT_CHECKED = "not_checked"


class SourceTier(StrEnum):
    """Where a value was read."""

    PRIMARY = "primary"
    ABSTRACT = "abstract"
    REGISTRY = "registry"
    SECONDARY = "secondary"
    NEWS = "news"


class Estimand(StrEnum):
    """What a change is compared with: the other arm, or the same people before."""

    BETWEEN_ARM = "between_arm"
    WITHIN_ARM = "within_arm"
    NONE = "none"


class Direction(StrEnum):
    """What a result says; p > 0.05 alone is inconclusive, never "no effect"."""

    BENEFIT = "benefit"
    HARM = "harm"
    NO_IMPORTANT_DIFFERENCE = "no_important_difference"
    INCONCLUSIVE = "inconclusive"
    NOT_ESTIMABLE = "not_estimable"


class Amstar(StrEnum):
    """Overall confidence in a systematic review by AMSTAR 2 (Shea 2017, BMJ 358:j4008)."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    CRITICALLY_LOW = "critically_low"


class Provenance(Model):
    """Where a value comes from, and the words that carry it."""

    quote: Text | None = Field(
        None, description="shortest words of the source that hold the value, verbatim"
    )
    locator: Text | None = Field(None, description="title, abstract, section, table and cell")
    source_tier: SourceTier | None = Field(None, description="kind of source it was read in")
    read_at: Day | Literal["not_recorded"] | None = Field(
        None, description="day it was read; not_recorded where whoever read it wrote no date"
    )
    by: Text | None = Field(None, description="who or what entered it: a person id, or a rule")
    note: Text | None = Field(None, description="doubts, in our own words")
    printed_inconsistency: Text | None = Field(
        None, description="where the source's own figures do not fit together: how"
    )

    def quotes(self) -> tuple[tuple[str, str], ...]:
        """Each field that holds words of the source, with these words."""
        return (("quote", self.quote),) if self.quote is not None else ()


V = TypeVar("V")


class Fact(Provenance, Generic[V]):
    """One value of a study, or the reason why there is none."""

    value: V | None = Field(None, description="the value")
    missing: Missing | None = Field(None, description="why there is no value")

    def model_post_init(self, _context: Any, /) -> None:
        if (self.value is None) == (self.missing is None):
            raise ValueError("give a value, or why it is missing")
        if self.missing is Missing.NOT_REPORTED and self.source_tier not in (
            SourceTier.PRIMARY,
            SourceTier.REGISTRY,
        ):
            raise ValueError(
                "not_reported needs the full text or registry (source_tier primary or registry); "
                "from an abstract alone it is not_checked"
            )


class SizeRole(StrEnum):
    """Which people a number counts."""

    SCREENED = "screened"
    ENROLLED = "enrolled"
    RANDOMISED = "randomised"
    ANALYSED = "analysed"
    SUBSET = "subset"


class Ascertainment(StrEnum):
    """How people with an outcome were found (methods rule 11)."""

    ASKED = "asked"
    QUESTIONNAIRE = "questionnaire"
    CHART = "chart"
    SELF_REPORTED = "self_reported"


class Period(StrEnum):
    """Over what time a frequency is counted."""

    POINT = "point"
    PERIOD = "period"
    LIFETIME = "lifetime"


class SampleSize(Provenance):
    """A number of people with its role."""

    role: SizeRole = Field(description="which people are counted")
    people: int = Field(ge=0, description="how many")
    group: Text | None = Field(None, description="which group, where not all")


class Arm(Provenance):
    """A group of a controlled study."""

    label: Text = Field(description="what the group got, as printed")
    people: int = Field(ge=0, description="how many were allotted to it")


class Measure(StrEnum):
    """What kind of number a result is."""

    PROPORTION = "proportion"
    MEAN = "mean"
    MEDIAN = "median"
    RATE = "rate"
    EFFECT = "effect"
    STATEMENT = "statement"


class Effect(StrEnum):
    """What kind of effect a number is, of results that compare."""

    ODDS_RATIO = "odds_ratio"
    RISK_RATIO = "risk_ratio"
    HAZARD_RATIO = "hazard_ratio"
    RISK_DIFFERENCE = "risk_difference"
    MEAN_DIFFERENCE = "mean_difference"
    STANDARDISED_MEAN_DIFFERENCE = "standardised_mean_difference"
    CORRELATION = "correlation"
    REGRESSION_COEFFICIENT = "regression_coefficient"


class Result(Provenance):
    """One result of a study, for one group or contrast at one time."""

    id: Slug = Field(description="stable id within the study")
    outcome: Text = Field(description="what was measured")
    measure: Measure = Field(description="kind of number")
    effect: Effect | None = Field(
        None, description="of an effect: which kind; null: not said, so that nothing pools it"
    )
    group: Text | None = Field(None, description="group or contrast: who against whom")
    instrument: Text | None = Field(None, description="scale or method")
    time: Text | None = Field(None, description="time point")
    analysed: int | None = Field(None, ge=0, description="people analysed for this outcome")
    events: int | None = Field(None, ge=0, description="people with the outcome")
    total: int | None = Field(None, ge=0, description="people it is counted among")
    percent: float | None = Field(None, ge=0, le=100, description="percentage as printed")
    value: float | None = Field(None, description="mean, median, rate or effect as printed")
    spread: Text | None = Field(None, description="SD, IQR or range as printed")
    ci_low: float | None = Field(None, description="lower 95 % confidence limit")
    ci_high: float | None = Field(None, description="upper 95 % confidence limit")
    p_value: Text | None = Field(None, description="as printed")
    estimand: Estimand = Field(Estimand.NONE, description="between arms, within an arm, or neither")
    direction: Direction | None = Field(None, description="what it says about the question")
    ascertainment: Ascertainment | None = Field(
        None, description="how people with the outcome were found; null: not read"
    )
    period: Period | None = Field(None, description="point, period or lifetime; null: not read")
    phase: Text | None = Field(None, description="attack, remission or chronic phase, as printed")
    all_analysed: Literal[True] | None = Field(
        None,
        description="true: the source says that all people it is counted among (`total`) were "
        "analysed for this outcome; null: not said",
    )
    all_analysed_quote: Text | None = Field(
        None, description="the words that say so, verbatim, from the same place as the quote"
    )

    def model_post_init(self, _context: Any, /) -> None:
        self._events_among_total()
        self._all_of_total()
        for name in ("value", "percent", "ci_low", "ci_high"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{name}: found {number}, expected a finite number")
        if self.ci_low is not None and self.ci_high is not None and self.ci_low > self.ci_high:
            raise ValueError(f"confidence interval from {self.ci_low} to {self.ci_high}")

    def _events_among_total(self) -> None:
        if self.events is None or self.total is None:
            return
        if self.events > self.total:
            raise ValueError(f"{self.events} events among {self.total} people")
        if self.percent is not None and self.total and not self.printed_inconsistency:
            places = max(0, len(repr(self.percent).partition(".")[2].rstrip("0")))
            exact = 100 * self.events / self.total
            if abs(exact - self.percent) > 0.5 * 10**-places + 1e-9:
                raise ValueError(
                    f"found {self.percent} %, expected {exact:.{places + 1}f} % "
                    f"from {self.events} of {self.total}"
                )

    def _all_of_total(self) -> None:
        if (self.all_analysed is None) != (self.all_analysed_quote is None):
            raise ValueError("all_analysed and all_analysed_quote go together")
        if self.all_analysed and (self.total is None or self.quote is None):
            raise ValueError("all_analysed needs the total and its quote; else give analysed")
        if self.all_analysed and self.analysed not in (None, self.total):
            raise ValueError(f"{self.analysed} analysed, and all_analysed of {self.total}")

    @property
    def people_analysed(self) -> int | None:
        """People analysed for this outcome; None where that was not read.

        What is counted among a number of people need not be an analysis of all of them, so
        ``total`` counts only where the source says so in words (``all_analysed``).
        """
        if self.analysed is None and self.all_analysed:
            return self.total
        return self.analysed

    def quotes(self) -> tuple[tuple[str, str], ...]:
        """Its words of the source, those too that say who was analysed."""
        more = self.all_analysed_quote
        return super().quotes() + ((("all_analysed_quote", more),) if more is not None else ())


def fewest_analysed(results: Iterable[Result]) -> int | None:
    """People analysed for an outcome of several results, the fewest of them.

    :returns: None where one of the results does not say it, or there is none
    """
    counts = [result.people_analysed for result in results]
    known = [people for people in counts if people is not None]
    return min(known) if known and len(known) == len(counts) else None


EMPTY_FACT: Fact[str] = Fact[str](missing=Missing.NOT_CHECKED)
"""A field nobody has looked at."""
SINGLE_FACTS = (
    "design",
    "setting",
    "population",
    "follow_up",
    "registration",
    "harms",
    "funding",
    "interests",
    "background_medication",
    "responders",
    "absolute_effects",
    "interference",
    "relapse_control",
    "amstar_2",
)
"""Fields of an extraction that hold one value each, in the order pages show them."""


LISTED_FACTS = ("sample", "arms", "conduct", "instruments", "treatments", "doses")
"""Fields of an extraction that hold several values."""


class Extraction(Model):
    """A study's data. The tool drafts it once; from then on it belongs to people."""

    format: Format = Field(description="data format")
    study: StudyId = Field(description="firstauthor-year[-letter]; also the file's name")
    formerly: tuple[StudyId, ...] = Field((), description="ids merged into this study")
    reports: tuple[RecordId, ...] = Field(min_length=1, description="records that report the study")
    label: Text | None = Field(None, description="name readers know it by: trial name")
    pages: tuple[Text, ...] = Field(
        (), description="addresses of the pages that were read, as they were; printed, never linked"
    )
    overlaps: tuple[StudyId, ...] = Field((), description="studies with the same people")
    may_overlap: tuple[StudyId, ...] = Field(
        (), description="studies that may share people: same centre and years, not told apart"
    )
    design: Fact[Design] = Field(description="study design")
    setting: Fact[str] | None = Field(None, description="place, centres, period")
    population: Fact[str] | None = Field(None, description="who was studied")
    sample: tuple[SampleSize, ...] = Field((), description="numbers of people with their roles")
    arms: tuple[Arm, ...] = Field((), description="groups that are compared, with their sizes")
    conduct: tuple[Fact[str], ...] = Field(
        (), description="how it was run: masking, concealment, control, centres, analysis, losses"
    )
    follow_up: Fact[str] | None = Field(None, description="how long people were followed")
    instruments: tuple[Fact[str], ...] = Field((), description="instruments used")
    treatments: tuple[Fact[str], ...] = Field((), description="interventions compared")
    doses: tuple[Fact[str], ...] = Field((), description="dose, route, how often and how long")
    registration: Fact[str] | None = Field(None, description="trial registration")
    harms: Fact[str] | None = Field(None, description="adverse events")
    funding: Fact[str] | None = Field(None, description="who paid")
    interests: Fact[str] | None = Field(None, description="competing interests of the authors")
    background_medication: Fact[str] | None = Field(
        None, description="medication for the outcome taken beside the treatment, and rescue"
    )
    responders: Fact[str] | None = Field(
        None, description="how many had a given share less of the outcome, as printed"
    )
    absolute_effects: Fact[str] | None = Field(
        None, description="effect in people: number needed to treat, risk difference, per 1000"
    )
    interference: Fact[str] | None = Field(
        None, description="how far the outcome interferes with daily life, as printed"
    )
    relapse_control: Fact[str] | None = Field(
        None,
        description="whether relapses were kept apart from the treatment's effect on the outcome",
    )
    amstar_2: Fact[Amstar] | None = Field(None, description="systematic reviews: AMSTAR 2 rating")
    results: tuple[Result, ...] = Field((), description="results")
    notes: tuple[Text, ...] = Field((), description="doubts and cautions, in our own words")

    def result(self, result_id: str) -> Result | None:
        """The result with an id, if there is one."""
        return next((r for r in self.results if r.id == result_id), None)

    def facts(self) -> list[tuple[str, Provenance]]:
        """Every value with its field name, for counting, checking and showing.

        A field that a draft left empty for a person (not_checked, nothing else) is no value yet.
        """
        found: list[tuple[str, Provenance]] = []
        for name in SINGLE_FACTS:
            fact = getattr(self, name)
            if fact is not None and fact != EMPTY_FACT:
                found.append((name, fact))
        for name in LISTED_FACTS:
            found += [(f"{name}[{i}]", fact) for i, fact in enumerate(getattr(self, name))]
        found += [(f"results.{result.id}", result) for result in self.results]
        return found
