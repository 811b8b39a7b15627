"""PyTorch's layers and functions of each element to ours: one small function for each family, and their table."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

from cnncalc.models.aten import Handler, Importer, Weight
from cnncalc.models.layout import BATCH, View
from cnncalc.models.pt2 import ExportedOp
from cnncalc.models.rows import UnsupportedError
from cnncalc.ops.shapes import AXIS_NAMES
from cnncalc.text.exact import read_exact


def _per_axis(value: Any, rank: int) -> tuple[int, ...]:
    """Return a field of one number for each axis; one number stands for all."""
    numbers = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    return numbers * rank if len(numbers) == 1 else numbers


def _pads(value: Any, rank: int) -> Any:
    """Return padding as our field takes it."""
    return (
        value if isinstance(value, str) else tuple((size, size) for size in _per_axis(value, rank))
    )


def _exact(number: float) -> Fraction:
    """Return a number as it was typed: 0.1 is 1/10."""
    return read_exact(str(number))


def _arrived_and_held(importer: Importer, step: ExportedOp) -> tuple[View, Weight, Weight | None]:
    """Return what arrives at a layer, its weight, and its bias where it has one."""
    return (
        importer.view(step, "input"),
        importer.held(step, "weight"),
        importer.weight(step, "bias"),
    )


# -- layers with weights ----------------------------------------------------------------------------------------------


def _conv(importer: Importer, step: ExportedOp, transposed: bool = False) -> None:
    """Convolutions: input, weight, bias, stride, padding, dilation, groups."""
    view, weight, bias = _arrived_and_held(importer, step)
    rank = len(view.dims) - 2
    if len(weight.shape) != rank + 2:
        raise UnsupportedError
    groups = importer.argument(step, "groups", 1)
    fields = {
        "filters": weight.shape[1] * groups if transposed else weight.shape[0],
        "kernel": weight.shape[2:],
        "stride": _per_axis(importer.argument(step, "stride", 1), rank),
        "pad": _pads(importer.argument(step, "padding", 0), rank),
        "dilation": _per_axis(importer.argument(step, "dilation", 1), rank),
        "groups": groups,
        "bias": "position" if bias is not None and len(bias.shape) > 1 else bias is not None,
    }
    if transposed:
        fields["output_pad"] = _per_axis(importer.argument(step, "output_padding", 0), rank)
    where = importer.where(step, weight)
    try:
        node, form = importer.arrange(view, 1, where)
    except UnsupportedError:  # its batch has other axes in it, such as an attention's heads
        over = view.sizes if transposed else importer.export.shapes[step.outputs[0]]
        importer.state(step, prod(over) // importer.batch * prod(weight.shape[1:]))
        return
    kind = "conv_transpose" if transposed else "conv"
    importer.set(step, importer.held_row(kind, [node], where, fields, (weight, bias)), form)


def _table_conv(importer: Importer, step: ExportedOp) -> None:
    """Add a convolution each of whose filters sees maps of its own, with a kernel for each of them."""
    view, weight, bias = _arrived_and_held(importer, step)
    rank = len(view.dims) - 2
    if len(weight.shape) != rank + 1:
        raise UnsupportedError
    connections = importer.argument(step, "connections")
    fields = {
        "filters": len(connections),
        "kernel": weight.shape[1:],
        "stride": _per_axis(importer.argument(step, "stride", 1), rank),
        "pad": _pads(importer.argument(step, "padding", 0), rank),
        "dilation": _per_axis(importer.argument(step, "dilation", 1), rank),
        "bias": bias is not None,
        "connections": connections,
    }
    where = importer.where(step, weight)
    node, form = importer.arrange(view, 1, where)
    importer.set(step, importer.held_row("conv", [node], where, fields, (weight, bias)), form)


def _conv_transpose(importer: Importer, step: ExportedOp) -> None:
    _conv(importer, step, transposed=True)


def _convolution(importer: Importer, step: ExportedOp) -> None:
    """Either, as a graph of core ops has it."""
    _conv(importer, step, transposed=bool(importer.argument(step, "transposed", False)))


def _linear(importer: Importer, step: ExportedOp) -> None:
    """Add a fully connected layer, over the last axis."""
    view, weight, bias = _arrived_and_held(importer, step)
    if len(weight.shape) != 2:
        raise UnsupportedError
    where = importer.where(step, weight)
    node, form = importer.arrange(view, -1, where, flat=True)
    kind = "linear" if sum(axes != (BATCH,) for axes in form) > 1 else "fc"
    fields = {"units": weight.shape[0], "bias": bias is not None}
    importer.set(step, importer.held_row(kind, [node], where, fields, (weight, bias)), form)


def _batch_norm(importer: Importer, step: ExportedOp) -> None:
    """Batch norm with its running statistics."""
    if importer.argument(step, "running_mean") is None:
        raise UnsupportedError
    _norm(importer, step, "bn", 1, {})
    importer.counted.update(_names(importer.weight(step, "running_mean")))


def _instance_norm(importer: Importer, step: ExportedOp) -> None:
    """Instance norm by the statistics of each map; one that keeps running ones is not known."""
    if importer.argument(step, "running_mean") is not None:
        raise UnsupportedError
    _norm(importer, step, "instancenorm", 1, {})


def _names(weight: Weight | None) -> tuple[str, ...]:
    return () if weight is None else weight.names


def _group_norm(importer: Importer, step: ExportedOp) -> None:
    _norm(importer, step, "groupnorm", 1, {"groups": importer.argument(step, "num_groups")})


def _layer_norm(importer: Importer, step: ExportedOp) -> None:
    """Layer norm over the last axis."""
    if len(importer.argument(step, "normalized_shape", ())) != 1:
        raise UnsupportedError
    _norm(importer, step, "layernorm", -1, {})


def _norm(
    importer: Importer, step: ExportedOp, kind: str, channel: int, fields: dict[str, Any]
) -> None:
    scale, shift = importer.weight(step, "weight"), importer.weight(step, "bias")
    where = importer.where(step, scale)
    node, form = importer.arrange(importer.view(step, "input"), channel, where)
    fields = {**fields, "gamma": scale is not None, "beta": shift is not None}
    importer.set(step, importer.held_row(kind, [node], where, fields, (scale, shift)), form)


def _lrn(importer: Importer, step: ExportedOp) -> None:
    """Local response norm over neighbouring channels."""
    _window(
        importer,
        step,
        importer.view(step, "self"),
        "lrn",
        {"size": importer.argument(step, "size")},
    )


def _prelu(importer: Importer, step: ExportedOp) -> None:
    """PReLU with one weight, or one a channel."""
    weight = importer.held(step, "weight")
    view, where = importer.view(step, "self"), importer.where(step, weight)
    node, form = importer.arrange(view, 1, where)
    shared = prod(weight.shape) == 1
    importer.set(
        step, importer.held_row("prelu", [node], where, {"shared": shared}, (weight,)), form
    )


# -- pools ------------------------------------------------------------------------------------------------------------


def _pool(kind: str) -> Handler:
    def handle(importer: Importer, step: ExportedOp) -> None:
        view = importer.view(step, "self")
        _window(importer, step, view, kind, _pool_fields(importer, step, view, kind))

    return handle


def _pool_fields(importer: Importer, step: ExportedOp, view: View, kind: str) -> dict[str, Any]:
    """Return the fields of a pool over windows."""
    rank = len(view.dims) - 2
    kernel = _per_axis(importer.argument(step, "kernel_size"), rank)
    fields = {
        "kernel": kernel,
        "stride": _per_axis(importer.argument(step, "stride") or kernel, rank),
        "pad": _pads(importer.argument(step, "padding", 0), rank),
        "ceil": bool(importer.argument(step, "ceil_mode", False)),
    }
    if kind == "maxpool":
        fields["dilation"] = _per_axis(importer.argument(step, "dilation", 1), rank)
    else:
        fields["count_pad"] = bool(importer.argument(step, "count_include_pad", True))
    return fields


def _trained_pool(importer: Importer, step: ExportedOp) -> None:
    """Add an average pool whose means have a weight and a bias for each map, as LeNet-5's."""
    weights = importer.weight(step, "weight"), importer.weight(step, "bias")
    view, where = importer.view(step, "self"), importer.where(step, *weights)
    fields = {**_pool_fields(importer, step, view, "avgpool"), "trainable": True}
    node, form = importer.arrange(view, 1, where)
    importer.set(step, importer.held_row("avgpool", [node], where, fields, weights), form)


def _adaptive(kind: str) -> Handler:
    def handle(importer: Importer, step: ExportedOp) -> None:
        view = importer.view(step, "self")
        size = _per_axis(importer.argument(step, "output_size"), len(view.dims) - 2)
        _window(importer, step, view, kind, {"size": size})

    return handle


def _window(
    importer: Importer, step: ExportedOp, view: View, kind: str, fields: dict[str, Any]
) -> None:
    where = importer.where(step)
    node, form = importer.arrange(view, 1, where)
    importer.set(step, importer.row(kind, [node], where, fields), form)


def _reduce(how: str) -> Handler:
    """One value for many: over all positions a global pool, which a mean and a maximum have, else a reduction."""

    def handle(importer: Importer, step: ExportedOp) -> None:
        view, where = importer.view(step, "self"), importer.where(step)
        rank = len(view.dims)
        given = importer.argument(step, "dim")
        given = [given] if isinstance(given, int) else given or range(1, rank)
        axes = {axis % rank for axis in given}
        natural = view.channel(len(importer.builder.shape(view.node)))
        if natural is not None and natural in axes and view.sizes[natural] == 1:  # whichever it was
            natural = next(iter({1} - axes), natural)
        channel = natural if natural is not None else next(iter({1, rank - 1} - axes), rank - 1)
        node, form = importer.arrange(view, channel, where)
        last = len(importer.builder.shape(node)) - 1
        places = {form[axis][-1] for axis in axes}
        if places == set(range(last)) and how in _GLOBAL_POOLS:
            made = importer.row(
                _GLOBAL_POOLS[how], [node], where._replace(tags=(*where.tags, "mean"))
            )
        else:
            fields = {"how": how, "over": _over(places, last)}
            made = importer.row("reduce", [node], where._replace(tags=()), fields)
        kept = importer.whole(made, form)
        importer.bind(
            step, kept if importer.argument(step, "keepdim", False) else kept.squeezed(axes)
        )

    return handle


_GLOBAL_POOLS = {"mean": "globalavgpool", "maximum": "globalmaxpool"}


def _over(places: set[int], rank: int) -> str:
    """Return the axes that a reduction goes over, as its field has them. Raises UnsupportedError for others."""
    if places == set(range(rank)):
        return "positions"
    if len(places) != 1 or min(places) < 0:
        raise UnsupportedError
    return (*AXIS_NAMES[rank], "channels")[places.pop()]


# -- each element -----------------------------------------------------------------------------------------------------


def _unary(kind: str) -> Handler:
    """Return a function of each element leaves the order of axes alone."""

    def handle(importer: Importer, step: ExportedOp) -> None:
        _pointwise(importer, step, kind, {})

    return handle


def _pointwise(importer: Importer, step: ExportedOp, kind: str, fields: dict[str, Any]) -> None:
    view = importer.view(step, "self" if "self" in step.arguments else "input")
    node = importer.row(kind, [view.node], importer.where(step), fields)
    importer.bind(step, View(node, view.dims))


def _clamp(importer: Importer, step: ExportedOp) -> None:
    """Add a clamp; from 0 to 6 it is ReLU6, from 0 up ReLU."""
    is_hardtanh = step.op.endswith("hardtanh")
    low = importer.argument(step, "min_val" if is_hardtanh else "min", -1 if is_hardtanh else None)
    high = importer.argument(step, "max_val" if is_hardtanh else "max", 1 if is_hardtanh else None)
    kinds = {(0, 6): "relu6", (0, None): "relu", (-1, 1): "hardtanh"}
    _pointwise(importer, step, kinds.get((low, high), "clip"), {})


def _dropout(importer: Importer, step: ExportedOp) -> None:
    _pointwise(importer, step, "dropout", {"rate": _exact(importer.argument(step, "p", 0.5))})


def _softmax(kind: str) -> Handler:
    """Softmax over an axis, which becomes the channels."""

    def handle(importer: Importer, step: ExportedOp) -> None:
        view, where = importer.view(step, "self"), importer.where(step)
        node, form = importer.arrange(view, importer.argument(step, "dim", -1), where)
        importer.set(step, importer.row(kind, [node], where), form)

    return handle


def _embedding(importer: Importer, step: ExportedOp) -> None:
    """Add a vector for each number that arrives."""
    weight, view = importer.held(step, "weight"), importer.view(step, "indices")
    fields = {"entries": weight.shape[0], "units": weight.shape[1]}
    where = importer.where(step, weight)
    node, form = importer.arrange(view, -1, where)
    made = importer.held_row("embedding", [node], where, fields, (weight,))
    importer.set(step, made, (*form, (len(importer.builder.shape(made)) - 1,)))


_ACTIVATIONS = (
    "relu", "relu6", "elu", "gelu", "silu", "hardswish", "hardsigmoid", "sigmoid", "tanh", "leaky_relu",
    "mish", "softplus", "softsign", "selu", "celu", "hardshrink", "softshrink", "threshold", "abs", "exp",
    "log", "sqrt", "rsqrt", "square", "reciprocal", "erf", "sin", "cos",
)  # fmt: skip
"""Functions of one element that are called the same here."""

LAYERS: dict[str, Handler] = {
    **{f"aten.conv{rank}d": _conv for rank in (1, 2, 3)},
    **{f"aten.conv_transpose{rank}d": _conv_transpose for rank in (1, 2, 3)},
    "table_conv": _table_conv,
    "trained_pool": _trained_pool,
    "aten.convolution": _convolution,
    "aten.linear": _linear,
    "aten.embedding": _embedding,
    "aten.batch_norm": _batch_norm,
    "aten._native_batch_norm_legit_no_training": _batch_norm,
    "aten.instance_norm": _instance_norm,
    "aten.group_norm": _group_norm,
    "aten.layer_norm": _layer_norm,
    "local_response_norm": _lrn,
    "aten.prelu": _prelu,
    **{f"aten.max_pool{rank}d": _pool("maxpool") for rank in (1, 2, 3)},
    **{f"aten.max_pool{rank}d_with_indices": _pool("maxpool") for rank in (2, 3)},
    **{f"aten.avg_pool{rank}d": _pool("avgpool") for rank in (1, 2, 3)},
    **{f"aten.adaptive_avg_pool{rank}d": _adaptive("adaptiveavgpool") for rank in (1, 2, 3)},
    **{f"aten.adaptive_max_pool{rank}d": _adaptive("adaptivemaxpool") for rank in (1, 2, 3)},
    "aten.mean": _reduce("mean"),
    "aten.sum": _reduce("sum"),
    "aten.amax": _reduce("maximum"),
    "aten.amin": _reduce("minimum"),
    **{f"aten.{name}": _unary(name) for name in _ACTIVATIONS},
    "aten.log_sigmoid": _unary("logsigmoid"),
    "aten.rrelu": _unary("rrelu"),
    "aten.pow": _unary("power"),
    "aten.hardtanh": _clamp,
    "aten.clamp": _clamp,
    "aten.clamp_min": _clamp,
    **{
        f"aten.{name}": _dropout
        for name in ("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout")
    },
    "aten.softmax": _softmax("softmax"),
    "aten._softmax": _softmax("softmax"),
    "aten.log_softmax": _softmax("log_softmax"),
    "aten._log_softmax": _softmax("log_softmax"),
}
"""Which function reads which op."""

__all__ = ["LAYERS"]
