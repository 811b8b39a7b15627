"""Slips with a receptive field."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.homework.slips.base import Said, Slip
from cnncalc.homework.variant import Exercise
from cnncalc.ops.reach import Reach, WindowReach
from cnncalc.report.receptive import Reaches
from cnncalc.spec.graph import Node

_RECEPTIVE = ("receptive",)


def _steps_of_one(before: Reaches) -> Reaches:
    """Every window with stride 1."""

    def reaches(node: Node) -> tuple[Reach, ...] | None:
        found = before(node)
        if found is None or not node.op.windows(node.shapes[0]):
            return found
        return tuple(
            WindowReach(one.window._replace(stride=1)) if isinstance(one, WindowReach) else one
            for one in found
        )

    return reaches


def _no_pools(before: Reaches) -> Reaches:
    """Pools left out."""
    return lambda node: None if node.op.per_channel else before(node)


def _after_own_stride(before: Reaches, only: int | None, nodes: tuple[Node, ...]) -> Reaches:
    """Windows whose positions lie apart by the jump after their own stride: of one layer, or of all."""

    def reaches(node: Node) -> tuple[Reach, ...] | None:
        found = before(node)
        if found is None or (only is not None and node is not nodes[only]):
            return found
        return tuple(
            WindowReach(one.window._replace(dilation=one.window.dilation * one.window.stride))
            if isinstance(one, WindowReach)
            else one
            for one in found
        )

    return reaches


def kernels_added(exercise: Exercise) -> Iterator[Exercise]:
    """1 + Σ(F − 1)."""
    yield exercise._replace(reaches=_steps_of_one(exercise.reaches))


def pools_left_out(exercise: Exercise) -> Iterator[Exercise]:
    """The right rule without the pools."""
    yield exercise._replace(reaches=_no_pools(exercise.reaches))


def own_stride_counted(exercise: Exercise) -> Iterator[Exercise]:
    """r + (F − 1) · the jump after the layer's own stride: here alone, or in each layer on the way."""
    nodes = exercise.graph.nodes
    yield exercise._replace(reaches=_after_own_stride(exercise.reaches, exercise.at, nodes))
    yield exercise._replace(reaches=_after_own_stride(exercise.reaches, None, nodes))


SLIPS = (
    Slip(
        "kernels-added",
        _RECEPTIVE,
        "1 + Σ(F−1) along the path, without jumps",
        Said(
            "Behind a stride, neighbouring positions lie further apart in the image: a kernel there spans more.",
            "스트라이드 뒤에서는 이웃한 위치가 이미지에서 더 멀리 떨어져 있습니다. 그곳의 커널은 더 넓게 봅니다.",
        ),
        Said("receptive field, jump", "수용 영역, 간격(jump)"),
        "jumps",
        kernels_added,
    ),
    Slip(
        "pools-left-out",
        _RECEPTIVE,
        "the right rule without the pools",
        Said(
            "A pool has a window and a stride too: it widens the receptive field.",
            "풀링에도 창과 스트라이드가 있습니다. 수용 영역을 넓힙니다.",
        ),
        Said("receptive field of pooling", "풀링의 수용 영역"),
        "pools",
        pools_left_out,
    ),
    Slip(
        "own-stride-counted",
        _RECEPTIVE,
        "r + (F−1) · the jump after the layer's own stride",
        Said(
            "A layer's own stride moves the positions after it apart, not those that its kernel sees.",
            "계층 자신의 스트라이드는 그 뒤의 위치를 벌립니다. 자기 커널이 보는 위치는 그대로입니다.",
        ),
        Said("receptive field, jump", "수용 영역, 간격(jump)"),
        "jumps",
        own_stride_counted,
    ),
)
"""The slips with a receptive field, in the contract's order."""
