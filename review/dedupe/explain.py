"""Why two records are, or are not, one report: field by field."""

from __future__ import annotations

from dataclasses import dataclass

from review.dedupe.comparable import Entry, comparable
from review.dedupe.compare import DOUBTFUL, ENOUGH, compare, likeness


@dataclass(frozen=True)
class Row:
    """One field of two records, and what the rules make of it."""

    field: str
    a: str
    b: str
    verdict: str


@dataclass(frozen=True)
class Explanation:
    """Two records side by side, and the verdict."""

    a: str
    b: str
    rows: tuple[Row, ...]
    outcome: str
    relation: str
    score: int
    reasons: tuple[str, ...]

    def lines(self) -> list[str]:
        """For people."""
        found = [f"A: {self.a}", f"B: {self.b}"]
        for row in self.rows:
            found.append(f"{row.field}: {row.verdict}")
            found += [f"  A {row.a or '-'}", f"  B {row.b or '-'}"]
        verdict = self.outcome
        if self.relation:
            verdict += f" ({self.relation})"
        found.append(f"{verdict}, weight {self.score}: {'; '.join(self.reasons)}")
        found.append(f"weights: from {ENOUGH} one report, from {DOUBTFUL} a person looks")
        return found


def explain(one: Entry, other: Entry) -> Explanation:
    """Compare two records and say why."""
    a, b = comparable(one), comparable(other)
    like = likeness(a, b)
    opinion = compare(a, b)

    def said(value: bool | None, yes: str = "same", no: str = "differ") -> str:
        return {True: yes, False: no, None: "one says nothing"}[value]

    def share(value: float | None) -> str:
        return "one says nothing" if value is None else f"{value:.0%} agree"

    title = f"{like.title.ratio:.0f} % alike"
    if like.title.same:
        title += ", the same"
    elif like.title.cut:
        title += ", one is the other's beginning"
    if like.title.only_a or like.title.only_b:
        title += f"; only A: {' '.join(like.title.only_a) or '-'}"
        title += f"; only B: {' '.join(like.title.only_b) or '-'}"
    if like.title.numbers:
        title += "; the numbers differ"
    people = f"{share(like.authors)}, first author {said(like.first_author)}"
    doi = "same, cut off in one" if like.doi_cut else said(like.doi)
    near = like.near and like.page is False
    page = said(like.page) + (", near" if near else "")
    if like.last_page is not None:
        page += f", last page {said(like.last_page)}"
    abstract = "one says nothing" if like.abstract is None else f"{like.abstract:.0f} % alike"
    year = {None: "one says nothing", 0: "same"}.get(like.year, f"{like.year} apart")
    rows = (
        Row("title", one.title, other.title, title),
        Row("authors", _names(one), _names(other), people),
        Row("year", str(one.year or ""), str(other.year or ""), year),
        Row("journal", one.journal or "", other.journal or "", share(like.journal)),
        Row("volume", one.volume or "", other.volume or "", said(like.volume)),
        Row("issue", one.issue or "", other.issue or "", said(like.issue)),
        Row("pages", one.pages or "", other.pages or "", page),
        Row("DOI", one.doi or "", other.doi or "", doi),
        Row("PMID", one.pmid or "", other.pmid or "", said(like.pmid)),
        Row("abstract", (one.abstract or "")[:60], (other.abstract or "")[:60], abstract),
        Row("kind", a.kind or "paper", b.kind or "paper", said(a.kind == b.kind)),
    )
    return Explanation(
        one.id, other.id, rows, opinion.outcome, opinion.relation, opinion.score, opinion.reasons
    )


def _names(entry: Entry) -> str:
    if entry.authors is None or isinstance(entry.authors, str):
        return (entry.authors or "")[:200]
    return "; ".join(entry.authors)[:200]
