"""What started an edition, as far as the data say (PRISMA-LSR)."""

from __future__ import annotations

from review.editions.build import pooled_figures
from review.editions.difference import Difference
from review.grading.review import Review
from review.model.edition import since_last
from review.synthesis.triggers import pooled_triggers


def triggers_of(review: Review, changed: Difference) -> list[str]:
    """What started the edition, as far as the data say (PRISMA-LSR)."""
    if changed.old is None:
        return ["first edition"]
    last = review.editions[-1]
    found = [
        f"new study: {c.object.removeprefix('study:')}"
        for c in changed.of("study")
        if c.kind == "added"
    ]
    before = {q.id: set(q.studies) for q in last.questions}
    for name, grade in review.headline.items():
        fresh = sorted({s.study for s in grade.studies} - before.get(name, set()))
        found += [f"newly eligible for {name}: {study}" for study in fresh]
    found += _retractions(review)
    for c in changed.of("question"):
        if c.field == "level":
            found.append(f"level of {c.object.removeprefix('question:')}: {c.before} to {c.after}")
    found += _pooled_triggers(review)
    found += [f"{c.kind}: {c.object}" for c in since_last(review.corrections, review.editions)]
    if changed.of("methods"):
        found.append("change of method")
    return found or ["scheduled edition"]


def _retractions(review: Review) -> list[str]:
    """Studies, and included reports of no study yet, that are retracted since the last edition."""
    last = review.editions[-1]
    library = review.library
    known = {s.id for s in last.studies if s.suspended}
    found = [
        f"retraction: {study}"
        for study in sorted(library.extractions)
        if study not in known and library.suspended(study) is not None
    ]
    of_studies = {r for one in library.extractions.values() for r in one.reports}
    told = {trigger for one in review.editions for trigger in one.triggers}
    found += [
        f"retraction: {record}"
        for record in sorted(library.included & library.retracted)
        if record not in of_studies and f"retraction: {record}" not in told
    ]
    return found


def _pooled_triggers(review: Review) -> list[str]:
    """What the pooled figures start, compared with the last edition's."""
    last = review.editions[-1]
    now, before = pooled_figures(review), {q.id: q.pooled for q in last.questions}
    policies = review.library.protocol.synthesis.questions
    found = []
    for name in review.questions:
        both = before.get(name), now.get(name)
        if both[0] and both[1] and both[0].measure != both[1].measure:
            found.append(f"{name}: pooled as {both[1].measure}, before as {both[0].measure}")
            continue
        ends = [
            (one.estimate, one.ci_low, one.ci_high) if one is not None else None for one in both
        ]
        policy = policies.get(name)
        important = policy.important_difference if policy is not None else None
        found += pooled_triggers(name, ends[0], ends[1], important)
    return found
