"""What changed from one edition to another, by claim, question, study, value and report."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.model.edition import Edition


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


def difference(old: Edition | None, new: Edition) -> Difference:
    """Compare two editions, by claim, question, study, value and report; git is not needed."""
    changes: list[Change] = []
    for kind, objects in OBJECTS.items():
        changes += _fields(kind, objects(old) if old else {}, objects(new))
    if old is not None:
        changes += _values_changed(old, new)
        if old.protocol_hash != new.protocol_hash:
            versions = old.protocol_version, new.protocol_version
            changes.append(Change("methods", "changed", "protocol", *versions))
    return Difference(old.version if old else None, new.version, tuple(changes))


Objects = Mapping[str, Mapping[str, Any]]
"""The objects of one kind in an edition: their fields by id, and under no name how one is shown
that came or went."""


def _claims(edition: Edition) -> Objects:
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
        for c in edition.claims
    }


def _questions(edition: Edition) -> Objects:
    return {
        q.id: {
            "": q.text["en"],
            "text": (q.text.en, q.text.zh),
            "kind": q.kind,
            "status": q.status,
            "level": q.level,
            "studies": q.studies,
        }
        for q in edition.questions
    }


def _studies(edition: Edition) -> Objects:
    return {
        s.id: {"": s.name, "name": s.name, "reports": s.reports, "suspended": s.suspended}
        for s in edition.studies
    }


def _reports(edition: Edition) -> Objects:
    return {record: {"": record} for record in edition.reports}


OBJECTS: Mapping[str, Callable[[Edition], Objects]] = {
    "claim": _claims,
    "question": _questions,
    "study": _studies,
    "report": _reports,
}


def _values(edition: Edition) -> Objects:
    return {
        f"{s.id}.{v.field}": {"": v.shown, "value": (v.shown, v.hash), "status": v.status}
        for s in edition.studies
        for v in s.values
    }


def _values_changed(old: Edition, new: Edition) -> Iterator[Change]:
    """Values of studies that both editions hold: a study that came or went is told as one."""
    kept = {study.id for study in old.studies} & {study.id for study in new.studies}
    for change in _fields("value", _values(old), _values(new)):
        if change.object.removeprefix("value:").split(".")[0] not in kept:
            continue
        if change.field == "value":
            before, after = change.before.rpartition(", ")[0], change.after.rpartition(", ")[0]
            change = dataclasses.replace(change, before=before, after=after)
        yield change


def _say(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items()) or "none"
    return "none" if value is None else str(value)


def _fields(kind: str, old: Objects, new: Objects) -> Iterator[Change]:
    """Objects of one kind that came, went or say something else."""
    for name in old:
        if name not in new:
            yield Change(f"{kind}:{name}", "removed", before=old[name][""])
    for name in new:
        if name not in old:
            yield Change(f"{kind}:{name}", "added", after=new[name][""])
            continue
        for field in new[name]:
            before, after = old[name].get(field), new[name][field]
            if field and before != after:
                yield Change(f"{kind}:{name}", "changed", field, _say(before), _say(after))
