"""The networks that the course page compares: their counts by formulas that papers and lectures print."""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc

POSITIONS = 28 * 28
MAPS = 256


def rows(name: str, **sets: int) -> dict[str, Any]:
    """The rows of a network's report, by the last part of their path."""
    report = cnncalc.load(name, set=dict(sets)).report()
    return {row.name.rpartition("/")[2]: row for row in report.rows}


@pytest.mark.parametrize("maps", [1, 8, 64])
def test_three_3x3_see_what_one_7x7_sees_with_fewer_weights(maps: int) -> None:
    by_name = rows("stacked_3x3", width=maps)
    assert by_name["single"].params == 49 * maps**2
    assert sum(by_name[name].params for name in ("first", "second", "third")) == 27 * maps**2
    fields = [by_name[name].receptive_field for name in ("single", "first", "second", "third")]
    assert fields == [(7, 7), (3, 3), (5, 5), (7, 7)]


def test_the_naive_module_counts_as_the_lecture_multiplies_out() -> None:
    """CS231n: 28x28x128x1x1x256, 28x28x192x3x3x256, 28x28x96x5x5x256."""
    by_name = rows("inception_naive")
    assert by_name["c1"].macs == POSITIONS * 128 * MAPS
    assert by_name["c3"].macs == POSITIONS * 192 * 9 * MAPS
    assert by_name["c5"].macs == POSITIONS * 96 * 25 * MAPS
    assert by_name["concat1"].output == (28, 28, 672)


def test_the_reduced_module_sums_to_the_list_not_to_the_printed_total() -> None:
    """The list: three of 1x1x64 on 256 maps, 1x1x128, 3x3x192 and 5x5x96 on 64; its sum is 271M, with 358M printed."""
    listed = POSITIONS * (3 * 64 * MAPS + 128 * MAPS + 192 * 9 * 64 + 96 * 25 * 64)
    network = cnncalc.load("inception_reduced")
    assert network.report().totals.macs == listed
    assert round(listed / 1e6) == 271
    assert round((listed + POSITIONS * 192 * 9 * 64) / 1e6) == 358
    assert rows("inception_reduced")["concat1"].output == (28, 28, 480)
