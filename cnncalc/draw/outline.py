"""Graph and rows to an outline: the boxes, the scopes that hold them, and who feeds whom in each scope.

A normalization, an activation or a dropout is drawn in the box of the layer that it belongs to. A box therefore stands
for one or more rows, and every row is in exactly one box.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from cnncalc.ops.base import Caption
from cnncalc.ops.shapes import Shape
from cnncalc.report.analysis import Row
from cnncalc.spec.graph import Graph, Node

SOURCE = -1
"""Stands for what arrives at a level, in its edges; the number of its items stands for what leaves it."""

SCOPE = "scope"
"""The family of a folded block."""

Edge = tuple[int, int]


class LayerBox(NamedTuple):
    """A box: the row that it shows, all rows that it stands for, and how often it is repeated.

    `family` is what colours it: the op's family, or `scope` for a folded block.
    """

    path: str
    rows: tuple[str, ...]
    caption: Caption
    extras: tuple[str, ...]
    family: str
    output: Shape
    row: Row
    times: int = 1


class Level(NamedTuple):
    """A scope: what it holds in execution order, and the edges between these, from SOURCE and to `len(items)`."""

    path: str
    opened_by: str
    items: tuple[LayerBox | Level, ...]
    edges: frozenset[Edge]
    times: int = 1


Item = LayerBox | Level


def outline(graph: Graph, rows: Sequence[Row]) -> Level:
    """Give the outline of a network whose rows are folded to a depth."""
    nodes = {node.name: node for node in graph.nodes}
    boxes = _gather(rows, nodes)
    leaves = [_leaf(graph, box, nodes) for box in boxes]
    place = {name: index for index, leaf in enumerate(leaves) for name in leaf.rows}
    edges = {
        (place[source], index)
        for index, box in enumerate(boxes)
        for row in box
        for source in row.inputs
        if source in place and place[source] < index
    }
    fed = {target for _, target in edges}
    outer = {(SOURCE, index) for index in range(len(leaves)) if index not in fed}
    last = max((i for i, box in enumerate(boxes) if not box[0].side), default=len(leaves) - 1)
    return _level(graph, leaves, range(len(leaves)), "", edges | outer | {(last, len(leaves))})


# --- rows to boxes --------------------------------------------------------------------------------------------------


def _gather(rows: Sequence[Row], nodes: Mapping[str, Node]) -> list[list[Row]]:
    """Give the rows of each box, in execution order."""
    readers: dict[str, int] = {}
    for row in rows:
        for source in row.inputs:
            readers[source] = readers.get(source, 0) + 1
    boxes: list[list[Row]] = []
    box_of: dict[str, list[Row]] = {}
    shown: dict[str, Row] = {}  # what a box shows, by the name of its first row
    for row in rows:
        before = box_of.get(row.inputs[0]) if len(row.inputs) == 1 else None
        joins = (
            before is not None
            and readers[row.inputs[0]] == 1
            and before[-1].name == row.inputs[0]
            and _scope(before[0].name) == _scope(row.name)
            and _may_join(shown[before[0].name], row, nodes)
        )
        if joins and before is not None:
            before.append(row)
            if _decorates(shown[before[0].name], nodes) and not _decorates(row, nodes):
                shown[before[0].name] = row
        else:
            before = [row]
            boxes.append(before)
            shown[row.name] = row
        box_of[row.name] = before
    return boxes


def _may_join(shown: Row, row: Row, nodes: Mapping[str, Node]) -> bool:
    """Whether a row is drawn in the box of the row before it, which shows a row: it decorates that, or is decorated."""
    if _decorates(row, nodes):
        head = nodes.get(shown.name)
        return head is not None and (
            head.op.depth_field is not None or head.op.merges or _decorates(shown, nodes)
        )
    return _decorates(shown, nodes) and row.name in nodes and not nodes[row.name].op.merges


def _decorates(row: Row, nodes: Mapping[str, Node]) -> bool:
    """Whether a row rescales or switches values and changes no shape."""
    node = nodes.get(row.name)
    if node is None or row.input != (row.output,):
        return False
    return node.op.hidden_by_default or node.op.normalizes


def _main(box: Sequence[Row], nodes: Mapping[str, Node]) -> Row:
    """Give the row that a box shows: the first that is no decoration."""
    return next((row for row in box if not _decorates(row, nodes)), box[0])


def _scope(path: str) -> str:
    return path.rpartition("/")[0]


def _leaf(graph: Graph, box: Sequence[Row], nodes: Mapping[str, Node]) -> LayerBox:
    row = _main(box, nodes)
    node = nodes.get(row.name)
    others = tuple(other.op for other in box if other is not row)
    names = tuple(other.name for other in box)
    if node is None:
        return LayerBox(row.name, names, Caption(row.op), others, SCOPE, row.output, row)
    caption = node.op.caption(node.shapes[0] if node.shapes else node.output)
    if row.of or node.op.is_input:
        caption = Caption(row.of or row.name)
    return LayerBox(row.name, names, caption, others, node.op.family, row.output, row)


# --- boxes to scopes ------------------------------------------------------------------------------------------------


def _level(
    graph: Graph,
    leaves: Sequence[LayerBox],
    inside: Sequence[int],
    path: str,
    edges: Iterable[Edge],
) -> Level:
    """Give the scope at a path: the leaves at the positions `inside`, whose edges are given by position.

    A stretch of leaves below one longer path is a scope within; a path that is met again later, which another tool's
    file may do, is a second one.
    """
    stretches = [list(group) for _, group in groupby(inside, lambda at: _below(leaves[at], path))]
    item_of = {at: number for number, stretch in enumerate(stretches) for at in stretch}
    mine: set[Edge] = set()
    within: list[set[Edge]] = [set() for _ in stretches]
    for start, end in edges:
        a, b = item_of.get(start, SOURCE), item_of.get(end, len(stretches))
        if a != b:
            mine.add((a, b))
        for number in {a, b} - {SOURCE, len(stretches)}:
            within[number].add((start, end))
    items = tuple(
        leaves[stretch[0]]
        if len(stretch) == 1
        else _level(graph, leaves, stretch, _below(leaves[stretch[0]], path), within[number])
        for number, stretch in enumerate(stretches)
    )
    only = items[0]
    if len(items) == 1 and isinstance(only, Level):
        return only._replace(path=path, opened_by=graph.scopes.get(path, "")) if path else only
    return Level(path, graph.scopes.get(path, ""), items, frozenset(mine))


def _below(leaf: LayerBox, path: str) -> str:
    """Give the scope right below `path` that a leaf is in, or the leaf itself."""
    start = len(path) + 1 if path else 0
    end = leaf.path.find("/", start)
    return leaf.path if end < 0 else leaf.path[:end]


# --- repeats --------------------------------------------------------------------------------------------------------


def signature(item: Item) -> object:
    """Say what two items have in common that may be drawn once: everything that is printed, and how it is wired."""
    if isinstance(item, LayerBox):
        row = item.row
        counts = (row.params, row.macs, row.outputs)
        return (item.caption, item.extras, item.family, row.input, row.output, counts, item.times)
    return (item.opened_by, tuple(map(signature, item.items)), item.edges, item.times)


def repeated(items: Sequence[Item]) -> Item:
    """One item that stands for several of equal signature."""
    first = items[0]
    if isinstance(first, LayerBox):
        names = tuple(name for item in items if isinstance(item, LayerBox) for name in item.rows)
        return first._replace(rows=names, times=first.times * len(items))
    levels = [item for item in items if isinstance(item, Level)]
    inner = tuple(
        _standing_for(parts) for parts in zip(*(level.items for level in levels), strict=True)
    )
    return first._replace(items=inner, times=first.times * len(items))


def _standing_for(items: Sequence[Item]) -> Item:
    """Give the first of several equal items, with the rows of all; how often is said on the scope around it."""
    return repeated(items)._replace(times=items[0].times)


def boxes_of(item: Item) -> list[LayerBox]:
    """Give the boxes of an item, in order."""
    return (
        [item]
        if isinstance(item, LayerBox)
        else [leaf for inner in item.items for leaf in boxes_of(inner)]
    )


__all__ = [
    "SCOPE",
    "SOURCE",
    "Edge",
    "Item",
    "LayerBox",
    "Level",
    "boxes_of",
    "outline",
    "repeated",
    "signature",
]
