"""Each op in PyTorch's words: the module that holds its weights, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnncalc.models.code import Code, NoCounterpartError, Table, decimal, text_per_axis, text_tuple
from cnncalc.ops.shapes import AXIS_NAMES, Shape, Window, spatial
from cnncalc.spec.graph import Node

_TRAINED_POOL = '''
class TrainedPool{rank}d(nn.AvgPool{rank}d):
    """A mean over a window, times a learned weight and plus a learned bias for each map."""

    def __init__(self, channels, *window, **more):
        super().__init__(*window, **more)
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        means = super().forward(x).movedim(1, -1)
        return (means * self.weight + self.bias).movedim(-1, 1)
'''
_TABLE_CONV = '''
class TableConv{rank}d(nn.Module):
    """A convolution each of whose filters sees input maps of its own; it has a kernel for each of them."""

    def __init__(self, connections, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        self.connections = connections
        self.sliding = {{"stride": stride, "padding": padding, "dilation": dilation}}
        sizes = kernel_size if isinstance(kernel_size, tuple) else (kernel_size,) * {rank}
        self.weight = nn.Parameter(torch.empty(sum(map(len, connections)), *sizes))
        nn.init.xavier_uniform_(self.weight)
        self.bias = nn.Parameter(torch.zeros(len(connections))) if bias else None

    def forward(self, x):
        kernels = self.weight.split([len(maps) for maps in self.connections])
        seen = [torch.stack([x[:, index] for index in maps], 1) for maps in self.connections]
        made = [F.conv{rank}d(y, kernel[None], **self.sliding) for y, kernel in zip(seen, kernels)]
        x = torch.cat(made, 1)
        return x if self.bias is None else x + self.bias.view(-1, {ones})
'''
_POSITION_BIAS = '''
class PositionBiasConv{rank}d(nn.Conv{rank}d):
    """A convolution with a learned bias for each element of the maps that it makes."""

    def __init__(self, *arguments, positions, **more):
        super().__init__(*arguments, bias=False, **more)
        self.position_bias = nn.Parameter(torch.zeros(self.out_channels, *positions))

    def forward(self, x):
        return super().forward(x) + self.position_bias
'''


def _of_ranks(name: str, text: str) -> dict[str, str]:
    """Give a class for each number of spatial axes."""
    return {
        f"{name}{rank}d": text.format(rank=rank, ones=", ".join("1" * rank)) for rank in (1, 2, 3)
    }


CLASSES = {
    "StochasticDepth": '''
class StochasticDepth(nn.Module):
    """What arrives, or in training zeros in its place, for some examples or for the batch."""

    def __init__(self, p, mode="row"):
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        drawn = x.new_empty(len(x) if self.mode == "row" else 1, *[1] * (x.ndim - 1))
        return x * drawn.bernoulli_(1 - self.p) / (1 - self.p)
''',
    **_of_ranks("TrainedPool", _TRAINED_POOL),
    **_of_ranks("TableConv", _TABLE_CONV),
    **_of_ranks("PositionBiasConv", _POSITION_BIAS),
}
"""The classes that the code brings along where a network needs them, by their names."""


def _even(windows: Sequence[Window]) -> bool:
    return all(window.before == window.after for window in windows)


def _around(windows: Sequence[Window]) -> str:
    """Write a padding as F.pad takes it: the last axis first."""
    return _pairs([(window.before, window.after) for window in windows])


def _pairs(ends: Sequence[tuple[int, int]]) -> str:
    return text_tuple([size for pair in reversed(ends) for size in pair])


_WINDOW = {"stride": "1", "padding": "0", "dilation": "1"}


def _conv(node: Node) -> Code:
    op: Any = node.op
    windows = op.windows(node.shapes[0])
    even = _even(windows)
    arguments = {
        "in_channels": str(node.shapes[0][-1]),
        "out_channels": str(op.filters),
        "kernel_size": text_per_axis(op.kernel),
        "stride": text_per_axis(op.stride),
        "padding": text_per_axis([window.before for window in windows]) if even else "0",
        "dilation": text_per_axis(op.dilation),
        "groups": str(op.groups),
        "bias": str(bool(op.bias)),
        "padding_mode": repr(op.pad_mode) if even else "'zeros'",
    }
    defaults = {**_WINDOW, "groups": "1", "bias": "True", "padding_mode": "'zeros'"}
    call = "{module}({0})"
    if not even:
        arguments["around"] = _around(windows)
        mode = "" if op.pad_mode == "zeros" else f", {op.pad_mode!r}"
        call = f"{{module}}(F.pad({{0}}, {{around}}{mode}))"
    return _own_conv(node, Code(f"nn.Conv{op.rank}d", arguments, call, defaults))


def _own_conv(node: Node, code: Code) -> Code:
    """Return a class of the code's own, where PyTorch has no such connections or no such bias."""
    op: Any = node.op
    rest = {**code.arguments}
    if op.connections is None and op.is_uniform:
        return code
    if op.connections is None:
        del rest["bias"]
        own = {**rest, "positions": text_tuple(spatial(node.output))}
        defaults = {**code.defaults, "positions": ""}
        return Code(f"PositionBiasConv{op.rank}d", own, code.call, defaults)
    if not op.is_uniform or op.pad_mode != "zeros":
        raise NoCounterpartError("its filters see maps of their own, with no usual bias or padding")
    for name in ("in_channels", "out_channels", "groups", "padding_mode"):
        del rest[name]
    table = text_tuple(text_tuple(maps) for maps in op.connections)
    own = {"connections": table, **rest}
    return Code(f"TableConv{op.rank}d", own, code.call, code.defaults)


def _conv_transpose(node: Node) -> Code:
    op: Any = node.op
    windows = op.windows(node.shapes[0])
    if not _even(windows) or (op.pad == "same" and any(w.stride > w.extent for w in windows)):
        raise NoCounterpartError("its output is cropped unevenly, which PyTorch's cannot be")
    arguments = {
        "in_channels": str(node.shapes[0][-1]),
        "out_channels": str(op.filters),
        "kernel_size": text_per_axis(op.kernel),
        "stride": text_per_axis(op.stride),
        "padding": text_per_axis([window.before for window in windows]),
        "output_padding": text_per_axis(op.output_pad),
        "groups": str(op.groups),
        "bias": str(op.bias),
        "dilation": text_per_axis(op.dilation),
    }
    defaults = {**_WINDOW, "output_padding": "0", "groups": "1", "bias": "True"}
    return Code(f"nn.ConvTranspose{op.rank}d", arguments, defaults=defaults)


def _pool(
    node: Node, name: str, outside: str, own: dict[str, str], defaults: dict[str, str]
) -> Code:
    """Return a pool; padding that PyTorch's own cannot have is laid around before."""
    op: Any = node.op
    windows = op.windows(node.shapes[0])
    inside = _even(windows) and all(2 * window.before <= window.kernel for window in windows)
    kernel = text_per_axis(op.kernel)
    arguments = {
        "kernel_size": kernel,
        "stride": text_per_axis(op.stride),
        "padding": text_per_axis([window.before for window in windows]) if inside else "0",
        "ceil_mode": str(op.ceil),
        **own,
    }
    call = "{module}({0})"
    if not inside:
        arguments["around"] = _around(windows)
        call = f"{{module}}(F.pad({{0}}, {{around}}{outside}))"
    all_defaults = {"stride": kernel, "padding": "0", "ceil_mode": "False", **defaults}
    return Code(f"nn.{name}{op.rank}d", arguments, call, all_defaults)


def _max_pool(node: Node) -> Code:
    op: Any = node.op
    own = {"dilation": text_per_axis(op.dilation)}
    return _pool(node, "MaxPool", ", value=float('-inf')", own, {"dilation": "1"})


def _avg_pool(node: Node) -> Code:
    op: Any = node.op
    if not op.count_pad and not _even(op.windows(node.shapes[0])):
        raise NoCounterpartError("its padding is uneven and not counted")
    own = {"count_include_pad": str(op.count_pad)}
    code = _pool(node, "AvgPool", "", own, {"count_include_pad": "True"})
    if not op.trainable:
        return code
    arguments = {"channels": str(node.output[-1]), **code.arguments}
    return code._replace(module=f"TrainedPool{op.rank}d", arguments=arguments)


def _axes(rank: int) -> str:
    return text_tuple(range(2, rank + 2))


def _global(how: str) -> Callable[[Node], Code]:
    def make(node: Node) -> Code:
        axes = _axes(node.op.rank)
        shape = node.output
        keep = ", keepdim=True" if len(shape) > 1 else ""
        return Code("", {}, f"{{0}}.{how}({axes}{keep})")

    return make


def _reduce(node: Node) -> Code:
    op: Any = node.op
    *positions, channels = op.reduced()
    axes = [axis for axis, gone in enumerate([channels, *positions], 1) if gone]
    how = {"maximum": "amax", "minimum": "amin"}.get(op.how, op.how)
    keep = ", keepdim=True" if op.keep or channels else ""
    return Code("", {}, f"{{0}}.{how}({text_tuple(axes)}{keep})")


def _adaptive(name: str) -> Callable[[Node], Code]:
    def make(node: Node) -> Code:
        op: Any = node.op
        sizes = ["None" if size == "keep" else str(size) for size in op.size]
        return Code(f"nn.{name}{op.rank}d", {"output_size": text_per_axis(sizes)})

    return make


def _over_channels(shape: Shape) -> str:
    """How a module over the last axis is called on channels that are the second."""
    return "{module}({0})" if len(shape) == 1 else "{module}({0}.movedim(1, -1)).movedim(-1, 1)"


def _dense(in_features: int, node: Node, call: str) -> Code:
    op: Any = node.op
    arguments = {
        "in_features": str(in_features),
        "out_features": str(op.units),
        "bias": str(op.bias),
    }
    return Code("nn.Linear", arguments, call, {"bias": "True"})


def _fc(node: Node) -> Code:
    size = node.arrays[0].shape[1]
    call = "{module}({0})" if len(node.shapes[0]) == 1 else "{module}({0}.flatten(1))"
    return _dense(size, node, call)


def _linear(node: Node) -> Code:
    return _dense(node.shapes[0][-1], node, _over_channels(node.shapes[0]))


def _affine_of(op: Any) -> str:
    if op.gamma != op.beta:
        raise NoCounterpartError("it has a scale or a shift alone, which PyTorch's has not")
    return str(op.gamma)


def _batch_norm(node: Node) -> Code:
    arguments = {"num_features": str(node.output[-1]), "affine": _affine_of(node.op)}
    return Code(f"nn.BatchNorm{max(node.op.rank, 1)}d", arguments, defaults={"affine": "True"})


def _instance_norm(node: Node) -> Code:
    arguments = {"num_features": str(node.output[-1]), "affine": _affine_of(node.op)}
    return Code(f"nn.InstanceNorm{node.op.rank}d", arguments, defaults={"affine": "False"})


def _group_norm(node: Node) -> Code:
    op: Any = node.op
    arguments = {
        "num_groups": str(op.groups),
        "num_channels": str(node.output[-1]),
        "affine": _affine_of(op),
    }
    return Code("nn.GroupNorm", arguments, defaults={"affine": "True"})


def _layer_norm(node: Node) -> Code:
    op: Any = node.op
    if op.beta and not op.gamma:
        raise NoCounterpartError("it has a shift alone, which PyTorch's has not")
    arguments = {
        "normalized_shape": str(node.output[-1]),
        "elementwise_affine": str(op.gamma),
        "bias": str(op.beta or not op.gamma),
    }
    defaults = {"elementwise_affine": "True", "bias": "True"}
    return Code("nn.LayerNorm", arguments, _over_channels(node.output), defaults)


def _rms_norm(node: Node) -> Code:
    op: Any = node.op
    arguments = {"normalized_shape": str(node.output[-1]), "elementwise_affine": str(op.gamma)}
    defaults = {"elementwise_affine": "True"}
    return Code("nn.RMSNorm", arguments, _over_channels(node.output), defaults)


def _lrn(node: Node) -> Code:
    op: Any = node.op
    return Code("nn.LocalResponseNorm", {"size": str(op.size)})


def _prelu(node: Node) -> Code:
    shared = node.arrays[0].size
    return Code("nn.PReLU", {"num_parameters": str(shared)}, defaults={"num_parameters": "1"})


def _function(call: str) -> Callable[[Node], Code]:
    return lambda node: Code("", {}, call)


def _dropout(node: Node) -> Code:
    op: Any = node.op
    module = f"nn.Dropout{op.rank}d" if op.maps and op.rank else "nn.Dropout"
    return Code(module, {"p": decimal(op.rate)}, defaults={"p": "0.5"})


def _stochastic_depth(node: Node) -> Code:
    op: Any = node.op
    arguments = {"p": decimal(op.rate), "mode": f'"{op.mode}"'}
    return Code("StochasticDepth", arguments, defaults={"mode": '"row"'})


def _scale(node: Node) -> Code:
    op: Any = node.op
    texts = {"factor": decimal(op.factor), "offset": decimal(op.offset)}
    product = "{0} * {factor}" if op.factor != 1 or op.offset == 0 else "{0}"
    return Code("", texts, f"({product} + {{offset}})" if op.offset != 0 else f"({product})")


def _affine(node: Node) -> Code:
    if len(node.arrays) != 1:
        raise NoCounterpartError("its scale and shift together have no module in PyTorch")
    (array,) = node.arrays
    shape = array.shape if len(array.shape) > 1 else (*array.shape, *(1,) * node.op.rank)
    is_scale = array.role == "weights"
    made = "ones" if is_scale else "zeros"
    call = "({0} * {module})" if is_scale else "({0} + {module})"
    texts = {"shape": text_tuple(array.shape)}
    call = call.replace("{module}", f"{{module}}.view({', '.join(map(str, shape))})")
    return Code(f"nn.Parameter(torch.{made}({{}}))", texts, call)


def _arranged(node: Node) -> list[str]:
    """Return what arrives, with axes of one position where it has fewer than the output: a gate beside its map."""
    rank = len(node.output)
    texts = []
    for place, shape in enumerate(node.shapes):
        missing = ", None" * (rank - len(shape))
        texts.append(f"{{{place}}}[:, :{missing}]" if missing else f"{{{place}}}")
    return texts


def _elementwise(sign: str, more: str = "") -> Callable[[Node], Code]:
    def make(node: Node) -> Code:
        joined = f" {sign} ".join(_arranged(node))
        return Code("", {}, more.format(joined, len(node.inputs)) if more else joined)

    return make


def _of_two(name: str) -> Callable[[Node], Code]:
    def make(node: Node) -> Code:
        first, *others = _arranged(node)
        for other in others:
            first = f"torch.{name}({first}, {other})"
        return Code("", {}, first)

    return make


def _concat(node: Node) -> Code:
    op: Any = node.op
    axis = (op.place() + 1) % len(node.output) + 1
    return Code("", {}, f"torch.cat([{{all}}], {axis})")


def _reshape(node: Node) -> Code:
    shape = node.output
    return Code(
        "", {"shape": ", ".join(map(str, (shape[-1], *spatial(shape))))}, "{0}.reshape(-1, {shape})"
    )


def _slice(node: Node) -> Code:
    op: Any = node.op
    texts: dict[str, str] = {}
    channels = ":"
    if op.channels is not None:
        texts = {"first": str(op.channels[0]), "end": str(op.channels[1])}
        channels = "{first}:{end}"
    places = []
    for size, (start, stop), stride in zip(
        node.shapes[0], op.parts(node.shapes[0]), op.stride, strict=False
    ):
        part = f"{start or ''}:{'' if stop == size else stop}"
        places.append(part if stride == 1 else f"{part}:{stride}")
    while places and places[-1] == ":":
        places.pop()
    return Code("", texts, f"{{0}}[{', '.join([':', channels, *places])}]")


def _crop(node: Node) -> Code:
    op: Any = node.op
    places = [
        f"{before}:{size - after}"
        for size, (before, after) in zip(node.shapes[0], op.ends(node.shapes[0]), strict=False)
    ]
    return Code("", {}, f"{{0}}[{', '.join([':', ':', *places])}]")


def _pad(node: Node) -> Code:
    op: Any = node.op
    ends = [op.channels, *op.size]
    if not any(op.channels):
        ends = ends[1:]
    mode = "" if op.mode == "zeros" else f", {op.mode!r}"
    return Code("", {"around": _pairs(ends)}, f"F.pad({{0}}, {{around}}{mode})")


def _shuffle(node: Node) -> Code:
    op: Any = node.op
    call = "{0}.unflatten(1, ({groups}, -1)).transpose(1, 2).flatten(1, 2)"
    return Code("", {"groups": str(op.groups)}, call)


_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def _upsample(node: Node) -> Code:
    op: Any = node.op
    mode = _LINEAR[op.rank] if op.mode in _LINEAR.values() else op.mode
    options = f", mode={mode!r}" + (", align_corners=True" if op.align_corners else "")
    size = text_tuple(spatial(node.output))
    if op.scale is not None and len(set(op.scale)) == 1:
        return Code(
            "",
            {"scale": str(op.scale[0])},
            f"F.interpolate({{0}}, scale_factor={{scale}}{options})",
        )
    return Code("", {"size": size}, f"F.interpolate({{0}}, {{size}}{options})")


def _pixels(name: str) -> Callable[[Node], Code]:
    def make(node: Node) -> Code:
        op: Any = node.op
        if op.rank != 2 or len(set(op.scale)) > 1:
            raise NoCounterpartError("PyTorch's is for maps of two axes and one scale")
        return Code("", {"scale": str(op.scale[0])}, f"F.{name}({{0}}, {{scale}})")

    return make


def _permute(node: Node) -> Code:
    op: Any = node.op
    names = (*AXIS_NAMES[op.rank], "channels")
    order = [names.index(name) for name in op.order]
    moved = [order[-1], *order[:-1]]  # the output's channels first, in our places
    there = [1 if place == op.rank else place + 2 for place in moved]
    return Code("", {}, f"{{0}}.permute(0, {', '.join(map(str, there))})")


def _broadcast(node: Node) -> Code:
    sizes = spatial(node.output)
    extra = ", None" * (len(node.output) - len(node.shapes[0]))
    view = f"{{0}}[:, :{extra}]" if extra else "{0}"
    return Code("", {"size": ", ".join(map(str, sizes))}, f"{view}.expand(-1, -1, {{size}})")


def _parameter(node: Node) -> Code:
    expanded = ", -1" * len(node.output)
    call = f"{{module}}.movedim(-1, 0).expand(len({{0}}){expanded})"
    return Code("nn.Parameter(torch.zeros({}))", {"shape": text_tuple(node.output)}, call)


def _matmul(node: Node) -> Code:
    op: Any = node.op
    turned = ".mT" if op.transpose else ""
    call = f"({{0}}.movedim(1, -1) @ {{1}}.movedim(1, -1){turned}).movedim(-1, 1)"
    return Code("", {}, call)


def _attention(node: Node) -> Code:
    op: Any = node.op
    channels = node.output[-1]
    own = {array.shape for array in node.arrays if len(array.shape) == 2}
    if len(node.inputs) != 1 or len(node.output) != 2 or own != {(channels, channels)}:
        raise NoCounterpartError(
            "PyTorch's attention is of one sequence here, with heads that share its channels"
        )
    arguments = {
        "embed_dim": str(channels),
        "num_heads": str(op.heads),
        "dropout": decimal(op.dropout),
        "bias": str(op.bias),
        "batch_first": "True",
    }
    defaults = {"dropout": "0", "bias": "True", "batch_first": "False"}
    call = "{module}(*3 * [{0}.movedim(1, -1)], need_weights=False)[0].movedim(-1, 1)"
    return Code("nn.MultiheadAttention", arguments, call, defaults)


LAYERS: Table = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "maxpool": _max_pool,
    "avgpool": _avg_pool,
    "globalavgpool": _global("mean"),
    "globalmaxpool": _global("amax"),
    "adaptiveavgpool": _adaptive("AdaptiveAvgPool"),
    "adaptivemaxpool": _adaptive("AdaptiveMaxPool"),
    "reduce": _reduce,
    "fc": _fc,
    "linear": _linear,
    "bn": _batch_norm,
    "instancenorm": _instance_norm,
    "groupnorm": _group_norm,
    "layernorm": _layer_norm,
    "rmsnorm": _rms_norm,
    "unitnorm": _function("F.normalize({0}, dim=1)"),
    "lrn": _lrn,
    "prelu": _prelu,
    "dropout": _dropout,
    "stochastic_depth": _stochastic_depth,
    "identity": _function("{0}"),
    "scale": _scale,
    "affine": _affine,
    "softmax": _function("F.softmax({0}, 1)"),
    "log_softmax": _function("F.log_softmax({0}, 1)"),
    "glu": _function("F.glu({0}, 1)"),
    "concat": _concat,
    "add": _elementwise("+"),
    "subtract": _elementwise("-"),
    "multiply": _elementwise("*"),
    "divide": _elementwise("/"),
    "average": _elementwise("+", "({}) / {}"),
    "maximum": _of_two("maximum"),
    "minimum": _of_two("minimum"),
    "flatten": _function("{0}.flatten(1)"),
    "reshape": _reshape,
    "slice": _slice,
    "crop": _crop,
    "pad": _pad,
    "shuffle": _shuffle,
    "upsample": _upsample,
    "pixel_shuffle": _pixels("pixel_shuffle"),
    "pixel_unshuffle": _pixels("pixel_unshuffle"),
    "permute": _permute,
    "broadcast": _broadcast,
    "parameter": _parameter,
    "matmul": _matmul,
    "attention": _attention,
    **{
        kind: _function(f"F.{kind}({{0}})")
        for kind in [
            "relu",
            "relu6",
            "elu",
            "gelu",
            "silu",
            "hardswish",
            "hardsigmoid",
            "leaky_relu",
            "mish",
            "softplus",
            "softsign",
            "selu",
            "celu",
            "hardtanh",
            "logsigmoid",
            "hardshrink",
            "softshrink",
            "tanhshrink",
            "rrelu",
        ]
    },
    **{
        kind: _function(f"torch.{kind}({{0}})")
        for kind in [
            "sigmoid",
            "tanh",
            "abs",
            "exp",
            "log",
            "sqrt",
            "rsqrt",
            "square",
            "reciprocal",
            "erf",
            "sin",
            "cos",
        ]
    },
}

__all__ = ["CLASSES", "LAYERS"]
