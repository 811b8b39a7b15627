"""Write `files/graphs.json` and `graphs.json.xz`: with onnx 1.22, in `tests/`:
`python -m models.make_graphs`.

Each is a graph of a few ops in ONNX's own text, in the form that a reader has to know. The first file has what the
`onnx` package says of it: the shape that its reference evaluator gives when it runs the graph, and how many weights the
graph holds, beside the rows that stand for it and their multiply-accumulates, which are set down here by hand. The
other has the files.
"""

# ruff: noqa: E501  (what is one expression stays on one line)

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple

import numpy
import onnx
from onnx.reference import ReferenceEvaluator

from .recorded import write

MAP, CHANNELS = "float[1,4,6,8] x", (4, 1, 1)


class Case(NamedTuple):
    """A graph: the rows that stand for it, its ops, its weights, what arrives, multiply-accumulates, and its opset."""

    rows: str
    ops: str
    weights: Mapping[str, tuple[int, ...]] = {}
    arriving: str = MAP
    macs: int = 0
    opset: int = 18


def to_shape(constants: str, arriving: str = MAP, opset: int = 18) -> Case:
    """Return the case of a shape `s` that is worked out of constants, 192 values, for a Reshape."""
    return Case("flatten", f"{constants} y = Reshape(x, s)", {}, arriving, 0, opset)


def ints(name: str, *values: int) -> str:
    """Return the op that writes integers down."""
    return f"{name} = Constant<value_ints = [{', '.join(map(str, values))}]>() "


def number(name: str, value: float) -> str:
    """Return the op that writes a number down."""
    return f"{name} = Constant<value_float = {float(value)}>() "


LAYER_NORM = (
    "m = ReduceMean<axes = [-1]>(x) d = Sub(x, m) {square} v = ReduceMean<axes = [-1]>(q) "
    + number("eps", 1e-5)
    + "e = Add(v, eps) r = Sqrt(e) {last}"
)
CUBED = number("half", 0.5) + number("one", 1) + number("root", 0.7978846) + number("c", 0.044715)
LRN = (
    number("k", 1) + number("alpha", 1e-4) + number("beta", 0.75)
    + "q = Mul(x, x) u = Unsqueeze(q, one) p = AveragePool<kernel_shape = [3, 1, 1], pads = [1, 0, 0, 1, 0, 0]>(u) "
    "z = Squeeze(p, one) a = Mul(z, alpha) b = Add(a, k) c = Pow(b, beta) y = Div(x, c)"
)  # fmt: skip

CASES: dict[str, Case] = {
    # what is worked out of constants
    "a_cast": to_shape("f = Constant<value_floats = [1.0, 192.0]>() s = Cast<to = 7>(f)"),
    "a_cast_of_a_number": to_shape(
        "a = Constant<value_float = 192.0>() b = Cast<to = 7>(a) "
        + ints("at", 0)
        + ints("one", 1)
        + "c = Unsqueeze(b, at) s = Concat<axis = 0>(one, c)"
    ),
    "an_integer_by_itself": to_shape(
        "a = Constant<value_int = 192>() "
        + ints("at", 0)
        + ints("one", 1)
        + "c = Unsqueeze(a, at) s = Concat<axis = 0>(one, c)"
    ),
    "a_row_that_is_filled": to_shape(
        ints("n", 2)
        + "f = ConstantOfShape<value = int64[1] {-1}>(n) "
        + ints("a", 2, 1)
        + ints("b", 1, -192)
        + "c = Sub(f, a) d = Mul(c, b) "
        + ints("e", 2, -2)
        + "g = Div(d, e) s = Neg(g)"
    ),
    "the_size_of_what_arrives": to_shape(
        "n = Size(x) "
        + ints("at", 0)
        + ints("one", 1)
        + "c = Unsqueeze(n, at) s = Concat<axis = 0>(one, c)"
    ),
    "part_of_a_shape": Case(
        "relu",
        "a = Shape<start = 0, end = 2>(x) "
        + ints("rest", -1)
        + "s = Concat<axis = 0>(a, rest) b = Reshape(x, s) y = Relu(b)",
    ),
    "a_shape_of_a_constant": Case(
        "relu",
        ints("n", 1, 8, 24) + "w = ConstantOfShape(n) s = Shape(w) a = Reshape(x, s) y = Relu(a)",
    ),
    "a_reshape_and_a_squeeze": to_shape(
        ints("a", 1, 192) + ints("six", 2, 1, 1) + "b = Reshape(a, six) s = Squeeze(b)"
    ),
    "a_squeeze_of_axes": to_shape(
        ints("a", 1, 192)
        + ints("six", 2, 1)
        + ints("at", -1)
        + "b = Reshape(a, six) s = Squeeze(b, at)"
    ),
    "a_flatten_and_a_transpose": to_shape(
        "a = Constant<value = int64[2, 2] {1, 7, 192, 7}>() b = Transpose(a) "
        + ints("from", 0)
        + ints("to", 1)
        + ints("row", -1)
        + "c = Slice(b, from, to) d = Flatten<axis = 0>(c) s = Reshape(d, row)"
    ),
    "a_slice_backwards": to_shape(
        ints("a", 5, 192, 1)
        + ints("from", 9)
        + ints("to", -9)
        + ints("at", 0)
        + ints("by", -1)
        + "b = Slice(a, from, to, at, by) "
        + ints("middle", -2)
        + "c = Slice(b, middle, to, at, by) s = Slice(c, from, to, at, by)"
    ),
    "a_split": to_shape(
        ints("a", 5, 1, 192) + ints("sizes", 1, 2) + "b, s = Split<axis = 0>(a, sizes)"
    ),
    "a_split_of_older_files": to_shape(
        "a = Constant<value = int64[3] {5, 1, 192}>() b, s = Split<axis = 0, split = [1, 2]>(a)",
        opset=11,
    ),
    "a_range": to_shape(
        "a = Constant<value = int64 {1}>() b = Constant<value = int64 {193}>() c = Constant<value = int64 {191}>() s = Range(a, b, c)"
    ),
    "arithmetic": to_shape(
        ints("a", 2, 14)
        + ints("two", 2)
        + "b = Pow(a, two) "
        + ints("c", 4, 193)
        + "d = Mod(b, c) "
        + ints("e", 1, 3)
        + "f = Max(d, e) "
        + ints("g", -1, -1)
        + "h = Mul(f, g) i = Neg(h) j = Abs(i) "
        + ints("k", 1, 64)
        + "s = Mul(j, k)"
    ),
    "arithmetic_of_numbers": to_shape(
        number("one", 1)
        + number("two", 2)
        + "a = Constant<value_floats = [1.0, 36864.0]>() b = Sqrt(a) c = Floor(b) "
        "d = Ceil(c) e = Reciprocal(d) f = Reciprocal(e) g = Div(f, two) h = Mul(g, two) i = Pow(h, one) j = Ceil(i) s = Cast<to = 7>(j)"
    ),
    "comparisons": to_shape(
        ints("a", 1, 192)
        + ints("b", 1, 7)
        + "c = Equal(a, b) d = Not(c) e = Greater(a, b) f = And(d, e) g = Or(c, f) h = Less(a, b) i = Not(h) j = And(g, i) "
        "k = GreaterOrEqual(a, b) l = LessOrEqual(b, a) m = And(k, l) n = And(j, m) s = Where(n, a, b)"
    ),
    "a_sign_and_a_column": to_shape(
        "a = Constant<value = int64[1, 2] {-3, 5}>() b = Sign(a) c = Abs(b) d = Constant<value = int64[1, 2] {1, 192}>() "
        "e = Constant<value = int64[2, 1] {1, 1}>() f = Mul(c, d) g = Mul(f, e) "
        + ints("from", 0)
        + ints("to", 1)
        + ints("row", -1)
        + "h = Slice(g, from, to) s = Reshape(h, row)"
    ),
    "products_and_sums_of_all": to_shape(
        ints("a", 4, 6, 8)
        + "b = ReduceProd<keepdims = 0>(a) "
        + ints("one", 1)
        + "c = ReduceMin(one) d = ReduceMax(one) e = ReduceSum(one) f = Mul(c, d) g = Mul(e, f) "
        + ints("at", 0)
        + "h = Unsqueeze(b, at) s = Concat<axis = 0>(g, h)"
    ),
    "a_table_that_is_looked_up": Case(
        "opaque",
        ints("at", 0, 2) + "p = Gather<axis = 0>(w, at) y = Mul(x, p)",
        {"w": (3, 8)},
        "float[1,2,8] x",
    ),
    "a_table_that_is_filled_in": Case(
        "opaque",
        "a = Constant<value = float[2, 2] {1, 1, 1, 1}>() b = Constant<value = int64[1, 1] {0}>() c = Constant<value = float[1, 2] {2, 2}>() "
        "d = ScatterND(a, b, c) e = Constant<value = int64[2, 1] {1, 0}>() f = GatherND(d, e) g = MatMul(f, d) h = Erf(g) y = Mul(x, h)",
        {},
        "float[1,2,2] x",
    ),
    "the_mean_of_a_table": Case(
        "opaque",
        ints("at", 0)
        + "a = Constant<value = float[2, 2] {2, 2, 2, 2}>() b = ReduceSum<keepdims = 1>(a, at) y = Mul(x, b)",
        {},
        "float[1,2,2] x",
    ),
    # layers
    "padding_of_half_a_pool": Case(
        "maxpool", "y = MaxPool<kernel_shape = [2, 2], pads = [1, 1, 1, 1]>(x)"
    ),
    "a_transposed_convolution": Case(
        "conv_transpose",
        "y = ConvTranspose<strides = [2, 2], output_padding = [1, 0]>(x, w, b)",
        {"w": (4, 3, 3, 3), "b": (3,)},
        macs=4 * 3 * 9 * 6 * 8,
    ),
    "a_pool_that_fits_already": Case(
        "adaptiveavgpool", "y = AveragePool<kernel_shape = [1, 1]>(x)"
    ),
    "a_mean_without_its_padding": Case(
        "avgpool", "y = AveragePool<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(x)"
    ),
    "a_mean_of_channels_and_positions": Case(
        "reduce reduce", "y = ReduceMean<axes = [1, 2, 3]>(x)", opset=17
    ),
    "instance_norm": Case(
        "instancenorm", "y = InstanceNormalization(x, w, b)", {"w": (4,), "b": (4,)}
    ),
    "group_norm": Case(
        "groupnorm",
        "y = GroupNormalization<num_groups = 2>(x, w, b)",
        {"w": (4,), "b": (4,)},
        opset=21,
    ),
    "layer_norm_of_what_is_last": Case(
        "layernorm", "y = LayerNormalization(x, w, b)", {"w": (8,), "b": (8,)}, "float[1,6,8] x"
    ),
    "layer_norm_and_a_shift_behind": Case(
        "layernorm affine",
        "n = LayerNormalization(x, w) y = Add(n, b)",
        {"w": (8,), "b": (8,)},
        "float[1,6,8] x",
    ),
    "a_power_of_another_pool": Case(
        "relu power reshape avgpool scale scale power reshape divide",
        ints("one", 1) + "r = Relu(x) " + LRN.replace("q = Mul(x, x)", "q = Pow(r, beta)"),
    ),
    "a_slope_a_channel": Case("prelu", "y = PRelu(x, w)", {"w": (4, 1, 1)}),
    "powers": Case(
        "square power", number("two", 2) + number("three", 3) + "a = Pow(x, two) y = Pow(a, three)"
    ),
    "the_negative": Case("scale", "y = Neg(x)"),
    "numbers": Case(
        "scale scale scale scale clip clip",
        number("two", 2)
        + "a = Add(x, two) b = Sub(a, two) c = Mul(b, two) d = Div(c, two) e = Max(d, two) y = Min(e, two)",
    ),
    "a_sum_of_one": Case("relu", "a = Relu(x) y = Sum(a)"),
    "a_concatenation_of_one": Case("relu", "a = Relu(x) y = Concat<axis = 1>(a)"),
    "constants_that_are_no_numbers": Case(
        "opaque", "a = Constant<value = float[8] {1, 1, 1, 1, 1, 1, 1, 1}>() y = Mul(x, a)"
    ),
    "a_scale_a_channel": Case("affine", "y = Mul(x, w)", {"w": CHANNELS}),
    "a_shift_a_position": Case("affine", "y = Add(x, w)", {"w": (6, 8)}),
    "a_shift_an_element": Case("affine", "y = Add(w, x)", {"w": (1, 4, 6, 8)}),
    "a_scale_a_column": Case("opaque", "y = Mul(x, w)", {"w": (4, 1, 8)}),
    "learned_numbers_subtracted": Case("opaque", "y = Sub(x, w)", {"w": CHANNELS}),
    # products
    "scores_of_positions": Case(
        "linear matmul softmax matmul",
        "q = MatMul(x, w) t = Transpose<perm = [0, 2, 1]>(x) s = MatMul(q, t) p = Softmax(s) y = MatMul(p, x)",
        {"w": (8, 8)},
        "float[1,5,8] x",
        5 * 8 * 8 + 2 * 5 * 5 * 8,
    ),
    "scores_of_heads": Case(
        "linear reshape reshape matmul",
        ints("four", 1, 5, 2, 4)
        + "q = MatMul(x, w) h = Reshape(q, four) a = Transpose<perm = [0, 2, 1, 3]>(h) b = Transpose<perm = [0, 2, 3, 1]>(h) y = MatMul(a, b)",
        {"w": (8, 8)},
        "float[1,5,8] x",
        5 * 8 * 8 + 5 * 5 * 8,
    ),
    "scores_of_a_matrix": Case(
        "relu opaque",
        ints("at", 0)
        + "a = Relu(x) b = Transpose<perm = [0, 2, 1]>(x) c = Squeeze(b, at) y = MatMul(a, c)",
        {},
        "float[1,5,8] x",
        5 * 5 * 8,
    ),
    "indices_of_two": Case(
        "relu opaque",
        'a = Relu(x) y = Einsum<equation = "bic,bjc->bij">(x, a)',
        {},
        "float[1,5,8] x",
        5 * 5 * 8,
    ),
    "indices_over_heads": Case(
        "relu opaque",
        'a = Relu(x) y = Einsum<equation = "bhic,bhjc->bhij">(x, a)',
        {},
        "float[1,2,5,8] x",
        2 * 5 * 5 * 8,
    ),
    # what exporters spell out
    "mish": Case("mish", "s = Softplus(x) t = Tanh(s) y = Mul(x, t)"),
    "gelu_with_tanh": Case(
        "gelu",
        CUBED
        + number("three", 3)
        + "p = Pow(x, three) q = Mul(p, c) r = Add(x, q) s = Mul(r, root) t = Tanh(s) u = Add(t, one) v = Mul(x, u) y = Mul(v, half)",
    ),
    "gelu_with_a_product_of_three": Case(
        "gelu",
        CUBED
        + "p = Mul(x, x) z = Mul(p, x) q = Mul(z, c) r = Add(x, q) s = Mul(r, root) t = Tanh(s) u = Add(t, one) v = Mul(x, u) y = Mul(v, half)",
    ),
    "half_of_another_curve": Case(
        "sigmoid scale multiply scale",
        number("half", 0.5)
        + number("one", 1)
        + "s = Sigmoid(x) u = Add(s, one) v = Mul(x, u) y = Mul(v, half)",
    ),
    "half_of_erf_of_something_else": Case(
        "scale erf scale multiply scale",
        number("half", 0.5)
        + number("one", 1)
        + "d = Mul(x, half) s = Erf(d) u = Add(s, one) v = Mul(x, u) y = Mul(v, half)",
    ),
    "half_of_tanh_of_something_else": Case(
        "tanh scale multiply scale",
        number("half", 0.5)
        + number("one", 1)
        + "s = Tanh(x) u = Add(s, one) v = Mul(x, u) y = Mul(v, half)",
    ),
    "half_of_tanh_of_another_cube": Case(
        "power scale add scale tanh scale multiply scale",
        CUBED
        + number("three", 3)
        + number("c2", 0.5)
        + "p = Pow(x, three) q = Mul(p, c2) r = Add(x, q) s = Mul(r, root) t = Tanh(s) u = Add(t, one) v = Mul(x, u) y = Mul(v, half)",
    ),
    "a_sixth_of_something_else": Case(
        "relu scale", number("six", 6) + "a = Relu(x) y = Div(a, six)"
    ),
    "a_sixth_of_another_shift": Case(
        "scale relu6 scale",
        number("six", 6)
        + number("four", 4)
        + number("zero", 0)
        + "a = Add(x, four) b = Clip(a, zero, six) y = Div(b, six)",
    ),
    "layer_norm_by_the_reciprocal": Case(
        "layernorm",
        LAYER_NORM.format(
            square=number("two", 2) + "q = Pow(d, two)",
            last="i = Reciprocal(r) n = Mul(d, i) y = Mul(n, w)",
        ),
        {"w": (8,)},
        "float[1,6,8] x",
        opset=17,
    ),
    "layer_norm_with_two_differences": Case(
        "layernorm",
        LAYER_NORM.format(square="d2 = Sub(x, m) q = Mul(d2, d2)", last="y = Div(d, r)"),
        {},
        "float[1,6,8] x",
        opset=17,
    ),
    "a_deviation_of_something_else": Case(
        "globalavgpool subtract multiply globalavgpool scale sqrt divide",
        LAYER_NORM.format(square="q = Mul(x, x)", last="y = Div(d, r)"),
        {},
        "float[1,6,8] x",
        opset=17,
    ),
    "group_norm_by_an_instance_norm": Case(
        "groupnorm",
        ints("three", 1, 2, -1)
        + "a = Reshape(x, three) b = InstanceNormalization(a, ones, zeros) s = Shape(x) c = Reshape(b, s) d = Mul(c, w) y = Add(d, v)",
        {"w": CHANNELS, "v": CHANNELS},
    ),
    "a_length_that_keeps_no_axis": Case(
        "square reduce sqrt divide",
        ints("at", 1) + "a = ReduceL2<keepdims = 0>(x, at) b = Unsqueeze(a, at) y = Div(x, b)",
    ),
    "quotients_of_numbers": Case(
        "reciprocal opaque", number("one", 1) + number("two", 2) + "a = Div(one, x) y = Div(two, a)"
    ),
    "numbers_before_what_arrives": Case(
        "scale scale scale", number("two", 2) + "a = Add(two, x) b = Sub(two, a) y = Mul(two, b)"
    ),
    "local_response_norm": Case("lrn", ints("one", 1) + LRN),
    "a_power_of_another_mean": Case(
        "scale scale power divide",
        number("k", 1)
        + number("alpha", 0.5)
        + number("beta", 0.75)
        + "a = Mul(x, alpha) b = Add(a, k) c = Pow(b, beta) y = Div(x, c)",
    ),
    "a_convolution_and_its_bias_behind": Case(
        "conv", "c = Conv(x, w) y = Add(c, b)", {"w": (3, 4, 1, 1), "b": (1, 3, 1, 1)}, macs=48 * 12
    ),
    "a_convolution_and_a_shift_of_positions": Case(
        "conv affine",
        "c = Conv(x, w) y = Add(c, b)",
        {"w": (3, 4, 1, 1), "b": (6, 8)},
        macs=48 * 12,
    ),
    # order and shape
    "an_axis_put_in_and_taken_out": Case(
        "reshape conv reshape conv",
        ints("two", 2) + "a = Unsqueeze(x, two) b = Conv(a, w) c = Squeeze(b, two) y = Conv(c, v)",
        {"w": (3, 4, 1, 3), "v": (2, 3, 1)},
        "float[1,4,10] x",
        8 * (36 + 6),
    ),
    "positions_that_are_cut": Case(
        "conv reshape reshape conv",
        ints("s", 1, 3, 8, 8) + "a = Conv(x, w) b = Reshape(a, s) y = Conv(b, v)",
        {"w": (4, 4, 1, 1), "v": (2, 3, 1, 1)},
        macs=48 * 16 + 64 * 6,
    ),
    "channels_behind_channels_of_a_constant": Case(
        "opaque", "y = Concat<axis = 1>(x, w)", {"w": (1, 2, 6, 8)}
    ),
    "every_other_row": Case(
        "slice",
        ints("from", 0)
        + ints("to", 6)
        + ints("at", 2)
        + ints("by", 2)
        + "y = Slice(x, from, to, at, by)",
    ),
    "a_slice_of_older_files": Case(
        "slice", "y = Slice<starts = [1], ends = [3], axes = [1]>(x)", opset=9
    ),
    "a_split_of_channels_in_older_files": Case(
        "slice slice add", "a, b = Split<axis = 1, split = [2, 2]>(x) y = Add(a, b)", opset=11
    ),
    "a_sequence_of_single_channels": Case(
        "slice slice slice slice add",
        "zero = Constant<value = int64 {0}>() last = Constant<value = int64 {-1}>() l = SplitToSequence<axis = 1>(x) a = SequenceAt(l, zero) b = SequenceAt(l, last) y = Add(a, b)",
    ),
    "positions_in_another_order": Case(
        "opaque", ints("at", 2, 0, 1) + "y = Gather<axis = 2>(x, at)"
    ),
    "positions_in_two_rows": Case(
        "reshape conv",
        "i = Constant<value = int64[2, 3] {0, 1, 2, 3, 4, 5}>() g = Gather<axis = 2>(x, i) "
        + ints("s", 1, 8, 3, 8)
        + "r = Reshape(g, s) y = Conv(r, w)",
        {"w": (2, 8, 1, 1)},
        macs=24 * 16,
    ),
    "places_of_two_axes": Case(
        "opaque",
        "t = Transpose<perm = [2, 3, 0, 1]>(x) i = Constant<value = int64[3, 2] {0, 1, 5, 7, 2, 2}>() g = GatherND(t, i) y = Transpose<perm = [1, 2, 0]>(g)",
    ),
    "nothing_padded": Case("relu", ints("p", 0, 0, 0, 0, 0, 0, 0, 0) + "a = Relu(x) y = Pad(a, p)"),
    "edges_repeated": Case(
        "pad", ints("p", 0, 0, 1, 1, 0, 0, 1, 1) + 'y = Pad<mode = "edge">(x, p)'
    ),
    "channels_padded": Case("pad", ints("p", 0, 1, 0, 0, 0, 2, 0, 0) + "y = Pad(x, p)"),
    "resized_by_scales": Case(
        "upsample", "s = Constant<value_floats = [1.0, 1.0, 2.0, 2.0]>() y = Resize(x, , s)"
    ),
    "resized_by_scales_of_some_axes": Case(
        "upsample", "s = Constant<value_floats = [2.0, 3.0]>() y = Resize<axes = [2, 3]>(x, , s)"
    ),
    "resized_and_aligned": Case(
        "upsample",
        ints("s", 1, 4, 9, 10)
        + 'y = Resize<mode = "linear", coordinate_transformation_mode = "align_corners">(x, , , s)',
    ),
    "resized_to_its_own_size": Case(
        "relu", ints("s", 1, 4, 6, 8) + "a = Relu(x) y = Resize(a, , , s)"
    ),
    "pixels_of_channels": Case("pixel_shuffle", "y = DepthToSpace<blocksize = 2>(x)"),
    "channels_of_pixels": Case("pixel_unshuffle", "y = SpaceToDepth<blocksize = 2>(x)"),
    # the rest
    "a_branch_with_constants_of_its_own": Case(
        "scale",
        "c = Constant<value = bool {1}>() y = If(c)<then_branch = t () => (float[1,4,6,8] z) <float half = {0.5}> { z = Mul(x, half) }, "
        "else_branch = e () => (float[1,4,6,8] z) { z = Sigmoid(x) }>",
    ),
    "a_condition_of_what_arrives": Case("relu", "y = Relu(x)"),
}
NUMBERS = {"ones": 1.0, "zeros": 0.0}
"""What an exporter writes, two of each, for arrays that are not learned."""


def model(case: Case) -> Any:
    """Return the file of a case, its weights a half each."""
    arrays = {name: (shape, 0.5) for name, shape in case.weights.items()}
    arrays |= {name: ((2,), value) for name, value in NUMBERS.items() if name in case.ops}
    written = ", ".join(
        f"float[{', '.join(map(str, shape))}] {name} = {{{', '.join([str(value)] * prod(shape))}}}"
        for name, (shape, value) in arrays.items()
    )
    return onnx.parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : {case.opset}]> '
        f"g ({case.arriving}) => (float y) <{written}> {{ {case.ops} }}"
    )


def output(made: Any) -> list[int]:
    """Return the shape of what the reference evaluator makes of halves, and write it into the file."""
    (arriving,) = made.graph.input
    shape = [dim.dim_value for dim in arriving.type.tensor_type.shape.dim]
    (given,) = ReferenceEvaluator(made).run(None, {"x": numpy.full(shape, 0.5, numpy.float32)})
    for size in given.shape:
        made.graph.output[0].type.tensor_type.shape.dim.add().dim_value = size
    onnx.checker.check_model(made, full_check=True)
    return list(given.shape)


def told() -> tuple[dict[str, Any], dict[str, Any]]:
    """Write every graph; what onnx says of each, and its file."""
    facts: dict[str, Any] = {}
    files: dict[str, Any] = {}
    for name, case in CASES.items():
        made = model(case)
        facts[name] = {
            "rows": case.rows,
            "params": sum(map(prod, case.weights.values())),
            "macs": case.macs,
            "outputs": [output(made)],
        }
        files[name] = made.SerializeToString().decode("latin-1")
    return facts, files


if __name__ == "__main__":
    write("graphs", f"onnx {onnx.__version__}", *told())
