"""ASReview itself loads what goes out to it, and what it writes comes back: ``make test-all``."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from review import cli
from review.files.store import Store
from review.model.screening import Stage
from review.selection.library import Library
from tests.conftest import HOME

pytestmark = pytest.mark.whole
PYTHON = HOME / ".venv-asreview" / "bin" / "python"
DAY = "2026-09-10"
LOAD = """
import json, sys
from asreview.data.loader import _get_reader, _get_writer, load_records
source, target = sys.argv[1:]
records = load_records(source, dataset_id="ours")
print(json.dumps([[r.title, r.included, r.authors, r.year, r.abstract] for r in records]))
frame = _get_reader(source).read_data(source)
labels = [r.included for r in records]
labels[labels.index(None)] = 1  # the first that waits is decided on
frame["asreview_label"] = labels
if target.endswith("ris"):
    frame["asreview_label"] = frame["asreview_label"].astype(object).where([x is not None for x in labels], None)
_get_writer(target).write_data(frame, target)
"""


@pytest.mark.parametrize("ending", [".csv", ".ris"])
def test_asreview_loads_ours_and_its_own_comes_back(
    root: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if not PYTHON.exists():
        pytest.skip("ASReview is not beside this checkout: make test-all installs .venv-asreview")
    command = ["screen", "--root", str(root), "--reviewer", "reviewer-a", "--format", "asreview"]
    ours, theirs = tmp_path / f"out{ending}", tmp_path / f"back{ending}"
    assert cli.main([*command, "--export", str(ours)], today=DAY) == 0
    done = subprocess.run(
        [str(PYTHON), "-c", LOAD, str(ours), str(theirs)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout.splitlines()[-1])
    library = Library.of(Store(root).snapshot())
    titles = {record.title for record in library.records.values()}
    assert len(loaded) > 10
    assert {title for title, *_ in loaded} <= titles
    assert {label for _, label, *_ in loaded} == {1, 0, None}
    assert any(authors and year and abstract for _, _, authors, year, abstract in loaded)
    (first, *_) = [title for title, label, *_ in loaded if label is None]
    before = len(Store(root).decisions()["reviewer-a"])
    assert cli.main([*command, "--import", str(theirs)], today=DAY) == 0
    capsys.readouterr()
    rows = Store(root).decisions()["reviewer-a"][before:]
    assert [(library.records[row.record].title, row.decision) for row in rows] == [
        (first, "include")
    ]
    assert rows[0].stage is Stage.TITLE_ABSTRACT
