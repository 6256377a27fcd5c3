"""``review protocol``: show the protocol, or its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb

if TYPE_CHECKING:
    from review.files.snapshot import Snapshot


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    schema: bool


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("protocol", "show the protocol, or its JSON Schema")
    one.add_argument("--schema", action="store_true", help="print the JSON Schema of protocol.yaml")


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    if options.schema:
        from review.files.reference import schema

        text = schema("protocol")
        return Answer(json.loads(text), text.splitlines())
    snapshot = open_store(options.root).snapshot()
    return Answer(snapshot.protocol.model_dump(mode="json"), _lines(snapshot))


def _lines(snapshot: Snapshot) -> Iterator[str]:
    protocol = snapshot.protocol
    yield f"{protocol.title['en']} (protocol {protocol.version})"
    for question in snapshot.questions().values():
        yield f"  question {question.id} ({question.kind}): {question.text['en']}"
    for source in protocol.sources:
        yield f"  source {source.id}: {source.platform}, {source.schedule}"
        yield from (f"    #{line.line} {line.query}" for line in source.strategy)
