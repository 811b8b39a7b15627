"""Start-up, speed and memory as ratios against a reference measured in the same run.

    python benchmarks/bench.py              # everything; needs cnncalc installed (pip install ., not from the checkout)
    python benchmarks/bench.py --runs 30

Absolute times say little on a shared machine, so that each figure is a ratio of medians against a floor that runs in
turn with it; the targets stand beside them. Nothing fails here.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
FLOOR = [sys.executable, str(HERE / "floor.py"), "vgg16"]
CHAIN = "input: 8x8x4\nlayers:\n  - repeat: {times: %d, layers: [conv: {filters: 4, kernel: 3, pad: 1}]}\n"
IN_PROCESS = """
import resource, cnncalc
report = cnncalc.loads({spec!r}).report()
assert len(report.rows) == {count} + 1
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def timed(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak MiB of one run of a command."""
    start = time.perf_counter()
    with (
        tempfile.TemporaryFile() as out,
        subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} exited with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def against_floor(label: str, arguments: list[str], runs: int, target: float) -> None:
    """Print the ratios of a cnncalc command to the floor, run in turn."""
    command = [sys.executable, "-m", "cnncalc", *arguments]
    timed(FLOOR), timed(command)
    pairs = [(timed(command), timed(FLOOR)) for _ in range(runs)]
    wall = statistics.median(ours[0] / floor[0] for ours, floor in pairs)
    peak = statistics.median(ours[1] / floor[1] for ours, floor in pairs)
    seconds = statistics.median(ours[0] for ours, _ in pairs)
    print(
        f"{label:42} {wall:5.2f} x floor (target {target:.2f})   {1000 * seconds:6.1f} ms   "
        f"memory {peak:4.2f} x floor"
    )


def best(action: Callable[[], object], runs: int) -> float:
    """The least milliseconds of some runs."""
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def engine(runs: int) -> None:
    """Print what the engine takes in process."""
    import cnncalc
    from cnncalc.spec.shipped import data_file

    path = data_file("networks", "resnet50")
    assert path is not None
    text = path.read_text(encoding="utf-8")
    net = cnncalc.loads(text)
    print(
        f"resnet50, text to report                   {best(lambda: cnncalc.loads(text).report(), runs):6.2f} ms "
        "(target 6)"
    )
    sizes = iter(range(225, 10_000))
    print(
        f"resnet50, another walk at a new input      {best(lambda: net.with_(next(sizes)), runs):6.2f} ms (target 2)"
    )
    seconds = {}
    for count in (1_000, 10_000, 100_000):
        spec = CHAIN % count

        def run(spec: str = spec) -> object:
            return cnncalc.loads(spec).report()

        seconds[count] = best(run, max(3, runs // 3)) / count
        print(
            f"{count:7,} layers in a chain                  {1000 * seconds[count]:6.2f} µs a layer, "
            f"{seconds[count] / seconds[1_000]:4.2f} x that of 1,000 (target 1.3)"
        )
    code = IN_PROCESS.format(spec=CHAIN % 100_000, count=100_000)
    peak = (
        int(
            subprocess.run(
                [sys.executable, "-c", code], check=True, capture_output=True, text=True
            ).stdout
        )
        / 1024
    )
    print(f"100,000 layers in a chain, peak memory     {peak:6.0f} MiB (target 500)")


def main() -> None:
    """Run all benchmarks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    import cnncalc

    if not list(Path(cnncalc.__file__).parent.glob("__pycache__/*.pyc")):
        print(
            "cnncalc is not compiled to bytecode here, which start-up pays for: install it (pip install .)"
        )
    against_floor(
        "params vgg16, as a rich table", ["params", "vgg16", "--format", "table"], runs, 1.25
    )
    against_floor("params vgg16, piped", ["params", "vgg16"], runs, 1.25)
    against_floor("params vgg16 --format csv", ["params", "vgg16", "--format", "csv"], runs, 0.9)
    against_floor(
        "summary resnet50 --format json", ["summary", "resnet50", "--format", "json"], runs, 1.25
    )
    engine(runs)
    print(
        f"peak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )


if __name__ == "__main__":
    main()
