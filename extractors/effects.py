"""Effect sizes and confidence intervals as printed: measure, value, limits and the P beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage
from extractors.p_values import _P, _value, relation_of

_MEASURES = (
    ("odds_ratio", r"(?:adjusted |crude |unadjusted |pooled )?odds ratios?", r"a?ORs?(?:adj)?"),
    (
        "risk_ratio",
        r"(?:adjusted )?(?:relative risks?|risk ratios?|rate ratios?)",
        r"a?RRs?|IRRs?",
    ),
    ("hazard_ratio", r"(?:adjusted |cox (?:proportional )?)?hazards? ratios?", r"a?HRs?"),
    ("risk_difference", r"(?:absolute )?risk (?:differences?|reductions?)", r"ARRs?"),
    (
        "standardised_mean_difference",
        r"standardi[sz]ed mean differences?|effect sizes?",
        r"SMDs?|Cohen['’]?s d|Hedges['’]? g",
    ),
    (
        "mean_difference",
        r"(?:least[- ]squares |adjusted |weighted )?mean differences?|treatment differences?|"
        r"between-group differences?|differences?",
        r"MDs?|WMDs?",
    ),
    (
        "correlation",
        r"correlation coefficients?|(?:pearson|spearman)(?:['’]s)? (?:r|rho|correlation)",
        r"rs?|rho|ρ",
    ),
    (
        "regression_coefficient",
        r"(?:standardi[sz]ed |std\.? )?(?:beta|β)(?: coefficients?)?|coefficients?",
        r"[Bb](?: coefficients?)?",
    ),
)
"""Measure, its names in any case, and its abbreviations in exactly this case."""
_DIGIT = re.compile(r"\d")
_NUM = r"[-−–+]?\s?(?:\d{1,3},\d{1,2}(?=\s?(?:[()\[\];–~]|-|to\b|\s9[059]))|\d{0,7}[.·]?\d{1,9})"
_LINK = r"(?:\s?[\[(](?:a?[OHR]R|MD|SMD)[\])])?(?:\s?[\[(]95\s?%\s?CI[\])])?\s?(?:\[|\()?\s?(?:,|=|:|was|of|is|were|\s)\s?(?:[=:]\s?)?"
_SIGNED = ("=", " =", "\u2009=", "\u00a0=", ":", ", ")
_NEEDS = {
    "odds_ratio": ("dds", "DDS", "OR"),
    "risk_ratio": ("isk", "ate ratio", "ate Ratio", "RR"),
    "hazard_ratio": ("azard", "HR"),
    "risk_difference": ("isk", "ARR"),
    "standardised_mean_difference": (
        "tandard",
        "SMD",
        "Cohen",
        "ffect size",
        "ffect Size",
        "Hedges",
    ),
    "mean_difference": ("ifference", "MD"),
    "correlation": ("orrelat", "rho", "ρ", *(f"r{sign}" for sign in _SIGNED), "rs"),
    "regression_coefficient": (
        "β",
        "eta",
        "oefficient",
        *(f"{b}{s}" for b in "Bb" for s in _SIGNED),
    ),
}
"""Words without one of which an effect is not looked for in a sentence."""
SHARES = ("mean_difference", "risk_difference")
"""Effects that may be printed in per cent."""
_EFFECTS = [
    (
        name,
        _NEEDS[name],
        re.compile(
            rf"(?<![\w-])(?:(?i:{words})|{short})(?![\w-]){_LINK}(?P<value>{_NUM})(?![\d.]*\d|{'' if name in SHARES else chr(92) + 's?%|'}\s?(?:patients|women|men|years|months|weeks|days)|[-–]\w)"
        ),
    )
    for name, words, short in _MEASURES
]
_CI = re.compile(
    r"\.?(?P<level>\d{2}(?:\.\d)?)\s?%\s?(?:CIs?|confidence\s(?:intervals?|limits)(?:\s?[\[(]CI[\])])?|C\.I\.)"
    rf"(?:\sfor\s[^,;()]{{1,40}})?\s?[,;:=(\[]*\s?(?:was|of|from|=|:)?\s?\(?\[?\s?(?P<low>{_NUM})(?:\s?%)?"
    rf"(?:\s?(?:,|;|to|and|~)\s?|[-–—−]\s?|\s[-–—−]\s)(?P<high>{_NUM})(?![\d.]*\d)"
)
_BARE = re.compile(
    rf"\s?[(\[]\s?(?P<low>{_NUM})\s?(?:-|–|—|to|,)\s?(?P<high>{_NUM})(?![\d.]*\d|\s?%)"
)
"""Limits in brackets right behind a ratio, as some journals print them."""
_WAY = re.compile(
    r"\s?(?:points?\s|mm\s|cm\s)?(?:lower|less|fewer|smaller|worse|shorter|reduction)\b",
    re.IGNORECASE,
)
"""Behind a value: its sign is said in words, and is not ours to give."""
_NEAR = 70
"""Characters behind a value within which its interval and P value are looked for."""


def _float(printed: str) -> float:
    bare = re.sub(r"\s", "", printed).replace("·", ".").replace(",", ".")
    return float(re.sub(r"^[−–-]", "-", bare))


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:  # noqa: C901
    """Effects with their interval and P value where these stand beside them; then all intervals."""
    for begin, sentence in passage.sentences:
        if not _DIGIT.search(sentence):
            continue
        taken: list[tuple[int, int]] = []
        for name, needs, pattern in _EFFECTS:
            if not any(word in sentence for word in needs):
                continue
            for match in pattern.finditer(sentence):
                if any(match.start() < end and start < match.end() for start, end in taken):
                    continue
                value = _float(match.group("value"))
                if _WAY.match(sentence, match.end()):
                    continue
                if name in ("odds_ratio", "risk_ratio", "hazard_ratio") and value < 0:
                    continue
                if name == "correlation" and abs(value) > 1:
                    continue
                taken.append(match.span())
                percent = re.match(r"\s?%", sentence[match.end() :]) if name in SHARES else None
                shift = percent.end() if percent else 0
                tail = sentence[match.end() + shift : match.end() + shift + _NEAR]
                details: dict[str, str | int | float] = {"measure": name}
                end = match.end() + shift
                interval = _CI.search(tail)
                if interval and _ordered(interval) and not _other(tail[: interval.start()]):
                    details["ci_low"] = _float(interval.group("low"))
                    details["ci_high"] = _float(interval.group("high"))
                    details["level"] = float(interval.group("level"))
                    end = match.end() + shift + interval.end()
                elif name.endswith("_ratio") and (bare := _BARE.match(tail)):
                    low, high = _float(bare.group("low")), _float(bare.group("high"))
                    if low <= value <= high and low < high:
                        details["ci_low"], details["ci_high"] = low, high
                        end = match.end() + bare.end()
                rest = sentence[end : end + 30]
                p = _P.search(rest)
                if p and p.group("sign") and not _other(rest[: p.start()]):
                    details["p"] = relation_of(p.group("sign")) + f"{_value(p.group('value')):g}"
                    end += p.end()
                quote = sentence[match.start() : end]
                yield Finding(
                    "effect", value, quote, begin + match.start(), f"effects/{name}", details
                )
        for match in _CI.finditer(sentence) if "C" in sentence or "onfidence" in sentence else ():
            if not _ordered(match):
                continue
            low, high = _float(match.group("low")), _float(match.group("high"))
            yield Finding(
                "confidence_interval",
                f"{low:g} to {high:g}",
                match.group(),
                begin + match.start(),
                "effects/interval",
                {"ci_low": low, "ci_high": high, "level": float(match.group("level"))},
            )


def _ordered(interval: re.Match[str]) -> bool:
    return _float(interval.group("low")) <= _float(interval.group("high"))


def _other(between: str) -> bool:
    """Whether words between a value and what follows begin something else."""
    return len(re.findall(r"[a-zA-Z]{3,}", between)) > 3 or ";" in between.rstrip("; ")
