"""Extract: findings of a text, and the draft that a person takes over.

A machine drafts, a person decides. A draft is created once for an included study; from then on
the file belongs to people. For candidates the findings are only shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from extractors import Finding, Lexicon, Passage, find_all, term
from review.extraction.draft import draft
from review.extraction.tables import Placed
from review.files.reading import Reader
from review.model.extraction import LISTED_FACTS, SINGLE_FACTS, Arm, Extraction, Result, SampleSize
from review.model.fulltext import TextKind
from review.model.record import Record, Volatile
from review.model.vocabulary import TermKind, Vocabulary
from review.selection.library import Library


def lexicon(vocabularies: Mapping[str, Vocabulary]) -> Lexicon:
    """The topic's words as the extractors take them."""
    by_kind: dict[TermKind, list[Any]] = {kind: [] for kind in TermKind}
    topic: set[str] = set()
    for vocabulary in vocabularies.values():
        known = {one.id: one for one in vocabulary.terms}
        for one in vocabulary.terms:
            above = one
            while not above.topic and above.parent in known:
                above = known[above.parent]
            if above.topic:
                topic.add(one.id)
            names = [name for name in (one.name.en, one.name.zh, *one.synonyms) if name]
            better = one.scale.better if one.scale else None
            by_kind[vocabulary.kind].append(
                term(one.id, names, one.abbreviations, one.needs_outcome, better, one.parent)
            )
    return Lexicon(
        outcomes=tuple(by_kind[TermKind.OUTCOMES]),
        topic=tuple(one for one in by_kind[TermKind.OUTCOMES] if one.id in topic),
        instruments=tuple(by_kind[TermKind.INSTRUMENTS]),
        treatments=tuple(by_kind[TermKind.TREATMENTS]),
        populations=tuple(by_kind[TermKind.POPULATIONS]),
    )


def passage(record: Record, abstract: str | None, mesh: Sequence[str] = ()) -> Passage:
    """A record's text as the extractors take it, with its subject headings."""
    return Passage(
        title=record.title,
        abstract=abstract or "",
        publication_types=record.publication_types,
        registrations=record.registrations,
        mesh=mesh,
    )


def findings(
    record: Record, abstract: str | None, words: Lexicon, mesh: Sequence[str] = ()
) -> list[Finding]:
    """Everything the rules find in a record's title and abstract."""
    return find_all(passage(record, abstract, mesh), words)


def headings(volatile: Mapping[str, Volatile]) -> dict[str, tuple[str, ...]]:
    """The subject headings of records whose source gave any."""
    return {one: known.mesh for one, known in volatile.items() if known.mesh}


def study_id(record: Record, taken: Collection[str]) -> str:
    """``firstauthor-year``, and a letter where another study has that id."""
    author = record.authors[0] if record.authors else None
    name = (author.family or author.literal or "") if author else ""
    folded = unicodedata.normalize("NFKD", name.casefold())
    ascii_name = re.sub(r"[^a-z0-9]", "", folded.encode("ascii", "ignore").decode())
    ascii_name = ascii_name.lstrip("0123456789")[:30] or "unnamed"
    base = f"{ascii_name}-{record.year or 'undated'}"
    if base not in taken:
        return base
    for letter in "abcdefghijklmnopqrstuvwxyz":
        if f"{base}-{letter}" not in taken:
            return f"{base}-{letter}"
    raise ValueError(f"{base}: no letter is left for another study of that name and year")


def held_findings(store: Reader, record: Record, words: Lexicon) -> tuple[list[Placed], list[str]]:
    """What the full text and the registry record say where they are held, and what is held."""
    from review.extraction.full_texts import all_findings
    from review.texts import jats

    found: list[Placed] = []
    places: list[str] = []
    for kind in (None, TextKind.REGISTRY):
        held = store.held_text(record.id, kind)
        if held is None:
            continue
        about, data = held
        found += [replace(one, came=about.fetched) for one in all_findings(about, data, words)]
        second = "; second class, check every digit" if about.kind is TextKind.PDF else ""
        places.append(f"{about.kind} from {about.origin}{second}")
        if about.kind is TextKind.JATS:
            article = jats.parse(data)
            places += [f"{one.label}: {one.caption[:80]}" for one in article.tables]
            if article.graphics_only:
                places.append(f"{article.graphics_only} tables are pictures: read them by eye")
    return found, places


def new_drafts(
    library: Library,
    abstracts: Mapping[str, str | None],
    words: Lexicon,
    volatile: Mapping[str, Volatile],
    store: Reader,
) -> dict[str, tuple[Extraction, Record, list[str]]]:
    """Drafts for included reports that belong to no study yet, and what was held of each.

    A draft is made once, so it waits until the text it is made from is held: a record that no
    source has delivered yet, or whose abstract is not on this machine, is left for the next update.
    Values were read on the day their text came, so that who drafts on another day drafts the same;
    of a record that was added by hand nobody knows it.

    :param abstracts: abstracts by record id, where they are held
    :param volatile: subject headings of the records, and the day on which each came
    :param store: where full texts are held
    """
    taken = set(library.extractions)
    for extraction in library.extractions.values():
        taken |= set(extraction.formerly)
    drafts = {}
    mesh = headings(volatile)
    for one in sorted(library.included):
        record = library.records[one]
        abstract = abstracts.get(one)
        unread = record.abstract_sha256 is not None and abstract is None
        if one in library.study_of or unread or not record.delivered:
            continue
        study = study_id(record, taken)
        taken.add(study)
        found, places = held_findings(store, record, words)
        own = findings(record, abstract, words, mesh.get(one, ()))
        everything: list[Finding | Placed] = [*own, *found]
        drafts[study] = (
            draft(study, record, everything, read_on(record, volatile.get(one))),
            record,
            places,
        )
    return drafts


def read_on(record: Record, known: Volatile | None) -> str:
    """The day on which a draft says that a record was read: that on which its text came.

    :param known: the record's volatile part
    """
    return (known.came_on(record) if known is not None else None) or "not_recorded"


def differences(extraction: Extraction, fresh: Extraction) -> list[str]:
    """What re-extraction would say otherwise, one line a value; nothing is written."""
    lines = []
    for name in SINGLE_FACTS:
        have, now = getattr(extraction, name), getattr(fresh, name)
        if now is None or now.value is None or (have is not None and have.value == now.value):
            continue
        was = (have.value or have.missing) if have is not None else "not in the file"
        lines.append(f'{name}: {was} | rules say {now.value} ("{now.quote}", {now.locator})')
    for name in (*LISTED_FACTS, "results"):
        known = {gist(fact) for fact in getattr(extraction, name)}
        for fact in getattr(fresh, name):
            if gist(fact) not in known:
                lines.append(f'{name}: not in the file | rules say {gist(fact)} ("{fact.quote}")')
    return lines


def gist(fact: Any) -> str:
    """A value in a few words, by which two readings of it are known for the same."""
    if isinstance(fact, SampleSize):
        return f"{fact.people} {fact.role}" + (f" {fact.group}" if fact.group else "")
    if isinstance(fact, Arm):
        return f"{fact.label}: {fact.people}"
    if isinstance(fact, Result):
        if fact.percent is None and fact.value is not None:
            return f"{fact.outcome} {fact.value:g} {fact.spread or ''}".strip()
        counts = f" ({fact.events}/{fact.total})" if fact.total is not None else ""
        share = f" {fact.percent} %" if fact.percent is not None else ""
        return f"{fact.outcome}{share}{counts}"
    return str(fact.value)
