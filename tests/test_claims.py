"""Claims: what is declared against what the studies give; retractions suspend at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from review import cli
from review.checking.check import check
from review.checking.notes import notes
from review.editions.build import build
from review.files.store import Store
from review.grading.levels import Status
from review.grading.review import Review
from review.ground.errors import UsageError
from tests.test_files import appended, replaced, written

Edit = Callable[[Path], object]
D1, D2, D3 = (f"data/claims/D0{n}.yaml" for n in (1, 2, 3))
TWIN = """# yaml-language-server: $schema=../../../docs/schema/claim.json
format: 1
claim: D01
question: lesion-mechanism
sentence: {en: "Another sentence."}
support: not_verifiable
grade: {status: not_gradable}
"""
SIGNED = "object,field,hash,date,role,by_eye,source,notices,seconds,disagrees\n"

BAD: dict[str, tuple[tuple[Edit, ...], str]] = {
    "a claim citing a missing study": (
        (replaced(D1, "for: [brackwater-2024]", "for: [nobody-1999]"),),
        f"{D1}: for: found nobody-1999, expected a study in data/extractions",
    ),
    "a claim citing a study of another question": (
        (replaced(D1, "for: [brackwater-2024]", "for: [brackwater-2024, aldermoor-2021]"),),
        f"{D1}: for: aldermoor-2021 is no eligible study of the question tarvolimab-pain",
    ),
    "an eligible study in none of the three": (
        (replaced(D2, "neutral: [birchcombe-2014]\n", ""),),
        f"{D2}: neutral: birchcombe-2014 is eligible for sedanepril-pain and stands in none of "
        "for, against, neutral",
    ),
    "a study on both sides": (
        (replaced(D2, "neutral: [birchcombe-2014]", "neutral: [castlemere-2019]"),),
        "castlemere-2019 stands twice in for, against and neutral",
    ),
    "supported without a study": (
        (replaced(D1, "for: [brackwater-2024]", "neutral: [brackwater-2024]"),),
        f"{D1}: support: found supported, but no living study with a usable result stands for it",
    ),
    "contradicted without a study against it": (
        (replaced(D1, "support: supported", "support: contradicted"),),
        f"{D1}: support: found contradicted, but no living study with a usable result stands against",
    ),
    "not verifiable, though a study was read": (
        (replaced(D1, "support: supported", "support: not_verifiable"),),
        f"{D1}: support: found not_verifiable, but brackwater-2024 was read",
    ),
    "a level its studies no longer justify": (
        (replaced("data/questions/tarvolimab-pain.yaml", "steps: 1", "steps: 2"),),
        f"{D1}: grade.level: found 3, expected 4 from its studies",
    ),
    "a level outside the question's row": (
        (replaced(D3, "level: 3}", "level: 5}"),),
        f"{D3}: grade.level: found 5, expected 1 to 4: a prevalence question has no more",
    ),
    "a letter grade of 2009": (
        (replaced(D3, "level: 3}", 'level: "2b"}'),),
        'grade.level: found "2b", expected a whole number from 1 to 5: OCEBM 2011 has no letter',
    ),
    "a letter grade of 2009 printed by the earlier review": (
        (replaced(D1, "level: 2, scheme", "level: 2b, scheme"),),
        'seed.level: found "2b", expected a whole number from 1 to 5',
    ),
    "a level where the status says none": (
        (replaced(D1, "status: graded", "status: not_gradable"),),
        "a graded claim has a level, and only a graded one",
    ),
    "an adjustment without a sentence": (
        (
            replaced(
                "data/questions/tarvolimab-pain.yaml",
                'sentence: {en: "60 people analysed; the interval reaches from -2.3 to -0.5", '
                'zh: "分析 60 人；区间为 -2.3 至 -0.5"}',
                "sentence: {}",
            ),
        ),
        "an adjustment needs a sentence",
    ),
    "two claims with one id": (
        (written("data/claims/D09.yaml", TWIN.encode()),),
        "data/claims/D09.yaml: claim: found D01, expected D09 as in the file's name; "
        "data/claims/D01.yaml has that id already",
    ),
    "a claim on a question that nobody asks": (
        (replaced(D1, "question: tarvolimab-pain", "question: something-else"),),
        f"{D1}: question: found something-else, expected a question of protocol.yaml",
    ),
    "a question listed without a file": (
        (replaced("protocol.yaml", "[pain-prevalence,", "[pain-prevalence, no-such,"),),
        "protocol.yaml: questions: found no-such, expected data/questions/no-such.yaml",
    ),
    "no direction of a treatment claim": (
        (replaced(D1, "direction: benefit\n", ""),),
        f"{D1}: direction: missing, a claim on treatment says what is found",
    ),
    "a section the earlier review does not have": (
        (replaced(D1, "section: treatment", "section: harms"),),
        f"{D1}: seed.section: found harms, expected a section of data/seed.yaml",
    ),
    "a reference the earlier review does not have": (
        (replaced(D1, "references: [1]", "references: [77]"),),
        f"{D1}: seed.references: found 77, expected a reference of data/seed.yaml",
    ),
    "a translation checked by nobody": (
        (replaced(D1, "translation_checked_by: null", "translation_checked_by: somebody"),),
        "translation_checked_by: found somebody, expected a person whose signature on this translation",
    ),
    "few people compared and imprecision not considered": (
        (
            replaced("data/extractions/brackwater-2024.yaml", "analysed: 60, ", ""),
            replaced(
                "data/questions/tarvolimab-pain.yaml",
                "factor: imprecision",
                "factor: study_quality",
            ),
        ),
        "brackwater-2024: number analysed not read, 50 expected, and imprecision was not considered",
    ),
    "a term that is none": (
        (
            replaced(
                "data/questions/tarvolimab-pain.yaml", "about: [tarvolimab]", "about: [tarvolimap]"
            ),
        ),
        "about: found tarvolimap, expected a term of data/vocabulary",
    ),
    "a step proposed by a stranger": (
        (
            replaced(
                "data/questions/tarvolimab-pain.yaml",
                "proposed_by: reviewer-a",
                "proposed_by: dr-x",
            ),
        ),
        "adjustments[0].proposed_by: found dr-x, expected tool or a person of protocol.yaml",
    ),
    "a value entered by a stranger": (
        (replaced("data/extractions/birchcombe-2014.yaml", "by: reviewer-a}", "by: dr-x}"),),
        "dr-x is not among the people of protocol.yaml",
    ),
    "a value read nobody knows when": (
        (
            replaced(
                "data/extractions/birchcombe-2014.yaml",
                'read_at: "2026-09-03", by: reviewer-a}',
                "by: reviewer-a}",
            ),
        ),
        "read_at: missing, a value says where and when it was read",
    ),
    "a signature over something else": (
        (
            replaced(
                "data/extractions/aldermoor-2021.yaml",
                "Chronic pain was present in 112/148 (75.7%)",
                "pain was present in 112/148 (75.7%)",
            ),
        ),
        "data/signatures/reviewer-a.csv:5: hash: study:aldermoor-2021 results.r1 changed since it "
        "was signed, the signature lapsed; look again: review verify aldermoor-2021",
    ),
    "a signature on nothing": (
        (
            appended(
                "data/signatures/reviewer-a.csv",
                f"study:gone-1999,design,{'0' * 64},2026-09-14,extraction,,,,,\n",
            ),
        ),
        "data/signatures/reviewer-a.csv:20: object: found study:gone-1999, expected a study or claim",
    ),
    "a signature in a role not held": (
        (
            appended(
                "data/signatures/reviewer-a.csv",
                f"claim:D01,claim,{'0' * 64},2026-09-14,statistics,,,,,\n",
            ),
        ),
        "reviewer-a signed as statistics, expected one of the roles guarantor",
    ),
    "a stranger's signatures": (
        (written("data/signatures/somebody.csv", SIGNED.encode()),),
        "data/signatures/somebody.csv: somebody is not among the people of protocol.yaml",
    ),
    "a value changed after its quote was found": (
        (replaced("data/extractions/castlemere-2019.yaml", "12 months, from", "one year, from"),),
        "data/attestations/castlemere-2019.json: results.r1: the value changed since its quote",
    ),
    "a number of people that its quote does not hold": (
        (replaced("data/extractions/aldermoor-2021.yaml", "people: 148", "people: 999"),),
        "aldermoor-2021.yaml: sample[0].quote: the quote does not hold 999",
    ),
    "a number analysed that stands in no quote": (
        (replaced("data/extractions/castlemere-2019.yaml", "analysed: 58", "analysed: 580"),),
        "castlemere-2019.yaml: results.r1.quote: the quote does not hold 580",
    ),
    "an attestation by an older gate": (
        (replaced("data/attestations/castlemere-2019.json", "quote gate 3.1", "quote gate 0"),),
        "castlemere-2019.json: gate: found quote gate 0, expected quote gate 3.1",
    ),
    "a text that changed since": (
        (
            replaced(
                "data/attestations/castlemere-2019.json",
                '"record": "pmid-900000003"',
                '"record": "pmid-900000001"',
            ),
        ),
        "found pmid-900000001, which is no report of the study",
    ),
    "another direction than its studies": (
        (replaced(D1, "direction: benefit", "direction: harm"),),
        f"{D1}: direction: found harm, but the results of its studies say benefit",
    ),
    "unsupported with studies against it": (
        (
            replaced(D1, "for: [brackwater-2024]", "against: [brackwater-2024]"),
            replaced(D1, "support: supported", "support: unsupported"),
        ),
        f"{D1}: support: found unsupported, but brackwater-2024 stands against it",
    ),
    "a step up by the tool": (
        (
            replaced(
                "data/questions/tarvolimab-pain.yaml", "factor: imprecision", "factor: large_effect"
            ),
            replaced(
                "data/questions/tarvolimab-pain.yaml",
                "proposed_by: reviewer-a",
                "proposed_by: tool",
            ),
        ),
        "found tool, expected a person: a step up is a person's judgement",
    ),
    "a sentence of spaces": (
        (replaced(D1, 'en: "Tarvolimab lowers pain more than placebo."', 'en: "  "'),),
        f'{D1}:5: sentence.en: found "  ", expected text, not spaces alone',
    ),
    "a day that is none": (
        (
            replaced(
                "data/extractions/birchcombe-2014.yaml",
                '"2026-09-03", by: reviewer-a}',
                '"2026-02-31", by: reviewer-a}',
            ),
        ),
        'found "2026-02-31", expected a day of the calendar',
    ),
    "a level that is none": (
        (replaced(D1, "level: 2, scheme", "level: 6, scheme"),),
        "seed.level: found 6, expected a whole number from 1 to 5",
    ),
    "a file that would be overlooked": (
        (written("data/claims/D06.yml", b"format: 1\n"),),
        "data/claims/D06.yml: found .yml, expected the ending .yaml",
    ),
    "a correction of nothing": (
        (
            written(
                "data/corrections.yaml",
                b'format: 2\ncorrections:\n  - {date: "2026-10-01", kind: removal, object: "rubbish here", what: {en: x}, reason: {en: y}, by: tool}\n',
            ),
        ),
        'corrections[0].object: found "rubbish here", expected what it is of',
    ),
    "a correction by a stranger": (
        (
            written(
                "data/corrections.yaml",
                b'format: 2\ncorrections:\n  - {date: "2026-10-01", kind: correction, object: "claim:D01", what: {en: x}, reason: {en: y}, by: nobody}\n',
            ),
        ),
        "corrections[0].by: found nobody, expected tool or a person of protocol.yaml",
    ),
    "a minimal important difference without a source": (
        (
            replaced(
                "data/vocabulary/instruments.yaml",
                "{id: nrs, ",
                "{id: nrs, minimal_important_difference: {value: 2.0}, ",
            ),
        ),
        "source: missing, a minimal important difference needs one",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit_is_one_line_and_exit_40(
    name: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edits, sentence = BAD[name]
    for edit in edits:
        edit(root)
    assert cli.main(["check", "--root", str(root)]) == 40
    lines = capsys.readouterr().out.splitlines()
    assert any(sentence in line for line in lines), lines
    assert all(len(line) < 600 for line in lines)


def retract(root: Path, pmid: str = "900000002") -> None:
    path = next((root / "data" / "records").glob(f"*/pmid-{pmid}.json"))
    record = json.loads(path.read_text(encoding="utf-8"))
    record["notices"] = [{"type": "retracted"}]
    path.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def test_a_retraction_suspends_the_claim_and_blocks_only_the_edition(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from review.publishing.publish import publish

    retract(root)
    store = Store(root)
    review = Review.of(store.snapshot())
    one = review.claim_grades["D01"]
    assert (one.status, one.level) == (Status.SUSPENDED, None)
    assert one.as_json()["status"] == "suspended"
    assert review.claim_grades["D02"].status is Status.GRADED
    assert [p.path for p in check(store.snapshot())] == [D1]
    assert check(store.snapshot(), allow_suspended=True) == []
    assert cli.main(["check", "--root", str(root)]) == 40
    assert cli.main(["check", "--allow-suspended", "--root", str(root)]) == 0
    assert cli.main(["edition", "--root", str(root)], today="2026-10-05") == 40
    assert (
        "D01.yaml: support: suspended: brackwater-2024, on which it rests"
        in capsys.readouterr().err
    )
    with pytest.raises(UsageError, match="no edition until a person decides"):
        build(review, "0.2", "2026-10-05", ("t",), None)
    site = publish(store, tmp_path / "build")
    for page in ("index.html", "claims/D01/index.html"):
        assert "suspended" in (site / page).read_text(encoding="utf-8")


def test_a_retraction_touches_no_gate_of_the_site_whatever_the_claim_is(root: Path) -> None:
    """A question without levels too, and other claims of the same question with their signatures."""
    replaced(
        "data/claims/D04.yaml",
        "support: not_verifiable",
        "for: [brackwater-2024]\nsupport: supported",
    )(root)
    replaced(
        "data/questions/lesion-mechanism.yaml",
        "about:",
        "studies: [{study: brackwater-2024, results: [r1]}]\nabout:",
    )(root)
    twin = (root / D1).read_text(encoding="utf-8").replace("D01", "D07")
    twin = twin.replace("for: [brackwater-2024]", "neutral: [brackwater-2024]").replace(
        "support: supported", "support: unsupported"
    )
    twin = twin.replace("direction: benefit", "direction: not_estimable").replace(
        "status: graded\n  level: 3", "status: not_reproducible"
    )
    written("data/claims/D07.yaml", twin.encode())(root)
    assert check(Store(root).snapshot()) == []
    assert (
        cli.main(
            ["confirm", "D07", "--person", "reviewer-a", "--root", str(root)], today="2026-09-20"
        )
        == 0
    )
    retract(root)
    review = Review.of(Store(root).snapshot())
    assert {n: review.support(c) for n, c in review.claims.items()} == {
        "D01": "suspended",
        "D02": "partly",
        "D03": "supported",
        "D04": "suspended",
        "D07": "unsupported",
    }
    assert check(Store(root).snapshot(), allow_suspended=True) == []
    assert {p.path for p in check(Store(root).snapshot())} >= {D1, "data/claims/D04.yaml"}


def test_a_person_s_decision_ends_the_suspension(root: Path) -> None:
    retract(root)
    replaced(D1, "for: [brackwater-2024]", "neutral: [brackwater-2024]")(root)
    replaced(D1, "support: supported", "support: unsupported")(root)
    replaced(D1, "direction: benefit", "direction: not_estimable")(root)
    replaced(D1, "status: graded\n  level: 3", "status: not_reproducible")(root)
    assert check(Store(root).snapshot()) == []


def test_a_suspended_claim_reads_suspended_on_every_page(root: Path, tmp_path: Path) -> None:
    from review.publishing.publish import publish

    retract(root)
    site = publish(Store(root), tmp_path / "build")
    for page in (
        "index.html",
        "claims/index.html",
        "claims/D01/index.html",
        "questions/tarvolimab-pain/index.html",
        "treatments/tarvolimab/index.html",
        "seed/index.html",
    ):
        text = (site / page).read_text(encoding="utf-8")
        assert '<span class="lr-badge lr-bad">suspended</span>' in text, page
    assert '<span class="lr-badge lr-good">supported' not in (
        site / "claims/D01/index.html"
    ).read_text(encoding="utf-8")
    row = next(
        line
        for line in (site / "claims.csv").read_text(encoding="utf-8").splitlines()
        if line.startswith("D01")
    )
    assert ",suspended," in row
    plain = (site / "patients" / "index.html").read_text(encoding="utf-8")
    assert "in favour of the treatment" not in plain


def test_a_claim_is_no_stronger_than_the_studies_it_rests_on(root: Path) -> None:
    """A better study beside it lends its level to the question, not to the claim."""
    path = "data/questions/sedanepril-pain.yaml"
    replaced(path, "results: [r1]}", "results: [r1]}\n  - {study: brackwater-2024, results: [r1]}")(
        root
    )
    replaced(D2, "neutral: [birchcombe-2014]", "neutral: [birchcombe-2014, brackwater-2024]")(root)
    review = Review.of(Store(root).snapshot())
    assert review.headline["sedanepril-pain"].level == 2
    one = review.claim_grades["D02"]
    assert (one.level, one.reasons[-1]["en"]) == (
        4,
        "rests on studies of level 4; the question's 2 comes from others",
    )


def test_another_study_s_level_lends_nothing_to_a_claim_without_one(root: Path) -> None:
    """The question keeps its level; a claim that rests on no study that was read has none."""
    replaced(D2, "for: [castlemere-2019]", "for: []")(root)
    replaced(D2, "neutral: [birchcombe-2014]", "neutral: [birchcombe-2014, castlemere-2019]")(root)
    review = Review.of(Store(root).snapshot())
    assert review.headline["sedanepril-pain"].level == 4
    one = review.claim_grades["D02"]
    assert (one.status, one.level) == (Status.NOT_REPRODUCIBLE, None)


def test_a_missing_translation_is_a_note_that_the_page_shows(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [
        (w.path, w.field)
        for w in notes(Store(root).snapshot(), "2026-09-10")
        if "translation" in w.sentence
    ]
    assert told == [("data/claims/D04.yaml", "sentence")]
    assert cli.main(["check", "--root", str(root)]) == 0
    assert (
        "note: data/claims/D04.yaml: sentence: no translation into zh yet"
        in capsys.readouterr().out
    )
    from review.publishing.publish import publish

    page = publish(Store(root), tmp_path / "build") / "zh" / "claims" / "index.html"
    assert '<span lang="en">Lesions of the dorsal horn cause the pain.</span>' in page.read_text(
        encoding="utf-8"
    )


def test_the_grades_of_claims_for_machines(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["grade", "--root", str(root), "--profile", "follow-up-counts", "--json"]
    assert cli.main(command) == 0
    found = {one["claim"]: one for one in json.loads(capsys.readouterr().out)}
    assert set(found) - {None} == {"D01", "D02", "D03", "D04"}
    assert {k: found["D02"][k] for k in ("status", "level", "seed_level", "studies")} == {
        "status": "graded",
        "level": 3,
        "seed_level": 3,
        "studies": ["castlemere-2019", "birchcombe-2014"],
    }
    assert found["D04"]["status"] == "not_gradable"
    assert found["D04"]["seed_level"] is None
    assert found["D01"]["single_study_levels"] == {"brackwater-2024": 3}


def test_words_that_are_no_term_and_terms_nobody_uses(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced("data/extractions/brackwater-2024.yaml", "value: tarvolimab", "value: tarvo")(root)
    assert cli.main(["vocabulary", "--missing", "--unused", "--json", "--root", str(root)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["missing"] == {"tarvo": ["data/extractions/brackwater-2024.yaml"]}
    assert "carbamazol" in found["unused"]
    assert "pain" not in found["unused"]
