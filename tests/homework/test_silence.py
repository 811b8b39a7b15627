"""Where nothing is told: how likely a number is by chance, how near or how plain a wrong one is."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from math import isclose

import pytest

from cnncalc.homework import candidates
from cnncalc.homework.candidates import (
    MAX_PRODUCT,
    _chance,
    _is_near,
    _is_power_of_two,
    _likely_products,
)

from .questions import ask, one, slips, spec


def test_the_chances_of_all_numbers_make_one() -> None:
    """A wrong number is from a tenth to ten times the right one, all sizes alike: those are all there are."""
    assert isclose(sum(_chance(number, 1000) for number in range(1, 20_001)), 1, rel_tol=0.01)
    assert [_chance(number, 100) > 0 for number in (9, 10, 1000, 1001)] == [
        False,
        True,
        True,
        False,
    ]
    assert _chance(0, 100) == _chance(0, 0) == _chance(5, 0) == 0


def test_a_shape_is_by_chance_what_its_size_and_its_depth_are() -> None:
    assert _chance((20, 20, 8), (30, 30, 5)) == _chance(20, 30) * _chance(8, 5)
    assert _chance((28, 64), (30, 60)) == _chance(28, 30) * _chance(64, 60)
    assert _chance((20, 20), (30, 30)) == _chance(20, 30)  # a receptive field is one number
    assert _chance((20,), (30,)) == _chance(20, 30)


def test_few_digits_are_anything() -> None:
    """210,830,400 are AlexNet's conv1's FLOPs; 0.2G are a third of all numbers about as large as its MACs."""
    keyed = ask("alexnet", "conv1", "macs")
    assert slips(keyed, "0.21G") == ("flops-for-macs",)
    assert slips(keyed, "0.2G") == ()


@pytest.mark.parametrize(("units", "named"), [(170, ("neighbouring-layer",)), (700, ()), (7, ())])
def test_one_digit_is_anything(units: int, named: tuple[str, ...]) -> None:
    """The biases of the next layer, of two digits that say something, or of one."""
    net = spec("30", "fc: {name: x, units: 331}", f"fc: {{units: {units}}}")
    assert slips(ask(net, "x", "biases"), str(units)) == named


def test_products_are_as_likely_as_they_are_among_all() -> None:
    """Two to five of a layer's numbers multiplied, each as often as it is there: all are tried here one by one."""
    numbers = (2, 4, 7, 7, 3, 5)
    shares: dict[int, Fraction] = {}
    for length in (2, 3, 4, 5):
        for factors in product(numbers, repeat=length):
            value = 1
            for factor in factors:
                value *= factor
            shares[value] = shares.get(value, 0) + Fraction(1, 4 * 6**length)
    likely = _likely_products(Counter(numbers))
    wanted = {value for value, share in shares.items() if share > min(MAX_PRODUCT.values())}
    assert set(likely) == wanted
    assert all(isclose(likely[value], shares[value]) for value in wanted)


def test_sums_of_many_layers_are_not_searched_for_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """9·6 weights and 6 biases without a depth of 3, and so on: two layers are searched, three are not."""
    convs = [f"conv: {{filters: {filters}, kernel: 3}}" for filters in (6, 7, 8)]
    two, three = (ask(spec("9x9x3", *convs[:count]), "total", "params") for count in (2, 3))
    monkeypatch.setattr(candidates, "MAX_LAYERS_IN_PAIRS", len(two.variants))
    assert 9 * 6 + 9 * 7 in two.pairs.by_value  # neither depth nor biases
    assert not three.pairs.combos
    assert 9 * 3 * 6 + 9 * 6 * 7 + 9 * 7 * 8 in three.own.by_value  # no biases


def test_sums_of_very_many_layers_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """3·9·6 + 6·9·7 weights, and 7·9·8 more: a slip is told of two layers and of one, not of all three."""
    convs = [f"conv: {{filters: {filters}, kernel: 3}}" for filters in (6, 7, 8)]
    two, three = (ask(spec("8x8x3", *convs[:count]), "total", "params") for count in (2, 3))
    last = ask(spec("8x8x3", *convs), "conv3", "params")
    monkeypatch.setattr(candidates, "MAX_LAYERS_IN_SLIPS", len(two.variants))
    assert slips(two, "540") == ("no-bias",)
    assert slips(last, "504") == ("no-bias",)
    assert slips(three, "1044") == ()


def test_what_is_multiplied_is_the_layer_s_own() -> None:
    """7x7x3 in, 3x3x10 out, windows of 3 by 2 along each axis; and 2 and 4."""
    keyed = one("conv", "7x7x3", "params", filters=10, kernel=3, stride=2)
    own = Counter((2, 4, 7, 7, 3, 3, 3, 10, 3, 2, 3, 2))
    assert keyed.products == _likely_products(own)
    assert ask("alexnet", "total", "params").products == {}  # of a sum there are no own numbers


@pytest.mark.parametrize(
    ("value", "right", "expected"),
    [
        (8, 8, True),
        (16, 8, True),
        (8, 32, True),
        (24, 8, False),
        (8, 24, False),
        (9, 8, False),
        (0, 8, False),
        (8, 0, False),
        ((8, 8), 8, False),
        (8, (8, 8), False),
    ],
)
def test_doubled_or_halved(value: object, right: object, expected: bool) -> None:
    assert _is_power_of_two(value, right) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "right", "expected"),
    [
        ((58, 52, 99), (55, 55, 96), True),
        ((59, 55, 96), (55, 55, 96), False),
        ((51, 55, 96), (55, 55, 96), False),
        ((55, 55), (55, 55, 96), False),
        (55, 55, False),
        ((55, 55), 55, False),
        (55, (55, 55), False),
    ],
)
def test_near(value: object, right: object, expected: bool) -> None:
    assert _is_near(value, right) == expected  # type: ignore[arg-type]


NEXT = (
    "conv: {name: a, filters: 6, kernel: 3, pad: 1}",
    "conv: {name: x, filters: 6, kernel: 3, pad: 1}",
)


@pytest.mark.parametrize(
    ("layer", "shape", "given", "told"),
    [
        ("x", "28x28x1", "32x32x6", True),  # four away
        ("x", "224x224x3", "227x227x6", False),  # three away is as near as most wrong sizes
        ("a", "224x224x3", "227x227x6", True),  # but this layer reads the image
    ],
)
def test_another_input_is_told_where_it_is_not_near(
    layer: str, shape: str, given: str, told: bool
) -> None:
    named = slips(ask(spec(shape, *NEXT), layer, "output"), given)
    assert ("other-input-size" in named) == told


def test_other_inputs_are_those_that_are_in_use() -> None:
    """227 for 224 and 28 for 32, and back; the small ones for images of one channel alone."""

    def other(shape: str) -> object:
        return ask(spec(shape, "conv: {name: x, filters: 6, kernel: 1}"), "x", "output").twin_right

    assert other("224x224x3") == (227, 227, 6)
    assert other("227x227x1") == (224, 224, 6)
    assert other("28x28x1") == (32, 32, 6)
    assert other("32x32x1") == (28, 28, 6)
    assert other("32x32x3") is other("32x28x1") is other("225x225x3") is None


def test_bytes_doubled_are_told() -> None:
    """8·8·10 values of four bytes arrive and leave: both together are twice what is right, as all in bytes may be."""
    keyed = one("conv", "8x8x10", "memory", filters=10, kernel=3, pad=1)
    assert 2 * 4 * 8 * 8 * 10 in keyed.unusual.by_value
    assert (
        2 * 8 * 8 * 10
        not in one("conv", "8x8x10", "activations", filters=10, kernel=3, pad=1).unusual.by_value
    )


@pytest.mark.parametrize(("channels", "filters", "told"), [(74, 54, True), (80, 50, False)])
def test_a_number_halved_is_told_only_where_it_is_small(
    channels: int, filters: int, told: bool
) -> None:
    """Filters that two groups divide as well: half of C/2·K weights, 999 and 1000."""
    keyed = one(
        "conv", f"7x7x{channels}", "params", filters=filters, kernel=1, groups=2, bias="false"
    )
    half = channels // 2 * filters // 2
    assert half == (999 if told else 1000)
    assert (half in keyed.unusual.by_value) == told
