"""ONNX files byte by byte: fields that few exporters write, names that they make up, and what there is too much of."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import cnncalc
from cnncalc.models import onnx_messages, onnx_names, wire
from cnncalc.text.source import SpecError

from . import onnx_files as onnx
from .onnx_files import (
    Graph,
    attribute,
    described,
    integers,
    model,
    node,
    number,
    scalar,
    stretch,
    tensor,
    weights,
)

MAP = {"x": (1, 4, 6, 8)}
RELU = node("Relu", "x", "y")
W = weights("w", 3, 4, 1, 1)


def rows(folder: Path, data: bytes) -> list[tuple[str, str, tuple[int, ...]]]:
    report = cnncalc.load(onnx.write(folder, data)).report()
    return [(row.name, row.op, row.output) for row in report.rows[1:]]


def scopes(text: str) -> bytes:
    """What PyTorch's newer exporter writes beside a node."""
    return stretch(9, stretch(1, "pkg.torch.onnx.name_scopes") + stretch(2, text))


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (node("Relu", "x", "y", name="model/block/Relu_3"), "model/block"),
        (node("Relu", "x", "y", name="model/block/out"), "model/block/out"),
        (node("Relu", "x", "y", name="model/block/BiasAdd"), "model/block"),
        (node("Relu", "x", "y", name="Relu_12"), "relu1"),
        (node("Relu", "x", "y", name="first"), "first"),
        (node("Relu", "x", "y", name="/layer1/layer1.0/act/Relu"), "layer1/0/act"),
        (node("Relu", "x", "y", name="a" * 1001), "relu1"),
        (RELU + scopes("['', 'layer1', 'layer1.0', 'relu']"), "layer1/0"),
        (RELU + scopes("['relu']"), "relu1"),
        (RELU + stretch(5, stretch(1, "names") + stretch(9, "a") + stretch(9, "b") + number(20, 8)), "relu1"),
    ],
)  # fmt: skip
def test_the_name_of_a_row(made: bytes, name: str, tmp_path: Path) -> None:
    assert rows(tmp_path, model([made], inputs=MAP)) == [(name, "relu", (6, 8, 4))]


def test_ops_of_other_domains_are_stated(tmp_path: Path) -> None:
    data = model([RELU], inputs=MAP) + stretch(8, stretch(1, "ai.onnx.ml") + number(2, 3))
    assert rows(tmp_path, data) == [("relu1", "relu", (6, 8, 4))]


def test_an_op_of_fewer_inputs_than_it_has_is_what_arrives(tmp_path: Path) -> None:
    data = model([node("Div", "x", "a"), node("Relu", "a", "y")], inputs=MAP)
    assert rows(tmp_path, data) == [("relu1", "relu", (6, 8, 4))]


def test_a_pool_whose_padding_is_wider_than_half_of_it_is_padded_before(tmp_path: Path) -> None:
    pool = {"kernel_shape": (2, 2), "pads": (2, 2, 0, 0)}
    data = model([node("MaxPool", "x", "y", pool)], inputs=MAP)
    assert rows(tmp_path, data) == [("pad1", "pad", (8, 10, 4)), ("maxpool1", "maxpool", (7, 9, 4))]


@pytest.mark.parametrize(
    "nodes", [[node("Gather", "x i", "y", {"axis": 0})], [node("GatherND", "x j", "y")]]
)
def test_examples_of_a_batch_in_another_order_are_unknown(
    nodes: list[bytes], tmp_path: Path
) -> None:
    tensors = [integers("i", (1, 0, 1)), tensor("j", (3, 1), (1, 0, 1), onnx.INT64)]
    with pytest.raises(SpecError, match="it takes some examples of a batch"):
        cnncalc.load(onnx.write(tmp_path, model(nodes, tensors, {"x": (2, 4, 6, 8)})))


def branch(made: bytes, tensors: bytes = b"") -> Graph:
    """A branch, with a field that says nothing of the network."""
    return Graph(
        stretch(1, made)
        + number(99, 1)
        + tensors
        + stretch(3, "a branch")
        + stretch(12, described("z", ()))
    )


def test_a_branch_has_constants_of_its_own(tmp_path: Path) -> None:
    half = stretch(5, scalar("half", 0.5))
    given = {
        "then_branch": branch(node("Mul", "x half", "z"), half),
        "else_branch": branch(node("Sigmoid", "x", "z")),
    }
    for value, op in ((1, "scale"), (0, "sigmoid")):
        data = model([node("If", "c", "y", given)], [integers("c", (value,))], MAP)
        assert [kind for _, kind, _ in rows(tmp_path, data)] == [op]


def test_a_function_has_defaults_and_branches(tmp_path: Path) -> None:
    """A call that gives no stride takes the function's; a branch in it takes what arrives at the call."""
    strided = node("Conv", "in kernel", "t") + stretch(
        5, stretch(1, "strides") + stretch(21, "step") + number(20, 7)
    )
    chosen = node("If", "yes", "out", {"then_branch": branch(node("Relu", "t", "z"))})
    body = (
        stretch(1, "Block")
        + stretch(10, "local")
        + number(2, 1)
        + stretch(4, "in")
        + stretch(4, "kernel")
        + stretch(4, "yes")
    )
    body += (
        stretch(5, "out")
        + stretch(7, strided)
        + stretch(7, chosen)
        + stretch(11, attribute("step", (2, 2)))
    )
    data = model(
        [node("Block", "x w c", "y", domain="local")], [W, integers("c", (1,))], MAP
    ) + stretch(25, body)
    assert [row[1:] for row in rows(tmp_path, data)] == [("conv", (3, 4, 3)), ("relu", (3, 4, 3))]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (model([node("Sum", " ".join(["x"] * 4097), "y")]), "an op takes 4,097 tensors, above the limit of 4,096"),
        (model([RELU], [tensor("w", (1,) * 65)]), "'w' has more than 64 axes, the limit"),
        (model([RELU], [stretch(1, b"\x01" * 66) + stretch(8, "w")]), "there are more than 64 numbers at byte"),
        (model([RELU + stretch(5, stretch(1, "a") + stretch(7, b"12345"))]), "numbers, or a part of one, at byte"),
    ],
    ids=range(4),
)  # fmt: skip
def test_what_there_is_too_much_of(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        cnncalc.load(onnx.write(tmp_path, data))
    assert message in caught.value.problems[0].message


def test_a_row_of_floats_is_an_attribute(tmp_path: Path) -> None:
    """Upsample had its scales so in opset 7."""
    scales = stretch(
        5, stretch(1, "scales") + stretch(7, struct.pack("<4f", 1, 1, 2, 2)) + number(20, 6)
    )
    data = model([node("Upsample", "x", "y") + scales], inputs=MAP, opset=7)
    assert rows(tmp_path, data) == [("upsample1", "upsample", (12, 16, 4))]


@pytest.mark.parametrize(
    ("module", "limit", "value", "message"),
    [
        (wire, "MAX_FIELDS", 4, "there are more than 4 fields behind byte"),
        (onnx_names, "MAX_LAYERS", 1, "the ops lie in more than 1 scopes, the limit"),
    ],
)
def test_limits(
    module: object,
    limit: str,
    value: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, limit, value)
    data = model(
        [node("Relu", "x", "a", name="a/b/one"), node("Relu", "a", "y", name="c/d/two")], inputs=MAP
    )
    with pytest.raises(SpecError, match=message):
        cnncalc.load(onnx.write(tmp_path, data))


def test_what_was_touched_of_a_large_file_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind each so many bytes of weights; and the network is the same."""
    data = model(
        [node("Conv", "x w", "c"), node("Conv", "c v", "y")], [W, weights("v", 2, 3, 1, 1)], MAP
    )
    expected = rows(tmp_path, data)
    given_back = []

    def release(mapped: wire.Data) -> None:
        given_back.append(len(mapped))
        wire.release(mapped)

    monkeypatch.setattr(onnx_messages, "RELEASE_AFTER", 60)
    monkeypatch.setattr(onnx_messages, "release", release)
    assert rows(tmp_path, data) == expected
    assert given_back == [
        len(data)
    ]  # once: the first array has 48 bytes and its head, the second 24
