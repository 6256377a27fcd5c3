"""Check of questions, claims and signatures: what is declared against what the data give."""

from __future__ import annotations

from review.errors import Problem
from review.grade import COMPARATIVE, ClaimGrade, Status, table, usable, worst
from review.model.base import Bilingual, QuestionKind
from review.model.claim import Claim, GradeStatus, Support
from review.model.extraction import Estimand
from review.model.protocol import Role
from review.model.question import Factor, Question
from review.sign import MAY_CONFIRM, MAY_VERIFY, claim_hash, orphans, value_hash
from review.state import Review


def check_questions(review: Review) -> list[Problem]:
    """Questions against the protocol, the vocabulary, the extractions and the house rules."""
    problems = []
    people = {person.id for person in review.library.protocol.people} | {"tool"}
    terms = {term.id for v in review.vocabularies.values() for term in v.terms}
    extractions = review.library.extractions
    for name, question in review.questions.items():
        path = f"data/questions/{name}.yaml"
        if name not in review.library.protocol.questions:
            sentence = f"found {name}, expected a question of protocol.yaml"
            problems.append(Problem(path, 0, "question", sentence))
        for term in question.about:
            if term not in terms:
                sentence = f"found {term}, expected a term of data/vocabulary"
                problems.append(Problem(path, 0, "about", sentence))
        for index, one in enumerate(question.adjustments):
            if one.proposed_by not in people:
                sentence = f"found {one.proposed_by}, expected tool or a person of protocol.yaml"
                problems.append(Problem(path, 0, f"adjustments[{index}].proposed_by", sentence))
        missing = False
        for index, eligible in enumerate(question.studies):
            extraction = extractions.get(eligible.study)
            if extraction is None:
                sentence = f"found {eligible.study}, expected a study in data/extractions"
                problems.append(Problem(path, 0, f"studies[{index}].study", sentence))
                missing = True
                continue
            for result_id in eligible.results:
                if extraction.result(result_id) is None:
                    known = ", ".join(r.id for r in extraction.results) or "none"
                    sentence = f"found {result_id}, expected a result of {eligible.study} ({known})"
                    problems.append(Problem(path, 0, f"studies[{index}].results", sentence))
        if not missing:
            problems += _considered(review, path, question)
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
        counts = [r.analysed for r in compared if r.analysed is not None]
        small = (
            question.kind in COMPARATIVE
            and rule.analysed_below is not None
            and counts
            and min(counts) < rule.analysed_below
        )
        if small and Factor.IMPRECISION not in recorded:
            sentence = (
                f"{eligible.study}: {min(counts)} people analysed, fewer than "
                f"{rule.analysed_below}, and imprecision was not considered (0 steps count)"
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


def check_seed(review: Review) -> list[Problem]:
    """The earlier review's references against the records."""
    problems = []
    for index, reference in enumerate(review.seed.references if review.seed else ()):
        for one in (reference.record, *reference.also):
            if one is not None and one not in review.library.records:
                sentence = f"found {one}, expected a record in data/records"
                place = f"references[{index}].record"
                problems.append(Problem("data/seed.yaml", 0, place, sentence))
    return problems


def check_claims(review: Review, *, allow_suspended: bool = False) -> list[Problem]:
    """Each claim's declarations against what its question's studies give, and every signature."""
    problems = []
    for name, one in review.claim_grades.items():
        path, claim = f"data/claims/{name}.yaml", review.claims[name]
        question = review.questions[claim.question]
        problems += _places(path, claim, question, review)
        problems += _translation(path, claim, review)
        if one.status is Status.SUSPENDED:
            if not allow_suspended:
                sentence = f"{one.reasons[0]['en']}; a person decides what the claim says now"
                problems.append(Problem(path, 0, "support", sentence))
            continue
        problems += _grade(path, claim, question, one)
        problems += _support(path, claim, one, review)
    return problems + _signatures(review)


def _places(path: str, claim: Claim, question: Question, review: Review) -> list[Problem]:
    problems = []
    eligible = [one.study for one in question.studies]
    for field, studies in (
        ("for", claim.supporting),
        ("against", claim.against),
        ("neutral", claim.neutral),
    ):
        for study in studies:
            if study not in review.library.extractions:
                sentence = f"found {study}, expected a study in data/extractions"
                problems.append(Problem(path, 0, field, sentence))
            elif study not in eligible:
                sentence = f"{study} is no eligible study of the question {question.id}"
                problems.append(Problem(path, 0, field, sentence))
    for study in eligible:
        if study not in claim.studies:
            sentence = (
                f"{study} is eligible for {question.id} and stands in none of for, against, neutral"
            )
            problems.append(Problem(path, 0, "neutral", sentence))
    if claim.seed is not None:
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


def _translation(path: str, claim: Claim, review: Review) -> list[Problem]:
    person = claim.translation_checked_by
    if person is None:
        return []
    known = {p.id: p for p in review.library.protocol.people}
    if person not in known or Role.TRANSLATION not in known[person].roles:
        sentence = f"found {person}, expected a person of protocol.yaml with the role translation"
        return [Problem(path, 0, "translation_checked_by", sentence)]
    return []


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
        Support.UNSUPPORTED: f"{supporting[0]} stands for it" if supporting else "",
        Support.NOT_VERIFIABLE: (
            f"{(supporting + against)[0]} was read and stands for or against it"
            if supporting or against
            else ""
        ),
    }[claim.support]
    if not wrong:
        return []
    return [Problem(path, 0, "support", f"found {claim.support}, but {wrong}")]


def _signatures(review: Review) -> list[Problem]:
    problems = []
    people = {person.id: person for person in review.library.protocol.people}
    rows = review.ledger.signatures
    for person, given in rows.items():
        path = f"data/signatures/{person}.csv"
        if person not in people:
            sentence = f"{person} is not among the people of protocol.yaml; add an id there first"
            problems.append(Problem(path, 0, "", sentence))
            continue
        for line, row in enumerate(given, 2):
            allowed = MAY_VERIFY if row.object.startswith("study:") else MAY_CONFIRM
            if row.role not in people[person].roles or row.role not in allowed:
                sentence = (
                    f"{person} signed as {row.role}, expected one of the roles "
                    f"{', '.join(r for r in allowed if r in people[person].roles) or 'none held'}"
                )
                problems.append(Problem(path, line, "role", sentence))
    for person, line, sentence in orphans(rows, review.library.extractions, review.claims):
        problems.append(Problem(f"data/signatures/{person}.csv", line, "object", sentence))
    return problems + _lapsed(review)


def _lapsed(review: Review) -> list[Problem]:
    """Signatures over something else than what stands there now."""
    now: dict[tuple[str, str], str] = {}
    for study, extraction in review.library.extractions.items():
        for field, fact in extraction.facts():
            now[f"study:{study}", field] = value_hash(fact)
    for name, one in review.claim_grades.items():
        if one.status is not Status.SUSPENDED:
            now[f"claim:{name}", "claim"] = claim_hash(one)
    problems = []
    for person, rows in review.ledger.signatures.items():
        last = {(row.object, row.field): (line, row) for line, row in enumerate(rows, 2)}
        for key, (line, row) in last.items():
            if row.hash is not None and key in now and now[key] != row.hash:
                verb = "verify" if row.object.startswith("study:") else "confirm"
                sentence = (
                    f"{row.object} {row.field} changed since it was signed, the signature lapsed; "
                    f"look again: review {verb} {row.object.split(':')[1]}"
                )
                path = f"data/signatures/{person}.csv"
                problems.append(Problem(path, line, "hash", sentence))
    return problems


def translations(review: Review) -> list[Problem]:
    """Sentences that wait for a translation."""
    found = []
    languages = review.library.protocol.languages

    def look(path: str, field: str, text: Bilingual | None) -> None:
        for language in languages:
            if text is not None and getattr(text, language) is None:
                found.append(Problem(path, 0, field, f"no translation into {language} yet"))

    for name, question in review.questions.items():
        for field in ("text", "population", "exposure", "comparator", "outcome", "time", "place"):
            look(f"data/questions/{name}.yaml", field, getattr(question, field))
    for name, claim in review.claims.items():
        for field in ("sentence", "source_says"):
            look(f"data/claims/{name}.yaml", field, getattr(claim, field))
        for index, doubt in enumerate(claim.doubts):
            look(f"data/claims/{name}.yaml", f"doubts[{index}]", doubt)
    return found
