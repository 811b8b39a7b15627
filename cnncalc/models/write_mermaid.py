"""A graph as a Mermaid flowchart: a box a layer with its shape, scopes as boxes around, sides with dashed arrows."""

from __future__ import annotations

from cnncalc.models.writers import Written
from cnncalc.ops.field_types import quoted
from cnncalc.ops.shapes import format_shape
from cnncalc.spec.graph import Graph, Node
from cnncalc.text.printable import printable

MAX_EDGES = 500
"""Arrows that Mermaid draws unless its `maxEdges` is raised."""


def write(graph: Graph, title: str) -> Written:
    """Write the flowchart, from top to bottom."""
    lines = ["---", f"title: {quoted(printable(title))}", "---", "flowchart TD"]
    open_scopes: list[str] = []
    count = 0
    for index, node in enumerate(graph.nodes):
        scopes = node.name.split("/")[:-1]
        kept = _common(open_scopes, scopes)
        lines += [f"{'  ' * depth}end" for depth in range(len(open_scopes), kept, -1)]
        for depth, scope in enumerate(scopes[kept:], kept + 1):
            count += 1
            lines.append(f"{'  ' * depth}subgraph s{count} [{_quoted(scope)}]")
        open_scopes = scopes
        lines.append(f"{'  ' * (len(scopes) + 1)}n{index}[{_quoted(_label(node))}]")
    lines += [f"{'  ' * depth}end" for depth in range(len(open_scopes), 0, -1)]
    edges = [
        f"  n{source} {'-.->' if node.side else '-->'} n{index}"
        for index, node in enumerate(graph.nodes)
        for source in node.inputs
    ]
    notes = (
        (f"{len(edges)} arrows: Mermaid draws {MAX_EDGES} unless its maxEdges is raised",)
        if len(edges) > MAX_EDGES
        else ()
    )
    return Written("\n".join([*lines, *edges]), notes)


def _common(first: list[str], second: list[str]) -> int:
    """Say how many scopes two layers next to each other are both in."""
    count = 0
    for own, other in zip(first, second, strict=False):
        if own != other:
            break
        count += 1
    return count


def _label(node: Node) -> str:
    """Give a box its name, its op with kernel, stride and filters, and its output's shape."""
    caption = node.op.caption(node.shapes[0] if node.shapes else node.output)
    op = caption.word
    if caption.kernel:
        op += f" {format_shape(caption.kernel)}"
    if any(stride > 1 for stride in caption.stride):
        op += f" / {node.op.setting('stride')}"
    if caption.amount is not None:
        op += f", {caption.amount}"
    name = node.name.rpartition("/")[2]
    head = name if node.op.is_input else f"{name}<br/>{op}"
    return f"{head}<br/>{format_shape(node.output)}"


def _quoted(text: str) -> str:
    """Write a text in quotes as Mermaid reads it: its own are entities."""
    return '"' + text.replace("&", "#amp;").replace('"', "#quot;") + '"'


__all__ = ["write"]
