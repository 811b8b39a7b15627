"""Ops of ONNX files that cannot be counted: one graph for each reason, which the error gives with the op's name."""

# ruff: noqa: E501  (a reason is a line)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

import cnncalc
from cnncalc.text.source import SpecError

from . import onnx_files as onnx
from .onnx_files import graph, integers, model, node, scalar, tensor, weights

MAP = {"x": (1, 4, 6, 8)}
BATCH = {"x": (2, 4, 6, 8)}
SEQUENCE = {"x": (2, 5, 8)}


class Refused(NamedTuple):
    """The ops, the tensors that they take, and what arrives."""

    nodes: Sequence[bytes]
    tensors: Sequence[bytes] = ()
    inputs: Mapping[str, Sequence[int | str]] = MAP
    opset: int = 18


def of(op: str, inputs: str, *tensors: bytes, **attributes: object) -> Refused:
    """One op that makes `y`."""
    return Refused([node(op, inputs, "y", attributes)], tensors)


def to_shape(*nodes: bytes, tensors: Sequence[bytes] = ()) -> Refused:
    """A shape `s` that is worked out of constants and cannot be."""
    return Refused([*nodes, node("Reshape", "x s", "y")], tensors)


W = weights("w", 3, 4, 1, 1)
TWO = scalar("two", 2.0)
UNKNOWN = [node("Constant", "", "c", {"value_ints": (1, 192)}), node("Exp", "c", "s")]

REASONS: dict[str, Refused] = {
    # attributes
    "strides is not a row of integers": of("Conv", "x w", W, strides="two"),
    "group is not an integer": of("Conv", "x w", W, group="two"),
    "alpha is not a number": of("HardSigmoid", "x", alpha="two"),
    "its slope is 0.3": of("HardSigmoid", "x", alpha=0.3),
    "there is no axis 7 of 4": of("Softmax", "x", axis=7),
    "a stride is below 1": of("Conv", "x w", W, auto_pad="SAME_LOWER", strides=(0, 1)),
    "its perm is no order of the axes": of("Transpose", "x", perm=(0, 1, 1, 2)),
    "its padding follows from an output shape": of("ConvTranspose", "x w", weights("w", 4, 3, 1, 1), output_shape=(6, 8)),
    "its weights have no kernel": of("ConvTranspose", "x w", weights("w", 4, 3)),
    "it normalises over several axes": of("LayerNormalization", "x w", weights("w", 6, 8), axis=-2),
    "it is not of the length √Σx²": of("LpNormalization", "x", axis=1, p=1),
    "the first of its matrices is transposed, or its weights are no matrix": of("Gemm", "x w", weights("w", 8, 3), transA=1),
    "it reduces the batch": of("ReduceMean", "x axes", integers("axes", (0, 2))),
    # tensors
    "input 2 is computed by the network, where weights are expected": of("Conv", "x x"),
    "input 1 is not a tensor that the network computes": of("MatMul", "w x", weights("w", 2, 6)),
    "it has no weights": of("Conv", "x"),
    "it takes 'mask', which nothing before it makes": Refused([node("Dropout", "x", "d mask"), node("Relu", "mask", "y")]),
    "it takes a number by itself": Refused([node("Squeeze", "x at", "a"), node("Softmax", "a", "y")], [integers("at", (0,))], {"x": (1, 8)}),
    "its matrices do not go together": of("MatMul", "x x"),
    "it takes several tensors and constants": of("Sum", "x x w", weights("w", 8)),
    "its constant is larger than the tensor": Refused([node("Mul", "x w", "y")], [weights("w", 4, 6, 8)], {"x": (1, 1, 6, 8)}),
    "it takes a number that it cannot take": of("Mul", "x zero", scalar("zero", 0.0)),
    "it takes other things than tensors": Refused([node("SplitToSequence", "x", "l", {"axis": 1}), node("Add", "l x", "y")]),
    "it takes no tensor that the network computes": Refused([node("SplitToSequence", "x", "l", {"axis": 1}), node("Concat", "l l", "y", {"axis": 1})]),
    "it takes no known sequence": of("SequenceAt", "x at", tensor("at", (), (0,), onnx.INT64)),
    "its condition is not known before the network runs": Refused([node("If", "c", "y", {"then_branch": graph([node("Relu", "x", "z")], "z")})], [integers("c", (1, 1))]),
    "what it gathers depends on values that the network computes": of("Gather", "x -"),
    "what it gathers is not known": of("GatherND", "x -"),
    "where the slice begins and ends is not known": of("Slice", "x x end", integers("end", (1,))),
    "its shape depends on values that the network computes": of("Reshape", "x x"),
    # sizes
    "1x4x6x8 cannot become -1x-1": of("Reshape", "x s", integers("s", (-1, -1))),
    "2x4x6x8 cannot be regrouped as 3x128": Refused([node("Reshape", "x s", "y")], [integers("s", (3, 128))], BATCH),
    "an axis that is squeezed has more than one position": of("Squeeze", "x at", integers("at", (1,))),
    "a slice's step is 0": of("Slice", "x a b at step", integers("a", (0,)), integers("b", (4,)), integers("at", (1,)), integers("step", (0,))),
    "4 cannot be split into 1x1": of("Split", "x sizes", integers("sizes", (1, 1)), axis=1),
    "it leaves nothing, or goes backwards": of("Slice", "x a b at", integers("a", (2,)), integers("b", (2,)), integers("at", (2,))),
    "it takes every so many of the channels": of("Slice", "x a b at step", integers("a", (0,)), integers("b", (4,)), integers("at", (1,)), integers("step", (2,))),
    "it puts batches together": Refused([node("Concat", "x x", "y", {"axis": 0})]),
    "it takes some examples of a batch": Refused(
        [node("Slice", "x a b at", "y")],
        [integers("a", (0,)), integers("b", (1,)), integers("at", (0,))],
        BATCH,
    ),
    "it is of more than 4 axes beside the batch": Refused(
        [node("Reshape", "x six", "r"), node("Softmax", "r", "y")], [integers("six", (1, 4, 2, 3, 2, 4))]
    ),
    "its pads are not of the axes": of("Pad", "x pads", integers("pads", (1, 1))),
    "it pads the batch": of("Pad", "x pads", integers("pads", (1, 0, 0, 0, 0, 0, 0, 0))),
    "it resizes other axes than those of the space": of("Resize", "x - - sizes", integers("sizes", (1, 8, 9, 10))),
    "neither its scales nor its sizes are known": of("Resize", "x"),
    # equations
    "'bchw->bc' is not a product of two tensors": of("Einsum", "x", equation="bchw -> bc"),
    "'bchw,bdhw' is not a product of two tensors": of("Einsum", "x x", equation="bchw,bdhw"),
    "'bcd,bdhw->bc' does not suit its tensors": of("Einsum", "x x", equation="bcd,bdhw->bc"),
    "'bchw,bdhw->bz' makes an index that it does not take": of("Einsum", "x x", equation="bchw,bdhw->bz"),
    "its first axis is not the batch": Refused([node("Einsum", "x x", "y", {"equation": "bic,bjc->ijb"})], (), SEQUENCE),
    "a result of 6 axes is no map": of("Einsum", "x x", equation="bchw,bdkl->bhwdkl"),
    # constants
    "the constant has no value": to_shape(node("Constant", "", "s")),
    "a size is negative": to_shape(node("ConstantOfShape", "n", "s"), tensors=[integers("n", (-1,))]),
    "perm is no order of the axes": to_shape(node("Transpose", "n", "s", {"perm": (1,)}), tensors=[integers("n", (1, 192))]),
    "its values are not known": to_shape(*UNKNOWN),
    "the range is not known": to_shape(node("Range", "a b a", "s"), tensors=[tensor("a", (), (0,), onnx.INT64), tensor("b", (), (9,), onnx.INT64)]),
    "the power is too large": to_shape(node("Pow", "n m", "s"), tensors=[integers("n", (2, 2)), integers("m", (65, 65))]),
    "an input is missing": to_shape(node("Expand", "n", "s"), tensors=[integers("n", (1, 192))]),
    "NonZero of constants is not worked out": to_shape(node("NonZero", "n", "s"), tensors=[integers("n", (1, 192))]),
    "the sizes 2 and 3 do not go together": to_shape(node("Add", "n m", "s"), tensors=[integers("n", (1, 2)), integers("m", (1, 2, 3))]),
    "the tensor, or a number in it, is too large": to_shape(node("Mul", "n n", "s"), tensors=[integers("n", (2**40, 2**40))]),
}  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_an_op_that_cannot_be_counted_says_why(reason: str, tmp_path: Path) -> None:
    given = REASONS[reason]
    data = model(given.nodes, given.tensors, given.inputs, opset=given.opset)
    with pytest.raises(SpecError) as caught:
        cnncalc.load(onnx.write(tmp_path, data))
    (problem,) = caught.value.problems
    assert f" cannot be counted: {reason}, and the file does not say its shape" in problem.message


def test_an_axis_that_softmax_flattens_in_older_files_is_refused(tmp_path: Path) -> None:
    data = model([node("Softmax", "x", "y", {"axis": 1})], inputs=MAP, opset=11)
    with pytest.raises(SpecError, match="it is over several axes at once"):
        cnncalc.load(onnx.write(tmp_path, data))


@pytest.mark.parametrize(
    ("op", "shape", "message"),
    [
        ("Gemm", (5, 3), "its weights take 5 values, but 8 arrive"),
        ("Conv", (3, 5, 1), "its weights take 5 channels, but 4 arrive"),
    ],
)
def test_weights_that_do_not_suit_what_arrives(
    op: str, shape: tuple[int, ...], message: str, tmp_path: Path
) -> None:
    inputs = {"x": (1, 8) if op == "Gemm" else (1, 4, 9)}
    data = model([node(op, "x w", "y")], [weights("w", *shape)], inputs)
    with pytest.raises(SpecError, match=message):
        cnncalc.load(onnx.write(tmp_path, data))


def test_ops_in_any_order_are_the_same_network(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w", "a"), node("Relu", "a", "b"), node("Add", "a b", "y")]
    shown = [
        [(row.op, row.output, row.params) for row in cnncalc.load(onnx.write(tmp_path, model(each, [W], MAP))).report().rows]
        for each in (nodes, nodes[::-1])
    ]  # fmt: skip
    assert shown[0] == shown[1]
    assert [op for op, _, _ in shown[0]] == ["input", "conv", "relu", "add"]


def test_a_shape_that_is_an_attribute_in_the_oldest_files(tmp_path: Path) -> None:
    data = model([node("Reshape", "x", "y", {"shape": (1, 192)})], inputs=MAP, opset=4)
    (row,) = cnncalc.load(onnx.write(tmp_path, data)).report().rows[1:]
    assert (row.op, row.output) == ("flatten", (192,))


def test_an_empty_file_of_a_format_that_is_given_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot read this file: cannot mmap an empty file"):
        cnncalc.load(onnx.write(tmp_path, b""), format="onnx")
