"""Where branches meet: concatenation, and functions of several values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from cnncalc.ops.base import (
    Factor,
    Kept,
    Op,
    OpError,
    Step,
    Work,
    element_factors,
    per_element,
    shape_step,
)
from cnncalc.ops.field_types import Flag, Word
from cnncalc.ops.fields import Field
from cnncalc.ops.shapes import (
    AXIS_NAMES,
    Shape,
    broadcast_shape,
    elements,
    format_shape,
    positions,
    show_shape,
    spatial,
)
from cnncalc.text.messages import message


class Concat(Op):
    """The branches' channels, or positions along an axis, one after another; their other sizes agree."""

    kind = "concat"
    aliases = ("concatenate",)
    family = "merge"
    bare = "branches"
    merges = True
    rejects_empty_branch = True
    fields = (
        Field(
            "axis",
            Word(
                "channels", *dict.fromkeys(name for names in AXIS_NAMES.values() for name in names)
            ),
            "channels",
            help="along which axis",
        ),
        Field(
            "grow",
            Flag(),
            False,
            help="what arrives from a concat is that one's branches, which are joined anew, as in PyTorch's DenseNet",
        ),
    )

    axis: str
    grow: bool

    def takes_apart(self, other: Op) -> bool:
        """Take a concat along the same axis apart, where it grows."""
        return self.grow and isinstance(other, Concat) and other.axis == self.axis

    @property
    def joined_anew(self) -> Mapping[str, Any]:
        """Grow no more: its branches are all that it joins."""
        return {"axis": self.axis, "grow": False} if self.grow else {}

    def place(self) -> int:
        """Return the axis' place in a shape. Raises OpError where the maps have none of that name."""
        names = (*AXIS_NAMES[self.rank], "channels")
        if self.axis not in names:
            raise OpError(
                f"what arrives has no {self.axis}", f"it has {' and '.join(names)}", "axis"
            )
        return names.index(self.axis)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the first branch's sizes, and along the axis the sum of all."""
        place = self.place()
        others = {(len(shape), *shape[:place], *shape[place + 1 :]) for shape in inputs}
        if len(others) > 1:
            self.refuse(inputs)
        first = inputs[0]
        return (*first[:place], sum(shape[place] for shape in inputs), *first[place + 1 :])

    def refuse(self, inputs: tuple[Shape, ...]) -> NoReturn:
        """Say which shapes do not go together."""
        ranks = {len(shape) for shape in inputs}
        what = "height and width" if ranks == {3} and self.axis == "channels" else "spatial sizes"
        if self.axis != "channels":
            what = "sizes along the other axes"
        raise OpError(
            f"concat needs branches of equal {what}, but these arrive: {', '.join(map(show_shape, inputs))}",
            "check the strides and the padding of the branches"
            if len(ranks) == 1
            else "flatten the maps, or reshape the vectors",
        )

    def is_global(self, *inputs: Shape) -> bool:
        """Along a spatial axis positions of different maps meet, of which no lattice is one."""
        return self.axis != "channels"

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the branches' positions, and ΣC; or the sum of their sizes along an axis."""
        place = self.place()
        total = " + ".join(str(shape[place]) for shape in inputs)
        if self.axis != "channels":
            step = Step(f"output {self.axis}", "ΣN", total, str(output[place]))
            return (step, Step("depth", "C", str(output[-1]), str(output[-1])))
        sizes = format_shape(spatial(output))
        same = (Step("positions", message("those of every branch"), sizes, sizes),) if sizes else ()
        return (*same, Step("depth", "ΣC", total, str(output[-1])))


class _Elementwise(Op):
    """Equal shapes, or a map and vectors of its C channels broadcast over it; with `broadcast` any sizes of 1."""

    family = "merge"
    bare = "branches"
    merges = True
    fields = (
        Field(
            "broadcast", Flag(), False, help="sizes of 1 are repeated, along any axis of any branch"
        ),
    )
    event: str

    broadcast: bool
    channels_hint: str = "the channels must agree"
    """What to do where the channels differ."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the largest size along each axis; the others are equal to it, or are repeated."""
        largest = max(inputs, key=lambda shape: (len(shape), elements(shape)))
        output = broadcast_shape(inputs)
        if output is None or not (
            self.broadcast or all(_lies_over(shape, output) for shape in inputs)
        ):
            shapes = ", ".join(map(show_shape, inputs))
            hint = (
                self.channels_hint
                if any(shape[-1] != largest[-1] for shape in inputs)
                else "check the strides and the padding of the branches"
            )
            if hint == self.channels_hint and any(shape[:-1] != largest[:-1] for shape in inputs):
                hint += ", and strides as the branch does"
            raise OpError(f"{self.kind} needs equal shapes, but these arrive: {shapes}", hint)
        return output

    @property
    def is_uniform(self) -> bool:
        """Whatever the size of the map."""
        return True

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """One event less than there are branches, for each element."""
        less = Factor("(branches − 1)", len(inputs) - 1, f"({len(inputs)} − 1)")
        return (Work(self.event, (*element_factors(output), less)),)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the shape of every branch."""
        same = all(shape == output for shape in inputs)
        return (
            shape_step(
                message("the shape of every branch") if same else message("the shape of the map"),
                output,
            ),
        )


def _lies_over(shape: Shape, output: Shape) -> bool:
    """Whether a branch is the map itself, or a vector of its channels."""
    return shape == output or (shape[-1] == output[-1] and positions(shape) == 1)


class _KeptByAll(_Elementwise):
    """One whose gradient with respect to a branch needs the other branches."""

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the branches, which need each other; of three and more, taken in turn, the steps between too."""
        several = len(inputs) > 1
        return Kept(
            inputs=tuple(range(len(inputs))) if several else (),
            values=max(len(inputs) - 2, 0) * elements(output),
        )


class Add(_Elementwise):
    """The sum of the branches (He et al. 2015)."""

    kind = "add"
    as_residual = "residual"
    event = "add"
    channels_hint = "the shortcut needs a 1x1 conv that changes the channels"


class Subtract(_Elementwise):
    """The first branch less the others."""

    kind = "subtract"
    event = "add"


class Average(_Elementwise):
    """The mean of the branches."""

    kind = "average"
    event = "add"

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Return the sum, and one division for each element."""
        return (*super().work(output, *inputs), per_element("div", output))


class Multiply(_KeptByAll):
    """The product of the branches, such as a map and its gates (Hu et al. 2017)."""

    kind = "multiply"
    event = "mul"
    channels_hint = "a gate has one value for each channel of the map"


class Divide(_KeptByAll):
    """The first branch over the others."""

    kind = "divide"
    event = "div"


class Maximum(_KeptByAll):
    """The largest value of the branches."""

    kind = "maximum"
    event = "compare"


class Minimum(_KeptByAll):
    """The smallest value of the branches."""

    kind = "minimum"
    event = "compare"
