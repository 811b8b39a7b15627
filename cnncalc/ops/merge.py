"""Where branches meet: concatenation, sum and product."""

from __future__ import annotations

from cnncalc.ops.base import Factor, Kept, Op, OpError, Step, Work, element_factors, shape_step
from cnncalc.ops.shapes import Shape, elements, format_shape, positions, show_shape, spatial


class Concat(Op):
    """The branches' channels, one after another; their positions agree."""

    kind = "concat"
    aliases = ("concatenate",)
    family = "merge"
    bare = "branches"
    merges = True
    refuses_emptied = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The first branch's positions, the sum of the channels."""
        for shape in inputs[1:]:
            if spatial(shape) != spatial(inputs[0]) or len(shape) != len(inputs[0]):
                shapes = ", ".join(map(show_shape, inputs))
                hint = (
                    "check the strides and the padding of the branches"
                    if len(shape) == len(inputs[0])
                    else "flatten the maps, or reshape the vectors"
                )
                what = "height and width" if len(shape) == len(inputs[0]) == 3 else "spatial sizes"
                raise OpError(
                    f"concat needs branches of equal {what}, but these arrive: {shapes}", hint
                )
        return (*spatial(inputs[0]), sum(shape[-1] for shape in inputs))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """The branches' positions, and ΣC."""
        sizes = format_shape(spatial(output))
        positions_step = (
            (Step("positions", "those of every branch", sizes, sizes),) if sizes else ()
        )
        return (
            *positions_step,
            Step("depth", "ΣC", " + ".join(str(shape[-1]) for shape in inputs), str(output[-1])),
        )


class _Elementwise(Op):
    """Equal shapes, or one map and vectors of its C channels (or 1×1×C) laid over it."""

    family = "merge"
    bare = "branches"
    merges = True
    event: str
    channels_hint: str
    """What to do where the channels differ."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """The largest of the inputs' shapes; the others are equal to it or are laid over it."""
        largest = max(inputs, key=lambda shape: (len(shape), elements(shape)))
        for shape in inputs:
            laid_over = (
                shape[-1] == largest[-1]
                and positions(shape) == 1
                and len(shape) in (1, len(largest))
            )
            if shape != largest and not laid_over:
                shapes = ", ".join(map(show_shape, inputs))
                hint = (
                    self.channels_hint
                    if shape[-1] != largest[-1]
                    else "check the strides and the padding of the branches"
                )
                raise OpError(f"{self.kind} needs equal shapes, but these arrive: {shapes}", hint)
        return largest

    @property
    def is_uniform(self) -> bool:
        """Whatever the size of the map."""
        return True

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """One event less than there are branches, for each element."""
        less = Factor("(branches − 1)", len(inputs) - 1, f"({len(inputs)} − 1)")
        return (Work(self.event, (*element_factors(output), less)),)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """The shape of every branch."""
        same = all(shape == output for shape in inputs)
        return (
            shape_step("the shape of every branch" if same else "the shape of the map", output),
        )


class Add(_Elementwise):
    """The sum of the branches (He et al. 2015)."""

    kind = "add"
    event = "add"
    channels_hint = "the shortcut needs a 1x1 conv that changes the channels"


class Multiply(_Elementwise):
    """The product of the branches, such as a map and its gates (Hu et al. 2017)."""

    kind = "multiply"
    event = "mul"
    channels_hint = "a gate has one value for each channel of the map"

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Each branch's gradient needs the others; of three and more, multiplied in turn, the products too."""
        several = len(inputs) > 1
        return Kept(
            inputs=tuple(range(len(inputs))) if several else (),
            values=max(len(inputs) - 2, 0) * elements(output),
        )
