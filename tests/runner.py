"""A runner for ``.github/workflows``: the jobs of a workflow, as its file says, on this machine.

It knows what the monthly job uses: ``needs``, ``if``, ``outputs``, ``env``, expressions of names,
strings, ``!``, ``!=``, ``==``, ``&&`` and ``||``; of actions, checkout (a clone without
credentials), the artifacts (a folder) and setup-python (nothing to do). A step sees the workflow's
and its own variables, and no token that was not given to it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

KEPT = ("PATH", "HOME", "PYTHONPATH", "LANG")
_TOKEN = re.compile(r"\s*('[^']*'|&&|\|\||!=|==|!|\(|\)|[\w.-]+)")
_WORDS = {"&&": " and ", "||": " or ", "!": " not ", "!=": "!=", "==": "==", "(": "(", ")": ")"}


@dataclass
class Job:
    """How a job went."""

    result: str = "skipped"
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""


@dataclass
class Run:
    """How a workflow went."""

    jobs: dict[str, Job]

    @property
    def red(self) -> bool:
        """Some job failed: the run has a red mark, and GitHub writes to whoever watches."""
        return any(job.result == "failure" for job in self.jobs.values())

    @property
    def log(self) -> str:
        """What all jobs printed."""
        return "\n".join(f"--- {name}: {j.result}\n{j.log}" for name, j in self.jobs.items())


def value(expression: str, known: Mapping[str, Any]) -> Any:
    """The value of an expression of GitHub's language; a name that is not known is empty."""

    def get(name: str) -> Any:
        here: Any = known
        for part in name.split("."):
            here = here.get(part, "") if isinstance(here, Mapping) else ""
        return here

    python = []
    for token in _TOKEN.findall(expression):
        if token in _WORDS:
            python.append(_WORDS[token])
        elif token.startswith("'"):
            python.append(token)
        elif token in ("always", "cancelled"):
            python.append(f"(lambda: {token == 'always'})")
        else:
            python.append(f"get({token!r})")
    return eval("".join(python), {"get": get})


def filled(text: str, known: Mapping[str, Any]) -> str:
    """A text with its expressions replaced."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda m: str(value(m.group(1), known)), text)


def outputs(path: Path) -> dict[str, str]:
    """What a step wrote into GITHUB_OUTPUT."""
    found, lines = {}, iter(path.read_text(encoding="utf-8").splitlines())
    for line in lines:
        name, sign, rest = re.match(r"(\w+)(=|<<)(.*)$", line).groups()  # type: ignore[union-attr]
        if sign == "<<":
            rows = []
            for row in lines:
                if row == rest:
                    break
                rows.append(row)
            rest = "\n".join(rows)
        found[name] = rest
    return found


@dataclass
class Runner:
    """Machines for the jobs of a workflow, each of them new."""

    folder: Path
    remote: Path
    default_branch: str
    variables: Mapping[str, str]
    """What is set on every machine, beside GitHub's own."""

    def run(self, workflow: Path) -> Run:
        """Run a workflow by hand, from the default branch."""
        text = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        shutil.rmtree(self.folder, ignore_errors=True)
        repository = {"default_branch": self.default_branch}
        github = {
            "event_name": "workflow_dispatch",
            "event": {"repository": repository},
            "ref_name": self.default_branch,
            "token": "the-token",
        }
        known: dict[str, Any] = {"github": github, "secrets": {"NCBI_EMAIL": "us@example.org"}}
        known["env"] = {k: filled(v, known) for k, v in text.get("env", {}).items()}
        run = Run({})
        for name, job in text["jobs"].items():
            needs = job.get("needs", [])
            needs = [needs] if isinstance(needs, str) else needs
            done = {one: run.jobs[one] for one in needs}
            known["needs"] = {
                n: {"result": j.result, "outputs": j.outputs} for n, j in done.items()
            }
            condition = job.get("if", "").removeprefix("${{").removesuffix("}}")
            good = all(one.result == "success" for one in done.values())
            # Without a function of the state in it, a condition is asked where all went well.
            if (not good and not re.search(r"always|cancelled", condition)) or (
                condition and not value(condition, known)
            ):
                run.jobs[name] = Job()
            else:
                run.jobs[name] = self._job(name, job, known)
        return run

    def _job(self, name: str, job: dict[str, Any], known: dict[str, Any]) -> Job:
        machine = self.folder / name
        temp, here = machine / "temp", machine / "work"
        temp.mkdir(parents=True)
        result = Job("success")
        known = {**known, "steps": {}, "runner": {"temp": str(temp)}}
        for step in job["steps"]:
            if uses := step.get("uses"):
                self._action(uses.split("@")[0], step.get("with", {}), here, known)
                continue
            said, code, out = self._shell(step, here, temp, known)
            result.log += said
            known["steps"][step.get("id", "")] = {"outputs": out}
            if code:
                result.result = "failure"
                break
        result.outputs = {k: filled(v, known) for k, v in job.get("outputs", {}).items()}
        return result

    def _action(self, name: str, given: Mapping[str, Any], here: Path, known: Any) -> None:
        artifact = self.folder / f"artifact-{given.get('name')}"
        path = Path(filled(str(given.get("path", "")), known))
        if name == "actions/checkout":
            assert given["persist-credentials"] is False
            branch = filled(given.get("ref", self.default_branch), known)
            command = ["git", "clone", "--quiet", "--branch", branch, str(self.remote), str(here)]
            subprocess.run(command, check=True)
        elif name == "actions/upload-artifact":
            shutil.copytree(path, artifact)
        elif name == "actions/download-artifact":
            shutil.copytree(artifact, path, dirs_exist_ok=True)
        else:
            assert name == "actions/setup-python", name

    def _shell(
        self, step: Mapping[str, Any], here: Path, temp: Path, known: Any
    ) -> tuple[str, int, dict[str, str]]:
        assert "${{" not in step["run"], "an expression in a script is code that others may write"
        written = temp / "output"
        written.write_text("", encoding="utf-8")
        environment = {
            **{k: os.environ[k] for k in KEPT if k in os.environ},
            "CI": "true",
            "GITHUB_OUTPUT": str(written),
            "GITHUB_REPOSITORY": "us/review",
            "GITHUB_RUN_ID": "77",
            "GITHUB_SERVER_URL": "https://github.com",
            "RUNNER_TEMP": str(temp),
            **known["env"],
            **self.variables,
            **{k: filled(str(v), known) for k, v in step.get("env", {}).items()},
        }
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=here,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        return done.stdout, done.returncode, outputs(written)
