"""How a study was run, as far as a text says it: masking, allocation, control, centres, analysis.

Each flag at most once, at its first mention; absence of a flag is no statement. A flag that is
denied or spoken of others is not yielded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage
from extractors._number_words import PHRASE
from extractors._signs import places, register, sign

_N = rf"(?:\d[\d,]*|(?<![a-z])(?:{PHRASE}))"
_NEEDS = {
    "double_blind": "blind|mask|dummy|双盲",
    "single_blind": "blind|mask|单盲",
    "open_label": "open|blind|mask|开放",
    "blinded_assessor": "blind|mask",
    "blinded_participant": "blind|mask|unaware",
    "blinded_clinician": "blind|mask|unaware",
    "concealed_allocation": "seal|opaque|conceal|central|interactive",
    "random_sequence": "computer|random|block|minimi|随机",
    "stratified": "stratif",
    "placebo": "placebo|安慰",
    "sham": "sham|假刺激",
    "usual_care": "care|常规",
    "waiting_list": "wait",
    "no_treatment": "treat|intervention",
    "multicentre": "multi|cent|site|hospital|clinic|institution|多中心",
    "single_centre": "cent|site|institution|单中心",
    "prospective": "prospective|前瞻",
    "retrospective": "retrospective|回顾",
    "parallel": "parallel|平行",
    "crossover": "cross|交叉",
    "factorial": "factorial",
    "intention_to_treat": "treat|itt|意向",
    "per_protocol": "protocol",
    "sample_size_calculation": "sample size|power",
}
"""Words without one of which a flag is not looked for."""
_FLAGS: tuple[tuple[str, str], ...] = (
    ("double_blind", r"\b(?:double|triple|quadruple)[- ]?(?:blind|mask|dummy)\w*|双盲"),
    ("single_blind", r"\bsingle[- ]?(?:blind|mask)\w*|单盲"),
    (
        "open_label",
        r"\bopen[- ]?label(?:led|ed)?\b|\bunblinded\b|\bunmasked\b|\bnon-?blinded\b|开放标签",
    ),
    (
        "blinded_assessor",
        r"\b(?:assessor|observer|evaluator|rater|examiner|outcome)s?[- ](?:\w+ ){0,2}?(?:blind|mask)\w*"
        r"|\bblind(?:ed)? (?:assessors?|observers?|evaluators?|raters?|examiners?|outcome assess\w+)"
        r"|\b(?:assessors?|raters?|examiners?|evaluators?) (?:\w+ ){0,3}?(?:were|was) (?:blind|mask)\w*",
    ),
    (
        "blinded_participant",
        r"\b(?:participants?|patients?|subjects) (?:and \w+ )?(?:were|was|remained) (?:blind|mask|unaware)\w*"
        r"|\b(?:blinded|masked) (?:participants|patients|subjects)",
    ),
    (
        "blinded_clinician",
        r"\b(?:clinicians?|physicians?|therapists?|surgeons?|investigators?|caregivers?|study staff)"
        r" (?:and \w+ )?(?:were|was|remained) (?:blind|mask|unaware)\w*|\binvestigator-?(?:blind|mask)\w*",
    ),
    (
        "concealed_allocation",
        r"\b(?:sealed|opaque)[ ,-](?:[\w-]+[ ,]+){0,3}?envelopes?|\bconceal\w* allocation|\ballocation (?:\w+ )?conceal"
        r"|\bcentral(?:ly|i[sz]ed)? (?:\w+ )?(?:randomi[sz]|telephone|web)\w*|\binteractive (?:voice|web)",
    ),
    (
        "random_sequence",
        r"\bcomputer[- ]generated\b|\brandom number (?:table|generator|s)|\bpermuted[- ]blocks?\b"
        r"|\bblock randomi[sz]ation|\bminimi[sz]ation\b|随机数字表",
    ),
    ("stratified", r"\bstratified (?:randomi[sz]|by|according)|\bstratification\b"),
    ("placebo", r"\bplacebo\b|安慰剂"),
    ("sham", r"\bsham\b|假刺激"),
    ("usual_care", r"\b(?:usual|standard|routine) care\b|\bcare as usual\b|常规治疗"),
    ("waiting_list", r"\bwait(?:ing)?[- ]?list"),
    (
        "no_treatment",
        r"\b(?:no|untreated|without) (?:treatment|intervention) (?:group|arm|control)|\buntreated control",
    ),
    (
        "multicentre",
        r"\bmulti-?\s?(?:cent(?:er|re)s?|cent(?:er|re)d|site|institution\w*|national)\b"
        rf"|\b(?:at|in|from|across) {_N} (?:\w+ ){{0,3}}?(?:cent(?:er|re)s|sites|hospitals|clinics|institutions)\b|多中心",
    ),
    (
        "single_centre",
        r"\bsingle[- ](?:cent(?:er|re)|site|institution)\b|\bone cent(?:er|re)\b|单中心",
    ),
    ("prospective", r"\bprospective(?:ly)?\b|前瞻性"),
    ("retrospective", r"\bretrospective(?:ly)?\b|回顾性"),
    ("parallel", r"\bparallel[- ](?:group|arm|design|cohort|study|trial)s?\b|\bparallel\b|平行"),
    ("crossover", r"\bcross-?\s?over\b|交叉"),
    ("factorial", r"\bfactorial\b"),
    ("intention_to_treat", r"\bintent(?:ion)?[- ]to[- ]treat\b|\bITT\b|意向性"),
    ("per_protocol", r"\bper[- ]protocol\b"),
    (
        "sample_size_calculation",
        r"\bsample size (?:was )?(?:calculat|estimat|determin)\w*|\bpower(?:ed)? (?:calculation|analysis|to detect)"
        rf"|\b{_N}\s?% power\b|\bpower of {_N}\s?%",
    ),
)
_COMPILED = [(name, sign(pattern, needs=_NEEDS[name], reach=100)) for name, pattern in _FLAGS]
_DENIED = re.compile(
    r"\b(?:not|no|non|without|nor|never|neither|rather than|instead of|unlike|than in)[- ](?:\w+[ -]){0,1}$|"
    r"\b(?:future|further|previous|earlier|prior|other|larger|need for)\s(?:[\w-]+,?\s){0,3}$"
)
_NOT_INSIDE = re.compile(r"\b(?:not|never)\b")
_NO_CONTROL = re.compile(r"\s(?:effects?|respon\w+|phenomenon)\b")
"""Behind "placebo": an effect that is spoken of, no control."""
_NOBODY = re.compile(r"\b(?:no|none|nobody|no one|neither)\b[^.;]{0,40}$", re.IGNORECASE)
_ATTRITION = re.compile(
    rf"\b(?P<n>{_N})(?:\s\(\d[\d.]*\s?%\))?(?:\s(?:patients?|participants?|subjects?|women|men|people))?\s"
    r"(?:withdrew|dropped out|discontinued|were lost to follow-?up|was lost to follow-?up|were excluded"
    r"|did not complete)\b|\b(?:dropout|drop-out|attrition|withdrawal) rate\s(?:was|of)\s\d[\d.]*\s?%"
    r"|\blost to follow-?up\b",
    re.IGNORECASE,
)

_LOST = ("withdr", "drop", "lost", "discontin", "exclu", "attrit", "complete")
register(_LOST)


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each flag once; then the first words on people who were lost."""
    for name, one in _COMPILED:
        for match in one.finditer(passage.small, 0, len(passage.small)):
            before = passage.small[max(0, match.start() - 45) : match.start()]
            if _DENIED.search(before) or _NOT_INSIDE.search(match.group()):
                continue
            if name == "placebo" and _NO_CONTROL.match(passage.small, match.end()):
                continue
            words = passage.text[match.start() : match.end()]
            yield Finding("flag", name, words, match.start(), f"flags/{name}", {"confidence": 0.9})
            break
    lossy = not places(passage.small).keys().isdisjoint(_LOST)
    for lost in _ATTRITION.finditer(passage.text) if lossy else ():
        if _NOBODY.search(passage.text, max(0, lost.start() - 60), lost.start()):
            continue
        yield Finding(
            "flag", "attrition", lost.group(), lost.start(), "flags/attrition", {"confidence": 0.8}
        )
        break
