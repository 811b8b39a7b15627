"""ONNX files: what is read, what is folded away, what is recognised, and files that are no such thing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from extent import allowed

import cnncalc
from cnncalc.text.source import SpecError

from . import make_onnx
from . import onnx_files as onnx
from .onnx_files import integers, model, node, scalar, tensor, weights

Row = tuple[str, str, tuple[int, ...]]


def load(tmp_path: Path, data: bytes) -> cnncalc.Network:
    return cnncalc.load(onnx.write(tmp_path, data))


def rows(network: cnncalc.Network) -> list[Row]:
    """The layers' names, ops and outputs, without the input."""
    return [(row.name, row.op, row.output) for row in network.report().rows[1:]]


def kinds(network: cnncalc.Network) -> list[str]:
    return [op for _, op, _ in rows(network)]


def notes(network: cnncalc.Network) -> list[str]:
    return [note.message for note in network.notes()]


CONV = {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1), "strides": (2, 2)}


# ---- layers ---------------------------------------------------------------------------------------------------------


def test_a_small_network(tmp_path: Path) -> None:
    network = load(
        tmp_path,
        model(
            [
                node("Conv", "x w b", "c", CONV, "/conv/Conv"),
                node("BatchNormalization", "c s t m v", "n", {}, "/bn/BatchNormalization"),
                node("Relu", "n", "r", {}, "/act/Relu"),
                node("GlobalAveragePool", "r", "p", {}, "/pool/GlobalAveragePool"),
                node("Flatten", "p", "f", {}, "/Flatten"),
                node("Gemm", "f fw fb", "y", {"transB": 1}, "/fc/Gemm"),
            ],
            [
                weights("w", 8, 3, 3, 3),
                *(weights(name, 8) for name in "bstmv"),
                weights("fw", 10, 8),
                weights("fb", 10),
            ],
        ),
    )
    assert rows(network) == [
        ("conv", "conv", (16, 16, 8)),
        ("bn", "bn", (16, 16, 8)),
        ("act", "relu", (16, 16, 8)),
        ("pool", "globalavgpool", (1, 1, 8)),
        ("flatten1", "flatten", (8,)),
        ("fc", "fc", (10,)),
    ]
    totals = network.report().totals
    assert totals.params == (8 * 3 * 3 * 3 + 8) + 2 * 8 + (10 * 8 + 10)
    assert totals.macs == 16 * 16 * 8 * 3 * 3 * 3 + 80


@pytest.mark.parametrize(
    ("attributes", "output"),
    [
        ({"auto_pad": "SAME_UPPER", "strides": (2, 2)}, (16, 16, 4)),
        ({"auto_pad": "SAME_LOWER", "strides": (2, 2)}, (16, 16, 4)),
        ({"auto_pad": "VALID", "strides": (2, 2)}, (15, 15, 4)),
        ({"pads": (0, 0, 1, 1), "strides": (2, 2)}, (16, 16, 4)),
        ({"dilations": (2, 3)}, (28, 26, 4)),
    ],
)
def test_padding_in_all_its_forms(
    tmp_path: Path, attributes: dict[str, Any], output: tuple[int, ...]
) -> None:
    network = load(
        tmp_path, model([node("Conv", "x w", "y", attributes)], [weights("w", 4, 3, 3, 3)])
    )
    assert rows(network) == [("conv1", "conv", output)]


def test_same_lower_puts_the_odd_position_before(tmp_path: Path) -> None:
    at: dict[str, Any] = {}
    for mode in ("SAME_LOWER", "SAME_UPPER"):
        data = model(
            [node("Conv", "x w", "y", {"auto_pad": mode, "strides": (2, 2)})],
            [weights("w", 4, 3, 3, 3)],
        )
        at[mode] = load(tmp_path, data).report().rows[1].start
    assert at["SAME_UPPER"][0] - at["SAME_LOWER"][0] == 1


def test_a_bias_of_zeros_that_the_exporter_makes_up_is_no_parameter(tmp_path: Path) -> None:
    network = load(
        tmp_path,
        model(
            [
                node("Shape", "w", "filters", {"start": 0, "end": 1}),
                node("CastLike", "zero x", "like"),
                node("Expand", "like filters", "zeros"),
                node("Conv", "x w zeros", "y", CONV),
            ],
            [weights("w", 8, 3, 3, 3), scalar("zero", 0.0)],
        ),
    )
    assert network.report().totals.params == 8 * 3 * 3 * 3


def test_weights_of_old_files_are_parameters(tmp_path: Path) -> None:
    """Weights in ConstantOfShape, initializers listed as inputs, Sum, and a Reshape with the batch in it."""
    network = load(
        tmp_path,
        model(
            [
                node("ConstantOfShape", "w_shape", "w"),
                node("ConstantOfShape", "b_shape", "b"),
                node("Conv", "x w b", "c"),
                node("Sum", "c c", "s"),
                node("Reshape", "s flat", "f"),
                node("Gemm", "f fw fb", "y", {"transB": 1}),
            ],
            [
                integers("w_shape", (4, 3, 1, 1)),
                integers("b_shape", (4,)),
                integers("flat", (1, 4096)),
                weights("fw", 2, 4096),
                weights("fb", 2),
            ],
            {"x": (1, 3, 32, 32), "w_shape": (4,), "fw": (2, 4096), "fb": (2,)},
            opset=9,
        ),
    )
    assert kinds(network) == ["conv", "add", "flatten", "fc"]
    assert network.report().totals.params == (4 * 3 + 4) + (2 * 4096 + 2)


def test_equal_weights_that_the_exporter_merged_are_counted_each(tmp_path: Path) -> None:
    data = model(
        [
            node("Identity", "a.weight", "b.weight"),
            node("Conv", "x a.weight", "c"),
            node("Conv", "c b.weight", "d"),
            node("Conv", "d a.weight", "y"),
        ],
        [weights("a.weight", 3, 3, 1, 1)],
    )
    report = load(tmp_path, data).report()
    assert [row.name for row in report.rows[1:]] == ["a", "b", "a_2"]
    assert [row.params for row in report.rows[1:]] == [9, 9, 0]  # the last shares a's


def test_channels_last_between_transposes(tmp_path: Path) -> None:
    """As tf2onnx writes it: what arrives is turned to channels first, and back."""
    network = load(
        tmp_path,
        model(
            [
                node("Transpose", "x", "t", {"perm": (0, 3, 1, 2)}),
                node("Pad", "t pads", "padded"),
                node("Conv", "padded w", "c", {"strides": (2, 2)}),
                node("Transpose", "c", "back", {"perm": (0, 2, 3, 1)}),
                node("ReduceMean", "back", "m", {"axes": (1, 2), "keepdims": 0}),
                node("MatMul", "m fw", "h"),
                node("Add", "fb h", "y"),
            ],
            [
                integers("pads", (0, 0, 1, 1, 0, 0, 1, 1)),
                weights("w", 8, 3, 3, 3),
                weights("fw", 8, 10),
                weights("fb", 10),
            ],
            {"x": ("N", 20, 24, 3)},
            opset=13,
        ),
    )
    assert network.graph.input == (20, 24, 3)
    assert rows(network)[:2] == [("pad1", "pad", (22, 26, 3)), ("conv1", "conv", (10, 12, 8))]
    assert kinds(network)[2:] == ["globalavgpool", "fc"]
    assert network.report().totals.params == 8 * 3 * 9 + 8 * 10 + 10


@pytest.mark.parametrize("axes", [(2, 3), (3, 2), (-1, -2), (-2, 3)])
@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("as_input", [True, False])
def test_a_mean_over_the_space_is_a_global_pool(
    tmp_path: Path, axes: tuple[int, int], keep: int, as_input: bool
) -> None:
    attributes: dict[str, Any] = (
        {"keepdims": keep} if as_input else {"keepdims": keep, "axes": axes}
    )
    mean = node("ReduceMean", "x axes" if as_input else "x", "m", attributes)
    network = load(
        tmp_path,
        model(
            [mean, node("Flatten", "m", "f"), node("Gemm", "f w", "y", {"transB": 1})],
            [weights("w", 5, 3), *([integers("axes", axes)] if as_input else [])],
        ),
    )
    assert [op for op in kinds(network) if op != "flatten"] == ["globalavgpool", "fc"]


def test_sizes_that_the_file_leaves_open_are_given(tmp_path: Path) -> None:
    data = model(
        [node("Conv", "x w", "y", CONV)],
        [weights("w", 4, 3, 3, 3)],
        {"x": ("N", 3, "height", "width")},
    )
    path = onnx.write(tmp_path, data)
    assert cnncalc.load(path, input=(20, 30)).report().rows[-1].output == (10, 15, 4)
    with pytest.raises(SpecError, match="cnncalc needs every size"):
        cnncalc.load(path)


# ---- what exporters spell out ----------------------------------------------------------------------------------------

HALF, ONE, ROOT = scalar("half", 0.5), scalar("one", 1.0), scalar("root", 2**0.5)
THREE, SIX, ZERO = scalar("three", 3.0), scalar("six", 6.0), scalar("zero", 0.0)
ERF = [node("Div", "x root", "d"), node("Erf", "d", "e"), node("Add", "e one", "a")]
SHIFTED = [node("Add", "x three", "p"), node("Clip", "p zero six", "q")]


@pytest.mark.parametrize(
    ("nodes", "kind"),
    [
        ([node("Sigmoid", "x", "s"), node("Mul", "x s", "y")], "silu"),
        ([node("Sigmoid", "x", "s"), node("Mul", "s x", "y")], "silu"),
        ([node("HardSigmoid", "x", "s", {"alpha": 1 / 6}), node("Mul", "x s", "y")], "hardswish"),
        ([*SHIFTED, node("Mul", "x q", "m"), node("Div", "m six", "y")], "hardswish"),
        ([*SHIFTED, node("Div", "q six", "g"), node("Mul", "x g", "y")], "hardswish"),
        ([*SHIFTED, node("Div", "q six", "y")], "hardsigmoid"),
        ([*ERF, node("Mul", "x a", "m"), node("Mul", "m half", "y")], "gelu"),
        ([*ERF, node("Mul", "half x", "m"), node("Mul", "m a", "y")], "gelu"),
        ([*ERF, node("Mul", "half a", "m"), node("Mul", "x m", "y")], "gelu"),
        ([node("Gelu", "x", "y")], "gelu"),
        ([node("Clip", "x zero six", "y")], "relu6"),
        ([node("Clip", "x zero -", "y")], "relu"),
        ([node("Clip", "x", "y", {"min": 0.0, "max": 6.0})], "relu6"),
    ],
)
def test_activations_that_are_spelt_out(tmp_path: Path, nodes: Sequence[bytes], kind: str) -> None:
    data = model(nodes, [HALF, ONE, ROOT, THREE, SIX, ZERO], opset=11)
    assert kinds(load(tmp_path, data)) == [kind]


def test_a_sigmoid_that_something_else_uses_stays(tmp_path: Path) -> None:
    data = model([node("Sigmoid", "x", "s"), node("Mul", "x s", "y")], outputs=("y", "s"))
    assert kinds(load(tmp_path, data)) == ["sigmoid", "multiply"]


@pytest.mark.parametrize("target", ["constant", "arithmetic"])
def test_a_channel_shuffle(tmp_path: Path, target: str) -> None:
    """Five axes from a constant, or from Shape, Gather, Div, Unsqueeze and Concat."""
    spelt = [
        node("Shape", "x", "s"),
        node("Gather", "s one_at", "c"),
        node("Div", "c two", "half_c"),
        node("Unsqueeze", "half_c first", "h1"),
        node("Concat", "n2 h1 hw", "five", {"axis": 0}),
    ]
    data = model(
        [
            *(spelt if target == "arithmetic" else []),
            node("Reshape", "x five", "r"),
            node("Transpose", "r", "t", {"perm": (0, 2, 1, 3, 4)}),
            node("Reshape", "t four", "y"),
        ],
        [
            *([integers("five", (1, 2, 4, 7, 7))] if target == "constant" else []),
            integers("four", (1, -1, 7, 7)),
            tensor("one_at", (), (1,), onnx.INT64),
            tensor("two", (), (2,), onnx.INT64),
            integers("first", (0,)),
            integers("n2", (1, 2)),
            integers("hw", (7, 7)),
        ],
        {"x": (1, 8, 7, 7)},
    )
    network = load(tmp_path, data)
    assert rows(network) == [("shuffle1", "shuffle", (7, 7, 8))]
    assert network.graph.nodes[1].op.groups == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "halves",
    [
        [node("Split", "x", "a b", {"axis": 1})],
        [node("Split", "x sizes", "a b", {"axis": 1})],
        [
            node("SplitToSequence", "x four", "list", {"axis": 1}),
            node("SequenceAt", "list zero_at", "a"),
            node("SequenceAt", "list one_at", "b"),
        ],
        [node("Slice", "x begin middle axis", "a"), node("Slice", "x middle end axis", "b")],
    ],
)
def test_a_chunk_in_its_several_forms(tmp_path: Path, halves: Sequence[bytes]) -> None:
    data = model(
        [*halves, node("Concat", "b a", "y", {"axis": 1})],
        [
            integers("sizes", (4, 4)),
            tensor("four", (), (4,), onnx.INT64),
            tensor("zero_at", (), (0,), onnx.INT64),
            tensor("one_at", (), (1,), onnx.INT64),
            integers("begin", (0,)),
            integers("middle", (4,)),
            integers("end", (2**63 - 1,)),
            integers("axis", (1,)),
        ],
        {"x": (1, 8, 7, 7)},
    )
    network = load(tmp_path, data)
    assert kinds(network) == ["slice", "slice", "concat"]
    assert [node.op.channels for node in network.graph.nodes[1:3]] == [(0, 4), (4, 8)]  # type: ignore[attr-defined]


def test_a_negative_padding_takes_positions_away(tmp_path: Path) -> None:
    pads = integers("pads", (0, 0, -1, 2, 0, 0, -3, 0))
    network = load(tmp_path, model([node("Pad", "x pads", "y")], [pads], {"x": (1, 8, 14, 14)}))
    assert rows(network) == [("slice1", "slice", (10, 14, 8)), ("pad1", "pad", (10, 16, 8))]


def test_a_map_is_resized_after_its_channels_became_positions(tmp_path: Path) -> None:
    """A pixel shuffle spelt out by Reshape, Transpose and Reshape."""
    data = model(
        [
            node("Reshape", "x six", "r"),
            node("Transpose", "r", "t", {"perm": (0, 1, 4, 2, 5, 3)}),
            node("Reshape", "t four", "s"),
            node("Resize", "s - - sizes", "y", {"mode": "linear"}),
        ],
        [
            integers("six", (1, 2, 2, 2, 7, 7)),
            integers("four", (1, 2, 14, 14)),
            integers("sizes", (1, 2, 20, 28)),
        ],
        {"x": (1, 8, 7, 7)},
    )
    assert rows(load(tmp_path, data))[-1][1:] == ("upsample", (20, 28, 2))


def test_squeeze_and_excitation_multiplies_a_map_by_its_gates(tmp_path: Path) -> None:
    data = model(
        [
            node("GlobalAveragePool", "x", "p"),
            node("Conv", "p w1", "c1"),
            node("Relu", "c1", "r"),
            node("Conv", "r w2", "c2"),
            node("HardSigmoid", "c2", "g", {"alpha": 1 / 6}),
            node("Mul", "g x", "y"),
        ],
        [weights("w1", 2, 8, 1, 1), weights("w2", 8, 2, 1, 1)],
        {"x": (1, 8, 7, 7)},
    )
    network = load(tmp_path, data)
    assert kinds(network)[-2:] == ["hardsigmoid", "multiply"]
    assert network.report().rows[-1].output == (7, 7, 8)


def test_a_layer_norm_that_is_spelt_out(tmp_path: Path) -> None:
    data = model(
        [
            node("Transpose", "x", "t", {"perm": (0, 2, 3, 1)}),
            node("ReduceMean", "t", "m", {"axes": (-1,)}),
            node("Sub", "t m", "d"),
            node("Pow", "d two", "q"),
            node("ReduceMean", "q", "v", {"axes": (-1,)}),
            node("Add", "v eps", "e"),
            node("Sqrt", "e", "r"),
            node("Div", "d r", "n"),
            node("Mul", "n g", "s"),
            node("Add", "s b", "y"),
        ],
        [scalar("two", 2.0), scalar("eps", 1e-5), weights("g", 16), weights("b", 16)],
        {"x": (1, 16, 7, 7)},
        opset=13,
    )
    network = load(tmp_path, data)
    assert rows(network) == [("layernorm1", "layernorm", (7, 7, 16))]
    assert network.report().totals.params == 32


@pytest.mark.parametrize(("size", "kind"), [(32, "relu"), (33, "sigmoid")])
def test_the_branch_of_a_condition_on_shapes_is_taken(tmp_path: Path, size: int, kind: str) -> None:
    branches = {
        "then_branch": onnx.graph([node("Relu", "x", "r")], ["r"]),
        "else_branch": onnx.graph([node("Sigmoid", "x", "s")], ["s"]),
    }
    data = model(
        [
            node("Shape", "x", "shape"),
            node("Gather", "shape at", "height"),
            node("Equal", "height wanted", "same"),
            node("If", "same", "y", branches),
        ],
        [tensor("at", (), (2,), onnx.INT64), tensor("wanted", (), (size,), onnx.INT64)],
    )
    assert kinds(load(tmp_path, data)) == [kind]


def test_graphs_within_graphs_have_an_end(tmp_path: Path) -> None:
    inner = onnx.graph([node("Relu", "x", "y")], ["y"])
    for _ in range(100):
        inner = onnx.graph([node("If", "c", "y", {"then_branch": inner})], ["y"])
    message = problem_of(tmp_path, model([node("If", "c", "y", {"then_branch": inner})]))
    assert "deeper than the limit of 8" in message


def test_an_op_of_somebodys_own_is_a_row_that_says_so(tmp_path: Path) -> None:
    data = model(
        [node("Foo", "x w", "f", domain="com.acme"), node("Relu", "f", "y")],
        [weights("w", 5, 3)],
        values=[onnx.described("f", (1, 6, 16, 16))],
    )
    report = load(tmp_path, data).report()
    assert [(row.op, row.output) for row in report.rows[1:]] == [
        ("unknown", (16, 16, 6)),
        ("relu", (16, 16, 6)),
    ]
    assert (report.rows[1].of, report.rows[1].unknown) == ("com.acme:Foo", ("macs", "ops"))
    assert report.totals.params == 15


# ---- attention -------------------------------------------------------------------------------------------------------


def test_attention_of_two_heads(tmp_path: Path) -> None:
    """9 tokens of 8 values: projections 9·8·24 and 9·8·8, scores and values 2 heads · 9·9·4 each."""
    data = model(
        [
            node("MatMul", "x qkv_w", "m"),
            node("Add", "qkv_b m", "qkv"),
            node("Reshape", "qkv five", "r"),
            node("Transpose", "r", "t", {"perm": (2, 0, 3, 1, 4)}),
            node("Gather", "t i0", "q"),
            node("Gather", "t i1", "k"),
            node("Gather", "t i2", "v"),
            node("Transpose", "k", "kt", {"perm": (0, 1, 3, 2)}),
            node("MatMul", "q kt", "scores"),
            node("Div", "scores two", "scaled"),
            node("Softmax", "scaled", "p", {"axis": -1}),
            node("MatMul", "p v", "heads"),
            node("Transpose", "heads", "ht", {"perm": (0, 2, 1, 3)}),
            node("Reshape", "ht three", "joined"),
            node("MatMul", "joined out_w", "y"),
        ],
        [
            weights("qkv_w", 8, 24),
            weights("qkv_b", 24),
            weights("out_w", 8, 8),
            integers("five", (1, 9, 3, 2, 4)),
            integers("three", (1, 9, 8)),
            scalar("two", 2.0),
            *(tensor(f"i{at}", (), (at,), onnx.INT64) for at in range(3)),
        ],
        {"x": (1, 9, 8)},
    )
    network = load(tmp_path, data)
    totals = network.report().totals
    assert totals.params == 8 * 24 + 24 + 8 * 8
    assert totals.macs == 9 * 8 * 24 + 2 * (2 * 9 * 9 * 4) + 9 * 8 * 8
    assert network.report().rows[-1].output == (9, 8)


def test_the_file_that_the_documents_show() -> None:
    path = Path(__file__).parent / "files" / "small.onnx"
    assert path.read_bytes() == make_onnx.small()
    report = cnncalc.load(path).report()
    assert report.totals.params == (16 * 27 + 16) + (4 * 16 + 4) + (16 * 4 + 16) + (10 * 16 + 10)
    assert [row.op for row in report.rows if "se/" in row.name] == [
        "globalavgpool", "conv", "relu", "conv", "sigmoid", "multiply"
    ]  # fmt: skip


# ---- notes and unknown ops -------------------------------------------------------------------------------------------


def test_weights_that_nothing_uses_are_noted(tmp_path: Path) -> None:
    data = model(
        [node("Relu", "x", "y"), node("Conv", "x aux.weight", "unused")],
        [weights("aux.weight", 8, 3, 1, 1)],
    )
    network = load(tmp_path, data)
    assert kinds(network) == ["relu"]
    assert notes(network) == ["24 parameters in the file are used by nothing: aux"]


def test_batch_norm_that_was_folded_is_noted(tmp_path: Path) -> None:
    data = model(
        [node("Conv", "x onnx::Conv_1 onnx::Conv_2", "y")],
        [weights("onnx::Conv_1", 8, 3, 1, 1), weights("onnx::Conv_2", 8)],
    )
    (note,) = notes(load(tmp_path, data))
    assert note.startswith("batch norm was folded into 1 convolution")


def function(name: str, inputs: str, outputs: str, nodes: Sequence[bytes]) -> bytes:
    """A FunctionProto in a ModelProto, of the domain `local`."""
    return onnx.stretch(
        25,
        onnx.stretch(1, name)
        + b"".join(onnx.stretch(4, word) for word in inputs.split())
        + b"".join(onnx.stretch(5, word) for word in outputs.split())
        + b"".join(onnx.stretch(7, inner) for inner in nodes)
        + onnx.stretch(10, "local"),
    )


def strided(inner: bytes, name: str, of: str) -> bytes:
    """An op of a function with an attribute that is the function's own."""
    reference = onnx.stretch(1, name) + onnx.number(20, 7) + onnx.stretch(21, of)
    return inner + onnx.stretch(5, reference)


def test_a_function_of_the_file_is_entered(tmp_path: Path) -> None:
    """Each call has its own weights and stride; the tensors within do not meet."""
    data = model(
        [
            node("Block", "x w1", "a", {"step": (2, 2)}, domain="local"),
            node("Block", "a w2", "y", {"step": (1, 1)}, domain="local"),
        ],
        [weights("w1", 4, 3, 3, 3), weights("w2", 8, 4, 3, 3)],
    )
    conv = strided(node("Conv", "arriving kernel", "t"), "strides", "step")
    data += function("Block", "arriving kernel", "made", [conv, node("Relu", "t", "made")])
    report = load(tmp_path, data).report()
    assert [row.output for row in report.rows[1:]] == [(15, 15, 4)] * 2 + [(13, 13, 8)] * 2
    assert report.totals.params == 4 * 3 * 9 + 8 * 4 * 9


def test_a_function_that_gives_back_what_it_takes(tmp_path: Path) -> None:
    data = model([node("Both", "x", "a b", domain="local"), node("Add", "a b", "y")])
    data += function("Both", "taken", "taken made", [node("Relu", "taken", "made")])
    assert [row.op for row in load(tmp_path, data).report().rows[1:]] == ["relu", "add"]


def test_functions_that_call_one_another_have_an_end(tmp_path: Path) -> None:
    data = model([node("Round", "x", "y", domain="local")])
    circle = function("Round", "a", "b", [node("Round", "a", "b", domain="local")])
    assert "deeper than the limit of 8" in problem_of(tmp_path, data + circle)
    levels = [
        function(f"F{at}", "a", "b", [node(f"F{at + 1}", "a", "b", domain="local")] * 30)
        for at in range(7)
    ]
    data = model([node("F0", "x", "y", domain="local")])
    start = time.process_time()
    message = problem_of(tmp_path, data + b"".join(levels) + function("F7", "a", "b", []))
    assert "more than 20,000 ops, the limit" in message
    assert time.process_time() - start < allowed(2)


@pytest.mark.parametrize(
    ("op", "kinds"),
    [
        ("ReduceL2", ["square", "reduce", "sqrt"]),
        ("ReduceL1", ["abs", "reduce"]),
        ("ReduceLogSumExp", ["exp", "reduce", "log"]),
    ],
)
def test_a_reduction_of_functions(op: str, kinds: list[str], tmp_path: Path) -> None:
    data = model([node(op, "x axes", "y")], [integers("axes", (1,))])
    rows = load(tmp_path, data).report().rows[1:]
    assert [row.op for row in rows] == kinds
    assert rows[-1].output == (32, 32, 1)


def test_a_division_by_the_length_is_a_unit_norm(tmp_path: Path) -> None:
    """As PyTorch writes `normalize`: the length is kept from 0 and laid over what is divided."""
    nodes = [
        node("ReduceL2", "x axes", "length", {"keepdims": 1}),
        node("Clip", "length least -", "kept"),
        node("Shape", "x", "sizes"),
        node("Expand", "kept sizes", "wide"),
        node("Div", "x wide", "y"),
    ]
    data = model(nodes, [integers("axes", (1,)), scalar("least", 1e-12)])
    (_, row) = load(tmp_path, data).report().rows
    assert (row.op, row.output) == ("unitnorm", (32, 32, 3))


def test_an_adaptive_pool_by_indices(tmp_path: Path) -> None:
    """As PyTorch writes one that does not divide: 32 positions to 5, in windows of up to 8."""
    nodes = [
        node("Transpose", "x", "first", {"perm": (2, 3, 0, 1)}),
        node("GatherND", "first indices", "windows"),
        node("Transpose", "windows", "placed", {"perm": (4, 5, 0, 1, 2, 3)}),
        node("ReduceMean", "placed axes", "y", {"keepdims": 0}),
    ]
    indices = tensor("indices", (5, 8, 5, 8, 2), None, onnx.INT64)
    data = model(nodes, [indices, integers("axes", (-3, -1))])
    (_, row) = load(tmp_path, data).report().rows
    assert (row.op, row.output) == ("adaptiveavgpool", (5, 5, 3))


# ---- what is no such file --------------------------------------------------------------------------------------------

RELU = [node("Relu", "x", "y")]


def problem_of(tmp_path: Path, data: bytes) -> str:
    with pytest.raises(SpecError) as caught:
        load(tmp_path, data)
    return caught.value.problems[0].message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            model([node("Relu", "b", "a"), node("Relu", "a", "b"), *RELU], outputs=("y", "b")),
            "the graph goes in a circle here",
        ),
        (
            model([node("Relu", "nowhere", "y")]),
            "it takes 'nowhere', which nothing in the graph makes",
        ),
        (
            model([node("Conv", "x w", "y")], [tensor("w", (8, -3, 1, 1))]),
            "'w' has the sizes 8x-3x1x1",
        ),
        (
            model([node("Conv", "x w", "y")], [tensor("w", (2**63 - 1, 3, 1, 1))]),
            "'w' has the sizes 9223372036854775807x3x1x1",
        ),
        (
            model(RELU, inputs={"x": (1, 3, "height", 7)}),
            "x: its shape is ?x7x3, and cnncalc needs every size",
        ),
        (model(RELU, inputs={"x": (1, 3, 0, 7)}), "x: the shape 0x7x3 has a size"),
        (
            model([node("Conv", "x w", "y")], [weights("w", 8, 4, 1, 1)]),
            "Conv: its weights take 4 channels, but 3 arrive",
        ),
        (
            model([node("Reshape", "x s", "y")], [integers("s", (1, 7))]),
            "Reshape (y): Reshape cannot be counted: 1x3x32x32 cannot become 1x7",
        ),
        (
            model([node("Loop", "x", "y")]),
            "Loop (y): Loop cannot be counted: its graph runs as often as the network decides",
        ),
        (onnx.number(1, 8), "the file holds no graph"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, data: bytes, message: str) -> None:
    assert message in problem_of(tmp_path, data)


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = model(
        [node("Conv", "x w", "c", CONV, "conv"), node("Relu", "c", "y")], [weights("w", 4, 3, 3, 3)]
    )
    for size in range(1, len(whole) - 5, 7):
        problem_of(tmp_path, whole[:size])


def test_bytes_that_are_changed_are_refused_or_read(tmp_path: Path) -> None:
    """Whatever a byte is changed to, there is a network or an error of ours."""
    whole = model(
        [node("Conv", "x w", "c", CONV), node("Relu", "c", "y")], [weights("w", 2, 3, 3, 3)]
    )
    for at in range(1, len(whole)):
        for byte in (0x00, 0x7F, 0xFF, whole[at] ^ 0x10):
            try:
                load(tmp_path, whole[:at] + bytes([byte]) + whole[at + 1 :]).report()
            except SpecError:
                continue


def test_a_million_ops_are_refused_at_once(tmp_path: Path) -> None:
    chain = [node("Relu", f"t{at}", f"t{at + 1}") for at in range(1000)]
    data = model(chain * 1000, inputs={"t0": (1, 3, 8, 8)})
    start = time.process_time()
    message = problem_of(tmp_path, data)
    assert "more than 20,000 ops, the limit" in message
    assert time.process_time() - start < allowed(5)


def growing(op: str, times: int) -> list[bytes]:
    """A chain of ops each of which takes the one before twice."""
    return [node(op, f"c{at} c{at}", f"c{at + 1}", {"axis": 0}) for at in range(times)]


@pytest.mark.parametrize(
    "data",
    [
        model([*growing("Mul", 60), node("Reshape", "x c60", "y")], [integers("c0", (2**62,) * 2)]),
        model([*growing("Concat", 60), node("Reshape", "x c60", "y")], [integers("c0", (1, 2))]),
        model(
            [*growing("Mul", 9000), node("Add", "x c9000", "y")],
            [tensor("c0", (1, 64), [1.0] * 64)],
        ),
        model(
            [node("ConstantOfShape", "s", "w"), node("Conv", "x w", "y")],
            [integers("s", (10**12, 3, 10**12, 10**12))],
        ),
        model(
            [node("Range", "a b c", "r"), node("Add", "x r", "y")],
            [
                tensor(name, (), (value,), onnx.INT64)
                for name, value in zip("abc", (0, 2**62, 1), strict=True)
            ],
        ),
        model(
            [node("SplitToSequence", "x s", "y", {"axis": 1})],
            [tensor("s", (), (1,), onnx.INT64)],
            {"x": (1, 10**9, 8, 8)},
        ),
        model(
            [node("Relu", "x", "y", name="/" + "a/" * 30_000)], inputs={"x": (1, 3, 10**12, 10**13)}
        ),
    ],
)
def test_what_grows_without_end_is_refused_at_once(tmp_path: Path, data: bytes) -> None:
    start = time.process_time()
    problem_of(tmp_path, data)
    assert time.process_time() - start < allowed(5)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_weights_cost_no_memory(tmp_path: Path) -> None:
    """A file of 300 MB with its weights inside is read in less than 100 MB in all."""
    rows, columns = 4096, 19200
    size = rows * columns * 4
    head = b"".join(onnx.number(1, axis) for axis in (rows, columns)) + onnx.number(2, onnx.FLOAT)
    head += onnx.stretch(8, "w")
    declared = onnx.varint(9 << 3 | 2) + onnx.varint(size)
    big = onnx.varint(5 << 3 | 2) + onnx.varint(len(head) + len(declared) + size) + head + declared
    graph = (
        onnx.stretch(1, node("Gemm", "x w", "y", {"transB": 1}))
        + onnx.stretch(11, onnx.described("x", (1, columns)))
        + onnx.stretch(12, onnx.described("y", ()))
    )
    path = tmp_path / "big.onnx"
    with path.open("wb") as file:
        file.write(
            onnx.number(1, 8) + onnx.varint(7 << 3 | 2) + onnx.varint(len(graph + big) + size)
        )
        file.write(graph + big)
        file.truncate(file.tell() + size)
    script = (
        "import sys, cnncalc\n"
        "report = cnncalc.load(sys.argv[1]).report()\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(report.totals.params, status['VmHWM'].split()[0])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    params, peak = map(int, ran.stdout.split())
    assert params == rows * columns
    assert peak < 100_000  # KiB
