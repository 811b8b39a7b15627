"""What is true of every network: found with Hypothesis, on small shapes that are sound by construction."""

from __future__ import annotations

import contextlib
import itertools
import json
from math import prod
from typing import Any

import pytest
from extent import tries
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import Network, Report
from cnncalc.models.write_yaml import write, write_flat
from cnncalc.network import layer
from cnncalc.ops.shapes import format_shape
from cnncalc.spec.shipped import block_names
from cnncalc.tables.documents import report_document
from cnncalc.text.numbers import format_number, matches, read_number, read_shape

SUMMED = ("weights", "biases", "params", "buffers", "macs", "ops", "activations", "outputs")
few = settings(max_examples=tries(15, 60))


def net(layers: list[Any], shape: tuple[int, ...], **top: Any) -> Network:
    """A network of layers that are given as plain values."""
    return cnncalc.loads(json.dumps({"input": "x".join(map(str, shape)), **top, "layers": layers}))


def report(layers: list[Any], shape: tuple[int, ...], **top: Any) -> Report:
    return net(layers, shape, **top).report()


# ---- strategies -----------------------------------------------------------------------------------------------------

small = st.integers(1, 4)
maps = st.integers(1, 3).flatmap(
    lambda rank: st.tuples(*[st.integers(1, 9)] * rank, st.integers(1, 6))
)
planes = st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 6))
per_axis = st.one_of(small, st.tuples(small, small).map(list))


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    """Any window, sound or not."""
    pads = st.one_of(
        st.integers(0, 3),
        st.just("same"),
        st.tuples(st.integers(0, 3), st.integers(0, 3)).map(list),
        st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=2, max_size=2),
    )
    return {
        "kernel": draw(per_axis),
        "stride": draw(per_axis),
        "pad": draw(pads),
        "dilation": draw(per_axis),
    }


def keeping(channels: int) -> st.SearchStrategy[Any]:
    """A layer that keeps the size of a map of so many channels."""
    kernel = st.sampled_from([1, 3, 5])
    return st.one_of(
        st.sampled_from(["relu", "bn", "tanh", "dropout", "layernorm", "identity", "lrn"]),
        kernel.map(lambda f: {"conv": {"filters": channels, "kernel": f, "pad": f // 2}}),
        kernel.map(
            lambda f: {
                "conv": {
                    "filters": channels,
                    "kernel": f,
                    "pad": "same",
                    "groups": channels,
                    "bias": False,
                }
            }
        ),
        st.just({"maxpool": {"kernel": 3, "stride": 1, "pad": 1}}),
    )


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[Any], tuple[int, ...]]:
    """A sound network with branches, and what arrives at it."""
    channels = draw(st.integers(1, 4))
    shape = (draw(st.integers(4, 9)), draw(st.integers(4, 9)), channels)
    layers: list[Any] = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.integers(0, 4))
        body = draw(st.lists(keeping(channels), min_size=1, max_size=3))
        if kind == 0:
            layers += [{"residual": body}]
        elif kind == 1:
            layers += [{"repeat": {"times": draw(st.integers(0, 3)), "layers": body}}]
        elif kind == 2:
            layers += [{"side": body}]
        elif kind == 3:
            layers += [{"concat": [body, []]}]
            channels *= 2
        else:
            layers += body
    if draw(st.booleans()):
        layers += ["globalavgpool", {"fc": 3}]
    return layers, shape


# ---- shapes ---------------------------------------------------------------------------------------------------------


@given(planes, windows(), st.sampled_from(["conv", "maxpool", "conv_transpose"]), st.booleans())
@settings(max_examples=tries(75, 300))
def test_an_output_is_at_least_one_position_or_a_problem(
    shape: tuple[int, ...], window: dict[str, Any], op: str, ceil: bool
) -> None:
    fields = {**window, **({"ceil": ceil} if op == "maxpool" else {"filters": 2})}
    try:
        row = layer(op, shape, **fields).report().rows[1]
    except cnncalc.SpecError:
        return
    assert min(row.output) >= 1
    assert row.macs >= 0
    assert row.outputs == prod(row.output)


@given(planes, st.integers(1, 7), st.integers(1, 3))
@few
def test_same_with_stride_1_keeps_the_size(
    shape: tuple[int, ...], kernel: int, dilation: int
) -> None:
    for op, more in (
        ("conv", {"filters": 2}),
        ("maxpool", {"stride": 1}),
        ("conv_transpose", {"filters": 2}),
    ):
        row = (
            layer(op, shape, kernel=kernel, dilation=dilation, pad="same", **more).report().rows[1]
        )
        assert row.output[:-1] == shape[:-1]


@given(planes, st.integers(1, 5), st.integers(1, 4))
@few
def test_same_with_a_stride_is_the_size_by_it_rounded_up(
    shape: tuple[int, ...], kernel: int, stride: int
) -> None:
    row = layer("conv", shape, filters=1, kernel=kernel, stride=stride, pad="same").report().rows[1]
    assert row.output[:-1] == tuple(-(-size // stride) for size in shape[:-1])


@given(
    st.integers(2, 40), st.integers(1, 5), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3)
)
@settings(max_examples=tries(50, 200))
def test_a_larger_map_has_no_fewer_windows(
    size: int, kernel: int, stride: int, pad: int, dilation: int
) -> None:
    """Cropping the input never adds a window."""
    assume(size - 1 + 2 * pad >= dilation * (kernel - 1) + 1)
    window = {"kernel": kernel, "stride": stride, "pad": pad, "dilation": dilation, "filters": 1}
    smaller, larger = (
        layer("conv", (n, 1), **window).report().rows[1].output[0] for n in (size - 1, size)
    )
    assert smaller <= larger <= smaller + 1


@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 4), st.integers(0, 2))
@settings(max_examples=tries(50, 200))
def test_ceil_is_floor_or_one_more(size: int, kernel: int, stride: int, pad: int) -> None:
    assume(pad <= kernel // 2 and size + 2 * pad >= kernel)
    window = {"kernel": kernel, "stride": stride, "pad": pad}
    floor, ceil = (
        layer("maxpool", (size, 1), **window, ceil=wanted).report().rows[1].output[0]
        for wanted in (False, True)
    )
    assert floor <= ceil <= floor + 1
    assert ceil == floor or (size + 2 * pad - kernel) % stride


@given(
    st.integers(1, 12),
    st.integers(1, 5),
    small,
    st.integers(0, 2),
    st.integers(1, 2),
    st.integers(0, 3),
)
@settings(max_examples=tries(50, 200))
def test_a_transposed_conv_undoes_the_size_of_its_conv(
    size: int, kernel: int, stride: int, pad: int, dilation: int, extra: int
) -> None:
    """A conv of the same fields brings its output back to what arrived, whatever the output_pad."""
    assume(extra < max(stride, dilation) and extra < stride)
    assume((size - 1) * stride - 2 * pad + dilation * (kernel - 1) + 1 >= 1)
    window = {"kernel": kernel, "stride": stride, "pad": pad, "dilation": dilation, "filters": 1}
    up = {"conv_transpose": {**window, "output_pad": extra}}
    assert report([up, {"conv": window}], (size, 1)).rows[-1].output == (size, 1)


@given(maps, st.integers(1, 3))
@few
def test_pad_then_a_valid_conv_is_a_padded_conv(shape: tuple[int, ...], pad: int) -> None:
    fields = {"filters": 2, "kernel": min(shape[:-1]) + 1}
    one = report([{"conv": {**fields, "pad": pad}}], shape).rows[-1]
    two = report([{"pad": pad}, {"conv": fields}], shape).rows[-1]
    assert (one.output, one.macs) == (two.output, two.macs)
    assert (one.receptive_field, one.start) == (two.receptive_field, two.start)


# ---- counts ---------------------------------------------------------------------------------------------------------


@given(maps, st.integers(1, 8), st.booleans())
@few
def test_a_1x1_conv_is_an_fc_at_each_position(
    shape: tuple[int, ...], filters: int, bias: bool
) -> None:
    conv = layer("conv", shape, filters=filters, kernel=1, bias=bias).report().rows[1]
    fc = layer("fc", shape[-1], units=filters, bias=bias).report().rows[1]
    assert (conv.weights, conv.biases) == (fc.weights, fc.biases)
    assert conv.macs == prod(shape[:-1]) * fc.macs


@given(maps, st.integers(1, 8))
@few
def test_an_fc_is_a_conv_over_the_whole_map(shape: tuple[int, ...], units: int) -> None:
    fc = layer("fc", shape, units=units).report().rows[1]
    conv = layer("conv", shape, filters=units, kernel=list(shape[:-1])).report().rows[1]
    assert (conv.weights, conv.biases, conv.macs, prod(conv.output)) == (
        fc.weights,
        fc.biases,
        fc.macs,
        units,
    )


@given(planes, st.integers(1, 3), st.integers(1, 3))
@few
def test_groups_divide_the_cost(shape: tuple[int, ...], kernel: int, times: int) -> None:
    channels = shape[-1]
    for op in ("conv", "conv_transpose"):
        fields = {"filters": channels * times, "kernel": kernel, "pad": "same"}
        dense = layer(op, shape, **fields).report().rows[1]
        grouped = layer(op, shape, **fields, groups=channels).report().rows[1]
        assert (grouped.weights * channels, grouped.macs * channels) == (dense.weights, dense.macs)
        assert (grouped.output, grouped.biases) == (dense.output, dense.biases)


@given(planes, st.integers(1, 4), st.integers(1, 4))
@few
def test_all_connections_are_a_dense_conv(
    shape: tuple[int, ...], kernel: int, filters: int
) -> None:
    every = [list(range(shape[-1]))] * filters
    dense, listed = (
        layer("conv", shape, filters=filters, kernel=kernel, pad="same", **more).report().rows[1]
        for more in ({}, {"connections": every})
    )
    assert (dense.weights, dense.macs, dense.ops) == (listed.weights, listed.macs, listed.ops)


@given(
    planes, st.lists(st.integers(1, 5), min_size=1, max_size=4), st.randoms(use_true_random=False)
)
@few
def test_concat_adds_channels_in_any_order(
    shape: tuple[int, ...], widths: list[int], rng: Any
) -> None:
    shuffled = widths[:]
    rng.shuffle(shuffled)
    branches = [
        [[{"conv": {"filters": width, "kernel": 1}}] for width in order]
        for order in (widths, shuffled)
    ]
    one, other = (report([{"concat": order}], shape) for order in branches)
    assert one.rows[-1].output == other.rows[-1].output == (*shape[:-1], sum(widths))
    assert one.totals[:-1] == other.totals[:-1]  # the peak depends on the order


@given(planes, st.integers(1, 6))
@few
def test_a_window_counts_macs_as_positions_by_weights(shape: tuple[int, ...], filters: int) -> None:
    """The second formula of a conv's work: every weight is used once at every position."""
    row = (
        layer("conv", shape, filters=filters, kernel=[2, 3], pad=2, stride=[1, 2]).report().rows[1]
    )
    assert row.macs == row.weights * prod(row.output[:-1])


# ---- whole networks -------------------------------------------------------------------------------------------------


@given(networks())
@few
def test_totals_are_sums_and_folding_changes_none(made: tuple[list[Any], tuple[int, ...]]) -> None:
    network = net(*made)
    whole = network.report()
    for with_side in (False, True):
        for depth in (None, 1, 2):
            told = network.report(depth=depth, with_side=with_side)
            rows = [row for row in told.rows if with_side or not row.side]
            for field in SUMMED:
                assert getattr(told.totals, field) == sum(getattr(row, field) for row in rows)
    assert network.report(depth=1).totals == whole.totals


@given(networks(), st.integers(2, 64), st.sampled_from(["float64", "float16", "int8"]))
@few
def test_batch_scales_bytes_and_nothing_else(
    made: tuple[list[Any], tuple[int, ...]], batch: int, dtype: str
) -> None:
    network = net(*made)
    one, many = network.report(), network.report(batch=batch)
    assert one.rows == many.rows
    assert many.totals.peak_bytes == batch * one.totals.peak_bytes
    assert many.totals.params == one.totals.params
    kept_of_one = one.totals.training_bytes - 8 * one.totals.params
    kept_of_many = many.totals.training_bytes - 8 * many.totals.params
    assert (
        kept_of_one <= kept_of_many <= batch * kept_of_one
    )  # a batch norm keeps its statistics once for a batch
    width = {"float64": 8, "float16": 2, "int8": 1}[dtype]
    assert 4 * network.report(dtype=dtype).totals.peak_bytes == width * one.totals.peak_bytes


@given(networks())
@few
def test_operations_of_the_standard_convention_are_two_a_mac(
    made: tuple[list[Any], tuple[int, ...]],
) -> None:
    assert all(row.ops == 2 * row.macs for row in report(*made).rows)


@given(networks())
@few
def test_memory_is_between_its_bounds(made: tuple[list[Any], tuple[int, ...]]) -> None:
    """At least the input and the first output or the largest map; at most everything at once."""
    told = report(*made)
    rows = [row for row in told.rows if not row.side]
    assert (
        4 * max(row.outputs for row in rows)
        <= told.totals.peak_bytes
        <= 4 * sum(row.outputs for row in rows)
    )


@given(networks())
@few
def test_reading_again_gives_the_same(made: tuple[list[Any], tuple[int, ...]]) -> None:
    assert report(*made) == report(*made)
    network = net(*made)
    assert network.with_().report() == network.report()


@given(networks())
@few
def test_no_bias_takes_off_exactly_the_biases(made: tuple[list[Any], tuple[int, ...]]) -> None:
    network = net(*made)
    full, bare = network.report().totals, network.report(no_bias=True).totals
    assert (bare.biases, bare.params, bare.macs) == (0, full.params - full.biases, full.macs)


@given(networks())
@few
def test_a_block_is_what_its_body_is(made: tuple[list[Any], tuple[int, ...]]) -> None:
    """Using a macro and writing its body out by hand are the same but for the names."""
    layers, shape = made
    by_hand, by_block = (
        report(layers, shape),
        report(["body"], shape, blocks={"body": {"layers": layers}}),
    )
    assert by_hand.totals == by_block.totals
    assert [row._replace(name="", inputs=(), shares=None) for row in by_hand.rows] == [
        row._replace(name="", inputs=(), shares=None) for row in by_block.rows
    ]


@given(networks(), st.integers(0, 3))
@few
def test_a_repeat_is_its_body_written_so_many_times(
    made: tuple[list[Any], tuple[int, ...]], times: int
) -> None:
    layers, shape = made
    assume("globalavgpool" not in layers)
    assume(times < 2 or not any(isinstance(one, dict) and "concat" in one for one in layers))
    assume(layers * times)
    one = report([{"repeat": {"times": times, "layers": layers}}], shape)
    other = report(layers * times, shape)
    assert one.rows == other.rows
    assert one.totals == other.totals


# ---- a graph written out as a flat spec -----------------------------------------------------------------------------


def flat(network: Network) -> str:
    """The network with every block, branch, repeat and parameter taken apart: one layer a line, from others by name."""
    return write_flat(network.graph, network.title)


def counted(told: Report) -> list[tuple[Any, ...]]:
    return [
        (
            row.op,
            row.input,
            row.output,
            row.weights,
            row.biases,
            row.buffers,
            row.macs,
            row.ops,
            row.activations,
            row.receptive_field,
            row.jump,
            row.start,
            row.centred,
            row.arrays,
        )
        for row in told.rows
    ]


@pytest.mark.parametrize(
    "name",
    [
        "alexnet_two_towers",
        "lenet5",
        "googlenet",
        "resnet18",
        "densenet121",
        "nin",
        "se_resnet50",
        "pix2pix_unet",
        "colorization",
        "torchvision/shufflenet_v2_x1_0",
        "torchvision/mobilenet_v2",
        "inception_resnet_v2",
    ],
)
def test_a_network_taken_apart_is_the_same_network(name: str) -> None:
    """Spec to graph to spec to graph; taken apart a second time it does not change any more."""
    network = cnncalc.load(name)
    again = cnncalc.loads(flat(network))
    assert counted(again.report()) == counted(network.report())
    assert flat(again) == flat(network)
    totals, others = network.report(with_side=True).totals, again.report(with_side=True).totals
    assert {field: getattr(others, field) for field in SUMMED} == {
        field: getattr(totals, field) for field in SUMMED
    }


@given(networks())
@few
def test_any_network_taken_apart_is_the_same(made: tuple[list[Any], tuple[int, ...]]) -> None:
    network = net(*made)
    assume(len(network.graph.nodes) > 1)
    again = cnncalc.loads(flat(network))
    assert counted(again.report()) == counted(network.report())
    totals, others = network.report(with_side=True).totals, again.report(with_side=True).totals
    assert {field: getattr(others, field) for field in SUMMED} == {
        field: getattr(totals, field) for field in SUMMED
    }
    assert flat(again) == flat(network)


@given(networks())
@few
def test_any_network_is_written_and_read_back(made: tuple[list[Any], tuple[int, ...]]) -> None:
    """With its blocks, branches and repeats, and under the same names."""
    network = net(*made)
    assume(len(network.graph.nodes) > 1)
    again = cnncalc.loads(write(network.graph, network.title).text)
    assert counted(again.report()) == counted(network.report())
    assert again.layer_names == network.layer_names


# ---- numbers as written ---------------------------------------------------------------------------------------------


@given(st.integers(0, 10**15), st.sampled_from(["full", "short", "MB", "MiB"]), st.integers(2, 6))
@settings(max_examples=tries(50, 200))
def test_a_printed_number_reads_back_within_its_digits(value: int, style: Any, digits: int) -> None:
    written = read_number(format_number(value, style, digits))
    assert matches(written, value) in ("exact", "rounded")
    if style == "full":
        assert written.value == value


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=5).map(tuple),
    st.sampled_from(["×", "x", " x ", ", "]),
)
@few
def test_a_printed_shape_reads_back(shape: tuple[int, ...], between: str) -> None:
    assume(between != ", " or len(shape) != 2)  # 4, 096 may be one axis or two
    assert read_shape(format_shape(shape, between)) == shape


# ---- what a stranger's text does ------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "conv",
        "relu",
        "fc",
        "concat",
        "residual",
        "repeat",
        "side",
        "bn",
        "maxpool",
        "se",
        "fire",
        "filters",
        "kernel",
        "name",
        "from",
        "when",
        "layers",
        "branches",
        "times",
        "same",
        "true",
        "channels",
        "input",
        "a",
        "1",
        "3",
        "-2",
        "0.5",
        "1 / 0",
        "channels * 2",
        "[",
        "]",
    ]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(-5, 9), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=4), st.dictionaries(WORDS, VALUES, max_size=2))
@settings(max_examples=tries(50, 200), suppress_health_check=[HealthCheck.too_slow])
def test_any_tree_is_a_network_or_problems_with_places(
    layers: list[Any], params: dict[str, Any]
) -> None:
    text = json.dumps({"input": "8x8x4", "params": params, "layers": layers})
    try:
        told = cnncalc.loads(text).report()
    except cnncalc.SpecError as error:
        for problem in error.problems:
            place = (
                problem.used[0] if problem.used else problem.span
            )  # in a library block, or where that was used
            assert place.line == 1
            assert 1 <= place.column <= len(text) + 1
            assert problem.message
    else:
        assert json.loads(json.dumps(report_document(told)))["network"] == "-"


@given(
    st.sampled_from(block_names()),
    st.dictionaries(WORDS, st.one_of(st.integers(0, 9), WORDS), max_size=4),
)
@few
def test_any_use_of_a_library_block_is_a_network_or_problems(
    name: str, arguments: dict[str, Any]
) -> None:
    with contextlib.suppress(cnncalc.SpecError):
        net([{name: arguments}], (16, 16, 8)).report()


@pytest.mark.parametrize("order", list(itertools.permutations(["a", "b", "c"])))
def test_from_lists_join_in_the_order_written(order: tuple[str, ...]) -> None:
    layers = [
        {"conv": {"name": name, "filters": width, "kernel": 1, "from": "input"}}
        for name, width in (("a", 1), ("b", 2), ("c", 3))
    ]
    told = report([*layers, {"concat": {"from": list(order)}}], (4, 4, 1)).rows[-1]
    assert told.inputs == order
    assert told.output == (4, 4, 6)
