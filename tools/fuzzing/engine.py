"""Inputs tried, in processes that the system itself holds to the limits.

A worker is a fork of a process that has imported everything and remembers what a process makes once. It tries some
thousand inputs before another takes its place. What it counts stands in memory that outlives it, so that an input that
ends it, by a limit or in whatever way, costs that input alone.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import math
import mmap
import os
import random
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

from fork_server import import_all

from fuzzing.pieces import Make
from fuzzing.readers import READERS

MAX_SECONDS = 2.0
MAX_BYTES = 500 * 2**20
OWN_BUG = "a bug in cnncalc"
"""What a class is told of a sheet that a bug of ours stopped at."""
WORKER_INPUTS = 2_000
"""Inputs of one process; then another begins with empty caches."""


class Outcome(NamedTuple):
    """What came of one input: the exit code, the CPU time, and what is wrong, if anything is."""

    code: int
    seconds: float
    wrong: str


def run(words: list[str]) -> int:
    """Run a command line, or a reader that is named in its place; return the exit code."""
    from cnncalc.cli import main

    reader = READERS.get(words[0]) if words else None
    if reader is None:
        return main(words)
    try:
        reader(*words[1:])
    except ValueError as error:
        print("refused" if str(error) else "", file=sys.stderr)
        return 2
    return 0


def attempt(words: list[str]) -> Outcome:
    """Run a command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    begin = time.process_time()
    wrong, code = "", -1
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run(words)
        except BaseException:
            wrong = traceback.format_exc()
    seconds = time.process_time() - begin
    return Outcome(code, seconds, wrong or fault(code, seconds, out.getvalue(), err.getvalue()))


def fault(code: int, seconds: float, out: str, err: str) -> str:
    """Say what is wrong with what came of an input; nothing where all is well."""
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if seconds > MAX_SECONDS:
        return f"{seconds:.1f} s of CPU time"
    if err.startswith(("cannot write standard output", "cannot use ")):
        return f"an OSError got away: {err[-300:]}"
    if "Traceback (most recent call last)" in err:
        return err[-2000:]
    if OWN_BUG in out + err:
        return (out + err).partition(OWN_BUG)[2][:200]
    if code == 2 and not err.strip():
        return "refused without a word"
    text = (out + err).replace("\n", "")
    unsafe = [] if text.isprintable() else sorted({c for c in text if not c.isprintable()})
    return f"the output has {[*map(ascii, unsafe)]}" if unsafe else ""


@dataclass
class Tally:
    """What came of a surface's inputs."""

    surface: str
    inputs: int = 0
    accepted: int = 0
    failed: int = 0
    slowest: float = 0.0
    peak: int = 0
    failures: dict[str, list[str]] = field(default_factory=dict)

    def add_failure(self, words: list[str], wrong: str) -> None:
        """Note a failure, with others of its kind."""
        self.failed += 1
        lines = wrong.strip().split("\n")
        kind = f"{lines[-1][:160]} | {''.join(lines[-3:-2]).strip()[:120]}"
        self.failures.setdefault(kind, []).append(" ".join(words)[:300])

    def add_counts(self, counts: dict[str, Any]) -> None:
        """Add what an earlier run counted."""
        for name in ("inputs", "accepted", "failed"):
            setattr(self, name, getattr(self, name) + counts.get(name, 0))
        for name in ("slowest", "peak"):
            setattr(self, name, max(getattr(self, name), counts.get(name, 0)))

    def counts(self) -> dict[str, Any]:
        """Return the counts alone."""
        names = ("surface", "inputs", "accepted", "failed", "slowest", "peak")
        return {name: getattr(self, name) for name in names}

    def line(self) -> str:
        """Return the surface's line of the table."""
        share = 100 * self.accepted / max(self.inputs, 1)
        return (
            f"| {self.surface} | {self.inputs:,} | {share:.0f} % | {self.failed} | {self.slowest:.2f} s "
            f"| {self.peak / 2**20:.0f} MiB |"
        )


HEADER = "| surface | inputs | accepted | failures | slowest | peak |\n| --- | ---: | ---: | ---: | ---: | ---: |"


class Counter:
    """Counts in memory that a process shares with its forks: where it stands, and what came of the inputs so far."""

    LAYOUT = struct.Struct("qqqd")

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self.LAYOUT.size)

    def put(self, begun: int, done: int, accepted: int, slowest: float) -> None:
        """Note inputs begun and done, how many of them were accepted, and the longest CPU time."""
        self.LAYOUT.pack_into(self._memory, 0, begun, done, accepted, slowest)

    def get(self) -> tuple[int, int, int, float]:
        """Return what was put last."""
        return self.LAYOUT.unpack_from(self._memory)


class Trial(NamedTuple):
    """What is tried: a surface's grammar, from a seed, in a folder; until a moment of the monotonic clock."""

    surface: str
    make: Make
    seed: int
    folder: Path
    until: float = math.inf

    def words(self, index: int) -> list[str]:
        """Make an input: the same for the same number, whatever was made before it."""
        empty(self.folder)
        return self.make(random.Random(f"{self.surface} {self.seed} {index}"), self.folder)


def tried(
    surface: str,
    make: Make,
    seed: int,
    *,
    seconds: float = 0,
    count: int = 0,
    keep: Path | None = None,
) -> Tally:
    """Try a surface for a time, or for a number of inputs."""
    tally = Tally(surface)
    until = time.monotonic() + seconds if seconds else math.inf
    most = count or sys.maxsize
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=base, ignore_cleanup_errors=True) as outer:
        folder = Path(outer) / "in" / "here"  # what climbs out of it stays in the outer one
        folder.mkdir(parents=True)
        trial = Trial(surface, make, seed, folder, until)
        begin = 0
        while begin < most and time.monotonic() < until:
            begin = work(trial, begin, min(begin + WORKER_INPUTS, most), tally, keep)
    return tally


def work(trial: Trial, begin: int, end: int, tally: Tally, keep: Path | None) -> int:
    """Try some inputs in a fork; return the number of the next one."""
    counter = Counter()
    counter.put(begin, 0, 0, 0.0)
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os.close(reading)
        worker(trial, begin, end, counter, writing, keep)
    os.close(writing)
    with open(reading, encoding="utf-8") as told:
        for line in told:
            tally.add_failure(*json.loads(line))
    _, status, usage = os.wait4(child, 0)
    begun, done, accepted, slowest = counter.get()
    tally.add_counts({"inputs": done, "accepted": accepted, "slowest": slowest})
    tally.peak = max(tally.peak, usage.ru_maxrss * 1024)
    if not status:
        return begun
    wrong = f"the process was ended: {os.waitstatus_to_exitcode(status)}"
    words = trial.words(begun)
    tally.inputs += 1
    tally.add_failure(words, wrong)
    if keep is not None:
        keep_input(keep, trial, begun, words, wrong)
    return begun + 1


def worker(
    trial: Trial, begin: int, end: int, counter: Counter, writing: int, keep: Path | None
) -> None:
    """Try inputs within the limits, tell of failures in lines of JSON, and end this process."""
    code = 70
    try:
        os.chdir(trial.folder)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
        with open(writing, "w", encoding="utf-8") as tell:
            try_all(trial, range(begin, end), counter, tell, keep)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def try_all(
    trial: Trial, numbers: range, counter: Counter, tell: IO[str], keep: Path | None
) -> None:
    """Try inputs one after the other; the timer ends this process where one takes twice its time."""
    done = accepted = 0
    slowest = 0.0
    kinds: set[str] = set()
    for index in numbers:
        counter.put(index, done, accepted, slowest)
        if time.monotonic() > trial.until:
            return
        words = trial.words(index)
        signal.setitimer(signal.ITIMER_PROF, 2 * MAX_SECONDS)
        outcome = attempt(words)
        signal.setitimer(signal.ITIMER_PROF, 0)
        done += 1
        accepted += outcome.code in (0, 1)
        slowest = max(slowest, outcome.seconds)
        if outcome.wrong:
            print(json.dumps((words, outcome.wrong)), file=tell, flush=True)
            kind = outcome.wrong[-160:]
            if keep is not None and kind not in kinds and len(kinds) < 20:
                keep_input(keep, trial, index, words, outcome.wrong)
            kinds.add(kind)
    counter.put(numbers.stop, done, accepted, slowest)


def empty(folder: Path) -> None:
    """Remove what is in a folder."""
    for entry in list(os.scandir(folder)):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)


def keep_input(keep: Path, trial: Trial, index: int, words: list[str], wrong: str) -> None:
    """Write down what failed: the files, the command line, and what came of it."""
    name = trial.surface.replace(" ", "_").replace("'", "")
    target = keep / f"{name}-{trial.seed}-{index}"
    shutil.copytree(trial.folder, target, dirs_exist_ok=True)
    shown = [word.replace(str(trial.folder), ".") for word in words]
    (target / "command.txt").write_text(
        repr(shown) + "\n" + wrong, encoding="utf-8", errors="backslashreplace"
    )


# ---- what a process makes once ---------------------------------------------------------------------------------------


def remember() -> None:
    """Import everything, and keep what is always the same: commands, shipped networks, answers to them, digests."""
    import typer

    from cnncalc import network
    from cnncalc.classroom import request
    from cnncalc.cli import LazyGroup
    from cnncalc.homework import digests

    import_all()
    patched: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
        (typer.main, "get_command", cache),
        (LazyGroup, "get_command", remembered_command),
        (network, "read_shipped", lru_cache(64)),
        (request, "_answer_key", remembered_answers),
        (digests, "digest", lru_cache(10_000)),
    )
    for owner, name, wrap in patched:
        setattr(owner, name, wrap(getattr(owner, name)))
    gc.freeze()


def remembered_command(build: Callable[..., Any]) -> Callable[..., Any]:
    """Build each command once."""
    built = cache(lambda name: build(None, None, name))
    return lambda _group, _context, name: built(name)


def remembered_answers(make: Callable[..., Any]) -> Callable[..., Any]:
    """Work out a shipped network's answers once for each set of options."""
    known: dict[str, Any] = {}

    def answer_key(given: Any, net: str) -> Any:
        key = repr((given._replace(words=()), net))
        if len(known) > 20:
            known.clear()
        if key not in known or not net.isidentifier():
            known[key] = make(given, net)
        return known[key]

    return answer_key
