"""What a person reads of a value's source before they sign: the sentences around its quote.

Methods rule 40: signing is reading. What the shown text does not say of a value (its group, time or
outcome) is named, so that whoever signs all the same types it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from extractors._printed import numbers
from review.extraction.attest import held_text
from review.extraction.quotes import locate
from review.files.reading import Reader
from review.model.extraction import Arm, Extraction, Provenance, Result, SampleSize
from review.model.fingerprint import text_hash
from review.model.record import Record
from review.model.vocabulary import Term, TermKind, Vocabulary

_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|(?<=[。！？；])|\s*\n\s*")
MOST = 700
"""Characters that are shown before a quote, and behind it."""
_WORD = re.compile(r"[^\W\d_]+")
SMALL = frozenset(
    (
        *("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "than", "the"),
        *("to", "vs", "versus", "with", "minus"),
    )
)
"""Words that name no group and no time."""
STEM = 5
"""Letters by which a word is known in another form: treated, treatment."""


@dataclass(frozen=True)
class Shown:
    """A value's quote where it stands.

    :ivar record: the record whose text holds it; None where no such text is held here
    :ivar before: the sentence before the quote's, and what stands before the quote in its own
    :ivar quote: the quote, as the text has it where that is held
    :ivar source: SHA-256 of the text; None where it is not held
    """

    record: str | None
    before: str
    quote: str | None
    after: str
    source: str | None

    @property
    def text(self) -> str:
        """All that is shown."""
        return f"{self.before}{self.quote or ''}{self.after}"


def shown_of(
    reader: Reader, extraction: Extraction, fact: Provenance, records: Mapping[str, Record]
) -> Shown:
    """What of a value's source can be shown on this machine."""
    for report in extraction.reports if fact.quote else ():
        text = held_text(reader, records[report], fact.locator) if report in records else None
        places = locate(fact.quote, text) if text is not None and fact.quote else []
        if text is not None and places:
            start, end = places[0][0], places[-1][1]
            low, high = _around(text, start, end)
            return Shown(report, text[low:start], text[start:end], text[end:high], text_hash(text))
    return Shown(None, "", fact.quote, "", None)


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """From the sentence before a passage to the one behind it."""
    ends = [0, *(one.end() for one in _END.finditer(text)), len(text)]
    first = max(n for n, at in enumerate(ends) if at <= start)
    last = next(n for n, at in enumerate(ends) if at >= end)
    low, high = ends[max(0, first - 1)], ends[min(len(ends) - 1, last + 1)]
    return max(low, start - MOST), min(high, end + MOST)


@dataclass(frozen=True)
class Unsaid:
    """What a value says and the shown text does not.

    :ivar kind: group, time or outcome
    :ivar words: as the value says it
    """

    kind: str
    words: str


def unsaid(
    fact: Provenance, shown: Shown, vocabularies: Iterable[Vocabulary]
) -> tuple[Unsaid, ...]:
    """The group, time and outcome of a value that the shown text does not say.

    A value without a quote has none: whoever signs it names the place where it was read.
    """
    if fact.quote is None:
        return ()
    terms = {
        term.id: term
        for vocabulary in vocabularies
        if vocabulary.kind is TermKind.OUTCOMES
        for term in vocabulary.terms
    }
    return tuple(
        Unsaid(kind, said)
        for kind, said in _says(fact)
        if not (
            _named(terms.get(said), said, shown.text)
            if kind == "outcome"
            else _spoken(said, shown.text)
        )
    )


def _says(fact: Provenance) -> Iterator[tuple[str, str]]:
    said: tuple[tuple[str, str | None], ...] = ()
    if isinstance(fact, Result):
        said = (("outcome", fact.outcome), ("group", fact.group), ("time", fact.time))
    elif isinstance(fact, SampleSize):
        said = (("group", fact.group),)
    elif isinstance(fact, Arm):
        said = (("group", fact.label),)
    yield from ((kind, words) for kind, words in said if words is not None)


def _named(term: Term | None, said: str, text: str) -> bool:
    """Whether a text names an outcome, by any of its words."""
    if term is None:
        return _spoken(said, text)
    folded = " ".join(text.casefold().split())
    names = [one for one in (term.name.en, term.name.zh, *term.synonyms) if one]
    if any(" ".join(one.casefold().split()) in folded for one in names):
        return True
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text) for one in term.abbreviations)


def _spoken(said: str, text: str) -> bool:
    """Whether a text says a group or time: each of its numbers, and one of its words at least."""
    if not numbers(said) <= numbers(text):
        return False
    wanted = {word[:STEM] for word in _WORD.findall(said.casefold()) if word not in SMALL}
    held = {word[:STEM] for word in _WORD.findall(text.casefold())}
    return not wanted or bool(wanted & held) or said.casefold() in text.casefold()
