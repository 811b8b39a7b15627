"""Fully connected layers."""

from __future__ import annotations

from cnncalc.ops.base import Array, Caption, Factor, Kept, Op, Step, Work, element_factors
from cnncalc.ops.field_types import Flag, Whole
from cnncalc.ops.fields import Field
from cnncalc.ops.shapes import Shape, elements, positions


class Fc(Op):
    """Fully connected layer; a map is flattened with no row of its own.

    n·U weights, U biases, n·U MACs.
    """

    kind = "fc"
    family = "dense"
    bare = "units"
    is_activation_map = True
    sees_all = True
    depth_field = "units"
    depth_letter = "U"
    fields = (
        Field("units", Whole(), help="how many outputs", aliases=("out_features",)),
        Field("bias", Flag(), True, help="a bias for each output", aliases=("use_bias",)),
    )

    units: int
    bias: bool

    def output_shape(self, *inputs: Shape) -> Shape:
        """One axis of U."""
        return (self.units,)

    def caption(self, shape: Shape) -> Caption:
        """The units."""
        return Caption(self.kind, amount=self.units)

    def inputs_factor(self, shape: Shape) -> Factor:
        """n, the elements of what arrives; with its product where that is a map."""
        return Factor("n", elements(shape), "·".join(map(str, shape)))

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """weight (U, n); bias (U)."""
        weight = Array("weight", "weights", (self.units, elements(inputs[0])), ("U", "n"))
        return (weight, Array("bias", "biases", (self.units,), ("U",))) if self.bias else (weight,)

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """n·U MACs, U biases added."""
        units = Factor("U", self.units)
        macs = Work("mac", (self.inputs_factor(inputs[0]), units))
        return (macs, Work("bias_add", (units,))) if self.bias else (macs,)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """The gradient of the weights needs the input."""
        return Kept(inputs=(0,))

    def window(self, *inputs: Shape) -> int:
        """Every position of the map."""
        return positions(inputs[0])

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """U, whatever arrives."""
        (shape,) = inputs
        steps: tuple[Step, ...] = ()
        if len(shape) > 1:
            factors = element_factors(shape, "N")
            formula = "n = " + "·".join(factor.symbol for factor in factors)
            steps = (
                Step(
                    "inputs",
                    formula,
                    "·".join(map(str, shape)),
                    str(elements(shape)),
                    "the map is flattened",
                ),
            )
        return (*steps, Step("output", "U", str(self.units), str(self.units)))
