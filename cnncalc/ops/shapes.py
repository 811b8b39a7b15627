"""Shapes, and the arithmetic of windows that slide over one spatial axis.

A shape is a tuple with the channels last: `(height, width, channels)` for a 2-D map, `(length, channels)` for 1-D,
`(depth, height, width, channels)` for 3-D, and `(n,)` for a vector, which has no spatial axes. Formulas take and give
integers: N input size, F kernel, S stride, p and q the padding before and after, d dilation, O output size.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import NamedTuple

Shape = tuple[int, ...]

AXIS_NAMES: dict[int, tuple[str, ...]] = {
    0: (),
    1: ("length",),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
}
"""The names of the spatial axes, by how many there are."""


def spatial(shape: Shape) -> Shape:
    """Return the sizes of the spatial axes; empty for a vector."""
    return shape[:-1]


def elements(shape: Shape) -> int:
    """How many values a tensor of this shape holds."""
    return prod(shape)


def positions(shape: Shape) -> int:
    """How many spatial positions a map has; 1 for a vector."""
    return prod(shape[:-1])


def format_shape(sizes: Iterable[object], sign: str = "×") -> str:
    """Return a shape, or one size for each axis, as a person reads it: `55×55×96`, or with another sign between."""
    return sign.join(map(str, sizes))


def show_shape(shape: Shape) -> str:
    """Return a shape as a spec and the CSV contract write it: 55x55x96."""
    return format_shape(shape, "x")


def broadcast_shape(shapes: Iterable[Shape]) -> Shape | None:
    """Return the shape that several have when they are broadcast: along each axis equal or 1.

    None where they do not agree.

    A vector is broadcast over the channels of a map; maps have the same number of axes.
    """
    listed = list(shapes)
    rank = max(map(len, listed))
    if any(len(shape) not in (1, rank) for shape in listed):
        return None
    full = [(1,) * (rank - len(shape)) + shape for shape in listed]
    output = tuple(max(sizes) for sizes in zip(*full, strict=True))
    fits = all(size in (1, out) for shape in full for size, out in zip(shape, output, strict=True))
    return output if fits else None


class Window(NamedTuple):
    """A window along one axis: kernel F, stride S, padding before and after (p, q) and dilation d."""

    kernel: int
    stride: int
    before: int
    after: int
    dilation: int = 1

    @property
    def extent(self) -> int:
        """Positions from the first to the last that the kernel touches: d(F - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1


def padded_size(size: int, window: Window) -> int:
    """N + p + q."""
    return size + window.before + window.after


def conv_output(size: int, window: Window) -> int:
    """floor((N + p + q - d(F-1) - 1)/S) + 1; below 1 where the window does not go in."""
    return (size + window.before + window.after - window.extent) // window.stride + 1


def ceil_output(size: int, window: Window) -> int:
    """Return the same rounded up, a last window that would start at or past N + p dropped (Caffe, PyTorch
    `ceil_mode`).
    """
    out = -((window.extent - size - window.before - window.after) // window.stride) + 1
    return out - 1 if (out - 1) * window.stride >= size + window.before else out


def left_over(size: int, window: Window) -> int:
    """Positions at the end that no window reaches when rounding down; 0 where the window fits."""
    return (size + window.before + window.after - window.extent) % window.stride


def same_window(size: int, window: Window) -> Window:
    """Return the window with the padding of `same`: O = ceil(N/S), total max((O-1)S + d(F-1) + 1 - N, 0), less of it
    before.

    TensorFlow's and Keras' rule: the odd position of padding goes after.
    """
    out = -(-size // window.stride)
    total = max((out - 1) * window.stride + window.extent - size, 0)
    return window._replace(before=total // 2, after=total - total // 2)


def transposed_output(size: int, window: Window, output_pad: int) -> int:
    """(N - 1)S - p - q + d(F-1) + 1 + output_pad: what the conv that this one transposes takes in."""
    return (size - 1) * window.stride - window.before - window.after + window.extent + output_pad


def same_transposed_window(window: Window) -> Window:
    """Return the window of a `same` transposed conv, whose output is N·S: the inverse of a `same` conv of that stride.

    Where the kernel is shorter than the stride there is nothing to crop; the output pad then fills the rest.
    """
    total = max(window.extent - window.stride, 0)
    return window._replace(before=total // 2, after=total - total // 2)
