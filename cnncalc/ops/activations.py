"""Activations and other functions of one element, softmax, and gates.

Each event is one step of the formula; a sign change and a comparison's choice are free, and a logarithm, erf, sine or
cosine counts as one exp. What the backward pass keeps is what PyTorch's kernels on a CPU save.
"""

from __future__ import annotations

from typing import ClassVar

from cnncalc.ops.base import (
    Array,
    Factor,
    Kept,
    Op,
    OpError,
    Step,
    Work,
    axis_factors,
    element_factors,
    per_element,
    shape_step,
)
from cnncalc.ops.field_types import Flag
from cnncalc.ops.fields import Field
from cnncalc.ops.shapes import Shape, elements, spatial
from cnncalc.text.messages import message


class _Activation(Op):
    """A function of one element. `per_value` says how many of which events one takes."""

    family = "pointwise"
    hidden_by_default = True
    in_place = True
    per_value: ClassVar[dict[str, int]]
    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = False
    """Whether the backward pass uses the output (as PyTorch's relu does) rather than the input."""
    keeps_more: ClassVar[int] = 0
    """Values an element that are kept besides, steps on the way to the output."""

    @property
    def is_uniform(self) -> bool:
        """Whatever the size of the map."""
        return True

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Return the events of one element, for each."""
        return tuple(per_element(event, output, times) for event, times in self.per_value.items())

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Input or output, as PyTorch's kernel does, and steps on the way where it is composed of several."""
        kept: tuple[int, ...] = (0,) if self.keeps_input and not self.keeps_output else ()
        return Kept(kept, self.keeps_output, self.keeps_more * elements(output))


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
    in_place = False  # PyTorch has none
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


def _exponentials(output: Shape) -> tuple[Work, ...]:
    """Return the work of Σe^x over the channels of each position, the largest x taken off first."""
    places = axis_factors("O", spatial(output))
    less = Factor("(C − 1)", output[-1] - 1, f"({output[-1]} − 1)")
    factors = element_factors(output)
    return (
        Work("compare", (*places, less), "max"),
        Work("add", factors, "− max"),
        Work("exp", factors),
        Work("add", (*places, less), "Σ"),
    )


class Softmax(Op):
    """e^x/Σe^x over the channels, of each position by itself.

    The largest value is taken off first.
    """

    kind = "softmax"
    family = "pointwise"
    hidden_by_default = True

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """C - 1 comparisons for the maximum, C subtractions and exps, C - 1 additions, C divisions a position."""
        return (*_exponentials(output), Work("div", element_factors(output)))

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the output."""
        return Kept(output=True)


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
    hidden_by_default = False
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


class Mish(_Activation):
    """x·tanh(ln(1 + e^x)) (Misra 2019)."""

    kind = "mish"
    per_value: ClassVar[dict[str, int]] = {"exp": 3, "add": 3, "mul": 2, "div": 1}


class Softplus(_Activation):
    """ln(1 + e^x)."""

    kind = "softplus"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"exp": 2, "add": 1}


class Softsign(_Activation):
    """x/(1 + |x|)."""

    kind = "softsign"
    aliases = ("soft_sign",)
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"compare": 1, "add": 1, "div": 1}
    keeps_more = 1


class Selu(_Activation):
    """λx, or λα(e^x − 1) below 0 (Klambauer et al. 2017)."""

    kind = "selu"
    per_value: ClassVar[dict[str, int]] = {"compare": 1, "exp": 1, "add": 1, "mul": 2}


class Celu(_Activation):
    """x, or α(e^(x/α) − 1) below 0 (Barron 2017)."""

    kind = "celu"
    per_value: ClassVar[dict[str, int]] = {"compare": 1, "exp": 1, "add": 1, "mul": 2}


class Hardtanh(_Activation):
    """min(max(x, −1), 1)."""

    kind = "hardtanh"
    aliases = ("hard_tanh",)
    per_value: ClassVar[dict[str, int]] = {"compare": 2}


class LogSigmoid(_Activation):
    """−ln(1 + e^−x)."""

    kind = "logsigmoid"
    aliases = ("log_sigmoid",)
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"exp": 2, "add": 1}
    keeps_more = 1


class Hardshrink(_Activation):
    """x, or 0 from −λ to λ."""

    kind = "hardshrink"
    aliases = ("hard_shrink",)
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"compare": 2}


class Softshrink(_Activation):
    """x moved towards 0 by λ, or 0 from −λ to λ."""

    kind = "softshrink"
    aliases = ("soft_shrink",)
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"compare": 2, "add": 1}


class Tanhshrink(_Activation):
    """x − tanh(x)."""

    kind = "tanhshrink"
    aliases = ("tanh_shrink",)
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"mul": 1, "exp": 1, "add": 3, "div": 1}
    keeps_input = False
    keeps_more = 1


class Threshold(_Activation):
    """x, or a constant below a threshold."""

    kind = "threshold"
    per_value: ClassVar[dict[str, int]] = {"compare": 1}


class Rrelu(_Activation):
    """x, or below 0 a factor times x that training draws and inference fixes."""

    kind = "rrelu"
    per_value: ClassVar[dict[str, int]] = {"compare": 1, "mul": 1}
    keeps_more = 1


class Squareplus(_Activation):
    """(x + √(x² + b))/2 (Barron 2021)."""

    kind = "squareplus"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"mul": 2, "add": 2, "sqrt": 1}
    keeps_more = 1


class Abs(_Activation):
    """|x|."""

    kind = "abs"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"compare": 1}


class Exp(_Activation):
    """e^x."""

    kind = "exp"
    aliases = ("exponential",)
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"exp": 1}
    keeps_output = True


class Log(_Activation):
    """ln x."""

    kind = "log"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"exp": 1}


class Sqrt(_Activation):
    """√x."""

    kind = "sqrt"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"sqrt": 1}
    keeps_output = True


class Rsqrt(_Activation):
    """1/√x."""

    kind = "rsqrt"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"sqrt": 1, "div": 1}
    keeps_output = True


class Square(_Activation):
    """x²."""

    kind = "square"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"mul": 1}


class Power(_Activation):
    """x^p with a constant p."""

    kind = "power"
    aliases = ("pow",)
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"exp": 1, "mul": 1}


class Reciprocal(_Activation):
    """1/x."""

    kind = "reciprocal"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"div": 1}
    keeps_output = True


class Clip(_Activation):
    """min(max(x, a), b) with constants a and b."""

    kind = "clip"
    aliases = ("clamp",)
    per_value: ClassVar[dict[str, int]] = {"compare": 2}


class Erf(_Activation):
    """the error function of x."""

    kind = "erf"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"exp": 1}


class Sin(_Activation):
    """sin x."""

    kind = "sin"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"exp": 1}


class Cos(_Activation):
    """cos x."""

    kind = "cos"
    in_place = False
    per_value: ClassVar[dict[str, int]] = {"exp": 1}


class LogSoftmax(Op):
    """ln of softmax: x − ln Σe^x over the channels, of each position by itself.

    The largest value is taken off first.
    """

    kind = "log_softmax"
    aliases = ("logsoftmax",)
    family = "pointwise"
    hidden_by_default = True

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """As softmax, with one logarithm a position and one subtraction an element for the divisions."""
        return (
            *_exponentials(output),
            Work("exp", axis_factors("O", spatial(output)), "ln"),
            Work("add", element_factors(output), "− ln Σ"),
        )

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the output."""
        return Kept(output=True)


class Glu(Op):
    """Half of the channels, times the sigmoid of the other half (Dauphin et al. 2016)."""

    kind = "glu"
    family = "pointwise"

    def output_shape(self, *inputs: Shape) -> Shape:
        """C/2 channels."""
        (shape,) = inputs
        if shape[-1] % 2:
            raise OpError(
                f"glu halves the channels, but {shape[-1]} arrive", "an even number is needed"
            )
        return (*spatial(shape), shape[-1] // 2)

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Return a sigmoid and a product for each output element."""
        events = {"exp": "e^−b", "add": "1 +", "div": "σ(b)", "mul": "a·σ(b)"}
        return tuple(per_element(event, output, why=why) for event, why in events.items())

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input."""
        return Kept(inputs=(0,))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the positions, and C/2."""
        positions = shape_step(message("those that arrive"), spatial(output))._replace(
            symbol="positions"
        )
        depth = Step("depth", "C/2", f"{inputs[0][-1]}/2", str(output[-1]))
        return (positions, depth) if len(output) > 1 else (depth._replace(symbol="output"),)
