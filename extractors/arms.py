"""Sizes of a study's arms: numbers that add up to the study's, or that stand beside an arm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from extractors import Finding, Lexicon, Passage
from extractors._number_words import number
from extractors._people import WHOLE, Count, counts
from extractors.sample_size import total

_EACH = re.compile(
    r"\b(?:each|both|per|either|all (?:two|three|four))\s+(?:of (?:the )?)?(?:\w+\s+){0,2}?"
    r"(?:groups?|arms?|cohorts?)\b|\bper (?:group|arm)\b",
    re.IGNORECASE,
)
_ALLOCATED = re.compile(
    r"randomi[sz]|randomly|allocat|assign|divided|groups?\b|arms?\b|receiv|treated|underwent|compared|versus|\bvs\b|placebo|control",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"^\s*(?:\((?:[^()]{0,25})\)\s*)?(?:(?!\d)[\w/-]+\s+){0,4}?(?:to\b|into\b|received?\b|receiving\b|"
    r"underwent\b|(?:in|on|with|for|from)\s+(?:the\s+)?[^.,;%]{0,50}?(?:groups?|arms?)\b|assigned\b|allocated\b|"
    r"randomi[sz]ed\b|(?:placebo|controls?|[\w-]+[- ](?:treated|arm|group))\b)",
    re.IGNORECASE,
)
"""What stands behind an arm's number."""
_SHARE = re.compile(r"\d\s?%\)?\s?(?:of|in)|\bin\s*$", re.IGNORECASE)
MOST = 16
"""Numbers of two sentences that are tried for a sum."""


@dataclass(frozen=True)
class _Number:
    people: int
    words: str
    start: int
    beside: bool
    """it is printed as n = …, or people are named behind it"""


def _numbers(passage: Passage, index: int, known: Sequence[Count]) -> list[_Number]:
    """The whole numbers of a sentence."""
    begin, sentence = passage.sentences[index]
    counted = {one.start: one for one in known if one.sentence == index}
    found = {one.start: _Number(one.people, one.words, one.start, True) for one in counted.values()}
    places = {begin + one.at for one in counted.values()}
    for match in WHOLE.finditer(sentence):
        place = begin + match.start("number")
        if place not in places and (people := number(match.group("number"))) > 1:
            found[place] = _Number(people, match.group("number"), place, False)
    return [found[start] for start in sorted(found)]


def arms(passage: Passage, known: Sequence[Count]) -> list[_Number]:
    """The numbers that are an arm's, in the order of the text."""
    chosen = total(passage, known)
    whole = chosen[0].people if chosen else None
    sentences = passage.sentences
    for one in known:
        sentence = sentences[one.sentence][1]
        each = _EACH.search(sentence[one.at : one.end + 60])
        if each and (whole is None or one.people < whole):
            return [_Number(one.people, one.words, one.start, True)]
    rows = [_numbers(passage, index, known) for index in range(len(sentences))]
    if whole is not None and whole > 7:
        for index in range(len(rows)):
            texts = " ".join(sentence for _, sentence in sentences[index : index + 2])
            if not _ALLOCATED.search(texts):
                continue
            for wide in (1, 2, 4):
                near = [n for row in rows[index : index + wide] for n in row if n.people < whole]
                near = [n for n in near if n.beside] if wide > 2 else near
                for size in (2, 3, 4):
                    for some in combinations(near[:MOST], size):
                        people = [n.people for n in some]
                        even = max(people) <= 4 * min(people)
                        if sum(people) == whole and even and (size == 2 or min(people) > 4):
                            return list(some)
    for index in range(len(rows)):
        for wide in (1, 2):
            near = [n for row in rows[index : index + wide] for n in row]
            listed = [n for n in near if "=" in n.words and n.people != whole]
            if len(listed) > 1 and max(n.people for n in listed) <= 4 * min(
                n.people for n in listed
            ):
                return listed
    for index, row in enumerate(rows):
        begin, sentence = sentences[index]
        if not _ALLOCATED.search(sentence):
            continue
        sent = [
            n
            for n in row
            if n.people > 4
            and _SENT.match(sentence[n.start - begin + len(n.words) :])
            and not _SHARE.search(sentence[max(0, n.start - begin - 12) : n.start - begin])
        ]
        people = [n.people for n in sent]
        if not 1 < len(people) < 5 or max(people) > 4 * min(people):
            continue
        if whole in people and max(people) > 2 * min(people):
            continue
        if whole is None or whole in people or 0.5 * whole <= sum(people) <= 1.02 * whole:
            return sent
    return []


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Sizes of arms, each with the words that carry it."""
    for one in arms(passage, counts(passage.sentences)):
        yield Finding("arm_size", one.people, one.words, one.start, "arms/size", {"role": "arm"})
