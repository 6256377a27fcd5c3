"""Editorial amendments: whether criteria changed in their words alone (methods rule 42).

A person declares it in the protocol with the text before. That nothing else changed is proven by
the fingerprint in the decision: today's criteria with the old words put back must give it. That no
number, negation, population or outcome word changed is looked up word by word.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from review.ground.resources import resource_bytes
from review.ground.yaml import parse
from review.model.base import Bilingual
from review.model.protocol import Amendment, Criterion, Protocol, criteria_hash
from review.model.question import Question
from review.model.vocabulary import TermKind, Vocabulary

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[<>≤≥=±%‰]")
_HAN = re.compile("[\u3400-\u9fff]")
_NUMBER = re.compile(r"\d|[<>≤≥=±%‰]")
WORDS = "review/selection/editorial.yaml"
BEHIND = 2
"""Words behind a number or a negation that belong to it."""


@dataclass(frozen=True)
class Rewording:
    """A criterion's text before and after an editorial amendment."""

    criterion: str
    before: Bilingual
    after: Bilingual


@dataclass(frozen=True)
class Way:
    """The editorial amendments from older criteria to today's.

    :ivar amendments: oldest first
    """

    amendments: tuple[Amendment, ...]
    rewordings: tuple[Rewording, ...]


@dataclass(frozen=True)
class Guarded:
    """Words that editing may not touch.

    :ivar binding: numbers, comparisons and negations: with them the words behind them
    :ivar naming: of populations and outcomes
    """

    binding: frozenset[str]
    naming: frozenset[str]


def rewordings(protocol: Protocol) -> Iterator[tuple[Amendment, tuple[Rewording, ...], str]]:
    """Each editorial amendment, newest first: what it changed, and the fingerprint before it.

    An amendment of a criterion that is gone ends the row: there is no text to put the old one for.
    """
    criteria = {one.id: one for one in protocol.eligibility}
    for amendment in reversed(protocol.amendments):
        if amendment.editorial is None:
            continue
        changed = []
        for one in amendment.editorial.criteria:
            if one.criterion not in criteria:
                return
            held = criteria[one.criterion]
            changed.append(Rewording(one.criterion, one.before, held.text))
            criteria[one.criterion] = _with(held, one.before)
        yield amendment, tuple(changed), criteria_hash(criteria.values())


def _with(criterion: Criterion, text: Bilingual) -> Criterion:
    return criterion.model_copy(update={"text": text})


def ways(protocol: Protocol) -> dict[str, Way]:
    """The older fingerprints from which editorial amendments alone lead to today's: by which."""
    found: dict[str, Way] = {}
    amendments: tuple[Amendment, ...] = ()
    changes: tuple[Rewording, ...] = ()
    for amendment, changed, before in rewordings(protocol):
        amendments, changes = (amendment, *amendments), (*changed, *changes)
        found.setdefault(before, Way(amendments, changes))
    return found


def guarded(questions: Iterable[Question], vocabularies: Iterable[Vocabulary]) -> Guarded:
    """What editing may not touch: the words of every review, and those of this one's topic."""
    lists = _lists()
    texts: list[str] = []
    for question in questions:
        texts += [text for side in (question.population, question.outcome) for text in _both(side)]
    for vocabulary in vocabularies:
        if vocabulary.kind in (TermKind.OUTCOMES, TermKind.POPULATIONS):
            for term in vocabulary.terms:
                texts += [*_both(term.name), *term.synonyms, *term.abbreviations]
    binding = lists["numbers"] | lists["comparisons"] | lists["negations"]
    topic = {token for text in texts for token in _tokens(text)} - lists["stop"]
    return Guarded(frozenset(binding), frozenset((topic | lists["people"]) - binding))


def _both(text: Bilingual) -> list[str]:
    return [one for one in (text.en, text.zh) if one]


@lru_cache(maxsize=1)
def _lists() -> Mapping[str, frozenset[str]]:
    value: Mapping[str, Mapping[str, str] | str] = parse(resource_bytes(WORDS), WORDS).value
    return {
        name: frozenset(
            words.split() if isinstance(words, str) else (*words["en"].split(), *words["zh"])
        )
        for name, words in value.items()
    }


def _tokens(text: str) -> list[str]:
    """Words and numbers in small letters; of Chinese each sign."""
    found: list[str] = []
    for token in _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()):
        found += _HAN.sub(r" \g<0> ", token).split()
    return found


def objection(change: Rewording, words: Guarded) -> str | None:
    """Why a change of a criterion's text is no matter of editing alone; None where it is."""
    for language in ("en", "zh"):
        before: str | None = getattr(change.before, language)
        after: str | None = getattr(change.after, language)
        if before == after:
            continue
        if before is None or after is None:
            other = "zh" if language == "en" else "en"
            if getattr(change.before, other) != getattr(change.after, other):
                return f"{change.criterion}: both languages changed, and one has no text to compare"
            continue
        if found := _touched(before, after, words):
            return (
                f"{change.criterion}: {found!r} changed in {before[:80]!r} -> {after[:80]!r}; "
                "a number, negation, population or outcome word is no matter of editing"
            )
    return None


def _touched(before: str, after: str, words: Guarded) -> str | None:
    """The first guarded word that is not the same before and after, or has another place."""
    one, two = _marks(_tokens(before), words), _marks(_tokens(after), words)
    if one != two:
        gone, come = Counter(mark[0] for mark in one), Counter(mark[0] for mark in two)
        changed = (gone - come) + (come - gone)
        moved = next((mark for mark in one if mark not in two), two[0] if two else one[0])
        return next(iter(changed), " ".join(moved))
    return _turned(_tokens(before), _tokens(after))


def _marks(tokens: Sequence[str], words: Guarded) -> list[tuple[str, ...]]:
    """Each guarded word in its order; a number or negation with the words behind it."""
    stop = _lists()["stop"]
    found = []
    for at, token in enumerate(tokens):
        if token in words.binding or _NUMBER.search(token):
            behind = [one for one in tokens[at + 1 :] if one not in stop][:BEHIND]
            found.append((token, *behind))
        elif token in words.naming or token.removesuffix("s") in words.naming:
            found.append((token,))
    return found


def _turned(before: Sequence[str], after: Sequence[str]) -> str | None:
    """A word that became its contrary: controlled, uncontrolled."""
    gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
    for one, two in ((gone, come), (come, gone)):
        for word in one:
            for prefix in _lists()["prefixes"]:
                if not _HAN.search(word) and prefix + word in two:
                    return prefix + word
    return None
