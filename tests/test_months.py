"""The monthly job as it runs: its workflow file, a bare remote, a ``gh`` that keeps what it is told.

``story`` is the real update against the offline world; the other tests have a ``review`` of three
lines, since they are about what becomes of its files.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from review import cli
from review.demo import FIRST, copy_review
from review.files.snapshot import Snapshot
from review.grading.review import Review
from review.offline.world import Snapshot as World
from review.publishing.pages import Site, announcement
from review.publishing.publish import labels
from tests.conftest import HOME, serving
from tests.fake_gh import US
from tests.runner import Run, Runner, outputs

PERSON = "A Person"
MAIL = {PERSON: "person@example.org", US: f"41898282+{US}@users.noreply.github.com"}
TRUNK = "trunk"
BRANCH = "monthly-update"
UPDATE = HOME / ".github/workflows/update.yml"
PUBLISHING = [["publish.yml", TRUNK], ["ci.yml", TRUNK]]
DRAFT = "data/extractions/dunmore-2022.yaml"
STUB = f"""#!/bin/bash
if [ "$1" = check ]; then exit "${{CHECK:-0}}"; fi
mkdir -p data/searches data/extractions
[ -z "$SLOW" ] || {{ echo "asking PubMed"; sleep 30; }}
echo "searched $DAY"; echo "and a word on stderr" >&2
echo "$DAY" > "data/searches/$DAY-pubmed-1.json"
echo "$DAY" > data/volatile.json
[ -z "$DRAFTS" ] || [ -e {DRAFT} ] || echo "drafted $DAY" > {DRAFT}
echo "## Monthly update of $DAY" > "${{@: -1}}"
exit "${{NEWS:-0}}"
"""
DENIED = """#!/bin/sh
echo "remote: Permission to us/review.git denied to github-actions[bot]." >&2
echo "fatal: unable to access 'https://github.com/us/review/': The requested URL returned error: 403" >&2
exit 128
"""
PROTECTED = f"""#!/bin/sh
while read old new ref; do
  [ "$ref" != refs/heads/{TRUNK} ] || {{ echo "error: GH006: Protected branch update failed for $ref."; exit 1; }}
done
"""


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def environment(tools: Path) -> dict[str, str]:
    """What a machine sets. Nobody's own git settings count, and git tidies nothing up behind us."""
    return {
        "GIT_CONFIG_GLOBAL": str(tools / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(HOME),
    }


class Repository:
    """A repository on GitHub, with its workflow, its pull requests and its issues."""

    def __init__(self, folder: Path, remote: Path | None = None) -> None:
        """An empty one, or a copy of what another one's remote holds."""
        self.folder, self.remote, self.gh = folder, folder / "remote.git", folder / "gh.json"
        self.tools = folder / "tools"
        self.held = {"pulls": [], "issues": [], "started": [], "denied": []}
        fake = f'#!/bin/sh\nexec "{sys.executable}" -I -S "{HOME / "tests/fake_gh.py"}" "$@"\n'
        program(self.tools / "gh", fake)
        program(self.tools / "gitconfig", "[gc]\nauto = 0\n[receive]\nautogc = false\n")
        program(self.tools / "make", "#!/bin/sh\n")
        program(self.tools / "stub", STUB)
        program(self.tools / "denied", DENIED)
        program(
            self.tools / "offline",
            f'#!/bin/sh\nexec "{sys.executable}" -m tests.offline_review "$@"\n',
        )
        if remote is not None:
            shutil.copytree(remote, self.remote)

    def begin(self, review: Path) -> Repository:
        """Push a review's first commit, with our workflow in it."""
        for part in (".ci", ".github"):
            shutil.copytree(HOME / part, review / part)
        shutil.copyfile(HOME / ".gitignore", review / ".gitignore")
        bare = ("init", "--quiet", "--bare", f"--initial-branch={TRUNK}", str(self.remote))
        self.git(*bare, at=self.folder)
        self.git("init", "--quiet", f"--initial-branch={TRUNK}", at=review)
        self.commit(review, "The review")
        self.git("push", "--quiet", str(self.remote), TRUNK, at=review)
        return self

    def git(self, *words: str, at: Path | None = None, given: str = "", who: str = PERSON) -> str:
        names = {f"GIT_{role}_NAME": who for role in ("AUTHOR", "COMMITTER")}
        mails = {name.replace("NAME", "EMAIL"): MAIL[who] for name in names}
        done = subprocess.run(
            ["git", *words],
            cwd=at or self.remote,
            env={**os.environ, **environment(self.tools), **names, **mails},
            check=True,
            input=given,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, clone: Path, message: str) -> None:
        self.git("add", "--all", at=clone)
        self.git("commit", "--quiet", "--allow-empty", "--message", message, at=clone)

    @property
    def held(self) -> dict[str, Any]:
        """What GitHub holds beside the commits."""
        return json.loads(self.gh.read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    @held.setter
    def held(self, value: dict[str, Any]) -> None:
        self.gh.write_text(json.dumps(value), encoding="utf-8")

    def change(self, edit: Callable[[dict[str, Any]], object]) -> None:
        """Do something on GitHub's pages."""
        held = self.held
        edit(held)
        self.held = held

    def started(self) -> list[list[str]]:
        """Workflows that were started since this was last asked."""
        held = self.held
        self.held = {**held, "started": []}
        return held["started"]  # type: ignore[no-any-return]

    def issues(self, label: str = "monthly-update-failed") -> list[dict[str, Any]]:
        """Our open issues."""
        return [i for i in self.held["issues"] if i["state"] == "open" and label in i["labels"]]

    def files(self, branch: str = TRUNK) -> dict[str, str]:
        """Names and hashes of the files of a branch."""
        rows = self.git("ls-tree", "-r", branch).splitlines()
        return {name: blob for row in rows for blob, name in [row.split(" ", 2)[2].split("\t")]}

    def searches(self, branch: str = TRUNK) -> list[str]:
        """Days of the searches on a branch."""
        return sorted({Path(n).name[:10] for n in self.files(branch) if "data/searches/" in n})

    def runs(self, branch: str = TRUNK) -> list[str]:
        """Lines of the log of red months."""
        if "data/runs.log" not in self.files(branch):
            return []
        return self.git("show", f"{branch}:data/runs.log").splitlines()

    def changed(self, branch: str = BRANCH) -> set[str]:
        """Files that a pull request changes."""
        return set(self.git("diff", "--name-only", f"{TRUNK}...{branch}").splitlines())

    def on(self, branch: str, message: str, edit: Callable[[Path], object]) -> str:
        """A person's commit: what the branch is then."""
        clone = self.folder / "person"
        shutil.rmtree(clone, ignore_errors=True)
        self.git(
            "clone", "--quiet", "--branch", branch, str(self.remote), str(clone), at=self.folder
        )
        edit(clone)
        self.commit(clone, message)
        self.git("push", "--quiet", "--force", "origin", branch, at=clone)
        return self.git("rev-parse", branch)

    def merge(self) -> None:
        """A person squashes the open pull request into the default branch."""

        def squash(clone: Path) -> None:
            self.git("merge", "--quiet", "--squash", f"origin/{BRANCH}", at=clone)

        hook = self.remote / "hooks/pre-receive"
        kept = hook.rename(hook.with_suffix(".kept")) if hook.exists() else None
        self.on(TRUNK, "Monthly update", squash)
        if kept is not None:
            kept.rename(hook)
        self.change(lambda held: [p.update(state="closed") for p in held["pulls"]])

    def protect(self) -> None:
        """The default branch takes what comes by pull request alone."""
        program(self.remote / "hooks/pre-receive", PROTECTED)

    def month(self, day: str, tool: str = "stub", **variables: str) -> Run:
        """The workflow on a day."""
        surroundings = {
            **environment(self.tools),
            "DAY": day,
            "FAKE_GH": str(self.gh),
            "REVIEW": str(self.tools / tool),
            **variables,
        }
        return Runner(self.folder / "machines", self.remote, TRUNK, surroundings).run(UPDATE)

    def part(self, name: str, **variables: str) -> dict[str, str]:
        """One part of the job on a machine of its own: its outputs."""
        clone, out = self.folder / "machine", self.folder / "output"
        shutil.rmtree(clone, ignore_errors=True)
        self.git("clone", "--quiet", str(self.remote), str(clone), at=self.folder)
        out.write_text("", encoding="utf-8")
        surroundings = {
            **os.environ,
            **environment(self.tools),
            "DEFAULT_BRANCH": TRUNK,
            "FAKE_GH": str(self.gh),
            "GH_TOKEN": "the-token",
            "GITHUB_OUTPUT": str(out),
            "GITHUB_REPOSITORY": "us/review",
            "RUNNER_TEMP": str(self.folder / "temp"),
            **variables,
        }
        command = ["bash", ".ci/month/run", name]
        subprocess.run(command, cwd=clone, env=surroundings, check=True, capture_output=True)
        return outputs(out)

    def denied(self) -> dict[str, str]:
        """Variables with which no push is taken, as where a token may only read."""
        settings = {
            "protocol.ext.allow": "always",
            "remote.origin.pushurl": f"ext::{self.tools / 'denied'}",
        }
        pairs = enumerate(settings.items())
        keys = {
            f"GIT_CONFIG_{w}_{n}": x
            for n, p in pairs
            for w, x in zip(("KEY", "VALUE"), p, strict=True)
        }
        return {"GIT_CONFIG_COUNT": "2", **keys}


@pytest.fixture(autouse=True)
def jq() -> None:
    if shutil.which("jq") is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("CI has to have jq, and none is installed")
        pytest.skip("no jq on this machine: the monthly job did not run")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The remote of a repository that holds next to nothing."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "review/data").mkdir(parents=True)
    (folder / "review/protocol.yaml").write_text("", encoding="utf-8")
    return Repository(folder).begin(folder / "review").remote


@pytest.fixture
def here(tmp_path: Path, bare: Path) -> Repository:
    """A repository whose ``review`` is a stub."""
    return Repository(tmp_path, bare)


@pytest.fixture(scope="module")
def first_month(tmp_path_factory: pytest.TempPathFactory, bare: Path) -> Repository:
    """The same after a month that left a draft in the pull request."""
    us = Repository(tmp_path_factory.mktemp("october"), bare)
    run = us.month("2026-10-01", NEWS="10", DRAFTS="1")
    assert not run.red, run.log
    return us


@pytest.fixture
def october(tmp_path: Path, first_month: Repository) -> Repository:
    """A copy of it."""
    us = Repository(tmp_path, first_month.remote)
    us.held = first_month.held
    return us


@pytest.fixture
def real(tmp_path: Path, snapshots: dict[str, World]) -> Repository:
    """A repository with the demonstration, its one draft taken over by people."""
    copy_review(tmp_path / "review")
    with serving(snapshots[FIRST]):
        command = ["update", "--root", str(tmp_path / "review"), "--no-publish"]
        assert cli.main(command, today=FIRST) == 0
    return Repository(tmp_path).begin(tmp_path / "review")


# ---- the story -----------------------------------------------------------------------------------


def quiet(us: Repository) -> None:
    before = us.files()
    run = us.month("2026-09-15", "offline", OFFLINE_WORLD="first")
    assert not run.red, run.log
    assert us.files().keys() - before.keys() == {"data/searches/2026-09-15-pubmed-1.json"}
    assert us.started() == PUBLISHING, "a push of the job starts nothing by itself"
    assert us.held["pulls"] == us.held["issues"] == []
    assert not us.git("branch", "--list", BRANCH)


def new(us: Repository) -> None:
    run = us.month("2026-10-01", "offline", OFFLINE_WORLD="new")
    assert not run.red, run.log
    assert "2026-10-01" in us.searches()
    assert "data/records/2026/pmid-900000032.json" in us.files()
    assert us.started() == [*PUBLISHING, ["ci.yml", BRANCH]]
    (pull,) = us.held["pulls"]
    assert "pmid-900000032" in pull["body"], "a list waits, though it changes no file"
    assert us.changed() == set()


def retraction(us: Repository) -> None:
    run = us.month("2026-11-01", "offline", OFFLINE_WORLD="second")
    assert not run.red, run.log
    record = next(n for n in us.files() if n.endswith("/pmid-900000002.json"))
    assert "retraction_in" in us.git("show", f"{TRUNK}:{record}"), "the site must say it at once"
    assert us.started() == [*PUBLISHING, ["ci.yml", BRANCH]]
    (pull,) = us.held["pulls"]
    said = [pull["body"], *(c["body"] for c in pull["comments"])]
    assert "**retraction_in**" in said[-1]
    clone = us.folder / "published"
    us.git("clone", "--quiet", str(us.remote), str(clone), at=us.folder)
    review = Review.of(Snapshot(clone))
    assert review.library.suspended("brackwater-2024")


def red(us: Repository) -> None:
    before = us.files()
    run = us.month("2026-12-01", "offline", OFFLINE_WORLD="down")
    assert run.red
    assert us.files().keys() - before.keys() == {"data/runs.log"}, "no record, no search, no date"
    assert {n: b for n, b in us.files().items() if n in before} == before
    assert us.runs() == ["2026-12-01 update 30"]
    assert us.started() == []
    (issue,) = us.issues()
    text = issue["body"]
    assert "`review update`: searching the sources" in text
    assert "exit: 30, a source failed" in text
    assert "HTTP 500" in text, "the reason is printed to stdout"
    assert "actions/runs/77" in text
    assert "No record, no search" in text


def test_a_month_with_a_retraction(real: Repository) -> None:
    retraction(real)


def red_again(us: Repository) -> None:
    run = us.month("2027-01-01", "offline", OFFLINE_WORLD="down")
    assert run.red
    assert us.runs() == ["2026-12-01 update 30", "2027-01-01 update 30"]
    (issue,) = us.issues()
    assert len(issue["comments"]) == 1
    us.month("2027-01-02", "offline", OFFLINE_WORLD="down")
    (issue,) = us.issues()
    assert len(issue["comments"]) == 1, "once a month"


def green(us: Repository) -> None:
    run = us.month("2027-02-01", "offline", OFFLINE_WORLD="second")
    assert not run.red, run.log
    assert us.issues() == []
    assert us.held["issues"][0]["comments"][-1]["body"].startswith("Green again on 2027-02-01")
    assert us.searches()[-1] == "2027-02-01"
    assert "2027-01-01" not in us.searches()
    assert us.runs()[0] == "2026-12-01 update 30", "the log of red months stays"
    us.started()


def fork_and_stranger(us: Repository) -> None:
    crowd(us)
    before = len(us.held["pulls"])
    run = us.month("2027-03-01", "offline", OFFLINE_WORLD="second")
    assert not run.red, run.log
    assert len(us.held["pulls"]) == before, "the open one is ours"
    assert us.held["pulls"][0]["comments"][-1]["body"].startswith("## Monthly update of 2027-03-01")
    us.started()


def permission_denied(us: Repository) -> None:
    before = us.files()
    run = us.month("2027-04-01", "offline", OFFLINE_WORLD="second", **us.denied())
    assert run.red
    assert us.files() == before
    assert "Permission to us/review.git denied" in us.issues()[-1]["body"]


def person_works(us: Repository) -> None:
    """A person corrects on the branch; the next month keeps it."""
    us.on(BRANCH, "Look", lambda at: (at / "data/README.md").write_text("seen\n", encoding="utf-8"))
    run = us.month("2027-05-01", "offline", OFFLINE_WORLD="second")
    assert not run.red, run.log
    assert us.issues() == []
    assert us.changed() == {"data/README.md"}
    us.started()


def merged(us: Repository) -> None:
    us.merge()
    run = us.month("2027-06-01", "offline", OFFLINE_WORLD="second")
    assert not run.red, run.log
    assert us.started() == PUBLISHING
    assert "data/README.md" in us.files()
    assert all(p["state"] == "closed" for p in us.held["pulls"] if p["head"].startswith("us:"))


def quiet_again(us: Repository) -> None:
    for day in ("2027-07-01", "2027-08-01"):
        before = us.files()
        assert not us.month(day, "offline", OFFLINE_WORLD="second").red
        assert us.files().keys() - before.keys() == {f"data/searches/{day}-pubmed-1.json"}


@pytest.mark.whole
def test_a_year_of_twelve_months(real: Repository) -> None:
    story = (quiet, new, retraction, red, red_again, green, fork_and_stranger, permission_denied)
    known: dict[str, str] = {}
    for month in (*story, person_works, merged, quiet_again):
        month(real)
        held = {n: b for n, b in real.files().items() if n.startswith("data/searches/")}
        assert known.items() <= held.items(), "a search that stands is never written again"
        known = held
        clone = real.folder / f"after-{month.__name__}"
        real.git("clone", "--quiet", str(real.remote), str(clone), at=real.folder)
        assert (
            cli.main(["check", "--allow-suspended", "--root", str(clone)], today="2027-12-31") == 0
        )
    assert len(known) == 10, "the first of all, and nine green months"


@pytest.mark.whole
def test_a_notice_waits_where_the_branch_is_protected_and_the_site_says_so(
    real: Repository, tmp_path: Path
) -> None:
    real.protect()
    before = real.files()
    run = real.month("2026-11-01", "offline", OFFLINE_WORLD="second")
    assert run.red
    assert real.files() == before
    day = waiting(real)
    assert day == "2026-11-01"
    out = tmp_path / "built"
    command = [
        "publish",
        "--root",
        str(real.folder / "machine"),
        "--out",
        str(out),
        "--notice-waits",
        day,
    ]
    assert cli.main(command) == 0
    pages = [p for p in (out / "html").rglob("*.html") if p.name != "404.html"]
    assert pages
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "was found on 2026-11-01" in text or "2026-11-01 发现" in text, page


# ---- what becomes of the files -------------------------------------------------------------------


def crowd(us: Repository) -> None:
    """Forty forks with a branch of our name, and strangers' issues with our title and our marks."""

    def come(held: dict[str, Any]) -> None:
        for n in range(100, 140):
            pull = {"number": n, "state": "open", "head": f"stranger{n}:{BRANCH}", "base": TRUNK}
            held["pulls"].append({**pull, "title": "Monthly update", "body": "", "comments": []})
        marks = "".join(f"<!-- month 2027-{m:02} -->" for m in range(1, 13))
        issue = {"number": 200, "state": "open", "labels": [], "user": {"login": "stranger"}}
        title = "The monthly update failed"
        held["issues"].append({**issue, "title": title, "body": marks, "comments": []})
        said = {"user": {"login": "stranger"}, "body": marks}
        for ours in held["issues"]:
            ours["comments"].append(said)

    us.change(come)


def test_facts_go_to_the_default_branch_and_drafts_wait(october: Repository) -> None:
    assert october.searches() == ["2026-10-01"]
    assert DRAFT not in october.files()
    assert october.changed() == {DRAFT}
    (pull,) = october.held["pulls"]
    assert pull["head"] == f"us:{BRANCH}"
    assert october.started() == [*PUBLISHING, ["ci.yml", BRANCH]]
    assert october.git("log", "-1", "--format=%an", TRUNK) == US


def test_the_branch_is_built_anew_each_month_and_the_pull_request_stays_one(
    october: Repository,
) -> None:
    old = october.git("rev-parse", BRANCH)
    run = october.month("2026-11-01", DRAFTS="1")
    assert not run.red, run.log
    assert october.searches() == ["2026-10-01", "2026-11-01"]
    assert october.changed() == {DRAFT}
    assert october.git("rev-parse", f"{BRANCH}~1") == october.git("rev-parse", TRUNK)
    assert october.git("rev-parse", BRANCH) != old
    (pull,) = october.held["pulls"]
    assert [c["body"].strip() for c in pull["comments"]] == ["## Monthly update of 2026-11-01"]


def test_what_people_committed_to_the_branch_stays(october: Repository) -> None:
    edit = "corrected by a person\n"
    october.on(BRANCH, "Correct", lambda at: (at / DRAFT).write_text(edit, encoding="utf-8"))
    theirs = october.git("rev-parse", BRANCH)
    run = october.month("2026-11-01", DRAFTS="1")
    assert not run.red, run.log
    assert october.git("show", f"{BRANCH}:{DRAFT}") == edit.strip()
    assert october.git("merge-base", theirs, BRANCH) == theirs, "nobody's clone is cut off"
    assert october.changed() == {DRAFT}
    assert october.searches() == ["2026-10-01", "2026-11-01"]


EDIT = "corrected by a person\n"


def correct(at: Path) -> None:
    """A person corrects the draft."""
    (at / DRAFT).parent.mkdir(parents=True, exist_ok=True)
    (at / DRAFT).write_text(EDIT, encoding="utf-8")


def under_many(us: Repository) -> None:
    """Of thousands of commits since the last month the person's is the newest."""
    us.on(BRANCH, "Correct", correct)
    tip = us.git("rev-parse", BRANCH)
    who = f"{US} <{MAIL[US]}> 1790000000 +0000\n"
    one = f"commit refs/heads/many\nauthor {who}committer {who}data 2\nm\n"
    us.git("fast-import", "--quiet", given=f"{one}from {tip}~1\n\n" + f"{one}\n" * 6_000)
    us.git("replace", "--graft", tip, "many")
    us.git("update-ref", f"refs/heads/{BRANCH}", us.git("rev-parse", f"refs/replace/{tip}"))
    us.git("update-ref", "-d", f"refs/replace/{tip}")
    us.git("update-ref", "-d", "refs/heads/many")


def amended(us: Repository) -> None:
    """The job's own commit, whose author stays who it was."""
    edit = ("commit", "--quiet", "--all", "--amend", "--no-edit")

    def amend(at: Path) -> None:
        correct(at)
        us.git(*edit, at=at)

    us.on(BRANCH, "Nothing", amend)
    us.git("update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")


def under_the_job_s_name(us: Repository) -> None:
    """By another workflow: each of them has this name."""

    def other(at: Path) -> None:
        correct(at)
        us.git("commit", "--quiet", "--all", "--message", f"Drafts\n\n{SEAL}", at=at, who=US)

    us.on(BRANCH, "Nothing", other)
    us.git("update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")


def in_a_merge(us: Repository) -> None:
    """Where the default branch was merged on GitHub's page, with a correction in the merge."""
    us.on(TRUNK, "Later", lambda at: (at / "later").write_text("", encoding="utf-8"))

    def merge(at: Path) -> None:
        us.git("merge", "--quiet", "--no-commit", "--no-ff", f"origin/{TRUNK}", at=at)
        correct(at)

    us.on(BRANCH, "Merge", merge)


SEAL = "Made: 4b825dc642cb6eb9a060e54bf8d69288fbee4904 on nothing"


@pytest.mark.parametrize("way", [under_many, amended, under_the_job_s_name, in_a_merge])
def test_whatever_a_person_s_work_looks_like_it_stays(
    october: Repository, way: Callable[[Repository], None]
) -> None:
    """Names, addresses and times are kept by an amended commit and shared by other workflows, and a
    question that was asked by a pipe, whose reader left at the first line, failed where many
    commits were to be told: that read as nobody's, now and then, on a busy machine.
    """
    way(october)
    theirs = october.git("rev-parse", BRANCH)
    assert october.git("show", f"{theirs}:{DRAFT}") == EDIT.strip()
    run = october.month("2026-11-01", DRAFTS="1")
    assert not run.red, run.log
    assert october.git("show", f"{BRANCH}:{DRAFT}") == EDIT.strip()
    assert october.git("merge-base", theirs, BRANCH) == theirs, "nobody's clone is cut off"
    assert october.searches() == ["2026-10-01", "2026-11-01"]


def test_a_draft_that_a_person_deleted_stays_deleted(october: Repository) -> None:
    october.on(BRANCH, "Not this one", lambda at: (at / DRAFT).unlink())
    for day in ("2026-11-01", "2026-12-01"):
        assert not october.month(day, NEWS="10", DRAFTS="1").red
    assert DRAFT not in october.files(BRANCH)


def test_even_a_search_that_sees_nobody_s_work_overwrites_none(october: Repository) -> None:
    """Who pushes looks for itself, and keeps what is not the job's own under another name."""

    def blind(at: Path) -> None:
        path = at / ".ci/month/search.sh"
        text = path.read_text(encoding="utf-8")
        assert '! all_sealed "$base" "$old"' in text
        path.write_text(text.replace('! all_sealed "$base" "$old"', "false"), encoding="utf-8")

    october.on(TRUNK, "Blind", blind)
    theirs = october.on(BRANCH, "Correct", correct)
    run = october.month("2026-11-01", DRAFTS="1")
    assert not run.red, run.log
    assert october.git("show", f"{BRANCH}:{DRAFT}") != EDIT.strip()
    kept = f"{BRANCH}-kept-{theirs[:12]}"
    assert october.git("rev-parse", kept) == theirs
    assert kept in october.held["pulls"][0]["comments"][-1]["body"]


def test_where_people_disagree_the_branch_is_left_and_the_facts_go_out(october: Repository) -> None:
    october.on(BRANCH, "Ours", lambda at: (at / DRAFT).write_text("one\n", encoding="utf-8"))
    theirs = october.git("rev-parse", BRANCH)

    def other(at: Path) -> None:
        (at / DRAFT).parent.mkdir(parents=True, exist_ok=True)
        (at / DRAFT).write_text("another\n", encoding="utf-8")

    october.on(TRUNK, "Theirs", other)
    run = october.month("2026-11-01")
    assert run.red
    assert october.searches() == ["2026-10-01", "2026-11-01"]
    assert october.git("rev-parse", BRANCH) == theirs
    (issue,) = october.issues()
    assert DRAFT in issue["body"]
    assert "complete and its facts are on `trunk`" in issue["body"]
    assert october.runs() == ["2026-11-01 branch 1"]


def test_a_branch_that_shares_no_commit_is_left_and_the_facts_go_out(october: Repository) -> None:
    october.git(
        "update-ref",
        f"refs/heads/{BRANCH}",
        october.git("commit-tree", "-m", "x", f"{TRUNK}^{{tree}}"),
    )
    theirs = october.git("rev-parse", BRANCH)
    assert october.month("2026-11-01", NEWS="10").red
    assert october.searches() == ["2026-10-01", "2026-11-01"]
    assert october.git("rev-parse", BRANCH) == theirs
    assert "the branch as a whole" in october.issues()[0]["body"]


def test_a_closed_pull_request_s_branch_is_begun_anew(october: Repository) -> None:
    october.change(lambda held: held["pulls"][0].update(state="closed"))
    run = october.month("2026-11-01", NEWS="10")
    assert not run.red, run.log
    assert october.changed() == set()
    assert [p["state"] for p in october.held["pulls"]] == ["closed", "open"]


@pytest.mark.parametrize("merged", [False, True])
def test_what_people_committed_before_a_pull_request_was_closed_is_kept(
    october: Repository, merged: bool
) -> None:
    theirs = october.on(BRANCH, "Correct", correct)
    if merged:
        october.merge()
    else:
        october.change(lambda held: held["pulls"][0].update(state="closed"))
    run = october.month("2026-11-01", NEWS="10")
    assert not run.red, run.log
    kept = f"{BRANCH}-kept-{theirs[:12]}"
    branches = october.git("branch", "--format=%(refname:short)").splitlines()
    assert (kept in branches) is not merged, "what the default branch has needs no other place"
    assert merged or october.git("rev-parse", kept) == theirs
    assert (kept in october.held["pulls"][-1]["body"]) is not merged
    assert october.changed() == set()


@pytest.mark.parametrize("forks", [0, 1, 40])
@pytest.mark.parametrize("ours", [True, False])
def test_a_fork_s_pull_request_stops_no_monthly_job(
    here: Repository, forks: int, ours: bool
) -> None:
    row = {"state": "open", "base": TRUNK, "title": "", "body": "", "comments": []}

    def come(held: dict[str, Any]) -> None:
        held["pulls"] = [{**row, "number": n, "head": f"s{n}:{BRANCH}"} for n in range(forks)]
        held["pulls"] += [{**row, "number": 99, "head": f"us:{BRANCH}"}] if ours else []

    here.change(come)
    assert here.part("look")["pull_request"] == ("99" if ours else "")


def test_a_stranger_s_issue_and_words_silence_no_alarm(here: Repository) -> None:
    here.month("2026-12-01", NEWS="30")
    crowd(here)
    here.month("2027-01-01", NEWS="30")
    (issue,) = here.issues()
    assert [c["user"]["login"] for c in issue["comments"]] == ["stranger", US]


# ---- red months ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "line", "words"),
    [
        (
            {"NEWS": "30"},
            "update 30",
            ("a source failed", "searched 2026-10-01", "a word on stderr"),
        ),
        ({"NEWS": "40"}, "update 40", ("invalid data", "Mend the files")),
        ({"CHECK": "40"}, "check 40", ("problems in the review's files",)),
        ({"SLOW": "1", "TIME_LIMIT": "1s"}, "update 124", ("it took too long", "asking PubMed")),
    ],
)
def test_a_red_month_says_what_broke_and_writes_nothing_else(
    here: Repository, variables: dict[str, str], line: str, words: tuple[str, ...]
) -> None:
    before = here.files()
    run = here.month("2026-10-01", DRAFTS="1", **variables)
    assert run.red
    assert here.files() == {**before, "data/runs.log": here.files()["data/runs.log"]}
    assert here.runs() == [f"2026-10-01 {line}"]
    assert not here.git("branch", "--list", BRANCH)
    (issue,) = here.issues()
    for word in ("No record, no search and no date", f"step: `{line.split()[0]}`", *words):
        assert word in issue["body"], issue["body"]


def test_a_machine_that_can_not_install_is_told(here: Repository) -> None:
    program(
        here.tools / "make",
        '#!/bin/sh\necho "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"; exit 2\n',
    )
    assert here.month("2026-10-01").red
    (issue,) = here.issues()
    assert "DO NOT MATCH THE HASHES" in issue["body"]
    assert here.runs() == ["2026-10-01 install 2"]


def test_a_job_that_was_cut_off_is_told(here: Repository) -> None:
    """No step can say a word where the machine is lost or the job's time is over."""
    results = {"SEARCH": "cancelled", "DELIVER": "skipped", "DISPATCH": "skipped"}
    here.part("tell", DAY="2026-10-01", **{f"{k}_RESULT": v for k, v in results.items()})
    (issue,) = here.issues()
    assert "the run was cancelled, its machine was lost or its time was over" in issue["body"]
    assert here.runs() == ["2026-10-01 search cancelled"]


def test_foreign_text_ends_no_fence_and_commands_no_runner(here: Repository) -> None:
    text = "#!/bin/sh\nprintf '```\\n::error::@everybody\\033[31m\\n'\nexit 30\n"
    program(here.tools / "stub", text)
    run = here.month("2026-10-01")
    (issue,) = here.issues()
    assert "::error::@everybody" in issue["body"]
    assert issue["body"].count("```") == 2
    assert "\x1b" not in issue["body"]
    said = run.jobs["search"].log
    before = said[: said.index("::error::")]
    (token,) = re.findall("::stop-commands::(.*)", before)[-1:]
    assert f"::{token}::" not in before


def test_a_pull_request_that_may_not_be_opened_is_red_after_the_facts_went_out(
    here: Repository,
) -> None:
    here.change(lambda held: held["denied"].append("pr create"))
    run = here.month("2026-10-01", NEWS="10")
    assert run.red
    assert here.searches() == ["2026-10-01"]
    assert PUBLISHING[0] in here.started()
    (issue,) = here.issues()
    assert "Resource not accessible" in issue["body"]
    assert "pull requests allowed" in issue["body"]
    here.change(lambda held: held["denied"].clear())
    assert not here.month("2026-11-01", NEWS="10").red
    assert here.issues() == []
    assert len(here.held["pulls"]) == 1


def test_where_no_workflow_may_be_started_it_is_told(here: Repository) -> None:
    here.change(lambda held: held["denied"].append("workflow run"))
    assert here.month("2026-10-01").red
    assert here.searches() == ["2026-10-01"]
    assert "starting the workflows" in here.issues()[0]["body"]


def test_permission_denied_is_told_by_its_own_words(here: Repository) -> None:
    before = here.files()
    run = here.month("2026-10-01", NEWS="20", **here.denied())
    assert run.red
    assert here.files() == before
    (issue,) = here.issues()
    assert "Permission to us/review.git denied" in issue["body"]
    assert "read and write" in issue["body"]
    assert "the line could not be pushed" in issue["body"]


def test_nobody_s_push_is_overwritten(here: Repository) -> None:
    """Somebody pushes between the search and its delivery."""
    theirs = here.on(TRUNK, "A", lambda at: (at / "a").write_text("", encoding="utf-8"))
    here.git("update-ref", f"refs/heads/{TRUNK}", f"{theirs}~1")
    meanwhile = f'#!/bin/sh\ngit --git-dir="{here.remote}" update-ref refs/heads/{TRUNK} {theirs}\n'
    program(here.tools / "make", meanwhile)
    assert here.month("2026-10-01").red
    assert here.searches() == []
    assert "a" in here.files()
    assert "run the workflow again" in here.issues()[0]["body"]
    program(here.tools / "make", "#!/bin/sh\n")
    assert not here.month("2026-10-02").red
    assert here.searches() == ["2026-10-02"]


@pytest.mark.parametrize("late", [False, True])
def test_nobody_s_push_to_the_monthly_branch_is_overwritten(
    october: Repository, late: bool
) -> None:
    """While the search runs; or later still, when the facts have gone out and the branch was looked at."""
    theirs = october.on(BRANCH, "Correct", correct)
    october.git("update-ref", f"refs/heads/{BRANCH}", f"{theirs}~1")
    meanwhile = (
        f'#!/bin/sh\ngit --git-dir="{october.remote}" update-ref refs/heads/{BRANCH} {theirs}\n'
    )
    place = october.remote / "hooks/post-receive" if late else october.tools / "make"
    program(place, meanwhile)
    assert october.month("2026-11-01", NEWS="10", DRAFTS="1").red
    assert october.git("rev-parse", BRANCH) == theirs
    assert october.searches() == ["2026-10-01", "2026-11-01"], "the facts are out"
    (issue,) = october.issues()
    assert f"Somebody pushed to {BRANCH}" in issue["body"]
    assert "Settings" not in issue["body"], "nobody is sent to look where nothing is wrong"
    program(place, "#!/bin/sh\n")
    assert not october.month("2026-12-01", NEWS="10", DRAFTS="1").red
    assert october.git("show", f"{BRANCH}:{DRAFT}") == EDIT.strip()


EVIL = {
    "facts": "echo evil > .ci/run; git commit -qam evil; git update-ref refs/month/facts HEAD",
    "a renamed file": "mkdir -p data/records; git mv .ci/run data/records/a.json; git commit -qam evil; git update-ref refs/month/facts HEAD",
    "the branch": "echo evil > .ci/run; git commit -qam evil; git update-ref refs/month/drafts HEAD; git switch -q --detach refs/month/facts",
}


@pytest.mark.parametrize("evil", EVIL)
def test_a_search_job_that_was_taken_over_pushes_no_code(here: Repository, evil: str) -> None:
    check = 'if [ "$1" = check ]; then'
    program(here.tools / "stub", STUB.replace(check, f"{check} {EVIL[evil]};"))
    before = here.files()
    assert here.month("2026-10-01", NEWS="10").red
    assert {**here.files(), "data/runs.log": ""} == {**before, "data/runs.log": ""}
    assert not here.git("branch", "--list", BRANCH)
    assert ".ci/run is no" in here.issues()[0]["body"]


# ---- a protected default branch ------------------------------------------------------------------


def waiting(us: Repository) -> str:
    """The day that the publishing workflow's step tells, or nothing."""
    return us.part("waiting").get("day", "")


def test_where_the_branch_is_protected_everything_waits_in_the_pull_request(
    here: Repository,
) -> None:
    here.protect()
    before = here.files()
    run = here.month("2026-10-01")
    assert not run.red, run.log
    assert here.files() == before
    assert len(here.held["pulls"]) == 1
    assert here.searches(BRANCH) == ["2026-10-01"]
    assert waiting(here) == ""
    here.started()

    run = here.month("2026-11-01", NEWS="20", DRAFTS="1")
    assert run.jobs["tell"].result == "failure", "the exit says that a notice waits"
    assert "waits in pull request #1" in run.jobs["tell"].log
    assert [n for n, j in run.jobs.items() if j.result == "failure"] == ["tell"]
    (issue,) = here.issues("monthly-notice-waits")
    assert "pull request #1" in issue["body"]
    assert here.issues() == [], "the search is complete"
    assert here.searches(BRANCH) == ["2026-10-01", "2026-11-01"], "no search is lost"
    assert ["publish.yml", TRUNK] in here.started(), "for the banner"
    assert waiting(here) == "2026-11-01"

    run = here.month("2026-12-01", NEWS="30")
    assert here.files() == before
    assert here.runs(BRANCH) == ["2026-12-01 update 30"]
    assert "of the branch `monthly-update`" in here.issues()[0]["body"]
    assert waiting(here) == "2026-11-01"

    run = here.month("2027-01-01")
    assert here.searches(BRANCH) == ["2026-10-01", "2026-11-01", "2027-01-01"]
    assert here.runs(BRANCH) == ["2026-12-01 update 30"]
    (issue,) = here.issues("monthly-notice-waits")
    assert len(issue["comments"]) == 1, "it goes on waiting"
    assert here.issues() == []

    here.merge()
    assert waiting(here) == ""
    run = here.month("2027-02-01")
    assert not run.red, run.log
    assert here.issues("monthly-notice-waits") == []
    assert here.runs() == ["2026-12-01 update 30"]
    assert here.searches(BRANCH)[-1] == "2027-02-01"


def test_facts_that_waited_go_out_when_the_protection_ends(here: Repository) -> None:
    here.protect()
    here.month("2026-10-01", NEWS="20")
    (here.remote / "hooks/pre-receive").unlink()
    here.on(
        BRANCH, "Look", lambda at: (at / "data/README.md").write_text("seen\n", encoding="utf-8")
    )
    run = here.month("2026-11-01")
    assert not run.red, run.log
    assert here.searches() == ["2026-10-01", "2026-11-01"]
    assert here.changed() == {"data/README.md"}
    assert here.issues("monthly-notice-waits") == []
    assert not here.month("2026-12-01").red
    assert here.searches() == ["2026-10-01", "2026-11-01", "2026-12-01"]


def test_months_that_wait_beside_what_people_committed_lose_nothing(here: Repository) -> None:
    here.protect()
    here.month("2026-10-01", NEWS="10", DRAFTS="1")
    edit = "corrected by a person\n"
    here.on(BRANCH, "Correct", lambda at: (at / DRAFT).write_text(edit, encoding="utf-8"))
    for day in ("2026-11-01", "2026-12-01", "2027-01-01"):
        run = here.month(day, DRAFTS="1")
        assert not run.red, run.log
    assert here.searches(BRANCH) == ["2026-10-01", "2026-11-01", "2026-12-01", "2027-01-01"]
    assert here.git("show", f"{BRANCH}:data/volatile.json") == "2027-01-01"
    assert here.git("show", f"{BRANCH}:{DRAFT}") == edit.strip()
    assert len(here.held["pulls"]) == 1


def test_a_red_first_month_of_a_protected_branch_is_not_forgotten(here: Repository) -> None:
    here.protect()
    here.month("2026-10-01", NEWS="30")
    assert here.runs(BRANCH) == ["2026-10-01 update 30"]
    assert not here.month("2026-11-01").red
    assert here.runs(BRANCH) == ["2026-10-01 update 30"]
    assert here.searches(BRANCH) == ["2026-11-01"]


def test_the_banner_tells_of_a_notice_that_waits(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    review = Review.of(Snapshot(root))
    assert announcement(Site(review), labels("en"), [])["notice"] == ""
    said = announcement(Site(review, "2026-11-01"), labels("en"), [])["notice"]
    assert "was found on 2026-11-01" in said
    assert cli.main(["publish", "--root", str(root), "--notice-waits", "soon"]) == 2
    assert "--notice-waits soon: expected a day" in capsys.readouterr().err


# ---- the files -----------------------------------------------------------------------------------


def test_each_job_may_do_one_thing_and_the_token_stands_where_it_is_needed() -> None:
    jobs = yaml.safe_load(UPDATE.read_text(encoding="utf-8"))["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "search": {"contents": "read", "pull-requests": "read"},
        "deliver": {"contents": "write", "pull-requests": "write"},
        "dispatch": {"contents": "read", "actions": "write"},
        "tell": {"contents": "write", "issues": "write"},
    }
    shells = [(n, s) for n, job in jobs.items() for s in job["steps"] if "run" in s]
    with_token = [(n, s.get("id")) for n, s in shells if "GH_TOKEN" in s.get("env", {})]
    assert with_token == [
        ("search", "look"),
        ("deliver", "deliver"),
        ("dispatch", "dispatch"),
        ("tell", None),
    ]
    assert all(job["timeout-minutes"] for job in jobs.values())


def test_no_workflow_s_script_holds_an_expression_or_the_name_of_a_branch() -> None:
    workflows = sorted((HOME / ".github/workflows").glob("*.yml"))
    assert [path.stem for path in workflows] == ["ci", "publish", "update"]
    shells = []
    for path in workflows:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert "workflow_dispatch" in workflow[True], path.name  # YAML's "on" is a truth
        steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
        shells += [step["run"] for step in steps if "run" in step]
        checkouts = [s for s in steps if s.get("uses", "").startswith("actions/checkout")]
        assert checkouts
        assert {step["with"]["persist-credentials"] for step in checkouts} == {False}
    assert len(shells) > 10
    assert [shell for shell in shells if "${{" in shell] == []
    scripts = [*workflows, *SCRIPTS]
    named = r"\bmain\b(?!\(\)| \"\$@\")"
    assert [p for p in scripts if re.search(named, p.read_text(encoding="utf-8"))] == []


SCRIPTS = sorted((HOME / ".ci/month").iterdir())


@pytest.mark.parametrize("line", ["git log | grep --quiet x", "a | grep -qF x", "b |  head -n 1"])
def test_a_pipe_whose_reader_leaves_early_is_seen(line: str) -> None:
    assert EARLY.search(line)


EARLY = re.compile(r"\|\s*(grep\s+(-\w*q|--quiet)|head\b|sed\s.*\bq\b)")


def test_no_script_asks_through_a_pipe_whose_reader_leaves_early() -> None:
    """The writer then fails of the pipe's end, and with pipefail the answer yes reads as no."""
    assert len(SCRIPTS) >= 8
    assert [p.name for p in SCRIPTS if EARLY.search(p.read_text(encoding="utf-8"))] == []


def test_packages_are_installed_with_their_hashes() -> None:
    where = [HOME / "Makefile", *(HOME / ".github/workflows").glob("*.yml"), *SCRIPTS]
    installs = [i for p in where for i in re.findall(r"pip install .*", p.read_text("utf-8"))]
    assert len(installs) >= 6
    for line in installs:
        assert "--require-hashes" in line or "--no-deps --editable ." in line
    assert (HOME / ".ci/month/install.sh").read_text(encoding="utf-8").endswith("\nmake install\n")


@pytest.mark.whole
def test_the_scripts_and_workflows_pass_their_linters() -> None:
    """Those that are installed; the others are named as skipped."""
    done = subprocess.run(
        ["bash", ".ci/lint-workflows"], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
