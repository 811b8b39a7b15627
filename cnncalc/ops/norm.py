"""Normalisation: batch, layer, group and local response."""

from __future__ import annotations

from cnncalc.ops.base import (
    Array,
    Factor,
    Kept,
    Op,
    OpError,
    Work,
    axis_factors,
    element_factors,
    per_element,
)
from cnncalc.ops.field_types import Flag, Whole
from cnncalc.ops.fields import Field, SameAs
from cnncalc.ops.shapes import Shape, elements, positions, spatial

_AFFINE = Field("affine", Flag(), True, help="a learned scale and shift")
_GAMMA = Field(
    "gamma",
    Flag(),
    SameAs("affine"),
    help="a learned scale for each channel; as affine",
    aliases=("scale",),
)
_BETA = Field(
    "beta",
    Flag(),
    SameAs("affine"),
    help="a learned shift for each channel; as affine",
    aliases=("center",),
)


class _Norm(Op):
    """y = γ·(x − μ)/√(σ² + ε) + β; γ counts as weights, β as biases."""

    family = "norm"
    normalizes = True

    gamma: bool
    beta: bool

    def scale_and_shift(self, depth: int) -> tuple[Array, ...]:
        """gamma (C) and beta (C), as far as they are learned."""
        arrays = (
            Array("gamma", "weights", (depth,), ("C",)),
            Array("beta", "biases", (depth,), ("C",)),
        )
        return tuple(
            array for array, wanted in zip(arrays, (self.gamma, self.beta), strict=True) if wanted
        )

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """gamma (C), beta (C)."""
        return self.scale_and_shift(inputs[0][-1])

    def normalise(self, output: Shape) -> tuple[Work, ...]:
        """Per element: take off the mean, multiply by 1/σ, and the learned scale and shift."""
        learned = [per_element("mul", output, why="γ")] * self.gamma + [
            per_element("add", output, why="β")
        ] * self.beta
        return (
            per_element("add", output, why="− μ"),
            per_element("mul", output, why="· 1/σ"),
            *learned,
        )

    def inverse_root(self, *groups: Factor) -> tuple[Work, ...]:
        """1/√(σ² + ε) once for each group of values that share it."""
        return Work("add", groups, "+ ε"), Work("sqrt", groups), Work("div", groups)

    def statistics(self, output: Shape, size: int, *groups: Factor) -> tuple[Work, ...]:
        """Mean and variance of groups of `size` values each, computed from the input."""
        less = Factor("(m − 1)", size - 1, f"({size} − 1)")
        return (
            Work("add", (*groups, less), "Σx"),
            Work("div", groups, "μ"),
            per_element("mul", output, why="(x − μ)²"),
            Work("add", (*groups, less), "Σ(x − μ)²"),
            Work("div", groups, "σ²"),
        )


class BatchNorm(_Norm):
    """Batch normalisation with its running statistics, as at inference (Ioffe and Szegedy 2015).

    PyTorch's `num_batches_tracked` is not counted among the buffers.
    """

    kind = "bn"
    aliases = ("batchnorm1d", "batchnorm2d", "batchnorm3d", "batchnormalization")
    fields = (_AFFINE, _GAMMA, _BETA)

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """gamma (C), beta (C), and the running mean (C) and variance (C) as buffers."""
        depth = inputs[0][-1]
        running = (
            Array("mean", "buffers", (depth,), ("C",)),
            Array("var", "buffers", (depth,), ("C",)),
        )
        return (*self.scale_and_shift(depth), *running)

    @property
    def is_uniform(self) -> bool:
        """Whatever the size of the map."""
        return True

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """1/√(σ² + ε) once a channel, the rest for each element."""
        return (*self.inverse_root(Factor("C", output[-1])), *self.normalise(output))

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, and the batch's mean and 1/σ of each channel."""
        return Kept(inputs=(0,), batch_values=2 * output[-1])


class LayerNorm(_Norm):
    """Normalisation over the channels of each position (Ba et al. 2016)."""

    kind = "layernorm"
    aliases = ("layernormalization",)
    fields = (_AFFINE, _GAMMA, _BETA)

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Statistics and 1/√(σ² + ε) once a position, the rest for each element."""
        groups = axis_factors("O", spatial(output))
        return (
            *self.statistics(output, output[-1], *groups),
            *self.inverse_root(*groups),
            *self.normalise(output),
        )

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, and the mean and 1/σ of each position."""
        return Kept(inputs=(0,), values=2 * positions(output))


class GroupNorm(_Norm):
    """Normalisation over groups of channels of the whole map (Wu and He 2018)."""

    kind = "groupnorm"
    aliases = ("groupnormalization",)
    bare = "groups"
    fields = (
        Field("groups", Whole(), help="how many groups", aliases=("num_groups",)),
        _AFFINE,
        _GAMMA,
        _BETA,
    )

    groups: int

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the same shape; the groups must divide the channels."""
        if inputs[0][-1] % self.groups:
            raise OpError(
                f"{inputs[0][-1]} channels cannot be divided into {self.groups} groups",
                "",
                "groups",
            )
        return inputs[0]

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Statistics and 1/√(σ² + ε) once a group, the rest for each element."""
        groups = Factor("g", self.groups)
        size = elements(output) // self.groups
        return (
            *self.statistics(output, size, groups),
            *self.inverse_root(groups),
            *self.normalise(output),
        )

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, and the mean and 1/σ of each group."""
        return Kept(inputs=(0,), values=2 * self.groups)


class InstanceNorm(_Norm):
    """Normalisation of each channel over its own map (Ulyanov et al. 2016)."""

    kind = "instancenorm"
    aliases = ("instancenorm1d", "instancenorm2d", "instancenorm3d")
    needs_map = True
    fields = (_AFFINE._replace(default=False), _GAMMA, _BETA)

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Statistics and 1/√(σ² + ε) once a channel, the rest for each element."""
        depth = Factor("C", output[-1])
        return (
            *self.statistics(output, positions(output), depth),
            *self.inverse_root(depth),
            *self.normalise(output),
        )

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, the mean and 1/σ of each channel, and γ repeated for each example."""
        return Kept(inputs=(0,), values=(2 + self.gamma) * output[-1])


class RmsNorm(_Norm):
    """Division by the root mean square over the channels of each position (Zhang and Sennrich 2019)."""

    kind = "rmsnorm"
    aliases = ("rmsnormalization",)
    fields = (Field("gamma", Flag(), True, help=_GAMMA.help.partition(";")[0], aliases=("scale",)),)
    beta = False

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Return the mean square and its inverse root once a position, a product or two for each element."""
        groups = axis_factors("O", spatial(output))
        less = Factor("(C − 1)", output[-1] - 1, f"({output[-1]} − 1)")
        learned = (per_element("mul", output, why="γ"),) * self.gamma
        return (
            per_element("mul", output, why="x²"),
            Work("add", (*groups, less), "Σx²"),
            Work("div", groups, "mean"),
            *self.inverse_root(*groups),
            per_element("mul", output, why="· 1/rms"),
            *learned,
        )

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, 1/rms of each position, and the normalised values that γ multiplies."""
        return Kept(inputs=(0,), values=positions(output) + self.gamma * elements(output))


class UnitNorm(Op):
    """Division by the length √Σx² over the channels of each position."""

    kind = "unitnorm"
    aliases = ("unitnormalization",)
    hidden_by_default = True
    family = "norm"

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Squares, their sum and its root once a position, a division for each element."""
        groups = axis_factors("O", spatial(output))
        less = Factor("(C − 1)", output[-1] - 1, f"({output[-1]} − 1)")
        return (
            per_element("mul", output, why="x²"),
            Work("add", (*groups, less), "Σx²"),
            Work("sqrt", groups),
            per_element("div", output),
        )

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, and the length of each position before and after it is kept from 0."""
        return Kept(inputs=(0,), values=2 * positions(output))


class Lrn(Op):
    """Local response normalisation over n neighbouring channels (Krizhevsky et al. 2012).

    b = a/(k + α·Σa²)^β.
    """

    kind = "lrn"
    aliases = ("localresponsenorm",)
    family = "norm"
    normalizes = True
    bare = "size"
    needs_map = True
    hidden_by_default = True
    fields = (Field("size", Whole(), 5, help="neighbouring channels that are summed"),)

    size: int

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Squares; sums of the channels that are there; α, k, the power (one exp and one product), one division."""
        summed = Factor("Σ(window − 1)", self.summed(output[-1]) - output[-1])
        places = axis_factors("O", spatial(output))
        factors = element_factors(output)
        return (
            Work("mul", factors, "a²"),
            Work("add", (*places, summed), "Σa²"),
            Work("mul", factors, "·α"),
            Work("add", factors, "+k"),
            Work("mul", factors, "β·ln"),
            Work("exp", factors, "^β"),
            Work("div", factors),
        )

    def summed(self, depth: int) -> int:
        """Channels in all windows together: those at the edges see less than n."""
        below, above = self.size // 2, (self.size - 1) // 2

        def side(reach: int) -> int:
            reach = min(reach, depth - 1)
            return reach * depth - reach * (reach + 1) // 2

        return depth + side(below) + side(above)

    def window(self, *inputs: Shape) -> int:
        """n channels."""
        return self.size

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """As PyTorch composes it: the input, its padded square, the sum before the power and the power."""
        padded = positions(output) * (output[-1] + self.size - 1)
        return Kept(inputs=(0,), values=padded + 2 * elements(output))
