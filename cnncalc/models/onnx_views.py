"""A tensor of an ONNX graph as a view of a row of ours: which of its axes is which of the row's.

ONNX has a batch first, then channels, or the channels last, as the exporter pleased, and transposes and reshapes
between; a row of ours has no batch and its channels last. A view says for every axis of the ONNX tensor what it is
made of: pieces of the row's axes. So a Transpose is another order of the same pieces, a Reshape another grouping, and
neither is a row until something needs the values in that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import NamedTuple

from cnncalc.ops.shapes import Shape

BATCH = -1
"""The axis of a piece that is the batch."""


class Piece(NamedTuple):
    """A part of an axis of the row: index = (position // stride) % size. The whole axis has stride 1."""

    axis: int
    stride: int
    size: int


Axis = tuple[Piece, ...]
"""What an axis of a tensor is made of, the slowest first; nothing for an axis of one position."""


class View(NamedTuple):
    """A tensor: the row that has its values, and its axes."""

    node: int
    axes: tuple[Axis, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's sizes, as ONNX has them."""
        return tuple(prod(piece.size for piece in axis) for axis in self.axes)


def channels_first(node: int, shape: Shape, batch: int) -> View:
    """A row as (batch, channels, spatial axes)."""
    rank = len(shape) - 1
    return View(node, _axes(shape, batch, (rank, *range(rank))))


def channels_last(node: int, shape: Shape, batch: int) -> View:
    """A row as (batch, spatial axes, channels)."""
    return View(node, _axes(shape, batch, range(len(shape))))


def _axes(shape: Shape, batch: int, order: Iterable[int]) -> tuple[Axis, ...]:
    own = [whole(axis, shape[axis]) for axis in order]
    return (whole(BATCH, batch), *own)


def whole(axis: int, size: int) -> Axis:
    """An axis of a tensor that is one of the row's."""
    return (Piece(axis, 1, size),) if size > 1 else ()


def transposed(view: View, order: Sequence[int]) -> View:
    """The axes in another order."""
    return view._replace(axes=tuple(view.axes[axis] for axis in order))


def regrouped(view: View, shape: Sequence[int]) -> View | None:
    """The same values with other sizes; None where a piece would have to be cut unevenly."""
    pieces = [piece for axis in view.axes for piece in axis]
    pieces.reverse()
    axes = []
    for size in shape:
        axis = _taken(pieces, size)
        if axis is None:
            return None
        axes.append(axis)
    return None if pieces else view._replace(axes=tuple(axes))


def _taken(pieces: list[Piece], size: int) -> Axis | None:
    """Pieces from the end of the list that make up a size; the last may be cut."""
    axis: list[Piece] = []
    while size > 1:
        if not pieces:
            return None
        piece = pieces.pop()
        if size % piece.size == 0:
            size //= piece.size
        elif piece.size % size == 0:
            inner = piece.size // size
            pieces.append(piece._replace(size=inner))
            piece = Piece(piece.axis, piece.stride * inner, size)
            size = 1
        else:
            return None
        axis.append(piece)
    return joined(axis)


def joined(pieces: Iterable[Piece]) -> Axis:
    """Pieces with those that follow one another put together again."""
    axis: list[Piece] = []
    for piece in pieces:
        before = axis[-1] if axis else None
        if before and before.axis == piece.axis and before.stride == piece.stride * piece.size:
            axis[-1] = Piece(piece.axis, piece.stride, before.size * piece.size)
        else:
            axis.append(piece)
    return tuple(axis)


def without_batch(axis: Axis) -> Axis:
    """An axis but for the batch in it."""
    return tuple(piece for piece in axis if piece.axis != BATCH)


def row_axis(view: View, at: int, shape: Shape) -> int | None:
    """The axis of the row that an axis of the tensor is, whole; None where it is not."""
    axis = without_batch(view.axes[at])
    if len(axis) == 1 and axis[0].stride == 1 and axis[0].size == shape[axis[0].axis]:
        return axis[0].axis
    return None


def shuffled_groups(axes: Sequence[Axis], sizes: Shape, shape: Shape) -> int:
    """The groups of a channel shuffle, after which the two pieces of the channels have changed places; else 0.

    `axes` are those of the shuffled map, its channels last, `sizes` their sizes, `shape` that of the row.
    """
    if sizes != shape or len(axes[-1]) != 2:
        return 0
    inner, outer = axes[-1]
    last = len(shape) - 1
    still = all(axis == whole(at, shape[at]) for at, axis in enumerate(axes[:-1]))
    swapped = inner.axis == outer.axis == last and inner.stride == 1 and outer.stride == inner.size
    return outer.size if still and swapped else 0
