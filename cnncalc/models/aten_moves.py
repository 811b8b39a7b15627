"""PyTorch's merges and moves of values to ours: one small function for each family, and their table."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from cnncalc.models.aten import Handler, Importer, Value, Weight
from cnncalc.models.aten_names import COPIES
from cnncalc.models.layout import Atom, Form, View, channels_last, plan
from cnncalc.models.pt2 import ExportedOp
from cnncalc.models.rows import UnsupportedError, Where, laid_over
from cnncalc.ops.shapes import AXIS_NAMES
from cnncalc.text.exact import read_exact

# -- several tensors --------------------------------------------------------------------------------------------------


def _binary(kind: str) -> Handler:
    """Return a sum or product: of what arrives twice, of what arrives and a number, or of it and a learned tensor."""

    def handle(importer: Importer, step: ExportedOp) -> None:
        first, second = importer.argument(step, "self"), importer.argument(step, "other")
        if isinstance(first, View) and isinstance(second, View):
            _merge(importer, step, kind, [first, second])
        elif isinstance(first, View) and isinstance(second, (int, float)):
            _scaled(importer, step, first, _fields_of_number(step, second))
        else:
            view, weight = (first, second) if isinstance(first, View) else (second, first)
            _learned(importer, step, view, weight)

    return handle


def _fields_of_number(step: ExportedOp, number: float) -> dict[str, Any]:
    """Return what a number does to each element: a factor or an offset."""
    exact = read_exact(str(number)) if abs(number) < 1e12 else None
    if exact is None or (step.op == "aten.div" and not exact):
        raise UnsupportedError
    if step.op in ("aten.add", "aten.sub"):
        return {"offset": exact}
    return {"factor": 1 / exact if step.op == "aten.div" else exact}


def _scaled(importer: Importer, step: ExportedOp, view: View, fields: dict[str, Any]) -> None:
    """Add a constant multiplied in or added: the order of axes stays."""
    where = importer.where(step)._replace(tags=())
    importer.bind(step, View(importer.row("scale", [view.node], where, fields), view.dims))


def _learned(importer: Importer, step: ExportedOp, view: View, weight: Value) -> None:
    """Add a learned scale or shift, one for each channel, position or element."""
    if not isinstance(weight, Weight) or step.op not in ("aten.add", "aten.mul"):
        raise UnsupportedError
    names = importer.learned(weight)
    sizes = (1,) * (len(view.dims) - len(weight.shape)) + weight.shape
    if len(names) != 1 or prod(importer.export.shapes[names[0]]) != prod(sizes) or prod(sizes) == 1:
        raise UnsupportedError
    own = {axis for axis, size in enumerate(sizes) if size > 1}
    axes = {
        axis for axis, dim in enumerate(view.dims) if not _is_batch(dim) and view.sizes[axis] > 1
    }
    natural = view.channel(len(importer.builder.shape(view.node)))
    alone = own if len(own) == 1 else axes - own
    channel = natural if natural is not None else min(alone) if len(alone) == 1 else -1
    kinds = {
        frozenset({channel % len(view.dims)}): "channel",
        frozenset(axes - {channel % len(view.dims)}): "position",
    }
    per = "element" if own == axes else kinds.get(frozenset(own))
    if per is None:
        raise UnsupportedError
    where = importer.where(step, weight)._replace(tags=())
    node, form = importer.arrange(view, channel, where)
    scaled = step.op == "aten.mul"
    fields = {"gamma": scaled, "beta": not scaled, "per": per}
    importer.set(step, importer.held_row("affine", [node], where, fields, (weight,)), form)


def _is_batch(dim: tuple[Atom, ...]) -> bool:
    return bool(dim) and all(atom.axis < 0 for atom in dim)


def _merge(importer: Importer, step: ExportedOp, kind: str, views: Sequence[View]) -> None:
    """Add the row where tensors meet, after bringing them into one order of axes where they are in several."""
    where = importer.where(step)._replace(tags=())
    same = {(view.dims, importer.builder.shape(view.node)) for view in views}
    if len(same) == 1:
        node = importer.row(kind, [view.node for view in views], where)
        importer.bind(step, View(node, views[0].dims))
        return
    nodes, form = importer.align(views, where)
    fields = laid_over([importer.builder.shape(node) for node in nodes])
    importer.set(step, importer.row(kind, nodes, where, fields), form)


def _cat(importer: Importer, step: ExportedOp) -> None:
    """Add a concatenation along the channels or another axis; a learned tensor among the parts is a row of its own."""
    where = importer.where(step)._replace(tags=())
    parts = importer.argument(step, "tensors")
    axis = importer.argument(step, "dim", 0)
    views = [part for part in parts if isinstance(part, View)]
    axis %= len(views[0].dims)
    natural = {view.channel(len(importer.builder.shape(view.node))) for view in views} - {None}
    if natural and axis not in natural:
        channel = importer.channel_of(views)
    else:  # a map whose order is still open has its channels second
        channel = axis if natural or len(views[0].dims) < 4 else 1
    arranged = [
        importer.arrange(part, channel, where)
        if isinstance(part, View)
        else (_learned_part(importer, part, channel, views[0], where), None)
        for part in parts
    ]
    form = next(form for _, form in arranged if form is not None)
    rank = len(importer.builder.shape(arranged[0][0])) - 1
    place = form[axis][-1]
    if place < 0:
        raise UnsupportedError
    fields = {} if place == rank else {"axis": AXIS_NAMES[rank][place]}
    importer.set(step, importer.row("concat", [node for node, _ in arranged], where, fields), form)


def _learned_part(importer: Importer, part: Weight, channel: int, like: View, where: Where) -> int:
    """Return the row of a learned tensor by itself, such as a class token; its batch is left out."""
    learned = importer.learned(part)
    sizes = [
        size
        for axis, size in enumerate(part.shape)
        if axis != channel and not _is_batch(like.dims[axis])
    ]
    shape = (*sizes, part.shape[channel])
    if len(learned) != 1 or prod(importer.export.shapes[learned[0]]) != prod(shape):
        raise UnsupportedError
    owner = importer.where_named(learned[0], where)
    return importer.held_row("parameter", [], owner, {"shape": shape}, (part,))


def _matmul(importer: Importer, step: ExportedOp) -> None:
    """Add a product of two matrices for each example.

    With a learned one it is a dense layer that is written by hand.
    """
    first = importer.argument(step, "self")
    second = importer.argument(step, "mat2", importer.argument(step, "other"))
    if isinstance(first, View) and isinstance(second, View):
        product = _product(importer, step, first, second)
        if product is not None:
            importer.set(step, *product)
            return
    if len(importer.export.shapes[step.outputs[0]]) < 2:
        raise UnsupportedError
    inner = first.sizes[-1] if isinstance(first, View) else first.shape[-1]
    importer.state(step, prod(importer.export.shapes[step.outputs[0]]) // importer.batch * inner)


def _product(
    importer: Importer, step: ExportedOp, first: View, second: View
) -> tuple[int, Form] | None:
    """Return the row of a product, the second map turned where its last axis is summed over.

    None where neither serves.
    """
    where = importer.where(step)
    for turned in (False, True):
        axis = -2 if turned else -1
        if _needs_nothing(importer, first, -1) and _needs_nothing(importer, second, axis):
            left, form = importer.arrange(first, -1, where)
            right, _ = importer.arrange(second, axis, where)
            fields = {"transpose": True} if turned else {}
            return importer.row("matmul", [left, right], where, fields), form
    return None


def _needs_nothing(importer: Importer, view: View, axis: int) -> bool:
    """Whether a view is its node's own map, with the channels on an axis."""
    planned = plan(view, importer.builder.shape(view.node), axis % len(view.dims))
    return planned is not None and not planned.needed and len(planned.shape) > 1


def _einsum(importer: Importer, step: ExportedOp) -> None:
    """Add a sum of products of two tensors: one multiply-accumulate for each value that the indices take together."""
    left, _, _ = importer.argument(step, "equation").replace(" ", "").partition("->")
    terms, values = left.split(","), importer.argument(step, "tensors")
    if len(terms) != 2 or "." in left:
        raise UnsupportedError
    sizes: dict[str, int] = {}
    for term, value in zip(terms, values, strict=True):
        shape = value.sizes if isinstance(value, View) else value.shape
        sizes.update(zip(term, shape, strict=True))
    importer.state(step, prod(sizes.values()) // importer.batch)


def _attention(importer: Importer, step: ExportedOp) -> None:
    """softmax(q·k)·v: for each head L·S·(E + E_v) multiply-accumulates."""
    query, key, value = (importer.view(step, name) for name in ("query", "key", "value"))
    nodes = [_heads(importer, view) for view in (query, key, value)]
    if (
        None not in nodes
        and len(query.sizes) == 4
        and not isinstance(importer.argument(step, "attn_mask"), Weight)
    ):
        heads, fields = query.sizes[1], {"heads": query.sizes[1], "project": False}
        node = importer.row(
            "attention", [node for node in nodes if node is not None], importer.where(step), fields
        )
        length, depth = importer.builder.shape(node)
        whole = importer.whole(node, channels_last(2)).reshaped(
            (importer.batch, length, heads, depth // heads)
        )
        if whole is not None:
            importer.bind(step, whole.permuted((0, 2, 1, 3)))
            return
    *heads_, length, depth = query.sizes
    macs = prod(heads_) * length * key.sizes[-2] * (depth + value.sizes[-1])
    importer.state(step, macs // importer.batch)


def _multi_head(importer: Importer, step: ExportedOp) -> None:
    """Multi-head attention of a module: query, key and value, one for all three or one for the last two.

    Weights: E·C for each of the three projections and E·E behind, with a bias for each or none.
    """
    values = importer.argument(step, "tensors")
    views = [value for value in values if isinstance(value, View)]
    weights = [value for value in values if isinstance(value, Weight) and importer.learned(value)]
    units = importer.export.shapes[step.outputs[0]][-1]
    query, key, value = (*views, views[-1], views[-1])[:3]
    depth = sum(view.sizes[-1] for view in (query, key, value)) + units
    held = sum(prod(weight.shape) for weight in weights)
    where = importer.where(step)
    if held not in (units * depth, units * depth + 4 * units) or len(views) > 3:
        raise UnsupportedError
    arranged = [importer.arrange(view, -1, where) for view in views]
    fields = {
        "heads": importer.argument(step, "heads"),
        "units": units,
        "bias": held > units * depth,
    }
    fields["key_dim"] = units // fields["heads"]
    node = importer.held_row("attention", [node for node, _ in arranged], where, fields, weights)
    importer.set(step, node, arranged[0][1])


def _heads(importer: Importer, view: View) -> int | None:
    """Return the node whose channels are those of all heads, of a tensor (batch, heads, positions, channels).

    Else None.
    """
    merged = (
        view.permuted((0, 2, 1, 3)).reshaped(
            (view.sizes[0], view.sizes[2], view.sizes[1] * view.sizes[3])
        )
        if len(view.dims) == 4
        else None
    )
    return merged.node if merged is not None and _needs_nothing(importer, merged, -1) else None


# -- order and shape --------------------------------------------------------------------------------------------------


def _same(importer: Importer, step: ExportedOp) -> None:
    """Pass on what changes nothing that is counted: a copy, another dtype, other strides."""
    for index in range(len(step.outputs)):
        importer.bind(step, importer.view(step, next(iter(step.arguments))), index)


def _permute(importer: Importer, step: ExportedOp) -> None:
    view = importer.view(step, "self")
    order = [axis % len(view.dims) for axis in importer.argument(step, "dims")]
    importer.move(step, view.permuted(order))


def _transpose(importer: Importer, step: ExportedOp) -> None:
    """Two axes exchanged: the two that are named, the two of a matrix (`t`), or the last two (`mT`)."""
    view = importer.view(step, "self")
    order = list(range(len(view.dims)))
    word = "axis" if "axis0" in step.arguments else "dim"
    unnamed = (-2, -1) if step.op == "aten.mT" else (0, 1)
    first, second = (
        importer.argument(step, f"{word}{place}", axis) for place, axis in enumerate(unnamed)
    )
    order[first], order[second] = order[second], order[first]
    importer.move(step, view.permuted(order))


def _unsqueeze(importer: Importer, step: ExportedOp) -> None:
    view = importer.view(step, "self")
    importer.move(step, view.unsqueezed(importer.argument(step, "dim") % (len(view.dims) + 1)))


def _squeeze(importer: Importer, step: ExportedOp) -> None:
    view = importer.view(step, "self")
    given = importer.argument(step, "dim", range(len(view.dims)))
    axes = given if isinstance(given, (list, range)) else [given]
    importer.move(step, view.squeezed(axis % len(view.dims) for axis in axes))


def _reshape(importer: Importer, step: ExportedOp) -> None:
    """Another shape of the same elements. One that leaves a vector for each example is a row; others wait for use."""
    view = importer.view(step, "self")
    sizes = importer.export.shapes[step.outputs[0]]
    where = importer.where(step)._replace(tags=())
    moved = view.reshaped(sizes)
    if moved is None:
        moved = _reshaped_row(importer, view, sizes, where)
    elif len(sizes) == 2 and len(view.dims) > 2:
        planned = plan(moved, importer.builder.shape(moved.node), 1)
        if planned is not None and len(planned.shape) == 1:
            node = importer.row(planned.needed or "flatten", [moved.node], where, planned.fields)
            moved = importer.whole(node, planned.form)
    importer.move(step, moved)


def _reshaped_row(importer: Importer, view: View, sizes: tuple[int, ...], where: Where) -> View:
    """Return a reshape that cuts across axes is a row, its last axis the channels."""
    form = channels_last(len(sizes) - 1)
    if sizes[0] != importer.batch or not 2 <= len(sizes) <= 5:
        raise UnsupportedError
    node = importer.row("reshape", [view.node], where, {"shape": sizes[1:]})
    return importer.whole(node, form)


def _split(importer: Importer, step: ExportedOp) -> None:
    """Parts of the channels; each that is not the whole is a row."""
    view = importer.view(step, "self")
    axis = importer.argument(step, "dim", 0) % len(view.dims)
    first = 0
    parts = []
    for output in step.outputs:
        end = first + importer.export.shapes[output][axis]
        parts.append(_part(importer, step, view, axis, first, end))
        first = end
    for index, part in enumerate(parts):
        importer.move(step, part, index)


def _part(
    importer: Importer, step: ExportedOp, view: View, axis: int, first: int, end: int
) -> View:
    """Positions `first` up to but without `end` of an axis: a slice of the channels, or a crop of others."""
    if (first, end) == (0, view.sizes[axis]):
        return view
    where = importer.where(step)._replace(tags=())
    own = importer.builder.shape(view.node)
    channels = view.channel_range(axis, own, first, end)
    if channels is None:
        if view.channel(len(own)) is not None:
            return _cropped(importer, view, axis, (first, view.sizes[axis] - end), where)
        view = importer.whole(*importer.arrange(view, axis, where))
        channels = first, end
    node = importer.row("slice", [view.node], where, {"channels": channels})
    return view.ranged(node, axis, end - first)


def _cropped(
    importer: Importer, view: View, axis: int, ends: tuple[int, int], where: Where
) -> View:
    """Return a view with positions of one axis, not the channels', taken off. Raises UnsupportedError for the batch."""
    channel = view.channel(len(importer.builder.shape(view.node)))
    node, form = importer.arrange(view, -1 if channel is None else channel, where)
    place = form[axis][-1]
    if place < 0 or len(form[axis]) > 1:
        raise UnsupportedError
    size = [(0, 0)] * (len(importer.builder.shape(node)) - 1)
    size[place] = ends
    return importer.whole(importer.row("crop", [node], where, {"size": tuple(size)}), form)


def _slice(importer: Importer, step: ExportedOp) -> None:
    """Part of an axis: of the channels, or every S-th position."""
    view = importer.view(step, "self")
    axis = importer.argument(step, "dim", 0) % len(view.dims)
    size = view.sizes[axis]
    first, end, stride = slice(
        importer.argument(step, "start"),
        importer.argument(step, "end"),
        importer.argument(step, "step", 1),
    ).indices(size)
    if stride == 1:
        importer.move(step, _part(importer, step, view, axis, first, end))
        return
    channel = view.channel(len(importer.builder.shape(view.node)))
    if (first, end) != (0, size) or channel in (None, axis):
        raise UnsupportedError
    where = importer.where(step)._replace(tags=())
    node, form = importer.arrange(view, channel, where)
    strides = [1] * (len(importer.builder.shape(node)) - 1)
    strides[form[axis][-1]] = stride
    importer.set(step, importer.row("slice", [node], where, {"stride": tuple(strides)}), form)


def _narrow(importer: Importer, step: ExportedOp) -> None:
    view = importer.view(step, "self")
    axis, first = importer.argument(step, "dim") % len(view.dims), importer.argument(step, "start")
    importer.move(
        step, _part(importer, step, view, axis, first, first + importer.argument(step, "length"))
    )


def _select(importer: Importer, step: ExportedOp) -> None:
    """One position of an axis, which goes."""
    view = importer.view(step, "self")
    axis = importer.argument(step, "dim", 0) % len(view.dims)
    first = importer.argument(step, "index") % view.sizes[axis]
    importer.move(step, _part(importer, step, view, axis, first, first + 1).squeezed([axis]))


def _unbind(importer: Importer, step: ExportedOp) -> None:
    """Each position of an axis, which goes."""
    view = importer.view(step, "self")
    axis = importer.argument(step, "dim", 0) % len(view.dims)
    parts = [
        _part(importer, step, view, axis, first, first + 1) for first in range(len(step.outputs))
    ]
    for index, part in enumerate(parts):
        importer.move(step, part.squeezed([axis]), index)


def _expand(importer: Importer, step: ExportedOp) -> None:
    """Add a vector laid over the positions of a map; no row where the shape stays."""
    view, sizes = importer.view(step, "self"), importer.export.shapes[step.outputs[0]]
    if view.sizes == sizes:
        importer.bind(step, view)
        return
    where = importer.where(step)._replace(tags=())
    channel = view.channel(len(importer.builder.shape(view.node)))
    if channel is None or len(sizes) != len(view.dims):
        raise UnsupportedError
    node, form = importer.arrange(view, channel, where)
    axes = sorted((form[axis][0], size) for axis, size in enumerate(sizes) if form[axis][0] >= 0)
    size = tuple(size for _, size in axes[:-1])
    importer.set(step, importer.row("broadcast", [node], where, {"size": size}), form)


def _movedim(importer: Importer, step: ExportedOp) -> None:
    """One axis put in another place."""
    view = importer.view(step, "self")
    source, target = (importer.argument(step, name) for name in ("source", "destination"))
    if isinstance(source, list):
        raise UnsupportedError
    order = [axis for axis in range(len(view.dims)) if axis != source % len(view.dims)]
    order.insert(target % len(view.dims), source % len(view.dims))
    importer.move(step, view.permuted(order))


_PAD_MODES = {
    "constant": "zeros",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}


def _pad(importer: Importer, step: ExportedOp) -> None:
    """Values around the map, or positions taken off: PyTorch gives them from the last axis back, before and after."""
    view = importer.view(step, "self")
    numbers = importer.argument(step, "pad", importer.argument(step, "padding"))
    pairs = [(numbers[index], numbers[index + 1]) for index in range(0, len(numbers), 2)][::-1]
    pairs = [(0, 0)] * (len(view.dims) - len(pairs)) + pairs
    where = importer.where(step)._replace(tags=())
    channel = view.channel(len(importer.builder.shape(view.node)))
    channel = 1 if channel is None else channel
    node, form = importer.arrange(view, channel, where)
    if pairs[0] != (0, 0):
        raise UnsupportedError
    given = {axes[-1]: pair for axes, pair in zip(form, pairs, strict=True)}
    *around, depth = (given[place] for place in range(len(importer.builder.shape(node))))
    word = step.op.partition(".")[2].partition("_")[0]
    named = {"reflection": "reflect", "replication": "replicate"}.get(word, "constant")
    mode = _PAD_MODES[importer.argument(step, "mode", named)]
    added = tuple((max(first, 0), max(last, 0)) for first, last in around)
    taken = tuple((max(-first, 0), max(-last, 0)) for first, last in around)
    if min(depth) < 0:
        raise UnsupportedError
    if any(depth) or any(map(any, added)):
        fields: dict[str, Any] = {"channels": (depth,)} if any(depth) else {}
        fields |= {"size": added} if any(map(any, added)) else {}
        fields |= {"mode": mode} if mode != "zeros" else {}
        node = importer.row("pad", [node], where, fields)
    if any(map(any, taken)):
        node = importer.row("crop", [node], where, {"size": taken})
    importer.set(step, node, form)


def _upsample(mode: str) -> Handler:
    """Return a map resized: by a whole factor where the sizes say so, else to a size."""

    def handle(importer: Importer, step: ExportedOp) -> None:
        view = importer.view(step, "input" if "input" in step.arguments else "self")
        where = importer.where(step)
        sizes, own = importer.export.shapes[step.outputs[0]][2:], view.sizes[2:]
        whole = not any(out % size for out, size in zip(sizes, own, strict=True))
        scale = tuple(out // size for out, size in zip(sizes, own, strict=True))
        fields: dict[str, Any] = {"scale": scale} if whole else {"size": sizes}
        aligned = bool(importer.argument(step, "align_corners", False))
        node, form = importer.arrange(view, 1, where)
        fields = {**fields, "mode": mode, "align_corners": aligned}
        importer.set(step, importer.row("upsample", [node], where, fields), form)

    return handle


def _pixel_shuffle(kind: str, key: str) -> Handler:
    def handle(importer: Importer, step: ExportedOp) -> None:
        view, where = importer.view(step, "self"), importer.where(step)
        if len(view.dims) != 4:
            raise UnsupportedError
        node, form = importer.arrange(view, 1, where)
        factor = importer.argument(step, key)
        importer.set(step, importer.row(kind, [node], where, {"scale": factor}), form)

    return handle


def _channel_shuffle(importer: Importer, step: ExportedOp) -> None:
    view, where = importer.view(step, "self"), importer.where(step)
    node, form = importer.arrange(view, 1, where)
    groups = importer.argument(step, "groups")
    importer.set(step, importer.row("shuffle", [node], where, {"groups": groups}), form)


MOVING: dict[str, Handler] = {
    "aten.add": _binary("add"),
    "aten.mul": _binary("multiply"),
    "aten.sub": _binary("subtract"),
    "aten.div": _binary("divide"),
    "aten.maximum": _binary("maximum"),
    "aten.minimum": _binary("minimum"),
    "aten.cat": _cat,
    "aten.concat": _cat,
    "aten.matmul": _matmul,
    "aten.bmm": _matmul,
    "aten.mm": _matmul,
    "aten.einsum": _einsum,
    "multi_head_attention": _multi_head,
    "aten.scaled_dot_product_attention": _attention,
    **{f"aten.{name}": _same for name in COPIES},
    "aten.permute": _permute,
    "aten.movedim": _movedim,
    "aten.transpose": _transpose,
    "aten.swapaxes": _transpose,
    "aten.swapdims": _transpose,
    "aten.t": _transpose,
    "aten.mT": _transpose,
    "aten.unsqueeze": _unsqueeze,
    "aten.squeeze": _squeeze,
    **{
        f"aten.{name}": _reshape
        for name in ("view", "reshape", "flatten", "unflatten", "_unsafe_view")
    },
    **{f"aten.{name}": _split for name in ("chunk", "split", "split_with_sizes", "tensor_split")},
    "aten.slice": _slice,
    "aten.narrow": _narrow,
    "aten.select": _select,
    "aten.unbind": _unbind,
    "aten.expand": _expand,
    "aten.pad": _pad,
    "aten.constant_pad_nd": _pad,
    **{f"aten.upsample_nearest{rank}d": _upsample("nearest") for rank in (1, 2, 3)},
    **{f"aten._upsample_nearest_exact{rank}d": _upsample("nearest") for rank in (1, 2, 3)},
    **{
        f"aten.{mode}_pad{rank}d": _pad
        for mode in ("reflection", "replication")
        for rank in (1, 2, 3)
    },
    "aten.pixel_shuffle": _pixel_shuffle("pixel_shuffle", "upscale_factor"),
    "aten.pixel_unshuffle": _pixel_shuffle("pixel_unshuffle", "downscale_factor"),
    "aten.upsample_bicubic2d": _upsample("bicubic"),
    "aten.upsample_linear1d": _upsample("bilinear"),
    "aten.upsample_bilinear2d": _upsample("bilinear"),
    "aten.upsample_trilinear3d": _upsample("bilinear"),
    "aten.channel_shuffle": _channel_shuffle,
}
"""Which function reads which op."""

__all__ = ["MOVING"]
