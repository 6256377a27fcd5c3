"""Extractors: text in, findings with verbatim quotes out; one idea a file.

An extractor is a module of this folder with ``find(passage, lexicon)``, a generator that yields
what it found and edits nothing. Tests are tables: sentences that yield nothing first. Packages
outside may add an entry point ``review.extractors``.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module, metadata
from itertools import pairwise
from pathlib import Path
from typing import Any

from extractors._denial import denial
from extractors._printed import BEHIND, LIMIT, Canonical, Printed, canonical, level, numbers_of
from extractors._signs import Places, merged, places, register, windows

VERSION = "4"
"""Version of the rules, written with everything they yield."""

_SENTENCE_END = re.compile(
    r"(?<=[.!?])\s+(?=[A-Z0-9\[(\"“]|[^\x00-\x7f])|(?<=[。！？])\s*(?!\s)|\n+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:vs|e\.g|i\.e|al|approx|ca|Fig|Dr|St|No|pos|neg|resp|incl|max|min|i\.v|p\.o|s\.c)\.|\b[A-Z]\.|[=<>≤≥]\s?0\.)$"
)
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = r"[^\W\u3400-\u9fff]"
"""A letter or digit that is no Chinese sign: where one stands beside a name, it is another word."""


LONGEST_SENTENCE = 2_000


def _pieces(text: str, begin: int, end: int) -> Iterator[tuple[int, str]]:
    """A sentence with its start; one beyond reason in pieces, so that time stays bounded."""
    while begin < end:
        stop = end
        if end - begin > LONGEST_SENTENCE:
            space = text.rfind(" ", begin + 1, begin + LONGEST_SENTENCE)
            stop = space if space > begin else begin + LONGEST_SENTENCE
        yield begin, text[begin:stop]
        begin = stop


@dataclass(frozen=True)
class Passage:
    """The text of a record: immutable, with the places of its parts."""

    title: str
    abstract: str = ""
    publication_types: Sequence[str] = ()
    registrations: Sequence[str] = ()
    mesh: Sequence[str] = ()

    @property
    def text(self) -> str:
        """Title and abstract as one text; all places count from its start."""
        return f"{self.title}\n{self.abstract}"

    @cached_property
    def small(self) -> str:
        """The text in small letters, place by place."""
        small = self.text.lower()
        if len(small) == len(self.text):
            return small
        return "".join(one.lower() if len(one.lower()) == 1 else one for one in self.text)

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What one extractor worked out and another needs too."""
        return {}

    @cached_property
    def _named(self) -> dict[int, tuple[Sequence[Term], tuple[Mention, ...]]]:
        return {}

    def mentions(self, terms: Sequence[Term]) -> tuple[Mention, ...]:
        """Where the text names some terms, in its order."""
        if id(terms) not in self._named:
            named, named_small = level(self.text), level(self.small)
            text, small = places(named), places(named_small)
            known = tuple(
                sorted(
                    (
                        Mention(match.start(), match.end(), one)
                        for one in terms
                        if one.may_stand_in(text, small)
                        for match in one.mentions(named, named_small)
                    ),
                    key=lambda m: (m.start, -m.end),
                )
            )
            self._named[id(terms)] = (terms, known)
        return self._named[id(terms)][1]

    def named(self, terms: Sequence[Term], begin: int, end: int) -> list[Mention]:
        """The terms named between two places, as places counted from the first."""
        return [
            Mention(m.start - begin, m.end - begin, m.term)
            for m in self.mentions(terms)
            if begin <= m.start and m.end <= end
        ]

    def locator(self, start: int) -> str:
        """Which part a place lies in."""
        return "title" if start <= len(self.title) else "abstract"

    @cached_property
    def sentences(self) -> tuple[tuple[int, str], ...]:
        """Sentences with their start."""
        found: list[tuple[int, str]] = []
        begin = 0
        text = self.text
        for end in _SENTENCE_END.finditer(text):
            if "\n" not in end.group() and _ABBREVIATION.search(text[begin : end.start()]):
                continue
            found += _pieces(text, begin, end.start())
            begin = end.end()
        return (*found, *_pieces(text, begin, len(text)))


@dataclass(frozen=True)
class Term:
    """A concept of the topic, with the pattern of its names."""

    id: str
    pattern: re.Pattern[str]
    needs_outcome: bool = False
    """its name is used for other things too: it counts only beside an outcome of the topic"""
    hints: tuple[tuple[str, ...], tuple[str, ...]] = (("",), ())
    """words in small letters, and abbreviations, without one of which it is not named"""
    better: str | None = None
    """an instrument's end that is better for the person: lower or higher"""
    kind: str | None = None
    """the concept's class, where it has one: its parent's id"""

    def __post_init__(self) -> None:
        for some in self.hints:
            register(some)

    def may_stand_in(self, text: Places, small: Places) -> bool:
        """Whether it is worth looking for it, by the words of a text and of its small letters."""
        words, abbreviations = self.hints
        return (
            "" in words
            or not small.keys().isdisjoint(words)
            or not text.keys().isdisjoint(abbreviations)
        )

    def mentions(self, text: str, small: str) -> Iterator[re.Match[str]]:
        """Where a text names it, looked for only around its hints."""
        words, abbreviations = self.hints
        if "" in words:
            yield from self.pattern.finditer(text)
            return
        reach = 80
        parts = windows(small, words, reach, 0, len(small)) if words else []
        parts += windows(text, abbreviations, reach, 0, len(text)) if abbreviations else []
        last = -1
        for low, high in merged(parts):
            for match in self.pattern.finditer(text, low, high):
                if match.start() >= last:
                    last = match.end()
                    yield match


@dataclass(frozen=True)
class Mention:
    """A place of a text, or of a sentence, that names a term."""

    start: int
    end: int
    term: Term


@dataclass(frozen=True)
class Lexicon:
    """The topic's words, from ``data/vocabulary/``: no extractor knows any of its own."""

    outcomes: Sequence[Term] = ()
    topic: Sequence[Term] = ()
    """those outcomes that are the review's topic; general scales count only beside them"""
    instruments: Sequence[Term] = ()
    treatments: Sequence[Term] = ()
    populations: Sequence[Term] = ()


@dataclass(frozen=True)
class Finding:
    """A value with the words that carry it."""

    field: str
    """design, sample, prevalence, instrument, treatment or registration"""
    value: str | int | float
    quote: str
    """verbatim from the passage"""
    start: int
    rule: str
    details: dict[str, str | int | float] = dataclasses.field(default_factory=dict)
    """further parts: role, events, total, percent, outcome"""


def term(
    term_id: str,
    names: Sequence[str],
    abbreviations: Sequence[str] = (),
    needs_outcome: bool = False,
    better: str | None = None,
    kind: str | None = None,
) -> Term:
    """A concept by its names (any case, spaces or hyphens) and abbreviations (this case)."""

    def loose(name: str) -> str:
        parts = [part for part in re.split(r"[\s\-]+", name) if part]
        made = re.escape(parts[0])
        for before, part in pairwise(parts):
            border = bool(_HAN.search(before[-1])) != bool(_HAN.search(part[0]))
            made += rf"[\s\-‐‑–]{'*' if border else '+'}" + re.escape(part)
        return made

    def bounded(name: str) -> str:
        if _HAN.search(name[0]) and _HAN.search(name[-1]):
            return re.escape(name)
        return rf"(?<!{_LATIN})(?i:{loose(name)}s?)(?!{_LATIN})"

    exact = [rf"(?<![A-Za-z0-9_]){re.escape(a)}(?![A-Za-z0-9_])" for a in abbreviations]
    spelled = [bounded(name) for name in sorted(names, key=len)[::-1]]
    pattern = re.compile("|".join([*spelled, *exact]) or r"(?!)")
    words = [max(re.split(r"[\s\-]+", name), key=len).lower() for name in names if name]
    hints = tuple(dict.fromkeys(words)), tuple(dict.fromkeys(abbreviations))
    return Term(term_id, pattern, needs_outcome, hints, better, kind)


@cache
def _modules() -> tuple[Any, ...]:
    """The extractors of this folder, and those of packages outside."""
    names = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem[0] != "_")
    outside = metadata.entry_points(group="review.extractors")
    return (
        *(import_module(f"extractors.{name}") for name in names),
        *(entry.load() for entry in outside),
    )


def find_all(passage: Passage, lexicon: Lexicon) -> list[Finding]:
    """Everything all extractors find, in the order of the text."""
    findings: list[Finding] = []
    for module in _modules():
        find: Iterator[Finding] = module.find(passage, lexicon)
        findings += find
    numbers = Numbers(passage.text)
    kept = []
    for one in findings:
        if passage.text[one.start : one.start + len(one.quote)] != one.quote:
            raise AssertionError(f"{one.rule} quotes what the text does not say")
        if (whole := numbers.whole(one)) is not None:
            kept.append(_with_denial(passage.text, whole))
    return sorted(kept, key=lambda f: (f.start, f.field, f.rule, str(f.value)))


def _with_denial(text: str, one: Finding) -> Finding:
    """A finding that takes along what denies its words, in the value too where that is words."""
    if not (more := denial(text, one.start)):
        return one
    before = text[one.start - more : one.start]
    value = before + one.value if one.value == one.quote else one.value
    return dataclasses.replace(one, quote=before + one.quote, start=one.start - more, value=value)


NAMED_FIELDS = ("design", "flag", "instrument", "treatment")
"""Fields whose value is a name: a quote that ends in a number is made longer by it."""
PEOPLE_FIELDS = ("sample", "total_sample_size", "arm_size")


class Numbers:
    """The numbers of a text as it prints them: what findings are held to before they leave."""

    def __init__(self, text: str) -> None:
        self.text = text
        made = Canonical.of(text)
        self.printed = [
            (made.at[one.start], made.at[one.end - 1] + 1, one) for one in numbers_of(made.text)
        ]

    def whole(self, one: Finding) -> Finding | None:
        """A finding whose quote cuts no number and holds the finding's own; None for any other.

        A per cent sign or unit behind the quote's last number is taken into it.
        """
        start, end = one.start, one.start + len(one.quote)
        inside = [(a, b, n) for a, b, n in self.printed if a < end and b > start]
        if any(a < start or b > end for a, b, _ in inside):
            if one.field not in NAMED_FIELDS:
                return None
            start, end = min(start, inside[0][0]), max(end, inside[-1][1])
            return dataclasses.replace(one, quote=self.text[start:end], start=start)
        if "sum_of" not in one.details and not _holds([n for _, _, n in inside], one):
            return None
        if self.text[start].isdigit() and (
            sign := LIMIT.search(self.text, max(0, start - 2), start)
        ):
            start = sign.start()
            one = dataclasses.replace(one, quote=self.text[start:end], start=start)
        if inside and inside[-1][1] == end and (tail := BEHIND.match(self.text, end)):
            return dataclasses.replace(one, quote=self.text[start : tail.end()])
        return one


def _holds(printed: list[Printed], one: Finding) -> bool:
    """Whether printed numbers hold the value of a finding, and the parts it names."""
    if one.rule == "sample_size/one_person":
        return True
    if one.field in PEOPLE_FIELDS:
        return any(n.value == one.value and n.people and n.share is not True for n in printed)
    parts = one.details
    counts = [parts[k] for k in ("events", "total") if k in parts and f"{k}_by" not in parts]
    if any(all(n.value != count or not n.people for n in printed) for count in counts):
        return False
    others = [parts[k] for k in ("percent", "ci_low", "ci_high", "before", "other") if k in parts]
    if isinstance(one.value, float) and one.field != "prevalence":
        others.append(one.value)
    if one.field in ("dose", "follow_up"):
        others += [n.value for n in numbers_of(canonical(str(one.value)))]
    return all(any(math.isclose(n.value, float(wanted)) for n in printed) for wanted in others)
