"""Files of ours beside specs and homework: counting conventions, lectures' tables, convolutions."""

from __future__ import annotations

import random
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any

from samples import KEY, RECORDS, exchanged, places, written

from fuzzing.pieces import NUMBERS, ROOT, mostly, options, spoiled, write
from fuzzing.readers import matrix_text

# fmt: off
MEASURES = (
    "mac", "outputs", "inputs", "2 * mac", "mac + outputs", "inputs * (4 if weights > 0 else 2)", "outputs * 5",
    "positions",
    "inputs + outputs", "weights", "3 * inputs - positions", "kernel * outputs",
)
CONVENTION_OPS = ("conv", "fc", "bn", "relu", "maxpool", "avgpool", "conv_transpose", "softmax", "add", "upsample")
QUANTITIES = (
    "maps", "params", "weights", "biases", "output", "macs", "activations", "count", "depth",
    "params + biases", "2 * macs", "output + 1", "params // (weights - 450)", "size", "memory", "text",
)
TEMPLATES = ("{nosuch}", "{", "}", "{}", "{0}", "{kernel.__class__}", "{kernel:>999999999}", "{{kernel}}", "{kernel!r}")
# fmt: on


@cache
def shipped(folder: str) -> tuple[str, ...]:
    """Return the shipped files of a kind."""
    return tuple(
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "specs" / folder).rglob("*.yaml"))
    )


def straight_convention(rng: random.Random, _folder: Path) -> list[str]:
    """Return a counting convention for its reader: a shipped one, or a few operations and what each counts."""
    if rng.random() < 0.3:
        text = spoiled(rng, rng.choice(shipped("conventions")), 0.5)
    else:
        lines = (
            f"  - {{ops: [{', '.join(rng.sample(CONVENTION_OPS, rng.randrange(1, 4)))}], "
            f'measure: "{mostly(rng, MEASURES)}", as: "{mostly(rng, ("work", "more work"))} {at}"}}\n'
            for at in range(rng.randrange(1, 5))
        )
        unit = mostly(rng, ("MACs", "FLOPs"))
        head = f"name: mine\ntitle: a count\nversion: '1'\nunit: {unit}\nused_by: us\nsource: measured\n"
        text = spoiled(rng, f"{head}operations:\n{''.join(lines)}notes: [a note]\n", 0.2)
    return ["'convention'", text]


def lecture(rng: random.Random, folder: Path) -> list[str]:
    """Return a lecture's table: a shipped one, or cells about a network of its own."""
    if rng.random() < 0.5:
        text = spoiled(rng, rng.choice(shipped("lectures")), 0.5)
    else:
        rows = "".join(
            f"  - {{row: [what {at}, '{mostly(rng, ('6', '456', '28x28x6', '1,516'))}'], network: six, layer: c, "
            f"quantity: {mostly(rng, QUANTITIES)}}}\n"
            for at in range(rng.randrange(1, 4))
        )
        count = rows.count("row:")
        text = spoiled(
            rng,
            "lecture: a lecture\nsection: a section\nlines: file 1-2\ntitle: a table\nko: 표\n"
            "label: {name: what, ko: 항목}\n"
            f"cells: {mostly(rng, (str(count),))}\n"
            "networks: {six: {input: 32x32x3, layers: [conv: {name: c, filters: 6, kernel: 5}]}}\n"
            f"columns: [{{name: value, ko: 값}}]\nrows:\n{rows}",
            0.25,
        )
    if rng.random() < 0.3:
        text += f"notation: {{conv: '{mostly(rng, ('{kernel}, {filters}', '{units} }'), TEMPLATES)}'}}\n"
        text = text.replace("quantity: maps", "quantity: text")
    known = (("--check",), ("--format", "json"), ("--format", "csv"), ("--lang", "ko"))
    return ["lecture", write(folder, "table.yaml", text), *options(rng, known, 0.25)]


def convolve(rng: random.Random, folder: Path) -> list[str]:
    """Return a convolution: numbers in a file of their own, or on the command line."""
    height, width, kernel = rng.randrange(3, 7), rng.randrange(3, 7), rng.randrange(1, 4)
    known = (
        ("--stride", mostly(rng, ("1", "2"))), ("--pad", mostly(rng, ("0", "1", "same"))), ("--dilation", mostly(rng,
        ("1",))),
        ("--bias", mostly(rng, ("1", "0.5", "1/3"))), ("--padding", mostly(rng, ("zero", "copy"))), ("--steps",),
        ("--flip",),
        ("--digits", mostly(rng, ("0", "2"))), ("--format", mostly(rng, ("json", "csv", "latex"))),
    )  # fmt: skip
    more = options(rng, known, 0.15)
    if rng.random() < 0.4:
        grid = "; ".join(
            " ".join(str(rng.randrange(9)) for _ in range(width)) for _ in range(height)
        )
        window = "; ".join(
            " ".join(rng.choice(["0", "1", "-1", "2"]) for _ in range(kernel))
            for _ in range(kernel)
        )
        lines = (
            f'input: "{grid}"', f'kernel: ["{window}"]', f"bias: {mostly(rng, ('1', '0'))}", "padding: zero",
            f"stride: {mostly(rng, ('1', '2'))}", "flip: true", f"pad: {mostly(rng, ('1', 'same'), NUMBERS)}",
        )  # fmt: skip
        text = "\n".join(line for at, line in enumerate(lines) if at < 2 or rng.random() < 0.25)
        return [
            "convolve",
            "--input",
            write(folder, "c.yaml", spoiled(rng, text)),
            *options(rng, known[5:], 0.15),
        ]
    words = ["--input", matrix_text(rng, height, width)]
    if rng.random() < 0.25:
        words += ["--pool", mostly(rng, ("max", "average")), "--kernel", mostly(rng, ("2", "3"))]
        more = options(rng, (*known[:3], *known[5:6], *known[7:], ("--ceil",)), 0.15)
    else:
        words += ["--kernel", matrix_text(rng, kernel, kernel)]
    return [word.replace("\0", "") for word in ("convolve", *words, *more)]


# ---- every value of a file for every other ---------------------------------------------------------------------------

# fmt: off
ODD_VALUES: tuple[Any, ...] = (
    0, 1, -1, 2, 3, 1.5, 0.1, 10**6, 10**12, 10**13, 10**40, True, False, None, "", " ", "x", "conv1", "total", "1,000",
    "3x3", "5%", "1/3", "width", "same", "n * 2", "1 // 0", "x[0]", "-", "~", [], [[]], [1], [1, 2], [[1, 2], [3, 4]],
    ["x"], [None], {}, {"a": 1}, {"name": "c"}, [{}], [{"conv": {"filters": 1, "kernel": 1}}],
    {"input": "8x8x3", "layers": ["relu"]},
    "0 1; 2 3", "5M", "32x32x3", "6", "relu", "alexnet", "params", "zero", "48", "width > 1", "channels",
)
"""What stands in the place of a value of a file."""
# fmt: on
READ_BY: dict[str, tuple[list[str], ...]] = {
    "spec": (
        ["summary"],
        ["params"],
        ["validate"],
        ["explain"],
        ["convert", "--to", "torch"],
        ["spec"],
    ),
    "homework": (["quiz", "--homework"], ["share", "--salt", "5"]),
    "lecture": (["lecture"], ["lecture", "--check"]),
    "convolve": (["convolve", "--input"], ["convolve", "--steps", "--input"]),
    "convention": (["'convention'"],),
}
"""The commands that read each kind of file; its path stands behind the first word, or the last option."""


KEYS = ("x", "name", "layers", "input", "set", "conv1", "1", "")


def odd_value(rng: random.Random, old: Any) -> Any:
    """Return what stands in the place of a value: mostly one of its kind."""
    alike = [one for one in ODD_VALUES if type(one) is type(old)]
    return rng.choice(alike if alike and rng.random() < 0.7 else ODD_VALUES)


def record(rng: random.Random, folder: Path) -> list[str]:
    """Return a sound file of any kind with one or two of its values, or keys, another."""
    kind = rng.choice(list(READ_BY))
    value = RECORDS[kind]
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2))):
        way = rng.choice(list(places(value)))
        if KEY in way:
            value = exchanged(value, way, rng.choice(KEYS))
        else:
            wide = rng.random() < 0.2
            way = way[: rng.randrange(1, len(way))] if wide and len(way) > 1 else way
            value = exchanged(value, way, odd_value(rng, reduce(getitem, way, value)))
    text = written(value)
    first, *more = rng.choice(READ_BY[kind])
    if first.startswith("'"):
        return [first, text]
    return [first, *more, write(folder, f"{kind}.yaml", text)]
