"""Answers as they are written, read: what a shape may stand for, digits exchanged, other units, too few digits."""

from __future__ import annotations

import pytest

from cnncalc.homework.answers import (
    CHANNELS_FIRST,
    ONES,
    ReadAnswer,
    exchanged,
    field_forms,
    forms,
    read_answer,
    scaled,
)
from cnncalc.homework.diagnose import significant_digits
from cnncalc.homework.slips import SLIPS

FORMS = [
    ((55, 55, 96), 3, [("", (55, 55, 96)), (CHANNELS_FIRST, (55, 96, 55))]),
    ((96, 55, 50), 3, [("", (96, 55, 50)), (CHANNELS_FIRST, (55, 50, 96))]),
    ((28, 64), 2, [("", (28, 64)), (CHANNELS_FIRST, (64, 28))]),
    ((4096,), 1, [("", (4096,))]),
    ((4096, 1), 1, [(ONES, (4096,))]),
    ((1, 1, 4096), 1, [(ONES, (4096,))]),
    ((1, 1), 1, [(ONES, (1,))]),
    ((2, 2048), 1, []),
    ((4096,), 3, [(ONES, (1, 1, 4096))]),
    ((1, 4096), 3, [(ONES, (1, 1, 4096))]),
    ((1, 1), 3, [(ONES, (1, 1, 1))]),
    ((55, 96), 3, []),
    ((1, 55, 50, 96), 3, [(ONES, (55, 50, 96)), (CHANNELS_FIRST, (50, 96, 55))]),
    ((2, 55, 50, 96), 3, []),
    ((1, 1, 55, 50, 96), 3, []),
    ((1, 1, 1, 96), 3, [(ONES, (1, 1, 96)), (CHANNELS_FIRST, (1, 96, 1))]),
]


@pytest.mark.parametrize(("shape", "rank", "expected"), FORMS)
def test_what_a_shape_may_stand_for(
    shape: tuple[int, ...], rank: int, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert forms(shape, rank) == expected
    if len(shape) != rank + 1:  # of one more the first may be a batch
        assert read_answer("output", "x".join(map(str, shape))).forms(rank) == expected


def test_a_field_along_one_axis_is_that_along_all() -> None:
    assert field_forms((51,), 2) == (51, 51)
    assert field_forms((51, 11), 2) == (51, 11)
    assert read_answer("receptive_field", "51").forms(2) == [("", (51, 51))]
    assert read_answer("output", "51").forms(2) == [(ONES, (1, 51))]


def values(answers: list[ReadAnswer]) -> set[object]:
    return {answer.value for answer in answers}


EXCHANGED = [  # every pair of neighbours that differ, but none that would put a 0 in front
    ("params", "34,944", {43944, 39444, 34494}),
    ("params", "10080", {10800, 10008}),
    ("params", "616456", {166456, 661456, 614656, 616546, 616465}),
    ("params", "1.205K", {2105, 1025, 1250}),
    ("params", "2.1M", {1200000}),
    ("params", "30.5K", {35000}),  # and no 03.5K
    ("params", "7", set()),
    ("params", "55", set()),
    ("params", "21 + 21 = 42", {24}),
    ("output", "27x27x256", {(72, 72, 256), (27, 27, 526), (27, 27, 265)}),
    ("output", "101x101x8", {(110, 110, 8)}),
    ("output", "10x5x30", set()),
    ("params", "-", set()),
]


@pytest.mark.parametrize(("quantity", "text", "expected"), EXCHANGED)
def test_digits_exchanged(quantity: str, text: str, expected: set[object]) -> None:
    assert values(exchanged(read_answer(quantity, text))) == expected


def test_powers_of_ten() -> None:
    """The units that are taken for one another: one, two, three, six and nine places, either way."""
    slip = SLIPS["wrong-unit"].reread
    assert slip is not None
    large, places = 25 * 10**9, (1, 2, 3, 6, 9)
    wanted = {large * 10**place for place in places} | {large // 10**place for place in places}
    assert values(list(slip(read_answer("params", str(large))))) == wanted


def test_a_number_times_a_power_keeps_its_digits() -> None:
    number = scaled(read_answer("params", "61.1K"), 3).number
    assert number is not None
    assert (number.value, number.step) == (61_100_000, 100_000)
    assert number.digits == 3


@pytest.mark.parametrize(
    ("text", "as_1024", "as_1000"),
    [("2K", 2048, 2000), ("2Ki", 2048, 2000), ("1.5M", 1572864, 1500000), ("2000", 2000, 2000)],
)
def test_k_is_1000_or_1024(text: str, as_1024: int, as_1000: int) -> None:
    for name, value in (("k-is-1024", as_1024), ("k-is-1000", as_1000)):
        slip = SLIPS[name].reread
        assert slip is not None
        assert values(list(slip(read_answer("params", text)))) == {value}
        assert list(slip(read_answer("output", "2x2x2"))) == []


@pytest.mark.parametrize(
    ("quantity", "text", "digits"),
    [
        ("params", "34,944", "34944"),
        ("params", "0.0340K", "34"),
        ("params", "700000", "7"),
        ("params", "3 + 4 = 70", "7"),
        ("output", "10x10x20", "10102"),
    ],
)
def test_significant_digits(quantity: str, text: str, digits: str) -> None:
    assert significant_digits(read_answer(quantity, text)) == digits
