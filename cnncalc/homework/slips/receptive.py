"""Slips with a receptive field."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.homework.slips.base import slip
from cnncalc.homework.variant import Variant, receptive_field
from cnncalc.ops.reach import Reach, WindowReach
from cnncalc.report.receptive import Reaches
from cnncalc.spec.graph import Node
from cnncalc.text.messages import message


def _steps_of_one(before: Reaches) -> Reaches:
    """Every window with stride 1."""

    def reaches(node: Node) -> tuple[Reach, ...] | None:
        own = before(node)
        if own is None or not node.op.windows(node.shapes[0]):
            return own
        return tuple(
            WindowReach(reach.window._replace(stride=1))
            if isinstance(reach, WindowReach)
            else reach
            for reach in own
        )

    return reaches


def _no_pools(before: Reaches) -> Reaches:
    """Pools left out."""
    return lambda node: None if node.op.sliding.per_channel else before(node)


def _after_own_stride(before: Reaches, only: int | None, nodes: tuple[Node, ...]) -> Reaches:
    """Windows whose positions lie apart by the jump after their own stride: of one layer, or of all."""

    def reaches(node: Node) -> tuple[Reach, ...] | None:
        own = before(node)
        if own is None or (only is not None and node is not nodes[only]):
            return own
        return tuple(
            WindowReach(reach.window._replace(dilation=reach.window.dilation * reach.window.stride))
            if isinstance(reach, WindowReach)
            else reach
            for reach in own
        )

    return reaches


@slip(
    "kernels-added",
    "receptive",
    part="jumps",
    formula="1 + Σ(F−1) along the path, without jumps",
    message=message(
        "Behind a stride, neighbouring positions lie further apart in the image: a kernel "
        "there spans more."
    ),
    concept=message("receptive field, jump"),
)
def kernels_added(variant: Variant) -> Iterator[Variant]:
    """1 + Σ(F − 1)."""
    yield variant._replace(reaches=_steps_of_one(variant.reaches))


@slip(
    "pools-left-out",
    "receptive",
    part="pools",
    formula="the right rule without the pools",
    message=message("A pool has a window and a stride too: it widens the receptive field."),
    concept=message("receptive field of pooling"),
)
def pools_left_out(variant: Variant) -> Iterator[Variant]:
    """Yield the right rule without the pools."""
    yield variant._replace(reaches=_no_pools(variant.reaches))


@slip(
    "own-stride-counted",
    "receptive",
    part="jumps",
    formula="r + (F−1) · the jump after the layer's own stride",
    message=message(
        "A layer's own stride moves the positions after it apart, not those that its kernel sees."
    ),
    concept=message("receptive field, jump"),
)
def own_stride_counted(variant: Variant) -> Iterator[Variant]:
    """r + (F − 1) · the jump after the layer's own stride: here alone, or in each layer on the way."""
    nodes = variant.layer.graph.nodes
    yield variant._replace(reaches=_after_own_stride(variant.reaches, variant.layer.place, nodes))
    yield variant._replace(reaches=_after_own_stride(variant.reaches, None, nodes))


@slip(
    "kernels-summed",
    "receptive",
    part="jumps",
    formula="ΣF along the path",
    unusual=True,
    message=message(
        "Neighbouring windows overlap: each layer adds one position less than its kernel."
    ),
    concept=message("receptive field"),
)
def kernels_summed(variant: Variant) -> Iterator[Variant]:
    """Add the kernels of the layers on the way, overlap and all."""
    nodes, place = variant.layer.graph.nodes, variant.layer.place
    sums: list[int] = []
    while nodes[place].inputs:
        node = nodes[place]
        if len(node.inputs) > 1:
            return
        spans = [window.kernel for window in node.op.windows(node.shapes[0])]
        if spans:
            sums = [
                total + span for total, span in zip(sums or [0] * len(spans), spans, strict=True)
            ]
        place = node.inputs[0]
    if sums:
        yield variant._replace(shape=tuple(sums))


@slip(
    "own-kernel",
    "receptive",
    part="jumps",
    formula="the layer's own F",
    unusual=True,
    message=message(
        "This is what the layer sees of the one before; asked for is what it sees of the image."
    ),
    concept=message("receptive field"),
)
def own_kernel(variant: Variant) -> Iterator[Variant]:
    """Give what one position sees of the layer before, not of the image."""
    if variant.slid:
        yield variant._replace(shape=tuple(window.kernel for window in variant.slid))


@slip(
    "field-squared",
    "receptive",
    part="shape",
    formula="the field's positions",
    unusual=True,
    message=message("Asked for is the size along one axis."),
    concept=message("receptive field"),
)
def field_squared(variant: Variant) -> Iterator[Variant]:
    """Count the positions of the field, where its size along an axis is asked for."""
    size = receptive_field(variant)
    if len(set(size)) == 1:
        yield variant._replace(shape=tuple(side ** len(size) for side in size))
