"""Slips with the parameters of a layer, some of which also change its operations."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from cnncalc.homework.slips.base import slip
from cnncalc.homework.variant import Variant, weights
from cnncalc.ops.base import Op
from cnncalc.ops.shapes import Shape, elements, positions
from cnncalc.text.messages import message


def has_filters(variant: Variant) -> bool:
    """Whether it is a layer of filters with windows, such as a conv."""
    return variant.op.depth_field is not None and bool(variant.slid)


def ungrouped(op: Op) -> dict[str, Any]:
    """Field values with which each filter sees every input map, as far as the op has such fields."""
    plain = {"groups": 1, "connections": None}
    return {field.name: plain[field.name] for field in op.fields if field.name in plain}


def is_grouped(op: Op) -> bool:
    """Whether its filters see only some of the input maps."""
    return any(getattr(op, name) != value for name, value in ungrouped(op).items())


def with_depth(variant: Variant, channels: int, **fields: Any) -> Variant:
    """With other input channels, and other fields of the op."""
    shape = (*variant.inputs[0][:-1], channels)
    return variant._replace(op=variant.op.changed(**fields), inputs=(shape,))


def with_weights(variant: Variant, factor: int, divisor: int) -> Variant:
    """With other weights than the layer has, so many times as many, in its parameters and its operations."""
    return variant._replace(known={"weights": weights(variant) * factor // divisor})


def map_before(variant: Variant) -> tuple[Shape | None, Shape | None]:
    """For an fc: the map that is flattened, and the input of the last pool before it; None where there is none."""
    flattened = pooled = None
    if not variant.op.sees_all or variant.op.depth_field is None:
        return None, None
    nodes = variant.layer.graph.nodes
    shape, index = variant.inputs[0], nodes[variant.layer.place].inputs[0]
    while True:
        if len(shape) > 1 and flattened is None:
            flattened = shape
        node = nodes[index]
        if node.op.sliding.per_channel:
            return flattened, node.shapes[0]
        if (
            len(node.inputs) != 1
            or node.arrays
            or not (node.op.hidden_by_default or node.op.is_view)
        ):
            return flattened, pooled
        shape, index = node.shapes[0], node.inputs[0]


@slip(
    "no-bias",
    "parameters",
    part="bias",
    formula="W",
    message=message("Weights are not all that is learned here."),
    concept=message("bias"),
)
def no_bias(variant: Variant) -> Iterator[Variant]:
    """W."""
    yield variant._replace(biases=lambda weights, biases, _: 0)


@slip(
    "bias-where-none",
    "parameters",
    part="bias",
    formula="W + K where there are no biases",
    unusual=True,
    message=message("The filters here have no biases: what follows them brings its own shift."),
    concept=message("convolution without bias before batch normalisation"),
    flavours={"units": message("The units here have no biases.")},
    concepts={"units": message("bias")},
)
def bias_where_none(variant: Variant) -> Iterator[Variant]:
    """Give filters biases that they do not have."""
    op = variant.op
    if op.depth_field is not None and getattr(op, "bias", None) is False:
        yield variant._replace(op=op.changed(bias=True))


@slip(
    "one-bias",
    "parameters",
    part="bias",
    formula="W + 1",
    message=message("A layer does not have a single bias: each filter, or each unit, has its own."),
    concept=message("bias"),
)
def one_bias(variant: Variant) -> Iterator[Variant]:
    """W + 1."""
    yield variant._replace(biases=lambda weights, biases, _: min(biases, 1))


@slip(
    "bias-per-weight",
    "parameters",
    part="bias",
    formula="2W",
    rare=True,
    message=message("A bias belongs to a whole filter, not to each of its weights."),
    concept=message("bias"),
    flavours={"units": message("A bias belongs to a whole unit, not to each of its weights.")},
)
def bias_per_weight(variant: Variant) -> Iterator[Variant]:
    """2W."""
    yield variant._replace(biases=lambda weights, biases, _: weights if biases else 0)


@slip(
    "no-input-depth",
    "parameters",
    "operations",
    part="depth",
    formula="F·F·K + B; of operations F·F·K·O_h·O_w",
    message=message(
        "A filter is as deep as its input: it has weights for every input map that it sees."
    ),
    concept=message("a filter extends the full depth"),
    flavours={"units": message("A unit has a weight for every value of every map that arrives.")},
    concepts={"units": message("flatten")},
)
def no_input_depth(variant: Variant) -> Iterator[Variant]:
    """F·F·K + B: one input map for each group; an fc after a map sees one map."""
    op = variant.op
    if op.depth_field is not None and len(variant.inputs[0]) > 1:
        connections = {
            name: value for name, value in ungrouped(op).items() if name == "connections"
        }
        yield with_depth(variant, getattr(op, "groups", 1), **connections)


@slip(
    "no-filters",
    "parameters",
    "operations",
    part="filters",
    formula="F·F·(C/g) + 1; of operations F·F·(C/g)·O_h·O_w",
    message=message("This is one filter; the layer has several."),
    concept=message("number of filters"),
    flavours={"units": message("This is one unit; the layer has several.")},
    concepts={"units": message("fully connected layer")},
)
def no_filters(variant: Variant) -> Iterator[Variant]:
    """F·F·(C/g) + 1: a single filter."""
    op = variant.op
    if op.depth_field is None:
        return
    shape = variant.inputs[0]
    channels = shape[-1] // getattr(op, "groups", 1)
    yield with_depth(variant, channels, **{**ungrouped(op), op.depth_field: 1})


@slip(
    "no-groups",
    "parameters",
    "operations",
    part="groups",
    formula="F·F·C·K + B; of operations F·F·C·K·O_h·O_w",
    message=message("Here a filter sees only some of the input maps."),
    concept=message("grouped convolution"),
)
def no_groups(variant: Variant) -> Iterator[Variant]:
    """F·F·C·K + B: every filter sees every input map."""
    if is_grouped(variant.op):
        yield variant._replace(op=variant.op.changed(**ungrouped(variant.op)))


@slip(
    "times-positions",
    "parameters",
    part="positions",
    formula="(W + B)·O_h·O_w",
    rare=True,
    message=message("A filter has the same weights at every position; they are counted once."),
    concept=message("parameter sharing"),
)
def times_positions(variant: Variant) -> Iterator[Variant]:
    """(W + B)·O_h·O_w: no weights are shared."""
    yield variant._replace(unshared=True)


@slip(
    "pool-has-weights",
    "parameters",
    part="op",
    formula="F·F·C·C + C",
    swaps_op=True,
    message=message("Pooling takes a maximum or a mean; think about what it would learn."),
    concept=message("pooling"),
)
def pool_has_weights(variant: Variant) -> Iterator[Variant]:
    """F·F·C·C + C: a conv of C filters."""
    conv = variant.op.sliding.as_conv(variant.inputs[0]) if variant.op.sliding.per_channel else None
    if conv is not None:
        yield variant._replace(op=conv)


@slip(
    "kernel-one-axis",
    "parameters",
    part="kernel",
    formula="F·(C/g)·K + B",
    rare=True,
    message=message("A kernel has a height and a width."),
    concept=message("kernel size"),
)
def kernel_one_axis(variant: Variant) -> Iterator[Variant]:
    """F·(C/g)·K + B: a square kernel as a line."""
    sides = {window.kernel for window in variant.slid}
    if has_filters(variant) and len(sides) == 1:
        kernel = (*sides, *(1,) * (len(variant.slid) - 1))
        yield variant._replace(op=variant.op.changed(kernel=kernel), windows=variant.slid)


@slip(
    "flatten-channels-only",
    "parameters",
    "operations",
    part="depth",
    formula="C·U + U; of operations C·U",
    message=message(
        "The whole map is flattened before this layer, all its positions, not its channels alone."
    ),
    concept=message("flatten"),
)
def flatten_channels_only(variant: Variant) -> Iterator[Variant]:
    """C·U + U."""
    flattened, _ = map_before(variant)
    if flattened is not None and positions(flattened) > 1:
        yield variant._replace(inputs=((flattened[-1],),))


@slip(
    "flatten-before-pool",
    "parameters",
    "operations",
    part="depth",
    formula="the elements before the last pool · U + U; of operations without + U",
    message=message("Look at which map is flattened: a pool has made it smaller."),
    concept=message("flatten"),
)
def flatten_before_pool(variant: Variant) -> Iterator[Variant]:
    """Yield the elements before the last pool · U + U."""
    _, pooled = map_before(variant)
    if pooled is not None:
        yield variant._replace(inputs=((elements(pooled),),))


@slip(
    "bias-of-inputs",
    "parameters",
    part="bias",
    formula="W + C; for an fc W + n",
    rare=True,
    message=message("Biases belong to the outputs of a layer, not to its inputs."),
    concept=message("bias"),
)
def bias_of_inputs(variant: Variant) -> Iterator[Variant]:
    """W + C; for an fc W + n."""
    if variant.op.depth_field is None:
        return

    def count(weights: int, biases: int, variant: Variant) -> int:
        shape = variant.inputs[0]
        return 0 if not biases else elements(shape) if variant.op.sees_all else shape[-1]

    yield variant._replace(biases=count)


@slip(
    "swapped-channels",
    "parameters",
    part="depth",
    formula="F·F·(K/g)·K + B",
    rare=True,
    message=message(
        "How deep a filter is and how many filters there are is not the same: one comes from "
        "the input, the other makes the output."
    ),
    concept=message("input channels and filters"),
)
def swapped_channels(variant: Variant) -> Iterator[Variant]:
    """F·F·(K/g)·K + B."""
    op = variant.op
    if op.depth_field is not None and variant.slid:
        yield with_depth(variant, getattr(op, op.depth_field))


@slip(
    "bn-buffers-counted",
    "parameters",
    part="buffers",
    formula="4C for 2C",
    message=message("Running means and variances are kept, but not learned by gradient descent."),
    concept=message("batch normalisation: γ and β"),
)
def bn_buffers_counted(variant: Variant) -> Iterator[Variant]:
    """4C for 2C."""
    yield variant._replace(buffers=True)


@slip(
    "first-layer-depth",
    "parameters",
    part="depth",
    formula="F·F·(the network's input channels)·K + B",
    rare=True,
    message=message(
        "This layer does not see the image: its filters are as deep as the output of the "
        "layer before."
    ),
    concept=message("a filter extends the full depth"),
)
def first_layer_depth(variant: Variant) -> Iterator[Variant]:
    """F·F·(the network's input channels)·K + B."""
    if has_filters(variant) and variant.inputs[0][-1] != variant.layer.graph.input[-1]:
        yield with_depth(variant, variant.layer.graph.input[-1], **ungrouped(variant.op))


@slip(
    "pool-kernel-counted",
    "parameters",
    part="op",
    formula="F·F; F·F·C",
    swaps_op=True,
    unusual=True,
    message=message("The window of a pool holds no weights: it takes a maximum or a mean."),
    concept=message("pooling"),
    flavours={
        "trained": message(
            "This pool learns one factor and one bias for each map, however large its window is."
        )
    },
)
def pool_kernel_counted(variant: Variant) -> Iterator[Variant]:
    """Count the window of a pool as weights, once or for each channel."""
    conv = variant.op.sliding.as_conv(variant.inputs[0]) if variant.op.sliding.per_channel else None
    if conv is None or conv.depth_field is None:
        return
    of_one = variant._replace(op=conv, biases=lambda weights, biases, _: 0)
    for channels in (1, variant.inputs[0][-1]):
        yield with_depth(of_one, channels, **{conv.depth_field: 1})


@slip(
    "bias-per-kernel",
    "parameters",
    part="bias",
    formula="W + (C/g)·K",
    unusual=True,
    message=message("A filter has one bias, however deep it is."),
    concept=message("bias"),
)
def bias_per_kernel(variant: Variant) -> Iterator[Variant]:
    """Give each plane of a filter a bias of its own."""
    if has_filters(variant):
        planes = variant.inputs[0][-1] // getattr(variant.op, "groups", 1)
        yield variant._replace(biases=lambda weights, biases, _: biases * planes)


@slip(
    "bias-per-position",
    "parameters",
    part="bias",
    formula="W + O_h·O_w·K",
    unusual=True,
    message=message("A filter adds the same bias at every position."),
    concept=message("parameter sharing"),
)
def bias_per_position(variant: Variant) -> Iterator[Variant]:
    """Give each value of the output a bias of its own."""
    if has_filters(variant):
        places = positions(variant.op.output_of(variant.inputs))
        yield variant._replace(biases=lambda weights, biases, _: biases * places)


@slip(
    "kernel-sides-added",
    "parameters",
    part="kernel",
    formula="(F + F)·(C/g)·K + B",
    unusual=True,
    message=message("The positions of a kernel are its height times its width."),
    concept=message("kernel size"),
)
def kernel_sides_added(variant: Variant) -> Iterator[Variant]:
    """Add the sides of a kernel where they are multiplied."""
    sides = [window.kernel for window in variant.slid]
    if has_filters(variant) and len(sides) > 1:
        yield with_weights(variant, sum(sides), prod(sides))


@slip(
    "depth-added",
    "parameters",
    part="depth",
    formula="(F·F + C/g)·K + B",
    unusual=True,
    message=message("A filter has a whole kernel for each input map that it sees."),
    concept=message("a filter extends the full depth"),
)
def depth_added(variant: Variant) -> Iterator[Variant]:
    """Add the depth to the kernel's positions where it is multiplied."""
    if has_filters(variant) and getattr(variant.op, "connections", None) is None:
        taps = prod(window.kernel for window in variant.slid)
        depth = variant.inputs[0][-1] // getattr(variant.op, "groups", 1)
        if 1 not in (taps, depth):
            yield with_weights(variant, taps + depth, taps * depth)


@slip(
    "groups-divide-both",
    "parameters",
    "operations",
    part="groups",
    formula="F·F·(C/g)·(K/g) + B",
    unusual=True,
    message=message("Groups make each filter shallower; there are as many filters as before."),
    concept=message("grouped convolution"),
)
def groups_divide_both(variant: Variant) -> Iterator[Variant]:
    """Divide the filters by the groups too, not the depth alone."""
    groups = getattr(variant.op, "groups", 1)
    if groups > 1 and variant.op.depth_field is not None:
        filters = getattr(variant.op, variant.op.depth_field)
        fields = {"groups": 1, variant.op.depth_field: filters // groups}
        changed = with_depth(variant, variant.inputs[0][-1] // groups, **fields)
        yield changed._replace(biases=lambda weights, biases, _: biases * groups if biases else 0)


@slip(
    "depthwise-and-pointwise",
    "parameters",
    "operations",
    part="groups",
    formula="F·F·C + C·K",
    unusual=True,
    message=message(
        "This counts a pointwise convolution as well; asked for is the depthwise one by itself."
    ),
    concept=message("depthwise separable convolution"),
)
def depthwise_and_pointwise(variant: Variant) -> Iterator[Variant]:
    """Count a 1×1 convolution behind a depthwise one with it: of as many filters, or of those that follow."""
    groups = getattr(variant.op, "groups", 1)
    channels = variant.inputs[0][-1] if variant.inputs else 0
    if groups > 1 and groups == channels and variant.op.depth_field is not None:
        taps = prod(window.kernel for window in variant.slid)
        for filters in dict.fromkeys((channels, _filters_behind(variant))):
            yield with_weights(variant, taps + filters, taps)


def _filters_behind(variant: Variant) -> int:
    """Return the depth that the next layer of filters makes of a layer's output; its own where there is none."""
    nodes = variant.layer.graph.nodes
    for node in nodes[variant.layer.place + 1 :]:
        if node.op.depth_field is not None:
            return node.output[-1]
    return variant.node.output[-1]
