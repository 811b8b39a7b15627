"""Slips with memory."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.homework.slips.base import slip
from cnncalc.homework.variant import Variant

_BITS = 8
_OTHER_WIDTH = {4: 2, 2: 4, 8: 4}


@slip("elements-for-bytes", "memory", part="unit", formula="bytes / 4")
def elements_for_bytes(variant: Variant) -> Iterator[Variant]:
    """Bytes / 4, or by what a value takes."""
    yield variant._replace(width=1)


@slip("bits-for-bytes", "memory", part="unit", formula="bytes · 8", rare=True)
def bits_for_bytes(variant: Variant) -> Iterator[Variant]:
    """Bytes · 8."""
    yield variant._replace(times=variant.times * _BITS)


@slip("no-batch", "memory", part="batch", formula="bytes at batch 1")
def no_batch(variant: Variant) -> Iterator[Variant]:
    """Batch 1."""
    yield variant._replace(batch=1)


@slip("doubled-for-backward", "memory", part="passes", formula="double")
def doubled_for_backward(variant: Variant) -> Iterator[Variant]:
    """Double."""
    yield variant._replace(times=variant.times * 2)


@slip("other-dtype", "memory", part="unit", formula="2 bytes a value for 4, or 4 for 2")
def other_dtype(variant: Variant) -> Iterator[Variant]:
    """2 bytes a value for 4, or 4 for 2."""
    width = _OTHER_WIDTH.get(variant.width)
    if width is not None:
        yield variant._replace(width=width)
