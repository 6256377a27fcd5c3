"""Study design, from the words a title or abstract uses for it.

The order matters: a post-hoc or extension analysis of a randomised trial is not a randomised
trial, and a review of trials is not one either. Where no rule speaks, nothing is yielded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage

RULES: tuple[tuple[str, str], ...] = (
    (
        "systematic_review_of_trials",
        r"systematic review (?:and meta-analysis )?of (?:\w+ )?randomi[sz]ed|"
        r"meta-analysis of randomi[sz]ed",
    ),
    ("systematic_review", r"systematic (?:literature )?review|meta-analys[ei]s|scoping review"),
    ("other", r"study protocol|protocol (?:for|of) a\b|\bguidelines?\b(?= for)"),
    (
        "post_hoc_extension",
        r"post[- ]?hoc|open-label extension|extension (?:phase|period|study)|"
        r"secondary analysis of (?:a |the )?(?:\w+ )?(?:randomi[sz]ed|trial)",
    ),
    (
        "randomised_trial",
        r"randomi[sz]ed,? (?:\w+[- ,]+){0,5}?(?:trial|study)|"
        r"(?:were|was) (?:\w+ )?randomi[sz]ed|randomly (?:assigned|allocated)|"
        r"randomi[sz]ed (?:to|in a)\b|sham-controlled|placebo-controlled",
    ),
    (
        "mechanism",
        r"\b(?:rats?|mice|mouse|murine|in vitro|animal model)\b",
    ),
    ("case_report", r"case report|(?:we|here) (?:report|describe|present) (?:a|the) (?:\w+ )?case"),
    ("case_series", r"case[- ]series|series of (?:\w+ )?(?:patients|cases)"),
    (
        "uncontrolled_follow_up",
        r"single[- ]arm|open[- ]label (?:pilot|study|trial|phase)|before[- ](?:and[- ])?after|"
        r"phase (?:1|I)\b|pilot study|uncontrolled",
    ),
    ("case_control", r"case[- ]control"),
    (
        "census_or_random_sample",
        r"population-based (?:\w+ )?(?:survey|study)|random sample|national census",
    ),
    (
        "nonrandom_sample",
        r"cross-sectional|questionnaire (?:survey|study)|online survey|\bsurvey of\b",
    ),
    (
        "nonrandomised_controlled",
        r"(?:controlled|comparative) cohort|compared with (?:\w+ ){0,3}controls? (?:in|over)|"
        r"non-?randomi[sz]ed (?:controlled|comparative)",
    ),
    ("inception_cohort", r"inception cohort"),
    (
        "cohort",
        r"(?:prospective|retrospective|longitudinal|observational|multicent\w+) "
        r"(?:\w+ )?cohort|cohort study",
    ),
    (
        "narrative_review",
        r"\b(?:this|the present|our|in this) review\b|: a review\b|narrative review",
    ),
)
_COMPILED = [(value, re.compile(pattern, re.IGNORECASE)) for value, pattern in RULES]
_NOT_OURS = re.compile(
    r"(?:future|further|previous|prior|larger|other|published|need(?:ed)? for|earlier)\s+"
    r"(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|non|no|without)[- ]?(?:\w+ )?$", re.IGNORECASE)


def _first(text: str, offset: int, only: str | None = None) -> Finding | None:
    for value, pattern in _COMPILED:
        if only is not None and value != only:
            continue
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 45) : match.start()]
            if not (_NOT_OURS.search(before) or _DENIED.search(before)):
                start = offset + match.start()
                return Finding("design", value, match.group(), start, f"design/{value}")
    return None


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """The study's design, at most one: the title's word before the abstract's."""
    found = _first(passage.title, 0) or _first(passage.abstract, len(passage.title) + 1)
    if found is not None and found.value == "randomised_trial":
        found = _first(passage.text, 0, "post_hoc_extension") or found
    if found is not None:
        yield found
