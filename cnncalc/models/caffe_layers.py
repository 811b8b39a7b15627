"""Rows for Caffe's layers, by their types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any

from cnncalc.models.caffe_blobs import Blobs, CaffeLayer, LayerError
from cnncalc.ops.shapes import AXIS_NAMES, Shape
from cnncalc.text.exact import read_exact
from cnncalc.text.records import WRITTEN, Form, Key, Record, RecordFields, each, parsed, whole, word
from cnncalc.text.yaml_tree import Mapping

Handler = Callable[[Blobs, CaffeLayer, list[int]], Sequence[int]]
"""Adds a layer's rows, and gives those of its tops."""

# ---- parameters -----------------------------------------------------------------------------------------------------

SIZE = whole("a whole number of at least 1 is expected here", 1)
COUNT = whole("a whole number of at least 0 is expected here")
AXIS = parsed(int, "an axis is a whole number, not '{}'")
NUMBER = parsed(read_exact, "a number is expected here, not '{}'")


def _flag(text: str) -> bool:
    return {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}[
        text.lower()
    ]


def _truth() -> Form:
    def convert(text: str) -> bool:
        try:
            return _flag(text)
        except KeyError:
            raise ValueError from None

    return parsed(convert, "true or false is expected here, not '{}'")


FLAG = _truth()


def _unread(*names: str) -> tuple[Key, ...]:
    """Keys that change nothing that is counted, such as how weights are filled."""
    return tuple(Key(name, WRITTEN, "not needed here") for name in names)


_WINDOW = (
    Key("kernel_size", each(SIZE), "the kernel's sizes", ()),
    Key("kernel_h", SIZE, "the kernel's height"),
    Key("kernel_w", SIZE, "the kernel's width"),
    Key("stride", each(SIZE), "positions from one window to the next", ()),
    Key("stride_h", SIZE, "the stride down"),
    Key("stride_w", SIZE, "the stride to the right"),
    Key("pad", each(COUNT), "positions around the map", ()),
    Key("pad_h", COUNT, "positions above and below"),
    Key("pad_w", COUNT, "positions left and right"),
    *_unread("engine"),
)
_CONVOLUTION = Record(
    "convolution_param",
    Key("num_output", SIZE, "how many filters", required=True, example="num_output: 64"),
    Key("bias_term", FLAG, "a bias for each filter", True),
    Key("group", SIZE, "groups of channels that see each other", 1),
    Key("dilation", each(SIZE), "distance between the kernel's positions", ()),
    *_WINDOW,
    *_unread("weight_filler", "bias_filler", "axis", "force_nd_im2col"),
    aliases={
        "filters": "num_output",
        "out_channels": "num_output",
        "groups": "group",
        "padding": "pad",
    },
)
_POOLING = Record(
    "pooling_param",
    Key(
        "pool",
        word(["MAX", "AVE", "STOCHASTIC", "0", "1", "2"], "'{}' is not a way to pool"),
        "how",
        "MAX",
    ),
    Key("global_pooling", FLAG, "the whole map is one window", False),
    Key(
        "round_mode",
        word(["CEIL", "FLOOR", "0", "1"], "'{}' is not a way to round"),
        "how a size is rounded",
        "CEIL",
    ),
    Key("ceil_mode", FLAG, "whether a size is rounded up", True),
    *_WINDOW,
)
_DENSE = Record(
    "inner_product_param",
    Key("num_output", SIZE, "how many outputs", required=True, example="num_output: 1000"),
    Key("bias_term", FLAG, "a bias for each output", True),
    *_unread("weight_filler", "bias_filler", "axis", "transpose"),
)


def _record(name: str, *keys: Key, unread: Sequence[str] = ()) -> Record:
    return Record(name, *keys, *_unread("engine", *unread))


_LRN = _record(
    "lrn_param",
    Key("local_size", SIZE, "neighbours that are summed", 5),
    Key(
        "norm_region",
        word(["ACROSS_CHANNELS", "WITHIN_CHANNEL", "0", "1"], "'{}' is not a region"),
        "over what",
        "0",
    ),
    unread=("alpha", "beta", "k"),
)
_RELU = _record("relu_param", Key("negative_slope", NUMBER, "the slope below 0", Fraction(0)))
_PRELU = _record(
    "prelu_param", Key("channel_shared", FLAG, "one slope for all", False), unread=("filler",)
)
_DROPOUT = _record(
    "dropout_param",
    Key("dropout_ratio", NUMBER, "the share that is dropped", Fraction(1, 2)),
    unread=("scale_train",),
)
_POWER = _record(
    "power_param",
    Key("power", NUMBER, "the exponent", Fraction(1)),
    Key("scale", NUMBER, "the factor", Fraction(1)),
    Key("shift", NUMBER, "what is added", Fraction(0)),
)
_CONCAT = _record(
    "concat_param", Key("axis", AXIS, "which axis", 1), Key("concat_dim", AXIS, "which axis")
)
_SLICE = _record(
    "slice_param",
    Key("axis", AXIS, "which axis", 1),
    Key("slice_dim", AXIS, "which axis"),
    Key("slice_point", each(SIZE), "where it is cut", ()),
)
_ELTWISE = _record(
    "eltwise_param",
    Key(
        "operation",
        word(["PROD", "SUM", "MAX", "0", "1", "2"], "'{}' is not an operation"),
        "what is done",
        "SUM",
    ),
    unread=("coeff", "stable_prod_grad"),
)
_SCALE = _record(
    "scale_param",
    Key("axis", AXIS, "the first axis of the scale", 1),
    Key("num_axes", AXIS, "how many axes the scale has", 1),
    Key("bias_term", FLAG, "a shift too", False),
    unread=("filler", "bias_filler"),
)
_MVN = _record(
    "mvn_param",
    Key("across_channels", FLAG, "one mean for all channels", False),
    unread=("normalize_variance", "eps"),
)
_SOFTMAX = _record("softmax_param", Key("axis", AXIS, "which axis", 1))
_RESHAPE = _record("reshape_param", Key("shape", WRITTEN, "the sizes"), unread=("axis", "num_axes"))
_PERMUTE = _record("permute_param", Key("order", each(COUNT), "the axes' order", ()))
_CROP = _record(
    "crop_param",
    Key("axis", AXIS, "the first axis that is cropped", 2),
    Key("offset", each(COUNT), "what is left out before", ()),
)
_SHUFFLE = _record("shuffle_channel_param", Key("group", SIZE, "how many groups", required=True))
_INTERP = _record(
    "interp_param",
    Key("zoom_factor", SIZE, "how many times as large"),
    Key("height", SIZE, "the height"),
    Key("width", SIZE, "the width"),
    unread=("shrink_factor", "pad_beg", "pad_end"),
)
_UPSAMPLE = _record(
    "upsample_param",
    Key("scale", SIZE, "how many times as large", 2),
    unread=("scale_h", "scale_w"),
)


# ---- windows --------------------------------------------------------------------------------------------------------


def _per_axis(
    fields: RecordFields, name: str, short: str, rank: int, default: int | None
) -> tuple[int, ...]:
    """Return a size for each axis: given one by one, for all, or as height and width. Raises LayerError."""
    values: tuple[int, ...] = fields[name]
    sides = (fields[f"{short}_h"], fields[f"{short}_w"])
    if sides != (None, None):
        low = values[0] if values else default
        pair = tuple(low if side is None else side for side in sides)
        if None in pair or rank != 2:
            missing = f"{short}_w" if sides[1] is None else f"{short}_h"
            raise LayerError(f"{missing} is missing", fields.span, f"or give {name}")
        return tuple(int(side or 0) for side in pair)
    if not values:
        if default is None:
            raise LayerError(f"it has no {name}", fields.span, f"such as {name}: 3")
        return (default,) * rank
    if len(values) not in (1, rank):
        raise LayerError(f"{len(values)} sizes are given for {rank} axes", fields.span_of(name))
    return values * (rank // len(values))


def _window(blobs: Blobs, fields: RecordFields, row: int) -> dict[str, Any]:
    """Kernel, stride and padding."""
    rank = max(len(blobs.shape(row)) - 1, 1)
    return {
        "kernel": _per_axis(fields, "kernel_size", "kernel", rank, None),
        "stride": _per_axis(fields, "stride", "stride", rank, 1),
        "pad": tuple((size, size) for size in _per_axis(fields, "pad", "pad", rank, 0)),
    }


def _convolution(kind: str, by_channel: bool = False) -> Handler:
    def handler(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
        fields = layer.read("convolution_param", _CONVOLUTION)
        made = []
        for at, row in enumerate(rows):
            groups = blobs.shape(row)[-1] if by_channel else fields["group"]
            values = {
                **_window(blobs, fields, row),
                "filters": fields["num_output"],
                "groups": groups,
                "bias": fields["bias_term"],
            }
            if fields["dilation"]:
                rank = len(values["kernel"])
                values["dilation"] = fields["dilation"] * (rank // len(fields["dilation"]) or 1)
            made.append(
                blobs.add(kind, layer, [row], values, suffix="" if not at else f"_{at + 1}")
            )
        return made

    return handler


def _pooling(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    """Pool, rounded up unless it says otherwise; its stride is 1 where none is given, not the kernel's size."""
    fields = layer.read("pooling_param", _POOLING)
    is_average = fields["pool"] in ("AVE", "1")
    if fields["global_pooling"]:
        return [blobs.add("globalavgpool" if is_average else "globalmaxpool", layer, rows[:1])]
    values = _window(blobs, fields, rows[0])
    rounds_up = fields["round_mode"] in ("CEIL", "0") and fields["ceil_mode"]
    values["ceil"] = rounds_up
    row = rows[0]
    if any(pad[0] > size // 2 for pad, size in zip(values["pad"], values["kernel"], strict=True)):
        row = blobs.add("pad", layer, rows[:1], {"size": values.pop("pad")}, suffix="_pad")
    return [blobs.add("avgpool" if is_average else "maxpool", layer, [row], values)]


# ---- dense layers, norms --------------------------------------------------------------------------------------------


def _dense(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    fields = layer.read("inner_product_param", _DENSE)
    values = {"units": fields["num_output"], "bias": fields["bias_term"]}
    return [blobs.add("fc", layer, rows[:1], values)]


def _lrn(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    fields = layer.read("lrn_param", _LRN)
    if fields["norm_region"] in ("WITHIN_CHANNEL", "1"):
        raise LayerError(
            "a normalisation within channels has no counterpart here", fields.span_of("norm_region")
        )
    return [blobs.add("lrn", layer, rows[:1], {"size": fields["local_size"]})]


def _batch_norm(affine: bool) -> Handler:
    """Caffe's own has no scale and no shift; a Scale layer behind it brings them."""

    def handler(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
        return [blobs.add("bn", layer, rows[:1], {"affine": affine})]

    return handler


def _learned(gamma: bool) -> Handler:
    """Scale and Bias: learned, one number a channel or one an element; of two blobs, the one laid over the other."""

    def handler(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
        fields = layer.read("scale_param" if gamma else "bias_param", _SCALE)
        if len(rows) > 1:
            return [blobs.add("multiply" if gamma else "add", layer, rows)]
        per = {1: "channel", -1: "element"}.get(fields["num_axes"])
        if per is None or _axis(fields, "axis", blobs.shape(rows[0])) != 1:
            message = "numbers over these axes have no counterpart here"
            raise LayerError(message, fields.span_of("axis", "num_axes"))
        values = {"gamma": gamma, "beta": fields["bias_term"] or not gamma, "per": per}
        return [blobs.add("affine", layer, rows, values)]

    return handler


def _mean_variance(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    """MVN: each channel by itself, or all together."""
    if layer.read("mvn_param", _MVN)["across_channels"]:
        return [blobs.add("groupnorm", layer, rows[:1], {"groups": 1, "affine": False})]
    return [blobs.add("instancenorm", layer, rows[:1], {"affine": False})]


# ---- elementwise ----------------------------------------------------------------------------------------------------


def _pointwise(kind: str) -> Handler:
    def handler(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
        return [blobs.add(kind, layer, rows[:1])]

    return handler


def _relu(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    slope = layer.read("relu_param", _RELU)["negative_slope"]
    return [blobs.add("leaky_relu" if slope else "relu", layer, rows[:1])]


def _prelu(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    shared = layer.read("prelu_param", _PRELU)["channel_shared"]
    return [blobs.add("prelu", layer, rows[:1], {"shared": shared})]


def _dropout(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    rate = layer.read("dropout_param", _DROPOUT)["dropout_ratio"]
    return [blobs.add("dropout", layer, rows[:1], {"rate": rate})]


def _power(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    """(shift + scale·x)^power."""
    fields = layer.read("power_param", _POWER)
    row = rows[0]
    if fields["scale"] != 1 or fields["shift"] or fields["power"] == 1:
        values = {"factor": fields["scale"], "offset": fields["shift"]}
        row = blobs.add("scale", layer, [row], values, "" if fields["power"] == 1 else "_scale")
    if fields["power"] != 1:
        row = blobs.add("square" if fields["power"] == 2 else "power", layer, [row])
    return [row]


def _softmax(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    fields = layer.read("softmax_param", _SOFTMAX)
    if _axis(fields, "axis", blobs.shape(rows[0])) != 1:
        raise LayerError(
            "a softmax over another axis than the channels has no counterpart here",
            fields.span_of("axis"),
        )
    return [blobs.add("softmax", layer, rows[:1])]


def _axis(fields: RecordFields, name: str, shape: Shape) -> int:
    """Return an axis of a blob, counted from the batch. Raises LayerError where there is none such."""
    axis: int = fields[name]
    rank = len(shape) + 1
    if not -rank <= axis < rank:
        raise LayerError(f"there is no axis {axis} of {rank}", fields.span_of(name))
    return axis % rank


# ---- merges and moves -----------------------------------------------------------------------------------------------


def _eltwise(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    operation = layer.read("eltwise_param", _ELTWISE)["operation"]
    kind = {"PROD": "multiply", "0": "multiply", "MAX": "maximum", "2": "maximum"}.get(
        operation, "add"
    )
    return [blobs.add(kind, layer, rows)]


def _axpy(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    """a·x + y, as SENet's authors write it."""
    if len(rows) != 3:
        raise LayerError(f"it takes a, x and y, but {len(rows)} blobs arrive", layer.span)
    product = blobs.add("multiply", layer, rows[:2], suffix="_scale")
    return [blobs.add("add", layer, [product, rows[2]])]


def _place(fields: RecordFields, names: tuple[str, str], shape: Shape) -> int:
    """Return the place in a row of the axis that a layer works along, given by either name. Raises LayerError."""
    name = names[0] if fields[names[1]] is None else names[1]
    axis = _axis(fields, name, shape)
    if not axis:
        raise LayerError("the axis of the batch is not one of a network's", fields.span_of(name))
    return len(shape) - 1 if axis == 1 else axis - 2


def _concat(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    shape = blobs.shape(rows[0])
    place = _place(layer.read("concat_param", _CONCAT), ("axis", "concat_dim"), shape)
    along = "channels" if place == len(shape) - 1 else AXIS_NAMES[len(shape) - 1][place]
    return rows if len(rows) == 1 else [blobs.add("concat", layer, rows, {"axis": along})]


def _slice(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    fields = layer.read("slice_param", _SLICE)
    shape = blobs.shape(rows[0])
    place = _place(fields, ("axis", "slice_dim"), shape)
    size, parts = shape[place], len(layer.tops)
    points = fields["slice_point"] or tuple(size * at // max(parts, 1) for at in range(1, parts))
    ends = [0, *points, size]
    if len(ends) != parts + 1 or sorted(set(ends)) != ends:
        shown = ", ".join(map(str, points))
        message = f"{size} cannot be cut at {shown} into {parts} parts"
        raise LayerError(message, fields.span_of("slice_point"))
    made = []
    for at, part in enumerate(pairwise(ends)):
        values = (
            {"channels": part}
            if place == len(shape) - 1
            else {"positions": _only(part, place, shape)}
        )
        made.append(blobs.add("slice", layer, rows[:1], values, "" if not at else f"_{at + 1}"))
    return made


def _only(part: tuple[int, int], place: int, shape: Shape) -> tuple[tuple[int, int], ...]:
    """All positions of every axis but one."""
    return tuple(part if at == place else (0, size) for at, size in enumerate(shape[:-1]))


def _split(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    return rows[:1] * len(layer.tops)


def _flatten(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    return [blobs.add("flatten", layer, rows[:1])]


def _reshape(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    """Return the sizes, batch and channels first: 0 keeps one, -1 is what is left."""
    fields = layer.read("reshape_param", _RESHAPE)
    shape = blobs.shape(rows[0])
    had = (1, shape[-1], *shape[:-1])
    written = fields["shape"]
    sizes = _dims(written) if isinstance(written, Mapping) else ()
    wanted = [had[at] if size == 0 and at < len(had) else size for at, size in enumerate(sizes)]
    if -1 in wanted[1:]:
        known = prod(size for size in wanted[1:] if size != -1)
        wanted[wanted.index(-1, 1)] = prod(had) // known if known else 0
    if len(wanted) < 2 or prod(wanted[1:]) != prod(had) or min(wanted[1:]) < 1:
        raise LayerError(
            "these sizes do not have as many elements as arrive", fields.span_of("shape")
        )
    if len(wanted) == 2:
        return [blobs.add("flatten", layer, rows[:1])]
    return [blobs.add("reshape", layer, rows[:1], {"shape": (*wanted[2:], wanted[1])})]


def _dims(written: Mapping) -> tuple[int, ...]:
    record = Record("a shape", Key("dim", each(AXIS), "the sizes", ()))
    fields = record.read(written, [])
    return fields["dim"] if fields is not None else ()


def _permute(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    fields = layer.read("permute_param", _PERMUTE)
    shape = blobs.shape(rows[0])
    sizes = (1, shape[-1], *shape[:-1])
    order = fields["order"]
    if sorted(order) != list(range(len(sizes))) or order[0] != 0:
        raise LayerError(
            "order is not one of the blob's axes, the batch first", fields.span_of("order")
        )
    wanted = [sizes[axis] for axis in order]
    return [blobs.add("reshape", layer, rows[:1], {"shape": (*wanted[2:], wanted[1])})]


def _crop(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    """Return the first blob cut to the size of the second."""
    fields = layer.read("crop_param", _CROP)
    if len(rows) != 2:
        raise LayerError("it takes two blobs, the second for its size", layer.span)
    had, wanted = blobs.shape(rows[0]), blobs.shape(rows[1])
    if _axis(fields, "axis", had) < 2 or len(had) != len(wanted):
        raise LayerError("a crop of channels has no counterpart here", fields.span_of("axis"))
    skipped = len(had) - 1 - (len(had) + 1 - _axis(fields, "axis", had))
    offsets = fields["offset"] or (0,)
    pairs = []
    for at, (size, kept) in enumerate(zip(had[:-1], wanted[:-1], strict=True)):
        before = 0 if at < skipped else offsets[min(at - skipped, len(offsets) - 1)]
        pairs.append((before, size - kept - before) if at >= skipped else (0, 0))
    if min(map(min, pairs)) < 0:
        raise LayerError("the map is smaller than what is to be cut out of it", layer.span)
    return [blobs.add("crop", layer, rows[:1], {"size": tuple(pairs)})]


def _shuffle(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    groups = layer.read("shuffle_channel_param", _SHUFFLE)["group"]
    return [blobs.add("shuffle", layer, rows[:1], {"groups": groups})]


def _interp(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    fields = layer.read("interp_param", _INTERP)
    sizes = blobs.shape(rows[0])[:-1]
    if fields["zoom_factor"]:
        wanted = tuple((size - 1) * fields["zoom_factor"] + 1 for size in sizes)
    else:
        wanted = (fields["height"] or 0, fields["width"] or 0)
    values = {"size": wanted, "mode": "bilinear", "align_corners": True}
    return [blobs.add("upsample", layer, rows[:1], values)]


def _upsample(blobs: Blobs, layer: CaffeLayer, rows: list[int]) -> list[int]:
    scale = layer.read("upsample_param", _UPSAMPLE)["scale"]
    return [blobs.add("upsample", layer, rows[:1], {"scale": scale})]


_TYPES: dict[str, Handler] = {
    "Convolution": _convolution("conv"),
    "ConvolutionDepthwise": _convolution("conv", by_channel=True),
    "DepthwiseConvolution": _convolution("conv", by_channel=True),
    "Deconvolution": _convolution("conv_transpose"),
    "Pooling": _pooling,
    "InnerProduct": _dense,
    "LRN": _lrn,
    "BatchNorm": _batch_norm(affine=False),
    "BN": _batch_norm(affine=True),
    "MVN": _mean_variance,
    "Scale": _learned(gamma=True),
    "Bias": _learned(gamma=False),
    "ReLU": _relu,
    "ReLU6": _pointwise("relu6"),
    "PReLU": _prelu,
    "ELU": _pointwise("elu"),
    "Sigmoid": _pointwise("sigmoid"),
    "TanH": _pointwise("tanh"),
    "Swish": _pointwise("silu"),
    "BNLL": _pointwise("softplus"),
    "AbsVal": _pointwise("abs"),
    "Exp": _pointwise("exp"),
    "Log": _pointwise("log"),
    "Clip": _pointwise("clip"),
    "Power": _power,
    "Dropout": _dropout,
    "Softmax": _softmax,
    "Eltwise": _eltwise,
    "Axpy": _axpy,
    "Concat": _concat,
    "Slice": _slice,
    "Split": _split,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "Crop": _crop,
    "ShuffleChannel": _shuffle,
    "Interp": _interp,
    "Upsample": _upsample,
}

LAYERS: dict[str, Handler] = {name.lower(): handler for name, handler in _TYPES.items()}
"""The layers that are counted, by type in lower case with no `_` in it, as old files (INNER_PRODUCT) have it too."""

LAYER_TYPES = {name.lower(): name for name in _TYPES}
"""How each type is written."""
