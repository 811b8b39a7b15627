"""Files of ours beside specs and homework: counting conventions, lectures' tables, convolutions."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

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
