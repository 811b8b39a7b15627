"""Slips with a size: of a conv's or pool's output, of its depth, of what comes out of a merge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.homework.slips.base import Surroundings, numbers_slip, slip
from cnncalc.homework.variant import Value, Variant


def _windows(variant: Variant, **changed: Any) -> Iterator[Variant]:
    """With the windows changed, where that changes one."""
    windows = tuple(window._replace(**changed) for window in variant.slid)
    if windows != variant.slid:
        yield variant._replace(windows=windows)


@slip("no-plus-one", "size", part="plus one", formula="floor((N + p + q − d(F−1) − 1)/S)")
def no_plus_one(variant: Variant) -> Iterator[Variant]:
    """The quotient rounded down, whatever the op does, and no more."""
    if variant.op.counts_windows:
        yield variant._replace(less=variant.less + 1, up=variant.up or False)


@slip("no-padding", "size", part="padding", formula="p = q = 0")
def no_padding(variant: Variant) -> Iterator[Variant]:
    """p = q = 0."""
    return _windows(variant, before=0, after=0)


@slip("padding-once", "size", part="padding", formula="q = 0")
def padding_once(variant: Variant) -> Iterator[Variant]:
    """q = 0."""
    return _windows(variant, after=0)


@slip("no-stride", "size", part="stride", formula="S = 1")
def no_stride(variant: Variant) -> Iterator[Variant]:
    """S = 1."""
    return _windows(variant, stride=1)


@slip("rounded-up", "size", part="rounding", formula="ceil where floor is right")
def rounded_up(variant: Variant) -> Iterator[Variant]:
    """ceil for floor."""
    if variant.op.counts_windows:
        yield variant._replace(up=True)


@slip("rounded-down", "size", part="rounding", formula="floor where ceil is right")
def rounded_down(variant: Variant) -> Iterator[Variant]:
    """floor for ceil."""
    if variant.op.counts_windows:
        yield variant._replace(up=False)


@slip("no-dilation", "size", part="dilation", formula="d = 1")
def no_dilation(variant: Variant) -> Iterator[Variant]:
    """d = 1."""
    return _windows(variant, dilation=1)


@slip("kept-input-depth", "size", part="depth", formula="C channels for K")
def kept_input_depth(variant: Variant) -> Iterator[Variant]:
    """C channels for K."""
    if len(variant.layer.arriving) > 1:
        yield variant._replace(depth=variant.layer.arriving[-1])


@slip("depth-times-filters", "size", part="depth", formula="C·K channels", rare=True)
def depth_times_filters(variant: Variant) -> Iterator[Variant]:
    """C·K channels."""
    op = variant.op
    if op.depth_field is not None and variant.slid:
        yield variant._replace(depth=variant.inputs[0][-1] * getattr(op, op.depth_field))


@slip("pool-changed-depth", "size", part="depth", formula="C // S channels", rare=True)
def pool_changed_depth(variant: Variant) -> Iterator[Variant]:
    """C // S channels."""
    if variant.op.per_channel and variant.slid:
        yield variant._replace(depth=variant.inputs[0][-1] // variant.slid[0].stride)


@slip("used-layer-input", "size", part="shape", formula="the layer's input")
def used_layer_input(variant: Variant) -> Iterator[Variant]:
    """The shape that arrives."""
    if variant.layer.arriving:
        yield variant._replace(shape=variant.layer.arriving)


@numbers_slip(
    "other-input-size",
    "size",
    "any",
    part="input",
    formula="the whole network from another input: 224 for 227, 28 for 32, and back",
)
def other_input_size(question: Surroundings) -> Iterator[Value]:
    """The whole network walked from 224 for 227 or 227 for 224 (28 and 32 for one channel)."""
    if question.twin_right is not None:
        yield question.twin_right


@slip("added-for-concat", "size", part="depth", formula="one branch's channels")
def added_for_concat(variant: Variant) -> Iterator[Variant]:
    """The channels of one branch, whichever."""
    if variant.op.merges:
        for channels in dict.fromkeys(shape[-1] for shape in variant.inputs):
            yield variant._replace(depth=channels)


@slip("concat-for-add", "size", part="depth", formula="the sum of the branches' channels")
def concat_for_add(variant: Variant) -> Iterator[Variant]:
    """The sum of the branches' channels."""
    if variant.op.merges:
        yield variant._replace(depth=sum(shape[-1] for shape in variant.inputs))
