"""Numbers through a layer: the lectures' worked examples, loops and PyTorch as second opinions, and what is typed.

Where a lecture's print is wrong, or was damaged when its text was taken out of the slides, the test says so and shows
it.
"""

from __future__ import annotations

import json
import random
import re
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from arithmetic import evaluate
from extent import tries
from hypothesis import given, settings
from hypothesis import strategies as some

import cnncalc
from cnncalc.cli import main
from cnncalc.text.source import Source
from cnncalc.window.convolve import FeatureMaps, convolve, pool
from cnncalc.window.convolve_file import compute, read_file, read_settings
from cnncalc.window.convolve_page import render, working
from cnncalc.window.matrices import Grid, GridError, read_text, show_number

# ---- the lectures: 000_029ec4e25ebe280d.txt ------------------------------------------------------------------------

FOUR = "0 3 2 1; 2 1 0 2; 1 3 2 0; 2 0 3 3"
CROSS = "1 0 1; 0 1 0; 1 0 1"
SIGNAL = "3 2 4 5 1 20 2 2"
SMOOTH = "0.3 0.4 0.3"


def test_two_by_two_map() -> None:
    """The print has 6 7 / 10 8 where it is first computed, and 6 7 / 10 9 where a bias is added to it.

    Its own windows give 6, 7, 10 and 8; and 8 + 2 is the 10 that it prints as the biased number.
    """
    assert convolve(FOUR, CROSS).text == "6 7; 10 8"
    assert convolve(FOUR, CROSS, bias=2).text == "8 9; 12 10"


def test_first_window_as_printed() -> None:
    """(0x1)+(3x0)+(2x1) + (2x0)+(1x1)+(0x0) + (1x1)+(3x0)+(2x1) = 6."""
    maps = convolve(FOUR, CROSS)
    one = next(maps.sums())
    assert [[(value, weight) for value, weight, _ in row] for row in one.rows] == [
        [(0, 1), (3, 0), (2, 1)],
        [(2, 0), (1, 1), (0, 0)],
        [(1, 1), (3, 0), (2, 1)],
    ]
    assert (one.total, one.result) == (6, 6)
    assert working(maps, one) == [
        "  0·1 + 3·0 + 2·1",
        "+ 2·0 + 1·1 + 0·0",
        "+ 1·1 + 3·0 + 2·1",
        "= 6",
    ]


def test_zero_padding_in_one_dimension() -> None:
    """The row of numbers came out as `0 3 2 4 5 1 20 2`: the 0 is the padding, and the last 2 and its 0 are cut off.

    With the numbers of the copied padding below it, 3 2 4 5 1 20 2 2, every printed result comes out.
    """
    assert convolve(SIGNAL, SMOOTH, pad=1).text == "1.8 2.9 3.7 3.5 7.9 8.9 7.4 1.4"
    # the row as it stands in the text would begin with 0·0.3 + 0·0.4 + 3·0.3 = 0.9, not 1.8
    assert convolve("0 3 2 4 5 1 20 2", SMOOTH, pad=1).text.split()[0] == "0.9"


def test_copied_padding_in_one_dimension() -> None:
    """Printed `2.7 2.9 ... 7.4 2.0`; a number needs no zero at its end here: 2.0 is shown as 2."""
    printed = "2.7 2.9 3.7 3.5 7.9 8.9 7.4 2.0"
    assert convolve(SIGNAL, SMOOTH, pad=1, padding="copy").text == printed.replace("2.0", "2")
    # at the ends, where 3 and 2 are repeated: 3·0.3 + 3·0.4 + 2·0.3 = 2.7 and 2·0.3 + 2·0.4 + 2·0.3 = 2
    maps = convolve(SIGNAL, SMOOTH, pad=1, padding="copy")
    assert maps.padded()[0].text() == "3 3 2 4 5 1 20 2 2 2"


def test_bias_in_one_dimension() -> None:
    """The bias figure lost its results; `1` and `0.2 0.3 0.4 0.3` are the bias node and its weight before the kernel's.

    So each result is 0.2 more than without: 1.8 + 0.2 = 2, 2.9 + 0.2 = 3.1, ...
    """
    assert convolve(SIGNAL, SMOOTH, pad=1, bias="0.2").text == "2 3.1 3.9 3.7 8.1 9.1 7.6 1.6"


# The 8x8 figure: the header row and one column were lost; with its row numbers the text has 7 of 8 numbers a row.
EIGHT = "\n".join(["2 2 2 2 2 1 1 1"] * 4 + ["2 2 2 9 9 9 9 9"] * 4)
EDGE = "-1 0 1; -1 0 1; -1 0 1"


def test_eight_by_eight() -> None:
    """The printed map comes out with the lecture's own vertical edge kernel and the bias 2 of the kernel's corner.

    Which number of a row was lost follows from the printed results: a 1 of the upper rows, a 9 of the lower ones.
    """
    printed = """
        2  2  2 -1 -1  2
        2  2  2 -1 -1  2
        2  9  9  0  0  2
        2 16 16  1  1  2
        2 23 23  2  2  2
        2 23 23  2  2  2
    """
    assert convolve(EIGHT, EDGE, bias=2).maps == (read_text(printed).grid,)


def test_eight_by_eight_kernel_is_damaged() -> None:
    """The kernel came out as 2 2 2 / -1 -1 2 / 2 -1 -1, under the columns -1 0 1. No bias makes that give the print.

    Its numbers add up to 6: where all inputs are 2 it gives 12 + b, where all are 9 it gives 54 + b, and both print 2.
    """
    damaged = read_text("2 2 2; -1 -1 2; 2 -1 -1").grid
    assert sum(damaged.values) == 6
    assert sum(read_text(EDGE).grid.values) == 0
    assert convolve(EIGHT, "2 2 2; -1 -1 2; 2 -1 -1", bias=-10).maps[0].at((5, 5)) == 44  # not 2


def test_colour_image() -> None:
    """The grey node of the feature map: 3 of R (1·1 + 2·1), 6 of G (2·2 + 1·2), 0 of B; printed 9."""
    red, green, blue = "0 0 0; 0 1 1; 0 2 1", "0 0 0; 0 2 2; 0 1 0", "0 0 0; 0 0 3; 0 1 0"
    kernels = ["0 0 0; 0 0 1; 0 1 0", "0 2 0; 0 2 0; 0 2 0", "1 0 0; 0 2 0; 0 0 1"]
    maps = convolve([red, green, blue], kernels)
    assert maps.text == "9"
    assert [
        convolve(channel, kernel).text
        for channel, kernel in zip([red, green, blue], kernels, strict=True)
    ] == ["3", "6", "0"]
    assert convolve(";;".join([red, green, blue]), ";;".join(kernels)).text == "9"


def test_seven_by_seven_padded_to_nine_stays_seven() -> None:
    maps = convolve([[1] * 7] * 7, CROSS, pad=1)
    assert maps.sizes == (7, 7)
    assert maps.padded()[0].shape == (9, 9)
    assert maps.maps[0].at((0, 0)) == 2  # of the cross, the middle and one corner lie on the image
    assert maps.maps[0].at((3, 3)) == 5


def test_one_by_one_kernels_reduce_the_depth() -> None:
    """Four 1x1 kernels make 8 feature maps into 4."""
    image = [[[channel] * 3] * 2 for channel in range(8)]
    kernels = [[[[1 if seen == number else 0]] for seen in range(8)] for number in range(4)]
    assert convolve(image, kernels).shape == (2, 3, 4)
    assert (
        convolve(image, kernels).text == "0 0 0; 0 0 0;; 1 1 1; 1 1 1;; 2 2 2; 2 2 2;; 3 3 3; 3 3 3"
    )


# ---- the lectures: 002 and 004 -------------------------------------------------------------------------------------

BOOK = "1 2 3 0; 0 1 2 3; 3 0 1 2; 2 3 0 1"
BOOK_FILTER = "2 0 1; 0 1 2; 1 0 2"


def test_the_book() -> None:
    """004_2c2c08c153d7bb01.txt, figures 7-4 and 7-5. The text of 7-5 is mangled, but 15 16 / 6 15 and + 3 can be read.

    The filter can be read in 7-4 as `2 0 1 / _ / 1 0 2` only; `0 1 2` stands in 7-5 and 7-6.
    """
    assert convolve(BOOK, BOOK_FILTER).text == "15 16; 6 15"
    assert convolve(BOOK, BOOK_FILTER, bias=3).text == "18 19; 9 18"


def test_the_book_padded() -> None:
    """Figure 7-6; its filter is printed with a spurious row `0 0 1` on top, which would make it 4x3."""
    assert convolve(BOOK, BOOK_FILTER, pad=1).text == "7 12 10 2; 4 15 16 10; 10 6 15 6; 8 10 4 3"


def test_max_pooling() -> None:
    """The lecture's output 6 8 / 3 4 is left of CS231n's figure; its input, lost here, is the one below."""
    image = "1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4"
    assert pool(image, 2).text == "6 8; 3 4"
    # (1 + 1 + 5 + 6)/4 = 3.25, (2 + 4 + 7 + 8)/4 = 5.25, (3 + 2 + 1 + 2)/4 = 2, (1 + 0 + 3 + 4)/4 = 2
    assert pool(image, 2, "average").text == "3.25 5.25; 2 2"


@pytest.mark.parametrize(("stride", "size"), [(1, 5), (2, 3)])
def test_strides(stride: int, size: int) -> None:
    """002_acb82782123c1087.txt: a 7 x 7 input volume gives 5 x 5, with stride 2 it gives 3 x 3."""
    counted = [[7 * row + column for column in range(7)] for row in range(7)]
    maps = convolve(counted, "0 0 0; 0 1 0; 0 0 0", stride=stride)
    assert maps.sizes == (size, size)
    assert maps.maps[0].values == tuple(
        7 * (1 + stride * row) + 1 + stride * column
        for row in range(size)
        for column in range(size)
    )


def test_sobel_kernels() -> None:
    """002: S_x finds vertical edges, S_y horizontal ones; a step from 0 to 1 weighs 1 + 2 + 1."""
    step = [[0, 0, 1, 1]] * 3
    assert convolve(step, "1 0 -1; 2 0 -2; 1 0 -1").text == "-4 -4"
    assert convolve(step, "1 2 1; 0 0 0; -1 -2 -1").text == "0 0"
    assert convolve(step, "1 0 -1; 2 0 -2; 1 0 -1", flip=True).text == "4 4"


# ---- second opinions -----------------------------------------------------------------------------------------------


def looped(
    image: Any,
    kernels: Any,
    biases: list[int],
    stride: int,
    before: int,
    after: int,
    dilation: int,
    padding: str,
) -> list[list[list[int]]]:
    """A convolution of lists, channels first, by loops over a padded copy."""

    def pad(rows: list[list[int]]) -> list[list[int]]:
        def ends(values: list[Any], zero: Any) -> list[Any]:
            first, last = (values[0], values[-1]) if padding == "copy" else (zero, zero)
            return [first] * before + values + [last] * after

        wide = [ends(row, 0) for row in rows]
        return ends(wide, [0] * len(wide[0]))

    padded = [pad(rows) for rows in image]
    reach = dilation * (len(kernels[0][0]) - 1) + 1
    found = []
    for kernel, bias in zip(kernels, biases, strict=True):
        rows = []
        for top in range(0, len(padded[0]) - reach + 1, stride):
            row = []
            for left in range(0, len(padded[0][0]) - reach + 1, stride):
                total = bias
                for channel, weights in zip(padded, kernel, strict=True):
                    for y, line in enumerate(weights):
                        for x, weight in enumerate(line):
                            total += weight * channel[top + dilation * y][left + dilation * x]
                row.append(total)
            rows.append(row)
        found.append(rows)
    return found


digit = some.integers(-5, 5)


@given(some.data())
def test_against_loops(data: some.DataObject) -> None:
    channels, filters, size = (data.draw(some.integers(1, 3)) for _ in range(3))
    dilation = data.draw(some.integers(1, 2))
    reach = dilation * (size - 1) + 1
    height, width = (data.draw(some.integers(reach, reach + 3)) for _ in range(2))
    image = [
        [[data.draw(digit) for _ in range(width)] for _ in range(height)] for _ in range(channels)
    ]
    kernels = [
        [[[data.draw(digit) for _ in range(size)] for _ in range(size)] for _ in range(channels)]
        for _ in range(filters)
    ]
    biases = [data.draw(digit) for _ in range(filters)]
    stride = data.draw(some.integers(1, 3))
    before, after = data.draw(some.integers(0, 2)), data.draw(some.integers(0, 2))
    padding = data.draw(some.sampled_from(["zero", "copy"]))
    maps = convolve(
        image,
        kernels,
        bias=biases,
        stride=stride,
        pad=[[before, after]] * 2,
        dilation=dilation,
        padding=padding,
    )
    assert [
        [[int(cell) for cell in row] for row in grid.matrices()[0]] for grid in maps.maps
    ] == looped(image, kernels, biases, stride, before, after, dilation, padding)


@settings(max_examples=tries(15, 40))
@given(some.data())
def test_a_sum_is_what_its_lines_say(data: some.DataObject) -> None:
    """Every written-out window, evaluated with nothing of cnncalc's, gives the number in the map."""
    number = some.fractions(-3, 3, max_denominator=10)
    image = [[data.draw(number) for _ in range(4)] for _ in range(3)]
    kernel = [[data.draw(number) for _ in range(2)] for _ in range(2)]
    maps = convolve(image, kernel, bias=[data.draw(number)], pad=data.draw(some.integers(0, 1)))
    for one in maps.sums():
        text = re.sub(
            r"[\d.]+",
            lambda number: f"({Fraction(number[0])})",
            " ".join(working(maps, one, labels=False)),
        )
        products, total, *biased = [evaluate(side) for side in text.split("=")]
        assert products == one.total
        assert [total, *biased] == ([one.result] * 2 if any(maps.biases) else [one.total])
        assert one.result == maps.maps[0].at(one.position)


def test_pools_against_torch() -> None:
    """Rounding up, padding and what an average divides by, over many settings."""
    torch = pytest.importorskip("torch")
    dice = random.Random(7)
    for kernel, stride, pad, ceil, count_pad in product(
        (2, 3), (1, 2, 3), (0, 1), (False, True), (False, True)
    ):
        image = [[dice.randint(-9, 9) for _ in range(8)] for _ in range(7)]
        tensor = torch.tensor([[image]], dtype=torch.float64)
        largest = torch.nn.functional.max_pool2d(tensor, kernel, stride, pad, ceil_mode=ceil)[
            0, 0
        ].tolist()
        mean = torch.nn.functional.avg_pool2d(
            tensor, kernel, stride, pad, ceil_mode=ceil, count_include_pad=count_pad
        )[0, 0].tolist()
        options: dict[str, Any] = {"stride": stride, "pad": pad, "ceil": ceil}
        ours = pool(image, kernel, "max", **options)
        assert [[int(cell) for cell in row] for row in ours.maps[0].matrices()[0]] == largest
        ours = pool(image, kernel, "average", count_pad=count_pad, **options)
        assert list(map(float, ours.maps[0].values)) == pytest.approx(
            [cell for row in mean for cell in row]
        )


def test_convolutions_of_one_and_three_axes_against_torch() -> None:
    torch = pytest.importorskip("torch")
    dice = random.Random(7)

    def numbers(*sizes: int) -> Any:
        return [numbers(*sizes[1:]) for _ in range(sizes[0])] if sizes else dice.randint(-9, 9)

    row, kernel = numbers(2, 9), numbers(3, 2, 3)
    theirs = torch.nn.functional.conv1d(
        torch.tensor([row]), torch.tensor(kernel), stride=2, padding=1, dilation=2
    )
    assert [
        list(grid.values)
        for grid in convolve(row, kernel, stride=2, pad=1, dilation=2, axes=1).maps
    ] == theirs[0].tolist()
    block, kernel = numbers(2, 4, 5, 3), numbers(2, 2, 2, 3, 1)
    theirs = torch.nn.functional.conv3d(
        torch.tensor([block]), torch.tensor(kernel), padding=(1, 0, 1)
    )
    maps = convolve(block, kernel, pad=[1, 0, 1], axes=3)
    assert [list(grid.values) for grid in maps.maps] == theirs[0].flatten(1).tolist()
    assert maps.shape == (*theirs.shape[2:], 2)


def test_sizes_are_those_of_the_engine() -> None:
    """The same layer asked of a network has the same shape."""
    for size, kernel, stride, pad, dilation in product(
        (7, 8), (2, 3), (1, 2, 3), (0, 1, "same"), (1, 2)
    ):
        row = (
            cnncalc.loads(
                f"input: {size}x{size}x1\nlayers:\n- conv: {{filters: 1, kernel: {kernel}, "
                f"stride: {stride}, pad: {pad}, dilation: {dilation}}}\n"
            )
            .report()
            .rows[-1]
        )
        maps = convolve(
            [[1] * size] * size, [[1] * kernel] * kernel, stride=stride, pad=pad, dilation=dilation
        )
        assert maps.shape == row.output


# ---- numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "kernel", "shown"),
    [
        ("3 2", "0.3 0.4", "1.7"),  # 0.9 + 0.8, not 1.7000000000000002
        ("0.1 0.2", "1 1", "0.3"),
        ("1 1", "1/3 1/3", "2/3"),
        ("1 1 1", "1/3 1/3 1/3", "1"),
        ("1e3 1", "1e-3 0", "1"),
        ("-0.5 .5", "1 -1", "-1"),
        ([0.1, 0.2], [1, 1], "0.3"),  # a float is its shortest decimal
        ("99999999999999999999 1", "1 1", "100000000000000000000"),
    ],
)
def test_numbers_are_exact(image: Any, kernel: Any, shown: str) -> None:
    assert convolve(image, kernel).text == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (Fraction(1, 3), 2, "0.33"),
        (Fraction(2, 3), 2, "0.67"),
        (Fraction(-2, 3), 0, "-1"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(5, 2), 2, "2.5"),
        (Fraction(1, 3), None, "1/3"),
        (Fraction(1, 1000), 1, "0"),
        (7, 2, "7"),
    ],
)
def test_rounding(value: Fraction, digits: int | None, shown: str) -> None:
    """Halves away from zero, no more decimals than there are."""
    assert show_number(value, digits) == shown


@given(some.fractions(-1000, 1000, max_denominator=1000))
def test_a_number_shown_is_read_back(value: Fraction) -> None:
    assert read_text(show_number(value)).grid.values == (value,)


@pytest.mark.parametrize(
    "text",
    [
        "0 3; 2 1",
        "0,3;2,1",
        "0\t3\n2\t1\n",
        "\n 0 3 \n 2 1\n\n",
        "[[0, 3], [2, 1]]",
        "[[0 3]\n [2 1]]",
        "[0 3; 2 1]",
        "| 0 | 3 |\n|---|---|\n| 2 | 1 |",
        "０ ３；２ １",
        "0\t3\n-----\t-----\n2\t1",
        "((0, 3), (2, 1))",
        "0 3;2 1;",
        "0.0 3.;2/1 1e0",
    ],
)
def test_a_matrix_may_be_pasted_in_many_ways(text: str) -> None:
    assert read_text(text).grid == Grid((2, 2), (0, 3, 2, 1))


@pytest.mark.parametrize(
    ("text", "message", "start"),
    [
        ("1 2; 3", "row 2 has 1 numbers, but row 1 has 2", 5),
        ("1 2\n3 x", "'x' is not a number", 6),
        ("", "there are no numbers", 0),
        ("3x3", "'3x3' is not a number", 0),
        ("1,000 2", "'1,000' may be one number or two", 0),
        ("[[1, 2], [3]]", "number 2 is a row of 1, but number 1 is a row of 2", 12),
        ("[1, 2", "a bracket is not closed", 4),
        ("(1 2)) 3", "never opened", 5),
        ("[[], [1]]", "nothing in this bracket", 2),
        ("[1 two]", "'two' is not a number", 3),
        ("1 2;; 3 4; 5 6", "matrix 2 is 2×2, but matrix 1 is a row of 2", 0),
        ("1/0", "divides by zero", 0),
        ("1e99", "the limit of an exponent is 30", 0),
        ("9" * 61, "the limit is 60", 0),
        ("[[[[[[[1]]]]]]]", "deeper than the limit of 6", 6),
    ],
)
def test_what_is_no_matrix(text: str, message: str, start: int) -> None:
    with pytest.raises(GridError) as refusal:
        read_text(text)
    assert message in refusal.value.message
    assert refusal.value.start == start


# ---- how many axes, channels and filters ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "kernel", "axes", "shape"),
    [
        ("1 2 3 4", "1 1", None, (3, 1)),
        ("1 2 3; 4 5 6", "1 1", None, (2, 2, 1)),  # a kernel of one row on a map
        ("1 2 3; 4 5 6", "1 1; 2 2", 1, (2, 1)),  # the rows are two channels
        ("1 2 3;; 4 5 6", "1 1;; 2 2", None, (2, 1)),
        ("1 2; 3 4", ["1 0; 0 1", "0 1; 1 0"], None, (1, 1, 2)),  # two filters
        ([[1, 2], [3, 4]], [[[1]], [[2]], [[3]]], None, (2, 2, 3)),
        ("1 2; 3 4;; 5 6; 7 8", "1 1; 1 1;; 1 1; 1 1", 3, (1, 1, 1, 1)),  # the blocks are slices
        ([[[[1, 2]]]], [[[[1, 1]]]], None, (1, 1, 1, 1)),
        ([[[1, 2]], [[3, 4]]], [[[1]], [[1]]], None, (1, 2, 1)),
    ],
)
def test_axes(image: Any, kernel: Any, axes: int | None, shape: tuple[int, ...]) -> None:
    assert convolve(image, kernel, axes=axes).shape == shape


def test_maps_can_go_on() -> None:
    """A layer's maps are the next one's input."""
    maps: FeatureMaps = convolve(FOUR, [CROSS, "0 0 0; 0 1 0; 0 0 0"], pad=1)
    assert pool(list(maps.maps), 2).shape == (2, 2, 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"input": "1 2", "kernel": "1 1 1"},
            "the kernel \\(3\\) is larger than the length of the input, 2",
        ),
        (
            {"input": "1 2;;3 4", "kernel": "1 1"},
            "the kernel is for 1 channel, but the input has 2",
        ),
        ({"input": "1 2", "kernel": "1 1", "bias": "1 2 3"}, "3 biases for 1 filter\n"),
        ({"input": "1 2", "kernel": "1 1", "pad": -1}, "a whole number of at least 0"),
        (
            {"input": "1 2", "kernel": "1 1", "stride": "1x2"},
            "2 numbers are given for 1 spatial axis",
        ),
        ({"input": "1 2", "kernel": "1 1", "padding": "edge"}, "did you mean 'copy'"),
        ({"input": "1 2", "kernel": 2, "pool": "mean"}, "did you mean 'average'"),
        (
            {"input": "1 2", "kernel": 2, "pool": "max", "pad": 2},
            "must not be above half its kernel",
        ),
        ({"input": "1 2", "kernel": 2, "pool": "max", "bias": 1}, "a pool takes no bias"),
        ({"input": "1 2", "kernel": "1", "ceil": True}, "a convolution takes no ceil"),
        ({"input": "1 2", "kernel": "1", "axes": 4}, "1, 2 or 3 spatial axes"),
        ({"input": "1 2"}, "there is no kernel"),
        ({"input": [1] * 4000, "kernel": [1] * 2000}, "the limit is 300,000"),
        ({"input": [True], "kernel": [1]}, "expected numbers, not bool"),
        ({"input": [float("nan")], "kernel": [1]}, "nan is not a number"),
        ({"input": [], "kernel": [1]}, "no numbers in an empty list"),
        ({"input": [[[[1]]]], "kernel": "1", "axes": 1}, "the input has 4 axes"),
        ({"input": "1 2", "kernel": [[[[1]]]]}, "the kernel has 4 axes"),
        (
            {"input": [[1, 2], [3]], "kernel": [1]},
            "number 2 is a row of 1, but number 1 is a row of 2",
        ),
        ({"input": [1, [2]], "kernel": [1]}, "number 2 is a row of 1, but number 1 is one number"),
        ({"input": [[[[[[[1]]]]]]], "kernel": [1]}, "nested 7 deep; the limit is 6"),
    ],
)
def test_what_cannot_be_computed(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(cnncalc.SpecError, match=message):
        compute(**settings)


# ---- files ---------------------------------------------------------------------------------------------------------

COLOURS = """\
# a pixel of a colour image
input: {R: "0 0 0; 0 1 1; 0 2 1", G: "0 0 0; 0 2 2; 0 1 0", B: "0 0 0; 0 0 3; 0 1 0"}
kernel:
  - |
    0\t0\t0
    0\t0\t1
    0\t1\t0
  - [[0, 2, 0], [0, 2, 0], [0, 2, 0]]
  - 1 0 0; 0 2 0; 0 0 1
bias: 0.5
"""


def test_a_file_with_everything(tmp_path: Path) -> None:
    path = tmp_path / "colours.yaml"
    path.write_text(COLOURS, encoding="utf-8")
    assert compute(**read_file(str(path))).text == "9.5"


def test_a_file_of_json() -> None:
    text = '{"input": [[0, 3], [2, 1]], "kernel": [[[1, 1]], [[1, -1]]], "bias": [0, "1/2"]}'
    assert compute(**read_settings(Source("layer.json", text))).text == "3; 3;; -2.5; 1.5"


def test_a_pool_in_a_file() -> None:
    text = "input: 1 2 3; 4 5 6\npool: average\nkernel: 1x2\nstride: 1\npad: [0, [0, 1]]\ncount_pad: false\n"
    # (1 + 2)/2, (2 + 3)/2, 3/1: the padding is not counted
    assert compute(**read_settings(Source("pool.yaml", text))).text == "1.5 2.5 3; 4.5 5.5 6"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2\n3\n", "row 2 has 1 numbers"),
        ("|\n  input: 1 2\n", "a layer with numbers is a mapping"),
        ("input: [1 2, 3\n", "bad.yaml:"),
        ("input: [1 2, 3 4 5]\n", "number 2 is a row of 3"),
        ("input: 1\nkernel: 1\nstride: [1, 1/0]\n", "bad.yaml:3:"),
        ("input: 1\nfilters: 2\n", "did you mean 'kernel'"),
        ("input: 1\nzebra: 2\n", "the keys are input, kernel, bias, stride"),
    ],
)
def test_what_a_file_cannot_say(text: str, message: str) -> None:
    with pytest.raises(cnncalc.SpecError, match=message):
        compute(**read_settings(Source("bad.yaml", text)))


def test_a_file_of_numbers_alone() -> None:
    assert (
        compute(**read_settings(Source("numbers.csv", "0,3\n2,1\n")), kernel="1 1").text == "3; 3"
    )


def test_every_mistake_in_a_file_has_its_place() -> None:
    text = "input: 0 1; 2 a\nstrid: 2\npad: [x]\npool: maxx\nkernel: 2\n"
    with pytest.raises(cnncalc.SpecError) as refusal:
        read_settings(Source("bad.yaml", text))
    assert [(problem.line, problem.column) for problem in refusal.value.problems] == [
        (1, 15),
        (2, 1),
        (3, 7),
        (4, 7),
    ]


# ---- the command ---------------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = main(["convolve", *argv])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--input", FOUR, "--kernel", CROSS, "--bias", "2", "--steps")
    assert code == 0
    assert (
        "\n".join(
            [
                "row 2, column 2",
                "    1·1 + 0·0 + 2·1",
                "  + 3·0 + 2·1 + 0·0",
                "  + 0·1 + 3·0 + 3·1",
                "  = 8 + 2   (bias)",
                "  = 10",
                "",
            ]
        )
        in out
    )
    assert out.endswith("feature map\n   8   9\n  12  10\n")


def test_command_with_channels_and_filters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys,
        "--input",
        "1 2;3 4",
        "--kernel",
        "1",
        "--kernel",
        "-1",
        "--bias",
        "0 1",
        "--format",
        "csv",
    )
    assert (code, out) == (0, "map,row,1,2\n1,1,1,2\n1,2,3,4\n2,1,0,-1\n2,2,-2,-3\n")


def test_command_with_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "colours.yaml"
    path.write_text(COLOURS, encoding="utf-8")
    _, out, _ = run(
        capsys, "--input", str(path), "--bias", "1"
    )  # what is typed goes before what the file says
    assert out.endswith("feature map\n  10\n")
    code, _, err = run(capsys, "--input", str(tmp_path / "none.yaml"), "--kernel", "1")
    assert code == 2
    assert "cannot read this file" in err


def test_command_pools(capsys: pytest.CaptureFixture[str]) -> None:
    image = "1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4"
    _, out, _ = run(capsys, "--input", image, "--pool", "max", "--kernel", "2", "--steps")
    assert "row 1, column 2\n  max(2, 4; 7, 8) = 8" in out
    _, out, _ = run(
        capsys, "--input", "1 2 2", "--pool", "average", "--kernel", "3", "--digits", "2", "--steps"
    )
    assert "(1 + 2 + 2)/3 = 5/3 ≈ 1.67" in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(
        capsys, "--input", "3 2 4", "--kernel", SMOOTH, "--pad", "1", "--format", "json", "--steps"
    )
    document = json.loads(out)
    assert document["maps"] == [["1.8", "2.9", "2.2"]]  # 2·0.3 + 4·0.4 = 2.2
    assert document["output"] == [3, 1]
    assert document["windows"][1]["products"] == [[[3, "0.3"], [2, "0.4"], [4, "0.3"]]]


@pytest.mark.parametrize("style", ["markdown", "latex", "html", "csv"])
def test_tables(capsys: pytest.CaptureFixture[str], style: str) -> None:
    for steps in ([], ["--steps"]):
        code, out, _ = run(capsys, "--input", FOUR, "--kernel", CROSS, "--format", style, *steps)
        assert code == 0
        assert "10" in out


def test_command_with_kernels_in_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "kernel.csv").write_text("1,0\n0,1\n", encoding="utf-8")
    (tmp_path / "input.yaml").write_text("input: 1 2; 3 4\nstride: 1\n", encoding="utf-8")
    matrix, lone = str(tmp_path / "kernel.csv"), str(tmp_path / "input.yaml")
    _, out, _ = run(capsys, "--input", lone, "--kernel", matrix)
    assert out.endswith("feature map\n  5\n")
    code, _, err = run(capsys, "--input", lone, "--kernel", lone)
    assert code == 2
    assert "there is no kernel in" in err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["--input", "1 2", "--kernel", "2", "--kernel", "3", "--pool", "max"],
            "a pool has one kernel",
        ),
        (["--input", "abc", "--kernel", "1"], "--input:1:1: error: 'abc' is not a number"),
        (["--input", "1 2", "--kernel", "1\ntwo"], "--kernel:2:1: error: 'two' is not a number"),
    ],
)
def test_command_of_what_cannot_be(
    capsys: pytest.CaptureFixture[str], argv: list[str], message: str
) -> None:
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "")
    assert message in err


def test_everything_that_is_not_usual_stands_in_the_title() -> None:
    maps = convolve(
        "1 2 3; 4 5 6",
        [[[1]], [[2]]],
        stride=[1, 2],
        pad=[[0, 1], [1, 1]],
        padding="copy",
        bias="1/3",
    )
    assert maps.title == (
        "convolution of 2×3, kernel 1×1, stride 1×2, pad 0+1×1 (copies), bias 1/3, 1/3: 3×3×2"
    )
    assert (
        convolve("1 2 3", "1 1", dilation=2).title
        == "convolution of a row of 3, kernel 2, stride 1, dilation 2: 1"
    )


def test_channels_are_told_apart_in_the_working() -> None:
    maps = convolve("1 2;; 3 4", "1 0;; 1 1", pad=[[0, 1]])
    text = render(maps, windows=True)
    assert "position 1\n    1·1 + 2·0   channel 1\n  + 3·1 + 4·1   channel 2\n  = 8" in text
    assert "input with its padding, channel 2\n  3  4  0" in text
    two = render(convolve("1 2", [["1"], ["-1/3"]], axes=1), windows=True)
    assert "filter 2, position 2\n    2·(-1/3)\n  = -2/3" in two


def test_maps_of_three_axes_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(
        capsys, "--input", "1 2;3 4;;5 6;7 8", "--kernel", "1", "--axes", "3", "--format", "csv"
    )
    assert out == "slice,row,1,2\n1.1,1,1,2\n1.1,2,3,4\n1.2,1,5,6\n1.2,2,7,8\n"
    _, out, _ = run(
        capsys, "--input", "1 2;3 4;;5 6;7 8", "--kernel", "1", "--axes", "3", "--format", "json"
    )
    assert json.loads(out)["maps"] == [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]


def test_three_axes_are_shown_slice_by_slice() -> None:
    maps = convolve("1 2; 3 4;; 5 6; 7 8", "1", axes=3)
    assert render(maps).endswith("feature map\n  1  2\n  3  4\n\n  5  6\n  7  8")


def test_a_file_of_a_pool_whose_word_is_a_function_too(tmp_path: Path) -> None:
    path = tmp_path / "pool.yaml"
    path.write_text('input: "1 2; 3 4"\nkernel: 2\npool: max\n')
    assert compute(**read_file(str(path))).text == "4"
