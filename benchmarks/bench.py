"""Start-up, speed, growth and memory: ratios against references that are measured in the same run.

    python benchmarks/bench.py                      # everything but other tools; install cnncalc (pip install .) first
    python benchmarks/bench.py --peers              # and torchinfo, FlopCounterMode, fvcore, ptflops, where installed
    python benchmarks/bench.py --peers PYTHON       # the same with another interpreter, which has PyTorch
    python benchmarks/bench.py --check              # exit code 1 where a figure is beyond its target

Times are CPU time, the least of all runs and the median. Absolute times say little on a shared machine: commands are
divided by a floor that runs in turn with them, and the engine by other tools or by a unit, a fixed piece of Python that
takes about a millisecond. docs/benchmarks.md says what is measured, how, and with which versions.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
FLOOR = [sys.executable, str(HERE / "floor.py"), "vgg16"]
ENGINE_NETWORKS = ("torchvision/resnet50", "torchvision/densenet161")


class Figure(NamedTuple):
    """One line of the result: what was measured, the value in its unit, and the target that it is held to.

    `at_least` says whether the target is the least that is wanted (a speed-up) or the most (a cost).
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    detail: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the value is within the target."""
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    def __str__(self) -> str:
        sign = "at least" if self.at_least else "at most"
        target = "" if self.target is None else f"{sign} {self.target:g}"
        mark = "" if self.is_met else "  <-- beyond the target"
        return f"  {self.name:52} {self.value:9.2f} {self.unit:14} {target:14} {self.detail}{mark}"


# ---- measuring -------------------------------------------------------------------------------------------------------


class Times(NamedTuple):
    """CPU milliseconds: the least and the median of some runs."""

    least: float
    median: float

    def __str__(self) -> str:
        return f"{self.least:.2f} ms, median {self.median:.2f}"


def times_of(action: Callable[[], object], runs: int) -> Times:
    """Measure something in this process; the first run is not counted."""
    action()
    taken = []
    for _ in range(runs):
        start = time.process_time()
        action()
        taken.append(1000 * (time.process_time() - start))
    return Times(min(taken), statistics.median(taken))


def unit() -> None:
    """Do a fixed piece of work of the kind that the engine does: tuples, look-ups, products."""
    known: dict[tuple[int, ...], int] = {}
    for number in range(2_000):
        shape = (number % 57, number % 61, 64)
        known[shape] = known.get(shape, 0) + math.prod(shape)


_BETWEEN = """
import os, sys
child = os.fork()
if not child:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
told = f"{os.waitstatus_to_exitcode(status)} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}"
os.write(int(sys.argv[1]), told.encode())
"""


class Ended(NamedTuple):
    """How a process ended: its exit code, its CPU time in seconds, and its peak in MiB."""

    code: int
    seconds: float
    peak: float


def run(command: list[str], **given: Any) -> Ended:
    """Run a process and measure it; a small one starts it, since the peak of who does is counted as its own."""
    out, told = os.pipe()
    words = [sys.executable, "-S", "-E", "-c", _BETWEEN, str(told), *command]
    subprocess.run(words, check=True, pass_fds=[told], **given)
    os.close(told)
    with open(out) as file:
        code, seconds, kibibytes = file.read().split()
    return Ended(int(code), float(seconds), int(kibibytes) / 1024)


def command_times(command: list[str], runs: int) -> tuple[Times, float]:
    """Measure a process: its CPU time, and its peak in MiB."""
    taken, peak = [], 0.0
    for _ in range(runs + 1):
        with tempfile.TemporaryFile() as output:
            ended = run(command, stdout=output, stderr=subprocess.DEVNULL)
        if ended.code not in (0, 1):
            raise SystemExit(f"{' '.join(command)} exited with {ended.code}")
        taken.append(1000 * ended.seconds)
        peak = max(peak, ended.peak)
    return Times(min(taken[1:]), statistics.median(taken[1:])), peak


def exponent(cost: Callable[[int], float], small: int, large: int) -> float:
    """Give p of a cost that grows as n to the p between two sizes."""
    return math.log(cost(large) / cost(small)) / math.log(large / small)


# ---- (1) start-up ----------------------------------------------------------------------------------------------------

COMMANDS = (
    ("params vgg16, as a rich table", ["params", "vgg16", "--format", "table"], 1.25),
    ("params vgg16, piped", ["params", "vgg16"], 1.25),
    ("params vgg16 --format csv", ["params", "vgg16", "--format", "csv"], 1.0),
    ("summary resnet50 --format json", ["summary", "resnet50", "--format", "json"], 1.4),
    ("identify resnet50 3.8G", ["identify", "resnet50", "3.8G"], 1.6),
    ("check alexnet conv1 params 34848", ["check", "alexnet", "conv1", "params", "34848"], 1.6),
    ("draw resnet152", ["draw", "resnet152", "-o", "-"], 2.5),
    ("report resnet152, the page", ["report", "resnet152", "-o", "-"], 4.5),
    ("compare resnet152 densenet264", ["compare", "resnet152", "densenet264"], 2.5),
    ("diff densenet264, with itself", ["diff", "densenet264", "densenet264"], 2.5),
)


def startup(runs: int) -> Iterator[Figure]:
    """Compare commands with the floor, the least that a Typer command with a rich table costs."""
    floor, floor_peak = command_times(FLOOR, runs)
    yield Figure("the floor: Typer, PyYAML and a rich table", 1, "x floor", detail=str(floor))
    for name, arguments, target in COMMANDS:
        taken, peak = command_times([sys.executable, "-m", "cnncalc", *arguments], runs)
        detail = f"{taken}; memory {peak / floor_peak:.2f} x"
        yield Figure(name, taken.least / floor.least, "x floor", target, detail=detail)


# ---- (2, 4) the engine -----------------------------------------------------------------------------------------------


class Engine(NamedTuple):
    """What a network's report takes: from text, and at an input that was never seen."""

    text: Times
    other: Times
    rows: Times


def engine_times(name: str, runs: int) -> Engine:
    """Measure a network: totals from text, totals at another input, whole rows at another input."""
    import cnncalc
    from cnncalc.spec.shipped import data_file
    from cnncalc.tables.documents import report_document

    path = data_file("networks", name)
    assert path is not None
    text = path.read_text(encoding="utf-8")
    net = cnncalc.loads(text)
    sizes = iter(range(225, 100_000))

    def rows() -> object:
        return [row.receptive_field for row in net.with_(next(sizes)).report().rows]

    assert report_document(net.with_(next(sizes)).report())["totals"]["params"]
    return Engine(
        times_of(lambda: cnncalc.loads(text).report().totals.macs, runs),
        times_of(lambda: net.with_(next(sizes)).report().totals.macs, runs),
        times_of(rows, runs),
    )


UNIT_TARGETS = {
    "torchvision/resnet50": (2.5, 1.0, 4.5),
    "torchvision/densenet161": (8.0, 5.0, 20.0),
}
"""The most units for totals from text, totals at another input, rows at another input."""


def engine(measured: dict[str, Engine], one: Times) -> Iterator[Figure]:
    """Compare the engine with the unit."""
    yield Figure("the unit: a fixed piece of Python", 1, "unit", detail=str(one))
    for name, taken in measured.items():
        labels = ("totals from text", "totals at another input", "rows at another input")
        for label, each, target in zip(labels, taken, UNIT_TARGETS[name], strict=True):
            ratio = each.least / one.least
            yield Figure(f"{name}: {label}", ratio, "units", target, detail=str(each))


def variants(runs: int) -> Iterator[Figure]:
    """Say how many variants of a network a second has: of the same shapes, of another input, of other parameters."""
    import cnncalc

    net = cnncalc.load("resnet50")
    sizes = iter(range(225, 100_000))
    classes = iter(range(2, 100_000))
    ways: tuple[tuple[str, Callable[[], object]], ...] = (
        ("the same again", lambda: net.with_().report().totals),
        ("another input", lambda: net.with_(next(sizes)).report().totals),
        ("other parameters", lambda: net.with_(set={"classes": next(classes)}).report().totals),
    )
    for name, way in ways:
        taken = times_of(way, runs)
        yield Figure(
            f"variants of resnet50, {name}", 1000 / taken.least, "a second", detail=str(taken)
        )


# ---- (3) whole processes, and other tools ----------------------------------------------------------------------------


def ask_peers(python: str, runs: int) -> dict[str, Any]:
    """Measure the other tools with an interpreter that has them. Raises SystemExit where it has no PyTorch."""
    command = [python, str(HERE / "peers.py"), "--runs", str(runs)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        return {"versions": {}, "missing": [f"all of them ({last})"]}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


PEER_TARGETS = {
    ("torchinfo", "resnet50"): (40, 100, 28),
    ("torch.utils.flop_counter", "resnet50"): (40, 100, 28),
}


def against_peers(measured: dict[str, Engine], found: dict[str, Any]) -> Iterator[Figure]:
    """Compare the engine with what other tools took for the same network."""
    for key, taken in found.items():
        if ", " not in key:
            continue
        tool, model = key.split(", ")
        ours = measured[f"torchvision/{model}"]
        targets = PEER_TARGETS.get((tool, model), (None,) * 3)
        labels = ("totals from text", "totals at another input", "rows at another input")
        for label, each, target in zip(labels, ours, targets, strict=True):
            name = f"{model}: {tool} / {label}"
            detail = f"{tool} {Times(**taken)}; ours {each}"
            yield Figure(name, taken["least"] / each.least, "x faster", target, True, detail)


def processes(python: str, runs: int) -> Iterator[Figure]:
    """Compare whole processes: from a name on the command line to the number of MACs."""
    ours, our_peak = command_times(
        [sys.executable, "-m", "cnncalc", "flops", "torchvision/resnet50", "--format", "csv"], runs
    )
    yield Figure(
        "cnncalc flops torchvision/resnet50", 1, "x ours", detail=f"{ours}; {our_peak:.0f} MiB"
    )
    for tool in ("torchinfo", "torch.utils.flop_counter", "fvcore", "ptflops"):
        code = f"import peers; peers.once({tool!r}, 'resnet50')"
        try:
            taken, peak = command_times(
                [python, "-c", f"import sys; sys.path[:0] = [{str(HERE)!r}]; {code}"], 2
            )
        except SystemExit:
            continue
        detail = f"{taken}; {peak:.0f} MiB, {peak / our_peak:.0f} x"
        yield Figure(f"a process with {tool}", taken.least / ours.least, "x ours", detail=detail)


# ---- (5) growth ------------------------------------------------------------------------------------------------------


def chain(layers: int) -> str:
    """Write a chain of convolutions."""
    return (
        f"input: 8x8x4\nlayers:\n  - repeat: {{times: {layers}, layers: "
        "[conv: {filters: 4, kernel: 3, pad: 1}]}\n"
    )


def flat(layers: int) -> str:
    """Write the same layer by layer."""
    return "input: 8x8x4\nlayers:\n" + "- conv: {filters: 4, kernel: 3, pad: 1}\n" * layers


def blocks(layers: int) -> str:
    """Write instances of a block of six layers."""
    body = "    - conv: {filters: w, kernel: 3, pad: 1}\n    - bn\n    - relu\n" * 2
    uses = "".join(f"- b: {{w: {16 + number % 5}}}\n" for number in range(layers // 6))
    return (
        f"input: 32x32x16\nblocks:\n  b:\n    params: {{w: 16}}\n    layers:\n{body}layers:\n{uses}"
    )


def growing(layers: int) -> str:
    """Write a dense chain, in which every op meets as many shapes as there are layers."""
    branch = "[{conv: {filters: 1, kernel: 1}}]"
    return (
        f"input: 8x8x4\nlayers:\n- repeat: {{times: {layers // 3}, "
        f"layers: [{{concat: {{branches: [{branch}, []]}}}}, relu]}}\n"
    )


def u_net(depth: int) -> str:
    """Write a U-Net of so many levels."""
    lines = ["input: 4096x4096x1", "layers:"]
    for level in range(depth):
        lines += [f"- conv: {{name: down{level}, filters: 4, kernel: 3, pad: 1}}", "- maxpool: 2"]
    for level in reversed(range(depth)):
        lines += [
            f"- conv_transpose: {{name: up{level}, filters: 4, kernel: 2, stride: 2}}",
            f"- concat: {{from: [up{level}, down{level}]}}",
            "- conv: {filters: 4, kernel: 3, pad: 1}",
        ]
    return "\n".join(lines) + "\n"


def cost_of(
    spec: Callable[[int], str], question: Callable[[Any], object]
) -> Callable[[int], float]:
    """Give the cost of a question about a spec of a size, in CPU seconds, the least of three."""
    import cnncalc

    def cost(size: int) -> float:
        text = spec(size)
        least = math.inf
        for _ in range(3):
            net = cnncalc.loads(text)
            start = time.process_time()
            question(net)
            least = min(least, time.process_time() - start)
        return least

    return cost


def growth() -> Iterator[Figure]:
    """Say how costs grow with the network: as n to which power."""
    import cnncalc
    from cnncalc.compare.diff import diff
    from cnncalc.homework.grade import grade_one
    from cnncalc.homework.key import AnswerKey
    from cnncalc.tables.documents import report_document

    def rows(net: Any) -> object:
        return [row.receptive_field for row in net.report().rows]

    def load(net: Any) -> object:
        return cnncalc.loads(net.spec.source.text)

    questions: tuple[tuple[str, Callable[[int], str], Callable[[Any], object]], ...] = (
        ("load, layer by layer", flat, load),
        ("load, blocks", blocks, load),
        ("rows, chain", chain, rows),
        ("rows, past 1,000 shapes an op", growing, rows),
        ("JSON, blocks", blocks, lambda net: report_document(net.report())),
        ("identify, chain", chain, lambda net: net.identify("3.8G")),
        ("identify, blocks", blocks, lambda net: net.identify("3.8G")),
        ("reconcile, blocks", blocks, lambda net: net.reconcile("thop", "fvcore", "macs")),
        ("diff with itself, chain", chain, lambda net: diff(net.report(), net.report()).changes),
        ("check, chain", chain, lambda net: grade_one(AnswerKey(net), "total", "params", "7")),
    )
    for name, spec, question in questions:
        small, large = (4_500, 13_500) if spec is growing else (1_500, 6_000)
        cost = cost_of(spec, question)
        power = exponent(cost, small, large)
        detail = f"{1e6 * cost(large) / large:.1f} µs a layer at {large:,}"
        yield Figure(f"{name}: n to the", power, "", 1.25, detail=detail)
    cost = cost_of(u_net, rows)
    detail = f"{1000 * cost(8):.1f} ms at a depth of 8; phases double with each level, up to 4,096"
    yield Figure(
        "receptive fields of a U-Net, a level more",
        (cost(9) / cost(6)) ** (1 / 3),
        "x",
        2.2,
        detail=detail,
    )


def totals_of(layers: int) -> int:
    """Load a chain and count its MACs."""
    import cnncalc

    return cnncalc.loads(chain(layers)).report().totals.macs


def scale() -> Iterator[Figure]:
    """Say what a layer costs in a short and in a long chain, and what memory a long one takes."""

    per_layer = {
        count: times_of(partial(totals_of, count), 3).least / count for count in (1_000, 100_000)
    }
    detail = ", ".join(f"{1000 * cost:.2f} µs at {count:,}" for count, cost in per_layer.items())
    yield Figure(
        "a layer of 100,000 / of 1,000",
        per_layer[100_000] / per_layer[1_000],
        "x",
        1.4,
        detail=detail,
    )
    code = (
        "import cnncalc\n"
        f"rows = cnncalc.loads({chain(100_000)!r}).report().rows\n"
        "assert len(rows) == 100_001\n"
    )
    with tempfile.NamedTemporaryFile("w") as script:
        script.write(code)
        script.flush()
        ended = run([sys.executable, script.name])
    yield Figure("100,000 layers in a chain, peak memory", ended.peak, "MiB", 500)


# ---- (6) sheets ------------------------------------------------------------------------------------------------------


def cells(runs: int, one: Times) -> Iterator[Figure]:
    """Say what grading a cell costs: a right answer, a slip, and a number that nothing explains."""
    import cnncalc
    from cnncalc.homework.grade import grade_one
    from cnncalc.homework.key import AnswerKey

    key = AnswerKey(cnncalc.load("alexnet"))
    numbers = iter(range(1_000_003, 100_000_000, 7_919))
    answers: tuple[tuple[str, Callable[[], str], float], ...] = (
        ("right", lambda: "34944", 0.2),
        ("a slip", lambda: "34848", 0.3),
        ("a number that nothing explains", lambda: str(next(numbers)), 1.5),
    )
    for name, answer, target in answers:

        def many(answer: Callable[[], str] = answer) -> None:
            for _ in range(20):
                grade_one(key, "conv1", "params", answer())

        taken = times_of(many, runs).least / 20
        detail = f"{1000 * taken:.0f} µs, {1000 / taken:,.0f} cells a second"
        yield Figure(f"a cell: {name}", taken / one.least, "units", target, detail=detail)


def whole_class(count: int = 1_000) -> Iterator[Figure]:
    """Grade a class of which a fifth is hostile. Raises SystemExit unless each is graded, or named, as it should be."""
    from submissions import write_class

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names, hostile = write_class(folder, count)
        os.chdir(folder)
        command = [sys.executable, "-m", "cnncalc", "check", "alexnet", *names]
        usual = {key: value for key, value in os.environ.items() if key != "CNNCALC_LIMITS"}
        begin = time.monotonic()
        with open("errors", "wb") as errors:
            ended = run(
                [*command, "--grades", "grades"],
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=usual,
            )
        wall = time.monotonic() - begin
        told = Path("errors").read_text(encoding="utf-8")
        rows = Path("grades").read_text(encoding="utf-8").splitlines()[1:]
        os.chdir(HERE)
    named = sum(f"{one}:" in told for one in hostile)
    graded = len(rows) - sum(row.endswith(("cannot be read", "yes")) or ",," in row for row in rows)
    if (ended.code, len(rows), named) != (2, count, len(hostile)):
        raise SystemExit(f"exit code {ended.code}, {len(rows)} rows, {named} named")
    detail = f"{graded} graded, {named} named; {wall:.1f} s by the clock"
    what = f"a class of {count:,}, a fifth of it hostile"
    yield Figure(what, ended.seconds, "s", 30, detail=detail)
    yield Figure("the same: peak memory", ended.peak, "MiB", 200)


# ---- (7) files of other tools, and sweeps ----------------------------------------------------------------------------


MODELS = ("alexnet_v1.prototxt", "small.pt2", "small.keras", "small.onnx")
"""A file of each format that is read."""


def models(runs: int, one: Times) -> Iterator[Figure]:
    """Say what reading a file of another tool costs, to its totals."""
    import cnncalc

    folder = HERE.parent / "tests" / "models" / "files"
    for name in MODELS:
        path = folder / name

        def totals(path: Path = path) -> object:
            return cnncalc.load(path).report().totals.params

        taken = times_of(totals, runs)
        layers = len(cnncalc.load(path).graph.nodes)
        detail = f"{layers} layers; {taken}"
        yield Figure(f"reading {name}", taken.least / one.least, "units", detail=detail)


SWEEPS = (("a parameter", "--set", "classes=2:2001"), ("the input", "--input", "64:2063:1"))
"""Sweeps of resnet50, each of 2,000 variants."""


def sweeps(runs: int) -> Iterator[Figure]:
    """Say how many variants of resnet50 a second a sweep has on one core, the start of the process counted in."""
    for what, option, values in SWEEPS:
        words = ["sweep", "resnet50", option, values, "--workers", "1", "--format", "csv"]
        taken, _ = command_times([sys.executable, "-m", "cnncalc", *words], max(runs // 3, 1))
        rate = 2000 / taken.least * 1000
        yield Figure(f"a sweep over {what}", rate, "a second", 2000, True, detail=str(taken))


# ---- all of it -------------------------------------------------------------------------------------------------------


def header(peers: dict[str, Any] | None) -> str:
    """Say what this is measured with, and on how busy a machine."""
    import cnncalc

    packages = [f"cnncalc {cnncalc.__version__}"]
    packages += [f"{name} {version(name)}" for name in ("typer", "rich", "PyYAML")]
    others = [f"{name} {number}" for name, number in (peers or {}).get("versions", {}).items()]
    load = ", ".join(f"{average:.2f}" for average in os.getloadavg())
    return (
        f"Python {platform.python_version()}, {', '.join(packages + others)}\n"
        f"{platform.machine()}, {os.cpu_count()} cores, load average {load}"
    )


def sections(runs: int, python: str | None) -> Iterator[tuple[str, Iterator[Figure]]]:
    """Give every section of the result, each measured as it is asked for."""
    one = times_of(unit, 4 * runs)
    measured = {name: engine_times(name, 2 * runs) for name in ENGINE_NETWORKS}
    yield "start-up, against the floor", startup(runs)
    yield "the engine, against the unit", engine(measured, one)
    if python is not None:
        found = ask_peers(python, max(runs // 2, 3))
        for tool in found["missing"]:
            print(f"\nskipped, since it cannot be imported: {tool}")
        yield f"the engine, against other tools\n{header(found)}", against_peers(measured, found)
        if found["versions"]:
            yield "whole processes", processes(python, runs)
    yield "variants", variants(2 * runs)
    yield "growth, and scale", growth()
    yield "long networks", scale()
    yield "grading", cells(runs, one)
    yield "a class", whole_class()
    yield "files of other tools", models(runs, one)
    yield "sweeps", sweeps(runs)


def main() -> int:
    """Run all benchmarks; with `--check` the exit code is 1 where a figure is beyond its target."""
    os.environ["CNNCALC_LIMITS"] = "10"  # chains here are longer than a stranger's file may be
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=10, help="how often each figure is measured")
    parser.add_argument(
        "--peers", nargs="?", const=sys.executable, metavar="PYTHON", help="measure other tools too"
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 beyond a target")
    asked = parser.parse_args()
    import cnncalc

    print(header(None))
    if not list(Path(cnncalc.__file__).parent.glob("__pycache__/*.pyc")):
        print("not compiled to bytecode here, which start-up pays for: install it (pip install .)")
    beyond = []
    for title, figures in sections(asked.runs, asked.peers):
        print(f"\n{title}")
        for figure in figures:
            print(figure, flush=True)
            beyond += [figure.name] * (not figure.is_met)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak of this process {peak:.0f} MiB; load average {os.getloadavg()[0]:.2f}")
    print(f"{len(beyond)} beyond their targets" + "".join(f"\n  {name}" for name in beyond))
    return 1 if beyond and asked.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
