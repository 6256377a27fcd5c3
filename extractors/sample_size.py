"""Numbers of people with their role, and the one number that is the study's.

The study's number is chosen by what stands around each: how it is introduced, what was done to the
people, where in the text it stands, and whether other numbers add up to it. Where no number speaks
for itself, none is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from extractors import Finding, Lexicon, Passage
from extractors._design_signs import ATTRIBUTED
from extractors._people import Count, counts, sums, whole_numbers
from extractors._printed import level

_ROLES = tuple(
    (role, re.compile(pattern, re.IGNORECASE))
    for role, pattern in (
        ("randomised", r"随机|randomi[sz]ed|randomly (?:assigned|allocated|divided)"),
        ("analysed", r"完成|分析|analy[sz]ed|primary analysis|evaluable|assessable|completed"),
        ("screened", r"screened|approached|invited|eligible"),
        (
            "enrolled",
            r"纳入|收集|入组|入选|选取|招募|共有?|enrol+ed|included|recruited|studied|investigated|surveyed|participated|entered"
            r"|accrued|a total of|we (?:report|describe|treated|followed|interviewed|reviewed)"
            r"|consecutive|received|were treated|study of|registered|took part|involv(?:ed|ing)",
        ),
    )
)
_SUBSET = re.compile(
    r"\b(?:of (?:whom|these|them|the \d[\d,]*|those)|among (?:whom|these|them|those)"
    r"|in (?:whom|which)|subset|subgroup|(?:the )?remaining|another|only|other)\W*$",
    re.IGNORECASE,
)
_OF_NUMBER = re.compile(
    r"\s*(?:\w+\s+){0,2}?(?:\(\d[\d.]*\s?%\)\s*)?(?:out )?of (?:the |a total of )?\d", re.IGNORECASE
)
_ARM = re.compile(
    r"\b(?:arm|groups?|cohort|placebo|controls?|intervention|treatment|versus|vs|assigned to"
    r"|randomi[sz]ed to|allocated to|receive|each|per)\b",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"(?:a total of|in total,?|in all,?|altogether,?|overall,?|study (?:of|in|with|included)"
    r"|sample of|trial (?:of|in|with|involving|including)|consisted of|comprised"
    r"|(?:participants|subjects) (?:were|included)|patients:|participants:|population:"
    r"|we (?:randomly assigned|randomi[sz]ed|enrol+ed|recruited|studied|included|assigned"
    r"|analy[sz]ed|treated|conducted)|enrol+ed|recruited|accrued|included|randomi[sz]ed"
    r"|involving|involved)\W+(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\)?(?:[^.;:()]|\([^()]*\)){0,110}?\b"
    r"(?:(?:were|was|have been|had been)\s+(?:\w+ly\s+)?(?:\w+ and\s+)?"
    r"(?:prospectively |also |then |first )?"
    r"(?P<passive>randomi[sz]ed|randomly|assigned|allocated|enrol+ed|recruited|included|entered"
    r"|studied|accrued|registered|divided|stratified|invited|eligible|screened|treated|evaluated"
    r"|assessed|investigated)"
    r"|(?P<active>participated|completed|entered|took part|enrol+ed|underwent|consented|received))",
    re.IGNORECASE,
)
_WEIGHTS = {
    **dict.fromkeys(("randomized", "randomised", "randomly"), 5),
    **dict.fromkeys(("assigned", "allocated", "divided", "stratified"), 4),
    **dict.fromkeys(("enrolled", "enroled", "recruited", "included", "entered", "accrued"), 4),
    **dict.fromkeys(("registered", "studied", "participated", "took part", "investigated"), 3),
    **dict.fromkeys(("completed", "underwent", "eligible"), 0),
    **dict.fromkeys(("screened", "invited"), -3),
}
_KINDS = {"total": 3, "randomised": 3, "bare": 1.5, "counted": 1, "introduced": 1, "n": 0}
_WHOSE = re.compile(
    r"(?:patients?|participants?|women|subjects?|total|sample)\W*\(\W*$", re.IGNORECASE
)
_OUT_OF = re.compile(r"^\W*(?:out )?of (?:the |all |a total of )?$", re.IGNORECASE)
"""A sentence that begins with the people it is about: "Of 127 patients, …"."""
_PLANNED = re.compile(r"\b(?:planned|needed|required)\b[^.;:,(]{0,30}$", re.I)
_CODE = re.compile(r"\b[A-Z]{2,}s?\s$")
"""A number behind letters is a regimen or an instrument: "FEC 100"."""
_WHOLE_OF = re.compile(r"[\w%)] (?:out )?of (?:the )?$")
_COHORT = re.compile(r"\b(?:cohort|series) of $", re.IGNORECASE)
_OF_THEM = re.compile(
    r"\s(?:\([^)]*\)\s)?of (?:them|whom|these|those)\b|[^.;]{0,80}\ba subset of\b", re.IGNORECASE
)
"""Behind a number that counts a part of the people."""
_WHOLE_N = re.compile(r"(?<![\w.])N\s?[=＝]\s?$")
_LISTED = re.compile(r"\b(?:to|or|and|versus|vs)\s+\W*$")
_TWO_WAYS = re.compile(
    r".{0,60}?\b(?:to|received?)\b.{1,60}?\b(?:and|,)\s+(?:the (?:other|remaining) )?\d+\b"
    r"[^%(]{0,30}?\b(?:to|received?)\b|\s+and\s+\d"
)
_RANGE = re.compile(r"\s+(?:or more|or fewer|to \d)")
_SHARE = re.compile(r"\s*(?:\w+\s+){0,3}\(\s?\d[\d.]*\s?%")
_EACH = re.compile(r"\s*(?:\w+\s+){0,2}(?:in|per) (?:each|the|both)\b")
_SCREENED = re.compile(
    r"\s(?:[\w-]+\s){0,3}?(?:screened|approached|invited|contacted|assessed for eligibility)\b",
    re.IGNORECASE,
)
_PER_ARM = re.compile(r"\s?(?:[a-z]+\s){0,2}(?:per|in each) (?:arm|group)", re.IGNORECASE)
_PER = re.compile(r"\beach\b|\bper (?:arm|group)\b")
_YEAR = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"between|from|to|until|since|and|in|during|through)\s$"
)
_FINALLY = re.compile(
    r"\b(?:finally|eventually|ultimately|this analysis (?:was conducted in|included)|"
    r"leaving|in the final analysis,?)\s(?:the\s)?$",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\d\s?%|\bP\s?[<=>]|confidence|versus|\bvs\b|median|mean\b|respectively", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"based on an? |previous|earlier|prior study|meta-analys|literature|worldwide|each year|annually|of every"
    r"|million",
    re.IGNORECASE,
)
_ENTERED = re.compile(
    r"[^.;]{0,70}?\b(?:participated|agreed|consented|(?:were|was) (?:\w+ )?(?:recruited|enrol+ed|randomi[sz]ed|randomly|allocated))\b",
    re.IGNORECASE,
)
_ENTERED_OF = re.compile(
    rf"\s?(?:[\w-]+ )?(?:\(\d[\d.]*\s?%\)\s)?(?:out )?of (?:the |all )?(?:planned |eligible |invited |\w+ )?\d[\d,]*{_ENTERED.pattern}",
    re.IGNORECASE,
)
"""Behind a number: it is the part of another that entered the study."""
_PART_OF = re.compile(
    r"\d\s?(?:[\w-]+ )?(?:\(\d[\d.]*\s?%\)\s)?(?:out )?of (?:the |all )?(?:planned |eligible |invited |\w+ )?$",
    re.IGNORECASE,
)
ENOUGH, ALONE = -0.5, -2.5
"""Weight from which a number is named the study's; and where no larger one is in the text."""


@lru_cache(maxsize=256)
def of_another_study(sentence: str) -> bool:
    """Whether a sentence gives the figures of another study."""
    small = sentence.lower()
    return ("trial" in small or "study" in small) and bool(ATTRIBUTED.search(small))


def _role(sentence: str, one: Count) -> str | None:
    """The role whose word stands nearest to a number; of two as near, the stronger.

    A word beyond a comma is far.
    """
    found = []
    for rank, name, start, end in _role_words(sentence):
        gap = max(start - one.end, one.at - end, 0)
        between = sentence[min(end, one.end) : max(start, one.at)]
        gap += 40 * (between.count(",") + between.count(";"))
        found.append((gap, rank, name))
    return min(found)[2] if found else None


@lru_cache(maxsize=64)
def _role_words(sentence: str) -> tuple[tuple[int, str, int, int], ...]:
    """The words of a sentence that give a number a role: rank, role and place."""
    return tuple(
        (rank, name, *word.span())
        for rank, (name, pattern) in enumerate(_ROLES)
        for word in pattern.finditer(sentence)
    )


def _around(sentence: str, one: Count, observed: bool) -> float:
    """What the words beside a number say for its being the study's.

    :param observed: nobody was allotted to anything
    """
    begin = sentence[: one.at]
    before, after = begin[-90:], sentence[one.end : one.end + 260]
    points: float = _KINDS[one.kind]
    if _INTRODUCED.search(before):
        points += 3
    if match := _DONE.match(after):
        points += _WEIGHTS.get((match.group("passive") or match.group("active")).lower(), 1)
    if "consecutive" in after[:30].lower():
        points += 2
    points -= 6 * bool(_TWO_WAYS.match(after))
    points -= 5 * bool(_RANGE.match(after))
    points -= 6 * bool(_SUBSET.search(before[-30:]))
    if _ENTERED_OF.match(after):
        points += 5
    else:
        points -= 5 * bool(_OF_NUMBER.match(after))
    points -= 7 * bool(_PART_OF.search(before) and _ENTERED.match(after))
    points += 7 * bool(_FINALLY.search(before))
    points -= 9 * bool(1900 <= one.people <= 2050 and one.kind != "n" and _YEAR.search(before))
    points += 2 * bool(
        one.kind == "counted" and re.search(r"(?:共|纳入|收集|选取|入组)\w{0,4}$", before)
    )
    points += 2 * bool(_OUT_OF.match(begin))
    points += observed * (1.5 * bool(_WHOLE_OF.search(before)) + 3 * bool(_COHORT.search(before)))
    points -= 6 * bool(_OF_THEM.match(after))
    points -= 4 * bool(_PLANNED.search(before))
    points -= 4 * bool(_CODE.search(before))
    if one.kind == "n":
        points += 3 * bool(_WHOLE_N.search(before) and not _ARM.search(before[-30:]))
        points += 2 * bool(_WHOSE.search(before)) - 1.5 * bool(_ARM.search(before[-45:]))
    elif _LISTED.search(before) and _ARM.search(before[-60:]):
        points -= 2
    points -= 3 * bool(_SHARE.match(after))
    points -= 3 * bool(_EACH.match(after)) + 5 * before.endswith("组")
    points -= 8 * bool(_SCREENED.match(after))
    points -= 8 * bool(_PER_ARM.match(after))
    points -= 3 * bool(_PER.search(sentence[max(0, one.at - 20) : one.end + 40]))
    points -= 1.5 * bool(_RESULT.search(after[:60]))
    points -= 4 * bool(_ELSEWHERE.search(before[-60:])) + 8 * of_another_study(sentence)
    return points - (one.people < 8)


def _among(one: Count, known: Sequence[Count], added: frozenset[int]) -> float:
    """What the other numbers say: some add up to it, or it is a part of another."""
    people = {other.people for other in known}
    listed = [other.people for other in known if other.kind == "n" and other.people < one.people]
    parts = sorted((p for p in people if p < one.people), reverse=True)[:12]
    arms = {a + b for n, a in enumerate(parts) for b in parts[n + 1 :]} | {2 * a for a in parts}
    points = 0.0
    tripled = any(sum(listed[at : at + 3]) == one.people for at in range(len(listed) - 2))
    if one.people in arms or tripled:
        points += 3
    elif one.people > 9 and one.people in added:
        points += 2.5
    elif one.people in {a + b for a in arms for b in parts}:
        points += 1.5
    if any(p > one.people and (p - one.people in people or p == 2 * one.people) for p in people):
        points -= 2
    if one.kind == "n" and one.people not in arms and not tripled:
        others = (c for c in known if c.kind == "n" and c.people != one.people)
        points -= 5 * any(abs(c.start - one.start) < 400 for c in others)
    return points + (bool(parts) and one.people == max(people))


def total(passage: Passage, known: Sequence[Count]) -> tuple[Count, float] | None:
    """The study's number of people and its weight; nothing where none speaks for itself."""
    if "total" not in passage.memo:
        passage.memo["total"] = _total(passage, known)
    chosen: tuple[Count, float] | None = passage.memo["total"]
    return chosen


def _total(passage: Passage, known: Sequence[Count]) -> tuple[Count, float] | None:
    if not known:
        return None
    observed = not _ALLOTTED.search(passage.text)
    added, size = sums(passage.sentences), max(len(passage.text), 1)
    scored = [
        (
            _around(passage.sentences[one.sentence][1], one, observed)
            + _among(one, known, added)
            - 2 * one.start / size,
            one,
        )
        for one in known
    ]
    scored = [pair for pair in scored if pair[1].people > 4] or scored
    weight, one = max(scored, key=lambda pair: (pair[0], -pair[1].start))
    largest = one.people == max(other.people for other in known)
    return (one, weight) if weight >= (ALONE if largest else ENOUGH) else None


def _group(passage: Passage, lexicon: Lexicon, one: Count) -> str | None:
    """The people a number counts, in the words of the vocabulary: named behind it, or before n."""
    start, sentence = passage.sentences[one.sentence]
    if one.kind == "n":
        window = re.split(r"\)|\band\b|\bvs\b", sentence[: one.start - start])[-1][-60:]
    else:
        behind = sentence[one.start - start :][: len(one.words) + 60]
        tail = re.split(r"[.;,)]|\band\b|\bof whom\b", behind[len(one.words) :])[0]
        window = one.words + tail
    named = [
        (match.end() - match.start(), term.id)
        for term in lexicon.populations
        for match in term.pattern.finditer(level(window))
    ]
    if named:
        return max(named)[1]
    return "controls" if _CONTROLS.search(window) else None


def _compared(  # noqa: C901
    passage: Passage, lexicon: Lexicon, known: Sequence[Count], chosen: Count | None
) -> list[Count]:
    """The sizes of different groups of people that are studied side by side.

    "37 patients with one disease and 51 with another": 37 alone is not the study's number. Arms of
    a trial, parts of a larger number and results are no such groups.
    """
    if _ALLOTTED.search(passage.text):
        return []
    for index, (_, sentence) in enumerate(passage.sentences):
        listed = [c for c in known if c.sentence == index and c.kind == "n"]
        stated = {value for value, _, _ in whole_numbers(sentence)}
        mine = chosen is None or chosen in listed
        if mine and len(listed) > 1 and sum(c.people for c in listed) in stated:
            return listed
    found: list[Count] = []
    groups: set[str] = set()
    treated: list[Count] = []
    also = chosen is not None and _ALSO.search(passage.sentences[chosen.sentence][1])
    for one in known:
        sentence = passage.sentences[one.sentence][1]
        name = _group(passage, lexicon, one)
        if chosen is not None and one.sentence == chosen.sentence:
            behind = sentence[one.end : one.end + 90]
            treated += [one] if _TREATED.match(behind) else []
            name = f"{name}-without" if name and _WITHOUT.match(behind) else name
        if name is None or name in groups or one.people < 4:
            continue
        if _SUBSET.search(sentence[: one.at][-40:]) or _SHARE.match(sentence[one.end :]):
            continue
        if _OF_NUMBER.match(sentence[one.end :]):
            continue
        beside = chosen is None or one.sentence == chosen.sentence or also
        if chosen is not None and one.kind == "n" != chosen.kind and one is not chosen:
            continue
        if _OF_THEM.match(sentence[one.end :]):
            continue
        if not (beside or one is chosen or _ALSO.search(sentence)):
            continue
        found.append(one)
        groups.add(name)
    if len(treated) > 1 and len(found) < 2:
        return treated
    if chosen is not None and chosen not in found:
        return []
    largest = max((one.people for one in found), default=0)
    parts = sum(one.people for one in found) - largest
    nested = chosen is not None and chosen.people == largest and parts == largest
    return [] if nested or len(found) < 2 else found


_ONE_PERSON = re.compile(
    r"\b(?:report|describe|present)(?:s|ed)?\s(?:here\s)?(?:on\s|the case of\s)?(?:a|an|one)\s(?:case of\s)?"
    r"(?:[\w-]+\s){0,4}?(?:woman|man|girl|boy|patient|female|male|child)\b",
    re.IGNORECASE,
)
_TREATED = re.compile(
    r"(?:\s(?!and\b)[\w+/()-]+){0,7}?\s(?:who )?(?:only )?(?:received|treated|underwent|took)\b",
    re.I,
)
_WITHOUT = re.compile(r"[^.;,]{0,60}\bwithout\b", re.IGNORECASE)
_CONTROLS = re.compile(r"\b(?:healthy|normal|control)\b|对照", re.IGNORECASE)
_ALSO = re.compile(
    r"\balso (?:studied|recruited|included|enrol+ed|examined|tested|assessed)|for comparison"
    r"|\bas (?:[\w-]+ ){0,2}controls?\b|served as",
    re.IGNORECASE,
)
_ALLOTTED = re.compile(r"randomi[sz]|randomly|allocat|placebo|随机", re.IGNORECASE)


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Numbers of people, each with the role its sentence gives it; then the study's number."""
    known = counts(passage.sentences)

    for one in known:
        sentence = passage.sentences[one.sentence][1]
        if of_another_study(sentence):
            continue
        role = _role(sentence, one)
        if _SUBSET.search(sentence[: one.at][-40:]) or _OF_NUMBER.match(sentence[one.end :]):
            role = "subset"
        if role is not None:
            rule = f"sample_size/{role}"
            details: dict[str, str | int | float] = {"role": role}
            if group := _group(passage, lexicon, one):
                details["group"] = group
            yield Finding("sample", one.people, one.words, one.start, rule, details)
    chosen = total(passage, known)
    several = _compared(passage, lexicon, known, chosen[0] if chosen else None)
    if several:
        ordered = sorted(several, key=lambda c: c.start)
        end = ordered[-1].start + len(ordered[-1].words)
        yield Finding(
            "total_sample_size",
            sum(one.people for one in several),
            passage.text[ordered[0].start : end],
            ordered[0].start,
            "sample_size/sum",
            {
                "role": "total",
                "sum_of": " + ".join(str(one.people) for one in ordered),
                "confidence": 0.7,
            },
        )
    elif chosen is None and (case := _ONE_PERSON.search(passage.text)):
        details = {"role": "total", "confidence": 0.6}
        yield Finding(
            "total_sample_size", 1, case.group(), case.start(), "sample_size/one_person", details
        )
    elif chosen is not None:
        one, weight = chosen
        confidence = round(min(0.99, max(0.3, 0.6 + weight / 20)), 2)
        yield Finding(
            "total_sample_size",
            one.people,
            one.words,
            one.start,
            "sample_size/total",
            {"role": "total", "confidence": confidence},
        )
