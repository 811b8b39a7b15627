"""What the rows of quantities say; a made-up one is known everywhere: see `test_made_up.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc
from cnncalc.homework.slips import GROUPS, slips_of
from cnncalc.report.analysis import Row, Totals
from cnncalc.spec.quantities import ASKED, BY_NAME, QUANTITIES, SUMMED, held_against, shown_in

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
