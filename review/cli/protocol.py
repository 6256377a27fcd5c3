"""``review protocol``: show the protocol, or its JSON Schema."""

from __future__ import annotations

import argparse

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("protocol", "show the protocol, or its JSON Schema")
    one.add_argument("--schema", action="store_true", help="print the JSON Schema of protocol.yaml")


def run(arguments: argparse.Namespace, _day: str) -> int:
    """Run the verb; its exit code."""
    if arguments.schema:
        from review.files.reference import schema

        print(schema("protocol"), end="")
        return 0
    protocol = open_store(arguments).protocol
    if arguments.json:
        print_json(protocol.model_dump(mode="json"))
        return 0
    say(f"{protocol.title['en']} (protocol {protocol.version})")
    for question in open_store(arguments).questions().values():
        say(f"  question {question.id} ({question.kind}): {question.text['en']}")
    for source in protocol.sources:
        say(f"  source {source.id}: {source.platform}, {source.schedule}")
        for line in source.strategy:
            say(f"    #{line.line} {line.query}")
    return 0
