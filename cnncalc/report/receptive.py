"""Receptive fields over the graph: the union over all paths, per spatial axis of the first input, exactly.

Of each layer two parts are known: what its positions see moving along, and what every position sees alike, which comes
through a global pool, an fc or a broadcast. The receptive field is the hull of both; it is not clipped to the input.

Source: Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", for windows. Behind
an up-sampling neighbouring positions see fields of different sizes, which repeat; the largest is the one given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from math import gcd, lcm
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from cnncalc.ops.reach import Reach
from cnncalc.ops.shapes import Shape, spatial
from cnncalc.spec.graph import Graph, Node
from cnncalc.text.exact import Exact, half, whole

if TYPE_CHECKING:
    pass

Reaches: TypeAlias = "Callable[[Node], tuple[Reach, ...] | None]"
Interval: TypeAlias = tuple[int, int]
"""The first and the last of some neighbouring input positions, from 0; negative ones are padding."""

T = TypeVar("T")

MAX_PHASES = 4096
"""A pattern that repeats more slowly than this is given up as unknown."""
MAX_VALUE = 10**60
"""A jump or a centre beyond this is given up too; strides of many layers multiply."""


class Moving(NamedTuple):
    """What each position sees, moving along: position o + period sees what o sees, `advance` positions further on.

    `seen` is for each output of one period what it sees, None where that is nothing; the period is 1 until something
    up-samples or pools by bins that differ. `centre2` is twice the centre of the first position and `jump` the distance
    to the next, those of the regular lattice where the period is longer. The map has `positions` of them, which may be
    less than a period.
    """

    seen: tuple[Interval | None, ...]
    advance: int
    centre2: Exact
    jump: Exact
    positions: int

    @property
    def within(self) -> tuple[Interval | None, ...]:
        """What the positions of one period see, as far as the map has them."""
        return self.seen[: self.positions]

    @property
    def size(self) -> int:
        """The most input positions, from first to last, that a position of the map sees."""
        return max([part[1] - part[0] + 1 for part in self.within if part], default=0)

    @property
    def ends(self) -> set[int]:
        """The positions of the map's first and last period: together they see what all see, one of them the most."""
        period, positions = len(self.seen), self.positions
        return {*range(min(period, positions)), *range(max(positions - period, 0), positions)}

    def at(self, position: int) -> Interval | None:
        """Return what any position sees, also one outside the map."""
        turns, phase = divmod(position, len(self.seen))
        part = self.seen[phase]
        return part and (part[0] + turns * self.advance, part[1] + turns * self.advance)

    def together(self, positions: Iterable[int]) -> Interval | None:
        """Return what several positions see together; None where that is nothing."""
        seen, period, advance = self.seen, len(self.seen), self.advance
        parts = [(seen[at % period], at // period * advance) for at in positions]
        firsts = [part[0] + moved for part, moved in parts if part is not None]
        if not firsts:
            return None
        return min(firsts), max([part[1] + moved for part, moved in parts if part is not None])


NOT_LOOKED_INTO = "a layer on the way is not looked into"
JUMPS_DIFFER = "paths of different jumps meet"
TOO_SLOW = "what is seen repeats too slowly to be followed"


class AxisField(NamedTuple):
    """One axis: the moving part, and what every position sees."""

    moving: Moving | None
    fixed: Interval | None

    def hull(self, position: int = 0) -> Interval:
        """All that a position sees."""
        return _hull([self.fixed, self.moving.at(position) if self.moving else None]) or (0, -1)

    @property
    def size(self) -> int:
        """Input positions from the first to the last that one output sees, at most."""
        if self.fixed is None and self.moving is not None:
            return self.moving.size
        positions = (0,) if self.moving is None else self.moving.ends
        return max(last - first + 1 for first, last in map(self.hull, positions))

    @property
    def centre2(self) -> Exact:
        """Twice the centre of what the first position sees."""
        if self.moving is not None and self.fixed is None:
            return self.moving.centre2
        return sum(self.hull()) + 1


class ReceptiveField(NamedTuple):
    """A layer's receptive field, an AxisField for each spatial axis of the input; `axes` is None where it is unknown.

    It is unknown behind a layer that is not looked into, where paths of different jumps meet, and where what is seen
    repeats too slowly; `why` says it.
    `centred` is false where paths disagree on the centre.
    """

    axes: tuple[AxisField, ...] | None
    centred: bool = True
    why: str = ""

    @property
    def size(self) -> tuple[int, ...]:
        """Input positions from the first to the last that are seen, per axis."""
        return self._of_axes(_size_of)

    @property
    def start(self) -> tuple[Exact, ...]:
        """The centre of what the first position sees, in input positions from the input's edge.

        Where neighbours see fields of different sizes, that of the lattice that they lie on.
        """
        return self._of_axes(_start_of)

    @property
    def jump(self) -> tuple[Exact, ...]:
        """Input positions from one position's centre to the next; 0 where all positions see the same."""
        return self._of_axes(_jump_of)

    def _of_axes(self, of: Callable[[AxisField], T]) -> tuple[T, ...]:
        """Work something out of each axis; equal axes are most often one object."""
        axes = self.axes or ()
        if len(axes) == 2 and axes[0] is axes[1]:
            return (of(axes[0]),) * 2
        return tuple([of(axis) for axis in axes])


def _size_of(axis: AxisField) -> int:
    return axis.size


def _start_of(axis: AxisField) -> Exact:
    return half(axis.centre2)


def _jump_of(axis: AxisField) -> Exact:
    return axis.moving.jump if axis.moving else 0


def reaches_of(node: Node) -> tuple[Reach, ...] | None:
    """How a layer's window changes the receptive field, per axis; None where it does not."""
    return node.facts.reaches


class Fields:
    """The receptive fields of a graph, all of them worked out when one is first asked for."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __repr__(self) -> str:
        return f"<Fields of {self.graph.name}>"

    @cached_property
    def all(self) -> tuple[ReceptiveField, ...]:
        """The receptive field of every node."""
        return receptive_fields(self.graph)


def receptive_fields(graph: Graph, reaches: Reaches = reaches_of) -> tuple[ReceptiveField, ...]:
    """Return the receptive field of every node; `reaches` says how each layer changes it."""
    fields: list[ReceptiveField] = []
    for node in graph.nodes:
        inputs = [fields[index] for index in node.inputs]
        if not inputs:
            fields.append(_source(node, graph.input))
        elif len(inputs) == 1:
            fields.append(_through(node, inputs[0], reaches))
        else:
            fields.append(_union(node, inputs))
    return tuple(fields)


def _source(node: Node, first: Shape) -> ReceptiveField:
    """Return the field of a node that nothing arrives at.

    An input with the positions of the first one shares its coordinates, as an image and its mask do; of any other it
    is nothing that is seen.
    """
    sees = node.op.is_input and spatial(node.output) == spatial(first)
    axes: dict[int, AxisField] = {}
    for size in spatial(first):  # equal axes are one object, which is then worked out once
        axes.setdefault(size, AxisField(Moving(((0, 0),), 1, 1, 1, size) if sees else None, None))
    return ReceptiveField(tuple([axes[size] for size in spatial(first)]))


def _through(node: Node, field: ReceptiveField, reaches_of: Reaches) -> ReceptiveField:
    """Return the field behind an op with one input."""
    if field.axes is None:
        return field
    if node.op.is_opaque:
        return ReceptiveField(None, False, NOT_LOOKED_INTO)
    if node.op.is_global(*node.shapes):
        return field._replace(axes=_whole(field.axes))
    reaches = reaches_of(node)
    if reaches is None or len(reaches) != len(field.axes):
        return field
    moved: list[AxisField] = []
    for place, (axis, reach) in enumerate(zip(field.axes, reaches, strict=True)):
        positions = _size(node.output, place)
        if place and _is_as_before(field.axes, reaches, node.output, place):
            moved.append(moved[-1])
        elif axis.moving is None:
            moved.append(axis)
        else:
            moving = _moved(axis.moving, reach, positions)
            if moving is None:
                return ReceptiveField(None, False, TOO_SLOW)
            moved.append(AxisField(moving, axis.fixed))
    return ReceptiveField(tuple(moved), field.centred)


def _whole(axes: tuple[AxisField, ...]) -> tuple[AxisField, ...]:
    """Return what all positions of a map see together, as each position of the next sees it."""
    return tuple(AxisField(None, _all_positions(axis)) for axis in axes)


def _is_as_before(
    axes: tuple[AxisField, ...], reaches: tuple[Reach, ...], output: Shape, place: int
) -> bool:
    """Whether an axis goes the way that the one before it went."""
    return (
        axes[place] is axes[place - 1]
        and reaches[place] == reaches[place - 1]
        and _size(output, place) == _size(output, place - 1)
    )


def _moved(moving: Moving, reach: Reach, positions: int) -> Moving | None:
    """Return what the positions of a map see through a window or an up-sampling; None where that is given up."""
    centre2, jump = (
        whole(moving.centre2 + reach.shift * moving.jump),
        whole(moving.jump * reach.stride),
    )
    period, advance = len(moving.seen), moving.advance
    if not (_is_moderate(jump) and _is_moderate(centre2)):
        return None
    if period == 1 and reach.up == 1 and moving.seen[0]:
        (first, last), (low, high) = moving.seen[0], reach.ends()
        return Moving(
            ((first + low * advance, last + high * advance),),
            advance * reach.down,
            centre2,
            jump,
            positions,
        )
    phases = reach.up * (period // gcd(period, reach.down))
    if phases > MAX_PHASES:
        return None
    seen = [moving.together(reach.seen(output, period)) for output in range(phases)]
    advance = advance * (phases // reach.up * reach.down) // period
    return _simplest(Moving(tuple(seen), advance, centre2, jump, positions))


def _is_moderate(value: Exact) -> bool:
    return abs(value.numerator) <= MAX_VALUE and value.denominator <= MAX_VALUE


def _simplest(moving: Moving) -> Moving:
    """Return the same pattern with its shortest period."""
    seen, advance = moving.seen, moving.advance
    for period in range(1, len(seen)):
        if len(seen) % period == 0 and advance * period % len(seen) == 0:
            short = moving._replace(seen=seen[:period], advance=advance * period // len(seen))
            if all(short.at(output) == part for output, part in enumerate(seen)):
                return short
    return moving


def _hull(parts: Iterable[Interval | None]) -> Interval | None:
    """Return the smallest interval with all of some; None of none."""
    known = [part for part in parts if part is not None]
    return (min(first for first, _ in known), max(last for _, last in known)) if known else None


def _size(shape: Shape, place: int) -> int:
    """Positions along an axis; 1 for a vector."""
    return shape[place] if place < len(shape) - 1 else 1


def _all_positions(axis: AxisField) -> Interval | None:
    """Return what all positions of an axis see together; None where that is nothing."""
    if axis.moving is None:
        return axis.fixed
    return _hull([axis.fixed, *map(axis.moving.at, axis.moving.ends)])


def _union(node: Node, inputs: list[ReceptiveField]) -> ReceptiveField:
    """Return the field of a merge: the hull of the branches'."""
    if node.op.is_opaque:
        return ReceptiveField(None, False, NOT_LOOKED_INTO)
    for field in inputs:
        if field.axes is None:
            return field
    if node.op.is_global(*node.shapes):
        inputs = [field._replace(axes=_whole(field.axes or ())) for field in inputs]
    axes: list[AxisField] = []
    centred = all(field.centred for field in inputs)
    for place in range(len(inputs[0].axes or ())):
        if place and _are_as_before(node, inputs, place):
            axes.append(axes[-1])
            continue
        parts = _parts(node, inputs, place)
        axis = _united_axis(parts)
        if isinstance(axis, str):
            return ReceptiveField(None, False, axis)
        centred = centred and _have_one_centre(parts)
        axes.append(axis)
    return ReceptiveField(tuple(axes), centred)


def _parts(node: Node, inputs: list[ReceptiveField], place: int) -> list[AxisField]:
    """List what each branch of a merge sees along one axis."""
    wanted = _size(node.output, place)
    return [
        _broadcast(field.axes[place], _size(shape, place), wanted)  # type: ignore[index]
        for field, shape in zip(inputs, node.shapes, strict=True)
    ]


def _united_axis(parts: list[AxisField]) -> AxisField | str:
    """Return the hull of branches along one axis, or why it is unknown."""
    moving = [part.moving for part in parts if part.moving is not None]
    united = _united(moving) if moving else None
    if isinstance(united, str):
        return united
    return AxisField(united, _hull(part.fixed for part in parts))


def _have_one_centre(parts: list[AxisField]) -> bool:
    """Whether branches that see something agree on the centre of it."""
    seen = [part for part in parts if part.moving is not None or part.fixed is not None]
    return len({part.centre2 for part in seen}) <= 1


def _are_as_before(node: Node, inputs: list[ReceptiveField], place: int) -> bool:
    """Whether all branches of a merge go along an axis the way that they went along the one before it."""
    return all(
        _size(shape, place) == _size(shape, place - 1) for shape in (*node.shapes, node.output)
    ) and all(field.axes and field.axes[place] is field.axes[place - 1] for field in inputs)


def _broadcast(axis: AxisField, positions: int, wanted: int) -> AxisField:
    """Return an axis of one position, broadcast over a larger map: each of the map's positions sees all of it."""
    if positions > 1 or wanted == 1 or axis.moving is None:
        return axis
    return AxisField(None, _hull([axis.fixed, axis.moving.at(0)]))


def _united(moving: list[Moving]) -> Moving | str:
    """Several moving parts as one, or why they are not followed further."""
    first = moving[0]
    if all(part == first for part in moving):
        return first
    phases = lcm(*(len(part.seen) for part in moving))
    advances = {part.advance * (phases // len(part.seen)) for part in moving}
    if len({part.jump for part in moving}) > 1 or len(advances) > 1:
        return JUMPS_DIFFER
    if phases > MAX_PHASES:
        return TOO_SLOW
    seen = tuple(_hull(part.at(output) for part in moving) for output in range(phases))
    low = min(part.centre2 - part.size for part in moving)
    centre2 = half(low + max(part.centre2 + part.size for part in moving))
    return _simplest(Moving(seen, advances.pop(), centre2, first.jump, first.positions))
