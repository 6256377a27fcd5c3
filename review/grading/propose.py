"""Proposed steps of a level, from what was extracted, each with the fragment that justifies it.

The house rules of ``ocebm2011.yaml`` say when a step is proposed; a proposal changes nothing. It is
set beside what a person or the first edition recorded, and a person decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from review.grading.levels import COMPARATIVE, HEADLINE, grade_study, table, usable
from review.model.base import Bilingual, QuestionKind, bilingual
from review.model.extraction import (
    Ascertainment,
    Design,
    Direction,
    Estimand,
    Extraction,
    Fact,
    Provenance,
    Result,
    SizeRole,
    fewest_analysed,
)
from review.model.question import Adjustment, EligibleStudy, Factor, Question
from review.model.vocabulary import Vocabulary
from review.selection.library import Library

MISSING_SHARE = 0.2
"""Share of people missing from an analysis from which a step is proposed (house rule)."""
SMALL_ARM = 25
"""People in an arm below which a step is proposed (house rule)."""
ASKED_ALONE = frozenset(
    {Ascertainment.ASKED, Ascertainment.QUESTIONNAIRE, Ascertainment.SELF_REPORTED}
)
"""Ways of finding people with an outcome in which nobody examined them."""
SELF_SELECTED = re.compile(
    r"\bself[- ](?:select|refer|enrol|recruit)\w*|自行报名|自愿报名|自选样本", re.IGNORECASE
)
_OWN = r"\bself[- ](?:report|diagnos|declare|identif)\w*|自报|自述|自我报告"
_OPEN = (
    r"\b(?:unconfirmed|unverified|suspected|presumed)\b|\bnot (?:been )?confirmed\b|未经?证实|疑似"
)
DOUBTFUL = re.compile(f"{_OWN}|{_OPEN}", re.IGNORECASE)
"""Of who was studied: their diagnosis is their own word, or nobody confirmed it."""
DOUBTFUL_DIAGNOSIS = re.compile(
    rf"(?:{_OWN}|{_OPEN})[^.;。；]{{0,30}}(?:\bdiagnos|诊断)|"
    rf"(?:\bdiagnos|诊断)[^.;。；]{{0,30}}(?:{_OWN}|{_OPEN})",
    re.IGNORECASE,
)
"""The same in other fields, where the diagnosis is named."""
Screens = Mapping[str, frozenset[str]]
"""Outcomes, and the instruments that screen for each."""
NO_SCREENS: Screens = {}


@dataclass(frozen=True)
class Fragment:
    """Words of a source with their place, that a step rests on."""

    quote: str
    locator: str

    @classmethod
    def of(cls, fact: Provenance) -> Fragment | None:
        """The fragment of a value; nothing where it has no quote."""
        return cls(fact.quote, fact.locator or "place not recorded") if fact.quote else None


@dataclass(frozen=True)
class Proposal:
    """A step the figures call for."""

    study: str
    factor: Factor
    steps: int
    sentence: Bilingual
    fragments: tuple[Fragment, ...] = ()


@dataclass(frozen=True)
class Chain:
    """How a study's level for a question comes about, as recorded and as proposed."""

    question: str
    study: str
    design: str | None
    design_fragment: Fragment | None
    estimands: tuple[str, ...]
    analysed: int | None
    recorded_level: int | None
    proposed_level: int | None
    proposals: tuple[Proposal, ...]
    not_recorded: tuple[Proposal, ...] = field(default=())
    """proposals whose factor nobody recorded, or with other steps"""


def _fragments(*facts: Provenance | None) -> tuple[Fragment, ...]:
    found = (Fragment.of(one) for one in facts if one is not None)
    return tuple(one for one in found if one is not None)


def proposals(
    question: Question,
    study: str,
    extraction: Extraction,
    results: Sequence[Result],
    scales: Mapping[str, bool],
    screens: Screens,
) -> list[Proposal]:
    """The steps the house rules call for; nothing where the figures were not read.

    :param scales: whether an instrument measures the outcome itself, by instrument
    :param screens: outcomes that are screened for by instruments of their own
    """
    found: list[Proposal] = []
    compared = [r for r in results if r.estimand is Estimand.BETWEEN_ARM]
    if question.kind in COMPARATIVE and compared:
        found += _imprecision(study, extraction, compared)
        found += _quality(study, extraction, compared)
    found += _construct(study, extraction, results, scales, screens)
    return found + _diagnosis(study, extraction)


def _construct(
    study: str,
    extraction: Extraction,
    results: Sequence[Result],
    scales: Mapping[str, bool],
    screens: Screens,
) -> list[Proposal]:
    """What was measured is not the question's outcome, or not by what tells it apart.

    A single item on how strong it is measures the outcome, and is no reason (methods rule 45).
    """
    used = {fact.value for fact in extraction.instruments}
    for result in results:
        if result.instrument and scales.get(result.instrument) is False:
            sentence = bilingual(
                f"{result.instrument} measures something else than the question's outcome",
                f"{result.instrument} 所测并非问题的结局",
            )
            return [Proposal(study, Factor.INDIRECTNESS, 1, sentence, _fragments(result))]
        screening = screens.get(result.outcome, frozenset())
        told = result.ascertainment in ASKED_ALONE and result.instrument not in screening
        if screening and told and not screening & used:
            sentence = bilingual(
                f"{result.outcome} by asking ({result.ascertainment}), without an instrument that "
                "screens for it",
                f"{result.outcome} 仅凭询问（{result.ascertainment}），未使用筛查量表",
            )
            return [Proposal(study, Factor.INDIRECTNESS, 1, sentence, _fragments(result))]
    return []


def _diagnosis(study: str, extraction: Extraction) -> list[Proposal]:
    """People who chose themselves, or whose diagnosis nobody confirmed (methods rule 45).

    Antibodies that are absent are no reason: the criteria know such people.
    """
    who = extraction.population
    others = [one for one in (extraction.setting, *extraction.conduct) if one is not None]
    found = []
    for fact in (who, *others):
        if fact is not None and _says(SELF_SELECTED, fact):
            sentence = bilingual("people who chose themselves to take part", "受试者为自行报名者")
            found.append(Proposal(study, Factor.STUDY_QUALITY, 1, sentence, _fragments(fact)))
            break
    for fact in (who, *others):
        if fact is None:
            continue
        pattern = DOUBTFUL if fact is who else DOUBTFUL_DIAGNOSIS
        if (words := _says(pattern, fact)) is not None:
            sentence = bilingual(
                f"the diagnosis is the people's own or was not confirmed: {words}",
                f"诊断为自报或未经证实：{words}",
            )
            found.append(Proposal(study, Factor.INDIRECTNESS, 1, sentence, _fragments(fact)))
            break
    return found


def _says(pattern: re.Pattern[str], fact: Fact[str]) -> str | None:
    """The words of a value, or of its quote, that a pattern finds."""
    texts = (text for text in (fact.value, fact.quote) if text)
    return next((seen.group() for text in texts if (seen := pattern.search(text))), None)


def _least_read(results: Sequence[Result]) -> tuple[int, Result] | None:
    """The fewest people analysed among the results that say it, and that result.

    Results that do not say it may be of fewer people still, never turn few into many: a step that
    one of them calls for stands. Whether a study has many people is another question
    (:func:`~review.model.extraction.fewest_analysed`).
    """
    read = [(r.people_analysed, r) for r in results]
    counts = [(people, result) for people, result in read if people is not None]
    return min(counts, key=lambda pair: pair[0], default=None)


def _imprecision(study: str, extraction: Extraction, compared: Sequence[Result]) -> list[Proposal]:
    limit = table().house_rules[Factor.IMPRECISION].analysed_below or 0
    least = _least_read(compared)
    if least is not None:
        people, result = least
        if people < limit:
            sentence = bilingual(
                f"{people} people analysed for this outcome, fewer than {limit}",
                f"该结局分析 {people} 人，少于 {limit} 人",
            )
            return [Proposal(study, Factor.IMPRECISION, 1, sentence, _fragments(result))]
    arms = sorted(extraction.arms, key=lambda arm: arm.people)
    if arms and arms[0].people < SMALL_ARM:
        sentence = bilingual(
            f"{arms[0].people} people in an arm, fewer than {SMALL_ARM}",
            f"某组仅 {arms[0].people} 人，少于 {SMALL_ARM} 人",
        )
        return [Proposal(study, Factor.IMPRECISION, 1, sentence, _fragments(arms[0]))]
    return []


def _quality(study: str, extraction: Extraction, compared: Sequence[Result]) -> list[Proposal]:
    found = []
    flags = {fact.value: fact for fact in extraction.conduct}
    trial = extraction.design.value is Design.RANDOMISED_TRIAL
    masked = {"double_blind", "blinded_participant", "sham", "placebo"} & set(flags)
    if trial and "open_label" in flags and not masked:
        sentence = bilingual(
            "people knew their arm and rated the outcome themselves",
            "受试者知晓分组，结局由本人评定",
        )
        parts = _fragments(flags["open_label"])
        found.append(Proposal(study, Factor.STUDY_QUALITY, 1, sentence, parts))
    elif trial and "single_blind" in flags:
        sentence = bilingual(
            "single-blind: no step where the people who rate the outcome were masked; to be read",
            "单盲：若评定结局者不知分组则不降级；待阅读全文",
        )
        parts = _fragments(flags["single_blind"])
        found.append(Proposal(study, Factor.STUDY_QUALITY, 0, sentence, parts))
    allotted = [s for s in extraction.sample if s.role in (SizeRole.RANDOMISED, SizeRole.ENROLLED)]
    whole = max(allotted, key=lambda s: s.people, default=None)
    analysed, _ = _least_read(compared) or (None, None)
    if whole is not None and analysed is not None and 0 < analysed < whole.people:
        lost = 1 - analysed / whole.people
        if lost >= MISSING_SHARE:
            sentence = bilingual(
                f"{analysed} of {whole.people} people analysed: {100 * lost:.0f} % are missing",
                f"{whole.people} 人中分析 {analysed} 人：缺失 {100 * lost:.0f}%",
            )
            found.append(Proposal(study, Factor.STUDY_QUALITY, 1, sentence, _fragments(whole)))
    return found


def inconsistency(question: Question, extractions: Mapping[str, Extraction]) -> Proposal | None:
    """A step for the body of evidence where comparisons point in different directions."""
    if question.kind not in COMPARATIVE:
        return None
    seen: dict[Direction, list[tuple[str, Result]]] = {}
    for eligible in question.studies:
        for result in usable(eligible, extractions[eligible.study]):
            if result.estimand is Estimand.BETWEEN_ARM and result.direction is not None:
                seen.setdefault(result.direction, []).append((eligible.study, result))
    if Direction.BENEFIT in seen and (
        Direction.HARM in seen or Direction.NO_IMPORTANT_DIFFERENCE in seen
    ):
        names = ", ".join(sorted({study for rows in seen.values() for study, _ in rows}))
        sentence = bilingual(
            f"comparisons point in different directions: {names}", f"比较方向不一致：{names}"
        )
        parts = _fragments(*(result for rows in seen.values() for _, result in rows))
        return Proposal("", Factor.INCONSISTENCY, 1, sentence, parts)
    return None


def _adjusted(question: Question, made: Sequence[Proposal]) -> tuple[Adjustment, ...]:
    """The recorded steps, with proposals where nothing was recorded for a factor."""
    recorded = {(a.study, a.factor) for a in question.adjustments}
    new = [
        Adjustment(
            study=one.study or None,
            factor=one.factor,
            steps=one.steps,
            sentence=one.sentence,
            proposed_by="tool",
        )
        for one in made
        if (one.study or None, one.factor) not in recorded
    ]
    return (*question.adjustments, *new)


def recorded(proposal: Proposal, steps: int, person: str) -> Adjustment:
    """A proposed step as a person records it.

    :param steps: how many the person takes; 0: considered, no step
    """
    sentence = proposal.sentence
    if steps == 0 and proposal.steps:
        sentence = bilingual(
            f"considered, no step: {sentence['en']}", f"已考虑，不调整：{sentence['zh']}"
        )
    return Adjustment(
        study=proposal.study or None,
        factor=proposal.factor,
        steps=steps,
        sentence=sentence,
        proposed_by=person,
    )


def scales_of(vocabularies: Mapping[str, Vocabulary]) -> dict[str, bool]:
    """Whether an instrument measures the outcome itself, where its scale says so."""
    return {
        term.id: term.scale is not None and term.scale.measures_outcome
        for vocabulary in vocabularies.values()
        for term in vocabulary.terms
        if term.scale is not None or term.general_health
    }


def screens_of(vocabularies: Mapping[str, Vocabulary]) -> Screens:
    """The instruments that screen for an outcome, by outcome."""
    found: dict[str, set[str]] = {}
    for vocabulary in vocabularies.values():
        for term in vocabulary.terms:
            if term.screens_for is not None:
                found.setdefault(term.screens_for, set()).add(term.id)
    return {outcome: frozenset(instruments) for outcome, instruments in found.items()}


def chain(
    question: Question,
    eligible: EligibleStudy,
    extraction: Extraction,
    scales: Mapping[str, bool],
    profile: str,
    screens: Screens = NO_SCREENS,
) -> Chain:
    """A study's way to its level, with the recorded and the proposed steps."""
    results = usable(eligible, extraction)
    made = proposals(question, eligible.study, extraction, results, scales, screens)
    recorded = {a.factor: a.steps for a in question.adjustments if a.study == eligible.study}
    called_for: Counter[Factor] = Counter()
    for one in made:
        called_for[one.factor] += one.steps
    before = grade_study(question, eligible, extraction, question.adjustments, profile)
    after = grade_study(question, eligible, extraction, _adjusted(question, made), profile)
    return Chain(
        question.id,
        eligible.study,
        str(extraction.design.value) if extraction.design.value else None,
        Fragment.of(extraction.design),
        tuple(sorted({str(r.estimand) for r in results})),
        fewest_analysed(results),
        before.level,
        after.level,
        tuple(made),
        tuple(one for one in made if recorded.get(one.factor) != called_for[one.factor]),
    )


def chains(
    library: Library,
    questions: Mapping[str, Question],
    vocabularies: Mapping[str, Vocabulary],
    profile: str = "strict",
    only: str | None = None,
) -> list[Chain]:
    """All studies of all questions."""
    scales, screens = scales_of(vocabularies), screens_of(vocabularies)
    return [
        chain(question, eligible, library.extractions[eligible.study], scales, profile, screens)
        for name, question in questions.items()
        if only in (None, name) and question.kind is not QuestionKind.NOT_GRADABLE
        for eligible in question.studies
    ]


@dataclass(frozen=True)
class Unrecorded:
    """Steps of a question that the figures call for and nobody recorded.

    :ivar question: the question as it would be with them
    :ivar studies: the steps of each study
    :ivar body: the step of the body of evidence
    """

    question: Question
    studies: tuple[Proposal, ...]
    body: Proposal | None

    @property
    def steps(self) -> tuple[Proposal, ...]:
        """All of them."""
        return (*self.studies, *([self.body] if self.body is not None else []))


def unrecorded(
    library: Library,
    questions: Mapping[str, Question],
    vocabularies: Mapping[str, Vocabulary],
    profile: str = HEADLINE,
) -> dict[str, Unrecorded]:
    """Questions that have proposed steps whose factor nobody considered; no entry for the others.

    Their level is printed with and without them (methods rule 45). What was recorded with other
    steps than proposed is a person's answer, and counts.
    """
    found = {}
    for name, question in questions.items():
        recorded = {(one.study, one.factor) for one in question.adjustments}
        ways = chains(library, questions, vocabularies, profile, name)
        studies = tuple(
            one
            for way in ways
            if way.recorded_level is not None
            for one in way.proposals
            if one.steps and (one.study, one.factor) not in recorded
        )
        body = inconsistency(question, library.extractions)
        if body is not None and (None, body.factor) in recorded:
            body = None
        if studies or body is not None:
            made = (*studies, *([body] if body is not None else []))
            adjusted = question.model_copy(update={"adjustments": _adjusted(question, made)})
            found[name] = Unrecorded(adjusted, studies, body)
    return found
