"""Mutants: the product with one small fault each; a test has to fail for every one of them.

``make mutants`` draws some of all possible faults, always the same ones of a seed, and tells which
of them no test sees. The product is imported once. A first forked process runs the tests with a
mark at each statement, and so learns which tests reach it; then each mutant is a forked process in
which the ``__code__`` of one function is swapped for the faulty one, and which runs the tests that
reach the fault, the quick ones first, until one fails. Faults are made inside functions alone; the
words of a sentence are no place for one. A tool, no part of ``make test``.

A mutant that behaves as the original does stands in ``EXPLAINED`` with the reason.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import hashlib
import importlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a fork takes one thread along

import pytest

HOME = Path(__file__).parents[1]
TARGETS: Mapping[str, tuple[str, ...]] = {
    "review/files/reference.py": ("repository",),
    "review/files": (
        *("files", "migrate", "change", "snapshot", "inventory", "acts", "sign", "extract"),
        *("claims", "library", "screen", "status", "fulltext", "language_model", "hostile"),
        *("two_sources", "assign", "history"),
    ),
    "review/searching": (
        *("pubmed", "pubmed_query", "comparison", "second_source", "health", "update", "io"),
        *("notices", "traps", "hostile", "two_sources"),
    ),
    "review/selection": (
        *("library", "screen", "notices", "traps", "status", "snapshot", "hostile", "undo"),
        *("forms", "waiting", "sheets_as_they_come", "notice_acts"),
    ),
    "review/grading": (
        *("grade", "propose", "sign", "claims", "files", "second_topic", "reading"),
    ),
    "review/extraction/quotes.py": ("gate", "printed", "extract", "sign", "fulltext"),
    "review/acts": (
        *("acts", "notice_acts", "change", "sign", "screen", "edition", "claims", "assign"),
        *("take_out", "reread", "undo", "forms", "reading"),
    ),
}
"""Files, or folders of them, and the tests that have to see a fault there; a room that does not
exist yet has no faults."""

MORE = "more of the source is read with the quote than is needed, and nothing of it is used"
BESIDE = "a number that only touches the quote is read too, and no number of the quote is there"
EXPLAINED: Mapping[tuple[str, str], str] = {
    (
        "low, high = max(0, start - AROUND), min(len(source.text), start + len(wanted) + AROUND)",
        "min(len(source.text), start + len(wanted) + AROUND) -> "
        "max(len(source.text), start + len(wanted) + AROUND)",
    ): MORE,
    (
        "if one.end > begin and one.start < end and (low == 0 or one.start > 0)",
        "one.start < end -> one.start <= end",
    ): BESIDE,
    (
        "if one.end > begin and one.start < end and (low == 0 or one.start > 0)",
        "one.end > begin -> one.end >= begin",
    ): BESIDE,
    ("folder.mkdir(exist_ok=True)", "True -> False"): (
        "only another process that makes the folder in the same instant would see it"
    ),
    ("while position < len(query):", "position < len(query) -> position <= len(query)"): (
        "behind the last sign there is no token, and the loop ends there"
    ),
    ("return check", "return check -> return None"): (
        "run when the module is imported, before the fork"
    ),
    (
        "if noted is None or noted > compared.day:  # a day that has not come: some clock was wrong",
        "noted > compared.day -> noted >= compared.day",
    ): "the same day is written over itself",
    ('text = json.dumps(kept, ensure_ascii=False, indent=1) + "\\n"', "1 -> 2"): (
        "how a kept answer is laid out; it is read back the same"
    ),
    ("_, header = next(table, (1, None))", "1 -> 2"): "the line of a header that is not there",
}
"""Line of the source and change: why no test can tell the mutant from the original."""

COUNT, SEED = 200, 1
SECONDS = 25.0
"""CPU-seconds of tests that one mutant is given, by what they took undisturbed."""
MEMORY = 4 << 30
"""Bytes that a mutant may take before it fails for want of them."""
QUIET = (
    *("-o", "tmp_path_retention_policy=none"),  # thousands of copies of the demonstration
    *("-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not whole"),
)


# ---- faults --------------------------------------------------------------------------------------

COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
CALLS: Mapping[str, str] = {"any": "all", "all": "any", "min": "max", "max": "min"}
EMPTY: Mapping[str, str] = {
    "list": "[]",
    "Sequence": "[]",
    "tuple": "()",
    "dict": "{}",
    "Mapping": "{}",
    "set": "set()",
    "frozenset": "frozenset()",
    "str": "''",
    "bytes": "b''",
    "int": "0",
}
"""What a function that promises such a thing returns when it found nothing."""


def compared(node: ast.Compare) -> Iterator[ast.expr]:
    """Each comparison flipped, and moved by its boundary."""
    for n, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            operators = [*node.ops[:n], other(), *node.ops[n + 1 :]]
            yield ast.Compare(node.left, operators, node.comparators)


def combined(node: ast.BinOp) -> Iterator[ast.expr]:
    """Operators of sets and of numbers, and the sides of a difference."""
    if isinstance(node.op, ast.Sub):
        yield ast.BinOp(node.right, ast.Sub(), node.left)
    elif isinstance(node.op, ast.BitAnd | ast.BitOr):
        other = ast.BitOr() if isinstance(node.op, ast.BitAnd) else ast.BitAnd()
        yield ast.BinOp(node.left, other, node.right)
    elif isinstance(node.op, ast.Add) and not is_text(node.left) and not is_text(node.right):
        yield ast.BinOp(node.left, ast.Sub(), node.right)


def is_text(node: ast.AST) -> bool:
    """Whether an expression is a text as it stands."""
    return isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str | bytes)


def is_negative(node: ast.AST) -> bool:
    """Whether an expression is a number below nothing."""
    minus = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    return minus and isinstance(node.operand, ast.Constant)


def returned(node: ast.Return, function: ast.FunctionDef) -> Iterator[ast.stmt]:
    """Nothing, where something was returned."""
    promised = ast.unparse(function.returns) if function.returns else ""
    if node.value is None or "Iterator" in promised:
        return
    if promised == "bool":
        if isinstance(node.value, ast.Constant):
            return  # a fault of its own
        nothing: ast.expr = ast.UnaryOp(ast.Not(), node.value)
    else:
        empty = EMPTY.get(promised.partition("[")[0], "None")
        nothing = ast.parse(empty, mode="eval").body
    if ast.unparse(nothing) != ast.unparse(node.value):
        yield ast.Return(nothing)


def changed(node: ast.AST, function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The faults that can stand where this node stands, by the classic operators."""
    if isinstance(node, ast.Compare):
        yield from compared(node)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif is_negative(node):
        yield ast.Constant(1 - node.operand.value)  # type: ignore[attr-defined]
    elif isinstance(node, ast.BinOp):
        yield from combined(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
        name = ast.Name(CALLS[node.func.id], ast.Load())  # type: ignore[attr-defined]
        yield ast.Call(name, node.args, node.keywords)
    elif isinstance(node, ast.If | ast.IfExp) and isinstance(
        node.test, ast.Name | ast.Attribute | ast.Call | ast.NamedExpr
    ):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.Return):
        yield from returned(node, function)
    elif isinstance(node, ast.AugAssign | ast.Raise | ast.Continue | ast.Break) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield ast.Pass()


@dataclass(frozen=True)
class Place:
    """Where a fault can stand: a node, the statement around it, the outermost function around it."""

    node: ast.AST
    statement: ast.stmt
    function: ast.FunctionDef
    """the innermost one"""
    outermost: ast.FunctionDef


def places(tree: ast.AST) -> Iterator[Place]:
    """Every node inside the functions of a module, in the order of the source; no docstring, type,
    decorator, word of a sentence, or ``strict`` of a ``zip`` whose parts are of one length.
    """

    def below(node: ast.AST, place: Place) -> Iterator[Place]:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "args", "type_params"):
                if not isinstance(node, ast.Call):
                    continue
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                    continue
                if is_negative(node) or getattr(child, "arg", "") == "strict":
                    continue
                inner = child if isinstance(child, ast.FunctionDef) else place.function
                statement = child if isinstance(child, ast.stmt) else place.statement
                here = Place(child, statement, inner, place.outermost)
                yield here
                yield from below(child, here)

    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield from below(node, Place(node, node, node, node))
        elif isinstance(node, ast.ClassDef):
            yield from places(node)


@dataclass(frozen=True)
class Mutant:
    """One fault."""

    path: str
    line: int
    source: str
    """the line as it is written"""
    change: str
    statement: str
    """the mark of the statement it stands in"""
    number: int
    """its number among the faults of the file"""

    def rank(self, seed: int) -> str:
        """Its place in a draw; what changes elsewhere in the source does not move it."""
        return hashlib.sha256(f"{seed}\n{self.source}\n{self.change}".encode()).hexdigest()

    @property
    def explained(self) -> str | None:
        """Why no test can see it."""
        return EXPLAINED.get((self.source, self.change))


def mark(path: str, statement: ast.stmt) -> str:
    """A statement's name: file, line, column."""
    return f"{path}:{statement.lineno}:{statement.col_offset}"


def faults(tree: ast.AST) -> Iterator[tuple[Place, ast.AST]]:
    """Every fault of a module: where, and what stands there instead."""
    for place in places(tree):
        for new in changed(place.node, place.function):
            yield place, new


def short(node: ast.AST) -> str:
    """Code as one line."""
    text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    return text if len(text) <= 100 else text[:97] + "..."


def mutants(path: str, text: str) -> list[Mutant]:
    """All mutants of a file."""
    lines = text.splitlines()
    found = []
    for number, (place, new) in enumerate(faults(ast.parse(text))):
        old, line = place.node, place.node.lineno  # type: ignore[attr-defined]
        if isinstance(old, ast.If):
            change = f"if {short(old.test)} -> if {short(new.test)}"  # type: ignore[attr-defined]
        else:
            change = f"{short(old)} -> {short(new)}"
        found.append(
            Mutant(path, line, lines[line - 1].strip(), change, mark(path, place.statement), number)
        )
    return found


def replaced(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put a node in another's place."""
    ast.copy_location(new, old)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(one is old for one in value):
                value[:] = [new if one is old else one for one in value]
    ast.fix_missing_locations(tree)


# ---- code that is swapped ------------------------------------------------------------------------


def codes(code: CodeType) -> Iterator[CodeType]:
    """A module's functions and methods, those inside others too: some of these were made already."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from codes(one)


def swap(path: Path, tree: ast.Module) -> None:
    """Give the functions of an imported module the code of a changed source of it.

    Whatever wraps or holds them (a property, a cache, another module's name) holds the same function.
    """
    new = {(one.co_qualname, one.co_firstlineno): one for one in codes(compile(tree, path, "exec"))}
    for function in [one for one in gc.get_objects() if isinstance(one, FunctionType)]:
        old = function.__code__
        code = new.get((old.co_qualname, old.co_firstlineno))
        if old.co_filename == str(path) and code is not None:
            if code.co_freevars == old.co_freevars:
                function.__code__ = code


def mutated(mutant: Mutant) -> None:
    """Become the mutant."""
    path = HOME / mutant.path
    tree = ast.parse(path.read_bytes())
    place, new = next(one for n, one in enumerate(faults(tree)) if n == mutant.number)
    replaced(tree, place.node, new)
    swap(path, tree)


def marked(path: str, reached: Callable[[str], None]) -> None:
    """Tell of every statement of a module's functions when it is run."""
    tree = ast.parse((HOME / path).read_bytes())
    statements = {
        id(place.statement): place.statement
        for place in places(tree)
        if not isinstance(place.statement, ast.Global | ast.Nonlocal)
    }
    for parent in list(ast.walk(tree)):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list):
                setattr(parent, name, [new for one in block for new in told(path, one, statements)])
    ast.fix_missing_locations(tree)
    module = sys.modules[path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")]
    module.__dict__["__reached__"] = reached
    swap(HOME / path, tree)


def told(path: str, one: ast.stmt, statements: Mapping[int, ast.stmt]) -> Iterator[ast.stmt]:
    """A statement behind a call that tells of it."""
    if id(one) in statements:
        name = ast.Name("__reached__", ast.Load())
        call = ast.Expr(ast.Call(name, [ast.Constant(mark(path, one))], []))
        yield ast.fix_missing_locations(ast.copy_location(call, one))
    yield one


# ---- tests that run in a fork --------------------------------------------------------------------


@dataclass(eq=False)
class Reached:
    """What each test runs, told by a plugin of pytest: its statements and its seconds.

    What a fixture of a whole module runs is run for each test that asks for it, and what the import
    of a test module runs for each of its tests.
    """

    now: set[str] = field(default_factory=set)
    shared: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    tests: dict[str, tuple[float, list[str]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def __call__(self, statement: str) -> None:
        self.now.add(statement)

    @contextlib.contextmanager
    def within(self, statements: set[str]) -> Iterator[None]:
        """Tell what is run in this block to these, and nothing to those around it."""
        before, self.now = self.now, statements
        try:
            yield
        finally:
            self.now = before

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Any:
        with self.within(self.shared[collector.nodeid]):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        if fixturedef.scope == "function":
            return (yield)
        with self.within(self.shared[fixturedef.argname]):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        forgotten()
        own: set[str] = set()
        begun = time.process_time()
        with self.within(own):
            result = yield
        for name in (item.nodeid.partition("::")[0], *getattr(item, "fixturenames", ())):
            own |= self.shared.get(name, set())
        self.tests[item.nodeid] = (time.process_time() - begun, sorted(own))
        return result


def forgotten() -> None:
    """Empty the caches of the product: what one test computed, the next one runs again."""
    for module in [one for name, one in sys.modules.items() if name.startswith("review")]:
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear") and hasattr(value, "__wrapped__"):
                value.cache_clear()


@dataclass(eq=False)
class Chosen:
    """Run these tests in this order, by a plugin of pytest; note the first that fails."""

    tests: Sequence[str]
    failed: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = {name: n for n, name in enumerate(self.tests)}
        items[:] = sorted(
            (one for one in items if one.nodeid in order), key=lambda one: order[one.nodeid]
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.failed is None:
            self.failed = report.nodeid


def forked(work: Callable[[Path], int], folder: Path) -> int:
    """Begin some work in a process of its own, with a group and a folder of its own.

    :returns: the number of the process, which ends with what the work returns
    """
    folder.mkdir()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        out = os.open(folder / "out", os.O_WRONLY | os.O_CREAT)
        os.dup2(out, 1)
        os.dup2(out, 2)
        code = work(folder)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ended(process: int, *, wait: bool) -> int | None:
    """The code a process ended with; None where it still runs."""
    done, status = os.waitpid(process, 0 if wait else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def pytest_run(folder: Path, options: Sequence[str], plugin: object) -> int:
    """Run tests in this process."""
    with contextlib.chdir(HOME):
        return int(pytest.main([*QUIET, "--basetemp", str(folder / "tmp"), *options], [plugin]))


def undisturbed(paths: Sequence[str], folder: Path) -> dict[str, tuple[float, list[str]]]:
    """The tests of the paths' rooms with their seconds and the statements they reach.

    A test that fails without a fault can tell no mutant: it is named and left out.
    """
    files = sorted({f"tests/test_{one}.py" for path in paths for one in tests_of(path)})

    def work(folder: Path) -> int:
        plugin = Reached()
        for path in paths:
            marked(path, plugin)
        code = pytest_run(folder, files, plugin)
        told = {"tests": plugin.tests, "failed": plugin.failed}
        (folder / "reached.json").write_text(json.dumps(told))
        return code

    if ended(forked(work, folder), wait=True) not in (0, 1):
        sys.exit(f"no test could run:\n{(folder / 'out').read_text()}")
    told = json.loads((folder / "reached.json").read_text())
    for name in told["failed"]:
        print(f"fails without a fault, and is left out: {name}", file=sys.stderr)
    shutil.rmtree(folder)
    return {name: one for name, one in told["tests"].items() if name not in told["failed"]}


@dataclass
class Outcome:
    """How a mutant ended: killed, survived, timed out; or no test reaches it."""

    mutant: Mutant
    end: str
    tests: int
    """that were to run"""
    by: str | None = None
    """the test that failed"""
    seconds: float = 0.0


@dataclass
class Running:
    """A mutant at work."""

    mutant: Mutant
    process: int
    folder: Path
    tests: int
    begun: float
    longest: float

    def outcome(self) -> Outcome | None:
        """How it ended; None where it has not. One that takes too long is ended."""
        seconds = time.monotonic() - self.begun
        code, late = ended(self.process, wait=False), seconds > self.longest
        if code is None and not late:
            return None
        if code is None:
            os.killpg(self.process, signal.SIGKILL)
            ended(self.process, wait=True)
        by = self.folder / "failed"
        failed = by.read_text() if by.is_file() else None
        said = (self.folder / "out").read_text(errors="replace")
        shutil.rmtree(self.folder, ignore_errors=True)
        if code in (4, 5, 70):
            sys.exit(f"{self.mutant.path}:{self.mutant.line}: no test could run:\n{said}")
        end = "timed out" if code is None else "killed" if code else "survived"
        return Outcome(self.mutant, end, self.tests, failed, round(seconds, 1))


def chosen(
    mutant: Mutant, reached: Mapping[str, tuple[float, list[str]]], most: float
) -> list[str]:
    """The tests that reach a mutant and stand for its room: the quick ones first, and no more of
    them than take so many seconds.
    """
    files = {f"tests/test_{one}.py" for one in tests_of(mutant.path)}
    tests = [
        (seconds, name)
        for name, (seconds, statements) in reached.items()
        if name.partition("::")[0] in files and mutant.statement in statements
    ]
    found: list[str] = []
    for seconds, name in sorted(tests):
        most -= seconds
        if most < 0 and found:
            break
        found.append(name)
    return found


def begun(
    mutant: Mutant, tests: Sequence[str], folder: Path, reached: Mapping[str, tuple[float, Any]]
) -> Running:
    """Set a mutant to work."""

    def work(folder: Path) -> int:
        mutated(mutant)
        plugin = Chosen(tests)
        files = sorted({name.partition("::")[0] for name in tests})
        code = pytest_run(folder, ["-x", *files], plugin)
        if plugin.failed:
            (folder / "failed").write_text(plugin.failed)
        return code

    longest = 40 + 4 * sum(reached[name][0] for name in tests)
    return Running(mutant, forked(work, folder), folder, len(tests), time.monotonic(), longest)


def hunted(
    drawn: Sequence[Mutant],
    reached: Mapping[str, tuple[float, list[str]]],
    folder: Path,
    jobs: int,
    most: float,
) -> Iterator[Outcome]:
    """Every mutant with its end, some at a time."""
    waiting, running = list(enumerate(drawn)), list[Running]()
    while waiting or running:
        while waiting and len(running) < jobs:
            number, mutant = waiting.pop(0)
            if tests := chosen(mutant, reached, most):
                running.append(begun(mutant, tests, folder / str(number), reached))
            else:
                yield Outcome(mutant, "not reached", 0)
        for one in list(running):
            if outcome := one.outcome():
                running.remove(one)
                yield outcome
        time.sleep(0.05)


# ---- which, and what became of them --------------------------------------------------------------


def room(path: str) -> str:
    """The target a file belongs to."""
    return next(one for one in TARGETS if path == one or path.startswith(f"{one}/"))


def tests_of(path: str) -> tuple[str, ...]:
    """The tests that have to see a fault of a file."""
    return TARGETS[room(path)]


def targets(only: str | None = None) -> list[str]:
    """The files that are mutated.

    :param only: a file or folder of them
    """
    found = {
        path.relative_to(HOME).as_posix()
        for target in TARGETS
        for path in ((HOME / target).rglob("*.py") if (HOME / target).is_dir() else [HOME / target])
        if path.is_file()
    }
    wanted = only.rstrip("/") if only else ""
    return sorted(one for one in found if not only or one == wanted or one.startswith(wanted + "/"))


def imported(paths: Sequence[str]) -> None:
    """Load the product, and what tests load, before the first fork."""
    import review

    for path in sorted((HOME / "review").rglob("*.py")):
        name = path.relative_to(HOME).as_posix().removesuffix(".py").removesuffix("/__init__")
        if not name.endswith("__main__"):
            importlib.import_module(name.replace("/", "."))
    assert Path(str(review.__file__)).is_relative_to(HOME), "the product of another checkout"
    assert all((HOME / path).is_file() for path in paths)


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What became of them, by room; then those that no test saw."""
    ends = ("killed", "timed out", "explained", "survived", "not reached")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in outcomes:
        for name in (room(one.mutant.path), "all"):
            counts[name][one.end] += 1
    yield f"{'':<28}{'mutants':>8}" + "".join(f"{end:>12}" for end in ends)
    for name in (*(one for one in TARGETS if one in counts), "all"):
        row = "".join(f"{counts[name][end]:>12}" for end in ends)
        yield f"{name:<28}{counts[name].total():>8}{row}"
    for one in outcomes:
        if one.end in ("survived", "not reached"):
            yield ""
            yield f"{one.mutant.path}:{one.mutant.line}: {one.mutant.source}"
            yield f"    {one.mutant.change}  ({one.end}; {one.tests} tests)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw, hunt, tell.

    :returns: 1 where a mutant survived that nobody explained
    """
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.mutants")
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many (default {COUNT})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"which ones (default {SEED})")
    parser.add_argument("--only", metavar="PATH", help="a file or folder of the targets")
    parser.add_argument("--jobs", type=int, default=2, help="at a time (default 2)")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"of tests a mutant (default {SECONDS:.0f})"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args(arguments)
    paths = targets(options.only)
    if not paths:
        parser.error(f"--only {options.only}: expected a file or folder of {', '.join(TARGETS)}")
    every = [one for path in paths for one in mutants(path, (HOME / path).read_text("utf-8"))]
    drawn = sorted(every, key=lambda one: one.rank(options.seed))[: options.count]
    imported(paths)
    outcomes = []
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        print(f"{len(drawn)} of {len(every)} mutants", file=sys.stderr, flush=True)
        reached = undisturbed(sorted({one.path for one in drawn}), Path(name) / "undisturbed")
        print(
            f"{len(reached)} tests, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True
        )
        for one in hunted(drawn, reached, Path(name), options.jobs, options.seconds):
            if one.end in ("survived", "not reached") and one.mutant.explained:
                one.end = "explained"
            outcomes.append(one)
            print(
                f"{len(outcomes)}: {one.end}: {one.mutant.path}:{one.mutant.line}: "
                f"{one.mutant.change} ({one.seconds} s)",
                file=sys.stderr,
                flush=True,
            )
    outcomes.sort(key=lambda one: (one.mutant.path, one.mutant.line, one.mutant.number))
    if options.json:
        rows = [{**asdict(one), "explained": one.mutant.explained} for one in outcomes]
        facts = {"seed": options.seed, "possible": len(every), "mutants": rows}
        print(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        print("\n".join(table(outcomes)))
        print(f"seed {options.seed}, {time.monotonic() - start:.0f} seconds")
    return int(any(one.end in ("survived", "not reached") for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
