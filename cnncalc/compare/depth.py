"""A network's depth as the papers count it: the layers with weights on the longest path from input to output."""

from __future__ import annotations

from cnncalc.spec.graph import Graph


def weighted_depth(graph: Graph) -> int:
    """Give the most convolutions and fully connected layers on a path; normalizations do not count, sides neither.

    Source: He et al. 2015, "Deep Residual Learning", section 4.1, whose ResNet-34 has 34 of them.
    """
    deepest: list[int] = []
    for node in graph.nodes:
        before = max((deepest[index] for index in node.inputs), default=0)
        deepest.append(before + (node.op.depth_field is not None))
    return max(depth for depth, node in zip(deepest, graph.nodes, strict=True) if not node.side)


__all__ = ["weighted_depth"]
