"""Late findings: a text that came after the draft is offered, and never put over a person's value."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from review import cli
from review.acts.reread import take
from review.acts.sign import sign
from review.checking.check import check
from review.demo import copy_review
from review.extraction.again import Offer, offers
from review.extraction.extract import lexicon
from review.files.change import apply
from review.files.store import Store
from review.ground.errors import UsageError
from review.ground.yaml import parse
from review.selection.library import Library
from tests.conftest import tree
from tests.test_files import replaced
from tests.test_fulltext import internet

DAY, A, STUDY = "2026-10-05", "reviewer-a", "dunmore-2022"
FILE = f"data/extractions/{STUDY}.yaml"
READ = ["extract", "--study", STUDY, "--again"]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that was drafted of its abstract before its full text came."""
    root = tmp_path_factory.mktemp("late") / "review"
    copy_review(root)
    with internet():
        assert cli.main(["update", "--root", str(root), "--no-publish"], today="2026-10-01") == 20
        assert cli.main(["fulltext", "--root", str(root)], today="2026-10-02") == 0
    return root


@pytest.fixture
def root(drafted: Path, tmp_path: Path) -> Path:
    target = tmp_path / "review"
    shutil.copytree(drafted, target)
    return target


def run(root: Path, *typed: str) -> int:
    return cli.main([*typed, "--root", str(root)], today=DAY)


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def offered(root: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    assert run(root, *READ, "--json") == 0
    return {one["key"]: one for one in told(capsys)["offers"]}


# ---- what is offered ------------------------------------------------------------------------------


def test_extract_offers_what_a_later_text_says(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(root, ".review.lock")
    assert run(root, "extract") == 0
    line = f"{STUDY}: 9 findings of pmid-900000004 (jats), which its file was made without; run: "
    assert f"{line}review extract --study {STUDY} --again" in capsys.readouterr().out
    assert run(root, "extract", "--json") == 0
    facts = told(capsys)
    assert {*facts["late"]} == {STUDY, "brackwater-2024"}
    assert {one["key"] for one in facts["late"][STUDY]} >= {"harms", "funding", "results.r3"}
    assert tree(root, ".review.lock") == before


def test_reading_again_shows_old_new_quote_and_place(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(root, ".review.lock")
    assert run(root, *READ) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("harms: not checked -> 3 of 40")
    assert lines[at + 1] == '    "Adverse events occurred in 3 of 40"  (section Results)'
    assert "nothing was written" in lines[-1]
    assert tree(root, ".review.lock") == before


def test_a_draft_that_was_made_with_the_text_is_offered_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / FILE).unlink()
    assert run(root, "extract", "--json") == 0
    facts = told(capsys)
    assert (facts["drafts"], STUDY in facts["late"]) == ([STUDY], False)
    assert offered(root, capsys) == {}


def test_who_read_the_text_since_is_not_reminded(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = 'harms: {value: "none", quote: "none", locator: "section Results", source_tier: primary, read_at: "2026-10-02", by: reviewer-a}'
    replaced(FILE, "harms:\n  missing: not_checked", own)(root)
    assert run(root, "extract", "--json") == 0
    assert {*told(capsys)["late"]} == {"brackwater-2024"}


# ---- what is taken --------------------------------------------------------------------------------


def test_a_value_is_taken_by_span_and_stays_to_be_signed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = offered(root, capsys)
    before = (root / FILE).read_text(encoding="utf-8")
    typed = [*READ, "--person", A, "--take", "harms", "--take", "results.r3", "--take", "arms[0]"]
    assert run(root, *typed, "--json") == 0
    assert told(capsys)["taken"] == ["harms", "results.r3", "arms[0]"]
    store = Store(root)
    extraction = store.extractions()[STUDY]
    assert extraction.harms is not None
    assert (extraction.harms.value, extraction.harms.missing) == ("3 of 40", None)
    assert (extraction.harms.by or "").startswith("extraction rules")
    assert extraction.harms.read_at == "2026-10-02"
    assert [one.id for one in extraction.results] == ["r1", "r2", "r3"]
    assert [(one.label, one.people) for one in extraction.arms] == [("Subtype Grey", 52)]
    after = (root / FILE).read_text(encoding="utf-8")
    gone = [line for line in before.splitlines() if line not in after.splitlines()]
    assert gone == []
    assert after.count("missing: not_checked") == before.count("missing: not_checked") - 1
    names = list(parse(after.encode(), "f").value)
    assert names.index("sample") + 1 == names.index("arms")
    left = {one["now"] for one in offered(root, capsys).values()}
    taken = {keys[one]["now"] for one in ("harms", "results.r3", "arms[0]")}
    assert left == {one["now"] for one in keys.values()} - taken
    assert run(root, "check", "--allow-suspended") == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_each_is_asked_for(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [*offered(root, capsys)]
    monkeypatch.setattr("sys.stdin", Terminal("n\nmaybe\ny\nq\n"))
    assert run(root, *READ, "--person", A) == 0
    shown = capsys.readouterr()
    assert f"1 of {len(keys)} taken by reviewer-a: {keys[1]}" in shown.out
    assert shown.err.count("? ") == 4
    assert shown.err.count('    "') == 3
    extraction = Store(root).extractions()[STUDY]
    assert extraction.follow_up is not None
    assert extraction.follow_up.value is None, "what was left is left"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["extract", "--again"], "--again needs --study ID: what is read again?"),
        (["extract", "--take", "harms"], "--take and --person go with --study ID --again"),
        ([*READ, "--take", "harms"], "--take needs --person ID: who takes it?"),
        ([*READ, "--person", A, "--take", "x"], "--take x: not among what was read again (follow_up, "),
        ([*READ, "--person", "nobody", "--take", "harms"], "--person nobody: not among the people"),
        ([*READ, "--person", "reviewer-b", "--take", "harms"], "--person reviewer-b: has the roles screening"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_line(
    root: Path, capsys: pytest.CaptureFixture[str], typed: list[str], sentence: str
) -> None:
    before = tree(root, ".review.lock")
    assert run(root, *typed) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"review extract: {sentence}")
    assert tree(root, ".review.lock") == before


PLACE = 'quote: "words", locator: "page 3", source_tier: primary, read_at: "2026-09-20"'


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (f'{{value: "2 of 40", {PLACE}, by: reviewer-a}}', "entered by reviewer-a"),
        (f'{{value: "2 of 40", {PLACE}, by: "fact base, one reader"}}', "entered by fact base"),
        (f"{{missing: not_reported, {PLACE}, by: reviewer-a}}", "entered by reviewer-a"),
        ("{missing: unclear}", "the file says unclear"),
        ("{missing: not_applicable}", "the file says not applicable"),
    ],
)
def test_nothing_is_put_over_what_a_person_entered(
    root: Path, capsys: pytest.CaptureFixture[str], held: str, why: str
) -> None:
    replaced(FILE, "harms:\n  missing: not_checked", f"harms: {held}")(root)
    one = offered(root, capsys)["harms"]
    assert one["kept_for"].startswith(why)
    before = tree(root, ".review.lock")
    assert run(root, *READ, "--person", A, "--take", "harms") == 2
    assert f"harms: {why}" in (error := capsys.readouterr().err)
    assert "nothing is put over it, change it by hand" in error
    assert tree(root, ".review.lock") == before


def harms(store: Store) -> Offer:
    """What is offered for the harms, of a draft that a rule made of something else."""
    library = Library.of(store.snapshot())
    from review.cli.extract import _offers

    found, _ = _offers(store, library, lexicon(store.vocabulary()), STUDY)
    return next(one for one in found if one.key == "harms")


MACHINE = f'harms: {{value: "2 of 40", {PLACE}, by: "extraction rules 3 adverse_events/fraction"}}'


def test_a_rule_s_value_gives_way_and_a_signed_one_does_not(root: Path) -> None:
    replaced(FILE, "harms:\n  missing: not_checked", MACHINE)(root)
    store = Store(root)
    offer = harms(store)
    assert (offer.before, offer.kept_for) == ("2 of 40", None)
    extraction = store.extractions()[STUDY]
    assert extraction.harms is not None
    words = extraction.harms.model_copy(update={"value": "words"})
    extraction = extraction.model_copy(update={"harms": words})
    replaced(FILE, 'value: "2 of 40"', 'value: "words"')(root)
    with pytest.raises(UsageError, match="harms: changed since it was shown; look again"):
        take(store.snapshot(), A, STUDY, offer)
    offer = harms(store)
    apply(store, sign(store.snapshot(), A, extraction, "harms", DAY))
    with pytest.raises(UsageError, match="harms: signed by reviewer-a; nothing is put over it"):
        take(store.snapshot(), A, STUDY, offer)


def test_a_rule_s_value_is_written_anew(root: Path) -> None:
    replaced(FILE, "harms:\n  missing: not_checked", MACHINE)(root)
    store = Store(root)
    apply(store, take(store.snapshot(), A, STUDY, harms(store)))
    extraction = store.extractions()[STUDY]
    assert extraction.harms is not None
    assert extraction.harms.value == "3 of 40"
    assert [one for one in check(store.snapshot(), allow_suspended=True) if STUDY in one.path] == []


def test_what_stands_there_meanwhile_is_not_written_twice(root: Path) -> None:
    store = Store(root)
    extraction = store.extractions()[STUDY]
    library = Library.of(store.snapshot())
    from review.cli.extract import _offers

    found, _ = _offers(store, library, lexicon(store.vocabulary()), STUDY)
    by_key = {one.key: one for one in found}
    apply(store, take(store.snapshot(), A, STUDY, by_key["results.r3"]))
    assert take(store.snapshot(), A, STUDY, by_key["results.r3"]).writes == ()
    other = by_key["results.r4"]
    named = other.now.model_copy(update={"id": "r3"})
    clash = Offer("results.r3", "results", other.report, None, named, other.plain)
    with pytest.raises(UsageError, match=r"results\.r3: is another result since it was shown"):
        take(store.snapshot(), A, STUDY, clash)
    assert offers(extraction, {"x": extraction}) == []


# ---- what is missing ------------------------------------------------------------------------------


def test_extract_says_what_is_missing_after_title_screening(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / FILE).unlink()
    (path,) = (root / "data/records").rglob("pmid-900000004.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    record.pop("abstract")
    path.write_text(json.dumps(record), encoding="utf-8")
    for text in (root / "data/texts").rglob("pmid-900000004.txt"):
        text.unlink()
    assert run(root, "extract") == 0
    out = capsys.readouterr().out
    assert (
        "included reports without a draft (1): pmid-900000004 (its abstract is not on this" in out
    )
    assert "8 of 9 included reports have no full text here: doi-232e5167a3, " in out
    waits = "2 records that were included by title wait for a full-text decision, 2 of them without"
    assert f"{waits} a text here: pmid-900000014, pmid-900000015; run: review fulltext" in out
    assert run(root, "extract", "--json") == 0
    facts = told(capsys)
    assert facts["without_draft"] == {"pmid-900000004": "its abstract is not on this machine"}
    assert facts["awaiting_full_text"] == {"pmid-900000014": False, "pmid-900000015": False}
    assert "pmid-900000004" not in facts["without_text"]
