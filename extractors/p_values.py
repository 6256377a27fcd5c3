"""P values as printed, each with its sign; a level of significance that was set is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage

_SIGN = (
    r"=\s?<|[<>]\s?(?:or)?\s?=|[=<>≤≥⩽⩾＝＜＞≦≧﹤﹥]|&\s?lt\s?;|&\s?gt\s?;|less than(?: or equal to)?|"
    r"greater than|equals?"
)
_VALUE = r"10\s?\^?\s?\(?[-−–]\s?\d{1,3}\)?(?![\d.])|10⁻[⁰¹²³⁴-⁹]{1,3}|\d(?:[.·]\d+)?\s?[x×]\s?10\s?\(?[-−–]\s?\d{1,3}\)?|\d(?:[.·]\d+)?\s?[x×]\s?10[⁻-][⁰¹²³⁴-⁹\d]{1,3}|\d(?:\.\d+)?[eE][-−–]\d+|0?[.·,]\d+|1\.0+|1|0"
_P = re.compile(
    r"(?<![A-Za-z0-9_.])(?:[12](?=[pP]))?[pP](?:(?:\s?-?\s?(?i:values?))|值|['’]?s(?=\s?[<>=]))?"
    r"(?:\s?[\s(_-]?\s?(?i:interaction|int|trend|het(?:erogeneity)?|adj(?:usted)?|corr(?:ected)?|fdr|fw[e]|log-?rank|"
    r"(?:two|one|2|1)[- ](?:sided|tailed))\b\)?(?:\s(?:by|with)\s\w+)?)?"
    r"(?:\s?(?i:for|of)\s(?:[\w-]+\s){0,4}?(?:[a-z-]+(?=[=<>]))?)?\s?(?:(?i:was|were|of|is)\s|均?为|均|:\s?|(?<=[eE]),\s|(?<=[sS]),\s)?"
    rf"(?P<sign>{_SIGN})?(?P<gap>\s?)(?:(?i:or)\s[=<>]\s?)?(?P<value>{_VALUE})(?!\d|[.·]\s?\d|\s?%|\s?[-–—]\s?[\d.])"
)
_MORE = re.compile(
    rf"(?:,\s?(?:and\s|or\s)?|\s(?:and|or|vs\.?)\s)(?P<sign>{_SIGN})?\s?(?P<value>0?[.·]\d+)"
    r"(?=\s?(?:[,;)\]，；）]|and\b|or\b|vs\b|respectively|for\b|\.?$|\.\s))"
)
_BARE = re.compile(r"[pP]\s0?[.·]\d+")
"""Without a sign a P value is read only where it opens a bracket."""
_SET = re.compile(
    r"\b(?:considered|regarded|deemed|accepted|defined|set|level of significance|alpha|cut-?off|"
    r"significance (?:levels?|thresholds?|was|were|is|at)|threshold)\b[^.;,(]{0,40}$|"
    r"\b(?:considered|deemed|regarded as|level of|defined as)\s(?:\w+\s)?signific\w+[^.;,(]{0,20}\($",
    re.IGNORECASE,
)
_SET_OUTRIGHT = re.compile(
    r"\s?(?:values? )?(?:(?:indicate|denote)[sd]?\b|(?:are|was|were|is) (?:statistically )?significant\b(?! \w))"
    r"|\s?(?:为|认为|表示|被认为)?(?:差异|有统计学|检验水准|统计学)",
    re.IGNORECASE,
)
_SET_BEFORE = re.compile(
    r"\b(?:variables|voxels|factors|clusters) with (?:an? )?$|\bthresholded at (?:an? )?$|\bsignifican(?:t|ce) (?:if|when|where) (?:the )?$|"
    r"\bsignificance (?:level|threshold) [^.;]{0,30}$|\bas (?:the |a )?cut-?off[^.;]{0,10}$|以$",
    re.IGNORECASE,
)
"""Words that set a level, whatever its value."""
_NOT_SET = re.compile(
    r"\bnot (?:\w+ )?(?:considered|regarded|deemed)?[^.;(]{0,30}\($", re.IGNORECASE
)
_SET_AFTER = re.compile(
    r"\)?\s?(?:significance )?(?:levels?|thresholds?|cut-?offs?)\b|[^.;]{0,15}\b(?:was|were|is|being)\s+(?:considered|regarded|taken|deemed|accepted|defined|set|used as)",
    re.IGNORECASE,
)
USUAL = frozenset((0.05, 0.01, 0.025, 0.001, 0.1, 0.005))
"""Levels of significance that people set."""
_HINT = re.compile(r"\([pP]\s|值|[<>=≤≥⩽⩾＝＜＞]|&|less than|greater than|equal|value")
"""Without one of these no P value is printed."""
_SIGNS = {
    "&lt;": "<",
    "&gt;": ">",
    "＝": "=",
    "≦": "≤",
    "≧": "≥",
    "﹤": "<",
    "﹥": ">",
    "＜": "<",
    "＞": ">",
    "⩽": "≤",
    "⩾": "≥",
    "=<": "≤",
    "<=": "≤",
    ">=": "≥",
    "<or=": "≤",
    ">or=": "≥",
    "lessthan": "<",
    "lessthanorequalto": "≤",
    "greaterthan": ">",
    "equal": "=",
    "equals": "=",
}


RELATION = re.compile(rf"({_SIGN})\s?$", re.IGNORECASE)
"""Before a number: how it relates to what is spoken of."""


def relation_of(printed: str) -> str:
    """A printed sign or its words as =, <, >, ≤ or ≥."""
    bare = printed.replace(" ", "")
    return _SIGNS.get(bare, bare)


_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def _value(printed: str) -> float:
    bare = re.sub(r"\s|[()]", "", printed).replace("·", ".").replace(",", ".")
    bare = bare.translate(_RAISED)
    if power := re.fullmatch(r"10\^?[-−–](\d{1,3})", bare):
        return 10.0 ** -int(power.group(1))
    mantissa, _, exponent = re.sub(r"[x×]10|[eE]", "e", bare).partition("e")
    return float(mantissa) * 10.0 ** -int(re.sub(r"\D", "", exponent)[:3] or 0)


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """P values with sign and number; the quote is what is printed.

    Of several behind one P ("P = 0.01 and 0.03, respectively") each is yielded; the quote of the
    later ones begins at the P too.
    """
    for begin, sentence in passage.sentences:
        if not _HINT.search(sentence):
            continue
        for match in _P.finditer(sentence):
            before, after = sentence[: match.start()], sentence[match.end() :]
            words = match.group()
            bare = match.group("sign") is None and not re.search(r"(?i)value|值", words)
            if bare and not (before.endswith("(") and _BARE.fullmatch(words)):
                continue
            value = _value(match.group("value"))
            usual = value in USUAL and (_SET_AFTER.match(after) or _SET.search(before[-60:]))
            outright = _SET_OUTRIGHT.match(after) or _SET_BEFORE.search(before[-60:])
            level = (usual or outright) and not _NOT_SET.search(before[-60:])
            if value > 1 or level or before.lower().endswith("substance "):
                continue
            sign = relation_of(match.group("sign") or "=")
            start = begin + match.start()
            yield Finding("p_value", value, words, start, "p_values", {"sign": sign})
            end = match.end()
            several = (
                "respectively" in sentence[end : end + 90] or words[1:2] == "s" or "values" in words
            )
            while more := _MORE.match(sentence, end):
                if not (several or more.group("sign") or "分别" in before):
                    break
                end = more.end()
                sign = relation_of(more.group("sign")) if more.group("sign") else sign
                quote = sentence[match.start() : end]
                number = _value(more.group("value"))
                yield Finding("p_value", number, quote, start, "p_values/list", {"sign": sign})
