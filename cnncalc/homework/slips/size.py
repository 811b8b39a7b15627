"""Slips with a size: of a conv's or pool's output, of its depth, of what comes out of a merge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.homework.slips.base import Said, Slip
from cnncalc.homework.variant import Exercise
from cnncalc.ops.base import OpError

_SIZE = ("size",)


def _windows(exercise: Exercise, **changed: Any) -> Iterator[Exercise]:
    """With the windows changed, where that changes one."""
    windows = tuple(window._replace(**changed) for window in exercise.slid)
    if windows != exercise.slid:
        yield exercise._replace(windows=windows)


def no_plus_one(exercise: Exercise) -> Iterator[Exercise]:
    """The quotient rounded down, whatever the op does, and no more."""
    if exercise.op.counts_windows:
        yield exercise._replace(less=exercise.less + 1, up=exercise.up or False)


def no_padding(exercise: Exercise) -> Iterator[Exercise]:
    """p = q = 0."""
    return _windows(exercise, before=0, after=0)


def padding_once(exercise: Exercise) -> Iterator[Exercise]:
    """q = 0."""
    return _windows(exercise, after=0)


def no_stride(exercise: Exercise) -> Iterator[Exercise]:
    """S = 1."""
    return _windows(exercise, stride=1)


def no_dilation(exercise: Exercise) -> Iterator[Exercise]:
    """d = 1."""
    return _windows(exercise, dilation=1)


def rounded_up(exercise: Exercise) -> Iterator[Exercise]:
    """ceil for floor."""
    if exercise.op.counts_windows:
        yield exercise._replace(up=True)


def rounded_down(exercise: Exercise) -> Iterator[Exercise]:
    """floor for ceil."""
    if exercise.op.counts_windows:
        yield exercise._replace(up=False)


def kept_input_depth(exercise: Exercise) -> Iterator[Exercise]:
    """C channels for K."""
    if len(exercise.arriving) > 1:
        yield exercise._replace(depth=exercise.arriving[-1])


def depth_times_filters(exercise: Exercise) -> Iterator[Exercise]:
    """C·K channels."""
    op = exercise.op
    if op.depth_field is not None and exercise.slid:
        yield exercise._replace(depth=exercise.inputs[0][-1] * getattr(op, op.depth_field))


def pool_changed_depth(exercise: Exercise) -> Iterator[Exercise]:
    """C // S channels."""
    if exercise.op.per_channel and exercise.slid:
        yield exercise._replace(depth=exercise.inputs[0][-1] // exercise.slid[0].stride)


def used_layer_input(exercise: Exercise) -> Iterator[Exercise]:
    """The shape that arrives."""
    if exercise.arriving:
        yield exercise._replace(shape=exercise.arriving)


def added_for_concat(exercise: Exercise) -> Iterator[Exercise]:
    """The channels of one branch, whichever."""
    if exercise.op.merges:
        for channels in dict.fromkeys(shape[-1] for shape in exercise.inputs):
            yield exercise._replace(depth=channels)


def concat_for_add(exercise: Exercise) -> Iterator[Exercise]:
    """The sum of the branches' channels."""
    if exercise.op.merges:
        yield exercise._replace(depth=sum(shape[-1] for shape in exercise.inputs))


def conv_for_transpose(exercise: Exercise) -> Iterator[Exercise]:
    """The conv of the same fields: for a size its own, for operations one MAC an output element and weight."""
    conv = (
        None
        if exercise.op.per_channel or not exercise.inputs
        else exercise.op.as_conv(exercise.inputs[0])
    )
    if conv is not None:
        try:
            right = exercise.op.output(*exercise.inputs)
        except OpError:
            return
        yield exercise._replace(op=conv, positions=right[:-1])


SLIPS = (
    Slip(
        "no-plus-one",
        _SIZE,
        "floor((N + p + q − d(F−1) − 1)/S)",
        Said(
            "The filter also stands at its first position before it takes a step: the steps are one fewer than the "
            "positions.",
            "필터는 첫 이동 전에도 한 자리에 놓입니다. 이동 횟수는 위치의 수보다 하나 적습니다.",
        ),
        Said("output size, the + 1", "출력 크기 공식의 + 1"),
        "plus one",
        no_plus_one,
    ),
    Slip(
        "no-padding",
        _SIZE,
        "p = q = 0",
        Said(
            "This layer pads its input; the padding belongs to the size that the filter slides over.",
            "이 계층은 입력에 패딩을 합니다. 필터가 움직이는 크기에는 패딩도 들어갑니다.",
        ),
        Said("zero padding", "제로 패딩"),
        "padding",
        no_padding,
    ),
    Slip(
        "padding-once",
        _SIZE,
        "q = 0",
        Said(
            "Padding is added on both sides of an axis, so it counts twice.",
            "패딩은 양쪽에 붙으므로 두 번 더해야 합니다.",
        ),
        Said("zero padding, 2P", "제로 패딩, 2P"),
        "padding",
        padding_once,
    ),
    Slip(
        "no-stride",
        _SIZE,
        "S = 1",
        Said(
            "This filter moves more than one position at a time.",
            "이 필터는 한 번에 한 칸보다 많이 움직입니다.",
        ),
        Said("stride", "스트라이드"),
        "stride",
        no_stride,
    ),
    Slip(
        "rounded-up",
        _SIZE,
        "ceil where floor is right",
        Said(
            "The filter does not fit a whole number of times; this layer leaves out the window that would reach past "
            "the edge.",
            "필터가 나누어떨어지게 들어가지 않습니다. 이 계층은 가장자리를 넘는 창을 버립니다.",
        ),
        Said("rounding of the output size", "출력 크기의 반올림 규칙"),
        "rounding",
        rounded_up,
    ),
    Slip(
        "rounded-down",
        _SIZE,
        "floor where ceil is right",
        Said(
            "The window does not fit a whole number of times; this pool keeps the last, partly filled window.",
            "창이 나누어떨어지게 들어가지 않습니다. 이 풀링은 다 차지 않은 마지막 창도 셉니다.",
        ),
        Said("ceil mode of pooling", "풀링의 올림 방식"),
        "rounding",
        rounded_down,
    ),
    Slip(
        "no-dilation",
        _SIZE,
        "d = 1",
        Said(
            "A dilated kernel has gaps: it spans more positions than it has weights.",
            "팽창 커널은 틈이 있어 가중치의 수보다 넓은 범위를 덮습니다.",
        ),
        Said("dilated convolution", "팽창 합성곱"),
        "dilation",
        no_dilation,
    ),
    Slip(
        "kept-input-depth",
        _SIZE,
        "C channels for K",
        Said(
            "The depth of the output is not that of the input: each filter makes one map.",
            "출력의 깊이는 입력의 깊이와 다릅니다. 필터 하나가 맵 하나를 만듭니다.",
        ),
        Said("number of filters and output depth", "필터 수와 출력 깊이"),
        "depth",
        kept_input_depth,
    ),
    Slip(
        "depth-times-filters",
        _SIZE,
        "C·K channels",
        Said(
            "A filter spans the full depth of its input and gives one map, not one for each input channel.",
            "필터는 입력 깊이 전체를 덮고 맵 하나를 냅니다. 입력 채널마다 하나씩이 아닙니다.",
        ),
        Said("a filter extends the full depth", "필터는 입력 깊이 전체를 덮는다"),
        "depth",
        depth_times_filters,
        rare=True,
    ),
    Slip(
        "pool-changed-depth",
        _SIZE,
        "C // S channels",
        Said(
            "Pooling works on each channel by itself: it makes maps smaller, not fewer.",
            "풀링은 채널마다 따로 합니다. 맵의 크기는 줄어도 수는 그대로입니다.",
        ),
        Said("pooling", "풀링"),
        "depth",
        pool_changed_depth,
        rare=True,
    ),
    Slip(
        "used-layer-input",
        _SIZE,
        "the layer's input",
        Said(
            "This is what goes into the layer; asked for is what comes out.",
            "이것은 계층에 들어가는 크기입니다. 묻는 것은 나오는 크기입니다.",
        ),
        Said("input and output of a layer", "계층의 입력과 출력"),
        "shape",
        used_layer_input,
    ),
    Slip(
        "added-for-concat",
        _SIZE,
        "one branch's channels",
        Said(
            "The branches are put one behind another, not added: their depths add up.",
            "가지들은 더하는 것이 아니라 이어 붙입니다. 깊이가 합쳐집니다.",
        ),
        Said("concatenation", "이어 붙이기(concat)"),
        "depth",
        added_for_concat,
    ),
    Slip(
        "concat-for-add",
        _SIZE,
        "the sum of the branches' channels",
        Said(
            "The branches are added element by element, not put one behind another: the depth stays.",
            "가지들은 이어 붙이는 것이 아니라 원소별로 더합니다. 깊이는 그대로입니다.",
        ),
        Said("residual connection", "잔차 연결"),
        "depth",
        concat_for_add,
    ),
    Slip(
        "conv-for-transpose",
        ("size", "operations"),
        "a transposed conv by the conv's formula",
        Said(
            "A transposed convolution goes the other way: it makes maps larger, and works once for each input "
            "position.",
            "전치 합성곱은 거꾸로 갑니다. 맵을 키우며, 연산은 입력 위치마다 한 번입니다.",
        ),
        Said("transposed convolution", "전치 합성곱"),
        "op",
        conv_for_transpose,
        swaps_op=True,
    ),
)
"""The slips with a size, in the contract's order; `other-input-size` stands in `places`."""
