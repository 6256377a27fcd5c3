"""The demonstration as a newcomer runs it, from its copy to its site."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from review import cli, demo
from review.cli.services import services
from review.demo import FIRST, SECOND
from review.files.change import INTENT
from review.files.store import Store
from review.ground.errors import Exit, SourceError
from review.offline.redirect import offline
from review.offline.world import Snapshot
from review.selection.library import Library
from tests.conftest import HOME, serving, tree


def emptied(world: Path) -> None:
    for path in world.glob("*.xml"):
        path.unlink()


def broken(world: Path) -> None:
    (world / "2026-09-15.xml").write_text("<PubmedArticleSet><PubmedArt", encoding="utf-8")


def test_the_demonstration_goes_as_it_should(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The layout of ``make demo``: the review's copy stands inside the folder that is built into."""
    assert demo.main(["--out", str(tmp_path / "demo")]) == 0
    printed = capsys.readouterr()
    assert "NOT AS IT SHOULD BE" not in printed.err
    assert "the update's own exit code: 20" in printed.out
    assert (tmp_path / "demo" / "html" / "zh" / "index.html").is_file()
    commands = [line.strip() for line in printed.out.splitlines() if "--root" in line]
    assert len(commands) == 3
    assert printed.out.rstrip().endswith(commands[-1])
    if date.today().isoformat() < SECOND:
        pytest.skip(f"this machine's clock stands before {SECOND}, the demonstration's month")
    for command, words in zip(
        commands, ("last edition", "wait, 1 conflicts", "Exit 0: nothing new"), strict=True
    ):
        done = typed(command)
        assert done.returncode == 0, done.stderr
        assert words in done.stdout


def typed(command: str) -> subprocess.CompletedProcess[str]:
    """A line as a person types it, where no network leads out."""
    return subprocess.run(
        ["bash", "-c", command],
        env={
            **os.environ,
            "PYTHONPATH": str(HOME),
            "https_proxy": "http://127.0.0.1:9",
            "no_proxy": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )


# ---- a fictional review asks its own world -------------------------------------------------------


@pytest.mark.parametrize("verb", [("update", "--no-publish"), ("search",)])
def test_a_fictional_review_asks_its_own_world_as_of_the_day(
    root: Path, verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The test's guard refuses every socket that leaves this machine."""
    for day, found in ((FIRST, 57), ("2026-09-30", 57), (SECOND, 65), ("2031-01-01", 65)):
        cli.main([*verb, "--root", str(root), "--json"], today=day)
        (source,) = json.loads(capsys.readouterr().out)["sources"]
        assert (source["error"], source["found"]) == (None, found), day
    assert not offline()


def test_full_texts_and_trials_come_from_the_world_too(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["fulltext", "--root", str(root), "--json"], today=SECOND) == 0
    fetched = json.loads(capsys.readouterr().out)["fetched"]
    assert {one["origin"] for one in fetched} == {"Europe PMC", "ClinicalTrials.gov"}
    assert not offline()


@pytest.mark.parametrize(
    ("change", "day", "words"),
    [
        (shutil.rmtree, SECOND, "found no folder world beside its protocol.yaml"),
        (emptied, SECOND, "found no file such as 2026-09-01.xml in its folder world"),
        (broken, SECOND, "2026-09-15.xml: line 1: not well-formed XML"),
        (lambda _world: None, "2026-08-31", "its world begins on 2026-09-01"),
    ],
)
@pytest.mark.parametrize("verb", ["update", "search", "fulltext"])
def test_a_fictional_review_without_a_world_is_refused_in_one_line(
    root: Path,
    verb: str,
    change: Callable[[Path], object],
    day: str,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    change(root / "world")
    before = tree(root, ".review.lock", "world")
    assert cli.main([verb, "--root", str(root)], today=day) == Exit.USAGE
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "the review is fictional, and " in error
    assert words in error
    assert tree(root, ".review.lock", "world") == before


def test_a_world_that_is_served_already_stays(root: Path, snapshots: dict[str, Snapshot]) -> None:
    shutil.rmtree(root / "world")
    with serving(snapshots[SECOND]) as service:
        assert cli.main(["update", "--no-publish", "--root", str(root)], today=SECOND) == 20
        assert offline()
    assert service.log
    assert not offline()


def test_a_real_review_is_never_served_the_world(root: Path) -> None:
    protocol = root / "protocol.yaml"
    text = protocol.read_text(encoding="utf-8")
    protocol.write_text(text.replace("fictional: true", "fictional: false"), encoding="utf-8")
    with services(Store(root), SECOND):
        assert not offline()


def test_doctor_does_not_ask_ncbi_for_a_fictional_review(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = "ok       NCBI: never asked: the review is fictional"
    assert told in lines_of_doctor(root, capsys)
    (root / INTENT).write_text("{}", encoding="utf-8")  # no command opens such a review
    assert told in lines_of_doctor(root, capsys)


@pytest.mark.parametrize("word", ["fictional: truly", "fictional: ["])
def test_doctor_asks_nobody_where_it_can_t_be_read_whether_the_review_is_fictional(
    root: Path, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    protocol = root / "protocol.yaml"
    text = protocol.read_text(encoding="utf-8")
    protocol.write_text(text.replace("fictional: true", word), encoding="utf-8")
    (told,) = [line for line in lines_of_doctor(root, capsys) if " NCBI:" in line]
    assert told.startswith("MISSING  NCBI: not asked: the review may be fictional")


def lines_of_doctor(root: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    cli.main(["doctor", "--root", str(root)], today=SECOND)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("address", ["https://models.example", "https://127.0.0.1.example/v1"])
def test_a_model_elsewhere_is_not_asked_by_a_fictional_review(
    root: Path, address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEW_MODEL_KEY", "key-of-a-test")
    asked: list[str] = []

    def never(address: str, *_more: object) -> bytes:
        asked.append(address)
        raise SourceError("asked")

    monkeypatch.setattr("review.extraction.second_reader.answer_to", never)
    record = sorted(Library.of(Store(root).snapshot()).included)[0]
    command = ["extract", "--root", str(root), "--record", record, "--model", "m"]
    assert cli.main([*command, "--endpoint", address], today=SECOND) == Exit.USAGE
    words = "the review is fictional, expected a model on this machine; nothing was sent"
    assert capsys.readouterr().err.endswith(f"--endpoint {address}: {words}\n")
    assert not asked
    cli.main([*command, "--endpoint", "http://127.0.0.1:9"], today=SECOND)
    assert len(asked) == 1, "the guard of this test stands where requests go out"


def test_an_update_says_that_no_service_was_asked(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request, command = tmp_path / "pr.md", ["update", "--no-publish", "--root", str(root)]
    cli.main([*command, "--pull-request", str(request)], today=SECOND)
    assert "  fictional: no real service was asked\n" in capsys.readouterr().out
    assert "**Fictional: no real service was asked.**" in request.read_text(encoding="utf-8")
    cli.main([*command, "--json"], today=SECOND)
    assert json.loads(capsys.readouterr().out)["fictional"] is True


def test_a_build_over_the_program_or_the_review_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(root.iterdir())
    assert cli.main(["publish", "--root", str(root), "--out", str(root)]) == 60
    assert "expected a build folder" in capsys.readouterr().err
    assert sorted(root.iterdir()) == before
    with pytest.raises(SystemExit):
        demo.main(["--out", str(demo.HOME)])
