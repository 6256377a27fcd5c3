"""The repository as people find it: true docs, clean data, nobody's decision made up, CI that holds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from review import cli
from review.cli.entry import VERBS
from review.demo import DEMO, FIRST, SECOND
from review.files.reference import SCHEMAS, reference, schema
from review.files.store import Store
from tests.conftest import HOME

README = (HOME / "README.md").read_text(encoding="utf-8")


def test_the_review_s_data_hold_no_problem(capsys: pytest.CaptureFixture[str]) -> None:
    # A retraction must not hold a pull request back either; the tool says so on the pages.
    assert cli.main(["check", "--allow-suspended", "--root", str(HOME)]) == 0
    assert cli.main(["check", "--root", str(DEMO)]) == 0


def test_no_committed_file_carries_a_decision_nobody_gave() -> None:
    """Nobody has screened, judged a pair, confirmed or signed anything yet."""
    for folder in ("screening", "notices", "pairs", "signatures"):
        assert list((HOME / "data").glob(f"{folder}/*")) == []
    assert all(person.name is None for person in Store(HOME).protocol.people)
    paths = list((HOME / "data").rglob("*.yaml"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(confirmed|verified|signed)(_by)?:", text, re.MULTILINE), path


def test_every_value_names_who_entered_it_and_no_person_is_named() -> None:
    values = 0
    for study, extraction in Store(HOME).extractions().items():
        for name, fact in extraction.facts():
            if getattr(fact, "missing", None) is None:
                values += 1
                assert re.match(r"fact base |page look-up", fact.by or ""), (study, name)
                assert "unsigned" in (fact.by or "")
    assert values > 100


def test_nothing_fictional_stands_in_the_review_s_data() -> None:
    paths = [path for path in (HOME / "data").rglob("*") if path.is_file()]
    assert {path.suffix for path in paths} >= {".json", ".yaml"}
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert "10.5555" not in text, path
        assert "fictional" not in text.lower(), path
        assert not re.search(r"\b9000\d{5}\b", text), path
    assert not Store(HOME).protocol.fictional


def test_everything_in_the_demonstration_is_fictional_and_says_so() -> None:
    assert Store(DEMO).protocol.fictional
    records = Store(DEMO).records()
    assert records
    for record in records.values():
        assert record.pmid is None or int(record.pmid) > 900_000_000
        assert (record.doi or "10.5555/").startswith("10.5555/")
    world = sorted((DEMO / "world").glob("*.xml"))
    assert [path.stem for path in world] == [FIRST, SECOND]
    for path in world:
        text = path.read_text(encoding="utf-8")
        articles = text.count("<PubmedArticle>")
        assert articles
        assert text.count("FICTIONAL RECORD FOR DEMONSTRATION<") == articles


def test_the_world_is_what_its_generator_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(DEMO / "make_world.py"), str(tmp_path)], check=True)
    paths = sorted(tmp_path.iterdir())
    assert paths
    for path in paths:
        assert path.read_bytes() == (DEMO / "world" / path.name).read_bytes()


def test_the_reference_of_the_data_is_what_the_models_say() -> None:
    assert (HOME / "docs" / "data.md").read_text(encoding="utf-8") == reference()
    for name in SCHEMAS:
        path = HOME / "docs" / "schema" / f"{name}.json"
        assert path.read_text(encoding="utf-8") == schema(name)


def test_every_file_people_write_tells_editors_its_schema() -> None:
    for root in (HOME, DEMO):
        for path in [root / "protocol.yaml", *sorted((root / "data").rglob("*.yaml"))]:
            first = path.read_text(encoding="utf-8").splitlines()[0]
            match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
            assert match, path
            assert (path.parent / match.group(1)).resolve().is_file(), path


def test_the_first_screen_of_the_readme_has_the_two_commands() -> None:
    screen = "\n".join(README.splitlines()[:32])
    assert "make demo" in screen
    assert "make test" in screen


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_stands_in_the_readme(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([verb, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"review {verb}" in text
    assert "--json" in text
    assert f"`review {verb}" in README


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (HOME / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z]+)", README))
    assert "demo" in targets
    for target in targets:
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), target


def test_links_inside_the_documents_lead_to_files() -> None:
    links = [
        (path, link)
        for path in (*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md"))
        for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    ]
    assert links
    for path, link in links:
        assert (path.parent / link).exists(), (path.name, link)


def test_workflows_pin_actions_and_ask_for_little() -> None:
    workflows = sorted((HOME / ".github" / "workflows").glob("*.yml"))
    assert [w.name for w in workflows] == ["ci.yml", "publish.yml", "update.yml"]
    for path in workflows:
        text = path.read_text(encoding="utf-8")
        value = yaml.safe_load(text)
        assert value["permissions"] in ({}, {"contents": "read"}), path.name
        uses = re.findall(r"uses: (\S+)", text)
        assert uses
        for action in uses:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), (path.name, action)


def test_locks_pin_every_package_with_its_hash_and_name_no_host() -> None:
    for name in ("all", "build"):
        text = (HOME / "lock" / f"{name}.txt").read_text(encoding="utf-8")
        packages = re.findall(r"^([a-z0-9-]+)==\S+", text, re.MULTILINE)
        assert len(packages) > 4
        assert text.count("--hash=sha256:") >= len(packages)
        assert "http" not in text
    project = (HOME / "pyproject.toml").read_text(encoding="utf-8")
    locked = (HOME / "lock" / "all.txt").read_text(encoding="utf-8")
    packages = re.findall(r'^  "([a-z0-9-]+)[=<>]', project, re.MULTILINE)
    assert {"pydantic", "pytest"} <= set(packages)
    for package in packages:
        assert re.search(rf"^{package}==", locked, re.MULTILINE), package


def test_an_unknown_verb_and_a_folder_without_a_review_are_usage_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["updaet"]) == 2
    assert "invalid choice" in capsys.readouterr().err
    assert cli.main(["status", "--root", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("review status: ")
    assert "found no protocol.yaml there" in error
    assert error.count("\n") == 1


def test_errors_come_as_json_where_json_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:

    assert cli.main(["grade", "--root", str(tmp_path), "--json"]) == 2
    value = json.loads(capsys.readouterr().out)
    assert value["exit"] == 2
    assert len(value["errors"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["grade", "--explain"],
        ["protocol"],
        ["screen", "--list"],
        ["extract", "--study", "aldermoor-2021"],
        ["extract", "--record", "pmid-900000020"],
        ["dedupe", "--list"],
    ],
)
def test_each_reading_verb_works_on_the_demonstration(
    root: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    verb, *options = arguments
    assert cli.main([verb, "--root", str(root), *options], today="2026-09-10") == 0
    assert capsys.readouterr().out.strip()


def test_a_pair_is_judged_by_a_person_and_leaves_the_queue(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["dedupe", "--root", str(root)]
    pair = ["--pair", "pmid-900000039", "pmid-900000040"]
    assert cli.main([*base, *pair, "--verdict", "distinct"]) == 2
    assert "--pair needs --reviewer" in capsys.readouterr().err
    command = [*base, *pair, "--verdict", "distinct", "--reviewer", "reviewer-a"]
    assert cli.main(command, today="2026-09-10") == 0
    assert "0 pairs wait" in capsys.readouterr().out
    assert len(Store(root).pairs()["reviewer-a"]) == 1


def test_the_doctor_looks_without_reaching_out(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NCBI_API_KEY", "sEcReT123")
    assert cli.main(["doctor", "--root", str(root), "--offline"], today="2026-09-10") == 0
    out = capsys.readouterr().out
    assert "biopython" in out
    assert "sEcReT123" not in out


def test_nothing_speaks_of_a_machine() -> None:
    """No path of a machine stands in what is committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.splitlines() or [one.name for one in HOME.iterdir()]
    assert "README.md" in names
    for name in names:
        path = HOME / name
        if path.suffix in (".py", ".md", ".yml", ".yaml", ".toml", "") and path.is_file():
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not re.search(r"(?<![\w.$~])/(root|home|work|tmp)/", text), name
