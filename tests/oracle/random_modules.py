"""Random PyTorch modules from a seed: modules and functions mixed, shared layers, in-place ops, several inputs.

A module is a list of moves, each a function of the tensor that goes on. Every move is tried at once on tensors without
numbers, so that only those stay that PyTorch accepts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from .conftest import require

torch = require("torch")
nn, functional = torch.nn, torch.nn.functional

BATCH = 2
Tensor: TypeAlias = Any
Move: TypeAlias = Callable[[Any, Tensor], Tensor]


class Net(nn.Module):  # type: ignore[misc]
    """What the moves make of the first input; later inputs are added on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleDict()
        self.moves: list[Move] = []
        self.arriving: Sequence[Tensor] = ()
        self.kept: list[Tensor] = []

    def forward(self, *inputs: Tensor) -> Tensor:
        """Make the moves."""
        self.arriving, self.kept = inputs, []
        x = inputs[0]
        for move in self.moves:
            x = move(self, x)
        self.arriving, self.kept = (), []
        return x


class Maker:
    """Draws the moves of one module."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.net = Net().eval()
        self.rank = self.chance.choice((1, 2, 2, 2, 3))
        self.used: list[tuple[str, tuple[int, ...]]] = []
        self.shapes: list[tuple[int, ...]] = []

    def make(self) -> tuple[Any, tuple[Tensor, ...]]:
        """Draw a module and its inputs, without numbers."""
        size = self.chance.choice((8, 12, 16))
        channels = self.chance.choice((2, 4, 8))
        inputs = [torch.zeros(BATCH, channels, *(size,) * self.rank, device="meta")]
        x = inputs[0]
        for _ in range(self.chance.randrange(4, 14)):
            x = self.step(x, inputs)
        for move in self.head(x):
            x = move(self.net, x)
            self.net.moves.append(move)
        return self.net, tuple(inputs)

    def step(self, x: Tensor, inputs: list[Tensor]) -> Tensor:
        """One more move, or none where PyTorch refuses it."""
        drawn = self.chance.choice(
            (self.conv, self.conv, self.conv, self.conv_transpose, self.norm, self.activation, self.activation,
             self.pool, self.function, self.again, self.residual, self.gate, self.split, self.resize, self.arrive,
             self.move, self.move, self.learned)
        )  # fmt: skip
        layers = set(self.net.layers)
        before, used = len(inputs), len(self.used)
        self.net.arriving = inputs
        try:
            move = drawn(x, inputs)
            made = None if move is None else move(self.net, x)
        except (RuntimeError, ValueError):
            made = None
        if made is None or made.numel() == 0 or made.numel() > 100_000:
            del inputs[before:], self.used[used:]
            for name in set(self.net.layers) - layers:
                del self.net.layers[name]
            return x
        self.net.moves.append(move)
        return made

    def layer(self, made: Any) -> str:
        """Keep a layer under a name of its own."""
        name = f"{type(made).__name__.lower()}_{len(self.net.layers)}"
        self.net.layers[name] = made.to("meta").eval()
        return name

    def call(self, made: Any, x: Tensor) -> Move:
        """Call a new layer."""
        name = self.layer(made)
        self.used.append((name, tuple(x.shape)))
        return lambda net, x: net.layers[name](x)

    def of_rank(self, name: str) -> Any:
        return getattr(nn, f"{name}{self.rank}d")

    # ---- moves ------------------------------------------------------------------------------------------------------

    def conv(self, x: Tensor, inputs: list[Tensor]) -> Move:
        chance, channels = self.chance, x.shape[1]
        groups = chance.choice((1, 1, 2, channels))
        filters = chance.choice((4, 6, 8, channels)) * (1 if groups == 1 else groups)
        stride = chance.choice((1, 1, 2))
        made = self.of_rank("Conv")(
            channels, filters, chance.choice((1, 3, 3, 5)), stride=stride, groups=groups, bias=chance.random() < 0.5,
            padding=chance.choice((0, 1, 2, "same" if stride == 1 else 1)), dilation=chance.choice((1, 1, 2)),
        )  # fmt: skip
        if chance.random() < 0.3:
            return self.functional_conv(made)
        return self.call(made, x)

    def functional_conv(self, made: Any) -> Move:
        """The function, with the arrays of a module that is never called."""
        name, function = self.layer(made), getattr(functional, f"conv{self.rank}d")
        stride, pad, dilation, groups = made.stride, made.padding, made.dilation, made.groups
        return lambda net, x: function(
            x, net.layers[name].weight, net.layers[name].bias, stride, pad, dilation, groups
        )

    def conv_transpose(self, x: Tensor, inputs: list[Tensor]) -> Move:
        stride = self.chance.choice((1, 2))
        pads = {
            "padding": self.chance.choice((0, 1)),
            "output_padding": self.chance.choice((0, stride - 1)),
        }
        return self.call(
            self.of_rank("ConvTranspose")(
                x.shape[1], 4, self.chance.choice((2, 3, 4)), stride, **pads
            ),
            x,
        )

    def norm(self, x: Tensor, inputs: list[Tensor]) -> Move:
        channels, chance = x.shape[1], self.chance
        made = chance.choice(
            (
                lambda: self.of_rank("BatchNorm")(channels, affine=chance.random() < 0.8),
                lambda: nn.GroupNorm(2, channels),
                lambda: nn.LocalResponseNorm(3),
            )
        )()
        return self.call(made, x)

    def activation(self, x: Tensor, inputs: list[Tensor]) -> Move:
        chance = self.chance
        inplace = {"inplace": chance.random() < 0.5}
        modules = (
            lambda: nn.ReLU(**inplace), lambda: nn.ReLU6(**inplace), lambda: nn.SiLU(**inplace), nn.GELU,
            lambda: nn.Hardswish(**inplace), nn.Sigmoid, nn.Tanh, lambda: nn.PReLU(x.shape[1]), nn.PReLU,
            lambda: nn.LeakyReLU(**inplace), nn.Hardsigmoid, lambda: nn.ELU(**inplace), lambda: nn.Softmax(1),
            lambda: nn.Dropout(0.3, **inplace),
        )  # fmt: skip
        return self.call(chance.choice(modules)(), x)

    def function(self, x: Tensor, inputs: list[Tensor]) -> Move:
        chance = self.chance
        pads = tuple(chance.choice((0, 1, 2)) for _ in range(2 * self.rank))
        functions: tuple[Move, ...] = (
            lambda net, x: functional.relu(x),
            lambda net, x: torch.relu_(x),
            lambda net, x: functional.relu6(x),
            lambda net, x: functional.gelu(x),
            lambda net, x: functional.pad(x, pads),
            lambda net, x: x * 0.5,
            lambda net, x: functional.dropout(x, 0.1, training=False),
            lambda net, x: getattr(functional, f"max_pool{self.rank}d")(x, 2),
            lambda net, x: getattr(functional, f"avg_pool{self.rank}d")(x, 3, 1, 1),
            lambda net, x: x.sigmoid(),
        )
        return chance.choice(functions)

    def pool(self, x: Tensor, inputs: list[Tensor]) -> Move:
        chance = self.chance
        kernel, stride = chance.choice((2, 3)), chance.choice((1, 2))
        ceil = {"ceil_mode": chance.random() < 0.5}
        pad = chance.choice((0, 1))
        modules = (
            lambda: self.of_rank("MaxPool")(kernel, stride, pad, **ceil),
            lambda: self.of_rank("AvgPool")(
                kernel, stride, pad, **ceil, count_include_pad=chance.random() < 0.5
            ),
            lambda: self.of_rank("AdaptiveAvgPool")(chance.choice((2, 3, 4))),
            lambda: self.of_rank("AdaptiveMaxPool")(chance.choice((2, 4))),
        )
        return self.call(chance.choice(modules)(), x)

    def again(self, x: Tensor, inputs: list[Tensor]) -> Move | None:
        """A layer that was called before, on the same shape."""
        fitting = [name for name, shape in self.used if shape == tuple(x.shape)]
        if not fitting:
            return None
        name = self.chance.choice(fitting)
        return lambda net, x: net.layers[name](x)

    def residual(self, x: Tensor, inputs: list[Tensor]) -> Move:
        """What a conv makes of it, added to it or put behind it."""
        name = self.layer(self.of_rank("Conv")(x.shape[1], x.shape[1], 3, padding=1))
        in_place, joined = self.chance.random() < 0.3, self.chance.random() < 0.3

        def move(net: Any, x: Tensor) -> Tensor:
            y = net.layers[name](x)
            if joined:
                return torch.cat((x, y), dim=1)
            return y.add_(x) if in_place else x + y

        return move

    def gate(self, x: Tensor, inputs: list[Tensor]) -> Move:
        """Squeeze and excitation, the mean in one of its forms."""
        name = self.layer(self.of_rank("Conv")(x.shape[1], x.shape[1], 1))
        pooled = self.chance.random() < 0.5
        axes = tuple(range(2, 2 + self.rank))
        adaptive = getattr(functional, f"adaptive_avg_pool{self.rank}d")

        def move(net: Any, x: Tensor) -> Tensor:
            mean = adaptive(x, 1) if pooled else x.mean(axes, keepdim=True)
            return x * torch.sigmoid(net.layers[name](mean))

        return move

    def split(self, x: Tensor, inputs: list[Tensor]) -> Move | None:
        """Channels in two parts, one of them through a conv, joined, and shuffled or not."""
        channels = x.shape[1]
        if channels % 2:
            return None
        name = self.layer(self.of_rank("Conv")(channels // 2, channels // 2, 1))
        shuffled, form = self.chance.random() < 0.5, self.chance.randrange(3)

        def move(net: Any, x: Tensor) -> Tensor:
            half = channels // 2
            left, right = (
                x.chunk(2, 1)
                if form == 0
                else torch.split(x, half, 1)
                if form == 1
                else (x[:, :half], x[:, half:])
            )
            y = torch.cat((left, net.layers[name](right)), 1)
            if not shuffled:
                return y
            return y.view(y.shape[0], 2, half, *y.shape[2:]).transpose(1, 2).reshape(y.shape)

        return move

    def resize(self, x: Tensor, inputs: list[Tensor]) -> Move:
        if self.chance.random() < 0.5:
            return self.call(nn.Upsample(scale_factor=2), x)
        modes = {1: "linear", 2: "bilinear", 3: "trilinear"}
        mode = self.chance.choice(("nearest", modes[self.rank]))
        return lambda net, x: functional.interpolate(x, scale_factor=2, mode=mode)

    def move(self, x: Tensor, inputs: list[Tensor]) -> Move:
        """Values moved, merged or reduced by functions."""
        chance, axis = self.chance, self.chance.randrange(2, 2 + self.rank)
        size = chance.choice((5, 7, 10))
        modes = {
            1: ("nearest", "linear"),
            2: ("nearest", "bilinear", "bicubic"),
            3: ("nearest", "trilinear"),
        }
        mode = chance.choice(modes[self.rank])
        ends = (1, 1) * self.rank
        moves: tuple[Move, ...] = (
            lambda net, x: x.narrow(axis, 1, x.shape[axis] - 2),
            lambda net, x: x.select(axis, 0).unsqueeze(axis),
            lambda net, x: functional.pad(x, ends, mode=chance_mode),
            lambda net, x: functional.pad(x, tuple(-end for end in ends)),
            lambda net, x: torch.cat((x, x.sigmoid()), dim=axis),
            lambda net, x: x.mean(dim=1, keepdim=True),
            lambda net, x: x - x.relu(),
            lambda net, x: torch.maximum(x, x.tanh()),
            lambda net, x: x / (x.exp() + 1),
            lambda net, x: x.amax(dim=axis, keepdim=True),
            lambda net, x: functional.interpolate(x, size=(size,) * self.rank, mode=mode),
        )
        if self.rank == 2:
            moves += (
                lambda net, x: functional.pixel_shuffle(x, 2),
                lambda net, x: functional.pixel_unshuffle(x, 2),
            )
        chance_mode = chance.choice(("reflect", "replicate", "circular"))
        return chance.choice(moves)

    def learned(self, x: Tensor, inputs: list[Tensor]) -> Move:
        """A learned scale or shift: for each channel, position or element."""
        shapes = ((x.shape[1], *(1,) * self.rank), (1, *x.shape[2:]), tuple(x.shape[1:]))
        shape = self.chance.choice([shape for shape in shapes if max(shape) > 1] or [()])
        made = nn.ParameterList([nn.Parameter(torch.zeros(shape))])
        name, added = self.layer(made), self.chance.random() < 0.5
        return lambda net, x: x + net.layers[name][0] if added else x * net.layers[name][0]

    def arrive(self, x: Tensor, inputs: list[Tensor]) -> Move:
        """Another input, added."""
        inputs.append(torch.zeros(*x.shape, device="meta"))
        place = len(inputs) - 1
        return lambda net, x: x + net.arriving[place]

    def head(self, x: Tensor) -> list[Move]:
        """The end: a vector, and fully connected layers."""
        chance = self.chance
        axes = tuple(range(2, 2 + self.rank))
        pooled = chance.random() < 0.6
        features = x.shape[1] if pooled else x[0].numel()
        flatten = self.call(nn.Flatten(), x)
        vector: Move = (lambda net, x: x.mean(axes)) if pooled else flatten
        if pooled:
            del self.net.layers[self.used[-1][0]]
        first = self.call(nn.Linear(features, 6), x)
        return [
            vector,
            first,
            lambda net, x: functional.relu(x),
            self.call(nn.Linear(6, 3, bias=False), x),
        ]


def make(seed: int) -> tuple[Any, tuple[Tensor, ...]]:
    """A random module and its inputs."""
    return Maker(seed).make()
