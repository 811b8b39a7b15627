"""What cnncalc writes as ONNX: onnx's checker and its strict inference of shapes accept it, and it reads back the same.

onnx's reference evaluator runs small ones: layers without weights give the values that the PyTorch code gives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli import main

from .conftest import require
from .written import SAME_VALUES, counted, main_rows, torch_values, tried_networks

onnx = require("onnx")
torch = require("torch")
numpy = require("numpy")

from onnx.reference import ReferenceEvaluator  # noqa: E402


def write(name: str | Path, path: Path) -> Any:
    """Write a network by the command line; the model, its weights left where they are, checked."""
    assert main(["convert", str(name), "-o", str(path)]) == 0
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(str(path), load_external_data=False)
    return onnx.shape_inference.infer_shapes(
        model, check_type=True, strict_mode=True, data_prop=True
    )


def inferred(model: Any) -> dict[str, tuple[int, ...]]:
    """The shapes that onnx infers, without the batch."""
    found = [*model.graph.value_info, *model.graph.output]
    sizes = {
        each.name: [dim.dim_value for dim in each.type.tensor_type.shape.dim] for each in found
    }
    return {name: tuple(shape[1:]) for name, shape in sizes.items()}


@pytest.mark.parametrize("name", tried_networks())
def test_the_file_is_sound_and_reads_back_the_same(name: str, tmp_path: Path) -> None:
    net = cnncalc.load(name)
    model = write(name, path := tmp_path / "net.onnx")
    again = cnncalc.load(path)
    assert counted(again) == counted(net)
    own, other = net.report().totals, again.report().totals
    assert (other.params, other.buffers, other.macs) == (own.params, own.buffers, own.macs)
    weights = [dims for each in model.graph.initializer if (dims := each).data_type == 1]
    floats = sum(numpy.prod(list(each.dims), dtype=int) for each in weights if each.external_data)
    assert floats == own.params + own.buffers
    last = list(main_rows(net).values())[-1].output
    (*_, shape) = [inferred(model)[each.name] for each in model.graph.output]
    assert shape == (last[-1], *last[:-1])


REFUSED = {
    "9x9x4: [{adaptiveavgpool: 4}, {adaptivemaxpool: 3}]": "its bins are not of one size",
    "8x8x6: [{lrn: 3}, {lrn: {size: 4, name: even}}]": "its window is even",
    "4x4x4: [{attention: {heads: 2}}]": "attention has no counterpart in ONNX's opset 21",
    "5x5x4: [{avgpool: {kernel: 2, stride: 3, pad: 1, ceil: true}}]": "the last window of its mean",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_onnx_has_not_is_refused_with_the_reason(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size, layers = text.split(": ", 1)
    (spec := tmp_path / "net.yaml").write_text(f"input: {size}\nlayers: {layers}")
    assert main(["convert", str(spec), "-o", str(tmp_path / "net.onnx")]) == 2
    assert REFUSED[text] in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


@pytest.mark.parametrize("text", [text for text in SAME_VALUES if text not in REFUSED])
def test_layers_without_weights_give_the_values_of_pytorch_code(text: str, tmp_path: Path) -> None:
    net, values, expected = torch_values(text)
    spec = tmp_path / "net.yaml"
    spec.write_text(net.spec.source.text)
    write(spec, path := tmp_path / "net.onnx")
    given = ReferenceEvaluator(str(path)).run(None, {"input": values.movedim(-1, 1).numpy()})[-1]
    result = torch.from_numpy(given.copy()).movedim(1, -1)
    assert result.shape == expected.shape
    torch.testing.assert_close(result, expected, rtol=1e-4, atol=1e-5, equal_nan=True)


def test_a_whole_network_runs_with_its_weights_of_zeros(tmp_path: Path) -> None:
    write("mnist_keras", path := tmp_path / "net.onnx")
    image = numpy.ones((3, 1, 28, 28), numpy.float32)
    (given,) = ReferenceEvaluator(str(path)).run(None, {"input": image})
    assert given.shape == (3, 10)
    assert numpy.allclose(given, 0.1)  # the softmax of zeros


SEVERAL_OPS = (
    "8x8x4: [{conv: {filters: 3, kernel: 3, pad: [[0, 1], [2, 1]], stride: 2, connections: [[0, 1, 2, 3], [3, 1], [0]]}}]",  # noqa: E501
    "8x4: [{conv: {filters: 2, kernel: 3, bias: false, connections: [[0, 1], [3, 1]]}}, {avgpool: {kernel: 3, pad: 1, trainable: true}}]",  # noqa: E501
    "6x6x4: [{conv: {filters: 3, kernel: 3, bias: position}}, {avgpool: {kernel: 3, ceil: true, trainable: true}}]",
    "6x6x4: [{conv: {filters: 2, kernel: 3, bias: position, connections: [[0, 1], [3, 1]]}}]",
    "4x4x6: [rmsnorm, {rmsnorm: {gamma: false}}, {linear: 3}]",
    "7: [{embedding: {entries: 9, units: 4}}, rmsnorm]",
)
"""Layers that ONNX has no op of, whose several ops are put together again."""

WITH_WEIGHTS = (
    *SEVERAL_OPS,
    "12x12x4: [{conv: {filters: 8, kernel: 5, pad: [[0, 3], [2, 1]]}}, {bn: {gamma: false}}, {bn: {name: b, affine: false}}]",  # noqa: E501
    "8x8x4: [{conv: {filters: 8, kernel: 3, pad: same, stride: 2, groups: 4, dilation: 2, bias: false}}, {layernorm: {}}]",  # noqa: E501
    "8x8x4: [{conv: {filters: 8, kernel: 3, pad: 1, pad_mode: circular}}, {groupnorm: 4}, {instancenorm: {affine: true}}]",  # noqa: E501
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 3, stride: 2, pad: 1, output_pad: 1}}, {prelu: {shared: false}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 2, stride: 3, pad: same}}, prelu, {affine: {}}]",
    "6x6x4: [{linear: 7}, {affine: {beta: false, per: position}}, {affine: {gamma: false, per: element, name: e}}, {fc: 3}]",  # noqa: E501
    "6x4: [{conv: {filters: 8, kernel: 3}}, {layernorm: {beta: false}}, {matmul: {branches: [[], [{linear: 8}]], transpose: true}}]",  # noqa: E501
    "8x8x4: [{conv: {name: a, filters: 4, kernel: 3, pad: 1}}, {conv: {filters: 4, kernel: 3, pad: 1, share: a}}]",
    "8x8x4: [{conv: {name: a, filters: 4, kernel: 1}}, {conv: {name: 'a-b', filters: 2, kernel: 1, from: a}}]",
)  # fmt: skip


def totals(net: cnncalc.Network) -> tuple[int | None, ...]:
    """What a network has and does in all."""
    given = net.report().totals
    return given.params, given.buffers, given.macs


@pytest.mark.parametrize("text", WITH_WEIGHTS)
def test_layers_with_weights_are_those_of_the_report(text: str, tmp_path: Path) -> None:
    size, layers = text.split(": ", 1)
    spec = tmp_path / "net.yaml"
    spec.write_text(f"input: {size}\nlayers: {layers}")
    write(spec, path := tmp_path / "net.onnx")
    own, again = cnncalc.load(spec), cnncalc.load(path)
    assert totals(again) == totals(own)
    assert text not in SEVERAL_OPS or counted(again) == counted(own)
    shape = cnncalc.load(spec).graph.input
    value = numpy.zeros((2, shape[-1], *shape[:-1]), numpy.float32)
    outputs = ReferenceEvaluator(str(path)).run(None, {"input": value})
    last = cnncalc.load(spec).graph.nodes[-1].output
    assert outputs[-1].shape == (2, last[-1], *last[:-1])
