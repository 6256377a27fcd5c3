"""The verdict on one pair: duplicate, related, distinct, or a person's to decide.

A shared identifier is evidence, not proof; two different PMIDs or DOIs are never merged. A doubt
goes to the queue: a wrong merge loses a paper, a queued pair costs a minute.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from review.dedupe.normalise import Comparable

RULES = "rules 2"
SAME_TITLE = 97.0
CLOSE_TITLE = 90.0
SAME_DOI_TITLE = 75.0
WORD_TYPO = 80.0
OTHER_JOURNAL = 50.0


@dataclass(frozen=True)
class Opinion:
    """What the rules make of a pair."""

    outcome: str
    """duplicate, preprint, queue or distinct"""
    similarity: int
    reasons: tuple[str, ...]


def _contrast(a: Comparable, b: Comparable) -> tuple[str, str] | None:
    """A word of each title that the other lacks and that is no spelling of it.

    Two papers on two drugs are two papers, however alike the rest of their titles is.
    """
    only_a = [word for word in a.words if word not in b.words]
    only_b = [word for word in b.words if word not in a.words]
    for one, others in ((only_a, only_b), (only_b, only_a)):
        for word in one:
            if not any(_spelt_alike(word, other) for other in others):
                return (word, "") if one is only_a else ("", word)
    return None


def _spelt_alike(a: str, b: str) -> bool:
    """One long word with one slip; "treated" and "untreated" are two words."""
    return min(len(a), len(b)) >= 6 and a[0] == b[0] and Levenshtein.distance(a, b) <= 1


def compare(a: Comparable, b: Comparable) -> Opinion:
    """The rules' verdict on two records."""
    similarity = fuzz.ratio(a.title, b.title)
    shown = int(similarity)

    def opinion(outcome: str, *reasons: str) -> Opinion:
        return Opinion(outcome, shown, reasons)

    same_doi = a.doi is not None and a.doi == b.doi
    other_doi = a.doi is not None and b.doi is not None and a.doi != b.doi
    if a.pmid and a.pmid == b.pmid:
        return opinion("duplicate", f"same PMID {a.pmid}")
    if not same_doi and similarity < CLOSE_TITLE:
        return opinion("distinct", "titles differ")
    author = any(fuzz.ratio(x, y) >= WORD_TYPO for x in a.families for y in b.families)
    unlike_author = bool(a.families and b.families) and not author
    years = abs(a.year - b.year) if a.year and b.year else None
    same_place = bool(a.volume and a.volume == b.volume and a.page and a.page == b.page)
    other_place = bool(a.volume and b.volume and a.volume != b.volume) and bool(
        a.page and b.page and a.page != b.page
    )
    if a.preprint != b.preprint and author and similarity >= CLOSE_TITLE:
        return opinion("preprint", "one is a preprint; same first author, titles alike")
    doubts = []
    if a.notice_words != b.notice_words:
        doubts.append("one title is that of a notice or reply")
    if a.numbers != b.numbers:
        doubts.append(f"numbers differ ({' '.join(a.numbers)} / {' '.join(b.numbers)})")
    if contrast := _contrast(a, b):
        doubts.append(f"words differ ({contrast[0]} / {contrast[1]})")
    if unlike_author:
        doubts.append("first authors differ")
    if other_place:
        doubts.append("volume and page both differ")
    elif a.page and b.page and a.page != b.page:
        doubts.append("first pages differ")
    if a.notice != b.notice:
        doubts.append("one is a notice")
    if a.journal and b.journal and fuzz.token_set_ratio(a.journal, b.journal) < OTHER_JOURNAL:
        doubts.append("journals differ")
    if a.pmid and b.pmid:
        if same_doi and similarity >= CLOSE_TITLE:
            return opinion("queue", "same DOI, two PMIDs", *doubts)
        if same_place and similarity >= SAME_TITLE and not doubts:
            return opinion("queue", "same title, volume and page, two PMIDs")
        return opinion("distinct", f"two PMIDs {a.pmid} and {b.pmid}")
    if same_doi:
        if similarity >= SAME_DOI_TITLE and not doubts:
            return opinion("duplicate", f"same DOI {a.doi}; titles {shown} % alike")
        return opinion("queue", "same DOI", *(doubts or ["titles differ"]))
    if other_doi:
        if similarity >= SAME_TITLE and author and (years is None or years <= 1):
            return opinion("queue", "same title and first author, two DOIs", *doubts)
        return opinion("distinct", "two DOIs", *doubts)
    if similarity >= SAME_TITLE and not doubts and author and (years is None or years <= 1):
        if not a.generic or same_place:
            where = ", volume and page" if same_place else ""
            return opinion("duplicate", f"same title, first author{where}; years within one")
        doubts.append("the title is generic")
    return opinion("queue", f"titles {shown} % alike", *doubts)
