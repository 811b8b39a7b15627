"""Surfaces that go straight through a reader of ours, with no command line around it: its name stands in quotes."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fuzzing.networks import expression_text, spec_text, value_text
from fuzzing.pieces import NUMBERS, QUANTITIES, number, spoiled

VALUES: dict[str, Any] = {"width": 8, "channels": 3, "in_height": 9, "in_width": 9, "sizes": (2, 3)}


def read_expression(text: str) -> None:
    """Read and evaluate an expression."""
    from cnncalc.text.expressions import parse_expression

    parse_expression(text).evaluate(VALUES)


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


def read_convention(text: str) -> None:
    """Read a counting convention, and count a small network by it."""
    from cnncalc.report.analysis import Report
    from cnncalc.report.conventions import read_convention as read
    from cnncalc.text.source import Source

    convention = read(Source("mine.yaml", text), "mine")
    for row in Report(small_network().graph, convention).rows:
        assert isinstance(row.ops, int)


@cache
def small_network() -> Any:
    """Return LeNet-5."""
    import cnncalc

    return cnncalc.load("lenet5")


@cache
def layer_names() -> Any:
    """Return what the layers of LeNet-5 are called."""
    from cnncalc.homework import AnswerKey

    return AnswerKey(small_network()).names


def read_sheet(path: str) -> None:
    """Read a sheet about LeNet-5, and each of its answers."""
    from cnncalc.homework.sheets.read import read_network_sheet

    assert read_network_sheet(path, layer_names()) is not None


def read_roster(path: str) -> None:
    """Read a list of students."""
    from cnncalc.classroom import read_roster as read

    assert read(path).students


def read_homework(path: str) -> None:
    """Read a homework."""
    from cnncalc.homework import load_homework

    assert load_homework(path).questions


def read_completion(*words: str) -> None:
    """Complete the last word of a line, as a shell asks for it at a Tab; print what is offered."""
    import typer
    from typer._completion_classes import BashComplete

    from cnncalc.cli import app

    asked = BashComplete(typer.main.get_command(app), {}, "cnncalc", "_CNNCALC_COMPLETE")
    for offered in asked.get_completions(list(words[:-1]), words[-1]):
        print(offered.value, offered.help or "")


READERS: dict[str, Callable[..., None]] = {
    "'expression'": read_expression,
    "'answer'": read_answer,
    "'matrix'": read_matrix,
    "'setting'": read_setting,
    "'spec'": read_spec,
    "'convention'": read_convention,
    "'sheet'": read_sheet,
    "'roster'": read_roster,
    "'homework'": read_homework,
    "'completion'": read_completion,
}
"""What reads the words behind its name; ValueError is a refusal."""


def straight_expression(rng: random.Random, _folder: Path) -> list[str]:
    """Return an expression for its reader."""
    return ["'expression'", expression_text(rng)]


def straight_answer(rng: random.Random, _folder: Path) -> list[str]:
    """Return a cell for its reader."""
    return ["'answer'", rng.choice(QUANTITIES), spoiled(rng, number(rng))]


def straight_matrix(rng: random.Random, _folder: Path) -> list[str]:
    """Return numbers for convolve's reader: matrices of one size mostly, in its ways of writing them."""
    return ["'matrix'", matrix_text(rng, rng.randrange(1, 5), rng.randrange(1, 5))]


def matrix_text(rng: random.Random, height: int, width: int) -> str:
    """Return a matrix in one of the ways in which convolve reads it, now and then spoilt."""
    sign, end = rng.choice(((" ", ";"), (",", ";"), (" ", "\n"), ("\t", "\n"), (" | ", "\n")))
    rows = [
        sign.join(
            rng.choice((str(rng.randrange(-9, 99)), "1/3", "0.5", rng.choice(NUMBERS[:8])))
            for _ in range(width)
        )
        for _ in range(height)
    ]
    return spoiled(rng, end.join(rows))


def straight_setting(rng: random.Random, _folder: Path) -> list[str]:
    """Return an input and a value as `--input` and `--set` take them."""
    sizes = ("", "32", "7x9", "16x16x3", "9x9x1", str(rng.randrange(1, 10**6)))
    one, other = rng.randrange(1, 99), rng.randrange(1, 9)
    values = (str(one), f"{one} * {other}", f"min({one}, {other})", f"({one} + {other}) // 2 + 1")
    return ["'setting'", value_text(rng, sizes), value_text(rng, values)]


def straight_spec(rng: random.Random, _folder: Path) -> list[str]:
    """Return a spec for its reader."""
    return ["'spec'", spec_text(rng)]
