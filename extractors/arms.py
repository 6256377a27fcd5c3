"""Sizes of a study's arms: numbers that add up to the study's, or that stand beside an arm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from extractors import Finding, Lexicon, Passage
from extractors._number_words import HAN, PHRASE, number
from extractors._people import PEOPLE, Count, counts, matches, whole_numbers
from extractors.sample_size import total

_EACH = re.compile(
    r"\b(?:each|both|per|either|all (?:two|three|four))\s+(?:of (?:the )?)?(?:\w+\s+){0,2}?"
    r"(?:groups?|arms?|cohorts?)\b|\bper (?:group|arm)\b",
    re.IGNORECASE,
)
_ALLOCATED = re.compile(
    r"randomi[sz]|randomly|allocat|assign|divided|groups?\b|arms?\b|receiv|treated|underwent|compared|versus|\bvs\b|placebo|control",
)
_SENT = re.compile(
    r"^\s*(?:\((?:[^()]{0,25})\)\s*)?(?:(?!\d)[\w/-]+\s+){0,4}?(?:to\b|into\b|received?\b|receiving\b|"
    r"underwent\b|(?:in|on|with|for|from)\s+(?:the\s+)?[^.,;%]{0,50}?(?:groups?|arms?)\b|assigned\b|allocated\b|"
    r"randomi[sz]ed\b|(?:placebo|controls?|[\w-]+[- ](?:treated|arm|group))\b)",
    re.IGNORECASE,
)
"""What stands behind an arm's number."""
_SHARE = re.compile(r"\d\s?%\)?\s?(?:of|in)|\bin\s*$", re.IGNORECASE)
_RANDOMISED = re.compile(r"randomi[sz]|randomly|allocat|assign")
_PLANNED = re.compile(
    r"\bpower\b|\bsample size\b|\b(?:were|was) (?:needed|required|planned)\b|\balpha\b",
    re.IGNORECASE,
)
"""A sentence about how many people a study would need."""
_ARM = re.compile(
    r"\b(?:groups?|arms?|placebo|controls?|versus|vs|treated|receiv\w+|compared|randomi[sz]ed|than"
    r"|assigned)\b",
    re.IGNORECASE,
)
_RESPECTIVELY = re.compile(
    r"(?<![\d.,/-])(?P<first>\d[\d,]*) and (?P<second>\d[\d,]*) (?:eligible |evaluable )?"
    r"(?:patients|participants|women|men|subjects|people|children|adults)?[^.;%]{0,80}?"
    r"\b(?:assigned|randomi[sz]ed|allocated|enrol+ed|received|treated|recruited|included)\b"
    r"[^.;%]{0,160}\brespectively\b",
    re.IGNORECASE,
)
_GROUPS_OF = re.compile(
    r"\b(?:groups?|arms?) (?:had|included|comprised|consisted of|contained|of) (?P<first>\d[\d,]*) and (?P<second>\d[\d,]*) "
    r"(?:[\w-]+ )?(?:patients|participants|women|men|subjects|people|children|adults),? (?:each )?respectively\b",
    re.IGNORECASE,
)
_FRACTION = re.compile(
    rf"(?<![\d.,/·])(?P<events>\d[\d,]*|(?=[A-Za-z])(?<![A-Za-z-])(?i:{PHRASE}))\s?"
    r"(?:/\s?|(?:[(\[]\d[\d.·]*\s?%[)\]])?(?: ?(?!\d)[\w-]+){0,2}? of (?:the |all )?)(?P<total>\d[\d,]*\d)"
    r"(?![\d.]*\d)(?!\s?(?:%|/|mg|months?|weeks?|days?|years?))"
)
MOST = 16
"""Numbers of two sentences that are tried for a sum."""


@dataclass(frozen=True)
class _Number:
    people: int
    words: str
    start: int
    beside: bool
    """it is printed as n = …, or people are named behind it"""


def _numbers(passage: Passage, index: int, known: Sequence[Count]) -> list[_Number]:
    """The whole numbers of a sentence."""
    begin, sentence = passage.sentences[index]
    counted = {one.start: one for one in known if one.sentence == index}
    found = {one.start: _Number(one.people, one.words, one.start, True) for one in counted.values()}
    places = {begin + one.at for one in counted.values()}
    for people, start, end in whole_numbers(sentence):
        if begin + start not in places and people > 1:
            found[begin + start] = _Number(people, sentence[start:end], begin + start, False)
    return [found[start] for start in sorted(found)]


_EACH_OF = re.compile(
    r"[(\[]\s?[nN]\s?=\s?(?P<each>\d[\d,]*)\s?(?:each|per (?:group|arm)|(?:in|for) each)\b"
    r"|\b(?:two|three|four|[234])\s(?:equal\s|[\w-]+\s){0,2}?(?:groups|arms)\s(?:of|with)\s(?P<of>\d[\d,]*)(?!\d|\.\d|\s?%)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    rf"\(\s?(?:[\w -]{{1,40}}[;,:]\s)?(?P<people>\d[\d,]*)\s(?:[\w-]+\s)?{PEOPLE}\s?\)[^().;]{{0,90}}?\b(?:or|and|versus|vs\.?|,)\s[^().;]{{0,90}}?"
    rf"\(\s?(?:[\w -]{{1,40}}[;,:]\s)?(?P<other>\d[\d,]*)\s(?:[\w-]+\s)?{PEOPLE}\s?\)"
)


def _each(passage: Passage, known: Sequence[Count], whole: int | None) -> list[_Number]:
    """ "Thirty women in each group", "two groups of 30": one number for all arms."""
    for one in known:
        sentence = passage.sentences[one.sentence][1]
        each = _EACH.search(sentence[one.at : one.end + 60])
        planned = _PLANNED.search(sentence)
        if each and not planned and one.people > 4 and (whole is None or one.people < whole):
            return [_Number(one.people, one.words, one.start, True)]
    for begin, sentence in passage.sentences:
        equal = (
            "each" in sentence or "per " in sentence or "groups" in sentence or "arms" in sentence
        )
        match = _EACH_OF.search(sentence) if equal else None
        if match is not None and not _PLANNED.search(sentence):
            name = "each" if match.group("each") else "of"
            people = number(match.group(name))
            if people > 4 and (whole is None or people < whole):
                return [_Number(people, match.group(name), begin + match.start(name), True)]
    return []


def _in_brackets(begin: int, sentence: str, whole: int | None) -> list[_Number]:
    """ "to A (363 women) or B (370 women)": two numbers of people, each behind its arm's name."""
    match = _BRACKETED.search(sentence) if "(" in sentence else None
    if match is None or not _RANDOMISED.search(sentence.lower()):
        return []
    found = [
        _Number(number(match.group(name)), match.group(name), begin + match.start(name), True)
        for name in ("people", "other")
    ]
    people = [n.people for n in found]
    if min(people) < 5 or max(people) > 4 * min(people):
        return []
    fits = whole is None or whole in people or 0.5 * whole <= sum(people) <= 1.02 * whole
    return found if fits else []


def _may_add_up(people: Sequence[int], whole: int) -> bool:
    """Whether two to four of some numbers make a whole: much cheaper than to look which."""
    sums: list[set[int]] = [{0}, set(), set(), set(), set()]
    for one in people:
        for size in (4, 3, 2, 1):
            sums[size] |= {rest + one for rest in sums[size - 1] if rest + one <= whole}
    return whole in sums[2] or whole in sums[3] or whole in sums[4]


def _saying(passage: Passage, pattern: re.Pattern[str]) -> list[bool]:
    small = passage.small
    return [bool(pattern.search(small, at, at + len(s))) for at, s in passage.sentences]


_FEMALE = re.compile(r"\b(?:women|females?|girls)\b", re.IGNORECASE)
_MALE = re.compile(r"\b(?:men|males?|boys)\b", re.IGNORECASE)


def _sexes(some: Sequence[_Number]) -> bool:
    """Whether numbers are those of women and of men: no arms."""
    return any(_FEMALE.search(n.words) for n in some) and any(_MALE.search(n.words) for n in some)


def _adding_up(
    rows: Sequence[Sequence[_Number]], said: Sequence[bool], whole: int
) -> list[_Number]:
    """Two to four numbers near each other that add up to a number of the study.

    :param said: of each sentence, whether it speaks of people being allotted
    """
    for index in range(len(rows)):
        if not any(said[index : index + 2]):
            continue
        for wide in (1, 2, 4):
            near = [n for row in rows[index : index + wide] for n in row if n.people < whole]
            near = [n for n in near if n.beside] if wide > 2 else near
            if not _may_add_up([n.people for n in near[:MOST]], whole):
                continue
            for size in (2, 3, 4):
                for some in combinations(near[:MOST], size):
                    people = [n.people for n in some]
                    even = max(people) <= 4 * min(people) and not _sexes(some)
                    if sum(people) == whole and even and (size == 2 or min(people) > 4):
                        return list(some)
    return []


def _listed(row: Sequence[_Number], whole: int | None) -> list[_Number]:
    """Numbers of one sentence that are printed as n = …; two equal ones are two arms."""
    listed = [n for n in row if "=" in n.words and n.people > 3]
    if len(listed) > 2 or len({n.people for n in listed}) > 1:
        rest = [n for n in listed if n.people != whole]
        listed = rest if len(rest) > 1 or len(listed) > 2 else listed
    people = [n.people for n in listed]
    if len(people) < 2 or max(people) > 15 * min(people):
        return []
    if len(people) > 2 and 2 * max(people) == sum(people):
        listed = [n for n in listed if n.people != max(people)]
    return listed


def _sent(row: Sequence[_Number], begin: int, sentence: str, whole: int | None) -> list[_Number]:
    """Numbers behind which an arm is named: "34 to the control group"."""
    if len(row) < 2 or not _ALLOCATED.search(sentence.lower()) or _PLANNED.search(sentence):
        return []
    sent = [
        n
        for n in row
        if n.people > 4
        and _SENT.match(sentence[n.start - begin + len(n.words) :])
        and not _SHARE.search(sentence[max(0, n.start - begin - 12) : n.start - begin])
    ]
    people = [n.people for n in sent]
    if not 1 < len(people) < 5 or max(people) > 4 * min(people):
        return []
    if whole in people and max(people) > 2 * min(people):
        return []
    if whole is None or whole in people or 0.5 * whole <= sum(people) <= 1.02 * whole:
        return sent
    return []


_IN_BRACKETS = re.compile(r"\(([^()]{6,140})\)")
_NO_ARMS = re.compile(
    r"\b(?:women|men|males?|females?|girls|boys|stage|grade|aged?|years?|positive|negative|died|deaths|alive|white|black|right|left|"
    r"with|without|yes|no|responses?|CR|PR|SD|PD|events|recurrences?|lost|withdr\w+|dropped|discontinued)\b",
    re.IGNORECASE,
)
"""In brackets behind a number: its parts are no arms."""


def _partition(begin: int, sentence: str) -> list[_Number]:
    """ "117 patients were analysed (58 in one arm, 59 in the other)": the parts of the number before."""
    whole = whole_numbers(sentence)
    if len(whole) < 3 or "(" not in sentence:
        return []
    for bracket in _IN_BRACKETS.finditer(sentence):
        parts = [n for n in whole if bracket.start() < n[1] and n[2] < bracket.end()]
        before = [n[0] for n in whole if 0 <= bracket.start() - n[2] < 90][-1:]
        people = [n[0] for n in parts]
        if not before or not 1 < len(parts) < 5 or sum(people) != before[0]:
            continue
        if min(people) < 5 or max(people) > 4 * min(people) or _NO_ARMS.search(bracket[1]):
            continue
        if _ALLOCATED.search(sentence.lower()) and not _PLANNED.search(sentence):
            return [_Number(n, sentence[a:b], begin + a, False) for n, a, b in parts]
    return []


_HAD = re.compile(
    rf"\b(?:arms?|groups?)(?: \w)?,? (?:had|included|comprised|consisted of|contained) (?P<people>\d[\d,]*) (?:[\w-]+ )?{PEOPLE}\b(?!,? respectively)"
)


def _had(begin: int, sentence: str) -> list[_Number]:
    """ "the weekly arm had 52 patients; the other arm had 51 patients"."""
    found = list(_HAD.finditer(sentence)) if "arm" in sentence or "group" in sentence else []
    people = [number(m["people"]) for m in found]
    if len(found) < 2 or min(people) < 5 or max(people) > 4 * min(people):
        return []
    return [
        _Number(number(m["people"]), m["people"], begin + m.start("people"), True) for m in found
    ]


def _respectively(begin: int, sentence: str) -> list[_Number]:
    """ "207 and 201 patients were assigned to … and …, respectively"."""
    match = None
    if "respectively" in sentence:
        match = _RESPECTIVELY.search(sentence) or _GROUPS_OF.search(sentence)
    if match is None:
        return []
    found = [
        _Number(number(match.group(name)), match.group(name), begin + match.start(name), True)
        for name in ("first", "second")
    ]
    people = [n.people for n in found]
    return found if min(people) > 4 and max(people) <= 4 * min(people) else []


def _denominators(begin: int, sentence: str, whole: int | None) -> list[_Number]:
    """The people a result is counted among, arm by arm: "8 of 72 in one group, 13 of 75 …"."""
    if not ("/" in sentence or " of " in sentence) or not _ARM.search(sentence):
        return []
    found = {}
    for _, match in matches(None, _FRACTION, sentence):
        events, people = number(match.group("events")), number(match.group("total"))
        if people > 4 and events <= people and (whole is None or people < whole):
            found[begin + match.start("total")] = _Number(
                people, match.group("total"), begin + match.start("total"), False
            )
    people_of = [n.people for n in found.values()]
    if len(people_of) < 2 or max(people_of) > 3 * min(people_of):
        return []
    return [found[start] for start in sorted(found)]


def arms(passage: Passage, known: Sequence[Count]) -> tuple[list[_Number], list[_Number]]:  # noqa: C901
    """The numbers that are an arm's; and those of people analysed for a result, arm by arm."""
    chosen = total(passage, known)
    whole = chosen[0].people if chosen else None
    sentences = passage.sentences
    rows = [_numbers(passage, index, known) for index in range(len(sentences))]
    found = _each(passage, known, whole)
    if not found and whole is not None and whole > 7:
        found = _adding_up(rows, _saying(passage, _ALLOCATED), whole)
    if not found:
        others = sorted({n.people for n in known if n.people != whole and n.people > 15})[::-1]
        said = _saying(passage, _RANDOMISED) if others else []
        for one in others[:6]:
            if found := _adding_up(rows, said, one):
                break
    if not found:
        for row in rows:
            if found := _listed(row, whole):
                break
    if not found:
        for (begin, sentence), row in zip(sentences, rows, strict=True):
            found = _in_brackets(begin, sentence, whole) or _sent(row, begin, sentence, whole)
            if found := found or _respectively(begin, sentence) or _had(begin, sentence):
                break
    analysed: list[_Number] = []
    least = min((n.people for n in found), default=0) / 2
    for (begin, sentence), row in zip(sentences, rows, strict=True):
        for some in (
            _listed(row, whole),
            _denominators(begin, sentence, whole),
            _partition(begin, sentence),
        ):
            if some and min(n.people for n in some) >= least:
                analysed += some
    places = {n.start for n in found}
    return found, [n for n in analysed if n.start not in places]


_CHINESE = re.compile(
    rf"(?P<group>(?:治疗|对照|观察|试验|实验|研究|安慰剂|干预|[A-Da-d])组)\s?[（(]?\s?(?:[nN]\s?[=＝]\s?)?(?P<people>\d{{1,5}}|{HAN})\s?(?:例|名)?"
    r"(?![\d.]|\s?[%％/±岁分])"
)
_CHINESE_EACH = re.compile(rf"(?:各|每组)\s?(?P<people>\d{{1,5}}|{HAN})\s?[例名]")


def _in_chinese(passage: Passage) -> Iterator[Finding]:
    """ "治疗组30例，对照组32例", "两组各30例": the first sentence with two groups."""
    for begin, sentence in passage.sentences:
        found = {m.group("group"): m for m in _CHINESE.finditer(sentence)}
        named = [
            m for m in found.values() if "例" in m.group() or "=" in m.group() or "＝" in m.group()
        ]
        if len(named) > 1:
            for match in named:
                people = number(match.group("people"))
                details: dict[str, str | int | float] = {
                    "role": "arm",
                    "group": match.group("group"),
                }
                yield Finding(
                    *("arm_size", people, match.group(), begin + match.start(), "arms/chinese"),
                    details,
                )
            return
        if "组" in sentence and (each := _CHINESE_EACH.search(sentence)):
            yield Finding(
                *("arm_size", number(each.group("people")), each.group(), begin + each.start()),
                "arms/chinese_each",
                {"role": "arm"},
            )
            return


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Sizes of arms, each with the words that carry it."""
    if "组" in passage.text:
        yield from _in_chinese(passage)
        return
    whole, analysed = arms(passage, counts(passage.sentences))
    for role, some in (("arm", whole), ("analysed", analysed)):
        for one in {(n.people, n.start): n for n in some}.values():
            yield Finding(
                "arm_size", one.people, one.words, one.start, f"arms/{role}", {"role": role}
            )
