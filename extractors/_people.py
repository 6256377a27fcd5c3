"""Numbers of people in a text: each with the words around it, before anybody says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice

from extractors._number_words import BEGINNINGS, HAN, PHRASE, number

_DIGITS = (
    r"\d{1,3}(?:[,\u2009\u00a0\u202f]\d{3})+"
    r"|\d{1,3}(?: \d{3})+(?= (?:patients|women|men|participants|subjects|people))|\d{1,7}"
)
NUMBER = rf"(?P<number>{_DIGITS}|(?=[A-Za-z])(?<![A-Za-z])(?i:{PHRASE}))"
PEOPLE = (
    r"(?i:patients?|participants?|subjects?|individuals?|people|persons?|adults?|children|women|men"
    r"|cases|respondents|volunteers|survivors|females?|males?|boys|girls|infants|newborns|neonates"
    r"|students|residents|veterans|smokers|mothers|adolescents|outpatients|inpatients|controls"
    r"|pts\.?|candidates|recipients|carriers|workers|nurses|physicians|users|diabetics|relatives"
    r"|families|caregivers|couples|donors|entrants|attendees|seniors|postmenopausal|Latinas|Latinos"
    r"|Americans|Hispanics|Asians|ladies|elders|parturients|primiparas|athletes|soldiers|drivers|consumers|clients)"
)
_NOT_PEOPLE = (
    r"(?i:eyes?|samples?|specimens?|knees?|lesions?|tumou?rs?|teeth|sites|hospitals|centers|centres"
    r"|clinics|countries|visits|cycles|courses|procedures|weeks?|months?|days?|years?|hours?"
    r"|minutes?|mg|kg|ml|g|mm|cm|items?|questions?|trials?|studies|articles|events?|doses?"
    r"|sessions?|points?|cells|dyads|pairs|January|February|March|April|May|June|July|August"
    r"|September|October|November|December|or more|women-years|person-years|deaths|recurrences"
    r"|relapses|times|fold|institutions|practices|genes)"
)
_BEFORE = r"(?<![\d.,/%·±<>=–—-])(?<![<>=±] )(?<!\b[Aa]ge )(?<!\baged )"
_NO_SHARE = r"(?!\s?(?:%|per ?cent))"
_STOP = (
    r"(?:of|in|to|were|was|had|who|with|for|at|by|from|versus|vs|than|on|during|after|per|the"
    r"|received|completed|reported|died|experienced|developed|group|arm)"
)
_NEAR = (
    rf"(?:(?!{_STOP}\b)(?!{_NOT_PEOPLE}\b)(?:[A-Za-z+/'’(]|\d-[A-Za-z])[\w+/'’().-]*,?\s+){{0,7}}?"
)
_COUNTED = re.compile(
    rf"{_BEFORE}{NUMBER}{_NO_SHARE}(?!-(?:year|month|week|day|item|point))\s+"
    rf"(?:\(\d[\d.]*\s?%\)\s)?{_NEAR}{PEOPLE}\b(?!-(?:years?|months?|days?))"
)
_N = re.compile(r"(?P<number>\d{1,3}(?:[,\u2009 ]\d{3})+|\d{1,7})(?!\.\d)")
_N_BEFORE = re.compile(r"(?<![\w.])[nN]\s?[=＝]\s?$")
_BARE = re.compile(
    rf"{_BEFORE}{NUMBER}(?=\s+(?:(?!{_NOT_PEOPLE}\b)[A-Za-z/+-]+\s+){{0,4}}?"
    r"(?:(?i:were|was)\s+(?i:randomi[sz]ed|randomly|assigned|allocated|enrol+ed|recruited|included"
    r"|entered|eligible|analy[sz]ed|assessed|evaluable|treated|screened)|completed)\b)"
)
_RANDOMISED = re.compile(rf"{NUMBER}(?!\s?(?:[%:]|per ?cent))(?=[\s,;.()])")
_RANDOMISED_BEFORE = re.compile(
    r"(?:randomi[sz]ed|enrol+ed|recruited|randomly assigned|accrued|registered|entered)\s+$",
    re.IGNORECASE,
)
_TOTAL = re.compile(rf"{NUMBER}{_NO_SHARE}(?![\d.])")
_TOTAL_BEFORE = re.compile(
    r"(?:\ba total (?:of|number of)|\btotal(?:ly)?,?|\bin all,?|\baltogether,?|\boverall,?)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
_IN_TOTAL = re.compile(rf"{_BEFORE}{NUMBER}(?=\s+in total\b)")
_INTRODUCED = re.compile(rf"{NUMBER}(?=\s+(?:[A-Z]{{2,5}}s?|[A-Z][a-z]+s)\b)(?!\s+{_NOT_PEOPLE}\b)")
_INTRODUCED_BEFORE = re.compile(
    r"(?:analys[ei]s of|sample of|cohort of|series of|study of|trial of|involv(?:ed|ing)|among"
    r"|included|randomi[sz]ed|assigned|recruited|enrol+ed|of)\s+(?:approximately\s+|the\s+|first\s+)?$",
    re.IGNORECASE,
)
_CHINESE = re.compile(rf"(?<![\d.])(?P<number>\d{{1,6}}|{HAN})\s?(?:例|名|位)(?!\s?[（(〔/]\s?\d)")
Lead = tuple[re.Pattern[str], int]
"""What stands before a number, and within how many characters it begins."""
_PATTERNS: tuple[tuple[str, Lead | None, re.Pattern[str], tuple[str, ...]], ...] = (
    ("counted", None, _CHINESE, ("例", "名", "位")),
    ("counted", None, _COUNTED, ("",)),
    ("n", (_N_BEFORE, 8), _N, ("=", "＝")),
    ("total", (_TOTAL_BEFORE, 60), _TOTAL, ("total", "in all", "altogether", "overall")),
    ("total", None, _IN_TOTAL, ("in total",)),
    (
        "randomised",
        (_RANDOMISED_BEFORE, 30),
        _RANDOMISED,
        ("randomi", "enrol", "recruited", "assigned", "accrued", "registered", "entered"),
    ),
    ("bare", None, _BARE, ("were", "was", "completed")),
    (
        "introduced",
        (_INTRODUCED_BEFORE, 40),
        _INTRODUCED,
        ("of ", "among", "involv", "included", "randomi", "ed "),
    ),
)
"""Kind, what stands before the number, the number with what follows, words one of which it needs."""
_STARTS = (
    re.compile(r"\d\d*"),
    re.compile(BEGINNINGS),
    re.compile(rf"{HAN}(?=\s?[例名位])"),
)
"""What a number begins with: digits, number words, Chinese numerals."""
_OTHER = re.compile(rf"^\s*(?:[\w-]+\s+){{0,2}}?{_NOT_PEOPLE}\b")
_NO_COUNT = re.compile(
    r"\b(?:phase|type|grade|stage|level|class|figure|table|weeks?|days?|months?|years?|visit|step)\s$|"
    r"\bfrom\s\d{1,3}\sto\s$",
    re.IGNORECASE,
)
_YEARS = re.compile(r"(?:19[5-9]\d|20[0-4]\d)")
_IN = re.compile(r"\b(?:in|since|during|until|by|before|after|through)\s$", re.IGNORECASE)
"""Before a number that may as well be a year."""
_WHOLE = re.compile(
    rf"(?<![\d.,/%·±<>=–—-])(?<![<>=±] ){NUMBER}"
    r"(?!\s?(?:%|per ?cent|mg|kg|ml|g/|g\b|Gy|mm|cm|h\b|hours?|min|days?|weeks?|months?|years?|yrs?"
    r"|y\b|mo\b|wk|cycles?|courses?|times|fold|sessions?|centers|centres|fractions?|points?|cGy|mcg"
    r"|µg|IU|items?|doses?|events?|deaths|-))(?![\d]|[.,·/–—]\d|\s?[x×±–]\s?\d)"
)
Sentences = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Count:
    """A number of people, and where it stands.

    :ivar kind: which pattern found it: counted ("30 women"), n ("n = 30"), total, randomised, bare
        ("30 were …") or introduced ("a sample of 30 …")
    :ivar sentence: index of its sentence
    :ivar start: place of the words in the whole text
    :ivar at: place of the number in its sentence, ``end`` the place behind it
    """

    people: int
    words: str
    kind: str
    sentence: int
    start: int
    at: int
    end: int


MOST_COUNTS = 300
"""Numbers of people of one text that are looked at."""


@lru_cache(maxsize=8)
def counts(sentences: tuple[tuple[int, str], ...]) -> tuple[Count, ...]:
    """All numbers of people of a text, in its order; each place once."""
    return tuple(islice(_counts(sentences), MOST_COUNTS))


@lru_cache(maxsize=128)
def _starts(sentence: str) -> tuple[int, ...]:
    """Where a sentence's numbers begin."""
    small = sentence.lower()
    if len(small) != len(sentence):
        small = "".join(one.lower() if len(one.lower()) == 1 else one for one in sentence)
    digits, words, numerals = _STARTS
    found = [match.start() for match in digits.finditer(small)]
    found += [
        match.start()
        for match in words.finditer(small)
        if not (match.start() and "a" <= small[match.start() - 1] <= "z")
    ]
    if not small.isascii():
        found += [match.start() for match in numerals.finditer(small)]
    return tuple(sorted(found))


def matches(
    before: Lead | None, pattern: re.Pattern[str], sentence: str
) -> Iterator[tuple[int, re.Match[str]]]:
    """The numbers that a pattern finds, and where the words before them begin.

    Tried at the numbers alone, which is several times faster than everywhere.
    """
    end = 0
    for start in _starts(sentence):
        if start < end or not (match := pattern.match(sentence, start)):
            continue
        if before is not None:
            lead = before[0].search(sentence, max(end, start - before[1]), start)
            if lead is None:
                continue
            start = lead.start()
        end = match.end()
        yield start, match


@lru_cache(maxsize=128)
def whole_numbers(sentence: str) -> tuple[tuple[int, int, int], ...]:
    """The whole numbers of a sentence that are no dose, time or share: value, start and end."""
    return tuple(
        (number(match.group("number")), *match.span("number"))
        for _, match in matches(None, _WHOLE, sentence)
    )


def _counts(sentences: Sentences) -> Iterator[Count]:
    for index, (begin, sentence) in enumerate(sentences):
        if not _starts(sentence):
            continue
        small = sentence.lower()
        found: list[Count] = []
        for kind, before, pattern, needs in _PATTERNS:
            if not any(word in small for word in needs):
                continue
            for start, match in matches(before, pattern, sentence):
                at, end = match.span("number")
                if any(one.at < end and at < one.end for one in found):
                    continue
                if kind != "counted" and _OTHER.match(sentence[end:]):
                    continue
                if _NO_COUNT.search(sentence[max(0, at - 16) : at]):
                    continue
                if _YEARS.fullmatch(match.group("number")) and _IN.search(sentence[:at][-12:]):
                    continue
                if people := number(match.group("number")):
                    words = sentence[start : match.end()]
                    found.append(Count(people, words, kind, index, begin + start, at, end))
        yield from sorted(found, key=lambda one: one.at)


@lru_cache(maxsize=8)
def sums(sentences: tuple[tuple[int, str], ...]) -> frozenset[int]:
    """What the whole numbers of a sentence add up to, two or three at a time."""
    whole: set[int] = set()
    for _, sentence in sentences:
        values = [value for value, _, _ in whole_numbers(sentence) if value > 3][:12]
        for size in (2, 3):
            for some in combinations(values, size):
                if max(some) <= 3 * min(some):
                    whole.add(sum(some))
    return frozenset(whole)
