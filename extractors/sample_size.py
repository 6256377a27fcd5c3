"""Numbers of people with their role: randomised, enrolled, analysed, or a subset."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage
from extractors._number_words import WORD, number

_NUMBER = (
    rf"(?P<number>\d{{1,3}}(?:[,\u2009 ]\d{{3}})+|\d{{1,6}}"
    rf"|(?i:(?:(?:{WORD}) hundred(?: and)? )?(?:{WORD})(?:-(?:{WORD}))?))"
)
_PEOPLE = (
    r"(?i:patients?|participants?|subjects?|individuals?|people|persons?|adults?|children|women|men|"
    r"cases|respondents|volunteers)"
)
_QUALIFIED = (
    rf"(?<![\d.,/%–-]){_NUMBER}(?! ?%)\s+(?:(?!and\b|of\b|in\b|to\b)[\w+/-]+\s+){{0,5}}?{_PEOPLE}\b"
)
_PATTERN = re.compile(_QUALIFIED)
_N_EQUALS = re.compile(r"\b[nN]\s?[=＝]\s?(?P<number>\d{1,6})\b")

_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("randomised", re.compile(r"randomi[sz]ed|randomly (?:assigned|allocated)", re.IGNORECASE)),
    (
        "analysed",
        re.compile(r"analy[sz]ed|completed|primary analysis|evaluable", re.IGNORECASE),
    ),
    ("screened", re.compile(r"screened|approached|invited", re.IGNORECASE)),
    (
        "enrolled",
        re.compile(
            r"enrol+ed|included|recruited|studied|investigated|surveyed|participated|"
            r"a total of|we (?:report|describe|treated|followed|interviewed|reviewed)|consecutive|"
            r"received|were treated|study of",
            re.IGNORECASE,
        ),
    ),
)
_SUBSET = re.compile(
    r"\b(?:of (?:whom|these|them|the \d+)|among (?:whom|these|them)|in (?:whom|which)|subset|"
    r"subgroup)\b",
    re.IGNORECASE,
)


def _role(sentence: str, figure: re.Match[str]) -> str | None:
    """The role whose word stands nearest to a number; of two as near, the stronger.

    A word beyond a comma is far.
    """
    found = []
    for rank, (name, pattern) in enumerate(_ROLES):
        for word in pattern.finditer(sentence):
            gap = max(word.start() - figure.end(), figure.start() - word.end(), 0)
            between = sentence[min(word.end(), figure.end()) : max(word.start(), figure.start())]
            gap += 40 * sum(between.count(sign) for sign in ",;")
            found.append((gap, rank, name))
    return min(found)[2] if found else None


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Numbers of people, each with the role its sentence gives it."""
    for begin, sentence in passage.sentences:
        for match in _PATTERN.finditer(sentence):
            people = number(match.group("number"))
            before = sentence[: match.start()]
            role = _role(sentence, match)
            if _SUBSET.search(before[-40:]) or _SUBSET.match(sentence[match.end() :].lstrip()):
                role = "subset" if _SUBSET.search(before[-40:]) else role
            if role is None or not people:
                continue
            yield Finding(
                "sample",
                people,
                match.group(),
                begin + match.start(),
                f"sample_size/{role}",
                {"role": role},
            )
