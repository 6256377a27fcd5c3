"""The house in figures: ``python -m tests.figures [COMMIT ...]`` prints a table, a column a commit.

Without a commit the checkout is measured. Complexity counts as radon does: one for a function, one
more for each branch, loop, handler, assertion, comprehension and its conditions, each further
operand of and/or, and what its inner functions add. A tool, no part of ``make test``.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.conftest import HOME

Function = ast.FunctionDef | ast.AsyncFunctionDef
ONE = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert)
PRODUCT = ("review", "extractors")


def complexity(function: ast.AST) -> int:
    """A function's complexity, its inner functions included."""
    score = 1
    for node in ast.walk(function):
        if isinstance(node, ONE):
            score += 1
        elif isinstance(node, ast.comprehension):
            score += 1 + len(node.ifs)
        elif isinstance(node, ast.BoolOp):
            score += len(node.values) - 1
        elif isinstance(node, ast.match_case):
            score += 1
    return score


def functions(tree: ast.AST) -> Iterator[Function]:
    """The functions and methods of a module, without those inside others."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield node
        else:
            yield from functions(node)


def room(module: str) -> str:
    """The room a module stands in: its package, or itself where it lies flat."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "review" else parts[0]


def arrows(trees: Mapping[str, ast.AST]) -> set[tuple[str, str]]:
    """Which room imports which, imports inside functions included."""
    found = set()
    for module, tree in trees.items():
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            elif isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            for name in names:
                if name in trees and room(name) != room(module):
                    found.add((room(module), room(name)))
    return found


def circles(found: set[tuple[str, str]]) -> int:
    """How many groups of rooms reach each other both ways."""
    after = defaultdict(set)
    for one, other in found:
        after[one].add(other)

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for other in after.get(waiting.pop(), set()) - seen:
                seen.add(other)
                waiting.append(other)
        return seen

    reach = {one: reached(one) for one in after}
    groups = {
        frozenset({one, *(other for other in reach[one] if one in reach.get(other, ()))})
        for one in reach
        if one in reach[one]
    }
    return len(groups)


def code_lines(source: str) -> int:
    """Lines that are not blank."""
    return sum(1 for line in source.splitlines() if line.strip())


def measured(folder: Path) -> dict[str, float | str]:
    """The figures of a tree."""
    sources = {
        path: path.read_text(encoding="utf-8")
        for part in (*PRODUCT, "tests")
        for path in sorted((folder / part).rglob("*.py"))
    }
    product = {
        path: text
        for path, text in sources.items()
        if path.parts[-1] and path.relative_to(folder).parts[0] in PRODUCT
    }
    trees = {
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): (
            ast.parse(text)
        )
        for path, text in product.items()
    }
    every = [one for tree in trees.values() for one in functions(tree)]
    lengths = sorted((one.end_lineno or 0) - one.lineno + 1 for one in every)
    scores = [complexity(one) for one in every]
    tangled = sum(score > 12 for score in scores)
    between = arrows(trees)
    longest = max(product, key=lambda path: product[path].count("\n"))
    lines = sum(map(code_lines, product.values()))
    tests = sum(code_lines(text) for path, text in sources.items() if path not in product)
    return {
        "product modules": len(product),
        "code lines": lines,
        "functions": len(every),
        "functions of complexity > 12": f"{100 * tangled / len(every):.1f} % ({tangled})",
        "mean complexity": round(sum(scores) / len(scores), 2),
        "function lines, median": lengths[len(lengths) // 2],
        "function lines, p90": lengths[9 * len(lengths) // 10],
        "function lines, longest": lengths[-1],
        "functions over 60 lines": sum(length > 60 for length in lengths),
        "longest module": f"{product[longest].count(chr(10))} ({longest.relative_to(folder)})",
        "modules over 400 lines": sum(text.count("\n") > 400 for text in product.values()),
        "test lines a code line": round(tests / lines, 2),
        "rooms": len({room(name) for name in trees}),
        "arrows between rooms": len(between),
        "circles of rooms": circles(between),
    }


def of_commit(commit: str) -> dict[str, float | str]:
    """The figures of a commit, read from git without a checkout."""
    done = subprocess.run(["git", "archive", commit], cwd=HOME, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{commit}: {done.stderr.decode().strip()}")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        return measured(Path(folder))


def main() -> None:
    """Print the table, or one JSON object a column."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("commit", nargs="*", help="measured besides the checkout")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    arguments = parser.parse_args()
    columns = {name: of_commit(name) for name in arguments.commit} | {"checkout": measured(HOME)}
    if arguments.json:
        print(json.dumps(columns, indent=2))
        return
    print("| | " + " | ".join(columns) + " |")
    print("|---|" + "---|" * len(columns))
    for figure in columns["checkout"]:
        print(f"| {figure} | " + " | ".join(str(one[figure]) for one in columns.values()) + " |")


if __name__ == "__main__":
    main()
