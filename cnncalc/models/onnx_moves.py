"""Rows and views for the ONNX ops that move values: reshapes, slices, splits, concatenation, padding, resizing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor, prod
from typing import Any

from cnncalc.models.layout import BATCH, MAX_AXES, View, channels_last, plan, unrolled
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
    word,
)
from cnncalc.models.onnx_layers import Handler, axis_word, exact
from cnncalc.models.onnx_messages import OnnxNode
from cnncalc.models.onnx_reader import GraphReader
from cnncalc.models.rows import UnsupportedError


def same(reader: GraphReader, node: OnnxNode) -> None:
    """Pass on what arrives, with no row."""
    reader.set(node, reader.view(node))


def reshape(reader: GraphReader, node: OnnxNode) -> None:
    """Reshape: another grouping of the same values."""
    view = reader.view(node)
    if len(node.inputs) > 1:
        target = reader.tensor(node.inputs[1])
        if not isinstance(target, Constant):
            raise UnsupportedError("its shape depends on values that the network computes")
        wanted = target.integers()
    else:
        wanted = ints(node, "shape")
    _regroup(reader, node, reshaped(view.sizes, wanted, bool(integer(node, "allowzero", 0))))


def flatten(reader: GraphReader, node: OnnxNode) -> None:
    """Flatten: a matrix, cut at an axis."""
    shape = reader.view(node).sizes
    axis = integer(node, "axis", 1) % (len(shape) + 1)
    _regroup(reader, node, (prod(shape[:axis]), prod(shape[axis:])))


def _regroup(reader: GraphReader, node: OnnxNode, sizes: Sequence[int]) -> None:
    """Add the tensor in other sizes. A vector of a map's values, or its channels shuffled, is a row; the rest waits."""
    view = reader.view(node)
    moved = view.reshaped(sizes)
    if (
        moved is None
    ):  # pieces of a map in another order may not go into these sizes, those of a new map may
        row, form = reader.ordered(node, view, reader.channel_of([view]))
        view = reader.whole(row, form)
        moved = view.reshaped(sizes)
    if moved is None:
        moved = _reshaped(reader, node, view, sizes)
    shape = reader.shape(view.node)
    planned = plan(moved, shape, 1) if len(sizes) > 1 and len(shape) > 1 else None
    if planned is not None and planned.needed and (len(sizes) == 2 or planned.needed == "shuffle"):
        row = reader.add(planned.needed, node, [moved.node], planned.fields)
        moved = reader.whole(row, planned.form)
    reader.set_moved(node, moved)


def _reshaped(reader: GraphReader, node: OnnxNode, view: View, sizes: Sequence[int]) -> View:
    """Return a reshape that cuts across axes: a row, its last axis the channels. Raises UnsupportedError."""
    if sizes[0] != reader.batch or not 2 <= len(sizes) <= MAX_AXES + 1:
        raise UnsupportedError(f"{_shown(view.sizes)} cannot be regrouped as {_shown(sizes)}")
    row = reader.add("reshape", node, [view.node], {"shape": tuple(sizes[1:])})
    return reader.whole(row, channels_last(len(sizes) - 1))


def _shown(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))


def squeeze(reader: GraphReader, node: OnnxNode) -> None:
    """Squeeze: axes of one position are left out."""
    view = reader.view(node)
    gone = squeezed_axes(view.sizes, axes_of(node, reader.inputs(node)))
    reader.set_moved(node, view.squeezed(gone))


def unsqueeze(reader: GraphReader, node: OnnxNode) -> None:
    """Unsqueeze: axes of one position are put in."""
    view = reader.view(node)
    axes = axes_of(node, reader.inputs(node)) or ()
    rank = len(view.dims) + len(axes)
    for axis in sorted(axis_at(axis, rank) for axis in axes):
        view = view.unsqueezed(axis)
    reader.set_moved(node, view)


def transpose(reader: GraphReader, node: OnnxNode) -> None:
    """Transpose: another order of the axes, with no row."""
    view = reader.view(node)
    rank = len(view.dims)
    order = ints(node, "perm", tuple(reversed(range(rank))))
    if sorted(order) != list(range(rank)):
        raise UnsupportedError("its perm is no order of the axes")
    reader.set_moved(node, view.permuted(order))


def concat(reader: GraphReader, node: OnnxNode) -> None:
    """Concat of tensors along one axis; a parameter among them is stated with the row."""
    tensors = reader.inputs(node)
    views = [tensor for tensor in tensors if isinstance(tensor, View)]
    if not views:
        raise UnsupportedError("it takes no tensor that the network computes")
    if len(tensors) == 1:
        reader.set(node, views[0])
        return
    axis = axis_at(integer(node, "axis", 1), len(views[0].dims))
    channel = reader.channel_of(views)
    arranged = [reader.ordered(node, view, channel) for view in views]
    rows, form = [row for row, _ in arranged], arranged[0][1]
    if len(form[axis]) != 1 or form[axis][0] == BATCH:
        raise UnsupportedError("it puts batches together")
    place, shape = form[axis][0], reader.shape(rows[0])
    if len(views) < len(tensors):
        held = [tensor for tensor in tensors if isinstance(tensor, Constant)]
        total = sum(view.sizes[axis] for view in views) + sum(part.shape[axis] for part in held)
        output = (*shape[:place], total, *shape[place + 1 :])
        params = sum(prod(part.shape) for part in held if part.parameter)
        fields: dict[str, Any] = {"of": "Concat", "output": output, "params": params}
        reader.set_row(node, reader.add("opaque", node, rows, fields), form)
        return
    word_of_axis = axis_word(place, len(shape) - 1)
    fields = {} if word_of_axis == "channels" else {"axis": word_of_axis}
    reader.set_row(node, reader.add("concat", node, rows, fields), form)


def slice_op(reader: GraphReader, node: OnnxNode) -> None:
    """Slice of channels or positions."""
    view = reader.view(node)
    ranges = slice_ranges(node, view.sizes, reader.inputs(node))
    reader.set(node, _sliced(reader, node, view, ranges))


def _sliced(reader: GraphReader, node: OnnxNode, view: View, ranges: Mapping[int, range]) -> View:
    """Return the tensor with some positions of some axes: a row for channels, and one for all other axes.

    Raises UnsupportedError where no row of ours says it.
    """
    left = {}
    for axis, taken in ranges.items():
        if taken == range(view.sizes[axis]):
            continue
        if not len(taken) or taken.step < 1:
            raise UnsupportedError("it leaves nothing, or goes backwards")
        part = _part_of_channels(reader, node, view, axis, taken)
        if part is None:
            left[axis] = taken
        view = view if part is None else part
    return _positions(reader, node, view, left) if left else view


def _positions(
    reader: GraphReader, node: OnnxNode, view: View, ranges: Mapping[int, range]
) -> View:
    """Return the tensor with some positions of axes that are no channels. Raises UnsupportedError."""
    row, form = reader.ordered(node, view, reader.channel_of([view]))
    shape = reader.shape(row)
    ends, steps = [(0, size) for size in shape[:-1]], [1] * (len(shape) - 1)
    for axis, taken in ranges.items():
        places = [place for place in form[axis] if place != BATCH]
        if form[axis] != tuple(places) or len(places) != 1:
            raise UnsupportedError("it takes some examples of a batch")
        if places[0] == len(shape) - 1:
            raise UnsupportedError("it takes every so many of the channels")
        ends[places[0]], steps[places[0]] = (taken.start, taken.stop), taken.step
    fields: dict[str, Any] = {"stride": tuple(steps)} if max(steps) > 1 else {}
    if ends != [(0, size) for size in shape[:-1]]:
        fields["positions"] = tuple(ends)
    return reader.whole(reader.add("slice", node, [row], fields), form)


def _part_of_channels(
    reader: GraphReader, node: OnnxNode, view: View, axis: int, taken: range
) -> View | None:
    """Positions of an axis that is the row's channels or the outer part of them, such as query, key and value."""
    shape = reader.shape(view.node)
    atoms = [atom for atom in view.dims[axis] if atom.size > 1]
    if len(atoms) != 1 or taken.step != 1:
        return None
    (atom,) = atoms
    if atom.axis != len(shape) - 1 or atom.size * atom.step != shape[-1]:
        return None
    ends = (taken.start * atom.step, taken.stop * atom.step)
    row = reader.add("slice", node, [view.node], {"channels": ends})
    dims = list(view.dims)
    dims[axis] = (atom._replace(size=len(taken)),)
    return View(row, tuple(dims))


def split(reader: GraphReader, node: OnnxNode) -> None:
    """Split into parts of the channels."""
    reader.set(node, *_parts(reader, node))


def split_to_sequence(reader: GraphReader, node: OnnxNode) -> None:
    """SplitToSequence: the parts as one tensor of tensors."""
    reader.set(node, _parts(reader, node))


def _parts(reader: GraphReader, node: OnnxNode) -> list[View]:
    view = reader.view(node)
    axis = axis_at(integer(node, "axis", 0), len(view.dims))
    first, parts = 0, []
    for size in split_sizes(node, view.sizes[axis], reader.inputs(node)):
        parts.append(_sliced(reader, node, view, {axis: range(first, first + size)}))
        first += size
    return parts


def sequence_at(reader: GraphReader, node: OnnxNode) -> None:
    """SequenceAt: one tensor of a sequence."""
    sequence = reader.tensor(node.inputs[0])
    at = reader.constant(node, 1)
    if not isinstance(sequence, list) or at is None:
        raise UnsupportedError("it takes no known sequence")
    (place,) = at.integers()
    reader.set(node, sequence[axis_at(place, len(sequence))])


def gather(reader: GraphReader, node: OnnxNode) -> None:
    """Gather of one position or of a row of positions one after another; rows of a table are an embedding."""
    if isinstance(reader.tensor(node.inputs[0]), Constant):
        embedding(reader, node)
        return
    view = reader.view(node)
    axis = axis_at(integer(node, "axis", 0), len(view.dims))
    index = reader.constant(node, 1)
    if index is not None and len(index.shape) > 1 and prod(index.shape) == view.sizes[axis]:
        _regroup(reader, node, (*view.sizes[:axis], *index.shape, *view.sizes[axis + 1 :]))
        return
    if index is None:
        raise UnsupportedError("what it gathers depends on values that the network computes")
    size = view.sizes[axis]
    places = [axis_at(place, size) for place in index.values or () if isinstance(place, int)]
    step = places[1] - places[0] if len(places) > 1 else 1
    taken = range(places[0], places[-1] + 1, max(step, 1)) if places else range(0)
    if not places or len(index.shape) > 1 or list(taken) != places:
        _looked_up(reader, node, view, (axis, axis + 1), index.shape)
        return
    part = _sliced(reader, node, view, {axis: taken})
    reader.set_moved(node, part if index.shape else part.squeezed([axis]))


def embedding(reader: GraphReader, node: OnnxNode) -> None:
    """Gather of a row of a table of weights for each number that arrives."""
    table, view = reader.weights(node, 0), reader.view(node, 1)
    if not table.parameter or len(table.shape) != 2 or integer(node, "axis", 0):
        raise UnsupportedError("what it gathers from is no table with a row for each number")
    row, form = reader.ordered(node, view, -1)
    fields = {"entries": table.shape[0], "units": table.shape[1]}
    made = reader.add("embedding", node, [row], fields, [table])
    reader.set_row(node, made, (*form, (len(reader.shape(made)) - 1,)))


def gather_nd(reader: GraphReader, node: OnnxNode) -> None:
    """GatherND of constant places in the first axes, as resizing by an odd factor is spelt out."""
    view, index = reader.view(node), reader.constant(node, 1)
    if index is None or not index.shape or integer(node, "batch_dims", 0):
        raise UnsupportedError("what it gathers is not known")
    _looked_up(reader, node, view, (0, index.shape[-1]), index.shape[:-1])


def _looked_up(
    reader: GraphReader,
    node: OnnxNode,
    view: View,
    axes: tuple[int, int],
    looked_up: tuple[int, ...],
) -> None:
    """Add a row for values from places in any order, in axes of these sizes instead of some of the tensor's."""
    first, end = axes
    dims = (*view.dims[:first], *((),) * len(looked_up), *view.dims[end:])
    sizes = (*view.sizes[:first], *looked_up, *view.sizes[end:])
    gone = [atom for dim in view.dims[first:end] for atom in dim if atom.size > 1]
    if end > len(view.dims) or any(atom.axis == BATCH for atom in gone):
        raise UnsupportedError("it takes some examples of a batch")
    like = View(view.node, dims)
    shape, order = unrolled(sizes, like, reader.channel_of([like]), reader.batch)
    row = reader.add("opaque", node, [view.node], {"of": node.op, "output": shape})
    reader.set(node, View(row, order))


def pad(reader: GraphReader, node: OnnxNode) -> None:
    """Pad: around the map, and among its channels."""
    view = reader.view(node)
    ends = _pad_ends(reader, node, len(view.dims))
    kept = {  # a negative padding takes positions away
        axis: range(max(-before, 0), view.sizes[axis] - max(-after, 0))
        for axis, (before, after) in ends.items()
    }
    view = _sliced(reader, node, view, kept)
    ends = {
        axis: (max(pair[0], 0), max(pair[1], 0)) for axis, pair in ends.items() if max(pair) > 0
    }
    if not ends:
        reader.set(node, view)
        return
    channel = reader.channel_of([view])
    row, form = reader.ordered(node, view, channel)
    by_place = {place: ends[axis] for axis in ends for place in form[axis] if place >= 0}
    fields = _pad_fields(by_place, len(reader.shape(row)) - 1)
    mode = word(node, "mode", "constant")
    if mode != "constant":
        fields["mode"] = {"edge": "replicate", "wrap": "circular"}.get(mode, mode)
    reader.set_row(node, reader.add("pad", node, [row], fields), form)


def _pad_ends(reader: GraphReader, node: OnnxNode, rank: int) -> dict[int, tuple[int, int]]:
    """Return the padding before and after each axis that has any."""
    given = reader.constant(node, 1)
    pads = given.integers() if given is not None else ints(node, "pads") or ints(node, "paddings")
    axes_given = reader.constant(node, 3)
    axes = axes_given.integers() if axes_given is not None else tuple(range(rank))
    if len(pads) != 2 * len(axes):
        raise UnsupportedError("its pads are not of the axes")
    ends = {axis_at(axis, rank): (pads[at], pads[at + len(axes)]) for at, axis in enumerate(axes)}
    ends = {axis: pair for axis, pair in ends.items() if any(pair)}
    if 0 in ends:
        raise UnsupportedError("it pads the batch")
    return ends


def _pad_fields(by_place: dict[int, tuple[int, int]], last: int) -> dict[str, Any]:
    """Return the fields of a padding of the map's axes, of which `last` is the channels."""
    fields: dict[str, Any] = {}
    if set(by_place) - {last}:
        fields["size"] = tuple(by_place.get(at, (0, 0)) for at in range(last))
    if last in by_place:
        fields["channels"] = (by_place[last],)
    return fields


def resize(reader: GraphReader, node: OnnxNode) -> None:
    """Resize and Upsample: by scales or to sizes."""
    view = reader.view(node)
    sizes = _resized_sizes(reader, node, view)
    same = [at for at in range(1, len(sizes)) if sizes[at] == view.sizes[at]]
    channel = reader.channel_of([view])
    if same and channel not in same:
        channel = same[0]
    row, form = reader.ordered(node, view, channel)
    shape = reader.shape(row)
    wanted = list(shape)
    for axis, size in enumerate(sizes):
        if size != view.sizes[axis]:
            (place,) = (at for at in form[axis] if at >= 0) if axis else (len(shape) - 1,)
            wanted[place] = size
    if wanted[-1] != shape[-1]:
        raise UnsupportedError("it resizes other axes than those of the space")
    if tuple(wanted) == shape:
        reader.set(node, view)
        return
    fields = _upsample_fields(node, shape[:-1], wanted[:-1])
    reader.set_row(node, reader.add("upsample", node, [row], fields), form)


def _resized_sizes(reader: GraphReader, node: OnnxNode, view: View) -> tuple[int, ...]:
    """Return the sizes that a Resize gives: of all axes, or of those that it names."""
    rank = len(view.dims)
    axes = [axis_at(axis, rank) for axis in ints(node, "axes", tuple(range(rank)))]
    at = 1 if node.op == "Upsample" or reader.opset < 11 else 2
    sizes = reader.constant(node, 3) if len(node.inputs) > 3 else None
    if sizes is not None and sizes.shape and sizes.shape[0]:
        given = dict(zip(axes, sizes.integers(), strict=True))
        return tuple(given.get(axis, size) for axis, size in enumerate(view.sizes))
    scales = reader.constant(node, at)
    values = scales.values if scales is not None else node.attributes.get("scales")
    if not isinstance(values, tuple) or len(values) != len(axes):
        raise UnsupportedError("neither its scales nor its sizes are known")
    factors = {
        axis: exact(value)
        for axis, value in zip(axes, values, strict=True)
        if isinstance(value, (int, float))
    }
    return tuple(floor(size * factors.get(axis, 1)) for axis, size in enumerate(view.sizes))


_MODES = {"linear": {1: "linear", 2: "bilinear", 3: "trilinear"}, "cubic": {2: "bicubic"}}
"""What interpolation is called, by the axes of the space."""


def _upsample_fields(node: OnnxNode, sizes: Sequence[int], wanted: Sequence[int]) -> dict[str, Any]:
    """Return the fields of an upsampling: a whole scale where there is one, else the size."""
    given = word(node, "mode", "nearest")
    mode = _MODES.get(given, {}).get(len(sizes), given)
    fields: dict[str, Any] = {"mode": mode} if mode != "nearest" else {}
    if word(node, "coordinate_transformation_mode") == "align_corners" and fields:
        fields["align_corners"] = True
    scales = [Fraction(new, old) for new, old in zip(wanted, sizes, strict=True)]
    if all(scale.denominator == 1 for scale in scales):
        return {"scale": tuple(scale.numerator for scale in scales), **fields}
    return {"size": tuple(wanted), **fields}


def depth_to_space(kind: str) -> Handler:
    """DepthToSpace and SpaceToDepth: channels become positions, and back."""

    def handler(reader: GraphReader, node: OnnxNode) -> None:
        row, form = reader.as_map(node)
        made = reader.add(kind, node, [row], {"scale": integer(node, "blocksize", 1)})
        reader.set_row(node, made, form)

    return handler


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
    "GatherND": gather_nd,
    "Pad": pad,
    "DepthToSpace": depth_to_space("pixel_shuffle"),
    "SpaceToDepth": depth_to_space("pixel_unshuffle"),
    "Resize": resize,
    "Upsample": resize,
}
"""The ops that move values, by name."""
