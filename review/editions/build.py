"""Edition: a dated, numbered state of the review, whole in one file.

From 1.0 on a major number says that a conclusion changed, a minor one that studies or values did.
Editions 0.x are unverified: a person's signature is missing on what they publish.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Sequence

from review.grading.levels import Status
from review.grading.review import Review
from review.grading.signatures import Ledger, last_rows, value_status
from review.ground.errors import UsageError
from review.model.base import Model, canonical
from review.model.edition import (
    Contributor,
    Edition,
    EditionClaim,
    EditionPooled,
    EditionQuestion,
    EditionSignature,
    EditionStudy,
    EditionValue,
    since_last,
)
from review.model.extraction import Arm, Fact, Provenance, Result, SampleSize
from review.model.fingerprint import digest, value_hash
from review.selection.library import Library
from review.synthesis.synthesise import synthesise


def shown(fact: Provenance) -> str:
    """A value as one line, in the notation of numbers alone."""
    if isinstance(fact, SampleSize):
        return f"{fact.people} {fact.role}" + (f" ({fact.group})" if fact.group else "")
    if isinstance(fact, Arm):
        return f"{fact.people} allotted to {fact.label}"
    if isinstance(fact, Fact):
        return str(fact.missing) if fact.value is None else str(fact.value)
    if not isinstance(fact, Result):
        raise TypeError(f"a value of a kind that has no line: {type(fact).__name__}")
    parts = [one for one in (fact.outcome, fact.group, fact.instrument, fact.time) if one]
    figures = []
    if fact.events is not None:
        figures.append(
            f"{fact.events}/{fact.total}" if fact.total is not None else f"{fact.events}"
        )
    if fact.percent is not None:
        figures.append(f"{fact.percent:g} %")
    if fact.value is not None:
        figures.append(
            f"{fact.measure} {fact.value:g}" + (f" ({fact.spread})" if fact.spread else "")
        )
    if fact.ci_low is not None or fact.ci_high is not None:
        low = "?" if fact.ci_low is None else f"{fact.ci_low:g}"
        high = "?" if fact.ci_high is None else f"{fact.ci_high:g}"
        figures.append(f"95 % CI {low} to {high}")
    if fact.p_value:
        figures.append(f"p {fact.p_value}")
    if not figures:
        figures.append(fact.note or str(fact.direction or "no figure"))
    return f"{', '.join(parts)}: {'; '.join(figures)}"


def methods_hash(review: Review) -> str:
    """Fingerprint of the protocol and of what each question asks."""
    asked = {name: q.definition() for name, q in review.questions.items()}
    return digest([review.library.protocol.full_hash, asked])


def build(
    review: Review, version: str, date: str, triggers: Sequence[str], note: str | None
) -> Edition:
    """The review as it stands, as an edition. Nothing is written.

    :raises UsageError: where a claim is suspended
    """
    library, protocol = review.library, review.library.protocol
    previous = review.editions[-1] if review.editions else None
    studies, claims = _studies(review), _claims(review)
    statuses = Counter(value.status for study in studies for value in study.values)
    days = review.currency
    return Edition(
        format=2,
        version=version,
        date=date,
        title=protocol.title,
        previous=previous.version if previous else None,
        previous_sha256=edition_hash(previous) if previous else None,
        edition_files={one.version: edition_hash(one) for one in review.editions},
        triggers=tuple(triggers),
        note=note,
        verified=not version.startswith("0."),
        fictional=protocol.fictional,
        protocol_version=protocol.version,
        protocol_hash=methods_hash(review),
        searched_through=days.searched_through,
        screened_through=days.screened_through,
        integrated_through=days.integrated_through,
        searches={
            source.id: max(
                (s.date for s in library.searches if s.source == source.id), default=None
            )
            for source in protocol.sources
        },
        contributors=tuple(
            Contributor(id=p.id, name=p.name, roles=p.roles) for p in protocol.people
        ),
        reports=tuple(sorted(library.included)),
        flow=_counts(review),
        values={name: statuses[name] for name in ("unverified", "machine_draft", "verified")},
        questions=_questions(review),
        claims=claims,
        studies=studies,
        corrections=since_last(review.corrections, review.editions),
        search_files=search_files(library),
        signatures=signature_rows(review.ledger),
    )


def _studies(review: Review) -> tuple[EditionStudy, ...]:
    """Every study with each of its values, by id."""
    return tuple(
        EditionStudy(
            id=name,
            name=review.study_name(name),
            reports=extraction.reports,
            formerly=extraction.formerly,
            suspended=review.library.suspended(name) is not None,
            values=tuple(
                EditionValue(
                    field=field,
                    shown=shown(fact),
                    status=value_status(review.ledger, name, field, fact),
                    source_tier=fact.source_tier and str(fact.source_tier),
                    hash=value_hash(fact),
                )
                for field, fact in extraction.facts()
            ),
        )
        for name, extraction in sorted(review.library.extractions.items())
    )


def _claims(review: Review) -> tuple[EditionClaim, ...]:
    """Every claim with its level and who confirmed it, by id.

    :raises UsageError: where a claim is suspended
    """
    claims = []
    for name, graded in sorted(review.claim_grades.items()):
        claim = review.claims[name]
        if graded.status is Status.SUSPENDED:
            raise UsageError(
                f"data/claims/{name}.yaml: {graded.reasons[0]['en']}; no edition until "
                "a person decides"
            )
        claims.append(
            EditionClaim(
                id=name,
                question=claim.question,
                sentence=claim.sentence,
                support=claim.support,
                direction=claim.direction,
                status=claim.grade.status,
                level=graded.level,
                reasons=graded.reasons,
                supporting=claim.supporting,
                against=claim.against,
                neutral=claim.neutral,
                confirmed_by=review.ledger.of_claim(graded),
            )
        )
    return tuple(claims)


def _questions(review: Review) -> tuple[EditionQuestion, ...]:
    """Every question with its level and pooled figure, in the protocol's order."""
    pooled = pooled_figures(review)
    return tuple(
        EditionQuestion(
            id=name,
            kind=grade.question.kind,
            text=grade.question.text,
            status=str(grade.status),
            level=grade.level,
            studies={s.study: s.level for s in grade.studies},
            reasons=grade.reasons,
            pooled=pooled.get(name),
        )
        for name, grade in review.headline.items()
    )


def _counts(review: Review) -> dict[str, int]:
    """The counts of the flow by the names of its fields."""
    return {
        field.name: value
        for field in dataclasses.fields(review.flow)
        if isinstance(value := getattr(review.flow, field.name), int)
    }


def pooled_figures(review: Review) -> dict[str, EditionPooled]:
    """Pooled figures of verified values by question; drafts are never part of an edition."""
    return {
        one.question: EditionPooled(
            measure=one.measure,
            k=one.pooled.k,
            estimate=one.pooled.estimate,
            ci_low=one.pooled.ci_lower,
            ci_high=one.pooled.ci_upper,
            method=one.pooled.method,
            test=one.pooled.test,
        )
        for one in synthesise(review, include_unverified=False)
        if one.pooled is not None
    }


def edition_hash(edition: Edition) -> str:
    """Fingerprint of what an edition says: of the bytes of its file as the tool writes it."""
    return hashlib.sha256(canonical(edition)).hexdigest()


def search_files(library: Library) -> dict[str, str]:
    """Every search and import by name, with the fingerprint of what it says."""
    runs: list[tuple[str, Model]] = [
        (one.name.removesuffix(".json"), one) for one in library.searches
    ]
    runs += [(f"{one.source}/{one.name.removesuffix('.json')}", one) for one in library.imports]
    return {
        name: digest(one.model_dump(mode="json", exclude={"format"}, exclude_defaults=True))
        for name, one in sorted(runs, key=lambda run: run[0])
    }


def signature_rows(ledger: Ledger) -> tuple[EditionSignature, ...]:
    """What each person signed or took back, by the last row on it."""
    return tuple(
        EditionSignature(
            person=person,
            object=row.object,
            field=row.field,
            row=digest(row.model_dump(mode="json", exclude_defaults=True)),
        )
        for person, rows in sorted(ledger.signatures.items())
        for _, row in last_rows(rows).values()
    )
