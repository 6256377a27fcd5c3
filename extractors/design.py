"""Study design: publication types and subject headings where there are any, then the text's words.

The order matters: a post-hoc or extension analysis of a randomised trial is not a randomised
trial, and neither is a protocol, a review of trials, or a cohort that cites them. Where no rule
speaks, nothing is yielded. ``value`` is the design as the review's table of levels knows it;
``kind`` in the details tells finer kinds apart (crossover, retrospective, before_after …).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extractors import Finding, Lexicon, Passage
from extractors._design_signs import (
    ABOUT_OTHERS_AFTER,
    ABOUT_OTHERS_BEFORE,
    AGAINST_TRIAL,
    ANIMALS,
    CHINESE,
    DENIED,
    DENIED_INSIDE,
    EXTENSION,
    EXTENSION_ASIDE,
    FOR_TRIAL,
    HUMANS,
    KINDS,
    LATER,
    NOT_DONE_BEFORE,
    OTHERS,
    POST_HOC_OWN,
    PROTOCOL,
    RESULTS,
    REVIEWS,
    TITLE_ALONE,
    TRIAL_KINDS,
)
from extractors._signs import Sign

ENOUGH = 3.0
"""Weight of signs from which a text is read as reporting a randomised trial."""


_SAYS_NOT = frozenset(
    pattern
    for pattern in (
        *(one for _, one in AGAINST_TRIAL),
        *(one for _, _, one in (*TITLE_ALONE, *OTHERS, *CHINESE)),
    )
)
"""Patterns whose own words may hold a "not"."""


@dataclass(frozen=True)
class _Sign:
    start: int
    words: str


def _sign(
    passage: Passage, pattern: Sign, begin: int, end: int, verb: bool = False
) -> _Sign | None:
    """The first place where a pattern speaks of this study: not of others, not denied."""
    others = NOT_DONE_BEFORE if verb else ABOUT_OTHERS_BEFORE
    text = passage.small
    for match in pattern.finditer(text, begin, end):
        start, stop = match.span()
        before = text[max(begin, start - 60) : start]
        after = text[stop : stop + 80]
        if DENIED_INSIDE.search(match.group()) and pattern not in _SAYS_NOT:
            continue
        if DENIED.search(before) or others.search(before):
            continue
        if ABOUT_OTHERS_AFTER.match(after):
            continue
        return _Sign(start, passage.text[start:stop])
    return None


def _own(passage: Passage, pattern: Sign) -> _Sign | None:
    return _sign(passage, pattern, 0, len(passage.small))


def _in_title(passage: Passage, pattern: Sign) -> _Sign | None:
    return _sign(passage, pattern, 0, len(passage.title))


def animal(passage: Passage) -> _Sign | None:
    """The word that shows a study of animals or cells alone, where no people are named."""
    if passage.mesh and "Animals" in passage.mesh and "Humans" not in passage.mesh:
        return _own(passage, ANIMALS) or _Sign(0, passage.title)
    if "Humans" in passage.mesh:
        return None
    people = len(HUMANS.findall(passage.small))
    sign = _in_title(passage, ANIMALS)
    if sign is not None and people < 3:
        return sign
    sign = _own(passage, ANIMALS)
    return sign if sign is not None and not people else None


def trial_weight(passage: Passage) -> tuple[float, _Sign | None]:
    """How strongly a text says that it reports a randomised trial, and its best words for it."""
    best: tuple[float, _Sign] | None = None
    weight = 0.0
    title = len(passage.title)
    for verb, points, pattern in FOR_TRIAL:
        sign = _sign(passage, pattern, 0, len(passage.small), verb)
        if sign is None:
            continue
        own = points + (1 if sign.start <= title else 0)
        weight += own
        if best is None or own > best[0]:
            best = (own, sign)
    for points, pattern in AGAINST_TRIAL:
        if _own(passage, pattern) is not None:
            weight -= points
    return weight, best[1] if best else None


def _finding(value: str, sign: _Sign, kind: str | None, confidence: float, rule: str) -> Finding:
    details: dict[str, str | int | float] = {"confidence": confidence}
    if kind:
        details["kind"] = kind
    return Finding("design", value, sign.words, sign.start, f"design/{rule}", details)


def _trial_kind(passage: Passage) -> str:
    return next((kind for kind, pattern in TRIAL_KINDS if _own(passage, pattern)), "parallel")


def _extension(passage: Passage, randomised: bool) -> tuple[str, _Sign] | None:
    """Words that make this a later analysis of a trial; a trial that ends in one is none."""
    for kind, pattern in EXTENSION:
        sign = _in_title(passage, pattern)
        if sign is not None:
            return kind, sign
    for kind, pattern in EXTENSION:
        if not pattern.search(passage.small):
            continue
        for begin, sentence in passage.sentences:
            if begin <= len(passage.title):
                continue
            sign = _sign(passage, pattern, begin, begin + len(sentence))
            if sign is None:
                continue
            sentence = passage.small[begin : begin + len(sentence)]
            if randomised and kind == "post_hoc":
                named = any(_in_title(passage, one) for _, _, one in FOR_TRIAL[:2])
                if named and not POST_HOC_OWN.search(sentence):
                    continue
            elif randomised and EXTENSION_ASIDE.search(sentence):
                continue
            return kind, sign
    titled = any(_in_title(passage, one) for _, _, one in FOR_TRIAL[:2])
    for kind, pattern in LATER:
        sign = _own(passage, pattern)
        if (
            sign is not None
            and not titled
            and (randomised or EXTENSION[-1][1].search(passage.small))
        ):
            return kind, sign
    return None


def _typed(passage: Passage) -> set[str]:
    return {one.casefold() for one in passage.publication_types}


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """The study's design, at most one."""
    found = _decide(passage)
    if found is not None:
        yield found


def _decide(passage: Passage) -> Finding | None:
    types = _typed(passage)
    whole = _Sign(0, passage.title)

    for place, pattern in PROTOCOL:
        sign = _own(passage, pattern) if place == "text" else _in_title(passage, pattern)
        if place == "text" and sign is not None and _own(passage, RESULTS):
            continue
        if sign is not None:
            return _finding("other", sign, "protocol", 0.9, "protocol")
    if "clinical trial protocol" in types:
        return _finding("other", whole, "protocol", 0.95, "publication_type")

    for value, kind, pattern, title_only in REVIEWS:
        sign = _in_title(passage, pattern) if title_only else _own(passage, pattern)
        if sign is not None:
            return _finding(value, sign, kind, 0.9, value)
    if {"meta-analysis", "systematic review"} & types:
        return _finding("systematic_review", whole, None, 0.95, "publication_type")
    if {"practice guideline", "guideline"} & types:
        return _finding("other", whole, "guideline", 0.95, "publication_type")

    weight, best = trial_weight(passage)
    typed = "randomized controlled trial" in types
    named = any(
        _sign(passage, pattern, 0, len(passage.small), verb) for verb, _, pattern in FOR_TRIAL[:2]
    )
    unnamed = "controlled clinical trial" in types and not named
    randomised = typed or (weight >= ENOUGH and not unnamed)
    later = _extension(passage, randomised)
    if later is not None:
        return _finding("post_hoc_extension", later[1], later[0], 0.85, "post_hoc_extension")
    beast = animal(passage)
    if beast is not None and not typed:
        return _finding("mechanism", beast, "animal_or_in_vitro", 0.85, "mechanism")
    if randomised and not ("review" in types and not typed):
        sign = best or whole
        trial = _trial_kind(passage)
        design = "n_of_1" if trial == "n_of_1" else "randomised_trial"
        sure = 0.98 if typed else round(min(0.97, 0.6 + weight / 30), 2)
        return _finding(design, sign, trial, sure, "randomised_trial")

    if unnamed:
        return _finding("nonrandomised_controlled", whole, None, 0.7, "publication_type")
    for value, kind, pattern in TITLE_ALONE:
        sign = _in_title(passage, pattern)
        if sign is not None:
            return _finding(value, sign, kind, 0.85, value)
    if "case reports" in types:
        return _finding("case_report", whole, None, 0.9, "publication_type")
    if "review" in types:
        return _finding("narrative_review", whole, None, 0.9, "publication_type")
    if {"editorial", "comment", "news"} & types:
        return _finding("other", whole, "opinion", 0.9, "publication_type")
    for value, kind, pattern in OTHERS:
        sign = _own(passage, pattern)
        if sign is not None:
            return _finding(value, sign, kind or _kind(passage, value, sign.words), 0.75, value)
    for value, kind, pattern in CHINESE:
        sign = _own(passage, pattern)
        if sign is not None:
            return _finding(value, sign, kind, 0.75, value)
    return None


def _kind(passage: Passage, value: str, words: str) -> str | None:
    """Finer kinds of a design: looking back or ahead."""
    if value in ("cohort", "inception_cohort", "case_series", "nonrandomised_controlled"):
        said = next((kind for kind, pattern in KINDS if pattern.search(words.lower())), None)
        return said or next((kind for kind, pattern in KINDS if _own(passage, pattern)), None)
    return None
