"""The topic is data: another topic runs through the same code, and no code names this one."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest

from review import cli
from review.acts.decide import decide
from review.files.change import apply
from review.files.store import Store
from review.model.screening import Outcome, Stage
from review.offline.world import World
from review.publishing.publish import publish
from review.selection.library import Library
from tests.conftest import HOME, serving

HERE = Path(__file__).parent / "second_topic"
DAY = "2026-09-02"


def test_another_topic_runs_from_search_to_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "review"
    shutil.copytree(HERE, root)
    store = Store(root)
    snapshot = World.folder(HERE).as_of(DAY)
    command = ["update", "--root", str(root), "--no-publish"]
    with serving(snapshot):
        assert cli.main(command, today=DAY) == 10
    library = Library.of(store.snapshot())
    assert [r.id for r in library.queue("solo", Stage.TITLE_ABSTRACT)] == [
        "pmid-900000801",
        "pmid-900000802",
    ], "the tagged record comes first"

    monkeypatch.setattr("sys.stdin", io.StringIO("i\nq\n"))
    screening = ["screen", "--reviewer", "solo", "--root", str(root)]
    assert cli.main(screening, today=DAY) == 0
    full = decide(store.snapshot(), "solo", Stage.FULL_TEXT, "pmid-900000801", Outcome.INCLUDE, DAY)
    apply(store, full)
    with serving(snapshot):
        assert cli.main(command, today="2026-10-02") == 0
    draft = Store(root).extractions()["fennimore-2025"]
    (result,) = draft.results
    assert (result.outcome, result.events, result.total, result.percent) == (
        "poor-sleep",
        44,
        80,
        55,
    )
    assert cli.main(["check", "--root", str(root)]) == 0
    site = publish(Store(root), tmp_path / "build")
    page = (site / "studies" / "fennimore-2025" / "index.html").read_text(encoding="utf-8")
    assert "44 of 80 (55 %)" in page
    assert "inclusion by a single reviewer" in page
    assert not (site / "zh").exists()


TOPIC = re.compile(
    r"(?<![a-z])nmo(?!l)|neuromyelitis|devic|aquaporin|aqp4|mogad|spasm|neuropath|neuralg|analges|\bpain|headache|"
    r"tocilizumab|satralizumab|eculizumab|inebilizumab|rituximab|mycophenolate|gabapentin|"
    r"carbamazepine|\bnrs\b|mcgill|sf-36|eq-5d|marbled|tarvolimab|sedanepril|视神经|疼痛",
    re.IGNORECASE,
)


def test_no_word_of_the_topic_stands_in_the_code() -> None:
    found = []
    for folder in ("review", "extractors"):
        for path in sorted((HOME / folder).rglob("*")):
            if path.suffix not in (".py", ".yaml"):
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if TOPIC.search(line):
                    found.append(f"{path.relative_to(HOME)}:{number}: {line.strip()}")
    assert found == []
