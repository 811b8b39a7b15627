"""Layers that the engine cannot look into: their shape is stated, and their counts are stated or not known."""

from __future__ import annotations

from typing import ClassVar

from cnncalc.ops.base import Array, Factor, Kept, Op, Step, Work, shape_step
from cnncalc.ops.field_types import Dimensions, Optional, Text, Whole
from cnncalc.ops.fields import Field
from cnncalc.ops.shapes import Shape
from cnncalc.text.messages import message

_OUTPUT = Field("output", Dimensions(), help="the output's shape, channels last")
_OF = Field("of", Text(), "", help="what it is called where it comes from, such as com.acme:Foo")


class _Stated(Op):
    """A layer of one input or several whose output is stated."""

    family = "opaque"
    merges = True
    takes_one = True
    is_opaque = True

    output: Shape
    of: str
    params: int | None

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape that was stated."""
        return self.output

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """All its parameters as one weight."""
        return (Array("weight", "weights", (self.params,), ("stated",)),) if self.params else ()

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return what arrives, as a layer with weights keeps it."""
        return Kept(inputs=tuple(range(len(inputs))))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the shape that was stated."""
        return (shape_step(message("the shape that is stated"), output),)


class Opaque(_Stated):
    """A layer that is not looked into: its shape and its counts are stated."""

    kind = "opaque"
    fields = (
        _OUTPUT,
        Field("params", Whole(0), 0, help="its parameters, all counted as weights"),
        Field("macs", Whole(0), 0, help="its multiply-accumulates for one example"),
        _OF,
    )

    macs: int

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Return the MACs that were stated."""
        return (Work("mac", (Factor("stated", self.macs),)),) if self.macs else ()


class Unknown(_Stated):
    """A layer whose MACs are not known, such as an op of another tool's own."""

    kind = "unknown"
    fields = (
        _OUTPUT,
        Field("params", Optional(Whole(0)), None, help="its parameters, where they are known"),
        _OF,
    )

    without_macs: ClassVar[tuple[str, ...]] = ("macs", "ops")
    without_params: ClassVar[tuple[str, ...]] = ("weights", "biases", "params")

    def notes(self, *inputs: Shape) -> tuple[str, ...]:
        """Say that nobody knows what it costs."""
        if not self.of:
            return (message("what it costs is not known; totals say at least how much"),)
        return (message("what {op} costs is not known; totals say at least how much", op=self.of),)

    def unknown_counts(self) -> tuple[str, ...]:
        """MACs and operations, and parameters where none are stated."""
        return self.without_macs + (self.without_params if self.params is None else ())
