"""Random layers for what arrives: `Maker` proposes some that fit, mostly, and `Breaker` some that should not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .plans import Layer, Merge, PerAxis, Shape, Step, product

ACTIVATIONS = (
    "relu", "relu6", "elu", "gelu", "silu", "hardswish", "hardsigmoid", "sigmoid", "tanh", "softmax", "leaky_relu",
    "prelu", "dropout", "identity",
)  # fmt: skip
PAD_MODES = ("reflect", "replicate", "circular")
FUNCTIONS = (
    "mish", "softplus", "softsign", "selu", "celu", "hardtanh", "logsigmoid", "hardshrink", "softshrink", "tanhshrink",
    "threshold", "rrelu", "squareplus", "abs", "exp", "log", "sqrt", "rsqrt", "square", "power", "reciprocal", "clip",
    "erf", "sin", "cos", "log_softmax", "glu",
)  # fmt: skip


# ---- layers that fit, or nearly --------------------------------------------------------------------------------------


class Maker:
    """Proposes layers for what arrives. Most fit; the `Judge` says which."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def per_axis(self, axes: int, values: Sequence[int]) -> PerAxis:
        if self.rng.random() < 0.6:
            return (self.rng.choice(values),) * axes
        return tuple(self.rng.choice(values) for _ in range(axes))

    def some(self, **fields: Any) -> dict[str, Any]:
        """The fields that are not None: the others stay away from the spec, to test their defaults."""
        return {key: value for key, value in fields.items() if value is not None}

    def maybe(self, chance: float, value: Any) -> Any:
        return value if self.rng.random() < chance else None

    def divisor(self, *numbers: int) -> int:
        return self.rng.choice(
            [g for g in range(1, min(numbers) + 1) if all(n % g == 0 for n in numbers)]
        )

    def pad(self, axes: int, *, named: Sequence[str] = ()) -> Any:
        kind = self.rng.random()
        if kind < 0.3:
            return None
        if kind < 0.45 and named:
            return self.rng.choice(named)
        if kind < 0.55:
            return tuple((self.rng.randint(0, 2), self.rng.randint(0, 2)) for _ in range(axes))
        return self.per_axis(axes, (0, 1, 1, 2))

    def conv(self, shape: Shape) -> Layer:
        channels, axes = shape[0], len(shape) - 1
        groups = self.divisor(channels) if self.rng.random() < 0.4 else 1
        return Layer("conv", self.some(
            filters=groups * self.rng.randint(1, max(1, 8 // groups)),
            kernel=self.per_axis(axes, (1, 2, 3, 3, 3, 4, 5)),
            stride=self.maybe(0.5, self.per_axis(axes, (1, 2, 2, 3))),
            pad=self.pad(axes, named=("same", "same", "valid")),
            dilation=self.maybe(0.25, self.per_axis(axes, (1, 2, 2, 3))),
            groups=groups if groups > 1 else self.maybe(0.1, 1),
            bias=self.maybe(0.4, self.rng.random() < 0.3),
        ))  # fmt: skip

    def conv_transpose(self, shape: Shape) -> Layer:
        channels, axes = shape[0], len(shape) - 1
        groups = self.divisor(channels) if self.rng.random() < 0.4 else 1
        return Layer("conv_transpose", self.some(
            filters=groups * self.rng.randint(1, max(1, 6 // groups)),
            kernel=self.per_axis(axes, (1, 2, 3, 4, 5)),
            stride=self.maybe(0.7, self.per_axis(axes, (1, 2, 2, 3))),
            pad=self.maybe(0.5, self.per_axis(axes, (0, 1, 1, 2))),
            output_pad=self.maybe(0.4, self.per_axis(axes, (0, 1, 1, 2))),
            dilation=self.maybe(0.2, self.per_axis(axes, (1, 2, 3))),
            groups=self.maybe(groups > 1, groups),
            bias=self.maybe(0.4, self.rng.random() < 0.3),
        ))  # fmt: skip

    def maxpool(self, shape: Shape) -> Layer:
        return Layer(
            "maxpool",
            self.pool_fields(len(shape) - 1, "dilation", self.per_axis(len(shape) - 1, (1, 2, 2))),
        )

    def avgpool(self, shape: Shape) -> Layer:
        fields = self.pool_fields(len(shape) - 1, "count_pad", self.rng.random() < 0.5)
        if self.unlike_others(shape, fields["kernel"]):
            return self.maxpool(shape)
        return Layer("avgpool", fields)

    def unlike_others(self, shape: Shape, kernel: PerAxis) -> bool:
        """Whether `avg_pool3d` refuses what every other pool takes: a kernel larger than the map, padded or not."""
        return len(shape) == 4 and any(k > n for k, n in zip(kernel, shape[1:], strict=True))

    def pool_fields(self, axes: int, own: str, value: Any) -> dict[str, Any]:
        kernel = self.per_axis(axes, (1, 2, 2, 3, 3, 4, 5))
        ceil = self.maybe(0.5, self.rng.random() < 0.8)
        pad = self.pool_pad(axes, kernel)
        if isinstance(pad, tuple) and isinstance(pad[0], tuple):
            ceil = None  # PyTorch has no uneven pad to ask about the last window
        stride = self.maybe(0.6, self.per_axis(axes, (1, 2, 2, 3)))
        fields = self.some(kernel=kernel, stride=stride, pad=pad, ceil=ceil)
        return {**fields, own: value} if self.rng.random() < 0.3 else fields

    def pool_pad(self, axes: int, kernel: PerAxis) -> Any:
        kind = self.rng.random()
        if kind < 0.4:
            return None
        if kind < 0.5:
            return tuple((self.rng.randint(0, k // 2), self.rng.randint(0, k // 2)) for k in kernel)
        if kind < 0.9:
            return tuple(self.rng.randint(0, k // 2) for k in kernel)
        return self.per_axis(axes, (0, 1, 2))

    def norm(self, shape: Shape) -> Layer:
        op = self.rng.choice(("bn", "bn", "layernorm", "groupnorm"))
        groups = self.divisor(shape[0]) if op == "groupnorm" else None
        fields = self.some(groups=groups, affine=self.maybe(0.3, self.rng.random() < 0.3))
        if "affine" not in fields:
            gamma, beta = (self.maybe(0.2, self.rng.random() < 0.4) for _ in range(2))
            fields |= self.some(gamma=gamma, beta=beta)
        return Layer(op, fields)

    def activation(self, shape: Shape) -> Layer:
        op = self.rng.choice(ACTIVATIONS)
        choices: dict[str, dict[str, Any]] = {
            "dropout": {"rate": "0.3"},
            "prelu": {"shared": self.rng.random() < 0.5},
        }
        return Layer(op, choices.get(op, {}) if self.rng.random() < 0.6 else {})

    def function(self, shape: Shape) -> Layer:
        return Layer(self.rng.choice(FUNCTIONS))

    def affine(self, shape: Shape) -> Layer:
        learned = self.rng.choice(({}, {"beta": False}, {"gamma": False}))
        return Layer("affine", {**learned, **self.some(per=self.maybe(0.3, "position"))})

    def over_positions(self, shape: Shape) -> Layer:
        """Instance norm, which refuses one value by itself; a reduction in its place."""
        if product(shape[1:]) > 1 and self.rng.random() < 0.5:
            return Layer("instancenorm", self.some(affine=self.maybe(0.5, self.rng.random() < 0.7)))
        over = self.maybe(0.5, "channels")
        return Layer(
            "reduce", self.some(how=self.rng.choice(("mean", "sum", "maximum")), over=over)
        )

    def resize(self, shape: Shape) -> Layer:
        axes = len(shape) - 1
        modes = ("nearest", "bilinear", "bicubic") if axes == 2 else ("nearest", "bilinear")
        mode = self.rng.choice(modes)
        corners = self.maybe(0.5 if mode != "nearest" else 0, True)
        size = self.per_axis(axes, (1, 2, 3, 5, 7, 9))
        return Layer("upsample", self.some(size=size, mode=mode, align_corners=corners))

    def other_padding(self, shape: Shape) -> Layer:
        mode, size = self.rng.choice(PAD_MODES), self.per_axis(len(shape) - 1, (1, 2, 3))
        if self.rng.random() < 0.5:
            return Layer("pad", {"size": size, "mode": mode})
        kernel = self.per_axis(len(shape) - 1, (1, 2, 3))
        return Layer("conv", {"filters": 3, "kernel": kernel, "pad": size, "pad_mode": mode})

    def blocks(self, shape: Shape) -> Layer:
        """Pixel shuffles, which PyTorch has of two axes alone; a crop in their place."""
        if len(shape) != 3:
            return Layer("crop", {"size": (1,) * (len(shape) - 1)})
        return Layer(self.rng.choice(("pixel_shuffle", "pixel_unshuffle")), {"scale": (2, 2)})

    def fc(self, shape: Shape) -> Layer:
        return Layer(
            "fc",
            self.some(units=self.rng.randint(1, 9), bias=self.maybe(0.4, self.rng.random() < 0.3)),
        )

    def flatten(self, shape: Shape) -> Layer:
        return Layer("flatten")

    def scale(self, shape: Shape) -> Layer:
        return Layer("scale", {"factor": self.rng.choice(("0.5", "2", "0.17"))})

    def adaptive(self, shape: Shape) -> Layer:
        op = self.rng.choice(("adaptiveavgpool", "adaptivemaxpool"))
        return Layer(op, {"size": self.per_axis(len(shape) - 1, (1, 2, 3, 5))})

    def global_pool(self, shape: Shape) -> Layer:
        return Layer(self.rng.choice(("globalavgpool", "globalmaxpool")))

    def upsample(self, shape: Shape) -> Layer:
        mode = self.maybe(0.6, self.rng.choice(("nearest", "bilinear")))
        return Layer(
            "upsample", self.some(scale=self.per_axis(len(shape) - 1, (1, 2, 2, 3)), mode=mode)
        )

    def pad_layer(self, shape: Shape) -> Layer:
        axes = len(shape) - 1
        size: Any = self.per_axis(axes, (0, 1, 2))
        if self.rng.random() < 0.3:
            size = (
                (0, 1),
                *((self.rng.randint(0, 2), self.rng.randint(0, 2)) for _ in range(axes - 1)),
            )
        channels = self.maybe(0.4 if any(size) else 1, self.rng.randint(1, 2))
        both = channels is None or self.rng.random() < 0.5
        return Layer("pad", self.some(size=self.maybe(both, size), channels=channels))

    def slice_layer(self, shape: Shape) -> Layer:
        first = self.rng.randrange(shape[0])
        channels = (first, self.rng.randint(first + 1, shape[0]))
        stride = self.per_axis(len(shape) - 1, (1, 2, 3))
        kind = self.rng.random() * (0.7 if max(stride) == 1 else 1)
        return Layer(
            "slice",
            self.some(
                channels=self.maybe(kind < 0.7, channels), stride=self.maybe(kind > 0.4, stride)
            ),
        )

    def slice_vector(self, shape: Shape) -> Layer:
        first = self.rng.randrange(shape[0])
        return Layer("slice", {"channels": (first, self.rng.randint(first + 1, shape[0]))})

    def shuffle(self, shape: Shape) -> Layer:
        return Layer("shuffle", {"groups": self.divisor(shape[0])})

    def lrn(self, shape: Shape) -> Layer:
        return Layer("lrn", self.some(size=self.maybe(0.5, self.rng.choice((1, 2, 3, 5)))))

    def reshape(self, shape: Shape) -> Layer:
        """The same elements with the last axis split, or all of them as a vector or a map of one position."""
        total = product(shape)
        split = self.divisor(total)
        last = (split, total // split)
        return Layer(
            "reshape", {"shape": self.rng.choice(((total,), (1, 1, total), last, (1, *last)))}
        )

    def broadcast(self, shape: Shape) -> Layer:
        return Layer("broadcast", {"size": (self.rng.randint(1, 4), self.rng.randint(1, 4))})

    def keep(self, shape: Shape, filters: int | None = None) -> Layer:
        """A layer that keeps every position, with `filters` channels if given."""
        axes = len(shape) - 1
        kernel = self.per_axis(axes, (1, 3, 3, 5))
        dilation = self.per_axis(axes, (1, 1, 2))
        pad = tuple((k - 1) * d // 2 for k, d in zip(kernel, dilation, strict=True))
        if filters is None and self.rng.random() < 0.5:
            return self.rng.choice((self.activation, self.norm, self.keep_pool))(shape)
        filters = filters or self.rng.randint(1, 6)
        return Layer(
            "conv", {"filters": filters, "kernel": kernel, "pad": pad, "dilation": dilation}
        )

    def keep_pool(self, shape: Shape) -> Layer:
        kernel = self.per_axis(len(shape) - 1, (1, 3, 5))
        op = (
            "maxpool"
            if self.unlike_others(shape, kernel)
            else self.rng.choice(("maxpool", "avgpool"))
        )
        return Layer(
            op,
            {"kernel": kernel, "stride": (1,) * len(kernel), "pad": tuple(k // 2 for k in kernel)},
        )


MAP_LAYERS = (
    (12, Maker.conv), (5, Maker.maxpool), (5, Maker.avgpool), (4, Maker.conv_transpose), (4, Maker.norm),
    (5, Maker.activation), (2, Maker.upsample), (2, Maker.adaptive), (1, Maker.global_pool), (2, Maker.fc),
    (1, Maker.flatten), (1, Maker.scale), (2, Maker.pad_layer), (2, Maker.slice_layer), (2, Maker.shuffle),
    (1, Maker.lrn), (1, Maker.reshape), (3, Maker.function), (1, Maker.affine), (2, Maker.over_positions),
    (2, Maker.resize), (2, Maker.other_padding), (2, Maker.blocks),
)  # fmt: skip
VECTOR_LAYERS = (
    (5, Maker.fc), (4, Maker.activation), (1, Maker.norm), (1, Maker.flatten), (1, Maker.scale), (1, Maker.reshape),
    (1, Maker.broadcast), (1, Maker.slice_vector), (2, Maker.function),
)  # fmt: skip
ENLARGING = {
    Maker.conv_transpose,
    Maker.upsample,
    Maker.pad_layer,
    Maker.resize,
    Maker.other_padding,
    Maker.blocks,
}


# ---- invalid on purpose ----------------------------------------------------------------------------------------------


class Breaker:
    """Proposes steps of which one should not fit. The judge has the last word."""

    def __init__(self, make: Maker) -> None:
        self.make, self.rng = make, make.rng

    def steps(self, shape: Shape) -> tuple[Step, ...]:
        if self.rng.random() < 0.05:
            return self.share(shape)
        kinds = VECTOR_BREAKERS if len(shape) == 1 else MAP_BREAKERS
        return (self.rng.choice(kinds)(self, shape),)

    def share(self, shape: Shape) -> tuple[Step, ...]:
        """The weights of a layer that saw one channel less."""
        if len(shape) == 1:
            fields: dict[str, Any] = {"units": shape[0] + 1}
        else:
            fields = {"filters": shape[0] + 1, "kernel": (1,) * (len(shape) - 1)}
        op = "fc" if len(shape) == 1 else "conv"
        return Layer(op, fields, "own"), Layer(op, {**fields, "share": "own"})

    def with_one(self, values: PerAxis, value: int) -> PerAxis:
        """One axis wrong, the others as they were."""
        place = self.rng.randrange(len(values))
        return (*values[:place], value, *values[place + 1 :])

    def kernel_too_large(self, shape: Shape) -> Layer:
        op = self.rng.choice(("conv", "maxpool", "avgpool"))
        axis = self.rng.randrange(1, len(shape))
        kernel = tuple(
            n + self.rng.randint(1, 3) if i == axis else 1 for i, n in enumerate(shape) if i
        )
        fields: dict[str, Any] = {"kernel": kernel}
        return Layer(op, {"filters": 2, **fields} if op == "conv" else fields)

    def dilated_too_large(self, shape: Shape) -> Layer:
        axes = len(shape) - 1
        op = self.rng.choice(("conv", "maxpool"))
        fields = {
            "kernel": (2,) * axes,
            "stride": (1,) * axes,
            "dilation": self.with_one((1,) * axes, max(shape[1:])),
        }
        return Layer(op, {"filters": 2, **fields} if op == "conv" else fields)

    def groups(self, shape: Shape) -> Layer:
        op = self.rng.choice(("conv", "conv_transpose"))
        groups = next(g for g in range(2, shape[0] + 2) if shape[0] % g)
        return Layer(
            op, {"filters": groups * 2, "kernel": (1,) * (len(shape) - 1), "groups": groups}
        )

    def filters_of_groups(self, shape: Shape) -> Layer:
        op = self.rng.choice(("conv", "conv_transpose"))
        return Layer(
            op, {"filters": shape[0] + 1, "kernel": (1,) * (len(shape) - 1), "groups": shape[0]}
        )

    def pool_pad(self, shape: Shape) -> Layer:
        kernel = self.make.per_axis(len(shape) - 1, (1, 2, 3))
        place = self.rng.randrange(len(kernel))
        pad = tuple(k // 2 + 1 if i == place else 0 for i, k in enumerate(kernel))
        fields: dict[str, Any] = {"kernel": kernel, "pad": pad}
        if self.rng.random() < 0.3:
            return Layer("maxpool", {**fields, "dilation": (2,) * len(kernel)})
        return Layer(self.rng.choice(("maxpool", "avgpool")), fields)

    def output_pad(self, shape: Shape) -> Layer:
        axes = len(shape) - 1
        stride = self.make.per_axis(axes, (1, 2, 3))
        room = self.with_one((0,) * axes, max(stride))
        return Layer(
            "conv_transpose",
            {"filters": 2, "kernel": (3,) * axes, "stride": stride, "output_pad": room},
        )

    def vanishing(self, shape: Shape) -> Layer:
        axes = len(shape) - 1
        pad = self.with_one((0,) * axes, max(shape[1:]))
        return Layer("conv_transpose", {"filters": 2, "kernel": (1,) * axes, "pad": pad})

    def not_positive(self, shape: Shape) -> Layer:
        axes = len(shape) - 1
        op, key, value = self.rng.choice((
            ("conv", "stride", 0), ("conv", "kernel", 0), ("conv", "dilation", 0), ("conv", "pad", -1),
            ("conv", "stride", -2), ("maxpool", "kernel", 0), ("maxpool", "stride", 0), ("avgpool", "pad", -1),
            ("conv_transpose", "stride", 0),
        ))  # fmt: skip
        fields = {"kernel": (2,) * axes, key: self.with_one((1,) * axes, value)}
        return Layer(op, fields if op.endswith("pool") else {"filters": 2, **fields})

    def other_space(self, shape: Shape) -> Layer:
        """A kernel for one axis more than there is."""
        kernel = (2, *(1,) * (len(shape) - 1))
        op = self.rng.choice(("conv", "maxpool", "conv_transpose"))
        return Layer(
            op, {"kernel": kernel} if op == "maxpool" else {"filters": 2, "kernel": kernel}
        )

    def norm_groups(self, shape: Shape) -> Layer:
        return Layer(self.rng.choice(("groupnorm", "shuffle")), {"groups": shape[0] + 1})

    def reshape(self, shape: Shape) -> Layer:
        return Layer("reshape", {"shape": (product(shape) + 1,)})

    def rate(self, shape: Shape) -> Layer:
        return Layer("dropout", {"rate": "1.5"})

    def merge_channels(self, shape: Shape) -> Merge:
        op = self.rng.choice(("add", "multiply", "residual"))
        return Merge(op, ((self.make.keep(shape, 2),), (self.make.keep(shape, 3),)))

    def merge_places(self, shape: Shape) -> Merge:
        """Two branches whose maps differ in one axis by one; neither is a single position, which would be laid over."""
        axes = len(shape) - 1
        op = self.rng.choice(("concat", "add", "multiply"))
        pad = self.with_one((1,) * axes, 2)
        ones = (1,) * axes
        one = Layer("conv", {"filters": 3, "kernel": ones, "pad": ones})
        return Merge(
            op,
            (
                (one,),
                (replace(one, fields={**one.fields, "pad": pad, "kernel": self.narrower(pad)}),),
            ),
        )

    def narrower(self, pad: PerAxis) -> PerAxis:
        return tuple(2 if p == 2 else 1 for p in pad)

    def merge_vector(self, shape: Shape) -> Merge:
        return Merge("concat", ((Layer("fc", {"units": 3}),), (self.make.keep(shape, 3),)))

    def gate(self, shape: Shape) -> Merge:
        op = self.rng.choice(("add", "multiply"))
        return Merge(
            op, ((self.make.keep(shape, 4),), (Layer("globalavgpool"), Layer("fc", {"units": 3})))
        )

    def inside(self, shape: Shape) -> Merge:
        """A good branch and one with a bad layer; what comes after the bad layer is nobody's fault."""
        bad = self.rng.choice((self.kernel_too_large, self.groups, self.pool_pad, self.output_pad))(
            shape
        )
        branches = [(self.make.keep(shape, 2), Layer("relu")), (bad, Layer("relu"))]
        self.rng.shuffle(branches)
        return Merge(self.rng.choice(("concat", "add", "residual")), tuple(branches))

    def map_wanted(self, shape: Shape) -> Layer:
        conv: dict[str, Any] = {"filters": 2, "kernel": (1, 1)}
        pool, twice = {"kernel": (2, 2)}, {"scale": (2, 2)}
        choices = (("conv", conv), ("conv_transpose", conv), ("maxpool", pool), ("upsample", twice))
        return Layer(*self.rng.choice(choices))

    def vectors(self, shape: Shape) -> Merge:
        branches = ((Layer("fc", {"units": 3}), Layer("relu")), (Layer("fc", {"units": 4}),))
        return Merge(self.rng.choice(("add", "multiply")), branches)


MAP_BREAKERS = (
    Breaker.kernel_too_large, Breaker.kernel_too_large, Breaker.dilated_too_large, Breaker.groups,
    Breaker.filters_of_groups, Breaker.pool_pad, Breaker.pool_pad, Breaker.output_pad, Breaker.vanishing,
    Breaker.not_positive, Breaker.other_space, Breaker.norm_groups, Breaker.reshape, Breaker.rate,
    Breaker.merge_channels, Breaker.merge_places, Breaker.merge_vector, Breaker.gate, Breaker.inside, Breaker.inside,
)  # fmt: skip
VECTOR_BREAKERS = (
    Breaker.map_wanted,
    Breaker.vectors,
    Breaker.norm_groups,
    Breaker.reshape,
    Breaker.rate,
)
AFTER = (Layer("relu"), Layer("bn"), Layer("identity"), Layer("fc", {"units": 5}))
