"""Ops on each element: activations, dropout, a constant factor, nothing at all."""

from __future__ import annotations

from typing import ClassVar

from cnncalc.ops.base import (
    Array,
    Factor,
    Kept,
    Op,
    Work,
    axis_factors,
    element_factors,
    per_element,
)
from cnncalc.ops.field_types import Flag, Fractional
from cnncalc.ops.fields import Field
from cnncalc.ops.shapes import Shape, elements, spatial


class _Activation(Op):
    """A function of one element. `per_value` says how many of which events one takes."""

    family = "pointwise"
    quiet = True
    in_place = True
    per_value: ClassVar[dict[str, int]]
    keeps_output: ClassVar[bool] = False
    """Whether the backward pass uses the output (as PyTorch's relu does) rather than the input."""

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """The events of one element, for each."""
        return tuple(per_element(event, output, times) for event, times in self.per_value.items())

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Input or output, as PyTorch's kernel does."""
        return Kept(output=True) if self.keeps_output else Kept(inputs=(0,))


class Relu(_Activation):
    """max(x, 0)."""

    kind = "relu"
    per_value: ClassVar[dict[str, int]] = {"compare": 1}
    keeps_output = True


class Relu6(_Activation):
    """min(max(x, 0), 6)."""

    kind = "relu6"
    per_value: ClassVar[dict[str, int]] = {"compare": 2}


class Elu(_Activation):
    """x, or α(e^x − 1) below 0."""

    kind = "elu"
    per_value: ClassVar[dict[str, int]] = {"compare": 1, "exp": 1, "add": 1, "mul": 1}


class Gelu(_Activation):
    """x/2·(1 + erf(x/√2)); erf is counted as one exp."""

    kind = "gelu"
    per_value: ClassVar[dict[str, int]] = {"mul": 3, "exp": 1, "add": 1}


class Silu(_Activation):
    """x/(1 + e^−x), also called swish."""

    kind = "silu"
    aliases = ("swish",)
    per_value: ClassVar[dict[str, int]] = {"exp": 1, "add": 1, "div": 1}


class Hardswish(_Activation):
    """x·relu6(x + 3)/6."""

    kind = "hardswish"
    aliases = ("hard_swish", "hard_silu")
    per_value: ClassVar[dict[str, int]] = {"add": 1, "compare": 2, "mul": 1, "div": 1}


class Hardsigmoid(_Activation):
    """relu6(x + 3)/6."""

    kind = "hardsigmoid"
    aliases = ("hard_sigmoid",)
    per_value: ClassVar[dict[str, int]] = {"add": 1, "compare": 2, "div": 1}


class Sigmoid(_Activation):
    """1/(1 + e^−x)."""

    kind = "sigmoid"
    per_value: ClassVar[dict[str, int]] = {"exp": 1, "add": 1, "div": 1}
    keeps_output = True


class Tanh(_Activation):
    """1 − 2/(e^2x + 1)."""

    kind = "tanh"
    per_value: ClassVar[dict[str, int]] = {"mul": 1, "exp": 1, "add": 2, "div": 1}
    keeps_output = True


class LeakyRelu(_Activation):
    """x, or a small constant times x below 0."""

    kind = "leaky_relu"
    aliases = ("leakyrelu",)
    per_value: ClassVar[dict[str, int]] = {"compare": 1, "mul": 1}


class Prelu(_Activation):
    """x, or a learned weight times x below 0 (He et al. 2015)."""

    kind = "prelu"
    fields = (Field("shared", Flag(), True, help="one weight for all channels, or one for each"),)
    per_value: ClassVar[dict[str, int]] = {"compare": 1, "mul": 1}
    quiet = False
    in_place = False

    shared: bool

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """weight (1) or (C)."""
        return (
            Array(
                "weight",
                "weights",
                (1,) if self.shared else (inputs[0][-1],),
                ("1" if self.shared else "C",),
            ),
        )


class Softmax(Op):
    """e^x/Σe^x over the channels, of each position by itself.

    The largest value is taken off first.
    """

    kind = "softmax"
    family = "pointwise"
    quiet = True

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """C - 1 comparisons for the maximum, C subtractions and exps, C - 1 additions, C divisions a position."""
        places = axis_factors("O", spatial(output))
        less = Factor("(C − 1)", output[-1] - 1, f"({output[-1]} − 1)")
        factors = element_factors(output)
        return (
            Work("compare", (*places, less), "max"),
            Work("add", factors, "− max"),
            Work("exp", factors),
            Work("add", (*places, less), "Σ"),
            Work("div", factors),
        )

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """The output."""
        return Kept(output=True)


class Dropout(Op):
    """Values set to zero in training; nothing at inference (Srivastava et al. 2014)."""

    kind = "dropout"
    family = "pointwise"
    bare = "rate"
    quiet = True
    is_view = True
    copies_in_training = True
    fields = (
        Field("rate", Fractional(0, 1), "1/2", help="the share that is dropped", aliases=("p",)),
    )

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """The mask, one value an element as PyTorch keeps it on a CPU."""
        return Kept(values=elements(output))


class Identity(Op):
    """Nothing: what arrives goes on."""

    kind = "identity"
    family = "pointwise"
    quiet = True
    is_view = True


class Scale(Op):
    """A constant multiplied in (as Inception-ResNet scales its residuals)."""

    kind = "scale"
    family = "pointwise"
    bare = "factor"
    quiet = True
    fields = (Field("factor", Fractional(), help="the constant"),)

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """One product for each element."""
        return (Work("mul", element_factors(output)),)
