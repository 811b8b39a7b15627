"""Tensors of tools that put the batch and the channels first, as views of our maps, whose channels come last.

A View says of each axis of such a tensor which axis of a node's map it runs over, or which part of one. Permuting and
reshaping change the view alone; a layer that needs a map in another order asks `plan` what has to be done first, which
most often is nothing. So a permutation costs no row, and `view, transpose, view` becomes one channel shuffle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, NamedTuple

from cnncalc.ops.shapes import Shape

BATCH = -1
"""Stands for the batch among the axes of a map."""
MAX_AXES = 4
"""Axes that a map of ours has at most."""


class Atom(NamedTuple):
    """A part of a map's axis: its positions 0, `step`, 2·`step`, ..., `size` of them."""

    axis: int
    size: int
    step: int = 1


Dim = tuple[Atom, ...]
"""What one axis of a tensor runs over, the slowest first."""
Form = tuple[tuple[int, ...], ...]
"""For each axis of a tensor the axes of a map that it stands for: BATCH, or a number from 0."""


class View(NamedTuple):
    """A tensor as another order of a node's map."""

    node: int
    dims: tuple[Dim, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The tensor's shape."""
        return tuple(map(_size, self.dims))

    def permuted(self, order: Sequence[int]) -> View:
        """Put the axes in another order."""
        return View(self.node, tuple(self.dims[axis] for axis in order))

    def unsqueezed(self, axis: int) -> View:
        """Add an axis of one position."""
        return View(self.node, (*self.dims[:axis], (), *self.dims[axis:]))

    def squeezed(self, axes: Iterable[int]) -> View:
        """Leave axes of one position out; others stay."""
        gone = {axis for axis in axes if _size(self.dims[axis]) == 1}
        return View(self.node, tuple(dim for axis, dim in enumerate(self.dims) if axis not in gone))

    def reshaped(self, sizes: Sequence[int]) -> View | None:
        """Return the same elements in another shape.

        None where an axis of the new shape would cut across one of the map.
        """
        atoms = [atom for dim in self.dims for atom in dim][::-1]
        dims: list[Dim] = []
        for size in sizes:
            dim = _take(atoms, size)
            if dim is None:
                return None
            dims.append(dim)
        if prod(atom.size for atom in atoms) != 1 or not dims:
            return None
        return View(self.node, (*dims[:-1], (*dims[-1], *atoms[::-1])))

    def channel(self, rank: int) -> int | None:
        """Return the axis that runs over the channels of the node's map, which has `rank` axes, and nothing else."""
        for axis, dim in enumerate(self.dims):
            own = [atom for atom in dim if atom.size > 1] or dim
            if len(own) == 1 and own[0].axis == rank - 1 and own[0].step == 1:
                return axis
        return None

    def channel_range(self, axis: int, own: Shape, first: int, end: int) -> tuple[int, int] | None:
        """Return the channels that positions `first` up to but without `end` of an axis are, in a map of shape `own`.

        None where the axis does not run over the channels, or over all of them in turn before other axes do.
        """
        parts = _joined(self.dims[axis])
        if (
            len(parts) != 1
            or parts[0].axis != len(own) - 1
            or parts[0].size * parts[0].step != own[-1]
        ):
            return None
        return first * parts[0].step, end * parts[0].step

    def ranged(self, node: int, axis: int, size: int) -> View:
        """Return the view of a node that holds some positions of an axis alone, `size` of them."""
        (atom,) = _joined(self.dims[axis])
        return View(node, (*self.dims[:axis], (atom._replace(size=size),), *self.dims[axis + 1 :]))


def _size(dim: Dim) -> int:
    return prod(atom.size for atom in dim)


def _take(atoms: list[Atom], size: int) -> Dim | None:
    """Take from the end of a stack what makes `size` positions, and split the last atom where it is too large."""
    taken: list[Atom] = []
    while size > 1:
        if not atoms:
            return None
        atom = atoms.pop()
        if atom.size > size:
            if atom.size % size:
                return None
            inner = atom.size // size
            atoms.append(Atom(atom.axis, inner, atom.step))
            atom = Atom(atom.axis, size, atom.step * inner)
        elif size % atom.size:
            return None
        taken.append(atom)
        size //= atom.size
    if not taken and atoms and atoms[-1].size == 1:
        taken.append(atoms.pop())
    return tuple(taken)


def whole(node: int, shape: Shape, form: Form, batch: int) -> View:
    """Return the view of a node's whole map in a form, with a batch of that many examples."""
    return View(
        node,
        tuple(
            tuple(Atom(axis, batch if axis == BATCH else shape[axis]) for axis in axes)
            for axes in form
        ),
    )


def unrolled(
    sizes: Sequence[int], like: View, channel: int | None, batch: int
) -> tuple[Shape, tuple[Dim, ...]]:
    """Return a map for a tensor of which only the shape is known, and how the tensor runs over it.

    The batch and the channels are where they are in `like`, whose channels are its axis `channel`; else the channels
    are the last axis. Where a map cannot have as many axes, the first ones run over one of it.
    """
    same = len(sizes) == len(like.dims)
    own_sizes, batches = list(sizes), [False] * len(sizes)
    for axis, dim in enumerate(like.dims if same else like.dims[: min(1, len(sizes))]):
        batches[axis] = any(atom.axis == BATCH for atom in dim) and sizes[axis] % batch == 0
        own_sizes[axis] //= batch if batches[axis] else 1
    order = [axis for axis, size in enumerate(own_sizes) if not (batches[axis] and size == 1)]
    if same and channel in order:
        order.append(order.pop(order.index(channel)))
    dims: list[Dim] = [(Atom(BATCH, batch),) if has_batch else () for has_batch in batches]
    shape = []
    for place, group in enumerate(_grouped(order)):
        step = 1
        for axis in reversed(group):
            dims[axis] = (*dims[axis], Atom(place, own_sizes[axis], step))
            step *= own_sizes[axis]
        shape.append(step)
    return tuple(shape) or (1,), tuple(dims)


def _grouped(order: Sequence[int]) -> list[list[int]]:
    """Group axes for a map: each by itself, but the first ones together where there are more than MAX_AXES."""
    together = max(len(order) - MAX_AXES + 1, 1)
    groups = [list(order[:together]), *([axis] for axis in order[together:])]
    return [group for group in groups if group]


def channels_first(rank: int) -> Form:
    """(batch, C, H, W) of a map of `rank` axes; (batch, n) of a vector."""
    return ((BATCH,), (rank - 1,), *((axis,) for axis in range(rank - 1)))


def channels_last(rank: int) -> Form:
    """(batch, H, W, C) of a map of `rank` axes."""
    return ((BATCH,), *((axis,) for axis in range(rank)))


class Plan(NamedTuple):
    """How a view becomes a map: the op to add (none where it is one) and its fields, the map's shape, its form."""

    needed: str
    fields: dict[str, Any]
    shape: Shape
    form: Form


def plan(view: View, own: Shape, channel: int) -> Plan | None:
    """Plan to make a map whose channels are the tensor's axis `channel`, of a view of a node of shape `own`.

    None where that map would have more than MAX_AXES axes.
    """
    kept = [axis for axis, dim in enumerate(view.dims) if not _is_batch(dim) and axis != channel]
    order = [*kept, channel]
    if len(order) > MAX_AXES:
        return None
    places = {axis: place for place, axis in enumerate(order)}
    form = tuple(_form(dim, places.get(axis)) for axis, dim in enumerate(view.dims))
    parts = [_joined(atom for atom in view.dims[axis] if atom.axis != BATCH) for axis in order]
    shape = tuple(prod(atom.size for atom in part) for part in parts)
    needed, fields = _needed(parts, shape, own)
    return Plan(needed, fields, shape, form)


def _needed(parts: list[list[Atom]], shape: Shape, own: Shape) -> tuple[str, dict[str, Any]]:
    """Name the op, with its fields, that makes a map of `shape` of one of shape `own`; none where it is that map."""
    is_natural = _joined(atom for part in parts for atom in part) == _natural(own)
    if shape == own and is_natural:
        return "", {}
    if shape == own and (groups := _shuffled(parts, own)):
        return "shuffle", {"groups": groups}
    return ("flatten", {}) if len(shape) == 1 else ("reshape", {"shape": shape})


def _is_batch(dim: Dim) -> bool:
    return bool(dim) and all(atom.axis == BATCH for atom in dim)


def _form(dim: Dim, place: int | None) -> tuple[int, ...]:
    """Return what an axis stands for once its own part is the map's axis `place`; a batch in it stays where it was."""
    if place is None:
        return (BATCH,)
    if not any(atom.axis == BATCH for atom in dim):
        return (place,)
    return (BATCH, place) if dim[0].axis == BATCH else (place, BATCH)


def _joined(atoms: Iterable[Atom]) -> list[Atom]:
    """Atoms without those of one position, and with neighbours that run on put together."""
    joined: list[Atom] = []
    for atom in atoms:
        if atom.size == 1:
            continue
        if joined and joined[-1].axis == atom.axis and joined[-1].step == atom.step * atom.size:
            atom = Atom(atom.axis, atom.size * joined.pop().size, atom.step)
        joined.append(atom)
    return joined


def _natural(shape: Shape) -> list[Atom]:
    """Return the atoms of a map in its own order."""
    return [Atom(axis, size) for axis, size in enumerate(shape) if size > 1]


def _shuffled(parts: list[list[Atom]], own: Shape) -> int:
    """Return the groups whose channels are taken in turn, where that is all that differs; else 0."""
    *positions, channels = parts
    if [atom for part in positions for atom in part] != _natural(own[:-1]) or len(channels) != 2:
        return 0
    inner, outer = channels
    is_shuffle = (
        inner.axis == outer.axis == len(own) - 1 and inner.step == 1 and outer.step == inner.size
    )
    return outer.size if is_shuffle else 0


__all__ = [
    "BATCH",
    "Atom",
    "Dim",
    "Form",
    "Plan",
    "View",
    "channels_first",
    "channels_last",
    "plan",
    "unrolled",
    "whole",
]
