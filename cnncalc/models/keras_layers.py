"""Keras's layers to ours: one small function for each family, and the table of them at the end.

Keras puts the channels last unless a layer's `data_format` says otherwise. A layer's `activation` is a row of its own
behind it, and a separable convolution two, `depthwise` and `pointwise`, in a scope of the layer's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from cnncalc.models.keras import Here
from cnncalc.models.layout import BATCH, View, channels_last, whole
from cnncalc.models.rows import RowAdder, UnsupportedError, laid_over
from cnncalc.ops import OP_ALIASES, OPS
from cnncalc.ops.shapes import AXIS_NAMES
from cnncalc.text.exact import read_exact

POINTWISE = frozenset(kind for kind, op in OPS.items() if op.family == "pointwise")
Handler = Callable[[RowAdder, Here, list[View]], View]


def _channel(here: Here, view: View) -> int:
    """Return the axis of the channels, by the layer's `data_format`."""
    return 1 if here.get("data_format") == "channels_first" else len(view.dims) - 1


def _per_axis(value: Any, rank: int) -> tuple[int, ...]:
    """Return a field of one number for each axis; one number stands for all."""
    numbers = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    return numbers * rank if len(numbers) == 1 else numbers


def _exact(number: Any) -> Fraction:
    """Return a number as it was typed: 0.1 is 1/10."""
    return read_exact(str(number[0] if isinstance(number, list) else number))


def _single(arrived: Sequence[View]) -> View:
    """Return the one tensor that arrives. Raises UnsupportedError for several."""
    if len(arrived) != 1:
        raise UnsupportedError
    return arrived[0]


def _layer(
    rows: RowAdder, here: Here, view: View, channel: int, kind: str, fields: dict[str, Any]
) -> View:
    """Return a row for a layer that takes a map, and one for its activation."""
    node, form = rows.arrange(view, channel, here.where)
    made = rows.row(kind, [node], here.where, fields, here.weights)
    return _activated(rows, here, rows.whole(made, form))


# -- activations ------------------------------------------------------------------------------------------------------


def _word(activation: Any) -> str:
    """Return what an activation is called; one that is an object, by its class."""
    if isinstance(activation, dict):
        inner = activation.get("config")
        return inner if isinstance(inner, str) else str(activation["class_name"]).lower()
    return str(activation or "linear")


def _activated(rows: RowAdder, here: Here, view: View) -> View:
    """Return the row of the activation that a layer's config names."""
    word = _word(here.config.get("activation"))
    if word == "linear":
        return view
    node = rows.row(_kind_of(word), [view.node], here.where.beside)
    return View(node, view.dims)


def _kind_of(word: str) -> str:
    """Our op for an activation, which most often is called the same."""
    kind = OP_ALIASES.get(word, word)
    if kind not in POINTWISE:
        raise UnsupportedError
    return kind


def _pointwise(
    rows: RowAdder, here: Here, view: View, kind: str, fields: dict[str, Any] | None = None
) -> View:
    """Return a function of each element leaves the order of axes alone."""
    return View(rows.row(kind, [view.node], here.where, fields or {}, here.weights), view.dims)


def _activation(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    view, word = _single(arrived), _word(here.config.get("activation"))
    if word in ("softmax", "log_softmax"):
        return _softmax(word)(rows, here, arrived)
    return _pointwise(rows, here, view, "identity" if word == "linear" else _kind_of(word))


def _relu(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """ReLU, with a largest value or a slope below 0."""
    largest, slope, threshold = (
        here.get("max_value"),
        here.get("negative_slope", 0),
        here.get("threshold", 0),
    )
    if threshold or (largest is not None and (largest != 6 or slope)):
        raise UnsupportedError
    return _pointwise(
        rows, here, _single(arrived), "relu6" if largest else "leaky_relu" if slope else "relu"
    )


def _unary(kind: str) -> Handler:
    return lambda rows, here, arrived: _pointwise(rows, here, _single(arrived), kind)


def _prelu(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """One weight a channel, where all positions share them, or one for all."""
    view = _single(arrived)
    unshared = len(view.dims) - 1 - len(here.get("shared_axes", []))
    if unshared > 1:
        raise UnsupportedError
    return _pointwise(rows, here, view, "prelu", {"shared": not unshared})


def _softmax(kind: str) -> Handler:
    """Softmax over one axis."""

    def handle(rows: RowAdder, here: Here, arrived: list[View]) -> View:
        view, axis = _single(arrived), here.get("axis", -1)
        if isinstance(axis, list):
            raise UnsupportedError
        node, form = rows.arrange(view, axis, here.where)
        return rows.whole(rows.row(kind, [node], here.where), form)

    return handle


def _dropout(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a dropout; one whose noise has one value an example, or one for all, is stochastic depth."""
    view, rate = _single(arrived), {"rate": _exact(here.get("rate", 0.5))}
    batch, *others = here.get("noise_shape", [None, None])
    if others and all(size == 1 for size in others):
        mode = "batch" if batch == 1 else "row"
        return _pointwise(rows, here, view, "stochastic_depth", {**rate, "mode": mode})
    return _pointwise(rows, here, view, "dropout", rate)


def _rescaling(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a constant factor, and an offset."""
    fields = {"factor": _exact(here.get("scale", 1)), "offset": _exact(here.get("offset", 0))}
    return _pointwise(rows, here, _single(arrived), "scale", fields)


def _layer_scale(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """ConvNeXt's own layer: a learned factor for each channel."""
    return _layer(rows, here, _single(arrived), -1, "affine", {"beta": False})


def _with_number(kind: str, field: str) -> Handler:
    """Return an operator of two tensors, or of one and a number: `x * 2` in a functional model."""
    merge = _merge(kind)

    def handle(rows: RowAdder, here: Here, arrived: list[View]) -> View:
        if len(arrived) == 1 and here.numbers:
            return _pointwise(rows, here, arrived[0], "scale", {field: _exact(here.numbers[0])})
        return merge(rows, here, arrived)

    return handle


def _scaled_sum(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Inception-ResNet's own layer: the second tensor, scaled, added to the first."""
    first, second = arrived
    scaled = here._replace(where=here.where._replace(name=f"{here.where.name}/scale"))
    added = here._replace(where=here.where._replace(name=f"{here.where.name}/add"))
    rows.builder.open_scope(here.where.name, here.layer.cls)
    return _merge("add")(rows, added, [first, _rescaling(rows, scaled, [second])])


# -- layers with weights ----------------------------------------------------------------------------------------------


def _conv_fields(here: Here, rank: int, filters: int) -> dict[str, Any]:
    """Return what a convolution's config says."""
    kernel = _per_axis(here.config["kernel_size"], rank)
    dilation = _per_axis(here.get("dilation_rate", 1), rank)
    pad: Any = here.get("padding", "valid")
    if pad == "causal":
        pad = ((dilation[0] * (kernel[0] - 1), 0),)
    return {
        "filters": filters,
        "kernel": kernel,
        "stride": _per_axis(here.get("strides", 1), rank),
        "pad": pad,
        "dilation": dilation,
        "bias": bool(here.get("use_bias", True)),
    }


def _conv(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    view = _single(arrived)
    fields = _conv_fields(here, len(view.dims) - 2, here.config["filters"])
    return _layer(
        rows, here, view, _channel(here, view), "conv", {**fields, "groups": here.get("groups", 1)}
    )


def _table_conv(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a convolution each of whose filters sees maps of its own."""
    view = _single(arrived)
    table = tuple(map(tuple, here.config["connections"]))
    fields = _conv_fields(here, len(view.dims) - 2, len(table))
    return _layer(rows, here, view, -1, "conv", {**fields, "connections": table})


def _position_conv(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a convolution with a bias for each element."""
    view = _single(arrived)
    fields = _conv_fields(here, len(view.dims) - 2, here.config["filters"])
    fields.update(groups=here.get("groups", 1), bias="position")
    return _layer(rows, here, view, _channel(here, view), "conv", fields)


def _depthwise(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a convolution whose groups are the channels."""
    view = _single(arrived)
    channel = _channel(here, view)
    return _layer(rows, here, view, channel, "conv", _depthwise_fields(here, view, channel))


def _depthwise_fields(here: Here, view: View, channel: int) -> dict[str, Any]:
    channels = view.sizes[channel]
    filters = channels * here.get("depth_multiplier", 1)
    return {**_conv_fields(here, len(view.dims) - 2, filters), "groups": channels}


def _separable(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a depthwise convolution without a bias and a pointwise one with it."""
    view = _single(arrived)
    channel = _channel(here, view)
    node, form = rows.arrange(view, channel, here.where)
    depthwise = {**_depthwise_fields(here, view, channel), "bias": False}
    pointwise = {
        "filters": here.config["filters"],
        "kernel": 1,
        "bias": bool(here.get("use_bias", True)),
    }
    for part, fields in (("depthwise", depthwise), ("pointwise", pointwise)):
        where = here.where._replace(name=f"{here.where.name}/{part}")
        node = rows.row("conv", [node], where, fields, f"{here.weights}/{part}")
    rows.builder.open_scope(here.where.name, here.layer.cls)
    return _activated(rows, here, rows.whole(node, form))


def _conv_transpose(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Compute an axis: `valid` gives (N - 1)S + max(F, S).

    `same` N·S, or with an `output_padding` P (N - 1)S + F - 2⌊F/2⌋ + P.
    """
    view = _single(arrived)
    rank = len(view.dims) - 2
    fields = _conv_fields(here, rank, here.config["filters"])
    extents = [
        step * (size - 1) + 1
        for size, step in zip(fields["kernel"], fields["dilation"], strict=True)
    ]
    extra = here.get("output_padding")
    if extra is not None:
        fields["output_pad"] = _per_axis(extra, rank)
    elif fields["pad"] == "valid":
        short = (
            max(stride - extent, 0)
            for stride, extent in zip(fields["stride"], extents, strict=True)
        )
        fields["output_pad"] = tuple(short)
    if fields["pad"] == "same" and extra is not None:
        fields["pad"] = tuple((extent // 2, extent // 2) for extent in extents)
    return _layer(rows, here, view, _channel(here, view), "conv_transpose", fields)


def _dense(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a fully connected layer over the last axis."""
    view = _single(arrived)
    node, form = rows.arrange(view, -1, here.where, flat=True)
    kind = "linear" if sum(axes != (BATCH,) for axes in form) > 1 else "fc"
    fields = {"units": here.config["units"], "bias": bool(here.get("use_bias", True))}
    made = rows.row(kind, [node], here.where, fields, here.weights)
    return _activated(rows, here, rows.whole(made, form))


def _norm(kind: str) -> Handler:
    """Batch, layer and group norm over one axis of channels."""

    def handle(rows: RowAdder, here: Here, arrived: list[View]) -> View:
        view, axis = _single(arrived), here.get("axis", -1)
        if isinstance(axis, list):
            (axis,) = axis if len(axis) == 1 else (None,)
        if axis is None:
            raise UnsupportedError
        fields = {"gamma": bool(here.get("scale", True)), "beta": bool(here.get("center", True))}
        if kind == "groupnorm":
            groups = here.get("groups", 32)
            fields["groups"] = view.sizes[axis] if groups == -1 else groups
        return _layer(rows, here, view, axis, kind, fields)

    return handle


def _rms_norm(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """RMS norm over the last axis."""
    if here.get("axis", -1) not in (-1, [-1]):
        raise UnsupportedError
    return _layer(rows, here, _single(arrived), -1, "rmsnorm", {})


def _embedding(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a vector for each number that arrives."""
    view = _single(arrived)
    fields = {"entries": here.config["input_dim"], "units": here.config["output_dim"]}
    node, form = rows.arrange(view, -1, here.where)
    made = rows.row("embedding", [node], here.where, fields, here.weights)
    return rows.whole(made, (*form, (len(rows.builder.shape(made)) - 1,)))


def _attention(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Multi-head attention; Keras gives the query, the value and perhaps the key, in that order."""
    query, value, *rest = arrived if len(arrived) > 1 else (arrived[0], arrived[0])
    views = [query, *(rest or [value]), value]
    if not all(len(view.dims) == 3 for view in views):
        raise UnsupportedError
    nodes = [rows.arrange(view, -1, here.where)[0] for view in views]
    units = here.get("output_shape")
    fields = {
        "heads": here.config["num_heads"],
        "key_dim": here.config["key_dim"],
        "value_dim": here.get("value_dim", here.config["key_dim"]),
        "bias": bool(here.get("use_bias", True)),
        "dropout": _exact(here.get("dropout", 0)),
    }
    if units is not None:
        fields["units"] = prod(units) if isinstance(units, list) else int(units)
    made = rows.row("attention", _distinct(nodes), here.where, fields, here.weights)
    return rows.whole(made, channels_last(2))


def _distinct(nodes: list[int]) -> list[int]:
    """Query, key and value as an attention takes them: one for all three, or one for the last two."""
    query, key, value = nodes
    if query == key == value:
        return [query]
    return [query, key] if key == value else nodes


def _normalization(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a mean and a variance for each channel, which are no parameters, as batch norm's are none.

    Keras's count of examples, one number, is not counted. A mean that the config gives is a constant.
    """
    view, axis = _single(arrived), here.get("axis", -1)
    axes = axis if isinstance(axis, list) else [axis]
    if here.get("mean") is not None or len(axes) != 1:
        return _pointwise(rows, here, view, "scale", {"factor": 1})
    return _layer(rows, here, view, axes[0], "bn", {"affine": False})


# -- pools ------------------------------------------------------------------------------------------------------------


def _pool(kind: str, **more: Any) -> Handler:
    def handle(rows: RowAdder, here: Here, arrived: list[View]) -> View:
        view = _single(arrived)
        rank = len(view.dims) - 2
        size = _per_axis(here.config["pool_size"], rank)
        fields = {
            "kernel": size,
            "stride": _per_axis(here.get("strides", size), rank),
            "pad": here.get("padding", "valid"),
            **more,
        }
        if kind == "avgpool":
            fields["count_pad"] = False
        return _layer(rows, here, view, _channel(here, view), kind, fields)

    return handle


def _adaptive(kind: str) -> Handler:
    def handle(rows: RowAdder, here: Here, arrived: list[View]) -> View:
        view = _single(arrived)
        size = _per_axis(here.config["output_size"], len(view.dims) - 2)
        return _layer(rows, here, view, _channel(here, view), kind, {"size": size})

    return handle


def _global_pool(kind: str) -> Handler:
    """Return a pool over all positions; its axes go unless they are kept."""

    def handle(rows: RowAdder, here: Here, arrived: list[View]) -> View:
        view = _single(arrived)
        channel = _channel(here, view)
        node, form = rows.arrange(view, channel, here.where)
        pooled = rows.whole(rows.row(kind, [node], here.where), form)
        if here.get("keepdims", False):
            return pooled
        return pooled.squeezed(axis for axis in range(1, len(form)) if axis != channel)

    return handle


# -- several tensors --------------------------------------------------------------------------------------------------


def _merge(kind: str) -> Handler:
    """Tensors of one shape, or some laid over the largest; a vector is laid over a map as it is."""

    def handle(rows: RowAdder, here: Here, arrived: list[View]) -> View:
        if len(arrived) < 2:
            raise UnsupportedError
        rank = max(len(view.dims) for view in arrived)
        maps = [view for view in arrived if len(view.dims) > 2 or rank == 2]
        aligned, form = rows.align([_raised(view, rank) for view in maps], here.where)
        merged = iter(aligned)
        nodes = [
            next(merged) if view in maps else rows.arrange(view, 1, here.where)[0]
            for view in arrived
        ]
        fields = laid_over([rows.builder.shape(node) for node in nodes])
        return rows.whole(rows.row(kind, nodes, here.where, fields), form)

    return handle


def _raised(view: View, rank: int) -> View:
    """With axes of one position behind the batch, as where a tensor has fewer axes than another."""
    while len(view.dims) < rank:
        view = view.unsqueezed(1)
    return view


def _concatenate(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Along the channels, or along another axis."""
    rank = len(arrived[0].dims)
    axis = here.get("axis", -1) % rank
    channel = rows.channel_of(arrived)
    channels = {view.channel(len(rows.builder.shape(view.node))) for view in arrived} - {None}
    if not channels or channel == axis:
        parts = [rows.arrange(view, axis, here.where) for view in arrived]
        node = rows.row("concat", [node for node, _ in parts], here.where)
        return rows.whole(node, parts[0][1])
    nodes, form = rows.align(arrived, here.where)
    word = AXIS_NAMES[rank - 2][form[axis][-1]]
    return rows.whole(rows.row("concat", nodes, here.where, {"axis": word}), form)


# -- order and shape --------------------------------------------------------------------------------------------------


def _stated(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return what only moves values, or computes each by itself: no parameters, no multiply-accumulates, the file's
    shape.
    """
    if here.shape is None or None in here.shape[1:]:
        raise UnsupportedError
    shape = here.shape[1:]
    fields = {"output": shape, "of": here.layer.cls}
    node = rows.row("opaque", [view.node for view in arrived], here.where, fields)
    return rows.whole(node, channels_last(len(shape)))


def _flatten(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    view = _single(arrived)
    size = prod(view.sizes[1:])
    node = view.node
    if rows.builder.shape(node) != (size,):
        node = rows.row("flatten", [node], here.where)
    return whole(node, (size,), channels_last(1), rows.batch)


def _reshape(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Another shape of the same elements; -1 stands for what is left."""
    view = _single(arrived)
    sizes = [int(size) for size in here.config["target_shape"]]
    if -1 in sizes:
        known = prod(size for size in sizes if size != -1)
        sizes[sizes.index(-1)] = prod(view.sizes[1:]) // max(known, 1)
    shape = tuple(sizes)
    if not 1 <= len(shape) <= 4:
        raise UnsupportedError
    node = rows.row("reshape", [view.node], here.where, {"shape": shape})
    return whole(node, shape, channels_last(len(shape)), rows.batch)


def _permute(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Another order of the axes, from 1; no row, as nothing is computed."""
    return _single(arrived).permuted((0, *here.config["dims"]))


def _repeat_vector(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    node, _ = rows.arrange(_single(arrived), -1, here.where)
    made = rows.row("broadcast", [node], here.where, {"size": (here.config["n"],)})
    return rows.whole(made, channels_last(2))


def _around(kind: str, key: str) -> Handler:
    """Positions put around each axis, or taken off."""

    def handle(rows: RowAdder, here: Here, arrived: list[View]) -> View:
        view = _single(arrived)
        rank = len(view.dims) - 2
        given = here.config[key]
        pairs = (
            [given] if rank == 1 and isinstance(given, list) and type(given[0]) is int else given
        )
        ends = tuple(
            tuple(pair) if isinstance(pair, list) else (pair, pair)
            for pair in _per_axis(pairs, rank)
        )
        return _layer(rows, here, view, _channel(here, view), kind, {"size": ends})

    return handle


def _sliced(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return some positions or channels: `x[:, ::2, :, 8:16]`, with the whole batch."""
    view = _single(arrived)
    given = here.arguments[1]
    if not isinstance(given, list) or not all(isinstance(part, dict) for part in given):
        raise UnsupportedError
    parts = _all_parts(given, len(view.dims))
    node, form = rows.arrange(view, len(view.dims) - 1, here.where)
    ranges, steps = [], []
    for size, part in zip(view.sizes[1:], parts[1:], strict=True):
        first, stop, step = slice(*map(part.get, ("start", "stop", "step"))).indices(size)
        if step < 1:
            raise UnsupportedError
        ranges.append("all" if (first, stop) == (0, size) else (first, stop))
        steps.append(step)
    if steps.pop() != 1 or any(part.get(key) for key in ("start", "stop") for part in parts[:1]):
        raise UnsupportedError
    fields = {"channels": ranges.pop(), "stride": tuple(steps), "positions": tuple(ranges)}
    return rows.whole(rows.row("slice", [node], here.where, fields), form)


def _all_parts(given: list[Any], rank: int) -> list[Any]:
    """Return the slice along each axis; an ellipsis, or what is not written, stands for whole ones."""
    words = [part["class_name"] for part in given]
    at = words.index("__ellipsis__") if "__ellipsis__" in words else len(given)
    before, after = ([part["config"] for part in side] for side in (given[:at], given[at + 1 :]))
    return [*before, *[{}] * (rank - len(before) - len(after)), *after]


def _padded(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Values put around each axis, the channels too."""
    modes = {"constant": "zeros", "reflect": "reflect"}
    batch, *ends = (tuple(pair) for pair in here.config["pad_width"])
    if batch != (0, 0) or here.get("mode", "constant") not in modes:
        raise UnsupportedError
    mode = modes[here.get("mode", "constant")]
    node, form = rows.arrange(_single(arrived), -1, here.where)
    fields = {"channels": (ends.pop(),), "size": tuple(ends), "mode": mode}
    return rows.whole(rows.row("pad", [node], here.where, fields), form)


def _shuffled(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    fields = {"groups": here.config["groups"]}
    return _layer(rows, here, _single(arrived), -1, "shuffle", fields)


def _pixels(kind: str) -> Handler:
    def handle(rows: RowAdder, here: Here, arrived: list[View]) -> View:
        scale = here.config["scale"]
        return _layer(rows, here, _single(arrived), -1, kind, {"scale": (scale, scale)})

    return handle


def _lrn(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    return _layer(rows, here, _single(arrived), -1, "lrn", {"size": here.get("size", 5)})


def _resizing(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    """Return a map resized; where its sides keep their ratio the file's shape is taken."""
    if here.get("crop_to_aspect_ratio") or here.get("pad_to_aspect_ratio"):
        return _stated(rows, here, arrived)
    view = _single(arrived)
    mode = here.get("interpolation", "bilinear")
    fields = {"size": (here.config["height"], here.config["width"]), "mode": mode}
    return _layer(rows, here, view, _channel(here, view), "upsample", fields)


def _upsampling(rows: RowAdder, here: Here, arrived: list[View]) -> View:
    view = _single(arrived)
    mode = here.get("interpolation", "nearest")
    fields = {"scale": _per_axis(here.config["size"], len(view.dims) - 2), "mode": mode}
    return _layer(rows, here, view, _channel(here, view), "upsample", fields)


def _of_ranks(name: str, handler: Handler, ranks: Sequence[int] = (1, 2, 3)) -> dict[str, Handler]:
    """Return a layer that Keras has for several numbers of axes: `Conv1D`, `Conv2D`, `Conv3D`."""
    return {f"{name}{rank}D": handler for rank in ranks}


TABLE: dict[str, Handler] = {
    **_of_ranks("Conv", _conv),
    **_of_ranks("DepthwiseConv", _depthwise),
    **_of_ranks("SeparableConv", _separable),
    **{f"Conv{rank}DTranspose": _conv_transpose for rank in (1, 2, 3)},
    "Dense": _dense,
    "BatchNormalization": _norm("bn"),
    "LayerNormalization": _norm("layernorm"),
    "GroupNormalization": _norm("groupnorm"),
    "Normalization": _normalization,
    "Rescaling": _rescaling,
    "LayerScale": _layer_scale,
    "Embedding": _embedding,
    "MultiHeadAttention": _attention,
    "RMSNormalization": _rms_norm,
    "UnitNormalization": _unary("unitnorm"),
    "CustomScaleLayer": _scaled_sum,
    **_of_ranks("MaxPooling", _pool("maxpool")),
    **_of_ranks("AveragePooling", _pool("avgpool")),
    **_of_ranks("AdaptiveAveragePooling", _adaptive("adaptiveavgpool")),
    **_of_ranks("AdaptiveMaxPooling", _adaptive("adaptivemaxpool")),
    **_of_ranks("GlobalAveragePooling", _global_pool("globalavgpool")),
    **_of_ranks("GlobalMaxPooling", _global_pool("globalmaxpool")),
    "Activation": _activation,
    "ReLU": _relu,
    "ELU": _unary("elu"),
    "LeakyReLU": _unary("leaky_relu"),
    "PReLU": _prelu,
    "Softmax": _softmax("softmax"),
    **dict.fromkeys(("Dropout", "GaussianDropout", "AlphaDropout"), _dropout),
    **_of_ranks("SpatialDropout", _dropout),
    **dict.fromkeys(
        ("GaussianNoise", "ActivityRegularization", "StochasticDepth", "Identity"),
        _unary("identity"),
    ),
    **{
        f"Random{name}": _unary("identity")
        for name in ("Brightness", "Contrast", "Flip", "Rotation", "Translation")
    },
    "RandomZoom": _unary("identity"),
    "Add": _with_number("add", "offset"),
    "Multiply": _with_number("multiply", "factor"),
    "Concatenate": _concatenate,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "RepeatVector": _repeat_vector,
    **_of_ranks("ZeroPadding", _around("pad", "padding")),
    **_of_ranks("UpSampling", _upsampling),
    **_of_ranks("Cropping", _around("crop", "cropping")),
    "Resizing": _resizing,
    **{name: _merge(name.lower()) for name in ("Subtract", "Average", "Maximum", "Minimum")},
    **dict.fromkeys(("CenterCrop", "Masking"), _stated),
    "GetItem": _sliced,
    "Pad": _padded,
    # classes that the code brings along which `convert --to keras` writes
    "ChannelShuffle": _shuffled,
    **_of_ranks("TableConv", _table_conv),
    **_of_ranks("PositionBiasConv", _position_conv),
    **_of_ranks("TrainedPooling", _pool("avgpool", trainable=True)),
    "LocalResponseNormalization": _lrn,
    "PixelShuffle": _pixels("pixel_shuffle"),
    "PixelUnshuffle": _pixels("pixel_unshuffle"),
}
"""Which function reads which class of layer."""

__all__ = ["TABLE"]
