"""Mutation testing: change one thing of the code, run the tests that reach the line, see whether one of them fails.

    python tools/mutate.py --contexts FILE              # run the suite once; write down which test reaches which line
    python tools/mutate.py --contexts FILE --count 200  # then try 200 mutants, drawn by --seed (1 unless given)
    python tools/mutate.py --contexts FILE --room spec  # of one room
    python tools/mutate.py --contexts FILE --only cnncalc/ops/conv.py:120    # every mutant of a line
    python tools/mutate.py --room report --tests tests/test_report.py tests/test_memory.py  # with these tests alone

A mutant is one change of the syntax tree: a comparison, an operator, a condition that is always true or never, an arm
of `a if b else c`, a part of `and` or `or`, a number one larger or smaller, a flag, `any` for `all`, a sign, `continue`
for `break`. It lives in a forked process alone; no file is changed. A test that starts a process of its own tests what
is on disk, and kills nothing here. What survives is printed with the number of tests that were tried, and stands, with
its reason, in tests/mutants.md; what stands there is not counted against the score.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import resource
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
EXPLAINED = ROOT / "tests" / "mutants.md"
ROOMS = ("ops", "spec", "report", "counts", "explain", "homework")
MOST_TESTS = 40
"""Tests of one mutant, drawn among those that reach the line."""
MOST_SECONDS = 60
"""CPU time of one mutant: far more than its tests take, unless it does not end."""

NOT_RUN = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)
"""Exit codes of a run that says nothing of the mutant, such as of a test that has another name by now."""

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
EXCHANGED = {"any": "all", "all": "any", "min": "max", "max": "min"}


class Mutant(NamedTuple):
    """One change: where, of which kind, the code before and behind it, and the whole module with it."""

    path: str
    line: int
    kind: str
    before: str
    after: str
    module: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}: {self.before}  ->  {self.after}"

    @property
    def key(self) -> str:
        """What names the change when lines have moved: the module, and the code before and behind it."""
        return f"{self.path}: `{self.before}` -> `{self.after}`"


# ---- making mutants --------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """Where a mutant is made: the file, the node by its number in a walk of the tree, and which of its changes."""

    path: Path
    node: int
    change: int
    line: int


def places(path: Path) -> list[Place]:
    """List the places of a file where a mutant can be made."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [
        Place(path, at, number, getattr(node, "lineno", 1))
        for at, node in enumerate(nodes)
        for number, _ in enumerate(changes(node))
    ]


def mutant_of(place: Place) -> Mutant | None:
    """Make a mutant; None where the change says nothing of the tests."""
    tree = ast.parse(place.path.read_text(encoding="utf-8"))
    node = list(ast.walk(tree))[place.node]
    if is_unchanged_by_rule(tree, node):
        return None
    before = ast.unparse(node)
    kind, replacement = list(changes(node))[place.change]
    put(tree, node, replacement)
    path = place.path.relative_to(ROOT).as_posix()
    return Mutant(
        path, place.line, kind, first(before), first(ast.unparse(replacement)), ast.unparse(tree)
    )


def first(text: str) -> str:
    """Return the first line of some code."""
    return text.split("\n")[0]


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a node may be exchanged for."""
    if isinstance(node, ast.Compare):
        for at, sign in enumerate(node.ops):
            signs = [*node.ops[:at], COMPARED[type(sign)](), *node.ops[at + 1 :]]
            yield "compare", ast.Compare(node.left, signs, node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        yield "operator", ast.BinOp(node.left, COMPUTED[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        for at in range(len(node.values)):
            rest = [*node.values[:at], *node.values[at + 1 :]]
            yield "part left out", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.UnaryOp):
        yield "sign left out", node.operand
    elif isinstance(node, ast.IfExp):
        yield "always", node.body
        yield "never", node.orelse
    elif isinstance(node, ast.If):
        yield "always", ast.If(ast.Constant(True), node.body, node.orelse)
        yield "never", ast.If(ast.Constant(False), node.body, node.orelse)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield "always", ast.comprehension(node.target, node.iter, [], node.is_async)
    else:
        yield from changes_of_words(node)


def changes_of_words(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a number, a flag, a name or a jump may be exchanged for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "flag", ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "number", ast.Constant(node.value + 1)
        yield "number", ast.Constant(node.value - 1)
    elif isinstance(node, ast.Name) and node.id in EXCHANGED:
        yield "call", ast.Name(EXCHANGED[node.id], node.ctx)
    elif isinstance(node, ast.Continue):
        yield "jump", ast.Break()
    elif isinstance(node, ast.Break):
        yield "jump", ast.Continue()


def is_unchanged_by_rule(tree: ast.Module, node: ast.AST) -> bool:
    """Whether a change says nothing of the tests: it is for the type checker, or a bound of what is remembered."""
    text = ast.unparse(node)
    if "TYPE_CHECKING" in text.split("\n")[0] or re.match(r"lru_cache\(|range\(0\)", text):
        return True
    for other in ast.walk(tree):
        for child in (*getattr(other, "decorator_list", ()), getattr(other, "annotation", None)):
            if child is not None and any(part is node for part in ast.walk(child)):
                return True
        if (
            isinstance(other, ast.keyword)
            and other.arg in ("strict", "maxsize")
            and other.value is node
        ):
            return True
    return False


def put(tree: ast.Module, node: ast.AST, replacement: ast.AST) -> None:
    """Put another node in a node's place."""
    ast.copy_location(replacement, node)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, replacement)
            elif isinstance(value, list):
                value[:] = [replacement if item is node else item for item in value]
    ast.fix_missing_locations(tree)


# ---- which tests -----------------------------------------------------------------------------------------------------


def write_contexts(file: Path) -> None:
    """Run the suite once under coverage."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-n",
        "auto",
        "--cov=cnncalc",
    ]
    subprocess.run(
        [*command, "--cov-context=test", "--cov-report="],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(file.absolute())},
        check=False,
    )


class Reached:
    """Which tests reach which line."""

    def __init__(self, file: Path) -> None:
        from coverage import CoverageData

        self.data = CoverageData(str(file))
        self.data.read()
        self.files = {
            name[name.rindex("/cnncalc/") + 1 :]: name
            for name in self.data.measured_files()
            if "/cnncalc/" in name
        }
        self.lines: dict[str, dict[int, list[str]]] = {}

    def tests(self, mutant: Mutant) -> list[str]:
        """Find the tests that reach a mutant's line; of one that runs at import, those of its module."""
        if mutant.path not in self.files:
            return []
        if mutant.path not in self.lines:
            self.lines[mutant.path] = self.data.contexts_by_lineno(self.files[mutant.path])
        lines = self.lines[mutant.path]
        found = {test for test in lines.get(mutant.line, ()) if test}
        if not found:
            found = {test for tests in lines.values() for test in tests if test}
        return sorted({test.partition("|")[0] for test in found})


def chosen(tests: list[str], mutant: Mutant, seed: int) -> list[str]:
    """Draw at most so many of a mutant's tests; first those of the files that are named after its module or room."""
    drawn = random.Random(f"{seed} {mutant.key}").sample(tests, len(tests))
    words = set(re.split(r"[/_.]", mutant.path))
    drawn.sort(key=lambda test: -len(words & set(re.split(r"[/_.]", test.partition("::")[0]))))
    return drawn[:MOST_TESTS]


# ---- trying ----------------------------------------------------------------------------------------------------------


class Tried(NamedTuple):
    """What came of a mutant: whether a test failed, and how many were tried."""

    mutant: Mutant
    killed: bool
    tests: int


def is_killed(mutant: Mutant, tests: list[str]) -> bool:
    """Run the tests in a fork in which the module is the mutant."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = run_tests(mutant, tests)
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) not in (0, *NOT_RUN)


def run_tests(mutant: Mutant, tests: list[str]) -> int:
    """Run tests in this process, quietly and for a while; the exit code is pytest's."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
    signal.alarm(5 * MOST_SECONDS)
    load_instead(ROOT / mutant.path, mutant.module)
    os.chdir(ROOT)
    options = [
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:cov",
        "--no-header",
    ]
    return int(pytest.main([*options, *tests]))


def load_instead(path: Path, text: str) -> None:
    """Let a module's file have another text when it is imported."""
    usual = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> Any:
        if Path(loader.path) == path:
            return compile(text, loader.path, "exec")
        return usual(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


# ---- what is known ---------------------------------------------------------------------------------------------------


def explained() -> set[str]:
    """Read the keys of the mutants that tests/mutants.md explains."""
    if not EXPLAINED.exists():
        return set()
    found = re.findall(
        r"^- (cnncalc/\S+: `.*` -> `.*`)", EXPLAINED.read_text(encoding="utf-8"), re.M
    )
    return set(found)


def drawn(rooms: list[str], only: str | None, count: int, seed: int) -> list[Mutant]:
    """Draw mutants of some rooms, or take all of a file or of one of its lines."""
    if only is not None:
        name, _, line = only.partition(":")
        found = [one for one in places(ROOT / name) if not line or one.line == int(line)]
    else:
        files = sorted(path for room in rooms for path in (ROOT / "cnncalc" / room).rglob("*.py"))
        every = [place for path in files for place in places(path)]
        found = random.Random(seed).sample(every, min(count, len(every)) if count else len(every))
    return [mutant for mutant in map(mutant_of, found) if mutant is not None]


def main() -> int:
    """Try mutants and print the score; the exit code is 1 where one survives that nobody has explained."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--contexts", type=Path, help="which test reaches which line")
    how.add_argument("--tests", nargs="+", help="files of tests that every mutant is held to")
    parser.add_argument("--room", choices=ROOMS, action="append")
    parser.add_argument("--count", type=int, default=100, help="how many; 0 is all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", metavar="FILE[:LINE]")
    given = parser.parse_args()
    if given.contexts is not None and not given.contexts.exists():
        write_contexts(given.contexts)
    reached = None if given.contexts is None else Reached(given.contexts)
    known = explained()
    tried = []
    for mutant in drawn(given.room or list(ROOMS), given.only, given.count, given.seed):
        tests = (
            given.tests if reached is None else chosen(reached.tests(mutant), mutant, given.seed)
        )
        tried.append(Tried(mutant, bool(tests) and is_killed(mutant, tests), len(tests)))
        if not tried[-1].killed:
            note = "  (explained)" if mutant.key in known else ""
            what = "tests" if reached is not None else "files of tests"
            print(f"survives {len(tests)} {what}: {mutant}{note}", flush=True)
    return score(tried, known)


def score(tried: list[Tried], known: set[str]) -> int:
    """Print how many were killed, room by room."""
    print(f"{'room':10}{'mutants':>9}{'killed':>8}{'explained':>11}{'score':>8}")
    left = 0
    for room in (*ROOMS, "all"):
        here = [one for one in tried if room in ("all", one.mutant.path.split("/")[1])]
        if here:
            killed = sum(one.killed for one in here)
            excused = sum(not one.killed and one.mutant.key in known for one in here)
            share = 100 * killed / max(len(here) - excused, 1)
            print(f"{room:10}{len(here):>9}{killed:>8}{excused:>11}{share:>7.1f}%")
            left = len(here) - killed - excused
    return 1 if left else 0


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), sysconfig.get_paths()["purelib"]]
    sys.exit(main())
