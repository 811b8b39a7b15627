"""The plans of `plans.py` as PyTorch modules, one table from op to module, and what a run of them shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from .conftest import require
from .plans import Layer, Merge, Network, RefusedError, Shape, Step

torch = require("torch")
nn, functional = torch.nn, torch.nn.functional
torch.set_num_threads(1)  # for maps of a hundred elements, threads only cost

REFUSALS = (RuntimeError, ValueError, IndexError, NotImplementedError)
Tensor: TypeAlias = Any
Call: TypeAlias = Any  # a module, or a function of a tensor


def of_space(name: str, axes: int) -> Any:
    """`Conv` and 2 give `torch.nn.Conv2d`; more than three axes, and there is no such module."""
    if axes > 3:
        raise RefusedError(f"no {name}{axes}d")
    return getattr(nn, f"{name}{axes}d")


def axes_of(x: Tensor) -> int:
    return int(x.dim()) - 2


# ---- pads -----------------------------------------------------------------------------------------------------------


def same_pad(n: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """TensorFlow's rule, for the strides that PyTorch's `same` refuses: ceil(N / S) positions, the odd one after."""
    total = max((-(-n // stride) - 1) * stride + dilation * (kernel - 1) + 1 - n, 0)
    return total // 2, total - total // 2


def padded(pairs: Sequence[Sequence[int]], value: float, then: Any) -> Any:
    """An uneven pad, which no window module of PyTorch has, before a module."""
    flat = [amount for pair in reversed(pairs) for amount in pair]
    return nn.Sequential(of_space("ConstantPad", len(pairs))(flat, value), then)


def uneven(pad: Any) -> bool:
    return isinstance(pad, tuple) and isinstance(pad[0], tuple)


# ---- modules --------------------------------------------------------------------------------------------------------


def conv(fields: dict[str, Any], x: Tensor) -> Call:
    kernel = fields["kernel"]
    axes, ones = len(kernel), (1,) * len(kernel)
    stride, dilation, pad = (
        fields.get("stride", ones),
        fields.get("dilation", ones),
        fields.get("pad", 0),
    )
    before = None
    if pad == "same" and set(stride) != {1}:
        before = [
            same_pad(*numbers)
            for numbers in zip(x.shape[2:], kernel, stride, dilation, strict=True)
        ]
    elif uneven(pad):
        before = pad
    module = of_space("Conv", axes)(
        x.shape[1], fields["filters"], kernel, stride=stride, padding=0 if before else pad, dilation=dilation,
        groups=fields.get("groups", 1), bias=fields.get("bias", True), padding_mode=fields.get("pad_mode", "zeros"),
    )  # fmt: skip
    return padded(before, 0.0, module) if before else module


def conv_transpose(fields: dict[str, Any], x: Tensor) -> Call:
    kernel = fields["kernel"]
    return of_space("ConvTranspose", len(kernel))(
        x.shape[1], fields["filters"], kernel, stride=fields.get("stride", 1), padding=fields.get("pad", 0),
        output_padding=fields.get("output_pad", 0), groups=fields.get("groups", 1), bias=fields.get("bias", True),
        dilation=fields.get("dilation", 1),
    )  # fmt: skip


def pool(name: str, **named: str) -> Callable[[dict[str, Any], Tensor], Call]:
    """A pool of a kind; `named` says how PyTorch calls the fields that only this kind has."""

    def make(fields: dict[str, Any], x: Tensor) -> Call:
        kernel, pad = fields["kernel"], fields.get("pad", 0)
        own = {theirs: fields[ours] for ours, theirs in named.items() if ours in fields}
        ceil = fields.get("ceil", False)
        module = of_space(name, len(kernel))(
            kernel, fields.get("stride", kernel), 0 if uneven(pad) else pad, ceil_mode=ceil, **own
        )
        return padded(pad, 0.0, module) if uneven(pad) else module

    return make


def adaptive(name: str) -> Callable[[dict[str, Any], Tensor], Call]:
    return lambda fields, x: of_space(name, axes_of(x))(fields.get("size", 1))


def fc(fields: dict[str, Any], x: Tensor) -> Call:
    linear = nn.Linear(x[0].numel(), fields["units"], bias=fields.get("bias", True))
    return linear if x.dim() == 2 else nn.Sequential(nn.Flatten(), linear)


def norm_parts(module: Any, fields: dict[str, Any]) -> Any:
    """`gamma` and `beta` each default to `affine`; PyTorch's functions take an absent one."""
    affine = fields.get("affine", True)
    if not fields.get("gamma", affine):
        module.weight = None
    if not fields.get("beta", affine):
        module.bias = None
    return module


def bn(fields: dict[str, Any], x: Tensor) -> Call:
    return norm_parts(of_space("BatchNorm", max(axes_of(x), 1))(x.shape[1]), fields)


def groupnorm(fields: dict[str, Any], x: Tensor) -> Call:
    return norm_parts(nn.GroupNorm(fields["groups"], x.shape[1]), fields)


def layernorm(fields: dict[str, Any], x: Tensor) -> Call:
    """Over the channels of each position: `nn.LayerNorm` takes them last."""
    norm = norm_parts(nn.LayerNorm(x.shape[1]), fields)
    return norm if x.dim() == 2 else nn.Sequential(Moved(1, -1), norm, Moved(-1, 1))


class Moved(nn.Module):  # type: ignore[misc, name-defined]
    """An axis moved to another place."""

    def __init__(self, source: int, target: int) -> None:
        super().__init__()
        self.source, self.target = source, target

    def forward(self, x: Tensor) -> Tensor:
        return x.movedim(self.source, self.target)


def prelu(fields: dict[str, Any], x: Tensor) -> Call:
    return nn.PReLU(1 if fields.get("shared", True) else x.shape[1])


def upsample(fields: dict[str, Any], x: Tensor) -> Call:
    if "size" in fields:
        return resized(fields, x)
    mode = fields.get("mode", "nearest")
    if mode == "bilinear":
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}.get(axes_of(x), mode)
    return nn.Upsample(scale_factor=fields["scale"], mode=mode)


def pad_layer(fields: dict[str, Any], x: Tensor) -> Call:
    size, channels = fields.get("size", 0), fields.get("channels", 0)
    size = size if isinstance(size, tuple) else (size,) * axes_of(x)
    pairs = [pair if isinstance(pair, tuple) else (pair, pair) for pair in size]
    flat = [amount for pair in reversed(pairs) for amount in pair]
    mode = fields.get("mode", "constant")
    more = [] if mode != "constant" else [channels, channels]
    return lambda x: functional.pad(x, [*flat, *more], mode=mode)


def slice_layer(fields: dict[str, Any], x: Tensor) -> Call:
    first, end = fields.get("channels", (0, x.shape[1]))
    steps = (slice(None, None, stride) for stride in fields.get("stride", ()))
    place = (slice(None), slice(first, end), *steps)
    return lambda x: x[place]


def reshape(fields: dict[str, Any], x: Tensor) -> Call:
    *space, channels = fields["shape"]
    return lambda x: x.reshape(x.shape[0], channels, *space)


def broadcast(fields: dict[str, Any], x: Tensor) -> Call:
    size = fields["size"]
    return lambda x: x.reshape(*x.shape, *(1,) * len(size)).expand(*x.shape, *size)


def lrn(fields: dict[str, Any], x: Tensor) -> Call:
    return nn.LocalResponseNorm(fields.get("size", 5))


def scale(fields: dict[str, Any], x: Tensor) -> Call:
    factor = float(fields["factor"])
    return lambda x: x * factor


def instancenorm(fields: dict[str, Any], x: Tensor) -> Call:
    affine = fields.get("affine", False)
    return of_space("InstanceNorm", axes_of(x))(x.shape[1], affine=affine)


class Affine(nn.Module):  # type: ignore[misc, name-defined]
    """A learned scale and shift of ones and zeros, for each channel or for each position."""

    def __init__(self, fields: dict[str, Any], x: Tensor) -> None:
        super().__init__()
        channels, space = x.shape[1], tuple(x.shape[2:])
        per_channel = fields.get("per", "channel") == "channel"
        sizes = (channels,) if per_channel else space or (1,)
        self.laid_out = (channels, *(1,) * len(space)) if per_channel else (1, *space)
        self.weight = nn.Parameter(torch.ones(sizes)) if fields.get("gamma", True) else None
        self.bias = nn.Parameter(torch.zeros(sizes)) if fields.get("beta", True) else None

    def forward(self, x: Tensor) -> Tensor:
        x = x if self.weight is None else x * self.weight.view(self.laid_out)
        return x if self.bias is None else x + self.bias.view(self.laid_out)


def stochastic_depth(fields: dict[str, Any], x: Tensor) -> Call:
    """As torchvision has it: a branch kept with a chance, for each example or for the batch."""

    def drop(x: Tensor) -> Tensor:
        sizes = [x.shape[0] if fields.get("mode", "row") == "row" else 1, *(1,) * (x.dim() - 1)]
        return x * torch.ones(sizes).bernoulli_(0.5)

    return drop


def dropout(fields: dict[str, Any], x: Tensor) -> Call:
    rate = float(fields.get("rate", 0.5))
    return nn.Dropout2d(rate) if fields.get("maps") else nn.Dropout(rate)


def resized(fields: dict[str, Any], x: Tensor) -> Call:
    mode = fields.get("mode", "nearest")
    corners = None if mode == "nearest" else fields.get("align_corners", False)
    if mode == "bilinear":
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}.get(axes_of(x), mode)
    return nn.Upsample(fields["size"], mode=mode, align_corners=corners)


def reduced(fields: dict[str, Any], x: Tensor) -> Call:
    function = {"mean": torch.mean, "sum": torch.sum, "maximum": torch.amax}[fields["how"]]
    axes = (1,) if fields.get("over") == "channels" else tuple(range(2, x.dim()))
    return lambda x: function(x, axes, keepdim=True)


def plain(make: Callable[[], Call]) -> Callable[[dict[str, Any], Tensor], Call]:
    return lambda fields, x: make()


MODULES: dict[str, Callable[[dict[str, Any], Tensor], Call]] = {
    "conv": conv,
    "conv_transpose": conv_transpose,
    "maxpool": pool("MaxPool", dilation="dilation"),
    "avgpool": pool("AvgPool", count_pad="count_include_pad"),
    "globalavgpool": adaptive("AdaptiveAvgPool"),
    "globalmaxpool": adaptive("AdaptiveMaxPool"),
    "adaptiveavgpool": adaptive("AdaptiveAvgPool"),
    "adaptivemaxpool": adaptive("AdaptiveMaxPool"),
    "fc": fc,
    "bn": bn,
    "layernorm": layernorm,
    "groupnorm": groupnorm,
    "lrn": lrn,
    "relu": plain(nn.ReLU),
    "relu6": plain(nn.ReLU6),
    "elu": plain(nn.ELU),
    "gelu": plain(nn.GELU),
    "silu": plain(nn.SiLU),
    "hardswish": plain(nn.Hardswish),
    "hardsigmoid": plain(nn.Hardsigmoid),
    "sigmoid": plain(nn.Sigmoid),
    "tanh": plain(nn.Tanh),
    "softmax": plain(lambda: nn.Softmax(dim=1)),
    "leaky_relu": plain(nn.LeakyReLU),
    "prelu": prelu,
    "dropout": dropout,
    "stochastic_depth": stochastic_depth,
    "instancenorm": instancenorm,
    "unitnorm": lambda fields, x: lambda x: functional.normalize(x, dim=1),
    "affine": Affine,
    "mish": plain(nn.Mish),
    "softplus": plain(nn.Softplus),
    "softsign": plain(nn.Softsign),
    "selu": plain(nn.SELU),
    "celu": plain(nn.CELU),
    "hardtanh": plain(nn.Hardtanh),
    "logsigmoid": plain(nn.LogSigmoid),
    "hardshrink": plain(nn.Hardshrink),
    "softshrink": plain(nn.Softshrink),
    "tanhshrink": plain(nn.Tanhshrink),
    "threshold": plain(lambda: nn.Threshold(0.1, 0.0)),
    "rrelu": plain(nn.RReLU),
    "squareplus": lambda fields, x: lambda x: (x + torch.sqrt(torch.square(x) + 4)) / 2,
    "abs": lambda fields, x: torch.abs,
    "exp": lambda fields, x: torch.exp,
    "log": lambda fields, x: torch.log,
    "sqrt": lambda fields, x: torch.sqrt,
    "rsqrt": lambda fields, x: torch.rsqrt,
    "square": lambda fields, x: torch.square,
    "power": lambda fields, x: lambda x: x**3,
    "reciprocal": lambda fields, x: torch.reciprocal,
    "clip": lambda fields, x: lambda x: x.clamp(-1, 1),
    "erf": lambda fields, x: torch.erf,
    "sin": lambda fields, x: torch.sin,
    "cos": lambda fields, x: torch.cos,
    "log_softmax": plain(lambda: nn.LogSoftmax(dim=1)),
    "glu": plain(lambda: nn.GLU(dim=1)),
    "flatten": plain(nn.Flatten),
    "identity": plain(nn.Identity),
    "scale": scale,
    "slice": slice_layer,
    "pad": pad_layer,
    "shuffle": lambda fields, x: nn.ChannelShuffle(fields["groups"]),
    "upsample": upsample,
    "reduce": reduced,
    "pixel_shuffle": lambda fields, x: nn.PixelShuffle(fields["scale"][0]),
    "pixel_unshuffle": lambda fields, x: nn.PixelUnshuffle(fields["scale"][0]),
    "crop": lambda fields, x: lambda x: x[(..., *(slice(n, -n) for n in fields["size"]))],
    "broadcast": broadcast,
    "reshape": reshape,
}


def merged(op: str, values: Sequence[Tensor]) -> Tensor:
    """Concatenate, add or multiply; a vector lies over the positions of the map beside it."""
    if op == "concat":
        return torch.cat(list(values), dim=1)
    rank = max(value.dim() for value in values)
    first, *rest = (value.reshape(*value.shape, *(1,) * (rank - value.dim())) for value in values)
    for value in rest:
        first = first * value if op == "multiply" else first + value
    return first


def not_empty(y: Tensor) -> Tensor:
    """A transposed convolution of no position is refused, or returned empty, as the axes and the batch have it."""
    if y.numel() == 0:
        raise RefusedError("an empty output")
    return y


# ---- running a plan -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """What a step did: its output's shape (without the batch), its module and whether the module is another step's."""

    step: Step
    output: Shape
    module: Call | None = None
    shared: bool = False

    def arrays(self, kind: str) -> dict[str, Shape]:
        """The shapes of `parameters` or `buffers` by name, in PyTorch's order."""
        if self.shared or not isinstance(self.module, nn.Module):
            return {}
        named = getattr(self.module, f"named_{kind}")()
        return {
            name.rpartition(".")[2]: tuple(array.shape)
            for name, array in named
            if "num_batches" not in name
        }


class Run:
    """Runs the steps of a plan one by one. Modules are made for what arrives, in evaluation mode unless told.

    The batch is of two: in a batch of one, `nn.GroupNorm` refuses a group of one element, also in evaluation mode.
    """

    def __init__(self, batch: int = 2, train: bool = False) -> None:
        self.batch, self.train = batch, train
        self.values: dict[str, Tensor] = {}
        self.modules: dict[str, Call] = {}
        self.ran: list[Ran] = []

    def network(self, network: Network) -> Tensor:
        """Run all of it, and return the last output. Raises RefusedError, which has the place of the step refused."""
        return self.steps(network.steps, torch.zeros(self.batch, *network.input))

    def steps(self, steps: Sequence[Step], x: Tensor) -> Tensor:
        for step in steps:
            x = self.merge(step, x) if isinstance(step, Merge) else self.layer(step, x)
        return x

    def layer(self, layer: Layer, x: Tensor) -> Tensor:
        fields = dict(layer.fields)
        x = self.values[fields.pop("from")] if "from" in fields else x
        try:
            share = fields.pop("share", None)
            module = self.modules[share] if share else self.made(layer.op, fields, x)
            y = not_empty(module(x))
        except (RefusedError, *REFUSALS) as error:
            raise RefusedError(str(error), len(self.ran)) from error
        self.modules[layer.name] = module
        return self.record(Ran(layer, tuple(y.shape[1:]), module, share is not None), y)

    def made(self, op: str, fields: dict[str, Any], x: Tensor) -> Call:
        module = MODULES[op](fields, x)
        return module.train(self.train) if isinstance(module, nn.Module) else module

    def merge(self, merge: Merge, x: Tensor) -> Tensor:
        if merge.sources:
            values = [self.values[name] for name in merge.sources]
        else:
            x = self.values[merge.start] if merge.start else x
            values = [self.steps(branch, x) for branch in merge.branches]
            if merge.op == "residual" and len(values) == 1:
                values.append(x)
        try:
            y = merged(merge.op, values)
        except REFUSALS as error:
            raise RefusedError(str(error), len(self.ran)) from error
        return self.record(Ran(merge, tuple(y.shape[1:])), y)

    def record(self, ran: Ran, y: Tensor) -> Tensor:
        self.ran.append(ran)
        self.values[ran.step.name] = y
        return y


class TorchJudge:
    """What `Grower` asks: does PyTorch take this layer, and what comes out?"""

    def start(self, shape: Shape) -> Tensor:
        return torch.zeros(2, *shape)

    def layer(self, layer: Layer, value: Tensor) -> Tensor:
        fields = {key: field for key, field in layer.fields.items() if key not in ("from", "share")}
        return Run().layer(Layer(layer.op, fields), value)

    def merge(self, op: str, values: Sequence[Tensor]) -> Tensor:
        return merged(op, values)

    def shape(self, value: Tensor) -> Shape:
        return tuple(value.shape[1:])
