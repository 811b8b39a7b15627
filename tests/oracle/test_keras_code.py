"""What cnncalc writes as Keras code, run: every layer of it is that of the report, and its JSON reads back the same.

A layer that pads, crops or flattens beside another, whose name it has with `_pad`, `_crop`, ... behind it, is not
compared, for a report has no row of it; nor is a function that pads with the least value before a max pool.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from math import prod
from pathlib import Path
from typing import Any

import pytest

import cnncalc

from .conftest import require
from .written import SAME_VALUES, facts, main_rows, run_code, torch_values, tried_networks

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = require("keras")
torch = require("torch")

sys.setrecursionlimit(20_000)  # Keras walks a model of 1,000 layers by a function that calls itself

UNNAMED = {"slice", "pad", "abs", "divide", "reduce", "matmul"}
"""Ops that Keras has as functions, which take no name."""


def build(net: cnncalc.Network, device: str = "meta") -> Any:
    """The model that the last function of the code makes, its arrays without values."""
    made = [
        value
        for value in run_code(net, "keras").values()
        if getattr(value, "__module__", "") == "written" and not isinstance(value, type)
    ]
    with keras.device(device):
        return made[-1]()


def sizes(arrays: Any) -> int:
    return sum(prod(array.shape) for array in arrays if "seed" not in array.path)


def shape(sizes: Any) -> tuple[int, ...]:
    return tuple(size for size in sizes if size != 1)


def read_back(model: Any, folder: Path) -> cnncalc.Network:
    """The network that the model's JSON is."""
    path = folder / "model.json"
    path.write_text(model.to_json())
    return cnncalc.load(path)


def own_rows(net: cnncalc.Network, rows: dict[str, cnncalc.Row]) -> list[cnncalc.Row]:
    """The rows of a network read back that are rows of the one that was written too."""
    beside = {f"{name}_{word}" for name in rows for word in ("pad", "crop", "flatten", "reshape")}
    pads = any(row.op == "pad" for row in rows.values())
    return [
        row
        for name, row in main_rows(net).items()
        if name not in beside - set(rows) and (pads or row.op != "pad")
    ]


@pytest.mark.parametrize("name", tried_networks())
def test_every_layer_is_that_of_the_report_and_reads_back(name: str, tmp_path: Path) -> None:
    net = cnncalc.load(name)
    rows = main_rows(net)
    model = build(net)
    made = {layer.name: layer for layer in model.layers}
    assert {row.op for key, row in rows.items() if key not in made} <= UNNAMED
    for key, row in rows.items():
        if key in made:
            layer = made[key]
            assert shape(layer.output.shape[1:]) == shape(row.output), key
            assert sizes(layer.trainable_weights) == row.params, key
            assert sizes(layer.non_trainable_weights) == row.buffers, key
    totals = net.report().totals
    assert model.count_params() == totals.params + totals.buffers
    again = read_back(model, tmp_path)
    assert facts(own_rows(again, rows)) - _broadcast(rows) == facts(rows.values()) - _broadcast(
        rows
    )
    assert again.report().totals.macs == totals.macs


def _broadcast(rows: dict[str, cnncalc.Row]) -> Counter[tuple[Any, ...]]:
    """What is another op in Keras: a vector laid over a map is an up-sampling of one position."""
    found = facts(row for row in rows.values() if row.op == "broadcast")
    return found + Counter({("upsample", *told[1:]): count for told, count in found.items()})


@pytest.mark.parametrize("text", SAME_VALUES)
def test_layers_without_weights_give_the_values_of_pytorch_code(text: str) -> None:
    net, values, expected = torch_values(text)
    given = build(net, "cpu")(values)
    assert given.shape == expected.shape
    torch.testing.assert_close(given, expected, rtol=1e-4, atol=1e-5, equal_nan=True)


WITH_WEIGHTS = (
    "8x8x4: [{conv: {filters: 3, kernel: 3, pad: [[0, 1], [2, 1]], stride: 2, connections: [[0, 1, 2, 3], [3, 1], [0]]}}]",  # noqa: E501
    "8x4: [{conv: {filters: 2, kernel: 3, bias: false, connections: [[0, 1], [3, 1]]}}, {avgpool: {kernel: 2, trainable: true}}]",  # noqa: E501
    "6x6x4: [{conv: {filters: 3, kernel: 3, bias: position}}, {avgpool: {kernel: 2, pad: same, trainable: true}}]",
    "12x12x4: [{conv: {filters: 8, kernel: 5, pad: [[0, 3], [2, 1]]}}, {conv: {filters: 8, kernel: 3, groups: 2}}]",
    "9x9x4: [{conv: {filters: 8, kernel: 3, stride: 2, pad: same, bias: false}}, {bn: {beta: false}}]",
    "8x8x4: [{conv: {filters: 8, kernel: 3, groups: 4, pad: 1}}, {conv: {filters: 8, kernel: 3, dilation: 2}}]",
    "4x4x4: [{conv_transpose: {filters: 3, kernel: 4, stride: 2, pad: 1}}, layernorm, {groupnorm: 3}]",
    "4x4x4: [{conv_transpose: {filters: 3, kernel: 3, stride: 2, pad: 1, output_pad: 1}}]",
    "4x4x4: [{conv_transpose: {filters: 3, kernel: 2, stride: 2}}, {prelu: {shared: false}}, prelu]",
    "4x4x4: [{conv_transpose: {filters: 3, kernel: 2, stride: 3, pad: same}}]",
    "4x4x4: [{conv_transpose: {filters: 3, kernel: 3, stride: 1}}, {affine: {beta: false}}]",
    "16x4: [{conv: {filters: 8, kernel: 3, pad: 1, groups: 4}}, {linear: 5}, {attention: {heads: 5}}, rmsnorm]",
    "4x4x4x2: [{conv: {filters: 4, kernel: 3, pad: 1}}, {dropout: {rate: 0.3, maps: true}}, {fc: 3}]",
    "8x8x4: [{conv: {name: a, filters: 4, kernel: 3, pad: 1}}, {conv: {filters: 4, kernel: 3, pad: 1, share: a}}]",
    "8x8x4: [{conv: {name: class, filters: 4, kernel: 1}}, {conv: {name: x, filters: 4, kernel: 1}}, {add: {from: [class, x]}}]",  # noqa: E501
    "8x8x4: [{conv: {name: a-b, filters: 4, kernel: 1}}, {conv: {name: a.b, filters: 4, kernel: 1}}, {add: {from: [a-b, a.b]}}]",  # noqa: E501
    "8x8x4: [{conv: {name: c, filters: 4, kernel: 3}}, {maxpool: {name: p, kernel: 2}}, {conv: {from: c, filters: 2, kernel: 1}}]",  # noqa: E501
    "8x8x4: [{repeat: {times: 3, layers: [{conv: {filters: 4, kernel: 3, pad: 1}}, bn, {repeat: {times: 4, layers: [relu, {conv: {filters: 4, kernel: 1}}, tanh]}}]}}]",  # noqa: E501
)  # fmt: skip


@pytest.mark.parametrize("text", WITH_WEIGHTS)
def test_layers_with_weights_are_those_of_the_report(text: str, tmp_path: Path) -> None:
    size, layers = text.split(": ", 1)
    net = cnncalc.loads(f"input: {size}\nlayers: {layers}")
    model, rows = build(net), main_rows(net)
    totals = net.report().totals
    assert model.count_params() == totals.params + totals.buffers
    again = read_back(model, tmp_path)
    assert facts(own_rows(again, rows)) == facts(net.report().rows)


def test_a_size_that_keras_has_no_word_for_is_cropped() -> None:
    net = cnncalc.loads(
        "input: 4x4x4\nlayers: [{conv_transpose: {filters: 3, kernel: 5, stride: 2, pad: 1, output_pad: 1}}]"
    )
    assert tuple(build(net).output.shape[1:]) == net.graph.nodes[-1].output == (10, 10, 3)


def test_a_block_whose_weights_another_uses_is_written_out() -> None:
    net = cnncalc.loads(
        "input: 8x8x4\n"
        "blocks: {tower: {params: {filters: }, layers: [{conv: {filters, kernel: 3, pad: 1}}, bn]}}\n"
        "layers: [{tower: {name: a, filters: 4}}, {tower: {name: b, filters: 4, share: a}}]"
    )
    model = build(net)
    assert model.count_params() == (totals := net.report().totals).params + totals.buffers


def test_several_inputs_and_outputs_are_those_of_the_model() -> None:
    net = cnncalc.loads(
        "input: {left: 8x8x4, right: 8x8x4}\n"
        "layers: [{concat: {from: [left, right]}}, {conv: {name: a, filters: 4, kernel: 1}}, "
        "{conv: {name: b, filters: 2, kernel: 1, from: concat1}}]"
    )
    model = build(net)
    assert [each.name for each in model.inputs] == ["left", "right"]
    assert [tuple(each.shape[1:]) for each in model.outputs] == [(8, 8, 4), (8, 8, 2)]
