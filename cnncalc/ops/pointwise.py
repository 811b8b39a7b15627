"""Ops on each element that are no activations: dropout, constants, learned scales and shifts, nothing at all."""

from __future__ import annotations

from cnncalc.ops.base import Array, Factor, Kept, Op, OpError, Work, axis_factors, per_element
from cnncalc.ops.field_types import Flag, Fractional, Word
from cnncalc.ops.fields import Field
from cnncalc.ops.shapes import Shape, elements, spatial


class Dropout(Op):
    """Values set to zero in training; nothing at inference (Srivastava et al. 2014)."""

    kind = "dropout"
    family = "pointwise"
    bare = "rate"
    hidden_by_default = True
    is_view = True
    copies_in_training = True
    fields = (
        Field("rate", Fractional(0, 1), "1/2", help="the share that is dropped", aliases=("p",)),
        Field("maps", Flag(), False, help="drop whole channels, not single values"),
    )

    maps: bool

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the mask, as PyTorch keeps it on a CPU: one value an element, or a channel where whole maps are
        dropped.
        """
        return Kept(values=output[-1] if self.maps else elements(output))


class StochasticDepth(Op):
    """A branch set to zero in training, for some examples; nothing at inference (Huang et al. 2016)."""

    kind = "stochastic_depth"
    aliases = ("stochasticdepth", "droppath")
    family = "pointwise"
    bare = "rate"
    hidden_by_default = True
    is_view = True
    copies_in_training = True
    fields = (
        Field("rate", Fractional(0, 1), help="the share that is dropped", aliases=("p",)),
        Field(
            "mode",
            Word("row", "batch"),
            "row",
            help="draw for each example, or once for the whole batch",
        ),
    )

    mode: str

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return what was drawn: one value an example, or one for the batch."""
        return Kept(values=1) if self.mode == "row" else Kept(batch_values=1)


class Identity(Op):
    """Nothing: what arrives goes on."""

    kind = "identity"
    family = "pointwise"
    hidden_by_default = True
    is_view = True


class Scale(Op):
    """A constant multiplied in, and one added (as Inception-ResNet scales its residuals)."""

    kind = "scale"
    aliases = ("rescaling",)
    family = "pointwise"
    bare = "factor"
    needs_one_of = ("factor", "offset")
    hidden_by_default = True
    fields = (
        Field("factor", Fractional(), 1, help="the constant that is multiplied in"),
        Field("offset", Fractional(), 0, help="the constant that is added"),
    )

    factor: object
    offset: object

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """One product for each element, one sum where something is added; none for a factor of 1."""
        product = (per_element("mul", output),) if self.factor != 1 else ()
        return product + ((per_element("add", output),) if self.offset != 0 else ())


class Affine(Op):
    """A learned scale and a learned shift with no normalisation, such as ConvNeXt's layer scale (Liu et al. 2022).

    With one value an element it is a position embedding, with gamma false; arrays are in PyTorch's order.
    """

    kind = "affine"
    family = "pointwise"
    fields = (
        Field("gamma", Flag(), True, help="a learned scale"),
        Field("beta", Flag(), True, help="a learned shift"),
        Field(
            "per",
            Word("channel", "position", "element"),
            "channel",
            help="what has a value of its own",
        ),
    )

    gamma: bool
    beta: bool
    per: str

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the same shape. Raises OpError where nothing is learned."""
        if not self.gamma and not self.beta:
            raise OpError("affine learns nothing", "leave it out, or set gamma or beta", "gamma")
        return inputs[0]

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """gamma and beta, as far as they are learned: (C), (O_h, O_w) or (C, O_h, O_w)."""
        (shape,) = inputs
        depth = (Factor("C", shape[-1]),) if self.per != "position" else ()
        places = axis_factors("O", spatial(shape)) if self.per != "channel" else ()
        axes = (*depth, *places) or (Factor("1", 1),)
        sizes, symbols = (tuple(axis.value for axis in axes), tuple(axis.symbol for axis in axes))
        gamma = Array("gamma", "weights", sizes, symbols)
        beta = Array("beta", "biases", sizes, symbols)
        return (gamma,) * self.gamma + (beta,) * self.beta

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """One product and one sum for each element."""
        product, total = per_element("mul", output, why="γ"), per_element("add", output, why="β")
        return (product,) * self.gamma + (total,) * self.beta

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, which the gradient of γ needs; nothing for a shift alone."""
        return Kept(inputs=(0,) if self.gamma else ())
