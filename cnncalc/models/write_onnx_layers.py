"""Each op in ONNX's: the ops that a layer is, on tensors with the batch and the channels first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cnncalc.models.code import NoCounterpartError
from cnncalc.models.onnx_ops import INT64, OnnxOps, Value
from cnncalc.ops.shapes import AXIS_NAMES, Window, spatial
from cnncalc.spec.graph import Node

RMS_EPSILON = 1.1920929e-07
"""What is added under RMS norm's root: PyTorch's default, the 32-bit precision."""

Maker = Callable[[OnnxOps, Node, list[str]], str]
"""Adds a layer's ops; the tensor that it gives. May raise NoCounterpartError."""


# -- windows -----------------------------------------------------------------------------------------------------------


def _sliding(windows: Sequence[Window]) -> dict[str, Value]:
    """Give the attributes of an op with windows; those that are what they are without are left out."""
    attributes: dict[str, Value] = {
        "kernel_shape": [window.kernel for window in windows],
        "strides": [window.stride for window in windows],
    }
    if any(window.dilation > 1 for window in windows):
        attributes["dilations"] = [window.dilation for window in windows]
    if any(window.before or window.after for window in windows):
        attributes["pads"] = [w.before for w in windows] + [w.after for w in windows]
    return attributes


def _conv(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    windows = op.windows(node.shapes[0])
    tensor = inputs[0]
    if op.pad_mode != "zeros":
        ends = [(window.before, window.after) for window in windows]
        pads, mode = _padding([(0, 0), *ends], op.pad_mode)
        tensor = ops.op_beside("pad", "Pad", tensor, ops.integers(pads), mode=mode)
        windows = [window._replace(before=0, after=0) for window in windows]
    if op.connections is not None:
        tensor = _by_table(ops, node, tensor, _sliding(windows))
    elif op.is_uniform:
        return ops.op("Conv", tensor, *_weights(ops), **_sliding(windows), group=int(op.groups))
    else:
        tensor = ops.op("Conv", tensor, ops.weight(), **_sliding(windows), group=int(op.groups))
    return _plus_bias(ops, node, tensor)


def _by_table(ops: OnnxOps, node: Node, tensor: str, sliding: Mapping[str, Value]) -> str:
    """Add a convolution of its own for each filter, which takes the maps that the filter sees."""
    op: Any = node.op
    filters = []
    for number, maps in enumerate(op.connections):
        taken = ops.op("Gather", tensor, ops.integers(maps), axis=1)
        weight = ops.weight_of(number, (1, len(maps), *op.kernel))
        filters.append(ops.op("Conv", taken, weight, **sliding))
    return ops.op("Concat", *filters, axis=1)


def _plus_bias(ops: OnnxOps, node: Node, tensor: str) -> str:
    """Add a bias for each channel or each element, where the layer has one."""
    shapes = [array.shape for array in node.arrays if array.name == "bias"]
    if not shapes:
        return tensor
    shape = shapes[0] if len(shapes[0]) > 1 else (*shapes[0], *(1,) * node.op.rank)
    return ops.op("Add", tensor, ops.weight("bias", shape))


def _weights(ops: OnnxOps) -> list[str]:
    return [name for name in (ops.weight(), ops.weight("bias")) if name]


def _conv_transpose(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Add a transposed convolution; where its kernel is shorter than its stride `same` fills the rest."""
    op: Any = node.op
    windows = op.windows(node.shapes[0])
    extra = list(op.output_pad)
    if op.pad == "same":
        extra = [max(window.stride - window.extent, 0) for window in windows]
    more: dict[str, Value] = {"output_padding": extra} if any(extra) else {}
    attributes = {**_sliding(windows), **more, "group": int(op.groups)}
    return ops.op("ConvTranspose", inputs[0], *_weights(ops), **attributes)


def _max_pool(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    return ops.op("MaxPool", inputs[0], **_pooling(node, is_mean=False))


def _avg_pool(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Add a pool; LeNet-5's multiplies each map's means by a weight, and adds a bias."""
    op: Any = node.op
    attributes = _pooling(node, is_mean=True)
    if "pads" in attributes:
        attributes["count_include_pad"] = int(op.count_pad)
    tensor = ops.op("AveragePool", inputs[0], **attributes)
    if not op.trainable:
        return tensor
    shape = (node.output[-1], *(1,) * op.rank)
    return _plus_bias(ops, node, ops.op("Mul", tensor, ops.weight("weight", shape)))


def _pooling(node: Node, *, is_mean: bool) -> dict[str, Value]:
    """Give a pool's attributes: sizes are rounded up, but where that would add a window that sees padding alone."""
    op: Any = node.op
    windows = op.windows(node.shapes[0])
    if not op.ceil:
        return _sliding(windows)
    sizes = list(zip(node.shapes[0], node.output, windows, strict=False))
    if all(-(-_spare(size, w) // w.stride) + 1 == out for size, out, w in sizes):
        return {**_sliding(windows), "ceil_mode": 1}
    exact = [
        w._replace(after=max((out - 1) * w.stride - _spare(size, w) + w.after, 0))
        for size, out, w in sizes
    ]
    if is_mean and any(window.before for window in windows):
        raise NoCounterpartError("the last window of its mean is dropped, which ONNX's is not")
    return _sliding(exact)


def _spare(size: int, window: Window) -> int:
    return size + window.before + window.after - window.extent


def _plain(kind: str, **attributes: Value) -> Maker:
    """Return an op whose attributes are the same for every node."""
    return lambda ops, node, inputs: ops.op(kind, *inputs, **attributes)


def _adaptive(kind: str) -> Maker:
    """Return a pool to a size: over the whole map, or in bins of one size, as the output's divides the input's."""

    def make(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
        sizes = list(zip(spatial(node.shapes[0]), spatial(node.output), strict=True))
        if all(out == 1 for _, out in sizes):
            return ops.op(f"Global{kind}", inputs[0])
        if any(size % out for size, out in sizes):
            raise NoCounterpartError("its bins are not of one size, and ONNX has no such pool")
        bins = [Window(size // out, size // out, 0, 0) for size, out in sizes]
        return ops.op(kind, inputs[0], **_sliding(bins))

    return make


def _reduce(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    *positions, channels = op.reduced()
    axes = [axis for axis, gone in enumerate([channels, *positions], 1) if gone]
    kind = {"mean": "ReduceMean", "sum": "ReduceSum", "maximum": "ReduceMax"}
    keep = int(op.keep or channels)
    return ops.op(kind.get(op.how, "ReduceMin"), inputs[0], ops.integers(axes), keepdims=keep)


# -- dense layers and norms --------------------------------------------------------------------------------------------


def _fc(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    tensor = inputs[0]
    if len(node.shapes[0]) > 1:
        tensor = ops.op_beside("flatten", "Flatten", tensor, axis=1)
    return ops.op("Gemm", tensor, *_weights(ops), transB=1)


def _linear(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Add a product with a matrix over the channels, which are the last axis for it."""
    rank = len(node.output) - 1
    if not rank:
        return ops.op("Gemm", inputs[0], *_weights(ops), transB=1)
    tensor = ops.channels_last(inputs[0], rank)
    tensor = ops.op("MatMul", tensor, ops.weight("weight", node.arrays[0].shape[::-1]))
    if ops.weight("bias"):
        tensor = ops.op("Add", tensor, ops.weight("bias"))
    return ops.channels_first(tensor, rank)


def _batch_norm(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    size = node.output[-1]
    parts = [ops.weight_or("gamma", size, 1.0), ops.weight_or("beta", size, 0.0)]
    statistics = [array.name for array in node.arrays if array.role == "buffers"]
    return ops.op("BatchNormalization", *inputs, *parts, *map(ops.weight, statistics))


def _layer_norm(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    rank = len(node.output) - 1
    parts = [ops.weight_or("gamma", node.output[-1], 1.0), ops.weight("beta")]
    tensor = ops.channels_last(inputs[0], rank)
    made = ops.op("LayerNormalization", tensor, *filter(None, parts), axis=-1)
    return ops.channels_first(made, rank)


def _rms_norm(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Add x/√(mean of x² + ε), spelt out: ONNX has an op of it from opset 23 on."""
    rank = len(node.output) - 1
    tensor = ops.channels_last(inputs[0], rank)
    squares = ops.op("Mul", tensor, tensor)
    mean = ops.op("ReduceMean", squares, ops.integers([-1]), keepdims=1)
    root = ops.op("Sqrt", ops.op("Add", mean, ops.constant([RMS_EPSILON], ())))
    made = ops.op("Div", tensor, root)
    if ops.weight("gamma"):
        made = ops.op("Mul", made, ops.weight("gamma"))
    return ops.channels_first(made, rank)


def _embedding(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Add a row of a table for each number that arrives, which is an integer."""
    tensor = ops.channels_last(inputs[0], len(node.shapes[0]) - 1)
    numbers = ops.op("Cast", tensor, to=INT64)
    return ops.channels_first(ops.op("Gather", ops.weight(), numbers, axis=0), len(node.output) - 1)


def _scaled_norm(kind: str, **attributes: Value) -> Maker:
    """Return a norm that always takes a scale and a shift for each channel."""

    def make(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
        size = node.output[-1]
        parts = [ops.weight_or("gamma", size, 1.0), ops.weight_or("beta", size, 0.0)]
        groups: dict[str, Value] = {}
        if kind == "GroupNormalization":
            groups["num_groups"] = int(getattr(node.op, "groups", 1))
        return ops.op(kind, *inputs, *parts, **groups, **attributes)

    return make


def _lrn(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    if op.size % 2 == 0:
        raise NoCounterpartError(
            "its window is even, and ONNX's has the odd channel at the other end"
        )
    return ops.op("LRN", *inputs, size=int(op.size))


def _affine(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Add a learned product, a learned sum, or both."""
    tensor = inputs[0]
    for array in node.arrays:
        shape = array.shape
        if node.op.rank and len(shape) == 1 and shape[0] == node.output[-1]:
            shape = (*shape, *(1,) * node.op.rank)
        elif len(shape) == node.op.rank:
            shape = (1, *shape)
        kind = "Mul" if array.role == "weights" else "Add"
        tensor = ops.op(kind, tensor, ops.weight(array.name, shape))
    return tensor


# -- element by element ------------------------------------------------------------------------------------------------


def _clip(low: float, high: float) -> Maker:
    def make(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
        return ops.op("Clip", *inputs, ops.constant([low], ()), ops.constant([high], ()))

    return make


def _silu(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    return ops.op("Mul", *inputs, ops.op("Sigmoid", *inputs))


def _chain(*kinds: str) -> Maker:
    """Return ops each of what the one before it gives."""

    def make(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
        (tensor,) = inputs
        for kind in kinds:
            tensor = ops.op(kind, tensor)
        return tensor

    return make


def _tanhshrink(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    return ops.op("Sub", *inputs, ops.op("Tanh", *inputs))


def _square(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    return ops.op("Pow", *inputs, ops.constant([2.0], ()))


def _glu(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    half = node.output[-1]
    first, second = (_cut(ops, inputs[0], {1: (start, start + half, 1)}) for start in (0, half))
    return ops.op("Mul", first, ops.op("Sigmoid", second))


def _prelu(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    (array,) = node.arrays
    shape = (*array.shape, *(1,) * (len(node.output) - 1))
    return ops.op("PRelu", *inputs, ops.weight(array.name, shape))


def _dropout(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    return ops.op("Dropout", *inputs, ops.constant([float(op.rate)], ()))


def _scale(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    tensor = inputs[0]
    if op.factor != 1 or op.offset == 0:
        tensor = ops.op("Mul", tensor, ops.constant([float(op.factor)], ()))
    if op.offset != 0:
        tensor = ops.op("Add", tensor, ops.constant([float(op.offset)], ()))
    return tensor


# -- several maps ------------------------------------------------------------------------------------------------------


def _aligned(ops: OnnxOps, node: Node, inputs: list[str]) -> list[str]:
    """Give vectors that are laid over a map axes of one position."""
    rank = len(node.output)
    return [
        tensor
        if len(shape) == rank
        else ops.op("Unsqueeze", tensor, ops.integers(range(len(shape) + 1, rank + 1)))
        for tensor, shape in zip(inputs, node.shapes, strict=True)
    ]


def _merge(kind: str, several: str = "") -> Maker:
    """Return an op of two tensors, or of any number where there is one: else one after another."""

    def make(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
        first, *others = _aligned(ops, node, inputs)
        if several and len(others) != 1:
            return ops.op(several, first, *others)
        for other in others:
            first = ops.op(kind, first, other)
        return first

    return make


def _concat(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    return ops.op("Concat", *inputs, axis=(op.place() + 1) % len(node.output) + 1)


def _matmul(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Add a product of matrices, whose last axis is the channels."""
    op: Any = node.op
    rank = len(node.output) - 1
    first, second = (ops.channels_last(tensor, rank) for tensor in inputs)
    if op.transpose:
        second = ops.op("Transpose", second, perm=(*range(rank), rank + 1, rank))
    return ops.channels_first(ops.op("MatMul", first, second), rank)


# -- order and shape ---------------------------------------------------------------------------------------------------


def _reshape(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    return _regrouped(ops, inputs[0], (node.output[-1], *spatial(node.output)))


def _regrouped(ops: OnnxOps, tensor: str, sizes: Sequence[int]) -> str:
    """Give the same values in other sizes, behind the batch."""
    return ops.op("Reshape", tensor, ops.integers([0, *sizes]))


def _cut(ops: OnnxOps, tensor: str, parts: Mapping[int, tuple[int, int, int]]) -> str:
    """Take, along some axes, the positions from a first up to but without an end, every so many."""
    starts, ends, steps = zip(*parts.values(), strict=True)
    given = [ops.integers(values) for values in (starts, ends, parts, steps)]
    return ops.op("Slice", tensor, *given)


def _slice(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    shape = node.shapes[0]
    parts = {1: (*(op.channels or (0, shape[-1])), 1)}
    for axis, (part, step) in enumerate(zip(op.parts(shape), op.stride, strict=True), 2):
        parts[axis] = (*part, step)
    whole = {1: shape[-1], **dict(enumerate(spatial(shape), 2))}
    cut = {axis: part for axis, part in parts.items() if part != (0, whole[axis], 1)}
    return _cut(ops, inputs[0], cut) if cut else ops.op("Identity", *inputs)


def _crop(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    ends = op.ends(node.shapes[0])
    sizes = zip(spatial(node.shapes[0]), ends, strict=True)
    parts = {axis: (a, size - b, 1) for axis, (size, (a, b)) in enumerate(sizes, 2)}
    return _cut(ops, inputs[0], parts)


_PAD_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def _pad(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    pads, mode = _padding([op.channels, *op.size], op.mode)
    return ops.op("Pad", *inputs, ops.integers(pads), mode=mode)


def _padding(ends: Sequence[tuple[int, int]], mode: str) -> tuple[list[int], str]:
    """Give how much is put around the batch, the channels and each axis, and what."""
    pads = [0, *(before for before, _ in ends), 0, *(after for _, after in ends)]
    return pads, _PAD_MODES[mode]


def _shuffle(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Split the channels into groups, and exchange the two."""
    op: Any = node.op
    *positions, channels = node.output
    tensor = _regrouped(ops, inputs[0], (op.groups, channels // op.groups, *positions))
    order = (0, 2, 1, *range(3, len(positions) + 3))
    tensor = ops.op("Transpose", tensor, perm=order)
    return _regrouped(ops, tensor, (channels, *positions))


def _upsample(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    mode = {"nearest": "nearest", "bicubic": "cubic"}.get(op.mode, "linear")
    place = "align_corners" if op.align_corners else "half_pixel"
    how: dict[str, Value] = {"mode": mode, "coordinate_transformation_mode": place}
    if mode == "nearest":
        how = {**how, "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return _resized(ops, node, inputs[0], how)


def _resized(ops: OnnxOps, node: Node, tensor: str, how: Mapping[str, Value]) -> str:
    """Add a resizing by whole scales, or to sizes."""
    sizes = list(zip(spatial(node.output), spatial(node.shapes[0]) or (1,) * 3, strict=False))
    if not any(out % size for out, size in sizes):
        scales = [1.0, 1.0, *(float(out // size) for out, size in sizes)]
        return ops.op("Resize", tensor, "", ops.constant(scales, (len(scales),)), **how)
    axes = range(2, len(node.output) + 1)
    given = ops.integers(spatial(node.output))
    return ops.op("Resize", tensor, "", "", given, axes=list(axes), **how)


def _broadcast(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Add a vector as a map of one position, which is repeated."""
    rank = len(node.output) - 1
    tensor = inputs[0]
    if len(node.shapes[0]) == 1:
        tensor = ops.op("Unsqueeze", tensor, ops.integers(range(2, rank + 2)))
    how = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return _resized(ops, node, tensor, {"mode": "nearest", **how})


def _scale_of(node: Node) -> int:
    """Give the one scale of a pixel shuffle of two axes."""
    op: Any = node.op
    if op.rank != 2 or len(set(op.scale)) > 1:
        raise NoCounterpartError("it is not of two axes and one scale")
    return int(op.scale[0])


def _pixel_shuffle(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    return ops.op("DepthToSpace", *inputs, blocksize=_scale_of(node), mode="CRD")


def _pixel_unshuffle(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Lay positions out as channels, each channel's own together: SpaceToDepth would put those of a position so."""
    r = _scale_of(node)
    height, width, channels = node.shapes[0]
    tensor = _regrouped(ops, inputs[0], (channels, height // r, r, width // r, r))
    tensor = ops.op("Transpose", tensor, perm=(0, 1, 3, 5, 2, 4))
    return _regrouped(ops, tensor, (channels * r * r, height // r, width // r))


def _permute(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    op: Any = node.op
    names = (*AXIS_NAMES[op.rank], "channels")
    order = [names.index(name) for name in op.order]
    places = [order[-1], *order[:-1]]
    return ops.op(
        "Transpose", *inputs, perm=[0, *(1 if at == op.rank else at + 2 for at in places)]
    )


_ALIKE = (
    *("Sigmoid", "Tanh", "Softplus", "Softsign", "Abs", "Exp", "Log", "Sqrt", "Erf", "Sin", "Cos"),
    "Reciprocal",
)
"""Functions of an element that have the same name there."""

LAYERS: Mapping[str, Maker] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "maxpool": _max_pool,
    "avgpool": _avg_pool,
    "globalavgpool": _plain("GlobalAveragePool"),
    "globalmaxpool": _plain("GlobalMaxPool"),
    "adaptiveavgpool": _adaptive("AveragePool"),
    "adaptivemaxpool": _adaptive("MaxPool"),
    "reduce": _reduce,
    "fc": _fc,
    "linear": _linear,
    "bn": _batch_norm,
    "layernorm": _layer_norm,
    "groupnorm": _scaled_norm("GroupNormalization"),
    "instancenorm": _scaled_norm("InstanceNormalization"),
    "rmsnorm": _rms_norm,
    "embedding": _embedding,
    "unitnorm": _plain("LpNormalization", axis=1, p=2),
    "lrn": _lrn,
    "affine": _affine,
    "relu": _plain("Relu"),
    "relu6": _clip(0.0, 6.0),
    "hardtanh": _clip(-1.0, 1.0),
    "leaky_relu": _plain("LeakyRelu", alpha=0.01),
    "elu": _plain("Elu"),
    "selu": _plain("Selu"),
    "celu": _plain("Celu"),
    "gelu": _plain("Gelu"),
    "silu": _silu,
    "mish": _plain("Mish"),
    "hardswish": _plain("HardSwish"),
    "hardsigmoid": _plain("HardSigmoid", alpha=1 / 6, beta=0.5),
    "hardshrink": _plain("Shrink", lambd=0.5, bias=0.0),
    "softshrink": _plain("Shrink", lambd=0.5, bias=0.5),
    "tanhshrink": _tanhshrink,
    "logsigmoid": _chain("Sigmoid", "Log"),
    "rsqrt": _chain("Sqrt", "Reciprocal"),
    "square": _square,
    "glu": _glu,
    "prelu": _prelu,
    "softmax": _plain("Softmax", axis=1),
    "log_softmax": _plain("LogSoftmax", axis=1),
    "dropout": _dropout,
    "stochastic_depth": _plain("Identity"),
    "identity": _plain("Identity"),
    "scale": _scale,
    "concat": _concat,
    "add": _merge("Add", "Sum"),
    "subtract": _merge("Sub"),
    "multiply": _merge("Mul"),
    "divide": _merge("Div"),
    "average": _merge("Mean", "Mean"),
    "maximum": _merge("Max", "Max"),
    "minimum": _merge("Min", "Min"),
    "matmul": _matmul,
    "flatten": _plain("Flatten", axis=1),
    "reshape": _reshape,
    "slice": _slice,
    "crop": _crop,
    "pad": _pad,
    "shuffle": _shuffle,
    "upsample": _upsample,
    "pixel_shuffle": _pixel_shuffle,
    "pixel_unshuffle": _pixel_unshuffle,
    "permute": _permute,
    "broadcast": _broadcast,
    **{kind.lower(): _plain(kind) for kind in _ALIKE},
}
"""The ops of each layer."""

__all__ = ["LAYERS"]
