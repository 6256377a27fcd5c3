"""The demonstration as a newcomer runs it, from its copy to its site."""

from __future__ import annotations

from pathlib import Path

import pytest

from review import demo


def test_the_demonstration_goes_as_it_should(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The layout of ``make demo``: the review's copy stands inside the folder that is built into."""
    assert demo.main(["--out", str(tmp_path / "demo")]) == 0
    printed = capsys.readouterr()
    assert "NOT AS IT SHOULD BE" not in printed.err
    assert "the update's own exit code: 20" in printed.out
    assert (tmp_path / "demo" / "html" / "zh" / "index.html").is_file()


def test_a_build_over_the_program_or_the_review_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from review import cli

    before = sorted(root.iterdir())
    assert cli.main(["publish", "--root", str(root), "--out", str(root)]) == 60
    assert "expected a build folder" in capsys.readouterr().err
    assert sorted(root.iterdir()) == before
    with pytest.raises(SystemExit):
        demo.main(["--out", str(demo.HOME)])
