"""``review vocabulary``: the terms; what is missing in the data's words, what is unused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    missing: bool
    unused: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("vocabulary", "the terms; what is missing in the data's words, what is unused")
    one.add_argument("--missing", action="store_true", help="words of the data that are no term")
    one.add_argument("--unused", action="store_true", help="terms that nothing names")


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.extraction.vocabulary import missing, unused

    store = open_store(options.root).snapshot()
    vocabularies = store.vocabulary()
    facts: dict[str, Any] = {}
    if options.missing:
        facts["missing"] = missing(store)
    if options.unused:
        facts["unused"] = unused(store)
    if not facts:
        facts["terms"] = {
            str(v.kind): {t.id: {"en": t.name.en, "zh": t.name.zh} for t in v.terms}
            for v in vocabularies.values()
        }
    return Answer(facts, _lines(facts))


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    for kind, terms in facts.get("terms", {}).items():
        yield f"{kind}: {len(terms)} terms"
        for term, name in terms.items():
            yield f"  {term}: {name['en']} / {name['zh'] or 'no translation'}"
    for word, places in facts.get("missing", {}).items():
        yield f"missing: {word} ({', '.join(places[:3])})"
    for term in facts.get("unused", []):
        yield f"unused: {term}"
    for name in ("missing", "unused"):
        if name in facts:
            yield f"{len(facts[name])} {name}"
