"""Hostile and half-valid input for every surface: nothing may raise but what tells a user what is wrong.

    python tools/fuzz.py                     # half a minute for each surface
    python tools/fuzz.py --count 1000000     # that many inputs, over all surfaces: half an hour of CPU time
    python tools/fuzz.py --surface sheet --seed 7 --seconds 60
    python tools/fuzz.py --state night.json  # adds to what earlier runs of other seeds counted; prints the sum

Each input goes through the command line in this process; what a reader of ours takes by itself (surfaces in quotes, as
'expression') also straight through that reader, which is quicker. It is a failure if anything but an exit code 0, 1
or 2 comes of it, if an output has a character that acts on a terminal, or if it takes over two seconds of CPU time or
500 MB. What failed is written to the folder of `--keep`; once mended it belongs into tests/fuzz/, which is tried first.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests" / "fuzz"
MAX_SECONDS = 2.0
MAX_BYTES = 500 * 2**20

Make = Callable[[random.Random, Path], list[str]]

# --- pieces ----------------------------------------------------------------------------------------------------------

NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "11",
    "64",
    "-1",
    "1.5",
    "1/2",
    "9" * 30,
    "1e9",
    "010",
    "",
    "x",
    "3x3",
    "[1,2]",
    "same",
    "\u0663",
)
NASTY = (
    "\x1b[31m",
    "\x00",
    "\u202e",
    "\u200b",
    "\ud7ff",
    "\ufeff",
    "=1+1",
    "<script>",
    "\\input{x}",
    "'",
    '"',
    "\n",
    "\r",
    "\t",
    "{",
    "}",
    "[",
    "]",
    "&a",
    "*a",
    "|",
    ">",
    "#",
    "%",
    "한글",
    "😀",
    " " * 300,
    "a" * 5000,
)
OPS = (
    "conv",
    "maxpool",
    "avgpool",
    "fc",
    "bn",
    "relu",
    "globalavgpool",
    "upsample",
    "flatten",
    "lrn",
    "dropout",
    "pad",
    "slice",
    "reshape",
    "conv_transpose",
    "adaptiveavgpool",
    "se",
    "basic",
    "Conv2d",
    "nosuch",
)
FIELDS = (
    "filters",
    "kernel",
    "stride",
    "pad",
    "dilation",
    "groups",
    "units",
    "size",
    "scale",
    "name",
    "from",
    "when",
    "bias",
    "nosuch",
)
QUANTITIES = (
    "params",
    "weights",
    "output",
    "macs",
    "flops",
    "memory",
    "activations",
    "biases",
    "receptive_field",
    "nosuch",
)
NETWORKS = ("alexnet", "lenet5", "vgg16", "resnet18", "googlenet")
LAYERS = (
    "conv1",
    "CONV1",
    "pool1",
    "fc1",
    "fc",
    "total",
    "input",
    "relu1",
    "c3",
    "inception_3a",
    "nosuch",
    "conv1_1",
)


SOUND = (
    "conv: {filters: 8, kernel: 3, pad: 1}",
    "conv: {filters: width, kernel: 1, bias: false}",
    "conv: {filters: 8, kernel: 3, stride: 2, pad: 1, groups: 1}",
    "conv_transpose: {filters: 4, kernel: 2, stride: 2}",
    "maxpool: {kernel: 2, stride: 1}",
    "avgpool: {kernel: 3, stride: 2, pad: 1, ceil: true}",
    "bn",
    "relu",
    "lrn",
    "dropout: 0.5",
    "basic: {width: 8}",
    "se: {reduction: 1}",
    "upsample: 2",
    "[conv: {filters: 4, kernel: 1}, bn, relu]",
    "residual: {layers: [relu, bn]}",
    "concat: {branches: [[relu], []]}",
    "repeat: {times: 3, layers: [relu]}",
    "side: {name: aux, layers: [globalavgpool, fc: 3]}",
    "relu: {when: channels > 4}",
)
"""Layers that are sound behind any map."""
ASKED = (
    ("alexnet", "conv1"),
    ("alexnet", "pool2"),
    ("lenet5", "c3"),
    ("vgg16", "conv3_1"),
    ("resnet18", "conv1"),
)


def number(rng: random.Random) -> str:
    """Return a number as people write it, or what they write for one."""
    plain = str(rng.choice((rng.randrange(10), rng.randrange(10**6), rng.randrange(10**12))))
    forms = (
        plain, f"{int(plain):,}", plain + rng.choice(("K", "M", "G", "Ki", "MB", "GiB", " MACs", "만", "억")),
        f"{rng.random() * 1000:.3f}M", f"{plain}*{rng.randrange(20)}+{rng.randrange(9)}", f"{plain} = {plain}",
        "x".join(str(rng.randrange(300)) for _ in range(rng.randrange(1, 5))), rng.choice(NUMBERS), rng.choice(NASTY),
        f"({rng.randrange(99)}, {rng.randrange(99)}, None)", f"torch.Size([{rng.randrange(9)}, {rng.randrange(99)}])",
    )  # fmt: skip
    return rng.choice(forms)


def layer(rng: random.Random, depth: int = 0) -> str:
    """One layer of a spec, in flow style."""
    roll = rng.random()
    if depth < 4 and roll < 0.12:
        inner = ", ".join(layer(rng, depth + 1) for _ in range(rng.randrange(1, 4)))
        word = rng.choice(("residual", "repeat", "side", "concat", "add"))
        if word in ("concat", "add"):
            return f"{word}: {{branches: [[{inner}], []]}}"
        times = f", times: {rng.choice(NUMBERS)}" if word == "repeat" else ""
        return f"{word}: {{layers: [{inner}]{times}}}"
    word = rng.choice(OPS)
    if roll < 0.3:
        return word
    if roll < 0.4:
        return f"{word}: {rng.choice(NUMBERS)}"
    usual = {
        "conv": ("filters: 8, kernel: 3, pad: 1", "filters: 4, kernel: 1"),
        "maxpool": ("kernel: 2",),
        "fc": ("units: 10",),
    }
    if roll < 0.75 and word in usual:
        return f"{word}: {{{rng.choice(usual[word])}}}"
    fields = ", ".join(
        f"{rng.choice(FIELDS)}: {rng.choice(NUMBERS)}" for _ in range(rng.randrange(4))
    )
    return f"{word}: {{{fields}}}"


def spoiled(rng: random.Random, text: str) -> str:
    """Return the text, one time in three with a few characters changed."""
    if rng.random() < 0.67 or not text:
        return text
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text) + 1)
        cut = rng.randrange(6)
        text = (
            text[:at]
            + rng.choice((rng.choice(NASTY), rng.choice(NUMBERS), text[at : at + 20]))
            + text[at + cut :]
        )
    return text


def write(folder: Path, name: str, text: str | bytes) -> str:
    """Write an input file; its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return str(path)


# --- surfaces --------------------------------------------------------------------------------------------------------


def spec(rng: random.Random, folder: Path) -> list[str]:
    """Return a spec of random layers, or a shipped one spoiled."""
    if rng.random() < 0.3:
        shipped = sorted((ROOT / "specs" / "networks").glob("*.yaml"))
        text = rng.choice(shipped).read_text(encoding="utf-8")
    else:
        odd = rng.random() < 0.4
        layers = "".join(
            f"  - {layer(rng) if odd and rng.random() < 0.3 else rng.choice(SOUND)}\n"
            for _ in range(rng.randrange(1, 12))
        )
        size = rng.choice(("8x8x3", "32x32x3", "16x4", "100", rng.choice(NUMBERS)))
        text = f"input: {size}\nparams: {{width: 8}}\nlayers:\n{layers}"
    command = rng.choice(
        (
            "summary",
            "params",
            "validate",
            "receptive",
            "memory",
            "explain",
            "identify",
            "draw",
            "compare",
            "diff",
        )
    )
    more = {"identify": ["5K"], "draw": ["-o", "-"], "diff": ["lenet5"], "explain": ["total"]}.get(
        command, []
    )
    return [command, write(folder, "net.yaml", spoiled(rng, text)), *more]


def expression_text(rng: random.Random) -> str:
    """Return an expression."""

    def term(depth: int) -> str:
        if depth > 2 or rng.random() < 0.4:
            if rng.random() < 0.85:
                return rng.choice(("width", "channels", "2", "3", "8", "in_height"))
            return rng.choice(
                (
                    "width",
                    "channels",
                    "2",
                    "3",
                    "0",
                    "1.5",
                    "true",
                    "word",
                    "in_height",
                    "[1, 2]",
                    "x",
                )
            )
        sign = rng.choice(("+", "-", "*", "/", "//", "%", "==", "!=", "<", ">=", "and", "or"))
        forms = (
            f"({term(depth + 1)} {sign} {term(depth + 1)})",
            f"min({term(depth + 1)}, {term(depth + 1)})",
            f"round_to({term(depth + 1)}, 8)",
            f"{term(depth + 1)} if {term(depth + 1)} else {term(depth + 1)}",
            f"-{term(depth + 1)}",
            f"not {term(depth + 1)}",
            f"{term(depth + 1)}[0]",
        )
        return rng.choice(forms)

    return spoiled(rng, term(0))


def expression(rng: random.Random, folder: Path) -> list[str]:
    """Return a field that is an expression."""
    text = f'input: 9x9x3\nparams: {{width: 8}}\nlayers:\n  - conv: {{filters: "{expression_text(rng)}", kernel: 1}}\n'
    return ["params", write(folder, "net.yaml", text)]


def sheet(rng: random.Random, folder: Path) -> list[str]:
    """Return a sheet of answers in one of its formats."""
    separator = rng.choice((",", "\t", ";", "|"))
    columns = rng.sample(QUANTITIES, rng.randrange(1, 5))
    rows = [["layer", *columns]] + [
        [rng.choice(LAYERS), *(number(rng) for _ in columns)] for _ in range(rng.randrange(1, 12))
    ]
    if rng.random() < 0.3:
        lines = [
            f"{row[0]}: {{{', '.join(f'{name}: {cell}' for name, cell in zip(columns, row[1:], strict=False))}}}"
            for row in rows[1:]
        ]
        name, text = "a.yaml", "\n".join(lines)
    else:
        name, text = (
            rng.choice(("a.csv", "a.tsv", "a.md", "a.txt")),
            "\n".join(separator.join(row) for row in rows),
        )
    return [
        "check",
        rng.choice(NETWORKS),
        write(folder, name, spoiled(rng, text)),
        *rng.choice(([], ["--hints"], ["--reveal"], ["--format", "json"], ["--format", "csv"])),
    ]


def answer(rng: random.Random, folder: Path) -> list[str]:
    """One answer on the command line."""
    given = number(rng).replace("\x00", "")
    return (
        ["check", rng.choice(NETWORKS), rng.choice(LAYERS), rng.choice(QUANTITIES), "--", given]
        if given.startswith("-")
        else ["check", rng.choice(NETWORKS), rng.choice(LAYERS), rng.choice(QUANTITIES), given]
    )


def workbook(rng: random.Random, folder: Path) -> list[str]:
    """Return a workbook, whole or spoiled."""
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.append(["layer", *QUANTITIES[:3]])
    for _ in range(rng.randrange(1, 6)):
        page.append(
            [
                rng.choice(LAYERS),
                *(number(rng).replace("\x00", "").replace("\x1b", "")[:900] for _ in range(3)),
            ]
        )
    data = io.BytesIO()
    book.save(data)
    raw = bytearray(data.getvalue())
    if rng.random() < 0.6:
        for _ in range(rng.randrange(1, 12)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
    if rng.random() < 0.2:
        del raw[rng.randrange(len(raw)) :]
    return ["check", "lenet5", write(folder, "a.xlsx", bytes(raw))]


def roster(rng: random.Random, folder: Path) -> list[str]:
    """Return a list of students."""
    names = [
        rng.choice(("Kim", "Lee, Min", "박지성", number(rng), rng.choice(NASTY)))
        for _ in range(rng.randrange(1, 5))
    ]
    text = spoiled(rng, "\n".join(("name", *names)))
    text = rng.choice((text, text, text, rng.choice(("", "\n", "|-", "- |", "{}", "[]", text[5:]))))
    out = folder / "quiz"
    out.mkdir(exist_ok=True)
    return [
        "quiz",
        "--seed",
        rng.choice((str(rng.randrange(99)), number(rng).replace("\x00", ""), "\udcff")),
        "--count",
        "1",
        "--roster",
        write(folder, "roster.csv", text),
        "-o",
        str(out),
        "--key",
        str(out),
    ]


def homework(rng: random.Random, folder: Path) -> list[str]:
    """Return a homework of questions, most of them sound, and a sheet for it."""
    questions = ""
    for place in range(rng.randrange(1, 5)):
        network, asked = rng.choice(ASKED)
        asked = asked if rng.random() < 0.9 else rng.choice(LAYERS)
        quantity = rng.choice(QUANTITIES[:-1])
        points = "1" if rng.random() < 0.9 else rng.choice(NUMBERS)
        questions += f"  - {{id: q{place}, network: {network}, layer: {asked}, "
        questions += f"quantity: {quantity}, points: {points}}}\n"
    path = write(folder, "hw.yaml", spoiled(rng, f"title: t\nquestions:\n{questions}"))
    answers = "".join(f"q{place}: {number(rng)}\n" for place in range(4))
    return ["check", "--homework", path, write(folder, "a.yaml", spoiled(rng, answers))]


def command_line(rng: random.Random, folder: Path) -> list[str]:
    """Commands with options of the right names and odd values."""
    command = rng.choice(
        (
            "params",
            "summary",
            "memory",
            "flops",
            "conv",
            "pool",
            "fc",
            "solve",
            "convolve",
            "identify",
            "reconcile",
            "sweep",
            "budget",
            "fit",
            "lecture",
            "list",
            "draw",
            "schema",
            "conventions",
        )
    )
    options = (
        "--input",
        "--kernel",
        "--filters",
        "--stride",
        "--pad",
        "--units",
        "--batch",
        "--set",
        "--depth",
        "--format",
        "--lang",
        "--convention",
        "--dtype",
        "--memory",
        "--max-params",
        "--output",
    )
    words = [command]
    if command not in ("conv", "pool", "fc", "solve", "convolve", "lecture", "list", "schema"):
        words.append(rng.choice((*NETWORKS, number(rng).strip("-") or "x")))
    if command in ("identify", "reconcile"):
        words += [number(rng) or "1", *(["thop"] if command == "reconcile" else [])]
    for _ in range(rng.randrange(4)):
        words += [
            rng.choice(options),
            rng.choice((number(rng), "32x32x3", "3", "json", "ko", "width=2", rng.choice(NUMBERS))),
        ]
    return [word.replace("\x00", "") for word in words]


def prototxt(rng: random.Random, folder: Path) -> list[str]:
    """Return a Caffe network, spoiled."""
    files = sorted((ROOT / "tests" / "models").rglob("*.prototxt"))
    return ["params", write(folder, "net.prototxt", spoiled(rng, rng.choice(files).read_text()))]


def model(rng: random.Random, folder: Path) -> list[str]:
    """Return a model file of the tests with bytes changed, cut, or its JSON spoiled."""
    files = [
        path
        for path in sorted((ROOT / "tests" / "models").rglob("*"))
        if path.suffix in (".pt2", ".keras", ".onnx", ".json")
    ]
    path = rng.choice(files)
    raw = bytearray(path.read_bytes())
    if path.suffix in (".pt2", ".keras") and rng.random() < 0.7:
        raw = bytearray(repacked(rng, path))
    elif path.suffix == ".json":
        raw = bytearray(spoiled(rng, path.read_text()).encode("utf-8", "replace"))
    else:
        for _ in range(rng.randrange(8)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        if rng.random() < 0.2:
            del raw[rng.randrange(len(raw)) :]
    return [
        rng.choice(("params", "summary", "flops", "receptive", "memory")),
        write(folder, f"m{path.suffix}", bytes(raw)),
    ]


def repacked(rng: random.Random, path: Path) -> bytes:
    """Return the archive, the JSON in it spoiled."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(".json"):
                data = spoiled(rng, data.decode("utf-8", "replace")).encode("utf-8", "replace")
            new.writestr(name, data)
    return out.getvalue()


# --- straight through a reader ---------------------------------------------------------------------------------------


def read_expression(text: str) -> None:
    """Read and evaluate an expression."""
    from cnncalc.text.expressions import parse_expression

    parse_expression(text).evaluate({"width": 8, "channels": 3, "in_height": 9, "in_width": 9})


def read_answer(quantity: str, text: str) -> None:
    """Read an answer as a cell of a sheet. Raises ValueError where it says that it cannot be read."""
    from cnncalc.homework import answers

    reading = answers.read_answer(quantity, text)
    if reading.problem:
        raise ValueError(reading.problem)


def read_matrix(text: str) -> None:
    """Read numbers of convolve's."""
    from cnncalc.window.matrices import read_text

    read_text(text)


def read_setting(size: str, value: str) -> None:
    """Load a small network with another input and another value of its parameter."""
    import cnncalc

    text = "input: 9x9x3\nparams: {width: 8}\nlayers: [conv: {filters: width, kernel: 1}]"
    net = cnncalc.loads(text, input=size or None, set={"width": value})
    assert net.report().totals.params is not None


def read_spec(text: str) -> None:
    """Load a spec, and work out every row."""
    import cnncalc

    for row in cnncalc.loads(text).report().rows:
        assert row.receptive_field is not None


READERS: dict[str, Callable[..., None]] = {
    "'expression'": read_expression,
    "'answer'": read_answer,
    "'matrix'": read_matrix,
    "'setting'": read_setting,
    "'spec'": read_spec,
}
"""What reads the words behind its name, with no command line around it; ValueError is a refusal."""


def straight_expression(rng: random.Random, _folder: Path) -> list[str]:
    """Return an expression for its reader."""
    return ["'expression'", expression_text(rng)]


def straight_answer(rng: random.Random, _folder: Path) -> list[str]:
    """Return a cell for its reader."""
    return ["'answer'", rng.choice(QUANTITIES[:-1]), spoiled(rng, number(rng))]


def straight_matrix(rng: random.Random, _folder: Path) -> list[str]:
    """Return numbers for convolve's reader: matrices of one size mostly, in its ways of writing them."""
    columns = rng.randrange(1, 5)
    sign, end = rng.choice(((" ", ";"), (",", ";"), (" ", "\n"), ("\t", "\n"), (" | ", "\n")))
    rows = [
        sign.join(
            rng.choice((str(rng.randrange(-9, 99)), "1/3", "0.5", rng.choice(NUMBERS[:8])))
            for _ in range(columns)
        )
        for _ in range(rng.randrange(1, 5))
    ]
    return ["'matrix'", spoiled(rng, end.join(rows))]


def straight_setting(rng: random.Random, _folder: Path) -> list[str]:
    """Return an input and a value as `--input` and `--set` take them."""
    sizes = (
        "",
        "32",
        "7x9",
        "16x16x3",
        "9x9x1",
        str(rng.randrange(10**6)),
        spoiled(rng, number(rng)),
    )
    values = (str(rng.randrange(99)), "4 * 2", "true", "same", spoiled(rng, expression_text(rng)))
    return ["'setting'", rng.choice(sizes), rng.choice(values)]


def straight_spec(rng: random.Random, folder: Path) -> list[str]:
    """Return a spec for its reader."""
    path = spec(rng, folder)[1]
    return ["'spec'", Path(path).read_text(encoding="utf-8", errors="surrogateescape")]


SURFACES: dict[str, Make] = {
    "spec": spec, "expression": expression, "answer": answer, "sheet": sheet, "workbook": workbook, "roster": roster,
    "homework": homework, "command line": command_line, "prototxt": prototxt, "model": model,
    "'expression'": straight_expression, "'answer'": straight_answer, "'matrix'": straight_matrix,
    "'setting'": straight_setting, "'spec'": straight_spec,
}  # fmt: skip

SHARES = {
    "'answer'": 300, "'expression'": 200, "'matrix'": 200, "'setting'": 50, "'spec'": 20, "expression": 20,
}  # fmt: skip
"""How `--count` is shared out: what is quick to run has more of it; every other surface has 10."""

# --- trying ----------------------------------------------------------------------------------------------------------


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
    except ValueError:
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
    if not wrong and code not in (0, 1, 2):
        wrong = f"exit code {code}"
    if not wrong and seconds > MAX_SECONDS:
        wrong = f"{seconds:.1f} s of CPU time"
    unsafe = {
        char for char in out.getvalue() + err.getvalue() if not char.isprintable() and char != "\n"
    }
    if not wrong and err.getvalue().startswith(("cannot write standard output", "cannot use ")):
        wrong = f"an OSError got away: {err.getvalue()[-300:]}"
    if not wrong and unsafe:
        wrong = f"the output has {sorted(map(ascii, unsafe))}"
    return Outcome(code, seconds, wrong)


@dataclass
class Tally:
    """What came of a surface's inputs."""

    surface: str
    inputs: int = 0
    accepted: int = 0
    failed: int = 0
    slowest: float = 0.0
    failures: dict[str, list[str]] = field(default_factory=dict)

    def add(self, words: list[str], outcome: Outcome) -> bool:
        """Count one; whether it is a failure of a kind not seen yet."""
        self.inputs += 1
        self.accepted += outcome.code in (0, 1)
        self.slowest = max(self.slowest, outcome.seconds)
        if not outcome.wrong:
            return False
        self.failed += 1
        lines = outcome.wrong.strip().split("\n")
        kind = f"{lines[-1][:160]} | {''.join(lines[-3:-2]).strip()[:120]}"
        new = kind not in self.failures
        self.failures.setdefault(kind, []).append(" ".join(words)[:300])
        return new

    def add_earlier(self, earlier: dict[str, Any]) -> None:
        """Add what an earlier run counted."""
        self.inputs += earlier["inputs"]
        self.accepted += earlier["accepted"]
        self.failed += earlier["failed"]
        self.slowest = max(self.slowest, earlier["slowest"])

    def line(self) -> str:
        """Return the surface's line of the table."""
        share = 100 * self.accepted / max(self.inputs, 1)
        return f"{self.surface:13}{self.inputs:>10,}{share:>9.0f} %{self.failed:>10}{self.slowest:>10.2f} s"


HEADER = f"{'surface':13}{'inputs':>10}{'accepted':>11}{'failures':>10}{'slowest':>12}"


def tried(surface: str, seed: int, seconds: float, count: int, keep: Path | None) -> Tally:
    """Try a surface for a time, or for a number of inputs, or until whichever comes first where both are given."""
    tally, rng = Tally(surface), random.Random(f"{surface} {seed}")
    end = time.monotonic() + seconds if seconds else math.inf
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        place = Path(folder)  # a command line may write where it stands
        while tally.inputs < count and time.monotonic() < end:
            words = SURFACES[surface](rng, place)
            outcome = attempt(words)
            if tally.add(words, outcome) and keep is not None:
                keep_input(keep, surface, len(tally.failures), place, words, outcome)
            if words[:1] and words[0] not in READERS:
                empty(place)
    return tally


def empty(folder: Path) -> None:
    """Remove what is in a folder."""
    for entry in list(os.scandir(folder)):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def remember() -> None:
    """Keep what a process makes once: its command, shipped networks, the answers to them."""
    from cnncalc import network
    from cnncalc.classroom import request
    from cnncalc.cli import LazyGroup

    patched: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
        (LazyGroup, "get_command", remembered_command),
        (network, "read_shipped", lru_cache(64)),
        (request, "_answer_key", remembered_answers),
    )
    for owner, name, wrap in patched:
        setattr(owner, name, wrap(getattr(owner, name)))


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


def keep_input(
    keep: Path, surface: str, place: int, folder: Path, words: list[str], outcome: Outcome
) -> None:
    """Write down what failed: the files, the command line, and what came of it."""
    target = keep / f"{surface.replace(' ', '_')}-{place}"
    target.mkdir(parents=True, exist_ok=True)
    for path in folder.rglob("*"):
        if path.is_file():
            (target / path.name).write_bytes(path.read_bytes())
    shown = [word.replace(str(folder), ".") for word in words]
    (target / "command.txt").write_text(
        repr(shown) + "\n" + outcome.wrong, encoding="utf-8", errors="backslashreplace"
    )


def corpus() -> Iterator[list[str]]:
    """Yield what has failed once: a folder each, with the command line in `command.txt`."""
    import ast

    for path in sorted(CORPUS.glob("*/command.txt")):
        words = ast.literal_eval(path.read_text(encoding="utf-8").split("\n")[0])
        yield [word.replace("./", f"{path.parent}/") for word in words]


def main() -> int:
    """Try what the options ask; the exit code is 1 where something failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--surface", choices=SURFACES, action="append")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--state", type=Path, help="a file that counts are added to")
    given = parser.parse_args()
    surfaces = given.surface or list(SURFACES)
    remember()
    failed = 0
    for words in corpus():
        outcome = attempt(words)
        if outcome.wrong:
            failed += 1
            print(f"again: {words}\n{outcome.wrong}")
    shares = {surface: SHARES.get(surface, 10) for surface in surfaces}
    counts = {
        surface: -(-given.count * share // sum(shares.values())) if given.count else sys.maxsize
        for surface, share in shares.items()
    }
    state = json.loads(given.state.read_text()) if given.state and given.state.exists() else {}
    print(HEADER)
    for surface in surfaces:
        seconds = 0 if given.count else given.seconds
        tally = tried(surface, given.seed, seconds, counts[surface], given.keep)
        failed += tally.failed
        for kind, lines in tally.failures.items():
            print(f"    {len(lines)} x {kind}\n        {lines[0]!r}")
        if given.state:
            tally.add_earlier(
                state.get(surface, {"inputs": 0, "accepted": 0, "failed": 0, "slowest": 0})
            )
            state[surface] = {
                key: value for key, value in asdict(tally).items() if key != "failures"
            }
            given.state.write_text(json.dumps(state, indent=1))
        print(tally.line(), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{sum(one['inputs'] for one in state.values()):,} inputs; " if state else "", end="")
    print(f"peak {peak / 2**20:.0f} MiB")
    return 1 if failed or peak > MAX_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
