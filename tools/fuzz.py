"""Hostile and half-valid input for every surface: nothing may raise but what tells a user what is wrong.

    python tools/fuzz.py                     # half a minute for each surface
    python tools/fuzz.py --count 1000000     # that many inputs, over all surfaces: forty minutes of CPU time
    python tools/fuzz.py --surface sheet --seed 7 --seconds 60
    python tools/fuzz.py --state night.json  # adds to what earlier runs of other seeds counted; prints the sum

Each input goes through the command line; what a reader of ours takes by itself (surfaces in quotes, as 'expression')
also straight through that reader, which is quicker. It is a failure if anything but an exit code 0, 1 or 2 comes of it,
if a refusal says nothing, if an output has a character that acts on a terminal, or if it takes over two seconds of CPU
time or 500 MB: the processes that try inputs are held to these by the system. What failed is written to the folder of
`--keep`; once mended it belongs into tests/fuzz/, which is tried first.

The grammars and the processes are in `fuzzing/`. A surface is a function there and a line in SURFACES here.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests" / "fuzz"
sys.path += [str(ROOT / "tools"), str(ROOT / "tests")]

from fuzzing import classes, lines, models, networks, readers, records, sheets, spoilt  # noqa: E402
from fuzzing.engine import HEADER, MAX_BYTES, Tally, attempt, remember, tried  # noqa: E402
from fuzzing.pieces import Make  # noqa: E402


class Surface(NamedTuple):
    """A surface: its grammar, and its share of the inputs."""

    make: Make
    share: int


SURFACES: dict[str, Surface] = {
    "spec": Surface(networks.spec, 25),
    "expression": Surface(networks.expression, 20),
    "setting": Surface(networks.setting, 20),
    "command line": Surface(lines.command_line, 25),
    "spoilt file": Surface(spoilt.spoilt_file, 25),
    "answer": Surface(sheets.answer, 20),
    "sheet": Surface(sheets.sheet, 20),
    "workbook": Surface(sheets.workbook, 20),
    "homework": Surface(sheets.homework, 20),
    "roster": Surface(classes.roster, 20),
    "class": Surface(classes.class_, 20),
    "archive": Surface(classes.archive, 20),
    "export": Surface(classes.export, 20),
    "share": Surface(classes.share, 20),
    "lecture": Surface(records.lecture, 20),
    "convolve": Surface(records.convolve, 20),
    "record": Surface(records.record, 20),
    "prototxt": Surface(models.prototxt, 20),
    "pt2": Surface(models.pt2, 20),
    "keras": Surface(models.keras, 20),
    "onnx": Surface(models.onnx, 20),
    "'expression'": Surface(readers.straight_expression, 80),
    "'answer'": Surface(readers.straight_answer, 80),
    "'matrix'": Surface(readers.straight_matrix, 80),
    "'setting'": Surface(readers.straight_setting, 80),
    "'spec'": Surface(readers.straight_spec, 50),
    "'convention'": Surface(records.straight_convention, 50),
    "'sheet'": Surface(sheets.straight_sheet, 50),
    "'roster'": Surface(classes.straight_roster, 60),
    "'homework'": Surface(sheets.straight_homework, 50),
    "'completion'": Surface(lines.straight_completion, 50),
}
"""What is tried."""


def corpus() -> Iterator[list[str]]:
    """Yield what has failed once: a folder each, with the command line in `command.txt`."""
    for path in sorted(CORPUS.glob("*/command.txt")):
        words = ast.literal_eval(path.read_text(encoding="utf-8").split("\n")[0])
        yield [word.replace("./", f"{path.parent}/") for word in words]


def again() -> int:
    """Try what has failed once; say and count what fails again."""
    failed = 0
    for words in corpus():
        outcome = attempt(words)
        if outcome.wrong:
            failed += 1
            print(f"again: {words}\n{outcome.wrong}")
    return failed


def try_surface(given: argparse.Namespace, total: int, name: str) -> Tally:
    """Try a surface as the options ask, where all of them have this sum of shares."""
    surface = SURFACES[name]
    count = -(-given.count * surface.share // total) if given.count else 0
    seconds = 0 if given.count else given.seconds
    return tried(name, surface.make, given.seed, seconds=seconds, count=count, keep=given.keep)


def tell(tally: Tally, state: dict[str, Any], path: Path | None) -> None:
    """Print a surface's line, and its failures; add it to the state."""
    for kind, found in tally.failures.items():
        print(f"    {len(found)} x {kind}\n        {found[0]!r}")
    if path is not None:
        tally.add_counts(state.get(tally.surface, {}))
        state[tally.surface] = tally.counts()
        path.write_text(json.dumps(state, indent=1))
    print(tally.line(), flush=True)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--surface", choices=SURFACES, action="append")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="surfaces tried at once")
    parser.add_argument("--keep", type=Path, help="a folder for what fails")
    parser.add_argument("--state", type=Path, help="a file that counts are added to")
    return parser.parse_args()


def main() -> int:
    """Try what the options ask; the exit code is 1 where something failed."""
    given = read_options()
    given.keep = given.keep and given.keep.resolve()
    surfaces = given.surface or list(SURFACES)
    remember()
    failed = again()
    state = json.loads(given.state.read_text()) if given.state and given.state.exists() else {}
    print(HEADER)
    trial = partial(try_surface, given, sum(SURFACES[name].share for name in surfaces))
    inputs = peak = 0
    with ProcessPoolExecutor(given.jobs, get_context("fork")) as pool:
        for tally in pool.map(trial, surfaces):
            failed += tally.failed
            tell(tally, state, given.state)
            inputs += tally.inputs
            peak = max(peak, tally.peak)
    print(f"{inputs:,} inputs, {failed} failures, peak {peak / 2**20:.0f} MiB")
    return 1 if failed or peak > MAX_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
