"""Fully connected layers."""

from __future__ import annotations

from cnncalc.ops.base import (
    Array,
    Caption,
    Factor,
    Kept,
    Op,
    OpError,
    Step,
    Work,
    axis_factors,
    element_factors,
    shape_step,
)
from cnncalc.ops.field_types import Flag, Whole
from cnncalc.ops.fields import Field
from cnncalc.ops.shapes import Shape, elements, positions, spatial
from cnncalc.text.messages import message

_FIELDS = (
    Field("units", Whole(), help="how many outputs", aliases=("out_features",)),
    Field("bias", Flag(), True, help="a bias for each output", aliases=("use_bias",)),
)


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
    fields = _FIELDS

    units: int
    bias: bool

    def output_shape(self, *inputs: Shape) -> Shape:
        """One axis of U."""
        return (self.units,)

    def caption(self, shape: Shape) -> Caption:
        """Return the units."""
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
        """Return the input, which the gradient of the weights needs."""
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
                    message("the map is flattened"),
                ),
            )
        return (*steps, Step("output", "U", str(self.units), str(self.units)))


class Linear(Op):
    """Fully connected over the channels, of each position by itself; of a vector the same as fc.

    C·U weights, U biases, C·U MACs a position (PyTorch's Linear, Keras' Dense).
    """

    kind = "linear"
    aliases = ("dense",)
    family = "dense"
    bare = "units"
    is_activation_map = True
    depth_field = "units"
    depth_letter = "U"
    fields = _FIELDS

    units: int
    bias: bool

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the same positions, U channels."""
        return (*spatial(inputs[0]), self.units)

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """weight (U, C); bias (U)."""
        weight = Array("weight", "weights", (self.units, inputs[0][-1]), ("U", "C"))
        return (weight, Array("bias", "biases", (self.units,), ("U",))) if self.bias else (weight,)

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """O_h·O_w·C·U MACs; a bias is added to every output element."""
        places = axis_factors("O", spatial(output))
        depth, units = Factor("C", inputs[0][-1]), Factor("U", self.units)
        macs = Work("mac", (*places, depth, units))
        return (macs, Work("bias_add", (*places, units))) if self.bias else (macs,)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, which the gradient of the weights needs."""
        return Kept(inputs=(0,))

    def caption(self, shape: Shape) -> Caption:
        """Return the units."""
        return Caption("fc", amount=self.units)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the positions that arrive, and U."""
        if len(output) == 1:
            return (Step("output", "U", str(self.units), str(self.units)),)
        places = shape_step(message("those that arrive"), spatial(output))._replace(
            symbol="positions"
        )
        return (places, Step("depth", "U", str(self.units), str(self.units)))


class Embedding(Op):
    """A learned vector for each number that arrives, looked up by it."""

    kind = "embedding"
    family = "dense"
    fields = (
        Field("entries", Whole(), help="how many vectors", aliases=("num_embeddings", "input_dim")),
        Field("units", Whole(), help="how long each is", aliases=("embedding_dim", "output_dim")),
    )

    entries: int
    units: int

    def output_shape(self, *inputs: Shape) -> Shape:
        """One position for each number, U channels."""
        (shape,) = inputs
        if len(shape) > 3:
            raise OpError("embedding takes at most 3 axes of numbers", "reshape them before it")
        return (*shape, self.units)

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """weight (entries, U)."""
        return (Array("weight", "weights", (self.entries, self.units), ("entries", "U")),)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the numbers, in 8 bytes each."""
        return Kept(index_bytes=8 * elements(inputs[0]))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return what arrives as positions, and U."""
        places = shape_step(message("the numbers that arrive"), inputs[0])._replace(
            symbol="positions"
        )
        return (places, Step("depth", "U", str(self.units), str(self.units)))
