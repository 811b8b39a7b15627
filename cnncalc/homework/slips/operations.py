"""Slips with operations."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.homework.slips.base import slip
from cnncalc.homework.variant import Variant, biases
from cnncalc.ops.base import OpError
from cnncalc.ops.shapes import spatial
from cnncalc.text.messages import message


@slip(
    "flops-for-macs",
    "operations",
    part="scale",
    only=("macs",),
    formula="double",
    message=message(
        "A multiplication and the addition that goes with it are one multiply-accumulate. "
        "Check whether MACs or FLOPs are asked for."
    ),
    concept=message("MACs and FLOPs"),
)
def flops_for_macs(variant: Variant) -> Iterator[Variant]:
    """Double."""
    yield variant._replace(times=variant.times * 2)


@slip(
    "macs-for-flops",
    "operations",
    part="scale",
    only=("flops",),
    formula="half",
    message=message(
        "A multiply-accumulate is a multiplication and an addition: two operations. Check "
        "whether MACs or FLOPs are asked for."
    ),
    concept=message("MACs and FLOPs"),
)
def macs_for_flops(variant: Variant) -> Iterator[Variant]:
    """Half."""
    from fractions import Fraction

    yield variant._replace(times=Fraction(variant.times) / 2)


@slip(
    "flops-with-bias",
    "operations",
    part="scale",
    formula="2·MACs + O_h·O_w·K",
    unusual=True,
    message=message(
        "This counts multiplications, additions and biases one by one; look at what counts as "
        "one here."
    ),
    concept=message("MACs and FLOPs"),
)
def flops_with_bias(variant: Variant) -> Iterator[Variant]:
    """Count multiplications and additions, those of the biases too."""
    if biases(variant):
        yield variant._replace(times=variant.times * 2, bias_adds="as half")


@slip(
    "textbook-flops",
    "operations",
    part="scale",
    formula="(2·F·F·C − 1)·O_h·O_w·K",
    unusual=True,
    message=message(
        "Adding n products takes one addition fewer; look at what counts as one operation here."
    ),
    concept=message("MACs and FLOPs"),
)
def textbook_flops(variant: Variant) -> Iterator[Variant]:
    """Count one addition fewer than multiplications for each output value."""
    if variant.op.depth_field is not None:
        yield variant._replace(bias_adds="textbook")
        yield variant._replace(times=variant.times * 2, bias_adds="textbook")


@slip(
    "no-positions",
    "operations",
    part="positions",
    formula="W",
    message=message("A filter is applied at every position of the output, not once."),
    concept=message("operations of a convolution"),
)
def no_positions(variant: Variant) -> Iterator[Variant]:
    """W: one position."""
    if variant.slid:
        yield variant._replace(positions=())


@slip(
    "input-positions",
    "operations",
    part="positions",
    formula="W·N_h·N_w",
    message=message("A filter is applied once for each position of the output, not of the input."),
    concept=message("operations of a convolution"),
)
def input_positions(variant: Variant) -> Iterator[Variant]:
    """W·N_h·N_w."""
    if variant.slid:
        yield variant._replace(positions=spatial(variant.inputs[0]))


@slip(
    "bias-counted",
    "operations",
    part="bias",
    formula="MACs + O_h·O_w·K",
    message=message("Adding a bias is no multiply-accumulate, and is not counted here."),
    concept=message("what counts as an operation"),
)
def bias_counted(variant: Variant) -> Iterator[Variant]:
    """MACs + O_h·O_w·K; where a MAC is two operations, the addition of a bias as one, or also as two."""
    yield variant._replace(bias_adds="as one")
    yield variant._replace(bias_adds="as macs")


@slip(
    "conv-for-transpose",
    "size",
    "operations",
    part="op",
    formula="a transposed conv by the conv's formula",
    swaps_op=True,
    message=message(
        "A transposed convolution goes the other way: it makes maps larger, and works once "
        "for each input position."
    ),
    concept=message("transposed convolution"),
)
def conv_for_transpose(variant: Variant) -> Iterator[Variant]:
    """Yield the conv of the same fields: for a size its own, for operations one MAC an output element and weight."""
    conv = (
        None
        if variant.op.sliding.per_channel or not variant.inputs
        else variant.op.sliding.as_conv(variant.inputs[0])
    )
    if conv is not None:
        try:
            right = variant.op.output_shape(*variant.inputs)
        except OpError:
            return
        yield variant._replace(op=conv, positions=right[:-1])
