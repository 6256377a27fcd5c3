"""The traps that other tools of this kind fell into, each as a test that bears its name."""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review import cli
from review.dedupe import find_duplicates
from review.dedupe.comparable import comparable
from review.dedupe.entries import of_record
from review.demo import SECOND
from review.editions.release import gate
from review.files.store import Store
from review.grading.review import Review
from review.ground.errors import Exit
from review.model.screening import Outcome, Stage
from review.offline.faults import Fault
from review.offline.world import Snapshot
from review.selection.flow import flow
from review.selection.library import Library
from review.selection.sheet import decision
from review.update.update import update as run_update
from tests.conftest import HOME, Dying, give_rows, serving
from tests.test_dedupe import BASE, record

Update = Callable[..., int]


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("tool", ["esearch", "efetch"])
@pytest.mark.parametrize("action", ["http_500", "error_in_200", "html_200", "empty_body"])
def test_error_swallowed_so_that_it_reads_no_new_evidence(
    update: Update, tool: str, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault(tool, 1, action, persistent=True)
    assert update(SECOND, "--json", faults=(fault,)) == Exit.SOURCE
    report = told(capsys)
    assert report["complete"] is False
    assert report["sources"][0]["searched_through"] != SECOND
    assert "no new" not in json.dumps(report)


def test_seen_ledger_written_before_the_digest_loses_evidence_after_a_crash(
    root: Path, snapshots: dict[str, Snapshot]
) -> None:
    with serving(snapshots[SECOND]):
        whole = run_update(Store(root), SECOND, dry_run=True)
        assert whole.candidates
        at = 0
        while True:
            try:
                run_update(Store(root, Dying(at)), SECOND)
            except KeyboardInterrupt:
                again = run_update(Store(root), SECOND, dry_run=True)
                assert again.candidates == whole.candidates, f"lost after write {at}"
                at += 1
                continue
            break
    assert at > 10


def test_relative_window_of_thirty_days_loses_a_skipped_month(
    root: Path, snapshots: dict[str, Snapshot], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["update", "--root", str(root), "--no-publish", "--json"]
    with serving(snapshots[SECOND]):
        assert cli.main([*arguments, "--dry-run"], today=SECOND) == Exit.NOTICE
        soon = told(capsys)
        assert cli.main([*arguments, "--dry-run"], today="2027-02-14") == Exit.NOTICE
        late = told(capsys)
    assert late["candidates"] == soon["candidates"]
    assert late["notices"] == soon["notices"]


def test_stop_at_first_known_record_misses_what_was_entered_late(
    update: Update, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update(SECOND, "--json") == Exit.NOTICE
    found = {c["id"] for c in told(capsys)["candidates"]}
    assert "pmid-900000037" in found, "known for a month, indexed only now: behind known records"
    search = store.searches()[-1]
    assert search.count == search.listed > len(search.new) > 0


def test_publication_date_instead_of_entrez_date_misses_the_back_dated(
    root: Path, snapshots: dict[str, Snapshot]
) -> None:
    with serving(snapshots[SECOND]) as service:
        cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND)
    assert service.log
    limits = {"mindate", "maxdate", "reldate", "datetype"}
    for request in service.log:
        assert not limits & set(request.parameters), "the whole strategy is run, with no window"
    assert "pmid-900000036" in Store(root).records(), "entered now, published years ago"


def test_update_to_read_on_the_wrong_record_flags_the_notice(update: Update, store: Store) -> None:
    update()
    library = Library.of(store.snapshot())
    records = store.records()
    article, notice = records["pmid-900000002"], records["pmid-900000031"]
    assert library.retraction(article.id) is not None
    assert library.retraction(notice.id) is None
    assert notice.is_notice
    assert library.suspended("brackwater-2024") is not None
    duplicates = store.duplicates()
    assert duplicates is not None
    link = next(r for r in duplicates.related if notice.id in (r.record, r.of))
    assert (link.record, link.of) == (notice.id, article.id), "the notice retracts the article"


def merged(*records: Any) -> set[frozenset[str]]:
    found = find_duplicates({r.id: r for r in records}, {}, {})
    return {frozenset(c.members) for c in found.clusters}


@pytest.mark.parametrize(
    "title",
    [
        f"Erratum: {BASE['title']}",
        f"Correction to: {BASE['title']}",
        f"Retraction: {BASE['title']}",
        f"Retraction notice to {BASE['title']}",
        f"Expression of concern: {BASE['title']}",
        f"Corrigendum to “{BASE['title']}”",
    ],
)
def test_notices_merged_into_the_article_by_dedupe(title: str) -> None:
    article, both = record("src-aaaaaaaaaa"), {frozenset(("src-aaaaaaaaaa", "src-bbbbbbbbbb"))}
    assert not merged(article, record("src-bbbbbbbbbb", title=title))
    assert merged(article, record("src-bbbbbbbbbb")) == both, "the same without the word is"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pain in marbled cord syndrome. Part I: methods", "Pain in marbled cord syndrome. Part II: methods"),
        ("Pain in marbled cord syndrome: the 2019 cohort", "Pain in marbled cord syndrome: the 2020 cohort"),
        ("Pain in marbled cord syndrome of adults", "Reply: Pain in marbled cord syndrome of adults"),
        ("Annual report of the marbled cord registry 7", "Annual report of the marbled cord registry 8"),
    ],
)  # fmt: skip
def test_part_one_and_two_yearly_cohorts_and_replies_merged_by_title(one: str, other: str) -> None:
    place = {"volume": None, "pages": None}
    first = record("src-aaaaaaaaaa", title=one, **place)
    assert not merged(first, record("src-bbbbbbbbbb", title=other, **place))
    both = {frozenset(("src-aaaaaaaaaa", "src-bbbbbbbbbb"))}
    assert merged(first, record("src-bbbbbbbbbb", title=one, **place)) == both


@pytest.mark.parametrize(
    "title",
    ["视神经脊髓炎的疼痛", "視神経脊髄炎の痛み", "Боль при оптикомиелите", "Πόνος στη μυελίτιδα", "ألم التهاب النخاع"],
)  # fmt: skip
def test_non_latin_titles_normalise_to_nothing(title: str) -> None:
    words, longer = (
        comparable(of_record(record("src-aaaaaaaaaa", title=printed))).words
        for printed in (title, title + " 甲")
    )
    assert words
    assert longer != words


def test_uncertain_pairs_dropped_when_no_pair_is_certain() -> None:
    pair = (record("src-aaaaaaaaaa"), record("src-bbbbbbbbbb", title=BASE["title"] + ": part II"))
    found = find_duplicates({r.id: r for r in pair}, {}, {})
    assert not found.clusters
    assert [(q.a, q.b) for q in found.queue] == [("src-aaaaaaaaaa", "src-bbbbbbbbbb")]


def test_quote_demanded_and_never_verified(
    root: Path, update: Update, capsys: pytest.CaptureFixture[str]
) -> None:
    update()
    path = root / "data" / "extractions" / "dunmore-2022.yaml"
    text = path.read_text(encoding="utf-8")
    assert '"92 consecutive patients"' in text
    path.write_text(text.replace('"92 consecutive patients"', '"92 invented patients"'), "utf-8")
    capsys.readouterr()
    assert cli.main(["check", "--texts", "--allow-suspended", "--root", str(root)]) == 40
    assert "dunmore-2022.yaml: sample[0].quote: the quote does not stand" in capsys.readouterr().out


def test_unverified_machine_rows_feed_the_published_figure(root: Path, update: Update) -> None:
    before = {
        name: grade.level for name, grade in Review.of(Store(root).snapshot()).headline.items()
    }
    lines = gate(Review.of(Store(root).snapshot()))
    unsigned = sum(int(line.split()[0]) for line in lines if "nobody has signed" in line)
    assert update() == Exit.NOTICE
    review = Review.of(Store(root).snapshot())
    assert "dunmore-2022" in review.library.extractions
    named = {s.study for q in review.questions.values() for s in q.studies}
    assert "dunmore-2022" not in named, "a draft answers no question until a person says so"
    after = {name: grade.level for name, grade in review.headline.items()}
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"tarvolimab-pain"}, "only the retraction moves a level"
    facts = [name for name, _ in review.library.extractions["dunmore-2022"].facts()]
    unsigned_now = sum(int(line.split()[0]) for line in gate(review) if "nobody has signed" in line)
    assert unsigned_now - unsigned >= len(facts) > 0, "every drafted value bars a verified edition"


def test_mocked_test_pins_the_wrong_url(root: Path, snapshots: dict[str, Snapshot]) -> None:
    """The real client is heard at the socket, where every other host is refused, and no test
    patches a private name of Bio.Entrez.
    """
    with serving(snapshots[SECOND]) as service:
        cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND)
    assert {request.tool for request in service.log} == {"esearch", "efetch", "epost"}
    paths = list((HOME / "tests").glob("*.py"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"Entrez[.](?:_\w+|urlopen)\b", text), path


def test_interactive_prompt_in_library_code(
    root: Path, snapshots: dict[str, Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = {
        (path.name, node.lineno)
        for folder in ("review", "extractors")
        for path in (HOME / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("input", "breakpoint"))
        or (isinstance(node, ast.Attribute) and node.attr == "stdin")
    }
    # pdf.py is read as a child's bytes, from a pipe; nobody is asked.
    assert asking, "they are seen where they stand"
    verbs = {"assign.py", "extract.py", "screen.py", "signing.py", "terminal.py"}
    assert {name for name, _ in asking} <= {"pdf.py", *verbs}

    class Silent(io.StringIO):
        def readline(self, *_: Any) -> str:
            raise AssertionError("the monthly job asked somebody")

        read = readline

    monkeypatch.setattr("sys.stdin", Silent())
    with serving(snapshots[SECOND]):
        assert cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND) == 20


def test_hand_patched_prisma_numbers(root: Path, update: Update) -> None:
    """Every count follows from the files: two people exclude one record, and the boxes follow."""
    update()
    store = Store(root)
    before = flow(Library.of(store.snapshot()))
    assert sum(n for _, n in before.by_source) + before.other_methods == before.identified
    waiting = Library.of(store.snapshot()).queue("reviewer-a", Stage.TITLE_ABSTRACT)[0].id
    for reviewer in ("reviewer-a", "reviewer-b"):
        row = decision(
            store.protocol,
            waiting,
            Stage.TITLE_ABSTRACT,
            Outcome.EXCLUDE,
            SECOND,
            criterion="animals",
        )
        give_rows(store, "screening", reviewer, row)
    after = flow(Library.of(Store(root).snapshot()))
    assert after == replace(
        before,
        screened=before.screened + 1,
        awaiting_screening=before.awaiting_screening - 1,
        excluded_title_abstract=before.excluded_title_abstract + 1,
    )
    for page in ("flow.j2", "index.j2"):
        words = re.sub(
            r"{[{%].*?[}%]}|<[^>]*>", "", (HOME / "site/templates" / page).read_text("utf-8")
        )
        assert not re.search(r"[0-9]{2,}", words), f"{page} has a number of its own"


def test_per_record_efetch(root: Path, snapshots: dict[str, Snapshot]) -> None:
    with serving(snapshots[SECOND]) as service:
        cli.main(["update", "--root", str(root), "--no-publish"], today=SECOND)
    fetches = [r for r in service.log if r.tool == "efetch"]
    fetched = Store(root).searches()[-1].fetched
    assert fetched > 40
    assert len(fetches) <= 4, f"{len(fetches)} calls for {fetched} records"


def test_stub_that_includes_everything_shipped_as_a_feature(update: Update, root: Path) -> None:
    """No machine decides: an update leaves every decision, pair and signature as people wrote it."""
    folders = ("screening", "pairs", "signatures", "claims", "questions")

    def decided() -> dict[str, bytes]:
        return {
            p.relative_to(root).as_posix(): p.read_bytes()
            for folder in folders
            for p in sorted((root / "data" / folder).glob("*"))
        }

    before, included = decided(), Library.of(Store(root).snapshot()).included
    assert update() == Exit.NOTICE
    assert decided() == before
    assert Library.of(Store(root).snapshot()).included == included
