"""P values as printed, each with its sign; a level of significance that was set is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage

_P = re.compile(
    r"(?<![\w.])[pP](?:\s?-?\s?(?i:values?))?(?:\s?(?i:for|of)\s(?:[\w-]+\s){0,4}?)?\s?"
    r"(?:(?i:was|were|of|is)\s)?(?P<sign>[=<>≤≥⩽⩾＝＜＞]|&lt;|&gt;|=\s?<|<\s?=|>\s?=)\s?(?:(?i:or)\s[=<>]\s?)?"
    r"(?P<value>\d(?:[.·]\d+)?\s?[x×]\s?10\s?[-−–]\s?\d+|0?[.·,]\d+|1\.0+|1|0)(?!\d)"
)
_SET = re.compile(
    r"\b(?:considered|regarded|deemed|accepted|defined|set|significance|threshold|cut-?off|alpha)\b"
    r"[^.;,]{0,40}$",
    re.IGNORECASE,
)
_SET_AFTER = re.compile(
    r"[^.;]{0,15}\b(?:was|were|is|being)\s+(?:considered|regarded|taken|deemed|accepted|defined|set)",
    re.IGNORECASE,
)
USUAL = frozenset((0.05, 0.01, 0.025, 0.001, 0.1, 0.005))
"""Levels of significance that people set."""
_SIGNS = {"&lt;": "<", "&gt;": ">", "＝": "=", "＜": "<", "＞": ">", "⩽": "≤", "⩾": "≥"}


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """P values with sign and number; the quote is what is printed."""
    for begin, sentence in passage.sentences:
        for match in _P.finditer(sentence):
            before, after = sentence[: match.start()], sentence[match.end() :]
            sign = match.group("sign").replace(" ", "")
            sign = {"=<": "≤", "<=": "≤", ">=": "≥"}.get(sign, _SIGNS.get(sign, sign))
            printed = match.group("value").replace("·", ".").replace(",", ".")
            mantissa, _, exponent = re.sub(r"\s?[x×]\s?10\s?", "e", printed).partition("e")
            value = float(mantissa) * 10.0 ** -int(re.sub(r"\D", "", exponent) or 0)
            level = value in USUAL and (_SET_AFTER.match(after) or _SET.search(before[-60:]))
            if value > 1 or level:
                continue
            yield Finding(
                "p_value", value, match.group(), begin + match.start(), "p_values", {"sign": sign}
            )
