"""What ops say beside their counts: derivations, hints, notes, and which positions an adaptive pool sees."""

from __future__ import annotations

import pytest

import cnncalc


def derived(
    layers: str, name: str, quantity: str, input: str = "8x8x3"
) -> list[tuple[str, str, str]]:
    """The steps of a derivation: formula, numbers, result."""
    (derivation,) = cnncalc.loads(f"input: {input}\nlayers: {layers}").explain(name, quantity)
    return [(step.formula, step.numbers, step.result) for step in derivation.steps]


def problem(layers: str, input: str) -> tuple[str, str]:
    with pytest.raises(cnncalc.SpecError) as refusal:
        cnncalc.loads(f"input: {input}\nlayers: {layers}")
    (found,) = refusal.value.problems
    return found.message, found.hint


def test_the_depth_of_a_transposed_convolution() -> None:
    steps = derived(
        "[conv_transpose: {filters: 5, kernel: 2, stride: 2}]", "conv_transpose1", "output"
    )
    assert steps[-2:] == [("K", "5", "5"), ("O_h×O_w×K", "16×16×5", "16×16×5")]


def test_the_depth_of_a_pad() -> None:
    assert derived("[pad: 1]", "pad1", "output")[-2] == ("C", "3", "3")
    channels = derived("[pad: {channels: [[2, 0]]}]", "pad1", "output")
    assert channels[-2] == ("C + before + after", "3 + 2 + 0", "5")


@pytest.mark.parametrize(
    ("layers", "steps"),
    [
        ("[slice: {positions: [[2, 7], all]}]", [("O = end − first", "7 − 2", "5")]),
        ("[slice: {positions: [[2, 7], all], stride: 2}]",
         [("O = ⌈(end − first)/S⌉", "⌈(7 − 2)/2⌉", "3"), ("O = ⌈N/S⌉", "⌈8/2⌉", "4")]),
        ("[crop: [[1, 2], 0]]",
         [("O = N − before − after", "8 − 1 − 2", "5"), ("O = N − before − after", "8 − 0 − 0", "8")]),
        ("[pixel_unshuffle: [4, 2]]",
         [("O = N/r", "8/4", "2"), ("O = N/r", "8/2", "4"), ("C·r²", "3·4·2", "24")]),
    ],
)  # fmt: skip
def test_sizes_of_what_is_cut(layers: str, steps: list[tuple[str, str, str]]) -> None:
    name = layers[1:].partition(":")[0]
    assert derived(layers, f"{name}1", "output")[: len(steps)] == steps


def test_a_pixel_shuffle_divides_the_channels() -> None:
    steps = derived("[pixel_shuffle: 2]", "pixel_shuffle1", "output", "4x4x12")
    assert steps[2] == ("C/r²", "12/(2·2)", "3")


@pytest.mark.parametrize(("size", "out"), [(7, 3), (10, 4), (5, 5), (12, 5), (13, 6), (4, 7)])
def test_the_bins_of_an_adaptive_pool(size: int, out: int) -> None:
    """Bin i goes from floor(i·N/O) to ceil((i + 1)·N/O), read off the map position by position."""
    row = cnncalc.loads(f"input: {size}x1\nlayers: [adaptiveavgpool: {out}]").report().rows[-1]
    assert row.field.axes is not None
    moving = row.field.axes[0].moving
    assert moving is not None
    bins = [(i * size // out, -(-(i + 1) * size // out) - 1) for i in range(out)]
    assert [moving.at(place) for place in range(out)] == bins
    assert row.receptive_field == (max(last - first + 1 for first, last in bins),)


def test_a_vector_laid_over_a_map_sees_everything_at_each_position() -> None:
    layers = "[conv: {filters: 4, kernel: 3}, globalavgpool, broadcast: 5x5, conv: {filters: 1, kernel: 3}]"
    row = cnncalc.loads(f"input: 8x8x3\nlayers: {layers}").report().rows[-1]
    assert (row.receptive_field, row.jump) == ((8, 8), (0, 0))


@pytest.mark.parametrize("shape", ["1x5x3", "5x1x3", "2x2x3"])
def test_only_a_vector_is_laid_over_a_map(shape: str) -> None:
    message, hint = problem("[broadcast: 4x4]", shape)
    assert message.endswith(f"broadcast lays a vector over a map, but the map {shape} arrives")
    assert hint == "use globalavgpool before it"


@pytest.mark.parametrize(
    ("input", "hint"),
    [
        ("3x32x32", "if 3 are the channels, they are written last: 32x32x3"),
        ("1x28x28", "if 1 are the channels, they are written last: 28x28x1"),
        ("2x32x32", "use a larger input, more padding, or a smaller kernel"),
        ("3x2x32", "use a larger input, more padding, or a smaller kernel"),
        ("3x32x16", "use a larger input, more padding, or a smaller kernel"),
    ],
)
def test_a_map_that_vanishes_may_have_its_channels_first(input: str, hint: str) -> None:
    assert problem("[conv: {filters: 4, kernel: 5}]", input)[1] == hint


def notes(layers: str, input: str) -> list[str]:
    net = cnncalc.loads(f"input: {input}\nlayers: {layers}")
    return [note.message for note in net.notes()]


def test_a_filter_that_fits_along_no_axis_is_noted_once() -> None:
    both = notes("[conv: {filters: 1, kernel: 3, stride: 2}]", "8x8x1")
    assert both == [
        "conv1: the filter does not fit: 5/2 = 2.5 is not whole and is rounded down; the last position is not seen"
    ]
    unlike = notes("[conv: {filters: 1, kernel: 3, stride: [2, 3]}]", "8x8x1")
    assert [note.rpartition(" (")[2] for note in unlike] == ["height)", "width)"]
    single = notes("[conv: {filters: 1, kernel: 3, stride: [2, 1]}]", "8x8x1")
    assert [note.rpartition(" (")[2] for note in single] == ["height)"]
