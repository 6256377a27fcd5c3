"""Check of questions, claims and signatures: what is declared against what the data give."""

from __future__ import annotations

from collections.abc import Container, Iterator

from review.grading.levels import (
    COMPARATIVE,
    NO_FREQUENCY,
    ClaimGrade,
    Status,
    table,
    usable,
    worst,
)
from review.grading.reasons import no_frequency
from review.grading.review import Review
from review.grading.signatures import (
    allowed_roles,
    by_eye_alone,
    claim_hash,
    last_rows,
    orphans,
    source_changed,
    translation_hash,
)
from review.ground.errors import Problem
from review.ground.printable import letters
from review.model.base import QuestionKind
from review.model.claim import Claim, GradeStatus, Support
from review.model.extraction import Direction, Estimand, Provenance, fewest_analysed
from review.model.fingerprint import value_hash
from review.model.question import Factor, Question
from review.model.signature import Signature


def check_questions(review: Review, *, terms: bool = True) -> list[Problem]:
    """Questions against the protocol, the vocabulary, the extractions and the house rules.

    :param terms: whether every vocabulary can be read
    """
    problems = []
    people = {person.id for person in review.library.protocol.people} | {"tool"}
    known = {term.id for v in review.vocabularies.values() for term in v.terms}
    for name, question in review.questions.items():
        path = f"data/questions/{name}.yaml"
        if name not in review.library.protocol.questions:
            sentence = f"found {name}, expected a question of protocol.yaml"
            problems.append(Problem(path, 0, "question", sentence))
        for term in question.about if terms else ():
            if term not in known:
                sentence = f"found {term}, expected a term of data/vocabulary"
                problems.append(Problem(path, 0, "about", sentence))
        for index, one in enumerate(question.adjustments):
            if one.proposed_by not in people:
                sentence = f"found {one.proposed_by}, expected tool or a person of protocol.yaml"
                problems.append(Problem(path, 0, f"adjustments[{index}].proposed_by", sentence))
            if one.factor is Factor.LARGE_EFFECT and one.steps and one.proposed_by == "tool":
                sentence = "found tool, expected a person: a step up is a person's judgement"
                problems.append(Problem(path, 0, f"adjustments[{index}].proposed_by", sentence))
        problems += _considered(review, path, question)
        problems += _frequencies(review, path, question)
    return problems


def _considered(review: Review, path: str, question: Question) -> list[Problem]:
    """Factors that a figure calls for and nobody considered; zero steps are an answer."""
    problems = []
    rule = table().house_rules[Factor.IMPRECISION]
    direct = {
        term.id: term.scale.measures_outcome
        for v in review.vocabularies.values()
        for term in v.terms
        if term.scale is not None
    }
    for eligible in question.studies:
        results = usable(eligible, review.library.extractions[eligible.study])
        recorded = {a.factor for a in question.adjustments if a.study == eligible.study}
        compared = [r for r in results if r.estimand is Estimand.BETWEEN_ARM]
        fewest = fewest_analysed(compared)
        limit = rule.analysed_below or 0
        small = bool(compared) and (fewest is None or fewest < limit)
        if question.kind in COMPARATIVE and small and Factor.IMPRECISION not in recorded:
            what = "number analysed not read" if fewest is None else f"{fewest} people analysed"
            sentence = (
                f"{eligible.study}: {what}, {limit} expected, and imprecision was not considered "
                "(0 steps count)"
            )
            problems.append(Problem(path, 0, "adjustments", sentence))
        for result in results:
            indirect = result.instrument is not None and direct.get(result.instrument) is False
            if indirect and Factor.INDIRECTNESS not in recorded:
                sentence = (
                    f"{eligible.study}: {result.instrument} measures something else, "
                    "and indirectness was not considered (0 steps count)"
                )
                problems.append(Problem(path, 0, "adjustments", sentence))
    return problems


def _frequencies(review: Review, path: str, question: Question) -> Iterator[Problem]:
    """Shares of people who were picked for having it, given as how common it is."""
    if question.kind is not QuestionKind.PREVALENCE:
        return
    for index, one in enumerate(question.studies):
        design = review.library.extractions[one.study].design.value
        if one.results and design in NO_FREQUENCY:
            sentence = f"found {', '.join(one.results)} of {one.study}, expected no_result: "
            why = no_frequency(design)["en"]
            yield Problem(path, 0, f"studies[{index}].results", sentence + why)


def check_claims(
    review: Review,
    *,
    allow_suspended: bool = False,
    seed: bool = True,
    unread: Container[str] = (),
) -> list[Problem]:
    """Each claim's declarations against what its question's studies give.

    :param seed: whether the earlier review can be read, or there is none
    :param unread: people whose signatures are there and can't be read
    """
    problems = []
    for name, one in review.claim_grades.items():
        path, claim = f"data/claims/{name}.yaml", review.claims[name]
        question = review.questions[claim.question]
        problems += _places(path, claim, question, review, seed)
        if claim.translation_checked_by not in unread:
            problems += _translation(path, claim, review)
        if one.status is Status.SUSPENDED:
            if not allow_suspended:
                sentence = f"{one.reasons[0]['en']}; a person decides what the claim says now"
                problems.append(Problem(path, 0, "support", sentence))
        elif not (allow_suspended and touched_by_retraction(one)):
            problems += declared(review, name)
    return problems


def touched_by_retraction(one: ClaimGrade) -> bool:
    """Whether a study of the claim's question is retracted, so that its level moved by itself."""
    return any(study.suspended for study in one.grade.studies)


def declared(review: Review, name: str) -> list[Problem]:
    """What a claim declares against what its studies give."""
    one, claim, path = review.claim_grades[name], review.claims[name], f"data/claims/{name}.yaml"
    question = review.questions[claim.question]
    return (
        _grade(path, claim, question, one)
        + _support(path, claim, one, review)
        + _direction(path, claim, question, review)
    )


def _places(
    path: str, claim: Claim, question: Question, review: Review, seed: bool
) -> list[Problem]:
    problems = []
    eligible = [one.study for one in question.studies]
    for study in eligible:
        if study not in claim.studies:
            sentence = (
                f"{study} is eligible for {question.id} and stands in none of for, against, neutral"
            )
            problems.append(Problem(path, 0, "neutral", sentence))
    if claim.seed is not None and seed:
        sections = {s.id for s in review.seed.sections} if review.seed else set()
        if claim.seed.section not in sections:
            sentence = f"found {claim.seed.section}, expected a section of data/seed.yaml"
            problems.append(Problem(path, 0, "seed.section", sentence))
        for number in claim.seed.references:
            if review.seed is None or review.seed.reference(number) is None:
                sentence = f"found {number}, expected a reference of data/seed.yaml"
                problems.append(Problem(path, 0, "seed.references", sentence))
    if question.kind in COMPARATIVE and claim.direction is None:
        sentence = f"missing, a claim on {question.kind} says what is found (or not_estimable)"
        problems.append(Problem(path, 0, "direction", sentence))
    return problems


def _direction(path: str, claim: Claim, question: Question, review: Review) -> list[Problem]:
    """A claim may say less than its studies, never another direction than all of them."""
    firm = (Direction.BENEFIT, Direction.HARM, Direction.NO_IMPORTANT_DIFFERENCE)
    if question.kind not in COMPARATIVE or claim.direction not in firm:
        return []
    eligible = {e.study: e for e in question.studies}

    def said(studies: tuple[str, ...]) -> set[Direction | None]:
        return {
            result.direction
            for study in studies
            if review.library.suspended(study) is None
            for result in usable(eligible[study], review.library.extractions[study])
        }

    # A claim that its studies contradict finds what those against it found.
    both = (*claim.supporting, *claim.against)
    carrying = claim.supporting if claim.support in CARRIED else both
    found = said(carrying)
    if claim.direction in found:
        return []
    shown = ", ".join(sorted(str(one) for one in found if one is not None))
    if shown:
        sentence = f"found {claim.direction}, but the results of its studies say {shown}"
    else:
        sentence = f"found {claim.direction}, but no study with a usable result stands for it"
    return [Problem(path, 0, "direction", sentence)]


CARRIED = (Support.SUPPORTED, Support.PARTLY)
"""Support that studies for the claim give; their results have its direction."""
FALL = {
    Support.SUPPORTED: 2,
    Support.PARTLY: 1,
    Support.UNSUPPORTED: 0,
    Support.NOT_VERIFIABLE: 0,
    Support.CONTRADICTED: -1,
}
"""How much of a claim its studies carry, for saying that it fell."""


def support_fell(review: Review, claim: Claim) -> Problem | None:
    """A claim whose support fell since an edition made it in the same words: nobody may sign it
    before its sentence says less.
    """
    for edition in reversed(review.editions):
        before = next((one for one in edition.claims if one.id == claim.id), None)
        if before is None or FALL[before.support] <= FALL[claim.support]:
            continue
        for language in ("en", "zh"):
            words = getattr(claim.sentence, language)
            if words is not None and letters(words) == letters(
                getattr(before.sentence, language) or ""
            ):
                sentence = (
                    f"its support fell from {before.support} (edition {edition.version}) to "
                    f"{claim.support} and its {language} sentence is as it was; change the "
                    "sentence before somebody confirms it"
                )
                return Problem(f"data/claims/{claim.id}.yaml", 0, "sentence", sentence)
    return None


def _translation(path: str, claim: Claim, review: Review) -> list[Problem]:
    person = claim.translation_checked_by
    if person is None:
        return []
    if claim.sentence.en is None or claim.sentence.zh is None:
        sentence = f"found {person}, but there is no translation to check"
    elif person not in review.ledger.of_translation(claim):
        sentence = (
            f"found {person}, expected a person whose signature on this translation holds; "
            f"run: review confirm {claim.id} --translation --person {person}"
        )
    else:
        return []
    return [Problem(path, 0, "translation_checked_by", sentence)]


def _grade(path: str, claim: Claim, question: Question, one: ClaimGrade) -> list[Problem]:
    declared = claim.grade
    kind = question.kind
    if declared.level is not None and kind is not QuestionKind.NOT_GRADABLE:
        lowest = worst(kind)
        if declared.level > lowest:
            sentence = (
                f"found {declared.level}, expected 1 to {lowest}: a {kind} question has no more"
            )
            return [Problem(path, 0, "grade.level", sentence)]
    status = GradeStatus.NOT_REPRODUCIBLE if one.status is Status.NO_EVIDENCE else one.status
    if str(declared.status) != str(status):
        sentence = f"found {declared.status}, expected {status}: {one.reasons[0]['en']}"
        return [Problem(path, 0, "grade.status", sentence)]
    if declared.level != one.level:
        why = "; ".join(r["en"] for r in one.reasons)
        sentence = f"found {declared.level}, expected {one.level} from its studies ({why})"
        return [Problem(path, 0, "grade.level", sentence)]
    return []


def _support(path: str, claim: Claim, one: ClaimGrade, review: Review) -> list[Problem]:
    by_study = {s.study: s for s in one.grade.studies}
    eligible = {e.study: e for e in one.grade.question.studies}

    def counts(study: str) -> bool:
        """Not retracted, and read: with a level of its own where the question has levels."""
        if study not in by_study or review.library.suspended(study) is not None:
            return False
        if one.status is Status.NOT_GRADABLE:
            return bool(usable(eligible[study], review.library.extractions[study]))
        return by_study[study].level is not None

    supporting = [s for s in claim.supporting if counts(s)]
    against = [s for s in claim.against if counts(s)]
    wrong = {
        Support.SUPPORTED: (
            "no living study with a usable result stands for it"
            if not supporting
            else f"{against[0]} stands against it"
            if against
            else ""
        ),
        Support.PARTLY: "" if supporting else "no living study with a usable result stands for it",
        Support.CONTRADICTED: (
            "no living study with a usable result stands against it"
            if not against
            else f"{supporting[0]} stands for it, and no doubt says why that does not count"
            if supporting and not claim.doubts
            else ""
        ),
        Support.UNSUPPORTED: (
            f"{supporting[0]} stands for it"
            if supporting
            else f"{against[0]} stands against it, expected contradicted"
            if against
            else ""
        ),
        Support.NOT_VERIFIABLE: (
            f"{(supporting + against)[0]} was read and stands for or against it"
            if supporting or against
            else ""
        ),
    }[claim.support]
    if not wrong:
        return []
    return [Problem(path, 0, "support", f"found {claim.support}, but {wrong}")]


def check_signatures(
    review: Review,
    *,
    studies: Container[str],
    claims: Container[str],
    allow_suspended: bool = False,
) -> list[Problem]:
    """Every signature: its person, its role, what it was given on, and that it stands there still.

    :param studies: ids of all studies that have a file
    :param claims: ids of all claims that have one
    """
    problems = []
    people = {person.id: person for person in review.library.protocol.people}
    rows = review.ledger.signatures
    for person, given in rows.items():
        path = f"data/signatures/{person}.csv"
        if person not in people:
            sentence = f"{person} is not among the people of protocol.yaml; add an id there first"
            problems.append(Problem(path, 0, "", sentence))
            continue
        for line, row in last_rows(given).values():
            allowed = allowed_roles(row)
            if row.hash is None or (row.role in people[person].roles and row.role in allowed):
                continue
            held = ", ".join(r for r in allowed if r in people[person].roles) or "none is held"
            sentence = f"{person} signed as {row.role}, expected one of the roles {held}"
            problems.append(Problem(path, line, "role", sentence))
    for person, line, sentence in orphans(rows, review.library.extractions, studies, claims):
        problems.append(Problem(f"data/signatures/{person}.csv", line, "object", sentence))
    return problems + _lapsed(review, allow_suspended)


def _lapsed(review: Review, allow_suspended: bool) -> list[Problem]:
    """Signatures over something else than what stands there now."""
    now: dict[tuple[str, str], str] = {}
    eyes: set[tuple[str, str]] = set()
    facts: dict[tuple[str, str], tuple[str, Provenance]] = {}
    for study, extraction in review.library.extractions.items():
        for field, fact in extraction.facts():
            now[f"study:{study}", field] = value_hash(fact)
            facts[f"study:{study}", field] = study, fact
            if by_eye_alone(fact):
                eyes.add((f"study:{study}", field))
    for name, one in review.claim_grades.items():
        now[f"claim:{name}", "translation"] = translation_hash(review.claims[name])
        if not (touched_by_retraction(one) and allow_suspended) and (
            one.status is not Status.SUSPENDED
        ):
            now[f"claim:{name}", "claim"] = claim_hash(one)
    return [
        Problem(f"data/signatures/{person}.csv", line, field, sentence)
        for person, rows in review.ledger.signatures.items()
        for key, (line, row) in last_rows(rows).items()
        if row.hash is not None and row.disagrees is None
        for field, sentence in _lapse(
            row,
            now.get(key),
            source_changed(review.library, *facts[key], row) if key in facts else None,
            needs_place=key in eyes,
        )
    ]


def _lapse(
    row: Signature, now: str | None, source: str | None, *, needs_place: bool
) -> Iterator[tuple[str, str]]:
    """Why a signature does not hold: field of its row, and sentence.

    :param now: the hash of what stands there; None: nothing does, or it is not looked at
    :param source: what of the value's source changed
    """
    what = f"{row.object} {row.field}"
    verb = "verify" if row.object.startswith("study:") else "confirm"
    again = f"the signature lapsed; look again: review {verb} {row.object.split(':')[1]}"
    if needs_place and row.by_eye is None:
        yield (
            "by_eye",
            f"{what} is a number without a quote, signed without the figure or table it was read "
            "from; sign it with --by-eye",
        )
    if now is not None and now != row.hash:
        yield "hash", f"{what} changed since it was signed, {again}"
    elif source is not None:
        yield "source", f"{source} changed since {what} was signed, {again}"
