"""Numbers as a text prints them: value, sign, unit, percentage or not, whether they may count people.

Each number of a text is read once and as a whole ("1 204", "twenty-two", "3 × 10⁻⁴"). Where print
leaves two readings ("from 7.2-3.1", "(MD)-0.5") there is none: abstention is safe, a guess is not.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from extractors._number_words import BEGINNINGS, HAN, HAN_SIGNS, PHRASE, number

_SAME = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－˗➖", "-"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        "·": ".",
        "•": ".",
        "∙": ".",
        "⋅": ".",
        "⁄": "/",
        "\u00ad": None,
        "\u200b": None,
        "\u2060": None,
        "\ufeff": None,
    }
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉", "0123456789-0123456789")
_LEVEL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺₀₁₂₃₄₅₆₇₈₉₋₊", "0123456789-+0123456789-+")
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅕": 0.2, "⅛": 0.125}


_PLAIN = frozenset(map(chr, range(0x21, 0x7F)))
_ONE_SPACE = re.compile(r"[!-~]+(?:[ \n][!-~]+)*")
"""Printable text without two spaces on end, or one at its own: only its case changes."""
_RUNS = re.compile(r"[!-~]+(?: [!-~]+)*|[^!-~]")


def level(text: str) -> str:
    """Text with raised and lowered digits on the line, each in its place: "B₁₂" is named B12."""
    return text if text.isascii() else text.translate(_LEVEL)


def _folded(sign: str, raised: bool) -> tuple[str, bool]:
    """A character made canonical, and whether it is a raised or lowered digit.

    What stands behind a raised dash is raised anew: "40¹⁻³" is 40 with three references.
    """
    plain = sign.translate(_RAISED)
    if plain != sign:
        return (plain if raised else f"^{plain}"), not (raised and plain == "-")
    if sign.isnumeric() and not sign.isdecimal() and unicodedata.category(sign) == "No":
        return sign, False  # ½ and ⑫ are not the digits they are drawn with
    if sign.isdecimal() and not sign.isascii():
        return str(unicodedata.decimal(sign)), False
    return unicodedata.normalize("NFKC", sign.translate(_SAME)).translate(_SAME).casefold(), False


@dataclass(frozen=True)
class Canonical:
    """A text with compatibility forms, dashes, quotation marks, digits, spaces and case made the same.

    Raised and lowered digits stay apart from others: "10⁶" is "10^6". Behind a letter they are the
    letter's, as others print them: "m²" is "m2".

    :ivar at: for each character, its place in the original; one more for the end
    """

    text: str
    at: Sequence[int]

    @classmethod
    def of(cls, original: str) -> Canonical:
        """Make a text canonical, and keep where each character came from."""
        if original.isascii() and _ONE_SPACE.fullmatch(original):
            return cls(original.replace("\n", " ").casefold(), range(len(original) + 1))
        signs: list[str] = []
        places: list[int] = []
        raised = False
        for match in _RUNS.finditer(original):
            place, run = match.start(), match.group()
            if run[0] in _PLAIN:
                signs += run.casefold()
                places += range(place, match.end())
                raised = False
                continue
            named = bool(signs) and "a" <= signs[-1] <= "z" and run not in "⁻₋"
            folded, raised = _folded(run, raised or named)
            for one in folded:
                if not one.isspace():
                    signs.append(one)
                elif signs and signs[-1] != " ":
                    signs.append(" ")
                else:
                    continue
                places.append(place)
        if signs and signs[-1] == " ":
            signs.pop()
            places.pop()
        return cls("".join(signs), (*places, len(original)))


def canonical(text: str) -> str:
    """A text with compatibility forms, dashes, quotation marks, digits, spaces and case made the same."""
    return Canonical.of(text).text


_UNITS = {
    **dict.fromkeys(("mg", "毫克"), "mg"),
    **dict.fromkeys(("g", "gram", "grams", "克"), "g"),
    **dict.fromkeys(("µg", "μg", "ug", "mcg", "微克"), "ug"),
    **dict.fromkeys(("kg", "公斤"), "kg"),
    **dict.fromkeys(("ml", "毫升"), "ml"),
    **dict.fromkeys(("day", "days", "d", "天", "日"), "day"),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "周"), "week"),
    **dict.fromkeys(("month", "months", "mo", "个月", "月"), "month"),
    **dict.fromkeys(("year", "years", "yr", "yrs", "岁", "年"), "year"),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs", "小时"), "hour"),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "分钟"), "minute"),
    **dict.fromkeys(("hz", "赫兹"), "hz"),
    **dict.fromkeys(("ma", "毫安"), "ma"),
    **dict.fromkeys(("second", "seconds", "sec", "secs", "秒"), "second"),
    **dict.fromkeys(("umol", "µmol", "μmol"), "umol"),
    **dict.fromkeys(("ul", "µl", "μl"), "ul"),
    **{
        name: name
        for name in (
            *("mm", "cm", "iu", "u", "mu", "ku", "mmhg", "kpa", "gy", "cgy", "l", "dl", "ng", "pg"),
            *("mol", "mmol", "nmol", "pmol", "meq", "kcal", "kj", "khz", "mhz", "mv"),
        )
    },
    **dict.fromkeys(("point", "points", "分"), "point"),
}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_TIMES = "|".join(
    sorted(
        (k for k, v in _UNITS.items() if v in ("day", "week", "month", "year", "hour")), key=len
    )[::-1]
)
_PER = r"kg|m\^?2|m2|l|dl|ml|g"
_TIMELY = {"daily": "day", "weekly": "week", "monthly": "month", "hourly": "hour", "yearly": "year"}
_PER_TIME = rf"\s?/\s?(?:{_TIMES})(?![a-z])|\s(?:per|a|each|every)\s(?:day|week|month|hour|year|h|d)(?![a-z])|\s(?:{'|'.join(_TIMELY)})\b"
_PERCENT = r"%|per\s?cent(?!age)\b|个百分点"
_DIGITS = re.compile(
    r"(?<![a-z0-9^.])(?:[0-9]+(?:[.,'][0-9]+|(?<![0-9]{4}) [0-9]{3}(?![0-9]))*|\.[0-9]+)"
    r"(?P<part>[½¼¾⅓⅔⅕⅛])?"
)
_LONE_PART = re.compile(r"[½¼¾⅓⅔⅕⅛](?<![0-9a-z].)")
_TAIL = re.compile(
    r"(?P<times>\s?[x×*]\s?10(?:\^\s?|\((?=-?[0-9]{1,3}\))|(?=-))(?P<power>-?[0-9]{1,3})(?![0-9]|\.\^?[0-9])|e(?P<e>[+-]?[0-9]{1,3})(?![a-z0-9])"
    r"|\^(?P<raised>-?[0-9]{1,3})(?![0-9]|\.\^?[0-9]))?"
    rf"(?P<after>\s?(?:{_PERCENT})|[ -]?(?P<unit>{_UNIT})(?![a-z])(?:\s?/\s?(?P<per>{_PER})(?![a-z]))?"
    rf"(?P<time>{_PER_TIME})?)?"
)
_WORDS = re.compile(
    rf"\b(?:{PHRASE})\b(?![- ](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|thirds|half|halves|quarters?"
    r"|fourths|fifths|tenths|fold)\b)|"
    rf"(?<![0-9]){HAN}(?=\s?[例名位个])"
)
_BEGUN = re.compile(rf"{BEGINNINGS}|{'|'.join(HAN_SIGNS)}")
_SHARES = re.compile(_PERCENT)
BEHIND = re.compile(
    rf"\s?(?:{_PERCENT}|‰)|[\s-]?(?:mg|g|[µμ]g|ug|mcg|kg|ml|mm|cm)[23]?\b(?:\s?/\s?(?:kg|m2|ml|l|dl|day|d)\b)?"
    rf"|[\s-](?:{_TIMES})(?![a-z])|\s(?:million|thousand|billion)\b|\s?per\skg\b|\s?kg\^?-1|\s?per\s(?:1[,\s]?000|100)\b"
)
"""What belongs to the number before it."""
LIMIT = re.compile(r"[<>≤≥]\s?$")
"""Before a number: without it a quote would say another thing."""
RANGE_BEHIND = re.compile(r"\s?(?:-|–|—)\s?[0-9]")
"""Behind a quote that ends with a number: it would be half of a range."""
_NAMED_BEFORE = re.compile(
    r"\b(?:weeks?|days?|months?|years?|hours?|phase|table|fig(?:ure)?|grade|stage|type|visit|page|age|aged|"
    r"ref|level|step|part|chapter|version|line|class|category|over|under|than|least|most|within)\s?$|\b(?:fig|ref)\.\s?$|[<>≤≥]\s?$|第\s?$"
)
_NAMED_ONE = re.compile(r"\b(?:group|arm|cohort)\s?$")
_COUNTS_OTHERS = re.compile(
    r"[a-z-]|\s(?:different |separate |participating )?(?:cent(?:re|er)s?|sites|hospitals|eyes|samples|sera|specimens|trials|studies|items"
    r"|times|relapses|attacks|episodes|visits|sessions|scans|lesions|segments|percentage|patient-years|person-years)\b"
)
_FUNCTION_WORD = re.compile(
    r"\b(?:to|of|from|by|and|was|were|is|are|vs|versus|with|at|between|mean|change|difference|or|than|in)$"
)
MAX_DIGITS = 30


class Printed(NamedTuple):
    """A number as a canonical text prints it.

    :ivar share: a percentage: yes (True), no (False), perhaps (None: a per cent sign stands apart)
    :ivar bare: no unit, decimals, sign or power; what stands around decides the rest
    """

    value: float
    start: int
    end: int
    share: bool | None
    unit: str | None
    bare: bool
    text: str

    @property
    def people(self) -> bool:
        """Whether it may count people: bare, and the words around it speak of nothing else."""
        if not self.bare or self.share is True:
            return False
        text, start = self.text, self.start
        before = text[max(0, start - 16) : start]
        one = self.end - start == 1 and _NAMED_ONE.search(before)
        hyphened = before[-1:] == "-" and before[-2:-1].isalpha()
        if hyphened or one or _NAMED_BEFORE.search(before) or _COUNTS_OTHERS.match(text, self.end):
            return False
        in_words = text[start].isalpha() and text[start].isascii()
        return not (in_words and (before.endswith(("no ", "-")) or _PART.match(text, self.end)))


_PART = re.compile(r"-[a-z]|\s(?:or more|another)\b|\s(?:third|half|quarter)s?\b")


_SPACED = re.compile(r"[0-9]{1,3}(?:[ '][0-9]{3})+(?:[.,][0-9]{1,2})?")
_COMMAS = re.compile(r"(?!0,)[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}(?:,[0-9]+)?")
_DECIMAL = re.compile(r"[0-9]+(?:[.,][0-9]+)?|\.[0-9]+")


def _amount(digits: str) -> float | None:
    """The value of printed digits: thousands, decimal point or comma; None where print is unclear."""
    if len(digits) > MAX_DIGITS:
        return None
    if digits.isdecimal():
        return float(digits)
    if _COMMAS.fullmatch(digits):
        return float(digits.replace(",", ""))
    if _DECIMAL.fullmatch(digits):
        return float(digits.replace(",", "."))
    if _SPACED.fullmatch(digits):
        return float(digits.replace(" ", "").replace("'", "").replace(",", "."))
    if _POINTS.fullmatch(digits):
        return float(digits.replace(".", "").replace(",", "."))
    return None


def _pieces(digits: str, start: int) -> list[tuple[str, int]]:
    """Printed digits with their places; what makes no number together is several ("1,2,3")."""
    if _amount(digits) is not None or len(digits) > MAX_DIGITS:
        return [(digits, start)]
    for mark in (" ", ",", "'"):
        if mark in digits:
            found, at = [], start
            for one in digits.split(mark):
                found += _pieces(one, at) if one else []
                at += len(one) + 1
            return found
    return []


_MINUS = re.compile(r"\b(?:minus|negative)\s?$|负\s?$")


def _sign(text: str, start: int, value: float) -> int | None:  # noqa: C901
    """1, -1, or None where a dash before a number may be either a minus or a range or hyphen."""
    before = text[max(0, start - 12) : start]
    if "-" not in before[-2:] and not before.rstrip().endswith(("minus", "negative", "负")):
        return 1
    if _MINUS.search(before):
        return -1
    dash = re.search(r"-(\s?)$", before)
    if dash is None:
        return 1
    ahead = text[max(0, start - 40) : start - len(dash.group())]
    spaced = ahead.endswith(" ")
    tight = not dash.group(1)
    if not ahead or (tight and not spaced and ahead[-1] in "([{=<>≤≥,;:/±~+|\"'*"):
        return -1
    last = ahead.rstrip()[-1:]
    if last in "([{=<>≤≥,;:":
        return -1
    if last == "-":
        return -1
    left = re.search(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s?(?:%|percent)?$", ahead.rstrip())
    if left is not None:
        rises = len(left.group(1)) <= MAX_DIGITS and float(left.group(1)) <= value
        if tight and spaced:  # "-2.0 -0.4"
            return None if rises else -1
        return 1 if rises else None
    if tight and spaced:
        return -1
    if last in ")]}":
        return None
    if dash.group(1):  # "change of - 0.5": a dash between spaces after a word
        return -1 if spaced or last.isalpha() else None
    if last.isalpha() and not _FUNCTION_WORD.search(ahead):
        return 1  # "week-12": a hyphen
    return None


def numbers_of(text: str) -> list[Printed]:
    """The numbers of a canonical text in order, words included, each once."""
    apart = any(
        not re.search(r"[0-9½]\s?$", text[max(0, m.start() - 3) : m.start()])
        for m in _SHARES.finditer(text)
    )
    found = [*_in_digits(text, apart), *_in_words(text, apart)]
    found.sort(key=lambda one: one.start)
    return _listed(text, found)


def _in_digits(text: str, apart: bool) -> Iterator[Printed]:
    at = 0
    while match := _DIGITS.search(text, at):
        part = match.group("part")
        at = match.end()
        pieces = _pieces(match.group()[:-1] if part else match.group(), match.start())
        for digits, start in pieces:
            value, end = _amount(digits), start + len(digits)
            if value is None:
                continue
            if part and end + 1 == match.end():
                value, end = value + _FRACTIONS[part], end + 1
            one, behind = _number(text, digits, value, start, end, apart)
            at = max(at, behind)
            if one is not None:
                yield one
    for match in _LONE_PART.finditer(text):
        value = _FRACTIONS[match.group()]
        yield Printed(value, match.start(), match.end(), False, None, False, text)


def _number(
    text: str, digits: str, value: float, start: int, end: int, apart: bool
) -> tuple[Printed | None, int]:
    """A number with what stands behind it, and where reading goes on."""
    tail = _TAIL.match(text, end)
    sign = _sign(text, start, value)
    power = tail.group("power") or tail.group("e") if tail else None
    if power is None and tail is not None and digits == "10":
        power, value = tail.group("raised"), 1.0 if tail.group("raised") else value
    if power is not None and tail is not None:
        value, end = float(f"{value!r}e{power}"), tail.end("times")
    if sign is None or not math.isfinite(value):
        return None, end
    percent = bool(tail and tail.group("after")) and tail is not None and tail.group("unit") is None
    unit = _UNITS.get(tail.group("unit") or "") if tail else None
    if unit and tail is not None and tail.group("per"):
        unit = f"{unit}/{tail.group('per').replace('^', '')}"
    if unit and tail is not None and tail.group("time"):
        every = re.sub(r"\s?/\s?|\s(?:per|a|each|every)\s", "", tail.group("time")).strip()
        unit = f"{unit} a {_TIMELY.get(every) or _UNITS[every]}"
    share: bool | None = True if percent else (None if apart and unit is None else False)
    bare = sign > 0 and unit is None and power is None and "." not in digits
    bare = bare and not percent and value == int(value)
    return Printed(sign * value, start, end, share, unit, bare, text), end


def _words(text: str) -> Iterator[re.Match[str]]:
    """Numbers in words, looked for where a number word begins."""
    end = 0
    for begun in _BEGUN.finditer(text):
        if begun.start() >= end and (match := _WORDS.match(text, begun.start())):
            end = match.end()
            yield match


def _in_words(text: str, apart: bool) -> Iterator[Printed]:
    for match in _words(text):
        value = float(number(match.group()))
        rest = text[match.end() : match.end() + 16]
        percent = bool(_SHARES.match(rest.strip()))
        unit = _UNIT_NEXT.match(rest)
        share: bool | None = True if percent else (None if apart and unit is None else False)
        known = _UNITS.get(unit.group(1)) if unit else None
        bare = unit is None and not percent
        yield Printed(value, match.start(), match.end(), share, known, bare, text)


_UNIT_NEXT = re.compile(rf"[ -]?({_UNIT})(?![a-z])")
_JOINED = re.compile(r"\s?(?:-|to|and|or|vs\.?|versus|±|/)\s?(?:-\s?)?")


def _listed(text: str, found: list[Printed]) -> list[Printed]:
    """The per cent sign of a list or range ("63.16 vs 35.29%") holds for each of its numbers."""
    made = list(found)
    for n in range(len(made) - 2, -1, -1):
        this, following = made[n], made[n + 1]
        between = text[this.end : following.start]
        if this.unit is None and this.share is not True and len(between) < 12:
            if following.share is True and _JOINED.fullmatch(between):
                made[n] = this._replace(share=True, unit=None)
            elif following.share is True and re.fullmatch(r"\s?,\s?", between):
                made[n] = this._replace(share=None, unit=None)
    return made


def numbers(text: str) -> set[float]:
    """The numbers of a text with their signs, words included; a thousands comma is no point."""
    return {one.value for one in numbers_of(canonical(text))}
