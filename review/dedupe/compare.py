"""The verdict on one pair: duplicate, related, distinct, or a person's to decide.

First the fields are compared one by one; then what speaks for one paper is weighed; then the
vetoes: what no likeness of titles can outweigh. An identifier is evidence, not proof. A doubt goes
to the queue: a wrong merge loses a paper, a queued pair costs a minute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import takewhile

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from review.dedupe.cited import stands_elsewhere
from review.dedupe.comparable import Comparable, content
from review.dedupe.fields import Person, is_month, same_doi, version_of_doi
from review.dedupe.journals import LIKELY, SURE, WITHIN, same_journal
from review.dedupe.titles import Difference, alike, difference, language_by_small_words, numbers_of
from review.dedupe.words import SMALL

RULES = "rules 5"
UNLIKE = 70.0
"""Titles less alike than this are of two papers, unless an identifier says otherwise."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two records field by field. True: agrees, False: differs, None: one of them says nothing."""

    title: Difference
    other_title: bool | None
    pmid: bool | None
    doi: bool | None
    doi_cut: bool
    """the DOIs agree where one of them was cut off"""
    first_author: bool | None
    authors: float | None
    """share of the shorter list's people that the other has"""
    year: int | None
    """years between them"""
    journal: float | None
    volume: bool | None
    issue: bool | None
    page: bool | None
    last_page: bool | None
    span: bool
    """the same pages, more than one, from first to last: no two papers stand on them"""
    near: bool
    """first pages differ by one digit or two swapped ones, as a slip of the finger does"""
    translated: bool
    """the titles may be translations of one another"""
    abstract: float | None
    """likeness of the abstracts' beginnings, 0 to 100"""

    @property
    def place(self) -> bool:
        """Same volume and same page."""
        return bool(self.page and self.volume)

    @property
    def elsewhere(self) -> bool:
        """Volume and page both differ."""
        return self.page is False and self.volume is False


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the rules make of a pair.

    :ivar outcome: duplicate, related, queue or distinct
    :ivar relation: for related: what the first record is to the second, or the second to the first
    :ivar subject: 0 where the first record is the notice, preprint, reply …; 1 where the second is
    :ivar score: weight of what speaks for one paper
    """

    outcome: str
    score: int
    reasons: tuple[str, ...]
    relation: str = ""
    subject: int = 0


# ---- field by field ----------------------------------------------------------------------------


def _longest(names: frozenset[str]) -> int:
    return max(map(len, names), default=0)


def same_person(a: Person, b: Person) -> bool:
    """Whether two names can be one person's."""
    shared = a.names & b.names
    if not shared:
        if not a.initials & b.initials:
            return False
        if all(len(name) == 1 for name in (*min(a.names, b.names, key=_longest),)):
            return a.initials == b.initials
        if a.short and b.short and set(a.short).isdisjoint(b.short):
            return False  # "Loper, H." is no slip for "Lopez, J."
        return any(
            (len(x) > 4 and len(y) > 4 and abs(len(x) - len(y)) < 3 and alike(x, y, room=2))
            or (len(x) > 5 and x in y)
            or (len(y) > 5 and y in x)
            for x in a.names
            for y in b.names
        )
    rest_a = set(a.short) | {name[0] for name in a.names - shared}
    rest_b = set(b.short) | {name[0] for name in b.names - shared}
    return not rest_a or not rest_b or not rest_a.isdisjoint(rest_b)


def authors_of(a: Comparable, b: Comparable) -> tuple[bool | None, float | None]:
    """Whether the first authors agree, and the share of the shorter list that the other has."""
    if not a.people or not b.people:
        return None, None
    first = same_person(a.people[0], b.people[0])
    few, more = (a.people, b.people) if len(a.people) <= len(b.people) else (b.people, a.people)
    hits = 0
    for n, one in enumerate(few):
        # Lists mostly keep their order: the one in the same place is tried first.
        if same_person(one, more[n]) or any(same_person(one, other) for other in more):
            hits += 1
    return first, hits / len(few)


def _page(a: Comparable, b: Comparable) -> tuple[bool | None, bool | None, bool]:
    one, other = a.pages, b.pages
    if not one.first or not other.first:
        return None, None, False
    last = None if one.last is None or other.last is None else one.last == other.last
    if len(one.first) > 1 and one.first == other.first:
        last = True  # one and the same damage
    if set(one.first) & set(other.first):
        return True, last, True
    x, y = one.first[0], other.first[0]
    digits_x, digits_y = "".join(filter(str.isdigit, x)), "".join(filter(str.isdigit, y))
    if digits_x == digits_y and (x.isdigit() or y.isdigit()):
        return True, last, True
    near = max(len(x), len(y)) > 1 and OSA.distance(x, y, score_cutoff=1) == 1
    return False, last, near


def _numbered(one: Comparable) -> bool:
    """Whether a review's own number stands for its pages, as Cochrane's does."""
    return one.pages.first[0].startswith("cd0")


def _volume(a: Comparable, b: Comparable) -> bool | None:
    if not a.volume or not b.volume:
        return None
    if a.volume == b.volume:
        return True
    if is_month(a.volume) or is_month(b.volume):
        return None
    # One database prints the issue, or the year, where the volume belongs.
    for one, other in ((a, b), (b, a)):
        if one.volume == other.issue and not one.issue:
            return None
        if one.year and one.volume == str(one.year):
            return None
    return False


def likeness(a: Comparable, b: Comparable, ratio: float | None = None) -> Likeness:
    """Two records compared field by field."""
    if ratio is None:
        ratio = fuzz.ratio(a.text, b.text)
    first, share = authors_of(a, b)
    page, last, near = _page(a, b)
    volume = _volume(a, b)
    doi = cut = None
    if a.doi and b.doi:
        doi = same_doi(a.doi, b.doi)
        cut = doi and a.doi != b.doi
    other = None
    if a.other_text and b.other_text:
        other = fuzz.ratio(a.other_text, b.other_text) >= 90
    elif a.other_text or b.other_text:
        printed, text = (a.other_text, b.text) if a.other_text else (b.other_text, a.text)
        other = True if text and fuzz.ratio(printed, text) >= 90 else None
    journal = same_journal(a.journal, b.journal)
    abstract = fuzz.ratio(a.abstract, b.abstract) if a.abstract and b.abstract else None
    known = page or doi or (abstract or 0) >= 85
    room = 2 if page and (volume or doi) else 1 if known else 0
    title = difference(a.words, b.words, ratio, room=room)
    return Likeness(
        title=title,
        translated=_translated(a, b, title),
        other_title=other,
        pmid=a.pmid == b.pmid if a.pmid and b.pmid else None,
        doi=doi,
        doi_cut=bool(cut),
        first_author=first,
        authors=share,
        year=abs(a.year - b.year) if a.year and b.year else None,
        journal=journal,
        volume=volume,
        issue=a.issue == b.issue if a.issue and b.issue else None,
        page=page,
        last_page=last,
        span=bool(page and (_numbered(a) or (last and a.pages.last not in (None, *a.pages.first)))),
        near=near,
        abstract=abstract,
    )


# ---- the verdict -------------------------------------------------------------------------------
ENOUGH = 70
"""Weight from which a pair without a veto is one paper."""
PER_ISSUE = 99
"""Pages up to this one may come again with each issue of a volume."""
VERBATIM = 95
"""Abstracts so like one another are one text."""
DOUBTFUL = 40
"""Weight from which a pair is shown to a person."""

RELATION_OF_KIND = {
    "erratum": "erratum_of",
    "retraction": "retraction_of",
    "concern": "concern_for",
    "reply": "reply_to",
    "comment": "comment_on",
    "protocol": "same_study",
}
ABOUT = 82.0
"""A notice's title without its own words is at least so like the title that it speaks of."""


def _agree(like: Likeness) -> bool:
    """Whether the authors agree: the first, or nearly all in another order. Where place, title and
    abstract or DOI agree, a wrong list of authors is a fault of one database.
    """
    if like.first_author or (like.authors or 0) >= 0.8:
        return True
    told = (like.abstract or 0) >= 85
    some = like.doi and like.last_page and (like.authors or 0) > 0
    return bool(like.place and like.title.same and (told or some))


def weigh(a: Comparable, b: Comparable, like: Likeness) -> int:  # noqa: C901
    """What speaks for one paper, less what speaks against it; 100 is beyond doubt."""
    title, agree = like.title, _agree(like)
    if title.same:
        weight = 46
    elif title.cut or (not title.contrast and title.ratio >= 85):
        weight = 34
    elif title.ratio >= 90:
        weight = 24
    elif title.ratio >= 75:
        weight = 10
    else:
        weight = -10
    if like.other_title:
        weight += 24
    elif like.translated and like.place and not title.same:
        weight += 16
    if a.generic or b.generic:
        weight -= 24
    weight += {True: 40, False: -20, None: 0}[like.doi]
    if like.first_author is not None:
        weight += 16 if agree else -30
    if like.authors is not None:
        weight += 8 if like.authors >= 0.6 else 0 if agree or like.authors >= 0.3 else -10
        if like.authors >= 0.9 and min(len(a.people), len(b.people)) >= 3:
            weight += 8
    if like.page:
        weight += 16
    elif like.page is False:
        weight -= 0 if like.last_page else 8 if like.near else 22
    weight += {True: 4, False: -4, None: 0}[like.last_page]
    weight += {True: 6, False: -12, None: 0}[like.volume]
    if like.journal is not None:
        weight += 8 if like.journal >= SURE else 2 if like.journal >= WITHIN else -10
    if like.year is not None:
        weight += 6 if like.year == 0 else -2 if like.year == 1 else -12 if like.year == 2 else -24
    if like.abstract is not None:
        steps = ((85, 20), (65, 8), (50, 0), (0, -16))
        weight += next(points for least, points in steps if like.abstract >= least)
    return weight


def vetoes(a: Comparable, b: Comparable, like: Likeness) -> list[str]:  # noqa: C901
    """What no likeness outweighs; each in a few words."""
    title, found, agree = like.title, [], _agree(like)
    told = (like.abstract or 0) >= 85
    # Where place, people and abstract or DOI agree, a title may be printed in two ways.
    sure = told or (like.doi and title.ratio >= 90)
    beyond = like.place and agree and title.ratio >= 70 and sure
    # Sections of abstracts may share pages too: one word for another stays a doubt.
    one_word = len(title.only_a) == len(title.only_b) == 1
    span = (
        like.span and agree and (like.journal or 0) >= SURE and title.ratio >= 90 and not one_word
    )
    # The next paper's page, or a reply's, is near as well: only one title makes it a slip.
    slip = like.near and title.same and like.volume is not False and not like.year
    if like.pmid is False:
        found.append("two PMIDs, {} and {}".format(*sorted((str(a.pmid), str(b.pmid)))))
    if not a.words or not b.words:
        found.append("one has no title")
    if title.numbers and not beyond:
        found.append("the numbers in the titles differ")
    if title.contrast and not beyond and not span and not (like.translated and _one_place(like)):
        found.append(f"words differ ({' '.join(title.only_a[:3])} / {' '.join(title.only_b[:3])})")
    more = bool(title.only_a) != bool(title.only_b) and not title.cut
    if more and not (like.place or like.span or like.doi or told or like.translated):
        found.append(f"one title has more ({' '.join((title.only_a or title.only_b)[:3])})")
    if bool(a.cited) != bool(b.cited) or _cites(title):
        found.append("a place stands behind one title, as behind an erratum's")
    if like.abstract is not None and like.abstract < 50 and not (like.page or like.doi):
        found.append("abstracts differ")
    if like.elsewhere:
        found.append("volume and page both differ")
    elif like.page is False and not (slip or like.last_page or like.doi or _twice(a, b, like)):
        found.append("pages differ")
    elif like.doi and like.page is False and not (like.last_page or a.text == b.text or told):
        found.append("one DOI, two pages, two titles")
    elif like.volume is False and not like.page and not like.doi:
        found.append("volumes differ, and no page agrees")
    if like.doi is False and not (title.ratio >= 95 and agree and like.place):
        found.append("two DOIs")
    if like.first_author is False and not agree:
        found.append("authors differ")
    found += filter(None, (_journals(like, agree=agree), _congress(a, b, like)))
    if (like.year or 0) > (3 if like.place else 1) and not like.doi:
        found.append(f"{like.year} years apart")
    if (
        like.year
        and not (like.page or like.volume or like.doi or told)
        and (like.authors or 0) < 0.9
    ):
        found.append("only titles and one author agree, a year apart")
    if like.volume is False and like.year and not (like.doi or told):
        found.append("another volume and another year")
    if like.year and like.last_page is False and not (like.volume or like.doi or told):
        found.append("another last page and another year")
    # An editorial may stand on pages 5 to 7 of every issue; on pages 524 to 527 of one only.
    whole = like.place and like.last_page and (a.pages.start or 0) > PER_ISSUE
    another = like.last_page is False or (like.issue is False and not whole)
    if (a.generic or b.generic) and another and not (like.doi or told):
        found.append("a general title at two places")
    if (a.generic or b.generic) and not (like.place or like.doi or (told and like.volume)):
        found.append("the title is too general")
    return found


_YEAR = re.compile("(?:19|20)[0-9]{2}")


def _cites(title: Difference) -> bool:
    """Whether what one title has more is a year, another number and words: a citation, as an
    erratum's title ends in one, in whatever brackets or signs.
    """
    more = title.only_a or title.only_b
    if bool(title.only_a) == bool(title.only_b):
        return False
    numbers = [word for word in more if any(map(str.isdigit, word))]
    years = [word for word in numbers if _YEAR.fullmatch(word)]
    return bool(years) and len(numbers) > len(years) and len(more) > len(numbers)


def _journals(like: Likeness, *, agree: bool) -> str | None:
    """Why the journals speak for two papers, where nothing outweighs it."""
    if like.journal is None or like.journal >= LIKELY or like.place or like.doi:
        return None
    within = like.journal >= WITHIN
    if like.title.same and agree and like.volume and like.issue:
        return None
    told = (like.abstract or 0) >= 85
    if told and like.page and like.title.same and like.volume is not False:
        return None
    return "one journal's name lies inside the other's" if within else "journals differ"


def _congress(a: Comparable, b: Comparable, like: Likeness) -> str | None:
    """Why a congress's abstract may not be the other record, which is the paper or another one."""
    if like.place or not (a.supplement or b.supplement):
        return None
    if like.page:
        moved = like.year and not like.volume and not like.doi
        return "another year, and one stands in a supplement" if moved else None
    if _both_abstracts(a, b):
        return _two_abstracts(like)
    if like.doi and like.page is None:
        return None
    if like.page is False:
        sure = like.near or like.last_page or like.doi
        return None if sure else "one stands in a supplement"
    told = (like.abstract or 0) >= VERBATIM and like.year == 0 and (like.journal or 0) >= SURE
    one, other = (a, b) if a.supplement else (b, a)
    if (told or _one_volume(like)) and not _own_place(one, other, like):
        return None
    return "one stands in a supplement, and nothing says that the other does"


def _both_abstracts(a: Comparable, b: Comparable) -> bool:
    """Whether two records stand in supplements, or one does and the other fills one page."""
    first, second = (one.supplement or one.pages.single for one in (a, b))
    return first and second


def _two_abstracts(like: Likeness) -> str | None:
    """The same where both stand in supplements, and no page agrees."""
    if like.year and not (like.doi and like.page is None):
        return "two supplements, another year"
    told = (like.abstract or 0) >= VERBATIM
    if like.page is False:
        slip = like.near or like.last_page
        return None if _one_volume(like) and (told or slip) else "two pages of supplements"
    return "two supplements" if like.issue is False and not (told or like.doi) else None


def _twice(a: Comparable, b: Comparable, like: Likeness) -> bool:
    """Whether one text is printed on two pages of one supplement."""
    told = (like.abstract or 0) >= VERBATIM
    return a.supplement and b.supplement and told and _one_volume(like)


def _one_volume(like: Likeness) -> bool:
    return bool(like.volume and not like.year and (like.journal or 0) >= SURE)


def _own_place(abstract: Comparable, other: Comparable, like: Likeness) -> bool:
    """Whether a record names an issue of its own, or more pages than an abstract fills. A running
    number, of the journal or of somebody's library, tells no issue from a supplement.
    """
    running = (one.issue.isdigit() and int(one.issue) > 52 for one in (abstract, other))
    one_issue = (like.issue and abstract.named) or all(running)
    return other.pages.many or bool(other.issue and not one_issue)


def _one_place(like: Likeness) -> bool:
    """Whether all that is printed beside the title says one paper."""
    return bool(
        like.place
        and like.first_author
        and like.last_page is not False
        and (like.authors or 0) >= 0.6
        and (like.abstract is None or like.abstract >= 60)
    )


def _translated(a: Comparable, b: Comparable, title: Difference) -> bool:
    """Whether two titles may be one paper's in two languages, or two translations of it."""
    if title.same:
        return False
    one, other = language_by_small_words(a.words), language_by_small_words(b.words)
    scripts = (a.text > "\u024f") != (b.text > "\u024f")
    foreign = scripts or bool(one and other and one != other)
    if not foreign:
        # Two translations into one language share some of its words.
        mine, theirs = set(a.words) - SMALL, set(b.words) - SMALL
        if len(mine & theirs) * 3 < min(len(mine), len(theirs)):
            return False
    return foreign or a.translated or b.translated


def hopeless(a: Comparable, b: Comparable, ratio: float) -> bool:
    """Whether nothing but a likeness of titles far from the same could speak for one paper."""
    if ratio >= 85 or not a.people or not b.people or a.kind != b.kind:
        return False
    first, share = authors_of(a, b)
    return not first and (share or 0) < 0.5


def compare(a: Comparable, b: Comparable, ratio: float | None = None) -> Opinion:
    """The rules' verdict on two records; the same whichever of them is named first."""
    if content(a) <= content(b):
        return judge(a, b, likeness(a, b, ratio))
    opinion = judge(b, a, likeness(b, a, ratio))
    return replace(opinion, subject=1 - opinion.subject) if opinion.relation else opinion


def judge(a: Comparable, b: Comparable, like: Likeness) -> Opinion:
    """The verdict on two records that were compared."""
    weight = weigh(a, b, like)
    one_title = like.title.ratio >= 70 or like.title.cut or like.translated or like.other_title
    titles = one_title or not a.words or not b.words
    if like.pmid and titles and a.kind == b.kind:
        return Opinion("duplicate", 100, (f"same PMID {a.pmid}",))
    if like.pmid:
        against = vetoes(a, b, like)
        return Opinion("queue", weight, (f"same PMID {a.pmid}, two titles", *_but(against)))
    if link := _related(a, b, like):
        relation, subject, reason = link
        return Opinion("related", weight, (reason,), relation, subject)
    against = vetoes(a, b, like)
    if not against and weight >= ENOUGH:
        return Opinion("duplicate", weight, reasons_for(like))
    if _doubtful(a, b, like, weight):
        return Opinion("queue", weight, (*reasons_for(like), *_but(against)))
    return Opinion("distinct", weight, tuple(against) or ("too little agrees",))


def _but(against: list[str]) -> list[str]:
    return [f"but {reason}" for reason in against]


def _doubtful(a: Comparable, b: Comparable, like: Likeness, weight: int) -> bool:
    """Whether a person should look: the titles say one paper, and something else does too."""
    title = like.title
    if like.pmid is False:
        return title.same and _agree(like) and (like.place or bool(like.doi))
    if a.generic or b.generic:
        return bool(like.doi or (like.place and _agree(like)))
    if like.doi and (title.ratio >= 70 or title.cut):
        return True
    if title.same and (like.year or 0) <= 1 and not like.elsewhere:
        return True  # whoever wrote it: two papers of one long title in one year are rare
    close = title.cut or title.ratio >= 85
    return weight >= DOUBTFUL and (close or like.translated or bool(like.place and _agree(like)))


def reasons_for(like: Likeness) -> tuple[str, ...]:
    """What speaks for one paper, in a few words each."""
    title = like.title
    found = [
        "same title"
        if title.same and title.ratio == 100
        else "same title but for spelling"
        if title.same
        else "one title is the other's beginning"
        if title.cut
        else "titles may be translations"
        if like.translated
        else f"titles {int(title.ratio)} % alike"
    ]
    if like.doi:
        found.append("same DOI, cut off in one" if like.doi_cut else "same DOI")
    elif like.doi is False and like.place:
        found.append("one DOI is damaged: title, authors, volume and page agree")
    if like.first_author:
        found.append("same first author")
    elif _agree(like) and like.authors:
        found.append("same authors in another order")
    if like.place:
        found.append("same volume and page")
    elif like.page:
        found.append("same page")
    if like.journal is not None and like.journal >= SURE:
        found.append("same journal")
    if like.year is not None:
        found.append(
            "same year" if like.year == 0 else f"{like.year} year{'s' * (like.year > 1)} apart"
        )
    if (like.abstract or 0) >= 85:
        found.append("abstracts alike")
    return tuple(found)


def _related(a: Comparable, b: Comparable, like: Likeness) -> tuple[str, int, str] | None:
    """What one record is to the other, where it is not the same paper."""
    title = like.title
    about = title.ratio >= ABOUT or title.cut
    if a.kind != b.kind and about:
        if a.kind and b.kind:
            return None
        kind, subject = (a.kind, 0) if a.kind else (b.kind, 1)
        same_people = bool(like.first_author or (like.authors or 0) >= 0.5)
        if (
            kind == "comment"
            or same_people
            or like.first_author is None
            or like.journal is None
            or like.journal >= WITHIN
        ):
            article = "an" if kind[0] in "aeiou" else "a"
            return RELATION_OF_KIND[kind], subject, f"its title is that of {article} {kind}"
    if about and (cites := _notice_of(a, b, like)) is not None:
        return "erratum_of", cites, "the place behind its title is the other's"
    people = bool(like.first_author or (like.authors or 0) >= 0.5)
    printed = b if a.preprint else a
    told = bool(printed.journal or printed.volume or printed.doi)
    if a.preprint != b.preprint and told and people and _one_work(a, b, like):
        return "preprint_of", 0 if a.preprint else 1, "one is a preprint by the same authors"
    version = _version(a, b, like)
    if version is not None:
        return version
    if title.numbers and people and about and "part" in a.words and "part" in b.words:
        later = 0 if numbers_of(a.words) > numbers_of(b.words) else 1
        return "part_of", later, "two parts of one series"
    if people and about and not title.contrast and _abstract_and_paper(a, b, like):
        reason = "one stands in a supplement, by the same authors"
        return "abstract_of", 0 if a.supplement else 1, reason
    return None


def _abstract_and_paper(a: Comparable, b: Comparable, like: Likeness) -> bool:
    """Whether one of two records of one title is an abstract and the other stands elsewhere."""
    if not (a.supplement or b.supplement) or _both_abstracts(a, b) or like.page:
        return False
    if like.page is None:
        return like.volume is False and not like.doi
    # One abstract, its page printed in two ways.
    slip = like.near or like.last_page or like.doi
    one_print = (like.abstract or 0) >= 85 and like.year == 0 and (like.journal or 0) >= SURE
    return not (slip and one_print)


def _notice_of(a: Comparable, b: Comparable, like: Likeness) -> int | None:
    """Which of two records cites the other behind its title, and is not known to stand there."""
    if bool(a.cited) == bool(b.cited):
        return None
    one, other = (a, b) if a.cited else (b, a)
    cited = one.cited
    if cited is None:
        return None
    moved = like.page is False or like.volume is False
    there = stands_elsewhere(cited, other.volume, other.pages, other.doi, other.year) is False
    if (moved and cited.doi and cited.doi == other.doi) or (
        there and cited.notice and not one.pages.first
    ):
        return 0 if a.cited else 1
    return None


def _one_work(a: Comparable, b: Comparable, like: Likeness) -> bool:
    """Whether a preprint and an article may be one work: titles change on the way."""
    title = like.title
    if (like.abstract or 0) >= 70:
        return True
    swapped = len(title.only_a) == len(title.only_b) == 1
    if title.numbers or (swapped and title.ratio >= 85):
        return False  # one drug or dose for another is another study by the same team
    if title.ratio >= 70 or title.cut:
        return True
    alike_so_far = takewhile(lambda pair: pair[0] == pair[1], zip(a.words, b.words, strict=False))
    start = sum(one not in SMALL for one, _ in alike_so_far)
    shared = set(a.words) & set(b.words) - SMALL
    most = min(len(set(a.words) - SMALL), len(set(b.words) - SMALL))
    whole = (like.authors or 0) >= 0.9 and min(len(a.people), len(b.people)) >= 2
    return whole and (like.year or 0) <= 2 and (start >= 2 or len(shared) >= max(2, most / 2))


def _version(a: Comparable, b: Comparable, like: Likeness) -> tuple[str, int, str] | None:
    one, other = version_of_doi(a.doi), version_of_doi(b.doi)
    if one and other and one[0] == other[0] and one[1] != other[1]:
        return (
            "version_of",
            0 if one[1] > other[1] else 1,
            f"versions {one[1]} and {other[1]} of one work",
        )
    numbers = [p for p in (a.pages.first, b.pages.first) if p and p[0].startswith("cd0")]
    if (
        len(numbers) == 2
        and numbers[0] == numbers[1]
        and like.doi is not True
        and (like.year or 0) > 0
    ):
        newer = 0 if (a.year or 0) > (b.year or 0) else 1
        return "version_of", newer, f"one review number, {like.year} years apart"
    return None
