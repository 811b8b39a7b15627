"""Real files, spoilt: the zoo's networks, lectures' tables, what the docs show, fixtures of tests, models."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from models.recorded import cases
from models.recorded import models as recorded

from fuzzing.models import FILES, texts
from fuzzing.networks import COMMANDS, command_with
from fuzzing.pieces import ROOT, as_bytes, spoiled_bytes, with_lines, with_signs, with_tokens, write

Command = Callable[[random.Random, str], list[str]]

FENCED = re.compile(r"^```(yaml|csv|markdown)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
"""A file that a page of the docs shows."""


class Real(NamedTuple):
    """A file as it is, by what its name ends in, and the command that reads it."""

    name: str
    data: bytes
    command: Command


def about(rng: random.Random, path: str) -> list[str]:
    """Return a command about a network."""
    return command_with(rng, path)


def quickly(rng: random.Random, path: str) -> list[str]:
    """Return one of the quickest commands about a network."""
    return [rng.choice(COMMANDS[:5])[0], path]


def by_table(rng: random.Random, path: str) -> list[str]:
    """Return a command about a lecture's table."""
    return ["lecture", path, *rng.choice(([], ["--check"]))]


def by_homework(rng: random.Random, path: str) -> list[str]:
    """Return a command about a homework."""
    return rng.choice((["quiz", "--homework", path], ["share", path, "--salt", "5"]))


def by_sheet(rng: random.Random, path: str) -> list[str]:
    """Return a command that grades a sheet."""
    return ["check", rng.choice(("alexnet", "lenet5")), path]


def by_roster(rng: random.Random, path: str) -> list[str]:
    """Return a command with a list of students."""
    return ["quiz", "--seed", "1", "--count", "1", "--roster", path, "-o", "quiz"]


def by_numbers(rng: random.Random, path: str) -> list[str]:
    """Return a command with a convolution's file."""
    return ["convolve", "--input", path]


SHOWN: tuple[tuple[str, Command], ...] = (
    (r"- (conv|relu|\[conv|concat|multiply|residual|add|repeat)", about), (r"input: \{", by_numbers),
    ("id,name,email", by_roster), ("title: .*\nquestions:", by_homework),
    (r"(?s)(name|title|input|params)\b.*\nlayers:", about), ("conv1: ", by_sheet), ("layer,", by_sheet),
    ("\\| layer", by_sheet),
)  # fmt: skip
"""How a file begins that the docs show, and how it is read."""


def shown(text: str) -> Iterator[Real]:
    """Yield a file that the docs show as it is read; nothing for one that is a part of another."""
    body = re.sub(r"\A(#.*\n)+", "", text)
    for pattern, command in SHOWN:
        if re.match(pattern, body):
            whole = f"input: 16x16x4\nlayers:\n{body}" if body.startswith("- ") else body
            yield Real(
                "a.csv" if "," in body.split("\n")[0] and ":" not in body else "a.yaml",
                whole.encode(),
                command,
            )
            return


def lecture_sheet(text: str) -> str:
    """Return the cells of a lecture's table as a sheet that a student hands in."""
    rows = re.findall(r"^  - (\w+): \[(.*)\]$", text, re.MULTILINE)
    return "\n".join(
        ("layer,output,weights,biases,params", *(f"{layer},{cells}" for layer, cells in rows))
    )


def of_specs() -> Iterator[Real]:
    """Yield the zoo's networks."""
    for path in sorted((ROOT / "specs" / "networks").rglob("*.yaml")):
        data = path.read_bytes()
        yield Real("net.yaml", data, about if len(data) < 1500 else quickly)


def of_records() -> Iterator[Real]:
    """Yield homework and lectures' tables, and of these the cells as sheets that students hand in."""
    for path in sorted((ROOT / "specs" / "homework").rglob("*.yaml")):
        yield Real("hw.yaml", path.read_bytes(), by_homework)
    for path in sorted((ROOT / "specs" / "lectures").rglob("*.yaml")):
        yield Real("table.yaml", path.read_bytes(), by_table)
        sheet = lecture_sheet(path.read_text(encoding="utf-8"))
        if sheet.count("\n"):
            yield Real("a.csv", sheet.encode(), by_sheet)


def of_docs() -> Iterator[Real]:
    """Yield the files that the pages of the docs show."""
    for path in sorted((ROOT / "docs").glob("*.md")):
        for _, text in FENCED.findall(path.read_text(encoding="utf-8")):
            yield from shown(text)


def of_errors() -> Iterator[Real]:
    """Yield the specs that the tests have for each error."""
    for path in sorted((ROOT / "tests" / "errors").rglob("*.yaml")):
        yield Real("net.yaml", path.read_bytes(), quickly)


def of_models() -> Iterator[Real]:
    """Yield models that other tools wrote."""
    for path in sorted(FILES.iterdir()):
        if path.suffix in (".pt2", ".keras", ".onnx", ".prototxt"):
            yield Real(f"m{path.suffix}", path.read_bytes(), quickly)
    for text in texts("layers"):
        yield Real("m.json", text.encode(), quickly)
    for case in cases("graphs"):
        yield Real("m.onnx", recorded("graphs")[case].encode("latin-1"), quickly)


SOURCES = (of_specs,) * 6 + (of_records,) * 5 + (of_docs,) * 3 + (of_models,) * 4 + (of_errors,)
"""Where real files come from; what stands here twice is taken twice as often."""


@cache
def real_files(source: Callable[[], Iterator[Real]]) -> tuple[Real, ...]:
    """Return the real files of a source."""
    return tuple(source())


def number_exchanged(rng: random.Random, text: str) -> str:
    """Return a text with a number of it in the place of another."""
    return exchanged(rng, text, re.compile(r"\d+"))


def word_exchanged(rng: random.Random, text: str) -> str:
    """Return a text with a word of it in the place of another."""
    return exchanged(rng, text, re.compile(r"[a-z_]{2,}"))


def exchanged(rng: random.Random, text: str, pattern: re.Pattern[str]) -> str:
    """Return a text with one match in the place of another."""
    found = list(pattern.finditer(text))
    if not found:
        return text
    one, other = rng.choice(found), rng.choice(found)
    return (
        text if one is None or other is None else text[: one.start()] + other[0] + text[one.end() :]
    )


def line_moved(rng: random.Random, text: str) -> str:
    """Return a text with a line left out, or with one beside it, or in its place, that is indented alike."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    indent = len(lines[at]) - len(lines[at].lstrip())
    alike = [n for n, line in enumerate(lines) if len(line) - len(line.lstrip()) == indent]
    other = rng.choice(alike)
    lines[at : at + 1] = rng.choice(([], [lines[other]], [lines[at], lines[other]]))
    return "\n".join(lines)


def with_part(rng: random.Random, text: str) -> str:
    """Return a text with a few lines of another file in it."""
    strange = rng.choice(real_files(rng.choice(SOURCES))).data[:20_000]
    part = strange.decode("utf-8", "surrogateescape").split("\n")
    lines = text.split("\n")
    at = rng.randrange(len(lines) + 1)
    lines[at:at] = part[rng.randrange(len(part)) :][: rng.randrange(1, 4)]
    return "\n".join(lines)


HOW = (
    number_exchanged, number_exchanged, number_exchanged, number_exchanged, number_exchanged, number_exchanged,
    word_exchanged, line_moved, with_signs, with_tokens, with_lines, with_part,
)  # fmt: skip
"""How a text is spoilt."""


def spoilt(rng: random.Random, real: Real) -> bytes:
    """Return a real file with bytes, numbers, words or lines of it changed."""
    if rng.random() < 0.08 or b"\0" in real.data:
        return spoiled_bytes(rng, real.data, 0.6)
    text = real.data.decode("utf-8", "surrogateescape")
    for _ in range(rng.choice((1, 1, 2))):
        text = rng.choice(HOW)(rng, text)
    return as_bytes(text)


def spoilt_file(rng: random.Random, folder: Path) -> list[str]:
    """Return a real file that is spoilt, and the command that reads it."""
    real = rng.choice(real_files(rng.choice(SOURCES)))
    return real.command(rng, write(folder, real.name, spoilt(rng, real)))
