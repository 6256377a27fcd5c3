"""Study design: publication types and subject headings where there are any, then the text's words.

The order matters: a post-hoc or extension analysis of a randomised trial is not a randomised
trial, and neither is a protocol, a review of trials, or a cohort that cites them. Where no rule
speaks, nothing is yielded. ``value`` is the design as the review's table of levels knows it;
``kind`` in the details tells finer kinds apart (crossover, retrospective, before_after …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from extractors import Finding, Lexicon, Passage
from extractors._design_signs import (
    ABOUT_OTHERS_AFTER,
    ABOUT_OTHERS_BEFORE,
    AGAINST_TRIAL,
    ANIMALS,
    ATTRIBUTED,
    CELLS_AND_STRAINS,
    CHINESE,
    DECLARED,
    DECLARED_IN_TEXT,
    DENIED,
    DENIED_INSIDE,
    EXTENSION,
    EXTENSION_ASIDE,
    FOR_TRIAL,
    HUMANS,
    KINDS,
    LABORATORY,
    LATER,
    LATER_TITLE,
    MEASURED,
    MENDELIAN,
    NAMED_TRIAL,
    NO_ALLOCATION,
    NOT_DONE_AFTER,
    NOT_DONE_BEFORE,
    NOT_IN_PRACTICE,
    NOTICE,
    OTHER_WITHIN,
    OTHERS,
    POST_HOC_OWN,
    POST_HOC_SELF,
    PROTOCOL,
    QUASI,
    RESULTS,
    REVIEWED,
    REVIEWS,
    STATED_ANIMALS,
    SURVEY,
    TITLE_ALONE,
    TREATED,
    TRIAL_KINDS,
    YEARS_LATER,
)
from extractors._signs import Sign

ENOUGH = 2.5
"""Weight of signs from which a text is read as reporting a randomised trial."""
ENOUGH_INDEXED = 4.0
"""The same where an indexer read the paper and did not call it one."""


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
    return next(_signs(passage, pattern, begin, end, verb), None)


def _signs(
    passage: Passage, pattern: Sign, begin: int, end: int, verb: bool = False
) -> Iterator[_Sign]:
    """The places where a pattern speaks of this study, in the order of the text."""
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
        if ABOUT_OTHERS_AFTER.match(after) or NOT_DONE_AFTER.match(after):
            continue
        while stop < len(text) and text[stop].isascii() and text[stop].isalnum():
            stop += 1  # a quote ends with a word
        yield _Sign(start, passage.text[start:stop])


def _own(passage: Passage, pattern: Sign) -> _Sign | None:
    return _sign(passage, pattern, 0, len(passage.small))


def _in_title(passage: Passage, pattern: Sign) -> _Sign | None:
    return _sign(passage, pattern, 0, len(passage.title))


def animal(passage: Passage) -> _Sign | None:
    """The word that shows a study of animals or cells alone.

    Where something is randomised, who is randomised decides; else headings, the title, and whether
    people are named at all.
    """
    if passage.mesh and "Animals" in passage.mesh and "Humans" not in passage.mesh:
        return _own(passage, ANIMALS) or _Sign(0, passage.title)
    if stated := STATED_ANIMALS.search(passage.small):
        return _Sign(stated.start(), passage.text[stated.start() : stated.end()])
    for match in (
        match
        for _, _, verbs in (FOR_TRIAL[0], FOR_TRIAL[-1])
        for match in verbs.finditer(passage.small, len(passage.title), len(passage.small))
    ):
        sentence = _sentence(passage, match.start())
        beast = ANIMALS.search(sentence) or CELLS_AND_STRAINS.search(sentence)
        if HUMANS.search(sentence) and not beast:
            return None
        subject = sentence[: sentence.find(match.group())]
        if HUMANS.search(subject) and not CELLS_AND_STRAINS.search(sentence):
            return None
        if beast and not (HUMANS.search(subject) and not CELLS_AND_STRAINS.search(subject)):
            return _Sign(match.start(), passage.text[match.start() : match.end()])
    if "Humans" in passage.mesh:
        return None
    test = LABORATORY.search(passage.small)
    if test is not None and not HUMANS.search(passage.small):
        return _Sign(test.start(), passage.text[test.start() : test.end()])
    people = len(HUMANS.findall(passage.small))
    found = _in_title(passage, ANIMALS)
    if found is not None and people < 3 and not HUMANS.search(passage.small, 0, len(passage.title)):
        return found
    found = _own(passage, ANIMALS)
    return found if found is not None and not people else None


def _sentence(passage: Passage, at: int) -> str:
    """The sentence, in small letters, that holds a place."""
    for begin, words in passage.sentences:
        if begin <= at < begin + len(words) + 1:
            return passage.small[begin : begin + len(words)]
    return ""


@lru_cache(maxsize=64)
def _allots_nobody(words: str) -> bool:
    return NO_ALLOCATION.search(words) is not None


@lru_cache(maxsize=64)
def _attributed(sentence: str) -> bool:
    return ATTRIBUTED.search(sentence) is not None


def _title_declares(passage: Passage) -> bool:
    """Whether the title, or its own part, says that a randomised trial is reported."""
    if "title_declares" not in passage.memo:
        title = passage.small[: len(passage.title)]
        passage.memo["title_declares"] = DECLARED.search(title) is not None
    return bool(passage.memo["title_declares"])


def _said_of_others(passage: Passage, sign: _Sign, titled: bool) -> bool:
    """Whether a sign of randomisation stands in a sentence about another study, or other things."""
    if sign.start <= len(passage.title):
        title = passage.small[: len(passage.title)]
        return _allots_nobody(title) or (_attributed(title) and not _title_declares(passage))
    sentence = _sentence(passage, sign.start)
    if _allots_nobody(sentence):
        return True
    words = passage.small[sign.start : sign.start + len(sign.words) + 16]
    ordered = "order" in words or "sequence" in words
    if ordered and MEASURED.search(sentence) and not TREATED.search(sentence):
        return True
    if titled:
        return False
    at = passage.small.rfind("\n", 0, sign.start) + 1
    printed = passage.text[max(at, sign.start - 120) : sign.start + len(sign.words) + 60]
    ours = sign.words[:3].casefold() == "we "  # whoever allotted them writes
    in_title = NAMED_TRIAL.search(passage.title)
    if in_title and passage.small[: in_title.start()].endswith("results "):
        in_title = None  # "results from the … study": its own report
    if NAMED_TRIAL.search(printed) or (not ours and in_title):
        return True
    return _attributed(sentence)


def _titled(passage: Passage) -> bool:
    """Whether the title says that a randomised trial is reported."""
    if "titled" not in passage.memo:
        title = passage.small[: len(passage.title)]
        passage.memo["titled"] = any(_in_title(passage, one) for _, _, one in FOR_TRIAL[:2]) and (
            _title_declares(passage) or not _attributed(title)
        )
    return bool(passage.memo["titled"])


def _declared(passage: Passage) -> bool:
    """Whether the paper calls itself a randomised trial: by its title's own part, or in its text."""
    if "declared" not in passage.memo:
        passage.memo["declared"] = _title_declares(passage) or (
            DECLARED_IN_TEXT.search(passage.small) is not None
            and not any(
                ATTRIBUTED.search(m.group())
                for m in DECLARED_IN_TEXT.finditer(passage.small, 0, len(passage.small))
            )
        )
    return bool(passage.memo["declared"])


_ALLOTTED = re.compile(
    r"randomly (?:assign|allocat|divid)|randomi[sz]ed (?:to|into|\d)|(?:were|was|we) randomi[sz]ed"
)
"""Words by which people were allotted: where a study was done then weighs less against a trial."""


def trial_weight(passage: Passage) -> tuple[float, _Sign | None]:
    """How strongly a text says that it reports a randomised trial, and its best words for it."""
    best: tuple[float, _Sign] | None = None
    weight = 0.0
    if MENDELIAN.search(passage.small):
        return weight, None
    title = len(passage.title)
    titled = _titled(passage)
    for verb, points, pattern in FOR_TRIAL:
        signs = _signs(passage, pattern, 0, len(passage.small), verb)
        sign = next((one for one in signs if not _said_of_others(passage, one, titled)), None)
        if sign is None:
            continue
        own = points + (1 if sign.start <= title else 0)
        weight += own
        if best is None or own > best[0]:
            best = (own, sign)
    allotted = best is not None and _ALLOTTED.search(best[1].words.casefold()) is not None
    for points, pattern in AGAINST_TRIAL:
        if _own(passage, pattern) is not None:
            weight -= min(points, 0.5) if allotted and pattern is SURVEY else points
    if QUASI.search(passage.small):
        weight -= 5
    if not titled and NOT_IN_PRACTICE.search(passage.small):
        weight -= 0.5 if allotted else 2.5
    weight += 2 * (not titled and _declared(passage))
    if not titled and not _declared(passage) and REVIEWED.search(passage.small):
        weight -= 4
    return weight, best[1] if best else None


def _done_here(passage: Passage) -> _Sign | None:
    """The abstract's words that people were randomised, where it does not speak of another study."""
    for verb, _, pattern in (FOR_TRIAL[0], FOR_TRIAL[-1]):
        signs = _signs(passage, pattern, len(passage.title), len(passage.small), verb)
        found = next((one for one in signs if not _said_of_others(passage, one, False)), None)
        if found is not None:
            return found
    return None


def _finding(value: str, sign: _Sign, kind: str | None, confidence: float, rule: str) -> Finding:
    details: dict[str, str | int | float] = {"confidence": confidence}
    if kind:
        details["kind"] = kind
    return Finding("design", value, sign.words, sign.start, f"design/{rule}", details)


def _trial_kind(passage: Passage) -> str:
    return next((kind for kind, pattern in TRIAL_KINDS if _own(passage, pattern)), "parallel")


def _extension(passage: Passage, randomised: bool) -> tuple[str, _Sign] | None:  # noqa: C901
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
                own = POST_HOC_SELF if _declared(passage) else POST_HOC_OWN
                if not own.search(sentence):
                    continue
            elif randomised and EXTENSION_ASIDE.search(sentence):
                continue
            return kind, sign
    titled = _titled(passage)
    cited = any(one.search(passage.small) for _, _, one in FOR_TRIAL[:3])
    after = LATER_TITLE.search(passage.small, 0, len(passage.title))
    if after is None:
        after = YEARS_LATER.search(passage.small, 0, len(passage.title))
        after = after if after is not None and _done_here(passage) is None else None
    title = passage.small[: len(passage.title)]
    after = after or (None if _title_declares(passage) else ATTRIBUTED.search(title))
    if after is not None and not titled and cited and not _declared(passage):
        return "later_analysis", _Sign(after.start(), passage.text[after.start() : after.end()])
    if "randomized controlled trial" in _typed(passage):
        return None
    for kind, pattern in LATER:
        sign = _own(passage, pattern)
        if (
            sign is not None
            and not titled
            and not _declared(passage)
            and (cited or EXTENSION[-1][1].search(passage.small))
        ):
            return kind, sign
    return None


HEADINGS = (
    ("Case-Control Studies", "case_control", None),
    ("Cross-Sectional Studies", "nonrandom_sample", "cross_sectional"),
    ("Retrospective Studies", "cohort", "retrospective"),
    ("Prospective Studies", "cohort", "prospective"),
    ("Cohort Studies", "cohort", None),
)
"""Subject headings that name a design."""


def _typed(passage: Passage) -> set[str]:
    return {one.casefold() for one in passage.publication_types}


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """The study's design, at most one."""
    found = _decide(passage)
    if found is not None:
        yield found


def _decide(passage: Passage) -> Finding | None:
    return _report_of_no_study(passage) or _trial(passage) or _observed(passage)


NOTICE_TYPES = frozenset(
    {"published erratum", "retraction of publication", "expression of concern"}
)
LETTER_TYPES = frozenset({"comment", "editorial", "news", "letter"})


def _report_of_no_study(passage: Passage) -> Finding | None:
    """Notices, protocols, reviews, guidelines, and papers of another design inside a trial."""
    types = _typed(passage)
    whole = _Sign(0, passage.title)
    title = passage.small[: len(passage.title)]
    letter = LETTER_TYPES & types and "randomized controlled trial" not in types
    if NOTICE.search(title) or NOTICE_TYPES & types or letter:
        return _finding("other", whole, "notice_or_comment", 0.9, "notice")
    declared = _title_declares(passage)
    for value, inner, within in OTHER_WITHIN:
        if not declared and (found := within.search(title)):
            words = _Sign(found.start(), passage.text[found.start() : found.end()])
            return _finding(value, words, inner, 0.8, "within_a_trial")
    for place, pattern in PROTOCOL:
        sign = _own(passage, pattern) if place == "text" else _in_title(passage, pattern)
        if place == "text" and sign is not None and _own(passage, RESULTS):
            continue
        if sign is not None:
            return _finding("other", sign, "protocol", 0.9, "protocol")
    if "clinical trial protocol" in types:
        return _finding("other", whole, "protocol", 0.95, "publication_type")
    for value, kind, pattern, title_only in () if declared else REVIEWS:
        sign = _in_title(passage, pattern) if title_only else _own(passage, pattern)
        if sign is not None:
            return _finding(value, sign, kind, 0.9, value)
    if {"meta-analysis", "systematic review"} & types:
        return _finding("systematic_review", whole, None, 0.95, "publication_type")
    if {"practice guideline", "guideline"} & types:
        return _finding("other", whole, "guideline", 0.95, "publication_type")
    return None


def _unnamed(passage: Passage) -> bool:
    """Whether an indexer called it a controlled trial, and no word of it says random."""
    return "controlled clinical trial" in _typed(passage) and not any(
        _sign(passage, pattern, 0, len(passage.small), verb) for verb, _, pattern in FOR_TRIAL[:2]
    )


def _trial(passage: Passage) -> Finding | None:
    """Later analyses of trials, animals, randomised trials, and what only looks like one."""
    types = _typed(passage)
    whole = _Sign(0, passage.title)
    weight, best = trial_weight(passage)
    typed = "randomized controlled trial" in types
    vetoed = bool({"observational study", "case reports", "review"} & types) or (
        not _declared(passage)
        and any(
            value == "narrative_review" and _in_title(passage, pattern)
            for value, _, pattern in TITLE_ALONE
        )
    )
    unnamed = _unnamed(passage)
    enough = ENOUGH_INDEXED if passage.mesh and types else ENOUGH
    randomised = typed or (weight >= enough and not unnamed and not vetoed)
    later = _extension(passage, randomised)
    if later is not None:
        return _finding("post_hoc_extension", later[1], later[0], 0.85, "post_hoc_extension")
    beast = animal(passage)
    if beast is not None and not typed:
        return _finding("mechanism", beast, "animal_or_in_vitro", 0.85, "mechanism")
    if randomised:
        kind = _trial_kind(passage)
        design = "n_of_1" if kind == "n_of_1" else "randomised_trial"
        sure = 0.98 if typed else round(min(0.97, 0.6 + weight / 30), 2)
        return _finding(design, best or whole, kind, sure, "randomised_trial")
    quasi = QUASI.search(passage.small)
    if quasi is not None and weight > -3:
        words = _Sign(quasi.start(), passage.text[quasi.start() : quasi.end()])
        return _finding("nonrandomised_controlled", words, "quasi_randomised", 0.7, "quasi")
    if unnamed:
        return _finding("nonrandomised_controlled", whole, None, 0.7, "publication_type")
    return None


def _observed(passage: Passage) -> Finding | None:
    """Everything else: the title's words, types, headings, then the abstract's words."""
    types = _typed(passage)
    whole = _Sign(0, passage.title)
    for value, kind, pattern in TITLE_ALONE:
        sign = _in_title(passage, pattern)
        if sign is not None:
            return _finding(value, sign, kind, 0.85, value)
    if "case reports" in types:
        return _finding("case_report", whole, None, 0.9, "publication_type")
    if "review" in types:
        return _finding("narrative_review", whole, None, 0.9, "publication_type")
    for heading, value, inner in HEADINGS:
        if heading in passage.mesh:
            return _finding(value, whole, inner, 0.8, "heading")
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
