"""Which outcome a figure of a sentence belongs to, if the sentence says so.

A percentage near an outcome's name is most often another's: "fever (12%), rash (18%), cough
(8%)". So a figure has an owner only where words link the two: it stands in the bracket behind the
name ("rash (18%)"), directly beside it ("26% severe rash"), as what the outcome occurred in
("rash was present in 40%"), or before a verb of having it ("40% reported a rash"). All else is not
read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors import Mention
from extractors._number_words import WORD
from extractors._people import PEOPLE

_OPEN, _CLOSE = "([（〔", ")]）〕"
_BRACKETS = re.compile(r"\s?[(\[（〔][^()\[\]（）〔〕]*[)\]）〕]")
_PERCENT = r"\d[\d.·]*\s?(?:[%％]|per\s?cent)"
_JOINED = re.compile(
    rf"{_PERCENT}[)\]）〕]?(?: (?:of|in|for) (?:[\w+-]+ ){{0,3}}?[\w+-]+)?\s?(?:,?\s?(?:vs\.?|versus|and|or|compared (?:with|to)|against)|[/,;]|和|及)\s?"
    r"(?:(?:(?:in|for|by|of) )?(?:the )?(?:arm|group|placebo|controls?|[A-Z][\w-]*)[ ,:]{1,2}){0,3}[(\[]?\s?$"
)
"""Before a figure: another one of the same list ("86.2% vs", "arm A, 11%; arm B,")."""
_APART = re.compile(
    r"[,;:.，；。、]|\b(?:that|which|who|whom|whose|but|while|whereas|without|no)\b|\sand\s(?=\d)"
)
"""What ends the reach of an outcome that stands before a figure."""
_BY_BRACKET = re.compile(
    r"(?:\s(?:in|among|at|during|within|for|on|over|of|under|by|versus|vs|was|were|is|are|occurred|developed|had|reported"
    r"|present|medications?|incidence|prevalence|frequency|rates?)\b.*|s)?\s?"
)
"""Between an outcome and the bracket with its figure."""
_BY_WORDS = re.compile(
    r"(?:.*\b(?:in|by|of|for|among|at|was|were|is|being|reached|affected|affecting))?[\s:：=]{1,2}"
    r"(?:(?:about|approximately|around|some|only|just|an? estimated|the)\s)?"
)
"""Between an outcome and a figure outside brackets."""
_FREQUENCY = re.compile(
    r",? with an? (?:[\w-]+ )?(?:incidence|prevalence|frequency|rate) of (?:about |approximately )?"
)
_PEOPLE_BETWEEN = re.compile(r"[a-z]{4}")
_PAIR = re.compile(r"\b[\w-]+ and (?:[\w-]+ )?$")
_PAIRED = re.compile(rf"[%％)]*(?: of [\w ]+)?\s?(?:and|,)\s{_PERCENT}")
"""Two outcomes and two figures: which is whose is not said."""
THEY = (
    r"[\s)\]）〕]?\s?(?:[%％]|per\s?cent)?(?:[;,][^()]{0,60})?[)\]）〕]?"
    rf"(?:,? (?:and )?(?:[\w./+-]+ ){{1,7}}?{PEOPLE}\s?\([^()]*\))*"
    r"\s(?:of (?:the |these |all |them |those )?)?(?:(?!(?:who|that|which|with|in|and|or|of)\b)[\w+/.-]+ ){0,2}?"
    rf"(?:{PEOPLE}\)? )?(?:with (?:[\w+-]+ ){{1,3}})?(?:\(n\s?=\s?\d+\)[)]? )?"
)
"""Behind a figure: the people it counts, up to their verb; more groups with figures may follow."""
_NEW_STATEMENT = re.compile(
    rf"{THEY}(?:had|have|has|were|was|did|took|withdrew|\w{{3,}}ed)\b|\s?[%％]?\sof (?:whom|them)\b"
)
_HAD_IT = re.compile(
    rf"{THEY}(?:had|have|has|having|reported|experienced|suffered(?: from)?|showed|complained of|developed|endorsed|"
    r"manifested|described|presented with|indicated|noted|felt|acknowledged|exhibited|demonstrated|"
    r"were (?:affected by|diagnosed with|in|found to have))\s"
    r"(?:(?!(?:risk|odds|better|worse|poorer|higher|lower|less|more|greater|longer|shorter|than)\b)[\w/-]+ ){0,8}?$"
)
_NOT_ITSELF = re.compile(
    r"s?\s(?:control|management|clinics?|thresholds?|scores?|scales?|data|diar(?:y|ies)|records|intensity|severity|catastrophi\w+|assessments?|"
    r"improvement|reduction|measures?|questionnaires?|domain|subscale|inventory)\b|评分"
)
"""Behind an outcome's name: what is spoken of is something about it."""
_BESIDE = re.compile(
    r"[%％]?\s(?:(?!(?:and|or|in|with|of|for|vs|versus|to|had|than)\b)[\w-]+ )?$|[%％]?\sof (?:[\w-]+ ){1,3}?with $"
)
_IN_BRACKET = re.compile(r"s?\s?[(\[（〔][^()\[\]（）〔〕,;，；]{0,12}(?:[nN]\s?=\s?)?")
"""Between an outcome and the first figure of the bracket behind it."""
_CHINESE_BEFORE = re.compile(r"[^，；。、,;]{0,30}")
_CHINESE_BEHIND = re.compile(r"[^，；。、,;\d]{0,20}")
_HAN = re.compile("[\u3400-\u9fff]")
_AMONG_THEM = re.compile(
    rf"\b(?:of|among|in) (?:the |these )?(?:\d[\d,]* )?(?:{PEOPLE}|those) with (?:[\w-]+ )?$"
)
_AMONG_BEHIND = re.compile(r"[)\]]?\s?(?:of|in|among) (?:[\w-]+ ){0,3}with (?:[\w-]+ )?$")


def names_denominator(sentence: str, noun: Mention) -> bool:
    """Whether an outcome stands in "of 40 patients with …": shares are counted among those."""
    return bool(_AMONG_THEM.search(sentence[: noun.start]))


def counted_among(sentence: str, noun: Mention, last: int) -> bool:
    """Whether an outcome names the people a share is counted among, not what they had."""
    if noun.start >= last:
        return bool(_AMONG_BEHIND.match(sentence[last : noun.start]))
    return names_denominator(sentence, noun)


def _first_of_list(sentence: str, first: int, last: int) -> int:
    """Where the list of figures begins that a figure belongs to."""
    if _PEOPLE_BETWEEN.search(sentence, first, last) or _NEW_STATEMENT.match(sentence, last):
        return first  # "and 45 patients (60%) …", "and 20% had …"
    while joined := _JOINED.search(sentence[max(0, first - 90) : first]):
        first = max(0, first - 90) + joined.start()
    return first


def _open_bracket(sentence: str, begin: int, end: int) -> int | None:
    """Where the outermost bracket opens that is still open at the end of a span."""
    depth, at = 0, None
    for n in range(begin, end):
        if sentence[n] in _OPEN:
            at = n if depth == 0 else at
            depth += 1
        elif sentence[n] in _CLOSE and depth:
            depth -= 1
    return at if depth else None


_WITH_IT = re.compile(
    rf"\b(?:{PEOPLE}|those) (?:with|reporting|having|who (?:had|reported)) (?:[\w-]+ )?$",
    re.IGNORECASE,
)
"""Before an outcome: the people who have it are the ones spoken of."""
_VERB = re.compile(r"\b(?:had|have|has|were|was|are|is|showed|reported)\b")
_ANY_SHARE = re.compile(rf"{_PERCENT}|\d\s?/\s?\d+")
_NEXT_GROUP = re.compile(
    r"[)\]）〕;,]*\s?(?:(?:was|were) (?:[\w-]+ ){1,5}?)?(?:(?:of|in) (?:(?!(?:and|or)\b)[\w+-]+ ){1,4}?)?"
    r"(?:than(?: (?:in|among|for))?|versus|vs\.?|compared (?:with|to)|followed by|,|in"
    r"|(?:and|or|but) (?:in|of|for|among|at|by|during|throughout|after|before|on|with))"
    r" (?:(?:the )?(?!(?:and|or)\b)[\w'’+-]+ ){0,7}?[(\[（]?(?:[nN]\s?=\s?)?"
)
"""Between two figures of one outcome: the name of the next group."""


def _without_brackets(text: str) -> str:
    shorter = _BRACKETS.sub("", text)
    return text if shorter == text else _without_brackets(shorter)


def _before(sentence: str, noun: Mention, first: int) -> bool:
    """Whether an outcome that stands before a figure is linked to it."""
    opened = _open_bracket(sentence, noun.end, first)
    between = _without_brackets(sentence[noun.end : first if opened is None else opened])
    if sentence.startswith(("患者中", "病人中"), noun.end) or (
        opened is None and _WITH_IT.search(sentence[: noun.start])
    ):
        return False
    if _HAN.search(sentence[noun.start : noun.end]):
        return bool(_CHINESE_BEFORE.fullmatch(between.rstrip("：: (（〔[")))
    if _WITH_IT.search(sentence[: noun.start]) and _VERB.search(between):
        return False
    figures = list(_ANY_SHARE.finditer(sentence, noun.end, first))
    if figures and not _NEXT_GROUP.fullmatch(sentence[figures[-1].end() : first]):
        return False
    if opened is None and _FREQUENCY.search(between) and between.count(",") == 1:
        return True
    if _APART.search(between.rstrip(" :：=")) or between.startswith((" and ", " or ")):
        return False
    if opened is not None:
        inner = sentence[opened + 1 : first]
        return len(inner) < 60 and _BY_BRACKET.fullmatch(between) is not None
    return _BY_WORDS.fullmatch(between) is not None


def _behind(sentence: str, noun: Mention, last: int) -> bool:
    """Whether an outcome that stands behind a figure is linked to it."""
    between = sentence[last : noun.start]
    if _HAN.search(sentence[noun.start : noun.end]):
        return bool(_CHINESE_BEHIND.fullmatch(_without_brackets(between.lstrip("%％)）〕]"))))
    if _HAD_IT.match(between):
        return True
    return bool(_BESIDE.fullmatch(between)) and sentence[last - 1 : last] not in _CLOSE


def owner(
    sentence: str, figure: tuple[int, int], span: tuple[int, int], outcomes: Sequence[Mention]
) -> Mention | None:
    """The outcome that a figure is said to be of; of two at one place the longer name.

    :param figure: place of its numbers; ``span`` that of the words read with them
    """
    first, last = figure
    outcomes = [m for m in outcomes if not _NOT_ITSELF.match(sentence, m.end)]
    beside = [m for m in outcomes if _IN_BRACKET.fullmatch(sentence, m.end, first)]
    if beside and _open_bracket(sentence, beside[0].end, first) is not None:
        return min(beside, key=lambda m: m.start)
    inside = [m for m in outcomes if span[0] <= m.start and m.end <= span[1]]
    behind = [m for m in outcomes if m.start >= last and _behind(sentence, m, last)]
    if behind:
        return min(behind, key=lambda m: (m.start, -m.end))
    start = _first_of_list(sentence, first, last)
    before = [m for m in outcomes if m.end <= start and _before(sentence, m, start)]
    if before:
        found = max(before, key=lambda m: (m.end, -m.start))
        two = start != first or _PAIRED.match(sentence, last)
        paired = two and _PAIR.search(sentence[: found.start])
        return None if paired and not found.start >= span[0] else found
    return min(inside, key=lambda m: (abs(m.end - first), m.start - m.end), default=None)


CLAUSE_END = re.compile(
    r"[;:]|,? (?:whereas|while|but|compared with|versus|vs\.?) |,? and (?=\d)|, (?=\d)|，|。|；"
    rf"|,? and (?=(?:{WORD})\b)"
)
_REMEDY = r"(?:treatment|therap(?:y|ies)|medications?|drugs?|tablets)\b"
_ASPECTS = (
    (
        "treated",
        rf"\b{_REMEDY} (?:was|were) (?:\w+ )?(?:used|taken|prescribed|needed|required|given|received)\b"
        rf"|\b(?:needing|requiring|receiving) (?:[\w-]+ ){{0,4}}?{_REMEDY}|(?:需要|接受|服用|使用)[^，。；]{{0,8}}(?:治疗|药)",
        r"(?:were|was|had been)(?: \w+)? (?:treated|prescribed|given)\b"
        rf"|(?:needed|required|received|took|used) (?:[\w-]+ ){{0,4}}?{_REMEDY}",
    ),
    (
        "quality",
        r"\b(?:described|characteri[sz]ed|bilateral|unilateral|constant|intermittent|burning|attributed|refractory|misdiagnosed|undertreated|"
        r"preceded|led to|reason for|due to)\b",
        r"[^.;,]{0,20}\b(?:described (?:it|their \w+) as)\b",
    ),
    (
        "impact",
        r"\b(?:impact|interfer\w+|affect(?:s|ed|ing)?|limit(?:s|ed|ing)?|disrupt\w*)\b[^.;]{0,40}?\b(?:life|activity|activities|work|sleep|function\w*)\b|影响",
        r"(?:[\w-]+ ){0,4}?(?:impact|interfer\w+|affected)\b[^.;]{0,40}?\b(?:life|activity|activities|work|sleep|function\w*)\b",
    ),
    (
        "rank",
        r"\b(?:first|initial|worst|only|presenting|chief|main)\s(?:\w+ )?(?:symptoms?|signs?|complaints?|manifestations?)\b|首发|主诉",
        r"[^.;,]{0,30}\b(?:as|was) (?:the|a|an|their) (?:first|initial|worst|only|presenting|chief|main) \w+",
    ),
    (
        "site",
        r"\b(?:dermatom\w+|regions?|areas?|sites?|locations?|locali[sz]\w+|located|distribution|limbs?|trunk)\b|部位",
        r"[^.;,]{0,30}\b(?:dermatom\w+|regions?|areas?|limbs?|trunk)\b|[^。；，]{0,12}部位",
    ),
)
"""What a share may count instead of everybody with an outcome: the words before it, or behind it."""
_ASPECTS_IN = [
    (name, re.compile(before, re.IGNORECASE), re.compile(rf"{THEY}(?:{behind})", re.IGNORECASE))
    for name, before, behind in _ASPECTS
]
_NEEDED = re.compile(
    rf"\b(?:needing|requiring|receiving|taking|using) (?:[\w-]+ ){{0,4}}?{_REMEDY}\s?\([^()]*$"
)
_AGAINST_IT = re.compile(r"s?[- ](?:medications?|killers?|relievers?|drugs?|treatment|therapy)\b")
"""Behind an outcome's name: what is taken against it."""
_SO_BAD = re.compile(
    r"(?:\b(?:mild|moderate|severe|intense)\b|轻度|中度|重度)\s?(?:[\w-]+ )?$", re.IGNORECASE
)
_SO_BAD_IN = re.compile(r"\b(?:mild|moderate|severe|intense) in\b", re.IGNORECASE)
_GRADED = re.compile(
    r"[(,;] ?(?:mild|moderate|severe|serious|grade (?:≥ ?)?[1-5](?: or \w+)?),? ?$|(?:was|were) (?:mild|severe) in $"
)
_SO_LONG = re.compile(r"\s(?:for|lasting) (?:less|more) than \d")
"""Before, behind and within an outcome's words: those with so much of it are counted."""


def aspect_of(sentence: str, noun: Mention, figure: tuple[int, int]) -> str | None:
    """What of an outcome a share counts, where it is not everybody who has it."""
    first, last = figure
    start = min(noun.start, first)
    lead = CLAUSE_END.split(sentence[max(0, start - 30) : start])[-1] + sentence[start:first]
    behind = sentence[last : last + 120]
    if _AGAINST_IT.match(sentence, noun.end):
        return "treated"
    for name, before, after in _ASPECTS_IN:
        if before.search(lead) or after.match(behind):
            return name
    so_bad = _SO_BAD.search(sentence[max(0, noun.start - 30) : noun.start])
    if so_bad or _SO_BAD_IN.search(sentence, noun.end, max(first, noun.end)):
        return "severity"
    if sentence.startswith("部位", noun.end):
        return "site"
    if _GRADED.search(sentence, max(noun.end, first - 40), first):
        return "severity"
    return "severity" if _SO_LONG.match(sentence, noun.end) else None


def of_aspect(sentence: str, figure: tuple[int, int], outcomes: list[Mention]) -> Mention | None:
    """The outcome of which a figure counts an aspect, though the figure is not linked to its name."""
    before = [one for one in outcomes if one.end <= figure[0]]
    if not before:
        return None
    noun = max(before, key=lambda one: (one.end, -one.start))
    lead = sentence[noun.end : figure[0]]
    treated = _NEEDED.search(lead)
    told = any(after.match(sentence, figure[1]) for _, _, after in _ASPECTS_IN)
    return noun if treated or told or _SO_BAD_IN.search(lead) else None
