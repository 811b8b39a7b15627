"""Rows for the ONNX ops that compute: convolutions, pools, norms, dense layers, activations and merges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import islice
from math import isclose, prod
from typing import Any

from cnncalc.models.layout import BATCH, MAX_AXES, Form, View, plan
from cnncalc.models.onnx_fold import (
    Constant,
    axes_of,
    axis_at,
    broadcast,
    integer,
    ints,
    real,
    word,
)
from cnncalc.models.onnx_messages import Number, OnnxNode
from cnncalc.models.onnx_patterns import clip_bounds
from cnncalc.models.onnx_reader import GraphReader
from cnncalc.models.rows import UnsupportedError, laid_over
from cnncalc.ops.shapes import AXIS_NAMES, Window, same_window

Handler = Callable[[GraphReader, OnnxNode], None]
Pads = tuple[tuple[int, int], ...]


# ---- windows --------------------------------------------------------------------------------------------------------


def _window_fields(
    reader: GraphReader, node: OnnxNode, row: int, kernel: Sequence[int]
) -> dict[str, Any]:
    """Kernel, stride, dilation and padding of an op that slides over a row."""
    rank = len(kernel)
    sizes = reader.shape(row)[:-1]
    if not rank or len(sizes) != rank:
        raise UnsupportedError(f"a kernel of {rank} axes does not slide over {len(sizes)}")
    ones = (1,) * rank
    stride, dilation = ints(node, "strides", ones), ints(node, "dilations", ones)
    if len(stride) != rank or len(dilation) != rank:
        raise UnsupportedError(f"its strides or dilations are not of {rank} axes")
    fields: dict[str, Any] = {"kernel": tuple(kernel), "stride": stride}
    if any(step != 1 for step in dilation):
        fields["dilation"] = dilation
    pads = _pads(node, sizes, kernel, stride, dilation)
    return fields if pads == ((0, 0),) * rank else {**fields, "pad": pads}


def _pads(
    node: OnnxNode,
    sizes: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> Pads | str:
    """Return the padding before and after each axis: `pads`, or as `auto_pad` has it; `same` as a word."""
    rank = len(kernel)
    mode = word(node, "auto_pad", "NOTSET")
    if mode == "SAME_UPPER":
        return "same"
    if mode == "SAME_LOWER":
        if min(stride) < 1:
            raise UnsupportedError("a stride is below 1")
        windows = (
            same_window(size, Window(kernel[at], stride[at], 0, 0, dilation[at]))
            for at, size in enumerate(sizes)
        )
        return tuple((window.after, window.before) for window in windows)
    pads = ints(node, "pads", (0,) * 2 * rank) if mode != "VALID" else (0,) * 2 * rank
    if len(pads) != 2 * rank:
        raise UnsupportedError(f"its pads are not of {rank} axes")
    return tuple(zip(pads[:rank], pads[rank:], strict=True))


def _cropped_or_padded(
    reader: GraphReader, node: OnnxNode, row: int, fields: dict[str, Any]
) -> int:
    """Return the row with padding that the op itself cannot have, which is taken out of its fields: wider than half a
    pool.
    """
    pads = fields.get("pad", ())
    if isinstance(pads, str) or not any(
        max(pair) > size // 2 for pair, size in zip(pads, fields["kernel"], strict=False)
    ):
        return row
    return reader.row("pad", [row], reader.names.where(node).beside, {"size": fields.pop("pad")})


def conv(reader: GraphReader, node: OnnxNode) -> None:
    """Conv: W is (filters, channels of a group, kernel)."""
    weights = reader.weights(node)
    row, form = reader.as_map(node)
    groups = integer(node, "group", 1)
    channels = reader.shape(row)[-1]
    if len(weights.shape) < 3 or weights.shape[1] * groups != channels:
        raise reader.builder.error(
            f"its weights take {prod(weights.shape[1:2]) * groups} channels, but {channels} arrive",
            node.name or node.op,
        )
    fields = _window_fields(reader, node, row, weights.shape[2:])
    filters = weights.shape[0]
    bias = _conv_bias(reader, node, 2, filters)
    fields.update(filters=filters, groups=groups, bias=bias)
    reader.note_folded_norm(node)
    made = reader.add("conv", node, [row], fields, [weights, reader.constant(node, 2)])
    reader.set_row(node, made, form)


def _conv_bias(reader: GraphReader, node: OnnxNode, at: int, filters: int) -> bool | str:
    """Say whether a convolution has a bias: `position` for more than one of each filter."""
    bias = reader.constant(node, at) if reader.has_bias(node, at) else None
    return "position" if bias is not None and prod(bias.shape) > filters else bias is not None


def table_conv(reader: GraphReader, node: OnnxNode) -> None:
    """Return a convolution each of whose filters sees maps of its own: weights for each filter, a bias last."""
    maps, counts = iter(ints(node, "maps")), ints(node, "counts")
    end = len(counts) + 1
    weights = [reader.weights(node, at) for at in range(1, end)]
    row, form = reader.as_map(node)
    fields = _window_fields(reader, node, row, weights[0].shape[2:])
    fields["connections"] = tuple(tuple(islice(maps, count)) for count in counts)
    fields.update(filters=len(counts), bias=_conv_bias(reader, node, end, len(counts)))
    made = reader.add("conv", node, [row], fields, [*weights, reader.constant(node, end)])
    reader.set_row(node, made, form)


def conv_transpose(reader: GraphReader, node: OnnxNode) -> None:
    """ConvTranspose: W is (channels, filters of a group, kernel)."""
    weights = reader.weights(node)
    row, form = reader.as_map(node)
    groups = integer(node, "group", 1)
    if "output_shape" in node.attributes or word(node, "auto_pad", "NOTSET") == "SAME_LOWER":
        raise UnsupportedError("its padding follows from an output shape")
    if len(weights.shape) < 3:
        raise UnsupportedError("its weights have no kernel")
    fields = _window_fields(reader, node, row, weights.shape[2:])
    output_pad = ints(node, "output_padding")
    if any(output_pad):
        fields["output_pad"] = output_pad
    fields.update(filters=weights.shape[1] * groups, groups=groups, bias=reader.has_bias(node))
    made = reader.add("conv_transpose", node, [row], fields, [weights, reader.constant(node, 2)])
    reader.set_row(node, made, form)


def pool(kind: str) -> Handler:
    """MaxPool and AveragePool. A window of one position stands for an adaptive pool that fits already."""

    def handler(reader: GraphReader, node: OnnxNode) -> None:
        row, form = reader.as_map(node)
        fields = _window_fields(reader, node, row, ints(node, "kernel_shape"))
        if kind == "avgpool" and {*fields["kernel"], *fields["stride"]} == {1}:
            size = reader.shape(row)[:-1]
            reader.set_row(node, reader.add("adaptiveavgpool", node, [row], {"size": size}), form)
            return
        row = _cropped_or_padded(reader, node, row, fields)
        if integer(node, "ceil_mode", 0):
            fields["ceil"] = True
        if kind == "avgpool" and not integer(node, "count_include_pad", 0) and "pad" in fields:
            fields["count_pad"] = False
        reader.set_row(node, reader.add(kind, node, [row], fields), form)

    return handler


def trained_pool(reader: GraphReader, node: OnnxNode) -> None:
    """Return an average pool whose means have a weight and a bias for each map, as LeNet-5's."""
    parts = [reader.weights(node, at) for at in (1, 2)]
    row, form = reader.as_map(node)
    fields = _window_fields(reader, node, row, ints(node, "kernel_shape"))
    fields.update(ceil=bool(integer(node, "ceil_mode", 0)), trainable=True)
    fields["count_pad"] = "pad" not in fields or bool(integer(node, "count_include_pad", 0))
    reader.set_row(node, reader.add("avgpool", node, [row], fields, parts), form)


def adaptive_pool(reader: GraphReader, node: OnnxNode) -> None:
    """Return an adaptive pool that was spelt out."""
    row, form = reader.as_map(node)
    made = reader.add("adaptiveavgpool", node, [row], {"size": ints(node, "size")})
    reader.set_row(node, made, form)


def global_pool(kind: str) -> Handler:
    """GlobalAveragePool and GlobalMaxPool."""

    def handler(reader: GraphReader, node: OnnxNode) -> None:
        row, form = reader.as_map(node)
        reader.set_row(node, reader.add(kind, node, [row]), form)

    return handler


def reduction(how: str, pool: str = "", before: str = "", after: str = "") -> Handler:
    """ReduceMean, ReduceMax, ...: over all of the space, in any order of axes, a mean or maximum is a global pool.

    Of ReduceL2 and the like, `before` is the function of each element, `after` that of each sum.
    """

    def handler(reader: GraphReader, node: OnnxNode) -> None:
        view = reader.view(node)
        rank = len(view.dims)
        given = axes_of(node, reader.inputs(node))
        axes = {axis_at(axis, rank) for axis in given} if given else set(range(rank))
        if 0 in axes:
            raise UnsupportedError("it reduces the batch")
        rest = sorted(set(range(1, rank)) - axes)
        channel = rest[0] if len(rest) == 1 else reader.channel_of([view])
        row, form = reader.ordered(node, view, channel)
        row = reader.add(before, node, [row]) if before else row
        last = len(reader.shape(row)) - 1
        places = {place for axis in axes for place in form[axis]}
        if pool and last and places == set(range(last)):
            row = reader.add(pool, node, [row])
        else:
            for over in _parts(places, last):
                row = reader.add("reduce", node, [row], {"how": how, "over": over})
        row = reader.add(after, node, [row]) if after else row
        kept = reader.whole(row, form)
        reader.set(node, kept if integer(node, "keepdims", 1) else kept.squeezed(axes))

    return handler


def _parts(places: set[int], last: int) -> list[str]:
    """Return what a row is reduced over, one after another: all positions at once, else each axis."""
    words = []
    if last and places >= set(range(last)):
        words.append("positions")
        places = places - set(range(last))
    return [*words, *(axis_word(place, last) for place in sorted(places))]


def axis_word(place: int, last: int) -> str:
    """Return what an axis of a row is called: `height`, ..., or `channels` for the last."""
    return "channels" if place == last else AXIS_NAMES[last][place]


# ---- norms ----------------------------------------------------------------------------------------------------------


def batch_norm(reader: GraphReader, node: OnnxNode) -> None:
    """BatchNormalization: scale, shift and the running statistics."""
    parts = [reader.constant(node, at) for at in range(1, 5)]
    row, form = reader.as_map(node)
    fields = _affine(parts)
    reader.set_row(node, reader.add("bn", node, [row], fields, parts), form)


def _affine(parts: Sequence[Constant | None]) -> dict[str, Any]:
    """Which of the scale and the shift are learned."""
    learned = [part is not None and bool(part.parameter) for part in parts[:2]]
    return {"gamma": learned[0], "beta": len(learned) > 1 and learned[1]}


def instance_norm(reader: GraphReader, node: OnnxNode) -> None:
    """InstanceNormalization."""
    parts = [reader.constant(node, at) for at in (1, 2)]
    row, form = reader.as_map(node)
    reader.set_row(node, reader.add("instancenorm", node, [row], _affine(parts), parts), form)


def group_norm(reader: GraphReader, node: OnnxNode) -> None:
    """GroupNormalization."""
    parts = [reader.constant(node, at) for at in (1, 2)]
    row, form = reader.as_map(node)
    fields = {"groups": integer(node, "num_groups", 1), **_affine(parts)}
    reader.set_row(node, reader.add("groupnorm", node, [row], fields, parts), form)


def layer_norm(reader: GraphReader, node: OnnxNode) -> None:
    """LayerNormalization over the last axis."""
    parts = [reader.constant(node, at) for at in (1, 2)]
    _over_last(reader, node, "layernorm", _affine(parts), parts)


def rms_norm(reader: GraphReader, node: OnnxNode) -> None:
    """RMSNormalization over the last axis."""
    scale = reader.constant(node, 1)
    learned = scale is not None and bool(scale.parameter)
    _over_last(reader, node, "rmsnorm", {"gamma": learned}, [scale])


def _over_last(
    reader: GraphReader,
    node: OnnxNode,
    kind: str,
    fields: dict[str, Any],
    parts: Sequence[Constant | None],
) -> None:
    """Add a row for a norm over the last axis alone."""
    view = reader.view(node)
    rank = len(view.dims)
    axes = ints(node, "axes", tuple(range(axis_at(integer(node, "axis", -1), rank), rank)))
    if [axis_at(axis, rank) for axis in axes] != [rank - 1]:
        raise UnsupportedError("it normalises over several axes")
    row, form = reader.ordered(node, view, rank - 1)
    reader.set_row(node, reader.add(kind, node, [row], fields, parts), form)


def unit_norm(reader: GraphReader, node: OnnxNode) -> None:
    """LpNormalization by the length, over any axis."""
    if integer(node, "p", 2) != 2:
        raise UnsupportedError("it is not of the length √Σx²")
    view = reader.view(node)
    row, form = reader.ordered(node, view, axis_at(integer(node, "axis", -1), len(view.dims)))
    reader.set_row(node, reader.add("unitnorm", node, [row]), form)


def lrn(reader: GraphReader, node: OnnxNode) -> None:
    """LRN."""
    row, form = reader.as_map(node)
    reader.set_row(node, reader.add("lrn", node, [row], {"size": integer(node, "size", 5)}), form)


# ---- dense layers ---------------------------------------------------------------------------------------------------


def gemm(reader: GraphReader, node: OnnxNode) -> None:
    """Gemm of what arrives and a matrix of weights, transposed or not, and a bias if there is one."""
    weights = reader.weights(node)
    if integer(node, "transA", 0) or len(weights.shape) != 2:
        raise UnsupportedError(
            "the first of its matrices is transposed, or its weights are no matrix"
        )
    size, units = weights.shape[::-1] if integer(node, "transB", 0) else weights.shape
    _dense(reader, node, weights, size, units)


def linear(reader: GraphReader, node: OnnxNode) -> None:
    """Add a product with a matrix of weights, over the last axis."""
    weights = reader.weights(node)
    _dense(reader, node, weights, *weights.shape)


def _dense(reader: GraphReader, node: OnnxNode, weights: Constant, size: int, units: int) -> None:
    """Add a row for a dense layer over the last axis of what arrives."""
    view = reader.view(node)
    if view.sizes[-1] != size:
        raise reader.builder.error(
            f"its weights take {size} values, but {view.sizes[-1]} arrive", node.name or node.op
        )
    by_example = all(atom.axis == BATCH or atom.size == 1 for atom in view.dims[0])
    kind = "fc" if len(view.dims) == 2 and by_example else "linear"
    row, form = reader.ordered(node, view, -1, flat=kind == "fc")
    fields = {"units": units, "bias": reader.has_bias(node)}
    made = reader.add(kind, node, [row], fields, [weights, reader.constant(node, 2)])
    reader.set_row(node, made, form)


def matmul(reader: GraphReader, node: OnnxNode) -> None:
    """MatMul of two tensors that the network computes, as in attention: n·m·k products for each pair of matrices."""
    first, second = reader.view(node), reader.view(node, 1)
    if min(len(first.dims), len(second.dims)) < 2 or first.sizes[-1] != second.sizes[-2]:
        raise UnsupportedError("its matrices do not go together")
    try:
        _matrices(reader, node, first, second)
    except UnsupportedError:  # more axes than a map has
        lead = broadcast(first.sizes[:-2], second.sizes[:-2])
        sizes = (*lead, first.sizes[-2], second.sizes[-1])
        _product(reader, node, [first, second], sizes, prod(sizes) * first.sizes[-1])


def _matrices(reader: GraphReader, node: OnnxNode, first: View, second: View) -> None:
    """Add a row for a product of matrices in maps; the second is taken as it lies, or turned.

    Raises UnsupportedError.
    """
    rank = len(first.dims)
    if len(second.dims) != rank or rank < 3:
        raise UnsupportedError("its tensors are no maps of one rank")
    turned = second.permuted([*range(rank - 2), rank - 1, rank - 2])
    planned = plan(turned, reader.shape(second.node), rank - 1)
    transpose = planned is not None and not planned.needed
    row, form = reader.ordered(node, first, -1)
    other, _ = reader.ordered(node, turned if transpose else second, -1)
    fields = {"transpose": True} if transpose else {}
    reader.set_row(node, reader.add("matmul", node, [row, other], fields), form)


def einsum(reader: GraphReader, node: OnnxNode) -> None:
    """Einsum of two tensors: a product for each combination of all its indices."""
    equation = word(node, "equation").replace(" ", "")
    taken, arrow, made = equation.partition("->")
    terms = taken.split(",")
    views = [reader.view(node, at) for at in range(len(node.inputs))]
    if not arrow or len(terms) != len(views) or len(views) != 2 or "." in equation:
        raise UnsupportedError(f"'{equation}' is not a product of two tensors")
    sizes: dict[str, int] = {}
    for term, view in zip(terms, views, strict=True):
        if len(term) != len(view.dims):
            raise UnsupportedError(f"'{equation}' does not suit its tensors")
        sizes.update(zip(term, view.sizes, strict=True))
    if not set(made) <= set(sizes):
        raise UnsupportedError(f"'{equation}' makes an index that it does not take")
    _product(reader, node, views, tuple(sizes[index] for index in made), prod(sizes.values()))


def _product(
    reader: GraphReader, node: OnnxNode, views: Sequence[View], sizes: tuple[int, ...], macs: int
) -> None:
    """Add a row for a product of two tensors of the network, the batch first in what it makes."""
    if not sizes or sizes[0] % reader.batch:
        raise UnsupportedError("its first axis is not the batch")
    own = (sizes[0] // reader.batch, *sizes[1:])
    shape = own[1:] if own[0] == 1 else own
    if not 1 <= len(shape) <= MAX_AXES:
        raise UnsupportedError(f"a result of {len(sizes)} axes is no map")
    fields = {"of": node.op, "output": shape, "macs": macs // reader.batch}
    made = reader.add("opaque", node, [view.node for view in views], fields)
    form = ((BATCH,), *((at,) for at in range(len(shape))))
    reader.set_row(node, made, form if own[0] == 1 else ((BATCH, 0), *form[2:]))


# ---- elementwise ----------------------------------------------------------------------------------------------------


def pointwise(kind: str) -> Handler:
    """Return a function of each element: the axes stay what they are."""

    def handler(reader: GraphReader, node: OnnxNode) -> None:
        _on_each(reader, node, kind, {})

    return handler


def _on_each(
    reader: GraphReader,
    node: OnnxNode,
    kind: str,
    fields: dict[str, Any],
    parameters: Sequence[Constant | None] = (),
    view: View | None = None,
) -> None:
    view = reader.view(node) if view is None else view
    made = reader.add(kind, node, [view.node], fields, parameters)
    reader.set(node, view._replace(node=made))


def clip(reader: GraphReader, node: OnnxNode) -> None:
    """Clip: from 0 to 6 it is ReLU6, from 0 upwards ReLU."""
    constants = {
        name: tensor
        for name, tensor in zip(node.inputs, reader.inputs(node), strict=True)
        if isinstance(tensor, Constant)
    }
    kinds: dict[tuple[float | None, float | None], str] = {
        (0.0, 6.0): "relu6",
        (0.0, None): "relu",
        (-1.0, 1.0): "hardtanh",
    }
    _on_each(reader, node, kinds.get(clip_bounds(node, constants), "clip"), {})


def prelu(reader: GraphReader, node: OnnxNode) -> None:
    """PRelu, with one slope or one for each channel."""
    slope = reader.weights(node)
    _on_each(reader, node, "prelu", {"shared": prod(slope.shape) == 1}, [slope])


def dropout(reader: GraphReader, node: OnnxNode) -> None:
    """Dropout, whose rate is an attribute in older files and an input in newer ones."""
    given = reader.constant(node, 1)
    number = given.number if given is not None else None
    rate = real(node, "ratio", 0.5) if number is None else float(number)
    _on_each(reader, node, "dropout", {"rate": exact(rate)})


def exact(number: float) -> Fraction:
    """Return a number that a file has in 32 bits, as it was written: 0.2, not 0.200000003."""
    return Fraction(f"{number:.6g}")


def softmax(kind: str) -> Handler:
    """Softmax over the channels, which older files say by the axis that the rest is flattened from."""

    def handler(reader: GraphReader, node: OnnxNode) -> None:
        view = reader.view(node)
        axis = axis_at(integer(node, "axis", -1 if reader.opset >= 13 else 1), len(view.dims))
        if reader.opset < 13 and prod(view.sizes[axis + 1 :]) > 1:
            raise UnsupportedError("it is over several axes at once")
        row, form = reader.ordered(node, view, axis)
        reader.set_row(node, reader.add(kind, node, [row]), form)

    return handler


# ---- merges ---------------------------------------------------------------------------------------------------------


def merge(kind: str) -> Handler:
    """Add, Mul, ...: of two or more tensors, or of one and a constant."""

    def handler(reader: GraphReader, node: OnnxNode) -> None:
        tensors = reader.inputs(node)
        views = [tensor for tensor in tensors if isinstance(tensor, View)]
        constants = [tensor for tensor in tensors if isinstance(tensor, Constant)]
        if len(views) + len(constants) != len(tensors) or not views:
            raise UnsupportedError("it takes other things than tensors")
        if constants:
            _with_constant(reader, node, kind, views, constants)
        else:
            _merged(reader, node, kind, views)

    return handler


def _merged(reader: GraphReader, node: OnnxNode, kind: str, views: list[View]) -> None:
    """Add a row for several tensors of one shape, or some laid over the largest."""
    if len(views) == 1:
        reader.set(node, views[0])
        return
    rows, form = reader.align(views, reader.names.where(node))
    fields = laid_over([reader.shape(row) for row in rows])
    reader.set_row(node, reader.add(kind, node, rows, fields), form)


def _with_constant(
    reader: GraphReader, node: OnnxNode, kind: str, views: list[View], constants: list[Constant]
) -> None:
    """Add a row for one tensor and a constant: a number, or a parameter for each channel."""
    if len(views) != 1 or len(constants) != 1:
        raise UnsupportedError("it takes several tensors and constants")
    view, constant = views[0], constants[0]
    if broadcast(view.sizes, constant.shape) != view.sizes and constant.number is None:
        raise UnsupportedError("its constant is larger than the tensor")
    if not constant.parameter or constant.number is not None:
        _with_number(reader, node, kind, view, constant)
        return
    learned = {"multiply": {"gamma": True, "beta": False}, "add": {"gamma": False, "beta": True}}
    if kind not in learned:
        stated(reader, node, view, constant.held)
        return
    places = _by_parameter(reader, node, view, constant)
    if places is None:
        stated(reader, node, view, constant.held)
        return
    row, form, per = places
    fields = {**learned[kind], "per": per}
    reader.set_row(node, reader.add("affine", node, [row], fields, [constant]), form)


def _by_parameter(
    reader: GraphReader, node: OnnxNode, view: View, constant: Constant
) -> tuple[int, Form, str] | None:
    """Return a row, how the tensor lies in it, and what of it has a learned value of its own: channel, position or
    element.

    None for a parameter of any other shape, or one that a table of others was looked up in.
    """
    sizes = (1,) * (len(view.dims) - len(constant.shape)) + constant.shape
    wide = {at for at, size in enumerate(sizes) if size > 1}
    if 0 in wide or constant.held != prod(constant.shape) or len(view.dims) > MAX_AXES + 1:
        return None
    channel = min(wide) if len(wide) == 1 else reader.channel_of([view])
    all_wide = {at for at, size in enumerate(view.sizes) if size > 1 and at}
    known = {"channel": {channel}, "position": all_wide - {channel}, "element": all_wide}
    for per, expected in known.items():
        if wide == expected:
            return (*reader.ordered(node, view, channel), per)
    return None


def _with_number(
    reader: GraphReader, node: OnnxNode, kind: str, view: View, constant: Constant
) -> None:
    """Add a row for a product or a sum with a number."""
    number = constant.number
    if number is None:
        stated(reader, node, view)
        return
    is_first = isinstance(reader.tensor(node.inputs[0]), Constant)
    if kind == "divide" and is_first and number == 1:
        _on_each(reader, node, "reciprocal", {}, view=view)
    elif kind == "divide" and is_first:
        stated(reader, node, view)
    elif kind in ("maximum", "minimum"):
        _on_each(reader, node, "clip", {}, view=view)
    else:
        _on_each(reader, node, "scale", _factor(kind, number, is_first), view=view)


def _factor(kind: str, number: Number, is_first: bool) -> dict[str, Any]:
    """Return what a number makes of each element. Raises UnsupportedError where it makes nothing of it."""
    if kind == "subtract" and is_first:
        return {"factor": -1, "offset": exact(number)}
    if kind in ("add", "subtract"):
        return {"offset": exact(-number if kind == "subtract" else number)}
    if kind not in ("multiply", "divide") or not number:
        raise UnsupportedError("it takes a number that it cannot take")
    return {"factor": exact(1 / number if kind == "divide" else number)}


def stated(reader: GraphReader, node: OnnxNode, view: View | None = None, params: int = 0) -> None:
    """Add a row for an op on each element that has no counterpart here: no products, and so many parameters."""
    view = reader.view(node) if view is None else view
    fields = {"of": node.op, "output": reader.shape(view.node), "params": params}
    made = reader.add("opaque", node, [view.node], fields)
    reader.set(node, view._replace(node=made))


def power(reader: GraphReader, node: OnnxNode) -> None:
    """Pow with a constant."""
    exponent = reader.constant(node, 1)
    number = exponent.number if exponent is not None else None
    _on_each(reader, node, "square" if number == 2 else "power", {})


def negative(reader: GraphReader, node: OnnxNode) -> None:
    """Neg."""
    _on_each(reader, node, "scale", {"factor": -1})


def hard_sigmoid(reader: GraphReader, node: OnnxNode) -> None:
    """HardSigmoid, whose slope is 0.2 unless given: a function of the same steps."""
    alpha = real(node, "alpha", 0.2)
    if not (isclose(alpha, 1 / 6, rel_tol=1e-4) or isclose(alpha, 0.2, rel_tol=1e-4)):
        raise UnsupportedError(f"its slope is {alpha:g}")
    _on_each(reader, node, "hardsigmoid", {})


def shrink(reader: GraphReader, node: OnnxNode) -> None:
    """Shrink: with a bias each value is drawn towards 0, without one those near 0 are 0."""
    _on_each(reader, node, "softshrink" if real(node, "bias", 0.0) else "hardshrink", {})


LAYERS: dict[str, Handler] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "MaxPool": pool("maxpool"),
    "AveragePool": pool("avgpool"),
    "TableConv": table_conv,
    "TrainedPool": trained_pool,
    "AdaptiveAveragePool": adaptive_pool,
    "GlobalAveragePool": global_pool("globalavgpool"),
    "GlobalMaxPool": global_pool("globalmaxpool"),
    "ReduceMean": reduction("mean", "globalavgpool"),
    "ReduceMax": reduction("maximum", "globalmaxpool"),
    "ReduceMin": reduction("minimum"),
    "ReduceSum": reduction("sum"),
    "ReduceL1": reduction("sum", before="abs"),
    "ReduceL2": reduction("sum", before="square", after="sqrt"),
    "ReduceSumSquare": reduction("sum", before="square"),
    "ReduceLogSum": reduction("sum", after="log"),
    "ReduceLogSumExp": reduction("sum", before="exp", after="log"),
    "BatchNormalization": batch_norm,
    "InstanceNormalization": instance_norm,
    "GroupNormalization": group_norm,
    "LayerNormalization": layer_norm,
    "RMSNormalization": rms_norm,
    "LpNormalization": unit_norm,
    "LRN": lrn,
    "Gemm": gemm,
    "Linear": linear,
    "MatMul": matmul,
    "Einsum": einsum,
    "Relu": pointwise("relu"),
    "LeakyRelu": pointwise("leaky_relu"),
    "PRelu": prelu,
    "Elu": pointwise("elu"),
    "Selu": pointwise("selu"),
    "Celu": pointwise("celu"),
    "Gelu": pointwise("gelu"),
    "Silu": pointwise("silu"),
    "Swish": pointwise("silu"),
    "Mish": pointwise("mish"),
    "HardSwish": pointwise("hardswish"),
    "HardSigmoid": hard_sigmoid,
    "Shrink": shrink,
    "Sigmoid": pointwise("sigmoid"),
    "Tanh": pointwise("tanh"),
    "Softplus": pointwise("softplus"),
    "Softsign": pointwise("softsign"),
    "Clip": clip,
    "Dropout": dropout,
    "Softmax": softmax("softmax"),
    "LogSoftmax": softmax("log_softmax"),
    **{
        op: pointwise(op.lower())
        for op in ("Abs", "Cos", "Erf", "Exp", "Log", "Reciprocal", "Sin", "Sqrt")
    },
    **dict.fromkeys(("Ceil", "Floor", "Round", "Sign"), stated),
    "Pow": power,
    "Neg": negative,
    "Add": merge("add"),
    "Sum": merge("add"),
    "Sub": merge("subtract"),
    "Mul": merge("multiply"),
    "Div": merge("divide"),
    "Mean": merge("average"),
    "Max": merge("maximum"),
    "Min": merge("minimum"),
}
"""The ops that compute, by name."""
