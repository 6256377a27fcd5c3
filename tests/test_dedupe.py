"""Dedupe: nothing is lost, identifiers are evidence, people win, order does not matter."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.dedupe import find_duplicates
from review.dedupe.comparable import Comparable
from review.dedupe.comparable import comparable as comparable_entry
from review.dedupe.compare import compare
from review.dedupe.entries import of_record
from review.dedupe.fields import pages_of
from review.ground.identifiers import clean_doi
from review.model.duplicates import PairDecision, Relation, Verdict
from review.model.record import Author, Notice, NoticeType, Record


def comparable(record: Record) -> Comparable:
    return comparable_entry(of_record(record))


BASE: dict[str, Any] = {
    "title": "Pain and fatigue in people with the marbled syndrome of the cord",
    "authors": (Author(family="Aldermoor", given="P"),),
    "journal": "Journal of Imaginary Neurology",
    "year": 2020,
    "volume": "7",
    "pages": "100-110",
}


def record(one: str, **fields: Any) -> Record:
    if one.startswith("pmid-"):
        fields.setdefault("pmid", one[5:])
    return Record(format=1, id=one, source="test", **{**BASE, **fields})


SEED = "src-aaaaaaaaaa"
NOTHING: dict[str, Any] = {"volume": None, "pages": None}


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        # never merged
        ({"id": "pmid-1"}, {"id": "pmid-2"}, "queue"),
        ({"id": "pmid-1", "pages": "1"}, {"id": "pmid-2", "volume": "8"}, "distinct"),
        ({"doi": "10.5555/a", **NOTHING}, {"doi": "10.5555/b"}, "queue"),
        ({"doi": "10.5555/a"}, {"doi": "10.5555/b", "pages": "9"}, "queue"),
        ({"title": "Editorial"}, {"title": "Editorial", "volume": "8", "pages": "3"}, "distinct"),
        ({"title": "Editorial"}, {"title": "Editorial", "volume": "7", "pages": None}, "distinct"),
        ({}, {"title": BASE["title"] + ": part II"}, "queue"),
        ({"title": "Relief of pain in the cord after rituximab in ten people"},
         {"title": "Relief of pain in the cord after tocilizumab in ten people"}, "queue"),
        ({"title": "Pain in marbled cord syndrome: 12-month results of a study"},
         {"title": "Pain in marbled cord syndrome: 24-month results of a study"}, "queue"),
        ({}, {"authors": (Author(family="Zephyrine"),)}, "queue"),
        ({}, {"year": 2010}, "queue"),
        ({"title": "Pain in treated people with the marbled syndrome of the cord and of the brain"},
         {"title": "Pain in untreated people with the marbled syndrome of the cord and of the brain",
          **NOTHING}, "queue"),
        ({}, {"journal": "Proceedings of Something Else", **NOTHING}, "queue"),
        ({}, {"volume": "9", "pages": "5"}, "queue"),
        ({"doi": "10.5555/a"}, {"doi": "10.5555/A", "title": "Another title altogether"}, "queue"),
        # merged
        ({"doi": "10.5555/a"}, {"doi": "https://doi.org/10.5555/A"[16:], **NOTHING}, "duplicate"),
        ({}, NOTHING, "duplicate"),
        ({}, {"title": BASE["title"].upper() + "."}, "duplicate"),
        ({}, {"title": "[" + BASE["title"] + "]"}, "duplicate"),
        ({"title": "β₂-agonists, CO₂ and 10⁶ cells in people with cord pain: a study"},
         {"title": "β2-agonists, CO2 and 106 cells in people with cord pain: a study", **NOTHING},
         "duplicate"),
        ({}, {"title": "RETRACTED: " + BASE["title"]}, "duplicate"),
        ({}, {"year": 2021}, "duplicate"),
        # one DOI is damaged: title, authors, volume and first page all agree
        ({"doi": "10.5555/a"}, {"doi": "10.5555/b"}, "duplicate"),
        # linked
        ({"publication_types": ("Preprint",), "doi": "10.5555/pre"},
         {"doi": "10.5555/art"}, "preprint_of"),
        ({}, {"title": "Erratum: " + BASE["title"]}, "erratum_of"),
        ({}, {"publication_types": ("Published Erratum",), **NOTHING}, "erratum_of"),
        ({}, {"title": "Retraction notice to “" + BASE["title"] + "”"}, "retraction_of"),
        ({}, {"title": "Expression of concern: " + BASE["title"]}, "concern_for"),
        ({}, {"title": "更正：" + BASE["title"]}, "erratum_of"),
        ({}, {"title": "Berichtigung zu: " + BASE["title"]}, "erratum_of"),
        ({}, {"title": BASE["title"] + ": authors' reply", **NOTHING}, "reply_to"),
        ({}, {"title": "Comment on: " + BASE["title"], "authors": (Author(family="Roe"),)},
         "comment_on"),
        ({}, {"title": BASE["title"] + ": study protocol", **NOTHING}, "same_study"),
        ({}, {"volume": None, "pages": "S12"}, "abstract_of"),
        ({"title": BASE["title"] + ": part 1"},
         {"title": BASE["title"] + ": part 2", "pages": "111-120"}, "part_of"),
        ({"doi": "10.1002/14651858.CD009622.pub2", "pages": "CD009622"},
         {"doi": "10.1002/14651858.CD009622.pub3", "pages": "CD009622", "year": 2024}, "version_of"),
    ],
)  # fmt: skip
def test_the_verdict_on_a_pair(a: dict[str, Any], b: dict[str, Any], outcome: str) -> None:
    a, b = dict(a), dict(b)
    first = comparable(record(a.pop("id", SEED), **a))
    second = comparable(record(b.pop("id", "src-bbbbbbbbbb"), **b))
    one, other = compare(first, second), compare(second, first)
    assert (one.relation or one.outcome) == outcome, one
    assert (other.relation or other.outcome, other.subject) == (
        outcome,
        1 - one.subject if one.relation else 0,
    )


@pytest.mark.parametrize(
    ("printed", "clean"),
    [
        ("10.1002/(SICI)1097(199)1:1%3C1::AID%3E3.0", "10.1002/(sici)1097(199)1:1<1::aid>3.0"),
        ("https://doi.org/10.5555/AbC.", "10.5555/abc"),
        ("doi: 10.5555/x", "10.5555/x"),
        ("not a doi", None),
        (None, None),
    ],
)
def test_a_doi_is_compared_clean(printed: str | None, clean: str | None) -> None:
    assert clean_doi(printed) == clean


@pytest.mark.parametrize(
    ("pages", "page"), [("123-33", "123"), ("e985", "e985"), ("S3-9", "s3"), ("", None)]
)
def test_the_first_page_is_what_counts(pages: str, page: str | None) -> None:
    assert (pages_of(pages).first or (None,))[0] == page


def test_a_title_without_latin_letters_is_still_a_title() -> None:
    a = comparable(record(SEED, title="视神经脊髓炎谱系疾病相关疼痛的临床研究进展", **NOTHING))
    assert a.text
    b = comparable(
        record("src-bbbbbbbbbb", title="另一篇完全不同的关于头痛的文章标题内容", **NOTHING)
    )
    assert compare(a, b).outcome == "distinct"


def test_notices_are_linked_and_never_merged() -> None:
    article = record("pmid-1")
    notice = record(
        "pmid-2",
        title="Retraction: " + BASE["title"],
        notices=(Notice(type=NoticeType.RETRACTION_OF, pmid="1"),),
    )
    found = find_duplicates({r.id: r for r in (article, notice)}, {}, {})
    assert found.clusters == ()
    assert [(r.record, r.relation, r.of) for r in found.related] == [
        ("pmid-2", Relation.RETRACTION_OF, "pmid-1")
    ]


def test_a_preprint_is_linked_to_its_article_whichever_says_so() -> None:
    preprint = record("pmid-1", publication_types=("Preprint",))
    article = record("pmid-2", notices=(Notice(type=NoticeType.UPDATE_OF, pmid="1"),))
    (related,) = find_duplicates({r.id: r for r in (preprint, article)}, {}, {}).related
    assert (related.record, related.relation, related.of) == (
        "pmid-1",
        Relation.PREPRINT_OF,
        "pmid-2",
    )


def test_the_older_record_stays_and_the_other_redirects() -> None:
    seed, found = record("doi-aaaaaaaaaa", doi="10.5555/a"), record("pmid-1", doi="10.5555/a")
    duplicates = find_duplicates({r.id: r for r in (seed, found)}, {}, {"pmid-1": "2026-01-01"})
    assert duplicates.redirects == {"pmid-1": "doi-aaaaaaaaaa"}


def test_people_win_and_are_replayed() -> None:
    a, b = record("doi-aaaaaaaaaa"), record("pmid-1", **NOTHING)
    records = {r.id: r for r in (a, b)}
    assert find_duplicates(records, {}, {}).clusters

    def row(verdict: Verdict, relation: Relation | None = None) -> PairDecision:
        return PairDecision(a=a.id, b=b.id, verdict=verdict, relation=relation, date="2026-01-01")

    apart = find_duplicates(records, {"x": [row(Verdict.DISTINCT)]}, {})
    assert (apart.clusters, apart.queue) == ((), ())
    linked = find_duplicates(records, {"x": [row(Verdict.RELATED, Relation.SAME_STUDY)]}, {})
    assert linked.related[0].relation is Relation.SAME_STUDY
    changed = find_duplicates(records, {"x": [row(Verdict.DISTINCT), row(Verdict.DUPLICATE)]}, {})
    assert changed.clusters
    split = find_duplicates(
        records, {"x": [row(Verdict.DISTINCT)], "y": [row(Verdict.DUPLICATE)]}, {}
    )
    assert split.clusters == ()
    assert "disagree" in split.queue[0].reasons[0]


def test_a_person_may_join_two_pmids() -> None:
    a, b = record("pmid-1"), record("pmid-2")
    row = PairDecision(a=a.id, b=b.id, verdict=Verdict.DUPLICATE, date="2026-01-01")
    found = find_duplicates({r.id: r for r in (a, b)}, {"x": [row]}, {})
    assert found.redirects == {"pmid-2": "pmid-1"}
    assert found.queue == ()


def test_one_thin_record_does_not_join_two_pmids() -> None:
    thin = record("src-aaaaaaaaaa", **NOTHING)
    a, b = record("pmid-1", pages="1"), record("pmid-2", volume="9", pages="2")
    duplicates = find_duplicates({r.id: r for r in (thin, a, b)}, {}, {})
    members = [m for c in duplicates.clusters for m in c.members]
    assert not {"pmid-1", "pmid-2"} <= set(members)


WORDS = ["pain", "cord", "marbled", "study", "trial", "fatigue", "part", "two", "sleep", "cohort"]


@st.composite
def libraries(draw: st.DrawFn) -> list[Record]:
    records = []
    for number in range(draw(st.integers(2, 9))):
        pmid = draw(st.booleans())
        one = f"pmid-{number + 1}" if pmid else f"src-{number:010x}"
        title = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=7)))
        doi = draw(st.sampled_from([None, None, "10.5555/a", "10.5555/b"]))
        year = draw(st.sampled_from([None, 2019, 2020]))
        records.append(record(one, title=title, doi=doi, year=year))
    return records


def test_every_record_is_in_one_cluster_at_most_whatever_the_order() -> None:
    clusters: list[tuple[str, ...]] = []

    @settings(max_examples=60)
    @given(libraries(), st.randoms(use_true_random=False))
    def each(records: list[Record], chance: random.Random) -> None:
        first = find_duplicates({r.id: r for r in records}, {}, {})
        members = [m for c in first.clusters for m in c.members]
        assert len(members) == len(set(members))
        for cluster in first.clusters:
            clusters.append(cluster.members)
            assert len({m for m in cluster.members if m.startswith("pmid-")}) <= 1
        chance.shuffle(records)
        assert find_duplicates({r.id: r for r in records}, {}, {}) == first

    each()
    assert len(clusters) > 10, "libraries without a duplicate prove nothing"


def test_importing_the_same_records_twice_leaves_them_once() -> None:
    titles = [
        "Pain in one condition that nobody has",
        "Sleep in another condition that nobody has",
        "Headache in a third condition that nobody has",
    ]
    records = {}
    for copy in ("a", "b"):
        for number, title in enumerate(titles):
            one = f"src-{copy * 9}{number}"
            records[one] = record(one, title=title, **NOTHING)
    assert len(find_duplicates(records, {}, {}).clusters) == len(titles)
