"""Receptive fields over the graph: the union over all paths, per spatial axis of the input.

Of each layer two parts are known: the interval that its first position sees and that moves by `jump` with each
position, and the interval that every position sees, which comes through a global pool, an fc or a broadcast. The
receptive field is the hull of both at the first position; it is not clipped to the input. Positions are doubled, so
that the centre of a window of even size is whole.

Source: Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnncalc.graph import Graph, Node
from cnncalc.ops.base import Reach
from cnncalc.shapes import Shape

if TYPE_CHECKING:
    from fractions import Fraction

Exact: TypeAlias = "int | Fraction"


class Moving(NamedTuple):
    """What the first position sees, moving: its size, twice its centre, and the distance to the next position."""

    size: Exact
    centre2: Exact
    jump: Exact


class AxisField(NamedTuple):
    """One axis: the moving part, and the ends (doubled) of the part that every position sees."""

    moving: Moving | None
    fixed: tuple[Exact, Exact] | None

    def hull(self) -> tuple[Exact, Exact]:
        """The ends, doubled, of all that the first position sees."""
        ends = [self.fixed] if self.fixed else []
        if self.moving:
            ends.append((self.moving.centre2 - self.moving.size, self.moving.centre2 + self.moving.size))
        return min(low for low, _ in ends), max(high for _, high in ends)


class Field(NamedTuple):
    """A layer's receptive field, an AxisField for each spatial axis of the input; `axes` is None where it is unknown.

    It is unknown where paths of different jumps meet. `centred` is false where paths disagree on the centre.
    """

    axes: tuple[AxisField, ...] | None
    centred: bool = True

    @property
    def size(self) -> tuple[Exact | None, ...]:
        """Input positions from the first to the last that are seen, per axis."""
        return tuple(_half(high - low) for low, high in self._hulls())

    @property
    def start(self) -> tuple[Exact | None, ...]:
        """The centre of what the first position sees, in input positions from the input's edge."""
        return tuple(_quarter(low + high) for low, high in self._hulls())

    @property
    def jump(self) -> tuple[Exact | None, ...]:
        """Input positions from one position's centre to the next; 0 where all positions see the same."""
        return tuple(axis.moving.jump if axis.moving else 0 for axis in self.axes or ())

    def _hulls(self) -> list[tuple[Exact, Exact]]:
        return [axis.hull() for axis in self.axes or ()]


def _half(value: Exact) -> Exact:
    return value // 2 if isinstance(value, int) and value % 2 == 0 else _over(value, 2)


def _quarter(value: Exact) -> Exact:
    return value // 4 if isinstance(value, int) and value % 4 == 0 else _over(value, 4)


def _over(value: Exact, divisor: int) -> Exact:
    from fractions import Fraction

    return whole(Fraction(value) / divisor)


def whole(value: Exact) -> Exact:
    """A fraction that is whole as an int."""
    return value if isinstance(value, int) or value.denominator != 1 else value.numerator


def receptive_fields(graph: Graph) -> tuple[Field, ...]:
    """The receptive field of every node."""
    rank = len(graph.input) - 1
    fields = [Field(tuple(AxisField(Moving(1, 1, 1), None) for _ in range(rank)))]
    for node in graph.nodes[1:]:
        inputs = [fields[index] for index in node.inputs]
        fields.append(_through(node, inputs[0]) if len(inputs) == 1 else _union(node, inputs))
    return tuple(fields)


def _through(node: Node, field: Field) -> Field:
    """The field behind an op with one input."""
    if field.axes is None:
        return field
    if node.op.sees_all:
        return field._replace(axes=tuple(
            AxisField(None, _all_positions(axis, _size(node.shapes[0], place))) for place, axis in enumerate(field.axes)
        ))
    reaches = node.facts.reaches
    if reaches is None or len(reaches) != len(field.axes):
        return field
    return Field(tuple(map(_moved, field.axes, reaches)), field.centred)


def _moved(axis: AxisField, reach: Reach) -> AxisField:
    moving = axis.moving
    if moving is None:
        return axis
    size, centre2, jump = moving
    return AxisField(Moving(whole(size + reach.extent * jump), whole(centre2 + reach.shift * jump),
                            whole(jump * reach.stride)), axis.fixed)


def _size(shape: Shape, place: int) -> int:
    """Positions along an axis; 1 for a vector."""
    return shape[place] if place < len(shape) - 1 else 1


def _all_positions(axis: AxisField, positions: int) -> tuple[Exact, Exact]:
    """What all positions of an axis see together."""
    low, high = axis.hull()
    if axis.moving is not None:
        last = axis.moving.centre2 + 2 * (positions - 1) * axis.moving.jump + axis.moving.size
        high = max(high, last)
    return low, high


def _union(node: Node, inputs: list[Field]) -> Field:
    """The field of a merge: the hull of the branches'."""
    if any(field.axes is None for field in inputs):
        return Field(None, False)
    rank = len(inputs[0].axes or ())
    axes = []
    centred = all(field.centred for field in inputs)
    for place in range(rank):
        parts = [_laid_over(field.axes[place], _size(shape, place), _size(node.output, place))  # type: ignore[index]
                 for field, shape in zip(inputs, node.shapes, strict=True)]
        moving = [part.moving for part in parts if part.moving is not None]
        if len({part.jump for part in moving}) > 1:
            return Field(None, False)
        centred = centred and len({_middle2(part) for part in parts}) == 1
        axes.append(_hull_of(moving, [part.fixed for part in parts if part.fixed is not None]))
    return Field(tuple(axes), centred)


def _laid_over(axis: AxisField, positions: int, wanted: int) -> AxisField:
    """An axis of one position that is laid over a larger map: each of the map's positions sees all of it."""
    return AxisField(None, axis.hull()) if positions == 1 and wanted > 1 else axis


def _middle2(axis: AxisField) -> Exact:
    low, high = axis.hull()
    return low + high


def _hull_of(moving: list[Moving], fixed: list[tuple[Exact, Exact]]) -> AxisField:
    united = None
    if moving:
        low = min(part.centre2 - part.size for part in moving)
        high = max(part.centre2 + part.size for part in moving)
        united = Moving(_half(high - low), _half(high + low), moving[0].jump)
    ends = (min(low for low, _ in fixed), max(high for _, high in fixed)) if fixed else None
    return AxisField(united, ends)
