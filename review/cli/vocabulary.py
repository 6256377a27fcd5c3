"""``review vocabulary``: the terms; what is missing in the data's words, what is unused."""

from __future__ import annotations

import argparse
from typing import Any

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("vocabulary", "the terms; what is missing in the data's words, what is unused")
    one.add_argument("--missing", action="store_true", help="words of the data that are no term")
    one.add_argument("--unused", action="store_true", help="terms that nothing names")


def run(arguments: argparse.Namespace, _day: str) -> int:
    """Run the verb; its exit code."""
    from review.extraction.vocabulary import missing, unused

    store = open_store(arguments)
    vocabularies = store.vocabulary()
    facts: dict[str, Any] = {}
    if arguments.missing:
        facts["missing"] = missing(store)
    if arguments.unused:
        facts["unused"] = unused(store)
    if not facts:
        facts["terms"] = {
            str(v.kind): {t.id: {"en": t.name.en, "zh": t.name.zh} for t in v.terms}
            for v in vocabularies.values()
        }
    if arguments.json:
        print_json(facts)
        return 0
    for kind, terms in facts.get("terms", {}).items():
        say(f"{kind}: {len(terms)} terms")
        for term, name in terms.items():
            say(f"  {term}: {name['en']} / {name['zh'] or 'no translation'}")
    for word, places in facts.get("missing", {}).items():
        say(f"missing: {word} ({', '.join(places[:3])})")
    for term in facts.get("unused", []):
        say(f"unused: {term}")
    for name in ("missing", "unused"):
        if name in facts:
            say(f"{len(facts[name])} {name}")
    return 0
