"""What is asked of a protocol before anything is sent: its strategies, its tags, an address."""

from __future__ import annotations

from contextlib import suppress

from review.ground.errors import InvalidDataError, Problem, SourceError, UsageError
from review.ground.secrets import variable
from review.model.protocol import Protocol, Source
from review.searching.sources import PUBMED, boundary, source_module
from review.searching.sources.pubmed_query import compiled

NAME = "protocol.yaml"


def contact_email(protocol: Protocol) -> str:
    """The address NCBI asks for.

    :raises UsageError: where nobody gave one
    """
    address = variable("NCBI_EMAIL") or protocol.contact_email
    if not address or "@" not in address:
        raise UsageError(
            "no contact e-mail: NCBI asks for one with each request; set NCBI_EMAIL or "
            "contact_email in protocol.yaml"
        )
    return address


def check_strategies(protocol: Protocol) -> None:
    """Refuse a faulty strategy before anything is sent. A module that fails when it is asked is no
    fault of the strategy: it is told as a failed source when its turn comes.

    :raises InvalidDataError: with the place in each line
    :raises UsageError: where no module speaks to a source's kind
    """
    problems = _faulty_tags(protocol)
    for index, source in enumerate(protocol.sources):
        with suppress(SourceError):
            problems += _faulty(index, source)
    if problems:
        raise InvalidDataError(problems)


def faulty_strategies(protocol: Protocol) -> list[Problem]:
    """Faults of the protocol's strategies and tags, and modules that fail when they are asked.

    :raises UsageError: where no module speaks to a source's kind
    """
    problems = _faulty_tags(protocol)
    for index, source in enumerate(protocol.sources):
        try:
            problems += _faulty(index, source)
        except SourceError as error:
            problems.append(Problem(NAME, 0, f"sources[{index}]", str(error)))
    return problems


def faults_of(source: Source) -> list[tuple[str, str]]:
    """Faults of one source's strategy, as (field, sentence).

    :raises UsageError: where no module speaks to the source's kind
    :raises SourceError: where its module fails
    """
    if source.id == PUBMED and source.kind != PUBMED:
        return [("id", f"{PUBMED} is the name of PubMed's own numbers, expected another")]
    with boundary(source.id):
        return [(str(where), str(what)) for where, what in source_module(source.kind).check(source)]


def _faulty(index: int, source: Source) -> list[Problem]:
    return [
        Problem(NAME, 0, f"sources[{index}].{where}", sentence)
        for where, sentence in faults_of(source)
    ]


def _faulty_tags(protocol: Protocol) -> list[Problem]:
    problems = []
    for index, tag in enumerate(protocol.tags):
        try:
            compiled(tag.query)
        except ValueError as error:
            problems.append(Problem(NAME, 0, f"tags[{index}].query", str(error)))
    return problems
