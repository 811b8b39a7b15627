"""How a layer's receptive field comes about: a chain of layers from the input, each with r, its jump and its start.

Where paths meet, the chain follows the one that sees most; the step of the merge has all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cnncalc.ops.base import Step, axis_name
from cnncalc.ops.reach import Reach, signed
from cnncalc.ops.shapes import format_shape
from cnncalc.report.receptive import AxisField, Interval, ReceptiveField
from cnncalc.spec.graph import Graph
from cnncalc.text.exact import half
from cnncalc.text.messages import message
from cnncalc.text.suggest import listing

MAX_PATHS = 8
"""Of a merge of more paths than this, notes name the first ones."""


def own_steps(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> tuple[Step, ...]:
    """How one layer changes the receptive field of what arrives at it, and what comes out."""
    return (*_link(graph, fields, index), _last(graph, fields, index))


def chain_steps(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> tuple[Step, ...]:
    """Every layer on the way from the input that changes the receptive field, and what comes out."""
    links = [
        step._replace(layer=graph.nodes[place].name)
        for place in path_to(graph, fields, index)
        for step in _link(graph, fields, place)
    ]
    return (*links, _last(graph, fields, index))


def path_to(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> list[int]:
    """Return the layers from the input to this one; at a merge by the input that sees most, the first of several."""
    path = [index]
    while inputs := graph.nodes[path[-1]].inputs:
        path.append(max(inputs, key=lambda place: sum(fields[place].size)))
    return path[::-1]


def path_notes(
    graph: Graph, fields: Sequence[ReceptiveField], index: int, *, whole: bool
) -> tuple[str, ...]:
    """Return the paths of the merges on the way, and where paths disagree on the centre.

    Without `whole` of this layer.
    """
    if (len(graph.nodes[index].output) == 1 and not whole) or not graph.nodes[0].output[:-1]:
        return ()
    merges = [
        place
        for place in (path_to(graph, fields, index) if whole else [index])
        if len(graph.nodes[place].inputs) > 1 and not _alike(graph, fields, place)
    ]
    notes = [_paths(graph, fields, place) for place in merges]
    if not whole:
        notes += _before(graph, fields, index)
    return (*notes, *_field_notes(graph, fields, index))


def _field_notes(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> Iterator[str]:
    """Say what makes the field of a layer another than windows alone would: a global pool, other axes, no centre."""
    if len(graph.nodes[index].output) > 1 and any(axis.fixed for axis in fields[index].axes or ()):
        yield (
            message(
                "a global pool on the way shows every position the same part of the input: r goes from the first "
                "position that is seen to the last"
            )
        )
    if _other_rank(graph, index):
        yield (
            message(
                "the map was given other axes on the way; from there on every position is taken to see what arrived"
            )
        )
    if fields[index].axes is not None and not fields[index].centred:
        yield _not_centred(graph, fields, index)


def _other_rank(graph: Graph, index: int) -> bool:
    """Say whether a map has another number of spatial axes than the network's input."""
    return 1 < len(graph.nodes[index].output) != len(graph.input)


# --- one layer ------------------------------------------------------------------------------------------------------


def _link(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> list[Step]:
    """r, the jump and the start along each axis; nothing where the layer changes none of them."""
    node, field = graph.nodes[index], fields[index]
    if not node.inputs:
        return [
            Step("r", "1", "1", "1"),
            Step("jump", "1", "1", "1"),
            Step("start", "1/2", "1/2", "1/2"),
        ] * bool(field.size)
    sources = [fields[place] for place in node.inputs]
    if field.axes is None or any(source.axes is None for source in sources):
        return []
    if len(sources) > 1:
        return (
            []
            if _alike(graph, fields, index)
            else _by_axis(
                _union(axis, [source.axes[place] for source in sources])  # type: ignore[index]
                for place, axis in enumerate(field.axes)
            )
        )
    reaches = node.facts.reaches
    if reaches is None or node.op.is_global(*node.shapes) or len(reaches) != len(field.axes):
        return []
    return _by_axis(
        _through(*axis) for axis in zip(sources[0].axes or (), field.axes, reaches, strict=True)
    )


def _through(before: AxisField, after: AxisField, reach: Reach) -> list[Step]:
    """Through a window or an up-sampling."""
    old, new = before.moving, after.moving
    if old is None or new is None:
        return []
    (formula, numbers), jump, start = reach.derive(old.size, old.jump, half(old.centre2))
    if after.fixed is not None:
        start = (message("the middle"), signed(half(after.centre2)))
        return [
            _hull(after.size, [0], [new.at(0), after.fixed]),
            Step("jump", *jump, signed(new.jump)),
            Step("start", *start, start[1]),
        ]
    size = Step("r", formula, numbers, str(new.size))
    if old.size + reach.extent * old.jump != new.size:
        parts = _extreme("max", [part[1] - part[0] + 1 for part in new.within if part] or [0])
        size = Step(
            "r",
            message("the most that one position sees"),
            parts,
            str(new.size),
            message("neighbouring positions see fields of different sizes"),
        )
    return [
        size,
        Step("jump", *jump, signed(new.jump)),
        Step("start", *start, signed(half(new.centre2))),
    ]


def _union(axis: AxisField, parts: list[AxisField]) -> list[Step]:
    """Of several paths: the widest, where it covers the others, or from the first end to the last."""
    start = signed(half(axis.centre2))
    jump = Step("jump", message("every position sees the same"), "0", "0")
    if axis.moving:
        jump = Step("jump", "j₀", signed(axis.moving.jump), signed(axis.moving.jump))
    size = _hull(axis.size, [part.size for part in parts], [part.hull() for part in parts])
    return [size, jump, Step("start", message("the middle"), start, start)]


def _hull(size: int, sizes: Iterable[int], ends: Iterable[Interval | None]) -> Step:
    """Return the size of what is seen in several parts: the largest part's, or from the first end to the last."""
    listed, parts = list(sizes), [part for part in ends if part is not None]
    if not parts:
        return Step("r", message("nothing is seen"), "0", "0")
    firsts, lasts = [first for first, _ in parts], [last for _, last in parts]
    if size == max(listed):
        return Step("r", message("the widest path"), _extreme("max", listed), str(size))
    if size == max(lasts) - min(firsts) + 1:
        return Step(
            "r",
            message("last − first + 1"),
            f"{_extreme('max', lasts)} − {_extreme('min', firsts)} + 1",
            str(size),
        )
    return Step("r", message("the most that one position sees"), str(size), str(size))


def _extreme(which: str, values: Iterable[int]) -> str:
    """`max(3, 5)`; of one value the value alone."""
    shown = [signed(value) for value in dict.fromkeys(values)]
    if len(shown) > 1:
        return f"{which}({', '.join(shown)})"
    return f"({shown[0]})" if shown[0].startswith("−") else shown[0]


def _by_axis(axes: Iterable[list[Step]]) -> list[Step]:
    """Return the steps of each axis under its name; where all axes agree, once without it."""
    listed = list(axes)
    if all(steps == listed[0] for steps in listed):
        return listed[0] if listed else []
    rank = len(listed)
    return [
        step._replace(symbol=f"{step.symbol} ({axis_name(rank, place)})")
        for place, steps in enumerate(listed)
        for step in steps
    ]


def _last(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> Step:
    """Return the receptive field itself."""
    node, field = graph.nodes[index], fields[index]
    if field.axes is None:
        return Step("receptive field", message("unknown"), message(field.why), message("unknown"))
    sizes = format_shape(field.size)
    if len(node.output) > 1 and sizes:
        axes = (
            ("r",)
            if len(field.size) == 1
            else tuple(
                f"r_{axis_name(len(field.size), place)[0]}" for place in range(len(field.size))
            )
        )
        return Step("receptive field", format_shape(axes), sizes, sizes)
    reason = (
        message(
            "a vector has no positions; each of its values sees {sizes} positions of the input",
            sizes=sizes,
        )
        if sizes
        else message("the input is a vector and has no positions")
    )
    return Step("receptive field", message("none"), reason, message("none"))


# --- merges ---------------------------------------------------------------------------------------------------------


def _alike(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> bool:
    """Whether all paths that meet see the same."""
    return len({fields[place] for place in graph.nodes[index].inputs}) == 1


def _paths(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> str:
    """Return the paths that meet in a merge: what each sees, and its start where they disagree on that."""
    node = graph.nodes[index]
    scope = node.name.rpartition("/")[0] + "/"
    starts = len({fields[place].start for place in node.inputs}) > 1
    shown = [
        f"{graph.nodes[place].name.removeprefix(scope)} {_sight(fields[place], starts=starts)}"
        for place in node.inputs
    ]
    return message("{layer} joins {paths}", layer=node.name, paths=listing(shown, MAX_PATHS))


def _sight(field: ReceptiveField, *, starts: bool) -> str:
    """Return what a path sees, and where its first position is centred."""
    sizes = format_shape(field.size) or "(unknown)"
    shown = list(map(signed, field.start))
    start = shown[0] if len(set(shown)) == 1 else format_shape(shown)
    return f"{sizes} (start {start})" if starts and field.size else sizes


def _before(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> list[str]:
    """Where the numbers with a ₀ come from."""
    node = graph.nodes[index]
    if len(node.inputs) != 1 or len(node.output) == 1 or fields[index].axes is None:
        return []
    source = graph.nodes[node.inputs[0]].name
    if not _link(graph, fields, index):
        return [message("{op} changes nothing: it is that of {layer}", op=node.kind, layer=source)]
    if not graph.nodes[node.inputs[0]].inputs:
        return [message("r₀, j₀ and start₀ are those of the input: 1, 1 and 1/2")]
    return [
        message(
            "r₀, j₀ and start₀ are those of {layer}; asked for by itself, every layer on the way is shown",
            layer=source,
        )
    ]


def _not_centred(graph: Graph, fields: Sequence[ReceptiveField], index: int) -> str:
    """Return the first merge whose paths disagree on the centre."""
    seen = _ancestors(graph, index)
    node = next(
        node
        for place, node in enumerate(graph.nodes)
        if place in seen and not fields[place].centred
    )
    return message(
        "not centred: the paths that meet in {layer} disagree on the centre of the first position",
        layer=node.name,
    )


def _ancestors(graph: Graph, index: int) -> set[int]:
    ancestors, waiting = {index}, [index]
    while waiting:
        for place in graph.nodes[waiting.pop()].inputs:
            if place not in ancestors:
                ancestors.add(place)
                waiting.append(place)
    return ancestors


__all__ = ["chain_steps", "own_steps", "path_notes", "path_to"]
