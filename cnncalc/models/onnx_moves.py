"""Rows and views for the ONNX ops that move values: reshapes, slices, splits, concatenation, padding, resizing."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor, prod
from typing import Any

from cnncalc.models.onnx_fold import (
    Constant,
    axes_of,
    axis_at,
    integer,
    ints,
    reshaped,
    slice_ranges,
    split_sizes,
    squeezed_axes,
    unsqueezed,
    word,
)
from cnncalc.models.onnx_layers import Handler, exact
from cnncalc.models.onnx_messages import OnnxNode
from cnncalc.models.onnx_reader import GraphReader, UnsupportedError
from cnncalc.models.onnx_views import (
    View,
    channels_first,
    regrouped,
    row_axis,
    shuffled_groups,
    transposed,
    whole,
    without_batch,
)


def same(reader: GraphReader, node: OnnxNode) -> None:
    """What arrives goes on, with no row."""
    reader.set(node, reader.view(node))


def reshape(reader: GraphReader, node: OnnxNode) -> None:
    """Reshape: another grouping of the same values."""
    view = reader.view(node)
    if len(node.inputs) > 1:
        target = reader.tensors[node.inputs[1]]
        if not isinstance(target, Constant):
            raise UnsupportedError("its shape depends on values that the network computes")
        wanted = target.integers()
    else:
        wanted = ints(node, "shape")
    _regroup(reader, node, reshaped(view.shape, wanted, bool(integer(node, "allowzero", 0))))


def flatten(reader: GraphReader, node: OnnxNode) -> None:
    """Flatten: a matrix, cut at an axis."""
    shape = reader.view(node).shape
    axis = integer(node, "axis", 1) % (len(shape) + 1)
    _regroup(reader, node, (prod(shape[:axis]), prod(shape[axis:])))


def _regroup(reader: GraphReader, node: OnnxNode, shape: Sequence[int]) -> None:
    """The tensor with other sizes; a vector of a map's values is a row."""
    view = reader.view(node)
    new = regrouped(view, shape)
    if new is None:
        raise UnsupportedError(f"{view.shape} cannot be regrouped as {tuple(shape)}")
    is_vector = len(new.axes) == 2 and not without_batch(new.axes[0])
    if is_vector and len(reader.shape(view.node)) > 1:
        row = reader.add("flatten", node, [view.node])
        new = View(row, (new.axes[0], whole(0, prod(piece.size for piece in new.axes[1]))))
    elif len(new.axes) > 3 and not without_batch(new.axes[0]):
        axes = [without_batch(axis) for axis in (*new.axes[2:], new.axes[1])]
        if shuffled_groups(axes, (*new.shape[2:], new.shape[1]), reader.shape(view.node)):
            row = reader.map_of(node, new)  # the row belongs to this op, not to those that use it
            new = channels_first(row, reader.shape(row), reader.batch)
    reader.set(node, new)


def squeeze(reader: GraphReader, node: OnnxNode) -> None:
    """Squeeze: axes of one position are left out."""
    view = reader.view(node)
    gone = squeezed_axes(view.shape, axes_of(node, reader.inputs(node)))
    reader.set(
        node, view._replace(axes=tuple(axis for at, axis in enumerate(view.axes) if at not in gone))
    )


def unsqueeze(reader: GraphReader, node: OnnxNode) -> None:
    """Unsqueeze: axes of one position are put in."""
    view = reader.view(node)
    axes = axes_of(node, reader.inputs(node)) or ()
    new = regrouped(view, unsqueezed(view.shape, axes))
    assert new is not None  # ones cut no piece
    reader.set(node, new)


def transpose(reader: GraphReader, node: OnnxNode) -> None:
    """Transpose: another order of the axes, with no row."""
    view = reader.view(node)
    rank = len(view.axes)
    order = ints(node, "perm", tuple(reversed(range(rank))))
    if sorted(order) != list(range(rank)):
        raise UnsupportedError("its perm is no order of the axes")
    reader.set(node, transposed(view, order))


def concat(reader: GraphReader, node: OnnxNode) -> None:
    """Concat of the channels."""
    tensors = reader.inputs(node)
    views = [tensor for tensor in tensors if isinstance(tensor, View)]
    if len(views) != len(tensors) or not views:
        raise UnsupportedError("it takes constants too")
    if len(views) == 1:
        reader.set(node, views[0])
        return
    axis = axis_at(integer(node, "axis", 1), len(views[0].axes))
    rest = {(*view.axes[:axis], *view.axes[axis + 1 :]) for view in views}
    if len(rest) > 1 or not all(_is_channels(reader, view, axis) for view in views):
        views = [reader.placed(node, view) for view in views]
    for view in views:
        reader.channel_axis(view, axis)
    row = reader.add("concat", node, [view.node for view in views])
    reader.set(node, reader.resized(views[0], row, axis))


def _is_channels(reader: GraphReader, view: View, axis: int) -> bool:
    shape = reader.shape(view.node)
    return row_axis(view, axis, shape) == len(shape) - 1


def slice_op(reader: GraphReader, node: OnnxNode) -> None:
    """Slice of channels, or every S-th position."""
    view = reader.view(node)
    ranges = slice_ranges(node, view.shape, reader.inputs(node))
    for axis, taken in ranges.items():
        size = view.shape[axis]
        if taken == range(size):
            continue
        view = _sliced(reader, node, view, axis, taken)
    reader.set(node, view)


def _sliced(reader: GraphReader, node: OnnxNode, view: View, axis: int, taken: range) -> View:
    """The tensor with some positions of an axis."""
    if not len(taken):
        raise UnsupportedError("it leaves nothing")
    shape = reader.shape(view.node)
    own = row_axis(view, axis, shape)
    if own is None:
        view = reader.placed(node, view)
        shape = reader.shape(view.node)
        own = row_axis(view, axis, shape)
    if own == len(shape) - 1 and taken.step == 1:
        row = reader.add("slice", node, [view.node], {"channels": (taken.start, taken.stop)})
        return reader.resized(view, row, axis)
    if own is None or own == len(shape) - 1:
        raise UnsupportedError("it takes part of an axis that no row has")
    row = _crop(reader, node, view.node, own, taken)
    axes = list(view.axes)
    axes[axis] = whole(own, len(taken))
    return View(row, tuple(axes))


def _crop(reader: GraphReader, node: OnnxNode, row: int, axis: int, taken: range) -> int:
    """A row for every S-th position of an axis, or for those from one to another."""
    shape = reader.shape(row)
    rank = len(shape) - 1
    if taken.start == 0 and -(-shape[axis] // taken.step) == len(taken):
        steps = tuple(taken.step if at == axis else 1 for at in range(rank))
        return reader.add("slice", node, [row], {"stride": steps})
    if taken.step != 1:
        raise UnsupportedError("it takes every so many positions of a part of an axis")
    ends = (taken.start, shape[axis] - taken.stop)
    size = tuple(ends if at == axis else (0, 0) for at in range(rank))
    return reader.add("crop", node, [row], {"size": size})


def split(reader: GraphReader, node: OnnxNode) -> None:
    """Split into parts of the channels."""
    reader.set(node, *_parts(reader, node))


def split_to_sequence(reader: GraphReader, node: OnnxNode) -> None:
    """SplitToSequence: the parts as one tensor of tensors."""
    reader.set(node, tuple(_parts(reader, node)))


def _parts(reader: GraphReader, node: OnnxNode) -> list[View]:
    view = reader.view(node)
    axis = axis_at(integer(node, "axis", 0), len(view.axes))
    first, parts = 0, []
    for size in split_sizes(node, view.shape[axis], reader.inputs(node)):
        parts.append(_sliced(reader, node, view, axis, range(first, first + size)))
        first += size
    return parts


def sequence_at(reader: GraphReader, node: OnnxNode) -> None:
    """SequenceAt: one tensor of a sequence."""
    sequence = reader.tensors.get(node.inputs[0])
    at = reader.constant(node, 1)
    if not isinstance(sequence, tuple) or isinstance(sequence, (View, Constant)) or at is None:
        raise UnsupportedError("it takes no known sequence")
    (place,) = at.integers()
    reader.set(node, sequence[axis_at(place, len(sequence))])


def gather(reader: GraphReader, node: OnnxNode) -> None:
    """Gather of one position or of a row of positions one after another."""
    view = reader.view(node)
    axis = axis_at(integer(node, "axis", 0), len(view.axes))
    index = reader.constant(node, 1)
    if index is None or len(index.shape) > 1:
        raise UnsupportedError("what it gathers is not known")
    size = view.shape[axis]
    places = [axis_at(place, size) for place in index.integers()]
    step = places[1] - places[0] if len(places) > 1 else 1
    taken = range(places[0], places[-1] + 1, max(step, 1))
    if list(taken) != places:
        raise UnsupportedError("it gathers in another order")
    part = view if taken == range(size) else _sliced(reader, node, view, axis, taken)
    if not index.shape:
        part = part._replace(axes=(*part.axes[:axis], *part.axes[axis + 1 :]))
    reader.set(node, part)


def pad(reader: GraphReader, node: OnnxNode) -> None:
    """Pad: around the map, and among its channels."""
    view = reader.view(node)
    rank = len(view.axes)
    given = reader.constant(node, 1)
    pads = given.integers() if given is not None else ints(node, "pads") or ints(node, "paddings")
    axes_given = reader.constant(node, 3)
    axes = axes_given.integers() if axes_given is not None else tuple(range(rank))
    if len(pads) != 2 * len(axes):
        raise UnsupportedError("its pads are not of the axes")
    ends = {axis_at(axis, rank): (pads[at], pads[at + len(axes)]) for at, axis in enumerate(axes)}
    ends = {axis: pair for axis, pair in ends.items() if any(pair)}
    if not ends:
        reader.set(node, view)
        return
    shape = reader.shape(view.node)
    if any(row_axis(view, axis, shape) is None for axis in ends):
        view = reader.placed(node, view)
        shape = reader.shape(view.node)
    _padded(reader, node, view, ends)


def _padded(
    reader: GraphReader, node: OnnxNode, view: View, ends: dict[int, tuple[int, int]]
) -> None:
    """A row for a padded tensor."""
    shape = reader.shape(view.node)
    by_row = {row_axis(view, axis, shape): pair for axis, pair in ends.items()}
    if None in by_row or min(map(min, ends.values())) < 0:
        raise UnsupportedError("it pads an axis that no row has, or takes positions away")
    rank = len(shape) - 1
    fields: dict[str, Any] = {}
    if any(at in by_row for at in range(rank)):
        fields["size"] = tuple(by_row.get(at, (0, 0)) for at in range(rank))
    if rank in by_row:
        fields["channels"] = (by_row[rank],)
    mode = word(node, "mode", "constant")
    if mode != "constant":
        fields["mode"] = {"edge": "replicate"}.get(mode, mode)
    row = reader.add("pad", node, [view.node], fields)
    axes = list(view.axes)
    for axis, pair in ends.items():
        own = row_axis(view, axis, shape)
        axes[axis] = whole(own or 0, view.shape[axis] + sum(pair))
    reader.set(node, View(row, tuple(axes)))


def resize(reader: GraphReader, node: OnnxNode) -> None:
    """Resize and Upsample: by scales or to sizes."""
    view = reader.view(node)
    sizes = _resized_sizes(reader, node, view)
    changed = [axis for axis, size in enumerate(sizes) if size != view.shape[axis]]
    if any(row_axis(view, axis, reader.shape(view.node)) is None for axis in changed):
        view = reader.placed(node, view)
    shape = reader.shape(view.node)
    own = {row_axis(view, axis, shape): sizes[axis] for axis in changed}
    rank = len(shape) - 1
    if None in own or rank in own:
        raise UnsupportedError("it resizes other axes than those of the space")
    wanted = tuple(own.get(at, shape[at]) for at in range(rank))
    row = reader.add("upsample", node, [view.node], _upsample_fields(node, shape[:-1], wanted))
    axes = [
        whole(row_axis(view, axis, shape) or 0, sizes[axis]) if axis in changed else kept
        for axis, kept in enumerate(view.axes)
    ]
    reader.set(node, View(row, tuple(axes)))


def _resized_sizes(reader: GraphReader, node: OnnxNode, view: View) -> tuple[int, ...]:
    """The sizes that a Resize gives."""
    at = 1 if node.op == "Upsample" or reader.opset < 11 else 2
    sizes = reader.constant(node, 3) if len(node.inputs) > 3 else None
    if sizes is not None and sizes.shape and sizes.shape[0]:
        return sizes.integers()
    scales = reader.constant(node, at)
    values = scales.values if scales is not None else node.attributes.get("scales")
    if not isinstance(values, tuple) or len(values) != len(view.axes):
        raise UnsupportedError("neither its scales nor its sizes are known")
    factors = [exact(value) for value in values if isinstance(value, (int, float))]
    return tuple(floor(size * factor) for size, factor in zip(view.shape, factors, strict=True))


_MODES = {"linear": {1: "linear", 2: "bilinear", 3: "trilinear"}, "cubic": {2: "bicubic"}}
"""What interpolation is called, by the axes of the space."""


def _upsample_fields(node: OnnxNode, sizes: Sequence[int], wanted: Sequence[int]) -> dict[str, Any]:
    """The fields of an upsampling: a whole scale where there is one, else the size."""
    given = word(node, "mode", "nearest")
    mode = _MODES.get(given, {}).get(len(sizes), given)
    fields: dict[str, Any] = {"mode": mode} if mode != "nearest" else {}
    if word(node, "coordinate_transformation_mode") == "align_corners" and fields:
        fields["align_corners"] = True
    scales = [Fraction(new, old) for new, old in zip(wanted, sizes, strict=True)]
    if all(scale.denominator == 1 for scale in scales):
        return {"scale": tuple(scale.numerator for scale in scales), **fields}
    return {"size": tuple(wanted), **fields}


MOVES: dict[str, Handler] = {
    "Identity": same,
    "Cast": same,
    "CastLike": same,
    "QuantizeLinear": same,
    "DequantizeLinear": same,
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": transpose,
    "Concat": concat,
    "Slice": slice_op,
    "Split": split,
    "SplitToSequence": split_to_sequence,
    "SequenceAt": sequence_at,
    "Gather": gather,
    "Pad": pad,
    "Resize": resize,
    "Upsample": resize,
}
"""The ops that move values, by name."""
