"""Mutation testing: change one thing of the code, run the tests that reach the line, see whether one of them fails.

    python tools/mutate.py --contexts FILE              # run the suite once; write down which test reaches which line
    python tools/mutate.py --contexts FILE --count 200  # then try 200 mutants, drawn by --seed (1 unless given)
    python tools/mutate.py --contexts FILE --room spec --count 0             # every mutant of a room
    python tools/mutate.py --contexts FILE --only cnncalc/ops/conv.py:120    # every mutant of a line
    python tools/mutate.py --room report --tests tests/test_report.py tests/test_memory.py  # with these tests alone

What a mutant is, `tools/mutants.py` says. It lives in a forked process alone; no file is changed. The tests are
collected once: a fork puts the changed code into the functions that have it, forgets what was remembered, and runs the
mutant's tests until one fails. What runs at import, and a mutant that no test kills so, is tried again where nothing
has been imported yet. A test that starts a process of its own tests what is on disk, and kills nothing here. What
survives is printed with the number of tests that were tried, and stands, with its reason, in tests/mutants.md; what
stands there is not counted against the score.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gc
import os
import random
import re
import resource
import signal
import subprocess
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest
from mutants import ROOMS, ROOT, Mutant, drawn

EXPLAINED = ROOT / "tests" / "mutants.md"
MOST_TESTS = 300
"""Tests of one mutant, drawn among those that reach the line."""
HEAD_START = 20
"""So many tests of a file come first for each word that its name and the module's path share."""
MOST_ANEW = 40
"""How many of them it is held to once more where nothing has been imported, if they did not kill it;"""
MOST_AT_IMPORT = 100
"""and how many where it runs at import."""
MOST_SECONDS = 60
"""CPU time of one mutant: far more than its tests take, unless it does not end."""

CANNOT = 77
"""Exit code of a fork that could not put the mutant into what is imported."""
PYTEST = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "--no-header"]
OPTIMIZED = 0x01
"""The flag of code that a function runs, rather than a module or the body of a class."""


# ---- which tests -----------------------------------------------------------------------------------------------------


def write_contexts(file: Path) -> None:
    """Run the suite once under coverage."""
    options = ["-q", "-p", "no:cacheprovider", "-n", "auto", "--cov=cnncalc", "--cov-context=test"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--cov-report="],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(file.absolute())},
        check=False,
    )


class Reached:
    """Which tests reach which line."""

    def __init__(self, file: Path, most: int) -> None:
        from coverage import CoverageData

        self.most = most
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
        return sorted({test.rpartition("|")[0] for test in found})

    def chosen(self, mutant: Mutant, seed: int) -> list[str]:
        """Draw some of a mutant's tests: one of each file in turn, of those named after its module or room more."""
        tests = self.tests(mutant)
        tests = random.Random(f"{seed} {mutant.key}").sample(tests, len(tests))
        words = set(re.split(r"[/_.]", mutant.path)) - {"py"}
        turns: dict[str, int] = {}
        order = {}
        for test in tests:
            file = test.partition("::")[0]
            alike = len(words & set(re.split(r"[/_.]", file)))
            order[test] = turns[file] = turns.get(file, -HEAD_START * alike) + 1
        return sorted(tests, key=order.__getitem__)[: self.most]


# ---- trying, where everything is imported ----------------------------------------------------------------------------


class Trial(NamedTuple):
    """A mutant, and the tests that it is held to."""

    mutant: Mutant
    tests: Sequence[str]


class Forks:
    """A plugin that runs, for each trial, a fork of what pytest has collected, and writes down which were killed."""

    def __init__(self, trials: Sequence[Trial], result: int) -> None:
        self.trials = trials
        self.result = result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutant instead of running the tests."""
        items = defaultdict(list)
        for item in session.items:
            items[item.nodeid].append(item)
            items[item.nodeid.partition("::")[0]].append(item)
        gc.unfreeze()
        functions = functions_by_code()
        memories = list(memories_of(gc.get_objects()))
        gc.freeze()
        for trial in self.trials:
            tests = [item for test in trial.tests for item in items.get(test, ())]
            child = os.fork()
            if child == 0:
                code = CANNOT
                try:
                    put_into(trial.mutant, functions)
                    for memory in memories:
                        memory.cache_clear()
                    code = int(fails(session, tests))
                except ValueError:  # what the code sees of the functions around it is not the same
                    pass
                finally:
                    os._exit(code)
            _, status = os.waitpid(child, 0)
            code = os.waitstatus_to_exitcode(status)
            os.write(self.result, b"?" if code == CANNOT else b"-" if code == 0 else b"+")
        return True


def functions_by_code() -> dict[CodeType, list[FunctionType]]:
    """Find every function that is alive, by the code that it runs."""
    found = defaultdict(list)
    for value in gc.get_objects():
        if isinstance(value, FunctionType):
            found[value.__code__].append(value)
    return found


def memories_of(values: list[Any]) -> Iterator[Any]:
    """Find what remembers results, in our modules and in the tests."""
    for value in values:
        if isinstance(value, functools._lru_cache_wrapper):
            file = getattr(sys.modules.get(value.__module__), "__file__", None) or ""
            if file.startswith(f"{ROOT}/"):
                yield value


def put_into(mutant: Mutant, functions: dict[CodeType, list[FunctionType]]) -> None:
    """Exchange the code of all functions that have a mutant's; refuse what runs at import (ValueError)."""
    path = ROOT / mutant.path
    before = compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)
    after = compile(mutant.module, str(path), "exec", dont_inherit=True)
    load_instead(path, after)
    for old, new in changed(before, after):
        for function in functions.get(old, ()):
            if function.__code__.co_filename == str(path):
                function.__code__ = new


def changed(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Yield the code of functions that differs, the outermost first (ValueError where it is no function's)."""
    if before == after:
        return
    if before.co_flags & OPTIMIZED:
        yield before, after
    elif own(before) != own(after):
        raise ValueError("it runs at import")
    for old, new in zip(inner(before), inner(after), strict=True):
        yield from changed(old, new)


def own(code: CodeType) -> CodeType:
    """Return code without the functions in it."""
    return code.replace(co_consts=tuple(c for c in code.co_consts if not isinstance(c, CodeType)))


def inner(code: CodeType) -> list[CodeType]:
    """List the functions in some code."""
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def fails(session: pytest.Session, tests: list[pytest.Item]) -> bool:
    """Whether one of some tests fails, run one after the other until one does."""
    limit()
    for test, following in zip(tests, [*tests[1:], None], strict=True):
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        if session.testsfailed:
            return True
    return False


def limit() -> None:
    """End this process when its tests do not."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
    signal.alarm(5 * MOST_SECONDS)


def tried_quickly(trials: Sequence[Trial]) -> Generator[bool | None]:
    """Yield whether forks of one process that has collected all tests kill each mutant; None if it runs at import."""
    out, result = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        try:
            be_alone()
            files = sorted({test.partition("::")[0] for trial in trials for test in trial.tests})
            pytest.main([*PYTEST, *files], plugins=[Forks(trials, result)])
        finally:
            os._exit(0)
    os.close(result)
    for _ in trials:
        if not (answer := os.read(out, 1)):
            sys.exit("the tests cannot be collected: run pytest to see why")
        yield None if answer == b"?" else answer == b"+"
    os.close(out)
    os.waitpid(child, 0)


# ---- trying, where nothing is ----------------------------------------------------------------------------------------


def is_killed(trial: Trial, most: int) -> bool:
    """Run so many of its tests in a fork that imports the mutant; tests that have another name by now say nothing."""
    tests = trial.tests[:most]
    named = {test.partition("::")[0] for test in tests}
    files = sorted(file for file in named if (ROOT / file).exists())
    if not files:
        return False
    child = os.fork()
    if child == 0:
        code = 1
        try:
            be_alone()
            limit()
            path = ROOT / trial.mutant.path
            load_instead(path, compile(trial.mutant.module, str(path), "exec", dont_inherit=True))
            code = int(pytest.main(["-x", *PYTEST, *files], plugins=[Only(tests)]))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) not in (0, pytest.ExitCode.NO_TESTS_COLLECTED)


class Only:
    """A plugin that runs some tests of the files that are collected, in their order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: at for at, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out the others."""
        places = [(self._place(item.nodeid), at) for at, item in enumerate(items)]
        items[:] = [items[at] for place, at in sorted(places) if place < len(self.order)]

    def _place(self, test: str) -> int:
        return self.order.get(test, self.order.get(test.partition("::")[0], len(self.order)))


def be_alone() -> None:
    """Print nothing any more, and take no options of pytest from around: `--cov` would need the plugin left out."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(ROOT)
    os.environ.pop("PYTEST_ADDOPTS", None)


def load_instead(path: Path, code: CodeType) -> None:
    """Let a module's file have other code when it is imported."""
    usual = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> Any:
        return code if Path(loader.path) == path else usual(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


# ---- what comes of it ------------------------------------------------------------------------------------------------


class Tried(NamedTuple):
    """What came of a mutant: whether a test failed, and how many were tried."""

    mutant: Mutant
    killed: bool
    tests: int


def tried(trials: Sequence[Trial], known: set[str]) -> Iterator[Tried]:
    """Try mutants one by one, and print what survives."""
    with contextlib.closing(tried_quickly(trials)) as quickly:
        for trial in trials:
            killed = next(quickly)
            if not killed:
                killed = is_killed(trial, MOST_AT_IMPORT if killed is None else MOST_ANEW)
            if not killed:
                note = "  (explained)" if trial.mutant.is_in(known) else ""
                print(f"survives {len(trial.tests)} tests: {trial.mutant}{note}", flush=True)
            yield Tried(trial.mutant, bool(killed), len(trial.tests))


def explained() -> set[str]:
    """Read the keys of the mutants that tests/mutants.md explains."""
    text = EXPLAINED.read_text(encoding="utf-8") if EXPLAINED.exists() else ""
    return set(re.findall(r"^- (cnncalc/\S+: `.*` -> `.*`)", text, re.M))


def score(tried: Sequence[Tried], known: set[str]) -> int:
    """Print how many were killed, room by room; return how many survive that nobody has explained."""
    print(f"{'room':10}{'mutants':>9}{'killed':>8}{'explained':>11}{'score':>8}")
    left = 0
    for room in (*ROOMS, "all"):
        here = [one for one in tried if room in ("all", one.mutant.path.split("/")[1])]
        if here:
            killed = sum(one.killed for one in here)
            excused = sum(not one.killed and one.mutant.is_in(known) for one in here)
            share = 100 * killed / max(len(here) - excused, 1)
            print(f"{room:10}{len(here):>9}{killed:>8}{excused:>11}{share:>7.1f}%")
            left = len(here) - killed - excused
    return left


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
    parser.add_argument("--most", type=int, default=MOST_TESTS, help="tests of one mutant")
    given = parser.parse_args()
    if given.contexts is not None and not given.contexts.exists():
        write_contexts(given.contexts)
    reached = None if given.contexts is None else Reached(given.contexts, given.most)
    known = explained()
    trials = [
        Trial(one, given.tests if reached is None else reached.chosen(one, given.seed))
        for one in drawn(given.room or list(ROOMS), given.only, given.count, given.seed)
    ]
    return 1 if score(list(tried(trials, known)), known) else 0


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), sysconfig.get_paths()["purelib"]]
    sys.exit(main())
