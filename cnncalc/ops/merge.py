"""Where branches meet: concatenation, sum and product."""

from __future__ import annotations

from cnncalc.ops.base import Factor, Kept, Op, OpError, Step, Work, element_factors
from cnncalc.shapes import Shape, elements, positions, show_shape, spatial


class Concat(Op):
    """The branches' channels one after another; the spatial sizes must agree."""

    kind = "concat"
    family = "merge"
    help = "the channels of all branches, one after another"
    bare = "branches"
    merges = True

    def output(self, *inputs: Shape) -> Shape:
        """The first branch's positions, the sum of the channels."""
        for shape in inputs[1:]:
            if spatial(shape) != spatial(inputs[0]) or len(shape) != len(inputs[0]):
                shapes = ", ".join(map(show_shape, inputs))
                raise OpError(f"concat needs branches of equal height and width, but these arrive: {shapes}",
                              "check the strides and the padding of the branches")
        return (*spatial(inputs[0]), sum(shape[-1] for shape in inputs))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """ΣC."""
        numbers = " + ".join(str(shape[-1]) for shape in inputs)
        return (Step("depth", "ΣC", numbers, str(output[-1])),)


class _Elementwise(Op):
    """Equal shapes, or one map and vectors of its C channels (or 1×1×C) laid over it."""

    family = "merge"
    bare = "branches"
    merges = True
    event: str

    def output(self, *inputs: Shape) -> Shape:
        """The largest of the inputs' shapes; the others are equal to it or are laid over it."""
        largest = max(inputs, key=lambda shape: (len(shape), elements(shape)))
        for shape in inputs:
            laid_over = shape[-1] == largest[-1] and positions(shape) == 1 and len(shape) in (1, len(largest))
            if shape != largest and not laid_over:
                shapes = ", ".join(map(show_shape, inputs))
                hint = ("the shortcut needs a 1x1 conv that changes the channels" if shape[-1] != largest[-1]
                        else "the branches' strides differ")
                raise OpError(f"{self.kind} needs equal shapes, but these arrive: {shapes}", hint)
        return largest

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """One event less than there are branches, for each element."""
        less = Factor("(branches − 1)", len(inputs) - 1, f"({len(inputs)} − 1)")
        return (Work(self.event, (*element_factors(output), less)),)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """The shape of every branch."""
        return (Step("output", "the branches' shape", show_shape(output), show_shape(output)),)


class Add(_Elementwise):
    """The sum of the branches (He et al. 2015)."""

    kind = "add"
    help = "the sum of the branches"
    event = "add"


class Multiply(_Elementwise):
    """The product of the branches, such as a map and its gates (Hu et al. 2017)."""

    kind = "multiply"
    help = "the product of the branches"
    event = "mul"

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Each branch's gradient needs the others; of three and more, which are multiplied in turn, the products too."""
        return Kept(inputs=tuple(range(len(inputs))), values=max(len(inputs) - 2, 0) * elements(output))
