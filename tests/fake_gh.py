"""``gh`` as the monthly job uses it, over a JSON file: pull requests, issues, workflows that were started.

``FAKE_GH`` names the file; ``denied`` in it lists commands that GitHub refuses. Its ``git`` credential
helper is never asked, since the remote is a folder. It runs as a program, several times a month:
standard library alone, and little of that.
"""

from __future__ import annotations

import itertools
import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

US = "github-actions[bot]"
PAGE = 30


def option(words: list[str], name: str) -> str:
    """What follows an option."""
    return words[words.index(name) + 1]


def issues(held: dict[str, Any], asked: dict[str, str]) -> list[dict[str, Any]]:
    """Open issues with a label: pull requests are issues to GitHub."""
    wanted = asked["labels"]
    return [i for i in held["issues"] if i["state"] == asked["state"] and wanted in i["labels"]]


def pulls(held: dict[str, Any], asked: dict[str, str]) -> list[dict[str, Any]]:
    """Pull requests of one head, which GitHub compares before it cuts the list."""
    keys = ("state", "head", "base")
    return [p for p in held["pulls"] if all(p[key] == asked[key] for key in keys)]


def answer(held: dict[str, Any], words: list[str]) -> Any:
    """What the REST API answers."""
    where = next(w for w in words[1:] if w.startswith("repos/")).partition("?")[0]
    fields = [b for a, b in itertools.pairwise(words) if a == "-f"]
    asked, parts = dict(one.split("=", 1) for one in fields), where.split("/")[3:]
    if parts == ["pulls"]:
        return pulls(held, asked)[:PAGE]
    if parts == ["issues"]:
        return issues(held, asked)[:PAGE]
    issue = next(i for i in held["issues"] if i["number"] == int(parts[1]))
    return issue["comments"] if parts[2:] == ["comments"] else issue


def body(words: list[str]) -> str:
    """The file that a text stands in."""
    with open(option(words, "--body-file"), encoding="utf-8") as file:  # noqa: PTH123 - see above
        return file.read()


def act(held: dict[str, Any], words: list[str]) -> None:
    """Do what a command asks."""
    number = 1 + len(held["pulls"]) + len(held["issues"])
    new = {"number": number, "state": "open", "user": {"login": US}, "comments": []}
    word = {"user": {"login": US}}
    if words[:2] == ["pr", "create"]:
        owner = os.environ["GH_REPO"].split("/")[0]
        new |= {"head": f"{owner}:{option(words, '--head')}", "base": option(words, "--base")}
        held["pulls"].append({**new, "title": option(words, "--title"), "body": body(words)})
        print(f"https://github.com/{os.environ['GH_REPO']}/pull/{number}")
    elif words[:2] == ["pr", "comment"]:
        pull = next(p for p in held["pulls"] if p["number"] == int(words[2]))
        pull["comments"].append({**word, "body": body(words)})
    elif words[:2] == ["issue", "create"]:
        new |= {"labels": [option(words, "--label")], "title": option(words, "--title")}
        held["issues"].append({**new, "body": body(words)})
    elif words[:2] in (["issue", "comment"], ["issue", "close"]):
        issue = next(i for i in held["issues"] if i["number"] == int(words[2]))
        closing = words[1] == "close"
        text = option(words, "--comment") if closing else body(words)
        issue["comments"].append({**word, "body": text})
        issue["state"] = "closed" if closing else issue["state"]
    elif words[:2] == ["workflow", "run"]:
        held["started"].append([words[2], option(words, "--ref")])
    elif words[:2] != ["label", "create"]:
        sys.exit(f"gh: a test has no word for {words}")


def main() -> None:
    """Run a command of gh."""
    words = sys.argv[1:]
    if not os.environ.get("GH_TOKEN"):
        sys.exit("gh: To use GitHub CLI in a GitHub Actions workflow, set GH_TOKEN")
    with open(os.environ["FAKE_GH"], "r+", encoding="utf-8") as file:  # noqa: PTH123 - see above
        held = json.load(file)
        if " ".join(words[:2]) in held["denied"]:
            sys.exit("gh: Resource not accessible by integration (HTTP 403)")
        if words[0] != "api":
            act(held, words)
            file.seek(0)
            file.truncate()
            json.dump(held, file)
            return
    with open(f"{os.environ['FAKE_GH']}.answer", "w+", encoding="utf-8") as file:  # noqa: PTH123
        json.dump(answer(held, words), file)
        file.seek(0)
        os.dup2(file.fileno(), 0)
        os.execlp("jq", "jq", "-r", option(words, "--jq"))


if __name__ == "__main__":
    main()
