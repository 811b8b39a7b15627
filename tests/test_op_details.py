"""What ops say beside their counts: derivations, hints, notes, and which positions an adaptive pool sees."""

from __future__ import annotations

import re
from fractions import Fraction
from math import prod

import pytest
from test_loops import window_starts
from test_ops import SOUND, network, spec

import cnncalc
from cnncalc.ops import OPS
from cnncalc.ops.base import show_setting


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


@pytest.mark.parametrize(
    ("branches", "words"),
    [("[[], []]", "the shape of every branch"), ("[[globalavgpool], []]", "the shape of the map"),
     ("[[], [globalavgpool]]", "the shape of the map")],
)  # fmt: skip
def test_where_the_shape_of_a_merge_comes_from(branches: str, words: str) -> None:
    assert derived(f"[add: {branches}]", "add1", "output") == [(words, "8×8×3", "8×8×3")]


def test_channels_that_are_cut_change_no_field() -> None:
    field = [("r_h×r_w", "1×1", "1×1")]
    assert derived("[slice: [0, 2]]", "slice1", "receptive_field")[3:] == field
    moved = derived("[slice: {positions: [[2, 7], all]}]", "slice1", "receptive_field")
    assert ("start₀ + ((F − 1)/2 − p)·j₀", "1/2 + ((1 − 1)/2 + 2)·1", "5/2") in moved


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


@pytest.mark.parametrize(
    ("op", "begins"),
    [("flatten", "a map as a vector of its elements"), ("fc", "fully connected layer; a map is flattened"),
     ("relu", "max(x, 0)"), ("maxpool", "maximum over a window")],
)  # fmt: skip
def test_the_help_of_an_op_begins_as_words_in_a_sentence_do(op: str, begins: str) -> None:
    assert OPS[op].help.startswith(begins)


# ---- what is so of a whole op ----------------------------------------------------------------------------------------

WORDS = {
    # the modules of torch.nn that take `inplace`, clip as hardtanh, and torch.sigmoid_ and tanh_
    "in_place": """celu elu hardsigmoid hardswish hardtanh leaky_relu mish rrelu relu relu6 selu silu threshold clip
        sigmoid tanh""",
    # those of which PyTorch's output has the storage of the input, in evaluation
    "is_view": "flatten reshape slice crop permute broadcast identity dropout stochastic_depth",
    # docs/spec.md: nothing slides over a vector, and none has positions to be pooled, moved or resized
    "needs_map": """conv conv_transpose maxpool avgpool globalavgpool globalmaxpool adaptiveavgpool adaptivemaxpool
        instancenorm lrn crop shuffle upsample pixel_shuffle pixel_unshuffle permute attention""",
}


@pytest.mark.parametrize("flag", WORDS)
def test_which_ops_overwrite_or_share_or_need_a_map(flag: str) -> None:
    assert {name for name, op in OPS.items() if getattr(op, flag)} == set(WORDS[flag].split())


@pytest.mark.parametrize(
    ("layer", "input", "formula"),
    [
        ("conv: {filters: 2, kernel: 3, stride: 2, pad: same}", "7x8x1", "O = ⌈N/S⌉"),
        ("maxpool: {kernel: 3, stride: 2, pad: same}", "7x8x1", "O = ⌈N/S⌉"),
        ("conv_transpose: {filters: 2, kernel: 3, stride: 2, pad: same}", "7x8x1", "O = N·S"),
        ("conv_transpose: {filters: 2, kernel: 1, stride: 2, pad: same}", "7x8x1", "O = N·S"),
    ],
)
def test_a_size_of_same_has_the_formula_of_the_contract(
    layer: str, input: str, formula: str
) -> None:
    name = layer.partition(":")[0]
    steps = derived(f"[{layer}]", f"{name}1", "output", input)
    assert [step[0] for step in steps[:2]] == [formula] * 2


def test_no_position_is_taken_off_where_a_kernel_is_short() -> None:
    """TensorFlow's padding is max((O − 1)S + F − N, 0): of 4 positions a kernel of 1 sees the first at the edge."""
    row = cnncalc.loads("input: 4x1\nlayers: [conv: {filters: 1, kernel: 1, stride: 2, pad: same}]")
    assert row.report().rows[-1].start == (0.5,)


@pytest.mark.parametrize("row", SOUND)
def test_a_pool_is_taken_for_a_convolution_of_its_output(row: dict[str, object]) -> None:
    """One filter for each channel, over the same windows: the same output, if the size is not rounded up."""
    node = network(spec(row)).graph.nodes[-1]
    made = node.shapes and node.op.sliding.as_conv(node.shapes[0])
    if made and node.kind != "conv_transpose" and not getattr(node.op, "ceil", False):
        shape = node.shapes[0]
        assert made.output_shape(shape) == node.output
        assert made.window(shape) == node.op.window(shape)
        # a filter sees every channel
        macs = made.facts((shape,)).macs
        assert macs == prod(node.output) * shape[-1] * made.window(shape)


# ---- what is said beside the counts ----------------------------------------------------------------------------------

WINDOWS = [
    (size, kernel, stride, pad, ceil)
    for size in (4, 7, 9)
    for kernel in (1, 2, 3)
    for stride in (1, 2, 3, 4)
    for pad in (0, 1)
    for ceil in (False, True)
    if pad <= kernel // 2
]


@pytest.mark.parametrize("ceil", [False, True])
def test_a_window_that_does_not_fit_is_noted_with_what_it_leaves_out(ceil: bool) -> None:
    """What the windows of an executed loop do not reach, of the map and its padding."""
    for size, kernel, stride, pad, _ in (case for case in WINDOWS if case[-1] is ceil):
        layer = f"maxpool: {{kernel: {kernel}, stride: {stride}, pad: {pad}, ceil: {str(ceil).lower()}}}"
        said = " ".join(notes(f"[{layer}]", f"{size}x1"))
        starts = window_starts(size, kernel, stride, pad, 1, ceil=ceil)
        left = (
            size + pad - (starts[-1] + kernel)
        )  # negative where the last window hangs over the end
        span = size + 2 * pad - kernel
        if span % stride == 0:
            assert said == "", layer
            continue
        found = re.search(r": (\d+)/(\d+) ([=≈]) ([\d.]+) is not whole(.*?)( \(length\))?$", said)
        assert found, (layer, said)
        assert (int(found[1]), int(found[2])) == (span, stride)
        shown, exact = Fraction(found[4]), Fraction(span, stride)
        assert (found[3] == "=") is (shown == exact)
        assert abs(shown - exact) * 2000 <= exact
        if left < 0:
            assert found[5] == " and is rounded up", layer
        elif ceil:  # one window more would start past the input
            assert starts[-1] + stride >= size, layer
            past = "in the padding" if pad else "past the input"
            assert found[5] == f"; rounded up, the last window would start {past} and is dropped"
        else:
            seen = "position is" if left == 1 else f"{left} positions are"
            assert found[5] == f" and is rounded down; the last {seen} not seen", layer


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        ("conv: {filters: 6, kernel: 3}", ("conv", (3, 3), 6, (1, 1), 1)),
        ("conv: {filters: 6, kernel: 1x3, stride: 2, groups: 2}", ("conv", (1, 3), 6, (2, 2), 2)),
        ("conv: {filters: 8, kernel: 3, groups: 4}", ("depthwise_conv", (3, 3), 8, (1, 1), 1)),
        ("conv_transpose: {filters: 4, kernel: 2, groups: 4}",
         ("depthwise_conv_transpose", (2, 2), 4, (1, 1), 1)),
        ("maxpool: {kernel: 3, stride: 2}", ("maxpool", (3, 3), None, (2, 2), 1)),
        ("fc: 7", ("fc", (), 7, (), 1)),
        ("linear: 7", ("fc", (), 7, (), 1)),
        ("relu", ("relu", (), None, (), 1)),
    ],
)  # fmt: skip
def test_what_a_figure_says_of_a_layer(layer: str, shown: tuple[object, ...]) -> None:
    node = cnncalc.loads(f"input: 9x9x4\nlayers:\n- {layer}\n").graph.nodes[-1]
    assert node.op.caption(node.shapes[0]) == shown


def test_one_group_of_one_channel_is_no_depthwise_convolution() -> None:
    node = cnncalc.loads("input: 9x9x1\nlayers: [conv: {filters: 2, kernel: 3}]").graph.nodes[-1]
    assert node.op.caption(node.shapes[0]).word == "conv"


@pytest.mark.parametrize(
    ("value", "shown", "in_full"),
    [
        (None, "", ""),
        ("same", "same", "same"),
        ((3, 3), "3", "3×3"),
        ((1, 7), "1×7", "1×7"),
        ((5,), "5", "5"),
        (((1, 1), (1, 1)), "1", "1×1"),
        (((0, 1), (0, 1)), "0+1", "0+1×0+1"),
        (((0, 0), (1, 1)), "0×1", "0×1"),
        (False, "False", "False"),
    ],
)
def test_a_field_is_shown_once_where_its_axes_agree(
    value: object, shown: str, in_full: str
) -> None:
    assert (show_setting(value), show_setting(value, in_full=True)) == (shown, in_full)
