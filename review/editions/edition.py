"""Edition: a dated, numbered state of the review, whole in one file, and what changed since.

From 1.0 on a major number says that a conclusion changed, a minor one that studies or values did.
Editions 0.x are unverified: a person's signature is missing on what they publish.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from review.extraction.attest import HELD, attested
from review.grading.levels import Status
from review.grading.review import Review
from review.grading.signatures import Ledger, by_eye_alone, last_rows, value_status
from review.ground.errors import InvalidDataError, Problem, UsageError
from review.model.base import Model, canonical
from review.model.edition import (
    Contributor,
    Correction,
    CorrectionKind,
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
from review.selection.library import Library, Place
from review.synthesis.synthesise import pooled_triggers, synthesise


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
    """The review as it stands, as an edition. Nothing is written."""
    library, protocol, ledger = review.library, review.library.protocol, review.ledger
    previous = review.editions[-1] if review.editions else None
    statuses: Counter[str] = Counter()
    studies = []
    for name, extraction in sorted(library.extractions.items()):
        values = []
        for field, fact in extraction.facts():
            status = value_status(ledger, name, field, fact)
            statuses[status] += 1
            values.append(
                EditionValue(
                    field=field,
                    shown=shown(fact),
                    status=status,
                    source_tier=fact.source_tier and str(fact.source_tier),
                    hash=value_hash(fact),
                )
            )
        studies.append(
            EditionStudy(
                id=name,
                name=review.study_name(name),
                reports=extraction.reports,
                formerly=extraction.formerly,
                suspended=library.suspended(name) is not None,
                values=tuple(values),
            )
        )
    claims = []
    for name, one in sorted(review.claim_grades.items()):
        claim = review.claims[name]
        if one.status is Status.SUSPENDED:
            raise UsageError(
                f"data/claims/{name}.yaml: {one.reasons[0]['en']}; no edition until "
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
                level=one.level,
                reasons=one.reasons,
                supporting=claim.supporting,
                against=claim.against,
                neutral=claim.neutral,
                confirmed_by=ledger.of_claim(one),
            )
        )
    pooled = pooled_figures(review)
    counts = {
        field.name: value
        for field in dataclasses.fields(review.flow)
        if isinstance(value := getattr(review.flow, field.name), int)
    }
    days = review.currency
    return Edition(
        format=2,
        version=version,
        date=date,
        title=protocol.title,
        previous=previous.version if previous else None,
        previous_sha256=hashlib.sha256(canonical(previous)).hexdigest() if previous else None,
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
        flow=counts,
        values={name: statuses[name] for name in ("unverified", "machine_draft", "verified")},
        questions=tuple(
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
        ),
        claims=tuple(claims),
        studies=tuple(studies),
        corrections=since_last(review.corrections, review.editions),
        search_files=search_files(review.library),
        signatures=signature_rows(ledger),
    )


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


@dataclass(frozen=True)
class Change:
    """One thing that differs between two editions."""

    object: str
    """claim:<id>, question:<id>, study:<id>, value:<study>.<field>, report:<id> or methods"""
    kind: str
    """added, removed or changed"""
    field: str = ""
    before: str = ""
    after: str = ""


CONCLUSIONS = frozenset({"support", "direction", "level", "status", "sentence"})


@dataclass(frozen=True)
class Difference:
    """What changed from one edition to another, by claim, question and study."""

    old: str | None
    new: str
    changes: tuple[Change, ...]

    @property
    def conclusion_changed(self) -> bool:
        """Whether a claim says something else than before."""
        return any(
            c.object.startswith("claim:") and (c.kind != "changed" or c.field in CONCLUSIONS)
            for c in self.changes
        )

    def of(self, *kinds: str) -> list[Change]:
        """Changes of objects whose name starts so."""
        return [c for c in self.changes if c.object.split(":")[0] in kinds]


def _say(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items()) or "none"
    return "none" if value is None else str(value)


def _fields(prefix: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[Change]:
    for name in old:
        if name not in new:
            yield Change(f"{prefix}:{name}", "removed", before=old[name][""])
    for name in new:
        if name not in old:
            yield Change(f"{prefix}:{name}", "added", after=new[name][""])
            continue
        for field in new[name]:
            if field and old[name].get(field) != new[name][field]:
                yield Change(
                    f"{prefix}:{name}",
                    "changed",
                    field,
                    _say(old[name].get(field)),
                    _say(new[name][field]),
                )


def difference(old: Edition | None, new: Edition) -> Difference:
    """Compare two editions, by claim, question, study, value and report; git is not needed."""

    def claims(e: Edition | None) -> dict[str, dict[str, Any]]:
        return {
            c.id: {
                "": c.sentence["en"],
                "question": c.question,
                "sentence": (c.sentence.en, c.sentence.zh),
                "support": c.support,
                "direction": c.direction,
                "status": c.status,
                "level": c.level,
                "for": c.supporting,
                "against": c.against,
                "neutral": c.neutral,
                "reasons": tuple(r["en"] for r in c.reasons),
                "confirmed_by": c.confirmed_by,
            }
            for c in (e.claims if e else ())
        }

    def questions(e: Edition | None) -> dict[str, dict[str, Any]]:
        return {
            q.id: {
                "": q.text["en"],
                "text": (q.text.en, q.text.zh),
                "kind": q.kind,
                "status": q.status,
                "level": q.level,
                "studies": q.studies,
            }
            for q in (e.questions if e else ())
        }

    def studies(e: Edition | None) -> dict[str, dict[str, Any]]:
        return {
            s.id: {"": s.name, "name": s.name, "reports": s.reports, "suspended": s.suspended}
            for s in (e.studies if e else ())
        }

    def values(e: Edition | None) -> dict[str, dict[str, Any]]:
        return {
            f"{s.id}.{v.field}": {"": v.shown, "value": (v.shown, v.hash), "status": v.status}
            for s in (e.studies if e else ())
            for v in s.values
        }

    def reports(e: Edition | None) -> dict[str, dict[str, Any]]:
        return {one: {"": one} for one in (e.reports if e else ())}

    changes: list[Change] = []
    for prefix, take in (
        ("claim", claims),
        ("question", questions),
        ("study", studies),
        ("report", reports),
    ):
        changes += _fields(prefix, take(old), take(new))
    kept = {s.id for s in (old.studies if old else ())} & {s.id for s in new.studies}
    for one in _fields("value", values(old), values(new)):
        if one.object.removeprefix("value:").split(".")[0] not in kept:
            continue
        if one.field == "value":
            before, after = one.before.rpartition(", ")[0], one.after.rpartition(", ")[0]
            one = dataclasses.replace(one, before=before, after=after)
        changes.append(one)
    if old is not None and old.protocol_hash != new.protocol_hash:
        changes.append(
            Change("methods", "changed", "protocol", old.protocol_version, new.protocol_version)
        )
    return Difference(old.version if old else None, new.version, tuple(changes))


def silent_removals(old: Edition, new: Edition) -> list[Change]:
    """What is gone without a recorded removal: counts may shrink only with a reason."""
    recorded = {c.object for c in new.corrections if c.kind is CorrectionKind.REMOVAL}
    return [
        c for c in difference(old, new).changes if c.kind == "removed" and c.object not in recorded
    ]


def next_version(review: Review, changed: Difference | None) -> str:
    """The number the next edition gets: major where a conclusion changed; 0.x counts up."""
    if not review.editions:
        return "0.1"
    major, minor = (int(n) for n in review.editions[-1].version.split("."))
    if major == 0:
        return f"0.{minor + 1}"
    if changed is not None and changed.conclusion_changed:
        return f"{major + 1}.0"
    return f"{major}.{minor + 1}"


def gate(review: Review) -> list[str]:
    """What is missing for a verified edition (1.0 and later), one sentence each."""
    library, missing = review.library, []
    unsigned, unquoted = [], []
    for name, extraction in sorted(library.extractions.items()):
        for field, fact in extraction.facts():
            signed = value_status(review.ledger, name, field, fact) == "verified"
            if not signed:
                unsigned.append(f"{name} {field}")
            if isinstance(fact, Fact) and fact.value is None:
                continue
            # A text that no machine holds, a figure or a table, was read by who signed.
            beyond = signed and (fact.locator not in HELD or by_eye_alone(fact))
            if not beyond and not attested(review.attestations.get(name), field, fact):
                unquoted.append(f"{name} {field}")
    if not (library.extractions and review.claims):
        missing.append("there is no study or no claim to publish")
    if unsigned:
        missing.append(f"{len(unsigned)} values nobody has signed (first: {unsigned[0]})")
    if unquoted:
        missing.append(
            f"{len(unquoted)} values whose quote was not found in a text (first: {unquoted[0]})"
        )
    open_claims = [n for n, one in review.claim_grades.items() if not review.ledger.of_claim(one)]
    if open_claims:
        missing.append(f"{len(open_claims)} claims nobody has confirmed (first: {open_claims[0]})")
    suspended = [n for n, one in review.claim_grades.items() if one.status is Status.SUSPENDED]
    if suspended:
        missing.append(f"{len(suspended)} claims suspended by a retraction (first: {suspended[0]})")
    conflicts = library.at(Place.CONFLICT_TITLE_ABSTRACT, Place.CONFLICT_FULL_TEXT)
    if conflicts:
        missing.append(f"{len(conflicts)} open conflicts between reviewers (first: {conflicts[0]})")
    return missing


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


def release(
    review: Review,
    date: str,
    *,
    version: str | None = None,
    extra_triggers: Sequence[str] = (),
    note: str | None = None,
) -> tuple[Edition, Difference]:
    """The next edition and what changed; nothing is written. The last one, where this release
    was made already.

    :raises UsageError: for a wrong number, a suspended claim, a silent change of method, or
        signatures missing for a verified edition
    :raises InvalidDataError: where counts shrink without a recorded removal
    """
    for name, texts in (
        ("--trigger", extra_triggers),
        ("--note", (note,) if note is not None else ()),
    ):
        for text in texts:
            if not text.strip() or len(text) > 2000:
                raise UsageError(f"{name}: found {len(text)} characters, expected 1 to 2,000")
    previous = review.editions[-1] if review.editions else None
    if previous is not None and date < previous.date:
        raise UsageError(f"{date}: before edition {previous.version} of {previous.date}")
    draft = build(review, "0.1", date, ("draft",), note)
    changed = difference(previous, draft)
    proposed = next_version(review, changed)
    allowed = {proposed} | ({"1.0"} if proposed.startswith("0.") else set())
    if (
        previous is not None
        and not changed.changes
        and (again := _released_already(review, previous, version, extra_triggers, note))
    ):
        return again
    wanted = version or proposed
    if wanted not in allowed:
        raise UsageError(f"--version {wanted}: expected {' or '.join(sorted(allowed))}")
    if not wanted.startswith("0.") and (missing := gate(review)):
        raise UsageError("\n".join([f"{wanted} is refused, it would not be verified:", *missing]))
    if previous is not None and not changed.changes and wanted == proposed and not note:
        raise UsageError(f"nothing changed since edition {previous.version}; say why with --note")
    if changed.of("methods") and not note:
        raise UsageError(
            "protocol or questions changed since the last edition; say what with --note"
        )
    started = [*triggers_of(review, changed), *extra_triggers]
    edition = build(review, wanted, date, started, note)
    if previous is not None and (gone := silent_removals(previous, edition)):
        raise InvalidDataError([removal_problem(c, previous, wanted) for c in gone])
    return edition, difference(previous, edition)


def _released_already(
    review: Review,
    last: Edition,
    version: str | None,
    extra_triggers: Sequence[str],
    note: str | None,
) -> tuple[Edition, Difference] | None:
    """The last edition and what it changed, where this very release wrote it: a run that was killed
    after the write and is run again ends as after an undisturbed run.
    """
    before = dataclasses.replace(review, editions=review.editions[:-1])
    base = before.editions[-1] if before.editions else None
    if (version or last.version) != last.version or note != last.note:
        return None
    changed = difference(base, last)
    started = (*triggers_of(before, changed), *extra_triggers)
    if canonical(build(before, last.version, last.date, started, note)) != canonical(last):
        return None
    return last, changed


def removal_problem(change: Change, previous: Edition, version: str) -> Problem:
    """A silent removal as one line."""
    sentence = (
        f"{change.object} stood in edition {previous.version} and is gone in {version}; "
        "record the removal and its reason in data/corrections.yaml"
    )
    return Problem(f"data/editions/{version}.json", 0, change.object.split(":")[0], sentence)


def inconsistencies(
    editions: Sequence[Edition], corrections: Sequence[Correction] = ()
) -> list[Problem]:
    """What does not fit in and between the editions that were released."""
    problems = []
    removed = {c.object for c in corrections if c.kind is CorrectionKind.REMOVAL}

    def wrong(one: Edition, field: str, sentence: str) -> None:
        problems.append(Problem(f"data/editions/{one.version}.json", 0, field, sentence))

    for old, new in zip((None, *editions), editions, strict=False):
        before = old.version if old else None
        if new.previous != before and f"edition:{new.previous}" in removed:
            old = None  # taken back by a person: what came before it is compared with nothing
        elif new.previous is not None and new.previous != before:
            sentence = f"found {new.previous}, whose file is gone; bring data/editions back"
            wrong(new, "previous", sentence)
            old = None
        elif new.previous != before:
            wrong(new, "previous", f"found {new.previous}, expected {before}")
        if old is not None:
            held = hashlib.sha256(canonical(old)).hexdigest()
            if new.previous_sha256 != held:
                wrong(new, "previous_sha256", f"edition {before} was changed after its release")
            if new.date < old.date:
                wrong(new, "date", f"found {new.date}, before edition {before} of {old.date}")
            problems += [removal_problem(c, old, new.version) for c in silent_removals(old, new)]
        alone = old is None and new.previous is not None  # its predecessor is gone
        if not alone and new.version not in _successors(old):
            expected = " or ".join(sorted(_successors(old)))
            wrong(new, "version", f"found {new.version}, expected {expected}")
        rows = Counter(value.status for study in new.studies for value in study.values)
        if {k: v for k, v in new.values.items() if v} != dict(rows):
            wrong(new, "values", "the numbers of values do not add up to the rows")
        if new.verified and (
            rows["verified"] != rows.total() or not all(c.confirmed_by for c in new.claims)
        ):
            wrong(new, "verified", "found true, but values or claims in it are signed by nobody")
    return problems


def _successors(old: Edition | None) -> set[str]:
    if old is None:
        return {"0.1", "1.0"}
    major, minor = (int(n) for n in old.version.split("."))
    return {f"{major}.{minor + 1}", f"{major + 1}.0"}


def unrecorded(corrections: Sequence[Correction], editions: Sequence[Edition]) -> list[Problem]:
    """Corrections that an edition carries and the log no longer holds: the log only grows."""
    carried = [one for edition in editions for one in edition.corrections]
    if list(corrections[: len(carried)]) == carried:
        return []
    sentence = "the corrections of released editions were changed or reordered; the log only grows"
    return [Problem("data/corrections.yaml", 0, "corrections", sentence)]
