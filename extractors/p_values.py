"""P values as printed, each with its sign; a level of significance that was set is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage

_SIGN = (
    r"[=<>≤≥⩽⩾＝＜＞]|&\s?lt\s?;|&\s?gt\s?;|=\s?<|<\s?=|>\s?=|less than(?: or equal to)?|"
    r"greater than|equals?"
)
_VALUE = r"\d(?:[.·]\d+)?\s?[x×]\s?10\s?\(?[-−–]\s?\d{1,3}\)?|\d(?:[.·]\d+)?\s?[x×]\s?10[⁻-][⁰¹²³⁴-⁹\d]{1,3}|\d(?:\.\d+)?[eE][-−–]\d+|0?[.·,]\d+|0\.\s\d+|1\.0+|1|0"
_P = re.compile(
    r"(?<![\w.])(?:[12](?=[pP]))?[pP](?:(?:\s?-?\s?(?i:values?))|['’]?s(?=\s?[<>=]))?"
    r"(?:\s?[\s(_-]\s?(?i:interaction|int|trend|heterogeneity|adj(?:usted)?|corrected|log-?rank)\)?"
    r"(?:\s(?:by|with)\s\w+)?)?"
    r"(?:\s?(?i:for|of)\s(?:[\w-]+\s){0,4}?)?\s?(?:(?i:was|were|of|is)\s|:\s?)?"
    rf"(?P<sign>{_SIGN})?(?P<gap>\s?)(?:(?i:or)\s[=<>]\s?)?(?P<value>{_VALUE})(?!\d|[.·]\d|\s?%)"
)
_MORE = re.compile(
    rf"(?:,\s?(?:and\s|or\s)?|\s(?:and|or|vs\.?)\s|;\s?)(?P<sign>{_SIGN})?\s?(?P<value>0?[.·]\d+)(?!\d|[.·]\d|\s?%)"
)
_BARE = re.compile(r"[pP]\s0?[.·]\d+")
"""Without a sign a P value is read only where it opens a bracket."""
_SET = re.compile(
    r"\b(?:considered|regarded|deemed|accepted|defined|set|level of significance|alpha|cut-?off|"
    r"significance (?:levels?|thresholds?|was|were|is|at)|threshold)\b[^.;,(]{0,40}$|"
    r"\b(?:considered|deemed|regarded as|level of|defined as)\s(?:\w+\s)?signific\w+[^.;,(]{0,20}\($",
    re.IGNORECASE,
)
_SET_AFTER = re.compile(
    r"[^.;]{0,15}\b(?:was|were|is|being)\s+(?:considered|regarded|taken|deemed|accepted|defined|set|used as)",
    re.IGNORECASE,
)
USUAL = frozenset((0.05, 0.01, 0.025, 0.001, 0.1, 0.005))
"""Levels of significance that people set."""
_HINT = re.compile(r"\([pP]\s|[<>=≤≥⩽⩾＝＜＞]|&|less than|greater than|equal|value")
"""Without one of these no P value is printed."""
_SIGNS = {
    "&lt;": "<",
    "&gt;": ">",
    "＝": "=",
    "＜": "<",
    "＞": ">",
    "⩽": "≤",
    "⩾": "≥",
    "=<": "≤",
    "<=": "≤",
    ">=": "≥",
    "lessthan": "<",
    "lessthanorequalto": "≤",
    "greaterthan": ">",
    "equal": "=",
    "equals": "=",
}


def _sign(printed: str) -> str:
    bare = printed.replace(" ", "")
    return _SIGNS.get(bare, bare)


_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def _value(printed: str) -> float:
    bare = re.sub(r"\s|[()]", "", printed).replace("·", ".").replace(",", ".")
    bare = bare.translate(_RAISED)
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
            bare = match.group("sign") is None and not re.search(r"(?i)value", words)
            if bare and not (before.endswith("(") and _BARE.fullmatch(words)):
                continue
            value = _value(match.group("value"))
            level = value in USUAL and (_SET_AFTER.match(after) or _SET.search(before[-60:]))
            if value > 1 or level:
                continue
            sign = _sign(match.group("sign") or "=")
            start = begin + match.start()
            yield Finding("p_value", value, words, start, "p_values", {"sign": sign})
            end = match.end()
            while more := _MORE.match(sentence, end):
                end = more.end()
                sign = _sign(more.group("sign")) if more.group("sign") else sign
                quote = sentence[match.start() : end]
                number = _value(more.group("value"))
                yield Finding("p_value", number, quote, start, "p_values/list", {"sign": sign})
