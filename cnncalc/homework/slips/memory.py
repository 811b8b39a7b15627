"""Slips with memory."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.homework.slips.base import Said, Slip
from cnncalc.homework.variant import Exercise

_MEMORY = ("memory",)
_BITS = 8
_OTHER_WIDTH = {4: 2, 2: 4, 8: 4}


def elements_for_bytes(exercise: Exercise) -> Iterator[Exercise]:
    """Bytes / 4, or by what a value takes."""
    yield exercise._replace(width=1)


def bits_for_bytes(exercise: Exercise) -> Iterator[Exercise]:
    """Bytes · 8."""
    yield exercise._replace(times=exercise.times * _BITS)


def no_batch(exercise: Exercise) -> Iterator[Exercise]:
    """Batch 1."""
    yield exercise._replace(batch=1)


def doubled_for_backward(exercise: Exercise) -> Iterator[Exercise]:
    """Double."""
    yield exercise._replace(times=exercise.times * 2)


def other_dtype(exercise: Exercise) -> Iterator[Exercise]:
    """2 bytes a value for 4, or 4 for 2."""
    width = _OTHER_WIDTH.get(exercise.width)
    if width is not None:
        yield exercise._replace(width=width)


SLIPS = (
    Slip(
        "elements-for-bytes",
        _MEMORY,
        "bytes / 4",
        Said(
            "This counts values; each value takes several bytes.",
            "이것은 값의 개수입니다. 값 하나는 여러 바이트를 차지합니다.",
        ),
        Said("bytes of a value (float32)", "값 하나의 바이트 수(float32)"),
        "unit",
        elements_for_bytes,
    ),
    Slip(
        "bits-for-bytes",
        _MEMORY,
        "bytes · 8",
        Said("These are bits; bytes are asked for.", "이것은 비트입니다. 묻는 것은 바이트입니다."),
        Said("bits and bytes", "비트와 바이트"),
        "unit",
        bits_for_bytes,
        rare=True,
    ),
    Slip(
        "no-batch",
        _MEMORY,
        "bytes at batch 1",
        Said(
            "This is one example; the question is about a batch.",
            "이것은 예제 하나의 것입니다. 문제는 배치를 묻습니다.",
        ),
        Said("batch size", "배치 크기"),
        "batch",
        no_batch,
    ),
    Slip(
        "doubled-for-backward",
        _MEMORY,
        "double",
        Said(
            "The question is about the forward pass; gradients are not part of it.",
            "문제는 순전파를 묻습니다. 기울기는 들어가지 않습니다.",
        ),
        Said("forward and backward pass", "순전파와 역전파"),
        "passes",
        doubled_for_backward,
    ),
    Slip(
        "other-dtype",
        _MEMORY,
        "2 bytes a value for 4, or 4 for 2",
        Said(
            "Check how many bytes a value of this type takes.",
            "이 자료형의 값 하나가 몇 바이트인지 확인하세요.",
        ),
        Said("float32 and float16", "float32와 float16"),
        "unit",
        other_dtype,
    ),
)
"""The slips with memory, in the contract's order."""
