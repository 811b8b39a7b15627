"""Slips with a size: of a conv's or pool's output, of its depth, of what comes out of a merge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.homework.slips.base import Surroundings, numbers_slip, slip
from cnncalc.homework.variant import Value, Variant
from cnncalc.ops.shapes import elements, same_window
from cnncalc.text.messages import message

MAX_BRANCH_LAYERS = 64
"""The layers of a block are looked through for so many."""


def _windows(variant: Variant, **changed: Any) -> Iterator[Variant]:
    """With the windows changed, where that changes one."""
    windows = tuple(window._replace(**changed) for window in variant.slid)
    if windows != variant.slid:
        yield variant._replace(windows=windows)


@slip(
    "no-plus-one",
    "size",
    part="plus one",
    formula="floor((N + p + q − d(F−1) − 1)/S)",
    message=message(
        "The filter also stands at its first position before it takes a step: the steps are "
        "one fewer than the positions."
    ),
    concept=message("output size, the + 1"),
)
def no_plus_one(variant: Variant) -> Iterator[Variant]:
    """Yield the quotient rounded down, whatever the op does, and no more."""
    if variant.op.sliding.counts_windows:
        yield variant._replace(less=variant.less + 1, up=variant.up or False)


@slip(
    "no-padding",
    "size",
    part="padding",
    formula="p = q = 0",
    message=message(
        "This layer pads its input; the padding belongs to the size that the filter slides over."
    ),
    concept=message("zero padding"),
    flavours={
        "transposed": message(
            "Padding of a transposed convolution crops the output: it makes it smaller."
        )
    },
)
def no_padding(variant: Variant) -> Iterator[Variant]:
    """p = q = 0."""
    return _windows(variant, before=0, after=0)


@slip(
    "padding-once",
    "size",
    part="padding",
    formula="q = 0",
    message=message("Padding is added on both sides of an axis, so it counts twice."),
    concept=message("zero padding, 2P"),
    flavours={
        "transposed": message(
            "Padding of a transposed convolution crops the output at both ends of an axis."
        )
    },
)
def padding_once(variant: Variant) -> Iterator[Variant]:
    """q = 0."""
    return _windows(variant, after=0)


@slip(
    "no-stride",
    "size",
    part="stride",
    formula="S = 1",
    message=message("This filter moves more than one position at a time."),
    concept=message("stride"),
)
def no_stride(variant: Variant) -> Iterator[Variant]:
    """Move every window by one, with padding to match where it is `same`; of a block, keep the size that arrives."""
    yield from _windows(variant, stride=1)
    if getattr(variant.op, "pad", None) == "same":
        sizes = variant.inputs[0]
        bare = (window._replace(stride=1) for window in variant.slid)
        windows = (same_window(size, window) for size, window in zip(sizes, bare, strict=False))
        yield variant._replace(windows=tuple(windows))
    arriving = variant.layer.arriving
    if variant.op.merges:
        right = variant.op.output_of(variant.inputs)
        if len(arriving) == len(right) and arriving[:-1] != right[:-1]:
            yield variant._replace(shape=(*arriving[:-1], right[-1]))


@slip(
    "rounded-up",
    "size",
    part="rounding",
    formula="ceil where floor is right",
    message=message(
        "The filter does not fit a whole number of times; this layer leaves out the window "
        "that would reach past the edge."
    ),
    concept=message("rounding of the output size"),
)
def rounded_up(variant: Variant) -> Iterator[Variant]:
    """ceil for floor."""
    if variant.op.sliding.counts_windows:
        yield variant._replace(up=True)


@slip(
    "rounded-down",
    "size",
    part="rounding",
    formula="floor where ceil is right",
    message=message(
        "The window does not fit a whole number of times; this pool keeps the last, partly "
        "filled window."
    ),
    concept=message("ceil mode of pooling"),
)
def rounded_down(variant: Variant) -> Iterator[Variant]:
    """floor for ceil."""
    if variant.op.sliding.counts_windows:
        yield variant._replace(up=False)


@slip(
    "no-dilation",
    "size",
    part="dilation",
    formula="d = 1",
    message=message("A dilated kernel has gaps: it spans more positions than it has weights."),
    concept=message("dilated convolution"),
)
def no_dilation(variant: Variant) -> Iterator[Variant]:
    """d = 1."""
    return _windows(variant, dilation=1)


@slip(
    "dilation-times-kernel",
    "size",
    part="dilation",
    formula="a kernel of d·F",
    unusual=True,
    message=message(
        "A dilated kernel spans from its first weight to its last: the gaps are one fewer "
        "than the weights."
    ),
    concept=message("dilated convolution"),
)
def dilation_times_kernel(variant: Variant) -> Iterator[Variant]:
    """Take a dilated kernel for d·F positions wide."""
    windows = tuple(
        window._replace(kernel=window.kernel * window.dilation, dilation=1)
        for window in variant.slid
    )
    if windows != variant.slid:
        yield variant._replace(windows=windows)


@numbers_slip(
    "depth-left-out",
    "size",
    part="depth",
    formula="the size along the axes, no channels",
    unusual=True,
    message=message("The size along the axes is right; the output also has a depth."),
    concept=message("shape of an output: height, width, depth"),
)
def depth_left_out(question: Surroundings) -> Iterator[Value]:
    """Give the size along all axes, or along one, and no depth."""
    if isinstance(question.right, tuple) and len(question.right) > 2:
        yield question.right[:-1]
        if len(set(question.right[:-1])) == 1:
            yield (*(1,) * (len(question.right) - 1), question.right[0])


@slip(
    "kept-input-depth",
    "size",
    part="depth",
    formula="C channels for K",
    message=message("The depth of the output is not that of the input: each filter makes one map."),
    concept=message("number of filters and output depth"),
)
def kept_input_depth(variant: Variant) -> Iterator[Variant]:
    """C channels for K; an fc has units, and what it keeps is what it flattens."""
    if len(variant.layer.arriving) > 1 and not variant.op.sees_all:
        yield variant._replace(depth=variant.layer.arriving[-1])


@slip(
    "depth-times-filters",
    "size",
    part="depth",
    formula="C·K channels",
    rare=True,
    message=message(
        "A filter spans the full depth of its input and gives one map, not one for each input "
        "channel."
    ),
    concept=message("a filter extends the full depth"),
)
def depth_times_filters(variant: Variant) -> Iterator[Variant]:
    """C·K channels."""
    op = variant.op
    if op.depth_field is not None and variant.slid:
        yield variant._replace(depth=variant.inputs[0][-1] * getattr(op, op.depth_field))


@slip(
    "pool-changed-depth",
    "size",
    part="depth",
    formula="C // S channels",
    rare=True,
    message=message("Pooling works on each channel by itself: it makes maps smaller, not fewer."),
    concept=message("pooling"),
)
def pool_changed_depth(variant: Variant) -> Iterator[Variant]:
    """C // S channels."""
    if variant.op.sliding.per_channel and variant.slid:
        yield variant._replace(depth=variant.inputs[0][-1] // variant.slid[0].stride)


@slip(
    "used-layer-input",
    "size",
    part="shape",
    formula="the layer's input",
    message=message("This is what goes into the layer; asked for is what comes out."),
    concept=message("input and output of a layer"),
)
def used_layer_input(variant: Variant) -> Iterator[Variant]:
    """Yield the shape that arrives."""
    if variant.layer.arriving:
        yield variant._replace(shape=variant.layer.arriving)


@numbers_slip(
    "other-input-size",
    "size",
    "any",
    part="input",
    formula="the whole network from another input: 224 for 227, 28 for 32, and back",
    message=message("Check the size of the image that this network takes."),
    concept=message("the network's input size"),
)
def other_input_size(question: Surroundings) -> Iterator[Value]:
    """Yield the whole network walked from 224 for 227 or 227 for 224 (28 and 32 for one channel)."""
    if question.twin_right is not None:
        yield question.twin_right


@slip(
    "added-for-concat",
    "size",
    part="depth",
    formula="one branch's channels",
    message=message("The branches are stacked along the depth, not added: their depths add up."),
    concept=message("concatenation"),
)
def added_for_concat(variant: Variant) -> Iterator[Variant]:
    """Yield the channels of one branch, whichever."""
    if variant.op.merges:
        for channels in dict.fromkeys(shape[-1] for shape in variant.inputs):
            yield variant._replace(depth=channels)


@slip(
    "concat-for-add",
    "size",
    part="depth",
    formula="the sum of the branches' channels",
    message=message(
        "The branches are added element by element, not stacked along the depth: the depth stays."
    ),
    concept=message("residual connection"),
)
def concat_for_add(variant: Variant) -> Iterator[Variant]:
    """Yield the sum of the branches' channels."""
    if variant.op.merges:
        yield variant._replace(depth=sum(shape[-1] for shape in variant.inputs))


def _is_stack(variant: Variant) -> bool:
    """Whether a layer puts its inputs together along the depth."""
    if len(variant.inputs) < 2:
        return False
    return variant.op.output_of(variant.inputs)[-1] == sum(shape[-1] for shape in variant.inputs)


@slip(
    "branch-left-out",
    "size",
    part="depth",
    formula="the branches' channels without one",
    unusual=True,
    message=message("One of the branches is missing: every branch adds its depth."),
    concept=message("concatenation"),
)
def branch_left_out(variant: Variant) -> Iterator[Variant]:
    """Leave one branch out of the depths that add up."""
    total = sum(shape[-1] for shape in variant.inputs)
    if _is_stack(variant) and len(variant.inputs) > 2:
        for channels in dict.fromkeys(shape[-1] for shape in variant.inputs):
            yield variant._replace(depth=total - channels)


@slip(
    "one-growth",
    "size",
    part="depth",
    formula="what arrives and one layer's new channels",
    unusual=True,
    message=message("Every layer of the block adds its channels, not one of them."),
    concept=message("growth rate of a dense block"),
)
def one_growth(variant: Variant) -> Iterator[Variant]:
    """Count the new channels of a single layer of a dense block."""
    if _is_stack(variant) and variant.layer.arriving:
        yield variant._replace(depth=variant.layer.arriving[-1] + variant.inputs[-1][-1])


@slip(
    "reducers-counted",
    "size",
    part="depth",
    formula="the filters of every layer of the block",
    unusual=True,
    message=message(
        "Only what the branches end in is stacked; layers inside a branch feed the next one."
    ),
    concept=message("inception module"),
)
def reducers_counted(variant: Variant) -> Iterator[Variant]:
    """Count the filters of the layers in the branches too, not of the last ones alone.

    From the last layer back, until a single one is left: there the branches part.
    """
    if not _is_stack(variant):
        return
    nodes = variant.layer.graph.nodes
    ends = nodes[variant.layer.place].inputs
    waiting, filters = set(ends), 0
    for _ in range(MAX_BRANCH_LAYERS):
        if len(waiting) < 2:
            break
        place = max(waiting)
        node = nodes[place]
        filters += node.output[-1] if node.op.depth_field is not None else 0
        waiting = (waiting - {place}) | set(node.inputs)
    kept = sum(nodes[place].output[-1] for place in waiting & set(ends))
    if filters and len(waiting) == 1:
        yield variant._replace(depth=filters + kept)


@slip(
    "expansion-forgotten",
    "size",
    part="depth",
    formula="the channels before the last 1×1 conv",
    unusual=True,
    message=message("The last convolution of this block widens its input."),
    concept=message("bottleneck block, expansion"),
)
def expansion_forgotten(variant: Variant) -> Iterator[Variant]:
    """Give the width of a bottleneck, not what its last layer widens it to."""
    if not variant.op.merges or _is_stack(variant):
        return
    nodes = variant.layer.graph.nodes
    place = nodes[variant.layer.place].inputs[0]
    while nodes[place].op.depth_field is None and len(nodes[place].inputs) == 1:
        place = nodes[place].inputs[0]
    if nodes[place].op.depth_field is not None and nodes[place].shapes:
        yield variant._replace(depth=nodes[place].shapes[0][-1])


@slip(
    "flattened-input",
    "size",
    part="shape",
    formula="the elements that arrive at an fc",
    unusual=True,
    message=message(
        "This is what is flattened and goes in; a layer of units gives one value for each unit."
    ),
    concept=message("fully connected layer"),
)
def flattened_input(variant: Variant) -> Iterator[Variant]:
    """Give what is flattened before an fc as what comes out of it."""
    if variant.op.sees_all and variant.op.depth_field is not None and len(variant.inputs[0]) > 1:
        yield variant._replace(shape=(elements(variant.inputs[0]),))


def _goes_back(variant: Variant) -> bool:
    """Whether a layer is a transposed convolution, or like one."""
    return (
        bool(variant.inputs)
        and not variant.op.sliding.per_channel
        and variant.op.sliding.as_conv(variant.inputs[0]) is not None
    )


@slip(
    "transpose-no-minus-one",
    "size",
    part="plus one",
    formula="N·S − p − q + d(F−1) + 1 + output_pad",
    unusual=True,
    message=message("Between N positions there is one step fewer than N."),
    concept=message("output size of a transposed convolution"),
)
def transpose_no_minus_one(variant: Variant) -> Iterator[Variant]:
    """Count a stride after the last position of the input too."""
    if _goes_back(variant):
        right = variant.op.output_of(variant.inputs)
        strides = (window.stride for window in variant.slid)
        yield variant._replace(
            shape=(
                *(size + stride for size, stride in zip(right, strides, strict=False)),
                right[-1],
            )
        )


@slip(
    "transpose-times-stride",
    "size",
    part="shape",
    formula="N·S",
    unusual=True,
    message=message("The size is not the stride's multiple alone: kernel and padding count too."),
    concept=message("output size of a transposed convolution"),
)
def transpose_times_stride(variant: Variant) -> Iterator[Variant]:
    """Multiply the size by the stride, whatever the kernel and the padding."""
    if _goes_back(variant):
        right = variant.op.output_of(variant.inputs)
        pairs = zip(variant.inputs[0], variant.slid, strict=False)
        yield variant._replace(shape=(*(size * window.stride for size, window in pairs), right[-1]))
