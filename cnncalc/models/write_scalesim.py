"""A graph as SCALE-Sim's table of layers: its convolutions and fully connected layers, one a row.

Format: `Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,`
(Samajdar et al. 2018, "SCALE-Sim: Systolic CNN Accelerator Simulator"). It knows no padding: the map's sizes are those
that the windows cover, padding in, so that its outputs are ours. A depthwise convolution is one row of one filter over
all channels, as in the tool's own MobileNet; groups of several channels are a row each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from cnncalc.models.writers import Written
from cnncalc.ops.shapes import spatial
from cnncalc.spec.graph import Graph, Node

_HEADER = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,"
_Row = tuple[int, int, int, int, int, int, int]


def write(graph: Graph, title: str) -> Written:
    """Write the table; what has no row in it is told in a note."""
    lines = [_HEADER]
    left: Counter[str] = Counter()
    for node in graph.nodes:
        rows = _ROWS.get(node.kind, _no_rows)(node)
        if not rows and not node.op.is_input:
            left[node.kind] += 1
        for place, row in enumerate(rows, 1):
            name = node.name if len(rows) == 1 else f"{node.name}_g{place}"
            lines.append(", ".join([name, *map(str, row)]) + ",")
    omitted = ", ".join(f"{count} {kind}" for kind, count in left.items())
    notes = (f"left out, for which SCALE-Sim's table has no row: {omitted}",) if omitted else ()
    return Written("\n".join(lines), notes)


def _no_rows(node: Node) -> list[_Row]:
    """Leave a layer out."""
    return []


def _conv(node: Node) -> list[_Row]:
    """Write a convolution of one or two axes, one stride and no dilation; nothing for any other."""
    op, output = node.op, spatial(node.output)
    windows = op.windows(node.shapes[0])
    strides = {window.stride for window in windows}
    plain = all(window.dilation == 1 for window in windows) and len(strides) == 1
    if not plain or len(windows) > 2 or getattr(op, "connections", None) is not None:
        return []
    stride = strides.pop()
    sizes = [
        (out - 1) * stride + window.kernel for out, window in zip(output, windows, strict=True)
    ]
    height, width = [1] * (2 - len(sizes)) + sizes
    tall, wide = [1] * (2 - len(sizes)) + [window.kernel for window in windows]
    groups = int(getattr(op, "groups", 1))
    channels, filters = node.shapes[0][-1], node.output[-1]
    if groups > 1 and groups == channels == filters:
        return [(height, width, tall, wide, channels, 1, stride)]
    row = (height, width, tall, wide, channels // groups, filters // groups, stride)
    return [row] * groups


def _dense(node: Node) -> list[_Row]:
    """Write a fully connected layer as a 1x1 convolution of as many positions as it is used at."""
    positions, depth = 1, node.arrays[0].shape[1]
    for size in spatial(node.output):
        positions *= size
    return [(positions, 1, 1, 1, depth, node.output[-1], 1)]


_ROWS: dict[str, Callable[[Node], list[_Row]]] = {"conv": _conv, "fc": _dense, "linear": _dense}

__all__ = ["write"]
