"""Commands on networks of as many layers as a spec may have: CPU seconds and MiB of each.

    python benchmarks/limit.py              # install cnncalc first (pip install .), which compiles its bytecode
    python benchmarks/limit.py --check      # exit code 1 where a command takes more than the promise of docs/limits.md

`flat` has one convolution again and again, `blocks` a block of six layers in five widths, `shapes` layers of which no
two are alike, which nothing remembered helps.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import blocks, command_times, flat

LAYERS = 20_000
MOST_SECONDS, MOST_MEMORY = 2.0, 500.0
COMMANDS = (
    "validate NET",
    "params NET",
    "params NET --format csv",
    "summary NET --format json",
    "flops NET",
    "memory NET",
    "receptive NET",
    "explain NET total macs",
    "identify NET 3.8G",
    "reconcile NET thop macs",
    "check NET total params 7",
    "budget NET --max-params 1",
    "compare NET alexnet",
    "diff NET NET",
    "convert NET --to torch",
    "convert NET --to yaml",
    "spec NET --expand",
)


def shapes(layers: int) -> str:
    """Write a chain of convolutions, each with another number of filters."""
    lines = (f"- conv: {{filters: {one}, kernel: 3, pad: 1}}\n" for one in range(1, layers + 1))
    return f"input: 8x8x4\nlayers:\n{''.join(lines)}"


def main() -> int:
    """Print a line for each command and network; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit code 1 beyond the promise")
    options = parser.parse_args()
    beyond = 0
    with tempfile.TemporaryDirectory() as folder:
        for spec in (flat, blocks, shapes):
            path = Path(folder) / f"{spec.__name__}.yaml"
            path.write_text(spec(LAYERS), encoding="utf-8")
            for line in COMMANDS:
                words = line.replace("NET", str(path)).split()
                taken, peak = command_times([sys.executable, "-m", "cnncalc", *words], 1)
                seconds = taken.least / 1000
                is_met = seconds <= MOST_SECONDS and peak <= MOST_MEMORY
                beyond += not is_met
                mark = "" if is_met else "  <-- beyond the promise"
                print(f"  {spec.__name__:8} {line:28} {seconds:6.2f} s {peak:6.0f} MiB{mark}")
    return 1 if beyond and options.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
