"""What a sound network says to its reader of its inputs: shapes that are likely to be meant otherwise."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.counts.notes import input_notes


def noted(shape: str, layers: str = "relu") -> list[str]:
    net = cnncalc.loads(f"input: {shape}\nlayers: [{layers}]")
    return [note.message for note in input_notes(net)]


@pytest.mark.parametrize("shape", ["1x28x28", "3x224x224", "3x5x5", "3x5x300", "1x300x5"])
def test_channels_that_stand_first(shape: str) -> None:
    """As PyTorch writes a picture; one or three channels, and at least 5 positions along both axes."""
    first, high, wide = shape.split("x")
    assert noted(shape) == [
        f"{shape} is {first} high and {high} wide, with {wide} channels; "
        f"if {first} are the channels, they are written last: {high}x{wide}x{first}"
    ]


@pytest.mark.parametrize(
    "shape",
    [
        "2x28x28",  # no picture has two channels
        "4x28x28",
        "28x28x1",
        "224x224x3",
        "3x4x300",  # no picture is 4 positions high or wide
        "3x300x4",
        "1x1x64",
        "3x28x28x28",  # three axes and channels
        "3",
        "4x4",  # no picture
        "28x27",
        "28",
    ],
)
def test_shapes_that_say_nothing(shape: str) -> None:
    assert noted(shape) == []


@pytest.mark.parametrize("side", [5, 28])
def test_a_square_of_two_numbers_is_a_sequence(side: int) -> None:
    assert noted(f"{side}x{side}") == [
        f"{side}x{side} is a sequence of {side} positions with {side} channels; "
        f"a picture of one channel is written {side}x{side}x1"
    ]


def other(text: str, shape: str) -> list[tuple[str, int]]:
    """What is said of a network with another input than its spec's: beginnings, and the lines they are of."""
    own = cnncalc.loads(text)
    return [(note.message, note.span.line) for note in input_notes(own.with_(shape), own)]


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("28x28x3", []),
        ("28x28x1", ["the depth of 28x28x1 is 1; that of the spec's own input, 28x28x3, is 3"]),
        # channels first is what is said of 3x28x28, not that 28 are no 3
        (
            "3x28x28",
            [
                "3x28x28 is 3 high and 28 wide, with 28 channels; "
                "if 3 are the channels, they are written last: 28x28x3"
            ],
        ),
        # 32·32·2 = 2,048 values flattened into 4 units, where 28·28·2 = 1,568 were: once, of the first fc alone
        (
            "32x32x3",
            [
                "fc1 flattens another map than that of 28x28x3: 8,192 weights, not 6,272; "
                "a trained network with such a layer takes one size of image alone"
            ],
        ),
    ],
)  # fmt: skip
def test_another_input_than_the_specs(shape: str, said: list[str]) -> None:
    text = "input: 28x28x3\nlayers: [conv: {filters: 2, kernel: 3, pad: 1}, fc: 4, fc: 5]"
    assert [message for message, _ in other(text, shape)] == said


def test_a_square_that_is_asked_for_is_meant() -> None:
    """Of a spec whose own input is a sequence, another length of it is none of a picture."""
    assert other("input: 30x28\nlayers: [conv: {filters: 2, kernel: 3}]", "28x28") == []


def test_outputs_and_what_fits_not_come_in_the_order_of_the_spec() -> None:
    """(7 - 2)/2 is not whole, neither in one nor in the other, which are two places; b is no side."""
    text = """
input: 7x7x1
layers:
  - maxpool: {name: a, kernel: 2}
  - maxpool: {name: b, kernel: 2, from: input}
"""
    listed = [(note.span.line, note.message) for note in cnncalc.loads(text).notes()]
    assert [line for line, _ in listed] == [4, 5, 5]
    assert listed[2][1] == "several outputs: a, b"
    assert cnncalc.loads("input: 4\nlayers: [fc: 2]").notes() == []
