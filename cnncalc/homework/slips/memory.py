"""Slips with memory."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.homework.slips.base import slip
from cnncalc.homework.variant import Variant, output, params
from cnncalc.ops.shapes import elements, positions
from cnncalc.text.messages import message

_BITS = 8
_OTHER_WIDTH = {4: 2, 2: 4, 8: 4}


@slip(
    "elements-for-bytes",
    "memory",
    part="unit",
    formula="bytes / 4",
    message=message("This counts values; each value takes several bytes."),
    concept=message("bytes of a value (float32)"),
)
def elements_for_bytes(variant: Variant) -> Iterator[Variant]:
    """Bytes / 4, or by what a value takes."""
    yield variant._replace(width=1)


@slip(
    "bits-for-bytes",
    "memory",
    part="unit",
    formula="bytes · 8",
    rare=True,
    message=message("These are bits; bytes are asked for."),
    concept=message("bits and bytes"),
)
def bits_for_bytes(variant: Variant) -> Iterator[Variant]:
    """Bytes · 8."""
    yield variant._replace(times=variant.times * _BITS)


@slip(
    "no-batch",
    "memory",
    part="batch",
    formula="bytes at batch 1",
    message=message("This is one example; the question is about a batch."),
    concept=message("batch size"),
)
def no_batch(variant: Variant) -> Iterator[Variant]:
    """Batch 1."""
    yield variant._replace(batch=1)


@slip(
    "doubled-for-backward",
    "memory",
    part="passes",
    formula="double",
    message=message("The question is about the forward pass; gradients are not part of it."),
    concept=message("forward and backward pass"),
)
def doubled_for_backward(variant: Variant) -> Iterator[Variant]:
    """Double."""
    yield variant._replace(times=variant.times * 2)


@slip(
    "other-dtype",
    "memory",
    part="unit",
    formula="2 bytes a value for 4, or 4 for 2",
    message=message("Check how many bytes a value of this type takes."),
    concept=message("float32 and float16"),
)
def other_dtype(variant: Variant) -> Iterator[Variant]:
    """2 bytes a value for 4, or 4 for 2."""
    width = _OTHER_WIDTH.get(variant.width)
    if width is not None:
        yield variant._replace(width=width)


@slip(
    "input-and-output",
    "memory",
    "size",
    only=("memory", "activations"),
    part="what",
    formula="(the input's + the output's elements) · bytes",
    unusual=True,
    message=message("Asked for is the layer's output; what goes in was counted where it came out."),
    concept=message("activation memory"),
)
def input_and_output(variant: Variant) -> Iterator[Variant]:
    """Count what goes into the layer beside what comes out."""
    if variant.inputs:
        yield _of_elements(variant, sum(map(elements, variant.inputs)) + elements(output(variant)))


@slip(
    "map-without-depth",
    "memory",
    "size",
    only=("memory", "activations"),
    part="what",
    formula="O_h·O_w · bytes",
    unusual=True,
    message=message("This is one map; the output has one for each channel."),
    concept=message("depth of an output"),
)
def map_without_depth(variant: Variant) -> Iterator[Variant]:
    """Count one map of the output."""
    shape = output(variant)
    if len(shape) > 1:
        yield _of_elements(variant, positions(shape))


@slip(
    "parameters-for-memory",
    "memory",
    part="what",
    formula="(W + B) · bytes",
    unusual=True,
    message=message("These are the bytes of the parameters; asked for are those of the output."),
    concept=message("activations and parameters in memory"),
)
def parameters_for_memory(variant: Variant) -> Iterator[Variant]:
    """Count the layer's parameters, not its output: as many, however large the batch is."""
    count = params(variant)
    if isinstance(count, int) and count:
        yield _of_elements(variant, count)._replace(batch=1)


@slip(
    "batch-twice",
    "memory",
    part="batch",
    formula="bytes · the batch once more",
    unusual=True,
    message=message("The batch is counted twice."),
    concept=message("batch size"),
)
def batch_twice(variant: Variant) -> Iterator[Variant]:
    """Multiply by the batch twice."""
    yield variant._replace(batch=variant.batch * variant.batch)


def _of_elements(variant: Variant, count: int) -> Variant:
    """Take another number of values for the layer's."""
    return variant._replace(known={"activations": count})
