"""What the rows of quantities say; a made-up one is known everywhere: see `test_made_up.py`."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.homework.slips import GROUPS, slips_of
from cnncalc.report.analysis import Row, Totals
from cnncalc.report.conventions import conventions
from cnncalc.spec.quantities import (
    ASKED,
    BY_NAME,
    EXPLAINED,
    QUANTITIES,
    SUMMED,
    held_against,
    quantity_named,
    shown_in,
)

ROOT = Path(__file__).parent.parent

# ---- the rows that ship ---------------------------------------------------------------------------------------------


def test_the_contract_lists_the_quantities() -> None:
    wanted = "output weights biases params macs flops activations memory receptive_field"
    assert tuple(wanted.split()) == ASKED


def test_names_and_keys_are_unique() -> None:
    assert len({one.name for one in QUANTITIES}) == len(QUANTITIES)
    assert len({one.key for one in QUANTITIES}) == len(QUANTITIES)


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_can_be_asked_in_words_and_got_wrong(name: str) -> None:
    quantity = BY_NAME[name]
    assert "{layer}" in quantity.question
    assert quantity.words.split("|")[0]
    assert quantity.slips in GROUPS
    assert slips_of(quantity.slips)
    assert set(quantity.follows) <= set(GROUPS)
    assert set(quantity.earlier) <= set(ASKED)
    assert quantity.total


def test_every_formula_is_over_counts_of_rows_and_totals() -> None:
    for quantity in SUMMED:
        for name in quantity.measures:
            assert name in Row._fields, quantity.name
            assert name in Totals._fields, quantity.name


def test_params_are_weights_and_biases_in_rows_too() -> None:
    for row in cnncalc.load("lenet5").report().rows:
        assert BY_NAME["params"].of(row) == row.params


def test_the_simplest_quantities_come_first() -> None:
    ranks = [quantity.rank for quantity in held_against()]
    assert ranks == list(range(1, len(ranks) + 1))
    assert all(quantity.unit and quantity.meaning for quantity in held_against())


def test_a_formula_is_filled_with_a_rows_numbers() -> None:
    numbers = {"weights": 34_848, "biases": 96, "macs": 7}
    assert BY_NAME["params"].filled(numbers) == "34848 + 96"
    assert BY_NAME["macs"].filled(numbers) == "7"
    assert BY_NAME["params"].filled({}) == "weights + biases"


def test_no_word_is_no_quantity() -> None:
    for word in ("", " ", "_"):
        assert quantity_named(word, EXPLAINED) is None


LEFT_OUT = (
    "side shares",
    "buffers outputs centred",
    "inputs output_bytes parameter_bytes start",
    "input jump",
    "op stride pad activations",
    "kernel filters weights biases ops receptive_field",
    "name output params macs activation_bytes",
)
"""What a narrow terminal leaves out, the first line first and the last never: what is seldom asked goes before the
output size, parameters and MACs, which every table of a network has."""


def test_a_narrow_terminal_leaves_out_what_is_asked_least() -> None:
    steps: dict[int, set[str]] = {}
    for one in QUANTITIES:
        if one.total != "whole":  # no column
            steps.setdefault(one.keep, set()).add(one.key)
    assert [steps[keep] for keep in sorted(steps, reverse=True)] == [
        set(line.split()) for line in LEFT_OUT
    ]
    assert min(steps) == 1, "what a narrow terminal must show"


def test_a_bytes_column_is_not_in_the_contract_of_json() -> None:
    assert shown_in("memory") == (
        "name",
        "output",
        "activations",
        "activation_bytes",
        "outputs",
        "output_bytes",
    )
    assert [one.key for one in QUANTITIES if one.scaled and not one.in_json] == [
        "activation_bytes",
        "output_bytes",
        "parameter_bytes",
    ]


# ---- counts beyond what a spec may write -----------------------------------------------------------------------------

HUGE = 3_000_000
SQUARE = "input: {0}\nlayers: [fc: {0}]\n"


def test_what_a_layer_has_may_be_more_than_a_spec_can_write() -> None:
    fc = cnncalc.loads(SQUARE.format(HUGE)).report().rows[-1]
    assert BY_NAME["params"].of(fc) == HUGE * HUGE + HUGE == 9_000_003_000_000


@pytest.mark.parametrize("name", [convention.name for convention in conventions()])
def test_every_convention_counts_as_much_as_there_is(name: str) -> None:
    """What is counted of an n x n layer is a·n² + b·n: two small layers tell a and b, and so any larger one."""

    def operations(size: int) -> int:
        return cnncalc.loads(SQUARE.format(size)).report(convention=name).totals.ops

    one, two = Fraction(operations(10), 10), Fraction(operations(20), 20)
    slope = (two - one) / 10
    assert operations(HUGE) == HUGE * (one + slope * (HUGE - 10))


@pytest.mark.parametrize(
    "line",
    [
        "params NET --format csv",
        "compare NET alexnet",
        "diff NET NET",
        "identify NET 9T",
        "reconcile NET 9T macs",
        "reconcile NET thop fvcore",
        "budget NET --max-params 1",
        "check NET total params 7",
    ],
)
def test_commands_show_counts_beyond_what_a_spec_can_write(
    line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "huge.yaml"
    path.write_text(SQUARE.format(HUGE), encoding="utf-8")
    assert main(line.replace("NET", str(path)).split()) in (0, 1)
    assert not capsys.readouterr().err


def test_json_has_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    path.write_text(SQUARE.format(HUGE), encoding="utf-8")
    assert main(["summary", str(path), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["layers"][-1]["params"] == document["totals"]["params"] == 9_000_003_000_000
