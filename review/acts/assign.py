"""Put a study into a question, and say what it is to each of the question's claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from review.checking.claims import check_questions, declared
from review.files.change import Change, Write, fingerprint
from review.files.snapshot import Snapshot
from review.grading.levels import HEADLINE, NO_FREQUENCY, ClaimGrade, Status
from review.grading.propose import Proposal, chain, recorded, scales_of, screens_of
from review.grading.reasons import no_frequency
from review.grading.review import Review
from review.grading.signatures import signer
from review.ground.chinese_names import language_tag
from review.ground.errors import InvalidDataError, Problem, UsageError
from review.ground.yaml import Path, parse
from review.ground.yaml_edit import appended, inserted, removed, replaced
from review.model.base import QuestionKind, load
from review.model.claim import Claim, DeclaredGrade, Support
from review.model.extraction import Direction, Extraction
from review.model.protocol import Role
from review.model.question import EligibleStudy, Question
from review.model.record import Retraction
from review.selection.library import Library

MAY_ASSIGN = (Role.EXTRACTION, Role.APPRAISAL, Role.GUARANTOR, Role.WRITING)
"""Roles that say which results answer a question."""


class Side(StrEnum):
    """What a study is to a claim; the words are the fields of a claim's file."""

    FOR = "for"
    AGAINST = "against"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Answers:
    """What a person says of a study that comes into a question.

    :ivar results: ids of its results that answer the question
    :ivar no_result: or why none of them can be used, in the person's words
    :ivar sides: what it is to each claim of the question
    :ivar supports: what the studies say of a claim from now on, where that changes
    :ivar directions: what is found from now on, where that changes
    :ivar steps: steps of its level, of those that are proposed; 0: considered, no step
    """

    results: Sequence[str] = ()
    no_result: str = ""
    sides: Mapping[str, str] = field(default_factory=dict)
    supports: Mapping[str, str] = field(default_factory=dict)
    directions: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Assigned:
    """What came of it.

    :ivar already: the study stood in the question before; nothing changes
    :ivar levels: claims whose declared level follows the computed one: what was, what is
    :ivar proposed: steps of the study's level that the figures call for and nobody recorded
    :ivar left: what ``review check`` will say of the question and its claims
    """

    study: str
    question: str
    already: bool = False
    levels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    proposed: tuple[Proposal, ...] = ()
    left: tuple[Problem, ...] = ()


def assign(
    snapshot: Snapshot, person: str, study: str, question: str, answers: Answers
) -> Change[Assigned]:
    """Put a study into a question and say for, against or neutral for each of its claims.

    The question's file and those of its claims change together, each by span. A claim's declared
    level that was the computed one stays so; whoever confirmed it has to look again.

    :raises UsageError: for an unknown person, study or question, a study that is not included or
        is suspended, answers that are missing or lead nowhere
    :raises InvalidDataError: where a file can't be edited by span, or would not be sound
    """
    signer(snapshot.protocol, person, MAY_ASSIGN)
    review = Review.of(snapshot)
    asked = question_of(review, question)
    extraction = study_of(review.library, study)
    if study in [one.study for one in asked.studies]:
        return Change("assign", person, (), Assigned(study, question, already=True))
    fit_to_assign(review.library, study)
    _fit_answers(review, asked, extraction, answers)
    files = Files(snapshot)
    asked = _into_question(files, asked, study, answers)
    changed = replace(review, questions={**review.questions, question: asked})
    asked, proposed = _with_steps(files, changed, asked, extraction, person, answers.steps)
    claims = {one.id: _into_claim(files, one, study, answers) for one in review.claims_of(question)}
    changed = replace(
        review,
        questions={**review.questions, question: asked},
        claims={**review.claims, **claims},
    )
    levels, claims = _levels_follow(files, review, changed, claims)
    changed = replace(changed, claims={**review.claims, **claims})
    told = Assigned(
        study,
        question,
        levels=levels,
        proposed=proposed,
        left=tuple(left_to_do(changed, question, claims)),
    )
    return Change("assign", person, files.writes(), told)


# ---- what is refused -----------------------------------------------------------------------------


def question_of(review: Review, question: str) -> Question:
    """A question of the review.

    :raises UsageError: where there is none of this name
    """
    if question not in review.questions:
        known = ", ".join(review.questions)
        raise UsageError(f"{question}: no such question in data/questions ({known})")
    return review.questions[question]


def study_of(library: Library, study: str) -> Extraction:
    """A study with data.

    :raises UsageError: where there is none; a record's id is told apart from a study's
    """
    if study in library.extractions:
        return library.extractions[study]
    if study in library.records:
        own = library.study_of.get(library.resolve(study))
        if own is not None:
            raise UsageError(f"{study}: a report of the study {own}, expected the study's id")
        if library.records[study].is_notice:
            raise UsageError(f"{study}: a notice on another report, expected a study with data")
        raise UsageError(f"{study}: no study with data yet; draft it: review extract")
    known = ", ".join(sorted(library.extractions)[:8]) or "none yet"
    raise UsageError(f"{study}: no such study in data/extractions ({known}, …)")


def fit_to_assign(library: Library, study: str) -> None:
    """Refuse a study whose results may not answer anything.

    :raises UsageError: where it is suspended, excluded, kept as background or not decided on yet
    """
    if (touch := library.suspended(study)) is not None:
        possible = touch.retraction is Retraction.POSSIBLE
        what = "may be retracted" if possible else "is retracted"
        raise UsageError(
            f"{study}: suspended, {touch.record} {what} ({touch.notice.key}); decide on that "
            f"first: review notice resolve {touch.record} --person ID"
        )
    reports = [library.resolve(one) for one in library.extractions[study].reports]
    if not library.included.intersection(reports):
        at = sorted({str(library.standings[one].place) for one in reports})
        raise UsageError(
            f"{study}: found {', '.join(at).replace('_', ' ')}, expected an included study"
        )


def _fit_answers(review: Review, asked: Question, extraction: Extraction, answers: Answers) -> None:
    known = [one.id for one in extraction.results]
    for one in answers.results:
        if one not in known:
            held = ", ".join(known) or "none"
            raise UsageError(f"--result {one}: no such result of {extraction.study} ({held})")
    if bool(answers.results) == bool(answers.no_result.strip()):
        raise UsageError(
            f"expected --result ID (it has {', '.join(known) or 'none'}), or in --no-result TEXT "
            "why none of them can be used; one of the two"
        )
    design = extraction.design.value
    if answers.results and asked.kind is QuestionKind.PREVALENCE and design in NO_FREQUENCY:
        why = no_frequency(design)["en"]
        raise UsageError(f"{extraction.study}: {why}; say so in --no-result TEXT")
    if answers.results and asked.not_reproducible is not None:
        raise UsageError(
            f"{asked.id}: says that no study answers it (not_reproducible); take that out first"
        )
    claims = [one.id for one in review.claims_of(asked.id)]
    for option, given, words in (
        ("claim", answers.sides, list(Side)),
        ("support", answers.supports, list(Support)),
        ("direction", answers.directions, list(Direction)),
    ):
        for claim, word in given.items():
            if claim not in claims:
                held = ", ".join(claims) or "it has none"
                raise UsageError(f"--{option} {claim}: no claim of {asked.id} ({held})")
            if word not in words:
                raise UsageError(f"--{option} {claim}={word}: expected one of {', '.join(words)}")
    if missing := [one for one in claims if one not in answers.sides]:
        raise UsageError(
            f"--claim {missing[0]}=…: missing, expected for, against or neutral for each of "
            f"{', '.join(claims)}"
        )


# ---- what is written -----------------------------------------------------------------------------


class Files:
    """The YAML files that one act changes: as they were read, and as they are to stand."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._before: dict[str, bytes] = {}
        self._after: dict[str, bytes] = {}

    def of(self, name: str) -> bytes:
        """A file's bytes as they are to stand."""
        if name not in self._after:
            data = self._snapshot.bytes_of(name)
            if data is None:
                raise InvalidDataError([Problem(name, 0, "", "gone since it was read")])
            self._before[name] = self._after[name] = data
        return self._after[name]

    def append(self, name: str, key: str, item: Any, *, after: Sequence[str]) -> None:
        """One item more in the list under a key of the file, be it the first."""
        if parse(self.of(name), name).value.get(key):
            self._after[name] = appended(self.of(name), name, (key,), item)
        else:
            self.put(name, (key,), [item], after=after)

    def put(self, name: str, path: Path, value: Any, *, after: Sequence[str] = ()) -> None:
        """A value under a key, whether one stood there or not.

        :param after: keys behind which a new one is put
        """
        data, (*above, key) = self.of(name), path
        held = parse(data, name).value
        for step in above:
            held = held[step]
        if key in held:
            self._after[name] = replaced(data, name, path, value)
        else:
            self._after[name] = inserted(data, name, tuple(above), str(key), value, after=after)

    def take(self, name: str, key: str, *at: int) -> None:
        """Take items out of the list under a key, and the key where none is left."""
        if len(at) == len(parse(self.of(name), name).value.get(key) or ()) > 0:
            self._after[name] = removed(self.of(name), name, (key,))
            return
        for one in sorted(at, reverse=True):
            self._after[name] = removed(self.of(name), name, (key, one))

    def writes(self) -> tuple[Write, ...]:
        """What is to be written."""
        return tuple(
            Write(name, fingerprint(before), self._after[name])
            for name, before in self._before.items()
            if self._after[name] != before
        )


def question_file(question: str) -> str:
    """A question's file."""
    return f"data/questions/{question}.yaml"


def claim_file(claim: str) -> str:
    """A claim's file."""
    return f"data/claims/{claim}.yaml"


def _into_question(files: Files, asked: Question, study: str, answers: Answers) -> Question:
    said = answers.no_result.strip()
    one: dict[str, Any] = {"study": study}
    one |= {"results": [*answers.results]} if answers.results else {}
    one |= {"no_result": {language_tag(said): said}} if said else {}
    name = question_file(asked.id)
    files.append(name, "studies", one, after=["about", "place", "time", "outcome"])
    return load(Question, parse(files.of(name), name), name)


def _with_steps(
    files: Files,
    changed: Review,
    asked: Question,
    extraction: Extraction,
    person: str,
    steps: Mapping[str, int],
) -> tuple[Question, tuple[Proposal, ...]]:
    """The question with the steps that the person takes of those proposed; and the others."""
    eligible = next(one for one in asked.studies if one.study == extraction.study)
    open_ = _proposed(changed, asked, eligible, extraction)
    known = {str(one.factor): one for one in open_}
    name = question_file(asked.id)
    for factor, number in steps.items():
        if factor not in known:
            held = ", ".join(known) or "none is"
            raise UsageError(f"--step {factor}: no step is proposed for it ({held})")
        if number not in (0, 1, 2):
            raise UsageError(f"--step {factor}={number}: expected 0, 1 or 2")
        step = recorded(known[factor], number, person)
        plain = step.model_dump(mode="json", exclude_defaults=True)
        files.append(name, "adjustments", plain, after=["studies"])
    rest = tuple(one for one in open_ if str(one.factor) not in steps)
    return load(Question, parse(files.of(name), name), name), rest


def _proposed(
    review: Review, asked: Question, eligible: EligibleStudy, extraction: Extraction
) -> tuple[Proposal, ...]:
    scales, screens = scales_of(review.vocabularies), screens_of(review.vocabularies)
    return chain(asked, eligible, extraction, scales, HEADLINE, screens).not_recorded


def _into_claim(files: Files, claim: Claim, study: str, answers: Answers) -> Claim:
    name, side = claim_file(claim.id), answers.sides[claim.id]
    order = ("sentence", "translation_checked_by", "seed", "seed_says", "source_says", *Side)
    above = [str(one) for one in reversed(order)]
    files.append(name, side, study, after=above[above.index(side) + 1 :])
    if claim.id in answers.supports:
        files.put(name, ("support",), answers.supports[claim.id])
    if claim.id in answers.directions:
        files.put(name, ("direction",), answers.directions[claim.id], after=above)
    return load(Claim, parse(files.of(name), name), name)


def _levels_follow(
    files: Files, before: Review, after: Review, claims: Mapping[str, Claim]
) -> tuple[dict[str, tuple[str, str]], dict[str, Claim]]:
    """Claims whose declared level was the computed one, with the level that is computed now."""
    moved: dict[str, tuple[str, str]] = {}
    made = dict(claims)
    for claim in claims.values():
        was, now = before.claim_grades[claim.id], after.claim_grades[claim.id]
        own = claim.grade
        stood = (str(own.status), own.level) == (declared_status(was), was.level)
        if not stood or now.status is not Status.GRADED or now.level == own.level:
            continue
        name = claim_file(claim.id)
        if own.level is None:
            files.put(name, ("grade", "status"), str(now.status))
        files.put(name, ("grade", "level"), now.level, after=["status"])
        made[claim.id] = load(Claim, parse(files.of(name), name), name)
        moved[claim.id] = (shown_grade(was), shown_grade(now))
    return moved, made


def declared_status(grade: ClaimGrade) -> str:
    """The status that a claim's file declares for a computed one."""
    none = grade.status is Status.NO_EVIDENCE
    return str(Status.NOT_REPRODUCIBLE if none else grade.status)


def shown_grade(grade: ClaimGrade | DeclaredGrade) -> str:
    """A level in words."""
    return f"level {grade.level}" if grade.level else str(grade.status).replace("_", " ")


def left_to_do(review: Review, question: str, claims: Iterable[str]) -> list[Problem]:
    """What the rules of ``review check`` find in the question and its claims."""
    name = question_file(question)
    found = [one for one in check_questions(review) if one.path == name]
    for claim in claims:
        if review.claim_grades[claim].status is not Status.SUSPENDED:
            found += declared(review, claim)
    return sorted(set(found))
