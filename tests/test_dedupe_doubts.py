"""What is one paper and what only looks like it: each rule with a pair that was once judged wrong."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from review import cli
from review.dedupe.cited import citation_behind
from review.dedupe.comparable import Entry, comparable
from review.dedupe.compare import Opinion, compare
from review.dedupe.engine import Deduplicator, Result
from review.dedupe.entries import of_row
from review.dedupe.fields import pages_of
from review.dedupe.journals import SURE, WITHIN, journal_words, same_journal
from review.dedupe.kinds import kind_of
from review.dedupe.text import plain
from review.ground import identifiers

TITLE = "Relief of pain after tarvolimab in adults with the marbled syndrome"
TEAM = "Aldermoor, P. and Roe, K. and Fenwick, J. and Marsh, T."


def paper(one: str, title: str = TITLE, /, **fields: str | None) -> Entry:
    """A record with nothing but title, authors, journal and year: what ahead of print looks like."""
    known = {"authors": TEAM, "year": "2019", "journal": "Journal of Imaginary Neurology"}
    return Entry(one, title, **{**known, **fields})  # type: ignore[arg-type]


def verdict(first: Entry, second: Entry) -> Opinion:
    """The same, whichever is named first."""
    a, b = comparable(first), comparable(second)
    opinion = compare(a, b)
    assert compare(b, a).outcome == opinion.outcome
    return opinion


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Tarvolimab improves pain in adults with the marbled syndrome",
         "Tarvolimab does not improve pain in adults with the marbled syndrome"),
        ("Relief of pain after tarvolimab in adults with the marbled syndrome",
         "Relief of pain after tarvolimab in pregnant adults with the marbled syndrome"),
        ("Marbled syndrome of the cord in smokers and its pain",
         "Marbled syndrome of the cord in non-smokers and its pain"),
        (f"{TITLE} with", f"{TITLE} without"),
        (f"{TITLE}: 1.0 mg", f"{TITLE}: 10 mg"),
        (f"{TITLE}: 1.5 mg a day", f"{TITLE}: 15 mg a day"),
        (f"{TITLE}: part A", f"{TITLE}: part B"),
        ("Pain of the marbled syndrome after vitamin A in adults and in children",
         "Pain of the marbled syndrome after vitamin E in adults and in children"),
        ("Maternal pain and the marbled syndrome in the newborn of one region",
         "Paternal pain and the marbled syndrome in the newborn of one region"),
        ("Nitrate in the cord of people with the marbled syndrome and pain",
         "Nitrite in the cord of people with the marbled syndrome and pain"),
    ],
)  # fmt: skip
def test_a_word_a_dose_or_a_letter_makes_another_paper(a: str, b: str) -> None:
    assert verdict(paper("x", a), paper("y", b)).outcome != "duplicate"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (TITLE, "Relief of pain after tarvolimab in adults with the mabrled syndrome"),
        (TITLE, "Relief of pain after tarvolimab in adlts with the marbled syndrome"),
        ("Tumour and oedema in the marbled syndrome: a randomised comparison",
         "Tumor and edema in the marbled syndrome: a randomized comparison"),
        (TITLE, r"\textit{Relief} of pain after tarvolimab in adults with the marbled syndrome"),
        (TITLE, "RELIEF OF PAIN AFTER TARVOLIMAB IN ADULTS WITH THE&NBSP;MARBLED SYNDROME"),
        ("Pain in 10,000 adults with the marbled syndrome of the cord",
         "Pain in 10 000 adults with the marbled syndrome of the cord"),
        (TITLE, "Re1ief 0f pain after tarvo1imab in adults with the marb1ed syndrome"),
    ],
)  # fmt: skip
def test_a_slip_a_spelling_or_a_scan_does_not(a: str, b: str) -> None:
    assert verdict(paper("x", a), paper("y", b)).outcome == "duplicate"


PLACE = {"volume": "7", "pages": "182-186"}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (paper("x", "Editorial introduction", volume="27", issue="1", pages="5-11"),
         paper("y", "Editorial introduction", volume="27", issue="3", pages="5-7")),
        (paper("x", doi="10.5555/s", volume="78", pages="S105"),
         paper("y", TITLE.replace("adults", "infants"), doi="10.5555/s", volume="78",
               pages="S412")),
        (paper("x", **PLACE), paper("y", f"In reply: {TITLE}", volume="7", pages="187")),
        (paper("x", **PLACE, journal="Stroke"),
         paper("y", journal="Topics in Stroke Rehabilitation")),
        (paper("x", year="2012", volume="22", pages="101"),
         paper("y", year="2013", volume="23", pages="101")),
        (paper("x", f"[{TITLE}]. [French]", volume="7", pages="597"),
         paper("y", "Contemporary features of fatigue after sedanepril", volume="7", pages="597")),
        (paper("x", authors="Kayser, K.", **PLACE), paper("y", authors="Kayser, Q.", **PLACE)),
    ],
)  # fmt: skip
def test_what_shares_a_place_or_an_identifier_is_not_one_paper_yet(a: Entry, b: Entry) -> None:
    assert verdict(a, b).outcome != "duplicate"


def test_two_abstracts_of_one_title_are_two_papers_until_a_page_says_otherwise() -> None:
    one = "A first account of what was done and found in a hundred people of one town, in full."
    other = (
        "Quite unlike it: the protocol's history, its costs, its staff and its many delays, told."
    )
    assert verdict(paper("x", abstract=one), paper("y", abstract=other)).outcome == "queue"
    same = verdict(paper("x", abstract=one, **PLACE), paper("y", abstract=other, **PLACE))
    assert same.outcome == "duplicate"


def test_a_slip_in_the_page_is_forgiven_where_all_else_agrees() -> None:
    for pages in ("183-186", "128-186", "82-186"):
        assert verdict(paper("x", **PLACE), paper("y", volume="7", pages=pages)).outcome == (
            "duplicate"
        )


def test_the_same_drug_trial_with_another_drug_is_no_preprint_of_it() -> None:
    first = paper("x", journal="medRxiv", doi="10.1101/2019.01.01.19000001")
    other = paper("y", TITLE.replace("tarvolimab", "sedanepril"), doi="10.5555/b", **PLACE)
    assert verdict(first, other).relation == ""
    assert verdict(first, paper("z", doi="10.5555/c", **PLACE)).relation == "preprint_of"


def test_journals_that_share_a_prefix_with_a_preprint_server_are_journals() -> None:
    assert not comparable(paper("x", doi="10.1101/gr.123456.111")).preprint
    assert comparable(paper("x", journal=None, doi="10.1101/123456")).preprint


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        (f"{TITLE} [protocol]", "protocol"),
        (f"{TITLE}: rationale, design and methods", "protocol"),
        (f"Study protocol: {TITLE}", "protocol"),
        (f"Correction notice: {TITLE}", "erratum"),
        (f"Errors in: {TITLE}", "erratum"),
        (f"{TITLE} (Erratum for vol 9, pg 103, 2014)", "erratum"),
        (f"{TITLE} [Corrigendum: J Imag Neurol (2014) 9 (103)]", "erratum"),
        (f"{TITLE} [Erratum in: J Imag Neurol 2015;10:88]", ""),
        (f"Respuesta a: {TITLE}", "reply"),
        (f"Responses: {TITLE}", "reply"),
        ("Errors in the diagnosis of the marbled syndrome", ""),
        ("Response to tarvolimab in the marbled syndrome", "reply"),
        ("Protocols of infusion in the marbled syndrome", ""),
    ],
)
def test_what_a_title_announces(title: str, kind: str) -> None:
    assert kind_of(title)[0] == kind


def test_a_reply_to_a_reply_ends() -> None:
    assert kind_of("Re: " * 3000 + TITLE)[0] == "comment"


THERE = {"journal": "Journal of Imaginary Neurology", "year": "2014", "volume": "9", "issue": "7"}
CITED = "Journal of Imaginary Neurology"


@pytest.mark.parametrize(
    "behind",
    [
        f"({CITED} (2014) 9 7 (e103802) DOI: 10.5555/jin.0103802)",
        f"({CITED} (2014) 9:7 (e103802))",
        f"({CITED}, (2014), 9, 7, (e103802), 10.5555/jin.0103802)",
        "[J. Imag. Neurol. 9 (7) (2014) e103802]",
        "[J. Imag. Neurol. 9(2014) e103802]. [10.5555/jin.0103802]",
        "(J Imag Neurol 2014 Jul;9(7):e103802. doi: 10.5555/jin.0103802)",
        "(J Imag Neurol, vol. 9, no. 7, e103802, 2014)",
        "(J Imag Neurol, 10.5555/jin.0103802)",
        "(J Imag Neurol (2014) 9 (e103802)",
    ],
)
@pytest.mark.parametrize("own", ["", "Erratum: ", "Corrigendum to “"])
def test_a_title_that_cites_another_place_is_that_of_a_notice_about_it(
    own: str, behind: str
) -> None:
    article = paper("x", **THERE, pages="e103802", doi="10.5555/jin.0103802")
    title = f"{own}{TITLE}{'”' * own.endswith('“')} {behind}"
    where = {"year": "2015", "volume": "10", "pages": "e118888", "doi": "10.5555/jin.0118888"}
    for fields in (where, {**where, "doi": None}, {**where, "volume": "9"}):
        notice = verdict(paper("y", title, **fields), article)
        assert (notice.outcome, notice.relation, notice.subject) == ("related", "erratum_of", 0)


def test_two_prints_of_one_erratum_are_one_and_no_paper() -> None:
    engine = Deduplicator()
    where = {"year": "2015", "volume": "10", "pages": "88"}
    engine.add([
        paper("x", **THERE, pages="103-110"),
        paper("y", f"{TITLE} ({CITED} (2014) 9:7 (103-110))", **where),
        paper("z", f"Erratum: {TITLE} (vol 9, pg 103, 2014)", **where),
    ])  # fmt: skip
    result = engine.result()
    assert clusters(result) == {frozenset("yz")}
    assert {(one.relation, one.b) for one in result.related} == {("erratum_of", "x")}


def test_a_place_behind_a_title_may_be_the_record_s_own() -> None:
    article = paper("x", **THERE, pages="103-110")
    title = f"{TITLE} ({CITED} (2014) 9:7 (103-110))"
    assert verdict(paper("y", title, **THERE, pages="103-10"), article).outcome == "duplicate"
    for fields in ({"year": "2014"}, {"year": "2014", "volume": "9"}, {"year": "2015"}):
        assert verdict(paper("y", title, **fields), article).relation == "erratum_of"
    title = f"{TITLE} ({CITED} 2014;9(7):103-110)"
    assert verdict(paper("y", title, year="2015"), article).relation == "erratum_of"
    for fields in ({"year": "2014"}, {"year": "2014", "volume": "9"}):
        unknown = verdict(paper("y", title, **fields), article)
        assert unknown.outcome == "queue"
        assert "but a place stands behind one title, as behind an erratum's" in unknown.reasons


def test_a_publication_type_says_that_a_record_is_a_notice() -> None:
    for named in ("Erratum", "Correction", "Published Erratum"):
        notice = Entry("y", TITLE, TEAM, "2014", CITED, "9", types=(named,))
        assert verdict(notice, paper("x", **THERE, pages="103-110")).relation == "erratum_of"
    row = {"title": TITLE, "author": TEAM, "document type": "Article; Erratum"}
    assert comparable(of_row(row, "y")).kind == "erratum"


def test_a_bracket_that_says_retraction_of_is_a_notice_s() -> None:
    article = paper("x", **THERE, pages="103-110")
    for title, relation in (
        (f"{TITLE} (Retraction of vol 9, pg 103, 2014)", "retraction_of"),
        (f"{TITLE} (Retracted article. See vol 10, pg 88, 2015)", ""),
    ):
        assert verdict(paper("y", title, year="2014", volume="9"), article).relation == relation


@pytest.mark.parametrize(
    "behind",
    [
        "(1990-2002)", "(2006 - present)", "(10.321)", "(FH 16-20)", "(Beijing, 2014)",
        "(ratio 1:10-20)", "(a trial of 2014 in 34 people)", "[version 1; peer review: 2 approved]",
        "(Reprinted from Journal of Imaginary Neurology, vol 3, pg 12-20, 1999)",
        "[Erratum appears in J Imag Neurol. 2015 Jun;10(6):616]", "[abstract no: 1667]",
    ],
)  # fmt: skip
def test_a_bracket_of_the_title_s_own_cites_nothing(behind: str) -> None:
    assert citation_behind(f"{TITLE} {behind}")[1] is None
    assert comparable(paper("x", f"{TITLE} {behind}", **PLACE)).kind == ""


@pytest.mark.parametrize(
    ("printed", "first"),
    [("31-Jul", ("7", "31")), ("Nov-16", ("11", "16")), ("2012-03-12", ("3", "12")),
     ("12-March", ("3", "12")), ("3-12", ("3",)), ("2012-15", ("2012",))],
)  # fmt: skip
def test_a_date_that_a_spreadsheet_made_has_two_readings(printed: str, first: tuple[str]) -> None:
    assert pages_of(printed).first == first


@pytest.mark.parametrize(
    ("printed", "pmid"),
    [("12345.0", "12345"), ("00012345", "12345"), ("PMID: 12345", "12345"), ("nan", None),
     ("PMC12345", None), ("1234567890", None)],
)  # fmt: skip
def test_a_pmid_is_its_digits(printed: str, pmid: str | None) -> None:
    assert identifiers.pmid(printed) == pmid


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("J Neurol", "Journal of Neurology"),
        ("Mult Scler", "Multiple sclerosis (Houndmills, Basingstoke, England)"),
        ("Mult Scler", "Multiple Sclerosis Journal"),
        ("Lancet", "Lancet (London, England)"),
        ("Ann Neurol", "Annals of neurology : official journal of a Neurological Association"),
        ("Acta Paediatr", "Acta Paediatrica International Journal of Paediatrics"),
        ("Proc Natl Acad Sci U S A", "Proceedings of the National Academy of Sciences"),
        ("PNAS", "Proceedings of the National Academy of Sciences of the United States of America"),
        ("AJNR Am J Neuroradiol", "American Journal of Neuroradiology"),
        ("JAMA - Journal of the American Medical Association", "JAMA"),
        ("Ann N Y Acad Sci", "Annals of the New York Academy of Sciences"),
        ("Eur J Cardiothorac Surg", "European Journal of Cardio-thoracic Surgery"),
        ("Dtsch Med Wochenschr", "Deutsche Medizinische Wochenschrift (1946)"),
        ("Br J Haematol", "British Journal of Hematology"),
        ("Brain", "Brain : a journal of neurology"),
        ("Circulation. Conference: A Congress", "Circulation"),
        ("J Affect Disord", "Journal of Affective Disorders. 130 (1-2) (pp 138-144), 2011."),
        ("Can J Surg", "Canadian journal of surgery. Journal canadien de chirurgie"),
        ("Encephale", "L'Encephale"),
        ("Acta Neurol Scand", "Acta neurologica Scandinavica. Supplementum"),
        ("23rd Conference on Marbles 2019", "Conference on Marbles"),
    ],
)
def test_a_journal_stays_one_however_it_is_printed(a: str, b: str) -> None:
    assert (same_journal(journal_words(a), journal_words(b)) or 0) >= SURE
    assert (same_journal(journal_words(b), journal_words(a)) or 0) >= SURE


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Journal of Immunology", "Journal of Clinical Immunology"),
        ("J Immunol", "Journal of Clinical Immunology"),
        ("Journal of Neurology", "European Journal of Neurology"),
        ("Multiple Sclerosis", "Multiple Sclerosis and Related Disorders"),
        ("Mult Scler", "Mult Scler Relat Disord"),
        ("Multiple Sclerosis", "Multiple Sclerosis Journal - Experimental, Translational"),
        ("Neurology", "Journal of Neurology"),
        ("Neurology", "Neurology: Clinical Practice"),
        ("European Neurology", "European Journal of Neurology"),
        ("Blood", "Blood Advances"),
        ("Pain", "European Journal of Pain"),
        ("Lancet", "The Lancet. Neurology"),
        ("Nature", "Nature Medicine"),
        ("JAMA Neurology", "Journal of the American Medical Association"),
        ("Stroke", "Topics in Stroke Rehabilitation"),
        ("J Neurol", "Journal of Neuroimmunology"),
        ("Journal of Neurology", "Journal of Neuropsychology"),
        ("American Journal of Clinical Nutrition", "European Journal of Clinical Nutrition"),
        ("Tissue Eng Part A", "Tissue Eng Part B"),
    ],
)
def test_a_name_within_another_or_beside_it_is_another_journal_s(a: str, b: str) -> None:
    assert (same_journal(journal_words(a), journal_words(b)) or 0) <= WITHIN
    assert (same_journal(journal_words(b), journal_words(a)) or 0) <= WITHIN


TOLD = "Forty people of one town were asked for their pain, and thirty answered in full. " * 3


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"journal": "Journal of Immunology", "volume": "198"},
         {"journal": "Journal of Clinical Immunology", "volume": "37", "issue": "2",
          "pages": "250"}),
        ({"journal": "J Neurol", "volume": "198"},
         {"journal": "Journal of Neurology", "volume": "37", "pages": "250"}),
        ({"journal": "Pain"}, {"journal": "European Journal of Pain", **PLACE}),
        ({"journal": "Pain", "volume": PLACE["volume"]}, {"journal": "Pain Reports", **PLACE}),
        ({"journal": "Pain", "volume": "7", "pages": "250"},
         {"journal": "Journal of Pain", "volume": "37", "pages": "250"}),
    ],
)  # fmt: skip
def test_another_volume_or_a_journal_that_may_be_another_waits_for_a_person(
    a: dict[str, str], b: dict[str, str]
) -> None:
    for abstract in (None, TOLD):
        found = verdict(paper("x", **a, abstract=abstract), paper("y", **b, abstract=abstract))
        assert found.outcome == "queue"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"journal": "Pain", **PLACE}, {"journal": "Pain Reports", **PLACE}),
        ({"journal": "Pain", "doi": "10.5555/a"}, {"journal": "Pain Reports", "doi": "10.5555/a"}),
        ({"volume": "(Jul)"}, PLACE),
    ],
)
def test_a_place_an_identifier_or_a_volume_makes_a_name_within_another_the_same(
    a: dict[str, str], b: dict[str, str]
) -> None:
    assert verdict(paper("x", **a), paper("y", **b)).outcome == "duplicate"


@pytest.mark.parametrize(
    "form",
    [
        "{title}（J Imag Neurol（2014）9:7（103））",
        "{title}（J Imag Neurol, 2014, 9(7): 103）",
        "{title} {{J Imag Neurol (2014) 9:7 103}}",
        "{title}【J Imag Neurol (2014) 9:7】",
        "{title} - J Imag Neurol (2014) 9:7 (103)",
        "{title}: J Imag Neurol (2014) 9:7 (103)",
        "{title} (J Imag Neurol (2014 Mar 3) 9:7 (12-13))",
        "{title} (J Imag Neurol, March 2014, 9, 12-13)",
        "{title} (J Imag Neurol (2014) 9:7 (103)) (English)",
    ],
)
def test_a_citation_behind_a_title_is_a_doubt_however_it_is_printed(form: str) -> None:
    """No place of its own: what looks like the paper again may be its erratum."""
    article = paper("x", volume="9", issue="7", pages="103", year="2014")
    notice = paper("y", form.format(title=TITLE), year="2014")
    found = verdict(notice, article)
    assert (found.outcome, found.relation) in (("queue", ""), ("related", "erratum_of"))


ABSTRACT = {"pages": "S617"}
ISSUE = {"volume": "18", "issue": "4"}


@pytest.mark.parametrize("told", [None, TOLD])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        (ABSTRACT, ISSUE),
        ({**ABSTRACT, "volume": "18"}, ISSUE),
        ({**ABSTRACT, "volume": "18", "issue": "4 Suppl"}, ISSUE),
        ({**ABSTRACT, "volume": "20", "year": "2018"}, ISSUE),
        ({**ABSTRACT, "volume": "18"}, {**ISSUE, "pages": "400-410"}),
        ({"volume": "18", "issue": "Suppl 1"}, ISSUE),
        ({"volume": "18", "issue": "12 MeetingAbstracts"}, ISSUE),
        ({"pages": "P1.234", "volume": "18"}, ISSUE),
        ({"pages": "PO-123"}, {**ISSUE, "pages": "400-410"}),
        ({"journal": "Journal of Imaginary Neurology. Conference: A Meeting"},
         {**ISSUE, "pages": "400-410"}),
    ],
)  # fmt: skip
def test_a_congress_s_abstract_is_not_the_paper_of_its_title(
    a: dict[str, str], b: dict[str, str], told: str | None
) -> None:
    found = verdict(paper("x", **a, abstract=told), paper("y", **b, abstract=told))
    assert (found.outcome, found.relation) in (("queue", ""), ("related", "abstract_of"))
    assert not found.relation or found.subject == 0


@pytest.mark.parametrize("named", ["Conference Abstract", "MEETING ABSTRACT", "Meeting Abstracts"])
def test_a_publication_type_says_that_a_record_is_an_abstract(named: str) -> None:
    one = Entry("x", TITLE, TEAM, "2019", CITED, "18", types=(named,))
    assert verdict(one, paper("y", **ISSUE)).outcome == "queue"
    assert verdict(one, paper("y", volume="19")).relation == "abstract_of"


@pytest.mark.parametrize("told", [None, TOLD])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"pages": "S741", "year": "2015"}, {"pages": "S1750", "year": "2014"}),
        ({"pages": "S741", "year": "2015", "volume": "22"}, {"pages": "S1750", "year": "2014"}),
        ({"pages": "S741", "year": "2015"}, {"pages": "S741", "year": "2014"}),
        ({"issue": "Suppl 1", "year": "2015"}, {"issue": "Suppl 1", "year": "2014"}),
        ({"pages": "S741", "year": None}, {"pages": "S1750", "year": "2014"}),
        ({"pages": "P123", "year": "2015"}, {"pages": "A44", "year": "2014"}),
    ],
)
def test_the_abstracts_of_two_congresses_wait_for_a_person(
    a: dict[str, str], b: dict[str, str], told: str | None
) -> None:
    found = verdict(paper("x", **a, abstract=told), paper("y", **b, abstract=told))
    assert found.outcome == "queue"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({**ABSTRACT, "volume": "20"},
         {"pages": "S617-S618", "volume": "20", "issue": "Suppl 1"}),
        ({**ABSTRACT, "volume": "20"}, {"pages": "617", "volume": "20", "issue": "Suppl 1"}),
        ({**ABSTRACT, "volume": "20"}, {"volume": "20", "issue": "Suppl 1"}),
        ({**ABSTRACT, "volume": "20"}, {"volume": "20"}),
        ({**ABSTRACT, "volume": "20", "year": "2018"}, {**ABSTRACT, "volume": "20"}),
        ({"pages": "P1.234", "volume": "82"}, {"pages": "p1.234", "volume": "82"}),
        ({"pages": "S3-S12", "volume": "20"},
         {"pages": "3-12", "volume": "20", "issue": "Suppl 1"}),
        ({"pages": "A3083", "volume": "183", "issue": "1095"},
         {"volume": "183", "issue": "1094"}),
        ({"journal": "Journal of Imaginary Neurology. Conference: A Meeting"},
         {"volume": "71", "issue": "6", "pages": "507-507"}),
    ],
)  # fmt: skip
def test_an_abstract_in_two_databases_is_one(a: dict[str, str], b: dict[str, str]) -> None:
    assert verdict(paper("x", **a), paper("y", **b)).outcome == "duplicate"


@pytest.mark.parametrize(
    ("printed", "first", "supplement"),
    [
        ("S617", "s617", True), ("P1.234", "p1234", True), ("P123", "p123", True),
        ("p123-130", "123", False), ("PO-012", "po12", True), ("S12.003", "s12003", True),
        ("617S", "617s", True), ("A123", "a123", True), ("THU0123", "thu0123", True),
        ("F123", "f123", False), ("e103802", "e103802", False), ("123-130", "123", False),
    ],
)  # fmt: skip
def test_the_number_of_an_abstract_is_no_page_of_a_paper(
    printed: str, first: str, supplement: bool
) -> None:
    assert (pages_of(printed).first[0], pages_of(printed).supplement) == (first, supplement)


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (f"Abstract 123: {TITLE}", True), (f"P1.234 {TITLE}", True), (f"{TITLE} (P5.123)", True),
        (f"{TITLE} [abstract]", True), (f"{TITLE} [abstract no: 1667]", True),
        ("Abstracts of the first meeting on the marbled syndrome", True),
        ("P53 in the marbled syndrome of the cord", False), (f"{TITLE} (2014)", False),
        ("Abstract reasoning in the marbled syndrome of the cord", False), (TITLE, False),
    ],
)  # fmt: skip
def test_what_a_title_says_of_a_congress(title: str, abstract: bool) -> None:
    assert comparable(paper("x", title)).supplement == abstract


def test_latex_entities_and_brackets_are_no_text() -> None:
    assert plain(r"\textit{ancestry} of \v{c}") == "ancestry of c"
    assert plain("PAIN&NBSP;&LT;SUB&GT;OF&LT;/SUB&GT;").split() == ["PAIN", "OF"]


# ---- order and arrival -------------------------------------------------------------------------


def clusters(result: Result) -> set[frozenset[str]]:
    return {frozenset(one) for one in result.clusters}


def links(result: Result) -> set[tuple[str, frozenset[str]]]:
    every = (*result.duplicates, *result.related, *result.queue)
    return {(one.outcome, frozenset((one.a, one.b))) for one in every}


def crowd() -> list[Entry]:
    """More records of one title than a block holds, in two volumes."""
    return [
        paper(f"r{n}", volume=str(12 + n % 2), issue=str(n), abstract=f"{n % 40} ".join(TITLE) * 3)
        for n in range(150)
    ]


def test_a_block_that_is_too_large_does_not_depend_on_the_order_of_rows() -> None:
    records = crowd()
    seen = []
    for seed in range(4):
        random.Random(seed).shuffle(records)
        engine = Deduplicator()
        engine.add(records)
        seen.append(clusters(engine.result()))
    assert seen[0] == seen[1] == seen[2] == seen[3]


@pytest.mark.parametrize("parts", [2, 5, 30])
def test_records_that_come_later_end_as_if_all_had_come_at_once(parts: int) -> None:
    records = crowd()
    whole = Deduplicator()
    whole.add(records)
    later = Deduplicator()
    for at in range(0, len(records), -(-len(records) // parts)):
        later.add(records[at : at + -(-len(records) // parts)])
    assert clusters(whole.result()) == clusters(later.result())
    assert links(whole.result()) == links(later.result())


def test_two_letters_of_which_nothing_else_is_known_wait_for_a_person() -> None:
    engine = Deduplicator()
    engine.add([Entry("a", "Letter to the editor", journal="J", year="2010"),
                Entry("b", "Letter to the editor", journal="J", year="2010")])  # fmt: skip
    result = engine.result()
    assert not result.clusters
    assert [(one.a, one.b) for one in result.queue] == [("a", "b")]


# ---- the command -------------------------------------------------------------------------------

SHEET = "ID,title,author,year\na,One paper of pain,Doe J,2019\nb,Another of gain,Roe K,2020\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--out", "a.csv"], "--out a.csv: found a file that is read"),
        (["--out", "x.csv", "--links", "x.csv"], "--links x.csv: found what --out writes"),
        (["--out", "."], "--out .: found a folder"),
        (["--out", "no/x.csv"], "--out no/x.csv: found no folder no"),
        (["--verdict", "distinct"], "--verdict speaks of the review"),
    ],
)
def test_nothing_that_is_read_is_written_over(
    options: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(SHEET, encoding="utf-8")
    assert cli.main(["dedupe", "a.csv", *options]) == 2
    assert sentence in capsys.readouterr().err
    assert Path("a.csv").read_text(encoding="utf-8") == SHEET
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_against_its_copy_merges_and_the_ids_say_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv"):
        Path(name).write_text(SHEET, encoding="utf-8")
    assert cli.main(["dedupe", "a.csv", "b.csv", "--out", "c.csv"]) == 0
    assert "written as 2:ID" in capsys.readouterr().err
    rows = Path("c.csv").read_text(encoding="utf-8").split()
    assert rows == ["id,cluster", "a,a", "b,b", "2:a,a", "2:b,b"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,zz,distinct\n", "said.csv:2: id_b: found 'zz', expected the id of a record"),
        ("a,b,distinct\nb,a,duplicate\n", "said.csv:3: verdict: found 'duplicate', expected"),
    ],
)
def test_a_decision_that_fits_no_record_or_no_other_decision_is_said(
    text: str,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(SHEET, encoding="utf-8")
    Path("said.csv").write_text("id_a,id_b,verdict\n" + text, encoding="utf-8")
    assert cli.main(["dedupe", "a.csv", "--decisions", "said.csv"]) == 40
    assert sentence in capsys.readouterr().err
