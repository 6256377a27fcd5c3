"""Screening's acts beside deciding: undo over sessions, stale decisions, this month's records."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review import cli
from review.acts.decide import decide, withdraw
from review.acts.reconfirm import reconfirm
from review.acts.undo import LAST, undo, undoable
from review.checking.check import check
from review.cli.words import catalogue, words
from review.demo import DEMO
from review.files.change import apply
from review.files.store import Store
from review.ground.errors import ReviewError, UsageError
from review.model.base import Bilingual
from review.model.importing import Import
from review.model.screening import Decision, Outcome, Stage
from review.publishing.publish import publish
from review.searching.imports import import_file
from review.selection.editorial import Rewording, guarded, objection, ways
from review.selection.library import Library, latest
from review.selection.sheet import decision
from tests.test_files import replaced
from tests.test_screen import DAY, rows, session

A = "reviewer-a"
TITLE, FULL = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
WAITS, OTHER = "pmid-900000010", "pmid-900000001"


def decides(
    store: Store, record: str, outcome: Outcome, stage: Stage = TITLE, **beside: str
) -> None:
    apply(store, decide(store.snapshot(), A, stage, record, outcome, DAY, **beside))


def stands(store: Store, record: str, stage: Stage = TITLE) -> Decision | None:
    return Library.of(store.snapshot()).decided(record, stage).get(A)


# ---- undo ----------------------------------------------------------------------------------------


def test_what_was_skipped_is_shown_again_and_no_row_says_that_it_was_taken_back(
    store: Store,
) -> None:
    before = rows(store)
    text, saved = session(store, "s\nb\ni\nq\n")
    queue = Library.of(Store(store.root).snapshot())
    assert [d for _, d, _ in rows(store)[len(before) :]] == ["include"]
    assert saved == 1
    assert "The record you skipped is shown again; nothing was saved." in text
    shown = [line for line in text.splitlines() if line.startswith("[1/")]
    assert len(shown) == 2
    assert len(set(shown)) == 1
    assert len(queue.decisions[A]) == len(before) + 1


def test_undo_goes_on_where_an_earlier_session_ended(store: Store) -> None:
    before = rows(store)
    session(store, "i\nu\nq\n")
    text, _ = session(store, "b\ne\n3\nq\n")
    added = rows(store)[len(before) :]
    assert [d for _, d, _ in added] == ["include", "unsure", "withdrawn", "exclude"]
    assert added[1][0] == added[2][0] == added[3][0]
    assert "(unsure, 2026-09-10) is taken back" in text


def test_the_command_takes_back_the_last_of_any_stage_and_rewrites_no_row(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(root)
    path = root / "data/screening/reviewer-a.csv"
    decides(store, WAITS, Outcome.INCLUDE)
    decides(store, OTHER, Outcome.UNSURE, FULL)
    before = path.read_bytes()
    earlier = store.decisions()[A][:-1]
    command = ["screen", "--root", str(root), "--reviewer", A, "--undo", "2", "--json"]
    assert cli.main(command, today="2026-10-01") == 0
    assert json.loads(capsys.readouterr().out)["undone"] == [
        [OTHER, "full_text", "unsure"],
        [WAITS, "title_abstract", "include"],
    ]
    assert path.read_bytes().startswith(before)
    assert stands(store, WAITS) is None
    held = latest(earlier, lambda one: one).get((OTHER, FULL))
    now = stands(store, OTHER, FULL)
    assert held is not None
    assert now is not None
    assert (now.decision, now.protocol) == (held.decision, held.protocol)
    assert cli.main([*command[:-2], "1"], today="2026-10-01") == 0
    assert "is taken back." in capsys.readouterr().out


def test_the_last_twenty_can_be_taken_back_and_not_one_more(store: Store) -> None:
    for outcome in [Outcome.INCLUDE, Outcome.UNSURE] * 13:
        decides(store, WAITS, outcome)
    with pytest.raises(UsageError, match="expected a number from 1 to 20"):
        undo(store.snapshot(), A, DAY, count=LAST + 1)
    change = undo(store.snapshot(), A, DAY, count=LAST)
    apply(store, change)
    assert len(change.told) == LAST
    row = stands(store, WAITS)
    assert row is not None
    assert row.decision is Outcome.UNSURE
    with pytest.raises(UsageError, match="has 0 decisions to take back"):
        undo(store.snapshot(), A, DAY)


def test_nothing_is_taken_back_that_was_never_decided(store: Store) -> None:
    before = rows(store)
    with pytest.raises(UsageError, match=f"{WAITS}: {A} has decided nothing at title_abstract"):
        withdraw(store.snapshot(), A, TITLE, WAITS, DAY)
    decides(store, WAITS, Outcome.INCLUDE)
    apply(store, withdraw(store.snapshot(), A, TITLE, WAITS, DAY))
    with pytest.raises(UsageError, match="has decided nothing"):
        withdraw(store.snapshot(), A, TITLE, WAITS, DAY)
    assert len(rows(store)) == len(before) + 2


PROTOCOL = Store(DEMO).protocol
MOVES = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["pmid-900000001", "pmid-900000002", "pmid-900000003"]),
            st.sampled_from([Outcome.INCLUDE, Outcome.UNSURE]),
        ),
        st.just(None),
    ),
    max_size=14,
)


@given(MOVES)
def test_any_row_of_decisions_and_undos_ends_where_the_decisions_left_end(
    moves: list[tuple[str, Outcome] | None],
) -> None:
    """Undo is the inverse of the last decision that stands: as if it had never been taken."""
    written: list[Decision] = []
    model: list[tuple[str, Outcome]] = []
    for move in moves:
        if move is not None:
            written.append(decision(PROTOCOL, move[0], TITLE, move[1], DAY))
            model.append(move)
            continue
        found = undoable(written, lambda one: one)
        assert bool(found) == bool(model)
        if not found:
            continue
        last = found[-1]
        assert (last.row.record, last.row.decision) == model.pop()
        written.append(decision(PROTOCOL, last.row.record, TITLE, Outcome.WITHDRAWN, DAY))
        if last.before is not None:
            written.append(last.before)
    now = latest(written, lambda one: one)
    assert {record: row.decision for (record, _), row in now.items()} == dict(model)


# ---- this month's records, and what stands on the screen -----------------------------------------


def test_this_month_s_records_come_first_and_alone_where_asked(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    library = Library.of(store.snapshot())
    assert library.month == "2026-09"
    one = library.queue(A, TITLE)[-1].id
    old = Import.model_validate(
        {
            "format": 1,
            "source": "embase",
            "platform": "Embase",
            "date": "2026-10-02",
            "run": 1,
            "file": "x.ris",
            "sha256": "0" * 64,
            "encoding": "utf-8",
            "format_name": "ris",
            "found": 1,
            "new": (one,),
            "tool": "test",
        },
        strict=False,
    )
    history = replace(
        library,
        imports=(old,),
        searches=[s.model_copy(update={"new": ()}) for s in library.searches],
    )
    assert history.month == "2026-10"
    assert next(r.id for r in history.queue(A, TITLE)) == one
    assert [r.id for r in history.queue(A, TITLE) if history.is_new(r.id)] == [one]
    command = ["screen", "--root", str(store.root), "--list", "--new", "--reviewer", A, "--json"]
    assert cli.main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["waiting"] == told["new"]
    assert len(told["new"]) == len(library.queue(A, TITLE)) > 0


@pytest.mark.parametrize(
    ("said", "tags"),
    [
        ("TI  - Chronic pain of the back", ("pain",)),
        ("TI  - Something\nAB  - It was about quality of life.", ("quality-of-life",)),
        ("TI  - Something\nKW  - velutine", ("treatment",)),
        ("TI  - Something\nKW  - Quality of Life", ("quality-of-life",)),
        ("TI  - Something\nKW  - Ache", ("heading",)),
        ("TI  - Something\nAB  - an ache", ()),
        ("TI  - Something", ()),
    ],
)
def test_an_imported_record_gets_the_protocol_s_tags_and_stands_in_its_place(
    root: Path, said: str, tags: tuple[str, ...]
) -> None:
    replaced(
        "protocol.yaml",
        "eligibility:\n",
        "  - {id: heading, label: {en: ache}, query: 'Ache[mh]'}\neligibility:\n",
    )(root)
    path = root / "x.ris"
    path.write_text(f"TY  - JOUR\n{said}\nAU  - Example, A\nPY  - 2020\nER  - \n", encoding="utf-8")
    report = import_file(
        Store(root), path, source="embase", platform="Embase", searched="2026-09-20"
    )
    (one,) = report.new
    library = Library.of(Store(root).snapshot())
    assert library.records[one].tags == tags
    order = [tag.id for tag in library.protocol.tags]
    best = order.index(tags[0]) if tags else len(order)
    assert library.rank(library.records[one])[0] == (False, best)


def test_the_screen_shows_type_text_and_numbered_criteria_and_help_shows_them_again(
    store: Store,
) -> None:
    text, saved = session(store, "?\nq\n")
    assert saved == 0
    assert "\ntype: " in text
    assert "full text: not held; put yours in: review fulltext --record pmid-9" in text
    assert text.count("  3 animals or cells only") == 2
    assert text.count("  1 not met: people with marbled cord syndrome") == 2
    assert "exclude it; then the number of the criterion" in text
    assert "https://" not in text, "a demonstration's numbers lead nowhere"


def test_a_real_review_s_record_has_its_links(root: Path) -> None:
    from review.selection.links import links

    library = Library.of(Store(root).snapshot())
    real = library.protocol.model_copy(update={"fictional": False})
    record = library.records[OTHER].model_copy(update={"doi": "10.5555/a<b>(1)"})
    assert links(real, record) == (
        ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/900000001/"),
        ("DOI", "https://doi.org/10.5555/a%3Cb%3E%281%29"),
    )
    assert links(library.protocol, record) == ()


def test_a_note_is_saved_with_the_decision_and_said_to_be_public(store: Store) -> None:
    text, _ = session(store, "n\nmice, I think\ni\nu\nq\n")
    first, second = store.decisions()[A][-2:]
    assert (first.note, second.note) == ("mice, I think", "")
    assert "it becomes public with the review" in text


def test_a_note_that_a_file_can_not_hold_is_refused_and_the_session_goes_on(store: Store) -> None:
    text, saved = session(store, f"n\na\x07b\nn\n{'x' * 2001}\ni\nq\n")
    assert saved == 1
    assert store.decisions()[A][-1].note == ""
    assert text.count("nothing was kept") == 2


def test_together_reviewers_see_who_said_what_and_alone_they_do_not(store: Store) -> None:
    for who, outcome in ((A, Outcome.INCLUDE), ("reviewer-b", Outcome.UNSURE)):
        apply(store, decide(store.snapshot(), who, TITLE, WAITS, outcome, DAY, note=f"by {who}"))
    together, _ = session(store, "q\n", reviewer="consensus")
    assert f"reviewer-a decided include on {DAY}; note: by reviewer-a" in together
    assert f"reviewer-b decided unsure on {DAY}; note: by reviewer-b" in together
    alone, _ = session(store, "s\n" * 60)
    assert "by reviewer-b" not in alone


@pytest.mark.parametrize(
    "arguments",
    [
        ["--new", "--stale"],
        ["--undo", "1", "--list"],
        ["--new", "--export", "x.csv"],
        ["--stale", "--reconfirm", "x"],
    ],
)
def test_options_that_do_not_go_together_are_refused(
    root: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["screen", "--root", str(root), "--reviewer", A, *arguments]) == 2
    assert "expected one of them" in capsys.readouterr().err


def test_every_word_of_the_command_line_is_a_sentence_that_takes_its_slots() -> None:
    assert len(catalogue("en")) > 20
    assert words("screen.nothing", reviewer="x", stage="y") == "Nothing waits for x at y."
    with pytest.raises(KeyError):
        words("no such key")


# ---- stale decisions -----------------------------------------------------------------------------

OLD = '{en: "animals or cells only", zh: "仅动物或细胞"}'


def reworded(root: Path, new: str, declared: str = "reviewer-a") -> None:
    """The criterion about animals in other words, as a person declares it."""
    replaced("protocol.yaml", OLD, new)(root)
    with (root / "protocol.yaml").open("a", encoding="utf-8") as file:
        file.write(
            'amendments:\n  - date: "2026-09-20"\n    change: wording\n    reason: clearer\n'
        )
        if declared:
            file.write(
                f"    editorial:\n      by: {declared}\n      criteria:\n"
                f"        - {{criterion: animals, before: {OLD}}}\n"
            )


SPELT = '{en: "animals, or cells only", zh: "仅动物或细胞"}'


def test_stale_decisions_are_shown_again_and_decided_one_by_one(root: Path) -> None:
    store = Store(root)
    replaced("protocol.yaml", OLD, '{en: "mice only", zh: "仅动物或细胞"}')(root)
    count = len(
        [1 for who, row in Library.of(store.snapshot()).stale() if who == A and row.stage is TITLE]
    )
    text, saved = session(store, "i\nq\n", stale=True)
    assert saved == 1
    assert (
        f"{count} decisions of reviewer-a at title and abstract were taken under criteria" in text
    )
    assert "under criteria that have changed since" in text.split("decision?")[0]
    now = [
        row
        for who, row in Library.of(Store(root).snapshot()).stale()
        if who == A and row.stage is TITLE
    ]
    assert len(now) == count - 1


def test_an_editorial_amendment_lets_all_decisions_stand_in_one_act_that_says_so(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(root)
    held = len(Library.of(store.snapshot()).decisions[A])
    reworded(root, SPELT)
    stale = [row for who, row in Library.of(store.snapshot()).stale() if who == A]
    assert len(stale) > 10
    command = ["screen", "--root", str(root), "--reviewer", A, "--reconfirm", "a comma"]
    assert cli.main(command, today=DAY) == 0
    assert f"{len(stale)} decisions of reviewer-a re-confirmed in bulk" in capsys.readouterr().out
    added = store.decisions()[A][held:]
    assert {(row.record, row.stage, row.decision, row.criterion) for row in added} == {
        (row.record, row.stage, row.decision, row.criterion) for row in stale
    }
    assert {(row.amendment, row.note) for row in added} == {("2026-09-20", "a comma")}
    assert not [row for who, row in Library.of(store.snapshot()).stale() if who == A]
    assert check(store.snapshot()) == []
    assert cli.main(command, today=DAY) == 2
    assert "no decision of reviewer-a is stale" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{en: "animals and cells only", zh: "仅动物或细胞"}', "or"),
        ('{en: "no animals or cells only", zh: "仅动物或细胞"}', "no"),
        ('{en: "2 animals or cells only", zh: "仅动物或细胞"}', "2"),
        ('{en: "mice or cells only", zh: "仅动物或细胞"}', "animals"),
        ('{en: "animals or cells only, with pain", zh: "仅动物或细胞"}', "pain"),
        ('{en: "animals or cells only", zh: "动物或细胞"}', "仅"),
        ('{en: "animals or cells only", zh: "仅动物和细胞"}', "或"),
    ],
)
def test_a_change_of_sense_is_no_matter_of_editing(root: Path, text: str, word: str) -> None:
    store = Store(root)
    reworded(root, text)
    before = rows(store)
    with pytest.raises(UsageError, match="is no matter of editing") as caught:
        reconfirm(store.snapshot(), A, "a comma", DAY)
    assert word in str(caught.value).split("'")[1]
    assert rows(store) == before


@pytest.mark.parametrize(
    ("before", "after", "fits"),
    [
        ("adults of a cohort", "adults of one cohort", False),
        ("a randomised trial", "a randomized trial", True),
        ("data not shown but read", "data shown but not read", False),
        ("a controlled trial", "an uncontrolled trial", False),
        ("at least ten cases", "at least ten reports", False),
        ("reports, at least ten", "reports: at least ten", True),
        ("cord syndrome", "brain syndrome", False),
        ("another subject", "other subject", True),
    ],
)
def test_what_counts_as_words_alone(root: Path, before: str, after: str, fits: bool) -> None:
    snapshot = Store(root).snapshot()
    words_ = guarded(snapshot.questions().values(), snapshot.vocabulary().values())
    change = Rewording("x", Bilingual(en=before), Bilingual(en=after))
    assert (objection(change, words_) is None) == fits
    back = Rewording("x", Bilingual(en=after), Bilingual(en=before))
    assert (objection(back, words_) is None) == fits


def test_a_translation_that_is_added_is_words_alone_where_the_other_text_stayed() -> None:
    none = guarded((), ())
    en = Bilingual(en="animals only")
    both = Bilingual(en="animals only", zh="仅动物")
    assert objection(Rewording("x", en, both), none) is None
    assert objection(Rewording("x", en, Bilingual(en="animals", zh="仅动物")), none) is not None


def test_what_nobody_declared_or_more_than_was_declared_is_not_re_confirmed(root: Path) -> None:
    reworded(root, SPELT, declared="")
    with pytest.raises(UsageError, match="no amendment in protocol"):
        reconfirm(Store(root).snapshot(), A, "a comma", DAY)


def test_a_declaration_proves_nothing_for_another_criterion_that_changed_too(root: Path) -> None:
    reworded(root, SPELT)
    assert len(ways(Store(root).protocol)) == 1
    replaced("protocol.yaml", '"people with marbled cord syndrome"', '"people with it"')(root)
    with pytest.raises(UsageError, match="no amendment in protocol"):
        reconfirm(Store(root).snapshot(), A, "a comma", DAY)


def test_who_declares_is_a_person_of_the_protocol(root: Path) -> None:
    reworded(root, SPELT, declared="somebody")
    with pytest.raises(ReviewError, match="found somebody, expected a person of people"):
        reconfirm(Store(root).snapshot(), A, "a comma", DAY)


@pytest.mark.parametrize("sentence", ["", "  ", "a\nb", "x" * 2001])
def test_a_bulk_decision_says_why_in_one_line(root: Path, sentence: str) -> None:
    reworded(root, SPELT)
    with pytest.raises(UsageError, match="expected one line of 1 to 2000 characters"):
        reconfirm(Store(root).snapshot(), A, sentence, DAY)


def test_methods_count_bulk_decisions_and_show_the_words_before_and_after(root: Path) -> None:
    store = Store(root)
    reworded(root, SPELT)
    change = reconfirm(store.snapshot(), A, "a comma", DAY)
    apply(store, change)
    publish(store, root / "build")
    page = (root / "build" / "html" / "methods" / "index.html").read_text(encoding="utf-8")
    assert f"{len(change.told)} of " in page
    assert "re-confirmed in bulk" in page
    assert "animals or cells only" in page
    assert "animals, or cells only" in page
    assert "declared editorial by reviewer-a" in page
