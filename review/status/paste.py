"""What a command did, to be pasted where anybody reads it: counts and identifiers.

No title, no text of an article, no quote, no key, no address of a person, no path of the machine.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from review import TOOL
from review.ground.printable import printable
from review.ground.secrets import scrub, variable

MOST, LONGEST = 40, 160
"""Lines of one kind, characters of a reason: a report stays small."""
SWITCHES = ("NCBI_API_KEY", "https_proxy", "HTTPS_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""What changes how a service answers; that it is set is told, never to what."""

Facts = Mapping[str, Any]
"""What a verb prints with ``--json``."""


def paste(verb: str, day: str, code: int, facts: Facts) -> list[str]:
    """A verb's report.

    :param verb: one of :data:`REPORTS`
    :param day: on which it ran
    :param code: its exit code
    """
    return [
        f"review {verb} of {day}: exit {code}",
        *machine(),
        *(printable(scrub(line)) for line in REPORTS[verb](facts)),
    ]


def machine() -> list[str]:
    """The program and what it runs on."""
    on = [name for name in SWITCHES if variable(name)]
    return [
        f"{TOOL}, Python {platform.python_version()}, {platform.system()}",
        f"set: {', '.join(on) or 'nothing that changes how services answer'}",
    ]


def _some(lines: Iterable[str]) -> Iterator[str]:
    """The first lines, and how many more there are."""
    shown = list(lines)
    yield from shown[:MOST]
    if len(shown) > MOST:
        yield f"… and {len(shown) - MOST} more"


def _reason(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _update(facts: Facts) -> Iterator[str]:
    for one in facts["sources"]:
        if one["error"]:
            yield f"{one['id']}: FAILED: {_reason(one['error'])}"
            continue
        yield (
            f"{one['id']}: found {one['found']}, new {one['new']}, others fetched again "
            f"{one['refetched']}, listed and not delivered {len(one['missing'])}, "
            f"set aside {len(one['set_aside'])}"
        )
        yield from _some(
            f"- set aside: {aside.get('pmid') or aside.get('accession')}: {_reason(aside['why'])}"
            for aside in one["set_aside"]
        )
    yield from _some(f"health: {_reason(one['sentence'])}" for one in facts["health"])
    for one in facts["known_item_recall"]:
        if one["known"]:
            yield f"{one['source']}: finds {one['found']} of {one['known']} included records"
    yield from _some(
        f"notice: {one['type']} on {one['record']}{' (included)' if one['included'] else ''}"
        for one in facts["notices"]
    )
    yield from _some(f"never delivered: {one['id']}" for one in facts["unknown"])
    yield (
        f"candidates {len(facts['candidates'])}, duplicates {facts['duplicates']}, doubtful pairs "
        f"{facts['queued_pairs']}, awaiting screening {facts['awaiting_screening']}, drafts "
        f"{len(facts['drafts'])}, files changed {len(facts['changed_files'])}"
    )
    if facts["publish_error"]:
        yield f"publishing FAILED: {_reason(facts['publish_error'])}"


def _fulltext(facts: Facts) -> Iterator[str]:
    wanted = facts["a_person_must_fetch"]
    kinds = Counter(f"{one['kind']} from {one['origin']}" for one in facts["fetched"])
    yield f"fetched {len(facts['fetched'])}, to be fetched by a person {len(wanted)}"
    yield from (f"- {kind}: {count}" for kind, count in sorted(kinds.items()))
    yield from _grouped((_reason(one["why"]), one["record"]) for one in wanted)


def _check(facts: Facts) -> Iterator[str]:
    quotes, found = facts["quotes"], facts["quotes_found"]
    yield f"problems {len(facts['problems'])}, notes {len(facts['notes'])}"
    yield (
        f"quotes whose text is held {quotes['text_held']}, of them found "
        f"{'not looked for (--texts)' if found is None else found}; text not held "
        f"{quotes['text_not_held']}"
    )
    for kind in ("problem", "note"):
        places = ((f"{kind} in {one['path']}", one["field"]) for one in facts[f"{kind}s"])
        yield from _grouped(places)


def _grouped(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names under what they share, a line for each."""
    groups: dict[str, list[str]] = {}
    for what, name in pairs:
        groups.setdefault(what, []).append(name)
    yield from _some(
        f"- {what}: {len(names)}: {', '.join(names[:MOST])}{', …' if len(names) > MOST else ''}"
        for what, names in groups.items()
    )


REPORTS = {"update": _update, "fulltext": _fulltext, "check": _check}
"""Who has one: what a first run with a network consists of."""
