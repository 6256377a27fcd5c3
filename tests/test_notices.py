"""What touches a report, in which grade, wherever it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from review import cli
from review.demo import DEMO
from review.files.store import Store
from review.formats import bibtex
from review.model.duplicates import Cluster, Duplicates, Related, Relation
from review.model.record import Notice, NoticeType, Record, Retraction
from review.searching.imports import _as_claimed, _taking_over
from review.selection.library import Library, Place
from review.selection.marks import mark_of_title, mark_of_type, marks_of
from review.selection.notices import own_notices, said_by_others, touches

T = NoticeType
LIBRARY = Library.of(Store(DEMO).snapshot())


def record(one: str = "pmid-1", title: str = "A trial of tarvolimab", **more: object) -> Record:
    pmid = one.removeprefix("pmid-") if one.startswith("pmid-") else None
    return Record(format=1, id=one, source="pubmed", pmid=pmid, title=title, **more)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("RETRACTED: A trial of tarvolimab", T.POSSIBLE_RETRACTION),
        ("RETRACTED ARTICLE: A trial of tarvolimab", T.POSSIBLE_RETRACTION),
        ("[Retracted] A trial of tarvolimab", T.POSSIBLE_RETRACTION),
        ("[RETRACTED: A trial of tarvolimab].", T.POSSIBLE_RETRACTION),
        ("(Retracted) A trial of tarvolimab", T.POSSIBLE_RETRACTION),
        ("Retracted Paper - A trial of tarvolimab", T.POSSIBLE_RETRACTION),
        ("RETRACTED A trial of tarvolimab", T.POSSIBLE_RETRACTION),
        ("A trial of tarvolimab (Retracted)", T.POSSIBLE_RETRACTION),
        ("A trial of tarvolimab [retracted article].", T.POSSIBLE_RETRACTION),
        (
            "A trial of tarvolimab (Retracted article. See vol. 3, pg. 12, 2020)",
            T.POSSIBLE_RETRACTION,
        ),
        ("A trial of tarvolimab [retraction in: Pain. 2020;1:2]", T.POSSIBLE_RETRACTION),
        ("A trial of tarvolimab - RETRACTED", T.POSSIBLE_RETRACTION),
        ("撤稿：塔伐单抗试验", T.POSSIBLE_RETRACTION),
        ("【已撤稿】塔伐单抗试验", T.POSSIBLE_RETRACTION),
        ("[撤稿] 塔伐单抗试验", T.POSSIBLE_RETRACTION),
        ("塔伐单抗试验（已撤稿）", T.POSSIBLE_RETRACTION),
        ("塔伐单抗试验——已撤稿", T.POSSIBLE_RETRACTION),
        ("塔伐单抗试验（已撤回）", T.WITHDRAWN),
        ("WITHDRAWN: A trial of tarvolimab", T.WITHDRAWN),
        ("Article Withdrawn: A trial of tarvolimab", T.WITHDRAWN),
        ("Temporary Removal: A trial of tarvolimab", T.TEMPORARY_REMOVAL),
        ("暂时移除：塔伐单抗试验", T.TEMPORARY_REMOVAL),
        ("Retracted and Republished: A trial of tarvolimab", T.POSSIBLE_REPUBLISHED),
        ("撤稿后重新发表：塔伐单抗试验", T.POSSIBLE_REPUBLISHED),
        ("Partially retracted: A trial of tarvolimab", T.POSSIBLE_PARTIAL_RETRACTION),
        ("部分撤稿：塔伐单抗试验", T.POSSIBLE_PARTIAL_RETRACTION),
        ("Reinstated: A trial of tarvolimab", T.REINSTATED),
        ("恢复发表：塔伐单抗试验", T.REINSTATED),
        # The words within a title, and titles of notices
        ("Retraction of the iris after cataract surgery", None),
        ("Retracted tympanic membranes in children", None),
        ("RETRACTED EARDRUMS IN CHILDREN", None),
        ("Withdrawal of treatment in neuromyelitis optica", None),
        ("Withdrawn patients: how they fare", None),
        ("Socially withdrawn adolescents and pain", None),
        ("Lid retraction (a review)", None),
        ("Self-retracting retractors: a trial", None),
        ("Removed third molars and pain", None),
        ("Pain after a drain is removed", None),
        ("Retraction: A trial of tarvolimab", None),
        ("Retraction notice to: A trial of tarvolimab", None),
        ("A survey of retracted articles in pain medicine", None),
        ("Why are papers retracted?", None),
        ("眼睑撤退的治疗", None),
        ("撤稿论文的计量分析", None),
        ("撤药后的疼痛", None),
        ("撤稿声明：塔伐单抗试验", None),
        ("撤回治疗的后果", None),
    ],
)
def test_a_mark_is_set_off_from_the_title(title: str, kind: NoticeType | None) -> None:
    assert mark_of_title(title) is kind


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Retracted Publication", T.POSSIBLE_RETRACTION),  # MEDLINE
        ("Retracted", T.POSSIBLE_RETRACTION),  # Scopus
        ("Article; Retracted Publication", T.POSSIBLE_RETRACTION),  # Web of Science
        ("retracted article", T.POSSIBLE_RETRACTION),  # Embase
        ("已撤稿", T.POSSIBLE_RETRACTION),
        ("Article Withdrawn", T.WITHDRAWN),
        ("Retraction of Publication", None),
        ("Retraction", None),
        ("Journal Article", None),
    ],
)
def test_types_of_every_spelling(written: str, kind: NoticeType | None) -> None:
    assert mark_of_type(written) is kind


@pytest.mark.parametrize(
    ("title", "more", "kind"),
    [
        (
            "WITHDRAWN: Drugs for pain",
            {"journal": "Cochrane Database Syst Rev"},
            T.WITHDRAWN_REVIEW,
        ),
        ("WITHDRAWN: Drugs for pain", {"journal": "medRxiv"}, T.WITHDRAWN_PREPRINT),
        ("RETRACTED: Drugs for pain", {"publication_types": ("Preprint",)}, T.WITHDRAWN_PREPRINT),
        ("WITHDRAWN: Drugs for pain", {"journal": "Pain"}, T.WITHDRAWN),
        (
            "RETRACTED: Drugs for pain",
            {"journal": "Cochrane Database Syst Rev"},
            T.POSSIBLE_RETRACTION,
        ),
    ],
)
def test_what_is_withdrawn_is_of_its_own_kind(
    title: str, more: dict[str, object], kind: NoticeType
) -> None:
    (mark,) = marks_of(record(title=title, **more))
    assert mark.type is kind


def test_a_retraction_notice_of_the_same_title_is_no_retracted_report() -> None:
    notice = record(title="Retracted: A trial", publication_types=("Retraction of Publication",))
    assert marks_of(notice) == ()


def grade(records: list[Record], duplicates: Duplicates, one: str) -> Retraction | None:
    library = replace(
        LIBRARY, records={r.id: r for r in records}, duplicates=duplicates, extractions={}
    )
    touch = library.retraction(one)
    return touch.retraction if touch else None


def verdicts(**more: object) -> Duplicates:
    return Duplicates(format=1, method="by hand", **more)


LINKED = Notice(type=T.RETRACTION_IN, pmid="9")
OF = Notice(type=T.RETRACTION_OF, pmid="1")


@pytest.mark.parametrize(
    ("notices", "sure"),
    [
        ((LINKED,), Retraction.CERTAIN),
        ((Notice(type=T.RETRACTED),), Retraction.CERTAIN),
        ((Notice(type=T.RETRACTED_REPUBLISHED_IN, pmid="9"),), Retraction.CERTAIN),
        ((Notice(type=T.POSSIBLE_RETRACTION),), Retraction.POSSIBLE),
        ((Notice(type=T.TEMPORARY_REMOVAL),), Retraction.POSSIBLE),
        ((Notice(type=T.PARTIAL_RETRACTION_IN, pmid="9"),), None),
        ((Notice(type=T.REINSTATED),), None),
        ((Notice(type=T.ERRATUM_IN, pmid="9"),), None),
        ((), None),
    ],
)
def test_the_grade_follows_from_the_kind(
    notices: tuple[Notice, ...], sure: Retraction | None
) -> None:
    assert grade([record(notices=notices)], verdicts(), "pmid-1") is sure


def test_a_notice_that_is_held_makes_it_certain_before_the_report_is_marked() -> None:
    notice = record("pmid-9", "Retraction: A trial of tarvolimab", notices=(OF,))
    assert grade([record(), notice], verdicts(), "pmid-1") is Retraction.CERTAIN


def test_a_link_of_dedupe_makes_it_possible() -> None:
    notice = record("src-0123456789", "Retraction: A trial of tarvolimab")
    link = Related(
        record=notice.id, relation=Relation.RETRACTION_OF, of="pmid-1", reason="rules 5: title"
    )
    assert grade([record(), notice], verdicts(related=(link,)), "pmid-1") is Retraction.POSSIBLE
    (touch,) = touches({"pmid-1": record(), notice.id: notice}, verdicts(related=(link,)), {})[
        "pmid-1"
    ]
    assert touch.notice.reference == notice.id


def test_a_partial_retraction_that_dedupe_shows_as_a_link_stays_partial() -> None:
    partial = Notice(type=T.PARTIAL_RETRACTION_OF, pmid="1")
    notice = record("pmid-9", "Partial retraction", notices=(partial,))
    link = Related(
        record="pmid-9", relation=Relation.RETRACTION_OF, of="pmid-1", reason="PubMed: …"
    )
    assert grade([record(), notice], verdicts(related=(link,)), "pmid-1") is None


def test_what_a_copy_says_is_said_of_the_report() -> None:
    copy = record("doi-0123456789", "RETRACTED: A trial of tarvolimab")
    cluster = Cluster(id="pmid-1", members=("doi-0123456789", "pmid-1"), reasons=("same",))
    both = verdicts(clusters=(cluster,))
    for one in ("pmid-1", copy.id):
        assert grade([record(), copy], both, one) is Retraction.POSSIBLE
        assert grade([record(notices=(LINKED,)), copy], both, one) is Retraction.CERTAIN


def test_a_link_says_what_the_mark_beside_it_says_too() -> None:
    assert [n.type for n in own_notices(record(title="RETRACTED: A trial", notices=(LINKED,)))] == [
        T.RETRACTION_IN
    ]


# ---- imports -------------------------------------------------------------------------------------

STUDY = LIBRARY.extractions["brackwater-2024"]
HELD = LIBRARY.records[STUDY.reports[0]]
IMPORTS = {
    "marked.ris": f"TY  - JOUR\nTI  - RETRACTED: {HELD.title}\nDO  - {HELD.doi}\nER  - \n",
    "scopus.ris": f"TY  - JOUR\nTI  - {HELD.title}\nDO  - {HELD.doi}\nM3  - Retracted\n"
    "DB  - Scopus\nER  - \n",
    "embase.ris": f"TY  - JOUR\nTI  - {HELD.title}\nDO  - {HELD.doi}\n"
    "M3  - Retracted Publication\nDB  - Embase\nER  - \n",
    "scopus.csv": f'Title,DOI,Document Type\n"{HELD.title}",{HELD.doi},Retracted\n',
    "embase.csv": f'Title,DOI,Publication Type\n"{HELD.title}",{HELD.doi},Retracted article\n',
    "pubmed.nbib": f"PMID- {HELD.pmid}\nTI  - {HELD.title}\nPT  - Retracted Publication\n"
    "SO  - J Pain. 2024;1(1):1-9.\n",
    "linked.nbib": f"PMID- {HELD.pmid}\nTI  - {HELD.title}\nPT  - Journal Article\n"
    "RIN - J Pain. 2025;2(1):3. PMID: 900000399\nSO  - J Pain. 2024;1(1):1-9.\n",
    "scopus.bib": f"@ARTICLE{{x, title={{{HELD.title}}}, doi={{{HELD.doi}}}, type={{Retracted}}}}\n",
    "wos.bib": f"@article{{x, Title={{{{{HELD.title}}}}}, DOI={{{{{HELD.doi}}}}},\n"
    "Type={{Article; Retracted Publication}}}\n",
    "note.bib": f"@article{{x, title={{{HELD.title}}}, doi={{{HELD.doi}}},\n"
    "note={Retracted article. See vol. 3, p. 12}}\n",
    "keywords.bib": f"@article{{x, title={{{HELD.title}}}, doi={{{HELD.doi}}},\n"
    "keywords={Pain; Retracted Publication}}\n",
    "cnki.net": f"{{Reference Type}}: Journal Article\n{{Title}}: 【已撤稿】{HELD.title}\n"
    f"{{DOI}}: {HELD.doi}\n",
    "endnote.xml": "<xml><records><record><ref-type name='Journal Article'>17</ref-type><titles>"
    f"<title>{HELD.title}</title></titles><electronic-resource-num>{HELD.doi}"
    "</electronic-resource-num><work-type>Retracted</work-type></record></records></xml>",
}


def bring(root: Path, path: Path) -> int:
    command = ["import", str(path), "--source", "embase", "--platform", "Embase"]
    return cli.main([*command, "--root", str(root)], today="2026-09-20")


@pytest.mark.parametrize("name", IMPORTS)
def test_a_held_record_takes_over_what_its_new_copy_says(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = tmp_path / name
    path.write_text(IMPORTS[name], encoding="utf-8")
    assert bring(root, path) == 20
    told = capsys.readouterr().out
    assert "(a retraction is possible; being checked) on INCLUDED STUDY brackwater-2024" in told
    library = Library.of(Store(root).snapshot())
    assert Store(root).imports()[0].known == (HELD.id,)
    touch = library.suspended("brackwater-2024")
    assert touch is not None
    assert touch.retraction is Retraction.POSSIBLE, "what a file says is never sure"
    assert cli.main(["status", "--root", str(root)], today="2026-09-20") == 0
    assert HELD.id in capsys.readouterr().out.splitlines()[0]


def test_a_new_copy_is_told_when_it_is_found_to_be_one(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ris"
    names = "".join(f"AU  - {who.family}, {who.given}\n" for who in HELD.authors)
    place = f"JF  - {HELD.journal}\nVL  - {HELD.volume}\nSP  - {HELD.pages}\n"
    record = f"TY  - JOUR\nTI  - {HELD.title} (Retracted)\n{names}PY  - {HELD.year}\n{place}"
    path.write_text(f"{record}ER  - \n", encoding="utf-8")
    assert bring(root, path) == 10
    assert cli.main(["dedupe", "--root", str(root)]) == 20
    assert "INCLUDED STUDY brackwater-2024" in capsys.readouterr().out
    library = Library.of(Store(root).snapshot())
    assert library.suspended("brackwater-2024") is not None
    assert cli.main(["dedupe", "--root", str(root)]) == 0, "told once"


def test_what_an_import_said_stays_when_the_source_is_asked_again(
    root: Path, tmp_path: Path, update: Callable[..., int]
) -> None:
    path = tmp_path / "a.ris"
    other = LIBRARY.records["pmid-900000001"]
    path.write_text(
        f"TY  - JOUR\nTI  - RETRACTED: {other.title}\nDO  - {other.doi}\nER  - \n", encoding="utf-8"
    )
    bring(root, path)
    update()
    library = Library.of(Store(root).snapshot())
    assert library.retraction(other.id) is not None


def test_a_word_of_bibtex_is_a_mark_only_where_it_stands_for_itself() -> None:
    fields = "note={Retracted eyelids were common}, keywords={Lid retraction; Retraction}"
    (one,) = bibtex.read(f"@article{{x, title={{Eyelids}}, {fields}, type={{Article}}}}\n", "x")
    assert one["publication_types"] == ["Article"]


def test_a_notice_of_a_file_makes_it_possible_alone_and_pubmed_s_certain(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "notice.nbib"
    path.write_text(
        "PMID- 900000399\nTI  - Retraction: a trial.\nPT  - Retraction of Publication\n"
        f"ROF - J Pain. 2024;1(1):1. PMID: {HELD.pmid}\nSO  - J Pain. 2025;2(1):3.\n",
        encoding="utf-8",
    )
    assert bring(root, path) == 20
    library = Library.of(Store(root).snapshot())
    assert library.standings["pmid-900000399"].place is Place.NOTICE
    touch = library.retraction(HELD.id)
    assert touch is not None
    assert touch.retraction is Retraction.POSSIBLE
    held = library.records["pmid-900000399"]
    known = replace_notices(held, Notice(type=T.RETRACTION_OF, pmid=HELD.pmid))
    assert grade([HELD, known], verdicts(), HELD.id) is Retraction.CERTAIN


def replace_notices(record: Record, *notices: Notice) -> Record:
    return record.model_copy(update={"notices": (*record.notices, *notices)})


def test_a_held_notice_takes_over_what_its_copy_is_about_and_no_report_becomes_one() -> None:
    about = replace_notices(record("pmid-9", "A notice"), Notice(type=T.RETRACTION_OF, pmid="1"))
    held = record("pmid-9", "A notice", publication_types=("Retraction Notice",))
    assert _taking_over(held, _as_claimed(about)).notices == (
        Notice(type=T.POSSIBLE_RETRACTION_OF, pmid="1"),
    )
    report = record("pmid-9", "A notice")
    assert not _taking_over(report, _as_claimed(about)).is_notice


def test_a_mark_of_a_file_stays_when_another_source_prints_the_title_without_it() -> None:
    marked = record(title="RETRACTED: A trial").model_copy(update={"source": "embase"})
    assert [one.type for one in said_by_others(marked, "pubmed", ())] == [T.POSSIBLE_RETRACTION]
    assert said_by_others(marked, "embase", ()) == [], "its own source takes its own mark back"


@pytest.mark.parametrize("journal", ["arXiv", "PsyArXiv", "medRxiv", "ChinaXiv", "Research Square"])
def test_preprints_of_every_server(journal: str) -> None:
    (mark,) = marks_of(record(title="WITHDRAWN: Drugs for pain", journal=journal))
    assert mark.type is T.WITHDRAWN_PREPRINT
