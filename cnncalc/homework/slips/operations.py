"""Slips with operations."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.homework.slips.base import Said, Slip
from cnncalc.homework.variant import Exercise
from cnncalc.ops.shapes import spatial

_OPERATIONS = ("operations",)


def flops_for_macs(exercise: Exercise) -> Iterator[Exercise]:
    """Double."""
    yield exercise._replace(times=exercise.times * 2)


def macs_for_flops(exercise: Exercise) -> Iterator[Exercise]:
    """Half."""
    from fractions import Fraction

    yield exercise._replace(times=Fraction(exercise.times) / 2)


def no_positions(exercise: Exercise) -> Iterator[Exercise]:
    """W: one position."""
    if exercise.slid:
        yield exercise._replace(positions=())


def input_positions(exercise: Exercise) -> Iterator[Exercise]:
    """W·N_h·N_w."""
    if exercise.slid:
        yield exercise._replace(positions=spatial(exercise.inputs[0]))


def bias_counted(exercise: Exercise) -> Iterator[Exercise]:
    """MACs + O_h·O_w·K; where a MAC is two operations, the addition of a bias as one, or also as two."""
    yield exercise._replace(bias_adds="as one")
    yield exercise._replace(bias_adds="as macs")


SLIPS = (
    Slip(
        "flops-for-macs",
        _OPERATIONS,
        "double",
        Said(
            "A multiplication and the addition that goes with it are one multiply-accumulate. Check whether MACs or "
            "FLOPs are asked for.",
            "곱셈과 그에 딸린 덧셈을 합쳐 곱셈-누적(MAC) 하나로 셉니다. MAC을 묻는지 FLOP을 묻는지 보세요.",
        ),
        Said("MACs and FLOPs", "MAC과 FLOP"),
        "scale",
        flops_for_macs,
    ),
    Slip(
        "macs-for-flops",
        _OPERATIONS,
        "half",
        Said(
            "A multiply-accumulate is a multiplication and an addition: two operations. Check whether MACs or FLOPs "
            "are asked for.",
            "곱셈-누적(MAC) 하나는 곱셈과 덧셈, 연산 두 번입니다. MAC을 묻는지 FLOP을 묻는지 보세요.",
        ),
        Said("MACs and FLOPs", "MAC과 FLOP"),
        "scale",
        macs_for_flops,
    ),
    Slip(
        "no-positions",
        _OPERATIONS,
        "W",
        Said(
            "A filter is applied at every position of the output, not once.",
            "필터는 한 번이 아니라 출력의 모든 위치에서 적용됩니다.",
        ),
        Said("operations of a convolution", "합성곱의 연산 횟수"),
        "positions",
        no_positions,
    ),
    Slip(
        "input-positions",
        _OPERATIONS,
        "W·N_h·N_w",
        Said(
            "A filter is applied once for each position of the output, not of the input.",
            "필터는 입력이 아니라 출력의 위치마다 한 번 적용됩니다.",
        ),
        Said("operations of a convolution", "합성곱의 연산 횟수"),
        "positions",
        input_positions,
    ),
    Slip(
        "bias-counted",
        _OPERATIONS,
        "MACs + O_h·O_w·K",
        Said(
            "Adding a bias is no multiply-accumulate, and is not counted here.",
            "편향을 더하는 것은 곱셈-누적이 아니며 여기서는 세지 않습니다.",
        ),
        Said("what counts as an operation", "무엇을 연산으로 세는가"),
        "bias",
        bias_counted,
    ),
)
"""The slips with operations alone, in the contract's order; those that parameters share stand there."""
